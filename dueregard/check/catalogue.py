"""Every rule that there is, for the reference pages and the tests."""

from __future__ import annotations

from datetime import date

from dueregard.check.across import ACROSS, roll_rules
from dueregard.check.keys import key_rules, reference_rules, source_rules
from dueregard.check.rules import Rule, row_rules
from dueregard.records.table import Table
from dueregard.records.tables import TABLES


def rules_of(table: Table, today: date) -> list[Rule]:
    """Every rule of one table: of a row, across its rows, and against other tables."""
    own = [
        *row_rules(table, today),
        *key_rules(table),
        *roll_rules(table),
        *reference_rules(table),
        *source_rules(table),
    ]
    return own + [rule for rule in ACROSS if rule.table == table.name]


def every_rule(today: date) -> list[Rule]:
    """Every rule of every table."""
    return [rule for table in TABLES for rule in rules_of(table, today)]
