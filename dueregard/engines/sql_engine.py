"""The engine that counts by portable SQL. A subclass brings the database; the text is the same for each.

Scratch tables are named by what they hold (the hash of their query or rows), so that nothing is made twice and
nothing goes stale.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from dueregard.engines import sql_events as events
from dueregard.engines import sql_roll as rolls
from dueregard.engines.chain_plan import chain_plan
from dueregard.engines.coverage import NOT_COLLECTED, PARTIAL, SUPPRESSED, WHOLE, Told, left_out_state, told_state
from dueregard.engines.engine import Facts
from dueregard.engines.plan import COUNTED, ROWS, TALLIED, Plan, check_repeats, plan
from dueregard.engines.profiles import profile_plan
from dueregard.engines.sql import ONE_VALUE, UNIDENTIFIED, Dialect, day, listed
from dueregard.engines.sql_chain import reached_or_later_sql
from dueregard.engines.sql_codes import code_counts
from dueregard.engines.sql_completeness import collected_rows, gap_rows, known_sql
from dueregard.engines.sql_cube import cube_of
from dueregard.engines.sql_facts import read_facts
from dueregard.engines.sql_prepared import OF_FACTS, PREPARED
from dueregard.engines.sql_profiles import profiles_sql
from dueregard.engines.strata import count_in_columns
from dueregard.evidence.caveats import (
    BOUNDED,
    ONLY_WITH_CONTACTS,
    ONLY_WITH_SANCTIONS,
    OTHER_CENSUS,
    OTHER_TIME,
    PART_POSTED,
)
from dueregard.evidence.cells import Cell, Cells, Completeness, Known, LeftOut, Repeat, together
from dueregard.evidence.chain import Chain, chain_of_counts, chain_of_rows
from dueregard.evidence.cube import Cube, check_cube
from dueregard.evidence.profile import Profile
from dueregard.measures.measure import Measure, check_measure
from dueregard.records.calendar import EVERY_AREA, england_calendar, school_days
from dueregard.terms.lists import code_list
from dueregard.terms.missing import ALL, CellState
from dueregard.terms.periods import Period, academic_year_of
from dueregard.terms.stages import chain_to

DEFAULT = "england"
Rows = list[tuple[Any, ...]]
Key = tuple[str, ...]
Under = tuple[int | None, int | None, int | None]
ToldOf = Callable[[str, str, date, date], str | None]


@dataclass(frozen=True, slots=True)
class Ready:
    """The scratch tables of one question and period, by name. None: not needed.

    leaves: the roll (or pupil-days) as leaf cells. crude: the roll of the period, for schools that stay out.
    """

    reached: str
    given: str | None
    leaves: str | None
    crude: str | None
    status: str | None
    roll_now: str
    caveats: tuple[str, ...]
    censuses: str
    pupils_now: str = ""  # of a roll by pupil: the text of what changes every year


class SqlEngine(ABC):
    """Counts by SQL over a snapshot's tables. Subclasses give `fetch`, `make_table` and `load_table`."""

    dialect = Dialect()

    def __init__(self, tables: frozenset[str]) -> None:
        self._tables = tables
        self._facts: Facts | None = None
        self._made: set[str] = set()
        self._answers: dict[str, Rows] = {}
        self._told_cache: dict[tuple[object, ...], tuple[dict[str, list[str]], dict[str, list[str]], bool]] = {}

    @abstractmethod
    def fetch(self, text: str) -> Rows: ...

    @abstractmethod
    def make_table(self, name: str, text: str) -> None: ...

    @abstractmethod
    def load_table(self, name: str, columns: dict[str, str], rows: Rows) -> None: ...

    def rows(self, text: str) -> Rows:
        """The rows of a query; asked once, because no table changes under its name."""
        if text not in self._answers:
            self._answers[text] = self.fetch(text)
        return self._answers[text]

    def make(self, base: str, text: str) -> str:
        """The name of a scratch table that holds this query."""
        name = f"{base}_{_digest(text)}"
        if name not in self._made:
            self.make_table(name, text)
            self._made.add(name)
        return name

    def load(self, base: str, columns: dict[str, str], rows: Rows) -> str:
        """The name of a scratch table that holds these rows, which were made here."""
        name = f"{base}_{_digest(repr(rows))}"
        if name not in self._made:
            self.load_table(name, columns, rows)
            self._made.add(name)
        return name

    # Facts.
    def facts(self) -> Facts:
        """The small facts of this snapshot; read once."""
        if self._facts is None:
            self._prepare_only(OF_FACTS)
            self._facts = read_facts(self.rows, self._tables)
        return self._facts

    # Tables that every question shares; made once, unless the snapshot has them.
    def _prepare(self) -> None:
        if "posted" in self._made:
            return
        self._prepare_only(tuple(one.name for one in PREPARED if one.is_kept))
        out = tuple(term.code for term in code_list("posting_kind") if term.group == "none")
        self.make_table(
            "posted", f"SELECT posting_ref, urn, fte, from_on, to_on FROM posting WHERE kind NOT IN ({listed(out)})"
        )
        self._made.add("posted")

    def _prepare_only(self, names: tuple[str, ...]) -> None:
        """Make these prepared tables where the snapshot does not bring them."""
        wanting = [one for one in PREPARED if one.name in names and one.name not in self._made]
        if any(one.name not in OF_FACTS for one in wanting) and "pupil" not in self._made:
            wanting = [one for one in PREPARED if one in wanting or not one.is_kept]
        for one in wanting:
            self.make_table(one.name, one.text)
            self._made.add(one.name)

    def _days(self, period: Period) -> tuple[str, str]:
        """Names of two tables: school days by school with whether an officer was posted; terms by school."""
        terms = self._terms(period)
        listed_days = [(c, year, term, d) for c, year, term, a, b, n in terms for d in school_days(a, b, n)]
        texts = {"calendar": "VARCHAR", "academic_year": "VARCHAR", "term": "VARCHAR"}
        days = self.load("school_day", {**texts, "on_day": "DATE"}, listed_days)
        dates = self.load("term_date", {**texts, "from_on": "DATE", "to_on": "DATE"}, [t[:5] for t in terms])
        calendars = self.load(
            "school_calendar",
            {"urn": "VARCHAR", "calendar": "VARCHAR", "academic_year": "VARCHAR"},
            self._calendars(terms),
        )
        posted = self.make("posted_days", rolls.posted_days_sql(period, days, calendars))
        return posted, self.make("school_term", rolls.school_term_sql(calendars, dates))

    def _terms(self, period: Period) -> list[tuple[str, str, str, date, date, int]]:
        """Terms of every academic year that the period touches; England's default stands beside them."""
        first, last = academic_year_of(period.from_on).first_year, academic_year_of(period.to_on).first_year
        names = {y: f"{y}/{(y + 1) % 100:02d}" for y in range(first, last + 1)}
        known = self.rows(
            "SELECT la_code, academic_year, term, from_on, to_on, school_days FROM calendar "
            "ORDER BY la_code, academic_year, from_on"
        )
        terms: list[Any] = [row for row in known if row[1] in names.values()]
        for y, name in names.items():
            terms += [(DEFAULT, name, term, a, b, n) for term, a, b, n in england_calendar(y)]
        return terms

    def _calendars(self, terms: list[tuple[str, str, str, date, date, int]]) -> Rows:
        known = {(calendar, year) for calendar, year, *_ in terms}
        years = sorted({year for _, year in known})
        found: Rows = []
        for urn, la in self.rows("SELECT urn, la_code FROM school ORDER BY urn"):
            for year in years:
                calendar = next((c for c in (la, EVERY_AREA) if c and (c, year) in known), DEFAULT)
                found.append((urn, calendar, year))
        return found

    # Answers.
    def count(self, measure: Measure) -> Cells:
        """The cells of one question, every period of it."""
        if measure.column_strata:
            check_measure(measure)
            return count_in_columns(measure, self.count)
        self._prepare()
        planned = plan(measure, self.facts())
        return together(measure, [self._count_period(planned, period) for period in planned.periods], planned.caveats)

    def repeats(self, measure: Measure) -> tuple[Repeat, ...] | None:
        """How often did the same pupil come, in each cell? None where the source publishes counts."""
        check_repeats(measure)
        self._prepare()
        planned = plan(measure, self.facts())
        if planned.source != ROWS:
            return None
        return tuple(sorted(r for period in planned.periods for r in self._repeats_of(planned, period)))

    def _repeats_of(self, planned: Plan, period: Period) -> Iterator[Repeat]:
        ready = self._ready(planned, period)
        states, _, _ = self._school_states(planned, period, ready)
        keys = planned.measure.columns
        asked = (planned.measure.unit, keys, ready.reached, self._entering(states), _only_posted(planned))
        pupils: dict[Key, list[tuple[int, int]]] = defaultdict(list)
        for row in self.rows(events.pupils_by_repeats_sql(*asked)):
            pupils[_key(row[: len(keys)])].append((int(row[-2]), int(row[-1])))
        for row in self.rows(events.repeats_sql(*asked)):
            codes = _key(row[: len(keys)])
            n, squares, unidentified, most = (int(number) for number in row[len(keys) :])
            yield Repeat(period.name, codes, n, squares, unidentified, most, tuple(sorted(pupils[codes])))

    def chain(self, measure: Measure) -> Chain:
        """Exposure and every step of the chain that leads to a stage, by school, officer and group."""
        self._prepare()
        planned = chain_plan(measure, self.facts())
        if not planned.steps:
            return chain_of_counts(self.count(measure))
        period = planned.whole.periods[0]
        states, _, _ = self._school_states(planned.whole, period, self._ready(planned.whole, period))
        tables = [self._ready(step, period).reached for step in planned.steps]
        reached = {
            (_key(row[:2]), _key(row[2 : -len(tables)])): tuple(int(n) for n in row[-len(tables) :])
            for row in self.rows(reached_or_later_sql(tables, measure, self._entering(states)))
        }
        cells = together(measure, [self._count_period(planned.whole, period)], planned.whole.caveats)
        return chain_of_rows(cells, chain_to(measure.stage), reached)

    def profiles(self, measure: Measure, columns: tuple[str, ...]) -> tuple[Profile, ...] | None:
        """Each unit of the base once, by these columns and by whether it reached the stage."""
        self._prepare()
        planned = plan(measure, self.facts())
        if planned.source == COUNTED:
            return None
        of_base = profile_plan(measure, columns, self.facts())
        return tuple(
            sorted(p for period in planned.periods for p in self._profiles_of(planned, of_base, columns, period))
        )

    def _profiles_of(self, planned: Plan, of_base: Plan, columns: Key, period: Period) -> Iterator[Profile]:
        ready = self._ready(planned, period)
        states, _, _ = self._school_states(planned, period, ready)
        reached, given = self._numerator_tables(of_base, period, ready.pupils_now, None)
        assert given is not None
        text = profiles_sql(planned.measure.unit, columns, reached, given, self._entering(states))
        for row in self.rows(text):
            yield Profile(period.name, _key(row[:-2]), row[-2] == 1, int(row[-1]))

    def placed_roll(self, planned: Plan, period: Period) -> tuple[str, str]:
        """For a cube: the roll's cells of the schools that enter, as a text, and the name of a table of these schools."""
        assert planned.roll is not None
        censuses = self.make("census_now", rolls.census_now_sql(planned.roll.tabulations, period))
        years = self._years_of(censuses)
        roll = rolls.roll_of_sql(rolls.cells_for(planned)[0], censuses, years)
        leaves = self.make("roll_cells", rolls.grouped_roll_sql(planned, roll)) if planned.measure.where else "none"
        ready = Ready("", None, leaves, None, None, roll, (), censuses)
        entering = self._entering(self._school_states(planned, period, ready)[0])
        schools = self.make("entering_school", rolls.entering_school_sql(entering))
        placed = self.make("placed_census", rolls.placed_census_sql(censuses, schools))
        return rolls.placed_roll_sql(planned, placed, years), schools

    def reached_at_once(self, plans: list[Plan], numbers: list[str], period: Period, schools: str) -> str:
        """For a cube: the rows of several stages at these schools as a text; the events of each are called as `numbers` says."""
        assert plans[0].roll is not None
        censuses = self.make("census_now", rolls.census_now_sql(plans[0].roll.tabulations, period))
        pupils = rolls.roll_of_sql("pupil_roll", censuses, self._years_of(censuses))
        linked = pupils if self.facts().roll_is_by_pupil else None
        if events.beside_contact(plans[0].stage):
            entering = None if self._all_enter(schools) else schools
            return events.reached_at_once_sql(plans, numbers, period, entering, roll_now=linked)
        rows = events.reached_sql(plans[0], period, self.dialect, roll_now=linked)
        return f"SELECT x.*, x.n_events AS {numbers[0]} FROM ({rows}) AS x WHERE urn IN (SELECT urn FROM {schools})"

    def _all_enter(self, schools: str) -> bool:
        """Are these all schools of the snapshot? Then no row has to be asked for its school."""
        return bool(self.rows(f"SELECT COUNT(*) FROM {schools}") == self.rows("SELECT COUNT(*) FROM school"))

    def _entering(self, states: dict[str, str | None]) -> str:
        """The name of a table of the schools that enter."""
        return self.load("entering", {"urn": "VARCHAR"}, [(urn,) for urn, state in states.items() if state is None])

    def _count_period(self, planned: Plan, period: Period) -> Cells:
        ready = self._ready(planned, period)
        states, is_bounded, is_silent = self._school_states(planned, period, ready)
        used = [urn for urn, state in states.items() if state is None]
        entering = self._entering(states)
        whole = self._cells(planned, period, ready, entering, (), is_bounded)
        within = planned.measure.within
        strata = self._cells(planned, period, ready, entering, within, is_bounded) if within else []
        silent = ONLY_WITH_SANCTIONS if planned.source == TALLIED else ONLY_WITH_CONTACTS
        caveats = [*ready.caveats, *([silent] if is_silent else []), *([BOUNDED] if is_bounded else [])]
        if (
            "officer" in within
            and not planned.measure.is_by_day
            and any("part_of_the_time" in c.stratum for c in strata)
        ):
            caveats.append(PART_POSTED)
        unidentified, disagreeing = self._asides(planned, ready, entering)
        return Cells(
            planned.measure, (period.name,), tuple(whole), tuple(strata), ((period.name, len(used)),),
            tuple(self._left_out(planned, period, ready, states)), unidentified, disagreeing, tuple(caveats),
        )  # fmt: skip

    def _ready(self, planned: Plan, period: Period) -> Ready:
        """Make the scratch tables of this question and period."""
        tabulations = planned.roll.tabulations if planned.roll else (ALL,)
        censuses = self.make("census_now", rolls.census_now_sql(tabulations, period))
        years = self._years_of(censuses)
        roll_now = rolls.roll_of_sql(rolls.cells_for(planned)[0], censuses, years)
        leaves = crude = status = None
        caveats: tuple[str, ...] = ()
        if planned.needs_roll:
            crude = leaves = self.make("roll_cells", rolls.grouped_roll_sql(planned, roll_now))
            is_other = not planned.measure.is_by_day and self.rows(rolls.other_time_sql(censuses, period))[0][0] > 0
            caveats = (OTHER_TIME,) if is_other else ()
        if planned.measure.is_by_day and planned.needs_roll:
            leaves, caveats = self._day_leaves(planned, period, tabulations)
        if planned.needs_posting and (planned.source == COUNTED or not planned.measure.is_by_day):
            status = self.make("officer_status", rolls.posted_status_sql(self._days(period)[0]))
        pupils_now = rolls.roll_of_sql("pupil_roll", censuses, years)
        reached, given = self._numerator_tables(planned, period, pupils_now, status)
        return Ready(reached, given, leaves, crude, status, roll_now, caveats, censuses, pupils_now)

    def _years_of(self, censuses: str) -> tuple[int, int] | None:
        """First and last academic year of these censuses; None where there is none."""
        days = self.rows(f"SELECT MIN(census_on), MAX(census_on) FROM {censuses}")[0]
        return None if days[0] is None else (academic_year_of(days[0]).first_year, academic_year_of(days[1]).first_year)

    def _day_leaves(self, planned: Plan, period: Period, tabulations: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
        """Pupil-days as leaf cells; and whether another term's census stands for some term."""
        posted, school_terms = self._days(period)
        censuses = self.make("census_of_term", rolls.census_of_term_sql(tabulations, school_terms))
        weight = "hundredths" if planned.measure.denominator == "officer_fte_pupil_days" else "n_days"
        text = rolls.pupil_days_sql(planned, weight, censuses, posted, self._years_of(censuses))
        leaves = self.make("day_cells", rolls.grouped_roll_sql(planned, text, by_officer=True))
        other = self.rows(f"SELECT COALESCE(MAX(is_other), 0) FROM {censuses}")[0][0]
        return leaves, (OTHER_CENSUS,) if other else ()

    def _numerator_tables(
        self, planned: Plan, period: Period, roll_now: str, status: str | None
    ) -> tuple[str, str | None]:
        if planned.source == COUNTED:
            return self.make("reached", self._with_officer(planned, events.counted_sql(planned, period), status)), None
        if planned.source == TALLIED:
            return self.make("reached", events.tallied_sql(planned, period)), None
        linked = roll_now if self.facts().roll_is_by_pupil else None
        text = events.reached_sql(planned, period, self.dialect, roll_now=linked)
        reached = self.make("reached", self._with_officer(planned, text, None if planned.given else status))
        if planned.given is None:
            return reached, None
        text = events.given_sql(planned, period, self.dialect, roll_now=linked)
        return reached, self.make("given", self._with_officer(planned, text, None))

    def _with_officer(self, planned: Plan, text: str, status: str | None) -> str:
        """Adds the officer stratum of each row: by its school's whole period, or else by its own day."""
        if not planned.needs_posting:
            return text
        if status is not None:
            return f"SELECT x.*, o.officer FROM ({text}) AS x LEFT JOIN {status} AS o ON o.urn = x.urn"
        in_force = rolls.IN_FORCE.format(day="x.on_day")
        posted = f"EXISTS (SELECT 1 FROM posted AS p WHERE p.urn = x.urn AND {in_force})"
        return f"SELECT x.*, CASE WHEN {posted} THEN 'posted' ELSE 'not_posted' END AS officer FROM ({text}) AS x"

    # Schools.
    def _school_states(self, planned: Plan, period: Period, ready: Ready) -> tuple[dict[str, str | None], bool, bool]:
        """Each open school: None if it enters, else why not. Is the roll bounded only? Is `collection` silent?"""
        stages, others, is_silent = self._told(planned, period, ready)
        unclear = self._unclear(planned, period, ready)
        others = {urn: [*states, PARTIAL] if urn in unclear else states for urn, states in others.items()}
        if planned.source == COUNTED:
            cells: dict[str, str] = dict(self.rows(rolls.state_sql(ready.reached)))
            stages = {urn: [*states, cells.get(urn, NOT_COLLECTED)] for urn, states in stages.items()}
        if planned.source == TALLIED:  # a school that counts, and not in the way that is asked for
            otherwise = {
                urn for urn, is_of_it in self.rows(events.tallied_schools_sql(planned, period)) if not is_of_it
            }
            stages = {urn: [*states, NOT_COLLECTED] if urn in otherwise else states for urn, states in stages.items()}
        if ready.leaves is None:
            return {urn: left_out_state(stages[urn], others[urn]) for urn in stages}, False, is_silent
        by_census = not planned.measure.where and not planned.measure.is_by_day
        text = rolls.census_state_sql(ready.censuses) if by_census else rolls.grouped_state_sql(ready.leaves)
        roll: dict[str, str] = dict(self.rows(text))
        states = _left_out_alike(stages, others, roll)
        if planned.roll and planned.roll.tabulations[0] != ALL and None not in states.values():
            known = {urn: WHOLE if state == SUPPRESSED else state for urn, state in roll.items()}
            bounded = {
                urn: left_out_state(stages[urn], [*others[urn], known.get(urn, NOT_COLLECTED)]) for urn in stages
            }
            if None in bounded.values():
                return bounded, True, is_silent
        return states, False, is_silent

    def _unclear(self, planned: Plan, period: Period, ready: Ready) -> set[str]:
        """Schools whose officers' exposure is not known: no full-time equivalent given, or counts of a part-posted year."""
        found: set[str] = set()
        if planned.measure.denominator == "officer_fte_pupil_days":
            in_force = f"from_on <= {day(period.to_on)} AND (to_on IS NULL OR to_on >= {day(period.from_on)})"
            found |= {row[0] for row in self.rows(f"SELECT DISTINCT urn FROM posted WHERE fte IS NULL AND {in_force}")}
        if planned.source == COUNTED and planned.measure.is_by_day and ready.status is not None:
            found |= {row[0] for row in self.rows(f"SELECT urn FROM {ready.status} WHERE officer = 'part_of_the_time'")}
        return found

    def _told(
        self, planned: Plan, period: Period, ready: Ready
    ) -> tuple[dict[str, list[str]], dict[str, list[str]], bool]:
        """What `collection` says of each open school; where it is silent, whether there are rows."""
        key = (*self.told_of(planned, period), ready.reached if planned.source == COUNTED else "")
        if key not in self._told_cache:
            self._told_cache[key] = self._read_told(planned, period, ready)
        return self._told_cache[key]

    def told_of(self, planned: Plan, period: Period) -> tuple[object, ...]:
        """Of what must be told that a school enters: where two questions share it, `collection` says the same of both."""
        spoken_of = {row[0] for row in self.rows("SELECT DISTINCT subject FROM collection")}
        inherited = tuple(subject for subject in planned.inherited if subject in spoken_of)
        return (planned.follow_up_days, planned.primary, inherited, planned.needs_roll, planned.needs_posting, period,
                planned.source)  # fmt: skip

    def _read_told(
        self, planned: Plan, period: Period, ready: Ready
    ) -> tuple[dict[str, list[str]], dict[str, list[str]], bool]:
        shown = {subject: self._shown(planned, subject, period, ready) for subject in planned.primary}
        wanted = (["roll"] if planned.needs_roll else []) + (["posting"] if planned.needs_posting else [])
        told = self._collection((*planned.primary, *planned.inherited, *wanted))
        told_of = _told_once(told)
        stages: dict[str, list[str]] = {}
        others: dict[str, list[str]] = {}
        is_silent = False
        own = {urn for urn, _ in told}
        alike: dict[tuple[object, ...], tuple[list[str], list[str], bool]] = {}
        for urn, a, b in self._open_schools(period):
            # Schools without a word of their own, open on the same days, with rows of the same subjects, are alike.
            key = (urn if urn in own else "", a, b, *(urn in shown[subject] for subject in planned.primary))
            if key not in alike:
                alike[key] = self._told_of_school(planned, told_of, shown, wanted, urn, a, b)
            stages[urn], others[urn], silent = alike[key]
            is_silent = is_silent or silent
        return stages, others, is_silent

    def _told_of_school(
        self, planned: Plan, told_of: ToldOf, shown: dict[str, set[str]], wanted: list[str], urn: str, a: date, b: date
    ) -> tuple[list[str], list[str], bool]:
        """What is told of a school's stages, of its roll and postings; is `collection` silent of a stage?"""
        until = b + timedelta(days=planned.follow_up_days)
        said = [told_of(urn, subject, a, until if subject == "contact" else b) for subject in planned.primary]
        is_early = planned.follow_up_days > 0 and (self.facts().last_on or until) < until
        seen = [
            NOT_COLLECTED if urn not in shown[subject] else PARTIAL if subject == "contact" and is_early else WHOLE
            for subject in planned.primary
        ]
        stages = [word or sight for word, sight in zip(said, seen, strict=True)]
        stages += [s for s in (told_of(urn, x, a, b) for x in planned.inherited) if s]
        return (
            stages,
            [s for s in (told_of(urn, x, a, b) for x in wanted) if s],
            None in said and planned.source != COUNTED,
        )

    def _collection(self, subjects: tuple[str, ...]) -> dict[tuple[str, str], list[Told]]:
        told: dict[tuple[str, str], list[Told]] = defaultdict(list)
        for urn, subject, a, b, state in self.rows(
            f"SELECT urn, subject, from_on, to_on, state FROM collection WHERE subject IN ({listed(tuple(dict.fromkeys(subjects)))}) "
            "ORDER BY urn, subject, from_on, to_on"
        ):
            told[(urn, subject)].append(Told(a, b, state))
        return told

    def _open_schools(self, period: Period) -> Iterator[tuple[str, date, date]]:
        """Schools that are open in the period, with its days on which they are."""
        for urn, opened, closed in self.rows("SELECT urn, opened_on, closed_on FROM school ORDER BY urn"):
            a, b = max(period.from_on, opened or period.from_on), min(period.to_on, closed or period.to_on)
            if a <= b:
                yield urn, a, b

    def _shown(self, planned: Plan, subject: str, period: Period, ready: Ready) -> set[str]:
        """Schools with rows of a subject in the period."""
        if planned.source == COUNTED:
            return {row[0] for row in self.rows(f"SELECT DISTINCT urn FROM {ready.reached}")}
        if planned.source == TALLIED:
            return {row[0] for row in self.rows(events.tallied_schools_sql(planned, period))}
        column = "offered_on" if subject == "support" else "CAST(occurred_at AS DATE)"
        window = f"{column} BETWEEN {day(period.from_on)} AND {day(period.to_on)}"
        return {row[0] for row in self.rows(f"SELECT DISTINCT urn FROM {subject} WHERE {window}")}

    # Cells.
    def _cells(
        self, planned: Plan, period: Period, ready: Ready, entering: str, within: tuple[str, ...], is_bounded: bool
    ) -> list[Cell]:
        columns = {"school": "urn", "area": "area", "officer": "officer"}
        keys = (*(columns[name] for name in within), *planned.measure.columns)
        reached = self._numbers(planned, ready.reached, keys, entering)
        under = self._denominators(planned, ready, keys, entering, is_bounded)
        n = len(within)
        return [
            _cell(planned, period.name, key[:n], key[n:], reached.get(key, 0), under.get(key))
            for key in {**reached, **under}
        ]

    def _numbers(self, planned: Plan, table: str, keys: Key, entering: str) -> dict[Key, int]:
        counted = "SUM(CASE WHEN state = 'counted' THEN n ELSE 0 END)"
        unit = counted if planned.source != ROWS else events.unit_sql(planned.measure.unit)
        text = _summed(f"CAST({unit} AS BIGINT)", table, keys, entering, _only_posted(planned))
        return {_key(row[:-1]): row[-1] for row in self.rows(text)}

    def _denominators(
        self, planned: Plan, ready: Ready, keys: Key, entering: str, is_bounded: bool
    ) -> dict[Key, Under]:
        if ready.given is not None:
            return {key: (n, None, None) for key, n in self._numbers(planned, ready.given, keys, entering).items()}
        if ready.leaves is None:
            return {}
        source = ready.leaves
        if "officer" in keys and ready.status is not None and not planned.measure.is_by_day:
            source = f"(SELECT x.*, o.officer FROM {ready.leaves} AS x LEFT JOIN {ready.status} AS o ON o.urn = x.urn)"
        sums = ", ".join(
            f"CAST(SUM({c}) AS BIGINT)" for c in ("n", "n_cells", "n_counted", "at_least", "n_unbounded", "at_most")
        )
        found: dict[Key, Under] = {}
        for row in self.rows(_summed(sums, source, keys, entering, _only_posted(planned))):
            total, n_cells, n_counted, least, unbounded, most = row[len(keys) :]
            is_hidden = is_bounded and n_counted < n_cells
            found[_key(row[: len(keys)])] = (
                (None, least, None if unbounded else most) if is_hidden else (total, None, None)
            )
        return found

    def _asides(self, planned: Plan, ready: Ready, entering: str) -> tuple[int, int]:
        """Involvements of unidentified pupils, and those recorded with another value than the pupil's one."""
        if planned.source != ROWS:
            return 0, 0
        unidentified = f"SUM(CASE WHEN pupil_no = {UNIDENTIFIED} THEN n_involvements ELSE 0 END)"
        sums = f"CAST(COALESCE({unidentified}, 0) AS BIGINT), CAST(COALESCE(SUM({_differing(planned)}), 0) AS BIGINT)"
        for unknown, differing in self.rows(_summed(sums, ready.reached, (), entering, _only_posted(planned))):
            return int(unknown), int(differing)
        return 0, 0

    def _left_out(
        self, planned: Plan, period: Period, ready: Ready, states: dict[str, str | None]
    ) -> Iterator[LeftOut]:
        """Schools that stay out, by state, with the pupils of those whose roll is known."""
        out = [(urn, state) for urn, state in states.items() if state is not None]
        if not out:
            return
        whole = {row[0] for row in self.rows(rolls.state_sql(f"({ready.roll_now})")) if row[1] == WHOLE}
        pupils: dict[str, dict[Key, int]] = defaultdict(lambda: defaultdict(int))
        for urn, key, n in self._crude_cells(planned, ready):
            state = states.get(urn)
            if state is not None and urn in whole:
                pupils[state][key] += n
        for state in sorted({s for _, s in out}):
            urns = [urn for urn, why in out if why == state]
            unknown = sum(1 for urn in urns if urn not in whole)
            known = None if unknown == len(urns) else tuple(sorted(pupils[state].items()))
            yield LeftOut(period.name, state, len(urns), known, unknown)

    def _crude_cells(self, planned: Plan, ready: Ready) -> Iterator[tuple[str, Key, int]]:
        """Pupils on roll by school and group: (urn, codes, n)."""
        if ready.crude is None:
            return
        for row in self.rows(f"SELECT {', '.join(('urn', *planned.measure.columns, 'n'))} FROM {ready.crude}"):
            yield row[0], _key(row[1:-1]), row[-1]

    # Cubes.
    def cube(self, measure: Measure, stages: tuple[str, ...]) -> Cube:
        """Every sum of a split, for several stages at once: see `evidence/cube.py`."""
        self._prepare()
        return cube_of(self, check_cube(measure), stages)

    # Completeness.
    def completeness(self, period: str | None = None) -> Completeness:
        """What was collected, school by school, and which columns are known, by broad ethnic group."""
        self._prepare()
        known = [Known(*row) for text in known_sql(self._tables) for row in self.rows(text)]
        codes, gaps = code_counts(self.rows, self.facts()), gap_rows(self, period)
        return Completeness(collected_rows(self, period), tuple(sorted(known)), codes, gaps)


def _differing(planned: Plan) -> str:
    """Does a row differ in a characteristic that the question splits or filters by?"""
    measure = planned.measure
    named = [c for c in ONE_VALUE if c in measure.columns or measure.wanted(c) is not None]
    differs = " OR ".join(f"differs_{c} = 1" for c in named) or "1 = 0"
    return f"CASE WHEN {differs} THEN 1 ELSE 0 END"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _key(values: tuple[Any, ...]) -> Key:
    return tuple(map(str, values))


def _only_posted(planned: Plan) -> str:
    """An officer's exposure holds posted days only, in numerator and denominator alike."""
    return " AND officer = 'posted'" if planned.measure.denominator.startswith("officer_") else ""


def _summed(sums: str, table: str, keys: Key, entering: str, only: str) -> str:
    """Sums over the schools that enter, by these keys; no row where there is nothing to add."""
    named = "".join(f"{k}, " for k in keys)
    grouped = f" GROUP BY {', '.join(keys)}" if keys else " HAVING COUNT(*) > 0"
    return f"SELECT {named}{sums} FROM {table} AS t WHERE urn IN (SELECT urn FROM {entering}){only}{grouped}"


def _left_out_alike(
    stages: dict[str, list[str]], others: dict[str, list[str]], roll: dict[str, str]
) -> dict[str, str | None]:
    """Why does each school stay out? Those of which the same is told (the very same lists) are judged once."""
    known: dict[tuple[int, int, str], str | None] = {}
    found: dict[str, str | None] = {}
    for urn, of_stages in stages.items():
        key = (id(of_stages), id(others[urn]), roll.get(urn, NOT_COLLECTED))
        if key not in known:
            known[key] = left_out_state(of_stages, [*others[urn], key[2]])
        found[urn] = known[key]
    return found


def _told_once(told: dict[tuple[str, str], list[Told]]) -> ToldOf:
    """A school's own word, else the folder's (`*`); None where `collection` is silent. The same words are read once."""
    known: dict[tuple[str, str, date, date], str] = {}

    def told_of(urn: str, subject: str, from_on: date, to_on: date) -> str | None:
        for name in (urn, EVERY_AREA):
            if (name, subject) in told:
                key = (name, subject, from_on, to_on)
                if key not in known:
                    known[key] = told_state(told[(name, subject)], from_on, to_on)
                return known[key]
        return None

    return told_of


def _cell(planned: Plan, period: str, stratum: Key, codes: Key, n: int, under: Under | None) -> Cell:
    if planned.measure.is_count_only:
        return Cell(period, stratum, codes, n, None)
    if under is None:
        if planned.roll is not None and planned.roll.by_population:
            return Cell(period, stratum, codes, n, None, CellState.NOT_COLLECTED)
        return Cell(period, stratum, codes, n, 0)
    total, least, most = under
    if total is None:
        return Cell(period, stratum, codes, n, None, CellState.SUPPRESSED, least, most)
    return Cell(period, stratum, codes, n, total)
