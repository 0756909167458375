"""Lines looked at together: the same as one by one."""

from __future__ import annotations

import random

import pytest

from dueregard.collect import signs
from dueregard.collect.signs import Lines

PIECES = [b"a", b"bc", b",", b",,", b'"', b'""', b"\n", b"\r\n", b"\r", b" ", b"\t", b"\x00", "é".encode(), b'"a,b",c\n', b"a,b\n", b"a,b\r\n"]  # fmt: skip


def one_by_one(body: bytes) -> list[bytes]:
    lines = body.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def fields(line: bytes) -> int | None:
    """The fields of one line; None where a quotation mark stands out of place."""
    n, inside = 1, False
    for at, sign in enumerate(line):
        before, after = line[at - 1 : at] if at else b"", line[at + 1 : at + 2]
        if sign == signs.QUOTE:
            if not inside and before not in (b"", b",", b'"'):
                return None
            if inside and after not in (b"", b",", b"\r", b'"'):
                return None
            inside = not inside
        elif sign == signs.COMMA and not inside:
            n += 1
    return None if inside else n


@pytest.mark.parametrize("seed", range(300))
def test_lines_are_what_each_is_by_itself(seed, monkeypatch):
    rng = random.Random(seed)
    monkeypatch.setattr(signs, "MANY", rng.choice([0, 1, 1000]))
    some = rng.sample(PIECES, rng.randint(1, 6))
    body = b"".join(rng.choice(some) for _ in range(rng.randint(1, 80)))
    lines, each = Lines(body), one_by_one(body)
    assert len(lines.ends) == len(each)
    assert len(lines.newlines) == body.count(b"\n")
    assert lines.n_pairs() == body.count(b"\r\n")
    assert lines.n_blank() == sum(1 for line in each if not line.strip(b", \t\r"))
    odd = [n for n, line in enumerate(each, start=1) if line.count(b'"') % 2]
    assert lines.first_open() == (odd[0] if odd else 0)
    for width in (1, 2, 3):
        assert lines.is_even(width) == all(fields(line) == width for line in each)


def test_the_longest_line_counts_its_newline():
    assert Lines(b"ab\ncde\nf").longest() == 4
    assert Lines(b"ab\ncde").longest() == 3
    assert Lines(b"").longest() == 0


def test_signs_are_counted_over_many_words():
    body = b"x,y,\n" * 1_000
    assert Lines(body).is_even(3)
    assert not Lines(body + b"x,y\n" + body).is_even(3)
    assert not Lines(body + b'x,",",y\n' + body + b"x,y\n").is_even(3)
    assert Lines(body + b'x,",",y\n' + body).is_even(3)
