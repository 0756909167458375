"""The sheets of the studies: pathways, gates, acts, crossed groups, missing ethnicity."""

from __future__ import annotations

from collections.abc import Iterator

from dueregard.evidence.release import Studies
from dueregard.publish import words
from dueregard.publish.sheet import RANGE, Sheet, Value, number, three
from dueregard.terms.stages import part_title

NOT_TOLD = "[does not apply]"


def _three_columns(name: str) -> tuple[str, ...]:
    return tuple(f"{name}{end}" for end in RANGE)


def sheets_of_studies(studies: Studies) -> Iterator[Sheet]:
    """One long sheet for each kind of study; one without rows is left out by the caller."""
    yield rungs(studies)
    yield parts(studies)
    yield gates(studies)
    yield acts(studies)
    yield crossed(studies)
    yield doubts(studies)


def rungs(studies: Studies) -> Sheet:
    """Both groups at each rung of the way."""
    columns = (
        "Pathway",
        "Group",
        "Compared with",
        "Rung",
        "Counted",
        "Per 1,000",
        "Compared: counted",
        "Compared: per 1,000",
    )
    rows = tuple(
        (one.id, one.answer.group_label, one.answer.comparison_label, step.label, step.n, number(step.rate_per_1000),
         step.comparison_n, number(step.comparison_rate_per_1000))
        for one in studies.pathways for step in one.answer.steps
    )  # fmt: skip
    return Sheet("Pathway rungs", "Pathways: both groups at each rung", columns, rows)


def parts(studies: Studies) -> Sheet:
    """What each part of the way brings to the ratio."""
    columns = ("Pathway", "Group", "Compared with", "Part", "What it says", *_three_columns("Times"), "Share of the gap",
               *_three_columns("Per 1,000"), "Verdict")  # fmt: skip
    rows: list[tuple[Value, ...]] = []
    for one in studies.pathways:
        head = (one.id, one.answer.group_label, one.answer.comparison_label)
        rows += [(*head, part_title(f.name), f.label, *three(f.ratio), number(f.log_share), *three(f.per_1000), f.verdict)
                 for f in one.answer.factors]  # fmt: skip
        found = one.answer
        rows.append(
            (
                *head,
                "total",
                "all parts multiplied",
                *three(found.total_ratio),
                NOT_TOLD,
                *three(found.total_per_1000),
                found.verdict,
            )
        )
    notes = tuple(dict.fromkeys(one.answer.caption for one in studies.pathways))
    return Sheet("Pathway parts", "Pathways: the parts of each ratio", columns, tuple(rows), notes)


def gates(studies: Studies) -> Sheet:
    """Who goes which way where somebody decides."""
    columns = ("Gate", "Question", "Group", "Counted", "Of", *_three_columns("Per 1,000"), *_three_columns("Crude ratio"),
               *_three_columns("Ratio, same behaviour and harm"), "Crude verdict", "Verdict within")  # fmt: skip
    found = () if studies.gates is None else studies.gates.answer.figures
    rows = tuple(
        (one.title, one.question, g.label, g.n, NOT_TOLD if g.denominator is None else g.denominator, *three(g.rate_per_1000),
         *three(g.relative_rate), *three(g.within_relative_rate), g.verdict or NOT_TOLD, g.within_verdict or NOT_TOLD)
        for one in found if one.answer is not None for g in one.answer.groups
    )  # fmt: skip
    return Sheet("Gates", "Gates: which way each group goes", columns, rows)


def acts(studies: Studies) -> Sheet:
    """Contacts and the schools' own sanctions for the same act."""
    columns = ("Act", "Group", "Contacts", *_three_columns("Contacts per 1,000"), *_three_columns("Contacts, ratio"), "Sanctions",
               *_three_columns("Sanctions per 1,000"), *_three_columns("Sanctions, ratio"))  # fmt: skip
    found = () if studies.gates is None else studies.gates.answer.acts
    rows = tuple(
        (act.label, g.label, g.n_contacts, *three(g.contact_rate), *three(g.contact_ratio), g.n_sanctions, *three(g.sanction_rate),
         *three(g.sanction_ratio))
        for act in found for g in act.groups
    )  # fmt: skip
    return Sheet("Acts", "Contacts and schools' sanctions for the same act", columns, rows)


def crossed(studies: Studies) -> Sheet:
    """Crossed groups, with what each borrows."""
    columns = ("Group", "Counted", "Out of", *_three_columns("Rate per 1,000, borrowed strength"),
               *_three_columns("Rate per 1,000, own counts"), "Borrowed share", *_three_columns("Times the main effects"),
               *_three_columns("Per 1,000 beyond the sum"))  # fmt: skip
    rows = tuple(
        (s.label, "[5 or fewer]" if s.n is None else s.n, number(s.denominator), *three(s.rate_per_1000), *three(s.own_rate_per_1000),
         number(None if s.own_share is None else 1 - s.own_share), *three(s.residual), *three(s.excess_per_1000))
        for one in studies.crossings for s in (*one.answer.strata, *one.answer.apart)
    )  # fmt: skip
    return Sheet("Crossed groups", "Crossed groups: rates, and what is borrowed", columns, rows)


def doubts(studies: Studies) -> Sheet:
    """How far each ratio holds, by analysis."""
    columns = (
        "Group",
        "Compared with",
        "Analysis",
        "Lowest",
        "Highest",
        "Lowest with chance",
        "Highest with chance",
        "In words",
    )
    rows = tuple(
        (g.label, one.answer.comparison_label, a.label, *(number(v) for v in (a.lowest, a.highest, a.lower, a.upper)),
         words.sentence_end(g.gate_words))
        for one in studies.doubts for g in one.answer.groups for a in g.analyses
    )  # fmt: skip
    return Sheet("Missing ethnicity", "Missing ethnicity: how far each ratio holds", columns, rows)
