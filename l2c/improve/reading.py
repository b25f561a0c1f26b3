"""What does an entry of a file of changes say, and does it make sense for a log?"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from l2c.improve.changes import (
    Again,
    Arrivals,
    Attribute,
    Change,
    Desk,
    Errors,
    Hours,
    Insert,
    Merge,
    Move,
    Parallel,
    Payment,
    Route,
    Skip,
    Step,
)
from l2c.improve.said import Said, follows, named
from l2c.log import EventLog
from l2c.log.calendar import DAYS, GROUPS, Calendar
from l2c.prepare import pseudonyms as people
from l2c.words.errors import BadCalendar, BadChange, BadScenario

# More people than this at one desk are a slip of the pen.
MOST_ADDED = 99
# How people write that something shall no longer be.
NONE = (None, False, "none", "None", "なし")


def change(number: int, raw: Any, log: EventLog, new: Collection[str] = ()) -> Change:
    """Read one entry of a file of changes, checked against a log.

    Parameters
    ----------
    new
        Activities that entries before it add.

    Raises
    ------
    BadScenario
        If it makes no sense; the message names the entry and the nearest words.
    """
    if not isinstance(raw, Mapping) or not raw:
        raise BadScenario.kind(number, str(raw)[:60], KINDS)
    kinds = [str(key) for key in raw if str(key) in KINDS]
    if len(kinds) > 1:
        raise BadScenario.two(number, kinds[0], kinds[1])
    if not kinds:
        raise BadScenario.kind(number, str(next(iter(raw))), KINDS)
    keys, make = KINDS[kinds[0]]
    it = Said(number, kinds[0], {str(key): value for key, value in raw.items()}, log, new)
    for key in it.raw:
        if key not in (kinds[0], *keys, "where"):
            raise BadScenario.key(number, it.head, key, (*keys, "where"))
    return make(it)


def _desk(it: Said) -> Change:
    activity = it.activity()
    if "limit" in it.raw:
        return _desk_limit(it, activity)
    raw = it.raw
    add = it.number_of("add", raw.get("add", 0), 1, -MOST_ADDED, MOST_ADDED)
    if add % 1:
        raise it.wrong("add", "1")
    speed = it.number_of("speed", raw.get("speed", 1), 0.7, 0.01, 100)
    if raw.get("batch") not in NONE:
        raise it.wrong("batch", "none")
    hours = _hours(it, raw["hours"]) if "hours" in raw else None
    if not set(raw) & {"add", "hours", "speed", "batch"}:
        raise it.lacks("add", "1")
    return Desk(*it.first, activity, int(add), hours, speed, "batch" in raw, where=it.where())


def _desk_limit(it: Said, activity: str) -> Change:
    """Which cases come to the desk at all: a limit on a number, seen where the way to the desk parts from others."""
    limit = it.raw["limit"]
    if more := next((key for key in it.raw if key not in ("desk", "limit", "where")), None):
        raise BadScenario.two(it.number, "limit", more)
    if not isinstance(limit, Mapping) or "attribute" not in limit:
        raise it.wrong("limit", "{attribute: discount, from: 0.15, to: 0.25}")
    requests = {start for start, end in follows(it.log) if end == activity}
    before = {start for start, end in follows(it.log) if end in requests}
    ends = _ends(it, {key: value for key, value in limit.items() if key != "attribute"})
    return Attribute(
        *it.first, _numeric(it, limit["attribute"]), tuple(sorted(requests | before)), None, ends, where=it.where()
    )


def _hours(it: Said, given: Any) -> Hours:
    """Hours as in a calendar file, days also as `mon-fri`."""
    days = given if isinstance(given, Mapping) else {"weekdays": given}
    week: dict[str, Any] = {}
    for key, spans in days.items():
        for day in _days(str(key)) or [str(key)]:
            week[day] = spans
    try:
        return Calendar.of({"hours": week}).week.hours
    except BadCalendar as problem:
        raise BadScenario.names(it.number, it.head, problem) from problem


def _days(text: str) -> list[str]:
    """The days that `mon`, `mon-fri` or `weekdays` stand for; none where it means nothing."""
    if text in GROUPS:
        return list(GROUPS[text])
    ends = [
        [day for day in DAYS if len(part) >= 3 and day.startswith(part)]
        for part in re.split(r"\s*[-–]\s*", text.casefold())
    ]
    if not all(len(end) == 1 for end in ends) or len(ends) > 2:
        return []
    first, last = DAYS.index(ends[0][0]), DAYS.index(ends[-1][0])
    return [DAYS[day % 7] for day in range(first, last + 1 + 7 * (last < first))]


def _step(it: Said) -> Change:
    start, end = it.pair()
    _stepped(it, start, end)
    share, longest = it.raw.get("share"), it.raw.get("longest")
    if share is None and longest is None:
        raise it.lacks("share", "0.3")
    if share is not None and longest is not None:
        raise BadScenario.two(it.number, "share", "longest")
    share = None if share is None else it.number_of("share", share, 0.3, 0, 1)
    longest = None if longest is None else it.number_of("longest", longest, 5, 0, 36_500)
    return Step(*it.first, start, end, share, longest, where=it.where())


def _stepped(it: Said, start: str, end: str) -> None:
    steps = follows(it.log)
    if (start, end) not in steps:
        followers = sorted((b for a, b in steps if a == start), key=lambda b: -steps[start, b])
        problem = BadChange.no_such_step(start, end, followers)
        raise BadScenario.names(it.number, it.head, problem)


def _skip(it: Said) -> Change:
    return Skip(*it.first, it.activity(), where=it.where())


def _insert(it: Said) -> Change:
    name = named(it.raw["insert"])
    if not isinstance(it.raw["insert"], str) or not name:
        raise it.wrong("insert", "Credit Check")
    if name in it.log.base.activities or name in it.new:
        raise BadScenario.there(it.number, it.head, name)
    after, days, like = it.behind(), it.raw.get("days"), it.raw.get("like")
    if days is not None and like is not None:
        raise BadScenario.two(it.number, "days", "like")
    if like is not None:
        return Insert(*it.first, name, after, like=it.activity(like), where=it.where())
    return Insert(*it.first, name, after, it.number_of("days", days, 2, 0, 36_500), where=it.where())


def _move(it: Said) -> Change:
    return _moved(it, it.activity(), it.behind())


def _moved(it: Said, activity: str, after: str, *, always: bool = False, waits: bool = False) -> Change:
    if activity == after:
        raise it.wrong("after", next(name for name in (*it.log.activities, "Quote Sent") if name != activity))
    return Move(*it.first, activity, after, always=always, waits=waits, where=it.where())


def _always(it: Said) -> Change:
    return _moved(it, it.activity(), it.behind(), always=True)


def _sequence(it: Said) -> Change:
    first, second = it.pair()
    return _moved(it, second, first, waits=True)


def _again(it: Said) -> Change:
    return Again(*it.first, it.activity(), it.number_of("share", it.raw.get("share"), 0.1, 0, 1), where=it.where())


def _merge(it: Said) -> Change:
    first, second = it.pair()
    _stepped(it, first, second)
    return Merge(*it.first, first, second, it.number_of("days", it.raw.get("days"), 2, 0, 36_500), where=it.where())


def _parallel(it: Said) -> Change:
    first, second = it.pair()
    _stepped(it, first, second)
    return Parallel(*it.first, first, second, where=it.where())


def _attribute(it: Said) -> Change:
    name = _numeric(it, it.raw["attribute"])
    if it.raw.get("at") is None:
        raise it.lacks(
            "at", "Quote Created" if "Quote Created" in it.log.activities else next(iter(it.log.activities), "")
        )
    at = it.raw["at"] if isinstance(it.raw["at"], list) else [it.raw["at"]]
    places = tuple(it.activity(each) for each in at)
    most, limit = it.raw.get("most"), it.raw.get("limit")
    if most is None and limit is None:
        raise it.lacks("most", "0.1")
    if most is not None and limit is not None:
        raise BadScenario.two(it.number, "most", "limit")
    most = None if most is None else it.number_of("most", most, 0.1, -1e300, 1e300)
    return Attribute(*it.first, name, places, most, None if limit is None else _ends(it, limit), where=it.where())


def _numeric(it: Said, name: Any) -> str:
    schema = it.log.base.cases.collect_schema()
    numbers = [each for each in it.log.attributes if schema[each].is_numeric()]
    if str(name) not in numbers:
        raise BadScenario.key(it.number, it.head, str(name), numbers)
    return str(name)


def _ends(it: Said, limit: Any) -> tuple[float, float]:
    if not isinstance(limit, Mapping):
        raise it.wrong("limit", "{from: 0.15, to: 0.25}")
    for key in limit:
        if key not in ("from", "to"):
            raise BadScenario.key(it.number, it.head, str(key), ("from", "to"))
    low, high = (it.number_of(f"limit › {key}", limit.get(key), 0.15, -1e300, 1e300) for key in ("from", "to"))
    return low, high


def _route(it: Said) -> Change:
    activity = it.activity()
    if not it.raw.get("to"):
        raise it.lacks("to", "Kim")
    # Whoever holds the log may say who is meant by the pseudonym that tables and the editor show.
    names = {shown: name for name, shown in people.pseudonyms(it.log).items()}
    return Route(*it.first, activity, names.get(str(it.raw["to"]), str(it.raw["to"])), where=it.where())


def _errors(it: Said) -> Change:
    return Errors(*it.first, it.activity(), it.number_of("share", it.raw.get("share"), 0.5, 0, 1), where=it.where())


def _payment(it: Said) -> Change:
    terms = it.raw["payment"]
    words = ("terms_days", "reminder_after_days")
    if not isinstance(terms, Mapping) or not terms:
        raise it.wrong("payment", "{terms_days: 30, reminder_after_days: 5}")
    for key in terms:
        if key not in words:
            raise BadScenario.key(it.number, it.head, str(key), words)
    share = it.number_of("share", it.raw.get("share"), 0.8, 0, 1)
    days = [None if terms.get(word) is None else it.number_of(word, terms[word], 30, 0, 3_650) for word in words]
    return Payment(*it.first, share, *days, where=it.where())


def _arrivals(it: Said) -> Change:
    return Arrivals(*it.first, it.number_of("arrivals", it.raw["arrivals"], 1.2, 0, 100), where=it.where())


KINDS: dict[str, tuple[tuple[str, ...], Callable[[Said], Change]]] = {
    "desk": (("add", "hours", "speed", "batch", "limit"), _desk),
    "step": (("share", "longest"), _step),
    "skip": ((), _skip),
    "insert": (("after", "days", "like"), _insert),
    "move": (("after",), _move),
    "always": (("after",), _always),
    "sequence": ((), _sequence),
    "again": (("share",), _again),
    "merge": (("days",), _merge),
    "parallel": ((), _parallel),
    "attribute": (("at", "most", "limit"), _attribute),
    "route": (("to",), _route),
    "errors": (("share",), _errors),
    "payment": (("share",), _payment),
    "arrivals": ((), _arrivals),
}
