"""Steps that open the store of a service: its log verified and handed on, its rows frozen, a school's roll taken."""

from __future__ import annotations

import csv
import getpass
import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dueregard.errors import SourceError, TargetError, UsageError
from dueregard.progress import QUIET, Quiet

if TYPE_CHECKING:  # types of lower floors only; at run time each step imports what it needs
    from dueregard.evidence.intake import Checked
    from dueregard.evidence.snapshot import Snapshot
    from dueregard.store.actions.returns import Receipt
    from dueregard.store.actor import Actor
    from dueregard.store.verify import Verified

PROFILE = "store 1"  # name and version of how the store's rows are read: part of a snapshot's id
# The service collects these itself, so a store without a row of them collected them all the same.
COLLECTED = ("posting", "contact", "involvement", "power_use", "step", "outcome", "support", "activity")
REVIEW_YEARS = 1  # a snapshot is looked at again a year after it was made; its cells outlive it
MOST_ROLL_BYTES = 8 << 20
ROLL = "roll-"  # scratch folders of files that schools send


def this_operator() -> Actor:
    """Whoever runs a command on this machine, as the log names him."""
    from dueregard.store.actor import operator

    try:
        return operator(getpass.getuser())
    except (KeyError, OSError):
        return operator(str(os.getuid()))


def audit_verify(
    data: Path, *, checkpoints: tuple[Path, ...] = (), key: Path | None = None, progress: Quiet = QUIET
) -> Verified:
    """Is the log of this store whole, do the records follow from it, and does it continue what a witness kept?

    Without a checkpoint, those beside the database are taken. Raises StoreUnavailable, SourceError, SealBroken.
    """
    from dueregard.store.checkpoints import kept_notes, public_key, read_note
    from dueregard.store.open import CHECKPOINTS, KEYS, open_store, reading
    from dueregard.store.verify import verify

    open_store(data)
    notes = tuple(read_note(path) for path in checkpoints) or kept_notes(data / CHECKPOINTS)
    with progress.step("Verifying") as advance, reading():
        found = verify(public_key(data / KEYS, given=key), notes=notes)
        advance("verified")
    return found


def audit_checkpoint(data: Path, *, into: Path | None = None) -> Path:
    """Write the signed head of the log into a folder: the store's own, or one that leaves for a witness."""
    from dueregard.store.checkpoints import write_checkpoint
    from dueregard.store.open import CHECKPOINTS, open_store, reading

    open_store(data)
    with reading():
        return write_checkpoint(into or data / CHECKPOINTS)


def audit_export(data: Path, out: Path, *, why: str, to_whom: str) -> int:
    """Write every entry of the log as a line of JSON; how many? The export itself is the last one.

    Raises TargetError if the file is there.
    """
    from dueregard.store.log_reading import export_log
    from dueregard.store.open import open_store, reading

    if not why.strip() or not to_whom.strip():
        raise UsageError("It was not said why, and to whom, the log is handed on.", try_this="`--why` and `--to`.")
    open_store(data)
    n = 0
    with reading(), _new_file(out) as handle:
        for entry in export_log(by=this_operator(), why=why, to_whom=to_whom):
            handle.write(json.dumps(entry, ensure_ascii=False) + "\n")
            n += 1
    return n


def _new_file(out: Path):  # type: ignore[no-untyped-def]
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as fault:
        raise TargetError(f"`{out.name}` is there already.", try_this="another name, or move it away.") from fault
    return os.fdopen(descriptor, "w", encoding="utf-8")


def freeze_store(
    data: Path, into: Path, *, as_of: datetime | None = None, leave_out_rejected: bool = False,
    now: datetime | None = None, progress: Quiet = QUIET,
) -> tuple[Snapshot, Checked]:  # fmt: skip
    """Freeze the store as it was at a time, through the same rules as files. No row is written outside the snapshot.

    Raises StoreUnavailable, UsageError, FaultsFound, TargetError.
    """
    from dueregard.collect.rows import collect_rows
    from dueregard.records.tables import TABLES
    from dueregard.steps.files import judge, write_snapshot
    from dueregard.store.export import begin_reading, has_rows, rows_of
    from dueregard.store.open import open_store, reading

    at = now or datetime.now(UTC)
    open_store(data)
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    into.chmod(0o700)  # it holds rows about children
    with progress.step("Reading") as advance, reading():
        read = begin_reading(as_of, by=this_operator(), to_whom="snapshot", now=now)
        held = [table for table in TABLES if table.name in COLLECTED or has_rows(table, read)]
        intake = collect_rows(
            {t.name: rows_of(t, read) for t in held}, source="store", profile=PROFILE, writes_to=(into,)
        )
        advance("read")
    checked = judge(intake, today=at.date(), with_completeness=False, progress=progress)
    told = {
        "as_of": read.as_of.isoformat(), "entries": read.n_entries, "erased_since": read.n_erased_since,
        "rectified_since": read.n_rectified_since, "review_on": _review_on(at.date()).isoformat(),
    }  # fmt: skip
    snapshot = write_snapshot(
        checked, into, leave_out_rejected=leave_out_rejected, now=at, store=told, progress=progress
    )
    return snapshot, checked


def _review_on(day: date) -> date:
    try:
        return day.replace(year=day.year + REVIEW_YEARS)
    except ValueError:
        return date(day.year + REVIEW_YEARS, 3, 1)


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back. n_erased_again: contacts that had been erased since the backup was made."""

    verified: Verified
    n_erased_again: int


def backup(data: Path, out: Path, *, passphrase: str, progress: Quiet = QUIET) -> Path:
    """Write everything that a store is into one sealed file, and a checkpoint beside the database.

    Raises UsageError, TargetError, StoreUnavailable.
    """
    from dueregard.store.backup import write_backup
    from dueregard.store.checkpoints import write_checkpoint
    from dueregard.store.open import CHECKPOINTS, open_store, reading

    open_store(data)
    with progress.step("Backing up") as advance, reading():
        write_backup(data, out, passphrase=passphrase)
        write_checkpoint(data / CHECKPOINTS)
        advance("backed up")
    return out


def restore(
    file: Path, data: Path, *, passphrase: str, checkpoints: tuple[Path, ...] = (), erased: Path | None = None,
    progress: Quiet = QUIET,
) -> Restored:  # fmt: skip
    """Bring a backup back into a new folder, and verify it. What was erased since is erased again.

    checkpoints: what a witness kept; an older copy is recognised by them. erased: the list of erasures of the folder
    that was lost. Raises TargetError, SealBroken, StoreUnavailable.
    """
    from dueregard.store.backup import DUMP, load_dump, unpack_backup
    from dueregard.store.checkpoints import public_key, read_note
    from dueregard.store.open import KEYS, make_folder, open_store, reading
    from dueregard.store.restoring import erase_again
    from dueregard.store.verify import verify

    notes = tuple(read_note(path) for path in checkpoints)
    with progress.step("Restoring") as advance:
        unpack_backup(file, data, passphrase=passphrase)
        make_folder(data)
        open_store(data)
        with reading():
            if (data / DUMP).exists():
                load_dump(data)
            found = verify(public_key(data / KEYS), notes=notes)
            n = erase_again(data, erased, by=this_operator())
        advance("restored")
    return Restored(found, n)


def take_roll_file(
    content: bytes, *, by: Actor, now: datetime | None = None, suffix: str = ".csv", dry_run: bool = False
) -> tuple[Receipt | None, Checked]:
    """Take the roll counts that a school sent, through the same gate as `check`. The same bytes twice add nothing.

    The store must be open. Rows that are refused are in what is given back (`check.rejects.refused_rows`), not in the
    store; a file in which no row can be read is refused whole, and the receipt is None. Raises SourceError, NotThere.
    """
    from dueregard.collect.collect import Source
    from dueregard.freeze.freeze import clear_left_behind
    from dueregard.steps.files import check
    from dueregard.store.actions.returns import roll_schools, take_roll

    if len(content) > MOST_ROLL_BYTES:
        raise SourceError(f"The file is larger than {MOST_ROLL_BYTES >> 20} MB.", try_this="one census of one school.")
    clear_left_behind(_uploads(), prefix=ROLL)
    folder = Path(tempfile.mkdtemp(prefix=f"{ROLL}{os.getpid()}-", dir=_uploads()))
    try:
        (folder / f"roll{suffix}").write_bytes(content)
        _write_schools(folder / "school.csv", roll_schools(by=by, now=now))
        checked = check([Source(folder)], today=(now or datetime.now(UTC)).date(), with_completeness=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    rows = _accepted(checked)
    if not rows or dry_run or any(finding.is_whole for finding in checked.errors):
        return None, checked
    n_rejected = sum(report.rejected for report in checked.reports if report.table == "roll")
    digest = hashlib.sha256(content).hexdigest()
    return take_roll(rows, content_hash=digest, n_rejected=n_rejected, by=by, now=now), checked


def _write_schools(file: Path, rows: list[tuple[str, ...]]) -> None:
    """The schools beside the roll, so that a roll of another school finds none."""
    from dueregard.records.school import SCHOOL

    with file.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows([SCHOOL.names, *rows])


def _uploads() -> Path:
    from django.conf import settings

    from dueregard.store.open import UPLOADS

    return Path(settings.DUEREGARD_FOLDER) / UPLOADS


def _accepted(checked: Checked) -> list[dict[str, object]]:
    if "roll" not in checked.intake.tables:
        return []
    found = checked.intake.connection.execute('SELECT * FROM "roll"')
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
