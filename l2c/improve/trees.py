"""Which stays are alike? A small tree per activity, of what tells what comes next and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l2c.improve.splits import best, sample
from l2c.improve.stays import Stays

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
# So many splits lie above one another at most.
DEEPEST = 5


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
                    np.where((x := getattr(each, name)) < 0, x, x + moved[name][k])
                    if name in moved
                    else getattr(each, name)
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
    def asking(self) -> dict[int, NDArray[np.bool_]]:
        """Of each column that is asked, which trees ask it."""
        top = np.where(self.above < 0, np.arange(len(self.above)), self.above)
        for _ in range(DEEPEST):
            top = top[top]
        found = {}
        for column in self.asked:
            found[column] = np.zeros(len(self.root), bool)
            found[column][np.searchsorted(self.root, top[self.column == column])] = True
        return found

    @cached_property
    def asked(self) -> frozenset[int]:
        """The columns that are asked anywhere."""
        return frozenset(self.column[self.column >= 0].tolist())


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
        todo = [(int(root[activity]), rows, sample(stays, activity, rows), 0)]
        while todo:
            node, rows, known, depth = todo.pop()
            split = best(known) if depth < DEEPEST else None
            if split is None:
                nodes[node][5] = leaves
                leaf_of[rows] = leaves
                leaves += 1
                continue
            yes = split.sides(stays.column(rows, split.column))
            sides = split.sides(known.x[np.flatnonzero(known.columns == split.column)[0]])
            children = add(node), add(node)
            nodes[node][:5] = [*split, *children]
            todo.append((children[1], rows[~yes], known.only(~sides), depth + 1))
            todo.append((children[0], rows[yes], known.only(sides), depth + 1))
    table = np.array(nodes, np.float64).reshape(-1, 7)
    column, yes_, no_, leaf, above = (table[:, k].astype(np.int64) for k in (0, 3, 4, 5, 6))
    return Trees(root, column, table[:, 1], table[:, 2] > 0, yes_, no_, leaf, above), leaf_of
