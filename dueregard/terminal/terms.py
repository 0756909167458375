"""What `dueregard terms` tells of code lists, crosswalks and losses: text for a person, and the same for a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dueregard.terminal.table import table
from dueregard.terms.crosswalks import Crosswalk, Step, crosswalks, crosswalks_from, meanings
from dueregard.terms.lists import code_list, list_names
from dueregard.terms.term import CodeList, Term

if TYPE_CHECKING:  # a snapshot's losses bring the tables with them; lists do not need those
    from dueregard.evidence.loss import Loss

Told = tuple[str, Any]  # text, and what becomes JSON
NO_LOSS = (
    "No lossy step is touched: the snapshot holds no code of ethnicity that loses anything on its way to another list."
)
IN_FIGURES = "*: a step that figures by ethnicity take. The others are taken only by who compares with that list."
COUNTED = (
    "Pupils: of the roll, those of each school's latest; of involvements, those who could be told apart, whatever their "
    "category. A pupil may stand in several rows, so the rows do not add up."
)


def lists_told() -> Told:
    """Which code lists are there, and where do crosswalks lead from each?"""
    lists = [code_list(name) for name in list_names()]
    rows = [[x.name, x.version, str(len(x.terms)), x.title + (" (own)" if x.is_own else ""), _leads_to(x)] for x in lists]  # fmt: skip
    document = [
        {"name": x.name, "title": x.title, "version": x.version, "own": x.is_own, "codes": len(x.terms),
         "crosswalks_to": [walk.to_list for walk in crosswalks_from(x.name)]} for x in lists
    ]  # fmt: skip
    return table(["list", "version", "codes", "title", "crosswalks to"], rows), document


def _leads_to(found: CodeList) -> str:
    return ", ".join(walk.to_list for walk in crosswalks_from(found.name))


def list_told(name: str) -> Told:
    """What does one list hold, where does each code go, and what is lost on the way?"""
    found = code_list(name)
    walks = crosswalks_from(name)
    dated = ["from", "to", "note"] if found.is_dated else []
    header = ["code", "label", "group", "prov", *dated, *(f"-> {walk.to_list}" for walk in walks)]
    parts = [f"{found.title}, version {found.version}", table(header, [_term_row(t, found, walks) for t in found])]
    lost = [[s[0].from_code, walk.to_list, meanings(s), s[0].loss] for walk in walks for s in _lossy(walk)]
    if lost:
        parts += ["", "What can no longer be told:", table(["code", "in", "becomes", "loss"], lost)]
    return "\n".join(parts), [_term_as_json(term, walks) for term in found]


def _term_row(term: Term, found: CodeList, walks: tuple[Crosswalk, ...]) -> list[str]:
    dates = [_day(term.from_on), _day(term.to_on), term.note] if found.is_dated else []
    return [term.code, term.label, term.group, term.prov, *dates, *(_marked(walk, term.code) for walk in walks)]


def _marked(walk: Crosswalk, code: str) -> str:
    """The targets of a code; ! marks a loss."""
    return " or ".join(walk.targets(code)) + (" !" if walk.is_lossy(code) else "")


def _day(day: object) -> str:
    return "" if day is None else str(day)


def _lossy(walk: Crosswalk) -> list[tuple[Step, ...]]:
    return [walk.steps_of(code) for code in walk.codes if walk.is_lossy(code)]


def _term_as_json(term: Term, walks: tuple[Crosswalk, ...]) -> dict[str, object]:
    steps = [_step_as_json(step) for walk in walks for step in walk.steps_of(term.code)]
    return {"code": term.code, "label": term.label, "group": term.group, "prov": term.prov,
            "from_on": _day(term.from_on) or None, "to_on": _day(term.to_on) or None, "note": term.note,
            "steps": steps}  # fmt: skip


def _step_as_json(step: Step) -> dict[str, str]:
    return {"from_code": step.from_code, "to_list": step.to_list, "to_code": step.to_code, "loss": step.loss, "prov": step.prov}  # fmt: skip


def crosswalks_told(name: str | None = None) -> Told:
    """Which crosswalks are there (from or to one list), and how much does each lose?"""
    wanted = None if name is None else code_list(name).name
    found = [walk for walk in crosswalks() if wanted is None or wanted in (walk.from_list, walk.to_list)]
    rows = [
        [walk.name, walk.version, str(len(walk.codes)), str(len(walk.ambiguous)), str(len(_lossy(walk)))]
        for walk in found
    ]
    document = [
        {"name": walk.name, "version": walk.version, "from_list": walk.from_list, "to_list": walk.to_list,
         "codes": len(walk.codes), "ambiguous": list(walk.ambiguous), "lossy": [s[0].from_code for s in _lossy(walk)]}
        for walk in found
    ]  # fmt: skip
    return table(["crosswalk", "version", "codes", "of several meanings", "lossy"], rows), document


def crosswalk_told(walk: Crosswalk) -> Told:
    """What does each code of a crosswalk become, and what is lost?"""
    labels = code_list(walk.from_list).labels
    each = [walk.steps_of(code) for code in walk.codes]
    rows = [[s[0].from_code, labels[s[0].from_code], meanings(s), s[0].loss, s[0].prov] for s in each]
    title = f"{walk.from_list} to {walk.to_list}, version {walk.version}"
    return f"{title}\n{table(['code', 'label', 'becomes', 'loss', 'prov'], rows)}", [_step_as_json(s) for s in walk.steps]  # fmt: skip


def losses_told(found: tuple[Loss, ...]) -> Told:
    """Which lossy steps touch pupils of a snapshot, and how many?"""
    from dueregard.evidence.loss import loss_as_json

    document = [loss_as_json(loss) for loss in found]
    if not found:
        return NO_LOSS, document
    header = ["from", "list", "code", "becomes", "loss", "pupils", "involvements"]
    return "\n".join([table(header, [_loss_row(loss) for loss in found]), "", IN_FIGURES, COUNTED]), document


def _loss_row(loss: Loss) -> list[str]:
    from dueregard.evidence.loss import touched

    c, mark = loss.counted, "*" if loss.is_in_figures else ""
    where = " ".join(filter(None, (c.table, c.column if c.table == "involvement" else "", c.part)))
    becomes = f"{loss.to_list}{mark}: {' or '.join(loss.targets)}"
    return [where, loss.from_list, loss.code, becomes, loss.words, *touched(loss)]
