"""What goes with the groups that were found, measured on all observations of a KPI?

A million observations are few cells: what the model tells apart is periods, adjusters, and who is in which group.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l2c.diagnose.causes.cells import adjusters, combined, merged
from l2c.diagnose.causes.effects import Model, lost_days, lost_events
from l2c.diagnose.causes.fits import Sums
from l2c.diagnose.causes.search import Search, columns
from l2c.diagnose.causes.targets import Target
from l2c.diagnose.causes.together import Asked, Rows, Shared
from l2c.stats import Estimate

Floats = NDArray[Any]
Codes = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Measured:
    """The observations of a KPI with the groups that were found.

    Attributes
    ----------
    period, shared
        Period of each observation, and what those share that are old enough to be compared.
    floor
        Days that are added before logarithms are taken.
    codes, inside
        For each group: codes of its attribute, and which observations are in it.
    """

    target: Target
    search: Search
    period: Codes
    shared: tuple[Shared, ...]
    floor: float
    level: float
    codes: list[Codes]
    inside: list[NDArray[np.bool_]]

    @classmethod
    def of(
        cls, target: Target, search: Search, period: Codes, shared: tuple[Shared, ...], floor: float, level: float
    ) -> Measured:
        """Take the groups of a search to all observations."""
        codes = [search.groups[place].of_cases(target.case) for place, _ in search.chosen]
        inside = [each == code for each, (_, code) in zip(codes, search.chosen, strict=True)]
        return cls(target, search, period, shared, floor, level, codes, inside)

    def lost(self) -> Iterator[Estimate]:
        """What goes with each group beside all others, adjusted as they were found."""
        case = self.target.case
        apart, _ = self._patterns
        told, first = merged(self.search.adjusting, apart, case, self.period)
        model = Model(
            columns(told.count, adjusters(told)), self.period[first], self._asked(first, self._every), self.level
        )
        return self._lost(told.of_case, told.count, model)

    def plain(self, place: int) -> Estimate:
        """What goes with a group beside other values of its attribute, adjusted for nothing."""
        beside = [place, *(k for k in self._every if k != place and self.search.akin(k, place))]
        apart, patterns = self._patterns
        first = np.zeros(patterns, np.int64)
        first[apart] = np.arange(len(apart))
        model = Model(np.ones((1, patterns)), np.zeros(patterns, np.int64), self._asked(first, beside), self.level)
        return next(self._lost(apart, patterns, model))

    @property
    def _every(self) -> Sequence[int]:
        return range(len(self.inside))

    @property
    def _patterns(self) -> tuple[Codes, int]:
        """Who is in the same groups, and how many sets of groups there are."""
        return combined(((each.astype(np.int64), 2) for each in self.inside), len(self.target.case))

    def _asked(self, first: Codes, some: Sequence[int]) -> list[Asked]:
        """Groups on cells with these first observations."""
        found = []
        for k in some:
            place, code = self.search.chosen[k]
            of_cell = np.where(self.inside[k][first], code, -1)
            rows = self.codes[k][self.target.mature]
            found.append(Asked(self.search.groups[place].names, of_cell, code, place, rows))
        return found

    def _lost(self, cell: Codes, count: int, model: Model) -> Iterator[Estimate]:
        target, old = self.target, self.target.mature
        every = Sums.of(cell, target.value, count)
        rows = Rows(cell[old], target.value[old], self.shared)
        if not target.is_days:
            return lost_events(every, rows, model)
        logs = Sums.of(rows.cell, np.log(rows.value + self.floor), count)
        return lost_days(logs, Sums.of(rows.cell, rows.value, count), every, rows, self.floor, model)
