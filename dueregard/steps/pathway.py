"""Where on the way a gap arises: one question, answered from a snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dueregard import __version__
from dueregard.steps.open import open_engine, open_snapshot

if TYPE_CHECKING:  # types of lower floors only; at run time each step imports what it needs
    from dueregard.evidence.decomposition import Decomposition


def decompose(
    path: Path, stage: str, *, group: str, comparison: str | None = None, by: tuple[str, ...] = ("ethnicity",),
    where: tuple[tuple[str, tuple[str, ...]], ...] = (), period: str | None = None, method: str = "bootstrap", seed: int = 1,
    engine: str = "duckdb",
) -> Decomposition:  # fmt: skip
    """Take the ratio of two groups' rates apart along the chain to a stage. The same seed gives the same ranges."""
    import numpy as np

    from dueregard.assess.decomposition import METHODS
    from dueregard.assess.decomposition import decompose as assess
    from dueregard.engines.chain_plan import chain_question
    from dueregard.errors import UnknownName

    if method not in METHODS:
        raise UnknownName("method", method, METHODS)
    snapshot = open_snapshot(path)
    opened = open_engine(snapshot, engine)
    asked = chain_question(stage, opened.facts(), by=by, where=where, period=period)
    return assess(
        opened.chain(asked), group=group, comparison=comparison, method=method, rng=np.random.default_rng(seed),
        snapshot=snapshot.id, code_version=__version__, source_caveats=tuple(snapshot.manifest.caveats),
    )  # fmt: skip
