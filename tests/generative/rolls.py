"""Made-up rolls: by pupil, counted, mixed, and tabulated; and stages that are only counted."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from random import Random

from dueregard.records.tables import table
from dueregard.terms.stages import STAGES

from . import words
from .events import PUPILS, distinct
from .words import Rows, Tables

KINDS = ("by_pupil", "by_pupil", "by_pupil", "counted", "counted", "mixed", "tabulated", "tabulated", "tabulated")
CELL_STATES: tuple[str, ...] = ("suppressed", "not_collected", "partial", "not_applicable")
WORDS = ("ethnicity", "sex", "sen_provision", "sen_type", "disability", "year_group", "is_fsm")
Shape = tuple[dict[str, Sequence[str]], str]  # a tabulation: the codes of its columns, and its name


def roll(rng: Random, urns: Sequence[str], kind: str) -> Rows:
    """A roll of one of KINDS. Schools may lack a census, or the roll as a whole."""
    if kind == "tabulated":
        return tabulated_roll(rng, urns)
    has_age, has_status, has_state = rng.random() < 0.4, rng.random() < 0.5, rng.random() < 0.2
    rows: Rows = []
    for urn in urns:
        is_by_pupil = kind == "by_pupil" or (kind == "mixed" and rng.random() < 0.5)
        for census in sorted(_censuses(rng)):
            for n in range(rng.randint(2, 8)):
                row = _characteristics(rng) | {"urn": urn, "census_on": census, "n_pupils": str(rng.randint(0, 30))}
                if has_age:
                    row["age_on_31_august"] = rng.choice(words.AGES)
                if has_status:
                    row["enrolment_status"] = rng.choice(words.STATUSES)
                if is_by_pupil:
                    row |= {"pupil_ref": rng.choice(PUPILS) if n % 3 else f"q{urn}-{n}", "n_pupils": "1"}
                elif has_state:
                    row |= _state(rng, "n_pupils", rng.randint(0, 30), rarely=0.05)
                rows.append(row)
    if has_status:
        rows += _registered_twice(rng, urns, rows)
    rows = rows or [{"urn": urns[0], "census_on": "2024-01-18", "n_pupils": "5"}]
    return _once_at_school(distinct(rows, *(name for name in table("roll").key)))


def _once_at_school(rows: Rows) -> Rows:
    """A pupil is on roll of a school once at a census."""
    kept: dict[object, dict[str, str]] = {}
    for n, row in enumerate(rows):
        is_told_apart = row.get("pupil_ref") and is_on_roll(row)
        kept.setdefault((row["urn"], row["census_on"], row["pupil_ref"]) if is_told_apart else n, row)
    return list(kept.values())


def is_on_roll(row: dict[str, str]) -> bool:
    return row.get("enrolment_status", "") not in ("F", "G", "O", "P", "S")


def _censuses(rng: Random) -> set[str]:
    if rng.random() < 0.08:
        return set()
    return {rng.choice(words.YEAR_CENSUSES), *rng.sample(words.CENSUSES, rng.randint(0, 3))}


def _characteristics(rng: Random) -> dict[str, str]:
    return {
        "year_group": rng.choice(words.YEARS), "sex": rng.choice(words.SEX),
        "ethnicity": rng.choice(words.ROLL_ETHNICITY), "sen_provision": rng.choice(words.SEN),
        "sen_type": rng.choice(words.SEN_TYPE), "disability": rng.choice(words.DISABILITY),
        "is_fsm": rng.choice(words.FSM),
    }  # fmt: skip


def _registered_twice(rng: Random, urns: Sequence[str], rows: Rows) -> Rows:
    """Some pupils with main registration M stand in another school's roll too, as S, described otherwise."""
    main = [row for row in rows if row.get("enrolment_status") == "M" and row.get("pupil_ref")]
    return [row | _characteristics(rng) | {"enrolment_status": "S", "urn": rng.choice(urns)} for row in main[:3]]


def _state(rng: Random, number: str, n: int, *, rarely: float, states: Sequence[str] = CELL_STATES) -> dict[str, str]:
    """A cell with its state; a suppressed one of the roll is sometimes bounded, on one side or both."""
    state = rng.choice(states) if rng.random() < rarely else rng.choice(("counted", "counted", ""))
    if state in ("counted", ""):
        return {number: str(n), "state": state}
    found = {number: str(n) if state == "partial" and rng.random() < 0.5 else "", "state": state}
    if number == "n_pupils" and rng.random() < 0.5:
        found |= {"at_least": rng.choice(("0", "1", "")), "at_most": rng.choice(("2", "4", ""))}
    return found


# ---------------------------------------------------------------- tabulations


def _cells(
    rng: Random, number: str, columns: dict[str, Sequence[str]], tabulation: str, rarely: float, states: Sequence[str]
) -> Rows:
    return [
        dict(zip(columns, codes, strict=True))
        | {"tabulation": tabulation}
        | _state(rng, number, rng.randint(0, 40), rarely=rarely, states=states)
        for codes in product(*columns.values())
    ]


def shapes(rng: Random) -> list[Shape]:
    """Which tabulations are there, with which columns? A name may begin like a population and be another."""
    ethnicity, sex = (
        {"ethnicity": rng.choice((words.FEDERAL, words.FEDERAL, ("WBRI", "B", "M1", "not_stated")))},
        {"sex": ("F", "M")},
    )
    need = {"disability": ("none", "idea")}
    known: list[Shape] = [
        (ethnicity | sex, "all"), (ethnicity | sex, "all"), (ethnicity, "all:by_ethnicity"), (sex, "all:by_sex"),
        ({}, "all:total"), (ethnicity | need, "all:by_need"), (ethnicity | sex | need, "all:crossed"),
        (ethnicity | sex, "idea"), (sex, "504"), (sex, "504:by_sex"), ({"sen_provision": ("N", "K", "E")}, "all:by_sen"),
        (need | sex, "allied"),
    ]  # fmt: skip
    chosen = rng.sample(known, rng.randint(2, 7))
    return list({name: (columns, name) for columns, name in chosen}.values())


def tabulated_roll(rng: Random, urns: Sequence[str]) -> Rows:
    """Counts of several tabulations; a population may be suppressed in every school, so that only bounds are known."""
    rows: Rows = []
    for columns, tabulation in shapes(rng):
        more = {"year_group": ("9", "10")} if rng.random() < 0.1 else {}
        is_hidden = tabulation != "all" and rng.random() < (0.2 if tabulation.startswith("all:") else 0.5)
        rarely, states = (
            (0.7, ("suppressed",)) if is_hidden else (rng.choice((0.0, 0.0, 0.03)), (rng.choice(CELL_STATES),))
        )
        for urn, census in product(urns, rng.choice((("2024-01-18",), ("2023-10-05", "2024-01-18"), ("2022-10-06",)))):
            if rng.random() < 0.9:
                found = _cells(rng, "n_pupils", {**columns, **more}, tabulation, rarely, states)
                rows += [{"urn": urn, "census_on": census} | cell for cell in found]
    return rows or [{"urn": urns[0], "census_on": "2024-01-18", "tabulation": "all", "n_pupils": "9"}]


def stage_counts(rng: Random, urns: Sequence[str], tables: Tables) -> Rows:
    """Counts of stages that no table of rows holds; beside rows of other stages."""
    rows: Rows = []
    free = [s for s in STAGES if not _is_held(tables, s.table, s.codes)]
    for declared in rng.sample(free, min(len(free), 3)):
        units = rng.choice((("pupils",), ("pupils",), ("involvements",), ("pupils", "involvements"), ("events",)))
        periods = rng.choice((("2022/23", "2023/24"), ("2023/24",), ("2023/24",), ("fy2023/24",), ("2023/24-autumn",)))
        for (columns, tabulation), unit in product(shapes(rng), units):
            rarely = rng.choice((0.0, 0.0, 0.0, 0.02))
            for urn, period in product(urns, periods):
                if rng.random() < 0.9:
                    found = _cells(rng, "n", columns, tabulation, rarely, CELL_STATES)
                    rows += [{"urn": urn, "period": period, "stage": declared.code, "unit": unit} | c for c in found]
    return rows


def _is_held(tables: Tables, name: str, codes: tuple[str, ...]) -> bool:
    """Do rows hold this stage? `step` holds those that stand in it; any other table holds its stages by being there with a row."""
    rows = tables.get("involvement" if name == "contact" else name, [])
    return any(row["stage"] == codes[0] for row in rows) if name == "step" else bool(rows)
