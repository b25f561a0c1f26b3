"""What is it worth that a group of cases is slower, or is won more seldom? Of its own deals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l2c.diagnose.causes.echoes import STUCK, Finding
from l2c.measures.facts import NEVER, Facts
from l2c.stats import normal

# The mean of fewer amounts says little of a group's deals.
FEWEST_AMOUNTS = 10


class Worth:
    """What a day, a deal and a lead of some cases are worth; unknown where too few amounts are known, or they are mixed."""

    def __init__(self, facts: Facts, cost: float, level: float) -> None:
        amount = facts.number("amount")
        self.facts, self.cost, self.z = facts, cost, normal(level)
        self.amount = np.where((amount > 0) & facts.log.one_currency, amount, np.nan)

    def of(self, found: Finding) -> tuple[float, float]:
        """Money per unit lost by a group, and its relative error: amounts vary from deal to deal."""
        facts, some = self.facts, found.of
        if found.is_days:
            each, error = self._mean(some)
            return each * self.cost / facts.days_a_year, error
        if found.kpi == STUCK:
            return self._mean(found.wrong)
        won, lost = some[facts.won[some] != NEVER], some[facts.lost[some] != NEVER]
        if found.kpi == "win_rate_incidence":
            # A deal that might have gone either way lies between those won and those lost.
            (one, first), (other, second) = self._mean(won), self._mean(lost)
            between = (one + other) / 2, float(np.hypot(one * first, other * second)) / (one + other)
            return between if np.isfinite(between[0]) else self._mean(np.union1d(won, lost))
        if found.kpi == "lead_conversion_incidence" and len(won):
            each, error = self._mean(won if len(won) >= FEWEST_AMOUNTS else some[facts.deal[some]])
            share = len(won) / (len(won) + len(lost))
            return each * share, float(np.hypot(error, ((1 - share) / len(won)) ** 0.5))
        return np.nan, np.nan

    def _mean(self, some: NDArray[np.int64]) -> tuple[float, float]:
        known = self.amount[some]
        known = known[np.isfinite(known)]
        if len(known) < FEWEST_AMOUNTS:
            return np.nan, np.nan
        return float(known.mean()), float(known.std(ddof=1) / known.mean() / len(known) ** 0.5)

    def stake(self, found: Finding) -> dict[str, float]:
        """Money lost with its interval; both errors add up as logarithms, since neither days nor amounts go below nought."""
        near, lost, far = sorted(map(abs, found.lost))
        each, error = self.of(found)
        down, up = (np.hypot(np.log(ratio), self.z * error) for ratio in (lost / near, far / lost))
        ends = {"_low": float(np.exp(-down)), "": 1.0, "_high": float(np.exp(up))}
        return {f"money{end}": lost * each * part for end, part in ends.items()}
