"""A sensitivity as plain values for JSON: no NaN, no Infinity; an open end is null and says so."""

from __future__ import annotations

import math
from typing import Any

from dueregard.evidence.as_json import estimate_as_json, measure_as_json
from dueregard.evidence.sensitivity import (  # fmt: skip
    Analysis,
    GroupSensitivity,
    Imputed,
    MissingShare,
    Range,
    Sensitivity,
    TwoSeries,
)


def sensitivity_as_json(found: Sensitivity) -> dict[str, Any]:
    """The document that `sensitivity --json` prints."""
    missing = found.missing
    return {
        "snapshot": found.snapshot,
        "code_version": found.code_version,
        "estimand": found.estimand,
        "sentence": found.sentence,
        "measure": measure_as_json(found.measure, (found.period,)),
        "comparison": {"code": found.comparison, "label": found.comparison_label, "n": found.comparison_n,
                       "denominator": found.comparison_denominator},
        "n": found.n,
        "missing": {"not_stated": missing.not_stated, "not_recorded": missing.not_recorded,
                    "not_collected": missing.not_collected, "suppressed": missing.suppressed,
                    "unknown": missing.unknown, "share": missing.share},
        "denominator_missing": {"n": found.roll_missing, "of": found.roll_total},
        "whence": found.whence,
        "groups": [_group(group) for group in found.groups],
        "two_series": None if found.two_series is None else _series(found.two_series),
        "missingness": {"of": found.base, "unit": "involvements", "shares": [_share(one) for one in found.missingness]},
        "not_made": [{"analysis": one.analysis, "why": one.why} for one in found.not_made],
        "seed": found.seed,
        "schools": {"used": found.schools_used,
                    "left_out": [{"state": out.state, "schools": out.schools} for out in found.left_out]},
        "caveats": list(found.caveats),
    }  # fmt: skip


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _open(upper: float) -> dict[str, str]:
    return {"open": "upper"} if math.isinf(upper) else {}


def _range(found: Range | None) -> dict[str, Any] | None:
    if found is None:
        return None
    ends = {name: _finite(getattr(found, name)) for name in ("lowest", "highest", "lower", "upper")}
    return ends | {"level": found.level, "method": found.method} | _open(found.upper)


def _group(group: GroupSensitivity) -> dict[str, Any]:
    return {
        "code": group.code,
        "label": group.label,
        "n": group.n,
        "denominator": group.denominator,
        "gate": group.gate,
        "gate_words": group.gate_words,
        "complete": estimate_as_json(group.complete),
        "complete_verdict": group.complete_verdict,
        "worst_case": _range(group.worst_case),
        "worst_case_with_roll": _range(group.worst_case_with_roll),
        "missing_odds": [{"theta": at.theta, "estimate": _finite(at.estimate), "lower": _finite(at.lower),
                          "upper": _finite(at.upper)} for at in group.missing_odds],
        "tipping_theta": group.tipping_theta,
        "proportional": _finite(group.proportional),
        "imputed": _imputed(group.imputed),
        "observed": estimate_as_json(group.observed),
        "analyses": [_analysis(one) for one in group.analyses],
    }  # fmt: skip


def _imputed(found: Imputed | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"ratio": estimate_as_json(found.ratio), "missing_information": found.missing_information,
            "degrees_of_freedom": _finite(found.degrees_of_freedom), "n_imputations": found.n_imputations}  # fmt: skip


def _analysis(found: Analysis) -> dict[str, Any]:
    ends = {name: _finite(getattr(found, name)) for name in ("lowest", "highest", "lower", "upper")}
    return {"code": found.code, "label": found.label} | ends | _open(found.upper)


def _series(found: TwoSeries) -> dict[str, Any]:
    return {
        "self_defined": [{"code": code, "label": label} for code, label in found.self_defined],
        "observed": [{"code": code, "label": label} for code, label in found.observed],
        "matrix": [list(row) for row in found.matrix],
        "in_both": list(found.in_both),
        "n_in_both": found.n_in_both,
        "agreement_share": found.agreement_share,
        "kappa": estimate_as_json(found.kappa),
        "corrected": [{"code": one.code, "label": one.label, "own_word": one.own_word, "observed": one.observed,
                       "corrected": estimate_as_json(one.corrected)} for one in found.corrected],
    }  # fmt: skip


def _share(found: MissingShare) -> dict[str, Any]:
    return {
        "column": found.column, "code": found.code, "label": found.label, "n": found.n, "not_stated": found.not_stated,
        "not_recorded": found.not_recorded, "other_missing": found.other_missing,
        "share": estimate_as_json(found.share), "beside": estimate_as_json(found.beside),
    }  # fmt: skip
