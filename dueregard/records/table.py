"""What a column and a table are, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dueregard.terms.lists import code_list
from dueregard.terms.missing import ALL, Missing


class Kind(StrEnum):
    """What may stand in a column?"""

    KEY = "key"  # a pseudonym or reference: letters, digits, . _ : / -
    TEXT = "text"  # a short name
    CODE = "code"  # a code of one of its lists
    DATE = "date"  # 2024-01-18
    TIME = "time"  # 2024-01-18T15:10, or the date alone
    INTEGER = "integer"
    DECIMAL = "decimal"  # up to two places


KEY_PATTERN = r"[A-Za-z0-9*][A-Za-z0-9._:/*-]{0,63}"
TIME_PATTERN = r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?)?"
INTEGER_PATTERN = r"-?\d{1,15}"
DECIMAL_PATTERN = r"-?\d{1,7}(\.\d{1,2}0{0,4})?"  # what the column would round is refused: 0.004 of a post is not none
LONGEST_TEXT = 200  # characters

SQL_TYPES = {
    Kind.KEY: "VARCHAR",
    Kind.TEXT: "VARCHAR",
    Kind.CODE: "VARCHAR",
    Kind.DATE: "DATE",
    Kind.TIME: "TIMESTAMP",
    Kind.INTEGER: "BIGINT",
    Kind.DECIMAL: "DECIMAL(9,2)",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    optional: the file may lack it (then it is `not_collected`, or empty).
    blank: a blank is allowed. For a code it is read as `not_recorded`, else as empty.
    characteristic: a protected or school characteristic of a pupil, so the four ways of missing may stand here.
    least, most: for numbers. aliases: other spellings that are read as a code.
    only, pattern, earliest, formats: what a declared mapping narrows or adds for its own columns. With `only`, no code
    of a list and no word for missing may stand here but those.
    """

    name: str
    kind: Kind
    about: str
    lists: tuple[str, ...] = ()
    optional: bool = False
    blank: bool = False
    characteristic: bool = False
    least: int | None = None
    most: int | None = None
    aliases: tuple[tuple[str, str], ...] = ()
    tabulated: bool = False  # `all` may stand here
    past: bool = False  # a day after today is refused
    default: str = ""  # what a blank or an absent column means
    only: tuple[str, ...] = ()
    pattern: str = ""  # a regular expression that the whole value matches
    earliest: str = ""  # a day before it is refused
    formats: tuple[str, ...] = ()  # how days are written, such as %d/%m/%Y; ISO unless told

    @property
    def allowed(self) -> tuple[str, ...]:
        """Every code that may stand here, missing words and `all` included where they may."""
        if self.only:
            return self.only
        codes = [code for name in self.lists for code in code_list(name).codes]
        if self.characteristic or self.blank:
            codes += [str(way) for way in Missing] + ["unknown"]
        if self.tabulated:
            codes.append(ALL)
        return tuple(dict.fromkeys([*codes, *(spelling for spelling, _ in self.aliases)]))

    @property
    def sql_type(self) -> str:
        return SQL_TYPES[self.kind]


@dataclass(frozen=True, slots=True)
class Table:
    """One table: one row is what `about` says.

    key: columns that together name a row. references: (column, table, column there) that must exist.
    """

    name: str
    about: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    references: tuple[tuple[str, str, str], ...] = ()
    periods: tuple[tuple[str, str], ...] = ()  # (from, to): the second is not before the first
    not_above: tuple[tuple[str, str, str], ...] = ()  # (number, its most, what is wrong where it is above)

    def column(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def key(name: str, about: str, **more: object) -> Column:
    return Column(name, Kind.KEY, about, **more)  # type: ignore[arg-type]


def text(name: str, about: str, *lists: str, **more: object) -> Column:
    """A short text. Its lists hold the usual words; others are allowed."""
    return Column(name, Kind.TEXT, about, lists, **more)  # type: ignore[arg-type]


def code(name: str, about: str, *lists: str, **more: object) -> Column:
    return Column(name, Kind.CODE, about, lists, **more)  # type: ignore[arg-type]


def day(name: str, about: str, **more: object) -> Column:
    return Column(name, Kind.DATE, about, **more)  # type: ignore[arg-type]


def time(name: str, about: str, **more: object) -> Column:
    return Column(name, Kind.TIME, about, **more)  # type: ignore[arg-type]


def whole(name: str, about: str, *, least: int = 0, **more: object) -> Column:
    return Column(name, Kind.INTEGER, about, least=least, **more)  # type: ignore[arg-type]


def yes_no(name: str, about: str, **more: object) -> Column:
    spellings = (("Y", "yes"), ("N", "no"), ("true", "yes"), ("false", "no"), ("1", "yes"), ("0", "no"))
    return code(name, about, "yes_no", blank=True, aliases=spellings, **more)
