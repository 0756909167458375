"""Is the generator worth its time? Of the folders and questions that CI asks, how often did each shape and each kind occur?

A floor stands below what was counted when it was written, by a third or more, so that a harmless change of the generator passes;
a shape that no longer occurs does not.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from dueregard.engines.reference import ReferenceEngine
from dueregard.evidence.caveats import BOUNDED, ONLY_WITH_CONTACTS, OTHER_CENSUS, PART_POSTED, TWO_SOURCES
from dueregard.measures.columns import OWN_COLUMNS, SPLITS, STRATA
from dueregard.measures.measure import DENOMINATORS, UNITS, Measure
from dueregard.terms.missing import CellState, Missing
from dueregard.terms.stages import ALL_STAGES, STAGES, stage

from .agreement import FOLDERS, QUESTIONS, folder_of, is_refused, questions_of, told
from .words import Rows, Tables
from .written import typed

CHARACTERISTICS = {
    "roll": ("ethnicity", "sex", "sen_provision", "sen_type", "disability", "year_group", "is_fsm"),
    "involvement": ("self_defined_ethnicity", "observed_ethnicity", "sex", "sen_provision", "sen_type", "disability", "year_group"),
}  # fmt: skip


@pytest.fixture(scope="module")
def asked() -> list[tuple[Measure, Any]]:
    """Every question of CI with its answer."""
    found = []
    for seed in range(FOLDERS):
        reference = ReferenceEngine(typed(folder_of(seed)))
        found += [(measure, told(reference, measure)) for measure in questions_of(seed)]
    return found


def test_there_are_two_thousand_questions(asked):
    assert len(asked) == FOLDERS * (QUESTIONS + 3) == 2600
    assert len({measure for measure, _ in asked}) > 1700  # hardly one is asked twice, and then of other tables


def test_answers_are_not_empty(asked):
    """Of the questions: most are answered; of the answers a good part counts somebody, over somebody, within something."""
    answers = [(m, a) for m, a in asked if not is_refused(a)]
    assert len(answers) > 1300
    counting = [a for _, a in answers if any(c.n for c in a.whole)]
    assert len(counting) > len(answers) / 3
    assert sum(any(c.n and c.denominator for c in a.whole) for _, a in answers) > len(answers) / 5
    within = [a for m, a in answers if m.within]
    assert sum(_contributes(a) for a in within) > len(within) / 5
    assert sum(bool(a.left_out) and any(n for _, n in a.schools_used) for _, a in answers) > 200
    assert sum(bool(a.not_identified) for _, a in answers) > 150
    assert sum(bool(a.disagreeing) for _, a in answers) > 80


def _contributes(answer: Any) -> bool:
    """Is there a stratum in which two groups have a denominator and one of them a count?"""
    strata: dict[Any, list[Any]] = {}
    for cell in answer.strata:
        strata.setdefault((cell.period, cell.stratum), []).append(cell)
    return any(sum(bool(c.denominator) for c in s) >= 2 and any(c.n for c in s) for s in strata.values())


def test_every_kind_of_question_is_answered(asked):
    """Each stage, unit, denominator, split, stratum, filter and form of period, with an answer that has a cell."""
    found: Counter[Any] = Counter()
    for measure, answer in asked:
        if not is_refused(answer) and answer.whole:
            found.update(kinds_of(measure))
    kinds = [*(("stage", s.code) for s in ALL_STAGES), *(("unit", u) for u in UNITS), *(("over", d) for d in DENOMINATORS),
             *(("by", name) for name in (*SPLITS, *OWN_COLUMNS)), *(("within", s) for s in STRATA),
             *(("where", name) for name in (*SPLITS, *OWN_COLUMNS)), *(("columns", n) for n in (1, 2, 3)),
             *(("period", kind) for kind in ("year", "fy", "term", "trend", "last")),
             *(("strata", n) for n in (0, 1, 2, 3))]  # fmt: skip
    assert not [kind for kind in kinds if found[kind] < 2]
    assert found["over", "a stage"] > 200


def kinds_of(m: Measure) -> list[tuple[str, Any]]:
    over = "a stage" if m.is_conditional else m.denominator
    period = "trend" if m.is_trend else "last" if m.period is None else "fy" if m.period[:2] == "fy" else \
        "term" if "-" in m.period else "year"  # fmt: skip
    named = [("by", name) for name in m.columns] + [("within", name) for name in m.within]
    named += [("where", name) for name, _ in m.where]
    return [("stage", m.stage), ("unit", m.unit), ("over", over), ("period", period), ("columns", len(m.columns)),
            ("strata", len(m.within)), *named]  # fmt: skip


def test_refusals_are_of_every_class(asked):
    refused = Counter(answer[0] for _, answer in asked if is_refused(answer))
    assert refused["crash"] == 0
    assert refused["CannotAnswer"] > 100 and refused["UsageError"] > 20 and refused["UnknownName"] > 20
    assert len({answer[1] for _, answer in asked if is_refused(answer)}) > 80  # different words


def test_states_and_caveats_occur(asked):
    answers = [a for _, a in asked if not is_refused(a)]
    states = Counter(state for a in answers for state in {c.state for c in a.whole})
    assert states[CellState.SUPPRESSED] >= 10 and states[CellState.NOT_COLLECTED] >= 5
    bounds = {
        (c.at_least is None, c.at_most is None) for a in answers for c in a.whole if c.state == CellState.SUPPRESSED
    }
    assert {(False, False), (False, True)} <= bounds  # with an upper bound and without
    caveats = Counter(caveat for a in answers for caveat in a.caveats)
    for caveat in (BOUNDED, ONLY_WITH_CONTACTS, OTHER_CENSUS, PART_POSTED, TWO_SOURCES):
        assert caveats[caveat] >= 8, caveat
    assert {x.state for a in answers for x in a.left_out} == {"partial", "not_collected", "suppressed"}


def test_every_shape_of_tables_occurs():
    """In how many of the folders does each shape occur?"""
    found = Counter(shape for seed in range(FOLDERS) for shape in shapes_of(folder_of(seed)))
    wanted = {
        "roll by pupil": 40, "roll counted": 20, "roll of both kinds": 8, "roll tabulated": 30, "no roll": 2,
        "no collection": 15, "no posting": 15, "no calendar": 40, "no contact": 5, "counts beside rows": 25,
        "several tabulations": 20, "bounded cell": 20, "partial cell": 10, "cell of nobody": 10, "cell not collected": 4, "suppressed cell": 20, "pupil registered twice": 15,
        "pupil in two censuses": 40, "several unidentified in a contact": 40, "pupil in several contacts": 100,
        "step repeated": 60, "suspect stage skipped": 60, "school opened or closed": 60, "overlapping postings": 40,
        "open posting": 80, "posting of part of a year": 80, "posting without full-time equivalent": 40,
        "every collection state": 2, "collection for all": 100, "overlapping collection": 20,
        "end of follow-up": 10,
    }  # fmt: skip
    assert not {shape: (found[shape], least) for shape, least in wanted.items() if found[shape] < least}


def test_every_way_of_missing_occurs_in_every_characteristic():
    for name, columns in CHARACTERISTICS.items():
        rows = [row for seed in range(FOLDERS) for row in folder_of(seed).get(name, ()) if "tabulation" not in row]
        for column in columns:
            held = {row.get(column) for row in rows}
            assert {*map(str, Missing), "", "unknown"} <= held, (name, column)


# ---------------------------------------------------------------- shapes


def shapes_of(tables: Tables) -> set[str]:
    """The names of the shapes that these tables have."""
    absent = {f"no {name}" for name in ("roll", "collection", "posting", "calendar", "contact") if name not in tables}
    shapes = absent | _of_roll(tables.get("roll", [])) | _of_people(tables) | _of_posting(tables.get("posting", []))
    shapes |= _of_collection(tables.get("collection", []))
    if tables.get("stage_count") and tables.get("contact"):
        shapes.add("counts beside rows")
    if any(row["closed_on"] or row["opened_on"] > "2022-09-01" for row in tables["school"]):
        shapes.add("school opened or closed")
    return shapes


def _of_roll(rows: Rows) -> set[str]:
    tabulations = {row["tabulation"] for row in rows if "tabulation" in row}
    by_pupil = {bool(row.get("pupil_ref")) for row in rows}
    kind = {"roll tabulated"} if tabulations else {"roll of both kinds"} if len(by_pupil) > 1 else \
        {"roll by pupil"} if by_pupil == {True} else {"roll counted"} if rows else set()  # fmt: skip
    found = set(kind)
    if len(tabulations) > 1:
        found.add("several tabulations")
    if any(row.get("at_least") or row.get("at_most") for row in rows):
        found.add("bounded cell")
    cells = {"partial": "partial cell", "not_applicable": "cell of nobody", "not_collected": "cell not collected",
             "suppressed": "suppressed cell"}  # fmt: skip
    found |= {cells[row["state"]] for row in rows if row.get("state") in cells}
    schools: dict[Any, set[tuple[str, str]]] = {}
    censuses: dict[Any, set[str]] = {}
    for row in rows:
        if row.get("pupil_ref"):
            schools.setdefault((row["pupil_ref"], row["census_on"]), set()).add(
                (row["urn"], row.get("enrolment_status", ""))
            )
            censuses.setdefault(row["pupil_ref"], set()).add(row["census_on"])
    if any({"M", "S"} <= {status for _, status in where} for where in schools.values()):
        found.add("pupil registered twice")
    if any(len(days) > 1 for days in censuses.values()):
        found.add("pupil in two censuses")
    return found


def _of_people(tables: Tables) -> set[str]:
    found = set()
    who = Counter((row["contact_ref"], row["pupil_ref"]) for row in tables.get("involvement", ()))
    if any(pupil == "not_identified" and n > 1 for (_, pupil), n in who.items()):
        found.add("several unidentified in a contact")
    if any(n > 1 for pupil, n in Counter(pupil for _, pupil in who).items() if pupil != "not_identified"):
        found.add("pupil in several contacts")
    steps = Counter((row["contact_ref"], row["pupil_ref"], row["stage"]) for row in tables.get("step", ()))
    if any(n > 1 for n in steps.values()):
        found.add("step repeated")
    suspects = {key[:2] for key in steps if key[2] == "recorded_as_suspect"}
    if any(key[2] == "arrested" and key[:2] not in suspects for key in steps):
        found.add("suspect stage skipped")
    if any(row["contact_ref"].startswith("again") for row in tables.get("contact", ())):
        found.add("end of follow-up")
    return found


def _of_posting(rows: Rows) -> set[str]:
    found = set()
    spans: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        spans.setdefault(row["urn"], []).append((row["from_on"], row["to_on"] or "9999"))
    if any(a[1] >= b[0] for found_spans in spans.values() for a, b in pairwise(sorted(found_spans))):
        found.add("overlapping postings")
    if any(not row["to_on"] for row in rows):
        found.add("open posting")
    if any(
        "2023-09-01" < row["from_on"] <= "2024-08-31" or "2023-09-01" <= row["to_on"] < "2024-08-31" for row in rows
    ):
        found.add("posting of part of a year")
    if any(not row["fte"] for row in rows):
        found.add("posting without full-time equivalent")
    return found


def _of_collection(rows: Rows) -> set[str]:
    found = set()
    if {"complete", "nil", "partial", "not_collected", "suppressed"} <= {row["state"] for row in rows}:
        found.add("every collection state")
    if any(row["urn"] == "*" for row in rows):
        found.add("collection for all")
    spans: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in rows:
        spans.setdefault((row["urn"], row["subject"]), []).append((row["from_on"], row["to_on"]))
    if any(a[1] >= b[0] for found_spans in spans.values() for a, b in pairwise(sorted(found_spans))):
        found.add("overlapping collection")
    return found


def test_every_stage_has_a_table():
    """The generator's own knowledge of stages is the ladder's."""
    assert {stage(s.code).table for s in STAGES} == {"contact", "power_use", "step", "outcome", "support"}
