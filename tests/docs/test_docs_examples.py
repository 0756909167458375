"""Every example in the documentation runs, and what it is said to print is what it prints."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest
from django_set_up import configure

import dueregard
from docs import examples


@pytest.mark.parametrize("page", [pytest.param(p, marks=pytest.mark.xdist_group(p)) for p in examples.RUN])
def test_examples_run_and_print_what_is_shown(page, tmp_path):
    ran = examples.run_page(page, tmp_path)
    outputs = list(examples.shown_outputs(page, ran))
    for block, one in outputs:
        shown = one.skipped or examples.is_shown_truly(block.text, one.printed)
        assert shown, f"{page}, line {block.line}: `{one.command}` prints now:\n{one.printed}"
    unexplained = [one.command for one in ran if one.exit_code and one not in [told for _, told in outputs]]
    assert unexplained == [], "a command that fails must show what it says"
    skipped = sorted({one.skipped for one in ran if one.skipped})
    if skipped:
        pytest.skip(f"{sum(bool(one.skipped) for one in ran)} of {len(ran)} commands: {'; '.join(skipped)}")


def test_every_page_that_is_run_has_examples():
    for page in examples.RUN:
        found = examples.blocks((examples.ROOT / page).read_text(encoding="utf-8"))
        assert sum(len(list(examples.commands(b))) for b in found if b.kind in examples.SHELL) >= 4, page


def test_pages_that_hold_examples_are_run():
    """A shell block with a command of ours stands only on a page that is run."""
    others = [p for p in examples.ROOT.glob("docs/**/*.md") if str(p.relative_to(examples.ROOT)) not in examples.RUN]
    others += [examples.ROOT / "DEVELOPERS.md", examples.ROOT / "CHANGELOG.md"]
    held = {
        page.name: command
        for page in others
        for block in examples.blocks(page.read_text(encoding="utf-8"))
        if block.kind in examples.SHELL
        for _, command in examples.commands(block)
    }
    assert held == {}


MODULES = sorted(m.name for m in pkgutil.walk_packages(dueregard.__path__, "dueregard.") if "__main__" not in m.name)


def test_doctests_of_the_package():
    configure()  # modules of the store and of the service hold models, which Django must know before they are read
    tried = 0
    for name in [*MODULES, "docs.examples"]:
        result = doctest.testmod(importlib.import_module(name), verbose=False)
        assert result.failed == 0, name
        tried += result.attempted
    assert tried > 50
