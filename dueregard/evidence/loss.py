"""What is lost on the way from a source's codes to other lists, and how many pupils does each lossy step touch?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dueregard.evidence.cells import CodeCount
from dueregard.records.tables import table
from dueregard.terms.crosswalks import BROAD_GROUP, Crosswalk, crosswalks_from
from dueregard.terms.ethnicity import NOT_STATED
from dueregard.terms.lists import code_list

NOT_COUNTED = "-"


@dataclass(frozen=True, slots=True)
class Loss:
    """One code of one column, one crosswalk that leads from its list, what is lost, and how many bear the code.

    targets: what the code becomes; several where it may mean several. counted: see CodeCount for what None means.
    """

    from_list: str
    to_list: str
    code: str
    label: str
    targets: tuple[str, ...]
    words: str
    counted: CodeCount

    @property
    def is_in_figures(self) -> bool:
        """Do figures by ethnicity take this step? Not of what the officer saw, which is a series of its own."""
        return self.to_list == BROAD_GROUP and self.counted.column != "observed_ethnicity"


def losses(counts: Iterable[CodeCount]) -> tuple[Loss, ...]:
    """Every lossy step that codes of a snapshot would take, with how many pupils and involvements it touches.

    A code that nobody bears is not listed. A reason beside *not stated* says what the code alone does not: such rows
    lose nothing. Where the codes of a column fit several of its lists, the steps of each are told.
    """
    counted = list(counts)
    found: list[Loss] = []
    for place in dict.fromkeys((c.table, c.column) for c in counted):
        here = [c for c in counted if (c.table, c.column) == place]
        lists = lists_in_use(table(place[0]).column(place[1]).lists, {c.code for c in here})
        found += [loss for name in lists for walk in _followed(name) for loss in _losses_of(walk, here)]
    return tuple(found)


def lists_in_use(lists: tuple[str, ...], codes: set[str]) -> tuple[str, ...]:
    """From which of a column's lists may these codes come?

    Those that hold all of them; where none does (the source mixes lists), each that holds one.

    >>> lists_in_use(("sde_18plus1", "sde_16plus1"), {"W1", "A4"})
    ('sde_18plus1',)
    """
    held = {name: codes & set(code_list(name).codes) for name in lists}
    whole = tuple(name for name in lists if codes and held[name] == codes)
    return whole or tuple(name for name in lists if held[name])


def _followed(name: str) -> list[Crosswalk]:
    """The crosswalks that a figure may follow: none leads from or to the United States (see `ARE_GROUPS`)."""
    return [walk for walk in crosswalks_from(name) if "us_federal" not in (walk.from_list, walk.to_list)]


def _losses_of(walk: Crosswalk, counts: list[CodeCount]) -> list[Loss]:
    labels = code_list(walk.from_list).labels
    return [
        Loss(walk.from_list, walk.to_list, c.code, labels[c.code], walk.targets(c.code), _words(walk, c.code), c)
        for c in counts
        if c.code in walk.codes and walk.is_lossy(c.code) and not (c.code == NOT_STATED and c.reason)
    ]


def _words(walk: Crosswalk, code: str) -> str:
    return "; ".join(dict.fromkeys(step.loss for step in walk.steps_of(code) if step.loss))


def touched(loss: Loss) -> tuple[str, str]:
    """How many pupils and involvements does a lossy step touch, in words? None is not zero."""
    c = loss.counted
    return (
        _number(c.n_pupils, c.n_cells_unknown) if c.counts_pupils else NOT_COUNTED,
        _number(c.n_involvements, c.n_cells_unknown) if c.counts_involvements else NOT_COUNTED,
    )


def _number(counted: int | None, n_cells_unknown: int) -> str:
    """A number, and how many cells are not in it.

    >>> _number(1200, 0), _number(30, 2), _number(None, 1)
    ('1,200', '30, and 2 cells not known', 'not known (1 cell)')
    """
    cells = f"{n_cells_unknown:,} cell{'' if n_cells_unknown == 1 else 's'}"
    if counted is None:
        return f"not known ({cells})"
    return f"{counted:,}, and {cells} not known" if n_cells_unknown else f"{counted:,}"


def loss_as_json(loss: Loss) -> dict[str, object]:
    """One loss for programs; null where the table does not count it, or no cell of it is known."""
    c = loss.counted
    return {
        "table": c.table, "column": c.column, "part": c.part, "from_list": loss.from_list, "code": loss.code,
        "to_list": loss.to_list, "to_codes": list(loss.targets), "loss": loss.words,
        "is_in_figures": loss.is_in_figures, "n_pupils": c.n_pupils, "n_involvements": c.n_involvements,
        "n_cells_unknown": c.n_cells_unknown,
    }  # fmt: skip
