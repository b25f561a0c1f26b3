"""Payment terms as people write them, and the days they lead to."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2c.prepare import values
from l2c.words.payment_terms import Discount, Terms, discount_day, discounts, due_day, terms

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


@pytest.mark.parametrize(
    ("text", "found", "net"),
    [
        ("2/10 net 30", [(0.02, 10)], 30),
        ("2/10, n/30", [(0.02, 10)], 30),
        ("1.5/10 net 45", [(0.015, 10)], 45),
        ("2% 10, net 30", [(0.02, 10)], 30),
        ("Net 30, 2% discount if paid within 10 days", [(0.02, 10)], 30),
        ("3/15, 1/30, n/60", [(0.03, 15), (0.01, 30)], 60),
        ("2 % 10 Tage, 30 Tage netto", [(0.02, 10)], 30),
        ("10 Tage 2% Skonto, 30 Tage netto", [(0.02, 10)], 30),
        ("2,5% 10 Tage, 30 Tage netto", [(0.025, 10)], 30),
        ("14 Tage 3%, 30/2%, 45 netto", [(0.03, 14), (0.02, 30)], 45),
        ("2% Skonto innerhalb 8 Tagen, sonst 30 Tage rein netto", [(0.02, 8)], 30),
        ("10日以内2%割引、30日以内", [(0.02, 10)], 30),
        ("2%10日、正味30日", [(0.02, 10)], 30),
        ("10日以内の支払いで2%割引、30日", [(0.02, 10)], 30),
        # No discount: none agreed, instalments, dates, shares for paying late or in advance.
        *[(text, [], 30) for text in ("net 30", "30", "30 Tage netto", "5% late fee after 30 days")],
        *[(text, [], None) for text in ("2/10", "50/50", "1/15/2025", "50% advance, 50% on delivery")],
    ],
)
def test_cash_discounts_are_read_as_they_are_written(text, found, net):
    assert [(each.share, each.days) for each in discounts(text)] == [pytest.approx(each) for each in found]
    assert (terms(text).days if terms(text) else None) == net


def test_a_discount_may_run_from_the_end_of_the_month():
    (found,) = discounts("2/10 EOM")
    sent = (date(2025, 1, 20) - ORIGIN).days
    assert ORIGIN + timedelta(days=discount_day(sent, found)) == date(2025, 2, 10)
    assert discount_day(sent, Discount(0.02, 10)) == sent + 10


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
    # A discount is no number of days either.
    early = pl.Series("payment_terms_days", ["30", "2/10 net 30"])
    assert values.days(early).numbers.to_list() == [30, 30]
    assert [s.name for s in values.month_terms(early)] == ["payment_terms"]
