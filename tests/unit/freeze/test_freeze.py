"""Freeze: an id that follows from content, a sealed folder, and nothing that a report says outside the id."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from dueregard import steps
from dueregard.collect.collect import Source
from dueregard.engines.prepared import prepared_faults
from dueregard.errors import FaultsFound, SnapshotError, TargetError
from dueregard.freeze.freeze import faults_of
from dueregard.measures.measure import Measure

TODAY = date(2026, 11, 23)
pytestmark = pytest.mark.xdist_group("borough")


def spoiled(borough: Path, target: Path) -> Path:
    """One involvement names no category of the list."""
    shutil.copytree(borough, target)
    file = target / "involvement.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",suspect,", ",villain,", 1), encoding="utf-8")
    return target


def without_it(borough: Path, target: Path) -> Path:
    """The same folder with that row taken out by hand (and what depends on it)."""
    shutil.copytree(borough, target)
    lines = (target / "involvement.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if ",suspect," in line)
    gone = tuple(lines[at].split(",")[:2])
    for name in ("involvement", "power_use", "step", "outcome"):
        kept = [
            x
            for x in (target / f"{name}.csv").read_text(encoding="utf-8").splitlines(keepends=True)
            if tuple(x.split(",")[:2]) != gone
        ]
        (target / f"{name}.csv").write_text("".join(kept), encoding="utf-8")
    return target


def test_rows_left_out_enter_the_id_because_every_report_speaks_of_them(borough, tmp_path):
    dirty, _ = steps.freeze(
        [Source(spoiled(borough, tmp_path / "a"))], tmp_path / "s", leave_out_rejected=True, today=TODAY
    )
    clean, _ = steps.freeze([Source(without_it(borough, tmp_path / "b"))], tmp_path / "s", today=TODAY)
    assert dirty.manifest.tables == clean.manifest.tables
    assert dirty.id != clean.id
    assert steps.about_of(dirty).left_out != ()
    assert steps.about_of(clean).left_out == ()


def test_the_form_of_a_file_enters_neither_the_id_nor_a_report(borough, borough_snapshot, tmp_path):
    """Blank rows and a header in capitals are told by check, and change no figure and no page."""
    source = tmp_path / "a"
    shutil.copytree(borough, source)
    file = source / "school.csv"
    header, rest = file.read_text(encoding="utf-8").split("\n", 1)
    file.write_text(f"{header.upper()}\n{',' * header.count(',')}\n{rest}", encoding="utf-8")
    found, checked = steps.freeze([Source(source)], tmp_path / "s", today=TODAY)
    assert {"W_BLANK_ROWS", "W_HEADER_NORMALISED"} <= {f.code for f in checked.findings}
    assert found.id == borough_snapshot.name
    assert steps.about_of(found) == steps.about_of(steps.open_snapshot(borough_snapshot))


def test_a_snapshot_is_sealed(borough_snapshot):
    assert borough_snapshot.stat().st_mode & 0o777 == 0o500
    inside = list(borough_snapshot.rglob("*"))
    assert {f.stat().st_mode & 0o777 for f in inside if f.is_file()} == {0o400}
    assert {f.stat().st_mode & 0o777 for f in inside if f.is_dir()} == {0o500}


def test_the_manifest_says_where_the_rows_came_from_and_no_path(borough_snapshot, borough):
    text = (borough_snapshot / "manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    assert {s["file"] for s in manifest["sources"]} == {f.name for f in borough.glob("*.csv")}
    assert str(borough.parent) not in text


def test_a_folder_that_is_no_snapshot_or_not_whole(borough_snapshot, tmp_path):
    with pytest.raises(SnapshotError, match="is not a snapshot"):
        steps.open_snapshot(tmp_path)
    copy = tmp_path / borough_snapshot.name
    shutil.copytree(borough_snapshot, copy)
    copy.chmod(0o700)
    (copy / "roll.parquet").unlink()
    with pytest.raises(SnapshotError, match="roll is missing"):
        steps.open_snapshot(copy)


def test_nothing_accepted_is_nothing_frozen(tmp_path):
    (tmp_path / "school.csv").write_text("urn,name,borough,la_code,phase,type,opened_on\n1,One,,,XX,,\n")
    with pytest.raises(FaultsFound, match="No row was accepted"):
        steps.freeze([Source(tmp_path)], tmp_path / "s", leave_out_rejected=True, today=TODAY)
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize(
    "broken",
    [
        lambda text: text.replace("contact_ref", "contact_reference", 1),  # the header
        lambda text: text + '"C9,open\n',  # a quote that nothing closes
        lambda text: text + "C9\x00,1\n" * 3 + "\x00" * 9,  # an end that was never written
        lambda text: text + "\udcff\n",  # no UTF-8
        lambda text: text.replace("contact_ref", '"contact"_ref', 1),  # a header that cannot be read
    ],
)
def test_a_file_that_is_refused_whole_is_never_left_out(broken, borough, tmp_path):
    """Rows may be left out and are counted by group; of a whole file nobody knows what is missing."""
    source = tmp_path / "a"
    shutil.copytree(borough, source)
    for name in ("power_use", "step", "outcome", "involvement"):  # they would miss their contacts
        (source / f"{name}.csv").unlink()
    file = source / "contact.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(broken(text), encoding="utf-8", errors="surrogateescape")
    with pytest.raises(FaultsFound, match="nothing was written"):
        steps.freeze([Source(source)], tmp_path / "s", leave_out_rejected=True, today=TODAY)


@pytest.mark.parametrize("name", ["urn=999999", "a[1]", "sex=F/b*c?"])
def test_the_name_of_a_folder_changes_no_row(name, borough, borough_snapshot, tmp_path):
    """A folder `sex=F` is no column and `b*` means no other folder: from the files that were sent to the cells."""
    source = tmp_path / "sent" / name
    shutil.copytree(borough, source)
    decoy = tmp_path / "sent" / "sex=F" / "bxcy"
    decoy.mkdir(parents=True, exist_ok=True)
    shutil.copy(borough / "school.csv", decoy)
    rows = f"SELECT * FROM read_csv('{borough / 'roll.csv'}', all_varchar=true)"
    duckdb.sql(f"COPY ({rows}) TO '{source / 'roll.parquet'}' (FORMAT parquet)")
    (source / "roll.csv").unlink()
    snapshot, checked = steps.freeze([Source(source)], tmp_path / "kept" / name.replace("?", ""), today=TODAY)
    assert checked.errors == ()
    assert snapshot.id == borough_snapshot.name
    assert (faults_of(snapshot), prepared_faults(snapshot)) == ([], [])
    question = Measure("arrested", by=("sex", "ethnicity"))
    expected = steps.open_engine(steps.open_snapshot(borough_snapshot)).count(question).whole
    for engine in ("duckdb", "reference"):
        assert steps.open_engine(snapshot, engine).count(question).whole == expected


def test_a_path_in_which_the_database_cannot_work_is_refused_before_anything_is_read(tmp_path):
    with pytest.raises(TargetError, match="holds a `\\?`"):
        steps.freeze([Source(tmp_path / "not there")], tmp_path / "who?" / "snapshots")
    assert not any(tmp_path.iterdir())
