"""Who is the pupil? One identifier, typed once, becomes a pseudonym in memory and is forgotten."""

from __future__ import annotations

import re
import secrets
import unicodedata

from dueregard.errors import FaultsFound
from dueregard.store.keys import keys
from dueregard.terms.missing import NOT_IDENTIFIED

ADMISSION_NUMBER, PERSON_REFERENCE = "admission_number", "person_reference"
KINDS = {ADMISSION_NUMBER: "The school's admission number", PERSON_REFERENCE: "The force's person reference"}
LONGEST = 40
FORM = re.compile(r"[A-Z0-9][A-Z0-9/._-]*")


def pupil_ref(identifier: str, *, kind: str, urn: str = "") -> str:
    """Which pseudonym has the pupil with this identifier?

    An admission number means something at one school only, so the school's urn enters. Blanks and case do not matter.
    An empty identifier: `not_identified`. Raises FaultsFound, which never quotes what was typed.
    """
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", identifier)).upper()
    if not plain:
        return NOT_IDENTIFIED
    if kind not in KINDS or (kind == ADMISSION_NUMBER and not urn):
        raise FaultsFound("It was not said what kind of identifier this is, or of which school.",
                          try_this="choose the admission number with its school, or the force's person reference.")  # fmt: skip
    if len(plain) > LONGEST or not FORM.fullmatch(plain):
        raise FaultsFound(f"The identifier is not up to {LONGEST} letters, digits and / . _ -.",
                          try_this="a number or reference, never a name.")  # fmt: skip
    return "p" + keys().mac("pupil_ref", "\x1f".join((kind, urn if kind == ADMISSION_NUMBER else "", plain)))


def new_ref(letter: str) -> str:
    """A reference that tells nothing: a letter and 20 random hexadecimal digits."""
    return letter + secrets.token_hex(10)
