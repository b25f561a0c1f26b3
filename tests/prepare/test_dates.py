"""A date written anywhere in the world is read as that day, or asked about; never as another day."""

import random
from datetime import datetime

import polars as pl
import pytest
from babel import Locale
from babel.dates import format_date, format_time

import l2c
from l2c.prepare import date_shapes, dates, evidence, locales, zone_names
from l2c.prepare.clock_columns import joined
from l2c.prepare.table import Table, no_rejected, numbered
from l2c.prepare.times import parse_times
from l2c.words.errors import AmbiguousDates, NothingToRead


def read(*texts, **options):
    return parse_times(pl.Series(list(texts), dtype=pl.String), where="log.csv, column When", **options)


def minutes(*texts, **options):
    return [moment and f"{moment:%Y-%m-%d %H:%M}" for moment in read(*texts, **options).time.to_list()]


def written(locale: Locale, style: str, clock: str | None, moments: list[datetime]) -> list[str]:
    days = [format_date(moment, style, locale=locale) for moment in moments]
    if clock is None:
        return days
    times = [format_time(moment, clock, locale=locale) for moment in moments]
    whole = str(locale.datetime_formats[style]).replace("'", "")
    return [whole.replace("{0}", time).replace("{1}", day) for time, day in zip(times, days, strict=True)]


@pytest.mark.parametrize("language", locales.LANGUAGES)
def test_a_date_in_any_form_of_a_language_is_read_as_that_day_and_minute_or_asked_about(language):
    dice, locale = random.Random(language), Locale.parse(language)
    for style in ("short", "medium", "long", "full"):
        for clock in ("short", "medium", None):
            moments = [
                datetime(2025, m, dice.randint(1, 28), dice.randint(0, 23), dice.randint(0, 59)) for m in range(1, 13)
            ]
            texts = written(locale, style, clock, moments)
            try:
                found = read(*texts).time.to_list()
            except AmbiguousDates:
                assert style == "short", texts
                continue
            wanted = moments if clock else [moment.replace(hour=0, minute=0) for moment in moments]
            assert found == wanted, texts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 de enero de 2025", "2025-01-05 00:00"),
        ("05. Mär 2025", "2025-03-05 00:00"),
        ("05-MRZ-25", "2025-03-05 00:00"),
        ("2025년 1월 5일 오후 3:30", "2025-01-05 15:30"),
        ("2025. 1. 5. 오후 3:30", "2025-01-05 15:30"),
        ("2025/1/5 下午3:30", "2025-01-05 15:30"),
        ("2025年1月5日 中午12:30", "2025-01-05 12:30"),
        ("25/01/2025 03:30 p. m.", "2025-01-25 15:30"),
        ("2025.01.05. 15:30", "2025-01-05 15:30"),
        ("5.1.2025 15.30", "2025-01-05 15:30"),
        ("2025-01-05 15 h 30", "2025-01-05 15:30"),
        ("1er janvier 2025 à 15h30", "2025-01-01 15:30"),
        ("5. Januar 2025 um 15:30 Uhr", "2025-01-05 15:30"),
        ("15:30 25/01/2025", "2025-01-25 15:30"),
        ("5/1/2568, 15:30", "2025-01-05 15:30"),
        ("٠٥/٠١/٢٠٢٥ ١٥:٣٠", "2025-01-05 15:30"),
        ("1/25/2025, 3:30\u202fPM", "2025-01-25 15:30"),
        ("05/Jan/2025:08:30:00 -0700", "2025-01-05 15:30"),
        ("Mon, 06 Jan 2025 08:30:00 GMT", "2025-01-06 08:30"),
        ("民國114年1月5日", "2025-01-05 00:00"),
        ("mar 5 mar 2025", "2025-03-05 00:00"),
        ("2025-1-5 8:30:5", "2025-01-05 08:30"),
        ("05-Jan-25 08.30.00.000000 PM", "2025-01-05 20:30"),
    ],
)
def test_people_and_programs_write_dates_in_many_ways(text, expected):
    assert minutes(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-01-05 08:30:00 EST", "2025-01-05 13:30"),
        ("2025-01-05 08:30 CET", "2025-01-05 07:30"),
        ("2025-07-05 08:30 CEST", "2025-07-05 06:30"),
        ("2025-01-05 08:30 JST", "2025-01-04 23:30"),
        ("1/25/2025 8:30 AM PST", "2025-01-25 16:30"),
        ("Sun Jan 05 08:30:00 CET 2025", "2025-01-05 07:30"),
        ("Sun Jan 05 2025 08:30:00 GMT+0100 (Central European Standard Time)", "2025-01-05 07:30"),
        ("2025-07-05T08:30:00+02:00[Europe/Berlin]", "2025-07-05 06:30"),
        ("2025-07-05T08:30:00[Europe/Berlin]", "2025-07-05 06:30"),
        ("2025-07-05 08:30 Asia/Tokyo", "2025-07-04 23:30"),
        ("2025-01-05T00:30:00.000-0800", "2025-01-05 08:30"),
    ],
)
def test_a_zone_beside_a_time_counts(text, expected):
    assert minutes(text) == [expected]
    # The zone of the business is that of times without one.
    assert minutes(text, timezone="America/Sao_Paulo") == [expected]


def test_a_pattern_with_the_name_of_a_zone_never_throws_it_away():
    assert minutes("2025-01-05 08:30:00 EST", date_format="%Y-%m-%d %H:%M:%S %Z") == ["2025-01-05 13:30"]
    assert minutes("Sun Jan 05 08:30:00 CET 2025", date_format="%a %b %d %H:%M:%S %Z %Y") == ["2025-01-05 07:30"]
    assert minutes("05.01.2025 08:30 JST", date_format="%d.%m.%Y %H:%M %Z") == ["2025-01-04 23:30"]
    assert minutes("2025-01-05 08:30 +0100", date_format="%Y-%m-%d %H:%M %z") == ["2025-01-05 07:30"]
    assert minutes("2025-01-05 08:30 XYZ", date_format="%Y-%m-%d %H:%M %Z") == [None]


def test_a_name_of_several_zones_is_asked_about_and_the_business_or_its_neighbours_settle_it():
    with pytest.raises(
        AmbiguousDates, match=r"IST.*Asia/Kolkata \(2025-01-05 03:00 UTC\).*Asia/Jerusalem.*--time-zone"
    ):
        read("2025-01-05 08:30 IST")
    assert minutes("2025-01-05 08:30 IST", timezone="Asia/Kolkata") == ["2025-01-05 03:00"]
    assert minutes("2025-01-05 08:30 CST", timezone="Asia/Shanghai") == ["2025-01-05 00:30"]
    assert minutes("2025-01-05 08:30 GST", timezone="Asia/Dubai") == ["2025-01-05 04:30"]
    assert minutes("2025-01-05 08:30 CST", "2025-07-05 08:30 CDT") == ["2025-01-05 14:30", "2025-07-05 13:30"]


def test_names_of_zones():
    assert zone_names.is_zone("cet") and zone_names.is_zone("Europe/Berlin") and not zone_names.is_zone("Ann")
    assert zone_names.meant({"PST", "IST", "et"}, "UTC") == {"PST": -480, "IST": None, "et": "America/New_York"}


def test_quarters_weeks_and_months_are_their_first_day_and_that_is_said():
    texts = ["Q1 2025", "2025-Q3", "2025-W07", "KW 07/2025", "2025年第2四半期", "Feb 2025", "2025-02"]
    days = ["2025-01-01", "2025-07-01", "2025-02-10", "2025-02-10", "2025-04-01", "2025-02-01", "2025-02-01"]
    assert minutes(*texts) == [f"{day} 00:00" for day in days]
    assert "first day" in str(read("Q1 2025").notes[0])
    assert minutes("2025-W07-3") == ["2025-02-12 00:00"] and not read("2025-W07-3").notes
    # A fiscal quarter begins where the company says.
    assert minutes("FY25 Q1", "FY2025 Q1") == [None, None]


def test_a_month_word_of_two_languages_is_settled_by_the_others_or_not_read():
    assert minutes("5 listopada 2025", "5 stycznia 2025") == ["2025-11-05 00:00", "2025-01-05 00:00"]
    assert minutes("5 listopada 2025", "5 siječnja 2025") == ["2025-10-05 00:00", "2025-01-05 00:00"]
    assert minutes("5 listopada 2025") == [None]


def test_years_of_two_digits_that_may_come_first_are_asked_about():
    with pytest.raises(AmbiguousDates, match="--date-format ymd"):
        read("25/01/05", "25/02/11", "25/03/20")
    for few in (["25/01/04", "24/02/11"], ["25-01-04", "25-02-13"], ["25.01.04"], ["24/11/05 09:00", "25/01/04 10:00"]):
        with pytest.raises(AmbiguousDates, match="--date-format ymd"):
            read(*few)
    assert minutes("14/02/25") == ["2025-02-14 00:00"] and minutes("25.03.24") == ["2024-03-25 00:00"]
    assert minutes("25/03/24", "13/06/25", "28/06/25")[0] == "2024-03-25 00:00"
    assert minutes("13/01/99", "25/03/98")[0] == "1999-01-13 00:00"
    texts = ("25/01/05", "25/02/11", "25/03/20")
    assert minutes(*texts, date_format="ymd") == ["2025-01-05 00:00", "2025-02-11 00:00", "2025-03-20 00:00"]
    assert minutes("25. 1. 5. 오후 3:30") == ["2025-01-05 15:30"]
    assert minutes("05.01.25", "05.02.26") == ["2025-01-05 00:00", "2026-02-05 00:00"]


def test_the_question_shows_three_values_in_both_readings():
    with pytest.raises(AmbiguousDates) as caught:
        read("1/2/2025", "3/4/2025", "5/6/2025", "7/8/2025")
    said = str(caught.value)
    assert (
        all(part in said for part in ("'5/6/2025'", "2025-06-05", "2025-05-06", "--date-format dmy"))
        and "7/8" not in said
    )


def test_points_with_the_month_first_are_read_so_where_a_day_shows_it():
    assert minutes("1.5.2025", "1.25.2025") == ["2025-01-05 00:00", "2025-01-25 00:00"]
    assert minutes("1.5.2025") == ["2025-05-01 00:00"]


def test_values_that_stand_for_no_date_are_empty_and_said():
    none = [
        "1900-01-00",
        "0000-00-00",
        "1/0/1900",
        "0001-01-01 00:00:00",
        "9999-12-31",
        "31.12.9999",
        "1899-12-30",
        "00/00/0000",
    ]
    found = read(*none, "2025-01-05", "soon")
    assert found.time.is_null().to_list() == [True] * 8 + [False, True]
    assert found.empty.to_list() == [True] * 8 + [False, False]
    assert [note.id for note in found.notes] == ["empty_dates", "unread_times"]
    assert read("2025-01-05", None).empty is None
    typed = parse_times(pl.Series([datetime(9999, 12, 31), datetime(2025, 1, 5)]), where="x")
    assert typed.time.is_null().to_list() == [True, False]


def test_a_shape_tells_where_the_parts_stand():
    shape = date_shapes.understood("00. jan 0000 00:00")
    assert (shape.d, shape.month, shape.y, shape.h, shape.mi) == (0, "jan", 1, 2, 3)
    assert date_shapes.understood("00:00") is None and date_shapes.understood("many 00 words 0000") is None
    assert date_shapes.month_numbers({"mär", "mai", "okt"}) == {"mär": 3, "mai": 5, "okt": 10}


def test_words_of_dates_come_from_cldr():
    assert locales.bare("Févr.") == "févr" and locales.months()["févr"]["fr"] == 2
    assert "domingo" in locales.weekdays() and "de" in locales.fillers() and "am" in locales.halves().values()
    assert dates.plain_digits(pl.Series(["٢٠٢٥", "２５"])).to_list() == ["2025", "25"]


def test_the_order_of_a_file_is_that_of_any_of_its_columns():
    frame = pl.DataFrame({"a": ["1/2/2025", None], "b": ["1/25/2025", "2/3/2025"], "c": ["x", "y"]})
    assert evidence.day_order(frame) == "mdy"
    assert evidence.day_order(frame.select("a", "c")) is None
    assert evidence.day_order(frame.with_columns(d=pl.lit("25/1/2025"))) is None


def table(**columns):
    frame = pl.DataFrame(columns)
    return Table("log.csv", frame, numbered(frame), no_rejected())


@pytest.mark.parametrize(
    ("date", "time"),
    [
        ("Date", "Time"),
        ("Datum", "Uhrzeit"),
        ("Created Date", "Created Time"),
        ("Fecha", "Hora"),
        ("日付", "時刻"),
        ("開始日", "開始時刻"),
    ],
)
def test_a_date_and_its_time_of_day_in_two_columns_are_one(date, time):
    found = joined(table(**{date: ["2025-01-05", "2025-01-06"], time: ["08:30", None]}), ())
    assert found.frame.to_dict(as_series=False) == {date: ["2025-01-05 08:30", "2025-01-06"]}
    assert found.notes[0].id == "date_and_time"


def test_only_a_column_of_nothing_but_times_of_day_is_joined_and_none_that_the_user_named():
    whole = table(Date=["2025-01-05"], Time=["2025-01-05 08:30"])
    assert joined(whole, ()) is whole
    apart = table(Date=["2025-01-05"], Time=["3:30 PM"])
    assert joined(apart, {"Time"}) is apart
    assert joined(apart, ()).frame["Date"].to_list() == ["2025-01-05 3:30 PM"]
    filled = table(Date=["2025-01-05 09:00"], Time=["08:30"])
    assert joined(filled, ()) is filled


def deals(tmp_path, text, **said):
    path = tmp_path / "export.csv"
    path.write_text(text, "utf-8")
    return l2c.read(path, **said)


def test_one_column_settles_the_order_for_the_others_of_the_file(tmp_path):
    text = "Opportunity ID,Stage,Created Date,Close Date\nD1,Closed Won,1/25/2025,2/3/2025\nD2,Closed Lost,1/15/2025,3/8/2025\n"
    log = deals(tmp_path, text)
    ends = log.events.collect().to_pandas()
    ends = dict(
        ends.loc[ends["activity"].isin(["Closed Won", "Closed Lost"]), ["case_id", "time"]].astype(str).to_numpy()
    )
    assert ends == {"D1": "2025-02-03", "D2": "2025-03-08"}
    assert "order_of_file" in str([dict(note.values).get("note", note).id for note in log.quality.notes])


def test_values_that_were_not_understood_are_shown_with_the_way_out(tmp_path):
    rows = "".join(f"D{n},Quote Sent,{day}\n" for n, day in enumerate(["soon", "later", "some day", "never"]))
    with pytest.raises(NothingToRead, match=r"'soon', 'later', 'some day'.*--date-format"):
        deals(tmp_path, "case_id,activity,timestamp\n" + rows)
    log = deals(tmp_path, "case_id,activity,timestamp\nD9,Quote Sent,2025-01-05\n" + rows)
    assert any("soon, later, some day" in str(note) and "--date-format" in str(note) for note in log.quality.notes)


def test_an_empty_date_of_a_deal_is_no_fault_of_its_row(tmp_path):
    text = "Opportunity ID,Stage,Created Date,Close Date,Contract Signed Date\nD1,Closed Won,2025-01-05,2025-02-20,1900-01-00\n"
    log = deals(tmp_path, text)
    assert log.quality.rows_used == 1 and log.n_events == 2
    assert any("stand for no date" in str(note) for note in log.quality.notes)


def test_days_and_months_that_a_spreadsheet_swapped_are_named():
    half = ["2025-05-01 00:00:00", "25/01/2025", "2025-07-02 00:00:00", "28/02/2025"]
    assert [note.id for note in read(*half).notes] == ["days_swapped"]
    assert not read(*half, "2025-05-30 00:00:00").notes and not read(*half, "5/3/2025").notes
