"""Pupils: two references joined by a sergeant; what is held, told and erased at the request of the pupil or a parent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from dueregard.errors import FaultsFound, NotThere
from dueregard.store import actions
from dueregard.store.actions.requests import Held
from dueregard.store.clock import WALL
from dueregard.store.pseudonyms import KINDS, pupil_ref
from dueregard.store.versions import WITHDRAWN, Row
from dueregard.web.asked import Request
from dueregard.web.clock import today
from dueregard.web.forms.contact import Typed
from dueregard.web.forms.fields import Radios, wrong_of
from dueregard.web.forms.why import WhyForm
from dueregard.web.picking import TYPED, names_of, schools
from dueregard.web.registers import SCHOOLS
from dueregard.web.told import tell
from dueregard.web.views.contacts import NOT_SHOWN, SHOWN, pairs, pupils_told

ERASE_DRAFTS = "erase_drafts"
HIDDEN_INPUT = {"autocomplete": "off", "spellcheck": "false"}


class IdentifierForm(forms.Form):
    """One identifier of one pupil. It becomes a code in memory, and is not kept or shown again."""

    kind = forms.ChoiceField(
        label="Which kind of identifier?",
        choices=list(KINDS.items()),
        widget=Radios(),
        error_messages={"required": "Choose a kind."},
    )
    urn = forms.ChoiceField(label="Of which school?", required=False, help_text="For an admission number.")
    identifier = forms.CharField(
        label="Identifier",
        max_length=40,
        widget=Typed(attrs=HIDDEN_INPUT),
        error_messages={"required": "Enter the identifier."},
    )

    def __init__(self, data: Any = None, *, by: Any, prefix: str = "") -> None:
        super().__init__(data, prefix=prefix or None)
        own = schools(by=by, on=today())
        if own is None:
            self.fields["urn"] = forms.CharField(
                label="Of which school?", required=False, max_length=64, help_text=TYPED[SCHOOLS]
            )
        else:
            self.fields["urn"].choices = own or [("", "None")]

    def ref(self) -> str:
        """The pseudonym; a fault stands beside the identifier, and the answer is empty."""
        told = self.cleaned_data
        try:
            return pupil_ref(told["identifier"], kind=told["kind"], urn=told["urn"])
        except FaultsFound as fault:
            self.add_error("identifier", fault.found)
            return ""


class Joining(forms.ChoiceField):
    """One of those shown. Whether it may be taken back is the store's to say: what is not there and what is not yours look alike."""

    def valid_value(self, value: Any) -> bool:
        return True


class PartAgainForm(WhyForm):
    """Which joining is taken back: none is chosen beforehand."""

    combination_ref = Joining(label="Which joining?", widget=Radios(), error_messages={"required": "Choose a joining."})
    field_order = ("combination_ref", "why")

    def __init__(self, data: Any = None, *, joined: Sequence[Row] = ()) -> None:
        super().__init__(data)
        self.fields["combination_ref"].choices = [
            (row["combination_ref"], f"{row['why']} (entry {row.entry} of the log)") for row in joined
        ]


class RequestForm(WhyForm):
    to_whom = forms.CharField(label="Who is given it?", required=False, max_length=100, help_text="Such as: the parent. Leave empty if nobody is yet.",
                              widget=forms.TextInput(attrs={"autocomplete": "off"}))  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def combine(request: Request) -> HttpResponse:
    """Two identifiers that are one pupil. Nothing of what is held about the pupil is shown."""
    by, data = request.actor, request.POST or None
    one, other, why = (
        IdentifierForm(data, by=by, prefix="one"),
        IdentifierForm(data, by=by, prefix="other"),
        WhyForm(data),
    )
    if request.method == "POST" and _all_valid(one, other, why):
        refs = one.ref(), other.ref()
        if all(refs) and _joined(refs, why, by):
            tell(request, "The two references are now one pupil. The log says so.")
            return redirect("home")
    return render(
        request,
        "web/combine.html",
        {"one": one, "other": other, "why": why, "wrong": wrong_of(one, other, why) if data else []},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def part_again(request: Request) -> HttpResponse:
    """Take a combination back. Which pupil it was is shown to nobody: a sergeant knows it by its day and its reason."""
    by = request.actor
    joined = actions.combinations(by=by)
    form = PartAgainForm(request.POST or None, joined=joined)
    if request.method == "POST" and form.is_valid():
        actions.part_again(form.cleaned_data["combination_ref"], by=by, why=form.cleaned_data["why"])
        tell(request, "The two references are two pupils again. The log says so.")
        return redirect("home")
    shown = {"joined": joined, "is_cut": len(joined) >= actions.COMBINATIONS_SHOWN, "form": form,
             "wrong": wrong_of(form) if form.is_bound else []}  # fmt: skip
    return render(request, "web/part_again.html", shown)


def _all_valid(*bound: forms.Form) -> bool:
    """Every form is judged, so that every fault is told at once."""
    return all([form.is_valid() for form in bound])  # noqa: C419 - no short cut


def _joined(refs: tuple[str, str], why: forms.Form, by: Any) -> bool:
    try:
        actions.combine(*refs, by=by, why=why.cleaned_data["why"])
    except NotThere:
        why.add_error(None, "One of the two stands in no record that you may see.")
    except FaultsFound as fault:
        why.add_error(None, fault.found)
    return not why.errors


@require_http_methods(["GET", "HEAD", "POST"])
def subject_access(request: Request) -> HttpResponse:
    """What is held about this child? The one place that answers it, for the clerk of requests alone."""
    by, data = request.actor, request.POST or None
    form, why = IdentifierForm(data, by=by), RequestForm(data)
    shown: dict[str, Any] = {"form": form, "why": why}
    if request.method == "POST" and _all_valid(form, why) and (ref := form.ref()):
        reason = why.cleaned_data["why"]
        if request.POST.get("do") == ERASE_DRAFTS:
            n = actions.erase_drafts_about(ref, by=by, why=reason)
            tell(request, f"{n} unfinished form{'' if n == 1 else 's'} erased.")
            return redirect("subject_access")
        found = actions.held_about(ref, by=by, why=reason, to_whom=why.cleaned_data["to_whom"])
        names = names_of(row["urn"] for held in found for row in held.rows if row.table == "contact")
        drafts = actions.drafts_about(ref, by=by, why=reason, to_whom=why.cleaned_data["to_whom"])
        shown |= {"found": [_told(held, names) for held in found], "asked": True,
                  "drafts": [f"{at.astimezone(WALL):%d.%m.%Y}" for at in drafts]}  # fmt: skip
    return render(request, "web/subject_access.html", {**shown, "wrong": wrong_of(form, why) if data else []})


def _told(held: Held, names: dict[str, str]) -> dict[str, Any]:
    """One contact with this child alone, and what was recorded of it before."""
    earlier = [(_version_told(row), _pairs(row, names)) for row in held.earlier]
    return {"ref": held.record.contact["contact_ref"], "pairs": pairs("contact", held.record.contact, SHOWN, names),
            "pupils": pupils_told(held.record), "is_withdrawn": held.is_withdrawn, "was_named": held.was_named, "earlier": earlier}  # fmt: skip


def _pairs(row: Row, names: dict[str, str]) -> list[tuple[str, str]]:
    return pairs(row.table, row, SHOWN if row.table == "contact" else [c for c in row.values if c not in NOT_SHOWN], names)  # fmt: skip


def _version_told(row: Row) -> str:
    told = f"{row.table.replace('_', ' ').capitalize()}, version {row.version}"
    return f"{told}: taken out" if row.state == WITHDRAWN else told


@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: Request, contact_ref: str) -> HttpResponse:
    """Erase a contact at the request of the pupil or a parent."""
    by, form = request.actor, WhyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.erase_contact(contact_ref, reason="request", why=form.cleaned_data["why"], by=by)
        tell(request, "The contact was erased, with everything that hung on it.")
        return redirect("subject_access")
    actions.check_is_held(contact_ref, by=by)
    return render(request, "web/request_erase.html", {"form": form, "wrong": wrong_of(form) if form.is_bound else []})
