"""Numbers, durations, money and phrases as people read them."""

import math
import string

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import l2c
from l2c.show import numbers
from l2c.words import notes
from l2c.words.errors import L2CError
from l2c.words.phrases import PHRASES


@pytest.mark.parametrize(
    ("days", "english", "japanese"),
    [
        (0, "0 d", "0日"),
        (0.0001, "<1 min", "<1分"),  # 8.64 seconds
        (0.01, "14 min", "14分"),  # 0.01 × 1,440 = 14.4 minutes
        (0.8, "19 h", "19時間"),  # 19.2 hours
        (0.99, "1 d", "1日"),  # 23.76 hours round to 24, which is a day
        (12.34, "12.3 d", "12.3日"),
        (33.0, "33 d", "33日"),
        (119.9, "120 d", "120日"),  # no decimals from a hundred on
        (127.8, "4.2 mo", "4.2か月"),  # 127.8 / 30.4375 = 4.199
        (-3.2, "−3.2 d", "−3.2日"),
        (float("nan"), "–", "–"),
        (None, "–", "–"),
        (pd.NA, "–", "–"),
    ],
)
def test_a_duration_reads_in_the_unit_a_person_would_use(days, english, japanese):
    assert numbers.days(days) == english
    assert numbers.days(days, "ja") == japanese


@pytest.mark.parametrize(
    ("amount", "currency", "english", "japanese"),
    [
        (1_234_567, "USD", "$1.2M", "123万ドル"),
        (1_200_000, "JPY", "¥1.2M", "120万円"),
        (120_000_000, "JPY", "¥120M", "1.2億円"),
        (950, "JPY", "¥950", "950円"),
        (999_999, "USD", "$1M", "100万ドル"),  # never $1,000K
        (58_403.59, "EUR", "€58.4K", "5.8万ユーロ"),
        (-2_500, "USD", "−$2.5K", "−2,500ドル"),
        (1_500, "CHF", "CHF 1.5K", "CHF 1,500"),
        (1_500, None, "1.5K", "1,500"),
        (float("nan"), "USD", "–", "–"),
    ],
)
def test_money_is_short_and_carries_its_currency(amount, currency, english, japanese):
    assert numbers.money(amount, currency) == english
    assert numbers.money(amount, currency, "ja") == japanese


@pytest.mark.parametrize(
    ("fraction", "text"),
    [(0.311, "31.1 %"), (1, "100.0 %"), (0, "0.0 %"), (0.0002, "<0.1 %"), (-0.05, "−5.0 %"), (math.nan, "–")],
)
def test_a_fraction_reads_as_percent_and_a_trace_is_not_nothing(fraction, text):
    assert numbers.percent(fraction) == text
    assert numbers.percent(fraction, "ja") == text.replace(" ", "")


def test_one_case_is_singular():
    assert [numbers.count(n) for n in (0, 1, 1234)] == ["0 cases", "1 case", "1,234 cases"]
    assert numbers.count(1234, "case", "ja") == "1,234件"


def test_the_unit_of_a_row_decides_how_its_value_reads():
    assert numbers.value(0.42, "fraction") == "42.0 %"
    assert numbers.value(0.42, "day") == "10 h"  # 10.08 hours
    assert numbers.value(41_234, "money_per_day", currency="USD") == "$41.2K a day"
    assert numbers.value(214, "count") == "214"
    assert numbers.value(2.345, None) == "2.35"


def test_an_interval_with_an_unknown_end_stays_open():
    assert numbers.interval(10.2, 14.1, "day") == "10.2 – 14.1 d"
    assert numbers.interval(0.8, 14.1, "day", lang="ja") == "19時間～14.1日"
    assert numbers.interval(1.2e6, 1.4e6, "money", currency="USD") == "$1.2M – $1.4M"
    assert numbers.interval(10.2, math.nan, "day") == "≥ 10.2 d"
    assert numbers.interval(math.nan, 10.2, "day") == "≤ 10.2 d"
    assert numbers.interval(10.2, 14.1, "day", lang="ja") == "10.2～14.1日"
    assert numbers.interval(10.2, math.nan, "day", lang="ja") == "10.2日以上"
    assert numbers.interval(math.nan, math.nan, "day") == "–"


@given(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from(["en", "ja"]))
def test_any_number_can_be_written_in_any_unit(number, lang):
    for unit in ("day", "fraction", "money", "money_per_day", "count", None):
        text = numbers.value(number, unit, lang=lang, currency="JPY")
        assert text
        assert "nan" not in text and "inf" not in text


@given(st.floats(min_value=1e-3, max_value=1e4))
def test_a_written_duration_is_as_near_the_truth_as_its_rounding(days):
    # Hours and minutes are rounded to whole ones, days and months to a tenth, or to whole ones from a hundred on.
    amount, unit = numbers.days(days).replace(",", "").split()
    size = {"min": 1 / 1440, "h": 1 / 24, "d": 1, "mo": numbers.DAYS_IN_MONTH}[unit]
    rounding = {"min": 0.5, "h": 0.5, "d": 0.051 if days < 99.95 else 0.501, "mo": 0.501}[unit]
    assert abs(float(amount) * size - days) <= rounding * size * 1.001


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("phrase", sorted(PHRASES))
def test_a_phrase_says_the_same_things_in_both_languages(phrase):
    english, japanese = PHRASES[phrase]
    assert english.strip() and japanese.strip()
    assert _fields(english) == _fields(japanese)


def test_a_language_the_kit_does_not_speak_is_refused_by_name():
    with pytest.raises(L2CError, match="'fr' is not one of: en, ja"):
        numbers.days(1, "fr")


def test_what_the_reader_says_of_an_org_is_known_in_japanese():
    lead = pl.DataFrame({"Id": ["00QA", "00QB"], "CreatedDate": ["2025-01-01T09:00:00Z", "2025-01-02T09:00:00Z"]})
    told = {
        "LeadId": "00QA",
        "Field": "Status",
        "OldValue": "Neu",
        "NewValue": "Alt",
        "CreatedDate": "2025-01-03T09:00:00Z",
    }
    tables = {
        "Lead": lead,
        "LeadHistory": pl.DataFrame([{"Id": "017A", **told}]),
        "Task": pl.DataFrame({"Id": ["00TA"], "WhoId": ["00QA"], "CreatedDate": ["2025-01-03T09:00:00Z"]}),
        "Invoice": pl.DataFrame({"Id": []}, schema={"Id": pl.String}),
        "Parrot": pl.DataFrame({"Id": ["x"]}),
    }
    said = l2c.read(tables).quality.notes
    assert len(said) >= 6
    for note in said:
        assert notes.note(note, "ja") != str(note), note
