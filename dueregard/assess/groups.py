"""Which group is compared with which?"""

from __future__ import annotations

from dueregard.errors import UnknownName, UsageError
from dueregard.evidence.cells import Cell, Cells
from dueregard.measures.columns import code_label, code_of, comparisons, order_of
from dueregard.terms.missing import is_not_known

Codes = tuple[str, ...]


def is_missing_group(codes: Codes) -> bool:
    """Is any characteristic of the group not known? `unknown` on a form counts as missing too."""
    return any(map(is_not_known, codes))


def label_of(columns: tuple[str, ...], codes: Codes) -> str:
    """What is a (crossed) group called?"""
    return ", ".join(code_label(column, code) for column, code in zip(columns, codes, strict=True)) or "All"


def in_order(cells: tuple[Cell, ...], columns: tuple[str, ...]) -> list[Cell]:
    """Cells by period, then in the order of the code lists, missing groups last."""
    return sorted(cells, key=lambda c: (c.period, [order_of(k, v) for k, v in zip(columns, c.codes, strict=True)]))


def _known(cells: Cells, place: int) -> list[str]:
    """The groups that can be compared with; a missing group never is."""
    column = cells.measure.columns[place]
    codes = {cell.codes[place] for cell in cells.whole if not is_missing_group((cell.codes[place],))}
    return sorted(codes, key=lambda code: order_of(column, code))


def comparison_template(cells: Cells, named: str | None) -> tuple[str | None, ...] | None:
    """The comparison group as codes by column; None in a place: the same code as the group itself.

    None: no group was named and none is declared for the split. Raises UnknownName with the groups that exist.
    """
    columns = cells.measure.columns
    if not columns:
        return None
    if named is None:
        return _declared_comparison(cells)
    parts = [part.strip() for part in named.split(",")]
    if len(parts) == len(columns):
        return tuple(code_of(c, p, _known(cells, n)) for n, (c, p) in enumerate(zip(columns, parts, strict=True)))
    if len(parts) != 1:
        raise UsageError(f"The comparison names {len(parts)} codes and the split has {len(columns)} columns.",
                         try_this="one code, or one for each column.")  # fmt: skip
    return _template_of_one(cells, parts[0])


def _template_of_one(cells: Cells, named: str) -> tuple[str | None, ...]:
    columns = cells.measure.columns
    for place, column in enumerate(columns):
        try:
            code = code_of(column, named, _known(cells, place))
        except UnknownName:
            continue
        return tuple(code if n == place else None for n in range(len(columns)))
    known = [f"{code} ({code_label(column, code)})" for n, column in enumerate(columns) for code in _known(cells, n)]
    raise UnknownName("group", named, known)


def _declared_comparison(cells: Cells) -> tuple[str | None, ...] | None:
    columns = cells.measure.columns
    for place, column in enumerate(columns):
        known = _known(cells, place)
        for code in comparisons(column):
            if code in known:
                return tuple(code if n == place else None for n in range(len(columns)))
    return None


def comparison_of(codes: Codes, template: tuple[str | None, ...]) -> Codes:
    """With which group is this one compared?

    >>> comparison_of(("BL", "M"), ("WH", None))
    ('WH', 'M')
    """
    return tuple(code if wanted is None else wanted for code, wanted in zip(codes, template, strict=True))
