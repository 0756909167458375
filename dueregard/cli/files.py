"""From files to a snapshot: synth, check, freeze, mapping."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from dueregard.cli.app import DONE, FAULTS, Json, app, print_json, sources_of
from dueregard.errors import UsageError
from dueregard.terminal.known import print_known
from dueregard.terminal.table import table


@app.command
def synth(
    folder: Path, /, *, size: str = "borough", seed: int = 1, truth: Path | None = None, dirt: bool = False
) -> int:
    """Write a made-up force in the native layout: every table, and the truth that was set.

    Parameters
    ----------
    folder
        Where to write. It must not exist, or be empty.
    size
        How large a force: `borough` (CSV, 24 schools), `london` (Parquet, 3,000 schools), `england` (23,000).
    seed
        The same seed gives the same bytes.
    truth
        A TOML file that sets rates, disparities, effects and gaps. What it does not name keeps its value.
    dirt
        Plant faults such as real exports have; `truth.toml` lists each with file, line and code, and every table is CSV.
    """
    from dueregard import steps
    from dueregard.progress import for_this_terminal

    written = steps.synth(folder, size=size, seed=seed, truth=truth, dirt=dirt, progress=for_this_terminal())
    print(written)
    return DONE


@app.command
def check(
    sources: Annotated[list[str], Parameter(consume_multiple=True)],
    /, *, profile: str | None = None, mapping: Path | None = None, rejects: Path | None = None, page: Path | None = None,
    planted: Path | None = None, json: Json = False,
) -> int:  # fmt: skip
    """Read and judge sources; write nothing unless asked. Leaves with 1 if there is an error.

    Parameters
    ----------
    sources
        A folder or file, or PATH=PROFILE.
    profile
        How sources without one are read; `dueregard profiles` lists them.
    mapping
        A declared mapping (TOML) that reads sources without a profile; `dueregard mapping new FILE` proposes one.
    page
        An HTML file to write the findings to: by file, school and field, with what is missing for which group.
    planted
        The truth.toml of a force that `synth --dirt` made: which planted faults are found, which missed, and which errors
        nobody planted.
    rejects
        A folder for the refused rows with their codes (mode 0600).
    """
    from dueregard import steps
    from dueregard.progress import for_this_terminal

    asked = sources_of(sources, profile, mapping)
    if rejects is not None:
        steps.check_rejects(rejects, asked)
    checked = steps.check(asked, with_completeness=json or page is not None,
                          progress=for_this_terminal())  # fmt: skip
    if page is not None:
        print(f"findings: {steps.write_findings(checked, page).name}", file=sys.stderr)
    if rejects is not None:
        for written in steps.write_rejects(checked, rejects):
            print(f"refused rows: {written.name}", file=sys.stderr)
    if planted is not None:
        told = steps.score(checked, planted)
        print(f"planted: {len(told.found)} found, {len(told.missed)} missed, {len(told.false_alarms)} false alarms",
              file=sys.stderr)  # fmt: skip
        for name, rows in (("missed", told.missed), ("false alarm", told.false_alarms)):
            for row in rows:
                print(f"{name}: {row.file}, line {row.line}, {row.code}", file=sys.stderr)
    if json:
        print_json(
            {"files": [report.as_json() for report in checked.reports], "ignored": list(checked.intake.ignored),
             "completeness": [asdict(k) for k in checked.known]}
        )  # fmt: skip
    else:
        _print_findings(checked)
    return FAULTS if checked.errors else DONE


def _print_findings(checked: Any) -> None:
    print(table(["file", "table", "accepted", "rejected"],
                 [[r.file, r.table, f"{r.accepted:,}", f"{r.rejected:,}"] for r in checked.reports]))  # fmt: skip
    for finding in checked.findings:
        print(finding.words())
    print_known(checked.known)
    if checked.intake.ignored:
        print(_ignored(checked))
    if not checked.findings:
        print("No finding.")


def _ignored(checked: Any) -> str:
    return f"Ignored: {', '.join(checked.intake.ignored)}."


@app.command
def freeze(
    sources: Annotated[list[str] | None, Parameter(consume_multiple=True)] = None,
    /, *, into: Path, profile: str | None = None, mapping: Path | None = None, leave_out_rejected: bool = False,
    store: Path | None = None, as_of: datetime | None = None, json: Json = False,
) -> int:  # fmt: skip
    """Check sources, then write a read-only snapshot; prints its path. An error stops it with nothing written.

    Parameters
    ----------
    sources
        A folder or file, or PATH=PROFILE; several make one snapshot.
    into
        The folder that holds snapshots.
    profile
        How sources without one are read.
    mapping
        A declared mapping (TOML) that reads sources without a profile.
    leave_out_rejected
        Freeze the accepted rows; every report says how many were left out.
    store
        The folder of a service, instead of sources: its records under references that no other snapshot has.
    as_of
        The records as they were at this time, such as 2025-09-01T00:00:00; UTC unless it says otherwise.
    """
    snapshot, checked = _frozen(sources or [], into, profile, mapping, leave_out_rejected, store, as_of)
    if json:
        findings = [finding for report in checked.reports for finding in report.as_json()["findings"]]
        print_json({"snapshot": snapshot.id, "path": str(snapshot.path), "findings": findings,
                    "ignored": list(checked.intake.ignored)})  # fmt: skip
        return DONE
    for finding in checked.findings:
        print(finding.words(), file=sys.stderr)
    if checked.intake.ignored:
        print(_ignored(checked), file=sys.stderr)
    print(snapshot.path)
    return DONE


def _frozen(
    sources: list[str], into: Path, profile: str | None, mapping: Path | None, leave_out_rejected: bool,
    store: Path | None, as_of: datetime | None,
) -> tuple[Any, Any]:  # fmt: skip
    from dueregard import steps
    from dueregard.progress import for_this_terminal

    if bool(sources) == (store is not None) or (store and (profile or mapping)) or (as_of and store is None):
        raise UsageError("Either sources are frozen, or a service's store as of a time, not both and not neither.",
                         try_this="`freeze SOURCE --into DIR`, or `freeze --store DIR --into DIR --as-of TIME`.")  # fmt: skip
    progress = for_this_terminal()
    if store is not None:
        when = as_of if as_of is None or as_of.tzinfo else as_of.replace(tzinfo=UTC)
        return steps.freeze_store(store, into, as_of=when, leave_out_rejected=leave_out_rejected, progress=progress)
    return steps.freeze(
        sources_of(sources, profile, mapping), into, leave_out_rejected=leave_out_rejected, progress=progress
    )


mappings = App(name="mapping", help="How is a source's own layout read?")


app.command(mappings)


@mappings.command(name="new")
def mapping_new(
    files: Annotated[list[Path], Parameter(consume_multiple=True)],
    /,
    *,
    out: Path | None = None,
    name: str = "proposed",
) -> int:
    """Propose a mapping from the headers and values of files, for a person to correct. Prints it, or writes it.

    Parameters
    ----------
    files
        CSV or Parquet files, or workbooks; those with the same columns make one layout.
    out
        The file to write, for its owner alone; one that exists is not replaced.
    name
        The name of the mapping, in snake_case.
    """
    from dueregard import steps
    from dueregard.progress import for_this_terminal

    proposal = steps.propose_mapping(files, name=name, out=out, progress=for_this_terminal())
    print(proposal.text if out is None else out, end="" if out is None else "\n")
    return DONE
