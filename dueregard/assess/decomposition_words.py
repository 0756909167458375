"""Sentences of a decomposition: what is estimated, what comes first, what each part means, what to bear in mind."""

from __future__ import annotations

from dueregard.assess.chain_table import ChainTable
from dueregard.assess.words import caveats_of_counting, caveats_of_schools, filters_of
from dueregard.evidence.caveats import DEPENDENT
from dueregard.evidence.chain import Chain
from dueregard.evidence.decomposition import Factor
from dueregard.evidence.estimate import Estimate, Missingness
from dueregard.measures.catalogue import over_words
from dueregard.stats.decompose_limits import BAYES, BOOTSTRAP, DELTA, Limits
from dueregard.stats.verdicts import shown_limit, verdict, words
from dueregard.terms.stages import part_title, stage

METHOD_NAMES = {
    BOOTSTRAP: "school-cluster bootstrap, percentiles",
    DELTA: "delta method, these schools",
    BAYES: "Bayesian, Jeffreys prior, these schools",
}
WHY = {
    BOOTSTRAP: "Schools are drawn anew, with all that happened in them: the range covers that other schools would have shown otherwise.",
    DELTA: "The schools are taken as they are, and counts as independent: the range covers chance in the counts alone.",
    BAYES: "The schools are taken as they are, and counts as independent: the range covers chance in the counts alone.",
}
FEW_EVENTS = (
    "Fewer than {few} are counted in one of the groups at: {stages}. Other methods cannot be believed of so few, so the ranges "
    "are Bayesian only; they take the schools as they are."
)
FEW_SCHOOLS = (
    "The figure has {n} schools. From fewer than {few} one cannot say what other schools would have shown, so the ranges are "
    "Bayesian and take the schools as they are."
)
CAPTION = "The placement factor says where officers were; it is not the effect of officers."
DESCRIPTIVE = (
    "A share says how much of the gap would be gone if that one part were the comparison group's and all else stayed as it was "
    "counted. It describes; it does not say why, or what would have happened."
)
FEEDBACK = (
    "Officers may have been placed where there were contacts before, so placement may itself follow from past contacts."
)
SELECTION = (
    "What follows a contact is known for contacts alone. If some contacts would not have happened to a pupil of the comparison "
    "group, like treatment after a contact does not show like treatment."
)
AS_COUNTED = "Rolls are taken as known: the ranges do not cover errors in them."
OR_LATER = "An involvement counts at a step if it reached that step or a later one of the chain."
PRESENCE_ONLY = (
    "The source has one state of posting a year and no contacts: *within* is among schools alike in whether an officer was "
    "there, not within the same school."
)
MAY_BE_NO_GAP = "The range of the total ratio holds 1: there may be no gap, so no part is given a share of it."
SHARES_UNDEFINED = "With one part of the other group a rate would be 0, so shares of the ratio are not defined."
MUCH = 0.1  # a tenth of the replicates without a value is said
SOME = 0.0005  # a share that prints as 0.0 %


def estimand_of(chain: Chain, group: str, comparison: str) -> str:
    """What exactly is taken apart? One sentence."""
    measure = chain.measure
    unit = {"pupils": "Pupils", "involvements": "Involvements of pupils", "events": "Events of pupils"}[measure.unit]
    way = " -> ".join(["officers placed", *(stage(code).label.lower() for code in chain.steps)])
    return (
        f"{unit} who {stage(measure.stage).did} in {chain.period}{filters_of(measure)}, per 1,000 {over_words(measure)}: how many times "
        f"the rate of {comparison} is that of {group}, and what each part of the way brings to it ({way})."
    )


def label_of_factor(chain: Chain, place: int) -> str:
    """What does this part of the chain say, in a few words?"""
    if place == 0:
        return "officers at the schools of the group"
    if chain.is_counted:
        return "rates in schools alike in whether an officer is there"
    if place == 1:
        return "schools with more or fewer contacts"
    if place == 2:
        return "contacts in the same school"
    step = (place - 1) // 2
    before, after = (stage(chain.steps[k]).label.lower() for k in (step - 1, step))
    spread = f"at which schools: {before} (some go on more often to: {after})"
    return spread if place % 2 else f"from {before} to {after}, in the same school"


def verdict_of(ratio: Estimate) -> str:
    """What does the range let one say of a ratio? The same words as in `compare`."""
    return words(verdict(ratio.lower, ratio.upper), ratio.lower, ratio.upper)


def sentence_of(
    group: str, comparison: str, total: Estimate, factors: tuple[Factor, ...], why_no_shares: str | None
) -> str:
    """What must a reader see first?"""
    begin = f"{group}: {times(total)} the rate of {comparison}."
    if why_no_shares:
        return f"{begin} {why_no_shares}"
    clear = [f for f in factors if _leaves_out_1(f.ratio)]
    unclear = [part_title(f.name) for f in factors if not _leaves_out_1(f.ratio)]
    told = "; ".join(f"{part_title(f.name)} {f.log_share:.0%} ({f.label})" for f in clear if f.log_share is not None)
    rest = f"Too little information to tell, a part by itself: {'; '.join(unclear)}." if unclear else ""
    return f"{begin} Of this gap, on the scale of ratios: {told}. {rest}".strip() if told else f"{begin} {rest}"


def times(ratio: Estimate) -> str:
    """A ratio with its range, as words."""
    if not ratio.is_estimable:
        return "not estimable, times"
    upper = "no upper limit" if ratio.upper == float("inf") else shown_limit(ratio.upper)
    return f"{ratio.estimate:.2f} times ({shown_limit(ratio.lower)} to {upper})"


def _leaves_out_1(ratio: Estimate) -> bool:
    return ratio.lower > 1 or ratio.upper < 1


def caveats_of(
    chain: Chain, table: ChainTable, missing: Missingness, factors: tuple[Factor, ...], limits: Limits,
    why_no_shares: str | None, labels: tuple[str, ...], source: tuple[str, ...],
) -> tuple[str, ...]:  # fmt: skip
    """What must a reader bear in mind? The source's own words last."""
    found = [CAPTION, DESCRIPTIVE, FEEDBACK]
    found += [SELECTION, OR_LATER] if len(chain.steps) > 1 else []
    found += [PRESENCE_ONLY] if chain.is_counted else []
    found += [*chain.caveats, AS_COUNTED]
    found += [DEPENDENT] if limits.method != BOOTSTRAP and not chain.is_counted else []
    found += [why_no_shares] if why_no_shares else []
    found += _of_support(factors, labels)
    found += _of_table(table)
    found += _of_replicates(limits, factors)
    found += caveats_of_counting(chain.whole(), missing) + caveats_of_schools(chain.whole())
    return tuple(dict.fromkeys([*found, *source]))


def _of_support(factors: tuple[Factor, ...], labels: tuple[str, ...]) -> list[str]:
    """Where one group has nobody, the other's rate leans on a rate from elsewhere."""
    told = []
    for factor in factors:
        shares = (factor.off_support_share, factor.comparison_off_support_share)
        if factor.name.endswith("_within") and any(share and share > SOME for share in shares):
            told.append(f"{part_title(factor.name)} {(shares[0] or 0):.1%} and {(shares[1] or 0):.1%}")
    if not told:
        return []
    return [
        f"Some of {labels[0]} (and of {labels[1]}) are where nobody of the other group is, so its rate there is not known. Its typical "
        f"rate elsewhere stands in, shrunken; spread and within lean on it: {'; '.join(told)}."
    ]


def _of_table(table: ChainTable) -> list[str]:
    found = []
    if table.moved:
        found.append(f"{table.moved} involvements are on days that are no school days in that state of posting: they are counted in "
                     "the other state of their school.")  # fmt: skip
    if table.astray:
        found.append(f"{table.astray} involvements are at schools where nobody of their group is on the roll: they are in the total "
                     "and in no school's rate.")  # fmt: skip
    return found


def _of_replicates(limits: Limits, factors: tuple[Factor, ...]) -> list[str]:
    names = ("the total", *(part_title(factor.name) for factor in factors))
    told = [f"{name} {share:.0%}" for name, share in zip(names, limits.share_undefined, strict=True) if share > MUCH]
    return [f"Not defined in many of the samples drawn, so the range is open there: {'; '.join(told)}."] if told else []
