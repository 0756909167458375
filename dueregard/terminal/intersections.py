"""Intersections as sentences and a table: how uncertain first, then the rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dueregard.terminal.answer import range_of
from dueregard.terminal.table import table

if TYPE_CHECKING:
    from dueregard.evidence.intersections import IntersectionsAnswer, StratumAnswer, StratumQuestion

SHOWN = 40


def print_intersections(answer: IntersectionsAnswer) -> None:
    """An answer about intersections. With `--stratum`, that one in words; else every stratum."""
    print(f"{answer.estimand}\n")
    if answer.question is None:
        _print_all(answer)
    else:
        _print_one(answer.question)
    if answer.sampling is not None:
        print(f"\n{answer.sampling.words}")
    out = ", ".join(f"{x.schools} {x.state.replace('_', ' ')}" for x in answer.left_out)
    print(f"\n{answer.period}: {answer.schools_used:,} schools; left out: {out or 'none'}.")
    print(f"Model: {answer.model}")
    for caveat in answer.caveats:
        print(f"- {caveat}")
    print(
        f"Snapshot {answer.snapshot}, dueregard {answer.code_version}. Intervals: 95 %. Internal: it holds small numbers."
    )


def _print_all(answer: IntersectionsAnswer) -> None:
    print(f"{answer.sentence}\n")
    known = [one for one in answer.strata if not one.is_missing]
    shown = sorted(known, key=lambda one: -(one.own_share or 0.0))[:SHOWN]
    print(f"The {len(shown)} strata that follow their own numbers most (all {len(known)}: `--json`):" if len(shown) < len(known)
          else "Strata, those that follow their own numbers most first:")  # fmt: skip
    print(_rows(shown))
    missing = [one for one in answer.strata if one.is_missing]
    if missing or answer.apart:
        n_few = sum(one.is_few for one in (*missing, *answer.apart))
        print(f"\nNot known in some characteristic: {len(missing) + len(answer.apart)} strata, {n_few} of them with 5 or fewer "
              "counted; they are no group of pupils alike.")  # fmt: skip
    print()
    _print_variation(answer)


def _rows(strata: list[StratumAnswer]) -> str:
    return table(
        ["stratum", "n", "on roll", "shrunken rate", "own numbers", "unshrunken, exact", "residual", "excess beyond sum"],
        [[one.label, "5 or fewer" if one.n is None else f"{one.n:,}", f"{one.denominator:,.0f}", range_of(one.rate_per_1000, 1),
          "-" if one.own_share is None else f"{one.own_share:.0%}",
          "borrowed strength" if one.is_few else range_of(one.own_rate_per_1000, 1), range_of(one.residual, 2),
          range_of(one.excess_per_1000, 1)] for one in strata],
    )  # fmt: skip


def _print_variation(answer: IntersectionsAnswer) -> None:
    found = answer.variation
    print(f"Standard deviation of log rates between strata: {range_of(found.null_stratum_sd, 2)} without main effects, "
          f"{range_of(found.stratum_sd, 2)} with them; between schools {range_of(found.school_sd, 2)}.")  # fmt: skip
    print(f"Share of one unit's latent variance that lies between strata: {range_of(found.null_stratum_share, 3)} without, "
          f"{range_of(found.stratum_share, 3)} with main effects.")  # fmt: skip
    if found.pcv is not None:
        print(f"The main effects take up {found.pcv.estimate:.0%} of the variance between strata (PCV, most likely values; "
              f"compatible with {found.pcv.lower:.0%} to {found.pcv.upper:.0%}).")  # fmt: skip


def _print_one(found: StratumQuestion) -> None:
    for line in (found.counted, found.estimate, found.borrowed, found.own):
        print(line)
    if found.stratum.residual is not None:
        print(f"Beside what its characteristics say one by one: {range_of(found.stratum.residual, 2)} times.")
    if found.stratum.excess_per_1000 is not None:
        print(
            f"Beyond the sum of its characteristics, over the schools of all pupils: {range_of(found.stratum.excess_per_1000, 1)} per 1,000."
        )
    print("What cannot be said:")
    for line in found.cannot_be_said:
        print(f"- {line}")
