"""Gates: where somebody decides, which way does each group go, for the same behaviour and the same level of harm?"""

from __future__ import annotations

from collections.abc import Mapping

from dueregard.errors import CannotAnswer
from dueregard.evidence.estimate import Answer, Estimate, GroupAnswer
from dueregard.evidence.gates import BESIDE, SAME_ACT, WIDE, Act, ActGroup, GateFigure, GatesAnswer
from dueregard.measures.columns import code_label
from dueregard.measures.gates import GATES, Gate
from dueregard.stats.verdicts import shown_limit

BEHAVIOUR = "behaviour"


def gates(
    answers: Mapping[str, Answer | str], acts: Mapping[str, tuple[Answer, Answer]], *, why_no_acts: str, snapshot: str,
    code_version: str,
) -> GatesAnswer:  # fmt: skip
    """Puts gates and acts together, in words.

    answers: by the name of the gate, or why it cannot be told. acts: by behaviour, contacts and sanctions.
    Raises CannotAnswer where no gate and no act can be told.
    """
    figures = tuple(_figure(one, answers[one.name]) for one in GATES if one.name in answers)
    told = [one.answer for one in figures if one.answer is not None]
    beside = [answer for pair in acts.values() for answer in pair]
    if not told and not beside:
        raise CannotAnswer(
            "No gate can be told: " + figures[0].why_not, try_this="`dueregard compare --stage contact`."
        )
    return GatesAnswer(
        snapshot=snapshot, code_version=code_version, sentence=_sentence(figures),
        period=(told or beside)[0].schools_used[0][0], figures=figures,
        acts=tuple(act_of(code, *pair) for code, pair in acts.items()), why_no_acts=why_no_acts,
        caveats=_caveats(told, beside),
    )  # fmt: skip


def _figure(one: Gate, answer: Answer | str) -> GateFigure:
    if isinstance(answer, str):
        return GateFigure(one.name, one.title, one.question, one.is_milder, None, "", answer)
    return GateFigure(one.name, one.title, one.question, one.is_milder, answer, gate_words(answer))


def gate_words(answer: Answer) -> str:
    """Each group's share at this gate, crude and within the same act, and what the ranges let one say."""
    compared = next((g for g in answer.groups if g.is_comparison), None)
    if compared is None or not compared.denominator:
        return "Nobody of the comparison group stood at this gate, so no group can be compared with it."
    parts = [f"{compared.label}: {_of(compared)}."]
    for group in answer.groups:
        if group.is_comparison or group.is_missing:
            continue
        if not group.denominator:
            parts.append(f"{group.label}: nobody stood at this gate.")
            continue
        same = group.within_relative_rate
        parts.append(
            f"{group.label}: {_of(group)}, {_times(group.relative_rate)} crude and {_times(same)} for the same behaviour and "
            f"harm. {_verdict(group)}"
        )
    return " ".join(parts)


def _of(group: GroupAnswer) -> str:
    share = group.rate_per_1000.estimate / 10 if group.rate_per_1000 and group.rate_per_1000.is_estimable else None
    told = "" if share is None else f" ({share:.0f}%)"
    return f"{group.n:,} of {group.denominator:,.0f}{told}"


def _times(found: Estimate | None) -> str:
    if found is None or not found.is_estimable:
        return "not estimable"
    upper = "no upper limit" if found.upper == float("inf") else shown_limit(found.upper)
    middle = "above" if found.estimate == float("inf") else f"{found.estimate:.2f}"
    return f"{middle} times ({shown_limit(found.lower)} to {upper})"


def _verdict(group: GroupAnswer) -> str:
    crude, same = group.verdict or "", group.within_verdict or ""
    if not same:
        return f"Crude: {crude}."
    return (
        f"Both: {crude}." if crude.partition(":")[0] == same.partition(":")[0] else f"Crude: {crude}. Within: {same}."
    )


def _sentence(figures: tuple[GateFigure, ...]) -> str:
    """What must a reader see first? The gates at which crude and within do not agree."""
    told = [one for one in figures if one.answer is not None]
    apart = [one.title for one in told if one.answer and any(g.agree is False for g in one.answer.groups)]
    begin = f"{len(told)} of {len(figures)} gates can be told."
    if not apart:
        return begin
    return f"{begin} Crude and within the same behaviour and harm do not agree at: {'; '.join(apart)}. Neither stands alone."


def act_of(code: str, contact: Answer, sanction: Answer) -> Act:
    """One behaviour: each group's contacts and sanctions side by side."""
    by_code = {group.codes: group for group in sanction.groups}
    groups = [(group, by_code.get(group.codes)) for group in contact.groups]
    return Act(code, code_label(BEHAVIOUR, code), tuple(_act_group(one, other) for one, other in groups))


def _act_group(contact: GroupAnswer, sanction: GroupAnswer | None) -> ActGroup:
    return ActGroup(
        contact.code, contact.label, contact.is_comparison, contact.is_missing, contact.n,
        0 if sanction is None else sanction.n, contact.rate_per_1000, None if sanction is None else sanction.rate_per_1000,
        contact.relative_rate, None if sanction is None else sanction.relative_rate,
    )  # fmt: skip


def _caveats(told: list[Answer], beside: list[Answer]) -> tuple[str, ...]:
    """What holds of all; what one gate alone has to say stands with its own figure."""
    found = [*([SAME_ACT, WIDE] if told else []), *([BESIDE] if beside else [])]
    contacts, sanctions = beside[::2], beside[1::2]
    return tuple(dict.fromkeys([*found, *(c for some in (told, contacts, sanctions) for c in _of_all(some))]))


def _of_all(answers: list[Answer]) -> list[str]:
    return [c for c in answers[0].caveats if all(c in one.caveats for one in answers)] if answers else []
