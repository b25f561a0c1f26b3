"""Who serves whom, and does work queue up there, wait for a batch, or go at its own pace?

Read off one time per event: what was asked for when the event before it happened, was done at its own time. What one
piece took somebody is the working time since it was asked for, or since they finished the piece before, if that was
later; for anyone who does not idle while work lies there this is exact in whatever order the pieces are taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine, stats
from l2c.diagnose.waits.shifts import ALWAYS, HOUR, Shifts, days_of_week, shifts, weekday
from l2c.log import EventLog
from l2c.log.base import WORKING
from l2c.log.columns import STARTED
from l2c.measures.facts import DAY, as_times
from l2c.prepare import pseudonyms as people
from l2c.stats import SMALLEST_SAMPLE
from l2c.words import vocabulary

Floats = NDArray[Any]
Times = NDArray[np.int64]
QUEUE, BATCH, PACE = KINDS = ("queue", "batch", "pace")
# A desk batches when it stands idle in so large a part of the time in which work lies there, when so many of its
# finished pieces come in bursts, and when work usually lies there.
IDLE, BURSTS, BACKLOG = 0.35, 0.35, 0.3
# A piece finished within this part of the usual time between two was done in the same go.
SAME_GO = 0.1
# In a queue the time in the house goes with the backlog met (rank correlation), and does so within stretches too: where
# everything is slow for a month, both are high without one causing the other.
GOES_WITH, WITHIN, CLOSELY, STRETCH = 0.3, 0.2, 0.5, 50
# In a queue a piece with others before it takes as long as one alone; where each takes its own time, the end of one is
# soon followed by the end of another, and "service" behind a backlog looks far too short.
ROUGHLY_AS_LONG, AS_LONG, SURELY_AS_LONG = (0.6, 1.7), (0.7, 1.5), (0.85, 1.25)
# And there, the more lie waiting, the sooner the next one ends.
FASTER = -0.1
# Many desks are looked at: of the queues named, so many may be chance.
FALSE = 0.05
# Where the last to come is taken first, nobody's wait goes with the backlog met: then the second sign must be clear.
OVERTAKEN, MANY = 0.1, 200
ONE_DAY = 0.8
# So many pieces tell on which days of the week somebody works.
OWN_WEEK = 60
FEW_DAYS = 4
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LONGEST_LOOK = 200


@dataclass(frozen=True, eq=False)
class Desk:
    """What one person did at one activity, piece by piece in the order of `done`, and what that tells.

    Attributes
    ----------
    activity, actor
        What was done, and by whom.
    place
        Row of each piece among the steps of the log (`passages`).
    asked, done, shifts
        When each was asked for and done (microseconds), and the hours worked.
    wait, service
        Working time in the house, and on the piece itself.
    behind
        Whether it lay there when the piece before it was finished.
    head
        Which piece of a go was done first, for each.
    kind
        `queue`, `batch` or `pace`.
    correlation, within, ratio, overtaken, by_wait
        Rank correlation of the time in the house with the backlog met, over all and within stretches of fifty pieces;
        median service behind a backlog over that alone (NaN where one of them is too rare); the part of a wait in which
        later work was finished, by piece; whether a queue rests on the first of these alone.
    """

    activity: str
    actor: str
    place: NDArray[np.int64]
    asked: Times
    done: Times
    shifts: Shifts
    wait: Floats
    service: Floats
    behind: NDArray[np.bool_]
    head: NDArray[np.int64]
    overtaken: Floats
    kind: str
    correlation: float
    within: float
    ratio: float
    by_wait: bool

    @property
    def chance(self) -> float:
        """How likely so high a correlation is where nobody waits for others."""
        return NormalDist().cdf(-self.correlation * max(len(self.done) - 3, 0) ** 0.5)


def desks(log: EventLog, *, level: float = 0.95, names: bool | None = None) -> pd.DataFrame:
    """Desks of a log: an activity and the person who does it, and whether work queues up there.

    Parameters
    ----------
    level
        Level of the interval of `busy_share`.
    names
        Whether to show names of people; else as the log says, which hides them unless it was opened or written with names.

    Returns
    -------
    One row per desk with at least 20 pieces of work, most days first: `activity`, `actor`, `kind` (`queue`: work waits
    until others' is done; `batch`: until somebody takes up all that lies there; `pace`: each piece takes its own time,
    for waiting for information or for reasons nobody knows), `events` (pieces done), `case_days` (from request to done),
    `correlation` (rank correlation of the working time in the house with the backlog met), `alone_hours, behind_hours`
    (median working hours on a piece that was alone, and on one that lay behind others; NaN where fewer than 20 were),
    `batch_size` (median pieces of a go) and `weekday` (`monday` …, where four in five pieces are done on one; both missing
    where it is no batch), `open_hours` (a week), `service_hours` (mean a piece; of a queue), `busy_share` with
    `busy_low, busy_high` (of the open hours, from the first request to the last piece; of a queue, else NaN).

    Notes
    -----
    A queue is claimed only where the wait goes with the backlog met (rank correlation above .3 beyond chance, and above
    .2 within stretches of fifty pieces) and service behind a backlog is as long as alone (ratio .7 to 1.5); where the
    later work is often done first, service that is surely as long is enough. The customer's own moves are no desk.
    Hours worked are read off the person's own events. Times known by the day only tell no queue.
    """
    known = people.instead(log, names)
    rows = [_row(desk, log, level, known) for desk in found(log, passages(log))]
    numbers = ["case_days", "correlation", "alone_hours", "behind_hours", "batch_size", "open_hours", "service_hours"]
    numbers += ["busy_share", "busy_low", "busy_high"]
    columns = ["activity", "actor", "kind", "events", "case_days", "correlation", "alone_hours", "behind_hours"]
    columns += ["batch_size", "weekday", "open_hours", "service_hours", "busy_share", "busy_low", "busy_high"]
    table = pd.DataFrame(rows, columns=columns)
    table = table.astype(dict.fromkeys(numbers, float) | {"events": "int64"})
    order = table.sort_values(["case_days", "activity", "actor"], ascending=[False, True, True], ignore_index=True)
    return order.astype(dict.fromkeys(("activity", "actor", "kind", "weekday"), object))


def passages(log: EventLog) -> pd.DataFrame:
    """Every step of every case, in the order of cases and events, with what a desk is read off.

    Returns
    -------
    `case_key, from, to, actor` (of the later event; None where unknown), `start` and `end` (microseconds, in the clock of
    the business; of a log in working time, working microseconds), `wait_days`, `customer` (the customer's move).
    """
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
    steps = pd.DataFrame(
        {
            "case_key": key[later],
            "from": rows["activity"].to_numpy(object)[later - 1],
            "to": rows["activity"].to_numpy(object)[later],
            "actor": actor.to_numpy(object)[later],
            "start": time[later - 1],
            "end": np.maximum(began[later], time[later - 1]),
            "wait_days": rows["wait_days"].to_numpy(np.float64)[later - 1],
        }
    )
    steps["customer"] = (steps["to"].map(vocabulary.whose_move) == "customer").to_numpy(bool)
    return steps


def found(log: EventLog, steps: pd.DataFrame) -> list[Desk]:
    """The desks of a log, of its `passages`: whoever did an activity at least 20 times, unless it is the customer's."""
    each = list(_looked_at(log, steps))
    chance = stats.q_values(np.array([desk.chance for desk in each]))
    each = [
        replace(desk, kind=PACE) if desk.kind == QUEUE and desk.by_wait and q > FALSE else desk
        for desk, q in zip(each, chance, strict=True)
    ]
    # A queue that shows only in the order in which work is done has no test of its own: most work of its kind must queue.
    pieces = Counter[str]()
    for desk in each:
        pieces[desk.activity] += len(desk.done) if desk.kind == QUEUE else -len(desk.done)
    alone = [desk.kind == QUEUE and desk.correlation <= GOES_WITH and pieces[desk.activity] < 0 for desk in each]
    return [replace(desk, kind=PACE) if lonely else desk for desk, lonely in zip(each, alone, strict=True)]


def _looked_at(log: EventLog, steps: pd.DataFrame) -> Iterator[Desk]:
    start, end = (steps[name].to_numpy(np.int64) for name in ("start", "end"))
    week = days_of_week(np.append(end, start))
    own = np.flatnonzero(~steps["customer"].to_numpy(bool) & steps["actor"].notna().to_numpy(bool))
    together: dict[Any, Any] = steps.iloc[own].groupby(["actor", "to"], observed=True).indices
    # In the order of their first work: what people are called, by name or by pseudonym, changes nothing.
    for (actor, activity), places in sorted(together.items(), key=lambda each: int(each[1][0])):
        at = own[places]
        if len(at) >= SMALLEST_SAMPLE:
            yield _of(str(activity), str(actor), at, start[at], end[at], None if log.hours == WORKING else week)


def _of(
    activity: str, actor: str, at: NDArray[np.int64], start: Times, end: Times, week: NDArray[np.bool_] | None
) -> Desk:
    """What the times of one desk tell of it, in its own hours; `week`: days on which anything happens, None in working time."""
    if week is None:
        return judged(activity, actor, at, start, end, ALWAYS)
    worked = shifts(end, week)
    # Customers write at weekends too, and somebody may be there three days a week.
    own = worked._replace(days=week & days_of_week(end)) if len(at) >= OWN_WEEK else worked
    desk = judged(activity, actor, at, start, end, own)
    if own.days.sum() < min(week.sum(), FEW_DAYS):
        # Who is seen on few days may decide on those what lay there all week.
        whole = judged(activity, actor, at, start, end, worked)
        return whole if whole.kind == BATCH else desk
    return desk


def judged(activity: str, actor: str, place: NDArray[np.int64], start: Times, end: Times, worked: Shifts) -> Desk:
    """What the times of one desk tell of it."""
    order = np.lexsort((start, end))
    asked, done = start[order], end[order]
    opened, closed = worked.open_time(asked), worked.open_time(done)
    behind = np.concatenate([[False], asked[1:] <= done[:-1]])
    service = (closed - np.maximum(opened, np.concatenate([opened[:1], closed[:-1]]))).astype(np.float64)
    wait = (closed - opened).astype(np.float64)
    batch, head = _goes(asked, done, opened, closed, behind)
    lying = np.sort(asked)
    met = np.searchsorted(lying, asked, "left") - np.searchsorted(done, asked, "left")
    first = np.argsort(asked, kind="stable")
    correlation, within = _goes_with(met[first], wait[first], len(done)), _goes_with(met[first], wait[first], STRETCH)
    alone = ~behind
    judge = min(behind.sum(), alone.sum()) >= SMALLEST_SAMPLE
    ratio = float(np.median(service[behind]) / max(np.median(service[alone]), 1.0)) if judge else np.nan
    overtaken = _overtaken(asked, done)
    # How many lay there when each piece behind others was taken up: where each takes its own time, more end sooner.
    left = np.searchsorted(lying, np.concatenate([done[:1], done[:-1]]), "right") - np.arange(len(done))
    faster = [_goes_with(left[behind], service[behind], stretch) < FASTER for stretch in (STRETCH, len(done))]
    surely = SURELY_AS_LONG[0] < ratio < SURELY_AS_LONG[1]
    wide = ROUGHLY_AS_LONG if within > CLOSELY else AS_LONG if not faster[0] else SURELY_AS_LONG
    as_long = np.isnan(ratio) or wide[0] < ratio < wide[1]
    goes_with = bool(correlation > GOES_WITH and within > WITHIN and as_long)
    turned = len(done) >= MANY and overtaken.sum() > OVERTAKEN * behind.sum()
    surely = bool(turned and surely and not faster[1])
    kind = BATCH if batch else QUEUE if goes_with or surely else PACE
    return Desk(
        activity, actor, place[order], asked, done, worked, wait, service, behind, head, overtaken, kind,
        correlation, within, ratio, goes_with and not surely,
    )  # fmt: skip


def _goes(asked: Times, done: Times, opened: Times, closed: Times, behind: NDArray[np.bool_]) -> tuple[bool, Any]:
    """Whether somebody works in batches, and the first piece of the go in which each was done."""
    gaps = np.diff(closed, prepend=closed[0])
    busy = _union(opened, closed)
    again = behind & (gaps <= SAME_GO * busy / len(done))
    served = float(np.quantile(gaps[behind], 0.35)) if behind.any() else 0.0
    idle = 1 - len(done) * served / busy if busy > 0 else 0.0
    batch = behind.mean() > BACKLOG and idle > IDLE and again.sum() > BURSTS * max(behind.sum(), 1)
    if batch and not (done % DAY).any():
        # Days without a time: what was done on one day looks like one go. Most days on which work lies there must be idle.
        batch = len(np.unique(done // DAY)) < 0.5 * _union(asked // DAY, done // DAY + 1)
    head = np.maximum.accumulate(np.where(again, 0, np.arange(len(done))))
    goes = np.unique(head, return_counts=True)[1]
    # Of few pieces some are done soon after each other by chance; in batches most are.
    return bool(batch and np.median(np.repeat(goes, goes)) > 1), head


def _goes_with(one: Floats, other: Floats, stretch: int) -> float:
    """Rank correlation (Spearman, ties in the middle) within stretches of so many; 0 where one of them never changes."""
    many = max(len(one) // max(stretch, 1), 1)
    sizes = np.full(many, len(one) // many) + (np.arange(many) < len(one) % many)
    x, y = (_ranks(values, sizes) for values in (one, other))
    spread = float(x @ x) * float(y @ y)
    return float(x @ y) / spread**0.5 if spread > 0 else 0.0


def _ranks(values: Floats, sizes: NDArray[np.int64]) -> Floats:
    """Ranks within stretches of some sizes, less their mean; all stretches at once, as there are many short ones."""
    part = np.repeat(np.arange(len(sizes)), sizes)
    order = np.lexsort((values, part))
    new = np.concatenate([[True], (np.diff(values[order]) != 0) | (np.diff(part) != 0)])[: len(values)]
    first = np.flatnonzero(new)
    ties = np.diff(np.append(first, len(values)))
    begin = np.cumsum(sizes) - sizes
    rank = np.empty(len(values))
    rank[order] = np.repeat(first + (ties - 1) / 2, ties) - (begin + (sizes - 1) / 2)[part]
    return rank


def _union(start: Times, end: Times) -> float:
    """Length of the union of intervals."""
    order = np.argsort(start, kind="stable")
    begin, reach = start[order], np.maximum.accumulate(end[order])
    before = np.concatenate([[begin[0]], reach[:-1]])
    return float(np.clip(reach - np.maximum(begin, before), 0, None).sum())


def _overtaken(asked: Times, done: Times) -> Floats:
    """Of the pieces finished while each waited, the part that had come later; in order of finishing."""
    place = np.arange(len(done))
    meanwhile = np.maximum(place - np.searchsorted(done, asked, "right"), 0)
    later = np.zeros(len(done))
    # One step back at a time, for all pieces at once; a longer queue is judged by its last pieces.
    looked = np.minimum(meanwhile, LONGEST_LOOK)
    for back in range(1, int(looked.max(initial=0)) + 1):
        later[back:] += (asked[:-back] > asked[back:]) & (looked[back:] >= back)
    return later / np.maximum(looked, 1)


def _row(desk: Desk, log: EventLog, level: float, known: Mapping[str, str]) -> tuple[object, ...]:
    """A line of the table."""
    hour = DAY / log.day_hours if log.day_hours else HOUR
    many = min(desk.behind.sum(), (~desk.behind).sum()) >= SMALLEST_SAMPLE
    hours = [float(np.median(desk.service[some])) / hour if many else np.nan for some in (~desk.behind, desk.behind)]
    size, on = np.nan, None
    if desk.kind == BATCH:
        goes = np.unique(desk.head, return_counts=True)[1]
        size = float(np.median(np.repeat(goes, goes)))
        days = np.bincount(weekday(desk.done), minlength=7)
        on = WEEKDAYS[days.argmax()] if log.hours != WORKING and days.max() >= ONE_DAY * len(desk.done) else None
    a_week = log.base.working.days_a_year / 365 * 7 * log.day_hours if log.day_hours else desk.shifts.a_week
    share = busy(desk, level) if desk.kind == QUEUE else (np.nan,) * 4
    length = float((desk.done - desk.asked).sum() / DAY)
    return (
        desk.activity, known.get(desk.actor, desk.actor), desk.kind, len(desk.done), length, desk.correlation, *hours, size, on, a_week,
        share[0] / hour, *share[1:],
    )  # fmt: skip


def busy(desk: Desk, level: float) -> tuple[float, float, float, float]:
    """Mean service (microseconds), and the share of the open time spent on work, with its interval."""
    first, last = desk.shifts.open_time(np.array([desk.asked.min(), desk.done.max()]))
    mean, open_ = float(desk.service.mean()), max(float(last - first), 1.0)
    share = float(desk.service.sum() / open_)
    # Of a sum of as many pieces as come: their number varies (Poisson), and so does each.
    wide = stats.normal(level) * float(np.sqrt((desk.service**2).sum())) / open_
    return mean, min(share, 1.0), max(share - wide, 0.0), min(share + wide, 1.0)
