"""Forms that are not finished. A draft is its author's alone; it holds answers and a pseudonym, never an identifier."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dueregard.errors import EditConflict, FaultsFound, NotThere
from dueregard.store.actions.changing import changing
from dueregard.store.actor import Actor, operator
from dueregard.store.log import entry
from dueregard.store.policy import DRAFTS, RECORD, SEE, check_may
from dueregard.store.pseudonyms import new_ref

LONGEST = 100_000
KEPT_FOR = timedelta(
    days=28
)  # as long as an officer sees a record of his own; a form that old is not finished any more


@dataclass(frozen=True, slots=True)
class Drafted:
    draft_ref: str
    kind: str
    content: Mapping[str, Any]
    version: int
    begun_at: datetime
    changed_at: datetime


def save_draft(
    content: Mapping[str, Any], *, by: Actor, draft_ref: str = "", seen: int = 0, kind: str = "contact",
    now: datetime | None = None,
) -> Drafted:  # fmt: skip
    """Keep a form for later: a new draft, or the next state of one. Raises NotThere, EditConflict, FaultsFound."""
    from dueregard.store.models import Draft

    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    if len(text) > LONGEST:
        raise FaultsFound("The draft is too long to be kept.", try_this="shorter answers.")
    at = now or datetime.now(UTC)
    _drop_old(at, but=draft_ref)
    with changing("alteration" if draft_ref else "collection", "save_draft", by=by, now=now) as act:
        check_may(RECORD, DRAFTS, by=by)
        if draft_ref:
            draft = _own(draft_ref, by)
            if draft.version != seen:
                raise EditConflict("This draft was changed in another window.", try_this="open it again.")
        else:
            draft = Draft(draft_ref=new_ref("d"), person_ref=by.person_ref, kind=kind, begun_at=at, version=0)
        draft.content, draft.changed_at, draft.version = text, at, draft.version + 1
        draft.save()
        act.saw(DRAFTS, draft.draft_ref, draft.version)
    return _drafted(draft)


def drafts_of(*, by: Actor, now: datetime | None = None) -> tuple[Drafted, ...]:
    """Which drafts has this person open? The oldest first."""
    from dueregard.store.models import Draft

    _drop_old(now or datetime.now(UTC))
    with entry("consultation", "list_draft", by=by, now=now) as act:
        found = [_drafted(draft) for draft in Draft.objects.filter(person_ref=by.person_ref).order_by("begun_at", "draft_ref")]  # fmt: skip
        for one in found:
            act.saw(DRAFTS, one.draft_ref, one.version)
    return tuple(found)


def read_draft(draft_ref: str, *, by: Actor, now: datetime | None = None) -> Drafted:
    """Raises NotThere for a draft that is another's, or gone."""
    with changing("consultation", "open_draft", by=by, now=now) as act:
        check_may(SEE, DRAFTS, by=by)
        draft = _own(draft_ref, by)
        act.saw(DRAFTS, draft.draft_ref, draft.version)
    return _drafted(draft)


def discard_draft(draft_ref: str, *, by: Actor, now: datetime | None = None) -> None:
    """Give a draft up: it is erased."""
    with changing("erasure", "discard_draft", by=by, now=now) as act:
        draft = _own(draft_ref, by)
        act.saw(DRAFTS, draft.draft_ref, draft.version)
        draft.delete()


def drafts_naming(pupil_refs: Iterable[str]) -> list[Any]:
    """Everybody's drafts that hold one of these references. For this room alone: it asks nobody's rights."""
    from dueregard.store.models import Draft

    refs = set(pupil_refs)
    return [d for d in Draft.objects.order_by("begun_at", "draft_ref") if refs & {p.get("ref") for p in json.loads(d.content).get("pupils", ())}]  # fmt: skip


def _drop_old(at: datetime, *, but: str = "") -> None:
    """Nobody's draft is kept for ever: when somebody asks for drafts, the service erases the old ones of all.

    but: the one that is being saved: what was just typed is not lost for having been begun long ago.
    """
    from dueregard.store.models import Draft

    old = Draft.objects.filter(changed_at__lt=at - KEPT_FOR).exclude(draft_ref=but)
    if not old.exists():
        return
    with entry("erasure", "drop_old_drafts", by=operator("service"), now=at) as act:
        for draft in old:
            act.saw(DRAFTS, draft.draft_ref, draft.version)
            draft.delete()


def _own(draft_ref: str, by: Actor) -> Any:
    from dueregard.store.models import Draft

    found = Draft.objects.filter(draft_ref=draft_ref, person_ref=by.person_ref).first()
    if found is None:
        raise NotThere()
    return found


def _drafted(draft: Any) -> Drafted:
    return Drafted(
        draft.draft_ref, draft.kind, json.loads(draft.content), draft.version, draft.begun_at, draft.changed_at
    )
