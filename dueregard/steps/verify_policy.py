"""Does a release keep its policy? Told from the release alone."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from dueregard.errors import DueRegardError

if TYPE_CHECKING:  # types of lower floors only; at run time each step imports what it needs
    from collections.abc import Collection, Iterator

    from dueregard.disclose.policy import Policy
    from dueregard.evidence.ledger import Content
    from dueregard.evidence.published import Coordinates, Row
    from dueregard.evidence.released import Question, Released


def policy_faults(released: Released, content: Content | None) -> list[str]:
    """What of this release could the policy not have given? content: what the ledger says that it was made from."""
    from dueregard.steps.release_content import policy_from

    try:
        policy = policy_from(released.about.policy_text)
    except (DueRegardError, ValueError, KeyError, TypeError) as fault:
        return [fault.found if isinstance(fault, DueRegardError) else "The policy in figures.json is none."]
    return [*_about(released, policy), *_entered(released, content), *_counts(released, policy),
            *_details(released, policy), *_pooled(released, policy)]  # fmt: skip


def whose_policy(released: Released) -> str:
    """Is it a policy that comes with dueregard? One of the publisher's own must be read, not known by its name."""
    from dueregard.disclose.policy import is_shipped
    from dueregard.steps.release_content import policy_from

    name = released.about.policy
    try:
        if is_shipped(policy_from(released.about.policy_text)):
            return f"`{name}` is as it comes with this dueregard"
    except (DueRegardError, ValueError, KeyError, TypeError):
        pass
    return f"`{name}` is not a policy that comes with this dueregard: its rules stand on the page"


def _about(released: Released, policy: Policy) -> Iterator[str]:
    """Does the release say of its policy what the policy is?"""
    from dueregard.steps.release_content import policy_text, rules_of, symbols_of

    about = released.about
    if (
        policy_text(policy) != about.policy_text
        or hashlib.sha256(about.policy_text.encode()).hexdigest() != about.policy_sha256
    ):
        yield "The hash of the policy is not that of the policy in figures.json."
    if (about.policy, about.audience, about.policy_words) != (policy.name, policy.audience, policy.words):
        yield "The policy is called otherwise than it says."
    if about.rules != rules_of(policy) or about.symbols != symbols_of(policy):
        yield "The rules or signs that are told are not those of the policy."
    if released.published.policy != policy.name or released.published.snapshot != about.snapshot:
        yield "The figures are of another policy or snapshot than the release says."


def _entered(released: Released, content: Content | None) -> Iterator[str]:
    """Is it the policy, snapshot, code and version that stand in the ledger?"""
    if content is None:
        return
    about = released.about
    told = (about.snapshot, about.policy, about.policy_sha256, about.code_version, about.version)
    version = ".".join(map(str, content.version))
    if told != (content.snapshot, content.policy, content.policy_sha256, content.code_version, version):
        yield "Snapshot, policy, code or version are not those that were entered in the ledger."


def _counts(released: Released, policy: Policy) -> Iterator[str]:
    """Is each count one that the policy gives?"""
    from dueregard.disclose.possible import could_show_count, could_show_denominator
    from dueregard.disclose.protect import scale_of
    from dueregard.evidence.published import spelt

    measures = {question.id: question.measure for question in released.questions}
    for table in released.published.tables:
        measure = measures[max((id for id in measures if table.id.startswith(id)), key=len)]
        is_roll, scale = not measure.is_conditional, scale_of(measure) if not measure.is_conditional else 1
        for row in table.rows:
            if not could_show_count(row.n, row.denominator, policy, over_is_roll=is_roll):
                yield f"{table.id}: the policy gives no such count ({spelt(row.of)})."
            if row.denominator is not None and not could_show_denominator(
                row.denominator, policy, is_roll=is_roll, scale=scale
            ):
                yield f"{table.id}: the policy gives no such denominator ({spelt(row.of)})."
    for question in released.questions:
        for count in (question.not_identified, question.disagreeing):
            if not could_show_count(count, None, policy, over_is_roll=False):
                yield f"{question.id}: the policy gives no such count of those who are not known."
    yield from _same_counts(released)


def _same_counts(released: Released) -> Iterator[str]:
    """The same coordinates must give the same count, wherever they stand."""
    from dueregard.evidence.published import spelt

    seen: dict[Coordinates, object] = {}
    for table in released.published.tables:
        for row in table.rows:
            for of, count in _given(row):
                if seen.setdefault(of, count) != count:
                    yield f"{table.id}: a count is given here and elsewhere, and not the same ({spelt(of)})."


def _given(row: Row) -> Iterator[tuple[Coordinates, object]]:
    yield row.of, row.n
    if row.over is not None:
        yield row.over, row.denominator


def _details(released: Released, policy: Policy) -> Iterator[str]:
    """Is each table no finer than a rung of the ladder?"""
    from dueregard.disclose.possible import could_show_detail
    from dueregard.measures.columns import is_of_places
    from dueregard.publish.release_lines import KINDS, STRATUM
    from dueregard.steps.release_counts import time_of

    tables = {table.id: table for table in released.published.tables}
    for question in released.questions:
        for kind in KINDS:
            table = tables.get(question.id + kind)
            place = STRATUM.get(kind, "all")
            for period in sorted({dict(row.of)["period"] for row in table.rows} if table else ()):
                if not could_show_detail(policy, place, time_of(period), len(question.measure.columns)):
                    yield f"{question.id + kind}: finer than the policy allows ({place}, {time_of(period)})."
            if table is not None and place != "all" and is_of_places(question.measure.columns):
                yield f"{table.id}: a school has one area and one phase, so it tells the totals of schools."
        if not _is_told(question, tables):
            yield f"{question.id}: it is shown finer than the release says."


def _is_told(question: Question, tables: Collection[str]) -> bool:
    """Is the finest table of a question no finer than what is told of it?"""
    from dueregard.disclose.policy import PLACES

    shown = [place for place in ("school", "area") if f"{question.id}-{place}" in tables]
    return all(PLACES.index(place) >= PLACES.index(question.place) for place in shown)


def _pooled(released: Released, policy: Policy) -> Iterator[str]:
    """Has each pooled figure enough schools, and not too many digits?"""
    from dueregard.disclose.pooled import has_digits

    for figure in released.published.pooled:
        if figure.n_strata < policy.pooled.schools:
            yield f"{figure.id}: pooled over {figure.n_strata} strata; the policy asks for {policy.pooled.schools}."
        if not has_digits(figure.text, policy.pooled.digits):
            yield f"{figure.id}: it has more digits than the {policy.pooled.digits} that the policy allows."
