"""A standardised answer as plain values for JSON: no NaN, no Infinity; an open end is null and says so."""

from __future__ import annotations

from typing import Any

from dueregard.evidence.as_json import estimate_as_json, measure_as_json
from dueregard.evidence.standardised import StandardisedAnswer, StandardisedGroup


def standardised_as_json(answer: StandardisedAnswer) -> dict[str, Any]:
    """The document that `standardise --json` prints."""
    missing = answer.missing
    return {
        "snapshot": answer.snapshot,
        "code_version": answer.code_version,
        "method": answer.method,
        "estimand": answer.estimand,
        "measure": measure_as_json(answer.measure, (answer.period,)) | {"by": list(answer.by)},
        "over": list(answer.over),
        "standard": {"words": answer.standard, "denominator": answer.standard_denominator, "strata": answer.n_strata},
        "comparison": answer.comparison,
        "interval_method": answer.interval_method,
        "level": answer.level,
        "schools": {
            "used": answer.schools_used,
            "left_out": [
                {"state": out.state, "schools": out.schools,
                 "pupils": None if out.pupils is None else {",".join(codes): n for codes, n in out.pupils},
                 "roll_unknown_schools": out.roll_unknown_schools}
                for out in answer.left_out
            ],
        },
        "missing": {"not_stated": missing.not_stated, "not_recorded": missing.not_recorded,
                    "not_collected": missing.not_collected, "suppressed": missing.suppressed,
                    "unknown": missing.unknown, "share": missing.share, "over_share": answer.missing_over_share},
        "not_identified": answer.not_identified,
        "disagreeing": answer.disagreeing,
        "groups": [_group_as_json(group) for group in answer.groups],
        "caveats": list(answer.caveats),
    }  # fmt: skip


def _group_as_json(group: StandardisedGroup) -> dict[str, Any]:
    return {
        "code": group.code,
        "label": group.label,
        "is_missing": group.is_missing,
        "is_comparison": group.is_comparison,
        "n": group.n,
        "denominator": group.denominator,
        "crude_per_1000": group.crude_per_1000,
        "rate_per_1000": estimate_as_json(group.rate_per_1000),
        "relative_rate": estimate_as_json(group.relative_rate),
        "ratio": estimate_as_json(group.ratio),
        "expected": group.expected,
        "n_outside": group.n_outside,
        "not_covered_share": group.not_covered_share,
        "relative_not_covered_share": group.relative_not_covered_share,
        "widening": group.widening,
        "most_of_one_pupil": group.most_of_one_pupil,
    }
