"""The one Black pupil with a plan in year 9 at one school: no release may let anyone find him (case A of the shared attacks)."""

from __future__ import annotations

import csv
from collections import Counter

import pytest

from dueregard.disclose.attack import attack
from dueregard.disclose.policy import policy_named
from dueregard.disclose.protect import protect
from dueregard.disclose.together import as_published, hide, protect_together
from dueregard.evidence.cells import Cell, Cells
from dueregard.evidence.published import coordinates_of
from dueregard.measures.measure import Measure
from tests.conftest import SHARED

PUBLIC = policy_named("public")
CASE = SHARED / "attacks" / "072_case_A_identifiable.csv"
COLUMNS = ("ethnicity", "sen_provision", "year_group")
PERIOD = "2024/25"


def counted(by: tuple[str, ...], rows: list[dict[str, str]]) -> Cells:
    """Contacts of the file, each another pupil; on roll are 900 of each common kind, and of a rare kind those of the file."""
    measure = Measure("contact", by=by, within=("school",), period=PERIOD)
    kinds = Counter((r["urn"], *(r[c] for c in COLUMNS)) for r in rows)
    n: Counter = Counter()
    roll: Counter = Counter()
    for (urn, *codes), pupils in kinds.items():
        split = tuple(code for column, code in zip(COLUMNS, codes, strict=True) if column in by)
        for stratum in ((urn,), ()):
            n[stratum, split] += pupils
            roll[stratum, split] += pupils if pupils < 8 else 900
    cells = [Cell(PERIOD, stratum, split, found, roll[stratum, split]) for (stratum, split), found in sorted(n.items())]
    whole, strata = (tuple(c for c in cells if bool(c.stratum) is of_strata) for of_strata in (False, True))
    return Cells(measure, (PERIOD,), whole, strata, ((PERIOD, 1),), ())


def test_nobody_finds_him():
    if not CASE.is_file():
        pytest.skip("the shared attacks (../shared/attacks) are not beside this checkout")
    rows = list(csv.DictReader(CASE.read_text(encoding="utf-8").splitlines()))
    kinds = Counter((r["urn"], *(r[c] for c in COLUMNS)) for r in rows)
    alone = [kind for kind, n in kinds.items() if n == 1]
    assert alone, "the file must hold a pupil who is the only one of his kind"
    answers = [counted(by, rows) for by in (("ethnicity",), ("sen_provision",), ("year_group",), COLUMNS)]
    naive = as_published([protect(a, policy_named("internal")) for a in answers], PUBLIC)
    told = {one.of for one in attack([naive], PUBLIC, with_reasons=False).narrowed}
    protected = [protect(a, PUBLIC) for a in answers]
    made = protect_together(lambda hidden: as_published([hide(p, hidden) for p in protected], PUBLIC), PUBLIC)
    assert made.attack.is_safe
    shown = {row.of: row.n for table in made.published.tables for row in table.rows}
    for urn, *codes in alone:
        place = coordinates_of(answers[3].measure, PERIOD, (urn,), tuple(codes))
        assert shown[place].shown is None and (shown[place].at_most is None or shown[place].at_most >= 7)
        assert place not in {one.of for one in made.attack.narrowed}
        assert place in told  # the same tables with their counts as they are
