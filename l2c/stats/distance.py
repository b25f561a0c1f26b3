"""How far is what a model says from what came? Distances between distributions and between sequences, on plain arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def wasserstein(one: Floats, other: Floats) -> float:
    """By how much one set of numbers must be moved on average to become another (1-Wasserstein, earth mover's distance).

    NaN where one of them is empty.
    """
    if not len(one) or not len(other):
        return float("nan")
    one, other = np.sort(one), np.sort(other)
    every = np.sort(np.concatenate([one, other]))
    below = [np.searchsorted(each, every[:-1], "right") / len(each) for each in (one, other)]
    return float((np.abs(below[0] - below[1]) * np.diff(every)).sum())


def grams_apart(
    one: tuple[NDArray[np.int64], NDArray[Any]], other: tuple[NDArray[np.int64], NDArray[Any]], n: int = 3
) -> float:
    """How unlike two sets of cases are in what follows what: 0 alike, 1 with nothing in common.

    Parameters
    ----------
    one, other
        `case, symbol` of each: symbols are numbers from 0, by case and in their order.

    Notes
    -----
    Half the sum of the absolute differences of the shares of all n-grams, beginning and end of a case among them (Augusto et
    al., 2019; Chapela-Campa et al., 2023). NaN where one of them is empty.
    """
    if not len(one[0]) or not len(other[0]):
        return float("nan")
    base = max(int(one[1].max()), int(other[1].max())) + 2
    found = [_grams(*each, n, base) for each in (one, other)]
    keys = np.unique(np.concatenate([key for key, _ in found]))
    shares = np.zeros((2, len(keys)))
    for row, (key, count) in zip(shares, found, strict=True):
        row[np.searchsorted(keys, key)] = count / count.sum()
    return float(np.abs(shares[0] - shares[1]).sum() / 2)


def _grams(
    case: NDArray[np.int64], symbol: NDArray[Any], n: int, base: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Runs of n neighbouring symbols as numbers, and how often each occurs; beyond both ends of a case stands 0."""
    head = np.flatnonzero(np.concatenate([[True], case[1:] != case[:-1]]))
    size, pad = np.diff(np.append(head, len(case))), n - 1
    padded = np.zeros(len(case) + 2 * pad * len(head), np.int64)
    padded[np.arange(len(case)) + np.repeat(np.arange(len(head)) * 2 * pad + pad, size)] = symbol.astype(np.int64) + 1
    owner = np.repeat(np.arange(len(head)), size + 2 * pad)
    many = len(padded) - pad
    key = np.zeros(many, np.int64)
    for place in range(n):
        key = key * base + padded[place : many + place]
    return np.unique(key[owner[:many] == owner[pad:]], return_counts=True)
