"""Which rules would be broken, and how often?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l2c.diagnose.rules.compliance import compliance
from l2c.improve.hooks import Plan
from l2c.improve.run import run
from l2c.improve.sample import as_log
from l2c.improve.twin import Twin
from l2c.improve.year import Year
from l2c.log import EventLog

Floats = NDArray[np.float64]
# Rules are held against so many runs, and so many cases of each.
RULE_RUNS, MOST_JUDGED = 4, 1000


def violations(
    log: EventLog, twin: Twin, made: Plan, span: Year, runs: int, seed: int
) -> dict[str, tuple[Floats, Floats]]:
    """How often each rule is broken, today and with a change, run by run; of rules that a run can break at all."""
    found: dict[str, list[list[float]]] = {}
    for n in range(seed, seed + runs):
        begun = span.starts(twin, n)
        for side, starts in enumerate((begun, made.begin(begun, n))):
            hooks = made.changes(starts, n) if side else None
            paths = run(twin, starts, seed=n, horizon=span.horizon, changes=hooks, opens=twin.until)
            judged = span.counted(begun)[:MOST_JUDGED]
            kept = np.isin(paths.case, judged)
            some, names = paths.only(kept), made.activities if side else ()
            table = compliance(as_log(log, twin, starts, some, span.horizon, names)) if kept.any() else None
            for rule, rate in () if table is None else zip(table["rule"], table["share"], strict=True):
                found.setdefault(str(rule), [[], []])[side].append(float(rate))
    pairs = {
        rule: (np.array(one), np.array(other)) for rule, (one, other) in found.items() if len(one) == len(other) == runs
    }
    return {rule: sides for rule, sides in pairs.items() if np.isfinite(sides).any() and np.nansum(sides) > 0}
