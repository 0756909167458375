"""Writes docs/reference/ from the code: commands, tables, dictionary, measures, terms, crosswalks, rules, profiles.

`python -m docs.generate` writes the pages; a test fails where one is stale.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from docs.rules import rule_pages

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "reference"
MADE = "<!-- Made by `python -m docs.generate`. Change the code, not this page. -->"
BY_COMMANDS = ("validation.md",)  # pages of docs/reference that a long run of a command makes, not this module
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
    """Every command of the command line; one that stands under another by both names."""
    return sorted(_commands())


def _commands() -> dict[str, object]:
    from dueregard.cli import app

    return dict(_commands_of(app, ""))


def _commands_of(group: object, before: str) -> Iterator[tuple[str, object]]:
    for name in group:  # type: ignore[attr-defined]
        if name.startswith("-"):
            continue
        if group[name].default_command is None:  # type: ignore[index]
            yield from _commands_of(group[name], f"{before}{name} ")  # type: ignore[index]
        else:
            yield f"{before}{name}", group[name]  # type: ignore[index]


def commands_page() -> str:
    """Each command with its arguments, options and exit codes, from the command line itself."""
    lines = [line for name, command in sorted(_commands().items()) for line in _command(name, command)]
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
    """The native layout table by table, from the declarations of `records`."""
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
    if lists and column.kind != "code":  # type: ignore[attr-defined]
        return f"{column.kind}; usual words: {lists}"  # type: ignore[attr-defined]
    limits = f", at most {column.most}" if column.most is not None else ""  # type: ignore[attr-defined]
    words = f"code: {lists}" if lists else f"{column.kind}{limits}"  # type: ignore[attr-defined]
    return words + ("; or `all`" if column.tabulated else "")  # type: ignore[attr-defined]


def _blank(column: object) -> str:
    if not column.blank:  # type: ignore[attr-defined]
        return "refused"
    if column.default:  # type: ignore[attr-defined]
        return f"`{column.default}`"  # type: ignore[attr-defined]
    return "`not_recorded`" if column.kind == "code" else "empty"  # type: ignore[attr-defined]


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


# Dictionary.
DICTIONARY = ("table", "column", "type", "meaning", "lists", "also read as", "range", "column may be absent", "blank",
              "characteristic", "tabulated", "key", "refers to")  # fmt: skip


def dictionary_rows() -> Iterator[dict[str, str]]:
    """Every column of every table as one row of plain words, from its declaration."""
    from dueregard.records.tables import TABLES

    for table in TABLES:
        refers = {column: f"{other}.{there}" for column, other, there in table.references}
        for c in table.columns:
            values = (table.name, c.name, str(c.kind), c.about, _editions(c), _aliases(c), _range(c, table),
                      _yes(c.optional), _blank(c).strip("`"), _yes(c.characteristic), _yes(c.tabulated),
                      _yes(c.name in table.key), refers.get(c.name, ""))  # fmt: skip
            yield dict(zip(DICTIONARY, values, strict=True))


def _yes(is_so: bool) -> str:
    return "yes" if is_so else ""


def _editions(column: object) -> str:
    from dueregard.terms.lists import code_list

    return "; ".join(f"{x} ({code_list(x).version})" for x in column.lists)  # type: ignore[attr-defined]


def _aliases(column: object) -> str:
    return "; ".join(said if said == code else f"{said} as {code}" for said, code in column.aliases)  # type: ignore[attr-defined]


def _range(column: object, table: object) -> str:
    """What a number or a day may be."""
    limits = [f"{word} {n}" for word, n in (("at least", column.least), ("at most", column.most)) if n is not None]  # type: ignore[attr-defined]
    limits += ["not after today"] if column.past else []  # type: ignore[attr-defined]
    limits += [f"not before {a}" for a, b in table.periods if b == column.name]  # type: ignore[attr-defined]
    return ", ".join(limits)


def dictionary_csv() -> str:
    """The data dictionary as a file for programs."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, DICTIONARY, lineterminator="\n")
    writer.writeheader()
    writer.writerows(dictionary_rows())
    return out.getvalue()


def dictionary_page() -> str:
    """The data dictionary: every column with all that its declaration says, and every list with its users."""
    from dueregard.records.tables import TABLES

    rows = list(dictionary_rows())
    lines = [" · ".join(f"[{t.name}](#{t.name})" for t in TABLES), ""]
    for table in TABLES:
        lines += [f"## {table.name}", "", f"One row is {table.about}.", ""]
        lines += _table(DICTIONARY[1:], [_linked(row) for row in rows if row["table"] == table.name])
    lines += [
        "## Lists and where they stand",
        "",
        *_table(("list", "version", "columns", "crosswalks to"), _uses(rows)),
    ]
    return _page(
        "Data dictionary",
        "Every column of every table, from its declaration: the checks, the SQL types, the synthetic data and this page "
        "follow from the same lines of code. The same as a file: [dictionary.csv](dictionary.csv). *Characteristic*: the four "
        "ways of [not knowing](../explanation/missing.md) may stand there. *Tabulated*: `all` may stand there, where a "
        "source does not split by it. *Blank*: how an empty cell is read. A list has its edition in brackets. Kinds of column "
        "are explained under [tables](tables.md#kinds-of-column).",
        lines,
    )


def _linked(row: dict[str, str]) -> list[str]:
    lists = "; ".join(f"[{name}](terms.md#{name}) {edition}" for name, _, edition in _named(row["lists"]))
    refers = f"[{row['refers to']}](#{row['refers to'].partition('.')[0]})" if row["refers to"] else ""
    shown = row | {"column": f"`{row['column']}`", "lists": lists, "refers to": refers}
    return [shown[name] for name in DICTIONARY[1:]]


def _named(lists: str) -> list[tuple[str, str, str]]:
    return [one.partition(" ") for one in lists.split("; ") if one]


def _uses(rows: list[dict[str, str]]) -> Iterator[tuple[str, str, str, str]]:
    """Each list: its edition, the columns in which it may stand, and the crosswalks that lead from it."""
    from dueregard.terms.crosswalks import crosswalks_from
    from dueregard.terms.lists import code_list, list_names

    for name in list_names():
        used = [f"`{r['table']}.{r['column']}`" for r in rows if name in [x for x, *_ in _named(r["lists"])]]
        walks = [f"[{walk.to_list}](crosswalks.md#{walk.name})" for walk in crosswalks_from(name)]
        yield f"[{name}](terms.md#{name})", code_list(name).version, ", ".join(used) or "none", ", ".join(walks)


# Measures.
def measures_page() -> str:
    """The catalogue of questions, and what a question is made of."""
    from dueregard.measures.catalogue import catalogue, counted_from
    from dueregard.measures.columns import OWN_COLUMNS, SPLIT_COLUMNS, STRATUM_WORDS
    from dueregard.measures.measure import DENOMINATORS, UNITS
    from dueregard.terms.stages import AT_GATES, SANCTIONS

    rows = [(f"`{e.stage}`", e.wording, f"{e.source}.", e.ladder) for e in catalogue()]
    lines = ["## The catalogue", "", *_table(("stage", "question", "counted from", "ladder"), rows)]
    beside = [(f"`{s.code}`", f"{s.label}.", f"{counted_from(s)}.") for s in (*SANCTIONS, *AT_GATES)]
    lines += ["## Beside the ladder", "", "The school's own answers (in events, over the roll), and those who stand at a [gate](../how-to/gates.md) (as denominators).", ""]  # fmt: skip
    lines += _table(("stage", "meaning", "counted from"), beside)
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
    """Every code list with its version, its terms, and where crosswalks lead from it."""
    from dueregard.terms.crosswalks import crosswalks_from
    from dueregard.terms.lists import code_list, list_names

    lists = [code_list(name) for name in list_names()]
    rows = [(f"[{x.name}](#{x.name})", x.title, x.version, str(len(x.terms)), "own" if x.is_own else "") for x in lists]
    lines = _table(("list", "title", "version", "codes", ""), rows)
    for found in lists:
        lines += [f"## {found.name}", "", f"{found.title}, version {found.version}.", ""]
        dated = ("from", "to", "note") if found.is_dated else ()
        lines += _table(("code", "label", "group", "seen", *dated), [_term_cells(t, bool(dated)) for t in found])
        walks = [f"[{walk.to_list}](crosswalks.md#{walk.name})" for walk in crosswalks_from(found.name)]
        lines += [f"Crosswalks to {', '.join(walks)}.", ""] if walks else []
    return _page(
        "Terms",
        "The code lists. *Own* marks a list that nobody publishes. *Seen*: S, in the publisher's source; S2, second hand; "
        "M, from memory and still to be checked; own, ours. *From* and *to*: the days between which a word is in use, where "
        "they are known. The version of every list is part of a snapshot's id. What becomes of a code in another list, and "
        "what is lost, stands under [crosswalks](crosswalks.md).",
        lines,
    )


def _term_cells(term: object, is_dated: bool) -> list[str]:
    cells = [f"`{term.code}`", term.label, term.group, term.prov]  # type: ignore[attr-defined]
    days = ["" if day is None else str(day) for day in (term.from_on, term.to_on)]  # type: ignore[attr-defined]
    return cells + ([*days, term.note] if is_dated else [])  # type: ignore[attr-defined]


def crosswalks_page() -> str:
    """Every crosswalk, step by step, with what each loses."""
    from dueregard.terms.crosswalks import crosswalks, meanings
    from dueregard.terms.lists import code_list

    rows = [(f"[{x.name}](#{x.name})", x.version, str(len(x.codes)), _coded(x.ambiguous),
             _coded(code for code in x.codes if x.is_lossy(code))) for x in crosswalks()]  # fmt: skip
    lines = _table(("crosswalk", "version", "codes", "of several meanings", "lossy"), rows)
    for walk in crosswalks():
        labels = code_list(walk.from_list).labels
        each = [walk.steps_of(code) for code in walk.codes]
        lines += [f"## {walk.name}", "", f"From [{walk.from_list}](terms.md#{walk.from_list}) to [{walk.to_list}](terms.md#{walk.to_list}), version {walk.version}.", ""]  # fmt: skip
        lines += _table(("code", "label", "becomes", "loss", "seen"),
                        [(f"`{s[0].from_code}`", labels[s[0].from_code], meanings(s), s[0].loss, s[0].prov) for s in each])  # fmt: skip
    return _page(
        "Crosswalks",
        "What a code of one list becomes in another. *Loss* says what can no longer be told after that step. A code of several "
        "meanings is never translated by itself: whoever translates must choose, and the error lists the choices. No crosswalk "
        "leads from the United States federal categories to the broad groups, or back. Why, and how to read a loss: "
        "[code lists and what is lost between them](../explanation/code-lists.md).",
        lines,
    )


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


def roles_page() -> str:
    """Every address of the service and the roles that may ask for it, and every right to rows."""
    from dueregard.store.open import set_up

    set_up()  # the policy imports models, so Django must know its applications
    from dueregard.store.policy import RIGHTS
    from dueregard.store.roles import ROLES
    from dueregard.web.addresses import ADDRESSES, ANYONE, EVERY_ROLE, HALF

    lines = ["## Addresses", "", "| address | for |", "| --- | --- |"]  # fmt: skip
    for a in ADDRESSES:
        whom = {ANYONE: "anyone, without signing in", HALF: "whoever gave a password", EVERY_ROLE: "every role"}.get(
            a.roles
        )
        path = re.sub(r"<\w+:(\w+)>", lambda m: m[1].upper(), a.path)
        lines.append(f"| `{path or 'the first page'}` | {whom or ', '.join(ROLES[role] for role in a.roles)} |")
    lines += ["", "## Rights to rows", "", "Scopes: *own* is the officer's own, contacts for 28 days; *school* and *borough* are those of the role; *sample* what was drawn for the panel; *glass* "
              "what was opened in need; *notice* what is told to the role. Pseudonyms of pupils are hidden from everybody.", "",
              "| role | tables | may | scope | hidden | a reason first |", "| --- | --- | --- | --- | --- | --- |"]  # fmt: skip
    for r in RIGHTS:
        hidden = ", ".join(f"`{name}`" for name in sorted(r.hidden))
        lines.append(
            f"| {ROLES.get(r.role, r.role)} | {', '.join(f'`{t}`' for t in r.tables)} | {', '.join(r.verbs)} | {r.scope} | {hidden} | {'yes' if r.needs_why else ''} |"
        )
    return _page(
        "Roles and pages of the service",
        "Who may ask for which address, and which rows a page then shows. Refused looks the same as absent.",
        lines,
    )


def releases_page() -> str:
    """The states of a release and every move, as a table and as a drawing."""
    from dueregard.release.moves import MOVES, diagram

    rows = [(m.name, "" if m.before is None else str(m.before), str(m.after), str(m.by), m.says,
             "yes" if m.needs_reason else "") for m in MOVES]  # fmt: skip
    lines = ["```mermaid", diagram(), "```", ""]
    lines += _table(("move", "from", "to", "who may", "what it does", "says why"), rows)
    return _page(
        "The moves of a release",
        "Every move is an entry in the ledger, bound to the hash of the bytes. What is not in this table is refused. How to: [publish](../how-to/publish.md).",
        lines,
    )


def pages() -> dict[str, str]:
    """Every generated page by its file name."""
    return {
        "commands.md": commands_page(),
        "tables.md": tables_page(),
        "dictionary.md": dictionary_page(),
        "dictionary.csv": dictionary_csv(),
        "measures.md": measures_page(),
        "terms.md": terms_page(),
        "crosswalks.md": crosswalks_page(),
        **{name: _page(*page) for name, page in rule_pages().items()},
        "profiles.md": profiles_page(),
        "roles.md": roles_page(),
        "releases.md": releases_page(),
    }


def main() -> None:
    (FOLDER / "rules").mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(f"docs/reference/{name}: {len(text.splitlines())} lines")


if __name__ == "__main__":
    main()
