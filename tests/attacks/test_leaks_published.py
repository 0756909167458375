"""The known ways in which a release leaks, each through the whole of `dueregard publish`: refused, repaired, or not there to begin with."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from dueregard import steps
from dueregard.disclose.attack import attack
from dueregard.disclose.policy import policy_named
from dueregard.evidence.published import Coordinates
from tests.conftest import NOW
from tests.unit.release_sources import Counts, snapshot_of

WANTED = steps.Wanted(stages=("arrested",), splits=("ethnicity", "sex"))
BY_ETHNICITY = steps.Wanted(stages=("arrested",), splits=("ethnicity",))


def published(snapshot: Path, base: Path, wanted: steps.Wanted = WANTED, *, name: str = "o", policy: str = "public"):  # type: ignore[no-untyped-def]
    return steps.publish(snapshot, ledger=base / "L", out=base / name, by="Ann", now=NOW, wanted=wanted, policy=policy)


def let_out(base: Path, release: str) -> None:
    steps.move_release(base / "L", release, "submit", by="Ann", now=NOW)
    [read] = [record.sha256 for record in steps.releases_of(base / "L") if record.release == release]
    for reviewer in ("Bea", "Cy"):
        steps.approve_release(base / "L", release, read=read, by=reviewer, now=NOW)


def content(folder: Path, snapshot: Path) -> dict[str, bytes]:
    """All that a reader has of a bundle but signatures, with one name for every snapshot. A workbook is read sheet by sheet."""
    import openpyxl

    files = {p.name: p.read_bytes() for p in sorted(folder.iterdir()) if ".sig." not in p.name}
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    cells = [[c.value for c in row] for sheet in book for row in sheet.iter_rows()]
    files["tables.xlsx"] = json.dumps(cells, default=str).encode()
    files.pop("datapackage.json")  # it holds hashes of the others
    return {name: text.replace(snapshot.name.encode(), b"SNAPSHOT") for name, text in files.items()}


def of_school(b: int, o: int) -> Counts:
    """One school of three in which so many Black and Asian pupils were arrested. All together they are 80 to 82 and 60 to 62:
    shown as 80 and 60, whichever of 2, 3, 4 they are here."""
    return {("1", "ethnicity"): {"W": 60, "B": b, "A": o}, ("2", "ethnicity"): {"W": 60, "B": 40, "A": 30},
            ("3", "ethnicity"): {"W": 60, "B": 38, "A": 28}}  # fmt: skip


def test_a_small_count_is_the_same_in_every_channel_whatever_it_is(tmp_path):
    """4 and 2, or 2 and 4: percentages, intervals, bars, classes, orders of rows, sheets. Not a byte tells one from the other."""
    seen = []
    for name, counts in (("one", of_school(4, 2)), ("other", of_school(2, 4)), ("none", of_school(3, 3))):
        snapshot = snapshot_of(tmp_path / name / "source", counts)
        published(snapshot, tmp_path / name, BY_ETHNICITY)
        seen.append(content(tmp_path / name / "o", snapshot))
    for one, other in pairwise(seen):
        assert one.keys() == other.keys()
        assert [name for name in one if one[name] != other[name]] == []


def test_the_comparison_of_bundles_can_fail(tmp_path):
    """A count that is shown moves the bytes."""
    seen = []
    for name, counts in (("one", of_school(4, 2)), ("other", of_school(40, 2))):
        snapshot = snapshot_of(tmp_path / name / "source", counts)
        published(snapshot, tmp_path / name, BY_ETHNICITY)
        seen.append(content(tmp_path / name / "o", snapshot))
    assert seen[0]["index.html"] != seen[1]["index.html"]


def test_four_hidden_in_one_table_and_given_away_by_the_total_in_the_next(tmp_path):
    """59 - 55: a policy that shows exact numbers hides 4 of 59 by ethnicity; the total by sex, 30 + 29, would tell it."""
    snapshot = snapshot_of(
        tmp_path / "source", {("1", "ethnicity"): {"W": 55, "B": 4}, ("1", "sex"): {"M": 30, "F": 29}}
    )
    made = published(snapshot, tmp_path, policy="scrutiny_panel")
    found = attack([made.released.published], policy_named("scrutiny_panel"))
    assert found.is_safe
    counts = {row.of: row.n for table in made.released.published.tables for row in table.rows}
    [black] = [of for of in counts if dict(of).get("ethnicity") == "B" and "school" not in dict(of)]
    assert counts[black].shown is None
    # It stays open, as far apart as the policy wants: those whose group is missing are low too, and may be any of the 59.
    assert all(one.width >= 4 for one in found.narrowest if one.of == black)


def test_two_linked_hierarchies(tmp_path):
    """Groups and places at once: schools in areas, by two columns, in one release."""
    counts: dict = {}
    for school in "1234":
        is_small = school == "1"
        counts[school, "ethnicity"] = {"W": 7, "B": 7, "A": 7} if is_small else {"W": 50, "B": 30, "A": 20}
        counts[school, "sex"] = {"M": 13, "F": 8} if is_small else {"M": 60, "F": 40}
    snapshot = snapshot_of(tmp_path / "source", counts, areas={"1": "North", "2": "North", "3": "South", "4": "South"})
    made = published(snapshot, tmp_path)
    assert attack([made.released.published], policy_named("public")).is_safe
    tables = {table.id for table in made.released.published.tables}
    assert "arrested-ethnicity-area" in tables or made.gave


@pytest.mark.parametrize("split", ["phase", "area"])
def test_the_total_of_a_school_under_another_name(split, tmp_path):
    """The only primary school is the only school of its area: 13 boys are shown as 15, 13 to 17. Its phase would say 15 of all, so
    that its girls are 4 at most. By place there is no table of schools, and what stands for all of them is attacked with them."""
    counts: dict = {("1", "sex"): {"M": 13, "F": 2}} | {(s, "sex"): {"M": 60, "F": 40} for s in "23"}
    snapshot = snapshot_of(tmp_path / "source", counts, areas={"1": "West"}, phases={"1": "PS"})
    made = published(snapshot, tmp_path, steps.Wanted(stages=("arrested",), splits=("sex", split)))
    tables = {table.id for table in made.released.published.tables}
    assert not {f"arrested-{split}-{place}" for place in ("school", "area")} & tables
    assert {(column, of) for column, _, of in made.released.published.parents} >= {("school", f"{split}={one}") for one in
            {"phase": ("PS", "SS"), "area": ("North", "West")}[split]}  # fmt: skip
    assert attack([made.released.published], policy_named("public")).is_safe


def test_all_or_none(tmp_path):
    """Of a group of 40 all 40 were arrested: neither the count nor a rate says so of each of them."""
    rolls = {(s, "ethnicity"): {"W": 600, "B": 40} for s in ("1", "2")}
    counts = {("1", "ethnicity"): {"W": 60, "B": 40}, ("2", "ethnicity"): {"W": 50, "B": 20}}
    made = published(snapshot_of(tmp_path / "source", counts, rolls=rolls), tmp_path, BY_ETHNICITY)
    rows = [row for table in made.released.published.tables for row in table.rows]
    told = [row for row in rows if dict(row.of).get("school") == "1" and dict(row.of).get("ethnicity") == "B"]
    assert all(row.n.shown is None and row.n.at_least < 36 and not row.printed for row in told)
    assert attack([made.released.published], policy_named("public")).is_safe


def test_a_group_with_more_counted_than_on_roll(tmp_path):
    """Pupils moved: 30 of a group were counted where 12 are on roll now. It is hidden, and nothing contradicts."""
    rolls = {(s, "ethnicity"): {"W": 600, "B": 12} for s in ("1", "2")}
    counts = {("1", "ethnicity"): {"W": 60, "B": 30}, ("2", "ethnicity"): {"W": 50, "B": 3}}
    made = published(snapshot_of(tmp_path / "source", counts, rolls=rolls), tmp_path, BY_ETHNICITY)
    assert made.record.state == "draft"


def periods(base: Path, snapshot: Path, names: tuple[str, ...]) -> dict[Coordinates, tuple[int | None, ...]]:
    """One release after another, each let out; every count with the numbers that are shown of it."""
    found: dict[Coordinates, tuple[int | None, ...]] = {}
    for number, period in enumerate(names, start=1):
        wanted = steps.Wanted(stages=("contact",), splits=("sex",), period=period, place="all")
        made = published(snapshot, base, wanted, name=f"o{number}")
        let_out(base, f"R{number:04d}")
        for table in made.released.published.tables:
            for row in table.rows:
                found[row.of] = (*found.get(row.of, ()), row.n.shown)
    return found


def test_terms_and_their_year_do_not_tell_a_term_by_difference(borough_snapshot, tmp_path):
    """Three terms, then the year that holds them: each attacked with all before it."""
    terms = tuple(f"2023/24-{term}" for term in ("autumn", "spring", "summer"))
    found = periods(tmp_path, borough_snapshot, (*terms, "2023/24"))
    assert len({dict(of)["period"] for of in found}) == 4
    assert steps.attack([], ledger=tmp_path / "L").is_safe


@pytest.mark.parametrize("period", ["2023/24"])
def test_the_same_question_again_tells_nothing_more(borough_snapshot, tmp_path, period):
    """Noise that is drawn anew would be averaged away: the same count is shown alike every time."""
    found = periods(tmp_path, borough_snapshot, (period, period))
    assert all(len(set(shown)) == 1 for shown in found.values())
