"""Collect: from sources to an Intake. Every fault of bytes and headers is found in one pass."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dueregard.collect.database import open_database
from dueregard.collect.mapped import profile_of
from dueregard.collect.mapping import read_mapping
from dueregard.collect.profiles.known import profile
from dueregard.collect.profiles.profile import Gathered, Profile
from dueregard.errors import SourceError
from dueregard.evidence.intake import Intake, SourceFile


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

    Raises SourceError if a path does not exist, UnknownName if a profile does not.
    """
    known = [(source, _profile_of(source)) for source in sources]
    for source, _ in known:
        if not source.path.exists():
            raise SourceError(f"`{source.path.name}` does not exist.", try_this="check the path.")
    folders = [s.path if s.path.is_dir() else s.path.resolve().parent for s, _ in known]
    folders += [s.mapping.resolve().parent for s, _ in known if s.mapping is not None]
    connection = open_database([*folders, *writes_to])
    gathered = [found.gather(connection, source.path) for source, found in known]
    return _intake(connection, [found for _, found in known], gathered)


def _profile_of(source: Source) -> Profile:
    return profile(source.profile) if source.mapping is None else profile_of(read_mapping(source.mapping))


def _intake(connection: object, used: list[Profile], gathered: list[Gathered]) -> Intake:
    reads = [read for one in gathered for read in one.reads]
    present: dict[str, list[str]] = {}
    for one in gathered:
        for table, columns in one.present:
            present.setdefault(table, []).extend(c for c in columns if c not in present.get(table, []))
    return Intake(
        connection=connection,
        files=tuple(SourceFile(r.file, r.table, r.sha256, r.rows) for r in reads),
        present=tuple((name, tuple(columns)) for name, columns in present.items()),
        findings=tuple(f for r in reads for f in r.findings),
        rejected=tuple((r.file, r.table, line) for r in reads for line in r.rejected)
        + tuple((r.file, r.table, 0) for r in reads for _ in range(r.refused_rows)),
        profiles=tuple(dict.fromkeys(f"{p.name} {p.version}" for p in used)),
        caveats=tuple(dict.fromkeys(c for p in used for c in p.caveats)),
        ignored=tuple(name for one in gathered for name in one.ignored),
        layouts=tuple(dict.fromkeys(layout for one in gathered for layout in one.layouts)),
        registers=tuple(name for one in gathered for name in one.registers),
        unended=tuple((r.file, r.table, r.unended) for r in reads if r.unended),
    )
