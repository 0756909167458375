"""Correcting, closing and withdrawing a contact. Two who correct at once both see both versions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from dueregard.errors import NotThere
from dueregard.store import actions
from dueregard.store.actions.contacts import ContactChanged
from dueregard.store.contact_record import ContactRecord
from dueregard.store.gate import FormFaults
from dueregard.store.policy import CORRECT, WITHDRAW, may
from dueregard.web.asked import Request
from dueregard.web.clock import today
from dueregard.web.forms.contact import ContactForm, pupil_of
from dueregard.web.forms.contact_closing import closing, still_open, what_became
from dueregard.web.forms.contact_content import Content, changed, read_post
from dueregard.web.forms.contact_held import changes_of, content_of, places_of
from dueregard.web.forms.fields import wrong_of
from dueregard.web.forms.why import WhyForm
from dueregard.web.reasons import looked_at, why_of
from dueregard.web.told import tell
from dueregard.web.views import recording
from dueregard.web.wording import label_of, question_of


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: Request, contact_ref: str) -> HttpResponse:
    """The form of the record. Nothing is kept but what was changed, as new versions."""
    record = looked_at(request, contact_ref, act="correct")
    if isinstance(record, HttpResponse):
        return record
    _check_may(request, record, CORRECT)
    content = content_of(record)
    if request.method == "GET" or "why" in request.POST:
        return _page(request, content)
    content = read_post(request.POST, {**content, "withdrawn": request.POST.getlist("withdrawn")[:20]})
    content["seen"] = _number(request.POST.get("seen", ""))
    do = request.POST.get("do", recording.RECORD)
    if do != recording.RECORD:
        return _page(request, changed(content, do))
    return _saved(request, record, content)


def _saved(
    request: Request, record: ContactRecord, content: Content, *, act: Any = actions.correct_contact
) -> HttpResponse:
    form = recording.form_of(request, content, later=True)
    if not form.is_valid():
        return _wrong(request, form, content)
    contact = form.values()
    pupils = [pupil_of(p, contact, later=True) for p in form.pupils]
    columns, changes = changes_of(record, contact, pupils, content.get("withdrawn", []))
    is_changed = False
    try:
        if columns or changes or content["seen"] != record.revision:
            done = act(content["contact_ref"], seen=content["seen"], contact=columns, pupils=changes, by=request.actor,
                                    why=why_of(request, content["contact_ref"]))  # fmt: skip
            is_changed = not done.is_repeat
    except ContactChanged as fault:
        return _both(request, fault.now, form, content)
    except FormFaults as fault:
        places = places_of(pupils, changes)
        for one in fault.faults:
            form.put(one if one.table == "contact" or one.n >= len(places) else replace(one, n=places[one.n]))
        return _wrong(request, form, content)
    tell(
        request,
        "The correction was recorded. The version before stays in the history."
        if is_changed
        else "Nothing was changed.",
    )
    return redirect(reverse("contact", args=[content["contact_ref"]]))


def _page(request: Request, content: Content) -> HttpResponse:
    return recording.page(request, content, action=request.path)


def _wrong(request: Request, form: ContactForm, content: Content) -> HttpResponse:
    return recording.show(request, form, content, wrong=form.wrong, action=request.path)


def _both(request: Request, now: ContactRecord, form: ContactForm, content: Content) -> HttpResponse:
    """Both versions, question by question; sending again is a change to the newer one."""
    theirs = content_of(now)
    pairs = list(_told("contact", "", theirs["contact"], content["contact"]))
    held = {p["row_ref"]: p for p in theirs["pupils"]}
    for n, pupil in enumerate(content["pupils"]):
        other = held.get(pupil["row_ref"], {"answers": {}})
        pairs += _told("involvement", f"Pupil {n + 1}: ", other["answers"], pupil["answers"])
    again = {**content, "seen": now.revision}
    shown = {"pairs": [p for p in pairs if p["theirs"] != p["yours"]], "n_same": sum(p["theirs"] == p["yours"] for p in pairs),
             "form": form, "content": again, "action": request.path, "seen": now.revision}  # fmt: skip
    return render(request, "web/contact_conflict.html", shown, status=409)


def _told(table: str, before: str, theirs: Any, yours: Any) -> Any:
    from dueregard.store.tables import STORED

    for column in STORED[table].columns:
        if column.name in yours:
            label = before + question_of(table, column)[0]
            yield {
                "label": label,
                "theirs": label_of(table, column.name, theirs.get(column.name, "")),
                "yours": label_of(table, column.name, yours[column.name]),
            }


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: Request, contact_ref: str) -> HttpResponse:
    """What was still open: the answers that are unknown, and those alone."""
    return _answered(
        request, contact_ref, "close", still_open, "What was open is answered.", "Answer what is still open"
    )


@require_http_methods(["GET", "HEAD", "POST"])
def support(request: Request, contact_ref: str) -> HttpResponse:
    """What became of each offer of help: accepted or not, and when it was completed."""
    return _answered(request, contact_ref, "support", what_became, "What became of the support was recorded.", "What became of the support")  # fmt: skip


def _answered(request: Request, contact_ref: str, act: str, asked: Any, done: str, title: str) -> HttpResponse:
    """A page of some answers of each pupil, and what they change."""
    record = looked_at(request, contact_ref, act=act)
    if isinstance(record, HttpResponse):
        return record
    _check_may(request, record, CORRECT)
    is_sent = request.method == "POST" and "seen" in request.POST
    forms = asked(record, request.POST if is_sent else None)
    valid = is_sent and all([form.is_valid() for _, form in forms])  # noqa: C419 - every fault is told at once
    if valid and _closed(request, record, forms, done):
        return redirect(reverse("contact", args=[contact_ref]))
    shown = {
        "forms": forms,
        "record": record,
        "ref": contact_ref,
        "title": title,
        "wrong": wrong_of(*(f for _, f in forms)) if is_sent else [],
    }
    return render(request, "web/contact_close.html", shown, status=422 if shown["wrong"] else 200)


def _closed(request: Request, record: ContactRecord, forms: Any, done: str) -> bool:
    """Record what changes; where the store finds a fault, it stands on the form."""
    changes = closing(record, forms)
    form_of = {record.pupils[n].involvement.row_ref: form for n, form in forms}
    try:
        if changes:
            actions.correct_contact(record.contact["contact_ref"], seen=_number(request.POST["seen"]), pupils=changes,
                                    by=request.actor, why=why_of(request, record.contact["contact_ref"]))  # fmt: skip
    except FormFaults as fault:
        for one in fault.faults:
            form_of[changes[one.n].row_ref].add_error(None, one.message)
        return False
    tell(request, done if changes else "Nothing was changed.")
    return True


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: Request, contact_ref: str) -> HttpResponse:
    """Say that a contact should not have been recorded."""
    record = looked_at(request, contact_ref, act="withdraw")
    if isinstance(record, HttpResponse):
        return record
    _check_may(request, record, WITHDRAW)
    form = WhyForm(request.POST if "seen" in request.POST else None)
    if form.is_valid():
        actions.withdraw_contact(
            contact_ref, seen=_number(request.POST["seen"]), by=request.actor, why=form.cleaned_data["why"]
        )
        tell(request, "The contact was withdrawn. It stays in the history, and no longer counts.")
        return redirect("contacts" if "officer" in request.actor.roles else "home")
    return render(
        request,
        "web/contact_withdraw.html",
        {"form": form, "record": record, "wrong": wrong_of(form) if form.is_bound else []},
    )


def _check_may(request: Request, record: ContactRecord, verb: str) -> None:
    if not may(verb, "contact", by=request.actor, row_ref=record.contact.row_ref, today=today()):
        raise NotThere()


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1


@require_http_methods(["GET", "HEAD", "POST"])
def rectify(request: Request, contact_ref: str) -> HttpResponse:
    """Put right what is wrong about a person, at the person's request."""
    record = looked_at(request, contact_ref, act="rectify")
    if isinstance(record, HttpResponse):
        return record
    content = content_of(record)
    if request.method == "GET" or "why" in request.POST:
        return _page(request, content)
    content = read_post(request.POST, {**content, "withdrawn": request.POST.getlist("withdrawn")[:20]})
    content["seen"] = _number(request.POST.get("seen", ""))
    do = request.POST.get("do", recording.RECORD)
    return (
        _page(request, changed(content, do))
        if do != recording.RECORD
        else _saved(request, record, content, act=actions.rectify_contact)
    )
