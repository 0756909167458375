"""A school's own pages: confirm postings, send the roll, say that there was nothing to report."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from dueregard import steps
from dueregard.check.rejects import refused_rows
from dueregard.errors import DueRegardError, FaultsFound, NotThere, SourceError
from dueregard.records.tables import table
from dueregard.store import actions, looks
from dueregard.store.gate import FormFaults
from dueregard.store.versions import Row
from dueregard.web.asked import Request
from dueregard.web.clock import today
from dueregard.web.forms.fields import Day, choice, wrong_of
from dueregard.web.forms.rows import Asked, put_faults, row_form
from dueregard.web.tables_out import csv_answer
from dueregard.web.told import tell
from dueregard.web.wording import label_of

COLUMNS = ("role", "kind", "from_on", "to_on")
ROLL_HEADER = "urn,census_on,year_group,sex,ethnicity,sen_provision,sen_type,disability,is_fsm,n_pupils"
CONFIRM = (
    Asked("is_right", label="Is this as it really is?"),
    Asked("remark", required=False, label="What is not right?", hint="No names of pupils."),
)


class RollForm(forms.Form):
    file = forms.FileField(
        label="File of roll counts",
        required=False,
        help_text="CSV, as for `dueregard check`: one census of your school.",
    )
    pasted = forms.CharField(label="Or paste the rows here", required=False, max_length=500_000, widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
                             help_text=f"The first line names the columns: {ROLL_HEADER}")  # fmt: skip

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not self.errors and bool(told.get("file")) == bool(told.get("pasted")):
            self.add_error("file", "Send a file, or paste rows: one of the two.")
        return told


class NothingForm(forms.Form):
    urn = forms.ChoiceField(label="School")
    from_on = forms.DateField(
        label="First day",
        help_text="The first day of a month.",
        widget=Day(),
        error_messages={"required": "Enter a day."},
    )
    to_on = forms.DateField(
        label="Last day",
        help_text="The last day of a month that is over.",
        widget=Day(),
        error_messages={"required": "Enter a day."},
    )


@require_http_methods(["GET", "HEAD"])
def home(request: Request) -> HttpResponse:
    """Postings with the school's word on each, and what was sent."""
    by = request.actor
    said = {c["posting_ref"]: c for c in looks.rows("confirmation", by=by, order=("confirmed_on",))}
    postings = [
        {"row": p, "cells": [label_of("posting", c, p[c]) for c in COLUMNS], "said": said.get(p["posting_ref"])}
        for p in looks.rows("posting", by=by, order=("from_on",)) if p["to_on"] is None or p["to_on"] >= today()
    ]  # fmt: skip
    receipts = looks.rows("receipt", by=by, where={"kind": "roll"}, order=("-taken_at",), limit=20)
    nil = looks.rows("collection", by=by, where={"subject": "contact"}, order=("-from_on",), limit=20)
    shown = {"schools": _own_schools(request), "postings": postings, "receipts": receipts,
             "nil": [(n, label_of("collection", "state", n["state"])) for n in nil]}  # fmt: skip
    return render(request, "web/school_home.html", shown)


def _own_schools(request: Request) -> tuple[Row, ...]:
    """Those for which this person sends; with another role there may be more that the person sees."""
    urns = sorted({grant.urn for grant in request.actor.grants if grant.role == "school"})
    return looks.rows("school", by=request.actor, where={"urn__in": urns})


@require_http_methods(["GET", "HEAD", "POST"])
def posting(request: Request, row_ref: str) -> HttpResponse:
    """The school's word on one posting."""
    by = request.actor
    row = looks.one("posting", row_ref, by=by)
    form = row_form(
        "confirmation", CONFIRM, request.POST or None, on=today(), choices={"is_right": [("yes", "Yes"), ("no", "No")]}
    )
    if request.method == "POST" and form.is_valid():
        told = {"posting_ref": row["posting_ref"], "urn": row["urn"], "confirmed_on": today(), **form.cleaned_data}
        try:
            actions.record("confirmation", told, by=by)
        except FormFaults as fault:
            put_faults(form, fault)
        else:
            tell(request, "Your answer was recorded.")
            return redirect("school_home")
    pairs = [
        (head, label_of("posting", c, row[c])) for head, c in zip(("Role", "Kind", "From", "To"), COLUMNS, strict=True)
    ]
    return render(
        request,
        "web/school_posting.html",
        {"pairs": pairs, "form": form, "wrong": wrong_of(form) if form.is_bound else []},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def roll(request: Request) -> HttpResponse:
    """Roll counts through the same gate as the command line. Refused rows come back; the same bytes twice add nothing."""
    form = RollForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        told, file = form.cleaned_data, form.cleaned_data["file"]
        content = file.read() if file else told["pasted"].replace("\r\n", "\n").strip().encode() + b"\n"
        return _taken(request, form, content)
    return render(request, "web/school_roll.html", {"form": form, "wrong": wrong_of(form) if form.is_bound else []})


def _taken(request: Request, form: RollForm, content: bytes) -> HttpResponse:
    try:
        receipt, checked = steps.take_roll_file(content, by=request.actor)
    except NotThere:
        form.add_error(
            None, "Nothing was taken: the file holds rows of another school, or of one that the service does not know."
        )
    except (SourceError, FaultsFound, DueRegardError) as fault:
        form.add_error(None, f"{fault.found} {f'Try: {fault.try_this}' if fault.try_this else ''}")
    else:
        if "download" in request.POST:
            heads, rows = refused_rows(checked, table("roll"))
            return csv_answer("rows-that-came-back", heads, rows)
        refused = refused_rows(checked, table("roll")) if "roll" in checked.intake.tables else ([], [])
        shown = {"receipt": receipt, "findings": [f.words() for f in checked.findings], "heads": refused[0], "refused": refused[1][:200],
                 "n_refused": len(refused[1])}  # fmt: skip
        return render(request, "web/school_receipt.html", shown, status=200 if receipt else 422)
    return render(request, "web/school_roll.html", {"form": form, "wrong": wrong_of(form)}, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def nothing(request: Request) -> HttpResponse:
    """Say that there was nothing to report: a zero that is a zero."""
    by = request.actor
    form = NothingForm(request.POST or None)
    own = [(s["urn"], s["name"]) for s in _own_schools(request)]
    form.fields["urn"] = choice(own, required=True, label="Which school?", initial=own[0][0] if own else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.nothing_to_report(**form.cleaned_data, by=by)
        except FormFaults as fault:
            put_faults(form, fault)
        except FaultsFound as fault:
            form.add_error(None, f"{fault.found} Try: {fault.try_this}")
        else:
            tell(request, "It was recorded that there was nothing to report.")
            return redirect("school_home")
    return render(request, "web/school_nothing.html", {"form": form, "wrong": wrong_of(form) if form.is_bound else []})
