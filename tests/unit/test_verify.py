"""`verify` finds any changed digit in any file of a report, and counts again from the snapshot."""

from __future__ import annotations

import copy
import hashlib
import json
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

pytestmark = pytest.mark.xdist_group("small")
DIGITS_TRIED = 40  # of each file, drawn with a fixed seed


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> tuple[Path, Path]:
    """A snapshot with a handful of figures, so that each verification is quick, and its report."""
    folder = tmp_path_factory.mktemp("small") / "source"
    folder.mkdir()
    (folder / "school.csv").write_text(
        "urn,name,borough,la_code,phase,type,opened_on\n1,One,North,,SS,,\n2,Two,South,,SS,,\n"
    )
    roll = [
        f"{urn},2024-01-18,{g},{n}" for urn in (1, 2) for g, n in (("WBRI", 400 * urn), ("BCRB", 90 + urn), ("REFU", 7))
    ]
    (folder / "roll.csv").write_text("urn,census_on,ethnicity,n_pupils,year_group,sex,sen_provision,sen_type,disability,is_fsm\n"
                                     + "\n".join(f"{row},all,all,all,all,all,all" for row in roll) + "\n")  # fmt: skip
    count = [
        f"{urn},2023/24,arrested,pupils,{g},{n}"
        for urn in (1, 2)
        for g, n in (("W", 4 + urn), ("B", 3 * urn), ("not_stated", 1))
    ]
    (folder / "stage_count.csv").write_text("urn,period,stage,unit,ethnicity,n,sex,sen_provision,disability,tabulation,state\n"
                                            + "\n".join(f"{row},all,all,all,all,counted" for row in count) + "\n")  # fmt: skip
    base = folder.parent
    snapshot, _ = steps.freeze([Source(folder)], base / "snapshots")
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


# The studies: models with their seed, chains, gates. A borough has them all.
@pytest.fixture(scope="module")
def studied(borough_snapshot, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("studied") / "report"
    content = steps.report(borough_snapshot, out)
    assert len(content.studies.pathways) == 4 and content.studies.gates is not None
    assert len(content.studies.crossings) == len(content.studies.doubts) == 1
    return out


def _signed(document: dict) -> bytes:
    """The document with a hash of its own that fits, as a forger would write it."""
    rest = {key: value for key, value in document.items() if key != "sha256"}
    text = json.dumps(rest, ensure_ascii=False, indent=1, allow_nan=False)
    return (
        json.dumps({"sha256": hashlib.sha256(text.encode()).hexdigest()} | rest, ensure_ascii=False, indent=1) + "\n"
    ).encode()


FORGED = {
    "a factor of a chain": lambda s: s["pathways"][0]["answer"]["factors"][1]["ratio"],
    "a rate of a model": lambda s: s["intersections"][0]["answer"]["strata"][0]["rate_per_1000"],
    "an imputed ratio": lambda s: s["sensitivities"][0]["answer"]["groups"][0]["imputed"]["ratio"],
    "a share at a gate": lambda s: s["gates"]["figures"][0]["groups"][0]["rate_per_1000"],
}


def test_a_forged_number_of_a_study_is_found(studied, tmp_path):
    """One last digit of each kind of study, in one document with a hash that fits."""
    document = json.loads((studied / "figures.json").read_text())
    assert _signed(document) == (studied / "figures.json").read_bytes()
    report = tmp_path / "report"
    shutil.copytree(studied, report)
    for what, find in FORGED.items():
        forged = copy.deepcopy(document)
        found = find(forged["studies"])
        found["upper"] = float(f"{found['upper'] * 1.00001:.6g}")
        assert found["upper"] != find(document["studies"])["upper"], what
        (report / "figures.json").write_bytes(_signed(forged))
        assert any("figures.json does not follow" in fault for fault in steps.verify(report)), what


def test_a_forged_count_of_a_study_is_found(studied, borough_snapshot, tmp_path):
    """A chain's cell with a contact more: the factors no longer follow, and the snapshot tells where."""
    document = json.loads((studied / "figures.json").read_text())
    pathway = document["studies"]["pathways"][0]
    lines, group = pathway["chain_cells"], pathway["id"].rsplit("-", 1)[1]  # a cell of the group that it is about
    at = next(n for n, line in enumerate(lines) if f'"{group}"' in line and not line.endswith("[0]]"))
    school, officer, codes, exposure, reached = json.loads(lines[at])
    lines[at] = json.dumps([school, officer, codes, exposure, [reached[0] + 1, *reached[1:]]], separators=(",", ":"))
    report = tmp_path / "report"
    shutil.copytree(studied, report)
    (report / "figures.json").write_bytes(_signed(document))
    faults = steps.verify(report, snapshot_path=borough_snapshot)
    assert any("figures.json does not follow" in fault for fault in faults), faults
    name = document["studies"]["pathways"][0]["id"]
    assert f"{name}: the counts are not those of the snapshot." in faults
