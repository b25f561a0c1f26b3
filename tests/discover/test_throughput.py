"""Cases started, won, lost and open, month by month."""

import pandas as pd
from hypothesis import given

from l2c.discover.throughput import throughput
from l2c.log import build
from tests.logs import event_rows, from_text


def test_a_case_counts_in_the_month_it_starts_and_in_the_month_it_is_decided():
    # Days 0, 31 and 59 are the first days of January, February and March 2025; the data end on 15 March (day 73).
    table = throughput(
        from_text(
            """
            a: Opportunity Created 0, Closed Won 40
            b: Opportunity Created 5, Closed Lost 20
            c: Opportunity Created 31
            d: Opportunity Created 59, Closed Won 60, Payment Received 70
            """,
            until=73,
        )
    )
    assert table.to_dict("list") == {
        "month": [pd.Timestamp("2025-01-01"), pd.Timestamp("2025-02-01"), pd.Timestamp("2025-03-01")],
        "started": [2, 1, 1],
        "won": [0, 1, 1],
        "lost": [1, 0, 0],
        "open": [1, 1, 1],  # 2-1, 1+1-1, 1+1-1
        "partial": [False, False, True],
    }


def test_a_reopened_deal_is_decided_by_its_last_word():
    table = throughput(from_text("a: Opportunity Created 0, Closed Lost 10, Closed Won 40", until=45))
    assert table["lost"].tolist() == [0, 0]
    assert table["won"].tolist() == [0, 1]


def test_a_month_without_events_has_a_row():
    table = throughput(from_text("a: Opportunity Created 0\nb: Opportunity Created 100", until=100))
    assert table["started"].tolist() == [1, 0, 0, 1]


def test_a_month_that_ended_with_the_data_is_not_partial():
    # Day 30 is 31 January.
    assert throughput(from_text("a: Opportunity Created 0", until=30))["partial"].tolist() == [False]


def test_a_log_without_cases_gives_an_empty_table():
    log = from_text("a: Opportunity Created 0, Closed Won 1").where(outcome="lost")
    table = throughput(log)
    assert len(table) == 0
    assert list(table) == ["month", "started", "won", "lost", "open", "partial"]


@given(event_rows())
def test_what_comes_in_goes_out_or_is_open(rows):
    log = build(rows)
    table = throughput(log)
    assert table["started"].sum() == log.n_cases
    change = table["open"].diff().fillna(table["open"].iloc[0])
    assert (change == table["started"] - table["won"] - table["lost"]).all()
    assert (table["open"] >= 0).all()
    assert table["open"].iloc[-1] == log.where(outcome="open").n_cases
