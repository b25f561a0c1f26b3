"""How long in working time? Hours, breaks, holidays and zones, against a count minute by minute."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import l2c
from l2c import diagnose, discover, engine, show
from l2c.cli import main
from l2c.diagnose.waits.steps import total_days
from l2c.kpis import kpis, sample
from l2c.lab import at_hand
from l2c.log import EventLog, build
from l2c.log.calendar import Calendar
from l2c.log.working import Schedule, schedule
from l2c.log.zone import Clock, micros
from l2c.prepare.portions import portion
from l2c.prepare.pseudonyms import handed, policy
from l2c.show import numbers
from l2c.words.errors import BadCalendar, BadRules, BadTimeZone, NoCalendar

DATA = Path(__file__).parents[1] / "data" / "questions"
NINE_TO_FIVE = {"hours": {"weekdays": "9:00-17:00"}}
DAY = 86_400_000_000
CALENDARS = [
    NINE_TO_FIVE,
    {"hours": {"every_day": "0:00-24:00"}},
    {"hours": {"weekdays": "8:30-18:15", "friday": "8:30-13:00", "saturday": "10-14"}, "breaks": "12:00-12:45, 15:00-15:15"},
    {"hours": {"monday": "22:00-24:00", "tuesday": "0:00-6:00, 22:00-24:00", "wednesday": "0:00-6:00"}},
    {"hours": "9-17", "zone": "Asia/Tokyo", "holidays": ["2025-03-12", "2025-03-20"]},
    {"hours": {"every_day": "0:30-3:30"}, "holidays": {"dates": ["2025-03-08"], "working": ["2025-03-09"]}},
]  # fmt: skip
ZONES = ["UTC", "America/Los_Angeles", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe"]
MOMENTS = st.datetimes(datetime(2025, 3, 4), datetime(2025, 4, 9)).map(lambda t: t.replace(second=0, microsecond=0))


def laid_out(said: dict, zone: str = "UTC") -> Schedule:
    return schedule(Calendar.of(said).week, Clock(zone), range(2024, 2027))


def worked(hours: Schedule, start: datetime, end: datetime) -> float:
    """Minutes worked."""
    times = hours.worked(np.array([micros(start), micros(end)]))
    return (times[1] - times[0]) / 60e6


def minute_by_minute(said: dict, zone: str, start: datetime, end: datetime) -> int:
    """Minutes worked, each looked at on its own."""
    week = Calendar.of(said).week
    there = ZoneInfo(week.zone or zone)
    closed, count = week.closed((2025,)), 0
    for minute in range(round((end - start).total_seconds() / 60)):
        wall = (start + timedelta(minutes=minute)).replace(tzinfo=ZoneInfo("UTC")).astimezone(there)
        at, day = wall.hour * 60 + wall.minute, wall.date()
        spans = week.hours[wall.weekday()]
        if day in week.worked and not spans:
            spans = max(week.hours, key=lambda day: sum(e - s for s, e in day))
        count += day not in closed and any(s <= at < e for s, e in spans)
    return count


@given(st.sampled_from(CALENDARS), st.sampled_from(ZONES), MOMENTS, st.integers(0, 9 * 24 * 60))
def test_working_time_is_that_of_a_count_minute_by_minute(said, zone, start, length):
    end = start + timedelta(minutes=length)
    assert worked(laid_out(said, zone), start, end) == minute_by_minute(said, zone, start, end)


@given(st.sampled_from(CALENDARS), st.sampled_from(ZONES), st.tuples(MOMENTS, MOMENTS, MOMENTS).map(sorted))
def test_parts_of_a_time_add_up_to_it_and_none_is_negative_or_longer_than_the_clock_says(said, zone, moments):
    hours = laid_out(said, zone)
    a, b, c = moments
    assert worked(hours, a, b) + worked(hours, b, c) == worked(hours, a, c)
    assert 0 <= worked(hours, a, b) <= (b - a).total_seconds() / 60


@given(st.integers(0, 360), st.integers(0, 250))
def test_whole_days_are_those_that_numpy_counts(first, many):
    free = ["2025-01-01", "2025-05-01", "2025-12-25"]
    hours = laid_out(NINE_TO_FIVE | {"holidays": free})
    start = date(2025, 1, 1) + timedelta(first)
    end = start + timedelta(many)
    midnight = datetime.min.time()
    minutes = worked(hours, datetime.combine(start, midnight), datetime.combine(end, midnight))
    assert minutes / 480 == np.busday_count(start, end, holidays=free)
    days = np.array([[(day - date(1970, 1, 1)).days] for day in (start, end)])
    # After the first, up to and with the last.
    assert hours.between(*days).item() == np.busday_count(start + timedelta(1), end + timedelta(1), holidays=free)
    later = np.busday_offset(start, many, roll="backward" if many else "forward", holidays=free)
    assert hours.later(days[0], np.array([many])).item() == later.astype(int)


def test_the_days_on_which_the_clock_is_changed_have_an_hour_less_and_one_more():
    night = {"hours": {"every_day": "1:00-4:00"}}
    berlin = laid_out(night, "Europe/Berlin")
    # 30 March 2025: 2:00 is 3:00. 26 October: 2:00 to 3:00 comes twice.
    lengths = [
        worked(berlin, datetime(2025, m, d - 1, 12), datetime(2025, m, d, 12)) / 60
        for m, d in ((3, 30), (10, 26), (6, 3))
    ]
    assert lengths == [2, 4, 3]


def test_a_response_over_the_weekend_takes_one_working_hour():
    log = l2c.read(DATA / "q_business_hours.csv", extracted="2025-04-01", calendar=NINE_TO_FIVE)
    assert log.hours == "calendar" and kpis(log, only=["lead_response_days"])["value"].item() * 24 == 47
    inside = log.in_hours("working")
    assert kpis(inside, only=["lead_response_days"])["value"].item() * 8 == 1
    hours = sample(inside, "lead_response_days").set_index("case_id")["value"] * 8
    assert hours.to_dict() == {"F1": 1.0, "F2": 1.0, "F3": 2.5}
    assert sample(inside, "lead_response_days")["unit"].unique().tolist() == ["working_day"]
    due = diagnose.due_dates(inside).set_index("case_id")
    assert due["days_late"].to_dict() == {"F1": 0, "F2": 0, "F3": -1}
    assert due["expected"]["F1"] == pd.Timestamp("2025-03-10")
    assert not len(diagnose.tags(inside)) and len(diagnose.tags(log)) == 2


def small() -> EventLog:
    rows = [
        ("a", "Lead Created", "2025-03-07 16:00", "EMEA"), ("a", "Lead Contacted", "2025-03-10 10:00", "EMEA"),
        ("a", "Opportunity Created", "2025-03-12 10:00", "EMEA"), ("a", "Closed Won", "2025-03-21 10:00", "EMEA"),
        ("b", "Lead Created", "2025-03-19 16:00", "Japan"), ("b", "Lead Contacted", "2025-03-21 10:00", "Japan"),
        ("b", "Opportunity Created", "2025-03-22 10:00", "Japan"), ("b", "Closed Lost", "2025-03-29 09:30", "Japan"),
        ("c", "Lead Created", "2025-03-19 16:00", None), ("c", "Lead Contacted", "2025-03-20 10:00", None),
    ]  # fmt: skip
    return build(
        pd.DataFrame(rows, columns=["case_id", "activity", "time", "region"]).astype({"time": "datetime64[us]"})
    )


PLACES = NINE_TO_FIVE | {
    "regions": {"Japan": {"holidays": ["2025-03-20"], "hours": {"weekdays": "9-13"}}, "EMEA": None}
}


def test_every_wait_and_duration_of_the_log_is_in_working_days_and_they_add_up():
    log = small().with_calendar(NINE_TO_FIVE).in_hours("working")
    waits = engine.collect(log.events.sort("case_key", "position"))[["case_id", "wait_days"]]
    assert (waits.loc[waits["case_id"] == "a", "wait_days"] * 8).tolist()[:3] == [2, 16, 56]
    sums = waits.groupby("case_id")["wait_days"].sum()
    assert sums.to_dict() == engine.collect(log.cases).set_index("case_id")["duration_days"].to_dict()
    steps, parts = diagnose.steps(log), diagnose.bottlenecks(log)
    assert steps["case_days"].sum() == pytest.approx(total_days(log)) == pytest.approx(sums.sum())
    causes = [
        f"{cause}_days" for cause in ("customer", "batching", "contention", "prioritisation", "off_duty", "unexplained")
    ]
    assert parts[causes].sum(axis=1).tolist() == pytest.approx(parts["case_days"].tolist())
    assert sorted(discover.variants(log)["median_days"]) == pytest.approx(sorted(sums))
    found = diagnose.times(log, start="Lead Created", end="Lead Contacted")
    assert found["value"].item() * 8 == 2


def test_regions_have_hours_and_holidays_of_their_own():
    log = small().with_calendar(PLACES).in_hours("working")
    hours = engine.collect(log.events.sort("case_key", "position")).groupby("case_id")["wait_days"].first() * 8
    # a: Fri 16-17, Mon 9-10. b: 19 March after 13:00, 20 March is free, 21 March 9-10. c: no region, 16-17 and 9-10.
    assert hours.to_dict() == {"a": 2, "b": 1, "c": 2}
    got = sample(log, "lead_response_days", 9).set_index("case_id")["value"] * 8
    assert got.to_dict() == {"a": 2, "b": 1, "c": 2}
    named = small().with_calendar(PLACES | {"regions": {"Japn": {"hours": "9-13"}}})
    assert any("Japn" in str(note) for note in named.quality.notes)


def test_filters_count_in_the_hours_of_the_log():
    log = small().with_calendar(NINE_TO_FIVE)
    slow = ("Lead Created", "Lead Contacted", 1.0)
    assert log.where(slower=slow).n_cases == 2
    assert log.in_hours("working").where(slower=slow).n_cases == 1
    part = log.in_hours("working").where(slower=slow)
    assert part.others().n_cases == 2 and part.collect().hours == "working" and part.collect().n_cases == 1


def test_the_calendar_is_saved_with_the_log(tmp_path):
    log = small().with_calendar(PLACES)
    log.in_hours("working").where(region="Japan").save(tmp_path / "log")
    again = l2c.open(tmp_path / "log")
    assert again.hours == "working" and again.n_cases == 1
    assert engine.collect(again.in_hours("calendar").cases)["duration_days"].item() == pytest.approx(9.7291666)
    one = engine.collect(again.cases)["duration_days"].item()
    assert one == engine.collect(log.where(region="Japan").in_hours("working").cases)["duration_days"].item()


def test_a_log_that_is_given_away_keeps_its_hours_and_names_no_place_that_is_masked():
    log = small().with_calendar(PLACES).in_hours("working")
    given = handed(log.where(region=["EMEA", "Japan"]), mask=["region"])
    assert given.hours == "working" and "Japan" not in repr(given.calendar)
    hours = engine.collect(given.events.sort("case_key", "position")).groupby("case_id")["wait_days"].first() * 8
    assert hours.to_dict() == {"a": 2, "b": 1}
    assert given.in_hours("calendar").distinct("region") == given.distinct("region") != ["EMEA", "Japan"]
    assert portion(log.where(region="Japan")).hours == "working"


def test_the_command_line_counts_in_working_time(tmp_path, capsys):
    (tmp_path / "calendar.yaml").write_text("hours: {weekdays: 9-17}", "utf-8")
    source = str(DATA / "q_business_hours.csv")
    told = ["--calendar", str(tmp_path / "calendar.yaml"), "--hours", "working", "--extracted", "2025-04-01"]
    assert main(["analyse", source, "--json", str(tmp_path / "found.json"), *told]) == 0
    found = json.loads((tmp_path / "found.json").read_text("utf-8"))
    assert found["kpis"]["lead_response_days"]["value"] * 8 == 1
    assert found["kpis"]["lead_response_days"]["unit"] == "working_day" and found["log"]["hours"] == "working"
    assert main(["analyse", source, "--json", str(tmp_path / "found.json"), "--hours", "working"]) == 1
    assert "this log has none" in capsys.readouterr().err


def test_agreed_days_stay_days_of_the_calendar():
    rows = [("a", "Invoice Sent", "2025-03-07 10:00", 10), ("a", "Payment Received", "2025-03-18 10:00", 10)]
    frame = pd.DataFrame(rows, columns=["case_id", "activity", "time", "payment_terms_days"])
    log = l2c.read(frame, calendar=NINE_TO_FIVE, extracted="2025-05-01").in_hours("working")
    paid = diagnose.payments(log).set_index("measure")
    # Due on Monday 17 March, ten days of the calendar after Friday 7 March; paid a day later.
    assert paid["value"]["late_days"] == 1 and paid["value"]["days_to_pay"] == 11
    assert set(paid["unit"]) == {"calendar_day", "fraction"}
    assert kpis(log, only=["invoice_to_payment_days"])["value"].item() == 7
    due = diagnose.due_dates(log)
    assert due[["late", "days_late"]].values.tolist() == [[True, 1.0]]


def test_both_hours_are_computed_once_and_never_mixed():
    log = small().with_calendar(NINE_TO_FIVE)
    inside = log.in_hours("working")
    assert inside.base is log.in_hours("working").base and inside.in_hours("calendar").base is log.base
    assert inside.where(region="EMEA").in_hours("calendar").in_hours("working").base is inside.base
    for first, second in ((log, inside), (inside, log)):
        one, other = (kpis(each, only=["lead_response_days"])["value"].item() for each in (first, second))
        assert one != other
    with pytest.raises(NoCalendar, match="this log has none"):
        small().in_hours("working")
    with pytest.raises(NoCalendar, match="neither 'calendar' nor 'working'"):
        log.in_hours("busy")


def test_whose_names_may_be_shown_is_said_in_either_hours():
    log = small().with_calendar(NINE_TO_FIVE)
    inside = log.in_hours("working")
    for first in (log, inside):
        hidden = policy(first, names=False, smallest=9)
        shown = policy(hidden, names=True, smallest=3)
        for hours in ("calendar", "working", "calendar"):
            assert (hidden.in_hours(hours).origin.names, hidden.in_hours(hours).origin.smallest) == (False, 9)
            assert (shown.in_hours(hours).origin.names, shown.in_hours(hours).origin.smallest) == (True, 3)
        assert hidden.in_hours("working").base.events is inside.base.events


def test_dates_without_a_time_count_whole_working_days_in_any_zone():
    rows = [("a", "Lead Created", "2025-03-07"), ("a", "Lead Contacted", "2025-03-11")]
    for zone in ("UTC", "Asia/Tokyo", "America/Los_Angeles"):
        log = l2c.read(
            pd.DataFrame(rows, columns=["case_id", "activity", "time"]), time_zone=zone, calendar=NINE_TO_FIVE
        )
        # Friday and Monday: busday_count("2025-03-07", "2025-03-11") is 2.
        assert kpis(log.in_hours("working"), only=["lead_response_days"])["value"].item() == 2
        assert engine.collect(log.in_hours("working").cases)["duration_days"].item() == 2


RULES = """
rules:
  - {{id: fast, require: {{followed_by: {{from: Lead Created, to: Lead Contacted, max: {limit}}}}}}}
due_dates:
  - {{id: first, from: Lead Created, to: Lead Contacted, days: {days}}}
tags: []
"""


@pytest.mark.parametrize(
    ("limit", "broken"),
    [("1 day", 2), ("2 days", 1), ("1 working day", 0), ("1 working hour", 3), ("2 business hours", 0), ("2営業時間", 0),
     ("42 hours", 1), ("1.9 working hours", 3)],
)  # fmt: skip
def test_rules_can_count_in_working_time(tmp_path, limit, broken):
    (tmp_path / "rules.yaml").write_text(RULES.format(limit=limit, days=1), "utf-8")
    log = small().with_calendar(NINE_TO_FIVE)
    table = diagnose.compliance(log, tmp_path / "rules.yaml")
    # a 66 h, b 42 h, c 18 h by the clock; 2, 10 and 2 hours of work.
    expected = {"1 working day": 1, "2 business hours": 1, "2営業時間": 1, "1.9 working hours": 3}.get(limit, broken)
    assert table["count"].item() == expected


def test_bare_days_of_a_rule_are_those_of_the_log_and_named_ones_what_they_say(tmp_path):
    log = small().with_calendar(NINE_TO_FIVE)
    counts = []
    for limit in ("1 day", "1 calendar day", "1 working day"):
        (tmp_path / "rules.yaml").write_text(RULES.format(limit=limit, days=1), "utf-8")
        counts += [
            diagnose.compliance(each, tmp_path / "rules.yaml")["count"].item()
            for each in (log, log.in_hours("working"))
        ]
    assert counts == [2, 1, 2, 2, 1, 1]
    with pytest.raises(NoCalendar, match="Rule fast counts in working time"):
        diagnose.compliance(small(), tmp_path / "rules.yaml")
    (tmp_path / "rules.yaml").write_text(RULES.format(limit="soon", days=1), "utf-8")
    with pytest.raises(BadRules, match="2 working days"):
        diagnose.compliance(log, tmp_path / "rules.yaml")


def test_due_dates_can_be_working_days(tmp_path):
    log = small().with_calendar(PLACES)
    (tmp_path / "rules.yaml").write_text(RULES.format(limit="1 day", days="1 working day"), "utf-8")
    due = diagnose.due_dates(log, tmp_path / "rules.yaml").set_index("case_id")
    # b: a day after Wednesday 19 March is Friday 21 March in Japan, where the 20th is free.
    assert due["expected"].dt.strftime("%m-%d").to_dict() == {"a": "03-10", "b": "03-21", "c": "03-20"}
    assert due["days_late"].tolist() == [0, 0, 0]


def test_public_holidays_come_from_the_library():
    holidays = pytest.importorskip("holidays")
    golden = [date(2025, 5, 5), date(2025, 7, 4), date(2025, 10, 3)]
    for country, free in (("JP", [1, 0, 0]), ("US", [0, 1, 0]), ("DE", [0, 0, 1])):
        hours = laid_out(NINE_TO_FIVE | {"holidays": {"country": country}})
        days = np.array([[(day - date(1970, 1, 1)).days] for day in golden])
        assert [int(day not in hours.workdays) for day in days.ravel()] == free
        public = holidays.country_holidays(country, years=range(2024, 2027))
        assert not {date(1970, 1, 1) + timedelta(int(day)) for day in hours.workdays} & set(public)
    both = Calendar.of(NINE_TO_FIVE | {"holidays": {"country": ["DE-BY", "JP"], "working": ["2025-10-03"]}})
    closed = both.week.closed((2025,))
    # Epiphany is free in Bavaria; the day that is worked is not.
    assert date(2025, 1, 6) in closed and date(2025, 5, 5) in closed and date(2025, 10, 3) not in closed
    with pytest.raises(BadCalendar, match="Closest: JP"):
        Calendar.of(NINE_TO_FIVE | {"holidays": "JPP"})
    with pytest.raises(BadCalendar, match="DE has no holidays of a part called 'XX'"):
        Calendar.of(NINE_TO_FIVE | {"holidays": "DE-XX"})


def test_a_calendar_file_says_what_it_means(tmp_path):
    text = """
        zone: Europe/Oslo
        hours: {weekdays: "9:00-12:00, 13:00-17:30", friday: off}
        holidays: {file: free.csv, dates: [2025-12-24: Christmas Eve]}
        day_hours: 7.5
        regions:
          NO: {hours: {weekdays: 8-16}}
    """
    (tmp_path / "calendar.yaml").write_text("\n".join(line[8:] for line in text.splitlines()), "utf-8")
    (tmp_path / "free.csv").write_text("date,name\n2025-12-31,New Year's Eve\n2025/01/02,\n", "utf-8")
    told = Calendar.of(tmp_path / "calendar.yaml")
    assert told.week.hours[0] == ((540, 720), (780, 1050)) and told.week.hours[4] == ()
    assert told.week.free == {date(2025, 12, 24), date(2025, 12, 31), date(2025, 1, 2)}
    assert (told.day_hours, told.week.zone, list(told.regions)) == (7.5, "Europe/Oslo", ["NO"])
    assert told.regions["NO"].hours[0] == ((480, 960),) and told.regions["NO"].free == told.week.free
    again = Calendar.of_facts(told.fixed(range(2024, 2027)))
    assert again.week.hours == told.week.hours and again.week.free == told.week.free and again.day_hours == 7.5


def test_the_shipped_example_is_a_calendar():
    told = Calendar.of(Path(__file__).parents[2] / "data_templates" / "calendar.yaml")
    assert told.day_hours == 8 and date(2025, 12, 30) in told.week.free


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"hours": {"weekdays": "22:00-6:00"}}, "Write a night shift as 22:00-24:00 of one day and 0:00-6:00 of the next"),
        ({"hours": {"mondy": "9-17"}}, "says 'mondy' under hours, which means nothing there. Closest: monday"),
        ({"hour": {"monday": "9-17"}}, "Closest: hours"),
        ({"hours": {"monday": "nine to five"}}, "are no hours"),
        ({"hours": {"monday": "9-25"}}, "are no hours"),
        ({"hours": {"monday": "closed"}}, "no working hours"),
        ({}, "no working hours"),
        (NINE_TO_FIVE | {"holidays": {"dates": ["2025-02-30"]}}, "no date"),
        (NINE_TO_FIVE | {"holidays": {"contry": "JP"}}, "Closest: country"),
        (NINE_TO_FIVE | {"day_hours": 30}, "how many hours a working day has"),
        (NINE_TO_FIVE | {"regions": {"EMEA": {"hous": "9-17"}}}, "under regions › EMEA.*Closest: hours"),
        (NINE_TO_FIVE | {"regions": ["EMEA"]}, "a record by region"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_a_plain_sentence(said, error):
    with pytest.raises(BadCalendar, match=error):
        Calendar.of(said)


def test_a_calendar_that_is_not_there_or_in_no_zone_is_refused(tmp_path):
    with pytest.raises(BadCalendar, match="cannot be read"):
        l2c.read(DATA / "q_business_hours.csv", calendar=tmp_path / "none.yaml")
    with pytest.raises(BadTimeZone, match="Tokio"):
        Calendar.of(NINE_TO_FIVE | {"zone": "Tokio"})


@pytest.fixture
def shown_days():
    from l2c.words import days

    yield
    days.count_in(None)


@pytest.mark.usefixtures("shown_days")
def test_what_is_shown_says_that_days_are_working_days():
    log = small().with_calendar(NINE_TO_FIVE).in_hours("working")
    assert "in working days of 8 h" in repr(log)
    assert numbers.days(0.125) == "3 h" and numbers.value(0.125, "working_day") == "1 working h"
    show.hours(log)
    assert [numbers.days(each) for each in (0.125, 0.3125, 2.5, 1, 0.01, 0)] == [
        "1 working h", "2.5 working h", "2.5 working days", "1 working day", "5 working min", "0 working days",
    ]  # fmt: skip
    assert [numbers.days(each, "ja") for each in (0.125, 2.5)] == ["1営業時間", "2.5営業日"]
    assert numbers.value(11, "calendar_day") == "11 d" and numbers.case_days(1234) == "1,234 working days"
    cards = show.kpi_cards(kpis(log, only=["lead_response_days"]), lang="ja").text
    assert "2営業時間" in cards
    assert "期間は営業日（1日8時間）" in repr(show.filters(log, lang="ja", interactive=False))
    assert "in working days of 8 h" in show.about(log).text
    show.hours(log.in_hours("calendar"))
    assert numbers.days(2.5) == "2.5 d"


@pytest.mark.usefixtures("shown_days")
def test_a_choice_of_cases_counts_in_either_hours():
    panel = show.filters(small().with_calendar(NINE_TO_FIVE), interactive=True)
    widget, seen = panel.widget, []
    panel.selection.follow(lambda: seen.append(panel.log.hours))
    panel.selection.choose([{"word": "slower", "value": ["Lead Created", "Lead Contacted", 1.0]}])
    assert panel.log.n_cases == 2 and widget.spec["hours"]["chosen"] == "calendar"
    widget._told(None, {"do": "hours", "value": "working"}, None)
    assert (panel.log.hours, panel.log.n_cases, seen[-1]) == ("working", 1, "working")
    assert widget.spec["hours"]["chosen"] == "working" and widget.spec["hours"]["note"] == "A working day has 8 hours."
    assert "1 working day" in widget.spec["chips"][0]
    assert show.filters(small(), interactive=True).widget.spec["hours"] is None


@pytest.mark.usefixtures("shown_days")
def test_a_notebook_opens_its_log_in_the_hours_that_are_asked_for(tmp_path):
    saved = small().with_calendar(NINE_TO_FIVE).save(tmp_path / "log")
    assert at_hand(saved, tmp_path / "out").hours == "calendar" and numbers.days(2.5) == "2.5 d"
    log = at_hand(saved, tmp_path / "out", hours="working")
    assert log.hours == "working" and numbers.days(2.5) == "2.5 working days"
    assert at_hand(saved, tmp_path / "out", calendar={"hours": "9-13"}, hours="working").day_hours == 4


def test_a_million_pairs_take_no_time():
    from time import process_time

    rng = np.random.default_rng(0)
    hours = laid_out(CALENDARS[2], "Europe/Berlin")
    start = rng.integers(micros(datetime(2024, 1, 1)), micros(datetime(2026, 6, 1)), 1_000_000)
    began = process_time()
    hours.worked(start + 30 * DAY) - hours.worked(start)
    assert process_time() - began < 5  # 0.3 s on an idle machine
