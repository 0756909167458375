"""Every error that is raised on purpose. The command line prints it as a letter and leaves with its exit code.

DueRegardError            exit code
|-- FaultsFound              1   the data has faults (listed)
|-- UsageError               2   the command was used wrongly
|   |-- UnknownName          2   a profile, stage, column, group or period that does not exist; says which do
|-- SourceError              3   a file or folder cannot be read, or lacks a table or column
|-- SnapshotError            4   a snapshot or report is not whole, or is not one
|-- CannotAnswer             5   the snapshot does not hold what the question needs
|-- TargetError              6   the place to write to is taken, full or forbidden
|-- VerificationFailed       7   a report does not follow from its counts
|-- ClaimNotKept             8   a method does not do what it claims, where the truth is set
|-- EngineUnavailable        9   the engine that was asked for is not installed, cannot start, or cannot be reached
|-- SealBroken              10   a signature, a checkpoint or a list that only grows is not what it was
|-- NotThere              11   no such record, or none that this person may see: the two look the same
|-- EditConflict          12   somebody else changed the record since it was read; both versions are shown
|-- StoreUnavailable      13   the store of records cannot be opened, read or written
|-- Unforeseen             70   a mistake of the program itself; the place is named, and nothing that it held
`-- Interrupted            130   stopped by the person; the earlier state is whole
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from traceback import extract_tb

SHOWN_PLACES = 6


class DueRegardError(Exception):
    """A letter to the person who can mend it: what was found, and what to try. Never a pupil's data."""

    exit_code = 1

    def __init__(self, found: str, *, try_this: str = "") -> None:
        self.found = found
        self.try_this = try_this
        super().__init__(f"{found}\nTry: {try_this}" if try_this else found)


class FaultsFound(DueRegardError):
    exit_code = 1


class UsageError(DueRegardError):
    exit_code = 2


class UnknownName(UsageError):
    """A name that does not exist. It lists the names that do.

    >>> print(UnknownName("stage", "arested", ["arrested", "charged"]))
    There is no stage `arested`.
    Try: one of arrested, charged.
    """

    def __init__(self, what: str, name: str, known: Iterable[str]) -> None:
        names = list(known)
        listed = ", ".join(names) if names else "none: there is nothing of that kind here"
        super().__init__(f"There is no {what} `{name}`.", try_this=f"one of {listed}.")


class SourceError(DueRegardError):
    exit_code = 3


class SnapshotError(DueRegardError):
    exit_code = 4


class CannotAnswer(DueRegardError):
    exit_code = 5


class TargetError(DueRegardError):
    exit_code = 6


class VerificationFailed(DueRegardError):
    exit_code = 7


class ClaimNotKept(DueRegardError):
    exit_code = 8


class EngineUnavailable(DueRegardError):
    exit_code = 9


class SealBroken(DueRegardError):
    exit_code = 10


class NotThere(DueRegardError):
    """What is refused looks the same as what does not exist."""

    exit_code = 11

    def __init__(self) -> None:
        super().__init__("There is no such record, or none that you may see.", try_this="check the reference.")


class EditConflict(DueRegardError):
    exit_code = 12


class StoreUnavailable(DueRegardError):
    exit_code = 13


class Unforeseen(DueRegardError):
    """A mistake of the program. Words of other libraries may quote a row, so only the kind and the places are told."""

    exit_code = 70

    def __init__(self, fault: BaseException) -> None:
        places = [f"{Path(x.filename).name}:{x.lineno}" for x in extract_tb(fault.__traceback__)]
        super().__init__(
            f"The program met what nobody foresaw: {type(fault).__name__} at {' > '.join(places[-SHOWN_PLACES:])}.",
            try_this="report this line. What was being read is not shown in it.",
        )


class Interrupted(DueRegardError):
    exit_code = 130
