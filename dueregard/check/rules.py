"""The rules, as data. Those of a column follow from its declaration in `records`; the others are declared here.

A predicate is SQL over one raw row `w` (all columns text; NULL where the source has no such column); it is true where
the row breaks the rule. A rule across rows or tables has `rows` instead: SQL that gives the row numbers that break it,
asked when the tables it needs are there. E_ refuses the row, W_ only tells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from dueregard.records.table import DECIMAL_PATTERN, INTEGER_PATTERN, KEY_PATTERN, TIME_PATTERN, Column, Kind, Table
from dueregard.records.tables import TABLE_NAMES
from dueregard.terms.lists import code_list
from dueregard.terms.missing import NOT_IDENTIFIED
from dueregard.terms.stages import STAGES, STEP_STAGES

TEXT_PATTERN = r"[^\x00-\x1f\x7f\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}]{0,200}"
REWRITTEN_PATTERN = r"\d+\.0+|\d\.\d+[Ee]\+\d+"  # what a spreadsheet makes of a reference that looks like a number
FORMS = {
    Kind.KEY: ("reference", "up to 64 letters, digits and . _ : / - without blanks."),
    Kind.TEXT: ("name", "up to 200 characters, none of them invisible."),
}
OF_A_TIME = re.compile("%-?[HIMSp]")
FEW = 6
EARLIEST, LATEST = "1800-01-01", "2100-12-31"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: whom it concerns, what breaks it, what a person is told and can try.

    name: what the rule asks, unique in its table and column. needs: tables without which it is not asked.
    reference: (column, table, column there) that it asks for by `outside`, as its only look at another table.
    only_if: SQL that gives a row where the question makes sense at all. of_whole: one row stands for a whole (a school),
    and the source's own column of a cell says nothing.
    """

    code: str
    table: str
    columns: tuple[str, ...]
    predicate: str
    message: str
    try_this: str = ""
    name: str = ""
    rows: str = ""
    needs: tuple[str, ...] = ()
    only_if: str = ""
    of_whole: bool = False
    reference: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The rule's name over all tables, such as `contact.occurred_at.future`."""
        return f"{self.table}.{'+'.join(self.columns)}.{self.name}"

    @property
    def column(self) -> str:
        """The column that a finding names: the first."""
        return self.columns[0] if self.columns else ""

    @property
    def is_error(self) -> bool:
        return self.code.startswith("E_")

    @property
    def level(self) -> str:
        return "error" if self.is_error else "warning"


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def listed(codes: tuple[str, ...]) -> str:
    return ", ".join(literal(c) for c in codes)


def _matches(name: str, pattern: str) -> str:
    return f'regexp_full_match("{name}", {literal(pattern)})'


def _filled(name: str) -> str:
    return f"\"{name}\" <> ''"  # NULL, where the source has no such column, is not true either


def column_rules(table: str, column: Column, today: date) -> list[Rule]:
    """Which rules follow from a column's declaration?"""
    rules = []
    if not column.blank:
        rules.append(
            Rule(
                "E_BLANK", table, (column.name,), f"\"{column.name}\" = ''", "values are blank.", "fill them.", "blank"
            )
        )
    return rules + _kind_rules(table, column, today)


def _kind_rules(table: str, column: Column, today: date) -> list[Rule]:
    name, filled = column.name, _filled(column.name)

    def rule(code: str, asks: str, broken: str, message: str, try_this: str = "") -> Rule:
        return Rule(code, table, (name,), f"{filled} AND {broken}", message, try_this, asks)

    if column.kind is Kind.CODE:
        return _code_rules(rule, column)
    if column.kind in (Kind.KEY, Kind.TEXT):
        return _text_rules(rule, column)
    if column.kind in (Kind.DATE, Kind.TIME):
        return _day_rules(rule, column, today)
    return _number_rules(rule, column)


def _code_rules(rule, column: Column) -> list[Rule]:  # type: ignore[no-untyped-def]
    lists = ", ".join(code_list(x).title for x in column.lists) or "that the mapping declares"
    try_this = (
        f"a code that `dueregard terms {column.lists[0]}` lists."
        if column.lists
        else "declare the code in the mapping."
    )
    codes = listed(column.allowed)
    outside = f'"{column.name}" NOT IN ({codes})'
    if len(column.allowed) > FEW:  # a long list is looked up, not gone through: half the time over millions of rows
        outside = f'TRY_CAST("{column.name}" AS ENUM({codes})) IS NULL'
    found = [rule("E_CODELIST", "list", outside, f"values are not in the list ({lists}).", try_this)]
    return found + _range_rules(rule, column)


def _text_rules(rule, column: Column) -> list[Rule]:  # type: ignore[no-untyped-def]
    pattern = column.pattern or (KEY_PATTERN if column.kind is Kind.KEY else TEXT_PATTERN)
    form, hint = FORMS[column.kind]
    form, hint = (
        ("reference of this source", "look for lost zeros and strange letters.") if column.pattern else (form, hint)
    )
    found = [
        rule(
            "E_PATTERN",
            "form",
            f"NOT {_matches(column.name, pattern)}",
            f"values do not have the form of a {form}.",
            hint,
        )
    ]
    if column.kind is Kind.KEY:
        point = f"contains(\"{column.name}\", '.') AND "  # asked first: it costs little
        found.append(rule("E_TYPE", "rewritten", point + _matches(column.name, REWRITTEN_PATTERN),
                          "values are numbers that a spreadsheet has rewritten.", "keep the column as text."))  # fmt: skip
    return found


def _iso_of(column: Column, written: str) -> str:
    """How a day in this format is written again: one without a time stays without, and is compared as a day."""
    has_time = column.kind is Kind.TIME and OF_A_TIME.search(written)
    return "%Y-%m-%dT%H:%M:%S" if has_time else "%Y-%m-%d"


def as_day(column: Column) -> str:
    """SQL for a raw day as an ISO text, or NULL where it is none in the formats of the column."""
    name = f'"{column.name}"'
    if not column.formats:
        if column.kind is Kind.DATE:  # a day is as it would be written again
            # of ten signs, because the database also writes years of five figures, and those before Christ
            return (
                f"CASE WHEN length({name}) = 10 AND CAST(TRY_CAST({name} AS DATE) AS VARCHAR) = {name} THEN {name} END"
            )
        is_time = f"{_matches(column.name, TIME_PATTERN)} AND TRY_CAST({name} AS TIMESTAMP) IS NOT NULL"
        # the database takes 24:00 for the day after: another day, which may be another year
        return f"CASE WHEN {is_time} AND substr({name}, 12, 2) <> '24' THEN {name} END"

    tried = (
        # a day must be written just as the format writes it: no day is guessed
        f"CASE WHEN strftime(try_strptime({name}, {literal(f)}), {literal(f)}) = {name} "
        f"THEN strftime(try_strptime({name}, {literal(f)}), {literal(_iso_of(column, f))}) END"
        for f in column.formats
    )
    return f"COALESCE({', '.join(tried)})"


def _day_rules(rule, column: Column, today: date) -> list[Rule]:  # type: ignore[no-untyped-def]
    text, raw = as_day(column), f'"{column.name}"'
    written = " or ".join(column.formats) or "year-month-day, such as 2024-01-18"
    # ISO days compare as text, so that most are done with before they are taken apart
    day = f"left({text}, 10)" if column.formats else f"left({raw}, 10)"
    is_day = f" AND ({text}) IS NOT NULL"
    earliest = column.earliest or EARLIEST
    rules = [
        rule("E_DATE_FORMAT", "format", f"({text}) IS NULL", "values are not a day.", f"{written}."),
        rule("E_DATE_RANGE", "range", f"{day} NOT BETWEEN '{earliest}' AND '{LATEST}'{is_day}",
             f"days are before {earliest} or out of any range.", "look at the year."),
    ]  # fmt: skip
    if column.past:
        late = f"{day} > '{today.isoformat()}'{is_day}"
        rules.append(rule("E_DATE_RANGE", "future", late, "days lie in the future.", "look at the year."))
    return rules


def _number_rules(rule, column: Column) -> list[Rule]:  # type: ignore[no-untyped-def]
    is_whole = column.kind is Kind.INTEGER
    pattern = INTEGER_PATTERN if is_whole else DECIMAL_PATTERN
    wrong = f"NOT {_matches(column.name, pattern)}"
    hint = "digits alone." if is_whole else "digits, with at most two decimals."
    return [
        rule("E_TYPE", "number", wrong, "values are not a number of this kind.", hint),
        *_range_rules(rule, column),
    ]


def _range_rules(rule, column: Column) -> list[Rule]:  # type: ignore[no-untyped-def]
    number = f'TRY_CAST("{column.name}" AS DOUBLE)'
    rules = []
    if column.least is not None:
        rules.append(rule("E_RANGE", "least", f"{number} < {column.least}", f"values are below {column.least}.",
                          "a reserve code is a state, never a number."))  # fmt: skip
    if column.most is not None:
        rules.append(rule("E_RANGE", "most", f"{number} > {column.most}", f"values are above {column.most}."))
    return rules


def period_rules(table: Table) -> list[Rule]:
    """Ends lie not before starts."""
    days = {c.name: as_day(c) for c in table.columns if c.kind is Kind.DATE}
    return [
        Rule("E_DATE_RANGE", table.name, (after, before), f"{days[after]} < {days[before]}", f"days lie before {before}.",
             "look at both days.", "order")
        for before, after in table.periods
    ]  # fmt: skip


def _cell_rules(table: str, number: str) -> tuple[Rule, Rule]:
    state = "COALESCE(NULLIF(\"state\", ''), 'counted')"
    return (
        Rule("E_CONFLICT", table, (number, "state"), f"{state} = 'counted' AND COALESCE(\"{number}\", '') = ''",
             "cells are said to be counted and have no number.", "write the number, or the state.", "counted"),
        Rule("E_CONFLICT", table, (number, "state"),
             f"{state} NOT IN ('counted', 'partial') AND COALESCE(\"{number}\", '') <> ''",
             "cells are said not to be known and have a number.", "leave the number empty.", "not_counted"),
    )  # fmt: skip


YEAR = r"(\d{4})/(\d{2})"
PERIOD = r"(fy)?(\d{4})/(\d{2})|(\d{4})/(\d{2})-(autumn|spring|summer)"


def _year_rule(table: str, column: str, pattern: str, message: str) -> Rule:
    """The second year follows the first."""
    first = f"TRY_CAST(regexp_extract(\"{column}\", '(\\d{{4}})/', 1) AS BIGINT)"
    second = f"TRY_CAST(regexp_extract(\"{column}\", '/(\\d{{2}})', 1) AS BIGINT)"
    broken = f"NOT COALESCE({_matches(column, pattern)} AND ({first} + 1) % 100 = {second}, false)"
    return Rule("E_PATTERN", table, (column,), broken, message, "such as 2023/24.", "year")


def _above_rules(table: Table) -> list[Rule]:
    return [
        Rule("E_RANGE", table.name, (number, most), f'TRY_CAST("{number}" AS BIGINT) > TRY_CAST("{most}" AS BIGINT)',
             f"{wrong}.", "look at both numbers.", "order")
        for number, most, wrong in table.not_above
    ]  # fmt: skip


SUBJECTS = (*TABLE_NAMES, *(s.code for s in STAGES))
AGE_IN_YEAR = 'TRY_CAST("{age}" AS INTEGER) - TRY_CAST("year_group" AS INTEGER)'

DECLARED: tuple[Rule, ...] = (
    *_cell_rules("roll", "n_pupils"),
    *_cell_rules("stage_count", "n"),
    _year_rule("stage_count", "period", PERIOD, "values are not a period."),
    _year_rule("calendar", "academic_year", YEAR, "values are not an academic year."),
    _year_rule("sanction", "academic_year", YEAR, "values are not an academic year."),
    Rule("E_CODELIST", "step", ("stage",), f"\"stage\" NOT IN ({listed(STEP_STAGES)})",
         "stages are counted from another table.", "leave these rows out: contact, power_use and outcome hold them.",
         "source"),
    Rule("E_CODELIST", "collection", ("subject",), f"\"subject\" NOT IN ({listed(SUBJECTS)})",
         "values are neither a table nor a stage.", "`dueregard measures` lists the stages.", "subject"),
    Rule("E_CONFLICT", "roll", ("n_pupils", "pupil_ref"),
         f"\"pupil_ref\" <> '' AND \"n_pupils\" <> '1' AND \"pupil_ref\" <> {literal(NOT_IDENTIFIED)} "
         "AND TRY_CAST(\"n_pupils\" AS BIGINT) <> 1",
         "rows are of one pupil and count another number.", "write 1, or leave pupil_ref blank in a row of several.", "one"),
    Rule("W_DATE_ORDER", "contact", ("recorded_at", "occurred_at"),
         # where one of the two is a day without a time, days are compared
         "\"recorded_at\" <> '' AND (left(\"recorded_at\", least(length(\"occurred_at\"), length(\"recorded_at\"), 10)) < left(\"occurred_at\", 10) OR "
         "(length(\"recorded_at\") > 10 AND length(\"occurred_at\") > 10 AND "
         "TRY_CAST(\"recorded_at\" AS TIMESTAMP) < TRY_CAST(\"occurred_at\" AS TIMESTAMP)))",
         "contacts were recorded before they happened.", "look at both times.", "order"),
    Rule("W_AGE_YEAR_GROUP", "involvement", ("age", "year_group"),
         # year 9 is the year in which pupils turn 14: 13 or 14, and one year more either way out of their year
         f"{AGE_IN_YEAR.format(age='age')} NOT BETWEEN 3 AND 6", "pupils have an age that does not fit their year group.",
         "look at both.", "year_group"),
    Rule("W_AGE_YEAR_GROUP", "roll", ("age_on_31_august", "year_group"),
         f"{AGE_IN_YEAR.format(age='age_on_31_august')} NOT BETWEEN 3 AND 5",
         "rows have an age that does not fit their year group.", "age is meant on the 31 August before the year.",
         "year_group"),
)  # fmt: skip


def row_rules(table: Table, today: date) -> list[Rule]:
    """Every rule that one row of this table can break by itself."""
    rules = [rule for column in table.columns for rule in column_rules(table.name, column, today)]
    return rules + period_rules(table) + _above_rules(table) + [rule for rule in DECLARED if rule.table == table.name]
