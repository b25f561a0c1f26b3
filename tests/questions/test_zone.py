"""On which day was it? Days, months, quarters and due days are those of the business; events stay UTC."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import l2c
from l2c import diagnose, discover, engine
from l2c.kpis import kpis, sample
from l2c.log import EventLog, build
from l2c.log.zone import Clock, micros
from l2c.monitor import compare, quarters
from l2c.prepare.salesforce.days import placed
from l2c.words.errors import BadOption, UnreadableLog

DATA = Path(__file__).parents[1] / "data" / "questions"
LA, TOKYO = "America/Los_Angeles", "Asia/Tokyo"
ZONES = [LA, TOKYO, "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Kiritimati", "UTC"]


def quarter_end() -> EventLog:
    return l2c.read(DATA / "q_quarter_end.csv", time_zone=LA, extracted="2025-05-01")


def made(rows: str, zone: str, **given: object) -> EventLog:
    """A log of lines `case, activity, time on the wall`; a time without a clock is a date."""
    cells = [[cell.strip() for cell in line.split(",")] for line in rows.strip().splitlines()]
    return l2c.read(pd.DataFrame(cells, columns=["case_id", "activity", "time"]), time_zone=zone, **given)


def test_a_deal_closed_on_the_last_evening_of_march_is_closed_in_march():
    log = quarter_end()
    months = discover.throughput(log).set_index("month")
    # 31 March 17:30 in Los Angeles is 1 April 00:30 UTC.
    assert months["won"].to_dict()[pd.Timestamp("2025-03-01")] == 2
    assert months["lost"].to_dict()[pd.Timestamp("2025-04-01")] == 1
    assert [log.where(closed=period).n_cases for period in ("2025-03", "2025-04", "2025-Q1")] == [2, 1, 2]
    assert [log.where(ended=period).n_cases for period in ("2025-03", "2025-03-31", "2025-04")] == [2, 2, 1]
    assert log.where(active="2025-03-31").n_cases == 2
    assert engine.collect(log.events)["time"].max() == pd.Timestamp("2025-04-02 17:00"), "events stay UTC"


def test_what_is_paid_on_its_due_day_is_in_time():
    log = l2c.read(DATA / "q_due_zone.csv", time_zone=LA, extracted="2025-05-01")
    due = diagnose.due_dates(log)
    assert due["days_late"].tolist() == [0, 0]
    assert due["actual"].tolist() == [pd.Timestamp("2025-03-31 18:00"), pd.Timestamp("2025-03-31 09:00")]
    assert kpis(log, only=["late_payment_share"])["value"].item() == 0
    paid = diagnose.payments(log).set_index("measure")["value"]
    assert (paid["late_share"], paid["late_days"]) == (0, 0)


@pytest.mark.parametrize("zone", ZONES)
def test_a_date_without_a_time_stays_on_its_day_in_any_zone(zone):
    log = l2c.read(DATA / "q_dates_tokyo.csv", time_zone=zone, extracted="2025-07-01")
    won = discover.throughput(log).set_index("month")["won"]
    assert won.loc["2025-03-01"] == 1 and won.loc["2025-04-01"] == 1
    assert [log.where(closed=day).n_cases for day in ("2025-03-31", "2025-04-01", "2025-03-30", "2025-04-02")] == [
        1,
        1,
        0,
        0,
    ]
    assert [log.where(opened=day).n_cases for day in ("2025-03-01", "2025-02-28", "2025-03-02")] == [2, 0, 0]
    assert discover.timeline(log, "J1")["time"].tolist() == [pd.Timestamp("2025-03-01"), pd.Timestamp("2025-04-01")]


@pytest.mark.parametrize("zone", ZONES)
def test_dates_and_times_of_one_log_each_keep_their_day(zone):
    log = made(
        """
        a, Opportunity Created, 2025-03-01 09:00
        a, Closed Won, 2025-03-31 23:30
        b, Opportunity Created, 2025-03-01 00:10
        b, Closed Won, 2025-04-01
        c, Opportunity Created, 2025-03-01 00:10
        c, Closed Won, 2025-03-31
        """,
        zone,
        extracted="2025-05-01",
    )
    won = discover.throughput(log).set_index("month")["won"]
    assert (won.loc["2025-03-01"], won.loc["2025-04-01"]) == (2, 1)
    assert log.where(closed="2025-03").n_cases == 2
    assert log.where(closed="2025-04").n_cases == 1
    assert log.where(opened=("2025-03-01", "2025-03-01")).n_cases == 3


def test_five_in_the_afternoon_in_los_angeles_is_no_midnight():
    # 17:00 of 31 March in summer is 1 April 00:00 UTC: a time, and no date of April.
    log = made("a, Opportunity Created, 2025-03-01 17:00\na, Closed Won, 2025-03-31 17:00", LA, extracted="2025-05-01")
    assert engine.collect(log.events)["time"].max() == pd.Timestamp("2025-04-01")
    assert [log.where(closed=month).n_cases for month in ("2025-03", "2025-04")] == [1, 0]
    assert discover.throughput(log)["won"].tolist() == [1, 0, 0]


@given(
    st.sampled_from(ZONES),
    st.lists(st.datetimes(datetime(1990, 1, 1), datetime(2035, 1, 1)), min_size=1, max_size=30),
)
def test_days_are_those_of_the_calendar_on_the_wall(zone, moments):
    times = np.array([micros(moment) for moment in moments])
    walls = [
        moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(ZoneInfo(zone)).replace(tzinfo=None) for moment in moments
    ]
    assert Clock(zone).days(times).tolist() == [(wall - datetime(1970, 1, 1)).days for wall in walls]
    assert Clock(zone).months(times).astype(str).tolist() == [f"{wall:%Y-%m}" for wall in walls]
    assert [Clock(zone).wall(moment) for moment in moments] == walls


@given(
    st.sampled_from(ZONES),
    st.lists(
        st.tuples(st.datetimes(datetime(2025, 3, 1), datetime(2025, 4, 30)), st.booleans()), min_size=1, max_size=12
    ),
    st.dates(datetime(2025, 3, 1).date(), datetime(2025, 4, 30).date()),
)
def test_a_filter_keeps_the_cases_of_the_day(zone, events, day):
    clock = Clock(zone)
    rows = [
        {
            "case_id": f"c{n}", "activity": "Lead Created", "precision": "day" if dated else "second",
            "time": datetime.combine(moment.date(), datetime.min.time()) if dated else moment.replace(microsecond=0),
        }
        for n, (moment, dated) in enumerate(events)
    ]  # fmt: skip
    log = build(pd.DataFrame(rows), zone=zone)
    wanted = sum((r["time"] if r["precision"] == "day" else clock.wall(r["time"])).date() == day for r in rows)
    assert log.where(opened=str(day)).n_cases == wanted
    assert log.where(opened=f"{day}..").n_cases + log.where(opened=f"..{day - timedelta(days=1)}").n_cases == len(rows)


def test_fiscal_years_and_their_quarters_begin_in_the_month_that_was_given():
    rows = "\n".join(f"c{n}, Lead Created, 2025-{n:02d}-15 12:00" for n in range(1, 13))
    log = made(rows, TOKYO, fiscal_year_starts=4)
    assert log.where(opened="FY2025").n_cases == 9
    assert log.where(opened="2024年度").n_cases == 3
    assert log.where(opened="FY2025-Q1").n_cases == log.where(opened=("2025-04", "2025-06")).n_cases == 3
    assert log.where(opened="2025-Q1").n_cases == 3, "a quarter without FY is one of the calendar"
    assert log.fiscal_year_starts == 4 and log.zone == TOKYO
    with pytest.raises(BadOption, match="13 is no month"):
        made(rows, TOKYO, fiscal_year_starts=13)


def test_quarters_are_those_of_the_fiscal_year():
    rows = "\n".join(f"c{n}, Lead Created, 2025-{n:02d}-15 12:00" for n in range(1, 13))
    starts = [str(Clock("UTC", 2).quarter(micros(datetime(2025, month, 3)))) for month in (1, 2, 4, 5, 12)]
    assert starts == ["2024-11", "2025-02", "2025-02", "2025-05", "2025-11"]
    table = quarters(made(rows, "UTC", fiscal_year_starts=2, extracted="2026-06-01"))
    assert set(table["quarter"].dt.month) <= {2, 5, 8, 11}


def test_the_zone_is_saved_with_the_log_and_goes_with_its_parts(tmp_path):
    log = made("a, Lead Created, 2025-03-31 17:30", LA, fiscal_year_starts=2)
    log.save(tmp_path / "log")
    again = l2c.open(tmp_path / "log")
    assert (again.zone, again.fiscal_year_starts) == (LA, 2)
    assert again.collect().zone == again.where(opened="2025-03-31").zone == again.others().zone == LA
    assert again.where(opened="2025-03-31").collect().n_cases == 1
    text = (tmp_path / "log" / "log.json").read_text("utf-8")
    (tmp_path / "log" / "log.json").write_text(text.replace(LA, "Nowhere"), "utf-8")
    with pytest.raises(UnreadableLog):
        l2c.open(tmp_path / "log")


def test_a_mapping_tells_the_zone_and_the_fiscal_year(tmp_path):
    (tmp_path / "mapping.yaml").write_text(f"version: 1\ntime_zone: {LA}\nfiscal_year_starts: 2\n", "utf-8")
    log = l2c.read(DATA / "q_quarter_end.csv", mapping=tmp_path / "mapping.yaml")
    assert (log.zone, log.fiscal_year_starts, log.where(closed="2025-03").n_cases) == (LA, 2, 2)
    (tmp_path / "mapping.yaml").write_text("version: 1\nfiscal_year_starts: April\n", "utf-8")
    with pytest.raises(BadOption, match="line 2: fiscal_year_starts='April' is no month"):
        l2c.read(DATA / "q_quarter_end.csv", mapping=tmp_path / "mapping.yaml")


def org(**more: pl.DataFrame) -> dict[str, pl.DataFrame]:
    deals = {
        "Id": ["006000000000001AAA"], "Name": ["A"], "StageName": ["Closed Won"], "IsWon": ["true"], "IsClosed": ["true"],
        "CreatedDate": ["2025-03-01T17:00:00.000Z"], "CloseDate": ["2025-03-31"],
    }  # fmt: skip
    people = {"Id": ["005000000000001AAA"], "Name": ["Ana"]}
    return {"Opportunity": pl.DataFrame(deals), "User": pl.DataFrame(people), **more}


def test_an_org_tells_its_zone_and_fiscal_year():
    told = pl.DataFrame({"Id": ["00D000000000001"], "TimeZoneSidKey": [LA], "FiscalYearStartMonth": ["2"]})
    log = l2c.read(org(Organization=told))
    assert (log.zone, log.fiscal_year_starts) == (LA, 2)
    assert log.where(closed="2025-03").n_cases == 1
    assert l2c.read(org()).zone == "UTC"
    assert l2c.read(org(Organization=told), time_zone=TOKYO).zone == TOKYO


def test_a_bare_date_is_placed_behind_what_happened_before_it_on_that_day_of_the_business():
    at = datetime(2025, 4, 1, 0, 30)  # 31 March 17:30 in Los Angeles
    events = pl.DataFrame(
        {"case": [1, 1], "about": [1, 1], "rank": [0, 1], "precision": ["second", "day"], "approximate": [False, False],
         "time": [at, datetime(2025, 3, 31)]}
    )  # fmt: skip
    assert placed(events, LA)["time"].to_list() == [at, at]
    assert placed(events, "UTC")["time"].to_list() == [at, datetime(2025, 3, 31)]


def test_cohorts_are_of_the_month_in_the_zone():
    rows = "\n".join(
        f"c{n}, Lead Created, 2025-03-31 17:30\nc{n}, Opportunity Created, 2025-04-02 10:00" for n in range(25)
    )
    table = diagnose.conversion(made(rows, LA, extracted="2025-09-01"), by="opened")
    assert set(table["opened"]) == {pd.Timestamp("2025-03-01")}


def test_shown_times_are_those_on_the_wall():
    log = quarter_end()
    assert discover.timeline(log, "Z1")["time"].iloc[1] == pd.Timestamp("2025-03-31 17:30")
    assert discover.dots(log)["time"].max() == pd.Timestamp("2025-04-02 10:00")
    assert sample(log, "sales_cycle_days")["ended"].max() == pd.Timestamp("2025-04-02 10:00")
    assert log.period()[1] == datetime(2025, 4, 2, 10)
    broken = diagnose.verdicts(log)
    assert "2025-04-02" in repr(log) and not len(broken[broken["time"] > "2025-04-02 10:00"])


def test_a_change_begins_with_its_day():
    rows = "\n".join(
        f"c{n}, Lead Created, 2025-{1 + n % 4:02d}-{1 + n % 27:02d} 12:00\nc{n}, Lead Contacted, 2025-05-{1 + n % 27:02d} 10:00"
        for n in range(200)
    )
    table = compare(made(rows, LA, extracted="2025-06-01"), "2025-03-01")
    assert set(table["change_date"]) == {pd.Timestamp("2025-03-01")}


@pytest.mark.parametrize("said", ["2025-05-01 17:00", "2025-05-01T17:00", "2025年5月1日 17時"])
def test_an_extraction_with_a_time_is_a_moment_even_where_that_is_midnight_in_utc(said):
    log = made("a, Lead Created, 2025-04-30 20:00", LA, extracted=said)
    assert log.extracted == datetime(2025, 5, 2)


def test_the_day_of_the_extraction_is_one_of_the_business():
    log = made("a, Lead Created, 2025-04-30 20:00", LA, extracted="2025-05-01")
    # 30 April 20:00 in Los Angeles is 1 May 03:00 UTC, and no time after the extraction.
    assert log.n_cases == 1 and log.extracted == datetime(2025, 5, 1, 7)
    assert made("a, Lead Created, 2025-05-01", TOKYO, extracted="2025-05-01").extracted == datetime(2025, 5, 1)
