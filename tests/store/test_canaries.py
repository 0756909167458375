"""Planted words: a pupil's number and reference, an officer's name, a free text. They are nowhere they should not be."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import pytest
from django.db import connection

from dueregard import steps
from dueregard.cli import main
from dueregard.errors import DueRegardError
from dueregard.store import actions, looks
from dueregard.store.models import MODELS, LogEntry
from dueregard.store.pseudonyms import pupil_ref
from dueregard.store.versions import current

from .world import NOW, OP, ROLES, contact, pupil, some_contacts

NUMBER, NAME, TEXT, RECORD = "CANARY4711", "Canary Warbler", "canary sang in the hall", "crime-canary-99"


@pytest.fixture
def planted(store, world):
    """A contact of a pupil with a number, an officer with a name, a consultation with a text."""
    actions.record("officer", {"officer_ref": "o5", "name": NAME, "team": "", "supervisor_ref": ""}, by=OP, now=NOW)
    posting = current("posting").first().posting_ref
    actions.record("consultation", {"posting_ref": posting, "decision": "begin_posting", "held_on": "2026-11-01", "who": "pupils",
                                    "method": "survey", "n_asked": 9, "n_answered": 3, "what_changed": TEXT},
                   by=world.sergeant, now=NOW)  # fmt: skip
    done = contact(world.officer, pupil(NUMBER), source_record_ref=RECORD)
    some_contacts(world, 5)
    return done.contact_ref


def bytes_of(folder: Path) -> bytes:
    """Every file below a folder, with its name."""
    return b"".join(str(path).encode() + path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_number_that_was_typed_is_nowhere(planted, store):
    assert NUMBER.encode() not in bytes_of(store)
    for model in (*MODELS.values(), LogEntry):
        assert all(NUMBER not in str(row) for row in model.objects.values_list())


def test_the_log_holds_no_reference_of_a_pupil_no_name_and_no_text(planted, tmp_path, store):
    steps.audit_export(store, tmp_path / "log", why="inspection", to_whom="regulator")
    told = (tmp_path / "log").read_text()
    ref = pupil_ref(NUMBER, kind="admission_number", urn="100001")
    assert all(word not in told for word in (ref, NAME, TEXT, RECORD, planted, "B1", "ASD"))


def test_a_snapshot_holds_none_of_them(planted, store, tmp_path):
    snapshot = steps.freeze_store(store, tmp_path / "s", now=NOW)[0]
    import duckdb

    ref = pupil_ref(NUMBER, kind="admission_number", urn="100001")
    told = str([duckdb.sql(f"SELECT * FROM read_parquet('{f}')").fetchall() for f in snapshot.path.glob("*.parquet")])
    assert all(word not in told for word in (ref, NUMBER, NAME, RECORD, planted, "'o1'"))
    assert str(snapshot.manifest).find(ref) == -1


@pytest.mark.parametrize("role", ROLES)
def test_no_role_is_shown_what_it_may_not_see(planted, world, role):
    """Everything that a role can list, laid side by side."""
    from dueregard.store.tables import STORED

    told = ""
    for table in STORED:
        try:
            told += str(looks.rows(table, by=world.people[role], now=NOW))
        except DueRegardError as fault:
            told += str(fault)
    shown = {word for word in (NUMBER, NAME, TEXT, RECORD) if word in told}
    assert shown == {
        "officer": {RECORD}, "sergeant": {NAME, TEXT, RECORD}, "access_clerk": {RECORD}, "administrator": {NAME},
        "equality_lead": {TEXT},
    }.get(role, set())  # fmt: skip
    assert pupil_ref(NUMBER, kind="admission_number", urn="100001") not in told


def test_no_error_and_no_log_line_quotes_what_was_sent(planted, world, store, capsys):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.getLogger().addHandler(handler)
    told = ""
    try:
        for bad in ({"route": TEXT}, {"occurred_at": RECORD}, {"urn": f"{NUMBER} x"}, {"seconds_to_record": NAME}):
            with pytest.raises(DueRegardError) as fault:
                contact(world.officer, pupil(NUMBER, age=NAME), **bad)
            told += str(fault.value) + repr(fault.value)
        with pytest.raises(DueRegardError) as fault:
            pupil_ref(f"{NAME}!", kind="admission_number", urn="100001")
        told += str(fault.value)
        main(["audit", "verify", "--data", str(store)])
        main(["freeze", "--store", str(store), "--into", str(store / "s"), "--as-of", "2099-01-01T00:00:00"])
    finally:
        logging.getLogger().removeHandler(handler)
    out = capsys.readouterr()
    told += stream.getvalue() + out.out + out.err
    assert all(word not in told for word in (NUMBER, NAME, TEXT, RECORD))


def test_keys_do_not_lie_in_the_database_and_are_not_printed(planted, store):
    from dueregard.store.keys import keys

    secret = (store / "keys" / "store.key").read_text().strip()
    assert secret not in repr(keys())
    files = b"".join(path.read_bytes() for path in store.rglob("*") if path.is_file() and path.parent.name != "keys")
    assert secret.encode() not in files and bytes.fromhex(secret) not in files
    assert all(path.stat().st_mode & 0o077 == 0 for path in (store / "keys").iterdir())


def test_what_is_erased_is_in_no_file(planted, world, store):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL frees the space at its next vacuum; decision 029 says so")
    ref = pupil_ref(NUMBER, kind="admission_number", urn="100001")
    assert RECORD.encode() in bytes_of(store) and ref.encode() in bytes_of(store)
    actions.erase_contact(planted, by=world.dpo, reason="request", why="request 5", now=NOW)
    assert RECORD.encode() not in bytes_of(store) and ref.encode() not in bytes_of(store)


def test_a_pseudonym_is_not_found_by_trying_every_number(world):
    """Whoever has every number and no key finds no pupil; the same number at another school is another pupil."""
    import hashlib
    import hmac

    ref = pupil_ref("1234", kind="admission_number", urn="100001")
    tried = {hashlib.sha256(f"{n:04}".encode()).hexdigest()[:32] for n in range(10_000)}
    tried |= {
        hmac.new(b"", f"admission_number\x1f100001\x1f{n:04}".encode(), "sha256").hexdigest()[:32]
        for n in range(10_000)
    }
    assert ref[1:] not in tried
    others = {pupil_ref("1234", kind="admission_number", urn="100002"), pupil_ref("1234", kind="person_reference")}
    assert ref not in others and len(others) == 2
    assert pupil_ref(" 12 34", kind="admission_number", urn="100001") == ref
