"""The findings on a page, as JSON and on the terminal: by file, school and field, and what is missing for whom."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from dueregard import steps
from dueregard.cli import main
from dueregard.collect.collect import Source

ROOT = Path(__file__).parents[3]
MAPPING = ROOT / "examples" / "flat_export" / "mapping.toml"
HEADER = "contact_ref,urn,pupil_ref,ethnicity,sen_provision,sex,year_group,contact_date,officer_ref,reason,outcome\n"
ROWS = (
    "C00001,100001,P000001,BCRB,K,F,8,2025-02-02,SSO001,asb,nfa\n"
    "C00002,100001,P000002,,K,F,8,2025-02-02,SSO001,asb,nfa\n"
    "C00003,100001,P000003,canary,K,F,8,2025-02-02,SSO001,asb,nfa\n"
    "C00004,100002,P000004,REFU,K,F,8,2025-02-02,SSO001,asb,nfa\n"
    "C00005,999999,P000005,WBRI,K,F,8,2025-02-02,SSO001,asb,nfa\n"
)


def flat(tmp_path: Path) -> Path:
    (tmp_path / "export.csv").write_text(HEADER + ROWS)
    return tmp_path / "export.csv"


def test_findings_are_told_by_file_school_and_field(tmp_path):
    checked = steps.check([Source(flat(tmp_path), mapping=MAPPING)])
    (report,) = checked.reports
    assert (report.file, report.table, report.accepted, report.rejected) == ("export.csv", "contact", 3, 2)
    assert [(f.code, f.column, f.lines) for f in checked.errors] == [
        ("E_CODELIST", "ethnicity", (4,)), ("E_UNKNOWN_URN", "urn", (6,)),
    ]  # fmt: skip
    assert checked.schools == (("contact", "100001", 2, 1),)


def test_missing_is_told_by_group(tmp_path):
    """Blank is not recorded, REFU is not stated: two different things, and neither is a zero."""
    checked = steps.check([Source(flat(tmp_path), mapping=MAPPING)])
    ethnicity = {(k.group, k.state): k.n for k in checked.known if k.column == "self_defined_ethnicity"}
    assert ethnicity == {("B", "known"): 1, ("not_recorded", "not_recorded"): 1, ("not_stated", "not_stated"): 1}
    disability = {k.state for k in checked.known if k.column == "disability"}
    assert disability == {"not_collected"}


def test_the_page_holds_every_finding_and_no_value(tmp_path):
    page = tmp_path / "findings.html"
    assert main(["check", str(flat(tmp_path)), "--mapping", str(MAPPING), "--page", str(page)]) == 1
    text = page.read_text()
    for shown in ("export.csv", "E_CODELIST", "ethnicity", "lines 4"[:4], "100001", "not stated", "Internal"):
        assert shown in text
    assert "canary" not in text
    assert "P00000" not in text
    assert "999999" not in text, "a school that is not known is not named"
    assert os.stat(page).st_mode & 0o777 == 0o600


def test_a_page_that_is_there_is_not_overwritten(tmp_path, capsys):
    page = tmp_path / "findings.html"
    page.write_text("mine")
    assert main(["check", str(flat(tmp_path)), "--mapping", str(MAPPING), "--page", str(page)]) == 6
    assert page.read_text() == "mine"
    assert "is there already" in capsys.readouterr().err


def test_json_is_one_document_with_rules_and_completeness(tmp_path, capsys):
    assert main(["check", str(flat(tmp_path)), "--mapping", str(MAPPING), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    (report,) = document["files"]
    assert {f["rule"] for f in report["findings"]} >= {"layout_contact.ethnicity.list", "contact.urn.in_school"}
    assert {k["column"] for k in document["completeness"]} >= {"self_defined_ethnicity", "sex"}


def test_refused_rows_go_back_with_their_codes_and_inert(tmp_path):
    (tmp_path / "export.csv").write_text(HEADER + ROWS.replace("canary", "=1+1"))
    assert (
        main(["check", str(tmp_path / "export.csv"), "--mapping", str(MAPPING), "--rejects", str(tmp_path / "back")])
        == 1
    )
    (file,) = (tmp_path / "back").iterdir()
    assert os.stat(file).st_mode & 0o777 == 0o600
    lines = file.read_text().splitlines()
    assert lines[0].startswith("file,line,codes,contact_ref")
    assert lines[1].startswith("export.csv,4,E_CODELIST,C00003") and ",'=1+1," in lines[1]
    assert lines[2].startswith("export.csv,6,E_UNKNOWN_URN,C00005")


@pytest.mark.parametrize("was", ["a file for all", "a link"])
def test_refused_rows_are_private_whatever_stood_there(tmp_path, was):
    """An earlier file with wider rights, or a link to a place that others read, must not get the rows of pupils."""
    (tmp_path / "export.csv").write_text(HEADER + ROWS)
    back = tmp_path / "back"
    back.mkdir()
    other = tmp_path / "other"
    other.write_text("file,line,codes,theirs\n")
    other.chmod(0o644)
    if was == "a link":
        (back / "contact.csv").symlink_to(other)
    else:
        (back / "contact.csv").write_text("file,line,codes,old\n")
        (back / "contact.csv").chmod(0o644)
    main(["check", str(tmp_path / "export.csv"), "--mapping", str(MAPPING), "--rejects", str(back)])
    file = back / "contact.csv"
    assert not file.is_symlink() and file.stat().st_mode & 0o777 == 0o600
    assert "C00003" in file.read_text() and other.read_text() == "file,line,codes,theirs\n"
