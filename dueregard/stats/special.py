"""The special functions of scipy, loaded without what they do not need: every formula takes them from here.

`scipy.special` copies all public names of numpy, and asking for some of them loads numpy's test tools, its Fortran compiler and
more. That costs as much time as numpy and the database together, at every start of a command. So while scipy is loaded the
first time, numpy does not name those parts; afterwards it is as it was, and each still loads when somebody asks for it.

And scipy reads the documentation of each of its functions and writes it anew, with a note on other kinds of array, each time
it is loaded. Here they keep what they were written with: that saves a third of loading them.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy

# Parts of numpy that load only when they are asked for, and that no special function needs.
NOT_NEEDED = frozenset(("char", "core", "ctypeslib", "f2py", "ma", "matlib", "polynomial", "random", "rec", "testing"))


@contextlib.contextmanager
def _numpy_names_less() -> Iterator[None]:
    """numpy without the names of the parts that are not needed. Where scipy is loaded already there is nothing to spare."""
    if "scipy._lib.array_api_compat.numpy" in sys.modules:
        yield
        return
    namespace = vars(numpy)
    kept = {name: namespace[name] for name in ("__dir__", "__all__")}
    namespace["__dir__"] = lambda: [name for name in kept["__dir__"]() if name not in NOT_NEEDED]
    namespace["__all__"] = [name for name in kept["__all__"] if name not in NOT_NEEDED]
    try:
        yield
    finally:
        namespace.update(kept)


class _AsWritten(dict[str, list[str]]):
    """The documentation of a function, neither read nor changed. scipy adds a note, and drops the first line."""

    def __init__(self, of: Callable[..., Any]) -> None:
        super().__init__(Notes=[])
        self._text = of.__doc__ or ""

    def __str__(self) -> str:
        return f"\n{self._text}"


@contextlib.contextmanager
def _documentation_as_written() -> Iterator[None]:
    """scipy without its reader of documentation. A version that has none, or has it elsewhere, loads as it always does."""
    try:
        place = vars(importlib.import_module("scipy._lib._array_api"))
    except ImportError:
        place = {}
    reader = place.get("FunctionDoc")
    if reader is None:
        yield
        return
    place["FunctionDoc"] = _AsWritten
    try:
        yield
    finally:
        place["FunctionDoc"] = reader


with _numpy_names_less(), _documentation_as_written():
    from scipy.special import (
        betainc,
        betaincinv,
        betaln,
        chdtrc,
        expit,
        gammainc,
        gammaincc,
        gammainccinv,
        gammaincinv,
        gammaln,
        log_softmax,
        logsumexp,
        ndtr,
        ndtri,
        softmax,
        stdtrit,
        xlog1py,
        xlogy,
    )

__all__ = [
    "betainc",
    "betaincinv",
    "betaln",
    "chdtrc",
    "expit",
    "gammainc",
    "gammaincc",
    "gammainccinv",
    "gammaincinv",
    "gammaln",
    "log_softmax",
    "logsumexp",
    "ndtr",
    "ndtri",
    "softmax",
    "stdtrit",
    "xlog1py",
    "xlogy",
]
