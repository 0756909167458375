"""Quiet progress: a bar on a terminal for what takes long, one plain line a step elsewhere. Never a person's record."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SHOWN_AFTER = 2.0  # seconds
Advance = Callable[[str], None]


class Quiet:
    """Tells nothing: for notebooks and tests."""

    @contextmanager
    def step(self, doing: str, total: int | None = None) -> Iterator[Advance]:
        yield lambda _: None

    def done(self, words: str) -> None: ...


QUIET = Quiet()


class Plain(Quiet):
    """One line a step, when it is done: what, how many, how long."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    @contextmanager
    def step(self, doing: str, total: int | None = None) -> Iterator[Advance]:
        self._began = time.monotonic()
        yield lambda _: None

    def done(self, words: str) -> None:
        print(f"{words} ({time.monotonic() - self._began:.1f} s)", file=sys.stderr, flush=True)


class Bar(Plain):
    """A bar on the terminal once a step has taken two seconds; it goes away when the step is done."""

    @contextmanager
    def step(self, doing: str, total: int | None = None) -> Iterator[Advance]:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._began = time.monotonic()
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[detail]}"),
            TimeElapsedColumn(),
        )
        bar = Progress(*columns, console=Console(stderr=True), transient=True)
        task = bar.add_task(doing, total=total, detail="")
        shown = False

        def advance(detail: str) -> None:
            nonlocal shown
            bar.update(task, advance=1, detail=detail)
            if not shown and time.monotonic() - self._began > SHOWN_AFTER:
                bar.start()
                shown = True

        try:
            yield advance
        finally:
            if shown:
                bar.stop()


def for_this_terminal() -> Quiet:
    """A bar where standard error is a terminal, else plain lines."""
    return Bar() if sys.stderr.isatty() else Plain()
