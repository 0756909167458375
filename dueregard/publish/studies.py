"""What the chapters of the studies show: plain values, ready for their templates."""

from __future__ import annotations

from typing import Any

from dueregard.evidence.decomposition import Factor
from dueregard.evidence.estimate import Answer, Estimate, GroupAnswer, RepeatAnswer
from dueregard.evidence.gates import Act, GateFigure, share_per_1000
from dueregard.evidence.intersections import StratumAnswer
from dueregard.evidence.release import Crossing, Doubt, Gates, Pathway, Report, Studies
from dueregard.evidence.selection import GroupSelection, Selection
from dueregard.evidence.sensitivity import Analysis, GroupSensitivity, MissingShare
from dueregard.publish import cells_shown as shown
from dueregard.publish import charts_of_studies as charts
from dueregard.publish import words
from dueregard.publish.cells_shown import Shown
from dueregard.publish.sections import Chapter, Section
from dueregard.terms.stages import part_title, stage

PLACEMENT = "the placement factor says where officers were; it is not the effect of officers"
RHOS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
MANY_STRATA = 40  # a picture with more is folded away


def studies_view(report: Report, chapters: tuple[Chapter, ...]) -> dict[str, Any]:
    """Every chapter of the studies; None where the snapshot cannot answer it."""
    studies: Studies = report.studies
    return {
        "pathways": pathways_view(studies.pathways, chapters) if studies.pathways else None,
        "gates": gates_view(studies.gates) if studies.gates is not None else None,
        "crossings": [crossing_view(one) for one in studies.crossings],
        "doubts": [doubt_view(one) for one in studies.doubts],
        "placement": PLACEMENT,
    }


def estimate_shown(found: Estimate | None, number: Any = words.ratio) -> Shown:
    """A figure with its range; words where there is none."""
    if found is None:
        return shown.DOES_NOT_APPLY
    if not found.is_estimable:
        return shown.NOT_ESTIMABLE
    if found.upper == float("inf"):
        return Shown(f"above {number(found.lower)}", "no upper end")
    return Shown(number(found.estimate), words.range_of(found, number))


# Where on the way.
def pathways_view(pathways: tuple[Pathway, ...], chapters: tuple[Chapter, ...]) -> dict[str, Any]:
    """A section for each group; and what help the same groups were offered."""
    return {"sections": [_pathway(one, chapters) for one in pathways]}


def _pathway(one: Pathway, chapters: tuple[Chapter, ...]) -> dict[str, Any]:
    found = one.answer
    title = f"{found.group_label} beside {found.comparison_label}, to: {stage(found.measure.stage).label.lower()}"
    return {
        "id": one.id, "title": title, "estimand": found.estimand, "sentence": found.sentence,
        "chart": charts.pathway(f"c-{one.id}", f"The way to {stage(found.measure.stage).label.lower()}, {found.group_label} beside {found.comparison_label}", found),
        "labels": (found.group_label, found.comparison_label),
        "steps": [(s.label, [Shown(words.whole(s.n)), Shown(words.rate(s.rate_per_1000)), Shown(words.whole(s.comparison_n)),
                             Shown(words.rate(s.comparison_rate_per_1000))]) for s in found.steps],
        "factors": [(part_title(f.name), _factor_cells(f)) for f in found.factors],
        "total": [Shown("all parts multiplied"), estimate_shown(found.total_ratio), shown.DOES_NOT_APPLY,
                  estimate_shown(found.total_per_1000, _difference), Shown(words.sentence_end(found.verdict)), shown.DOES_NOT_APPLY, shown.DOES_NOT_APPLY],
        "method": f"{found.why_method} {words.whole(found.replicates)} draws, seed {one.seed}." if found.replicates else found.why_method,
        "benefits": _benefits(chapters, found.group, found.comparison), "caveats": found.caveats,
    }  # fmt: skip


def _difference(number: float) -> str:
    return words.signed(number)


def _factor_cells(factor: Factor) -> list[Shown]:
    share = shown.DOES_NOT_APPLY if factor.log_share is None else Shown(_percent(factor.log_share))
    beside = "; ".join(f"{words.ratio(o.estimate)} ({words.range_of(o)})" for o in factor.beside if o.is_estimable)
    return [Shown(factor.label), estimate_shown(factor.ratio), share, estimate_shown(factor.per_1000, _difference),
            Shown(words.sentence_end(factor.verdict)), shown.share_shown(factor.off_support_share),
            Shown(beside) if beside else shown.DOES_NOT_APPLY]  # fmt: skip


def _benefits(chapters: tuple[Chapter, ...], group: str, comparison: str) -> list[tuple[str, list[Shown]]]:
    """What help the same two groups were offered, stage by stage; none where the snapshot does not hold it."""
    sections = [s for c in chapters if c.columns == ("ethnicity",) for s in c.on("support") if s.main]
    return [row for section in sections for row in [_benefit(section, group, comparison)] if row is not None]


def _benefit(section: Section, group: str, comparison: str) -> tuple[str, list[Shown]] | None:
    assert section.main is not None
    by_code = {g.code: g for g in section.main.answer.groups}
    one, other = by_code.get(group), by_code.get(comparison)
    if one is None or other is None:
        return None
    return section.title, [shown.rate_shown(one), shown.rate_shown(other), shown.ratio_shown(one, one.relative_rate)]


# Gates.
def gates_view(gates: Gates) -> dict[str, Any]:
    """Each gate with its table; then acts."""
    found = gates.answer
    return {
        "sentence": found.sentence,
        "sections": [_gate(one) for one in found.figures if one.answer is not None],
        "not_told": [(one.title, one.why_not) for one in found.figures if one.answer is None],
        "acts": [row for act in found.acts for row in _act(act)], "why_no_acts": found.why_no_acts, "caveats": found.caveats,
    }  # fmt: skip


def _gate(one: GateFigure) -> dict[str, Any]:
    answer = one.answer
    assert answer is not None
    return {
        "id": f"gate-{one.name}", "title": one.title, "question": one.question, "words": one.words,
        "compared": words.comparison_label(answer), "rows": [_gate_row(group) for group in answer.groups],
        "selection": selection_view(answer.selection), "missing": words.missing_words(answer.missing, answer.measure.unit),
        "repeats": repeats_view(answer),
    }  # fmt: skip


def _gate_row(group: GroupAnswer) -> tuple[str, list[Shown]]:
    """A share is never shown above all."""
    over = shown.denominator_shown(group)
    share = estimate_shown(share_per_1000(group.rate_per_1000), words.rate)
    cells = [shown.n_shown(group), over, share, shown.ratio_shown(group, group.relative_rate),
             shown.ratio_shown(group, group.within_relative_rate), shown.verdict_shown(group.within_verdict, group),
             shown.heterogeneity_shown(group.heterogeneity)]  # fmt: skip
    return group.label, cells


def _act(act: Act) -> list[tuple[str, list[Shown]]]:
    rows = []
    for group in act.groups:
        if group.is_missing:
            continue
        compared = shown.COMPARED
        rows.append((f"{act.label}: {group.label}", [
            Shown(words.whole(group.n_contacts)), estimate_shown(group.contact_rate, words.rate),
            compared if group.is_comparison else estimate_shown(group.contact_ratio), Shown(words.whole(group.n_sanctions)),
            estimate_shown(group.sanction_rate, words.rate), compared if group.is_comparison else estimate_shown(group.sanction_ratio),
        ]))  # fmt: skip
    return rows


# Whom police met, and who came again: beside any figure.
def selection_view(found: Selection | None) -> dict[str, Any] | None:
    """What a figure over contacts would be if some of them had not happened."""
    if found is None:
        return None
    return {
        "sentence": found.sentence, "rhos": [f"{rho:.0%}" for rho in RHOS],
        "rows": [_selection_row(group) for group in found.groups], "words": [group.words for group in found.groups],
        "not_told": found.not_told, "assumptions": found.assumptions,
    }  # fmt: skip


def _selection_row(group: GroupSelection) -> tuple[str, list[Shown]]:
    at = {round(point.rho, 2): point for point in group.curve}
    return group.label, [
        Shown(f"{at[rho].among_group:+.0f}", f"{at[rho].lower:+.0f} to {at[rho].upper:+.0f}") for rho in RHOS
    ]


def repeats_view(answer: Answer) -> dict[str, Any] | None:
    """Pupils and involvements side by side; None where it is not known who came again."""
    known = [(group.label, group.repeat) for group in answer.groups if group.repeat is not None and group.repeat.n]
    if not known:
        return None
    return {"unit": known[0][1].unit, "rows": [(label, _repeat(one)) for label, one in known]}


def _repeat(one: RepeatAnswer) -> list[Shown]:
    if one.n_pupils is None:
        unknown = Shown("not identified", state="not_recorded")
        return [unknown, Shown(words.whole(one.n)), unknown, unknown, unknown]
    others = f"and {words.whole(one.not_identified)} not identified" if one.not_identified else ""
    top = shown.DOES_NOT_APPLY if one.top_share is None else Shown(words.percent(one.top_share), f"of {one.n_top}")
    return [Shown(words.whole(one.n_pupils), others), Shown(words.whole(one.n)), Shown(str(one.most)), top,
            Shown(words.ratio(one.design_effect or 1.0))]  # fmt: skip


# Crossed groups.
def crossing_view(one: Crossing) -> dict[str, Any]:
    """Bands first; the table behind; where rates vary."""
    found = one.answer
    strata = tuple(s for s in found.strata if not s.is_missing)
    over = sum(s.denominator for s in found.strata)
    title = f"{stage(found.measure.stage).label}, by {words.split_words(found.measure.columns).lower()}"
    v = found.variation
    return {
        "id": one.id, "title": title, "estimand": found.estimand, "sentence": found.sentence, "model": found.model,
        "chart": charts.crossed(f"c-{one.id}", f"{title}: ranges of the rate per 1,000", strata, found.n / over * 1000 if over else 1.0),
        "is_long": len(strata) > MANY_STRATA,
        "rows": [(s.label, _stratum_cells(s)) for s in (*found.strata, *found.apart)],
        "effects": [(f"{e.label}, beside {e.reference}", [estimate_shown(e.ratio)]) for e in found.main_effects],
        "variation": [
            ("Between crossed groups, with their characteristics known (standard deviation of log rates)", [estimate_shown(v.stratum_sd)]),
            ("Between crossed groups, nothing known of them", [estimate_shown(v.null_stratum_sd)]),
            ("Between schools", [estimate_shown(v.school_sd)]),
            ("Share of one pupil's variation between crossed groups, nothing known of them", [estimate_shown(v.null_stratum_share, words.percent)]),
            ("How much of it their characteristics take up one at a time (PCV)",
             [shown.DOES_NOT_APPLY if v.pcv is None else estimate_shown(v.pcv, _percent)]),
        ],
        "seed": one.seed, "caveats": found.caveats,
    }  # fmt: skip


def _percent(share: float) -> str:
    """A share that may be negative, or more than all."""
    return f"{share:.0%}"


def _stratum_cells(s: StratumAnswer) -> list[Shown]:
    count = Shown("5 or fewer") if s.is_few else Shown(words.whole(s.n or 0))
    borrowed = shown.DOES_NOT_APPLY if s.own_share is None else Shown(words.percent(1 - s.own_share))
    own = (
        Shown("too few for a figure of its own", state="not_applicable")
        if s.is_few
        else estimate_shown(s.own_rate_per_1000, words.rate)
    )
    return [count, Shown(words.whole(round(s.denominator))), estimate_shown(s.rate_per_1000, words.rate), own, borrowed,
            estimate_shown(s.residual), estimate_shown(s.excess_per_1000, _difference), estimate_shown(s.reri, _plain)]  # fmt: skip


def _plain(number: float) -> str:
    return f"{number:.2f}"


# Missing ethnicity.
def doubt_view(one: Doubt) -> dict[str, Any]:
    """A tornado; the table behind; the two series; who is missing."""
    found = one.answer
    title = f"{stage(found.measure.stage).label}, by ethnicity"
    series = found.two_series
    return {
        "id": one.id, "title": title, "estimand": found.estimand, "sentence": found.sentence, "compared": found.comparison_label,
        "chart": charts.tornado(f"c-{one.id}", f"{title}: how far each ratio holds", found.groups, found.comparison_label),
        "gates": [(g.label, g.gate_words.rstrip(".")) for g in found.groups], "whence": found.whence,
        "missing": words.missing_words(found.missing, found.measure.unit),
        "rows": [row for group in found.groups for row in _analyses(group)],
        "tipping": [(g.label, [shown.DOES_NOT_APPLY if g.tipping_theta is None else Shown(words.ratio(g.tipping_theta))]) for g in found.groups],
        "observed": [] if series is None else [label for _, label in series.observed],
        "matrix": [] if series is None else [(label, [Shown(words.whole(n)) for n in row])
                                             for (_, label), row in zip(series.self_defined, series.matrix, strict=True)],
        "shares": [_missing_share(share) for share in _shares_told(found.missingness)],
        "not_made": [f"{n.analysis.replace('_', ' ')}: {n.why}" for n in found.not_made], "seed": one.seed, "caveats": found.caveats,
    }  # fmt: skip


def _analyses(group: GroupSensitivity) -> list[tuple[str, list[Shown]]]:
    return [(f"{group.label}: {one.label}", [_end(one, one.lowest), _end(one, one.highest), _end(one, one.lower), _end(one, one.upper)])
            for one in group.analyses]  # fmt: skip


def _end(one: Analysis, value: float) -> Shown:
    if value != value:
        return shown.NOT_ESTIMABLE
    return Shown("no upper end") if value == float("inf") else Shown(words.ratio(value))


def _shares_told(found: tuple[MissingShare, ...]) -> tuple[MissingShare, ...]:
    """By school only where there are few schools; all of them stand in figures.json."""
    schools = [one for one in found if one.column == "school"]
    return found if len(schools) <= MANY_STRATA else tuple(one for one in found if one.column != "school")


def _missing_share(one: MissingShare) -> tuple[str, list[Shown]]:
    column = words.column_label(one.column)
    return f"{column}: {one.label}", [Shown(words.whole(one.n)), Shown(words.whole(one.not_stated)), Shown(words.whole(one.not_recorded)),
                                      estimate_shown(one.share, words.percent), estimate_shown(one.beside)]  # fmt: skip
