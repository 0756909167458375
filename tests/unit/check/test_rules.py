"""The rules are data: each has an id of its own, a code that is declared, columns that exist, words that quote nothing."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

import dueregard
from dueregard.check.catalogue import every_rule
from dueregard.evidence.codes import CODES
from dueregard.records.tables import table

RULES = every_rule(date(2026, 11, 23))
KNOWN = {code.code for code in CODES}


def test_every_rule_has_an_id_of_its_own():
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids) > 300


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_whole(rule):
    assert rule.code in KNOWN
    assert rule.name and rule.message.endswith(".")
    assert set(rule.columns) <= set(table(rule.table).names)
    assert bool(rule.predicate) != bool(rule.rows)
    assert rule.level == ("error" if rule.code.startswith("E_") else "warning")


def test_every_code_that_is_spoken_is_declared_and_every_declared_one_is_spoken():
    source = "".join(
        file.read_text(encoding="utf-8")
        for file in Path(dueregard.__file__).parent.rglob("*.py")
        if file.name != "codes.py"
    )
    spoken = set(re.findall(r'"([EW]_[A-Z][A-Z_]+)"', source))
    assert spoken == KNOWN
