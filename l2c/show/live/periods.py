"""Which periods does a person choose most? Quarters and years of the business, up to the day of the data."""

from __future__ import annotations

import numpy as np

from l2c.log import EventLog
from l2c.log.zone import micros
from l2c.words import phrases


def picks(log: EventLog, lang: str = "en") -> list[list[str]]:
    """Quick picks of a period.

    Returns
    -------
    Pairs of a name and the months from which to which it goes, as `EventLog.where` takes them (`2026-04..2026-06`): this
    quarter and the last one, the last four whole ones, this fiscal year and the last one.
    """
    quarter = log.clock.quarter(micros(log.extracted)).astype("datetime64[M]").astype(int)
    year = quarter - (quarter - (log.fiscal_year_starts - 1)) % 12
    spans = {
        "quarter": (quarter, 3),
        "last_quarter": (quarter - 3, 3),
        "four_quarters": (quarter - 12, 12),
        "year": (year, 12),
        "last_year": (year - 12, 12),
    }
    return [[phrases.say(f"picks.{name}", lang), _months(*span)] for name, span in spans.items()]


def _months(first: int, n: int) -> str:
    ends = (np.datetime64(int(month), "M") for month in (first, first + n - 1))
    return "..".join(map(str, ends))
