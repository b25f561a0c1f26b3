"""Which cases keep to the process as it shall be, and to each rule, as observations that can be compared?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from l2c.diagnose.rules.compliance import Source, judged
from l2c.diagnose.rules.evidence import OK, VIOLATED
from l2c.improve import blocks
from l2c.improve.fitting import Ways
from l2c.improve.to_be import Drawing, drawn
from l2c.log import EventLog
from l2c.measures.deals import cases, over
from l2c.measures.facts import NEVER, Facts, Flags
from l2c.measures.spans import OPEN, OTHERWISE, SEEN, Observations
from l2c.monitor.sides import Seen, Sides

CONFORMANCE = "conformance_rate"


def to_drawing(cut: Sides, process: Drawing) -> Seen:
    """Deals that have ended, as a drawing allows or not; see `improve.fit`."""
    base = cut.facts[1].log.base
    allowed = Ways(EventLog(base)).allowed(blocks.of(drawn(process)))
    good = allowed[cut.facts[1].rows]
    before, after = (_told(facts, good, facts.disqualified == NEVER) for facts in cut.facts)
    return before, after


def to_rules(cuts: Sequence[Sides], rules: Source = None) -> Iterator[tuple[str, list[Seen]]]:
    """Cases that have ended and kept or broken a rule that applies to them, group by group; of each rule that somebody breaks."""
    for rule, verdict in judged(cuts[0].facts[1].whole(), rules):
        found: list[Seen] = []
        for cut in cuts:
            state = verdict.state[cut.facts[1].rows]
            if not (state == VIOLATED).any():
                break
            known = np.isin(state, [OK, VIOLATED])
            before, after = (_told(facts, state == OK, known) for facts in cut.facts)
            found.append((before, after))
        else:
            yield rule.id, found


def _told(facts: Facts, good: Flags, some: Flags) -> Observations:
    """Of some cases those that have ended, whether they are good; who has not ended is open."""
    how = np.where(over(facts), np.where(good, SEEN, OTHERWISE), OPEN)
    found = cases(facts, some, good, how, facts.column("started"), facts.column("ended"))
    return replace(found, id=CONFORMANCE, kind="share")
