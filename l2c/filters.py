"""Which cases are meant?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from l2c.errors import BadFilter, UnknownName
from l2c.filter_words import OUTCOMES, WORDS, between, number, period, several, span

if TYPE_CHECKING:
    import narwhals as nw

    from l2c.base import Base
    from l2c.filter_words import Cases

__all__ = ["OUTCOMES", "Condition", "condition", "parse"]


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


def _attribute(word: str, value: Any, base: Base) -> Callable[[Cases, Base], Cases]:
    import narwhals as nw

    if word not in base.attributes:
        raise UnknownName.attribute(word, [*base.attributes, *WORDS])
    column = nw.col(word)
    kind = base.cases.collect_schema()[word]
    if kind.is_temporal():
        start, end = period(word, value)
        return lambda cases, _: cases.filter(between(column, start, end, base))
    value = span(value) if kind.is_numeric() else value
    if kind.is_numeric() and isinstance(value, tuple):
        low, high = _numbers(word, value)
        return lambda cases, _: cases.filter(_at_least(column, low) & _at_most(column, high))
    wanted = several(value)
    if kind == nw.Boolean:
        wanted = [_flag(v) if isinstance(v, str) else v for v in wanted]
    elif kind.is_numeric():
        wanted = [v if v is None else number(word, v) for v in wanted]
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


def _at_least(column: nw.Expr, low: Any) -> nw.Expr:
    return ~column.is_null() if low is None else column >= low


def _at_most(column: nw.Expr, high: Any) -> nw.Expr:
    return ~column.is_null() if high is None else column <= high


def _numbers(word: str, pair: tuple[Any, ...]) -> tuple[float | None, float | None]:
    if len(pair) != 2:
        raise BadFilter.number(word, pair)
    low, high = (None if v is None else number(word, v) for v in pair)
    return low, high
