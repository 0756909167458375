"""The reference engine: plain Python, slow, and easy to believe. It reads rows one by one and keeps sets and sums.

It shares with the SQL engines only how a question is read (`plan`) and what `collection` says (`coverage`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from dueregard.engines.chain_plan import chain_plan
from dueregard.engines.coverage import (
    NOT_COLLECTED,
    PARTIAL,
    SUPPRESSED,
    WHOLE,
    Told,
    is_gap,
    left_out_state,
    told_state,
    whole_or_nil,
)
from dueregard.engines.engine import Facts
from dueregard.engines.plan import COUNTED, COUNTED_COLUMNS, ROWS, TALLIED, Plan, check_repeats, plan
from dueregard.engines.profiles import profile_plan
from dueregard.engines.reference_cells import Entering
from dueregard.engines.reference_chain import reached_or_later, who_reached
from dueregard.engines.reference_codes import code_counts
from dueregard.engines.reference_cube import cube_of
from dueregard.engines.reference_profiles import profiles_of
from dueregard.engines.reference_rows import (
    ON_ROLL,
    UNKNOWN,
    Held,
    Reached,
    Row,
    age_from_year,
    agreed,
    categories,
    census_of_term,
    is_somebody,
    is_stage,
    known_cell,
    known_states,
    latest,
    passes,
    population,
    self_defined,
    shared,
    split_of,
    tabulations,
    way,
)
from dueregard.engines.strata import count_in_columns
from dueregard.engines.tallies import TALLY_SPLITS
from dueregard.evidence.caveats import (
    BOUNDED,
    ONLY_WITH_CONTACTS,
    ONLY_WITH_SANCTIONS,
    OTHER_CENSUS,
    OTHER_TIME,
    PART_POSTED,
)
from dueregard.evidence.cells import Cells, Collected, Completeness, Gap, Known, LeftOut, Repeat, together
from dueregard.evidence.chain import Chain, chain_of_counts, chain_of_rows
from dueregard.evidence.cube import Cube, check_cube
from dueregard.evidence.paths import parquet_sql
from dueregard.evidence.profile import Profile
from dueregard.measures.columns import OWN_COLUMNS
from dueregard.measures.measure import Measure, check_measure
from dueregard.records.calendar import england_calendar, school_days
from dueregard.terms.ethnicity import COUNTED_LISTS, OBSERVED_LISTS, SCHOOL_LISTS, broad_groups
from dueregard.terms.lists import code_list
from dueregard.terms.missing import NOT_IDENTIFIED
from dueregard.terms.periods import Period, academic_year_of, parse_period
from dueregard.terms.stages import Stage, chain_to

ONE_VALUE = ("ethnicity", "sex", "sen_provision", "sen_type", "disability")
YEARLY = ("year_group", "age_on_31_august", "is_fsm")
FAR = date(9999, 12, 31)


def read_tables(snapshot: Any) -> dict[str, list[Row]]:
    """Every row of a snapshot as a dictionary."""
    import duckdb

    tables = {}
    for name in snapshot.manifest.tables:
        found = duckdb.connect().execute(f"SELECT * FROM {parquet_sql(snapshot.file(name))}")
        names = [column[0] for column in found.description]
        tables[name] = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return tables


class ReferenceEngine:
    """Counts by going through the rows."""

    def __init__(self, tables: dict[str, list[Row]]) -> None:
        self.tables = defaultdict(list, tables)
        self.present = frozenset(tables)
        self.schools = {row["urn"]: row for row in self.tables["school"]}
        self.contacts = {row["contact_ref"]: row for row in self.tables["contact"]}
        days = [c["occurred_at"].date() for c in self.contacts.values()]
        days += [s["offered_on"] for s in self.tables["support"]]
        self.first_on, self.last_on = min(days, default=None), max(days, default=None)
        none = {t.code for t in code_list("posting_kind") if t.group == "none"}
        self.postings: dict[str, list[Row]] = defaultdict(list)
        for posting in self.tables["posting"]:
            if posting["kind"] not in none:
                self.postings[posting["urn"]].append(posting)
        self.collected: dict[tuple[str, str], list[Told]] = defaultdict(list)
        for row in self.tables["collection"]:
            self.collected[(row["urn"], row["subject"])].append(Told(row["from_on"], row["to_on"], row["state"]))
        self.linked = {r["pupil_ref"] for r in self.tables["roll"] if is_somebody(r)}
        self.one_value = self._one_values()
        self.involved = list(self._involved())
        self.on_roll = list(self._on_roll())

    # Facts.
    def facts(self) -> Facts:
        counted = self.tables["stage_count"]
        stages = sorted({r["stage"] for r in counted})
        covered: dict[str, date] = {}
        for row in self.tables["collection"]:
            if row["state"] in ("complete", "nil"):
                covered[row["subject"]] = max(covered.get(row["subject"], row["to_on"]), row["to_on"])
        starts: dict[tuple[str, str], date] = {}
        for row in self.tables["calendar"]:
            key = (row["academic_year"], row["term"])
            starts[key] = min(starts.get(key, row["from_on"]), row["from_on"])
        roll_columns = (*COUNTED_COLUMNS, "sen_type", "year_group", "is_fsm", "age_on_31_august")
        return Facts(
            tables=self.present,
            counted=frozenset((r["stage"], r["unit"], r["period"]) for r in counted),
            stage_tabulations=tuple((s, tabulations([r for r in counted if r["stage"] == s], COUNTED_COLUMNS)) for s in stages),
            roll_tabulations=tabulations(self.tables["roll"], roll_columns),
            roll_is_by_pupil=bool(self.linked),
            all_are_linked={r["pupil_ref"] for r in self.tables["involvement"]} - {NOT_IDENTIFIED} <= self.linked,
            roll_has_age=any(r["age_on_31_august"] is not None for r in self.tables["roll"]),
            first_on=self.first_on, last_on=self.last_on,
            covered_to=tuple(sorted(covered.items())),
            term_starts=tuple((*key, start) for key, start in sorted(starts.items())),
            stage_disabilities=tuple(
                (s, frozenset(r["disability"] for r in counted if r["stage"] == s and population(r["tabulation"]) == "all")
                 - {"all", "not_collected"}) for s in stages),
            sanction_terms=frozenset((r["academic_year"], r["term"]) for r in self.tables["sanction"]),
            sanction_tabulations=tuple(sorted({split_of(r) for r in self.tables["sanction"]}, key=lambda t: t.name)),
        )  # fmt: skip

    # Pupils.
    def _said(self) -> Iterator[tuple[str, tuple, Row]]:
        """(pupil, when and how, what was said of the pupil): by the roll where it links, else by contacts."""
        groups = broad_groups(SCHOOL_LISTS)
        for row in self.tables["roll"]:
            if is_somebody(row):
                rank = "1" if row["enrolment_status"] in ("C", "M") else "0"
                has = {c: row[c] for c in ONE_VALUE} | {"ethnicity": groups[row["ethnicity"]]}
                yield row["pupil_ref"], (row["census_on"], rank), has
        for row in self.tables["involvement"]:
            if row["pupil_ref"] != NOT_IDENTIFIED and row["pupil_ref"] not in self.linked:
                contact = self.contacts[row["contact_ref"]]
                has = {c: row[c] for c in ONE_VALUE if c != "ethnicity"} | {"ethnicity": self_defined(row)}
                yield row["pupil_ref"], (contact["occurred_at"], row["contact_ref"]), has

    def _one_values(self) -> dict[str, Row]:
        """Of what was said the latest that is known, else the latest way of missing."""
        said = defaultdict(list)
        for pupil, when, has in self._said():
            said[pupil].append((when, has))
        return {
            pupil: {c: latest([(when, has[c]) for when, has in heard]) for c in ONE_VALUE}
            for pupil, heard in said.items()
        }

    def _involved(self) -> Iterator[Row]:
        observed = broad_groups(OBSERVED_LISTS)
        for row in self.tables["involvement"]:
            contact = self.contacts[row["contact_ref"]]
            own = {c: row[c] for c in ONE_VALUE if c != "ethnicity"} | {"ethnicity": self_defined(row)}
            one = None if row["pupil_ref"] == NOT_IDENTIFIED else self.one_value.get(row["pupil_ref"])
            has = one or own
            known = {c for c in ONE_VALUE if one and not {one[c], own[c]} & UNKNOWN}
            differs = frozenset(c for c in known if one and one[c] != own[c])
            yield {**contact, **has, "contact_ref": row["contact_ref"], "pupil_ref": row["pupil_ref"],
                   "subject_category": row["subject_category"], "own_year_group": row["year_group"],
                   "self_defined_ethnicity": own["ethnicity"], "observed_ethnicity": observed[row["observed_ethnicity"]],
                   "on_day": contact["occurred_at"].date(), "differs": differs}  # fmt: skip

    def _on_roll(self) -> Iterator[Row]:
        groups = broad_groups(SCHOOL_LISTS)
        for row in self.tables["roll"]:
            if row["enrolment_status"] not in ON_ROLL:
                continue
            has = self.one_value.get(row["pupil_ref"]) or {c: row[c] for c in ONE_VALUE} | {
                "ethnicity": groups[row["ethnicity"]]
            }
            age = row["age_on_31_august"]
            row = known_cell(row, "n_pupils")
            yield {**row, **has, "age_on_31_august": age_from_year(row["year_group"]) if age is None else str(age)}

    # Numerators.
    def _reached(self, measure: Measure, stage: Stage) -> Iterator[Reached]:
        if stage.table == "contact":
            yield from self._contacts_reached(measure, stage)
        elif stage.table == "support":
            yield from self._support_reached(measure, stage)
        else:
            yield from self._steps_reached(measure, stage)

    def _contacts_reached(self, measure: Measure, stage: Stage) -> Iterator[Reached]:
        for row in self.involved:
            if (
                row["subject_category"] in categories(measure, stage)
                and is_stage(row, stage)
                and passes(measure, row, "contact")
                and passes(measure, row, "involvement")
            ):
                yield Reached(
                    row["contact_ref"],
                    row["contact_ref"],
                    row["pupil_ref"],
                    row["urn"],
                    row["on_day"],
                    row,
                    1,
                    1,
                    row["differs"],
                )

    def _persons(self) -> dict[tuple[str, str], list[Row]]:
        persons = defaultdict(list)
        for row in self.involved:
            persons[(row["contact_ref"], row["pupil_ref"])].append(row)
        return persons

    def _steps_reached(self, measure: Measure, stage: Stage) -> Iterator[Reached]:
        """Rows of power_use, step or outcome, gathered by contact and pupil (and by own columns of the split)."""
        own = [c for c in measure.columns if OWN_COLUMNS.get(c) == stage.table]
        gathered: dict[tuple, int] = Counter()
        persons = self._persons()
        for event in self.tables[stage.table]:
            key = (event["contact_ref"], event["pupil_ref"])
            if key in persons and is_stage(event, stage) and passes(measure, event, stage.table):
                gathered[(key, tuple(event[c] for c in own))] += 1
        for (key, values), n in gathered.items():
            person = agreed(persons[key])
            if person["subject_category"] not in categories(measure, stage):
                continue
            if passes(measure, person, "contact") and passes(measure, person, "involvement"):
                has = {**person, **dict(zip(own, values, strict=True))}
                yield Reached(
                    key[0],
                    key[0],
                    key[1],
                    person["urn"],
                    person["on_day"],
                    has,
                    min(n, len(persons[key])),
                    n,
                    person["differs"],
                )

    def _support_reached(self, measure: Measure, stage: Stage) -> Iterator[Reached]:
        for row in self.tables["support"]:
            if not is_stage(row, stage) or not passes(measure, row, "support"):
                continue
            if stage.code == "no_further_contact_12m" and (
                row["pupil_ref"] == NOT_IDENTIFIED or self._came_again(measure, stage, row)
            ):
                continue
            has = self.one_value.get(row["pupil_ref"]) or dict.fromkeys(ONE_VALUE, "not_recorded")
            yield Reached(row["support_ref"], row["contact_ref"], row["pupil_ref"], row["urn"], row["offered_on"],
                          {**has, "service": row["service"], "own_year_group": "not_recorded"}, 1, 1, frozenset())  # fmt: skip

    def _came_again(self, measure: Measure, stage: Stage, row: Row) -> bool:
        until = row["completed_on"] + timedelta(days=stage.follow_up_days)
        return any(
            i["pupil_ref"] == row["pupil_ref"] and row["completed_on"] < i["on_day"] <= until
            and i["subject_category"] in categories(measure, stage) for i in self.involved
        )  # fmt: skip

    def _counted(self, planned: Plan, period: Period) -> list[Held]:
        groups = broad_groups(COUNTED_LISTS)
        found = []
        for row in self.tables["stage_count"]:
            if (row["stage"], row["unit"], row["period"], row["tabulation"]) != (
                planned.stage.code, planned.measure.unit, period.name, planned.numerator_tabulation,
            ):  # fmt: skip
                continue
            has = (
                {c: row[c] for c in COUNTED_COLUMNS} | {"ethnicity": groups[row["ethnicity"]]} | self._place(row["urn"])
            )
            skip = {"disability"} if planned.numerator_drops_disability else set()
            if shared(planned.measure, has, skip):
                row = known_cell(row, "n")
                found.append(Held(row["urn"], has, row["n"], row["state"], None, None))
        return found

    def _tallied(self, planned: Plan, period: Period) -> list[Held]:
        """Sanctions of one tabulation, as schools counted them."""
        groups = broad_groups(COUNTED_LISTS)
        found = []
        for row in self._sanctions_of(period):
            has = {c: row[c] for c in TALLY_SPLITS} | self._place(row["urn"])
            has |= {"ethnicity": groups[row["ethnicity"]], "behaviour": row["reason"]}
            wanted = all(has[name] in codes for name, codes in planned.measure.where)
            if split_of(row).name == planned.numerator_tabulation and row["kind"] in planned.stage.codes and wanted:
                found.append(Held(row["urn"], has, row["n"], "counted", None, None))
        return found

    def _sanctions_of(self, period: Period) -> list[Row]:
        year, _, term = period.name.partition("-")
        return [r for r in self.tables["sanction"] if r["academic_year"] == year and (not term or r["term"] == term)]

    def _place(self, urn: str) -> Row:
        school = self.schools[urn]
        return {"area": school["borough"] or "not_recorded", "phase": school["phase"]}

    def _yearly(self, period: Period, roll_now: list[Row]) -> dict[str, Row]:
        """What changes every year: from this period's roll where the pupil stands in it, else from contacts of the period."""
        said = defaultdict(list)
        for row in roll_now:
            if is_somebody(row):
                said[row["pupil_ref"]].append((0, (row["census_on"], row["urn"]), {c: row[c] for c in YEARLY}))
        for row in self.involved:
            if row["pupil_ref"] != NOT_IDENTIFIED and period.from_on <= row["on_day"] <= period.to_on:
                year = row["own_year_group"]
                has = {"year_group": year, "age_on_31_august": age_from_year(year), "is_fsm": "not_collected"}
                said[row["pupil_ref"]].append((1, (row["occurred_at"], row["contact_ref"]), has))
        found = {}
        for pupil, heard in said.items():
            best = min(source for source, _, _ in heard)
            found[pupil] = {
                c: latest([(when, has[c]) for source, when, has in heard if source == best]) for c in YEARLY
            }
        return found

    def _of_period(
        self, planned: Plan, period: Period, stage: Stage, roll_now: list[Row], *, dated: bool = True
    ) -> list[Reached]:
        yearly = self._yearly(period, roll_now)
        found = []
        for one in self._reached(planned.measure, stage):
            if dated and not period.from_on <= one.on_day <= period.to_on:
                continue
            year = one.has.get("own_year_group", "not_recorded")
            unlinked = {"year_group": year, "age_on_31_august": age_from_year(year), "is_fsm": "not_collected"}
            one.has = {**one.has, **self._place(one.urn), **yearly.get(one.pupil_ref, unlinked)}
            one.has["officer"] = self._officer_on(one.urn, one.on_day)
            if shared(planned.measure, one.has, set()):
                found.append(one)
        return found

    # Days.
    def _officer_on(self, urn: str, on_day: date) -> str:
        posted = any(p["from_on"] <= on_day <= (p["to_on"] or FAR) for p in self.postings[urn])
        return "posted" if posted else "not_posted"

    def _terms_of(self, urn: str, period: Period) -> list[tuple[date, date, list[date]]]:
        """(first day, last day, school days in the period) of each term of a school."""
        school, found = self.schools[urn], []
        for first in range(academic_year_of(period.from_on).first_year, academic_year_of(period.to_on).first_year + 1):
            name = f"{first}/{(first + 1) % 100:02d}"
            rows = [r for r in self.tables["calendar"] if r["academic_year"] == name]
            own = [r for r in rows if r["la_code"] == school["la_code"]] or [r for r in rows if r["la_code"] == "*"]
            terms = [(r["term"], r["from_on"], r["to_on"], r["school_days"]) for r in own] or england_calendar(first)
            for term, a, b, n in terms:
                days = [d for d in school_days(a, b, n) if period.from_on <= d <= period.to_on]
                if period.kind == "term":  # asked for by its name; its dates differ between authorities
                    days = school_days(a, b, n) if period.name == f"{name}-{term}" else []
                days = [d for d in days if (school["opened_on"] or date.min) <= d <= (school["closed_on"] or FAR)]
                found.append((a, b, days))
        return found

    def _status(self, urn: str, period: Period) -> str | None:
        flags = [self._officer_on(urn, d) for _, _, days in self._terms_of(urn, period) for d in days]
        if not flags:
            return None
        return flags[0] if len(set(flags)) == 1 else "part_of_the_time"

    # Denominators.
    def _roll_now(self, tabulations: tuple[str, ...], period: Period) -> list[Row]:
        rows = [r for r in self.on_roll if r["tabulation"] in tabulations]
        censuses = defaultdict(set)
        for r in rows:
            censuses[(r["urn"], r["tabulation"])].add(r["census_on"])
        chosen = {key: self._census_of(days, period) for key, days in censuses.items()}
        return [r for r in rows if chosen[(r["urn"], r["tabulation"])] == r["census_on"]]

    def _census_of(self, days: set[date], period: Period) -> date | None:
        inside = [d for d in days if period.roll_from <= d <= period.roll_to]
        if inside or not period.takes_nearest_census:
            return max([d for d in inside if d.month == 1] or inside, default=None)
        return max([d for d in days if d < period.roll_from], default=min(days))

    def _held(self, planned: Plan, rows: Iterable[tuple[Row, int, str | None]]) -> list[Held]:
        """Roll rows with a weight (1, or days), filtered and with the population as `disability` where it answers."""
        assert planned.roll is not None
        found = []
        for row, weight, officer in rows:
            has = {**row, **self._place(row["urn"])}
            if planned.roll.by_population:
                has["disability"] = population(row["tabulation"])
            skip = {"disability"} if planned.roll.drops_disability else set()
            if not shared(planned.measure, has, skip):
                continue
            counted = row["state"] == "counted"
            n = row["n_pupils"] * weight if counted else None
            least = n if counted else (None if row["at_least"] is None else row["at_least"] * weight)
            most = n if counted else (None if row["at_most"] is None else row["at_most"] * weight)
            found.append(Held(row["urn"], has, n, row["state"], least, most, officer))
        return found

    def _pupil_days(self, planned: Plan, period: Period) -> tuple[list[Held], bool]:
        """Roll rows times days, a school, a term and a posted state; and: did another term's census stand in?"""
        assert planned.roll is not None
        weighted, other = [], False
        fte = planned.measure.denominator == "officer_fte_pupil_days"
        for urn in self.schools:
            for tabulation in planned.roll.tabulations:
                rows = [r for r in self.on_roll if r["urn"] == urn and r["tabulation"] == tabulation]
                dates = sorted({r["census_on"] for r in rows})
                if not dates:
                    continue
                for a, b, days in self._terms_of(urn, period):
                    census, stands_in = census_of_term(dates, a, b)
                    other = other or stands_in
                    for officer in ("posted", "not_posted"):
                        of_state = [d for d in days if self._officer_on(urn, d) == officer]
                        weight = sum(self._hundredths(urn, d) for d in of_state) if fte else len(of_state)
                        if of_state:
                            weighted += [(r, weight, officer) for r in rows if r["census_on"] == census]
        return self._held(planned, weighted), other

    def _hundredths(self, urn: str, on_day: date) -> int:
        postings = [p for p in self.postings[urn] if p["from_on"] <= on_day <= (p["to_on"] or FAR)]
        return sum(round(p["fte"] * 100) for p in postings if p["fte"] is not None)

    # Schools.
    def _told(self, urn: str, subject: str, from_on: date, to_on: date) -> str | None:
        for name in (urn, "*"):
            rows = self.collected[(name, subject)]
            if rows:
                return told_state(rows, from_on, to_on)
        return None

    def _states(
        self, planned: Plan, period: Period, roll: dict[str, str], cells: dict[str, str]
    ) -> tuple[dict[str, str | None], bool]:
        states, silent = {}, False
        for urn, school in self.schools.items():
            if (school["opened_on"] or date.min) > period.to_on or (school["closed_on"] or FAR) < period.from_on:
                continue
            a, b = (
                max(period.from_on, school["opened_on"] or period.from_on),
                min(period.to_on, school["closed_on"] or period.to_on),
            )
            stages = []
            for subject in planned.primary:
                until = b + timedelta(days=planned.follow_up_days) if subject == "contact" else b
                told = self._told(urn, subject, a, until)
                silent = silent or (told is None and planned.source != COUNTED)
                shows = self._shows(planned, urn, subject, period, cells)
                is_early = until > b and self.last_on is not None and self.last_on < until
                stages.append(told or ((PARTIAL if is_early else WHOLE) if shows else NOT_COLLECTED))
            stages += [t for t in (self._told(urn, s, a, b) for s in planned.inherited) if t]
            stages += [cells.get(urn, NOT_COLLECTED)] if planned.source == COUNTED else []
            if planned.source == TALLIED:  # a school that counts, and not in the way that is asked for
                names = {split_of(r).name for r in self._sanctions_of(period) if r["urn"] == urn}
                stages += [NOT_COLLECTED] if names and planned.numerator_tabulation not in names else []
            needed = (["roll"] if planned.needs_roll else []) + (["posting"] if planned.needs_posting else [])
            others = [t for t in (self._told(urn, s, a, b) for s in needed) if t]
            others += [roll.get(urn, NOT_COLLECTED)] if planned.needs_roll else []
            others += [PARTIAL] if self._is_unclear(planned, urn, period) else []
            states[urn] = left_out_state(stages, others)
        return states, silent

    def _is_unclear(self, planned: Plan, urn: str, period: Period) -> bool:
        """Is the officers' exposure of a school not known?"""
        if planned.measure.denominator == "officer_fte_pupil_days":
            for p in self.postings[urn]:
                if p["fte"] is None and p["from_on"] <= period.to_on and (p["to_on"] or FAR) >= period.from_on:
                    return True
        counted_by_day = planned.source == COUNTED and planned.measure.is_by_day and planned.needs_posting
        return counted_by_day and self._status(urn, period) == "part_of_the_time"

    def _shows(self, planned: Plan, urn: str, subject: str, period: Period, cells: dict[str, str]) -> bool:
        if planned.source == COUNTED:
            return urn in cells
        if planned.source == TALLIED:
            return any(r["urn"] == urn for r in self._sanctions_of(period))
        days = ([s["offered_on"] for s in self.tables["support"] if s["urn"] == urn] if subject == "support"
                else [c["occurred_at"].date() for c in self.contacts.values() if c["urn"] == urn])  # fmt: skip
        return any(period.from_on <= d <= period.to_on for d in days)

    # Answers.
    def count(self, measure: Measure) -> Cells:
        if measure.column_strata:
            check_measure(measure)
            return count_in_columns(measure, self.count)
        planned = plan(measure, self.facts())
        return together(measure, [self._count_period(planned, period) for period in planned.periods], planned.caveats)

    def repeats(self, measure: Measure) -> tuple[Repeat, ...] | None:
        check_repeats(measure)
        planned = plan(measure, self.facts())
        if planned.source != ROWS:
            return None
        return tuple(sorted(r for p in planned.periods for r in self._who_enters(planned, p)[0].repeats()))

    def chain(self, measure: Measure) -> Chain:
        planned = chain_plan(measure, self.facts())
        if not planned.steps:
            return chain_of_counts(self.count(measure))
        whole, period = planned.whole, planned.whole.periods[0]
        _, states, _ = self._who_enters(whole, period)
        used = {urn for urn, state in states.items() if state is None}
        roll_now = self._roll_now(whole.roll.tabulations if whole.roll else ("all",), period)
        steps = [
            who_reached([r for r in self._numerator(step, period, roll_now) if r.urn in used], measure.columns)
            for step in planned.steps
        ]
        cells = together(measure, [self._count_period(whole, period)], whole.caveats)
        return chain_of_rows(cells, chain_to(measure.stage), reached_or_later(steps))

    def profiles(self, measure: Measure, columns: tuple[str, ...]) -> tuple[Profile, ...] | None:
        planned = plan(measure, self.facts())
        if planned.source == COUNTED:
            return None
        of_base = profile_plan(measure, columns, self.facts())
        assert of_base.given is not None
        found: list[Profile] = []
        for period in planned.periods:
            roll_now = self._roll_now(planned.roll.tabulations if planned.roll else ("all",), period)
            _, states, _ = self._who_enters(planned, period)
            used = {urn for urn, state in states.items() if state is None}
            reached = [r for r in self._numerator(of_base, period, roll_now) if r.urn in used]
            given = [r for r in self._of_period(of_base, period, of_base.given, roll_now) if r.urn in used]
            found += profiles_of(measure.unit, columns, period.name, reached, given)
        return tuple(sorted(found))

    def cube(self, measure: Measure, stages: tuple[str, ...]) -> Cube:
        return cube_of(self, check_cube(measure), stages)

    def who_enters(self, planned: Plan, period: Period) -> Entering:
        """The rows of the schools that enter."""
        return self._who_enters(planned, period)[0]

    def _count_period(self, planned: Plan, period: Period) -> Cells:
        measure = planned.measure
        roll_now = self._roll_now(planned.roll.tabulations if planned.roll else ("all",), period)
        entering, states, caveats = self._who_enters(planned, period)
        strata = entering.cells(measure.within) if measure.within else []
        if (
            "officer" in measure.within
            and not measure.is_by_day
            and any("part_of_the_time" in c.stratum for c in strata)
        ):
            caveats.append(PART_POSTED)
        used = sum(1 for state in states.values() if state is None)
        return Cells(
            measure, (period.name,), tuple(entering.cells(())), tuple(strata), ((period.name, used),),
            tuple(self._left_out(planned, period, states, roll_now)),
            sum(r.n_involvements for r in entering.reached if r.pupil_ref == NOT_IDENTIFIED),
            entering.differing(), tuple(caveats),
        )  # fmt: skip

    def _who_enters(self, planned: Plan, period: Period) -> tuple[Entering, dict[str, str | None], list[str]]:
        """The rows of the schools that enter, why the others do not, and what to bear in mind."""
        measure = planned.measure
        caveats: list[str] = []
        roll_now = self._roll_now(planned.roll.tabulations if planned.roll else ("all",), period)
        held: list[Held] = []
        if planned.needs_roll:
            if measure.is_by_day:
                held, other = self._pupil_days(planned, period)
                caveats += [OTHER_CENSUS] if other else []
            else:
                held = self._held(planned, ((r, 1, None) for r in roll_now))
                is_other = any(not period.roll_from <= r["census_on"] <= period.roll_to for r in roll_now)
                caveats += [OTHER_TIME] if is_other else []
        counted = self._counted(planned, period) if planned.source == COUNTED else []
        if planned.source == TALLIED:
            counted = self._tallied(planned, period)
        reached = [] if planned.source != ROWS else self._numerator(planned, period, roll_now)
        given = self._of_period(planned, period, planned.given, roll_now) if planned.given else []
        cells, roll = known_states(counted), known_states(held)
        states, silent = self._states(planned, period, roll, cells)
        caveats += [ONLY_WITH_SANCTIONS if planned.source == TALLIED else ONLY_WITH_CONTACTS] if silent else []
        is_bounded = False
        if planned.roll and planned.roll.tabulations[0] != "all" and not any(s is None for s in states.values()):
            bounded, _ = self._states(
                planned, period, {u: WHOLE if s == SUPPRESSED else s for u, s in roll.items()}, cells
            )
            if any(s is None for s in bounded.values()):
                states, is_bounded = bounded, True
                caveats.append(BOUNDED)
        used = {urn for urn, state in states.items() if state is None}
        status = (
            {urn: self._status(urn, period) for urn in self.schools}
            if planned.needs_posting and (planned.source == COUNTED or not measure.is_by_day)
            else {}
        )
        entering = Entering(planned, period.name, is_bounded,
                             [r for r in reached if r.urn in used], [r for r in given if r.urn in used],
                             [c for c in counted if c.urn in used], [h for h in held if h.urn in used], status)  # fmt: skip
        return entering, states, caveats

    def _numerator(self, planned: Plan, period: Period, roll_now: list[Row]) -> list[Reached]:
        found = self._of_period(planned, period, planned.stage, roll_now, dated=planned.given is None)
        if planned.given is not None:
            given = [
                r for r in self._reached(planned.measure, planned.given) if period.from_on <= r.on_day <= period.to_on
            ]
            by_link = planned.given.table == "support" or planned.stage.table != "support"
            keys = {(g.link if by_link else g.contact_ref, g.pupil_ref) for g in given}
            found = [r for r in found if (r.link if by_link else r.contact_ref, r.pupil_ref) in keys]
        return found

    def _left_out(
        self, planned: Plan, period: Period, states: dict[str, str | None], roll_now: list[Row]
    ) -> Iterator[LeftOut]:
        whole = {
            urn
            for urn, state in known_states(
                [Held(r["urn"], r, r["n_pupils"], r["state"], None, None) for r in roll_now]
            ).items()
            if state == WHOLE
        }
        for state in sorted({s for s in states.values() if s}):
            urns = [urn for urn, why in states.items() if why == state]
            known = [urn for urn in urns if urn in whole]
            pupils: Counter[tuple[str, ...]] = Counter()
            if planned.roll is not None:
                for h in self._held(planned, ((r, 1, None) for r in roll_now if r["urn"] in known)):
                    pupils[tuple(str(h.has[c]) for c in planned.measure.columns)] += h.n or 0
            yield LeftOut(
                period.name, state, len(urns), tuple(sorted(pupils.items())) if known else None, len(urns) - len(known)
            )

    # Completeness.
    def completeness(self, period: str | None = None) -> Completeness:
        counts: Counter[tuple[str, str, str]] = Counter()
        years = {academic_year_of(r["from_on"]).name for r in self.tables["collection"]} if period is None else {period}
        for name in years:
            year = parse_period(name)
            for subject in {r["subject"] for r in self.tables["collection"]}:
                for urn in self.schools:
                    state = self._told(urn, subject, year.from_on, year.to_on) or NOT_COLLECTED
                    if state == WHOLE:
                        said = self.collected[(urn, subject)] or self.collected[("*", subject)]
                        state = whole_or_nil(said, year.from_on, year.to_on)
                    counts[(name, subject, state)] += 1
        collected = tuple(Collected(*key, schools=n) for key, n in sorted(counts.items()))
        return Completeness(
            collected, tuple(sorted(self._known())), code_counts(self.tables, self.facts()), self._gaps(period)
        )

    def _gaps(self, period: str | None) -> tuple[Gap, ...]:
        counts: Counter[tuple[str, str, str, str]] = Counter()
        asked = parse_period(period) if period is not None else None
        for subject in {r["subject"] for r in self.tables["collection"]}:
            for urn in self.schools:
                for row in self.collected[(urn, subject)] or self.collected[("*", subject)]:
                    if is_gap(row) and (asked is None or (row.from_on <= asked.to_on and row.to_on >= asked.from_on)):
                        counts[(subject, str(row.from_on), str(row.to_on), row.state)] += 1
        return tuple(Gap(*key, schools=n) for key, n in sorted(counts.items()))

    def _known(self) -> Iterator[Known]:
        persons = {key: agreed(rows) for key, rows in self._persons().items()}
        counts: Counter[tuple[str, str, str, str]] = Counter()
        for row in self.involved:
            for column in ("ethnicity", "sex", "sen_provision", "sen_type", "disability"):
                counts[("involvement", column, row["ethnicity"], way(row[column]))] += 1
            for column in ("place_relation", "route", "schools_protocol", "harm_level"):
                counts[("contact", column, row["ethnicity"], way(row[column]))] += 1
        for row in self.tables["involvement"]:
            group = persons[(row["contact_ref"], row["pupil_ref"])]["ethnicity"]
            counts[("involvement", "observed_ethnicity", group, way(row["observed_ethnicity"]))] += 1
        last: dict[str, date] = {}
        for r in self.on_roll:
            if r["tabulation"] == "all":
                last[r["urn"]] = max(last.get(r["urn"], r["census_on"]), r["census_on"])
        for r in self.on_roll:
            if r["tabulation"] == "all" and last[r["urn"]] == r["census_on"]:
                for column in ("ethnicity", "sex", "sen_provision", "sen_type", "disability", "is_fsm"):
                    if r[column] != "all":
                        counts[("roll", column, r["ethnicity"], way(r[column]))] += (
                            (r["n_pupils"] or 0) if r["state"] == "counted" else 0
                        )
                state = "known" if r["state"] == "counted" else r["state"]
                counts[("roll", "n_pupils", r["ethnicity"], state)] += 1
        for key, n in counts.items():
            yield Known(*key, n=n)
