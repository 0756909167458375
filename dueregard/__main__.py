"""`python -m dueregard`."""

from dueregard.cli import run

run()
