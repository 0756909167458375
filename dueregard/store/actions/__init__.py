"""Actions: the only way in which anything in the store changes. Keyword-only, all or nothing, `by=` a person."""

from dueregard.store.actions.contacts import correct_contact, record_contact, withdraw_contact
from dueregard.store.actions.drafts import discard_draft, drafts_of, read_draft, save_draft
from dueregard.store.actions.erasing import erase_contact, keep_longer
from dueregard.store.actions.glass import break_glass
from dueregard.store.actions.panel import draw_sample
from dueregard.store.actions.people import add_first_administrator, add_person, end_grant, give_role
from dueregard.store.actions.pupils import (
    COMBINATIONS_SHOWN,
    combinations,
    combine,
    part_again,
)
from dueregard.store.actions.register import correct, record, withdraw
from dueregard.store.actions.requests import (
    check_is_held,
    drafts_about,
    erase_drafts_about,
    held_about,
    rectify_contact,
)
from dueregard.store.actions.returns import nothing_to_report, take_roll

__all__ = [
    "COMBINATIONS_SHOWN",
    "add_first_administrator",
    "add_person",
    "break_glass",
    "check_is_held",
    "combinations",
    "combine",
    "correct",
    "correct_contact",
    "discard_draft",
    "drafts_about",
    "drafts_of",
    "draw_sample",
    "end_grant",
    "erase_contact",
    "erase_drafts_about",
    "give_role",
    "held_about",
    "keep_longer",
    "nothing_to_report",
    "part_again",
    "read_draft",
    "record",
    "record_contact",
    "rectify_contact",
    "save_draft",
    "take_roll",
    "withdraw",
    "withdraw_contact",
]
