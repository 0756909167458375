"""From a declared column to a field of the database, and to the rules that the database itself holds."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import (
    BigIntegerField,
    CharField,
    CheckConstraint,
    DateField,
    DecimalField,
    F,
    Field,
    Q,
    UniqueConstraint,
)  # fmt: skip
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual

from dueregard.records.table import KEY_PATTERN, LONGEST_TEXT, TIME_PATTERN, Column, Kind, Table
from dueregard.terms.missing import Missing

LONGEST_KEY = 64
TEXTS = (Kind.KEY, Kind.TEXT, Kind.CODE, Kind.TIME)
LOOKED_UP = ("contact_ref", "pupil_ref", "officer_ref", "urn", "person_ref", "posting_ref", "occurred_at")


def field_of(column: Column) -> Field:
    """Which field holds this column?

    Texts are never NULL: a blank is the empty text. A time is kept as the clock on the wall showed it, as text, so that
    a day alone stays a day alone.
    """
    if column.kind in TEXTS:
        longest = LONGEST_TEXT if column.kind is Kind.TEXT else LONGEST_KEY
        return CharField(max_length=longest, blank=column.blank, default="", db_index=column.name in LOOKED_UP)
    if column.kind is Kind.DATE:
        return DateField(null=column.blank, blank=column.blank)
    if column.kind is Kind.DECIMAL:
        return DecimalField(max_digits=9, decimal_places=2, null=column.blank, blank=column.blank)
    return BigIntegerField(null=column.blank, blank=column.blank)


def codes_of(column: Column) -> tuple[str, ...]:
    """The codes that may be stored: other spellings are resolved before."""
    spellings = {spelling for spelling, code in column.aliases if spelling != code}
    return tuple(code for code in column.allowed if code not in spellings)


def constraints_of(table: Table) -> list[Any]:
    """Every rule of the table that a constraint can hold."""
    found: list[Any] = [c for column in table.columns for c in _column_constraints(table, column)]
    for before, after in table.periods:
        order = Q(**{f"{after}__isnull": True}) | Q(**{f"{after}__gte": F(before)})
        found.append(CheckConstraint(condition=order, name=f"{table.name}_{after}_order"))
    if len(table.key) == 1:
        found.append(UniqueConstraint(fields=(table.key[0], "row_version"), name=f"{table.name}_key"))
    found.append(UniqueConstraint(fields=("row_ref", "row_version"), name=f"{table.name}_version"))
    return found


def _column_constraints(table: Table, column: Column) -> list[CheckConstraint]:
    name, blank = f"{table.name}_{column.name}", Q(**{column.name: ""})
    if column.kind is Kind.CODE:
        held = Q(**{f"{column.name}__in": codes_of(column)})
        return [CheckConstraint(condition=held, name=f"{name}_list")]
    if column.kind in (Kind.KEY, Kind.TIME):
        pattern = rf"\A(?:{KEY_PATTERN if column.kind is Kind.KEY else TIME_PATTERN})\Z"
        held = Q(**{f"{column.name}__regex": pattern})
        return [CheckConstraint(condition=held | blank if column.blank else held, name=f"{name}_form")]
    if column.kind is Kind.TEXT:
        fits = CheckConstraint(condition=LessThanOrEqual(Length(F(column.name)), LONGEST_TEXT), name=f"{name}_length")
        return [fits] if column.blank else [fits, CheckConstraint(condition=~blank, name=f"{name}_filled")]
    return _number_constraints(name, column)


def _number_constraints(name: str, column: Column) -> list[CheckConstraint]:
    found = []
    for bound, lookup in ((column.least, "gte"), (column.most, "lte")):
        if bound is not None:
            held = Q(**{f"{column.name}__{lookup}": bound})
            empty = Q(**{f"{column.name}__isnull": True})
            found.append(CheckConstraint(condition=empty | held, name=f"{name}_{lookup}"))
    return found


def stored(column: Column, value: object) -> Any:
    """A value as its field holds it: spellings resolved, numbers and days as such. Raises ValueError."""
    plain = "" if value is None else value
    text = plain.strip() if isinstance(plain, str) else plain
    if column.kind in TEXTS:
        told = text.isoformat(timespec="minutes") if isinstance(text, datetime) else str(text)
        return _code(column, told) if column.kind is Kind.CODE else told or column.default
    if text == "":
        return None
    if column.kind is Kind.DATE:
        return text if isinstance(text, date) else date.fromisoformat(str(text))
    if column.kind is Kind.DECIMAL:
        return Decimal(str(text)).quantize(Decimal("0.01"))
    return int(str(text))


def _code(column: Column, told: str) -> str:
    """A blank is the column's default, or what it means in files: not recorded."""
    blank = column.default or (str(Missing.NOT_RECORDED) if column.blank else "")
    return dict(column.aliases).get(told, told) or blank


def canonical(value: object) -> str:
    """A stored value as one text, the same on every database: what hashes and exports are made of."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)
