"""Do the made-up questions find faults? Each of `mutations.MUTATIONS` is put into a copy of the engine, and must be found."""

from __future__ import annotations

import pytest

from .agreement import FOLDERS
from .mutations import MUTATIONS, ROOT, what_found


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.what)
def test_text_of_mutation_is_there(mutation):
    """The engine changes; a fault whose text is gone would be found by nobody."""
    assert mutation.was in (ROOT / mutation.file).read_text(encoding="utf-8")


@pytest.mark.deep
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.what)
def test_mutation_is_found(mutation):
    assert what_found(mutation, FOLDERS)
