"""Formulas: how a printed number follows from counts. The same formulas make the figures of a release and attack them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from dueregard.disclose.differences import difference_interval_of, protected_difference
from dueregard.disclose.estimates import interval_of, protected_rate, protected_ratio, ratio_interval_of
from dueregard.errors import SnapshotError
from dueregard.evidence.protected import ShownCount
from dueregard.evidence.published import Printed

# n, its denominator, the other count, the other denominator, options -> the printed number. It rises with n, falls with
# the denominator, falls with the other count, rises with the other denominator. Arrays of one length, or single numbers.
Value = Callable[..., Any]
Options = dict[str, str]


@dataclass(frozen=True, slots=True)
class Formula:
    """One kind of printed number. needs: which of `denominator`, `other` (count) and `other_denominator` it uses.

    end: lower or upper, of an interval. times: by what a share is multiplied for print.
    """

    kind: str
    words: str
    value: Value
    needs: tuple[str, ...]
    end: str = ""
    times: float = 1.0


RISK_METHODS = ("risk", "Wilson", "Koopman", "Miettinen", "Mee")


def is_risk(options: Options) -> bool:
    """Does the method that a release names treat the count as a part of its denominator? Wilson's, unless it says another."""
    return options.get("method", "risk").startswith(RISK_METHODS)


def per_of(options: Options) -> int:
    """How many counted integers make one unit of the denominator: 190 pupil-days are a pupil-year."""
    return int(options.get("per", "1"))


def level_of(options: Options) -> float:
    return float(options.get("level", "0.95"))


def _rate(n, d, n0, d0, options):  # type: ignore[no-untyped-def]
    return n * per_of(options) / d


def _end(which: str) -> Value:
    def value(n, d, n0, d0, options):  # type: ignore[no-untyped-def]
        as_risk = is_risk(options)
        over = np.maximum(d, n) if as_risk else d / per_of(options)
        return getattr(interval_of(n, over, as_risk=as_risk, level=level_of(options)), which)

    return value


def _ratio(n, d, n0, d0, options):  # type: ignore[no-untyped-def]
    with np.errstate(divide="ignore", invalid="ignore"):
        return n * d0 / (d * n0)


def _difference(n, d, n0, d0, options):  # type: ignore[no-untyped-def]
    return (n / d - n0 / d0) * per_of(options)


def _two_groups(method: Callable[..., Any], which: str) -> Value:
    def value(n, d, n0, d0, options):  # type: ignore[no-untyped-def]
        as_risk, per = is_risk(options), per_of(options)
        over, over0 = (np.maximum(d, n), np.maximum(d0, n0)) if as_risk else (d / per, d0 / per)
        return getattr(method(n, over, n0, over0, as_risk=as_risk, level=level_of(options)), which)

    return value


def _share(n, d, n0, d0, options):  # type: ignore[no-untyped-def]
    with np.errstate(divide="ignore", invalid="ignore"):
        return n / n0


def _drawn(n, d, n0, d0, options):  # type: ignore[no-untyped-def]
    """What a chart draws: the count, or its rate by 1,000."""
    return n if options.get("of", "n") == "n" else 1000 * _rate(n, d, n0, d0, options)


def _bar(n, d, n0, d0, options):  # type: ignore[no-untyped-def]
    return float(options["height"]) * _drawn(n, d, n0, d0, options) / float(options["axis_max"])


def _with_ends(kind: str, words: str, value: Value, ends: Callable[[str], Value], needs: tuple[str, ...], times: float) -> list[Formula]:  # fmt: skip
    """A figure and the two ends of its interval."""
    return [
        Formula(kind, words, value, needs, "", times),
        Formula(f"{kind}_lower", f"the lower end of {words}", ends("lower"), needs, "lower", times),
        Formula(f"{kind}_upper", f"the upper end of {words}", ends("upper"), needs, "upper", times),
    ]


OVER, BESIDE = ("denominator",), ("denominator", "other", "other_denominator")
FORMULAS: dict[str, Formula] = {
    formula.kind: formula
    for formula in (
        *_with_ends("rate_per_1000", "a rate", _rate, _end, OVER, 1000.0),
        *_with_ends("percent", "a percentage", _rate, _end, OVER, 100.0),
        *_with_ends("relative_rate", "a relative rate", _ratio, lambda end: _two_groups(ratio_interval_of, end), BESIDE, 1.0),
        *_with_ends("difference_per_1000", "a difference of rates", _difference,
                    lambda end: _two_groups(difference_interval_of, end), BESIDE, 1000.0),
        Formula("share", "a share of a total", _share, ("other",), "", 100.0),
        Formula("bar", "a coordinate of a chart", _bar, ()),
        Formula("class", "a class of a legend", _drawn, ()),
    )
}  # fmt: skip


def formula_of(kind: str) -> Formula:
    """Raises SnapshotError for a kind of number that nobody taught the attacker: it must not pass unread."""
    if kind not in FORMULAS:
        raise SnapshotError(
            f"The release prints numbers of a kind `{kind}`, and it is not known what they say of the counts.",
            try_this=f"one of {', '.join(FORMULAS)}, or a release without them.",
        )
    return FORMULAS[kind]


def number_of(text: str) -> tuple[float, float] | None:
    """The printed number, and half of its last digit. None: the text is no number.

    >>> number_of("1,204.5")
    (1204.5, 0.05)
    """
    plain = text.replace(",", "").replace("−", "-").strip().rstrip("%")
    try:
        number = float(plain)
    except ValueError:
        return None
    if not np.isfinite(number):
        return None
    decimals = len(plain.partition(".")[2])
    return number, 0.5 * 10.0**-decimals


def class_of(text: str) -> tuple[float, float] | None:
    """From where to below where does a class of a legend reach?

    >>> class_of("1 to 5")
    (1.0, 5.0)
    """
    ends = [number_of(part) for part in text.replace(" to ", "|").split("|")]
    if len(ends) != 2 or ends[0] is None or ends[1] is None:
        return None
    return ends[0][0], ends[1][0]


Count = ShownCount | None


@lru_cache(maxsize=200_000)  # a ledger is read again with every release, and most figures of a table are of few bands
def protected_value(printed: Printed, n: ShownCount, d: Count, n0: Count, d0: Count) -> float | None:
    """The number that a release may print here: made from protected counts alone. None: nothing may be printed."""
    options, formula = dict(printed.options), formula_of(printed.kind)
    if not formula.end:
        return _of_shown(formula, options, n, d, n0, d0)
    if formula.needs == OVER:
        found = protected_rate(n, d, as_risk=is_risk(options), per=per_of(options), level=level_of(options))
    elif d is None or n0 is None or d0 is None:
        return None
    else:
        of_two = protected_ratio if printed.kind.startswith("relative_rate") else protected_difference
        found = of_two((n, d), (n0, d0), as_risk=is_risk(options), per=per_of(options), level=level_of(options))
    return None if found is None else getattr(found, formula.end) * formula.times


def _of_shown(formula: Formula, options: Options, n: ShownCount, d: Count, n0: Count, d0: Count) -> float | None:
    """A number without an interval: from the shown numbers as if they were the true ones."""
    given = {"denominator": d, "other": n0, "other_denominator": d0}
    needs = {*formula.needs, *(OVER if options.get("of") == "rate" else ())}
    zero_allowed = {"other"} if formula.value is _difference else set()
    for name in needs:
        count = given[name]
        if count is None or count.shown is None or (count.shown == 0 and name not in zero_allowed):
            return None
    if n.shown is None:
        return None
    columns = [np.nan if count is None or count.shown is None else float(count.shown) for count in (n, d, n0, d0)]
    value = float(formula.value(*columns, options))
    is_share = formula.value is _rate and is_risk(options)
    return (min(value, 1.0) if is_share else value) * formula.times
