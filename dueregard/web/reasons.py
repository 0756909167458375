"""A reason before one child's record is opened. It holds for this record and a quarter of an hour; every look names it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import forms
from django.http import HttpResponse
from django.shortcuts import render

from dueregard.store import looks
from dueregard.store.contact_record import ContactRecord
from dueregard.store.looks import ReasonNeeded
from dueregard.web.asked import Request
from dueregard.web.clock import now
from dueregard.web.forms.fields import Radios, wrong_of

HOLDS = timedelta(minutes=15)
REASONS = ("Finishing or looking over my own record", "Checking the quality of the record", "Correcting the record", "A complaint", "A request of the pupil or a parent",
           "Safeguarding of the pupil", "Supervision of the officer", "Another reason")  # fmt: skip


class ReasonForm(forms.Form):
    why = forms.ChoiceField(label="Why do you need to see this record?", choices=[(r, r) for r in REASONS], widget=Radios(),
                            error_messages={"required": "Choose a reason.", "invalid_choice": "Choose a reason of the list."})  # fmt: skip
    more = forms.CharField(label="In your own words", required=False, max_length=120, help_text="No names. It stands in the log.",
                           widget=forms.TextInput(attrs={"autocomplete": "off"}))  # fmt: skip

    def clean(self) -> dict[str, str]:
        told = super().clean() or {}
        if told.get("why") == REASONS[-1] and not told.get("more"):
            self.add_error("more", "Say which reason.")
        return told


def looked_at(request: Request, contact_ref: str, *, act: str = "open") -> ContactRecord | HttpResponse:
    """The record, or the page that asks for the reason. Raises NotThere."""
    held = why_of(request, contact_ref)
    if request.method == "POST" and "why" in request.POST and "seen" not in request.POST:
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return _asked_of_what_is_there(request, contact_ref, form)
        held = ": ".join(part for part in (form.cleaned_data["why"], form.cleaned_data["more"]) if part)
        reasons = {
            ref: told for ref, told in request.session.get("why", {}).items() if datetime.fromisoformat(told[1]) > now()
        }
        request.session["why"] = {**reasons, contact_ref: [held, (now() + HOLDS).isoformat()]}
    try:
        return looks.contact(contact_ref, by=request.actor, why=held, act=act)
    except ReasonNeeded:
        return _ask(request, ReasonForm())


def _asked_of_what_is_there(request: Request, contact_ref: str, form: ReasonForm) -> ContactRecord | HttpResponse:
    """A wrong reason for what is not there is answered as without one."""
    try:
        return looks.contact(contact_ref, by=request.actor, act="ask")
    except ReasonNeeded:
        return _ask(request, form)


def why_of(request: Request, contact_ref: str) -> str:
    """The reason that was given for this record and still holds; empty if none does."""
    told = request.session.get("why", {}).get(contact_ref)
    return told[0] if told and datetime.fromisoformat(told[1]) > now() else ""


def _ask(request: Request, form: ReasonForm) -> HttpResponse:
    return render(
        request,
        "web/reason.html",
        {"form": form, "wrong": wrong_of(form) if form.is_bound else []},
        status=422 if form.is_bound else 200,
    )
