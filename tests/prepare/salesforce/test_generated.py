"""The log of a generated org against plain joins in pandas."""

from collections import Counter

import numpy as np
import pandas as pd
import polars as pl
import pytest

import l2c
from l2c import diagnose, discover, engine
from l2c.demo import org as demo_org
from l2c.diagnose import violations
from l2c.log import START

CASES = 2000


@pytest.fixture(scope="module")
def frames():
    return demo_org.objects(CASES)


@pytest.fixture(scope="module")
def log(frames):
    return l2c.read(frames)


@pytest.fixture(scope="module")
def joined(frames):
    """Case, activity and time of every event, by joins that know nothing of the reader."""
    t = {name: frame.to_pandas() for name, frame in frames.items()}
    parts = []

    def take(rows, case, activity, time):
        made = pd.DataFrame({"case": rows[case], "activity": activity, "time": rows[time]})
        parts.append(made.dropna())

    lead = t["Lead"].assign(case=lambda d: d["ConvertedOpportunityId"].fillna(d["Id"]))
    take(lead, "case", "Lead Created", "CreatedDate")
    history = t["LeadHistory"].merge(lead[["Id", "case"]], left_on="LeadId", right_on="Id")
    take(history[history["NewValue"] == "Qualified"], "case", "Lead Qualified", "CreatedDate")
    take(history[history["Field"] == "leadConverted"], "case", "Lead Converted", "CreatedDate")
    take(t["Opportunity"], "Id", "Opportunity Created", "CreatedDate")
    stage = t["OpportunityHistory"].sort_values(["OpportunityId", "CreatedDate", "Id"])
    order = t["OpportunityStage"].set_index("ApiName")["SortOrder"].astype(int)
    stage["before"] = stage.groupby("OpportunityId")["StageName"].shift()
    moved = stage[stage["before"].notna() & (stage["before"] != stage["StageName"])]
    for row in moved.itertuples():
        if row.StageName.startswith("Closed"):
            name = row.StageName
        elif order[row.StageName] < order[row.before]:
            name = "Stage Moved Back"
        else:
            name = "Solution Proposed" if row.StageName == "Solution Proposed" else f"Stage: {row.StageName}"
        parts.append(pd.DataFrame({"case": [row.OpportunityId], "activity": [name], "time": [row.CreatedDate]}))
    take(t["Quote"], "OpportunityId", "Quote Created", "CreatedDate")
    quote = t["Quote"][["Id", "OpportunityId"]].rename(columns={"Id": "QuoteId", "OpportunityId": "case"})
    changes = t["QuoteHistory"].merge(quote, on="QuoteId")
    names = {
        "Presented": "Quote Sent",
        "Accepted": "Quote Accepted",
        "Denied": "Quote Rejected",
        "Draft": "Quote Revised",
    }
    changes["activity"] = changes["NewValue"].map(names)
    take(changes, "case", changes["activity"], "CreatedDate")
    contract = t["Opportunity"][["ContractId", "Id"]].rename(columns={"Id": "case"}).dropna()
    contracts = t["Contract"].merge(contract, left_on="Id", right_on="ContractId")
    take(contracts, "case", "Contract Created", "CreatedDate")
    take(contracts, "case", "Contract Signed", "ActivatedDate")
    targets = pd.concat(
        [
            quote.set_axis(["target", "case"], axis=1).assign(kind="Discount"),
            contract.set_axis(["target", "case"], axis=1).assign(kind="Contract"),
        ]
    )
    process = t["ProcessInstance"].merge(targets, left_on="TargetObjectId", right_on="target")[["Id", "case", "kind"]]
    steps = t["ProcessInstanceStep"].merge(process, left_on="ProcessInstanceId", right_on="Id")
    words = {"Started": " Approval Requested", "Approved": " Approved", "Rejected": " Rejected"}
    take(steps, "case", steps["kind"] + steps["StepStatus"].map(words), "CreatedDate")
    take(t["Order"], "OpportunityId", "Sales Order Created", "CreatedDate")
    take(t["Order"], "OpportunityId", "Order Activated", "ActivatedDate")
    orders = t["Order"][["Id", "OpportunityId"]].set_axis(["OrderId", "case"], axis=1)
    done = t["OrderHistory"].merge(orders, on="OrderId")
    words = {
        "Cancelled": "Order Cancelled",
        "Fulfilled": "Order Fulfilled",
        "Closed": "Order Closed",
        "2": "Order Corrected",
    }
    take(done, "case", done["NewValue"].map(words), "CreatedDate")
    invoices = t["Invoice"].merge(orders, left_on="ReferenceEntityId", right_on="OrderId")
    take(invoices, "case", "Invoice Created", "CreatedDate")
    take(invoices, "case", "Invoice Sent", "PostedDate")
    paid = t["PaymentLineInvoice"].merge(invoices[["Id", "case"]], left_on="InvoiceId", right_on="Id")
    take(paid, "case", "Payment Received", "AppliedDate")
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(
        time=pd.to_datetime(rows["time"], format="ISO8601", utc=True).dt.tz_localize(None).astype("datetime64[us]")
    )


def test_cases_and_events_per_activity(log, joined):
    assert log.n_cases == joined["case"].nunique() == CASES
    events = engine.collect(log.events)
    assert Counter(events["activity"].astype(str)) == Counter(joined["activity"])
    # Also case by case and to the second; invoices are sent on their day, and at the time of posting where that is known.
    found = Counter(zip(events["case_id"], events["activity"], events["time"], strict=True))
    assert found == Counter(zip(joined["case"], joined["activity"], joined["time"], strict=True))


def test_edges_of_the_cases_without_ties(log, joined):
    ties = joined.duplicated(["case", "time"], keep=False).groupby(joined["case"]).transform("any")
    rows = joined[~ties].sort_values(["case", "time"])
    assert rows["case"].nunique() > 1000
    rows["next"] = rows.groupby("case")["activity"].shift(-1)
    edges = rows.dropna().groupby(["activity", "next"]).size()
    events = engine.collect(log.events)
    events = events[events["case_id"].isin(rows["case"]) & events["next_activity"].notna()]
    found = events.astype({"activity": str, "next_activity": str}).groupby(["activity", "next_activity"]).size()
    assert found.to_dict() == edges.to_dict()


def test_the_flow_has_a_way_in_for_every_case(log):
    flow = discover.flow(log)
    assert flow[flow["from"] == START]["events"].sum() == CASES


def test_sales_cycle_and_violations_are_those_of_the_demo_log(log):
    demo = l2c.demo(CASES)
    ours, theirs = (l2c.kpis(each).set_index("kpi")["value"] for each in (log, demo))
    for kpi in ("sales_cycle_days", "win_rate", "quote_to_contract_days", "discount_approval_days", "order_error_rate"):
        assert np.isclose(ours[kpi], theirs[kpi], rtol=1e-9), kpi
    ours, theirs = (violations(each).set_index("rule")["cases"] for each in (log, demo))
    assert sum(len(cases) for cases in theirs) > 30
    for rule in theirs.index:
        assert sorted(ours[rule]) == sorted(theirs[rule]), rule


def test_contacts_are_those_of_the_demo_log(log):
    columns = ["case_id", "time", "kind", "two_way"]
    ours, theirs = (engine.collect(each.contacts)[columns] for each in (log, l2c.demo(CASES)))
    assert len(ours) > CASES and ours["two_way"].any() and set(ours["kind"]) == {"call", "email", "meeting", "role"}
    ours, theirs = (each.sort_values(columns, ignore_index=True) for each in (ours, theirs))
    pd.testing.assert_frame_equal(ours, theirs, check_dtype=False)


def test_the_planted_slow_steps_are_found(log):
    causes = diagnose.causes(log)
    slow = causes[(causes["kpi"] == "step_days") & causes["adverse"]]
    assert len(slow)
    demo = diagnose.causes(l2c.demo(CASES))
    planted = demo[(demo["kpi"] == "invoice_to_payment_days") & demo["adverse"]]
    again = causes[(causes["kpi"] == "invoice_to_payment_days") & causes["adverse"]]
    assert set(planted["attribute"].astype(str) + planted["value"].astype(str)) <= set(
        again["attribute"].astype(str) + again["value"].astype(str)
    )


def test_a_quote_of_no_deal_or_of_another_changes_no_kpi(frames, log):
    before = l2c.kpis(log)
    stray = frames["Quote"].head(1).with_columns(Id=pl.lit("0Q0STRAY0000001"), OpportunityId=pl.lit("006NOWHERE00001"))
    other = l2c.read(frames | {"Quote": pl.concat([frames["Quote"], stray])})
    pd.testing.assert_frame_equal(l2c.kpis(other), before)


def test_a_second_offer_beside_the_first_moves_no_duration(frames, log):
    """A quote that is never sent belongs to the deal, and to no duration."""
    deal = frames["Quote"]["OpportunityId"][0]
    extra = frames["Quote"].filter(pl.col("OpportunityId") == deal).head(1)
    extra = extra.with_columns(Id=pl.lit("0Q0EXTRA0000001"), Status=pl.lit("Draft"), IsSyncing=pl.lit("false"))
    other = l2c.kpis(l2c.read(frames | {"Quote": pl.concat([frames["Quote"], extra])})).set_index("kpi")["value"]
    before = l2c.kpis(log).set_index("kpi")["value"]
    for kpi in (
        "sales_cycle_days",
        "quote_to_contract_days",
        "invoice_to_payment_days",
        "lead_to_cash_days",
        "win_rate",
        "discount_mean",
    ):
        assert other[kpi] == before[kpi], kpi


def test_filtering_then_measuring_is_measuring_the_filtered_objects(frames, log):
    kept = log.where(region="Japan")
    ids = set(engine.collect(kept.cases)["case_id"])
    part = {
        "Opportunity": frames["Opportunity"].filter(pl.col("Id").is_in(ids)),
        "Lead": frames["Lead"].filter(pl.col("Id").is_in(ids) | pl.col("ConvertedOpportunityId").is_in(ids)),
    }
    direct = l2c.read(frames | part, extracted=log.extracted)
    assert direct.n_cases == kept.n_cases
    ours, theirs = (l2c.kpis(each).set_index("kpi")["value"] for each in (kept, direct))
    for kpi in ("sales_cycle_days", "win_rate", "invoice_to_payment_days", "lead_conversion_rate"):
        assert np.isclose(ours[kpi], theirs[kpi], rtol=1e-12), kpi


def test_a_log_of_objects_goes_through_the_command_line_and_the_json(frames, tmp_path, capsys):
    import json

    from l2c.cli import main

    for name, frame in demo_org.objects(200).items():
        frame.write_csv(tmp_path / f"{name}.csv")
    assert main(["read", str(tmp_path), "-o", str(tmp_path / "out" / "log"), "--json", str(tmp_path / "q.json")]) == 0
    facts = json.loads((tmp_path / "q.json").read_text())
    assert facts["rows_read"] == facts["rows_used"] > 1000
    assert main(["analyse", str(tmp_path / "out" / "log"), "--json", str(tmp_path / "a.json")]) == 0
    found = json.loads((tmp_path / "a.json").read_text())
    assert found["log"]["cases"] == 200
    assert found["kpis"]["sales_cycle_days"]["cases"] > 50
