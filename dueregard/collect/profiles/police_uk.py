"""Stops and searches as data.police.uk publishes them, a month and force a file; of children aged 10 to 17.

Reads the publisher's folder of months (`2018-04/2018-04-metropolitan-stop-and-search.csv`) or one table of several
months with the same headers and `source_month`, `source_force` (Parquet or CSV). The boundaries of the areas, a zipped
shapefile, lie in the same folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from dueregard.collect import areas
from dueregard.collect.database import add_rows
from dueregard.collect.profiles.filling import Present, drop, files_behind, fill, lines_where
from dueregard.collect.profiles.profile import Gathered, Profile
from dueregard.collect.readers import SUFFIXES, Expected, Read, read_file
from dueregard.errors import SourceError
from dueregard.evidence.finding import Finding, counted
from dueregard.evidence.paths import parquet_sql
from dueregard.evidence.raw import named, quoted
from dueregard.terms.lists import code_list
from dueregard.terms.missing import NOT_IDENTIFIED
from dueregard.terms.periods import last_day_of_month
from dueregard.terms.stages import STAGES

CHILDREN = "10-17"
FILE_NAME = re.compile(r"(?P<month>\d{4}-(?:0[1-9]|1[0-2]))-(?P<force>[a-z0-9-]+)-stop-and-search\.csv")
MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
FORCE = re.compile(r"[a-z0-9-]{1,40}")
CLOTHING, LINKED = "Removal of more than just outer clothing", "Outcome linked to object of search"
NEEDED = (
    "Date", "Latitude", "Longitude", "Gender", "Age range", "Self-defined ethnicity", "Officer-defined ethnicity",
    "Legislation", "Object of search", "Outcome", LINKED, CLOTHING,
)  # fmt: skip
WHENCE = ("source_month", "source_force")
WHITE, MIXED, OTHER = "White", "Mixed/Multiple ethnic groups", "Other ethnic group"
ASIAN_2011, BLACK_2011 = "Asian/Asian British", "Black/African/Caribbean/Black British"
ASIAN_2021 = "Asian, Asian British or Asian Welsh"
BLACK_2021 = "Black, Black British, Black Welsh, Caribbean or African"
MIXED_2021 = "Mixed or Multiple ethnic groups"
# Labels of the Census of 2011 are those that forces send; the 2021 ones are read too. -> code of the 18+1.
SELF_DEFINED = {
    f"{WHITE} - English/Welsh/Scottish/Northern Irish/British": "W1", f"{WHITE} - Irish": "W2",
    f"{WHITE} - Gypsy or Irish Traveller": "W3", f"{WHITE} - Any other White background": "W9",
    f"{MIXED} - White and Black Caribbean": "M1", f"{MIXED} - White and Black African": "M2",
    f"{MIXED} - White and Asian": "M3", f"{MIXED} - Any other Mixed/Multiple ethnic background": "M9",
    f"{ASIAN_2011} - Indian": "A1", f"{ASIAN_2011} - Pakistani": "A2", f"{ASIAN_2011} - Bangladeshi": "A3",
    f"{ASIAN_2011} - Chinese": "A4", f"{ASIAN_2011} - Any other Asian background": "A9",
    f"{BLACK_2011} - Caribbean": "B1", f"{BLACK_2011} - African": "B2",
    f"{BLACK_2011} - Any other Black/African/Caribbean background": "B9",
    f"{OTHER} - Arab": "O2", f"{OTHER} - Any other ethnic group": "O9", f"{OTHER} - Not stated": "NS",
    f"{WHITE} - English, Welsh, Scottish, Northern Irish or British": "W1",
    f"{WHITE} - Roma": "W3",  # loses: 18+1 has no code for Roma alone, as the school census's two codes go to W3
    f"{MIXED_2021} - White and Black Caribbean": "M1", f"{MIXED_2021} - White and Black African": "M2",
    f"{MIXED_2021} - White and Asian": "M3", f"{MIXED_2021} - Any other Mixed or multiple ethnic background": "M9",
    f"{ASIAN_2021} - Indian": "A1", f"{ASIAN_2021} - Pakistani": "A2", f"{ASIAN_2021} - Bangladeshi": "A3",
    f"{ASIAN_2021} - Chinese": "A4", f"{ASIAN_2021} - Any other Asian background": "A9",
    f"{BLACK_2021} - Caribbean": "B1", f"{BLACK_2021} - African": "B2",
    f"{BLACK_2021} - Any other Black, Black British or Caribbean background": "B9",
}  # fmt: skip
LISTED = {"Age range": "police_uk_age_range", "Outcome": "stop_outcome"}
DEGREES = {"Latitude": 90, "Longitude": 180}
SEXES = {"Male": "M", "Female": "F", "Other": "X"}
LEGISLATION = {
    "Police and Criminal Evidence Act 1984 (section 1)": "pace_s1",
    "Misuse of Drugs Act 1971 (section 23)": "mda_s23",
    "Criminal Justice and Public Order Act 1994 (section 60)": "cjpo_s60",
    "Criminal Justice Act 1988 (section 139B)": "cja_s139b",
}
ARRESTS = ("Arrest", "Suspect arrested")  # the second as labelled until 2017
CLOTHING_CODES = {"True": "more_than_outer", "False": "none_or_outer"}
YES_NO = {"True": "yes", "False": "no"}
# Of the stages that hang on a contact or a step, a stop tells the contact and an arrest; the others it never tells.
NOT_TOLD = tuple(s.code for s in STAGES if s.table in ("contact", "step") and s.code not in ("contact", "arrested"))


def _files(path: Path) -> tuple[list[Path], tuple[str, ...]]:
    """The files of stops, and the names of the others; a month without a file of the force has none."""
    if not path.is_dir():
        return [path], ()
    every = [f for f in sorted(path.rglob("*")) if f.is_file() and len(f.relative_to(path).parts) <= 2]
    monthly = [f for f in every if FILE_NAME.fullmatch(f.name)]
    return monthly, tuple(f.name for f in every if f not in monthly)


def _tables(connection: Any, path: Path, others: Iterable[str]) -> list[Path]:
    """Tables of several months in a folder: those whose header has the columns of stops, month and force."""
    found = [path / name for name in others if Path(name).suffix.lower() in SUFFIXES and (path / name).is_file()]
    return [file for file in found if {*NEEDED, *WHENCE} <= set(_header(connection, file))]


def _header(connection: Any, file: Path) -> list[str]:
    import duckdb

    if file.suffix.lower() == ".csv":
        with file.open("rb") as handle:
            first = handle.readline(1 << 16).decode("utf-8-sig", "replace")
        return [name.strip().strip('"') for name in first.split(",")]
    try:
        found = connection.execute(f"DESCRIBE SELECT * FROM {parquet_sql(file)}").fetchall()
    except duckdb.Error:
        return []
    return [row[0] for row in found]


def gather(connection: Any, path: Path) -> Gathered:
    """Read a force's stops of children into contacts, involvements, powers and arrests of the areas where they were made.

    Raises SourceError if there are no stops, stops of several forces, or no boundaries.
    """
    files, others = _files(path)
    if not files:
        files = _tables(connection, path, others)
    if not files:
        raise SourceError("The folder holds no stops and searches.",
                          try_this="the folder of months that data.police.uk gives, or one table with source_month and source_force.")  # fmt: skip
    _check_months(files)
    folder = path if path.is_dir() else path.resolve().parent
    boundaries = areas.read_boundaries(areas.find_boundaries(folder))
    reads = [_judged(connection, _read(connection, file)) for file in files]
    ignored = tuple(name for name in others if name not in {f.name for f in files} | {boundaries.file})
    if any(f.is_error for read in reads for f in read.findings):
        drop(connection, "_stop")
        return Gathered(tuple(reads), (), ignored)
    force, months = _whence(connection)
    not_sent = _not_sent(months, _months_of(path))
    _place(connection, boundaries)
    _children(connection, force)
    made_of_stops, of_areas = _fill_contacts(connection), _fill_areas(connection, boundaries, months, not_sent)
    reads = [replace(reads[0], findings=(*reads[0].findings, *_noted(connection, reads[0].file))), *reads[1:]]
    drop(connection, "_stop", "_child", "_area", "_spell", "_told", "_month", "_point")
    areas.settle(connection)
    drawn = Read(boundaries.file, "school", boundaries.sha256, len(boundaries.areas), (), (), (), 0)
    behind = [
        *files_behind(reads[0], made_of_stops, made_for="contact"),
        *files_behind(drawn, of_areas, made_for="school"),
    ]
    return Gathered((*reads, drawn, *behind), (*made_of_stops, *of_areas), ignored)


def _read(connection: Any, file: Path) -> Read:
    """One file into `_stop`. A file of a month is of that month by its name."""
    named_so = FILE_NAME.fullmatch(file.name)
    known = (*NEEDED, *WHENCE)
    read = read_file(
        connection, file, Expected("contact", NEEDED if named_so else known, known, extra=True), into="_stop"
    )
    if named_so and read.columns:
        connection.execute("UPDATE _stop SET source_month = ?, source_force = ? WHERE _file = ? AND source_month IS NULL",
                           [named_so["month"], named_so["force"], read.file])  # fmt: skip
    return read


def _check_months(files: list[Path]) -> None:
    """Raises SourceError where a month of the force is there twice, or in the folder of another month: it would count twice."""
    monthly = [file for file in files if FILE_NAME.fullmatch(file.name)]
    if len({file.name for file in monthly}) < len(monthly):
        raise SourceError("A month of the force is there twice, in two folders.", try_this="keep one of the two files.")
    for file in monthly:
        if MONTH.fullmatch(file.parent.name) and not file.name.startswith(file.parent.name):
            raise SourceError(
                f"`{file.name}` lies in the folder of another month.",
                try_this="the folders as data.police.uk gives them.",
            )


def _judged(connection: Any, read: Read) -> Read:
    """Ages and outcomes that the publisher does not have, and coordinates that are none: by them a child would drop out unseen."""
    if not read.columns:
        return read
    allowed = {name: ("", *code_list(terms).codes) for name, terms in LISTED.items()}
    wrong = [("E_CODELIST", name, f"{named(name)} NOT IN ({', '.join(map(quoted, codes))})", "values are not in the publisher's list.",
              "the label as data.police.uk writes it.") for name, codes in allowed.items()]  # fmt: skip
    wrong += [("E_RANGE", name, f"{named(name)} <> '' AND COALESCE(TRY_CAST({named(name)} AS DOUBLE), 'NaN') NOT BETWEEN -{most} AND {most}",
               "values are no coordinate.", "degrees with a point, or blank.") for name, most in DEGREES.items()]  # fmt: skip
    found = []
    for code, column, condition, message, try_this in wrong:
        lines = lines_where(connection, "_stop", f"_file = {quoted(read.file)} AND {condition}")
        if lines:
            found.append(Finding(code, read.file, "contact", column, lines, counted(len(lines), message), try_this))
    return replace(read, findings=(*read.findings, *found))


def _whence(connection: Any) -> tuple[str, tuple[str, ...]]:
    """The force, and the months that it sent. Raises SourceError unless there is one force and months can be read."""
    found = connection.execute("SELECT DISTINCT source_force, source_month FROM _stop ORDER BY ALL").fetchall()
    forces, months = sorted({f for f, _ in found}), sorted({m for _, m in found})
    if len(forces) != 1:
        raise SourceError(f"The source holds stops of {len(forces)} forces.", try_this="one force at a time.")
    if not FORCE.fullmatch(forces[0]) or not all(MONTH.fullmatch(month) for month in months):
        raise SourceError("`source_month` and `source_force` do not have the forms 2018-04 and metropolitan.",
                          try_this="the names of the publisher's own files.")  # fmt: skip
    return forces[0], tuple(months)


def _months_of(path: Path) -> tuple[str, ...]:
    """Months of which the publisher's folder has a folder, whether or not this force's file is in it."""
    return (
        tuple(sorted(f.name for f in path.iterdir() if f.is_dir() and MONTH.fullmatch(f.name))) if path.is_dir() else ()
    )


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _not_sent(sent: tuple[str, ...], folders: tuple[str, ...]) -> tuple[str, ...]:
    """Months from the first to the last that the source speaks of, and that the force did not send.

    >>> _not_sent(("2018-12", "2019-03"), ())
    ('2019-01', '2019-02')
    """
    every = range(_number(min((*sent, *folders))), _number(max((*sent, *folders))) + 1)
    return tuple(f"{n // 12}-{n % 12 + 1:02d}" for n in every if f"{n // 12}-{n % 12 + 1:02d}" not in sent)


def runs(months: Iterable[str]) -> list[tuple[date, date]]:
    """Months that follow on one another, as (first day, last day).

    >>> [tuple(map(str, run)) for run in runs(["2018-12", "2019-01", "2019-03"])]
    [('2018-12-01', '2019-01-31'), ('2019-03-01', '2019-03-31')]
    """
    found: list[list[int]] = []
    for n in sorted(map(_number, months)):
        if found and found[-1][1] == n - 1:
            found[-1][1] = n
        else:
            found.append([n, n])
    return [(date(a // 12, a % 12 + 1, 1), last_day_of_month(b // 12, b % 12 + 1)) for a, b in found]


def _place(connection: Any, boundaries: areas.Boundaries) -> None:
    """`_point`: for each pair of coordinates of a child's stop the area in which it lies."""
    pairs = connection.execute(
        f'SELECT DISTINCT "Latitude", "Longitude" FROM _stop WHERE "Age range" = {quoted(CHILDREN)} '
        'AND TRY_CAST("Latitude" AS DOUBLE) BETWEEN -90 AND 90 AND TRY_CAST("Longitude" AS DOUBLE) BETWEEN -180 AND 180'
    ).fetchall()
    codes = areas.place(boundaries, [(float(longitude), float(latitude)) for latitude, longitude in pairs])
    connection.execute('CREATE TABLE _point ("Latitude" VARCHAR, "Longitude" VARCHAR, area VARCHAR)')
    add_rows(connection, "_point", ["Latitude", "Longitude", "area"],
             [[a, o, code] for (a, o), code in zip(pairs, codes, strict=True)])  # fmt: skip


def _mapped(expression: str, codes: dict[str, str], otherwise: str | None = None) -> str:
    """SQL: a label as its code. A label that is not known stays as it is, and the check names its line."""
    cases = " ".join(f"WHEN {quoted(label)} THEN {quoted(code)}" for label, code in codes.items())
    return f"CASE {expression} {cases} WHEN '' THEN '' ELSE {otherwise or expression} END"


def _children(connection: Any, force: str) -> None:
    """`_child`: one row a stop of a child, with its place, local time and reference.

    The reference counts the month's stops in the order of their content, so that it does not hang on the order of
    rows in the file; stops that are alike in everything may change places, and nothing changes.
    """
    order = ", ".join(named(name) for name in NEEDED)
    sent = ", ".join(
        f"bool_or({named(c)} <> '') AS {n}" for n, c in (("has_clothing", CLOTHING), ("has_linked", LINKED))
    )
    local = "strftime(timezone('Europe/London', TRY_CAST(\"Date\" AS TIMESTAMPTZ)), '%Y-%m-%dT%H:%M:%S')"
    connection.execute(f"CREATE TABLE _month AS SELECT source_month, {sent} FROM _stop GROUP BY source_month")
    connection.execute(
        f'CREATE TABLE _child AS SELECT s.*, m.has_clothing, m.has_linked, COALESCE({local}, "Date") AS occurred_at, '
        f"COALESCE(p.area, {quoted(areas.NO_PLACE)}) AS area, {quoted(force)} || '-' || s.source_month || '-' || "
        f"row_number() OVER (PARTITION BY s.source_month ORDER BY {', '.join(f's.{named(n)}' for n in NEEDED)}) AS ref "
        'FROM _stop AS s JOIN _month AS m USING (source_month) LEFT JOIN _point AS p USING ("Latitude", "Longitude") '
        f'WHERE s."Age range" = {quoted(CHILDREN)} ORDER BY s.source_month, {order}'
    )


def _fill_contacts(connection: Any) -> list[Present]:
    """A stop is a contact, an involvement and a use of a power; where it led to an arrest, a step."""
    is_arrest = f'"Outcome" IN ({", ".join(map(quoted, ARRESTS))})'
    who = {"contact_ref": "ref", "pupil_ref": quoted(NOT_IDENTIFIED)}
    present = [
        fill(connection, "contact", {"contact_ref": "ref", "urn": "'area:' || area", "occurred_at": "occurred_at"}, "_child"),
        fill(connection, "involvement", {
            **who, "subject_category": f"CASE WHEN {is_arrest} THEN 'suspect' ELSE 'subject_of_concern' END",
            "sex": _mapped('"Gender"', SEXES), "self_defined_ethnicity": _mapped('"Self-defined ethnicity"', SELF_DEFINED),
            "observed_ethnicity": '"Officer-defined ethnicity"',
        }, "_child"),
        fill(connection, "power_use", {
            **who, "power": "'stop_and_search'", "legislation": _mapped('"Legislation"', LEGISLATION, "'other'"),
            "search_object": '"Object of search"',
            # blank in every row of a month: the force did not send the column, and nothing is known of it
            "clothing_removal": f"CASE WHEN has_clothing THEN {_mapped(named(CLOTHING), CLOTHING_CODES)} END",
            "item_found": f"CASE WHEN has_linked THEN {_mapped(named(LINKED), YES_NO)} END",
        }, "_child"),
        fill(connection, "step", {**who, "stage": "'arrested'", "occurred_on": "left(occurred_at, 10)"},
             f"_child WHERE {is_arrest}"),
    ]  # fmt: skip
    return [_without_empty(connection, name, columns) for name, columns in present]


def _without_empty(connection: Any, name: str, columns: tuple[str, ...]) -> Present:
    """Columns that no month of the source has are not said to be there."""
    if name != "power_use":
        return name, columns
    maybe = ("clothing_removal", "item_found")
    found = connection.execute(f"SELECT {', '.join(f'count({c})' for c in maybe)} FROM raw_power_use").fetchall()[0]
    empty = {column for column, n in zip(maybe, found, strict=True) if not n}
    return name, tuple(c for c in columns if c not in empty)


def _fill_areas(
    connection: Any, boundaries: areas.Boundaries, sent: tuple[str, ...], not_sent: tuple[str, ...]
) -> list[Present]:
    """The areas as schools, and what the force sent of each, months and stages."""
    used = {row[0] for row in connection.execute("SELECT DISTINCT area FROM _child").fetchall()}
    every = [*boundaries.areas, *((code, name) for code, name in areas.NAMES.items() if code in used)]
    connection.execute("CREATE TABLE _area (_file VARCHAR, _line VARCHAR, code VARCHAR, name VARCHAR)")
    add_rows(connection, "_area", ["_file", "_line", "code", "name"],
             [[boundaries.file, str(n), code, name] for n, (code, name) in enumerate(every, start=1)])  # fmt: skip
    areas.draw(connection, [code for code, _ in every])
    spells = [["contact", str(a), str(b), "complete"] for a, b in runs(sent)]
    spells += [["contact", str(a), str(b), "not_collected"] for a, b in runs(not_sent)]
    first, last = runs([min(sent)])[0][0], runs([max(sent)])[0][1]
    spells += [[stage, str(first), str(last), "not_collected"] for stage in NOT_TOLD]
    connection.execute("CREATE TABLE _spell (subject VARCHAR, from_on VARCHAR, to_on VARCHAR, state VARCHAR)")
    add_rows(connection, "_spell", ["subject", "from_on", "to_on", "state"], spells)
    connection.execute(
        "CREATE TABLE _told AS SELECT _file, _line, code, subject, from_on, to_on, state FROM _area, _spell"
    )
    told = {"urn": "'area:' || code", **{c: c for c in ("subject", "from_on", "to_on", "state")}}
    return [areas.fill_areas(connection, "_area"), fill(connection, "collection", told, "_told")]


def _noted(connection: Any, file: str) -> list[Finding]:
    """What a sender and a reader should know of the stops: ages, places, months."""
    none, far, strayed = connection.execute(
        f"SELECT count(*) FILTER (area = {quoted(areas.NO_PLACE)}), count(*) FILTER (area = {quoted(areas.ELSEWHERE)}), "
        "count(*) FILTER (left(occurred_at, 7) <> source_month) FROM _child"
    ).fetchall()[0]
    young, ageless = connection.execute(
        "SELECT count(*) FILTER (\"Age range\" = 'under 10'), count(*) FILTER (\"Age range\" = '') FROM _stop"
    ).fetchall()[0]
    said = [
        ("W_NO_AGE", "Age range", ageless, "stops of any age say no age: children among them are in no figure."),
        ("W_NO_AGE", "Age range", young, "stops are of children under 10: figures are of ages 10 to 17."),
        ("W_NO_PLACE", "Latitude", none, "stops of children have no coordinates: their area is not known."),
        ("W_NO_PLACE", "Latitude", far, "stops of children lie in none of the areas."),
        ("W_OTHER_MONTH", "Date", strayed, "stops of children are dated outside the month of their file."),
    ]
    return [Finding(code, file, "contact", column, (), counted(n, words)) for code, column, n, words in said if n]


PROFILE = Profile(
    name="police-uk-stops",
    about="Stops and searches of children aged 10 to 17 of one force, as data.police.uk publishes them, put into areas.",
    reads="the publisher's folder of months, or one table with source_month and source_force; a zipped shapefile of areas beside it",
    version="1",
    caveats=(
        "Stops of ages 10 to 17 as the force recorded the age; stops without an age are in no figure.",
        "A child cannot be told apart from another: a child stopped twice is two involvements.",
        "A stop counts where it was made (the publisher moves it to a nearby map point), a resident where they live. "
        "A stop without a place counts over all areas together, and in none.",
    ),
    gather=gather,
)
