"""What changed between two snapshots: definitions, rows as counts, and the figures that move. No value of a row."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What kind of change is it?"""

    SAME = "same"  # the same id
    DEFINITION = "definition"  # the same files or the same rows; lists, profile, mapping or caveats changed
    READING = "reading"  # the same files, read otherwise: another version, other columns, rows left out
    DATA = "data"  # other files with other rows; no definition changed
    DATA_AND_DEFINITION = "data_and_definition"


@dataclass(frozen=True, slots=True)
class DefinitionChange:
    """One code list, profile, caveat or other entry of the manifest. None: it is not in that snapshot."""

    what: str
    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class SchoolChange:
    """Rows of one table and school. urn: None for rows of no school."""

    urn: str | None
    added: int
    removed: int
    changed: int


@dataclass(frozen=True, slots=True)
class TableChange:
    """Rows of one table. changed: the same key with other content. columns: (column, values that changed).

    is_keyed: rows have a key; without one a changed row is one removed and one added.
    is_new, is_gone: the table is in one snapshot only; its rows are added or removed, all of them.
    appeared, disappeared: columns that only one of the two sources really had.
    """

    table: str
    rows_before: int
    rows_after: int
    added: int
    removed: int
    changed: int
    is_keyed: bool = True
    is_new: bool = False
    is_gone: bool = False
    columns: tuple[tuple[str, int], ...] = ()
    schools: tuple[SchoolChange, ...] = ()
    appeared: tuple[str, ...] = ()
    disappeared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Numbers:
    """A figure of one group in one snapshot. None: there is no such number."""

    n: int
    denominator: float | None
    rate_per_1000: float | None
    relative_rate: float | None


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A figure that moves, appears (before is None) or vanishes (after is None, and why)."""

    stage: str
    split: str
    period: str
    code: str
    label: str
    before: Numbers | None
    after: Numbers | None
    why: str = ""

    @property
    def rate_difference_per_1000(self) -> float | None:
        return _difference(self, "rate_per_1000")

    @property
    def relative_rate_difference(self) -> float | None:
        return _difference(self, "relative_rate")

    @property
    def n_difference(self) -> int | None:
        return None if self.before is None or self.after is None else self.after.n - self.before.n


def _difference(change: FigureChange, name: str) -> float | None:
    before = None if change.before is None else getattr(change.before, name)
    after = None if change.after is None else getattr(change.after, name)
    return None if before is None or after is None else after - before


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from one snapshot (before) to another (after)? n_figures: how many figures were compared."""

    before: str
    after: str
    code_version: str
    kind: Kind
    sentence: str
    definitions: tuple[DefinitionChange, ...]
    tables: tuple[TableChange, ...]
    n_figures: int
    figures: tuple[FigureChange, ...]
    caveats: tuple[str, ...]
