"""Correcting who the pupil is, at a browser: what was typed is not lost when the page is shown again."""

from __future__ import annotations

import re

from dueregard.store.contact_record import UNIDENTIFIED
from dueregard.store.models import MODELS
from dueregard.store.versions import current

from .people import filled, opened
from .test_later import record


def ref_now() -> str:
    return current("involvement").get().pupil_ref


def test_not_known_takes_a_wrong_identification_back(each_service):
    browser = each_service.browser("officer")
    ref = record(browser)
    page = opened(browser, f"/contacts/{ref}/correct/")
    sent = browser.post(
        f"/contacts/{ref}/correct/", filled(page, **{"p0-identifier_kind": "not_known", "do": "record"})
    )
    assert sent.status_code == 302 and ref_now().startswith(UNIDENTIFIED)
    assert "The correction was recorded" in browser.get(sent["Location"]).content.decode()
    page = browser.get(f"/contacts/{ref}/correct/").content.decode()
    sent = browser.post(
        f"/contacts/{ref}/correct/", filled(page, **{"p0-identifier_kind": "not_known", "do": "record"})
    )
    assert "Nothing was changed" in browser.get(sent["Location"]).content.decode()


def test_what_was_typed_survives_a_fault_a_step_more_and_a_conflict(each_service):
    browser = each_service.browser("officer")
    ref = record(browser)
    path, before = f"/contacts/{ref}/correct/", ref_now()
    page = opened(browser, path)
    assert 'name="p0-carried"' not in page
    shown = browser.post(path, filled(page, **{"p0-identifier": "99887766554433", "harm_level": "", "do": "record"}))
    assert shown.status_code == 422
    page = shown.content.decode()
    carried = re.search(r'name="p0-carried" value="([^"]+)"', page)[1]
    assert "99887766554433" not in page and before not in page and "p" + before[1:9] not in carried
    page = browser.post(path, filled(page, harm_level="low", do="add:outcome:0")).content.decode()
    page = browser.post(path, filled(page, do="remove:outcome:0:0")).content.decode()
    other = each_service.browser("officer")  # meanwhile somebody else corrects it
    theirs = filled(opened(other, path), harm_level="high", do="record")
    assert other.post(path, theirs).status_code == 302
    both = browser.post(path, filled(page, **{"p0-appropriate_adult": "not_required", "do": "record"}))
    assert both.status_code == 409 and ref_now() == before
    assert browser.post(path, filled(both.content.decode(), do="record")).status_code == 302
    assert ref_now() not in (before, "") and not ref_now().startswith(UNIDENTIFIED)
    assert MODELS["involvement"].objects.count() == 2


def test_who_was_not_known_for_a_moment_is_not_lost(each_service):
    """*Not known* was chosen, a page was shown in between, and the choice was taken back."""
    browser = each_service.browser("officer")
    ref = record(browser)
    path, before = f"/contacts/{ref}/correct/", ref_now()
    page = opened(browser, path)
    page = browser.post(
        path, filled(page, **{"p0-identifier_kind": "not_known", "do": "add:outcome:0"})
    ).content.decode()
    page = browser.post(path, filled(page, do="remove:outcome:0:0")).content.decode()
    back = {"p0-identifier_kind": "admission_number", "p0-appropriate_adult": "not_required", "do": "record"}
    assert browser.post(path, filled(page, **back)).status_code == 302 and ref_now() == before


def test_what_another_form_carries_is_of_no_use(each_service):
    browser = each_service.browser("officer")
    ref = record(browser)
    path = f"/contacts/{ref}/correct/"
    page = browser.post(
        path, filled(opened(browser, path), **{"p0-identifier": "99887766554433", "do": "add:outcome:0"})
    ).content.decode()
    carried = re.search(r'name="p0-carried" value="([^"]+)"', page)[1]
    other = record(browser)
    before = current("involvement").get(contact_ref=other).pupil_ref
    page = opened(browser, f"/contacts/{other}/correct/")
    for made_up in (carried, carried[:-4] + "AAAA", "é", "x" * 3000):
        sent = browser.post(f"/contacts/{other}/correct/", filled(page, **{"p0-carried": made_up, "do": "record"}))
        assert sent.status_code == 302 and current("involvement").get(contact_ref=other).pupil_ref == before


def test_another_school_asks_for_the_identifier_beside_the_pupil_it_means(each_service):
    ref, browser = record(each_service.browser("officer")), each_service.browser("sergeant")
    path = f"/contacts/{ref}/correct/"
    page = filled(opened(browser, path), urn="100003", other_urn="", do="record")
    shown = browser.post(path, page)
    if shown.status_code == 422 and 'value="100003"' not in shown.content.decode():
        page |= {"urn": "elsewhere", "other_urn": "100003"}
        shown = browser.post(path, page)
    assert shown.status_code == 422 and "enter the identifier again" in shown.content.decode()
    assert re.search(r'href="#id_p0-identifier"', shown.content.decode())
    assert current("contact").get().urn == "100001"
    sent = browser.post(path, {**page, "p0-identifier": "4711"})
    assert sent.status_code == 302 and current("contact").get().urn == "100003"
