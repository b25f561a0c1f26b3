"""What is known of one outcome: as it stands, beside all else that moves it, and against its target?"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from l2c import stats
from l2c.log import EventLog
from l2c.measures.summary import summary
from l2c.monitor.adjusted import Adjusted, Placebos, Series, Step, placebos, series, step, summed
from l2c.monitor.against import gap, wider
from l2c.monitor.asked import Asked
from l2c.monitor.compare import compared
from l2c.monitor.conformity import CONFORMANCE
from l2c.monitor.ripe import judged_from
from l2c.monitor.sides import Seen, Sides, Told, plain
from l2c.stats import UNKNOWN, Estimate
from l2c.words.measures import Measure, measures


class One(NamedTuple):
    """An outcome, or its part about one rule: the measure, what was seen of it, and of those it is compared with."""

    measure: Measure
    rule: str
    seen: Seen
    others: Seen | None


def known(log: EventLog) -> dict[str, Measure]:
    """The figures that can be told, those of `compare` and conformance, which begins with the case."""
    return {each.id: each for each in compared(log)} | {CONFORMANCE: measures()[CONFORMANCE]}


def row(one: One, own: Sides, others: Sides | None, plan: Asked, level: float) -> dict[str, Any]:
    """What is known of one outcome, without a verdict."""
    told_by, moved, placed = line(one, own, others)
    told = Adjusted() if told_by is None or moved is None else summed(told_by, moved, placed, level)
    ends = Estimate(told.difference, told.low, told.high)
    ratio = logarithm(ends, told_by.after if told_by is not None and others is None else None)
    pairs = [(own, one.seen)] if others is None or one.others is None else [(own, one.seen), (others, one.others)]
    found, *beside = _alike(pairs, level, float("inf") if told_by is None else told_by.horizon)
    raw = stats.log_ratio(found.after, found.before)
    facts: dict[str, Any] = {"outcome": one.measure.id, "rule": one.rule, "unit": one.measure.unit}
    for each in beside:
        raw = stats.rate_difference(raw, stats.log_ratio(each.after, each.before))
        facts |= {"others_before": each.before.value, "others_after": each.after.value, "others_cases": sum(each.cases)}
    facts |= {"before": found.before.value, "after": found.after.value, "horizon_days": found.horizon}
    facts |= dict(zip(("raw", "raw_low", "raw_high"), better(raw, one.measure), strict=True))
    facts |= dict(zip(("percent", "low", "high"), better(ratio, one.measure), strict=True))
    facts |= {"p": told.p, "placebos": told.placebos, "rank": told.rank, "season": told.season}
    facts |= {"cases_before": found.cases[0], "cases_after": found.cases[1], "design": design(others)}
    weeks = plan.announced.get(one.measure.id, 0.0) if not one.rule else 0.0
    facts["judged_from"] = judged_from(one.seen[1], own.change, own.since, own.facts[1].until, weeks)
    return facts | _aim(one, own, plan, level)


def _alike(pairs: list[tuple[Sides, Seen]], level: float, limit: float) -> list[Told]:
    """Groups as they stand, all within the same days, which are no more than those of the step beside all else."""
    found = [plain(*pair, level, limit) for pair in pairs]
    within = min(each.horizon for each in found)
    return [
        plain(*pair, level, within) if each.horizon > within else each for pair, each in zip(pairs, found, strict=True)
    ]


def line(one: One, own: Sides, others: Sides | None) -> tuple[Series | None, Step | None, Placebos]:
    """The series in which a step is looked for, the step, and those at earlier dates."""
    nothing = Placebos(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    if others is None:
        found = series(own.facts[1], one.seen[1], own.change, own.since, own.change + own.width)
        return (None, None, nothing) if found is None else (found, step(found), placebos(found))
    found = gap(own, others, one.seen[1], one.others[1]) if one.others is not None else None
    return (None, None, nothing) if found is None else (found, *wider(found))


def _aim(one: One, own: Sides, plan: Asked, level: float) -> dict[str, Any]:
    """The target of a figure, and whether what began since the date reaches it."""
    target = plan.targets.get(one.measure.id) if not one.rule else None
    if target is None:
        return {}
    now = summary(own.inside(one.seen)[1], level).estimate.value
    more = one.measure.worse == "less"
    reached = None if np.isnan(now) else bool(now >= target.to if more else now <= target.to)
    return {"now": now, "target": target.to, "target_by": target.by, "reached": reached}


def logarithm(step: Estimate, after: float | None) -> Estimate:
    """The logarithm of the ratio of a level to what it would have been; without the level, the step is one of logarithms.

    Notes
    -----
    The interval is stretched by the same factor as the step, so that it holds nothing exactly where that of the step does.
    """
    if after is None or np.isnan(step.value):
        return step
    without = after - step.value
    if not after > 0 or not without > 0:
        return UNKNOWN
    factor = np.log(after / without) / step.value if abs(step.value) > 1e-9 * after else 1 / after
    return Estimate(*(float(each * factor) for each in step))


def better(ratio: Estimate, measure: Measure) -> Estimate:
    """How much better in percent, of the logarithm of a ratio."""
    with np.errstate(over="ignore"):
        value, low, high = (100 * float(np.expm1(each)) for each in ratio)
    return Estimate(-value, -high, -low) if measure.worse == "more" else Estimate(value, low, high)


def design(others: Sides | None) -> str:
    """By which design a change is told."""
    return "before_after" if others is None else "against_others"
