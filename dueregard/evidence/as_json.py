"""Evidence as plain values for JSON: no NaN, no Infinity; an open end is null and says so."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from dueregard.evidence.cells import LeftOut
from dueregard.evidence.estimate import Answer, Estimate, GroupAnswer, Heterogeneity
from dueregard.evidence.selection import selection_as_json
from dueregard.measures.measure import Measure

LEFT_OUT_STATES = ("suppressed", "not_collected", "partial")


def estimate_as_json(found: Estimate | None) -> dict[str, Any] | None:
    """An estimate; None where it does not apply; nulls where it is not estimable; `open` names an open end."""
    if found is None:
        return None
    values = {"estimate": found.estimate, "lower": found.lower, "upper": found.upper}
    plain: dict[str, Any] = {name: _finite(value) for name, value in values.items()}
    plain |= {"level": found.level, "method": found.method}
    if found.is_estimable and math.isinf(found.upper):
        plain["open"] = "upper"
    return plain


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _heterogeneity_as_json(found: Heterogeneity | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"statistic": _finite(found.statistic), "degrees_of_freedom": found.degrees_of_freedom,
            "p_value": _finite(found.p_value), "is_sparse": found.is_sparse}  # fmt: skip


def measure_as_json(measure: Measure, periods: tuple[str, ...]) -> dict[str, Any]:
    """The question. `period` is null in a trend, where each period is compared inside itself."""
    return {
        "stage": measure.stage,
        "unit": measure.unit,
        "denominator": measure.denominator,
        "by": list(measure.by),
        "within": list(measure.within),
        "where": {column: list(codes) for column, codes in measure.where},
        "period": None if measure.is_trend else periods[0],
    }


def group_as_json(group: GroupAnswer, columns: tuple[str, ...], *, is_trend: bool) -> dict[str, Any]:
    """One group with all its figures."""
    plain: dict[str, Any] = {"code": group.code, "label": group.label}
    if len(columns) != 1:
        plain["codes"] = dict(zip(columns, group.codes, strict=True))
    if is_trend:
        plain["period"] = group.period
    plain |= {"n": group.n, "denominator": group.denominator, "state": group.state}
    if group.denominator_at_least is not None or group.denominator_at_most is not None:
        plain["denominator_at_least"] = group.denominator_at_least
        plain["denominator_at_most"] = group.denominator_at_most
        plain["rate_at_least_per_1000"] = group.rate_at_least_per_1000
        plain["rate_at_most_per_1000"] = group.rate_at_most_per_1000
    if group.relative_count is not None:
        plain["relative_count"] = group.relative_count
    plain |= {
        "rate_per_1000": estimate_as_json(group.rate_per_1000),
        "relative_rate": estimate_as_json(group.relative_rate),
        "difference_per_1000": estimate_as_json(group.difference_per_1000),
        "within_relative_rate": estimate_as_json(group.within_relative_rate),
        "heterogeneity": _heterogeneity_as_json(group.heterogeneity),
        "within_without_one_stratum": None if group.without_one is None
        else {"lowest": _finite(group.without_one.lowest), "highest": _finite(group.without_one.highest)},
        "left_out_within_share": group.left_out_within_share,
        "comparison_left_out_within_share": group.comparison_left_out_within_share,
        "minimum_detectable_ratio": None if group.minimum_detectable_ratio is None
        else _finite(group.minimum_detectable_ratio),
        "verdict": group.verdict,
        "within_verdict": group.within_verdict,
        "agree": group.agree,
    }  # fmt: skip
    return plain | ({"repeat": asdict(group.repeat)} if group.repeat is not None else {})


def _schools_as_json(used: int, left_out: tuple[LeftOut, ...]) -> dict[str, Any]:
    states: dict[str, Any] = {
        state: {"schools": 0, "pupils": {}, "roll_unknown_schools": 0} for state in LEFT_OUT_STATES
    }
    for out in left_out:
        pupils = None if out.pupils is None else {",".join(codes): n for codes, n in out.pupils}
        states[out.state] = {"schools": out.schools, "pupils": pupils, "roll_unknown_schools": out.roll_unknown_schools}
    return {"used": used, "left_out": states}


def schools_as_json(answer: Answer) -> dict[str, Any]:
    """Which schools enter; in a trend the last period's, and each period's in `by_period`."""
    by_period = [
        {"period": period} | _schools_as_json(used, tuple(o for o in answer.left_out if o.period == period))
        for period, used in answer.schools_used
    ]
    last = {key: value for key, value in by_period[-1].items() if key != "period"}
    return last | ({"by_period": by_period} if answer.measure.is_trend else {})


def answer_as_json(answer: Answer) -> dict[str, Any]:
    """The document that `compare --json` prints. `selection` stands in it where the figure is one over contacts."""
    columns = answer.measure.columns
    periods = tuple(period for period, _ in answer.schools_used)
    missing = answer.missing
    return {
        "snapshot": answer.snapshot,
        "code_version": answer.code_version,
        "estimand": answer.estimand,
        "sentence": answer.sentence,
        "measure": measure_as_json(answer.measure, periods),
        "comparison": answer.comparison,
        "schools": schools_as_json(answer),
        "missing": {"not_stated": missing.not_stated, "not_recorded": missing.not_recorded,
                    "not_collected": missing.not_collected, "suppressed": missing.suppressed, "unknown": missing.unknown, "share": missing.share},
        "not_identified": answer.not_identified,
        "disagreeing": answer.disagreeing,
        "groups": [group_as_json(g, columns, is_trend=answer.measure.is_trend) for g in answer.groups],
        "caveats": list(answer.caveats),
    } | ({} if answer.selection is None else {"selection": selection_as_json(answer.selection)})  # fmt: skip
