"""Random numbers that belong to a case and a step, so that what a change does not touch comes out the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# What a number is drawn for; each has numbers of its own.
END, BEYOND, DESK, LEAVE, LEVER, FILL, AGAIN = range(7)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_ROUNDS = ((np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)), (np.uint64(27), np.uint64(0x94D049BB133111EB)))
_CASE, _STEP = np.uint64(0xD1B54A32D192ED03), np.uint64(0x8CB92BA72F3D8DD7)


def uniform(seed: int, purpose: int, case: NDArray[np.int64], step: NDArray[np.int64] | int = 0) -> NDArray[np.float64]:
    """A number between 0 and 1 for each case and step; the same for the same four, whatever else is drawn.

    Notes
    -----
    A counter, mixed: SplitMix64 (Steele, Lea and Flood, 2014).
    """
    with np.errstate(over="ignore"):
        key = np.asarray(step).astype(np.uint64) * _STEP
        key = key + _mixed(np.array([seed * 16 + purpose], np.int64).astype(np.uint64) * _GOLDEN)
        key = _mixed(key + np.asarray(case).astype(np.uint64) * _CASE)
    key >>= np.uint64(11)
    return (key.astype(np.float64) + 0.5) * 2.0**-53


def _mixed(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    for shift, factor in _ROUNDS:
        z ^= z >> shift
        z *= factor
    z ^= z >> np.uint64(31)
    return z
