"""A release of ten schools and thirty tables: protected, attacked, bundled; and its growth with schools and earlier releases.

The counts are made up here, one table a question and place, so that what grows is known: schools, or the releases before.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

STAGES = {"contact": 1.0, "referred_by_school": 0.4, "recorded_as_suspect": 0.35, "arrested": 0.25, "support_offered": 0.5,
          "accepted": 0.3, "completed": 0.2}  # fmt: skip
SPLITS = {"ethnicity": ("W", "M", "A", "B", "O"), "sex": ("F", "M")}
ROLLS = {"W": "WBRI", "M": "MWBC", "A": "AIND", "B": "BCRB", "O": "OOTH", "F": "F"}
COLUMNS = ("ethnicity", "sex", "sen_provision", "disability")
RATE, AREAS, YEARS = 0.05, 3, ("2021/22", "2022/23", "2023/24")
SCHOOLS, TABLES, SECONDS = 10, 30, 60  # of the goal: a borough's release
AT = datetime(2026, 11, 27, 12, tzinfo=UTC)


def write_counts(folder: Path, n_schools: int, *, seed: int = 1) -> Path:
    """A folder of counts: for each school, year, stage and split, pupils by group. Who is reached is drawn from the roll."""
    rng, urns = np.random.default_rng(seed), [f"{100001 + n}" for n in range(n_schools)]
    lines: dict[str, list[str]] = {
        "school": ["urn,name,borough,la_code,phase,type,opened_on"],
        "roll": [f"urn,census_on,{','.join(COLUMNS)},n_pupils,tabulation,year_group,sen_type,is_fsm"],
        "stage_count": [f"urn,period,stage,unit,{','.join(COLUMNS)},n,tabulation,state"],
    }
    for n, urn in enumerate(urns):
        lines["school"].append(f"{urn},School {urn},Area {1 + n % AREAS},,SS,,")
        size, cells = int(rng.integers(400, 1400)), len(SPLITS["ethnicity"]) * len(SPLITS["sex"])
        roll = rng.multinomial(size, rng.dirichlet(np.full(cells, 3.0))).reshape(len(SPLITS["ethnicity"]), -1)
        for year in YEARS:
            _count(lines, rng, urn, year, roll)
    folder.mkdir(parents=True)
    for table, rows in lines.items():
        (folder / f"{table}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def _count(lines: dict[str, list[str]], rng: np.random.Generator, urn: str, year: str, roll: np.ndarray) -> None:
    """One school's year. Both splits are of the same pupils (ethnicity by sex): their totals agree, as a source's do."""
    reached = rng.binomial(roll, RATE)
    _write(lines["roll"], f"{urn},{int(year[:4]) + 1}-01-18", roll, "all:{},all,all,all", _roll_code)
    for stage, share in STAGES.items():
        n = reached if share == 1.0 else rng.binomial(reached, share)
        _write(lines["stage_count"], f"{urn},{year},{stage},pupils", n, "all:{},counted", lambda column, group: group)


def _write(rows: list[str], before: str, counts: np.ndarray, after: str, code: Callable[[str, str], str]) -> None:
    for axis, (column, groups) in enumerate(SPLITS.items()):
        for group, n in zip(groups, counts.sum(1 - axis), strict=True):
            cells = ",".join(code(column, group) if name == column else "all" for name in COLUMNS)
            rows.append(f"{before},{cells},{n},{after.format(column)}")


def _roll_code(column: str, group: str) -> str:
    return ROLLS[group] if column == "ethnicity" else group


def frozen(base: Path, n_schools: int) -> Path:
    from dueregard import steps
    from dueregard.collect.collect import Source

    source = Source(write_counts(base / f"source {n_schools}", n_schools))
    return steps.freeze([source], base / f"snapshots {n_schools}", today=date(2026, 11, 27), now=AT)[0].path


def publish(snapshot: Path, ledger: Path, out: Path, year: str) -> tuple[float, int]:
    """Seconds from the snapshot to the draft and its bundle, and the number of tables; then it goes out, for those after it."""
    from dueregard import steps
    from dueregard.steps.publish import Wanted
    from dueregard.steps.release import approve_release, hash_of_bundle, move_release

    wanted = Wanted(stages=tuple(STAGES), splits=tuple(SPLITS), period=year)
    began = time.perf_counter()
    draft = steps.publish(snapshot, ledger=ledger, out=out, by="Ada", now=AT, wanted=wanted)
    took = time.perf_counter() - began
    release = draft.record.release
    move_release(ledger, release, "submit", by="Ada", now=AT)
    for reviewer in ("Grace", "Mary"):
        approve_release(ledger, release, read=hash_of_bundle(out), by=reviewer, now=AT)
    return took, len(draft.released.published.tables)


def measure() -> list[dict]:
    """The release of the goal; then twice and four times the schools, and the third of three years beside the first, in the same run."""
    rows = []
    with tempfile.TemporaryDirectory() as made:
        base = Path(made)
        snapshot = frozen(base, SCHOOLS)
        took = [publish(snapshot, base / "ledger", base / f"bundle {n}", year) for n, year in enumerate(YEARS)]
        first, n_tables = took[0]
        assert n_tables >= TABLES
        rows.append({"name": f"a release of {SCHOOLS} schools, {n_tables} tables", "seconds": first, "ratio": None,
                     "limit": f"{SECONDS} s", "against": "protected, attacked, bundled"})  # fmt: skip
        for n_earlier, (seconds, _) in enumerate(took[1:], start=1):
            rows.append({"name": f"beside {n_earlier} earlier release{'s' if n_earlier > 1 else ''}", "seconds": seconds,
                         "ratio": seconds / first, "goal": None, "against": "the first release"})  # fmt: skip
        for times in (2, 4):
            seconds, n_tables = publish(
                frozen(base, times * SCHOOLS), base / f"ledger {times}", base / f"bundle x{times}", YEARS[0]
            )
            rows.append({"name": f"a release of {times * SCHOOLS} schools, {n_tables} tables", "seconds": seconds,
                         "ratio": seconds / first, "goal": None, "against": f"{SCHOOLS} schools"})  # fmt: skip
    return rows


if __name__ == "__main__":
    for row in measure():
        print(row, flush=True)
