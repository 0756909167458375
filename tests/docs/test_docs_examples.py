"""Every example in the documentation runs, and what it is said to print is what it prints."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

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


def test_doctests_of_the_package():
    """In a process of its own: another test of this one may have told Django of the store alone."""
    script = Path(__file__).with_name("doctests.py")
    ran = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, cwd=examples.ROOT, check=False)
    told = re.search(r"tried (\d+), failed (\d+)$", ran.stdout.strip())
    assert told, ran.stdout[-2000:] + ran.stderr[-2000:]
    assert int(told[2]) == 0, ran.stdout
    assert int(told[1]) > 50
