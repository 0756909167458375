"""A decomposition as plain values for JSON: no NaN, no Infinity; an open end is null and says so."""

from __future__ import annotations

from typing import Any

from dueregard.evidence.as_json import LEFT_OUT_STATES, estimate_as_json, measure_as_json
from dueregard.evidence.decomposition import ChainStep, Decomposition, Factor


def decomposition_as_json(found: Decomposition) -> dict[str, Any]:
    """The document that `decompose --json` prints. Factors stand in the order of the chain."""
    missing = found.missing
    return {
        "snapshot": found.snapshot,
        "code_version": found.code_version,
        "estimand": found.estimand,
        "sentence": found.sentence,
        "measure": measure_as_json(found.measure, (found.period,)),
        "stage": found.measure.stage,
        "group": found.group,
        "group_label": found.group_label,
        "comparison": found.comparison,
        "comparison_label": found.comparison_label,
        "method": found.method,
        "why_method": found.why_method,
        "replicates": found.replicates,
        "level": found.level,
        "exposure": found.exposure,
        "comparison_exposure": found.comparison_exposure,
        "steps": [_step_as_json(step) for step in found.steps],
        "total_ratio": estimate_as_json(found.total_ratio),
        "total_per_1000": estimate_as_json(found.total_per_1000),
        "verdict": found.verdict,
        "factors": [_factor_as_json(factor, found.why_no_shares) for factor in found.factors],
        "why_no_shares": found.why_no_shares,
        "off_support_share": found.off_support_share,
        "comparison_off_support_share": found.comparison_off_support_share,
        "schools": _schools_as_json(found),
        "missing": {"not_stated": missing.not_stated, "not_recorded": missing.not_recorded,
                    "not_collected": missing.not_collected, "suppressed": missing.suppressed,
                    "unknown": missing.unknown, "share": missing.share},
        "not_identified": found.not_identified,
        "disagreeing": found.disagreeing,
        "caption": found.caption,
        "caveats": list(found.caveats),
    }  # fmt: skip


def _step_as_json(step: ChainStep) -> dict[str, Any]:
    return {
        "stage": step.stage, "label": step.label, "n": step.n, "comparison_n": step.comparison_n,
        "rate_per_1000": step.rate_per_1000, "comparison_rate_per_1000": step.comparison_rate_per_1000,
    }  # fmt: skip


def _factor_as_json(factor: Factor, why_no_share: str | None) -> dict[str, Any]:
    plain = {
        "name": factor.name,
        "label": factor.label,
        "ratio": estimate_as_json(factor.ratio),
        "log_share": factor.log_share,
        "per_1000": estimate_as_json(factor.per_1000),
        "verdict": factor.verdict,
        "off_support_share": factor.off_support_share,
        "comparison_off_support_share": factor.comparison_off_support_share,
        "beside": [estimate_as_json(other) for other in factor.beside],
    }
    return plain | ({"why_no_share": why_no_share} if factor.log_share is None else {})


def _schools_as_json(found: Decomposition) -> dict[str, Any]:
    states: dict[str, Any] = {
        state: {"schools": 0, "pupils": {}, "roll_unknown_schools": 0} for state in LEFT_OUT_STATES
    }
    for out in found.left_out:
        pupils = None if out.pupils is None else {",".join(codes): n for codes, n in out.pupils}
        states[out.state] = {"schools": out.schools, "pupils": pupils, "roll_unknown_schools": out.roll_unknown_schools}
    return {"used": found.schools_used, "left_out": states}
