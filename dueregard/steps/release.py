"""The way of a release: who moves it, and what is asked before it goes out."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dueregard.errors import ReleaseRefused, SourceError, TargetError
from dueregard.progress import QUIET, Quiet
from dueregard.steps.publish import BUNDLE, signatures_of, stamp

if TYPE_CHECKING:  # types of lower floors only; at run time each step imports what it needs
    from dueregard.evidence.ledger import Event, Record
    from dueregard.evidence.released import Released
    from dueregard.release.ledger import History, Ledger


def move_release(folder: Path, release: str, move: str, *, by: str, now: datetime, because: str = "") -> Record:
    """Submit, reject or withdraw a release: one entry in the ledger. Raises ReleaseRefused, UnknownName, SealBroken."""
    from dueregard.release.ledger import Ledger

    ledger = Ledger.open(folder)
    with ledger.locked():
        history = ledger.append(_event(ledger.history(), release, move, by=by, now=now, because=because))
    return history.record(release)


def approve_release(
    folder: Path, release: str, *, read: str, by: str, now: datetime, because: str = "", seconds: float = 60.0,
    progress: Quiet = QUIET,
) -> Record:  # fmt: skip
    """Approve what was read. The second approval attacks it again with everything that is public by then, and lets it out.

    read: the hash of the bundle that the person had before them (`hash_of_bundle`): of other bytes it is refused. Where both
    approvals stand already and it is not out, the last step is made again.
    Raises ReleaseRefused where the attacker finds something: the approval stands, and nothing is released.
    """
    from dueregard.evidence.ledger import State
    from dueregard.release.ledger import Ledger

    ledger = Ledger.open(folder)
    with ledger.locked():
        history = ledger.history()
        _check_corrects(history, release)
        if history.record(release).state is not State.SECOND_REVIEW:
            history = ledger.append(_event(history, release, "approve", by=by, now=now, because=because, read=read))
        elif read != history.record(release).sha256:
            raise ReleaseRefused(
                f"{release} holds {history.record(release).sha256} in the ledger, and {read} was read.",
                try_this="look at the release again, as it is now.",
            )
        if history.record(release).state is State.SECOND_REVIEW:
            _check_may_go_out(ledger, history, release, seconds, progress)
            history = _let_out(ledger, history, release, by=by, now=now)
    return history.record(release)


def correct_release(folder: Path, release: str, *, by: str, now: datetime, because: str) -> Record:
    """Say that a corrected version takes the place of this release. Raises ReleaseRefused where there is none that is out."""
    from dueregard.release.ledger import Ledger

    ledger = Ledger.open(folder)
    with ledger.locked():
        history = ledger.history()
        event = _event(history, release, "correct", by=by, now=now, because=because)
        if _correction_of(history, release) is None:
            raise ReleaseRefused(
                f"No released version takes the place of {release}, so it is not corrected.",
                try_this=f"`dueregard publish SNAPSHOT --corrects {release} --because 'the reason'`, and have that approved: "
                "then this one is corrected by itself. Or withdraw it.",
            )
        history = ledger.append(event)
    return history.record(release)


def releases_of(folder: Path) -> tuple[Record, ...]:
    """Every release of a ledger, in the order in which they were made. Raises SealBroken."""
    from dueregard.release.ledger import Ledger

    return Ledger.open(folder).history().records


def export_release(folder: Path, release: str, out: Path) -> Record:
    """Write the bundle of a release as it stands in the ledger now; an older copy of the same release in `out` is replaced."""
    from dueregard.publish.folder import check_free, written
    from dueregard.release.ledger import Ledger

    ledger = Ledger.open(folder)
    history = ledger.history()
    record = history.record(release)
    check_free(out, BUNDLE, lambda held: _is_copy(out, held, history, release))
    files = {**ledger.files(record), **signatures_of(ledger, history, release)}
    with written(out, "bundle") as fresh:
        fresh.fill(files)
    return record


def _is_copy(out: Path, held: set[str], history: History, release: str) -> bool:
    """Is it a bundle of this release of this ledger, and nothing else? What a person put beside it is not cleared away."""
    from dueregard.publish.release_status import NAMES, SIGNATURES

    contents = [event.content for event in history.events if event.release == release and event.content is not None]
    if SIGNATURES not in held or not held <= {*NAMES, *(name for content in contents for name, _ in content.files)}:
        return False
    try:
        says = json.loads((out / SIGNATURES).read_bytes())["says"]
        return (says["release"], says["ledger"]) == (release, history.name)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise TargetError(f"`{out.name}` holds signatures that cannot be read.", try_this="another --out.") from fault


def hash_of_bundle(folder: Path) -> str:
    """Which release is this folder? The hash of its files, as the ledger holds it; those that tell who signed are not counted.

    Raises SourceError where the folder cannot be read, or holds anything but files.
    """
    import hashlib

    from dueregard.publish.release_status import NAMES
    from dueregard.release.workflow import content_hash

    try:
        found = {entry.name: entry.read_bytes() for entry in sorted(folder.iterdir())}
    except OSError as fault:
        raise SourceError(
            f"{folder} cannot be read as a bundle: {fault.strerror or fault}.",
            try_this="the folder that `dueregard publish` or `dueregard release export` wrote, with nothing added.",
        ) from fault
    return content_hash((name, hashlib.sha256(text).hexdigest()) for name, text in found.items() if name not in NAMES)


def _event(
    history: History, release: str, move: str, *, by: str, now: datetime, because: str, read: str | None = None
) -> Event:
    """The entry, for the bytes that were read, else as they are now; not yet allowed."""
    from dueregard.evidence.ledger import Event
    from dueregard.release import workflow
    from dueregard.release.people import person

    record = history.record(release)
    event = Event(move, release, person(by), stamp(now), read or record.sha256, because.strip())
    workflow.check_move(record, event)
    return event


def _check_corrects(history: History, release: str) -> None:
    """Is what it corrects still out? Its pages say of that one that it was corrected, and by whom."""
    from dueregard.evidence.ledger import State

    corrected = history.record(release).content.corrects
    if corrected is not None and history.record(corrected).state is not State.RELEASED:
        raise ReleaseRefused(
            f"{release} says that it corrects {corrected}, which is {history.record(corrected).state!s} by now.",
            try_this=f"`dueregard release withdraw {release}`, and publish anew without `--corrects {corrected}`.",
        )


def _check_may_go_out(ledger: Ledger, history: History, release: str, seconds: float, progress: Quiet) -> None:
    """Is its version free, does it tell what was public before as it stands now, and does the attacker find nothing with all of
    it? Raises ReleaseRefused."""
    from dueregard.disclose.attack import attack
    from dueregard.steps.attack import published_in
    from dueregard.steps.release_content import policy_from

    record = history.record(release)
    again = f"`dueregard publish SNAPSHOT --revises {release}`, which makes it anew beside what is public now."
    if taken := [r.release for r in history.public_ones() if _line_of(r) == _line_of(record)]:
        raise ReleaseRefused(
            f"Version {record.version} is {taken[0]} by now; {release} is not released.", try_this=again
        )
    told = _released_in(ledger, record)
    if {(r.version, r.state, r.sha256) for r in told.revisions} != _public_before(history, record):
        raise ReleaseRefused(
            f"{release} is not released: what was public changed since it was made, so its revision history is not true.",
            try_this=again,
        )
    own, rules = published_in(ledger, record), policy_from(told.about.policy_text)
    earlier = [published_in(ledger, other) for other in history.public_ones()]
    with progress.step("Attacking") as advance:
        found = attack([*earlier, own], rules, is_exact=False, since=len(earlier), seconds=seconds)
        advance("attacked")
    progress.done(f"attacked {found.n_counts:,} counts together with {len(earlier)} earlier release(s)")
    if not found.is_safe:
        figures = " and ".join(f"“{why}”" for why in found.narrowed[0].because[:2])
        raise ReleaseRefused(
            f"{release} is not released: read together with what became public, {figures} give a small count away.",
            try_this=again,
        )


def _line_of(record: Record) -> tuple[str, tuple[int, int]]:
    return record.content.policy, record.content.version


def _released_in(ledger: Ledger, record: Record) -> Released:
    """What a release says, from its own bytes."""
    from dueregard.publish.release_file import FIGURES, read_released

    return read_released(ledger.files(record)[FIGURES])


def _public_before(history: History, record: Record) -> set[tuple[str, str, str]]:
    """Version, state and hash of every other public release of its policy, as they will stand when this one is out."""
    from dueregard.evidence.ledger import State

    return {
        (other.version, str(State.CORRECTED if other.release == record.content.corrects else other.state), other.sha256)
        for other in history.public_ones()
        if other.content.policy == record.content.policy and other.release != record.release
    }


def _let_out(ledger: Ledger, history: History, release: str, *, by: str, now: datetime) -> History:
    """The entry that makes it public; and what it corrects is corrected from then on."""
    from dueregard.evidence.ledger import State

    history = ledger.append(_event(history, release, "release", by=by, now=now, because=""))
    record = history.record(release)
    corrected = record.content.corrects
    if corrected is not None and history.record(corrected).state is State.RELEASED:
        because = f"{release} (version {record.version}) takes its place. {_why_made(history, release)}".strip()
        history = ledger.append(_event(history, corrected, "correct", by=by, now=now, because=because))
    return history


def _why_made(history: History, release: str) -> str:
    """What the author said when the correction was made."""
    said = [event.because for event in history.events if event.release == release and event.content is not None]
    return next((why for why in reversed(said) if why), "")


def _correction_of(history: History, release: str) -> Record | None:
    """The released version that takes its place."""
    from dueregard.evidence.ledger import State

    return next((r for r in history.records if r.content.corrects == release and r.state is State.RELEASED), None)
