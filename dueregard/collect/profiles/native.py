"""The native layout: one CSV or Parquet file a table, in one folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dueregard.collect.profiles.profile import Gathered, Profile
from dueregard.collect.readers import SUFFIXES, Expected, read_file
from dueregard.errors import SourceError
from dueregard.records.table import Table
from dueregard.records.tables import TABLE_NAMES, table


def expected(declared: Table) -> Expected:
    """Which columns must and may a native file of this table have?"""
    required = tuple(c.name for c in declared.columns if not c.optional)
    return Expected(declared.name, required, declared.names)


def _files(path: Path) -> tuple[dict[str, Path], tuple[str, ...]]:
    found: dict[str, Path] = {}
    ignored = []
    for file in sorted(path.iterdir()) if path.is_dir() else [path]:
        if file.stem not in TABLE_NAMES or file.suffix.lower() not in SUFFIXES or not file.is_file():
            ignored.append(file.name)
        elif file.stem in found:
            raise SourceError(
                f"The folder holds {found[file.stem].name} and {file.name}.", try_this="keep one of the two."
            )
        else:
            found[file.stem] = file
    return found, tuple(ignored)


def gather(connection: Any, path: Path) -> Gathered:
    """Read every native table of a folder (or one native file). Other files are listed and ignored.

    Raises SourceError if there is no native table.
    """
    if not path.exists():
        raise SourceError(f"`{path.name}` does not exist.", try_this="check the path.")
    files, ignored = _files(path)
    if not files:
        raise SourceError(
            f"`{path.name}` holds no table of the native layout.",
            try_this=f"files named {', '.join(TABLE_NAMES[:4])} ... with .csv or .parquet; or a profile: `dueregard profiles` lists them.",
        )
    reads = [read_file(connection, files[name], expected(table(name)), into=f"raw_{name}", may_stay=True)
             for name in TABLE_NAMES if name in files]  # fmt: skip
    present = tuple((read.table, read.columns) for read in reads if read.columns)
    return Gathered(tuple(reads), present, ignored)


PROFILE = Profile(
    name="native",
    about="The native layout: a folder with one CSV or Parquet file a table.",
    reads="a folder",
    version="1",
    caveats=(),
    gather=gather,
)
