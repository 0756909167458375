"""People and their roles, for the administrator, who sees no record."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dueregard.errors import FaultsFound
from dueregard.store import actions, looks
from dueregard.store.gate import FormFaults
from dueregard.store.models import Person
from dueregard.store.roles import ROLES
from dueregard.web import accounts, sessions
from dueregard.web.asked import Request
from dueregard.web.clock import today
from dueregard.web.forms.fields import CHOOSE, wrong_of
from dueregard.web.forms.rows import Asked, put_faults, row_form
from dueregard.web.picking import TYPED, Choices, officers, schools, without_blank
from dueregard.web.registers import OFFICERS, SCHOOLS
from dueregard.web.told import tell

GRANT = (
    Asked("role", label="Role"), Asked("urn", required=False, label="School", hint="For the role of a school."),
    Asked("borough", required=False, label="Borough", hint="Empty: the whole force."), Asked("from_on"),
    Asked("to_on", required=False),
)  # fmt: skip


class PersonForm(forms.Form):
    login = forms.CharField(label="Name to sign in with", max_length=150)
    name = forms.CharField(label="Name", max_length=200)
    email = forms.EmailField(label="Address for mail", required=False)
    officer_ref = forms.CharField(required=False)  # a list of the officers there are: `_officer`


def _officer(choices: Choices | None) -> forms.Field:
    label, hint = "Which officer is this?", "For officers and sergeants."
    if choices is None:
        return forms.CharField(label=label, required=False, max_length=64, help_text=f"{hint} {TYPED[OFFICERS]}")
    return forms.ChoiceField(label=label, required=False, help_text=hint, choices=choices)


@require_http_methods(["GET", "HEAD"])
def listing(request: Request) -> HttpResponse:
    by, on = request.actor, today()
    held: dict[str, list[str]] = {}
    for grant in looks.rows("grant", by=by, limit=looks.MOST):
        if grant["from_on"] <= on and (grant["to_on"] is None or grant["to_on"] >= on):
            held.setdefault(grant["person_ref"], []).append(ROLES[grant["role"]])
    people = [(p, sorted(held.get(p.person_ref, []))) for p in Person.objects.order_by("name")]
    return render(request, "web/people.html", {"people": people})


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    by = request.actor
    form = PersonForm(request.POST or None)
    form.fields["officer_ref"] = _officer(without_blank(officers(by=by, on=today())))
    if request.method == "POST" and form.is_valid():
        password = accounts.one_time_password()
        try:
            ref = actions.add_person(**form.cleaned_data, password=password, by=by)
        except FaultsFound as fault:
            form.add_error("login", fault.found)
        else:
            return render(request, "web/password_once.html", {"person": accounts.person_of(ref), "password": password})
    return render(request, "web/person_new.html", {"form": form, "wrong": wrong_of(form) if form.is_bound else []})


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: Request, person_ref: str) -> HttpResponse:
    """One person: roles, sessions, and what to do when a phone or a password is lost."""
    person = accounts.person_of(person_ref)
    what = request.POST.get("what", "") if request.method == "POST" else ""
    form = _grant_form(request, what)
    done = _do(request, person, what, form)
    if done is not None:
        return done
    grants = looks.rows("grant", by=request.actor, where={"person_ref": person_ref}, order=("from_on",))
    shown = {"person": person, "form": form, "grants": [(g, ROLES[g["role"]]) for g in grants], "today": today(),
             "sessions": sessions.of_person(person_ref), "wrong": wrong_of(form) if form.is_bound else []}  # fmt: skip
    return render(request, "web/person.html", shown)


def _grant_form(request: Request, what: str) -> forms.Form:
    by = request.actor
    own = without_blank(schools(by=by, on=today()))
    choices = {"role": [CHOOSE, *ROLES.items()], **({} if own is None else {"urn": own})}
    questions = GRANT if own is not None else tuple(replace(q, hint=TYPED[SCHOOLS]) if q.name == "urn" else q for q in GRANT)  # fmt: skip
    return row_form(
        "grant",
        questions,
        request.POST if what == "give" else None,
        on=today(),
        initial={"from_on": today()},
        choices=choices,
    )


def _do(request: Request, person: Any, what: str, form: forms.Form) -> HttpResponse | None:
    """What the button asked for; None where the page is shown (again)."""
    by, ref = request.actor, person.person_ref
    if what == "give":
        if not _gave(form, ref, by):
            return None
    elif what == "end":
        actions.end_grant(request.POST.get("grant_ref", ""), to_on=today(), by=by)
    elif what == "password":
        return render(
            request, "web/password_once.html", {"person": person, "password": accounts.new_password(ref, by=by)}
        )
    elif what == "device":
        accounts.new_device(ref, by=by)
    elif what in ("shut_out", "let_in"):
        accounts.set_active(ref, is_active=what == "let_in", by=by)
    elif what == "sessions":
        sessions.end_all(ref)
    else:
        return None
    tell(request, "It was done.")
    return redirect(reverse("person", args=[ref]))


def _gave(form: forms.Form, person_ref: str, by: Any) -> bool:
    if not form.is_valid():
        return False
    told = form.cleaned_data
    try:
        actions.give_role(person_ref, told["role"], from_on=told["from_on"], to_on=told["to_on"], urn=told["urn"],
                          borough=told["borough"], by=by)  # fmt: skip
    except FormFaults as fault:
        put_faults(form, fault)
    except FaultsFound as fault:
        form.add_error("urn", fault.found)
    return not form.errors
