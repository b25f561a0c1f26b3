"""Who breaks which rule; who cannot be judged."""

import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from l2c.diagnose import compliance, violations
from l2c.log import build
from tests.logs import ORIGIN, from_text


def verdict(log, rule):
    return violations(log).set_index("rule").loc[rule]


def test_won_deals_need_a_contract():
    log = from_text(
        """
        a: Contract Signed 0, Closed Won 1
        b: Closed Won 1
        c: Closed Lost 1
        d: Opportunity Created 0
        """
    )
    found = verdict(log, "won_without_contract")
    assert (found["count"], found["applicable"], found["cases"]) == (1, 2, ["b"])
    assert (found["low"], found["high"]) == pytest.approx(proportion_confint(1, 2, method="wilson"))


def test_a_rule_about_what_the_log_does_not_record_applies_to_no_case():
    found = verdict(from_text("a: Closed Won 1"), "won_without_contract")
    assert (found["count"], found["applicable"], found["cases"]) == (0, 0, [])
    assert pd.isna(found["share"])


def test_an_order_needs_a_contract_before_it():
    log = from_text(
        """
        a: Contract Signed 0, Sales Order Created 1
        b: Sales Order Created 1, Contract Signed 2
        c: Sales Order Created 1
        d: Contract Signed 1, Sales Order Created 1
        """
    )
    found = verdict(log, "order_before_contract")
    # c may still get its contract; were it won without one, that is another rule's business
    assert (found["cases"], found["applicable"]) == (["b"], 3)
    table = compliance(log).set_index("rule")
    assert table.loc["order_before_contract", "pending"] == 1


def test_two_dates_of_one_day_cannot_be_judged():
    rows = pd.DataFrame({"case_id": "a", "activity": ["Sales Order Created", "Contract Signed"], "time": ORIGIN})
    found = verdict(build(rows.assign(precision="day")), "order_before_contract")
    assert (found["count"], found["applicable"], found["unknown"]) == (0, 0, 1)


def test_a_quote_must_wait_for_its_discount():
    ask, yes, no = "Discount Approval Requested", "Discount Approved", "Discount Rejected"
    log = from_text(
        f"""
        a: {ask} 0, {yes} 1, Quote Sent 2
        b: {ask} 0, Quote Sent 1, {yes} 2
        c: {ask} 0, {no} 1, Quote Sent 2
        d: Quote Sent 0, {ask} 1, {yes} 2
        e: {ask} 0, Quote Sent 3
        """
    )
    # d was quoted before anyone asked for a discount: the rule does not apply
    found = verdict(log, "quote_sent_before_discount_approved")
    assert (found["cases"], found["applicable"]) == (["b", "e"], 4)


def test_nobody_approves_what_they_asked_for():
    def events(case, asker, approver):
        return [
            (case, "Discount Approval Requested", 0, asker),
            (case, "Discount Approved", 1, approver),
        ]

    parts = events("own", "Kim", "Kim") + events("other", "Kim", "Sato") + events("nobody", "Kim", None)
    rows = pd.DataFrame(parts, columns=["case_id", "activity", "day", "actor"])
    rows["time"] = ORIGIN + pd.to_timedelta(rows["day"], unit="D")
    found = verdict(build(rows.drop(columns="day")), "approval_by_requester")
    assert (found["cases"], found["applicable"], found["unknown"]) == (["own"], 2, 1)


def test_rules_are_sorted_by_how_often_they_are_broken():
    log = from_text("a: Contract Signed 3, Closed Won 4\nb: Closed Won 1, Sales Order Created 2\nc: Closed Won 1")
    counts = violations(log)["count"].tolist()
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == 2
