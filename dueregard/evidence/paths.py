"""Paths as the database reads and writes them: the very file, and nothing that its name seems to say.

Two habits of the database are put off here, once for all. A path in which `*`, `?` or `[` stands is a pattern to it, which
may mean another file, or several. And a folder called `column=value` is a column of every row below it, in place of the
one that the file holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dueregard.evidence.raw import quoted

PATTERN = "*?["


def path_sql(path: Path) -> str:
    """A path to read, as an SQL literal that means this path alone.

    >>> path_sql(Path("/a[1]/b*.csv"))
    "'/a[[]1]/b[*].csv'"
    """
    return quoted(_exact(str(path.resolve())))


def target_sql(path: Path) -> str:
    """A path to write to, as an SQL literal: here no sign is a pattern."""
    return quoted(str(path.resolve()))


def parquet_sql(*paths: Path) -> str:
    """The rows of Parquet files, one after another, as what may stand after FROM.

    >>> parquet_sql(Path("/sex=F/roll.parquet"))
    "read_parquet(['/sex=F/roll.parquet'], hive_partitioning = false)"
    """
    return f"read_parquet([{', '.join(path_sql(path) for path in paths)}], hive_partitioning = false)"


def folders_sql(folders: Iterable[Path]) -> str:
    """Folders that the database may touch, as an SQL list: as they are, and as `path_sql` writes them."""
    plain = [str(folder.resolve()) for folder in folders]
    return f"[{', '.join(quoted(text) for text in dict.fromkeys([*plain, *map(_exact, plain)]))}]"


def _exact(text: str) -> str:
    return "".join(f"[{sign}]" if sign in PATTERN else sign for sign in text)
