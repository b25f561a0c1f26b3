"""What is wrong with a working calendar, and where one is missing."""

from __future__ import annotations

from collections.abc import Iterable

from l2c.words.errors.base import L2CError, closest, way


class BadCalendar(L2CError):
    """A working calendar that cannot be read, or makes no sense."""

    @way("{path} を営業カレンダーとして読めません：{error}。例は docs/calendar.md にあります。")
    def unreadable(cls, path: object, error: object) -> str:
        return f"{path} cannot be read as a working calendar: {str(error).splitlines()[0]}. docs/calendar.md shows one."

    @way("カレンダーの {where} に {name} は使えません。近いもの：{closest}。")
    def key(cls, where: str, name: str, known: Iterable[str]) -> str:
        return f"The calendar says {name!r} under {where}, which means nothing there. Closest: {closest(name, known)}."

    @way(
        "カレンダーの {where}：{text} は時間帯ではありません。9:00-17:00 や 9:00-12:00, 13:00-18:00 のように書いてください。"
    )
    def hours(cls, where: str, text: object) -> str:
        return f"The calendar says {text!r} under {where}, which are no hours. Write 9:00-17:00, or 9:00-12:00, 13:00-18:00."

    @way(
        "カレンダーの {where}：{text} は始まる前に終わります。夜勤は、その日の 22:00-24:00 と翌日の 0:00-6:00 に分けて書いてください。"
    )
    def overnight(cls, where: str, text: str) -> str:
        return (
            f"The hours {text} under {where} of the calendar end before they begin. Write a night shift as 22:00-24:00 of "
            "one day and 0:00-6:00 of the next."
        )

    @way("カレンダーに営業時間がありません。hours: の下に weekdays: 9:00-17:00 のように書いてください。")
    def no_hours(cls) -> str:
        return "The calendar has no working hours. Write them under hours, such as weekdays: 9:00-17:00."

    @way("カレンダーの {where}：{text} は日付ではありません。2025-12-31 のように書いてください。")
    def date(cls, where: str, text: object) -> str:
        return f"The calendar says {text!r} under {where}, which is no date. Write it such as 2025-12-31."

    @way("祝日を調べられる国に {name} はありません。近いもの：{closest}。JP、US、DE のように書いてください。")
    def country(cls, name: str, known: Iterable[str]) -> str:
        return f"No holidays are known of {name!r}. Closest: {closest(name, known)}. Countries are named like JP, US or DE."

    @way("{country} に {name} という地域の祝日はありません。近いもの：{closest}。")
    def part(cls, country: str, name: str, known: Iterable[str]) -> str:
        return f"{country} has no holidays of a part called {name!r}. Closest: {closest(name, known)}."

    @way("カレンダーの day_hours={text} は時間数ではありません。8 のように0より大きく24以下の数を書いてください。")
    def day_hours(cls, text: object) -> str:
        return (
            f"day_hours of the calendar is {text!r}. Say how many hours a working day has, more than 0 and at most 24."
        )

    @way("カレンダーの {where} は {found} ですが、{wanted} が必要です。")
    def form(cls, where: str, found: object, wanted: str) -> str:
        return f"The calendar has {found!r} under {where}, where {wanted} should stand."


class NoCalendar(L2CError):
    """Working time asked of a log that has no calendar."""

    @way(
        "このログには営業カレンダーがありません。l2c.read(..., calendar='calendar.yaml') か log.with_calendar('calendar.yaml') で指定してください。"
    )
    def of_log(cls) -> str:
        return (
            "Working time needs a calendar, and this log has none. Give it one: l2c.read(..., calendar='calendar.yaml'), or "
            "log.with_calendar('calendar.yaml')."
        )

    @way("hours={said} は使えません。'calendar' か 'working' を指定してください。")
    def hours(cls, said: object) -> str:
        return f"hours={said!r} is neither 'calendar' nor 'working'."

    @way(
        "ルール {rule} は営業時間で数えますが、このログには営業カレンダーがありません。log.with_calendar('calendar.yaml') で指定してください。"
    )
    def of_rule(cls, rule: str) -> str:
        return f"Rule {rule} counts in working time, and the log has no calendar. Give it one: log.with_calendar('calendar.yaml')."
