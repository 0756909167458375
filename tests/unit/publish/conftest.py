"""A small release of the made-up borough, made through the same steps as any other."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dueregard import steps
from dueregard.publish.release_file import FIGURES, read_released
from dueregard.steps.publish import Wanted

NOW = datetime(2026, 11, 26, 10, tzinfo=UTC)
ASKED = Wanted(stages=("contact", "support_offered"), splits=("ethnicity",))


@pytest.fixture(scope="session")
def bundle(borough_snapshot, tmp_path_factory) -> Path:
    """A draft; its ledger stands beside it as `ledger`."""
    base = tmp_path_factory.mktemp("release")
    steps.publish(
        borough_snapshot, ledger=base / "ledger", out=base / "bundle", by="Ada Lovelace", now=NOW, wanted=ASKED
    )
    return base / "bundle"


@pytest.fixture(scope="session")
def released(bundle):
    """What the small release says."""
    return read_released((bundle / FIGURES).read_bytes())


@pytest.fixture(scope="session")
def files(bundle) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(bundle.iterdir())}
