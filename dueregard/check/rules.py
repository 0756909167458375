"""The rules, as data. Column rules follow from the declarations of `records`; the others are declared here.

A predicate is SQL over one raw row (all columns text; NULL where the source has no such column); it is true where
the row breaks the rule. E_ refuses the row, W_ only tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dueregard.records.table import Column, Kind, Table
from dueregard.records.tables import TABLE_NAMES
from dueregard.terms.lists import code_list
from dueregard.terms.stages import STAGES, STEP_STAGES

KEY_PATTERN = r"[A-Za-z0-9*][A-Za-z0-9._:/*-]{0,63}"
TEXT_PATTERN = r"[^\x00-\x1f\x7f\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}]{0,200}"
DATE_PATTERN = r"\d{4}-\d{2}-\d{2}"
TIME_PATTERN = r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?)?"
FORMS = {
    Kind.KEY: ("reference", "up to 64 letters, digits and . _ : / - without blanks."),
    Kind.TEXT: ("name", "up to 200 characters, none of them invisible."),
}
EARLIEST, LATEST = "1800-01-01", "2100-12-31"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: whom it concerns, what breaks it, what a person is told and can try."""

    code: str
    table: str
    column: str
    predicate: str
    message: str
    try_this: str = ""

    @property
    def is_error(self) -> bool:
        return self.code.startswith("E_")


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _listed(codes: tuple[str, ...]) -> str:
    return ", ".join(literal(c) for c in codes)


def _matches(name: str, pattern: str) -> str:
    return f'regexp_full_match("{name}", {literal(pattern)})'


def _filled(name: str) -> str:
    return f'"{name}" IS NOT NULL AND "{name}" <> \'\''


def column_rules(table: Table, column: Column, today: date) -> list[Rule]:
    """Which rules follow from a column's declaration?"""
    rules = []
    if not column.blank:
        rules.append(
            Rule("E_BLANK", table.name, column.name, f"\"{column.name}\" = ''", "values are blank.", "fill them.")
        )
    return rules + _kind_rules(table.name, column, today)


def _kind_rules(table: str, column: Column, today: date) -> list[Rule]:
    name, filled = column.name, _filled(column.name)

    def rule(code: str, broken: str, message: str, try_this: str = "") -> Rule:
        return Rule(code, table, name, f"{filled} AND {broken}", message, try_this)

    if column.kind is Kind.CODE:
        lists = ", ".join(code_list(x).title for x in column.lists)
        return [rule("E_CODELIST", f'"{name}" NOT IN ({_listed(column.allowed)})', f"values are not in the list ({lists}).",
                     f"a code that `dueregard terms {column.lists[0]}` lists.")]  # fmt: skip
    if column.kind in (Kind.KEY, Kind.TEXT):
        pattern = KEY_PATTERN if column.kind is Kind.KEY else TEXT_PATTERN
        form, try_this = FORMS[column.kind]
        return [
            rule("E_PATTERN", f"NOT {_matches(name, pattern)}", f"values do not have the form of a {form}.", try_this)
        ]
    if column.kind in (Kind.DATE, Kind.TIME):
        return _day_rules(rule, column, today)
    return _number_rules(rule, column)


def _day_rules(rule, column: Column, today: date) -> list[Rule]:  # type: ignore[no-untyped-def]
    name = column.name
    pattern, kind = (DATE_PATTERN, "DATE") if column.kind is Kind.DATE else (TIME_PATTERN, "TIMESTAMP")
    wrong = f'(NOT {_matches(name, pattern)} OR TRY_CAST("{name}" AS {kind}) IS NULL)'
    day = f'TRY_CAST(left("{name}", 10) AS DATE)'
    rules = [
        rule("E_DATE_FORMAT", wrong, "values are not a day.", "year-month-day, such as 2024-01-18."),
        rule(
            "E_DATE_RANGE",
            f"{day} NOT BETWEEN DATE '{EARLIEST}' AND DATE '{LATEST}'",
            "days are out of any range.",
            "look at the year.",
        ),
    ]
    if column.past:
        rules.append(
            rule("E_DATE_RANGE", f"{day} > DATE '{today.isoformat()}'", "days lie in the future.", "look at the year.")
        )
    return rules


def _number_rules(rule, column: Column) -> list[Rule]:  # type: ignore[no-untyped-def]
    name = column.name
    pattern = r"-?\d{1,15}" if column.kind is Kind.INTEGER else r"-?\d{1,7}(\.\d{1,6})?"
    number = f'TRY_CAST("{name}" AS DOUBLE)'
    rules = [rule("E_TYPE", f"NOT {_matches(name, pattern)}", "values are not a number of this kind.", "digits alone.")]
    if column.least is not None:
        rules.append(rule("E_RANGE", f"{number} < {column.least}", f"values are below {column.least}.",
                          "a reserve code is a state, never a number."))  # fmt: skip
    if column.most is not None:
        rules.append(rule("E_RANGE", f"{number} > {column.most}", f"values are above {column.most}."))
    return rules


def period_rules(table: Table) -> list[Rule]:
    """Ends lie not before starts."""
    return [
        Rule("E_DATE_RANGE", table.name, after,
             f'TRY_CAST("{after}" AS DATE) < TRY_CAST("{before}" AS DATE)', f"days lie before {before}.")
        for before, after in table.periods
    ]  # fmt: skip


def _cell_rules(table: str, number: str) -> tuple[Rule, Rule]:
    state = "COALESCE(NULLIF(\"state\", ''), 'counted')"
    return (
        Rule("E_CONFLICT", table, number, f"{state} = 'counted' AND COALESCE(\"{number}\", '') = ''",
             "cells are said to be counted and have no number.", "write the number, or the state."),
        Rule("E_CONFLICT", table, number, f"{state} NOT IN ('counted', 'partial') AND COALESCE(\"{number}\", '') <> ''",
             "cells are said not to be known and have a number.", "leave the number empty."),
    )  # fmt: skip


YEAR = r"(\d{4})/(\d{2})"
PERIOD = r"(fy)?(\d{4})/(\d{2})|(\d{4})/(\d{2})-(autumn|spring|summer)"


def _year_rule(table: str, column: str, pattern: str, message: str) -> Rule:
    """The second year follows the first."""
    first = f"TRY_CAST(regexp_extract(\"{column}\", '(\\d{{4}})/', 1) AS BIGINT)"
    second = f"TRY_CAST(regexp_extract(\"{column}\", '/(\\d{{2}})', 1) AS BIGINT)"
    broken = f"NOT COALESCE({_matches(column, pattern)} AND ({first} + 1) % 100 = {second}, false)"
    return Rule("E_PATTERN", table, column, broken, message, "such as 2023/24.")


SUBJECTS = (*TABLE_NAMES, *(s.code for s in STAGES))

DECLARED: tuple[Rule, ...] = (
    *_cell_rules("roll", "n_pupils"),
    *_cell_rules("stage_count", "n"),
    _year_rule("stage_count", "period", PERIOD, "values are not a period."),
    _year_rule("calendar", "academic_year", YEAR, "values are not an academic year."),
    _year_rule("sanction", "academic_year", YEAR, "values are not an academic year."),
    Rule("E_CODELIST", "step", "stage", f"\"stage\" NOT IN ({_listed(STEP_STAGES)})",
         "stages are counted from another table.", "leave these rows out: contact, power_use and outcome hold them."),
    Rule("E_CODELIST", "collection", "subject", f"\"subject\" NOT IN ({_listed(SUBJECTS)})",
         "values are neither a table nor a stage."),
    Rule("E_RANGE", "survey", "n_agreed", "TRY_CAST(\"n_agreed\" AS BIGINT) > TRY_CAST(\"n_asked\" AS BIGINT)",
         "more agreed than were asked."),
    Rule("E_RANGE", "consultation", "n_answered",
         "TRY_CAST(\"n_answered\" AS BIGINT) > TRY_CAST(\"n_asked\" AS BIGINT)", "more answered than were asked."),
    Rule("W_DATE_ORDER", "contact", "recorded_at",
         # where one of the two is a day without a time, days are compared
         "left(\"recorded_at\", least(length(\"occurred_at\"), length(\"recorded_at\"), 10)) < left(\"occurred_at\", 10) OR "
         "(length(\"recorded_at\") > 10 AND length(\"occurred_at\") > 10 AND "
         "TRY_CAST(\"recorded_at\" AS TIMESTAMP) < TRY_CAST(\"occurred_at\" AS TIMESTAMP))",
         "contacts were recorded before they happened."),
)  # fmt: skip


def rules_of(table: Table, today: date) -> list[Rule]:
    """Every rule that one row of this table can break by itself."""
    rules = [rule for column in table.columns for rule in column_rules(table, column, today)]
    return rules + period_rules(table) + [rule for rule in DECLARED if rule.table == table.name]
