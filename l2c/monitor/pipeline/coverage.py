"""How much pipeline does it take to win as much as is wanted, and how much is there?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import stats
from l2c.diagnose.tidy import noted
from l2c.log import EventLog
from l2c.measures.facts import DAY, NEVER, Facts
from l2c.measures.promises import close_date, days
from l2c.monitor.pipeline.groups import codes, shown
from l2c.monitor.pipeline.states import (
    amounts_then,
    begins,
    closed_amounts,
    lacking,
    open_at,
    quarters,
    then,
    today_only,
)  # fmt: skip
from l2c.monitor.quarters import MOST_QUARTERS, WEEK
from l2c.stats import SMALLEST_SAMPLE
from l2c.words.errors import UnknownName
from l2c.words.notes import Note, several

COLUMNS = [
    "group", "day", "quarters", "deals", "pipeline", "won_amount", "value", "low", "high", "won_part", "today", "expected",
]  # fmt: skip
# Days into the quarter on which it is looked at, beside the day of the extraction.
LOOKS = (0, 30, 60)
Months = NDArray[Any]


def coverage(log: EventLog, *, by: str | None = None, names: bool | None = None, level: float = 0.95) -> pd.DataFrame:
    """How much pipeline stood behind each amount won in past quarters, and what that makes of today's.

    Parameters
    ----------
    by
        An attribute, such as region, rep or product: each of its values from its own quarters. All together unless given.
    names
        Whether to show names where `by` is a person; else as the log says.
    level
        Level of the intervals.

    Returns
    -------
    One row per group (None without `by`) and day of the quarter it is looked at: `group`; `day` (days into the quarter: 0, 30, 60
    and that of the extraction); `quarters` that are over (the last twelve), `deals` in their pipelines; `pipeline`: what was open
    on that day with a close date in the quarter, as both stood then; `won_amount`: what was won from that day to the end of the
    quarter, of deals that were not in it, too (means per quarter, log currency); `value`: pipeline by won amount, `low, high` (NaN for fewer than 20 deals,
    bounds for fewer than two quarters); `won_part`: what part of that pipeline, by value, was won in the quarter; `today`: the pipeline of
    this quarter, and `expected`: `today` by `value`, what would come of it and beside it if we go on as before (both only in the row of
    today's day). Empty, with the reason in `attrs["note"]`, where no history tells close dates.

    Notes
    -----
    A ratio of sums over the quarters (`stats.ratio`). Cases of the filtered log teach and are summed.
    """
    if by is not None and by not in log.attributes:
        raise UnknownName.attribute(by, log.attributes)
    facts = Facts.of(log)
    if (why := lacking(facts, (), by)) is not None:
        return noted(pd.DataFrame(columns=COLUMNS), why)
    begun, past = _quarters(facts)
    now = facts.today - int(begun[-1].astype("datetime64[D]").astype(np.int64))
    looks = sorted({*LOOKS, now})
    rows = pd.concat([_look(facts, begun, day, now, by) for day in looks], ignore_index=True)
    case = rows["case"].to_numpy(np.int64)
    rows["group"] = shown(log, by, case, rows["group"], names) if by else np.full(len(rows), None, object)
    found, code = codes(rows["group"])
    made = [
        {"group": group, "day": day}
        | _row(rows[(code == place) & (rows["day"] == day)], past, begun[-1] if day == now else None, level)
        for place, group in enumerate(found)
        for day in looks
    ]
    table = pd.DataFrame(made, columns=COLUMNS)
    table["group"] = pd.Series([row["group"] for row in made], dtype=object)
    remarks = [None if len(past) else Note("coverage_no_quarter"), today_only(facts, "amount")]
    return noted(table, several(remarks))


def _quarters(facts: Facts) -> tuple[Months, Months]:
    """The quarters that are looked at, that of the extraction last, and which of them are over."""
    first, last = quarters(facts, np.asarray([facts.watched[0], facts.until], np.int64))
    every = np.arange(first, last + 1, 3)[-MOST_QUARTERS - 1 :]
    # A log that begins in the first days of a quarter has all of it.
    whole = begins(facts, every[:-1]) >= facts.watched[0] - WEEK
    return every, every[:-1][whole]


def _look(facts: Facts, begun: Months, day: int, now: int, by: str | None) -> pd.DataFrame:
    """What was open on a day of each quarter and due in it, and what was won from then on, a row each.

    Returns
    -------
    `case, quarter, day, group`; `pipeline`: the amount then (NaN of what was only won); `kept`: what of it was won in the quarter; `won`.
    """
    inside = begun[:-1].astype("datetime64[D]") + day < (begun[:-1] + 3).astype("datetime64[D]")
    months = np.append(begun[:-1][inside], begun[-1:] if day == now else begun[:0])
    starts = months.astype("datetime64[D]").astype(np.int64) + day
    moments = facts.clock.moments(starts * DAY)
    # Today is all that is known.
    moments[months == begun[-1]] = facts.until + 1
    ends = begins(facts, months + 3)
    case, at = open_at(facts, moments)
    due = days(pd.Series(then(facts, close_date(facts) or "", case, moments[at])))
    month = np.where(due == NEVER, 0, due).astype("datetime64[D]").astype("datetime64[M]")
    here = (due != NEVER) & (month >= months[at]) & (month < months[at] + 3)
    case, at = case[here], at[here]
    amount, worth = np.nan_to_num(amounts_then(facts, case, moments[at])), closed_amounts(facts)
    group = then(facts, by, case, moments[at]) if by else np.full(len(case), None, object)
    kept = np.where(facts.won[case] < ends[at], worth[case], 0.0)
    due_then = pd.DataFrame(
        {"case": case, "quarter": months[at], "group": group, "pipeline": amount, "kept": kept, "won": 0.0}
    )
    case, at = np.nonzero((facts.won[:, None] >= moments[None, :]) & (facts.won[:, None] < ends[None, :]))
    group = facts.attribute(by).to_numpy(object)[case] if by else np.full(len(case), None, object)
    won = pd.DataFrame({"case": case, "quarter": months[at], "group": group, "won": worth[case]})
    return pd.concat([due_then, won], ignore_index=True).assign(day=day)


def _row(rows: pd.DataFrame, past: Months, now: Any, level: float) -> dict[str, object]:
    """What it took in the quarters that are over, and what there is today."""
    over = rows[rows["quarter"].isin(past)]
    sums = over.groupby("quarter")[["pipeline", "kept", "won"]].sum().reindex(past, fill_value=0.0)
    deals, seen = int(over["pipeline"].notna().sum()), len(past)
    found = stats.ratio(sums["pipeline"], sums["won"], level) if deals >= SMALLEST_SAMPLE else stats.UNKNOWN
    today = np.nan if now is None else float(rows.loc[rows["quarter"] == now, "pipeline"].sum())
    total = float(sums["pipeline"].sum())
    return {
        "quarters": seen, "deals": deals, "pipeline": total / seen if seen else np.nan,
        "won_amount": float(sums["won"].sum()) / seen if seen else np.nan,
        **dict(zip(("value", "low", "high"), found, strict=True)),
        "won_part": float(sums["kept"].sum()) / total if total and deals >= SMALLEST_SAMPLE else np.nan,
        "today": today, "expected": today / found.value if found.value else np.nan,
    }  # fmt: skip
