"""From files to a snapshot."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dueregard import __version__
from dueregard.errors import TargetError
from dueregard.progress import QUIET, Quiet

if TYPE_CHECKING:  # types of lower floors only; at run time each step imports what it needs
    from dueregard.collect.collect import Source
    from dueregard.collect.proposal import Proposal
    from dueregard.evidence.intake import Checked, Intake
    from dueregard.evidence.snapshot import Snapshot
    from dueregard.synth.score import Score


def synth(
    folder: Path,
    *,
    size: str = "borough",
    seed: int = 1,
    truth: Path | None = None,
    dirt: bool = False,
    progress: Quiet = QUIET,
) -> Path:
    """Write a made-up force. The same size, seed and truth give the same bytes. truth: a TOML file of dials."""
    from dueregard.synth.force import pieces_of_work, write_force
    from dueregard.synth.truth_file import read_truth

    set_ = None if truth is None else read_truth(truth)
    with progress.step("Making a force", total=pieces_of_work(size)) as advance:
        written = write_force(
            folder, size=size, seed=seed, truth=set_, dirt=dirt, progress=lambda *told: advance(str(told[-1]))
        )
    progress.done(f"made a synthetic {size}, seed {seed}")
    return written


def check(
    sources: list[Source], *, today: date | None = None, writes_to: tuple[Path, ...] = (), with_completeness: bool = True,
    progress: Quiet = QUIET,
) -> Checked:  # fmt: skip
    """Read and judge sources. Writes nothing. with_completeness: what is missing is counted in big files too."""
    from dueregard.collect.collect import collect

    with progress.step("Reading") as advance:
        intake = collect(sources, writes_to=writes_to)
        advance("read")
    return judge(intake, today=today, with_completeness=with_completeness, progress=progress)


def judge(
    intake: Intake, *, today: date | None = None, with_completeness: bool = True, progress: Quiet = QUIET
) -> Checked:
    """Judge what was collected, wherever it came from."""
    from dueregard.check.run import check as judged

    progress.done(
        f"read {len({f.file for f in intake.files})} file(s), {len({f.table for f in intake.files})} table(s)"
    )
    with progress.step("Checking", total=len(intake.tables)) as advance:
        checked = judged(
            intake, today=today or datetime.now(UTC).date(), with_completeness=with_completeness, progress=advance
        )
    accepted, rejected = sum(r.accepted for r in checked.reports), sum(r.rejected for r in checked.reports)
    progress.done(f"checked {accepted + rejected:,} rows: {accepted:,} accepted, {rejected:,} rejected")
    return checked


def score(checked: Checked, truth: Path) -> Score:
    """Of the faults that were planted in a made-up force, which were found, and what was called a fault that is none?"""
    from dueregard.synth.score import read_planted
    from dueregard.synth.score import score as found_of

    return found_of(checked.findings, read_planted(truth))


def write_findings(checked: Checked, path: Path) -> Path:
    """Write what was found as a page, readable by its owner alone. Raises TargetError if the file is there."""
    from dueregard.publish.findings import render

    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as fault:
        raise TargetError(f"`{path.name}` is there already.", try_this="another name, or move it away.") from fault
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(render(checked))
    return path


def check_rejects(folder: Path, sources: list[Source]) -> None:
    """May refused rows of these sources be written into this folder? Raises TargetError if not."""
    from dueregard.check.rejects import check_folder

    check_folder(folder, [source.path for source in sources])


def write_rejects(checked: Checked, folder: Path) -> list[Path]:
    """Write the refused rows with their codes, for the sender."""
    from dueregard.check.rejects import write_rejects as write

    return write(checked, folder)


def freeze(sources: list[Source], into: Path, *, leave_out_rejected: bool = False, today: date | None = None,
           now: datetime | None = None, progress: Quiet = QUIET) -> tuple[Snapshot, Checked]:  # fmt: skip
    """Check, then write a snapshot under `into`. An error stops it with nothing written."""
    from dueregard.freeze.freeze import check_can_hold

    check_can_hold(into)
    checked = check(sources, today=today, writes_to=(into,), with_completeness=False, progress=progress)
    return write_snapshot(checked, into, leave_out_rejected=leave_out_rejected, now=now, progress=progress), checked


def write_snapshot(
    checked: Checked, into: Path, *, leave_out_rejected: bool = False, now: datetime | None = None,
    store: dict[str, Any] | None = None, progress: Quiet = QUIET,
) -> Snapshot:  # fmt: skip
    """Write what was checked as a snapshot. store: what its manifest says of a service's store."""
    from dueregard.engines.open import threads_asked
    from dueregard.engines.prepared import write_prepared
    from dueregard.freeze.freeze import check_can_freeze
    from dueregard.freeze.freeze import freeze as write

    check_can_freeze(checked, leave_out_rejected=leave_out_rejected)
    with progress.step("Freezing") as advance:
        snapshot = write(
            checked, into, code_version=__version__, now=now or datetime.now(UTC), leave_out_rejected=leave_out_rejected,
            prepare=partial(write_prepared, threads=threads_asked()), store=store,
        )  # fmt: skip
        advance("frozen")
    if leave_out_rejected:
        write_rejects(checked, into / "rejected" / snapshot.id)
    progress.done(f"froze {sum(snapshot.manifest.rows.values()):,} rows as {snapshot.id}")
    return snapshot


def propose_mapping(files: list[Path], *, name: str, out: Path | None = None, today: date | None = None,
                    progress: Quiet = QUIET) -> Proposal:  # fmt: skip
    """Propose a mapping from files; write it where asked, for the owner alone. A file that exists is never replaced."""
    from dueregard.collect.proposal import propose, write_proposal

    if out is not None and (out.exists() or out.is_symlink()):
        raise TargetError(f"`{out.name}` exists, and is not replaced.", try_this="another name, or remove it first.")
    with progress.step("Looking at the files") as advance:
        proposal = propose(files, name=name, today=today or datetime.now(UTC).date())
        advance("looked at")
    if out is not None:
        write_proposal(proposal, out)
    progress.done(f"proposed a mapping from {len(files)} file(s); points to decide: {proposal.open_points}, "
                  f"columns to remove: {proposal.removed}")  # fmt: skip
    return proposal
