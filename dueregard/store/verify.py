"""Is the log whole, and do the records follow from it?

Asked both ways: every version that the log says was written is there with the content it had (or was erased, and the
log says so), and every version that is there was written by the log. With a checkpoint that somebody kept, the log must
also be a continuation of what it was then.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dueregard.errors import SealBroken
from dueregard.seal.checkpoint import Checkpoint, opened
from dueregard.seal.merkle import Tree, leaf_hash
from dueregard.seal.peaks import Peaks
from dueregard.seal.signature import PublicKey
from dueregard.store.guards import missing_guards
from dueregard.store.log import KEY_NAME, VERBS, leaf_text
from dueregard.store.models import MODELS, LogEntry, LogHead
from dueregard.store.tables import STORED
from dueregard.store.versions import digest_of

CHUNK = 2_000
MOST_FAULTS = 50  # listed; a store that was bent may have one a row
Written = dict[tuple[str, str, int], tuple[str, int]]  # (table, row, version) -> (hash, entry)


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found. faults: empty if all is whole. checked_against: sizes of the checkpoints that it continues."""

    size: int
    root: str
    n_versions: int
    n_erased: int
    faults: tuple[str, ...]
    checked_against: tuple[int, ...] = ()

    @property
    def is_whole(self) -> bool:
        return not self.faults


def verify(public: PublicKey, *, notes: tuple[str, ...] = ()) -> Verified:
    """Look at every entry and every version of the store that is open. notes: signed checkpoints that were kept.

    Raises SealBroken only where a note is not of this key; whatever is wrong with the store is a fault in the answer.
    """
    kept = [opened(note, public, name=KEY_NAME) for note in notes]
    tree, written = Tree(), Written()
    faults = _read_log(tree, written)
    head, head_faults = _head(tree, public)
    faults += head_faults
    for checkpoint in kept:
        faults += _against(checkpoint, tree, head.origin if head else "")
    erased = _erased()
    n_versions, record_faults = _records(written, erased)
    faults += [*record_faults, *missing_guards()]
    told = tuple(dict.fromkeys(faults))
    return Verified(
        tree.size, tree.root().hex(), n_versions, len(erased), told[:MOST_FAULTS], tuple(c.size for c in kept)
    )


def _read_log(tree: Tree, written: Written) -> list[str]:
    faults, latest = [], None
    for entry in LogEntry.objects.order_by("index").iterator(chunk_size=CHUNK):
        if entry.index != tree.size:
            faults.append(f"The log has no entry {tree.size}; entry {entry.index} follows.")
            tree.append(b"missing")
            return faults
        if latest is not None and entry.at < latest:
            faults.append(f"Entry {entry.index} of the log is earlier than the one before it.")
        latest = entry.at
        tree.append_leaf(leaf_hash(leaf_text(entry).encode()))
        faults += _read_entry(entry, written)
    return faults


def _read_entry(entry: Any, written: Written) -> Iterator[str]:
    try:
        rows = [(str(t), str(r), int(v), str(d)) for t, r, v, d in json.loads(entry.rows)]
    except (ValueError, TypeError):
        yield f"Entry {entry.index} of the log cannot be read."
        return
    if entry.verb not in VERBS:
        yield f"Entry {entry.index} of the log names an operation that is none."
    for table, row, version, digest in rows:
        if digest and (table, row, version) in written:
            yield f"Entry {entry.index} of the log writes a version that was written before."
        elif digest:
            written[table, row, version] = (digest, entry.index)


def _head(tree: Tree, public: PublicKey) -> tuple[Any, list[str]]:
    """The head as it is stored: it must be signed, and say what the entries say."""
    head = LogHead.objects.filter(id=1).first()
    if head is None:
        return None, ["The head of the log is missing."]
    try:
        said = opened(head.note, public, name=KEY_NAME)
        peaks = Peaks(head.size, tuple(bytes.fromhex(h) for h in head.peaks.split()))
        root = peaks.root()
    except (SealBroken, ValueError):
        return head, ["The head of the log is not signed by the key of this store, or is damaged."]
    faults = []
    if (said.size, said.origin) != (head.size, head.origin) or said.root != root:
        faults.append("The head of the log does not say what its signature says.")
    if head.size != tree.size:
        faults.append(f"The log has {tree.size} entries, and its head says {head.size}.")
    elif root != tree.root():
        faults.append("An entry of the log was changed: its entries do not have the root that was signed.")
    return head, faults


def _against(checkpoint: Checkpoint, tree: Tree, origin: str) -> list[str]:
    if checkpoint.origin != origin:
        return ["The checkpoint is of another store."]
    if checkpoint.size > tree.size:
        return [f"This is an older copy: the checkpoint has {checkpoint.size} entries, the log {tree.size}."]
    if tree.root_at(checkpoint.size) != checkpoint.root:
        return [
            f"The first {checkpoint.size} entries of the log are not those of the checkpoint: history was rewritten."
        ]
    return []


def _erased() -> dict[tuple[str, str], int]:
    """(table, row) -> the entry that erased it."""
    found = MODELS["erasure"].objects.values_list("table_name", "erased_ref", "row_entry_id")
    return {(table, row): entry for table, row, entry in found}


def _records(written: Written, erased: dict[tuple[str, str], int]) -> tuple[int, list[str]]:
    faults, n, left = [], 0, dict(written)
    for name, table in STORED.items():
        for found in MODELS[name].objects.order_by("pk").iterator(chunk_size=CHUNK):
            n += 1
            digest, entry = left.pop((name, found.row_ref, found.row_version), ("", -1))
            here = f"{name}, row {found.row_ref}, version {found.row_version}"
            if not digest:
                faults.append(f"{here}: no entry of the log wrote it.")
            elif digest != digest_of(table, found) or entry != found.row_entry_id:
                faults.append(f"{here}: it is not what entry {entry} of the log wrote.")
            if (name, found.row_ref) in erased:
                faults.append(f"{here}: it is there, and the log says that it was erased.")
    for (name, row, version), (_, entry) in left.items():
        if erased.get((name, row), -1) <= entry:
            faults.append(
                f"{name}, row {row}, version {version}: entry {entry} of the log wrote it, and it is missing."
            )
    return n, faults
