"""When the money comes in: per invoice, with those still open, against hand counts and the planted truth."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import l2c
from l2c.diagnose import ageing, late_customers, payments, receivables
from l2c.log import build
from l2c.words.errors import UnknownName
from tests.data import sample
from tests.logs import ORIGIN, from_table, from_text
from tests.receivables import write as receivables_file

TWO_INVOICES = """
    case_id | activity | day | object_id | invoice_amount
    a | Opportunity Created | 0 | |
    a | Invoice Sent | 1 | I1 | 300
    a | Invoice Sent | 11 | I2 | 100
    a | Payment Received | 21 | I2 |
    a | Payment Received | 41 | I1 |
"""


def row(table, measure, **where):
    for column, value in where.items():
        table = table[table[column] == value]
    return table[table["measure"] == measure].iloc[0]


def test_each_invoice_is_measured_on_its_own():
    # I2 takes 10 days, I1 40: a median of 10 (half are there); by amount 100 of 400 after 10 days, so 40.
    # First invoice to first payment would say 20.
    found = row(payments(from_table(TWO_INVOICES)), "days_to_pay")
    assert (found["value"], found["weighted"], found["cases"], found["amount"]) == (10, 40, 2, 400)


def test_open_invoices_lengthen_the_time_to_pay():
    log = from_text(
        "a: Invoice Sent 0, Payment Received 10\nb: Invoice Sent 0, Payment Received 20\nc: Invoice Sent 5", until=30
    )
    # S(10) = 2/3, S(20) = 1/3, so 20; the paid ones alone would say 15
    found = row(payments(log), "days_to_pay")
    assert (found["value"], found["cases"], found["censored"]) == (20, 3, 1)


def test_open_and_overdue_is_late_and_not_yet_due_says_nothing():
    log = from_text(
        """
        a [payment_terms_days=30]: Invoice Sent 0, Payment Received 30
        b [payment_terms_days=30]: Invoice Sent 0, Payment Received 50
        c [payment_terms_days=30]: Invoice Sent 0
        d [payment_terms_days=30]: Invoice Sent 90
        """,
        until=100,
    )
    table = payments(log)
    # Of a, b and c two are late, by 20 and by more than 70 days; d is not due before day 120.
    assert row(table, "late_share")["value"] == pytest.approx(2 / 3)
    assert row(table, "late_15_share")["value"] == pytest.approx(2 / 3)
    assert row(table, "late_30_share")["value"] == pytest.approx(1 / 3)
    assert row(table, "late_share")["censored"] == 1
    assert row(table, "late_days")["value"] == 20
    assert row(table, "late_share")["due_days"] == 30


def test_shares_without_open_invoices_have_wilsons_interval():
    log = from_text(
        "\n".join(
            f"c{i} [payment_terms_days=30]: Invoice Sent 0, Payment Received {40 if i < 3 else 20}" for i in range(10)
        )
    )
    from statsmodels.stats.proportion import proportion_confint

    found = row(payments(log), "late_share")
    assert (found["low"], found["high"]) == pytest.approx(proportion_confint(3, 10, method="wilson"))
    # Equal amounts, or none: what counts for its amount is the same or unknown
    assert np.isnan(found["weighted"])


def test_end_of_month_terms_are_due_at_the_end_of_the_next_month():
    rows = pd.DataFrame(
        {
            "Deal": ["a", "b", "c"],
            "Invoice Date": ["2025-01-10", "2025-01-31", "2025-01-31"],
            "Payment Date": ["2025-02-28", "2025-02-28", "2025-03-03"],
            "支払条件": ["月末締め翌月末払い", "Net 30 EOM", "30"],
        }
    )
    log = l2c.read(rows, mapping="case_id=Deal", extracted="2025-06-01")
    assert log.quality.summary()["quarantined"] == 0
    # a: due 28 February, in time. b: due 2 March (30 days after the end of January), in time. c: 2 March too, a day late.
    assert row(payments(log), "late_share")["value"] == pytest.approx(1 / 3)
    kpi = l2c.kpis(log).set_index("kpi").loc["late_payment_share", "value"]
    assert kpi == pytest.approx(1 / 3)


def test_partial_payments_add_up_and_credit_notes_are_taken_off():
    log = from_table(
        """
        case_id | activity | day | object_id | invoice_amount | payment_amount
        a | Invoice Sent | 0 | I1 | 100 |
        a | Payment Received | 10 | I1 | | 60
        a | Payment Received | 30 | I1 | | 40
        b | Invoice Sent | 0 | I2 | 100 |
        b | Credit Note Issued | 5 | I2 | 50 |
        b | Payment Received | 20 | I2 | | 50
        c | Invoice Sent | 0 | I3 | 80 |
        c | Payment Received | 15 | I3 | | 20
        d | Invoice Sent | 0 | I4 | 10 |
        d | Credit Note Issued | 1 | I4 | 10 |
        """,
        until=60,
    )
    # a is paid on day 30, b (of which 50 are left) on day 20, c not yet; d was taken back.
    found = row(payments(log), "days_to_pay")
    assert (found["value"], found["cases"], found["censored"], found["amount"]) == (30, 3, 1, 230)
    assert "credited in full and left out: 1" in str(found["note"])
    aged = ageing(log)
    assert aged["amount"].sum() == 60


def test_what_was_taken_back_is_not_paid_and_what_was_cancelled_is_no_debt():
    log = from_table(
        """
        case_id | activity | day | object_id | invoice_amount | payment_amount
        a | Invoice Sent | 0 | I1 | 100 |
        a | Partial Payment Received | 10 | I1 |  | 100
        a | Payment Reversed | 12 | I1 |  | 100
        a | Payment Received | 50 | I1 |  | 100
        b | Invoice Sent | 0 | I2 | 100 |
        b | Partial Payment Received | 10 | I2 |  | 100
        b | Payment Reversed | 20 | I2 |  | 30
        c | Invoice Sent | 0 | I3 | 80 |
        c | Invoice Cancelled | 5 | I3 |  |
        c | Invoice Sent | 6 | I4 | 70 |
        c | Payment Received | 16 | I4 |  | 70
        """,
        until=60,
    )
    # a is paid on day 50, I4 after ten days; 30 of b are open again; I3 is gone.
    found = row(payments(log), "days_to_pay")
    assert (found["value"], found["cases"], found["censored"], found["amount"]) == (50, 3, 1, 270)
    assert "cancelled and left out: 1" in str(found["note"])
    assert ageing(log)["amount"].sum() == 30
    kpis = l2c.kpis(log).set_index("kpi")
    assert kpis.loc["invoice_to_payment_days", ["value", "cases", "censored"]].tolist() == [50, 3, 1]


def test_an_invoice_paid_in_part_only_is_open():
    log = from_table(
        """
        case_id | activity | day | object_id | invoice_amount | payment_amount
        a | Invoice Sent | 0 | I1 | 100 |
        a | Partial Payment Received | 10 | I1 | | 40
        """,
        until=60,
    )
    assert ageing(log)["amount"].sum() == 60


def test_the_amount_of_a_deal_is_split_evenly_and_it_is_said():
    log = from_table(
        """
        case_id | activity | day | object_id | amount
        a | Invoice Sent | 0 | I1 | 90
        a | Invoice Sent | 0 | I2 | 90
        a | Payment Received | 5 | I1 | 90
        """,
        until=9,
    )
    assert row(payments(log), "days_to_pay")["amount"] == 90
    assert (
        str(row(payments(log), "days_to_pay")["note"]) == "amount of the deal split evenly among its invoices: 2 of 2"
    )
    assert ageing(log).set_index("bucket").loc["no_due_date", "amount"] == 45


def test_a_list_of_invoices_of_several_deals_is_read_as_such():
    rows = pd.DataFrame(
        {
            "Opportunity ID": ["a", "a", "b"],
            "Invoice Number": ["I1", "I2", "I3"],
            "Customer": ["Acme", "Acme", "Best"],
            "Invoice Date": ["2025-01-01", "2025-01-11", "2025-01-05"],
            "Due Date": ["2025-01-31", "2025-02-10", "2025-02-04"],
            "Settled Date": ["2025-02-05", "2025-02-10", None],
            "Invoice Amount": [100, 100, 50],
            "Disputed": ["Yes", "No", "Yes"],
        }
    )
    log = l2c.read(rows, extracted="2025-03-01")
    table = payments(log)
    # I1 takes 35 days and is late, I2 30 and in time, I3 is open and overdue; each amount is the invoice's own
    assert row(table, "days_to_pay")[["value", "cases", "censored", "amount", "note"]].tolist() == [35, 3, 1, 250, None]
    assert row(table, "late_share")["value"] == pytest.approx(2 / 3)
    assert ageing(log).set_index("bucket").loc["0-30", ["cases", "amount"]].tolist() == [1, 50]
    assert late_customers(log)["account"].tolist() == ["Best", "Acme"]


def test_payments_that_name_no_invoice_make_the_deal_one_invoice():
    log = from_table(
        """
        case_id | activity | day | object_id
        a | Invoice Sent | 0 | I1
        a | Invoice Sent | 5 | I2
        a | Payment Received | 20 | P9
        """
    )
    found = row(payments(log), "days_to_pay")
    assert (found["value"], found["cases"]) == (20, 1)
    assert "name none" in str(found["note"])


def test_what_the_draft_of_an_invoice_says_counts_too():
    log = from_table(
        """
        case_id | activity | day | object_id | invoice_amount | payment_terms_days
        a | Invoice Created | 0 | I1 | 70 | 10
        a | Invoice Sent | 2 | I1 | |
        a | Invoice Created | 0 | I2 | 30 | 60
        a | Invoice Sent | 3 | I2 | |
        a | Payment Received | 15 | I1 | |
        a | Payment Received | 20 | I2 | |
        """
    )
    table = payments(log)
    # I1 is due on day 12 and paid on day 15, I2 is in time
    assert row(table, "late_share")[["value", "weighted", "cases", "amount"]].tolist() == [0.5, 0.7, 2, 100]


def test_amounts_in_several_currencies_are_not_added_up_but_settle_each_invoice():
    log = from_table(
        """
        case_id | activity | day | object_id | invoice_amount | payment_amount | currency
        a | Invoice Sent | 0 | I1 | 100 | | USD
        a | Payment Received | 9 | I1 | | 100 | USD
        b | Invoice Sent | 0 | I2 | 100 | | JPY
        b | Payment Received | 5 | I2 | | 40 | JPY
        c | Invoice Sent | 0 | I3 | 100 | | JPY
        c | Payment Received | 9 | I3 | | 100 | JPY
        d | Lead Created | 0 | L1 | | |
        """,
        until=20,
    )
    found = row(payments(log), "days_to_pay")
    # b is paid in part: open, as it would be in one currency. A lead without a currency has none of its own.
    assert (found["value"], found["cases"], found["censored"]) == (9, 3, 1)
    assert np.isnan(found["amount"])
    assert str(found["note"]) == "amounts in 2 currencies"
    assert receivables(log)["value"].isna().all()
    assert ageing(log)["cases"].sum() == 1
    # Chosen by their currency, amounts add up again.
    yen = log.where(currency="JPY")
    assert (yen.currency, yen.one_currency, log.currency, log.one_currency) == ("JPY", True, None, False)
    assert row(payments(yen), "days_to_pay")["amount"] == 200
    assert ageing(yen)["amount"].sum() == 60


def test_invoices_older_than_the_history_enter_late():
    lines = [f"old{i}: Invoice Sent 0, Payment Received {60 + i}" for i in range(5)]
    lines += [f"new{i}: Invoice Sent 50, Payment Received {60 + 10 * i}" for i in range(5)]
    log = from_text("\n".join(lines), history_start=ORIGIN + pd.Timedelta(days=50))
    from statsmodels.duration.survfunc import SurvfuncRight

    time = np.array([60 + i for i in range(5)] + [10 + 10 * i for i in range(5)], float)
    entry = np.array([50.0] * 5 + [0.0] * 5)
    oracle = SurvfuncRight(time, np.ones(10), entry=entry)
    assert row(payments(log), "days_to_pay")["value"] == oracle.quantile(0.5)


def test_receivables_by_hand():
    # 31 days of January and 28 of February, 3,000 and 1,000 invoiced; the extraction is at the end of 28 February.
    log = from_text(
        """
        a [amount=3000, payment_terms_days=30]: Invoice Sent 0
        b [amount=1000, payment_terms_days=30]: Invoice Sent 40
        """,
        until=58,
    )
    table = receivables(log.where()).set_index("measure")["value"]
    # No payment is recorded: what is open is not known
    assert table.isna().all()
    log = from_text(
        """
        a [amount=2000, payment_terms_days=30]: Invoice Sent 0
        b [amount=1000, payment_terms_days=30]: Invoice Sent 40
        c [amount=1000, payment_terms_days=30]: Invoice Sent 0, Payment Received 20
        """,
        until=58,
    )
    table = receivables(log).set_index("measure")["value"]
    # 3,000 open: February's 1,000 whole (28 days), 2,000 of January's 3,000 (2/3 of 31 days)
    assert table["open_receivables"] == 3000
    assert table["overdue_receivables"] == 2000
    assert table["dso_countback_days"] == pytest.approx(28 + 31 * 2 / 3)
    # 59 days of invoices: 3,000 / 4,000 of them; 1,000 is not due yet
    assert table["dso_simple_days"] == pytest.approx(59 * 3 / 4)
    assert table["dso_best_days"] == pytest.approx(59 / 4)
    assert table["delay_days"] == pytest.approx(59 / 2)
    # (0 + 4,000 - 3,000) / (0 + 4,000 - 1,000)
    assert table["collection_rate"] == pytest.approx(1 / 3)


def test_ageing_buckets_begin_the_day_after_the_due_date():
    days = {"a": 70, "b": 69, "c": 40, "d": 39, "e": 10, "f": 9, "g": -21}
    text = "\n".join(f"{k} [payment_terms_days=30, amount=10]: Invoice Sent {v}" for k, v in days.items())
    log = from_text(text + "\nz: Invoice Sent 0, Payment Received 1", until=100)
    table = ageing(log).set_index("bucket")["cases"]
    # Due on days 100, 99, 70, 69, 40, 39, 9: overdue by 0, 1, 30, 31, 60, 61, 91 days
    assert table.to_dict() == {"not_due": 1, "0-30": 2, "31-60": 2, "61-90": 1, "90+": 1}


def test_late_customers_cost_what_their_late_money_costs():
    log = from_text(
        """
        a [account=Acme, amount=3650, payment_terms_days=30]: Invoice Sent 0, Payment Received 40
        b [account=Acme, amount=1000, payment_terms_days=30]: Invoice Sent 0, Payment Received 10
        c [account=Best, amount=3650, payment_terms_days=30]: Invoice Sent 0
        """,
        until=60,
    )
    table = late_customers(log, rate=0.1)
    # Best: 3,650 × 30 days × 10 % / 365 = 30; Acme: 3,650 × 10 days = 10
    assert table["account"].tolist() == ["Best", "Acme"]
    assert table["cost"].tolist() == pytest.approx([30, 10])
    assert table["share"].tolist() == pytest.approx([0.75, 0.25])
    assert table["overdue_amount"].tolist() == [3650, 0]
    assert table["late_days"].tolist() == [30, 10]
    assert table["late_share"].isna().all()  # fewer than 20 invoices each
    assert (table["yearly_rate"] == 0.1).all()


def test_an_unknown_attribute_is_named():
    with pytest.raises(UnknownName):
        payments(from_table(TWO_INVOICES), by="regon")


@pytest.fixture(scope="module")
def demo():
    return l2c.demo()


def test_paper_is_paid_late_as_planted(demo):
    from l2c.demo import truth

    planted = truth().set_index("id").loc["late_paper"]
    table = payments(demo, by="invoice_type")
    late = table[table["measure"] == "late_share"].set_index("invoice_type")
    # 62 % of paper invoices are late, 20 % of the others (and a few that are never paid)
    assert late.loc["Paper", "low"] < 0.62 + 0.012 < late.loc["Paper", "high"]
    others = late.drop("Paper")
    assert (late.loc["Paper", "low"] > others["high"]).all()
    days = table[table["measure"] == "days_to_pay"].set_index("invoice_type")["value"]
    assert 0.5 * planted["naive"] < days["Paper"] - days["Electronic"] < 1.5 * planted["naive"]


def test_the_kpis_say_the_same(demo):
    kpi = l2c.kpis(demo).set_index("kpi").loc["invoice_to_payment_days"]
    found = row(payments(demo), "days_to_pay")
    assert (found["value"], found["cases"]) == (kpi["value"], kpi["cases"])


def test_disputed_invoices_are_the_late_ones(tmp_path):
    hold_what_the_file_says(receivables_file(tmp_path / "invoices"))


def test_disputed_invoices_are_the_late_ones_in_the_known_sample():
    folder = sample("receivables")
    found = hold_what_the_file_says(next(folder.glob("*.csv")))
    # Published figures.
    assert found == (2466, 0.3556, 0.683)


def hold_what_the_file_says(path):
    """Compare the metrics with the file's own columns, invoice by invoice: DaysToSettle and DaysLate."""
    frame = pd.read_csv(path)
    log = l2c.read(path)
    assert "Disputed" in log.attributes
    everything = row(payments(log), "late_share")
    assert everything["cases"] == len(frame)
    assert everything["value"] == pytest.approx((frame["DaysLate"] > 0).mean())
    disputed = row(payments(log, by="Disputed"), "late_share", Disputed="Yes")["value"]
    assert disputed == pytest.approx((frame.loc[frame["Disputed"] == "Yes", "DaysLate"] > 0).mean())
    assert row(payments(log), "days_to_pay")["value"] == frame["DaysToSettle"].median()
    assert row(payments(log), "late_15_share")["value"] == pytest.approx((frame["DaysLate"] > 15).mean())
    weighted = frame.loc[frame["DaysLate"] > 0, "InvoiceAmount"].sum() / frame["InvoiceAmount"].sum()
    assert everything["weighted"] == pytest.approx(weighted)
    return everything["cases"], round(everything["value"], 4), round(disputed, 3)


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["I1", "I2", None]), st.booleans(), st.integers(0, 60)),
        min_size=1,
        max_size=25,
    )
)
def test_nothing_is_lost_and_order_does_not_matter(drawn):
    rows = pd.DataFrame(
        {
            "case_id": [c for c, *_ in drawn],
            "activity": ["Payment Received" if paid else "Invoice Sent" for _, _, paid, _ in drawn],
            "time": [ORIGIN + pd.Timedelta(days=d) for *_, d in drawn],
            "object_id": [o for _, o, _, _ in drawn],
            "amount": 10.0,
            "payment_terms_days": 15.0,
        }
    )
    log, turned = build(rows), build(rows.iloc[::-1])
    for metric in (payments, receivables, ageing):
        pd.testing.assert_frame_equal(metric(log), metric(turned))
    found = row(payments(log), "days_to_pay")
    if "no payments recorded" not in str(found["note"]):
        assert ageing(log)["cases"].sum() == found["censored"]
