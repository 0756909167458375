"""Cubes: both engines give the same cells, and each cell of one year is what `count` gives for that split."""

from __future__ import annotations

from dataclasses import replace

from dueregard.errors import DueRegardError
from dueregard.evidence.cube import Cube
from dueregard.measures.measure import Measure
from dueregard.terms.missing import ALL

from .agreement import _told, engines_in_memory, folder_of

FOLDERS = 24
COLUMNS = ("ethnicity", "sen_provision", "sex")
STAGES = ("contact", "arrested", "interviewed", "power_used", "out_of_court", "support_offered")


def test_engines_give_the_same_cubes():
    wholes = 0
    for seed in range(FOLDERS):
        sql, reference = engines_in_memory(folder_of(seed))
        for by, where in (
            (("period", *COLUMNS), ()),
            (("ethnicity", "year_group"), ()),
            (("area", "sex"), (("ethnicity", ("B", "W", "not_recorded")),)),
            (("sen_provision",), (("place_relation", ("on_site", "not_recorded")),)),
        ):
            measure = Measure(STAGES[0], by=by, where=where)
            one, other = (_told(lambda m, e=engine: e.cube(m, STAGES), measure) for engine in (sql, reference))
            assert one == other, seed
            wholes += isinstance(one, Cube) and any(c.pupils for c in one.cells)
    assert wholes >= 12, "too few folders hold a cube"


def test_a_cell_of_one_year_is_what_count_gives():
    compared = 0
    for seed in range(FOLDERS):
        engine, _ = engines_in_memory(folder_of(seed))
        measure = Measure("contact", by=("period", *COLUMNS))
        try:
            cube = engine.cube(measure, ("contact",))
        except DueRegardError:
            continue
        found = {(c.period, c.codes): c for c in cube.cells}
        for unit in ("pupils", "events"):
            for cell in engine.count(replace(measure, by=("period", "sex"), unit=unit)).whole:
                sums = found[(cell.period, (ALL, ALL, *cell.codes))]
                assert (getattr(sums, unit), sums.denominator) == (cell.n, cell.denominator), (seed, cell)
                compared += cell.n > 0
    assert compared >= 20
