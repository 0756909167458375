"""The columns by which a question may be split or filtered, and what each is called."""

from __future__ import annotations

from dataclasses import dataclass

from dueregard.errors import UnknownName
from dueregard.terms.ethnicity import BROAD, OBSERVED_LISTS, SELF_DEFINED_LISTS, US_FEDERAL, group_labels
from dueregard.terms.lists import code_list
from dueregard.terms.missing import MISSING_LABELS


@dataclass(frozen=True, slots=True)
class SplitColumn:
    """A column of the roll (or of the school) that numerator and denominator share.

    comparisons: the group that others are compared with, by preference; empty: ask for one.
    one_value: a pupil has one value of it in a snapshot. place: it is the school's.
    """

    name: str
    label: str
    comparisons: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    one_value: bool = False
    place: bool = False


SPLIT_COLUMNS: tuple[SplitColumn, ...] = (
    SplitColumn("ethnicity", "Ethnicity", ("W", "WH"), ("broad_group", "us_federal"), one_value=True),
    SplitColumn("sex", "Sex", ("F",), ("sex",), one_value=True),
    SplitColumn("sen_provision", "Special educational needs", ("N",), ("sen_provision",), one_value=True),
    SplitColumn("sen_type", "Type of need", ("none",), ("sen_type",), one_value=True),
    SplitColumn("disability", "Disability", ("none",), ("disability",), one_value=True),
    SplitColumn("year_group", "Year group", (), ("year_group",)),
    SplitColumn("age_on_31_august", "Age on 31 August"),
    SplitColumn("is_fsm", "Free school meals", ("no",), ("yes_no",)),
    SplitColumn("area", "Area", place=True),
    SplitColumn("phase", "Phase", (), ("school_phase_census",), place=True),
)
PERIOD = "period"
SPLITS = {column.name: column for column in SPLIT_COLUMNS}

# Columns of the numerator's own tables: in `where` always; in `by` only over a stage, or as counts.
OWN_COLUMNS: dict[str, str] = {
    "route": "contact",
    "place_relation": "contact",
    "time_relation": "contact",
    "initiator": "contact",
    "behaviour": "contact",
    "harm_level": "contact",
    "schools_protocol": "contact",
    "subject_category": "involvement",
    "self_defined_ethnicity": "involvement",
    "observed_ethnicity": "involvement",
    "power": "power_use",
    "tactic": "power_use",
    "clothing_removal": "power_use",
    "offence_group": "step",
    "reason": "step",
    "outcome": "outcome",
    "service": "support",
}
# The two ethnicities of a contact, each a series of its own, by broad group. Neither stands in for the other.
SERIES: dict[str, tuple[str, ...]] = {
    "self_defined_ethnicity": SELF_DEFINED_LISTS,
    "observed_ethnicity": OBSERVED_LISTS,
}
ETHNICITIES = ("ethnicity", *SERIES)
PLACES = ("school", "area", "officer")
# Columns that may be strata: of the roll always, of the contact only over a stage, where both sides have them.
COLUMN_STRATA = ("age_on_31_august", "year_group", "sex", "sen_provision", "is_fsm", "behaviour", "harm_level")
STRATA = (*PLACES, *COLUMN_STRATA)
STRATUM_WORDS = {
    "school": "the same school",
    "area": "the same area",
    "officer": "schools alike in whether an officer is posted",
    "age_on_31_august": "the same age on 31 August",
    "year_group": "the same year group",
    "sex": "the same sex",
    "sen_provision": "the same provision for special educational needs",
    "is_fsm": "the same eligibility for free meals",
    "behaviour": "the same behaviour",
    "harm_level": "the same level of harm",
}


def is_of_places(columns: tuple[str, ...]) -> bool:
    """Is one of these columns the school's own, so that all pupils of a school have the same value of it?

    >>> is_of_places(("sex", "phase")), is_of_places(("sex",))
    (True, False)
    """
    return any(name in SPLITS and SPLITS[name].place for name in columns)


def check_split(name: str) -> None:
    """Raises UnknownName unless `--by` may take this column."""
    known = [*SPLITS, PERIOD, *OWN_COLUMNS]
    if name not in known:
        raise UnknownName("column", name, known)


def comparisons(name: str) -> tuple[str, ...]:
    """With which group are the others compared, by preference? Empty: ask for one."""
    if name in SERIES:
        return SPLITS["ethnicity"].comparisons
    return SPLITS[name].comparisons if name in SPLITS else ()


def column_label(name: str) -> str:
    """What is this column called? Its own name in words where nobody gave it another."""
    if name in SPLITS:
        return SPLITS[name].label
    return name.replace("_", " ").capitalize()


def order_of(column: str, code: str) -> tuple[int, str]:
    """Where does a code stand in its list? Missing groups come last. Numbers sort as numbers."""
    codes = _codes_in_order(column)
    if code in codes:
        return codes.index(code), code
    if code in set(map(str, MISSING_LABELS)):
        return 10_000 + list(map(str, MISSING_LABELS)).index(code), code
    return (5_000 + int(code) if code.isdecimal() else 9_000), code


def _codes_in_order(column: str) -> tuple[str, ...]:
    if column in ETHNICITIES:
        return (*BROAD, *US_FEDERAL)
    if column == "sen_type":
        return ("none", *code_list("sen_type").codes)
    lists = SPLITS[column].lists if column in SPLITS else _own_lists(column)
    return tuple(code for name in lists for code in code_list(name).codes)


def _own_lists(column: str) -> tuple[str, ...]:
    from dueregard.records.tables import table

    return table(OWN_COLUMNS[column]).column(column).lists if column in OWN_COLUMNS else ()


def code_label(column: str, code: str) -> str:
    """What is this group called? A code without a label stands for itself."""
    if code in set(map(str, MISSING_LABELS)):
        return MISSING_LABELS[code]  # type: ignore[index]
    if code == "unknown":
        return "Unknown (answered so)"
    if column in ETHNICITIES:
        return group_labels().get(code, code)
    if column == "sen_type" and code == "none":
        return "No special educational need"
    if column == "is_fsm":
        return {"yes": "Eligible for free meals", "no": "Not eligible"}.get(code, code)
    if column == "age_on_31_august":
        return f"Aged {code}"
    lists = SPLITS[column].lists if column in SPLITS else _own_lists(column)
    for name in lists:
        labels = code_list(name).labels
        if code in labels:
            return labels[code]
    return code


def code_of(column: str, named: str, known: list[str]) -> str:
    """Which code does a person mean, who wrote a code or a label?

    Raises UnknownName with the groups that exist.
    """
    for code in known:
        if named == code or named.casefold() == code_label(column, code).casefold():
            return code
    raise UnknownName(f"group of {column}", named, [f"{code} ({code_label(column, code)})" for code in known])
