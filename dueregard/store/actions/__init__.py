"""Actions: the only way in which anything in the store changes. Keyword-only, all or nothing, `by=` a person."""

from dueregard.store.actions.contacts import correct_contact, record_contact, withdraw_contact
from dueregard.store.actions.drafts import discard_draft, drafts_of, read_draft, save_draft
from dueregard.store.actions.people import add_person, end_grant, give_role
from dueregard.store.actions.register import correct, record, withdraw
from dueregard.store.actions.returns import nothing_to_report, take_roll

__all__ = [
    "add_person",
    "correct",
    "correct_contact",
    "discard_draft",
    "drafts_of",
    "end_grant",
    "give_role",
    "nothing_to_report",
    "read_draft",
    "record",
    "record_contact",
    "save_draft",
    "take_roll",
    "withdraw",
    "withdraw_contact",
]
