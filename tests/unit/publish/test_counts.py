"""The counts behind a report go out and come back exactly; a malformed file is named, with its line."""

from __future__ import annotations

import json
from dataclasses import replace

import handmade
import pytest

from dueregard.errors import SnapshotError
from dueregard.evidence.cells import Cell, Cells
from dueregard.evidence.release import Report
from dueregard.publish import counts
from dueregard.publish.counts import join_parts, split_parts


def files_of(report: Report) -> dict[str, bytes]:
    return {counts.FIGURES: counts.write_figures(report), counts.CELLS: counts.write_cells(report)}


def check_round_trip(report: Report) -> None:
    found = counts.read(files_of(report))
    assert found.about == report.about
    assert found.completeness == report.completeness
    assert [(one.id, one.cells) for one in found.figures] == [(figure.id, figure.cells) for figure in report.figures]
    assert found.unanswered == report.unanswered
    assert [one.comparison for one in found.figures] == [f.answer.comparison for f in report.figures]
    assert [one.repeats for one in found.figures] == [figure.repeats for figure in report.figures]


def test_a_report_comes_back_exactly():
    check_round_trip(handmade.report())


SIGNS = ("=1+1", "+1", "-1", "@x", "\tx", "\rx", "'=1")
ODD = (*SIGNS, "a,b", 'a"b', "a\nb", "a\\nb", "a|b", "a\\", "*", "", " ", "é", "\\|*")


@pytest.mark.parametrize("code", ODD)
def test_any_code_comes_back_exactly_and_none_is_a_formula(code):
    figure = handmade.count_only()
    odd = Cell("2023/24", (code, "x"), (code,), 3, None, figure.cells.whole[0].state, None, 2**60)
    cells = replace(figure.cells, whole=(replace(odd, stratum=()),), strata=(odd,))
    report = replace(handmade.report(("arrested",), ("sex",)), figures=(replace(figure, cells=cells),))
    check_round_trip(report)
    first = [field.lstrip('"') for line in counts.write_cells(report).decode().split("\n") for field in line.split(",")]
    assert not [field for field in first if field.startswith(("=", "+", "-", "@", "\t"))]


@pytest.mark.parametrize("parts", [(), ("",), ("", ""), ("*",), ("a|b", "c\\"), ("\\", "|")])
def test_parts_are_joined_reversibly(parts):
    assert split_parts(join_parts(parts)) == parts


def test_a_report_without_figures_comes_back_exactly():
    check_round_trip(replace(handmade.report(("arrested",), ("sex",)), figures=(), unanswered=()))


def test_figures_json_is_strict_json_with_a_formula_for_every_method():
    text = counts.write_figures(handmade.report()).decode()
    assert text.endswith("}\n")
    document = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    formulas = [f for figure in document["figures"] for f in figure["formula"]]
    assert formulas
    assert all(f["formula"] and f["source"] for f in formulas)


def _edited(report: Report, name: str, old: bytes, new: bytes) -> dict[str, bytes]:
    files = files_of(report)
    assert old in files[name]
    return files | {name: files[name].replace(old, new, 1)}


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (counts.CELLS, b",counted,", b",cuonted,", "cells.csv.*line 2.*state"),
        (counts.CELLS, b",counted,none,none", b",counted,none", "cells.csv.*line 2.*9 columns"),
        (counts.CELLS, b"20000,counted", b"2e4,counted", "cells.csv.*line 2.*denominator"),
        (counts.CELLS, b"figure,", b"fig,", "cells.csv.*line 1.*header"),
        (counts.CELLS, b"arrested-ethnicity", b"arrested-elsewhere", "does not list"),
        (counts.CELLS, b"figure", b"\xff", "UTF-8"),
        (counts.FIGURES, b'"cells"', b'"sells"', "figures.json.*cells"),
        (counts.FIGURES, b'"snapshot": "', b'"snapshot": 1, "x": "', "figures.json"),
        (counts.FIGURES, b'"n": 240', b'"n": NaN', "figures.json.*JSON"),
        (counts.FIGURES, b"{", b"[", "figures.json.*JSON"),
        (counts.FIGURES, b'"state": "complete"', b'"status": "complete"', "figures.json"),
    ],
)
def test_a_malformed_file_is_named(name, old, new, said):
    report = handmade.report(("arrested", "contact"), ("ethnicity",))
    with pytest.raises(SnapshotError, match=said):
        counts.read(_edited(report, name, old, new))


def test_an_absent_file_is_named():
    files = files_of(handmade.report(("arrested",), ("sex",)))
    for name in files:
        with pytest.raises(SnapshotError, match=name):
            counts.read({other: content for other, content in files.items() if other != name})


def test_every_field_of_cells_is_written():
    facts = json.loads(counts.write_figures(handmade.report(("arrested",), ("sex",))))["figures"][0]["cells"]
    assert set(facts) | {"whole", "strata"} == set(Cells.__dataclass_fields__)
