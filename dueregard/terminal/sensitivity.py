"""A sensitivity as sentences and tables: the gate first, then each analysis, the two series, and who is missing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dueregard.terminal.answer import range_of
from dueregard.terminal.table import table

if TYPE_CHECKING:
    from dueregard.evidence.sensitivity import GroupSensitivity, MissingShare, Range, Sensitivity, TwoSeries

MOST_PLACES = 40  # lines of a table of places; all of them stand in --json
NAMES = {
    "imputed": "Multiple imputation",
    "two_series": "The two series",
    "observed": "The ratio by the officer's code",
}
COLUMNS = {"observed_ethnicity": "officer's code", "area": "area", "school": "school"}


def print_sensitivity(found: Sensitivity) -> None:
    """What is asked, for whom the direction holds, and by which analysis."""
    print(f"{found.estimand}\n\n{found.sentence}\n")
    for group in found.groups:
        print(f"{group.label}: {group.gate_words}.")
    print(f"\n{_missing(found)}\n{found.whence}\n")
    _print_analyses(found)
    if found.two_series is not None:
        _print_series(found.two_series)
    if found.missingness:
        _print_missingness(found)
    for one in found.not_made:
        print(f"Not made: {NAMES[one.analysis]}: {one.why}.")
    _print_aside(found)


def _missing(found: Sensitivity) -> str:
    """How many of those counted, and of the denominator, have no known group?"""
    m = found.missing
    ways = {"not stated": m.not_stated, "not recorded": m.not_recorded, "not collected": m.not_collected,
            "suppressed": m.suppressed, "unknown": m.unknown}  # fmt: skip
    counted = sum(ways.values())
    listed = "; ".join(f"{n:,} {way}" for way, n in ways.items() if n)
    text = f"Missing: {counted:,} of {found.n:,} counted ({m.share:.1%}){f': {listed}' if listed else ''}."
    share = found.roll_missing / found.roll_total if found.roll_total else 0.0
    what = "those they are taken of" if found.measure.is_conditional else "the roll"
    return f"{text} Of {what}: {found.roll_missing:,.0f} of {found.roll_total:,.0f} ({share:.1%})."


def _print_analyses(found: Sensitivity) -> None:
    has_roll = any(g.worst_case_with_roll for g in found.groups)
    has_observed = any(g.observed for g in found.groups)
    header = ["group", "n", "denominator", "known alone", "missing odds 1/2 to 2", "is 1 at", "imputed", "worst case",
              *(["and the roll's"] if has_roll else []), *(["by the officer's code"] if has_observed else [])]  # fmt: skip
    against = [f"{found.comparison} {found.comparison_label}", f"{found.comparison_n:,}", f"{found.comparison_denominator:,.0f}"]  # fmt: skip
    rows = [against + ["-"] * (len(header) - 3)]
    rows += [_row(group, has_roll=has_roll, has_observed=has_observed) for group in found.groups]
    print(table(header, rows))
    print(
        "\nRatios, as a multiple of the comparison group. Worst case: all missing are the one's, or the other's; in brackets with chance."
    )
    for group in found.groups:
        if group.imputed is not None:
            print(f"{group.label}: {group.imputed.missing_information:.0%} of what is not known of the imputed ratio comes from the missing "
                  f"({group.imputed.n_imputations} imputations, seed {found.seed}).")  # fmt: skip
    _print_proportional(found)


def _print_proportional(found: Sensitivity) -> None:
    from dueregard.understand.missing_words import PROPORTIONAL

    shown = [f"{g.label} {g.complete.estimate:.2f} before, {g.proportional:.2f} after" for g in found.groups
             if math.isfinite(g.proportional)]  # fmt: skip
    if shown and found.missing.share:
        print(f"{PROPORTIONAL} {'; '.join(shown)}.")


def _row(group: GroupSensitivity, *, has_roll: bool, has_observed: bool) -> list[str]:
    odds = group.missing_odds
    return [
        f"{group.code} {group.label}", f"{group.n:,}", f"{group.denominator:,.0f}", range_of(group.complete, 2),
        _ends(odds[0].estimate, odds[-1].estimate), "-" if group.tipping_theta is None else f"{group.tipping_theta:.2f}",
        range_of(group.imputed.ratio if group.imputed else None, 2), _bounds(group.worst_case),
        *([_bounds(group.worst_case_with_roll)] if has_roll else []), *([range_of(group.observed, 2)] if has_observed else []),
    ]  # fmt: skip


def _ends(lowest: float, highest: float) -> str:
    if math.isnan(lowest) or math.isnan(highest):
        return "not estimable"
    return f"{lowest:.2f} to {'no upper limit' if math.isinf(highest) else f'{highest:.2f}'}"


def _bounds(found: Range | None) -> str:
    if found is None:
        return "-"
    ends = _ends(found.lowest, found.highest)
    return ends if ends == "not estimable" else f"{ends} ({_ends(found.lower, found.upper)})"


def _print_series(found: TwoSeries) -> None:
    """Both codes crossed, how far they agree, and what they say together."""
    print("\nInvolvements by the pupil's own word (rows) and the officer's code (columns):\n")
    header = ["own word", *(label for _, label in found.observed)]
    rows = [[label, *(f"{n:,}" for n in row)] for (_, label), row in zip(found.self_defined, found.matrix, strict=True)]
    print(table(header, rows))
    if found.agreement_share is not None:
        print(f"\nBoth say the same for {found.agreement_share:.0%} of {found.n_in_both:,} whose group is in both lists and known to both; "
              f"beyond chance (kappa): {range_of(found.kappa, 2)}.")  # fmt: skip
    if found.corrected:
        print("\nCounts by each series, and by both: where the own word is missing, the group is drawn from those who have both codes:\n")  # fmt: skip
        print(table(["group", "own word", "officer's code", "by both"], [
            [f"{c.code} {c.label}", f"{c.own_word:,}", f"{c.observed:,}",
             f"{c.corrected.estimate:,.1f} ({c.corrected.lower:,.0f} to {c.corrected.upper:,.0f})"] for c in found.corrected]))  # fmt: skip


def _print_missingness(found: Sensitivity) -> None:
    """Who is missing is a finding of its own."""
    from dueregard.terms.stages import stage

    did = stage(found.base).did
    print(f"\nInvolvements of pupils who {did}, without the pupil's own word on ethnicity (a finding of its own):\n")
    for column in dict.fromkeys(one.column for one in found.missingness):
        shares = [one for one in found.missingness if one.column == column]
        has_beside = any(one.beside for one in shares)
        header = ["by " + COLUMNS[column], "n", "declined", "not recorded", "share missing"]
        print(table([*header, *(["times White's"] if has_beside else [])],
                    [_share(one, has_beside=has_beside) for one in shares[:MOST_PLACES]]))  # fmt: skip
        if len(shares) > MOST_PLACES:
            print(f"... and {len(shares) - MOST_PLACES} more in --json.")
        print()


def _share(one: MissingShare, *, has_beside: bool) -> list[str]:
    name = one.label if one.label == one.code else f"{one.code} {one.label}"
    share = f"{one.share.estimate:.1%} ({one.share.lower:.1%} to {one.share.upper:.1%})"
    row = [name, f"{one.n:,}", f"{one.not_stated:,}", f"{one.not_recorded + one.other_missing:,}", share]
    return [*row, range_of(one.beside, 2)] if has_beside else row


def _print_aside(found: Sensitivity) -> None:
    out = ", ".join(f"{x.schools} {x.state.replace('_', ' ')}" for x in found.left_out)
    print(f"{found.period}: {found.schools_used:,} schools; left out: {out or 'none'}.")
    for caveat in found.caveats:
        print(f"- {caveat}")
    print(
        f"Snapshot {found.snapshot}, dueregard {found.code_version}. Intervals: 95 %. Internal: it holds small numbers."
    )
