"""Small sources of counts whose truth is set by hand, to publish from: a few schools, one stage, one table a split."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dueregard import steps
from dueregard.collect.collect import Source
from tests.conftest import NOW, TODAY

Counts = Mapping[tuple[str, str], Mapping[str, int]]  # (school, column) -> code -> pupils
COLUMNS = ("ethnicity", "sex", "sen_provision", "disability")
ROLL = 1200  # of a school, the same by every column


def snapshot_of(
    folder: Path, counts: Counts, *, period: str = "2023/24", rolls: Counts | None = None, stage: str = "arrested",
    areas: Mapping[str, str] | None = None, phases: Mapping[str, str] | None = None,
) -> Path:  # fmt: skip
    """A frozen snapshot of these counts. rolls: 1,200 pupils in equal groups, unless given; areas: all in North, phases: all
    secondary, unless given."""
    folder.mkdir(parents=True)
    schools = sorted({school for school, _ in counts})
    (folder / "school.csv").write_text(
        "urn,name,borough,la_code,phase,type,opened_on\n"
        + "".join(f"{s},School {s},{(areas or {}).get(s, 'North')},,{(phases or {}).get(s, 'SS')},,\n" for s in schools)
    )
    given = dict(rolls or {}) or {place: dict.fromkeys(codes, ROLL // len(codes)) for place, codes in counts.items()}
    roll = [f"{s},2024-01-18,{_cells(column, _roll_code(code))},{n},all:{column}" for (s, column), codes in given.items()
            for code, n in codes.items()]  # fmt: skip
    (folder / "roll.csv").write_text(
        f"urn,census_on,{','.join(COLUMNS)},n_pupils,tabulation,year_group,sen_type,is_fsm\n"
        + "".join(f"{line},all,all,all\n" for line in roll)
    )
    counted = [f"{s},{period},{stage},pupils,{_cells(column, code)},{n},all:{column},counted"
               for (s, column), codes in counts.items() for code, n in codes.items()]  # fmt: skip
    (folder / "stage_count.csv").write_text(
        f"urn,period,stage,unit,{','.join(COLUMNS)},n,tabulation,state\n" + "".join(f"{line}\n" for line in counted)
    )
    return steps.freeze([Source(folder)], folder.parent / f"{folder.name}-snapshots", today=TODAY, now=NOW)[0].path


def _cells(column: str, code: str) -> str:
    return ",".join(code if name == column else "all" for name in COLUMNS)


def _roll_code(code: str) -> str:
    """The roll's list of ethnicities is finer than the broad groups of counts."""
    return {"W": "WBRI", "B": "BCRB", "A": "AIND", "not_stated": "REFU"}.get(code, code)
