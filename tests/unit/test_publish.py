"""`dueregard publish` and `dueregard release`, from a snapshot to what is public, and what is refused on the way."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dueregard import steps
from dueregard.cli import main
from dueregard.errors import ReleaseRefused, TargetError
from dueregard.evidence.ledger import State
from dueregard.release.ledger import Ledger
from dueregard.terms.missing import CellState
from tests.conftest import NOW
from tests.unit.release_sources import snapshot_of

pytestmark = pytest.mark.xdist_group("publish")

# Of the first school 28 were arrested: 28 boys are shown as 30, which may be 28 at least; four groups of at most 7 each
# then are 7 exactly. Each table is safe alone.
LEAK = {
    **{(s, "ethnicity"): {"W": 60, "B": 40, "not_stated": 9, "not_recorded": 9} for s in ("2", "3")},
    **{(s, "sex"): {"M": 60, "F": 58} for s in ("2", "3")},
    ("1", "ethnicity"): {"W": 7, "B": 7, "not_stated": 7, "not_recorded": 7},
    ("1", "sex"): {"M": 28, "F": 0},
}
ETHNICITY, SEX = (steps.Wanted(stages=("arrested",), splits=(split,)) for split in ("ethnicity", "sex"))


def published(snapshot: Path, ledger: Path, out: Path, wanted: steps.Wanted = ETHNICITY, **more):  # type: ignore[no-untyped-def]
    return steps.publish(snapshot, ledger=ledger, out=out, by="Ann", now=NOW, wanted=wanted, **more)


def let_out(ledger: Path, release: str) -> State:
    steps.move_release(ledger, release, "submit", by="Ann", now=NOW)
    read = Ledger.open(ledger).history().record(release).sha256
    for reviewer in ("Bea", "Cy"):
        record = steps.approve_release(ledger, release, read=read, by=reviewer, now=NOW)
    return record.state


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder: to tell whether anything at all was changed."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def shown(folder: Path) -> dict[str, list[tuple]]:
    """Each table of a bundle: (coordinates, number that is shown)."""
    tables = json.loads((folder / "figures.json").read_bytes())["published"]["tables"]
    return {t["id"]: [(r["of"], r["n"]["shown"]) for r in t["rows"]] for t in tables}


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory) -> Path:
    return snapshot_of(tmp_path_factory.mktemp("leak") / "source", LEAK)


@pytest.fixture(scope="module")
def out_by_ethnicity(snapshot, tmp_path_factory) -> Path:
    """A folder with a ledger in which the figures by ethnicity, schools too, are public; and their bundle."""
    base = tmp_path_factory.mktemp("public")
    published(snapshot, base / "ledger", base / "bundle")
    assert let_out(base / "ledger", "R0001") is State.RELEASED
    return base


@pytest.fixture
def public(out_by_ethnicity, tmp_path) -> Path:
    """The same, to be changed."""
    shutil.copytree(out_by_ethnicity, tmp_path / "public")
    return tmp_path / "public"


def test_the_whole_way(snapshot, tmp_path, capsys, monkeypatch):
    """As a person types it: made, submitted, approved by two others, out; then attacked from the ledger, and verified."""
    monkeypatch.chdir(tmp_path)
    asked = [
        "publish",
        str(snapshot),
        "--ledger",
        "L",
        "--out",
        "o",
        "--by",
        "Ann",
        "--stage",
        "arrested",
        "--split",
        "sex",
    ]
    assert main(asked) == 0
    assert capsys.readouterr().out.startswith("R0001: version 1.0 under the policy public, a draft.")
    release = ["--ledger", "L"]
    assert main(["release", "submit", "R0001", "--by", "Ann", *release]) == 0
    approve = ["release", "approve", "R0001", *release, "--bundle", "o", "--by"]
    assert main([*approve, "Ann"]) == 14  # nobody reviews their own work
    assert main([*approve, "Bea"]) == 0
    assert main([*approve, "BEA"]) == 14
    assert main(["release", "hash", "o"]) == 0
    read = capsys.readouterr().out.splitlines()[-1]
    assert main(["release", "approve", "R0001", *release, "--sha256", read, "--by", "Cy"]) == 0
    assert "Approved by Bea and Cy" in capsys.readouterr().out
    assert main(["release", "list", *release, "--json"]) == 0
    [told] = json.loads(capsys.readouterr().out)
    assert (told["state"], told["version"], told["approved_by"]) == ("released", "1.0", ["Bea", "Cy"])
    assert main(["attack", *release]) == 0
    before = bytes_of(Path("o"))
    assert main(["release", "export", "R0001", *release, "--out", "o"]) == 0
    after = bytes_of(Path("o"))
    assert {name for name in after if after[name] != before[name]} == {name for name in after if ".sig." in name}
    assert main(["verify", "o"]) == 0


def test_an_approval_is_of_what_was_read(snapshot, tmp_path, capsys):
    """The draft was made anew while Bea read: her approval is of the old bytes, and refused with both hashes."""
    ledger, old = tmp_path / "L", tmp_path / "old"
    published(snapshot, ledger, old)
    again = steps.Wanted(stages=("arrested",), splits=("sex",), revises="R0001", because="by sex")
    published(snapshot, ledger, tmp_path / "new", again)
    steps.move_release(ledger, "R0001", "submit", by="Ann", now=NOW)
    held, read = steps.hash_of_bundle(tmp_path / "new"), steps.hash_of_bundle(old)
    approve = ["release", "approve", "R0001", "--ledger", str(ledger), "--by", "Bea"]
    assert main([*approve, "--bundle", str(old)]) == 14
    told = capsys.readouterr().err
    assert held in told and read in told and held == Ledger.open(ledger).history().record("R0001").sha256
    assert main([*approve, "--sha256", read]) == 14
    assert main(approve) == 2 and main([*approve, "--bundle", str(old), "--sha256", held]) == 2
    (tmp_path / "new" / "note.txt").write_text("read this instead")
    assert main([*approve, "--bundle", str(tmp_path / "new")]) == 14  # a file more is not what the ledger holds
    assert Ledger.open(ledger).history().record("R0001").state is State.SUBMITTED
    assert main([*approve, "--bundle", str(tmp_path / "none")]) == 3
    (tmp_path / "new" / "note.txt").unlink()
    assert main([*approve, "--bundle", str(tmp_path / "new")]) == 0
    [approval] = Ledger.open(ledger).history().record("R0001").approvals
    assert (approval.by, approval.sha256) == ("Bea", held)


def test_the_same_snapshot_gives_the_same_bytes(snapshot, out_by_ethnicity, tmp_path):
    """Another ledger, another person, another key: all files without `sig` are the same."""
    steps.publish(snapshot, ledger=tmp_path / "L", out=tmp_path / "o", by="Zoe", now=NOW, wanted=ETHNICITY)
    one, other = bytes_of(out_by_ethnicity / "bundle"), bytes_of(tmp_path / "o")
    assert {n: c for n, c in one.items() if ".sig." not in n} == {n: c for n, c in other.items() if ".sig." not in n}
    assert one.keys() == other.keys()


def test_help_stands_beside_harm_whatever_is_asked():
    from dueregard.steps.release_counts import with_help

    assert with_help(("charged",)) == ("charged", "support_offered", "accepted", "completed")
    assert with_help(("support_offered",)) == ("support_offered",)


def test_what_leaks_beside_an_earlier_release_is_coarsened(snapshot, public):
    """By sex each school is safe alone; beside the figures by ethnicity it is not, and stands for all schools together."""
    made = published(snapshot, public / "ledger", public / "sex", SEX)
    assert list(shown(public / "sex")) == ["arrested-sex"]
    [gave] = made.gave
    assert (gave.before, gave.after) == ("school", "all")
    [told] = made.released.given_up
    assert "school 1" not in repr(told) and told.before == "school"  # the reader is told the table, not the count
    assert let_out(public / "ledger", "R0002") is State.RELEASED
    assert steps.attack([], ledger=public / "ledger").is_safe


def test_what_leaks_within_one_release_is_hidden_where_one_count_is_enough(snapshot, tmp_path):
    both = steps.Wanted(stages=("arrested",), splits=("ethnicity", "sex"))
    made = published(snapshot, tmp_path / "L", tmp_path / "o", both)
    rows = [row for table in made.released.published.tables for row in table.rows]
    hidden = [row.of for row in rows if row.n.state is CellState.HIDDEN_SECOND]
    assert len(hidden) == 1 and not made.gave
    assert steps.attack([tmp_path / "o"]).is_safe


def test_a_detail_that_was_asked_for_is_refused(snapshot, public, capsys):
    """Exit code 14, the two figures, the nearest safe alternative; ledger and disk as they were."""
    before = bytes_of(public)
    asked = ["publish", str(snapshot), "--ledger", str(public / "ledger"), "--out", str(public / "sex"), "--by", "Ann",
             "--stage", "arrested", "--split", "sex", "--place", "school"]  # fmt: skip
    assert main(asked) == 14
    told = capsys.readouterr().err
    assert "public 2.0 / arrested-sex-school" in told and "public 1.0 / arrested-ethnicity-school" in told
    assert "without `--place`: safe is arrested-sex by all" in told
    assert bytes_of(public) == before


def test_a_draft_that_leaks_by_the_time_of_its_approval_stays_in(snapshot, tmp_path):
    """Two drafts, each safe when it was made: the second approval of the later one finds what became public between."""
    ledger = tmp_path / "L"
    published(snapshot, ledger, tmp_path / "a", ETHNICITY)
    published(snapshot, ledger, tmp_path / "b", SEX)
    assert let_out(ledger, "R0001") is State.RELEASED
    with pytest.raises(ReleaseRefused, match=r"Version 1\.0 is R0001 by now"):
        let_out(ledger, "R0002")
    assert Ledger.open(ledger).history().record("R0002").state is State.SECOND_REVIEW
    again = steps.Wanted(stages=("arrested",), splits=("sex",), revises="R0002", because="beside R0001")
    made = published(snapshot, ledger, tmp_path / "c", again)
    assert (made.record.state, made.record.version, made.record.approvals) == (State.DRAFT, "2.0", ())
    assert list(shown(tmp_path / "c")) == ["arrested-sex"]
    assert let_out(ledger, "R0002") is State.RELEASED


def test_a_leak_is_found_at_the_second_approval(snapshot, tmp_path):
    """The same under two policies, whose versions do not meet: only the attack stands between."""
    ledger = tmp_path / "L"
    published(snapshot, ledger, tmp_path / "a", ETHNICITY)
    published(snapshot, ledger, tmp_path / "b", SEX, policy="oversight")
    assert let_out(ledger, "R0001") is State.RELEASED
    with pytest.raises(ReleaseRefused, match=r"arrested-sex-school.* give a small count away|give a small count away"):
        let_out(ledger, "R0002")
    assert Ledger.open(ledger).history().record("R0002").state is State.SECOND_REVIEW


def test_a_correction_takes_the_place(snapshot, public):
    again = steps.Wanted(stages=("arrested",), splits=("ethnicity",), corrects="R0001", because="a return came late")
    ledger = public / "ledger"
    with pytest.raises(ReleaseRefused, match="No released version"):
        steps.correct_release(ledger, "R0001", by="Ann", now=NOW, because="x")
    assert published(snapshot, ledger, public / "again", again).record.version == "1.1"
    assert Ledger.open(ledger).history().record("R0001").state is State.RELEASED
    assert let_out(ledger, "R0002") is State.RELEASED
    old = Ledger.open(ledger).history().record("R0001")
    assert old.state is State.CORRECTED and "a return came late" in old.because
    steps.export_release(ledger, "R0001", public / "bundle")  # in the place of its older copy
    assert "Corrected" in (public / "bundle" / "status.sig.html").read_text(encoding="utf-8")


def test_an_export_clears_away_nothing_that_is_not_its_own(public, capsys):
    """A letter that somebody put beside the figures stays, and so does the older copy."""
    bundle = public / "bundle"
    (bundle / "letter.odt").write_bytes(b"to the council")
    before = bytes_of(public)
    export = ["release", "export", "R0001", "--ledger", str(public / "ledger"), "--out", str(bundle)]
    assert main(export) == 6 and "is taken" in capsys.readouterr().err
    assert bytes_of(public) == before
    (bundle / "letter.odt").unlink()
    assert main(export) == 0


def test_a_correction_of_what_was_withdrawn_meanwhile_is_not_approved(snapshot, public):
    """Its pages tell that the first was corrected, and it was withdrawn: a history that never was."""
    again = steps.Wanted(stages=("arrested",), splits=("ethnicity",), corrects="R0001", because="a return came late")
    ledger = public / "ledger"
    published(snapshot, ledger, public / "again", again)
    steps.move_release(ledger, "R0001", "withdraw", by="Ann", now=NOW, because="wrong")
    with pytest.raises(ReleaseRefused, match="corrects R0001, which is withdrawn"):
        let_out(ledger, "R0002")
    assert Ledger.open(ledger).history().record("R0002").state is State.SUBMITTED


def test_a_history_that_changed_since_is_told_anew(snapshot, public):
    """The later draft says that the first is out. It is withdrawn while the draft is read: made anew, the draft says so."""
    ledger = public / "ledger"
    published(snapshot, ledger, public / "sex", SEX)
    steps.move_release(ledger, "R0001", "withdraw", by="Ann", now=NOW, because="wrong year")
    with pytest.raises(ReleaseRefused, match="its revision history is not true"):
        let_out(ledger, "R0002")
    again = steps.Wanted(stages=("arrested",), splits=("sex",), revises="R0002", because="R0001 is withdrawn")
    told = published(snapshot, ledger, public / "again", again).released.revisions
    assert [(one.version, one.state) for one in told] == [("1.0", "withdrawn")]
    assert let_out(ledger, "R0002") is State.RELEASED


def test_a_withdrawn_release_is_still_known(snapshot, public):
    """What was public once stays in every attack."""
    ledger = public / "ledger"
    withdrawn = steps.move_release(ledger, "R0001", "withdraw", by="Dee", now=NOW, because="wrong year")
    assert withdrawn.state is State.WITHDRAWN
    assert published(snapshot, ledger, public / "sex", SEX).gave


CONTRADICTION = """[ours]
audience = "public"
words = "x"
method = "rounding"
low_to = 2
base = 5
roll_at_least = 10
sensitive_to = 7
least_width = 5
all_share = 0.9
ladder = [{ place = "school", time = "year", columns = 1 }]
[ours.reasons]
method = "a"
low_to = "b"
roll_at_least = "c"
all_share = "d"
school_time = "e"
ladder = "f"
"""
REFUSED = [
    (["--policy", "ours.toml"], 2, "contradicts itself"),
    (["--policy", "internal"], 14, "protects nothing"),
    (["--policy", "secret"], 2, "There is no policy"),
    (["--stage", "arested"], 2, "There is no stage"),
    (["--split", "colour"], 2, "There is no column"),
    (["--split", "ethnicity,sex"], 14, "columns crossed"),
    (["--place", "street"], 2, "There is no place"),
    (["--period", "2024-01/2024-03"], 14, "lets out no figure of a month"),
    (["--by", " "], 2, "A person has a name"),
    (["--corrects", "R0009", "--because", "x"], 2, "There is no release"),
    (["--seconds", "0.0000001"], 14, "ran out of time"),
    (["--out", "taken"], 6, "is taken"),
    (["--ledger", "taken"], 6, "neither a ledger nor empty"),
]


@pytest.mark.parametrize(("more", "code", "words"), REFUSED)
def test_bad_input_publishes_nothing(more, code, words, snapshot, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("ours.toml").write_text(CONTRADICTION, encoding="utf-8")
    Path("taken").mkdir()
    Path("taken/notes.txt").write_text("mine", encoding="utf-8")
    before = bytes_of(tmp_path)
    asked = {"--ledger": "L", "--out": "o", "--by": "Ann", "--stage": "arrested"}
    asked |= dict(zip(more[::2], more[1::2], strict=True))
    assert main(["publish", str(snapshot), *(word for pair in asked.items() for word in pair)]) == code
    told = capsys.readouterr().err
    assert words in told and "Try: " in told
    assert bytes_of(tmp_path) == before and not Path("L").exists() and not Path("o").exists()


def test_a_broken_ledger_is_not_built_on(snapshot, public, capsys):
    """One digit of an entry is changed: nothing is made, moved, listed or attacked."""
    entries = public / "ledger" / "entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b"Ann", b"Eve", 1))
    before = bytes_of(public)
    ledger = ["--ledger", str(public / "ledger")]
    assert main(["publish", str(snapshot), *ledger, "--out", str(public / "o"), "--by", "Ann"]) == 10
    assert main(["release", "withdraw", "R0001", "--by", "Ann", "--because", "x", *ledger]) == 10
    assert main(["release", "list", *ledger]) == 10
    assert main(["release", "export", "R0001", *ledger, "--out", str(public / "o")]) == 10
    assert main(["attack", *ledger]) == 10
    assert "not those that its checkpoint was signed for" in capsys.readouterr().err
    assert bytes_of(public) == before


def test_a_changed_byte_of_a_public_release_stops_the_next(snapshot, public):
    """The earlier figures are read from the ledger by their hash."""
    record = Ledger.open(public / "ledger").history().record("R0001")
    digest = dict(record.content.files)["figures.json"]
    place = public / "ledger" / "objects" / digest[:2] / digest[2:]
    place.write_bytes(place.read_bytes().replace(b'"low"', b'"lox"', 1))
    assert hashlib.sha256(place.read_bytes()).hexdigest() != digest
    assert (
        main(["publish", str(snapshot), "--ledger", str(public / "ledger"), "--out", str(public / "o"), "--by", "A"])
        == 10
    )


@pytest.mark.parametrize("step", [0, 3, 12, 16, 20])
def test_a_disk_that_fails_half_way_leaves_all_as_it_was(snapshot, public, monkeypatch, step):
    """The disk refuses the n-th file: of the bundle beside its place, or of the ledger's bytes."""
    ledger = public / "ledger"
    before, calls, fsync = bytes_of(ledger), [], os.fsync

    def failing(handle: int) -> None:
        calls.append(handle)
        if len(calls) > step:
            raise OSError(28, "No space left on device")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(TargetError, match="No space left"):
        published(snapshot, ledger, public / "o", SEX)
    monkeypatch.undo()
    assert bytes_of(ledger) == before
    assert sorted(p.name for p in public.iterdir()) == ["bundle", "ledger"]


def test_two_first_releases_at_once_make_one_ledger(snapshot, tmp_path):
    """The second waits for the first, although there is no ledger yet on which it could wait."""
    command = [sys.executable, "-m", "dueregard", "publish", str(snapshot), "--ledger", str(tmp_path / "ledger"), "--by", "Ann",
               "--stage", "arrested", "--split", "sex"]  # fmt: skip
    both = [
        subprocess.Popen([*command, "--out", str(tmp_path / out)], stderr=subprocess.PIPE) for out in ("one", "two")
    ]
    told = [process.communicate(timeout=900)[1].decode() for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    history = Ledger.open(tmp_path / "ledger").history()
    assert [(r.release, r.state) for r in history.records] == [("R0001", State.DRAFT), ("R0002", State.DRAFT)]
    assert (tmp_path / "one" / "index.html").read_bytes() == (tmp_path / "two" / "index.html").read_bytes()


def test_a_disk_that_fails_while_signing_leaves_a_draft_that_can_be_fetched(snapshot, tmp_path, monkeypatch, capsys):
    def full(*told):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(sys.modules["dueregard.steps.publish"], "signatures_of", full)
        with pytest.raises(TargetError, match="R0001 stands in the ledger as a draft"):
            published(snapshot, tmp_path / "ledger", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert (
        main(["release", "export", "R0001", "--ledger", str(tmp_path / "ledger"), "--out", str(tmp_path / "again")])
        == 0
    )
    assert main(["verify", str(tmp_path / "again")]) == 0


def test_a_ledger_that_was_begun_for_nothing_goes_away(snapshot, tmp_path, monkeypatch):
    def full(self, files):  # type: ignore[no-untyped-def]
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Ledger, "keep", full)
    with pytest.raises(TargetError, match="No space left"):
        published(snapshot, tmp_path / "L", tmp_path / "o")
    assert list(tmp_path.iterdir()) == []


def test_a_hidden_count_is_no_zero_in_the_share_that_is_shown():
    """One number shown as 10 (8 to 12), one hidden over a roll of at most 502: at least 8 of 510."""
    from dueregard.disclose.bands import hidden, shown_count, shown_roll
    from dueregard.disclose.policy import policy_named
    from dueregard.evidence.published import Published, PublishedTable, Row
    from dueregard.steps.release_content import lost_of

    public = policy_named("public")
    of = [(("ethnicity", code), ("stage", "arrested"), ("unit", "pupils")) for code in "WB"]
    over = [(("ethnicity", code), ("stage", "roll"), ("unit", "pupils_on_roll")) for code in "WB"]
    rows = (Row(of[0], shown_count(9, public), over[0], shown_roll(400, public)),
            Row(of[1], hidden(None), over[1], shown_roll(500, public)))  # fmt: skip
    lost = lost_of(Published("r", "s", "public", (PublishedTable("t", rows),)))
    assert (lost.share_of_pupils_shown, lost.n_shown, lost.n_hidden, lost.n_absent) == ("at least 1%", 1, 1, 0)
