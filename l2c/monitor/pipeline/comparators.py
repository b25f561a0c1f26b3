"""What do people foretell without a model: the stage-weighted pipeline, Salesforce's own probability, forecast categories?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.log import EventLog
from l2c.log.as_of import spells_of
from l2c.log.zone import micros
from l2c.measures.facts import DAY, NEVER, Facts, Times
from l2c.monitor.then import attribute_kinds, attribute_then
from l2c.monitor.watching import Watched, open_deals
from l2c.monitor.when import DAY as OF_DAYS
from l2c.monitor.when import NUMBER
from l2c.words import matching

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
CLOSE, CHANCE, CATEGORY = "close_date", "probability", "forecast_category"
# Which categories each counts: who commits to a deal calls it at least possible too.
COUNTED = {"commit": ("Commit",), "best_case": ("Commit", "Most Likely", "Best Case")}
METHODS = ("stage_weighted", "probability", *COUNTED)
# Each category in other words.
ALIASES = {
    "Commit": ("Commit", "Forecast", "Committed", "達成予測", "コミット"),
    "Most Likely": ("Most Likely", "MostLikely", "最も可能性の高い", "達成可能性大"),
    "Best Case": ("Best Case", "BestCase", "Upside", "最善達成予測", "ベストケース"),
}


@dataclass(frozen=True, eq=False)
class Said:
    """What each method counts of some open deals.

    Attributes
    ----------
    close
        Days from the moment to the middle of the day on which each deal is to be closed, 0 where that is past; NaN where unknown.
    share
        By method, the part of its amount that each deal counts for; methods of which the log knows nothing are missing.
    """

    close: Floats
    share: dict[str, Floats]

    def sums(self, amount: Floats, begin: Floats, end: Floats) -> dict[str, Floats]:
        """What each method foretells of each span, from a day after the moment on and before another; NaN where it cannot."""
        here = (self.close[:, None] >= np.maximum(begin, 0)) & (self.close[:, None] < end)
        none = np.full(len(begin), np.nan)
        if not self.share:
            return dict.fromkeys(METHODS, none)
        worth = np.nan_to_num(amount)
        return {name: (self.share[name] * worth) @ here if name in self.share else none for name in METHODS}


def watched(log: EventLog) -> Watched:
    """The open deals of the whole log at any moment, kept by it."""
    return log.base.memo("open deals watched", lambda: open_deals(Facts.of(EventLog(log.base))))


def said(log: EventLog, until: int, key: Ints) -> Said:
    """What each method counts of some deals of the log that are open at a moment, by what was known then.

    Parameters
    ----------
    until
        Microseconds since 1970.
    key
        The deals, by their `case_key`.

    Notes
    -----
    On a day before the extraction only what the log tells of changes is known: today's close date of a closed deal is the day of
    its close, and its category says what became of it.
    """
    kinds = attribute_kinds(EventLog(log.base))
    names = set(kinds)
    if until < micros(log.extracted):
        names &= set(spells_of(log.base))
    if CLOSE not in names or kinds[CLOSE] != OF_DAYS:
        return Said(np.full(len(key), np.nan), {})
    found = watched(log)
    facts, at = found.facts, found.at(until)
    case = facts.place[key]
    today = facts.clock.local(np.array([until], np.int64))[0] / DAY
    # To be closed on a day is to be closed by its end; what is overdue is said of now.
    close = np.maximum(np.asarray(attribute_then(facts, CLOSE, until), np.float64)[case] + 0.5 - today, 0.0)
    share: dict[str, Floats] = {}
    stage = np.full(len(facts), None, object)
    stage[at.case] = at.columns("stage")
    rates = stage_rates(found, until)
    share["stage_weighted"] = np.array([rates.get(str(each), rates[None]) for each in stage[case]], np.float64)
    if CHANCE in names and kinds[CHANCE] == NUMBER:
        told = np.asarray(attribute_then(facts, CHANCE, until), np.float64)[case]
        # Salesforce writes percent; a file may hold parts of one.
        whole = np.nanmax(facts.number(CHANCE), initial=0.0) <= 1
        share[CHANCE] = np.nan_to_num(told if whole else told / 100)
    if CATEGORY in names:
        values = pd.Series(attribute_then(facts, CATEGORY, until)[case], dtype=object)
        called = values.map({value: category(value) for value in values.dropna().unique()})
        share |= {name: np.asarray(called.isin(counted), np.float64) for name, counted in COUNTED.items()}
    return Said(close, share)


def stage_rates(found: Watched, until: int) -> dict[Any, float]:
    """Share won of the deals that had been in a stage and were won or lost by a moment; under None that of all.

    As reports of a CRM tell it: of closed deals alone.
    """
    facts = found.facts
    over = np.minimum(facts.won, facts.lost)
    closed, won = over <= until, facts.won <= until
    rates: dict[Any, float] = {None: float(won[closed & facts.deal].mean()) if (closed & facts.deal).any() else np.nan}
    assert found.stays is not None
    stays = found.stays("in_stage_days")
    if stays.stage is None or not len(stays.case):
        return rates
    rows = pd.DataFrame({"case": stays.case, "stage": stays.stage})[closed[stays.case]].drop_duplicates()
    shares = pd.Series(won[rows["case"].to_numpy()]).groupby(rows["stage"].astype(str).to_numpy()).mean()
    return rates | {str(stage): float(share) for stage, share in shares.items()}


def opened(facts: Facts) -> Times:
    """When each deal was opened, as `watching.open_deals` has it."""
    began = facts.first("Opportunity Created")
    return np.where(began == NEVER, facts.column("started"), began)


def category(value: object) -> str:
    """The forecast category that a value means, in the words of Salesforce; the value itself where it means none."""
    key = matching.normalise(str(value))
    return next((name for name, words in ALIASES.items() if key in map(matching.normalise, words)), str(value))
