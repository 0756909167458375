"""Figures as sentences that a head teacher, a sergeant or a parent can read aloud."""

from __future__ import annotations

import math

from dueregard.evidence.estimate import Answer, Estimate, GroupAnswer
from dueregard.evidence.release import Figure
from dueregard.publish import words
from dueregard.publish.sections import Chapter, Section

KEY_HARMS = 4


def section_sentences(section: Section) -> tuple[str, ...]:
    """What does the figure say first? Where crude and within do not agree, that; else the fullest figure's words."""
    apart = [f for f in section.within if any(g.agree is False for g in f.answer.groups)]
    chosen = apart or list(section.within[:1]) or [section.any]
    return tuple(dict.fromkeys(figure.answer.sentence for figure in chosen))


def group_sentences(section: Section) -> tuple[tuple[str, str], ...]:
    """For each group but the comparison group, missing groups included: its label, and what was found."""
    if section.main is None:
        return ()
    answer = section.main.answer
    return tuple((group.label, _group(section, answer, group)) for group in answer.groups if not group.is_comparison)


def _group(section: Section, answer: Answer, group: GroupAnswer) -> str:
    if group.is_missing and not words.is_usable(group.relative_rate):
        return _missing_group(answer, group)
    if words.is_bounded(group):
        return f"{words.capital(words.bounds_words(group))}. This group is compared with no other."
    if group.rate_per_1000 is None:
        return _count_only(answer, group)
    if not words.is_usable(group.rate_per_1000):
        return f"{words.whole(group.n)} counted. A rate is not estimable, as no denominator is known."
    return compared(section, group)


def _missing_group(answer: Answer, group: GroupAnswer) -> str:
    unit = answer.measure.unit
    if group.state != "counted" and not group.n:
        return f"{words.capital(words.STATE_WORDS.get(group.state, group.state))}. That is not zero."
    return f"{words.whole(group.n)} {unit}. They belong to one of the groups; nobody knows to which."


def _count_only(answer: Answer, group: GroupAnswer) -> str:
    if group.state not in ("counted", "partial") and not group.n:
        return f"{words.capital(words.STATE_WORDS.get(group.state, group.state))}. That is not zero."
    return f"{words.whole(group.n)} {words.unit_words(answer.measure)}. A count, without a rate."


def compared(section: Section, group: GroupAnswer, *, is_key: bool = False) -> str:
    """A group beside the comparison group: both rates, ratio and difference with ranges, verdicts of both kinds.

    is_key: shorter, without the range of the difference, and with the first kind of strata only.
    """
    answer = section.main.answer  # type: ignore[union-attr]
    strata = (_apart(section, group) or section.within)[:1] if is_key else section.within
    verdicts = _verdicts(group, strata)
    is_one = len(verdicts) > 1 and len(set(verdicts)) == 1
    parts = [f"In {group.period}, {words.rate_words(answer.measure, group)}{_against(answer, group)}"]
    if group.verdict:
        parts += _difference(group, with_range=not is_key)
        parts += [] if is_one else [f"Crude: {words.short_verdict(group.verdict)}."]
    parts += [said for figure in strata for said in _within(figure, group, with_verdict=not is_one)]
    parts += [f"Crude and within: {verdicts[0]}."] if is_one else []
    return " ".join(parts)


def _verdicts(group: GroupAnswer, strata: tuple[Figure, ...]) -> list[str]:
    """The verdicts on a group, crude first. Said once where all are the same."""
    same = [g for f in strata for g in f.answer.groups if (g.codes, g.period) == (group.codes, group.period)]
    return [words.short_verdict(v) for v in (group.verdict, *(g.within_verdict for g in same)) if v]


def _against(answer: Answer, group: GroupAnswer) -> str:
    other = words.compared_group(answer, group)
    if other is None or group.relative_rate is None:
        return "."
    who, found = words.whom(answer.measure.columns, other.label), other.rate_per_1000
    known = f", beside {who}"
    if found is not None and found.is_estimable:
        known = f", against {words.rate(found.estimate)} for {who}"
    if not group.relative_rate.is_estimable:
        return f"{known}: the ratio is {words.NOT_ESTIMABLE}."
    return f"{known}: {words.ratio_words(group.relative_rate)}."


def _difference(group: GroupAnswer, *, with_range: bool) -> list[str]:
    found = group.difference_per_1000
    if found is None or not found.is_estimable:
        return []
    said = f" (range {words.difference_range(found)})" if with_range else ""
    return [f"That is {words.signed(found.estimate)} per 1,000{said}."]


def _within(figure: Figure, group: GroupAnswer, *, with_verdict: bool) -> list[str]:
    same = [g for g in figure.answer.groups if g.codes == group.codes and g.period == group.period]
    found = same[0].within_relative_rate if same else None
    if found is None:
        return []
    where = words.stratum_words(figure.cells.measure.within)
    if not found.is_estimable:
        return [f"Within {where}: {words.NOT_ESTIMABLE}."]
    verdict = f": {words.short_verdict(same[0].within_verdict)}" if with_verdict and same[0].within_verdict else ""
    return [f"Within {where}: {words.ratio_words(found, with_level=False)}{verdict}."]


def key_sentences(chapters: tuple[Chapter, ...]) -> tuple[tuple[str, str], ...]:
    """The figures that hold most information, harms first, each with its section's id.

    At most one group of a section, at most two sections of a split; then what help the first group got. Chosen by
    the narrowness of the range, never by the size of the ratio.
    """
    best = {c.id: _best(c) for c in chapters}
    harms = sorted(((*found, c) for c in chapters for found in best[c.id] if found[1].stage.ladder == "escalation"),
                   key=lambda item: (item[0], item[1].id))  # fmt: skip
    chosen: list[tuple[tuple[bool, float], Section, GroupAnswer, Chapter]] = []
    used: dict[str, int] = {}
    for width, section, group, chapter in harms:
        used[chapter.id] = used.get(chapter.id, 0) + 1
        if used[chapter.id] <= 2 and len(chosen) < KEY_HARMS:
            chosen.append((width, section, group, chapter))
    said = [(_key(section, group), section.id) for _, section, group, _ in chosen]
    return (*said, *(_benefit(chosen[0][3], chosen[0][2]) if chosen else ()))


def _best(chapter: Chapter) -> list[tuple[tuple[bool, float], Section, GroupAnswer]]:
    """Of each section the group with the narrowest range; first those of which crude and within do not agree."""
    found = []
    for section in chapter.sections:
        groups = section.main.answer.groups if section.main else ()
        ranked = sorted(
            (not _apart(section, g), _width(g.relative_rate), at) for at, g in enumerate(groups) if _is_key(g)
        )
        found += [(ranked[0][:2], section, groups[ranked[0][2]])] if ranked else []
    return found


def _is_key(group: GroupAnswer) -> bool:
    return not group.is_missing and not group.is_comparison and math.isfinite(_width(group.relative_rate))


def _width(found: Estimate | None) -> float:
    """How wide is a range, in log units? Infinite where an end is open."""
    if found is None or not found.is_estimable or found.lower <= 0 or math.isinf(found.upper):
        return math.inf
    return math.log(found.upper / found.lower)


def _key(section: Section, group: GroupAnswer) -> str:
    said = compared(section, group, is_key=True)
    apart = _apart(section, group)
    if not apart:
        return said
    where = words.stratum_words(apart[0].cells.measure.within)
    return f"Crude and within {where} do not agree: {said[:1].lower()}{said[1:]}"


def _apart(section: Section, group: GroupAnswer) -> tuple[Figure, ...]:
    """The figures in which this group's crude and within numbers do not agree."""
    return tuple(f for f in section.within if any(g.codes == group.codes and g.agree is False for g in f.answer.groups))


def _benefit(chapter: Chapter, group: GroupAnswer) -> list[tuple[str, str]]:
    """What is known of the help that the same group got?"""
    for section in chapter.on("support"):
        same = [g for g in section.main.answer.groups if g.codes == group.codes] if section.main else []
        if same and words.is_usable(same[0].relative_rate):
            return [(_key(section, same[0]), section.id)]
    return [(no_benefit(chapter), chapter.id)]


def no_benefit(chapter: Chapter) -> str:
    """The sentence that stands where a benefit table cannot."""
    return (
        f"No benefit was collected for this split ({chapter.title.lower()}): it is not known which groups were "
        "offered help, so harms cannot be read beside it."
    )
