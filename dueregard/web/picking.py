"""What may be picked in a form: schools, officers and postings that this person may see."""

from __future__ import annotations

from datetime import date

from dueregard.errors import NotThere
from dueregard.store import looks
from dueregard.store.actor import Actor
from dueregard.web.registers import OFFICERS, OWN_SCHOOLS, POSTINGS, SCHOOLS

NOTHING = ("", "None")
Choices = list[tuple[str, str]]


def pick(what: str, *, by: Actor, on: date) -> Choices:
    """The choices of a list of things. Empty where this person sees none of them."""
    return {SCHOOLS: schools, OFFICERS: officers, POSTINGS: postings, OWN_SCHOOLS: own_schools}[what](by=by, on=on)


def schools(*, by: Actor, on: date) -> Choices:
    return [
        ("", "Choose a school"),
        *((r["urn"], f"{r['name']} ({r['urn']})") for r in _rows("school", by, order=("name",))),
    ]


def officers(*, by: Actor, on: date) -> Choices:
    return [("", "Choose an officer"), *((r["officer_ref"], r["name"]) for r in _rows("officer", by, order=("name",)))]


def postings(*, by: Actor, on: date) -> Choices:
    names = {r["urn"]: r["name"] for r in _rows("school", by)}
    told = [
        (r["posting_ref"], f"{names.get(r['urn'], r['urn'])}, from {r['from_on']:%d.%m.%Y}")
        for r in _rows("posting", by, order=("urn", "from_on"))
    ]
    return [NOTHING, *told]


def own_schools(*, by: Actor, on: date) -> Choices:
    """The schools where this officer is posted on this day come first, and the newest posting is the one chosen."""
    every = schools(by=by, on=on)[1:]
    mine = schools_of_postings(by=by, on=on)
    first = [one for urn in mine for one in every if one[0] == urn]
    return [*first, *(one for one in every if one not in first)] if first else [("", "Choose a school"), *every]


def schools_of_postings(*, by: Actor, on: date) -> list[str]:
    """Where is this officer posted on this day? The newest posting first."""
    if not by.officer_ref:
        return []
    held = _rows("posting", by, where={"officer_ref": by.officer_ref, "from_on__lte": on}, order=("-from_on",))
    return list(dict.fromkeys(r["urn"] for r in held if r["to_on"] is None or r["to_on"] >= on))


def school_names(*, by: Actor) -> dict[str, str]:
    return {r["urn"]: r["name"] for r in _rows("school", by)}


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
