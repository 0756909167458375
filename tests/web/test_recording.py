"""An officer records a contact, keeps drafts, corrects, closes and withdraws, as the pages ask."""

from __future__ import annotations

import re

from .people import CONTACT, answers, filled


def record(browser, **changes):
    page = browser.get("/contacts/new/").content.decode()
    return browser.post("/contacts/new/", filled(page, **{**CONTACT, **answers(), "do": "record", **changes}))


def only_contact():
    from dueregard.store.versions import current

    return current("contact").get()


def test_a_contact_is_recorded_with_what_was_filled_in_beforehand(each_service):
    browser = each_service.browser("officer")
    page = browser.get("/contacts/new/").content.decode()
    assert '<option value="100001" selected' in page or re.search(r'value="100001"[^>]*checked', page)
    sent = browser.post("/contacts/new/", filled(page, **CONTACT, **answers(), do="record"))
    assert sent.status_code == 302 and sent["Location"] == "/contacts/"
    held = only_contact()
    assert (held.urn, held.officer_ref, held.why_not_lower) == ("100001", "o1", "not_applicable")
    told = browser.get("/contacts/").content.decode()
    assert "The contact was recorded." in told and "Low level disruption" in told.replace("low level", "Low level")


def test_the_same_form_twice_is_one_contact(each_service):
    browser = each_service.browser("officer")
    page = browser.get("/contacts/new/").content.decode()
    data = filled(page, **CONTACT, **answers(), do="record")
    assert [browser.post("/contacts/new/", data).status_code for _ in range(3)] == [302, 302, 302]
    assert only_contact().urn == "100001"
