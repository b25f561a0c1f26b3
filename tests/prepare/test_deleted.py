"""Rows that are deleted at their source are left out of every kind of file, and counted."""

import pandas as pd
import polars as pl
import pytest

from l2c import engine, read
from l2c.prepare import deleted

HEADER = "Opportunity ID,Stage,Amount,Created Date,Close Date"
ROWS = ["D1,Closed Won,1000,2025-01-05,2025-02-20", "D2,Closed Lost,2000,2025-01-06,2025-02-21", "D3,Closed Won,3000,2025-01-07,2025-02-22"]  # fmt: skip


def cases(log):
    return sorted(engine.collect(log.cases.select("case_id"))["case_id"])


@pytest.mark.parametrize(
    ("header", "kept", "gone"),
    [
        ("IsDeleted", "false", "true"),
        ("ISDELETED", "0", "1"),
        ("is_deleted", "False", "True"),
        ("_fivetran_deleted", "false", "true"),
        ("_sdc_deleted_at", "", "2025-05-01T00:00:00Z"),
        ("_airbyte_deleted_at", "", "2025-05-01 00:00:00"),
        ("deleted_at", "", "2025-05-01"),
        ("__deleted", "false", "true"),
        ("Deleted", "no", "yes"),
        ("Deleted", "", "x"),
        ("Gelöscht", "FALSCH", "WAHR"),
        ("Supprimé", "faux", "vrai"),
        ("削除フラグ", "0", "1"),
        ("已删除", "否", "是"),
    ],
)
def test_a_deleted_row_is_set_aside_with_its_reason(tmp_path, header, kept, gone):
    rows = [f"{row},{gone if row.startswith('D3') else kept}" for row in ROWS]
    (tmp_path / "deals.csv").write_text("\n".join([f"{HEADER},{header}", *rows]) + "\n", "utf-8")
    log = read(tmp_path / "deals.csv")
    assert cases(log) == ["D1", "D2"]
    assert log.quality.reasons == {"deleted": 1} and (log.quality.rows_read, log.quality.rows_used) == (3, 2)
    (row,) = log.quality.quarantine.to_dict("records")
    assert (row["reason"], row["file"], row["row"], row["Opportunity ID"]) == ("deleted", "deals.csv", 4, "D3")


def test_a_column_that_counts_deletions_says_nothing_of_its_row(tmp_path):
    rows = [f"{row},{n}" for n, row in enumerate(ROWS, 3)]
    (tmp_path / "deals.csv").write_text("\n".join([f"{HEADER},Deleted", *rows]) + "\n", "utf-8")
    assert cases(read(tmp_path / "deals.csv")) == ["D1", "D2", "D3"]


def test_deleted_events_and_frames_are_left_out_too():
    frame = pd.DataFrame({"Case ID": ["a", "a", "b"], "Activity": ["Quote Sent", "Closed Won", "Quote Sent"], "Timestamp": pd.to_datetime(["2025-01-01", "2025-01-02", "2025-01-03"]), "IsDeleted": [False, True, False]})  # fmt: skip
    log = read(frame)
    assert cases(log) == ["a", "b"] and log.n_events == 2 and log.quality.reasons == {"deleted": 1}


def test_which_rows_are_gone():
    frame = pl.DataFrame({"deleted_at": [None, "0000-00-00", "2025-05-01"], "Name": ["a", "b", "c"]})
    assert deleted.columns(frame.columns) == ["deleted_at"]
    gone = deleted.gone(frame)
    assert gone is not None and gone.to_list() == [False, False, True]
    assert deleted.gone(frame.select("Name")) is None


def test_a_deal_that_is_deleted_in_its_newest_state_is_gone_as_a_whole(tmp_path):
    (tmp_path / "deals.csv").write_text(
        "id,stage_name,amount,created_date,is_deleted,dbt_valid_from,dbt_valid_to\n"
        "D1,Prospecting,500,2025-01-05,false,2025-01-05,2025-02-20\n"
        "D1,Closed Won,900,2025-01-05,false,2025-02-20,\n"
        "D2,Prospecting,500,2025-01-05,false,2025-01-05,2025-02-20\n"
        "D2,Prospecting,500,2025-01-05,true,2025-02-20,\n"
        "D3,Prospecting,500,2025-01-05,true,2025-01-05,2025-02-20\n"
        "D3,Prospecting,500,2025-01-05,false,2025-02-20,\n",
        "utf-8",
    )
    log = read(tmp_path / "deals.csv")
    assert cases(log) == ["D1", "D3"] and log.quality.reasons == {"deleted": 3}
