"""What will be won in the months to come, how sure is that, and what do those foretell who ask no model?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.diagnose.tidy import noted
from l2c.log import EventLog
from l2c.log.zone import micros
from l2c.monitor.pipeline import coming, comparators, widened
from l2c.monitor.pipeline.amounts import growth
from l2c.monitor.pipeline.outlook import SIMULATED, Told, today, told
from l2c.monitor.pipeline.spans import Unit, calendar, plain
from l2c.monitor.pipeline.widened import OWN, Past, made
from l2c.words.notes import Note, several

COLUMNS = (
    "period", "begin", "end", "value", "low", "high", "deals", "to_come", "to_come_low", "to_come_high",
    "total", "total_low", "total_high", *comparators.METHODS, "widened", "total_widened",
    "dates", "value_missed", "total_missed", *(f"{name}_missed" for name in comparators.METHODS),
)  # fmt: skip


def forecast(
    log: EventLog, periods: int = 3, *, unit: Unit = "month", days: Sequence[float] | None = None
) -> pd.DataFrame:
    """Foretell the value won in the periods to come, from the deals open today and from those not opened yet.

    Parameters
    ----------
    periods
        How many; the first is what is left of the month or quarter in which the data were taken (a last evening is none).
    unit
        Months or quarters of the business.
    days
        Instead: so many days from the extraction on, each span from its beginning.

    Returns
    -------
    One row per period, in the order of time: `period` (first day of the month or quarter; with `days` that of the extraction);
    `begin, end` (first and last day that it covers); `value, low, high` (won from deals open today: mean and 90 % range);
    `deals` (how many of them); `to_come, to_come_low, to_come_high` (won from deals not opened yet); `total, total_low, total_high`
    (both together); of the same open deals `stage_weighted` (amount times the share won of closed deals by stage),
    `probability` (times Salesforce's own), `commit` and `best_case` (amounts of that category; the second with the first), each
    by close date, what is overdue in the first period; `widened` (by how much the range of `value` is wider than the draws, `total_widened`: that of `total`).
    How far the same methods missed at earlier `dates` (how many), as part of what came, on average: `value_missed`,
    `total_missed`, `stage_weighted_missed`, `probability_missed`, `commit_missed`, `best_case_missed`. NaN where the log does not have it.

    Notes
    -----
    Every open deal is let go on as deals like it went on, again and again (`monitor.chances`); deals to come are cases like those
    that began in the last half year. Ranges are widened by what the same method missed at earlier dates of this log, by what was known
    then: c² = (3 + Σz²) / (3 + K), K dates, z in standard deviations of the draws. Learnt from the whole log, whatever is filtered; the
    filter chooses the deals that are summed. If things go on as before: nobody knows of a price rise or a new competitor.
    """
    clock, until = log.clock, micros(log.extracted)
    spans = plain(clock, until, days) if days is not None else calendar(clock, until, periods, unit)
    whole = EventLog(log.base) if EventLog(log.base).one_currency else log
    key = (
        "forecasts made",
        tuple(spans.begin),
        tuple(spans.end),
        () if whole is not log else tuple(log.filters.items()),
    )
    past: Past = log.base.memo(key, lambda: made(whole, spans))
    source, raised = past.way
    rate = growth(whole, until) if raised else 1.0
    now = told(log, today(log), None, spans, coming.RUNS_TO_COME)
    draws = now.draws(source, rate)
    table: dict[str, object] = {
        "period": _stamps(spans.named), "begin": _stamps(spans.first), "end": _stamps(spans.last), "deals": now.deals[source],
        **now.said, "widened": past.factors("value"), "total_widened": past.factors("total"), "dates": past.dates,
    }  # fmt: skip
    for name in OWN:
        middle, low, high = widened.ends(draws[name], past.factors(name))
        head = "" if name == "value" else f"{name}_"
        table |= {name: middle, f"{head}low": low, f"{head}high": high}
    for name in ("value", "total", *comparators.METHODS):
        table[f"{name}_missed"] = past.missed(name)
    return noted(pd.DataFrame(table)[list(COLUMNS)], _notes(log, now, past, rate))


def _notes(log: EventLog, now: Told, past: Past, rate: float) -> Note | None:
    """What to know of the whole table."""
    notes = [now.note]
    if not past.dates.any():
        notes.append(Note("forecast_untested"))
    if past.way[0] == SIMULATED:
        notes.append(Note("forecast_simulated"))
    if rate != 1.0:
        notes.append(Note("forecast_raised", rate=rate))
    if comparators.CLOSE not in log.attributes:
        notes.append(Note("forecast_no_dates"))
    elif np.isnan(past.missed("stage_weighted")).all() and past.dates.any():
        notes.append(Note("forecast_no_history"))
    return several([each for each in notes if each is not None])


def _stamps(days: NDArray[np.int64]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(days.astype("datetime64[D]").astype("datetime64[us]"))
