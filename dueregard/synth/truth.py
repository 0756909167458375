"""What was set when a force was made up: rates, relative rates, gates, and the ways in which records fail.

Every number here is illustrative unless a source stands beside it. No number is an estimate of a real force.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from dueregard.terms.ethnicity import BROAD
from dueregard.terms.stages import OUT_OF_COURT

Factors = Mapping[str, float]
SUSPECT = "recorded_as_suspect"  # what follows it is for those old enough to be responsible in law (`ages.is_of_age`)


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

# How a suspect's case ends. Illustrative. Of those not sent to the prosecutor the share that ends out of court has a dial by group.
ENDS_NOT_SENT = {"8": 0.30, "22": 0.22, "2": 0.06, "21": 0.12, "15": 0.12, "16": 0.18}
IS_OUT_OF_COURT = np.array([code in OUT_OF_COURT for code in ENDS_NOT_SENT])
ENDS_NOT_CHARGED = {"15": 0.50, "9": 0.30, "16": 0.20}


# How officers see the pupils of each true group. The list has no Mixed. Illustrative.
OBSERVED = ("IC1", "IC2", "IC3", "IC4", "IC5", "IC6", "IC9")
SEEN_AS = {
    "W": (0.82, 0.10, 0.00, 0.00, 0.00, 0.03, 0.05), "M": (0.20, 0.04, 0.52, 0.09, 0.02, 0.08, 0.05),
    "A": (0.01, 0.01, 0.03, 0.76, 0.08, 0.06, 0.05), "B": (0.00, 0.00, 0.93, 0.00, 0.00, 0.02, 0.05),
    "O": (0.12, 0.14, 0.08, 0.14, 0.06, 0.40, 0.06),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Intersection:
    """Pupils in whom these characteristics meet have their rate of contact multiplied once more.

    Year group 10: aged 14 on the 31 August before.
    """

    factor: float = 1.0
    ethnicity: str = "B"
    sex: str = "M"
    sen_type: str = "ASD"
    year_group: str = "10"


@dataclass(frozen=True, slots=True)
class Truth:
    """Which rates and relative rates does a made-up force have?

    with_officer, without_officer: involvements per 1,000 pupil-years of the pupil to whom every factor is 1
    (a White girl without special needs), by phase, on school days with and without an officer posted.
    by_*: what multiplies that rate, all else equal, within a school. The contact is an involvement on the ladder.
    load: multiplies every rate of contact, to make work for a machine; 1 looks real.
    posting_by_ethnicity: multiplies the rate with an officer further, by group. posting_on_sanction, posting_on_safety:
    what a posting makes of the school's own sanctions, and of the share that feels safe, by group.
    placement: how strongly postings follow free meals and the share of Black pupils; 0 is at random. selection: how
    strongly they follow the log of the school's own factor, which no table shows.
    sanction_by_*: what multiplies the rate of the school's own sanctions. feels_by_ethnicity: the share of pupils who agree
    that they feel safe, or know their officer; trusts_by_ethnicity: of what is asked about the police.
    *_by_ethnicity of a gap multiplies its share. seen_as: by true group, the share seen as each of OBSERVED.
    suppress_below, round_to: what the source does to the counts of its roll; 0 is nothing.
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
    responsible_from: int = 6  # the first year group of those who go beyond the record of a suspect; 0: all do
    school_spread: float = 0.25  # standard deviation of the log of a school's own factor
    pupil_shape: float = 0.4  # shape of the gamma factor of a pupil: small means few pupils, many contacts
    not_identified: float = 0.02
    not_stated: float = 0.08
    discordant: float = 0.01  # involvements whose self-defined ethnicity is another than the pupil gives elsewhere
    sen_blank: float = 0.12
    sen_unknown: float = 0.08
    late: float = 0.12  # recorded six or more days after
    in_holiday: float = 0.03
    load: float = 1.0
    intersection: Intersection = Intersection()
    posting_by_ethnicity: Factors = field(default_factory=dict)
    posting_on_sanction: Factors = field(default_factory=dict)
    posting_on_safety: Factors = field(default_factory=dict)
    placement: float = 1.0
    selection: float = 0.0
    not_recorded: float = 0.0
    not_stated_by_ethnicity: Factors = field(default_factory=dict)
    not_recorded_by_ethnicity: Factors = field(default_factory=dict)
    place_not_recorded: float = 0.0
    seen_as: Mapping[str, tuple[float, ...]] = field(default_factory=lambda: dict(SEEN_AS))
    sanction_by_ethnicity: Factors = field(default_factory=lambda: {"W": 1.0, "M": 1.25, "A": 0.6, "B": 1.2, "O": 0.9})
    sanction_by_sex: Factors = field(default_factory=lambda: {"F": 1.0, "M": 1.6})
    # Trusts the police: 73 per cent overall, 36 of Black children (ourwatch, survey not named, domain.md 5).
    feels_by_ethnicity: Factors = field(default_factory=lambda: {"W": 1.03, "M": 0.92, "A": 1.02, "B": 0.88, "O": 0.98})
    trusts_by_ethnicity: Factors = field(
        default_factory=lambda: {"W": 1.10, "M": 0.80, "A": 1.05, "B": 0.50, "O": 0.95}
    )
    out_of_court_by_ethnicity: Factors = field(default_factory=dict)
    suppress_below: int = 0
    round_to: int = 0

    @classmethod
    def neutral(cls) -> Truth:
        """A force in which no group differs from another, officers change nothing, and schools and pupils are alike."""
        level = cls()
        one_rate = dict.fromkeys(level.without_officer, level.without_officer["SS"])
        return replace(
            level,
            with_officer=one_rate, without_officer=one_rate,
            by_ethnicity=dict.fromkeys(level.by_ethnicity, 1.0),
            by_sex=dict.fromkeys(level.by_sex, 1.0),
            by_sen_provision=dict.fromkeys(level.by_sen_provision, 1.0),
            by_year_group=dict.fromkeys(level.by_year_group, 1.0),
            gates=tuple(replace(gate, by_group={}) for gate in level.gates),
            sanction_by_ethnicity=dict.fromkeys(level.by_ethnicity, 1.0),
            sanction_by_sex=dict.fromkeys(level.by_sex, 1.0),
            feels_by_ethnicity=dict.fromkeys(level.by_ethnicity, 1.0),
            trusts_by_ethnicity=dict.fromkeys(level.by_ethnicity, 1.0),
            responsible_from=0, school_spread=0.0, pupil_shape=1e6, discordant=0.0, placement=0.0,
        )  # fmt: skip

    def gate(self, stage: str) -> Gate:
        """The gate to this stage. Raises StopIteration if there is none."""
        return next(gate for gate in self.gates if gate.stage == stage)

    def ends_not_sent(self) -> np.ndarray:
        """How cases end that are not sent to the prosecutor: shares of each code of ENDS_NOT_SENT, by group. Shape (5, n_codes)."""
        shares = np.array(list(ENDS_NOT_SENT.values()))
        out = shares[IS_OUT_OF_COURT].sum()
        times = np.array([self.out_of_court_by_ethnicity.get(group, 1.0) for group in BROAD])[:, None]
        return np.where(IS_OUT_OF_COURT, times, (1 - out * times) / (1 - out)) * shares

    def share_of_contacts(self, stage: str) -> np.ndarray:
        """Of the involvements on the ladder, what share reaches this stage? Shape (5,), in the order of BROAD.

        Beyond the record of a suspect: of the involvements of those who are old enough (`needs_age`).
        """
        if stage == "contact":
            return np.ones(len(BROAD))
        if stage == "out_of_court":
            ends = self.ends_not_sent()[:, IS_OUT_OF_COURT].sum(axis=1)
            return self.share_of_contacts(SUSPECT) * (1 - self.gate("sent_to_cps").shares()) * ends
        gate = self.gate(stage)
        return gate.shares() * self.share_of_contacts(gate.given)

    def relative_rates(self, stage: str) -> dict[str, float]:
        """How does each broad group's rate of this stage compare with the White rate, within a school?

        Per pupil-year, of involvements, by the pupil's true group, all else equal.

        >>> Truth().relative_rates("contact")["B"], round(Truth().relative_rates("arrested")["B"], 3)
        (1.6, 2.304)
        """
        rate = self.share_of_contacts(stage) * np.array([self.by_ethnicity[group] for group in BROAD])
        ratio = np.divide(
            rate, rate[0], out=np.full(len(BROAD), np.nan), where=rate[0] > 0
        )  # over nobody there is none
        return {group: float(one) for group, one in zip(BROAD, ratio, strict=True)}


def needs_age(truth: Truth, stage: str) -> bool:
    """Do only pupils who are old enough to be responsible in law reach this stage?

    >>> needs_age(Truth(), "court"), needs_age(Truth(), "out_of_court"), needs_age(Truth(), "recorded_as_suspect")
    (True, True, False)
    """
    given = {gate.stage: gate.given for gate in truth.gates} | {"out_of_court": SUSPECT}
    while stage in given:
        stage = given[stage]
        if stage == SUSPECT:
            return True
    return False


def stages_set(truth: Truth) -> tuple[str, ...]:
    """For which stages is the truth known?"""
    return ("contact", *(gate.stage for gate in truth.gates), "out_of_court")
