"""Writes docs/reference/ from the code: commands, tables, measures, terms, rules, profiles.

`python -m docs.generate` writes the pages; a test fails where one is stale.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "reference"
MADE = "<!-- Made by `python -m docs.generate`. Change the code, not this page. -->"
EXIT_CODE = re.compile(r"[|`]-- (\w+) +(\d+) +(.*)")


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _table(header: tuple[str, ...], rows: Iterable[Iterable[str]]) -> list[str]:
    return [_row(header), _row("---" for _ in header), *(_row(row) for row in rows), ""]


def _page(title: str, about: str, lines: Iterable[str]) -> str:
    text = "\n".join([MADE, "", f"# {title}", "", about, "", *lines]).rstrip()
    return re.sub(r"\n{3,}", "\n\n", text) + "\n"


def _coded(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


# Commands.
def command_names() -> list[str]:
    """Every command of the command line."""
    from dueregard.cli import app

    return sorted(name for name in app if not name.startswith("-"))


def commands_page() -> str:
    """Each command with its arguments, options and exit codes, from the command line itself."""
    from dueregard.cli import app

    lines = [line for name in command_names() for line in _command(name, app[name])]
    return _page(
        "Commands",
        "Every command, as `dueregard COMMAND --help` tells it. Paths may be relative. "
        "Results go to standard output, progress and messages to standard error.",
        [*lines, *_exit_codes()],
    )


def _command(name: str, command: object) -> list[str]:
    told = (command.default_command.__doc__ or "").strip()  # type: ignore[attr-defined]
    about = _about_parameters(told)
    arguments, options, usage = [], [], f"dueregard {name}"
    for found in command.assemble_argument_collection():  # type: ignore[attr-defined]
        row = [_coded(_names(found)), found.parameter.help or about.get(found.field_info.name, ""), _default(found)]
        is_positional = found.field_info.is_positional_only
        (arguments if is_positional else options).append(row)
        if is_positional:
            usage += f" {found.name}" if found.required else f" [{found.name}]"
        elif found.required:
            usage += f" {found.name} ..."
    lines = [f"## {name}", "", told.split("\n\n")[0].replace("\n    ", " "), "", "```text", usage + (" [OPTIONS]" if options else ""), "```", ""]  # fmt: skip
    if arguments:
        lines += _table(("argument", "meaning", ""), arguments)
    return lines + (_table(("option", "meaning", ""), options) if options else [])


def _about_parameters(docstring: str) -> dict[str, str]:
    """What a docstring says of each parameter."""
    _, _, listed = docstring.partition("----------\n")
    found: dict[str, list[str]] = {}
    name = ""
    for line in listed.splitlines():
        if line.strip() and len(line) - len(line.lstrip()) <= 4:
            name = line.strip()
        elif line.strip():
            found.setdefault(name, []).append(line.strip())
    return {name: " ".join(lines) for name, lines in found.items()}


def _names(found: object) -> list[str]:
    return [found.name, *(n for n in found.names if n != found.name and not n.startswith(("--no-", "--empty-")))]  # type: ignore[attr-defined]


def _default(found: object) -> str:
    if found.required:  # type: ignore[attr-defined]
        return "required"
    default = found.field_info.default  # type: ignore[attr-defined]
    return "" if default in (None, False) or not isinstance(default, (str, int)) else f"default `{default}`"


def _exit_codes() -> list[str]:
    from dueregard import errors

    rows = [("0", "done")]
    rows += [(code, f"{said} (`{name}`)") for name, code, said in EXIT_CODE.findall(errors.__doc__ or "")]
    return ["## Exit codes", "", *_table(("code", "meaning"), rows)]


# Tables.
def tables_page() -> str:
    """The data dictionary, from the declarations of `records`."""
    from dueregard.records.tables import TABLES

    names = [f"[{t.name}](#{t.name})" for t in TABLES]
    return _page(
        "Tables",
        "The native layout: one CSV (UTF-8, with a header) or Parquet file a table, in one folder, named after the table "
        "(`school.csv`). *Column may be absent*: the file may lack it. *Blank* says how an empty cell is read. Keys are "
        "pseudonyms: names, addresses, dates of birth and national pupil numbers have no column, and a column that is not "
        "listed here is refused.",
        [" · ".join(names), "", *(line for t in TABLES for line in _declared(t)), *_kinds()],
    )


def _declared(table: object) -> list[str]:
    lines = [f"## {table.name}", "", f"One row is {table.about}.", ""]  # type: ignore[attr-defined]
    lines += [f"Key: {_coded(table.key)}.", ""] if table.key else []  # type: ignore[attr-defined]
    refers = [f"`{c}` to `{t}.{there}`" for c, t, there in table.references]  # type: ignore[attr-defined]
    lines += [f"Refers: {'; '.join(refers)}.", ""] if refers else []
    rows = [(f"`{c.name}`", c.about, _kind(c), "yes" if c.optional else "", _blank(c)) for c in table.columns]  # type: ignore[attr-defined]
    return lines + _table(("column", "meaning", "kind", "column may be absent", "blank"), rows)


def _kind(column: object) -> str:
    lists = " or ".join(f"[{x}](terms.md#{x})" for x in column.lists)  # type: ignore[attr-defined]
    limits = f", at most {column.most}" if column.most is not None else ""  # type: ignore[attr-defined]
    words = f"code: {lists}" if lists else f"{column.kind}{limits}"  # type: ignore[attr-defined]
    return words + ("; or `all`" if column.tabulated else "")  # type: ignore[attr-defined]


def _blank(column: object) -> str:
    if not column.blank:  # type: ignore[attr-defined]
        return "refused"
    if column.default:  # type: ignore[attr-defined]
        return f"`{column.default}`"  # type: ignore[attr-defined]
    return "`not_recorded`" if column.lists else "empty"  # type: ignore[attr-defined]


def _kinds() -> list[str]:
    rows = [
        ("key", "a pseudonym or reference: letters, digits and `. _ : / -`, at most 64"),
        ("text", "a short text without control or invisible characters, at most 200"),
        ("code", "a code of the list named; spellings such as `Y` and `N` are read where the list is yes or no"),
        ("date", "`2024-01-18`"),
        ("time", "`2024-01-18T15:10`, or the day alone"),
        ("integer", "a whole number, 0 or more; a negative reserve code is refused"),
        ("decimal", "a number with up to two places"),
    ]
    return ["## Kinds of column", "", *_table(("kind", "what may stand there"), rows)]


# Measures.
def measures_page() -> str:
    """The catalogue of questions, and what a question is made of."""
    from dueregard.measures.catalogue import catalogue
    from dueregard.measures.columns import OWN_COLUMNS, SPLIT_COLUMNS, STRATUM_WORDS
    from dueregard.measures.measure import DENOMINATORS, UNITS

    rows = [(f"`{e.stage}`", e.wording, f"{e.source}.", e.ladder) for e in catalogue()]
    lines = ["## The catalogue", "", *_table(("stage", "question", "counted from", "ladder"), rows)]
    lines += ["## Units", "", f"{_coded(UNITS)}; see [units](../explanation/units.md).", ""]
    lines += ["## Denominators", "", "Or any stage of the catalogue: a rate of one stage among those who reached another.", ""]  # fmt: skip
    lines += _table(("name", "for every 1,000"), [(f"`{d.name}`", d.words) for d in DENOMINATORS.values()])
    splits = [(f"`{c.name}`", c.label, _coded(c.comparisons) or "ask for one with `--comparison`") for c in SPLIT_COLUMNS]  # fmt: skip
    lines += ["## Columns of a split", "", "For `--by` and `--where`. `--by period` gives the trend.", ""]
    lines += _table(("column", "meaning", "compared with, unless asked otherwise"), splits)
    lines += ["## Columns of the numerator's own tables", "", "For `--where`; in `--by` over a stage as denominator, or as counts without a rate.", ""]  # fmt: skip
    lines += _table(("column", "table"), [(f"`{c}`", f"`{t}`") for c, t in OWN_COLUMNS.items()])
    lines += ["## Strata", "", "For `--within`; several with commas.", ""]
    lines += _table(("stratum", "compares inside"), [(f"`{s}`", said) for s, said in STRATUM_WORDS.items()])
    lines += [
        "## Worked examples",
        "",
        "Small tables, a question, and the arithmetic written out. They are tests, and run on every engine.",
        "",
    ]
    for file in sorted((ROOT / "tests" / "spec" / "cases").glob("*.md")):
        cases = re.findall(r"^## (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
        lines.append(
            f"- [{file.stem[3:].replace('_', ' ').capitalize()}](../../tests/spec/cases/{file.name}): {'; '.join(cases)}."
        )
    return _page("Measures", "The questions that can be asked, as `dueregard measures` lists them.", lines)


# Terms.
def terms_page() -> str:
    """Every code list with its version, and the roll-ups to broad groups with what they lose."""
    from dueregard.terms.ethnicity import roll_ups
    from dueregard.terms.lists import code_list, list_names

    lists = [code_list(name) for name in list_names()]
    rows = [(f"[{x.name}](#{x.name})", x.title, x.version, str(len(x.terms)), "own" if x.is_own else "") for x in lists]
    lines = _table(("list", "title", "version", "codes", ""), rows)
    for found in lists:
        lines += [f"## {found.name}", "", f"{found.title}, version {found.version}.", ""]
        lines += _table(("code", "label", "group", "seen"), [(f"`{t.code}`", t.label, t.group, t.prov) for t in found])
    lines += ["## Roll-up of ethnicity to broad groups", "",
              "*Loss* says what can no longer be told after the roll-up.", ""]  # fmt: skip
    rolled = [(r.from_list, f"`{r.from_code}`", f"`{r.to_code}`", r.loss) for r in roll_ups()]
    lines += _table(("list", "code", "becomes", "loss"), rolled)
    return _page(
        "Terms",
        "The code lists. *Own* marks a list that nobody publishes. *Seen*: S, in the publisher's source; S2, second hand; "
        "M, from memory and still to be checked; own, ours. The version of every list is part of a snapshot's id.",
        lines,
    )


# Rules.
def rules_page() -> str:
    """What is checked: of bytes and headers, of each row, across rows and tables."""
    gate = sorted(set(_spoken_in("collect/gate.py")) | set(_spoken_in("collect/readers.py")))
    whole = sorted(set(_spoken_in("check/warnings.py")) | set(_spoken_in("check/run.py")))
    header = ("code", "message", "try")
    lines = ["## Files and headers", "", *_table(header, gate), "## Whole tables", "", *_table(header, whole)]
    for name, rules in _table_rules():
        lines += [f"## {name}", "", *_table(("code", "column", "message", "try"), rules)]
    return _page(
        "Rules",
        "What `dueregard check` looks at. A code that begins with E_ refuses the row (or the file); one with W_ tells and "
        "refuses nothing. Every fault is found in one pass, and accepted plus rejected rows are the rows read. "
        "*N* stands for a number or a name that the message fills in.",
        lines,
    )


def _table_rules() -> Iterator[tuple[str, list[tuple[str, str, str, str]]]]:
    from dueregard.check.keys import duplicate_faults, reference_faults, source_faults
    from dueregard.check.rules import rules_of
    from dueregard.records.tables import TABLE_NAMES, TABLES

    for table in TABLES:
        across = [*duplicate_faults(None, table), *reference_faults(table, TABLE_NAMES), *source_faults(table, TABLE_NAMES)]  # fmt: skip
        rules = [*rules_of(table, date(2000, 1, 1)), *(rule for rule, _ in across)]
        rows = [(f"`{r.code}`", f"`{r.column}`" if r.column else "", r.message, r.try_this) for r in rules]
        yield table.name, list(dict.fromkeys(rows))


def _spoken_in(file: str) -> Iterator[tuple[str, str, str]]:
    """(code, message, try) of the findings that a module speaks, where its code stands in the call."""
    tree = ast.parse((ROOT / "dueregard" / file).read_text(encoding="utf-8"))
    assigned = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    named = {node.targets[0].id: _said(node.value, {}) for node in assigned if isinstance(node.targets[0], ast.Name)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        first = {"Refused": 1, "Finding": 5}.get(node.func.id)
        code = _said(node.args[0], named) if first and node.args else ""
        if first and re.fullmatch(r"[EW]_[A-Z_]+", code):
            said = [_said(argument, named) for argument in node.args[first : first + 2]] + ["", ""]
            if said[0]:
                yield f"`{code}`", said[0], said[1]


def _said(node: ast.expr, named: dict[str, str]) -> str:
    """The words of a literal, or of a name to which one was given; N where a value is filled in."""
    if isinstance(node, ast.Name):
        return named.get(node.id, "")
    if isinstance(node, ast.Constant):
        return str(node.value) if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(x.value) if isinstance(x, ast.Constant) else "N" for x in node.values)
    return ""


# Profiles.
def profiles_page() -> str:
    """What can be read, and how the US files become native tables."""
    from dueregard.collect.profiles import crdc
    from dueregard.collect.profiles.known import profiles

    lines = []
    for found in profiles().values():
        lines += [f"## {found.name}", "", f"{found.about} Reads {found.reads}. Version {found.version}.", ""]
        lines += [f"- Caveat, printed with every figure: {caveat}" for caveat in found.caveats] + [""]
    cells = list(crdc.cell_columns())
    kinds: dict[tuple[str, str, str, str], list[str]] = {}
    for cell in cells:
        kinds.setdefault((cell.table, cell.stage, cell.disability, cell.tabulation), []).append(cell.column)
    rows = [(f"`{c[0]}` … `{c[-1]}`", str(len(c)), f"`{t}`", f"`{s}`" if s else "", d, tab) for (t, s, d, tab), c in kinds.items()]  # fmt: skip
    lines += ["## Columns of the US files", "", "Beside these: `COMBOKEY` (the school), `LEA_STATE` (the area), and the officer's column. Other columns are ignored.", ""]  # fmt: skip
    lines += _table(("columns", "how many", "table", "stage", "disability", "tabulation"), rows)
    lines += ["## Reserve codes of the US files", "", "A code is a state. It can reach no sum.", ""]
    lines += _table(("codes", "state"), [(_coded(crdc.SUPPRESSED), "suppressed"), (_coded(c or "(blank)" for c in crdc.NOT_COLLECTED), "not collected")])  # fmt: skip
    return _page("Profiles", "What can be read, as `dueregard profiles` lists it.", lines)


def pages() -> dict[str, str]:
    """Every generated page by its file name."""
    return {
        "commands.md": commands_page(),
        "tables.md": tables_page(),
        "measures.md": measures_page(),
        "terms.md": terms_page(),
        "rules.md": rules_page(),
        "profiles.md": profiles_page(),
    }


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(f"docs/reference/{name}: {len(text.splitlines())} lines")


if __name__ == "__main__":
    main()
