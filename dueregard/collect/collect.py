"""Collect: from sources to an Intake. Every fault of bytes and headers is found in one pass."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path

from dueregard.collect.database import open_database
from dueregard.collect.mapped import profile_of
from dueregard.collect.mapping import read_mapping
from dueregard.collect.profiles.known import profile
from dueregard.collect.profiles.profile import Gathered, Profile
from dueregard.collect.readers import Read
from dueregard.errors import SourceError
from dueregard.evidence.finding import Finding
from dueregard.evidence.intake import Intake, SourceFile
from dueregard.evidence.raw import call_file


@dataclass(frozen=True, slots=True)
class Source:
    """A path and the profile (or the declared mapping) that reads it."""

    path: Path
    profile: str = "native"
    mapping: Path | None = None


def parse_source(text: str, default: str | None = None, mapping: Path | None = None) -> Source:
    """`PATH` or `PATH=PROFILE`; without a profile the mapping reads it, if there is one.

    >>> parse_source("data/file.parquet=crdc-2013-14").profile
    'crdc-2013-14'
    """
    path, _, named_profile = text.rpartition("=") if "=" in text and not Path(text).exists() else (text, "", "")
    return Source(Path(path), named_profile or default or "native", None if named_profile else mapping)


def collect(sources: list[Source], *, writes_to: tuple[Path, ...] = ()) -> Intake:
    """What do these sources hold, as text tables?

    Raises SourceError if a path does not exist, or a file is given twice; UnknownName if a profile does not exist.
    """
    known = list(zip(sources, _profiles_of(sources), strict=True))
    for source, _ in known:
        if not source.path.exists():
            raise SourceError(f"`{source.path.name}` does not exist.", try_this="check the path.")
    _check_once(sources)
    files = [file for source in sources for file in _files(source.path)]
    folders = [s.path if s.path.is_dir() else s.path.resolve().parent for s, _ in known]
    folders += [s.mapping.resolve().parent for s, _ in known if s.mapping is not None]
    linked = [file.resolve().parent for file in files if file.is_symlink()]  # a link in the folder is a file of it
    connection = open_database([*folders, *linked, *writes_to])
    for file, label in _labels(files):
        call_file(connection, file, label)
    gathered = [found.gather(connection, source.path) for source, found in known]
    return _intake(connection, [found for _, found in known], gathered)


def _profiles_of(sources: list[Source]) -> list[Profile]:
    """The profile of each source. What stands beside a mapping is read with the first source that it reads."""
    found, seen = list[Profile](), set[Path]()
    for source in sources:
        if source.mapping is None:
            found.append(profile(source.profile))
        else:
            found.append(profile_of(read_mapping(source.mapping), with_registers=source.mapping not in seen))
            seen.add(source.mapping)
    return found


def _check_once(sources: list[Source]) -> None:
    """No file is read twice in one way, by whatever path: where no key tells, each row would count twice."""
    seen: set[tuple[Path, str, Path | None]] = set()
    for source in sources:
        mapping = None if source.mapping is None else source.mapping.resolve()
        files = {(file.resolve(), source.profile, mapping) for file in _files(source.path)}
        if twice := sorted(file.name for file, *_ in files & seen):
            raise SourceError(f"`{source.path.name}` is given twice: {twice[0]} would be read again.",
                              try_this="name each source once.")  # fmt: skip
        seen |= files


def _files(path: Path) -> list[Path]:
    return sorted(f for f in path.iterdir() if f.is_file()) if path.is_dir() else [path]


def _labels(files: list[Path]) -> list[tuple[Path, str]]:
    """What files of the same name are called, so that a file and a line mean one row: with as many folders as it takes."""
    every = list(dict.fromkeys(file.absolute() for file in files))
    told = []
    for file in every:
        rivals = [other for other in every if other.name == file.name and other != file]
        length = next((n for n in range(1, len(file.parts)) if all(r.parts[-n:] != file.parts[-n:] for r in rivals)), 1)
        if length > 1:
            told.append((file, "/".join(file.parts[-length:])))
    return told


def _findings(gathered: Gathered, read: Read) -> list[Finding]:
    """What is told of a file. Where no row was taken of it, or nothing was made of its rows, each error refuses it whole."""
    is_whole = not read.columns or not gathered.present
    return [replace(f, is_whole=True) if is_whole and f.is_error else f for f in read.findings]


def _intake(connection: object, used: list[Profile], gathered: list[Gathered]) -> Intake:
    reads = [read for one in gathered for read in one.reads]
    present: dict[str, list[str]] = {}
    for one in gathered:
        for table, columns in one.present:
            present.setdefault(table, []).extend(c for c in columns if c not in present.get(table, []))
    files_read = {read.file for read in reads}  # one profile ignores what another reads
    return Intake(
        connection=connection,
        files=tuple(SourceFile(r.file, r.table, r.sha256, r.rows) for r in reads),
        present=tuple((name, tuple(columns)) for name, columns in present.items()),
        findings=tuple(f for one in gathered for r in one.reads for f in _findings(one, r)),
        rejected=tuple((r.file, r.table, line) for r in reads for line in r.rejected)
        + tuple(row for r in reads for row in repeat((r.file, r.table, 0), r.refused_rows)),
        profiles=tuple(dict.fromkeys(f"{p.name} {p.version}" for p in used)),
        caveats=tuple(dict.fromkeys(c for p in used for c in p.caveats)),
        ignored=tuple(dict.fromkeys(name for one in gathered for name in one.ignored if name not in files_read)),
        layouts=tuple(dict.fromkeys(layout for one in gathered for layout in one.layouts)),
        registers=tuple(name for one in gathered for name in one.registers),
        unended=tuple((r.file, r.table, r.unended) for r in reads if r.unended),
    )
