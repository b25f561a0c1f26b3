"""Which findings are one cause seen twice?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from l2c.stats import Estimate

# Two rates tell of one thing where most cases that went wrong in the one did so in the other.
SAME = 0.6
# Not having gone on in time tells less of a group than its days do, and no more of it than a rate that is surer.
STUCK = "stuck"
PAYMENT_STEP = ("Invoice Sent", "Payment Received")


@dataclass(frozen=True, eq=False)
class Finding:
    """A group that differs in one KPI.

    Attributes
    ----------
    attribute, value
        One of each, or two for a pair.
    lost
        Days, or cases, beyond what the group would have had.
    inside, everything
        The KPI's sum in the group and in all: days, or cases that went wrong.
    adjusted_for, looked_at
        Attributes in the model, and those that were tried besides.
    wrong
        For a rate, the cases of the group that went wrong.
    of
        The cases of the group.
    within
        Days that were given for it, if any.
    unadjusted
        The effect per case, measured the same way and adjusted for nothing.
    against
        The groups it is compared with, if not all others.
    mean
        The KPI per case of the group as it stands: days, or the share that it counts.
    """

    kpi: str
    step: tuple[str, str] | None
    attribute: tuple[str, ...]
    value: tuple[object, ...]
    worse: bool
    is_days: bool
    lost: Estimate
    cases: int
    left_out: float
    everything: float
    q: float
    raw: float
    adjusted_for: tuple[str, ...]
    looked_at: tuple[str, ...]
    wrong: NDArray[np.int64]
    of: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    within: float = np.nan
    unadjusted: float = np.nan
    echoes: tuple[str, ...] = ()
    against: tuple[object, ...] = ()
    mean: float = np.nan

    @property
    def near(self) -> float:
        """What is lost at least, as a part of the whole."""
        bound = self.lost.low if self.lost.value > 0 else -self.lost.high
        return max(bound, 0.0) / self.everything if self.everything else 0.0


def folded(found: list[Finding], order: dict[str, int], minor: Collection[str] = ()) -> list[Finding]:
    """Put the echoes of each cause under its most certain finding; `minor` KPIs stand under others where they can.

    Two findings about the same group are one where their steps overlap in the order of the process (an event that
    was not recorded makes a longer step of two), where both tell of payment, or where the same cases went wrong. The
    days of overlapping steps add up, since a case takes one step or the other.
    """
    kept: list[Finding] = []
    for finding in sorted(found, key=lambda f: (f.kpi in minor, f.kpi == STUCK, f.q, -f.near, f.kpi, str(f.step))):
        place = next((k for k, other in enumerate(kept) if _same(finding, other, order)), None)
        if place is None:
            kept.append(finding)
        elif finding.kpi == STUCK and not kept[place].is_days and finding.q < kept[place].q:
            kept[place] = _joined(finding, kept[place])
        else:
            kept[place] = _joined(kept[place], finding)
    return kept


def _same(one: Finding, other: Finding, order: dict[str, int]) -> bool:
    if (one.attribute, one.value, one.worse) != (other.attribute, other.value, other.worse):
        return False
    spans = [_span(f, order) for f in (one, other)]
    if spans[0] and spans[1]:
        return spans[0][0] < spans[1][1] and spans[1][0] < spans[0][1]
    if one.is_days or other.is_days:
        return False
    both = len(np.intersect1d(one.wrong, other.wrong))
    return both > SAME * max(min(len(one.wrong), len(other.wrong)), 1)


def _span(finding: Finding, order: dict[str, int]) -> tuple[int, int] | None:
    """Where a step, or what tells of one, begins and ends in the order of the process."""
    step = PAYMENT_STEP if finding.kpi in ("late_payment_incidence", "invoice_to_payment_days") else finding.step
    if step is None or not set(step) <= set(order):
        return None
    return order[step[0]], order[step[1]]


def _joined(cause: Finding, echo: Finding) -> Finding:
    name = " → ".join(echo.step) if echo.step and echo.kpi != STUCK else echo.kpi
    # Of an echo that has echoes, these are echoes too.
    echoes = (*cause.echoes, *(e for e in (name, *echo.echoes) if e not in cause.echoes))
    if not (cause.is_days and echo.is_days and cause.step and echo.step):
        return replace(cause, echoes=echoes)
    value = cause.lost.value + echo.lost.value
    down = np.hypot(cause.lost.value - cause.lost.low, echo.lost.value - echo.lost.low)
    up = np.hypot(cause.lost.high - cause.lost.value, echo.lost.high - echo.lost.value)
    lost = Estimate(value, float(value - down), float(value + up))
    cases, everything = cause.cases + echo.cases, cause.everything + echo.everything
    of = np.union1d(cause.of, echo.of)
    # Steps put together are compared with whom any of them is; all others hold the rest.
    both = cause.against and echo.against
    against = tuple(sorted(dict.fromkeys([*cause.against, *echo.against]), key=lambda x: x is None)) if both else ()
    mean = (cause.mean * cause.cases + echo.mean * echo.cases) / max(cases, 1)
    whole = replace(cause, lost=lost, cases=cases, echoes=echoes, against=against)
    return replace(whole, everything=everything, of=of, mean=mean)
