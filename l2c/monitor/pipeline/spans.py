"""Which days do the months, quarters or spans to come cover?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from l2c.log.zone import Clock
from l2c.measures.facts import DAY

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Unit = Literal["month", "quarter"]
# What is left of a month on its last evening is no period.
A_REST = DAY // 2


@dataclass(frozen=True, eq=False)
class Spans:
    """Stretches of time, a place each.

    Attributes
    ----------
    named
        The first day of the month or quarter that each is (the rest) of, in days since 1970.
    first, last
        First and last day of each.
    begin, end
        Days after the moment of the forecast on which each begins, and before which it ends.
    """

    named: Ints
    first: Ints
    last: Ints
    begin: Floats
    end: Floats


def calendar(clock: Clock, until: int, periods: int, unit: Unit) -> Spans:
    """The rest of the month or quarter of a moment, and those after it."""
    size = 3 if unit == "quarter" else 1
    month = clock.quarter(until) if size == 3 else clock.months(np.array([until], np.int64))[0]
    if clock.begins(month + size) - until < A_REST:
        month = month + size
    months = month + size * np.arange(periods + 1)
    edges = np.array([clock.begins(each) for each in months], np.int64)
    first = months.astype("datetime64[D]").astype(np.int64)
    begin = np.maximum((edges - until) / DAY, 0.0)
    begins = np.maximum(first[:-1], clock.day(until))
    return Spans(first[:-1], begins, first[1:] - 1, begin[:-1], begin[1:])


def plain(clock: Clock, until: int, days: Sequence[float]) -> Spans:
    """So many days from a moment on."""
    end = np.array(sorted(days), np.float64)
    first = np.full(len(end), clock.day(until), np.int64)
    last = clock.days(until + (end * DAY).astype(np.int64))
    return Spans(first, first, last, np.zeros(len(end)), end)
