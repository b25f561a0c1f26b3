"""Which cases are meant?"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from l2c import engine, vocabulary
from l2c.errors import BadFilter, UnknownName

if TYPE_CHECKING:
    import narwhals as nw

    from l2c.base import Base

    Cases = nw.LazyFrame[Any]

OUTCOMES = {"won": ["won", "paid"], "paid": ["paid"], "lost": ["lost"], "open": ["open"]}


@dataclass(frozen=True)
class Condition:
    """One filter: its word, its value as text, and how it narrows the cases."""

    word: str
    text: str
    apply: Callable[[Cases, Base], Cases]


def condition(word: str, value: Any, base: Base, *, attribute: bool = False) -> Condition:
    """Turn one word of `EventLog.where` into a condition, checked against the whole log.

    Raises
    ------
    UnknownName, BadFilter
        If the word, the value or an activity makes no sense for this log.
    """
    make = None if attribute else WORDS.get(word)
    apply = make(word, value, base) if make else _attribute(word, value, base)
    return Condition(word, _text(value), apply)


def _text(value: Any) -> str:
    if value is None:
        return "(missing)"
    if isinstance(value, tuple):
        return " … ".join("" if v is None else str(v) for v in value)
    if isinstance(value, (list, set, frozenset, range)):
        return ", ".join("(missing)" if v is None else str(v) for v in value)
    return str(value)


def _several(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple, set, frozenset, range)) else [value]


def _attribute(word: str, value: Any, base: Base) -> Callable[[Cases, Base], Cases]:
    import narwhals as nw

    if word not in base.attributes:
        raise UnknownName.attribute(word, [*base.attributes, *WORDS])
    column = nw.col(word)
    kind = base.cases.collect_schema()[word]
    if kind.is_temporal():
        start, end = _period(word, value)
        return lambda cases, _: cases.filter(_between(column, start, end, base))
    value = _range(value) if kind.is_numeric() else value
    if kind.is_numeric() and isinstance(value, tuple):
        low, high = _numbers(word, value)
        return lambda cases, _: cases.filter(_at_least(column, low) & _at_most(column, high))
    wanted = _several(value)
    if kind == nw.Boolean:
        wanted = [_flag(v) if isinstance(v, str) else v for v in wanted]
    elif kind.is_numeric():
        wanted = [v if v is None else _number(word, v) for v in wanted]
    else:
        wanted = [v if v is None else str(v) for v in wanted]
    known = base.values(word)
    for v in wanted:
        if v is not None and v not in known:
            raise UnknownName.value(word, v, [str(k) for k in known])
    test = column.is_in([v for v in wanted if v is not None])
    if None in wanted:
        test = test | column.is_null()
    return lambda cases, _: cases.filter(test)


def _range(value: Any) -> Any:
    """A pair written as text, `1000..5000` or `2025-01..`, as a pair."""
    if not isinstance(value, str) or ".." not in value:
        return value
    low, high = value.split("..", 1)
    return low.strip() or None, high.strip() or None


def parse(texts: Iterable[str]) -> dict[str, Any]:
    """Turn `attribute=value` texts into the words of `EventLog.where`.

    Parameters
    ----------
    texts
        Such as `region=EMEA`, `amount=1000..5000`, `opened=2025-01..2025-03`, `follows=Quote Sent > Closed Won`,
        `rep=` (no rep). A word said twice means either value.

    Raises
    ------
    BadFilter
        If a text has no equals sign.
    """
    words: dict[str, Any] = {}
    for text in texts:
        word, sign, value = (part.strip() for part in text.partition("="))
        if not sign or not word:
            raise BadFilter.word(text)
        words.setdefault(word, []).append(value or None)
    return {word: values[0] if len(values) == 1 else values for word, values in words.items()}


def _flag(text: str) -> bool:
    return text.strip().casefold() in {"true", "yes", "1", "y", "t"}


def _number(word: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise BadFilter.number(word, value) from None


def _numbers(word: str, pair: tuple[Any, ...]) -> tuple[float | None, float | None]:
    if len(pair) != 2:
        raise BadFilter.number(word, pair)
    low, high = (None if v is None else _number(word, v) for v in pair)
    return low, high


def _at_least(column: nw.Expr, low: Any) -> nw.Expr:
    return ~column.is_null() if low is None else column >= low


def _at_most(column: nw.Expr, high: Any) -> nw.Expr:
    return ~column.is_null() if high is None else column <= high


def _between(column: nw.Expr, start: datetime | None, end: datetime | None, base: Base) -> nw.Expr:
    inside = ~column.is_null()
    if start is not None:
        inside = inside & (column >= engine.moment(start, base.home))
    return inside if end is None else inside & (column < engine.moment(end, base.home))


def _period(word: str, value: Any) -> tuple[datetime | None, datetime | None]:
    """Both ends of a period as half-open instants; a month or a day includes its last moment."""
    value = _range(value)
    pair = value if isinstance(value, tuple | list) else (value, value)
    if len(pair) != 2:
        raise BadFilter.period(word, value)
    ends = [None if v is None else _span(word, v) for v in pair]
    return ends[0] and ends[0][0], ends[1] and ends[1][1]


def _span(word: str, value: Any) -> tuple[datetime, datetime]:
    """First instant of a year, month, day or moment, and the first instant after it."""
    text = value.isoformat(" ") if hasattr(value, "isoformat") else str(value).strip()
    date = re.fullmatch(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", text)
    try:
        if date is None:
            moment = datetime.fromisoformat(text)
            return moment, moment + timedelta(microseconds=1)
        year, month, day = (int(part) if part else None for part in date.groups())
        assert year is not None
        start = datetime(year, month or 1, day or 1)
        days = 1 if day else calendar.monthrange(year, month)[1] if month else 366 if calendar.isleap(year) else 365
        return start, start + timedelta(days=days)
    except ValueError:
        raise BadFilter.period(word, value) from None


def _first(word: str, value: Any, base: Base) -> Callable[[Cases, Base], Cases]:
    import narwhals as nw

    start, end = _period(word, value)
    return lambda cases, _: cases.filter(_between(nw.col("started"), start, end, base))


def _last(word: str, value: Any, base: Base) -> Callable[[Cases, Base], Cases]:
    import narwhals as nw

    start, end = _period(word, value)
    return lambda cases, _: cases.filter(_between(nw.col("ended"), start, end, base))


def _any(word: str, value: Any, base: Base) -> Callable[[Cases, Base], Cases]:
    import narwhals as nw

    start, end = _period(word, value)
    inside = _between(nw.col("time"), start, end, base)
    return lambda cases, base: _having(cases, base.events.filter(inside))


def _closed(word: str, value: Any, base: Base) -> Callable[[Cases, Base], Cases]:
    import narwhals as nw

    start, end = _period(word, value)
    closing = nw.col("activity").is_in(["Closed Won", "Closed Lost"])

    def apply(cases: Cases, base: Base) -> Cases:
        closed = base.events.filter(closing).group_by("case_key").agg(nw.col("time").min())
        return _having(cases, closed.filter(_between(nw.col("time"), start, end, base)))

    return apply


def _having(cases: Cases, rows: Cases) -> Cases:
    return cases.join(rows.select("case_key"), on="case_key", how="semi")


def _known(names: list[Any], base: Base) -> list[str]:
    """The activities meant, which may be named in either language of the vocabulary."""
    found = [n if n in base.activities else vocabulary.match_activity(str(n)) or str(n) for n in names]
    for name, meant in zip(names, found, strict=True):
        if meant not in base.activities:
            raise UnknownName.activity(str(name), base.activities)
    return found


def _includes(word: str, value: Any, base: Base) -> Callable[[Cases, Base], Cases]:
    import narwhals as nw

    names = _known(_several(value), base)

    def apply(cases: Cases, base: Base) -> Cases:
        for name in names:
            cases = _having(cases, base.events.filter(nw.col("activity") == name))
        return cases

    return apply


def _excludes(word: str, value: Any, base: Base) -> Callable[[Cases, Base], Cases]:
    import narwhals as nw

    names = _known(_several(value), base)
    met = nw.col("activity").is_in(names)
    return lambda cases, base: cases.join(base.events.filter(met).select("case_key"), on="case_key", how="anti")


def _pair(word: str, value: Any, base: Base) -> tuple[str, str]:
    pair = value.split(">") if isinstance(value, str) else list(value)
    if len(pair) != 2:
        raise BadFilter.pair(word, value)
    first, second = _known([part.strip() for part in pair], base)
    return first, second


def _follows(word: str, value: Any, base: Base) -> Callable[[Cases, Base], Cases]:
    import narwhals as nw

    first, second = _pair(word, value, base)
    step = (nw.col("activity") == first) & (nw.col("next_activity") == second)
    return lambda cases, base: _having(cases, base.events.filter(step))


def _eventually(word: str, value: Any, base: Base) -> Callable[[Cases, Base], Cases]:
    import narwhals as nw

    first, second = _pair(word, value, base)

    def apply(cases: Cases, base: Base) -> Cases:
        at = nw.col("position")
        early = base.events.filter(nw.col("activity") == first).group_by("case_key").agg(at.min().alias("early"))
        late = base.events.filter(nw.col("activity") == second).group_by("case_key").agg(at.max().alias("late"))
        both = early.join(late, on="case_key", how="inner")
        return _having(cases, both.filter(nw.col("early") < nw.col("late")))

    return apply


def _variant(word: str, value: Any, base: Base) -> Callable[[Cases, Base], Cases]:
    import narwhals as nw

    wanted = [int(_number(word, v)) for v in _several(value)]
    return lambda cases, _: cases.filter(nw.col("variant_id").is_in(wanted))


def _top(word: str, value: Any, base: Base) -> Callable[[Cases, Base], Cases]:
    import narwhals as nw

    most = int(_number(word, value))
    # Ids are ranks by frequency in the whole log, so that a filter does not change what "top ten" means.
    return lambda cases, _: cases.filter(nw.col("variant_id") <= most)


def _outcome(word: str, value: Any, base: Base) -> Callable[[Cases, Base], Cases]:
    import narwhals as nw

    statuses: list[str] = []
    for each in _several(value):
        if each not in OUTCOMES:
            raise UnknownName.metric(str(each), OUTCOMES)
        statuses += OUTCOMES[each]
    return lambda cases, _: cases.filter(nw.col("status").is_in(statuses))


WORDS: dict[str, Callable[[str, Any, Base], Callable[[Cases, Base], Cases]]] = {
    "opened": _first,
    "closed": _closed,
    "ended": _last,
    "active": _any,
    "includes": _includes,
    "excludes": _excludes,
    "follows": _follows,
    "eventually": _eventually,
    "variant": _variant,
    "top_variants": _top,
    "outcome": _outcome,
}
