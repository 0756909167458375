"""The command line: arguments in, sentences out. Everything is done by `steps`. One module a kind of work."""

from dueregard.cli import files, questions, reports, snapshots, trials, words
from dueregard.cli.app import app, main, run

__all__ = ["app", "files", "main", "questions", "reports", "run", "snapshots", "trials", "words"]
