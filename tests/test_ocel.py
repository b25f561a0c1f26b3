import json
import sqlite3

import pytest

import l2c
from l2c import engine
from l2c.demo import org as demo_org
from l2c.log import build
from l2c.words.errors import L2CError
from tests.logs import demo
from tests.prepare.salesforce.handmade import HandMade


@pytest.fixture(scope="module")
def log():
    return l2c.read(HandMade().frames())


@pytest.fixture(scope="module")
def files(log, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ocel")
    return [log.to_ocel(folder / "log.sqlite"), log.to_ocel(folder / "log.json")]


@pytest.mark.parametrize("kind", [0, 1], ids=["sqlite", "json"])
def test_pm4py_reads_what_is_written(log, files, kind):
    import pm4py

    read = pm4py.read_ocel2(str(files[kind]))
    # One event of the org is one event here; the flat log has no record in two deals.
    assert len(read.events) == log.n_events
    counts = read.objects["ocel:type"].value_counts().to_dict()
    hand = HandMade()
    for name in ("Opportunity", "Lead", "Quote", "Contract", "Order", "Invoice", "Payment"):
        assert counts[name] == len(hand.tables[name]), name
    assert counts["Account"] == 2
    # A payment of both invoices of a deal: the real many to many.
    paid = read.relations[(read.relations["ocel:activity"] == "Payment Received")]
    assert set(paid["ocel:type"]) == {"Opportunity", "Invoice", "Payment"}
    pairs = read.o2o.merge(read.objects, left_on="ocel:oid", right_on="ocel:oid")
    payments = pairs[pairs["ocel:type"] == "Payment"]
    assert len(payments) == len({(r["PaymentId"], r["InvoiceId"]) for r in hand.tables["PaymentLineInvoice"]})


def test_both_forms_hold_the_same(files):
    document = json.loads(files[1].read_text("utf-8"))
    with sqlite3.connect(files[0]) as db:
        counts = {
            name: db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            for name in ("event", "object", "event_object", "object_object")
        }
        types = {row[0] for row in db.execute("SELECT ocel_type FROM event_map_type")}
    db.close()
    assert counts["event"] == len(document["events"])
    assert counts["object"] == len(document["objects"])
    assert counts["event_object"] == sum(len(e["relationships"]) for e in document["events"])
    assert counts["object_object"] == sum(len(o["relationships"]) for o in document["objects"])
    assert types == {t["name"] for t in document["eventTypes"]}
    ids = {o["id"] for o in document["objects"]}
    assert all(r["objectId"] in ids for e in document["events"] for r in e["relationships"])


def test_an_event_of_two_deals_is_one_event_about_both(tmp_path):
    from tests.prepare.salesforce.test_scenarios import org

    deals = """Id | CreatedDate | StageName | IsClosed | IsWon | ContractId
    006A | 2025-01-01T09:00:00Z | Open | false | false | 800A
    006B | 2025-01-01T10:00:00Z | Open | false | false | 800A"""
    flat = l2c.read(org(Opportunity=deals, Contract="Id | CreatedDate\n800A | 2025-01-02T09:00:00Z"))
    assert flat.n_events == 4
    document = json.loads(flat.to_ocel(tmp_path / "x.json").read_text())
    signed = [e for e in document["events"] if e["type"] == "Contract Created"]
    assert len(signed) == 1
    assert {r["objectId"] for r in signed[0]["relationships"]} == {"800A", "006A", "006B"}


def test_a_lead_that_was_called_is_still_a_lead(tmp_path):
    from tests.prepare.salesforce.test_scenarios import org

    leads = """Id | CreatedDate | IsConverted | ConvertedOpportunityId
    00QA | 2024-12-01T09:00:00Z | false |
    00QB | 2024-12-01T09:00:00Z | true | 006A"""
    calls = """Id | WhoId | IsClosed | CompletedDateTime
    00TA | 00QA | true | 2024-12-02T09:00:00Z
    00TB | 00QB | true | 2024-12-03T09:00:00Z"""
    document = json.loads(l2c.read(org(Lead=leads, Task=calls)).to_ocel(tmp_path / "x.json").read_text())
    kinds = {o["id"]: o["type"] for o in document["objects"]}
    assert (kinds["00QA"], kinds["00QB"], kinds["006A"]) == ("Lead", "Lead", "Opportunity")
    called = [e["relationships"] for e in document["events"] if e["type"] == "Lead Contacted"]
    assert [{r["objectId"] for r in each} for each in called] == [{"00QA"}, {"00QB", "006A"}]


def test_a_filtered_log_holds_the_objects_of_its_cases_only(log, tmp_path):
    part = log.where(region="EMEA")
    document = json.loads(part.to_ocel(tmp_path / "x.json").read_text())
    deals = {o["id"] for o in document["objects"] if o["type"] == "Opportunity"}
    assert deals == set(engine.collect(part.cases)["case_id"])


@pytest.mark.parametrize("filters", [{}, {"outcome": "won"}])
def test_a_collected_log_keeps_its_objects_and_links(log, tmp_path, filters):
    chosen = log.where(**filters)
    collected = chosen.collect()
    before, after = (
        json.loads(each.to_ocel(tmp_path / f"{place}.json").read_text("utf-8"))
        for place, each in enumerate((chosen, collected))
    )
    assert before == after
    assert before["objects"]
    assert (collected.currency, collected.history_start) == (chosen.currency, chosen.history_start)
    # What is saved afterwards holds them too.
    opened = l2c.open(collected.save(tmp_path / "log"))
    assert json.loads(opened.to_ocel(tmp_path / "opened.json").read_text("utf-8")) == before


def test_a_sample_has_the_objects_of_its_cases_only(log):
    few = log.collect(sample=1)
    assert few.n_cases == 1
    cases = engine.collect(few.cases)["case_id"]
    objects = engine.collect(few.objects)
    assert set(objects["case_id"]) == set(cases)
    assert set(engine.collect(few.links)["from_id"]) <= set(objects["object_id"])


def test_a_log_without_records_is_written_by_its_document_numbers(tmp_path):
    import pm4py

    log = demo(60)
    read = pm4py.read_ocel2(str(log.to_ocel(tmp_path / "x.sqlite")))
    assert len(read.events) == log.n_events
    kinds = read.objects["ocel:type"].value_counts()
    numbers = engine.collect(log.events)["object_id"].dropna()
    assert kinds["Order"] == numbers[numbers.str.startswith("SO-")].nunique()
    assert kinds["Invoice"] == numbers[numbers.str.startswith("INV-")].nunique()


def test_a_log_of_three_columns_can_be_written(tmp_path):
    import pandas as pd

    rows = pd.DataFrame(
        {"case_id": ["1", "1"], "activity": ["A", "B"], "time": pd.to_datetime(["2025-01-01", "2025-01-02"])}
    )
    document = json.loads(build(rows).to_ocel(tmp_path / "x.json").read_text())
    assert [e["relationships"][0]["objectId"] for e in document["events"]] == ["1", "1"]


def test_another_ending_is_refused(log, tmp_path):
    with pytest.raises(L2CError, match="sqlite"):
        log.to_ocel(tmp_path / "x.xml")


def test_a_generated_org_keeps_its_invoices_apart(tmp_path):
    log = l2c.read(demo_org.objects(150))
    document = json.loads(log.to_ocel(tmp_path / "x.json").read_text())
    paid = [e for e in document["events"] if e["type"] == "Payment Received"]
    assert len(paid) == len(demo_org.objects(150)["PaymentLineInvoice"])
