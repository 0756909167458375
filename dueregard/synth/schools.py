"""The schools of a made-up force, and what each says that it collected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from dueregard.synth.draws import Frame, frame_of
from dueregard.synth.shape import ENDINGS, FIRST_URN, FIRST_WORDS, URNS_A_CHUNK, SchoolKind, Shape
from dueregard.terms.ethnicity import BROAD
from dueregard.terms.missing import CollectionState
from dueregard.terms.periods import academic_year

ETHNIC_SPREAD = 14.0  # Dirichlet concentration: smaller means that schools differ more
SUBJECTS = ("roll", "contact", "posting", "support")
FOR_EVERY_SCHOOL = ("survey", "sanction", "activity")
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
    converts: int

    @property
    def phase(self) -> np.ndarray:
        return np.array([kind.phase for kind in self.kinds])

    @property
    def n(self) -> int:
        return len(self.kinds)


def draw_schools(rng: np.random.Generator, shape: Shape, *, spread: float) -> Schools:
    """The schools of a force. Each has its own mix of pupils and its own factor on the rate of contact."""
    kinds = tuple(shape.school_kinds())
    ethnic = rng.dirichlet(np.array(shape.ethnic_shares) * ETHNIC_SPREAD, size=len(kinds))
    fsm = np.clip(0.16 + 0.45 * ethnic[:, BROAD.index("B")] + rng.normal(0, 0.05, len(kinds)), 0.06, 0.6)
    phase = np.array([kind.phase for kind in kinds])
    converts = int(np.flatnonzero(phase == "PS")[-1]) if (phase == "PS").any() else -1
    return Schools(
        kinds,
        name=np.array([f"{_word(n, shape)} {kind.word}" for n, kind in enumerate(kinds)], dtype=object),
        urn=_urns(shape, converts),
        ethnic_share=ethnic,
        fsm_share=fsm,
        factor=np.exp(rng.normal(0, spread, len(kinds)) - spread**2 / 2),
        has_sixth_form=rng.random(len(kinds)) < np.array([kind.sixth_form_share for kind in kinds]),
        state=_states(phase, shape.n_years),
        converts=converts,
    )


def _word(n: int, shape: Shape) -> str:
    """A made-up place: the borough has one word a school, a bigger force two."""
    first = FIRST_WORDS[n % len(FIRST_WORDS)]
    return f"{first} {ENDINGS[(n // len(FIRST_WORDS) + shape.chunk) % len(ENDINGS)]}" if shape.is_pupil_level else first


def _urns(shape: Shape, converts: int) -> np.ndarray:
    first = FIRST_URN + shape.chunk * URNS_A_CHUNK
    urn = np.repeat((first + np.arange(shape.n_schools))[:, None], shape.n_years, axis=1)
    if converts >= 0:
        urn[converts, CONVERTS_IN:] = first + shape.n_schools
    return urn.astype(np.str_).astype(object)


def _states(phase: np.ndarray, n_years: int) -> np.ndarray:
    """Two primaries say that there was nothing; in the last year one primary did not collect, one secondary in part."""
    state = np.full((len(phase), n_years), CollectionState.COMPLETE, dtype=object)
    primary, secondary = np.flatnonzero(phase == "PS"), np.flatnonzero(phase == "SS")
    state[primary[:2]] = CollectionState.NIL
    state[primary[2:3], -1] = CollectionState.NOT_COLLECTED
    state[secondary[1:][-1:], -1] = CollectionState.PARTIAL
    return state


def school_frame(shape: Shape, schools: Schools) -> Frame:
    """One row a school; two for the school that becomes an academy."""
    change = academic_year(shape.years[CONVERTS_IN])
    before = academic_year(shape.years[CONVERTS_IN - 1])
    rows = []
    for n, kind in enumerate(schools.kinds):
        opened = date(1990 + n % 30, 9, 1).isoformat()
        about = [schools.name[n], shape.borough, shape.la_code, kind.phase, kind.types[n % len(kind.types)]]
        if n != schools.converts:
            rows.append([schools.urn[n, 0], *about, opened, "", ""])
            continue
        old, new = schools.urn[n, 0], schools.urn[n, -1]
        rows.append([old, *about[:-1], kind.types[0], opened, before.to_on.isoformat(), ""])
        rows.append([new, *about[:-1], kind.types[1], change.from_on.isoformat(), "", old])
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
        if shape.chunk:
            continue  # the first chunk has spoken for all
        rows += [["*", subject, *span, str(CollectionState.COMPLETE)] for subject in FOR_EVERY_SCHOOL]
    return frame_of(("urn", "subject", "from_on", "to_on", "state"), rows)
