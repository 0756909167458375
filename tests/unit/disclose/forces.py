"""Made-up forces of ten schools as counts: pupils, what happened to them in each term, and every table that a release has."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from dueregard.disclose.complete import complete
from dueregard.disclose.estimates import counts_risk
from dueregard.disclose.figures import direct_figures
from dueregard.disclose.plan import Choice, Wish
from dueregard.disclose.policy import Policy
from dueregard.disclose.pooled import Pooled, within_ratios
from dueregard.disclose.protect import protect
from dueregard.disclose.together import hide
from dueregard.evidence.cells import Cell, Cells
from dueregard.evidence.protected import ProtectedCell, ProtectedCells
from dueregard.evidence.published import (
    Coordinates,
    Printed,
    Published,
    PublishedTable,
    Row,
    coordinates_of,
    denominator_of,
    table_of,
)
from dueregard.measures.measure import Measure
from dueregard.publish.printing import printed_of

GROUPS, SHARES = ("W", "M", "A", "B", "O", "not_stated"), (0.42, 0.12, 0.20, 0.19, 0.05, 0.02)
RISK = {"W": 1.0, "M": 1.4, "A": 0.7, "B": 2.1, "O": 0.9, "not_stated": 1.0}
STAGES = {"contact": 1.0, "power_used": 0.35, "arrested": 0.15, "support_offered": 0.45}
TERMS = ("autumn", "spring", "summer")


@dataclass(frozen=True)
class Event:
    """One involvement: which pupil, in which term, and which stages it reached."""

    pupil: int
    period: str
    stages: tuple[str, ...]


@dataclass(frozen=True)
class Force:
    """school, group, sex: of each pupil, shape (n_pupils,). events: all involvements. areas: of each school."""

    school: np.ndarray
    group: np.ndarray
    sex: np.ndarray
    events: tuple[Event, ...]
    areas: dict[str, str]
    years: tuple[str, ...]

    @property
    def parents(self) -> tuple[tuple[str, str, str], ...]:
        return tuple(("school", school, f"area={area}") for school, area in sorted(self.areas.items()))

    def code(self, column: str, pupil: int) -> str:
        return str({"ethnicity": self.group, "sex": self.sex, "school": self.school}[column][pupil])


def made_force(seed: int, *, n_schools: int = 10, years: tuple[str, ...] = ("2023/24",), rate: float = 0.03) -> Force:
    """Ten schools of 120 to 1,400 pupils in three areas; about three in a hundred pupils have a contact in a term."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(120, 1400, n_schools)
    school = np.repeat([f"{100001 + i}" for i in range(n_schools)], sizes)
    n = len(school)
    shares = np.array([rng.dirichlet(np.array(SHARES) * 12) for _ in range(n_schools)])
    group = np.concatenate([rng.choice(GROUPS, size, p=share) for size, share in zip(sizes, shares, strict=True)])
    sex = rng.choice(["F", "M"], n)
    risk = (
        rate
        * np.array([RISK[g] for g in group])
        * rng.gamma(2.0, 0.5, n)
        * np.repeat(rng.gamma(4, 0.25, n_schools), sizes)
    )
    events = []
    for year in years:
        for term in TERMS:
            for pupil, times in zip(range(n), rng.poisson(risk), strict=True):
                for _ in range(times):
                    reached = tuple(s for s, p in STAGES.items() if s == "contact" or rng.random() < p)
                    events.append(Event(pupil, f"{year}-{term}", reached))
    areas = {f"{100001 + i}": f"Area {1 + i % 3}" for i in range(n_schools)}
    return Force(school, group, sex, tuple(events), areas, years)


def cells_of(force: Force, measure: Measure) -> Cells:
    """The answer to one question, counted in plain Python: the whole and its schools or areas."""
    assert measure.period is not None
    [column] = measure.by
    keys = [(force.code("school", p), force.code(column, p)) for p in range(len(force.school))]
    rolls = Counter(keys)
    who: dict[tuple[str, str], list[int]] = defaultdict(list)
    for event in force.events:
        if event.period.startswith(measure.period) and measure.stage in event.stages:
            who[keys[event.pupil]].append(event.pupil)
    place = (lambda s: s) if measure.within in ((), ("school",)) else force.areas.__getitem__
    whole, strata = _added(rolls, who, measure, lambda s: ()), _added(rolls, who, measure, lambda s: (place(s),))
    periods = (measure.period,)
    n_schools = len(force.areas)
    return Cells(measure, periods, whole, strata if measure.within else (), ((measure.period, n_schools),), ())


def _added(rolls, who, measure, stratum) -> tuple[Cell, ...]:  # type: ignore[no-untyped-def]
    over: Counter = Counter()
    found: dict[tuple, list[int]] = defaultdict(list)
    for (school, code), n in rolls.items():
        over[stratum(school), code] += n
        found[stratum(school), code] += who[school, code]
    count = (lambda pupils: len(set(pupils))) if measure.unit == "pupils" else len
    period = measure.period
    return tuple(sorted(Cell(period, s, (code,), count(found[s, code]), n) for (s, code), n in over.items()))


def questions(periods: Iterable[str], *, by: tuple[str, ...] = ("ethnicity", "sex"), units: tuple[str, ...] = ("pupils",)) -> list[Measure]:  # fmt: skip
    """Every question of a release: each stage and split, by school and by area."""
    return [Measure(stage, unit=unit, by=(split,), within=(within,), period=period)
            for period in periods for stage in STAGES for split in by for unit in units
            for within in ("school", "area")]  # fmt: skip


def truth_of(answers: Iterable[Cells]) -> dict[Coordinates, int]:
    """The true counts and rolls, by coordinates: what the attacker never sees."""
    truth: dict[Coordinates, int] = {}
    for cells in answers:
        for cell in (*cells.whole, *cells.strata):
            place = (cells.measure, cell.period, cell.stratum, cell.codes)
            truth[coordinates_of(*place)] = cell.n
            if cell.denominator is not None:
                truth[denominator_of(*place)] = cell.denominator
    return truth


def published(answers: list[Cells], policy: Policy, force: Force, *, release: str, hidden: frozenset[Coordinates] = frozenset()) -> Published:  # fmt: skip
    """A release: each table with rates, ratios, differences, their intervals, and a chart of the rates."""
    tables: list[PublishedTable] = []
    for number, cells in enumerate(answers):
        protected = hide(protect(cells, policy), hidden)
        for of_strata in (False, True):
            made = table_of(protected, id=f"{number}{'-strata' if of_strata else ''}", of_strata=of_strata)
            rows = tuple(_with_figures(protected, row, of_strata) for row in made.rows)
            tables.append(PublishedTable(made.id, rows, made.adds_up))
    return Published(release, release, policy.name, tuple(tables), force.parents)


@dataclass(frozen=True)
class Figures:
    """The figures of a force for the plan of a release: every question as fine as is wished, with all that is printed."""

    force: Force
    answers: dict[str, dict[str, Cells]]  # question -> place -> its true counts
    policy: Policy
    release: str
    pooled: dict[str, Pooled]

    def wishes(self) -> list[Wish]:
        ends = {"all": "", "area": "-area", "school": "-school"}
        return [Wish(id, tuple(PLACES), {place: id + ends[place] for place in PLACES}, bool(self.pooled[id].figures))
                for id in self.answers]  # fmt: skip

    def __call__(self, choice: Choice) -> Published:
        tables: list[PublishedTable] = []
        for id, of_place in self.answers.items():
            if (finest := choice.places[id]) is None:
                continue
            for place in reversed(PLACES[PLACES.index(finest) :]):
                protected = hide(protect(of_place[place], self.policy), choice.hidden)
                made = table_of(protected, id=id + ("" if place == "all" else f"-{place}"), of_strata=place != "all")
                rows = tuple(_with_figures(protected, row, place != "all") for row in made.rows)
                tables.append(PublishedTable(made.id, rows, made.adds_up))
        pooled = tuple(figure for id in self.answers if id in choice.pooled for figure in self.pooled[id].figures)
        return Published(self.release, self.release, self.policy.name, tuple(tables), self.force.parents, pooled)


PLACES = ("school", "area", "all")


def figures_of(force: Force, periods: Iterable[str], by: tuple[str, ...], policy: Policy, release: str, *, with_pooled: bool = False) -> Figures:  # fmt: skip
    """Every question of a release, counted once, and complete; with its ratios within schools where they are wanted."""
    answers: dict[str, dict[str, Cells]] = {}
    for period in periods:
        for stage in STAGES:
            for split in by:
                measure = Measure(stage, by=(split,), within=("school",), period=period)
                of_place = {place: complete(cells_of(force, replace(measure, within=(place,)))) for place in ("school", "area")}  # fmt: skip
                answers[f"{stage}-{split}-{period}"] = of_place | {"all": of_place["school"]}
    pooled = {id: within_ratios(id, found["school"], (COMPARISON[found["school"].measure.by[0]],), policy)
              if with_pooled else Pooled((), ()) for id, found in answers.items()}  # fmt: skip
    return Figures(force, answers, policy, release, pooled)


COMPARISON = {"ethnicity": "W", "sex": "F"}


def _with_figures(cells: ProtectedCells, row: Row, of_strata: bool) -> Row:
    known = {
        coordinates_of(cells.measure, c.period, c.stratum, c.codes): c
        for c in (cells.strata if of_strata else cells.whole)
    }
    cell = known[row.of]
    [column] = cells.measure.by
    comparison = "W" if column == "ethnicity" else "F"
    beside = tuple(sorted((dict(row.of) | {column: comparison}).items()))
    other: ProtectedCell | None = known.get(beside) if cell.codes != (comparison,) else None
    printed: list[Printed] = []
    as_risk = counts_risk(cells.measure)
    for kind, found in direct_figures(cells.measure, cell, other).items():
        against = None if kind == "rate_per_1000" else beside
        printed += printed_of(kind, found, as_risk=as_risk, per=1, against=against)
    if cell.n.shown is not None and cell.denominator is not None and cell.denominator.shown:
        height = 300 * (1000 * cell.n.shown / cell.denominator.shown) / 200
        printed.append(
            Printed("bar", f"{height:.2f}", options=(("axis_max", "200"), ("height", "300"), ("of", "rate")))
        )
    return Row(row.of, row.n, row.over, row.denominator, tuple(printed))
