"""`dueregard policies` and `dueregard attack`: what they print, as text and as JSON, and how they leave."""

from __future__ import annotations

import json

import pytest

from dueregard import steps
from dueregard.cli import main
from dueregard.evidence.published_json import published_as_json
from tests.unit.disclose.leaks import HIDDEN, LOW, at, release, row, table

GROUPS = table(row(at(ethnicity="A"), 20), row(at(ethnicity="B"), HIDDEN), row(at(ethnicity="W"), 35),
               adds_up=("ethnicity",))  # fmt: skip
TOTAL = table(row(at(), 59), id="next")


@pytest.fixture
def files(tmp_path):
    """Two releases, each safe alone."""
    paths = []
    for name, made in (("r1", GROUPS), ("r2", TOTAL)):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(published_as_json(release(made, name=name))), encoding="utf-8")
        paths.append(str(path))
    return paths


def test_a_safe_release(files, capsys):
    assert main(["attack", files[0]]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Nothing is narrowed: 1 of 3 counts could be small, and none is given away.")
    assert "does not know what people remember" in out


def test_two_releases_that_give_a_count_away(files, capsys):
    assert main(["attack", *files]) == 1
    out = capsys.readouterr().out
    assert "1 count is given away" in out and "exactly 4" in out
    assert "given away by r2 / next" in out and "given away by r1 / t" in out


def test_as_json(files, capsys):
    assert main(["attack", *files, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["is_safe"], found["narrowed"][0]["at_least"], found["narrowed"][0]["at_most"]) == (False, 4, 4)
    assert found["releases"] == ["r1", "r2"] and len(found["narrowed"][0]["because"]) == 3


def test_a_folder_with_figures(files, tmp_path, capsys):
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "figures.json").write_text((tmp_path / "r1.json").read_text(encoding="utf-8"), encoding="utf-8")
    assert main(["attack", str(bundle)]) == 0


def test_a_report_shows_all(small_snapshot, tmp_path, capsys):
    """An internal report that was sent to a paper by mistake."""
    steps.report(small_snapshot, tmp_path / "report")
    assert main(["attack", str(tmp_path / "report"), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    # Two schools: 5 and 6 White pupils were arrested, 3 and 6 Black, 1 and 1 of whom it is not stated.
    assert len([one for one in found["narrowed"] if one["at_least"] == one["at_most"]]) >= 6


@pytest.mark.parametrize(("args", "code"), [([], 2), (["nowhere.json"], 4), (["r1.json", "--policy", "secret"], 2)])
def test_what_cannot_be_attacked(args, code, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "r1.json").write_text(json.dumps(published_as_json(release(GROUPS))), encoding="utf-8")
    assert main(["attack", *args]) == code
    assert "Try: " in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "[]", "{", '{"tables": [{}]}', '{"release": "x"}'])
def test_a_file_that_holds_no_release(text, tmp_path, capsys):
    path = tmp_path / "figures.json"
    path.write_text(text, encoding="utf-8")
    assert main(["attack", str(path)]) == 4
    assert "Try: " in capsys.readouterr().err


def test_policies(capsys):
    assert main(["policies"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in ("internal:", "scrutiny_panel:", "oversight:", "public:"))
    assert main(["policies", "public", "--json"]) == 0
    [told] = json.loads(capsys.readouterr().out)
    assert told["rules"]["base"] == "5" and "classmate" in told["reasons"]["low_to"]


def test_a_policy_that_contradicts_itself_is_refused(tmp_path, capsys):
    path = tmp_path / "ours.toml"
    path.write_text(
        '[ours]\naudience = "public"\nwords = "x"\nmethod = "none"\n[ours.reasons]\nmethod = "why"\n', encoding="utf-8"
    )
    assert main(["policies", str(path)]) == 2
    assert "contradicts itself" in capsys.readouterr().err


def test_low_is_no_zero():
    assert LOW.shown is None and LOW.at_most == 7
