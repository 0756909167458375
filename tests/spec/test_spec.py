"""Every case of `cases/`, on every engine."""

from __future__ import annotations

import re
from datetime import date

import pytest

from dueregard import errors, steps
from dueregard.assess.disparity import compare
from dueregard.collect.collect import Source

from .framework import Ask, Case, comparison_of, question_of, read_cases, worked_out, write_folder

ENGINES = ("duckdb", "reference")
TODAY = date(2026, 11, 23)
ALL = read_cases()
ASKED = [
    pytest.param(
        case,
        ask,
        id=f"{case.chapter}: {case.title}: {ask.words.removeprefix('dueregard ')}",
        marks=pytest.mark.xdist_group(f"spec {case.chapter}"),
    )
    for case in ALL
    for ask in case.asks
]
FIGURES = ("rate_per_1000", "relative_rate", "difference_per_1000", "within_relative_rate")


SPARK_STEP = (
    8  # Spark takes seconds to make a case's tables: in CI the first of eight cases of a chapter, the rest deep
)
CHAPTERS = {case.chapter: [other for other in ALL if other.chapter == case.chapter] for case in ALL}


def _on_spark(case: Case, ask: Ask, id: str):
    is_deep = CHAPTERS[case.chapter].index(case) % SPARK_STEP
    marks = [pytest.mark.xdist_group("spark"), *([pytest.mark.deep] if is_deep else [])]
    return pytest.param(case, ask, id=id, marks=marks)


ON_SPARK = [_on_spark(*p.values, p.id) for p in ASKED]


@pytest.fixture(scope="session")
def frozen(tmp_path_factory):
    """A case's snapshot (and what was found in its tables), or the error that stopped the freeze. Made once."""
    made = {}

    def of(case: Case):
        if (key := (case.chapter, case.title)) not in made:
            folder = tmp_path_factory.mktemp("case")
            source = Source(write_folder(case, folder / "native"))
            try:
                made[key] = steps.freeze([source], folder / "snapshots", today=TODAY)
            except errors.DueRegardError as fault:
                made[key] = fault
        return made[key]

    return of


def test_every_case_is_documented():
    assert all(case.about and case.asks for case in ALL)
    assert len({(case.chapter, case.title) for case in ALL}) == len(ALL)


@pytest.mark.parametrize(("case", "ask"), ASKED)
def test_case(case, ask, frozen):
    made = frozen(case)
    for code in ask.expected("finding"):
        assert code in {f.code for f in made[1].findings}
    if ask.words == "dueregard freeze" or isinstance(made, Exception):
        _check_error(ask, made)
        return
    found = [_counted(ask, made[0], engine) for engine in ENGINES]
    assert _told(found[0]) == _told(found[1]), "the engines differ"
    _check_error(ask, found[0])
    if not isinstance(found[0], Exception):
        _check_cells(ask, found[0])
        _check_answer(ask, found[0], made[0].id)
        for engine in ENGINES if ask.expected("repeats") else ():
            _check_repeats(ask, steps.open_engine(made[0], engine).repeats(question_of(ask.words)))


@pytest.fixture(scope="session")
def on_spark(spark):
    """Spark over a snapshot. Many cases have the same tables, so the same id, and what was made for one serves the next."""
    from dueregard.engines.spark import SparkEngine

    opened = {}

    def of(snapshot):
        if snapshot.id not in opened:
            opened.clear()  # cases of the same tables stand together; what others made may go
            opened[snapshot.id] = SparkEngine(snapshot, spark())
        return opened[snapshot.id]

    return of


@pytest.mark.parametrize(("case", "ask"), ON_SPARK)
def test_case_on_spark(case, ask, frozen, on_spark):
    """The same cells, or the same error in the same words, as the reference engine, which the case itself judges."""
    made = frozen(case)
    if ask.words == "dueregard freeze" or isinstance(made, Exception):
        return  # nothing is frozen, so no engine is asked
    asked, reference = question_of_or_error(ask), steps.open_engine(made[0], "reference")
    if isinstance(asked, Exception):
        return  # refused before any engine
    for words in ("count", "repeats") if ask.expected("repeats") else ("count",):
        assert _answered(on_spark(made[0]), words, asked) == _answered(reference, words, asked)


def question_of_or_error(ask: Ask):
    try:
        return question_of(ask.words)
    except errors.DueRegardError as fault:
        return fault


def _answered(engine, words: str, asked):
    try:
        return getattr(engine, words)(asked)
    except errors.DueRegardError as fault:
        return type(fault), str(fault)


def _counted(ask: Ask, snapshot, engine: str):
    """Cells, or the error. A comparison group is judged by `compare`, so its error is found there."""
    try:
        cells = steps.open_engine(snapshot, engine).count(question_of(ask.words))
        if "--comparison" in ask.words and ask.expected("error"):
            _compared(ask, cells, snapshot.id)
        return cells
    except errors.DueRegardError as fault:
        return fault


def _compared(ask: Ask, cells, snapshot: str):
    return compare(cells, snapshot=snapshot, code_version="", comparison=comparison_of(ask.words))


def _told(found):
    return (type(found), str(found)) if isinstance(found, Exception) else found


def _check_error(ask: Ask, found) -> None:
    for expected in ask.expected("error"):
        kind, words = expected.split(": ", 1)
        assert isinstance(found, errors.DueRegardError), f"expected {expected}, got {found}"
        assert type(found).__name__ == kind and re.search(words, str(found), re.IGNORECASE | re.DOTALL), repr(found)
    if not ask.expected("error") and isinstance(found, errors.DueRegardError):
        raise found


def _check_cells(ask: Ask, cells) -> None:
    """Cells of nobody (0 of 0) may be listed or not."""
    if ask.whole is not None:
        assert _shown(cells.whole) == _expected(ask.whole, cells)
    if ask.within is not None:
        assert _shown(cells.strata) == _expected(ask.within, cells)
    for n in ask.expected("schools used"):
        assert dict(cells.schools_used)[cells.periods[-1]] == int(n)
    for name, found in (("not identified", cells.not_identified), ("disagreeing", cells.disagreeing)):
        assert [int(n) for n in ask.expected(name)] in ([], [found]), name
    if ask.expected("left out"):
        found = {_left_out_words(out) for out in cells.left_out if out.schools}
        assert found == set(ask.expected("left out")) - {"nothing"}


def _shown(cells) -> dict:
    return {
        (c.period, c.stratum, c.codes): (c.n, c.denominator, str(c.state)) for c in cells if c.n or c.denominator
    }  # fmt: skip


def _expected(rows, cells) -> dict:
    found = {}
    for row in rows:
        period = row.get("period") or cells.periods[-1]
        stratum = tuple(name.strip() for name in row["stratum"].split(",")) if "stratum" in row else ()
        codes = tuple(row[column] for column in cells.measure.columns)
        found[period, stratum, codes] = (
            worked_out(row["n"]),
            worked_out(row.get("denominator", "")),
            row.get("state", "counted"),
        )
    return found


def _left_out_words(out) -> str:
    known = [f"{','.join(codes)} {n}" for codes, n in out.pupils or () if n]
    known += [f"unknown {out.roll_unknown_schools}"] if out.roll_unknown_schools else []
    return f"{out.state} {out.schools}" + (f" ({', '.join(known)})" if known else "")


def _check_answer(ask: Ask, cells, snapshot: str) -> None:
    """What `dueregard compare` makes of the cells."""
    answer = _compared(ask, cells, snapshot)
    told = " ".join(answer.caveats).casefold()
    for words in ask.expected("caveat"):
        assert words.casefold() in told, answer.caveats
    for words in ask.expected("no caveat"):
        assert words.casefold() not in told, answer.caveats
    groups = {(g.period, *g.codes): g for g in answer.groups}
    for row in ask.whole or ():
        period = row.get("period") or answer.groups[-1].period
        for figure in FIGURES:
            if row.get(figure):
                estimate = getattr(groups[(period, *(row[c] for c in answer.measure.columns))], figure).estimate
                # One division and one product may each round once.
                assert estimate == pytest.approx(worked_out(row[figure]), rel=1e-12), figure
    _check_shares(ask, answer)


def _check_repeats(ask: Ask, found) -> None:
    """Every cell in which somebody came, with its numbers."""
    expected = {}
    for told in ask.expected("repeats"):
        code, numbers = told.split(" ", 1)
        parts = dict(part.split(" ", 1) for part in numbers.split(", "))
        expected[tuple(code.split("|"))] = {name: worked_out(number) for name, number in parts.items()}
    names = ("n", "squares", "not_identified", "most")
    assert {r.codes: {name: getattr(r, name) for name in names} for r in found} == expected
    for one in found:  # the pupils by how often they came say the same
        assert sum(k * n for k, n in one.pupils) + one.not_identified == one.n
        assert sum(k * k * n for k, n in one.pupils) + one.not_identified == one.squares
        assert max((k for k, _ in one.pupils), default=0) == one.most


def _check_shares(ask: Ask, answer) -> None:
    for expected in ask.expected("missing"):
        for part in expected.split(", "):
            name, number = part.split(" ", 1)
            assert getattr(answer.missing, name) == pytest.approx(worked_out(number)), name
    for expected in ask.expected("left out within"):
        code, number = expected.split(" ", 1)
        group = next(g for g in answer.groups if g.code == code)
        assert group.left_out_within_share == pytest.approx(worked_out(number))
