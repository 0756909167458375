"""Signing in, locking out, sessions, and forms that come from elsewhere."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from store.world import PASSWORD


def sign_in(client: Client, name: str = "officer", password: str = PASSWORD):
    return client.post("/", {"username": name, "password": password})


def code_of(device, *, steps: int = 0) -> str:
    from django_otp.oath import totp

    return f"{totp(device.bin_key, drift=steps):06}"


def as_known(name: str = "officer") -> None:
    from dueregard.store.models import Person

    Person.objects.filter(login=name).update(must_change_password=False)


def test_a_password_alone_opens_nothing(service):
    from django_otp.plugins.otp_totp.models import TOTPDevice

    as_known()
    client = Client()
    assert sign_in(client)["Location"] == "/home/"
    assert client.get("/contacts/")["Location"] == "/second-factor/"
    page = client.get("/second-factor/").content.decode()
    assert "<svg" in page and "Key:" in page
    code = code_of(TOTPDevice.objects.get())
    assert client.post("/second-factor/", {"code": "123"}).status_code == 200
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    assert client.post("/second-factor/", {"code": code})["Location"] == "/home/"
    assert client.get("/contacts/").status_code == 200
    assert "<svg" not in client.get("/second-factor/").content.decode()  # the key is shown at the first time alone
    other = Client()
    sign_in(other)
    assert other.post("/second-factor/", {"code": code}).status_code == 200  # a code holds once


def test_a_one_time_password_must_be_changed_first(service):
    client = Client()
    sign_in(client)
    assert client.get("/home/")["Location"] == "/password/"
    weak = client.post("/password/", {"old": PASSWORD, "new": "password1234", "again": "password1234"})
    assert weak.status_code == 200 and "too common" in weak.content.decode()
    done = client.post("/password/", {"old": PASSWORD, "new": "plain garden words", "again": "plain garden words"})
    assert done["Location"] == "/home/"
    assert sign_in(Client()).status_code == 200 and sign_in(Client(), password="plain garden words").status_code == 302


def test_five_wrong_passwords_lock_and_nothing_is_learnt_from_it(service):
    told = []
    for name in ("officer", "nobody-of-this-name"):
        client = Client()
        answers = [sign_in(client, name, "wrong") for _ in range(6)]
        told.append([re.sub(r'value="[^"]*"', "", a.content.decode()) for a in answers])
        assert answers[-1].status_code == 429
        assert sign_in(client, name).status_code == 429  # the right one does not help while it is locked
    assert told[0] == told[1]


def test_a_refusal_does_the_same_work_whether_the_name_is_known_or_not(service, monkeypatch):
    from axes.utils import reset
    from django.contrib.auth.hashers import get_hasher

    kind, done = type(get_hasher()), []
    for name in ("encode", "verify"):
        plain = getattr(kind, name)
        monkeypatch.setattr(kind, name, lambda self, *a, _plain=plain, **k: (done.append(1), _plain(self, *a, **k))[1])
    counts = []
    for name in ("officer", "nobody-of-this-name"):
        reset()
        done.clear()
        sign_in(Client(), name, "wrong")
        counts.append(len(done))
    assert counts[0] == counts[1] > 0


@pytest.mark.deep
def test_the_time_of_a_refusal_tells_nothing(service):
    from axes.utils import reset

    took: dict[str, list[float]] = {"officer": [], "nobody-of-this-name": []}
    for _ in range(8):
        for name, times in took.items():
            reset()
            began = time.perf_counter()
            sign_in(Client(), name, "wrong")
            times.append(time.perf_counter() - began)
    known, unknown = (sorted(t)[len(t) // 2] for t in took.values())
    assert abs(known - unknown) < 0.5 * max(
        known, unknown
    )  # one argon2 either way; without it the second takes a tenth


def test_an_idle_session_ends(service):
    from dueregard.web.models import SignIn

    browser = service.browser("officer")
    assert browser.get("/home/").status_code == 200
    SignIn.objects.update(seen_at=datetime.now(UTC) - timedelta(minutes=31))
    assert browser.get("/home/")["Location"] == "/"
    assert browser.get("/home/")["Location"] == "/"


def test_a_session_ends_after_its_hours_however_busy(service):
    from dueregard.web.models import SignIn

    browser = service.browser("officer")
    SignIn.objects.update(began_at=datetime.now(UTC) - timedelta(hours=12, minutes=1), seen_at=datetime.now(UTC))
    assert browser.get("/home/")["Location"] == "/"


def test_sessions_are_listed_and_ended(service):
    one, other = service.browser("officer"), service.browser("officer")
    page = one.get("/account/").content.decode()
    assert page.count("/end/") == 2
    from dueregard.web.models import SignIn

    theirs = SignIn.objects.get(session_key=other.session.session_key)
    assert one.post(f"/account/sessions/{theirs.pk}/end/").status_code == 302
    assert other.get("/home/")["Location"] == "/" and one.get("/home/").status_code == 200


def test_who_is_shut_out_is_out_at_once(service):
    officer, admin = service.browser("officer"), service.browser("administrator")
    ref = service.actor("officer").person_ref
    assert admin.post(f"/people/{ref}/", {"what": "shut_out"}).status_code == 302
    assert officer.get("/contacts/")["Location"] == "/"


def test_a_role_that_ended_yesterday_reaches_nothing_today(service):
    from dueregard.store import actions
    from dueregard.store.versions import current

    officer = service.browser("officer")
    assert officer.get("/contacts/").status_code == 200
    grant = current("grant").get(person_ref=service.actor("officer").person_ref)
    actions.end_grant(
        grant.grant_ref, to_on=datetime.now(UTC).date() - timedelta(days=1), by=service.actor("administrator")
    )
    assert officer.get("/contacts/").status_code == 404


@pytest.mark.parametrize("path", ["/", "/contacts/new/", "/sign-out/", "/password/", "/break-glass/"])
def test_a_form_from_elsewhere_is_refused(service, path):
    browser = service.browser("officer", enforce_csrf_checks=True)
    answer = browser.post(path, {"username": "officer", "password": PASSWORD})
    assert answer.status_code == 403 and "out of date" in answer.content.decode()


@pytest.mark.parametrize(
    ("header", "value"), [("HTTP_HOST", "evil.example"), ("HTTP_HOST", "127.0.0.1:80@evil.example")]
)
def test_another_host_is_refused(service, header, value):
    assert Client(raise_request_exception=False).get("/", **{header: value}).status_code == 400


def test_every_answer_has_its_headers(service):
    officer = service.browser("officer")
    for path in ("/", "/home/", "/contacts/new/", "/nowhere/", "/public/"):
        answer = officer.get(path)
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert answer["X-Frame-Options"] == "DENY" and answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "no-store, private" and answer["Referrer-Policy"] == "same-origin"
        assert not [
            word for word in (" style=", "<style", "onclick=", "javascript:") if word in answer.content.decode()
        ]


def test_with_https_cookies_travel_encrypted_alone(tmp_path):
    from dueregard.web.config import FILE
    from dueregard.web.settings import web_settings

    (tmp_path / "keys").mkdir()
    (tmp_path / FILE).write_text('address = "https://contact.testshire.example"\nis_behind_proxy = true\n')
    told = web_settings(tmp_path, {})
    assert told["SESSION_COOKIE_SECURE"] and told["CSRF_COOKIE_SECURE"] and told["SECURE_HSTS_SECONDS"] > 31_000_000
    assert "contact.testshire.example" in told["ALLOWED_HOSTS"]
    assert told["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")


@pytest.mark.parametrize(
    "text",
    ["port_s = 1", 'workers = "two"', "workers = 0", 'address = "ftp://x"', "workers = [", "is_behind_proxy = 1"],
)
def test_a_wrong_setting_is_told_at_the_start(tmp_path, text):
    from dueregard.errors import UsageError
    from dueregard.web.config import FILE, read_config

    (tmp_path / FILE).write_text(text)
    with pytest.raises(UsageError, match=FILE):
        read_config(tmp_path)
