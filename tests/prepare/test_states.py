"""Rows that are states of a deal are told from lines of it: stages become events, the newest state counts, nothing is added up."""

import itertools
from datetime import datetime

import openpyxl
import polars as pl
import pytest

import l2c
from l2c import diagnose, discover, engine
from l2c.prepare import histories, named_times, product_lines, reasons, states, successions, times
from l2c.prepare.frames import table
from l2c.prepare.headers import Layout, States
from l2c.prepare.instructions import instructions
from l2c.words import matching
from l2c.words.errors import AmbiguousRows, ChangedIds, ColumnsNotFound

HISTORY = """Opportunity ID,Amount,From Stage,To Stage,Stage Duration,Last Modified By,Last Modified Date,Created Date,Close Date,Stage
A,500,,Prospecting,0,Ann,1/5/2025,1/5/2025,2/20/2025,Closed Won
A,900,Prospecting,Proposal,20,Ann,1/25/2025,1/5/2025,2/20/2025,Closed Won
A,1000,Proposal,Closed Won,26,Ann,2/20/2025,1/5/2025,2/20/2025,Closed Won
B,2000,,Prospecting,0,Bob,1/15/2025,1/15/2025,3/18/2025,Closed Lost
B,2000,Prospecting,Negotiation,34,Bob,2/18/2025,1/15/2025,3/18/2025,Closed Lost
B,1500,Negotiation,Closed Lost,28,Bob,3/18/2025,1/15/2025,3/18/2025,Closed Lost
"""
BY_HAND = """case_id,activity,time
A,Opportunity Created,2025-01-05
A,Stage: Proposal,2025-01-25
A,Closed Won,2025-02-20
B,Opportunity Created,2025-01-15
B,Stage: Negotiation,2025-02-18
B,Closed Lost,2025-03-18
"""
SNAPSHOTS = """Snapshot Date,Opportunity ID,Stage,Amount,Created Date,Close Date
2025-02-03,A,Proposal,900,2025-01-05,2025-02-20
2025-02-03,B,Prospecting,2000,2025-01-15,2025-06-30
2025-02-10,A,Proposal,950,2025-01-05,2025-02-20
2025-02-10,B,Proposal,2000,2025-01-15,2025-06-30
2025-02-17,A,Negotiation,1000,2025-01-05,2025-02-20
2025-02-17,B,Proposal,2500,2025-01-15,2025-06-30
2025-02-24,A,Closed Won,1000,2025-01-05,2025-02-20
2025-02-24,B,Proposal,2500,2025-01-15,2025-06-30
2025-02-24,C,Prospecting,70,2025-02-18,2025-06-30
"""


@pytest.fixture
def read(tmp_path):
    numbers = itertools.count()

    def reading(text, **options):
        path = tmp_path / f"report{next(numbers)}.csv"
        path.write_text(text, "utf-8")
        return l2c.read(path, **options)

    return reading


def events(log):
    """Cases, activities and days of a log, in order."""
    rows = engine.collect(log.events).sort_values(["case_id", "position"])
    return [(c, a, f"{t:%Y-%m-%d}") for c, a, t in zip(rows["case_id"], rows["activity"], rows["time"], strict=True)]


def cases(log, name):
    rows = engine.collect(log.cases).sort_values("case_id")
    return {c: None if v != v else v for c, v in zip(rows["case_id"], rows[name], strict=True)}


def notes(log):
    return {getattr(note, "id", "") for note in log.quality.notes}


def shuffled(text):
    head, *rows = text.splitlines()
    return "\n".join([head, *rows[::2][::-1], *rows[1::2]])


# Histories of stages


@pytest.mark.parametrize(
    "text", [HISTORY, shuffled(HISTORY), "\n".join([*HISTORY.splitlines()[:1], *HISTORY.splitlines()[:0:-1]])]
)
def test_a_history_of_stages_is_the_log_that_one_would_write_by_hand(read, text):
    log, by_hand = read(text), read(BY_HAND)
    assert events(log) == events(by_hand)
    assert cases(log, "amount") == {"A": 1000, "B": 1500}
    assert cases(log, "status") == cases(by_hand, "status") == {"A": "won", "B": "lost"}
    assert log.quality.rows_read == log.quality.rows_used == 6


JAPANESE = {
    "Opportunity ID": "商談 ID", "Amount": "金額", "From Stage": "移行前フェーズ", "To Stage": "移行後フェーズ",
    "Stage Duration": "フェーズ期間", "Last Modified By": "最終更新者", "Last Modified Date": "最終更新日", "Created Date": "作成日",
    "Close Date": "完了予定日", "Stage": "フェーズ",
}  # fmt: skip
GERMAN = {
    "From Stage": "Von Phase",
    "To Stage": "Nach Phase",
    "Last Modified By": "Zuletzt geändert von",
    "Last Modified Date": "Zuletzt geändert am",
}
FRENCH = {
    "From Stage": "De l'étape",
    "To Stage": "Vers l'étape",
    "Last Modified Date": "Date de la dernière modification",
}
SPANISH = {"From Stage": "De etapa", "To Stage": "A etapa", "Last Modified Date": "Fecha de la última modificación"}
OTHER = {"From Stage": "Old Stage", "To Stage": "New Stage", "Last Modified Date": "Changed On"}


@pytest.mark.parametrize("words", [JAPANESE, GERMAN, FRENCH, SPANISH, OTHER])
def test_a_history_of_stages_is_read_in_other_languages(read, words):
    head, rest = HISTORY.split("\n", 1)
    log = read(",".join(words.get(name, name) for name in head.split(",")) + "\n" + rest)
    assert events(log) == events(read(BY_HAND))
    assert cases(log, "amount") == {"A": 1000, "B": 1500}


def test_a_state_that_cannot_be_used_is_set_aside(read):
    head, first, *rest = HISTORY.splitlines()
    fields = head.split(",")
    ill = first.split(",")
    ill[fields.index("Last Modified Date")] = "Last Modified Date"
    log = read("\n".join([head, first, ",".join(ill), *rest]))
    assert log.quality.reasons == {"unreadable time": 1}
    assert events(log) == events(read(HISTORY))
    # Where each state stands is told by the lines of the file.
    assert log.quality.quarantine["row"].tolist() == [3]


def test_changes_of_one_day_follow_the_stages_they_name(read):
    text = """Opportunity ID,From Stage,To Stage,Last Modified Date
A,Proposal,Closed Won,2025-02-20
A,Qualification,Proposal,2025-02-20
A,Prospecting,Qualification,2025-02-20
A,,Prospecting,2025-01-05
"""
    steps = ["Opportunity Created", "Stage: Qualification", "Stage: Proposal", "Closed Won"]
    assert [a for _, a, _ in events(read(text))] == steps
    forward = "\n".join([text.splitlines()[0], *text.splitlines()[:0:-1]])
    assert [a for _, a, _ in events(read(forward))] == steps


def test_the_first_stage_stands_for_a_creation_that_is_not_there_and_that_is_said(read):
    log = read("Opportunity ID,To Stage,Last Modified\nA,Prospecting,2025-01-05\nA,Closed Won,2025-02-20\n")
    assert events(log) == [("A", "Opportunity Created", "2025-01-05"), ("A", "Closed Won", "2025-02-20")]
    assert "created_by_first_state" in notes(log)


def test_a_change_from_another_stage_is_no_creation(read):
    log = read(
        "Opportunity ID,From Stage,To Stage,Last Modified\nA,Proposal,Closed Won,2025-02-20\nB,,Lead,2025-01-05\n"
    )
    assert events(log) == [("A", "Closed Won", "2025-02-20"), ("B", "Opportunity Created", "2025-01-05")]
    assert "creation_unknown" in notes(log)


def test_a_deal_that_is_opened_again_is_open(read):
    log = read(
        "Opportunity ID,From Stage,To Stage,Last Modified Date\n"
        "A,,Prospecting,2025-01-05\nA,Prospecting,Closed Lost,2025-02-20\nA,Closed Lost,Proposal,2025-02-20\n"
    )
    assert [a for _, a, _ in events(log)] == ["Opportunity Created", "Closed Lost", "Opportunity Reopened"]
    assert cases(log, "status") == {"A": "open"}


def test_flags_of_today_do_not_close_the_states_before(read):
    log = read(
        "Opportunity ID,To Stage,Last Modified Date,Won\n"
        "A,First,2025-01-05,yes\nA,Second,2025-02-05,yes\nA,In the bag,2025-02-20,yes\n"
        "B,First,2025-01-05,no\nB,Second,2025-03-05,no\n"
    )
    assert events(log)[:3] == [("A", "Opportunity Created", "2025-01-05"), ("A", "Stage: Second", "2025-02-05"), ("A", "Closed Won", "2025-02-20")]  # fmt: skip


def test_the_objects_of_histories_are_read_alone(read):
    head = "Id,OpportunityId,StageName,Amount,CloseDate,CreatedDate,CreatedById\n"
    log = read(
        head
        + "8a,A,Prospecting,500,2025-03-01,2025-01-05T09:30:00.000Z,5\n8b,A,Prospecting,900,2025-03-01,2025-01-06T09:30:00.000Z,5\n"
        "8c,A,Closed Won,900,2025-02-20,2025-02-20T09:30:00.000Z,5\n"
    )
    assert events(log) == [("A", "Opportunity Created", "2025-01-05"), ("A", "Closed Won", "2025-02-20")]
    assert cases(log, "amount") == {"A": 900} and cases(log, "close_date") == {"A": "2025-02-20"}
    assert "Id" not in log.base.attributes


# Histories of fields

FIELDS = """Opportunity ID,Opportunity Name,Field / Event,Old Value,New Value,Edit Date,Edited By
A,Alder,Created,,,"1/5/2025, 9:30 AM",Ann
A,Alder,Stage,Prospecting,Proposal,"1/25/2025, 10:30 AM",Ann
A,Alder,Amount,500,1000,"1/26/2025, 10:30 AM",Ann
A,Alder,Next Step,call,write,"1/27/2025, 10:30 AM",Ann
A,Alder,Close Date,3/1/2025,2/20/2025,"1/28/2025, 10:30 AM",Ann
A,Alder,Stage,Proposal,Closed Won,"2/20/2025, 4:00 PM",Ann
B,Birch,Created,,,"1/15/2025, 9:30 AM",Bob
B,Birch,Stage,Prospecting,Negotiation,"2/18/2025, 1:15 PM",Bob
B,Birch,Stage,Negotiation,Closed Lost,"3/18/2025, 1:15 PM",Bob
"""
IN_OTHER_WORDS = {
    "ja": {"Field / Event": "項目/イベント", "Old Value": "変更前の値", "New Value": "変更後の値", "Edit Date": "編集日", "Edited By": "編集者", ",Created,": ",作成,", ",Stage,": ",フェーズ,", ",Amount,": ",金額,"},
    "de": {"Field / Event": "Feld/Ereignis", "Old Value": "Alter Wert", "New Value": "Neuer Wert", "Edit Date": "Bearbeitungsdatum", "Edited By": "Bearbeitet von", ",Created,": ",Erstellt,", ",Stage,": ",Phase,"},
    "fr": {"Field / Event": "Champ/Événement", "Old Value": "Ancienne valeur", "New Value": "Nouvelle valeur", "Edit Date": "Date de modification", ",Created,": ",Créé,", ",Stage,": ",Étape,"},
    "es": {"Field / Event": "Campo / Evento", "Old Value": "Valor anterior", "New Value": "Nuevo valor", "Edit Date": "Fecha de modificación", ",Created,": ",Creado,", ",Stage,": ",Etapa,"},
    "api": {"Opportunity ID": "OpportunityId", "Field / Event": "Field", "Old Value": "OldValue", "New Value": "NewValue", "Edit Date": "CreatedDate", "Edited By": "CreatedById", ",Created,": ",created,", ",Stage,": ",StageName,"},
}  # fmt: skip


@pytest.mark.parametrize("words", [{}, *IN_OTHER_WORDS.values()], ids=["en", *IN_OTHER_WORDS])
def test_of_a_history_of_fields_the_stages_become_events(read, words):
    text = FIELDS
    for english, other in words.items():
        text = text.replace(english, other)
    log = read(text)
    assert events(log) == events(read(BY_HAND))
    assert cases(log, "status") == {"A": "won", "B": "lost"}
    if "項目/イベント" in text or not words:
        assert cases(log, "amount") == {"A": 1000, "B": None}
    assert log.quality.rows_read == log.quality.rows_used == 9


def test_the_old_value_of_the_first_change_is_the_stage_in_which_a_deal_was_created(read):
    stays = diagnose.stages(read(FIELDS)).set_index("stage")
    assert stays.loc["Prospecting", "cases"] == 2 and stays.loc["Proposal", "cases"] == 1


def test_a_history_that_does_not_say_of_which_deal_asks_for_the_id_alone(read):
    with pytest.raises(ColumnsNotFound, match='--map "case_id=YOUR_COLUMN"'):
        read("Field,Old Value,New Value,Edit Date\nStage,a,b,2025-01-01\n")


# Snapshots


@pytest.mark.parametrize("text", [SNAPSHOTS, shuffled(SNAPSHOTS), SNAPSHOTS.replace("Snapshot Date", "date_day"), SNAPSHOTS.replace("Snapshot Date", "Stichtag"), SNAPSHOTS.replace("Snapshot Date", "基準日"), SNAPSHOTS.replace("Snapshot Date", "Week")])  # fmt: skip
def test_snapshots_are_states_and_not_lines(read, text):
    log = read(text)
    assert events(log) == [
        ("A", "Opportunity Created", "2025-01-05"),
        ("A", "Stage: Proposal", "2025-02-03"),
        ("A", "Stage: Negotiation", "2025-02-17"),
        ("A", "Closed Won", "2025-02-20"),
        ("B", "Opportunity Created", "2025-01-15"),
        ("B", "Stage: Prospecting", "2025-02-03"),
        ("B", "Stage: Proposal", "2025-02-10"),
        ("C", "Opportunity Created", "2025-02-18"),
    ]
    assert cases(log, "amount") == {"A": 1000, "B": 2500, "C": 70}
    assert cases(log, "status") == {"A": "won", "B": "open", "C": "open"}
    assert log.extracted == datetime(2025, 2, 24)
    assert "stage_since_first_look" in notes(log)


def test_a_log_of_states_knows_what_the_deals_were_then(read):
    then = read(SNAPSHOTS).as_of("2025-02-12")
    assert cases(then, "amount") == {"A": 950, "B": 2000}
    assert cases(then, "stage") == {"A": "Proposal", "B": "Proposal"}


def test_weeks_and_months_tell_when_a_state_was_taken(read):
    text = "Period,Deal ID,Deal Stage,Created Date\n2025-W06,A,Proposal,2025-01-05\n2025-W08,A,Quoted,2025-01-05\n"
    assert events(read(text))[-1] == ("A", "Stage: Quoted", "2025-02-23")
    text = text.replace("2025-W06", "202501").replace("2025-W08", "202502")
    assert events(read(text))[-1] == ("A", "Stage: Quoted", "2025-02-28")


def test_the_day_of_the_last_change_of_stage_is_when_it_was_entered(read):
    text = (
        "Snapshot Date,Deal ID,Stage,Last Stage Change Date\n2025-02-03,A,One,2025-01-05\n2025-02-10,A,Two,2025-02-06\n"
    )
    assert events(read(text))[-1] == ("A", "Stage: Two", "2025-02-06")


def test_lines_within_a_snapshot_add_up(read):
    log = read(
        "Snapshot Date,Opportunity ID,Stage,Product,Amount,Created Date,Close Date\n"
        "2025-02-03,A,Proposal,X,900,2025-01-05,2025-02-20\n2025-02-03,A,Proposal,Y,100,2025-01-05,2025-02-20\n"
        "2025-02-10,A,Closed Won,X,900,2025-01-05,2025-02-09\n2025-02-10,A,Closed Won,Y,300,2025-01-05,2025-02-09\n"
    )
    assert cases(log, "amount") == {"A": 1200}
    assert [a for _, a, _ in events(log)] == ["Opportunity Created", "Stage: Proposal", "Closed Won"]


def test_a_date_column_of_unknown_name_orders_the_states_and_that_is_said(read):
    log = read("Opportunity ID,Stage,Created Date,Gezogen\nA,One,2025-01-05,2025-02-01\nA,Two,2025-01-05,2025-03-01\n")
    assert events(log)[-1] == ("A", "Stage: Two", "2025-03-01")
    assert any("Gezogen" in str(note) for note in log.quality.notes)


def test_open_deals_that_the_newest_snapshot_does_not_hold_are_said(read):
    assert "gone_since" not in notes(read(SNAPSHOTS))
    gone = "\n".join(line for line in SNAPSHOTS.splitlines() if not line.startswith("2025-02-24,B"))
    assert "gone_since" in notes(read(gone)) and cases(read(gone), "status")["B"] == "open"


def test_a_table_of_properties_with_one_value_each_is_a_history_of_fields(read):
    log = read(
        "Deal ID,Property,Value,Timestamp\nA,Deal Stage,Demo,2025-01-05 10:00\nA,Deal Stage,Closed Won,2025-02-05 10:00\nA,Amount,70,2025-01-05 10:00\n"
    )
    assert events(log) == [("A", "Opportunity Created", "2025-01-05"), ("A", "Closed Won", "2025-02-05")]
    assert cases(log, "amount") == {"A": 70}


# A sheet or a file for each month

HEAD = ["Opportunity ID", "Stage", "Amount", "Created Date", "Close Date"]
JAN = [["A", "Proposal", 900, "2025-01-05", "2025-03-31"], ["B", "Prospecting", 2000, "2025-01-15", "2025-03-31"]]
FEB = [["A", "Closed Won", 1000, "2025-01-05", "2025-02-20"], ["B", "Proposal", 2500, "2025-01-15", "2025-04-30"]]


def book(path, sheets):
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in [HEAD, *rows]:
            sheet.append(row)
    workbook.save(path)
    return path


@pytest.mark.parametrize("names", [("Jan", "Feb"), ("1月", "2月"), ("Januar", "Februar"), ("2025-01", "2025-02"), ("Dec", "Jan"), ("old", "current"), ("Sheet1", "Sheet2")])  # fmt: skip
@pytest.mark.parametrize("turned", [False, True])
def test_a_sheet_per_month_holds_states_of_the_same_deals(tmp_path, names, turned):
    sheets = dict(zip(names, (JAN, FEB), strict=True))
    if turned and names != ("Sheet1", "Sheet2"):
        sheets = dict(reversed(sheets.items()))
    log = l2c.read(book(tmp_path / "pipeline.xlsx", sheets))
    assert cases(log, "amount") == {"A": 1000, "B": 2500}
    assert cases(log, "status") == {"A": "won", "B": "open"} and cases(log, "stage")["B"] == "Proposal"
    assert [a for _, a, _ in events(log)].count("Opportunity Created") == 2
    assert ("A", "Closed Won", "2025-02-20") in events(log)
    assert {"states_by_name", "states_dated_by_name"} & notes(log)


def written(path, rows):
    path.write_text("\n".join(",".join(map(str, row)) for row in [HEAD, *rows]), "utf-8")


def test_files_of_different_days_are_states_at_these_days(tmp_path):
    written(tmp_path / "opps_2025-02-01.csv", JAN)
    written(tmp_path / "opps_2025-03-01.csv", FEB)
    assert events(l2c.read(tmp_path)) == [
        ("A", "Opportunity Created", "2025-01-05"),
        ("A", "Stage: Proposal", "2025-02-01"),
        ("A", "Closed Won", "2025-02-20"),
        ("B", "Opportunity Created", "2025-01-15"),
        ("B", "Stage: Prospecting", "2025-02-01"),
        ("B", "Stage: Proposal", "2025-03-01"),
    ]


def test_a_second_download_is_newer_than_the_first(tmp_path):
    written(tmp_path / "export.csv", JAN)
    written(tmp_path / "export (2).csv", FEB)
    assert cases(l2c.read(tmp_path), "amount") == {"A": 1000, "B": 2500}


def test_copies_of_a_file_are_duplicates_and_no_states(tmp_path):
    written(tmp_path / "a.csv", FEB)
    written(tmp_path / "b.csv", FEB)
    log = l2c.read(tmp_path)
    assert log.quality.reasons == {"duplicate": 2} and "states_read" not in notes(log)


def test_a_list_of_deals_beside_their_history_tells_the_creation_once(tmp_path):
    (tmp_path / "deals.csv").write_text(
        "Opportunity ID,Stage,Amount,Created Date,Close Date,Lead Source\n"
        "A,Closed Won,1000,2025-01-05,2025-02-20,Web\nC,Prospecting,7,2025-01-15,2025-03-18,Web\n"
    )
    (tmp_path / "history.csv").write_text(
        HISTORY.replace("1/5/2025,2/20/2025,", ",,").replace("1/15/2025,3/18/2025,", ",,")
    )
    log = l2c.read(tmp_path)
    assert events(log) == [*events(l2c.read(tmp_path / "history.csv")), ("C", "Opportunity Created", "2025-01-15")]
    assert cases(log, "lead_source")["A"] == "Web"


# Lines, and what is neither


def test_lines_of_products_add_up_only_where_the_amount_is_theirs(read):
    head = "Opportunity ID,Stage,Amount,Product Name,Quantity,Created Date,Close Date\n"
    of_deal = "A,Closed Won,1000,X,1,2025-01-05,2025-02-20\nA,Closed Won,1000,Y,2,2025-01-05,2025-02-20\n"
    of_lines = "A,Closed Won,400,X,1,2025-01-05,2025-02-20\nA,Closed Won,600,Y,2,2025-01-05,2025-02-20\n"
    assert cases(read(head + of_deal), "amount") == cases(read(head + of_lines), "amount") == {"A": 1000}


@pytest.mark.parametrize(
    ("head", "rows"),
    [
        ("Opportunity ID,Stage,Amount,Quote Number,Quote Created Date,Grand Total,Created Date,Close Date", ["A,Closed Won,1000,Q1,2025-01-10,900,2025-01-05,2025-02-20", "A,Closed Won,1000,Q2,2025-01-20,1000,2025-01-05,2025-02-20"]),
        ("Opportunity ID,Stage,Quote Number,Quote Created Date,Grand Total,Created Date,Close Date", ["A,Closed Won,Q1,2025-01-10,900,2025-01-05,2025-02-20", "A,Closed Won,Q2,2025-01-20,1000,2025-01-05,2025-02-20"]),
        ("Opportunity ID,Stage,Amount,Contact Name,Role,Created Date,Close Date", ["A,Closed Won,1000,Max,Buyer,2025-01-05,2025-02-20", "A,Closed Won,1000,Eva,User,2025-01-05,2025-02-20"]),
        ("Opportunity ID,Stage,Amount,Split Owner,Split (%),Split Amount,Created Date,Close Date", ["A,Closed Won,1000,Ann,60,600,2025-01-05,2025-02-20", "A,Closed Won,1000,Bob,40,400,2025-01-05,2025-02-20"]),
        ("Opportunity ID,Stage,Total Price,Schedule Date,Schedule Amount,Amount,Created Date,Close Date", ["A,Closed Won,1000,2025-03-01,500,1000,2025-01-05,2025-02-20", "A,Closed Won,1000,2025-04-01,500,1000,2025-01-05,2025-02-20"]),
        ("商談 ID,フェーズ,金額,商品名,数量,販売価格,合計金額,作成日,完了予定日", ["A,受注,1000,X,1,400,400,2025-01-05,2025-02-20", "A,受注,1000,Y,2,300,600,2025-01-05,2025-02-20"]),
        ("商談 ID,フェーズ,金額,見積番号,見積名,状況,総額,作成日,完了予定日", ["A,受注,1000,Q1,a,却下,900,2025-01-05,2025-02-20", "A,受注,1000,Q2,b,承認,1000,2025-01-05,2025-02-20"]),
        ("商談 ID,フェーズ,金額,取引先責任者,ロール,作成日,完了予定日", ["A,受注,1000,佐藤,意思決定者,2025-01-05,2025-02-20", "A,受注,1000,山田,ユーザー,2025-01-05,2025-02-20"]),
    ],
)  # fmt: skip
def test_reports_of_what_belongs_to_deals_count_each_deal_once(read, head, rows):
    log = read("\n".join([head, *rows]))
    assert cases(log, "amount") == {"A": 1000} and cases(log, "status") == {"A": "won"}
    assert [a for _, a, _ in events(log) if a != "Quote Created"] == ["Opportunity Created", "Closed Won"]
    assert "states_read" not in notes(log)


AMOUNTS = "Opportunity ID,Stage,Amount,Created Date,Close Date\nA,Closed Won,500,2025-01-05,2025-02-20\nA,Closed Won,1000,2025-01-05,2025-02-20\n"
STAGES = "Opportunity ID,Stage,Amount,Created Date,Close Date\nA,Proposal,500,2025-01-05,2025-02-28\nA,Closed Won,1000,2025-01-05,2025-02-20\n"


def test_amounts_that_nothing_explains_are_asked_about_and_the_answer_is_obeyed(read):
    with pytest.raises(AmbiguousRows) as asked:
        read(AMOUNTS)
    for part in ("A: 1,500", "A: 1000", '--map "rows=lines"', '--map "rows=last"', '--map "as_of=YOUR_COLUMN"'):
        assert part in str(asked.value)
    assert cases(read(AMOUNTS, mapping="rows=lines"), "amount") == {"A": 1500}
    assert cases(read(AMOUNTS, mapping="rows=last"), "amount") == {"A": 1000}
    assert cases(read(AMOUNTS, mapping={"rows": "first"}), "amount") == {"A": 500}


def test_stages_that_nothing_puts_in_order_are_asked_about_and_the_answer_is_obeyed(read):
    with pytest.raises(AmbiguousRows) as asked:
        read(STAGES)
    for part in ("A: Closed Won", "A: Proposal", '--map "rows=last"', '--map "rows=first"'):
        assert part in str(asked.value)
    assert cases(read(STAGES, mapping="rows=last"), "status") == {"A": "won"}
    first = read(STAGES, mapping="rows=first")
    assert cases(first, "status") == {"A": "open"} and cases(first, "amount") == {"A": 500}
    dated = (
        STAGES.replace("Close Date\n", "Close Date,Batch\n")
        .replace("02-28\n", "02-28,7\n")
        .replace("02-20\n", "02-20,8\n")
    )
    with pytest.raises(AmbiguousRows):
        read(dated)


def test_what_rows_are_can_only_be_one_of_three(read):
    with pytest.raises(l2c.words.errors.BadMapping, match="lines, last, first"):
        read(AMOUNTS, mapping="rows=sums")


# A log of stages alone


def test_a_log_of_stages_alone_knows_time_in_stage_the_way_on_and_steps_back(read):
    log = read(
        "Opportunity ID,To Stage,Last Modified Date\n"
        "A,One,2025-01-01\nA,Two,2025-01-11\nA,One,2025-01-21\nA,Two,2025-01-31\nA,Closed Won,2025-02-10\n"
        "B,One,2025-01-01\nB,Two,2025-01-05\nC,One,2025-01-01\nC,Two,2025-01-09\nC,Closed Lost,2025-02-01\n"
    )
    stays = diagnose.stage_days(log).set_index(["case_id", "stage"])["days"]
    assert stays[("A", "One")] == 20 and stays[("A", "Two")] == 20 and stays[("C", "One")] == 8
    ways = diagnose.stage_conversion(log).set_index("stage")
    assert list(ways.index) == ["One", "Two"]
    assert ways.loc["Two", ["went_back", "won", "lost", "still_there"]].tolist() == [1, 1, 1, 1]
    assert {"adds_quotes", "adds_orders", "adds_invoices"} <= notes(log)
    assert discover.funnel(log)["cases"].iloc[0] == 3


def test_what_would_add_to_a_log_is_said_of_stages_alone():
    assert [note.id for note in states.beyond(["Opportunity Created", "Stage: One"], stood=False)] == ["adds_quotes", "adds_orders", "adds_invoices"]  # fmt: skip
    assert states.beyond(["Opportunity Created", "Stage: One", "Quote Sent"], stood=True) == []
    assert states.beyond(["Opportunity Created", "Closed Won"], stood=False) == []


def test_a_log_of_states_is_saved_and_opened_again(read, tmp_path):
    log = read(SNAPSHOTS)
    log.save(tmp_path / "log")
    again = l2c.read(tmp_path / "log")
    assert events(again) == events(log) and cases(again.as_of("2025-02-12"), "amount") == {"A": 950, "B": 2000}


@pytest.mark.parametrize("text", [HISTORY, FIELDS, SNAPSHOTS])
def test_the_mapping_that_was_used_gives_the_same_log_again(read, text):
    log = read(text)
    again = read(text, mapping=log.quality.mapping)
    assert events(again) == events(log)


# Days on which stages were entered, in columns


def test_each_day_on_which_a_stage_was_entered_is_one_event(read):
    log = read(
        'Record ID,Deal Name,Deal Stage,Amount,Create Date,"Date entered ""Demo (Sales Pipeline)""","Date entered ""Closed Won (Sales Pipeline)""",Close Date,Is Closed Won\n'
        "9001,Alder,Closed Won,1000,2025-01-05 08:30,2025-01-08 08:30,2025-02-20 10:00,2025-02-20 10:00,true\n"
        "9002,Birch,Demo,2000,2025-01-15 08:30,2025-01-16 08:30,,2025-06-18 10:00,false\n"
    )
    assert events(log) == [
        ("9001", "Opportunity Created", "2025-01-05"),
        ("9001", "Stage: Demo", "2025-01-08"),
        ("9001", "Closed Won", "2025-02-20"),
        ("9002", "Opportunity Created", "2025-01-15"),
        ("9002", "Stage: Demo", "2025-01-16"),
    ]
    assert diagnose.stages(log)["stage"].tolist() == ["Demo"]


def test_without_a_creation_the_first_stage_that_was_entered_stands_for_it(read):
    log = read("Deal ID,Date entered Demo,Date entered Offer\nA,2025-01-05,2025-02-01\n")
    assert events(log)[0] == ("A", "Opportunity Created", "2025-01-05") and "created_by_first_state" in notes(log)


def test_won_and_lost_times_of_their_own_close_a_deal_once(read):
    log = read(
        "Deal - ID,Deal - Value,Deal - Stage,Deal - Status,Deal - Deal created,Deal - Won time,Deal - Lost time,Deal - Expected close date,Deal - Closed on\n"
        "1,1000,Negotiation,Won,2025-01-05 08:30:00,2025-02-20 10:00:00,,2025-02-20,2025-02-20\n"
        "2,2000,Proposal,Lost,2025-01-15 08:30:00,,2025-03-18 10:00:00,2025-02-20,2025-03-18\n"
        "3,4000,Proposal,Open,2025-01-25 08:30:00,,,2025-02-20,\n"
    )
    assert cases(log, "status") == {"1": "won", "2": "lost", "3": "open"}
    assert [a for _, a, _ in events(log)] == ["Opportunity Created", "Closed Won", "Opportunity Created", "Closed Lost", "Opportunity Created"]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "activity"),
    [
        ('Date entered "Contract Sent (Sales Pipeline)"', "Stage: Contract Sent"),
        ('Date entered "Closed Won (Sales Pipeline)"', "Closed Won"),
        ("hs_v2_date_entered_presentationscheduled", "Stage: presentationscheduled"),
        ("Entered Negotiation on", "Stage: Negotiation"),
        ("「提案中」に入った日付", "Stage: 提案中"),
        ("Datum des Eintritts in „Angebot (Vertrieb)“", "Stage: Angebot"),
        ("Date entered current stage", None),
        ("Date exited Demo", None),
    ],
)
def test_the_header_of_a_day_names_the_stage_that_was_entered(header, activity):
    assert matching.match_date_column(header) == activity


# The parts


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("To Stage", "to"), ("From Stage", "from"), ("New Value", "new"), ("Old Value", "old"), ("Last Modified", "changed"),
        ("Edit Date", "changed"), ("Stage History", "to"), ("変更後の値", "new"), ("最終更新日", "changed"), ("移行後フェーズ", "to"),
        ("Neuer Wert", "new"), ("Nouvelle valeur", "new"), ("Nuevo valor", "new"), ("date_day", "looked"), ("Week Ending", "perhaps"),
        ("Quantity", "line"), ("Amount", None), ("Stage", None), ("Created Date", None), ("Close Date", None),
    ],
)  # fmt: skip
def test_what_a_column_of_states_tells(header, role):
    assert matching.match_state(header) == role


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025-02", (2025, 2, 28)), ("202412", (2024, 12, 31)), ("pipeline_20250203.csv", (2025, 2, 3)), ("2025年3月5日", (2025, 3, 5)),
        ("2025年3月", (2025, 3, 31)), ("Feb 2024", (2024, 2, 29)), ("März 2025", (2025, 3, 31)), ("2025-W06", (2025, 2, 9)),
        ("Jan", None), ("Q1", None), ("2025-13-45", None),
    ],
)  # fmt: skip
def test_the_day_that_a_text_names(text, day):
    assert named_times.of_text(text) == (day and datetime(*day))


def test_the_order_of_tables_by_their_names():
    assert named_times.of_names(["b › Feb", "b › Jan", "b › Dec"]) == ([(None, 2), (None, 1), (None, 0)], True)
    assert named_times.of_names(["b › Jan", "b › Feb", "b › old copy"]) == ([(None, 1), (None, 2), (None, 0)], True)
    assert named_times.of_names(["2025.xlsx › 2月", "2025.xlsx › 1月"]) == (
        [(datetime(2025, 2, 28), 1), (datetime(2025, 1, 31), 0)],
        True,
    )
    fiscal = [f"2025年度.xlsx › {n}月" for n in (4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3)]
    assert named_times.of_names(fiscal)[0] == [(None, n) for n in range(12)]
    assert named_times.of_names(["north", "south"]) == ([(None, 0), (None, 1)], False)


def test_columns_of_dates_are_told_from_others():
    assert named_times.are_dates(pl.Series(["2025-02", "2025-03"])) and named_times.are_dates(
        pl.Series(["1/2/2025", "3/4/2025"])
    )
    assert not named_times.are_dates(pl.Series(["7", "8"])) and not named_times.are_dates(pl.Series(["a", "b"]))
    days = named_times.of_column(pl.Series(["2025-02", "x", None]))
    assert days.to_list() == [datetime(2025, 2, 28), None, None]


def test_a_log_of_events_and_a_list_of_deals_are_no_states():
    said = instructions(None)
    log = table(
        "log",
        {"case_id": ["A", "A"], "activity": ["x", "y"], "time": ["2025-01-01", "2025-01-02"], "stage": ["1", "2"]},
    )
    deals = table("deals", {"Opportunity ID": ["A", "B"], "Stage": ["1", "2"], "Created Date": ["2025-01-01"] * 2})
    assert histories.layout(log, said) is None and histories.layout(deals, said) is None


def test_tables_with_the_same_deals_are_put_in_order():
    made = [
        (table(name, {"Opportunity ID": ["A"], "Stage": [stage]}), Layout({"case_id": "Opportunity ID", "stage": "Stage"}, {"Opportunity Created": "Stage"}))
        for name, stage in (("Feb 2025", "2"), ("Jan 2025", "1"))
    ]  # fmt: skip
    found = [shape.states for _, shape in histories.across(made)]
    assert found == [States(at=datetime(2025, 2, 28), rank=1), States(at=datetime(2025, 1, 31), rank=0)]
    assert histories.across(made[:1]) == made[:1]


def test_what_tells_lines_apart():
    assert product_lines.lines({"product": "Product", "amount": "Amount", "qty": "Quantity"}) == ["product", "qty"]


def test_columns_that_tell_how_to_read_states_are_no_attributes():
    assert all(map(histories.is_silent, ("as_of", "from_stage", "unused 1"))) and not histories.is_silent("stage")


def test_why_a_row_cannot_be_used():
    raw = pl.Series(["x", None, "2025-01-01", "1960-01-01"])
    read = times.parse_times(raw, where="")
    found = reasons.checked(read, raw, datetime(2026, 1, 1)).to_list()
    assert found == ["unreadable time", "no time", None, "out of range"]
    assert reasons.empty(pl.DataFrame({"a": ["", None, "x"]}), "a").to_list() == [True, True, False]


def test_what_came_before_a_state_and_when_it_began():
    day = [datetime(2025, 1, n) for n in (1, 8, 15)]
    rows = pl.DataFrame(
        {
            "case_id": ["A"] * 3,
            "stage": ["One", None, "Two"],
            "_at": day,
            "_precision": ["day"] * 3,
            "_exact": [True] * 3,
            "_entered": pl.Series([None] * 3, dtype=pl.Datetime("us")),
            "_from": pl.Series([None] * 3, dtype=pl.String),
            "_closing": pl.Series([None] * 3, dtype=pl.String),
            "_there": pl.Series([None] * 3, dtype=pl.Datetime("us")),
            "_of_there": pl.Series([None] * 3, dtype=pl.String),
        }
    ).with_columns(pl.col("_at").cast(pl.Datetime("us")))
    found = successions.followed(rows)
    assert found["_old_stage"].to_list() == [None, "One", "One"]
    assert found["_changes"].to_list() == [False, False, True] and found["_original"].to_list() == [True, False, False]
    assert found["_born"].to_list() == [day[0]] * 3 and found["_time"].to_list() == day


def test_a_deal_that_was_seen_often_counts_once_in_what_is_said_of_labels(read):
    said = [note for note in read(SNAPSHOTS.replace("2025-02-10,A,Proposal", "2025-02-10,A,Closed Won")).quality.notes]
    assert any("Closed Won (1)" in str(note) for note in said)


LINES_OF_TIMES = """line_item_id,opportunity_id,product,total_price,stage_name,created_date,dbt_valid_from,dbt_valid_to
L1,A,Licence,500,Proposal,2025-01-05,2025-01-10,2025-02-01
L2,A,Service,400,Proposal,2025-01-05,2025-01-10,2025-02-20
L1,A,Licence,600,Proposal,2025-01-05,2025-02-01,2025-02-20
L1,A,Licence,650,Closed Won,2025-01-05,2025-02-20,
L2,A,Service,450,Closed Won,2025-01-05,2025-02-20,
L3,B,Licence,2000,Prospecting,2025-01-15,2025-01-15,
"""


def test_lines_that_each_say_since_when_they_are_so_add_up(read):
    log = read(LINES_OF_TIMES)
    cases = engine.collect(log.cases).set_index("case_id")["amount"]
    assert cases.to_dict() == {"A": 1100.0, "B": 2000.0}
    # A line that ended and was not followed is gone.
    log = read(LINES_OF_TIMES.replace("L2,A,Service,450,Closed Won,2025-01-05,2025-02-20,\n", ""))
    assert engine.collect(log.cases).set_index("case_id")["amount"].to_dict() == {"A": 650.0, "B": 2000.0}
    # A change of one line leaves the other what it was.
    log = read("\n".join(LINES_OF_TIMES.splitlines()[:4]))
    assert engine.collect(log.cases)["amount"].to_list() == [1000.0]


def test_a_product_that_changes_from_state_to_state_is_no_line(read):
    log = read(HISTORY.replace(",Amount,", ",Amount,Product,").replace("A,500,", "A,500,Basic,")
               .replace("A,900,", "A,900,Pro,").replace("A,1000,", "A,1000,Pro,").replace("B,2000,", "B,2000,Basic,")
               .replace("B,1500,", "B,1500,Pro,"))  # fmt: skip
    assert engine.collect(log.cases).set_index("case_id")["amount"].to_dict() == {"A": 1000.0, "B": 1500.0}


@pytest.mark.parametrize("to", ["Bis Phase", "Nach Phase", "Zu Phase"])
def test_a_german_history_of_stages_ends_where_it_ends(read, to):
    log = read(
        f"Opportunity-ID;Von Phase;{to};Phasendauer;Betrag;Letzte Änderung am\n"
        "A;;Prospektion;20;500,00;05.01.2025\nA;Prospektion;Geschlossen/gewonnen;0;1.000,00;20.02.2025\n"
        "B;;Prospektion;62;2.000,00;15.01.2025\nB;Prospektion;Geschlossen/verloren;0;1.500,00;18.03.2025\n"
    )
    cases = engine.collect(log.cases).set_index("case_id")
    assert cases["status"].to_dict() == {"A": "won", "B": "lost"}
    assert cases["amount"].to_dict() == {"A": 1000.0, "B": 1500.0}


def test_a_stage_without_the_one_it_came_to_is_asked_about_and_the_answer_is_obeyed(read):
    text = HISTORY.replace(",To Stage,", ",Thereafter,").replace(",Stage\n", ",Remark\n")
    with pytest.raises(ColumnsNotFound, match=r'From Stage says which stage .* --map "stage=YOUR_COLUMN"'):
        read(text)
    log = read(text, mapping="stage=Thereafter")
    assert engine.collect(log.cases)["status"].sort_values().to_list() == ["lost", "won"]


def test_a_japanese_history_of_fields_tells_of_the_creation_in_its_own_sentence(read):
    log = read(
        "商談 ID,項目/イベント,変更前の値,変更後の値,編集日\nA,作成しました。,,,2025/01/05 9:00\n"
        "A,フェーズ,見込み,受注,2025/02/20 9:00\n"
    )
    assert events(log)[0][:2] == ("A", "Opportunity Created")


@pytest.mark.parametrize("header", ["Datum der Phasenänderung", "entered_at", "Entered On"])
def test_the_day_of_a_change_by_other_names(read, header):
    log = read(f"Opportunity ID,Stage,{header}\nA,Prospecting,2025-01-05\nA,Closed Won,2025-02-20\n")
    assert [e[1] for e in events(log)] == ["Opportunity Created", "Closed Won"]


def test_rounded_ids_are_refused_before_their_rows_are_asked_about(read):
    with pytest.raises(ChangedIds):
        read(
            "Record ID,Deal Name,Deal Stage,Create Date\n1.23457E+11,A,Closed Won,2025-01-05\n1.23457E+11,B,Closed Lost,2025-01-06\n"
        )


@pytest.mark.parametrize("header", ["Status", "Outcome"])
def test_results_in_words_are_those_of_each_state(read, header):
    log = read(
        f"Opportunity ID,Snapshot Date,Stage,{header},Amount,Created Date,Close Date\n"
        "A,2025-01-06,Proposal,Open,500,2025-01-05,2025-02-20\nA,2025-01-13,Negotiation,Won,600,2025-01-05,2025-01-12\n"
        "B,2025-01-06,Proposal,Open,500,2025-01-05,2025-02-20\nB,2025-01-13,Proposal,Lost,500,2025-01-05,2025-01-12\n"
    )
    closed = [e for e in events(log) if e[1].startswith("Closed")]
    assert closed == [("A", "Closed Won", "2025-01-12"), ("B", "Closed Lost", "2025-01-12")]


@pytest.mark.parametrize(
    ("before", "after"), [("フェーズ (変更前)", "フェーズ (変更後)"), ("フェーズ（移行前）", "フェーズ（移行後）"), ("Stage (Before)", "Stage (After)"), ("Phase (alt)", "Phase (neu)")]
)  # fmt: skip
def test_which_stage_is_the_old_one_may_stand_in_brackets(read, before, after):
    log = read(f"Opportunity ID,{before},{after},Changed On\nA,,Talks,2025-01-05\nA,Talks,Closed Won,2025-02-20\n")
    assert [e[1] for e in events(log)] == ["Opportunity Created", "Closed Won"]


def test_until_when_a_row_held():
    cells = pl.DataFrame({"x": ["2025-02-01", "2025-02-01T08:30:00Z", None, "never"]})
    assert product_lines.until(cells, {"x": "dbt_valid_to"}).to_list() == [
        datetime(2025, 2, 1), datetime(2025, 2, 1, 8, 30), None, None,
    ]  # fmt: skip
    assert product_lines.until(cells, {"x": "Remark"}).null_count() == 4
