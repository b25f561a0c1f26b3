"""Which question tells most of what comes next, and when, among stays of one activity?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2c.improve.stays import COUNT, PREVIOUS, STATE, WEEKDAY, Stays

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
# A split is looked for among so many stays of an activity, evenly taken: more would not change what is found.
TRIED_AMONG = 50_000
# Fewest stays of known outcome on either side of a split.
SMALLEST_LEAF = 50
# Fewest stays on either side that go on to the same activity, for their durations to be compared.
FEWEST_ENDS = 15
# A column is cut into so many parts at most.
PARTS = 48
# A stay that lasts longer than this share of those that ended is taken for one that never ends.
LONG = 0.98
A_MINUTE = 1 / 1440
# Fewer values than these are counted at once.
COUNTED_AT_ONCE = 100_000


class Split(NamedTuple):
    """A question: whether a column is equal to a value, or less."""

    column: int
    value: float
    equal: bool

    def sides(self, x: Floats) -> NDArray[np.bool_]:
        """Which say yes."""
        return x == self.value if self.equal else x < self.value


@dataclass(frozen=True, eq=False)
class Sample:
    """Stays of one activity of which the outcome is known, among which splits are looked for.

    Attributes
    ----------
    columns, labels
        What was known that tells them apart, and which of these are labels.
    x, bins
        A row per column: values, and the places of the parts they are cut into among all parts of all columns.
    first
        Where the parts of each column begin, with the number of all as the last.
    cuts
        Of each part of a label its value, and for numbers the value below which it lies; NaN of what lies above all.
    next, log_wait
        What came next (0: nothing), and the logarithm of the days until then.
    """

    columns: Ints
    labels: NDArray[np.bool_]
    x: Floats
    bins: NDArray[np.int32]
    first: Ints
    cuts: Floats
    next: Ints
    log_wait: Floats

    def only(self, some: NDArray[np.bool_]) -> Sample:
        """Some of them."""
        rows = {name: getattr(self, name)[..., some] for name in ("x", "bins", "next", "log_wait")}
        return replace(self, **rows)


def sample(stays: Stays, activity: int, rows: Ints) -> Sample:
    """The stays of an activity of which enough is known."""
    if stays.entry is not None:
        rows = rows[stays.entry[rows] <= 0]
    ended = stays.next[rows] >= 0
    long = np.quantile(stays.wait[rows[ended]], LONG) if ended.any() else np.inf
    rows = rows[ended | (stays.wait[rows] >= long)]
    if len(rows) > TRIED_AMONG:
        rows = rows[np.linspace(0, len(rows) - 1, TRIED_AMONG).astype(np.int64)]
    seen = len(STATE) + len(stays.attributes)
    told = {PREVIOUS, WEEKDAY} | {len(STATE) + k for k, a in enumerate(stays.attributes) if not a.is_number}
    columns: list[int] = []
    x, bins, cuts, first = [], [], [np.empty(0)], [0]
    enough = len(rows) >= 2 * SMALLEST_LEAF
    before = stays.before(rows) if enough else np.empty((0, 0), bool)
    for column in range(len(stays.names)) if enough else ():
        if column == seen + activity:
            continue
        values = stays.column(rows, column) if column < seen else before[column - seen]
        if not (values != values[0]).any():
            continue
        if column >= seen:
            parts, place = np.array([0.0, 1.0]), values
            values = values.astype(np.float64)
        elif column in told:
            # Labels are whole numbers from -1 on; of very many, the last ones are one part that is not asked for.
            there = np.bincount(values.astype(np.int64) + 1) > 0
            parts = (np.flatnonzero(there) - 1.0)[:PARTS]
            place = np.minimum(np.cumsum(there) - 1, PARTS)[values.astype(np.int64) + 1]
            parts = np.append(parts, np.nan) if there.sum() > PARTS else parts
        else:
            parts = _middles(values, np.arange(1, PARTS) / PARTS)
            place = np.searchsorted(parts, values, "right")
        columns.append(column)
        x.append(values)
        bins.append(place + first[-1])
        # Above the last value of a number lies a part too.
        cuts.append(parts if column >= seen or column in told else np.append(parts, np.nan))
        first.append(first[-1] + len(cuts[-1]))
    labels = np.array([column in told or column >= seen for column in columns], bool)
    shape = (len(columns), len(rows))
    return Sample(
        np.array(columns, np.int64), labels, np.array(x).reshape(shape), np.array(bins, np.int32).reshape(shape),
        np.array(first), np.concatenate(cuts), stays.next[rows].astype(np.int64) + 1, np.log(stays.wait[rows] + A_MINUTE),
    )  # fmt: skip


def best(stays: Sample) -> Split | None:
    """The split that tells most, if it tells enough."""
    n, many = len(stays.next), len(stays.columns)
    if n < 2 * SMALLEST_LEAF or not many:
        return None
    kinds, next_ = np.unique(stays.next, return_inverse=True)
    width = len(kinds)
    parts = _totals(stays, next_, width)
    # All parts of one column hold everything.
    every = np.zeros((3, max(PARTS, stays.first[1]), width))
    every[:, : stays.first[1]] = parts[:, : stays.first[1]]
    every = every.sum(axis=1)
    for column in np.flatnonzero(~stays.labels):
        own = parts[:, stays.first[column] : stays.first[column + 1]]
        np.cumsum(own, axis=1, out=own)
    many_yes = parts[0].sum(axis=1)
    there = ~np.isnan(stays.cuts) & (np.minimum(many_yes, n - many_yes) >= SMALLEST_LEAF)
    if not there.any():
        return None
    tried = int(there.sum())
    gain = _gains(parts[0][there], parts[1][there], parts[2][there], every, kinds > 0, n, tried)
    at = int(np.argmax(gain))
    if gain[at] <= 0:
        return None
    part = int(np.flatnonzero(there)[at])
    k = int(np.searchsorted(stays.first, part, "right")) - 1
    split = Split(int(stays.columns[k]), float(stays.cuts[part]), bool(stays.labels[k]))
    if split.equal or split.column == COUNT:
        return split
    return split._replace(value=_closer(stays, k, split.value, next_, every, kinds > 0, tried))


def _totals(stays: Sample, next_: Ints, width: int) -> Floats:
    """How many stays lie in each part of each column, sums of their log waits, and of the squares: by what came next."""
    weights, first = (None, stays.log_wait, stays.log_wait**2), stays.first
    found = np.empty((3, first[-1] * width))
    if stays.bins.size <= COUNTED_AT_ONCE:
        key = (stays.bins * width + next_).reshape(-1)
        for total, weight in zip(found, weights, strict=True):
            total[:] = np.bincount(key, None if weight is None else np.tile(weight, len(stays.bins)), len(total))
    else:
        for low, high, bins in zip(first, first[1:], stays.bins, strict=False):
            # Column by column, as all at once would not stay where it is quickly read again.
            key = (bins - low) * width + next_
            for total, weight in zip(found, weights, strict=True):
                total[low * width : high * width] = np.bincount(key, weight, (high - low) * width)
    return found.reshape(3, -1, width)


def _closer(
    stays: Sample, k: int, value: float, next_: Ints, every: Floats, ended: NDArray[np.bool_], tried: int
) -> float:
    """Where around a value a number is best cut, looked for at hundredths: a limit of 15 % is found as 15 %."""
    x, width = stays.x[k], every.shape[1]
    around = np.clip((x < value).mean() + np.arange(-9, 10) / 100, 0, 1)
    values = np.unique(np.append(_middles(x, around), value))
    key = np.searchsorted(values, x, "right") * width + next_
    weights = (None, stays.log_wait, stays.log_wait**2)
    yes = [np.bincount(key, weight, (len(values) + 1) * width).reshape(-1, width) for weight in weights]
    below = [np.cumsum(total, axis=0, dtype=np.float64)[:-1] for total in yes]
    gain = _gains(below[0], below[1], below[2], every, ended, len(x), tried)
    return float(values[int(np.argmax(gain))])


def _middles(x: Floats, shares: Floats) -> Floats:
    """Numbers between two neighbouring values, below which about some shares lie."""
    ordered = np.sort(x)
    at = np.unique(np.clip((shares * len(x)).astype(np.int64), 1, len(x) - 1))
    low = np.unique(ordered[at - 1])
    above = np.searchsorted(ordered, low, "right")
    low, above = low[above < len(x)], above[above < len(x)]
    high = ordered[above]
    return np.unique(np.where(np.isfinite(low), low + (high - low) / 2, high))


def _gains(
    count: Floats, total: Floats, squares: Floats, every: Floats, ended: NDArray[np.bool_], n: int, tried: int
) -> Floats:
    """By how much each split raises the likelihood beyond what chance would.

    Parameters
    ----------
    count, total, squares
        A row per split and a column per activity that comes next: how many say yes, sums of their log waits, and of the squares.
    every
        The same three of all.
    """
    rest = every[0] - count
    part = count.sum(axis=1)
    gain = _likelihood(count) + _likelihood(rest) - _likelihood(every[:1])
    enough = (np.minimum(count, rest) >= FEWEST_ENDS) & ended
    with np.errstate(divide="ignore", invalid="ignore"):
        within = every[2] - total**2 / count - (every[1] - total) ** 2 / rest
        whole = every[2] - every[1] ** 2 / every[0]
        told = every[0] / 2 * np.log(np.maximum(whole, 1e-9) / np.maximum(within, 1e-9))
    gain += np.where(enough, told, 0.0).sum(axis=1)
    more = every.shape[1] - 1 + enough.sum(axis=1)
    gain -= more * np.log(n) / 2 + np.log(max(tried, 1))
    return np.where(np.minimum(part, n - part) >= SMALLEST_LEAF, gain, -np.inf)


def _likelihood(count: Floats) -> Floats:
    """Logarithm of the likelihood of counts at their own shares, a row each."""
    whole = count.sum(axis=1)
    parts = (count * np.log(np.maximum(count, 1.0))).sum(axis=1)
    return np.asarray(parts - whole * np.log(np.maximum(whole, 1.0)))
