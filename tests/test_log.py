import os
import threading
from datetime import datetime

import pandas as pd
import pytest
from hypothesis import given

import l2c
from l2c import engine
from l2c.log import build
from l2c.words.errors import BadFilter, L2CError, UnknownName, UnreadableLog
from tests.logs import event_rows, from_text, rows_from_text

THREE = """
    a [rep=Kim, region=EMEA, amount=100]: Opportunity Created 0, Quote Sent 3, Closed Won 10, Payment Received 30
    b [rep=Sato, region=APAC, amount=50]: Opportunity Created 31, Closed Lost 40
    c [rep=Kim, amount=70]: Lead Created 2, Opportunity Created 5, Quote Sent 5, Quote Created 5
"""


def ids(log):
    return sorted(engine.collect(log.cases)["case_id"])


def trace(log, case):
    events = engine.collect(log.events)
    return events[events.case_id == case].sort_values("position")["activity"].tolist()


def test_ties_of_known_activities_stand_in_process_order():
    assert trace(from_text(THREE), "c") == ["Lead Created", "Opportunity Created", "Quote Created", "Quote Sent"]


def test_an_unknown_activity_keeps_its_place_among_ties():
    # Slots at day 0 are 1, 2, 3; the two known activities change places, the unknown one stays second.
    log = from_text("a: Quote Sent 0, Legal Review 0, Opportunity Created 0")
    assert trace(log, "a") == ["Opportunity Created", "Legal Review", "Quote Sent"]


def test_each_event_knows_what_came_next_and_when():
    events = engine.collect(from_text(THREE).events.sort("case_key", "position"))
    mine = events[events.case_id == "a"]
    assert mine["position"].tolist() == [0, 1, 2, 3]
    assert mine["next_activity"].fillna("-").tolist() == ["Quote Sent", "Closed Won", "Payment Received", "-"]
    assert mine["wait_days"].fillna(-1).tolist() == [3, 7, 20, -1]


def test_status_comes_from_the_last_closing_event():
    log = from_text("""
        a: Opportunity Created 0, Closed Lost 3, Closed Won 5
        b: Opportunity Created 0, Closed Won 3, Closed Lost 5
        c: Opportunity Created 0
        d: Closed Won 0, Payment Received 9
    """)
    assert dict(engine.collect(log.cases)[["case_id", "status"]].values) == {
        "a": "won",
        "b": "lost",
        "c": "open",
        "d": "paid",
    }


def test_without_closing_events_stage_and_flag_tell_the_status():
    log = from_text("""
        a [stage=Closed Won, is_won=True]: Opportunity Created 0
        b [stage=Closed Lost, is_won=False]: Opportunity Created 0
        c [stage=Negotiation, is_won=False]: Opportunity Created 0
    """)
    assert dict(engine.collect(log.cases)[["case_id", "status"]].values) == {"a": "won", "b": "lost", "c": "open"}


def test_a_case_attribute_is_the_last_one_known():
    rows = rows_from_text("a: Opportunity Created 0, Quote Sent 1, Closed Won 2").assign(rep=["Kim", "Sato", None])
    log = build(rows)
    assert engine.collect(log.cases)["rep"].tolist() == ["Sato"]
    # The change stays visible with the events.
    assert engine.collect(log.events.sort("position"))["rep"].fillna("-").tolist() == ["Kim", "Sato", "-"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"rep": "Kim"}, ["a", "c"]),
        ({"rep": ["Kim", "Sato"], "region": "EMEA"}, ["a"]),
        ({"region": None}, ["c"]),
        ({"region": ["APAC", None]}, ["b", "c"]),
        ({"amount": (60, None)}, ["a", "c"]),
        ({"amount": (60, 70)}, ["c"]),
        ({"opened": "2025-01"}, ["a", "c"]),
        ({"opened": ("2025-02", None)}, ["b"]),
        ({"opened": (None, "2025-01-01")}, ["a"]),
        ({"opened": (None, "9999-12-31")}, ["a", "b", "c"]),
        ({"opened": ("9999", None)}, []),
        ({"closed": "2025-01-11"}, ["a"]),
        ({"ended": ("2025-01-31", "2025-02")}, ["a", "b"]),
        ({"active": "2025-01-06"}, ["c"]),
        ({"includes": "Quote Sent"}, ["a", "c"]),
        ({"includes": ["Quote Sent", "Closed Won"]}, ["a"]),
        ({"excludes": "Quote Sent"}, ["b"]),
        ({"follows": ("Opportunity Created", "Quote Sent")}, ["a"]),
        ({"follows": "Quote Created > Quote Sent"}, ["c"]),
        ({"not_follows": ("Opportunity Created", "Quote Sent")}, ["b", "c"]),
        ({"starts": "Opportunity Created"}, ["a", "b"]),
        ({"ends": ["Quote Sent", "Closed Lost"]}, ["b", "c"]),
        ({"slower": ("Opportunity Created", "Quote Sent", 1)}, ["a"]),
        ({"slower": ("Opportunity Created", "Quote Sent", 3)}, []),
        ({"slower": "Quote Sent > 0.5"}, ["a"]),
        ({"eventually": ("Opportunity Created", "Payment Received")}, ["a"]),
        ({"eventually": ("Quote Sent", "Quote Created")}, []),
        ({"outcome": "won"}, ["a"]),
        ({"outcome": ["lost", "open"]}, ["b", "c"]),
        ({"variant": 1}, ["b"]),
        ({"top_variants": 2}, ["b", "c"]),
        ({"includes": "見積発行"}, ["a", "c"]),
    ],
)
def test_filters_keep_the_cases_that_pass(words, expected):
    assert ids(from_text(THREE).where(**words)) == expected


def test_open_is_not_claimed_where_the_log_knows_no_outcome():
    assert repr(from_text("a: X 0, Y 1")) == "1 cases · 2 events · 2025-01-01 to 2025-01-02"
    assert "33% open" in repr(from_text(THREE))


def test_filters_add_up_and_leave_the_log_alone():
    log = from_text(THREE)
    few = log.where(rep="Kim").where(outcome="open")
    assert (ids(few), ids(log)) == (["c"], ["a", "b", "c"])
    assert repr(few).startswith("1 of 3 cases · 4 events")
    assert few.filters == {"rep": "Kim", "outcome": "open"}


def test_an_attribute_named_like_a_filter_word_is_reached_by_a_mapping():
    log = from_text("a [opened=yes]: Quote Sent 0\n b [opened=no]: Quote Sent 0")
    assert ids(log.where({"opened": "yes"})) == ["a"]


@pytest.mark.parametrize(
    ("words", "error", "hint"),
    [
        ({"region": "EMAE"}, UnknownName, "EMEA"),
        ({"regoin": "EMEA"}, UnknownName, "region"),
        ({"includes": "Quote Snet"}, UnknownName, "Quote Sent"),
        ({"opened": "spring"}, BadFilter, "2025-03"),
        ({"amount": ("many", None)}, BadFilter, "number"),
        ({"outcome": "win"}, UnknownName, "won"),
        ({"follows": "Quote Sent"}, BadFilter, "pair"),
        ({"slower": ("Quote Sent", "Closed Won", "late")}, BadFilter, "number"),
        ({"slower": 12.5}, BadFilter, "step and a number of days"),
        ({"starts": "Quote Snet"}, UnknownName, "Quote Sent"),
    ],
)
def test_a_filter_that_makes_no_sense_says_what_would(words, error, hint):
    with pytest.raises(error, match=hint):
        from_text(THREE).where(**words)


def test_a_saved_log_opens_as_it_was(tmp_path):
    log = from_text(THREE, until=60, currency="USD")
    again = l2c.open(log.save(tmp_path / "log"))
    for frame in ("cases", "events", "variants"):
        key = {"cases": ["case_key"], "events": ["case_key", "position"], "variants": ["variant_id"]}[frame]
        left, right = (engine.collect(getattr(x, frame)).sort_values(key, ignore_index=True) for x in (log, again))
        pd.testing.assert_frame_equal(left, right)
    assert (again.extracted, again.currency) == (datetime(2025, 3, 2), "USD")
    assert sorted(os.listdir(tmp_path)) == ["log"]


def test_saving_replaces_a_saved_log_and_nothing_else(tmp_path):
    log = from_text(THREE)
    log.save(tmp_path / "log")
    log.where(rep="Kim").save(tmp_path / "log")
    assert l2c.open(tmp_path / "log").n_cases == 2
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(UnreadableLog, match="other files"):
        log.save(tmp_path / "mine")


def test_a_folder_that_is_no_log_is_refused(tmp_path):
    with pytest.raises(UnreadableLog, match=r"log\.json is missing"):
        l2c.open(tmp_path)


def test_pm4py_gets_the_frame_it_expects():
    frame = from_text(THREE).to_pm4py()
    assert {"case:concept:name", "concept:name", "time:timestamp", "case:rep"} <= set(frame.columns)
    assert str(frame["time:timestamp"].dt.tz) == "UTC"
    assert len(frame) == 10


def test_rows_that_are_not_clean_are_refused_in_memory():
    rows = rows_from_text(THREE)
    with pytest.raises(L2CError, match="no column time"):
        build(rows.drop(columns="time"))
    with pytest.raises(L2CError, match="1 events have no activity"):
        build(rows.assign(activity=[None, *rows.activity[1:]]))


def test_first_times_has_every_column_asked_for():
    times = from_text(THREE).first_times(["Closed Won", "Order Closed"], ["rep", "nothing"])
    assert times["Closed Won"].notna().tolist() == [True, False, False]
    assert times["Order Closed"].isna().all()
    assert times["Order Closed"].dtype == "datetime64[us]"
    assert times["nothing"].isna().all()


def test_another_thread_may_ask(tmp_path):
    log, found = from_text(THREE), []
    worker = threading.Thread(target=lambda: found.append(ids(log.where(rep="Kim"))))
    worker.start()
    worker.join()
    assert found == [["a", "c"]]


@given(event_rows())
def test_filtering_then_asking_is_asking_the_filtered_rows(rows):
    log = build(rows)
    # The value of a case is its last known one, so that is what the rows are filtered by.
    region = engine.collect(log.cases).set_index("case_id")["region"].dropna()
    for value in region.unique():
        filtered = log.where(region=value)
        alone = build(rows[rows.case_id.isin(region.index[region == value])].reset_index(drop=True))
        columns = ["case_id", "position", "activity", "time", "next_activity", "wait_days"]
        left, right = (
            engine.collect(x.events).sort_values(["case_id", "position"], ignore_index=True)[columns]
            for x in (filtered, alone)
        )
        pd.testing.assert_frame_equal(left, right)


@given(event_rows())
def test_the_order_of_rows_does_not_matter_where_times_differ(rows):
    rows = rows.drop_duplicates(["case_id", "time"])
    shuffled = rows.sample(frac=1, random_state=1).reset_index(drop=True)
    columns = ["case_id", "position", "activity", "next_activity", "wait_days"]
    left, right = (
        engine.collect(build(x.reset_index(drop=True)).events).sort_values(["case_id", "position"], ignore_index=True)
        for x in (rows, shuffled)
    )
    pd.testing.assert_frame_equal(left[columns], right[columns])
