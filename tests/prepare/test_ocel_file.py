"""Object-centric logs become logs of deals, or ask which objects are deals; traces without names are cases."""

import gzip
import json

import pytest

import l2c
from l2c import engine
from l2c.prepare import ocel_file
from l2c.prepare.read import read
from l2c.words.errors import L2CError
from tests.logs import demo
from tests.prepare.salesforce.handmade import HandMade

V2 = {
    "objectTypes": [],
    "eventTypes": [],
    "objects": [
        {
            "id": "o1",
            "type": "Opportunity",
            "attributes": [
                {"name": "amount", "time": "2025-01-01T00:00:00Z", "value": 7},
                {"name": "amount", "time": "1970-01-01T00:00:00Z", "value": 5},
            ],
        },
        {"id": "o2", "type": "Opportunity"},
        {"id": "q1", "type": "Quote"},
    ],
    "events": [
        {"id": "e1", "type": "Quote Sent", "time": "2025-01-05T08:30:00Z", "relationships": [{"objectId": "o1"}, {"objectId": "q1"}]},
        {"id": "e2", "type": "Signed", "time": "2025-01-06T08:30:00Z", "attributes": [{"name": "resource", "value": "Ann"}], "relationships": [{"objectId": "o1"}, {"objectId": "o2"}]},
        {"id": "e3", "type": "Priced", "time": "2025-01-07T08:30:00Z", "relationships": [{"objectId": "q1"}]},
    ],
}  # fmt: skip
XML2 = """<?xml version="1.0"?><log><object-types><object-type name="Deal"/></object-types><objects>
<object id="o1" type="Deal"><attributes><attribute name="amount" time="1970-01-01T00:00:00Z">7</attribute></attributes></object></objects>
<events><event id="e1" type="Quote Sent" time="2025-01-05T08:30:00Z"><objects><relationship object-id="o1" qualifier="x"/></objects>
</event></events></log>"""
V1 = {
    "ocel:global-log": {"ocel:version": "1.0"},
    "ocel:events": {
        "e1": {
            "ocel:activity": "Quote Sent",
            "ocel:timestamp": "2025-01-05T08:30:00",
            "ocel:omap": ["o1"],
            "ocel:vmap": {},
        }
    },
    "ocel:objects": {"o1": {"ocel:type": "deals", "ocel:ovmap": {"amount": 7}}},
}
XML1 = """<?xml version="1.0"?><log><global scope="log"><list key="object-types"><string key="object-type" value="deal"/></list></global>
<events><event><string key="id" value="e1"/><string key="activity" value="Quote Sent"/><date key="timestamp" value="2025-01-05T08:30:00"/>
<list key="omap"><string key="object-id" value="o1"/></list><list key="vmap"><string key="resource" value="Ann"/></list></event></events>
<objects><object><string key="id" value="o1"/><string key="type" value="deal"/><list key="ovmap"><float key="amount" value="7"/></list>
</object></objects></log>"""


@pytest.mark.parametrize("content", [V2, V1, XML2, XML1, json.loads(json.dumps(V2).replace("Opportunity", "商談"))])
@pytest.mark.parametrize("name", ["x.jsonocel", "x.xml"])
def test_an_object_centric_log_is_read_by_its_deals(tmp_path, content, name):
    (tmp_path / name).write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    found = engine.collect(read(tmp_path / name).cases).set_index("case_id")
    assert found.loc["o1", "amount"] == 7


def test_events_of_several_deals_or_none_are_told(tmp_path):
    (tmp_path / "x.json").write_text(json.dumps(V2))
    log = read(tmp_path / "x.json")
    assert sorted(engine.collect(log.cases)["case_id"]) == ["o1", "o2"]
    assert (log.quality.rows_read, log.quality.rows_used, log.quality.reasons) == (4, 3, {"no case": 1})
    assert "Of 3 events, 1 are about several of them and stand in each, and 1 are about none" in "\n".join(
        map(str, log.quality.notes)
    )


@pytest.mark.parametrize("said", ["Bestellung", "quote"])
def test_the_line_of_the_message_leads_to_a_log(tmp_path, said):
    (tmp_path / "x.json").write_text(json.dumps(V2).replace("Opportunity", "Bestellung"))
    with pytest.raises(L2CError, match=r'Bestellung, Quote\. .*--map "case_id=Bestellung"'):
        read(tmp_path / "x.json")
    log = read(tmp_path / "x.json", mapping=f"case_id={said}")
    assert set(engine.collect(log.cases)["case_id"]) == ({"q1"} if said == "quote" else {"o1", "o2"})


def test_the_only_kind_of_objects_is_the_case(tmp_path):
    (tmp_path / "x.xml").write_text(XML2.replace("Deal", "Order"))
    log = read(tmp_path / "x.xml")
    assert log.n_cases == 1 and "of the type Order" in "\n".join(map(str, log.quality.notes))


@pytest.fixture(scope="module")
def logs():
    return {"org": l2c.read(HandMade().frames()), "demo": demo(30)}


@pytest.mark.parametrize("kind", [".sqlite", ".json"])
@pytest.mark.parametrize("name", ["org", "demo"])
def test_what_the_kit_writes_it_reads_back(logs, tmp_path, name, kind):
    log = logs[name]
    again = read(log.to_ocel(tmp_path / f"x{kind}"))
    columns = ["case_id", "activity", "time"]
    before, after = (
        engine.collect(each.events)[columns].astype(str).sort_values(columns, ignore_index=True)
        for each in (log, again)
    )
    assert before.equals(after)
    assert set(log.attributes) <= set(again.attributes)
    assert (
        engine.collect(log.cases)["status"].value_counts().to_dict()
        == engine.collect(again.cases)["status"].value_counts().to_dict()
    )
    if name == "demo":
        numbers = [set(engine.collect(each.events)["object_id"].dropna()) for each in (log, again)]
        assert numbers[0] == numbers[1]


def test_the_standards_own_reader_and_ours_agree(logs, tmp_path, pm4py_quietly):
    path = logs["demo"].to_ocel(tmp_path / "x.sqlite")
    found = ocel_file.of_database(path, "x.sqlite")
    import pm4py

    theirs = pm4py.read_ocel2(str(path))
    assert len(theirs.events) == len(found.events) and len(theirs.objects) == len(found.kinds)
    assert len(theirs.relations) == sum(map(len, found.about.values()))
    assert ocel_file.is_document(V2) and ocel_file.is_document(V1) and not ocel_file.is_document({"events": []})
    assert ocel_file.is_xml(XML1) and ocel_file.is_xml(XML2) and not ocel_file.is_xml("<log><trace/></log>")
    assert ocel_file.is_database(["event", "object", "event_object", "event_map_type", "object_map_type"])
    assert ocel_file.of_json(V1, "x").kinds == ocel_file.of_xml(XML2, "x").kinds | {"o1": "deals"}
    assert ocel_file.table(ocel_file.of_json(V2, "x"), "x").frame.height == 4


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (json.dumps(V2 | {"events": [{"id": "e"}]}), "OCEL, but is damaged"),
        (json.dumps(V2 | {"events": []}), "no trace with events"),
        (XML2[:300], "OCEL, but is damaged"),
        (XML2.replace("<log>", '<!DOCTYPE log [<!ENTITY a "b">]><log>'), "XML entities"),
    ],
)
def test_an_object_centric_log_that_cannot_be_read_says_why(tmp_path, content, words):
    (tmp_path / "x.xml").write_text(content)
    with pytest.raises(L2CError, match=words):
        read(tmp_path / "x.xml")


EVENT = (
    '<event><string key="concept:name" value="{}"/><date key="time:timestamp" value="2025-01-0{}T00:00:00"/></event>'
)


@pytest.mark.parametrize("name", ["log.xes", "log.xes.gz"])
@pytest.mark.parametrize("inside", ["", '<string key="region" value="EMEA"/>'])
def test_traces_without_names_are_numbered(tmp_path, name, inside):
    traces = "".join(
        f"<trace>{inside}{EVENT.format('Quote Sent', n)}{EVENT.format('Closed Won', n + 1)}</trace>" for n in (1, 3)
    )
    data = f"<log>{traces}<trace/></log>".encode()
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    log = read(tmp_path / name)
    assert sorted(engine.collect(log.cases)["case_id"]) == ["1", "2"] and log.n_events == 4
    assert "The traces have no names" in "\n".join(map(str, log.quality.notes))


def test_a_case_that_the_events_name_is_not_numbered(tmp_path):
    event = EVENT.format("Quote Sent", 1).replace("</event>", '<string key="case_id" value="D{}"/></event>')
    (tmp_path / "log.xes").write_text(f"<log><trace>{event.format(1)}{event.format(2)}</trace></log>")
    assert sorted(engine.collect(read(tmp_path / "log.xes").cases)["case_id"]) == ["D1", "D2"]
