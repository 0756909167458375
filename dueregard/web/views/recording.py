"""Recording a contact: one form, kept as a draft whenever it is not finished. Works without JavaScript."""

from __future__ import annotations

from typing import Any

from django.forms.utils import ErrorDict
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from dueregard.errors import NotThere
from dueregard.store import actions
from dueregard.store.actions.drafts import Drafted
from dueregard.store.gate import FormFaults
from dueregard.terms.lists import code_list
from dueregard.web.asked import Request
from dueregard.web.clock import today, wall_now
from dueregard.web.forms.contact import ContactForm, contact_form, guess_time_relation, pupil_of
from dueregard.web.forms.contact_content import Content, changed, empty, read_post, school_of, shown_now
from dueregard.web.forms.contact_questions import ELSEWHERE
from dueregard.web.picking import names_of, own_schools, services_at
from dueregard.web.told import tell

RECORD, LATER = "record", "later"


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """A form with school, officer and time filled in."""
    if request.method == "POST":
        begun = {**empty(urn="", at=wall_now()), "key": request.POST.get("key", "")[:32]}
        return sent(request, read_post(request.POST, begun), None)
    at = wall_now()
    schools = own_schools(by=request.actor, on=at.date())
    return page(
        request, empty(urn=schools[0][0] if schools else ELSEWHERE, at=at, time_relation=guess_time_relation(at))
    )


@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: Request, draft_ref: str) -> HttpResponse:
    """A form that was begun. `check` in the address: what is still wrong is shown."""
    try:
        drafted = actions.read_draft(draft_ref, by=request.actor)
    except NotThere:
        return _sent_again(request)
    content = dict(drafted.content)
    if request.method == "POST":
        return sent(request, read_post(request.POST, content), drafted)
    return page(request, content, drafted=drafted, is_checked="check" in request.GET)


@require_http_methods(["POST"])
def discard(request: Request, draft_ref: str) -> HttpResponse:
    actions.discard_draft(draft_ref, by=request.actor)
    tell(request, "The draft was given up and erased.")
    return redirect("contacts")


def sent(request: Request, content: Content, drafted: Drafted | None) -> HttpResponse:
    """What a button of the form does: record, keep for later, or change how much the form asks."""
    do = request.POST.get("do", RECORD)
    if do == RECORD:
        form = sent_form(content)
        if form.contact.is_valid() and not names_of([school_of(content)]):
            content["faults"].append(["contact", 0, "other_urn", "The service knows no school of this number."])
        if form.is_valid():
            try:
                return _recorded(request, form, drafted)
            except FormFaults as fault:
                content["faults"] = [[f.table, f.n, f.column, f.message] for f in fault.faults]
    elif do != LATER:
        content = changed(content, do)
    kept = _kept(request, content, drafted)
    if do == LATER:
        tell(request, "Your draft was kept. Nothing is recorded until you finish it.")
        return redirect("contacts")
    return redirect(reverse("draft", args=[kept.draft_ref]) + ("?check=1" if do == RECORD else _place(do, content)))


def _recorded(request: Request, form: ContactForm, drafted: Drafted | None) -> HttpResponse:
    contact = form.values()
    pupils = [pupil_of(p, contact) for p in form.pupils]
    done = actions.record_contact(
        {**contact, "seconds_to_record": form.content["seconds"]}, pupils, by=request.actor, key=form.content["key"],
        draft_ref=drafted.draft_ref if drafted else "",
    )  # fmt: skip
    tell(
        request,
        "The contact was recorded." if not done.is_repeat else "This form was recorded before. Nothing was added.",
    )
    return redirect("contacts")


def _kept(request: Request, content: Content, drafted: Drafted | None) -> Drafted:
    drafted = drafted or _draft_with(request, content["key"])
    seen = request.POST.get("seen_draft", "")
    return actions.save_draft(
        content, by=request.actor, draft_ref=drafted.draft_ref if drafted else "",
        seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else (drafted.version if drafted else 0),
        kind="correction" if content.get("contact_ref") else "contact",
    )  # fmt: skip


def _draft_with(request: Request, key: str) -> Drafted | None:
    """The draft that this same form made before: a form that is sent twice makes one."""
    return next((d for d in actions.drafts_of(by=request.actor) if key and d.content.get("key") == key), None)


def _sent_again(request: Request) -> HttpResponse:
    """A form whose draft is gone: if it was recorded meanwhile (a second click), say so."""
    key = request.POST.get("key", "")[:32]
    if request.method != "POST" or not key:
        raise NotThere()
    try:
        actions.record_contact({}, [], by=request.actor, key=key)
    except FormFaults as fault:
        raise NotThere() from fault
    tell(request, "This form was recorded before. Nothing was added.")
    return redirect("contacts")


def form_of(request: Request, content: Content, *, later: bool = False) -> ContactForm:
    by, on = request.actor, today()
    schools = own_schools(by=by, on=on) or []  # more than a list can hold: the number is typed, as for another school
    services = services_at(school_of(content), on=on)
    held = {s for p in content["pupils"] for s in p["support"]} - {code for code, _ in services}
    services += [(t.code, t.label) for t in code_list("service") if t.code in held]  # offered then, and no longer
    return contact_form(content, schools=schools, services=services, on=on, later=later)


def sent_form(content: Content) -> ContactForm:
    """The form as it was sent, to be judged and not shown: the store judges the school, so that no list is read for it."""
    urn, on = school_of(content), today()
    chosen = [] if content["contact"]["urn"] == ELSEWHERE else [(urn, urn)]
    return contact_form(content, schools=chosen, services=services_at(urn, on=on), on=on, judged=True)


def page(
    request: Request, content: Content, *, drafted: Drafted | None = None, is_checked: bool = False, **more: Any
) -> HttpResponse:
    """The form as a page."""
    form = form_of(request, content, later=bool(content.get("contact_ref")))
    if is_checked:
        form.is_valid()
    else:
        for one in form.every:
            one._errors = ErrorDict()  # a form that is only shown is not judged yet
    return show(request, form, content, drafted=drafted, wrong=form.wrong if is_checked else [], **more)


def show(
    request: Request,
    form: ContactForm,
    content: Content,
    *,
    wrong: Any,
    drafted: Drafted | None = None,
    **more: Any,
) -> HttpResponse:
    """The form as it is, with what is wrong."""
    shown = {"form": form, "content": content, "drafted": drafted, "shown": shown_now(), "wrong": wrong,
             "is_correction": bool(content.get("contact_ref")), **more}  # fmt: skip
    return render(request, "web/contact_form.html", shown, status=422 if wrong else 200)


def _place(do: str, content: Content) -> str:
    """Where on the page the change was made."""
    n = len(content["pupils"]) - 1 if do == "add_pupil" else next((int(w) for w in do.split(":") if w.isdigit()), 0)
    return f"#pupil-{min(n, len(content['pupils']) - 1)}"
