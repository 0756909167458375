"""What the pages promise when things go wrong: no data without a log line, no canary where it may not be, nothing doubled."""

from __future__ import annotations

import logging
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from store.world import contact, pupil

from .people import CONTACT, answers, filled

IDENTIFIER, REMARK, RECORD_REF = "CANARY77", "canary remark of the school", "canary-stop-4411"


@pytest.fixture
def planted(service):
    """A contact with canaries: an identifier, its pseudonym, an officer's reference, a source reference."""
    browser = service.browser("officer")
    page = browser.get("/contacts/new/").content.decode()
    browser.post(
        "/contacts/new/",
        filled(page, **{**CONTACT, **answers(identifier=IDENTIFIER), "source_record_ref": RECORD_REF, "do": "record"}),
    )
    from dueregard.store.versions import current

    held = current("involvement").get()
    return {"service": service, "ref": held.contact_ref, "pupil_ref": held.pupil_ref, "browser": browser}


def every_page(service, ref: str):
    """Each role's pages with the contact where it fits: (role, path, answer)."""
    from dueregard.web.addresses import ADDRESSES, ANYONE, HALF

    for role in (
        "officer",
        "sergeant",
        "analyst",
        "equality_lead",
        "school",
        "panel",
        "oversight",
        "release_checker",
        "dpo",
        "access_clerk",
        "administrator",
    ):
        browser = service.browser(role)
        for a in ADDRESSES:
            path = "/" + a.path.replace("<str:contact_ref>", ref)
            if a.roles not in (ANYONE, HALF) and "<" not in path and a.name not in ("sign_out",):
                yield role, path, browser.get(path)


def test_no_page_shows_an_identifier_or_a_pseudonym_of_a_pupil(planted, caplog):
    caplog.set_level(logging.DEBUG)
    shown, n = [], 0
    for role, path, answer in every_page(planted["service"], planted["ref"]):
        text, n = answer.content.decode(), n + 1
        shown += [(role, path) for word in (IDENTIFIER, planted["pupil_ref"]) if word in text]
        if role not in ("officer", "sergeant", "access_clerk"):
            shown += [(role, path, "source reference") for word in (RECORD_REF,) if word in text]
        head = text.partition("</head>")[0] + path + answer.get("Location", "") + answer.get("Content-Disposition", "")
        shown += [(role, path, "head") for word in (IDENTIFIER, planted["pupil_ref"], RECORD_REF) if word in head]
    assert shown == [] and n > 200
    assert not [
        r for r in caplog.records if any(w in r.getMessage() for w in (IDENTIFIER, planted["pupil_ref"], RECORD_REF))
    ]


def test_officers_are_named_to_their_sergeant_and_to_nobody_else(planted):
    service = planted["service"]
    for role in ("analyst", "equality_lead", "oversight", "panel"):
        browser = service.browser(role)
        for path in (
            "/postings/",
            "/activities/",
            "/consultations/",
            "/figures/",
            "/quality/",
            f"/contacts/{planted['ref']}/",
        ):
            text = browser.get(path).content.decode()
            assert not re.search(r"\bo1\b|Officer o1", text), (role, path)


def test_no_identifier_is_stored_anywhere(planted):
    """Drafts, records, the log, sessions: every byte of the database and beside it."""
    from django.db import connection

    browser = planted["browser"]
    page = browser.get("/contacts/new/").content.decode()
    browser.post("/contacts/new/", filled(page, **answers(identifier=IDENTIFIER), do="later"))
    browser.post("/break-glass/", {"contact_ref": IDENTIFIER, "why": "short"})
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(FULL)")
    found = [
        file
        for file in planted["service"].folder.rglob("*")
        if file.is_file() and IDENTIFIER.encode() in file.read_bytes()
    ]
    assert found == []


def test_a_log_that_cannot_be_written_gives_no_data(planted, monkeypatch):
    from django.db import OperationalError

    from dueregard.store import log

    def full(*_):
        raise OperationalError(f"disk full at {IDENTIFIER} {planted['pupil_ref']}")

    from dueregard.store.models import MODELS

    counts = {name: m.objects.count() for name, m in MODELS.items()}
    browser = planted["browser"]
    page = browser.get("/contacts/new/").content.decode()
    browser.get("/home/")
    monkeypatch.setattr(log, "_append", full)
    for path in (f"/contacts/{planted['ref']}/", "/contacts/", "/activities/", "/contacts/new/"):
        answer = browser.get(path)
        assert answer.status_code == 503
        assert "cannot reach its records" in answer.content.decode()
        assert not [
            w
            for w in ("Low level", "School 100001", IDENTIFIER, planted["pupil_ref"], planted["ref"])
            if w in answer.content.decode()
        ]
    sent = browser.post("/contacts/new/", filled(page, **{**CONTACT, **answers(), "do": "record"}))
    assert sent.status_code == 503
    assert {name: m.objects.count() for name, m in MODELS.items()} == counts


def test_a_fault_says_its_kind_to_the_log_of_the_service_and_no_more(planted, monkeypatch, caplog):
    from dueregard.store import looks

    def broken(*_, **__):
        raise RuntimeError(f"{IDENTIFIER} {planted['pupil_ref']}")

    monkeypatch.setattr(looks, "contact", broken)
    answer = planted["browser"].get(f"/contacts/{planted['ref']}/")
    assert answer.status_code == 500 and IDENTIFIER not in answer.content.decode()
    assert [r.getMessage() for r in caplog.records if r.name == "dueregard.web"] == ["contact: RuntimeError"]
    assert IDENTIFIER not in caplog.text


def test_every_look_is_an_entry(service):
    """Pages that show records, and the entries that they leave: one look at least, named by the person."""
    from dueregard.store.models import LogEntry

    ref = contact(service.actor("officer"), pupil()).contact_ref
    browser, me = service.browser("officer"), service.actor("officer").person_ref
    for path in (
        "/contacts/",
        f"/contacts/{ref}/",
        f"/contacts/{ref}/correct/",
        "/activities/",
        "/schools/",
        "/offers/",
    ):
        before = LogEntry.objects.filter(by_ref=me).count()
        assert browser.get(path).status_code == 200
        assert LogEntry.objects.filter(by_ref=me).count() > before, path
    refused = service.browser("school")
    before = LogEntry.objects.filter(is_refused=True).count()
    refused.get(f"/contacts/{ref}/")
    assert LogEntry.objects.filter(is_refused=True).count() == before + 1


def test_a_reason_is_asked_and_stands_in_the_log(service):
    from dueregard.store.models import LogEntry

    ref = contact(service.actor("officer"), pupil()).contact_ref
    sergeant = service.browser("sergeant")
    asked = sergeant.get(f"/contacts/{ref}/").content.decode()
    assert "Before you open this record" in asked and "Persistent" not in asked
    wrong = sergeant.post(f"/contacts/{ref}/", {"why": "Another reason", "more": ""})
    assert wrong.status_code == 422
    seen = sergeant.post(f"/contacts/{ref}/", {"why": "A complaint", "more": "reference 12"})
    assert seen.status_code == 200 and "Pupil 1" in seen.content.decode()
    assert LogEntry.objects.filter(act="open_contact", why="A complaint: reference 12").exists()
    assert "Pupil 1" in sergeant.get(f"/contacts/{ref}/").content.decode()  # it holds for a while
    other = contact(service.actor("officer"), pupil("A9")).contact_ref
    assert "Before you open" in sergeant.get(f"/contacts/{other}/").content.decode()


def test_in_need_a_record_opens_and_others_are_told(service):
    ref = contact(service.actor("other_officer"), pupil("B1", "100003"), urn="100003").contact_ref
    officer = service.browser("officer")
    assert officer.get(f"/contacts/{ref}/").status_code == 404
    assert officer.post("/break-glass/", {"contact_ref": "c0000", "why": "a pupil is in danger now"}).status_code == 404
    assert officer.post("/break-glass/", {"contact_ref": ref, "why": "a pupil is in danger now"}).status_code == 302
    seen = officer.post(f"/contacts/{ref}/", {"why": "Safeguarding of the pupil", "more": ""})
    assert seen.status_code == 200 and "Pupil 1" in seen.content.decode()
    for role in ("sergeant", "dpo"):
        assert "Break glass" in service.browser(role).get("/notices/").content.decode()
    assert officer.get(f"/contacts/{ref}/correct/").status_code == 404


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("/contacts/new/", b"a=" + b"x" * 3_000_000, 413),
        ("/contacts/new/", b"&".join(b"f%d=1" % n for n in range(4000)), 413),
        ("/contacts/new/", b"n_pupils=9999999999&p0-n_step=-4&shown=forged&do=remove%3Astep%3A7%3A7&p0-identifier=%00%00", 302),
        ("/contacts/new/", b"occurred_at=9999-99-99&urn=%27%3B--&do=record", 302),
        ("/contacts/new/", b"do=record&key=" + b"k" * 500, 302),
    ],
    ids=["huge", "many fields", "forged", "senseless", "long key"],
)  # fmt: skip
def test_bad_posts_are_answered_with_a_page(service, path, content, status):
    browser = service.browser("officer")
    answer = browser.post(path, content, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == status
    if status == 302:
        assert browser.get(answer["Location"]).status_code in (200, 422)


def test_a_file_that_is_no_roll_is_answered_with_a_page(service):
    school = service.browser("school")
    for content in (
        b"",
        b"\x00" * 4000,
        b"PK\x03\x04 no zip",
        "urn,census_on\n=cmd|1,2\n".encode("utf-16"),
        b"x" * 9_000_000,
    ):
        answer = school.post("/school/roll/", {"file": SimpleUploadedFile("../../etc/x.csv", content), "pasted": ""})
        assert answer.status_code in (200, 413, 422), content[:20]
    from dueregard.store.versions import current

    assert not current("roll").exists()
    assert not list((service.folder / "uploads").rglob("*"))


def test_a_file_of_figures_runs_no_formula(service):
    from dueregard.web.tables_out import csv_answer

    text = csv_answer("x", ("a",), [("=1+1",), ("@x",), ("-2",), (3,)]).content.decode()
    assert text.splitlines()[1:] == ["'=1+1", "'@x", "'-2", "3"]
    worklist = service.browser("sergeant").get("/quality/worklist.csv")
    assert worklist["Content-Disposition"] == 'attachment; filename="worklist.csv"'
