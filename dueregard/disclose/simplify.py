"""Simplify: limits that follow from limits, known counts put in, and no line that says nothing more. The answers stay the same."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dueregard.disclose.system import Line, System

ROUNDS = 40
SLACK = 1e-6
Numbers = np.ndarray


@dataclass(frozen=True, slots=True)
class _Terms:
    """All terms of all lines, one after another. line, unknown, factor: shape (n_terms,); at_least, at_most: of the lines."""

    line: Numbers
    unknown: Numbers
    factor: Numbers
    at_least: Numbers
    at_most: Numbers


@dataclass(frozen=True, slots=True)
class _Sums:
    """The least (or the greatest) of each term and of each line: the finite part, and how many terms are open."""

    own: Numbers
    is_open: Numbers
    total: Numbers
    n_open: Numbers

    def whole(self, open_end: float) -> Numbers:
        """Of each line."""
        return np.where(self.n_open > 0, open_end, self.total)

    def others(self, line: Numbers, open_end: float) -> Numbers:
        """Of each term: what all the others of its line come to."""
        finite = self.total[line] - np.where(self.is_open, 0.0, self.own)
        return np.where(self.n_open[line] - self.is_open > 0, open_end, finite)


def simplified(system: System) -> System:
    """The same system with the limits that each line by itself implies, and without the lines that then say nothing.

    What can only be one number is put into its lines, so that a part holds only what is not known.
    Only whole numbers are limits. Where limits cross, the system is given back as it came: the solver finds what cannot be.
    """
    least = np.ceil(np.array(system.at_least, dtype=float) - SLACK)
    most = np.floor(np.array(system.at_most, dtype=float) + SLACK)
    terms = _terms_of(system)
    for _ in range(ROUNDS):
        new_least, new_most = _tightened(terms, least, most)
        if (new_least > new_most).any():
            return system
        is_still = (new_least == least).all() and (new_most == most).all()
        least, most = new_least, new_most
        if is_still:
            break
    low, high = _sums(terms, least, most)
    says_more = (low.whole(-np.inf) < terms.at_least - SLACK) | (high.whole(np.inf) > terms.at_most + SLACK)
    known = least == most
    kept = [_put_in(line, known, least) for line, is_kept in zip(system.lines, says_more, strict=True) if is_kept]
    return replace(system, at_least=least.tolist(), at_most=most.tolist(), lines=kept)


def _put_in(line: Line, known: Numbers, value: Numbers) -> Line:
    """The line of its other unknowns. One of known numbers alone stays: it cannot be, and the solver says so."""
    terms = [(i, factor) for i, factor in zip(line.unknowns, line.factors, strict=True) if not known[i]]
    if not terms or len(terms) == len(line.unknowns):
        return line
    put_in = sum(factor * float(value[i]) for i, factor in zip(line.unknowns, line.factors, strict=True) if known[i])
    unknowns, factors = zip(*terms, strict=True)
    return replace(
        line, unknowns=unknowns, factors=factors, at_least=line.at_least - put_in, at_most=line.at_most - put_in
    )


def _terms_of(system: System) -> _Terms:
    lines = system.lines
    factor = np.array([f for line in lines for f in line.factors], dtype=float)
    said = factor != 0
    number = np.repeat(np.arange(len(lines)), [len(line.unknowns) for line in lines])
    unknown = np.array([i for line in lines for i in line.unknowns], dtype=int)
    ends = (np.array([getattr(line, end) for line in lines], dtype=float) for end in ("at_least", "at_most"))
    return _Terms(number[said], unknown[said], factor[said], *ends)


def _sums(terms: _Terms, least: Numbers, most: Numbers) -> tuple[_Sums, _Sums]:
    a, b = terms.factor * least[terms.unknown], terms.factor * most[terms.unknown]
    return _sum(terms, np.minimum(a, b)), _sum(terms, np.maximum(a, b))


def _sum(terms: _Terms, own: Numbers) -> _Sums:
    is_open, n_lines = np.isinf(own), len(terms.at_least)
    total = np.bincount(terms.line, np.where(is_open, 0.0, own), n_lines)
    return _Sums(own, is_open, total, np.bincount(terms.line, is_open, n_lines).astype(int))


def _tightened(terms: _Terms, least: Numbers, most: Numbers) -> tuple[Numbers, Numbers]:
    """The limits of each unknown moved to what the others of each line leave it."""
    low, high = _sums(terms, least, most)
    one = (terms.at_least[terms.line] - high.others(terms.line, np.inf)) / terms.factor
    other = (terms.at_most[terms.line] - low.others(terms.line, -np.inf)) / terms.factor
    new_least, new_most = least.copy(), most.copy()
    np.maximum.at(new_least, terms.unknown, np.ceil(np.minimum(one, other) - SLACK))
    np.minimum.at(new_most, terms.unknown, np.floor(np.maximum(one, other) + SLACK))
    return new_least, new_most
