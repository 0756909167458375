"""What would an endless run of one made-up force record, with nothing else held equal? From what was set, never from draws."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from dueregard.synth.rates import own_factors, rates
from dueregard.synth.truth import SUSPECT, Truth, needs_age, stages_set
from dueregard.synth.world import World
from dueregard.terms.ethnicity import BROAD
from dueregard.terms.missing import CollectionState
from dueregard.terms.periods import SCHOOL_DAYS_A_YEAR

Ratios = dict[str, dict[str, float]]
ALL_YEARS = ""
COLUMNS = ("ethnicity", "sex", "sen_provision")
CHAIN = ("recorded_as_suspect", "sent_to_cps", "charged")  # the steps of the pathway after the contact


@dataclass(frozen=True, slots=True)
class Expected:
    """Sums over schools of what is expected, of the school-years that enter a figure (complete, or nil: all zero).

    above, below: shape (n_codes,), what each code's relative rate within schools has above and below its line.
    involvements, pupil_days: shape (2, 5): with and without an officer that day, by group in the order of BROAD.
    sorted_: shape (5,), involvements that the group would have at the White rate of its own school and days.
    no_white: shape (2, 5), pupil-days of school-days without White pupils: their White rate is not known.
    *_of_age: the same of those old enough for what follows the record of a suspect (`truth.needs_age`); of_age_at_white:
    shape (5,), if of each school and its days the White share were of age; no_white_contact: shape (5,), involvements of
    schools and days without a White one, whose share is not known.
    """

    above: np.ndarray
    below: np.ndarray
    involvements: np.ndarray
    pupil_days: np.ndarray
    sorted_: np.ndarray
    no_white: np.ndarray
    above_of_age: np.ndarray
    below_of_age: np.ndarray
    of_age: np.ndarray
    of_age_at_white: np.ndarray
    no_white_contact: np.ndarray


ByYear = Mapping[str, Expected]


def expected_of(world: World) -> Expected:
    """What is expected of one world, all years together. Holidays are taken to be like the term before."""
    return expected_by_year(world)[ALL_YEARS]


def expected_by_year(world: World) -> dict[str, Expected]:
    """The same by academic year, and of all together under `ALL_YEARS`: the product answers one year at a time."""
    per_year = _per_pupil(world)
    whole = tuple(np.sum([one[part] for one in per_year.values()], axis=0) for part in range(3))
    return {name: _expected(world, *sums) for name, sums in {ALL_YEARS: whole, **per_year}.items()}


def _expected(world: World, mean: np.ndarray, days: np.ndarray, mean_of_age: np.ndarray) -> Expected:
    years = days.sum(axis=0) / SCHOOL_DAYS_A_YEAR
    above, below = _within(world, mean.sum(axis=0), years)
    above_of_age, below_of_age = _within(world, mean_of_age.sum(axis=0), years)
    events, exposure, of_age = (_by_cell(world, values) for values in (mean, days, mean_of_age))
    white_days, white = exposure[..., :1], events[..., :1]
    rate = np.divide(white, white_days, out=np.zeros_like(white), where=white_days > 0)
    share = np.divide(of_age[..., :1], white, out=np.zeros_like(white), where=white > 0)
    return Expected(
        above, below, events.sum(axis=1), exposure.sum(axis=1),
        sorted_=(exposure * rate).sum(axis=(0, 1)),
        no_white=(exposure * (white_days == 0)).sum(axis=1),
        above_of_age=above_of_age, below_of_age=below_of_age, of_age=of_age.sum(axis=1),
        of_age_at_white=(events * share).sum(axis=(0, 1)),
        no_white_contact=(events * (white == 0)).sum(axis=(0, 1)),
    )  # fmt: skip


def added(parts: Sequence[ByYear]) -> dict[str, Expected]:
    """What is expected of a force by year, from its chunks in order. No school lies in two chunks."""
    return {year: Expected(*(sum(getattr(part[year], field.name) for part in parts) for field in fields(Expected)))
            for year in parts[0]}  # fmt: skip


def expected_within_school(world: World) -> Ratios:
    """The relative rate of contact within schools, of involvements per pupil-year, by column and group.

    Stratified by school over all terms, with the person-time weights of Rothman and Greenland (Mantel-Haenszel).
    Sex and need are drawn together (more boys have a plan), so that their ratios here exceed what was set.
    """
    return within_school(expected_of(world), world.truth)


def within_school(expected: Expected, truth: Truth) -> Ratios:
    """Column -> code -> relative rate of contact within schools."""
    return _by_column(truth, expected.above, expected.below)


def _by_column(truth: Truth, above: np.ndarray, below: np.ndarray) -> Ratios:
    found: Ratios = {column: {} for column in COLUMNS}
    for (column, code), over, under in zip(_codes(truth), above, below, strict=True):
        found[column][code] = _over(over, under)
    return found


def all_sections(expected: ByYear, truth: Truth) -> Ratios:
    """Everything that is expected, by the name of its section in the truth file: all years together, then contacts and
    chain of each year, as `compare` and `decompose` answer it."""
    told = sections(expected[ALL_YEARS], truth)
    for year, one in expected.items():
        of_year = {} if year == ALL_YEARS else sections(one, truth)
        told |= {f'expected_in."{year}".{name.removeprefix("expected_")}': ratios for name, ratios in of_year.items()
                 if "chain" in name or ".contact." in name}  # fmt: skip
    return told


def sections(expected: Expected, truth: Truth) -> Ratios:
    """What is expected of one time, by the name of its section."""
    within = within_school(expected, truth)
    told = {f"expected_within_school.contact.{column}": ratios for column, ratios in within.items()}
    within_of_age = _by_column(truth, expected.above_of_age, expected.below_of_age)
    days = expected.pupil_days.sum(axis=0)
    crude, crude_of_age = (
        np.array([_over(*sums) for sums in zip(events.sum(axis=0), days, strict=True)])
        for events in (expected.involvements, expected.of_age)
    )
    for stage in stages_set(truth):
        reached = truth.share_of_contacts(stage)
        old = needs_age(truth, stage)
        if stage != "contact":
            ratios = within_of_age if old else within
            inside = [
                _over(ratio * one, reached[0]) for ratio, one in zip(ratios["ethnicity"].values(), reached, strict=True)
            ]
            told[f"expected_within_school.{stage}.ethnicity"] = _named(inside)
        rate = (crude_of_age if old else crude) * reached
        told[f"expected_crude.{stage}.ethnicity"] = _named([_over(one, rate[0]) for one in rate])
    for n, group in enumerate(BROAD[1:], start=1):
        told[f"expected_chain.{group}"] = _chain(expected, truth, n)
    return told


def _chain(expected: Expected, truth: Truth, n: int) -> dict[str, float]:
    """The factors whose product is a group's relative rate of charges: methods.md 3, the one chain that the product uses.

    Every gate has one share a group in all schools, so that the mix of a step is 1: but for the first that children who
    are too young cannot pass, whose mix is that of ages.
    """
    share = expected.pupil_days / expected.pupil_days.sum(axis=0)
    rate = np.divide(expected.involvements, expected.pupil_days, out=np.zeros((2, 5)), where=expected.pupil_days > 0)
    at_white = float((share[:, n] * rate[:, 0]).sum())
    in_schools = expected.sorted_[n] + (expected.no_white[:, n] * rate[:, 0]).sum()
    in_schools = float(in_schools / expected.pupil_days[:, n].sum())
    own = float((share[:, n] * rate[:, n]).sum())
    found = {
        "placement": _over(at_white, (share[:, 0] * rate[:, 0]).sum()),
        "sorting": _over(in_schools, at_white),
        "contact_within": _over(own, in_schools),
    }
    for stage in CHAIN:
        shares = truth.gate(stage).shares()
        mix, within = _ages_of(expected, n) if truth.gate(stage).given == SUSPECT else (1.0, 1.0)
        found |= {f"{stage}_mix": mix, f"{stage}_within": within * _over(shares[n], shares[0])}
    return found | {"total": float(np.prod(list(found.values())))}


def _ages_of(expected: Expected, n: int) -> tuple[float, float]:
    """What ages bring to a step: by the schools where the group's contacts are, and within a school."""
    contacts, of_age = expected.involvements.sum(axis=0), expected.of_age.sum(axis=0)
    white = _over(of_age[0], contacts[0])
    at_white = expected.of_age_at_white[n] + expected.no_white_contact[n] * white
    return _over(at_white, contacts[n] * white), _over(of_age[n], at_white)


def _named(values: Sequence[float]) -> dict[str, float]:
    return dict(zip(BROAD, values, strict=True))


def _over(above: float, below: float) -> float:
    """A ratio; over nobody, or nothing, there is none (nan), and no line of the truth file says one."""
    return float(above) / float(below) if below > 0 else math.nan


def _codes(truth: Truth) -> list[tuple[str, str]]:
    codes = (BROAD, tuple(truth.by_sex), tuple(truth.by_sen_provision))
    return [(column, code) for column, of_it in zip(COLUMNS, codes, strict=True) for code in of_it]


def _per_pupil(world: World) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """By academic year: expected involvements and pupil-days of each pupil, with and without an officer; the involvements
    of those of age.

    Shape (2, n_pupils) each.
    """
    own, pupils = own_factors(world), world.pupils
    found: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
    for n, term in enumerate(world.days.terms):
        zero = np.zeros((2, pupils.n))
        mean, days, mean_of_age = found.setdefault(term.academic_year, (zero, zero.copy(), zero.copy()))
        of_age = pupils.first_group + term.year >= world.truth.responsible_from
        state = world.schools.state[:, term.year]
        enters = np.isin(state, (CollectionState.COMPLETE, CollectionState.NIL))[pupils.school]
        is_told = (state == CollectionState.COMPLETE)[pupils.school]
        on = pupils.on[:, n] & pupils.is_counted & enters
        n_posted = (world.postings.holder[:, term.days] >= 0).sum(axis=1)[pupils.school]
        for z, n_days in enumerate((n_posted, len(term.days) - n_posted)):
            days[z] += on * n_days
            now = on * is_told * rates(world, term, own, with_officer=z == 0) * n_days / SCHOOL_DAYS_A_YEAR
            mean[z] += now
            mean_of_age[z] += now * of_age
    return found


def _by_cell(world: World, values: np.ndarray) -> np.ndarray:
    """Sums by officer, school and group. Shape (2, n_schools, 5)."""
    cell = world.pupils.school * len(BROAD) + world.pupils.group
    n = world.schools.n * len(BROAD)
    return np.stack([np.bincount(cell, weights=one, minlength=n) for one in values]).reshape(2, -1, len(BROAD))


def _within(world: World, mean: np.ndarray, years: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Above and below the line of each code's relative rate. Shape (n_codes,) each."""
    values = {"ethnicity": np.array(BROAD, dtype=object)[world.pupils.group], "sex": world.pupils.sex,
              "sen_provision": world.pupils.sen_provision}  # fmt: skip
    codes = _codes(world.truth)
    first = dict(reversed(codes))
    sums = [_sums(world, mean, years, values[c] == code, values[c] == first[c]) for c, code in codes]
    return np.array([above for above, _ in sums]), np.array([below for _, below in sums])


def _sums(
    world: World, mean: np.ndarray, exposure: np.ndarray, is_group: np.ndarray, is_other: np.ndarray
) -> tuple[float, float]:
    def by_school(values: np.ndarray, is_in: np.ndarray) -> np.ndarray:
        return np.bincount(world.pupils.school, weights=values * is_in, minlength=world.schools.n)

    events, years = by_school(mean, is_group), by_school(exposure, is_group)
    other_events, other_years = by_school(mean, is_other), by_school(exposure, is_other)
    total = np.maximum(years + other_years, 1e-12)
    return float((events * other_years / total).sum()), float((other_events * years / total).sum())
