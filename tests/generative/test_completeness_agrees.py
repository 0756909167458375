"""What is known and which codes are borne: the same by every engine, on made-up folders."""

from __future__ import annotations

from random import Random

import pytest

from dueregard import steps

from .made_up import made_up_tables
from .test_engines_agree import frozen


@pytest.mark.parametrize("seed", range(300, 310))
def test_engines_agree_on_completeness(seed, tmp_path):
    snapshot = frozen(made_up_tables(Random(seed)), tmp_path)
    one, other = (steps.open_engine(snapshot, name).completeness() for name in ("duckdb", "reference"))
    assert one == other
