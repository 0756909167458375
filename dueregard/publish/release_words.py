"""A release in plain words: its signs, its rules, its counts, its sentences. Nothing here sees a true count."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from dueregard.evidence.protected import ShownCount
from dueregard.publish import words
from dueregard.publish.cells_shown import Shown
from dueregard.publish.release_lines import Line, Told
from dueregard.publish.release_tables import is_missing_group
from dueregard.publish.words import TOO_LITTLE
from dueregard.stats.verdicts import Verdict, verdict
from dueregard.terms.missing import CellState

LOW, HIDDEN, ABSENT, NOBODY = "[low]", "[c]", "[x]", "[z]"
# Government Analysis Function, "Using symbols in tables".
SIGNS: dict[CellState, str] = {
    CellState.LOW: LOW,
    CellState.HIDDEN_FIRST: HIDDEN,
    CellState.HIDDEN_SECOND: HIDDEN,  # the same sign: a reader who could tell them apart would learn why
    CellState.NOT_COLLECTED: ABSENT,
    CellState.SUPPRESSED: ABSENT,
    CellState.PARTIAL: ABSENT,
    CellState.NOT_APPLICABLE: NOBODY,
}
SHORT_VERDICTS = {
    Verdict.HIGHER: "Higher",
    Verdict.LOWER: "Lower",
    Verdict.HIGHER_BY_LESS_THAN_A_QUARTER: "Higher, by less than a quarter",
    Verdict.LOWER_BY_LESS_THAN_A_QUARTER: "Lower, by less than a quarter",
    Verdict.SMALLER_THAN_A_QUARTER: (
        "Any difference is smaller than a quarter either way; this does not show that there is none"
    ),
    Verdict.TOO_LITTLE: f"{TOO_LITTLE[:1].upper()}{TOO_LITTLE[1:]}; this is not evidence that there is no difference",
    Verdict.NOT_ESTIMABLE: "Not estimable",
}


def symbols(low_to: int) -> tuple[tuple[str, str], ...]:
    """Each sign, and what it means."""
    return (
        ("0", "Nobody of this group is on roll, so nobody could be counted."),
        (LOW, f"0 to {low_to}. None at all is shown the same way, so that no small number can be worked out. Do not take it for zero."),
        (HIDDEN, "Hidden to protect pupils. Do not take it for zero."),
        (ABSENT, "Not collected, or hidden by the source. Do not take it for zero."),
        (NOBODY, "Does not apply."),
    )  # fmt: skip


RULE_NAMES = {
    "method": "Method",
    "audience": "Audience",
    "low_to": "Small counts",
    "base": "Rounding",
    "roll_at_least": "Small rolls",
    "all_share": "Nearly all of a group",
    "school_time": "Time of a school’s figures",
    "ladder": "Order in which detail is given up",
    "pooled": "Pooled figures",
}


def rule_name(rule: str) -> str:
    """What is a rule of a policy called?"""
    return RULE_NAMES.get(rule, words.capital(rule.replace("_", " ")))


# They are on roll under a group that the school knows, so that the roll of the unknown says nothing of those counted.
UNKNOWN = "of pupils whose group is not known,"


def _small_rolls(policy: Any) -> str:
    """The rolls of which every count is hidden, since less than half of them would be too few to tell apart."""
    least = policy.least_roll_of_half
    return f", and where fewer than {least} may be on roll, every count" if least > policy.roll_at_least else ""


def rule_words(policy: Any, rule: str) -> str:
    """A rule of a policy with its value, in words."""
    said = {
        "method": {"rounding": f"small counts are one band, others are rounded to {policy.base}",
                   "suppression": "small counts are hidden, and others with them until none can be worked out",
                   "none": "counts as they are"}.get(str(policy.method), str(policy.method)),
        "low_to": f"counts from 0 to {policy.low_to} are shown as {LOW}",
        "base": f"rounded to multiples of {policy.base}",
        "roll_at_least": f"fewer than {policy.roll_at_least} on roll: count and roll are hidden; {UNKNOWN} their roll alone",
        "all_share": f"a count of half of its group or more is hidden, so that the sign does not say {policy.all_share:.0%} or more"
                     + _small_rolls(policy) + f"; {UNKNOWN} nothing",
        "school_time": f"a school's figures are never of less than a {policy.school_time}",
        "ladder": "; then ".join(f"{rung.place} by {rung.time}" for rung in policy.ladder),
    }  # fmt: skip
    return said.get(rule, rule.replace("_", " "))


HIDDEN_STATES = (CellState.HIDDEN_FIRST, CellState.HIDDEN_SECOND)
LOOKS = {LOW: "low", HIDDEN: "suppressed", ABSENT: "not_collected", NOBODY: "not_applicable"}  # how a sign is drawn


def spaced(text: str) -> str:
    """A printed number with its thousands set apart; its digits stay as they are.

    >>> spaced("12345.60"), spaced("none")
    ('12,345.60', 'none')
    """
    whole, point, decimals = text.partition(".")
    return f"{int(whole):,}{point}{decimals}" if whole.isdecimal() else text


def sign_of(counts: Iterable[ShownCount | None]) -> str:
    """Why is there no number made from these counts? The strongest reason of them."""
    states = [CellState.NOT_APPLICABLE if count is None else count.state for count in counts]
    if any(state in HIDDEN_STATES for state in states):
        return HIDDEN
    signs = {SIGNS[state] for state in states if state in SIGNS}
    return next((sign for sign in (ABSENT, LOW) if sign in signs), NOBODY)


def count_sign(count: ShownCount | None) -> str:
    """The sign of a count that is no number; empty where it is one."""
    return "" if count is not None and count.shown is not None else sign_of([count])


def of_sign(sign: str) -> Shown:
    return Shown(sign, state=LOOKS[sign])


def count_shown(count: ShownCount | None) -> Shown:
    """A count as it is printed: a number, or the sign for why there is none."""
    if count is None or count.shown is None:
        return of_sign(count_sign(count))
    return Shown(words.whole(count.shown))


def range_words(told: Told) -> str:
    """From where to where, as printed."""
    if math.isinf(told.number.upper):
        return f"{spaced(told.lower)} or more, with no upper end"
    return f"{spaced(told.lower)} to {spaced(told.upper)}"


def chart_text(told: Told) -> str:
    """A printed ratio as it stands beside its line in a chart."""
    if math.isinf(told.number.upper):
        return f"above {spaced(told.lower)}"
    ends = f"{spaced(told.lower)}–{spaced(told.upper)}"
    return ends if math.isnan(told.number.estimate) else f"{spaced(told.middle)} ({ends})"


def figure_shown(told: Told | None, sign: str) -> Shown:
    """A rate or ratio with its range; *low* with the range where a count of it is low. sign: why there is none."""
    if told is None:
        return of_sign(sign)
    if math.isnan(told.number.estimate):
        return Shown(LOW, range_words(told), LOOKS[LOW])
    return Shown(spaced(told.middle), range_words(told))


def rate_sign(line: Line) -> str:
    """Why has this line no rate? Of pupils whose group is not known there is never one."""
    if is_missing_group(line.codes):
        return NOBODY
    return sign_of([line.n, line.denominator])


def ratio_sign(line: Line, other: Line | None) -> str:
    """Why is this line compared with none?"""
    if line.is_comparison or other is None or is_missing_group(line.codes):
        return NOBODY
    return sign_of([line.n, line.denominator, other.n, other.denominator])


def rate_shown(line: Line) -> Shown:
    return figure_shown(line.rate, rate_sign(line))


def ratio_shown(line: Line, other: Line | None) -> Shown:
    return figure_shown(line.ratio, ratio_sign(line, other))


def difference_shown(line: Line, other: Line | None) -> Shown:
    """More or fewer per 1,000, with its range."""
    told = line.difference
    if told is None:
        return of_sign(ratio_sign(line, other))
    if math.isnan(told.number.estimate):
        return Shown(LOW, f"{way(told.lower)} to {way(told.upper)}", LOOKS[LOW])
    return Shown(way(told.middle), f"{way(told.lower)} to {way(told.upper)}")


def way(text: str) -> str:
    """A printed difference in words.

    >>> way("-3.10"), way("2.00"), way("0")
    ('3.10 fewer', '2.00 more', '0')
    """
    if text.startswith("-"):
        return f"{spaced(text[1:])} fewer"
    return text if float(text) == 0 else f"{spaced(text)} more"


def short_verdict(told: Told | None) -> str:
    """What does the printed range of a ratio let one say? Empty where there is none."""
    return "" if told is None else SHORT_VERDICTS[verdict(told.number.lower, told.number.upper)]


def verdict_shown(line: Line, other: Line | None) -> Shown:
    if line.is_comparison:
        return Shown("The others are compared with it")
    said = short_verdict(line.ratio)
    return Shown(said) if said else of_sign(ratio_sign(line, other))


def is_told(line: Line) -> bool:
    """Does its range say something of the ratio?"""
    if line.ratio is None:
        return False
    return verdict(line.ratio.number.lower, line.ratio.number.upper) not in (Verdict.TOO_LITTLE, Verdict.NOT_ESTIMABLE)


def too_little_said(lines: Iterable[Line], who: str) -> str:
    """One sentence for all groups whose ranges leave it open. Empty where there is none."""
    said = [f"{line.label} {times_words(line.ratio)}" for line in lines if line.ratio is not None]
    return (
        f"Beside {who}, {TOO_LITTLE}, which is not evidence that there is no difference: {'; '.join(said)}."
        if said
        else ""
    )


def said_of(line: Line, *, who: str, did: str, over: str) -> str:
    """One group beside the comparison group, in a sentence. who: the comparison group."""
    rate, ratio = line.rate, line.ratio
    if rate is None:
        return f"{line.label}: no rate can be given ({rate_sign(line)})."
    if math.isnan(rate.number.estimate):
        said = f"{line.label}: a low count, so at most {spaced(rate.upper)} of every 1,000 {over} {did}"
    else:
        said = f"{line.label}: {spaced(rate.middle)} of every 1,000 {over} {did} (95% range {range_words(rate)})"
    if ratio is None:
        return f"{said}."
    verdict_said = short_verdict(ratio)
    return f"{said}; beside {who} {times_words(ratio)}: {verdict_said[:1].lower()}{verdict_said[1:]}."


def times_words(ratio: Told) -> str:
    """How many times the comparison group's rate, in a sentence?"""
    if not math.isnan(ratio.number.estimate):
        return f"{spaced(ratio.middle)} times ({range_words(ratio)})"
    if math.isinf(ratio.number.upper):
        return f"at least {spaced(ratio.lower)} times, with no upper end"
    return f"between {spaced(ratio.lower)} and {spaced(ratio.upper)} times"
