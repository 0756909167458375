"""The truth of a made-up force as text: what was set, and what an endless run would record."""

from __future__ import annotations

import math
from collections.abc import Mapping

from dueregard.synth.counted import AGREE, agrees_by_group
from dueregard.synth.pupils import HIDDEN
from dueregard.synth.recorded import NOT_STATED_WHY
from dueregard.synth.truth import IS_OUT_OF_COURT, OBSERVED, Factors, Truth, stages_set
from dueregard.terms.ethnicity import BROAD

WHAT_IS_EXPECTED = (
    "What an endless run of this force would hold, with nothing else held equal, all years together, of the",
    "schools and years that enter a figure: by the pupil's true group, over the whole roll. What a source leaves",
    "out, records otherwise, rounds or hides (below, `recording`) moves what is found away from it. Boys have more",
    "special needs than girls, so that ratios by sex and need exceed what was set. A chain multiplies to `total`:",
    "the relative rate of charges. `expected_in` has contacts and chain of each year, as the product answers one.",
)
NOT_ASKED = ("N1", "N2", "N3")  # reasons beside NS that say so (design.md section 2)
STATES = {"REFU": "not_stated", "NOBT": "not_recorded"}


def _section(name: str, values: Factors) -> list[str]:
    """A section; a ratio over nobody has no line, for it has no value. None where no line is left."""
    lines = [f"{key} = {_number(one)}" for key, one in values.items() if math.isfinite(one)]
    return [f"[{name}]", *lines, ""] if lines else []


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else repr(round(float(value), 6))


def as_toml(truth: Truth, *, size: str, seed: int, expected: Mapping[str, Factors]) -> str:
    """The truth as text for people and for `tomllib`.

    expected: what an endless run of this force would record, by section (`expected.sections`).
    """
    lines = ["# What was set when this made-up force was written. No row of it is about anybody.", ""]
    lines += [f'size = "{size}"', f"seed = {seed}", 'unit = "involvements"', 'denominator = "pupil_years"', ""]
    for name in ("with_officer", "without_officer"):
        rates = {phase: rate * truth.load for phase, rate in getattr(truth, name).items()}
        lines += _section(f"rate_per_1000.{name}", rates)
    lines += _disparities(truth)
    lines += _posting(truth)
    lines += [f"# {line}" for line in WHAT_IS_EXPECTED] + [""]
    for name, factors in expected.items():
        lines += _section(name, factors)
    lines += _recording(truth)
    spread = {"school_spread": truth.school_spread, "pupil_shape": truth.pupil_shape, "load": truth.load}
    return "\n".join(lines + _section("spread", spread)).rstrip() + "\n"


def _posting(truth: Truth) -> list[str]:
    lines = ["# What a posting makes of the rate of contact, by phase and group; of sanctions and of feeling safe. Then the",
             "# sanctions themselves, and the shares that agree with each item of the survey where no officer is posted.", ""]  # fmt: skip
    by_group = [truth.posting_by_ethnicity.get(group, 1.0) for group in BROAD]
    for phase, rate in truth.with_officer.items():
        times = {
            group: rate * one / truth.without_officer[phase] if rate else math.nan
            for group, one in zip(BROAD, by_group, strict=True)
        }
        lines += _section(f"posting_effect.contact.{phase}", times)
    for what, factors in (("sanction", truth.posting_on_sanction), ("safety", truth.posting_on_safety)):
        lines += _section(f"posting_effect.{what}", {group: factors.get(group, 1.0) for group in BROAD})
    lines += _section("relative_rate.sanction.ethnicity", truth.sanction_by_ethnicity)
    lines += _section("relative_rate.sanction.sex", truth.sanction_by_sex)
    for item, share in AGREE.items():
        agree = {group: share * factor for group, factor in agrees_by_group(truth, item).items()}
        lines += _section(f"share_agreeing.{item}.ethnicity", agree)
    return lines + _section("placement", {"strength": truth.placement, "selection": truth.selection})


def _recording(truth: Truth) -> list[str]:
    names = ("not_identified", "not_stated", "not_recorded", "discordant", "place_not_recorded", "sen_blank",
             "sen_unknown", "late", "in_holiday", "suppress_below", "round_to")  # fmt: skip
    lines = _section("recording", {name: getattr(truth, name) for name in names})
    for gap in ("not_stated", "not_recorded"):
        factors = getattr(truth, f"{gap}_by_ethnicity")
        shares = {group: getattr(truth, gap) * factors.get(group, 1.0) for group in BROAD}
        lines += _section(f"missing.self_defined_ethnicity.{gap}", shares)
    lines += _as_read(truth)
    for group in BROAD:
        lines += _section(f"seen_as.{group}", dict(zip(OBSERVED, truth.seen_as[group], strict=True)))
    return lines


def _as_read(truth: Truth) -> list[str]:
    """What is missing by the four states of the product, which go by the reason that was noted."""
    lines = ["# The same as it is read: of those who declined, some reasons (N1 to N3) say that nobody was asked. Of identified",
             "# pupils; one who is not identified has no ethnicity, and there is at most one in a contact. Then of the roll.", ""]  # fmt: skip
    reasons = sum(share for reason, share in NOT_STATED_WHY.items() if reason in NOT_ASKED)
    declined, blank = ({group: getattr(truth, gap) * getattr(truth, f"{gap}_by_ethnicity").get(group, 1.0) for group in BROAD}
                       for gap in ("not_stated", "not_recorded"))  # fmt: skip
    read = {
        "not_stated": {group: declined[group] * (1 - reasons) for group in BROAD},
        "not_recorded": {group: min(blank[group], 1 - declined[group]) + declined[group] * reasons for group in BROAD},
    }
    for state, shares in read.items():
        lines += _section(f"expected_missing.self_defined_ethnicity.{state}", shares)
    return lines + _section(
        "expected_missing.roll.ethnicity", {STATES[code]: share for code, share in HIDDEN.items() if code}
    )


def _disparities(truth: Truth) -> list[str]:
    lines = ["# Within a school, all else equal. Ethnicity is the pupil's true broad group; comparison: W, F, N."]
    for stage in stages_set(truth):
        lines += _section(f"relative_rate.{stage}.ethnicity", truth.relative_rates(stage))
    for column in ("sex", "sen_provision", "year_group"):
        lines += _section(f"relative_rate.contact.{column}", getattr(truth, f"by_{column}"))
    meeting = truth.intersection
    lines += ["# Pupils in whom these meet have their rate of contact multiplied once more.", "[intersection]"]
    lines += [f"factor = {_number(meeting.factor)}"]
    lines += [f'{name} = "{getattr(meeting, name)}"' for name in ("ethnicity", "sex", "sen_type", "year_group")]
    lines += [""]
    lines += [f"# Pupils below year group {truth.responsible_from} do not go beyond the record of a suspect (0: all may): the",
              "# shares of what follows it are of older pupils.", *_section("responsible_from", {"year_group": truth.responsible_from})]  # fmt: skip
    lines += ["# Victims and witnesses are drawn evenly from the school's roll: every relative rate is 1.", ""]
    for gate in truth.gates:
        shares = {group: float(share) for group, share in zip(BROAD, gate.shares(), strict=True)}
        lines += _section(f"share_of_{gate.given}.{gate.stage}.ethnicity", shares)
    ends = truth.ends_not_sent()[:, IS_OUT_OF_COURT].sum(axis=1).tolist()
    return lines + _section("share_of_not_sent.out_of_court.ethnicity", dict(zip(BROAD, ends, strict=True)))
