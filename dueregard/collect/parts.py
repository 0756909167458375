"""Is this archive whole and harmless, and what do its parts hold? The first thing that looks at a workbook's bytes.

A workbook is a zip archive. What its directory declares is compared with what stands in the archive and is never
trusted: the entries must fill the file without a gap or an overlap, and a part is unpacked in blocks and given up as
soon as it is larger than it says or than a limit. Standard library only: this runs in the process with limits
(`workbook_process`), which loads nothing else. Layout of the archive: PKWARE APPNOTE 6.3.10, 4.3 to 4.5.
"""

from __future__ import annotations

import re
import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

LARGEST_FILE = 1 << 26  # bytes of the archive
LARGEST_SUM = 1 << 27  # bytes of all parts together, unpacked
MOST_TAGS = 10_000_000  # of all parts; more cannot be read in ten seconds
LARGEST_RATIO = 100  # unpacked to packed, of a part above FREE_SIZE; sheets that people make lie between 5 and 30
FREE_SIZE = 1 << 20
MOST_PARTS = 1_000
LONGEST_NAME = 255
LONGEST_TAG = 1 << 20  # bytes without the end of a tag; a cell holds 32,767 characters
BLOCK = 1 << 18

STORED, DEFLATED = 0, 8
IS_ENCRYPTED, HAS_DESCRIPTOR, IS_STRONGLY_ENCRYPTED, IS_UTF8, IS_MASKED = 0x1, 0x8, 0x40, 0x800, 0x2000
MEANING = (
    IS_ENCRYPTED | HAS_DESCRIPTOR | IS_STRONGLY_ENCRYPTED | IS_UTF8 | IS_MASKED
)  # flags that both headers must share
END, END_64, LOCATOR_64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
CENTRAL, LOCAL, DESCRIPTOR = b"PK\x01\x02", b"PK\x03\x04", b"PK\x07\x08"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # OLE2: old workbooks, embedded objects, macro projects, encrypted files
ARCHIVES = (LOCAL, END, b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x28\xb5\x2f\xfd", b"MSCF", b"xar!")  # fmt: skip
PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"#!")
XML_NAMES = (".xml", ".rels", ".vml", ".svg")
ENCODINGS = (b"utf-8", b"utf8", b"utf-16", b"us-ascii", b"ascii")
DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")


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


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the archive. start: where its packed bytes begin. packed, size, crc: as both headers declare."""

    name: str
    method: int
    start: int
    packed: int
    size: int
    crc: int

    @property
    def is_folder(self) -> bool:
        return self.name.endswith("/")


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
    first, last, n = _directory(data)
    if n > MOST_PARTS:
        raise overblown(f"the archive has more than {MOST_PARTS:,} parts.")
    entries = list(_entries(data, first, last, n))
    parts: dict[str, Part] = {}
    seen: set[str] = set()
    for part, _ in entries:
        if part.name.lower() in seen:
            raise bad_path("two parts of the archive have the same name.")
        seen.add(part.name.lower())
        parts[part.name] = part
    _check_tiling(data, entries, first)
    _check_declared([part for part, _ in entries])
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


def active(message: str) -> Fault:
    return Fault("E_MACRO", message, "save it as .xlsx without macros and objects, or as CSV UTF-8.")


def _directory(data: bytes) -> tuple[int, int, int]:
    """Where the central directory begins and ends, and how many entries it has."""
    at = data.rfind(END, max(len(data) - 22 - 0xFFFF, 0))
    if at < 0 or at + 22 > len(data):
        raise damaged("the end of the workbook is missing.")
    disk, first_disk, here, n, size, start, comment = struct.unpack_from("<4H2LH", data, at + 4)
    if at + 22 + comment != len(data):
        raise damaged("bytes follow the end of the workbook, or its end is missing.")
    last = at
    if data[max(at - 20, 0) : at].startswith(LOCATOR_64):
        disk, first_disk, here, n, size, start, last = _directory_64(data, at - 20)
    if disk or first_disk or here != n:
        raise damaged("the workbook is one piece of a divided archive.")
    if start + size != last or data[start : start + 4] != (CENTRAL if n else data[start : start + 4]):
        raise damaged("the directory of the workbook is not where it should be.")
    return start, last, n


def _directory_64(data: bytes, at: int) -> tuple[int, int, int, int, int, int, int]:
    where = struct.unpack_from("<Q", data, at + 8)[0]
    if where + 56 > at or data[where : where + 4] != END_64:
        raise damaged("the directory of the workbook is not where it should be.")
    length, disk, first_disk, here, n, size, start = struct.unpack_from("<Q4x2L4Q", data, where + 4)
    if where + 12 + length != at:
        raise damaged("the directory of the workbook is not where it should be.")
    return disk, first_disk, here, n, size, start, where


def _entries(data: bytes, first: int, last: int, n: int) -> Iterator[tuple[Part, tuple[int, int]]]:
    """Each part, and from where to where its entry reaches, with the header before it."""
    at = first
    for _ in range(n):
        if at + 46 > last or data[at : at + 4] != CENTRAL:
            raise damaged("the directory of the workbook is broken.")
        (flags, method, crc, packed, size, name_length, extra_length, comment_length, disk, mode, where) = (
            struct.unpack_from("<4x2H4x3L4H2xLL", data, at + 4)
        )  # fmt: skip
        end = at + 46 + name_length + extra_length + comment_length
        if end > last:
            raise damaged("the directory of the workbook is broken.")
        raw = data[at + 46 : at + 46 + name_length]
        extra = data[at + 46 + name_length : at + 46 + name_length + extra_length]
        size, packed, where, disk = _sizes_64(extra, size, packed, where, disk)
        if disk:
            raise damaged("the workbook is one piece of a divided archive.")
        name = _name(raw, flags, extra)
        _check_kind(name, mode, size)
        _check_flags(flags, method)
        start = _start_of(data, where, raw, flags, method, (crc, packed, size), first)
        yield Part(name, method, start, packed, size, crc), (where, start + packed)
        at = end
    if at != last:
        raise damaged("the directory of the workbook is broken.")


def _fields_of(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if at + 4 + length > len(extra):
            raise damaged("the directory of the workbook is broken.")
        yield kind, extra[at + 4 : at + 4 + length]
        at += 4 + length


def _sizes_64(extra: bytes, size: int, packed: int, where: int, disk: int) -> tuple[int, int, int, int]:
    """Sizes above 4 GiB stand in an extra field; some programs write it for small parts too."""
    field = next((content for kind, content in _fields_of(extra) if kind == 1), b"")
    values = []
    for value, none, width in (
        (size, 0xFFFFFFFF, 8),
        (packed, 0xFFFFFFFF, 8),
        (where, 0xFFFFFFFF, 8),
        (disk, 0xFFFF, 4),
    ):
        if value == none:
            if len(field) < width:
                raise damaged("the directory of the workbook is broken.")
            value, field = int.from_bytes(field[:width], "little"), field[width:]
        values.append(value)
    return values[0], values[1], values[2], values[3]


def _name(raw: bytes, flags: int, extra: bytes) -> str:
    """The name of a part. Raises Fault where it could lead out of a folder, or be read in two ways."""
    try:
        name = raw.decode("utf-8" if flags & IS_UTF8 else "cp437")
    except UnicodeDecodeError:
        raise bad_path("a part of the archive has a name that cannot be read.") from None
    steps = name.removesuffix("/").split("/")
    if not name or len(raw) > LONGEST_NAME or any(not c.isprintable() for c in name):
        raise bad_path("a part of the archive has no proper name.")
    if "\\" in name or ":" in name or name.startswith(("/", "~")) or any(s.strip(". ") == "" for s in steps):
        raise bad_path("a part of the archive has a path that leads out of the archive.")
    for kind, content in _fields_of(extra):
        if kind == 0x7075 and content[5:] != raw:
            raise bad_path("a part of the archive has two different names.")
    return name


def _check_kind(name: str, mode: int, size: int) -> None:
    kind = stat.S_IFMT(mode >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise bad_path("a part of the archive is a link or a device, not a file.")
    if name.endswith("/") and size:
        raise bad_path("a folder of the archive holds bytes of its own.")


def _check_flags(flags: int, method: int) -> None:
    if flags & (IS_ENCRYPTED | IS_STRONGLY_ENCRYPTED | IS_MASKED):
        raise locked()
    if method not in (STORED, DEFLATED):
        raise Fault("E_ENCODING", "a part of the workbook is packed in a way that workbooks do not use.",
                    "open it in a spreadsheet program and save it anew, or as CSV UTF-8.")  # fmt: skip


def locked() -> Fault:
    return Fault("E_ENCRYPTED", "the workbook is protected by a password.", "save it without one, or as CSV UTF-8.")


def _start_of(
    data: bytes, where: int, raw: bytes, flags: int, method: int, declared: tuple[int, int, int], limit: int
) -> int:
    """Where the packed bytes begin. The header beside them must say what the directory says."""
    if where + 30 > limit or data[where : where + 4] != LOCAL:
        raise damaged("a part of the workbook is not where the directory says.")
    local_flags, local_method, crc, packed, size, name_length, extra_length = struct.unpack_from(
        "<2x2H4x3L2H", data, where + 4
    )
    start = where + 30 + name_length + extra_length
    if data[where + 30 : where + 30 + name_length] != raw:
        raise bad_path("a part of the archive has two different names.")
    if start + declared[1] > limit:
        raise damaged("a part of the workbook reaches beyond its end.")
    same = MEANING & (flags ^ local_flags) == 0 and method == local_method
    size, packed, _, _ = _sizes_64(data[start - extra_length : start], size, packed, 0, 0)
    if not flags & HAS_DESCRIPTOR:
        same = same and (crc, packed, size) == declared
    if not same:
        raise damaged("a part of the workbook is described in two different ways.")
    return start


def _check_tiling(data: bytes, entries: list[tuple[Part, tuple[int, int]]], first: int) -> None:
    """Do the parts fill the file, one after the other, with nothing before, between and behind them?"""
    at = 0
    for part, (start, end) in sorted(entries, key=lambda entry: entry[1]):
        if start < at:
            raise overblown("parts of the archive lie over each other.")
        if start > at:
            raise damaged("bytes that belong to no part stand in the workbook.")
        at = end + _descriptor_length(data, end, part)
    if at != first:
        raise damaged("bytes that belong to no part stand in the workbook.")


def _descriptor_length(data: bytes, at: int, part: Part) -> int:
    """How long is the record of checksum and sizes behind a part? 0 where there is none."""
    for sign in (DESCRIPTOR, b""):
        for shape in ("<L2L", "<L2Q"):
            record = sign + struct.pack(shape, part.crc, part.packed, part.size)
            if data.startswith(record, at):
                return len(record)
    return 0


def _check_declared(parts: list[Part]) -> None:
    """What the directory owns up to is judged before anything is unpacked."""
    if sum(part.size for part in parts) > LARGEST_SUM:
        raise overblown("the parts of the archive are larger together than any workbook that we read.")
    if any(part.size > FREE_SIZE and part.size > LARGEST_RATIO * part.packed for part in parts):
        raise overblown(f"a part of the archive is packed more than {LARGEST_RATIO} to 1.")
