"""The process in which a workbook is read: few rights, few resources, no other file, no network.

`workbook` starts it with the open file as standard input and reads frames, one JSON document a line, from standard
output: `header`, any number of `row`, then `end`; or `refused` at any time, which takes back what was given. Nothing
goes to standard error, and no file is written. Standard library only, so that little else can be reached from here.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable

from dueregard.collect import office_open, opendocument
from dueregard.collect.archive_directory import LOCAL
from dueregard.collect.parts import COMPOUND, LARGEST_FILE, Archive, check_parts, open_archive
from dueregard.collect.tally import Tally
from dueregard.collect.workbook_fault import Fault, locked, too_large

MEMORY = 512 << 20  # bytes of address space
SECONDS = 10  # of processor time
UNFORESEEN = 70  # exit code
FRAMES = 1 << 16  # bytes that are gathered before they are sent
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# What begins to happen when a program opens a file, a connection or another program: none of it is meant here.
FORBIDDEN = ("open", "socket.", "subprocess.", "os.", "ctypes.", "shutil.", "urllib.", "http.", "ftplib.", "import")


# Loaded before the doors close: what the interpreter would look for only when it meets the first such text or moment.
LOADED = (*(codecs.lookup(name) for name in ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "ascii", "cp437")), time)


def limit() -> None:
    """Give up what reading a workbook does not need. Where the system knows no limits, the time of the parent remains."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for kind, most in (
        ("RLIMIT_AS", MEMORY), ("RLIMIT_CPU", SECONDS), ("RLIMIT_FSIZE", 0), ("RLIMIT_CORE", 0), ("RLIMIT_NPROC", 0),
        ("RLIMIT_NOFILE", 3),  # standard input, output and error stand already; not one more, nor a socket
    ):  # fmt: skip
        try:
            resource.setrlimit(getattr(resource, kind), (most, most))
        except (AttributeError, ValueError, OSError):  # a limit that this system does not have
            continue


def forbid() -> None:
    """A second lock behind the limits: the interpreter itself refuses to open, connect, start or load anything."""

    def judge(event: str, _: object) -> None:
        if event.startswith(FORBIDDEN):
            raise PermissionError

    sys.addaudithook(judge)


class Sender:
    """Sends frames, gathered into larger pieces."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.size = 0

    def send(self, *frame: object) -> None:
        line = json.dumps(frame, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
        self.kept.append(line)
        self.size += len(line)
        if self.size > FRAMES:
            self.flush()

    def flush(self) -> None:
        data = memoryview(b"".join(self.kept))
        self.kept.clear()
        self.size = 0
        while data:
            data = data[os.write(1, data) :]


def read_input() -> bytes:
    """The whole file, once: what is judged is what is read."""
    blocks, size = [], 0
    while block := os.read(0, 1 << 20):
        size += len(block)
        if size > LARGEST_FILE:
            raise too_large("the workbook is larger than any that we read.")
        blocks.append(block)
    return b"".join(blocks)


def check_signature(data: bytes, suffix: str) -> None:
    """Do the first bytes say what the name says?"""
    if not data:
        raise Fault("E_EMPTY_FILE", "the file has no bytes.", "send it again; a nil return is a header alone.")
    if data.startswith(COMPOUND):
        if ENCRYPTED in data:
            raise locked()
        raise Fault("E_ENCODING", "the file is a workbook of the old kind (.xls).", "save it as .xlsx or CSV UTF-8.")
    if suffix in (".xlsm", ".xlsb", ".xltm"):
        raise Fault("E_MACRO", "the file is a workbook that may hold macros.", "save it as .xlsx, or as CSV UTF-8.")
    if not data.startswith(LOCAL):
        raise Fault(
            "E_ENCODING", "the file is not a workbook, whatever its name says.", "send the table as .xlsx or CSV UTF-8."
        )


def open_book(archive: Archive, suffix: str) -> office_open.Book | opendocument.Book:
    is_open_document = opendocument.is_one(archive)
    names = opendocument if is_open_document else office_open
    names.refuse_by_name(archive.parts)
    check_parts(archive)
    if suffix == (".xlsx" if is_open_document else ".ods") or suffix == ".xls":
        raise Fault(
            "E_ENCODING", "the file is a workbook of another kind than its name says.", "give it its own ending again."
        )
    return opendocument.Book(archive) if is_open_document else office_open.Book(archive)


def read_bytes(data: bytes, suffix: str, give: Callable[[int, list[str]], None] | None) -> Tally:
    """Judge the bytes of a workbook; its whole rows go to `give`. Raises Fault where it is refused."""
    check_signature(data, suffix)
    return open_book(open_archive(data), suffix).read(give)


def answer(sender: Sender, suffix: str, *, with_rows: bool) -> None:
    """Judge the workbook on standard input, and send its rows or why it is refused."""
    data = read_input()
    tally = read_bytes(data, suffix, (lambda number, row: sender.send("row", number, row)) if with_rows else None)
    sender.send("end", ending(tally, data))


def ending(tally: Tally, data: bytes) -> dict[str, object]:
    return {
        "header": tally.header,
        "header_row": tally.header_row,
        "sha256": hashlib.sha256(data).hexdigest(),
        **tally.ending(),
    }


def main(suffix: str, with_rows: bool) -> None:
    """Answer, whatever comes. A fault that nobody foresaw ends the process without a word: it could quote a value."""
    sender = Sender()
    limit()
    forbid()
    is_memory_spent = False
    try:
        answer(sender, suffix, with_rows=with_rows)
    except Fault as fault:
        sender.send("refused", fault.code, fault.message, fault.try_this, fault.rows, fault.lines)
    except MemoryError:
        is_memory_spent = True  # said below, when what the fault holds on to has been let go
    except Exception as fault:
        # Where memory ends, the parser of XML may return "error without exception set", which is a SystemError.
        is_memory_spent = isinstance(fault.__context__, MemoryError) or isinstance(fault, SystemError)
        if not is_memory_spent:
            os._exit(UNFORESEEN)
    if is_memory_spent:
        sender = Sender()
        large = too_large("the workbook needs more memory than reading one may take.")
        sender.send("refused", large.code, large.message, large.try_this, 0, ())
    sender.flush()
    os._exit(0)  # nothing is left to tidy up, and tidying up may load modules
