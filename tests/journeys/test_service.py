"""People do whole tasks in the service, in real browsers: phone and desktop, by keyboard, with and without JavaScript."""

from __future__ import annotations

import random
import re
import statistics
from collections.abc import Iterator

import pytest

pytest.importorskip("playwright", reason="playwright is not installed: `pip install .[dev]`")

from by_keyboard import Keyboard
from playwright.sync_api import expect
from service_browser import DESKTOP, PATIENCE, PHONE, Person, Running

expect.set_options(timeout=PATIENCE * 1000)
SIZES = {"phone": PHONE, "desktop": DESKTOP}
CONTACT = {"place_relation": "on_site", "time_relation": "lesson", "route": "school_staff_report", "initiator": "staff", "behaviour": "LD",
           "harm_level": "none", "schools_protocol": "applied", "lowest_response": "advice"}  # fmt: skip
PUPIL = {"identifier": "4711", "self_defined_ethnicity": "B1", "observed_ethnicity": "IC3", "subject_category": "subject_of_concern", "sex": "M",
         "year_group": "9", "age": "14", "sen_provision": "N", "disability": "none", "characteristics_source": "school", "parent_told": "at_once",
         "services": ["none"]}  # fmt: skip
pytestmark = pytest.mark.xdist_group("service")


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[Running]:
    service = Running(tmp_path_factory.mktemp("service") / "data")
    yield service
    service.stop()


@pytest.fixture
def someone(browser, running) -> Iterator:
    """Signs people in at browsers of their own; at the end, no browser complained and nothing left the service."""
    there = []

    def at(name: str = "", **more) -> Person:
        person = Person(browser, running, **more)
        there.append(person)
        return person.sign_in(name) if name else person

    yield at
    heard = [
        line for person in there for line in person.heard if "status of 4" not in line
    ]  # the browser tells each 4xx
    for person in there:
        person.leave()
    assert heard == []


def pupil(n: int, **changes: object) -> dict[str, object]:
    return {f"p{n}-{name}": value for name, value in {**PUPIL, **changes}.items()}


def asked_only(keyboard: Keyboard, answers: dict[str, object]) -> dict[str, object]:
    """Of these answers, those that are not filled in already as they should be."""
    chosen = keyboard.page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('input:checked')].map(e => [e.name, e.value]))"
    )
    return {name: value for name, value in answers.items() if chosen.get(name) != value}


def refs_of(person: Person) -> list[str]:
    person.page.goto("/contacts/")
    return [
        href.split("/")[2]
        for href in person.page.eval_on_selector_all("td a", "found => found.map(a => a.getAttribute('href'))")
    ]


def give_reason(page) -> None:
    """What is asked before one record is opened, of its author too; it holds for a quarter of an hour of one session."""
    if not page.get_by_role("button", name="Open the record").count():
        return
    page.get_by_label("Finishing or looking over my own record").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Open the record").click()


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
@pytest.mark.parametrize("size", SIZES)
def test_two_pupils_are_recorded_by_keyboard_and_the_record_is_closed(someone, size, javascript):
    officer = someone("officer", size=SIZES[size], javascript=javascript)
    before = refs_of(officer)
    page = officer.page
    page.goto("/contacts/new/")
    keyboard = Keyboard(page, has_digits=javascript)
    keyboard.answer({**asked_only(keyboard, CONTACT), **pupil(0, identifier="81")}, until="Add another pupil")
    keyboard.press("Enter")
    page.wait_for_url("**/drafts/**")
    assert "4711" not in page.content() and ">81<" not in page.content()
    if not javascript:
        assert officer.is_within_width()
    second = pupil(1, identifier="82", sex="F", sen_provision="K", self_defined_ethnicity="NS", services=["mentoring"])
    more = {
        "p1-sen_type": "ASD",
        "p1-was_known_to_officer": "no",
        "p1-adjustments_made": "made",
        "p1-not_stated_reason": "N4",
        "p1-accepted_mentoring": "unknown",
    }
    Keyboard(page, has_digits=javascript).answer({**second, **more}, until="Record the contact")
    page.keyboard.press("Enter")
    page.wait_for_url("**/contacts/")
    assert page.get_by_role("status").inner_text().endswith("The contact was recorded.")
    expect(page.get_by_text("You have no open draft.")).to_be_visible()
    (made,) = set(refs_of(officer)) - set(before)
    page.goto(f"/contacts/{made}/")
    give_reason(page)
    expect(page.get_by_role("heading", name="Pupil 2", exact=True)).to_be_visible()
    assert officer.is_within_width()
    page.get_by_role("link", name="Answer what is still open").click()
    for n in (0, 1):
        page.locator(f'input[name="p{n}-school_later_cleared"][value="yes"]').check()
    page.locator('select[name^="p1-accepted_"]').select_option("yes")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"**/contacts/{made}/")
    assert "still to come" not in page.content()


def test_what_is_wrong_is_said_and_nothing_is_lost(someone):
    """Without JavaScript: an empty answer, a summary that leads to it, and the identifier is kept as a code."""
    officer = someone("officer", size=PHONE, javascript=False)
    page = officer.page
    page.goto("/contacts/new/")
    answers = {**asked_only(Keyboard(page, has_digits=False), CONTACT), **pupil(0, identifier="83")}
    del answers["harm_level"], answers["p0-age"]
    keyboard = Keyboard(page, has_digits=False)
    keyboard.answer(answers, until="Record the contact")
    page.keyboard.press("Enter")
    page.wait_for_url("**/drafts/**check=1")
    assert page.title().startswith("Error: ")
    assert page.locator(".summary li").count() == 2
    assert officer.is_within_width()
    page.get_by_role("link", name=re.compile("How much harm")).click()
    assert page.evaluate("document.activeElement.name || location.hash") in ("harm_level", "#id_harm_level_0")
    page.locator('input[name="harm_level"][value="low"]').check()
    page.locator('select[name="p0-age"]').select_option("unknown")
    page.get_by_role("button", name="Record the contact").last.click()
    page.wait_for_url("**/contacts/")


def test_a_draft_is_finished_later_on_another_machine(someone):
    phone = someone("officer", size=PHONE)
    phone.page.goto("/contacts/new/")
    phone.page.locator('select[name="behaviour"]').select_option("TH")
    phone.page.locator('input[name="p0-identifier"]').fill("84")
    phone.page.get_by_role("button", name="Save, and finish later").click()
    phone.page.wait_for_url("**/contacts/")
    desk = someone("officer")
    desk.page.goto("/contacts/")
    desk.page.locator(".tasks a").first.click()
    assert desk.page.locator('select[name="behaviour"]').input_value() == "TH"
    expect(desk.page.get_by_text("It is kept as a code.")).to_be_visible()
    assert desk.page.locator('input[name="p0-identifier"]').input_value() == ""
    desk.page.get_by_role("button", name="Give up this draft").click()
    desk.page.wait_for_url("**/contacts/")
    expect(desk.page.get_by_text("You have no open draft.")).to_be_visible()


def test_two_browsers_correct_one_record_and_both_versions_are_shown(someone):
    one, other = someone("officer"), someone("officer", size=PHONE, javascript=False)
    ref = refs_of(one)[-1]
    for person in (one, other):
        person.page.goto(f"/contacts/{ref}/correct/")
        give_reason(person.page)
    one.page.locator('input[name="harm_level"][value="low"]').check()
    one.page.get_by_role("button", name="Record the correction").last.click()
    one.page.wait_for_url(f"**/contacts/{ref}/")
    other.page.locator('input[name="harm_level"][value="medium"]').check()
    other.page.get_by_role("button", name="Record the correction").last.click()
    other.page.get_by_role("heading", name="Somebody else changed this").wait_for()
    row = other.page.get_by_role("row", name=re.compile("How much harm"))
    assert "Low" in row.inner_text() and "Medium" in row.inner_text()
    assert other.is_within_width()
    other.page.get_by_role("button", name=re.compile("Record what I sent")).click()
    other.page.wait_for_url(f"**/contacts/{ref}/")
    one.page.goto(f"/contacts/{ref}/")
    assert "Medium" in one.page.get_by_text("How much harm was done?").locator("..").inner_text()


def test_a_sergeant_clears_a_record_from_the_worklist(someone):
    sergeant = someone("sergeant")
    page = sergeant.page
    page.goto("/quality/worklist/")
    before = page.get_by_text(re.compile("Is the pupil disabled")).count()
    assert before
    page.get_by_role("row", name=re.compile("Is the pupil disabled")).first.get_by_role("link").click()
    page.get_by_label("Checking the quality of the record").check()
    page.get_by_role("button", name="Open the record").click()
    page.get_by_role("link", name="Correct", exact=True).click()
    page.wait_for_url("**/correct/")
    n = page.locator('input[name$="-disability"][value="none"]').count()
    for k in range(n):
        page.locator(f'input[name="p{k}-disability"][value="none"]').check()
    page.get_by_role("button", name="Record the correction").last.click()
    page.get_by_role("status").wait_for()
    page.goto("/quality/worklist/")
    assert page.get_by_text(re.compile("Is the pupil disabled")).count() == before - 1


def test_a_school_sends_its_roll_and_bad_rows_come_back(someone, tmp_path):
    head = "urn,census_on,year_group,sex,ethnicity,sen_provision,sen_type,disability,is_fsm,n_pupils"
    good = [f"100001,2026-10-01,{year},{sex},WBRI,N,none,none,no,60" for year in (7, 8, 9) for sex in "FM"]
    file = tmp_path / "roll.csv"
    file.write_text("\n".join([head, *good, "100001,2026-10-01,9,F,XXXX,N,none,none,no,5", ""]))
    school = someone("school", size=PHONE)
    page = school.page
    page.goto("/school/roll/")
    page.get_by_label("File of roll counts").set_input_files(file)
    page.get_by_role("button", name="Send").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    assert page.locator(".pairs dd").all_inner_texts() == ["6", "1"]
    assert "XXXX" in page.get_by_role("region", name="Rows that came back").inner_text()
    page.goto("/school/roll/")
    page.get_by_label("File of roll counts").set_input_files(file)
    page.get_by_role("button", name="Send").click()
    page.get_by_role("heading", name="You sent this before").wait_for()
    page.goto("/school/")
    page.get_by_role("link", name=re.compile("Confirm")).first.click()
    page.get_by_label("Yes").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Confirmed").wait_for()


# Every page of every role, by its own address; `{contact}` is the newest record of the officer.
PAGES = {
    "": ("/", "/public/", "/public/?school=School", "/public/schools/100001/", "/accessibility/", "/nowhere/"),
    "officer": ("/home/", "/contacts/", "/contacts/new/", "/contacts/{contact}/", "/contacts/{contact}/correct/", "/contacts/{contact}/close/",
                "/contacts/{contact}/support/", "/contacts/{contact}/withdraw/", "/terms/", "/activities/", "/activities/new/", "/schools/", "/offers/", "/break-glass/", "/account/", "/password/"),
    "sergeant": ("/postings/", "/postings/new/", "/establishment/", "/establishment/new/", "/consultations/", "/consultations/new/", "/partnerships/",
                 "/partnerships/new/", "/officers/", "/officers/new/", "/schools/new/", "/offers/new/", "/quality/", "/quality/?by=ethnicity",
                 "/quality/worklist/", "/contacts/{contact}/", "/combine/", "/combine/undo/", "/complaints/", "/complaints/new/", "/terms/new/", "/figures/", "/panel/draw/", "/notices/"),
    "school": ("/school/", "/school/roll/", "/school/nothing/", "/sanctions/", "/sanctions/new/", "/figures/"),
    "panel": ("/panel/",), "dpo": ("/review/", "/log/", "/first-start/", "/notices/"), "access_clerk": ("/subject-access/", "/complaints/"),
    "administrator": ("/people/", "/people/new/"), "equality_lead": ("/consultations/", "/surveys/", "/surveys/new/", "/quality/"), "analyst": ("/postings/", "/activities/", "/surveys/", "/sanctions/"),
    "oversight": ("/figures/", "/postings/"), "release_checker": ("/figures/",),
}  # fmt: skip


@pytest.mark.parametrize("size", [PHONE, pytest.param(DESKTOP, marks=pytest.mark.deep)], ids=["phone", "desktop"])
@pytest.mark.parametrize("role", PAGES)
def test_axe_finds_nothing_and_every_width_is_kept(someone, role, size):
    pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    person = someone(role)
    newest = refs_of(someone("officer"))[0] if any("{" in path for path in PAGES[role]) else ""
    for path in PAGES[role]:
        person.page.goto(path.format(contact=newest))
        if role == "officer" and path == "/contacts/{contact}/":
            assert person.axe() == "", "the question for a reason"
            give_reason(person.page)
        for width in (DESKTOP, PHONE):
            person.page.set_viewport_size(width)
            assert person.is_within_width(), (path, width)
        person.page.set_viewport_size(size)
        assert person.axe() == "", path


# The clock of the journey: three seconds an answer, three tenths a key. A made-up officer's week.
def made_up(rng: random.Random) -> tuple[dict[str, object], dict[str, object]]:
    contact = {**CONTACT, "route": rng.choice(("school_staff_report", "officer_observed", "pupil_report")), "behaviour": rng.choice(("LD", "TH", "BU", "VA", "MP")),
               "initiator": rng.choice(("staff", "pupil", "officer")), "harm_level": rng.choice(("none", "low")),
               "place_relation": rng.choice(("on_site", "at_gate", "journey")), "lowest_response": rng.choice(("advice", "school_sanction", "none"))}  # fmt: skip
    one = pupil(0, identifier=str(rng.randrange(1000, 9999)), self_defined_ethnicity=rng.choice(("W1", "B1", "B2", "A2", "M1")), sex=rng.choice("FM"),
                observed_ethnicity=rng.choice(("IC1", "IC3", "IC4")), year_group=rng.choice(("7", "8", "9", "10", "11")), age=rng.choice(("12", "13", "14", "15")),
                subject_category=rng.choice(("subject_of_concern", "witness", "victim")), parent_told=rng.choice(("at_once", "not_yet")),
                sen_provision=rng.choice(("N", "unknown")), disability=rng.choice(("none", "unknown")))  # fmt: skip
    return contact, one


@pytest.mark.parametrize(("javascript", "n"), [(True, 5), (False, 3)], ids=["javascript", "plain"])
def test_a_contact_without_power_takes_at_most_twenty_answers_and_two_minutes(someone, javascript, n):
    officer, rng, told = someone("officer", javascript=javascript), random.Random(6), []
    for _ in range(n):
        contact, one = made_up(rng)
        officer.page.goto("/contacts/new/")
        keyboard = Keyboard(officer.page, has_digits=javascript)
        keyboard.answer({**asked_only(keyboard, contact), **one}, until="Record the contact")
        keyboard.press("Enter")
        officer.page.wait_for_url("**/contacts/")
        told.append((len(keyboard.answered), keyboard.seconds))
    print(
        f"answers {max(a for a, _ in told)}, median {statistics.median(s for _, s in told):.0f} s, longest {max(s for _, s in told):.0f} s"
    )
    assert max(answers for answers, _ in told) <= 20
    assert statistics.median(seconds for _, seconds in told) < 120


@pytest.mark.deep
def test_the_first_start_answers_within_twenty_seconds(tmp_path):
    service = Running(tmp_path / "new", world=False)
    service.stop()
    assert service.seconds_to_answer < 20


def test_the_first_start_asks_what_the_record_stands_on(browser, tmp_path):
    """An empty folder: an answer, one password told once, the questions after the first sign-in."""
    service = Running(tmp_path / "new", world=False)
    try:
        (password,) = re.findall(r"One-time password, told this once: (\S+)", service.said())
        admin = Person(browser, service)
        page = admin.page
        page.goto("/")
        assert page.locator("html").get_attribute("lang") == "en-GB"
        expect(page.get_by_role("link", name="Read the public page")).to_be_visible()
        page.get_by_label("Name to sign in with").fill("administrator")
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_label("Password until now").fill(password)
        page.get_by_label("New password", exact=True).fill("three plain garden words")
        page.get_by_label("New password again").fill("three plain garden words")
        page.get_by_role("button", name="Save the password").click()
        expect(page.get_by_role("img", name=re.compile("authenticator"))).to_be_visible()
        assert admin.axe() == ""
        page.get_by_label("Code of six digits").fill("000000")
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("alert").wait_for()
        page.wait_for_timeout(1_100)  # a wrong code makes the next one wait
        admin.give_code(then="**/first-start/")
        for question, answer in (("force", "Testshire Police"), ("lawful_basis", "DPA 2018, section 35"), ("policy_document", "Policy 3"),
                                 ("impact_assessment", "DPIA 7")):  # fmt: skip
            page.locator(f'input[name="{question}"]').fill(answer)
        page.get_by_role("button", name="Save").click()
        page.wait_for_url("**/home/")
        foot = page.get_by_role("contentinfo").inner_text()
        assert all(words in foot for words in ("DPA 2018, section 35", "Policy 3", "DPIA 7"))
        admin.leave()
        assert service.said().count(password) == 1
    finally:
        service.stop()


def test_the_service_said_nothing_of_anybody(running):
    """After every journey of this module: the lines that the service printed, and what lies beside its database."""
    told = running.said().strip().splitlines()
    assert len(told) == 1 and "The service answers at" in told[0]
    there = {file.name for file in running.folder.rglob("*") if file.is_file()}
    allowed = {
        "store.sqlite3",
        "store.sqlite3-wal",
        "store.sqlite3-shm",
        "service.toml",
        "store.key",
        "log.key",
        "log.pub",
        "session.key",
        "writing",
    }
    assert there - allowed == set()
    assert {file.stat().st_mode & 0o077 for file in running.folder.rglob("*")} == {0}
