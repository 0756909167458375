"""Check: from an Intake to typed, accepted rows and a report a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from dueregard.check.accept import accept, findings_of, told_of
from dueregard.check.across import asked, dual_rows, roll_rules, twins
from dueregard.check.completeness import completeness_of
from dueregard.check.keys import key_rules, missing_tables, reference_rules, source_rules
from dueregard.check.layouts import (
    Laid,
    fill_native,
    judge_layouts,
    refuse_lines,
    with_own_columns,
    without_consequences,
)
from dueregard.check.rules import Rule, row_rules
from dueregard.check.scan import open_rows, rows_by_file, scan, take_meeting
from dueregard.evidence.finding import FileReport, Finding
from dueregard.evidence.intake import Checked, Intake
from dueregard.evidence.raw import big_parts
from dueregard.records.table import Table
from dueregard.records.tables import TABLES


def check(
    intake: Intake, *, today: date, with_completeness: bool = True, progress: Callable[[str], None] = lambda _: None
) -> Checked:
    """Which rows are accepted, and what is wrong with the others?

    Makes a typed table `<table>` of the accepted rows of each raw one. Every fault is found in one pass. A row of a
    flat layout is judged first by what its mapping declares, then through the native rows that it makes: if one of
    those is refused, so is the whole row, and the rest is judged again without it: what is wrong stays told, and of what is
    only noteworthy the last judgement counts. with_completeness: what is missing
    for which group is counted too; it takes a reading more where rows stay in a big file.
    """
    laid = judge_layouts(intake, today)
    findings = [*intake.findings, *(f for one in laid for f in one.findings)]
    tables = tuple(t for t in TABLES if t.name in intake.tables)
    while True:
        fill_native(intake.connection, laid)
        found = _check_native(intake, tables, today, progress)
        found = with_own_columns(found, laid)
        refused, alike = refuse_lines(intake.connection, laid)
        findings += [f for f in found if f.is_error or not refused] + alike
        if not refused:
            break
        _forget(intake.connection, tables)
    findings = _cut_off(intake, without_consequences(list(dict.fromkeys(findings)), laid))
    return Checked(
        intake,
        _reports(intake, tables, laid, findings),
        completeness_of(intake.connection, tables) if with_completeness or not _is_big(intake) else (),
        _by_school(intake, tables, laid),
    )


def _is_big(intake: Intake) -> bool:
    return any(big_parts(intake.connection, f"raw_{name}") for name in intake.tables)


def _check_native(
    intake: Intake, tables: tuple[Table, ...], today: date, progress: Callable[[str], None]
) -> list[Finding]:
    names = tuple(t.name for t in tables)
    findings = []
    for absent_from, target in missing_tables(names, tables):
        findings.append(Finding("E_MISSING_TABLE", f"{target}.csv", absent_from, "", (),
                                f"`{absent_from}` refers to `{target}`, and no such table could be read.", f"add {target}.csv.",
                                is_whole=True))  # fmt: skip
    for table in tables:
        progress(table.name)
        findings += _check_table(intake.connection, table, names, today)
    refused_whole = any(f.is_whole for f in intake.findings)
    for rule in asked(names):
        if refused_whole and rule.code == "W_NO_RETURN":
            continue  # who sent nothing cannot be told while a file has not been read
        findings += told_of(intake.connection, rule, rule.rows)
    return findings


def _check_table(connection: Any, table: Table, names: tuple[str, ...], today: date) -> list[Finding]:
    stays = open_rows(connection, table)
    references = [rule for rule in reference_rules(table) if set(rule.needs) <= set(names)]
    rules = row_rules(table, today) + [rule for rule in references if rule.predicate]
    scan(connection, table, rules, stays=stays)
    several = key_rules(table) if take_meeting(connection, table) else []
    several += [rule for rule in references if rule.rows]
    several += [rule for rule in source_rules(table) if set(rule.needs) <= set(names)]
    _ask(connection, table, rules, several)
    if table.name == "roll":
        _ask_twins(connection, table, rules)
    accept(connection, table, rules, stays=stays)
    return findings_of(connection, table, rules)


def _ask(connection: Any, table: Table, rules: list[Rule], several: list[Rule]) -> None:
    """Ask rules over several rows, and add them to those that were asked."""
    for rule in several:
        connection.execute(f"INSERT INTO fault_{table.name} SELECT _row, {len(rules)} FROM ({rule.rows})")
        rules.append(rule)


def _ask_twins(connection: Any, table: Table, rules: list[Rule]) -> None:
    """Rules over the rows of one pupil at one census, and which of them is the main one: among rows that no rule refuses."""
    connection.execute(f"CREATE TABLE twin_roll AS {twins(_refused(table, rules))}")
    _ask(connection, table, rules, roll_rules(table))
    connection.execute(f"CREATE TABLE dual_roll AS {dual_rows(_refused(table, rules))}")


def _refused(table: Table, rules: list[Rule]) -> str:
    """SQL for the rows that break an error among the rules that were asked."""
    errors = ", ".join(str(n) for n, rule in enumerate(rules) if rule.is_error)
    return f"SELECT _row FROM fault_{table.name} WHERE rule IN ({errors})"


def _forget(connection: Any, tables: tuple[Table, ...]) -> None:
    """Away with the judgement of native rows, so that they can be judged again without some of them."""
    connection.execute("DROP TABLE IF EXISTS dual_roll; DROP TABLE IF EXISTS twin_roll")
    for table in tables:
        for name in (
            table.name,
            *(f"{kind}_{table.name}" for kind in ("refused", "suspect", "fault", "place", "scan", "judged", "work")),
        ):
            kind = connection.execute(
                "SELECT table_type FROM information_schema.tables WHERE table_name = ?", [name]
            ).fetchone()
            if kind:
                connection.execute(f'DROP {"VIEW" if kind[0] == "VIEW" else "TABLE"} "{name}"')


def _cut_off(intake: Intake, findings: list[Finding]) -> list[Finding]:
    """A last row that no newline ends: if it breaks a rule, the file may have been cut off in it; else that is not known."""
    for file, table, line in intake.unended:
        if _is_refused(intake, findings, file, table, line):
            findings.append(Finding("E_TRUNCATED", file, table, "", (line,), "the last row has no end and breaks a rule.",
                                    "send the file again: it may be cut off."))  # fmt: skip
        else:
            findings.append(Finding("W_NO_LAST_NEWLINE", file, table, "", (line,), "the last row has no end: it was read, and may be cut off.",
                                    "compare its last value with the source."))  # fmt: skip
    return findings


def _is_refused(intake: Intake, findings: list[Finding], file: str, table: str, line: int) -> bool:
    """Was the row of this line refused? A finding keeps its first lines only; the tables have all."""
    if any(f.is_error and f.file == file and line in f.lines for f in findings):
        return True
    table = next((one.table.name for one in intake.layouts if one.name == table), table)
    there = {
        name for (name,) in intake.connection.execute("SELECT table_name FROM information_schema.tables").fetchall()
    }
    if not {f"work_{table}", f"refused_{table}"} <= there:
        return False
    asked = f"SELECT 1 FROM work_{table} JOIN refused_{table} USING (_row) WHERE _file = ? AND _line = ?"
    return intake.connection.execute(asked, [file, line]).fetchone() is not None


def _by_school(intake: Intake, tables: tuple[Table, ...], laid: list[Laid]) -> tuple[tuple[str, str, int, int], ...]:
    """(table, school, rows accepted, rows refused) for the schools that the source knows; others are not named."""
    if "school" not in intake.tables:
        return ()
    asked_of = [(one.layout.name, one.layout.table, one.layout.school) for one in laid if one.layout.school]
    made = {fill.table for one in laid for fill in one.layout.fills}
    asked_of += [(t.name, t, "urn") for t in tables if "urn" in t.names and t.name not in {"school", *made}]
    found = []
    for title, table, column in asked_of:
        if not intake.connection.execute(f"SELECT count(*) FROM refused_{table.name}").fetchone()[0]:
            continue
        rows = intake.connection.execute(
            f"SELECT s.urn, count(*) FILTER (r._row IS NULL), count(r._row) FROM work_{table.name} AS w "
            f'JOIN school AS s ON s.urn = w."{column}" LEFT JOIN refused_{table.name} AS r USING (_row) GROUP BY s.urn '
            "HAVING count(r._row) > 0 ORDER BY s.urn"
        ).fetchall()
        found += [(title, urn, accepted, refused) for urn, accepted, refused in rows]
    return tuple(found)


def _reports(
    intake: Intake, tables: tuple[Table, ...], laid: list[Laid], findings: list[Finding]
) -> tuple[FileReport, ...]:
    """Accepted + rejected = read, a file and a table."""
    mapped = {name for one in laid for name in one.files}
    counts: dict[tuple[str, str], list[int]] = {}
    for file in intake.files:
        counts.setdefault((file.file, file.table), [0, 0])
    for file_name, table_name, _ in intake.rejected:
        counts.setdefault((file_name, table_name), [0, 0])[1] += 1
    for title, table in [*((one.layout.name, one.layout.table) for one in laid), *((t.name, t) for t in tables)]:
        for file_name, read, refused in _row_counts(intake.connection, table):
            if title == table.name and file_name in mapped:
                continue  # its rows were counted as rows of the layout
            count = counts.setdefault((file_name, title), [0, 0])
            count[0] += read - refused
            count[1] += refused
    findings = _of_what_was_sent(intake, counts, findings)
    for finding in findings:
        counts.setdefault((finding.file, finding.table), [0, 0])
    return tuple(
        FileReport(file, table, accepted, rejected, tuple(f for f in findings if (f.file, f.table) == (file, table)))
        for (file, table), (accepted, rejected) in counts.items()
        if file not in intake.registers
    )


def _row_counts(connection: Any, table: Table) -> list[tuple[str, int, int]]:
    """(file, rows, refused rows) of a raw table."""
    refused: dict[str, int] = {}
    if connection.execute(f"SELECT count(*) FROM refused_{table.name}").fetchone()[0]:
        refused = dict(connection.execute(
            f"SELECT _file, count(*) FROM place_{table.name} WHERE _row IN (SELECT _row FROM refused_{table.name}) GROUP BY _file"
        ).fetchall())  # fmt: skip
    return [(file, n, refused.get(file, 0)) for file, n in rows_by_file(connection, table)]


def _of_what_was_sent(
    intake: Intake, counts: dict[tuple[str, str], list[int]], findings: list[Finding]
) -> list[Finding]:
    """What is told of a register that stands beside a mapping belongs to the file that was sent."""
    sent = next(((file, table) for file, table in counts if file not in intake.registers), None)
    if sent is None or not intake.registers:
        return findings
    return [
        replace(f, file=sent[0], table=sent[1], lines=(), rows=f.n_rows, is_whole=f.is_error)
        if f.file in intake.registers
        else f
        for f in findings
    ]
