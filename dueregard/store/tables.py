"""Tables that live in the store only, declared as the native ones are. None of them enters a snapshot."""

from __future__ import annotations

from dueregard.records.table import Column, Kind, Table, day, key, text, time, whole
from dueregard.records.tables import TABLES
from dueregard.store.roles import ROLES


def one_of(name: str, about: str, *codes: str) -> Column:
    return Column(name, Kind.CODE, about, only=codes)


OFFICER = Table(
    "officer",
    "an officer, known elsewhere by the pseudonym alone",
    (
        key("officer_ref", "Pseudonym of the officer"),
        text("name", "Name"),
        text("team", "Team", blank=True),
        key("supervisor_ref", "Officer who supervises", blank=True),
    ),
    key=("officer_ref",),
)

PARTNERSHIP = Table(
    "partnership",
    "an agreement with a school, for a time",
    (
        key("partnership_ref", "Reference"),
        key("urn", "School"),
        text("name", "Name of the partnership", blank=True),
        day("from_on", "First day"),
        day("to_on", "Last day; empty while it goes on", blank=True),
    ),
    key=("partnership_ref",),
    references=(("urn", "school", "urn"),),
    periods=(("from_on", "to_on"),),
)

GRANT = Table(
    "grant",
    "a role that a person has, for a time",
    (
        key("grant_ref", "Reference"),
        key("person_ref", "Person"),
        one_of("role", "Role", *ROLES),
        key("urn", "The one school, for a role of a school", blank=True),
        text("borough", "The one borough; empty for the whole force", blank=True),
        day("from_on", "First day"),
        day("to_on", "Last day; empty while it goes on", blank=True),
    ),
    key=("grant_ref",),
    periods=(("from_on", "to_on"),),
)

CONFIRMATION = Table(
    "confirmation",
    "a school's word on a posting",
    (
        key("confirmation_ref", "Reference"),
        key("posting_ref", "Posting"),
        key("urn", "School"),
        day("confirmed_on", "Day", past=True),
        one_of("is_right", "Is the posting as the register says?", "yes", "no"),
        text("remark", "What is not right", blank=True),
    ),
    key=("confirmation_ref",),
    references=(("posting_ref", "posting", "posting_ref"), ("urn", "school", "urn")),
)

RECEIPT = Table(
    "receipt",
    "something that was sent and taken once: the same again adds nothing",
    (
        key("content_hash", "Hash of the bytes, or the form's own number"),
        one_of("kind", "What was sent", "contact", "roll", "form"),
        key("urn", "School", blank=True),
        key("made_ref", "What it made", blank=True),
        whole("n_accepted", "Rows accepted"),
        whole("n_rejected", "Rows rejected"),
        time("taken_at", "When"),
    ),
    key=("content_hash",),
)

COMBINATION = Table(
    "combination",
    "two references that are one pupil",
    (
        key("combination_ref", "Reference"),
        key("pupil_ref", "Reference of a pupil"),
        key("same_as_ref", "The other reference of the same pupil"),
        text("why", "Why they are one"),
    ),
    key=("combination_ref",),
)

BREAK_GLASS = Table(
    "break_glass",
    "a record that was opened outside a person's rights, in need",
    (
        key("glass_ref", "Reference"),
        key("person_ref", "Who"),
        key("contact_ref", "Contact"),
        time("opened_at", "When"),
        time("until_at", "Until when"),
        text("why", "Why"),
    ),
    key=("glass_ref",),
)

NOTICE = Table(
    "notice",
    "something that somebody must be told",
    (
        key("notice_ref", "Reference"),
        one_of("to_role", "Role that is told", *ROLES),
        key("officer_ref", "The one officer who is told; empty: everyone of the role", blank=True),
        one_of("kind", "What it is about", "break_glass", "erasure", "restored"),
        key("about_ref", "Reference of what it is about"),
        time("told_at", "When"),
    ),
    key=("notice_ref",),
)

SAMPLE = Table(
    "sample",
    "a contact that a scrutiny panel reads, redacted",
    (
        key("sample_ref", "Reference"),
        key("contact_ref", "Contact"),
        key("drawn_by", "The draw: its seed tells how"),
        day("drawn_on", "Day"),
    ),
    key=("sample_ref",),
    references=(("contact_ref", "contact", "contact_ref"),),
)

REVIEW = Table(
    "review",
    "a decision to keep a contact longer",
    (
        key("review_ref", "Reference"),
        key("contact_ref", "Contact"),
        day("decided_on", "Day of the decision", past=True),
        day("review_on", "Next day of review"),
        text("why", "Why it is kept"),
    ),
    key=("review_ref",),
    references=(("contact_ref", "contact", "contact_ref"),),
)

ERASURE = Table(
    "erasure",
    "a row that was erased: which one, never what it held",
    (
        key("erasure_ref", "Reference"),
        key("table_name", "Table"),
        key("erased_ref", "The row"),
        one_of("reason", "Why", "review", "request", "mistake"),
    ),
    key=("erasure_ref",),
)

BASIS = Table(
    "basis",
    "what the processing stands on",
    (
        key("basis_ref", "Always `basis`"),
        text("force", "Name of the force"),
        text("lawful_basis", "Lawful basis"),
        text("policy_document", "Appropriate policy document"),
        text("impact_assessment", "Reference of the impact assessment"),
    ),
    key=("basis_ref",),
)

PARENT_TOLD = Table(
    "parent_told",
    "whether a parent or carer of one pupil in one contact was told, as it was answered",
    (
        key("contact_ref", "Contact"),
        key("pupil_ref", "Pupil"),
        one_of("answer", "Was a parent or carer told?", "at_once", "at_another_time", "not_yet", "unknown"),
    ),
    references=(("contact_ref", "contact", "contact_ref"),),
)

STORE_ONLY: tuple[Table, ...] = (
    PARENT_TOLD,
    OFFICER, PARTNERSHIP, GRANT, CONFIRMATION, RECEIPT, COMBINATION, BREAK_GLASS, NOTICE, SAMPLE, REVIEW, ERASURE, BASIS,
)  # fmt: skip
# References that hold in the store and cannot in files, where officers are pseudonyms without a register.
STORE_REFERENCES = {
    "posting": (("officer_ref", "officer", "officer_ref"),),
    "contact": (("officer_ref", "officer", "officer_ref"),),
    "activity": (("officer_ref", "officer", "officer_ref"),),
    "support": (("contact_ref", "contact", "contact_ref"),),
    "complaint": (("contact_ref", "contact", "contact_ref"),),
    "consultation": (("posting_ref", "posting", "posting_ref"),),
}
# What records of other tables name a row by, and pupils' codes are made of: it is never corrected.
NAMED_BY = {"school": ("urn",), "officer": ("officer_ref",)}
STORED: dict[str, Table] = {table.name: table for table in (*TABLES, *STORE_ONLY)}


def references_of(table: Table) -> tuple[tuple[str, str, str], ...]:
    """(column, table, column there) that must exist, in files and in the store alike."""
    return table.references + STORE_REFERENCES.get(table.name, ())
