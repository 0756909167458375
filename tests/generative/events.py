"""Made-up contacts with all that hangs on them, postings, and help offered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from dueregard.records.tables import table
from dueregard.terms.stages import STEP_STAGES

from . import words
from .words import Rows, Tables

PUPILS = tuple(f"p{n}" for n in range(15))
STRANGERS = ("z1", "z2")  # never on a roll


def some_day(rng: Random) -> str:
    """Any day; mostly of the year that most questions are about."""
    return rng.choice(words.YEAR_DAYS if rng.random() < 0.8 else words.DAYS)


def a_year_later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def distinct(rows: Rows, *key: str) -> Rows:
    """The first row of each key; rows of pupils who cannot be told apart may share one."""
    seen: set[tuple[str, ...]] = set()
    kept = []
    for row in rows:
        found = tuple(row.get(name, "") for name in key)
        if found not in seen or row.get("pupil_ref") == "not_identified":
            kept.append(row)
        seen.add(found)
    return kept


def posting(rng: Random, urns: Sequence[str], n: int) -> dict[str, str]:
    """Any length, from one day to without end; several of one school overlap by chance."""
    from_on, to_on = sorted(rng.choices(words.DAYS, k=2))
    end = rng.random()
    return {"posting_ref": f"g{n}", "officer_ref": f"o{rng.randint(0, 3)}", "urn": rng.choice(urns),
            "kind": rng.choice(words.POSTING_KINDS), "fte": rng.choice(words.FTE),
            "from_on": "2022-09-01" if end < 0.25 else from_on, "to_on": "" if end < 0.4 else to_on}  # fmt: skip


def events(rng: Random, urns: Sequence[str]) -> Tables:
    """Contacts and involvements, and what followed; each table but the first two may be absent or empty."""
    contacts = [_contact(rng, urns, n) for n in range(rng.choice((1, 10, 25, 40, 50)))]
    involvements = [row for contact in contacts for row in _involvements(rng, contact["contact_ref"])]
    tables: Tables = {"contact": contacts, "involvement": involvements}
    for name, row in (("power_use", _power_use), ("step", _step), ("outcome", _outcome)):
        if rng.random() < 0.9:
            of = _some(rng, involvements, rng.choice((0, 5, 20, 30, 40)))
            tables[name] = distinct([row(rng, x) for x in of], *table(name).key) if table(name).key else [
                row(rng, x) for x in of]  # fmt: skip
    return tables


def _some(rng: Random, involvements: Rows, n: int) -> Rows:
    """n involvements, each several times, so that one pupil climbs several stages in one contact, or one again."""
    few = rng.sample(involvements, min(len(involvements), max(1, n // 2)))
    return rng.choices(few, k=n)


def _contact(rng: Random, urns: Sequence[str], n: int) -> dict[str, str]:
    return {
        "contact_ref": f"c{n}", "urn": rng.choice(urns),
        "occurred_at": some_day(rng) + rng.choice(("T00:00", "T10:30", "T23:59", "")),
        "route": rng.choice(words.ROUTES), "place_relation": rng.choice(words.PLACES),
        "time_relation": rng.choice(("lesson", "holiday", "")), "initiator": rng.choice(("staff", "officer", "")),
        "behaviour": rng.choice(words.BEHAVIOURS), "harm_level": rng.choice(("low", "high", "")),
        "schools_protocol": rng.choice(("applied", "not_applicable", "")),
    }  # fmt: skip


def _involvements(rng: Random, contact: str) -> Rows:
    """One to four pupils of one contact; of those who cannot be told apart there may be several."""
    who = {rng.choice((*PUPILS, *STRANGERS)) for _ in range(rng.choice((1, 1, 2, 3)))}
    unknown = ["not_identified"] * rng.choice((0, 0, 0, 0, 0, 0, 0, 1, 2, 3))
    return [_involvement(rng, contact, pupil) for pupil in [*sorted(who), *unknown]]


def _involvement(rng: Random, contact: str, pupil: str) -> dict[str, str]:
    return {
        "contact_ref": contact, "pupil_ref": pupil, "subject_category": rng.choice(words.CATEGORIES),
        "age": str(rng.randint(4, 18)), "year_group": rng.choice(words.YEARS), "sex": rng.choice(words.SEX),
        "self_defined_ethnicity": rng.choice(words.SELF_DEFINED),
        "not_stated_reason": rng.choice(words.NOT_STATED_REASONS),
        "observed_ethnicity": rng.choice(words.OBSERVED), "sen_provision": rng.choice(words.SEN),
        "sen_type": rng.choice(words.SEN_TYPE), "disability": rng.choice(words.DISABILITY),
    }  # fmt: skip


def _power_use(rng: Random, of: dict[str, str]) -> dict[str, str]:
    return _who(of) | {
        "power": rng.choice(words.POWERS), "tactic": rng.choice(("", "not_collected", "Baton drawn")),
        "clothing_removal": rng.choice(words.CLOTHING),
    }  # fmt: skip


def _step(rng: Random, of: dict[str, str]) -> dict[str, str]:
    """Any stage in any order: stages are skipped, repeated, and reached twice on one day for two offences."""
    stage = rng.choice((*STEP_STAGES, "recorded_as_suspect", "arrested", "report_made"))
    return _who(of) | {"stage": stage, "occurred_on": some_day(rng), "offence_group": rng.choice(words.OFFENCE_GROUPS),
                       "reason": rng.choice(words.STEP_REASONS)}  # fmt: skip


def _outcome(rng: Random, of: dict[str, str]) -> dict[str, str]:
    return _who(of) | {"outcome": rng.choice(words.OUTCOMES), "decided_on": some_day(rng)}


def _who(of: dict[str, str]) -> dict[str, str]:
    return {"contact_ref": of["contact_ref"], "pupil_ref": of["pupil_ref"]}


def support(rng: Random, urns: Sequence[str], contacts: Rows, n: int) -> dict[str, str]:
    """An offer of help, sometimes after a contact, to pupils of contacts, of the roll, and of neither."""
    offered, completed = sorted(rng.choices(words.DAYS, k=2))
    led = {"contact_ref": rng.choice(contacts)["contact_ref"]} if contacts and rng.random() < 0.5 else {}
    return led | {
        "support_ref": f"s{n}", "pupil_ref": rng.choice((*PUPILS, *STRANGERS, "z9", "not_identified")),
        "urn": rng.choice(urns), "service": rng.choice(words.SERVICES), "offered_on": offered,
        "is_accepted": rng.choice(("yes", "yes", "no", "")), "completed_on": rng.choice((completed, completed, "")),
    }  # fmt: skip


def came_again(rng: Random, tables: Tables) -> None:
    """Adds contacts on the very day of completion, and 365 and 366 days after: the ends of the follow-up."""
    offers = [row for row in tables.get("support", ()) if row["completed_on"] and row["pupil_ref"] != "not_identified"]
    if not offers or "contact" not in tables:
        return
    for n, offer in enumerate(rng.sample(offers, rng.randint(0, min(6, len(offers))))):
        on_day = a_year_later(offer["completed_on"], rng.choice((0, 1, 365, 365, 366)))
        contact = {"contact_ref": f"again{n}", "urn": offer["urn"], "occurred_at": f"{on_day}T12:00"}
        tables["contact"].append(contact)
        tables["involvement"].append(_involvement(rng, contact["contact_ref"], offer["pupil_ref"]))
