"""How one figure looks in a table: a number with its range, or words that say why there is none."""

from __future__ import annotations

from dataclasses import dataclass

from dueregard.evidence.estimate import Estimate, GroupAnswer, Heterogeneity
from dueregard.publish import words
from dueregard.terms.missing import CellState


@dataclass(frozen=True, slots=True)
class Shown:
    """What a cell says. sub: a second line. state: why there is no number; empty where there is one.

    A state is drawn as a label, never as a blank, and never as 0.
    """

    text: str
    sub: str = ""
    state: str = ""


DOES_NOT_APPLY = Shown(words.NOT_APPLICABLE, state="not_applicable")
NOT_ESTIMABLE = Shown(words.NOT_ESTIMABLE, state="not_estimable")
COMPARED = Shown("1")


def state_shown(state: str, sub: str = "") -> Shown:
    return Shown(words.STATE_WORDS.get(state, state.replace("_", " ")), sub, state)


def has_number(group: GroupAnswer) -> bool:
    """Is its n a count, or only the place of one? A counted zero is a count."""
    return group.n > 0 or group.state in (CellState.COUNTED, CellState.PARTIAL)


def n_shown(group: GroupAnswer) -> Shown:
    """How many? A count that is not whole says so."""
    if not has_number(group):
        return state_shown(group.state)
    is_marked = group.state != CellState.COUNTED and not words.is_bounded(group)
    return Shown(words.whole(group.n), f"({words.STATE_WORDS.get(group.state, group.state)})" if is_marked else "")


def denominator_shown(group: GroupAnswer) -> Shown:
    """Over how many? A suppressed one shows between which limits it lies."""
    if words.is_bounded(group):
        low, high = group.denominator_at_least, group.denominator_at_most
        ends = [f"{words.whole(low)} or more" if high is None else words.whole(low)] if low is not None else []
        ends += [words.whole(high) if ends else f"{words.whole(high)} or fewer"] if high is not None else []
        return state_shown("suppressed", f"between {ends[0]} and {ends[1]}" if len(ends) == 2 else ends[0])
    if group.denominator is not None:
        return Shown(words.whole(group.denominator))
    if group.state != CellState.COUNTED:
        return state_shown(group.state)
    return Shown("no denominator", state="not_applicable")


def rate_shown(group: GroupAnswer) -> Shown:
    """The rate with its range; a rate between limits where the source suppresses the denominator."""
    found = group.rate_per_1000
    if found is not None and found.is_estimable:
        return Shown(words.rate(found.estimate), words.range_of(found, words.rate))
    if bounds := words.rate_bounds(group):
        return state_shown("suppressed", f"{bounds[0]:,.2f} to {bounds[1]:,.2f}")
    if found is not None:
        return NOT_ESTIMABLE
    if group.state != CellState.COUNTED:
        return state_shown(group.state)
    return Shown("no rate", state="not_applicable")


def ratio_shown(group: GroupAnswer, found: Estimate | None) -> Shown:
    """A relative rate with its range. 0 and open ends keep the end that they have."""
    if group.is_comparison:
        return COMPARED
    if found is None:
        return DOES_NOT_APPLY
    if not found.is_estimable:
        return NOT_ESTIMABLE
    if found.upper == float("inf"):
        return Shown(f"above {words.ratio(found.lower)}", "no upper end: the comparison group had none")
    return Shown(words.ratio(found.estimate), words.range_of(found))


def difference_shown(group: GroupAnswer) -> Shown:
    """More or fewer per 1,000, with its range."""
    found = group.difference_per_1000
    if group.is_comparison or found is None:
        return DOES_NOT_APPLY
    if not found.is_estimable:
        return NOT_ESTIMABLE
    return Shown(words.signed(found.estimate), words.difference_range(found))


def verdict_shown(verdict: str | None, group: GroupAnswer) -> Shown:
    if verdict:
        return Shown(words.sentence_end(verdict))
    return Shown("compared with") if group.is_comparison else DOES_NOT_APPLY


def share_shown(share: float | None) -> Shown:
    return DOES_NOT_APPLY if share is None else Shown(words.percent(share))


def detectable_shown(group: GroupAnswer) -> Shown:
    """The smallest ratio that so few events could show."""
    smallest = group.minimum_detectable_ratio
    if smallest is None or group.is_comparison:
        return DOES_NOT_APPLY
    return NOT_ESTIMABLE if smallest != smallest or smallest == float("inf") else Shown(words.ratio(smallest))


def agree_shown(group: GroupAnswer) -> Shown:
    """Do crude and within say the same? Two numbers that are not estimable agree in nothing."""
    if group.agree is None or not (words.is_usable(group.relative_rate) or words.is_usable(group.within_relative_rate)):
        return DOES_NOT_APPLY
    return Shown("yes" if group.agree else "no: read both together")


def heterogeneity_shown(found: Heterogeneity | None) -> Shown:
    """Do the strata differ in their ratio?"""
    if found is None:
        return DOES_NOT_APPLY
    if found.is_sparse:
        return Shown("too few events in most of them to tell")
    if found.p_value != found.p_value:
        return NOT_ESTIMABLE
    said = "they differ" if found.p_value < 0.05 else "too little information to tell"
    return Shown(said, "p under 0.001" if found.p_value < 0.001 else f"p {found.p_value:.3f}")
