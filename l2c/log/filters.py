"""Which cases are meant, however it is said: in Python, on the command line, in the parameters of a notebook?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING, Any

import narwhals as nw

from l2c.log import filter_ranges, filter_words
from l2c.log import several as labels
from l2c.log.attribute_names import meant
from l2c.log.filter_values import between, forward, named, number, period, several, span, within
from l2c.log.filter_words import having
from l2c.words import matching
from l2c.words.errors import BadFilter, UnknownName

if TYPE_CHECKING:
    from l2c.log.base import Base
    from l2c.log.filter_words import Cases

__all__ = ["Condition", "condition", "is_free", "parse", "said", "worded"]

WORDS = filter_words.WORDS | filter_ranges.WORDS
# How a tuple is written where there are only lists: two ends are something else than two values.
TUPLE = "tuple"


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
    value = _read(_written(value))
    make = None if attribute else WORDS.get(word)
    word = word if make else meant(word, base)
    apply = make(word, value, base) if make else _attribute(word, value, base)
    return Condition(word, worded(word, value, attribute=attribute), apply)


def worded(word: str, value: Any, *, attribute: bool = False) -> str:
    """A filter as text, as `EventLog.filters` has it: `EMEA, APAC`, `Quote Sent … Contract Signed … 30..`."""
    value = _read(_written(value))
    text = None if attribute else filter_ranges.worded(word, value)
    return _text(value) if text is None else text


def said(words: Mapping[str, Any]) -> dict[str, Any]:
    """Write filters down as texts, numbers, lists and records: what JSON and the parameters of a notebook can hold.

    Parameters
    ----------
    words
        Words and values as for `EventLog.where`.

    Returns
    -------
    The same filters: `log.where(**said(words))` keeps the cases that `log.where(**words)` keeps.
    """
    return {word: _written(value) for word, value in words.items() if not is_free(value)}


def is_free(value: Any) -> bool:
    """Tell whether a value is a period without ends: no filter, so that a notebook may pass on what nobody set."""
    return isinstance(value, (tuple, Mapping)) and _read(_written(value)) == (None, None)


def _written(value: Any) -> Any:
    """One value as JSON can hold it; what is written already stays as it is."""
    import numpy as np

    if isinstance(value, Mapping) and set(value) == {TUPLE}:
        value = tuple(value[TUPLE])
    if isinstance(value, Mapping) and len(value) == 1:
        # An activity and its period.
        value = tuple(*value.items())
    if isinstance(value, tuple):
        return {TUPLE: [_end(each) for each in value]}
    if isinstance(value, Enum):
        return _written(value.value)
    if isinstance(value, np.generic) and not isinstance(value, np.datetime64):
        return _written(value.item())
    if str(value) in ("nan", "NaT", "<NA>") and not isinstance(value, str):
        return None
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
        return [_written(each) for each in value]
    return str(value)


def _end(value: Any) -> Any:
    """One end of a pair; one that was to be computed and is missing is a slip, and no open end."""
    written = _written(value)
    return "nan" if written is None and value is not None else written


def _read(value: Any) -> Any:
    """What `_written` wrote, with its tuples."""
    if isinstance(value, dict):
        return tuple(_read(each) for each in value[TUPLE])
    return [_read(each) for each in value] if isinstance(value, list) else value


def _text(value: Any) -> str:
    if value is None:
        return "(missing)"
    if isinstance(value, tuple):
        return " … ".join("" if v is None else _text(_read(v)) for v in value)
    if isinstance(value, (list, set, frozenset, range)):
        return ", ".join("(missing)" if v is None else str(v) for v in value)
    return str(value)


def _attribute(word: str, value: Any, base: Base) -> Callable[[Cases, Base], Cases]:
    """What is known of the case, or else of one of its events."""
    if word in base.attributes:
        test = _test(word, value, base.cases.collect_schema()[word], base)
        return lambda cases, _: cases.filter(test)
    if word in base.event_attributes:
        test = _test(word, value, base.events.collect_schema()[word], base)
        return lambda cases, base: having(cases, base.events.filter(test))
    raise UnknownName.attribute(word, [*base.attributes, *base.event_attributes, *WORDS])


def _test(word: str, value: Any, kind: nw.dtypes.DType, base: Base) -> nw.Expr:
    """Whether a row has one of some values in a column of a kind."""
    column = nw.col(word)
    if kind.is_temporal():
        times = [_in_period(column, word, each, base) for each in (value if isinstance(value, list) else [value])]
        return reduce(lambda one, other: one | other, times, nw.lit(False))
    value = span(value) if kind.is_numeric() else value
    if kind.is_numeric() and isinstance(value, tuple):
        return within(column, *_numbers(word, value))
    known = base.values(word)
    wanted: list[Any]
    if kind == nw.Boolean:
        wanted = [_flag(word, v) for v in several(value)]
    elif kind.is_numeric():
        wanted = [v if v is None else number(word, v) for v in several(value)]
    else:
        wanted = _of_labels(word, [v if v is None else named(str(v), known) for v in several(value)], base)
    for v in wanted:
        if v is not None and v not in known:
            raise UnknownName.value(word, v, [str(k) for k in known])
    test = column.is_in([v for v in wanted if v is not None])
    return test | column.is_null() if None in wanted else test


def _of_labels(word: str, wanted: list[Any], base: Base) -> list[Any]:
    """The values that hold one of some labels, where values of the attribute hold several; else the same values."""
    known = labels.parts(base, word)
    if known is None:
        return wanted
    found: dict[Any, None] = {}
    for each in wanted:
        holding = [value for value, parts in known.items() if each in parts]
        if each is not None and not holding and each not in known:
            raise UnknownName.value(word, each, labels.labels(base, word))
        found |= dict.fromkeys(holding or [each])
    return list(found)


def _in_period(column: nw.Expr, word: str, value: Any, base: Base) -> nw.Expr:
    return column.is_null() if value is None else between(column, *period(word, value, base.clock), base, dates=True)


def parse(texts: Iterable[str]) -> dict[str, Any]:
    """Turn `attribute=value` texts into the words of `EventLog.where`.

    Parameters
    ----------
    texts
        Such as `region=EMEA`, `amount=1000..5000`, `opened=2025-01..2025-03`, `follows=Quote Sent > Closed Won`,
        `rep=` (no rep), `duration=60..`, `took=Quote Sent > Contract Signed > 30..90`, `times=Quote Revised > 2..`,
        `did=Discount Approved > Kim`. A word said twice means either value.

    Raises
    ------
    BadFilter
        If a text has no equals sign.
    """
    words: dict[str, Any] = {}
    for text in texts:
        word, sign, value = text.partition("=")
        if not sign or not word.strip():
            raise BadFilter.word(text)
        words.setdefault(word.strip(), []).append(value if value.strip() else None)
    return {word: values[0] if len(values) == 1 else values for word, values in words.items()}


def _flag(word: str, value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    flag = matching.truth_words().get(matching.normalise(str(value).removesuffix(".0")))
    if flag is None:
        raise BadFilter.flag(word, value)
    return flag


def _numbers(word: str, pair: tuple[Any, ...]) -> tuple[float | None, float | None]:
    if len(pair) != 2:
        raise BadFilter.number(word, pair)
    low, high = (None if v is None else number(word, v) for v in pair)
    forward(word, pair, low, high)
    return low, high
