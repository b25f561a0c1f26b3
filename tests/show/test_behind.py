"""The cases behind a number: packed small, unpacked the same, and those that the number counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2c.measures.behind import packed, unpacked
from l2c.show.behind import behind, number


@given(st.sets(st.integers(0, 20_000), max_size=60))
def test_places_come_back_as_they_were_packed(places):
    assert unpacked(packed(places)).tolist() == sorted(places)


def test_many_cases_take_a_bit_each_and_few_a_byte_each():
    assert len(packed(range(5_000))) == 836 - 1
    assert len(packed([3, 4_000])) <= 7
    assert unpacked(packed(range(0, 5_000, 2))).tolist() == list(range(0, 5_000, 2))


def test_a_number_leads_to_its_cases_and_its_label_is_inert():
    assert (
        number("49 %", [0], 'Win "rate"')
        == f'<span data-cases="{packed([0])}" data-label="Win &quot;rate&quot;">49 %</span>'
    )
    assert number("49 %", None, "Win rate") == "49 %"
    assert behind(np.array([], int), "Nothing") == ""


@pytest.mark.parametrize("text", ["", "AA"])
def test_nothing_packed_is_no_case(text):
    assert unpacked(text).tolist() == []
