"""From the words of a person to a Measure: lists by commas, groups by code or label."""

from __future__ import annotations

from dueregard.errors import UnknownName, UsageError
from dueregard.measures.columns import OWN_COLUMNS, SERIES, SPLITS, code_of, order_of
from dueregard.measures.measure import Measure, check_measure
from dueregard.records.tables import table
from dueregard.terms.ethnicity import BROAD, US_FEDERAL
from dueregard.terms.lists import code_list
from dueregard.terms.missing import Missing

FREE = ("area", "age_on_31_august")


def parse_list(text: str | None) -> tuple[str, ...]:
    """`a, b` -> ("a", "b").

    >>> parse_list("ethnicity, sex")
    ('ethnicity', 'sex')
    """
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def parse_where(conditions: list[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """`column=code` or `column=code,code`, codes or labels.

    Raises UsageError or UnknownName and says which columns and codes exist.

    >>> parse_where(["sex=Boys"])
    (('sex', ('M',)),)
    """
    found = []
    for condition in conditions:
        column, equals, codes = condition.partition("=")
        if not equals:
            raise UsageError(f"`{condition}` is not a filter.", try_this="`--where column=code`.")
        column = column.strip()
        if column not in SPLITS and column not in OWN_COLUMNS:
            raise UnknownName("column", column, [*SPLITS, *OWN_COLUMNS])
        found.append((column, tuple(_code(column, part) for part in parse_list(codes))))
    return tuple(found)


def parse_stratum(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """`column=code,column=code`; what has no `=` is one more code of the column before it.

    Raises UsageError or UnknownName.

    >>> parse_stratum("sex=M,year_group=9,10")
    (('sex', ('M',)), ('year_group', ('9', '10')))
    """
    conditions: list[str] = []
    for part in parse_list(text):
        if "=" in part or not conditions:
            conditions.append(part)
        else:
            conditions[-1] += f",{part}"
    found = parse_where(conditions)
    columns = [column for column, _ in found]
    if not found or len(set(columns)) != len(columns):
        raise UsageError("A stratum names each column once.", try_this="`--stratum ethnicity=B,sex=M,year_group=9,10`.")
    return found


def _code(column: str, named: str) -> str:
    if column in FREE:
        return named
    if column in SERIES:
        known = [*BROAD, *US_FEDERAL]
    elif column in SPLITS:
        known = [c for name in SPLITS[column].lists for c in code_list(name).codes]
        known += ["none"] if column == "sen_type" else []
    else:
        known = [c for name in table(OWN_COLUMNS[column]).column(column).lists for c in code_list(name).codes]
    known = sorted({*known, *map(str, Missing)}, key=lambda code: order_of(column, code))
    return code_of(column, named, known)


def question(
    stage: str,
    *,
    unit: str = "pupils",
    denominator: str = "pupils_on_roll",
    by: str = "ethnicity",
    within: str | None = None,
    where: list[str] | None = None,
    period: str | None = None,
) -> Measure:
    """The Measure that these words mean. Raises UsageError or UnknownName."""
    measure = Measure(stage, unit, denominator, parse_list(by), parse_list(within), parse_where(where or []), period)
    check_measure(measure)
    return measure
