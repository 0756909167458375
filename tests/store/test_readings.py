"""The desk of quality, the register and the figures: counted by hand on a few rows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dueregard.errors import NotThere
from dueregard.store import actions, figures, quality, register
from dueregard.store.actor import Actor, Grant
from dueregard.store.contact_record import Pupil
from dueregard.store.school_days import SchoolDays
from dueregard.store.versions import current

from .world import NOW, OP, SEARCH, contact, pupil
from .world import World as World


def missing_of(found, table, column, by, group=""):
    return next(m for m in found if (m.table, m.column, m.by, m.group) == (table, column, by, group))


def test_missing_is_counted_by_question_group_and_school(world):
    contact(
        world.officer,
        pupil("A1", disability="unknown"),
        pupil("A2", disability="not_stated", self_defined_ethnicity="W1"),
    )
    contact(
        world.other_officer,
        pupil("B1", "100003", disability="none", observed_ethnicity="IC9"),
        urn="100003",
        route="unknown",
    )
    found = quality.missing(by=world.sergeant, now=NOW)
    whole = missing_of(found, "involvement", "disability", "whole")
    assert (whole.n, whole.n_unknown, whole.n_not_stated, whole.n_not_recorded) == (3, 1, 1, 0)
    black = missing_of(found, "involvement", "disability", "ethnicity", "B")
    assert (black.n, black.n_unknown, black.n_not_stated) == (2, 1, 0)
    assert missing_of(found, "involvement", "observed_ethnicity", "whole").n_unknown == 1  # IC9
    school = missing_of(found, "contact", "route", "school", "100003")
    assert (school.n, school.n_unknown) == (1, 1)


def test_the_worklist_names_records_and_no_officer(world):
    # Monday the 23rd: from Friday the 13th there are six school days, more than five
    late = contact(world.officer, occurred_at="2026-11-13T10:00").contact_ref
    on_time = contact(world.officer, occurred_at="2026-11-16T10:00").contact_ref
    astray = contact(world.officer, pupil("B1", "100002"), urn="100002").contact_ref
    differs = contact(world.officer, pupil("A3", observed_ethnicity="IC1")).contact_ref
    work = quality.worklist(by=world.sergeant, now=NOW)
    kinds = {(w.contact_ref, w.kind) for w in work if w.kind != "unknown"}
    assert kinds == {(late, "late"), (astray, "no_posting"), (differs, "ethnicities_differ")}
    assert next(w.n_school_days for w in work if w.kind == "late") == 6
    assert {(w.contact_ref, w.column) for w in work if w.kind == "unknown"} == {
        (r, "disability") for r in (late, on_time, astray, differs)
    }
    assert not {"officer_ref", "person_ref"} & set(quality.Work.__dataclass_fields__)


def test_school_days_follow_the_stores_terms(world):
    friday, monday = date(2026, 11, 20), date(2026, 11, 23)
    assert SchoolDays().between("999", friday, monday) == 1
    term = {
        "la_code": "999",
        "academic_year": "2026/27",
        "term": "autumn",
        "from_on": "2026-09-01",
        "to_on": "2026-11-20",
        "school_days": 50,
    }
    actions.record("calendar", term, by=OP, now=NOW)
    assert SchoolDays().between("999", friday, monday) == 0  # that term has ended
    assert SchoolDays().between("998", friday, monday) == 1


def test_headcount_against_what_was_meant(world):
    """420 of just under 600, in small: officers count once, however many schools they have."""
    actions.record(
        "establishment", {"from_on": "2024-09-01", "kind": "target", "n_posts": 3}, by=world.sergeant, now=NOW
    )
    for n, (officer, urn, kind, fte) in enumerate(
        (("o1", "100002", "cluster", ""), ("o9", "100002", "visiting", "0.2"))
    ):
        actions.record("posting", {"posting_ref": f"more{n}", "officer_ref": officer, "urn": urn, "role": "pcso", "kind": kind,
                                   "fte": fte, "from_on": "2026-01-01", "to_on": "2026-06-30"}, by=world.sergeant, now=NOW)  # fmt: skip
    before, during = register.headcount([date(2025, 1, 1), date(2026, 3, 1)], by=world.sergeant, now=NOW)
    assert (before.n_officers, before.n_based, before.n_target, before.n_budgeted) == (2, 2, 3, None)
    assert (during.n_officers, during.n_based, during.n_shared, during.n_visiting, during.n_schools) == (3, 2, 1, 1, 3)
    assert (str(during.fte), during.n_without_fte) == ("2.20", 1)
    assert register.headcount([date(2024, 1, 1)], by=world.sergeant, now=NOW)[0].n_target is None


def test_what_does_not_fit_in_the_register(world):
    def post(ref, officer, urn, fte, from_on, to_on=""):
        actions.record("posting", {"posting_ref": ref, "officer_ref": officer, "urn": urn, "role": "pcso", "kind": "cluster",
                                   "fte": fte, "from_on": from_on, "to_on": to_on}, by=world.sergeant, now=NOW)  # fmt: skip

    post("again", "o1", "100001", "0.1", "2026-10-01")
    actions.record("partnership", {"partnership_ref": "t1", "urn": "100002", "name": "x", "from_on": "2026-01-01"},
                   by=world.sergeant, now=NOW)  # fmt: skip
    post("short", "o9", "100002", "0.5", "2026-03-01", "2026-05-31")
    actions.record("consultation", {"posting_ref": "short", "decision": "begin_posting", "held_on": "2026-02-01", "who": "pupils",
                                    "method": "survey", "n_asked": 9, "n_answered": 3, "what_changed": ""},
                   by=world.sergeant, now=NOW)  # fmt: skip
    actions.record("confirmation", {"posting_ref": "post1", "urn": "100003", "confirmed_on": "2026-11-01", "is_right": "no",
                                    "remark": "never here"}, by=world.other_school, now=NOW)  # fmt: skip
    found = {(m.kind, m.posting_ref or m.urn, m.from_on, m.to_on) for m in register.misfits(by=world.sergeant, now=NOW)}
    began = date(2024, 9, 1)
    assert found == {
        ("overlap", "again", date(2026, 10, 1), None), ("fte_above_one", "again", date(2026, 10, 1), None),
        ("gap", "100002", date(2026, 1, 1), date(2026, 2, 28)), ("gap", "100002", date(2026, 6, 1), None),
        ("not_consulted", "post0", began, None), ("not_consulted", "post1", began, None),
        ("not_consulted", "again", date(2026, 10, 1), None),
        ("not_consulted", "short", date(2026, 5, 31), date(2026, 5, 31)), ("school_says_no", "post1", began, None),
    }  # fmt: skip


def test_who_was_posted_on_a_day(world):
    assert {p["officer_ref"] for p in register.posted_on(date(2026, 1, 1), by=world.sergeant, now=NOW)} == {"o1", "o2"}
    assert register.posted_on(date(2024, 8, 31), by=world.sergeant, now=NOW) == ()
    assert [p["urn"] for p in register.posted_on(date(2026, 1, 1), by=world.school, now=NOW)] == ["100001"]


def test_figures_of_a_school_and_what_a_zero_means(world):
    parts = {
        "power_use": (SEARCH,),
        "support": ({"service": "mentoring", "offered_on": "2026-11-20", "is_accepted": "yes"},),
    }
    contact(world.officer, Pupil(pupil("A1").ref, pupil().involvement, parts), pupil(""))
    contact(world.other_officer, pupil("B1", "100003"), urn="100003")
    first, last = date(2026, 11, 1), date(2026, 11, 23)

    def told(by, **more):
        return {
            f.name: (f.n, f.state)
            for f in figures.figures(more.pop("first", first), more.pop("last", last), by=by, now=NOW, **more)
        }

    own = told(world.school)
    assert (own["contact"], own["involvement"], own["power_use"], own["support"]) == (
        (1, "no_word"),
        (2, "no_word"),
        (1, "no_word"),
        (1, "no_word"),
    )
    assert told(world.sergeant)["contact"][0] == 2 and told(world.sergeant, urn="100003")["contact"][0] == 1
    assert told(world.school, urn="100003")["contact"][0] == 0  # another's school counts nothing
    october = {"first": date(2026, 10, 1), "last": date(2026, 10, 31)}
    assert told(world.school, **october)["contact"] == (0, "no_word")
    actions.nothing_to_report("100001", from_on=october["first"], to_on=october["last"], by=world.school, now=NOW)
    for name in ("contact", "involvement", "support", "activity"):
        assert told(world.school, **october)[name] == (0, "nil")
    assert told(world.sergeant, urn="100001", **october)["contact"] == (0, "nil")
    # one school's word is not that of the force, in which two others said nothing
    assert told(world.sergeant, **october)["contact"] == told(world.analyst, **october)["contact"] == (0, "partial")
    for urn, state in (("100002", "complete"), ("100003", "complete")):
        actions.record("collection", {"urn": urn, "subject": "contact", "from_on": "2026-09-01", "to_on": "2026-11-30", "state": state},
                       by=world.sergeant, now=NOW)  # fmt: skip
    assert told(world.sergeant, **october)["contact"] == (0, "complete")
    assert told(world.sergeant, **october)["support"] == (0, "partial")


def _contacts_state(by, first, last, urn="100001"):
    return next((f.n, f.state) for f in figures.figures(first, last, by=by, urn=urn, now=NOW) if f.name == "contact")


def test_words_of_several_months_make_one_word(world):
    for first, last in ((date(2026, 8, 1), date(2026, 9, 30)), (date(2026, 10, 1), date(2026, 10, 31))):
        actions.nothing_to_report("100001", from_on=first, to_on=last, by=world.school, now=NOW)
    assert _contacts_state(world.school, date(2026, 8, 1), date(2026, 10, 31)) == (0, "nil")
    assert _contacts_state(world.school, date(2026, 9, 2), date(2026, 10, 20)) == (0, "nil")
    assert _contacts_state(world.school, date(2026, 9, 2), date(2026, 11, 1)) == (0, "no_word")


def test_a_word_of_nothing_beside_something_says_that_they_contradict(world):
    actions.nothing_to_report("100001", from_on=date(2026, 10, 1), to_on=date(2026, 10, 31), by=world.school, now=NOW)
    contact(world.officer, occurred_at="2026-10-31T10:00")
    assert _contacts_state(world.school, date(2026, 10, 1), date(2026, 10, 31)) == (1, "contradicted")


def test_a_school_of_no_known_opening_has_a_word_too(world):
    actions.record(
        "school",
        {"urn": "100009", "name": "S", "borough": "Ham", "la_code": "999", "phase": "PS", "type": "x"},
        by=OP,
        now=NOW,
    )
    october = date(2026, 10, 1), date(2026, 10, 31)
    assert _contacts_state(world.sergeant, *october, urn="100009") == (0, "no_word")
    actions.record("collection", {"urn": "100009", "subject": "contact", "from_on": october[0], "to_on": october[1], "state": "nil"},
                   by=world.sergeant, now=NOW)  # fmt: skip
    assert _contacts_state(world.sergeant, *october, urn="100009") == (0, "nil")
    assert _contacts_state(world.sergeant, *october, urn="") == (0, "partial")  # three others said nothing


def test_one_word_for_every_school_is_seen_by_each_and_gives_way_to_its_own(world):
    october = date(2026, 10, 1), date(2026, 10, 31)
    actions.record("collection", {"urn": "*", "subject": "contact", "from_on": october[0], "to_on": october[1], "state": "complete"},
                   by=world.sergeant, now=NOW)  # fmt: skip
    ham = Actor("u1", (Grant("sergeant", borough="Ham"),), "o9")
    for by, urn in ((world.school, "100001"), (ham, "100001"), (ham, ""), (world.analyst, "")):
        assert _contacts_state(by, *october, urn=urn) == (0, "complete")
    actions.nothing_to_report("100001", from_on=october[0], to_on=october[1], by=world.school, now=NOW)
    assert _contacts_state(world.school, *october) == (0, "nil")


def test_what_the_public_page_says(world):
    assert (figures.has_officer("100001", NOW.date()), figures.has_officer("100002", NOW.date())) == (True, False)
    assert figures.has_officer("000000", NOW.date()) is None
    actions.record(
        "service_offer", {"urn": "100001", "service": "mentoring", "from_on": "2026-01-01"}, by=world.sergeant, now=NOW
    )
    assert [t.code for t in figures.services_at("100001", NOW.date())] == ["mentoring"]
    assert figures.services_at("100001", date(2025, 1, 1)) == ()


def test_a_sample_is_drawn_by_its_seed(world):
    for n in range(6):
        contact(world.officer, pupil(f"A{n}"), now=NOW + timedelta(minutes=n))
    span = {"from_on": date(2026, 11, 1), "to_on": NOW.date(), "by": world.equality_lead, "now": NOW}
    first = {row["contact_ref"] for row in actions.draw_sample("seed1", n=3, **span)}
    again = {row["contact_ref"] for row in actions.draw_sample("seed1", n=3, **span)}
    assert first == again and len(first) == 3 < current("contact").count()
    with pytest.raises(NotThere):
        actions.draw_sample("seed1", n=3, **{**span, "by": world.panel})


def test_a_sergeant_draws_of_the_own_borough_only(world):
    contact(world.officer, pupil("A1"))
    elsewhere = contact(world.other_officer, pupil("A1", "100003"), urn="100003")
    of_ham = Actor("s1", (Grant("sergeant", borough="Ham"),), "o9")
    span = {"from_on": date(2026, 11, 1), "to_on": NOW.date(), "now": NOW}
    drawn = {row["contact_ref"] for row in actions.draw_sample("s1", n=9, by=of_ham, **span)}
    assert drawn and elsewhere.contact_ref not in drawn
    assert elsewhere.contact_ref in {
        r["contact_ref"] for r in actions.draw_sample("s1", n=9, by=world.equality_lead, **span)
    }
