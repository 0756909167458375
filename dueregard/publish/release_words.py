"""A release in plain words: its signs, its rules, its counts, its sentences. Nothing here sees a true count."""

from __future__ import annotations

import math
from typing import Any

from dueregard.evidence.estimate import Estimate
from dueregard.evidence.protected import ShownCount
from dueregard.publish import words
from dueregard.publish.cells_shown import Shown
from dueregard.publish.words import TOO_LITTLE
from dueregard.stats.verdicts import Verdict, verdict
from dueregard.terms.missing import CellState

LOW, HIDDEN, ABSENT, NOBODY = "[low]", "[c]", "[x]", "[z]"
# Government Analysis Function, "Using symbols in tables".
SIGNS = {
    CellState.LOW: LOW,
    CellState.HIDDEN_FIRST: HIDDEN,
    CellState.HIDDEN_SECOND: HIDDEN,
    CellState.NOT_COLLECTED: ABSENT,
    CellState.SUPPRESSED: ABSENT,
    CellState.PARTIAL: ABSENT,
    CellState.NOT_APPLICABLE: NOBODY,
}
NO_RATE = "[c]"
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
        (LOW, f"0 to {low_to}. None at all is shown the same way, so that no small number can be worked out. It is not zero."),
        (HIDDEN, "Hidden to protect pupils. A hidden number is not zero."),
        (ABSENT, "Not collected, or hidden by the source. It is not zero."),
        (NOBODY, "Does not apply."),
    )  # fmt: skip


def rule_words(policy: Any, rule: str) -> str:
    """A rule of a policy with its value, in words."""
    said = {
        "method": {"rounding": f"small counts are one band, others are rounded to {policy.base}",
                   "suppression": "small counts are hidden, and others with them until none can be worked out",
                   "none": "counts as they are"}.get(str(policy.method), str(policy.method)),
        "low_to": f"counts from 0 to {policy.low_to} are shown as {LOW}",
        "base": f"rounded to multiples of {policy.base}",
        "roll_at_least": f"fewer than {policy.roll_at_least} on roll: count and roll are hidden",
        "all_share": f"a count of {policy.all_share:.0%} of its group or more is hidden",
        "school_time": f"a school's figures are never of less than a {policy.school_time}",
        "ladder": "; then ".join(f"{rung.place} by {rung.time}" for rung in policy.ladder),
    }  # fmt: skip
    return said.get(rule, rule.replace("_", " "))


def count_shown(count: ShownCount | None) -> Shown:
    """A count as it is printed: a number, or the sign for why there is none."""
    if count is None:
        return Shown(NOBODY, state="not_applicable")
    if count.shown is not None:
        return Shown(words.whole(count.shown))
    return Shown(SIGNS.get(count.state, HIDDEN), state="low" if count.state is CellState.LOW else "suppressed")


def estimate_shown(found: Estimate | None, shown=words.rate) -> Shown:
    """A rate or ratio with its range; of a low count, its upper end alone."""
    if found is None:
        return Shown(NO_RATE, state="suppressed")
    if math.isnan(found.estimate):
        if math.isinf(found.upper):
            return Shown(f"{shown(found.lower)} or more", "no upper end")
        return Shown(f"{shown(found.lower)} to {shown(found.upper)}", "range only: a count of it is low")
    return Shown(shown(found.estimate), words.range_of(found, shown))


def difference_shown(found: Estimate | None) -> Shown:
    """More or fewer per 1,000."""
    if found is None:
        return Shown(NO_RATE, state="suppressed")
    if math.isnan(found.estimate):
        return Shown(words.difference_range(found), "range only: a count of it is low")
    return Shown(words.signed(found.estimate), words.difference_range(found))


def verdict_shown(found: Estimate | None) -> Shown:
    """What the range of a ratio lets one say."""
    if found is None:
        return Shown(NO_RATE, state="suppressed")
    return Shown(SHORT_VERDICTS[verdict(found.lower, found.upper)])


def said_of(label: str, rate: Estimate | None, ratio: Estimate | None, *, who: str, did: str, over: str) -> str:
    """One group beside the comparison group, in a sentence."""
    if rate is None:
        return f"{label}: hidden, or no rate."
    if math.isnan(rate.estimate):
        said = f"{label}: a low count, so at most {words.rate(rate.upper)} of every 1,000 {over} {did}"
    else:
        said = f"{label}: {words.rate(rate.estimate)} of every 1,000 {over} {did} (95% range {words.range_of(rate, words.rate)})"
    if ratio is None:
        return f"{said}."
    told = SHORT_VERDICTS[verdict(ratio.lower, ratio.upper)].lower()
    if math.isnan(ratio.estimate):
        return f"{said}; beside {who}: range {words.range_of(ratio)} times: {told}."
    return f"{said}; beside {who}: {words.ratio(ratio.estimate)} times ({words.range_of(ratio)}): {told}."
