"""Exclusions of England by characteristics of pupils, as the Department for Education publishes them: national counts.

One long table: a row a year, type of school and characteristic. Rows of all types of school together become
`sanction` and, as their denominator, `roll`; rows that only add up others are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dueregard.collect.compressed import read_table
from dueregard.collect.profiles.filling import Present, drop, files_behind, fill, lines_where
from dueregard.collect.profiles.profile import Gathered, Profile
from dueregard.collect.readers import Expected, Read
from dueregard.evidence.finding import Finding, counted
from dueregard.evidence.raw import quoted
from dueregard.terms.census_day import january_census

KINDS = {"PERM": "perm_excl", "SUSP": "fixed_excl", "suspended_pupils": "one_plus_fixed"}
COUNTS = ("headcount", *KINDS.values())
RATES = tuple(f"{column}_rate" for column in KINDS.values())
GROUP = ("characteristic_desc", "characteristic_1", "characteristic_2")
NEEDED = ("year", "country_code", "country", "school_type", *GROUP, *COUNTS)
KNOWN = (*NEEDED, *RATES)
EVERY_TYPE = "Total"
SUPPRESSED = ("x",)
NOT_APPLICABLE = (".",)
ETHNICITY = {
    "White_British": "WBRI", "Irish": "WIRI", "Traveller_of_Irish_heritage": "WIRT", "Gypsy_Roma": "WROM",
    "Any_other_white_background": "WOTH", "White_and_Black_Caribbean": "MWBC", "White_and_Black_African": "MWBA",
    "White_and_Asian": "MWAS", "Any_other_Mixed_background": "MOTH", "Indian": "AIND", "Pakistani": "APKN",
    "Bangladeshi": "ABAN", "Any_other_Asian_background": "AOTH", "Black_Caribbean": "BCRB", "Black_African": "BAFR",
    "Any_other_black_background": "BOTH", "Chinese": "CHNE", "Any_Other_Ethnic_Group": "OOTH",
}  # fmt: skip
SEXES = {"Boys": "M", "Girls": "F", "Male": "M", "Female": "F"}
PROVISION = {"No SEN": "N", "SEN without a statement or EHC": "K", "SEN with statement or EHC": "E"}
NEEDS = {
    "Autistic_spectrum_disorder": "ASD", "Hearing_impairment": "HI", "Moderate_learning_difficulty": "MLD",
    "Multisensory_impairment": "MSI", "No_specialist_assessment": "NSA", "Other_difficulty_disability": "OTH",
    "Physical_disability": "PD", "Profound_and_multiple_learning_difficulty": "PMLD", "Severe_learning_difficulty": "SLD",
    "Social_emotional_and_mental_health": "SEMH", "Specific_learning_difficulty": "SPLD",
    "Speech_language_and_communications_needs": "SLCN", "Visual_impairment": "VI",
    "Behavioural_emotional_and_social_difficulties": "SEMH",  # loses: SEMH took its place in 2014/15 and is not the same
}  # fmt: skip


# Not taken, on purpose: sums of groups, and characteristics that have no column here.
SUMS = ("Ethnicity_Major_", "Ethnicity_Minority_ethnic_pupil")
LEFT_OUT = (
    "Age",
    "Age_gender",
    "NC_year",
    "NC_year_gender",
    "FSM_eligible",
    "FSM_eligible_in_last_6_years",
    "IDACI",
    "IDACI_decile",
)


@dataclass(frozen=True, slots=True)
class Group:
    """One group that the tables hold: how the source names it, and what it is here."""

    source: tuple[str, str, str]
    tabulation: str
    ethnicity: str = "all"
    sex: str = "all"
    sen_provision: str = "all"
    sen_type: str = "all"


def groups() -> list[Group]:
    """Every group. Major ethnic groups and all minorities together are sums of these and are left out."""
    ethnic = {f"Ethnicity_Minor_{label}": code for label, code in ETHNICITY.items()}
    ethnic["Ethnicity_Unclassified"] = "not_recorded"  # refused and not obtained are not told apart by the source
    found = [Group((EVERY_TYPE, EVERY_TYPE, EVERY_TYPE), "all:total")]
    found += [Group(("Gender", label, EVERY_TYPE), "all:by_sex", sex=SEXES[label]) for label in ("Boys", "Girls")]
    found += [Group(("Ethnicity", label, EVERY_TYPE), "all:by_ethnicity", code) for label, code in ethnic.items()]
    found += [Group(("Ethnicity_gender", label, sex), "all:by_ethnicity_sex", code, SEXES[sex])
              for label, code in ethnic.items() for sex in ("Male", "Female")]  # fmt: skip
    found += [
        Group(("SEN_provision", label, EVERY_TYPE), "all:by_sen", sen_provision=code)
        for label, code in PROVISION.items()
    ]
    found += [Group(("SEN_primary_need", f"SEN_primary_need_{label}", EVERY_TYPE), "sen:by_need", sen_type=code)
              for label, code in NEEDS.items()]  # fmt: skip
    return found


def number(column: str) -> str:
    """SQL: a count that may have commas between its thousands; NULL where it is no number."""
    return f"CASE WHEN regexp_full_match({column}, '\\d{{1,3}}(,\\d{{3}})*|\\d+') THEN CAST(replace({column}, ',', '') AS BIGINT) END"


def read_published(connection: Any, path: Path) -> Read:
    """Make `_published`: every row of the file, counts as numbers (NULL: suppressed), published rates as text."""
    read = read_table(connection, path, Expected("sanction", NEEDED, KNOWN, extra=True), into="_excluded")
    if read.columns and not any(f.is_error for f in read.findings):
        counts = ", ".join(f"{column} AS {column}_text, {number(column)} AS {column}" for column in COUNTS)
        connection.execute(
            f"CREATE TABLE _published AS SELECT _file, _line, year, country_code, country, school_type, {', '.join(GROUP)}, {counts}, "
            f"{', '.join(RATES)} FROM _excluded"
        )
        read = replace(read, findings=(*read.findings, *_judged(connection, read)))
    drop(connection, "_excluded")
    return read


def _judged(connection: Any, read: Read) -> list[Finding]:
    found = []
    symbols = ", ".join(quoted(s) for s in (*SUPPRESSED, *NOT_APPLICABLE))
    tests = [
        (c, f"{c} IS NULL AND {c}_text NOT IN ({symbols})", "values are neither a number nor `x`.") for c in COUNTS
    ]
    tests.append(("year", "NOT regexp_full_match(year, '20\\d{4}') OR (CAST(substr(year, 3, 2) AS INTEGER) + 1) % 100 <> "
                          "CAST(substr(year, 5, 2) AS INTEGER)", "values are not a school year such as 201617."))  # fmt: skip
    for column, wrong, message in tests:
        lines = lines_where(connection, "_published", wrong)
        if lines:
            found.append(Finding("E_TYPE", read.file, "sanction", column, lines, counted(len(lines), message)))
    return found


def gather(connection: Any, path: Path) -> Gathered:
    """Read the national counts into sanctions and the roll that they are taken of."""
    read = read_published(connection, path)
    if not read.columns or any(f.is_error for f in read.findings):
        drop(connection, "_published")
        return Gathered((read,), ())
    _long(connection)
    read = replace(read, findings=(*read.findings, *_noted(connection, read)))
    if any(f.is_error for f in read.findings):
        drop(connection, "_published", "_group")
        return Gathered((read,), ())
    present = [_fill_country(connection), _fill_roll(connection), *_fill_sanctions(connection)]
    drop(connection, "_published", "_group")
    return Gathered((read, *files_behind(read, present, made_for="sanction")), tuple(dict(present).items()))


def _long(connection: Any) -> None:
    """`_group`: the rows of all types of school together that are groups of ours."""
    described = ", ".join(
        f"({', '.join(map(quoted, (*g.source, g.tabulation, g.ethnicity, g.sex, g.sen_provision, g.sen_type)))})"
        for g in groups()
    )
    censuses = " ".join(f"WHEN '20{y % 100:02d}' THEN '{january_census(2000 + y)}'" for y in range(1, 100))
    connection.execute(
        "CREATE TABLE _group AS SELECT p.*, left(year, 4) || '/' || right(year, 2) AS academic_year, "
        f"CASE '20' || right(year, 2) {censuses} END AS census_on, g.tabulation, g.ethnicity, g.sex, g.sen_provision, g.sen_type "
        f"FROM _published AS p JOIN (VALUES {described}) AS g({', '.join(GROUP)}, tabulation, ethnicity, sex, sen_provision, "
        f"sen_type) USING ({', '.join(GROUP)}) WHERE school_type = {quoted(EVERY_TYPE)}"
    )


def _unknown(connection: Any, read: Read) -> list[Finding]:
    """Rows of groups that the publisher does not have: left out unseen, a whole group would be missing, and its count too low."""
    ours = dict.fromkeys(group.source[0] for group in groups())
    taken = ", ".join(f"({', '.join(map(quoted, group.source))})" for group in groups())
    known = ", ".join(map(quoted, (*ours, *LEFT_OUT)))
    mine = ", ".join(map(quoted, ours))
    sums = " OR ".join(f"starts_with(characteristic_1, {quoted(label)})" for label in SUMS)
    tests = (
        ("characteristic_desc", f"characteristic_desc NOT IN ({known})"),
        (
            "characteristic_1",
            f"characteristic_desc IN ({mine}) AND ({', '.join(GROUP)}) NOT IN ({taken}) AND NOT ({sums})",
        ),
    )
    found = []
    for column, condition in tests:
        lines = lines_where(connection, "_published", f"school_type = {quoted(EVERY_TYPE)} AND {condition}")
        if lines:
            found.append(Finding("E_CODELIST", read.file, "sanction", column, lines,
                                 counted(len(lines), "values are not the publisher's: the group would be missing."), "the labels as the department writes them."))  # fmt: skip
    return found


def _noted(connection: Any, read: Read) -> list[Finding]:
    """No row of all types of school; counts that the source hides, of which there is no row."""
    hidden = " + ".join(f"count(*) FILTER ({c}_text IN ({', '.join(map(quoted, SUPPRESSED))}))" for c in KINDS.values())
    rows, n_hidden = connection.execute(f"SELECT count(*), {hidden} FROM _group").fetchall()[0]
    if not rows:
        return [Finding("E_NO_TOTALS", read.file, "sanction", "school_type", (),
                        "no row is of all types of school together.", "the national table by characteristics.")]  # fmt: skip
    others = connection.execute("SELECT count(*) FROM _published").fetchall()[0][0] - rows
    found = _unknown(connection, read)
    if others:
        found.append(Finding("W_NOT_TAKEN", read.file, "sanction", "", (),
                             counted(others, "rows are of one type of school, of sums of groups, or of characteristics without a column: not taken.")))  # fmt: skip
    if n_hidden:
        found.append(Finding("W_SUPPRESSED", read.file, "sanction", "", (),
                             counted(n_hidden, "counts are suppressed: they have no row, and are not zero.")))  # fmt: skip
    return found


def _fill_country(connection: Any) -> Present:
    return fill(connection, "school", {
        "urn": "'area:' || country_code", "name": "country", "borough": "country", "la_code": "''", "phase": "'not_collected'",
        "type": "'area'", "opened_on": "''",
    }, "(SELECT min(_file) AS _file, min(CAST(_line AS BIGINT)) AS _line, country_code, min(country) AS country "
       "FROM _group GROUP BY country_code)")  # fmt: skip


def _fill_roll(connection: Any) -> Present:
    return fill(connection, "roll", {
        "urn": "'area:' || country_code", "census_on": "census_on", "year_group": "'all'", "sex": "sex", "ethnicity": "ethnicity",
        "sen_provision": "sen_provision", "sen_type": "sen_type", "disability": "'all'", "is_fsm": "'all'", "tabulation": "tabulation",
        "n_pupils": "COALESCE(CAST(headcount AS VARCHAR), '')",
        "state": "CASE WHEN headcount IS NULL THEN 'suppressed' ELSE 'counted' END",
    }, "_group", column="'headcount'")  # fmt: skip


def _fill_sanctions(connection: Any) -> list[Present]:
    """A row a kind and group. A suppressed count has no row: the table has no state, and an absent row is not zero."""
    return [
        fill(connection, "sanction", {
            "urn": "'area:' || country_code", "academic_year": "academic_year", "term": "'all'", "kind": quoted(kind),
            "reason": "'all'", "ethnicity": "ethnicity", "sex": "sex", "sen_provision": "sen_provision", "sen_type": "sen_type",
            "n": f"CAST({column} AS VARCHAR)",
        }, f"_group WHERE {column} IS NOT NULL", column=quoted(column))
        for kind, column in KINDS.items()
    ]  # fmt: skip


PROFILE = Profile(
    name="dfe-exclusions",
    about="Exclusions of England by ethnicity and sex, special educational needs and type of need: national counts.",
    reads="the national table by characteristics (.csv, .csv.gz)",
    version="1",
    caveats=(
        "The source rounds counts of exclusions and of pupils to the nearest 5.",
        "Unclassified ethnicity holds pupils who refused and pupils who were not asked: both are shown as not recorded.",
        "Until 2013/14 behavioural, emotional and social difficulties stand for social, emotional and mental health: not the same.",
        "Suppressed counts have no row in `sanction`; they are not zero.",
    ),
    gather=gather,
)
