"""A file of ten million rows through `check`, beside a bare read of the same file by the database."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.process import Run, dueregard, in_rounds, python, run

ROWS = 10_000_000
SCHOOLS = 20_000
MAKE = """
import duckdb
duckdb.sql('''COPY (SELECT printf('%06d', 100000 + i % {schools}) AS urn, DATE '2025-01-16' AS census_on,
 printf('P%08d', i) AS pupil_ref, 'C' AS enrolment_status, CAST(7 + i % 7 AS VARCHAR) AS year_group,
 11 + i % 7 AS age_on_31_august, list_extract(['M', 'F'], 1 + i % 2) AS sex,
 list_extract(['BCRB', 'BAFR', 'MWBC', 'APKN', 'ABAN', 'AIND', 'OOTH', 'NOBT', 'WBRI'], 1 + i % 9) AS ethnicity,
 list_extract(['N', 'K', 'E'], 1 + i % 3) AS sen_provision, list_extract(['ASD', 'SEMH', 'not_recorded'], 1 + i % 3) AS sen_type,
 'not_collected' AS disability, list_extract(['yes', 'no'], 1 + i % 2) AS is_fsm, 1 AS n_pupils
 FROM range({rows}) AS t(i)) TO '{folder}/roll.csv' (HEADER)''')
duckdb.sql('''COPY (SELECT printf('%06d', 100000 + i) AS urn, 'School ' || i AS name, 'B' || (i % 33) AS borough,
 '9' || (10 + i % 33) AS la_code, 'SS' AS phase, '' AS type, '' AS opened_on
 FROM range({schools}) AS t(i)) TO '{folder}/school.csv' (HEADER)''')
"""
TEXT = """
import duckdb
columns = open('{folder}/roll.csv').readline().strip().split(',')
read = "read_csv('{folder}/roll.csv', auto_detect=false, header=true, delim=',', quote='\\"', escape='\\"', strict_mode=true, columns={{" + ', '.join(f"'{{c}}': 'VARCHAR'" for c in columns) + "}})"
"""
SCAN = TEXT + "duckdb.sql('SELECT ' + ', '.join(f'sum(length({{c}}))' for c in columns) + f' FROM {{read}}').fetchall()"
LOAD = TEXT + "duckdb.sql(f'CREATE TABLE t AS SELECT * FROM {{read}}')"


def measure(times: int = 3) -> list[dict]:
    """Seconds, rows a second, and peak memory of `check`; of a bare load of all rows as text, and of a bare scan."""
    with tempfile.TemporaryDirectory() as folder:
        run(python(MAKE.format(folder=folder, rows=ROWS, schools=SCHOOLS)))
        with Path(folder, "roll.csv").open("rb") as file:
            assert sum(1 for _ in file) == ROWS + 1
        bare = [python(code.format(folder=folder)) for code in (LOAD, SCAN)]
        loaded, scanned, checked = in_rounds([*bare, dueregard("check", folder)], times)
    return [
        _row("bare load of 10 million rows", loaded, None, ""),
        _row("bare scan of 10 million rows", scanned, None, ""),
        _row("check 10 million rows", checked, checked.seconds / loaded.seconds, "the bare load", goal=3),
        _row("check 10 million rows", checked, checked.seconds / scanned.seconds, "the bare scan"),
        _row("check 10 million rows, processors", checked, checked.processors / loaded.processors, "the bare load"),
    ]


def _row(name: str, ran: Run, ratio: float | None, against: str, goal: float | None = None) -> dict:
    return {"name": f"{name} ({ROWS / ran.seconds / 1e6:.1f} M rows/s)", "seconds": ran.seconds, "ratio": ratio, "against": against,
            "goal": goal, "peak_mib": ran.peak_mib, "processors": ran.processors}  # fmt: skip
