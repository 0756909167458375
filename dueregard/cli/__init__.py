"""The command line: arguments in, sentences out. Everything is done by `steps`. One module a kind of work."""

from dueregard.cli import (
    audit,
    disclosure,
    files,
    keeping,
    pathway,
    questions,
    releases,
    reports,
    service,
    snapshots,
    trials,
    understand,
    understand_missing,
    words,
)
from dueregard.cli.app import app, main, run

__all__ = [
    "app",
    "audit",
    "disclosure",
    "files",
    "keeping",
    "main",
    "pathway",
    "questions",
    "releases",
    "reports",
    "run",
    "service",
    "snapshots",
    "trials",
    "understand",
    "understand_missing",
    "words",
]
