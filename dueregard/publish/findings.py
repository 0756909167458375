"""The page of what `check` found: by file, by school, by field, and what is missing for which group."""

from __future__ import annotations

from typing import Any

from dueregard.evidence.cells import Completeness
from dueregard.evidence.codes import CODES
from dueregard.evidence.finding import Finding, line_words
from dueregard.evidence.intake import Checked
from dueregard.publish import views, words
from dueregard.publish.page import template

MEANS = {code.code: code.means for code in CODES}


def render(checked: Checked) -> bytes:
    """One HTML file that needs nothing else. It quotes no value; it names files, columns, lines and known schools."""
    return template("findings.html").render(**context(checked)).encode()


def context(checked: Checked) -> dict[str, Any]:
    """Everything that the page shows."""
    completeness = Completeness((), checked.known)
    return {
        "internal": words.INTERNAL,
        "files": [(r.file, r.table, words.whole(r.accepted), words.whole(r.rejected)) for r in checked.reports],
        "n_errors": sum(1 for f in checked.findings if f.is_error),
        "n_warnings": sum(1 for f in checked.findings if not f.is_error),
        "findings": [_finding(f) for f in sorted(checked.findings, key=lambda f: (not f.is_error, f.file))],
        "fields": _fields(checked),
        "schools": [(t, urn, words.whole(a), words.whole(r)) for t, urn, a, r in checked.schools],
        "known": views.known_view(completeness),
        "known_states": [words.STATE_WORDS[state] for state in views.KNOWN_STATES],
        "ignored": checked.intake.ignored,
        "means": sorted({f.code: MEANS[f.code] for f in checked.findings}.items()),
    }


def _finding(found: Finding) -> tuple[str, ...]:
    lines = line_words(found.lines, found.n_rows).strip(" ()")
    return found.code, found.level, found.file, found.column, lines, found.message, found.try_this


def _fields(checked: Checked) -> list[tuple[str, str, str, str]]:
    """(table, field, rows refused or told of, codes) over all files."""
    found: dict[tuple[str, str], tuple[int, set[str]]] = {}
    for f in checked.findings:
        n, codes = found.get((f.table, f.column), (0, set()))
        found[(f.table, f.column)] = (n + f.n_rows, codes | {f.code})
    return [
        (table, column or "(whole rows or files)", words.whole(n), ", ".join(sorted(codes)))
        for (table, column), (n, codes) in sorted(found.items())
    ]
