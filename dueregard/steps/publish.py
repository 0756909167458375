"""Publish: from a snapshot to a draft in the ledger and a bundle on the disk, or to nothing at all."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dueregard import __version__
from dueregard.errors import CannotAnswer, ReleaseRefused, TargetError
from dueregard.progress import QUIET, Quiet
from dueregard.steps.open import open_engine, open_snapshot
from dueregard.steps.release_counts import SPLITS, STAGES, time_of, with_help

if TYPE_CHECKING:  # types of lower floors only; at run time each step imports what it needs
    from dueregard.disclose.plan import Gave, Planned
    from dueregard.disclose.policy import Policy
    from dueregard.evidence.ledger import Content, Event, Record
    from dueregard.evidence.published import Published
    from dueregard.evidence.released import Released, Revision
    from dueregard.evidence.snapshot import Snapshot
    from dueregard.publish.folder import Fresh
    from dueregard.release.ledger import History, Ledger

BUNDLE = "bundle that `dueregard publish` wrote"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be published. stages, splits, period, place: None is the default, coarsened until it is safe; what is
    named is a wish, and is refused where it is not safe. corrects: a release whose place this one takes; revises: a draft
    that is made anew; because: why."""

    stages: tuple[str, ...] | None = None
    splits: tuple[str, ...] | None = None
    period: str | None = None
    comparison: str | None = None
    place: str | None = None
    corrects: str | None = None
    revises: str | None = None
    because: str = ""

    @property
    def names_questions(self) -> bool:
        return bool(self.stages or self.splits or self.period)


@dataclass(frozen=True, slots=True)
class Draft:
    """What was made: the draft as it stands in the ledger, what it says, and what was given up with the figures that told."""

    record: Record
    released: Released
    gave: tuple[Gave, ...]


@dataclass(frozen=True, slots=True)
class Before:
    """What stands in a ledger before a release is made: nothing where there is no ledger yet."""

    records: tuple[Record, ...]
    public: tuple[tuple[Record, Published], ...]

    def record(self, release: str) -> Record:
        """The release of this name. Raises UnknownName."""
        from dueregard.release.ledger import record_named

        return record_named(self.records, release)


def publish(
    path: Path, *, ledger: Path, out: Path, by: str, now: datetime, policy: str = "public", wanted: Wanted = Wanted(),
    seconds: float = 60.0, progress: Quiet = QUIET,
) -> Draft:  # fmt: skip
    """Make a release from a snapshot: protected, attacked with all that was public, a draft in the ledger, a bundle in `out`.

    Raises ReleaseRefused where it cannot be made safe as asked, and says what could be; SealBroken, TargetError, SnapshotError,
    UsageError. Then nothing is published, and ledger and `out` are as they were.
    """
    from dueregard.disclose.policy import policy_named
    from dueregard.publish.folder import check_free
    from dueregard.publish.release_bundle import render_release
    from dueregard.release.people import person

    author, rules = person(by), policy_named(policy)
    _check_may_leave(rules)
    check_free(out, BUNDLE, lambda held: False)
    snapshot = open_snapshot(path)
    with locked(ledger):
        before = before_of(ledger)
        version = _version(before, rules, wanted)
        released, planned = compose_release(snapshot, rules, before, wanted, version=version, seconds=seconds, progress=progress)  # fmt: skip
        with progress.step("Writing the bundle") as advance:
            files = render_release(released)
            advance("rendered")
        made = _Entry(author, now, wanted, snapshot.id, rules, version, before)
        record = _enter(ledger, out, files, made)
    progress.done(f"entered {record.release} as a draft: {len(planned.published.tables)} tables")
    return Draft(record, released, planned.gave)


def compose_release(
    snapshot: Snapshot, policy: Policy, before: Before, wanted: Wanted, *, version: tuple[int, int], seconds: float,
    progress: Quiet = QUIET,
) -> tuple[Released, Planned]:  # fmt: skip
    """What the release says, safe beside everything that was public; and the plan behind it."""
    from dueregard.disclose.plan import plan
    from dueregard.engines.schools import schools_of
    from dueregard.evidence.released import Asked
    from dueregard.steps.release_content import Figures, about_release, released_of
    from dueregard.steps.release_counts import count_all, parents_of

    earlier = [published for _, published in before.public]
    counted, missing = count_all(
        open_engine(snapshot), policy, stages=with_help(wanted.stages or STAGES), splits=wanted.splits or SPLITS,
        period=wanted.period, comparison=wanted.comparison, place=wanted.place, earlier=earlier, progress=progress,
    )  # fmt: skip
    if not counted:
        raise CannotAnswer("No question of the release can be answered from this snapshot.\n"
                           + "\n".join(f"{title}: {why}" for _, title, why in missing),
                           try_this="`dueregard measures --snapshot SNAPSHOT` says which can.")  # fmt: skip
    number = f"{version[0]}.{version[1]}"
    schools = schools_of(snapshot)
    figures = Figures(counted, policy, version=number, snapshot=snapshot.id, parents=parents_of(counted, schools))
    with progress.step("Planning and attacking") as advance:
        planned = plan(figures.wishes(), figures, policy, earlier=earlier, seconds=seconds)
        advance("attacked")
    progress.done(f"attacked {planned.attack.n_counts:,} counts together with {len(before.public)} earlier release(s)")
    _check_wish(planned, wanted)
    released = released_of(
        counted, planned, about_release(snapshot, policy, number), revisions=_revisions(before, policy, wanted),
        not_answered=tuple(Asked(*one) for one in missing), schools=schools,
    )  # fmt: skip
    return released, planned


def _check_may_leave(policy: Policy) -> None:
    if not policy.is_protected:
        raise ReleaseRefused(
            f"The policy `{policy.name}` protects nothing, so nothing is published by it.",
            try_this="`--policy public`; `dueregard report` writes a report for staff who may see the counts.",
        )


def _check_wish(planned: Planned, wanted: Wanted) -> None:
    """Was detail given up that had been asked for by name? Then nothing is published, and what would be safe is said."""
    from dueregard.disclose.plan import LEFT_OUT

    gave = [one for one in planned.gave if wanted.stages is None or one.question.partition("-")[0] in wanted.stages]
    is_named = wanted.names_questions or wanted.place is not None
    lost = [one for one in gave if (is_named and one.after == LEFT_OUT) or one.before == wanted.place]
    if not lost:
        return
    first = lost[0]
    raise ReleaseRefused(
        f"{first.question} by {first.before} would give a small count away: read together, {first.two} tell it."
        + (f" So would {len(lost) - 1} other(s)." if len(lost) > 1 else ""),
        try_this=_alternative(planned, wanted),
    )


def _alternative(planned: Planned, wanted: Wanted) -> str:
    """The nearest release that is safe, in words: what the plan came to."""
    coarser = [id for id, place in planned.choice.places.items() if place is not None and place != wanted.place]
    gone = [id for id, place in planned.choice.places.items() if place is None]
    parts = []
    if wanted.place is not None and coarser:
        named = ", ".join(f"{id} by {planned.choice.places[id]}" for id in coarser[:5])
        parts.append(
            f"without `--place`: safe is {named}{' and others' if len(coarser) > 5 else ''}; the rest as asked"
        )
    if gone:
        parts.append(f"without {', '.join(gone[:5])}: nothing of it is safe at any detail")
    if gone and wanted.period is not None and time_of(wanted.period) == "term":
        parts.append(f"or the whole year: `--period {wanted.period.rpartition('-')[0]}`")
    return "; ".join(parts) + "."


def before_of(folder: Path) -> Before:
    """What stands in the ledger; nothing where there is none yet. Raises SealBroken, TargetError."""
    from dueregard.release.ledger import CHECKPOINT, Ledger, check_free_for_ledger
    from dueregard.steps.attack import published_in

    if not (folder / CHECKPOINT).is_file():
        check_free_for_ledger(folder)
        return Before((), ())
    ledger = Ledger.open(folder)
    history = ledger.history()
    return Before(history.records, tuple((record, published_in(ledger, record)) for record in history.public_ones()))


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Only one process at a time makes or moves releases of a ledger. One that is not there yet is held by its folder's place."""
    from dueregard.release.ledger import CHECKPOINT, Ledger, held

    with contextlib.ExitStack() as locks:
        place = locks.enter_context(contextlib.ExitStack())
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            place.enter_context(held(folder.parent))
        except OSError as fault:
            raise TargetError(
                f"`{folder.name}` has no place to stand in: {fault.strerror}.", try_this="another --ledger."
            ) from fault
        if (folder / CHECKPOINT).is_file():
            locks.enter_context(Ledger(folder).locked())
            place.close()
        yield


def _version(before: Before, policy: Policy, wanted: Wanted) -> tuple[int, int]:
    """Which version will it be? Raises ReleaseRefused where it says that it corrects or revises what it cannot."""
    from dueregard.evidence.ledger import State
    from dueregard.release import workflow

    corrected = _corrected(before, wanted)
    if corrected is None:
        return workflow.next_version(before.records, policy.name, None)
    if corrected.state is not State.RELEASED or corrected.content.policy != policy.name:
        raise ReleaseRefused(
            f"{corrected.release} is {str(corrected.state).replace('_', ' ')} under the policy `{corrected.content.policy}`: "
            f"only what is released under `{policy.name}` can be corrected by this release.",
            try_this="`dueregard release list` says what is released.",
        )
    if not wanted.because.strip() and wanted.revises is None:
        raise ReleaseRefused("To correct a release, say why.", try_this="`--because 'the reason'`.")
    return workflow.next_version(before.records, policy.name, corrected)


def _corrected(before: Before, wanted: Wanted) -> Record | None:
    """The release whose place this one takes: as asked, or as the draft that is made anew does."""
    name = wanted.corrects
    if name is None and wanted.revises is not None:
        name = before.record(wanted.revises).content.corrects
    return None if name is None else before.record(name)


def _revisions(before: Before, policy: Policy, wanted: Wanted) -> tuple[Revision, ...]:
    """What was public of this policy before, as it will stand when this release is out."""
    from dueregard.evidence.ledger import State
    from dueregard.evidence.released import Revision

    corrected = _corrected(before, wanted)
    found = []
    for record, _ in before.public:
        if record.content.policy == policy.name:
            is_corrected = corrected is not None and record.release == corrected.release
            state, because = (State.CORRECTED, wanted.because) if is_corrected else (record.state, record.because)
            found.append(Revision(record.version, str(state), record.content.snapshot, record.sha256, because))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the ledger is told of a new release."""

    by: str
    now: datetime
    wanted: Wanted
    snapshot: str
    policy: Policy
    version: tuple[int, int]
    before: Before

    def event(self, named: tuple[tuple[str, str], ...], release: str) -> Event:
        from dueregard.evidence.ledger import Event
        from dueregard.release.workflow import new_content

        content, digest = new_content(self._content(named))
        move = "draft" if self.wanted.revises is None else "revise"
        return Event(move, release, self.by, stamp(self.now), digest, self.wanted.because.strip(), content)

    def _content(self, named: tuple[tuple[str, str], ...]) -> Content:
        from dueregard.evidence.ledger import Content
        from dueregard.steps.release_content import policy_text

        corrected = _corrected(self.before, self.wanted)
        return Content(
            snapshot=self.snapshot, policy=self.policy.name,
            policy_sha256=hashlib.sha256(policy_text(self.policy).encode()).hexdigest(), code_version=__version__,
            version=self.version, files=named,
            predecessors=tuple((record.release, record.sha256) for record, _ in self.before.public),
            corrects=None if corrected is None else corrected.release,
        )  # fmt: skip


def stamp(now: datetime) -> str:
    """A time as the ledger writes it.

    >>> stamp(datetime(2026, 11, 26, 10, tzinfo=UTC))
    '2026-11-26T10:00:00Z'
    """
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _enter(folder: Path, out: Path, files: dict[str, bytes], made: _Entry) -> Record:
    """The bundle's bytes on the disk, the entry in the ledger, the signatures beside them, and the bundle in its place."""
    from dueregard.publish.folder import written

    with written(out, "bundle") as fresh:
        fresh.fill(files)
        ledger, history, release = _appended(folder, files, made)
        _sign(fresh, ledger, history, release)
    return history.record(release)


def _appended(folder: Path, files: dict[str, bytes], made: _Entry) -> tuple[Ledger, History, str]:
    """The entry and its bytes in the ledger, or the ledger as it was."""
    from dueregard.release.ledger import CHECKPOINT, Ledger

    is_new, was_there = not (folder / CHECKPOINT).is_file(), folder.exists()
    try:
        ledger = Ledger.open(folder, make=True)
        release = made.wanted.revises or ledger.history().next_name()
        history = ledger.append(made.event(ledger.keep(files), release))
    except BaseException:
        if is_new:
            _empty(folder, was_there=was_there)
        else:
            Ledger(folder).sweep()
        raise
    return ledger, history, release


def _empty(folder: Path, *, was_there: bool) -> None:
    """A ledger that was begun for this release goes away with it."""
    shutil.rmtree(folder, ignore_errors=True)
    if was_there:
        folder.mkdir(parents=True, exist_ok=True)


def _sign(fresh: Fresh, ledger: Ledger, history: History, release: str) -> None:
    """The signatures beside the bytes. The ledger only grows: what it has taken in stays, whatever the disk does now."""
    try:
        fresh.fill(signatures_of(ledger, history, release))
    except OSError as fault:
        raise TargetError(
            f"{release} stands in the ledger as a draft, but its bundle could not be written: {fault.strerror or fault}.",
            try_this=f"`dueregard release export {release} --ledger DIR --out DIR`.",
        ) from fault


def signatures_of(ledger: Ledger, history: History, release: str) -> dict[str, bytes]:
    """The files that say how a release stands in the ledger now."""
    from dueregard.publish.release_bundle import signature_files
    from dueregard.release.standing import standing_of

    return signature_files(standing_of(history, history.record(release), ledger.signing_key(history.public)))
