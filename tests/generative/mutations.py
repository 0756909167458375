"""Faults that we put into the engine by hand, one at a time: the made-up questions must find each of them.

    python -m tests.generative.mutations           every fault, in scratch copies; prints which question found it
    python -m tests.generative.mutations FOLDERS   the same with fewer folders

Faults of `plan`, `tabulations` and `coverage`, which both engines share, cannot show as a difference between them: those are found by the cases
of `tests/spec/` or by the laws of `test_laws.py`, which are asked of them here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SQL, ROLL, EVENTS, ENGINE, FACTS = (
    f"dueregard/engines/{name}.py" for name in ("sql", "sql_roll", "sql_events", "sql_engine", "sql_facts")
)
KNOWN, PLAN, TABULATIONS, COVERAGE, PREPARED, CUBE = (
    f"dueregard/engines/{name}.py"
    for name in ("sql_completeness", "plan", "tabulations", "coverage", "sql_prepared", "sql_cube")
)


@dataclass(frozen=True, slots=True)
class Mutation:
    """One fault: in this file, this text (its first occurrence) is replaced by that."""

    what: str
    file: str
    was: str
    becomes: str

    @property
    def is_shared(self) -> bool:
        """Do both engines have it?"""
        return self.file in (PLAN, TABULATIONS, COVERAGE)


MUTATIONS = (
    Mutation("a posting ends a day early", ROLL, "p.to_on >= {day}", "p.to_on > {day}"),
    Mutation("a posting begins a day late", ROLL, "p.from_on <= {day}", "p.from_on < {day}"),
    Mutation("an open posting counts as none", ROLL, "p.to_on IS NULL OR ", ""),
    Mutation("main registration at two schools is forgotten on roll", SQL, "WHERE r.enrolment_status IN ('C', 'M', ",
             "WHERE r.enrolment_status IN ('C', "),
    Mutation("subsidiary registration is on roll", SQL, "WHERE r.enrolment_status IN ('C', 'M', ",
             "WHERE r.enrolment_status IN ('C', 'M', 'S', "),
    Mutation("a subsidiary registration speaks as loud as the main one", SQL,
             "CASE WHEN enrolment_status IN ('C', 'M') THEN '1' ELSE '0' END AS tie", "'0' AS tie"),
    Mutation("pupils are counted, not distinct ones", EVENTS, "COUNT(DISTINCT CASE", "COUNT(CASE"),
    Mutation("pupils who cannot be told apart count as one", EVENTS,
             "COUNT(DISTINCT CASE WHEN pupil_no <> {UNIDENTIFIED} THEN pupil_no END)",
             "COUNT(DISTINCT pupil_no)"),
    Mutation("involvements are counted as events", EVENTS,
             "CASE WHEN p.n_rows < e.n_events THEN p.n_rows ELSE e.n_events END AS n_involvements", "e.n_events AS n_involvements"),
    Mutation("several unidentified pupils are one involvement", EVENTS,
             "CASE WHEN p.n_rows < e.n_events THEN p.n_rows ELSE e.n_events END AS n_involvements", "1 AS n_involvements"),
    Mutation("the subject category is not asked for", EVENTS,
             "conditions = [f\"p.subject_category IN ({listed(_categories(measure, declared))})\",\n", "conditions = [\n"),
    Mutation("the column of the stage is not looked at", EVENTS,
             "found.append(f\"{alias}.{declared.column} IN ({listed(declared.codes)})\")\n    elif", "pass\n    elif"),
    Mutation("the reason of a report is not looked at", EVENTS, "    if declared.reason:\n", "    if False:\n"),
    Mutation("a contact on the day of completion is a further one", EVENTS, "i.on_day > s.completed_on", "i.on_day >= s.completed_on"),
    Mutation("a contact on the last day of the follow-up is none", EVENTS, "i.on_day <= {until}", "i.on_day < {until}"),
    Mutation("`where` on the event's own column is dropped", EVENTS,
             "        *_own_filters(measure, declared.table, \"e\"),\n", ""),
    Mutation("`where` on the contact's column is dropped", EVENTS,
             "*_own_filters(measure, \"contact\", \"i\"), ", ""),
    Mutation("`where` on the involvement's column is dropped", EVENTS,
             "*_own_filters(measure, \"involvement\", \"i\")]", "]"),
    Mutation("a conditional rate is joined by contact alone", EVENTS, "d.link = e.link AND d.pupil_no = e.pupil_no", "d.link = e.link"),
    Mutation("support after a contact is joined by pupil alone", EVENTS,
             "d.contact_no = e.contact_no AND d.pupil_no", "d.pupil_no"),
    Mutation("the year's value comes from contacts before the roll", EVENTS, "order = f\"source, {unknown}",
             "order = f\"source DESC, {unknown}"),
    Mutation("the year's value comes from contacts of any year", EVENTS,
             " AND {window_sql(period)}\"\n        \") AS said", "\"\n        \") AS said"),
    Mutation("the earliest value of a pupil wins", SQL, "\"said_at DESC, tie DESC\"", "\"said_at, tie DESC\""),
    Mutation("a missing value overrides a known one", SQL, "ORDER BY {unknown}, {order}", "ORDER BY {order}"),
    Mutation("pupils on roll are heard from contacts too", SQL,
             "      AND NOT EXISTS (SELECT 1 FROM roll AS r WHERE r.pupil_ref = i.pupil_ref)\n", ""),
    Mutation("not stated for want of asking is not stated", SQL, "IN ('N1', 'N2', 'N3')", "IN ('N1', 'N2')"),
    Mutation("of unidentified pupils the first value is taken", SQL,
             "CASE WHEN MIN({column}) = MAX({column}) THEN MIN({column}) ELSE 'not_recorded' END", "MIN({column})"),
    Mutation("of unidentified pupils a victim outweighs a suspect", SQL,
             "COALESCE(MAX(CASE WHEN subject_category IN ({listed(ladder)}) THEN subject_category END),\n                MIN(subject_category))",
             "MAX(subject_category)"),
    Mutation("age is year group + 5", SQL, "AS INTEGER) + 4", "AS INTEGER) + 5"),
    Mutation("a nursery year has no age", SQL, "WHEN {year_group} = 'N2' THEN '3' ", ""),
    Mutation("the age of the roll is not read", SQL,
             "COALESCE(CAST(r.age_on_31_august AS VARCHAR(20)), {age_from_year(\"r.year_group\")})", "{age_from_year(\"r.year_group\")}"),
    Mutation("a cell that cannot be is not known", SQL, "WHEN {state} = 'not_applicable' THEN 'counted' ELSE", "WHEN 1 = 0 THEN '' ELSE"),
    Mutation("the latest census, not January's", ROLL, "choices = [january, ", "choices = ["),
    Mutation("the first census where January has none", ROLL, "choices = [january, f\"MAX(", "choices = [january, f\"MIN("),
    Mutation("the first of two January censuses", ROLL, "january = f\"MAX(", "january = f\"MIN("),
    Mutation("the first census of an earlier year stands in", ROLL, "f\"MAX(CASE WHEN census_on < ", "f\"MIN(CASE WHEN census_on < "),
    Mutation("the last census of a later year stands in", ROLL, "f\"MIN(CASE WHEN census_on > ", "f\"MAX(CASE WHEN census_on > "),
    Mutation("`where` does not filter the roll", ROLL, "    return \" WHERE \" + \" AND \".join(found) if found else \"\"", "    return \"\""),
    Mutation("a term without a census takes the later one first", ROLL, "COALESCE({inside}, {before}, {after})", "COALESCE({inside}, {after}, {before})"),
    Mutation("a term takes its first census", ROLL, "inside = \"MAX(", "inside = \"MIN("),
    Mutation("days before a school opened count", ROLL, "AND (s.opened_on IS NULL OR s.opened_on <= d.on_day) ", ""),
    Mutation("days after a school closed count", ROLL, "AND (s.closed_on IS NULL OR s.closed_on >= d.on_day) ", ""),
    Mutation("the day on which a school closed does not count", ROLL, "s.closed_on >= d.on_day", "s.closed_on > d.on_day"),
    Mutation("two postings on a day are two days", ROLL,
             "CASE WHEN COUNT(p.posting_ref) > 0 THEN 1 ELSE 0 END AS posted", "COUNT(p.posting_ref) AS posted"),
    Mutation("full-time equivalents are tenths", ROLL, "p.fte * 100", "p.fte * 10"),
    Mutation("part of the time is posted", ROLL, "ELSE 'part_of_the_time' END", "ELSE 'posted' END"),
    Mutation("bounds are not multiplied by days", ROLL, "if n in (\"n_cells\", \"n_unbounded\")", "if n in (\"n_cells\", \"n_unbounded\", \"at_least\")"),
    Mutation("kinds of posting without an officer count", ENGINE, "WHERE kind NOT IN ({listed(out)})", "WHERE kind NOT IN ('no such kind')"),
    Mutation("an authority's own calendar is not used", ENGINE, "for c in (la, EVERY_AREA) if", "for c in (EVERY_AREA,) if"),
    Mutation("the calendar of all others is not used", ENGINE, "for c in (la, EVERY_AREA) if", "for c in (la,) if"),
    Mutation("follow-up after the period need not be collected", ENGINE, "until if subject == \"contact\" else b", "b"),
    Mutation("a school that closed on the first day stays out", ENGINE, "if a <= b:", "if a < b:"),
    Mutation("a school's own word does not outweigh the folder's", ENGINE, "for name in (urn, EVERY_AREA):", "for name in (EVERY_AREA, urn):"),
    Mutation("a posting without full-time equivalent is none", ENGINE, "WHERE fte IS NULL AND", "WHERE fte < 0 AND"),
    Mutation("pupils left out of rolls that are not known are counted", ENGINE, "if state is not None and urn in whole:", "if state is not None:"),
    Mutation("denominator of an officer holds every day", ENGINE,
             "return \" AND officer = 'posted'\" if planned.measure.denominator.startswith(\"officer_\") else \"\"", "return \"\""),
    Mutation("a bounded denominator without an upper bound has one", ENGINE, "None if unbounded else most", "most"),
    Mutation("a population that counts nobody has a zero", ENGINE, "Cell(period, stratum, codes, n, None, CellState.NOT_COLLECTED)",
             "Cell(period, stratum, codes, n, 0)"),
    Mutation("differing values are told of the wrong column", ENGINE, "if c in measure.columns or measure.wanted(c) is not None", "if c in measure.columns"),
    Mutation("counts of another unit are added", EVENTS, "f\"AND c.unit = {literal(measure.unit)} AND", "f\"AND"),
    Mutation("counts of another tabulation are added", EVENTS, " AND c.tabulation = {literal(tabulation or '')}", ""),
    Mutation("a tabulation is known by the start of its name", FACTS, "(tabulation = 'all' OR tabulation LIKE 'all:%')", "tabulation LIKE 'all%'"),
    Mutation("age does not make a tabulation wider", PREPARED, "MAX(CASE WHEN age_on_31_august IS NULL THEN 0 ELSE 1 END)", "0"),
    Mutation("completeness of the first census", KNOWN, "SELECT urn, MAX(census_on) AS census_on FROM census", "SELECT urn, MIN(census_on) AS census_on FROM census"),
    # Shared by both engines.
    Mutation("the tabulation with most columns", TABULATIONS, "min(fitting, key=lambda t: (len(t.columns), t.name)", "max(fitting, key=lambda t: (len(t.columns), t.name)"),
    Mutation("posting need not be collected", PLAN, "    needed = \"officer\" in measure.within or measure.denominator.startswith(\"officer_\")\n",
             "    needed = False\n"),
    Mutation("the trend has one year", PLAN, "    if not measure.is_trend:\n        return (last,)", "    if True:\n        return (last,)"),
    Mutation("a term ends on the first day of the next", PLAN, "starts[after] - timedelta(days=1)", "starts[after]"),
    Mutation("one population answers for several", PLAN, "    if not split and len(found) != 1:\n        return None\n", ""),
    Mutation("a day without a return does not matter", COVERAGE, "if row.from_on > reached:\n            return False", "if False:\n            return False"),
    Mutation("a partial return is a whole one", COVERAGE, "if len(good) == len(overlapping) and covers", "if covers"),
    Mutation("a return that ends a day early is whole", COVERAGE, "return reached > to_on", "return reached >= to_on"),
)  # fmt: skip

HUNT = """
import sys
from tests.generative.agreement import answers_that_differ, engines_in_memory, facts_that_differ, folder_of, questions_of
beside = None
for seed in range(int(sys.argv[1])):
    engines = engines_in_memory(folder_of(seed))
    found = answers_that_differ(engines, questions_of(seed))
    if found:
        sys.exit("folder %d: %s" % (seed, found[0].splitlines()[0][:160]))
    beside = beside or facts_that_differ(engines)
if beside:
    sys.exit("folder, beside the questions: " + beside[0].splitlines()[0][:160])
"""


def mutated(mutation: Mutation, folder: Path) -> Path:
    """A copy of the package and its tests with this fault. Raises AssertionError if the text is not there to be changed."""
    text = (ROOT / mutation.file).read_text(encoding="utf-8")
    assert mutation.was in text, f"{mutation.file} no longer has the text of: {mutation.what}"
    for name in ("dueregard", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / mutation.file).write_text(text.replace(mutation.was, mutation.becomes, 1), encoding="utf-8")
    return folder


def what_found(mutation: Mutation, folders: int) -> str | None:
    """Which question, law or case finds this fault? None: nothing does."""
    with tempfile.TemporaryDirectory() as scratch:
        where = mutated(mutation, Path(scratch))
        laws = ["-m", "pytest", "-x", "-m", "not deep", "tests/spec", "tests/generative/test_laws.py"]
        command = laws if mutation.is_shared else ["-c", HUNT, str(folders)]
        ran = subprocess.run([sys.executable, *command], cwd=where, capture_output=True, text=True, check=False,
                             env={**os.environ, "PYTHONPATH": str(where), "PYTHONDONTWRITEBYTECODE": "1"})  # fmt: skip
        if ran.returncode == 0:
            return None
        told = (ran.stdout if mutation.is_shared else ran.stderr).strip().splitlines()
        return next((line for line in reversed(told) if line.startswith(("FAILED", "ERROR", "folder"))), told[-1])[:200]


def main() -> None:
    folders = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    missed = 0
    for mutation in MUTATIONS:
        found = what_found(mutation, folders)
        missed += found is None
        print(f"{mutation.what}: {found or 'NOT FOUND'}", flush=True)
    print(f"{len(MUTATIONS) - missed} of {len(MUTATIONS)} found")


if __name__ == "__main__":
    main()
