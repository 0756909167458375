"""Why a workbook is refused whole, in words for a person. Standard library only, as all that runs in the process with limits."""

from __future__ import annotations


class Fault(Exception):
    """Why the whole workbook is refused. It quotes no value. rows: its data rows, where they were counted."""

    def __init__(self, code: str, message: str, try_this: str, rows: int = 0, lines: tuple[int, ...] = ()) -> None:
        super().__init__(code)
        self.code, self.message, self.try_this, self.rows, self.lines = code, message, try_this, rows, lines


def damaged(message: str) -> Fault:
    return Fault(
        "E_TRUNCATED", message, "send the workbook again; if that does not help, save it anew or as CSV UTF-8."
    )


def misshapen(message: str) -> Fault:
    return Fault("E_WORKBOOK", message, "open it in a spreadsheet program and save it anew, or as CSV UTF-8.")


def too_large(message: str) -> Fault:
    return Fault("E_TOO_LARGE", message, "save the sheet as CSV UTF-8: a text file may be of any size.")


def bad_path(message: str) -> Fault:
    return Fault("E_ARCHIVE_PATH", message, "copy the table into a new workbook, or save it as CSV UTF-8.")


def overblown(message: str) -> Fault:
    return Fault("E_ARCHIVE_RATIO", message, "copy the table into a new workbook, or save it as CSV UTF-8.")


def active(message: str) -> Fault:
    return Fault("E_MACRO", message, "save it as .xlsx without macros and objects, or as CSV UTF-8.")


def locked() -> Fault:
    return Fault("E_ENCRYPTED", "the workbook is protected by a password.", "save it without one, or as CSV UTF-8.")
