"""Tags and due dates: counted by hand."""

import pandas as pd
import pytest

from l2c.diagnose import compliance, due_dates, tag_counts, tags
from l2c.words.errors import BadRules, UnknownName
from tests.logs import ORIGIN, demo, from_table, from_text


def day(number):
    return pd.Timestamp(ORIGIN) + pd.Timedelta(days=number)


def of(table, due):
    return table[table["due"] == due].set_index("case_id")


def test_expected_against_actual_dates():
    log = from_text(
        """
        soon: Closed Won 0.5, Sales Order Created 7.9
        late: Closed Won 0.5, Sales Order Created 8
        over: Closed Won 0
        young: Closed Won 15
        """,
        until=20,
    )
    table = of(due_dates(log), "order")
    # a week is allowed, and the whole of its last day
    assert table["expected"].dt.normalize().tolist() == [day(7), day(7), day(7), day(22)]
    assert table.loc["soon", "late"] == False  # noqa: E712
    assert table.loc["late", "late"] == True  # noqa: E712
    assert table.loc["late", "days_late"] == 1
    assert table.loc["over", "late"] == True  # noqa: E712
    assert table.loc["over", "days_late"] == 13
    assert pd.isna(table.loc["young", "late"])
    assert table["actual"].isna().tolist() == [False, True, False, True]


def test_what_the_loss_of_the_deal_rules_out_is_neither_late_nor_in_time():
    log = from_text("a: Closed Won 0, Closed Lost 30\nb: Closed Won 0, Sales Order Created 1", until=60)
    table = of(due_dates(log), "order")
    assert pd.isna(table.loc["a", "late"])


def test_a_refusal_answers_a_request_in_time():
    asked, refused = "Contract Approval Requested", "Contract Approval Rejected"
    table = of(due_dates(from_text(f"a: {asked} 0, {refused} 2, {asked} 4, Contract Approved 9")), "contract_approval")
    assert table.loc["a", ["late", "days_late"]].tolist() == [False, -1]


def test_payments_are_due_by_their_terms_per_invoice():
    log = from_table(
        """
        case_id | activity | day | object_id | payment_terms_days
        a | Invoice Sent | 0 | I1 | 10
        a | Invoice Sent | 5 | I2 | 10
        a | Payment Received | 10 | I1 | 10
        a | Payment Received | 20 | I2 | 10
        """
    )
    table = of(due_dates(log), "payment")
    assert table["expected"].tolist() == [day(10), day(15)]
    assert table["days_late"].tolist() == [0, 5]
    assert ("a", "paid_late") in tags(log).itertuples(index=False, name=None)


def test_tags_mark_cases():
    ask, yes = "Discount Approval Requested", "Discount Approved"
    log = from_text(
        f"""
        twice: {ask} 0, {yes} 1, {ask} 2, {yes} 3
        once: {ask} 0, {yes} 1
        again: Closed Lost 5, Quote Sent 6
        changed: Closed Won 0, Sales Order Created 1, Order Corrected 2
        unbilled: Closed Won 0, Order Fulfilled 2
        billed: Closed Won 0, Order Fulfilled 2, Invoice Sent 3
        fresh: Closed Won 70, Order Fulfilled 80
        """,
        until=100,
    )
    found = tags(log).groupby("tag")["case_id"].apply(sorted).to_dict()
    assert found["approval_started_twice"] == ["twice"]
    assert found["reopened"] == ["again"]
    assert found["order_changed"] == ["changed"]
    assert found["never_invoiced"] == ["unbilled"]
    assert found["never_ordered"] == ["billed", "unbilled"]


def test_tags_of_rules_are_the_cases_that_break_them():
    log = demo(800)
    broken = compliance(log).set_index("rule")["cases"]
    marked = tags(log).groupby("tag")["case_id"].apply(sorted)
    assert marked["order_before_contract"] == broken["order_before_contract"]
    assert marked["sent_before_approval"] == broken["quote_sent_before_discount_approved"]


def test_counts_by_attribute_add_up_to_the_whole():
    log = demo(2000)
    whole = tag_counts(log).set_index("tag")
    parts = tag_counts(log, by="region").groupby("tag")[["count", "cases"]].sum()
    assert parts.loc["paid_late", "count"] == whole.loc["paid_late", "count"]
    assert whole.loc["paid_late", "cases"] == 2000
    with pytest.raises(UnknownName):
        tag_counts(log, by="colour")


def test_own_tags_and_due_dates(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "tags:\n- {id: big, when: amount > 100}\ndue_dates:\n- {id: quick, from: A, to: B, days: 2}\n", "utf-8"
    )
    log = from_text("a [amount=200]: A 0, B 5\nb [amount=50]: A 0, B 1")
    assert tags(log, path).values.tolist() == [["a", "big"]]
    assert due_dates(log, path)["days_late"].tolist() == [3, -1]
    for text in ("tags:\n- {id: x}", "tags:\n- {id: x, rule: nothing}", "due_dates:\n- {id: x, from: A}"):
        path.write_text(text, "utf-8")
        with pytest.raises(BadRules):
            tags(log, path)
