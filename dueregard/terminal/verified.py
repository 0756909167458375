"""What `verify` says of a release, in plain words."""

from __future__ import annotations

from dueregard.evidence.ledger import State
from dueregard.evidence.verified import Check, Verified

MARKS = {True: "holds", False: "DOES NOT HOLD", None: "not tested"}
MOST_FAULTS = 12
STATES = {
    State.DRAFT: "a draft, not published",
    State.SUBMITTED: "in review, not published",
    State.FIRST_REVIEW: "in review, not published; one other person has approved it",
    State.SECOND_REVIEW: "in review, not published; two other people have approved it",
    State.RELEASED: "released; two people other than its authors have approved these bytes",
    State.WITHDRAWN: "withdrawn; do not use its figures",
    State.CORRECTED: "corrected; use the version that takes its place",
}


def print_verified(found: Verified) -> None:
    """Each test with what was found; then what it comes to."""
    print("\n".join(verified_lines(found)))


def verified_lines(found: Verified) -> list[str]:
    said = []
    if found.release is not None and found.state is not None:
        said.append(f"{found.release}, version {found.version}: {STATES[found.state]}, as far as this copy knows.")
    said += [line for check in found.checks for line in _check_lines(check)]
    said.append(key_words(found))
    if found.is_whole:
        said.append("Whole: nothing that was tested speaks against it.")
    else:
        said.append("NOT WHOLE: do not rely on these figures. Get the folder again from the publisher.")
    return said


def _check_lines(check: Check) -> list[str]:
    lines = [f"{MARKS[check.holds]}: {check.title}" + (f": {check.said}." if check.holds is not False else ".")]
    lines += [f"  - {fault}" for fault in check.faults[:MOST_FAULTS]]
    if len(check.faults) > MOST_FAULTS:
        lines.append(f"  - and {len(check.faults) - MOST_FAULTS} more.")
    return lines


def key_words(found: Verified) -> str:
    """Whose key was it tested against?"""
    if found.key is None:
        return "No key: nothing can be said of who made this folder."
    if found.key_is_own:
        return (f"Tested against the key that the folder itself brings ({found.key}). A forger would bring one too: "
                "ask the publisher or a witness for the key, and give it with --key.")  # fmt: skip
    return f"Tested against the key that you gave ({found.key})."
