"""Promised dates, stages and forecast categories: what became of what was said, worked out by hand."""

import pandas as pd
import pytest

import l2c
from l2c import diagnose, engine, show
from l2c.log import build
from l2c.measures.facts import Facts
from l2c.measures.summary import measured
from tests.logs import ORIGIN, from_table, from_text
from tests.questions.test_asof import read


@pytest.fixture(scope="module")
def sf1():
    return read("sf1", "2025-07-01")


def org(history, deals=None, *, extracted="2025-07-01", **more):
    """An org of a few deals: rows of OpportunityHistory as `deal, day, stage, amount, close date, category`."""
    rows = [
        {
            "Id": f"008{n:012d}AAA",
            "OpportunityId": f"006{deal:012d}AAA",
            "CreatedDate": f"2025-{day}T09:00:00Z",
            "StageName": stage,
            "Amount": amount,
            "CloseDate": close,
            "ForecastCategory": category,
        }
        for n, (deal, day, stage, amount, close, category) in enumerate(history)
    ]
    frame = pd.DataFrame(rows).astype(object)
    first = frame.drop_duplicates("OpportunityId")
    last = frame.drop_duplicates("OpportunityId", keep="last").set_index("OpportunityId")
    now = [
        {
            "Id": row["OpportunityId"],
            "Name": "Deal",
            "CreatedDate": row["CreatedDate"],
            "OwnerId": "005000000000001AAA",
            "StageName": (stage := last.loc[row["OpportunityId"], "StageName"]),
            "IsClosed": str(stage in ("Closed Won", "Closed Lost", "受注", "失注")).lower(),
            "IsWon": str(stage in ("Closed Won", "受注")).lower(),
            "Amount": last.loc[row["OpportunityId"], "Amount"],
            "CloseDate": last.loc[row["OpportunityId"], "CloseDate"],
            "ForecastCategoryName": last.loc[row["OpportunityId"], "ForecastCategory"],
        }
        for row in first.to_dict("records")
    ]
    frames = {
        "Opportunity": pd.DataFrame(now).astype(object) if deals is None else deals,
        "OpportunityHistory": frame,
        "User": pd.DataFrame({"Id": ["005000000000001AAA", "005000000000002AAA"], "Name": ["Sato", "Kim"]}),
        **more,
    }
    frames = {name: each.astype(str).replace({"None": None, "nan": None}) for name, each in frames.items()}
    return l2c.read(frames, extracted=extracted)


class TestSlippage:
    """F24."""

    def test_by_how_many_days_and_how_often(self, sf1):
        table = diagnose.slippage(sf1).set_index("case_id")
        # O1: 31 March to 30 May; O3: 31 May to 31 July, and open; O2 and O4 on their day.
        assert table["slip_days"].rename(lambda i: i[-4]).to_dict() == {"1": 60, "2": 0, "3": 61, "4": 0}
        assert table["pushes"].rename(lambda i: i[-4]).to_dict() == {"1": 2, "2": 0, "3": 1, "4": 0}
        first = table.loc["006000000000001AAA"]
        assert [f"{first[c]:%m-%d}" for c in ("first_promise", "quarter_promise", "last_promise", "closed_on")] == [
            "03-31", "04-30", "05-31", "05-30",
        ]  # fmt: skip
        assert first["quarter_slip_days"] == 30

    def test_the_measures_sum_up_the_same_rows(self, sf1):
        facts, table = Facts.of(sf1), diagnose.slippage(sf1).query("outcome != 'open'")
        assert measured(facts, "close_date_slip_days").estimate.value == table["slip_days"].median() == 0
        assert measured(facts, "pushed_share").estimate.value == pytest.approx((table["pushes"] > 0).mean()) == 1 / 3

    def test_the_due_date_of_the_close_is_the_first_promise(self, sf1):
        due = diagnose.due_dates(sf1).set_index("case_id")
        # O3 was due on 31 May and is open on 1 July.
        assert due["days_late"].rename(lambda i: i[-4]).to_dict() == {"1": 60, "2": 0, "3": 31, "4": 0}
        assert due["late"].rename(lambda i: i[-4]).to_dict() == {"1": True, "2": False, "3": True, "4": False}

    def test_what_the_close_writes_is_no_pull_and_a_pull_is_none_of_the_pushes(self):
        log = org(
            [
                (1, "01-01", "Prospecting", 1, "2025-05-31", "Pipeline"),
                (1, "02-01", "Prospecting", 1, "2025-04-30", "Pipeline"),
                (1, "03-01", "Prospecting", 1, "2025-06-30", "Pipeline"),
                (1, "04-01", "Closed Won", 1, "2025-04-01", "Closed"),
            ]
        )
        row = diagnose.slippage(log).iloc[0]
        # Pulled in to 30 April, pushed to 30 June, closed on 1 April: 60 days before the first promise.
        assert (row["pushes"], row["pulls"], row["slip_days"]) == (1, 1, -60)

    def test_a_deal_that_is_closed_and_reopened_twice_has_one_promise_and_its_last_close(self):
        log = org(
            [
                (1, "01-01", "Prospecting", 1, "2025-02-28", "Pipeline"),
                (1, "02-10", "Closed Lost", 1, "2025-02-10", "Omitted"),
                (1, "02-20", "Prospecting", 1, "2025-03-31", "Pipeline"),
                (1, "03-10", "Closed Lost", 1, "2025-03-10", "Omitted"),
                (1, "04-01", "Prospecting", 1, "2025-05-31", "Pipeline"),
                (1, "05-31", "Closed Won", 1, "2025-05-31", "Closed"),
            ]
        )
        row = diagnose.slippage(log).iloc[0]
        # 28 February to 31 May is 92 days; two pushes, at each reopening; the closes moved nothing.
        assert (row["outcome"], row["slip_days"], row["pushes"], row["pulls"]) == ("won", 92, 2, 0)

    def test_a_deal_without_a_close_date_is_left_out(self):
        log = org(
            [
                (1, "01-01", "Prospecting", 1, None, "Pipeline"),
                (2, "01-01", "Prospecting", 1, "2025-02-28", "Pipeline"),
            ]
        )
        table = diagnose.slippage(log)
        assert table["case_id"].tolist() == ["006000000000002AAA"]
        # Open and past its promise: until the extraction, 1 July.
        assert table["slip_days"].tolist() == [123]

    def test_from_the_tracked_changes_alone(self):
        changes = pd.DataFrame(
            [
                ("017A", "006000000000001AAA", "CloseDate", "2025-03-31", "2025-04-30", "2025-03-20T09:00:00Z"),
                (
                    "017B",
                    "006000000000001AAA",
                    "Owner",
                    "005000000000002AAA",
                    "005000000000001AAA",
                    "2025-05-01T09:00:00Z",
                ),
            ],
            columns=["Id", "OpportunityId", "Field", "OldValue", "NewValue", "CreatedDate"],
        )
        deals = pd.DataFrame(
            {
                "Id": ["006000000000001AAA", "006000000000002AAA"],
                "CreatedDate": "2025-01-01T09:00:00Z",
                "OwnerId": "005000000000001AAA",
                "StageName": "Prospecting",
                "IsClosed": "false",
                "IsWon": "false",
                "Amount": "5",
                "CloseDate": ["2025-04-30", "2025-08-31"],
            }
        )
        users = pd.DataFrame({"Id": ["005000000000001AAA", "005000000000002AAA"], "Name": ["Sato", "Kim"]})
        log = l2c.read(
            {"Opportunity": deals, "OpportunityFieldHistory": changes, "User": users}, extracted="2025-04-10"
        )
        table = diagnose.slippage(log).set_index("case_id")
        # The second deal's date was tracked and never moved.
        assert table["pushes"].tolist() == [1, 0] and table["slip_days"].tolist() == [30, 0]
        assert engine.collect(log.as_of("2025-03-31").cases.sort("case_id"))["rep"].tolist()[0] == "Kim"

    def test_without_a_history_nothing_is_said(self):
        deals = "".join(
            f"{'abcdef'[n]} [close_date={day}]: Opportunity Created 0, Closed Won {end}\n"
            for n, (day, end) in enumerate([("2025-01-10", 9), ("2025-01-20", 19), ("2025-02-01", 31)])
        )
        log = from_text(deals + "x [close_date=2025-01-31]: Opportunity Created 0\n", until=40)
        assert diagnose.slippage(log).attrs["note"].id == "no_promises"
        due = diagnose.due_dates(log)
        # Every deal closed on its close date: that is the day of the close. The open one is past its date.
        assert due["case_id"].tolist() == ["x"] and due["days_late"].tolist() == [10]
        assert due.attrs["note"].id == "close_dates_of_today"
        assert "day of the close itself" in str(show.table(due))

    @pytest.mark.parametrize("name", ["Close Date", "CloseDate", "完了予定日", "Expected Close Date"])
    def test_a_list_of_events_with_the_date_in_a_column(self, name):
        rows = pd.DataFrame(
            [
                ("a", "Opportunity Created", 0, "2025-01-31"),
                ("a", "Quote Sent", 20, "2025-02-28"),
                ("a", "Closed Won", 50, "2025-02-20"),
                ("b", "Opportunity Created", 0, "2025-03-31"),
            ],
            columns=["case_id", "activity", "day", name],
        )
        rows["time"] = [ORIGIN + pd.Timedelta(days=day) for day in rows.pop("day")]
        table = diagnose.slippage(build(rows, extracted=ORIGIN + pd.Timedelta(days=60))).set_index("case_id")
        assert table.loc["a", ["slip_days", "pushes"]].tolist() == [20, 1]
        assert table.loc["b", ["slip_days", "pushes"]].tolist() == [0, 0]

    def test_filters_pick_rows_and_change_none(self, sf1):
        whole, part = diagnose.slippage(sf1), diagnose.slippage(sf1.where(outcome="won"))
        pd.testing.assert_frame_equal(part, whole[whole["outcome"] == "won"].reset_index(drop=True), check_dtype=False)


class TestStages:
    """F26."""

    def test_time_in_a_stage_that_was_entered_twice(self, sf1):
        days = diagnose.stage_days(sf1).set_index(["case_id", "stage"])
        # 20 January to 5 April and 10 April to 10 May
        assert days.loc[("006000000000001AAA", "Proposal"), ["days", "entries"]].tolist() == [75 + 30, 2]
        table = diagnose.stages(sf1).set_index("stage")
        assert table.index.tolist() == ["Prospecting", "Proposal", "Negotiation"]
        assert table["entries"].tolist() == [4, 3, 5] and table["again"].tolist() == [0, 1, 1]
        assert table.loc["Negotiation", "censored"] == 1

    def test_where_the_entries_went(self, sf1):
        table = diagnose.stage_conversion(sf1).set_index("stage")
        ways = ["went_on", "went_past", "went_back", "won", "lost", "still_there"]
        assert table.loc["Prospecting", ways].tolist() == [2, 2, 0, 0, 0, 0]
        assert table.loc["Negotiation", ways].tolist() == [0, 0, 1, 2, 1, 1]
        assert (table[ways].sum(axis=1) == table["entries"]).all()

    def test_japanese_stages_in_the_order_that_deals_take(self):
        log = org(
            [
                (1, "01-01", "初回訪問", 1, "2025-05-31", "Pipeline"),
                (1, "01-11", "提案", 1, "2025-05-31", "Pipeline"),
                (1, "01-31", "初回訪問", 1, "2025-05-31", "Pipeline"),
                (1, "02-05", "提案", 1, "2025-05-31", "Pipeline"),
                (1, "02-15", "受注", 1, "2025-02-15", "Closed"),
                (2, "01-01", "初回訪問", 1, "2025-05-31", "Pipeline"),
                (2, "01-21", "提案", 1, "2025-05-31", "Pipeline"),
                (2, "01-25", "失注", 1, "2025-01-25", "Omitted"),
            ]
        )
        table = diagnose.stage_conversion(log).set_index("stage")
        assert table.index.tolist() == ["初回訪問", "提案"]
        assert table.loc["提案", ["went_back", "won", "lost"]].tolist() == [1, 1, 1]
        # 10 + 5 and 20 days; 20 + 10 and 4
        assert diagnose.stages(log)["total_days"].tolist() == [35, 34]

    def test_an_event_log_with_a_stage_column(self):
        log = from_table(
            """case_id|activity|day|stage
            a|Opportunity Created|0|One
            a|Call|3|One
            a|Moved|5|Two
            a|Moved|9|One
            a|Moved|12|Two
            a|Closed Won|20|Won
            b|Opportunity Created|0|One
            b|Moved|4|Two""",
            until=30,
        )
        table = diagnose.stage_days(log)
        # a: One 5 + 3, Two 4 + 8; b: One 4, Two 26 so far
        assert table["days"].tolist() == [8, 12, 4, 26]
        assert table["open"].tolist() == [False, False, False, True]

    def test_stages_that_only_the_names_of_events_tell(self):
        log = from_text(
            "a: Opportunity Created 0, Stage: One 1, Stage: Two 5, Stage Moved Back 8, Stage: Two 12, Closed Lost 15",
            until=20,
        )
        table = diagnose.stages(log)
        # Where it was from day 8 to 12 is not known.
        assert dict(zip(table["stage"], table["total_days"], strict=True)) == {"One": 4, "Two": 6}
        assert table.attrs["note"].id == "stages_by_name"

    def test_a_log_without_stages_says_so(self):
        table = diagnose.stages(from_text("a: Opportunity Created 0, Closed Won 3"))
        assert not len(table) and table.attrs["note"].id == "no_stages"
        assert show.stages(table).alt == "The log knows no stages of the deals."

    def test_the_order_of_the_rows_does_not_matter_and_a_filter_picks(self, sf1):
        whole = diagnose.stage_days(sf1)
        part = diagnose.stage_days(sf1.where(outcome="lost"))
        expected = whole[whole["case_id"].isin(part["case_id"])].reset_index(drop=True)
        pd.testing.assert_frame_equal(part, expected, check_dtype=False)


class TestForecastCategories:
    """F28."""

    def test_what_became_of_commit(self, sf1):
        row = diagnose.forecast_categories(sf1).set_index("forecast_category").loc["Commit"]
        assert row[["cases", "won", "lost", "open"]].tolist() == [4, 2, 1, 1]
        assert row["value"] == pytest.approx(2 / 3)

    def test_what_became_of_those_at_the_begin_of_a_quarter(self, sf1):
        table = diagnose.forecast_categories(sf1, at="2025-Q2").set_index("forecast_category")
        # O2 was closed by then; O4 was Commit and lost, O1 Best Case and won, O3 in the pipeline
        assert table[["won", "lost", "open"]].T.to_dict("list") == {
            "Pipeline": [0, 0, 1],
            "Best Case": [1, 0, 0],
            "Commit": [0, 1, 0],
        }

    def test_a_change_that_left_no_event_counts_and_the_api_speaks_as_people_do(self):
        log = org(
            [
                (1, "01-01", "Prospecting", None, "2025-05-31", "Pipeline"),
                (1, "02-01", "Prospecting", 700, "2025-05-31", "Forecast"),
                (1, "03-01", "Prospecting", 700, "2025-05-31", "BestCase"),
                (1, "05-01", "Closed Won", 700, "2025-05-01", "Closed"),
            ]
        )
        table = diagnose.forecast_categories(log)
        assert table["forecast_category"].tolist() == ["Pipeline", "Best Case", "Commit"]
        then = engine.collect(log.as_of("2025-02-15").cases).iloc[0]
        # No event stands between January and May.
        assert (then["forecast_category"], then["amount"]) == ("Commit", 700)
        assert log.as_of("2025-01-15").base.cases is not None
        assert pd.isna(engine.collect(log.as_of("2025-01-15").cases)["amount"].iloc[0])

    def test_without_a_history_it_says_so(self):
        table = diagnose.forecast_categories(from_text("a: Opportunity Created 0"))
        assert not len(table) and table.attrs["note"].id == "no_categories"


class TestWhyATableIsEmpty:
    log_of = staticmethod(lambda: read("q_small_reps.csv", "2025-04-01"))

    def test_two_reps_with_ten_deals_each(self):
        table = diagnose.reps(self.log_of())
        assert not len(table)
        assert str(table.attrs["note"]).endswith("of 2 reps the one with most has 10")
        assert "10件" in str(show.table(table, lang="ja"))
        assert "most has 10" in show.reps(table).alt

    def test_others_of_the_kind(self):
        log = self.log_of()
        why = {
            "coaching": diagnose.coaching(log),
            "causes": diagnose.causes(log),
            "conversion by rep": diagnose.conversion(log, by="rep"),
            "rework by rep": diagnose.rework(log, by="rep"),
            "payments by rep": diagnose.payments(log, by="rep"),
            "landmarks": diagnose.landmarks(log),
            "silent": diagnose.silent(log),
            "leakage": diagnose.leakage(log),
            "slow variants": diagnose.slow_variants(log),
            "lost variants": diagnose.lost_variants(log),
            "quotes": diagnose.quote_to_contract(log),
        }
        assert {name for name, table in why.items() if len(table)} == set()
        assert {name for name, table in why.items() if "note" not in table.attrs} == set()
        assert "the largest has 10" in str(why["conversion by rep"].attrs["note"])
        assert why["payments by rep"].attrs["note"].id == "lacks_activities"
