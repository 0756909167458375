"""`verify` finds any changed digit in any file of a report, and counts again from the snapshot."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import pytest

from dueregard import steps
from dueregard.cli import main
from dueregard.collect.collect import Source
from dueregard.steps.report import about_of
from dueregard.steps.studies import figure_of
from tests.unit.small_source import write_small

pytestmark = pytest.mark.xdist_group("small")
DIGITS_TRIED = 20  # of each file, drawn with a fixed seed


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> tuple[Path, Path]:
    """A snapshot with a handful of figures, so that each verification is quick, and its report."""
    base = tmp_path_factory.mktemp("small")
    snapshot, _ = steps.freeze([Source(write_small(base / "source"))], base / "snapshots")
    steps.report(snapshot.path, base / "report")
    return snapshot.path, base / "report"


def test_a_report_is_whole(small):
    assert steps.verify(small[1]) == []
    assert steps.verify(small[1], snapshot_path=small[0]) == []


def test_the_figures_are_right(small):
    """Hand arithmetic: Black (3 + 6) of (91 + 92); White (5 + 6) of (400 + 800)."""
    cells = {
        c.codes[0]: (c.n, c.denominator) for c in steps.compose(steps.open_snapshot(small[0])).figures[0].cells.whole
    }
    assert cells == {"B": (3 + 6, 91 + 92), "W": (5 + 6, 400 + 800), "not_stated": (1 + 1, 7 + 7)}


@pytest.mark.parametrize("name", ["index.html", "figures.json", "cells.csv", "tables.xlsx"])
def test_any_changed_digit_is_found(small, name, tmp_path):
    data = (small[1] / name).read_bytes()
    places = [m.start() for m in re.finditer(rb"[0-9]", data)]
    drawn = random.Random(7).sample(places, min(DIGITS_TRIED, len(places)))
    report = tmp_path / "report"
    shutil.copytree(small[1], report)
    for place in drawn:
        digit = data[place : place + 1]
        other = b"%d" % ((int(digit) + 1) % 10)
        (report / name).write_bytes(data[:place] + other + data[place + 1 :])
        assert steps.verify(report), f"digit at byte {place} of {name} was changed and not found"
    (report / name).write_bytes(data)
    assert steps.verify(report) == []


def test_a_consistent_lie_is_found_with_the_snapshot(small, tmp_path):
    """A count changed before everything was derived from it: only the rows can tell."""
    from dataclasses import replace

    from dueregard.publish.bundle import render, write

    content = steps.compose(steps.open_snapshot(small[0]))
    figure = content.figures[0]
    lied = replace(
        figure.cells, whole=(replace(figure.cells.whole[0], n=figure.cells.whole[0].n + 1), *figure.cells.whole[1:])
    )
    about = about_of(steps.open_snapshot(small[0]))
    false = replace(content, figures=(figure_of(figure.id, lied, None, "", None, about), *content.figures[1:]))
    write(render(false), tmp_path / "lie")
    assert steps.verify(tmp_path / "lie") == []
    assert steps.verify(tmp_path / "lie", snapshot_path=small[0]) == [
        f"{figure.id}: the counts are not those of the snapshot."
    ]


def test_a_changed_snapshot_is_found(small, tmp_path):
    import duckdb

    broken = tmp_path / small[0].name
    shutil.copytree(small[0], broken)
    broken.chmod(0o700)
    file = broken / "roll.parquet"
    file.chmod(0o600)
    duckdb.execute(
        f"COPY (SELECT * REPLACE (n_pupils + 1 AS n_pupils) FROM read_parquet('{small[0] / 'roll.parquet'}')) TO '{file}'"
    )
    faults = steps.verify(small[1], snapshot_path=broken)
    assert "roll: its rows are not those that were frozen." in faults


def test_files_that_are_missing_or_strange_are_told(small, tmp_path, capsys):
    report = tmp_path / "report"
    shutil.copytree(small[1], report)
    (report / "tables.xlsx").unlink()
    (report / "more.txt").write_text("x")
    assert main(["verify", str(report)]) == 7
    said = capsys.readouterr().err
    assert "tables.xlsx is missing" in said
    assert "more.txt is not part of a report" in said
    assert main(["verify", str(tmp_path)]) == 4
