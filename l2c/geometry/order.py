"""In which order do the activities stand, so that as little as possible runs backward?"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from l2c.log import END, START
from l2c.words import vocabulary

if TYPE_CHECKING:
    import pandas as pd

# Beyond this many activities, only the start of the search is affordable; what is rare hardly moves anything.
_THOROUGH = 80
# So many activities are put in the best of all orders.
_EXACT = 10
_WINDOW = 5


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
    moving single activities and short runs of them while that helps; up to ten activities, the order is the best
    there is. What the steps leave open is decided by the order of the process in the vocabulary.
    """
    return dict(_order(tuple(zip(flow["from"], flow["to"], flow["events"].tolist(), strict=True))))


@lru_cache(maxsize=16)
def _order(flow: tuple[tuple[str, str, float], ...]) -> dict[str, int]:
    """The order, kept: each step, each chapter and each map of a log asks for that of the same flow."""
    names = sorted({end for step in flow for end in step[:2]} - {START, END}, key=_place)
    lead = _lead(flow, names)
    order = _greedy(lead)
    for _ in range(30 if len(names) <= _THOROUGH else 2):
        before = list(order)
        for run in (1, 2, 3, 4):
            order = _moved(order, lead, run)
        if order == before:
            break
    window = _EXACT if len(names) <= _EXACT else _WINDOW
    for first in range(max(1, len(order) - window + 1)):
        order[first : first + window] = _best(order[first : first + window], lead)
    return {name: place for place, name in enumerate([START, *(names[k] for k in order), END])}


def _place(name: str) -> tuple[int, str]:
    known = vocabulary.process_order(name)
    return (len(vocabulary.activities()) if known is None else known, name)


def _lead(flow: tuple[tuple[str, str, float], ...], names: list[str]) -> np.ndarray:
    """How many more steps go from one activity to another than back; ties hold less than one step in all."""
    index = {name: k for k, name in enumerate(names)}
    n = len(names)
    steps = np.zeros((n, n))
    edge = np.zeros(n)
    for start, end, events in flow:
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


def _best(few: list[int], lead: np.ndarray) -> list[int]:
    """Find the best order of a few activities, by dynamic programming over which of them have been placed."""
    n = len(few)
    part = lead[np.ix_(few, few)]
    # What each activity gains by coming right after a set of others; a set is the bits of its number.
    gain = np.zeros((1 << n, n))
    for placed in range(1, 1 << n):
        low = (placed & -placed).bit_length() - 1
        gain[placed] = gain[placed & (placed - 1)] + part[low]
    score, last = [0.0] * (1 << n), [0] * (1 << n)
    gains = gain.tolist()
    for placed in range(1, 1 << n):
        members = (k for k in range(n) if placed >> k & 1)
        score[placed], minus = max((score[placed ^ 1 << k] + gains[placed ^ 1 << k][k], -k) for k in members)
        last[placed] = -minus
    order, placed = [], (1 << n) - 1
    while placed:
        order.append(few[last[placed]])
        placed ^= 1 << last[placed]
    return order[::-1]
