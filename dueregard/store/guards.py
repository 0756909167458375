"""Guards in the database itself: what was written stays as it was, whoever is connected.

They are put in place after every migration, because SQLite drops a table's triggers where a migration rebuilds it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dueregard.store.tables import STORED, references_of

LOG, HEAD = "store_log", "store_log_head"


def put_in_place(sender: Any = None, using: str = "default", **_: Any) -> None:
    """Make every guard anew, all or none."""
    from django.db import connections, transaction

    connection = connections[using]
    made = _sqlite() if connection.vendor == "sqlite" else _postgresql()
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for statement in made:
            cursor.execute(statement)


def _rules() -> Iterator[tuple[str, str, str, str]]:
    """(table, operation, what must hold, what is told where it does not)."""
    never = "1 = 0"
    yield LOG, "UPDATE", never, "the log is append-only"
    yield LOG, "DELETE", never, "the log is append-only"
    yield HEAD, "DELETE", never, "the head of the log stays"
    yield HEAD, "UPDATE", "NEW.size = OLD.size + 1 AND NEW.origin = OLD.origin", "the log grows one by one"
    for name, table in STORED.items():
        stored = f"store_{name}"
        yield stored, "UPDATE", never, "a version is never changed"
        erased = f"EXISTS (SELECT 1 FROM store_erasure WHERE table_name = '{name}' AND erased_ref = OLD.row_ref)"
        yield stored, "DELETE", never if name == "erasure" else erased, "a version goes by erasure alone"
        before = f"SELECT 1 FROM {stored} WHERE row_ref = NEW.row_ref AND row_version = NEW.row_version - 1"
        yield stored, "INSERT", f"NEW.row_version = 1 OR EXISTS ({before})", "a version follows the one before it"
        for column, there, key in references_of(table):
            known = f'SELECT 1 FROM store_{there} WHERE "{key}" = NEW."{column}"'
            yield stored, "INSERT", f"NEW.\"{column}\" = '' OR EXISTS ({known})", f"{column} is not in {there}"


def _named() -> Iterator[tuple[str, str, str, str, str]]:
    for n, (table, operation, holds, told) in enumerate(_rules()):
        yield f"guard_{n}_{table}_{operation.lower()}"[:60], table, operation, holds, told


def _sqlite() -> Iterator[str]:
    yield from (f'DROP TRIGGER IF EXISTS "{name}"' for name in _there_in_sqlite())
    for name, table, operation, holds, told in _named():
        yield (
            f'CREATE TRIGGER "{name}" BEFORE {operation} ON {table} WHEN NOT ({holds}) '
            f"BEGIN SELECT RAISE(ABORT, '{told}'); END"
        )


def _there_in_sqlite() -> list[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard_%'")
        return [row[0] for row in cursor.fetchall()]


def _postgresql() -> Iterator[str]:
    yield (
        "DO $$ DECLARE t record; BEGIN FOR t IN SELECT tgname, tgrelid::regclass AS there FROM pg_trigger "
        "WHERE tgname LIKE 'guard\\_%' LOOP EXECUTE format('DROP TRIGGER %I ON %s', t.tgname, t.there); END LOOP; END $$"
    )
    for name, table, operation, holds, told in _named():
        back = "OLD" if operation == "DELETE" else "NEW"
        yield (
            f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN '
            f"IF NOT ({holds}) THEN RAISE EXCEPTION '{told}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
            f"RETURN {back}; END $$"
        )
        yield f'CREATE TRIGGER "{name}" BEFORE {operation} ON {table} FOR EACH ROW EXECUTE FUNCTION "{name}"()'
    yield (
        'CREATE OR REPLACE FUNCTION "guard_truncate"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN '
        "RAISE EXCEPTION 'nothing is emptied' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table in (LOG, HEAD, *(f"store_{name}" for name in STORED)):
        yield (
            f'CREATE TRIGGER "guard_truncate_{table}" BEFORE TRUNCATE ON {table} '
            'FOR EACH STATEMENT EXECUTE FUNCTION "guard_truncate"()'
        )


def missing_guards(using: str = "default") -> list[str]:
    """Which guards are not in the database? Somebody took them away, or switched them off."""
    from django.db import connections

    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard_%'")
            there = dict(cursor.fetchall())
            wanted = {made.split('"')[1]: made for made in _sqlite() if made.startswith("CREATE TRIGGER")}
            return [f"The guard {name} is not in the database." for name in wanted if there.get(name) != wanted[name]]
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'guard\\_%' AND tgenabled IN ('O', 'A')")
        there_too = {row[0] for row in cursor.fetchall()}
    return [f"The guard {name} is not in the database." for name, *_ in _named() if name not in there_too]
