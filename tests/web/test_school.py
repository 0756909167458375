"""A school sends its roll, confirms postings, and says that there was nothing to report."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from store.world import ROLL_HEADER, roll_csv


def send(browser, content: bytes):
    return browser.post("/school/roll/", {"file": SimpleUploadedFile("roll.csv", content, "text/csv"), "pasted": ""})


def test_the_same_bytes_twice_add_nothing_and_bad_rows_come_back(each_service):
    from dueregard.store.versions import current

    browser = each_service.browser("school")
    good = roll_csv()
    bad = good + b"100001,2026-10-01,9,F,XXXX,N,none,none,no,5\n"
    first = send(browser, bad).content.decode()
    assert "The counts were taken" in first and "XXXX" in first
    n = current("roll").count()
    assert n == 20
    assert "You sent this before" in send(browser, bad).content.decode()
    assert current("roll").count() == n


def test_another_schools_roll_is_refused(service):
    from dueregard.store.versions import current

    answer = send(service.browser("school"), roll_csv("100003"))
    assert answer.status_code == 422 and "Nothing was taken" in answer.content.decode()
    assert not current("roll").exists()


def test_pasted_rows_go_through_the_same_gate(service):
    from dueregard.store.versions import current

    pasted = f"{ROLL_HEADER}\r\n100001,2026-10-01,9,F,WBRI,N,none,none,no,31\r\n"
    answer = service.browser("school").post("/school/roll/", {"pasted": pasted})
    assert answer.status_code == 200
    assert current("roll").get().n_pupils == 31
