"""A form for one row of a declared table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms

from dueregard.store.gate import FormFaults
from dueregard.web.forms.fields import field_of


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a form for a row. choices: a name of a list of things in the store, such as `school`."""

    name: str
    required: bool = True
    choices: str = ""
    hint: str = ""
    label: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


def row_form(
    table: str, questions: Sequence[Asked], data: Any = None, *, on: date, initial: Mapping[str, Any] | None = None,
    choices: Mapping[str, Sequence[tuple[str, str]]] | None = None,
) -> forms.Form:  # fmt: skip
    """A form that asks these columns of the table. choices: column -> what may be chosen."""
    form = forms.Form(data, initial=dict(initial or {}))
    for asked in questions:
        form.fields[asked.name] = field_of(
            table, asked.name, on=on, required=asked.required, hint=asked.hint, label=asked.label,
            choices=(choices or {}).get(asked.name), **asked.more,
        )  # fmt: skip
    return form


def put_faults(form: forms.BaseForm, fault: FormFaults) -> None:
    """Lay what the store found wrong beside the questions that it is about."""
    for one in fault.faults:
        form.add_error(one.column if one.column in form.fields else None, one.message)
