"""What do simulated cases come to: the key figures, told of paths as `l2c.kpis` tells them of a log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2c import stats
from l2c.improve.run import Paths
from l2c.improve.stays import Stays
from l2c.measures.spans import OPEN, OTHERWISE, SEEN, STAND_IN
from l2c.words import vocabulary
from l2c.words.measures import measures

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
LEAD, CONVERTED, GIVEN_UP, OPPORTUNITY = "Lead Created", "Lead Converted", "Lead Disqualified", "Opportunity Created"
WON, LOST, REOPENED, PAID = "Closed Won", "Closed Lost", "Opportunity Reopened", "Payment Received"
# What a measure is told by, beside its median or its share.
MEAN, P90 = "mean", "p90"
A_SECOND = 1 / 86400


class Figure(NamedTuple):
    """A key figure: the id of its measure, and which number of it (`share`, `median`, `mean`, `p90`)."""

    measure: str
    of: str

    @property
    def unit(self) -> str:
        """Its unit, `day` or `fraction`."""
        return measures()[self.measure].unit


FIGURES = (
    Figure("lead_conversion_rate", "share"),
    Figure("win_rate", "share"),
    Figure("sales_cycle_days", "median"),
    Figure("sales_cycle_days", MEAN),
    Figure("sales_cycle_days", P90),
    Figure("quote_to_contract_days", "median"),
    Figure("invoice_to_payment_days", "median"),
    Figure("order_error_rate", "share"),
    Figure("discount_approval_days", "median"),
)
"""The key figures by which a run is judged."""


class Seen(NamedTuple):
    """What was seen of a measure, a row per case (or approval): the days or 1 and 0, and how it ended (see `Observations`)."""

    case: Ints
    value: Floats
    how: NDArray[np.int8]

    def only(self, some: Flags) -> Seen:
        """Some of the rows."""
        return Seen(self.case[some], self.value[some], self.how[some])


@dataclass(frozen=True, eq=False)
class Times:
    """When each case first and last saw each activity, in days; what never happened comes first at infinity, last at minus infinity.

    `earliest` and `latest` have a row per activity and a column per case.

    Attributes
    ----------
    paths
        All events.
    names
        What their activities are called.
    until
        What happened later is not known.
    dated
        Activities of which only the day is known.
    """

    paths: Paths
    names: tuple[str, ...]
    until: float
    dated: tuple[str, ...]
    earliest: Floats
    latest: Floats

    @classmethod
    def of(cls, paths: Paths, stays: Stays, cases: int, until: float) -> Times:
        """The times of some cases, of which `paths` may hold later events too, with the activities of some stays."""
        names = stays.activities
        known = paths.time <= until
        paths = paths if known.all() else paths.only(known)
        place = paths.activity.astype(np.int64) * cases + paths.case
        first, last = np.full(cases * len(names), np.inf), np.full(cases * len(names), -np.inf)
        np.minimum.at(first, place, paths.time)
        np.maximum.at(last, place, paths.time)
        earliest, latest = (times.reshape(len(names), cases) for times in (first, last))
        return cls(paths, names, until, stays.dated, earliest, latest)

    def only(self, some: Flags) -> Times:
        """Those of some of the cases."""
        place = np.cumsum(some) - 1
        rows = some[self.paths.case]
        paths = Paths(place[self.paths.case[rows]], self.paths.activity[rows], self.paths.time[rows])
        return replace(self, paths=paths, earliest=self.earliest[:, some], latest=self.latest[:, some])

    def first(self, *names: str) -> Floats:
        """When the first of some activities first happened in each case."""
        return self._joined(self.earliest, names, np.minimum, np.inf)

    def last(self, *names: str) -> Floats:
        """When any of some activities last happened in each case; minus infinity where none did."""
        return self._joined(self.latest, names, np.maximum, -np.inf)

    def _joined(self, table: Floats, names: Sequence[str], which: np.ufunc, never: float) -> Floats:
        rows = [table[self.names.index(name)] for name in names if name in self.names]
        return reduce(which, rows) if rows else np.full(len(self), never)

    def __len__(self) -> int:
        return self.earliest.shape[1]

    def knows(self, names: Iterable[str]) -> bool:
        """Whether some activity of these is one of the process."""
        return bool(set(names) & set(self.names))

    @cached_property
    def won(self) -> Floats:
        """When each deal was won."""
        last, close = self.last(WON, LOST, REOPENED), self.last(WON, LOST)
        closed = np.isfinite(last) & (last == self.last(WON))
        # What was paid was won, whatever was recorded of it.
        won = (closed | np.isfinite(self.first(PAID))) & ~np.isfinite(self.lost)
        found = np.where(won, close, np.inf)
        unsaid = np.flatnonzero(won & ~np.isfinite(close))
        found[unsaid] = self.latest[:, unsaid].max(axis=0, initial=-np.inf)
        return found

    @cached_property
    def lost(self) -> Floats:
        """When each deal was lost."""
        last = self.last(WON, LOST, REOPENED)
        return np.where(np.isfinite(last) & (last == self.last(LOST)), last, np.inf)

    @cached_property
    def disqualified(self) -> Floats:
        """When each lead was given up that became no deal."""
        deals = [name for name in self.names if vocabulary.phase_of(name) not in (None, "lead")]
        given_up = self.last(GIVEN_UP)
        found = np.full(len(self), np.inf)
        over = np.flatnonzero(np.isfinite(given_up) & (given_up >= self.last(CONVERTED)))
        rows = [self.names.index(name) for name in deals]
        over = over[~np.isfinite(self.earliest[np.ix_(np.array(rows, np.int64), over)]).any(axis=0)]
        found[over] = given_up[over]
        return found

    def gone_on(self, ends: Sequence[str]) -> Flags:
        """Cases that have reached a milestone which the process places after some ends; see `spans.gone_on`."""
        orders = [order for name in ends if (order := vocabulary.process_order(name)) is not None]
        past = np.zeros(len(self), bool)
        for name in vocabulary.milestones(ends=True) if orders else ():
            order = vocabulary.process_order(name)
            if order is not None and order > max(orders) and name != LOST:
                past |= np.isfinite(self.first(name))
        closing = vocabulary.process_order(WON)
        if orders and closing is not None and max(orders) <= closing + 1:
            past |= np.isfinite(self.won)
            if LOST in ends:
                past |= np.isfinite(self.lost)
        return past

    def unit(self, *names: str) -> float:
        """Resolution of some activities in days: that of the coarsest."""
        return 1.0 if set(names) & set(self.dated) else A_SECOND

    def spans(self, case: Ints, start: Floats, end: Floats, stop: Floats, past: Flags, unit: float) -> Seen:
        """Durations that ended, were ruled out at `stop`, or are open; see `l2c.measures.spans.spans`."""
        seen = np.isfinite(end)
        stopped = ~seen & np.isfinite(stop)
        days = np.where(seen, end, np.where(stopped, stop, self.until)) - start
        kept = (seen | stopped | ~past) & (days >= -unit)
        how = np.where(seen, SEEN, np.where(stopped, OTHERWISE, OPEN)).astype(np.int8)
        return Seen(case, np.maximum(days, 0.0), how).only(kept)


def figures(times: Times, wanted: Sequence[Figure] = FIGURES) -> Floats:
    """The value of each key figure; NaN where the cases cannot tell it.

    Notes
    -----
    As `l2c.kpis` of a log whose documents have no numbers: medians of those that end so, with open cases censored and what
    rules the end out competing; shares to date. Mean and 90th percentile are those of the same curve, the mean up to the
    last end seen.
    """
    found: dict[str, Seen] = {}
    curves: dict[str, stats.Curve] = {}
    values = []
    for measure, of in wanted:
        if measure not in found:
            found[measure] = seen(times, measure)
        if of == "share":
            values.append(_share(found[measure]))
            continue
        if measure not in curves:
            curves[measure] = stats.survival_among(found[measure].value, found[measure].how)
        values.append(_days(curves[measure], of))
    return np.array(values, np.float64)


def seen(times: Times, measure: str) -> Seen:
    """What was seen of a measure."""
    return _OWN[measure](times) if measure in _OWN else _between(times, measure)


def _share(found: Seen) -> float:
    counted = found.how != OPEN
    return float(found.value[counted].mean()) if counted.any() else float("nan")


def _days(curve: stats.Curve, of: str) -> float:
    if of == MEAN:
        mass = -np.diff(np.concatenate([[1.0], curve.share]))
        return float((mass * curve.time).sum() / mass.sum()) if mass.sum() > 0 else float("nan")
    return float(stats.quantile(curve, 0.9 if of == P90 else 0.5).value)


def _conversions(times: Times) -> Seen:
    case = np.flatnonzero(np.isfinite(times.first(LEAD)))
    hit = np.isfinite(times.first(CONVERTED, OPPORTUNITY)[case])
    # A lead counts from its creation on, whatever may become of it.
    return Seen(case, hit.astype(np.float64), np.full(len(case), OTHERWISE, np.int8))


def _wins(times: Times) -> Seen:
    case = np.flatnonzero((np.isfinite(times.won) | np.isfinite(times.lost)) & times.knows((WON, LOST)))
    return Seen(case, np.isfinite(times.won)[case].astype(np.float64), np.full(len(case), SEEN, np.int8))


def _cycle(times: Times) -> Seen:
    began, last = times.first(OPPORTUNITY), times.last(WON, LOST)
    over = np.isfinite(times.won) | np.isfinite(times.lost)
    closed = np.where(over & np.isfinite(last), last, np.inf)
    case = np.flatnonzero(np.isfinite(began) & times.knows((WON, LOST)))
    past = times.gone_on((WON, LOST))[case]
    return times.spans(
        case, began[case], closed[case], times.disqualified[case], past, times.unit(OPPORTUNITY, WON, LOST)
    )


def _orders(times: Times) -> Seen:
    measure = measures()["order_error_rate"]
    case = np.flatnonzero(np.isfinite(times.first(*measure.start)) & times.knows(measure.end))
    wrong = np.isfinite(times.first(*measure.end)[case])
    return Seen(case, wrong.astype(np.float64), np.full(len(case), SEEN, np.int8))


def _payments(times: Times) -> Seen:
    sent = times.first(_recorded(times, "Invoice Sent"))
    case = np.flatnonzero(
        np.isfinite(sent) & times.knows((PAID,)) & ~np.isfinite(times.first("Invoice Cancelled"))
    )  # fmt: skip
    end, stop = times.first(PAID)[case], times.first("Invoice Written Off")[case]
    unit = times.unit(_recorded(times, "Invoice Sent"), PAID)
    return times.spans(case, sent[case], end, stop, np.zeros(len(case), bool), unit)


def _approvals(times: Times) -> Seen:
    """Each request for a discount, and the next decision after it; a second request before a decision is the same."""
    (request,), paths = measures()["discount_approval_days"].start, times.paths
    answers = vocabulary.answers(request)
    if request not in times.names or not times.knows(answers):
        none = np.zeros(0)
        return Seen(none.astype(np.int64), none, none.astype(np.int8))
    asked = paths.activity == times.names.index(request)
    told = np.isin(paths.activity, [times.names.index(name) for name in answers if name in times.names])
    rows = np.flatnonzero(asked | told)
    case, time, asked = paths.case[rows], paths.time[rows], asked[rows]
    new = np.concatenate([[True], case[1:] != case[:-1]])[: len(case)]
    first = np.flatnonzero(asked & (new | np.concatenate([[True], ~asked[:-1]])[: len(asked)]))
    decisions = np.append(np.flatnonzero(~asked), len(rows))
    next_ = decisions[np.searchsorted(decisions, first)]
    same = np.append(case, -1)[next_] == case[first]
    end = np.where(same, np.append(time, np.inf)[next_], np.inf)
    stop = np.minimum(times.lost, times.won)[case[first]]
    return times.spans(case[first], time[first], end, stop, np.zeros(len(first), bool), times.unit(request, *answers))


_OWN = {
    "lead_conversion_rate": _conversions,
    "win_rate": _wins,
    "sales_cycle_days": _cycle,
    "order_error_rate": _orders,
    "invoice_to_payment_days": _payments,
    "discount_approval_days": _approvals,
}


def _between(times: Times, measure: str) -> Seen:
    """Deals from one milestone to another, first to first."""
    told = measures()[measure]
    ends = tuple(_recorded(times, name) for name in told.end)
    start = times.first(told.start[0])
    for name in told.start[1:]:
        start = np.where(np.isfinite(start), start, times.first(name))
    stop = times.disqualified if LOST in ends else np.minimum(times.lost, times.disqualified)
    if told.ruled_out_by:
        # What was refused before it began is no answer to it.
        off = times.first(*told.ruled_out_by)
        stop = np.minimum(stop, np.where(np.floor(off) < np.floor(start), np.inf, np.maximum(off, start)))
    case = np.flatnonzero(np.isfinite(start) & times.knows(ends))
    return times.spans(
        case,
        start[case],
        times.first(*ends)[case],
        stop[case],
        times.gone_on(ends)[case],
        times.unit(*told.start, *ends),
    )


def _recorded(times: Times, name: str) -> str:
    other = STAND_IN.get(name, name)
    return other if name not in times.names and other in times.names else name
