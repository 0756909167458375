"""Registers: a list, a row more, a correction, a withdrawal. The same four pages for each, made from `registers`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from dueregard.errors import EditConflict, FaultsFound, NotThere
from dueregard.store import actions, looks
from dueregard.store.actor import Actor
from dueregard.store.gate import FormFaults
from dueregard.store.policy import CORRECT, RECORD, WITHDRAW, may
from dueregard.web.addresses import ADDRESSES
from dueregard.web.asked import Request
from dueregard.web.clock import today
from dueregard.web.forms.fields import wrong_of
from dueregard.web.forms.rows import put_faults, row_form
from dueregard.web.forms.why import WhyForm
from dueregard.web.picking import TYPED, names_of, pick, schools_of_postings, urns_named
from dueregard.web.registers import BY_NAME, Register
from dueregard.web.told import tell
from dueregard.web.wording import label_of, question_of

A_PAGE = 100
ROLES = {a.name: set(a.roles) for a in ADDRESSES}


@require_http_methods(["GET", "HEAD"])
def listing(request: Request) -> HttpResponse:
    """The rows that this person may see, a page at a time."""
    register, by = _of(request)
    n, find = page_number(request), request.GET.get("find", "").strip()[:80]
    where = {register.find: _found(register, find)} if find and register.find else {}
    rows = looks.rows(
        register.table, by=by, where=where, order=register.order, limit=A_PAGE + 1, offset=(n - 1) * A_PAGE
    )
    is_of_school = "urn" in register.columns and register.table != "school"
    names = names_of(r["urn"] for r in rows) if is_of_school else {}
    shown = {
        "register": register, "heads": heads(register, rows), "n": n, "has_more": len(rows) > A_PAGE, "find": find,
        "rows": [_cells(register, row, by, names) for row in rows[:A_PAGE]], "new": _link(f"{register.one_name}_new", by, register.table, RECORD),
    }  # fmt: skip
    return render(request, "web/register.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    register, by = _of(request)
    form = _form(register, request.POST or None, by=by, initial=_first(register, request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.record(register.table, {**_answers(form), **_set(register, by)}, by=by)
        except FormFaults as fault:
            put_faults(form, fault)
        except FaultsFound as fault:
            form.add_error(None, f"{fault.found} Try: {fault.try_this}")
        else:
            tell(request, f"The {register.one} was recorded.")
            return redirect(_back(register, by))
    return _form_page(request, register, form, f"Record: {register.one}")


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: Request, row_ref: str) -> HttpResponse:
    """Correct a row: a new version. Where somebody else was first, both versions are shown."""
    register, by = _of(request)
    row = looks.one(register.table, row_ref, by=by)
    if not may(CORRECT, register.table, by=by, row_ref=row_ref, today=today()):
        raise NotThere()
    if not {q.name for q in register.questions} <= set(row.values):  # shown by one role, changed by another
        raise NotThere()
    initial = {q.name: row[q.name] for q in register.questions}
    form = _form(register, request.POST or None, by=by, initial=initial)
    _fix_names(register, form)
    if request.method == "POST" and form.is_valid():
        try:
            actions.correct(register.table, row_ref, _answers(form), seen=_seen(request), by=by)
        except FormFaults as fault:
            put_faults(form, fault)
        except EditConflict:
            return _both(request, register, looks.one(register.table, row_ref, by=by), form)
        except FaultsFound as fault:
            form.add_error(None, f"{fault.found} Try: {fault.try_this}")
        else:
            tell(request, f"The {register.one} was corrected. The version before stays in the history.")
            return redirect(_back(register, by))
    return _form_page(request, register, form, f"Correct: {register.one}", row=row)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: Request, row_ref: str) -> HttpResponse:
    register, by = _of(request)
    row = looks.one(register.table, row_ref, by=by)
    if not may(WITHDRAW, register.table, by=by, row_ref=row_ref, today=today()):
        raise NotThere()
    form = WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.withdraw(register.table, row_ref, seen=_seen(request), by=by, why=form.cleaned_data["why"])
        tell(request, f"The {register.one} was withdrawn. It stays in the history.")
        return redirect(_back(register, by))
    shown = {
        "register": register,
        "form": form,
        "row": row,
        "pairs": pairs(register, row.values, by),
        "wrong": wrong_of(form) if form.is_bound else [],
    }
    return render(request, "web/withdraw.html", shown)


def _seen(request: Request) -> int:
    """The version that the editor saw; one that nobody saw where it is not a number."""
    text = request.POST.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _of(request: Request) -> tuple[Register, Actor]:
    return BY_NAME[request.address.name], request.actor


def _form(register: Register, data: Any, *, by: Actor, initial: Mapping[str, Any]) -> forms.Form:
    on = today()
    picked = {q.name: pick(q.choices, by=by, on=on) for q in register.questions if q.choices}
    choices = {name: choice for name, choice in picked.items() if choice is not None}
    questions = [replace(q, hint=TYPED[q.choices]) if picked.get(q.name, ()) is None else q for q in register.questions]
    return row_form(register.table, questions, data, on=on, initial=initial, choices=choices)


def _fix_names(register: Register, form: forms.Form) -> None:
    """What other records name this one by is shown, and not asked again."""
    from dueregard.store.tables import NAMED_BY

    for name in NAMED_BY.get(register.table, ()):
        form.fields[name].disabled = True
        form.fields[name].help_text = "Other records name it by this, so it stays. If it is wrong, record it anew."


def _found(register: Register, text: str) -> Any:
    """What is looked for in the register's column: a name, or the schools of a name."""
    return urns_named(text) if register.find == "urn__in" else text


def _first(register: Register, request: Request) -> dict[str, Any]:
    """What is filled in beforehand on a new row."""
    by = request.actor
    found: dict[str, Any] = {q.name: today() for q in register.questions if q.name in ("occurred_on", "held_on")}
    if register.table == "activity":
        found["urn"] = next(iter(schools_of_postings(by=by, on=today())), "")
    if register.table == "consultation":
        found["posting_ref"] = request.GET.get("posting", "")[:64]
    return found


def _set(register: Register, by: Actor) -> dict[str, Any]:
    """What the person is not asked: an activity is the officer's own."""
    return {"officer_ref": by.officer_ref} if register.table == "activity" else {}


def _answers(form: forms.Form) -> dict[str, Any]:
    return {name: "" if value is None else value for name, value in form.cleaned_data.items()}


def _form_page(request: Request, register: Register, form: forms.Form, title: str, **more: Any) -> HttpResponse:
    shown = {"register": register, "form": form, "title": title, "wrong": wrong_of(form) if form.is_bound else [],
             "back": _back(register, request.actor), **more}  # fmt: skip
    return render(request, "web/register_form.html", shown, status=422 if shown["wrong"] else 200)


def _both(request: Request, register: Register, theirs: Any, form: forms.Form) -> HttpResponse:
    """The page of a conflict: what holds now, and what was sent. Sending again is a change to the newer one."""
    told = [
        {"label": form[q.name].label, "theirs": label_of(register.table, q.name, theirs[q.name]),
         "yours": label_of(register.table, q.name, form.cleaned_data[q.name])}
        for q in register.questions
    ]  # fmt: skip
    shown = {"register": register, "told": told, "form": form, "seen": theirs.version, "action": request.path}
    return render(request, "web/conflict.html", {**shown, "pairs": told, "told": ""}, status=409)


def heads(register: Register, rows: Any) -> list[str]:
    return [question_of(register.table, _column(register, c))[0] for c in register.columns]


def _column(register: Register, name: str) -> Any:
    from dueregard.store.tables import STORED

    return STORED[register.table].column(name)


def _cells(register: Register, row: Any, by: Actor, names: Mapping[str, str]) -> dict[str, Any]:
    link = _link(register.one_name, by, register.table, CORRECT, row.row_ref)
    cells = [names.get(row.values.get(c), row.values.get(c, "")) if c == "urn" and register.table != "school"
             else label_of(register.table, c, row.values[c]) if c in row.values else "Not shown to you" for c in register.columns]  # fmt: skip
    return {"link": link, "cells": cells}


def pairs(register: Register, values: Mapping[str, Any], by: Actor) -> list[tuple[str, str]]:
    return [
        (head, label_of(register.table, c, values[c]))
        for head, c in zip(heads(register, ()), register.columns, strict=True)
        if c in values
    ]


def _link(name: str, by: Actor, table: str, verb: str, row_ref: str = "") -> str:
    """Where this person goes to do this; empty where there is no such address for them."""
    if not ROLES.get(name, set()) & set(by.roles) or not may(verb, table, by=by):
        return ""
    return reverse(name, args=[row_ref] if row_ref else [])


def _back(register: Register, by: Actor) -> str:
    return reverse(register.list_name) if ROLES[register.list_name] & set(by.roles) else reverse("home")


def page_number(request: Request) -> int:
    text = request.GET.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1
