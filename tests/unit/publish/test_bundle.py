"""A report is written whole or not at all, and the same report makes the same bytes everywhere."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import handmade
import pytest

from dueregard.errors import TargetError
from dueregard.publish import bundle

FILES = {name: name.encode() for name in bundle.FILES}
HERE = Path(__file__).parent


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def test_it_writes_four_files_and_makes_the_folders_above(tmp_path):
    bundle.write(FILES, tmp_path / "a" / "report")
    assert {p.name: p.read_bytes() for p in (tmp_path / "a" / "report").iterdir()} == FILES
    assert names(tmp_path / "a") == {"report"}


def test_an_empty_folder_and_a_former_report_are_replaced_whole(tmp_path):
    out = tmp_path / "report"
    out.mkdir()
    bundle.write(FILES, out)
    newer = dict.fromkeys(FILES, b"new")
    bundle.write(newer, out)
    assert {p.name: p.read_bytes() for p in out.iterdir()} == newer
    assert names(tmp_path) == {"report"}


@pytest.mark.parametrize("held", [("notes.txt",), ("index.html",), (*bundle.FILES, "notes.txt")])
def test_anything_else_is_refused_and_kept(tmp_path, held):
    out = tmp_path / "report"
    out.mkdir()
    for name in held:
        (out / name).write_text("mine")
    with pytest.raises(TargetError, match="is taken"):
        bundle.write(FILES, out)
    assert names(out) == set(held)
    assert all((out / name).read_text() == "mine" for name in held)


def test_a_file_and_a_link_are_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    for name in ("file", "link"):
        with pytest.raises(TargetError, match="is taken"):
            bundle.write(FILES, tmp_path / name)


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("step", ["fsync", "first rename", "second rename"])
def test_a_fault_at_any_step_leaves_what_was_there(tmp_path, monkeypatch, fault, step):
    out = tmp_path / "report"
    bundle.write(FILES, out)
    rename, calls = Path.rename, []

    def failing(*_args):
        raise fault

    def failing_rename(self, target):
        calls.append(target)
        if len(calls) == (1 if step == "first rename" else 2):
            raise fault
        return rename(self, target)

    if step == "fsync":
        monkeypatch.setattr(os, "fsync", failing)
    else:
        monkeypatch.setattr(Path, "rename", failing_rename)
    expected = TargetError if isinstance(fault, OSError) else KeyboardInterrupt
    with pytest.raises(expected):
        bundle.write(dict.fromkeys(FILES, b"new"), out)
    assert {p.name: p.read_bytes() for p in out.iterdir()} == FILES
    assert names(tmp_path) == {"report"}


def test_a_fault_leaves_no_folder_that_was_made_on_the_way(tmp_path, monkeypatch):
    def failing(*_args):
        raise OSError(13, "Permission denied")

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(TargetError, match="Permission denied"):
        bundle.write(FILES, tmp_path / "a" / "b" / "report")
    assert names(tmp_path) == set()


SCRIPT = """
import hashlib, sys
sys.path.insert(0, {here!r})
import handmade
from dueregard.publish import bundle
for name, content in bundle.render(handmade.report()).items():
    print(name, hashlib.sha256(content).hexdigest())
"""


def test_the_same_bytes_in_another_process_place_and_time_zone(tmp_path):
    here = {name: hashlib.sha256(content).hexdigest() for name, content in bundle.render(handmade.report()).items()}
    root = str(Path(bundle.__file__).parents[2])
    env = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland", "LC_ALL": "C", "PYTHONPATH": root}
    done = subprocess.run([sys.executable, "-c", SCRIPT.format(here=str(HERE))], env=env, cwd=tmp_path,
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert dict(line.split() for line in done.stdout.splitlines()) == here
    assert done.stderr == ""
    assert list(here) == list(bundle.FILES)
