from datetime import datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2c.prepare.times import parse_times
from l2c.prepare.values import flags, fractions, numbers
from l2c.words.errors import AmbiguousDates, BadTimeZone


def times(*texts, **options):
    return parse_times(pl.Series(list(texts), dtype=pl.String), where="log.csv, column When", **options)


@pytest.mark.parametrize(
    ("text", "expected", "precision"),
    [
        ("2024-02-08 09:04:05", datetime(2024, 2, 8, 9, 4, 5), "second"),
        ("2024-02-08T09:04:05Z", datetime(2024, 2, 8, 9, 4, 5), "second"),
        ("2024-02-08T09:04:05.250+09:00", datetime(2024, 2, 8, 0, 4, 5, 250_000), "second"),
        ("2024-02-08T09:04:05+0900", datetime(2024, 2, 8, 0, 4, 5), "second"),
        ("2024-02-08", datetime(2024, 2, 8), "day"),
        ("2024/02/08 0:04", datetime(2024, 2, 8, 0, 4), "minute"),
        ("2/28/2024, 12:04 AM", datetime(2024, 2, 28, 0, 4), "minute"),
        ("28/2/2024 12:04 PM", datetime(2024, 2, 28, 12, 4), "minute"),
        ("08.02.2024", datetime(2024, 2, 8), "day"),
        ("08.02.24 13:05", datetime(2024, 2, 8, 13, 5), "minute"),
        ("08-Feb-2024", datetime(2024, 2, 8), "day"),
        ("Feb 8, 2024 1:05:06 PM", datetime(2024, 2, 8, 13, 5, 6), "second"),
        ("Thursday, 8 February 2024", datetime(2024, 2, 8), "day"),
        ("2024年2月8日 13時05分", datetime(2024, 2, 8, 13, 5), "minute"),
        ("2024年2月8日 午後1:05", datetime(2024, 2, 8, 13, 5), "minute"),
        ("2024年2月8日(木)", datetime(2024, 2, 8), "day"),
        ("令和6年11月23日", datetime(2024, 11, 23), "day"),
        ("令和元年5月1日", datetime(2019, 5, 1), "day"),
        ("R6.11.23", datetime(2024, 11, 23), "day"),
        ("H31.4.30", datetime(2019, 4, 30), "day"),
        ("２０２４／０２／０８", datetime(2024, 2, 8), "day"),
        ("45330.5", datetime(2024, 2, 8, 12), "second"),
        ("45330", datetime(2024, 2, 8), "day"),
        ("20240208", datetime(2024, 2, 8), "day"),
        ("20240208130500", datetime(2024, 2, 8, 13, 5), "second"),
        ("1707350400", datetime(2024, 2, 8), "second"),
        ("1707350400000", datetime(2024, 2, 8), "second"),
    ],
)
def test_each_form_is_read(text, expected, precision):
    found = times(text)
    assert found.time.to_list() == [expected]
    assert found.precision.to_list() == [precision]


@pytest.mark.parametrize(
    "text", ["soon", "2024-02-31", "2024-02-08 25:00", "31/31/2025", "13:05", "2024-13-01", "99999"]
)
def test_what_is_no_time_is_not_guessed(text):
    assert times(text).time.to_list() == [None]


def test_forms_may_be_mixed_in_one_column():
    found = times("2024-02-08", "8.2.2024 1:02", None, "R6.2.8", "nonsense")
    assert found.time.to_list() == [datetime(2024, 2, 8), datetime(2024, 2, 8, 1, 2), None, datetime(2024, 2, 8), None]


def test_one_value_above_twelve_decides_for_the_column():
    assert times("1/2/2025", "13/2/2025").time[0] == datetime(2025, 2, 1)
    assert times("1/2/2025", "2/13/2025").time[0] == datetime(2025, 1, 2)
    # Both readings agree, so nothing has to be decided.
    assert times("5/5/2025").time[0] == datetime(2025, 5, 5)


def test_undecidable_columns_are_refused_and_the_option_settles_them():
    with pytest.raises(AmbiguousDates, match="1/2/2025"):
        times("1/2/2025")
    with pytest.raises(AmbiguousDates, match=r"13/2/2025.*2/13/2025"):
        times("13/2/2025", "2/13/2025")
    assert times("1/2/2025", date_format="dmy").time[0] == datetime(2025, 2, 1)
    assert times("1/2/2025", date_format="%m/%d/%Y").time[0] == datetime(2025, 1, 2)
    # What the chosen form cannot read is unreadable, not turned round.
    assert times("13/2/2025", "2/13/2025", date_format="dmy").time.to_list() == [datetime(2025, 2, 13), None]


def test_wall_clock_times_follow_their_zone_through_the_year():
    found = times("2024-01-15 12:00:00", "2024-07-15 12:00:00", "2024-07-15", timezone="Europe/Berlin")
    # A date without a time has no zone and keeps its day.
    assert found.time.to_list() == [datetime(2024, 1, 15, 11), datetime(2024, 7, 15, 10), datetime(2024, 7, 15)]


def test_hours_that_a_clock_change_skips_or_repeats():
    # 02:30 does not exist on 31 March 2024; 02:30 comes twice on 27 October, and the first is meant.
    found = times("2024-03-31 02:30:00", "2024-10-27 02:30:00", timezone="Europe/Berlin")
    assert found.time.to_list() == [datetime(2024, 3, 31, 1, 30), datetime(2024, 10, 27, 0, 30)]


def test_a_zone_that_does_not_exist_is_named():
    with pytest.raises(BadTimeZone, match="Tokio"):
        times("2024-01-01", timezone="Asia/Tokio")


FORMS = [
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%d.%m.%Y %H:%M:%S",
    "%d-%b-%Y %H:%M:%S",
    "%Y年%m月%d日 %H時%M分%S秒",
]


@given(
    st.lists(st.tuples(st.datetimes(datetime(1971, 1, 1), datetime(2060, 1, 1)), st.sampled_from(FORMS)), max_size=20)
)
def test_every_time_written_in_any_form_is_read_back(written):
    moments = [moment.replace(microsecond=0) for moment, _ in written]
    texts = [moment.strftime(form) for moment, (_, form) in zip(moments, written, strict=True)]
    assert times(*texts).time.to_list() == moments


@pytest.mark.parametrize(
    ("texts", "expected", "currencies"),
    [
        (["USD 58,403.59", "$342.09K"], [58403.59, 342090], ["USD", "USD"]),
        (["￥197,920", "¥1,200", "12万円", "1.5億円"], [197920, 1200, 120000, 150_000_000], ["JPY"] * 4),
        (["1.234,56 €", "1.000 €"], [1234.56, 1000], ["EUR", "EUR"]),
        (["1,234.56", "1,000"], [1234.56, 1000], [None, None]),
        (["(500)", "-3.5", "7-"], [-500, -3.5, -7], [None] * 3),
        (["１２３", "1 234,5"], [123, 1234.5], [None, None]),
    ],
)
def test_amounts_in_the_forms_of_many_countries(texts, expected, currencies):
    found = numbers(pl.Series(texts))
    assert found.numbers.to_list() == pytest.approx(expected)
    assert found.currencies.to_list() == currencies
    assert not found.unread.any()


def test_what_is_no_number_is_counted_as_unread():
    found = numbers(pl.Series(["5", "many", None, "-"]))
    assert found.numbers.to_list() == [5, None, None, None]
    assert found.unread.to_list() == [False, True, False, False]


def test_percent_or_fraction_is_decided_over_the_column():
    assert fractions(pl.Series(["15%", "5 ％"])).numbers.to_list() == [0.15, 0.05]
    assert fractions(pl.Series(["15", "5"])).numbers.to_list() == [0.15, 0.05]
    assert fractions(pl.Series(["0.15", "0.05"])).numbers.to_list() == [0.15, 0.05]
    assert fractions(pl.Series(["15%", "0.05"])).numbers.to_list() == [0.15, 0.05]
    mixed = fractions(pl.Series(["15", "0.5"]))
    assert mixed.numbers.to_list() == [0.15, 0.005]
    assert "below one percent" in str(mixed.notes[0])


def test_yes_and_no_in_both_languages():
    read, unread = flags(pl.Series(["TRUE", "はい", "1", "no", "いいえ", "0", "perhaps", None]))
    assert read.to_list() == [True, True, True, False, False, False, None, None]
    assert unread.to_list() == [False] * 6 + [True, False]
