"""Tests of one group run on one worker: a pytest with which pytest-xdist loses the groups is found at once."""

from __future__ import annotations

import pytest


@pytest.mark.xdist_group("together")
def test_groups_hold(request):
    """pytest-xdist writes the group behind the name of a test. Without it each worker makes the forces, and starts Spark, anew."""
    if not getattr(request.config.option, "loadgroup", False):
        pytest.skip("tests are not dealt out by group: run with `--dist loadgroup`, as `make test` does")
    assert request.node.nodeid.endswith("@together"), f"groups are lost with pytest {pytest.__version__}"
