"""Which rows are one record: ids that were cut, folded, rounded or turned to dates, and names taken for ids."""

from pathlib import Path

import polars as pl
import pytest

from l2c import engine
from l2c.prepare import identity, ids
from l2c.prepare.read import read
from l2c.words.errors import ChangedIds

A, B = "006Kx00000AaBcD", "006Kx00000AaBcd"


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    return folder


def cases(log):
    return engine.collect(log.cases).set_index("case_id")


def events(log):
    return engine.collect(log.events).sort_values(["case_id", "time"])


def test_an_id_counts_by_what_its_check_letters_say():
    full = ids.eighteen(A)
    given = [full, A, full.upper(), full.lower(), "120210000000000101", "aB0000000000000001", None, "D1"]
    expected = [A, A, A, A, "120210000000000101", "aB0000000000000001", None, "D1"]
    assert ids.key(pl.Series("k", given)).to_list() == expected


def test_ids_made_up_with_a_filler_still_meet_their_short_form():
    assert ids.key(pl.Series(["006Kx00000Aa1b1AAA", "00Q000000000001AAA"])).to_list() == [
        "006Kx00000Aa1b1",
        "00Q000000000001",
    ]


def test_deals_whose_ids_differ_in_case_only_stay_two_when_a_database_has_folded_them(tmp_path):
    one, two = (ids.eighteen(each).upper() for each in (A, B))
    stages = "Id,OpportunityId,StageName,CreatedDate\n" + "".join(
        f"008Kx000000000{n},{case},{stage},2025-0{n}-05T08:30:00.000Z\n"
        for n, (case, stage) in enumerate(
            [(ids.eighteen(A), "New"), (A, "Closed Won"), (B, "New"), (ids.eighteen(B).lower(), "Closed Lost")], 1
        )
    )
    deals = "Id,StageName,IsClosed,IsWon,CreatedDate,CloseDate\n"
    deals += f"{one},Closed Won,true,true,2025-01-05T08:30:00.000Z,2025-02-05\n"
    deals += f"{two},Closed Lost,true,false,2025-03-05T08:30:00.000Z,2025-04-05\n"
    log = read(written(tmp_path, Opportunity=deals, OpportunityHistory=stages))
    assert cases(log)["status"].to_dict() == {one: "won", two: "lost"}
    assert log.quality.quarantined == 0


def test_eighteen_digits_are_no_id_to_be_cut(tmp_path):
    leads = "Id,CreatedDate,Status\n" + "".join(f"12021000000000010{n},2025-01-0{n}T08:30:00Z,New\n" for n in (1, 2, 3))
    log = read(written(tmp_path, Lead=leads, Campaign="Id,Name\n701Kx0000000001AAA,x\n"))
    assert len(cases(log)) == 3


def test_a_table_with_both_forms_and_a_folded_one_holds_one_deal(tmp_path):
    rows = [(A, "Opportunity Created"), (ids.eighteen(A), "Quote Sent"), (ids.eighteen(A).upper(), "Closed Won")]
    text = "case_id,activity,time\n" + "".join(f"{c},{a},2025-01-0{n}\n" for n, (c, a) in enumerate(rows, 1))
    written(tmp_path, log=text + f"{ids.eighteen(B)},Closed Lost,2025-02-01\n")
    log = read(tmp_path / "log.csv")
    assert sorted(cases(log).index) == sorted([ids.eighteen(A), ids.eighteen(B)])


DEALS = "{header},Stage,Amount,Created Date,Close Date\n{one},Closed Won,1000,2025-01-05,2025-02-20\n{two},Closed Lost,2000,2025-01-15,2025-03-18\n"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("1.23457E+11", "2.34568E+11"),
        ('"1,23457E+11"', '"1,23457E+11"'),
        ("9.00719925E+15", "D2"),
        ("1.23457e+17", "1.23457e+17"),
        ("123456789012345000", "123456789012346000"),
        ("12345678901234500", "12345678901234600"),
    ],
)
def test_rounded_ids_are_refused_whoever_named_the_column(tmp_path, one, two):
    written(tmp_path, deals=DEALS.format(header="Record No", one=one, two=two))
    with pytest.raises(ChangedIds, match=r"deals.csv, column Record No: a spreadsheet has rounded .* as text"):
        read(tmp_path / "deals.csv", mapping="case_id=Record No")


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("2-Jan", "3-Jan"),
        ("Mar-25", "Apr-25"),
        ("02. Jan", "03. Mrz"),
        ("Mrz 25", "Okt 25"),
        ("01-févr", "02-août"),
        ("2-ene", "3-dic"),
        ("1月2日", "1月3日"),
        ("1/2/2025", "1/3/2025"),
        ("2025-01-02 00:00:00", "2025-01-03 00:00:00"),
    ],
)
def test_ids_that_became_dates_are_refused(tmp_path, one, two):
    written(tmp_path, deals=DEALS.format(header="Deal ID", one=one, two=two))
    with pytest.raises(ChangedIds, match=r"are dates, not ids.*as text"):
        read(tmp_path / "deals.csv")


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("1234567890123456", "1234567890123457"),
        ("120210000000000101", "120210000000000102"),
        ("Marina 24", "Augustin-12"),
        ("1-2", "13-45"),
        ("1e+05", "100001"),
        ("2025-001", "2025-002"),
        ("1.2E", "7E+1X"),
        ("0000000000010000", "0000000000020000"),
    ],
)
def test_ids_of_other_shapes_are_ids(tmp_path, one, two):
    written(tmp_path, deals=DEALS.format(header="Deal ID", one=one, two=two))
    assert set(cases(read(tmp_path / "deals.csv")).index) == {one, two}


def test_ids_that_a_frame_holds_as_decimals_are_refused_beyond_what_these_can_tell_apart():
    import pandas as pd

    frame = pd.DataFrame({"Deal ID": [1.2021e17, 1.2022e17], "activity": "Created", "time": "2025-01-01"})
    with pytest.raises(ChangedIds, match="rounded"):
        read(frame)
    with pytest.raises(ChangedIds, match="are dates"):
        read(frame.assign(**{"Deal ID": pd.to_datetime(["2025-01-02", "2025-03-01"])}))
    identity.refuse_changed(pl.Series([1.0, 2.0, None]), "x")
    identity.refuse_changed(pl.Series([2**53 + 1, 2**60 + 7]), "x")
    identity.refuse_changed(pl.Series([1, 2], dtype=pl.Int8), "x")


def test_the_ids_themselves_tell_which_column_holds_those_of_deals(tmp_path):
    text = "Id,ContractId,StageName,CreatedDate,CloseDate\n006000000000001,800000000000001,New,2025-01-05,2025-02-05\n"
    assert list(cases(read(written(tmp_path, deals=text) / "deals.csv")).index) == ["006000000000001"]
    held = {"a": pl.Series(["006000000000001"]), "b": pl.Series(["800000000000001"]), "c": pl.Series([1])}
    assert ids.of_deals(held) == ["a"] and ids.whole({"a": held["a"], "b": held["b"]}) is None


NAMES = """{name},{account},Stage,{made},Close Date
Renewal,Alder KG,Closed Won,2025-01-05,2025-02-20
Renewal,Birch SA,Closed Lost,{second},2025-03-18
Upgrade,Alder KG,Closed Won,2025-01-25,2025-04-18
"""


@pytest.mark.parametrize(
    ("name", "account", "made", "second"),
    [
        ("Opportunity Name", "Account Name", "Created Date", "2025-01-15"),
        ("Opportunity Name", "Account Name", "Created Date", "2025-01-05"),
        ("商談名", "取引先名", "作成日", "2025-01-15"),
        ("Deal name", "Whatever", "Create Date", "2025-03-15"),
        ("Project", "Customer", "Something", "x"),
    ],
)
def test_names_taken_for_ids_are_said_on_top(tmp_path, name, account, made, second):
    written(tmp_path, deals=NAMES.format(name=name, account=account, made=made, second=second))
    log = read(tmp_path / "deals.csv", mapping=f"case_id={name}")
    top = [text for note in log.quality.top if "ids stand for" in (text := str(note))]
    assert len(top) == 1 and "1 of 2 ids stand for deals that differ" in top[0] and "Renewal (" in top[0]


def test_a_log_of_events_whose_ids_are_names_is_told_too(tmp_path):
    rows = [("Renewal", "01-05"), ("Renewal", "03-05"), ("Upgrade", "02-01")]
    written(tmp_path, log="case_id,activity,time\n" + "".join(f"{c},Opportunity Created,2025-{d}\n" for c, d in rows))
    assert [note.id for note in read(tmp_path / "log.csv").quality.top] == ["ids_shared"]


def test_product_lines_and_copies_of_a_deal_are_no_two_deals(tmp_path):
    text = "Opportunity ID,Account Name,Product,Total Price,Stage,Created Date,Close Date\n"
    text += "".join(f"D1,Alder,{p},100,Closed Won,2025-01-05,2025-02-20\n" for p in "AB")
    assert "ids_shared" not in [note.id for note in read(written(tmp_path, deals=text) / "deals.csv").quality.top]


def test_few_shared_ids_among_many_are_an_ordinary_remark():
    from datetime import datetime

    rows = [(f"D{n}", datetime(2025, 1, 1)) for n in range(400)] + [("D7", datetime(2025, 6, 1))]
    (note,) = identity.doubtful(pl.DataFrame(rows, schema=["case_id", "time"], orient="row"))
    assert (note.id, dict(note.values)["n"], dict(note.values)["examples"]) == (
        "ids_shared_few",
        1,
        ("D7 (2025-01-01, 2025-06-01)",),
    )


def test_records_of_one_id_and_two_creation_days_are_told(tmp_path):
    deals = "Id,StageName,CreatedDate,CloseDate\n006KX00000AABCD,New,2025-01-05T08:30:00Z,2025-02-05\n"
    deals += "006KX00000AABCD,New,2025-03-05T08:30:00Z,2025-04-05\n"
    log = read(written(tmp_path, Opportunity=deals, Account="Id,Name\n001,x\n"))
    assert [note.id for note in log.quality.top] == ["ids_shared"]


def test_ids_of_fifteen_capitals_are_told():
    short = [f"006KX00000AAB{a}{b}" for a in "CDEFG" for b in "XYZ"]
    (note,) = identity.folded(pl.Series(short))
    assert (note.id, dict(note.values)["n"]) == ("ids_folded", 15)
    assert not identity.folded(pl.Series([A, B]))
    assert not identity.folded(pl.Series([f"00600000000000{n}" for n in range(10)]))
