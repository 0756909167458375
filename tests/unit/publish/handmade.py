"""Reports made by hand from the values, for the tests of publish. The ranges are rough: only their form matters."""

from __future__ import annotations

import math
from dataclasses import replace

from dueregard.evidence.cells import Cell, Cells, Collected, Completeness, Known, LeftOut
from dueregard.evidence.estimate import Answer, Estimate, GroupAnswer, Heterogeneity, Missingness
from dueregard.evidence.release import About, Figure, Report, Unanswered
from dueregard.measures.columns import SPLITS, code_label
from dueregard.measures.measure import Measure
from dueregard.terms.missing import CellState, is_missing
from dueregard.terms.stages import STAGES, stage

SNAPSHOT = "9f2c4e1ab07d55e3c6f1"
ROLLS = {
    "ethnicity": {"W": 20_000, "M": 3_000, "A": 8_000, "B": 10_000, "O": 400, "not_stated": 0, "not_recorded": 0},
    "sex": {"F": 20_000, "M": 21_000},
    "sen_provision": {"N": 33_000, "K": 6_000, "E": 2_000},
    "disability": {"none": 38_000, "disabled": 3_000},
}
RATES = (0.012, 0.021, 0.006, 0.018, 0.0, 0.001, 0.001)
NAN = math.nan
NO_RETURN = "Only schools with at least one contact are counted: rates are too high."
STATES = (("complete", 300), ("nil", 40), ("partial", 7), ("not_collected", 2))


def ratio(a: float, n: float, b: float, m: float, method: str = "Koopman score") -> Estimate:
    if not n or not m or (a == 0 and b == 0):
        return Estimate(NAN, NAN, NAN, 0.95, method)
    if b == 0:
        return Estimate(math.inf, 0.7, math.inf, 0.95, method)
    if a == 0:
        return Estimate(0.0, 0.0, 3.8 * m / b / n, 0.95, method)
    middle, spread = a / n / (b / m), math.exp(1.96 * math.sqrt(1 / a + 1 / b))
    return Estimate(middle, middle / spread, middle * spread, 0.95, method)


def rate(a: float, n: float) -> Estimate:
    half = 1.96 * math.sqrt(a + 1)
    return Estimate(a / n * 1000, max(0.0, a - half) / n * 1000, (a + half) / n * 1000, 0.95, "Wilson")


def difference(a: float, n: float, b: float, m: float) -> Estimate:
    middle, half = a / n - b / m, 1.96 * math.sqrt((a + 1) / n**2 + (b + 1) / m**2)
    ends = (middle, middle - half, middle + half)
    return Estimate(*(end * 1000 for end in ends), 0.95, "Miettinen-Nurminen score")


def verdict(found: Estimate) -> str | None:
    if not found.is_estimable:
        return None
    if found.lower > 1:
        return "higher"
    if found.upper < 1:
        return "lower"
    return (
        f"too little information to tell: the data are compatible with anything from {found.lower:.2f} to "
        f"{found.upper:.2f}; this is not evidence that there is no difference"
    )


def group(cell: Cell, base: Cell, measure: Measure, comparison: str) -> GroupAnswer:
    code, is_base = cell.codes[0], cell.codes[0] == comparison
    label = code_label(measure.columns[0], code)
    has_rate = bool(cell.denominator) and cell.state == CellState.COUNTED
    made = GroupAnswer(code, label, cell.codes, cell.period, cell.n, cell.denominator if has_rate else None,
                       cell.state.value, cell.at_least, cell.at_most, is_base, is_missing(code),
                       rate(cell.n, cell.denominator) if has_rate else None,
                       rate_at_least_per_1000=cell.n / cell.at_most * 1000 if cell.at_most else None,
                       rate_at_most_per_1000=cell.n / cell.at_least * 1000 if cell.at_least else None)  # fmt: skip
    if not has_rate or is_base or is_missing(code):
        return made
    four = (cell.n, cell.denominator, base.n, base.denominator)
    found = ratio(*four)
    made = replace(made, relative_rate=found, difference_per_1000=difference(*four), verdict=verdict(found),
                   minimum_detectable_ratio=1.35 if base.n else math.inf)  # fmt: skip
    if not measure.within:
        return made
    inside = ratio(*four, method="Mantel-Haenszel, Greenland-Robins")
    shrunk = Estimate(inside.estimate**0.3, inside.lower * 0.8, inside.upper * 0.8, 0.95, inside.method)
    within_verdict = verdict(shrunk)
    return replace(made, within_relative_rate=shrunk, within_verdict=within_verdict, left_out_within_share=0.034,
                   agree=None if within_verdict is None else (within_verdict[:3] == (made.verdict or "")[:3]),
                   heterogeneity=Heterogeneity(41.2, 30, 0.084, code == "M"))  # fmt: skip


def cells_for(measure: Measure, periods: tuple[str, ...], at: int) -> Cells:
    column = measure.columns[0]
    codes = list(ROLLS[column])
    whole, strata = [], []
    for year, period in enumerate(periods):
        for place, code in enumerate(codes):
            roll = ROLLS[column][code]
            n = round((roll or 3000) * RATES[place % len(RATES)] * (1 + 0.1 * year) / (1 + at % 5))
            state = CellState.COUNTED
            low = high = None
            if column == "ethnicity" and code == "A" and at % 3 == 1:
                state, low, high, n = CellState.SUPPRESSED, 60_105, 80_013, 609
            over = roll if state == CellState.COUNTED else None
            whole.append(Cell(period, (), (code,), n, over, state, low, high))
            strata += [Cell(period, (f"10{school}",) * len(measure.within), (code,), n // 3, roll // 3)
                       for school in range(3) if measure.within]  # fmt: skip
    out = tuple(
        LeftOut(p, s, n, (((codes[0],), 900), ((codes[1],), 1200)) if s != "suppressed" else None, n // 3)
        for p in periods for s, n in (("not_collected", 7), ("suppressed", 2))
    )  # fmt: skip
    used = tuple((p, 340 + i) for i, p in enumerate(periods))
    return Cells(measure, periods, tuple(whole), tuple(strata), used, out, 12, 7, ("two sources of ethnicity",))


def answer_for(cells: Cells) -> Answer:
    measure = cells.measure
    comparison = SPLITS[measure.columns[0]].comparisons[0]
    base = {c.period: c for c in cells.whole if c.codes == (comparison,)}
    groups = tuple(group(c, base[c.period], measure, comparison) for c in cells.whole)
    apart = any(g.agree is False for g in groups)
    first = "Crude and within-school figures do not point the same way." if apart else "Here is what was found."
    return Answer(SNAPSHOT, "0.1.0", f"Share of pupils who {stage(measure.stage).did}, by group.", first, measure,
                  comparison, cells.schools_used, cells.left_out, Missingness(14, 3, 0, 0, 0.0312), 12, 7, groups,
                  (*cells.caveats, NO_RETURN))  # fmt: skip


def figure(stage_code: str, column: str, within: tuple[str, ...] = (), trend: bool = False, at: int = 0) -> Figure:
    by = (column, "period") if trend else (column,)
    measure = Measure(stage_code, by=by, within=within, period=None if trend else "2023/24")
    periods = ("2021/22", "2022/23", "2023/24") if trend else ("2023/24",)
    cells = cells_for(measure, periods, at)
    name = "-".join((stage_code, column, *within, *(("period",) if trend else ())))
    return Figure(name, cells, answer_for(cells))


def count_only() -> Figure:
    """A figure that is a count, with no rate."""
    measure = Measure("contact", by=("behaviour",), period="2023/24")
    cells = Cells(measure, ("2023/24",), (Cell("2023/24", (), ("=1+1",), 3, None),), (), (("2023/24", 340),), ())
    only = GroupAnswer("=1+1", "=1+1", ("=1+1",), "2023/24", 3, None, "counted", None, None, False, False, None)
    made = Answer(SNAPSHOT, "0.1.0", "Number of pupils, by behaviour.", "Counts only.", measure, None,
                  cells.schools_used, (), Missingness(0, 0, 0, 0, 0.0), 0, 0, (only,), ())  # fmt: skip
    return Figure("contact-behaviour", cells, made)


def about() -> About:
    return About(SNAPSHOT, "0.1.0", ("native",), (("school", 340), ("roll", 60_105)), ("survey", "complaint"),
                 (("contact", "B", 12), ("involvement", "not_stated", 3)), (("W_NO_RETURN", "collection", 4),),
                 ("residents, not pupils",), (("sde_18plus1", "2011"), ("sex", "1")))  # fmt: skip


def completeness() -> Completeness:
    collected = tuple(Collected("2023/24", subject, state, n) for subject in ("contact", "step")
                      for state, n in STATES)  # fmt: skip
    known = tuple(Known("involvement", column, g, state, n) for column in ("self_defined_ethnicity", "sex")
                  for g in ("W", "B", "not_stated")
                  for state, n in (("known", 300), ("unknown", 4), ("not_stated", 20), ("suppressed", 0)))  # fmt: skip
    return Completeness(collected, known)


STAGES_HERE = ("contact", "arrested", "charged", "support_offered")


def report(stages: tuple[str, ...] = STAGES_HERE, splits: tuple[str, ...] = tuple(ROLLS)) -> Report:
    """A report as a force would get it: several stages and splits, within schools and officers, with trends."""
    figures = [
        f
        for column in splits
        for at, code in enumerate(stages)
        if column != "disability" or code != "support_offered"
        for f in (figure(code, column, at=at), figure(code, column, ("school",), at=at),
                  figure(code, column, ("officer",), at=at), figure(code, column, trend=True, at=at))
    ]  # fmt: skip
    why = "`survey` was not collected: ask the source for it."
    lacking = (Unanswered("survey", "Do pupils feel safe?", why),)
    return Report(about(), completeness(), (*figures, count_only()), lacking)


def borough() -> Report:
    """About 25 stages by 4 splits."""
    return report(tuple(s.code for s in STAGES))
