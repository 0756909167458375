"""What must not change a figure, and what must double it."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from dueregard import steps

from .made_up import Rows, Tables, made_up_question, made_up_tables
from .test_engines_agree import frozen, told

SEEDS = range(3)
DEEP_SEEDS = range(500, 540)
QUESTIONS = 8
REFERENCES = ("urn", "contact_ref", "pupil_ref", "posting_ref", "officer_ref", "support_ref")
KEPT = ("not_identified", "*", "")
seeds = pytest.mark.parametrize("seed", [*SEEDS, *(pytest.param(s, marks=pytest.mark.deep) for s in DEEP_SEEDS)])


def questions(seed: int, tables: Tables) -> list:
    rng = Random(f"laws of {seed}")
    return [made_up_question(rng, tables) for _ in range(QUESTIONS)]


def renamed(tables: Tables, mark: str, *columns: str) -> Tables:
    """Every reference of these columns with a mark before it."""
    return {
        name: [row | {c: mark + row[c] for c in columns if row.get(c, "") not in KEPT} for row in rows]
        for name, rows in tables.items()
    }


@seeds
def test_order_of_rows_changes_nothing(seed, tmp_path):
    tables = made_up_tables(Random(seed))
    shuffled: Tables = {name: Random(seed + 1).sample(rows, len(rows)) for name, rows in tables.items()}
    assert frozen(tables, tmp_path / "as is").id == frozen(shuffled, tmp_path / "shuffled").id


@seeds
def test_names_of_schools_change_only_names(seed, tmp_path):
    """Another name changes no figure; another number (in the same order) changes the strata's names alone."""
    tables = made_up_tables(Random(seed))
    schools: Rows = [row | {"name": f"Academy {n}"} for n, row in enumerate(tables["school"])]
    one = steps.open_engine(frozen(tables, tmp_path / "as is"))
    other = steps.open_engine(frozen(tables | {"school": schools}, tmp_path / "names"))
    third = steps.open_engine(frozen(renamed(tables, "x", "urn"), tmp_path / "numbers"))
    for measure in questions(seed, tables):
        found = told(one, measure)
        assert told(other, measure) == found
        assert _with_numbers(found, measure) == told(third, measure)


def _with_numbers(found, measure):
    if isinstance(found, tuple) or "school" not in measure.within:
        return found
    place = measure.within.index("school")
    strata = (
        replace(c, stratum=(*c.stratum[:place], "x" + c.stratum[place], *c.stratum[place + 1 :])) for c in found.strata
    )
    return replace(found, strata=tuple(strata))


@seeds
def test_an_unrelated_table_changes_no_figure(seed, tmp_path):
    tables = made_up_tables(Random(seed))
    more: Tables = {
        "survey": [{"wave": "2023/24", "area": "Camden", "item": "trust_police", "n_asked": "10", "n_agreed": "7"}],
        "establishment": [{"from_on": "2023-09-01", "kind": "target", "n_posts": "4"}],
        "complaint": [{"complaint_ref": "k1", "urn": tables["school"][0]["urn"], "received_on": "2024-02-01"}],
    }
    one = steps.open_engine(frozen(tables, tmp_path / "as is"))
    other = steps.open_engine(frozen(tables | more, tmp_path / "more"))
    for measure in questions(seed, tables):
        assert told(one, measure) == told(other, measure)


@seeds
def test_every_school_twice_doubles_counts(seed, tmp_path):
    """New schools with new pupils, alike in all else: counts and denominators double, so rates stay."""
    tables = made_up_tables(Random(seed))
    again = renamed(tables, "y", *REFERENCES)
    twice: Tables = {
        name: rows if name == "calendar" else rows + [row for row in again[name] if row.get("urn") != "*"]
        for name, rows in tables.items()
    }
    one = steps.open_engine(frozen(tables, tmp_path / "once"))
    other = steps.open_engine(frozen(twice, tmp_path / "twice"))
    for measure in questions(seed, tables):
        once, both = told(one, measure), told(other, measure)
        if isinstance(once, tuple):
            assert both == once
        else:
            assert _countable(both) == _doubled(_countable(once)), measure


def _countable(cells):
    """The parts that double. Strata by school are other strata, not larger ones."""
    strata = () if "school" in cells.measure.within else cells.strata
    return cells.whole, strata, cells.schools_used, cells.left_out, cells.not_identified, cells.disagreeing


def _doubled(parts):
    whole, strata, used, left_out, not_identified, disagreeing = parts
    return (
        tuple(_twice(c) for c in whole),
        tuple(_twice(c) for c in strata),
        tuple((period, 2 * n) for period, n in used),
        tuple(_left_out_twice(x) for x in left_out),
        2 * not_identified,
        2 * disagreeing,
    )


def _twice(cell):
    return replace(cell, n=2 * cell.n, **{
        name: None if (number := getattr(cell, name)) is None else 2 * number
        for name in ("denominator", "at_least", "at_most")
    })  # fmt: skip


def _left_out_twice(out):
    pupils = None if out.pupils is None else tuple((codes, 2 * n) for codes, n in out.pupils)
    return replace(out, schools=2 * out.schools, pupils=pupils, roll_unknown_schools=2 * out.roll_unknown_schools)
