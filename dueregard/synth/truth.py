"""What was set when a force was made up: rates, relative rates, gates, and the ways in which records fail.

Every number here is illustrative unless a source stands beside it. No number is an estimate of a real force.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from dueregard.terms.ethnicity import BROAD
from dueregard.terms.stages import OUT_OF_COURT

Factors = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Gate:
    """Of the pupils who reached `given`, what share goes on to `stage`? by_group multiplies it (1 if absent)."""

    stage: str
    given: str
    share: float
    by_group: Factors = field(default_factory=dict)

    def shares(self) -> np.ndarray:
        """One share for each broad group. Shape (5,), in the order of BROAD."""
        return np.array([self.share * self.by_group.get(group, 1.0) for group in BROAD])


# Charge rates by ethnicity of about 195,000 cases, CPS and Leeds 2018-21: White 69.9, Asian 73.1, Black 76.2,
# Mixed 79.1 (domain.md 3.9). The other gates are illustrative.
GATES = (
    Gate("referred_by_school", "contact", 0.42, {"B": 1.10, "M": 1.05}),
    Gate("power_used", "contact", 0.14, {"B": 1.25, "M": 1.15}),
    Gate("report_made_intelligence", "contact", 0.12, {"B": 1.30, "M": 1.20}),
    Gate("report_made_safeguarding", "contact", 0.22),
    Gate("recorded_as_suspect", "contact", 0.36, {"B": 1.20, "M": 1.10, "O": 1.05}),
    Gate("interviewed", "recorded_as_suspect", 0.45),
    Gate("arrested", "recorded_as_suspect", 0.22, {"B": 1.20, "M": 1.10}),
    Gate("detained", "arrested", 0.80),
    Gate("sent_to_cps", "recorded_as_suspect", 0.25, {"B": 1.15, "M": 1.05}),
    Gate("charged", "sent_to_cps", 0.699, {"A": 73.1 / 69.9, "B": 76.2 / 69.9, "M": 79.1 / 69.9}),
    Gate("court", "charged", 0.90),
    Gate("disposal", "court", 0.75),
    Gate("support_offered", "contact", 0.35, {"B": 0.85, "M": 0.95}),
    Gate("accepted", "support_offered", 0.65),
    Gate("completed", "accepted", 0.60),
)

# How a suspect's case ends. Illustrative; the mix is the same for every group.
ENDS_NOT_SENT = {"8": 0.30, "22": 0.22, "2": 0.06, "21": 0.12, "15": 0.12, "16": 0.18}
ENDS_NOT_CHARGED = {"15": 0.50, "9": 0.30, "16": 0.20}


@dataclass(frozen=True, slots=True)
class Truth:
    """Which rates and relative rates does a made-up force have?

    with_officer, without_officer: involvements per 1,000 pupil-years of the pupil to whom every factor is 1
    (a White girl without special needs), by phase, on school days with and without an officer posted.
    by_*: what multiplies that rate, all else equal, within a school. The contact is an involvement on the ladder.
    """

    with_officer: Factors = field(default_factory=lambda: {"PS": 1.2, "SS": 9.5, "AT": 2.0, "SP": 3.0, "PR": 35.0})
    without_officer: Factors = field(default_factory=lambda: {"PS": 0.6, "SS": 4.5, "AT": 1.0, "SP": 1.5, "PR": 20.0})
    by_ethnicity: Factors = field(default_factory=lambda: {"W": 1.0, "M": 1.4, "A": 0.9, "B": 1.6, "O": 1.0})
    by_sex: Factors = field(default_factory=lambda: {"F": 1.0, "M": 2.2})
    by_sen_provision: Factors = field(default_factory=lambda: {"N": 1.0, "K": 1.6, "E": 2.2})
    # Offending peaks at ages 14 to 16 (domain.md 3.3, saferschoolpartnerships.com article 51); sizes illustrative.
    by_year_group: Factors = field(default_factory=lambda: {
        "R": 0.0, "1": 0.1, "2": 0.2, "3": 0.5, "4": 1.0, "5": 1.8, "6": 2.6,
        "7": 0.45, "8": 0.75, "9": 1.2, "10": 1.5, "11": 1.3, "12": 0.6, "13": 0.4})  # fmt: skip
    gates: tuple[Gate, ...] = GATES
    school_spread: float = 0.25  # standard deviation of the log of a school's own factor
    pupil_shape: float = 0.4  # shape of the gamma factor of a pupil: small means few pupils, many contacts
    not_identified: float = 0.02
    not_stated: float = 0.08
    discordant: float = 0.01  # involvements whose self-defined ethnicity is another than the pupil gives elsewhere
    sen_blank: float = 0.12
    sen_unknown: float = 0.08
    late: float = 0.12  # recorded six or more days after
    in_holiday: float = 0.03

    def gate(self, stage: str) -> Gate:
        """The gate to this stage. Raises StopIteration if there is none."""
        return next(gate for gate in self.gates if gate.stage == stage)

    def share_of_contacts(self, stage: str) -> np.ndarray:
        """Of the involvements on the ladder, what share reaches this stage? Shape (5,), in the order of BROAD."""
        if stage == "contact":
            return np.ones(len(BROAD))
        if stage == "out_of_court":
            ends = sum(share for code, share in ENDS_NOT_SENT.items() if code in OUT_OF_COURT)
            return self.share_of_contacts("recorded_as_suspect") * (1 - self.gate("sent_to_cps").shares()) * ends
        gate = self.gate(stage)
        return gate.shares() * self.share_of_contacts(gate.given)

    def relative_rates(self, stage: str) -> dict[str, float]:
        """How does each broad group's rate of this stage compare with the White rate, within a school?

        Per pupil-year, of involvements, by the pupil's true group, all else equal.

        >>> Truth().relative_rates("contact")["B"], round(Truth().relative_rates("arrested")["B"], 3)
        (1.6, 2.304)
        """
        rate = self.share_of_contacts(stage) * np.array([self.by_ethnicity[group] for group in BROAD])
        return {group: float(one) for group, one in zip(BROAD, rate / rate[0], strict=True)}


def stages_set(truth: Truth) -> tuple[str, ...]:
    """For which stages is the truth known?"""
    return ("contact", *(gate.stage for gate in truth.gates), "out_of_court")


def _section(name: str, values: Factors) -> list[str]:
    return [f"[{name}]", *(f"{key} = {_number(one)}" for key, one in values.items()), ""]


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else repr(round(float(value), 6))


def as_toml(truth: Truth, *, size: str, seed: int, expected: Mapping[str, Factors]) -> str:
    """The truth as text for people and for `tomllib`.

    expected: what an endless run of this force would show within schools, nothing else held equal, by column.
    """
    lines = ["# What was set when this made-up force was written. No row of it is about anybody.", ""]
    lines += [f'size = "{size}"', f"seed = {seed}", 'unit = "involvements"', 'denominator = "pupil_years"', ""]
    lines += _section("rate_per_1000.with_officer", truth.with_officer)
    lines += _section("rate_per_1000.without_officer", truth.without_officer)
    lines += _disparities(truth)
    lines += ["# What an endless run of this force would show within schools, with nothing else held equal."]
    lines += ["# Boys have more special needs than girls, so that these ratios exceed what was set.", ""]
    for column, factors in expected.items():
        lines += _section(f"expected_within_school.contact.{column}", factors)
    recording = ("not_identified", "not_stated", "discordant", "sen_blank", "sen_unknown", "late", "in_holiday")
    lines += _section("recording", {name: getattr(truth, name) for name in recording})
    spread = {"school_spread": truth.school_spread, "pupil_shape": truth.pupil_shape}
    return "\n".join(lines + _section("spread", spread)).rstrip() + "\n"


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
