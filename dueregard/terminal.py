"""What the command line prints of an answer: sentences and aligned tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dueregard.evidence.cells import Known
    from dueregard.evidence.difference import Difference, FigureChange, TableChange
    from dueregard.evidence.estimate import Answer, Estimate, GroupAnswer
    from dueregard.evidence.standardised import StandardisedAnswer, StandardisedGroup


def table(header: list[str], rows: list[list[str]]) -> str:
    """Rows as aligned text."""
    widths = [max(len(str(row[n])) for row in [header, *rows]) for n in range(len(header))]
    lines = [
        "  ".join(str(value).ljust(width) for value, width in zip(row, widths, strict=True)).rstrip()
        for row in [header, *rows]
    ]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def print_answer(answer: Answer) -> None:
    """One answer as sentences and a table."""
    print(f"{answer.estimand}\n\n{answer.sentence}\n")
    has_within = any(g.within_relative_rate for g in answer.groups)
    header = [*(["period"] if answer.measure.is_trend else []), "group", "n", "denominator", "per 1,000",
              "times the count" if answer.measure.is_count_only else "relative rate",
              *(["within"] if has_within else [])]  # fmt: skip
    print(table(header, [_answer_row(g, answer.measure.is_trend, has_within) for g in answer.groups]))
    print()
    for group in answer.groups:
        if group.verdict:
            within = f"; within: {group.within_verdict}{_left_out(group)}" if group.within_verdict else ""
            print(f"{group.label}{f' ({group.period})' if answer.measure.is_trend else ''}: {group.verdict}{within}.")
    _print_aside(answer)


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
        _rate(group),
        f"{group.relative_count:.2f}" if group.relative_count is not None else _range(group.relative_rate, 2),
    ]
    return [*row, _range(group.within_relative_rate, 2)] if has_within else row


def _denominator(group: GroupAnswer) -> str:
    if group.denominator is not None:
        return f"{group.denominator:,.0f}"
    if group.denominator_at_least is not None:
        most = "?" if group.denominator_at_most is None else f"{group.denominator_at_most:,}"
        return f"{group.denominator_at_least:,} to {most} ({group.state})"
    return "-" if group.state == "counted" else group.state.replace("_", " ")


def _rate(group: GroupAnswer) -> str:
    if group.rate_at_least_per_1000 is not None or group.rate_at_most_per_1000 is not None:
        ends = [
            f"{x:.2f}" if x is not None else "?" for x in (group.rate_at_least_per_1000, group.rate_at_most_per_1000)
        ]
        return f"between {ends[0]} and {ends[1]}"
    return _range(group.rate_per_1000, 2)


def _range(found: Estimate | None, digits: int) -> str:
    if found is None:
        return "-"
    if not found.is_estimable:
        return "not estimable"
    from dueregard.stats.verdicts import shown_limit  # no limit is rounded onto 1 and so belies the verdict

    upper = "no upper limit" if found.upper == float("inf") else shown_limit(found.upper)
    estimate = "above" if found.estimate == float("inf") else f"{found.estimate:.{digits}f}"
    return f"{estimate} ({shown_limit(found.lower)} to {upper})"


def print_known(known: tuple[Known, ...]) -> None:
    """How much of each characteristic is known, over all groups and in the group where least is. Nothing for no rows."""
    places: dict[tuple[str, str], dict[str, list[int]]] = {}
    for k in known:
        counts = places.setdefault((k.table, k.column), {}).setdefault(k.group, [0, 0])
        counts[0] += k.n if k.state == "known" else 0
        counts[1] += k.n
    rows = []
    for (where, column), groups in places.items():
        whole = sum(c[0] for c in groups.values()) / sum(c[1] for c in groups.values())
        if whole < 1:
            rows.append([f"{where}: {column}", f"{whole:.1%}", _least_known(column, groups, whole)])
    if rows:
        print("\nWhat is missing, in accepted rows:")
        print(table(["column", "known", "least known in"], rows))


def print_standardised(answer: StandardisedAnswer) -> None:
    """A standardised answer: what is estimated, each group's figure, what to bear in mind."""
    print(f"{answer.estimand}\n")
    figures = ["crude", "standardised", "ratio"] if answer.method == "direct" else ["crude", "expected", "ratio"]
    print(table(["group", "n", "denominator", *figures, "not covered", "widened"],
                [_standardised_row(g, is_direct=answer.method == "direct") for g in answer.groups]))  # fmt: skip
    print(f"\nRates are per 1,000. Standard: {answer.standard} ({answer.standard_denominator:,.0f}, {answer.n_strata:,} strata). "
          f"Limits: {answer.interval_method}.")  # fmt: skip
    out = ", ".join(f"{x.schools} {x.state.replace('_', ' ')}" for x in answer.left_out)
    print(f"{answer.period}: {answer.schools_used:,} schools; left out: {out or 'none'}.")
    for caveat in answer.caveats:
        print(f"- {caveat}")
    print(
        f"Snapshot {answer.snapshot}, dueregard {answer.code_version}. Intervals: 95 %. Internal: it holds small numbers."
    )


def _standardised_row(group: StandardisedGroup, *, is_direct: bool) -> list[str]:
    middle = (
        _range(group.rate_per_1000, 2) if is_direct else ("-" if group.expected is None else f"{group.expected:.1f}")
    )
    return [
        f"{group.code} {group.label}", f"{group.n:,}", f"{group.denominator:,.0f}",
        "-" if group.crude_per_1000 is None else f"{group.crude_per_1000:.2f}", middle,
        _range(group.relative_rate if is_direct else group.ratio, 2),
        "-" if group.not_covered_share is None else f"{group.not_covered_share:.1%}",
        "-" if group.widening is None else f"{group.widening:.2f}",
    ]  # fmt: skip


MOST_SHOWN = 20  # of schools and figures; `--json` has all


def print_difference(found: Difference) -> None:
    """What changed between two snapshots: counts, and the figures that move most."""
    print(f"Before: {found.before}\nAfter:  {found.after}\n\n{found.sentence}")
    for change in found.definitions:
        before, after = (x if x is not None else "not there" for x in (change.before, change.after))
        print(f"- {change.what} {change.name}: {before} -> {after}")
    if found.tables:
        print()
        print(table(["table", "rows before", "after", "added", "removed", "changed", "what"],
                    [_table_row(change) for change in found.tables]))  # fmt: skip
        _print_schools(found.tables)
    _print_figures(found)
    print()
    for caveat in found.caveats:
        print(f"- {caveat}")
    print(f"Counted by dueregard {found.code_version}.")


def _table_row(change: TableChange) -> list[str]:
    what = ["new table" if change.is_new else "table gone" if change.is_gone else ""]
    what += [", ".join(f"{column} {n:,}" for column, n in change.columns)]
    what += [f"columns that appeared: {', '.join(change.appeared)}" if change.appeared else ""]
    what += [f"columns gone: {', '.join(change.disappeared)}" if change.disappeared else ""]
    counts = (change.rows_before, change.rows_after, change.added, change.removed, change.changed)
    return [change.table, *(f"{n:,}" for n in counts), "; ".join(x for x in what if x)]


def _print_schools(tables: tuple[TableChange, ...]) -> None:
    found = [(change.table, school) for change in tables for school in change.schools]
    if not found:
        return
    found.sort(key=lambda pair: -(pair[1].added + pair[1].removed + pair[1].changed))
    rows = [[name, school.urn or "no school", f"{school.added:,}", f"{school.removed:,}", f"{school.changed:,}"]
            for name, school in found[:MOST_SHOWN]]  # fmt: skip
    print(f"\nBy school{_of_them(len(found))}:")
    print(table(["table", "school", "added", "removed", "changed"], rows))


def _print_figures(found: Difference) -> None:
    if not found.n_figures:
        return
    if not found.figures:
        print(f"\nNone of {found.n_figures:,} figures moves.")
        return
    print(f"\n{len(found.figures):,} of {found.n_figures:,} figures differ{_of_them(len(found.figures))}:")
    print(table(["figure", "n", "denominator", "per 1,000", "difference", "relative rate"],
                [_figure_row(change) for change in found.figures[:MOST_SHOWN]]))  # fmt: skip


def _of_them(n: int) -> str:
    return f", the {MOST_SHOWN} largest (`--json` has all)" if n > MOST_SHOWN else ""


def _figure_row(change: FigureChange) -> list[str]:
    name = f"{change.period} {change.stage} by {change.split}: {change.label}"
    moved = change.rate_difference_per_1000
    return [
        name, _then(change, "n", ",d"), _then(change, "denominator", ",.0f"), _then(change, "rate_per_1000", ".2f"),
        f"{moved:+.2f}" if moved is not None else f"{'appears' if change.before is None else 'vanishes'} ({change.why})"
        if change.why else "-", _then(change, "relative_rate", ".2f"),
    ]  # fmt: skip


def _then(change: FigureChange, name: str, form: str) -> str:
    """The number before and after; one where it did not move."""
    values = [None if side is None else getattr(side, name) for side in (change.before, change.after)]
    told = ["-" if value is None else format(value, form) for value in values]
    return told[0] if values[0] == values[1] else " -> ".join(told)


def _least_known(column: str, groups: dict[str, list[int]], whole: float) -> str:
    """The group in which least is known; of ethnicity itself there is none, and a missing group is no group."""
    from dueregard.terms.missing import is_missing

    shares = {group: n / of for group, (n, of) in groups.items() if not is_missing(group)}
    if "ethnicity" in column or not shares:
        return "-"
    least = min(shares, key=lambda group: shares[group])
    return f"{shares[least]:.1%} ({least})" if shares[least] < whole else "all alike"
