"""The laws of crosswalks: no code is dropped, none leads nowhere, nothing is lost unsaid, nothing is guessed."""

from __future__ import annotations

import csv
from collections import Counter
from itertools import product

import pytest

from dueregard.errors import UnknownName, UsageError
from dueregard.terms.crosswalks import BROAD_GROUP, FOLDER, Crosswalk, crosswalk, crosswalks, list_versions
from dueregard.terms.ethnicity import (
    BROAD,
    COUNTED_LISTS,
    NOT_STATED_REASONS,
    OBSERVED_LISTS,
    SCHOOL_LISTS,
    SELF_DEFINED_LISTS,
    US_FEDERAL,
    broad_groups,
)
from dueregard.terms.lists import FOLDER as LISTS
from dueregard.terms.lists import code_list
from dueregard.terms.missing import Missing, is_missing

ALL = [pytest.param(walk, id=walk.name) for walk in crosswalks()]
ETHNIC = ("dfe_ethnicity_main", "sde_18plus1", "sde_16plus1", "ons_2021_19")
PAIRS = [(a, b) for a, b in product(ETHNIC, ETHNIC) if a != b]
KNOWN_PAIRS = {(walk.from_list, walk.to_list) for walk in crosswalks()}


def relation(walk: Crosswalk) -> set[tuple[str, str]]:
    """The pairs of codes that a crosswalk joins, without the ways of missing."""
    return {(s.from_code, s.to_code) for s in walk.steps if not is_missing(s.to_code)}


# ---------------------------------------------------------------- every crosswalk


@pytest.mark.parametrize("walk", ALL)
def test_every_code_of_the_list_has_a_row_and_no_other(walk):
    assert set(walk.codes) == set(code_list(walk.from_list).codes)


@pytest.mark.parametrize("walk", ALL)
def test_every_target_exists(walk):
    known = {*code_list(walk.to_list).codes, *map(str, Missing)}
    assert [step for step in walk.steps if step.to_code not in known] == []


@pytest.mark.parametrize("walk", ALL)
def test_a_file_is_what_its_name_says(walk):
    assert walk.name == f"{walk.from_list}_to_{walk.to_list}"
    assert {(s.from_list, s.to_list) for s in walk.steps} == {(walk.from_list, walk.to_list)}
    assert max(Counter((s.from_code, s.to_code) for s in walk.steps).values()) == 1
    assert all(step.prov for step in walk.steps)
    text = (FOLDER / f"{walk.name}.csv").read_text(encoding="utf-8")
    assert {line.rsplit(",", 1)[1] for line in text.splitlines()[1:]} == {walk.version}


@pytest.mark.parametrize("walk", ALL)
def test_a_code_of_several_meanings_says_what_is_lost_once(walk):
    for code in walk.ambiguous:
        assert walk.is_lossy(code)
    for code in walk.codes:
        assert len({step.loss for step in walk.steps_of(code)}) == 1


def test_every_version_enters_the_snapshot_id():
    versions = list_versions()
    assert {walk.name: walk.version for walk in crosswalks()}.items() <= versions.items()
    assert "to_broad_group" not in versions


# ---------------------------------------------------------------- between lists of ethnicity


def test_every_list_of_ethnicity_leads_to_every_other_and_to_the_broad_groups():
    assert set(PAIRS) <= KNOWN_PAIRS
    assert {(name, BROAD_GROUP) for name in (*ETHNIC, *OBSERVED_LISTS)} <= KNOWN_PAIRS


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_there_and_back_is_the_same_relation(a, b):
    """A crosswalk and its opposite join the same codes: neither knows more than the other."""
    assert relation(crosswalk(a, b)) == {(y, x) for x, y in relation(crosswalk(b, a))}


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_codes_that_become_one_say_so(a, b):
    """Of several codes that become one, all but one say what is lost; the one is the code that always stood there."""
    walk = crosswalk(a, b)
    for target in {step.to_code for step in walk.steps}:
        sources = [s for s in walk.steps if s.to_code == target]
        assert sum(not s.loss for s in sources) <= 1, target


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_the_broad_group_is_the_same_by_either_road_unless_a_loss_is_told(a, b):
    """A code's broad group, and the broad group of what it becomes elsewhere."""
    direct, walk, onward = crosswalk(a, BROAD_GROUP), crosswalk(a, b), crosswalk(b, BROAD_GROUP)
    compared = 0
    for code in walk.codes:
        for step in walk.steps_of(code):
            end = step.to_code if is_missing(step.to_code) else onward.target(step.to_code)
            is_told = bool(step.loss) or direct.is_lossy(code)
            is_told = is_told or (not is_missing(step.to_code) and onward.is_lossy(step.to_code))
            assert end == direct.target(code) or is_told, (code, step.to_code)
            compared += end == direct.target(code)
    assert compared >= 15  # of some twenty: the law is not held by losses alone


def test_what_the_law_excepts_is_known():
    """Between 18+1 and 16+1 exactly Chinese changes its broad group, and the step says so."""
    walk = crosswalk("sde_18plus1", "sde_16plus1")
    later, earlier = broad_groups(("sde_18plus1",)), broad_groups(("sde_16plus1",))
    assert [code for code in walk.codes if later[code] != earlier[walk.target(code)]] == ["A4"]
    assert "broad group changes" in walk.steps_of("A4")[0].loss


# What the school census standard says of its own codes, beside each row, and what the domain notes say of both lists.
@pytest.mark.parametrize(
    ("walk", "code", "targets"),
    [
        (("dfe_ethnicity_main", "sde_18plus1"), "OOTH", ("O9", "O2")),
        (("dfe_ethnicity_main", "sde_18plus1"), "WIRT", ("W3",)),
        (("dfe_ethnicity_main", "sde_18plus1"), "WROM", ("W3",)),
        (("dfe_ethnicity_main", "sde_18plus1"), "CHNE", ("A4",)),
        (("dfe_ethnicity_main", "sde_16plus1"), "CHNE", ("O1",)),
        (("dfe_ethnicity_main", "ons_2021_19"), "WROM", ("3", "4")),
        (("dfe_ethnicity_main", "ons_2021_19"), "BAFR", ("15",)),
        (("dfe_ethnicity_main", "ons_2021_19"), "BCRB", ("16",)),
        (("sde_18plus1", "dfe_ethnicity_main"), "W3", ("WIRT", "WROM")),
        (("sde_18plus1", "sde_16plus1"), "A4", ("O1",)),
        (("sde_16plus1", "sde_18plus1"), "O1", ("A4",)),
        (("ons_2021_19", "sde_18plus1"), "4", ("W3",)),
        (("stop_outcome", "stop_outcome"), "Local resolution", ("Community resolution",)),
    ],
)
def test_what_each_code_may_mean(walk, code, targets):
    assert crosswalk(*walk).targets(code) == targets


@pytest.mark.parametrize("column", ["sde18", "ons2021"])
def test_the_census_crosswalks_follow_the_columns_of_the_published_list(column):
    """dfe_ethnicity_main.csv brings its own columns: 18+1 codes, and Census labels or their beginning."""
    to = {"sde18": "sde_18plus1", "ons2021": "ons_2021_19"}[column]
    walk, labels = crosswalk("dfe_ethnicity_main", to), code_list(to).labels
    text = (LISTS / "dfe_ethnicity_main.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        named = [part.strip() for part in row[column].replace("(not separable)", "").split("|") if part.strip()]
        if column == "sde18":
            assert [part.partition("/")[0] for part in named] == list(walk.targets(row["code"]))
        else:
            found = [labels[target] for target in walk.targets(row["code"]) if not is_missing(target)]
            assert len(found) == len(named)
            assert all(label.startswith(part.partition("...")[0]) for label, part in zip(found, named, strict=True))


# ---------------------------------------------------------------- broad groups


@pytest.mark.parametrize("lists", [SCHOOL_LISTS, SELF_DEFINED_LISTS, COUNTED_LISTS, OBSERVED_LISTS])
def test_no_code_collides_and_every_code_has_a_group(lists):
    groups = broad_groups(lists)
    codes = {code for name in lists for code in code_list(name).codes}
    assert codes <= set(groups)
    assert {groups[code] for code in codes} <= {*BROAD, *US_FEDERAL, *map(str, Missing)}


def test_the_census_rolls_up_by_its_own_headings():
    groups = broad_groups(("ons_2021_19",))
    heading = {"White": "W", "Mixed": "M", "Asian": "A", "Black": "B", "Other": "O"}
    assert {t.code: groups[t.code] for t in code_list("ons_2021_19")} == {
        t.code: heading[t.group] for t in code_list("ons_2021_19")
    }


def test_the_us_categories_stand_for_themselves():
    groups = broad_groups(("us_federal",))
    assert {code: groups[code] for code in US_FEDERAL} == {code: code for code in US_FEDERAL}
    walk = crosswalk("us_federal", BROAD_GROUP)
    assert walk.ambiguous == ("WH", "HI"), "Hispanic has no place among the broad groups: a person must choose"
    assert all(walk.is_lossy(code) for code in US_FEDERAL)
    with pytest.raises(UsageError, match="does not guess"):
        walk.decided()
    assert crosswalk("sde_18plus1", "us_federal").targets("B1") == ("BL", "HI")


def test_a_reason_tells_declined_from_never_asked():
    assert NOT_STATED_REASONS == {
        "N1": Missing.NOT_RECORDED, "N2": Missing.NOT_RECORDED, "N3": Missing.NOT_RECORDED, "N4": Missing.NOT_STATED,
    }  # fmt: skip


# ---------------------------------------------------------------- nothing is guessed


def test_a_code_of_several_meanings_is_refused_with_its_choices():
    with pytest.raises(UsageError, match=r"`OOTH` of dfe_ethnicity_main may be O9 or O2 of sde_18plus1") as told:
        crosswalk("dfe_ethnicity_main", "sde_18plus1").target("OOTH")
    assert "choose one of them" in str(told.value)


def test_a_whole_list_is_refused_with_every_choice_at_once():
    with pytest.raises(UsageError) as told:
        crosswalk("sde_18plus1", "dfe_ethnicity_main").decided({"W3": "WROM"})
    assert "NS: REFU or NOBT" in str(told.value)
    assert "W3" not in str(told.value)


def test_a_choice_decides():
    walk = crosswalk("dfe_ethnicity_main", "sde_18plus1")
    assert not walk.is_function
    assert walk.decided({"OOTH": "O2"})["OOTH"] == "O2"
    assert walk.decided({"OOTH": "O2"})["CHNE"] == "A4"
    assert crosswalk("dfe_ethnicity_main", "sde_16plus1").is_function


@pytest.mark.parametrize(
    ("choices", "kind", "words"),
    [
        ({"OOTH": "W9"}, UsageError, "`W9` is none of them"),
        ({"OOTH": "O9", "WBRI": "W2"}, UsageError, "`W2` is none of them"),
        ({"OOTH": "O9", "ZZZZ": "O9"}, UnknownName, "no code of dfe_ethnicity_main `ZZZZ`"),
    ],
)
def test_a_wrong_choice_is_refused(choices, kind, words):
    with pytest.raises(kind, match=words):
        crosswalk("dfe_ethnicity_main", "sde_18plus1").decided(choices)
