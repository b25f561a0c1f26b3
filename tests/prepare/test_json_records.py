"""Records of JSON, whoever wrote them."""

import json

import pandas as pd
import polars as pl
import pytest

from l2c import engine
from l2c.prepare import formats, frames, json_records, nested
from l2c.prepare.read import read
from l2c.words.errors import L2CError
from l2c.words.notes import is_top

DEALS = [
    {
        "attributes": {"type": "Opportunity", "url": "/services/data/v60.0/sobjects/Opportunity/1"},
        "Id": "006Kx00000Aa1b1AAA",
        "StageName": "Closed Won",
        "IsWon": True,
        "Amount": 1000.0,
        "CreatedDate": "2025-01-05T08:30:00.000+0000",
        "CloseDate": "2025-02-20",
        "Owner": {"attributes": {"type": "User"}, "Name": "Ann"},
        "Account": None,
    },
    {
        "attributes": {"type": "Opportunity", "url": "/services/data/v60.0/sobjects/Opportunity/2"},
        "Id": "006Kx00000Aa1b2AAA",
        "StageName": "Closed Lost",
        "IsWon": False,
        "Amount": 2000.0,
        "CreatedDate": "2025-01-06T08:30:00.000+0000",
        "CloseDate": "2025-02-21",
        "Owner": None,
        "Account": {"attributes": {"type": "Account"}, "Name": "Acme"},
    },
]
STEPS = [
    {
        "attributes": {"type": "OpportunityHistory"},
        "Id": f"008Kx000000000{n}AAA",
        "OpportunityId": "006Kx00000Aa1b1AAA",
        "StageName": stage,
        "CreatedDate": f"2025-0{n}-05T08:30:00.000Z",
    }
    for n, stage in ((1, "Prospecting"), (2, "Closed Won"))
]


def bare(records):
    return [{key: value for key, value in record.items() if key != "attributes"} for record in records]


def lines(records):
    return "\n".join(json.dumps(record) for record in records)


def answer(records):
    return {"totalSize": len(records), "done": True, "records": records}


def raw(records, text=False):
    return [
        {"_airbyte_raw_id": "x", "_airbyte_extracted_at": 1, "_airbyte_data": json.dumps(r) if text else r}
        for r in records
    ]


def messages(stream, records):
    return [{"type": "RECORD", "stream": stream, "record": record} for record in records]


FORMS = {
    "array": json.dumps(bare(DEALS)),
    "sf data query": json.dumps({"status": 0, "result": answer(DEALS), "warnings": []}),
    "REST": json.dumps(answer(DEALS), indent=2),
    "record a line": lines(DEALS),
    "one after the other": "\n".join(json.dumps(r, indent=1) for r in bare(DEALS)),
    "UTF-16": json.dumps(bare(DEALS)).encode("utf-16"),
    "with a mark": b"\xef\xbb\xbf" + json.dumps(bare(DEALS)).encode(),
    "Airbyte": lines(raw(bare(DEALS))),
    "Airbyte as text": json.dumps(raw(bare(DEALS), text=True)),
    "Airbyte messages": lines([{"type": "RECORD", "record": {"stream": "Opportunity", "data": r, "emitted_at": 1}} for r in bare(DEALS)]),
    "Singer": lines([{"type": "SCHEMA", "stream": "Opportunity"}, *messages("Opportunity", bare(DEALS)), {"type": "STATE", "value": {}}]),
    "by object": json.dumps({"Opportunity": DEALS}),
    "answer by object": json.dumps({"Opportunity": answer(DEALS)}),
    "OData": json.dumps({"@odata.context": "x", "value": bare(DEALS)}),
    "with an empty one": json.dumps([None, *bare(DEALS)]),
    "rows of cells": json.dumps([["Id", "Owner.Name", "StageName", "IsWon", "Amount", "CreatedDate", "CloseDate"], *([r["Id"], "Ann" if r["Owner"] else None, r["StageName"], r["IsWon"], r["Amount"], r["CreatedDate"], r["CloseDate"]] for r in DEALS)]),
    "columns of pandas": pd.DataFrame(nested.flattened(DEALS)).to_json(),
    "split by pandas": pd.DataFrame(nested.flattened(DEALS)).to_json(orient="split"),
}  # fmt: skip


@pytest.mark.parametrize("name", ["deals.json", "deals.txt"])
@pytest.mark.parametrize("form", FORMS)
def test_records_are_read_in_every_form(tmp_path, form, name):
    data = FORMS[form]
    (tmp_path / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    log = read(tmp_path / name)
    found = engine.collect(log.cases).set_index("case_id")
    assert (log.quality.rows_read, log.quality.rows_used) == (2, 2)
    assert found["status"].to_dict() == {"006Kx00000Aa1b1AAA": "won", "006Kx00000Aa1b2AAA": "lost"}
    assert found.loc["006Kx00000Aa1b1AAA", ["amount", "rep"]].to_list() == [1000, "Ann"]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"Opportunity": DEALS, "OpportunityHistory": STEPS}),
        json.dumps({"Opportunity": answer(DEALS), "OpportunityHistory": answer(STEPS)}),
        lines([*messages("Opportunity", bare(DEALS)), *messages("OpportunityHistory", bare(STEPS))]),
        json.dumps(answer([{**DEALS[0], "OpportunityHistories": answer(STEPS)}, DEALS[1]])),
    ],
)
def test_several_objects_in_one_file_are_an_org(tmp_path, content):
    (tmp_path / "x.json").write_text(content)
    log = read(tmp_path / "x.json")
    assert (log.n_cases, log.quality.rows_read) == (2, 4)
    assert "OpportunityHistory" in "\n".join(map(str, log.quality.notes))


def test_json_beside_tables_is_an_object_of_the_org(tmp_path):
    pd.DataFrame(nested.flattened(DEALS)).to_csv(tmp_path / "Opportunity.csv", index=False)
    (tmp_path / "OpportunityHistory.json").write_text(json.dumps(bare(STEPS)))
    log = read(tmp_path)
    assert log.quality.rows_read == 4
    assert "OpportunityHistory.json: the records are read from JSON" in "\n".join(map(str, log.quality.notes))
    assert json_records.objects(json.dumps(answer(STEPS)).encode()) == ["OpportunityHistory"]
    assert json_records.objects(b"{") == []


def test_records_of_files_with_other_names_are_told_by_what_they_say(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"result": answer(DEALS)}))
    (tmp_path / "b.json").write_text(json.dumps(STEPS))
    assert read(tmp_path).quality.rows_read == 4


@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame, list, answer])
def test_answers_of_a_client_are_read_as_they_are(frame):
    found = engine.collect(read(frame(DEALS)).cases).set_index("case_id")
    assert found["rep"].to_dict()["006Kx00000Aa1b1AAA"] == "Ann"
    assert not {c for c in found if "attributes" in c}
    assert read({"Opportunity": frame(DEALS)}).n_cases == 2
    assert read({"Opportunity": frame(DEALS), "OpportunityHistory": frame(STEPS)}).quality.rows_read == 4


def test_mixed_numbers_and_texts_of_a_frame_are_read():
    rows = {
        "case_id": [1, 2.0, "3"],
        "activity": ["Quote Sent"] * 3,
        "timestamp": ["2025-01-01"] * 3,
        "discount": [10, "15%", None],
    }
    found = engine.collect(read(pd.DataFrame(rows)).cases).set_index("case_id")
    assert found["discount"].fillna(0).to_dict() == {"1": 0.1, "2": 0.15, "3": 0}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_raw_table_of_airbyte_is_unwrapped(tmp_path, kind):
    frame = pd.DataFrame(raw(bare(DEALS), text=True))
    frame.to_csv(tmp_path / "x.csv", index=False) if kind == "csv" else frame.to_parquet(tmp_path / "x.parquet")
    found = engine.collect(read(tmp_path / f"x.{kind}").cases)
    assert set(found["status"]) == {"won", "lost"} and "Ann" in set(found["rep"])


def test_fields_of_fields_in_parquet_are_columns(tmp_path):
    pl.DataFrame(raw(bare(DEALS))).write_parquet(tmp_path / "x.parquet")
    (table,) = formats.tables(tmp_path / "x.parquet")
    assert table.frame["Owner.Name"].to_list() == ["Ann", None]


def test_types_are_kept_and_what_leads_nowhere_is_no_column():
    (table,) = json_records.tables_of(DEALS, "x.json")
    assert table.name == "x.json › Opportunity"
    assert table.frame.columns == [
        "Id",
        "StageName",
        "IsWon",
        "Amount",
        "CreatedDate",
        "CloseDate",
        "Owner.Name",
        "Account.Name",
    ]
    assert table.frame.schema["IsWon"] == pl.Boolean and table.frame["Amount"].to_list() == [1000, 2000]
    assert nested.flattened([{"a": {"b": {"c": 1}}, "tags": ["x", "y"]}]) == [{"a.b.c": 1, "tags": "x;y"}]
    assert nested.flattened([{"on": "/Date(1736064000000+0000)/"}]) == [{"on": "2025-01-05T08:00:00+00:00"}]
    assert nested.is_of_salesforce(DEALS[0]) and not nested.is_of_salesforce({"a": {"type": 1}})
    assert frames.is_answer(answer(DEALS)) and not frames.is_answer({"records": [1]})


@pytest.mark.parametrize(
    ("record", "header"),
    [
        ({"id": "1", "properties": {"dealname": "x"}}, "dealname"),
        ({"id": "rec1", "createdTime": "2025-01-01", "fields": {"Deal": "x"}}, "Deal"),
        ({"type": "deals", "id": "1", "attributes": {"name": "x"}}, "name"),
        ({"id": 1, "user_id": {"id": 3, "name": "Ann"}}, "user_id.name"),
    ],
)
def test_what_other_systems_wrap_around_the_fields_falls_away(record, header):
    ((_, rows),) = nested.lists({"results": [record], "paging": {"next": {}}}).items()
    assert header in nested.flattened(rows)[0]


def test_events_within_a_case_are_rows_with_the_attributes_of_the_case(tmp_path):
    events = [
        {"activity": "Quote Sent", "timestamp": "2025-01-01"},
        {"activity": "Closed Won", "timestamp": "2025-01-03"},
    ]
    (tmp_path / "x.json").write_text(json.dumps([{"case_id": "D1", "amount": 5, "events": events}]))
    log = read(tmp_path / "x.json")
    assert log.n_events == 2 and engine.collect(log.cases)["amount"].to_list() == [5]


@pytest.mark.parametrize(
    "more",
    [
        {"done": False, "nextRecordsUrl": "/services/data/v60.0/query/01g-2000"},
        {"@odata.nextLink": "https://example.crm.dynamics.com/api/data?page=2"},
        {"paging": {"next": {"after": "100"}}},
        {"has_more": True},
    ],
)
def test_one_page_of_several_is_called_cut_off(more):
    rows = [{"case_id": "D1", "activity": "Closed Won", "timestamp": "2025-01-05"}]
    for answer in (
        {"records": rows, **more},
        {"result": {"records": rows, **more}},
        [{"records": rows}, {"records": rows, **more}],
    ):
        found = json_records.tables_of(answer, "page.json")
        assert [note.id for note in found[0].notes if is_top(note)] == ["more_pages"]
    for whole in ({"records": rows, "done": True}, {"records": rows, "paging": {}}, rows):
        assert not json_records.goes_on(whole)


def test_a_broken_line_costs_the_line(tmp_path):
    (tmp_path / "x.jsonl").write_text(lines(DEALS) + '\n{"Id": "006')
    quality = read(tmp_path / "x.jsonl").quality
    assert (quality.rows_read, quality.rows_used, quality.reasons) == (3, 2, {"malformed row": 1})
    assert json_records.loaded(b'{"a": 1}\n{"a"', "x") == ([{"a": 1}], [(2, '{"a"')])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[]", "without a list of records"),
        ('{"name": "l2c", "version": 1}', "it holds name, version"),
        (
            '[{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]',
            "Session expired or invalid",
        ),
        ('{"status": 1, "name": "NoOrgFound", "message": "No org.", "exitCode": 1}', "No org"),
        ('{"": "WARNING", "doc_id": "1"}', "link to Google Sheets"),
        (json.dumps(DEALS)[:300], "damaged or incomplete"),
        ("[" * 100_000, "damaged or incomplete"),
    ],
)
def test_json_without_records_says_what_it_is(tmp_path, content, words):
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(L2CError, match=words):
        read(tmp_path / "x.json")


def test_json_is_limited_like_every_other_file(monkeypatch):
    monkeypatch.setattr(json_records, "MOST_JSON", 100)
    with pytest.raises(L2CError, match="more than 1 GB of JSON"):
        json_records.tables(json.dumps(DEALS).encode(), "x.json")
    with pytest.raises(L2CError, match="columns"):
        json_records.tables_of([{f"c{n}": n} for n in range(20_000)], "x.json")


@pytest.mark.parametrize(
    ("head", "is_json"), [('{"a"', True), ("[\n {", True), ("[]", True), ("[Case ID],x", False), ("{x}", False)]
)
def test_json_is_told_by_how_it_begins(head, is_json):
    assert json_records.is_json(head) is is_json
