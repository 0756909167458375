"""Rows in the wrong place: values in the header's line, a file cut off inside its last value, rows that never became columns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dueregard.cli import main

MAPPING = str(Path(__file__).parents[3] / "examples" / "flat_export" / "mapping.toml")
HEADER = "contact_ref,urn,pupil_ref,ethnicity,sen_provision,sex,year_group,contact_date,officer_ref,reason,outcome"
ROW = "C0000{n},100000,P00000{n},WBRI,N,M,9,2024-10-01,SSO001,asb,advice"
SECRETS = ("zorblatt", "wbri", "sso001", "p000001")


def checked(path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[list[dict], str]:
    """The findings of the file; and all that was printed, of both kinds."""
    main(["check", str(path), "--mapping", MAPPING, *more])
    words = capsys.readouterr()
    main(["check", str(path), "--mapping", MAPPING, "--json"])
    told = capsys.readouterr()
    found = [finding for file in json.loads(told.out)["files"] for finding in file["findings"]]
    return found, words.out + words.err + told.out + told.err


@pytest.mark.parametrize(
    "first_line",
    [
        HEADER + ROW.format(n=1).replace("C00001", "Zorblatt Quimby"),  # the newline after the header was lost
        HEADER + "," + ROW.format(n=1).replace("C00001", "Zorblatt Quimby"),
        ROW.format(n=1)
        .replace("C00001", "Zorblatt")
        .replace("asb", "reason"),  # no header, and one cell is like a column
        HEADER + ',"Zorblatt\nQuimby"',
    ],
)
def test_a_row_in_the_line_of_the_header_is_not_shown(first_line, tmp_path, capsys):
    path = tmp_path / "contacts.csv"
    path.write_text(f"{first_line}\n{ROW.format(n=2)}\n", encoding="utf-8")
    found, everything = checked(path, capsys, "--page", str(tmp_path / "page.html"))
    assert "E_UNEXPECTED_COLUMN" in {one["code"] for one in found}
    shown = (everything + (tmp_path / "page.html").read_text(encoding="utf-8")).lower()
    assert [word for word in SECRETS if word in shown] == []


def test_one_column_too_many_is_still_named(tmp_path, capsys):
    path = tmp_path / "contacts.csv"
    path.write_text(f"{HEADER},forename\n{ROW.format(n=1)},Ann\n", encoding="utf-8")
    found, everything = checked(path, capsys)
    assert [one["column"] for one in found if one["code"] == "E_UNEXPECTED_COLUMN"] == ["forename"]
    assert "Ann" not in everything


@pytest.mark.parametrize(("end", "codes"), [("\n", set()), ("", {"W_NO_LAST_NEWLINE"})])
def test_a_last_row_without_an_end_is_told(end, codes, tmp_path, capsys):
    path = tmp_path / "contacts.csv"
    path.write_text(f"{HEADER}\n{ROW.format(n=1)}\n{ROW.format(n=2)}{end}", encoding="utf-8")
    found, _ = checked(path, capsys)
    about_the_end = [one for one in found if one["code"] in ("W_NO_LAST_NEWLINE", "E_TRUNCATED")]
    assert {one["code"] for one in about_the_end} == codes and all(one["lines"] == [3] for one in about_the_end)


def test_a_cut_row_is_found_among_many_that_are_refused(tmp_path, capsys):
    """A finding keeps its first ten thousand lines; this one is beyond."""
    path = tmp_path / "contacts.csv"
    rows = "\n".join(ROW.format(n=1).replace("C00001", f"C{n:05}").replace(",M,", ",Q,") for n in range(10_002))
    path.write_text(f"{HEADER}\n{rows}", encoding="utf-8")
    found, _ = checked(path, capsys)
    assert [one["lines"] for one in found if one["code"] == "E_TRUNCATED"] == [[10_003]]


def test_rows_that_were_not_split_come_back_as_lines_and_those_of_an_earlier_check_go(tmp_path, capsys):
    path, folder = tmp_path / "contacts.csv", tmp_path / "rejected"
    bad = ROW.format(n=3).replace(",M,", ",Q,")
    path.write_text(f"{HEADER}\n{ROW.format(n=1)}\n{ROW.format(n=2)},more\n{bad}\n", encoding="utf-8")
    checked(path, capsys, "--rejects", str(folder))
    (file,) = folder.iterdir()
    lines = file.read_text(encoding="utf-8").splitlines()
    assert file.stat().st_mode & 0o777 == 0o600 and len(lines) == 3
    assert {line.split(",")[1]: line.split(",")[2] for line in lines[1:]} == {"3": "E_FIELD_COUNT", "4": "E_CODELIST"}
    path.write_text(f"{HEADER}\n{ROW.format(n=1)}\n", encoding="utf-8")
    checked(path, capsys, "--rejects", str(folder))
    assert list(folder.iterdir()) == []


def test_rejects_into_a_file_is_refused_before_anything_is_read(tmp_path, capsys):
    path, other = tmp_path / "contacts.csv", tmp_path / "other.csv"
    path.write_text(f"{HEADER}\n{ROW.format(n=1)}\n", encoding="utf-8")
    other.write_text("kept", encoding="utf-8")
    assert main(["check", str(path), "--mapping", MAPPING, "--rejects", str(other)]) == 6
    assert "`other.csv` is a file" in capsys.readouterr().err and other.read_text(encoding="utf-8") == "kept"


def test_rejects_into_the_folder_of_a_source_take_nothing_away(tmp_path, capsys):
    path = tmp_path / "contact.csv"
    text = f"{HEADER}\n{ROW.format(n=1).replace(',M,', ',Q,')}\n"
    path.write_text(text, encoding="utf-8")
    assert main(["check", str(path), "--mapping", MAPPING, "--rejects", str(tmp_path)]) == 6
    assert "A source lies in" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["contact.csv"] and path.read_text(encoding="utf-8") == text


def test_rejects_are_not_written_where_a_mended_file_of_refused_rows_is_the_source(tmp_path, capsys):
    """A sender may mend such a file and send it; its name and first words are those of ours."""
    path = tmp_path / "contact.csv"
    path.write_text("file,line,codes," + HEADER + "\n", encoding="utf-8")
    assert main(["check", str(path), "--mapping", MAPPING, "--rejects", str(tmp_path)]) == 6
    assert "A source lies in" in capsys.readouterr().err and path.exists()


def test_a_clean_snapshot_leaves_the_refused_rows_of_an_earlier_one(tmp_path, capsys):
    for folder, pupils in (("bad", "-5"), ("good", "5")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "school.csv").write_text(
            "urn,name,borough,la_code,phase,type,opened_on\n1,One,North,,SS,,\n2,Two,North,,SS,,\n", encoding="utf-8"
        )
        header = "urn,census_on,year_group,sex,ethnicity,sen_provision,sen_type,disability,is_fsm,n_pupils"
        rows = (f"{n},2024-01-18,7,M,WBRI,N,none,no,no,{pupils if n == 2 else 9}" for n in (1, 2))
        (tmp_path / folder / "roll.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        assert main(["freeze", str(tmp_path / folder), "--into", str(tmp_path / "into"), "--leave-out-rejected"]) == 0
        capsys.readouterr()
        refused = list((tmp_path / "into" / "rejected").rglob("*.csv"))
        assert [file.name for file in refused] == ["roll.csv"] and len(refused[0].parent.name) == 32  # the snapshot's


def test_a_workbook_counts_all_its_blank_rows_and_names_no_column_that_is_not_of_the_layout(tmp_path, capsys):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(HEADER.split(","))
    book.active.append(ROW.format(n=1).split(","))
    book.active.cell(20_003, 1, "C00002")
    book.save(tmp_path / "contacts.xlsx")
    found, _ = checked(tmp_path / "contacts.xlsx", capsys)
    assert [one["rows"] for one in found if one["code"] == "W_BLANK_ROWS"] == [20_000]
