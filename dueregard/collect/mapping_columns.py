"""A column as a mapping declares it: its kind, and what may stand in it."""

from __future__ import annotations

from datetime import date
from functools import cache

from dueregard.collect import day_formats
from dueregard.collect.header import LONGEST_NAME, normalised
from dueregard.collect.place import Place, shown
from dueregard.records.table import Column, Kind
from dueregard.terms.lists import code_list, list_names

OF_ALL_KINDS = ("kind", "about", "blank", "optional")
OF_CODES, OF_TEXTS = ("list", "lists", "values", "least", "most"), ("pattern",)
OF_DAYS, OF_NUMBERS = ("formats", "earliest", "future"), ("least", "most")
OF_KIND = {
    Kind.CODE: OF_CODES, Kind.KEY: OF_TEXTS, Kind.TEXT: OF_TEXTS, Kind.DATE: OF_DAYS, Kind.TIME: OF_DAYS,
    Kind.INTEGER: OF_NUMBERS, Kind.DECIMAL: OF_NUMBERS,
}  # fmt: skip
COLUMN_KEYS = tuple(dict.fromkeys([*OF_ALL_KINDS, *(word for words in OF_KIND.values() for word in words)]))


def name_fault(name: str) -> str:
    """Why can no column of a layout have this name? Empty where it can.

    >>> name_fault("contact_ref"), name_fault("Contact ref")
    ('', 'headers are read in small letters with `_` for blanks')
    """
    if name != normalised(name):
        return "headers are read in small letters with `_` for blanks"
    if not name or not name.isprintable() or '"' in name or name.startswith("_") or len(name) > LONGEST_NAME:
        return f"a name has 1 to {LONGEST_NAME} signs that print, no quotation mark, and no `_` before it"
    return ""


def column_of(name: str, place: Place) -> Column:
    """Which column is declared here? Raises the fault of the mapping at its place."""
    fault = name_fault(name)
    if fault:
        raise place.wrong(f"{fault}.", f"`{shown(normalised(name)).strip('_')}`, if that is the column.")
    place.only(COLUMN_KEYS)
    kind = _kind(place)
    formats, earliest = place.texts("formats"), _earliest(place)
    _check_formats(place, formats)
    _check_pattern(place)
    return Column(
        name, kind, place.text("about", name), only=_codes(place) if kind is Kind.CODE else (), blank=place.flag("blank"),
        optional=place.flag("optional"), pattern=place.text("pattern"), formats=formats, earliest=earliest,
        past=not place.flag("future"), least=place.whole("least"), most=place.whole("most"),
    )  # fmt: skip


def _kind(place: Place) -> Kind:
    """The kind of a column, which says what else may be declared of it."""
    written = place.text("kind")
    if written not in tuple(Kind):
        found = f"there is no kind `{shown(written)}`." if written else "`kind` is missing."
        raise place.none_of(found, tuple(str(kind) for kind in Kind))
    kind = Kind(written)
    for word in place.plain:
        if word not in (*OF_ALL_KINDS, *OF_KIND[kind]):
            raise place.wrong(f"`{word}` says nothing of a column of the kind `{kind}`.",
                              "leave it out, or give another kind.")  # fmt: skip
    return kind


def _earliest(place: Place) -> str:
    found = place.plain.get("earliest", "")
    written = found.isoformat()[:10] if isinstance(found, date) else place.text("earliest")
    try:
        return date.fromisoformat(written).isoformat() if written else ""
    except ValueError:
        raise place.wrong("`earliest` is not a day.", 'earliest = "2024-09-01"') from None


def _check_formats(place: Place, formats: tuple[str, ...]) -> None:
    for written in formats:
        fault = day_formats.fault_of(written)
        if fault:
            raise place.wrong(f"no day can be read as `{shown(written)}`: {fault}.", 'formats = ["%d/%m/%Y"]')
    if day_formats.are_ambiguous(formats):
        raise place.wrong("days and months cannot be told apart in these formats.", "declare one order alone.")


def _check_pattern(place: Place) -> None:
    pattern = place.text("pattern")
    if pattern and not _can_match(pattern):
        raise place.wrong("the pattern is no regular expression.", 'such as "C[0-9]{5}".')


@cache
def _can_match(pattern: str) -> bool:
    """Is this a pattern that the database can match? Its dialect knows no look-around and no back-reference."""
    import duckdb

    try:
        duckdb.connect().execute("SELECT regexp_full_match('', ?)", [pattern]).fetchall()
    except duckdb.Error:
        return False
    return True


def _codes(place: Place) -> tuple[str, ...]:
    """Which codes may stand in a column of codes?"""
    if sum(place.has(word) for word in ("list", "lists", "values")) != 1:
        raise place.wrong("a column of codes names a list, several lists, or its values: one of the three.",
                          'list = "sen_provision", or values = ["N", "K", "E"].')  # fmt: skip
    values = place.texts("values")
    names = place.texts("lists") if place.has("lists") else (place.text("list"),) if place.has("list") else ()
    for name in names:
        if name not in list_names():
            raise place.wrong(f"there is no list `{shown(name)}`.", "`dueregard terms` shows the lists.")
    codes = values or tuple(code for name in names for code in code_list(name).codes)
    if not codes or "" in codes:
        raise place.wrong("no code is named, or an empty one.", "blank = true lets blanks stand; name the codes.")
    return tuple(dict.fromkeys(codes))
