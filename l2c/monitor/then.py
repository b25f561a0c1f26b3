"""What was known of each case at a moment?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.log import EventLog, several
from l2c.measures.facts import NEVER, Facts, as_times
from l2c.measures.lives import while_open
from l2c.monitor.when import DAY, FLAG, NUMBER, TEXT, Moment, Values
from l2c.words import matching

# Of a text with more values than this nobody can say that one is a slip of the pen.
MOST_TEXTS = 10_000


def moment(facts: Facts, until: int) -> Moment:
    """What `today` and `this_quarter` stand for at a moment."""
    clock = facts.clock
    first = clock.quarter(until)
    last = clock.days(np.array([clock.begins(first + 3)], np.int64))[0] - 1
    return Moment(clock.day(until), (int(first.astype("datetime64[D]").astype(np.int64)), int(last)))


def attribute_then(facts: Facts, name: str, until: int) -> Values:
    """An attribute of every case as it was at a moment, where the log tells of changes; else as it is."""
    told = while_open(facts, name) if until < facts.until and name in facts.log.attributes else None
    if told is None or not len(told):
        return facts.memo(("as it is", name), lambda: _held(facts, name, facts.attribute(name)))
    last = last_of(told["case"], told["time"] <= until, len(facts))
    values = facts.attribute(name)
    return _held(facts, name, values.where(last < 0, pd.Series(told["value"].to_numpy(object)[last], values.index)))


def _held(facts: Facts, name: str, values: pd.Series[Any]) -> Values:
    """Values as a condition compares them."""
    kind = attribute_kinds(facts.log).get(name)
    if kind == NUMBER:
        if name == "amount" and not facts.log.one_currency:
            return np.full(len(facts), np.nan)
        return pd.to_numeric(values, errors="coerce").to_numpy(np.float64)
    if kind == DAY:
        times = as_times(pd.to_datetime(values).to_numpy("datetime64[us]"))
        return np.where(times == NEVER, np.nan, facts.clock.of_dates.days(times))
    return values.astype(object).where(values.notna(), None).to_numpy()


def attribute_kinds(log: EventLog) -> dict[str, str]:
    """The case attributes, and what each holds."""
    schema = log.base.cases.collect_schema()

    def kind(name: str) -> str:
        if schema[name].is_numeric():
            return NUMBER
        if schema[name] == nw.Boolean:
            return FLAG
        return DAY if schema[name].is_temporal() else TEXT

    return {name: kind(name) for name in log.attributes}


def values_of(facts: Facts, own: Mapping[str, Iterable[str]]) -> Callable[[str], Iterable[str] | None]:
    """The values that texts can have; of people, and of cells that hold several, nothing is told."""
    base = facts.log.base

    def known(name: str) -> Iterable[str] | None:
        if name in own:
            return own[name]
        if name not in base.attributes or matching.is_person(name) or several.parts(base, name):
            return None
        found = list(map(str, base.values(name)))
        return found if len(found) <= MOST_TEXTS else None

    return known


def last_of(case: Any, some: Any, n: int) -> NDArray[np.int64]:
    """The last of some rows of each case, -1 where it has none."""
    rows = np.flatnonzero(some)
    last = np.full(n, -1)
    last[np.asarray(case, np.int64)[rows]] = rows
    return last
