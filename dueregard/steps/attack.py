"""What would a patient reader learn of the small counts from these releases, and from all before them?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dueregard.errors import SnapshotError
from dueregard.progress import QUIET, Quiet

if TYPE_CHECKING:  # types of lower floors only; at run time each step imports what it needs
    from dueregard.disclose.attack import Attack
    from dueregard.evidence.ledger import Record
    from dueregard.evidence.published import Published
    from dueregard.release.ledger import Ledger

FIGURES = "figures.json"


def attack(
    releases: Sequence[Path], *, ledger: Path | None = None, policy: str = "public", seconds: float = 60.0, progress: Quiet = QUIET
) -> Attack:  # fmt: skip
    """Which small counts do these releases give away, read together, earlier ones first?

    releases: bundles, internal reports, or files of published figures. ledger: what was public before, put first; one that
    stands in the ledger and is given again counts once.
    Raises SnapshotError, SealBroken, UnknownName, or ReleaseRefused where the time is over.
    """
    from dueregard.disclose.attack import attack as attacked
    from dueregard.disclose.policy import policy_named

    by = policy_named(policy)
    earlier = [] if ledger is None else from_ledger(ledger)
    given = [read_release(path) for path in releases]
    names = {published.release for published in given}
    together = [*(published for published in earlier if published.release not in names), *given]
    with progress.step("Attacking") as advance:
        found = attacked(together, by, seconds=seconds)
        advance("attacked")
    progress.done(f"attacked {len(together)} release(s), {found.n_counts:,} counts")
    return found


def from_ledger(folder: Path) -> list[Published]:
    """The figures of every release that is, or once was, public, in the order of the ledger. Raises SealBroken."""
    from dueregard.release.ledger import Ledger

    ledger = Ledger.open(folder)
    return [published_in(ledger, record) for record in ledger.history().public_ones()]


def published_in(ledger: Ledger, record: Record) -> Published:
    """The figures of one release of a ledger. Raises SealBroken where a byte of its files is not as it was entered."""
    return _published(ledger.files(record).get(FIGURES, b""), record.release)


def read_release(path: Path) -> Published:
    """The figures of a bundle (a folder), of an internal report, or of a file of published figures."""
    file = path / FIGURES if path.is_dir() else path
    try:
        content = file.read_bytes()
    except OSError as fault:
        raise SnapshotError(
            f"`{path.name}` cannot be read as a release: there is no {file.name} in it.",
            try_this="the folder that `dueregard publish --out` wrote, or its figures.json.",
        ) from fault
    return _published(content, path.name, folder=path if path.is_dir() else path.parent)


def _published(content: bytes, name: str, *, folder: Path | None = None) -> Published:
    from dueregard.evidence.published_json import published_from_json

    try:
        document: Any = json.loads(content)
    except ValueError as fault:
        raise SnapshotError(f"The figures of {name} are not JSON.", try_this="the file as it was published.") from fault
    if not isinstance(document, dict):
        raise SnapshotError(f"The figures of {name} are no document.", try_this="the file as it was published.")
    if "report" in document and folder is not None:
        return _internal_report(folder, name)
    return published_from_json(document.get("published", document))


def _internal_report(folder: Path, name: str) -> Published:
    """A report of `dueregard report`: every count is shown as it is."""
    from dueregard.disclose.policy import policy_named
    from dueregard.disclose.protect import protect
    from dueregard.disclose.together import as_published
    from dueregard.publish.counts import read

    files = {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.is_file()}
    internal = policy_named("internal")
    counted = read(files).figures
    return as_published([protect(figure.cells, internal) for figure in counted], internal, release=name)
