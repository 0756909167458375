"""What is declared once is what the database holds, and the gate of the store asks what the rules for files ask."""

from __future__ import annotations

import random
from datetime import date

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from dueregard.check.run import check as judge
from dueregard.collect.rows import collect_rows
from dueregard.records.table import Column, Kind, Table
from dueregard.records.tables import TABLES
from dueregard.store.fields import canonical, codes_of
from dueregard.store.gate import faults_of
from dueregard.store.log import entry
from dueregard.store.models import MODELS
from dueregard.store.tables import STORED
from dueregard.store.versions import write
from dueregard.terms.stages import STEP_STAGES

from .world import NOW, OP, contact

TODAY = date(2026, 11, 23)
# what a gate must catch, and what it must let pass
WORDS = ("", "x", "a b", "-1", "0", "7", "31", "1.5", "1.234", "99999", "2026-11-01", "2026-11-30", "1700-01-01", "2026-13-01",
         "2026-02-30", "2026-11-01T10:30", "2026-11-01T25:00", "unknown", "not_stated", "yes", "Y", "B1", "all", "é" * 201,
         "a\u200bb", "none", "=1", "1e5", "٣", "2026-1-1", "20261101", "2026-11-01T10:30:05")  # fmt: skip


def test_no_migration_is_missing(world):
    call_command("makemigrations", "store", check=True, dry_run=True, verbosity=0)


def test_every_declared_table_has_a_model_with_its_columns():
    for name, table in STORED.items():
        fields = {field.name for field in MODELS[name]._meta.fields}
        assert fields >= set(table.names)
    assert set(MODELS) >= {table.name for table in TABLES}


def broken_values(column: Column) -> list[object]:
    """Values that the declaration forbids and that a constraint of a database can hold."""
    found: list[object] = []
    if column.kind is Kind.CODE:
        found += ["no such code", ""]
    if column.kind in (Kind.KEY, Kind.TIME):
        found += ["a b"] + ([] if column.blank else [""])
    if column.kind is Kind.TEXT:
        found += ["x" * 201] + ([] if column.blank else [""])
    if column.least is not None:
        found.append(column.least - 1)
    if column.most is not None:
        found.append(column.most + 1)
    return found


@pytest.mark.parametrize(
    "name", ["contact", "involvement", "power_use", "step", "outcome", "support", "activity", "posting", "grant"]
)
def test_the_database_holds_what_a_constraint_can_hold(world, name):
    """One row that is whole, and then each of its columns broken by itself, past every check of ours."""
    whole = _whole_row(world, name)
    for column in STORED[name].columns:
        for value in broken_values(column):
            row = MODELS[name](**{**whole, column.name: value})
            with pytest.raises((IntegrityError, Exception)) as told, transaction.atomic():
                row.save(force_insert=True)
            assert type(told.value).__module__.startswith("django.db"), (name, column.name, value)
    MODELS[name](**whole).save(force_insert=True)  # and unbroken it is taken


def _whole_row(world, name: str) -> dict[str, object]:
    ref = contact(world.officer).contact_ref
    own = {"contact_ref": ref, "urn": "100001", "officer_ref": "o1", "pupil_ref": "p1", "person_ref": "u1"}
    given: dict[str, object] = {}
    for column in STORED[name].columns:
        if column.name in own:
            given[column.name] = own[column.name]
        elif column.kind is Kind.CODE:
            given[column.name] = codes_of(column)[0]
        elif column.kind is Kind.DATE:
            given[column.name] = TODAY
        elif column.kind is Kind.TIME:
            given[column.name] = "2026-11-20"
        elif column.kind in (Kind.KEY, Kind.TEXT):
            given[column.name] = "k1"
        else:
            given[column.name] = 1
    first = MODELS["contact"].objects.first()
    if name == "contact":
        given["contact_ref"] = "c1"
    return {
        **given,
        "row_ref": "r1",
        "row_version": 1,
        "row_state": "recorded",
        "row_salt": "s",
        "row_entry_id": first.row_entry_id,
    }


@pytest.mark.parametrize("name", ["contact", "involvement", "power_use", "outcome", "support", "activity", "posting", "establishment",
                                  "consultation", "survey", "roll"])  # fmt: skip
def test_the_gate_of_the_store_agrees_with_the_rules_for_files(name):
    """The same words in every column: what one refuses the other refuses, column by column."""
    table, rng = STORED[name], random.Random(name)
    rows = [_row(table, rng) for _ in range(60)]
    for column in table.columns:
        rows += [{**_row(table, rng), column.name: word} for word in WORDS]
    told = [{fault.column for fault in faults_of(table, row, today=TODAY, answers=False)} for row in rows]
    by_files = _refused_by_files(table, rows)
    wrong = [
        (row, ours, n in by_files)
        for n, (row, ours) in enumerate(zip(rows, told, strict=True))
        if bool(ours) != (n in by_files)
    ]
    assert wrong == []


def _row(table: Table, rng: random.Random) -> dict[str, str]:
    """A row that keeps every rule of its own columns."""
    row = {}
    for column in table.columns:
        if column.kind is Kind.CODE:
            row[column.name] = rng.choice(column.allowed)
        elif column.kind is Kind.DATE:
            row[column.name] = "2026-11-01"
        elif column.kind is Kind.TIME:
            row[column.name] = rng.choice(("2026-11-01", "2026-11-01T10:30", "2026-11-01T10:30:05"))
        elif column.kind is Kind.KEY:
            row[column.name] = f"k{rng.randrange(10**9)}"
        elif column.kind is Kind.TEXT:
            row[column.name] = "plain"
        else:
            row[column.name] = "1" if column.name == "n_pupils" else "5"
    for name in ("state", "tabulation"):
        if name in row:
            row[name] = ""
    return row


# Rules of keys and of other tables, which the store asks in its actions, and the cells of counted tables.
ELSEWHERE = ("E_DUPLICATE_KEY", "E_UNKNOWN_URN", "E_UNKNOWN_KEY", "E_MISSING_TABLE", "E_CONFLICT")


def _refused_by_files(table: Table, rows: list[dict[str, str]]) -> set[int]:
    intake = collect_rows({table.name: [tuple(row[c] for c in table.names) for row in rows]}, source="s", profile="p 1")
    checked = judge(intake, today=TODAY, with_completeness=False)
    own = [f for f in checked.errors if f.code not in ELSEWHERE or f.rule == "roll.n_pupils+pupil_ref.one"]
    assert all(len(f.lines) == f.n_rows for f in own)
    return {line - 1 for f in own for line in f.lines}


def test_a_step_that_another_table_counts_is_refused():
    row = {"contact_ref": "c1", "pupil_ref": "p1", "stage": "charged", "occurred_on": "2026-11-01", "decided_by": "officer",
           "reason": "evidence"}  # fmt: skip
    assert "charged" not in STEP_STAGES
    assert [f.column for f in faults_of(STORED["step"], row, today=TODAY)] == ["stage"]


def test_what_is_written_reads_as_it_was(world):
    with entry("collection", "test", by=OP, now=NOW) as act:
        made = write(act, "posting", {"posting_ref": "p9", "officer_ref": "o1", "urn": "100001", "role": "pcso", "kind": "cluster",
                                      "fte": "0.25", "from_on": "2026-01-01"})  # fmt: skip
    read = MODELS["posting"].objects.get(row_ref=made.row_ref)
    assert {name: canonical(getattr(read, name)) for name in STORED["posting"].names} == {
        "posting_ref": "p9", "officer_ref": "o1", "urn": "100001", "role": "pcso", "kind": "cluster", "fte": "0.25",
        "from_on": "2026-01-01", "to_on": "",
    }  # fmt: skip
