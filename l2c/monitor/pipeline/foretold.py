"""What is foretold of each open deal: how likely it is won, on which day it is decided, what it is worth?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.measures.facts import DAY, Facts
from l2c.monitor.pipeline.chances import Chances, chances
from l2c.monitor.pipeline.open_invoices import late_shares
from l2c.monitor.then import attribute_kinds, attribute_then
from l2c.monitor.watching import Rows, Watched
from l2c.monitor.when import DAY as OF_DAYS
from l2c.monitor.when import NUMBER, Values

Floats = NDArray[np.float64]
# The range of the day on which a deal is decided holds 90 % of those on which it may be.
ENDS = {"close_low": 0.05, "close_median": 0.5, "close_high": 0.95}
# Where fewer of the draws end, a deal mostly never does, and no day is told.
MOSTLY_ENDS = 0.5
OF_DEALS = ("win_share", *ENDS, "expected_value", "at_risk_value")
OF_INVOICES = ("late_share", "paid_median")
FORETOLD = frozenset([*OF_DEALS, *OF_INVOICES])


def foretold(facts: Facts, case: NDArray[np.int64]) -> dict[str, Floats]:
    """What is foretold of open deals as of the day of the extraction.

    Parameters
    ----------
    case
        Rows of the facts.

    Returns
    -------
    By name: `win_share, low, high`; `close_low, close_median, close_high` in days since 1970, NaN where the deal mostly never
    ends; `expected_value, at_risk_value`.
    """
    told, amount = chances(facts.log), worth(facts, case)
    place = pd.Index(told.case_key).get_indexer(pd.Index(facts.keys[case]))
    win, low, high = (_picked(each, place) for each in (told.win, told.low, told.high))
    days = facts.log.base.memo(("closing days", facts.until), lambda: closing_days(facts, told))
    found = {"win_share": win, "low": low, "high": high} | {name: _picked(days[name], place) for name in ENDS}
    return found | {"expected_value": win * amount, "at_risk_value": (1 - win) * amount}


def closing_days(facts: Facts, told: Chances) -> dict[str, Floats]:
    """The days on which each deal may be won or lost, in days since 1970: the middle one, and the ends of 90 %, of the draws that end."""
    # What never ends comes last, so that the first so many are those that do.
    after = np.sort(told.over_after, axis=0)
    ending = np.isfinite(after).sum(axis=0)
    known = ending >= max(MOSTLY_ENDS * len(after), 1)
    found = {}
    for name, share in ENDS.items():
        days = np.full(after.shape[1], np.nan)
        if known.any():
            # The draw below and the one above, and how far between them.
            at = share * (ending[known] - 1)
            below, above = (after[edge(at).astype(np.int64), np.flatnonzero(known)] for edge in (np.floor, np.ceil))
            middle = below + (at - np.floor(at)) * (above - below)
            moments = facts.until + (middle * DAY).astype(np.int64)
            days[known] = facts.clock.days(moments)
        found[name] = days
    return found


def with_foretold(watched: Watched) -> Watched:
    """Open deals of which a condition may also ask what is foretold of them; on earlier days it is not known."""
    facts = watched.facts
    kinds = {name: OF_DAYS if name in ENDS else NUMBER for name in OF_DEALS}
    return _with(watched, kinds, lambda rows: foretold(facts, rows.case))


def with_late_shares(watched: Watched) -> Watched:
    """Open invoices of which a condition may also ask how likely each is to be paid late, and by which day it is paid."""

    def told(rows: Rows) -> dict[str, Floats]:
        row = rows.key("late_days")
        return {name: each[row] for name, each in zip(OF_INVOICES, late_shares(watched.facts), strict=True)}

    return _with(watched, {"late_share": NUMBER, "paid_median": OF_DAYS}, told)


def _with(watched: Watched, kinds: dict[str, str], tell: Callable[[Rows], dict[str, Floats]]) -> Watched:
    """The same with columns of what is foretold, made when they are asked for."""

    def at(until: int) -> Rows:
        rows = watched.at(until)
        if until != watched.facts.until:
            return rows
        told: dict[str, Floats] = {}

        def columns(name: str) -> Values:
            if name not in kinds:
                return rows.columns(name)
            if not told:
                told.update(tell(rows))
            return told[name]

        return replace(rows, columns=columns)

    return replace(watched, table=replace(watched.table, kinds={**watched.table.kinds, **kinds}), at=at)


def worth(facts: Facts, case: NDArray[np.int64]) -> Floats:
    """The amounts of some cases, NaN where they are unknown or cannot be added up."""
    if attribute_kinds(facts.log).get("amount") != NUMBER:
        return np.full(len(case), np.nan)
    return np.asarray(attribute_then(facts, "amount", facts.until)[case], np.float64)


def _picked(values: Floats, place: NDArray[np.int64]) -> Floats:
    """A value of each place, NaN where it has none."""
    return np.where(place >= 0, np.append(values, np.nan)[place], np.nan)
