"""Where does chance come from? Every draw has a stream of its own, so that changing one leaves all others alike."""

from __future__ import annotations

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Chance:
    """Draws for every case at once, told apart by name.

    The same name gives the same numbers, whatever else was drawn before: two worlds of one seed that differ in
    one cause differ in nothing else.
    """

    def __init__(self, seed: int, cases: int):
        self.seed = seed % 2**64
        self.cases = cases

    def stream(self, what: str) -> np.random.Generator:
        """Return the generator of one name, at its start."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(crc32(what.encode()),)))

    def uniform(self, what: str) -> Floats:
        """One number in [0, 1) per case."""
        return self.stream(what).random(self.cases)

    def hits(self, what: str, probability: float | Floats) -> Flags:
        """Whether it happens, per case."""
        return self.uniform(what) < probability

    def normal(self, what: str) -> Floats:
        """One standard normal number per case."""
        return self.stream(what).standard_normal(self.cases)

    def days(self, what: str, median: float | Floats, spread: float) -> Floats:
        """One log-normal duration per case; `spread` is the standard deviation of its logarithm."""
        return median * np.exp(spread * self.normal(what))

    def choice(self, what: str, weights: Floats) -> Codes:
        """Return one code per case, drawn by weights: one row for all cases, or a row for each."""
        steps = np.cumsum(np.atleast_2d(weights), axis=1)
        drawn = self.uniform(what)[:, None] * steps[:, -1:]
        return np.asarray((drawn >= steps[:, :-1]).sum(axis=1), np.int64)
