"""Start and completion are one activity: what is worked on does not wait, and nothing is there twice."""

from __future__ import annotations

from itertools import count

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import l2c
from l2c import diagnose, discover, engine, show
from l2c.log import build
from l2c.prepare import large
from l2c.words.notes import Note
from tests.data import HERE
from tests.logs import DAY, ORIGIN, lifecycle_rows, spanned_rows

QUESTIONS = HERE / "questions"


def table(log):
    """The events, in order."""
    rows = engine.collect(log.events).sort_values(["case_key", "position"], ignore_index=True)
    rows["worked"] = rows.get("work_days", np.nan)
    return rows


def told(log):
    """What was decided, as `id: values`."""
    return {note.id: dict(note.values) for note in log.quality.notes if isinstance(note, Note)}


def read(text, **said):
    """A log of lines `case activity day word [thing] [who]`, as a file would have them."""
    lines = [line.split("#")[0].split("|") for line in text.strip().splitlines()]
    rows = [[cell.strip() for cell in line] + [""] * (6 - len(line)) for line in lines]
    frame = pd.DataFrame(rows, columns=["case_id", "activity", "day", "lifecycle:transition", "object_id", "actor"])
    frame["time"] = [ORIGIN + float(day) * DAY for day in frame.pop("day")]
    frame = frame.replace("", None).dropna(axis=1, how="all")
    return l2c.read(frame, **said)


@pytest.mark.parametrize("form", ["csv", "xes"])
def test_the_question(form):
    log = l2c.read(QUESTIONS / f"q_lifecycle.{form}", extracted="2025-04-01")
    card = l2c.kpis(log).set_index("kpi")
    assert (log.n_cases, log.n_events, card.loc["rework_rate", "value"]) == (3, 15, 0)
    assert (log.quality.rows_read, log.quality.rows_used, log.quality.events) == (21, 21, 15)
    steps = discover.flow(log).set_index(["from", "to"])["mean_days"].dropna()
    # Created on the 6th; the quote is worked on from the 7th to the 9th, sent on the 10th; signing takes the 16th to the 18th.
    assert steps.to_dict() == {
        ("Opportunity Created", "Quote Created"): 1,
        ("Quote Created", "Quote Sent"): 1,
        ("Quote Sent", "Contract Signed"): 6,
        ("Contract Signed", "Closed Won"): 1,
    }
    work = diagnose.working_times(log).set_index("activity")
    assert work["median_days"].to_dict() == {"Quote Created": 2, "Contract Signed": 2}
    assert (work["work_days"].sum(), work["timed"].tolist(), work["share"].tolist()) == (12, [3, 3], [0.5, 0.5])
    assert not diagnose.rework(log)["value"].gt(0).any()
    assert set(log.quality.findings["finding"]) <= {"missing values"}
    assert told(log) == {"lifecycle_joined": {"rows": 12, "n": 6}}


def test_a_part_of_the_log_counts_both_rows_of_its_activities():
    from l2c.prepare.portions import portion

    frame = pd.read_csv(QUESTIONS / "q_lifecycle.csv")
    part = portion(l2c.read(frame.assign(region=frame["case_id"])).where(region="X1"))
    assert (part.quality.rows_read, part.quality.rows_used, part.quality.events) == (7, 7, 5)


def test_days_of_waiting_and_of_work_make_up_the_case():
    log = l2c.read(QUESTIONS / "q_lifecycle.csv")
    waits, work = diagnose.steps(log)["case_days"].sum(), diagnose.working_times(log)["work_days"].sum()
    # 3 deals of 13 days each: 9 of them waiting, 4 of work.
    assert (waits, work, engine.collect(log.cases)["duration_days"].sum()) == (27, 12, 39)
    assert diagnose.total_days(log) == waits


@pytest.mark.parametrize("words", [("START", "COMPLETE"), ("開始", "完了"), ("begin", "end"), ("Started", "Finished")])
@pytest.mark.parametrize("column", ["lifecycle:transition", "Lifecycle", "ライフサイクル", "遷移"])
def test_words_of_any_language(tmp_path, words, column):
    text = (QUESTIONS / "q_lifecycle.csv").read_text("utf-8")
    for word, said in zip(("start,", "complete,"), words, strict=True):
        text = text.replace(f",{word}", f",{said},")
    (tmp_path / "log.csv").write_text(text.replace("lifecycle:transition", column), "utf-8")
    log = l2c.read(tmp_path / "log.csv")
    assert (log.n_events, diagnose.working_times(log)["work_days"].sum()) == (15, 12)


@pytest.mark.parametrize("word", ["start", "complete", "完了", "Approved"])
def test_one_word_everywhere_says_nothing(word):
    log = read(f"a|Quote Created|1|{word}\na|Quote Created|2|{word}\na|Quote Sent|3|{word}")
    assert (log.n_events, log.base.knows_work, told(log)) == (3, False, {})


@pytest.mark.parametrize("words", [("To do", "Done"), ("Draft", "complete"), ("schedule", "assign")])
def test_a_column_that_tells_of_something_else_changes_nothing(words):
    log = read("\n".join(f"a|Step {n}|{n}|{word}" for n, word in enumerate(words)))
    assert (log.n_events, log.base.knows_work, told(log)) == (2, False, {})


def test_parallel_instances_first_in_first_out():
    log = read("""
        a | Quote Created | 0 | start
        a | Quote Created | 1 | start
        a | Quote Created | 4 | complete
        a | Quote Sent    | 5 | complete
        a | Quote Created | 6 | complete
    """)
    rows = table(log)
    assert rows["activity"].tolist() == ["Quote Created", "Quote Sent", "Quote Created"]
    assert rows["worked"].fillna(-1).tolist() == [4, -1, 5]
    # From the end on day 4 to day 5; what is finished on day 6 had begun long before, and waited for nothing.
    assert rows["wait_days"].fillna(-1).tolist() == [1, 0, -1]
    assert diagnose.total_days(log) == diagnose.steps(log)["case_days"].sum() == 1


@pytest.mark.parametrize("key", ["concept:instance", "activity_instance_id", "object_id"])
def test_instances_are_told_apart_by_their_number(key):
    frame = pd.DataFrame(
        [("1", 0, "start"), ("2", 1, "start"), ("2", 2, "complete"), ("1", 9, "complete")],
        columns=[key, "day", "lifecycle"],
    )
    frame = frame.assign(case_id="a", activity="Quote Created", time=[ORIGIN + day * DAY for day in frame.pop("day")])
    assert table(l2c.read(frame))["worked"].tolist() == [1, 9]


@pytest.mark.parametrize("header", ["Status", "状態", "ステータス", "Work Status", "イベント区分"])
@pytest.mark.parametrize(
    ("words", "events"), [(("開始", "完了"), 15), (("START", "Complete"), 15), (("開始", "受注"), 21)]
)
def test_a_column_of_many_uses_is_one_of_lifecycles_by_its_words(tmp_path, header, words, events):
    text = (QUESTIONS / "q_lifecycle.csv").read_text("utf-8").replace("lifecycle:transition", header)
    for word, said in zip(("start", "complete"), words, strict=True):
        text = text.replace(f",{word},", f",{said},")
    (tmp_path / "log.csv").write_text(text, "utf-8")
    assert l2c.read(tmp_path / "log.csv").n_events == events


def test_numbers_of_rows_are_none_of_instances():
    text = (QUESTIONS / "q_lifecycle.csv").read_text("utf-8").splitlines()
    lines = [f"{text[0]},concept:instance", *(f"{line},{number}" for number, line in enumerate(text[1:]))]
    frame = pd.DataFrame([line.split(",") for line in lines[1:]], columns=lines[0].split(","))
    assert l2c.read(frame).n_events == 15


def test_rows_with_an_end_of_their_own_are_not_joined_again():
    frame = pd.DataFrame({"case_id": "a", "activity": "Quote Created", "lifecycle": ["start", "complete", "schedule"]})
    frame = frame.assign(time=[ORIGIN, ORIGIN + 2 * DAY, ORIGIN], end_time=[ORIGIN + DAY, ORIGIN + 3 * DAY, None])
    log = l2c.read(frame)
    assert table(log)["worked"].tolist() == [1, 1]
    assert list(told(log)) == ["ends_read", "lifecycle_idle"]


def test_who_began_it_ends_it_where_that_can_be():
    log = read("""
        a | Quote Created | 0 | start    |  | Ann
        a | Quote Created | 1 | start    |  | Ben
        a | Quote Created | 2 | complete |  | Ben
        a | Quote Created | 9 | complete |  | Ann
        b | Quote Created | 0 | start    |  | Ann
        b | Quote Created | 3 | complete |  | Ben  # handed over
        b | Quote Sent    | 4 | complete
    """)
    rows = table(log)
    assert rows["worked"].fillna(-1).tolist() == [1, 9, 3, -1]
    assert rows["actor"].tolist()[:3] == ["Ben", "Ann", "Ben"]


def test_work_that_is_not_done_yet_stands_at_its_start():
    log = read("a|Quote Created|0|start\na|Quote Created|1|complete\na|Quote Sent|3|start")
    rows = table(log)
    assert rows[["activity", "lifecycle"]].to_numpy().tolist() == [
        ["Quote Created", "complete"],
        ["Quote Sent", "start"],
    ]
    assert rows["started"].isna().tolist() == [False, True]
    assert rows["wait_days"].tolist()[0] == 2
    assert told(log)["lifecycle_open"] == {"n": 1}


def test_a_completion_before_its_start_is_one_activity_without_a_duration():
    log = read("a|Quote Created|0|start\na|Quote Created|1|complete\na|Quote Sent|3|complete\na|Quote Sent|4|start")
    rows = table(log)
    assert rows["worked"].fillna(-1).tolist() == [1, -1]
    assert rows["time"].tolist() == [ORIGIN + DAY, ORIGIN + 3 * DAY]
    assert told(log)["lifecycle_turned"] == {"n": 1}
    assert log.quality.rows_used == 4


def test_other_transitions_are_no_activity_of_their_own():
    log = read("""
        a | Quote Created   | 0 | schedule
        a | Quote Created   | 1 | assign
        a | Quote Created   | 2 | start
        a | Quote Created   | 3 | suspend
        a | Quote Created   | 4 | resume
        a | Quote Created   | 6 | complete
        a | Contract Signed | 7 | start
        a | Contract Signed | 8 | ate_abort
        a | Quote Sent      | 9 | autoskip
        a | Closed Lost     | 9 | complete
        b | Quote Created   | 0 | schedule
    """)
    rows = table(log)
    assert rows["activity"].tolist() == ["Quote Created", "Closed Lost"]
    assert rows["worked"].tolist()[0] == 4
    assert (log.quality.rows_read, log.quality.rows_used, log.quality.quarantined) == (11, 11, 0)
    assert told(log) == {
        "lifecycle_joined": {"rows": 2, "n": 1},
        "lifecycle_aborted": {"n": 1},
        "lifecycle_idle": {"n": 6, "words": ("assign", "ate_abort", "autoskip", "resume", "schedule", "suspend")},
        "lifecycle_empty": {"n": 1},
    }


def test_what_the_completion_leaves_open_the_start_may_know():
    frame = pd.DataFrame(
        {
            "case_id": "a",
            "activity": ["Quote Created", "Quote Created", "Quote Sent"],
            "time": [ORIGIN, ORIGIN + DAY, ORIGIN + 2 * DAY],
            "lifecycle": ["start", "complete", "complete"],
            "actor": ["Ann", None, "Ben"],
            "region": ["EMEA", None, None],
        }
    )
    log = l2c.read(frame)
    assert table(log)["actor"].tolist() == ["Ann", "Ben"]
    assert log.distinct("region") == ["EMEA"]


# What two columns say, in a file.
PAIRS = [
    ("Start Time", "End Time"),
    ("StartDateTime", "EndDateTime"),
    ("Start Timestamp", "Complete Timestamp"),
    ("Timestamp", "End Time"),
    ("開始日時", "終了日時"),
    ("タイムスタンプ", "終了日時"),
]


@pytest.mark.parametrize("headers", PAIRS, ids=" ".join)
def test_start_and_end_columns(tmp_path, headers):
    lines = [
        f"Case ID,Activity,{','.join(headers)}",
        "a,Quote Created,2025-01-01 09:00,2025-01-03 09:00",
        "a,Quote Sent,2025-01-04 09:00,2025-01-04 09:00",
        "a,Contract Signed,2025-01-06 09:00,2025-01-05 09:00",  # ends before it starts
        "a,Closed Won,,2025-01-08 09:00",
        "a,Invoice Sent,2025-01-09 09:00,",
    ]
    (tmp_path / "log.csv").write_text("\n".join(lines), "utf-8")
    log = l2c.read(tmp_path / "log.csv")
    rows = table(log)
    assert rows["time"].dt.day.tolist() == [3, 4, 6, 8, 9]
    assert rows["worked"].fillna(-1).tolist() == [2, 0, -1, -1, -1]
    assert rows["wait_days"].tolist()[:4] == [1, 2, 2, 1]
    assert told(log) == {"ends_read": {"n": 2, "of": 5}, "ends_before_start": {"n": 1}}
    assert (log.quality.rows_read, log.quality.rows_used, log.n_events) == (5, 5, 5)


def test_the_end_alone_is_the_time(tmp_path):
    (tmp_path / "log.csv").write_text("Case ID,Activity,End Time\na,Quote Created,2025-01-03\na,Quote Sent,2025-01-04")
    log = l2c.read(tmp_path / "log.csv")
    assert (table(log)["time"].dt.day.tolist(), log.base.knows_work) == ([3, 4], False)


def test_an_end_that_is_the_same_all_over_a_case_is_that_of_the_case():
    frame = pd.DataFrame(
        {"case_id": "a", "activity": ["Lead Created", "Quote Sent", "Closed Won"], "end_time": ORIGIN + 9 * DAY}
    )
    frame["time"] = [ORIGIN, ORIGIN + DAY, ORIGIN + 2 * DAY]
    log = l2c.read(frame)
    assert (log.base.knows_work, list(told(log))) == (False, ["end_of_case"])
    assert table(log)["wait_days"].tolist()[:2] == [1, 1]
    assert "end_time" in log.events.collect_schema().names()


def test_two_columns_that_always_say_the_same_are_one_time():
    frame = pd.DataFrame(
        {"case_id": "a", "activity": ["Lead Created", "Quote Sent"], "Start Time": [ORIGIN, ORIGIN + DAY]}
    )
    log = l2c.read(frame.assign(**{"End Time": frame["Start Time"]}))
    assert (log.base.knows_work, told(log)) == (False, {})


def test_an_end_after_the_extraction_is_work_still_going_on():
    frame = pd.DataFrame({"case_id": "a", "activity": ["Quote Created", "Contract Created"]})
    frame = frame.assign(time=[ORIGIN, ORIGIN + 2 * DAY], end_time=[ORIGIN + DAY, ORIGIN + 30 * DAY])
    log = l2c.read(frame, extracted=ORIGIN + 10 * DAY)
    rows = table(log)
    assert (rows["time"].tolist(), rows["worked"].tolist()[0]) == ([ORIGIN + DAY, ORIGIN + 2 * DAY], 1)
    assert told(log)["ends_to_come"] == {"n": 1}


def test_a_day_without_a_clock_is_no_end_before_the_start(tmp_path):
    text = "Case ID,Activity,Start Time,End Time\na,Quote Created,2025-01-01 09:00,2025-01-01\na,Quote Sent,2025-01-02 09:00,2025-01-03"
    (tmp_path / "log.csv").write_text(text)
    log = l2c.read(tmp_path / "log.csv")
    assert table(log)["precision"].tolist() == ["minute", "day"]
    assert list(told(log)) == ["ends_read"]


def test_a_row_per_deal_keeps_its_dates(tmp_path):
    text = "Opportunity ID,Opportunity Created,Quote Sent,End Time\na,2025-01-01,2025-01-05,2025-02-01\nb,2025-01-02,2025-01-06,2025-03-01"
    (tmp_path / "deals.csv").write_text(text)
    log = l2c.read(tmp_path / "deals.csv")
    assert (log.n_events, log.base.knows_work) == (4, False)


def test_a_row_per_deal_has_no_lifecycle(tmp_path):
    text = "Opportunity ID,Opportunity Created,Quote Sent,Lifecycle\na,2025-01-01,2025-01-05,start\nb,2025-01-02,2025-01-06,complete"
    (tmp_path / "deals.csv").write_text(text)
    assert l2c.read(tmp_path / "deals.csv").n_events == 4


def test_the_template_says_what_end_time_does(tmp_path):
    from l2c.prepare import attribute_guide

    guide = attribute_guide().set_index("attribute")
    assert guide.loc["End Time", "meaning"] == "When the activity ended (the timestamp is then its start)."
    assert guide.loc["Lifecycle", "why"].startswith("The start and the completion of an activity become one event")


def test_saved_opened_collected_and_given_to_others(tmp_path, pm4py_quietly):
    log = l2c.read(QUESTIONS / "q_lifecycle.csv", extracted="2025-04-01")
    opened = l2c.open(log.save(tmp_path / "log"))
    for each in (opened, log.collect(), log.where(variant=1)):
        pd.testing.assert_frame_equal(table(each), table(log))
        assert diagnose.working_times(each).equals(diagnose.working_times(log))
    given = log.to_pm4py()
    assert (given["time:timestamp"] - given["start_timestamp"]).dt.days.tolist() == [0, 2, 0, 2, 0] * 3
    import pm4py

    assert len(pm4py.read_ocel2(str(log.to_ocel(tmp_path / "log.sqlite"))).events) == 15
    pm4py.write_xes(given, str(tmp_path / "log.xes"))
    again = l2c.read(tmp_path / "log.xes")
    assert diagnose.working_times(again)["work_days"].tolist() == [6, 6]


@pytest.fixture
def on_disk(tmp_path, monkeypatch):
    """Read a frame in its engine, from files."""
    numbers = count()

    def opened(frame):
        monkeypatch.setattr(large, "LARGE", 0)
        path = tmp_path / f"{next(numbers)}.parquet"
        (frame if isinstance(frame, pl.DataFrame) else pl.from_pandas(frame)).write_parquet(path)
        log = l2c.read(path)
        monkeypatch.undo()
        return log

    return opened


@pytest.mark.parametrize("seed", range(3))
def test_rows_here_and_in_their_engine_become_the_same_activities(on_disk, seed):
    frame = lifecycle_rows(seed)
    here, there = l2c.read(frame.drop(columns="source_row")), on_disk(frame)
    columns = ["case_id", "position", "activity", "time", "started", "work_days", "wait_days", "actor", "object_id"]
    columns += ["next_activity", "first_of_step", "lifecycle"]
    pd.testing.assert_frame_equal(table(here)[columns], table(there)[columns], check_dtype=False)
    cases = [engine.collect(log.cases).sort_values("case_id", ignore_index=True) for log in (here, there)]
    pd.testing.assert_frame_equal(*cases, check_dtype=False)
    assert told(here) == {k: v for k, v in told(there).items() if k != "no_source_row"}
    assert here.quality.summary() == there.quality.summary()
    assert diagnose.total_days(here) == pytest.approx(diagnose.steps(here)["case_days"].sum())


def test_ends_of_files_on_disk(on_disk):
    frame = spanned_rows(1)
    here, there = l2c.read(frame.drop(columns="source_row")), on_disk(frame)
    columns = ["case_id", "position", "activity", "time", "started", "work_days", "wait_days", "first_of_step"]
    pd.testing.assert_frame_equal(table(here)[columns], table(there)[columns], check_dtype=False)
    assert (told(here), here.quality.summary()) == (told(there), there.quality.summary())


def brute(rows):
    """Instances of one case as a queue would make them: `activity, start, end` in days; a start alone ends where it begins."""
    found, waiting = [], {}
    for day, word, activity in sorted(rows, key=lambda row: (row[0], row[1] != "start")):
        if word == "start":
            waiting.setdefault(activity, []).append(day)
        else:
            queue = waiting.get(activity, [])
            found.append((activity, queue.pop(0) if queue else None, day))
    for activity, queue in waiting.items():
        mine = [row for row in rows if row[2] == activity]
        ends = [f for f in found if f[0] == activity]
        # One start after the only completion is that one's, the wrong way round.
        if not (len(mine) == 2 and len(ends) == 1 and ends[0][1] is None):
            found += [(activity, None, day) for day in queue]
    return found


EVENTS = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from(["start", "complete"]), st.sampled_from(["Quote Created", "Demo", "Quote Sent"])),
    min_size=1, max_size=16,
)  # fmt: skip


@given(EVENTS, st.randoms())
def test_a_queue_says_the_same_in_whatever_order_the_rows_come(rows, random):
    rows = [*rows, (0, "start", "Lead Created"), (1, "complete", "Lead Created")]
    expected = brute(rows)
    random.shuffle(rows)
    frame = pd.DataFrame(rows, columns=["day", "lifecycle", "activity"]).assign(case_id="a")
    # Rows that are the same in every cell would be copies of one.
    frame = frame.assign(n=np.arange(len(frame)), time=[ORIGIN + day * DAY for day in frame.pop("day")])
    found = table(l2c.read(frame))
    days = [
        (None if pd.isna(a) else (a - ORIGIN).days, (b - ORIGIN).days)
        for a, b in zip(found["started"], found["time"], strict=True)
    ]
    key = lambda row: (row[0], row[2], -1 if row[1] is None else row[1])  # noqa: E731
    assert sorted(zip(found["activity"], *zip(*days, strict=True), strict=True), key=key) == sorted(expected, key=key)
    assert (found["wait_days"].dropna() >= 0).all()


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=8), st.randoms())
def test_one_after_the_other_waits_and_work_make_up_the_case(spans, random):
    at, rows = 0, []
    for number, (wait, work) in enumerate(spans):
        rows.append(
            {
                "case_id": "a",
                "activity": f"Step {number % 3}",
                "start_time": ORIGIN + (at + wait) * DAY,
                "time": ORIGIN + (at + wait + work) * DAY,
            }
        )
        at += wait + work
    random.shuffle(rows)
    log = build(pd.DataFrame(rows))
    waits, work = (table(log)[name].sum() for name in ("wait_days", "worked"))
    whole = engine.collect(log.cases)["duration_days"].item()
    assert waits + work == pytest.approx(whole)
    assert diagnose.total_days(log) == pytest.approx(waits)
    assert diagnose.waiting_causes(log)["case_days"].sum() == pytest.approx(waits)


INSTANCES = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 20), st.integers(0, 9) | st.none()), min_size=1, max_size=12
)


@given(INSTANCES)
def test_days_add_up_whatever_overlaps(instances):
    frame = pd.DataFrame(
        [(case, f"S{n % 3}", ORIGIN + day * DAY, None if work is None else ORIGIN + (day - work) * DAY) for n, (case, day, work) in enumerate(instances)],
        columns=["case_id", "activity", "time", "start_time"],
    ).astype({"start_time": "datetime64[us]"})  # fmt: skip
    log = build(frame)
    assert (table(log)["wait_days"].dropna() >= 0).all()
    assert diagnose.total_days(log) == pytest.approx(diagnose.steps(log)["case_days"].sum())
    first = frame["start_time"].fillna(frame["time"]).groupby(frame["case_id"]).min()
    cases = engine.collect(log.cases).set_index("case_id")
    assert cases["started"].sort_index().tolist() == first.tolist()
    flow = discover.flow(log)
    into, out = (flow.groupby(end)["events"].sum() for end in ("to", "from"))
    assert all(into[name] == out[name] for name in log.activities)


def test_pm4py_pairs_the_same(pm4py_quietly):
    import pm4py
    from pm4py.objects.log.util import interval_lifecycle

    frame = (
        lifecycle_rows(7).query("lifecycle in ('start', 'complete')").drop(columns=["actor", "object_id", "source_row"])
    )
    frame = frame.drop_duplicates().sort_values(["case_id", "time"], kind="stable")
    # In pm4py the order of the rows decides at one moment: the start first.
    frame = frame.sort_values(["case_id", "time", "lifecycle"], ascending=[True, True, False], kind="stable")
    named = frame.rename(
        columns={
            "case_id": "case:concept:name",
            "activity": "concept:name",
            "time": "time:timestamp",
            "lifecycle": "lifecycle:transition",
        }
    )
    named["time:timestamp"] = named["time:timestamp"].dt.tz_localize("UTC")
    found = interval_lifecycle.to_interval(pm4py.convert_to_event_log(named))
    theirs = pd.DataFrame(
        [
            (t.attributes["concept:name"], e["concept:name"], e["start_timestamp"], e["time:timestamp"])
            for t in found
            for e in t
        ]
    )
    rows = table(l2c.read(frame)).query("lifecycle == 'complete'")
    ours = pd.DataFrame(
        list(
            zip(
                rows["case_id"],
                rows["activity"],
                rows["started"].fillna(rows["time"]).dt.tz_localize("UTC"),
                rows["time"].dt.tz_localize("UTC"),
                strict=True,
            )
        )
    )
    assert len(ours) == len(theirs) > 100
    assert sorted(map(tuple, ours.to_numpy())) == sorted(map(tuple, theirs.to_numpy()))


def test_pm4py_waits_the_same_where_one_comes_after_the_other(pm4py_quietly):
    import pm4py

    rng = np.random.default_rng(3)
    rows = []
    for case in range(20):
        at = rng.uniform(0, 50)
        for number in rng.permutation(4):
            start = at + rng.exponential(2)
            at = start + rng.exponential(1)
            rows.append((f"c{case}", f"Step {number}", ORIGIN + start * DAY, ORIGIN + at * DAY))
    log = build(pd.DataFrame(rows, columns=["case_id", "activity", "start_time", "time"]))
    theirs, _, _ = pm4py.discover_performance_dfg(log.to_pm4py())
    ours = discover.flow(log).dropna(subset="mean_days").set_index(["from", "to"])["mean_days"]
    assert {k: v["mean"] / 86400 for k, v in theirs.items()} == pytest.approx(ours.to_dict(), rel=1e-4)


def test_a_log_without_starts_has_no_columns_for_them():
    log = build(pd.DataFrame({"case_id": "a", "activity": ["A", "B"], "time": [ORIGIN, ORIGIN + DAY]}))
    assert not {"started", "work_days"} & set(log.events.collect_schema().names())
    assert not len(diagnose.working_times(log))
    assert "does not tell when work began" in str(show.working_times(diagnose.working_times(log)))
    assert "start_timestamp" not in log.to_pm4py()


@pytest.mark.parametrize(
    "lang, said", [("en", "50 % of all known working time is Contract Signed"), ("ja", "作業時間が分かるうちの50%は")]
)
def test_the_picture_of_working_times(lang, said):
    log = l2c.read(QUESTIONS / "q_lifecycle.csv")
    picture = show.working_times(diagnose.working_times(log), lang=lang)
    assert said.replace(" ", "") in str(picture).replace(" ", "")
    bars = [bar.get_width() for bar in picture.figure.axes[0].patches]
    assert bars == [6, 6]


def test_the_timeline_shows_from_when_to_when_was_worked():
    log = l2c.read(QUESTIONS / "q_lifecycle.csv")
    text = str(show.timeline(discover.timeline(log, "X0")))
    assert "2025-01-07 09:00 – 2025-01-09 09:00" in text
    assert "13" in text.splitlines()[0]
