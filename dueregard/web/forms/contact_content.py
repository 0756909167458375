"""What a form of a contact holds while it is not finished: plain values, as a draft keeps them. Never an identifier."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

from django.core import signing
from django.http import QueryDict

from dueregard.errors import FaultsFound
from dueregard.store.keys import keys
from dueregard.store.pseudonyms import ADMISSION_NUMBER, pupil_ref
from dueregard.terms.missing import NOT_IDENTIFIED
from dueregard.web.forms.contact_questions import CONTACT, ELSEWHERE, LATER, PARTS, PUPIL, accepted

NOT_KNOWN = "not_known"
MOST_PUPILS, MOST_PARTS = 20, 10
LONGEST_ANSWER = 200
LONGEST_SITTING = 3600  # seconds: a form that lay open longer counts as one hour
SHOWN = "dueregard.shown"
CONTACT_NAMES = ("urn", "other_urn", "occurred_at", *(q.name for q in CONTACT))
PUPIL_NAMES = (
    "identifier_kind",
    *(q.name for q in (*PUPIL, *LATER)),
    "parent_told",
    "parent_informed_at",
)

Content = dict[str, Any]


def empty(*, urn: str, at: datetime, time_relation: str = "") -> Content:
    """A form that was just opened: school and time are filled in."""
    contact = {"urn": urn, "occurred_at": at.strftime("%Y-%m-%dT%H:%M"), "time_relation": time_relation}
    return {"key": secrets.token_hex(16), "seconds": 0, "contact": contact, "pupils": [empty_pupil()], "faults": []}


def empty_pupil() -> Content:
    return {"ref": "", "ref_urn": "", "row_ref": "", "parent_row": "", "answers": {"identifier_kind": ADMISSION_NUMBER, "appropriate_adult": "not_required"},
            "support": {}, **{table: [] for table in PARTS}}  # fmt: skip


def read_post(post: QueryDict, before: Content) -> Content:
    """The content after what was sent. Identifiers become pseudonyms here, and go no further."""
    content = deepcopy(before)
    content["faults"] = []
    content["contact"] = {name: _text(post, name) for name in CONTACT_NAMES}
    content["seconds"] = min(
        int(content.get("seconds", 0)) + seconds_since(post.get("shown", "")), 10 * LONGEST_SITTING
    )
    n_pupils = min(max(_number(post, "n_pupils"), 1), MOST_PUPILS)
    content["pupils"] = [_pupil(post, content, n) for n in range(n_pupils)]
    return content


def _pupil(post: QueryDict, content: Content, n: int) -> Content:
    held = content["pupils"][n] if n < len(content["pupils"]) else empty_pupil()
    prefix = f"p{n}"
    pupil: Content = {"ref": held["ref"], "ref_urn": held["ref_urn"], "row_ref": _text(post, f"{prefix}-row_ref")}
    if content.get("contact_ref"):  # a correction has no draft: what was typed comes back with the page, sealed
        pupil["ref"], pupil["ref_urn"] = _brought_back(_text(post, f"{prefix}-carried", 1000), content["contact_ref"])
    pupil["parent_row"] = _text(post, f"{prefix}-parent_row")
    pupil["answers"] = {name: _text(post, f"{prefix}-{name}") for name in PUPIL_NAMES}
    services = [s[:64] for s in post.getlist(f"{prefix}-services")[:30]]
    pupil["answers"] |= {accepted(s): _text(post, f"{prefix}-{accepted(s)}") for s in services}
    pupil["answers"]["services"] = services
    pupil["support"] = dict(
        pair.split(":", 1) for pair in _text(post, f"{prefix}-support", 2000).split(",") if ":" in pair
    )
    for table, questions in PARTS.items():
        n_rows = min(_number(post, f"{prefix}-n_{table}"), MOST_PARTS)
        pupil[table] = [
            {name: _text(post, f"{prefix}-{table}{k}-{name}") for name in ("row_ref", *(q.name for q in questions))} for k in range(n_rows)
        ]  # fmt: skip
    _identify(content, pupil, post.get(f"{prefix}-identifier", ""), n)
    if content.get("contact_ref"):
        pupil["carried"] = _carried(pupil, content["contact_ref"])
    return pupil


def _carried(pupil: Content, contact_ref: str) -> str:
    """The pseudonym that was typed, for the page that is shown again: sealed, and of no use with another contact."""
    if pupil["ref"] in ("", NOT_IDENTIFIED):  # that a pupil is not known is an answer of the page, which is sent again
        return ""
    return keys().sealed(f"carried:{contact_ref}", f"{pupil['ref']} {pupil['ref_urn']}")


def _brought_back(sealed: str, contact_ref: str) -> tuple[str, str]:
    ref, _, urn = keys().opened(f"carried:{contact_ref}", sealed).partition(" ") if sealed else ("", "", "")
    return ref, urn


def _identify(content: Content, pupil: Content, identifier: str, n: int) -> None:
    """Turn what was typed into a pseudonym. What is kept from before holds only for the same school.

    In a correction an empty reference leaves the pupil as he is, so that *not known* is a reference of its own.
    """
    kind, urn = pupil["answers"]["identifier_kind"], school_of(content)
    if kind == NOT_KNOWN:
        pupil["ref"], pupil["ref_urn"] = NOT_IDENTIFIED if pupil["row_ref"] else "", ""
    elif identifier.strip():
        try:
            pupil["ref"] = pupil_ref(identifier, kind=kind, urn=urn)
            pupil["ref_urn"] = urn if kind == ADMISSION_NUMBER else ""
        except FaultsFound as fault:
            pupil["ref"] = pupil["ref_urn"] = ""
            content["faults"].append(["involvement", n, "identifier", fault.found])
    elif pupil["ref_urn"] and pupil["ref_urn"] != urn:
        pupil["ref"] = pupil["ref_urn"] = ""


def school_of(content: Content) -> str:
    told = content["contact"]
    return str(told.get("other_urn", "") if told.get("urn") == ELSEWHERE else told.get("urn", "")).strip()


def changed(content: Content, do: str) -> Content:
    """The content after a button: `add_pupil`, `remove_pupil:1`, `add:step:0`, `remove:step:0:2`."""
    pupils, words = content["pupils"], do.split(":")
    numbers = [int(w) for w in words if re.fullmatch(r"\d{1,3}", w)]
    if do == "add_pupil" and len(pupils) < MOST_PUPILS:
        pupils.append(empty_pupil())
    elif words[0] == "remove_pupil" and len(numbers) == 1 and numbers[0] < len(pupils) and len(pupils) > 1:
        gone = pupils.pop(numbers[0])
        if gone["row_ref"]:
            content.setdefault("withdrawn", []).append(gone["row_ref"])
    elif len(words) >= 3 and words[1] in PARTS and numbers and numbers[0] < len(pupils):
        _change_part(content, pupils[numbers[0]], words[0], words[1], numbers[1:])
    return content


def _change_part(content: Content, pupil: Content, what: str, table: str, which: list[int]) -> None:
    rows = pupil[table]
    if what == "add" and len(rows) < MOST_PARTS:
        day = content["contact"]["occurred_at"][:10]
        rows.append({"occurred_on": day} if table == "step" else {"decided_on": day} if table == "outcome" else {})
        if pupil["answers"].get("appropriate_adult") == "not_required":
            pupil["answers"]["appropriate_adult"] = (
                ""  # filled in for a plain contact; with a power or step it is asked anew
            )
    elif what == "remove" and which and which[0] < len(rows):
        rows.pop(which[0])


def shown_now() -> str:
    """The time at which a form was shown, signed, so that the seconds it takes can be measured without JavaScript."""
    return signing.dumps(int(datetime.now().timestamp()), salt=SHOWN)


def seconds_since(shown: str) -> int:
    try:
        began = int(signing.loads(shown, salt=SHOWN))
    except signing.BadSignature:
        return 0
    return min(max(0, int(datetime.now().timestamp()) - began), LONGEST_SITTING)


def _text(post: Mapping[str, Any], name: str, longest: int = LONGEST_ANSWER) -> str:
    return str(post.get(name, ""))[:longest].strip()


def _number(post: Mapping[str, Any], name: str) -> int:
    text = str(post.get(name, ""))
    return int(text) if re.fullmatch(r"\d{1,3}", text, re.ASCII) else 0
