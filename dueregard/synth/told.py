"""The truth of a made-up force as text: what was set, and what an endless run of it would show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields

from dueregard.synth.counted import AGREE, SAFETY, SANCTION_BY_GROUP
from dueregard.synth.expected import Expected, chain, crude, rates_per_1000, within_school
from dueregard.synth.truth import OBSERVED, Factors, Truth, stages_set
from dueregard.terms.ethnicity import BROAD

RECORDING = ("not_identified", "not_stated", "discordant", "sen_blank", "sen_unknown", "late", "in_holiday")
Planted = tuple[str, int, str]  # file, physical line, code


def as_toml(
    truth: Truth, *, size: str, seed: int, expected: Expected, planted: Iterable[Planted] = ()
) -> str:  # fmt: skip
    """The truth as text for people and for `tomllib`. `[dial]` is what `--truth` reads."""
    lines = ["# What was set when this made-up force was written. No row of it is about anybody.", ""]
    lines += [f'size = "{size}"', f"seed = {seed}", 'unit = "involvements"', 'denominator = "pupil_years"', ""]
    lines += _section("rate_per_1000.with_officer", truth.with_officer)
    lines += _section("rate_per_1000.without_officer", truth.without_officer)
    lines += _disparities(truth)
    lines += ["# What an endless run of this force would show within schools, with nothing else held equal."]
    lines += ["# Boys have more special needs than girls, so that these ratios exceed what was set.", ""]
    for column, factors in within_school(expected).items():
        lines += _section(f"expected_within_school.contact.{column}", factors)
    lines += _by_year(truth, expected) + _effects(truth) + _intersections(truth, expected) + _missing(truth)
    lines += _section("recording", {name: getattr(truth, name) for name in RECORDING})
    spread = {"school_spread": truth.school_spread, "pupil_shape": truth.pupil_shape}
    lines += _section("spread", spread) + dials(truth, at="dial.")
    for file, line, code in planted:
        lines += ["[[planted]]", f'file = "{file}"', f"line = {line}", f'code = "{code}"', ""]
    return "\n".join(lines).rstrip() + "\n"


def _number(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(round(value, 6)) if value == value else "nan"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _section(name: str, values: Mapping[str, object]) -> list[str]:
    lines = [f"{key} = {_number(float(one) if isinstance(one, float) else one)}" for key, one in values.items()]
    return [f"[{name}]", *lines, ""]


def _disparities(truth: Truth) -> list[str]:
    lines = ["# Within a school, all else equal. Ethnicity is the pupil's true broad group; comparison: W, F, N."]
    for stage in stages_set(truth):
        lines += _section(f"relative_rate.{stage}.ethnicity", truth.relative_rates(stage))
    for column in ("sex", "sen_provision", "year_group"):
        lines += _section(f"relative_rate.contact.{column}", getattr(truth, f"by_{column}"))
    lines += ["# Victims and witnesses are drawn evenly from the school's roll: every relative rate is 1.", ""]
    for gate in truth.gates:
        shares = {group: float(share) for group, share in zip(BROAD, gate.shares(), strict=True)}
        lines += _section(f"share_of_{gate.given}.{gate.stage}.ethnicity", shares)
    return lines


def _by_year(truth: Truth, expected: Expected) -> list[str]:
    """For each academic year, with the schools that enter its figures: crude, within school, and the chain."""
    lines = ["# By academic year, over the schools whose contacts are complete or nil: what an endless run would show.",
             "# A stage that ends after the last day of the files is not in them yet: levels of late stages are a little",
             "# lower there, ratios are not touched. `chain` multiplies to the crude ratio of `charged`.", ""]  # fmt: skip
    for year, name in enumerate(expected.academic_years):
        at = f'expected."{name}"'
        lines += _section(f"{at}.rate_per_1000.contact", rates_per_1000(expected, year=year))
        for kind, found in (
            ("crude", crude(expected, year=year)),
            ("within_school", within_school(expected, year=year)),
        ):
            for stage in stages_set(truth):
                lines += _section(f"{at}.{kind}.{stage}.ethnicity", _at_stage(truth, stage, found["ethnicity"]))
            for column in ("sex", "sen_provision"):
                lines += _section(f"{at}.{kind}.contact.{column}", found[column])
        for group in BROAD[1:]:
            lines += _section(f"{at}.chain.{group}", chain(expected, truth, group, year=year))
    return lines


def _at_stage(truth: Truth, stage: str, contact: Factors) -> dict[str, float]:
    """Gates are the same in every school, so that the ratio at a stage is that of contacts times that of the gates."""
    shares = truth.share_of_contacts(stage)
    return {group: contact[group] * float(shares[n] / shares[0]) for n, group in enumerate(BROAD)}


def _effects(truth: Truth) -> list[str]:
    """What an officer posted that day changes: ratios of rates, and what is added to a share."""
    lines = [
        "# An officer posted that day: what it multiplies (contact, sanction), what it adds to a share (safe).",
        "",
    ]
    for phase in truth.with_officer:
        ratio = (
            truth.with_officer[phase] / truth.without_officer[phase] if truth.without_officer[phase] else float("nan")
        )
        by_group = {group: ratio * truth.posting_contact[group] for group in BROAD}
        lines += _section(f"posting_effect.contact.{phase}", by_group)
    lines += _section("posting_effect.sanction", {group: truth.posting_sanction[group] for group in BROAD})
    for item in SAFETY:
        lines += _section(f"posting_effect.{item}", {group: truth.posting_safe[group] for group in BROAD})
    lines += _section("relative_rate.sanction.ethnicity", SANCTION_BY_GROUP)
    return lines + _section("share_agreeing_overall", AGREE)


def _intersections(truth: Truth, expected: Expected) -> list[str]:
    lines = []
    for one, ((years, others), (mean, of_others)) in zip(truth.intersections, expected.crossed.tolist(), strict=True):
        rate, rest = (m / y if y else float("nan") for m, y in ((mean, years), (of_others, others)))
        lines += ["[[expected_intersection]]", *_of_intersection(one), f"pupil_years = {_number(years)}"]
        lines += [f"rate_per_1000 = {_number(1000 * rate)}", f"rate_per_1000_of_others = {_number(1000 * rest)}",
                  f"relative_rate = {_number(rate / rest if rest else float('nan'))}", ""]  # fmt: skip
    return lines


def _of_intersection(one: object) -> list[str]:
    found = [f"factor = {_number(one.factor)}"]  # type: ignore[attr-defined]
    for name in ("ethnicity", "sex", "sen_provision", "sen_type"):
        if getattr(one, name):
            found.append(f"{name} = {_number(getattr(one, name))}")
    years = one.year_group  # type: ignore[attr-defined]
    return found + ([f"year_group = [{', '.join(_number(code) for code in years)}]"] if years else [])


def _missing(truth: Truth) -> list[str]:
    """Which share of each true group has no ethnicity, on the contact and on the roll?"""
    lines = ["# Missing ethnicity, as a share of each true group; on contacts: of those whose pupil is known.", ""]
    for name in ("not_stated", "not_recorded"):
        shares = zip(BROAD, truth.shares_of_groups(name).tolist(), strict=True)
        lines += _section(f"missingness.involvement.{name}", dict(shares))
    for n, name in enumerate(("REFU", "NOBT")):
        shares = zip(BROAD, truth.roll_missing()[:, n].tolist(), strict=True)
        lines += _section(f"missingness.roll.{name}", dict(shares))
    return lines


def dials(truth: Truth, *, at: str = "") -> list[str]:
    """Every dial in the form that `--truth` reads."""
    values = {one.name: getattr(truth, one.name) for one in fields(truth)}
    plain = {name: value for name, value in values.items() if isinstance(value, bool | int | float)}
    lines = _section(at.rstrip("."), plain) if at else [f"{key} = {_number(one)}" for key, one in plain.items()] + [""]
    for name, value in values.items():
        if name == "observed_as":
            for group, row in value.items():
                lines += _section(f"{at}{name}.{group}", dict(zip(OBSERVED, row, strict=True)))
        elif isinstance(value, Mapping):
            lines += _section(f"{at}{name}", value)
    for gate in truth.gates:
        lines += _section(f"{at}gate.{gate.stage}", {"share": gate.share})
        lines += _section(f"{at}gate.{gate.stage}.by_group", gate.by_group)
    for one in truth.intersections:
        lines += [f"[[{at}intersection]]", *_of_intersection(one), ""]
    return lines
