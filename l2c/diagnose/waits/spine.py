"""What is the way from the lead to the cash, how many get how far, and where could it be shorter?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from l2c.diagnose.behind import behind
from l2c.diagnose.sale.funnel import between
from l2c.diagnose.waits.bottlenecks import COST_OF_CAPITAL, gained
from l2c.diagnose.waits.steps import steps
from l2c.discover.flow import places
from l2c.discover.happy_path import happy_path
from l2c.log import EventLog
from l2c.measures.facts import NEVER, Facts
from l2c.words import vocabulary

COLUMNS = [
    "milestone", "cases", "days_to_next", "bound_low", "bound_high", "whose_turn", "attainable_days", "attainable_low", "attainable_high",
    "step",
]  # fmt: skip
# As many as a reader takes in.
STATIONS = 8
# Where a contract is signed, the deal is won by it.
SAME = {"Closed Won": "Contract Signed"}


def spine(log: EventLog, *, gains: bool = True, level: float = 0.95) -> pd.DataFrame:
    """The milestones of lead to cash, with the waits between them.

    Parameters
    ----------
    gains
        Whether to ask where it could be shorter, which takes seconds on a million events; else nothing is `attainable`.
    level
        Level of the intervals.

    Returns
    -------
    One row per milestone that the log has, in order (in one with fewer than three, such as a log of stages, at most eight activities of its happy path): `milestone`;
    `cases` that reached it; `days_to_next`: half are at the next milestone within so many days, open ones included (as in `funnel`; NaN where fewer than
    half are, and at the last), `bound_low, bound_high` (between what it lies, whatever becomes of the open ones; NaN where that hardly matters); `whose_turn`
    it is until then: `customer`, `approver`, `own_team`, None where nothing tells; `attainable_days`: the largest gain of a `step`
    (from, to) on this way, as `bottlenecks` has it: case-days saved if everybody reached the level of the best quarter of peers with the same deals;
    `attainable_low, attainable_high`; NaN, and no step, where chance explains how peers differ, or nobody can be compared. `behind`: the cases
    that reached the milestone, as `diagnose.behind` has them.
    """
    names, facts = stations(log), Facts.of(log)
    rows = []
    for name, following in zip(names, [*names[1:], None], strict=True):
        half = dict.fromkeys(("median_days", "bound_low", "bound_high"), np.nan)
        turn = None
        if following is not None:
            half = between(facts, name, following)
            # Of an activity that the vocabulary does not know nobody knows whose move it is.
            turn = vocabulary.whose_move(following) if vocabulary.process_order(following) is not None else None
        rows.append((name, int((facts.first(name) != NEVER).sum()), *half.values(), turn, np.nan, np.nan, np.nan, None))
    table = pd.DataFrame(rows, columns=COLUMNS)
    table = table.astype({name: float for name in COLUMNS if name.endswith(("_low", "_high", "_next", "_days"))})
    for name in ("whose_turn", "step"):
        table[name] = pd.Series([row[COLUMNS.index(name)] for row in rows], table.index, dtype=object)
    return behind(_with_gains(table, log, level) if gains else table, log)


def stations(log: EventLog) -> list[str]:
    """The milestones of a log; where it has fewer than three, at most eight activities of its happy path."""
    there = log.activities
    known = [name for name in vocabulary.milestones() if name in there and SAME.get(name) not in there]
    path = list(dict.fromkeys(happy_path(EventLog(log.base))))
    if len(known) >= 3 or len(path) < 3:
        return known if len(known) >= len(path) or len(known) >= 3 else path
    facts = Facts.of(log)
    often = sorted(path[1:-1], key=lambda name: -int((facts.first(name) != NEVER).sum()))[: STATIONS - 2]
    return [name for name in path if name in (path[0], path[-1], *often)]


def _with_gains(table: pd.DataFrame, log: EventLog, level: float) -> pd.DataFrame:
    """Add the largest sure gain of a step between each milestone and the next."""
    if len(table) < 2:
        return table
    place, every = places(log), steps(log)
    rank = np.maximum.accumulate([place.get(name, 0) for name in table["milestone"]])
    start, end = (every[name].map(place).to_numpy(float) for name in ("from", "to"))
    # A step lies on a way if it begins at or after one milestone, and ends at or before the next.
    way = np.searchsorted(rank, start, "right") - 1
    inside = (start < end) & (way >= 0) & (way < len(rank) - 1)
    inside &= end <= rank[np.minimum(way + 1, len(rank) - 1)]
    on = every[inside].assign(way=way[inside])
    found = on.join(gained(log, on, COST_OF_CAPITAL, level))
    found = found[found["gain_low"] > 0].sort_values(["gain_days", "from", "to"], ascending=[False, True, True])
    for row in found.drop_duplicates("way").to_dict("records"):
        said = dict(
            zip(
                ("attainable_days", "attainable_low", "attainable_high"),
                (row[f"gain_{e}"] for e in ("days", "low", "high")),
                strict=True,
            )
        )
        for name, value in {**said, "step": (row["from"], row["to"])}.items():
            table.at[row["way"], name] = value
    return table
