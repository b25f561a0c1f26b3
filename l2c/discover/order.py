"""In which order do the activities stand, so that as little as possible runs backward?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from l2c import vocabulary
from l2c.log import END, START

if TYPE_CHECKING:
    import pandas as pd

# Beyond this many activities, only the start of the search is affordable; what is rare hardly moves anything.
_THOROUGH = 80


def activity_order(flow: pd.DataFrame) -> dict[str, int]:
    """Place the activities one after another so that the steps against that order are as few as possible.

    Parameters
    ----------
    flow
        The result of `discover.flow`, best of the whole log: given to the maps of filtered logs, it keeps rework
        rework and every box in its place.

    Returns
    -------
    Activity to place, from 0 (START) to the last (END).

    Notes
    -----
    Eades, Lin and Smyth (1993), A fast and effective heuristic for the feedback arc set problem, followed by
    moving single activities and short runs of them while that helps. What the steps leave open is decided by
    the order of the process in the vocabulary.
    """
    names = sorted({*flow["from"], *flow["to"]} - {START, END}, key=_place)
    lead = _lead(flow, names)
    order = _greedy(lead)
    for _ in range(30 if len(names) <= _THOROUGH else 2):
        before = list(order)
        for run in (1, 2, 3, 4):
            order = _moved(order, lead, run)
        if order == before:
            break
    return {name: place for place, name in enumerate([START, *(names[k] for k in order), END])}


def _place(name: str) -> tuple[int, str]:
    known = vocabulary.process_order(name)
    return (len(vocabulary.activities()) if known is None else known, name)


def _lead(flow: pd.DataFrame, names: list[str]) -> np.ndarray:
    """How many more steps go from one activity to another than back; ties hold less than one step in all."""
    index = {name: k for k, name in enumerate(names)}
    n = len(names)
    steps = np.zeros((n, n))
    edge = np.zeros(n)
    for start, end, events in zip(flow["from"], flow["to"], flow["events"], strict=True):
        if start in index and end in index:
            steps[index[start], index[end]] += events
        elif start == START and end in index:
            edge[index[end]] += events
        elif end == END and start in index:
            edge[index[start]] -= events
    lead = steps - steps.T
    places = np.array([_place(name)[0] for name in names])
    known = places < len(vocabulary.activities())
    tie = np.sign(places[None, :] - places[:, None]) * (known[:, None] & known[None, :])
    # What begins cases stands before what ends them, wherever neither steps nor vocabulary decide.
    early = np.sign(edge[:, None] - edge[None, :]) * (tie == 0)
    return lead + (tie + 0.25 * early) / (2.0 * max(n, 1) ** 2)


def _greedy(lead: np.ndarray) -> list[int]:
    left = list(range(len(lead)))
    total = lead.sum(axis=1)
    order = []
    while left:
        first = left.pop(int(np.argmax(total[left])))
        order.append(first)
        total -= lead[:, first]
    return order


def _moved(order: list[int], lead: np.ndarray, run: int) -> list[int]:
    """Take out each run of activities and put it where it leaves the fewest steps backward."""
    for first in list(order[: len(order) - run + 1]):
        at = order.index(first)
        block = order[at : at + run]
        if len(block) < run:
            continue
        rest = order[:at] + order[at + run :]
        gain = lead[np.ix_(block, rest)].sum(axis=0)
        score = np.concatenate([[gain.sum()], gain.sum() - 2 * np.cumsum(gain)])
        best = int(np.argmax(score))
        if score[best] > score[at] + 1e-9:
            order = rest[:best] + block + rest[best:]
    return order
