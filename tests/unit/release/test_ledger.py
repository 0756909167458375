"""The ledger only grows: what was changed, cut, moved or signed by somebody else is refused."""

from __future__ import annotations

import stat

import pytest

from dueregard.errors import ReleaseRefused, SealBroken, TargetError, UnknownName
from dueregard.evidence.ledger import Content, Event, State
from dueregard.release import workflow
from dueregard.release.entries import event_of, line_of
from dueregard.release.ledger import Ledger
from dueregard.seal.merkle import root_of
from dueregard.seal.signature import SigningKey

FILES = {"index.html": b"<p>low</p>", "figures.json": b"{}"}


def event(ledger: Ledger, move: str, by: str, release: str = "R0001", files=FILES, because="a reason") -> Event:
    content, sha = workflow.new_content(Content("s", "public", "p", "1", (1, 0), ledger.keep(files)))
    return Event(
        move, release, by, "2026-11-26T10:00:00Z", sha, because, content if move in ("draft", "revise") else None
    )


@pytest.fixture
def ledger(tmp_path) -> Ledger:
    made = Ledger.open(tmp_path / "ledger", make=True)
    for move, by in [("draft", "Ann"), ("submit", "Ann"), ("approve", "Bea"), ("approve", "Cy")]:
        made.append(event(made, move, by))
    return made


def test_it_says_what_every_release_is(ledger):
    history = ledger.history()
    assert history.size == 4 and history.record("R0001").state is State.SECOND_REVIEW
    assert history.record("R0001").entries == (0, 1, 2, 3)
    assert history.public_ones() == ()
    released = ledger.append(event(ledger, "release", "Cy"))
    assert [r.release for r in released.public_ones()] == ["R0001"]
    assert ledger.append(event(ledger, "withdraw", "Dee")).public_ones()[0].state is State.WITHDRAWN
    assert ledger.files(history.record("R0001")) == FILES
    with pytest.raises(UnknownName, match="R0001"):
        history.record("R9")


def test_nobody_else_may_read_it(ledger):
    assert stat.S_IMODE(ledger.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((ledger.folder / "signing.key").stat().st_mode) == 0o600


def test_a_refused_move_leaves_no_entry(ledger):
    before = {p: p.read_bytes() for p in ledger.folder.rglob("*") if p.is_file()}
    with pytest.raises(ReleaseRefused):
        ledger.append(event(ledger, "approve", "Bea"))
    assert {p: p.read_bytes() for p in ledger.folder.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize("name", ["entries.jsonl", "checkpoint", "public.key", "name"])
def test_any_flipped_byte_is_refused(ledger, name):
    path = ledger.folder / name
    whole = path.read_bytes()
    for at in range(0, len(whole), max(1, len(whole) // 97)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(SealBroken):
            ledger.history()
    path.write_bytes(whole)
    assert ledger.history().size == 4


def test_cut_swapped_and_added_entries_are_refused(ledger):
    path = ledger.folder / "entries.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    for wrong in (lines[:3], [lines[0], lines[2], lines[1], lines[3]], [*lines[:2], lines[1], *lines[2:]], []):
        path.write_bytes(b"".join(wrong))
        with pytest.raises(SealBroken):
            ledger.history()


def test_a_chain_rewritten_and_signed_with_another_key_is_refused(ledger):
    from dueregard.seal.checkpoint import Checkpoint, signed

    name = (ledger.folder / "name").read_text().strip()
    lines = (ledger.folder / "entries.jsonl").read_bytes().splitlines()[:2]
    (ledger.folder / "entries.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    note = signed(Checkpoint(name, 2, root_of(lines)), SigningKey.new(), name=name)
    (ledger.folder / "checkpoint").write_text(note, encoding="utf-8")
    with pytest.raises(SealBroken):
        ledger.history()


def test_an_entry_that_was_never_allowed_is_refused_even_when_signed(ledger):
    """Whoever holds the key can sign a false entry; the rule is asked again at every reading."""
    from dueregard.seal.checkpoint import Checkpoint, signed

    history = ledger.history()
    lines = (*history.lines[:2], line_of(event(ledger, "release", "Ann")))
    (ledger.folder / "entries.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    note = signed(Checkpoint(history.name, 3, root_of(lines)), ledger.signing_key(history.public), name=history.name)
    (ledger.folder / "checkpoint").write_text(note, encoding="utf-8")
    with pytest.raises(ReleaseRefused):
        ledger.history()


def test_what_was_written_when_the_machine_stopped_is_no_entry(ledger):
    path = ledger.folder / "entries.jsonl"
    whole = path.read_bytes()
    for torn in (b'{"at":', line_of(event(ledger, "release", "Cy")) + b"\n"):
        path.write_bytes(whole + torn)
        assert ledger.history().record("R0001").state is State.SECOND_REVIEW
    ledger.append(event(ledger, "reject", "Dee"))
    assert ledger.history().size == 5 and path.read_bytes().count(b"\n") == 5


def test_changed_bytes_of_a_release_are_refused(ledger):
    record = ledger.history().record("R0001")
    for name, digest in record.content.files:
        place = ledger.folder / "objects" / digest[:2] / digest[2:]
        whole = place.read_bytes()
        place.write_bytes(whole + b" ")
        with pytest.raises(SealBroken, match=name):
            ledger.files(record)
        place.write_bytes(whole)


def test_a_line_has_one_writing_only():
    made = Event("submit", "R0001", "Ann", "t", "x")
    assert event_of(line_of(made)) == made
    for wrong in (
        b"",
        b"[]",
        b"null",
        line_of(made) + b" ",
        line_of(made).replace(b'"t"', b"1"),
        b"\xff",
        b"[" * 100_000,
    ):
        with pytest.raises(SealBroken):
            event_of(wrong)


def test_a_folder_that_is_no_ledger(tmp_path):
    (tmp_path / "something").write_text("here")
    for make in (False, True):
        with pytest.raises(TargetError):
            Ledger.open(tmp_path, make=make)


def test_two_processes_do_not_lose_an_entry(tmp_path):
    import subprocess
    import sys

    folder = tmp_path / "ledger"
    Ledger.open(folder, make=True)
    code = (
        "import sys; from pathlib import Path; from dueregard.release.ledger import Ledger\n"
        "from tests.unit.release.test_ledger import event\n"
        "ledger = Ledger.open(Path(sys.argv[1]))\n"
        "for n in range(5):\n"
        "    with ledger.locked(): ledger.append(event(ledger, 'draft', 'Ann', ledger.history().next_name()))\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(folder)]) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert [r.release for r in Ledger(folder).history().records] == [f"R{n:04d}" for n in range(1, 16)]
