"""Releases: publish, and release submit, approve, reject, withdraw, correct, list, export."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from dueregard.cli.app import DONE, Json, app, print_json
from dueregard.errors import UsageError

release = App(name="release", help="Move a release on its way out: two people other than its author approve it.")

app.command(release)

Names = Annotated[list[str] | None, Parameter(consume_multiple=False)]
Name = Annotated[str, Parameter(help="The release, such as R0001.")]
By = Annotated[str, Parameter(help="Who does it. On a command line this proves nothing.")]
Because = Annotated[str, Parameter(help="Why.")]
Folder = Annotated[Path, Parameter(help="The folder of the ledger.")]


@app.command
def publish(
    snapshot: Path, /, *, ledger: Path, out: Path, policy: str = "public", by: str | None = None, stage: Names = None,
    split: Names = None, period: str | None = None, comparison: str | None = None, place: str | None = None,
    corrects: str | None = None, revises: str | None = None, because: str = "", seconds: float = 60.0, json: Json = False,
) -> int:  # fmt: skip
    """Make a release: protected counts, attacked with all that was public before, a draft in the ledger, a bundle.

    Parameters
    ----------
    snapshot
        The path that `dueregard freeze` printed.
    ledger
        The folder of the ledger; a new one is begun where it is empty or absent.
    out
        The folder to write the bundle to. It must not exist, or be empty.
    policy
        Who may see what of a count; `dueregard policies` lists them. A TOML file for one of your own.
    by
        Who makes it; without it, the name of the account. On a command line this proves nothing.
    stage
        A stage of the ladder; may be given several times. What is named is refused where it is not safe.
    split
        A column of the groups; may be given several times.
    period
        2023/24, fy2023/24, or 2023/24-autumn; the last whole academic year, and the years beside it, unless asked.
    comparison
        The group that others are compared with, where a split has it.
    place
        The finest place: school, area, or all. What is named is refused where it is not safe.
    corrects
        A released release whose place this one takes once it is out.
    revises
        A draft that is made anew; approvals of the former bytes fall.
    because
        Why it corrects or revises.
    seconds
        The longest time for one question to the solver. When it is over, nothing is published.
    """
    # Before numpy is loaded: two threads on small matrices wait for each other more than they work.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from dueregard import steps
    from dueregard.progress import for_this_terminal
    from dueregard.terminal.release import draft_told

    wanted = steps.Wanted(
        stages=None if stage is None else tuple(stage), splits=None if split is None else tuple(split), period=period,
        comparison=comparison, place=place, corrects=corrects, revises=revises, because=because,
    )  # fmt: skip
    made = steps.publish(snapshot, ledger=ledger, out=out, by=by or getpass.getuser(), now=steps.now(), policy=policy,
                         wanted=wanted, seconds=seconds, progress=for_this_terminal())  # fmt: skip
    text, document = draft_told(made)
    if json:
        print_json({**document, "out": str(out)})
    else:
        print(f"{text}\n{out / 'index.html'}")
    return DONE


@release.command
def submit(name: Name, /, *, by: By, ledger: Folder, json: Json = False) -> int:
    """An author asks for review."""
    return _moved(name, "submit", by, ledger, "", json)


@release.command
def approve(
    name: Name, /, *, by: By, ledger: Folder, bundle: Path | None = None, sha256: str | None = None, because: str = "",
    seconds: float = 60.0, json: Json = False,
) -> int:  # fmt: skip
    """Somebody other than its authors approves exactly the bytes that they have read. The second approval attacks it again and lets it out.

    Parameters
    ----------
    bundle
        The folder that was read. Its hash is computed, and refused where the ledger holds other bytes. This, or `--sha256`.
    sha256
        The hash of the bundle that was read, as `dueregard release hash` prints it where the folder lies elsewhere.
    because
        What was looked at.
    seconds
        The longest time for one question to the solver. When it is over, the approval stands and nothing is released.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from dueregard import steps
    from dueregard.cli.app import show
    from dueregard.progress import for_this_terminal
    from dueregard.terminal.release import record_told

    if (bundle is None) == (sha256 is None):
        raise UsageError(
            "An approval is of what was read: say which bundle that is.",
            try_this="`--bundle DIR`, the folder that you have read; or `--sha256 HASH`, its hash.",
        )
    read = steps.hash_of_bundle(bundle) if bundle is not None else str(sha256)
    made = steps.approve_release(ledger, name, read=read, by=by, now=steps.now(), because=because, seconds=seconds,
                                 progress=for_this_terminal())  # fmt: skip
    return show(record_told(made), json)


@release.command(name="hash")
def hash_bundle(bundle: Path, /) -> int:
    """The hash of a bundle, by which an approval names what was read.

    Parameters
    ----------
    bundle
        The folder that was read.
    """
    from dueregard import steps

    print(steps.hash_of_bundle(bundle))
    return DONE


@release.command
def reject(name: Name, /, *, by: By, ledger: Folder, because: Because, json: Json = False) -> int:
    """Somebody other than its authors sends it back; approvals fall."""
    return _moved(name, "reject", by, ledger, because, json)


@release.command
def withdraw(name: Name, /, *, by: By, ledger: Folder, because: Because, json: Json = False) -> int:
    """Take it back; nothing takes its place. What was public stays known, and later releases are attacked with it."""
    return _moved(name, "withdraw", by, ledger, because, json)


@release.command
def correct(name: Name, /, *, by: By, ledger: Folder, because: Because, json: Json = False) -> int:
    """Say that a released version takes its place. `publish --corrects` makes that version, and its release says this by itself."""
    from dueregard import steps
    from dueregard.cli.app import show
    from dueregard.terminal.release import record_told

    return show(record_told(steps.correct_release(ledger, name, by=by, now=steps.now(), because=because)), json)


@release.command(name="list")
def list_releases(*, ledger: Folder, json: Json = False) -> int:
    """Every release of a ledger: version, state, who made and who approved it."""
    from dueregard import steps
    from dueregard.cli.app import show
    from dueregard.terminal.release import releases_told

    return show(releases_told(steps.releases_of(ledger)), json)


@release.command
def export(name: Name, /, *, ledger: Folder, out: Path) -> int:
    """Write the bundle of a release as it now stands: the same bytes, with the signatures renewed.

    Parameters
    ----------
    out
        The folder to write. An older copy of the same release is replaced whole.
    """
    from dueregard import steps

    steps.export_release(ledger, name, out)
    print(out / "index.html")
    return DONE


def _moved(name: str, move: str, by: str, ledger: Path, because: str, json: bool) -> int:
    from dueregard import steps
    from dueregard.cli.app import show
    from dueregard.terminal.release import record_told

    return show(record_told(steps.move_release(ledger, name, move, by=by, now=steps.now(), because=because)), json)
