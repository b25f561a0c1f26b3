"""What shall be explained? The days of each step, and the deals, orders, payments and rules that went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l2c.discover import activity_order, flow
from l2c.log import EventLog
from l2c.measures import repeats as outcomes
from l2c.measures.durations import DURATIONS
from l2c.measures.facts import DAY, NEVER, Facts, Flags, Times
from l2c.measures.rates import late_payment_share
from l2c.measures.records import object_durations
from l2c.measures.records import pairs as object_pairs
from l2c.measures.spans import OPEN, SEEN
from l2c.words import vocabulary

Floats = NDArray[np.float64]

# A step, a rate taken by fewer is not looked into.
ENOUGH = 100
# More negative durations than this say that the order of the two events is not what we think.
TOO_MANY_NEGATIVE = 0.1
# Entries younger than what nearly all steps (most rates) need, or than a third of the history, are not yet over.
SLOWEST, MOST, LONGEST = 0.995, 0.95, 0.35
# From this share of dates without a time, days are the unit of a step.
DATED = 0.02
RATES = ("lead_conversion_rate", "win_rate", "order_error_rate", "rework_rate", "late_payment_share")
GOOD = ("lead_conversion_rate", "win_rate", "quote_acceptance_rate", "conformance_rate")


@dataclass(frozen=True, eq=False)
class Target:
    """Observations of one KPI.

    Attributes
    ----------
    kpi, step
        What it is; the step only for `step_days`.
    case
        Row of the case among the facts, per observation.
    value
        Days, or 1 and 0.
    mature
        Which of them began early enough for nearly all like them to have ended; only these are compared.
    is_days
        Whether the values are days; else the KPI is a share.
    more_is_worse
        Whether a larger value is the worse one.
    unit_days
        Time resolution of the durations.
    left_out
        Share of the observations that are too young to judge, or have not ended.
    """

    kpi: str
    step: tuple[str, str] | None
    case: NDArray[np.int64]
    value: Floats
    mature: Flags
    is_days: bool
    more_is_worse: bool
    unit_days: float
    left_out: float


def steps(facts: Facts) -> Iterator[Target]:
    """Days from each milestone to the next one that the case has, in the order of the process.

    The order is the one in which the whole log takes the activities. Two milestones are a step of a case when it has
    both and none between them: so a late entry or a date without a time does not make steps that nobody took.
    """
    log = facts.log
    order = activity_order(flow(EventLog(log.base)))
    names = sorted(log.activities, key=lambda name: order.get(name, 0))
    following = np.full(len(facts), -1)
    found = []
    for place in range(len(names) - 1, -1, -1):
        there = facts.first(names[place]) != NEVER
        for after in np.unique(following[there]):
            if after >= 0 and names[after] not in vocabulary.refusals():
                case = np.flatnonzero(there & (following == after))
                found.append((names[place], names[after], case))
        following[there] = place
    has_objects = "object_id" in log.base.events.collect_schema().names()
    for start, end, case in found[::-1]:
        if has_objects and (start, end) in vocabulary.document_steps():
            target = _of_objects(facts, start, end)
        else:
            target = _days(facts, (start, end), case, facts.first(start)[case], facts.first(end)[case])
        if target is not None:
            yield target


def duration(facts: Facts, kpi: str) -> Target | None:
    """Days of a duration KPI, among those that have got there."""
    found = DURATIONS[kpi](facts)
    seen = found.cause == SEEN
    return _days(
        facts, None, found.case[seen], found.start[seen], found.end[seen], kpi, int((found.cause == OPEN).sum())
    )


def rate(facts: Facts, kpi: str) -> Target | None:
    """What counts, per case, for one of the rates."""
    if kpi == "lead_conversion_rate":
        if "Opportunity Created" not in facts.log.activities:
            return None
        # What comes after the opportunity shows that there was one, even where its own event is lost.
        lead, deal = facts.first("Lead Created"), facts.first("Opportunity Created", *_after("Opportunity Created"))
        return _share(facts, kpi, lead != NEVER, deal != NEVER, lead, deal)
    if kpi == "win_rate":
        opened = facts.first("Opportunity Created")
        opened = np.where(opened == NEVER, facts.column("started"), opened)
        end = np.minimum(facts.won, facts.lost)
        return _share(facts, kpi, facts.deal & (opened != NEVER), facts.won != NEVER, opened, end, closed=True)
    if kpi == "order_error_rate":
        ordered, error = facts.first("Sales Order Created"), facts.first("Order Corrected", "Order Cancelled")
        return _share(facts, kpi, ordered != NEVER, error != NEVER, ordered, error)
    if kpi == "rework_rate":
        sent = facts.first("Quote Sent", "Quote Created")
        again = outcomes.repeated(facts) | (facts.first("Quote Revised", "Quote Rejected") != NEVER)
        return _share(facts, kpi, (sent != NEVER) & facts.closed, again, sent, np.full(len(facts), NEVER))
    return _late(facts)


def _late(facts: Facts) -> Target | None:
    found = late_payment_share(facts, 0.95)
    if found.start is None or found.end is None or len(found.case) < ENOUGH:
        return None
    took = (found.end - found.start) / DAY
    mature = found.start <= _mature(facts, took, MOST)
    return _target(facts, "late_payment_share", found.case, found.value, mature, found.censored)


def _share(
    facts: Facts, kpi: str, of: Flags, hit: Flags, start: Times, end: Times, closed: bool = False
) -> Target | None:
    """Cases that a rate counts, old enough for nearly all that will happen to have happened.

    Parameters
    ----------
    closed
        Whether only those count that have ended one way or the other.
    """
    ended = of & (end != NEVER)
    took = (np.where(ended, end, 0) - np.where(ended, start, 0))[ended] / DAY
    limit = _mature(facts, took, MOST) if len(took) else facts.until
    counts = of & (end != NEVER) if closed else of
    case = np.flatnonzero(counts)
    mature = start[case] <= limit
    return _target(facts, kpi, case, hit[case].astype(np.float64), mature, int((of & ~counts).sum()))


def _target(
    facts: Facts, kpi: str, case: NDArray[np.int64], value: Floats, mature: Flags, censored: int
) -> Target | None:
    kept = value[mature]
    if len(kept) < ENOUGH or min(kept.sum(), len(kept) - kept.sum()) < 10:
        return None
    out = 1 - len(kept) / (len(case) + censored)
    return Target(kpi, None, case[mature], kept, np.ones(len(kept), bool), False, kpi not in GOOD, 0.0, out)


def broken(facts: Facts, rule: str, applies: Flags, violated: Flags) -> Target | None:
    """Cases that break a rule, among those it applies to."""
    case = np.flatnonzero(applies)
    return _target(facts, rule, case, violated[case].astype(np.float64), np.ones(len(case), bool), 0)


def _of_objects(facts: Facts, start: str, end: str) -> Target | None:
    unit = facts.unit(start, end)
    found = object_durations(facts, object_pairs(facts.log.base, start, end), of_sale=False, unit=unit)[0]
    seen = found.cause == SEEN
    return _days(facts, (start, end), found.case[seen], found.start[seen], found.end[seen])


def _days(
    facts: Facts,
    step: tuple[str, str] | None,
    case: NDArray[np.int64],
    start: Times,
    end: Times,
    kpi: str = "step_days",
    censored: int = 0,
) -> Target | None:
    if len(case) < ENOUGH:
        return None
    dated = (start % DAY == 0) | (end % DAY == 0)
    unit = float(facts.unit(*step)) if step else 1e6
    if dated.mean() >= DATED:
        unit = max(unit, DAY)
    length = end - start
    length = np.where((length < 0) & (length >= -np.where(dated, DAY, unit)), 0, length)
    usable = length >= 0
    if 1 - usable.mean() > TOO_MANY_NEGATIVE:
        return None
    case, start, days = case[usable], start[usable], length[usable] / DAY
    mature = start <= _mature(facts, days)
    if mature.sum() < ENOUGH or not days[mature].max() > 0:
        return None
    out = 1 - mature.sum() / (len(days) + censored)
    return Target(kpi, step, case, days, mature, True, True, unit / DAY, float(out))


def _mature(facts: Facts, took: Floats, share: float = SLOWEST) -> float:
    """The last moment from which nearly everything that was going to happen has happened by now."""
    began = facts.history_start
    if began is None:
        started = facts.column("started")
        began = int(started.min()) if len(started) else facts.until
    wait = min(float(np.quantile(took, share)), LONGEST * (facts.until - began) / DAY)
    return facts.until - wait * DAY


def _after(activity: str) -> list[str]:
    """The milestones that the process places after an activity, except the loss of a lead or deal."""
    place = vocabulary.process_order(activity)
    orders = {
        name: vocabulary.process_order(name) for name in vocabulary.milestones(ends=True) if name != "Closed Lost"
    }
    return [name for name, order in orders.items() if place is not None and order is not None and order > place]
