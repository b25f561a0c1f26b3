"""How does a number, a share, a duration or a sum of money read, in English and in Japanese?

Result tables hold plain numbers: days, fractions, the log's currency. This is the only place that turns them into text.
"""

from __future__ import annotations

import math
import re
from typing import Any

from l2c.words.days import day_hours
from l2c.words.phrases import LANGUAGES, language, say

MISSING = "–"
MINUS = "−"
DAYS_IN_MONTH = 30.4375
# From here on, months say more than days.
DAYS_LIMIT = 120
# Hours of a working day where a number is shown without its log.
USUAL_DAY = 8.0

_SIGNS = {"USD": "$", "JPY": "¥", "EUR": "€", "GBP": "£", "KRW": "₩", "INR": "₹"}
_MONEY_JA = {
    "JPY": "円",
    "USD": "ドル",
    "EUR": "ユーロ",
    "GBP": "ポンド",
    "KRW": "ウォン",
    "INR": "ルピー",
    "CNY": "元",
}
_SCALES_EN = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))
_SCALES_JA = ((1e12, "兆"), (1e8, "億"), (1e4, "万"))
_UNIT = re.compile(r"(?<=\d)[^\d.,]+$")
TIME = {
    "min": (" min", "分"),
    "hour": (" h", "時間"),
    "day": (" d", "日"),
    "month": (" mo", "か月"),
}


def is_missing(value: Any) -> bool:
    """Tell whether a cell holds no number: None, NaN, NaT, NA or an infinity."""
    if value is None:
        return True
    if isinstance(value, (str, bytes, tuple, list, dict, set)):
        return False
    try:
        return bool(value != value) or math.isinf(value)
    except (TypeError, ValueError):
        # pandas.NA answers no question with yes or no; a date is never infinite.
        return type(value).__name__ == "NAType"


def number(value: Any, *, decimals: int = 0) -> str:
    """Write a plain number with thousands separators: 1,234 or 1,234.5."""
    if is_missing(value):
        return MISSING
    return _signed(float(value), f"{abs(float(value)):,.{decimals}f}")


def count(value: Any, unit: str = "case", lang: str = "en") -> str:
    """Write how many of something there are: `1 case`, `1,234 cases`, `1,234件`; units: case, event, row, variant."""
    if is_missing(value):
        return MISSING
    form = "one" if abs(float(value)) == 1 else "many"
    return say(f"count.{unit}.{form}", lang, n=number(value))


def percent(value: Any, lang: str = "en", *, decimals: int = 1) -> str:
    """Write a fraction as percent: 0.311 is `31.1 %`, in Japanese `31.1%`; what is too small for that is `<0.1 %`."""
    sign = "%" if language(lang) == "ja" else " %"
    if is_missing(value):
        return MISSING
    least = 10.0**-decimals
    if 0 < abs(float(value)) * 100 < least / 2:
        return f"<{least:.{decimals}f}{sign}"
    return number(float(value) * 100, decimals=decimals) + sign


def days(value: Any, lang: str = "en") -> str:
    """Write a duration given in days in the unit a person would use: `12 min`, `19 h`, `12.3 d`, `4.2 mo`.

    Where working days are shown (`show.hours`): `1 working h`, `2.5 working days`.
    """
    hours = day_hours()
    return _calendar_days(value, lang) if hours is None else _working_days(value, hours, lang)


def _calendar_days(value: Any, lang: str) -> str:
    amount, unit = _time(value)
    if unit is None:
        return MISSING
    return amount + TIME[unit][LANGUAGES.index(language(lang))]


def case_days(value: Any, lang: str = "en") -> str:
    """Write days summed over many cases, where months would mislead: `52,000 d`."""
    if is_missing(value):
        return MISSING
    if day_hours() is not None:
        return say("working.days", lang, n=number(value)) if abs(float(value)) >= DAYS_LIMIT else days(value, lang)
    if abs(float(value)) < DAYS_LIMIT:
        return days(value, lang)
    return number(value) + TIME["day"][LANGUAGES.index(language(lang))]


def money(value: Any, currency: str | None = None, lang: str = "en") -> str:
    """Write a sum of money short enough for a card: `$1.2M`, `¥950`, in Japanese `120万円`, `1.2億円`."""
    if is_missing(value):
        return MISSING
    short = _scaled(abs(float(value)), _SCALES_JA if language(lang) == "ja" else _SCALES_EN)
    code = currency or ""
    if lang == "ja":
        text = short + _MONEY_JA[code] if code in _MONEY_JA else f"{code} {short}".strip()
    else:
        text = _SIGNS[code] + short if code in _SIGNS else f"{code} {short}".strip()
    return _signed(float(value), text)


def value(amount: Any, unit: str | None, *, lang: str = "en", currency: str | None = None) -> str:
    """Write an amount in its unit.

    Parameters
    ----------
    amount
        A number as result tables hold it.
    unit
        `day` (of the calendar, or working days where these are shown), `working_day`, `calendar_day`, `fraction`, `money`, `money_per_day`, `count`, `case`, `event`, … ; anything else is a plain number.
    lang, currency
        Language of the text, currency of the log.
    """
    if is_missing(amount):
        return MISSING
    match unit:
        case "day" | "days":
            return days(amount, lang)
        case "working_day":
            return _working_days(amount, day_hours() or USUAL_DAY, lang)
        case "calendar_day":
            return _calendar_days(amount, lang)
        case "case_day":
            return case_days(amount, lang)
        case "fraction" | "share" | "rate":
            return percent(amount, lang)
        case "percent":
            return percent(float(amount) / 100, lang)
        case "money" | "currency":
            return money(amount, currency, lang)
        case "money_per_day" | "money/day" | "currency_per_day" | "currency/day":
            per = "per_day" if day_hours() is None else "per_working_day"
            return say(per, lang, amount=money(amount, currency, lang))
        case "money_per_working_day":
            return say("per_working_day", lang, amount=money(amount, currency, lang))
    whole = float(amount) == round(float(amount)) or abs(float(amount)) >= 1000
    return number(amount, decimals=0 if whole else 2 if abs(float(amount)) < 10 else 1)


def interval(low: Any, high: Any, unit: str | None, *, lang: str = "en", currency: str | None = None) -> str:
    """Write the two ends of an interval, `10.2 – 14.1 d`, in Japanese `10.2～14.1日`; where one is not known, `≥ 10.2 d`."""
    if is_missing(low) and is_missing(high):
        return MISSING
    ends = [value(x, unit, lang=lang, currency=currency) for x in (low, high)]
    if is_missing(high):
        return f"{ends[0]}以上" if lang == "ja" else f"≥ {ends[0]}"
    if is_missing(low):
        return f"{ends[1]}以下" if lang == "ja" else f"≤ {ends[1]}"
    same = [_UNIT.search(end) for end in ends]
    if ends[0][:1].isdecimal() and same[0] and same[1] and same[0].group() == same[1].group():
        ends[0] = ends[0][: same[0].start()]
    return to(ends[0], ends[1], lang)


def to(low: str, high: str, lang: str = "en") -> str:
    """Write what lies between two texts: `34.4 – 39.8`, `34.4～39.8`."""
    return f"{low}～{high}" if language(lang) == "ja" else f"{low} {MISSING} {high}"


def half(days: Any, low: Any, high: Any, *, lang: str = "en") -> str:
    """Write by when half are there: a number of days or, where that hangs on the open ones, between what it lies."""
    if is_missing(low) and is_missing(high):
        return value(days, "day", lang=lang)
    return interval(low, high, "day", lang=lang)


def _working_days(value: Any, hours: float, lang: str) -> str:
    """Working time: under a working day in hours, with a decimal where there are few; never in months."""
    if is_missing(value):
        return MISSING
    size = abs(float(value))
    if 0 < size * hours < 59.5 / 60:
        text = "<1" if size * hours * 60 < 0.5 else f"{size * hours * 60:.0f}"
        return say("working.minutes", lang, n=_signed(float(value), text))
    if size > 0 and size * hours < hours - 0.5:
        text = f"{size * hours:.1f}".removesuffix(".0") if size * hours < 9.95 else f"{size * hours:.0f}"
        return say("working.hours", lang, n=_signed(float(value), text))
    return say("working.days", lang, n=_signed(float(value), _short(size)))


def _time(value: Any) -> tuple[str, str | None]:
    # Each unit is left when its rounded figure would reach the next one: 23.7 hours read `1 d`, not `24 h`.
    if is_missing(value):
        return "", None
    size = abs(float(value))
    if size == 0:
        return "0", "day"
    if size * 24 * 60 < 0.5:
        return "<1", "min"
    if size * 24 * 60 < 59.5:
        return _signed(float(value), f"{size * 24 * 60:.0f}"), "min"
    if size * 24 < 23.5:
        return _signed(float(value), f"{size * 24:.0f}"), "hour"
    if size < DAYS_LIMIT:
        return _signed(float(value), _short(size)), "day"
    return _signed(float(value), _short(size / DAYS_IN_MONTH)), "month"


def _scaled(size: float, scales: tuple[tuple[float, str], ...]) -> str:
    for step, name in scales:
        # The next scale starts where rounding would write 1,000 of the lower one.
        if size >= step * 0.9995 and size >= 1000:
            return _short(size / step) + name
    return f"{size:,.0f}"


def _short(size: float) -> str:
    """One decimal below a hundred, none above, and never a bare `.0`."""
    return f"{size:,.0f}" if size >= 99.95 else f"{size:.1f}".removesuffix(".0")


def _signed(value: float, text: str) -> str:
    zero = not any(digit in text for digit in "123456789")
    return MINUS + text if value < 0 and not zero else text
