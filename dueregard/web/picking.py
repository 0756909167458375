"""What may be picked in a form: schools, officers and postings that this person may see."""

from __future__ import annotations

from datetime import date

from dueregard.errors import NotThere
from dueregard.store import looks
from dueregard.store.actor import Actor
from dueregard.web.registers import OFFICERS, OWN_SCHOOLS, POSTINGS, SCHOOLS

NOTHING = ("", "None")
Choices = list[tuple[str, str]]


def pick(what: str, *, by: Actor, on: date) -> Choices | None:
    """The choices of a list of things; None where there are more than a list can hold: the reference is typed then."""
    found = {SCHOOLS: schools, OFFICERS: officers, POSTINGS: postings, OWN_SCHOOLS: own_schools}[what](by=by, on=on)
    return None if len(found) > looks.MOST else found


def schools(*, by: Actor, on: date) -> Choices:
    return [
        ("", "Choose a school"),
        *((r["urn"], f"{_name(r)} ({r['urn']})") for r in sorted(_rows("school", by, order=("urn",)), key=_name)),
    ]


def officers(*, by: Actor, on: date) -> Choices:
    return [("", "Choose an officer"), *((r["officer_ref"], r["name"]) for r in _rows("officer", by, order=("name",)))]


def postings(*, by: Actor, on: date) -> Choices:
    names = school_names(by=by)
    told = [
        (r["posting_ref"], f"{names.get(r['urn'], r['urn'])}, from {r['from_on']:%d.%m.%Y}")
        for r in _rows("posting", by, order=("urn", "from_on"))
    ]
    return [NOTHING, *told]


def own_schools(*, by: Actor, on: date) -> Choices:
    """The schools where this officer is posted on this day, the newest posting first; every school for who has none."""
    mine = schools_of_postings(by=by, on=on)
    if not mine:
        return schools(by=by, on=on)
    names = {r["urn"]: _name(r) for r in _rows("school", by, where={"urn__in": mine})}
    return [(urn, f"{names.get(urn, urn)} ({urn})") for urn in mine]


def schools_of_postings(*, by: Actor, on: date) -> list[str]:
    """Where is this officer posted on this day? The newest posting first."""
    if not by.officer_ref:
        return []
    held = _rows("posting", by, where={"officer_ref": by.officer_ref, "from_on__lte": on}, order=("-from_on",))
    return list(dict.fromkeys(r["urn"] for r in held if r["to_on"] is None or r["to_on"] >= on))


def school_names(*, by: Actor) -> dict[str, str]:
    return {r["urn"]: _name(r) for r in _rows("school", by)}


def _name(school: looks.Row) -> str:
    """A school's name; its number for those who see no names."""
    return str(school.values.get("name") or school["urn"])


def _rows(table: str, by: Actor, **asked: object) -> tuple[looks.Row, ...]:
    try:
        return looks.rows(table, by=by, limit=looks.MOST, act="pick", **asked)  # type: ignore[arg-type]
    except NotThere:
        return ()


def services_at(urn: str, *, by: Actor, on: date) -> Choices:
    """Which help is on offer at this school on this day? Where nothing is entered for it, every kind may be named."""
    from dueregard.terms.lists import code_list

    labels = code_list("service").labels
    held = _rows("service_offer", by, where={"urn": urn, "from_on__lte": on}) if urn else ()
    offered = [r["service"] for r in held if r["to_on"] is None or r["to_on"] >= on]
    return [(code, label) for code, label in labels.items() if not offered or code in offered]
