"""The scrutiny panel: a sample that a seed draws, read redacted."""

from __future__ import annotations

import secrets

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from dueregard.errors import FaultsFound
from dueregard.store import actions, looks
from dueregard.web.asked import Request
from dueregard.web.forms.fields import Day, wrong_of
from dueregard.web.told import tell
from dueregard.web.wording import label_of


class DrawForm(forms.Form):
    seed = forms.CharField(
        label="Seed",
        max_length=40,
        help_text="Letters and digits, such as the panel drew by lot: it alone decides which records are read.",
    )
    n = forms.IntegerField(
        label="How many records?",
        min_value=1,
        max_value=200,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "short"}),
    )
    from_on = forms.DateField(label="First day", widget=Day())
    to_on = forms.DateField(label="Last day", widget=Day())


@require_http_methods(["GET", "HEAD"])
def sample(request: Request) -> HttpResponse:
    found = looks.rows("contact", by=request.actor, order=("-occurred_at",))
    told = [
        (
            c["contact_ref"],
            label_of("contact", "behaviour", c["behaviour"]),
            label_of("contact", "lowest_response", c["lowest_response"]),
        )
        for c in found
    ]
    return render(request, "web/panel.html", {"sample": told})


@require_http_methods(["GET", "HEAD", "POST"])
def draw(request: Request) -> HttpResponse:
    form = DrawForm(request.POST or None, initial={"seed": secrets.token_hex(4), "n": 10})
    if request.method == "POST" and form.is_valid():
        try:
            drawn = actions.draw_sample(**form.cleaned_data, by=request.actor)
        except FaultsFound as fault:
            form.add_error("seed", fault.found)
        else:
            tell(request, f"{len(drawn)} records were drawn for the panel.")
            return redirect("home")
    return render(request, "web/panel_draw.html", {"form": form, "wrong": wrong_of(form) if form.is_bound else []})
