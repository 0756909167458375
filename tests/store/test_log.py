"""The log: every look and change, or neither; found where it was bent, by whoever holds yesterday's checkpoint."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection

from dueregard.errors import NotThere, SealBroken
from dueregard.seal.checkpoint import Checkpoint, signed
from dueregard.seal.merkle import leaf_hash
from dueregard.seal.peaks import Peaks
from dueregard.seal.signature import SigningKey
from dueregard.store import actions, looks
from dueregard.store.checkpoints import kept_notes, newest_note, public_key, write_checkpoint
from dueregard.store.guards import put_in_place
from dueregard.store.keys import keys
from dueregard.store.log import KEY_NAME, LogFailure, leaf_text
from dueregard.store.models import MODELS, LogEntry, LogHead
from dueregard.store.tables import STORED
from dueregard.store.verify import verify
from dueregard.store.versions import digest_of

from .world import NOW, contact, some_contacts


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@contextmanager
def unguarded() -> Iterator[None]:
    """What somebody can do who owns the database: the guards are taken away, and put back as they were."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')
            cursor.execute("PRAGMA ignore_check_constraints = ON")
            cursor.execute("PRAGMA foreign_keys = OFF")
        else:
            cursor.execute("SET session_replication_role = replica")
        yield
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
            cursor.execute("PRAGMA foreign_keys = ON")
            put_in_place()
        else:
            cursor.execute("SET session_replication_role = DEFAULT")


def without_guards(statement: str, *values: object) -> None:
    with unguarded():
        sql(statement, *values)


def faults(store: Path, *notes: str) -> tuple[str, ...]:
    """What the verifier finds, but for guards that a test took away."""
    found = verify(public_key(store / "keys"), notes=notes).faults
    return tuple(fault for fault in found if not fault.startswith("The guard"))


@pytest.mark.parametrize("statement", [
    "UPDATE store_log SET why = 'x'", "DELETE FROM store_log", "DELETE FROM store_log_head",
    "UPDATE store_log_head SET size = size - 1", "UPDATE store_log_head SET origin = 'x'",
    "UPDATE store_contact SET harm_level = 'low'", "DELETE FROM store_contact", "DELETE FROM store_erasure WHERE 1=1",
    "UPDATE store_grant SET role = 'dpo'",
])  # fmt: skip
def test_the_database_itself_refuses(world, statement):
    contact(world.officer)
    if "store_erasure" in statement:
        held = MODELS["contact"].objects.get().contact_ref
        actions.erase_contact(held, by=world.dpo, reason="review", why="its day has come", now=NOW)
    with pytest.raises(DatabaseError):
        sql(statement)


def test_a_table_is_not_emptied_on_postgresql(world):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    with pytest.raises(DatabaseError):
        sql("TRUNCATE store_contact")


def test_a_version_follows_the_one_before_it(world):
    done = contact(world.officer)
    row = MODELS["contact"].objects.get(contact_ref=done.contact_ref)
    row.pk, row.row_version = None, 3
    with pytest.raises(DatabaseError):
        row.save(force_insert=True)


def test_a_reference_must_be_there(world):
    with pytest.raises(DatabaseError):
        contact(world.officer, urn="999999")


def test_a_whole_store_is_whole(store, world):
    some_contacts(world, 10)
    found = verify(public_key(store / "keys"), notes=(newest_note(),))
    assert found.faults == () and found.size == LogEntry.objects.count()
    assert found.n_versions == sum(model.objects.count() for model in MODELS.values())


def test_a_log_that_cannot_be_written_gives_an_error_and_no_data(world, monkeypatch):
    done = contact(world.officer)

    def full(*_: object, **__: object) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(LogEntry, "save", full)
    with pytest.raises(LogFailure):
        looks.contact(done.contact_ref, by=world.officer, why="my own record", now=NOW)
    with pytest.raises(LogFailure):
        contact(world.officer)
    monkeypatch.undo()
    assert MODELS["contact"].objects.count() == 1


def test_a_head_that_cannot_be_written_undoes_the_entry(world, monkeypatch):
    before = LogEntry.objects.count()
    monkeypatch.setattr(LogHead, "save", lambda *_, **__: (_ for _ in ()).throw(DatabaseError("disk full")))
    with pytest.raises(LogFailure):
        contact(world.officer)
    monkeypatch.undo()
    assert (LogEntry.objects.count(), MODELS["contact"].objects.count()) == (before, 0)


def test_a_refused_look_is_written_down_and_names_the_row_only_if_there_is_one(world):
    done = contact(world.officer)
    for ref in (done.contact_ref, "c0000"):
        with pytest.raises(NotThere):
            looks.contact(ref, by=world.other_officer, why="my own record", now=NOW)
    last = list(LogEntry.objects.order_by("-index")[:2])
    assert [entry.is_refused for entry in last] == [True, True]
    assert all("c0000" not in entry.rows for entry in last)


# What somebody may do to the log and the records who owns the database, but not the key.
BENT = {
    "a word of an entry is changed": "UPDATE store_log SET why = 'because' WHERE index = {n}",
    "an entry's person is changed": "UPDATE store_log SET by_ref = 'u0' WHERE index = {n}",
    "a refusal is hidden": "UPDATE store_log SET is_refused = {yes} WHERE index = {n}",
    "an entry's rows are changed": "UPDATE store_log SET rows = '[]' WHERE index = {n}",
    "an entry is deleted": "DELETE FROM store_log WHERE index = {n}",
    "the log is cut off": "DELETE FROM store_log WHERE index >= {n}",
    "the head is set back": "UPDATE store_log_head SET size = size - 1",
    "a signature is changed": "UPDATE store_log_head SET note = replace(note, 'a', 'b')",
    "a record is changed": "UPDATE store_contact SET harm_level = 'high' WHERE id = {id}",
    "a record's salt is changed": "UPDATE store_contact SET row_salt = 'x' WHERE id = {id}",
    "a record is deleted": "DELETE FROM store_involvement WHERE id = {id}",
    "a record is moved to another entry": "UPDATE store_contact SET row_entry = {m} WHERE id = {id}",
    "a record is doubled": "INSERT INTO store_step ({columns}) SELECT {copied} FROM store_step WHERE id = {step}",
    "a posting is changed": "UPDATE store_posting SET from_on = '2020-01-01' WHERE id = 1",
    "a role is changed": "UPDATE store_grant SET role = 'dpo' WHERE id = 1",
    "an erasure is made up": "INSERT INTO store_erasure (row_ref, row_version, row_state, row_salt, row_entry, erasure_ref, table_name, "
    "erased_ref, reason) SELECT 'x', 1, 'recorded', 'x', {n}, 'e1', 'contact', row_ref, 'review' FROM store_contact WHERE id = {id}",
}  # fmt: skip


@pytest.mark.parametrize("what", BENT)
def test_whatever_is_bent_is_found(store, world, what):
    some_contacts(world, 12)
    n = LogEntry.objects.count() - 4
    step = MODELS["step"].objects.first()
    names = [f.column for f in MODELS["step"]._meta.fields if f.column != "id"]
    filled = BENT[what].format(
        n=n, m=n + 1, id=MODELS["contact"].objects.first().pk, step=step.pk, yes="1" if connection.vendor == "sqlite" else "true",
        columns=", ".join(f'"{x}"' for x in names),
        copied=", ".join("'y'" if x == "row_ref" else f'"{x}"' for x in names),
    ).replace("index", '"index"')  # fmt: skip
    assert faults(store) == ()
    without_guards(filled)
    assert faults(store) != ()


def test_two_entries_that_are_swapped_are_found(store, world):
    some_contacts(world, 5)
    n = LogEntry.objects.count() - 3
    with unguarded():
        swap(n, n + 1)
    assert faults(store) != ()


def swap(one: int, other: int) -> None:
    for old, new in ((one, -5), (other, one), (-5, other)):
        sql('UPDATE store_log SET "index" = %s WHERE "index" = %s', new, old)


def rewrite(key: SigningKey) -> None:
    """The whole chain is made anew over what the tables hold, head and all."""
    peaks, origin = Peaks(), LogHead.objects.get().origin
    for entry in LogEntry.objects.order_by("index"):
        peaks = peaks.grown(leaf_hash(leaf_text(entry).encode()))
    note = signed(Checkpoint(origin, peaks.size, peaks.root()), key, name=KEY_NAME)
    hashes = " ".join(h.hex() for h in peaks.hashes)
    without_guards("UPDATE store_log_head SET size = %s, peaks = %s, note = %s", peaks.size, hashes, note)


def change_a_record_and_its_entry() -> None:
    """A record is changed, and so is its hash in the log: only the tree can tell."""
    row = MODELS["contact"].objects.first()
    before = digest_of(STORED["contact"], row)
    row.harm_level = "high"
    without_guards("UPDATE store_contact SET harm_level = 'high' WHERE id = %s", row.pk)
    entry = LogEntry.objects.get(index=row.row_entry_id)
    rows = entry.rows.replace(before, digest_of(STORED["contact"], row))
    assert rows != entry.rows
    without_guards('UPDATE store_log SET rows = %s WHERE "index" = %s', rows, entry.index)


def test_a_chain_rewritten_without_the_key_is_found(store, world):
    some_contacts(world, 5)
    change_a_record_and_its_entry()
    rewrite(SigningKey.new())
    assert faults(store) == ("The head of the log is not signed by the key of this store, or is damaged.",)


def test_a_chain_rewritten_with_the_stolen_key_is_found_by_yesterdays_checkpoint(store, world):
    some_contacts(world, 5)
    yesterday = newest_note()
    some_contacts(world, 5, seed=2)
    change_a_record_and_its_entry()
    rewrite(keys().log)
    assert faults(store) == ()  # whoever holds nothing from outside cannot tell: hence the witness
    assert len(faults(store, yesterday)) == 1 and "history was rewritten" in faults(store, yesterday)[0]


def test_an_older_copy_is_recognised(store, world):
    some_contacts(world, 3)
    n = LogEntry.objects.count()
    later = signed(Checkpoint(LogHead.objects.get().origin, n + 5, b"\0" * 32), keys().log, name=KEY_NAME)
    assert faults(store, later) == (f"This is an older copy: the checkpoint has {n + 5} entries, the log {n}.",)


def test_a_checkpoint_of_another_key_is_refused(store, world):
    forged = signed(Checkpoint("x", 0, b"\0" * 32), SigningKey.new(), name=KEY_NAME)
    with pytest.raises(SealBroken):
        faults(store, forged)


def test_guards_that_were_taken_away_are_told(store, world):
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard%' LIMIT 1")
            cursor.execute(f'DROP TRIGGER "{cursor.fetchone()[0]}"')
        else:
            cursor.execute("ALTER TABLE store_contact DISABLE TRIGGER USER")
    assert any(fault.startswith("The guard") for fault in verify(public_key(store / "keys")).faults)


def test_checkpoints_lie_beside_the_database(store, world):
    write_checkpoint(store / "checkpoints")
    contact(world.officer)
    path = write_checkpoint(store / "checkpoints")
    assert path.stat().st_mode & 0o777 == 0o600
    assert [note.split("\n")[1] for note in kept_notes(store / "checkpoints")] == [str(LogHead.objects.get().size), str(LogHead.objects.get().size - 1)]  # fmt: skip


def bend(rng: random.Random) -> str:
    """One change that somebody could make who owns the database: any column of any entry, head or version."""
    kind = rng.choice(("entry", "version", "head", "lose an entry", "lose a version", "swap", "cut"))
    n = LogEntry.objects.count()
    at = rng.randrange(n)
    if kind == "entry":
        column = rng.choice(("verb", "act", "by_ref", "role", "why", "to_whom", "rows"))
        sql(f'UPDATE store_log SET {column} = {column} || %s WHERE "index" = %s', rng.choice(("x", " ", "0")), at)
    elif kind == "version":
        name = rng.choice([name for name, model in MODELS.items() if model.objects.exists()])
        pk = rng.choice(list(MODELS[name].objects.values_list("pk", flat=True)))
        texts = [c.name for c in STORED[name].columns if str(c.kind) in ("key", "text", "code", "time")] + ["row_ref", "row_salt", "row_state"]  # fmt: skip
        column = rng.choice(texts)
        sql(f"UPDATE store_{name} SET \"{column}\" = 'x' WHERE id = %s", pk)
    elif kind == "head":
        column = rng.choice(("origin", "peaks", "note"))
        sql(f"UPDATE store_log_head SET {column} = {column} || '0'")
    elif kind == "lose an entry":
        sql('DELETE FROM store_log WHERE "index" = %s', at)
    elif kind == "lose a version":
        name = rng.choice([name for name, model in MODELS.items() if model.objects.exists()])
        sql(f"DELETE FROM store_{name} WHERE id = (SELECT max(id) FROM store_{name})")
    elif kind == "swap":
        other = (at + rng.randrange(1, n)) % n
        swap(at, other)
    else:
        sql('DELETE FROM store_log WHERE "index" >= %s', at)
    return kind


# constraints of a table refuse some of these changes before anybody has to find them
REFUSED = ("IntegrityError", "DataError")


def _bend_many(store: Path, n: int, seed: int) -> dict[str, int]:
    from django.db import transaction

    rng, found = random.Random(seed), {}
    yesterday = newest_note()
    with unguarded():
        while sum(found.values()) < n:
            try:
                with transaction.atomic():
                    kind = bend(rng)
                    assert faults(store, yesterday) != (), kind
                    found[kind] = found.get(kind, 0) + 1
                    transaction.set_rollback(True)
            except DatabaseError as fault:
                if type(fault).__name__ not in REFUSED:
                    raise
    return found


def test_any_random_change_is_found(store, world):
    some_contacts(world, 6)
    found = _bend_many(store, 60, seed=7)
    assert faults(store, newest_note()) == ()
    assert len(found) >= 6


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(11, 16))
def test_any_random_change_is_found_ten_thousand_times(store, world, seed):
    some_contacts(world, 6)
    found = _bend_many(store, 1_000, seed=seed)  # five parts on two databases: 10,000
    assert faults(store, newest_note()) == () and len(found) == 7


def test_leaf_text_is_of_every_column(world):
    entry = LogEntry.objects.order_by("-index").first()
    plain = leaf_text(entry)
    for field in LogEntry._meta.fields:
        kept = getattr(entry, field.name)
        if field.name == "at":
            entry.at = kept + timedelta(microseconds=1)
        elif field.name == "is_refused":
            entry.is_refused = not kept
        else:
            setattr(entry, field.name, kept + (1 if isinstance(kept, int) else "x"))
        assert leaf_text(entry) != plain, field.name
        setattr(entry, field.name, kept)
    assert json.loads(plain)
