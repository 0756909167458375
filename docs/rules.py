"""The pages of the rules, made from their declarations: one page a code, and one that lists them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from dueregard.check.catalogue import every_rule
from dueregard.check.rules import Rule
from dueregard.evidence.codes import CODES, FindingCode

ABOUT = {
    "file": "Bytes", "header": "Headers", "row": "Rows", "cell": "One value", "key": "Keys", "tables": "Across tables",
    "workbook": "Workbooks", "profile": "Profiles",
}  # fmt: skip
ANY_DAY = date(2000, 1, 1)  # the rules that ask for the future show it; the page says *today*


def rule_pages() -> dict[str, tuple[str, str, list[str]]]:
    """file name -> (title, about, lines): the list of codes, and a page for each."""
    rules: dict[str, list[Rule]] = {}
    for rule in every_rule(ANY_DAY):
        rules.setdefault(rule.code, []).append(rule)
    pages = {f"rules/{code.code}.md": _code_page(code, rules.get(code.code, [])) for code in CODES}
    return {"rules.md": _index(rules), **pages}


def _index(rules: dict[str, list[Rule]]) -> tuple[str, str, list[str]]:
    about = (
        "What `dueregard check` looks at. A code that begins with E_ refuses the row (or the file); one with W_ tells and "
        "refuses nothing. Every fault is found in one pass, and accepted plus rejected rows are the rows read. "
        "Each code has a page with all of its rules; a finding names its rule."
    )
    lines = []
    for place, title in ABOUT.items():
        codes = [code for code in CODES if code.about == place]
        if codes:
            rows = [(f"[{c.code}](rules/{c.code}.md)", c.means, str(len(rules.get(c.code, []))) or "") for c in codes]
            lines += [f"## {title}", "", *_table(("code", "means", "rules of tables"), rows)]
    return "Rules", about, lines


def _code_page(code: FindingCode, rules: list[Rule]) -> tuple[str, str, list[str]]:
    level = (
        "An error: the row (or the file) is refused."
        if code.code.startswith("E_")
        else "A warning: nothing is refused."
    )
    lines = [level, "", f"**Why.** {code.why}", ""]
    if code.try_this:
        lines += [f"**Try.** {code.try_this}", ""]
    if rules:
        lines += ["## Its rules", "", *_table(("id", "columns", "message", "needs"), map(_rule, rules))]
    across = [rule for rule in rules if rule.rows]
    if across:
        lines += [
            "## Asked across rows",
            "",
            "The rows that each finds, as SQL over the raw rows (`work_`) and the accepted ones.",
            "",
        ]
        for rule in across:
            lines += [f"### {rule.id}", "", "```sql", rule.rows, "```", ""]
    return code.code, code.means, [*lines, "[All rules](../rules.md)", ""]


def _rule(rule: Rule) -> tuple[str, str, str, str]:
    columns = ", ".join(f"`{c}`" for c in rule.columns)
    return f"`{rule.id}`", columns, rule.message.replace("|", "/"), ", ".join(rule.needs)


def _table(header: tuple[str, ...], rows: Iterable[Iterable[str]]) -> list[str]:
    lines = [f"| {' | '.join(header)} |", f"| {' | '.join('---' for _ in header)} |"]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows), ""]
