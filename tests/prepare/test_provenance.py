import numpy as np
import pandas as pd
import polars as pl
import pytest

import l2c
from l2c import diagnose, prepare, show
from l2c.demo import org as demo_org
from l2c.words.errors import L2CError
from tests.logs import demo, from_text
from tests.prepare.salesforce.handmade import HandMade


@pytest.fixture(scope="module")
def hand():
    return HandMade()


@pytest.fixture(scope="module")
def log(hand):
    return l2c.read(hand.frames())


def test_each_activity_is_traced_to_its_object(hand, log):
    table = prepare.activity_coverage(log).set_index("activity")
    assert table.loc["Lead Created", "source"] == "Lead"
    assert table.loc["Lead Created", "events"] == len(hand.tables["Lead"])
    # 36 leads of which 10 have no history (every fourth deal), and the second leads of five deals.
    assert table.loc["Lead Converted", "source"] == "LeadHistory, Lead"
    rough = table["approximate"]
    accepted = table.loc["Quote Accepted"]
    assert np.isclose(accepted["approximate"], 12 / accepted["events"])
    assert (rough.drop("Quote Accepted") == 0).all()
    assert table["events"].sum() == log.n_events


def test_an_edge_leads_back_to_its_two_records(log):
    rows = prepare.records(
        log, edge=("Sales Order Created", "Order Activated"), instance_url="https://acme.my.salesforce.com/"
    )
    assert len(rows) == 2 * 33
    assert set(rows["source"].astype(str)) == {"Order"}
    first = rows.iloc[0]
    assert first["link"] == f"https://acme.my.salesforce.com/{first['record_id']}"


def test_a_row_of_a_history_links_to_what_it_is_about(log):
    rows = prepare.records(log, "006000000000001", instance_url="https://acme.my.salesforce.com")
    sent = rows[rows["activity"] == "Quote Sent"].iloc[0]
    assert sent["record_id"].startswith("QUO") and sent["link"].rsplit("/", 1)[1].startswith("QUO")
    assert sent["record_id"] != sent["link"].rsplit("/", 1)[1]
    opened = rows[rows["activity"] == "Opportunity Created"].iloc[0]
    assert opened["link"].endswith("/006000000000001")
    lead = rows[rows["activity"] == "Lead Created"].iloc[0]
    assert lead["link"].endswith(lead["record_id"])


def test_what_does_not_exist_is_told(log):
    with pytest.raises(L2CError, match="No activity is called 'Quote Snet'"):
        prepare.records(log, edge=("Quote Snet", "Quote Sent"))
    with pytest.raises(L2CError, match="No case has '006NOPE'"):
        prepare.records(log, "006NOPE")


def test_a_log_without_records_leads_back_to_its_rows():
    rows = prepare.records(from_text("a: A 1, B 2"), "a")
    assert rows["activity"].tolist() == ["A", "B"]
    assert rows["record_id"].isna().all()


def test_fan_out_counts_objects_per_deal(hand, log):
    table = prepare.fan_out(log).set_index("object_type")
    # Every fourth deal has a second quote, every odd won one a second invoice.
    assert table.loc["Quote", ["objects", "cases", "most_per_case"]].tolist() == [63, 50, 2]
    assert np.isclose(table.loc["Quote", "per_case"], 63 / 50)
    assert bool(table.loc["Quote", "fans_out"]) and not bool(table.loc["Order", "fans_out"])
    assert table.loc["Invoice", "objects"] == len(hand.tables["Invoice"])
    assert prepare.fan_out(from_text("a: A 1, B 2")).empty


def test_a_history_that_begins_late_is_told_with_the_cases_it_cuts():
    frames = demo_org.objects(800)
    whole = l2c.read(frames)
    assert prepare.objects(whole)["since"].isna().all()
    assert diagnose.truncation(whole).empty
    history = frames["QuoteHistory"].filter(pl.col("CreatedDate") >= "2025-06-01")
    log = l2c.read(frames | {"QuoteHistory": history})
    row = prepare.objects(log).set_index("object_type").loc["QuoteHistory"]
    quotes = frames["Quote"].filter(pl.col("CreatedDate") < history["CreatedDate"].min())
    assert row["since"] == pd.Timestamp(history["CreatedDate"].min()).tz_localize(None)
    assert row["cases"] == quotes["OpportunityId"].n_unique()
    cut = diagnose.truncation(log).set_index("kpi")
    late = log.where(opened=(f"{row['since']:%Y-%m-%d}", None))
    assert cut.loc["win_rate", "without"] == l2c.kpis(late).set_index("kpi").loc["win_rate", "value"]
    assert cut.loc["win_rate", "cases_cut"] == log.n_cases - late.n_cases
    assert "since 2025-0" in show.objects(prepare.objects(log), prepare.fan_out(log)).svg()


def test_a_given_start_of_history_is_weighed_too():
    log = demo(300)
    import dataclasses

    started = dataclasses.replace(
        log, base=dataclasses.replace(log.base, history_start=pd.Timestamp("2025-01-01").to_pydatetime())
    )
    assert set(diagnose.truncation(started)["object_type"]) == {"log"}


def test_the_flat_log_says_something_else_than_the_objects():
    text = """
    a: Invoice_Sent@1#1 Invoice_Sent@11#2 Payment_Received@31#1 Payment_Received@61#2
    """
    rows = []
    for part in text.split()[1:]:
        name, _, rest = part.partition("@")
        day, _, number = rest.partition("#")
        rows.append(
            {
                "case_id": "a",
                "activity": name.replace("_", " "),
                "time": pd.Timestamp("2025-01-01") + pd.Timedelta(days=int(day)),
                "object_id": number,
            }
        )
    from l2c.log import build

    table = diagnose.flattening(build(pd.DataFrame(rows)))
    # Each invoice waited 30 and 50 days; from the first invoice to the first payment it is 30, on the map 20.
    assert table[["start", "end", "count", "mean_days", "flat_mean_days", "next_mean_days"]].values.tolist() == [
        ["Invoice Sent", "Payment Received", 2, 40.0, 30.0, 20.0]
    ]


@pytest.mark.parametrize("lang, words", [("en", "Orders"), ("ja", "注文")])
def test_the_diagram_names_every_object(log, lang, words):
    picture = show.objects(prepare.objects(log), prepare.fan_out(log), lang=lang)
    assert words in picture.texts
    assert any("1.26" in text for text in picture.texts)


def test_a_log_of_events_has_no_diagram():
    log = from_text("a: A 1, B 2")
    assert "nothing to draw" in show.objects(prepare.objects(log), prepare.fan_out(log)).alt
