"""Why do cases wait at a desk: a batch, a queue, a night, or something the log does not tell?"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.log import EventLog
from l2c.log.base import WORKING
from l2c.log.columns import STARTED
from l2c.measures.facts import DAY, as_times
from l2c.stats import SMALLEST_SAMPLE
from l2c.words import vocabulary

Floats = NDArray[Any]
HOUR = DAY // 24
CAUSES = ("customer", "batching", "contention", "prioritisation", "off_duty", "unexplained")
# A desk batches when it stands idle in so large a part of the time in which work lies there, when so many of its
# finished pieces come in bursts, and when work usually lies there.
IDLE, BURSTS, BACKLOG = 0.35, 0.35, 0.3
# A piece finished within this part of the usual time between two was done in the same go.
SAME_GO = 0.1
# Work done outside these hours of somebody's day is the exception; a day of fewer hours is widened.
USUAL, SHORTEST = 0.97, 8
LONGEST_LOOK = 200
RARE_DAY = 0.03


class Calendar(NamedTuple):
    """Hours in which somebody works: from `start` on (UTC, hours), `hours` long, on some days of the week."""

    start: int
    hours: int
    days: NDArray[np.bool_]

    def open_time(self, time: NDArray[np.int64]) -> NDArray[np.int64]:
        """Working microseconds since some fixed moment."""
        shifted = time - self.start * HOUR
        day, within = np.divmod(shifted, DAY)
        week = self.days.astype(np.int64)
        before = np.concatenate([[0], np.cumsum(week)])
        # Day 0 was a Thursday.
        number = day + 3
        past = (number // 7) * int(week.sum()) + before[number % 7]
        return (
            past * self.hours * HOUR + np.where(week[number % 7] > 0, np.minimum(within, self.hours * HOUR), 0)
        ).astype(np.int64)


# Working time has no nights.
ALWAYS = Calendar(0, 24, np.ones(7, bool))


def waiting_causes(log: EventLog) -> pd.DataFrame:
    """What the waits of each step and person consist of.

    Returns
    -------
    One row per `from`, `to` and `actor` of the later event (None where unknown), most days first: `events`;
    `case_days`; and its parts, which add up to it: `customer_days` (the customer's move), `batching_days` (until the
    actor took up the batch), `contention_days` (while the actor finished other work), `prioritisation_days` (of that,
    while work that came later was done first), `off_duty_days` (nights and free days), `unexplained_days` (the rest:
    the work itself, or what the log does not tell); `batches`: whether the actor works in batches.

    Notes
    -----
    After Lashkevich and others (2023), for logs with one time per event: there the wait for an event includes the work
    on it. Where the log tells when the work began, the wait ends there. Working hours are read off the actor's own events,
    working days off everybody's. A desk is said to batch
    when, in working time, it stands idle while work lies there, and finishes it in bursts.
    """
    moves = _moves(log)
    if not len(moves):
        numbers = ["events", "case_days", *(f"{c}_days" for c in CAUSES)]
        return pd.DataFrame(columns=["from", "to", "actor", *numbers, "batches"]).astype(
            dict.fromkeys(numbers, float) | {"batches": bool}
        )
    days = moves[[f"{cause}_days" for cause in CAUSES]]
    grouped = pd.concat([moves[["from", "to", "actor", "case_days", "batches"]], days], axis=1)
    table = grouped.groupby(["from", "to", "actor"], dropna=False, as_index=False).agg(
        events=("case_days", "size"),
        case_days=("case_days", "sum"),
        **{f"{c}_days": (f"{c}_days", "sum") for c in CAUSES},
        batches=("batches", "max"),
    )
    table["actor"] = table["actor"].astype(object).where(table["actor"].notna(), None)
    table["_actor"] = table["actor"].map(str)
    order = table.sort_values(["case_days", "from", "to", "_actor"], ascending=[False, True, True, True])
    return order.drop(columns="_actor").reset_index(drop=True)


def step_causes(log: EventLog) -> pd.DataFrame:
    """The parts of the waits of each step, summed over all actors: `from, to` and the days of each cause."""
    table = waiting_causes(log)
    columns = [f"{cause}_days" for cause in CAUSES]
    return table.groupby(["from", "to"], as_index=False)[columns].sum()


def _moves(log: EventLog) -> pd.DataFrame:
    """Every step of every case with its parts."""

    schema = log.events.collect_schema().names()
    columns = ["case_key", "position", "activity", "time", "wait_days", *(c for c in ("actor", STARTED) if c in schema)]
    rows = engine.collect(log.events.select(*columns)).sort_values(["case_key", "position"], ignore_index=True)
    time, key = as_times(rows["time"].to_numpy()), rows["case_key"].to_numpy()
    if log.hours == WORKING:
        # Nobody is off duty in working time; the hours of all stand for those of the place of each case.
        hours = log.base.working
        time = np.rint(hours.schedules[0].worked(time) * (DAY / hours.day)).astype(np.int64)
    elif len(time):
        # Nights and weekends are those of the business; one offset for all, so that every wait keeps its length.
        middle = np.sort(time)[len(time) // 2 :][:1]
        time = time + (log.clock.local(middle) - middle)
    later = np.flatnonzero(np.concatenate([[False], key[1:] == key[:-1]])[: len(rows)])
    # What waits, waits until its work begins, where that is known; what begins beside other work waits for nothing.
    began = np.minimum(as_times(rows[STARTED].to_numpy()), time) if STARTED in rows else time
    actor = rows["actor"].astype(object) if "actor" in rows else pd.Series(None, index=rows.index, dtype=object)
    moves = pd.DataFrame(
        {
            "from": rows["activity"].to_numpy(object)[later - 1],
            "to": rows["activity"].to_numpy(object)[later],
            "actor": actor.to_numpy(object)[later],
            "start": time[later - 1],
            "end": np.maximum(began[later], time[later - 1]),
        }
    )
    parts = {cause: np.zeros(len(moves)) for cause in CAUSES}
    batches = np.zeros(len(moves), bool)
    length = (moves["end"] - moves["start"]).to_numpy(np.float64)
    customer = (moves["to"].map(vocabulary.whose_move) == "customer").to_numpy(bool)
    parts["customer"][customer] = length[customer]
    parts["unexplained"][~customer] = length[~customer]
    week = _days_of_week(time)
    internal = np.flatnonzero(~customer & moves["actor"].notna().to_numpy(bool))
    for places in moves.iloc[internal].groupby(["actor", "to"]).indices.values():
        at = internal[places]
        if len(at) >= SMALLEST_SAMPLE:
            start, end = moves["start"].to_numpy()[at], moves["end"].to_numpy()[at]
            found, batch = _desk(start, end, ALWAYS if log.hours == WORKING else _hours(end, week))
            for cause, value in found.items():
                parts[cause][at] = value
            batches[at] = batch
    own = length / DAY
    if log.hours == WORKING:
        own = rows["wait_days"].to_numpy(np.float64)[later - 1]
    for cause, value in parts.items():
        part = np.divide(value, length, out=np.full(len(value), float(cause == "unexplained")), where=length > 0)
        moves[f"{cause}_days"] = part * own if log.hours == WORKING else value / DAY
    moves["case_days"] = own
    moves["batches"] = batches
    return moves


def _desk(start: NDArray[np.int64], end: NDArray[np.int64], calendar: Calendar) -> tuple[dict[str, Floats], bool]:
    """Split the waits of one desk."""
    order = np.lexsort((start, end))
    began, done = start[order], end[order]
    opened, closed = calendar.open_time(began), calendar.open_time(done)
    previous = np.concatenate([[began[0]], done[:-1]])
    backlog = began <= previous
    backlog[0] = False
    gaps = np.diff(closed, prepend=closed[0])
    busy = _union(opened, closed)
    usual = busy / len(done)
    again = backlog & (gaps <= SAME_GO * usual)
    service = float(np.quantile(gaps[backlog], 0.35)) if backlog.any() else 0.0
    idle = 1 - len(done) * service / busy if busy > 0 else 0.0
    batch = backlog.mean() > BACKLOG and idle > IDLE and again.sum() > BURSTS * max(backlog.sum(), 1)
    whole = (done - began).astype(np.float64)
    found = {cause: np.zeros(len(done)) for cause in CAUSES}
    if batch:
        head = np.maximum.accumulate(np.where(again, 0, np.arange(len(done))))
        found["batching"] = np.clip(done[head] - began, 0, whole)
    else:
        queue = np.where(backlog, np.clip(calendar.open_time(previous) - opened, 0, None), 0).astype(np.float64)
        found["off_duty"] = whole - (closed - opened)
        overtaken = _overtaken(began, done)
        found["prioritisation"] = queue * overtaken
        found["contention"] = queue * (1 - overtaken)
    found["unexplained"] = whole - np.sum([found[c] for c in CAUSES if c != "unexplained"], axis=0)
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    return {cause: value[back] for cause, value in found.items()}, bool(batch)


def _union(start: NDArray[np.int64], end: NDArray[np.int64]) -> float:
    """Length of the union of intervals."""
    order = np.argsort(start, kind="stable")
    begin, reach = start[order], np.maximum.accumulate(end[order])
    before = np.concatenate([[begin[0]], reach[:-1]])
    return float(np.clip(reach - np.maximum(begin, before), 0, None).sum())


def _overtaken(began: NDArray[np.int64], done: NDArray[np.int64]) -> Floats:
    """Of the pieces finished while each waited, the part that had come later; in order of finishing."""
    place = np.arange(len(done))
    meanwhile = np.maximum(place - np.searchsorted(done, began, "right"), 0)
    later = np.zeros(len(done))
    # One step back at a time, for all pieces at once; a longer queue is judged by its last pieces.
    looked = np.minimum(meanwhile, LONGEST_LOOK)
    for back in range(1, int(looked.max(initial=0)) + 1):
        later[back:] += (began[:-back] > began[back:]) & (looked[back:] >= back)
    return later / np.maximum(looked, 1)


def _days_of_week(time: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The days of the week on which anything much happens."""
    counts = np.bincount((time // DAY + 3) % 7, minlength=7)
    return counts >= RARE_DAY * max(counts.sum(), 1)


def _hours(time: NDArray[np.int64], days: NDArray[np.bool_]) -> Calendar:
    """The shortest stretch of the day in which somebody finishes nearly everything."""
    counts = np.bincount((time // HOUR) % 24, minlength=24).astype(np.float64)
    around = np.concatenate([[0.0], np.cumsum(np.tile(counts, 2))])
    for hours in range(1, 25):
        inside = around[hours : hours + 24] - around[:24]
        if inside.max() >= USUAL * counts.sum():
            start = int(np.argmax(inside))
            break
    if hours < SHORTEST:
        start, hours = (start - (SHORTEST - hours) // 2) % 24, SHORTEST
    return Calendar(start, hours, days)
