"""Changes of a folder after which its figures are known from those before: what the laws of `test_laws.py` do to tables."""

from __future__ import annotations

from random import Random

from .words import Rows, Tables

REFERENCES = ("urn", "contact_ref", "pupil_ref", "posting_ref", "officer_ref", "support_ref")
KEPT = ("not_identified", "*", "")
ETHNICITIES = ("ethnicity", "self_defined_ethnicity")

SWAPPED = {"WBRI": "BCRB", "WROM": "BAFR", "W": "B", "W1": "B1", "W3": "B2", "WH": "BL"}
SWAPPED |= {black: white for white, black in SWAPPED.items()}
MERGED = {"WBRI": "BOTH", "W1": "BOTH", "WROM": "B9", "W3": "B9", "W": "B"}  # no two codes of one table become one


def recoded(tables: Tables, codes: dict[str, str], *columns: str) -> Tables:
    """Every code of these columns by another."""
    return {
        name: [row | {c: codes.get(row[c], row[c]) for c in columns if c in row} for row in rows]
        for name, rows in tables.items()
    }


def renamed(tables: Tables, mark: str, *columns: str) -> Tables:
    """Every reference of these columns with a mark before it, so that their order stays."""
    return {
        name: [row | {c: mark + row[c] for c in columns if row.get(c, "") not in KEPT} for row in rows]
        for name, rows in tables.items()
    }


def is_tabulated(tables: Tables) -> bool:
    return "stage_count" in tables or any("tabulation" in row for row in tables.get("roll", ()))


# ---------------------------------------------------------------- what a law does not speak of


def without_ties(tables: Tables) -> Tables:
    """One row a pupil and census: of two at once a pupil's value is the first by name, and names change here."""
    seen: set[tuple[str, str]] = set()
    kept: Rows = []
    for row in tables.get("roll", ()):
        who = (row.get("pupil_ref", ""), row["census_on"])
        if not who[0] or who not in seen:
            kept.append(row)
        seen.add(who)
    return tables | ({"roll": kept} if "roll" in tables else {})


def one_unidentified(tables: Tables) -> Tables:
    """At most one pupil of a contact who cannot be told apart: several are described by what they share."""
    seen: set[str] = set()
    kept: Rows = []
    for row in tables.get("involvement", ()):
        if row["pupil_ref"] != "not_identified" or row["contact_ref"] not in seen:
            kept.append(row)
        if row["pupil_ref"] == "not_identified":
            seen.add(row["contact_ref"])
    return tables | ({"involvement": kept} if "involvement" in tables else {})


# ---------------------------------------------------------------- changes


def shuffled(tables: Tables, rng: Random) -> Tables:
    """Rows in another order."""
    return {name: rng.sample(rows, len(rows)) for name, rows in tables.items()}


def schools_named_anew(tables: Tables, rng: Random) -> Tables:
    return tables | {"school": [row | {"name": f"Academy {n}"} for n, row in enumerate(tables["school"])]}


def schools_numbered_anew(tables: Tables, rng: Random) -> Tables:
    return renamed(tables, "x", "urn")


def with_unrelated_tables(tables: Tables, rng: Random) -> Tables:
    urn = tables["school"][0]["urn"]
    return tables | {
        "survey": [{"wave": "2023/24", "area": "Camden", "item": "trust_police", "n_asked": "10", "n_agreed": "7"}],
        "establishment": [{"from_on": "2023-09-01", "kind": "target", "n_posts": "4"}],
        "complaint": [{"complaint_ref": "k1", "urn": urn, "received_on": "2024-02-01"}],
        "activity": [{"activity_ref": "a1", "officer_ref": "o1", "urn": urn, "occurred_on": "2024-02-01", "kind": "sweep"}],
        "consultation": [{"consultation_ref": "t1", "held_on": "2023-06-01"}],
        "service_offer": [{"urn": urn, "service": "mentoring", "from_on": "2023-09-01"}],
    }  # fmt: skip


def every_school_twice(tables: Tables, rng: Random) -> Tables:
    """Each school again with pupils, officers and contacts of its own."""
    again = renamed(tables, "y", *REFERENCES)
    return {
        name: rows if name == "calendar" else rows + [row for row in again[name] if row.get("urn") != "*"]
        for name, rows in tables.items()
    }


def groups_swapped(tables: Tables, rng: Random) -> Tables:
    return recoded(tables, SWAPPED, *ETHNICITIES)


def groups_merged(tables: Tables, rng: Random) -> Tables:
    return recoded(tables, MERGED, *ETHNICITIES)


def areas_merged(tables: Tables, rng: Random) -> Tables:
    return recoded(tables, {"Camden": "Brent"}, "borough")


def has_no_counted_stages(tables: Tables) -> bool:
    """A stage that is counted may not be held as rows too, in whatever year (E_CONFLICT)."""
    return not tables.get("stage_count")


def with_earlier_contacts(tables: Tables, rng: Random) -> Tables:
    """More contacts, with all that follows from them, of a year that no question asks for."""
    urns = [row["urn"] for row in tables["school"]]
    new = [{"contact_ref": f"old{n}", "urn": rng.choice(urns), "occurred_at": "2021-10-01T09:00", "route": "school_staff_report"}
           for n in range(6)]  # fmt: skip
    who = [{"contact_ref": row["contact_ref"], "pupil_ref": "not_identified"} for row in new]
    more: Tables = {
        "contact": new,
        "involvement": [row | {"subject_category": "suspect", "self_defined_ethnicity": "B1"} for row in who],
        "power_use": [row | {"power": "handcuffs"} for row in who],
        "step": [row | {"stage": "arrested", "occurred_on": "2024-01-15"} for row in who],
        "outcome": [row | {"outcome": "1", "decided_on": "2024-01-15"} for row in who],
    }
    return {name: rows + more.get(name, []) for name, rows in tables.items()}


def with_victims(tables: Tables, rng: Random) -> Tables:
    """More pupils in the contacts that there are, all of them victims or witnesses."""
    more = [{"contact_ref": row["contact_ref"], "pupil_ref": f"v{n}", "subject_category": rng.choice(("victim", "witness")),
             "self_defined_ethnicity": "B1", "sex": "F", "year_group": "9"}
            for n, row in enumerate(tables.get("contact", ()))]  # fmt: skip
    return tables | ({"involvement": tables["involvement"] + more} if more else {})


def with_unknown_pupils(tables: Tables, rng: Random) -> Tables:
    """More suspects in the contacts that there are, whose ethnicity is missing in one of its ways."""
    ways = ("", "not_collected", "suppressed", "unknown", "NS")
    more = [{"contact_ref": row["contact_ref"], "pupil_ref": f"m{n}", "subject_category": "suspect",
             "self_defined_ethnicity": ways[n % len(ways)], "sex": "F", "year_group": "9"}
            for n, row in enumerate(tables.get("contact", ()))]  # fmt: skip
    return tables | ({"involvement": tables["involvement"] + more} if more else {})


def open_postings_closed(tables: Tables, rng: Random) -> Tables:
    """A posting without end ends on the last day of 2023/24, or on its first where that is later."""
    closed = [row | {"to_on": row["to_on"] or max("2024-08-31", row["from_on"])} for row in tables.get("posting", ())]
    return tables | ({"posting": closed} if closed else {})


def with_a_later_census(tables: Tables, rng: Random) -> Tables:
    """The rows of each school's first census again for January 2025, with pupils of their own."""
    first: dict[tuple[str, str], str] = {}
    for row in tables.get("roll", ()):
        key = (row["urn"], row.get("tabulation", ""))
        first[key] = min(first.get(key, row["census_on"]), row["census_on"])
    more = [row | {"census_on": "2025-01-16"} | ({"pupil_ref": "l" + row["pupil_ref"]} if row.get("pupil_ref") else {})
            for row in tables.get("roll", ())
            if row["census_on"] == first[row["urn"], row.get("tabulation", "")] <= "2024-01-31"]  # fmt: skip
    return tables | ({"roll": tables["roll"] + more} if more else {})
