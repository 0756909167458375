"""Questions that every page asks, made into SQL once. Making one costs more than the database's answer to it.

A mark stands where an answer will be filled in. What is filled in goes to the database beside the SQL, never into it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any


class Mark(str):
    """A place in a question, by its name. It stands for a text; a day or a number would be turned into one."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A question of one model. sql: empty where no row can ever be an answer."""

    model: Any
    sql: str
    params: tuple[Any, ...]

    def ask(self, **told: str) -> list[Any]:
        """The rows, with each mark filled in by its name."""
        if not self.sql:
            return []
        filled = [told[str(p)] if isinstance(p, Mark) else p for p in self.params]
        return list(self.model.objects.raw(self.sql, filled))


_MADE: dict[tuple[Hashable, ...], Prepared] = {}


def prepared(name: tuple[Hashable, ...], make: Callable[[], Any]) -> Prepared:
    """The question of this name. make: gives its queryset, with marks in it; called once for each kind of database."""
    from django.db import connection

    key = (connection.vendor, *name)
    if key not in _MADE:
        _MADE[key] = _made(make())
    return _MADE[key]


def _made(question: Any) -> Prepared:
    from django.core.exceptions import EmptyResultSet

    try:
        sql, params = question.query.sql_with_params()
    except EmptyResultSet:
        sql, params = "", ()
    return Prepared(question.model, sql, tuple(params))
