"""Made-up questions about made-up tables: most can be answered, some cannot, a few are not questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from dueregard.measures.columns import COLUMN_STRATA, OWN_COLUMNS, PLACES, SPLITS
from dueregard.measures.measure import DENOMINATORS, UNITS, Measure
from dueregard.terms.stages import STAGES

from . import words
from .words import Tables

Where = tuple[tuple[str, tuple[str, ...]], ...]

PERIODS = (None,) * 4 + ("2023/24",) * 20 + ("2022/23",) * 3 + (
    "2024/25", "fy2023/24", "fy2022/23", "2023/24-autumn", "2023/24-spring", "2023/24-summer", "2022/23-summer", "2019/20",
    "2023-10/2024-02", "2024-05/2024-05", "2021-01/2021-12", "2025-10/2025-11")  # fmt: skip
WHERE = {
    "ethnicity": ("W", "B", "M", "A", "WH", "BL", *words.FOUR),
    "sex": ("F", "M", "X", "unknown", *words.FOUR),
    "sen_provision": ("N", "K", "E", "unknown", *words.FOUR),
    "sen_type": ("none", "SEMH", "ASD", *words.FOUR),
    "disability": ("none", "disabled", "idea", "504", *words.FOUR),
    "year_group": ("N1", "N2", "R", "9", "10", *words.FOUR),
    "age_on_31_august": ("2", "3", "4", "13", "14", *words.FOUR),
    "is_fsm": ("yes", "no", *words.FOUR),
    "area": ("Camden", "Brent", "not_recorded"),
    "phase": ("PS", "SS", "not_recorded", "not_collected"),
    "route": ("school_staff_report", "officer_observed", "unknown", "not_recorded"),
    "place_relation": ("on_site", "at_gate", "not_recorded"),
    "time_relation": ("lesson", "not_recorded"),
    "initiator": ("staff", "officer", "not_recorded"),
    "behaviour": ("PP", "DA", "not_recorded"),
    "harm_level": ("low", "high"),
    "schools_protocol": ("applied", "not_applicable"),
    "subject_category": ("subject_of_concern", "suspect", "convicted", "victim", "witness", "other"),
    "observed_ethnicity": ("W", "B", "O", "not_recorded"),
    "self_defined_ethnicity": ("W", "B", "not_stated", "not_recorded"),
    "power": ("stop_and_search", "handcuffs", "not_recorded"),
    "tactic": ("not_recorded", "Baton drawn"),
    "clothing_removal": ("none", "outer", "not_recorded"),
    "offence_group": ("1", "8", "not_recorded", "not_collected"),
    "reason": ("intelligence", "safeguarding", "evidence", "not_recorded"),
    "outcome": ("1", "8", "22"),
    "service": ("mentoring", "youth_work", "not_recorded"),
}
OFTEN = {"contact": 6, "referred_by_school": 6, "power_used": 6, "no_further_contact_12m": 4}  # the others once
BY_CONTACT = ("contact", "power_use", "step", "outcome")


def made_up_question(rng: Random, tables: Tables) -> Measure:
    """Any stage, unit, denominator, split, strata, filter and period."""
    if rng.random() < 0.03:
        return _wrong_question(rng)
    counted = [row["stage"] for row in tables.get("stage_count", ())]
    rows = held_stages(tables)
    held = counted if counted and (not rows or rng.random() < 0.6) else rows or ["contact"]
    stage = rng.choice(held) if rng.random() < 0.97 else rng.choice(STAGES).code
    is_counted = stage in counted
    own = () if is_counted and rng.random() < 0.95 else _own_columns(stage)
    if rng.random() < 0.03:
        own = tuple(OWN_COLUMNS)
    by = _by(rng, own, _counted_splits(tables, stage) if is_counted else _splits(tables))
    period = None if "period" in by else _period(rng, tables, stage if is_counted else None)
    denominator = _denominator(rng, tables, held, stage, is_counted)
    within = _within(rng, tables, denominator)
    where = _where(rng, own, _counted_splits(tables, stage) if is_counted else _splits(tables))
    measure = Measure(stage, _unit(rng, tables, stage), denominator, by, within, where, period)
    return _of_population(rng, tables, measure) if rng.random() < 0.4 else measure


def _wrong_question(rng: Random) -> Measure:
    """No question at all: both engines must say so, in the same words."""
    return rng.choice((
        Measure("stopped"), Measure("arrested", unit="incidents"), Measure("arrested", denominator="residents"),
        Measure("arrested", by=()), Measure("arrested", by=("sex", "sex")), Measure("arrested", by=("religion",)),
        Measure("arrested", within=("borough",)), Measure("arrested", where=(("religion", ("x",)),)),
        Measure("arrested", period="2023/25"), Measure("arrested", period="last year"),
        Measure("arrested", by=("sex", "period"), period="2023/24"), Measure("support_offered", unit="involvements"),
        Measure("contact", denominator="officer_present_pupil_days", within=("officer",)),
    ))  # fmt: skip


def held_stages(tables: Tables) -> list[str]:
    """Stages that rows of this folder hold; those of contacts often."""
    steps = {row["stage"] for row in tables.get("step", ())}
    outcomes = {row["outcome"] for row in tables.get("outcome", ())}
    rows = []
    for declared in STAGES:
        if not tables.get("involvement" if declared.table == "contact" else declared.table):
            continue
        if declared.table == "step" and declared.codes[0] not in steps:
            continue
        if declared.table == "outcome" and not outcomes & set(declared.codes):
            continue
        rows += [declared.code] * OFTEN.get(declared.code, 1)
    return rows


def _unit(rng: Random, tables: Tables, stage: str) -> str:
    counted = [row["unit"] for row in tables.get("stage_count", ()) if row["stage"] == stage]
    if counted and rng.random() < 0.9:
        return rng.choice(counted)
    if _table_of(stage) == "support" and rng.random() < 0.95:
        return rng.choice(("pupils", "events"))
    return rng.choice(UNITS)


def _denominator(rng: Random, tables: Tables, held: Sequence[str], stage: str, is_counted: bool) -> str:
    choice = rng.random()
    if choice < 0.35 and "roll" in tables:
        return "pupils_on_roll"
    if (choice < 0.65 and "roll" in tables) or is_counted:
        names = ("pupil_years", *DENOMINATORS) if _has_postings(rng, tables) else ("pupils_on_roll", "pupil_years")
        return rng.choice(names)
    if choice < 0.95:
        ladder = [s for s in held if (_table_of(s) == "support") <= (_table_of(stage) == "support")]
        return rng.choice(ladder) if ladder and rng.random() < 0.4 else "contact"
    return rng.choice((*DENOMINATORS, *held))


def _has_postings(rng: Random, tables: Tables) -> bool:
    """Are there postings? Now and then they are asked for all the same."""
    return "posting" in tables or rng.random() < 0.1


def _within(rng: Random, tables: Tables, denominator: str) -> tuple[str, ...]:
    can_officer = _has_postings(rng, tables) and (not denominator.startswith("officer_") or rng.random() < 0.1)
    places = PLACES if can_officer else PLACES[:2]
    strata = rng.sample(places, min(len(places), rng.choice((0, 0, 1, 1, 1, 2, 3))))
    is_of_stage = denominator not in DENOMINATORS or rng.random() < 0.1  # now and then a behaviour is asked of a roll
    columns = [name for name in COLUMN_STRATA if is_of_stage or name not in OWN_COLUMNS]
    return tuple(strata + (rng.sample(columns, rng.choice((1, 1, 2))) if rng.random() < 0.2 else []))


def _period(rng: Random, tables: Tables, counted: str | None) -> str | None:
    periods = [row["period"] for row in tables.get("stage_count", ()) if row["stage"] == counted]
    if periods and rng.random() < 0.9:
        return rng.choice((None, *periods))
    return rng.choice(PERIODS)


def _table_of(stage: str) -> str:
    return next((s.table for s in STAGES if s.code == stage), "")


def _own_columns(stage: str) -> tuple[str, ...]:
    """Columns of the tables from which a stage is counted; those of its own table several times."""
    counted_from = _table_of(stage)
    own = {"contact", "involvement", counted_from} if counted_from in BY_CONTACT else {counted_from}
    return tuple(
        name for name, where in OWN_COLUMNS.items() if where in own for _ in range(8 if where == counted_from else 1)
    )


def _splits(tables: Tables) -> tuple[str, ...]:
    """Columns that the roll can be split by, as far as one can see; sometimes the choice is wider."""
    rows = tables.get("roll", [])
    if not any("tabulation" in row for row in rows):
        by_pupil = any(row.get("pupil_ref") for row in rows)
        return tuple(name for name in SPLITS if name != "is_fsm" or by_pupil)
    named = {name for row in rows for name in row if name in SPLITS}
    named |= {"disability"} if any(row.get("tabulation", "all")[:3] != "all" for row in rows) else set()
    return (*sorted(named), "area", "phase")


def _of_population(rng: Random, tables: Tables, measure: Measure) -> Measure:
    """The same, of one population that the roll tabulates apart, or split by them; unchanged where there is none."""
    rows = [row for row in tables.get("roll", ()) if row.get("tabulation", "all")[:3] != "all"]
    if not rows or measure.is_conditional:
        return measure
    row = rng.choice(rows)
    columns = [name for name in ("ethnicity", "sex") if name in row]
    by = tuple(rng.sample(columns, rng.randint(1, len(columns))))
    if rng.random() < 0.45:
        return replace(measure, by=("disability", *by[:1]), where=())
    return replace(measure, by=by, where=(("disability", (row["tabulation"].partition(":")[0],)),))


def _counted_splits(tables: Tables, stage: str) -> tuple[str, ...]:
    """Columns that both the counts of a stage and the roll have."""
    rows = [row for row in tables.get("stage_count", ()) if row["stage"] == stage]
    named = {name for row in rows for name in row if name in SPLITS} | {"disability"}
    named &= set(_splits(tables))
    return (*sorted(named), "area", "phase")


def _by(rng: Random, own: Sequence[str], splits: Sequence[str]) -> tuple[str, ...]:
    usual = [*splits, *["ethnicity"] * 6]
    names = [*usual, *([rng.choice(own)] * 5 if own else [])] if rng.random() < 0.95 else [*SPLITS, *OWN_COLUMNS]
    chosen = [rng.choice(names) for _ in range(rng.choice((1, 1, 1, 1, 2, 2, 3)))]
    if rng.random() < 0.12:
        chosen.insert(rng.randint(0, len(chosen)), "period")
    return tuple(dict.fromkeys(chosen))


def _where(rng: Random, own: Sequence[str], splits: Sequence[str]) -> Where:
    """Codes of a column or two: often those that the tables have most, which stand first in WHERE; or all but a few."""
    known = [n for n in WHERE if n in splits or n in own] if rng.random() < 0.95 else list(WHERE)
    wanted = rng.choice((0, 0, 0, 0, 1, 1, 2))
    columns = list(dict.fromkeys(rng.choice(own if own and rng.random() < 0.4 else known) for _ in range(wanted)))
    return tuple((name, _codes(rng, WHERE[name])) for name in columns)


def _codes(rng: Random, codes: Sequence[str]) -> tuple[str, ...]:
    if rng.random() < 0.6:
        return tuple(rng.sample(codes[:2], rng.randint(1, 2)))
    return tuple(rng.sample(codes, rng.choice((1, 2, max(1, len(codes) - 2)))))
