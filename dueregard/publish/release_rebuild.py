"""The tables of a release made again from the protected counts that they show: every printed figure must come out the same."""

from __future__ import annotations

from dataclasses import replace

from dueregard.evidence.protected import ProtectedCell, ProtectedCells
from dueregard.evidence.published import AREA, PublishedTable, Row, spelt
from dueregard.evidence.released import Question, Released
from dueregard.publish import release_tables as made
from dueregard.publish.release_lines import KINDS, STRATUM

SCHOOLS = "schools"  # the coordinate that names the set of schools


def figures_that_differ(released: Released, estimates: made.Estimates) -> list[str]:
    """Which tables do not follow from their protected counts? In words."""
    tables = {table.id: table for table in released.published.tables}
    asked = {q.id + kind: (q, kind) for q in released.questions for kind in KINDS}
    faults = [f"{id}: no question of the release asks for this table." for id in tables if id not in asked]
    for id in (id for id in tables if id in asked):
        try:
            again = rebuilt(*asked[id], tables[id], estimates)
        except (KeyError, ValueError, IndexError, AssertionError):
            faults.append(f"{id}: its rows are not those of its question.")
            continue
        if again != tables[id]:
            faults.append(f"{id}: {_first_difference(again, tables[id])}")
    faults += [f"{q.id}: the release has no table of it." for q in released.questions
               if not any(q.id + kind in tables for kind in KINDS)]  # fmt: skip
    return faults + _wrong_sets(released)


def rebuilt(question: Question, kind: str, table: PublishedTable, estimates: made.Estimates) -> PublishedTable:
    """The same table from its counts alone. Raises KeyError or ValueError where its rows are of another question."""
    within = (STRATUM[kind],) if kind in STRATUM else ()
    measure = replace(question.measure, within=within)
    cells = tuple(_cell(row, measure.columns, within) for row in table.rows)
    sets = {dict(row.of)["period"]: dict(row.of)[SCHOOLS] for row in table.rows if SCHOOLS in dict(row.of)}
    manner = made.Manner(question.comparison, estimates, sets)
    if kind not in STRATUM:
        return made.table(table.id, _cells(question, measure, cells, ()), manner)
    return made.strata_table(table.id, _cells(question, measure, (), cells), manner, over_schools=kind == AREA)


def _cell(row: Row, columns: tuple[str, ...], within: tuple[str, ...]) -> ProtectedCell:
    told = dict(row.of)
    codes = tuple(told[column] for column in columns)
    return ProtectedCell(told["period"], tuple(told[name] for name in within), codes, row.n, row.denominator)


def _cells(question, measure, whole, strata) -> ProtectedCells:  # type: ignore[no-untyped-def]
    return ProtectedCells(
        measure, "", question.periods, whole, strata, (), (), question.not_identified, question.disagreeing
    )


def _first_difference(again: PublishedTable, table: PublishedTable) -> str:
    if [row.of for row in again.rows] != [row.of for row in table.rows] or again.adds_up != table.adds_up:
        return "its rows are not those of its question, or not in the order of their lists."
    for one, other in zip(again.rows, table.rows, strict=True):
        if one != other:
            named = spelt(other.of)
            return f"a printed figure does not follow from the protected counts ({named})."
    return "it does not follow from the protected counts."


def _wrong_sets(released: Released) -> list[str]:
    """Is each set of schools called by the schools in it, and is every school of a table in a set?"""
    sets = dict(released.published.school_sets)
    faults = [f"The set of schools {name} is not the set of that name." for name, schools in sets.items()
              if made.set_name(schools) != name]  # fmt: skip
    rows = [dict(row.of) for table in released.published.tables for row in table.rows]
    unknown = {told[SCHOOLS] for told in rows if SCHOOLS in told} - set(sets)
    known = {school for schools in sets.values() for school in schools}
    strange = {told["school"] for told in rows if "school" in told and SCHOOLS not in told} - known
    faults += [f"Nothing tells which schools are in the set {name}." for name in sorted(unknown)]
    return faults + [f"School {name} stands in a table, and enters no figure." for name in sorted(strange)]
