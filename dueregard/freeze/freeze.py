"""Freeze: from checked rows to a snapshot. Its id follows from content alone; the rest stands beside it.

The id is the hash of: the canonical rows of each table, the versions of the code lists, the profiles, the caveats that
they declare, the columns that the source really had, the snapshot format, and, where rows were left out, how many of
which table, group and finding. File names, bytes, order of rows, time,
machine and code version do not enter.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from dueregard.errors import FaultsFound, TargetError
from dueregard.evidence.finding import Finding
from dueregard.evidence.intake import Checked
from dueregard.evidence.paths import parquet_sql
from dueregard.evidence.snapshot import FORMAT, Manifest, Snapshot
from dueregard.freeze.canonical import table_hash, write_sorted
from dueregard.freeze.load import MANIFEST, load
from dueregard.records.table import Table
from dueregard.records.tables import TABLES
from dueregard.terms.crosswalks import list_versions
from dueregard.terms.ethnicity import COUNTED_LISTS, SELF_DEFINED_LISTS, broad_groups
from dueregard.terms.missing import Missing

ETHNICITIES = ("ethnicity", "self_defined_ethnicity")
SCRATCH = ".freezing-"
ID_LENGTH = 32  # hexadecimal digits of SHA-256 that name a snapshot


def snapshot_id(content: dict[str, object]) -> str:
    """The id that follows from content: see `_content`."""
    plain = json.dumps({"format": FORMAT, **content}, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()[:ID_LENGTH]


ENTERING = ("tables", "columns", "lists", "profiles", "caveats", "left_out", "findings")


def _content(
    *, tables: dict[str, str], columns: dict[str, list[str]], lists: dict[str, str], profiles: list[str],
    caveats: list[str], left_out: list[dict], findings: list[dict],
) -> dict[str, object]:  # fmt: skip
    """What enters the id. Rows that were left out enter it, because every report speaks of them."""
    content: dict[str, object] = {
        "tables": tables,
        "columns": columns,
        "lists": lists,
        "profiles": profiles,
        "caveats": caveats,
    }
    if left_out:
        content["left_out"] = left_out
        content["refused"] = sorted([f["code"], f["table"], f["rows"]] for f in findings if f["code"].startswith("E_"))
    return content


def check_can_freeze(checked: Checked, *, leave_out_rejected: bool) -> None:
    """Raises FaultsFound if there is an error and the rejected rows may not be left out, or no row is left.

    Rows may be left out; a file that was refused whole, or a table that is missing, may not.
    """
    fatal = [f for f in checked.errors if f.is_whole] if leave_out_rejected else list(checked.errors)
    if fatal:
        listed = "\n".join(f.words() for f in fatal)
        rest = "." if leave_out_rejected else ", or `--leave-out-rejected` to freeze the rest."
        raise FaultsFound(f"{len(fatal)} faults; nothing was written.\n{listed}", try_this=f"mend the source{rest}")
    if not any(report.accepted for report in checked.reports):
        raise FaultsFound("No row was accepted; nothing was written.", try_this="`dueregard check` lists why.")


def freeze(
    checked: Checked, into: Path, *, code_version: str, now: datetime, leave_out_rejected: bool = False,
    prepare: Callable[[Path, Manifest], None] = lambda folder, manifest: None, store: dict[str, Any] | None = None,
) -> Snapshot:  # fmt: skip
    """Write the accepted rows as a snapshot under `into`, in a folder that bears its id.

    The same content is written once: a snapshot that is already there is given back as it is. An error stops it
    with nothing written. prepare: what an engine writes beside the tables, to answer faster.
    store: what the manifest says of the store that the rows are from. Raises FaultsFound, or TargetError if `into` cannot be written to.
    """
    check_can_freeze(checked, leave_out_rejected=leave_out_rejected)
    check_can_hold(into)
    scratch = None
    try:
        into.mkdir(parents=True, exist_ok=True)
        clear_left_behind(into)
        scratch = Path(tempfile.mkdtemp(prefix=f"{SCRATCH}{os.getpid()}-", dir=into))
        for table in _frozen_tables(checked):
            write_sorted(checked.intake.connection, table, scratch / f"{table.name}.parquet")
        manifest = _manifest(checked, scratch, code_version=code_version, now=now, store=store or {})
        folder = into / manifest.snapshot
        if folder.exists():
            _clear(scratch)
            return load(folder)
        (scratch / MANIFEST).write_text(_manifest_text(manifest), encoding="utf-8")
        prepare(scratch, manifest)
        _seal(scratch)
        os.rename(scratch, folder)
    except BaseException as fault:
        _clear(scratch)
        if _is_disk_fault(fault):
            raise TargetError(f"The snapshot could not be written to `{into.name}`: {_reason(fault)}.",
                              try_this="free space or rights there; nothing was left behind.") from fault  # fmt: skip
        raise
    return load(folder)


def check_can_hold(into: Path) -> None:
    """May snapshots lie below this folder? Raises TargetError where not: asked before a long check, too.

    The database takes what follows a `?` in the path of its own file for something else, and cannot write its log there.
    """
    if "?" in str(into.resolve()):
        raise TargetError(f"The path to `{into.name}` holds a `?`, below which the database cannot work.",
                          try_this="a folder whose path is without one.")  # fmt: skip


def clear_left_behind(into: Path, *, prefix: str = SCRATCH) -> None:
    """Remove the scratch folders of processes that were killed. One that still runs keeps its own.

    prefix: what stands before the number of the process in their names.
    """
    for scratch in into.glob(f"{prefix}*"):
        number = scratch.name.removeprefix(prefix).partition("-")[0]
        if number.isdigit() and not _is_running(int(number)):
            _clear(scratch)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it is somebody else's, and it runs
    return True


def _is_disk_fault(fault: BaseException) -> bool:
    import duckdb

    return isinstance(fault, (OSError, duckdb.IOException, duckdb.HTTPException))


def _reason(fault: BaseException) -> str:
    return (fault.strerror or "it cannot be written") if isinstance(fault, OSError) else "the disk refused the write"


def _clear(scratch: Path | None) -> None:
    if scratch is not None and scratch.exists():
        for folder in [scratch, *(path for path in scratch.rglob("*") if path.is_dir())]:
            folder.chmod(0o700)
        shutil.rmtree(scratch, ignore_errors=True)


def _seal(folder: Path) -> None:
    """Read-only, and for the owner alone: it holds rows about children."""
    for file in [*folder.rglob("*"), folder]:
        if file.is_dir():
            file.chmod(0o500)
            continue
        with file.open("rb") as handle:
            os.fsync(handle.fileno())
        file.chmod(0o400)


def _frozen_tables(checked: Checked) -> list[Table]:
    return [t for t in TABLES if t.name in checked.intake.tables]


def _manifest(checked: Checked, folder: Path, *, code_version: str, now: datetime, store: dict[str, Any]) -> Manifest:
    connection = checked.intake.connection
    tables = _frozen_tables(checked)
    entering: dict[str, Any] = {
        "tables": {t.name: table_hash(connection, t, parquet_sql(folder / f"{t.name}.parquet")) for t in tables},
        "columns": {t.name: sorted(checked.intake.columns_of(t.name)) for t in tables},
        "lists": list_versions(),
        "profiles": sorted(checked.intake.profiles),
        "caveats": sorted(checked.intake.caveats),
        "left_out": _left_out(checked),
        "findings": [_finding_as_json(f) for f in checked.findings],
    }
    return Manifest(
        snapshot=snapshot_id(_content(**entering)),
        format=FORMAT,
        rows={t.name: _n_rows(connection, folder / f"{t.name}.parquet") for t in tables},
        sources=[{"file": f.file, "table": f.table, "sha256": f.sha256} for f in checked.intake.files],
        code_version=code_version,
        frozen_at=now.isoformat(timespec="seconds"),
        store=store,
        **entering,
    )


def _n_rows(connection: Any, file: Path) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {parquet_sql(file)}").fetchone()[0])


def _finding_as_json(found: Finding) -> dict:
    return {"code": found.code, "file": found.file, "table": found.table, "column": found.column,
            "lines": list(found.lines), "rows": found.n_rows, "message": found.message}  # fmt: skip


def _left_out(checked: Checked) -> list[dict]:
    """How many rows of which table and broad group were refused? Rows that no parser was given have no group."""
    counts: dict[tuple[str, str], int] = {}
    for _, table, _ in checked.intake.rejected:
        counts[(table, "")] = counts.get((table, ""), 0) + 1
    for name, declared, column in _refusing(checked):
        raw = f'w."{column}"' if column else "NULL"
        rows = checked.intake.connection.execute(
            f"SELECT {raw}, count(*) FROM work_{declared.name} AS w JOIN refused_{declared.name} USING (_row)"
            f"{_but_made_ones(checked, declared)} GROUP BY 1"
        ).fetchall()
        groups = broad_groups(SELF_DEFINED_LISTS if declared.name == "involvement" else COUNTED_LISTS)
        for code, n in rows:
            group = groups.get(code or "", str(Missing.NOT_RECORDED)) if column else ""
            counts[(name, group)] = counts.get((name, group), 0) + n
    return [{"table": table, "group": group, "rows": n} for (table, group), n in sorted(counts.items())]


def _refusing(checked: Checked) -> list[tuple[str, Table, str]]:
    """(name, table, its column of ethnicity) of the flat layouts and native tables whose rows may have been refused."""
    found = []
    for layout in checked.intake.layouts:
        sources = (
            fill.source_of(c) for fill in layout.fills for c in ETHNICITIES if c in {x.name for x in fill.columns}
        )
        found.append((layout.name, layout.table, next(sources, "")))
    for declared in _frozen_tables(checked):
        found.append((declared.name, declared, next((c for c in ETHNICITIES if c in declared.names), "")))
    return found


def _but_made_ones(checked: Checked, table: Table) -> str:
    """Native rows that a flat layout made are counted as rows of the layout."""
    if not checked.intake.layouts or table.name not in {t.name for t in TABLES}:
        return ""
    files = " UNION ALL ".join(f"SELECT _file FROM work_{layout.table.name}" for layout in checked.intake.layouts)
    return f" WHERE w._file NOT IN ({files})"


def _manifest_text(manifest: Manifest) -> str:
    plain = {name: getattr(manifest, name) for name in Manifest.__slots__}
    return json.dumps(plain, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def faults_of(snapshot: Snapshot) -> list[str]:
    """Is the snapshot what its id says? Hashes every row again; an empty list: it is whole."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET temp_directory = ''")  # no row is ever spilled to a disk
    hashes = {}
    for table in (t for t in TABLES if t.name in snapshot.manifest.tables):
        try:
            hashes[table.name] = table_hash(connection, table, parquet_sql(snapshot.file(table.name)))
        except duckdb.Error:
            hashes[table.name] = "cannot be read"
    faults = [
        f"{name}: its rows are not those that were frozen."
        for name, found in hashes.items()
        if found != snapshot.manifest.tables[name]
    ]
    m = snapshot.manifest
    if snapshot_id(_content(**{name: getattr(m, name) for name in ENTERING})) != m.snapshot:
        faults.append("manifest.json: the id does not follow from the content.")
    if snapshot.path.name != m.snapshot:
        faults.append("The folder does not bear the snapshot's id.")
    return faults
