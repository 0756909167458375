"""The ladder of stages, and the good ladder beside it: what each is counted from, declared once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from dueregard.errors import UnknownName
from dueregard.terms.term import Term

LADDER_CATEGORIES = ("subject_of_concern", "suspect", "convicted")
OUT_OF_COURT = ("2", "2A", "6", "7", "8", "22")
CHARGED = ("1", "1A")


@dataclass(frozen=True, slots=True)
class Stage:
    """What does reaching this stage mean, and from which rows is it counted?

    table: the table whose rows are the events. column, codes: which of its rows (empty: all of them).
    did: the words after "pupils who" in a sentence. ladder: escalation, support, or other.
    """

    code: str
    label: str
    did: str
    table: str
    column: str = ""
    codes: tuple[str, ...] = ()
    ladder: str = "escalation"
    categories: tuple[str, ...] = LADDER_CATEGORIES
    reason: str = ""  # for report_made: which of its two measures
    caveat: str = ""
    follow_up_days: int = 0  # how long after the period contacts must have been collected


def _step(code: str, label: str, did: str) -> Stage:
    return Stage(code, label, did, "step", "stage", (code,))


def _outcome(code: str, label: str, did: str, outcomes: tuple[str, ...], caveat: str = "") -> Stage:
    return Stage(code, label, did, "outcome", "outcome", outcomes, caveat=caveat)


POOLED_OUT_OF_COURT = (
    "Pools cautions, penalty notices, warnings, community resolutions (8) and diversion (22); "
    "each is also a measure of its own."
)

STAGES: tuple[Stage, ...] = (
    Stage("referred_by_school", "Referred by the school", "were referred to police by school staff",
          "contact", "route", ("school_staff_report",)),
    Stage("contact", "Contact with an officer", "had a contact with an officer", "contact"),
    Stage("power_used", "Power used", "had a police power used on them", "power_use"),
    Stage("report_made", "Report made", "had a report made about them", "step", "stage", ("report_made",),
          caveat="Pools intelligence and safeguarding reports; each is also a measure of its own."),
    Stage("report_made_intelligence", "Intelligence report made", "had an intelligence report made about them",
          "step", "stage", ("report_made",), reason="intelligence"),
    Stage("report_made_safeguarding", "Safeguarding report made", "had a safeguarding report made about them",
          "step", "stage", ("report_made",), reason="safeguarding", ladder="support"),
    _step("recorded_as_suspect", "Recorded as a suspect", "were recorded as a suspect"),
    _step("interviewed", "Interviewed", "were interviewed"),
    _step("arrested", "Arrested", "were arrested"),
    _step("detained", "Detained", "were detained"),
    _step("sent_to_cps", "Sent to the prosecutor", "had their case sent to the prosecutor"),
    _outcome("out_of_court", "Dealt with out of court", "were dealt with out of court", OUT_OF_COURT,
             POOLED_OUT_OF_COURT),
    _outcome("youth_caution", "Youth caution", "received a youth caution", ("2",)),
    _outcome("youth_caution_alternate", "Youth caution, alternate offence",
             "received a youth caution for an alternate offence", ("2A",)),
    _outcome("penalty_notice", "Penalty notice", "received a penalty notice", ("6",)),
    _outcome("cannabis_warning", "Cannabis or khat warning", "received a cannabis or khat warning", ("7",)),
    _outcome("community_resolution", "Community resolution", "received a community resolution", ("8",)),
    _outcome("diversion", "Diversion (outcome 22)", "were diverted (outcome 22)", ("22",)),
    _outcome("charged", "Charged", "were charged or summonsed", CHARGED),
    _step("court", "Court", "appeared in court"),
    _step("disposal", "Court disposal", "received a court disposal"),
    Stage("contact_as_victim", "Contact as a victim", "had a contact as a victim", "contact",
          categories=("victim",), ladder="other"),
    Stage("contact_as_witness", "Contact as a witness", "had a contact as a witness", "contact",
          categories=("witness",), ladder="other"),
    Stage("support_offered", "Support offered", "were offered support", "support", ladder="support"),
    Stage("accepted", "Support accepted", "accepted support", "support", "is_accepted", ("yes",), ladder="support"),
    Stage("completed", "Support completed", "completed support", "support", "completed_on", ladder="support"),
    Stage("no_further_contact_12m", "No further contact in 12 months",
          "completed support and had no further contact in the 365 days after", "support", "completed_on",
          ladder="support", follow_up_days=365),
)  # fmt: skip

# The school's own answers, counted by the school: no part of the ladder, and nobody in them can be told apart.
POOLED_SANCTIONS = "Pools unlike answers, from a detention to a permanent exclusion; suspensions and exclusions are also measures of their own."
SANCTION_KINDS = ("SUSP", "PERM", "LNCH", "detention", "internal", "other")
SANCTIONS: tuple[Stage, ...] = (
    Stage("sanctioned", "Sanctioned by the school", "were sanctioned by their school", "sanction", "kind", SANCTION_KINDS,
          ladder="school", caveat=POOLED_SANCTIONS),
    Stage("suspended", "Suspended by the school", "were suspended by their school", "sanction", "kind", ("SUSP",),
          ladder="school"),
    Stage("permanently_excluded", "Permanently excluded by the school", "were permanently excluded by their school",
          "sanction", "kind", ("PERM",), ladder="school"),
)  # fmt: skip

# Those who stand at a gate, where somebody decides which of two ways they go: the denominators of `gates`.
AT_GATES: tuple[Stage, ...] = (
    Stage("protocol_told", "Told whether the schools protocol applies",
          "had a contact of which it is told whether the schools protocol applies", "contact", "schools_protocol",
          ("applied", "not_applied_serious", "not_applied_victim_wish", "not_applicable")),
    Stage("protocol_could_apply", "The school could have kept it", "had a contact that the school could have kept",
          "contact", "schools_protocol", ("applied", "not_applied_serious", "not_applied_victim_wish")),
    Stage("kept_by_school", "The school kept it", "had a contact that the school kept", "contact", "schools_protocol",
          ("applied",)),
    Stage("interviewed_or_arrested", "Interviewed or arrested", "were interviewed or arrested", "step", "stage",
          ("interviewed", "arrested")),
    _outcome("charged_or_turned_away", "Charged, resolved in the community, or diverted",
             "were charged, received a community resolution or were diverted", (*CHARGED, "8", "22")),
)  # fmt: skip
ALL_STAGES = (*STAGES, *SANCTIONS, *AT_GATES)

# The one chain of `decompose`: a contact, and what may follow from it.
CHAIN = ("contact", "recorded_as_suspect", "sent_to_cps", "charged")

# Stages that may not stand in `step`, because another table counts them.
STEP_STAGES = tuple(s.code for s in STAGES if s.table == "step" and not s.reason)


def stage_terms() -> tuple[Term, ...]:
    return tuple(Term(s.code, s.label, s.ladder, "own") for s in STAGES)


def stage(code: str) -> Stage:
    """The declaration of one stage.

    Raises UnknownName if there is none, and lists those that exist.
    """
    for declared in ALL_STAGES:
        if declared.code == code:
            return declared
    raise UnknownName("stage", code, [s.code for s in ALL_STAGES])


@cache
def stages_around(code: str) -> tuple[str, ...]:
    """Of which other stages is this one a part: the same rows, of fewer codes, people or reasons? None for an unknown one.

    >>> stages_around("accepted"), stages_around("diversion"), stages_around("report_made_intelligence")
    (('support_offered',), ('out_of_court', 'charged_or_turned_away'), ('report_made',))
    """
    own = [declared for declared in ALL_STAGES if declared.code == code]
    return tuple(other.code for one in own for other in ALL_STAGES if other.code != code and _is_part(one, other))


def _is_part(one: Stage, other: Stage) -> bool:
    has_rows = not other.column or (one.column == other.column and (not other.codes or {*one.codes} <= {*other.codes}))
    return (
        one.table == other.table
        and has_rows
        and {*one.categories} <= {*other.categories}
        and other.reason in ("", one.reason)
        and other.follow_up_days in (0, one.follow_up_days)
        and (bool(one.codes) or not other.codes)
    )


def part_title(name: str) -> str:
    """What is a part of a chain called, to a reader? name: placement, sorting, or STAGE_mix and STAGE_within.

    >>> part_title("sorting"), part_title("sent_to_cps_mix"), part_title("contact_within")
    ('sorting', 'sent to the prosecutor, across schools', 'contact with an officer, within')
    """
    code, _, part = name.rpartition("_")
    if not code:
        return name
    return f"{stage(code).label.lower()}, {'across schools' if part == 'mix' else 'within'}"


def chain_to(code: str) -> tuple[str, ...]:
    """Through which stages does the chain of `decompose` lead to this one?

    On the chain it stops there; any other stage follows the contact, or is itself the first step where it is no part of one.

    >>> chain_to("sent_to_cps"), chain_to("arrested"), chain_to("contact_as_victim")
    (('contact', 'recorded_as_suspect', 'sent_to_cps'), ('contact', 'arrested'), ('contact_as_victim',))
    """
    declared = stage(code)
    if code in CHAIN:
        return CHAIN[: CHAIN.index(code) + 1]
    is_contact = declared.table == "contact" and declared.categories != LADDER_CATEGORIES
    return (code,) if is_contact or declared.table in ("support", "sanction") else (CHAIN[0], code)
