"""The chapters of a report that hold studies: every picture has its words and its table, and the page says what it must."""

from __future__ import annotations

import re

import pytest

from dueregard import steps
from dueregard.evidence.rounded import in_six_digits
from dueregard.publish import bundle, charts_of_studies
from dueregard.publish.studies import PLACEMENT, repeats_view, selection_view
from dueregard.publish.studies_file import studies_as_json

MUST = "the placement factor says where officers were; it is not the effect of officers"
NEVER = ("no disparity", "compliant", "complies", "bias of", "discriminat")


pytestmark = pytest.mark.xdist_group("borough report")


@pytest.fixture
def content(borough_content):
    return borough_content


@pytest.fixture(scope="module")
def page(borough_report) -> str:
    return (borough_report / bundle.PAGE).read_text(encoding="utf-8")


def chapter(page: str, name: str) -> str:
    """From a chapter's own heading to the next chapter."""
    return (
        page.split(f'<section class="chapter" aria-labelledby="{name}">')[1]
        .split('<section class="chapter"')[0]
        .split('<section aria-labelledby="unanswered">')[0]
    )


def test_every_pathway_says_what_placement_is(content, page):
    assert PLACEMENT == MUST
    part = chapter(page, "pathways")
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", part)
    assert len(captions) == len(content.studies.pathways) == 4
    assert all(MUST in caption for caption in captions)


def test_harms_and_benefits_of_a_group_stand_on_one_page(content, page):
    part = chapter(page, "pathways")
    for one in content.studies.pathways:
        section = part.split(f'aria-labelledby="{one.id}"')[1].split('<section class="figure"')[0]
        assert "Support offered" in section and "Safeguarding report made" in section
        assert section.index("the rungs") < section.index("What help the same pupils were offered")


def test_the_factors_of_the_page_are_those_of_decompose(content, borough_snapshot):
    for one in content.studies.pathways:
        found = steps.decompose(
            borough_snapshot, one.chain.measure.stage, group=one.group, comparison=one.comparison, seed=one.seed
        )
        assert in_six_digits(found) == one.answer or str(in_six_digits(found)) == str(one.answer)  # nan is not nan


def test_each_gate_shows_crude_and_within_together_and_whom_police_met(content, page):
    part = chapter(page, "gates")
    for name in ("could_be_kept", "kept", "arrest", "community_resolution", "diversion", "charge"):
        section = part.split(f'aria-labelledby="gate-{name}"')[1].split('<section class="figure"')[0]
        assert "Crude ratio" in section and "Same behaviour and harm" in section
        assert "we only see pupils police chose to deal with" in section
        assert "Pupils and involvements side by side" in section
    assert "t-acts" in part


def test_every_figure_over_contacts_has_its_selection(content):
    figures = (*content.figures, *content.studies.gates.figures)
    over_contacts = [f for f in figures if f.cells.measure.is_conditional and f.answer.groups
                     and f.cells.measure.denominator not in ("support_offered", "completed")]  # fmt: skip
    assert len(over_contacts) == 6
    assert all(selection_view(f.answer.selection) is not None for f in over_contacts)


def test_pupils_and_involvements_stand_side_by_side(content):
    with_rows = [f for f in content.figures if not f.cells.measure.is_trend and f.cells.measure.stage == "contact"]
    assert with_rows and all(repeats_view(f.answer) is not None for f in with_rows)


def test_the_crossed_groups_hide_few_and_show_uncertainty_first(content, page):
    [one] = content.studies.crossings
    part = chapter(page, one.id)
    assert part.index("<svg") < part.index("<table")
    few = [s for s in one.answer.strata if s.is_few and not s.is_missing]
    assert few and all(s.n is None and s.own_rate_per_1000 is None for s in few)
    picture = part.split("<svg")[1].split("</svg>")[0]
    drawn = [s for s in one.answer.strata if not s.is_missing]
    assert picture.count('class="band') == len(drawn)
    assert picture.count('class="band few"') == len(few)
    names = [picture.index(f">{s.label}<") for s in drawn]
    assert names == sorted(names)  # in the order of the codes: nobody is ranked


def test_the_tornado_has_a_bar_for_each_analysis_of_each_group(content, page):
    [one] = content.studies.doubts
    part = chapter(page, one.id)
    picture = part.split("<svg")[1].split("</svg>")[0]
    assert picture.count('class="range crude" d="M') >= sum(len(g.analyses) for g in one.answer.groups)
    for group in one.answer.groups:
        assert f"<strong>{group.label}:</strong>" in part


def test_no_page_says_what_no_number_can_say(page):
    text = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL).lower()
    assert not [word for word in NEVER if word in text.replace("bias or discrimination are findings", "")]


def test_a_source_of_counts_has_the_studies_that_it_can_have(crdc_2013):
    content = steps.compose(steps.open_snapshot(crdc_2013))
    studies = content.studies
    assert studies.gates is None and len(studies.pathways) >= 3
    assert all(one.chain.is_counted for one in studies.pathways)
    assert "Which way does each group go where somebody decides" in {u.title for u in content.unanswered}
    assert studies_as_json(studies)["gates"] is None
    page = bundle.render(content)[bundle.PAGE].decode()
    assert MUST in page and 'id="gates"' not in page


def test_a_scale_holds_its_values_and_ends_at_ticks():
    scale = charts_of_studies.scale_of([0.3, 7.0], around=(0.5, 2.0))
    assert (scale.low, scale.high) == (0.2, 10.0)
    assert scale.x(0.2) == charts_of_studies.LEFT and scale.x(10.0) == charts_of_studies.RIGHT
    assert scale.is_beyond(0.1) == -1 and scale.is_beyond(20.0) == 1 and not scale.is_beyond(1.0)
    assert scale.ticks() == [0.2, 0.5, 1.0, 2.0, 5.0, 10.0]
