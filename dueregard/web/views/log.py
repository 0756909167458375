"""The log, for the data protection officer. Reading it is a look, too, and stands in it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from dueregard.store.log import VERBS
from dueregard.store.log_reading import read_log
from dueregard.web.asked import Request
from dueregard.web.forms.fields import Day, wrong_of

A_PAGE = 100


class LogForm(forms.Form):
    why = forms.CharField(
        label="Why do you read the log?",
        max_length=200,
        error_messages={"required": "Say why."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    person_ref = forms.CharField(
        label="Of which person?",
        required=False,
        max_length=64,
        help_text="A reference of the log, not a name.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    verb = forms.ChoiceField(
        label="Which operation?", required=False, choices=[("", "Every one"), *((v, v.capitalize()) for v in VERBS)]
    )
    since = forms.DateField(label="Since which day?", required=False, widget=Day())
    before = forms.IntegerField(required=False, widget=forms.HiddenInput())


@require_http_methods(["GET", "HEAD", "POST"])
def log(request: Request) -> HttpResponse:
    form = LogForm(request.POST or None)
    shown: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        since = datetime.combine(told["since"], datetime.min.time(), UTC) if told["since"] else None
        entries = read_log(by=request.actor, why=told["why"], person_ref=told["person_ref"], verb=told["verb"], since=since,
                           before=told["before"], limit=A_PAGE)  # fmt: skip
        shown |= {
            "entries": entries,
            "next": entries[-1].index if len(entries) == A_PAGE else None,
            "told": "",
            "asked": told,
        }
    return render(request, "web/log.html", {**shown, "wrong": wrong_of(form) if form.is_bound else []})
