"""Numbers, groups and estimates in plain words, rounded for readers. Full precision lives in figures.json."""

from __future__ import annotations

import math

from dueregard.evidence.estimate import Answer, Estimate, GroupAnswer, Missingness
from dueregard.measures.catalogue import over_words
from dueregard.measures.columns import PERIOD, STRATUM_WORDS, code_label, column_label
from dueregard.measures.measure import Measure
from dueregard.stats.verdicts import shown_limit
from dueregard.terms.stages import stage

INTERNAL = "Internal report. Not for publication: it holds small numbers."
NOT_ESTIMABLE = "not estimable"
NOT_APPLICABLE = "does not apply"

# A state of a cell or of a collection, as readers see it. None of them is a number.
STATE_WORDS = {
    "counted": "counted",
    "complete": "complete",
    "nil": "nothing to report (declared)",
    "partial": "partial",
    "not_stated": "not stated",
    "not_recorded": "not recorded",
    "not_collected": "not collected",
    "suppressed": "suppressed",
    "not_applicable": "not applicable",
    "low": "low",
    "hidden_first": "hidden",
    "hidden_second": "hidden",
    "known": "known",
    "unknown": "answered “unknown”",
}
SAID_OTHERWISE = {
    "Mixed": "pupils of mixed ethnicity",
    "Other": "pupils of other ethnic groups",
    "Two or more races": "pupils of two or more races",
}
TOO_LITTLE = "too little information to tell"


def whole(number: float) -> str:
    """A count, with its thousands set apart.

    >>> whole(60105)
    '60,105'
    """
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.1f}"


def rate(number: float) -> str:
    """A rate in three significant digits, never in powers of ten, never a small number shown as zero.

    >>> rate(21.04), rate(0.001234), rate(0), rate(1234.5)
    ('21.0', '0.00123', '0', '1,234')
    """
    if number == 0:
        return "0"
    rounded = float(f"{number:.2e}") if abs(number) < 1000 else number
    return f"{rounded:,.{max(0, 2 - math.floor(math.log10(abs(rounded))))}f}"


def ratio(number: float) -> str:
    """A ratio in two decimals; fewer when it is large, more where two would look like zero.

    >>> ratio(1.8), ratio(12.345), ratio(0.0042), ratio(0)
    ('1.80', '12.3', '0.0042', '0')
    """
    if number == 0:
        return "0"
    if abs(number) < 0.1:
        rounded = float(f"{number:.1e}")
        return f"{rounded:.{1 - math.floor(math.log10(abs(rounded)))}f}"
    if 0.5 < number < 2:
        return shown_limit(number)  # never rounded onto 0.8, 1 or 1.25 and so against the verdict
    return f"{number:,.{2 if number < 9.995 else 1 if number < 99.95 else 0}f}"


def percent(share: float) -> str:
    """A share in percent, one decimal; a share that is not zero never looks like zero, nor like all.

    >>> percent(0.123), percent(0), percent(0.0001), percent(0.99999)
    ('12.3%', '0%', 'under 0.1%', 'over 99.9%')
    """
    if share in (0, 1):
        return f"{share * 100:.0f}%"
    if share < 0.0005 or share >= 0.9995:
        return "under 0.1%" if share < 0.5 else "over 99.9%"
    return f"{share * 100:.1f}%"


def signed(number: float) -> str:
    """A difference: more, fewer, or neither.

    >>> signed(9.1), signed(-3), signed(0)
    ('9.10 more', '3.00 fewer', '0')
    """
    return "0" if number == 0 else f"{rate(abs(number))} {'more' if number > 0 else 'fewer'}"


def range_of(found: Estimate, shown=ratio) -> str:
    """From where to where? An open end is said, not drawn as a number."""
    if math.isinf(found.upper):
        return f"{shown(found.lower)} or more, with no upper end"
    return f"{shown(found.lower)} to {shown(found.upper)}"


def difference_range(found: Estimate) -> str:
    """The range of a difference, with its directions."""
    low, high = found.lower, found.upper
    if low >= 0:
        return f"{rate(low)} to {rate(high)} more"
    if high <= 0:
        return f"{rate(-high)} to {rate(-low)} fewer"
    return f"{signed(low)} to {signed(high)}"


def level_words(found: Estimate) -> str:
    return f"{found.level * 100:g}%"


def whom(columns: tuple[str, ...], label: str) -> str:
    """How is a group called in a sentence?

    >>> whom(("ethnicity",), "Black"), whom(("sex",), "Girls"), whom(("disability",), "No disability")
    ('Black pupils', 'girls', 'pupils of the group “No disability”')
    """
    if columns == ("ethnicity",) and label in SAID_OTHERWISE:
        return SAID_OTHERWISE[label]
    if columns == ("ethnicity",) and "(" not in label and not label.startswith("Not "):
        return f"{label} pupils"
    if columns == ("sex",) and label in ("Girls", "Boys"):
        return label.lower()
    return f"pupils of the group “{label}”"


def unit_words(measure: Measure) -> str:
    """What is counted?

    >>> unit_words(Measure("arrested"))
    'pupils who were arrested'
    """
    did = stage(measure.stage).did
    return {"pupils": f"pupils who {did}", "involvements": f"involvements of pupils who {did}"}.get(
        measure.unit, f"events in which pupils {did}"
    )


def split_words(columns: tuple[str, ...]) -> str:
    """By what is it split? `Ethnicity and sex`."""
    names = [column_label(name) for name in columns] or ["Period"]
    return " and ".join([names[0], *(name[:1].lower() + name[1:] for name in names[1:])])


def stratum_words(within: tuple[str, ...]) -> str:
    """Inside what are groups compared?"""
    return " and ".join(STRATUM_WORDS.get(name, name) for name in within)


def where_words(measure: Measure) -> str:
    """To what is the question narrowed? Empty where it is not."""
    parts = [
        f"{column_label(column).lower()}: {', '.join(code_label(column, code) for code in codes)}"
        for column, codes in measure.where
    ]
    return "; ".join(parts)


def basis_words(measure: Measure, periods: tuple[str, ...]) -> str:
    """Counted in what, over what, when, of whom?"""
    over = "counts without a rate" if measure.is_count_only else f"for every 1,000 {over_words(measure)}"
    only = f"; only {where_words(measure)}" if measure.where else ""
    return f"{capital(unit_words(measure))}, {over}; {period_words(periods)}{only}."


def period_words(periods: tuple[str, ...]) -> str:
    return periods[0] if len(periods) == 1 else f"{periods[0]} to {periods[-1]}"


def codes_label(columns: tuple[str, ...], codes: tuple[str, ...]) -> str:
    """What is the group of these codes called?"""
    names = tuple(name for name in columns if name != PERIOD)
    return ", ".join(code_label(name, code) for name, code in zip(names, codes, strict=True)) or "All"


def is_usable(found: Estimate | None) -> bool:
    return found is not None and found.is_estimable


def rate_words(measure: Measure, group: GroupAnswer) -> str:
    """One group's rate as a clause: "21.0 of every 1,000 Black pupils on roll were arrested"."""
    who, found = whom(measure.columns, group.label), group.rate_per_1000
    if not is_usable(found):
        return f"for {who} no rate can be given"
    number = rate(found.estimate)  # type: ignore[union-attr]
    if (measure.unit, measure.denominator) == ("pupils", "pupils_on_roll"):
        return f"{number} of every 1,000 {who} on roll {stage(measure.stage).did}"
    if measure.is_conditional and measure.unit == "pupils":
        before = stage(measure.denominator).did
        return f"of every 1,000 {who} who {before}, {number} {stage(measure.stage).did}"
    return f"for {who} there were {number} {unit_words(measure)} for every 1,000 {over_words(measure)}"


def ratio_words(found: Estimate, *, with_level: bool = True) -> str:
    """A relative rate as a clause. 0 and open ends keep the end that they have."""
    level = f"{level_words(found)} range " if with_level else ""
    if math.isinf(found.estimate):
        return f"the other group had none, so only a lower end can be given ({level}{range_of(found)})"
    if found.estimate == 0:
        return f"none was counted, so the ratio lies below {ratio(found.upper)} ({level}{range_of(found)})"
    return f"{ratio(found.estimate)} times as many ({level}{range_of(found)})"


def capital(text: str) -> str:
    """With a capital letter in front."""
    return f"{text[:1].upper()}{text[1:]}"


def sentence_end(text: str) -> str:
    """A verdict as a sentence of its own."""
    text = text.strip()
    return capital(text) + ("" if text.endswith((".", "!")) else ".")


def short_verdict(verdict: str) -> str:
    """A verdict beside a sentence that already gives the range, which is then not said twice.

    >>> short_verdict("too little information to tell: the data are compatible with anything from 0.9 to 2; ...")
    'too little information to tell, which is not evidence that there is no difference'
    """
    if verdict.lower().startswith(TOO_LITTLE):
        return f"{TOO_LITTLE}, which is not evidence that there is no difference"
    return verdict.strip().rstrip(".")


def bounds_words(group: GroupAnswer) -> str:
    """A suppressed denominator that is known between limits gives a rate between limits.

    The rate's limits are plain arithmetic, not a confidence interval.
    """
    counted = f"{whole(group.n)} were counted; the source suppresses the denominator"
    low, high = group.denominator_at_least, group.denominator_at_most
    rates_between = rate_bounds(group)
    if low is None or high is None or rates_between is None:
        return f"{counted}, so there is no rate"
    return (
        f"{counted}, which lies between {whole(low)} and {whole(high)}: "
        f"a rate between {rates_between[0]:,.2f} and {rates_between[1]:,.2f} per 1,000"
    )


def rate_bounds(group: GroupAnswer) -> tuple[float, float] | None:
    """Between which limits does a rate lie whose denominator is suppressed? None where one of them is not known."""
    low, high = group.rate_at_least_per_1000, group.rate_at_most_per_1000
    return None if low is None or high is None else (low, high)


def is_bounded(group: GroupAnswer) -> bool:
    return group.denominator_at_least is not None or group.denominator_at_most is not None


def missing_words(missing: Missingness, unit: str) -> str:
    """How much of the figure has no known group, and in which way?"""
    ways = ("not_stated", "not_recorded", "not_collected", "suppressed")
    parts = ", ".join(f"{STATE_WORDS[way]} {whole(getattr(missing, way))}" for way in ways)
    return f"{percent(missing.share)} of all {unit} of this figure have no known group ({parts})."


def comparison_label(answer: Answer) -> str:
    """What is the group called that others are compared with? Empty where nothing is compared.

    In a crossed split there are several: `White (of the same sex)`.
    """
    compared = [group for group in answer.groups if group.is_comparison]
    if not compared:
        return ""
    kept, same = [], []
    for column, codes in zip(answer.measure.columns, zip(*(g.codes for g in compared), strict=True), strict=True):
        if len(set(codes)) == 1:
            kept.append(code_label(column, codes[0]))
        else:
            same.append(column_label(column).lower())
    return ", ".join(kept) + (f" (of the same {' and '.join(same)})" if same else "")


def compared_group(answer: Answer, group: GroupAnswer) -> GroupAnswer | None:
    """With which group is this one compared? In a crossed split the one that shares most codes with it."""
    near = [g for g in answer.groups if g.is_comparison and g.period == group.period]
    shared = [sum(map(str.__eq__, g.codes, group.codes)) for g in near]
    return near[shared.index(max(shared))] if near else None
