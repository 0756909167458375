"""Officers at schools, how many were meant, and who was asked."""

from __future__ import annotations

from dueregard.records.table import Column, Kind, Table, code, day, key, text, whole

POSTING = Table(
    "posting",
    "an officer at a school for a time",
    (
        key("posting_ref", "Reference of the posting"),
        key("officer_ref", "Pseudonym of the officer"),
        key("urn", "School"),
        code("role", "Role of the officer", "role", blank=True),
        code("kind", "Kind of posting", "posting_kind", blank=True),
        Column("fte", Kind.DECIMAL, "Full-time equivalent at this school", optional=True, blank=True, least=0, most=99),
        day("from_on", "First day"),
        day("to_on", "Last day; empty while it goes on", optional=True, blank=True),
    ),
    key=("posting_ref",),
    references=(("urn", "school", "urn"),),
    periods=(("from_on", "to_on"),),
)

ESTABLISHMENT = Table(
    "establishment",
    "how many posts are meant",
    (
        day("from_on", "First day"),
        day("to_on", "Last day", optional=True, blank=True),
        code("kind", "Target or budgeted", "establishment_kind"),
        whole("n_posts", "Number of posts"),
    ),
    key=("from_on", "kind"),
    periods=(("from_on", "to_on"),),
)

CONSULTATION = Table(
    "consultation",
    "who was asked before a decision",
    (
        key("consultation_ref", "Reference"),
        key("posting_ref", "Posting that it was about", optional=True, blank=True),
        code("decision", "Decision", "consultation_decision", blank=True),
        day("held_on", "Day", past=True),
        code("who", "Who was asked", "consulted", blank=True),
        code("method", "How", "consultation_method", blank=True),
        whole("n_asked", "How many were asked", blank=True),
        whole("n_answered", "How many answered", blank=True),
        text("what_changed", "What changed", blank=True),
    ),
    key=("consultation_ref",),
    not_above=(("n_answered", "n_asked", "more answered than were asked"),),
)
