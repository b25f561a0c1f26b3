"""Payment terms as people write them, and the days they lead to."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2c.prepare import values
from l2c.words.payment_terms import Terms, due_day, terms

ORIGIN = date(1970, 1, 1)


def due(text, sent):
    return ORIGIN + timedelta(days=due_day((sent - ORIGIN).days, terms(text)))


@pytest.mark.parametrize(
    ("text", "sent", "expected"),
    [
        ("30", date(2025, 1, 10), date(2025, 2, 9)),
        ("Net 60", date(2025, 1, 10), date(2025, 3, 11)),
        ("2/10 net 30", date(2025, 1, 10), date(2025, 2, 9)),
        ("30日", date(2025, 1, 10), date(2025, 2, 9)),
        ("Due on receipt", date(2025, 1, 10), date(2025, 1, 10)),
        ("EOM", date(2025, 1, 10), date(2025, 1, 31)),
        ("Net 30 EOM", date(2025, 1, 10), date(2025, 3, 2)),
        ("15 MFI", date(2025, 1, 10), date(2025, 2, 15)),
        ("10th prox", date(2025, 12, 31), date(2026, 1, 10)),
        ("月末締め翌月末払い", date(2025, 1, 31), date(2025, 2, 28)),
        ("月末締め翌月末払い", date(2025, 12, 5), date(2026, 1, 31)),
        ("月末締め翌々月10日払い", date(2025, 1, 31), date(2025, 3, 10)),
        ("20日締め翌月末払い", date(2025, 1, 20), date(2025, 2, 28)),
        ("20日締め翌月末払い", date(2025, 1, 21), date(2025, 3, 31)),
        ("末締め60日サイト", date(2025, 1, 15), date(2025, 3, 31)),
        ("翌月20日払い", date(2025, 1, 31), date(2025, 2, 20)),
    ],
)
def test_terms_lead_to_their_day(text, sent, expected):
    assert due(text, sent) == expected


@pytest.mark.parametrize("text", ["", "as agreed", "ZB01", "要相談"])
def test_what_does_not_tell_is_not_guessed(text):
    assert terms(text) is None


@given(st.integers(0, 30_000), st.integers(0, 3), st.integers(1, 31), st.one_of(st.none(), st.integers(1, 31)))
def test_due_days_follow_the_invoice_and_stay_in_their_month(sent, months, day, closing):
    found = due_day(sent, Terms(closing, months, day))
    start, end = ORIGIN + timedelta(days=sent), ORIGIN + timedelta(days=found)
    later = closing is not None and start.day > closing
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months + later
    assert end.day == day or (end + timedelta(days=1)).day == 1


def test_a_column_of_terms_keeps_the_words_of_months():
    column = pl.Series("payment_terms_days", ["30", "Net 60", "月末締め翌月末払い", None, "?"])
    found = values.days(column)
    assert found.numbers.to_list() == [30, 60, None, None, None]
    assert found.unread.to_list() == [False, False, False, False, True]
    assert [s.name for s in values.month_terms(column)] == ["payment_terms"]
    assert values.month_terms(column.head(2)) == []
