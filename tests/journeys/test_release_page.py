"""A person opens the pages of a release from the disk: they read well, need nothing else, and lead to each other."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from service_browser import AXE

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: `pip install .[dev]`").expect
pytestmark = pytest.mark.xdist_group("borough")
PAGES = ("index.html", "hidden.html", "methods.html", "quality.html", "revisions.html", "status.sig.html")
OPEN_ALL = "document.querySelectorAll('details').forEach(d => d.open = true)"


@pytest.fixture
def opened(browser, small_release) -> Iterator:
    """Opens a page at a width; gives it and everything that it complained of or asked for from elsewhere."""
    contexts = []

    def at(name: str, width: int, *, javascript: bool = True):
        context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=javascript)
        contexts.append(context)
        page, heard = context.new_page(), []
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda fault: heard.append(str(fault)))
        page.on("request", lambda request: None if request.url.startswith("file:") else heard.append(request.url))
        page.goto((small_release / name).as_uri())
        return page, heard

    yield at
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", [pytest.param(1280, marks=pytest.mark.deep), 360])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_no_page_scrolls_sideways(opened, name, width):
    """Everything unfolded: no axe violation, no sideways scroll, no complaint, nothing asked for from elsewhere."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    page, heard = opened(name, width)
    page.evaluate(OPEN_ALL)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = axe.Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()
    assert heard == []


def test_without_javascript_the_keyboard_reaches_the_figures_and_the_other_pages(opened):
    page, heard = opened("index.html", 360, javascript=False)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    page.locator("summary").filter(has_text="by school").first.click()
    expect(page.get_by_role("table", name="Contact with an officer, by ethnicity: counts by school")).to_be_visible()
    page.get_by_role("link", name="What is hidden, and why").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What is hidden, and why")
    page.get_by_role("link", name="Status and signatures").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Draft: not published")
    page.get_by_role("link", name="Figures").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Police contact in schools"))
    assert heard == []


def test_a_chart_says_in_words_what_it_shows_and_no_more(opened):
    page, _ = opened("index.html", 1280)
    chart = page.get_by_role(
        "img", name="Contact with an officer, by ethnicity: relative rate of each group, compared with White"
    )
    assert chart.is_visible()
    drawn = set(chart.locator("text").all_text_contents())
    said = chart.locator("desc").text_content()
    numbers = [text for text in drawn if "–" in text or text.startswith("above")]
    assert numbers and all(text in said for text in numbers)
