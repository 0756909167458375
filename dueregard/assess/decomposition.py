"""Decompose: where on the way does the ratio of two groups' rates arise, and how sure is each part?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dueregard.assess import decomposition_words as words
from dueregard.assess.chain_table import ChainTable, chain_table
from dueregard.assess.disparity import PER, missingness
from dueregard.assess.groups import Codes, comparison_of, comparison_template, is_missing_group, label_of
from dueregard.errors import CannotAnswer, UnknownName, UsageError
from dueregard.evidence.chain import Chain
from dueregard.evidence.decomposition import ChainStep, Decomposition, Factor
from dueregard.evidence.estimate import Estimate
from dueregard.measures.columns import code_of, order_of
from dueregard.stats.decompose import Parts, off_support
from dueregard.stats.decompose import decompose as parts_of_counts
from dueregard.stats.decompose_limits import BAYES, BOOTSTRAP, DELTA, REPLICATES, Limits, limits_of
from dueregard.terms.stages import stage

METHODS = (BOOTSTRAP, DELTA, BAYES)
FEW_EVENTS = 10  # at a stage, in a group: below it neither schools drawn anew nor a linear approximation is believed
CELLS_BESIDE, FEWEST_BESIDE = (
    2_000_000,
    200,
)  # drawn for the ranges that only stand beside: a second or two of any country
FEW_SCHOOLS = 10  # from so few one cannot say what other schools would have shown


@dataclass(frozen=True, slots=True)
class Method:
    """How the ranges are made, and why so."""

    name: str
    why: str


def decompose(
    chain: Chain, *, group: str, comparison: str | None, method: str = BOOTSTRAP, rng: np.random.Generator, snapshot: str,
    code_version: str, source_caveats: tuple[str, ...] = (), replicates: int = REPLICATES, level: float = 0.95,
) -> Decomposition:  # fmt: skip
    """Which part of the chain brings how much of the ratio between two groups' rates?

    group, comparison: codes or labels, with commas where the split is crossed. rng: each method draws from a stream of
    its own, so that what stands beside a figure does not move it.
    Raises UnknownName for a group or method that does not exist, CannotAnswer where one group has no exposure or no event.
    """
    if method not in METHODS:
        raise UnknownName("method", method, METHODS)
    one, other = groups_of(chain, group, comparison)
    _check_exposure(chain, one, other)
    table = chain_table(chain, one, other)
    _check_events(chain, table, one, other)
    chosen = method_of(chain, table, method)
    limits = _limits(table, chosen.name, rng, replicates, level)
    return _answer(chain, table, one, other, chosen, limits, snapshot, code_version, source_caveats)


def groups_of(chain: Chain, group: str, comparison: str | None) -> tuple[Codes, Codes]:
    """The codes of the group and of the one that it is compared with. Raises UnknownName with the groups that exist."""
    cells = chain.whole()
    columns = cells.measure.columns
    parts = [part.strip() for part in group.split(",")]
    if len(parts) != len(columns):
        raise UsageError(f"The group names {len(parts)} codes and the split has {len(columns)} columns.",
                         try_this=f"one code for each of {', '.join(columns)}, with commas.")  # fmt: skip
    one = tuple(code_of(c, part, _known(chain, n)) for n, (c, part) in enumerate(zip(columns, parts, strict=True)))
    template = comparison_template(cells, comparison)
    if template is None:
        raise UsageError("No comparison group is declared for this split.", try_this="`--comparison CODE`.")
    other = comparison_of(one, template)
    if one == other:
        raise UsageError("The group and the comparison group are the same.", try_this="another `--group`.")
    return one, other


def _known(chain: Chain, place: int) -> list[str]:
    """Codes that a group may have; a missing one is no group whose gap could be taken apart."""
    codes = {cell.codes[place] for cell in chain.cells if not is_missing_group((cell.codes[place],))}
    return sorted(codes, key=lambda code: order_of(chain.measure.columns[place], code))


def _check_exposure(chain: Chain, *groups: Codes) -> None:
    for codes in groups:
        if not sum(c.exposure for c in chain.cells if c.codes == codes):
            raise CannotAnswer(
                f"Nobody of {label_of(chain.measure.columns, codes)} is on the roll of the {chain.schools_used} schools of this "
                "figure, so there is no rate to take apart.",
                try_this="another group or comparison, or `dueregard compare`, which says which schools stay out and why.",
            )


def _check_events(chain: Chain, table: ChainTable, one: Codes, other: Codes) -> None:
    """Raises CannotAnswer where a group has nobody at the stage: 0 and infinity have no parts."""
    last = table.counts.reached[-1].sum(axis=(0, 1))
    nobody = [label_of(chain.measure.columns, codes) for codes, n in ((other, last[0]), (one, last[1])) if not n]
    if nobody:
        earlier = next((s for s, n in zip(chain.steps[::-1], table.counts.reached[::-1], strict=True)
                        if n.sum(axis=(0, 1)).all()), None)  # fmt: skip
        instead = f"`--stage {earlier}`, which both groups reached, or " if earlier else ""
        raise CannotAnswer(
            f"Nobody of {' or '.join(nobody)} is counted at `{chain.measure.stage}` in {chain.period}, so the ratio is 0, "
            "without an end or not defined, and it has no parts. That is not the same as no difference.",
            try_this=f"{instead}`dueregard compare --stage {chain.measure.stage}`, which gives the limit that the counts allow.",
        )


def method_of(chain: Chain, table: ChainTable, asked: str) -> Method:
    """Which method can be believed of so many schools and events?"""
    events = table.counts.reached.sum(axis=(1, 2))
    few = [stage(code).label for code, n in zip(chain.steps, events, strict=True) if n.min() < FEW_EVENTS]
    if few:
        return Method(BAYES, words.FEW_EVENTS.format(few=FEW_EVENTS, stages=", ".join(few)))
    if asked == BOOTSTRAP and len(table.schools) < FEW_SCHOOLS:
        return Method(BAYES, words.FEW_SCHOOLS.format(few=FEW_SCHOOLS, n=len(table.schools)))
    return Method(asked, words.WHY[asked])


def _limits(
    table: ChainTable, first: str, rng: np.random.Generator, replicates: int, level: float
) -> tuple[Limits, ...]:
    """By the chosen method, then by the others that stand beside it."""
    streams = dict(zip(METHODS, rng.spawn(len(METHODS)), strict=True))
    beside = [] if first == BAYES else [name for name in METHODS if name != first]
    return tuple(
        limits_of(table.counts, name, rng=streams[name], replicates=replicates, level=level)
        for name in [first, *beside]
    )


def _answer(
    chain: Chain, table: ChainTable, one: Codes, other: Codes, method: Method, limits: tuple[Limits, ...], snapshot: str,
    code_version: str, source_caveats: tuple[str, ...],
) -> Decomposition:  # fmt: skip
    parts, first, per = parts_of_counts(table.counts), limits[0], PER * chain.measure.per
    total = _estimate(parts.total_ratio, first.lower.total_ratio, first.upper.total_ratio, first)
    why_no_shares = _why_no_shares(total, parts)
    factors = tuple(_factors(chain, table, parts, limits, why_no_shares is None))
    cells = chain.whole()
    missing = missingness(cells)
    labels = tuple(label_of(chain.measure.columns, codes) for codes in (one, other))
    outside = off_support(table.counts)[0]
    exposure = table.counts.exposure.sum(axis=(0, 1)) / chain.measure.per
    return Decomposition(
        snapshot=snapshot, code_version=code_version,
        estimand=words.estimand_of(chain, labels[0], labels[1]),
        sentence=words.sentence_of(labels[0], labels[1], total, factors, why_no_shares),
        measure=chain.measure, period=chain.period, is_counted=chain.is_counted,
        group=",".join(one), group_label=labels[0], comparison=",".join(other), comparison_label=labels[1],
        exposure=float(exposure[1]), comparison_exposure=float(exposure[0]),
        steps=tuple(_steps(chain, table, exposure)), total_ratio=total,
        total_per_1000=_estimate(parts.total_difference, first.lower.total_difference, first.upper.total_difference, first, per),
        verdict=words.verdict_of(total), factors=factors,
        why_no_shares=why_no_shares,
        off_support_share=float(outside[1]), comparison_off_support_share=float(outside[0]),
        method=method.name, why_method=method.why, replicates=first.replicates, level=first.level,
        schools_used=chain.schools_used, left_out=chain.left_out, missing=missing,
        not_identified=chain.not_identified, disagreeing=chain.disagreeing, caption=words.CAPTION,
        caveats=words.caveats_of(chain, table, missing, factors, first, why_no_shares, labels, source_caveats),
    )  # fmt: skip


def _why_no_shares(total: Estimate, parts: Parts) -> str | None:
    """Shares of a gap that may not be there would be shares of nothing."""
    if not total.is_estimable or total.lower <= 1 <= total.upper:
        return words.MAY_BE_NO_GAP
    return words.SHARES_UNDEFINED if np.isnan(parts.log_part).any() else None


def factor_names(chain: Chain) -> tuple[str, ...]:
    """The parts of a chain in their order.

    placement; of a source that has presence only: within; else sorting, then each step as its mix and its rates within.
    """
    if chain.is_counted:
        return ("placement", "within")
    first, *later = chain.steps
    first = "contact" if first.startswith("contact") else first
    return ("placement", "sorting", f"{first}_within", *(f"{s}_{part}" for s in later for part in ("mix", "within")))


def _factors(
    chain: Chain, table: ChainTable, parts: Parts, limits: tuple[Limits, ...], has_shares: bool
) -> list[Factor]:
    outside, total = off_support(table.counts), np.log(parts.total_ratio[0])
    first, per, found = limits[0], PER * chain.measure.per, []
    for k, name in enumerate(factor_names(chain)):
        ratio = _estimate(parts.ratio[k], first.lower.ratio[k], first.upper.ratio[k], first)
        shares = (None, None) if k == 0 or chain.is_counted else outside[(k - 1) // 2]
        found.append(
            Factor(
                name=name, label=words.label_of_factor(chain, k), ratio=ratio,
                log_share=float(parts.log_part[k, 0] / total) if has_shares else None,
                per_1000=_estimate(parts.difference[k], first.lower.difference[k], first.upper.difference[k], first, per),
                verdict=words.verdict_of(ratio),
                off_support_share=None if shares[1] is None else float(shares[1]),
                comparison_off_support_share=None if shares[0] is None else float(shares[0]),
                beside=tuple(_estimate(parts.ratio[k], x.lower.ratio[k], x.upper.ratio[k], x) for x in limits[1:]),
            )
        )  # fmt: skip
    return found


def _estimate(at: np.ndarray, lower: np.ndarray, upper: np.ndarray, limits: Limits, times: float = 1.0) -> Estimate:
    """One figure with its range; nan throughout where it is not defined."""
    ends = [float(x[0]) * times for x in (at, lower, upper)]
    if any(np.isnan(ends)) or (ends[1] == -np.inf and ends[2] == np.inf):
        ends = [ends[0], np.nan, np.nan]
    return Estimate(
        ends[0], ends[1] if ends[1] > -np.inf else np.nan, ends[2], limits.level, words.METHOD_NAMES[limits.method]
    )


def _steps(chain: Chain, table: ChainTable, exposure: np.ndarray) -> list[ChainStep]:
    found = []
    for code, n in zip(chain.steps, table.counts.reached.sum(axis=(1, 2)), strict=True):
        rate = n / exposure * PER
        found.append(ChainStep(code, stage(code).label, int(n[1]), int(n[0]), float(rate[1]), float(rate[0])))
    return found
