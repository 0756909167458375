"""From a declared column to a question on a page: the kind of answer, its choices, its wording."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django import forms
from django.utils.choices import BaseChoiceIterator

from dueregard.records.table import LONGEST_TEXT, Column, Kind
from dueregard.store.tables import STORED
from dueregard.web.wording import choices_of, question_of

MOST_RADIOS = 9  # a longer list is a drop-down, where a letter finds the answer
CHOOSE = ("", "Choose an answer")
NEEDED = "Choose an answer. Not known is an answer too."


class Radios(forms.RadioSelect):
    template_name = "web/radios.html"
    option_template_name = "web/choice.html"


class Ticks(forms.CheckboxSelectMultiple):
    template_name = "web/radios.html"
    option_template_name = "web/choice.html"
    use_fieldset = True


class Day(forms.DateInput):
    input_type = "date"

    def __init__(self, **more: Any) -> None:
        super().__init__(format="%Y-%m-%d", **more)


class Moment(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self, **more: Any) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M", **more)


def field_of(
    table: str, name: str, *, on: date, required: bool = True, label: str = "", hint: str = "", asked_when: str = "",
    initial: Any = None, choices: Iterable[tuple[str, str]] | None = None,
) -> forms.Field:  # fmt: skip
    """The question for one column.

    on: the day whose terms are offered. asked_when: `field=code code`, the answer to another question that makes this
    one needed; it is then not required by itself. choices: narrower ones than the column's lists.
    """
    column = STORED[table].column(name)
    asked, told = question_of(table, column)
    shared: dict[str, Any] = {"label": label or asked, "help_text": hint or told, "required": required and not asked_when,
                              "initial": initial}  # fmt: skip
    field = _made(table, column, on, shared, choices)
    field.asked_when = asked_when  # type: ignore[attr-defined]
    return field


def _made(table: str, column: Column, on: date, shared: dict[str, Any], choices: Any) -> forms.Field:
    if column.kind is Kind.CODE or choices is not None:
        return choice(list(choices) if choices is not None else choices_of(table, column, on=on), **shared)
    if column.kind is Kind.DATE:
        return forms.DateField(
            widget=Day(), error_messages={"required": "Enter a day.", "invalid": "Enter a real day."}, **shared
        )
    if column.kind is Kind.TIME:
        return forms.CharField(widget=Moment(), error_messages={"required": "Enter a day and a time."}, **shared)
    if column.kind is Kind.INTEGER:
        return forms.IntegerField(min_value=column.least, max_value=column.most,
                                  widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short"}),
                                  error_messages={"required": "Enter a number.", "invalid": "Enter a whole number."}, **shared)  # fmt: skip
    if column.kind is Kind.DECIMAL:
        return forms.DecimalField(min_value=column.least, max_value=column.most, max_digits=9, decimal_places=2,
                                  widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short"}),
                                  error_messages={"required": "Enter a number.", "invalid": "Enter a number."}, **shared)  # fmt: skip
    longest = LONGEST_TEXT if column.kind is Kind.TEXT else 64
    return forms.CharField(max_length=longest, widget=forms.TextInput(attrs={"autocomplete": "off"}),
                           error_messages={"required": "This cannot be left empty."}, **shared)  # fmt: skip


class Ready(BaseChoiceIterator):
    """Choices that are pairs already. Django looks into each list of pairs, twice a field, to see whether they are."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self.pairs = pairs

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)


def choice(choices: list[tuple[str, str]], *, required: bool, **shared: Any) -> forms.ChoiceField:
    """Radios for a short list, a drop-down for a long one. Nothing is chosen beforehand unless `initial` says so.

    A choice without a code is what the drop-down shows before an answer, or for none where none is needed.
    """
    told = {"required": NEEDED, "invalid_choice": "Choose one of the answers in the list."}
    blank, choices = [c for c in choices if not c[0]], [c for c in choices if c[0]]
    if not required and not blank:
        blank = [("", "Nothing")] if len(choices) > MOST_RADIOS else []
    if len(choices) <= MOST_RADIOS and not (blank and not required):
        return forms.ChoiceField(
            choices=Ready(choices), widget=Radios(), required=required, error_messages=told, **shared
        )
    return forms.ChoiceField(
        choices=Ready([*(blank or [CHOOSE]), *choices]), required=required, error_messages=told, **shared
    )


def wrong_of(*bound: forms.BaseForm) -> list[dict[str, str]]:
    """The summary of errors: each with the place of its question."""
    found = []
    for form in bound:
        for name, errors in form.errors.items():
            to = "" if name == "__all__" else _place(form[name])
            found += [{"to": to, "text": f"{form[name].label}: {e}" if to else str(e)} for e in errors]
    return found


def _place(field: forms.BoundField) -> str:
    """Where a link to this question goes: its box, or its first choice."""
    return f"{field.auto_id}_0" if isinstance(field.field.widget, (Radios, Ticks)) else str(field.id_for_label)
