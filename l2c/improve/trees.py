"""Which stays are alike? A small tree per activity, of what tells what comes next and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2c.improve.stays import COUNT, PREVIOUS, STATE, WEEKDAY, Stays

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
# A split is looked for among so many stays of an activity, evenly taken: more would not change what is found.
TRIED_AMONG = 50_000
# Fewest stays of known outcome on either side of a split, and how many splits lie above one another at most.
SMALLEST_LEAF, DEEPEST = 50, 5
# Fewest stays on either side that go on to the same activity, for their durations to be compared.
FEWEST_ENDS = 15
# A column is cut into so many parts at most.
PARTS = 48
# A stay that lasts longer than this share of those that ended is taken for one that never ends.
LONG = 0.98
A_MINUTE = 1 / 1440
# Places of so many stays and columns are counted at once.
COUNTED_AT_ONCE = 32_768


@dataclass(frozen=True, eq=False)
class Trees:
    """Trees as arrays, a place per node.

    Attributes
    ----------
    root
        Node with which the tree of each activity begins.
    column, value, equal, yes, no
        What a node asks: whether a column (see `Stays.names`) is equal to, or less than, a value; the nodes after.
        `column` is -1 at the end of a branch.
    leaf
        Number of the leaf where a branch ends, else -1.
    above
        The node above, -1 at a root.
    """

    root: Ints
    column: Ints
    value: Floats
    equal: NDArray[np.bool_]
    yes: Ints
    no: Ints
    leaf: Ints
    above: Ints

    @classmethod
    def joined(cls, several: Sequence[Trees]) -> Trees:
        """The trees of several twins, behind each other, and so are their leaves."""
        nodes = np.cumsum([0, *(len(each.column) for each in several)])
        leaves = np.cumsum([0, *(each.leaf.max(initial=-1) + 1 for each in several)])
        moved = {"root": nodes, "yes": nodes, "no": nodes, "leaf": leaves, "above": nodes}

        def column(name: str) -> NDArray[Any]:
            return np.concatenate(
                [
                    np.where((x := getattr(each, name)) < 0, x, x + moved[name][k]) if name in moved else getattr(each, name)
                    for k, each in enumerate(several)
                ]
            )

        return cls(*(column(each.name) for each in fields(cls)))

    def leaf_of(self, activity: Ints, known: Floats, cases: Ints) -> Ints:
        """The leaf of some cases at activities; `known` has a row per column of `Stays.names`, and a column per case."""
        node, flat, width = self.root.take(activity), known.reshape(-1), known.shape[1]
        low, high, after = self._ways
        going = np.flatnonzero(self.column.take(node) >= 0)
        here, case = node.take(going), cases.take(going)
        column = self.column.take(here)
        while len(going):
            x = flat.take(column * width + case)
            here = after.take(2 * here + ((x >= low.take(here)) & (x < high.take(here))))
            node[going] = here
            column = self.column.take(here)
            on = np.flatnonzero(column >= 0)
            going, here, case, column = going.take(on), here.take(on), case.take(on), column.take(on)
        return self.leaf.take(node)

    @cached_property
    def _ways(self) -> tuple[Floats, Floats, Ints]:
        """From which value on and below which one the answer of each node is yes, and the nodes after no and yes, node by node."""
        # Labels are whole numbers.
        low, high = np.where(self.equal, self.value - 0.5, -np.inf), np.where(self.equal, self.value + 0.5, self.value)
        return low, high, np.column_stack([self.no, self.yes]).reshape(-1)

    @cached_property
    def asked(self) -> frozenset[int]:
        """The columns that are asked anywhere."""
        return frozenset(self.column[self.column >= 0].tolist())


class Split(NamedTuple):
    """A question: whether a column is equal to a value, or less."""

    column: int
    value: float
    equal: bool

    def sides(self, x: Floats) -> NDArray[np.bool_]:
        """Which say yes."""
        return x == self.value if self.equal else x < self.value


@dataclass(frozen=True, eq=False)
class _Sample:
    """Stays of one activity of which the outcome is known, among which splits are looked for.

    Attributes
    ----------
    columns, labels
        What was known that tells them apart, and which of these are labels.
    x, bins
        A row per column: values, and the places of the parts they are cut into.
    cuts
        A row per column: the value of each part of a label, and for numbers the value below which it lies; NaN beyond.
    next, log_wait
        What came next (0: nothing), and the logarithm of the days until then.
    """

    columns: Ints
    labels: NDArray[np.bool_]
    x: Floats
    bins: NDArray[np.int32]
    cuts: Floats
    next: Ints
    log_wait: Floats

    def only(self, some: NDArray[np.bool_]) -> _Sample:
        """Some of them."""
        rows = {name: getattr(self, name)[..., some] for name in ("x", "bins", "next", "log_wait")}
        return replace(self, **rows)


def grow(stays: Stays) -> tuple[Trees, Ints]:
    """Grow a tree for each activity.

    Returns
    -------
    The trees, and the leaf of each stay.

    Notes
    -----
    A split must raise the likelihood of what comes next (multinomial) and of the days until then (lognormal, by what comes
    next) by more than the Bayesian information criterion asks for, and by the logarithm of the number of splits tried.
    Stays that have neither ended nor lasted longer than nearly all that did are left out of the search, and come back in
    the leaves. Never asked is when a case came: a leaf of recent stays has been watched too briefly to know long waits.
    """
    nodes: list[list[float]] = []
    leaf_of = np.full(len(stays), -1, np.int64)
    leaves = 0

    def add(above: int) -> int:
        nodes.append([-1, 0.0, False, -1, -1, -1, above])
        return len(nodes) - 1

    root = np.full(len(stays.activities), -1, np.int64)
    order = np.argsort(stays.activity, kind="stable")
    bounds = np.searchsorted(stays.activity[order], np.arange(len(stays.activities) + 1))
    for activity in range(len(stays.activities)):
        rows = np.sort(order[bounds[activity] : bounds[activity + 1]])
        root[activity] = add(-1)
        todo = [(int(root[activity]), rows, _sample(stays, activity, rows), 0)]
        while todo:
            node, rows, sample, depth = todo.pop()
            split = _best(sample) if depth < DEEPEST else None
            if split is None:
                nodes[node][5] = leaves
                leaf_of[rows] = leaves
                leaves += 1
                continue
            yes = split.sides(stays.column(rows, split.column))
            known = split.sides(sample.x[np.flatnonzero(sample.columns == split.column)[0]])
            children = add(node), add(node)
            nodes[node][:5] = [*split, *children]
            todo.append((children[1], rows[~yes], sample.only(~known), depth + 1))
            todo.append((children[0], rows[yes], sample.only(known), depth + 1))
    table = np.array(nodes, np.float64).reshape(-1, 7)
    column, yes_, no_, leaf, above = (table[:, k].astype(np.int64) for k in (0, 3, 4, 5, 6))
    return Trees(root, column, table[:, 1], table[:, 2] > 0, yes_, no_, leaf, above), leaf_of


def _sample(stays: Stays, activity: int, rows: Ints) -> _Sample:
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
    x, bins, cuts = [], [], np.full((len(stays.names), PARTS), np.nan)
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
            # Labels are whole numbers from -1 on.
            code = values.astype(np.int64) + 1
            there = np.bincount(code) > 0
            parts, place = (np.flatnonzero(there) - 1.0)[:PARTS], np.minimum(np.cumsum(there) - 1, PARTS)[code]
        else:
            parts = _middles(values, np.arange(1, PARTS) / PARTS)
            place = np.searchsorted(parts, values, "right")
        cuts[len(columns), : len(parts)] = parts
        columns.append(column)
        x.append(values)
        bins.append(place)
    labels = np.array([column in told or column >= seen for column in columns], bool)
    shape = (len(columns), len(rows))
    return _Sample(
        np.array(columns, np.int64), labels, np.array(x).reshape(shape), np.array(bins, np.int32).reshape(shape),
        cuts[: len(columns)], stays.next[rows].astype(np.int64) + 1, np.log(stays.wait[rows] + A_MINUTE),
    )  # fmt: skip


def _best(sample: _Sample) -> Split | None:
    """The split that tells most, if it tells enough."""
    n, many = len(sample.next), len(sample.columns)
    if n < 2 * SMALLEST_LEAF or not many:
        return None
    kinds, next_ = np.unique(sample.next, return_inverse=True)
    ends, parts, every = _parts(sample, next_, len(kinds))
    there = np.ones(len(parts[0]), bool)
    # Behind the last cut of a column lies the rest.
    there[ends - 1] = False
    side = parts[0].sum(axis=1)
    there &= np.minimum(side, n - side) >= SMALLEST_LEAF
    if not there.any():
        return None
    tried = int(there.sum())
    gain = _gains(parts[0][there], parts[1][there], parts[2][there], every, kinds > 0, n, tried)
    best = int(np.argmax(gain))
    if gain[best] <= 0:
        return None
    at = int(np.flatnonzero(there)[best])
    k = int(np.searchsorted(ends, at, "right"))
    part = at - (int(ends[k - 1]) if k else 0)
    split = Split(int(sample.columns[k]), float(sample.cuts[k, part]), bool(sample.labels[k]))
    if split.equal or split.column == COUNT:
        return split
    return split._replace(value=_closer(sample, k, split.value, next_, every, kinds > 0, tried))


def _parts(sample: _Sample, next_: Ints, width: int) -> tuple[Ints, Floats, Floats]:
    """What lies in each part of each column, or up to its end where the column is a number: counts, sums of log waits, of squares.

    Returns
    -------
    Behind which row each column ends; the three, a row per part and a column per activity that comes next; and those of all.
    """
    n, many = len(next_), len(sample.columns)
    ends = np.cumsum((~np.isnan(sample.cuts)).sum(axis=1) + 1)
    begins = np.append(0, ends[:-1])
    weights, parts = (None, sample.log_wait, sample.log_wait**2), np.empty((3, ends[-1], width))
    # Some columns at once, as many as stay where they are quickly read again.
    some = max(COUNTED_AT_ONCE // n, 1)
    for k in range(0, many, some):
        low, high = int(begins[k]), int(ends[min(k + some, many) - 1])
        key = ((sample.bins[k : k + some] + (begins[k : k + some] - low)[:, None]) * width + next_).reshape(-1)
        for total, weight in zip(parts, weights, strict=True):
            tiled = None if weight is None else np.tile(weight, len(key) // n)
            total[low:high] = np.bincount(key, tiled, (high - low) * width).reshape(-1, width)
    every = parts[:, : ends[0]].sum(axis=1)
    for k in np.flatnonzero(~sample.labels):
        parts[:, begins[k] : ends[k]] = np.cumsum(parts[:, begins[k] : ends[k]], axis=1)
    return ends, parts, every


def _closer(
    sample: _Sample, k: int, value: float, next_: Ints, every: Floats, ended: NDArray[np.bool_], tried: int
) -> float:
    """Where around a value a number is best cut, looked for at hundredths: a limit of 15 % is found as 15 %."""
    x, width = sample.x[k], every.shape[1]
    around = np.clip((x < value).mean() + np.arange(-9, 10) / 100, 0, 1)
    values = np.unique(np.append(_middles(x, around), value))
    key = np.searchsorted(values, x, "right") * width + next_
    weights = (None, sample.log_wait, sample.log_wait**2)
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
