"""A condition holds for the rows it says, and what makes no sense is refused with its place."""

import numpy as np
import pytest

from l2c.monitor.when import DAY, FLAG, NUMBER, TEXT, Moment, Table, condition
from l2c.words.errors import BadAlerts

KINDS = {"amount": NUMBER, "quiet_days": NUMBER, "stage": TEXT, "close_date": DAY, "renewal": FLAG, "地域": TEXT}
TABLE = Table("open_deals", KINDS, {"stage": ["Proposal", "Negotiation"]}.get)
# Day 100 is today, in a quarter that began on day 90 and ends on day 181.
NOW = Moment(100, (90, 181))
ROWS = {
    "amount": np.array([50_000.0, 150_000.0, np.nan, 200_000.0]),
    "quiet_days": np.array([1.0, 20.0, 30.0, 40.0]),
    "stage": np.array(["Proposal", "Negotiation", "Proposal", None], object),
    "close_date": np.array([99.0, 100.0, 181.0, 182.0]),
    "renewal": np.array([True, False, None, False], object),
    "地域": np.array(["東", "西", "東", "西"], object),
}


def rows(text):
    """Numbers of the rows for which it holds."""
    return np.flatnonzero(condition(text, TABLE, "alert a, when").holds(ROWS.__getitem__, NOW)).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("amount > 100_000", [1, 3]),
        # What is missing is neither above nor not above.
        ("not amount > 100_000", [0]),
        ("100_000 < amount and quiet_days >= 40", [3]),
        ("amount > 100_000 or quiet_days == 30", [1, 2, 3]),
        ("10 < quiet_days < 35", [1, 2]),
        ("stage == 'Proposal'", [0, 2]),
        ("stage != 'Proposal'", [1]),
        ("stage not in ['Proposal', 'Negotiation']", []),
        ("stage in ['Negotiation'] and (amount > 0 or\n quiet_days > 0)", [1]),
        ("renewal", [0]),
        ("not renewal", [1, 3]),
        ("renewal == False", [1, 3]),
        ("地域 == '東'", [0, 2]),
        ("close_date < today", [0]),
        ("close_date <= this_quarter", [0, 1, 2]),
        ("close_date == this_quarter", [0, 1, 2]),
        ("close_date > this_quarter", [3]),
        ("close_date >= '1970-07-01'", [2, 3]),
        ("quiet_days > amount", []),
        ("amount > -1", [0, 1, 3]),
    ],
)
def test_a_condition_holds_for_the_rows_it_says(text, expected):
    assert rows(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("amont > 1", ["line 1, column 1", "'amont'", "Closest: amount"]),
        ("amount > 1 and\n  stag == 'Proposal'", ["line 2, column 3", "stage"]),
        # Columns are counted in letters, not in bytes.
        ("地域 == '東' and amont > 1", ["line 1, column 15", "amount"]),
        ("win_share < 0.3", ["line 1, column 1", "'win_share' is no column of"]),
        ("amount > 'much'", ["line 1, column 1", "amount cannot be compared with 'much'", "100_000"]),
        ("stage == 5", ["stage cannot be compared with 5", "'Proposal'"]),
        ("close_date < 30", ["close_date cannot be compared with 30", "today"]),
        ("amount < today", ["amount cannot be compared with today"]),
        ("stage == 'Propsal'", ["line 1, column 10", "no stage is called 'Propsal'", "Proposal"]),
        ("amount >", ["line 1", "cannot be understood"]),
        ("amount = 5", ["line 1, column 8", "cannot be understood"]),
        ("amount + 1 > 5", ["'amount + 1'"]),
        ("open('x')", ["line 1, column 1", "cannot be understood"]),
        ("amount.real > 1", ["amount.real"]),
        ("__import__('os').system('x') == 0", ["cannot be understood"]),
        ("1 < 2", ["cannot be understood"]),
        ("amount", ["cannot be understood"]),
        ("stage in 'Proposal'", ["cannot be understood"]),
        ("stage < 'Proposal'", ["cannot be understood"]),
        ("[x for x in stage]", ["cannot be understood"]),
        ("amount > 10 ** 10 ** 10", ["cannot be understood"]),
        ("not " * 5000 + "renewal", ["cannot be understood"]),
        ("(" * 3000 + "renewal" + ")" * 3000, ["cannot be understood"]),
        ("amount > 1\0", ["cannot be understood"]),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(text, words):
    with pytest.raises(BadAlerts) as refused:
        rows(text)
    assert "In alert a, when" in str(refused.value)
    assert [word for word in words if word not in str(refused.value)] == []
