"""What may differ since a day: the days of each step, the rates, the rules; each case with when it began."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from l2c.diagnose.causes.targets import FEWEST_OBSERVATIONS, RATES
from l2c.diagnose.rules.compliance import Source, judged
from l2c.diagnose.rules.evidence import OK, VIOLATED
from l2c.discover.flow import places
from l2c.measures.facts import DAY, NEVER, Facts
from l2c.measures.objects import object_spans, pairs
from l2c.measures.observations import observations
from l2c.measures.spans import Observations, spans
from l2c.measures.watched import watched
from l2c.words import vocabulary

# Cases are watched for as long as nearly all need, or for this part of the history.
REACHED, PART_OF_HISTORY = 0.95, 1 / 6
# Fewer of a kind than this, and a rate is no number to model.
FEWEST_OF_A_KIND = 20


@dataclass(frozen=True, eq=False)
class Series:
    """One KPI: `value` of each case (the logarithm of its days, or 1 and 0) and the day on which it began."""

    kpi: str
    step: tuple[str, str] | None
    case: NDArray[np.int64]
    day: NDArray[np.int64]
    value: NDArray[np.float64]
    is_days: bool

    def without(self, out: NDArray[np.bool_]) -> Series:
        """The same, some of its cases left out."""
        kept = ~out
        return Series(self.kpi, self.step, self.case[kept], self.day[kept], self.value[kept], self.is_days)


def every(facts: Facts, rules: Source) -> Iterator[Series]:
    """Steps in the order of the process, rates, rules."""
    most = PART_OF_HISTORY * (facts.until - facts.watched[0]) / DAY
    for step, found in _steps(facts):
        seen = watched(facts, found, most=most, reach=REACHED)
        if seen is not None and len(seen) >= FEWEST_OBSERVATIONS and seen.value.max() > 0:
            usual = float(np.median(seen.value[seen.value > 0]))
            # A step that is sometimes instant would hang on the logarithm of those.
            floor = max(facts.unit(*step) / DAY / 2, 0.05 * usual)
            yield Series("step_days", step, seen.case, facts.days(seen.start), np.log(seen.value + floor), True)
    for kpi in RATES:
        # Among those decided within the days: where all takes longer since a day, fewer are won within them, not fewer in all.
        found = observations(facts, facts.log.base.measures[kpi].to_date or kpi)
        seen = watched(facts, found, most=most, reach=REACHED)
        if seen is not None and _mixed(seen.value):
            yield Series(kpi, None, seen.case, facts.days(seen.start), seen.value, False)
    judged_at = np.where(facts.closing == NEVER, facts.column("ended"), facts.closing)
    for rule, verdict in judged(facts, rules):
        case = np.flatnonzero(np.isin(verdict.state, [OK, VIOLATED]) & (judged_at != NEVER))
        broken = (verdict.state[case] == VIOLATED).astype(np.float64)
        if _mixed(broken):
            yield Series(rule.id, None, case, facts.days(judged_at[case]), broken, False)


def _mixed(value: NDArray[np.float64]) -> bool:
    return bool(min(value.sum(), len(value) - value.sum()) >= FEWEST_OF_A_KIND and len(value) >= FEWEST_OBSERVATIONS)


def _steps(facts: Facts) -> Iterator[tuple[tuple[str, str], Observations]]:
    """Waits from each milestone to the next one that the case has; who has none waits for the one that most go on to."""
    log = facts.log
    order = places(log)
    names = sorted(log.activities, key=lambda name: order.get(name, 0))
    following, found = np.full(len(facts), -1), []
    for place in range(len(names) - 1, -1, -1):
        there = facts.first(names[place]) != NEVER
        on = following[there & (following >= 0)]
        counts = np.bincount(on, minlength=len(names))
        for after in np.flatnonzero(counts):
            if names[after] not in vocabulary.refusals():
                waits = following == after
                if after == counts.argmax():
                    waits |= following < 0
                found.append((names[place], names[after], np.flatnonzero(there & waits), following == after))
        following[there] = place
    has_objects = "object_id" in log.base.events.collect_schema().names()
    for start, end, case, ended in found[::-1]:
        unit = facts.unit(start, end)
        if has_objects and (start, end) in vocabulary.document_steps():
            seen = object_spans(facts, pairs(log.base, start, end), of_sale=False, unit=unit)
        else:
            stop = np.where(ended, facts.first(end), NEVER)[case]
            past = np.zeros(len(case), bool)
            seen = spans(facts, case, facts.first(start)[case], stop, facts.gone[case], past, unit)
        yield (start, end), replace(seen, kind="duration")
