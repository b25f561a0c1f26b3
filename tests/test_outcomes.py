"""What a case is: open, won, lost, paid, or a lead that was given up; and whether a log can tell."""

import polars as pl

from l2c import engine
from l2c.log import build, outcomes
from tests.logs import from_text


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
