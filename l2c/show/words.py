"""How does a number, a duration, a sum of money or a phrase read, in English and in Japanese?

Result tables hold plain numbers: days, fractions, the log's currency. This is the only place that turns them into text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from l2c.words import vocabulary
from l2c.words.errors import L2CError, UnknownName, closest
from l2c.words.errors_ja import ERRORS
from l2c.words.notes import Note
from l2c.words.phrases import PHRASES

LANGUAGES = ("en", "ja")
MISSING = "–"
MINUS = "−"
DAYS_IN_MONTH = 30.4375
# From here on, months say more than days.
DAYS_LIMIT = 120

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
_TIME = {
    "min": (" min", "分"),
    "hour": (" h", "時間"),
    "day": (" d", "日"),
    "month": (" mo", "か月"),
}


def language(lang: str) -> str:
    """Return `lang` if the kit speaks it.

    Raises
    ------
    UnknownName
        For any other language than en and ja.
    """
    if lang not in LANGUAGES:
        raise UnknownName.metric(lang, LANGUAGES)
    return lang


def say(phrase: str, lang: str = "en", **values: object) -> str:
    """Fill a phrase of the interface: its English or Japanese wording with the values (already formatted) put in.

    Of a choice such as `{n} [n?row is|rows are]` the first form is taken where that value is 1.
    """
    wording = PHRASES[phrase][LANGUAGES.index(language(lang))]
    return _CHOICE.sub(lambda found: found[2 if str(values[found[1]]) == "1" else 3], wording).format(**values)


_CHOICE = re.compile(r"\[(\w+)\?([^|\]]*)\|([^\]]*)\]")


def note(remark: Note | str, lang: str = "en") -> str:
    """A remark of the reader or of a measure in the reader's language; plain text stays as it is."""
    return remark.said(language(lang)) if isinstance(remark, Note) else remark


def error(problem: L2CError, lang: str = "en") -> str:
    """What went wrong, in the reader's language; an error that has no wording there stays as it is."""
    wording = ERRORS.get(problem.made_by) if language(lang) == "ja" else None
    if wording is None:
        return str(problem)
    values = {name: _told(value) for name, value in problem.made_of.items()}
    known = problem.made_of.get("known")
    if isinstance(known, Iterable):
        wanted = problem.made_of.get("value") if problem.made_by == "UnknownName.value" else problem.made_of.get("name")
        values["closest"] = closest(str(wanted), map(str, known))
    return wording.format(**values)


def _told(given: object) -> str:
    """A value of an error: lists with commas, filters as they are written, long texts cut."""
    if isinstance(given, dict):
        return "、".join(f"{key}={each}" for key, each in given.items())
    if isinstance(given, Iterable) and not isinstance(given, str):
        return "、".join(map(str, given))
    if isinstance(given, float):
        return f"{given:g}"
    return MISSING if given is None else f"{given:,}" if isinstance(given, int) else str(given).splitlines()[0][:300]


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


def percent(value: Any, *, decimals: int = 1) -> str:
    """Write a fraction as percent: 0.311 is `31.1 %`; what is too small for that, but not nothing, is `<0.1 %`."""
    if is_missing(value):
        return MISSING
    least = 10.0**-decimals
    if 0 < abs(float(value)) * 100 < least / 2:
        return f"<{least:.{decimals}f} %"
    return number(float(value) * 100, decimals=decimals) + " %"


def days(value: Any, lang: str = "en") -> str:
    """Write a duration given in days in the unit a person would use: `12 min`, `19 h`, `12.3 d`, `4.2 mo`."""
    amount, unit = _time(value)
    if unit is None:
        return MISSING
    return amount + _TIME[unit][LANGUAGES.index(language(lang))]


def case_days(value: Any, lang: str = "en") -> str:
    """Write days summed over many cases, where months would mislead: `52,000 d`."""
    if is_missing(value) or abs(float(value)) < DAYS_LIMIT:
        return days(value, lang) if not is_missing(value) else MISSING
    return number(value) + _TIME["day"][LANGUAGES.index(language(lang))]


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
        `day`, `fraction`, `money`, `money_per_day`, `count`, `case`, `event`, … ; anything else is a plain number.
    lang, currency
        Language of the text, currency of the log.
    """
    if is_missing(amount):
        return MISSING
    match unit:
        case "day" | "days":
            return days(amount, lang)
        case "case_day":
            return case_days(amount, lang)
        case "fraction" | "share" | "rate":
            return percent(amount)
        case "money" | "currency":
            return money(amount, currency, lang)
        case "money_per_day" | "money/day" | "currency_per_day" | "currency/day":
            return say("per_day", lang, amount=money(amount, currency, lang))
    whole = float(amount) == round(float(amount)) or abs(float(amount)) >= 1000
    return number(amount, decimals=0 if whole else 2 if abs(float(amount)) < 10 else 1)


def interval(low: Any, high: Any, unit: str | None, *, lang: str = "en", currency: str | None = None) -> str:
    """Write the two ends of an interval, `10.2 – 14.1 d`; where one end is not known, `≥ 10.2 d`."""
    if is_missing(low) and is_missing(high):
        return MISSING
    ends = [value(x, unit, lang=lang, currency=currency) for x in (low, high)]
    if is_missing(high):
        return f"≥ {ends[0]}"
    if is_missing(low):
        return f"≤ {ends[1]}"
    same = [_UNIT.search(end) for end in ends]
    if ends[0][:1].isdecimal() and same[0] and same[1] and same[0].group() == same[1].group():
        ends[0] = ends[0][: same[0].start()]
    return f"{ends[0]} {MISSING} {ends[1]}".strip()


def condition(word: str, text: str, lang: str = "en") -> str:
    """Say a filter in force, as `EventLog.filters` has it, in a few words: `Region: EMEA`, `with Quote Sent`."""
    parts = [part.strip() for part in re.split(r" … | > ", text)]
    names = [vocabulary.label(part, lang) for part in (parts if word in _OF_STEPS else text.split(", "))]
    if word == "slower" and len(parts) > 2:
        return say("chip.slower", lang, step=" → ".join(names[:-1]), days=f"{parts[-1]}{_TIME['day'][lang == 'ja']}")
    if f"chip.{word}" in PHRASES and word != "slower":
        listed = " → ".join(names) if word in _OF_STEPS else ", ".join(names)
        return say(f"chip.{word}", lang, step=listed, activity=listed, value=text)
    if word == "outcome":
        said = [say(f"outcome.{part}", lang) if f"outcome.{part}" in PHRASES else part for part in text.split(", ")]
        return f"{say('filters.outcome', lang)}: {', '.join(said)}"
    flags = {"True": say("yes", lang), "False": say("no", lang), "(missing)": say("filters.missing", lang)}
    return f"{vocabulary.label(word, lang)}: {', '.join(flags.get(part, part) for part in text.split(', '))}"


_OF_STEPS = ("follows", "not_follows", "eventually", "slower")


def compared(row: Mapping[Any, Any], lang: str = "en") -> str:
    """Name a figure of `monitor.compare`: a duration is a mean within the time both sides were seen, and says so."""
    known = vocabulary.label(str(row["kpi"]), lang)
    if row["unit"] != "day" or is_missing(row["horizon_days"]):
        return known
    return say("compare.mean", lang, kpi=known, horizon=days(row["horizon_days"], lang))


def month(when: datetime | date, lang: str = "en") -> str:
    """Write a month: `Mar 2025`, `2025年3月`."""
    return f"{when.year}年{when.month}月" if language(lang) == "ja" else f"{_MONTHS[when.month - 1]} {when.year}"


def quarter(when: datetime | date, lang: str = "en") -> str:
    """Write a quarter by one of its days: `Q1 2025`; `2025年1～3月`, because a Japanese first quarter begins in April."""
    first = (when.month - 1) // 3 * 3 + 1
    return f"{when.year}年{first}～{first + 2}月" if language(lang) == "ja" else f"Q{first // 3 + 1} {when.year}"


def day(when: datetime | date, lang: str = "en") -> str:
    """Write a day: `5 Mar 2025`, `2025年3月5日`."""
    return f"{month(when, lang)}{when.day}日" if language(lang) == "ja" else f"{when.day} {month(when, lang)}"


def moment(when: datetime) -> str:
    """Write a time to the minute, the same in both languages: `2025-03-05 14:30`."""
    return MISSING if is_missing(when) else f"{when:%Y-%m-%d %H:%M}"


def time_scale(longest_days: float, lang: str = "en") -> tuple[float, str]:
    """Choose the unit of a time axis: how many of it make a day, and its name (`days`, `時間`)."""
    if longest_days < 3:
        return 24.0, say("axis.hours", lang)
    if longest_days > 900:
        return 1 / DAYS_IN_MONTH, say("axis.months", lang)
    return 1.0, say("axis.days", lang)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


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
