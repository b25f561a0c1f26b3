"""How does a month, a quarter, a day or a moment read, in English and in Japanese?"""

from __future__ import annotations

from datetime import date, datetime

from l2c.show.numbers import DAYS_IN_MONTH, MISSING, is_missing
from l2c.words.days import day_hours
from l2c.words.phrases import language, say


def month(when: datetime | date, lang: str = "en") -> str:
    """Write a month: `Mar 2025`, `2025年3月`."""
    return f"{when.year}年{when.month}月" if language(lang) == "ja" else f"{_MONTHS[when.month - 1]} {when.year}"


def quarter(when: datetime | date, lang: str = "en") -> str:
    """Write a quarter by one of its days: `Q1 2025`; `2025年1～3月`, because a Japanese first quarter begins in April."""
    first = (when.month - 1) // 3 * 3 + 1
    if when.month != first and when.day == 1:
        # A quarter of a fiscal year that no quarter of the calendar is.
        last = (when.month + 1) % 12 + 1
        if language(lang) == "ja":
            return f"{when.year}年{when.month}～{last}月"
        return f"{_MONTHS[when.month - 1]}–{_MONTHS[last - 1]} {when.year}"
    return f"{when.year}年{first}～{first + 2}月" if language(lang) == "ja" else f"Q{first // 3 + 1} {when.year}"


def day(when: datetime | date, lang: str = "en") -> str:
    """Write a day: `5 Mar 2025`, `2025年3月5日`."""
    return f"{month(when, lang)}{when.day}日" if language(lang) == "ja" else f"{when.day} {month(when, lang)}"


def moment(when: datetime) -> str:
    """Write a time to the minute, the same in both languages: `2025-03-05 14:30`."""
    return MISSING if is_missing(when) else f"{when:%Y-%m-%d %H:%M}"


def time_scale(longest_days: float, lang: str = "en") -> tuple[float, str]:
    """Choose the unit of a time axis: how many of it make a day, and its name (`days`, `時間`)."""
    hours = day_hours()
    if hours is not None:
        return (hours, say("axis.working_hours", lang)) if longest_days < 3 else (1.0, say("axis.working_days", lang))
    if longest_days < 3:
        return 24.0, say("axis.hours", lang)
    if longest_days > 900:
        return 1 / DAYS_IN_MONTH, say("axis.months", lang)
    return 1.0, say("axis.days", lang)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
