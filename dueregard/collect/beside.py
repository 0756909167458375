"""Work beside the work: one thread that does one thing after the other, while the caller goes on."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class Beside:
    """One thread that does one thing after the other, in order. It holds one at a time: memory stays bounded."""

    def __enter__(self) -> Beside:
        self._pool = ThreadPoolExecutor(1)
        self._last: Future[None] | None = None
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.wait()
        finally:
            self._pool.shutdown()

    def do(self, work: Callable[..., None], *about: Any) -> None:
        """Begin this as soon as what was begun before is done. Raises what that raised."""
        self.wait()
        self._last = self._pool.submit(work, *about)

    def wait(self) -> None:
        """Until all is done. Raises what the last of it raised."""
        last, self._last = self._last, None
        if last:
            last.result()
