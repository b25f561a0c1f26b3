"""How is a number, a pair or a period written that narrows a log?"""

from __future__ import annotations

import calendar
import math
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import narwhals as nw

from l2c import engine
from l2c.words.errors import BadFilter

if TYPE_CHECKING:
    from l2c.log.base import Base


def several(value: Any) -> list[Any]:
    """One value, or several, as a list."""
    return list(value) if isinstance(value, (list, tuple, set, frozenset, range)) else [value]


def span(value: Any) -> Any:
    """A pair written as text, `1000..5000` or `2025-01..`, as a pair."""
    if not isinstance(value, str) or ".." not in value:
        return value
    low, high = value.split("..", 1)
    return low.strip() or None, high.strip() or None


def named(text: str, known: list[Any]) -> str:
    """A value as it stands in the log; blanks around it count only where it has them."""
    return text if text in known else text.strip()


def number(word: str, value: Any) -> float:
    """A number, or a plain sentence about it."""
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        raise BadFilter.number(word, value) from None
    if not math.isfinite(found):
        raise BadFilter.number(word, value)
    return found


def whole(word: str, value: Any) -> int:
    """A whole number of at least 0, or a plain sentence about it."""
    found = number(word, value) if not isinstance(value, bool) else -1
    if found < 0 or found % 1:
        raise BadFilter.whole(word, value)
    return int(found)


def limits(word: str, value: Any) -> tuple[float | None, float | None]:
    """The least and the greatest number of a range, both included, or a plain sentence about it.

    One number alone is refused: nobody can tell whether it is the least, the greatest or the only one.
    """
    pair = span(value)
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise BadFilter.limits(word, value)
    low, high = (None if v is None else number(word, v) for v in pair)
    forward(word, value, low, high)
    return low, high


def ranged(value: Any) -> str:
    """A range as text, however it was written: `60..90`, `60..`, `..90`."""
    pair = span(value)
    if not isinstance(pair, (tuple, list)):
        return str(value).strip()
    return "..".join("" if v is None else f"{v:g}" if isinstance(v, float) else str(v).strip() for v in pair)


def within(column: nw.Expr, low: float | None, high: float | None) -> nw.Expr:
    """Whether a number lies between two, both included; what is missing lies nowhere."""
    inside = ~column.is_null()
    inside = inside if low is None else inside & (column >= low)
    return inside if high is None else inside & (column <= high)


def forward(word: str, value: Any, low: Any, high: Any) -> None:
    """Refuse a pair whose second end lies before the first."""
    if low is not None and high is not None and low > high:
        raise BadFilter.backwards(word, value)


def between(column: nw.Expr, start: datetime | None, end: datetime | None, base: Base) -> nw.Expr:
    """From one instant on, and before another; what is missing is in no period."""
    inside = ~column.is_null()
    if start is not None:
        inside = inside & (column >= engine.moment(start, base.home))
    return inside if end is None else inside & (column < engine.moment(end, base.home))


def period(word: str, value: Any) -> tuple[datetime | None, datetime | None]:
    """Both ends of a period as half-open instants; a month or a day includes its last moment."""
    value = span(value)
    pair = value if isinstance(value, tuple | list) else (value, value)
    if len(pair) != 2 or value is None:
        raise BadFilter.period(word, value)
    ends = [None if v is None else _span(word, v) for v in pair]
    forward(word, value, ends[0] and ends[0][0], ends[1] and ends[1][0])
    return ends[0] and ends[0][0], ends[1] and ends[1][1]


def _span(word: str, value: Any) -> tuple[datetime, datetime]:
    """First instant of a year, quarter, month, day or moment, and the first instant after it."""
    text = value.isoformat(" ") if hasattr(value, "isoformat") else str(value).strip()
    date = re.fullmatch(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", text)
    quarter = re.fullmatch(r"(\d{4})-?[Qq]([1-4])", text)
    try:
        if quarter:
            first = 3 * int(quarter[2]) - 2
            return _span(word, f"{quarter[1]}-{first}")[0], _span(word, f"{quarter[1]}-{first + 2}")[1]
        if date is None:
            moment = datetime.fromisoformat(text)
            moment = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
            return moment, moment + timedelta(microseconds=1)
        year, month, day = (int(part) if part else None for part in date.groups())
        assert year is not None
        start = datetime(year, month or 1, day or 1)
        days = 1 if day else calendar.monthrange(year, month)[1] if month else 366 if calendar.isleap(year) else 365
        # After the last day that a calendar knows comes nothing.
        return start, start + timedelta(days=days) if datetime.max - start >= timedelta(days=days) else datetime.max
    except (ValueError, OverflowError):
        raise BadFilter.period(word, value) from None
