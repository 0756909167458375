"""The command line: arguments in, sentences out. Everything is done by `steps`. One module a kind of work."""

from dueregard.cli import (
    disclosure,
    files,
    pathway,
    questions,
    reports,
    snapshots,
    trials,
    understand,
    understand_missing,
    words,
)
from dueregard.cli.app import app, main, run

__all__ = [
    "app",
    "disclosure",
    "files",
    "main",
    "pathway",
    "questions",
    "reports",
    "run",
    "snapshots",
    "trials",
    "understand",
    "understand_missing",
    "words",
]
