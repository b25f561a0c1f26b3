"""What a case is: open, won, lost, paid, or a lead that was given up; and whether a log can tell."""

import polars as pl
from hypothesis import given

import l2c
from l2c import discover, engine
from l2c.log import build, outcomes
from l2c.measures.facts import NEVER, Facts
from tests.logs import event_rows, from_text, rows_from_text


def statuses(log):
    cases = engine.collect(log.cases)
    return dict(zip(cases["case_id"], cases["status"], strict=True))


def test_the_last_close_decides_unless_the_deal_was_reopened_after_it():
    log = from_text("""
        open: Opportunity Created 0
        won: Opportunity Created 0, Closed Lost 3, Opportunity Reopened 4, Closed Won 9
        lost: Opportunity Created 0, Closed Won 3, Closed Lost 4
        again: Opportunity Created 0, Closed Lost 3, Opportunity Reopened 4
        paid: Opportunity Created 0, Closed Won 3, Payment Received 40
        lead: Lead Created 0, Lead Disqualified 2
    """)
    expected = {"open": "open", "won": "won", "lost": "lost", "again": "open", "paid": "paid", "lead": "lead_lost"}
    assert statuses(log) == expected
    assert set(expected.values()) == set(outcomes.STATUSES)


def test_without_a_closing_event_the_won_flag_and_the_words_of_the_stage_decide():
    rows = {
        "case_id": ["flag", "stage", "unsaid"],
        "activity": ["Opportunity Created"] * 3,
        "is_won": [True, False, False],
        "stage": ["Negotiation", "Closed Lost - Price", "Negotiation"],
    }
    log = build(pl.DataFrame(rows).with_columns(time=pl.datetime(2025, 1, 1)))
    # False says "not won", which an open deal is too
    assert statuses(log) == {"flag": "won", "stage": "lost", "unsaid": "open"}


def test_where_payments_are_recorded_a_won_deal_still_waits_for_one():
    assert outcomes.final(["Closed Won", "Payment Received"]) == ("lost", "lead_lost", "paid")
    assert outcomes.final(["Closed Won"]) == ("lost", "lead_lost", "paid", "won")


def test_a_log_in_which_nothing_ends_knows_no_outcomes():
    assert not outcomes.are_known(from_text("a: Opportunity Created 0").cases)
    assert outcomes.are_known(from_text("a: Opportunity Created 0, Closed Lost 2").cases)


def test_every_outcome_of_a_filter_means_statuses_that_there_are():
    assert {status for meant in outcomes.OUTCOMES.values() for status in meant} == set(outcomes.STATUSES)
    assert outcomes.OUTCOMES["won"] == ["won", "paid"]


def test_a_filter_finds_a_deal_in_the_period_of_the_close_that_counts():
    log = from_text(
        """
        won: Opportunity Created 0, Closed Lost 10, Opportunity Reopened 40, Closed Won 70
        lost: Opportunity Created 0, Closed Lost 12
        again: Opportunity Created 0, Closed Lost 15, Opportunity Reopened 50
        """,
        until=100,
    )
    # January has day 12 alone: the deal of day 10 was won in March, that of day 15 is open again.
    assert log.where(closed="2025-01").n_cases == 1
    march = log.where(closed="2025-03")
    assert (march.n_cases, march.where(outcome="won").n_cases) == (1, 1)
    # The chart by month, the filter and the card say the same.
    months = discover.throughput(log).set_index("month")
    assert months["won"].tolist() == [0, 0, 1, 0] and months["lost"].tolist() == [1, 0, 0, 0]
    assert l2c.kpis(march, only=["win_rate"])["value"].item() == 1
    # 70 days, 12 days, and one that still waits: S(12) = 2/3, S(70) = 1/3.
    cycle = l2c.kpis(log, only=["sales_cycle_days"]).iloc[0]
    assert (cycle["value"], cycle["cases"], cycle["censored"]) == (70, 3, 1)


def test_a_closed_deal_belongs_to_whoever_owned_it_then():
    rows = rows_from_text("""
        a: Opportunity Created 0, Closed Won 10, Invoice Sent 20
        b: Opportunity Created 0, Closed Lost 10, Invoice Sent 20
        c: Opportunity Created 0, Quote Sent 30
    """)
    # Ann sold, and left; all that she had is Bob's today.
    rows["rep"] = ["Ann", "Ann", "Bob"] * 2 + ["Ann", "Bob"]
    log = build(rows)
    cases = engine.collect(log.cases).set_index("case_id")["rep"]
    assert cases.to_dict() == {"a": "Ann", "b": "Ann", "c": "Bob"}
    assert l2c.kpis(log.where(rep="Ann"), only=["win_rate"])["cases"].item() == 2


@given(event_rows())
def test_won_lost_and_open_are_said_alike_by_filters_and_facts(rows):
    log = build(rows)
    facts = Facts.of(log)
    won = log.where(outcome="won").n_cases
    assert int((facts.won != NEVER).sum()) == won
    assert int((facts.lost != NEVER).sum()) == log.where(outcome="lost").n_cases
    closed = log.where(closed=(None, log.extracted)) if won else log.where(outcome="won")
    assert closed.n_cases == int(facts.closed.sum()) or not won
