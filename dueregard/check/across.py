"""Rules over accepted rows of several tables: they tell, and refuse nothing (but a pupil twice on one roll)."""

from __future__ import annotations

from dueregard.check.meaning import same
from dueregard.check.rules import Rule
from dueregard.records.roll import ROLL
from dueregard.records.table import Table

ON_ROLL = "COALESCE(w.enrolment_status, '') NOT IN ('F', 'G', 'O', 'P', 'S')"  # not known to be elsewhere: on roll
NO_END = "DATE '9999-12-31'"

HAS_DATES = "SELECT 1 FROM school WHERE opened_on IS NOT NULL OR closed_on IS NOT NULL LIMIT 1"

# Which day of a row must lie in the life of its school?
DAYS_AT_SCHOOL = (
    ("roll", "census_on"), ("posting", "from_on"), ("contact", "occurred_at"), ("support", "offered_on"), ("activity", "occurred_on"),
)  # fmt: skip
# Which optional reference must be met, where it is given and its table is there? The row is kept: help that was offered
# stays help when its contact lies in another file.
LINKS = (("support", "contact_ref", "contact"), ("complaint", "contact_ref", "contact"), ("consultation", "posting_ref", "posting"))  # fmt: skip
# Each stage is not before the one named after it, for the same pupil in the same contact.
NOT_BEFORE = (
    ("detained", "arrested"),
    ("sent_to_cps", "recorded_as_suspect"),
    ("court", "sent_to_cps"),
    ("disposal", "court"),
)


def _raw_day(column: str) -> str:
    return f'TRY_CAST(left(w."{column}", 10) AS DATE)'


def _open_rule(table: str, column: str) -> Rule:
    # by pairs of school and day first: a roll of millions has few of them
    pairs = f'SELECT DISTINCT w.urn, left(w."{column}", 10) AS day FROM work_{table} AS w'
    outside = (
        f"SELECT p.urn, p.day FROM ({pairs}) AS p JOIN school AS s ON s.urn = p.urn "
        "WHERE TRY_CAST(p.day AS DATE) < s.opened_on OR TRY_CAST(p.day AS DATE) > s.closed_on"
    )
    rows = f'SELECT w._row FROM work_{table} AS w WHERE (w.urn, left(w."{column}", 10)) IN ({outside})'
    return Rule("W_SCHOOL_NOT_OPEN", table, (column, "urn"), "", "rows lie outside the life of their school.",
                "look at the day, and at the school's URN before or after a change.", "open", rows, ("school",),
                HAS_DATES)  # fmt: skip


def _after_contact(table: str, column: str) -> Rule:
    rows = (
        f"SELECT w._row FROM work_{table} AS w JOIN contact AS c ON c.contact_ref = w.contact_ref "
        f"WHERE {_raw_day(column)} < CAST(c.occurred_at AS DATE)"
    )
    return Rule("W_STAGE_ORDER", table, (column, "contact_ref"), "", "rows lie before their contact.",
                "look at both days.", "after_contact", rows, ("contact",))  # fmt: skip


def _stage_after(later: str, earlier: str) -> Rule:
    rows = (
        "SELECT w._row FROM work_step AS w JOIN step AS e ON e.contact_ref = w.contact_ref AND e.pupil_ref = w.pupil_ref "
        f"WHERE w.pupil_ref <> 'not_identified' AND w.stage = '{later}' AND e.stage = '{earlier}' "
        f"GROUP BY w._row, w.occurred_on HAVING TRY_CAST(w.occurred_on AS DATE) < min(e.occurred_on)"
    )
    return Rule("W_STAGE_ORDER", "step", ("occurred_on", "stage"), "", f"rows reach {later} before {earlier}.",
                "look at both days.", f"{later}_after_{earlier}", rows)  # fmt: skip


def _link_rule(table: str, column: str, target: str) -> Rule:
    rows = f'SELECT w._row FROM work_{table} AS w WHERE w."{column}" <> \'\' AND w."{column}" NOT IN (SELECT "{column}" FROM {target})'
    return Rule("W_UNKNOWN_LINK", table, (column,), "", f"rows name a row of {target} that is not there, or was refused.",
                f"look for it in {target}, and at its own findings.", f"in_{target}", rows, (target,))  # fmt: skip


NO_POSTING = Rule(
    "W_NO_POSTING", "contact", ("officer_ref", "urn", "occurred_at"), "",
    "contacts have an officer without a posting at the school on the day.", "add the posting, or look at the officer.",
    "posting_in_force",
    "SELECT w._row FROM work_contact AS w WHERE w.officer_ref <> '' AND NOT EXISTS (SELECT 1 FROM posting AS p "
    "WHERE p.officer_ref = w.officer_ref AND p.urn = w.urn "
    f"AND {_raw_day('occurred_at')} BETWEEN p.from_on AND COALESCE(p.to_on, {NO_END}))",
    ("posting",),
)  # fmt: skip

FTE_SUM = Rule(
    "W_FTE_SUM", "posting", ("fte", "officer_ref"), "",
    "postings bring their officer's full-time equivalents above 1.", "look for a posting that was never ended.",
    "fte_sum",
    "SELECT w._row FROM work_posting AS w JOIN posting AS p ON p.officer_ref = w.officer_ref "
    f"AND {_raw_day('from_on')} BETWEEN p.from_on AND COALESCE(p.to_on, {NO_END}) "
    # presence only: a source that says how many officers a school has, and not who they are
    "WHERE COALESCE(w.kind, '') <> 'presence_only' "
    f"AND (w.to_on IS NULL OR w.to_on = '' OR {_raw_day('to_on')} >= {_raw_day('from_on')}) "
    "GROUP BY w._row HAVING sum(p.fte) > 1",
)  # fmt: skip

OVERLAP = Rule(
    "W_POSTING_OVERLAP", "posting", ("from_on", "officer_ref", "urn"), "",
    "postings begin while the same officer is already posted at the school.", "end the earlier one.",
    "overlap",
    "SELECT DISTINCT w._row FROM work_posting AS w JOIN posting AS p ON p.officer_ref = w.officer_ref AND p.urn = w.urn "
    "AND p.posting_ref <> w.posting_ref AND "
    f"(p.from_on < {_raw_day('from_on')} OR (p.from_on = {_raw_day('from_on')} AND p.posting_ref < w.posting_ref)) "
    f"AND {_raw_day('from_on')} <= COALESCE(p.to_on, {NO_END})",
)  # fmt: skip

ONE_CELL = same(ROLL, ("census_on", "pupil_ref", "urn", "tabulation"))
TWICE_ON_ROLL = Rule(
    "E_CONFLICT", "roll", ("pupil_ref", "urn", "census_on"), "",
    "rows share a pupil, a school and a census, and differ.", "decide which row is right.", "once_on_roll",
    f"SELECT _row FROM (SELECT _row, count(*) OVER (PARTITION BY {ONE_CELL}) AS n FROM twin_roll) WHERE n > 1",
)  # fmt: skip

DUAL_ROLL = Rule(
    "W_DUAL_ROLL", "roll", ("pupil_ref", "census_on"), "",
    "rows are of pupils who stand on two rolls at one census: taken as subsidiary here, so that each is counted once.",
    "send enrolment_status: M at the main school, S at the other.", "dual", "SELECT _row FROM dual_roll",
)  # fmt: skip


def twins(refused: str) -> str:
    """SQL for pupil-level rows on roll, of those that share census and pupil with another row. refused: SQL for rows that
    take no part, because they count nowhere."""
    return (
        "SELECT * FROM suspect_roll AS w WHERE w.pupil_ref <> '' AND w.pupil_ref <> 'not_identified' "
        f"AND {ON_ROLL} AND w._row NOT IN ({refused})"
    )


def dual_rows(refused: str) -> str:
    """SQL for the registrations, of pupils on two rolls, that are taken as subsidiary.

    The main registration stays, else the one at the school with the lowest URN: the same whatever the order of rows.
    """
    return (
        "SELECT _row FROM (SELECT _row, row_number() OVER (PARTITION BY census_on, pupil_ref ORDER BY "
        "(COALESCE(enrolment_status, '') = 'M') DESC, urn, _row) AS nth, "
        "count(DISTINCT urn) OVER (PARTITION BY census_on, pupil_ref) AS schools "
        f"FROM twin_roll WHERE _row NOT IN ({refused})) WHERE schools > 1 AND nth > 1"
    )


YEAR_OF = "CAST(year({0}) - CASE WHEN month({0}) < 9 THEN 1 ELSE 0 END AS INTEGER)"
RATE_GT_ROLL = Rule(
    "W_RATE_GT_ROLL", "school", ("urn",), "",
    "schools have more pupils in contacts in a year than on roll.", "look at the roll, and at the pupils' references.",
    "rate",
    "WITH seen AS (SELECT c.urn, " + YEAR_OF.format("c.occurred_at") + " AS year, count(DISTINCT i.pupil_ref) AS n "
    "FROM involvement AS i JOIN contact AS c USING (contact_ref) WHERE i.pupil_ref <> 'not_identified' GROUP BY ALL), "
    "census AS (SELECT urn, census_on, " + YEAR_OF.format("census_on") + " AS year, sum(n_pupils) AS n FROM roll "
    "WHERE tabulation = 'all' AND enrolment_status IN ('C', 'M', 'not_collected', 'not_recorded') AND state = 'counted' "
    "GROUP BY ALL), "
    "largest AS (SELECT urn, year, max(n) AS n FROM census GROUP BY ALL) "
    "SELECT DISTINCT w._row FROM work_school AS w JOIN seen USING (urn) JOIN largest USING (urn, year) WHERE seen.n > largest.n",
    ("roll", "contact", "involvement"),
)  # fmt: skip

NO_RETURN = (
    "schools have no contact and no return: not a zero; out of rates.",
    "add rows to `collection`: complete, nil, partial or not_collected.",
)
SILENT = "SELECT _row FROM work_school AS w WHERE NOT EXISTS (SELECT 1 FROM contact AS c WHERE c.urn = w.urn)"
NO_WORD = Rule("W_NO_RETURN", "school", ("urn",), "", *NO_RETURN, "return", SILENT, ("contact",))
NO_WORD_EITHER = Rule(
    "W_NO_RETURN", "school", ("urn",), "", *NO_RETURN, "return_in_collection",
    SILENT + " AND NOT EXISTS (SELECT 1 FROM collection AS k WHERE k.subject = 'contact' AND k.urn IN (w.urn, '*'))",
    ("contact", "collection"),
)  # fmt: skip

NIL_WITH_ROWS = Rule(
    "W_NIL_WITH_ROWS", "collection", ("state",), "",
    "returns say nothing to report, and there are contacts in their time.", "correct the return, or the contacts.", "nil",
    "SELECT _row FROM work_collection AS w WHERE w.subject = 'contact' AND w.state = 'nil' "
    "AND EXISTS (SELECT 1 FROM contact AS c WHERE w.urn IN (c.urn, '*') "
    "AND CAST(c.occurred_at AS DATE) BETWEEN TRY_CAST(w.from_on AS DATE) AND TRY_CAST(w.to_on AS DATE))",
    ("contact",),
)  # fmt: skip

# More arrests than referrals: with rounded counts this can be so without any fault.
MORE_ARRESTS = Rule(
    "W_STAGE_ORDER", "stage_count", ("n", "stage"), "",
    "schools have more arrests than referrals (rounded counts can do that).",
    "look whether the source rounds.", "arrests_after_referrals",
    "WITH many AS (SELECT urn, period FROM stage_count WHERE tabulation = 'all' AND state = 'counted' "
    "AND stage IN ('arrested', 'referred_by_school') GROUP BY urn, period "
    "HAVING sum(CASE WHEN stage = 'arrested' THEN n END) > sum(CASE WHEN stage = 'referred_by_school' THEN n END)) "
    "SELECT min(w._row) AS _row FROM work_stage_count AS w JOIN many USING (urn, period) WHERE w.stage = 'arrested' "
    "GROUP BY w.urn, w.period",
    of_whole=True,
)  # fmt: skip

ACROSS: tuple[Rule, ...] = (
    *(_open_rule(table, column) for table, column in DAYS_AT_SCHOOL),
    NO_POSTING, FTE_SUM, OVERLAP, DUAL_ROLL, RATE_GT_ROLL, NO_WORD, NO_WORD_EITHER, NIL_WITH_ROWS, MORE_ARRESTS,
    _after_contact("step", "occurred_on"), _after_contact("outcome", "decided_on"),
    *(_link_rule(*link) for link in LINKS),
    *(_stage_after(later, earlier) for later, earlier in NOT_BEFORE),
)  # fmt: skip


def roll_rules(table: Table) -> list[Rule]:
    """A pupil stands once on the roll of one school at one census. Asked of the rows `twin_roll`."""
    return [TWICE_ON_ROLL] if table.name == "roll" else []


def asked(tables: tuple[str, ...]) -> list[Rule]:
    """Which of the rules can be asked of a source with these tables?"""
    found = [rule for rule in ACROSS if {rule.table, *rule.needs} <= set(tables)]
    return [rule for rule in found if not (rule is NO_WORD and "collection" in tables)]
