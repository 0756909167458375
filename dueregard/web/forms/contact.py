"""The form of a contact: one part for the contact, one for each pupil, one for each power, step and outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django import forms

from dueregard.store.contact_record import Pupil
from dueregard.store.gate import Fault
from dueregard.store.pseudonyms import KINDS
from dueregard.store.tables import STORED
from dueregard.web.forms.contact_content import NOT_KNOWN, Content, school_of
from dueregard.web.forms.contact_questions import (
    AT_ANOTHER_TIME,
    AT_ONCE,
    CONTACT,
    ELSEWHERE,
    LATER,
    NO_SUPPORT,
    PARENT_TOLD,
    PART_WORDS,
    PARTS,
    PUPIL,
    Question,
    accepted,
    is_asked,
)  # fmt: skip
from dueregard.web.forms.fields import CHOOSE, NEEDED, Moment, Ticks, choice, field_of, wrong_of
from dueregard.web.wording import choices_of

Choices = Sequence[tuple[str, str]]


class Typed(forms.TextInput):
    """A box whose content is never sent back to a page."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return super().get_context(name, None, attrs)


class Part(forms.Form):
    """Some of the questions; each is asked when other answers of the same part make it needed."""

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        for name, one in self.fields.items():
            when = getattr(one, "asked_when", "")
            if when and is_asked(when, told) and not told.get(name) and name not in self.errors:
                self.add_error(name, NEEDED if isinstance(one, forms.ChoiceField) else "This cannot be left empty.")
        return told

    @property
    def plain(self) -> dict[str, Any]:
        return getattr(self, "cleaned_data", {})


def part(table: str, questions: Iterable[Question], data: Any, *, on: date, prefix: str = "") -> Part:
    made = Part(data, prefix=prefix or None)
    add_questions(made, table, questions, on=on)
    return made


def add_questions(made: Part, table: str, questions: Iterable[Question], *, on: date) -> None:
    for q in questions:
        made.fields[q.name] = field_of(
            table, q.name, on=on, required=q.required, asked_when=q.asked_when, choices=_narrowed(table, q, on)
        )


def _narrowed(table: str, q: Question, on: date) -> Choices | None:
    if not q.choices:
        return None
    if q.choices[0][1]:
        return q.choices
    labels = dict(choices_of(table, STORED[table].column(q.name), on=on))
    return [(code, labels.get(code, code)) for code, _ in q.choices]


@dataclass(slots=True)
class PupilPart:
    """One pupil's questions. parts: table -> forms of its rows."""

    n: int
    form: Part
    parts: dict[str, list[Part]]
    content: Content

    @property
    def every(self) -> list[Part]:
        return [self.form, *(f for rows in self.parts.values() for f in rows)]

    @property
    def tables(self) -> list[tuple[str, str, list[Part]]]:
        return [(table, PART_WORDS[table], rows) for table, rows in self.parts.items()]


@dataclass(slots=True)
class ContactForm:
    """The whole form, bound to its content."""

    contact: Part
    pupils: list[PupilPart]
    content: Content
    faults: list[Fault] = field(default_factory=list)

    @property
    def every(self) -> list[Part]:
        return [self.contact, *(f for p in self.pupils for f in p.every)]

    def is_valid(self) -> bool:
        found = [f.is_valid() for f in self.every]
        for table, n, column, message in self.content.get("faults", ()):
            self.put(Fault(table, n, column, message))
        return all(found) and not self.content.get("faults")

    def put(self, fault: Fault) -> None:
        """Lay a fault that the store found beside its question."""
        form = self.contact
        if fault.table != "contact" and fault.n < len(self.pupils):
            form = self._within(self.pupils[fault.n], fault)
        place = {"parent_informed_at": "parent_told", "pupil_ref": "identifier", "service": "services"}.get(
            fault.column, fault.column
        )
        form.add_error(place if place in form.fields else None, fault.message)

    def _within(self, pupil: PupilPart, fault: Fault) -> Part:
        rows = pupil.parts.get(fault.table, [])
        return rows[0] if rows else pupil.form

    @property
    def wrong(self) -> list[dict[str, str]]:
        return wrong_of(*self.every)

    def values(self) -> dict[str, Any]:
        """The columns of the contact."""
        told = self.contact.plain
        return {"urn": school_of(self.content), "occurred_at": told["occurred_at"], **_answers(CONTACT, told)}


def contact_form(
    content: Content, *, schools: Choices, services: Choices, on: date, later: bool = False, judged: bool = False
) -> ContactForm:
    """The form for this content. schools: those that may be chosen; services: what is on offer; later: also what is known later.

    judged: the form is not shown, so that it needs no question that what was sent does not raise.
    """
    contact = Part(content["contact"])
    contact.fields["urn"] = choice([*schools, (ELSEWHERE, "Another school")], required=True, label="Which school?")
    contact.fields["other_urn"] = field_of(
        "contact", "urn", on=on, label="Unique reference number of the other school", asked_when=f"urn={ELSEWHERE}"
    )
    contact.fields["occurred_at"] = field_of("contact", "occurred_at", on=on)
    add_questions(contact, "contact", CONTACT, on=on)
    pupils = [
        _pupil_part(n, p, services=services, on=on, later=later, judged=judged) for n, p in enumerate(content["pupils"])
    ]
    return ContactForm(contact, pupils, content)


def _pupil_part(n: int, content: Content, *, services: Choices, on: date, later: bool, judged: bool) -> PupilPart:
    prefix = f"p{n}"
    form = Part(_prefixed(prefix, content["answers"]), prefix=prefix)
    kinds = [*KINDS.items(), (NOT_KNOWN, "Not known")]
    form.fields["identifier_kind"] = choice(kinds, required=True, label="How is the pupil identified?")
    form.fields["identifier"] = _identifier(is_held=bool(content["ref"] or content["row_ref"]))
    add_questions(form, "involvement", PUPIL, on=on)
    form.fields["parent_told"] = choice(list(PARENT_TOLD), required=True, label="Was a parent or carer told?")
    when = forms.CharField(label="When was a parent told?", required=False, widget=Moment())
    when.asked_when = f"parent_told={AT_ANOTHER_TIME}"  # type: ignore[attr-defined]
    form.fields["parent_informed_at"] = when
    offered = [*services, (NO_SUPPORT, "No support was offered")]
    form.fields["services"] = forms.MultipleChoiceField(
        choices=offered, widget=Ticks(), label="Which support was offered?", error_messages={"required": "Choose what was offered, or that nothing was."})  # fmt: skip
    for code, label in services:
        if not judged or code in content["answers"].get("services", ()):
            form.fields[accepted(code)] = accepted_field(label, on=on, asked_when=f"services={code}")
    if later:
        add_questions(form, "involvement", LATER, on=on)
    rows = {table: [part(table, questions, _prefixed(f"{prefix}-{table}{k}", row), on=on, prefix=f"{prefix}-{table}{k}")
                    for k, row in enumerate(content[table])] for table, questions in PARTS.items()}  # fmt: skip
    return PupilPart(n, form, rows, content)


def accepted_field(service: str, *, on: date, asked_when: str = "") -> forms.Field:
    """Was this offer accepted? A drop-down, because there may be one for every kind of help."""
    column = STORED["support"].column("is_accepted")
    one = forms.ChoiceField(choices=[CHOOSE, *choices_of("support", column, on=on)], label=f"{service}: was it accepted?",
                            required=not asked_when, error_messages={"required": NEEDED})  # fmt: skip
    one.asked_when = asked_when  # type: ignore[attr-defined]
    return one


def _identifier(*, is_held: bool) -> forms.Field:
    told = (
        "It is kept as a code. Type it again only to change it."
        if is_held
        else "It becomes a code at once, and is not kept."
    )
    one = forms.CharField(label="Identifier", required=False, max_length=40, help_text=told,
                          widget=Typed(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}))  # fmt: skip
    if not is_held:
        one.asked_when = "identifier_kind=" + " ".join(KINDS)  # type: ignore[attr-defined]
    return one


def _prefixed(prefix: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{prefix}-{name}": value for name, value in answers.items()}


def _answers(questions: Iterable[Question], told: Mapping[str, Any]) -> dict[str, Any]:
    """Each question's answer, or what is implied where it was not asked."""
    found: dict[str, Any] = {}
    for q in questions:
        if is_asked(q.asked_when, told):
            found[q.name] = told.get(q.name)
        else:
            found[q.name] = q.implied(told) if callable(q.implied) else q.implied
    return {name: "" if value is None else value for name, value in found.items()}


def pupil_of(part: PupilPart, contact: Mapping[str, Any], *, later: bool = False) -> Pupil:
    """What the store is told of one pupil."""
    told, content = part.form.plain, part.content
    involvement = _answers(PUPIL, told)
    involvement["age"] = "" if involvement["age"] == "unknown" else involvement["age"]
    involvement["school_later_cleared"] = told["school_later_cleared"] if later else "unknown"
    informed = {AT_ONCE: contact["occurred_at"], AT_ANOTHER_TIME: told["parent_informed_at"]}
    involvement["parent_informed_at"] = informed.get(told["parent_told"], "")
    parts: dict[str, tuple[Mapping[str, Any], ...]] = {
        table: tuple({**_answers(PARTS[table], f.plain), **_row_ref(row)} for f, row in zip(rows, content[table], strict=True))
        for table, rows in part.parts.items()
    }  # fmt: skip
    parts["parent_told"] = ({"answer": told["parent_told"], **_row_ref({"row_ref": content.get("parent_row", "")})},)
    parts["support"] = tuple(
        {"service": s, "offered_on": str(contact["occurred_at"])[:10], "is_accepted": told[accepted(s)], **_row_ref({"row_ref": content["support"].get(s, "")})}
        for s in told["services"] if s != NO_SUPPORT
    )  # fmt: skip
    return Pupil(ref=content["ref"], involvement=involvement, parts=parts, row_ref=content["row_ref"])


def _row_ref(row: Mapping[str, Any]) -> dict[str, str]:
    return {"row_ref": row["row_ref"]} if row.get("row_ref") else {}


def guess_time_relation(at: datetime) -> str:
    """Which answer does the clock give? Only outside school hours: within them the officer knows, and the clock does not.

    >>> guess_time_relation(datetime(2026, 11, 26, 16, 5)), guess_time_relation(datetime(2026, 11, 26, 11, 0))
    ('before_or_after_school', '')
    """
    if at.weekday() >= 5:
        return "holiday"
    return "" if 8 * 60 + 30 <= at.hour * 60 + at.minute <= 15 * 60 + 30 else "before_or_after_school"
