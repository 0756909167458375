"""What is proposed of one column: its kind and what may stand in it, or that it must not come in at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from dueregard.collect.mapping import TO_DECIDE
from dueregard.collect.mapping_columns import name_fault
from dueregard.collect.proposed import headers, toml
from dueregard.collect.proposed.days import days_of
from dueregard.collect.proposed.seen import (
    ENOUGH_ROWS,
    MOST_CODES,
    MOST_LISTED,
    Seen,
    pattern_of,
    shown_of,
)
from dueregard.collect.proposed.toml import several
from dueregard.records.table import Column, Kind
from dueregard.terms.lists import code_list, list_names

NEARLY_ALL_VALUES, NEARLY_ALL_ROWS = 0.8, 0.9
OF_PEOPLE = ("pupil_ref", "officer_ref")
MISSING = "missing"  # the list of words for what is not known


@dataclass(frozen=True, slots=True)
class Proposed:
    """A column of a layout as TOML. codes: those that may arrive, where it is one of codes.

    removed: what it seems to hold about a person; then it is not mapped. notes: comments for whoever corrects it.
    """

    name: str
    kind: Kind = Kind.TEXT
    options: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    removed: str = ""

    @property
    def line(self) -> str:
        """The declaration of the column."""
        return f"{toml.name(self.name)} = {toml.table((('kind', toml.text(self.kind)), *self.options))}"


@dataclass(frozen=True, slots=True)
class Lists:
    """How a column fits code lists. names: of the lists; words: others that the native column also knows.

    n_values, n_rows: different values and rows that fit neither. also: other lists that fit all as well.
    """

    names: tuple[str, ...]
    words: tuple[str, ...]
    n_values: int
    n_rows: int
    also: tuple[str, ...] = ()


def propose_column(connection: Any, source: str, seen: Seen, native: Column | None, today: date) -> Proposed:
    """What is proposed of a column? native: the native column that its header means, if any."""
    removed = _removed(seen, native)
    if removed:
        return Proposed(seen.name, removed=removed)
    found = _typed(connection, source, seen, native, today)
    blank = (("blank", "true"),) if seen.n_blank else ()
    note = ("every value is blank.",) if seen.n_rows and not seen.n_filled else ()
    return Proposed(seen.name, found.kind, (*found.options, *blank), (*note, *found.notes), found.codes)


def _removed(seen: Seen, native: Column | None) -> str:
    """What about a person does a column seem to hold? Empty where nothing."""
    if name_fault(seen.name):
        return "its name cannot be declared: give it a plain one, or remove it"
    if native is None and headers.personal(seen.name):
        return headers.personal(seen.name)
    is_listed = bool(_lists_of(seen, native))
    return "" if is_listed else _held(seen, native)


def _held(seen: Seen, native: Column | None) -> str:
    """What do the values look like? Each line: what it would be, and where it is taken for that."""
    kind = None if native is None else native.kind
    is_text = kind is Kind.TEXT  # the name of a school, or of a borough
    is_varied = seen.n_distinct > min(MOST_CODES, seen.n_filled / 2)
    is_reference = native.name in OF_PEOPLE if native is not None else headers.is_of_a_person(seen.name)
    has_few_figures = seen.n_filled > 0 and seen.share("figures") < 0.5  # a reference has figures
    looks = (
        ("a way to reach a person", seen.rows["email"] or (native is None and seen.share("phone") > 0.5)),
        ("a national number", seen.rows["upn"] or seen.share("national") > 0.05),
        ("an address or a place", seen.share("post_code") > 0.05 or (not is_text and seen.share("address") > 0.2)),
        ("a name", not is_text and seen.share("named") > 0.2 and (is_varied or kind is Kind.KEY)),
        ("a name", not is_text and seen.share("titled") > 0.2),
        ("a name", is_reference and has_few_figures),
        ("a narrative", not is_text and is_varied and (seen.share("words") > 0.3 or seen.longest > 100)),
    )
    return next((what for what, is_so in looks if is_so), "")


def _typed(connection: Any, source: str, seen: Seen, native: Column | None, today: date) -> Proposed:
    kind = None if native is None else native.kind
    if not seen.n_filled:
        return _unfilled(seen, native)
    if seen.share("day") >= NEARLY_ALL_ROWS and kind in (None, Kind.DATE, Kind.TIME) and _is_dated(seen, native):
        return _days(connection, source, seen, native, today)
    if kind in (None, Kind.CODE, Kind.TEXT):
        coded = _coded(seen, native)
        if coded is not None:
            return coded
    if kind is Kind.KEY or (kind is None and _is_key(seen)):
        return _key(connection, source, seen)
    if kind not in (Kind.TEXT, Kind.CODE):
        number = _number(seen)
        if number is not None:
            return number
    return Proposed(seen.name, Kind.TEXT)


def _is_dated(seen: Seen, native: Column | None) -> bool:
    """Eight figures alone are a day only in a column that is meant to hold days."""
    return native is not None or seen.share("integer") < 1


def _unfilled(seen: Seen, native: Column | None) -> Proposed:
    """A column without a value: what its native column is."""
    if native is None:
        return Proposed(seen.name)
    if native.kind is not Kind.CODE:
        return Proposed(seen.name, native.kind, _future(native))
    return Proposed(seen.name, Kind.CODE, _listed(native.lists), (), _codes_of(native.lists))


def _future(native: Column | None) -> tuple[tuple[str, str], ...]:
    """Days to come may stand in a column that is not of what has happened."""
    return (("future", "true"),) if native is not None and native.kind is Kind.DATE and not native.past else ()


def _days(connection: Any, source: str, seen: Seen, native: Column | None, today: date) -> Proposed:
    found = days_of(connection, source, seen, today)
    options = (("formats", toml.texts(found.formats)),) if found.formats else ()
    future = _future(native) or ((("future", "true"),) if native is None and found.n_future else ())
    notes = list(found.notes)
    if found.n_future and not future:
        notes.append(f"{several(found.n_future, 'row')} with a day in the future: refused.")
    return Proposed(seen.name, found.kind, (*options, *future), tuple(notes))


def _key(connection: Any, source: str, seen: Seen) -> Proposed:
    pattern = pattern_of(connection, source, seen.name)
    notes = []
    unlike = seen.n_filled - seen.rows["key"]
    if unlike:
        notes.append(f"{several(unlike, 'row')} without the form of a reference: refused.")
    if seen.rows["rewritten"]:
        notes.append(
            f"{several(seen.rows['rewritten'], 'row')} with a number that a spreadsheet has rewritten: export it anew."
        )
        pattern = ""
    return Proposed(seen.name, Kind.KEY, (("pattern", toml.text(pattern)),) if pattern else (), tuple(notes))


def _is_key(seen: Seen) -> bool:
    """Does a column whose header says nothing hold references?"""
    words = headers.plain(seen.name).split("_")
    says_so = words[-1] in ("ref", "id", "key", "urn", "code", "reference")
    if seen.share("key") < 1:
        return False
    if seen.share("integer") >= NEARLY_ALL_ROWS:
        return says_so or seen.rows["padded"] > 0
    return seen.share("figures") >= NEARLY_ALL_ROWS and seen.share("decimal") < 0.5


def _number(seen: Seen) -> Proposed | None:
    for kind in (Kind.INTEGER, Kind.DECIMAL):
        if seen.share(kind) >= NEARLY_ALL_ROWS:
            unlike = seen.n_filled - seen.rows[kind]
            note = (f"{several(unlike, 'row')} without a number of this kind: refused.",) if unlike else ()
            return Proposed(seen.name, kind, (), note)
    return None


def _coded(seen: Seen, native: Column | None) -> Proposed | None:
    """The column as one of codes: of an official list, or of its own values; None where it is not one."""
    if native is not None and native.kind is Kind.TEXT:
        return None
    fit = _lists_of(seen, native)
    if fit is not None:
        return _of_lists(seen, fit)
    is_meant = native is not None
    is_number = seen.share("decimal") >= NEARLY_ALL_ROWS
    is_few = seen.n_distinct <= MOST_CODES and (is_meant or (not is_number and 3 * seen.n_distinct <= seen.n_filled))
    return _of_values(seen) if is_few else None


def _of_lists(seen: Seen, fit: Lists) -> Proposed:
    if fit.words and not set(fit.words) <= set(_codes_of((MISSING,))):
        codes = (*_codes_of(fit.names), *fit.words)
        options: tuple[tuple[str, str], ...] = (("values", toml.texts(codes)),)
    else:
        names = (*fit.names, *((MISSING,) if fit.words else ()))
        codes, options = _codes_of(names), _listed(names)
    called = " and ".join(fit.names) or "words of the native layout"
    fitting = seen.n_distinct - fit.n_values
    share = 100 * (1 - fit.n_rows / seen.n_filled)
    notes = [
        f"{fitting} of {seen.n_distinct} different values, in {share:.1f} % of the rows with one, are of {called}."
    ]
    if fit.n_values:
        found = f"{several(fit.n_values, 'other value')} in {several(fit.n_rows, 'row')}"
        notes.append(f"{found}: not shown; rows with them are refused.")
    if fit.also:
        notes.append(f"All are also codes of {', '.join(fit.also)}: look which list is meant.")
    return Proposed(seen.name, Kind.CODE, options, tuple(notes), codes)


def _of_values(seen: Seen) -> Proposed:
    """A column of codes that nobody publishes: those that may be shown, and how many are not."""
    shown = shown_of(seen)
    notes = [f"{several(seen.n_distinct, 'different value')}, of no list that is known here."]
    rare = sum(1 for _, rows in seen.values if rows < ENOUGH_ROWS)
    if rare:
        notes.append(
            f"{several(rare, 'other value' if shown else 'value')}, each in fewer than {ENOUGH_ROWS} rows: not shown."
        )
    unlike = seen.n_distinct - len(shown) - rare
    if unlike:
        notes.append(f"{several(unlike, 'value')} that could be a name or a number of a person: not shown.")
    if not shown:
        notes.append("to decide: the codes that may stand here.")
    elif rare or unlike:
        notes.append("Rows with a value that is not written here are refused.")
    return Proposed(seen.name, Kind.CODE, (("values", toml.texts(shown or (TO_DECIDE,))),), tuple(notes), shown)


def _listed(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return (("list", toml.text(names[0])),) if len(names) == 1 else (("lists", toml.texts(names)),)


def _codes_of(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for name in names for code in code_list(name).codes))


def _lists_of(seen: Seen, native: Column | None) -> Lists | None:
    """Which lists hold nearly all values of a column? Those of its native column first."""
    if not seen.values or len(seen.values) > MOST_LISTED or (native is not None and native.kind is not Kind.CODE):
        return None
    if native is not None:
        own = _native_lists(seen, native)
        if _is_nearly_all(seen, own):
            return own
    return _any_list(seen, is_meant=native is not None)


def _native_lists(seen: Seen, native: Column) -> Lists:
    """The fewest lists of a native column that hold what any of them holds."""
    left, names = dict(seen.values), []
    fitting = {name: set(code_list(name).codes) for name in native.lists}
    whole = [name for name in native.lists if set(left) <= fitting[name]]
    while fitting:
        name = max(fitting, key=lambda one: sum(rows for value, rows in left.items() if value in fitting[one]))
        held = fitting.pop(name) & set(left)
        if not held:
            break
        names.append(name)
        left = {value: rows for value, rows in left.items() if value not in held}
    words = tuple(value for value in native.allowed if value in left)
    left = {value: rows for value, rows in left.items() if value not in words}
    also = tuple(name for name in whole if name not in names)
    return Lists(tuple(names), words, len(left), sum(left.values()), also)


def _any_list(seen: Seen, *, is_meant: bool) -> Lists | None:
    """The list of any that holds most; figures alone fit many lists, so there the header must name it."""
    words = set(headers.plain(seen.name).split("_"))
    is_figures = seen.share("integer") >= NEARLY_ALL_ROWS
    found = []
    for name in list_names():
        is_named = bool(words & set(name.split("_")))
        if name == MISSING or (is_figures and not is_named) or (seen.n_distinct < 2 and not (is_named or is_meant)):
            continue
        codes = set(code_list(name).codes)
        strange = [rows for value, rows in seen.values if value not in codes]
        fit = Lists((name,), (), len(strange), sum(strange))
        if _is_nearly_all(seen, fit):
            found.append((fit.n_rows, not is_named, len(codes), fit))
    if not found:
        return None
    best = min(found, key=lambda one: one[:3])
    also = tuple(fit.names[0] for n_rows, *_, fit in found if n_rows == 0 == best[0] and fit is not best[3])
    return Lists(best[3].names, (), best[3].n_values, best[3].n_rows, also[:3])


def _is_nearly_all(seen: Seen, fit: Lists) -> bool:
    n_fitting, rows_fitting = len(seen.values) - fit.n_values, seen.n_filled - fit.n_rows
    return n_fitting >= NEARLY_ALL_VALUES * len(seen.values) and rows_fitting >= NEARLY_ALL_ROWS * seen.n_filled
