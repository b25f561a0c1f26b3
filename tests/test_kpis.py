"""Each KPI on a log small enough to work it out by hand, and against other sources on larger ones."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from statsmodels.duration.survfunc import SurvfuncRight

import l2c
from l2c.kpis import kpis, sample
from l2c.log import build
from l2c.words import measures
from l2c.words.errors import UnknownName
from tests.data import sample as sample_file
from tests.logs import ORIGIN, demo, event_rows, from_text


def row(log, kpi, **options):
    return kpis(log, **options).set_index("kpi").loc[kpi]


def value(log, kpi):
    return row(log, kpi)["value"]


def test_there_is_one_row_per_kpi_in_the_order_of_the_vocabulary():
    table = kpis(from_text("a: Opportunity Created 0, Closed Won 3"))
    ends = ["bound_low", "bound_high", "horizon_days", "to_date"]
    assert list(table) == ["kpi", "value", "low", "high", "unit", "cases", "censored", "note", "target", *ends]
    assert table["kpi"].tolist() == [k.id for k in measures.kpis()]
    assert table["unit"].tolist() == [k.unit for k in measures.kpis()]


def test_what_the_data_do_not_hold_is_missing_not_an_error():
    table = kpis(from_text("a: Legal Review 0, Demo Held 3")).set_index("kpi")
    absent = table.drop(["rework_rate", "conformance_rate", "variants"])
    assert absent["value"].isna().all()
    assert (absent["cases"] == 0).all()
    assert absent["note"].notna().all()


def test_a_filter_that_keeps_nothing_gives_no_numbers():
    log = from_text("a [region=EMEA]: Opportunity Created 0\nb [region=APAC]: Legal Review 0")
    table = kpis(log.where(region="EMEA", includes="Legal Review"))
    assert table.set_index("kpi")["value"].drop("variants").isna().all()


def test_open_deals_lengthen_the_sales_cycle():
    log = from_text(
        """
        a: Opportunity Created 0, Closed Won 10
        b: Opportunity Created 0, Closed Lost 20
        c: Opportunity Created 5              # still open at day 30
        """,
        until=30,
    )
    # S(10) = 2/3, S(20) = 1/3, so the median is 20; the closed deals alone would say 10 or 15
    found = row(log, "sales_cycle_days")
    assert (found["value"], found["cases"], found["censored"]) == (20, 3, 1)


def test_the_sales_cycle_equals_that_of_statsmodels():
    rng = np.random.default_rng(1)
    start, full = rng.uniform(0, 300, 400).round(3), rng.exponential(40, 400).round(3)
    rows = pd.DataFrame({"case_id": np.arange(400), "activity": "Opportunity Created", "days": start})
    ends = rows.assign(activity=rng.choice(["Closed Won", "Closed Lost"], 400), days=start + full)
    rows = pd.concat([rows, ends[ends["days"] <= 300]])
    rows["time"] = ORIGIN + pd.to_timedelta((rows["days"] * 86_400).round(), unit="s")
    log = build(rows.drop(columns="days"), extracted=ORIGIN + pd.Timedelta(days=300))
    time = np.minimum(full, 300 - start)
    curve = SurvfuncRight(time, (start + full <= 300).astype(float))
    expected = curve.surv_times[np.argmax(curve.surv_prob <= 0.5)]
    assert value(log, "sales_cycle_days") == pytest.approx(expected, abs=2e-5)  # rounded to seconds


def test_deals_opened_before_the_history_enter_late():
    # a, b were opened 20 days before the history and are seen only because they lived so long.
    text = """
        a: Opportunity Created 0, Closed Won 50
        b: Opportunity Created 0, Closed Won 60
        c: Opportunity Created 25, Closed Won 35
        d: Opportunity Created 25, Closed Won 37
        """
    # Without late entry half are closed by day 12; with it c is 1 of 2 at day 10, then S(10) = 1/2.
    assert value(from_text(text, until=100), "sales_cycle_days") == 12
    log = from_text(text, until=100, history_start=ORIGIN + pd.Timedelta(days=20))
    assert value(log, "sales_cycle_days") == 10


def test_a_lost_deal_does_not_wait_for_its_contract():
    log = from_text(
        """
        a: Quote Sent 0, Contract Signed 10
        b: Quote Sent 0, Contract Signed 20
        c: Quote Sent 0, Closed Lost 5
        """,
        until=100,
    )
    # Among the deals not lost: 10 and 20
    found = row(log, "quote_to_contract_days")
    assert (found["value"], found["cases"], found["censored"]) == (10, 2, 0)


def test_a_deal_won_without_a_contract_is_counted_as_not_recorded():
    log = from_text(
        """
        a: Quote Sent 0, Contract Signed 10, Closed Won 11
        b: Quote Sent 0, Closed Won 12
        """,
        until=500,
    )
    found = row(log, "quote_to_contract_days")
    assert (found["value"], found["cases"], found["censored"]) == (10, 1, 0)
    assert str(found["note"]) == "end not recorded: 1 of 2"


def test_negative_durations_are_left_out_and_counted():
    good = "\n".join(f"c{i}: Closed Won 0, Sales Order Created {i + 1}" for i in range(19))
    log = from_text(good + "\nbad: Sales Order Created 0, Closed Won 7", until=50)
    found = row(log, "won_to_order_days")
    assert found["cases"] == 19
    assert str(found["note"]) == "negative durations left out: 1 of 20"
    assert found["value"] == 10  # the tenth of nineteen


def test_a_kpi_with_many_negative_durations_is_refused():
    log = from_text(
        """
        a: Closed Won 0, Sales Order Created 3
        b: Sales Order Created 0, Closed Won 7
        """,
        until=50,
    )
    found = row(log, "won_to_order_days")
    assert np.isnan(found["value"])
    assert str(found["note"]) == "too many negative durations: 1 of 2"


def test_a_day_earlier_is_the_same_day_where_there_are_only_dates():
    rows = pd.DataFrame(
        {
            "case_id": ["a", "a"],
            "activity": ["Sales Order Created", "Closed Won"],
            "time": [ORIGIN, ORIGIN + pd.Timedelta(days=1)],
            "precision": "day",
        }
    )
    assert value(build(rows), "won_to_order_days") == 0
    assert np.isnan(value(build(rows.assign(precision="second")), "won_to_order_days"))


def test_rates_have_wilson_intervals():
    log = from_text(
        """
        a [amount=300]: Opportunity Created 0, Closed Won 1
        b [amount=100]: Opportunity Created 0, Closed Lost 1
        c [amount=100]: Opportunity Created 0, Closed Lost 1
        d [amount=100]: Opportunity Created 0, Closed Won 1
        e [amount=500]: Opportunity Created 0
        """,
        until=9,
    )
    found = row(log, "win_rate")
    # Wilson, 2 of 4, 95 %: 0.150 to 0.850
    assert found[["value", "low", "high"]].tolist() == pytest.approx([0.5, 0.15004, 0.84996], abs=1e-5)
    assert (found["cases"], found["censored"]) == (4, 1)
    assert value(log, "win_rate_by_value") == pytest.approx(400 / 600)
    assert row(log, "win_rate", level=0.5)["low"] > found["low"]


def test_where_nothing_can_be_lost_there_is_no_win_rate():
    log = from_text("a: Sales Order Created 0, Payment Received 9\nb: Sales Order Created 0")
    assert row(log, "win_rate")[["cases"]].tolist() == [0]
    assert np.isnan(value(log, "win_rate"))


def test_a_win_rate_is_told_for_the_deals_that_were_followed_for_so_long():
    log = from_text(
        """
        a: Opportunity Created 0, Closed Won 10
        b: Opportunity Created 0, Closed Won 20
        c: Opportunity Created 0, Closed Lost 15
        d: Opportunity Created 0
        e: Opportunity Created 32        # watched for 8 days
        """,
        until=40,
    )
    found = row(log, "win_rate_incidence")
    # Three fifths are followed for 40 days, and the last win came after 20. After 10 days 1 of 4 is won; after 15, 1 of
    # the 3 left is lost; after 20, 1 of the 2 left is won: 1/4 + 3/4 × 2/3 × 1/2.
    assert (found["value"], found["horizon_days"]) == (pytest.approx(1 / 2), 20)
    assert (found["cases"], found["censored"], found["to_date"]) == (5, 2, pytest.approx(2 / 3))
    # A quarter is lost: if the one that is open is won, it is three quarters.
    assert found["bound_low"] == found["low"] < 1 / 2 < 3 / 4 < found["bound_high"] < 1
    assert value(log, "win_rate") == pytest.approx(2 / 3)
    assert sample(log, "win_rate_incidence")["value"].tolist() == [0, 0, 0, 1, 1]


def test_a_lead_gone_silent_has_ended_when_it_fell_silent():
    living = "\n".join(f"a{i}: Lead Created 0, Opportunity Created {i + 1}" for i in range(20))
    dead = "\n".join(f"d{i}: Lead Created 0" for i in range(20))
    found = row(from_text(living + "\n" + dead, until=400), "lead_conversion_incidence")
    # The nineteenth of twenty came after 19 days; none that is silent is open any more.
    assert found[["value", "horizon_days", "censored"]].tolist() == [pytest.approx(19 / 40), 19, 0]
    assert found["bound_high"] < 0.7


def test_what_was_opened_before_the_history_is_counted_only_where_all_of_it_is_known():
    young = "\n".join(
        f"y{i}: Opportunity Created {100 + i}, Closed {'Won' if i % 2 else 'Lost'} {110 + i}" for i in range(40)
    )
    older = "\n".join(f"o{i}: Opportunity Created {i}, Closed Won {105 + i}" for i in range(40))
    since = {"until": 200, "history_start": ORIGIN + pd.Timedelta(days=100)}
    one = row(from_text(young + "\n" + older, **since), "win_rate_incidence")
    assert (one["value"], one["cases"]) == (1 / 2, 40)
    # One that nobody has touched since shows that such deals are known too.
    both = from_text(young + "\n" + older + "\nleft alone: Opportunity Created 0", **since)
    assert row(both, "win_rate_incidence")["cases"] == 81


def test_late_invoices_count_with_the_part_of_their_terms():
    lines = [f"a{i} [payment_terms_days=10]: Invoice Sent {i}, Payment Received {i + 5}" for i in range(80)]
    # Of those with long terms half are late; the younger half is not due yet.
    lines += [
        f"b{i} [payment_terms_days=40]: Invoice Sent {i}, Payment Received {i + 35 + 10 * (i % 2)}" for i in range(35)
    ]
    lines += [f"c{i} [payment_terms_days=40]: Invoice Sent {i}" for i in range(45, 80)]
    log = from_text("\n".join(lines), until=81)
    # 80 with short terms, none late; 70 with long terms, of which 17 of 35 known ones were late (Kaplan-Meier: 36 due).
    assert value(log, "late_payment_incidence") == pytest.approx(70 / 150 * 17 / 35, abs=0.02)
    assert value(log, "late_payment_share") == pytest.approx(17 / (71 + 35), abs=0.03)


def test_a_median_is_a_range_where_it_hangs_on_the_open_ones():
    lines = [f"w{i}: Quote Sent 0, Contract Signed {10 + i}" for i in range(20)]
    lines += [f"o{i}: Quote Sent 0" for i in range(30)] + [f"l{i}: Quote Sent 0, Closed Lost 30" for i in range(10)]
    found = row(from_text("\n".join(lines), until=100), "quote_to_contract_days")
    # Of those that have signed, half did by day 19 or 20; if the open ones sign too, fewer than half have.
    assert np.isnan(found["value"]) and found["bound_low"] < 20
    lines = lines[:20] + lines[20:30] + lines[50:]
    found = row(from_text("\n".join(lines), until=100), "quote_to_contract_days")
    assert found["value"] == 24 and found["bound_low"] < 20 and np.isnan(found["bound_high"])


def test_leads_convert_or_may_still():
    log = from_text(
        """
        a: Lead Created 0, Lead Qualified 1, Opportunity Created 4
        b: Lead Created 0, Opportunity Created 8
        c: Lead Created 0
        """,
        until=9,
    )
    assert row(log, "lead_conversion_rate")[["value", "cases", "censored"]].tolist() == [pytest.approx(2 / 3), 3, 1]
    # The next event came after 1 and 8 days, or not yet after 9: S(1) = 2/3, S(8) = 1/3
    assert value(log, "lead_response_days") == 8
    assert value(log, "lead_to_opportunity_days") == 8


def test_dead_leads_do_not_hide_how_long_the_living_take():
    living = "\n".join(f"a{i}: Lead Created 0, Opportunity Created {i + 1}" for i in range(21))
    dead = "\n".join(f"d{i}: Lead Created 0" for i in range(60))
    # The eleventh of twenty-one; Kaplan-Meier would never reach a half with 60 of 81 leads still there
    assert value(from_text(living + "\n" + dead, until=400), "lead_to_opportunity_days") == 11


def test_each_average_of_discounts_has_its_own_name():
    log = from_text(
        """
        a [discount=0.1, amount=900000]: Opportunity Created 0, Closed Won 9
        b [discount=0.5, amount=5000]: Opportunity Created 0, Closed Won 9
        c [discount=0.5, amount=5000]: Opportunity Created 0, Closed Lost 9
        d [discount=0.9, amount=5000]: Opportunity Created 0
        e: Opportunity Created 0, Closed Won 9
        """
    )
    # 105,000 of a list value of 1,010,000 were given away; the mean of a and b; the mean of a, b and c. d is open.
    assert row(log, "discount_mean")[["value", "cases"]].tolist() == [pytest.approx(105 / 1010), 2]
    assert row(log, "discount_mean_unweighted")[["value", "cases"]].tolist() == [pytest.approx(0.3), 2]
    assert row(log, "discount_mean_closed")[["value", "cases"]].tolist() == [pytest.approx(1.1 / 3), 3]
    # Without amounts nothing can be weighed.
    bare = row(from_text("a [discount=0.1]: Opportunity Created 0, Closed Won 9"), "discount_mean")
    assert np.isnan(bare["value"]) and str(bare["note"]) == "amount known for 0 of 1 won deals"


def objects(text):
    """Rows from `case object activity day`, one a line."""
    rows = [line.split(maxsplit=2) for line in text.strip().splitlines()]
    parts = [(case, None if o == "-" else o, *rest.rsplit(" ", 1)) for case, o, rest in rows]
    frame = pd.DataFrame(parts, columns=["case_id", "object_id", "activity", "day"])
    frame["time"] = ORIGIN + pd.to_timedelta(frame["day"].astype(float), unit="D")
    return frame.drop(columns="day")


def test_invoices_are_measured_one_by_one():
    rows = objects(
        """
        a I1 Invoice Sent 0
        a I2 Invoice Sent 20
        a I1 Payment Received 30
        a I2 Payment Received 60
        b I3 Invoice Sent 0
        """
    )
    log = build(rows, extracted=ORIGIN + pd.Timedelta(days=100))
    # 30, 40 and one unpaid after 100 days; first to first within the deal would be 30, and directly following 10
    found = row(log, "invoice_to_payment_days")
    assert (found["value"], found["cases"], found["censored"]) == (40, 3, 1)


def test_payments_with_numbers_of_their_own_are_matched_by_deal():
    rows = objects(
        """
        a I1 Invoice Sent 0
        a P1 Payment Received 30
        b - Invoice Sent 0
        b - Payment Received 10
        """
    )
    found = row(build(rows), "invoice_to_payment_days")
    assert (found["value"], found["cases"], found["censored"]) == (10, 2, 0)


def test_late_is_what_is_paid_after_the_day_it_was_due_or_is_still_not_paid():
    log = from_text(
        """
        late [payment_terms_days=30]: Invoice Sent 0, Payment Received 31
        same day [payment_terms_days=30]: Invoice Sent 0.2, Payment Received 30.9
        overdue [payment_terms_days=30]: Invoice Sent 0
        young [payment_terms_days=30]: Invoice Sent 90
        no terms: Invoice Sent 0, Payment Received 300
        """,
        until=100,
    )
    assert row(log, "late_payment_share")[["value", "cases", "censored"]].tolist() == [pytest.approx(2 / 3), 3, 1]


def test_a_due_date_goes_before_the_terms():
    rows = objects("a I1 Invoice Sent 0\na I1 Payment Received 20")
    rows["payment_terms_days"] = 30.0
    rows["due_date"] = [ORIGIN + pd.Timedelta(days=10), pd.NaT]
    assert value(build(rows), "late_payment_share") == 1


def test_without_terms_lateness_is_unknown():
    found = row(from_text("a: Invoice Sent 0, Payment Received 31"), "late_payment_share")
    assert np.isnan(found["value"])
    assert str(found["note"]) == "neither payment terms nor due dates"


def test_a_request_asked_twice_waits_from_the_first_time():
    log = from_text(
        """
        a: Discount Approval Requested 0, Discount Approval Requested 2, Discount Approved 6
        b: Discount Approval Requested 0, Discount Rejected 1, Discount Approval Requested 5, Discount Approved 8
        c: Discount Approval Requested 0
        d: Discount Approval Requested 0, Closed Lost 1
        """,
        until=10,
    )
    # Rounds of 6, 1 and 3 days and one open for 10; the lost deal competes. S after 1, 3, 6: 3/4, 1/2, 1/4 of the rest
    found = row(log, "discount_approval_days")
    assert (found["value"], found["cases"], found["censored"]) == (3, 4, 1)


def test_approvals_of_different_quotes_do_not_mix():
    rows = objects(
        """
        a Q1 Discount Approval Requested 0
        a Q2 Discount Approval Requested 1
        a Q2 Discount Approved 2
        a Q1 Discount Approved 9
        """
    )
    assert sorted(sample(build(rows), "discount_approval_days")["value"]) == [1, 9]


def test_lead_to_cash_starts_at_the_lead_where_there_is_one():
    log = from_text(
        """
        a: Lead Created 0, Opportunity Created 10, Closed Won 20, Payment Received 50
        b: Opportunity Created 0, Closed Won 20, Payment Received 30
        c: Lead Created 0
        """,
        until=100,
    )
    rows = sample(log, "lead_to_cash_days")
    assert rows.set_index("case_id")["value"].to_dict() == {"b": 30, "a": 50}


def test_errors_and_rework_are_shares_of_cases():
    log = from_text(
        """
        a: Sales Order Created 0, Order Corrected 1, Order Fulfilled 3
        b: Sales Order Created 0, Order Fulfilled 3, Order Fulfilled 4
        c: Legal Review 0
        """
    )
    assert value(log, "order_error_rate") == 0.5
    assert value(log, "rework_rate") == pytest.approx(1 / 3)
    assert value(log, "variants") == 3


def test_conformance_waits_for_the_deals_that_are_still_on_the_path():
    log = from_text(
        """
        a: Opportunity Created 0, Quote Sent 1, Closed Won 2
        b: Opportunity Created 0, Quote Sent 1, Closed Won 2
        c: Opportunity Created 0, Closed Won 2
        d: Opportunity Created 0, Quote Sent 1
        """
    )
    assert row(log, "conformance_rate")[["value", "cases", "censored"]].tolist() == [pytest.approx(2 / 3), 3, 1]


def test_the_pipeline_is_what_is_open():
    log = from_text(
        """
        a [amount=300]: Opportunity Created 0, Closed Won 10
        b [amount=100]: Opportunity Created 0, Closed Lost 10
        c [amount=500]: Opportunity Created 10
        d [amount=200]: Opportunity Created 20
        e [amount=900]: Lead Created 0
        """,
        until=30,
    )
    assert value(log, "open_pipeline_value") == 700
    assert value(log, "open_pipeline_age_days") == 15
    # Half of the closed deals are won; S(10) = 1/2, so the cycle is 10 days
    assert value(log, "pipeline_velocity") == pytest.approx(700 * 0.5 / 10)


def test_amounts_of_several_currencies_are_not_added_up():
    text = "a [amount=300, currency=EUR]: Opportunity Created 0\nb [amount=100, currency=JPY]: Opportunity Created 0"
    found = row(from_text(text), "open_pipeline_value")
    assert np.isnan(found["value"])
    assert str(found["note"]) == "amounts in 2 currencies"


def test_a_share_of_money_needs_the_amounts_of_the_lost_deals_too():
    log = from_text(
        """
        a [amount=300]: Opportunity Created 0, Closed Won 10
        b [amount=0]: Opportunity Created 0, Closed Lost 10
        c: Opportunity Created 0
        """
    )
    assert np.isnan(value(log, "win_rate_by_value"))
    assert str(row(log, "win_rate_by_value")["note"]) == "amount known for 0 of 1 lost deals"
    assert np.isnan(value(log, "open_pipeline_value"))


def test_the_invoices_of_a_real_ledger_are_as_late_as_its_readme_says():
    rows = pd.read_csv(sample_file("receivables/WA_Fn-UseC_-Accounts-Receivable.csv"), dtype=str)
    dates = {"Invoice Sent": "InvoiceDate", "Payment Received": "SettledDate"}
    parts = [
        rows.assign(activity=activity, time=pd.to_datetime(rows[column], format="%m/%d/%Y"))
        for activity, column in dates.items()
    ]
    events = pd.concat(parts).rename(columns={"customerID": "case_id", "invoiceNumber": "object_id"})
    events["due_date"] = pd.to_datetime(events["DueDate"], format="%m/%d/%Y")
    events["precision"] = "day"
    log = build(events[["case_id", "object_id", "activity", "time", "due_date", "precision"]])
    # One case per customer, many invoices each
    assert log.n_cases == 100
    late = row(log, "late_payment_share")
    assert (late["cases"], round(late["value"], 4)) == (2466, 0.3556)
    paid = row(log, "invoice_to_payment_days")
    assert (paid["cases"], paid["value"]) == (2466, rows["DaysToSettle"].astype(int).median())


def test_quotes_are_accepted_or_overtaken():
    log = from_text(
        """
        a: Quote Created 0, Quote Sent 2, Quote Accepted 5
        b: Quote Created 0, Quote Sent 4, Closed Lost 9
        c: Quote Created 0, Quote Sent 6
        """,
        until=10,
    )
    assert value(log, "quote_turnaround_days") == 4
    assert row(log, "quote_acceptance_rate")[["value", "cases", "censored"]].tolist() == [0.5, 2, 1]


def test_a_sample_leads_back_to_the_cases():
    log = from_text(
        """
        a: Opportunity Created 0, Closed Won 10
        b: Opportunity Created 0, Closed Lost 20
        c: Opportunity Created 5
        """,
        until=30,
    )
    rows = sample(log, "sales_cycle_days", n=3)
    assert rows["case_id"].tolist() == ["a", "b", "c"]
    assert rows["value"].tolist() == [10, 20, 25]
    assert rows["seen"].tolist() == [True, True, False]
    assert rows["ended"].iloc[2] == log.extracted
    assert len(sample(log, "sales_cycle_days", n=2)) == 2
    assert len(sample(log, "order_error_rate")) == 0


def test_every_kpi_can_show_a_sample():
    log = from_text("a [amount=3]: Opportunity Created 0, Closed Won 10\nb: Opportunity Created 0", until=20)
    for kpi in kpis(log)["kpi"]:
        assert list(sample(log, kpi)) == ["case_id", "started", "ended", "value", "unit", "seen"]


def test_an_unknown_kpi_is_named():
    with pytest.raises(UnknownName, match="'speed' is not one of: lead_conversion_rate"):
        sample(from_text("a: Closed Won 1"), "speed")


@given(event_rows())
def test_measuring_a_part_is_measuring_a_log_of_that_part(rows):
    until, quoted = rows["time"].max(), rows[rows["activity"] == "Quote Sent"]["case_id"]
    if not len(quoted):
        return
    part = build(rows, extracted=until).where(includes="Quote Sent")
    alone = build(rows[rows["case_id"].isin(quoted)], extracted=until)
    # The happy path belongs to the whole log, and a log without an activity says nothing about it.
    same = ["win_rate", "rework_rate", "variants", "open_pipeline_age_days"]
    left, right = (kpis(log).set_index("kpi").loc[same, ["value", "cases"]] for log in (part, alone))
    pd.testing.assert_frame_equal(left, right)


def test_a_filtered_log_that_was_saved_keeps_its_numbers(tmp_path):
    log = demo(200).where(outcome="won")
    again = l2c.open(log.save(tmp_path / "log"))
    for left, right in ((log, again), (log.where(region="DACH"), again.where(region="DACH"))):
        pd.testing.assert_frame_equal(kpis(left).drop(columns="note"), kpis(right).drop(columns="note"))


def test_every_measure_says_where_its_facts_come_from_and_what_others_mean_by_it():
    for measure in measures.measures().values():
        assert measure.source and measure.others, measure.id
