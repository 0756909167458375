"""Mutations that know what a table of text is made of. Chance comes in as a seed; equal seeds give equal bytes."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.fuzz.ways import CANARY

# Bytes at which parsers differ: quotes, ends of lines, signs between fields, marks, look-alikes, invisible letters.
SIGNS = (
    b'"', b'""', b"\r", b"\n", b"\r\n", b"\r\r\n", b"\n\r", b",", b";", b"\t", b"|", b"\x00", b" ", b"'", b"\\", b"#",
    b"\xef\xbb\xbf", b"\xff\xfe", b"\xc3\xa9", b"\xe9", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xef\xbf\xbf", b"\xc0\x80",
    "\u0430".encode(), "\u200b".encode(), "\u202e".encode(), "\u2028".encode(), b"\xc2\x85", b"\xc2\xa0", b"\x0b",
    b"\x0c", b"\x1a", b"\x1c", b"\x1f", "\U0001f600".encode(), "\uff0c".encode(), "\uff02".encode(), b'",', b',"', b'"\n',
    b'\n"', b",,", b",\r\n", b'"",', b'"\r', CANARY.encode(), b"NULL", b"=1+1", b"1e5", b"2024-13-01",
)  # fmt: skip
LENGTHS = (60, 64, 127, 128, 129, 540, 595, 600, 601)  # around the small limits of `ways`


def _insert(data: bytes, chance: Random) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + chance.choice(SIGNS) + data[at:]


def _replace(data: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + chance.choice(SIGNS) + data[at + 1 :]


def _drop(data: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + data[at + chance.choice((1, 1, 1, 2, 5)) :]


def _cut_off(data: bytes, chance: Random) -> bytes:
    return data[: chance.randint(0, len(data))]


def _end(data: bytes, chance: Random) -> bytes:
    """Another end of the file."""
    return data.rstrip(b"\r\n") + chance.choice(
        (b"", b"\r", b"\n", b"\r\n", b"\n\n", b"\x00" * 9, b",", b'"', b"\n,,,\n")
    )


def _quote_a_field(data: bytes, chance: Random) -> bytes:
    return _on_fields(data, chance, lambda field: b'"' + field.replace(b'"', b'""') + b'"')


def _break_in_a_field(data: bytes, chance: Random) -> bytes:
    sign = chance.choice((b"\n", b"\r\n", b"\r", b",", b'""', b"\n,,\n"))
    return _on_fields(data, chance, lambda field: b'"' + field.replace(b'"', b"") + sign + b'"')


def _lengthen(data: bytes, chance: Random) -> bytes:
    letter = chance.choice((b"a", b" ", "\u00e9".encode(), b'""'))
    grown = letter * (chance.choice(LENGTHS) // len(letter))
    mark = b'"' if letter == b'""' or chance.random() < 0.3 else b""
    return _on_fields(data, chance, lambda field: mark + grown + mark)


def _plant(data: bytes, chance: Random) -> bytes:
    return _on_fields(data, chance, lambda field: CANARY.encode())


def _on_fields(data: bytes, chance: Random, change: Callable[[bytes], bytes]) -> bytes:
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    fields = lines[at].split(b",")
    n = chance.randrange(len(fields))
    end = b"\r" if n == len(fields) - 1 and fields[n].endswith(b"\r") else b""
    fields[n] = change(fields[n].removesuffix(end)) + end
    lines[at] = b",".join(fields)
    return b"\n".join(lines)


def _repeat_a_line(data: bytes, chance: Random) -> bytes:
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    return b"\n".join(lines[:at] + [lines[at]] * chance.choice((2, 2, 3, 9)) + lines[at + 1 :])


def _swap_lines(data: bytes, chance: Random) -> bytes:
    lines = data.split(b"\n")
    a, b = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    return b"\n".join(lines)


def _move_columns(data: bytes, chance: Random) -> bytes:
    """A column twice, away, or all in another order, on every line."""
    lines = [line.split(b",") for line in data.split(b"\n")]
    n = max(len(lines[0]), 1)
    kept = [*range(n)]
    how = chance.randrange(3)
    if how == 0:
        kept.insert(chance.randrange(n), chance.randrange(n))
    elif how == 1 and n > 1:
        kept.pop(chance.randrange(n))
    else:
        chance.shuffle(kept)
    return b"\n".join(b",".join(f[k] for k in kept if k < len(f)) if f != [b""] else b"" for f in lines)


def _all_signs(data: bytes, chance: Random) -> bytes:
    """Another newline, or another sign between fields, throughout."""
    old, new = chance.choice(
        ((b"\n", b"\r\n"), (b"\r\n", b"\n"), (b"\n", b"\r"), (b",", b";"), (b",", b"\t"), (b",", b"|"), (b'"', b""))
    )
    return data.replace(old, new)


def _encode(data: bytes, chance: Random) -> bytes:
    text = data.decode("utf-8", errors="replace")
    how = chance.choice(("utf-16", "utf-16-be", "utf-32", "utf-8-sig", "latin-1", "utf-16-le"))
    return text.encode(how, errors="replace")


MUTATIONS = (
    _insert, _insert, _insert, _replace, _replace, _drop, _cut_off, _end, _end, _quote_a_field, _quote_a_field,
    _break_in_a_field, _break_in_a_field, _lengthen, _plant, _repeat_a_line, _swap_lines, _move_columns, _all_signs,
    _all_signs, _encode,
)  # fmt: skip


def mutated(data: bytes, seed: int, most: int) -> bytes:
    """One to four mutations, at most so many bytes."""
    chance = Random(seed)
    for _ in range(chance.choice((1, 1, 2, 2, 3, 4))):
        data = chance.choice(MUTATIONS)(data or b"\n", chance)[:most]
    return data
