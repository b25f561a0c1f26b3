"""What will be won in the months to come, how sure is that, and what do those foretell who ask no model?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.diagnose.tidy import noted
from l2c.log import EventLog
from l2c.log.zone import Clock, micros
from l2c.measures.facts import DAY, NEVER, Facts
from l2c.monitor.pipeline import coming, comparators, widened
from l2c.monitor.pipeline.amounts import amounts, growth
from l2c.monitor.pipeline.chances import Chances, chances
from l2c.words.notes import Note, several

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Unit = Literal["month", "quarter"]
EPOCH = datetime(1970, 1, 1)
# What is left of a month on its last evening is no period.
A_REST = DAY // 2
# At earlier dates the deals to come are drawn so often.
RUNS_THEN = 20
OWN = ("value", "to_come", "total")
COLUMNS = (
    "period", "begin", "end", "value", "low", "high", "deals", "to_come", "to_come_low", "to_come_high",
    "total", "total_low", "total_high", *comparators.METHODS, "widened",
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
    by close date, what is overdue in the first period; `widened` (by how much the range of `value` is wider than the draws).
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
    key = ("forecasts made", tuple(spans.begin), tuple(spans.end), () if whole is not log else tuple(log.filters.items()))
    past: Past = log.base.memo(key, lambda: made(whole, spans))
    rate = growth(whole, until) if past.raised else 1.0
    now = told(log, None, spans, coming.RUNS, rate)
    table: dict[str, object] = {
        "period": _stamps(spans.named), "begin": _stamps(spans.first), "end": _stamps(spans.last), "deals": now.deals,
        **now.said, "widened": past.factors("value"), "dates": past.dates,
    }  # fmt: skip
    for name in OWN:
        middle, low, high = widened.ends(now.draws[name], past.factors(name))
        head = "" if name == "value" else f"{name}_"
        table |= {name: middle, f"{head}low": low, f"{head}high": high}
    for name in ("value", "total", *comparators.METHODS):
        table[f"{name}_missed"] = past.missed(name)
    return noted(pd.DataFrame(table)[list(COLUMNS)], _notes(log, now, past, rate))


@dataclass(frozen=True, eq=False)
class Spans:
    """Stretches of time, a place each.

    Attributes
    ----------
    named
        The first day of the month or quarter that each is (the rest) of, in days since 1970.
    first, last
        First and last day of each.
    begin, end
        Days after the moment of the forecast on which each begins, and before which it ends.
    """

    named: Ints
    first: Ints
    last: Ints
    begin: Floats
    end: Floats


def calendar(clock: Clock, until: int, periods: int, unit: Unit) -> Spans:
    """The rest of the month or quarter of a moment, and those after it."""
    size = 3 if unit == "quarter" else 1
    month = clock.quarter(until) if size == 3 else clock.months(np.array([until], np.int64))[0]
    if clock.begins(month + size) - until < A_REST:
        month = month + size
    months = month + size * np.arange(periods + 1)
    edges = np.array([clock.begins(each) for each in months], np.int64)
    first = months.astype("datetime64[D]").astype(np.int64)
    begin = np.maximum((edges - until) / DAY, 0.0)
    begins = np.maximum(first[:-1], clock.day(until))
    return Spans(first[:-1], begins, first[1:] - 1, begin[:-1], begin[1:])


def plain(clock: Clock, until: int, days: Sequence[float]) -> Spans:
    """So many days from a moment on."""
    end = np.array(sorted(days), np.float64)
    first = np.full(len(end), clock.day(until), np.int64)
    last = clock.days(until + (end * DAY).astype(np.int64))
    return Spans(first, first, last, np.zeros(len(end)), end)


@dataclass(frozen=True, eq=False)
class Told:
    """What is foretold at a moment.

    Attributes
    ----------
    draws
        By kind (`value`, `to_come`, `total`): money, a row per run and a column per span; no rows where nothing can be foretold.
    deals
        How many of the open deals are won in each span.
    said
        What other methods foretell of each span.
    note
        What to know of it.
    """

    draws: dict[str, Floats]
    deals: Floats
    said: dict[str, Floats]
    note: Note | None


def told(log: EventLog, until: datetime | None, spans: Spans, runs: int, rate: float = 1.0) -> Told:
    """What is foretold of the cases in sight at a moment.

    Parameters
    ----------
    until
        The moment (naive UTC); the extraction unless given.
    rate
        What deals bring when they are won, by what they stand at.
    """
    known: Chances = chances(log, until=until)
    facts = Facts.of(log, None if until is None else micros(until))
    place = facts.place[known.case_key]
    seen = np.flatnonzero(place >= 0)
    amount = amounts(facts)[place[seen]]
    notes = [known.note]
    if len(seen) and (n := int(np.isfinite(amount).sum())) < len(seen):
        notes.append(Note("amount_of_open", n=n, of=len(seen)) if log.one_currency else Note("currencies", n=len(log.currencies)))
    said = comparators.said(log, facts.until, known.case_key[seen]).sums(amount, spans.begin, spans.end)
    worth = np.nan_to_num(amount * rate)
    after = known.won_after[:, seen]
    here = [(after >= low) & (after < high) for low, high in zip(spans.begin, spans.end, strict=True)]
    value = np.array([each @ worth for each in here]).T.reshape(len(after), len(here))
    deals = np.array([each.sum() / max(len(after), 1) for each in here])
    if known.used == "none":
        value, deals = value[:0], np.full(len(here), np.nan)
    like, new = coming.meant(log), value[:0]
    if like is None:
        notes.append(Note("forecast_of_open"))
    else:
        drawn = coming.draws(log, until=until, days=float(spans.end.max(initial=0.0)), runs=runs).only(like)
        new = drawn.sums(spans.begin, spans.end)
    if not np.isfinite(amounts(facts)).any():
        # Nothing is worth anything to nobody who knows no amounts: that is not nothing.
        value, new = value[:0], new[:0]
        said = {name: np.full(len(here), np.nan) for name in said}
    total = _both(value, new) if len(value) and len(new) else value[:0]
    return Told({"value": value, "to_come": new, "total": total}, deals, said, several([n for n in notes if n is not None]))


def _both(one: Floats, other: Floats) -> Floats:
    """Sums of draws, each of the one kind with one of the other, whose mean is the sum of both means."""
    n = np.arange(max(len(one), len(other)))
    found = one[n % len(one)] + other[n % len(other)]
    return np.asarray(found + one.mean(axis=0) + other.mean(axis=0) - found.mean(axis=0))


@dataclass(frozen=True, eq=False)
class Past:
    """What was foretold at earlier dates beside what came; arrays have a row per date and a column per span.

    Attributes
    ----------
    foretold, came
        By method; NaN where it told nothing, or where the span is not over.
    spread
        Standard deviation of the draws, of the kit's own kinds.
    raised
        Whether what deals bring more or less than they stand at is counted in: it was nearer.
    """

    foretold: dict[str, Floats]
    came: dict[str, Floats]
    spread: dict[str, Floats]
    raised: bool

    @cached_property
    def dates(self) -> Ints:
        """At how many dates each span was foretold."""
        return np.isfinite(self.foretold["value"] + self.came["value"]).sum(axis=0)

    def factors(self, name: str) -> Floats:
        """By how much the range of each span is widened."""
        with np.errstate(divide="ignore", invalid="ignore"):
            z = (self.came[name] - self.foretold[name]) / self.spread[name]
        return np.array([widened.factor(z[:, k]) for k in range(z.shape[1])])

    def missed(self, name: str) -> Floats:
        """How far a method missed on average, as part of what came."""
        return _error(self.foretold[name], self.came[name if name in OWN else "value"])


def made(log: EventLog, spans: Spans) -> Past:
    """Foretell at earlier dates, by what was known then, what has come since."""
    facts = Facts.of(log)
    began = comparators.opened(facts)[facts.deal]
    first = float(began.min(initial=facts.until) / DAY)
    dates = widened.dates(first, facts.until / DAY, float(spans.end.max(initial=0.0)))
    rows: dict[str, list[Floats]] = {f"{kind} {name}": [] for kind in ("told", "came", "spread") for name in OWN}
    rows |= {f"told {name}": [] for name in comparators.METHODS}
    rates = []
    for day in dates:
        until = int(day * DAY)
        then = told(log, EPOCH + timedelta(microseconds=until), spans, RUNS_THEN)
        rates.append(growth(log, until))
        for name, came in _came(log, facts, until, spans).items():
            draws = then.draws[name]
            nothing = np.full(len(spans.end), np.nan)
            rows[f"told {name}"].append(draws.mean(axis=0) if len(draws) else nothing)
            rows[f"spread {name}"].append(draws.std(axis=0) if len(draws) else nothing)
            rows[f"came {name}"].append(came)
        for name, sums in then.said.items():
            rows[f"told {name}"].append(sums)
    tables = {name: np.array(each).reshape(len(each), len(spans.end)) for name, each in rows.items()}
    by = {kind: {n.removeprefix(f"{kind} "): t for n, t in tables.items() if n.startswith(kind)} for kind in ("told", "came", "spread")}
    rate = np.array(rates).reshape(-1, 1)
    value, came = by["told"]["value"], by["came"]["value"]
    raised = len(rate) > 1 and bool(np.nansum(_error(value * rate, came)) < np.nansum(_error(value, came)))
    if raised:
        more = value * rate - value
        by["told"] |= {"value": value + more, "total": by["told"]["total"] + more}
        by["spread"] |= {"value": by["spread"]["value"] * rate}
    return Past(by["told"], by["came"], by["spread"], raised)


def _came(log: EventLog, facts: Facts, until: int, spans: Spans) -> dict[str, Floats]:
    """What was won in the spans after a moment: from the deals that were open, from the others, from all."""
    open_ = facts.place[chances(log, until=EPOCH + timedelta(microseconds=until)).case_key]
    won = np.flatnonzero((facts.won > until) & (facts.won != NEVER))
    was = np.isin(won, open_)
    after, worth = (facts.won[won] - until) / DAY, np.nan_to_num(amounts(facts)[won])
    here = (after[:, None] >= spans.begin) & (after[:, None] < spans.end)
    parts = {"value": (worth * was) @ here, "to_come": (worth * ~was) @ here}
    return {**parts, "total": parts["value"] + parts["to_come"]}


def _error(foretold: Floats, came: Floats) -> Floats:
    """Mean absolute error as part of what came, by columns; NaN where nothing can be told."""
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.abs(foretold - came) / np.where(came > 0, came, np.nan)
    known = np.isfinite(error)
    return np.where(known.any(axis=0), np.where(known, error, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1), np.nan)


def _notes(log: EventLog, now: Told, past: Past, rate: float) -> Note | None:
    """What to know of the whole table."""
    notes = [now.note]
    if not past.dates.any():
        notes.append(Note("forecast_untested"))
    if rate != 1.0:
        notes.append(Note("forecast_raised", rate=rate))
    if comparators.CLOSE not in log.attributes:
        notes.append(Note("forecast_no_dates"))
    elif np.isnan(past.missed("stage_weighted")).all() and past.dates.any():
        notes.append(Note("forecast_no_history"))
    return several([each for each in notes if each is not None])


def _stamps(days: Ints) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(days.astype("datetime64[D]").astype("datetime64[us]"))
