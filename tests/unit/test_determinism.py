"""The same content gives the same id and the same report, byte for byte, whatever the machine's settings."""

from __future__ import annotations

import csv
import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from dueregard import steps
from dueregard.collect.collect import Source

pytestmark = pytest.mark.xdist_group("borough")

SETTINGS = [
    {"TZ": "UTC", "PYTHONHASHSEED": "0", "LC_ALL": "C", "DUEREGARD_THREADS": "2"},
    {"TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "4711", "LC_ALL": "C.UTF-8", "DUEREGARD_THREADS": "1"},
]


def shuffled(folder: Path, target: Path, seed: int) -> Path:
    """The same tables with their rows in another order."""
    target.mkdir()
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as handle:
            header, *rows = list(csv.reader(handle))
        random.Random(seed).shuffle(rows)
        with (target / file.name).open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle, lineterminator="\r\n" if seed % 2 else "\n").writerows([header, *rows])
    return target


def run(settings: dict[str, str], folder: Path, into: Path, out: Path) -> tuple[str, dict[str, str]]:
    """Freeze and report in a process of its own. Returns the id and the hash of each file."""
    code = (
        "import sys; from pathlib import Path; from dueregard import steps; from dueregard.collect.collect import Source\n"
        "s, _ = steps.freeze([Source(Path(sys.argv[1]))], Path(sys.argv[2])); steps.report(s.path, Path(sys.argv[3])); print(s.id)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder), str(into), str(out)], capture_output=True, text=True,
                          env={**os.environ, **settings}, check=True)  # fmt: skip
    return done.stdout.strip(), {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(out.iterdir())}


@pytest.mark.parametrize("source", ["small_source", pytest.param("borough", marks=pytest.mark.deep)])
def test_id_and_report_are_equal_over_two_settings(source, request, tmp_path):
    folder = request.getfixturevalue(source)
    first = run(SETTINGS[0], folder, tmp_path / "s1", tmp_path / "r1")
    second = run(SETTINGS[1], shuffled(folder, tmp_path / "shuffled", 3), tmp_path / "s2", tmp_path / "other name")
    assert first == second
    assert set(first[1]) == {"index.html", "tables.xlsx", "figures.json", "cells.csv"}


def test_the_number_of_threads_is_the_one_asked_for(borough_snapshot, monkeypatch):
    for n in ("1", "3"):
        monkeypatch.setenv("DUEREGARD_THREADS", n)
        engine = steps.open_engine(steps.open_snapshot(borough_snapshot))
        assert engine.rows("SELECT current_setting('threads')") == [(int(n),)]


def test_one_changed_cell_changes_the_id(borough, borough_snapshot, tmp_path):
    changed = shuffled(borough, tmp_path / "changed", 2)
    file = changed / "contact.csv"
    file.write_text(
        file.read_text(encoding="utf-8").replace(",school_staff_report,", ",pupil_report,", 1), encoding="utf-8"
    )
    found, _ = steps.freeze([Source(changed)], tmp_path / "snapshots")
    assert found.id != borough_snapshot.name


def test_a_csv_and_a_parquet_folder_give_the_same_id(borough, borough_snapshot, tmp_path):
    import duckdb

    target = tmp_path / "parquet"
    target.mkdir()
    for file in borough.glob("*.csv"):
        duckdb.execute(f"COPY (SELECT * FROM read_csv('{file}', all_varchar=true)) TO '{target / file.stem}.parquet'")
    found, _ = steps.freeze([Source(target)], tmp_path / "snapshots")
    assert found.id == borough_snapshot.name
