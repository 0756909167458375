"""Which codes of ethnicity does a snapshot hold, and how many bear each? The reference engine's own way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from dueregard.engines.engine import Facts
from dueregard.engines.reference_rows import ON_ROLL, UNKNOWN, Row, known_cell
from dueregard.engines.tabulations import tabulation_by_ethnicity
from dueregard.evidence.cells import CodeCount
from dueregard.terms.ethnicity import NOT_STATED, NOT_STATED_REASONS
from dueregard.terms.missing import ALL, NOT_IDENTIFIED


def code_counts(tables: dict[str, list[Row]], facts: Facts) -> tuple[CodeCount, ...]:
    """Every code of ethnicity as the source wrote it, with how many bear it."""
    found = [*_roll(tables["roll"], facts), *_stage_counts(tables["stage_count"], facts)]
    found += _involvements(tables["involvement"], "self_defined_ethnicity")
    found += _involvements(tables["involvement"], "observed_ethnicity")
    return tuple(sorted(found, key=lambda one: one.place))


def _is_code(code: str) -> bool:
    return code not in UNKNOWN and code != ALL


def _summed(rows: Iterable[Row], number: str) -> tuple[int | None, int]:
    """The sum of the known cells (None: none is known), and how many cells are not known."""
    cells = [known_cell(row, number) for row in rows]
    known = [cell[number] for cell in cells if cell["state"] == "counted"]
    return (sum(known) if known else None), len(cells) - len(known)


def _by_code(rows: Iterable[Row], *keys: str) -> dict[tuple[str, ...], list[Row]]:
    found = defaultdict(list)
    for row in rows:
        if _is_code(row["ethnicity"]):
            found[tuple(row[key] for key in keys)].append(row)
    return found


def _roll(rows: list[Row], facts: Facts) -> Iterator[CodeCount]:
    tabulation = tabulation_by_ethnicity(facts.roll_tabulations, facts)
    on_roll = [r for r in rows if r["tabulation"] == tabulation and r["enrolment_status"] in ON_ROLL]
    last: dict[str, date] = {}
    for row in on_roll:
        last[row["urn"]] = max(last.get(row["urn"], row["census_on"]), row["census_on"])
    latest = [r for r in on_roll if r["census_on"] == last[r["urn"]]]
    for (code,), held in _by_code(latest, "ethnicity").items():
        pupils, unknown = _summed(held, "n_pupils")
        yield CodeCount("roll", "ethnicity", "", code, "", pupils, None, unknown)


def _involvements(rows: list[Row], column: str) -> Iterator[CodeCount]:
    found = defaultdict(list)
    for row in rows:
        is_told = row[column] == NOT_STATED and row["not_stated_reason"] in NOT_STATED_REASONS
        if _is_code(row[column]):
            found[row[column], row["not_stated_reason"] if is_told else ""].append(row["pupil_ref"])
    for (code, reason), pupils in found.items():
        yield CodeCount("involvement", column, "", code, reason, len({*pupils} - {NOT_IDENTIFIED}), len(pupils))


def _stage_counts(rows: list[Row], facts: Facts) -> Iterator[CodeCount]:
    chosen = {stage: tabulation_by_ethnicity(found, facts) for stage, found in facts.stage_tabulations}
    here = [r for r in rows if r["tabulation"] == chosen[r["stage"]] and r["unit"] in ("pupils", "involvements")]
    for (stage, period, unit, code), held in _by_code(here, "stage", "period", "unit", "ethnicity").items():
        n, unknown = _summed(held, "n")
        pupils, involvements = (n, None) if unit == "pupils" else (None, n)
        part = f"{stage} {period} {unit}"
        yield CodeCount("stage_count", "ethnicity", part, code, "", pupils, involvements, unknown)
