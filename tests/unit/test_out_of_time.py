"""A starved machine leaves out what repeats, then all; a machine with time, and one where nobody counts it, nothing."""

from __future__ import annotations

import pytest

from tests.out_of_time import BEGAN, reason

REPEATED, ONCE = "tests/generative/test_laws.py::test_a[3]", "tests/unit/disclose/test_audit.py::test_b"
ON_SPARK = "tests/spec/test_spec.py::test_case_on_spark[The ladder: ...]@spark"


@pytest.mark.parametrize(
    ("minutes", "left_out"),
    [(0, ()), (29, ()), (31, (REPEATED, ON_SPARK)), (79, (REPEATED, ON_SPARK)), (81, (REPEATED, ON_SPARK, ONCE))],
)
def test_what_is_left_out_after_so_many_minutes(monkeypatch, minutes, left_out):
    monkeypatch.setenv(BEGAN, "1000")
    found = tuple(name for name in (REPEATED, ON_SPARK, ONCE) if reason(name, now=1000 + 60 * minutes))
    assert found == left_out


@pytest.mark.parametrize("began", ["", "yesterday", "-5"])
def test_nothing_is_left_out_where_no_time_is_kept(monkeypatch, began):
    monkeypatch.setenv(BEGAN, began)
    assert reason(REPEATED, now=1e12) == reason(ONCE, now=1e12) == ""
