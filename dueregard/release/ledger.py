"""The ledger: a list of entries that only grows, under a signed root, beside the bytes that the entries name.

    DIR/entries.jsonl     one entry a line; entry n is leaf n of a Merkle tree (seal/merkle.py)
    DIR/checkpoint        how many entries there are, and the root over them, signed: an entry counts from here on
    DIR/objects/ab/cd..   each file of each release, named by the hash of its bytes
    DIR/public.key        the half that checks; DIR/signing.key, the half that signs, is readable by its owner alone
    DIR/name              which ledger this is

A line behind the signed size was written when the machine stopped: nobody was told of it, and the next entry takes its
place. Everything else that is not as it was signed is refused.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dueregard.errors import SealBroken, TargetError, UnknownName, UsageError
from dueregard.evidence.ledger import Event, Record
from dueregard.release import workflow
from dueregard.release.entries import event_of, line_of
from dueregard.seal.checkpoint import Checkpoint, opened, signed
from dueregard.seal.merkle import Tree
from dueregard.seal.signature import PublicKey, SigningKey

ENTRIES, CHECKPOINT, NAME, PUBLIC, SIGNING, OBJECTS = (
    "entries.jsonl", "checkpoint", "name", "public.key", "signing.key", "objects"
)  # fmt: skip
RESTORE = "restore the ledger from its backup, and compare its checkpoint with the one that a witness holds."


@dataclass(frozen=True, slots=True)
class History:
    """What the ledger says: every entry with its line, every release as its entries leave it, and the checkpoint."""

    name: str
    public: PublicKey
    note: str
    lines: tuple[bytes, ...]
    events: tuple[Event, ...]
    records: tuple[Record, ...]

    @property
    def size(self) -> int:
        return len(self.lines)

    def record(self, release: str) -> Record:
        """The release of this name. Raises UnknownName."""
        return record_named(self.records, release)

    def public_ones(self) -> tuple[Record, ...]:
        """What is, or once was, public, in the order of the ledger: against these a new release is attacked."""
        return tuple(record for record in self.records if record.was_released)

    def next_name(self) -> str:
        return f"R{len(self.records) + 1:04d}"


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Keep a file or folder from every other process that asks to hold it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def record_named(records: Sequence[Record], release: str) -> Record:
    """The release of this name. Raises UnknownName."""
    found = next((record for record in records if record.release == release), None)
    if found is None:
        raise UnknownName("release", release, [record.release for record in records])
    return found


def check_free_for_ledger(folder: Path) -> None:
    """May a ledger begin here? Raises TargetError where something else stands."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise TargetError(f"`{folder.name}` is neither a ledger nor empty.", try_this="another --ledger.")


def replay(events: Iterable[Event]) -> tuple[Record, ...]:
    """Every release as the entries leave it. Raises ReleaseRefused where an entry was never allowed."""
    records: dict[str, Record] = {}
    for at, event in enumerate(events):
        records[event.release] = workflow.after(records.get(event.release), event, at=at)
    return tuple(records.values())


class Ledger:
    """One ledger on a disk. Every reading checks the whole chain."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def open(cls, folder: Path, *, make: bool = False) -> Ledger:
        """The ledger of a folder. make: a new one where the folder is empty or absent. Raises TargetError."""
        ledger = cls(folder)
        if not (folder / CHECKPOINT).is_file():
            if not make:
                raise TargetError(f"`{folder.name}` is no ledger.", try_this="the folder given to `publish --ledger`.")
            ledger._begin()
        return ledger

    def _begin(self) -> None:
        check_free_for_ledger(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        os.chmod(self.folder, 0o700)  # drafts are in it
        key = SigningKey.new()
        key.write(self.folder / SIGNING)
        name = f"dueregard/ledger/{secrets.token_hex(8)}"
        _write(self.folder / NAME, f"{name}\n".encode())
        _write(self.folder / PUBLIC, f"{key.public.text()}\n".encode())
        _write(self.folder / ENTRIES, b"")
        _write(self.folder / CHECKPOINT, signed(Checkpoint(name, 0, Tree().root()), key, name=name).encode())

    def history(self) -> History:
        """Everything that stands in it. Raises SealBroken where an entry, the root or the signature is not as it was."""
        try:
            name = self._line(NAME)
            public = PublicKey.read(self._line(PUBLIC))
            note = (self.folder / CHECKPOINT).read_text(encoding="utf-8")
            lines = (self.folder / ENTRIES).read_bytes().split(b"\n")[:-1]
        except (OSError, ValueError) as fault:
            raise SealBroken("The ledger is not whole: a file of it cannot be read.", try_this=RESTORE) from fault
        checkpoint = opened(note, public, name=name)
        if public.text() != self._line(PUBLIC):
            raise SealBroken("The public key is not as it was written.", try_this=RESTORE)
        whole, root = _rooted(lines, checkpoint.size)
        if checkpoint.origin != name or root != checkpoint.root:
            raise SealBroken("The ledger's entries are not those that its checkpoint was signed for.", try_this=RESTORE)
        events = tuple(event_of(line) for line in whole)
        return History(name, public, note, whole, events, replay(events))

    def _line(self, name: str) -> str:
        """What a file of one line holds."""
        text = (self.folder / name).read_bytes().decode("utf-8")
        if not text.endswith("\n") or "\n" in text[:-1]:
            raise ValueError(f"{name} is not one line")
        return text[:-1]

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Only one process at a time adds to a ledger."""
        with held(self.folder / NAME):
            yield

    def append(self, event: Event) -> History:
        """Adds one entry, if it is allowed, and signs. Call it under `locked`. Raises ReleaseRefused, SealBroken.

        The line is on the disk before the checkpoint counts it; a machine that stops in between leaves no entry.
        """
        history = self.history()
        before = next((r for r in history.records if r.release == event.release), None)
        workflow.check_move(before, event)
        key = self.signing_key(history.public)
        lines = (*history.lines, line_of(event))
        self._keep_lines(history.lines, lines[-1])
        _, root = _rooted(lines, len(lines))
        note = signed(Checkpoint(history.name, len(lines), root), key, name=history.name)
        _write(self.folder / CHECKPOINT, note.encode())
        return self.history()

    def signing_key(self, public: PublicKey) -> SigningKey:
        """The half that signs. Raises SealBroken where it is not the other half of the ledger's public key."""
        key = SigningKey.read(self.folder / SIGNING)
        if key.public != public:
            raise SealBroken("The signing key is not that of this ledger.", try_this=RESTORE)
        return key

    def _keep_lines(self, kept: tuple[bytes, ...], line: bytes) -> None:
        with (self.folder / ENTRIES).open("r+b") as handle:
            handle.truncate(sum(len(one) + 1 for one in kept))  # what no checkpoint counts was never an entry
            handle.seek(0, os.SEEK_END)
            handle.write(line + b"\n")
            handle.flush()
            os.fsync(handle.fileno())

    def keep(self, files: dict[str, bytes]) -> tuple[tuple[str, str], ...]:
        """Stores the bytes of files by their hash. Gives (name, hash), by name."""
        named = []
        for name, content in sorted(files.items()):
            digest = hashlib.sha256(content).hexdigest()
            place = self._place(digest)
            if not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                _write(place, content)
            named.append((name, digest))
        return tuple(named)

    def sweep(self) -> None:
        """Removes the bytes that no entry names: what is left of a release that was not entered."""
        named = {digest for e in self.history().events if e.content is not None for _, digest in e.content.files}
        for place in sorted((self.folder / OBJECTS).glob("*/*")):
            if place.parent.name + place.name not in named:
                place.unlink(missing_ok=True)

    def files(self, record: Record) -> dict[str, bytes]:
        """The files of a release. Raises SealBroken where a byte of them is not what its hash says."""
        return {name: self._object(name, digest) for name, digest in record.content.files}

    def _object(self, name: str, digest: str) -> bytes:
        try:
            content = self._place(digest).read_bytes()
        except OSError as fault:
            raise SealBroken(f"The ledger lacks the bytes of {name}.", try_this=RESTORE) from fault
        if hashlib.sha256(content).hexdigest() != digest:
            raise SealBroken(f"{name} in the ledger is not what was entered: its hash differs.", try_this=RESTORE)
        return content

    def _place(self, digest: str) -> Path:
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise UsageError("A file of the ledger is named by 64 hexadecimal digits.")
        return self.folder / OBJECTS / digest[:2] / digest[2:]


def _rooted(lines: Iterable[bytes], size: int) -> tuple[tuple[bytes, ...], bytes]:
    """The first `size` lines, and the root over them."""
    whole = tuple(lines)[:size]
    tree = Tree()
    for line in whole:
        tree.append(line)
    return whole, tree.root()


def _write(path: Path, content: bytes) -> None:
    """A whole file or none, on the disk before it counts."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with fresh.open("xb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
