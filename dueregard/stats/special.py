"""The special functions of scipy, loaded without what they do not need: every formula takes them from here.

`scipy.special` copies all public names of numpy, and asking for some of them loads numpy's test tools, its Fortran compiler and
more. That costs as much time as numpy and the database together, at every start of a command. So while scipy is loaded the
first time, numpy does not name those parts; afterwards it is as it was, and each still loads when somebody asks for it.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

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


with _numpy_names_less():
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
