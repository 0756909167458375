"""Names of people: when are two of them the same person?"""

from __future__ import annotations

import unicodedata

from dueregard.errors import UsageError

LONGEST = 80


def person(name: str) -> str:
    """A name as it is written down: one line, no invisible signs, single spaces.

    Raises UsageError for an empty or overlong one, and for one that holds signs that nobody sees.

    >>> person("  Ann  Lee ")
    'Ann Lee'
    """
    plain = " ".join(unicodedata.normalize("NFC", name).split())
    hidden = any(unicodedata.category(sign).startswith("C") for sign in plain)
    if not plain or len(plain) > LONGEST or hidden or not any(sign.isalnum() for sign in plain):
        raise UsageError(
            f"A person has a name of 1 to {LONGEST} visible signs; this is none.", try_this="`--by 'Ann Lee'`."
        )
    return plain


def same_person(one: str, other: str) -> bool:
    """Do two names mean one person? Case, width and accents' spelling make no second person.

    >>> same_person("Ann Lee", "ANN  lee"), same_person("Ann", "Anne")
    (True, False)
    """
    return _key(one) == _key(other)


def _key(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).split())
