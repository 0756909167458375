"""The first start: what the processing stands on. Corrected later on the same page."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from dueregard.store import actions
from dueregard.store.gate import FormFaults
from dueregard.web.asked import Request
from dueregard.web.basis import basis
from dueregard.web.forms.fields import wrong_of
from dueregard.web.forms.rows import Asked, put_faults, row_form
from dueregard.web.told import tell

BASIS_REF = "basis"
QUESTIONS = (
    Asked("force", label="Which force keeps this record?"),
    Asked("lawful_basis", label="What is the lawful basis of the processing?",
          hint="Such as: Data Protection Act 2018, Part 3, section 35(5), and the public sector equality duty."),
    Asked("policy_document", label="Which is the appropriate policy document?", hint="Its title, version and date."),
    Asked("impact_assessment", label="What is the reference of the data protection impact assessment?"),
)  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def first_start(request: Request) -> HttpResponse:
    held, actor = basis(), request.actor
    initial = {q.name: getattr(held, q.name) for q in QUESTIONS} if held else {}
    form = row_form("basis", QUESTIONS, request.POST or None, on=datetime.now(UTC).date(), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            if held is None:
                actions.record("basis", {**form.cleaned_data, "basis_ref": BASIS_REF}, by=actor)
            else:
                actions.correct("basis", held.row_ref, form.cleaned_data, seen=held.row_version, by=actor)
        except FormFaults as fault:
            put_faults(form, fault)
        else:
            tell(request, "The legal basis was saved. It stands at the foot of every page.")
            return redirect("home")
    return render(
        request, "web/first_start.html", {"form": form, "wrong": wrong_of(form) if form.is_bound else [], "held": held}
    )
