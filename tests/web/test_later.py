"""What comes after a record: who was told, what became of an offer, a joining that was wrong, a review; and the first account."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from store.world import OP, contact, pupil

from dueregard.store import actions
from dueregard.store.models import MODELS, Person
from dueregard.store.versions import current

from .people import CONTACT, PUPIL, answers, filled, opened


def record(browser, **changes):
    page = browser.get("/contacts/new/").content.decode()
    sent = browser.post("/contacts/new/", filled(page, **{**CONTACT, **answers(**changes), "do": "record"}))
    assert sent["Location"] == "/contacts/"
    return current("contact").order_by("-row_entry_id").first().contact_ref


def told_of_parent(page: str) -> str:
    return re.search(r"<dt>Was a parent or carer told\?</dt><dd>([^<]*)</dd>", page)[1]


def test_not_yet_and_unknown_are_two_answers_and_neither_is_a_blank(each_service):
    browser = each_service.browser("officer")
    for answer, words in (("not_yet", "Not yet"), ("unknown", "Unknown"), ("at_once", "Yes, at the time")):
        ref = record(browser, parent_told=answer)
        page = opened(browser, f"/contacts/{ref}/")
        assert told_of_parent(page) == words
        assert "Nothing entered" not in page.partition("Pupil 1")[2]
        close = browser.get(f"/contacts/{ref}/close/").content.decode()
        assert ('name="p0-parent_told"' in close) == (answer != "at_once")
        correct = browser.get(f"/contacts/{ref}/correct/").content.decode()
        assert re.search(rf'name="p0-parent_told" value="{answer}"[^>]*checked', correct)
        if answer == "not_yet":
            sent = browser.post(f"/contacts/{ref}/close/", filled(close, **{"p0-parent_told": "unknown"}))
            assert sent.status_code == 302
            assert told_of_parent(browser.get(f"/contacts/{ref}/").content.decode()) == "Unknown"
            late = datetime.now().strftime("%Y-%m-%dT00:02")
            close = browser.get(f"/contacts/{ref}/close/").content.decode()
            sent = browser.post(
                f"/contacts/{ref}/close/",
                filled(close, **{"p0-parent_told": "at_another_time", "p0-parent_informed_at": late}),
            )
            assert sent.status_code == 302
            assert told_of_parent(browser.get(f"/contacts/{ref}/").content.decode()) == "Yes, at another time"
    # the first was answered to its end before the second was recorded
    assert [r.answer for r in current("parent_told").order_by("pk")] == ["at_another_time", "unknown", "at_once"]


def test_a_correction_keeps_what_was_said_of_the_parent(each_service):
    browser = each_service.browser("officer")
    ref = record(browser, parent_told="not_yet")
    page = opened(browser, f"/contacts/{ref}/correct/")
    assert browser.post(f"/contacts/{ref}/correct/", filled(page, harm_level="low", do="record")).status_code == 302
    (held,) = MODELS["parent_told"].objects.all()
    assert (held.answer, held.row_version) == ("not_yet", 1)
    page = browser.get(f"/contacts/{ref}/correct/").content.decode()
    assert (
        browser.post(
            f"/contacts/{ref}/correct/", filled(page, **{"p0-parent_told": "unknown"}, do="record")
        ).status_code
        == 302
    )
    assert current("parent_told").get().answer == "unknown" and current("parent_told").get().row_version == 2


def test_each_offer_has_its_own_answer_and_its_day_of_completion(each_service):
    for service in ("mentoring", "youth_work"):
        actions.record(
            "service_offer",
            {"urn": "100001", "service": service, "from_on": "2024-01-01"},
            by=each_service.actor("sergeant"),
        )
    browser = each_service.browser("officer")
    page = browser.get("/contacts/new/").content.decode()
    told = filled(
        page,
        **{**CONTACT, **answers(services=["mentoring", "youth_work"]), "p0-accepted_mentoring": "yes", "do": "record"},
    )
    unfinished = browser.post("/contacts/new/", told)["Location"]
    asked = browser.get(unfinished).content.decode()
    assert "/drafts/" in unfinished and "Youth work: was it accepted?" in asked.partition("There is a problem")[2]
    sent = browser.post(
        unfinished.partition("?")[0],
        filled(asked, **{"p0-services": ["mentoring", "youth_work"], "p0-accepted_youth_work": "unknown"}, do="record"),
    )
    assert sent["Location"] == "/contacts/"
    assert dict(current("support").values_list("service", "is_accepted")) == {
        "mentoring": "yes",
        "youth_work": "unknown",
    }
    ref = current("contact").get().contact_ref
    close = opened(browser, f"/contacts/{ref}/close/")
    (name,) = re.findall(r'<select name="(p0-accepted_[^"]*)"', close)
    assert browser.post(f"/contacts/{ref}/close/", filled(close, **{name: "no"})).status_code == 302
    assert dict(current("support").values_list("service", "is_accepted")) == {"mentoring": "yes", "youth_work": "no"}
    page = browser.get(f"/contacts/{ref}/support/").content.decode()
    mentoring = current("support").get(service="mentoring").row_ref
    done, never = f"p0-completed_{mentoring}", date.today() - timedelta(days=400)
    before = browser.post(f"/contacts/{ref}/support/", filled(page, **{done: never.isoformat()}))
    assert before.status_code == 422 and "before the first" in before.content.decode()
    assert (
        browser.post(f"/contacts/{ref}/support/", filled(page, **{done: date.today().isoformat()})).status_code == 302
    )
    held = {s.service: (s.completed_on, s.row_version) for s in current("support")}
    assert held == {"mentoring": (date.today(), 2), "youth_work": (None, 2)}  # only what changed has a version more
    assert "Not completed, as far as is known" in browser.get(f"/contacts/{ref}/").content.decode()


def test_a_joining_is_taken_back_by_who_may_see_both_and_by_nobody_else(each_service):
    officer, sergeant = each_service.actor("officer"), each_service.actor("sergeant")
    one, other = pupil("J1"), pupil("J2")
    contact(officer, one, other, now=datetime.now(UTC))
    made = actions.combine(one.ref, other.ref, by=sergeant, why="the school says so")
    page = each_service.browser("sergeant").get("/combine/undo/").content.decode()
    assert "the school says so" in page and one.ref not in page and other.ref not in page
    assert each_service.browser("officer").get("/combine/undo/").status_code == 404
    ref = each_service.actor("analyst").person_ref
    actions.give_role(ref, "sergeant", borough="Other", from_on=date(2020, 1, 1), by=OP)
    elsewhere = each_service.browser("analyst")
    assert "the school says so" not in elsewhere.get("/combine/undo/").content.decode()
    told = {"combination_ref": made["combination_ref"], "why": "it was a twin"}
    assert elsewhere.post("/combine/undo/", told).status_code == 404 and current("combination").exists()
    assert each_service.browser("sergeant").post("/combine/undo/", told).status_code == 302
    assert not current("combination").exists()


def test_the_years_until_a_review_are_a_setting(service, settings_of, monkeypatch):
    from dueregard.store import retention

    ref = contact(service.actor("officer"), now=datetime.now(UTC)).contact_ref
    dpo, asked, queue = service.browser("dpo"), [], retention.queue
    later = datetime.now(UTC) + timedelta(days=3 * 366)

    def in_three_years(**told):
        asked.append(told["years"])
        return queue(**told, now=later)

    monkeypatch.setattr(retention, "queue", in_three_years)
    assert ref not in dpo.get("/review/").content.decode()
    settings_of(retention_years=3)
    assert ref in dpo.get("/review/").content.decode() and asked == [6, 3]
    assert dpo.get(f"/review/{ref}/").status_code == 200


@pytest.fixture
def settings_of(monkeypatch):
    from dataclasses import replace

    from django.conf import settings

    def changed(**told):
        monkeypatch.setattr(settings, "DUEREGARD_CONFIG", replace(settings.DUEREGARD_CONFIG, **told))

    return changed


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_first_account_and_its_role_come_together_or_not_at_all(request, kind, monkeypatch):
    from dueregard.store.actions import people as people_actions
    from dueregard.web.serve import first_administrator

    places = request.getfixturevalue(f"{kind}_places")
    places.fresh()
    real = people_actions.write

    def killed(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(people_actions, "write", killed)
    with pytest.raises(KeyboardInterrupt):
        first_administrator()
    assert not Person.objects.exists() and not current("grant").exists()
    monkeypatch.setattr(people_actions, "write", real)
    assert first_administrator()
    assert current("grant").get().person_ref == Person.objects.get().person_ref
    assert first_administrator() == "" and Person.objects.count() == 1


def test_a_withdrawn_contact_is_told_and_erased_at_a_request(each_service):
    officer, clerk = each_service.browser("officer"), each_service.browser("access_clerk")
    ref = record(officer)
    page = opened(officer, f"/contacts/{ref}/withdraw/")
    assert officer.post(f"/contacts/{ref}/withdraw/", filled(page, why="recorded twice")).status_code == 302
    asked = {"kind": "admission_number", "urn": "100001", "identifier": PUPIL["identifier"], "why": "request 7"}
    told = clerk.post("/subject-access/", asked).content.decode()
    assert "Withdrawn: it no longer counts" in told and "/rectify/" not in told
    (link,) = re.findall(r'href="([^"]*erase[^"]*)"', told)
    assert clerk.get(link).status_code == 200
    assert clerk.post(link, {"why": "request 7"}).status_code == 302
    assert not MODELS["contact"].objects.exists()
    assert "Nothing is held" in clerk.post("/subject-access/", asked).content.decode()
    assert clerk.get(link).status_code == 404


def test_unfinished_forms_are_told_and_erased_at_a_request(each_service):
    officer, clerk = each_service.browser("officer"), each_service.browser("access_clerk")
    page = officer.get("/contacts/new/").content.decode()
    officer.post("/contacts/new/", filled(page, **{**CONTACT, **answers(), "do": "later"}))
    asked = {"kind": "admission_number", "urn": "100001", "identifier": PUPIL["identifier"], "why": "request 7"}
    told = clerk.post("/subject-access/", asked).content.decode()
    assert "1 form that nobody has sent yet names this pupil" in told
    done = clerk.post("/subject-access/", {**asked, "do": "erase_drafts"})
    assert "1 unfinished form erased" in clerk.get(done["Location"]).content.decode()
    assert "Unfinished forms" not in clerk.post("/subject-access/", asked).content.decode()


def test_what_names_a_school_is_shown_and_not_asked_again(each_service):
    """Other records name it by its number: the box is there to read, and what a forged post says in it is not taken."""
    browser = each_service.browser("sergeant")
    school = current("school").order_by("urn").first()
    page = browser.get(f"/schools/{school.row_ref}/").content.decode()
    assert re.search(rf'<input[^>]*name="urn"[^>]*value="{school.urn}"[^>]*disabled', page)
    sent = browser.post(f"/schools/{school.row_ref}/", {**filled(page, name="Another name"), "urn": "123456"})
    assert sent.status_code == 302
    held = current("school").get(row_ref=school.row_ref)
    assert (held.urn, held.name) == (school.urn, "Another name")
