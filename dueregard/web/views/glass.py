"""Opening a record in need: it works at once, for an hour, and others are told."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from dueregard.errors import FaultsFound
from dueregard.store import actions
from dueregard.web.asked import Request
from dueregard.web.forms.fields import wrong_of
from dueregard.web.told import tell


class GlassForm(forms.Form):
    contact_ref = forms.CharField(label="Reference of the contact", max_length=64, error_messages={"required": "Enter the reference."},
                                  widget=forms.TextInput(attrs={"autocomplete": "off"}))  # fmt: skip
    why = forms.CharField(label="Who is at risk, and why can it not wait?", max_length=200, help_text="A sentence, without names. Your supervisor and the data protection officer read it.",
                          error_messages={"required": "Say why."}, widget=forms.TextInput(attrs={"autocomplete": "off"}))  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def break_glass(request: Request) -> HttpResponse:
    form = GlassForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        ref, why = form.cleaned_data["contact_ref"].strip(), form.cleaned_data["why"]
        try:
            actions.break_glass(ref, by=request.actor, why=why)
        except FaultsFound as fault:
            form.add_error("why", f"{fault.found} Try: {fault.try_this}")
        else:
            tell(
                request,
                "You can see this record for an hour. Your supervisor and the data protection officer were told.",
            )
            return redirect(reverse("contact", args=[ref]))
    return render(request, "web/break_glass.html", {"form": form, "wrong": wrong_of(form) if form.is_bound else []})
