"""Who may do what, asked of the data layer: every role, every table, own, other and absent rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations

import pytest

from dueregard.errors import FaultsFound, NotThere
from dueregard.store import actions, figures, looks, quality, register, retention
from dueregard.store.actor import OPERATOR, Actor, Grant
from dueregard.store.log_reading import read_log
from dueregard.store.looks import ReasonNeeded
from dueregard.store.models import MODELS, LogEntry
from dueregard.store.policy import (
    CONTACT,
    CORRECT,
    DRAFTS,
    NEVER_SHOWN,
    PEOPLE,
    RECORD,
    RIGHTS,
    SCOPES,
    SEE,
    STORE,
    WITHDRAW,
    find,
    may,
    visible,
)
from dueregard.store.tables import STORED
from dueregard.store.versions import current

from .world import NOW, OP, ROLES, World, contact, pupil, some_contacts

TODAY = NOW.date()
# role -> which of the two contacts (own school 100001 by o1; other school 100003 by o2) its rights show at all
SEES = {
    "officer": {"own"}, "sergeant": {"own", "other"}, "access_clerk": {"own", "other"}, "panel": {"other"},
    "analyst": set(), "equality_lead": set(), "school": set(), "oversight": set(), "release_checker": set(), "dpo": set(),
    "administrator": set(),
}  # fmt: skip


@pytest.fixture
def two(world: World) -> dict[str, str]:
    """Two contacts; the panel's sample holds the other one."""
    own = contact(world.officer).contact_ref
    other = contact(world.other_officer, pupil("B1", "100003"), urn="100003").contact_ref
    drawn = {"sample_ref": "m1", "contact_ref": other, "drawn_by": "seed", "drawn_on": "2026-11-23"}
    from dueregard.store.log import entry
    from dueregard.store.versions import write

    with entry("disclosure", "test", by=OP, now=NOW) as act:
        write(act, "sample", drawn)
    return {"own": own, "other": other, "absent": "c00000000000000000000"}


def test_every_role_has_a_line_and_every_line_names_what_is_there():
    assert {right.role for right in RIGHTS} == {*ROLES, OPERATOR} and set(SEES) == set(ROLES)
    tables = {table for right in RIGHTS for table in right.tables}
    assert tables <= {*STORED, STORE, PEOPLE, DRAFTS}
    assert {right.scope for right in RIGHTS} <= set(SCOPES)
    assert {column for right in RIGHTS for column in right.hidden} <= {
        name for t in STORED.values() for name in t.names
    }


@pytest.mark.parametrize("role", ROLES)
def test_the_matrix_of_contacts(world, two, role):
    """role x (own, other, absent) x every way in which a contact could be seen."""
    by = world.people[role]
    for which, ref in two.items():
        allowed = which in SEES[role]
        if allowed:
            seen = looks.contact(ref, by=by, why="a good reason", now=NOW)
            assert seen.contact["contact_ref"] == ref
            continue
        with pytest.raises(NotThere) as told:
            looks.contact(ref, by=by, why="a good reason", now=NOW)
        assert str(told.value) == str(NotThere())  # refused and absent are told alike
    for table in ("contact", "involvement"):
        found = set(visible(table, by=by, today=TODAY).values_list("contact_ref", flat=True))
        assert found == {two[which] for which in SEES[role]}
        if SEES[role]:
            assert looks.count(table, by=by, now=NOW) == len(SEES[role])


@pytest.mark.parametrize("role", ROLES)
def test_nobody_is_shown_a_pseudonym_of_a_pupil_or_asks_for_one(world, two, role):
    by = world.people[role]
    for table in STORED:
        try:
            shown = looks.rows(table, by=by, now=NOW)
        except NotThere:
            continue
        assert all(not NEVER_SHOWN & set(row.values) for row in shown)
        if "pupil_ref" in STORED[table].names:
            for way in ({"where": {"pupil_ref": "p1"}}, {"order": ("pupil_ref",)}, {"where": {"pupil_ref__gte": "p"}}):
                with pytest.raises(NotThere):
                    looks.rows(table, by=by, now=NOW, **way)


@pytest.mark.parametrize("role", [*ROLES, "other_officer", "other_school"])
def test_a_question_made_once_finds_what_is_visible_and_nothing_else(world, two, role):
    """`find` and `visible` are two ways to ask the same scopes: row by row they agree, for every verb."""
    some_contacts(world, 6)
    actions.record("activity", {"officer_ref": "o1", "urn": "100001", "occurred_on": "2026-11-20", "kind": "sweep", "minutes": 9, "n_pupils": 0},
                   by=world.officer, now=NOW)  # fmt: skip
    actions.break_glass(two["other"], by=world.officer, why="a child is at risk today", now=datetime.now(UTC))
    by, n = world.people[role], 0
    for table in STORED:
        for verb in (SEE, RECORD, CORRECT, WITHDRAW):
            seen = set(visible(table, by=by, verb=verb, today=TODAY).values_list("row_ref", flat=True))
            refs = list(current(table).values_list("row_ref", flat=True))
            found = {ref for ref in refs if find(table, "row_ref", ref, by=by, verb=verb, today=TODAY) is not None}
            assert found == seen, (table, verb)
            n += len(refs)
    assert n > 100  # something was asked
    assert find("contact", "contact_ref", "c' OR '1'='1", by=by, today=TODAY) is None


def test_the_panel_reads_redacted_cards(world, two):
    seen = looks.contact(two["other"], by=world.panel, now=NOW)
    assert not {"officer_ref", "recorded_at", "source_record_ref"} & set(seen.contact.values)
    assert "age" not in seen.pupils[0].involvement.values


def test_the_analyst_sees_no_name_and_no_free_text(world, two):
    assert "name" not in looks.rows("school", by=world.analyst, now=NOW)[0].values
    assert "officer_ref" not in looks.rows("posting", by=world.analyst, now=NOW)[0].values
    with pytest.raises(NotThere):
        looks.rows("consultation", by=world.analyst, now=NOW)


def test_an_officer_sees_a_record_of_his_own_for_28_days(world):
    done = contact(world.officer)
    assert looks.contact(done.contact_ref, by=world.officer, why="my own record", now=NOW + timedelta(days=28))
    with pytest.raises(NotThere):
        looks.contact(done.contact_ref, by=world.officer, why="my own record", now=NOW + timedelta(days=29))
    with pytest.raises(NotThere):
        actions.correct_contact(done.contact_ref, seen=done.revision, by=world.officer, contact={"harm_level": "low"},
                                now=NOW + timedelta(days=29))  # fmt: skip


def test_an_officer_records_in_his_own_name_alone(world):
    with pytest.raises(NotThere):
        contact(world.officer, officer_ref="o2")
    assert MODELS["contact"].objects.count() == 0
    assert LogEntry.objects.order_by("-index").first().is_refused


@pytest.mark.parametrize("role", [role for role in ROLES if role not in ("officer", "sergeant")])
def test_nobody_else_records_a_contact(world, role):
    with pytest.raises(NotThere):
        contact(world.people[role], officer_ref="o1")


@pytest.mark.parametrize("role", ["officer", "sergeant", "access_clerk"])
def test_a_reason_is_needed_before_one_record_is_opened_ones_own_too(world, two, role):
    with pytest.raises(ReasonNeeded):
        looks.contact(two["own"], by=world.people[role], now=NOW)
    looks.contact(two["own"], by=world.officer, why="my own record", now=NOW)
    asked = LogEntry.objects.order_by("-index")[1]
    assert asked.is_refused and "involvement" not in asked.rows


def test_a_role_that_has_ended_gives_nothing(world):
    ended = Actor(world.officer.person_ref, (), "o1")
    with pytest.raises(NotThere):
        contact(ended)
    grant = current("grant").get(person_ref=world.dpo.person_ref)
    actions.end_grant(grant.grant_ref, to_on=date(2026, 11, 22), by=world.administrator, now=NOW)
    from dueregard.store.actor import actor_of

    assert actor_of(world.dpo.person_ref, on=TODAY).grants == ()


def test_a_sergeant_of_one_borough_sees_that_borough(world, two):
    by = Actor("u1", (Grant("sergeant", borough="Ham"),), "o9")
    assert set(visible("contact", by=by, today=TODAY).values_list("contact_ref", flat=True)) == {two["own"]}
    assert {p.urn for p in visible("posting", by=by, today=TODAY)} == {"100001"}
    assert {work.urn for work in quality.worklist(by=by, now=NOW)} <= {"100001", "100002"}


def test_a_school_grant_without_a_school_shows_nothing(world, two):
    by = Actor("u1", (Grant("school"),))
    assert all(not visible(table, by=by, today=TODAY).exists() for table in ("posting", "roll", "school", "activity"))


def test_two_roles_hide_only_what_both_hide(world):
    both = Actor("u1", (Grant("analyst"), Grant("sergeant")), "o9")
    assert "name" in looks.rows("school", by=both, now=NOW)[0].values


def test_the_glass_is_broken_for_an_hour_and_others_are_told(world, two):
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    with pytest.raises(FaultsFound):
        actions.break_glass(two["other"], by=world.officer, why="", now=now)
    with pytest.raises(NotThere):
        actions.break_glass(two["absent"], by=world.officer, why="a child is at risk today", now=now)
    actions.break_glass(two["other"], by=world.officer, why="a child is at risk today", now=now)
    assert looks.contact(two["other"], by=world.officer, why="a child is at risk", now=NOW)
    with pytest.raises(NotThere):  # it opens, it does not let change
        actions.correct_contact(two["other"], seen=0, by=world.officer, contact={"harm_level": "low"}, now=NOW)
    for told in (world.sergeant, world.dpo):
        (notice,) = looks.rows("notice", by=told, now=NOW)
        (glass,) = looks.rows("break_glass", by=told, now=NOW)
        assert (notice["kind"], notice["about_ref"]) == ("break_glass", glass["glass_ref"])
        assert (glass["person_ref"], glass["contact_ref"], glass["why"]) == (
            world.officer.person_ref, two["other"], "a child is at risk today")  # fmt: skip
    other = Actor("u1", (Grant("sergeant"),), "o2")
    assert looks.rows("notice", by=other, now=NOW) == looks.rows("break_glass", by=other, now=NOW) == ()
    actions.break_glass(
        two["own"], by=world.other_officer, why="a child is at risk today", now=now - timedelta(hours=2)
    )
    with pytest.raises(NotThere):
        looks.contact(two["own"], by=world.other_officer, why="again", now=NOW)


@pytest.mark.parametrize("case", ["gone", "no sergeant", "oneself"])
def test_where_the_supervisor_cannot_read_it_every_sergeant_is_told(world, two, case):
    from dueregard.store.models import Person

    if case == "gone":
        Person.objects.filter(officer_ref="o9").update(is_active=False)
    elif case == "no sergeant":
        Person.objects.filter(officer_ref="o9").update(officer_ref="")
        Person.objects.filter(login="analyst").update(officer_ref="o9")
    else:
        row = current("officer").get(officer_ref="o1")
        actions.correct("officer", row.row_ref, {"supervisor_ref": "o1"}, seen=1, by=OP, now=NOW)
        actions.give_role(world.officer.person_ref, "sergeant", from_on=date(2020, 1, 1), by=OP, now=NOW)
    actions.break_glass(two["other"], by=world.officer, why="a child is at risk today", now=NOW)
    other = Actor("u1", (Grant("sergeant"),), "o2")
    assert [n["officer_ref"] for n in looks.rows("notice", by=other, now=NOW)] == [""]
    assert len(looks.rows("break_glass", by=other, now=NOW)) == 1


def test_two_roles_see_no_more_of_a_row_than_the_role_by_which_it_comes(world, two):
    """For every pair of roles and each row: what both together see of it is what one of the two sees alone."""
    some_contacts(world, 4)
    actions.draw_sample("seed", n=3, from_on=date(2026, 1, 1), to_on=TODAY, by=world.equality_lead, now=NOW)
    refs, n = list(current("contact").values_list("contact_ref", flat=True)), 0
    for pair in combinations(ROLES, 2):
        both, *alone = _together(world, *pair)
        for table in _tables_of_both(*pair):
            columns = [_columns(table, by) for by in alone]
            together = _columns(table, both)
            assert set(together) == set(columns[0]) | set(columns[1])
            for row_ref, shown in together.items():
                assert shown == set().union(*(told.get(row_ref, set()) for told in columns)), (pair, table)
                n += 1
        for ref in refs if "contact" in _tables_of_both(*pair) else ():
            plain, *columns = (_contact_columns(ref, by, why="") for by in (both, *alone))
            assert plain in ({}, columns[0], columns[1]) or plain == _united(*columns)
            shown, *columns = (_contact_columns(ref, by) for by in (both, *alone))
            assert set(shown) == set(columns[0]) | set(columns[1])
            assert shown == {name: columns[0].get(name, set()) | columns[1].get(name, set()) for name in shown}
    assert n > 100


def _together(world, *pair):
    """One person with both roles, and with either; a sergeant is one of a single borough."""
    grants = [tuple(replace(g, borough="Ham") if g.role == "sergeant" else g for g in world.people[role].grants) for role in pair]  # fmt: skip
    officer = next((world.people[role].officer_ref for role in pair if world.people[role].officer_ref), "")
    return [Actor(world.people[pair[0]].person_ref, held, officer) for held in (grants[0] + grants[1], *grants)]


def _tables_of_both(*pair):
    seen = [
        {table for right in RIGHTS if right.role == role and SEE in right.verbs for table in right.tables}
        for role in pair
    ]
    return sorted((seen[0] & seen[1]) & set(STORED))


def _columns(table, by):
    try:
        return {row.row_ref: set(row.values) for row in looks.rows(table, by=by, limit=looks.MOST, now=NOW)}
    except NotThere:
        return {}


def _united(one, other):
    return {name: one.get(name, set()) | other.get(name, set()) for name in {**one, **other}}


def _contact_columns(contact_ref, by, why="a reason"):
    try:
        seen = looks.contact(contact_ref, by=by, why=why, now=NOW)
    except (NotThere, ReasonNeeded):
        return {}
    return {(row.table, row.row_ref): set(row.values) for row in seen.rows}


def test_two_roles_give_a_reason_where_one_of_them_shows_more_for_it(world, two):
    actions.draw_sample("seed", n=9, from_on=date(2026, 1, 1), to_on=TODAY, by=world.equality_lead, now=NOW)
    both = Actor("u1", (Grant("panel"), Grant("sergeant", borough="Ham")), "o9")
    with pytest.raises(ReasonNeeded):
        looks.contact(two["own"], by=both, now=NOW)
    assert "officer_ref" in looks.contact(two["own"], by=both, why="a complaint", now=NOW).contact.values
    assert (
        "officer_ref" not in looks.contact(two["other"], by=both, now=NOW).contact.values
    )  # out of the borough: the panel's


def test_a_question_by_a_hidden_column_is_refused_and_stands_in_the_log(world):
    for ask in (looks.rows, looks.count):
        before = LogEntry.objects.count()
        with pytest.raises(NotThere):
            ask("posting", by=world.analyst, where={"officer_ref": "o1"}, now=NOW)
        assert LogEntry.objects.count() == before + 1 and LogEntry.objects.order_by("-index").first().is_refused


def test_a_column_is_asked_of_no_row_that_does_not_show_it(world):
    both = Actor("u1", (Grant("analyst"), Grant("sergeant", borough="Ham")), "o9")
    assert {row["urn"] for row in looks.rows("posting", by=both, now=NOW)} == {"100001", "100003"}
    for way in ({"where": {"officer_ref__in": ["o1", "o2"]}}, {"order": ("officer_ref",)}):
        assert [row["urn"] for row in looks.rows("posting", by=both, now=NOW, **way)] == ["100001"]
    assert looks.count("posting", by=both, where={"officer_ref": "o2"}, now=NOW) == 0


@pytest.mark.parametrize("role", [*ROLES])
def test_whole_store_verbs(world, two, role):
    by, why = world.people[role], "a good reason"
    asked = {
        "log": lambda: read_log(by=by, why=why, now=NOW), "retention": lambda: retention.queue(by=by, now=NOW),
        "quality": lambda: quality.missing(by=by, now=NOW), "figures": lambda: figures.figures(TODAY, TODAY, by=by, now=NOW),
        "about": lambda: actions.held_about(pupil("A1").ref, by=by, why=why, now=NOW),
        "combine": lambda: actions.combine(pupil("A1").ref, pupil("B1", "100003").ref, by=by, why=why, now=NOW),
        "draw": lambda: actions.draw_sample("s1", n=1, from_on=TODAY, to_on=TODAY, by=by, now=NOW),
        "register": lambda: register.headcount([TODAY], by=by, now=NOW),
    }  # fmt: skip
    allowed = {
        "log": {"dpo"}, "retention": {"dpo", "access_clerk"}, "quality": {"sergeant", "analyst", "equality_lead"},
        "figures": {"sergeant", "analyst", "equality_lead", "school", "oversight", "release_checker"},
        "about": {"access_clerk"}, "combine": {"sergeant"}, "draw": {"sergeant", "equality_lead"},
        "register": {"officer", "sergeant", "analyst", "equality_lead", "school", "oversight"},
    }  # fmt: skip
    for name, ask in asked.items():
        n = LogEntry.objects.count()
        if role in allowed[name]:
            ask()
        else:
            with pytest.raises(NotThere):
                ask()
        assert LogEntry.objects.count() == n + 1, name
        assert LogEntry.objects.order_by("-index").first().is_refused == (role not in allowed[name]), name


@pytest.mark.parametrize("role", ["oversight", "release_checker"])
def test_who_sees_the_whole_force_cannot_ask_for_one_school(world, role):
    contact(world.officer, pupil("A1"))
    by, begin = world.people[role], TODAY - timedelta(days=60)
    of_force = {f.name: f.n for f in figures.figures(begin, TODAY, by=by, now=NOW)}
    assert of_force["contact"] == 1
    with pytest.raises(NotThere):
        figures.figures(begin, TODAY, by=by, urn="100001", now=NOW)
    assert figures.figures(begin, TODAY, by=world.people["analyst"], urn="100001", now=NOW)


def test_what_is_held_about_a_child_leaves_other_children_out(world):
    done = contact(world.officer, pupil("A1"), pupil("A2"))
    told = actions.held_about(pupil("A1").ref, by=world.access_clerk, why="request 1", to_whom="the parent", now=NOW)
    assert [held.record.contact["contact_ref"] for held in told] == [done.contact_ref]
    assert len(told[0].record.pupils) == 1 and not told[0].earlier and not told[0].is_withdrawn
    assert LogEntry.objects.order_by("-index").first().verb == "disclosure"


def test_may_is_asked_without_a_row_too(world):
    assert may("record", "contact", by=world.officer) and not may("record", "contact", by=world.dpo)
    assert not may("see", "no such table", by=world.officer)


def test_the_logs_own_reading_is_in_the_log(world):
    some_contacts(world, 3)
    entries = read_log(by=world.dpo, why="monthly review", limit=2, now=NOW)
    assert len(entries) == 2
    last = LogEntry.objects.order_by("-index").first()
    assert (last.act, last.why) == ("read_log", "monthly review")
    assert all(e.verb == "collection" for e in read_log(by=world.dpo, why="again", verb="collection", now=NOW))


def test_everything_of_a_contact_goes_with_it(world, store):
    refs = some_contacts(world, 4)
    actions.keep_longer(refs[0], review_on=date(2030, 1, 1), by=world.dpo, why="a claim", now=NOW)
    actions.erase_contact(refs[0], by=world.dpo, reason="review", why="its day has come", now=NOW)
    for table in (*CONTACT, "review"):
        assert not MODELS[table].objects.filter(contact_ref=refs[0]).exists()
    from dueregard.store.checkpoints import public_key
    from dueregard.store.verify import verify

    assert verify(public_key(store / "keys")).faults == ()
    with pytest.raises(NotThere):
        actions.erase_contact(refs[1], by=world.officer, reason="review", why="x", now=NOW)


def test_the_queue_holds_what_is_due_the_same_day(world):
    done = contact(world.officer)
    due = NOW.replace(year=2032)
    assert retention.queue(by=world.dpo, now=due - timedelta(days=1)) == ()
    assert [one.contact_ref for one in retention.queue(by=world.dpo, now=due)] == [done.contact_ref]
    actions.keep_longer(done.contact_ref, review_on=date(2033, 1, 1), by=world.dpo, why="a claim", now=due)
    assert retention.queue(by=world.dpo, now=due) == ()
    assert [one.n_reviews for one in retention.queue(by=world.dpo, now=due.replace(year=2033))] == [1]
