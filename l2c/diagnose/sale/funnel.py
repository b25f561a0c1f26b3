"""How far do the deals get?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from l2c.discover import silence
from l2c.discover.happy_path import happy_path
from l2c.log import EventLog
from l2c.measures.facts import NEVER, STATUSES, Facts
from l2c.measures.followed import middle
from l2c.measures.spans import durations
from l2c.measures.summary import measured
from l2c.words import vocabulary
from l2c.words.measures import kpis


def funnel(log: EventLog, milestones: tuple[str, ...] | None = None) -> pd.DataFrame:
    """Cases reaching each milestone, and how they get from one to the next.

    Parameters
    ----------
    milestones
        Activities in their intended order. The lead-to-cash milestones that the log has unless given; the
        happy path where it has fewer than three of them.

    Returns
    -------
    One row per milestone, in order: `milestone`; `cases` that reached it; `share` of all cases; `conversion`
    (of the cases that reached the previous milestone, the share that reached this one too); `open` and `dropped`
    (cases that reached the previous milestone but neither this nor a later one: those that may still come, and
    those that have ended or are silent leads; who skipped a milestone is neither); `silent` (of those dropped, the
    leads that never ended, but have been silent longer than 99 % of those that went on, as in `diagnose.silent`);
    `median_days` from the previous milestone to this one, open ones included (NaN where fewer than half are there yet): the
    key figure that is about the two, such as `invoice_to_payment_days`, else as in `diagnose.times`; `bound_low, bound_high`
    (between what it lies, whatever becomes of the open ones; NaN where that hardly matters).

    Notes
    -----
    To date, not by cohort: young cases count as not there yet. `open` says how many those are. A won deal has not
    ended before its payment, in a log that knows payments. Deals that are silent stay open: they have an end of their
    own, whereas most leads are never closed by anybody.
    """
    names = milestones or _milestones(log)
    facts = Facts.of(log)
    ended = np.isin(facts.column("status"), [STATUSES.index(status) for status in log.base.final])
    silent = np.isin(facts.keys, silence.silent_leads(log.base)[0])
    reached = [facts.first(name) != NEVER for name in names]
    rows = []
    for place, name in enumerate(names):
        here = reached[place]
        row: dict[str, object] = {"milestone": name, "cases": int(here.sum())}
        row["share"] = here.mean() if len(here) else float("nan")
        if place:
            before = reached[place - 1]
            row["conversion"] = (before & here).sum() / before.sum() if before.any() else float("nan")
            stays = before & ~np.logical_or.reduce(reached[place:])
            row["open"], row["silent"] = int((stays & ~ended & ~silent).sum()), int((stays & silent).sum())
            row["dropped"] = int((stays & (ended | silent)).sum())
            row |= between(facts, names[place - 1], name)
        rows.append(row)
    columns = [
        "milestone",
        "cases",
        "share",
        "conversion",
        "open",
        "dropped",
        "silent",
        "median_days",
        "bound_low",
        "bound_high",
    ]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(("open", "dropped", "silent"), "Int64"))


def between(facts: Facts, start: str, end: str) -> dict[str, float]:
    """Median days from one milestone to the next: those of the key figure that is about the two, where there is one."""
    for measure in kpis():
        if measure.kind == "duration" and (measure.start, measure.end) == ((start,), (end,)):
            found = measured(facts, measure.id)
            return {"median_days": found.estimate.value, "bound_low": found.least, "bound_high": found.most}
    half = middle(durations(facts, (start,), (end,)))
    return {"median_days": half.estimate.value, "bound_low": half.least, "bound_high": half.most}


def _milestones(log: EventLog) -> tuple[str, ...]:
    known = tuple(name for name in vocabulary.milestones() if name in log.activities)
    return known if len(known) >= 3 else tuple(dict.fromkeys(happy_path(EventLog(log.base))))
