"""What the page says, what it never says, and that it is sound HTML."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import handmade
import pytest

from dueregard.evidence.cells import Cell
from dueregard.evidence.estimate import Estimate
from dueregard.publish import page, words
from dueregard.stats import mantel_haenszel, proportions, rates, ratios
from dueregard.terms.missing import CellState

NEVER = ("no disparity", "compliant", "complies", "significan", "discriminat", "bias")
VOID = {"meta", "br", "link", "img", "hr", "input"}


class Outline(HTMLParser):
    """Ids, headings, tables and open elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.tags: list[tuple[str, dict]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags.append((tag, found))
        self.ids += [found["id"]] if "id" in found else []
        self.headings += [int(tag[1])] if re.fullmatch("h[1-6]", tag) else []
        self.open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def html() -> str:
    return page.render(handmade.report()).decode()


@pytest.fixture(scope="module")
def outline(html) -> Outline:
    found = Outline()
    found.feed(html)
    return found


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", "", html, flags=re.S)))


def test_elements_close_ids_are_unique_and_links_arrive(outline):
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    targets = {a["href"][1:] for tag, a in outline.tags if tag == "a"}
    assert targets <= set(outline.ids)
    labels = {i for _, a in outline.tags for i in a.get("aria-labelledby", "").split()}
    assert labels <= set(outline.ids)


def test_headings_go_down_one_level_at_a_time(outline):
    assert outline.headings.count(1) == 1
    assert outline.headings[0] == 1
    assert all(after - before <= 1 for before, after in zip(outline.headings, outline.headings[1:], strict=False))


def test_nothing_comes_from_elsewhere_and_nothing_runs(outline, html):
    assert not [tag for tag, _ in outline.tags if tag in {"script", "link", "img", "iframe", "object", "base", "form"}]
    assert not [a for _, a in outline.tags if {"src", "onclick", "onload"} & set(a)]
    assert "url(" not in html
    assert "@import" not in html
    assert [a["lang"] for tag, a in outline.tags if tag == "html"] == ["en-GB"]


def test_tables_have_captions_and_scopes_and_lie_in_regions(outline):
    tags = [tag for tag, _ in outline.tags]
    assert tags.count("table") == tags.count("caption") == sum(a.get("role") == "region" for _, a in outline.tags)
    assert all(a.get("scope") in ("col", "row") for tag, a in outline.tags if tag == "th")
    assert all(a.get("tabindex") == "0" for _, a in outline.tags if a.get("role") == "region")


def test_no_cell_is_empty(html):
    assert not re.search(r"<t[dh][^>]*>\s*</t[dh]>", html)
    assert "nan" not in text_of(html).lower().split()
    assert not re.search(r"\b(None|inf)\b", text_of(html))


def test_words_that_are_never_said_of_a_number(html):
    before, rest = html.split('<h2 id="reading">')
    reading, after = rest.split("</section>", 1)
    outside, inside = text_of(before + after).lower(), text_of(reading).lower()
    assert not [word for word in NEVER if word in outside]
    assert [word for word in NEVER if word in inside] == ["discriminat", "bias"]
    assert inside.count("bias") == inside.count("discrimination") == 1


def test_what_is_missing_comes_before_any_disparity_and_help_beside_harm(html):
    order = ["The key figures", 'id="reading"', 'id="collected"', 'id="t-by-ethnicity-escalation"',
             'id="t-by-ethnicity-support"', 'id="c-by-ethnicity-t"', 'id="figure-contact-ethnicity"', 'id="by-sex"',
             'id="unanswered"', 'id="checking"', 'id="formulas"', 'id="words"']  # fmt: skip
    places = [html.index(part) for part in order]
    assert places == sorted(places)


def test_a_split_without_help_says_so(html):
    chapter = html[html.index('<h2 id="by-disability">') :]
    assert "No benefit was collected for this split (disability)" in chapter[: chapter.index("<h3")]


def test_the_words_internal_report_stand_on_top_and_on_every_printed_page(html):
    assert html.count(words.INTERNAL) == 4  # banner, footer, both margins of printed pages
    assert html.index(words.INTERNAL, html.index("<body>")) < html.index("<h1>")


def test_crude_and_within_that_do_not_agree_are_said_first(html):
    assert "Crude and within the same school do not agree: in 2023/24" in text_of(html)


def test_suppressed_denominators_give_a_rate_between_limits(html):
    text = text_of(html)
    assert "609 were counted; the source suppresses the denominator, which lies between 60,105 and 80,013" in text
    assert "a rate between 7.61 and 10.13 per 1,000" in text
    assert '<span class="st suppressed">suppressed</span> <small>7.61 to 10.13</small>' in html


STATES = [CellState.NOT_COLLECTED, CellState.SUPPRESSED, CellState.NOT_APPLICABLE, CellState.PARTIAL]


@pytest.mark.parametrize("state", STATES)
def test_missing_never_looks_like_zero(state):
    """A zero that was counted and a cell without a count differ in words and in form."""
    figure = handmade.figure("arrested", "sex")
    cells = tuple(replace(c, n=0, state=state) if c.codes == ("M",) else c for c in figure.cells.whole)
    made = replace(figure.cells, whole=cells)
    odd = replace(figure, cells=made, answer=handmade.answer_for(made))
    html = page.render(replace(handmade.report(), figures=(odd,))).decode()
    row = re.search(r'<tr><th scope="row">Boys.*?</tr>', html[html.index('id="t-figure-arrested-sex"') :], re.S)[0]
    first = re.search(r"<td.*?</td>", row)[0]
    if state == CellState.PARTIAL:
        assert first == "<td>0 <small>(partial)</small></td>"
    else:
        assert first == f'<td><span class="st {state}">{words.STATE_WORDS[state]}</span></td>'
        assert "<td>0" not in row


def test_a_counted_zero_is_a_number():
    counted = Cell("2023/24", (), ("O",), 0, 400)
    html = page.render(handmade.report(("arrested",), ("ethnicity",))).decode()
    assert counted.state == CellState.COUNTED
    table = html[html.index('id="t-figure-arrested-ethnicity"') :]
    row = re.search(r'<tr><th scope="row">Other.*?</tr>', table, re.S)[0]
    assert row.startswith('<tr><th scope="row">Other</th><td>0</td><td>400</td><td>0 <small>0 to ')


def test_text_from_outside_is_escaped():
    about = replace(handmade.about(), profiles=("<script>alert(1)</script>",), caveats=("a & b <i>",))
    html = page.render(replace(handmade.report(("arrested",), ("sex",)), about=about)).decode()
    assert "<script" not in html
    assert "a &amp; b &lt;i&gt;" in html


def test_an_empty_report_says_what_it_lacks():
    html = page.render(replace(handmade.report(), figures=(), unanswered=())).decode()
    assert "No group could be compared with another" in html
    assert "Every question of this report could be answered" in html


MODULES = (mantel_haenszel, proportions, rates, ratios)


def test_every_method_that_stats_names_has_its_formula():
    from dueregard.publish.formulas import formula_of

    names = [v for module in MODULES for k, v in vars(module).items() if k.isupper() and isinstance(v, str)]
    assert names
    assert not [name for name in names if formula_of(name) is None]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Estimate(1.8, 1.6, 2.0, 0.95, ""), "1.80 times as many (95% range 1.60 to 2.00)"),
        (Estimate(0.0, 0.0, 1.2, 0.95, ""), "none was counted, so the ratio lies below 1.20 (95% range 0 to 1.20)"),
        (Estimate(float("inf"), 2.1, float("inf"), 0.9, ""),
         "the other group had none, so only a lower end can be given (90% range 2.10 or more, with no upper end)"),
    ],
)  # fmt: skip
def test_a_relative_rate_in_words(found, said):
    assert words.ratio_words(found) == said


def test_a_large_report_stays_small_enough():
    assert len(page.render(handmade.borough())) < 3_000_000
