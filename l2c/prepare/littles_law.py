"""Do the open deals add up? As many as come in, times how long they stay, must be there."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2c import engine
from l2c.log import EventLog, leads
from l2c.log.columns import MICROSECONDS_A_DAY
from l2c.log.zone import micros
from l2c.stats import SMALLEST_SAMPLE, kaplan_meier

Floats = NDArray[np.float64]
# Off by more than this, something is missing in the log or stands still for good.
MOST = 0.2
# A history shorter than so many times what the deals take is too short to tell.
HISTORIES = 3.0


class Flow(NamedTuple):
    """Deals open on average; new ones a day; how many days each of them should have been open, by those that were closed."""

    open: float
    new: float
    days: float

    @property
    def expected(self) -> float:
        """How many should be open on average."""
        return self.new * self.days

    @property
    def fits(self) -> bool:
        """Whether they add up."""
        return abs(self.open / self.expected - 1) <= MOST


def flow(log: EventLog) -> Flow | None:
    """Mean number of open deals against arrivals and time until they are closed, over the time that was watched.

    Returns
    -------
    None where the log does not tell enough: fewer than 20 deals closed, or a history shorter than three times what they
    take.

    Notes
    -----
    Little's law (1961) for a window that begins empty: a deal that came `u` days before the extraction is expected to
    have been open for the area under the curve of those that are closed, up to `u`. So growth and a young log are no
    deviation. Deals opened before the history began are left out.
    """
    start, end, until = _lives(log)
    if log.history_start is not None:
        kept = start >= micros(log.history_start)
        start, end = start[kept], end[kept]
    seen = end <= until
    if seen.sum() < SMALLEST_SAMPLE:
        return None
    days, follow = (
        np.maximum(np.minimum(end, until) - start, 0) / MICROSECONDS_A_DAY,
        (until - start) / MICROSECONDS_A_DAY,
    )
    window, expected = float(follow.max()), _expected(days, seen, follow)
    if not expected.mean() > 0 or window < HISTORIES * days[seen].mean():
        return None
    return Flow(float(days.sum()) / window, len(days) / window, float(expected.mean()))


def _expected(days: Floats, seen: NDArray[np.bool_], follow: Floats) -> Floats:
    """Days for which each should have been open by now if it were closed like those that were closed."""
    curve = kaplan_meier(days, seen)
    known = curve.at_risk >= SMALLEST_SAMPLE
    time, share = np.append(0.0, curve.time[known]), np.append(1.0, curve.share[known])
    # Those that are never closed are no part of how long it takes to close one; whoever would still be closed, if the
    # second half of the time were repeated, is.
    never = max(0.0, 2 * share[-1] - float(share[np.searchsorted(time, time[-1] / 2, "right") - 1]))
    left = (share - never) / (1 - never) if never < 1 else share
    area = np.append(0.0, np.cumsum(left[:-1] * np.diff(time)))
    return np.asarray(np.interp(follow, time, area))


def _lives(log: EventLog) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """When each deal was opened, when it was closed or given up (a moment after the extraction while it is not), and the extraction."""

    until = micros(log.extracted)
    there = log.cases.collect_schema().names()
    told = ["whole_lead"] if "whole_lead" in there else []
    cases = engine.collect(log.cases.select("case_key", "status", "started", "variant_id", *told)).set_index("case_key")
    lead = cases["whole_lead"].astype(bool) if told else cases["variant_id"].isin(log.base.leads)
    cases = cases[~lead | cases["status"].isin(["won", "lost", "paid"])]
    opened = log.base.reached([leads.OPPORTUNITY]).get(leads.OPPORTUNITY)
    start = cases["started"] if opened is None else opened.reindex(cases.index).fillna(cases["started"])
    decided = engine.collect(log.base.decided).set_index("case_key")["decided"].reindex(cases.index)
    closed = decided.notna() & cases["status"].ne("open")
    end = decided.to_numpy("datetime64[us]").astype(np.int64)
    return start.to_numpy("datetime64[us]").astype(np.int64), np.where(closed, end, until + 1), until
