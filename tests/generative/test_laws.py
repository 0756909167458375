"""Laws: what a change of the tables must do to every figure, and nothing else. They need no engine to believe in.

Each law is held on each engine, in memory and by the way of every real file (collect, check, freeze, count).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest

from dueregard import steps
from dueregard.assess.disparity import compare
from dueregard.collect.collect import Source
from dueregard.engines.reference import ReferenceEngine
from dueregard.evidence.caveats import TWO_SOURCES
from dueregard.measures.columns import SERIES
from dueregard.measures.measure import Measure
from dueregard.terms.stages import stage

from . import changes
from .agreement import TODAY, engines_in_memory, engines_of, frozen, is_refused, told
from .changes import is_tabulated, one_unidentified, without_ties
from .made_up import made_up_tables
from .questions import made_up_question
from .words import Tables
from .written import DRESSES, typed, write_folder

FIRST = 5000
SEEDS = range(FIRST, FIRST + 3)  # of each law in CI
BY_FILES = SEEDS[:1]  # of these also by files; in memory the rest
DEEP = range(FIRST + 3, FIRST + 36)  # all by files
QUESTIONS = 3

seeds = pytest.mark.parametrize("seed", [*SEEDS, *(pytest.param(s, marks=pytest.mark.deep) for s in DEEP)])
by_files = pytest.mark.parametrize("seed", [*BY_FILES, *(pytest.param(s, marks=pytest.mark.deep) for s in DEEP)])

Change = Callable[[Tables, Random], Tables]


@dataclass(frozen=True)
class Law:
    """What must follow (`holds`) from a change, for which questions (`speaks_of`), of tables prepared so (`of`)."""

    words: str
    change: Change
    holds: Callable[[Any, Any, Measure], None]
    speaks_of: Callable[[Measure], bool] = lambda measure: True
    of: Callable[[Tables], Tables] = lambda tables: tables
    asks: Callable[[Measure], Measure] = lambda measure: measure  # the question after the change
    folders: Callable[[Tables], bool] = lambda tables: True


# ---------------------------------------------------------------- what follows


def is_same(before: Any, after: Any, measure: Measure) -> None:
    assert after == before


def is_same_if_answered(before: Any, after: Any, measure: Measure) -> None:
    """A question that could not be answered before may be after: there is a period with data now."""
    if not is_refused(before):
        assert after == before


def is_same_but_for_links(before: Any, after: Any, measure: Measure) -> None:
    """The new pupils are on no roll, which a caveat says."""
    assert _without_links(after) == _without_links(before)


def _without_links(answer: Any) -> Any:
    if is_refused(answer):
        return answer
    return replace(answer, caveats=tuple(c for c in answer.caveats if c != TWO_SOURCES))


def names_only_change(before: Any, after: Any, measure: Measure) -> None:
    """The same cells; strata by school bear the new number."""
    assert after == _stratum_marked(before, measure, "x")


def _stratum_marked(found: Any, measure: Measure, mark: str) -> Any:
    if is_refused(found) or "school" not in measure.within:
        return found
    place = measure.within.index("school")
    strata = (
        replace(c, stratum=(*c.stratum[:place], mark + c.stratum[place], *c.stratum[place + 1 :])) for c in found.strata
    )
    return replace(found, strata=tuple(strata))


def counts_double(before: Any, after: Any, measure: Measure) -> None:
    """Every count and every denominator twice, so every rate as it was. A refusal stays one."""
    if is_refused(before):
        assert after == before
    else:
        assert _countable(after) == _doubled(_countable(before))


def _countable(cells: Any) -> Any:
    """The parts that double. Strata by school are other strata, not larger ones."""
    strata = () if "school" in cells.measure.within else cells.strata
    return cells.whole, strata, cells.schools_used, cells.left_out, cells.not_identified, cells.disagreeing


def _doubled(parts: Any) -> Any:
    whole, strata, used, left_out, not_identified, disagreeing = parts
    return (
        tuple(_twice(c) for c in whole),
        tuple(_twice(c) for c in strata),
        tuple((period, 2 * n) for period, n in used),
        tuple(_left_out_twice(x) for x in left_out),
        2 * not_identified,
        2 * disagreeing,
    )


def _twice(cell: Any) -> Any:
    return replace(cell, n=2 * cell.n, **{
        name: None if (number := getattr(cell, name)) is None else 2 * number
        for name in ("denominator", "at_least", "at_most")
    })  # fmt: skip


def _left_out_twice(out: Any) -> Any:
    pupils = None if out.pupils is None else tuple((codes, 2 * n) for codes, n in out.pupils)
    return replace(out, schools=2 * out.schools, pupils=pupils, roll_unknown_schools=2 * out.roll_unknown_schools)


def groups_change_places(before: Any, after: Any, measure: Measure) -> None:
    """Each cell of one group is now the other's, and the ratio of the two is its own inverse."""
    if is_refused(before):
        assert is_refused(after)
        return
    place = measure.columns.index("ethnicity")
    assert _sorted(after.whole) == _sorted(_recoded(c, place, changes.SWAPPED) for c in before.whole)
    assert _sorted(after.strata) == _sorted(_recoded(c, place, changes.SWAPPED) for c in before.strata)
    if measure.columns == ("ethnicity",) and {("W",), ("B",)} <= {c.codes for c in before.whole}:
        _is_inverted(_ratios(before, "W", "B"), _ratios(after, "W", "B"))


def _ratios(cells: Any, comparison: str, group: str) -> dict[tuple[str, str], float]:
    """Crude and within ratio of a group, in each period."""
    answer = compare(cells, snapshot="", code_version="", comparison=comparison)
    found = [g for g in answer.groups if g.code == group]
    both = [
        ((g.period, kind), one)
        for g in found
        for kind, one in (("crude", g.relative_rate), ("within", g.within_relative_rate))
    ]
    return {place: one.estimate for place, one in both if one is not None}


def _is_inverted(before: dict[tuple[str, str], float], after: dict[tuple[str, str], float]) -> None:
    """In a period in which one of the two groups is absent there is nothing to invert."""
    for place in before.keys() & after.keys():
        one, other = before[place], after[place]
        if one and other and 0 < one < float("inf"):
            # Each side rounds a handful of times; the counts themselves are exact, and were compared above.
            assert one * other == pytest.approx(1, rel=1e-12)


def _sorted(cells: Any) -> list[Any]:
    return sorted(cells, key=lambda c: (c.period, c.stratum, c.codes))


def _recoded(cell: Any, place: int, codes: dict[str, str]) -> Any:
    found = (*cell.codes[:place], codes.get(cell.codes[place], cell.codes[place]), *cell.codes[place + 1 :])
    return replace(cell, codes=found)


def groups_add_up(column: str, codes: dict[str, str]) -> Callable[[Any, Any, Measure], None]:
    """Cells that fall together have the sum of their numbers."""

    def holds(before: Any, after: Any, measure: Measure) -> None:
        if is_refused(before):
            assert is_refused(after)
            return
        place = measure.columns.index(column)
        for was, now in ((before.whole, after.whole), (before.strata, after.strata)):
            assert _numbers(now) == _numbers(_recoded(c, place, codes) for c in was)

    return holds


def _numbers(cells: Any) -> dict[Any, Any]:
    """(n, denominator, bounds) of each cell; of cells with the same codes their sum. A known number is its own bounds."""
    found: dict[Any, list[Any]] = defaultdict(list)
    for c in cells:
        least, most = (c.at_least, c.at_most) if c.denominator is None else (c.denominator, c.denominator)
        found[c.period, c.stratum, c.codes].append((c.n, c.denominator, least, most))
    return {key: tuple(_sum(column) for column in zip(*rows, strict=True)) for key, rows in found.items()}


def _sum(numbers: tuple[int | None, ...]) -> int | None:
    return None if None in numbers else sum(n for n in numbers if n is not None)


def only_the_missing_grow(before: Any, after: Any, measure: Measure) -> None:
    """No group that is known gains or loses; those that are missing lose nothing, and no denominator changes."""
    if is_refused(before):
        assert after == before
        return
    place = measure.columns.index("ethnicity")
    for was, now in ((before.whole, after.whole), (before.strata, after.strata)):
        assert _of_known(was, place) == _of_known(now, place)
        counts = {(c.period, c.stratum, c.codes): c.n for c in now}
        assert all(counts[c.period, c.stratum, c.codes] >= c.n for c in was)
    if measure.columns == ("ethnicity",) and not measure.is_conditional and not measure.is_count_only:
        assert all(not c.denominator or c in before.whole or c.codes[0] in MISSING for c in after.whole)
    assert after.left_out == before.left_out and after.disagreeing == before.disagreeing


MISSING = ("not_stated", "not_recorded", "not_collected", "suppressed", "unknown")


def _of_known(cells: Any, place: int) -> list[Any]:
    return _sorted(c for c in cells if c.codes[place] not in MISSING)


# ---------------------------------------------------------------- of which questions


def is_of_ladder(measure: Measure) -> bool:
    """Is it of suspects, and not of victims, witnesses or the others?"""
    stages = [measure.stage, *([measure.denominator] if measure.is_conditional else [])]
    known = not any(name in ("contact_as_victim", "contact_as_witness") for name in stages)
    return known and measure.wanted("subject_category") is None


def is_by_ethnicity(measure: Measure) -> bool:
    return is_of_ethnicity(measure) and measure.wanted("ethnicity") is None


def is_of_the_year(measure: Measure) -> bool:
    return measure.period == "2023/24"


def is_of_a_year_of_contacts(measure: Measure) -> bool:
    """Rows of support are dated apart from the contact that they follow."""
    return is_of_the_year(measure) and not (measure.is_conditional and stage(measure.stage).table == "support")


def is_dated(measure: Measure) -> bool:
    return measure.period is not None


def is_additive_by_area(measure: Measure) -> bool:
    """A pupil of two areas is one pupil: only rows add up."""
    return "area" in measure.columns and measure.unit != "pupils" and measure.wanted("area") is None \
        and "area" not in measure.within  # fmt: skip


def by_area(measure: Measure) -> bool:
    return is_additive_by_area(measure)


def is_of_ethnicity(measure: Measure) -> bool:
    """Of the one ethnicity of a pupil; the two series beside it do not change with it."""
    asked = {*measure.columns, *(name for name, _ in measure.where)}
    return "ethnicity" in measure.columns and not set(SERIES) & asked


def with_groups_swapped(measure: Measure) -> Measure:
    where = tuple((name, tuple(changes.SWAPPED.get(c, c) for c in codes) if name == "ethnicity" else codes)
                  for name, codes in measure.where)  # fmt: skip
    return replace(measure, where=where)


LAWS = (
    Law("the order of rows changes nothing", changes.shuffled, is_same),
    Law("other names of schools change nothing", changes.schools_named_anew, is_same),
    Law("other numbers of schools change the names of strata alone", changes.schools_numbered_anew, names_only_change),
    Law("tables that no figure reads change nothing", changes.with_unrelated_tables, is_same),
    Law("every school twice doubles every count", changes.every_school_twice, counts_double),
    Law("two groups that change names change places", changes.groups_swapped, groups_change_places,
        is_of_ethnicity, without_ties, with_groups_swapped),
    Law("two groups made one have the sum of their numbers", changes.groups_merged, groups_add_up("ethnicity", {"W": "B"}),
        is_by_ethnicity, lambda tables: one_unidentified(without_ties(tables)), folders=lambda tables: not is_tabulated(tables)),
    Law("two areas made one have the sum of their numbers", changes.areas_merged, groups_add_up("area", {"Camden": "Brent"}),
        is_additive_by_area),
    Law("contacts of another year change nothing", changes.with_earlier_contacts, is_same_if_answered, is_dated,
        folders=changes.has_no_counted_stages),
    Law("victims and witnesses change no figure of the ladder", changes.with_victims, is_same_but_for_links, is_of_ladder),
    Law("pupils of unknown ethnicity add to the missing groups alone", changes.with_unknown_pupils, only_the_missing_grow,
        lambda m: is_by_ethnicity(m) and m.unit != "" and not _is_of_other(m)),
    Law("an open posting that ends with the year changes nothing", changes.open_postings_closed, is_same,
        is_of_a_year_of_contacts),
    Law("a census after the year changes nothing", changes.with_a_later_census, is_same, is_of_the_year),
)  # fmt: skip


def _is_of_other(measure: Measure) -> bool:
    """Is it of those who are not suspects, so that new suspects are nothing to it?"""
    return not is_of_ladder(measure)


laws = pytest.mark.parametrize("law", [pytest.param(law, id=law.words) for law in LAWS])


# ---------------------------------------------------------------- asking


def tables_of(law: Law, seed: int) -> Tables:
    """A folder of this seed of which the law speaks; the first of a few."""
    return _prepared(law.of, law.folders, seed)


@lru_cache(maxsize=64)
def _prepared(of: Callable[[Tables], Tables], folders: Callable[[Tables], bool], seed: int) -> Tables:
    made = (of(made_up_tables(Random(f"laws {seed} {n}"))) for n in range(50))
    return next(tables for tables in made if folders(tables))


@lru_cache(maxsize=32)
def engines_before(of: Callable[[Tables], Tables], folders: Callable[[Tables], bool], seed: int) -> Any:
    """The engines over the tables as they are; laws that begin with the same tables share them."""
    return engines_in_memory(_prepared(of, folders, seed))


def asked(law: Law, seed: int, tables: Tables) -> list[Measure]:
    """Questions of which the law speaks; those whose answer counts anybody come first."""
    rng = Random(f"questions of laws {seed}")
    made = (m for m in (made_up_question(rng, tables) for _ in range(400)) if law.speaks_of(m))
    reference = ReferenceEngine(typed(tables))
    found = list(islice(made, 20))
    return sorted(found, key=lambda m: not counts_somebody(told(reference, m)))[:QUESTIONS]


def counts_somebody(answer: Any) -> bool:
    return not is_refused(answer) and any(c.n for c in answer.whole)


def changed(law: Law, seed: int) -> Tables:
    return law.change(tables_of(law, seed), Random(seed))


def is_held(law: Law, seed: int, before: Any, after: Any) -> None:
    """Is the law held, on each engine, by the answers before and after its change?"""
    for measure in asked(law, seed, tables_of(law, seed)):
        for one, other in zip(before, after, strict=True):
            law.holds(told(one, measure), told(other, law.asks(measure)), measure)


@pytest.fixture(scope="session")
def frozen_before(tmp_path_factory):
    """The engines over a snapshot of a law's tables as they are; made once for the laws that share them."""
    made: dict[Any, Any] = {}

    def of(law: Law, seed: int) -> Any:
        key = (law.of, law.folders, seed)
        if key not in made:
            made[key] = engines_of(frozen(tables_of(law, seed), tmp_path_factory.mktemp("before")))
        return made[key]

    return of


@laws
@pytest.mark.parametrize("seed", [s for s in SEEDS if s not in BY_FILES])
def test_law(law, seed):
    is_held(law, seed, engines_before(law.of, law.folders, seed), engines_in_memory(changed(law, seed)))


@laws
@by_files
def test_law_by_files(law, seed, tmp_path, frozen_before):
    is_held(law, seed, frozen_before(law, seed), engines_of(frozen(changed(law, seed), tmp_path)))


@laws
def test_laws_speak_of_somebody(law):
    """A law of empty answers would prove nothing: at least a third of the questions count somebody."""
    answered = Counter()
    for seed in SEEDS:
        tables = tables_of(law, seed)
        reference = ReferenceEngine(typed(tables))
        answered.update(counts_somebody(told(reference, m)) for m in asked(law, seed, tables))
    assert answered[True] >= len(SEEDS) * QUESTIONS / 3, answered


# ---------------------------------------------------------------- files: the same content, the same id


def id_of(tables: Tables, folder: Path, **dress: Any) -> str:
    return frozen(tables, folder, **dress).id


@by_files
def test_order_of_rows_and_columns_changes_no_id(seed, tmp_path):
    tables = made_up_tables(Random(seed))
    other = id_of(changes.shuffled(tables, Random(seed)), tmp_path / "other", shuffled=Random(seed))
    assert id_of(tables, tmp_path / "as is") == other


@by_files
def test_dress_of_a_file_changes_no_id(seed, tmp_path):
    """CSV, CSV with carriage returns, with a byte order mark, with every field quoted, Parquet."""
    tables = made_up_tables(Random(seed))
    assert len({id_of(tables, tmp_path / dress, dress=dress) for dress in DRESSES}) == 1


@by_files
def test_a_table_in_two_sources_changes_nothing(seed, tmp_path):
    """Every table cut in two, each half in a folder of its own: the same id, so the same figures."""
    tables = made_up_tables(Random(seed))
    present = {name: sorted({c for row in rows for c in row}) for name, rows in tables.items()}
    halves = [{name: rows[n::2] for name, rows in tables.items()} for n in (0, 1)]
    sources = [Source(write_folder(half, tmp_path / f"half {n}", present=present)) for n, half in enumerate(halves)]
    both = steps.freeze(sources, tmp_path / "snapshots", today=TODAY)[0]
    whole = frozen(tables, tmp_path / "whole")
    assert both.id == whole.id
    rng = Random(seed)
    for measure in [made_up_question(rng, tables) for _ in range(QUESTIONS)]:
        for one, other in zip(engines_of(whole), engines_of(both), strict=True):
            assert told(one, measure) == told(other, measure)


# ---------------------------------------------------------------- one answer follows from another


def questions_in_memory(seed: int, speaks_of: Callable[[Measure], bool], n: int = QUESTIONS) -> Any:
    """(engine, question) pairs of a folder, of answers that count somebody first."""
    law = Law("", lambda tables, _: tables, is_same, speaks_of)
    tables = made_up_tables(Random(f"follows {seed}"))
    return [(engine, m) for engine in engines_in_memory(tables) for m in asked(law, seed, tables)[:n]]


def is_in_rows(measure: Measure) -> bool:
    """Units of which every row is one, so that parts add up to the whole."""
    return measure.unit != "pupils"


@seeds
def test_strata_add_up_to_the_whole(seed):
    """Every row is in one stratum; so is every pupil on roll and every pupil-day."""
    for engine, measure in questions_in_memory(seed, lambda m: bool(m.within) and is_in_rows(m)):
        answer = told(engine, measure)
        if not is_refused(answer):
            assert _numbers(replace(c, stratum=()) for c in answer.strata) == _numbers(answer.whole), measure


@seeds
def test_a_finer_split_adds_up_to_a_coarser(seed):
    """The split by two columns, summed over the second, is the split by the first; where one tabulation answers both."""
    for engine, measure in questions_in_memory(
        seed, lambda m: len(m.columns) > 1 and is_in_rows(m) and not m.is_count_only
    ):
        coarser = replace(measure, by=tuple(name for name in measure.by if name != measure.columns[-1]))
        if is_tabulated(_tables_of(seed)):
            continue
        fine, coarse = told(engine, measure), told(engine, coarser)
        if not is_refused(fine) and fine.schools_used == getattr(coarse, "schools_used", None):
            assert _numbers(replace(c, codes=c.codes[:-1]) for c in fine.whole) == _numbers(coarse.whole), measure


def _tables_of(seed: int) -> Tables:
    return made_up_tables(Random(f"follows {seed}"))


@seeds
def test_a_trend_is_its_years_one_by_one(seed):
    for engine, measure in questions_in_memory(seed, lambda m: m.is_trend):
        trend = told(engine, measure)
        if is_refused(trend):
            continue
        for period in trend.periods:
            one = told(engine, replace(measure, by=measure.columns or ("sex",), period=period))
            if not is_refused(one) and measure.columns:
                assert one.whole == tuple(c for c in trend.whole if c.period == period), measure
                assert one.strata == tuple(c for c in trend.strata if c.period == period), measure


@seeds
def test_a_year_is_its_three_terms(seed):
    """Every contact and every school day of a year is in one of its terms, where the same schools enter all of them."""
    for engine, measure in questions_in_memory(seed, is_sum_of_terms):
        year = told(engine, replace(measure, within=()))
        terms = [
            told(engine, replace(measure, within=(), period=f"2023/24-{t}")) for t in ("autumn", "spring", "summer")
        ]
        if any(is_refused(a) or _schools(a) != _schools(year) for a in (year, *terms)):
            continue
        has_days = measure.is_by_day or measure.is_conditional
        parts = [(c.codes, c.n, c.denominator if has_days else 0) for a in terms for c in a.whole]
        whole = [(c.codes, c.n, c.denominator if has_days else 0) for c in year.whole]
        assert _added(parts) == _added(whole), measure


def is_sum_of_terms(measure: Measure) -> bool:
    """Rows of contacts or support in a year; a follow-up beyond the end of a term is another question."""
    stages = (measure.stage, measure.denominator)
    return (
        is_of_the_year(measure)
        and is_in_rows(measure)
        and not names_a_year(measure)
        and "no_further_contact_12m" not in stages
    )


def names_a_year(measure: Measure) -> bool:
    """Does it name what a pupil has anew in each period?"""
    named = {*measure.columns, *(name for name, _ in measure.where)}
    return bool(named & {"year_group", "age_on_31_august", "is_fsm"})


def _schools(answer: Any) -> list[int]:
    return [] if is_refused(answer) else [n for _, n in answer.schools_used]


def _added(cells: list[tuple[Any, int, int | None]]) -> dict[Any, tuple[int, int | None]]:
    """Numbers by codes; a cell of nobody is no cell."""
    found: dict[Any, tuple[int, int | None]] = {}
    for codes, n, under in cells:
        was = found.get(codes, (0, 0))
        found[codes] = (was[0] + n, None if under is None or was[1] is None else was[1] + under)
    return {codes: numbers for codes, numbers in found.items() if numbers != (0, 0)}


def schools_told(answer: Any) -> tuple[Any, ...]:
    """How many schools enter and stay out, and why: a hidden count of boys keeps a school out of a split, not out of
    a figure of girls, while another may have no girls, so the numbers that enter alone do not tell that all are the same.
    """
    return answer.schools_used, tuple((out.period, out.state, out.schools) for out in answer.left_out)


@seeds
def test_a_filter_is_a_cell_of_the_split(seed):
    """`--where sex=F` gives the row F of `--by sex`, where the same tabulation answers."""
    for engine, measure in questions_in_memory(seed, lambda m: "sex" in m.columns and m.wanted("sex") is None):
        if is_tabulated(_tables_of(seed)):
            continue
        split, place = told(engine, measure), measure.columns.index("sex")
        narrowed = told(engine, replace(measure, where=(*measure.where, ("sex", ("F",)))))
        if not is_refused(split) and not is_refused(narrowed) and schools_told(split) == schools_told(narrowed):
            assert narrowed.whole == tuple(c for c in split.whole if c.codes[place] == "F"), measure
