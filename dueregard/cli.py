"""The command line: arguments in, sentences out. Everything is done by `steps`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, CycloptsError, Parameter

from dueregard import __version__
from dueregard.errors import DueRegardError, Interrupted, TargetError, UsageError
from dueregard.terminal import print_answer, print_known, table

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


def _sources(paths: list[str], profile: str | None, mapping: Path | None = None) -> list[Source]:
    from dueregard.collect.collect import parse_source

    if profile and mapping:
        raise UsageError(
            "A source is read by a profile or by a mapping, not by both.", try_this="leave one of the two out."
        )
    return [parse_source(path, profile, mapping) for path in paths]


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
def terms(
    name: str | None = None, /, *, crosswalks: bool = False, snapshot: Path | None = None, engine: str = "duckdb",
    json: Json = False,
) -> int:  # fmt: skip
    """The code lists; with a name, the codes of one list, where they go, and what is lost on the way.

    Parameters
    ----------
    name
        A code list, such as sde_18plus1, or a crosswalk, such as sde_18plus1_to_sde_16plus1.
    crosswalks
        The crosswalks that lead from one list to another.
    snapshot
        The path that `dueregard freeze` printed: how many of its pupils and involvements each lossy step touches.
    engine
        For a snapshot: duckdb, or reference (slow, plain Python).
    """
    from dueregard import terminal_terms as told
    from dueregard.terms.crosswalks import crosswalk_named

    if snapshot is not None:
        from dueregard import steps

        return _show(told.losses_told(steps.losses(snapshot, name, engine=engine)), json)
    if crosswalks:
        return _show(told.crosswalks_told(name), json)
    if name is None:
        return _show(told.lists_told(), json)
    found = crosswalk_named(name)
    return _show(told.list_told(name) if found is None else told.crosswalk_told(found), json)


def _show(told: tuple[str, Any], as_json: bool) -> int:
    """Text, or the same as JSON."""
    if as_json:
        _print_json(told[1])
    else:
        print(told[0])
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
    /, *, profile: str | None = None, mapping: Path | None = None, rejects: Path | None = None, page: Path | None = None,
    json: Json = False,
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
    rejects
        A folder for the refused rows with their codes (mode 0600).
    """
    from dueregard import steps
    from dueregard.progress import for_this_terminal

    checked = steps.check(_sources(sources, profile, mapping), with_completeness=json or page is not None,
                          progress=for_this_terminal())  # fmt: skip
    if page is not None:
        print(f"findings: {steps.write_findings(checked, page).name}", file=sys.stderr)
    if rejects is not None:
        for written in steps.write_rejects(checked, rejects):
            print(f"refused rows: {written.name}", file=sys.stderr)
    if json:
        _print_json(
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
        print(f"Ignored: {', '.join(checked.intake.ignored)}.")
    if not checked.findings:
        print("No finding.")


@app.command
def freeze(
    sources: Annotated[list[str], Parameter(consume_multiple=True)],
    /, *, into: Path, profile: str | None = None, mapping: Path | None = None, leave_out_rejected: bool = False,
    json: Json = False,
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
    """
    from dueregard import steps
    from dueregard.progress import for_this_terminal

    snapshot, checked = steps.freeze(_sources(sources, profile, mapping), into, leave_out_rejected=leave_out_rejected,
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
        2023/24, fy2023/24, 2023/24-autumn, or months 2023-04/2024-02; the last whole academic year unless asked.
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


@app.command
def standardise(
    snapshot: Path, /, *, stage: str, by: str = "ethnicity", over: str = "age_on_31_august,sex", method: str = "direct",
    comparison: str | None = None, unit: str = "pupils", denominator: str = "pupils_on_roll", period: str | None = None,
    where: Annotated[list[str] | None, Parameter(consume_multiple=False)] = None, engine: str = "duckdb", json: Json = False,
) -> int:  # fmt: skip
    """How do groups compare once their make-up by age, sex or other columns is made the same?

    Parameters
    ----------
    snapshot
        The path that `dueregard freeze` printed.
    stage
        A stage of the ladder; `dueregard measures` lists them.
    by
        Columns of the groups, crossed.
    over
        Columns whose make-up is made the same, with commas.
    method
        direct: each group's rates on the whole roll; fewer than 10 counted are not estimable. indirect: counted over
        expected, at everybody's rates or, with a comparison, at that group's.
    comparison
        The group that others are compared with (direct), or whose rates are the standard (indirect).
    unit
        pupils, involvements, or events; of the last two, those of one pupil widen the interval.
    denominator
        pupils_on_roll, pupil_years, officer_present_pupil_days, or officer_fte_pupil_days.
    period
        2023/24, fy2023/24, or 2023/24-autumn; the last whole academic year unless asked.
    where
        column=code; may be given several times.
    engine
        duckdb, or reference (slow, plain Python).
    """
    from dueregard import steps
    from dueregard.evidence.standardised_json import standardised_as_json
    from dueregard.measures.question import parse_list, question
    from dueregard.terminal import print_standardised

    asked = question(stage, unit=unit, denominator=denominator, by=by, where=where, period=period)
    answer = steps.standardise(
        snapshot, asked, over=parse_list(over), method=method, comparison=comparison, engine=engine
    )
    if json:
        _print_json(standardised_as_json(answer))
    else:
        print_standardised(answer)
    return DONE


snapshots = App(name="snapshots", help="What changed from one snapshot to another?")
app.command(snapshots)


@snapshots.command
def diff(before: Path, after: Path, /, *, json: Json = False) -> int:
    """What changed from one snapshot to another, by table, column, school and code list, and which figures move?

    Parameters
    ----------
    before
        The path of the earlier snapshot, as `dueregard freeze` printed it.
    after
        The path of the later one.
    """
    from dueregard import steps
    from dueregard.evidence.difference_json import difference_as_json
    from dueregard.progress import for_this_terminal
    from dueregard.terminal import print_difference

    found = steps.difference(before, after, progress=for_this_terminal())
    if json:
        _print_json(difference_as_json(found))
    else:
        print_difference(found)
    return DONE


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
