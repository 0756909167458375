"""Small made-up native folders, from a seeded generator. Nothing here is likely; all is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from random import Random

from dueregard.terms.stages import STAGES

from . import words
from .events import came_again, events, posting, support
from .rolls import KINDS, roll, stage_counts
from .words import Rows, Tables


def made_up_tables(rng: Random) -> Tables:
    """One folder: any tables, any gaps. Every row keeps every rule, so that a freeze refuses none."""
    urns = [str(n + 1) for n in range(rng.choice((1, 3, 4, 5, 6, 6)))]
    kind = rng.choice(KINDS)
    is_counted = kind == "tabulated"
    tables: Tables = {"school": [_school(rng, urn) for urn in urns]}
    if rng.random() < 0.6:
        tables["calendar"] = _calendar(rng)
    if rng.random() < 0.97:
        tables["roll"] = roll(rng, urns, kind)
    if rng.random() < 0.85:
        tables["posting"] = [posting(rng, urns, n) for n in range(rng.choice((0, *range(1, 9))))]
    if rng.random() < (0.7 if is_counted else 0.98):
        tables |= events(rng, urns)
    if rng.random() < 0.6:
        contacts = tables.get("contact", [])
        tables["support"] = [support(rng, urns, contacts, n) for n in range(rng.choice((0, 3, 8, 12)))]
        came_again(rng, tables)
    if rng.random() < (0.9 if is_counted else 0.1):
        tables["stage_count"] = stage_counts(rng, urns, tables)
    if rng.random() < 0.85:
        tables["collection"] = _collection(rng, urns, tables)
    return tables


def _school(rng: Random, urn: str) -> dict[str, str]:
    opened = rng.choice(("1990-09-01",) * 8 + ("", "2023-09-01", "2024-01-09", "2024-08-31", "2025-01-01"))
    closed = rng.choice(("",) * 10 + ("2023-08-31", "2023-09-01", "2024-03-31", "2024-01-15"))
    return {"urn": urn, "name": f"School {urn}", "borough": rng.choice(("Camden", "Camden", "Brent", "")),
            "la_code": rng.choice(("202", "304", "")), "phase": rng.choice(("PS", "SS", "SS", "", "not_collected")),
            "opened_on": opened, "closed_on": closed if closed > opened else ""}  # fmt: skip


def _calendar(rng: Random) -> Rows:
    """Terms of two years, of one authority, several, or all others (`*`); some are missing, some have no school day."""
    terms = {
        "2023/24": {"autumn": ("2023-09-04", "2023-12-15"), "spring": ("2024-01-08", "2024-03-28"),
                    "summer": ("2024-04-16", "2024-07-19")},
        "2022/23": {"autumn": ("2022-09-05", "2022-12-16"), "spring": ("2023-01-09", "2023-03-31"),
                    "summer": ("2023-04-17", "2023-07-21")},
    }  # fmt: skip
    later = {"2024-01-08": "2024-01-10", "2024-04-16": "2024-04-22"}  # authorities differ
    return [
        {"la_code": la, "academic_year": year, "term": term, "to_on": to_on,
         "from_on": later.get(from_on, from_on) if la == "304" else from_on,
         "school_days": str(rng.choice((0, 1, 5, 50, 61, 75, 100)))}
        for la in rng.sample(("202", "304", "*"), rng.randint(1, 3))
        for year in rng.choice((("2023/24",), ("2023/24", "2022/23")))
        for term, (from_on, to_on) in terms[year].items()
        if rng.random() < 0.9
    ]  # fmt: skip


SUBJECTS = ("contact", "contact", "roll", "posting", "support", "step", "arrested", "stage_count", "power_use",
            "involvement", "outcome", "power_used", "no_further_contact_12m")  # fmt: skip


def _collection(rng: Random, urns: Sequence[str], tables: Tables) -> Rows:
    """Mostly all is complete, but for a few rows of any state; sometimes it speaks of little, and in contradictions."""
    counted = {row["stage"] for row in tables.get("stage_count", ())}
    rows: dict[tuple[str, ...], str] = {}
    if rng.random() < 0.85:
        both = words.SPANS[:2]
        later = (*both, ("2024-09-01", "2025-08-31"))  # so that a follow-up can be told
        spans = rng.choice((both, later, later, both[1:]))
        subjects = ("contact", "roll", "posting", "support", *sorted(counted))
        for span, subject in product(spans, subjects):
            if rng.random() < 0.99:
                rows["*", subject, *span] = rng.choice(("complete", "complete", "complete", "nil"))
    some_stages = tuple(rng.choice(STAGES).code for _ in range(2))
    for _ in range(rng.choice((0, 0, 0, 1, 2, 3)) if rows else rng.randint(0, 14)):
        key = (rng.choice(urns), rng.choice((*SUBJECTS, *some_stages)), *rng.choice(words.SPANS))
        if rng.random() < 0.4:  # a second word on the same
            key = (*rng.choice([*rows, key])[:2], *key[2:])
        if rng.random() < 0.05:
            key = ("*", *key[1:])
        rows[key] = rng.choice(words.COLLECTION_STATES)
    names = ("urn", "subject", "from_on", "to_on")
    return [dict(zip(names, key, strict=True)) | {"state": state} for key, state in rows.items()]
