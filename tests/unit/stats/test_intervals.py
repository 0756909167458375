import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dueregard.stats.intervals import as_columns, check_counts, in_blocks, merge_equal, one_tail


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10**9)), max_size=40))
def test_merged_pairs_are_different_and_lead_back_to_every_element(pairs):
    columns = np.array(pairs, dtype=float).reshape(-1, 2).T
    first, second, position = merge_equal(*columns)
    assert np.array_equal(np.stack([first, second])[:, position], columns)
    assert len({*zip(first, second, strict=True)}) == first.size == len({*pairs})


def test_pairs_too_large_to_pack_are_merged_as_well():
    first, second, position = merge_equal(np.array([1e12, 1, 1e12]), np.array([1e12, 1, 1e12]))
    assert first.tolist() == [1, 1e12] and position.tolist() == [1, 0, 1]
    assert second.tolist() == [1, 1e12]


@pytest.mark.parametrize("bad", [[-1.0], [np.inf], [[1.0, 2.0]]], ids=["negative", "infinite", "two dimensions"])
def test_an_input_that_cannot_be_is_refused_by_name(bad):
    with pytest.raises(ValueError, match="exposure"):
        as_columns(events=1, exposure=bad)


def test_a_fraction_of_an_event_is_refused():
    with pytest.raises(ValueError, match="events"):
        check_counts(events=np.array([1.0, 2.5, np.nan]))


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_outside_0_to_1_is_refused(level):
    with pytest.raises(ValueError, match=r"0\.95"):
        one_tail(level)


def test_long_columns_in_pieces_give_the_same():
    column = np.arange(50_000.0)
    assert np.array_equal(in_blocks(lambda a, b: a + b, column, column), 2 * column)
