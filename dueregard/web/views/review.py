"""Review and retention: what is due, and the decision to keep or to erase. What a record holds is not shown here."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from dueregard.errors import FaultsFound, NotThere
from dueregard.store import actions, retention
from dueregard.web.asked import Request
from dueregard.web.clock import today
from dueregard.web.forms.fields import Day, Radios, wrong_of
from dueregard.web.told import tell

KEEP, ERASE = "keep", "erase"


def _years() -> int:
    """After how many years the operator wants a record to be looked at."""
    return int(settings.DUEREGARD_CONFIG.retention_years)


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(label="What is decided?", choices=[(ERASE, "Erase it, with everything that hangs on it"), (KEEP, "Keep it until another review")],
                                 widget=Radios(), error_messages={"required": "Choose one."})  # fmt: skip
    review_on = forms.DateField(label="Next day of review", required=False, widget=Day())
    why = forms.CharField(
        label="Why?",
        max_length=200,
        help_text="No names. It stands in the log.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, object]:
        told = super().clean() or {}
        if told.get("decision") == KEEP and not told.get("review_on"):
            self.add_error("review_on", "Enter the day of the next review.")
        return told


@require_http_methods(["GET", "HEAD"])
def queue(request: Request) -> HttpResponse:
    return render(request, "web/review.html", {"due": retention.queue(by=request.actor, years=_years())})


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: Request, contact_ref: str) -> HttpResponse:
    by = request.actor
    due = next((d for d in retention.queue(by=by, years=_years()) if d.contact_ref == contact_ref), None)
    if due is None:
        raise NotThere()
    form = DecisionForm(request.POST or None, initial={"review_on": today() + timedelta(days=365)})
    form.fields["review_on"].asked_when = f"decision={KEEP}"
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            if told["decision"] == KEEP:
                actions.keep_longer(contact_ref, review_on=told["review_on"], why=told["why"], by=by)
            else:
                actions.erase_contact(contact_ref, reason="review", why=told["why"], by=by)
        except FaultsFound as fault:
            form.add_error(None, fault.found)
        else:
            tell(
                request,
                "The record was erased." if told["decision"] == ERASE else "The record is kept until its next review.",
            )
            return redirect("review")
    return render(
        request, "web/review_one.html", {"due": due, "form": form, "wrong": wrong_of(form) if form.is_bound else []}
    )
