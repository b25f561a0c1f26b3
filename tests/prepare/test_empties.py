"""Cells that say that nothing is there are empty, unless they may be a name."""

import pandas as pd
import polars as pl
import pytest

from l2c.prepare.delimited import table
from l2c.prepare.empties import SURE, UNSURE, emptied
from l2c.prepare.read import read
from l2c.prepare.table import Table, no_rejected, numbered


def of(**columns):
    frame = pl.DataFrame(columns)
    return emptied(Table("log.csv", frame, numbered(frame), no_rejected()))


def notes(found):
    return " ".join(map(str, found.notes))


@pytest.mark.parametrize("word", sorted(SURE))
def test_markers_nobody_takes_for_a_name_are_empty_everywhere(word):
    found = of(case=["D1", word, "D2"], region=["EMEA", word, word], note=[f"text {n}" for n in range(3)])
    assert found.frame["case"].to_list() == ["D1", None, "D2"]
    assert found.frame["region"].to_list() == ["EMEA", None, None]
    assert f"3 cells that say that nothing is there are empty: {word} (3)" in notes(found)


@pytest.mark.parametrize("word", sorted(UNSURE))
def test_words_that_may_be_names_are_empty_in_columns_of_figures(word):
    found = of(case=["D1", "D2", word], amount=["1,000", word, "5"], day=["2025-01-05", word, ""])
    assert found.frame.to_dict(as_series=False) == {
        "case": ["D1", "D2", None],
        "amount": ["1,000", None, "5"],
        "day": ["2025-01-05", None, ""],
    }


def test_a_region_or_a_person_may_be_called_so():
    found = of(
        region=["EMEA", "NA", "APAC"], country=["DE", "NA", "US"], rep=["Ann Lee", "Null", "Bob"], amount=["1", "", "2"]
    )
    assert found.frame["region"].to_list() == ["EMEA", "NA", "APAC"]
    assert found.frame["country"].to_list() == ["DE", "NA", "US"]
    assert found.frame["rep"].to_list() == ["Ann Lee", "Null", "Bob"]
    assert "rep: Null is taken for a name (1)" in notes(found) and "region" not in notes(found)


def test_a_word_that_is_nothing_beside_figures_is_nothing_beside_names():
    found = of(rep=["Ann", "None", "Bob"], amount=["1", "None", "2"], region=["EMEA", "NA", "APAC"])
    assert found.frame["rep"].to_list() == ["Ann", None, "Bob"]
    # Where the file writes NA for an amount too, a region among others as short stays one.
    found = of(region=["EMEA", "NA", "APAC"], rep=["Ann", "NA", "Bob"], amount=["1", "NA", "2"])
    assert found.frame["region"].to_list() == ["EMEA", "NA", "APAC"] and found.frame["rep"].to_list() == [
        "Ann",
        None,
        "Bob",
    ]


def test_a_column_that_holds_nothing_else_is_empty_but_for_a_region():
    found = of(competitor=["None", "None"], region=["NA", "NA"], day=["2025-01-05", "2025-01-06"])
    assert found.frame["competitor"].null_count() == 2 and found.frame["region"].null_count() == 0


def test_texts_that_repeat_are_emptied_as_well():
    rows = [f"D{n % 500},Quote Sent,2025-01-05 08:00:00,{('NULL', 'EMEA')[n % 2]},{n}" for n in range(20_000)]
    found = table(("case_id,activity,timestamp,region,amount\n" + "\n".join(rows) + "\n").encode(), "log.csv")
    assert found.frame["region"].null_count() == 10_000
    assert set(found.frame["region"].cast(pl.String).drop_nulls()) == {"EMEA"}
    assert "NULL (10,000)" in notes(found)


def test_what_is_plain_is_handed_back_as_it_is():
    frame = pl.DataFrame({"case": ["D1"], "amount": [5.0]})
    plain = Table("log.csv", frame, numbered(frame), no_rejected())
    assert emptied(plain) is plain


def test_a_log_has_no_case_and_no_activity_called_null(tmp_path):
    path = tmp_path / "log.csv"
    rows = [
        "D1,Opportunity Created,2025-01-05,EMEA",
        "NULL,Quote Sent,2025-01-06,EMEA",
        "D1,(null),2025-01-07,\\N",
        "D1,Closed Won,#N/A,-",
    ]
    path.write_text("case_id,activity,timestamp,region\n" + "\n".join(rows) + "\n")
    log = read(path)
    assert log.quality.reasons == {"no case": 1, "no activity": 1, "no time": 1}
    frame = pd.DataFrame([row.split(",") for row in rows], columns=["case_id", "activity", "timestamp", "region"])
    assert read(frame).quality.reasons == log.quality.reasons
