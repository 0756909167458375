"""Warnings over whole tables: they tell, and refuse nothing."""

from __future__ import annotations

from typing import Any

from dueregard.evidence.finding import Finding, counted


def table_warnings(connection: Any, tables: tuple[str, ...]) -> list[Finding]:
    """What a reader should know of accepted rows taken together."""
    found = []
    if {"school", "contact"} <= set(tables):
        found += _no_return(connection, "collection" in tables)
    if {"collection", "contact"} <= set(tables):
        found += _nil_with_rows(connection)
    if "stage_count" in tables:
        found += _stage_order(connection)
    return found


def _no_return(connection: Any, has_collection: bool) -> list[Finding]:
    """Schools that sent neither a contact nor a word that there was none."""
    told = " AND NOT EXISTS (SELECT 1 FROM collection AS k WHERE k.subject = 'contact' AND k.urn IN (w.urn, '*'))"
    rows = connection.execute(
        "SELECT w._file, list(CAST(w._line AS BIGINT) ORDER BY CAST(w._line AS BIGINT)) FROM work_school AS w "
        "WHERE NOT EXISTS (SELECT 1 FROM contact AS c WHERE c.urn = w.urn)" + (told if has_collection else "")
        + " GROUP BY w._file ORDER BY w._file"
    ).fetchall()  # fmt: skip
    return [
        Finding("W_NO_RETURN", file, "school", "urn", tuple(lines),
                counted(len(lines), "schools have no contact and no return: not a zero; out of rates."),
                "add rows to `collection`: complete, nil, partial or not_collected.")
        for file, lines in rows
    ]  # fmt: skip


def _nil_with_rows(connection: Any) -> list[Finding]:
    """A return of nothing, and contacts in its time: one of the two is wrong."""
    rows = connection.execute(
        "SELECT w._file, list(CAST(w._line AS BIGINT) ORDER BY CAST(w._line AS BIGINT)) FROM work_collection AS w "
        "WHERE w.subject = 'contact' AND w.state = 'nil' AND EXISTS (SELECT 1 FROM contact AS c WHERE w.urn IN (c.urn, '*') "
        "AND CAST(c.occurred_at AS DATE) BETWEEN TRY_CAST(w.from_on AS DATE) AND TRY_CAST(w.to_on AS DATE)) "
        "GROUP BY w._file ORDER BY w._file"
    ).fetchall()
    return [
        Finding("W_NIL_WITH_ROWS", file, "collection", "state", tuple(lines),
                counted(len(lines), "returns say nothing to report, and there are contacts in their time."),
                "correct the return, or the contacts.")
        for file, lines in rows
    ]  # fmt: skip


def _stage_order(connection: Any) -> list[Finding]:
    """Schools with more arrests than referrals: with rounded counts this can be so without any fault."""
    rows = connection.execute(
        "SELECT count(*) FROM (SELECT urn, period, "
        "sum(CASE WHEN stage = 'arrested' THEN n END) AS later, sum(CASE WHEN stage = 'referred_by_school' THEN n END) AS earlier "
        "FROM stage_count WHERE tabulation = 'all' AND state = 'counted' "
        "AND stage IN ('arrested', 'referred_by_school') GROUP BY urn, period) WHERE later > earlier"
    ).fetchall()
    n = rows[0][0]
    if not n:
        return []
    file = connection.execute("SELECT min(_file) FROM work_stage_count").fetchone()[0]
    message = counted(n, "schools have more arrests than referrals (rounded counts can do that).")
    return [Finding("W_STAGE_ORDER", file, "stage_count", "n", (), message)]
