"""The small release of the made-up borough, and what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from dueregard.publish.release_file import FIGURES, read_released


@pytest.fixture(scope="session")
def bundle(small_release) -> Path:
    return small_release


@pytest.fixture(scope="session")
def released(bundle):
    return read_released((bundle / FIGURES).read_bytes())


@pytest.fixture(scope="session")
def files(bundle) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(bundle.iterdir())}
