import itertools

import pandas as pd
import pytest
from hypothesis import given

import l2c
from l2c.discover import flow
from l2c.log import END, START, build
from tests.data import sample
from tests.logs import event_rows, from_text


def test_steps_are_counted_with_their_waits():
    table = flow(
        from_text("""
        a: Opportunity Created 0, Quote Sent 2, Quote Sent 3, Closed Won 10
        b: Opportunity Created 0, Quote Sent 4
    """)
    )
    found = {(r["from"], r["to"]): r for r in table.to_dict("records")}
    assert len(found) == 6
    step = found["Opportunity Created", "Quote Sent"]
    # Waits 2 and 4: mean 3; half have taken the step after 2 days, nine in ten after 4.
    assert (step["events"], step["cases"], step["mean_days"], step["median_days"]) == (2, 2, 3, 2)
    assert step["p90_days"] == 4
    assert found[START, "Opportunity Created"]["events"] == 2
    assert found["Quote Sent", END]["cases"] == 1


def test_a_case_that_takes_a_step_twice_counts_once_as_a_case():
    table = flow(from_text("a: Quote Created 0, Quote Sent 1, Quote Created 2, Quote Sent 3"))
    step = table[(table["from"] == "Quote Created") & (table["to"] == "Quote Sent")]
    assert step[["events", "cases"]].values.tolist() == [[2, 1]]


def test_the_most_frequent_step_comes_first_and_ties_by_name():
    table = flow(from_text("a: B 0, A 1\n b: B 0, A 1\n c: C 0"))
    assert table[["from", "to", "events"]].values.tolist() == [
        ["A", END, 2],
        ["B", "A", 2],
        [START, "B", 2],
        ["C", END, 1],
        [START, "C", 1],
    ]


@given(event_rows())
def test_what_enters_an_activity_leaves_it(rows):
    table = flow(build(rows))
    inflow = table[table["to"] != END].groupby("to")["events"].sum()
    outflow = table[table["from"] != START].groupby("from")["events"].sum()
    assert inflow.to_dict() == outflow.to_dict() == rows["activity"].value_counts().to_dict()


@given(event_rows())
def test_the_table_equals_a_count_by_hand(rows):
    log = build(rows)
    counted: dict = {}
    ordered = l2c.engine.collect(log.events).sort_values(["case_key", "position"])
    for _, case in ordered.groupby("case_key"):
        names = [START, *case["activity"], END]
        for pair in itertools.pairwise(names):
            counted[pair] = counted.get(pair, 0) + 1
    table = flow(log)
    assert dict(zip(zip(table["from"], table["to"], strict=True), table["events"], strict=True)) == counted


LONG = pytest.mark.thorough("pm4py reads for a minute")


def equals_pm4py(frame) -> None:
    import pm4py

    rows = frame[["case:concept:name", "concept:name", "time:timestamp"]]
    table = flow(build(rows.set_axis(["case_id", "activity", "time"], axis=1)))
    edges, starts, ends = pm4py.discover_dfg(frame)
    expected = dict(edges) | {(START, a): n for a, n in starts.items()} | {(a, END): n for a, n in ends.items()}
    assert dict(zip(zip(table["from"], table["to"], strict=True), table["events"], strict=True)) == expected


@pytest.mark.parametrize("name", ["order_to_cash", "billing", "invoice_approval", "itsm"])
def test_counts_equal_pm4py_on_real_logs(pm4py_quietly, name):
    import pm4py

    table = pd.read_csv(sample(f"open-process-mining/raw_{name}_2024.csv"))
    case, activity, time = table.columns[:3]
    table[time] = pd.to_datetime(table[time])
    equals_pm4py(pm4py.format_dataframe(table, case_id=case, activity_key=activity, timestamp_key=time))


@pytest.mark.parametrize(
    "name",
    [
        "running-example.xes",
        "08_receipt.xes.gz",
        *(pytest.param(f"{name}.xes.gz", marks=LONG) for name in ("DomesticDeclarations", "bpic2012")),
    ],
)
def test_counts_equal_pm4py_on_logs_of_xes(name, pm4py_quietly):
    import pm4py

    equals_pm4py(pm4py.read_xes(str(sample(f"event_logs/{name}"))))


def test_who_changes_the_table_changes_nobody_elses():
    log = from_text("a: Quote Sent 0, Closed Won 2\n b: Quote Sent 0, Closed Won 4")
    for changed in (False, True):
        table, order = flow(log, amounts=changed), l2c.discover.activity_order(flow(log))
        assert (table["events"].tolist(), order["Closed Won"], "amount" in table) == ([2, 2, 2], 2, changed)
        table["events"], order["Closed Won"] = 0, 0
    assert flow(log.where(top_variants=1))["events"].tolist() == [2, 2, 2]
