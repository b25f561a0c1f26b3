"""What can a rule demand? Each verb judges every case at once, from the events it names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from l2c.diagnose.rules.conditions import attribute
from l2c.diagnose.rules.evidence import NOT_APPLICABLE, OK, PENDING, UNKNOWN, VIOLATED, Codes, Events, Verdict
from l2c.log.base import CALENDAR, WORKING
from l2c.measures.facts import DAY, NEVER, Facts, Flags
from l2c.words.errors import BadRules, NoCalendar

Verb = Callable[[Events, Any, str], Verdict]


def exists(events: Events, argument: Any, rule: str) -> Verdict:
    """One of some activities happened; until the case has ended it still may, unless the deal is won without it."""
    names = alternatives(argument, rule)
    if not events.known(names):
        return events.none()
    first = events.first(names)
    waits = ~events.ended & (events.facts.won == NEVER)
    return events.verdict(np.where(first >= 0, OK, np.where(waits, PENDING, VIOLATED)), first)


def absent(events: Events, argument: Any, rule: str) -> Verdict:
    """None of some activities happened."""
    names = alternatives(argument, rule)
    if not events.known(names):
        return events.none()
    first = events.first(names)
    return events.verdict(np.where(first >= 0, VIOLATED, np.where(events.ended, OK, PENDING)), first)


def _count(events: Events, argument: Any, rule: str, at_most: bool) -> Verdict:
    verb, example = "at_most" if at_most else "at_least", "{activity: Quote Revised, n: 3}"
    if not isinstance(argument, dict) or set(argument) != {"activity", "n"}:
        raise BadRules.argument(rule, verb, example)
    names, n = alternatives(argument["activity"], rule), whole(argument["n"], rule, verb, example)
    if not events.known(names):
        return events.none()
    times = np.bincount(events.case[events.of_kind(names)], minlength=len(events.facts))
    few = OK if at_most else np.where(events.ended, VIOLATED, PENDING)
    state = np.where(times > n, VIOLATED, few) if at_most else np.where(times >= n, OK, few)
    return events.verdict(state, events.first(names))


def before(events: Events, argument: Any, rule: str) -> Verdict:
    """The first B needs an A before it."""
    a, b = _two(argument, rule, "before")
    if not (events.known(a) and events.known(b)):
        return events.none()
    one, other = events.first(a), events.first(b)
    applies, both = other >= 0, (one >= 0) & (other >= 0)
    unclear = both & events.unsure(one, other)
    late = applies & ~unclear & ((one < 0) | (one > other))
    state = np.where(applies, np.where(unclear, UNKNOWN, np.where(late, VIOLATED, OK)), NOT_APPLICABLE)
    return events.verdict(state, other, one)


def never_before(events: Events, argument: Any, rule: str) -> Verdict:
    """A never happens before B; a case with A alone may still break the rule, or never will."""
    a, b = _two(argument, rule, "never_before")
    if not (events.known(a) and events.known(b)):
        return events.none()
    one, other = events.first(a), events.first(b)
    both = (one >= 0) & (other >= 0)
    unclear = both & events.unsure(one, other)
    state = np.where(both, np.where(unclear, UNKNOWN, np.where(one < other, VIOLATED, OK)), NOT_APPLICABLE)
    state = np.where((one >= 0) & (other < 0) & ~events.ended, PENDING, state)
    return events.verdict(state, one, other)


def never_together(events: Events, argument: Any, rule: str) -> Verdict:
    """A case has A or B, not both."""
    a, b = _two(argument, rule, "never_together")
    if not (events.known(a) and events.known(b)):
        return events.none()
    one, other = events.first(a), events.first(b)
    some = (one >= 0) | (other >= 0)
    state = np.where((one >= 0) & (other >= 0), VIOLATED, np.where(some, OK, NOT_APPLICABLE))
    return events.verdict(state, one, other)


def not_between(events: Events, argument: Any, rule: str) -> Verdict:
    """B does not happen while an A waits for its C."""
    if not isinstance(argument, list) or len(argument) != 3:
        raise BadRules.argument(rule, "not_between", "[request, activity, [decision, other decision]]")
    ask, act, decide = (alternatives(part, rule) for part in argument)
    if not (events.known(ask) and events.known(act)):
        return events.none()
    acts = events.of_kind(act)
    last, following = _latest(events, [*ask, *decide], events.units([*ask, *decide], act))
    held, soon = last[acts], following[acts]
    asked, comes = held >= 0, soon >= 0
    undecided = asked & np.isin(events.activity[held], ask)
    # A decision (or a request) that carries the date only may as well have come before the act.
    turns = comes & (np.isin(events.activity[soon], ask) != undecided)
    unclear = (asked & events.close(acts, held)) | (turns & events.close(acts, soon))
    found = [acts[asked & ~unclear & ~undecided], acts[unclear], acts[undecided & ~unclear]]
    return _worst(events, found, (OK, UNKNOWN, VIOLATED), last)


def followed_by(events: Events, argument: Any, rule: str) -> Verdict:
    """Every A is followed by a B, within a time where one is given."""
    limit: Span | None = None
    if isinstance(argument, dict) and {"from", "to"} <= set(argument):
        pair = [argument["from"], argument["to"]]
        limit = span(argument["max"], rule, events.facts) if "max" in argument else None
    else:
        pair = argument
    a, b = _two(pair, rule, "followed_by")
    if not events.known(b):
        return events.none()
    starts = events.of_kind(a)
    last, following = _latest(events, b, events.units(a, b))
    end = following[starts]
    # A bare date of the same day may be before or after: the next one that surely comes after counts.
    perhaps, back = np.zeros(len(starts), bool), last[starts]
    while (behind := (back >= 0) & events.same_day(starts, back)).any():
        perhaps |= behind & events.close(starts, back)
        back = np.where(behind, last[back], -1)
    while (tied := (end >= 0) & events.close(starts, end)).any():
        perhaps |= tied
        end = np.where(tied, following[end], end)
    there = end >= 0
    until = events.facts.until
    over = np.zeros(len(starts), bool)
    if limit is not None:
        last = np.where(there, events.time[end], until)
        over = limit.exceeded(events.facts, events.case[starts], events.time[starts], last)
    fine = there & ~over
    waits = ~perhaps & ~there & ~over & ~events.ended[events.case[starts]]
    found = [starts[fine], starts[waits], starts[perhaps & ~fine], starts[~perhaps & ~fine & ~waits]]
    return _worst(events, found, (OK, PENDING, UNKNOWN, VIOLATED), following)


def _same_user(events: Events, argument: Any, rule: str, wanted: bool) -> Verdict:
    a, b = _two(argument, rule, "same_user" if wanted else "different_user")
    done = events.of_kind(b)
    last, _ = _latest(events, a, events.units(a, b))
    asked = last[done]
    done, asked = done[asked >= 0], asked[asked >= 0]
    nameless = (events.user[done] < 0) | (events.user[asked] < 0)
    same = events.user[done] == events.user[asked]
    found = [done[~nameless & (same == wanted)], done[nameless], done[~nameless & (same != wanted)]]
    return _worst(events, found, (OK, UNKNOWN, VIOLATED), last)


def in_role(events: Events, argument: Any, rule: str) -> Verdict:
    """An activity is done by some persons only."""
    if (
        not isinstance(argument, dict)
        or not {"activity", "in"} <= set(argument)
        or not isinstance(argument["in"], list)
    ):
        raise BadRules.argument(rule, "role", "{activity: Discount Approved, in: [Kim, Sato]}")
    rows = events.of_kind(alternatives(argument["activity"], rule))
    names = events.rows["actor"].iloc[rows] if "actor" in events.rows else pd.Series(pd.NA, index=rows, dtype="object")
    nameless, allowed = names.isna().to_numpy(bool), names.isin(argument["in"]).to_numpy(bool)
    found = [rows[allowed], rows[nameless], rows[~allowed & ~nameless]]
    return _worst(events, found, (OK, UNKNOWN, VIOLATED), np.full(len(events.rows), -1))


def attribute_in(events: Events, argument: Any, rule: str) -> Verdict:
    """An attribute has one of some values, or lies in a range."""
    name = argument.get("attribute")
    limits = {"min", "max"} & set(argument)
    if (
        not ({"in"} & set(argument) or limits)
        or set(argument) - {"attribute", "in", "min", "max"}
        or not isinstance(argument.get("in", []), list)
        or not all(isinstance(argument[limit], int | float) for limit in limits)
    ):
        raise BadRules.argument(rule, "attribute", "{attribute: payment_terms_days, in: [30, 45, 60]}")
    values = attribute(events.facts, str(name))
    missing = np.asarray(pd.isna(values))
    fine = np.ones(len(values), bool)
    if "in" in argument:
        fine &= pd.Series(values).isin(argument["in"]).to_numpy(bool)
    if limits:
        numbers = pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(np.float64)
        with np.errstate(invalid="ignore"):
            fine &= (numbers >= float(argument.get("min", -np.inf))) & (numbers <= float(argument.get("max", np.inf)))
    # An attribute that the log does not have says nothing of anyone.
    absent_value = UNKNOWN if str(name) in events.facts.log.attributes else NOT_APPLICABLE
    return events.verdict(np.where(missing, absent_value, np.where(fine, OK, VIOLATED)))


def alternatives(argument: Any, rule: str) -> list[str]:
    """One activity, or several of which any will do."""
    names = argument if isinstance(argument, list) else [argument]
    if not names or not all(isinstance(name, str) for name in names):
        raise BadRules.argument(rule, "activity", "Contract Signed, or [Quote Created, Quote Sent]")
    return names


def whole(number: Any, rule: str, verb: str, example: str) -> int:
    """A number of times."""
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise BadRules.argument(rule, verb, example)
    return number


class Span(NamedTuple):
    """A time that a rule allows: so many days, of the calendar or working ones."""

    days: float
    hours: str

    def exceeded(self, facts: Facts, case: Codes, start: Codes, end: Codes) -> Flags:
        """Whether more than that lies between each start and each end."""
        if self.hours == CALENDAR:
            return np.asarray(end - start > round(self.days * DAY))
        # Whole microseconds become parts of a day: what is equal must not be longer by the last digit.
        return np.asarray(facts.elapsed(case, start, end, self.hours) > self.days + 1e-9)


def span(text: Any, rule: str, facts: Facts) -> Span:
    """A time such as `5 days`, `48 h`, `2 working days` or `8 working hours`; bare days are those of the log.

    Raises
    ------
    BadRules, NoCalendar
        If it is none, or counts in working time and the log has no calendar.
    """
    match = _SPAN.fullmatch(str(text).strip().lower())
    if match is None:
        raise BadRules.argument(rule, "max", "5 days, 48 hours, 2 working days, or 8 working hours")
    kind = match["kind"] or ""
    hours = CALENDAR if kind in ("calendar", "暦") else WORKING if kind else facts.log.hours
    if hours == CALENDAR:
        return Span(float(match["n"]) / (1 if match["unit"][0] in "d日" else 24), hours)
    if facts.log.calendar is None:
        raise NoCalendar.of_rule(rule)
    return Span(float(match["n"]) / (1 if match["unit"][0] in "d日" else facts.log.calendar.day_hours), hours)


_SPAN = re.compile(
    r"(?P<n>\d+(?:\.\d+)?)\s*(?P<kind>working|business|calendar|営業|暦)?\s*(?P<unit>d|days?|h|hours?|日|時間)"
)


def _two(argument: Any, rule: str, verb: str) -> tuple[list[str], list[str]]:
    if not isinstance(argument, list) or len(argument) != 2:
        raise BadRules.argument(rule, verb, "[Contract Signed, Sales Order Created]")
    return alternatives(argument[0], rule), alternatives(argument[1], rule)


def _latest(events: Events, names: Sequence[str], unit: Codes) -> tuple[Codes, Codes]:
    """For each event, the row of the last of some activities before it in its unit (case or document), and of the next after it."""
    order = np.argsort(unit, kind="stable")
    at, of = np.arange(len(order)), np.append(unit[order], -2)
    rows = np.flatnonzero(np.isin(events.activity[order], list(names)))
    left, right = np.searchsorted(rows, at, "left") - 1, np.searchsorted(rows, at, "right")
    padded, found = np.append(rows, -1), np.full((2, len(order)), -1)
    for place, known, near in (
        (0, left >= 0, np.maximum(left, -1)),
        (1, right < len(rows), np.minimum(right, len(rows))),
    ):
        row = padded[near]
        there = known & (row >= 0) & (of[row] == of[:-1])
        found[place][order] = np.where(there, np.append(order, -1)[row], -1)
    return found[0], found[1]


def _worst(events: Events, found: Sequence[Codes], states: Sequence[int], other: Codes) -> Verdict:
    """The gravest verdict on any event of a case is that on the case; the lists go from light to grave."""
    state, first = np.zeros(len(events.facts), np.int8), np.full(len(events.facts), -1)
    second = first.copy()
    for rows, value in zip(found, states, strict=True):
        cases = events.case[rows][::-1]
        state[cases], first[cases] = value, rows[::-1]
        second[cases] = other[rows[::-1]]
    return Verdict(state, first, second)


def at_most(events: Events, argument: Any, rule: str) -> Verdict:
    """An activity happens at most n times."""
    return _count(events, argument, rule, at_most=True)


def at_least(events: Events, argument: Any, rule: str) -> Verdict:
    """An activity happens at least n times; until the case has ended it still may."""
    return _count(events, argument, rule, at_most=False)


def different_user(events: Events, argument: Any, rule: str) -> Verdict:
    """Each B is done by somebody else than the last A before it."""
    return _same_user(events, argument, rule, wanted=False)


def same_user(events: Events, argument: Any, rule: str) -> Verdict:
    """Each B is done by whoever did the last A before it."""
    return _same_user(events, argument, rule, wanted=True)
