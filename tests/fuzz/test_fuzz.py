"""The gate under fire: no uncaught exception, and no row that the format does not give.

`ways` says what must hold; here it is fed by atheris (which follows the branches of the code) and by Hypothesis.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import ways
from tests.fuzz.run import ATTACKS, FROM_A_SMALL_ONE, ROOT, WAYS, fuzz
from tests.fuzz.seeds import SCHOOL, seeds

needs_atheris = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None,
    reason="atheris has wheels for Linux on x86-64 and CPython 3.11 to 3.13",
)
SEEDS = seeds(ATTACKS)
FEWEST = {"gate": 100, "whole": 5}  # inputs in 15 s of a busy machine: less would mean that nothing was fuzzed


@needs_atheris
@pytest.mark.parametrize("way", WAYS)
def test_fifteen_seconds_each(way, tmp_path):
    _fuzz(way, 15, tmp_path)


@needs_atheris
@pytest.mark.deep
@pytest.mark.parametrize("way", WAYS)
def test_five_minutes_each(way, tmp_path):
    _fuzz(way, 300, tmp_path)


def _fuzz(way, seconds, tmp_path):
    fuzzed = fuzz(way, seconds, tmp_path)
    assert fuzzed.crash is None, fuzzed.words()
    assert fuzzed.n_inputs >= FEWEST[way], fuzzed.words()
    assert fuzzed.n_edges > 0, fuzzed.words()


def test_no_input_leaves_memory_behind():
    """Of 600 inputs: a line or a header that is kept would be hundreds of bytes; pages of the system are some."""
    ran = subprocess.run([*FROM_A_SMALL_ONE, sys.executable, "-m", "tests.fuzz.memory", "600"], capture_output=True,
                         text=True, cwd=ROOT, check=True)  # fmt: skip
    assert float(ran.stdout) < 100


@pytest.mark.parametrize("name", SEEDS)
def test_every_seed_keeps_every_promise(name, tmp_path):
    data = SEEDS[name]
    with ways.small_limits():
        ways.judge_gate(data, tmp_path / "school.csv")
        ways.judge_gate(data, tmp_path / "school.csv", ways.known_of_mapping())
        ways.judge_bytes(data, thoroughly=not data.startswith(b"PAR1"))


# Tables that are almost right: a header that fits, rows of which some fields, ends and widths are not as they should be.
FIELDS = st.one_of(
    st.sampled_from(("", "SS", "100000", "2001-09-01", "901", ways.CANARY, "Süd", "=1+1", "a b")),
    st.sampled_from(('"a,b"', '"a\nb"', '"a\r\nb"', '"a""b"', '""', '"a\rb"', '"""a"""')),  # well quoted
    st.sampled_from(('a"b', '"a"b', ' "a"', '"a" ', '"', "a\rb", "\x00", "\ufeff", "a\u2028b", "x" * 129)),  # not so
)
LINES = st.one_of(
    st.lists(FIELDS, min_size=7, max_size=7), st.lists(FIELDS, max_size=9), st.sampled_from(([], [" "], [""] * 7))
)
ENDS = st.sampled_from(("\n", "\n", "\n", "\r\n", "\r", "\r\r\n"))
HEADER = SCHOOL.splitlines()[0]


@st.composite
def almost_tables(draw) -> bytes:
    """A header of `school`, lines of fields, each with an end, in one of the encodings and signs that are read."""
    delimiter = draw(st.sampled_from((",", ",", ",", ";", "\t", "|")))
    is_even = draw(st.booleans())  # one newline throughout, or one a line
    end = draw(ENDS)
    text = HEADER.replace(",", delimiter) + end
    for line in draw(st.lists(LINES, max_size=8)):
        text += delimiter.join(line) + (end if is_even else draw(ENDS))
    text = text.rstrip("\r\n") if draw(st.booleans()) else text
    return text.encode(draw(st.sampled_from(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32"))))


@given(almost_tables())
@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_a_table_that_is_almost_right(data):
    with ways.small_limits(), ways.folder() as name:
        ways.judge_gate(data, ways.Path(name) / "school.csv")
        ways.judge_bytes(data, thoroughly=False)


def test_the_fuzzer_would_see_a_gate_that_splits_inside_quotes(monkeypatch, tmp_path):
    """A gate that is broken on purpose is found out: the promises are really asked."""
    from dueregard.collect import records

    monkeypatch.setattr(records, "_fields", lambda record, delimiter: record.decode().split(delimiter))
    with pytest.raises(ways.Disagreement, match="other rows"), ways.small_limits():
        ways.judge_gate(SCHOOL.encode(), tmp_path / "school.csv")
    with pytest.raises(ways.Disagreement, match=r"otherwise|other rows"), ways.small_limits():
        ways.judge_bytes(SCHOOL.encode(), thoroughly=False)


def test_the_fuzzer_would_see_a_value_in_a_message(monkeypatch, tmp_path):
    from dueregard.collect import header

    monkeypatch.setattr(header, "safe", lambda name: name)
    with pytest.raises(ways.Disagreement, match="quotes a value"), ways.small_limits():
        ways.judge_bytes(SCHOOL.replace("opened_on", ways.CANARY).encode(), thoroughly=False)


@pytest.mark.parametrize("end", ["", "\r", "\r\n", "\n"])
@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_a_blank_record_about_as_long_as_one_may_be(tmp_path, beyond, end):
    """Found by fuzzing: a last record of blanks with a carriage return and no newline is longer by that sign."""
    with ways.small_limits():
        ways.judge_gate(b'","\n' + b" " * (ways.LONGEST_RECORD + beyond) + end.encode(), tmp_path / "school.csv")
