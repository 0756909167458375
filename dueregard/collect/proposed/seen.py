"""What is seen of the columns of a file: how many rows have which form. Values stay in here, but codes that many share."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby, product
from typing import Any

from dueregard.evidence.raw import named, quoted
from dueregard.terms.lists import code_list, list_names

LOOKED_AT = 1_000_000  # rows of a file that are looked at
MOST_CODES = 40  # a column with more distinct values is not one of codes that nobody publishes
DAYS_TRIED = 20_000  # rows in which every way of writing days is looked for
MOST_LISTED = 1_000  # distinct values that are compared with the official lists
ENOUGH_ROWS = 10  # a value in fewer is never shown
LONGEST_SHOWN = 30  # characters
FIGURES = re.compile(r"\d{4}")
NAME_LIKE = re.compile(r"[A-Z]\S* +[A-Z]")

# Forms that are counted: regular expressions that the whole value matches.
FORMS = {
    "iso_day": r"\d{4}-\d{2}-\d{2}",
    "iso_time": r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?",
    "iso_midnight": r"\d{4}-\d{2}-\d{2}[T ]00:00(:00)?",
    "day": r"\d{1,4}[-/. ](\d{1,2}|[A-Za-z]{3,9})[-/. ]\d{2,4}([T ].*)?|(19|20)\d{6}",
    "integer": r"-?\d{1,15}",
    "padded": r"0\d+",
    "decimal": r"-?\d{1,7}(\.\d{1,6})?",
    "key": r"[A-Za-z0-9*][A-Za-z0-9._:/*-]{0,63}",
    "figures": r".*\d.*",
    "rewritten": r"\d+\.0+|\d\.\d+[Ee]\+\d+",
    "email": r".*\S@\S+\.\S.*",
    "post_code": r"(?i)[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}",
    "upn": r"[A-Z]\d{11}[A-Z\d]",
    "national": r"(?i)[a-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[a-d]|\d{3} \d{3} \d{4}",
    "phone": r"(\+44|0044|0) ?\(?0?\)?\d{2,4}[ -]?\d{3,4}[ -]?\d{3,4}",
    "named": r"[A-Z][a-z'-]+,? +([A-Z]\.? +)?[A-Z][A-Za-z'-]+|[A-Z]+, +[A-Z][A-Za-z]+",
    "titled": r"([A-Z]\. ?|[A-Z] ){1,2}[A-Z][a-z'-]+|(?i:pc|ps|dc|ds|sgt|insp|mr|mrs|ms|miss|dr)\.? +[A-Za-z].*",
    "address": r"\d+[A-Za-z]? .*(?i:street|road|avenue|lane|close|drive|court|house|way|gardens|st|rd|ave)\b.*",
    "words": r"\S+( +\S+){3,}.*",
}

SEPARATORS, CLOCKS = ("/", "-", ".", " "), ("", " 00:00", " 00:00:00", " %H:%M", " %H:%M:%S", " %-H:%M")
DAY_MONTH = (("%d", "%m"), ("%-d", "%-m"), ("%d", "%b"), ("%-d", "%b"), ("%d", "%B"), ("%-d", "%B"))


@dataclass(frozen=True, slots=True)
class Style:
    """A way to write days, but for the order of day and month. month_first is empty where a month is a word."""

    day_first: str
    month_first: str = ""


STYLES = (
    Style("%Y%m%d"), Style("%Y-%m-%d"), Style("%Y/%m/%d"),
    *(Style(f"%Y{sep}%m{sep}%d{clock}") for sep, clock in product(("-", "/"), CLOCKS) if clock),
    *(Style(f"{d}{s}{m}{s}{y}{clock}", f"{m}{s}{d}{s}{y}{clock}" if "b" not in m.lower() else "")
      for (d, m), s, y, clock in product(DAY_MONTH, SEPARATORS, ("%Y", "%y"), CLOCKS)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """One column of a file in counts. Rows are those with a value but for n_rows and n_blank.

    rows: form of `FORMS` -> rows. values: each with its rows, where there are few enough to be codes; not for printing.
    """

    name: str
    n_rows: int
    n_blank: int
    n_distinct: int
    longest: int
    like_header: int
    rows: dict[str, int]
    values: tuple[tuple[str, int], ...] = field(default=(), repr=False)

    @property
    def n_filled(self) -> int:
        return self.n_rows - self.n_blank

    def share(self, form: str) -> float:
        """Which share of the rows with a value has this form? 0 where there is none."""
        return self.rows[form] / self.n_filled if self.n_filled else 0.0


def look_at(connection: Any, source: str, name: str) -> Seen:
    """What is seen of one column of a table of texts?"""
    column = named(name)
    counted = ", ".join(f"count_if(regexp_full_match(v, {quoted(form)}))" for form in FORMS.values())
    rows, blank, distinct, longest, header, *forms = connection.execute(
        f"SELECT count(*), count_if(v = ''), approx_count_distinct(v), coalesce(max(length(v)), 0), "
        f"count_if(lower(trim(v)) = {quoted(name)}), {counted} FROM (SELECT {column} AS v FROM {source})"
    ).fetchone()
    values: list[tuple[str, int]] = []
    if distinct <= 2 * MOST_LISTED:
        values = connection.execute(
            f"SELECT {column}, count(*) FROM {source} WHERE {column} <> '' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST_LISTED + 1}"
        ).fetchall()
        distinct = len(values)
    blank, header = blank or 0, header or 0  # a count over no row at all is NULL
    few = tuple(values) if len(values) <= MOST_LISTED else ()
    return Seen(name, rows, blank, distinct, longest, header, _by_form(forms), few)


def _by_form(counts: list[int | None]) -> dict[str, int]:
    return {form: n or 0 for form, n in zip(FORMS, counts, strict=True)}


def styles_of(connection: Any, source: str, name: str) -> list[tuple[Style, int, int]]:
    """In which ways are the days of a column written: (way, rows with the day first, rows with the month first)?

    The likeliest way of the first days first; a row that was read in one way is not asked for the next.
    """
    left, found = f"SELECT {named(name)} AS v FROM {source} WHERE {named(name)} <> ''", []
    for _ in range(4):
        some = f"SELECT DISTINCT v FROM (SELECT v FROM ({left}) LIMIT {DAYS_TRIED})"
        best = max(zip(STYLES, _counted(connection, some, STYLES), strict=True), key=lambda one: max(one[1]))
        if not max(best[1]):
            break
        style = best[0]
        found.append((style, *_counted(connection, left, (style,))[0]))
        left += f" AND NOT ({_is_day(style.day_first)} OR {_is_day(style.month_first)})"
    return found


def _counted(connection: Any, source: str, styles: tuple[Style, ...]) -> list[tuple[int, int]]:
    """For each way: how many rows are days with the day first, and with the month first?"""
    both = [f"count_if({_is_day(order)})" for style in styles for order in (style.day_first, style.month_first)]
    counts = [n or 0 for n in connection.execute(f"SELECT {', '.join(both)} FROM ({source})").fetchone()]
    return list(zip(counts[::2], counts[1::2], strict=True))


def _is_day(written: str) -> str:
    """SQL: is the value a day, written just so?"""
    return (
        f"coalesce(strftime(try_strptime(v, {quoted(written)}), {quoted(written)}) = v, false)" if written else "false"
    )


def pattern_of(connection: Any, source: str, name: str) -> str:
    """The one shape that all values of a column share, as a regular expression; empty where they share none.

    Letters that all begin with stand as they are, if there are few and enough rows have them: `C[0-9]{5}`.
    """
    column = named(name)
    shape = column
    for letters, sign in (("[0-9]", "9"), ("[A-Z]", "A"), ("[a-z]", "a")):
        shape = f"regexp_replace({shape}, '{letters}', '{sign}', 'g')"
    filled = f"FROM {source} WHERE {column} <> ''"
    shapes = [x for (x,) in connection.execute(f"SELECT DISTINCT {shape} {filled} LIMIT 50").fetchall()]
    runs = [[(sign, len(list(run))) for sign, run in groupby(x)] for x in shapes]
    if not 0 < len(shapes) < 50 or len({tuple(sign for sign, _ in one) for one in runs}) != 1 or len(runs[0]) > 6:
        return ""
    if not any(sign == "9" for sign, _ in runs[0]):
        return ""  # a word is no reference
    first = min(one[0][1] for one in runs)
    beginnings = connection.execute(f"SELECT left({column}, {first}), count(*) {filled} GROUP BY 1 LIMIT 2").fetchall()
    parts = [_run(sign, [one[n][1] for one in runs]) for n, (sign, _) in enumerate(runs[0])]
    if any(part == "" for part in parts):
        return ""
    is_shared = len(beginnings) == 1 and beginnings[0][1] >= ENOUGH_ROWS and all(one[0][1] == first for one in runs)
    if is_shared and runs[0][0][0] == "A" and first <= 4:
        parts[0] = beginnings[0][0]
    return "".join(parts)


def _run(sign: str, lengths: list[int]) -> str:
    """A run of signs of one class as a regular expression; empty where it is no sign of a reference."""
    classes = {"9": "[0-9]", "A": "[A-Z]", "a": "[a-z]", "-": "-", "/": "/", "_": "_", ":": ":", ".": "[.]"}
    if sign not in classes:
        return ""
    least, most = min(lengths), max(lengths)
    times = f"{{{least}}}" if least == most else f"{{{least},{most}}}"
    return classes[sign] + ("" if least == most == 1 else times)


def n_alike(connection: Any, source: str, columns: tuple[str, ...]) -> int:
    """How many rows share all these columns with an earlier one?"""
    values = ", ".join(named(c) for c in columns)
    rows, distinct = connection.execute(f"SELECT count(*), count(DISTINCT hash({values})) FROM {source}").fetchone()
    return int(rows - distinct)


def shown_of(seen: Seen) -> tuple[str, ...]:
    """The values of a column of codes that may be shown: few, in many rows each, and nothing like a name or a number."""
    if seen.n_distinct > MOST_CODES:
        return ()
    return tuple(value for value, rows in seen.values if rows >= ENOUGH_ROWS and _may_be_shown(value))


def _may_be_shown(value: str) -> bool:
    if value.lower() in _labels():
        return True
    risky = any(
        re.fullmatch(FORMS[form], value)
        for form in ("email", "post_code", "upn", "national", "phone", "named", "titled")
    )
    harmless = value.isprintable() and value == value.strip() and len(value) <= LONGEST_SHOWN and value != "?"
    return harmless and not risky and not FIGURES.search(value) and not NAME_LIKE.search(value)


@cache
def _labels() -> frozenset[str]:
    """What codes of our lists are called: such a text is no name."""
    return frozenset(term.label.lower() for name in list_names() for term in code_list(name))
