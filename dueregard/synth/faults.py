"""The faults that may be planted in a made-up force, as data: which code, where, and what the row becomes.

They are of the kinds that real exports have: an invisible sign, a label for a code, a day that does not
exist, a reserve code that reaches a sum, a row sent twice, two rows that say different things of one pupil.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault. change: what the row becomes. only: rows in which it can be planted (all, unless given).

    refuses: does `check` leave the row out, so that rows which refer to it have lost it?
    """

    code: str
    table: str
    column: str
    change: Callable[[Row], Row]
    only: Callable[[Row], bool] = lambda row: True

    @property
    def refuses(self) -> bool:
        return self.code.startswith("E_")


def _set(column: str, text: str) -> Callable[[Row], Row]:
    return lambda row: row | {column: text}


def _inside(column: str, sign: str) -> Callable[[Row], Row]:
    """The sign in the middle of the value."""
    return lambda row: row | {column: row[column][:3] + sign + row[column][3:]}


def _days_off(column: str, other: str, days: int) -> Callable[[Row], Row]:
    """A day counted from that of another column of the row."""
    return lambda row: row | {column: (date.fromisoformat(row[other][:10]) + timedelta(days)).isoformat()}


def _filled(column: str) -> Callable[[Row], bool]:
    return lambda row: row.get(column, "") != ""


IN_THE_FUTURE = "2199-03-01"
NO_SUCH_DAY = "2024-02-30"
NO_SCHOOL = "999999"

VALUES: tuple[Fault, ...] = (
    # one value: tables to which no other refers
    Fault("E_BLANK", "sanction", "urn", _set("urn", "")),
    Fault("E_TYPE", "sanction", "n", _set("n", "several")),
    Fault("E_RANGE", "sanction", "n", _set("n", "-9")),  # a reserve code of the US collection, taken for a number
    Fault("E_PATTERN", "sanction", "academic_year", _set("academic_year", "2023/29")),
    Fault("E_CODELIST", "sanction", "ethnicity", _set("ethnicity", "Black Caribbean")),
    Fault("E_UNKNOWN_URN", "sanction", "urn", _set("urn", NO_SCHOOL)),
    Fault("E_TYPE", "activity", "minutes", _set("minutes", "45 min")),
    Fault("E_DATE_FORMAT", "activity", "occurred_on", _set("occurred_on", NO_SUCH_DAY)),
    Fault("E_DATE_RANGE", "activity", "occurred_on", _set("occurred_on", IN_THE_FUTURE)),
    Fault("E_CODELIST", "activity", "kind", _set("kind", "=HYPERLINK(0)")),
    Fault("E_PATTERN", "activity", "officer_ref", _inside("officer_ref", "\u200b")),
    Fault("E_CODELIST", "power_use", "power", _set("power", "searched")),
    Fault("E_CODELIST", "step", "stage", _set("stage", "cautioned")),
    Fault("E_DATE_FORMAT", "step", "occurred_on", _set("occurred_on", "03/04/2024")),
    Fault("E_CODELIST", "outcome", "outcome", _set("outcome", "Out-of-court (informal)")),
    Fault("E_DATE_RANGE", "outcome", "decided_on", _set("decided_on", "1024-05-03")),  # a digit that was mistyped
    Fault("E_DATE_RANGE", "support", "completed_on", _days_off("completed_on", "offered_on", -400), _filled("completed_on")),
    Fault("E_UNKNOWN_URN", "support", "urn", _set("urn", NO_SCHOOL)),
    Fault("E_RANGE", "survey", "n_agreed", lambda row: row | {"n_agreed": str(int(row["n_asked"]) + 1)}, _filled("n_asked")),
    Fault("E_TYPE", "roll", "n_pupils", _set("n_pupils", "1.0E+02")),
    Fault("E_CODELIST", "roll", "sex", _set("sex", "male")),
    Fault("E_CODELIST", "roll", "sen_provision", _set("sen_provision", "SEN Support")),
    Fault("E_UNKNOWN_URN", "roll", "urn", _set("urn", NO_SCHOOL)),
    # one value: tables to which others refer
    Fault("E_PATTERN", "contact", "contact_ref", _inside("contact_ref", "\u0430")),  # a letter that looks like an a
    Fault("E_CODELIST", "contact", "place_relation", _set("place_relation", "School")),
    Fault("E_DATE_FORMAT", "contact", "occurred_at", _set("occurred_at", "14/10/2023 15:20")),
    Fault("E_UNKNOWN_URN", "contact", "urn", _set("urn", NO_SCHOOL)),
    Fault("E_CODELIST", "involvement", "observed_ethnicity", _set("observed_ethnicity", "IC7")),
    Fault("E_RANGE", "involvement", "age", _set("age", "140")),
    Fault("E_CODELIST", "contact", "route", _set("route", "'; DROP TABLE contact;--")),
    Fault("E_DATE_RANGE", "contact", "occurred_at", _set("occurred_at", IN_THE_FUTURE + "T15:10")),
    Fault("E_TYPE", "involvement", "age", _set("age", "14.5")),  # an age that a spreadsheet worked out
    Fault("E_CODELIST", "involvement", "self_defined_ethnicity", _set("self_defined_ethnicity", "Black British")),
    Fault("E_CODELIST", "involvement", "sen_provision", _set("sen_provision", "autism")),  # a type for a provision
    Fault("E_CODELIST", "involvement", "not_stated_reason", _set("not_stated_reason", "=CMD(0)")),
    Fault("E_BLANK", "involvement", "pupil_ref", _set("pupil_ref", "")),
    Fault("E_CODELIST", "roll", "ethnicity", _set("ethnicity", "Black African")),
    Fault("E_DATE_FORMAT", "roll", "census_on", _set("census_on", "45310")),  # a day as a spreadsheet stores it
    Fault("E_RANGE", "roll", "n_pupils", _set("n_pupils", "-2")),
    # what is told and not refused
    Fault("W_DATE_ORDER", "contact", "recorded_at", _days_off("recorded_at", "occurred_at", -3)),
    Fault("W_AGE_YEAR_GROUP", "involvement", "age", _set("age", "17"), lambda row: row["year_group"] in ("7", "8", "9")),
    Fault("W_STAGE_ORDER", "outcome", "decided_on", _set("decided_on", "2012-09-03")),
)  # fmt: skip

# Rows whose form is broken, in tables to which no other refers.
ROW_FORMS: tuple[tuple[str, str, Callable[[str], str]], ...] = (
    ("E_FIELD_COUNT", "activity", lambda line: line + ",late"),
    ("E_FIELD_COUNT", "sanction", lambda line: line.rpartition(",")[0]),
    ("E_FIELD_LENGTH", "activity", lambda line: line.replace(",", "," + "x" * 100_000, 1)),
    ("W_BLANK_ROWS", "sanction", lambda line: "\n" + line),
    ("E_NUL", "activity", lambda line: line.replace(",", ",\0", 1)),
)
TWICE = ("sanction", "support", "activity")  # a row sent again
# The same key with other content: neither row is taken.
DIFFERING: tuple[tuple[str, Callable[[Row], Row]], ...] = (
    ("support", _days_off("offered_on", "offered_on", -1)),
    ("activity", lambda row: row | {"minutes": str(int(row["minutes"]) + 1)}),
)
# Tables to which no other refers, spoilt whole: a header with one name twice, a file whose end was lost, one with a row from
# a program of another encoding, and a quotation mark that is never closed.
SAME_NAME_TWICE, END_LOST, TWO_ENCODINGS, OPEN_QUOTE = "consultation", "complaint", "service_offer", "establishment"
