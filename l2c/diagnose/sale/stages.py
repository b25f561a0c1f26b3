"""How long are deals in each stage, and where do they go from there?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import stats
from l2c.diagnose.rules.compliance import case_ids
from l2c.diagnose.tidy import noted
from l2c.log import EventLog
from l2c.measures.facts import Facts
from l2c.measures.spans import accounts
from l2c.measures.stages import ON, PAST, STILL, WAYS, WON, total_days, visits


def stages(log: EventLog, *, level: float = 0.95) -> pd.DataFrame:
    """Time in each stage, with the times that deals came back to it.

    Parameters
    ----------
    level
        Level of the intervals.

    Returns
    -------
    One row per stage, in the order of the stages: `stage`; `cases` (deals that were ever in it); `entries` (how often they
    entered it); `again` (deals that entered it more than once); `unit` (day); `value, low, high` (median days of a deal in it, all its
    stays together; those there now count as still waiting); `total_days` (sum over all deals); `censored` (deals there
    now). Empty, with the reason in `attrs["note"]`, where the log knows no stages.

    Notes
    -----
    Kaplan-Meier. A deal leaves a stage by going on, going back, or being won or lost. The order of the stages is that of
    OpportunityStage.SortOrder where the source has it, else learnt from the deals.
    """
    facts = Facts.of(log)
    found = visits(facts)
    rows = []
    for stage, part in _by_stage(total_days(found.rows), found.order):
        days, open_ = part["days"].to_numpy(np.float64), part["open"].to_numpy(bool)
        estimate = stats.quantile(stats.kaplan_meier(days, ~open_, None, level, _accounts(facts, part)))
        again = int((part["entries"] > 1).sum())
        rows.append(
            (stage, len(part), int(part["entries"].sum()), again, "day", *estimate, float(days.sum()), int(open_.sum()))
        )
    columns = ["stage", "cases", "entries", "again", "unit", "value", "low", "high", "total_days", "censored"]
    return noted(pd.DataFrame(rows, columns=columns), found.note)


def stage_days(log: EventLog) -> pd.DataFrame:
    """Days of each deal in each stage.

    Returns
    -------
    One row per deal and stage, in the order of case and stage: `case_id`; `stage`; `entries`; `days` (all its stays together);
    `open` (whether the deal is there now, so that `days` are those so far).
    """
    facts = Facts.of(log)
    found = visits(facts)
    table = total_days(found.rows)
    table["case_id"] = case_ids(log)[table["case"].to_numpy(np.int64)]
    table["_place"] = table["stage"].map({stage: place for place, stage in enumerate(found.order)})
    table = table.sort_values(["case_id", "_place"], ignore_index=True)
    return noted(table[["case_id", "stage", "entries", "days", "open"]], found.note)


def stage_conversion(log: EventLog, *, level: float = 0.95) -> pd.DataFrame:
    """Where deals go from each stage: on, past a stage, back, to a close.

    Parameters
    ----------
    level
        Level of the intervals.

    Returns
    -------
    One row per stage, in the order of the stages: `stage`; `cases` (deals that were ever in it), `entries`, and how those
    ended: `went_on` (to the next stage), `went_past` (past one or more stages), `went_back`, `won`, `lost`, `still_there`;
    `unit` (fraction); `value, low, high`: the part of the entries that are over which went ahead (on, past, or won).

    Notes
    -----
    Every entry counts: a deal that goes back and comes again has entered twice. Wilson's interval.
    """
    facts = Facts.of(log)
    found = visits(facts)
    rows = []
    for stage, part in _by_stage(found.rows, found.order):
        counts = part["way"].value_counts()
        ways = {way: int(counts.get(way, 0)) for way in WAYS}
        over = part[part["way"] != STILL]
        ahead = stats.share(over["way"].isin([ON, PAST, WON]), level, _accounts(facts, over))
        rows.append((stage, part["case"].nunique(), len(part), *ways.values(), "fraction", *ahead))
    columns = ["stage", "cases", "entries", *WAYS, "unit", "value", "low", "high"]
    table = pd.DataFrame(rows, columns=columns)
    return noted(table, found.note)


def _accounts(facts: Facts, part: pd.DataFrame) -> NDArray[np.int64] | None:
    return accounts(facts, part["case"].to_numpy(np.int64))


def _by_stage(rows: pd.DataFrame, order: tuple[str, ...]) -> list[tuple[str, pd.DataFrame]]:
    return [(stage, rows[rows["stage"] == stage]) for stage in order]
