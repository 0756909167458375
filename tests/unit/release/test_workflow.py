"""Who may move a release: two other people for the same bytes, or nothing is released."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from dueregard.errors import ReleaseRefused, UnknownName, UsageError
from dueregard.evidence.ledger import Content, Event, Record, State
from dueregard.release import moves, workflow
from dueregard.release.people import person, same_person

PEOPLE = ("Ann", "ann", "Bea", "Cy", "ＡＮＮ", "Dee")  # the last but one: Ann in full-width letters


def content(byte: int) -> Content:
    return Content("s", "public", "p", "1", (1, 0), (("index.html", f"{byte:064x}"),))


def event(move: str, by: str, byte: int = 0, because: str = "a reason") -> Event:
    given = content(byte)
    return Event(move, "R0001", by, "2026-11-26T10:00:00Z", workflow.content_hash(given.files), because,
                 given if move in ("draft", "revise") else None)  # fmt: skip


def run(*steps: tuple) -> Record:
    record = None
    for step in steps:
        record = workflow.after(record, event(*step))
    assert record is not None
    return record


UNSEEN = (0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180F, 0x200B, 0x200F, 0x202E, 0x2060, 0x2065, 0x206F,
          0x2800, 0x3164, 0xFE00, 0xFE0F, 0xFEFF, 0xFFA0, 0xFFF0, 0x1BCA0, 0x1D173, 0x16FE4, 0x1D159, 0xE0001, 0xE0100,
          0xE01EF, 0xE0FFF)  # fmt: skip


@pytest.mark.parametrize("code", UNSEEN, ids=hex)
def test_a_sign_that_nobody_sees_makes_no_second_person(code):
    for name in (f"Bea{chr(code)}", f"B{chr(code)}ea", f"Bea {chr(code)}"):
        with pytest.raises(UsageError, match="visible signs"):
            person(name)


@pytest.mark.parametrize("name", ["Zoë O’Connor-Śmith", "Nguyễn Thị Ánh", "李娜", "أحمد", "김민준", "ខ្មែរ", "Ann 2"])
def test_names_of_the_world_are_names(name):
    assert person(name) == name


def test_two_others_release_it():
    record = run(("draft", "Ann"), ("submit", "Ann"), ("approve", "Bea"), ("approve", "Cy"), ("release", "Cy"))
    assert record.state is State.RELEASED and record.was_released
    assert [a.by for a in record.approvals] == ["Bea", "Cy"]


@pytest.mark.parametrize(
    "steps",
    [
        [("draft", "Ann"), ("approve", "Bea")],
        [("draft", "Ann"), ("submit", "Bea")],
        [("draft", "Ann"), ("submit", "Ann"), ("approve", "Ann")],
        [("draft", "Ann"), ("submit", "Ann"), ("approve", "ANN")],
        [("draft", "Ann"), ("submit", "Ann"), ("approve", "ＡＮＮ")],
        [("draft", "Ann"), ("submit", "Ann"), ("approve", "Bea"), ("approve", "bea")],
        [("draft", "Ann"), ("submit", "Ann"), ("approve", "Bea"), ("release", "Bea")],
        [("draft", "Ann"), ("submit", "Ann"), ("approve", "Bea", 1)],
        [("draft", "Ann"), ("submit", "Ann"), ("approve", "Bea"), ("revise", "Ann", 1), ("approve", "Cy", 1)],
        [("draft", "Ann"), ("revise", "Bea", 1), ("submit", "Ann", 1), ("approve", "Bea", 1)],
        [("draft", "Ann"), ("submit", "Ann"), ("reject", "Bea", 0, " ")],
        [("draft", "Ann"), ("revise", "Bea", 0)],
        [("draft", "Ann"), ("withdraw", "Ann"), ("submit", "Ann")],
        [("submit", "Ann")],
    ],
)
def test_everything_else_is_refused(steps):
    with pytest.raises(ReleaseRefused) as refused:
        run(*steps)
    assert "Try:" in str(refused.value)


def test_an_approval_falls_with_a_byte():
    """Approved by one; a byte changes; it must be submitted again, and both must look again."""
    record = run(("draft", "Ann"), ("submit", "Ann"), ("approve", "Bea"), ("revise", "Ann", 1))
    assert record.state is State.DRAFT and record.approvals == ()
    record = workflow.after(record, event("submit", "Ann", 1))
    record = workflow.after(record, event("approve", "Bea", 1))
    assert not workflow.can_move(record, event("release", "Bea", 1))


def test_a_forged_record_does_not_pass_the_door():
    """Whatever put a record into second review: the door counts the people itself."""
    from dataclasses import replace

    good = run(("draft", "Ann"), ("submit", "Ann"), ("approve", "Bea"), ("approve", "Cy"))
    assert workflow.can_move(good, event("release", "Cy"))
    for approvals in (
        (),
        good.approvals[:1],
        (good.approvals[0],) * 2,
        tuple(replace(a, sha256="x") for a in good.approvals),
    ):
        assert not workflow.can_move(replace(good, approvals=approvals), event("release", "Cy"))
    assert not workflow.can_move(replace(good, authors=("Ann", "Bea")), event("release", "Cy"))


def test_names():
    assert person(" Ann \t Lee") == "Ann Lee"
    assert same_person("Strauß", "STRAUSS")
    for none in ("", " ", "A\u200bnn", "\x00", "x" * 81, "--"):
        with pytest.raises(UsageError):
            person(none)


def test_versions():
    first = run(("draft", "Ann"), ("submit", "Ann"), ("approve", "Bea"), ("approve", "Cy"), ("release", "Cy"))
    assert workflow.next_version([], "public", None) == (1, 0)
    assert workflow.next_version([first], "public", None) == (2, 0)
    assert workflow.next_version([first], "internal", None) == (1, 0)
    assert workflow.next_version([first], "public", first) == (1, 1)
    assert workflow.next_version([run(("draft", "Ann"))], "public", None) == (1, 0)


def test_an_unknown_move_says_which_there_are():
    with pytest.raises(UnknownName, match="submit"):
        workflow.check_move(None, event("sell", "Ann"))


def test_the_diagram_has_every_move():
    drawn = moves.diagram()
    assert drawn.count("-->") == len(moves.MOVES) + 1  # and the end
    assert "first_review --> second_review: approve" in drawn


class Sequences(RuleBasedStateMachine):
    """Anybody tries anything, with right and wrong bytes. A plain tally beside it says what was really done."""

    def __init__(self) -> None:
        super().__init__()
        self.record: Record | None = None
        self.byte = 0
        self.authors: set[str] = set()
        self.approved: dict[str, int] = {}  # person -> the byte that they approved

    def make(self, move: str, by: str, byte: int, because: str) -> None:
        try:
            self.record = workflow.after(self.record, event(move, by, byte, because))
        except ReleaseRefused:
            return
        one = "Ann" if by.upper() in ("ANN", "ＡＮＮ") else by
        if move in ("draft", "revise"):
            self.byte = byte
            self.authors.add(one)
            self.approved.clear()
        if move == "approve":
            self.approved[one] = byte
        if move == "reject":
            self.approved.clear()

    @rule(move=st.sampled_from(moves.NAMES), by=st.sampled_from(PEOPLE), byte=st.integers(0, 2),
          because=st.sampled_from(("", "a reason")))  # fmt: skip
    def anything(self, move, by, byte, because):
        self.make(move, by, byte, because)

    @rule(move=st.sampled_from(("submit", "approve", "approve", "release")), by=st.sampled_from(PEOPLE))
    def onwards(self, move, by):
        self.make(move, by, self.byte, "a reason")

    @invariant()
    def released_means_two_other_people_for_these_bytes(self):
        if self.record is not None and self.record.state is State.RELEASED:
            others = {who for who, byte in self.approved.items() if byte == self.byte and who not in self.authors}
            assert len(others) >= 2


def _machine(examples: int):
    case = type("Case", (Sequences,), {}).TestCase
    case.settings = settings(max_examples=examples, stateful_step_count=16, deadline=None, derandomize=True,
                             suppress_health_check=list(HealthCheck), database=None)  # fmt: skip
    return case


TestSequences = _machine(1000)


@pytest.mark.deep
class TestTenThousandSequences(_machine(10_000)):
    pass


def test_random_sequences_do_reach_released():
    """The machine above would prove nothing if it never got there."""
    import random

    draw, reached = random.Random(7), 0
    for _ in range(10_000):
        machine = Sequences()
        for _ in range(16):
            move = draw.choice(("draft", "submit", *("approve", "release") * 4, *moves.NAMES))
            machine.make(move, draw.choice(PEOPLE), draw.choice((*(machine.byte,) * 6, 1)), "a reason")
            machine.released_means_two_other_people_for_these_bytes()
        reached += machine.record is not None and machine.record.was_released
    assert reached > 100
