"""The studies of a report: where a gap arises, which way gates go, crossed groups, and what missing ethnicity leaves standing.

Each is made from counts by one function, which `report` and `verify` share, so that a study follows from its counts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dueregard.errors import CannotAnswer, DueRegardError, UnknownName, UsageError
from dueregard.steps.answers import repeats_beside

if TYPE_CHECKING:  # types of lower floors only; at run time each step imports what it needs
    from dueregard.engines.engine import Engine
    from dueregard.evidence.cells import Cells, Repeat
    from dueregard.evidence.chain import Chain
    from dueregard.evidence.estimate import Answer
    from dueregard.evidence.release import About, Crossing, Doubt, Figure, Gates, Pathway, Studies, Unanswered
    from dueregard.evidence.sensitivity import Extra
    from dueregard.measures.measure import Measure

SEED = 1
CROSSED = (("ethnicity", "sen_provision", "sex"), ("ethnicity", "sex"))  # the first that the snapshot can split
ENOUGH = 5  # events in both groups at the last step; below 10 the ranges are Bayesian, and said
SCHOOLS_BY_REPLICATES, MOST, FEWEST = 10_000_000, 2_000, 200  # so that a country's schools are drawn in seconds


def figure_of(
    name: str, cells: Cells, repeats: tuple[Repeat, ...] | None, unit: str, comparison: str | None, about: About
) -> Figure:
    """One figure with its answer: with who came again, and (over contacts) with what selection could do to it.

    A comparison that was asked for applies where the split has that group; elsewhere the declared one stands.
    """
    from dueregard.assess.disparity import compare as assess
    from dueregard.assess.repeats import repeats_of
    from dueregard.evidence.release import Figure
    from dueregard.understand.selection import with_selection

    def answered(named: str | None) -> Answer:
        return assess(cells, snapshot=about.snapshot, code_version=about.code_version, comparison=named,
                      repeats=repeats_of(cells, repeats, unit), source_caveats=about.caveats)  # fmt: skip

    try:
        answer = answered(comparison)
    except UnknownName:
        answer = answered(None)
    return Figure(name, cells, with_selection(answer), repeats, unit if repeats is not None else "")


def counted_figure(
    name: str, engine: Engine, measure: Measure, comparison: str | None, about: About, *, with_repeats: bool = True
) -> Figure:
    """The same, from an engine. Raises CannotAnswer."""
    cells = engine.count(measure)
    repeats, unit = repeats_beside(engine, measure) if with_repeats else (None, "")
    return figure_of(name, cells, repeats, unit, comparison, about)


def studies_of(engine: Engine, about: About, comparison: str | None = None) -> tuple[Studies, tuple[Unanswered, ...]]:
    """Every study that a snapshot can answer; and why it cannot answer the others."""
    from dueregard.evidence.release import Studies

    why: list[Unanswered] = []
    pathways = _pathways(engine, about, comparison, why)
    return Studies(pathways, _gates(engine, about, comparison, why), _crossings(engine, about, why),
                   _doubts(engine, about, comparison, why)), tuple(why)  # fmt: skip


# Where on the way.
def _pathways(engine: Engine, about: About, comparison: str | None, why: list[Unanswered]) -> tuple[Pathway, ...]:
    from dueregard.evidence.release import Unanswered

    chains, told = _chains(engine)
    if not chains:
        why.append(Unanswered("pathway", "Where on the way does a gap arise", told))
        return ()
    found = []
    for group, other in _pairs(chains[0], comparison):
        chain = _last_with(chains, group, other)
        name = f"pathway-{chain.measure.stage}-{group}"
        replicates = max(FEWEST, min(MOST, SCHOOLS_BY_REPLICATES // max(chain.schools_used, 1)))
        try:
            found.append(pathway_of(name, chain, group, other, SEED, replicates, about))
        except DueRegardError as fault:
            why.append(Unanswered(name, f"Where on the way does the gap arise, {group} beside {other}", fault.found))
    return tuple(found)


def _chains(engine: Engine) -> tuple[list[Chain], str]:
    """The chain to each of its steps, the longest first; of a source that publishes counts, its stages. Or why there is none."""
    from dueregard.engines.chain_plan import chain_question
    from dueregard.terms.stages import CHAIN, STAGES

    facts = engine.facts()
    counted = {code for code, _, _ in facts.counted}
    stages = [s.code for s in STAGES if s.code in counted and s.ladder == "escalation"] or list(CHAIN)
    found, told = [], ""
    for code in reversed(stages):
        try:
            found.append(engine.chain(chain_question(code, facts, by=("ethnicity",), where=(), period=None)))
        except (CannotAnswer, UsageError) as fault:
            told = told or fault.found
    return found, told


def _pairs(chain: Chain, comparison: str | None) -> list[tuple[str, str]]:
    """Each ethnic group with somebody on the roll, and the one that it is compared with."""
    from dueregard.measures.columns import comparisons, order_of
    from dueregard.terms.missing import is_missing

    codes = {c.codes[0] for c in chain.cells if c.exposure and not is_missing(c.codes[0]) and c.codes[0] != "unknown"}
    named = [code for code in (comparison, *comparisons("ethnicity")) if code in codes]
    if not named:
        return []
    return [(code, str(named[0])) for code in sorted(codes, key=lambda c: order_of("ethnicity", c)) if code != named[0]]


def _last_with(chains: list[Chain], *groups: str) -> Chain:
    """The chain that leads furthest with enough of both groups at its last step; else the shortest."""
    for chain in chains:
        last = [sum(c.reached[-1] for c in chain.cells if c.codes[0] == group) for group in groups]
        if min(last) >= ENOUGH:
            return chain
    return chains[-1]


def pathway_of(
    name: str, chain: Chain, group: str, comparison: str, seed: int, replicates: int, about: About
) -> Pathway:
    """A pathway from its counts."""
    import numpy as np

    from dueregard.assess.decomposition import decompose
    from dueregard.evidence.release import Pathway
    from dueregard.evidence.rounded import in_six_digits

    answer = decompose(chain, group=group, comparison=comparison, rng=np.random.default_rng(seed), snapshot=about.snapshot,
                       code_version=about.code_version, source_caveats=about.caveats, replicates=replicates)  # fmt: skip
    return Pathway(name, chain, group, comparison, seed, replicates, in_six_digits(answer))


# Gates.
def _gates(engine: Engine, about: About, comparison: str | None, why: list[Unanswered]) -> Gates | None:
    from dueregard.evidence.release import Unanswered
    from dueregard.measures.gates import GATES
    from dueregard.steps.gates import act_questions

    by = ("ethnicity",)
    figures, why_not = [], []
    for one in GATES:
        try:
            figures.append(counted_figure(f"gate-{one.name}", engine, one.measure(by=by), comparison, about))
        except CannotAnswer as fault:
            why_not.append((one.name, fault.found))
    measures, why_no_acts = act_questions(engine, by=by)
    for code, pair in measures.items():
        for kind, measure in zip(("contact", "sanctioned"), pair, strict=True):
            figures.append(counted_figure(f"act-{code}-{kind}", engine, measure, comparison, about))
    try:
        return gates_of(tuple(figures), tuple(why_not), why_no_acts, about)
    except CannotAnswer as fault:
        why.append(Unanswered("gates", "Which way does each group go where somebody decides", fault.found))
        return None


def gates_of(
    figures: tuple[Figure, ...], why_not: tuple[tuple[str, str], ...], why_no_acts: str, about: About
) -> Gates:
    """The gates from their figures. Raises CannotAnswer where there is none."""
    from dueregard.assess.gates import gates as assess
    from dueregard.evidence.release import Gates

    by_id = {figure.id: figure.answer for figure in figures}
    answers: dict[str, Answer | str] = {
        name.removeprefix("gate-"): answer for name, answer in by_id.items() if name.startswith("gate-")
    }
    codes = [figure.id.split("-", 1)[1].removesuffix("-contact") for figure in figures
             if figure.id.startswith("act-") and figure.id.endswith("-contact")]  # fmt: skip
    acts = {code: (by_id[f"act-{code}-contact"], by_id[f"act-{code}-sanctioned"]) for code in codes}
    found = assess(
        answers | dict(why_not), acts, why_no_acts=why_no_acts, snapshot=about.snapshot, code_version=about.code_version
    )
    return Gates(figures, why_not, why_no_acts, found)


# Crossed groups.
def _crossings(engine: Engine, about: About, why: list[Unanswered]) -> tuple[Crossing, ...]:
    from dueregard.evidence.release import Unanswered
    from dueregard.understand.strata import intersections_question

    told = ""
    for by in CROSSED:
        try:
            cells = engine.count(intersections_question(_first_stage(engine, by)))
            return (crossing_of(f"crossed-{cells.measure.stage}", cells, SEED, about),)
        except (CannotAnswer, UsageError) as fault:
            told = told or fault.found
    why.append(Unanswered("intersections", "For which crossed groups is the rate how high, and how sure is that", told))
    return ()


def _first_stage(engine: Engine, by: tuple[str, ...]) -> Measure:
    """Contacts by pupil; of a source that publishes counts, the first stage of the ladder that it counts."""
    from dueregard.measures.measure import Measure
    from dueregard.terms.stages import STAGES

    facts = engine.facts()
    counted = [
        (s.code, unit)
        for s in STAGES
        if s.ladder == "escalation"
        for code, unit, _ in sorted(facts.counted)
        if code == s.code
    ]
    stage, unit = counted[0] if counted else ("contact", "pupils")
    return Measure(stage, unit, by=by)


def crossing_of(name: str, cells: Cells, seed: int, about: About) -> Crossing:
    """Crossed groups from their counts."""
    import numpy as np

    from dueregard.evidence.release import Crossing
    from dueregard.evidence.rounded import in_six_digits
    from dueregard.understand.intersections import intersections

    answer = intersections(cells, snapshot=about.snapshot, code_version=about.code_version, rng=np.random.default_rng(seed),
                           source_caveats=about.caveats)  # fmt: skip
    return Crossing(name, cells, seed, in_six_digits(answer))


# Missing ethnicity.
def _doubts(engine: Engine, about: About, comparison: str | None, why: list[Unanswered]) -> tuple[Doubt, ...]:
    from dueregard.engines.profiles import base_of
    from dueregard.evidence.release import Unanswered
    from dueregard.steps.sensitivity import extra_of, linkage_of

    measure = _first_stage(engine, ("ethnicity",))
    try:
        cells = engine.count(measure)
        extra = extra_of(engine, replace(measure, period=cells.periods[0]))
        linkage = linkage_of(engine.facts(), is_counted=extra.profiles is None)
        found = doubt_of(f"doubt-{measure.stage}", cells, extra, linkage, base_of(measure), comparison, SEED, about)
    except DueRegardError as fault:
        why.append(
            Unanswered("sensitivity", "What stays true, whoever those are whose ethnicity is missing", fault.found)
        )
        return ()
    return (found,)


def doubt_of(
    name: str, cells: Cells, extra: Extra, linkage: str, base: str, comparison: str | None, seed: int, about: About
) -> Doubt:
    """A sensitivity from its counts."""
    from dueregard.evidence.release import Doubt
    from dueregard.evidence.rounded import in_six_digits
    from dueregard.evidence.sensitivity import Sensitivity
    from dueregard.understand.missing_ethnicity import sensitivity

    def answered(named: str | None) -> Sensitivity:
        return sensitivity(cells, extra, linkage=linkage, base=base, snapshot=about.snapshot, code_version=about.code_version,
                           comparison=named, seed=seed, source_caveats=about.caveats)  # fmt: skip

    try:
        answer = answered(comparison)
    except UnknownName:
        answer = answered(None)
    return Doubt(name, cells, extra, linkage, base, answer.comparison, seed, in_six_digits(answer))


def studies_that_differ(engine: Engine, studies: Studies) -> list[str]:
    """Which studies do not have the counts of this snapshot? Gates are figures, and not looked at here."""
    from dueregard.steps.sensitivity import extra_of

    found = [one.id for one in studies.pathways if engine.chain(one.chain.measure) != one.chain]
    found += [one.id for one in studies.crossings if engine.count(one.cells.measure) != one.cells]
    for one in studies.doubts:
        asked = replace(one.cells.measure, period=one.cells.periods[0])
        if engine.count(one.cells.measure) != one.cells or extra_of(engine, asked) != one.extra:
            found.append(one.id)
    return found
