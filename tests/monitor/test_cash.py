"""Which open invoices are paid late, and how much money comes in when."""

import numpy as np
import pandas as pd
import pytest

from l2c import monitor
from l2c.log import build
from l2c.measures.facts import Facts
from l2c.measures.invoices import invoices
from l2c.monitor.pipeline import bills as known
from l2c.monitor.pipeline.open_invoices import late_shares
from l2c.monitor.pipeline.payers import late_shares_of, payers
from l2c.monitor.pipeline.settled import expected
from l2c.words.errors import BadOption
from tests.logs import ORIGIN, from_text

DAY = pd.Timedelta(days=1)


def paid(count, *, sent=0, after, start=0, **attributes):
    """Lines of invoices that are paid so many days after they were sent."""
    told = ", ".join(f"{name}={value}" for name, value in attributes.items())
    return [f"k{start + k} [{told}]: Invoice Sent {sent}, Payment Received {sent + after}" for k in range(count)]


@pytest.fixture(scope="module")
def rows():
    """A company of prompt and of slow customers, two regions, deals without an invoice."""
    rng = np.random.default_rng(5)
    found = []
    for k in range(260):
        customer, sent = int(rng.integers(12)), float(rng.integers(0, 330))
        late = customer >= 6
        shared = {
            "case_id": f"C{k:03d}", "account": f"A{customer}", "region": "North" if customer % 2 else "South",
            "amount": float(rng.integers(1, 50) * 100), "payment_terms_days": 30.0,
        }  # fmt: skip
        end = sent + 30 + (rng.integers(5, 25) if late else rng.integers(-12, 2))
        steps = [
            ("Opportunity Created", sent - 30),
            ("Closed Won", sent - 5),
            ("Invoice Sent", sent),
            ("Payment Received", end),
        ]
        found += [shared | {"activity": name, "time": ORIGIN + DAY * day} for name, day in steps if day <= 300]
    return pd.DataFrame(found)


@pytest.fixture(scope="module")
def log(rows):
    return build(rows, extracted=ORIGIN + 300 * DAY)


def test_the_chance_of_few_invoices_by_hand():
    # Ten are paid two days early, on the day, three and five days late; one is open and due tomorrow.
    text = [
        *paid(3, after=8, start=0, payment_terms_days=10, amount=100),
        *paid(2, after=10, start=3, payment_terms_days=10, amount=100),
        *paid(3, after=13, start=5, payment_terms_days=10, amount=100),
        *paid(2, after=15, start=8, payment_terms_days=10, amount=100),
        "x [payment_terms_days=10, amount=100]: Invoice Sent 41",
        "y [payment_terms_days=10, amount=50]: Invoice Sent 30",
    ]
    log = from_text("\n".join(text), until=50)
    table = monitor.open_invoices(log).set_index("case_id")
    # Two days early eleven are at risk besides the one that is overdue (12), the day itself leaves 5 of 8.
    assert table.loc["x", "late_share"] == pytest.approx(1 - 2 / 8)
    assert table.loc["x", "low"] < 0.75 < table.loc["x", "high"]
    assert table.loc["x", "late_days"] == -1
    # Past due is late: no chance, but a day.
    assert table.loc["y", "late_days"] == 10 and np.isnan(table.loc["y", "late_share"])
    # One in twenty is paid tomorrow (2 of 8), half of them three days after the due day.
    assert table.loc["x", "paid_low"] == ORIGIN + 51 * DAY
    assert table.loc["x", "paid_median"] == ORIGIN + 54 * DAY
    cash = monitor.cash(log, days=(1, 4, 10))
    # Of 100: a quarter tomorrow, 3 more of 6 by the fourth day (all but those still open); nothing is known of y.
    assert cash["invoices"].iloc[0] == pytest.approx(25)
    assert (cash["invoices"].diff().dropna() >= 0).all()
    assert cash["begin"].eq(ORIGIN + 51 * DAY).all()


def test_customers_pay_as_they_did(log):
    table = monitor.open_invoices(log)
    due = table[table["late_days"] <= -5]
    slow = due["account"].str[1:].astype(int) >= 6
    assert slow.any() and (~slow).any()
    assert due.loc[slow, "late_share"].min() > 0.5 > due.loc[~slow, "late_share"].max()
    assert (due["low"] <= due["late_share"]).all() and (due["late_share"] <= due["high"]).all()
    assert due.loc[slow, "customer_late_share"].min() > 0.8
    # Said as facts of their own invoices.
    assert all(any(note.id == "pays_late" for note in notes) for notes in due.loc[slow, "reasons"])
    assert "invoices of this customer were paid late" in str(due.loc[slow, "reasons"].iloc[0][0])
    assert table["paid_low"].le(table["paid_median"]).all()
    # Held at earlier dates better than the customer's own late share.
    checks = pd.DataFrame(table.attrs["checks"])
    assert len(checks) == 6 and checks["brier"].mean() <= checks["brier_customer"].mean() < checks["brier_curve"].mean()


def test_what_was_known_then_is_what_the_log_of_that_day_knows(log):
    day = (ORIGIN - pd.Timestamp(0)).days + 200
    then = known.then(known.bills(log), known.whole(log), day)
    cut = log.as_of("2025-07-20")
    assert (pd.Timestamp("2025-07-20") - pd.Timestamp(ORIGIN)).days == 200
    other = known.bills(cut)
    assert (then.today, len(then)) == (other.today, len(other))
    for name in ("sent", "due", "end", "entry", "paid", "open", "left"):
        assert sorted(getattr(then, name)) == sorted(getattr(other, name)), name


def test_weeks_add_up_to_what_is_open_and_parts_to_the_whole(log):
    table = monitor.cash(log)
    assert len(table) == 13 and table.attrs["open"] == monitor.open_invoices(log)["open_amount"].sum()
    assert table["invoices"].sum() + table.attrs["later"] == pytest.approx(table.attrs["open"])
    spans = monitor.cash(log, days=(7, 91))
    assert spans["invoices"].iloc[0] == pytest.approx(table["invoices"].iloc[0])
    assert spans["invoices"].iloc[1] == pytest.approx(table["invoices"].sum())
    assert spans["deals"].iloc[1] == pytest.approx(table["deals"].sum()) and table["deals"].sum() > 0
    assert np.allclose(table["total"], table["invoices"] + table["deals"] + table["to_come"])
    for low, middle, high in (("low", "invoices", "high"), ("total_low", "total", "total_high")):
        assert (table[low] <= table[middle]).all() and (table[middle] <= table[high]).all()
    parts = [monitor.cash(log.where(region=region)) for region in ("North", "South")]
    for name in ("invoices", "deals", "to_come", "total"):
        assert np.allclose(sum(part[name] for part in parts), table[name])
    rows = pd.concat([monitor.open_invoices(log.where(region=region)) for region in ("North", "South")])
    whole = monitor.open_invoices(log)
    assert (
        rows.set_index("case_id")["late_share"]
        .sort_index()
        .equals(whole.set_index("case_id")["late_share"].sort_index())
    )


def test_the_order_of_rows_does_not_matter(rows, log):
    mixed = build(rows.sample(frac=1, random_state=1), extracted=ORIGIN + 300 * DAY)
    pd.testing.assert_frame_equal(monitor.open_invoices(mixed), monitor.open_invoices(log))


def test_alerts_get_the_same_chances(log):
    facts = Facts.of(log.in_calendar_time())
    late, day = late_shares(facts)
    still = invoices(facts).still
    table = monitor.open_invoices(log)
    assert np.isnan(late[~still]).all() and np.isnan(day[~still]).all()
    assert np.nansum(late) == pytest.approx(table["late_share"].sum())
    assert sorted(day[still]) == sorted((table["paid_median"] - pd.Timestamp(0)).dt.days)


def test_a_customer_is_drawn_towards_all_by_how_little_is_known(log):
    bills = known.bills(log)
    how = payers(bills)
    count = np.bincount(bills.customer[bills.paid])
    assert np.corrcoef(how.unsure[:-1], -count)[0, 1] > 0.9
    # Nobody knows how a new one pays.
    assert how.unsure[-1] > how.unsure[:-1].max()
    share, low, high, n, late = late_shares_of(bills, bills)
    raw, every = late / n, bills.late[bills.judged].mean()
    assert ((share - every) * (raw - share) >= 0).all() and (low < share).all() and (share < high).all()


def test_an_invoice_in_parts_brings_money_before_it_is_settled():
    rng = np.random.default_rng(2)
    found = []
    for k in range(120):
        sent = float(3 * k)
        shared = {"case_id": f"C{k:03d}", "account": f"A{k % 7}", "amount": 900.0, "payment_terms_days": 30.0}
        found.append(shared | {"activity": "Invoice Sent", "day": sent, "invoice_amount": 900.0})
        for part in range(3):
            name = "Payment Received" if part == 2 else "Partial Payment Received"
            day = sent + 30 * (part + 1) + int(rng.integers(-3, 4))
            found.append(shared | {"activity": name, "day": day, "payment_amount": 300.0})
    rows = pd.DataFrame(found)
    rows["time"] = [ORIGIN + DAY * day for day in rows["day"]]
    log = build(rows[rows["day"] <= 300].drop(columns="day"), extracted=ORIGIN + 300 * DAY)
    table = monitor.cash(log, days=(30,))
    came = rows[
        (rows["day"] > 300) & (rows["day"] <= 330) & rows["case_id"].isin(rows.loc[rows["day"] <= 300, "case_id"])
    ]
    assert table["invoices"].iloc[0] == pytest.approx(came["payment_amount"].sum(), rel=0.15)
    # By the day that settles them half of it would be missed.
    told = expected(log)
    assert (told.open.paid_by(30) @ told.open.rows.left) < 0.75 * table["invoices"].iloc[0]


def test_without_due_dates_there_are_days_of_payment_alone():
    lines = [line for k in range(12) for line in paid(1, sent=k, after=20 + k % 5, start=k, amount=10)]
    log = from_text("\n".join([*lines, "x [amount=10]: Invoice Sent 30"]), until=40)
    table = monitor.open_invoices(log)
    assert table["late_share"].isna().all() and table["due_date"].isna().all() and table["paid_median"].notna().all()
    assert "due date not known: 1 of 1" in str(table.attrs["note"])
    # All that were paid were so within 24 days.
    assert expected(log).money.paid_by(20) == pytest.approx([1])


def test_money_of_several_currencies_is_not_added_up():
    lines = [
        line
        for k in range(24)
        for line in paid(1, sent=k, after=10 + k % 5, start=k, amount=10, currency="EUR" if k % 2 else "JPY")
    ]
    log = from_text(
        "\n".join(
            [*lines, "x [amount=7, currency=EUR]: Invoice Sent 36", "y [amount=9, currency=JPY]: Invoice Sent 36"]
        ),
        until=40,
    )
    assert monitor.cash(log)["invoices"].isna().all()
    assert "amounts in 2 currencies" in str(monitor.cash(log).attrs["note"])
    assert monitor.open_invoices(log)["paid_median"].notna().all()
    assert monitor.cash(log.where(currency="EUR")).attrs["open"] == 7


def test_logs_that_cannot_tell_say_why():
    nothing = from_text("a [amount=5]: Opportunity Created 0, Closed Won 5")
    assert not len(monitor.open_invoices(nothing)) and "no payments" in str(
        monitor.open_invoices(nothing).attrs["note"]
    )
    assert monitor.cash(nothing)["total"].isna().all()
    few = from_text(
        "\n".join(
            [
                *paid(3, after=20, payment_terms_days=30, amount=5),
                "x [amount=5, payment_terms_days=30]: Invoice Sent 10",
            ]
        )
    )
    table = monitor.open_invoices(few)
    assert (
        table["late_share"].isna().all()
        and table["reasons"].iloc[0] == ()
        and "3 invoices were paid" in str(table.attrs["note"])
    )
    assert monitor.cash(few)["invoices"].isna().all() and monitor.cash(few).attrs["open"] == 5
    only = from_text(
        "\n".join(
            f"k{k} [amount=5]: Opportunity Created {k}, Closed Won {k + 5}, Payment Received {k + 9}" for k in range(30)
        )
    )
    assert "does not record Invoice Sent" in str(monitor.open_invoices(only).attrs["note"])
    for asked in ({"weeks": 0}, {"weeks": 99}, {"days": (0, 30)}):
        with pytest.raises(BadOption):
            monitor.cash(few, **asked)
