"""The answer of `intersections` as plain values for JSON. Few are null, never a small number."""

from __future__ import annotations

from typing import Any

from dueregard.evidence.as_json import estimate_as_json, measure_as_json
from dueregard.evidence.intersections import IntersectionsAnswer, SamplingCheck, StratumAnswer, StratumQuestion


def intersections_as_json(answer: IntersectionsAnswer) -> dict[str, Any]:
    """The document that `intersections --json` prints."""
    missing, columns = answer.missing, answer.measure.columns
    return {
        "snapshot": answer.snapshot, "code_version": answer.code_version, "estimand": answer.estimand,
        "sentence": answer.sentence, "model": answer.model, "measure": measure_as_json(answer.measure, (answer.period,)),
        "schools": {"used": answer.schools_used, "left_out": [
            {"state": out.state, "schools": out.schools, "roll_unknown_schools": out.roll_unknown_schools} for out in answer.left_out]},
        "missing": {"not_stated": missing.not_stated, "not_recorded": missing.not_recorded, "not_collected": missing.not_collected,
                    "suppressed": missing.suppressed, "unknown": missing.unknown, "share": missing.share},
        "not_identified": answer.not_identified, "disagreeing": answer.disagreeing, "n": answer.n, "n_outside": answer.n_outside,
        "variation": _variation(answer),
        "main_effects": [{"column": e.column, "code": e.code, "label": e.label, "reference": e.reference,
                          "ratio": estimate_as_json(e.ratio)} for e in answer.main_effects],
        "strata": [_stratum(one, columns) for one in answer.strata],
        "apart": [_stratum(one, columns) for one in answer.apart],
        "question": None if answer.question is None else _question(answer.question, columns),
        "sampling": None if answer.sampling is None else _sampling(answer.sampling),
        "caveats": list(answer.caveats),
    }  # fmt: skip


def _variation(answer: IntersectionsAnswer) -> dict[str, Any]:
    found = answer.variation
    names = ("stratum_sd", "null_stratum_sd", "school_sd", "stratum_share", "null_stratum_share")
    return {name: estimate_as_json(getattr(found, name)) for name in names} | {"pcv": estimate_as_json(found.pcv)}


def _stratum(one: StratumAnswer, columns: tuple[str, ...]) -> dict[str, Any]:
    return {
        "codes": dict(zip(columns, one.codes, strict=True)), "label": one.label, "is_missing": one.is_missing,
        "borrowed_strength": one.is_few, "n": one.n, "denominator": one.denominator,
        "rate_per_1000": estimate_as_json(one.rate_per_1000), "own_rate_per_1000": estimate_as_json(one.own_rate_per_1000),
        "residual": estimate_as_json(one.residual), "own_share": one.own_share,
        "reri": estimate_as_json(one.reri), "excess_per_1000": estimate_as_json(one.excess_per_1000),
    }  # fmt: skip


def _question(found: StratumQuestion, columns: tuple[str, ...]) -> dict[str, Any]:
    return {
        "asked": {column: list(codes) for column, codes in found.asked}, "stratum": _stratum(found.stratum, columns),
        "own_range_if_few": found.own_range_if_few and list(found.own_range_if_few), "counted": found.counted,
        "estimate": found.estimate, "borrowed": found.borrowed, "own": found.own, "cannot_be_said": list(found.cannot_be_said),
    }  # fmt: skip


def _sampling(found: SamplingCheck) -> dict[str, Any]:
    return {
        "passed": found.passed, "words": found.words, "r_hat": found.r_hat, "effective_size": found.effective_size,
        "divergences": found.divergences, "stratum_sd": estimate_as_json(found.stratum_sd),
        "school_sd": estimate_as_json(found.school_sd), "largest_ratio": found.largest_ratio,
    }  # fmt: skip
