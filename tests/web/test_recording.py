"""An officer records a contact, keeps drafts, corrects, closes and withdraws, as the pages ask."""

from __future__ import annotations

import re

from .people import CONTACT, answers, filled, opened


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


def test_what_was_open_is_answered_and_only_that_changes(each_service):
    from dueregard.store.versions import current, newest

    browser = each_service.browser("officer")
    assert record(browser).status_code == 302
    ref = only_contact().contact_ref
    page = opened(browser, f"/contacts/{ref}/close/")
    sent = browser.post(f"/contacts/{ref}/close/", filled(page, **{"p0-school_later_cleared": "yes"}))
    assert sent.status_code == 302, re.findall(r'<div class="summary".*?</div>', sent.content.decode(), re.DOTALL)
    held = current("involvement").get()
    assert (held.school_later_cleared, held.row_version) == ("yes", 2)
    assert newest("contact").get().row_version == 1


def test_a_correction_adds_a_version_of_what_changed(each_service):
    from dueregard.store.versions import current

    browser = each_service.browser("officer")
    record(browser)
    ref = only_contact().contact_ref
    page = opened(browser, f"/contacts/{ref}/correct/")
    sent = browser.post(f"/contacts/{ref}/correct/", filled(page, harm_level="low", do="record"))
    assert (sent.status_code, sent["Location"]) == (302, f"/contacts/{ref}/")
    assert (only_contact().harm_level, only_contact().row_version) == ("low", 2)
    assert current("involvement").get().row_version == 1
    conflict = browser.post(f"/contacts/{ref}/correct/", filled(page, harm_level="high", do="record"))
    assert conflict.status_code == 409
    told = conflict.content.decode()
    assert "High" in told and "Low" in told
    again = browser.post(f"/contacts/{ref}/correct/", filled(told, do="record"))
    assert again.status_code == 302
    assert (only_contact().harm_level, only_contact().row_version) == ("high", 3)


def test_a_contact_is_withdrawn_and_stays_in_the_history(each_service):
    from dueregard.store.versions import current, newest

    browser = each_service.browser("officer")
    record(browser)
    ref = only_contact().contact_ref
    page = opened(browser, f"/contacts/{ref}/withdraw/")
    assert browser.post(f"/contacts/{ref}/withdraw/", filled(page, why="made twice")).status_code == 302
    assert not current("contact").exists() and newest("contact").get().row_state == "withdrawn"


def test_powers_steps_and_pupils_are_added_and_removed_without_javascript(service):
    from dueregard.store.versions import current

    browser = service.browser("officer")
    page = browser.get("/contacts/new/").content.decode()
    where = browser.post("/contacts/new/", filled(page, **CONTACT, **answers(), do="add:power_use:0"))[
        "Location"
    ].partition("#")[0]
    page = browser.get(where).content.decode()
    assert "A-17" not in page
    where = browser.post(where, filled(page, do="add:step:0"))["Location"].partition("#")[0]
    where = browser.post(where, filled(browser.get(where).content.decode(), do="add_pupil"))["Location"].partition("#")[
        0
    ]
    page = browser.get(where).content.decode()
    power = {
        "power": "stop_and_search",
        "legislation": "pace_s1",
        "search_object": "Offensive weapons",
        "clothing_removal": "outer",
        "item_found": "no",
        "is_injured": "no",
    }
    data = filled(page, **{f"p0-power_use0-{k}": v for k, v in power.items()}, **{f"p0-step0-{k}": v for k, v in
                  {"stage": "arrested", "decided_by": "officer", "reason": "necessity"}.items()}, **answers(1, identifier="B-18"), do="record")  # fmt: skip
    wrong = browser.post(where, data)
    assert wrong["Location"].endswith("?check=1")  # with a power, the appropriate adult is asked anew
    page = browser.get(wrong["Location"])
    assert page.status_code == 422 and "Was an appropriate adult present?: Choose an answer" in page.content.decode()
    done = browser.post(where, filled(page.content.decode(), **{"p0-appropriate_adult": "present"}, do="record"))
    assert done["Location"] == "/contacts/"
    assert current("involvement").count() == 2
    used, step = current("power_use").get(), current("step").get()
    assert (used.search_object, used.tactic, step.stage) == ("Offensive weapons", "not_collected", "arrested")
    assert used.pupil_ref == step.pupil_ref != "not_identified"


def test_the_seconds_that_it_took_are_measured_by_the_server(service, monkeypatch):
    from datetime import datetime, timedelta

    from dueregard.store.versions import current
    from dueregard.web.forms import contact_content

    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(seconds=75)

    browser = service.browser("officer")
    page = browser.get("/contacts/new/").content.decode()
    monkeypatch.setattr(contact_content, "datetime", Later)
    browser.post("/contacts/new/", filled(page, **{**CONTACT, **answers(), "do": "record"}))
    assert 75 <= only_contact().seconds_to_record <= 80
    page = browser.get("/contacts/new/").content.decode()
    browser.post(
        "/contacts/new/", filled(page, **{**CONTACT, **answers(identifier="A-18"), "do": "record", "shown": "forged"})
    )
    assert min(c.seconds_to_record for c in current("contact")) == 0


def test_help_is_chosen_from_what_is_on_offer_at_the_school(service):
    from dueregard.store import actions
    from dueregard.store.versions import current

    browser = service.browser("officer")
    assert (
        browser.get("/contacts/new/").content.decode().count('name="p0-services"') == 12
    )  # nothing is entered: every kind
    actions.record(
        "service_offer",
        {"urn": "100001", "service": "youth_work", "from_on": "2024-01-01"},
        by=service.actor("sergeant"),
    )
    page = browser.get("/contacts/new/").content.decode()
    assert page.count('name="p0-services"') == 2 and "Youth work" in page
    sent = record(browser, **{"p0-services": ["youth_work"], "p0-accepted_youth_work": "yes"})
    assert sent["Location"] == "/contacts/"
    assert (current("support").get().service, current("support").get().is_accepted) == ("youth_work", "yes")


def test_what_was_recorded_late_is_shown(service):
    from datetime import date, timedelta

    browser = service.browser("officer")
    long_ago = date.today() - timedelta(days=21)
    record(browser, occurred_at=f"{long_ago.isoformat()}T10:00")
    assert "Late by" in browser.get("/contacts/").content.decode()
    assert "Recorded late" in opened(browser, f"/contacts/{only_contact().contact_ref}/")


def test_a_school_that_the_service_does_not_know_is_said(each_service):
    from dueregard.store.versions import current

    browser = each_service.browser("officer")
    sent = record(browser, urn="elsewhere", other_urn="999999")
    assert sent["Location"].endswith("?check=1")
    told = browser.get(sent["Location"])
    assert told.status_code == 422
    assert not current("contact").exists()
    page = told.content.decode()
    assert (
        browser.post(sent["Location"], filled(page, other_urn="100003", do="record", **{"p0-identifier": "A-17"}))[
            "Location"
        ]
        == "/contacts/"
    )
    assert only_contact().urn == "100003"
