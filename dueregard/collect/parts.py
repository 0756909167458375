"""Is this archive whole and harmless, and what do its parts hold? The first thing that looks at a workbook's bytes.

A workbook is a zip archive. What its directory declares is compared with what stands in the archive and is never
trusted: the entries must fill the file without a gap or an overlap, and a part is unpacked in blocks and given up as
soon as it is larger than it says or than a limit. Standard library only: this runs in the process with limits
(`workbook_process`), which loads nothing else.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from dueregard.collect.archive_directory import (
    DEFLATED,
    END,
    LARGEST_SUM,
    LOCAL,
    Part,
    check_declared,
    check_tiling,
    directory_of,
    entries_of,
)
from dueregard.collect.workbook_fault import Fault, active, bad_path, damaged, misshapen, overblown, too_large

LARGEST_FILE = 1 << 26  # bytes of the archive
MOST_TAGS = 10_000_000  # of all parts; more cannot be read in ten seconds
MOST_PARTS = 1_000
LONGEST_TAG = 1 << 20  # bytes without the end of a tag; a cell holds 32,767 characters
BLOCK = 1 << 18

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # OLE2: old workbooks, embedded objects, macro projects, encrypted files
ARCHIVES = (LOCAL, END, b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x28\xb5\x2f\xfd", b"MSCF", b"xar!")  # fmt: skip
PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"#!")
XML_NAMES = (".xml", ".rels", ".vml", ".svg")
ENCODINGS = (b"utf-8", b"utf8", b"utf-16", b"us-ascii", b"ascii")
DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")


@dataclass(frozen=True, slots=True)
class Archive:
    """The bytes of a workbook and where its parts lie in them."""

    data: bytes
    parts: dict[str, Part]

    def called(self, name: str) -> str:
        """The name of a part as the archive writes it: upper and lower case do not tell parts apart."""
        return next((part for part in self.parts if part.lower() == name.lower()), name)

    def blocks(self, name: str) -> Iterator[bytes]:
        """A part, unpacked block by block."""
        return unpacked(self.data, self.parts[name])

    def whole(self, name: str, limit: int) -> bytes:
        """A small part in one piece. Raises Fault if it is larger than `limit`."""
        if self.parts[name].size > limit:
            raise too_large("a part that describes the workbook is larger than any that a spreadsheet program writes.")
        return b"".join(self.blocks(name))


def open_archive(data: bytes) -> Archive:
    """Which parts has this archive? Raises Fault where it is broken, or made to mislead."""
    first, last, n = directory_of(data)
    if n > MOST_PARTS:
        raise overblown(f"the archive has more than {MOST_PARTS:,} parts.")
    entries = list(entries_of(data, first, last, n))
    parts: dict[str, Part] = {}
    seen: set[str] = set()
    for part, _ in entries:
        if part.name.lower() in seen:
            raise bad_path("two parts of the archive have the same name.")
        seen.add(part.name.lower())
        parts[part.name] = part
    check_tiling(data, entries, first)
    check_declared([part for part, _ in entries])
    return Archive(data, parts)


def check_parts(archive: Archive) -> None:
    """Is every part as large as it says, whole, and neither an archive, a program nor a trick of XML?

    Unpacks each part once, in blocks, and keeps none.
    """
    total = tags = 0
    for part in archive.parts.values():
        scan = Scan(part.name)
        for block in unpacked(archive.data, part):
            total += len(block)
            if total > LARGEST_SUM:
                raise overblown("the parts of the archive are larger together than any workbook that we read.")
            scan.look_at(block)
            tags += block.count(b"<") if scan.is_xml else 0
            if tags > MOST_TAGS:
                raise too_large("the workbook has more cells than can be read in a short time.")


def unpacked(data: bytes, part: Part) -> Iterator[bytes]:
    """The bytes of a part in blocks. Raises Fault as soon as more come than declared, or if the checksum differs."""
    size, crc = 0, 0
    for block in _inflated(data, part) if part.method == DEFLATED else _stored(data, part):
        size += len(block)
        if size > part.size:
            raise overblown("a part of the archive is larger than it says.")
        crc = zlib.crc32(block, crc)
        yield block
    if size != part.size or crc != part.crc:
        raise damaged("a part of the workbook is not what was saved: its checksum or its size differs.")


def _stored(data: bytes, part: Part) -> Iterator[bytes]:
    if part.packed != part.size:
        raise damaged("a part of the workbook is not as long as it says.")
    for at in range(part.start, part.start + part.packed, BLOCK):
        yield data[at : min(at + BLOCK, part.start + part.packed)]


def _inflated(data: bytes, part: Part) -> Iterator[bytes]:
    engine = zlib.decompressobj(-15)
    at, end = part.start, part.start + part.packed
    feed = b""
    try:
        while not engine.eof:
            if not feed:
                feed = data[at : min(at + BLOCK, end)]
                at += len(feed)
            block = engine.decompress(feed, BLOCK)
            is_stuck = not feed and not block
            feed = engine.unconsumed_tail
            if block:
                yield block
            elif is_stuck:
                raise damaged("a part of the workbook is cut off.")
    except zlib.error:
        raise damaged("a part of the workbook cannot be unpacked.") from None
    if engine.unused_data or at < end:
        raise damaged("bytes follow the end of a part of the workbook.")


class Scan:
    """Looks at the bytes of one part as they come: an archive, a program, a document type, an endless tag?"""

    def __init__(self, name: str) -> None:
        self.name, self.before, self.since_tag, self.is_first = name.lower(), b"", 0, True
        self.is_xml = self.name.endswith(XML_NAMES)

    def look_at(self, block: bytes) -> None:
        if self.is_first:
            self._look_at_start(block)
            self.is_first = False
        if not self.is_xml:
            return
        text = block.replace(b"\x00", b"") if b"\x00" in block else block  # UTF-16 and UTF-32, whichever way round
        if b"<!" in text or b"!" in self.before + text[:1]:
            self._look_for_types(self.before + text)
        self.before = text[-16:]
        self.since_tag = len(text) - text.rfind(b">") if b">" in text else self.since_tag + len(text)
        if self.since_tag > LONGEST_TAG:
            raise Fault("E_FIELD_LENGTH", "a cell or a tag of the workbook is longer than a spreadsheet program can write.",
                        "shorten it; a cell holds at most 32,767 characters.")  # fmt: skip

    def _look_for_types(self, text: bytes) -> None:
        upper = text.upper()
        if b"<!DOCTYPE" in upper or b"<!ENTITY" in upper:
            raise Fault("E_XML_DTD", "a part of the workbook declares a document type or entities.",
                        "copy the table into a new workbook: no spreadsheet program writes these.")  # fmt: skip

    def _look_at_start(self, start: bytes) -> None:
        if start.startswith(ARCHIVES) or start[257:262] == b"ustar":
            raise overblown("an archive stands inside the archive.")
        if start.startswith(PROGRAMS):
            raise active("a program stands inside the workbook.")
        if start.startswith(COMPOUND):
            raise active("an embedded object or a macro project stands inside the workbook.")
        head = start[:512].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
        looks_xml = head.startswith(b"<")
        if self.is_xml and not looks_xml:
            raise misshapen("a part of the workbook is not the XML that its name says.")
        self.is_xml = self.is_xml or looks_xml
        declared = DECLARED.match(head)
        if self.is_xml and declared and declared.group(1).lower() not in ENCODINGS:
            raise Fault("E_ENCODING", "a part of the workbook is written in an encoding that workbooks do not use.",
                        "open it in a spreadsheet program and save it anew, or as CSV UTF-8.")  # fmt: skip
