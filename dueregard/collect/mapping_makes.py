"""The native rows that a mapping makes of a row of its layout, and where each of their columns comes from."""

from __future__ import annotations

from dataclasses import replace

from dueregard.collect.place import Place, kind_of, shown
from dueregard.evidence.intake import Fill, FillColumn
from dueregard.records.table import Column, Kind, Table
from dueregard.records.tables import TABLE_NAMES
from dueregard.records.tables import table as native_table

MAKE_KEYS = ("table", "columns", "when", "once_per")
FROM_KEYS = ("from", "values", "value", "join")
MAKE_FORM = "write [[layout.NAME.make]] with two brackets, and its columns under [layout.NAME.make.columns]."


def fill_of(place: Place, layout: Table) -> Fill:
    """Which native rows are made here? Every code that can arrive must be one of the native column's."""
    place.only(MAKE_KEYS)
    name = place.text("table")
    if name not in TABLE_NAMES:
        found = f"there is no native table `{shown(name)}`." if name else "`table` is missing."
        raise place.none_of(found, TABLE_NAMES)
    target = native_table(name)
    place = replace(place, where=place.where.rpartition(", ")[0] + f", make `{name}`")
    columns = tuple(_fill_column(column, place, layout, target) for column in place.part("columns", "columns").plain)
    given = {c.name for c in columns}
    for column in target.columns:
        if column.name not in given and not _may_be_absent(column):
            raise place.wrong(
                f"`{column.name}` is required and is not made.", "name a column of the layout, or a fixed value."
            )
    once_per = place.texts("once_per")
    for column_name in once_per:
        _source(place, layout, column_name)
    return Fill(name, columns, _when(place, layout), once_per)


def _when(place: Place, layout: Table) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The conditions of a make: every code can stand in its column."""
    inside = place.part("when", "when")
    found = []
    for name in inside.plain:
        column, codes = _source(inside, layout, name), inside.texts(name)
        if not codes:
            raise inside.wrong(f"`{shown(name)}` names no code, so no row is made.", f'{shown(name)} = ["..."]')
        _check_known(inside, column, codes)
        found.append((name, codes))
    return tuple(found)


def _check_known(place: Place, column: Column, codes: tuple[str, ...]) -> None:
    """Codes of the source that are spoken of are declared for its column."""
    for code in codes:
        if column.kind is Kind.CODE and code not in column.allowed and not (column.blank and not code):
            raise place.none_of(f"`{shown(code)}` is no declared code of the column `{column.name}`.", column.allowed)


def _source(place: Place, layout: Table, name: str) -> Column:
    if name not in layout.names:
        raise place.none_of(f"`{shown(name)}` is no column of the layout.", layout.names)
    return layout.column(name)


def _fill_column(name: str, make: Place, layout: Table, target: Table) -> FillColumn:
    if name not in target.names:
        raise make.none_of(f"`{shown(name)}` is no column of {target.name}.", target.names)
    place, column = _from_place(name, make), target.column(name)
    place.only(FROM_KEYS)
    if sum(place.has(word) for word in ("from", "value", "join")) != 1:
        raise place.wrong("a native column comes from one of `from`, `value` and `join`.", f'{name} = "a column"')
    if place.has("values") and not place.has("from"):
        raise place.wrong("`values` translates what comes `from` a column, and there is none.", "name the column.")
    if place.has("value"):
        return FillColumn(name, value=_fixed(place, column))
    if place.has("join"):
        return FillColumn(name, joined=_joined(place, layout, column))
    source, values = _source(place, layout, place.text("from")), place.pairs("values")
    _check_there(place, source, column)
    _check_kinds(place, source, column, values)
    return FillColumn(name, source.name, values)


def _from_place(name: str, make: Place) -> Place:
    inside = make.part("columns", "columns")
    plain = inside.plain[name]
    where, form = f"`{name}`", f'{name} = "a column", or {{ value = "..." }}.'
    if isinstance(plain, str):
        return make.inner(where, {"from": inside.text(name)})
    if not isinstance(plain, dict):
        raise make.inner(where, {}).wrong(f"this is {kind_of(plain)}, not a column or a table.", form)
    return make.inner(where, plain)


def _fixed(place: Place, column: Column) -> str:
    value = place.text("value")
    _check_codes(place, column, (value,))
    return value


def _joined(place: Place, layout: Table, column: Column) -> tuple[str, ...]:
    names = place.texts("join")
    if column.kind is not Kind.KEY or not names:
        raise place.wrong("only a reference is joined, of at least one column.", 'join = ["urn", "start_date"]')
    for name in names:
        _check_there(place, _source(place, layout, name), column)
    return names


def _may_be_absent(column: Column) -> bool:
    """May a native row have nothing here?"""
    return column.blank or column.optional or column.characteristic


def _check_there(place: Place, source: Column, column: Column) -> None:
    """What every row must have comes from a column that every file has: of an absent one no rule would speak."""
    if source.optional and not _may_be_absent(column):
        raise place.wrong(
            f"`{column.name}` is required, and the column `{source.name}` is optional.",
            f"take `optional` from `{source.name}`: a file without it is refused.",
        )


def _check_kinds(place: Place, source: Column, column: Column, values: tuple[tuple[str, str], ...]) -> None:
    """What comes from the source can be what the native column holds."""
    days = {Kind.DATE: (Kind.DATE,), Kind.TIME: (Kind.DATE, Kind.TIME)}
    if column.kind in days and source.kind not in days[column.kind]:
        raise place.wrong(f"`{source.name}` is not a column of days.", 'kind = "date", with its formats.')
    if values and source.kind in days:
        raise place.wrong("days are not translated by `values`.", "declare their formats in the layout's column.")
    _check_known(place, source, tuple(code for code, _ in values))
    if column.kind is Kind.CODE:
        if source.kind is not Kind.CODE:
            raise place.wrong(f"`{source.name}` is not a column of codes.", 'kind = "code", with a list or its values.')
        translated = dict(values)
        _check_codes(place, column, tuple(translated.get(x, x) for x in source.allowed))


def _check_codes(place: Place, column: Column, codes: tuple[str, ...]) -> None:
    """Every code that can arrive is one of the native column's."""
    if column.kind is not Kind.CODE:
        return
    for code in codes:
        if code and code not in column.allowed:
            raise place.none_of(f"`{shown(code)}` is not in the native list.", column.allowed)
