"""What the directory of a zip archive says of its parts, compared with what stands in the archive; nothing is unpacked.

The entries must fill the file without a gap or an overlap, and both headers of a part must say the same. Layout of the
archive: PKWARE APPNOTE 6.3.10, 4.3 to 4.5.
"""

from __future__ import annotations

import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from dueregard.collect.workbook_fault import Fault, bad_path, damaged, locked, overblown

LARGEST_SUM = 1 << 27  # bytes of all parts together, unpacked
LARGEST_RATIO = 100  # unpacked to packed, of a part above FREE_SIZE; sheets that people make lie between 5 and 30
FREE_SIZE = 1 << 20
LONGEST_NAME = 255

STORED, DEFLATED = 0, 8
IS_ENCRYPTED, HAS_DESCRIPTOR, IS_STRONGLY_ENCRYPTED, IS_UTF8, IS_MASKED = 0x1, 0x8, 0x40, 0x800, 0x2000
MEANING = (
    IS_ENCRYPTED | HAS_DESCRIPTOR | IS_STRONGLY_ENCRYPTED | IS_UTF8 | IS_MASKED
)  # flags that both headers must share
END, END_64, LOCATOR_64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
CENTRAL, LOCAL, DESCRIPTOR = b"PK\x01\x02", b"PK\x03\x04", b"PK\x07\x08"


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


def directory_of(data: bytes) -> tuple[int, int, int]:
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


def entries_of(data: bytes, first: int, last: int, n: int) -> Iterator[tuple[Part, tuple[int, int]]]:
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


def check_tiling(data: bytes, entries: list[tuple[Part, tuple[int, int]]], first: int) -> None:
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


def check_declared(parts: list[Part]) -> None:
    """What the directory owns up to is judged before anything is unpacked."""
    if sum(part.size for part in parts) > LARGEST_SUM:
        raise overblown("the parts of the archive are larger together than any workbook that we read.")
    if any(part.size > FREE_SIZE and part.size > LARGEST_RATIO * part.packed for part in parts):
        raise overblown(f"a part of the archive is packed more than {LARGEST_RATIO} to 1.")
