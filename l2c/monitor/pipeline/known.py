"""What was known of a deal on a day, and what may not be asked since closing a deal changes it?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.diagnose.causes.attributes import beforehand
from l2c.improve import attributes as coded
from l2c.improve.stays import all_stays
from l2c.log import EventLog, several
from l2c.log.columns import MICROSECONDS_A_DAY as DAY
from l2c.measures.facts import NEVER, Facts, Times
from l2c.measures.lives import while_open
from l2c.measures.promises import close_date, days
from l2c.monitor.pipeline.lives import Ints, Lives
from l2c.monitor.then import last_of
from l2c.words import matching

Floats = NDArray[np.float64]
# An activity tells deals apart where neither nearly all nor hardly any have seen it.
SEEN_BY, MOST_SEEN = 0.03, 15
# What may have a history, and then tells what it was on the day.
TOLD_NUMBERS = ("amount", "discount", "probability")
TOLD_LABELS = ("forecast_category",)
CLOSE_DATE = "close_date"
# So far may the values of deals open now be from those of deals that were open once, and so many deals it takes to tell.
MOVED_APART, FEWEST_TO_TELL = 0.25, 30


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of deals at a moment, by name: a function of rows and the moment for each."""

    numbers: dict[str, Callable[[Ints, int], Floats]]
    labels: dict[str, Callable[[Ints, int], Ints]]
    values: dict[str, tuple[str, ...]]


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
    some = [k for k in np.argsort(-np.minimum(share, 1 - share), kind="stable") if SEEN_BY < share[k] < 1 - SEEN_BY]
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
        whole = all_stays(log)
        found = whole.attributes
        if not np.array_equal(whole.keys, facts.keys):
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


def leaks(of: Lives, when: Sequence[int]) -> frozenset[str]:
    """Attributes without a history that closing a deal changes: today's value of a closed deal is not that of an open one.

    Notes
    -----
    Deals that were open half a history ago have mostly been closed since; what they were worth, or which product they were
    about, should be distributed as of those open now. Where it is not (an amount that is filled in, or set to nought, when the
    deal is closed), the value says how the deal ended. The largest distance of the two distributions (Kolmogorov, 1933; of
    labels half the sum of the differences), with gaps as a value of their own.
    """
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
        if max(far, gaps) > max(MOVED_APART, noise):
            found.add(attribute.name)
    return frozenset(found)


def _static(of: Lives, when: Sequence[int]) -> Ints:
    parts = [of.open_at(moment) for moment in when]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)
