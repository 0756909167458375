"""Releases as text and as JSON: what was made, what was given up, and how each stands."""

from __future__ import annotations

from typing import Any

from dueregard.disclose.plan import APART, LEFT_OUT, POOLED, TREND, Gave
from dueregard.evidence.ledger import Record
from dueregard.evidence.published import WITHIN
from dueregard.steps.publish import Draft

Told = tuple[str, Any]


def draft_told(draft: Draft) -> Told:
    """A draft that was just made: what it holds, what it cost, and what comes next."""
    record, lost = draft.record, draft.released.lost
    lines = [
        f"{record.release}: version {record.version} under the policy {record.content.policy}, a draft.",
        f"{len(draft.released.questions)} questions, {len(draft.released.published.tables)} tables; nothing is narrowed.",
        f"Of {lost.n_cells:,} counts {lost.n_shown:,} are shown, {lost.n_low:,} are low, {lost.n_hidden:,} are hidden, "
        f"{lost.n_absent:,} were not collected.",
        *(_gave(one) for one in draft.gave),
        *_not_answered(draft),
        f"Next: `dueregard release submit {record.release}`; then two other people approve it.",
    ]
    return "\n".join(lines), {
        **_record(record),
        "questions": len(draft.released.questions),
        "tables": len(draft.released.published.tables),
        "counts": lost.n_cells,
        "shown": lost.n_shown,
        "low": lost.n_low,
        "hidden": lost.n_hidden,
        "given_up": [{"question": one.question, "before": one.before, "after": one.after, "figures": one.two}
                     for one in draft.gave],
        "not_answered": [{"question": asked.id, "why": asked.why} for asked in draft.released.not_answered],
    }  # fmt: skip


def _not_answered(draft: Draft) -> list[str]:
    """What is not in the release, and why. Comparisons within schools are many, and the page names each."""
    within = [asked for asked in draft.released.not_answered if asked.id.endswith(WITHIN)]
    lines = [f"Not answered: {a.title}: {a.why}" for a in draft.released.not_answered if a not in within]
    if within:
        lines.append(
            f"{len(within)} comparison(s) within schools are not released, or not of every group; the page says which and why."
        )
    return lines


def _gave(one: Gave) -> str:
    """One piece of detail that was given up, with the two figures that would have told. Not for the public."""
    did = {
        LEFT_OUT: f"{one.question} is left out",
        APART[TREND]: f"{one.question} stands without the years before",
        APART[POOLED]: f"{one.question} is not compared within schools",
    }.get(one.after, f"{one.question} stands by {one.after} instead of by {one.before}")
    return f"Given up: {did}: {one.two} would have told a small count."


def record_told(record: Record) -> Told:
    """How a release stands now."""
    lines = [f"{record.release}: version {record.version}, {_state(record)}."]
    if record.approvals:
        lines.append(f"Approved by {' and '.join(approval.by for approval in record.approvals)}.")
    return "\n".join(lines), _record(record)


def releases_told(records: tuple[Record, ...]) -> Told:
    """Every release of a ledger, one a line."""
    lines = [
        f"{r.release}  {r.content.policy} {r.version}  {_state(r)}  by {', '.join(r.authors)}"
        + (f"  approved by {', '.join(a.by for a in r.approvals)}" if r.approvals else "")
        for r in records
    ]
    return "\n".join(lines) or "The ledger holds no release.", [_record(record) for record in records]


def _state(record: Record) -> str:
    return str(record.state).replace("_", " ")


def _record(record: Record) -> dict[str, Any]:
    return {
        "release": record.release,
        "version": record.version,
        "policy": record.content.policy,
        "state": str(record.state),
        "snapshot": record.content.snapshot,
        "sha256": record.sha256,
        "authors": list(record.authors),
        "approved_by": [approval.by for approval in record.approvals],
        "corrects": record.content.corrects,
        "was_released": record.was_released,
    }
