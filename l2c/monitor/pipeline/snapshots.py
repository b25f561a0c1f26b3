"""Who was in sight on a day, what was known of it then, and what became of it?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.diagnose.causes.attributes import beforehand
from l2c.improve import attributes as coded
from l2c.log import EventLog, leads, several
from l2c.log.columns import MICROSECONDS_A_DAY as DAY
from l2c.measures.facts import NEVER, Facts, Times
from l2c.measures.lives import while_open
from l2c.measures.promises import close_date, days
from l2c.monitor.then import last_of
from l2c.monitor.watching import happened, stays_in_stages
from l2c.words import matching

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Of = Literal["deals", "leads"]
DEALS: Final = "deals"
LEADS: Final = "leads"
# How it ended: as hoped (won; became a deal), otherwise, or not yet.
HOPED, OTHERWISE, OPEN = 0, 1, -1
# Snapshots every fortnight, or as many of a short log, over so many days at most.
STEP, FEWEST_STEPS, LONGEST = 14.0, 26, 730.0
# An activity tells deals apart where neither nearly all nor hardly any have seen it.
SEEN, MOST_SEEN = 0.03, 15
# What may have a history, and then tells what it was on the day.
TOLD_NUMBERS = ("amount", "discount", "probability")
TOLD_LABELS = ("forecast_category",)
CLOSE_DATE = "close_date"


@dataclass(frozen=True, eq=False)
class Lives:
    """Deals, or leads, with the time in which each was open; arrays have one place per row of the facts.

    Attributes
    ----------
    some
        Whether each case is one of them.
    began, over
        When it came into sight, and when that ended, in microseconds; NEVER where it has not.
    how
        How it ended: `HOPED`, `OTHERWISE` or `OPEN`.
    ends
        The activities with which it ends as hoped, and otherwise.
    """

    facts: Facts
    of: Of
    some: NDArray[np.bool_]
    began: Times
    over: Times
    how: Ints
    ends: tuple[frozenset[str], frozenset[str]]

    @cached_property
    def happened(self) -> pd.DataFrame:
        """What happened to each while it was open, and before: `case, time, end, activity`, in order."""
        return happened(self.facts, np.where(self.some, self.facts.column("started"), NEVER), self.over, self.some)

    @cached_property
    def stays(self) -> pd.DataFrame:
        """The stages in which each was: `case, stage, start, end`; of leads, and where none are told, the last event."""
        if self.of == DEALS:
            return stays_in_stages(self.facts, self.over, lambda: self._open_events)
        rows = self._open_events
        return rows.rename(columns={"time": "start"}).assign(stage=rows["activity"].astype(str))[
            ["case", "stage", "start", "end"]
        ]

    @cached_property
    def _open_events(self) -> pd.DataFrame:
        rows = self.happened
        return rows[rows["time"].to_numpy() >= self.began[rows["case"].to_numpy()]].reset_index(drop=True)

    def open_at(self, moment: int) -> Ints:
        """Rows of the facts that are in sight at a moment."""
        return np.flatnonzero(self.some & (self.began <= moment) & (moment < self.over))


def lives(log: EventLog, of: Of = DEALS) -> Lives:
    """The deals of a log from their creation to their close, or its leads until they are deals or given up."""
    facts = Facts.of(EventLog(log.base.plain))
    created = facts.first(leads.OPPORTUNITY)
    if of == LEADS:
        began = facts.first(leads.CREATED)
        hoped = np.where((created == NEVER) & facts.closed, np.minimum(facts.won, facts.lost), created)
        other = np.where(hoped == NEVER, facts.disqualified, NEVER)
        ends = frozenset({leads.OPPORTUNITY}), frozenset({leads.DISQUALIFIED})
        some = (began != NEVER) & (began < np.minimum(hoped, other))
    else:
        began = np.where(created == NEVER, facts.column("started"), created)
        hoped, other = facts.won, facts.lost
        ends = frozenset({"Closed Won"}), frozenset({"Closed Lost"})
        some = facts.deal
    over = np.minimum(hoped, other)
    how = np.where(over == NEVER, OPEN, np.where(hoped <= other, HOPED, OTHERWISE))
    return Lives(facts, of, some, began, over, how, ends)


@dataclass(frozen=True, eq=False)
class Snapshots:
    """One row per deal and day on which it was open, with what was known on that day.

    Attributes
    ----------
    case
        Row of the facts.
    moment
        The day, in microseconds.
    stage
        Place among `stages`, -1 where none is known.
    left, how
        Days to its end or to the end of watching, and how it ended.
    numbers, labels
        What was known: numbers (NaN where missing), and places among `values` (-1 where missing).
    """

    case: Ints
    moment: Ints
    stage: Ints
    left: Floats
    how: Ints
    stages: tuple[str, ...]
    numbers: dict[str, Floats]
    labels: dict[str, Ints]
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.case)

    def only(self, some: NDArray[Any]) -> Snapshots:
        """Some of the rows."""
        return replace(
            self, case=self.case[some], moment=self.moment[some], stage=self.stage[some], left=self.left[some],
            how=self.how[some], numbers={name: x[some] for name, x in self.numbers.items()},
            labels={name: x[some] for name, x in self.labels.items()},
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of deals at a moment, by name: a function of rows and the moment for each."""

    numbers: dict[str, Callable[[Ints, int], Floats]]
    labels: dict[str, Callable[[Ints, int], Ints]]
    values: dict[str, tuple[str, ...]]


def moments(of: Lives, until: int | None = None) -> list[int]:
    """The days of the snapshots from which is learnt, the first one first."""
    facts = of.facts
    end = facts.until if until is None else until
    there = of.began[of.some & (of.began < end)]
    if not len(there):
        return []
    first = max(int(there.min()), facts.history_start or 0)
    span = (end - first) / DAY
    step = min(STEP, span / FEWEST_STEPS)
    if step <= 0:
        return []
    many = int(min(span, LONGEST) / step)
    return [end - int((k + 1) * step * DAY) for k in range(many)][::-1]


def taken(of: Lives, when: Sequence[int], without: frozenset[str] = frozenset()) -> Snapshots:
    """Take snapshots of all that are open at some moments.

    Parameters
    ----------
    without
        Attributes that are left out, since they may say how it ended.
    """
    known = known_of(of, without)
    stay = of.stays
    names = tuple(sorted(set(map(str, stay["stage"].dropna())))) if len(stay) else ()
    codes = pd.Categorical(stay["stage"].astype(object), categories=list(names)).codes.astype(np.int64)
    starts = stay["start"].to_numpy(np.int64)
    case_of, end_of = stay["case"].to_numpy(np.int64), stay["end"].to_numpy(np.int64)
    parts = []
    for moment in when:
        case = of.open_at(moment)
        at = last_of(case_of, (starts <= moment) & (moment < end_of), len(of.facts))[case]
        stage = np.where(at >= 0, codes[at], -1) if len(stay) else np.full(len(case), -1)
        since = np.where(at >= 0, starts[at], of.began[case]) if len(stay) else of.began[case]
        since = np.maximum(since, of.began[case])
        numbers = {"in_stage_days": (moment - since) / DAY, "age_days": (moment - of.began[case]) / DAY}
        numbers |= {name: tell(case, moment) for name, tell in known.numbers.items()}
        labels = {name: tell(case, moment) for name, tell in known.labels.items()}
        ended = of.over[case] != NEVER
        left = (np.where(ended, of.over[case], of.facts.until) - moment) / DAY
        parts.append(
            Snapshots(case, np.full(len(case), moment), stage, left, of.how[case], names, numbers, labels, known.values)
        )
    return _joined(parts, names, known)


def _joined(parts: list[Snapshots], names: tuple[str, ...], known: Known) -> Snapshots:
    none, empty = np.empty(0, np.int64), np.empty(0)

    def every(pick: Callable[[Snapshots], NDArray[Any]], nothing: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate([pick(part) for part in parts]) if parts else nothing

    numbers = {
        name: every(lambda part, name=name: part.numbers[name], empty)  # type: ignore[misc]
        for name in ("in_stage_days", "age_days", *known.numbers)
    }
    labels = {name: every(lambda part, name=name: part.labels[name], none) for name in known.labels}  # type: ignore[misc]
    return Snapshots(
        every(lambda p: p.case, none), every(lambda p: p.moment, none), every(lambda p: p.stage, none),
        every(lambda p: p.left, empty), every(lambda p: p.how, none), names, numbers, labels, known.values,
    )  # fmt: skip


def known_of(of: Lives, without: frozenset[str]) -> Known:
    """What is known of each at any moment: its events so far, its attributes, and those of then where a history tells."""
    facts = of.facts
    rows = of.happened
    case, time = rows["case"].to_numpy(np.int64), rows["time"].to_numpy(np.int64)
    count = np.arange(len(case)) - np.searchsorted(case, case)
    again = rows.groupby(["case", "activity"], observed=True, sort=False).cumcount().to_numpy() > 0
    repeats = np.cumsum(again) - np.concatenate([[0], np.cumsum(again)])[np.searchsorted(case, case)]
    kinds = rows["activity"].astype("category").cat
    activity = kinds.codes.to_numpy().astype(np.int64)
    last: dict[int, Ints] = {}

    def latest(moment: int) -> Ints:
        if moment not in last:
            last.clear()
            last[moment] = last_of(case, time <= moment, len(facts))
        return last[moment]

    def event(values: NDArray[Any], nothing: float) -> Callable[[Ints, int], Floats]:
        def tell(some: Ints, moment: int) -> Floats:
            at = latest(moment)[some]
            return np.where(at >= 0, values[at] if len(values) else nothing, nothing)

        return tell

    def quiet(some: Ints, moment: int) -> Floats:
        at = latest(moment)[some]
        since = np.where(at >= 0, time[at] if len(time) else moment, of.began[some])
        return np.asarray((moment - since) / DAY)

    numbers: dict[str, Callable[[Ints, int], Floats]] = {
        "quiet_days": quiet, "events": event(count + 1.0, 0.0), "repeats": event(repeats.astype(float), 0.0)
    }  # fmt: skip
    values: dict[str, tuple[str, ...]] = {}
    labels: dict[str, Callable[[Ints, int], Ints]] = {}
    if not set(map(str, of.stays["stage"].unique())) <= set(map(str, kinds.categories)):
        # Where the last event is no stage by itself, it tells something beside it.
        values["last_activity"] = tuple(map(str, kinds.categories))
        labels["last_activity"] = lambda some, moment: event(activity, -1)(some, moment).astype(np.int64)
    for name in _telling(of, activity, tuple(map(str, kinds.categories))):
        numbers[f"seen: {name}"] = _seen(facts, name)
    numbers, labels, values = _of_cases(of, without, numbers, labels, values)
    return Known(numbers, labels, values)


def _seen(facts: Facts, name: str) -> Callable[[Ints, int], Floats]:
    first = facts.first(name)
    return lambda some, moment: (first[some] <= moment).astype(np.float64)


def _telling(of: Lives, activity: Ints, names: tuple[str, ...]) -> list[str]:
    """Activities that some have seen while they were open and others not."""
    case, many = of.happened["case"].to_numpy(np.int64), max(int(of.some.sum()), 1)
    pairs = np.unique(case * max(len(names), 1) + activity)
    share = np.bincount(pairs % max(len(names), 1), minlength=len(names)) / many
    some = [k for k in np.argsort(-np.minimum(share, 1 - share), kind="stable") if SEEN < share[k] < 1 - SEEN]
    return [names[k] for k in some[:MOST_SEEN]]


def _of_cases(of: Lives, without: frozenset[str], numbers: Any, labels: Any, values: Any) -> tuple[Any, Any, Any]:
    """Attributes: as of the day where a history tells, else as they are."""
    facts, log = of.facts, of.facts.log
    told = {}
    for name in (*TOLD_NUMBERS, *TOLD_LABELS):
        if name in log.attributes and (name != "amount" or log.one_currency):
            rows = while_open(facts, name)
            if rows is not None and len(rows):
                told[name] = rows[~rows["closing"].to_numpy(bool)]
    # The close date may bear another name, or stand with the events alone.
    name_of_date = close_date(facts)
    dates = None if name_of_date is None else while_open(facts, name_of_date)
    if dates is not None and len(dates):
        told[CLOSE_DATE] = dates[~dates["closing"].to_numpy(bool)]
    for attribute in attributes(log, facts):
        name = attribute.name
        if name in told or name in without:
            continue
        first = None if attribute.since < 0 else facts.first(log.activities[attribute.since])
        if attribute.is_number:
            numbers[name] = _number(attribute.values, first)
        else:
            labels[name] = _label(attribute.values, first)
            values[name] = tuple("" if value is None else str(value) for value in attribute.labels)
    for name, rows in told.items():
        case, time = rows["case"].to_numpy(np.int64), rows["time"].to_numpy(np.int64)
        if name in TOLD_LABELS:
            codes, kinds = pd.factorize(rows["value"].astype(str), sort=True)
            labels[name] = _label_then(case, time, codes.astype(np.int64), len(facts))
            values[name] = tuple(map(str, kinds))
        elif name == CLOSE_DATE:
            day = days(rows["value"])
            due = np.where(day == NEVER, np.nan, day.astype(np.float64) * DAY)
            numbers["close_in_days"] = _due(case, time, due, len(facts))
            numbers["pushes"] = _moves(case, time, due, len(facts), up=True)
        else:
            value = pd.to_numeric(rows["value"], errors="coerce").to_numpy(np.float64)
            numbers[name] = _then(case, time, value, len(facts))
            if name == "amount":
                numbers["raises"] = _moves(case, time, value, len(facts), up=True)
                numbers["cuts"] = _moves(case, time, value, len(facts), up=False)
    return numbers, labels, values


def attributes(log: EventLog, facts: Facts) -> tuple[coded.Attribute, ...]:
    """The attributes of the cases that may tell how they go on: none of people, none that the outcome decides."""

    def made() -> tuple[coded.Attribute, ...]:
        seen = np.column_stack([facts.first(name) != NEVER for name in log.activities])
        found = coded.of(EventLog(log.base.plain), facts.keys, seen, log.activities)
        return tuple(
            a for a in found
            if beforehand(a.name) and not matching.is_person(a.name) and not several.parts(log.base, a.name)
        )  # fmt: skip

    return facts.memo("of the pipeline", made)


def _number(values: Floats, first: Times | None) -> Callable[[Ints, int], Floats]:
    def tell(some: Ints, moment: int) -> Floats:
        found = values[some]
        known = np.isfinite(found) if first is None else np.isfinite(found) & (first[some] <= moment)
        return np.where(known, found, np.nan)

    return tell


def _label(values: Floats, first: Times | None) -> Callable[[Ints, int], Ints]:
    def tell(some: Ints, moment: int) -> Ints:
        found = values[some].astype(np.int64)
        return found if first is None else np.where(first[some] <= moment, found, -1)

    return tell


def _then(case: Ints, time: Ints, value: Floats, many: int) -> Callable[[Ints, int], Floats]:
    def tell(some: Ints, moment: int) -> Floats:
        at = last_of(case, time <= moment, many)[some]
        return np.where(at >= 0, value[at] if len(value) else np.nan, np.nan)

    return tell


def _label_then(case: Ints, time: Ints, code: Ints, many: int) -> Callable[[Ints, int], Ints]:
    def tell(some: Ints, moment: int) -> Ints:
        at = last_of(case, time <= moment, many)[some]
        return np.where(at >= 0, code[at] if len(code) else -1, -1)

    return tell


def _due(case: Ints, time: Ints, due: Floats, many: int) -> Callable[[Ints, int], Floats]:
    then = _then(case, time, due, many)
    return lambda some, moment: np.asarray((then(some, moment) - moment) / DAY)


def _moves(case: Ints, time: Ints, value: Floats, many: int, *, up: bool) -> Callable[[Ints, int], Floats]:
    """How often a value had been moved up, or down."""
    same = np.append(False, case[1:] == case[:-1])
    with np.errstate(invalid="ignore"):
        change = np.append(0.0, np.diff(value)) * same
    moved = np.cumsum((change > 0) if up else (change < 0)).astype(np.float64)
    before = np.concatenate([[0.0], moved])[np.searchsorted(case, case)] if len(case) else moved
    # Of a deal whose first value is a change of the one before it, nothing is counted.
    then = _then(case, time, moved - before, many)
    return lambda some, moment: np.nan_to_num(then(some, moment))


# So far may the values of deals open now be from those of deals that were open once, and so many deals it takes to tell.
APART, FEWEST_TO_TELL = 0.25, 30


def leaks(of: Lives) -> frozenset[str]:
    """Attributes without a history that closing a deal changes: today's value of a closed deal is not that of an open one.

    Notes
    -----
    Deals that were open half a history ago have mostly been closed since; what they were worth, or which product they were
    about, should be distributed as of those open now. Where it is not (an amount that is filled in, or set to nought, when the
    deal is closed), the value says how the deal ended. The largest distance of the two distributions (Kolmogorov, 1933; of
    labels half the sum of the differences), with gaps as a value of their own.
    """
    when = moments(of)
    past, now = (_static(of, some) for some in (when[len(when) // 4 : len(when) * 3 // 4 + 1 : 2], [of.facts.until]))
    found = set()
    for attribute in attributes(of.facts.log, of.facts):
        one, other = attribute.values[past], attribute.values[now]
        if min(len(np.unique(past)), len(now)) < FEWEST_TO_TELL:
            continue
        gaps = abs(float((one == attribute.missing).mean() - (other == attribute.missing).mean()))
        if attribute.is_number:
            every = np.unique(np.concatenate([one, other]))
            below = [np.searchsorted(np.sort(x), every, "right") / len(x) for x in (one, other)]
            far = float(np.abs(below[0] - below[1]).max())
        else:
            share = [
                np.bincount(x.astype(np.int64) + 1, minlength=len(attribute.labels) + 2) / len(x) for x in (one, other)
            ]
            far = float(np.abs(share[0] - share[1]).sum() / 2)
        noise = 1.6 * np.sqrt(1 / len(np.unique(past)) + 1 / len(now))
        if max(far, gaps) > max(APART, noise):
            found.add(attribute.name)
    return frozenset(found)


def _static(of: Lives, when: Sequence[int]) -> Ints:
    parts = [of.open_at(moment) for moment in when]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)
