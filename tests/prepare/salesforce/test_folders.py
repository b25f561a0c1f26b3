"""A folder is an org by its ids and columns, whatever its files are called and whatever saved them."""

import gzip
import zipfile

import polars as pl
import pytest

from l2c import engine
from l2c.prepare import peek
from l2c.prepare.read import read
from l2c.prepare.salesforce import files, labels, mapping
from l2c.words.errors import AmbiguousDates

DEALS = """Id,StageName,IsClosed,IsWon,Amount,CreatedDate,CloseDate
0060000000aaaaa,Closed Won,true,true,1000,2025-01-05T08:30:00.000Z,2025-02-20
0060000000bbbbb,Closed Lost,true,false,2000,2025-01-15T08:30:00.000Z,2025-03-18
"""
STAGES = """Id,OpportunityId,StageName,Amount,CreatedDate
008000000000001,0060000000aaaaa,Prospecting,1000,2025-01-05T08:30:00.000Z
008000000000002,0060000000aaaaa,Closed Won,1000,2025-02-20T09:30:00.000Z
008000000000003,0060000000bbbbb,Prospecting,2000,2025-01-15T08:30:00.000Z
008000000000004,0060000000bbbbb,Closed Lost,2000,2025-03-18T09:30:00.000Z
"""
RIGHT = {
    ("0060000000aaaaa", "Opportunity Created", "01-05"),
    ("0060000000aaaaa", "Closed Won", "02-20"),
    ("0060000000bbbbb", "Opportunity Created", "01-15"),
    ("0060000000bbbbb", "Closed Lost", "03-18"),
}


def story(log):
    found = engine.collect(log.events)
    return {(c, a, f"{t:%m-%d}") for c, a, t in found[["case_id", "activity", "time"]].itertuples(index=False)}


def laid(folder, **contents):
    for name, text in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("deals", "stages"),
    [
        ("Opportunity.csv", "bulkQuery_result_7503z00000AbCdE_7513z00000FgHiJ.csv"),
        ("bulkQuery_result_750a.csv", "bulkQuery_result_750b.csv"),
        ("opportunities_2025-07-01.csv", "opportunity_stage_history_2025-07-01.csv"),
        ("sf_opportunities_export_2025-07-01_full_part1.csv", "stage_history_20250701T083000Z.csv"),
        ("Opportunities/0001.csv", "History/0001.csv"),
        ("export.csv", "export (1).csv"),
        ("data/a/query.csv", "data/b/query.csv"),
        ("商談.csv", "商談履歴.csv"),
        ("Verkaufschancen.csv", "x.csv"),
        ("soql 1.txt", "soql 2.txt"),
    ],
)
def test_files_are_objects_by_their_ids(tmp_path, deals, stages):
    log = read(laid(tmp_path, **{deals: DEALS, stages: STAGES}))
    assert story(log) == RIGHT
    assert log.quality.rows_read == 6


def test_packed_files_and_frames_are_objects_by_their_ids(tmp_path):
    for name, text in (("a", DEALS), ("b", STAGES)):
        with gzip.open(tmp_path / f"{name}.csv.gz", "wt") as file:
            file.write(text)
    assert story(read(tmp_path)) == RIGHT
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as packed:
        packed.writestr("one.csv", DEALS)
        packed.writestr("two.csv", STAGES)
    assert story(read(tmp_path / "all.zip")) == RIGHT
    frames = {name: pl.read_csv(text.encode(), infer_schema=False) for name, text in (("a", DEALS), ("b", STAGES))}
    assert story(read(frames)) == RIGHT


def test_tables_without_such_ids_are_no_objects(tmp_path):
    log = "case_id,activity,time\nD1,Quote Sent,2025-01-05\n"
    laid(tmp_path, **{"a.csv": log, "b.csv": log.replace("Quote Sent", "Closed Won").replace("-05", "-09")})
    assert [a for _, a, _ in sorted(story(read(tmp_path)), key=lambda row: row[2])] == ["Quote Sent", "Closed Won"]


LABELS = {
    "en": (
        "Opportunity ID,Opportunity Name,Stage,Amount,Created Date,Close Date,Opportunity Owner,Account Name",
        "Opportunity ID,To Stage,Amount,Last Modified Date,Last Modified By",
    ),
    "history": (
        "Opportunity ID,Opportunity Name,Stage,Amount,Created Date,Close Date,Opportunity Owner,Account Name",
        "Opportunity ID,New Stage,Amount,Edit Date,Edited By",
    ),
    "ja": (
        "商談 ID,商談名,フェーズ,金額,作成日,完了予定日,商談 所有者,取引先名",
        "商談 ID,変更後フェーズ,金額,最終更新日,最終更新者",
    ),
    "de": (
        "Opportunity-ID,Opportunity-Name,Phase,Betrag,Erstelldatum,Schlusstermin,Opportunity-Inhaber,Accountname",
        "Opportunity-ID,Nach Phase,Betrag,Letztes Änderungsdatum,Zuletzt geändert von",
    ),
}


def reports(lang):
    deals, stages = LABELS[lang]
    rows = ["0060000000aaaaa,x,Closed Won,1000,2025-01-05,2025-02-20,Ann,Alder", "0060000000bbbbb,y,Closed Lost,2000,2025-01-15,2025-03-18,Bob,Birch"]  # fmt: skip
    steps = ["0060000000aaaaa,Prospecting,1000,2025-01-05,Ann", "0060000000aaaaa,Closed Won,1000,2025-02-20,Ann"]
    return "\n".join([deals, *rows]) + "\n", "\n".join([stages, *steps]) + "\n"


@pytest.mark.parametrize("lang", LABELS)
@pytest.mark.parametrize("names", [("Opportunity.csv", "OpportunityHistory.csv"), ("report1.csv", "report2.csv")])
def test_reports_in_a_folder_are_read_by_their_labels(tmp_path, lang, names):
    log = read(laid(tmp_path, **dict(zip(names, reports(lang), strict=True))))
    assert story(log) == RIGHT
    cases = engine.collect(log.cases).set_index("case_id")
    assert cases["rep"].to_dict() == {"0060000000aaaaa": "Ann", "0060000000bbbbb": "Bob"}
    assert cases["account"].to_dict() == {"0060000000aaaaa": "Alder", "0060000000bbbbb": "Birch"}
    assert cases["amount"].sum() == 3000


def test_a_report_of_changed_fields_beside_the_deals(tmp_path):
    changes = (
        "Opportunity ID,Field / Event,Old Value,New Value,Edit Date,Edited By\n"
        "0060000000aaaaa,Stage,Prospecting,Closed Won,2025-02-20,Ann\n"
        "0060000000aaaaa,Opportunity Owner,Zoe,Ann,2025-01-20,Ann\n"
        "0060000000aaaaa,Close Date,2025-02-01,2025-03-01,2025-01-21,Ann\n"
    )
    log = read(laid(tmp_path, **{"Opportunity.csv": reports("en")[0], "Opportunity Field History.csv": changes}))
    assert {a for c, a, _ in story(log) if c.endswith("aaaaa")} == {"Opportunity Created", "Closed Won", "Owner Changed", "Close Date Pushed"}  # fmt: skip


def resaved(text):
    """As a spreadsheet saves it in the United States."""
    for iso, said in {"2025-01-05": "1/5/2025", "2025-02-20": "2/3/2025", "2025-01-15": "2/6/2025", "2025-03-18": "4/8/2025"}.items():  # fmt: skip
        text = text.replace(iso, said)
    return text.replace("T08:30:00.000Z", " 8:30").replace("T09:30:00.000Z", " 9:30")


def test_dates_of_an_org_that_a_spreadsheet_has_saved_are_asked_about_and_the_answer_counts(tmp_path):
    laid(tmp_path, **{"Opportunity.csv": resaved(DEALS), "OpportunityHistory.csv": resaved(STAGES)})
    with pytest.raises(AmbiguousDates, match="--date-format mdy"):
        read(tmp_path)
    days = {(c, a): d for c, a, d in story(read(tmp_path, date_format="mdy"))}
    assert days["0060000000aaaaa", "Closed Won"] == "02-03" and days["0060000000bbbbb", "Closed Lost"] == "04-08"
    days = {(c, a): d for c, a, d in story(read(tmp_path, date_format="dmy"))}
    assert days["0060000000aaaaa", "Closed Won"] == "03-02"


def test_one_date_that_can_be_read_in_one_way_settles_all_of_an_org(tmp_path):
    told = resaved(DEALS).replace("4/8/2025", "4/28/2025")
    log = read(laid(tmp_path, **{"Opportunity.csv": told, "OpportunityHistory.csv": resaved(STAGES)}))
    assert ("0060000000aaaaa", "Closed Won", "02-03") in story(log)


def test_an_object_of_a_package_is_named_with_the_way_to_add_it(tmp_path):
    bills = "Id,AcctSeed__Opportunity__c,AcctSeed__Date__c\na0B000000000001,0060000000aaaaa,2025-02-25\n"
    log = read(
        laid(
            tmp_path, **{"Opportunity.csv": DEALS, "OpportunityHistory.csv": STAGES, "AcctSeed__Billing__c.csv": bills}
        )
    )
    (note,) = [str(note) for note in log.quality.notes if note.id == "no_object"]
    assert "AcctSeed__Billing__c.csv" in note and "Your own objects" in note
    assert story(log) == RIGHT


def test_quotes_that_name_their_deal_are_no_deals():
    rows = {
        "Quote Number": ["Q1", "Q2"],
        "Opportunity ID": ["0060000000aaaaa", "0060000000bbbbb"],
        "Status": ["Draft", "Sent"],
    }
    assert labels.by_columns(pl.DataFrame(rows | {"Close Date": ["2025-01-01"] * 2}), files.PREFIXES) is None


def test_names_of_objects_in_the_plural_and_in_japanese():
    assert [labels.loosely(name) for name in ("opportunities", "Order Products", "商談履歴", "deals")] == [
        "Opportunity",
        "OrderItem",
        "OpportunityHistory",
        None,
    ]


def test_labels_are_translated_for_the_object_that_bears_them():
    known, shipped = files.api_names(mapping.load()), mapping.load()
    found = labels.translated(
        "Quote", ["Quote ID", "Opportunity ID", "Created Date", "Status", "Grand Total"], known, shipped
    )
    assert found == {"Quote ID": "Id", "Opportunity ID": "OpportunityId", "Created Date": "CreatedDate", "Grand Total": "GrandTotal"}  # fmt: skip
    assert labels.translated("Opportunity", ["Id", "StageName"], known, shipped) == {}


def test_the_beginnings_of_files(tmp_path):
    laid(tmp_path, **{"a.csv": DEALS, "b.xlsx": "no workbook", "empty.csv": ""})
    long = "case_id,activity\n" + "D1,Quote Sent\n" * 20_000
    (tmp_path / "long.csv").write_text(long)
    pl.DataFrame({"x": [1, 2]}).write_parquet(tmp_path / "p.parquet")
    found = dict(peek.heads(sorted(tmp_path.iterdir())))
    name = tmp_path.name
    assert {f"{name}/a.csv", f"{name}/long.csv", f"{name}/p.parquet"} <= set(found)
    assert found[f"{name}/a.csv"].height == 2 and 1000 < found[f"{name}/long.csv"].height < 20_000
    assert peek.of_frame("x", 3) is None
