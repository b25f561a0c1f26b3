"""What shall be explained? The days of each step, and the deals, orders, payments and rules that went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from l2c import stats
from l2c.diagnose.causes.echoes import STUCK
from l2c.discover.flow import places
from l2c.measures.facts import DAY, NEVER, Facts, Flags, Times
from l2c.measures.objects import object_spans, pairs
from l2c.measures.observations import observations
from l2c.measures.spans import OPEN, SEEN, TOO_MANY_NEGATIVE, Observations
from l2c.words import vocabulary

Floats = NDArray[np.float64]

# A step, a rate taken by fewer is not looked into.
FEWEST_OBSERVATIONS = 100
# Fewer that went wrong tell nothing of a rate.
FEWEST_EVENTS = 10
# Entries younger than what nearly all steps (most rates) need are not yet over.
SLOWEST, MOST = 0.995, 0.95
# From this share of dates without a time, days are the unit of a step.
DATED = 0.02
CLOSE = "Closed Won"
# What is asked of them is whether they got there: those of them still open have not.
ENDS = ("win_rate_incidence",)
# Not gone on in time: later than so many of all take, open ones included, or twice what nearly all of those need that
# went on, whichever comes first. Where fewer than most go on at all, standing still tells of nothing.
ON_TIME, NEARLY_ALL_THAT_WENT, MOST_GO_ON = 0.9, 0.95, 0.7
# So many cases tell well enough how long that is.
TIMED = 40_000
RATES = (
    "lead_conversion_incidence", "win_rate_incidence", "order_error_rate", "quote_rework_rate", "late_payment_incidence",
)  # fmt: skip


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
    begins
        The activity with which the KPI begins, if it has one.
    within
        Days that were given for it, if any.
    standing
        Of `stuck`, which have not gone on until now.
    begun
        When each observation began, in microseconds since 1970; None where the opening of the case is all that is known.
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
    begins: str = ""
    within: float = np.nan
    standing: Flags | None = None
    begun: Times | None = None

    @property
    def start(self) -> str:
        """The activity with which it begins; a rule is judged when the deal is closed."""
        if self.step:
            return self.step[0]
        return self.begins or CLOSE


def steps(facts: Facts) -> Iterator[Target]:
    """Days from each milestone to the next one that the case has, in the order of the process.

    The order is the one in which the whole log takes the activities. Two milestones are a step of a case when it has
    both and none between them: so a late entry or a date without a time does not make steps that nobody took.
    """
    log = facts.log
    order = places(log)
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


def stuck(facts: Facts) -> Iterator[Target]:
    """Cases that had not gone on from a step in time, open ones included: what never ends has no days.

    Gone on: reached any step that comes later in the order of the process, was refused, or closed. In time: within the
    days by which nine in ten had (Kaplan and Meier, 1958). Only cases that began so long ago count. The `step` ends with
    what mostly comes next.
    """
    log, refusals = facts.log, vocabulary.refusals()
    order = places(log)
    names = [name for name in log.activities if name not in refusals | vocabulary.marks()]
    names = sorted(names, key=lambda name: order.get(name, 0))
    ends = [facts.gone, facts.won, *(facts.first(name) for name in log.activities if name in refusals)]
    later, whereto, found = np.full(len(facts), NEVER), np.full(len(facts), -1), []
    for place in range(len(names) - 1, -1, -1):
        time = facts.first(names[place])
        case = np.flatnonzero(time != NEVER)
        next_ = whereto[case][later[case] != NEVER]
        if len(next_) >= FEWEST_OBSERVATIONS:
            step = names[place], names[int(np.bincount(next_).argmax())]
            found.append(_stuck(facts, step, case, time[case], [later[case], *(each[case] for each in ends)]))
        sooner = (time != NEVER) & (time <= later)
        later, whereto = np.where(sooner, time, later), np.where(sooner, place, whereto)
    yield from (made for made in found[::-1] if made is not None)


def _stuck(
    facts: Facts, step: tuple[str, str], case: NDArray[np.int64], start: Times, ends: list[Times]
) -> Target | None:
    later, *others = ends
    end = np.minimum.reduce([later, *(np.where(each > start, each, NEVER) for each in others)])
    seen = end != NEVER
    days = facts.elapsed(case, start, np.maximum(np.where(seen, end, facts.until), start))
    some = slice(None, None, -(-len(days) // TIMED))
    usual = stats.quantile(stats.kaplan_meier(days[some], seen[some]), ON_TIME).value
    limit = float(np.fmin(usual, 2 * np.quantile(days[seen], NEARLY_ALL_THAT_WENT)))
    old = facts.ago(case, start) > limit
    late, standing = (days > limit)[old].astype(np.float64), ~seen[old]
    if standing.sum() < FEWEST_EVENTS or late.mean() > 1 - MOST_GO_ON:
        return None
    made = _target(STUCK, case[old], late, float((~old).mean()), True)
    return made and replace(made, step=step, within=limit, standing=standing, begun=start[old])


def target(facts: Facts, kpi: str) -> Target | None:
    """What was seen of a KPI, old enough for nearly all that will happen to have happened; None where that is too little.

    Of a duration, what has got there; of a share, what it counts; of a rate among those followed for long enough, what it
    counts to date of those that are old enough.
    """
    measure = facts.log.base.measures[kpi]
    found = observations(facts, measure.to_date or kpi)
    begins = next(iter(measure.start), "")
    if not found.told:
        return None
    if measure.kind == "duration":
        got = found.only(found.how == SEEN)
        made = _days(facts, None, got.case, got.start, got.end, kpi, int((found.how == OPEN).sum()))
        return made and replace(made, begins=begins)
    hit, counted = found.value, found.counted
    if kpi in ENDS:
        # A deal that is kept open although nearly all like it are decided was not won so far.
        counted = np.ones(len(found), bool)
    kept = counted & found.mature(MOST)
    young = 1 - kept.sum() / max(len(found), 1)
    judged = _target(kpi, found.case[kept], hit[kept], young, measure.worse == "more")
    return judged and replace(judged, begins=begins, begun=found.start[kept])


def _target(kpi: str, case: NDArray[np.int64], value: Floats, left_out: float, more_is_worse: bool) -> Target | None:
    if len(value) < FEWEST_OBSERVATIONS or min(value.sum(), len(value) - value.sum()) < FEWEST_EVENTS:
        return None
    return Target(kpi, None, case, value, np.ones(len(value), bool), False, more_is_worse, 0.0, float(left_out))


def broken(rule: str, applies: Flags, violated: Flags) -> Target | None:
    """Cases that break a rule, among those it applies to."""
    case = np.flatnonzero(applies)
    return _target(rule, case, violated[case].astype(np.float64), 0.0, True)


def _of_objects(facts: Facts, start: str, end: str) -> Target | None:
    unit = facts.unit(start, end)
    found = object_spans(facts, pairs(facts.log.base, start, end), of_sale=False, unit=unit)
    got = found.only(found.how == SEEN)
    return _days(facts, (start, end), got.case, got.start, got.end)


def _days(
    facts: Facts,
    step: tuple[str, str] | None,
    case: NDArray[np.int64],
    start: Times,
    end: Times,
    kpi: str = "step_days",
    censored: int = 0,
) -> Target | None:
    if len(case) < FEWEST_OBSERVATIONS:
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
    case, start, length = case[usable], start[usable], length[usable]
    days = facts.elapsed(case, start, start + length)
    ended = Observations(case, start, end[usable], days, np.full(len(case), SEEN, np.int8), watched=facts.watched)
    mature = ended.mature(SLOWEST)
    if mature.sum() < FEWEST_OBSERVATIONS or not days[mature].max() > 0:
        return None
    out = 1 - mature.sum() / (len(days) + censored)
    return Target(kpi, step, case, days, mature, True, True, unit / DAY, float(out), begun=start)
