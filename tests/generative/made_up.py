"""Small made-up native folders and made-up questions, from a seeded generator. Nothing here is likely; all is allowed."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from random import Random

from dueregard.measures.columns import OWN_COLUMNS, SPLITS, STRATA
from dueregard.measures.measure import DENOMINATORS, UNITS, Measure
from dueregard.records.table import Kind
from dueregard.records.tables import table
from dueregard.terms.stages import STAGES, STEP_STAGES

Rows = list[dict[str, str]]
Tables = dict[str, Rows]

ROLL_ETHNICITY = ("WBRI", "WROM", "BCRB", "BAFR", "MWBC", "CHNE", "REFU", "NOBT", "", "B1", "W")
SELF_DEFINED = ("W1", "B1", "B2", "M1", "A4", "NS", "NS", "", "not_collected", "BCRB", "unknown")
FEDERAL = ("WH", "BL", "HI")
NOT_STATED_REASONS = ("", "N1", "N2", "N3", "N4")
OBSERVED = ("IC1", "IC3", "IC6", "IC9", "")
SEX = ("F", "M", "X", "")
SEN = ("N", "K", "E", "", "unknown", "not_collected")
DISABILITY = ("none", "disabled", "", "unknown")
YEARS = ("R", "7", "9", "10", "14", "", "N1")
CATEGORIES = ("subject_of_concern", "suspect", "convicted", "suspect", "victim", "witness", "other")
ROUTES = ("school_staff_report", "officer_observed", "unknown", "")
OUTCOMES = ("1", "1A", "2", "2A", "6", "7", "8", "22", "9", "16")
CENSUSES = ("2022-10-06", "2023-01-19", "2023-10-05", "2024-01-18", "2024-05-16", "2024-10-03")
DAYS = (
    "2022-09-01", "2022-11-14", "2023-03-31", "2023-04-01", "2023-08-31", "2023-09-01", "2023-10-16", "2023-12-28",
    "2024-01-09", "2024-01-15", "2024-02-13", "2024-04-16", "2024-05-07", "2024-07-19", "2024-08-31", "2024-09-03",
    "2024-11-05",
)  # fmt: skip
PERIODS = (None,) * 5 + ("2023/24",) * 6 + ("2022/23", "2024/25", "fy2023/24", "2023/24-autumn", "2023/24-spring",
                                             "2023/24-summer", "2019/20")  # fmt: skip
COLLECTION_STATES = ("complete", "complete", "complete", "nil", "partial", "not_collected", "suppressed")
CELL_STATES = ("counted",) * 160 + ("suppressed", "not_collected", "partial", "not_applicable")
SUBJECTS = ("contact", "contact", "roll", "posting", "support", "step", "arrested", "stage_count", "power_used")
SPANS = (("2022-09-01", "2023-08-31"), ("2023-09-01", "2024-08-31"), ("2024-09-01", "2024-12-31"),
         ("2022-09-01", "2024-08-31"), ("2024-01-01", "2024-08-31"))  # fmt: skip
WHERE = {
    "ethnicity": ("W", "B", "M", "not_stated", "not_recorded", "WH", "BL"),
    "sex": ("F", "M", "not_recorded"),
    "sen_provision": ("N", "K", "not_recorded"),
    "disability": ("none", "disabled", "idea", "504"),
    "year_group": ("9", "10", "R"),
    "age_on_31_august": ("13", "14", "4"),
    "is_fsm": ("yes", "no"),
    "area": ("Camden", "Brent"),
    "phase": ("PS", "SS"),
    "route": (*ROUTES[:3], "not_recorded"),
    "place_relation": ("on_site", "not_recorded"),
    "subject_category": CATEGORIES,
    "power": ("stop_and_search", "handcuffs", "not_recorded"),
    "offence_group": ("1", "8", "not_recorded"),
    "reason": ("intelligence", "safeguarding", "evidence"),
    "outcome": ("8", "22"),
    "service": ("mentoring", "not_recorded"),
}


# ---------------------------------------------------------------- tables


def made_up_tables(rng: Random) -> Tables:
    """One folder: any tables, any gaps."""
    urns = [str(n + 1) for n in range(rng.randint(1, 5))]
    is_counted, is_pupil_level = rng.random() < 0.35, rng.random() < 0.5
    tables: Tables = {"school": [_school(rng, urn) for urn in urns]}
    if rng.random() < 0.6:
        tables["calendar"] = _calendar(rng)
    tables["roll"] = _tabulated_roll(rng, urns) if is_counted else _roll(rng, urns, is_pupil_level)
    if rng.random() < 0.8:
        tables["posting"] = [_posting(rng, urns, n) for n in range(rng.choice((0, *range(1, 8))))]
    if not is_counted or rng.random() < 0.5:
        tables |= _events(rng, urns)
    if rng.random() < 0.5:
        tables["support"] = [_support(rng, urns, n) for n in range(rng.randint(1, 8))]
    if is_counted or rng.random() < 0.2:
        tables["stage_count"] = _stage_counts(rng, urns, tables)
    if rng.random() < 0.75:
        tables["collection"] = _collection(rng, urns)
    return tables


def _school(rng: Random, urn: str) -> dict[str, str]:
    return {"urn": urn, "name": f"School {urn}", "borough": rng.choice(("Camden", "Brent", "")),
            "la_code": rng.choice(("202", "304", "")), "phase": rng.choice(("PS", "SS", "not_collected")),
            "opened_on": "1990-09-01"}  # fmt: skip


def _calendar(rng: Random) -> Rows:
    terms = {
        "autumn": ("2023-09-04", "2023-12-15"), "spring": ("2024-01-08", "2024-03-28"), "summer": ("2024-04-16", "2024-07-19"),
    }  # fmt: skip
    return [
        {"la_code": la, "academic_year": "2023/24", "term": term, "from_on": from_on, "to_on": to_on,
         "school_days": str(rng.choice((0, 1, 5, 50, 61, 75, 100)))}
        for la in rng.sample(("202", "304", "*"), rng.randint(1, 3))
        for term, (from_on, to_on) in terms.items()
        if rng.random() < 0.9
    ]  # fmt: skip


def _roll(rng: Random, urns: Sequence[str], is_pupil_level: bool) -> Rows:
    rows = []
    has_age, has_status = rng.random() < 0.4, rng.random() < 0.5
    for urn, census in product(urns, rng.sample((*CENSUSES, *CENSUSES[2:5]), rng.randint(2, 6))):
        if rng.random() < 0.1:
            continue
        for n in range(rng.randint(2, 8)):
            row = {
                "urn": urn, "census_on": census, "year_group": rng.choice(YEARS), "sex": rng.choice(SEX),
                "ethnicity": rng.choice(ROLL_ETHNICITY), "sen_provision": rng.choice(SEN),
                "sen_type": rng.choice(("none", "SEMH", "")), "disability": rng.choice(DISABILITY),
                "is_fsm": rng.choice(("yes", "no", "")), "n_pupils": str(rng.randint(0, 30)),
            }  # fmt: skip
            if has_age:
                row["age_on_31_august"] = rng.choice(("13", "14", ""))
            if has_status:
                row["enrolment_status"] = rng.choice(("C", "C", "M", "S", "G", ""))
            if is_pupil_level:
                row |= {"pupil_ref": f"p{rng.randint(0, 14)}" if n % 3 else f"q{urn}-{n}", "n_pupils": "1"}
            rows.append(row)
    return rows or [{"urn": urns[0], "census_on": CENSUSES[3], "n_pupils": "5"}]


def _posting(rng: Random, urns: Sequence[str], n: int) -> dict[str, str]:
    from_on, to_on = sorted(rng.sample(DAYS, 2))
    kind = rng.choice(("ssp_part_time", "based_full_time", "presence_only", "none_by_choice", "withdrawn", ""))
    return {"posting_ref": f"g{n}", "officer_ref": f"o{rng.randint(0, 3)}", "urn": rng.choice(urns), "kind": kind,
            "fte": rng.choice(("1", "0.5", "0.25", "0", "")), "from_on": from_on, "to_on": rng.choice((to_on, ""))}  # fmt: skip


def _events(rng: Random, urns: Sequence[str]) -> Tables:
    """Contacts with all that hangs on them; each table but the first two may be absent or empty."""
    contacts = [
        {"contact_ref": f"c{n}", "urn": rng.choice(urns), "occurred_at": f"{rng.choice(DAYS)}T{rng.choice(('00:00', '10:30', '23:59'))}",
         "route": rng.choice(ROUTES), "place_relation": rng.choice(("on_site", "at_gate", "")),
         "behaviour": rng.choice(("PP", "DA", "")), "schools_protocol": rng.choice(("applied", ""))}
        for n in range(rng.randint(1, 22))
    ]  # fmt: skip
    involvements = [
        _involvement(rng, contact["contact_ref"], pupil)
        for contact in contacts
        for pupil in {rng.choice(("not_identified", *(f"p{k}" for k in range(15)))) for _ in range(rng.randint(1, 3))}
    ]
    tables: Tables = {"contact": contacts, "involvement": involvements}
    for name, row in (("power_use", _power_use), ("step", _step), ("outcome", _outcome)):
        if rng.random() < 0.9:
            of = rng.choices(involvements, k=rng.choice((0, *range(1, 20))))
            tables[name] = [row(rng, x) for x in of]
    return tables


def _involvement(rng: Random, contact: str, pupil: str) -> dict[str, str]:
    return {
        "contact_ref": contact, "pupil_ref": pupil, "subject_category": rng.choice(CATEGORIES),
        "age": str(rng.randint(4, 18)), "year_group": rng.choice(YEARS), "sex": rng.choice(SEX),
        "self_defined_ethnicity": rng.choice(SELF_DEFINED), "not_stated_reason": rng.choice(NOT_STATED_REASONS),
        "observed_ethnicity": rng.choice(OBSERVED), "sen_provision": rng.choice(SEN),
        "sen_type": rng.choice(("none", "SEMH", "")), "disability": rng.choice(DISABILITY),
    }  # fmt: skip


def _power_use(rng: Random, of: dict[str, str]) -> dict[str, str]:
    return _who(of) | {
        "power": rng.choice(("stop_and_search", "handcuffs", "strip_search", "")),
        "tactic": rng.choice(("", "not_collected")),
        "clothing_removal": rng.choice(("none", "outer", "")),
    }


def _step(rng: Random, of: dict[str, str]) -> dict[str, str]:
    return _who(of) | {
        "stage": rng.choice(STEP_STAGES), "occurred_on": rng.choice(DAYS), "offence_group": rng.choice(("1", "8", "")),
        "reason": rng.choice(("intelligence", "safeguarding", "evidence", "")),
    }  # fmt: skip


def _outcome(rng: Random, of: dict[str, str]) -> dict[str, str]:
    return _who(of) | {"outcome": rng.choice(OUTCOMES), "decided_on": rng.choice(DAYS)}


def _who(of: dict[str, str]) -> dict[str, str]:
    return {"contact_ref": of["contact_ref"], "pupil_ref": of["pupil_ref"]}


def _support(rng: Random, urns: Sequence[str], n: int) -> dict[str, str]:
    offered, completed = sorted(rng.sample(DAYS, 2))
    return {"support_ref": f"s{n}", "pupil_ref": f"p{rng.randint(0, 16)}", "urn": rng.choice(urns),
            "service": rng.choice(("mentoring", "youth_work", "")), "offered_on": offered,
            "is_accepted": rng.choice(("yes", "no", "")), "completed_on": rng.choice((completed, ""))}  # fmt: skip


def _collection(rng: Random, urns: Sequence[str]) -> Rows:
    rows = {}
    if rng.random() < 0.7:  # all was collected, but for what is said below
        for span, subject in product(SPANS[:2], ("contact", "roll", "posting", "support")):
            rows["*", subject, *span] = "complete"
    for _ in range(rng.randint(0, 3 if rows else 14)):
        from_on, to_on = rng.choice(SPANS)
        key = (rng.choice(urns), rng.choice(SUBJECTS), from_on, to_on)
        if rng.random() < 0.1:
            key = ("*", *key[1:])
        rows[key] = rng.choice(COLLECTION_STATES)
    names = ("urn", "subject", "from_on", "to_on")
    return [dict(zip(names, key, strict=True)) | {"state": state} for key, state in rows.items()]


# ---------------------------------------------------------------- counted tables


def _cells(rng: Random, number: str, columns: dict[str, Sequence[str]], tabulation: str) -> Rows:
    rows = []
    for codes in product(*columns.values()):
        state = rng.choice(CELL_STATES)
        n = str(rng.randint(0, 40)) if state in ("counted", "partial") else ""
        rows.append(
            dict(zip(columns, codes, strict=True)) | {"tabulation": tabulation, number: n, "state": state}
        )  # fmt: skip
    return rows


def _shapes(rng: Random) -> list[tuple[dict[str, Sequence[str]], str]]:
    """Which tabulations are there, with which columns?"""
    ethnicity, sex = {"ethnicity": FEDERAL}, {"sex": ("F", "M")}
    known = [
        (ethnicity | sex, "all"), (ethnicity, "all:by_ethnicity"), (sex, "all:by_sex"), ({}, "all:total"),
        (ethnicity | {"disability": ("none", "idea")}, "all:by_need"), (ethnicity | sex, "idea"), (sex, "504"),
        ({"sen_provision": ("N", "K", "E")}, "all:by_sen"),
    ]  # fmt: skip
    return rng.sample(known, rng.randint(1, 5))


def _tabulated_roll(rng: Random, urns: Sequence[str]) -> Rows:
    rows = []
    for columns, tabulation in _shapes(rng):
        for urn, census in product(urns, ("2023-10-05", "2024-01-18")):
            if rng.random() < 0.8:
                found = _cells(rng, "n_pupils", columns, tabulation)
                rows += [{"urn": urn, "census_on": census} | cell for cell in found]
    return [_bounded(rng, row) for row in rows] or [
        {"urn": urns[0], "census_on": "2024-01-18", "tabulation": "all", "n_pupils": "9"}
    ]


def _bounded(rng: Random, row: dict[str, str]) -> dict[str, str]:
    if row["state"] == "suppressed" and rng.random() < 0.5:
        return row | {"at_least": "0", "at_most": "2"}
    return row


def _stage_counts(rng: Random, urns: Sequence[str], tables: Tables) -> Rows:
    """Counts of stages that no table of rows holds."""
    free = [s for s in STAGES if _holds(tables, s.table) is False] or [s for s in STAGES if s.table == "outcome"]
    rows = []
    for declared in rng.sample(free, min(len(free), 3)):
        unit = rng.choice(("pupils", "pupils", "involvements"))
        for columns, tabulation in _shapes(rng):
            for urn, period in product(urns, ("2022/23", "2023/24")):
                if rng.random() < 0.8:
                    found = _cells(rng, "n", columns, tabulation)
                    rows += [{"urn": urn, "period": period, "stage": declared.code, "unit": unit} | c for c in found]
    return rows


def _holds(tables: Tables, name: str) -> bool:
    return ("involvement" if name == "contact" else name) in tables


# ---------------------------------------------------------------- writing


def write_folder(tables: Tables, folder: Path) -> Path:
    """The tables as native CSV files; what a row does not say is blank, or `all` in a tabulated table."""
    folder.mkdir(parents=True)
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
            _write(handle, name, rows)
    return folder


def _write(handle, name: str, rows: Rows) -> None:  # type: ignore[no-untyped-def]
    given = {column for row in rows for column in row}
    columns = [c for c in table(name).columns if c.name in given or not c.optional]
    assert not given - {c.name for c in columns}, f"{name}: {given - {c.name for c in columns}}"
    is_tabulated = "tabulation" in given or name == "stage_count"
    blanks = {c.name: "all" if is_tabulated and c.tabulated else _blank(c) for c in columns}
    writer = csv.DictWriter(handle, [c.name for c in columns], lineterminator="\n")
    writer.writeheader()
    writer.writerows(blanks | row for row in rows)


def _blank(column) -> str:  # type: ignore[no-untyped-def]
    return "" if column.blank or column.kind is not Kind.CODE else "unknown"


# ---------------------------------------------------------------- questions


def made_up_question(rng: Random, tables: Tables) -> Measure:
    """Any stage, unit, denominator, split, strata, filter and period; some of them cannot be answered."""
    held = _held_stages(tables)
    stage = rng.choice(held) if rng.random() < 0.95 else rng.choice(STAGES).code
    conditional = rng.choice(("contact", "recorded_as_suspect", *held))
    denominator = rng.choice((*["pupils_on_roll"] * 3, *DENOMINATORS, conditional))
    own = _own_columns(stage) if rng.random() < 0.9 else tuple(OWN_COLUMNS)
    by = _columns(rng, own)
    period = None if "period" in by else rng.choice(PERIODS)
    within = tuple(rng.sample(STRATA, rng.choice((0, 0, 1, 1, 2))))
    unit = rng.choice(UNITS[::2] if stage in SUPPORT else UNITS)
    return Measure(stage, unit, denominator, by, within, _where(rng, own), period)


SUPPORT = tuple(s.code for s in STAGES if s.table == "support")


def _held_stages(tables: Tables) -> list[str]:
    """Stages that rows or counts of this folder hold."""
    counted = [row["stage"] for row in tables.get("stage_count", ())]
    rows = [s.code for s in STAGES if tables.get("involvement" if s.table == "contact" else s.table)]
    return sorted({*counted, *rows}) or ["contact"]


def _own_columns(stage: str) -> tuple[str, ...]:
    """Columns of the tables from which a stage is counted."""
    counted_from = next(s.table for s in STAGES if s.code == stage)
    own = {counted_from} if counted_from == "support" else {"contact", "involvement", counted_from}
    return tuple(name for name, where in OWN_COLUMNS.items() if where in own)


def _columns(rng: Random, own: Sequence[str]) -> tuple[str, ...]:
    names = ["ethnicity", "ethnicity", "ethnicity", "ethnicity", *SPLITS, rng.choice((*own, "sex"))]
    chosen = [rng.choice(names) for _ in range(rng.choice((1, 1, 1, 1, 2, 3)))]
    if rng.random() < 0.15:
        chosen.append("period")
    return tuple(dict.fromkeys(chosen))


def _where(rng: Random, own: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    known = [name for name in WHERE if name in SPLITS or name in own]
    columns = rng.sample(known, rng.choice((0, 0, 0, 1, 1, 2)))
    return tuple((name, tuple(rng.sample(WHERE[name], rng.randint(1, 2)))) for name in columns)
