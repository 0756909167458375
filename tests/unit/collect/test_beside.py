"""Looking at blocks beside their reading finds what looking at them one after the other finds."""

from __future__ import annotations

import io
import random
from unittest.mock import patch

import pytest

from dueregard.collect import gate
from dueregard.collect.beside import Beside
from tests.fuzz.ways import AtOnce

PARTS = (b"urn,name\n", b"900001,Fern\n", b"\n", b" , \n", b"\r\n", b"\r", b'"a', b'"', b"\x00", b"\xff", "é".encode(), b"x" * 90,
         b",,,", b"\n\n", b"\xef\xbb\xbf", b"\xc3")  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_the_same_is_found_beside_and_at_once(seed):
    rng = random.Random(seed)
    for _ in range(20):
        data = b"".join(rng.choice(PARTS) for _ in range(rng.randrange(60)))
        with patch.multiple(gate, BLOCK=rng.choice((1, 7, 64)), LONGEST_LINE=128, LONGEST_HELD=rng.choice((40, 300))):
            beside = gate.look(io.BytesIO(data))
            with patch.object(gate, "Beside", AtOnce):
                assert gate.look(io.BytesIO(data)) == beside, data


def test_what_is_done_beside_is_done_in_order_and_its_faults_are_raised():
    done: list[int] = []
    with Beside() as beside:
        for n in range(500):
            beside.do(done.append, n)
        beside.wait()
        assert done == list(range(500))

    def fault() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"), Beside() as beside:
        beside.do(fault)
