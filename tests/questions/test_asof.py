"""What the log said then, not what it says today: owners, pipeline, stages and promised dates of a day."""

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import l2c
from l2c import diagnose, discover, engine
from l2c.log import EventLog, build
from l2c.log.as_of import near
from l2c.prepare import pseudonyms
from l2c.words.errors import BadFilter
from tests.logs import ORIGIN, from_text

HERE = Path(__file__).parents[1] / "data" / "questions"


@cache
def read(name, extracted):
    return l2c.read(str(HERE / name), extracted=extracted)


@pytest.fixture(scope="module")
def sf1():
    return read("sf1", "2025-07-01")


@pytest.fixture(scope="module")
def reopened():
    return read("q_reopened.csv", "2025-04-01")


@pytest.fixture(scope="module")
def handed_over():
    return read("q_owner_at_close.csv", "2025-07-01")


def cases(log, *columns):
    """One row per case, by the last letters of its id."""
    rows = engine.collect(log.cases).assign(case=lambda r: r["case_id"].str.extract(r"(\d)AAA$")[0])
    return rows.set_index("case").sort_index()[list(columns)]


def test_a_log_held_in_this_process_was_the_same_on_that_day(sf1):
    here, there = EventLog(near(sf1.base)).as_of("2025-03-31"), sf1.as_of("2025-03-31")
    assert here.base.home is not there.base.home
    assert here.extracted == there.extracted and here.history_start == there.history_start
    # Which number a variant has is not told by its traces.
    for name, order in {
        "cases": ["case_key"],
        "events": ["case_key", "position"],
        "history": ["case_id", "time"],
    }.items():
        one, other = (
            engine.collect(getattr(log.base, name)).drop(columns="variant_id", errors="ignore").sort_values(order)
            for log in (here, there)
        )
        assert len(one) and list(one) == list(other)
        for column in one:
            assert (
                one[column].astype(object).where(one[column].notna(), None).tolist()
                == other[column].astype(object).where(other[column].notna(), None).tolist()
            )


class TestReopened:
    """F14, R05, R06: the last close decides, on every page."""

    def test_a_period_finds_the_deals_by_the_close_that_counts(self, reopened):
        # January: only R2 ended there, lost. March: R1 won (15th), R4 lost (5th). R3 is open again.
        assert reopened.where(closed="2025-01").n_cases == 1
        assert reopened.where(closed="2025-03").n_cases == 2
        rates = [l2c.kpis(reopened.where(closed=m), only=["win_rate"]).value.item() for m in ("2025-01", "2025-03")]
        assert rates == [0.0, 0.5]

    def test_throughput_and_the_filter_say_the_same(self, reopened):
        table = discover.throughput(reopened).set_index("month")
        for month in ("2025-01", "2025-02", "2025-03"):
            row = table.loc[month + "-01"]
            assert row["won"] + row["lost"] == reopened.where(closed=month).n_cases

    def test_the_cycle_ends_with_it_too(self, reopened):
        # R2 20 days, R4 57, R1 72; R3 has waited for 86: half are there after 57
        found = l2c.kpis(reopened, only=["sales_cycle_days"]).iloc[0]
        assert (found["cases"], found["censored"], found["value"]) == (4, 1, 57)

    def test_a_day_between_the_closes_sees_the_first(self, reopened):
        # On 1 February R1, R2, R3 were lost, and R4, won on 27 January, was open again.
        then = reopened.as_of("2025-02-01")
        status = dict(engine.collect(then.cases.select("case_id", "status")).itertuples(index=False))
        assert status == {"R1": "lost", "R2": "lost", "R3": "lost", "R4": "open"}


class TestOwners:
    """F30, R08: a deal is its owner's when it was closed."""

    def test_the_filter_gives_a_deal_to_who_closed_it(self, handed_over):
        rate = {rep: l2c.kpis(handed_over.where(rep=rep), only=["win_rate"]).iloc[0] for rep in ("Ana", "Ben")}
        assert {rep: (round(found["value"], 3), found["cases"]) for rep, found in rate.items()} == {
            "Ana": (0.8, 60),
            "Ben": (0.2, 60),
        }

    def test_todays_owner_is_kept_beside(self, handed_over):
        assert handed_over.distinct("owner_now") == ["Ben"]
        assert l2c.kpis(handed_over.where(owner_now="Ben"), only=["win_rate"]).value.item() == 0.5

    def test_causes_and_reps_agree_and_never_blame_todays_owner(self, handed_over):
        found = diagnose.causes(handed_over)
        assert set(found["attribute"]) == {"rep"}
        rows = diagnose.reps(handed_over, names=True).query("measure == 'win_rate_incidence'").set_index("rep")
        assert dict(rows["raw"].round(3)) == {"Ana": 0.8, "Ben": 0.2}

    def test_before_the_handover_ana_still_owned_hers(self, handed_over):
        then = handed_over.as_of("2025-05-31")
        assert then.distinct("owner_now") == ["Ana", "Ben"]
        assert then.where(owner_now="Ana").n_cases == 60

    def test_who_masks_the_owner_masks_todays_owner_too(self, handed_over):
        given_away = pseudonyms.handed(handed_over, mask=["rep"], hide=False)
        assert not {"Ana", "Ben"} & set(given_away.distinct("owner_now"))


class TestPipelineOfThen:
    """The pipeline as it stood, worked out from OpportunityHistory by hand."""

    def test_31_march(self, sf1):
        then = sf1.as_of("2025-03-31")
        rows = cases(then, "stage", "amount", "close_date", "forecast_category", "status")
        assert rows.values.tolist() == [
            ["Proposal", 1000, "2025-04-30", "Best Case", "open"],
            ["Closed Won", 500, "2025-02-28", "Closed", "won"],
            ["Prospecting", 700, "2025-05-31", "Pipeline", "open"],
            ["Negotiation", 900, "2025-04-15", "Commit", "open"],
        ]
        # 1000 + 700 + 900
        assert l2c.kpis(then, only=["open_pipeline_value"]).value.item() == 2600

    def test_31_january(self, sf1):
        then = sf1.as_of("2025-01-31")
        assert cases(then, "stage", "amount").values.tolist() == [["Proposal", 1000], ["Prospecting", 500]]

    def test_it_says_that_it_is_of_that_day(self, sf1):
        then = sf1.as_of("2025-03-31")
        assert then.filters == {"as_of": "2025-03-31"}
        assert then.extracted == datetime(2025, 3, 31, 23, 59, 59, 999999)
        assert "as of the end of 2025-03-31" in map(str, then.quality.notes)
        # The owners of then stand in no history of sf1.
        assert any("rep" in str(note) for note in then.quality.notes if note.id == "as_of_today")

    def test_a_filter_in_force_keeps_its_cases(self, sf1):
        then = sf1.where(amount=(600, 800)).as_of("2025-03-31")
        assert then.n_cases == 1 and then.filters["amount"] == "600 … 800"
        assert then.others().n_cases == 3
        # O1 is won today; on 31 March it was open.
        assert sf1.where(outcome="won").as_of("2025-03-31").where(outcome="open").n_cases == 1

    def test_it_can_be_saved(self, sf1, tmp_path):
        then = sf1.as_of("2025-03-31")
        again = l2c.open(then.save(tmp_path / "log"))
        assert again.filters == {"as_of": "2025-03-31"} and again.extracted == then.extracted
        assert cases(again, "stage", "amount").equals(cases(then, "stage", "amount"))
        assert cases(again.as_of("2025-01-31"), "stage").equals(cases(sf1.as_of("2025-01-31"), "stage"))

    def test_as_of_today_is_the_log_of_today(self, sf1):
        now = sf1.as_of("2025-07-01")
        columns = ["stage", "amount", "close_date", "forecast_category", "status", "is_won", "rep", "events"]
        pd.testing.assert_frame_equal(cases(now, *columns), cases(sf1, *columns))

    def test_a_month_means_its_last_day_and_a_moment_itself(self, sf1):
        assert sf1.as_of("2025-03").extracted == sf1.as_of("2025-03-31").extracted
        # The push of 28 March was at nine o'clock.
        before, after = (
            cases(sf1.as_of(f"2025-03-28 {hour}:00"), "close_date").loc["1"].item() for hour in ("08", "10")
        )
        assert (before, after) == ("2025-03-31", "2025-04-30")

    def test_the_future_and_the_time_before_it_all_are_refused(self, sf1):
        for day in ("2025-08-01", "2024-12-31", ("2025-01", "2025-02"), None, "soon"):
            with pytest.raises(BadFilter):
                sf1.as_of(day)

    def test_what_has_a_stage_but_no_history_of_it_was_not_won_yet(self):
        log = from_text(
            """
            a [stage=Closed Won, is_won=True]: Opportunity Created 0, Quote Sent 5, Closed Won 20
            b [stage=Closed Lost, is_won=False, loss_reason=Price]: Opportunity Created 0, Closed Lost 9
            c [stage=Prospecting]: Opportunity Created 1
            d [stage=Closed Lost, is_won=False, loss_reason=Price]: Opportunity Created 1, Closed Lost 30
            """
        )
        then = engine.collect(log.as_of("2025-01-11").cases.sort("case_id"))
        assert then["status"].tolist() == ["open", "lost", "open", "open"]
        assert then["stage"].isna().tolist() == [True, False, False, True]
        assert then["loss_reason"].fillna("").tolist() == ["", "Price", "", ""]


ROWS = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.sampled_from(["Opportunity Created", "Quote Sent", "Closed Won", "Closed Lost", "Demo Held"]),
        st.integers(0, 12),
        st.sampled_from(["Ana", "Ben", None]),
        st.sampled_from([1.0, 2.0, None]),
    ),
    min_size=1,
    max_size=25,
)


@given(ROWS, st.integers(0, 12))
def test_as_of_is_the_log_of_the_rows_until_then(rows, day):
    """Second source: the same log, built from the rows until then."""
    made = pd.DataFrame(rows, columns=["case_id", "activity", "day", "rep", "amount"])
    made["time"] = [ORIGIN + timedelta(days=d) for d in made.pop("day")]
    made["rep"] = made["rep"].astype(object)
    log = build(made, extracted=ORIGIN + timedelta(days=13))
    until = ORIGIN + timedelta(days=day)
    early = made[made["time"] <= until]
    if not len(early):
        with pytest.raises(BadFilter):
            log.as_of(until.date())
        return
    then, again = log.as_of(until.date()), build(early, extracted=until + timedelta(days=1))
    one, other = (engine.collect(x.events.sort("case_key", "position")) for x in (then, again))
    columns = ["case_id", "position", "activity", "time", "next_activity", "wait_days"]
    assert one[columns].astype(str).equals(other[columns].astype(str))
    assert (one.groupby(["activity", "next_activity"], dropna=False)["first_of_step"].sum()).equals(
        other.groupby(["activity", "next_activity"], dropna=False)["first_of_step"].sum()
    )
    shared = ["case_id", "status", "started", "ended", "duration_days", "events", "variant_id"]
    shared += [name for name in ("rep", "amount") if {name} <= set(then.attributes) & set(again.attributes)]
    one, other = (engine.collect(x.cases).sort_values("case_id", ignore_index=True)[shared] for x in (then, again))
    history = [name for name in ("rep", "amount") if name in log.events.collect_schema().names()]
    kept = [c for c in shared if c not in ("rep", "amount") or c in history]
    assert one[kept].astype(str).equals(other[kept].astype(str))
    assert engine.collect(then.variants)["cases"].sum() == then.n_cases


def test_a_log_whose_payments_carry_amounts_is_cut_as_well(tmp_path):
    rows = [
        ("A", "Closed Won", "2025-01-10", "", ""),
        ("A", "Invoice Sent", "2025-01-20", "I1", 100),
        ("A", "Payment Received", "2025-02-01", "I1", 40),
        ("A", "Payment Received", "2025-03-01", "I1", 60),
        ("B", "Closed Won", "2025-01-12", "", ""),
        ("B", "Closed Won", "2025-03-12", "", ""),
    ]
    table = pd.DataFrame(rows, columns=["Opportunity ID", "Activity", "Timestamp", "Invoice", "Amount"])
    table.to_csv(tmp_path / "log.csv", index=False)
    log = l2c.read(str(tmp_path / "log.csv"), extracted="2025-04-01")
    for day, status in [("2025-03-31", "paid"), ("2025-02-15", "won"), ("2025-01-15", "won")]:
        found = engine.collect(log.as_of(day).cases).set_index("case_id")["status"]
        assert found["A"] == status, day
