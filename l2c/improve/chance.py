"""Random numbers that belong to a case and a step, so that what a change does not touch comes out the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
# What a number is drawn for; each has numbers of its own.
END, BEYOND, DESK, LEAVE, LEVER, FILL, AGAIN = range(7)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_ROUNDS = ((np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)), (np.uint64(27), np.uint64(0x94D049BB133111EB)))
_CASE, _STEP = np.uint64(0xD1B54A32D192ED03), np.uint64(0x8CB92BA72F3D8DD7)


def uniform(
    seed: int | NDArray[np.int64], purpose: int, case: NDArray[np.int64], step: NDArray[np.int64] | int = 0
) -> NDArray[np.float64]:
    """A number between 0 and 1 for each case and step; the same for the same four, whatever else is drawn.

    Notes
    -----
    A counter, mixed: SplitMix64 (Steele, Lea and Flood, 2014).
    """
    return numbers(keys(seed, purpose, case), step)


def keys(seed: int | NDArray[np.int64], purpose: int, case: NDArray[np.int64]) -> Keys:
    """What is the same in the numbers of all steps of each case."""
    of = np.atleast_1d(np.asarray(seed, np.int64) * 16 + purpose).view(np.uint64) * _GOLDEN
    return np.asarray(_mixed(of) + np.asarray(case, np.int64).view(np.uint64) * _CASE)


def numbers(keys: Keys, step: NDArray[np.int64] | int) -> NDArray[np.float64]:
    """The number of each case, of which the key is known, at a step."""
    key = _mixed(keys + np.atleast_1d(np.asarray(step, np.int64)).view(np.uint64) * _STEP)
    key >>= np.uint64(11)
    found = key.astype(np.float64)
    found += 0.5
    found *= 2.0**-53
    return found


def _mixed(z: Keys) -> Keys:
    for shift, factor in _ROUNDS:
        z ^= z >> shift
        z *= factor
    z ^= z >> np.uint64(31)
    return z
