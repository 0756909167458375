"""Sessions in the database, whose writers stand in the same line as the log's: SQLite itself would let the unlucky one sleep."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db

from dueregard.store.turns import turn


class SessionStore(db.SessionStore):
    def save(self, must_create: bool = False) -> None:
        with turn():
            super().save(must_create)

    def delete(self, session_key: Any = None) -> None:
        with turn():
            super().delete(session_key)
