"""Where do we stand? Six figures: what each is, what it was quarter by quarter, and whether it is another than a year before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import stats
from l2c.diagnose.behind import with_places
from l2c.diagnose.cash.receivables import overdue_cases
from l2c.kpis import kpis, named
from l2c.log import EventLog
from l2c.measures.behind import measured_on
from l2c.measures.facts import DAY, Facts, Flags
from l2c.measures.followed import horizon
from l2c.measures.invoices import Invoices, invoices, look_back
from l2c.measures.observations import observations
from l2c.measures.spans import Observations, recorded, together
from l2c.measures.summary import summary
from l2c.monitor.asked import Given, aims
from l2c.monitor.pipeline.states import whole
from l2c.monitor.quarters import Quarter, began_in, followed_quarters
from l2c.monitor.stock import MOST_MISSING, OVERDUE, PIPELINE, known_since, stock
from l2c.stats import SMALLEST_SAMPLE, UNKNOWN, Estimate

Floats = NDArray[np.float64]
# From the lead to the cash, in the order in which they are read.
FLOWS = ("win_rate_incidence", "sales_cycle_days", "lead_to_cash_days", "late_payment_incidence")
FIGURES = (*FLOWS, OVERDUE, PIPELINE)
LAST_QUARTERS, QUARTERS_A_YEAR = 8, 4
# The quarter of the export, and the one before it, are not followed to the end of the next one.
YOUNG = 2
# A rate among those that were followed for long enough.
RATE = "incidence"
COLUMNS = [
    "kpi", "value", "low", "high", "unit", "cases", "censored", "bound_low", "bound_high", "horizon_days", "note", "target",
    "before", "change", "change_low", "change_high", "beyond_chance", "compared", "quarters", "values",
]  # fmt: skip
# Fewer months, beyond one of each quarter, do not tell how much months vary.
FEWEST_MONTHS = 4


class Told(NamedTuple):
    """A figure by quarters, what it was a year before, and the change since then; `compared`: in how many quarters."""

    quarters: tuple[pd.Timestamp, ...] = ()
    values: tuple[float | None, ...] = ()
    before: float = float("nan")
    change: Estimate = UNKNOWN
    beyond_chance: bool | None = None
    compared: int = 0


def figures(log: EventLog, register: Given = None, *, level: float = 0.95) -> pd.DataFrame:
    """Measure the six figures that tell where a business stands.

    Parameters
    ----------
    register
        The register beside the log (docs/register.md), whose targets stand beside the figures; without it, those of
        `log.with_kpis`.
    level
        Level of the intervals.

    Returns
    -------
    One row per figure: `win_rate_incidence`, `sales_cycle_days`, `lead_to_cash_days`, `late_payment_incidence`,
    `overdue_receivables` and `open_pipeline_value`, as `kpi`; `value, low, high, unit, cases, censored, bound_low, bound_high, horizon_days, note` as in
    `kpis` (of overdue money: what `receivables` says, and the invoices that are overdue). `quarters`: the first days of the last eight quarters
    that the log covers, in order; `values`: what the figure was in each, None where that is not known. A quarter holds what began in it, seen to the end of the next one, or, of
    the two sums, what was open at its end. `before`: the figure in the quarters a year before those that are `compared` (so many of the last
    four as have one a year before), of the sums on this day a year ago; `change`: by how much it is more since then, with
    `change_low, change_high`, and whether that is `beyond_chance` (None of sums, which are known exactly, and where it cannot be told). `target`:
    what it shall be. `behind`: the cases behind the figure, as `diagnose.behind` has them. NaN where the data cannot tell.

    Notes
    -----
    The change is of the same statistic as the figure: medians and rates of all cases of the quarters together, each quarter seen for
    equally long; the same quarters of two years share their season. Its interval joins those of both years (Newcombe, 1998;
    Donner and Zou, 2012); deals of one account go together, or those begun in one month, which share whatever befell it: the wider
    of the two. It holds for all figures of the table at once (Bonferroni). Quarters of which more than a tenth is missing since the log begins later than their cases have no number.

    Raises
    ------
    BadRegister
        If the register makes no sense.
    """
    now = Facts.of(log)
    cards = kpis(log, only=[*FLOWS, PIPELINE], level=level).set_index("kpi")
    owed = invoices(Facts.of(log.in_calendar_time()))
    if len(now):
        # All that will be asked for, at once.
        look_back(now, [*(each.look for each in followed_quarters(log, LAST_QUARTERS + YOUNG)), _a_year_ago(log) - 1])
    targets = aims(log, register)
    values = {OVERDUE: owed.overdue_amount, PIPELINE: float(cards["value"].astype(float)[PIPELINE])}
    told = _flows(log, now, level) | {id: _stock(log, now, id, value) for id, value in values.items()}
    counted = {id: measured_on(log, id) for id in (*FLOWS, PIPELINE)} | {OVERDUE: overdue_cases(log)}
    rows = []
    for id in FIGURES:
        found, target = told[id], targets.get(id)
        row = {"kpi": id} | (_owed(owed) if id == OVERDUE else cards.loc[id].to_dict())
        row |= {"target": np.nan if target is None else target.to}
        row |= {"before": found.before, "beyond_chance": found.beyond_chance, "compared": found.compared}
        row |= dict(zip(("change", "change_low", "change_high"), found.change, strict=True))
        rows.append(row | {"quarters": found.quarters, "values": found.values})
    table = pd.DataFrame(rows, columns=COLUMNS)
    for name in ("note", "beyond_chance"):
        table[name] = pd.Series([row[name] for row in rows], dtype=object)
    return named(with_places(table, [counted[id] for id in FIGURES]), log)


def _owed(owed: Invoices) -> dict[str, object]:
    """What is overdue, as a row of `kpis`."""
    many, unknown = (
        int(owed.is_overdue.sum()),
        dict.fromkeys(("low", "high", "bound_low", "bound_high", "horizon_days"), np.nan),
    )
    return {"value": owed.overdue_amount, "unit": "money", "cases": many, "censored": many, "note": owed.note} | unknown


def _flows(log: EventLog, now: Facts, level: float) -> dict[str, Told]:
    """The figures of what begins in a quarter and ends in its time."""
    if not len(now):
        return dict.fromkeys(FLOWS, Told())
    quarters = [each for each in followed_quarters(log, LAST_QUARTERS + YOUNG) if each.complete][-LAST_QUARTERS:]
    looks = [Facts.of(log, until=each.look) for each in quarters]
    every = {id: observations(now, id) for id in FLOWS}
    seen = {id: _by_quarter(now, found, quarters, looks) for id, found in every.items()}
    pairs = {id: _pairs(found) for id, found in seen.items()}
    # What holds of all figures at once is less sure of each.
    each = 1 - (1 - level) / max(sum(map(bool, pairs.values())), 1)
    told = {}
    for id, found in seen.items():
        within = horizon(every[id]) if every[id].kind == RATE else None
        labels, values = _padded(quarters, [_value(part, within) for part in found])
        told[id] = Told(labels, values, *_against(now, found, pairs[id], within, each))
    return told


def _by_quarter(
    now: Facts, every: Observations, quarters: Sequence[Quarter], looks: Sequence[Facts]
) -> list[Observations | None]:
    """What began in each quarter, as it was at its look; None of those whose cases began before the log did."""
    if not len(every):
        return [None] * len(quarters)
    since, age = known_since(now), _ages(now, every.id)
    found: list[Observations | None] = []
    for quarter, look in zip(quarters, looks, strict=True):
        # The part of the quarter in which something so old as each of all would not be in the log yet.
        lacks = np.clip((since + age - quarter.begin) / (quarter.end - quarter.begin), 0, 1).mean()
        # A rate is told within the same days of all cases, whenever it is looked at.
        seen = every if every.kind == RATE else observations(look.only(_may_begin(now, every.id, quarter)), every.id)
        found.append(None if lacks > MOST_MISSING or seen.refused else began_in(seen, quarter))
    return found


def _ages(now: Facts, id: str) -> NDArray[np.int64]:
    """How old cases of the whole log were when something that a figure counts began of them."""
    facts = whole(now.log.base)

    def counted() -> NDArray[np.int64]:
        found = observations(facts, id)
        return np.asarray(found.start - facts.column("started")[found.case])

    return facts.memo(("age", id), counted)


def _may_begin(now: Facts, id: str, quarter: Quarter) -> Flags:
    """Cases of which something that a figure counts may have begun in a quarter."""
    measure, base = now.log.base.measures[id], now.log.base
    times = [now.first(recorded(base, name)) for name in measure.start]
    if measure.of != "deal":
        # Of several documents only the first is known.
        return np.asarray((np.minimum.reduce(times) < quarter.end) & (now.column("ended") >= quarter.begin))
    return np.logical_or.reduce([(time >= quarter.begin) & (time < quarter.end) for time in times])


def _value(found: Observations | None, within: float | None) -> float | None:
    """The figure of one quarter."""
    if found is None:
        return None
    told = summary(replace(found, account=None), within=within)
    value = told.estimate.value
    return None if told.cases < SMALLEST_SAMPLE or np.isnan(value) else value


def _padded(
    quarters: Sequence[Quarter], values: Sequence[float | None]
) -> tuple[tuple[pd.Timestamp, ...], tuple[float | None, ...]]:
    """First days of the last eight quarters and their values; None of those before the log."""
    if not quarters:
        return (), ()
    months = np.arange(quarters[-1].month - 3 * (LAST_QUARTERS - 1), quarters[-1].month + 1, 3)
    lacking = [None] * (LAST_QUARTERS - len(values))
    return tuple(pd.Timestamp(month) for month in months), (*lacking, *values)


def _pairs(found: Sequence[Observations | None]) -> list[tuple[int, int]]:
    """The last four quarters of which the one a year before is known too: places of both."""
    last = range(len(found) - QUARTERS_A_YEAR, len(found))
    both = [(place - QUARTERS_A_YEAR, place) for place in last if place >= QUARTERS_A_YEAR]
    return [pair for pair in both if all((part := found[place]) is not None and len(part) for place in pair)]


def _against(
    now: Facts, found: Sequence[Observations | None], pairs: list[tuple[int, int]], within: float | None, level: float
) -> tuple[float, Estimate, bool | None, int]:
    """What a figure was in the quarters a year before, the change since, and whether that is beyond chance."""
    if not pairs:
        return float("nan"), UNKNOWN, None, 0
    both = [
        together([part for place in pair if (part := found[place]) is not None]) for pair in zip(*pairs, strict=True)
    ]
    before, after = (summary(part, level, within=within) for part in both)
    known = [part.cases >= SMALLEST_SAMPLE and part.estimate.value == part.estimate.value for part in (before, after)]
    if not all(known):
        return float("nan"), UNKNOWN, None, 0
    change = stats.rate_difference(after.estimate, before.estimate)
    # Deals of one account go together, or those begun in one month do: the wider interval of the two.
    alone = [summary(replace(part, account=None), level, within=within).estimate for part in both]
    plain = stats.rate_difference(alone[1], alone[0])
    months = stats.normal(level) * _of_months(now, both, within)
    ends = [np.hypot(plain[side] - plain.value, months) for side in (1, 2)]
    low, high = float(np.fmin(change.low, change.value - ends[0])), float(np.fmax(change.high, change.value + ends[1]))
    beyond = None if np.isnan(low) or np.isnan(high) else low > 0 or high < 0
    return before.estimate.value, Estimate(change.value, low, high), beyond, len(pairs)


def _of_months(now: Facts, both: Sequence[Observations], within: float | None) -> float:
    """Standard error of a change from what befalls single months, beyond what chance explains of their cases.

    Notes
    -----
    Each month is held against the same one a year before, so that no season counts; how much these differences vary within quarters,
    so that neither a trend nor a step from one quarter to the next counts, less what they vary by chance (DerSimonian and Laird, 1986).
    """
    month = [now.clock.months(part.start).astype(np.int64) for part in both]
    places, many = np.unique(month[1], return_counts=True)
    gaps = []
    for place in places:
        pair = [part.only(each == place - back) for part, each, back in zip(both, month, (12, 0), strict=True)]
        told = [summary(replace(each, account=None), within=within) for each in pair]
        if min(each.cases for each in told) < SMALLEST_SAMPLE:
            continue
        change = stats.rate_difference(told[1].estimate, told[0].estimate)
        error = (change.high - change.low) / (2 * stats.normal(0.95))
        if error > 0:
            gaps.append((change.value, error**2, (place - now.clock.fiscal_year_starts + 1) // 3))
    spread = _spread(*np.array(gaps, np.float64).reshape(-1, 3).T)
    return float(np.sqrt(spread * ((many / many.sum()) ** 2).sum()))


def _spread(gap: Floats, noise: Floats, group: Floats) -> float:
    """Variance of some numbers within groups, beyond that which each is known to have (DerSimonian and Laird, 1986)."""
    if len(gap) - len(np.unique(group)) < FEWEST_MONTHS:
        return 0.0
    weight, place = 1 / noise, np.unique(group, return_inverse=True)[1]
    total, squares = (np.bincount(place, weight**power) for power in (1, 2))
    mean = np.bincount(place, weight * gap) / total
    beyond = (weight * (gap - mean[place]) ** 2).sum() - (len(gap) - len(total))
    return float(max(beyond / (total - squares / total).sum(), 0.0))


def _stock(log: EventLog, now: Facts, id: str, value: float) -> Told:
    """A sum at the ends of quarters, and on this day a year ago."""
    if not len(now) or np.isnan(value):
        return Told()
    ended = [each for each in followed_quarters(log, LAST_QUARTERS + YOUNG) if each.end <= now.until + DAY][
        -LAST_QUARTERS:
    ]
    *values, before = stock(log, now, id, [*(each.end for each in ended), _a_year_ago(log)])
    labels, padded = _padded(ended, values)
    if before is None:
        return Told(labels, padded)
    return Told(labels, padded, before, Estimate(value - before, np.nan, np.nan), None, 1)


def _a_year_ago(log: EventLog) -> int:
    """The end of this day a year ago."""
    day = pd.Timestamp(log.clock.wall(log.extracted)).normalize() - pd.DateOffset(years=1) + pd.Timedelta(days=1)
    return int(log.clock.moments(np.array([day.value // 1000], np.int64))[0])
