"""The models: one a declared table, made from its declaration, and the log, its head, people and drafts.

A row of a table is a row *version*: corrections add one, and none is changed or removed but by erasure.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from dueregard.records.table import Table
from dueregard.store.fields import constraints_of, field_of
from dueregard.store.tables import STORED

STATES = ("recorded", "corrected", "rectified", "withdrawn")


class LogEntry(models.Model):
    """One look or change: who, when, what, why, to whom. Append-only; `index` is its place in the Merkle tree."""

    index = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    verb = models.CharField(max_length=16)
    act = models.CharField(max_length=64)
    by_ref = models.CharField(max_length=64, db_index=True)
    role = models.CharField(max_length=64)
    why = models.CharField(max_length=200, default="", blank=True)
    to_whom = models.CharField(max_length=200, default="", blank=True)
    is_refused = models.BooleanField(default=False)
    rows = models.TextField()  # JSON: [table, row, version, hash of the version where one was written]

    class Meta:
        db_table = "store_log"
        ordering = ("index",)


class LogHead(models.Model):
    """The one row that changes in place: how long the log is, and its root, signed."""

    origin = models.CharField(max_length=64)
    size = models.BigIntegerField()
    peaks = models.TextField()  # hexadecimal, space between: what the next root is made from
    at = models.DateTimeField()
    note = models.TextField()

    class Meta:
        db_table = "store_log_head"
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="one_head"),)


class Version(models.Model):
    """What every version of a row has besides its columns."""

    row_ref = models.CharField(max_length=32)
    row_version = models.PositiveIntegerField()
    row_state = models.CharField(max_length=16)
    row_salt = models.CharField(max_length=32)  # so that a hash in the log tells nothing of a row that was erased
    row_entry = models.ForeignKey(LogEntry, on_delete=models.PROTECT, related_name="+", db_column="row_entry")

    class Meta:
        abstract = True


def _model_of(table: Table) -> type[Version]:
    meta = type("Meta", (), {
        "db_table": f"store_{table.name}",
        "constraints": (
            *constraints_of(table),
            models.CheckConstraint(condition=models.Q(row_state__in=STATES), name=f"{table.name}_row_state_list"),
        ),
    })  # fmt: skip
    fields: dict[str, Any] = {column.name: field_of(column) for column in table.columns}
    name = "".join(part.capitalize() for part in table.name.split("_"))
    return type(name, (Version,), {"__module__": __name__, "__doc__": table.about, "Meta": meta, **fields})


MODELS: dict[str, type[Version]] = {name: _model_of(table) for name, table in STORED.items()}


class People(BaseUserManager):
    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(login=username)


class Person(AbstractBaseUser):
    """Somebody who may sign in. The log knows the reference alone. What a person may do stands in `grant`."""

    person_ref = models.CharField(max_length=64, unique=True)
    login = models.CharField(max_length=150, unique=True)
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True, default="")
    officer_ref = models.CharField(max_length=64, blank=True, default="")
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS = ("name",)
    objects = People()

    class Meta:
        db_table = "store_person"

    def get_username(self) -> str:
        return self.login

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return False  # what a person may do is asked of `policy` alone

    def has_module_perms(self, app_label: str) -> bool:
        return False


class Draft(models.Model):
    """A form that is not finished: its author's alone, changed in place, gone when it is sent or given up."""

    draft_ref = models.CharField(max_length=32, primary_key=True)
    person_ref = models.CharField(max_length=64, db_index=True)
    kind = models.CharField(max_length=32)
    content = models.TextField()  # JSON; never an identifier that was typed, only the pseudonym made of it
    version = models.PositiveIntegerField(default=1)
    begun_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "store_draft"
