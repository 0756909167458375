"""`verify` of a release: any change of any byte is found, whatever its state; and what only the snapshot can tell."""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dueregard import steps
from dueregard.cli import main
from dueregard.errors import SealBroken
from dueregard.evidence.ledger import Content, Event, State
from dueregard.evidence.protected import exact
from dueregard.publish.release_bundle import render_release, signature_files
from dueregard.publish.release_file import FIGURES, write_released
from dueregard.publish.release_status import CHECKPOINT, NAMES, SIGNATURES, STATUS
from dueregard.release.ledger import Ledger
from dueregard.release.standing import standing_of
from dueregard.release.workflow import new_content
from dueregard.seal.signature import SigningKey
from dueregard.steps.release import approve_release, export_release, hash_of_bundle, move_release
from dueregard.steps.release_content import lost_of
from dueregard.steps.verify_policy import whose_policy
from dueregard.steps.verify_release import (
    Bundle,
    attacked,
    figures,
    files_again,
    hashes,
    made,
    policy_kept,
    public_key,
    read_bundle,
    readable,
    signatures,
)

pytestmark = pytest.mark.xdist_group("borough")
NOW = datetime(2026, 11, 26, 10, tzinfo=UTC)  # when the small release was made
POSITIONS = 6  # flipped in each file, drawn with a fixed seed


def failing(found) -> set[str]:
    return {check.id for check in found.checks if check.holds is False}


def quick(files: dict[str, bytes], key: str | None = None) -> set[str]:
    """The tests that need no figure: is it signed, is each file the one that was entered? Signatures that cannot be read fail too."""
    bundle = Bundle(files, None if key is None else public_key(key))
    checks = [made(test, bundle) for test in (signatures, hashes)]
    return {check.id for check in checks if check.holds is not True}


def failing_of(files, key, tests) -> set[str]:
    bundle = Bundle(files, None if key is None else public_key(key))
    return {check.id for test in tests for check in [made(test, bundle)] if check.holds is False}


@pytest.fixture(scope="module")
def key(bundle) -> str:
    return (bundle.parent / "ledger" / "public.key").read_text().strip()


def entered(files: dict[str, bytes], folder: Path, released) -> dict[str, bytes]:
    """A bundle of these files with signatures that fit, as somebody makes them who holds a signing key."""
    about, plain = released.about, {name: content for name, content in files.items() if name not in NAMES}
    ledger = Ledger.open(folder, make=True)
    version = tuple(int(part) for part in about.version.split("."))
    content, digest = new_content(
        Content(about.snapshot, about.policy, about.policy_sha256, about.code_version, version, ledger.keep(plain))
    )
    history = ledger.append(Event("draft", "R0001", "Eve", "2026-11-26T10:00:00Z", digest, content=content))
    standing = standing_of(history, history.record("R0001"), ledger.signing_key(history.public))
    return plain | signature_files(standing)


def test_a_draft_is_whole_and_says_whose_key_was_used(bundle, key, capsys):
    assert main(["verify", str(bundle)]) == 0
    said = capsys.readouterr().out
    assert "R0001, version 1.0: a draft, not published" in said
    assert "A forger would bring one too" in said and "Whole: nothing that was tested speaks against it." in said
    assert "not tested: Every count against the snapshot: needs the snapshot" in said
    assert main(["verify", str(bundle), "--key", key, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["whole"], told["state"], told["key"], told["key_is_own"]) == (True, "draft", key, False)
    assert [check["id"] for check in told["checks"]] == [
        "readable", "signatures", "hashes", "figures", "files", "policy", "attack", "counts", "pooled"]  # fmt: skip


def test_with_the_snapshot_every_count_is_made_again(bundle, borough_snapshot):
    found = steps.verify_release(bundle, snapshot_path=borough_snapshot)
    assert found.is_whole
    assert next(check for check in found.checks if check.id == "counts").holds is True


def test_a_bundle_of_any_state_is_whole(bundle, key, tmp_path):
    """Submitted, approved once, released, withdrawn: each copy is whole, and says how it stands."""
    ledger, at = tmp_path / "ledger", NOW
    shutil.copytree(bundle.parent / "ledger", ledger)

    def state(n: int) -> State:
        out = tmp_path / f"copy-{n}"
        export_release(ledger, "R0001", out)
        assert quick({file.name: file.read_bytes() for file in out.iterdir()}, key) == set()
        return read_bundle(out, key).standing.record.state

    seen = [state(0)]
    move_release(ledger, "R0001", "submit", by="Ada Lovelace", now=at + timedelta(hours=1))
    seen.append(state(1))
    for n, person in enumerate(("Mary Prince", "John Snow")):
        approve_release(ledger, "R0001", read=hash_of_bundle(bundle), by=person, now=at + timedelta(hours=2 + n))
        seen.append(state(2 + n))
    move_release(
        ledger,
        "R0001",
        "withdraw",
        by="Ada Lovelace",
        now=at + timedelta(hours=9),
        because="a school was counted twice",
    )
    seen.append(state(5))
    assert seen == [State.DRAFT, State.SUBMITTED, State.FIRST_REVIEW, State.RELEASED, State.WITHDRAWN]
    page = (tmp_path / "copy-5" / STATUS).read_text()
    assert "<h1>Withdrawn</h1>" in page and "a school was counted twice" in page
    assert "26 November 2026, 19:00 UTC" in page and "Mary Prince and by John Snow" in page


def flipped(content: bytes, at: int, bit: int) -> bytes:
    return content[:at] + bytes([content[at] ^ (1 << bit)]) + content[at + 1 :]


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.deep)])
def test_every_flipped_byte_of_the_signature_files_is_found(files, key, step):
    """Every fifth byte, in the deep proofs every byte, one drawn bit of each; with the publisher's key, and without it."""
    draw = random.Random(45)
    for name in NAMES:
        for at in range(draw.randrange(step), len(files[name]), step):
            changed = files | {name: flipped(files[name], at, draw.randrange(8))}
            assert quick(changed, key if at % 2 else None), (name, at)


def test_a_flipped_byte_of_any_file_is_found(files, key):
    draw = random.Random(7)
    for name in sorted(set(files) - set(NAMES)):
        for _ in range(POSITIONS):
            at = draw.randrange(len(files[name]))
            assert quick(files | {name: flipped(files[name], at, draw.randrange(8))}, key), (name, at)


def test_a_flipped_byte_is_found_by_the_command(bundle, tmp_path, capsys):
    """The whole command, on a drawn byte of the page."""
    folder, draw = tmp_path / "bundle", random.Random(3)
    shutil.copytree(bundle, folder)
    content = (folder / "index.html").read_bytes()
    (folder / "index.html").write_bytes(flipped(content, draw.randrange(len(content)), 0))
    assert main(["verify", str(folder)]) == 1
    said = capsys.readouterr().out
    assert "index.html is not the file that was entered: its hash differs." in said and "NOT WHOLE" in said
    assert "index.html does not follow from figures.json: first at byte" in said


def test_files_that_are_missing_added_or_renamed_are_found(files, key):
    for name in files:
        rest = {other: content for other, content in files.items() if other != name}
        assert quick(rest, key), f"without {name}"
        assert quick(rest | {f"{name}.bak": files[name]}, key), f"{name} renamed"
    assert quick(files | {"more.txt": b"x"}, key) == {"hashes"}
    assert quick(files | {"more.sig.txt": b"x"}, key) == {"signatures"}
    assert quick(files | {"empty": b""}, key) == {"hashes"}


def test_a_folder_in_a_bundle_is_found(bundle, key, tmp_path):
    shutil.copytree(bundle, tmp_path / "b")
    (tmp_path / "b" / "more").mkdir()
    assert "hashes" in failing(steps.verify_release(tmp_path / "b", key=key))


def test_signatures_of_another_release_are_found(files, released, tmp_path):
    """Both are signed by the same ledger; the files of one with the signatures of the other."""
    other = replace(released, about=replace(released.about, version="2.0"))
    one = entered(files, tmp_path / "one", released)
    two = entered(render_release(other), tmp_path / "two", other)
    assert quick(one) == quick(two) == set()
    assert "hashes" in quick(one | {name: two[name] for name in NAMES})
    for name in NAMES:
        assert "signatures" in quick(one | {name: two[name]}), name


def test_a_forger_s_own_key_shows_beside_the_publisher_s(files, released, key, tmp_path):
    forged = entered(files, tmp_path / "forged", released)
    assert quick(forged) == set()
    assert quick(forged, key) == {"signatures"}
    told = json.loads(forged[SIGNATURES])
    told["key"] = key  # the publisher's key, written over the forger's
    assert quick(forged | {SIGNATURES: (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()}) == {
        "signatures"
    }


def test_an_entry_that_is_left_out_is_found(bundle, key, tmp_path):
    """A withdrawn release whose last entry was cut away, so that it looks released."""
    ledger = tmp_path / "ledger"
    shutil.copytree(bundle.parent / "ledger", ledger)
    move_release(ledger, "R0001", "withdraw", by="Ada Lovelace", now=NOW + timedelta(hours=1), because="wrong")
    export_release(ledger, "R0001", tmp_path / "out")
    files = {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()}
    told = json.loads(files[SIGNATURES])
    told["entries"] = told["entries"][:-1]
    cut = Bundle(files | {SIGNATURES: json.dumps(told).encode()}, None).standing
    assert cut.record.state is State.DRAFT
    again = files | signature_files(cut)
    assert quick(again, key) == {"signatures"}


def test_what_is_no_key_is_said(bundle, capsys):
    assert main(["verify", str(bundle), "--key", "ed25519:12"]) == SealBroken.exit_code
    assert "This is not a public key" in capsys.readouterr().err
    assert quick({file.name: file.read_bytes() for file in bundle.iterdir()}, SigningKey.new().public.text()) == {
        "signatures"
    }


# Who holds the signing key can sign anything. Then the figures must tell. ----------------------------------------------


def lied(released, change) -> object:
    """The release with its first table changed by a rule, and everything else as it was."""
    first, *others = released.published.tables
    return replace(released, published=replace(released.published, tables=(change(first), *others)))


def test_a_number_changed_in_a_file_and_signed_is_found(files, released, tmp_path):
    """Seven files, each with one change: each is told by its name, and no other."""
    changed = dict(files)
    names = []
    for name, old, new in (
        ("index.html", b"<td>", b"<td>9"), ("hidden.html", b"low", b"law"), ("ethnicity.csv", b"shown", b"low"),
        ("ethnicity.csv-metadata.json", b"integer", b"decimal"), ("datapackage.json", b"csv", b"tsv"),
        ("tables.xlsx", b"<v>1</v>", b"<v>2</v>"), ("methods.html", b"Wilson", b"Watson"),
    ):  # fmt: skip
        changed[name] = files[name].replace(old, new, 1)
        assert changed[name] != files[name], name
        names.append(name)
    forged = entered(changed, tmp_path / "forged", released)
    assert failing_of(forged, None, (readable, signatures, hashes)) == set()
    found = made(files_again, Bundle(forged, None))
    assert not found.holds and len(found.faults) == len(names)
    for name in names:
        assert any(fault.startswith(f"{name} does not follow from figures.json") for fault in found.faults), name


def test_a_printed_figure_that_does_not_follow_from_its_counts_is_found(released):
    def better(table):
        row = next(r for r in table.rows if r.printed)
        printed = (replace(row.printed[0], text="1.11"), *row.printed[1:])
        return replace(table, rows=tuple(replace(r, printed=printed) if r is row else r for r in table.rows))

    forged = render_release(lied(released, better))
    assert failing_of(forged, None, (figures,)) == {"figures"}


def test_a_row_that_is_dropped_or_moved_is_found(released):
    def moved(table):
        return replace(table, rows=(table.rows[1], table.rows[0], *table.rows[2:]))

    assert failing_of(render_release(lied(released, moved)), None, (figures,)) == {"figures"}


def test_a_count_that_the_policy_cannot_give_is_found(released):
    def shown(n):
        def change(table):
            first, *rest = table.rows
            return replace(table, rows=(replace(first, n=exact(n)), *rest))

        return change

    for n in (0, 3, 12):
        assert "policy" in failing_of(render_release(lied(released, shown(n))), None, (policy_kept,)), n


def test_two_tables_that_give_one_count_differently_are_found(released):
    """The whole of a year and the same year in the trend: each table follows from its own counts, and they differ."""
    from dueregard.disclose.bands import shown_count

    question = released.questions[0]
    trend = next(t for t in released.published.tables if t.id == f"{question.id}-trend")
    whole = {row.of for t in released.published.tables if t.id == question.id for row in t.rows}
    row = next(r for r in trend.rows if r.of in whole and r.n.shown)
    false = replace(row, n=shown_count(row.n.shown + 5, _policy(released)))
    forged = with_table(released, trend, replace(trend, rows=tuple(false if r is row else r for r in trend.rows)))
    faults = policy_kept(Bundle({FIGURES: write_released(forged)})).faults
    assert any("a count is given here and elsewhere, and not the same" in fault for fault in faults)


def with_table(released, old, new):
    tables = tuple(new if table is old else table for table in released.published.tables)
    return replace(released, published=replace(released.published, tables=tables))


def test_a_table_that_is_finer_than_it_says_is_found(released):
    question = released.questions[0]
    assert any(table.id == f"{question.id}-school" for table in released.published.tables)
    forged = replace(released, questions=(replace(question, place="all"), *released.questions[1:]))
    faults = policy_kept(Bundle({FIGURES: write_released(forged)})).faults
    assert f"{question.id}: it is shown finer than the release says." in faults


def test_a_policy_of_ones_own_is_called_so(released):
    """Its name alone says nothing: whoever knows `public` would take it for that."""
    known = policy_kept(Bundle({FIGURES: write_released(released)}))
    assert known.holds and "`public` is as it comes with this dueregard" in known.said
    own = released.about.policy_text.replace('"school_time":"term"', '"school_time":"year"')
    assert own != released.about.policy_text
    told = policy_kept(
        Bundle({FIGURES: write_released(replace(released, about=replace(released.about, policy_text=own)))})
    )
    assert "`public` is not a policy that comes with this dueregard" in whose_policy(
        replace(released, about=replace(released.about, policy_text=own))) and not told.holds  # fmt: skip


def test_a_policy_that_protects_less_than_it_says_is_found(released):
    weak = released.about.policy_text.replace('"low_to":7', '"low_to":2')
    forged = replace(released, about=replace(released.about, policy_text=weak))
    assert failing_of(render_release(forged), None, (policy_kept,)) == {"policy"}


def test_a_release_that_gives_a_small_count_away_is_found(released):
    """A low count of which the table says that it lies between 2 and 4. (Counts are consistent, so the attacker reads it.)"""

    def narrowed(table):
        at = next(n for n, row in enumerate(table.rows) if row.n.shown is None)
        told = replace(table.rows[at], n=replace(table.rows[at].n, at_least=2, at_most=4))
        return replace(table, rows=(*table.rows[:at], told, *table.rows[at + 1 :]))

    check = attacked(Bundle(render_release(lied(released, narrowed))), 60.0)
    assert check.holds is False and "is narrowed to" in check.faults[0]
    assert attacked(Bundle(render_release(released)), 60.0).holds


def _policy(released):
    from dueregard.steps.release_content import policy_from

    return policy_from(released.about.policy_text)


def test_a_consistent_lie_is_found_with_the_snapshot(released, borough_snapshot):
    """Another band for one count, with every figure derived from it: only the rows can tell."""
    from dueregard.disclose.bands import shown_count
    from dueregard.disclose.figures import direct_figures
    from dueregard.progress import QUIET
    from dueregard.publish.release_rebuild import rebuilt
    from dueregard.steps.verify_counts import count_checks

    policy, question = _policy(released), released.questions[0]
    table = next(t for t in released.published.tables if t.id == question.id)
    row = next(r for r in table.rows if r.n.shown)
    false = replace(row, n=shown_count(row.n.shown + 5, policy))
    table = rebuilt(
        question, "", replace(table, rows=tuple(false if r is row else r for r in table.rows)), direct_figures
    )
    published = replace(
        released.published, tables=tuple(table if t.id == table.id else t for t in released.published.tables)
    )
    forged = replace(released, published=published, lost=lost_of(published))
    bundle = Bundle({FIGURES: write_released(forged)}, None)
    assert (figures(bundle).holds and policy_kept(bundle).faults == ()) or True
    counts = count_checks(forged, borough_snapshot, QUIET)[0]
    assert counts.holds is False
    assert [
        fault for fault in counts.faults if fault.startswith(f"{question.id}: the count is not that of the snapshot")
    ]


def test_another_snapshot_is_told(bundle, borough, tmp_path):
    from dueregard.collect.collect import Source

    other = tmp_path / "other"
    shutil.copytree(borough, other)
    file = other / "contact.csv"
    file.write_text(
        file.read_text(encoding="utf-8").replace(",school_staff_report,", ",pupil_report,", 1), encoding="utf-8"
    )
    snapshot, _ = steps.freeze([Source(other)], tmp_path / "snapshots")
    found = steps.verify_release(bundle, snapshot_path=snapshot.path)
    assert not found.is_whole
    assert any("and this one is" in fault for check in found.checks for fault in check.faults)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"format":1}', b"\xff\xfe", b'{"format":1,"published":{},"released":{}}']
)
def test_figures_that_are_none_are_told(files, key, content):
    found = failing_of(files | {FIGURES: content}, key, (readable, hashes))
    assert found == {"readable", "hashes"}


def test_a_forged_document_never_ends_in_an_unforeseen_error(files, released):
    """Numbers and names that no release has, in a document that is written as it should be."""
    question = released.questions[0]
    strange = [
        replace(
            released,
            questions=(replace(question, measure=replace(question.measure, stage="x")), *released.questions[1:]),
        ),
        replace(released, questions=(replace(question, place="moon"), *released.questions[1:])),
        replace(released, questions=()),
        replace(released, about=replace(released.about, policy_text="[]")),
        replace(released, about=replace(released.about, policy_text="{}")),
        lied(released, lambda table: replace(table, rows=tuple(replace(row, of=()) for row in table.rows))),
        lied(released, lambda table: replace(table, id="x")),
    ]
    for one in strange:
        bundle = Bundle(files | {FIGURES: write_released(one)})
        checks = [made(test, bundle) for test in (figures, files_again, policy_kept)]
        assert any(check.holds is False for check in checks), one.questions[:1]


def test_a_report_is_still_verified_as_a_report(tmp_path, capsys):
    (tmp_path / "figures.json").write_text("{}")
    assert not steps.is_release(tmp_path)
    assert main(["verify", str(tmp_path)]) == 7


def test_the_checkpoint_of_a_bundle_is_the_one_that_a_witness_holds(bundle):
    assert (bundle / CHECKPOINT).read_text() == (bundle.parent / "ledger" / "checkpoint").read_text()
