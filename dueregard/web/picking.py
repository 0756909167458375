"""What may be picked in a form: schools, officers and postings that this person may see."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from dueregard.errors import NotThere
from dueregard.store import figures, looks
from dueregard.store.actor import Actor
from dueregard.store.versions import current, holding
from dueregard.terms.lists import code_list
from dueregard.web.forms.fields import CHOOSE
from dueregard.web.registers import GROUPS, OFFICERS, OWN_SCHOOLS, POSTINGS, SCHOOLS
from dueregard.web.wording import NOT_SPLIT

NOTHING = ("", "None")
# Where a list would be too long, the reference is typed. These tell where it is found.
TYPED = {
    SCHOOLS: "There are more schools than a list can hold: type the school's number. Find it by name under Schools.",
    OWN_SCHOOLS: "There are more schools than a list can hold: type the school's number. Find it by name under Schools.",
    OFFICERS: "There are more officers than a list can hold: type the officer's reference. Find it by name under Officers.",
    POSTINGS: "There are more postings than a list can hold: begin at the posting in the register, and it is filled in.",
}  # fmt: skip
Choices = list[tuple[str, str]]


def pick(what: str, *, by: Actor, on: date) -> Choices | None:
    """The choices of a list of things; None where there are more than a list can hold: the reference is typed then."""
    found = {SCHOOLS: schools, OFFICERS: officers, POSTINGS: postings, OWN_SCHOOLS: own_schools, GROUPS: groups}
    return found[what](by=by, on=on)


def schools(*, by: Actor, on: date) -> Choices | None:
    rows = _rows("school", by, order=("urn",))
    told = sorted(((r["urn"], f"{_name(r)} ({r['urn']})") for r in rows), key=lambda pair: pair[1])
    return None if len(rows) >= looks.MOST else [("", "Choose a school"), *told]


def officers(*, by: Actor, on: date) -> Choices | None:
    rows = _rows("officer", by, order=("name",))
    told = [(r["officer_ref"], r["name"]) for r in rows]
    return None if len(rows) >= looks.MOST else [("", "Choose an officer"), *told]


def postings(*, by: Actor, on: date) -> Choices | None:
    rows = _rows("posting", by, order=("urn", "from_on"))
    if len(rows) >= looks.MOST:
        return None
    names = names_of(r["urn"] for r in rows)
    told = [(r["posting_ref"], f"{names.get(r['urn'], r['urn'])}, from {r['from_on']:%d.%m.%Y}") for r in rows]
    return [NOTHING, *told]


def own_schools(*, by: Actor, on: date) -> Choices | None:
    """The schools where this officer is posted on this day, the newest posting first; every school for who has none."""
    mine = schools_of_postings(by=by, on=on)
    if not mine:
        return schools(by=by, on=on)
    names = names_of(mine)
    return [(urn, f"{names.get(urn, urn)} ({urn})") for urn in mine]


def without_blank(choices: Choices | None, blank: str = "None") -> Choices | None:
    """The same choices, with none of them as an answer."""
    return None if choices is None else [("", blank), *choices[1:]]


def urns_named(text: str) -> list[str]:
    """Schools whose name holds this text, or whose number it is. Names of schools are told on the public page."""
    from django.db.models import Q

    found = current("school").filter(Q(name__icontains=text) | Q(urn=text)).order_by("name")
    return list(found.values_list("urn", flat=True))


def officers_named(refs: Iterable[str], *, by: Actor) -> dict[str, str]:
    """The names of these officers, for those who may see them."""
    asked = sorted(set(refs))
    found = _rows("officer", by, where={"officer_ref__in": asked}) if asked else ()
    return {r["officer_ref"]: r["name"] for r in found}


def groups(*, by: Actor, on: date) -> Choices | None:
    """The broad groups in which a school or a survey counts; what is not split by ethnicity is of all together."""
    broad = [("W", "White"), ("M", "Mixed"), ("A", "Asian"), ("B", "Black"), ("O", "Other")]
    return [CHOOSE, *broad, ("not_stated", "Not stated"), ("unknown", "Unknown"), ("all", NOT_SPLIT)]


def schools_of_postings(*, by: Actor, on: date) -> list[str]:
    """Where is this officer posted on this day? The newest posting first."""
    if not by.officer_ref:
        return []
    held = _rows("posting", by, where={"officer_ref": by.officer_ref, "from_on__lte": on}, order=("-from_on",))
    return list(dict.fromkeys(r["urn"] for r in held if r["to_on"] is None or r["to_on"] >= on))


def names_of(urns: Iterable[str]) -> dict[str, str]:
    """The names of these schools. The public page tells them to everybody, so that this is no look at a record."""
    asked = set(urns)
    if len(asked) == 1:
        return {school.urn: school.name for school in holding("school", urn=asked.pop())}
    return dict(current("school").filter(urn__in=asked).values_list("urn", "name"))


def _name(school: looks.Row) -> str:
    """A school's name; its number for those who see no names."""
    return str(school.values.get("name") or school["urn"])


def _rows(table: str, by: Actor, **asked: object) -> tuple[looks.Row, ...]:
    try:
        return looks.rows(table, by=by, limit=looks.MOST, act="pick", **asked)  # type: ignore[arg-type]
    except NotThere:
        return ()


def services_at(urn: str, *, on: date) -> Choices:
    """Which help is on offer at this school on this day? Where nothing is entered for it, every kind may be named."""
    offered = [(term.code, term.label) for term in figures.services_at(urn, on)] if urn else []
    return offered or [(term.code, term.label) for term in code_list("service")]
