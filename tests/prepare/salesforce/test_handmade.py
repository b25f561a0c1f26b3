from collections import Counter

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import l2c
from l2c import discover, engine
from l2c.log import END, START
from l2c.words.errors import L2CError
from tests.prepare.salesforce.handmade import HandMade


@pytest.fixture(scope="module")
def hand():
    return HandMade()


@pytest.fixture(scope="module")
def log(hand):
    return l2c.read(hand.frames())


@pytest.fixture(scope="module")
def events(log):
    return engine.collect(log.events)


def in_order(frame, *by):
    return engine.collect(frame).sort_values(["case_key", *by], ignore_index=True)


def test_every_event_and_no_other_is_read(hand, events):
    found = Counter(zip(events["case_id"], events["activity"], events["time"].dt.to_pydatetime(), strict=True))
    expected = Counter(hand.expected)
    assert found - expected == Counter()
    assert expected - found == Counter()


def test_cases_are_the_deals_and_the_leads_that_became_none(log):
    # Five leads stand alone: those of the deals 0, 10, 20, 30, 40.
    assert log.n_cases == 50 + 5


def test_edges_are_those_of_the_expected_events_in_order(hand, log, events):
    rows = pd.DataFrame(hand.expected, columns=["case", "activity", "time"])
    # Ties, of which the order is a convention, are compared as sets: only cases without any are walked through here.
    clean = rows[~rows.duplicated(["case", "time"], keep=False).groupby(rows["case"]).transform("any")]
    assert clean["case"].nunique() > 10
    clean = clean.sort_values(["case", "time"])
    following = clean.groupby("case")["activity"].shift(-1)
    edges = Counter(zip(clean["activity"], following.fillna(END), strict=True))
    edges += Counter((START, a) for a in clean.groupby("case")["activity"].first())
    ours = events[events["case_id"].isin(clean["case"])]
    found = Counter(zip(ours["activity"], ours["next_activity"].fillna(END), strict=True))
    found += Counter((START, a) for a in ours.sort_values("position").groupby("case_id")["activity"].first())
    assert found == edges
    flow = discover.flow(log)
    assert flow["events"].sum() == len(events) + log.n_cases


def test_attributes_of_the_deals(log):
    cases = engine.collect(log.cases).set_index("case_id")
    first = cases.loc["006000000000000"]
    # Amount of today, not of its history; discount of the synced quote; the main product by value.
    assert (first["amount"], first["discount"], first["product"]) == (1000, 0.0, "GTXPro")
    assert first["products"] == "GTX Pro; GTXPro"
    assert first["region"] == "APAC"
    assert first["account"] == "Firm 0"
    second = cases.loc["006000000000004"]
    assert np.isclose(second["discount"], 0.04)
    # Two users are called Kim, and stay two.
    assert cases.loc["006000000000001", "rep"] == "Kim (0001)"
    assert cases.loc["006000000000002", "rep"] == "Kim (0002)"
    assert cases["status"].value_counts().to_dict() == {"paid": 33, "lost": 17, "open": 5}


def test_the_owner_is_the_one_of_the_time(events):
    deal = events[events["case_id"] == "006000000000005"].sort_values("position")
    changed = deal[deal["activity"] == "Owner Changed"]["position"].iloc[0]
    sale = deal[~deal["object_type"].eq("Lead")]
    assert set(sale[sale["position"] < changed]["rep"]) == {"Kim (0002)"}
    assert set(sale[sale["position"] >= changed]["rep"]) == {"Kim (0001)"}
    assert deal[deal["object_type"].eq("Lead")]["rep"].isna().all()


def test_amounts_of_the_time_stand_with_the_events(events):
    deal = events[events["case_id"] == "006000000000001"].sort_values("position").set_index("activity")
    assert deal.loc["Solution Proposed", "amount"] == 1101
    assert deal.loc["Closed Won", "amount"] == 1001


def test_payments_are_those_allocated_and_an_invoice_is_paid_when_all_of_it_is(hand, log, events):
    allocated = sum(float(r["Amount"]) for r in hand.tables["PaymentLineInvoice"])
    assert events["payment_amount"].sum() == allocated
    kpi = l2c.kpis(log).set_index("kpi").loc["invoice_to_payment_days"]
    # From five (or six) days after the order to the second part on its 41st day.
    rows = hand.tables["PaymentLineInvoice"]
    sent = {r["Id"]: pd.Timestamp(r["InvoiceDate"]) for r in hand.tables["Invoice"]}
    days = [
        (pd.Timestamp(r["AppliedDate"]) - sent[r["InvoiceId"]]).total_seconds() / 86400
        for r in rows
        if r["Amount"] == "300"
    ]
    assert kpi["cases"] == len(sent)
    assert np.isclose(kpi["value"], np.median(days))


def test_approximate_times_are_marked_and_no_others(events):
    rough = events[events["approximate"].astype(bool)]
    assert set(rough["activity"]) == {"Quote Accepted"}
    assert set(rough["source"].astype(str)) == {"Quote"}
    assert len(rough) == 10 + 2  # the deals 2, 7, … and the second quotes of 12 and 32


def test_names_that_differ_by_a_space_are_told(log):
    found = log.quality.findings
    told = found[found["finding"] == "probably the same name"]
    said = " ".join(map(str, told["detail"]))
    assert "GTX Pro" in said and "GTXPro" in said


def test_rows_add_up(log):
    quality = log.quality
    assert quality.rows_read == quality.rows_used + len(quality.quarantine)
    assert quality.quarantined == sum(quality.reasons.values()) == 0
    assert quality.events == log.n_events


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_changes_nothing(hand, log, seed):
    shuffled = {name: frame.sample(fraction=1.0, shuffle=True, seed=seed) for name, frame in hand.frames().items()}
    names = list(shuffled)
    other = l2c.read({name: shuffled[name] for name in reversed(names)})
    columns = ["case_id", "activity", "time", "record_id", "rep", "amount"]
    pd.testing.assert_frame_equal(
        in_order(other.events, "position")[columns], in_order(log.events, "position")[columns]
    )
    pd.testing.assert_frame_equal(in_order(other.cases), in_order(log.cases))


def test_copies_deleted_records_and_short_ids_change_nothing_but_the_counts(hand, log, events):
    frames = hand.frames()
    frames["Opportunity"] = pl.concat([frames["Opportunity"], frames["Opportunity"].head(7)])
    gone = frames["Quote"].head(1).with_columns(Id=pl.lit("0Q0DELETED00001"), IsDeleted=pl.lit("true"))
    frames["Quote"] = pl.concat([frames["Quote"], gone])
    stray = (
        frames["Order"]
        .head(1)
        .with_columns(Id=pl.lit("801STRAY0000001"), OpportunityId=pl.lit("006NOWHERE00001"), ContractId=None)
    )
    frames["Order"] = pl.concat([frames["Order"], stray.cast(frames["Order"].schema)])
    # Some lookups with the three letters that guard capitals, as one export writes them and another does not.
    frames["Quote"] = frames["Quote"].with_columns(OpportunityId=pl.col("OpportunityId") + "AAA")
    other = l2c.read(frames)
    assert other.n_events == log.n_events
    assert other.quality.reasons == {"no case": 1, "duplicate": 7, "deleted": 1}
    assert other.quality.rows_read == log.quality.rows_read + 9 == other.quality.rows_used + 9
    assert other.quality.quarantine.set_index("reason").loc["no case", "object_type"] == "Order"


def test_a_folder_of_parts_a_zip_and_parquet_give_the_same_log(hand, log, tmp_path):
    folder, packed = tmp_path / "export", tmp_path / "parquet"
    folder.mkdir()
    packed.mkdir()
    for name, frame in hand.frames().items():
        half = frame.height // 2
        frame.head(half).rename(str.lower).write_csv(folder / f"{name}_1.csv", quote_style="always")
        frame.tail(frame.height - half).write_csv(folder / f"{name.lower()}_2.csv")
        frame.write_parquet(packed / f"{name}.parquet")
    import shutil

    archive = shutil.make_archive(str(tmp_path / "WE_export"), "zip", folder)
    for source in (folder, packed, archive):
        other = l2c.read(source)
        assert (other.n_cases, other.n_events) == (log.n_cases, log.n_events), source
        assert other.distinct("region") == log.distinct("region")


@given(data=st.data())
def test_whatever_is_missing_rows_add_up_and_nothing_breaks(hand, data):
    frames = hand.frames()
    kept = data.draw(st.sets(st.sampled_from(sorted(frames)), min_size=1))
    kept |= {data.draw(st.sampled_from(["Opportunity", "Lead"]))}
    part = {}
    for name in sorted(kept):
        frame = frames[name]
        others = [c for c in frame.columns if c != "Id"]
        gone = data.draw(st.sets(st.sampled_from(others), max_size=len(others)))
        part[name] = frame.drop(gone)
    if len(part) < 2:
        return
    try:
        log = l2c.read(part)
    except L2CError as error:
        assert len(str(error)) < 600
        return
    quality = log.quality
    assert quality.rows_read == sum(frame.height for frame in part.values())
    assert quality.rows_read == quality.rows_used + len(quality.quarantine)
    assert quality.events == log.n_events
    assert list(quality.findings) == ["finding", "detail", "count", "of"]
    l2c.kpis(log)


def test_the_log_survives_being_saved(log, tmp_path):
    opened = l2c.open(log.save(tmp_path / "log"))
    assert opened.quality.objects["rows"].tolist() == log.quality.objects["rows"].tolist()
    assert len(engine.collect(opened.objects)) == len(engine.collect(log.objects))
    assert str(opened.quality.objects["first"].dtype).startswith("datetime64")
