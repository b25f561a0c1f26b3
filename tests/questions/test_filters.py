"""Questions for which there was no word: how long, from one activity to another, how often, by whom; parts and groups."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import l2c
from l2c import diagnose, discover, engine
from l2c.log import build
from l2c.prepare.pseudonyms import handed, pseudonyms
from l2c.show.conditions import condition
from l2c.words.errors import BadGroups, BadPart, UnknownName
from tests.data import HERE
from tests.logs import ACTIVITIES, ORIGIN, event_rows, from_table, from_text
from tests.metrics import by, same

A, B = "Quote Sent", "Contract Signed"


def question(name, **options):
    return l2c.read(HERE / "questions" / f"{name}.csv", **options)


def ids(log):
    return sorted(engine.collect(log.cases.select("case_id"))["case_id"])


def traces(log):
    rows = engine.collect(log.events.sort("case_key", "position"))
    return {case: list(part["activity"]) for case, part in rows.groupby("case_id")}


# How long, how often, by whom


def test_deals_that_took_long_are_told_by_their_first_and_last_event():
    # R1 2 Jan to 15 Mar: 72 days; R2 5 to 25 Jan: 20; R3 5 Jan to 20 Feb: 46, open again since; R4 7 Jan to 5 Mar: 57
    log = question("q_reopened", extracted="2025-04-01")
    assert ids(log.where(duration=(30, None))) == ["R1", "R3", "R4"]
    assert ids(log.where(duration="60..")) == ["R1"]
    assert ids(log.where(duration=(46, 57))) == ["R3", "R4"]
    assert ids(log.where(duration=(None, 20))) == ["R2"]
    assert log.where(duration=(60, None)).filters == {"duration": "60.."}


def test_from_one_activity_to_another_at_any_distance():
    log = question("q_reopened", extracted="2025-04-01")
    # R1 is lost and reopened in between; R4 won after 20 days
    assert ids(log.where(took=("Opportunity Created", "Closed Won", (60, None)))) == ["R1"]
    assert ids(log.where(took="商談作成 > 受注 > ..60")) == ["R4"]
    assert ids(log.where(took=("Opportunity Created", "Closed Won", None, None))) == ["R1", "R4"]
    both = log.where(took=("Opportunity Created", "Closed Lost", None, 20))
    assert ids(both) == ["R1", "R2", "R3"]
    assert ids(both.where(took=("Closed Lost", "Opportunity Reopened", 22, None))) == ["R3"]
    assert both.where(took=("Closed Lost", "Opportunity Reopened", 22, None)).filters == {
        "took": "Opportunity Created … Closed Lost … ..20; Closed Lost … Opportunity Reopened … 22.."
    }


def test_what_was_approved_by_whom():
    log = question("q_actor_filter")
    assert ids(log.where(did=("Discount Approved", "Kim"))) == ids(log.where(actor="Kim")) == ["1"]
    assert ids(log.where(actor=["Kim", "Lee"])) == ids(log.where(did="Discount Approval Requested > Ana")) == ["1", "2"]
    assert ids(log.where(did=("割引承認", "Kim"))) == ["1"]
    assert ids(log.where(did=("Discount Approved", "Ana"))) == []
    with pytest.raises(UnknownName, match="Closest: Kim"):
        log.where(did=("Discount Approved", "Kin"))


def test_an_activity_is_done_by_somebody_only_where_the_same_event_says_so():
    log = from_table("""
        case_id | activity    | day | actor | actor_kind
        a       | Quote Sent  | 0   | Kim   | person
        a       | Closed Won  | 1   | Flow  | automation
        b       | Quote Sent  | 0   | Flow  | automation
        b       | Closed Won  | 2   | Kim   | person
        c       | Quote Sent  | 0   |       |
        c       | Closed Won  | 2   | Kim   | person
    """)
    assert ids(log.where(did=("Quote Sent", "Kim"))) == ["a"]
    assert ids(log.where(did=("Quote Sent", "automation"))) == ["b"]
    assert ids(log.where(did=("Quote Sent", ["Kim", None]))) == ["a", "c"]
    assert ids(log.where(actor_kind="automation")) == ["a", "b"]
    assert ids(log.where(actor=None)) == ["c"]
    assert ids(log.where(did="Quote Sent > ")) == ["c"]


def test_a_case_attribute_wins_over_that_of_the_events():
    rows = [("a", "Quote Sent", 0, "Ben"), ("a", "Closed Won", 1, "Ana"), ("b", "Quote Sent", 0, "Ben")]
    frame = pd.DataFrame(rows, columns=["case_id", "activity", "day", "rep"])
    log = build(frame.assign(time=[ORIGIN + timedelta(days=d) for d in frame.pop("day")]))
    # The rep of a is Ana, who had it at its close; that Ben had it before is no filter on the deal
    assert ids(log.where(rep="Ben")) == ["b"]


def test_how_often_and_how_many_events():
    log = question("q_own_bpmn")
    assert ids(log.where(times=("Quote Sent", (2, None)))) == ["3"]
    assert ids(log.where(times=("Quote Sent", 1, 1))) == ["1", "2", "4"]
    assert ids(log.where(times="見積発行 > ..0")) == ids(log.where(excludes="Quote Sent")) == ["5"]
    assert ids(log.where(events=(None, 4))) == ["4", "5"]
    assert ids(log.where(events="7..7")) == ["3"]
    assert ids(log.where(starts="Opportunity Created", ends="Closed Won", times=("Contract Created", 0, 0))) == ["4"]


def test_documents_are_followed_by_their_number():
    log = from_table("""
        case_id | activity       | day | object_id
        a       | Quote Sent     | 0   | q1
        a       | Quote Sent     | 5   | q2
        a       | Quote Accepted | 6   | q2
        a       | Quote Accepted | 40  | q1
        b       | Quote Sent     | 0   | q3
        b       | Quote Accepted | 9   |
    """)
    # q1 took 40 days and q2 one; on the flat case it would have been 6. b names no quote again: the case is one.
    assert ids(log.where(took=("Quote Sent", "Quote Accepted", (30, None)))) == ["a"]
    assert ids(log.where(took=("Quote Sent", "Quote Accepted", (None, 1)))) == ["a"]
    assert ids(log.where(took=("Quote Sent", "Quote Accepted", (2, 8)))) == []
    assert ids(log.where(took=("Quote Sent", "Quote Accepted", (9, 9)))) == ["b"]


def naive_days(trace, first, second):
    """Days from the first time of an activity to the first time of another one after it; None without both."""
    starts = [at for at, (name, _) in enumerate(trace) if name == first]
    ends = [when for at, (name, when) in enumerate(trace) if starts and name == second and at > starts[0]]
    return (ends[0] - trace[starts[0]][1]) / timedelta(days=1) if ends else None


@given(event_rows(), st.sampled_from(ACTIVITIES), st.sampled_from(ACTIVITIES), st.integers(0, 6), st.integers(0, 6))
def test_filters_by_amount_are_what_a_loop_finds(rows, first, second, low, more):
    log = build(rows)
    events = engine.collect(log.events.sort("case_key", "position"))
    cases = {case: list(zip(part["activity"], part["time"], strict=True)) for case, part in events.groupby("case_id")}
    span = (low, low + more)

    def kept(test):
        return sorted(case for case, trace in cases.items() if test(trace))

    whole = lambda trace: (trace[-1][1] - trace[0][1]) / timedelta(days=1)  # noqa: E731
    assert ids(log.where(duration=span)) == kept(lambda trace: span[0] <= whole(trace) <= span[1])
    assert ids(log.where(events=span)) == kept(lambda trace: span[0] <= len(trace) <= span[1])
    if {first, second} <= set(log.activities):
        found = kept(lambda trace: (d := naive_days(trace, first, second)) is not None and span[0] <= d <= span[1])
        assert ids(log.where(took=(first, second, span))) == found
        many = kept(lambda trace: span[0] <= sum(name == first for name, _ in trace) <= span[1])
        assert ids(log.where(times=(first, span))) == many
        ends = kept(lambda trace: trace[0][0] == first and trace[-1][0] == second)
        assert ids(log.where(starts=first, ends=second)) == ends
    shuffled = build(rows.sample(frac=1, random_state=1)[list(rows)])
    if {first, second} <= set(log.activities) and not rows.duplicated(["case_id", "time"]).any():
        assert ids(shuffled.where(took=(first, second, span))) == ids(log.where(took=(first, second, span)))


def test_pm4py_finds_the_same_cases():
    pm4py = pytest.importorskip("pm4py")
    log = l2c.demo(cases=150)
    frame = log.to_pm4py()
    case = "case:concept:name"
    for low, high in ((0, 20), (15, 60), (100, 900)):
        theirs = pm4py.filter_case_performance(frame, low * 86400, high * 86400)
        assert sorted(theirs[case].unique()) == ids(log.where(duration=(low, high)))
    somebody = frame["org:resource"].dropna().iloc[0]
    theirs = pm4py.filter_event_attribute_values(frame, "org:resource", [somebody], level="case")
    assert sorted(theirs[case].unique()) == ids(log.where(actor=somebody))
    theirs = pm4py.filter_case_size(frame, 5, 9)
    assert sorted(theirs[case].unique()) == ids(log.where(events=(5, 9)))


@given(event_rows(), st.sampled_from(["EMEA", "APAC"]), st.integers(0, 5))
def test_to_filter_and_measure_is_to_measure_what_was_filtered(rows, region, low):
    log = build(rows)
    few = log.where(duration=(low, None))
    kept = set(ids(few))
    if kept:
        again = build(rows[rows["case_id"].isin(kept)], extracted=log.extracted)
        same(discover.flow(few), discover.flow(again))
        assert sorted(map(tuple, traces(few).values())) == sorted(map(tuple, traces(again).values()))


# A part of the process


PARTS = """
    a [region=N]: Opportunity Created 0, Quote Sent 2, Quote Revised 5, Quote Sent 6, Contract Signed 10, Closed Won 11, Contract Signed 20
    b [region=S]: Quote Sent 0, Contract Signed 4, Closed Won 30, Payment Received 60
    c [region=S]: Contract Signed 1, Quote Sent 3, Quote Revised 8
    d [region=N]: Opportunity Created 0, Closed Lost 3
"""


def test_a_part_holds_what_lies_between_and_knows_its_own_order_and_times():
    part = from_text(PARTS, until=100).between(A, B)
    assert traces(part) == {"a": [A, "Quote Revised", A, B], "b": [A, B]}
    cases = engine.collect(part.cases).set_index("case_id")
    assert cases["duration_days"].to_dict() == {"a": 8, "b": 4}
    assert cases["events"].to_dict() == {"a": 4, "b": 2}
    assert cases["started"].to_dict() == {"a": ORIGIN + timedelta(2), "b": ORIGIN}
    events = engine.collect(part.events.sort("case_key", "position"))
    assert events.groupby("case_id")["wait_days"].sum().to_dict() == {"a": 8, "b": 4}
    assert events.groupby("case_id")["next_activity"].last().to_dict() == {"a": B, "b": B}
    assert events["next_activity"].isna().tolist() == [False, False, False, True, False, True]
    assert events.groupby("case_id")["position"].apply(list).to_dict() == {"a": [0, 1, 2, 3], "b": [0, 1]}
    assert part.activities == (A, "Quote Revised", B)
    assert engine.collect(part.variants)["cases"].tolist() == [1, 1]
    assert str(part.quality.notes[-1]).endswith(f"from {A} to {B}: 2 of 4 cases have them, the others are left out")
    assert part.filters == {"between": f"{A} … {B}"}


def test_a_part_may_end_with_the_last_and_hold_what_has_not_come_to_an_end():
    log = from_text(PARTS, until=100)
    assert traces(log.between(A, B, until="last"))["a"] == [A, "Quote Revised", A, B, "Closed Won", B]
    # c has signed only before it sent; it is still on its way
    assert traces(log.between(A, B, complete=False))["c"] == [A, "Quote Revised"]
    assert traces(log.between(None, A)) == {"a": ["Opportunity Created", A], "b": [A], "c": [B, A]}
    assert traces(log.between("Closed Won", None)) == {"a": ["Closed Won", B], "b": ["Closed Won", "Payment Received"]}
    assert traces(log.between(A, ["Quote Revised", B])) == {
        "a": [A, "Quote Revised"],
        "b": [A, B],
        "c": [A, "Quote Revised"],
    }
    assert traces(log.between(A, A)) == {"a": [A, "Quote Revised", A]}
    assert log.between("見積発行", "契約締結").filters == {"between": f"{A} … {B}"}


def test_what_was_known_of_the_whole_case_stays_known():
    log = from_text(PARTS, until=100)
    part = log.between(A, B)
    assert dict(engine.collect(part.cases)[["case_id", "status"]].values) == {"a": "won", "b": "paid"}
    # Won on day 11 and 30, outside the part
    assert ids(part.where(closed=("2025-01-12", "2025-01-12"))) == ["a"]
    kpis = l2c.kpis(part).set_index("kpi")
    assert kpis.loc["win_rate", "value"] == 1
    assert kpis.loc["quote_to_contract_days", "cases"] == 2
    assert "Payment Received" in str(kpis.loc["lead_to_cash_days", "note"])
    assert np.isnan(kpis.loc["sales_cycle_days", "value"])


def test_the_lead_part_of_deals_is_no_lead_without_a_deal():
    log = from_text("""
        a: Lead Created 0, Lead Qualified 2, Opportunity Created 4
        b: Lead Created 0, Lead Qualified 5
    """, until=30)  # fmt: skip
    part = log.between("Lead Created", "Lead Qualified")
    assert part.standing() == log.standing() == {False: {"open": 1}, True: {"open": 1}}
    assert part.cases.collect_schema().names() != log.cases.collect_schema().names()
    assert part.attributes == log.attributes


def test_a_part_accuses_nobody_of_what_lies_outside():
    log = from_text("""
        a: Opportunity Created 0, Quote Sent 1, Contract Signed 2, Closed Won 3, Sales Order Created 4, Quote Sent 5, Payment Received 9
        b: Opportunity Created 0, Quote Sent 1, Contract Signed 2, Closed Won 3, Sales Order Created 4, Payment Received 9
    """, until=30)  # fmt: skip
    assert not diagnose.compliance(log)["count"].any()
    # b has its quote before the part, so that the part knows nothing of it
    part = log.between("Closed Won", "Payment Received")
    assert not diagnose.compliance(part)["count"].any()
    assert diagnose.verdicts(part).empty or set(diagnose.verdicts(part)["verdict"]) == {"unknown"}


def test_to_cut_and_to_filter_is_to_filter_and_to_cut():
    log = from_text(PARTS, until=100)
    one, other = log.between(A, B).where(region="N"), log.where(region="N").between(A, B)
    for frame, key in (("events", ["case_key", "position"]), ("cases", ["case_key"]), ("variants", ["variant_id"])):
        same(by(getattr(one, frame), key), by(getattr(other, frame), key))
    assert one.filters == other.filters == {"between": f"{A} … {B}", "region": "N"}
    assert repr(other).startswith("1 of 2 cases")
    # What comes after the cut asks the part: a took 20 days in all, and 8 between the two
    assert ids(log.between(A, B).where(duration=(None, 8))) == ["a", "b"]
    assert ids(log.where(duration=(None, 20)).between(A, B)) == ["a"]


def test_a_part_is_saved_as_it_is(tmp_path):
    part = from_text(PARTS, until=100).where(region="N").between(A, B)
    saved = l2c.open(part.save(tmp_path / "part"))
    assert (saved.filters, saved.origin.hidden) == (part.filters, part.origin.hidden)
    assert saved.standing() == part.standing() and str(saved.quality.notes[-1]) == str(part.quality.notes[-1])
    assert ids(saved.where(closed=("2025-01-12", "2025-01-12"))) == ["a"]
    whole = from_text(PARTS, until=100).between(A, B)
    same(l2c.kpis(l2c.open(whole.save(tmp_path / "whole"))), l2c.kpis(whole))


def naive_part(trace, start, end, *, last):
    begin = next((at for at, name in enumerate(trace) if name == start), None)
    ends = [at for at, name in enumerate(trace) if begin is not None and at > begin and name == end]
    return trace[begin : (ends[-1] if last else ends[0]) + 1] if ends else None


@given(event_rows(), st.sampled_from(ACTIVITIES), st.sampled_from(ACTIVITIES), st.sampled_from(["first", "last"]))
def test_a_part_is_what_a_loop_cuts_out_and_a_log_built_of_its_rows(rows, start, end, until):
    log = build(rows)
    if not {start, end} <= set(log.activities):
        return
    part = log.between(start, end, until=until)
    expected = {case: naive_part(trace, start, end, last=until == "last") for case, trace in traces(log).items()}
    assert traces(part) == {case: trace for case, trace in expected.items() if trace}
    if part.n_cases:
        raw = engine.collect(part.events.sort("case_key", "position"))[["case_id", "activity", "time"]]
        # Far apart, so that the order is surely that of the part
        raw["time"] += pd.to_timedelta(np.arange(len(raw)), unit="us")
        again = build(raw)
        assert traces(again) == traces(part)
        same(
            discover.flow(again)[["from", "to", "events", "cases"]],
            discover.flow(part)[["from", "to", "events", "cases"]],
        )
        assert engine.collect(part.variants)["cases"].tolist() == engine.collect(again.variants)["cases"].tolist()


def test_pm4py_cuts_the_same_part_where_it_happens_once():
    pm4py = pytest.importorskip("pm4py")
    log = l2c.demo(cases=150).where(times=(B, (1, 1)))
    log = log.where(times=(A, (1, 1)))
    theirs = pm4py.filter_between(log.to_pm4py(), A, B)
    part = log.between(A, B)
    assert theirs["case:concept:name"].nunique() == part.n_cases > 5
    assert sorted(map(tuple, theirs.groupby("case:concept:name")["concept:name"].apply(list))) == sorted(
        map(tuple, traces(part).values())
    )


@pytest.mark.parametrize(
    ("ask", "error", "hint"),
    [
        (lambda log: log.between("Quote Snet", B), UnknownName, "Closest in this log: Quote Sent"),
        (lambda log: log.between(A, ["Contract Sined"]), UnknownName, "Contract Signed"),
        (lambda log: log.between(None, None), BadPart, "where the part begins or ends"),
        (lambda log: log.between(A, B, until="frist"), BadPart, "neither 'first' nor 'last'"),
        (lambda log: log.grouped({}), BadGroups, "There is no group"),
        (lambda log: log.grouped({"Approvals": []}), BadGroups, "holds no activity"),
        (lambda log: log.grouped({" ": [A]}), BadGroups, "has no name"),
        (lambda log: log.grouped({"Approvals": ["Discount Aproved"]}), UnknownName, "No activity is called"),
        (lambda log: log.grouped({B: [A]}), BadGroups, "is the name of an activity"),
        (lambda log: log.grouped({"Invoice Sent": [A]}), BadGroups, "is the name of an activity"),
        (lambda log: log.grouped({"X": [A], "Y": [A, B]}), BadGroups, "in two groups"),
    ],
)
def test_what_makes_no_sense_is_refused(ask, error, hint):
    with pytest.raises(error, match=hint) as caught:
        ask(from_text(PARTS, until=100))
    assert caught.value.said("ja") != str(caught.value)


# Groups


GROUPS = """
    a: Opportunity Created 0, Discount Approved 2, Contract Approved 5, Quote Sent 6, Discount Approved 9, Closed Won 10
    b: Opportunity Created 0, Quote Sent 1, Contract Approved 3, Closed Lost 4
"""
APPROVALS = {"Approvals": ["Discount Approved", "Contract Approved"]}


def test_a_group_is_one_activity_to_maps_variants_and_filters():
    log = from_text(GROUPS, until=30)
    one = log.grouped(APPROVALS)
    assert traces(one)["a"] == [
        "Opportunity Created",
        "Approvals",
        "Approvals",
        "Quote Sent",
        "Approvals",
        "Closed Won",
    ]
    flow = discover.flow(one).set_index(["from", "to"])
    assert flow.loc[("Approvals", "Approvals"), "mean_days"] == 3
    assert flow.loc[("Quote Sent", "Approvals"), "events"] == 2
    assert ids(one.where(includes="Approvals")) == ["a", "b"]
    assert "Discount Approved" not in one.activities
    assert one.n_events == log.n_events and one.standing() == log.standing()
    assert one.filters == {"grouped": "Approvals: Discount Approved, Contract Approved"}
    assert "are Approvals here" in str(one.quality.notes[-1])
    assert diagnose.times(one, start="Opportunity Created", end="Approvals")["value"].iloc[0] == 2


def test_directly_consecutive_events_of_a_group_may_become_one():
    folded = from_text(GROUPS, until=30).grouped(APPROVALS, fold=True)
    assert traces(folded)["a"] == ["Opportunity Created", "Approvals", "Quote Sent", "Approvals", "Closed Won"]
    rows = engine.collect(folded.events.sort("case_key", "position"))
    rows = rows[rows["case_id"] == "a"].reset_index(drop=True)
    # It begins on day 2 and is over on day 5, one day before the quote is sent
    assert rows["time"][1] == ORIGIN + timedelta(2)
    assert rows["wait_days"].tolist()[:4] == [2, 1, 3, 1]
    assert rows["next_activity"].tolist()[:4] == ["Approvals", "Quote Sent", "Approvals", "Closed Won"]
    cases = engine.collect(folded.cases).set_index("case_id")
    assert cases["events"].to_dict() == {"a": 5, "b": 4} and cases["duration_days"].to_dict() == {"a": 10, "b": 4}


def test_events_about_different_documents_are_not_folded():
    log = from_table("""
        case_id | activity     | day | object_id
        a       | Invoice Sent | 0   | i1
        a       | Payment Reminder Sent | 1   | i1
        a       | Invoice Sent | 2   | i2
        a       | Closed Won   | 3   |
    """)
    folded = log.grouped({"Invoicing": ["Invoice Sent", "Payment Reminder Sent"]}, fold=True)
    assert traces(folded)["a"] == ["Invoicing", "Invoicing", "Closed Won"]


def test_a_group_may_take_the_name_of_one_of_its_own():
    one = from_text(GROUPS, until=30).grouped({"Discount Approved": ["Discount Approved", "Contract Approved"]})
    assert traces(one)["b"] == ["Opportunity Created", "Quote Sent", "Discount Approved", "Closed Lost"]


def test_figures_that_ask_for_a_grouped_activity_are_refused_and_nobody_is_accused():
    log = from_text("""
        a: Opportunity Created 0, Discount Approval Requested 1, Discount Approved 2, Quote Sent 3, Contract Signed 4, Closed Won 5
        b: Opportunity Created 0, Discount Approval Requested 1, Discount Rejected 2, Quote Sent 3, Contract Signed 4, Closed Won 5
    """, until=30)  # fmt: skip
    one = log.grouped({"Approvals": ["Discount Approved"], "Paper": ["Contract Signed"]})
    kpis = l2c.kpis(one).set_index("kpi")
    # With the rejections alone the median would be that of half the requests, and the rest would seem to wait
    assert np.isnan(kpis.loc["discount_approval_days", "value"]) and "Discount Approved" in str(
        kpis.loc["discount_approval_days", "note"]
    )
    assert np.isnan(kpis.loc["quote_to_contract_days", "value"])
    assert kpis.loc["win_rate", "value"] == 1 and kpis.loc["sales_cycle_days", "value"] == 5
    assert diagnose.compliance(one).set_index("rule").loc["won_without_contract", "applicable"] == 0
    hidden = {"Discount Approved", "Contract Signed"}
    late = diagnose.due_dates(one)
    assert set(late["due"]) < set(diagnose.due_dates(log)["due"]) and not hidden & set(one.activities)
    assert not set(diagnose.tags(one)["tag"]) - set(diagnose.tags(log)["tag"])


@given(event_rows(), st.lists(st.sampled_from(ACTIVITIES), min_size=1, max_size=3, unique=True), st.booleans())
def test_grouping_is_renaming_the_rows(rows, members, fold):
    log = build(rows)
    members = [name for name in members if name in log.activities]
    if not members:
        return
    one = log.grouped({"Group": members}, fold=fold)
    expected = {case: ["Group" if name in members else name for name in trace] for case, trace in traces(log).items()}
    if fold:
        expected = {
            case: [name for at, name in enumerate(trace) if name != "Group" or at == 0 or trace[at - 1] != "Group"]
            for case, trace in expected.items()
        }
    assert traces(one) == expected
    flow, cases = discover.flow(one), engine.collect(one.cases)
    assert flow.loc[flow["to"] != "■", "events"].sum() == one.n_events
    assert cases["events"].sum() == one.n_events
    same(
        by(one.cases.select("case_id", "duration_days", "status"), ["case_id"]),
        by(log.cases.select("case_id", "duration_days", "status"), ["case_id"]),
    )


def test_parts_of_groups_and_groups_of_parts():
    log = from_text(GROUPS, until=30)
    one, other = (
        log.grouped(APPROVALS).between("Approvals", "Quote Sent"),
        log.between("Discount Approved", A).grouped(APPROVALS),
    )
    assert traces(one) == traces(other) == {"a": ["Approvals", "Approvals", A]}
    assert set(one.filters) == set(other.filters) == {"between", "grouped"}
    assert len(one.quality.notes) == len(other.quality.notes) == len(log.quality.notes) + 2


# Names of people, words


def test_a_filter_by_a_person_is_handed_on_without_the_name():
    log = question("q_actor_filter").where(did=("Discount Approved", "Kim"))
    given_away = handed(log)
    assert given_away.filters == {"did": f"Discount Approved … {pseudonyms(log)['Kim']}"}
    assert (
        "Kim" not in handed(question("q_actor_filter").where(actor=["Kim", "Lee"]).where(actor="Kim")).filters["actor"]
    )
    part = log.between("Discount Approval Requested", "Discount Approved")
    # The pseudonyms of a part are those of the whole
    assert pseudonyms(part) == pseudonyms(log)
    assert "Kim" not in repr(handed(part)) and ids(handed(part)) == ["1"]


@pytest.mark.parametrize(
    ("word", "text", "english", "japanese"),
    [
        ("duration", "60..", "at least 60 d from first to last event", "最初から最後のイベントまで60日以上"),
        ("took", "Quote Sent … Closed Won … ..9; Quote Sent > Closed Won > 3..4",
         "at most 9 d from Quote Sent to Closed Won; 3 to 4 d from Quote Sent to Closed Won",
         "見積提示から受注まで9日以内；見積提示から受注まで3～4日"),
        ("times", "Quote Sent … 2..2", "Quote Sent: exactly 2×", "「見積提示」がちょうど2回"),
        ("events", "..4", "at most 4 events", "イベントが4件以下"),
        ("did", "Quote Sent … Kim, Lee", "Quote Sent by Kim, Lee", "「見積提示」の実行者：Kim、Lee"),
        ("between", f"{A} … {B} … last", "only the part from Quote Sent to the last Contract Signed", "見積提示から最後の契約締結までの部分のみ"),
        ("between", " … Closed Won", "only the part until Closed Won", "受注までの部分のみ"),
        ("grouped", "Approvals: Discount Approved, X", "Approvals stands for Discount Approved, X", "「Approvals」にまとめたもの：割引承認、X"),
        ("follows", "Quote Sent … X; X … Closed Won", "Quote Sent → X; X → Closed Won", "見積提示 → X；X → 受注"),
    ],
)  # fmt: skip
def test_filters_parts_and_groups_are_said_in_both_languages(word, text, english, japanese):
    assert condition(word, text, "en") == english
    assert condition(word, text, "ja") == japanese
