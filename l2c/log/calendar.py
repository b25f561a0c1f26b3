"""When does the business work? Hours of the week, breaks and holidays, for all or by region."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import available_timezones

from l2c.words.errors import BadCalendar, BadTimeZone, MissingExtra

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
GROUPS = {"weekdays": DAYS[:5], "weekend": DAYS[5:], "every_day": DAYS}
CLOSED = {"", "closed", "off", "none", "no", "false", "休み", "定休"}
KEYS = ("version", "zone", "hours", "breaks", "holidays", "day_hours", "by", "regions")
OF_REGION = ("zone", "hours", "breaks", "holidays")
OF_HOLIDAYS = ("country", "file", "dates", "working")
Spans: TypeAlias = tuple[tuple[int, int], ...]
Given: TypeAlias = "Calendar | Mapping[str, Any] | str | Path"
"""A working calendar: a YAML file, its content, or one that was read."""


@dataclass(frozen=True)
class Week:
    """The hours of a place.

    Attributes
    ----------
    hours
        Minutes of the day from which and until which is worked, for each day from Monday on.
    zone
        Where the clock hangs; that of the log where it is None.
    countries
        Whose public holidays are free, as `JP` or `DE-BY`.
    free, worked
        Further free days; days that are worked although they are holidays.
    """

    hours: tuple[Spans, ...]
    zone: str | None = None
    countries: tuple[str, ...] = ()
    free: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()

    def closed(self, years: Iterable[int]) -> frozenset[date]:
        """The days of some years on which nobody works though the week says so."""
        public = {day for country in self.countries for day in _public(country, tuple(years))}
        return frozenset((public | self.free) - self.worked)


@dataclass(frozen=True)
class Calendar:
    """The working hours of a business.

    Attributes
    ----------
    week
        The hours where nothing else is said.
    by, regions
        The case attribute that tells where a case is worked on, and the hours of the places it names.
    day_hours
        Hours that make a working day.
    """

    week: Week
    regions: Mapping[str, Week] = field(default_factory=dict)
    by: str = "region"
    day_hours: float = 8.0

    @classmethod
    def of(cls, given: Given) -> Calendar:
        """Read a calendar.

        Raises
        ------
        BadCalendar
            If it cannot be read, or says what means nothing; the message names the place and the nearest words.
        """
        if isinstance(given, Calendar):
            return given
        if isinstance(given, Mapping):
            return _calendar(_texts(given), Path())
        if not isinstance(given, (str, Path)):
            raise BadCalendar.form("calendar", type(given).__name__, "a file or a record")
        return _calendar(_file(Path(given)), Path(given).parent)

    def fixed(self, years: Iterable[int]) -> dict[str, Any]:
        """What a calendar says, as JSON holds it: the holidays of some years by their dates, so that it needs no library."""
        parts = {name: _fixed(week, tuple(years)) for name, week in self.regions.items()}
        return {**_fixed(self.week, tuple(years)), "day_hours": self.day_hours, "by": self.by, "regions": parts}

    def renamed(self, names: Mapping[str, str]) -> Calendar:
        """The same calendar, with other names for its places."""
        return replace(self, regions={names.get(name, name): week for name, week in self.regions.items()})

    def only(self, names: Collection[Any]) -> Calendar:
        """The same calendar, of some places alone; what a working day is stays that of all."""
        kept = set(map(str, names))
        return replace(self, regions={name: week for name, week in self.regions.items() if name in kept})

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> Calendar:
        """Read what `fixed` wrote."""
        regions = {str(name): _of_facts(week) for name, week in facts["regions"].items()}
        return cls(_of_facts(facts), regions, str(facts["by"]), float(facts["day_hours"]))


def _fixed(week: Week, years: tuple[int, ...]) -> dict[str, Any]:
    return {
        "hours": [[list(span) for span in day] for day in week.hours],
        "zone": week.zone,
        "free": sorted(map(str, week.closed(years))),
    }


def _of_facts(facts: Mapping[str, Any]) -> Week:
    hours = tuple(tuple((int(start), int(end)) for start, end in day) for day in facts["hours"])
    return Week(hours, facts["zone"], free=frozenset(date.fromisoformat(day) for day in facts["free"]))


def _file(path: Path) -> dict[str, Any]:
    import yaml

    try:
        # Every value as it stands in the file: `off` is no False, NO is Norway, and 9:00 no number to the base of 60.
        content = yaml.load(path.read_text("utf-8-sig"), Loader=yaml.BaseLoader)
    except OSError as error:
        raise BadCalendar.unreadable(path, error.strerror or "it may not be opened") from None
    except (yaml.YAMLError, UnicodeError) as error:
        raise BadCalendar.unreadable(path, error) from None
    if not isinstance(content, dict):
        raise BadCalendar.unreadable(path, "it has no hours")
    return content


def _texts(value: Any) -> Any:
    """What a program gave, as it would stand in a file."""
    if isinstance(value, Mapping):
        return {str(key): _texts(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_texts(each) for each in value]
    return "" if value is None or value is False else str(value)


def _calendar(said: dict[str, Any], folder: Path) -> Calendar:
    _known(said, "the calendar", KEYS)
    own = {key: said[key] for key in OF_REGION if key in said}
    if not own.get("hours"):
        raise BadCalendar.no_hours()
    week = _week(own, folder, "")
    regions = said.get("regions") or {}
    if not isinstance(regions, dict):
        raise BadCalendar.form("regions", regions, "a record by region")
    places = {}
    for name, more in regions.items():
        more = more or {}
        if not isinstance(more, dict):
            raise BadCalendar.form(f"regions › {name}", more, "a record")
        _known(more, f"regions › {name}", OF_REGION)
        # A region has the hours of all, its own holidays and zone, and whatever else it says for itself.
        places[name] = _week(own | more, folder, f"regions › {name} › ")
    return Calendar(week, places, str(said.get("by") or "region").strip(), _day_hours(said.get("day_hours"), week))


def _known(said: Mapping[str, Any], where: str, keys: Iterable[str]) -> None:
    for key in said:
        if key not in tuple(keys):
            raise BadCalendar.key(where, key, keys)


def _day_hours(text: Any, week: Week) -> float:
    """Hours of a working day: as said, else the mean of the days that are worked."""
    if text in (None, ""):
        worked = [sum(end - start for start, end in day) for day in week.hours if day]
        return sum(worked) / len(worked) / 60
    try:
        hours = float(text)
    except (TypeError, ValueError):
        hours = 0.0
    if not 0 < hours <= 24:
        raise BadCalendar.day_hours(text)
    return hours


def _week(said: Mapping[str, Any], folder: Path, above: str) -> Week:
    hours = said["hours"]
    if not isinstance(hours, dict):
        hours = {"weekdays": hours}
    _known(hours, f"{above}hours", (*GROUPS, *DAYS))
    pauses = _spans(said.get("breaks") or "", f"{above}breaks")
    days: dict[str, Spans] = dict.fromkeys(DAYS, ())
    # What is said of a single day counts before what is said of several.
    for key in sorted(hours, key=lambda key: (key in DAYS, list(GROUPS).index(key) if key in GROUPS else 0)):
        spans = _without(_spans(hours[key], f"{above}hours › {key}"), pauses)
        days |= dict.fromkeys(GROUPS.get(key, (key,)), spans)
    if not any(days.values()):
        raise BadCalendar.no_hours()
    zone = str(said.get("zone") or "").strip() or None
    if zone is not None and zone not in available_timezones():
        raise BadTimeZone.named(zone)
    return Week(
        tuple(days[day] for day in DAYS), zone, **_holidays(said.get("holidays") or {}, folder, f"{above}holidays")
    )


def _holidays(said: Any, folder: Path, where: str) -> dict[str, Any]:
    if not isinstance(said, dict):
        # `holidays: JP` and `holidays: [2025-12-31]` say what they mean.
        every = said if isinstance(said, list) else [said]
        dated = all(re.match(r"\d{4}-", str(each)) for each in every)
        said = {"dates" if dated else "country": every}
    _known(said, where, OF_HOLIDAYS)
    countries = tuple(str(each).strip().upper() for each in _listed(said.get("country")))
    for country in countries:
        _public(country, ())
    free = {_day(each, f"{where} › dates") for each in _listed(said.get("dates"))}
    for name in _listed(said.get("file")):
        free |= _dates(folder / str(name))
    worked = {_day(each, f"{where} › working") for each in _listed(said.get("working"))}
    return {"countries": countries, "free": frozenset(free), "worked": frozenset(worked)}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [each.strip() for each in str(value or "").split(",") if each.strip()]


def _day(text: Any, where: str) -> date:
    # A date may have its name behind it: `2025-12-31: New Year's Eve`.
    text = next(iter(text)) if isinstance(text, dict) and text else text
    try:
        return date.fromisoformat(str(text).strip()[:10])
    except ValueError:
        raise BadCalendar.date(where, text) from None


def _dates(path: Path) -> set[date]:
    """The days of a file, one a line, whatever stands behind each; a heading is passed over."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeError) as error:
        raise BadCalendar.unreadable(path, getattr(error, "strerror", None) or error) from None
    cells = [row[0].strip() for row in csv.reader(lines) if row and row[0].strip() and not row[0].startswith("#")]
    heading = 1 if cells and not cells[0][:1].isdigit() else 0
    return {_day(cell.replace("/", "-"), path.name) for cell in cells[heading:]}


def _spans(text: Any, where: str) -> Spans:
    """Spans of hours as minutes of the day, in order and without overlap."""
    parts = [str(each) for each in text] if isinstance(text, list) else re.split(r"[,、;]|\s+and\s+", str(text))
    parts = [part.strip() for part in parts if part.strip().casefold() not in CLOSED]
    found = []
    for part in parts:
        match = re.fullmatch(
            r"(\d{1,2})(?:[:：.時](\d{2})?分?)?\s*(?:-|–|—|~|〜|～|to)\s*(\d{1,2})(?:[:：.時](\d{2})?分?)?", part
        )
        numbers = [int(each or 0) for each in match.groups()] if match else []
        if not match or max(numbers[1], numbers[3]) > 59:
            raise BadCalendar.hours(where, text)
        start, end = 60 * numbers[0] + numbers[1], 60 * numbers[2] + numbers[3]
        if max(start, end) > 24 * 60:
            raise BadCalendar.hours(where, text)
        if end <= start:
            raise BadCalendar.overnight(where, part)
        found.append((start, end))
    return _joined(found)


def _joined(spans: Iterable[tuple[int, int]]) -> Spans:
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def _without(spans: Spans, pauses: Spans) -> Spans:
    """Spans without the breaks in them."""
    for begin, stop in pauses:
        parts = [[(start, min(end, begin)), (max(start, stop), end)] for start, end in spans]
        spans = tuple((start, end) for both in parts for start, end in both if start < end)
    return spans


@cache
def _public(name: str, years: tuple[int, ...]) -> frozenset[date]:
    """The public holidays of a country, or of a part of it (`DE-BY`)."""
    if find_spec("holidays") is None:
        raise MissingExtra.of("calendar", ["holidays"])
    import holidays

    country, _, part = name.partition("-")
    known = holidays.list_supported_countries(include_aliases=True)
    if country not in known:
        raise BadCalendar.country(name, sorted(known))
    if part and part not in known[country]:
        raise BadCalendar.part(country, part, known[country])
    return frozenset(holidays.country_holidays(country, subdiv=part or None, years=years)) if years else frozenset()
