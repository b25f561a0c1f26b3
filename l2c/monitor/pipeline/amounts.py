"""Does a deal bring, when it is won, what it stood at before?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l2c.log import EventLog
from l2c.measures.facts import DAY, Facts
from l2c.measures.lives import while_open
from l2c.monitor.pipeline.comparators import opened
from l2c.monitor.then import attribute_kinds, attribute_then, last_of
from l2c.monitor.when import NUMBER

Floats = NDArray[np.float64]
AMOUNT = "amount"
# Looked at are the deals open so many days before, again and again, up to a year back.
EVERY, LOOKED_BACK = 30, 365
# With fewer of them nothing is learnt.
FEWEST_WON = 50


def amounts(facts: Facts) -> Floats:
    """The amounts of the cases as they were at the moment of the facts; NaN where unknown or in several currencies."""
    if attribute_kinds(facts.log).get(AMOUNT) != NUMBER:
        return np.full(len(facts), np.nan)
    return np.asarray(attribute_then(facts, AMOUNT, facts.until), np.float64)


def growth(log: EventLog, until: int) -> float:
    """What deals won by a moment brought, by what the same deals stood at while they were open, over the year before it.

    Looked at are the deals open on days a month apart: as those are that are open today. 1 where no history tells, or of too few.
    """
    facts = Facts.of(log)
    told = while_open(facts, AMOUNT) if AMOUNT in log.attributes and log.one_currency else None
    if told is None or not len(told):
        return 1.0
    case, time = told["case"].to_numpy(np.int64), told["time"].to_numpy(np.int64)
    value = told["value"].to_numpy(np.float64)
    now, began = amounts(facts), opened(facts)
    stood = brought = 0.0
    many = 0
    for ago in range(EVERY, LOOKED_BACK, EVERY):
        then = until - ago * DAY
        last = last_of(case, time <= then, len(facts))
        of = np.flatnonzero((began <= then) & (facts.won > then) & (facts.won <= until) & (last >= 0))
        of = of[np.isfinite(value[last[of]]) & np.isfinite(now[of])]
        many += len(of)
        stood, brought = stood + value[last[of]].sum(), brought + now[of].sum()
    return float(brought / stood) if many >= FEWEST_WON and stood > 0 and brought > 0 else 1.0
