"""The command line: arguments in, sentences out. Everything is done by `steps`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, CycloptsError, Parameter

from dueregard import __version__
from dueregard.errors import DueRegardError, Interrupted, TargetError, UsageError
from dueregard.terminal import print_answer, table

if TYPE_CHECKING:
    from dueregard.collect.collect import Source

app = App(
    name="dueregard",
    default_parameter=Parameter(negative=()),
    suppress_keyboard_interrupt=False,  # `main` tells it, and leaves with its own code
    version=__version__,
    help="What does police contact with schools mean, and for whom? Collect, check, freeze, compare, report, verify.",
)

DONE, FAULTS, WRONG_USE = 0, 1, 2
Json = Annotated[
    bool, Parameter(name="--json", negative="", help="Print one JSON document and nothing else on standard output.")
]


def run(tokens: list[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    sys.exit(main(tokens))


def main(tokens: list[str] | None = None) -> int:
    """Run one command. Returns the exit code; errors made on purpose are printed without a traceback."""
    try:
        result = app(tokens, exit_on_error=False, print_error=False, result_action="return_value")
        return result if isinstance(result, int) else DONE
    except CycloptsError as fault:
        return _tell(UsageError(str(fault), try_this="`dueregard --help`, or `dueregard COMMAND --help`."))
    except KeyboardInterrupt:
        return _tell(Interrupted("Stopped. The earlier state is whole; nothing half done was left behind."))
    except DueRegardError as fault:
        return _tell(fault)
    except BrokenPipeError:
        sys.stderr.close()
        return DONE
    except OSError as fault:
        return _tell(
            TargetError(f"The disk refused: {fault.strerror}.", try_this="free space or rights, then run it again.")
        )


def _tell(fault: DueRegardError) -> int:
    print(fault, file=sys.stderr)
    return fault.exit_code


def _print_json(document: Any) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False))


def _sources(paths: list[str], profile: str | None) -> list[Source]:
    from dueregard.collect.collect import parse_source

    return [parse_source(path, profile) for path in paths]


@app.command
def synth(folder: Path, /, *, size: str = "borough", seed: int = 1) -> int:
    """Write a made-up force in the native layout: every table, and the truth that was set.

    Parameters
    ----------
    folder
        Where to write. It must not exist, or be empty.
    size
        How large a force; `borough` is the one there is.
    seed
        The same seed gives the same bytes.
    """
    from dueregard import steps
    from dueregard.progress import for_this_terminal

    written = steps.synth(folder, size=size, seed=seed, progress=for_this_terminal())
    print(written)
    return DONE


@app.command
def profiles(*, json: Json = False) -> int:
    """What can be read: the profiles, with what each reads and declares."""
    from dueregard.collect.profiles.known import profiles as known

    if json:
        _print_json([{"name": p.name, "about": p.about, "reads": p.reads, "version": p.version, "caveats": list(p.caveats)}
                     for p in known().values()])  # fmt: skip
        return DONE
    for found in known().values():
        print(f"{found.name}\n  {found.about} Reads {found.reads}.")
        for caveat in found.caveats:
            print(f"  Caveat: {caveat}")
    return DONE


@app.command
def terms(name: str | None = None, /, *, json: Json = False) -> int:
    """The code lists; with a name, the codes of one list.

    Parameters
    ----------
    name
        A code list, such as sde_18plus1.
    """
    from dueregard.terms.lists import code_list, list_names

    if name is None:
        lists = [code_list(n) for n in list_names()]
        if json:
            _print_json(
                [
                    {"name": x.name, "title": x.title, "version": x.version, "own": x.is_own, "codes": len(x.terms)}
                    for x in lists
                ]
            )
            return DONE
        print(table(["list", "version", "codes", "title"],
                     [[x.name, x.version, str(len(x.terms)), x.title + (" (own)" if x.is_own else "")] for x in lists]))  # fmt: skip
        return DONE
    found = code_list(name)
    if json:
        _print_json([{"code": t.code, "label": t.label, "group": t.group, "prov": t.prov} for t in found])
        return DONE
    print(f"{found.title}, version {found.version}")
    print(table(["code", "label", "group", "prov"], [[t.code, t.label, t.group, t.prov] for t in found]))
    return DONE


@app.command
def measures(*, snapshot: Path | None = None, json: Json = False) -> int:
    """The catalogue of questions; with a snapshot, which of them it can answer.

    Parameters
    ----------
    snapshot
        The path that `dueregard freeze` printed.
    """
    from dueregard import steps
    from dueregard.measures.catalogue import catalogue

    why_not = dict(steps.answerable(snapshot)) if snapshot is not None else {}
    rows: list[dict[str, Any]] = [{"stage": e.stage, "title": e.title, "unit": e.unit, "denominator": e.denominator, "wording": e.wording,
             "source": e.source} for e in catalogue()]  # fmt: skip
    if snapshot is not None:
        for row in rows:
            row |= {"can_answer": why_not[row["stage"]] is None, "why_not": why_not[row["stage"]]}
    if json:
        _print_json(rows)
        return DONE
    for row in rows:
        told = "" if snapshot is None else ("" if row["can_answer"] else f"\n  Cannot be answered: {row['why_not']}")
        print(f"{row['stage']}\n  {row['wording']}\n  Counted from {row['source']}.{told}")
    return DONE


@app.command
def check(
    sources: Annotated[list[str], Parameter(consume_multiple=True)],
    /, *, profile: str | None = None, rejects: Path | None = None, json: Json = False,
) -> int:  # fmt: skip
    """Read and judge sources; write nothing unless asked. Leaves with 1 if there is an error.

    Parameters
    ----------
    sources
        A folder or file, or PATH=PROFILE.
    profile
        How sources without one are read; `dueregard profiles` lists them.
    rejects
        A folder for the refused rows with their codes (mode 0600).
    """
    from dueregard import steps
    from dueregard.progress import for_this_terminal

    checked = steps.check(_sources(sources, profile), progress=for_this_terminal())
    if rejects is not None:
        for written in steps.write_rejects(checked, rejects):
            print(f"refused rows: {written.name}", file=sys.stderr)
    if json:
        _print_json(
            {"files": [report.as_json() for report in checked.reports], "ignored": list(checked.intake.ignored)}
        )
    else:
        _print_findings(checked)
    return FAULTS if checked.errors else DONE


def _print_findings(checked: Any) -> None:
    print(table(["file", "table", "accepted", "rejected"],
                 [[r.file, r.table, f"{r.accepted:,}", f"{r.rejected:,}"] for r in checked.reports]))  # fmt: skip
    for finding in checked.findings:
        print(finding.words())
    if checked.intake.ignored:
        print(f"Ignored: {', '.join(checked.intake.ignored)}.")
    if not checked.findings:
        print("No finding.")


@app.command
def freeze(
    sources: Annotated[list[str], Parameter(consume_multiple=True)],
    /, *, into: Path, profile: str | None = None, leave_out_rejected: bool = False, json: Json = False,
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
    leave_out_rejected
        Freeze the accepted rows; every report says how many were left out.
    """
    from dueregard import steps
    from dueregard.progress import for_this_terminal

    snapshot, checked = steps.freeze(_sources(sources, profile), into, leave_out_rejected=leave_out_rejected,
                                     progress=for_this_terminal())  # fmt: skip
    if json:
        findings = [finding for report in checked.reports for finding in report.as_json()["findings"]]
        _print_json({"snapshot": snapshot.id, "path": str(snapshot.path), "findings": findings})
        return DONE
    for finding in checked.findings:
        print(finding.words(), file=sys.stderr)
    print(snapshot.path)
    return DONE


@app.command
def compare(
    snapshot: Path, /, *, stage: str, by: str = "ethnicity", comparison: str | None = None, within: str | None = None,
    unit: str = "pupils", denominator: str = "pupils_on_roll", period: str | None = None,
    where: Annotated[list[str] | None, Parameter(consume_multiple=False)] = None, engine: str = "duckdb", json: Json = False,
) -> int:  # fmt: skip
    """How does each group's rate compare with the comparison group's, crude and within strata?

    Parameters
    ----------
    snapshot
        The path that `dueregard freeze` printed.
    stage
        A stage of the ladder; `dueregard measures` lists them.
    by
        Columns of the split, crossed; `period` among them gives the trend.
    comparison
        The group that others are compared with, by code or label.
    within
        Strata: school, area, officer, or several with commas.
    unit
        pupils, involvements, or events.
    denominator
        pupils_on_roll, pupil_years, officer_present_pupil_days, officer_fte_pupil_days, or a stage.
    period
        2023/24, fy2023/24, or 2023/24-autumn; the last whole academic year unless asked.
    where
        column=code; may be given several times.
    engine
        duckdb, or reference (slow, plain Python).
    """
    from dueregard import steps
    from dueregard.evidence.as_json import answer_as_json
    from dueregard.measures.question import question

    asked = question(stage, unit=unit, denominator=denominator, by=by, within=within, where=where, period=period)
    answer = steps.compare(snapshot, asked, comparison=comparison, engine=engine)
    if json:
        _print_json(answer_as_json(answer))
    else:
        print_answer(answer)
    return DONE


@app.command
def report(snapshot: Path, /, *, out: Path, comparison: str | None = None) -> int:
    """Write the whole report of a snapshot: HTML, workbook, figures.json, cells.csv. Internal, not for publication.

    Parameters
    ----------
    snapshot
        The path that `dueregard freeze` printed.
    out
        The folder to write; a former report in it is replaced whole.
    comparison
        The group that others are compared with, where a split has it.
    """
    from dueregard import steps
    from dueregard.progress import for_this_terminal

    steps.report(snapshot, out, comparison=comparison, progress=for_this_terminal())
    print(out / "index.html")
    return DONE


@app.command
def verify(folder: Path, /, *, snapshot: Path | None = None, json: Json = False) -> int:
    """Does every figure of a report follow from its counts, and (with the snapshot) every count from its rows?

    Parameters
    ----------
    folder
        A report.
    snapshot
        The snapshot that it was made from.
    """
    from dueregard import steps
    from dueregard.errors import VerificationFailed
    from dueregard.progress import for_this_terminal

    faults = steps.verify(folder, snapshot_path=snapshot, progress=for_this_terminal())
    if json:
        _print_json({"whole": not faults, "faults": faults})
        return VerificationFailed.exit_code if faults else DONE
    if faults:
        listed = "\n".join(f"- {fault}" for fault in faults)
        raise VerificationFailed(f"The report does not hold:\n{listed}", try_this="make it again from its snapshot.")
    counts = " and every count from the snapshot's rows" if snapshot is not None else ""
    print(f"Whole: every figure follows from the counts{counts}.")
    return DONE
