"""A specification case is a piece of Markdown: sentences, small tables, a question, and the expected numbers.

A file of `cases/` is a chapter. Tables under its `#` title belong to every case; each `##` title begins a case, whose
tables replace those of the chapter. A line `roll:` names the table that follows it (`roll: none` takes it away). An
indented `dueregard compare ...` (without the snapshot) asks; the table after it is what the answer must be, cell by
cell, with the arithmetic written out. Bullets expect the rest:

    - schools used: 2                        - left out: partial 1 (B 10, W 20)   - left out: partial 1 (unknown 1)
    - not identified: 1                      - caveat: words of it (any letter case)
    - disagreeing: 1                         - no caveat: words
    - error: CannotAnswer: words of it       - finding: W_NO_RETURN
    - missing: not_stated 1, share 1 / 4     - left out within: B 10 / 40
    - repeats: B n 3, squares 2 * 2 + 1, not_identified 0, most 2

`within:` before a table expects the strata, whose names stand in its column `stratum` (`a, b` where there are two).
A case that does not care for a column leaves it out: see DEFAULTS. A case without `school` gets the schools that its
tables name; one without `collection` gets `*` complete for 2023/24, for every subject that can be collected.
"""

from __future__ import annotations

import ast
import csv
import operator
import re
import shlex
from dataclasses import dataclass, field, replace
from pathlib import Path

from dueregard.records.table import Column, Kind
from dueregard.records.tables import TABLE_NAMES, table

CASES = Path(__file__).parent / "cases"
Rows = list[dict[str, str]]

DEFAULTS = {
    "roll": {"urn": "1", "census_on": "2024-01-18"},
    "contact": {"urn": "1", "occurred_at": "2024-01-15T10:00"},
    "involvement": {"subject_category": "subject_of_concern"},
    "step": {"occurred_on": "2024-01-15"},
    "outcome": {"decided_on": "2024-01-15"},
    "support": {"urn": "1", "offered_on": "2024-01-15"},
    "posting": {"urn": "1", "officer_ref": "o1", "from_on": "2023-09-01", "kind": "ssp_part_time"},
    "stage_count": {"urn": "1", "period": "2023/24", "unit": "pupils"},
    "sanction": {
        "urn": "1",
        "academic_year": "2023/24",
        "term": "autumn",
        "kind": "SUSP",
        "sen_provision": "all",
        "sen_type": "all",
    },
    "calendar": {"la_code": "*", "academic_year": "2023/24"},
    "collection": {"urn": "*", "from_on": "2023-09-01", "to_on": "2024-08-31"},
}
COLLECTED = ("roll", "contact", "posting", "support", "activity", "sanction")


@dataclass(frozen=True, slots=True)
class Ask:
    """One question and what its answer must be. whole, within: expected cells, as text."""

    words: str
    whole: Rows | None = None
    within: Rows | None = None
    expect: tuple[tuple[str, str], ...] = ()

    def expected(self, key: str) -> list[str]:
        return [value for name, value in self.expect if name == key]


@dataclass(frozen=True, slots=True)
class Case:
    """One rule of the specification: what it says, the tables that show it, and the questions asked of them."""

    chapter: str
    title: str
    about: str
    tables: dict[str, Rows] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    asks: tuple[Ask, ...] = ()


# ---------------------------------------------------------------- reading


def read_cases() -> list[Case]:
    """Every case of every chapter."""
    return [case for path in sorted(CASES.glob("*.md")) for case in read_chapter(path)]


def read_chapter(path: Path) -> list[Case]:
    """The cases of one file; its own tables are added to each."""
    top, *rest = re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    chapter = _read_case("", top.removeprefix("# "))
    return [_joined(chapter, _read_case(chapter.title, text)) for text in rest]


def _joined(chapter: Case, case: Case) -> Case:
    shared = {name: rows for name, rows in chapter.tables.items() if name not in case.absent}
    return replace(case, tables=shared | case.tables, absent=tuple({*chapter.absent, *case.absent} - {*case.tables}))


def _read_case(chapter: str, text: str) -> Case:
    title, *lines = text.splitlines()
    about, tables, absent, asks = [], {}, [], []
    place: str | None = None  # the table that the next `|` lines fill
    for block in _blocks(lines):
        first = block[0]
        named = re.fullmatch(r"(\w+):( none)?", first)
        if first.startswith("|"):
            rows = _read_rows(block)
            if asks and place in (None, "within"):
                asks[-1] = replace(asks[-1], **{place or "whole": rows})
            elif place is not None:
                tables[place] = rows
            place = None
        elif named and named[1] in (*TABLE_NAMES, "within"):
            if named[2]:
                absent.append(named[1])
            place = None if named[2] else named[1]
        elif first.startswith("    dueregard "):
            asks.append(Ask(first.strip()))
            place = None
        elif first.startswith("- "):
            pairs = tuple(tuple(line[2:].split(": ", 1)) for line in block)
            asks[-1] = replace(asks[-1], expect=asks[-1].expect + pairs)
        else:
            about.append(" ".join(block))
    return Case(chapter, title.strip(), "\n".join(about), tables, tuple(absent), tuple(asks))


def _blocks(lines: list[str]) -> list[list[str]]:
    """Lines that stand together. A table, a bullet list and a question are blocks of their own."""
    blocks: list[list[str]] = []
    last = ""
    for line in lines:
        kind = "" if not line.strip() else line[0] if line[0] in "|-" else "q" if line.startswith("    ") else "text"
        if kind == "text" and re.fullmatch(r"\w+:( none)?", line):
            kind = "name"
        if kind and kind == last and kind in ("|", "-", "text"):
            blocks[-1].append(line)
        elif kind:
            blocks.append([line])
        last = kind
    return blocks


def _read_rows(lines: list[str]) -> Rows:
    header, *rest = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    return [dict(zip(header, row, strict=True)) for row in rest if not set("".join(row)) <= {"-"} or not any(row)] or [
        dict.fromkeys(header, "\0")
    ]


def is_header_alone(rows: Rows) -> bool:
    """A table that is present and has no row: a nil return."""
    return len(rows) == 1 and set(rows[0].values()) == {"\0"}


# ---------------------------------------------------------------- writing


def write_folder(case: Case, folder: Path) -> Path:
    """The case's tables as a native folder."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {"school": _schools(case.tables)} | case.tables
    if "collection" not in case.tables and "collection" not in case.absent:
        tables["collection"] = [{"subject": subject, "state": "complete"} for subject in COLLECTED]
    for name, rows in tables.items():
        _write(folder / f"{name}.csv", name, rows)
    return folder


def _schools(tables: dict[str, Rows]) -> Rows:
    found = {row.get("urn") or DEFAULTS[name]["urn"] for name in tables if "urn" in DEFAULTS.get(name, {})
             for row in tables[name] if name != "school"}  # fmt: skip
    return [{"urn": urn, "name": f"School {urn}"} for urn in sorted(found - {"*", "\0"})]


def _write(path: Path, name: str, rows: Rows) -> None:
    given = list(rows[0])
    columns = [c for c in table(name).columns if c.name in given or not c.optional]
    unknown = set(given) - {c.name for c in columns}
    assert not unknown, f"{name} has no column {', '.join(unknown)}"
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(c.name for c in columns)
        if not is_header_alone(rows):
            writer.writerows([row.get(c.name, _default(name, c, given)) for c in columns] for row in rows)


def _default(name: str, column: Column, given: list[str]) -> str:
    if column.name in DEFAULTS.get(name, {}):
        return DEFAULTS[name][column.name]
    if column.tabulated and (name == "stage_count" or "tabulation" in given):
        return "all"
    return "not_collected" if column.kind is Kind.CODE and column.blank and not column.default else ""


# ---------------------------------------------------------------- asking and reading expectations


def question_of(words: str):  # type: ignore[no-untyped-def]
    """The Measure of `dueregard compare --stage ...`, through the same words as the command line."""
    from dueregard.measures.question import question

    _, command, *tokens = shlex.split(words)
    assert command == "compare", words
    options: dict[str, str] = {}
    where: list[str] = []
    for option, value in zip(tokens[::2], tokens[1::2], strict=True):
        if option == "--where":
            where.append(value)
        else:
            options[option.removeprefix("--")] = value
    options.pop("comparison", None)
    return question(options.pop("stage"), where=where, **options)


def comparison_of(words: str) -> str | None:
    tokens = shlex.split(words)
    return tokens[tokens.index("--comparison") + 1] if "--comparison" in tokens else None


OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def worked_out(text: str) -> float | int | None:
    """The number that written-out arithmetic gives; nothing for an empty cell.

    >>> worked_out("(3 + 1) / 40")
    0.1
    """
    if not text:
        return None
    return _value(ast.parse(text, mode="eval").body)


def _value(node: ast.AST) -> float | int:
    if isinstance(node, ast.Constant):
        return node.value  # type: ignore[return-value]
    assert isinstance(node, ast.BinOp), "only sums, differences, products and quotients"
    return OPERATORS[type(node.op)](_value(node.left), _value(node.right))
