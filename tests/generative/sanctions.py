"""Made-up sanctions of schools, and questions about them and about the gates of the ladder.

Both draw from random numbers of their own, so that the other tables and questions of a seed stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from dueregard.measures.measure import Measure
from dueregard.terms.stages import AT_GATES, SANCTIONS

from . import words
from .words import Rows, Tables

SPLITS = {
    "ethnicity": ("WBRI", "BCRB", "W", "B1", "REFU", ""),
    "sex": ("F", "M", ""),
    "sen_provision": ("N", "K", "unknown"),
    "sen_type": ("none", "SEMH", ""),
    "reason": ("PP", "DA", "", "not_collected"),
    "term": ("autumn", "spring", "summer", ""),
}
KINDS = ("SUSP", "SUSP", "PERM", "detention", "suspended_pupils", "all", "")
NUMBERS = ("0", "1", "1", "2", "3", "7", "12")
WHERE = {"ethnicity": ("W", "B", "not_recorded"), "sex": ("F", "M"), "behaviour": ("PP", "DA", "not_recorded"),
         "area": ("Camden", "Brent"), "phase": ("SS",), "harm_level": ("low",), "year_group": ("9",)}  # fmt: skip
PERIODS = (
    None,
    None,
    None,
    "2023/24",
    "2023/24",
    "2022/23",
    "2023/24-autumn",
    "2023/24-summer",
    "fy2023/24",
    "2019/20",
)


def sanctions(rng: Random, urns: Sequence[str]) -> Rows:
    """Counts in one to three tabulations: each splits some columns, and the others hold `all`."""
    cells: dict[tuple[str, ...], Rows] = {}
    for _ in range(rng.choice((1, 1, 2, 3))):
        split = rng.sample(sorted(SPLITS), rng.randint(0, len(SPLITS)))
        for _ in range(rng.choice((1, 6, 30))):
            row = {name: rng.choice(codes) if name in split else "all" for name, codes in SPLITS.items()}
            row |= {"urn": rng.choice(urns), "academic_year": rng.choice(("2023/24", "2023/24", "2022/23")),
                    "kind": rng.choice(KINDS)}  # fmt: skip
            key = tuple(row[name] or "not_recorded" for name in sorted(row))
            cells.setdefault(key, [row | {"n": rng.choice(NUMBERS)}])
    return [row for rows in cells.values() for row in rows]


def add_sanctions(rng: Random, tables: Tables) -> Tables:
    """The folder with sanctions, and mostly with a word on who sent them whole."""
    if rng.random() < 0.25:
        return tables
    urns = [row["urn"] for row in tables["school"]]
    more: Tables = {"sanction": sanctions(rng, urns)}
    if "collection" in tables and rng.random() < 0.7:
        whole = {(row["urn"], row["subject"], row["from_on"], row["to_on"]) for row in tables["collection"]}
        key = ("*" if rng.random() < 0.8 else rng.choice(urns), "sanction", *rng.choice(words.SPANS))
        names = ("urn", "subject", "from_on", "to_on")
        state = {"state": rng.choice(("complete", "complete", "complete", "nil", "partial"))}
        more["collection"] = [
            *tables["collection"],
            *([] if key in whole else [dict(zip(names, key, strict=True)) | state]),
        ]
    return tables | more


def sanction_question(rng: Random) -> Measure:
    """Mostly one that can be answered."""
    by = tuple(dict.fromkeys(rng.choices(("ethnicity", "ethnicity", "ethnicity", "sex", "sen_provision", "area", "behaviour", "period"),
                                         k=rng.choice((1, 1, 2)))))  # fmt: skip
    where = tuple((name, (rng.choice(WHERE[name]),)) for name in rng.sample(sorted(WHERE), rng.choice((0, 0, 1, 2))))
    return Measure(
        rng.choice(SANCTIONS).code, "events" if rng.random() < 0.95 else "pupils",
        rng.choice(("pupils_on_roll", "pupils_on_roll", "pupil_years", "contact") if rng.random() < 0.9 else ("officer_present_pupil_days",)),
        by, rng.choice(((), (), ("school",), ("area",), ("sex",), ("officer",), ("behaviour",))), where,
        None if "period" in by else rng.choice(PERIODS),
    )  # fmt: skip


GATES = (("protocol_could_apply", "protocol_told"), ("kept_by_school", "protocol_could_apply"),
         ("arrested", "interviewed_or_arrested"), ("charged", "charged_or_turned_away"),
         ("community_resolution", "charged_or_turned_away"), ("diversion", "charged_or_turned_away"),
         ("interviewed_or_arrested", "contact"))  # fmt: skip


def gate_question(rng: Random) -> Measure:
    """A way taken, of those who stood at the gate; or how many stood there at all."""
    stage, denominator = rng.choice(GATES)
    if rng.random() < 0.2:
        stage, denominator = rng.choice(AT_GATES).code, rng.choice(("pupils_on_roll", "pupil_years", "contact"))
    within: tuple[str, ...] = rng.choice(((), ("behaviour", "harm_level"), ("school",), ("harm_level",)))
    if denominator in ("pupils_on_roll", "pupil_years"):
        within = rng.choice(((), ("school",)))
    where = (("behaviour", ("PP",)),) if rng.random() < 0.2 and "behaviour" not in within else ()
    return Measure(stage, rng.choice(("pupils", "involvements", "events")), denominator,
                   rng.choice((("ethnicity",), ("sex",), ("ethnicity", "sex"))), within, where, rng.choice((None, "2023/24")))  # fmt: skip
