"""Formulas: how a printed number follows from counts. The same formulas make the figures of a release and attack them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dueregard.disclose.estimates import interval_of, protected_rate, protected_ratio, ratio_interval_of
from dueregard.evidence.protected import ShownCount
from dueregard.evidence.published import Printed

# n, its denominator, the other count, the other denominator -> the printed number. Rises with n, falls with the
# denominator, falls with the other count, rises with the other denominator. Arrays of one length; or single numbers.
Value = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Formula:
    """One kind of printed number. needs: which of `denominator` and `other` (count) and `other_denominator` it uses.

    protected: the same number from protected counts, as a release must compute it.
    """

    kind: str
    words: str
    value: Value
    needs: tuple[str, ...]
    end: str = ""  # lower or upper: of an interval


def scale_of(options: dict[str, str]) -> float:
    """By what is a share multiplied for print? 1000, unless the release says another: 100 for a percentage."""
    return float(options.get("scale", "1000"))


def _rate(n, d, n0, d0, options):  # type: ignore[no-untyped-def]
    return scale_of(options) * n * float(options.get("per", "1")) / d


def _end(which: str) -> Value:
    def value(n, d, n0, d0, options):  # type: ignore[no-untyped-def]
        per, as_risk = float(options.get("per", "1")), options.get("method", "risk") == "risk"
        over = np.maximum(d, n) if as_risk else d / per
        found = interval_of(n, over, as_risk=as_risk, level=float(options.get("level", "0.95")))
        return scale_of(options) * getattr(found, which)

    return value


def _ratio(n, d, n0, d0, options):  # type: ignore[no-untyped-def]
    with np.errstate(divide="ignore", invalid="ignore"):
        return n * d0 / (d * n0)


def _ratio_end(which: str) -> Value:
    def value(n, d, n0, d0, options):  # type: ignore[no-untyped-def]
        per, as_risk = float(options.get("per", "1")), options.get("method", "risk") == "risk"
        over, over0 = (np.maximum(d, n), np.maximum(d0, n0)) if as_risk else (d / per, d0 / per)
        level = float(options.get("level", "0.95"))
        return getattr(ratio_interval_of(n, over, n0, over0, as_risk=as_risk, level=level), which)

    return value


def _share(n, d, n0, d0, options):  # type: ignore[no-untyped-def]
    with np.errstate(divide="ignore", invalid="ignore"):
        return 100.0 * n / n0


def _bar(n, d, n0, d0, options):  # type: ignore[no-untyped-def]
    drawn = n if options.get("of", "n") == "n" else _rate(n, d, n0, d0, options)
    return float(options["height"]) * drawn / float(options["axis_max"])


FORMULAS: dict[str, Formula] = {
    formula.kind: formula
    for formula in (
        Formula("rate", "a rate or a percentage", _rate, ("denominator",)),
        Formula("lower", "the lower end of a rate's interval", _end("lower"), ("denominator",), "lower"),
        Formula("upper", "the upper end of a rate's interval", _end("upper"), ("denominator",), "upper"),
        Formula("ratio", "a relative rate", _ratio, ("denominator", "other", "other_denominator")),
        Formula("ratio_lower", "the lower end of a relative rate's interval", _ratio_end("lower"),
                ("denominator", "other", "other_denominator"), "lower"),
        Formula("ratio_upper", "the upper end of a relative rate's interval", _ratio_end("upper"),
                ("denominator", "other", "other_denominator"), "upper"),
        Formula("share", "a share of a total", _share, ("other",)),
        Formula("bar", "a coordinate of a chart", _bar, ()),
        Formula("class", "a class of a legend", _bar, ()),
    )
}  # fmt: skip


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


def protected_value(
    printed: Printed, n: ShownCount, d: ShownCount | None, n0: ShownCount | None, d0: ShownCount | None
) -> float | None:
    """The number that a release may print here: made from protected counts alone. None: nothing may be printed."""
    options, formula = dict(printed.options), FORMULAS[printed.kind]
    as_risk, per = options.get("method", "risk") == "risk", int(options.get("per", "1"))
    level = float(options.get("level", "0.95"))
    if formula.end and "other" in formula.needs:
        if d is None or n0 is None or d0 is None:
            return None
        ratio = protected_ratio((n, d), (n0, d0), as_risk=as_risk, per=per, level=level)
        return None if ratio is None else getattr(ratio, formula.end)
    if formula.end:
        found = protected_rate(n, d, as_risk=as_risk, per=per, level=level)
        return None if found is None else getattr(found, formula.end) * scale_of(options)
    return _of_shown(formula, options, n, d, n0, d0)


def _of_shown(formula: Formula, options: dict[str, str], n: ShownCount, d: ShownCount | None, n0: ShownCount | None, d0: ShownCount | None) -> float | None:  # fmt: skip
    """A number without an interval: from the shown numbers as if they were the true ones."""
    needed = {"denominator": d, "other": n0, "other_denominator": d0}
    needs = (*formula.needs, *(("denominator",) if options.get("of") == "rate" else ()))
    shown = [n.shown, *(None if (count := needed[name]) is None else count.shown for name in needs)]
    if None in shown or any(not (needed[name].shown) for name in needs):  # type: ignore[union-attr]
        return None
    columns = [
        float(count.shown) if count is not None and count.shown is not None else np.nan for count in (n, d, n0, d0)
    ]
    value = float(formula.value(*columns, options))
    if formula.kind == "rate" and options.get("method", "risk") == "risk":
        return min(value, scale_of(options))
    return value
