import gzip
import io
from datetime import datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import l2c
from l2c import diagnose, engine
from l2c.cli import main
from l2c.demo.org import write_objects
from l2c.discover import flow, variants
from l2c.log import END, START, build
from l2c.prepare.findings import findings
from l2c.prepare.ids import eighteen
from l2c.prepare.read import read
from l2c.words.errors import ColumnsNotFound, L2CError
from tests.data import sample
from tests.logs import event_rows

LONG = """Opportunity ID,Activity,Timestamp,Opportunity Owner,Amount
a,Opportunity Created,2025-01-01 09:00:00,Kim,"USD 1,000.50"
a,Quote Sent,2025-01-03 09:00:00,Kim,
b,Opportunity Created,2025-01-02 10:30:00,Sato,"USD 2,000"
b,Closed Lost,2025-01-05 10:30:00,Sato,
"""


def write(tmp_path, text, name="log.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def events(log):
    return engine.collect(log.events.sort("case_key", "position"))


def cases(log):
    return engine.collect(log.cases).set_index("case_id")


def test_a_row_per_event(tmp_path):
    log = read(write(tmp_path, LONG))
    assert events(log)[["case_id", "activity", "source_row"]].values.tolist() == [
        ["a", "Opportunity Created", 2],
        ["a", "Quote Sent", 3],
        ["b", "Opportunity Created", 4],
        ["b", "Closed Lost", 5],
    ]
    assert cases(log)["amount"].to_dict() == {"a": 1000.50, "b": 2000.0}
    assert cases(log)["status"].to_dict() == {"a": "open", "b": "lost"}
    assert log.currency == "USD"
    assert log.extracted == datetime(2025, 1, 5, 10, 30)


def test_a_row_per_deal(tmp_path):
    text = """Opportunity ID,Stage,Created Date,Close Date,Owner
a,Closed Won,2025-01-01,2025-02-01,Kim
b,Closed Lost,2025-01-02,2025-02-02,Kim
c,Negotiation,2025-01-03,2025-12-24,Sato
d,Prospecting,,,Sato
"""
    log = read(write(tmp_path, text))
    # The close of c is planned, so it is no event; d has no date at all.
    assert events(log)[["case_id", "activity"]].values.tolist() == [
        ["a", "Opportunity Created"],
        ["a", "Closed Won"],
        ["b", "Opportunity Created"],
        ["b", "Closed Lost"],
        ["c", "Opportunity Created"],
    ]
    assert set(events(log)["precision"]) == {"day"}
    assert log.quality.summary() == {
        "rows_read": 4,
        "rows_used": 3,
        "events": 5,
        "quarantined": 1,
        "reasons": {"no time": 1},
    }
    assert log.quality.quarantine["Opportunity ID"].tolist() == ["d"]


def test_unusable_rows_are_kept_with_their_reason(tmp_path):
    bad = LONG + (
        ",Quote Sent,2025-01-03 09:00:00,Kim,\n"  # line 6
        "a,,2025-01-03 09:00:00,Kim,\n"
        "a,Quote Sent,,Kim,\n"
        "a,Quote Sent,soon,Kim,\n"
        "a,Quote Sent,1900-01-01 00:00:00,Kim,\n"
        "a,Quote Sent,2999-01-01 00:00:00,Kim,\n"
        "a,Quote Sent,2025-01-03 09:00:00,Kim,\n"
    )
    log = read(write(tmp_path, bad))
    assert log.quality.reasons == {
        "no case": 1,
        "no activity": 1,
        "no time": 1,
        "unreadable time": 1,
        "out of range": 2,
        "duplicate": 1,
    }
    rows = log.quality.quarantine
    assert rows[["reason", "row"]].values.tolist() == [
        ["no case", 6],
        ["no activity", 7],
        ["no time", 8],
        ["unreadable time", 9],
        ["out of range", 10],
        ["out of range", 11],
        ["duplicate", 12],
    ]
    assert rows["Timestamp"][3] == "soon"
    assert rows["file"].unique().tolist() == ["log.csv"]
    assert len(events(log)) == 4


def test_times_after_the_extraction_are_out_of_range(tmp_path):
    log = read(write(tmp_path, LONG), extracted="2025-01-04")
    assert log.quality.reasons == {"out of range": 1}
    assert log.extracted == datetime(2025, 1, 4)


def test_ids_are_text(tmp_path):
    text = "Case ID,Activity,Timestamp\n" + "".join(
        f"{case},Quote Sent,2025-01-0{day}\n"
        for day, case in enumerate(["X-NA", "0000611365", "1e5", "null", "nan"], 1)
    )
    log = read(write(tmp_path, text))
    assert sorted(cases(log).index) == ["0000611365", "1e5", "X-NA"]
    # What only says that nothing is there is no id.
    assert log.quality.reasons == {"no case": 2}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932", "euc-jp"])
def test_japanese_headers_and_activities_in_any_encoding(tmp_path, encoding):
    text = (
        "商談ID,アクティビティ,タイムスタンプ,営業担当者,金額\n"
        "甲,商談作成,2024/11/23 9:05,佐藤,￥197920\n"
        "甲,見積発行,令和6年11月25日,佐藤,￥197920\n"
    )
    log = read(write(tmp_path, text, encoding=encoding))
    assert events(log)["activity"].tolist() == ["Opportunity Created", "Quote Sent"]
    assert events(log)["time"].tolist() == [datetime(2024, 11, 23, 9, 5), datetime(2024, 11, 25)]
    assert events(log)["precision"].tolist() == ["minute", "day"]
    assert cases(log).loc["甲", ["rep", "amount"]].tolist() == ["佐藤", 197920]
    assert log.currency == "JPY"


def test_a_time_zone_is_for_times_without_one(tmp_path):
    text = "Case ID,Activity,Timestamp\na,Opportunity Created,2025-01-01 09:00:00\na,Quote Sent,2025-01-01T09:00:00+01:00\n"
    log = read(write(tmp_path, text), time_zone="Asia/Tokyo")
    assert events(log)["time"].tolist() == [datetime(2025, 1, 1, 0), datetime(2025, 1, 1, 8)]


def test_a_missing_column_is_named_with_the_way_out(tmp_path):
    with pytest.raises(ColumnsNotFound) as raised:
        read(write(tmp_path, "Nummer,Ding,Moment\n1,Quote Sent,2025-01-01\n"))
    assert "Nummer, Ding, Moment" in str(raised.value)
    assert '--map "' in str(raised.value)


def test_a_mapping_settles_it(tmp_path):
    path = write(tmp_path, "Deal No,Step X,When X\n1,Angebot,2025-01-01\n")
    log = read(path, mapping="case_id=Deal No, activity=Step X, time=When X")
    assert events(log)["activity"].tolist() == ["Angebot"]
    rules = tmp_path / "map.yaml"
    rules.write_text("columns: {case_id: Deal No, activity: Step X, time: When X}\nactivities: {Angebot: Quote Sent}\n")
    log = read(path, mapping=rules)
    assert events(log)["activity"].tolist() == ["Quote Sent"]
    # The mapping that was used can be saved and used again.
    again = read(path, mapping=log.quality.mapping)
    assert events(again)["activity"].tolist() == ["Quote Sent"]


def test_a_mapping_that_names_no_column_says_so(tmp_path):
    with pytest.raises(ColumnsNotFound, match="no column 'Deal'"):
        read(write(tmp_path, LONG), mapping="case_id=Deal")


def test_two_names_for_one_activity_are_not_merged(tmp_path):
    text = "Case ID,Activity,Timestamp\na,Quote Sent,2025-01-01\na,Quote Presented,2025-01-02\n"
    log = read(write(tmp_path, text))
    assert events(log)["activity"].tolist() == ["Quote Sent", "Quote Presented"]
    assert any("Quote Presented" in str(note) for note in log.quality.notes)


def test_several_files_are_one_log(tmp_path):
    first = write(tmp_path, LONG)
    second = write(tmp_path, LONG.replace("\na,", "\nc,").replace("\nb,", "\nd,"), "more.csv")
    for source in ([first, second], tmp_path):
        log = read(source)
        assert sorted(cases(log).index) == ["a", "b", "c", "d"]
        assert log.quality.rows_read == 8


def test_the_same_rows_in_two_files_are_duplicates(tmp_path):
    log = read([write(tmp_path, LONG), write(tmp_path, LONG, "again.csv")])
    assert (log.quality.rows_read, log.quality.rows_used, log.quality.reasons) == (8, 4, {"duplicate": 4})


def test_fifteen_and_eighteen_character_ids_are_one_deal(tmp_path):
    # The well-known pair from Salesforce's own documentation of ids.
    assert eighteen("001A0000006Vm9r") == "001A0000006Vm9rIAC"
    text = "Case ID,Activity,Timestamp\n001A0000006Vm9r,Quote Created,2025-01-01\n001A0000006Vm9rIAC,Quote Sent,2025-01-02\n"
    log = read(write(tmp_path, text))
    assert cases(log).index.tolist() == ["001A0000006Vm9rIAC"]


def test_unknown_columns_are_kept_under_their_own_names(tmp_path):
    text = "Case ID,Activity,Timestamp,Team Colour,events\na,Quote Sent,2025-01-01,blue,x\n"
    log = read(write(tmp_path, text))
    assert log.attributes == ("Team Colour", "events (source)")
    assert log.where({"Team Colour": "blue"}).n_cases == 1


def test_mixed_currencies_are_said_and_not_summed(tmp_path):
    text = 'Case ID,Activity,Timestamp,Amount\na,Quote Sent,2025-01-01,"USD 5"\nb,Quote Sent,2025-01-01,"EUR 5"\n'
    log = read(write(tmp_path, text))
    assert log.currency is None
    assert any("EUR, USD" in str(note) for note in log.quality.notes)


def test_data_frames_are_read_too():
    import polars as pl

    frame = pd.read_csv(io.StringIO(LONG), dtype=str)
    assert read(frame).n_events == read(pl.from_pandas(frame)).n_events == 4


def test_ambiguous_dates_are_refused_and_settled_by_the_option(tmp_path):
    path = write(tmp_path, "Case ID,Activity,Timestamp\na,Quote Sent,01/02/2025\n")
    with pytest.raises(L2CError, match="--date-format"):
        read(path)
    assert events(read(path, date_format="dmy"))["time"].tolist() == [datetime(2025, 2, 1)]
    assert events(read(path, date_format="mdy"))["time"].tolist() == [datetime(2025, 1, 2)]


def test_findings_are_reported_and_nothing_is_repaired(tmp_path):
    text = "Case ID,Activity,Timestamp\na,Payment Received,2025-01-01\na,Invoice Sent,2025-01-05\na,Audit,2025-09-01\n"
    log = read(write(tmp_path, text))
    # Found when somebody asks, and once.
    assert log.quality.findings is log.quality.findings
    found = log.quality.findings.set_index("finding")["detail"].map(str)
    assert found["out of process order"] == "Payment Received before Invoice Sent"
    assert found["silent case"] == "no event for more than 180 days"
    assert "Audit" in found["activity seen once"].tolist()
    assert found["hole in the history"] == "no event of any case for 239 days after 2025-01-05"
    assert events(log)["activity"].tolist() == ["Payment Received", "Invoice Sent", "Audit"]


def test_what_only_deals_have_is_missed_by_no_lead():
    rows = [(case, "Lead Created", "2025-01-01", "EMEA", None) for case in ("L1", "L2", "L3")]
    rows += [(case, "Opportunity Created", "2025-01-02", None, 5.0 if case == "D1" else None) for case in ("D1", "D2")]
    frame = pd.DataFrame(rows, columns=["case_id", "activity", "time", "region", "amount"])
    frame["time"] = pd.to_datetime(frame["time"])

    def told(frame):
        found = findings(build(frame))()
        found = found[found["finding"] == "missing values"]
        return {str(row.detail): (row.count, row.of) for row in found.itertuples(index=False)}

    assert told(frame) == {"deals without amount": (1, 2), "cases without region": (2, 5)}
    # Without any lead, and with nothing but leads, there is nothing to tell apart.
    assert told(frame[3:]) == {"cases without amount": (1, 2), "cases without region": (2, 2)}
    assert told(frame[:3]) == {"cases without amount": (3, 3)}


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"", "empty"),
        (b"Case ID,Activity,Timestamp\n", "no rows"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "log.csv"),
        (gzip.compress(LONG.encode() * 200, mtime=0)[:100], "log.csv"),
        (b"PK\x03\x04" + b"broken" * 50, "log.csv"),
        (b"PAR1" + b"broken" * 50, "log.csv"),
        (b"Case ID,Activity,Timestamp\na,Quote Sent,never\n", "'never'"),
    ],
)
def test_hopeless_input_gets_plain_words(tmp_path, capsys, content, hint):
    path = tmp_path / "log.csv"
    path.write_bytes(content)
    with pytest.raises(L2CError) as raised:
        read(path)
    assert hint in str(raised.value)
    assert len(str(raised.value)) < 600
    # No more than the sentence, and no traceback: whatever is no L2CError would be raised here.
    assert main(["read", str(path), "-o", str(tmp_path / "out")]) == 1
    assert "Traceback" not in capsys.readouterr().err


def test_words_of_the_data_do_not_steer_the_terminal_through_a_message(tmp_path):
    with pytest.raises(ColumnsNotFound) as raised:
        read(write(tmp_path, 'Nummer,"Di\nng",\x1b[31mMoment\n1,Quote Sent,2025-01-01\n'))
    assert "Nummer, Di ng, " in str(raised.value)
    assert str(raised.value).isprintable()


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(L2CError, match="does not exist"):
        read(tmp_path / "nothing.csv")
    with pytest.raises(L2CError, match="no file that can be read"):
        read(tmp_path)


def test_thousands_of_columns(tmp_path):
    # DuckDB looks at all columns for each of them: ten thousand are read too, in half a minute.
    more = [f"c{n}" for n in range(2_000)]
    text = ",".join(["Case ID", "Activity", "Timestamp", *more]) + "\na,Quote Sent,2025-01-01" + ",1" * 2_000 + "\n"
    log = read(write(tmp_path, text))
    assert (log.n_events, len(log.attributes)) == (1, 2_000)


def test_one_line_of_fifty_megabytes(tmp_path):
    path = tmp_path / "log.csv"
    path.write_bytes(b"x" * 50_000_000)
    with pytest.raises(L2CError):
        read(path)


def test_an_entity_bomb_is_refused(tmp_path):
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE log [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><log><trace>&b;</trace></log>'
    )
    with pytest.raises(L2CError):
        read(write(tmp_path, bomb, "log.xes"))


def test_formulas_and_scripts_are_inert_text(tmp_path):
    text = 'Case ID,Activity,Timestamp\n"=HYPERLINK(""http://x"")",<script>alert(1)</script>,2025-01-01\n'
    log = read(write(tmp_path, text))
    assert events(log)[["case_id", "activity"]].values.tolist() == [["http://x", "<script>alert(1)</script>"]]


CELLS = st.text(alphabet=st.sampled_from('ab,;"\n 12-/:é日'), max_size=8)


@given(st.lists(st.tuples(CELLS, CELLS, st.one_of(CELLS, st.dates().map(str)), CELLS), min_size=1, max_size=20))
def test_every_row_is_used_or_quarantined(tmp_path_factory, rows):
    frame = pd.DataFrame(rows, columns=["Case ID", "Activity", "Timestamp", "Note"])
    path = tmp_path_factory.mktemp("rows") / "log.csv"
    frame.to_csv(path, index=False)
    try:
        quality = read(path).quality
    except L2CError:
        return
    assert quality.rows_read == quality.rows_used + len(quality.quarantine)
    assert sum(quality.reasons.values()) == quality.quarantined
    assert list(quality.findings) == ["finding", "detail", "count", "of"]
    filled = frame[(frame != "").any(axis=1)]
    # A row with nothing in it is no row; any other is read.
    assert len(filled[filled.apply(lambda r: any(c.strip() for c in r), axis=1)]) <= quality.rows_read <= len(frame)


@given(event_rows())
def test_reading_a_file_equals_building_from_memory(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("same") / "log.csv"
    rows.to_csv(path, index=False)
    columns = ["case_id", "position", "activity", "time", "wait_days"]
    from_file = events(read(path))
    kept = rows.drop_duplicates().reset_index(drop=True)
    in_memory = engine.collect(l2c.log.build(kept).events.sort("case_key", "position"))
    pd.testing.assert_frame_equal(from_file[columns], in_memory[columns])


def test_maven_pipeline():
    log = read(sample("maven_crm/sales_pipeline.csv.gz"))
    status = cases(log)["status"].value_counts().to_dict()
    assert (status["won"], status["lost"]) == (4238, 2473)
    # 8,800 deals, 2,089 of them open; the open ones in prospecting have no date at all and are set aside.
    assert log.quality.rows_read == 8800
    assert status["open"] + log.quality.reasons["no time"] == 2089
    won = cases(log).query("status == 'won'")
    assert won["amount"].sum() == 10_005_534
    assert round(won["duration_days"].mean(), 2) == 51.78
    assert won["duration_days"].median() == 57


@pytest.mark.parametrize(
    ("name", "n_cases", "n_events", "n_activities", "n_variants"),
    [
        # Of 262,200 rows 164,506 complete an activity, 71,376 begin one (five of them to this day) and 26,318 schedule one;
        # an activity (12 rows) is only ever scheduled. The 4,336 variants are those published of completions.
        ("bpic2012.xes.gz", 13_087, 164_511, 23, 4_336),
        ("DomesticDeclarations.xes.gz", 10_357, 55_628, 14, 90),
        ("receipt.csv", 1_434, 8_577, 27, 116),
        ("08_receipt.xes.gz", 1_434, 8_577, 27, 116),
        ("running-example.csv", 6, 42, 8, 6),
        ("running-example.xes", 6, 42, 8, 6),
    ],
)
def test_published_figures_of_real_logs(name, n_cases, n_events, n_activities, n_variants):
    log = read(sample(f"event_logs/{name}"))
    assert (log.n_cases, log.n_events) == (n_cases, n_events)
    assert len(log.activities) == n_activities
    assert len(variants(log)) == n_variants
    table = flow(log)
    assert table.loc[table["from"] == START, "events"].sum() == n_cases
    assert table.loc[table["to"] == END, "events"].sum() == n_cases


def test_purchasing_example_with_start_and_end_times():
    log = read(sample("event_logs/PurchasingExample.csv.gz"))
    assert (log.n_cases, log.n_events, len(log.activities)) == (608, 9_119, 21)
    table = pd.read_csv(sample("event_logs/PurchasingExample.csv.gz"))
    start, end = (pd.to_datetime(table[name], utc=True, format="ISO8601") for name in ("start_time", "end_time"))
    work = diagnose.working_times(log)
    assert work["timed"].sum() == 9_119
    assert work["work_days"].sum() == pytest.approx((end - start).dt.total_seconds().sum() / 86_400)


@pytest.mark.parametrize("name", ["order_to_cash", "billing", "invoice_approval", "itsm"])
@pytest.mark.parametrize("form", ["csv", "xes"])
def test_real_logs_hold_what_their_tables_hold(tmp_path, pm4py_quietly, name, form):
    path = sample(f"open-process-mining/raw_{name}_2024.csv")
    table = pd.read_csv(path)
    case, activity, time = table.columns[:3]
    table[time] = pd.to_datetime(table[time])
    paths = table.sort_values([case, time], kind="stable").groupby(case)[activity].agg(tuple)
    if form == "xes":
        # Written by another hand than ours.
        import pm4py

        names = {"case_id": case, "activity_key": activity, "timestamp_key": time}
        path = tmp_path / "log.xes"
        pm4py.write_xes(pm4py.format_dataframe(table, **names), str(path))
    log = read(path)
    assert (log.n_cases, log.n_events) == (table[case].nunique(), len(table))
    assert len(log.activities) == table[activity].nunique()
    assert variants(log)["cases"].tolist() == paths.value_counts().tolist()
    moves = flow(log)
    for end in (moves["from"] == START, moves["to"] == END):
        assert moves.loc[end, "events"].sum() == log.n_cases


def test_japanese_order_to_cash():
    log = read(sample("open-process-mining/raw_order_to_cash_2024.csv"))
    assert (log.n_cases, log.n_events, len(log.activities), len(variants(log))) == (50, 540, 17, 5)
    assert {"Quote Created", "Payment Received", "与信NG"} <= set(log.activities)


def test_a_table_of_opportunities_alone_is_a_row_per_deal(tmp_path):
    (path,) = [each for each in write_objects(tmp_path / "org", 300) if each.name == "Opportunity.csv"]
    table = pd.read_csv(path).query("not IsDeleted")
    # The contract of a deal could be its id as well; the ids themselves tell.
    log = read(path)
    status = cases(log)["status"].value_counts().to_dict()
    assert len(cases(log)) == len(table)
    assert status["won"] == table["IsWon"].sum()
    assert status["lost"] == (table["IsClosed"] & ~table["IsWon"]).sum()


def test_salesforce_opportunities():
    log = read(sample("salesforce_objects/Opportunity.csv"))
    status = cases(log)["status"].value_counts().to_dict()
    assert (len(cases(log)), status["won"], status["lost"]) == (1115, 178, 49)


def test_an_excel_file_under_a_csv_name_is_read_as_what_it_is(tmp_path):
    pd.DataFrame({"Prospect ID": ["a"], "Lead Source": ["Google"], "Converted": [0]}).to_excel(tmp_path / "leads.xlsx")
    wrong = (tmp_path / "leads.xlsx").rename(tmp_path / "Leads.csv")
    with pytest.raises(ColumnsNotFound, match="Lead Source"):
        read(wrong)


@pytest.mark.parametrize("amounts, total", [((300, 300), 300), ((100, 200), 300)])
def test_a_row_per_product_line_is_one_deal_and_its_amount_counts_once(tmp_path, amounts, total):
    lines = [
        "Opportunity ID,Created Date,Close Date,Stage,Amount,Product Name,Total Price",
        f"006A,2025-01-01,2025-02-01,Closed Won,{amounts[0]},Phone,100",
        f"006A,2025-01-01,2025-02-01,Closed Won,{amounts[1]},Radio,200",
        "006B,2025-01-03,2025-02-01,Closed Lost,50,Phone,50",
    ]
    (tmp_path / "lines.csv").write_text("\n".join(lines))
    log = l2c.read(tmp_path / "lines.csv")
    cases = engine.collect(log.cases).set_index("case_id")
    assert cases["amount"].to_dict() == {"006A": total, "006B": 50}
    assert cases["product"].to_dict() == {"006A": "Radio", "006B": "Phone"}
    assert (log.n_events, log.quality.rows_read, log.quality.rows_used) == (4, 3, 3)
    assert any("product lines" in str(note) for note in log.quality.notes)
