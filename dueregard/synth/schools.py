"""The schools of a made-up force, and what each says that it collected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from dueregard.synth.draws import Frame, choose, frame_of
from dueregard.synth.shape import FIRST_WORDS, SECOND_WORDS, SchoolKind, Shape
from dueregard.terms.ethnicity import BROAD
from dueregard.terms.missing import CollectionState
from dueregard.terms.periods import academic_year

ETHNIC_SPREAD = 14.0  # Dirichlet concentration: smaller means that schools differ more
FEWEST_SHARE = 0.01
FSM_BASE = 0.16  # of a school without Black pupils; illustrative
SUBJECTS = ("roll", "contact", "posting", "support")
FOR_EVERY_SCHOOL = ("survey", "sanction", "activity")
# Schools that send nothing, or send in part: about one in fifteen a year. Illustrative; nobody publishes it.
STATES = {CollectionState.COMPLETE: 0.935, CollectionState.NIL: 0.02, CollectionState.NOT_COLLECTED: 0.03,
          CollectionState.PARTIAL: 0.015}  # fmt: skip
INDEPENDENT = "Other independent school"
YEARS_OPEN = 28  # schools opened in the years from 1990
CONVERTS_IN = 1  # the academic year at whose start one primary becomes an academy: 0 is the first


@dataclass(frozen=True, slots=True)
class Schools:
    """The schools, as arrays of shape (n_schools,) unless said otherwise.

    urn: shape (n_schools, n_years): a school that converts to an academy changes its number.
    ethnic_share: shape (n_schools, 5). state: shape (n_schools, n_years), of the subject `contact`.
    """

    kinds: tuple[SchoolKind, ...]
    name: np.ndarray
    urn: np.ndarray
    ethnic_share: np.ndarray
    fsm_share: np.ndarray
    factor: np.ndarray
    has_sixth_form: np.ndarray
    state: np.ndarray
    converts: int  # which one becomes an academy; -1: none

    @property
    def phase(self) -> np.ndarray:
        return np.array([kind.phase for kind in self.kinds])

    @property
    def is_state(self) -> np.ndarray:
        """Does the state fund the school? Independent schools have no officers."""
        return np.array([INDEPENDENT not in kind.types for kind in self.kinds])

    @property
    def n(self) -> int:
        return len(self.kinds)


def draw_schools(rng: np.random.Generator, shape: Shape, *, spread: float) -> Schools:
    """The schools of a force. Each has its own mix of pupils and its own factor on the rate of contact."""
    kinds = tuple(shape.school_kinds())
    ethnic = rng.dirichlet(np.array(shape.ethnic_shares).clip(min=FEWEST_SHARE) * ETHNIC_SPREAD, size=len(kinds))
    base = FSM_BASE if shape.fsm_share is None else shape.fsm_share - 0.45 * shape.ethnic_shares[BROAD.index("B")]
    fsm = np.clip(base + 0.45 * ethnic[:, BROAD.index("B")] + rng.normal(0, 0.05, len(kinds)), 0.06, 0.6)
    phase = np.array([kind.phase for kind in kinds])
    converts = _converts(kinds)
    words = np.array([_word(n) for n in range(len(kinds))], dtype=object)
    return Schools(
        kinds,
        name=np.array([f"{word} {kind.word}" for word, kind in zip(words, kinds, strict=True)], dtype=object),
        urn=_urns(shape, converts),
        ethnic_share=ethnic,
        fsm_share=fsm,
        factor=np.exp(rng.normal(0, spread, len(kinds)) - spread**2 / 2),
        has_sixth_form=rng.random(len(kinds)) < np.array([kind.sixth_form_share for kind in kinds]),
        state=_drawn_states(rng, len(kinds), shape.n_years) if shape.part else _states(phase, shape.n_years),
        converts=converts,
    )


def _word(n: int) -> str:
    """The n-th invented word for a name."""
    second = SECOND_WORDS[n // len(FIRST_WORDS) % len(SECOND_WORDS)]
    return f"{FIRST_WORDS[n % len(FIRST_WORDS)]} {second}".strip()


def _converts(kinds: tuple[SchoolKind, ...]) -> int:
    """The last primary that the state funds becomes an academy; -1 if there is none."""
    can = [n for n, kind in enumerate(kinds) if kind.phase == "PS" and INDEPENDENT not in kind.types]
    return can[-1] if can else -1


def _urns(shape: Shape, converts: int) -> np.ndarray:
    urn = np.repeat((shape.first_urn + np.arange(shape.n_schools))[:, None], shape.n_years, axis=1)
    if converts >= 0:
        urn[converts, CONVERTS_IN:] = shape.first_urn + shape.n_schools
    return urn.astype(np.str_).astype(object)


def _states(phase: np.ndarray, n_years: int) -> np.ndarray:
    """Two primaries say that there was nothing; in the last year one primary did not collect, one secondary in part."""
    state = np.full((len(phase), n_years), CollectionState.COMPLETE, dtype=object)
    primary, secondary = np.flatnonzero(phase == "PS"), np.flatnonzero(phase == "SS")
    state[primary[:2]] = CollectionState.NIL
    state[primary[2], -1] = CollectionState.NOT_COLLECTED
    state[secondary[-1], -1] = CollectionState.PARTIAL
    return state


def _drawn_states(rng: np.random.Generator, n: int, n_years: int) -> np.ndarray:
    """What each school of a big force says in each year. Shape (n_schools, n_years)."""
    return (
        choose(rng, {str(state): share for state, share in STATES.items()}, n * n_years)
        .astype(object)
        .reshape(n, n_years)
    )


def school_frame(shape: Shape, schools: Schools) -> Frame:
    """One row a school; two for the school that becomes an academy."""
    change = academic_year(shape.years[CONVERTS_IN])
    before = academic_year(shape.years[CONVERTS_IN - 1])
    rows = []
    for n, kind in enumerate(schools.kinds):
        opened = date(1990 + n % YEARS_OPEN, 9, 1).isoformat()
        about = [schools.name[n], shape.borough, shape.la_code, kind.phase, kind.types[n % len(kind.types)]]
        if n != schools.converts:
            rows.append([schools.urn[n, 0], *about, opened, "", ""])
            continue
        old, new = schools.urn[n, 0], schools.urn[n, -1]
        rows.append([old, *about[:-1], kind.types[0], opened, before.to_on.isoformat(), ""])
        rows.append([new, *about[:-1], "Academy converter", change.from_on.isoformat(), "", old])
    names = (
        "urn",
        "name",
        "borough",
        "la_code",
        "phase",
        "type",
        "opened_on",
        "closed_on",
        "predecessor_urn",
    )
    return frame_of(names, sorted(rows, key=lambda row: str(row[0])))


def collection_frame(shape: Shape, schools: Schools) -> Frame:
    """What each school says that it collected, by academic year; `*` for tables that cover every school."""
    rows = []
    for year, first_year in enumerate(shape.years):
        span = [academic_year(first_year).from_on.isoformat(), academic_year(first_year).to_on.isoformat()]
        for n in range(schools.n):
            for subject in SUBJECTS:
                state = schools.state[n, year] if subject == "contact" else CollectionState.COMPLETE
                rows.append([schools.urn[n, year], subject, *span, str(state)])
        if shape.is_first:
            rows += [["*", subject, *span, str(CollectionState.COMPLETE)] for subject in FOR_EVERY_SCHOOL]
    return frame_of(("urn", "subject", "from_on", "to_on", "state"), rows)
