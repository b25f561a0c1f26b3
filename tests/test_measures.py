"""One number, one home: whoever shows a measure says what its observations say."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

import l2c
from l2c import diagnose, discover, engine, monitor, show
from l2c.analysis import _kpis, analysis
from l2c.demo.org import write_objects
from l2c.diagnose.causes import targets
from l2c.log import EventLog, build
from l2c.measures.facts import Facts
from l2c.measures.followed import followed
from l2c.measures.observations import observations
from l2c.measures.summary import measured, summary
from l2c.words import vocabulary
from l2c.words.measures import kpis, measures
from tests.kpis_page import PAGE, page
from tests.logs import ORIGIN, from_table, from_text, rows_from_text
from tests.metrics import same

TEXT = """
    a [rep=Ann, amount=100]: Lead Created 0, Opportunity Created 3, Quote Created 4, Quote Sent 6, Quote Revised 7, Quote Sent 9, Contract Signed 20, Closed Won 21, Sales Order Created 22, Order Fulfilled 30, Invoice Sent 31, Payment Received 80
    b [rep=Bob, amount=300]: Lead Created 1, Opportunity Created 2, Quote Created 5, Quote Sent 8, Closed Lost 40
    c [rep=Ann, amount=50]: Lead Created 2, Opportunity Created 10
    d: Lead Created 3
    e [rep=Bob, amount=70]: Opportunity Created 4, Quote Sent 9, Contract Signed 15, Closed Won 16, Sales Order Created 18, Order Corrected 19, Invoice Sent 25, Payment Received 40
"""


@pytest.fixture(scope="module")
def demo() -> EventLog:
    return l2c.demo(1500)


@pytest.fixture(scope="module")
def logs(demo, tmp_path_factory) -> dict[str, EventLog]:
    folder = tmp_path_factory.mktemp("org")
    write_objects(folder, 300, 3)
    late = build(rows_from_text(TEXT), history_start=ORIGIN + timedelta(days=3), extracted=ORIGIN + timedelta(days=99))
    return {
        "demo": demo,
        "part": demo.where(region=demo.distinct("region")[0]),
        "org": l2c.read(folder),
        "text": from_text(TEXT, until=99),
        "late": late,
    }


NAMES = ("demo", "part", "org", "text", "late")


def close(one: float, other: float) -> bool:
    return bool(np.isclose(one, other, rtol=1e-9, equal_nan=True))


def alike(one: pd.Series, other: pd.Series) -> bool:
    """Whether two rows tell the same number, with the same interval and bounds."""
    return all(close(one[name], other[name]) for name in ("value", "low", "high", "bound_low", "bound_high"))


@pytest.mark.parametrize("name", NAMES)
def test_cards_json_and_dashboard_say_what_the_observations_say(logs, name):
    log = logs[name]
    shown = l2c.kpis(log)
    table = shown.set_index("kpi")
    assert list(table.index) == [kpi.id for kpi in kpis()]
    # The whole analysis of a large log takes its time, and its key figures are made by this.
    told = analysis(log)["kpis"] if log.n_cases < 100 else _kpis(shown)
    cards = show.kpi_cards(shown, currency=log.currency).text
    for kpi in kpis():
        found = measured(Facts.of(log), kpi.id)
        card = table.loc[kpi.id]
        assert close(card["value"], found.estimate.value) and card["cases"] == found.cases, kpi.id
        if not np.isnan(card["value"]):
            assert close(told[kpi.id]["value"], card["value"]), kpi.id
            said = show.kpi_card(shown, kpi.id, currency=log.currency).text.split(": ")[1].splitlines()[0]
            assert f"{kpi.en}: {said}" in cards


@pytest.mark.parametrize("name", NAMES)
def test_tables_of_the_diagnosis_say_what_the_cards_say(logs, name):
    log = logs[name]
    cards = l2c.kpis(log).set_index("kpi")
    card = cards["value"]
    paid = diagnose.payments(log).set_index("measure")["value"]
    if len(paid):
        assert close(paid["days_to_pay"], card["invoice_to_payment_days"])
        assert close(paid["late_share"], card["late_payment_incidence"])
    phases = diagnose.quote_to_contract(log)
    phases = phases.set_index(["from", "to"])
    same_way = {
        ("Quote Created", "Quote Sent"): "quote_turnaround_days",
        ("Quote Sent", "Quote Accepted"): "quote_to_accept_days",
        ("Discount Approval Requested", "Discount Approved"): "discount_approval_days",
    }
    for steps, kpi in same_way.items():
        if steps in phases.index:
            assert alike(phases.loc[steps], cards.loc[kpi]), kpi
    rounds = diagnose.quote_rounds(log).set_index("measure")["value"]
    if len(rounds) and not np.isnan(rounds["accepted_share"]):
        assert close(rounds["accepted_share"], card["quote_acceptance_rate"])
    for kpi in kpis():
        # Between two events of a deal, whoever asks for the days in between.
        if kpi.of == "deal" and kpi.kind == "duration" and len(kpi.start) == 1:
            ends = tuple(end for end in kpi.end if end in log.activities)
            if ends and kpi.start[0] in log.activities:
                assert alike(diagnose.times(log, start=kpi.start[0], end=ends).iloc[0], cards.loc[kpi.id]), kpi.id
    funnel = discover.funnel(log).set_index("milestone")
    for before, (name, row) in zip(funnel.index, list(funnel.iterrows())[1:], strict=False):
        for kpi in kpis():
            if kpi.kind == "duration" and (kpi.start, kpi.end) == ((before,), (name,)):
                assert close(row["median_days"], card[kpi.id]), kpi.id
    if list(funnel.index[:2]) == ["Lead Created", "Opportunity Created"]:
        assert close(funnel.loc["Opportunity Created", "conversion"], card["lead_to_opportunity_rate"])


@pytest.mark.parametrize("name", NAMES)
def test_due_dates_and_tags_call_those_invoices_late_that_the_card_does(logs, name):
    log = logs[name]
    due = diagnose.due_dates(log)
    due = due[due["due"] == "payment"]
    facts = Facts.of(log)
    found = observations(facts, "late_payment_incidence")
    if not found.told:
        return
    # The day on which the others are due is an assumption of the file: no agreement was broken.
    known = diagnose.payments(log).set_index("measure").loc["late_share"]
    assert int(due["late"].fillna(False).sum()) >= int(found.late.sum())
    if len(due) == known["cases"]:
        assert int(due["late"].fillna(False).sum()) == int(found.late.sum())
        counts = diagnose.tag_counts(log).set_index("tag")["count"]
        assert counts["paid_late"] == len(np.unique(found.case[found.late]))


@pytest.mark.parametrize("name", ("demo", "part", "org"))
def test_causes_and_reps_compare_the_mature_observations_of_the_card(logs, name):
    facts = Facts.of(logs[name])
    for kpi in targets.RATES:
        target, found = targets.target(facts, kpi), observations(facts, measures()[kpi].to_date or kpi)
        if target is None:
            continue
        # Who leaves deals open that others would have lost is not the better for it.
        hit, decided = found.value > 0, np.ones(len(found), bool) if kpi in targets.ENDS else found.counted
        # By hand: what began so early that 95 % of those that ended took less time than has passed since.
        assert target.value.mean() == pytest.approx(
            hit[decided & (found.start <= found.start[np.isin(found.case, target.case)].max())].mean(), abs=0.02
        )
    table = diagnose.reps(logs[name], names=True)
    for kpi in ("win_rate_incidence", "quote_rework_rate"):
        rows = table[table["measure"] == kpi]
        if len(rows):
            target = targets.target(facts, kpi)
            assert rows["average"].iloc[0] == pytest.approx(target.value.mean(), abs=0.005)


def test_the_side_before_a_change_is_the_card_of_the_log_as_it_was_then():
    rng = np.random.default_rng(5)
    lines = []
    for case in range(400):
        begun = case * 0.5
        opened = begun + rng.exponential(5)
        steps = [f"Lead Created {begun}", f"Opportunity Created {opened}"]
        if rng.random() < 0.8:
            at = opened + rng.exponential(10)
            steps.append(f"Quote Sent {at}")
            steps.append(f"{'Closed Won' if rng.random() < 0.4 else 'Closed Lost'} {at + rng.exponential(20)}")
        lines.append(f"k{case}: {', '.join(steps)}")
    rows = rows_from_text("\n".join(lines))
    change, end = ORIGIN + timedelta(days=100), ORIGIN + timedelta(days=200)
    log = build(rows[rows["time"] <= end], extracted=end)
    earlier = build(rows[rows["time"] < change], extracted=change)
    table = monitor.compare(log, change).set_index("kpi")
    card = l2c.kpis(earlier).set_index("kpi")
    assert not {"lead_conversion_rate", "win_rate", "late_payment_share"} & set(table.index)
    for kpi in ("lead_conversion_incidence", "win_rate_incidence"):
        # Both sides at the same number of days.
        found = observations(Facts.of(earlier), kpi)
        within = table.loc[kpi, "horizon_days"]
        assert within <= card.loc[kpi, "horizon_days"]
        assert close(table.loc[kpi, "before"], followed(found, within=within).estimate.value)
        assert table.loc[kpi, "cases_before"] == card.loc[kpi, "cases"]
    whole = l2c.kpis(log).set_index("kpi")
    # Leads of both windows are all there are: each began in one of them.
    assert (
        table.loc["lead_conversion_incidence", ["cases_before", "cases_after"]].sum()
        == whole.loc["lead_conversion_incidence", "cases"]
    )


@pytest.mark.parametrize("name", ("demo", "org"))
def test_filtering_and_measuring_is_measuring_the_filtered_rows(logs, name):
    log = logs[name]
    part = log.where(outcome="won")
    rows = engine.collect(part.events.sort("case_key", "position"))
    cases = engine.collect(part.cases).drop(
        columns=["case_key", "started", "ended", "duration_days", "events", "variant_id", "status"]
    )
    names = [
        c
        for c in rows
        if c not in ("case_key", "position", "next_activity", "wait_days", "first_of_step", "duration_days")
    ]
    import polars as pl

    alone = build(
        rows[names],
        cases=pl.from_pandas(cases),
        extracted=log.extracted,
        history_start=log.history_start,
        currency=log.currency,
    )
    ids = [
        k.id
        for k in kpis()
        if k.id
        not in (
            "conformance_rate",
            # Which leads are silent is a fact of the whole log.
            "lead_conversion_rate",
            "lead_conversion_incidence",
            "open_pipeline_value",
            "pipeline_velocity",
            "order_error_rate",
        )
    ]
    same(l2c.kpis(part, only=ids), l2c.kpis(alone, only=ids))


def test_several_leads_orders_and_invoices_of_a_deal_count_each():
    log = from_table(
        """
        case_id | activity            | day | object_id
        a       | Lead Created        | 0   | L1
        a       | Lead Created        | 1   | L2
        a       | Opportunity Created | 4   |
        a       | Sales Order Created | 10  | O1
        a       | Sales Order Created | 11  | O2
        a       | Order Corrected     | 12  | O2
        a       | Order Fulfilled     | 14  | O1
        b       | Lead Created        | 2   | L3
        """,
        until=30,
    )
    found = l2c.kpis(log).set_index("kpi")
    # L1 and L2 became the deal, L3 did not.
    assert (found.loc["lead_conversion_rate", "value"], found.loc["lead_conversion_rate", "cases"]) == (2 / 3, 3)
    # What follows L1 is the opportunity after 4 days, not L2 after one; L2 waited 3; nothing followed L3.
    assert sorted(observations(Facts.of(log), "lead_response_days").value) == [3, 4, 28]
    assert (found.loc["order_error_rate", "value"], found.loc["order_error_rate", "cases"]) == (1 / 2, 2)
    # O1 took 4 days; O2 waits.
    assert (found.loc["order_to_fulfilment_days", "value"], found.loc["order_to_fulfilment_days", "censored"]) == (4, 1)
    assert found["note"].isna()[["lead_conversion_rate", "order_error_rate"]].all()


def test_a_case_that_stands_in_for_its_objects_is_said_to():
    notes = l2c.kpis(from_text(TEXT, until=99)).set_index("kpi")["note"]
    notes = notes.map(lambda note: None if note is None else str(note))
    assert notes["lead_conversion_rate"] == "leads have no number: counted by case"
    assert notes["order_error_rate"] == "orders have no number: counted by deal"
    assert notes["invoice_to_payment_days"] == "invoices have no number: counted by deal"
    assert pd.isna(notes["win_rate"])


def test_rework_of_quoted_deals_is_a_number_of_its_own(demo):
    card = l2c.kpis(demo).set_index("kpi")["value"]
    table = diagnose.reps(demo, names=True)
    assert set(table["measure"]) >= {"quote_rework_rate"} and "rework_rate" not in set(table["measure"])
    assert table.loc[table["measure"] == "quote_rework_rate", "average"].iloc[0] == pytest.approx(
        card["quote_rework_rate"], abs=0.03
    )
    assert card["rework_rate"] < 0.2 < card["quote_rework_rate"]


def invoices(paid: tuple[int, int], **columns: object) -> EventLog:
    """Two hundred invoices, half of them paid after so many days, half after others."""
    rows = []
    for n in range(200):
        sent = ORIGIN + timedelta(days=n % 50)
        rows += [
            {"case_id": str(n), "activity": "Invoice Sent", "time": sent, "object_id": f"I{n}"},
            {
                "case_id": str(n),
                "activity": "Payment Received",
                "time": sent + timedelta(days=paid[n % 2]),
                "object_id": f"I{n}",
            },
        ]
    table = pd.DataFrame(rows)
    for name, days in columns.items():
        opened = table.groupby("case_id")["time"].transform("min")
        table[name] = opened + pd.to_timedelta(days, unit="D") if name == "due_date" else days
    return build(table, extracted=ORIGIN + timedelta(days=365))


def test_the_due_date_of_an_invoice_wins_over_the_days_of_the_file():
    log = invoices((20, 45), due_date=60)
    assert l2c.kpis(log).set_index("kpi").loc["late_payment_share", "value"] == 0
    assert diagnose.payments(log).set_index("measure").loc["late_share", "value"] == 0
    due = diagnose.due_dates(log)
    assert not due.loc[due["due"] == "payment", "late"].any()
    # Paid 40 and 15 days before the day they were due.
    assert sorted(due.loc[due["due"] == "payment", "days_late"].unique()) == [-40, -15]
    assert diagnose.tag_counts(log).set_index("tag").loc["paid_late", "count"] == 0


def test_an_instalment_without_an_amount_does_not_pay_the_invoice():
    rows = []
    for n in range(200):
        for activity, day in (("Invoice Sent", 10), ("Partial Payment Received", 20), ("Payment Received", 80)):
            rows.append(
                {
                    "case_id": str(n),
                    "activity": activity,
                    "time": ORIGIN + timedelta(days=day),
                    "payment_terms_days": 30,
                }
            )
    log = build(pd.DataFrame(rows), extracted=ORIGIN + timedelta(days=100))
    paid = diagnose.payments(log).set_index("measure")["value"]
    assert (paid["days_to_pay"], paid["late_days"], paid["late_share"]) == (70, 40, 1)
    assert l2c.kpis(log).set_index("kpi")["value"][["invoice_to_payment_days", "late_payment_share"]].tolist() == [
        70,
        1,
    ]


def test_an_invoice_that_is_not_due_yet_says_nothing_of_lateness():
    # 100 paid after 10 days are never late; of 100 that are paid after 40, those of the last 30 days are not due yet.
    log = invoices((10, 40), payment_terms_days=30)
    early = build(
        engine.collect(log.events)[["case_id", "activity", "time", "object_id"]]
        .assign(payment_terms_days=30)
        .query("time <= @cut", local_dict={"cut": pd.Timestamp(ORIGIN + timedelta(days=49))}),
        extracted=ORIGIN + timedelta(days=49),
    )
    card = l2c.kpis(early).set_index("kpi").loc["late_payment_incidence"]
    # Half are late. Counting those that were paid early as decided, and those that wait as not, would say 29 %.
    assert card["value"] == pytest.approx(0.5, abs=0.02)
    # Nineteen were due by then, nine of them to be paid after 40 days.
    assert card["to_date"] == pytest.approx(9 / 19)
    assert card["value"] == diagnose.payments(early).set_index("measure").loc["late_share", "value"]


def test_summaries_of_parts_are_those_of_the_rows(demo):
    facts = Facts.of(demo)
    found = observations(facts, "win_rate")
    some = found.start >= np.median(found.start)
    part = summary(found.only(some))
    by_hand = found.value[some & (found.how != 0)]
    assert (part.estimate.value, part.cases) == (by_hand.mean(), len(by_hand))


def test_the_page_of_key_figures_says_what_the_table_says():
    assert PAGE.read_text("utf-8") == page(), "run: python -m tests.kpis_page"


def test_every_activity_of_a_measure_stands_in_the_vocabulary():
    known = {each.en for each in (*vocabulary.activities(), *vocabulary.beside())} | {"touch", "answer"}
    for measure in measures().values():
        assert {*measure.start, *measure.end, *measure.ruled_out_by} <= known, measure.id
