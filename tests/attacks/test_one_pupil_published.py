"""The one Black pupil with a plan in year 9 at one school, through the whole of `dueregard publish`: nobody finds him in the bundle."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from dueregard import steps
from dueregard.cli import main
from dueregard.collect.collect import Source
from tests.conftest import NOW, SHARED, TODAY

CASE = SHARED / "attacks" / "072_case_A_identifiable.csv"
MAPPING = Path(__file__).parents[2] / "examples" / "flat_export" / "mapping.toml"
SPLITS = ("ethnicity", "sen_provision", "sex", "year_group")
OTHERS = 860  # on roll beside those of the file: 20 kinds, 43 each
COLUMNS = ("ethnicity", "sen_provision", "sex", "year_group")


@pytest.fixture(scope="module")
def case(tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """A snapshot of the file and of a roll on which he is the only one of his kind; and his row."""
    if not CASE.is_file():
        pytest.skip("the shared attacks (../shared/attacks) are not beside this checkout")
    rows = list(csv.DictReader(CASE.read_text(encoding="utf-8").splitlines()))
    kinds = [tuple(row[c] for c in COLUMNS) for row in rows]
    [he] = [
        row for row, kind in zip(rows, kinds, strict=True) if kinds.count(kind) == 1 and row["sen_provision"] == "E"
    ]
    folder = tmp_path_factory.mktemp("case") / "sent"
    folder.mkdir()
    (folder / "contacts.csv").write_text(CASE.read_text(encoding="utf-8"), encoding="utf-8")
    roll = [(row["pupil_ref"], *(row[c] for c in COLUMNS)) for row in rows]
    roll += [(f"P{900_000 + n}", ("WBRI", "BCRB")[n % 2], ("N", "K")[n % 4 // 2], ("M", "F")[n % 8 // 4], str(7 + n % 5))
             for n in range(OTHERS)]  # fmt: skip
    lines = ["snapshot_date,urn,pupil_ref,ethnicity,sen_provision,sex,year_group"]
    lines += [f"2025-01-16,{he['urn']},{','.join(one)}" for one in roll]
    (folder / "roll.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    frozen, _ = steps.freeze([Source(folder, mapping=MAPPING)], folder.parent / "snapshots", today=TODAY, now=NOW)
    return frozen.path, he


def test_nobody_finds_him(case, tmp_path):
    """His plan, his school, his year: each count that he is one of stays open, and no file names a kind of which he is alone."""
    snapshot, he = case
    wanted = steps.Wanted(stages=("contact", "recorded_as_suspect"), splits=SPLITS)
    made = steps.publish(snapshot, ledger=tmp_path / "L", out=tmp_path / "o", by="Ann", now=NOW, wanted=wanted)
    assert steps.attack([tmp_path / "o"]).is_safe
    counts = {row.of: row.n for table in made.released.published.tables for row in table.rows}
    his = [n for of, n in counts.items() if dict(of).get("sen_provision") == "E"]
    assert his and all(n.shown is None and (n.at_most is None or n.at_most - n.at_least >= 5) for n in his)
    files = {p.name: p.read_bytes() for p in (tmp_path / "o").iterdir()}
    assert not [name for name, content in files.items() if he["pupil_ref"].encode() in content]


@pytest.mark.parametrize("crossed", ["ethnicity,sen_provision", "ethnicity,sen_provision,year_group"])
def test_his_kind_cannot_be_asked_for(case, crossed, tmp_path, capsys):
    asked = ["publish", str(case[0]), "--ledger", str(tmp_path / "L"), "--out", str(tmp_path / "o"), "--by", "Ann"]
    assert main([*asked, "--stage", "contact", "--split", crossed]) == 14
    assert "columns crossed" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_internal_report_would_give_him_away(case, tmp_path, capsys):
    """The check can fail: the report with the true counts, sent out by mistake."""
    steps.report(case[0], tmp_path / "report")
    assert main(["attack", str(tmp_path / "report"), "--json"]) == 1
    narrowed = json.loads(capsys.readouterr().out)["narrowed"]
    assert any("sen_provision" in str(one["of"]) and one["at_least"] == one["at_most"] == 1 for one in narrowed)
