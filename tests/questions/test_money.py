"""Money that comes in parts, is credited, discounted or written off: the questions of the trade, with answers by hand.

Definitions: Credit Research Foundation (CEI, DSO, best possible DSO, average days delinquent). The logs are those of
tests/data/questions; every page that tells the same must say the same.
"""

from datetime import datetime
from pathlib import Path

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import l2c
from l2c import diagnose, engine
from l2c.log import build
from l2c.measures.facts import Facts
from l2c.measures.invoices import invoices
from l2c.prepare import in_place
from l2c.prepare.instructions import instructions
from l2c.words.errors import BadMapping
from tests.logs import ORIGIN, from_table

DATA = Path(__file__).parents[1] / "data" / "questions"
TAKEN = {
    "q_cei_partial": "2025-06-30",
    "q_cei_published": "2025-06-30",
    "q_celonis_multi_invoice": "2025-06-30",
    "q_writeoff": "2025-05-31",
    "q_cash_discount": "2025-04-30",
    "q_countback_published": "2025-03-31 23:59:59",
    "q_credit_note_plain": "2025-05-31",
}


def asked(name, **more):
    return l2c.read(DATA / f"{name}.csv", extracted=TAKEN[name], **more)


def kpi(log, id):
    return l2c.kpis(log, only=[id]).iloc[0]


def sums(log):
    return diagnose.receivables(log).set_index("measure")["value"]


def measure(log, name, column="value"):
    return diagnose.payments(log).set_index("measure").loc[name, column]


def statuses(log):
    cases = engine.collect(log.cases)
    return dict(zip(cases["case_id"], cases["status"], strict=True))


def notes(log):
    return str(diagnose.payments(log)["note"].iloc[0])


def agree(log):
    """Ask each page the same question: card, table, due dates, tags, status, ageing, receivables."""
    table, cards = diagnose.payments(log).set_index("measure"), l2c.kpis(log).set_index("kpi")
    for card, row in (("late_payment_incidence", "late_share"), ("invoice_to_payment_days", "days_to_pay")):
        assert cards.loc[card, "value"] == pytest.approx(table.loc[row, "value"], nan_ok=True), card
    assert cards.loc["invoice_to_payment_days", "cases"] == table.loc["days_to_pay", "cases"]
    assert cards.loc["invoice_to_payment_days", "censored"] == table.loc["days_to_pay", "censored"]
    found = invoices(Facts.of(log))
    due = diagnose.due_dates(log)
    due = due[due["due"] == "payment"]
    assert len(due) == len(found)
    assert int(due["actual"].notna().sum()) == int(found.seen.sum())
    if found.known.all():
        assert int(due["late"].fillna(False).astype(bool).sum()) == int((found.late_days > 0).sum())
        tagged = diagnose.tags(log)
        late = set(tagged.loc[tagged["tag"] == "paid_late", "case_id"])
        assert late == set(due.loc[due["late"].fillna(False).astype(bool), "case_id"])
    aged, owed = diagnose.ageing(log), sums(log)
    assert int(aged["cases"].sum()) == int(found.still.sum()) == int(table.loc["days_to_pay", "censored"])
    if not np.isnan(owed["open_receivables"]):
        assert aged["amount"].sum() == pytest.approx(owed["open_receivables"])
        assert aged.loc[~aged["bucket"].isin(["not_due", "no_due_date"]), "amount"].sum() == pytest.approx(
            owed["overdue_receivables"], nan_ok=True
        )
    # A deal is paid when all its invoices are; one that has none left is paid with its payment.
    by_case = pd.Series(found.seen).groupby(found.wait.case).all()
    place = {case: status for case, status in enumerate(engine.collect(log.cases).sort_values("case_key")["status"])}
    for case, is_paid in by_case.items():
        assert place[case] in (("paid", "lost") if is_paid else ("won", "open", "lost")), (case, place[case])
    customers = diagnose.late_customers(log, by="account") if "account" in log.attributes else None
    if customers is not None and len(customers):
        assert customers["overdue_amount"].sum() == pytest.approx(owed["overdue_receivables"])


@pytest.mark.parametrize("name", TAKEN)
def test_every_page_says_the_same(name):
    agree(asked(name))


def test_an_invoice_is_late_when_only_a_part_came_in_time():
    log = asked("q_cei_partial")
    # I1: 800 of 1,000 on 1 February, the rest on 1 June, due on 9 February: 112 days late, paid after 142. I2 is overdue.
    assert kpi(log, "late_payment_share")["value"] == measure(log, "late_share") == 1
    assert kpi(log, "invoice_to_payment_days")["value"] == measure(log, "days_to_pay") == 142
    # The cash of A is in on 1 June, 150 days after 2 January; B and C have not paid: 1 of 3.
    assert kpi(log, "lead_to_cash_days")[["cases", "censored"]].tolist() == [3, 2]
    assert kpi(log.where(outcome="paid"), "lead_to_cash_days")["value"] == 150


def test_collection_effectiveness_begins_with_what_was_open_that_day():
    # (200 + 1,200 - 1,200) / (200 + 1,200 - 700): of I1 200 were open on 1 April.
    assert sums(asked("q_cei_partial"))["collection_rate"] == pytest.approx(200 / 700)


def test_published_examples_stay_right():
    published = sums(asked("q_cei_published"))
    # (10,750 + 6,340 - 6,340) / (10,750 + 6,340 - 3,590) = 79.63 %
    assert published["collection_rate"] == pytest.approx(0.7963, abs=5e-5)
    # March's 900,000 whole (31 days), February's 800,000 whole (28 days), 400,000 of January's 700,000: 17.71 days.
    counted = sums(asked("q_countback_published"))
    assert counted["dso_countback_days"] == pytest.approx(76.71, abs=5e-3)
    # Best possible DSO counts what is not due yet; average days delinquent is the rest.
    assert counted["dso_best_days"] == pytest.approx(900 / 2400 * 81)
    assert counted["delay_days"] == pytest.approx(1200 / 2400 * 81)
    # Days from each invoice to its own payment: 8, 2, 3.
    found = invoices(Facts.of(asked("q_celonis_multi_invoice")))
    assert sorted(found.wait.value.tolist()) == [2, 3, 8]


def test_what_was_written_off_is_bad_debt_and_no_receivable():
    log = asked("q_writeoff")
    owed = sums(log)
    assert owed[["open_receivables", "dso_countback_days", "dso_simple_days", "bad_debt"]].tolist() == [0, 0, 0, 1000]
    assert diagnose.ageing(log)["cases"].sum() == 0
    # It was due on 3 March and given up on 20 May: late, and never paid.
    assert measure(log, "late_share") == 0.5
    assert statuses(log) == {"A": "won", "B": "paid"}
    due = diagnose.due_dates(log)
    due = due[due["due"] == "payment"].set_index("case_id")
    assert (due.loc["A", "days_late"], due.loc["A", "late"]) == (78, True)
    assert pd.isna(due.loc["A", "actual"])
    assert "written off, neither paid nor open: 1" in notes(log)
    # 1,000 could have been collected of IA since 2 March, and was not.
    assert owed["collection_rate"] == 0.5


def with_rows(name, *rows, **columns):
    """A log of the questions with more rows, or columns with one value."""
    table = pd.read_csv(DATA / f"{name}.csv", dtype=str)
    table = pd.concat([table, pd.DataFrame(list(rows))], ignore_index=True).assign(**columns)
    return l2c.read(table, extracted=TAKEN[name])


@pytest.mark.parametrize(
    "terms",
    [
        "2/10 net 30", "2/10, n/30", "2% 10 days, net 30", "2% 10 Tage, 30 Tage netto",
        "10 Tage 2 % Skonto, 30 Tage netto", "2,0 % 10 Tage, 30 Tage netto", "10日以内2%割引、30日以内", "2%10日、正味30日",
        "1/20, 2/10, n/30",
    ],
)  # fmt: skip
def test_a_cash_discount_that_the_terms_name_settles_the_invoice(terms):
    # 980 of 1,000 on day 8 under 2/10 net 30
    log = with_rows("q_cash_discount", payment_terms=terms)
    owed = sums(log)
    assert owed[["open_receivables", "dso_simple_days", "discount_taken"]].tolist() == [0, 0, 20]
    assert measure(log, "late_share") == kpi(log, "late_payment_share")["value"] == 0
    assert statuses(log) == {"A": "paid", "B": "paid"}
    agree(log)


@pytest.mark.parametrize("name", ["Cash Discount Taken", "Skonto", "現金割引", "売上割引", "Early Payment Discount"])
@pytest.mark.parametrize("amount", ["20", None])
def test_a_cash_discount_that_was_booked_settles_the_invoice(name, amount):
    row = {"case_id": "A", "activity": name, "time": "2025-01-18", "object_id": "IA", "payment_amount": amount}
    log = with_rows("q_cash_discount", row)
    assert sums(log)[["open_receivables", "discount_taken"]].tolist() == [0, 20]
    assert measure(log, "late_share") == 0
    agree(log)


def test_a_discount_that_nobody_agreed_or_that_came_too_late_is_open():
    for terms in ("net 30", "2/5 net 30", "1/10 net 30", "5% late fee after 30 days"):
        log = with_rows("q_cash_discount", payment_terms=terms)
        assert sums(log)[["open_receivables", "discount_taken"]].tolist() == [20, 0], terms
        assert measure(log, "late_share") == 0.5
        assert "open with at most 5 % left: 1" in notes(log)
        agree(log)
    assert "if that is a cash discount" in notes(asked("q_cash_discount"))


def test_a_credit_note_without_an_amount_is_said():
    log = asked("q_credit_note_plain")
    said = "with a credit note whose amount is not known, and which is not taken off: 1"
    assert said in notes(log)
    assert said in str(diagnose.receivables(log)["note"].iloc[0])
    for card in ("late_payment_share", "invoice_to_payment_days"):
        assert said in str(kpi(log, card)["note"])
    # With its amount it is taken off, and nothing is to be said.
    row = {"case_id": "A", "activity": "赤伝", "time": "2025-03-21", "object_id": "IA", "payment_amount": "1000"}
    table = pd.read_csv(DATA / "q_credit_note_plain.csv", dtype=str)
    table = table[table["activity"] != "Credit Note Issued"]
    log = l2c.read(pd.concat([table, pd.DataFrame([row])], ignore_index=True), extracted="2025-05-31")
    assert sums(log)[["open_receivables", "credited"]].tolist() == [0, 1000]
    assert "credited in full and left out: 1" in notes(log) and "not known" not in notes(log)


HEAD = "case_id | activity | day | object_id | invoice_amount | payment_amount | due_date\n"


def money(text, until=60, **facts):
    """A log of invoices; due dates count from 2025-01-01 like days."""
    lines = [line.split("|") for line in text.strip().splitlines()]
    for cells in lines:
        day = cells[6].strip() if len(cells) > 6 else ""
        cells[6:] = [str(ORIGIN + pd.Timedelta(days=float(day))) if day else ""]
    table = from_table(HEAD + "\n".join("|".join([*cells, *[""] * (7 - len(cells))]) for cells in lines), until=until)
    rows = engine.collect(table.events).drop(columns=["position", "next_activity", "wait_days", "first_of_step"])
    rows = rows.assign(due_date=pd.to_datetime(rows["due_date"])).drop(columns=["case_key"])
    return build(rows, extracted=ORIGIN + pd.Timedelta(days=until), **facts)


def test_parts_add_up_and_what_is_paid_too_much_is_no_debt():
    log = money("""
        a | Invoice Sent | 0 | I1 | 1000 | | 30
        a | Partial Payment Received | 10 | I1 | | 400
        a | Partial Payment Received | 20 | I1 | | 500
        a | Partial Payment Received | 40 | I1 | | 300
        b | Invoice Sent | 0 | I2 | 1000 | | 30
        b | Partial Payment Received | 10 | I2 | | 400
        b | Payment Received | 20 | I2 | | 300
    """)
    # a has paid 1,200 by day 40, ten days late; 300 of b are open.
    assert sums(log)[["open_receivables", "overdue_receivables"]].tolist() == [300, 300]
    assert statuses(log) == {"a": "paid", "b": "won"}
    assert measure(log, "late_share") == 1
    found = invoices(Facts.of(log))
    assert found.wait.value.tolist() == [40, 60] and found.paid.tolist() == [1000, 700]
    agree(log)


def test_money_that_came_before_its_invoice_leaves_nothing_to_wait_for():
    log = money("""
        a | Payment Received | 0 | I1 | | 100
        a | Invoice Sent | 5 | I1 | 100 | | 35
        b | Partial Payment Received | 0 | I2 | | 40
        b | Invoice Sent | 5 | I2 | 100 | | 35
        b | Payment Received | 25 | I2 | | 60
    """)
    assert sorted(invoices(Facts.of(log)).wait.value.tolist()) == [0, 20]
    assert "paid before they were sent: 1" in notes(log)
    assert (measure(log, "late_share"), sums(log)["open_receivables"]) == (0, 0)
    agree(log)


def test_a_credit_note_after_the_payment_ends_the_balance_on_its_day():
    log = money("""
        a | Invoice Sent | 0 | I1 | 1000 | | 30
        a | Payment Received | 10 | I1 | | 600
        a | Credit Note Issued | 40 | I1 | | 400
        b | Invoice Sent | 0 | I2 | 1000 | | 30
        b | Payment Received | 10 | I2 | | 1000
        b | Credit Note Issued | 40 | I2 | | 400
    """)
    # a owed 400 until day 40; b had paid all on day 10, and gets 400 back.
    assert sorted(invoices(Facts.of(log)).wait.value.tolist()) == [10, 40]
    assert sums(log)[["open_receivables", "credited"]].tolist() == [0, 800]
    assert statuses(log) == {"a": "paid", "b": "paid"}
    agree(log)


def test_the_rest_of_an_invoice_is_written_off_after_a_part_was_paid():
    log = money("""
        a | Invoice Sent | 0 | I1 | 1000 | | 30
        a | Payment Received | 10 | I1 | | 600
        a | Bad Debt | 50 | I1 | |
        b | Invoice Sent | 0 | I2 | 1000 | | 30
        b | Payment Received | 10 | I2 | | 600
        b | Invoice Written Off | 50 | I2 | | 100
        c | Invoice Sent | 0 | I3 | 1000 | | 30
        c | Payment Received | 10 | I3 | | 998
        c | Invoice Written Off | 12 | I3 | | 2
        d | Invoice Sent | 0 | I4 | 1000 | | 30
        d | Invoice Written Off | 50 | I4 | |
        d | Payment Received | 55 | I4 | | 1000
    """)
    # 400 of a are lost; of b 100, and 300 are open; c is paid but for a rounding; d paid after all.
    assert sums(log)[["open_receivables", "bad_debt"]].tolist() == [300, 500]
    assert statuses(log) == {"a": "won", "b": "won", "c": "paid", "d": "paid"}
    agree(log)


def test_a_payment_that_was_taken_back_and_came_again():
    log = money("""
        a | Invoice Sent | 0 | I1 | 100 | | 30
        a | Payment Received | 10 | I1 | | 100
        a | Payment Reversed | 12 | I1 | | 100
        a | Payment Received | 35 | I1 | | 100
        b | Invoice Sent | 0 | I2 | 100 | | 30
        b | Payment Received | 10 | I2 | |
        b | Payment Reversed | 12 | I2 | |
    """)
    assert statuses(log) == {"a": "paid", "b": "won"}
    assert sums(log)["open_receivables"] == 100
    assert measure(log, "late_share") == 1
    agree(log)


def test_what_bears_no_number_belongs_to_the_only_invoice_and_is_said_where_there_are_several():
    log = money("""
        a | Invoice Sent | 0 | I1 | 1000 | | 30
        a | Invoice Written Off | 40 | | |
        b | Invoice Sent | 0 | I2 | 1000 | | 30
        b | Credit Note Issued | 5 | CN7 | | 400
        b | Payment Received | 10 | I2 | | 600
        c | Invoice Sent | 0 | I3 | 1000 | | 30
        c | Invoice Sent | 0 | I4 | 1000 | | 30
        c | Payment Received | 10 | I3 | | 1000
        c | Credit Note Issued | 20 | CN8 | | 1000
        d | Invoice Sent | 0 | | 1000 | | 30
        d | Payment Received | 10 | | | 600
        d | Payment Received | 20 | | | 400
    """)
    assert sums(log)[["open_receivables", "bad_debt", "credited"]].tolist() == [1000, 1000, 400]
    assert statuses(log) == {"a": "open", "b": "paid", "c": "won", "d": "paid"}
    assert "name none of several invoices, not counted: 1" in notes(log)
    agree(log)


def test_without_amounts_the_events_themselves_tell():
    log = money("""
        a | Invoice Sent | 0 | I1 | | | 30
        a | Partial Payment Received | 10 | I1 | |
        a | Payment Received | 20 | I1 | |
        b | Invoice Sent | 0 | I2 | | | 30
        b | Partial Payment Received | 10 | I2 | |
        c | Invoice Sent | 0 | I3 | | | 30
        c | Invoice Written Off | 40 | I3 | |
        d | Invoice Sent | 0 | I4 | | | 30
        d | Invoice Cancelled | 40 | I4 | |
    """)
    assert statuses(log) == {"a": "paid", "b": "open", "c": "open", "d": "open"}
    assert measure(log, "late_share") == pytest.approx(2 / 3)
    assert sums(log).isna().all()
    agree(log)


def test_the_due_date_that_was_agreed_last_counts():
    log = money("""
        a | Invoice Sent | 0 | I1 | 100 | | 30
        a | Invoice Corrected | 10 | I1 | | | 50
        a | Payment Received | 45 | I1 | | 100
        b | Invoice Sent | 0 | I2 | 100 | | 30
        b | Payment Received | 45 | I2 | | 100
    """)
    assert measure(log, "late_share") == 0.5
    agree(log)


def test_amounts_of_several_currencies_settle_each_invoice_and_are_not_added_up():
    rows = """
        case_id | activity | day | object_id | invoice_amount | payment_amount | payment_terms_days | currency
        a | Invoice Sent | 0 | I1 | 100 | | 30 | USD
        a | Payment Received | 9 | I1 | | 60 | | USD
        b | Invoice Sent | 0 | I2 | 90000 | | 30 | JPY
        b | Payment Received | 9 | I2 | | 90000 | | JPY
    """
    log = from_table(rows, until=60)
    assert statuses(log) == {"a": "won", "b": "paid"}
    assert sums(log).isna().all()
    agree(log)
    assert sums(log.where(currency="USD"))["open_receivables"] == 40


def test_a_deal_is_paid_when_all_its_invoices_are():
    log = money("""
        a | Closed Won | 0 | | |
        a | Invoice Sent | 1 | I1 | 500 | | 30
        a | Invoice Sent | 1 | I2 | 500 | | 30
        a | Payment Received | 10 | I1 | |
        b | Closed Won | 0 | | |
        b | Invoice Sent | 1 | I3 | 500 | | 30
        b | Invoice Sent | 1 | I4 | 500 | | 30
        b | Payment Received | 10 | I3 | |
        b | Payment Received | 25 | I4 | |
        c | Closed Won | 0 | | |
        c | Invoice Sent | 1 | I5 | 500 | | 30
        c | Invoice Sent | 1 | I6 | 500 | | 30
        c | Payment Received | 10 | I5 | |
        c | Invoice Cancelled | 12 | I6 | |
        d | Closed Won | 0 | | |
        d | Payment Received | 10 | P1 | |
    """)
    assert statuses(log) == {"a": "won", "b": "paid", "c": "paid", "d": "paid"}
    agree(log)


def test_the_terms_of_a_file_that_does_not_tell_them_can_be_said():
    log = asked("q_cash_discount", mapping={"payment_terms": "2/10 net 30"})
    assert sums(log)[["open_receivables", "discount_taken"]].tolist() == [0, 20]
    assert measure(log, "late_share") == kpi(log, "late_payment_share")["value"] == 0
    # What was said is kept, and can be given again.
    again = asked("q_cash_discount", mapping=log.quality.mapping)
    assert sums(again)["discount_taken"] == 20
    with pytest.raises(BadMapping, match="terms such as 2/10 net 30"):
        asked("q_cash_discount", mapping={"payment_terms": "as agreed"})


def test_the_status_does_not_depend_on_the_engine(tmp_path):
    rows = pd.DataFrame(
        [
            *(("a", "Invoice Sent", 0, "I1", 100, None), ("a", "Invoice Sent", 0, "I2", 100, None)),
            *(("a", "Payment Received", 9, "I1", None, 100), ("b", "Invoice Sent", 0, "I3", 100, None)),
            *(("b", "Payment Received", 9, "I3", None, 60), ("b", "Payment Received", 20, "I3", None, 40)),
            *(("c", "Invoice Sent", 0, "I4", 100, None), ("c", "Payment Received", 9, "I4", None, 60)),
            *(("d", "Invoice Sent", 0, "I5", 100, None), ("d", "Payment Received", 9, "I5", None, 98)),
            ("e", "Payment Received", 9, "P1", None, 98),
        ],
        columns=["case_id", "activity", "day", "object_id", "invoice_amount", "payment_amount"],
    )
    rows["time"] = ORIGIN + pd.to_timedelta(rows.pop("day"), "D")
    pl.from_pandas(rows).write_parquet(tmp_path / "rows.parquet")
    said = {"mapping": {"payment_terms": "2/10 net 30"}, "extracted": ORIGIN + pd.Timedelta(days=60)}
    expected = {"a": "won", "b": "paid", "c": "won", "d": "paid", "e": "paid"}
    assert statuses(l2c.read(tmp_path / "rows.parquet", **said)) == expected
    limit = datetime(2027, 1, 1)
    for made in (in_duckdb, in_polars):
        assert statuses(made(tmp_path / "rows.parquet", instructions(said["mapping"]), limit)) == expected


def in_duckdb(path, said, limit):
    db = engine.database()
    return in_place.read(engine.parquet([str(path)], db), db, path.name, said, limit, limit, None)


def in_polars(path, said, limit):
    named = pl.scan_parquet(path).with_row_index("_row", 1).with_columns(_file=pl.lit(path.name))
    frame = nw.from_native(named)
    return in_place.read(frame, engine.home(frame), path.name, said, limit, limit, None)


MOVES = ("Payment Received", "Partial Payment Received", "Payment Reversed", "Credit Note Issued", "Cash Discount Taken",
         "Invoice Written Off", "Invoice Cancelled")  # fmt: skip


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from(["I1", "I2"]), st.sampled_from(["Invoice Sent", *MOVES]),
                  st.integers(0, 60), st.sampled_from([None, 5.0, 20.0, 98.0, 100.0])),
        min_size=1, max_size=16,
    )
)  # fmt: skip
def test_no_money_is_lost_and_the_order_of_the_rows_does_not_matter(drawn):
    rows = pd.DataFrame(
        {
            "case_id": [case for case, *_ in drawn],
            "activity": [activity for _, _, activity, *_ in drawn],
            # Moves of one moment would be told apart by their place in the source alone.
            "time": [ORIGIN + pd.Timedelta(days=day, minutes=n) for n, (*_, day, _) in enumerate(drawn)],
            "object_id": [name for _, name, *_ in drawn],
            "invoice_amount": [100.0 if activity == "Invoice Sent" else None for _, _, activity, *_ in drawn],
            "payment_amount": [amount if activity != "Invoice Sent" else None for _, _, activity, _, amount in drawn],
            "payment_terms": "2/10 net 30",
        }
    )
    until = ORIGIN + pd.Timedelta(days=61)
    log, turned = build(rows, extracted=until), build(rows.iloc[::-1], extracted=until)
    agree(log)
    assert statuses(log) == statuses(turned)
    found = invoices(Facts.of(log))
    pd.testing.assert_series_equal(sums(log), sums(turned))
    # Each invoice is paid, forgiven, given up or open, to its last penny; and never less than nothing of any.
    parts = found.paid + found.discount + found.bad + found.open_amount
    assert (np.abs(parts - found.amount) <= 0.005 * 100 + 1e-9).all() or found.amount.size == 0
    assert all((part >= 0).all() for part in (found.paid, found.discount, found.bad, found.open_amount)) or (
        (
            np.array([a for a, b in zip(rows["activity"], rows["payment_amount"], strict=True)]) == "Payment Reversed"
        ).any()
    )
