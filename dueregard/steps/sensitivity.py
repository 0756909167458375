"""What stays true of a figure, whoever those are whose ethnicity is not known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from dueregard import __version__
from dueregard.errors import CannotAnswer, UsageError
from dueregard.steps.open import open_engine, open_snapshot

if TYPE_CHECKING:  # types of lower floors only; at run time each step imports what it needs
    from dueregard.engines.engine import Engine, Facts
    from dueregard.evidence.sensitivity import Sensitivity
    from dueregard.measures.measure import Measure
    from dueregard.understand.missing_ethnicity import Extra

Answered = TypeVar("Answered")


def sensitivity(
    path: Path, measure: Measure, *, comparison: str | None = None, group: str | None = None, seed: int = 1,
    engine: str = "duckdb",
) -> Sensitivity:  # fmt: skip
    """Answer one question of ethnicity by every analysis of those for whom it is missing."""
    from dueregard.engines.profiles import base_of
    from dueregard.understand.missing_ethnicity import check_sensitivity
    from dueregard.understand.missing_ethnicity import sensitivity as understand

    check_sensitivity(measure)
    snapshot = open_snapshot(path)
    opened = open_engine(snapshot, engine)
    cells = opened.count(measure)
    extra = _extra(opened, replace(measure, period=cells.periods[0]))
    return understand(
        cells, extra, linkage=_linkage(opened.facts(), is_counted=extra.profiles is None), base=base_of(measure),
        snapshot=snapshot.id, code_version=__version__, comparison=comparison, group=group, seed=seed,
        source_caveats=tuple(snapshot.manifest.caveats),
    )  # fmt: skip


def _extra(engine: Engine, measure: Measure) -> Extra:
    """What the engine says beside the figure; where it cannot, its words."""
    from dueregard.understand.missing_ethnicity import IMPUTED_BY, Extra
    from dueregard.understand.two_series import COLUMNS, OBSERVED

    profiles = _or_why(lambda: engine.profiles(measure, IMPUTED_BY))
    involvements = replace(measure, unit="involvements")
    by_eye = replace(measure, by=(OBSERVED,)) if measure.is_conditional else None
    observed = None if by_eye is None else _or_why(lambda: engine.count(by_eye))
    has_repeats = measure.unit != "pupils" and profiles is not None
    return Extra(
        repeats=engine.repeats(measure) if has_repeats else None,
        observed_repeats=engine.repeats(by_eye) if has_repeats and by_eye and not isinstance(observed, str) else None,
        profiles=profiles,
        series=None if profiles is None else _or_why(lambda: engine.profiles(involvements, COLUMNS)),
        observed=observed,
    )


def _or_why(ask: Callable[[], Answered]) -> Answered | str:
    """The answer; or why this snapshot does not hold it, as the end of a sentence."""
    try:
        return ask()
    except (CannotAnswer, UsageError) as why:
        return why.found.rstrip(".")


def _linkage(facts: Facts, *, is_counted: bool) -> str:
    """How does the snapshot link those counted to the roll? A key of WHENCE."""
    if is_counted:
        return "counted"
    if not facts.roll_is_by_pupil:
        return "none"
    return "all" if facts.all_are_linked else "some"
