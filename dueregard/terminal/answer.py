"""One answer as sentences and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dueregard.terminal.selection import print_selection
from dueregard.terminal.table import table

if TYPE_CHECKING:
    from dueregard.evidence.estimate import Answer, Estimate, GroupAnswer, RepeatAnswer


def print_answer(answer: Answer) -> None:
    """One answer as sentences and a table."""
    print(f"{answer.estimand}\n\n{answer.sentence}\n")
    has_within = any(g.within_relative_rate for g in answer.groups)
    header = [*(["period"] if answer.measure.is_trend else []), "group", "n", "denominator", "per 1,000",
              "times the count" if answer.measure.is_count_only else "relative rate",
              *(["within"] if has_within else [])]  # fmt: skip
    print(table(header, [_answer_row(g, answer.measure.is_trend, has_within) for g in answer.groups]))
    print()
    _print_repeats(answer)
    for group in answer.groups:
        if group.verdict:
            within = f"; within: {group.within_verdict}{_left_out(group)}" if group.within_verdict else ""
            print(f"{group.label}{f' ({group.period})' if answer.measure.is_trend else ''}: {group.verdict}{within}.")
        if group.within_relative_rate and group.within_relative_rate.is_estimable:
            print(f"  {strata_words(group)}")
    if answer.selection is not None:
        print_selection(answer.selection, is_trend=answer.measure.is_trend)
    _print_aside(answer)


def strata_words(group: GroupAnswer) -> str:
    """Do the strata tell one story, and does one of them carry it? Said beside every pooled ratio."""
    parts = []
    found, without = group.heterogeneity, group.without_one
    if found is not None and found.statistic == found.statistic:
        rough = "; few counted in most, so a rough guide" if found.is_sparse else ""
        parts.append(f"How far strata differ: chi-squared {found.statistic:.1f} on {found.degrees_of_freedom} degrees of "
                     f"freedom (about {found.degrees_of_freedom} is what chance alone gives{rough})")  # fmt: skip
    if without is not None:
        parts.append(
            f"without any one stratum the ratio lies between {_limit(without.lowest)} and {_limit(without.highest)}"
        )
    return "; ".join(parts) + "." if parts else "One stratum alone has both groups."


def _limit(ratio: float) -> str:
    return "no upper limit" if ratio == float("inf") else f"{ratio:.2f}"


def _print_repeats(answer: Answer) -> None:
    """Pupils and what happened to them, side by side."""
    known = [(g, g.repeat) for g in answer.groups if g.repeat is not None and g.repeat.n]
    if not known:
        return
    unit = known[0][1].unit
    print(f"Pupils and {unit} side by side:")
    print(table([*(["period"] if answer.measure.is_trend else []), "group", "pupils", unit, "of one pupil at most",
                 "share of the top 1 % of pupils", "design effect"],
                [[*([g.period] if answer.measure.is_trend else []), g.label, *_repeat_row(r)] for g, r in known]))  # fmt: skip
    print()


def _repeat_row(found: RepeatAnswer) -> list[str]:
    """How many pupils are not known is never a nought."""
    if found.n_pupils is None:
        return ["not identified", f"{found.n:,}", "not known", "not known", "not known"]
    top = "-" if found.top_share is None else f"{found.top_share:.1%} ({found.n_top:,})"
    others = f" + {found.not_identified:,} not identified" if found.not_identified else ""
    return [f"{found.n_pupils:,}{others}", f"{found.n:,}", f"{found.most}", top, f"{found.design_effect:.2f}"]


def _left_out(group: GroupAnswer) -> str:
    """Shares of both groups in strata where the other has nobody: they add nothing to the ratio within."""
    shares = (group.left_out_within_share or 0.0, group.comparison_left_out_within_share or 0.0)
    if not any(shares):
        return ""
    return f" (left out, for want of the other group in the stratum: {shares[0]:.1%} of it, {shares[1]:.1%} of the comparison)"


def _print_aside(answer: Answer) -> None:
    for period, used in answer.schools_used:
        out = ", ".join(f"{x.schools} {x.state.replace('_', ' ')}" for x in answer.left_out if x.period == period)
        print(f"\n{period}: {used:,} schools; left out: {out or 'none'}.", end="")
    print()
    for caveat in answer.caveats:
        print(f"- {caveat}")
    print(
        f"Snapshot {answer.snapshot}, dueregard {answer.code_version}. Intervals: 95 %. Internal: it holds small numbers."
    )


def _answer_row(group: GroupAnswer, is_trend: bool, has_within: bool) -> list[str]:
    denominator = _denominator(group)
    row = [
        *([group.period] if is_trend else []),
        f"{group.code} {group.label}",
        f"{group.n:,}",
        denominator,
        rate(group),
        f"{group.relative_count:.2f}" if group.relative_count is not None else range_of(group.relative_rate, 2),
    ]
    return [*row, range_of(group.within_relative_rate, 2)] if has_within else row


def _denominator(group: GroupAnswer) -> str:
    if group.denominator is not None:
        return f"{group.denominator:,.0f}"
    if group.denominator_at_least is not None:
        most = "?" if group.denominator_at_most is None else f"{group.denominator_at_most:,}"
        return f"{group.denominator_at_least:,} to {most} ({group.state})"
    return "-" if group.state == "counted" else group.state.replace("_", " ")


def rate(group: GroupAnswer) -> str:
    if group.rate_at_least_per_1000 is not None or group.rate_at_most_per_1000 is not None:
        ends = [
            f"{x:.2f}" if x is not None else "?" for x in (group.rate_at_least_per_1000, group.rate_at_most_per_1000)
        ]
        return f"between {ends[0]} and {ends[1]}"
    return range_of(group.rate_per_1000, 2)


def range_of(found: Estimate | None, digits: int) -> str:
    if found is None:
        return "-"
    if not found.is_estimable:
        return "not estimable"
    from dueregard.stats.verdicts import shown_limit  # no limit is rounded onto 1 and so belies the verdict

    upper = "no upper limit" if found.upper == float("inf") else shown_limit(found.upper)
    estimate = "above" if found.estimate == float("inf") else f"{found.estimate:.{digits}f}"
    return f"{estimate} ({shown_limit(found.lower)} to {upper})"
