"""For whom, and how sure? Answered from a snapshot."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dueregard import __version__
from dueregard.progress import QUIET, Quiet
from dueregard.steps.open import open_engine, open_snapshot

if TYPE_CHECKING:  # types of lower floors only; at run time each step imports what it needs
    from dueregard.evidence.intersections import IntersectionsAnswer
    from dueregard.measures.measure import Measure


def intersections(
    path: Path, measure: Measure, *, stratum: tuple[tuple[str, tuple[str, ...]], ...] | None = None, nuts: bool = False,
    seed: int = 1, engine: str = "duckdb", progress: Quiet = QUIET,
) -> IntersectionsAnswer:  # fmt: skip
    """Answer one question for each crossed group, with strength borrowed from similar ones. The same seed, the same answer."""
    import numpy as np

    from dueregard.understand.intersections import intersections as understand
    from dueregard.understand.strata import intersections_question

    sampler = _sampler(seed) if nuts else None
    asked = intersections_question(measure)
    snapshot = open_snapshot(path)
    with progress.step("Counting and modelling") as advance:
        found = understand(
            open_engine(snapshot, engine).count(asked), snapshot=snapshot.id, code_version=__version__,
            rng=np.random.default_rng(seed), stratum=stratum, sampler=sampler, source_caveats=tuple(snapshot.manifest.caveats),
        )  # fmt: skip
        advance("modelled")
    progress.done(f"modelled {found.n:,} counted in {len(found.strata):,} strata of {found.schools_used:,} schools")
    return found


def _sampler(seed: int):  # type: ignore[no-untyped-def]
    from dueregard.understand.sampling import sampler

    return sampler(seed)
