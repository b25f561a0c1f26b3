"""From the quote to the contract, and what waiting means for winning, by hand and against brute force."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from l2c import engine
from l2c.diagnose import landmarks, quote_rounds, quote_to_contract, quote_waits
from l2c.log import build
from tests.logs import demo, event_rows, from_table, from_text

WAY = """
    a: Quote Created 0, Discount Approval Requested 1, Discount Approved 4, Quote Sent 5, Quote Accepted 15, \
Contract Created 17, Contract Approval Requested 18, Contract Approved 20, Contract Signed 30, Closed Won 31
    b: Quote Created 0, Quote Sent 2, Quote Revised 10, Quote Sent 11, Closed Lost 21
    c: Quote Created 35, Quote Sent 36
"""


def log():
    return from_text(WAY.replace("\\\n", ""), until=40)


def test_phases_know_for_whom_they_wait():
    table = quote_to_contract(log()).set_index(["from", "to"])
    sent = table.loc[("Quote Created", "Quote Sent")]
    # 5, 2 and 1 days: S(1) = 2/3, S(2) = 1/3
    assert (sent["value"], sent["cases"], sent["censored"], sent["waits_for"]) == (2, 3, 0, "own_team")
    accepted = table.loc[("Quote Sent", "Quote Accepted")]
    # a after 10 days, b lost after 19, c open: who gets there takes 10 days
    assert (accepted["value"], accepted["cases"], accepted["censored"], accepted["lost"]) == (10, 3, 1, 1)
    assert table.loc[("Discount Approval Requested", "Discount Approved"), "value"] == 3
    assert table.loc[("Contract Approval Requested", "Contract Approved"), "value"] == 2
    assert table.loc[("Quote Accepted", "Contract Created"), "waits_for"] == "own_team"
    assert table.loc[("Contract Created", "Contract Signed"), "value"] == 13


def test_approvals_of_contracts_are_measured_per_request():
    found = quote_to_contract(
        from_table(
            """
            case_id | activity | day | object_id
            a | Contract Approval Requested | 0 | C1
            a | Contract Approval Requested | 5 | C2
            a | Contract Approved | 6 | C2
            a | Contract Approved | 9 | C1
            """
        )
    )
    # C2 takes 1 day and C1 9: half are there after 1; the requests and approvals of the deal as one would say 6
    assert (found["value"].item(), found["cases"].item()) == (1, 2)


def test_a_refused_contract_is_decided_and_back_in_the_own_team():
    asked = "Quote Created 0, Contract Approval Requested 2"
    again = "Contract Approval Rejected 10, Contract Approval Requested 12, Contract Approved 30, Contract Signed 30"
    lines = [f"a{i}: {asked}, Contract Approved 10, Contract Signed 10" for i in range(30)]
    log = from_text("\n".join(lines + [f"b{i}: {asked}, {again}" for i in range(30)]))
    # 60 requests are answered after 8 days and 30 after 18; the approver has 30 x 8 + 30 x 26 days, the own team 60 x 2
    # before the request and 30 x 2 after the refusal
    request = quote_to_contract(log).set_index("from").loc["Contract Approval Requested"]
    assert (request["cases"], request["value"], request["p90_days"]) == (90, 8, 18)
    assert quote_waits(log).set_index("waits_for")["case_days"].to_dict() == {"approver": 1020, "own_team": 180}


def test_a_recalled_request_waits_for_nobody_but_the_own_team():
    recalled = "Discount Approval Requested 1, Approval Recalled 3, Discount Approval Requested 7, Discount Approved 8"
    log = from_text(f"a: Quote Created 0, {recalled}, Quote Sent 8, Contract Signed 9")
    # the approver from 1 to 3 and from 7 to 8
    assert quote_waits(log).set_index("waits_for")["case_days"].to_dict() == {
        "own_team": 5,
        "approver": 3,
        "customer": 1,
    }


def test_a_contract_that_is_sent_later_has_not_left_the_house():
    log = from_text(
        "a: Quote Created 0, Contract Created 4, Contract Approval Requested 5, Contract Approved 6, Contract Sent 8, Contract Signed 9"
    )
    # the own team until 5 and from 6 to 8
    assert quote_waits(log).set_index("waits_for")["case_days"].to_dict() == {
        "own_team": 7,
        "approver": 1,
        "customer": 1,
    }


def test_every_day_waits_for_somebody():
    table = quote_waits(log()).set_index("waits_for")
    # a: own 0-1, 4-5, 15-18; approver 1-4, 18-20; customer 5-15, 20-30. b: own 0-2, 10-11; customer 2-10, 11-21.
    # c: own 35-36, customer 36-40, still open.
    assert table["case_days"].to_dict() == {"customer": 42, "own_team": 9, "approver": 5}
    assert table["share"].sum() == pytest.approx(1)
    assert table["cases"].to_dict() == {"customer": 3, "own_team": 3, "approver": 1}
    assert table["censored"].to_dict() == {"customer": 1, "own_team": 1, "approver": 0}


def test_rounds_count_what_is_decided():
    table = quote_rounds(log()).set_index("measure")
    # a and b are decided; b was revised once and lost without an answer; c is open
    assert table.loc["revisions_per_deal", ["value", "cases", "censored"]].tolist() == [0.5, 2, 1]
    assert table.loc["revised_share", "value"] == 0.5
    assert table.loc["approval_rounds", ["value", "cases"]].tolist() == [1, 1]
    assert table.loc["refused_share", "value"] == 0
    assert table.loc["accepted_share", "value"] == 0.5
    assert table.loc["unanswered_share", ["value", "cases"]].tolist() == [1, 1]
    assert np.isnan(table.loc["silent_share", "value"])


def test_what_a_log_never_records_is_unknown_and_not_nought():
    table = quote_rounds(from_text("a: Quote Created 0, Quote Sent 1, Closed Won 2")).set_index("measure")
    assert np.isnan(table.loc["revised_share", "value"])
    assert str(table.loc["revised_share", "note"]) == "no revisions recorded"
    assert np.isnan(table.loc["accepted_share", "value"])


def test_expired_quotes_are_counted_where_the_log_records_them():
    found = quote_rounds(
        from_text(
            """
            a: Quote Created 0, Quote Sent 1, Quote Expired 31, Closed Lost 40
            b: Quote Created 0, Quote Sent 1, Quote Accepted 5, Closed Won 6
            """
        )
    )
    assert found.set_index("measure").loc["expired_share", ["value", "cases"]].tolist() == [0.5, 2]
    assert "expired_share" not in set(quote_rounds(log())["measure"])


def test_silent_quotes_are_older_than_nearly_all_answers_took():
    answered = "\n".join(
        f"a{i}: Quote Created 0, Quote Sent 0, Quote Accepted {1 + i % 10}, Closed Won 11" for i in range(30)
    )
    found = quote_rounds(
        from_text(f"{answered}\nx: Quote Created 0, Quote Sent 1\ny: Quote Created 90, Quote Sent 95", until=100)
    )
    silent = found.set_index("measure").loc["silent_share"]
    # Answers took at most 10 days; x has waited for 99 days, y for 5
    assert (silent["value"], silent["cases"]) == (0.5, 2)


def test_landmarks_tell_deals_apart_by_what_is_known_that_day():
    lines = []
    for i in range(20):
        lines.append(f"early{i}: Quote Sent 0, Quote Accepted 3, Closed {'Won' if i < 18 else 'Lost'} 20")
        lines.append(f"late{i}: Quote Sent 0, Quote Accepted 10, Closed {'Won' if i < 8 else 'Lost'} 30")
        lines.append(f"gone{i}: Quote Sent 0, Closed Lost 5")
    log = from_text("\n".join(lines), until=400)
    table = landmarks(log, days=(7, 14)).set_index(["landmark_days", "group"])
    assert table.loc[(7, "accepted"), ["value", "lost_share", "cases"]].tolist() == pytest.approx([0.9, 0.1, 20])
    assert table.loc[(7, "waiting"), ["value", "lost_share", "cases"]].tolist() == pytest.approx([0.4, 0.6, 20])
    assert table.loc[(7, "decided"), ["value", "lost_share", "cases"]].tolist() == pytest.approx([0.0, 1.0, 20])
    assert table.loc[(7, "difference"), "value"] == pytest.approx(-0.5)
    assert table.loc[(7, "difference"), "high"] < 0
    # On day 14 nobody waits any more
    assert table.loc[(14, "accepted"), "cases"] == 40
    assert np.isnan(table.loc[(14, "waiting"), "value"])
    assert str(table.loc[(14, "difference"), "note"]) == "too few deals to compare"


def test_open_deals_are_followed_as_long_as_they_were_seen():
    from statsmodels.duration.api import CumIncidenceRight

    rng = np.random.default_rng(3)
    ends, started = rng.integers(8, 60, 80), rng.integers(0, 60, 80)
    lines, length, cause = [], [], []
    for i, (end, start) in enumerate(zip(ends, started, strict=True)):
        won, over = i % 3 > 0, start + end <= 90
        lines.append(
            f"d{i}: Quote Sent {start}" + (f", Closed {'Won' if won else 'Lost'} {start + end}" if over else "")
        )
        if start + 7 <= 90:
            length.append(end - 7 if over else 90 - start - 7)
            cause.append((1 if won else 2) if over else 0)
    # One acceptance, so that the log records them at all
    log = from_text("\n".join([*lines, "z: Quote Sent 0, Quote Accepted 1, Closed Won 2"]), until=90)
    found = landmarks(log, days=(7,)).set_index("group").loc["waiting"]
    with np.errstate(divide="ignore", invalid="ignore"):  # statsmodels divides by nobody left at the last time
        oracle = CumIncidenceRight(np.array(length, float), np.array(cause))
    inside = oracle.times <= found["horizon_days"]
    assert found["value"] == pytest.approx(oracle.cinc[0][inside][-1], abs=1e-9)
    assert found["lost_share"] == pytest.approx(oracle.cinc[1][inside][-1], abs=1e-9)
    assert found["censored"] == cause.count(0)


def test_waiting_without_effect_shows_none():
    # Winning does not depend on waiting here; comparing the waits of won and lost deals would say that the won wait
    # longer, since the lost ones had less time to.
    rng = np.random.default_rng(5)
    lines = []
    for i in range(600):
        accepted, end, won = rng.exponential(14), rng.exponential(20), rng.random() < 0.5
        lines.append(
            f"d{i}: Quote Sent 0"
            + (f", Quote Accepted {accepted:.3f}" if accepted < end else "")
            + f", Closed {'Won' if won else 'Lost'} {end:.3f}"
        )
    table = landmarks(from_text("\n".join(lines), until=400))
    gap = table[table["group"] == "difference"]
    assert ((gap["low"] < 0) & (gap["high"] > 0)).all()


def test_acceptances_that_were_not_recorded_are_said():
    lines = [f"a{i}: Quote Sent 0, Quote Accepted 3, Closed Won 20" for i in range(20)]
    lines += [f"b{i}: Quote Sent 0, Closed Won 20" for i in range(20)]
    table = landmarks(from_text("\n".join(lines), until=300), days=(7,)).set_index("group")
    assert str(table.loc["difference", "note"]) == "acceptance not recorded: 20 of 40 won deals"


def test_a_log_without_acceptances_cannot_be_judged():
    assert len(landmarks(from_text("a: Quote Sent 0, Closed Won 9"))) == 0


def test_the_demo_waits_mostly_for_the_customer_and_the_days_add_up():
    log = demo(2000)
    table = quote_waits(log)
    assert table["waits_for"].iloc[0] == "customer"
    assert table["share"].sum() == pytest.approx(1)
    events = engine.collect(log.events.sort("case_key", "position"))
    # Brute force: from the first quote to the signature, the close or the extraction.
    total = 0.0
    for _, case in events.groupby("case_key"):
        quotes = case.loc[case["activity"].isin(["Quote Created", "Quote Sent"]), "time"]
        ends = case.loc[case["activity"].isin(["Contract Signed", "Closed Won", "Closed Lost"]), "time"]
        if len(quotes):
            last = min([*ends, pd.Timestamp(log.extracted)])
            total += max((last - quotes.min()).total_seconds(), 0) / 86_400
    assert table["case_days"].sum() == pytest.approx(total)


@given(event_rows())
def test_the_order_of_the_rows_does_not_matter(rows):
    # Between known activities the process decides about ties, not the source.
    rows = rows[rows["activity"].str.startswith(("Opp", "Quote", "Closed"))]
    if len(rows):
        for metric in (quote_to_contract, quote_waits, quote_rounds, landmarks):
            pd.testing.assert_frame_equal(metric(build(rows)), metric(build(rows.iloc[::-1])))
