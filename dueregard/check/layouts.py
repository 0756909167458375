"""Flat layouts: rows judged as they came, then turned into native rows, and told of in their own words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from dueregard.check.accept import accept, findings_of
from dueregard.check.keys import key_rules
from dueregard.check.meaning import same
from dueregard.check.rules import Rule, as_day, listed, literal, row_rules
from dueregard.check.scan import open_rows, scan, take_meeting
from dueregard.evidence.finding import KEPT_LINES, Finding, counted
from dueregard.evidence.intake import Fill, FillColumn, Intake, Layout
from dueregard.evidence.raw import add_view, big_parts, make_table, named
from dueregard.records.table import Kind, Table
from dueregard.records.tables import table as native_table

CONSEQUENCES = ("E_UNKNOWN_KEY", "W_UNKNOWN_LINK")  # a native row misses another that was refused


@dataclass(frozen=True, slots=True)
class Laid:
    """A layout whose rows were judged. files: those that hold rows of it. stays: they are too big to copy."""

    layout: Layout
    findings: tuple[Finding, ...]
    files: tuple[str, ...]
    stays: bool

    @property
    def rows(self) -> str:
        """SQL for the accepted rows."""
        name = self.layout.table.name
        return f"work_{name} AS w WHERE w._row NOT IN (SELECT _row FROM refused_{name})"


def judge_layouts(intake: Intake, today: date) -> list[Laid]:
    """Judge the rows of every layout by what its mapping declares."""
    return [_judge(intake.connection, layout, today) for layout in intake.layouts]


def _judge(connection: Any, layout: Layout, today: date) -> Laid:
    table = layout.table
    stays = open_rows(connection, table)
    rules = row_rules(table, today)
    scan(connection, table, rules, stays=stays)
    several = key_rules(table) if take_meeting(connection, table) else []
    several += [_once_rule(table, fill) for fill in layout.fills if fill.once_per]
    for rule in several:
        connection.execute(f"INSERT INTO fault_{table.name} SELECT _row, {len(rules)} FROM ({rule.rows})")
        rules.append(rule)
    # the rows are needed as text: no copy of them is made
    accept(connection, table, rules, stays=True, is_last=False)
    findings = tuple(replace(f, table=layout.name) for f in findings_of(connection, table, rules))
    files = connection.execute(f"SELECT DISTINCT _file FROM place_{table.name} ORDER BY 1").fetchall()
    return Laid(layout, findings, tuple(file for (file,) in files), stays)


def _once_rule(table: Table, fill: Fill) -> Rule:
    """Rows that make one native row agree on all that it is made from."""
    made_from = tuple(dict.fromkeys(c.source for c in fill.columns if c.source))
    key = same(table, fill.once_per)
    rows = (
        f"SELECT _row FROM work_{table.name} WHERE ({key}) IN (SELECT ({key}) FROM work_{table.name} GROUP BY {key} "
        f"HAVING count(DISTINCT hash({same(table, made_from)})) > 1)"
    )
    return Rule("E_CONFLICT", table.name, fill.once_per, "", f"rows share a {fill.table} and say different things of it.",
                "decide which row is right.", f"one_{fill.table}", rows)  # fmt: skip


def fill_native(connection: Any, laid: list[Laid]) -> None:
    """Turn the accepted rows of the layouts into native raw rows, in place of those of an earlier turn."""
    targets = dict.fromkeys(fill.table for one in laid for fill in one.layout.fills)
    files = tuple(dict.fromkeys(file for one in laid for file in one.files))
    for target in targets:
        make_table(connection, f"raw_{target}", native_table(target).names)
        if files:
            connection.execute(f"DELETE FROM raw_{target} WHERE _file IN ({listed(files)})")
    for one in laid:
        for fill in one.layout.fills:
            _fill(connection, one, fill)


def _fill(connection: Any, one: Laid, fill: Fill) -> None:
    values = ", ".join(f"{_value(one.layout.table, c)} AS {named(c.name)}" for c in fill.columns)
    selected = f"SELECT w._file, w._line, CAST(NULL AS VARCHAR) AS _column, {values} FROM {one.rows}{_when(fill)}"
    if fill.once_per:
        order = f"row_number() OVER (PARTITION BY {same(one.layout.table, fill.once_per)} ORDER BY w._file, w._line)"
        selected += f" QUALIFY {order} = 1"
    if one.stays:
        add_view(connection, f"raw_{fill.table}", selected, is_file=False) if not _has_view(connection, fill) else None
    else:
        connection.execute(f"INSERT INTO raw_{fill.table} BY NAME {selected}")


def _has_view(connection: Any, fill: Fill) -> bool:
    """A view follows what is refused by itself: it is made once."""
    return bool(big_parts(connection, f"raw_{fill.table}"))


def _value(table: Table, column: FillColumn) -> str:
    """SQL for a native text: translated, or as it stands; days as ISO."""
    if column.value is not None:
        return literal(column.value)
    if column.joined:
        return " || '-' || ".join(f'w."{name}"' for name in column.joined)
    source = table.column(column.source)
    raw = as_day(source) if source.kind in (Kind.DATE, Kind.TIME) else f'w."{column.source}"'
    if source.kind in (Kind.DATE, Kind.TIME):
        return f"COALESCE({raw}, '')"
    if not column.values:
        return raw
    cases = " ".join(f"WHEN {literal(a)} THEN {literal(b)}" for a, b in column.values)
    return f"CASE {raw} {cases} ELSE {raw} END"


def refuse_lines(connection: Any, laid: list[Laid]) -> tuple[int, list[Finding]]:
    """Refuse the rows of layouts of which a native row was refused: how many are there, and which made it with others?"""
    refused, alike = 0, list[Finding]()
    for one in laid:
        for fill in one.layout.fills:
            if not connection.execute(f"SELECT count(*) FROM refused_{fill.table}").fetchone()[0]:
                continue
            refused += _refuse(connection, one, _made_from(one, fill))
            if fill.once_per:
                _find_alike(connection, one, fill)
                alike += _told_alike(connection, one, fill)
                refused += _refuse(connection, one, "SELECT _row, codes FROM alike")
    return refused, alike


def _made_from(one: Laid, fill: Fill) -> str:
    """SQL for the rows of a layout that stand for a refused native row, with its codes."""
    return (
        f"SELECT w._row, r.codes FROM work_{fill.table} AS n JOIN refused_{fill.table} AS r ON r._row = n._row "
        f"JOIN work_{one.layout.table.name} AS w ON w._file = n._file AND w._line = n._line"
    )


def _refuse(connection: Any, one: Laid, rows: str) -> int:
    name = one.layout.table.name
    known = f"SELECT _row FROM refused_{name}"
    found = connection.execute(
        f"INSERT INTO refused_{name} SELECT _row, min(codes) FROM ({rows}) WHERE _row NOT IN ({known}) GROUP BY _row"
    ).fetchone()
    return int(found[0])


def _find_alike(connection: Any, one: Laid, fill: Fill) -> None:
    """Make `alike`: the rows that share a refused native row with the one that stands for it. All fall at once."""
    name, key = one.layout.table.name, same(one.layout.table, fill.once_per)
    keyed = f"SELECT _row, _file, _line, [{key}] AS key FROM work_{name} AS w WHERE true{_when(fill)}"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE alike AS WITH keyed AS ({keyed}), fallen AS ({_made_from(one, fill)}) "
        "SELECT k._row, any_value(k._file) AS _file, any_value(k._line) AS _line, min(f.codes) AS codes FROM keyed AS k "
        "JOIN keyed AS first ON first.key = k.key JOIN fallen AS f ON f._row = first._row "
        f"WHERE k._row NOT IN (SELECT _row FROM refused_{name}) GROUP BY k._row"
    )


def _told_alike(connection: Any, one: Laid, fill: Fill) -> list[Finding]:
    """What is told of these rows: by file and code."""
    found = connection.execute(
        "SELECT _file, split_part(codes, ' ', 1) AS code, count(*), list(_line ORDER BY _line)[:$most] FROM alike "
        "GROUP BY ALL ORDER BY ALL",
        {"most": KEPT_LINES},
    ).fetchall()
    message = f"rows share a {fill.table} that is refused at another row, and are refused with it."
    return [
        Finding(
            code, file, one.layout.name, fill.once_per[0], tuple(lines), counted(n, message), "mend the other row.", n
        )
        for file, code, n, lines in found
    ]


def _when(fill: Fill) -> str:
    """SQL for the conditions of a make."""
    return "".join(f' AND w."{column}" IN ({listed(codes)})' for column, codes in fill.when)


def with_own_columns(findings: list[Finding], laid: list[Laid]) -> list[Finding]:
    """Findings about native rows of a layout, in the words of the file: its layout and its columns.

    Where two native tables of one layout break the same rule in the same column and lines, it is told once.
    """
    own = [_own(finding, laid) for finding in findings]
    return list({(f.code, f.file, f.table, f.column, f.lines, f.rows): f for f in reversed(own)}.values())[::-1]


def _own(finding: Finding, laid: list[Laid]) -> Finding:
    for one in laid:
        fill = next((f for f in one.layout.fills if f.table == finding.table), None)
        if fill is not None and finding.file in one.files:
            return replace(finding, table=one.layout.name, column=fill.source_of(finding.column))
    return finding


def without_consequences(findings: list[Finding], laid: list[Laid]) -> list[Finding]:
    """Leave out that a native row missed another one where both came from one line, which has a fault of its own."""
    files = {file for one in laid for file in one.files}
    causes: dict[str, set[int]] = {}
    for f in findings:
        if f.is_error and f.code not in CONSEQUENCES:
            causes.setdefault(f.file, set()).update(f.lines)
    return [
        f for f in findings
        if f.code not in CONSEQUENCES or f.file not in files or not set(f.lines) <= causes.get(f.file, set())
    ]  # fmt: skip
