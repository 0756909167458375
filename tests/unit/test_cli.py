"""The command line as a person meets it: exit codes, errors as letters, one JSON document, bad input."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dueregard import steps
from dueregard.cli import main

pytestmark = pytest.mark.xdist_group("borough")


def said(capsys) -> tuple[str, str]:
    found = capsys.readouterr()
    return found.out, found.err


@pytest.mark.parametrize(
    ("tokens", "code", "words"),
    [
        (["compare", "{s}", "--stage", "arested"], 2, "There is no stage `arested`.\nTry: one of referred_by_school, contact"),
        (["compare", "{s}", "--stage", "contact", "--by", "colour"], 2, "There is no column `colour`.\nTry: one of ethnicity"),
        (["compare", "{s}", "--stage", "contact", "--comparison", "Z"], 2, "W (White), M (Mixed), A (Asian), B (Black), O (Other)"),
        (["compare", "{s}", "--stage", "contact", "--unit", "people"], 2, "one of pupils, involvements, events"),
        (["compare", "{s}", "--stage", "contact", "--denominator", "heads"], 2, "pupils_on_roll, pupil_years"),
        (["compare", "{s}", "--stage", "contact", "--within", "street"], 2, "one of school, area, officer"),
        (["compare", "{s}", "--stage", "contact", "--period", "2023"], 2, "an academic year `2023/24`"),
        (["compare", "{s}", "--stage", "contact", "--where", "sex"], 2, "`--where column=code`"),
        (["compare", "{s}", "--stage", "contact", "--where", "sex=Q"], 2, "There is no group of sex `Q`"),
        (["compare", "{s}", "--stage", "contact", "--engine", "abacus"], 2, "one of duckdb, reference, spark"),
        (["compare", "{s}", "--stage", "contact", "--by", "is_fsm"], 5, "the roll is not by pupil"),
        (["compare", "{s}"], 2, "--stage"),
        (["compare", "/nowhere", "--stage", "contact"], 4, "`nowhere` does not exist"),
        (["conjure"], 2, "conjure"),
        (["terms", "colours"], 2, "There is no code list `colours`"),
        (["check", "{b}", "--profile", "excel"], 2, "There is no profile `excel`.\nTry: one of native, crdc-2013-14, crdc-2020-21"),
        (["check", "/nowhere"], 3, "`nowhere` does not exist"),
        (["verify", "{b}"], 4, "is not a report"),
        (["synth", "{b}"], 6, "not empty"),
        (["synth", "{b}/x", "--size", "moon"], 2, "There is no size `moon`"),
        (["report", "{s}", "--out", "{b}"], 6, ""),
    ],
)  # fmt: skip
def test_wrong_use_is_answered(tokens, code, words, borough, borough_snapshot, capsys):
    filled = [t.format(s=borough_snapshot, b=borough) for t in tokens]
    assert main(filled) == code
    out, err = said(capsys)
    assert words in err
    assert out == ""
    assert "Traceback" not in err


def test_json_is_one_document_and_nothing_else(borough, borough_snapshot, capsys, tmp_path):
    commands = [
        ["profiles"], ["terms"], ["terms", "sen_type"], ["measures"], ["measures", "--snapshot", str(borough_snapshot)],
        ["check", str(borough)], ["freeze", str(borough), "--into", str(tmp_path)],
        ["compare", str(borough_snapshot), "--stage", "contact", "--within", "school,officer"],
        ["compare", str(borough_snapshot), "--stage", "contact", "--by", "ethnicity,period"],
    ]  # fmt: skip
    for command in commands:
        assert main([*command, "--json"]) == 0
        json.loads(said(capsys)[0])


def test_freeze_prints_the_path_and_twice_gives_the_same(borough, borough_snapshot, capsys, tmp_path):
    assert main(["freeze", str(borough), "--into", str(tmp_path), "--json"]) == 0
    first = json.loads(said(capsys)[0])
    assert set(first) == {"snapshot", "path", "findings", "ignored"}
    before = {f.name: f.stat().st_mtime_ns for f in Path(first["path"]).iterdir()}
    assert main(["freeze", str(borough), "--into", str(tmp_path), "--json"]) == 0
    assert json.loads(said(capsys)[0]) == first
    assert {f.name: f.stat().st_mtime_ns for f in Path(first["path"]).iterdir()} == before
    assert first["snapshot"] == borough_snapshot.name
    modes = {(f.is_dir(), f.stat().st_mode & 0o777) for f in Path(first["path"]).rglob("*")}
    assert modes == {(False, 0o400), (True, 0o500)}


def test_crossed_splits_and_comparisons(borough_snapshot, capsys):
    command = ["compare", str(borough_snapshot), "--stage", "contact", "--by", "ethnicity,sex", "--json"]
    assert main([*command, "--comparison", "White"]) == 0
    document = json.loads(said(capsys)[0])
    black = next(g for g in document["groups"] if g["code"] == "B,M")
    assert black["codes"] == {"ethnicity": "B", "sex": "M"}
    against = next(g for g in document["groups"] if g["code"] == "W,M")
    assert black["relative_rate"]["estimate"] == pytest.approx(
        (black["n"] / black["denominator"]) / (against["n"] / against["denominator"]), rel=1e-12
    )
    assert main([*command, "--comparison", "W,F"]) == 0
    one = json.loads(said(capsys)[0])
    assert [g["code"] for g in one["groups"] if g["relative_rate"] is None and "not_" not in g["code"]] == ["W,F"]


def test_a_trend_compares_each_period_inside_itself(borough_snapshot, capsys):
    assert main(["compare", str(borough_snapshot), "--stage", "contact", "--by", "ethnicity,period", "--json"]) == 0
    document = json.loads(said(capsys)[0])
    assert document["measure"]["period"] is None
    assert {g["period"] for g in document["groups"]} == {"2021/22", "2022/23", "2023/24"}
    for group in document["groups"]:
        if group["relative_rate"]:
            against = next(g for g in document["groups"] if (g["code"], g["period"]) == ("W", group["period"]))
            ratio = (group["n"] / group["denominator"]) / (against["n"] / against["denominator"])
            assert group["relative_rate"]["estimate"] == pytest.approx(ratio, rel=1e-12)


def broken(borough: Path, target: Path, file: str, old: str, new: str) -> Path:
    shutil.copytree(borough, target)
    text = (target / file).read_text(encoding="utf-8")
    assert old in text
    (target / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return target


def test_a_fault_stops_a_freeze_with_nothing_written(borough, capsys, tmp_path):
    source = broken(borough, tmp_path / "b", "involvement.csv", ",suspect,", ",villain,")
    into = tmp_path / "snapshots"
    assert main(["freeze", str(source), "--into", str(into)]) == 1
    out, err = said(capsys)
    assert "E_CODELIST involvement.csv, column `subject_category`: 1 value is not in the list" in err
    assert "villain" not in out + err
    assert not into.exists() or list(into.iterdir()) == []


def test_the_rest_can_be_frozen_and_says_so(borough, capsys, tmp_path):
    source = broken(borough, tmp_path / "b", "involvement.csv", ",suspect,", ",villain,")
    into = tmp_path / "snapshots"
    assert main(["freeze", str(source), "--into", str(into), "--leave-out-rejected", "--json"]) == 0
    path = Path(json.loads(said(capsys)[0])["path"])
    manifest = json.loads((path / "manifest.json").read_text())
    assert sum(row["rows"] for row in manifest["left_out"] if row["table"] == "involvement") == 1
    refused = into / "rejected" / path.name / "involvement.csv"
    assert refused.stat().st_mode & 0o777 == 0o600
    assert "E_CODELIST" in refused.read_text()
    assert not any("villain" in f.read_bytes().decode("latin-1") for f in path.rglob("*") if f.is_file())


@pytest.mark.parametrize(
    ("missing", "words"),
    [("school.csv", "E_MISSING_TABLE school.csv"), ("contact.csv", "E_MISSING_TABLE contact.csv")],
)
def test_a_folder_without_a_required_table(borough, missing, words, capsys, tmp_path):
    source = tmp_path / "b"
    shutil.copytree(borough, source)
    (source / missing).unlink()
    assert main(["freeze", str(source), "--into", str(tmp_path / "s")]) == 1
    assert words in said(capsys)[1]


def test_a_snapshot_without_a_roll_says_what_it_can_answer(borough, capsys, tmp_path):
    source = tmp_path / "b"
    shutil.copytree(borough, source)
    (source / "roll.csv").unlink()
    assert main(["freeze", str(source), "--into", str(tmp_path / "s"), "--json"]) == 0
    path = json.loads(said(capsys)[0])["path"]
    assert main(["compare", path, "--stage", "contact"]) == 5
    assert "A rate needs a roll" in said(capsys)[1]
    assert main(["compare", path, "--stage", "arrested", "--denominator", "contact"]) == 0
    said(capsys)
    assert main(["measures", "--snapshot", path, "--json"]) == 0
    can = {row["stage"]: row["can_answer"] for row in json.loads(said(capsys)[0])}
    assert (can["contact"], can["accepted"]) == (False, True)


def test_a_folder_of_other_things(tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("x")
    assert main(["check", str(tmp_path)]) == 3
    assert "holds no table of the native layout" in said(capsys)[1]


def writing(step: str, target: Path, borough: Path, snapshot: Path) -> list[str]:
    """The command of a step that writes to a target."""
    return {
        "synth": ["synth", str(target)],
        "freeze": ["freeze", str(borough), "--into", str(target)],
        "report": ["report", str(snapshot), "--out", str(target)],
    }[step]


FULL_DISK = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from dueregard.cli import run
run(sys.argv[1:])
"""


@pytest.mark.parametrize("limit", [1_000, 20_000])
@pytest.mark.parametrize("step", ["synth", "freeze", "report"])
def test_a_full_disk_leaves_the_earlier_state(step, limit, borough, small_snapshot, tmp_path):
    """Files may not grow beyond a limit: writing fails half way, as on a full disk (EFBIG in place of ENOSPC)."""
    target = tmp_path / "target"
    command = writing(step, target, borough, small_snapshot)
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK.format(limit=limit), *command], capture_output=True, text=True
    )
    assert done.returncode == 6, done.stderr
    assert "Traceback" not in done.stderr
    left = [] if not target.exists() else list(target.iterdir())
    assert left == []
    assert [p.name for p in tmp_path.iterdir() if p.name != "target"] == []


def is_whole(step: str, target: Path, borough: Path) -> bool:
    """Whether what a step left is all that it writes."""
    if step == "synth":
        return {p.name for p in target.iterdir()} == {p.name for p in borough.iterdir()}
    if step == "freeze":
        return all(steps.open_snapshot(p).id == p.name for p in target.iterdir())
    return steps.verify(target) == []


@pytest.mark.parametrize("step", ["synth", "freeze", "report"])
def test_an_interrupt_leaves_the_earlier_state(step, borough, small_snapshot, tmp_path):
    """Nothing, or all of it: a signal may also land after the last move, before the process has left."""
    for n, wait in enumerate((0.4, 0.9, 1.6)):
        folder = tmp_path / str(n)
        folder.mkdir()
        target = folder / "target"
        command = writing(step, target, borough, small_snapshot)
        process = subprocess.Popen(
            [sys.executable, "-m", "dueregard", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        time.sleep(wait)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=900)
        # a signal may land while Python starts, or while a library in C is loaded (it then aborts): nothing was begun
        assert process.returncode in (0, 130, -signal.SIGINT, 1, -signal.SIGABRT), err
        assert {p.name for p in folder.iterdir()} <= {"target"}
        if target.exists():
            assert not [p for p in target.iterdir() if p.name.startswith(".")]
            assert is_whole(step, target, borough)


def test_a_second_report_replaces_the_first_whole(small_snapshot, tmp_path):
    from dueregard.publish import bundle

    out = tmp_path / "report"
    bundle.write({"index.html": b"old", "tables.xlsx": b"old", "figures.json": b"old", "cells.csv": b"old"}, out)
    steps.report(small_snapshot, out)
    assert steps.verify(out) == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["report"]


def test_nothing_is_written_outside_the_target(borough, tmp_path, monkeypatch):
    """No scratch file of rows is left in the temporary folder."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    env = {**os.environ, "TMPDIR": str(scratch)}
    subprocess.run(
        [sys.executable, "-m", "dueregard", "freeze", str(borough), "--into", str(tmp_path / "s")],
        env=env,
        check=True,
        capture_output=True,
    )
    assert list(scratch.iterdir()) == []


def test_a_mistake_of_the_program_quotes_nothing(tmp_path, monkeypatch, capsys):
    """Words of a library may hold a value of a row: kind and place are told, and no more."""

    def broken(*args: object, **options: object) -> None:
        raise RuntimeError("could not read 'canary'")

    monkeypatch.setattr("dueregard.collect.profiles.native._files", broken)
    (tmp_path / "school.csv").write_text("urn\n")
    assert main(["check", str(tmp_path)]) == 70
    told = capsys.readouterr()
    assert "RuntimeError" in told.err and "native.py:" in told.err
    assert "canary" not in told.out + told.err and str(tmp_path) not in told.out + told.err


def test_an_interrupt_inside_the_database_is_told_as_one(tmp_path, monkeypatch, capsys):
    """A signal while a query runs comes back from the database as an error of its own."""

    def stopped(*args: object, **options: object) -> None:
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr("dueregard.collect.profiles.native._files", stopped)
    (tmp_path / "school.csv").write_text("urn\n")
    assert main(["check", str(tmp_path)]) == 130
    assert "earlier state is whole" in capsys.readouterr().err


def test_freeze_says_which_files_it_ignored(borough, tmp_path, capsys):
    source = shutil.copytree(borough, tmp_path / "source")
    (source / "contacts_of_april.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert main(["freeze", str(source), "--into", str(tmp_path / "s")]) == 0
    assert "Ignored: contacts_of_april.csv" in capsys.readouterr().err
    assert main(["freeze", str(source), "--into", str(tmp_path / "s"), "--json"]) == 0
    assert "contacts_of_april.csv" in json.loads(capsys.readouterr().out)["ignored"]
