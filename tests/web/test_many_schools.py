"""A force as large as London: 3,000 schools and 600 officers, more than any list on a form can hold."""

from __future__ import annotations

import re

import pytest
from store.world import OP

from dueregard.store.log import entry
from dueregard.store.versions import current, write

from .people import CONTACT, answers, filled, opened

N_SCHOOLS, N_OFFICERS = 3_000, 600


@pytest.fixture
def london(service):
    with entry("collection", "test", by=OP) as act:
        for n in range(N_SCHOOLS):
            write(act, "school", {"urn": f"{200000 + n}", "name": f"Academy {n:04}", "borough": f"Borough {n % 32}", "la_code": "999", "phase": "PS",
                                  "type": "Academy", "opened_on": "2010-09-01"})  # fmt: skip
        for n in range(N_OFFICERS):
            write(act, "officer", {"officer_ref": f"many{n}", "name": f"Constable {n:03}", "team": ""})
            write(act, "posting", {"posting_ref": f"p{n}x", "officer_ref": f"many{n}", "urn": f"{200000 + n}", "role": "safer_schools_officer",
                                   "kind": "based_full_time", "from_on": "2024-09-01"})  # fmt: skip
    return service


def text_of(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_registers_come_in_pages_and_are_searched(london):
    sergeant = london.browser("sergeant")
    assert "Next page" in text_of(sergeant.get("/schools/"))
    last = text_of(sergeant.get("/schools/?page=31"))  # 3,003 schools, 100 a page
    assert last.count("<tr>") == 4 and "Next page" not in last
    found = text_of(sergeant.get("/schools/?find=academy 29"))
    assert found.count("<tr>") == 101 and "find=academy%2029" not in found
    assert "Academy 2999" in text_of(sergeant.get("/schools/?find=202999"))
    assert "Nothing was found." in text_of(sergeant.get("/schools/?find=nowhere"))
    assert text_of(sergeant.get("/officers/?find=Constable 59")).count("<tr>") == 11
    postings = text_of(sergeant.get("/postings/?find=Academy 0577"))
    assert "Constable 577" in postings and "1 posting." in postings
    (ask,) = re.findall(r'href="(/consultations/new/[^"]*)"', postings.partition("<h2>Posted on")[2])
    assert 'value="p577x"' in text_of(sergeant.get(ask))
    analyst = text_of(london.browser("analyst").get("/postings/?find=Academy 0577"))
    assert "Not shown to you" in analyst and "Constable" not in analyst


def test_what_no_list_can_hold_is_typed_and_judged(london):
    sergeant = london.browser("sergeant")
    page = text_of(sergeant.get("/postings/new/"))
    assert (
        page.count("more schools than a list can hold") == 1 and page.count("more officers than a list can hold") == 1
    )
    told = {
        "officer_ref": "many3",
        "urn": "202998",
        "role": "safer_schools_officer",
        "kind": "visiting",
        "fte": "",
        "from_on": "2026-01-05",
        "to_on": "",
    }
    assert sergeant.post("/postings/new/", told).status_code == 302
    assert current("posting").filter(urn="202998").get().officer_ref == "many3"
    assert sergeant.post("/postings/new/", {**told, "urn": "999999"}).status_code == 422
    admin = london.browser("administrator")
    ref = london.actor("analyst").person_ref
    given = {"what": "give", "role": "school", "urn": "202500", "borough": "", "from_on": "2026-01-01", "to_on": ""}
    assert admin.post(f"/people/{ref}/", given).status_code == 302
    assert current("grant").filter(urn="202500").exists()
    assert "more officers than a list can hold" in text_of(admin.get("/people/new/"))
    assert "more schools than a list can hold" in text_of(london.browser("access_clerk").get("/subject-access/"))
    figures = text_of(london.browser("equality_lead").get("/figures/?school=202500"))
    assert 'value="202500"' in figures and "Find it by name" in figures


def test_an_officer_without_a_posting_types_the_school_and_records(london):
    from dueregard.store import actions

    held = current("posting").get(officer_ref="o1")
    actions.withdraw("posting", held.row_ref, seen=held.row_version, by=london.actor("sergeant"), why="ended")
    officer = london.browser("officer")
    page = text_of(officer.get("/contacts/new/"))
    assert page.count("<option") < 400
    sent = officer.post(
        "/contacts/new/",
        filled(page, **{**CONTACT, **answers(), "urn": "elsewhere", "other_urn": "202345", "do": "record"}),
    )
    assert sent["Location"] == "/contacts/"
    made = current("contact").get()
    assert made.urn == "202345" and "Academy 2345" in opened(officer, f"/contacts/{made.contact_ref}/")
