"""Names of people: when are two of them the same person?"""

from __future__ import annotations

import unicodedata

from dueregard.errors import UsageError

LONGEST = 80
# Signs that a page does not draw: of the Unicode property Default_Ignorable_Code_Point (DerivedCoreProperties.txt) those
# whose category is not C, where fillers of Korean and Khmer are letters and selectors are marks; and blank ones.
IGNORED = ((0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2065, 0x2065), (0x3164, 0x3164),
           (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0xE0000, 0xE0FFF))  # fmt: skip
BLANK = ((0x2800, 0x2800), (0x16FE4, 0x16FE4), (0x1D159, 0x1D159))  # Braille, Khitan, a note without a head


def person(name: str) -> str:
    """A name as it is written down: one line, no invisible signs, single spaces.

    Raises UsageError for an empty or overlong one, and for one that holds signs that nobody sees.

    >>> person("  Ann  Lee ")
    'Ann Lee'
    """
    plain = " ".join(unicodedata.normalize("NFC", name).split())
    if not plain or len(plain) > LONGEST or any(map(_is_hidden, plain)) or not any(sign.isalnum() for sign in plain):
        raise UsageError(
            f"A person has a name of 1 to {LONGEST} visible signs; this is none.", try_this="`--by 'Ann Lee'`."
        )
    return plain


def _is_hidden(sign: str) -> bool:
    is_unseen = any(first <= ord(sign) <= last for first, last in (*IGNORED, *BLANK))
    return is_unseen or unicodedata.category(sign).startswith("C")


def same_person(one: str, other: str) -> bool:
    """Do two names mean one person? Case, width and accents' spelling make no second person.

    >>> same_person("Ann Lee", "ANN  lee"), same_person("Ann", "Anne")
    (True, False)
    """
    return _key(one) == _key(other)


def _key(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).split())
