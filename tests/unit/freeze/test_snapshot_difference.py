"""What changed between two snapshots: each kind of change on a small native folder, frozen as a person would."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date

import pytest

from dueregard import steps
from dueregard.cli import main
from dueregard.collect.collect import Source
from dueregard.evidence.difference import DefinitionChange, Kind
from dueregard.evidence.difference_json import difference_as_json
from dueregard.freeze import freeze as freezing
from dueregard.freeze.difference import kind_of, sentence_of
from dueregard.records.tables import table

TODAY = date(2026, 11, 23)
BASE = {
    "school": [{"urn": "1", "name": "North"}, {"urn": "2", "name": "South"}],
    "roll": [
        {"urn": urn, "census_on": "2024-01-18", "ethnicity": ethnicity, "n_pupils": n}
        for urn, ethnicity, n in (("1", "WBRI", "60"), ("1", "BCRB", "40"), ("2", "WBRI", "30"), ("2", "BCRB", "20"))
    ],
    "contact": [
        {"contact_ref": "c1", "urn": "1", "occurred_at": "2024-01-15T10:00"},
        {"contact_ref": "c2", "urn": "2", "occurred_at": "2024-02-15T10:00"},
    ],
    "involvement": [
        {"contact_ref": "c1", "pupil_ref": "secret-1", "self_defined_ethnicity": "B1"},
        {"contact_ref": "c1", "pupil_ref": "not_identified", "self_defined_ethnicity": "W1"},
        {"contact_ref": "c1", "pupil_ref": "not_identified", "self_defined_ethnicity": "B1"},
        {"contact_ref": "c2", "pupil_ref": "secret-2", "self_defined_ethnicity": "W1"},
    ],
    "power_use": [{"contact_ref": "c1", "pupil_ref": "secret-1", "power": "stop_and_search"}],
    "collection": [
        {"urn": "*", "subject": subject, "from_on": "2023-09-01", "to_on": "2024-08-31", "state": "complete"}
        for subject in ("roll", "contact")
    ],
}  # fmt: skip
DEFAULTS = {"involvement": {"subject_category": "subject_of_concern"}}


def write(folder, tables):
    folder.mkdir(parents=True)
    for name, rows in tables.items():
        given = {column for row in rows for column in row}
        columns = [c for c in table(name).columns if c.name in given or not c.optional]
        blank = {c.name: "not_collected" if c.lists and c.blank and not c.default else "" for c in columns}
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, [c.name for c in columns], lineterminator="\n")
            writer.writeheader()
            writer.writerows(blank | DEFAULTS.get(name, {}) | row for row in rows)
    return folder


@pytest.fixture
def freeze(tmp_path):
    made = []

    def of(**changed):
        tables = {name: rows for name, rows in (BASE | changed).items() if rows is not None}
        made.append(1)
        source = Source(write(tmp_path / f"native{len(made)}", tables))
        return steps.freeze([source], tmp_path / f"snapshots{len(made)}", today=TODAY)[0].path

    return of


def altered(name, place, **values):
    """BASE's rows of a table, with one of them changed."""
    return {name: [row | values if n == place else row for n, row in enumerate(BASE[name])]}


def changes(found):
    return {c.table: (c.added, c.removed, c.changed) for c in found.tables}


def of_table(found, name):
    return next(c for c in found.tables if c.table == name)


def figure(found, stage, code, split="ethnicity"):
    return next(f for f in found.figures if (f.stage, f.split, f.code) == (stage, split, code))


def test_the_same_snapshot(freeze):
    one, other = freeze(), freeze()
    found = steps.difference(one, other)
    assert (found.kind, found.tables, found.definitions, found.figures) == (Kind.SAME, (), (), ())
    assert found.sentence == "The two are the same snapshot."


def test_a_row_more(freeze):
    more = [*BASE["involvement"], {"contact_ref": "c2", "pupil_ref": "secret-3", "self_defined_ethnicity": "B1"}]
    found = steps.difference(freeze(), freeze(involvement=more))
    assert changes(found) == {"involvement": (1, 0, 0)}
    change = of_table(found, "involvement")
    assert (change.rows_before, change.rows_after, change.columns) == (4, 5, ())
    assert [(s.urn, s.added, s.removed, s.changed) for s in change.schools] == [("2", 1, 0, 0)]  # through its contact
    assert found.kind is Kind.DATA


def test_a_row_less_is_the_same_the_other_way(freeze):
    less = [row for row in BASE["involvement"] if row["pupil_ref"] != "secret-2"]
    found = steps.difference(freeze(), freeze(involvement=less))
    assert changes(found) == {"involvement": (0, 1, 0)}
    assert [(s.urn, s.removed) for s in of_table(found, "involvement").schools] == [("2", 1)]


def test_a_changed_value_is_counted_by_column(freeze):
    found = steps.difference(freeze(), freeze(**altered("involvement", 3, self_defined_ethnicity="B1", sex="M")))
    assert changes(found) == {"involvement": (0, 0, 1)}
    assert of_table(found, "involvement").columns == (("sex", 1), ("self_defined_ethnicity", 1))


def test_pupils_who_were_not_identified_share_a_key_and_are_paired(freeze):
    """One of the two in c1 changes: one changed row, not two removed and two added."""
    found = steps.difference(freeze(), freeze(**altered("involvement", 1, self_defined_ethnicity="A1")))
    assert changes(found) == {"involvement": (0, 0, 1)}


def test_a_table_without_a_key_has_rows_removed_and_added_and_says_so(freeze):
    found = steps.difference(freeze(), freeze(**altered("power_use", 0, power="handcuffs")))
    assert changes(found) == {"power_use": (1, 1, 0)}
    assert any("without a key" in c for c in found.caveats)
    assert [(s.urn, s.added, s.removed) for s in of_table(found, "power_use").schools] == [("1", 1, 1)]


def test_a_counted_roll_changes_by_its_number(freeze):
    found = steps.difference(freeze(), freeze(**altered("roll", 1, n_pupils="44")))
    assert changes(found) == {"roll": (0, 0, 1)}
    assert of_table(found, "roll").columns == (("n_pupils", 1),)
    moved = figure(found, "contact", "B")
    assert (moved.before.denominator, moved.after.denominator) == (40 + 20, 44 + 20)


def test_a_roll_by_pupil_is_paired_by_pupil(freeze):
    """A pupil's ethnicity is set right: one row changed, though ethnicity is a part of a counted roll's key."""
    pupils = [{"urn": "1", "census_on": "2024-01-18", "pupil_ref": ref, "ethnicity": e, "n_pupils": "1"}
              for ref, e in (("secret-1", "WBRI"), ("secret-2", "WBRI"), ("secret-9", "BCRB"))]  # fmt: skip
    right = [pupils[0] | {"ethnicity": "BCRB"}, *pupils[1:]]
    found = steps.difference(freeze(roll=pupils), freeze(roll=right))
    assert changes(found) == {"roll": (0, 0, 1)}
    assert of_table(found, "roll").columns == (("ethnicity", 1),)


def test_tables_that_appear_and_vanish(freeze):
    found = steps.difference(freeze(power_use=None), freeze())
    assert of_table(found, "power_use").is_new and changes(found) == {"power_use": (1, 0, 0)}
    appeared = figure(found, "power_used", "B")
    assert appeared.before is None and appeared.after.n == 1
    assert appeared.why == "before: `power_used` is not collected: the snapshot has no table `power_use`."
    back = steps.difference(freeze(), freeze(power_use=None))
    assert of_table(back, "power_use").is_gone and changes(back) == {"power_use": (0, 1, 0)}
    assert figure(back, "power_used", "B").why.startswith("after: ")


def test_a_column_that_appears(freeze):
    aged = [row | {"age_on_31_august": "13"} for row in BASE["roll"]]
    found = steps.difference(freeze(), freeze(roll=aged))
    change = of_table(found, "roll")
    assert (change.appeared, change.disappeared) == (("age_on_31_august",), ())
    assert of_table(steps.difference(freeze(roll=aged), freeze()), "roll").disappeared == ("age_on_31_august",)


def test_figures_move_by_how_much(freeze):
    """secret-2 is Black after all: White 1 of 90 to 0, Black 1 of 60 to 2."""
    found = steps.difference(freeze(), freeze(**altered("involvement", 3, self_defined_ethnicity="B1")))
    moved = figure(found, "contact", "B")
    assert (moved.period, moved.before.n, moved.after.n, moved.n_difference) == ("2023/24", 1, 2, 1)
    assert moved.rate_difference_per_1000 == pytest.approx((2 - 1) / 60 * 1000)
    assert moved.before.relative_rate == pytest.approx((1 / 60) / (1 / 90))
    assert moved.after.relative_rate is None  # nobody of the comparison group any more: no number
    sizes = [abs(f.rate_difference_per_1000) for f in found.figures if f.before and f.after]
    assert sizes == sorted(sizes, reverse=True)
    assert figure(found, "contact", "B") is found.figures[0]
    assert found.n_figures > len(found.figures)
    assert not [f for f in found.figures if f.split == "sex"]


def test_a_year_that_comes_is_a_figure_that_appears(freeze):
    contact = {"contact_ref": "c3", "urn": "1", "occurred_at": "2025-01-15T10:00"}
    involved = {"contact_ref": "c3", "pupil_ref": "secret-1", "self_defined_ethnicity": "B1"}
    later = {"to_on": "2025-08-31"}
    found = steps.difference(freeze(), freeze(
        contact=[*BASE["contact"], contact], involvement=[*BASE["involvement"], involved],
        roll=[*BASE["roll"], *(row | {"census_on": "2025-01-16"} for row in BASE["roll"])],
        collection=[row | later for row in BASE["collection"]],
    ))  # fmt: skip
    new = next(f for f in found.figures if (f.stage, f.code, f.period) == ("contact", "B", "2024/25"))
    assert (new.before, new.after.n, new.why) == (None, 1, "before: no figure of 2024/25")
    assert not [f for f in found.figures if f.period == "2023/24"]


WALK = "dfe_ethnicity_main_to_broad_group"


def test_a_definition_diff_is_said_plainly(freeze, monkeypatch):
    """The same files; another version of two lists."""
    one = freeze()
    versions = freezing.list_versions()
    changed = versions | {"sex": "99", WALK: "99"}
    monkeypatch.setattr(freezing, "list_versions", lambda: changed)
    found = steps.difference(one, freeze())
    assert found.kind is Kind.DEFINITION
    assert found.sentence.startswith("This is a definition diff: the source files are the same")
    assert found.definitions == tuple(
        DefinitionChange("code list", name, versions[name], "99") for name in sorted(("sex", WALK))
    )
    assert (found.tables, found.figures) == ((), ())
    assert any("counted with the code lists of this version" in c for c in found.caveats)
    assert any("every figure is the same" in c for c in found.caveats)


def test_lists_and_data_together_are_not_a_definition_diff(freeze, monkeypatch):
    one = freeze()
    monkeypatch.setattr(freezing, "list_versions", lambda: {"sex": "99"})
    found = steps.difference(one, freeze(**altered("roll", 1, n_pupils="44")))
    assert found.kind is Kind.DATA_AND_DEFINITION
    gone = [d for d in found.definitions if d.after is None]
    assert gone and all(d.what == "code list" for d in gone)


def test_kinds_follow_from_files_rows_and_definitions(freeze):
    manifest = steps.open_snapshot(freeze()).manifest
    other = {"snapshot": "f" * 32}
    rows, files = {"tables": manifest.tables | {"roll": "0"}}, {"sources": []}
    profile = {"profiles": ["native 99"]}
    expected = {
        Kind.SAME: {},
        Kind.READING: other | rows,  # the same files, other rows, the same definitions
        Kind.DATA: other | rows | files,
        Kind.DEFINITION: other | rows | profile,
        Kind.DATA_AND_DEFINITION: other | rows | files | profile,
    }
    assert {kind: kind_of(manifest, replace(manifest, **more)) for kind, more in expected.items()} == {
        k: k for k in expected
    }
    renamed = [source | {"file": "other-name.csv"} for source in manifest.sources]
    assert kind_of(manifest, replace(manifest, **other, **rows, sources=renamed)) is Kind.READING
    of_rows = replace(manifest, **other, **files, caveats=["said otherwise"])
    assert sentence_of(manifest, of_rows).startswith("This is a definition diff: the rows are the same")


def test_no_reference_or_value_of_a_row_is_printed(freeze, capsys):
    one = freeze()
    other = freeze(**altered("involvement", 3, self_defined_ethnicity="B1", pupil_ref="secret-7"))
    assert main(["snapshots", "diff", str(one), str(other)]) == 0
    out, err = capsys.readouterr()
    assert main(["snapshots", "diff", str(one), str(other), "--json"]) == 0
    as_json = capsys.readouterr().out
    for text in (out, err, as_json):
        assert "secret" not in text and "B1" not in text and "W1" not in text and "2024-02-15" not in text
    assert "Internal: it holds small numbers" in out
    assert json.loads(as_json) == json.loads(json.dumps(difference_as_json(steps.difference(one, other))))


def test_the_command_says_what_a_person_looks_for(freeze, capsys):
    one, other = freeze(), freeze(**altered("involvement", 3, self_defined_ethnicity="B1"))
    assert main(["snapshots", "diff", str(one), str(other)]) == 0
    out = capsys.readouterr().out
    for words in ("The data changed", "self_defined_ethnicity 1", "By school:", "2023/24 contact by ethnicity: Black",
                  "1 -> 2", "+16.67", one.name, other.name):  # fmt: skip
        assert words in out
    assert main(["snapshots", "diff", str(one), str(one)]) == 0
    assert "The two are the same snapshot." in capsys.readouterr().out


def test_a_path_that_is_no_snapshot(freeze, tmp_path, capsys):
    assert main(["snapshots", "diff", str(freeze()), str(tmp_path / "nowhere")]) == 4
    assert "`nowhere` does not exist" in capsys.readouterr().err


FLAT = """contact_ref,urn,pupil_ref,ethnicity,sen_provision,sex,year_group,contact_date,officer_ref,reason,outcome
C00001,100001,P000001,BCRB,K,F,8,2025-02-02,SSO001,asb,nfa
C00002,100002,P000002,WBRI,K,M,8,2025-02-03,SSO001,theft,charge
"""

ROLL = """snapshot_date,urn,pupil_ref,ethnicity,sen_provision,sex,year_group
2025-01-16,100001,P000001,BCRB,K,F,8
2025-01-16,100002,P000002,WBRI,K,M,8
"""


def test_another_mapping_of_the_same_file_is_a_definition_diff(tmp_path):
    """What the mapping says of theft moves the figures, and the diff says that the file did not change."""
    from pathlib import Path
    from shutil import copytree

    from dueregard.collect.collect import Source

    example = Path(__file__).parents[3] / "examples" / "flat_export"
    copytree(example, tmp_path / "other")
    text = (example / "mapping.toml").read_text()
    changed = text.replace('theft = "suspect"', 'theft = "witness"')
    assert changed != text
    (tmp_path / "other" / "mapping.toml").write_text(changed)
    (tmp_path / "sent").mkdir()
    (tmp_path / "sent" / "export.csv").write_text(FLAT)
    (tmp_path / "sent" / "roll.csv").write_text(ROLL)
    snapshots = [
        steps.freeze([Source(tmp_path / "sent", mapping=folder / "mapping.toml")], tmp_path / "snapshots")[0]
        for folder in (example, tmp_path / "other")
    ]
    found = steps.difference(*(s.path for s in snapshots))
    assert found.kind is Kind.DEFINITION
    assert [
        change.what for change in found.definitions if "flat_export" in f"{change.before}{change.after}{change.name}"
    ]
    (table,) = [t for t in found.tables if t.table == "involvement"]
    assert (table.added, table.removed, table.changed) == (0, 0, 1)
    moved = {(f.stage, f.code) for f in found.figures}
    assert ("contact_as_witness", "W") in moved
