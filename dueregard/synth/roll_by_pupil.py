"""The roll of a big force: one row a pupil on roll in January, in columns of small numbers that a database spells out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dueregard.synth.coded import Coded, Column, Numbered, Whole
from dueregard.synth.days import Days, Term
from dueregard.synth.pupils import Pupils
from dueregard.synth.schools import Schools
from dueregard.synth.shape import Shape

YEAR_GROUPS = ("R", *(str(n) for n in range(1, 14)))
CHARACTERISTICS = ("sex", "roll_ethnicity", "sen_provision", "sen_type", "disability", "is_fsm")
NAMES = {"roll_ethnicity": "ethnicity"}


def coded(values: np.ndarray) -> Coded:
    """A column of few different texts as numbers.

    >>> coded(np.array(["b", "a", "b"], dtype=object))
    Coded(words=('a', 'b'), numbers=array([1, 0, 1], dtype=uint16))
    """
    texts = values.tolist()
    words = tuple(sorted(set(texts)))
    at = {word: n for n, word in enumerate(words)}
    return Coded(words, np.fromiter((at[text] for text in texts), dtype=np.uint16, count=len(texts)))


def roll_by_pupil(pupils: Pupils, schools: Schools, shape: Shape, days: Days) -> dict[str, Column]:
    """One row a pupil and January census: school by school, the pupils in order of the year group that they came in."""
    januaries = [(n, term) for n, term in enumerate(days.terms) if term.term == "spring"]
    who = [np.flatnonzero(pupils.on[:, n]) for n, _ in januaries]
    rows = np.concatenate(who)
    year = np.repeat([term.year for _, term in januaries], [len(one) for one in who])
    group = pupils.first_group[rows] + year
    each = {NAMES.get(name, name): coded(getattr(pupils, name)).at(rows) for name in CHARACTERISTICS}
    return {
        "urn": _urn(schools, pupils.school[rows], year),
        "census_on": _census(days, [term for _, term in januaries]).at(year),
        "pupil_ref": Numbered("P", pupils.number[rows], chunk=shape.chunk),
        "enrolment_status": coded(pupils.status).at(rows),
        "year_group": Coded(YEAR_GROUPS, group.astype(np.uint16)),
        "age_on_31_august": Whole((group + 4).astype(np.uint8)),
        **each,
        "n_pupils": Whole(np.ones(len(rows), np.uint8)),
    }


def _urn(schools: Schools, school: np.ndarray, year: np.ndarray) -> Coded:
    n_years = schools.urn.shape[1]
    return Coded(tuple(schools.urn.ravel().tolist()), (school * n_years + year).astype(np.uint16))


def _census(days: Days, januaries: Sequence[Term]) -> Coded:
    words = days.date_text(np.array([term.census for term in januaries])).tolist()
    return Coded(tuple(words), np.arange(len(words), dtype=np.uint16))
