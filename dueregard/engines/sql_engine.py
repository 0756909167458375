"""The engine that counts by portable SQL. A subclass brings the database; the text is the same for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from dueregard.engines import sql_events as events
from dueregard.engines import sql_roll as rolls
from dueregard.engines.coverage import NOT_COLLECTED, SUPPRESSED, WHOLE, Told, left_out_state, told_state
from dueregard.engines.engine import Facts, Tabulation
from dueregard.engines.plan import COUNTED, ONLY_WITH_CONTACTS, PART_POSTED, ROWS, Plan, plan
from dueregard.engines.sql import INVOLVED, ON_ROLL, PUPIL, Dialect, day, listed, literal, person_sql
from dueregard.engines.sql_completeness import collected_rows, known_sql
from dueregard.evidence.cells import Cell, Cells, Completeness, Known, LeftOut
from dueregard.measures.measure import Measure
from dueregard.records.calendar import EVERY_AREA, england_calendar, school_days
from dueregard.terms.lists import code_list
from dueregard.terms.missing import NOT_IDENTIFIED, CellState
from dueregard.terms.periods import Period, academic_year_of
from dueregard.terms.stages import LADDER_CATEGORIES

OTHER_CENSUS = "For some terms the roll of another term's census stands, because the school has none in the term."
BOUNDED = "The source suppresses the roll of this population in every school: the rate is known between bounds only."
DEFAULT = "england"


class SqlEngine:
    """Counts by SQL over a snapshot's tables. Subclasses give `rows`, `make` and `load`."""

    dialect = Dialect()

    def __init__(self, tables: frozenset[str]) -> None:
        self._tables = tables
        self._facts: Facts | None = None
        self._prepared = False
        self._made: dict[str, tuple[object, ...]] = {}
        self._stamps: dict[str, int] = {}

    # What a database must offer: rows, make_table, load_table.
    def rows(self, text: str) -> list[tuple[Any, ...]]:
        raise NotImplementedError

    def make_table(self, name: str, text: str) -> None:
        raise NotImplementedError

    def load_table(self, name: str, columns: dict[str, str], rows: list[tuple[Any, ...]]) -> None:
        raise NotImplementedError

    def make(self, name: str, text: str) -> None:
        """A scratch table from a query; kept while neither its text nor a table that it names has changed."""
        named = sorted(other for other in self._stamps if other in text)
        if self._is_new(name, (text, *((other, self._stamps[other]) for other in named))):
            self.make_table(name, text)

    def load(self, name: str, columns: dict[str, str], rows: list[tuple[Any, ...]]) -> None:
        """A scratch table from rows that were made here; kept while they are the same."""
        if self._is_new(name, tuple(rows)):
            self.load_table(name, columns, rows)

    def _is_new(self, name: str, signature: tuple[object, ...]) -> bool:
        if self._made.get(name) == signature:
            return False
        self._made[name] = signature
        self._stamps[name] = self._stamps.get(name, 0) + 1
        return True

    # Facts.
    def facts(self) -> Facts:
        """The small facts of this snapshot; read once."""
        if self._facts is None:
            self._facts = self._read_facts()
        return self._facts

    def _read_facts(self) -> Facts:
        counted = {(s, u, p) for s, u, p in self.rows("SELECT DISTINCT stage, unit, period FROM stage_count")}
        stages = sorted({s for s, _, _ in counted})
        spans = self.rows(
            "SELECT MIN(on_day), MAX(on_day) FROM (SELECT CAST(occurred_at AS DATE) AS on_day FROM contact "
            "UNION ALL SELECT offered_on FROM support) AS dated"
        )[0]
        covered = self.rows(
            "SELECT subject, MAX(to_on) FROM collection WHERE state IN ('complete', 'nil') GROUP BY subject ORDER BY subject"
        )
        return Facts(
            tables=self._tables,
            counted=frozenset(counted),
            stage_tabulations=tuple((s, self._tabulations("stage_count", events.COUNTED_COLUMNS, f"stage = {literal(s)}")) for s in stages),
            roll_tabulations=self._tabulations("roll", (*events.COUNTED_COLUMNS, "sen_type", "year_group", "is_fsm"), "1 = 1"),
            roll_is_by_pupil=bool(self.rows("SELECT COUNT(*) FROM roll WHERE pupil_ref IS NOT NULL")[0][0]),
            roll_has_age=bool(self.rows("SELECT COUNT(*) FROM roll WHERE age_on_31_august IS NOT NULL")[0][0]),
            first_on=spans[0], last_on=spans[1], covered_to=tuple((s, d) for s, d in covered),
            stage_disabilities=tuple((s, self._disabilities(s)) for s in stages),
        )  # fmt: skip

    def _tabulations(self, table: str, columns: tuple[str, ...], where: str) -> tuple[Tabulation, ...]:
        """A column is split where it holds anything but `all` and `not_collected`."""
        split = ", ".join(f"MAX(CASE WHEN {c} IN ('all', 'not_collected') THEN 0 ELSE 1 END)" for c in columns)
        age = ", MAX(CASE WHEN age_on_31_august IS NULL THEN 0 ELSE 1 END)" if table == "roll" else ""
        names = (*columns, "age_on_31_august") if table == "roll" else columns
        rows = self.rows(
            f"SELECT tabulation, {split}{age} FROM {table} WHERE {where} GROUP BY tabulation ORDER BY tabulation"
        )
        return tuple(
            Tabulation(row[0], frozenset(c for c, is_split in zip(names, row[1:], strict=True) if is_split))
            for row in rows
        )

    def _disabilities(self, stage_code: str) -> frozenset[str]:
        rows = self.rows(
            f"SELECT DISTINCT disability FROM stage_count WHERE stage = {literal(stage_code)} AND tabulation LIKE 'all%'"
        )
        return frozenset(row[0] for row in rows) - {"all", "not_collected"}

    # Tables that every question shares; made once.
    def _prepare(self) -> None:
        if self._prepared:
            return
        self.make("pupil", PUPIL)
        self.make("involved", INVOLVED)
        self.make("person", person_sql(LADDER_CATEGORIES))
        self.make("on_roll", ON_ROLL)
        in_force = tuple(t.code for t in code_list("posting_kind") if t.group == "none")
        self.make(
            "posted",
            f"SELECT posting_ref, urn, fte, from_on, to_on FROM posting WHERE kind NOT IN ({listed(in_force)})",
        )
        self._prepared = True

    def _prepare_days(self, period: Period) -> None:
        """School days of a period by school, and whether an officer was posted."""
        terms = self._terms(period)
        days = [(calendar, year, term, d) for calendar, year, term, a, b, n in terms for d in school_days(a, b, n)]
        self.load(
            "school_day", {"calendar": "VARCHAR", "academic_year": "VARCHAR", "term": "VARCHAR", "on_day": "DATE"}, days
        )
        self.load(
            "school_calendar",
            {"urn": "VARCHAR", "calendar": "VARCHAR", "academic_year": "VARCHAR"},
            self._calendars(terms),
        )
        self.load("term_date", {"calendar": "VARCHAR", "academic_year": "VARCHAR", "term": "VARCHAR", "from_on": "DATE", "to_on": "DATE"},
                  [(c, y, f"{y} {t}", a, b) for c, y, t, a, b, _ in terms])  # fmt: skip
        self.make("school_term", "SELECT k.urn, t.term, t.from_on, t.to_on FROM school_calendar AS k JOIN term_date AS t "
                  "ON t.calendar = k.calendar AND t.academic_year = k.academic_year")  # fmt: skip
        self.make("posted_days", rolls.posted_days_sql(period).replace("d.term,", "d.academic_year || ' ' || d.term AS term,", 1)
                  .replace("GROUP BY k.urn, d.term,", "GROUP BY k.urn, d.academic_year || ' ' || d.term,"))  # fmt: skip

    def _terms(self, period: Period) -> list[tuple[str, str, str, date, date, int]]:
        """Terms of every academic year that the period touches; England's default stands beside them."""
        first, last = academic_year_of(period.from_on).first_year, academic_year_of(period.to_on).first_year
        names = [f"{y}/{(y + 1) % 100:02d}" for y in range(first, last + 1)]
        terms = [(la, year, term, a, b, n) for la, year, term, a, b, n in
                 self.rows("SELECT la_code, academic_year, term, from_on, to_on, school_days FROM calendar ORDER BY la_code, academic_year, from_on")
                 if year in names]  # fmt: skip
        for y, name in zip(range(first, last + 1), names, strict=True):
            terms += [(DEFAULT, name, term, a, b, n) for term, a, b, n in england_calendar(y)]
        return terms

    def _calendars(self, terms: list[tuple[str, str, str, date, date, int]]) -> list[tuple[str, str, str]]:
        known = {(calendar, year) for calendar, year, *_ in terms}
        years = sorted({year for _, year in known})
        found = []
        for urn, la in self.rows("SELECT urn, la_code FROM school ORDER BY urn"):
            for year in years:
                calendar = next((c for c in (la, EVERY_AREA) if c and (c, year) in known), DEFAULT)
                found.append((urn, calendar, year))
        return found

    # Answers.
    def count(self, measure: Measure) -> Cells:
        """The cells of one question, every period of it."""
        self._prepare()
        planned = plan(measure, self.facts())
        answers = [self._count_period(planned, period) for period in planned.periods]
        return Cells(
            measure=measure,
            periods=tuple(p.name for p in planned.periods),
            whole=tuple(sorted(c for a in answers for c in a.whole)),
            strata=tuple(sorted(c for a in answers for c in a.strata)),
            schools_used=tuple(used for a in answers for used in a.schools_used),
            left_out=tuple(sorted((x for a in answers for x in a.left_out), key=lambda x: (x.period, x.state))),
            not_identified=sum(a.not_identified for a in answers),
            disagreeing=sum(a.disagreeing for a in answers),
            caveats=tuple(dict.fromkeys([*planned.caveats, *(c for a in answers for c in a.caveats)])),
        )

    def _count_period(self, planned: Plan, period: Period) -> Cells:
        caveats = self._prepare_period(planned, period)
        states, is_bounded, more = self._school_states(planned, period)
        caveats += more + ([BOUNDED] if is_bounded else [])
        used = [urn for urn, state in states.items() if state is None]
        self.load("entering", {"urn": "VARCHAR"}, [(urn,) for urn in used])
        columns = planned.measure.columns
        whole = self._cells(planned, period, columns, [], is_bounded)
        strata: list[Cell] = []
        if planned.measure.within:
            strata = self._cells(planned, period, columns, list(planned.measure.within), is_bounded)
            if (
                "officer" in planned.measure.within
                and not planned.measure.is_by_day
                and any("part_of_the_time" in c.stratum for c in strata)
            ):
                caveats.append(PART_POSTED)
        unidentified, disagreeing = self._asides(planned, period)
        return Cells(planned.measure, (period.name,), tuple(whole), tuple(strata), ((period.name, len(used)),),
                     tuple(self._left_out(planned, period, states)), unidentified, disagreeing, tuple(caveats))  # fmt: skip

    def _prepare_period(self, planned: Plan, period: Period) -> list[str]:
        """The roll, the days and the numerator's rows of this period. Returns caveats."""
        caveats: list[str] = []
        tabulations = planned.roll.tabulations if planned.roll else ("all",)
        self.make("roll_now", rolls.roll_now_sql(tabulations, period))
        if planned.measure.is_by_day or planned.needs_posting:
            self._prepare_days(period)
        if planned.needs_roll:
            source = "roll_now"
            if planned.measure.is_by_day:
                weight = "hundredths" if planned.measure.denominator == "officer_fte_pupil_days" else "n_days"
                self.make("pupil_days", rolls.pupil_days_sql(weight, tabulations))
                other = self.rows(
                    f"SELECT COALESCE(MAX(is_other), 0) FROM ({rolls.census_of_term_sql(tabulations)}) AS c"
                )[0][0]
                caveats += [OTHER_CENSUS] if other else []
                source = "pupil_days"
            self.make(
                "exposed",
                rolls.grouped_roll_sql(planned, source) if source == "roll_now" else self._exposed_days(planned),
            )
        if planned.needs_posting and not planned.measure.is_by_day:
            self.make("officer_status", rolls.posted_status_sql())
        self._make_reached(planned, period)
        return caveats

    def _exposed_days(self, planned: Plan) -> str:
        grouped = rolls.grouped_roll_sql(planned, "pupil_days").replace("r.at_most,", "r.at_most, r.posted,", 1)
        only = " WHERE posted = 1" if planned.measure.denominator.startswith("officer_") else ""
        return f"SELECT x.*, CASE WHEN posted = 1 THEN 'posted' ELSE 'not_posted' END AS officer FROM ({grouped}) AS x{only}"

    def _make_reached(self, planned: Plan, period: Period) -> None:
        """Tables `reached` (numerator) and, where the denominator is a stage, `given`."""
        if planned.source == COUNTED:
            self.make("reached", self._with_officer(planned, events.counted_sql(planned, period), by_day=False))
            return
        linked = self.facts().roll_is_by_pupil
        by_day = planned.measure.is_by_day or planned.given is not None
        text = events.reached_sql(planned, period, self.dialect, roll_is_by_pupil=linked)
        self.make("reached", self._with_officer(planned, text, by_day=by_day))
        if planned.given is not None:
            text = events.given_sql(planned, period, self.dialect, roll_is_by_pupil=linked)
            self.make("given", self._with_officer(planned, text, by_day=by_day))

    def _with_officer(self, planned: Plan, text: str, *, by_day: bool) -> str:
        """Adds the officer stratum of each row: by its day, or by its school's whole period."""
        if not planned.needs_posting:
            return text
        if not by_day:
            return f"SELECT x.*, o.officer FROM ({text}) AS x LEFT JOIN officer_status AS o ON o.urn = x.urn"
        in_force = rolls.IN_FORCE.format(day="x.on_day")
        posted = f"EXISTS (SELECT 1 FROM posted AS p WHERE p.urn = x.urn AND {in_force})"
        only = f" WHERE {posted}" if planned.measure.denominator.startswith("officer_") else ""
        return f"SELECT x.*, CASE WHEN {posted} THEN 'posted' ELSE 'not_posted' END AS officer FROM ({text}) AS x{only}"

    # Schools.
    def _school_states(self, planned: Plan, period: Period) -> tuple[dict[str, str | None], bool, list[str]]:
        """Each open school: None if it enters, else why not. And: is the roll known between bounds only?"""
        stages, others, caveats = self._told(planned, period)
        if planned.source == COUNTED:
            stages = self._with_cell_states(stages)
        roll = dict(self.rows(rolls.roll_state_sql("SELECT urn, state FROM exposed"))) if planned.needs_roll else {}
        states = {urn: self._state(planned, stages[urn], others[urn], roll.get(urn, NOT_COLLECTED)) for urn in stages}
        if (
            planned.needs_roll
            and planned.roll
            and planned.roll.tabulations[0] != "all"
            and not any(s is None for s in states.values())
        ):
            bounded = {urn: self._state(planned, stages[urn], others[urn], WHOLE if roll.get(urn) == SUPPRESSED else roll.get(urn, NOT_COLLECTED))
                       for urn in stages}  # fmt: skip
            if any(s is None for s in bounded.values()):
                return bounded, True, caveats
        return states, False, caveats

    def _state(self, planned: Plan, stages: list[str], others: list[str], roll: str) -> str | None:
        return left_out_state(stages, [*others, *([roll] if planned.needs_roll else [])])

    def _told(self, planned: Plan, period: Period) -> tuple[dict[str, list[str]], dict[str, list[str]], list[str]]:
        """What `collection` says of each open school; where it is silent, whether there are rows."""
        subjects = (*planned.primary, *planned.inherited, "roll", *(["posting"] if planned.needs_posting else []))
        told: dict[tuple[str, str], list[Told]] = defaultdict(list)
        for urn, subject, a, b, state in self.rows(
            f"SELECT urn, subject, from_on, to_on, state FROM collection WHERE subject IN ({listed(tuple(dict.fromkeys(subjects)))}) "
            "ORDER BY urn, subject, from_on, to_on"
        ):
            told[(urn, subject)].append(Told(a, b, state))
        shown = {subject: self._shown(planned, subject, period) for subject in planned.primary}
        stages, others, silent = {}, {}, False
        for urn, opened, closed in self.rows("SELECT urn, opened_on, closed_on FROM school ORDER BY urn"):
            if (opened and opened > period.to_on) or (closed and closed < period.from_on):
                continue
            a, b = max(period.from_on, opened or period.from_on), min(period.to_on, closed or period.to_on)
            stages[urn], others[urn] = [], []
            for subject in planned.primary:
                state = _told_of(told, urn, subject, a, b)
                silent = silent or (state is None and planned.source == ROWS)
                stages[urn].append(state or (WHOLE if urn in shown[subject] else NOT_COLLECTED))
            stages[urn] += [s for s in (_told_of(told, urn, x, a, b) for x in planned.inherited) if s]
            asked_roll = ["roll"] if planned.needs_roll else []
            for subject in (*asked_roll, *(["posting"] if planned.needs_posting else [])):
                others[urn] += [s for s in (_told_of(told, urn, subject, a, b),) if s]
        return stages, others, [ONLY_WITH_CONTACTS] if silent else []

    def _shown(self, planned: Plan, subject: str, period: Period) -> set[str]:
        """Schools with rows of a subject in the period."""
        if planned.source == COUNTED:
            return {row[0] for row in self.rows("SELECT DISTINCT urn FROM reached")}
        column = "offered_on" if subject == "support" else "CAST(occurred_at AS DATE)"
        window = f"{column} BETWEEN {day(period.from_on)} AND {day(period.to_on)}"
        return {row[0] for row in self.rows(f"SELECT DISTINCT urn FROM {subject} WHERE {window}")}

    def _with_cell_states(self, stages: dict[str, list[str]]) -> dict[str, list[str]]:
        cells = dict(self.rows(rolls.roll_state_sql("SELECT urn, state FROM reached")))
        return {urn: [*states, cells.get(urn, NOT_COLLECTED)] for urn, states in stages.items()}

    # Cells.
    def _cells(
        self, planned: Plan, period: Period, columns: tuple[str, ...], within: list[str], is_bounded: bool
    ) -> list[Cell]:
        strata = rolls.stratum_columns(tuple(within), "officer")
        keys = [*strata, *columns]
        reached = self._numbers(planned, "reached", keys)
        under = self._denominators(planned, keys, is_bounded)
        cells = []
        for key in {**reached, **under}:
            stratum, codes = key[: len(strata)], key[len(strata) :]
            n = reached.get(key, 0)
            cells.append(_cell(planned, period.name, stratum, codes, n, under.get(key)))
        return cells

    def _numbers(self, planned: Plan, table: str, keys: list[str]) -> dict[tuple[str, ...], int]:
        unit = (
            "SUM(CASE WHEN state = 'counted' THEN n ELSE 0 END)"
            if planned.source == COUNTED
            else events.unit_sql(planned.measure.unit)
        )
        grouped = f" GROUP BY {', '.join(keys)}" if keys else ""
        listed_keys = "".join(f"{k}, " for k in keys)
        text = (
            f"SELECT {listed_keys}CAST({unit} AS BIGINT) FROM {table} WHERE urn IN (SELECT urn FROM entering){grouped}"
        )
        return {tuple(row[:-1]): row[-1] for row in self.rows(text)}

    def _denominators(
        self, planned: Plan, keys: list[str], is_bounded: bool
    ) -> dict[tuple[str, ...], tuple[int | None, int | None, int | None]]:
        if planned.measure.is_count_only:
            return {}
        if planned.given is not None:
            return {key: (n, None, None) for key, n in self._numbers(replace(planned), "given", keys).items()}
        source = "exposed"
        if "officer" in keys and not planned.measure.is_by_day:
            source = "(SELECT x.*, o.officer FROM exposed AS x LEFT JOIN officer_status AS o ON o.urn = x.urn)"
        listed_keys = "".join(f"{k}, " for k in keys)
        grouped = f" GROUP BY {', '.join(keys)}" if keys else ""
        rows = self.rows(
            f"SELECT {listed_keys}CAST(SUM(CASE WHEN state = 'counted' THEN n_pupils ELSE 0 END) AS BIGINT), "
            "SUM(CASE WHEN state = 'counted' THEN 0 ELSE 1 END), CAST(SUM(COALESCE(at_least, 0)) AS BIGINT), "
            f"SUM(CASE WHEN at_most IS NULL THEN 1 ELSE 0 END), CAST(SUM(COALESCE(at_most, 0)) AS BIGINT) "
            f"FROM {source} AS x WHERE urn IN (SELECT urn FROM entering){grouped}"
        )
        found = {}
        for row in rows:
            total, hidden, least, unbounded, most = row[len(keys) :]
            bounds = (None, least, None if unbounded else most) if hidden and is_bounded else (total, None, None)
            found[tuple(row[: len(keys)])] = bounds
        return found

    def _asides(self, planned: Plan, period: Period) -> tuple[int, int]:
        """Units of unidentified pupils, and involvements whose ethnicity disagrees with the pupil's one value."""
        if planned.source == COUNTED:
            return 0, 0
        rows = self.rows(
            f"SELECT CAST(COALESCE(SUM(CASE WHEN pupil_ref = {literal(NOT_IDENTIFIED)} THEN n_involvements ELSE 0 END), 0) AS BIGINT), "
            "CAST(COALESCE(SUM(disagrees), 0) AS BIGINT) FROM reached WHERE urn IN (SELECT urn FROM entering)"
        )
        return int(rows[0][0]), int(rows[0][1])

    def _left_out(self, planned: Plan, period: Period, states: dict[str, str | None]) -> Iterable[LeftOut]:
        """Schools that stay out, by state, with the pupils of those whose roll is known."""
        out = [(urn, state) for urn, state in states.items() if state is not None]
        self.load("staying_out", {"urn": "VARCHAR", "why": "VARCHAR"}, out)
        known_rolls = {
            row[0]
            for row in self.rows(
                f"SELECT urn FROM ({rolls.roll_state_sql('SELECT urn, state FROM roll_now')}) AS s WHERE state = 'whole'"
            )
        }
        pupils = self._pupils_left_out(planned)
        for state in sorted({s for _, s in out}):
            urns = [urn for urn, why in out if why == state]
            unknown = sum(1 for urn in urns if urn not in known_rolls)
            known = None if unknown == len(urns) else tuple(sorted(pupils.get(state, {}).items()))
            yield LeftOut(period.name, state, len(urns), known, unknown)

    def _pupils_left_out(self, planned: Plan) -> dict[str, dict[tuple[str, ...], int]]:
        if planned.roll is None:
            return {}
        keys = list(planned.measure.columns)
        listed_keys = "".join(f"g.{k}, " for k in keys)
        grouped = rolls.grouped_roll_sql(planned, "roll_now")
        whole = rolls.roll_state_sql("SELECT urn, state FROM roll_now")
        rows = self.rows(
            f"SELECT o.why, {listed_keys}CAST(SUM(g.n_pupils) AS BIGINT) FROM ({grouped}) AS g JOIN staying_out AS o ON o.urn = g.urn "
            f"JOIN ({whole}) AS w ON w.urn = g.urn WHERE w.state = 'whole' GROUP BY {', '.join(['o.why', *(f'g.{k}' for k in keys)])}"
        )
        found: dict[str, dict[tuple[str, ...], int]] = defaultdict(dict)
        for row in rows:
            found[row[0]][tuple(row[1:-1])] = row[-1]
        return found

    # Completeness.
    def completeness(self, period: str | None = None) -> Completeness:
        """What was collected, school by school, and which columns are known, by broad ethnic group."""
        self._prepare()
        known = [Known(*row) for text in known_sql(self._tables) for row in self.rows(text)]
        return Completeness(collected_rows(self, period), tuple(sorted(known)))


def _told_of(told: dict[tuple[str, str], list[Told]], urn: str, subject: str, from_on: date, to_on: date) -> str | None:
    """A school's own word, else the folder's (`*`); None where `collection` is silent."""
    for name in (urn, EVERY_AREA):
        if (name, subject) in told:
            return told_state(told[(name, subject)], from_on, to_on)
    return None


def _cell(
    planned: Plan,
    period: str,
    stratum: tuple,
    codes: tuple,
    n: int,
    under: tuple[int | None, int | None, int | None] | None,
) -> Cell:
    codes, stratum = tuple(map(str, codes)), tuple(map(str, stratum))
    if planned.measure.is_count_only:
        return Cell(period, stratum, codes, n, None, CellState.NOT_APPLICABLE)
    if under is None:
        absent = planned.roll is not None and planned.roll.by_population and codes
        return (
            Cell(period, stratum, codes, n, None, CellState.NOT_COLLECTED)
            if absent
            else Cell(period, stratum, codes, n, 0)
        )
    total, least, most = under
    if total is None:
        return Cell(period, stratum, codes, n, None, CellState.SUPPRESSED, least, most)
    return Cell(period, stratum, codes, n, total)
