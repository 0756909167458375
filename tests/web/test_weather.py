"""Bad weather: a full disk, a clock set back, forms that are too large, stale or sent again. A clear page, an entry, nothing lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client

from dueregard.store.checkpoints import newest_note, public_key
from dueregard.store.models import Draft, LogEntry
from dueregard.store.verify import verify
from dueregard.store.versions import current

from .people import CONTACT, answers, filled, opened


def form(browser, **changes):
    page = browser.get("/contacts/new/").content.decode()
    return filled(page, **{**CONTACT, **answers(), "do": "record", **changes})


def refused(why: str) -> int:
    return LogEntry.objects.filter(is_refused=True, why=why).count()


def is_whole(service, note: str) -> bool:
    return verify(public_key(service.folder / "keys"), notes=(note,)).faults == ()


def fill_the_disk() -> None:
    """SQLite may not grow by one page more. PostgreSQL raises what it raises when a file cannot grow."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.execute("PRAGMA page_count")
            (n,) = cursor.fetchone()
            cursor.execute(f"PRAGMA max_page_count = {n}")
            return
        cursor.execute(
            "CREATE FUNCTION full() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
        )
        cursor.execute("CREATE TRIGGER full_log BEFORE INSERT ON store_log FOR EACH ROW EXECUTE FUNCTION full()")


def make_room() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA max_page_count = 1073741823")
        else:
            cursor.execute("DROP TRIGGER full_log ON store_log")


def test_a_full_disk_is_told_and_what_was_recorded_stays(each_service):
    browser = each_service.browser("officer")
    assert browser.post("/contacts/new/", form(browser)).status_code == 302
    kept, note = current("contact").get().contact_ref, newest_note()
    sent, told = form(browser), []
    fill_the_disk()
    for _ in range(80):  # pages that are free yet are filled first
        told.append(browser.post("/contacts/new/", {**sent, "key": f"{len(told):032}"}))
        if told[-1].status_code != 302:
            break
    assert told[-1].status_code == 503 and "cannot reach its records" in told[-1].content.decode()
    n = len(told) - 1
    assert current("contact").count() == 1 + n  # each that was acknowledged, and no half of the last
    assert current("involvement").count() == 1 + n
    for _ in range(200):  # a look writes less than a record, so that some may find room yet: each with its entry
        size = LogEntry.objects.count()
        looked = browser.get(f"/contacts/{kept}/")
        if looked.status_code != 200:
            break
        assert LogEntry.objects.count() == size + 1
    assert looked.status_code == 503 and LogEntry.objects.count() == size  # no entry, no record
    make_room()
    assert browser.post("/contacts/new/", {**sent, "key": f"{n:032}"}).status_code == 302
    assert current("contact").count() == 2 + n
    assert "Pupil 1" in opened(browser, f"/contacts/{kept}/")
    assert is_whole(each_service, note)


def test_a_clock_that_is_set_back_does_not_set_the_log_back(each_service, monkeypatch):
    browser = each_service.browser("officer")
    browser.post("/contacts/new/", form(browser))
    note, last = newest_note(), LogEntry.objects.order_by("-index").first()
    page = form(browser)

    class Past(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) - timedelta(days=3)

    for module in ("store.log", "store.actions.changing", "store.looks", "store.scopes", "web.clock", "web.gate", "web.sessions"):  # fmt: skip
        monkeypatch.setattr(f"dueregard.{module}.datetime", Past)
    # filled in before the clock went back, and no day of the future: the log knows what time it was
    assert browser.post("/contacts/new/", page)["Location"] == "/contacts/"
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT09:00")
    future = browser.post("/contacts/new/", form(browser, occurred_at=tomorrow))
    assert "/drafts/" in future["Location"] and Draft.objects.count() == 1  # what was typed is kept
    assert "This day lies in the future" in browser.get(future["Location"]).content.decode()
    assert current("contact").count() == 2
    assert all(c.recorded_at >= last.at.strftime("%Y-%m-%d") for c in current("contact"))
    new = LogEntry.objects.filter(index__gt=last.index)
    assert new.exists() and all(e.at >= last.at for e in new)
    monkeypatch.undo()
    assert is_whole(each_service, note)


@pytest.mark.parametrize(
    ("content", "status", "why"),
    [(b"a=" + b"x" * 3_000_000, 413, "too large"), (b"&".join(b"f%d=1" % n for n in range(4000)), 413, "too large")],
    ids=["huge", "many fields"],
)
def test_what_is_too_large_is_told_and_written_down(each_service, content, status, why):
    browser = each_service.browser("officer")
    answer = browser.post("/contacts/new/", content, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == status and "too large" in answer.content.decode()
    assert refused(why) == 1 and not current("contact").exists()


def test_a_form_of_another_session_is_told_and_written_down(each_service):
    known = each_service.browser("officer", enforce_csrf_checks=True)
    answer = known.post("/contacts/new/", {"do": "record"})
    assert answer.status_code == 403 and "out of date" in answer.content.decode()
    assert refused("a form of another session, or of none") == 1
    assert Client(enforce_csrf_checks=True).post("/contacts/new/", {"do": "record"}).status_code == 403
    assert refused("a form of another session, or of none") == 1  # of nobody there is no line: there is nobody to name


def test_what_refers_to_nothing_is_told_and_written_down(each_service):
    sergeant = each_service.browser("sergeant")
    told = {"urn": "100001", "received_on": "2026-11-01", "kind": "conduct", "outcome": "open", "contact_ref": "c0000"}
    answer = sergeant.post("/complaints/new/", told)
    assert answer.status_code == 422 and not current("complaint").exists()
    assert refused("does not fit what is there") == 1


def test_a_form_that_is_sent_again_adds_nothing_and_is_written_down(each_service):
    browser = each_service.browser("officer")
    page = form(browser)
    assert [browser.post("/contacts/new/", page).status_code for _ in range(4)] == [302] * 4
    assert current("contact").count() == 1
    assert LogEntry.objects.filter(act="record_contact_again").count() == 3


def test_a_stale_form_is_a_conflict_and_both_versions_are_shown(each_service):
    browser = each_service.browser("officer")
    browser.post("/contacts/new/", form(browser))
    ref = current("contact").get().contact_ref
    page = opened(browser, f"/contacts/{ref}/correct/")
    assert browser.post(f"/contacts/{ref}/correct/", filled(page, harm_level="low", do="record")).status_code == 302
    stale = browser.post(f"/contacts/{ref}/correct/", filled(page, harm_level="high", do="record"))
    assert stale.status_code == 409 and current("contact").get().harm_level == "low"
    assert LogEntry.objects.filter(act="correct_contact_conflict").count() == 1
