"""What was seen of whole deals: won or lost, how long, at what price, done again or not, and still open?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np

from l2c.measures import repeats
from l2c.measures.facts import NEVER, Facts, Flags, Times, mixed
from l2c.measures.followed import lives
from l2c.measures.promises import promises, slipped
from l2c.measures.spans import OPEN, OTHERWISE, SEEN, Observations, accounts, durations, gone_on, recorded, spans
from l2c.words.measures import Measure
from l2c.words.notes import Note


def of_deals(facts: Facts, measure: Measure) -> Observations:
    """Deals from one milestone to another, first to first."""
    ends = tuple(recorded(facts.log.base, name) for name in measure.end)
    return durations(facts, measure.start, ends, rivals=measure.ruled_out_by)


def cases(facts: Facts, some: Flags, value: np.ndarray, how: np.ndarray, start: Times, end: Times) -> Observations:
    """One row for each of some cases."""
    case = np.flatnonzero(some)
    last = np.where(end == NEVER, facts.until, end)
    rows = start[case], last[case], value[case].astype(np.float64), how[case].astype(np.int8)
    return Observations(case, *rows, account=accounts(facts, case), watched=facts.watched)


def begun(facts: Facts, measure: Measure) -> Times:
    """When each case came to be watched: where no case has the activity that begins it, with its first event."""
    if not set(measure.start) & set(facts.log.activities):
        return facts.column("started")
    return facts.first(*measure.start)


def wins(facts: Facts, measure: Measure) -> Observations:
    """Deals won or lost, and those still open, in a log that could tell a lost one: where only payments are known, nothing can be lost."""
    tells = tells_of_losses(facts)
    opened = begun(facts, measure)
    opened = np.where(opened == NEVER, facts.column("started"), opened)
    how = np.where(facts.won != NEVER, SEEN, np.where(facts.lost != NEVER, OTHERWISE, OPEN))
    some = (facts.closed & tells) | (facts.open & facts.deal)
    return cases(facts, some, facts.won != NEVER, how, opened, np.minimum(facts.won, facts.lost))


def tells_of_losses(facts: Facts) -> bool:
    """Whether a log could tell a lost deal."""
    events, fields = {"Closed Won", "Closed Lost"}, {"is_closed", "is_won", "stage"}
    known = {*facts.log.activities, *facts.log.origin.hidden}
    return bool(events & known or fields & set(facts.log.attributes))


def wins_followed(facts: Facts, measure: Measure) -> Observations:
    """The same as `wins`, with the days until each deal was closed, or last looked at."""
    found = lives(facts, wins(facts, measure))
    return found if tells_of_losses(facts) else found.only(np.zeros(len(found), bool))


def wins_by_value(facts: Facts, measure: Measure) -> Observations:
    """The same as `wins`, each deal for its amount."""
    found, amount = wins(facts, measure), facts.number("amount")
    lost, known = found.how == OTHERWISE, amount[found.case] > 0
    # Many exports keep the amount of won deals only; the others then seem to have been worth nothing.
    note = mixed(facts, facts.closed & (amount > 0))
    if note is None and (lost & known).sum() < lost.sum() / 2:
        note = Note("amount_of_lost", n=(lost & known).sum(), of=lost.sum())
    return replace(found, weight=amount[found.case], told=note is None, remark=note).only(known)


def cycle(facts: Facts, measure: Measure) -> Observations:
    """Deals until the close that counts; one that is open again still waits."""
    began, closed = facts.first(*measure.start), facts.closing
    known = {*facts.log.activities, *facts.log.origin.hidden}
    case = np.flatnonzero((began != NEVER) & bool(set(measure.end) & known))
    past, stop = gone_on(facts, measure.end)[case], facts.disqualified[case]
    return spans(facts, case, began[case], closed[case], stop, past, facts.unit(*measure.start, *measure.end))


def discount(facts: Facts, measure: Measure) -> Observations:
    """Discounts of the won deals, each for its list value: what was given away of what could have been asked."""
    amount, discount = facts.number("amount"), facts.number("discount")
    won = (facts.won != NEVER) & ~np.isnan(discount)
    known = won & (amount > 0) & (discount < 1)
    note = mixed(facts, known)
    if note is None and known.sum() < won.sum() / 2:
        note = Note("amount_of_won", n=known.sum(), of=won.sum())
    price = amount / np.where(known, 1 - discount, 1.0)
    found = cases(facts, known, discount, np.full(len(facts), SEEN), begun(facts, measure), facts.column("ended"))
    return replace(found, weight=price[found.case], told=note is None, remark=note)


def attribute(name: str, among: Literal["won", "closed", "any"] = "any") -> Callable[[Facts, Measure], Observations]:
    """A number that is known of the won deals, of all closed ones, or of all."""

    def made(facts: Facts, measure: Measure) -> Observations:
        values = facts.number(name)
        some = {"won": facts.won != NEVER, "closed": facts.closed, "any": facts.deal}[among]
        known = ~np.isnan(values) & some
        note = mixed(facts, known) if measure.unit == "money" else None
        how = np.full(len(facts), SEEN)
        found = cases(facts, known, values, how, begun(facts, measure), facts.column("ended"))
        return replace(found, told=note is None, remark=note)

    return made


def rework(facts: Facts, measure: Measure) -> Observations:
    """Cases that do an activity again on the same object; an open one that has not may still."""
    again, ended = repeats.repeated(facts), repeats.ended(facts)
    how = np.where(again, SEEN, np.where(ended, OTHERWISE, OPEN))
    every, start = np.ones(len(facts), bool), facts.column("started")
    found = cases(facts, every, again, how, start, facts.column("ended"))
    return replace(found, counts_open=True, remark=repeats.unnumbered(facts))


def quote_rework(facts: Facts, measure: Measure) -> Observations:
    """Closed deals with a quote that repeat a step, or whose quote was revised or turned down."""
    sent = facts.first(*measure.start)
    again = repeats.repeated(facts) | (facts.first(*measure.end) != NEVER)
    how = np.where(facts.closed, np.where(again, SEEN, OTHERWISE), OPEN)
    some = (sent != NEVER) & (facts.closed | facts.open)
    found = cases(facts, some, again, how, sent, np.minimum(facts.won, facts.lost))
    return replace(found, remark=repeats.unnumbered(facts))


def conformance(facts: Facts, measure: Measure) -> Observations:
    """Deals that have ended, on the happy path or not: a lead that was given up is on no path of a deal.

    An open case that has left the path is no less open than one still on it; counting only the former would
    make every young log look disorderly.
    """
    verdict = repeats.conforming(facts)
    judged = (verdict >= 0) & over(facts) & (facts.disqualified == NEVER)
    how = np.where(judged, np.where(verdict == 1, SEEN, OTHERWISE), OPEN)
    some, start = judged | facts.deal, facts.column("started")
    return cases(facts, some, verdict == 1, how, start, facts.column("ended"))


def over(facts: Facts) -> Flags:
    """Whether each case has ended by the moment until which the facts are known."""
    return repeats.ended(facts) & (facts.column("ended") <= facts.until)


def variants(facts: Facts, measure: Measure) -> Observations:
    """The variant of each case."""
    every, how = np.ones(len(facts), bool), np.full(len(facts), SEEN)
    return cases(facts, every, repeats.variant_ids(facts), how, facts.column("started"), facts.column("ended"))


def open_deals(facts: Facts, value: np.ndarray, some: Flags) -> Observations:
    """A number of each open deal, of some of them."""
    how, began = np.full(len(facts), OPEN), facts.first("Opportunity Created")
    never = np.full(len(facts), NEVER)
    return replace(cases(facts, facts.open & facts.deal & some, value, how, began, never), counts_open=True)


def open_value(facts: Facts, measure: Measure) -> Observations:
    """The amount of each open deal."""
    amount, deals = facts.number("amount"), facts.open & facts.deal
    known = deals & ~np.isnan(amount)
    note = mixed(facts, known)
    if note is None and known.sum() < deals.sum() / 2:
        note = Note("amount_of_open", n=known.sum(), of=deals.sum())
    told = note is None and not np.isnan(amount).all()
    return replace(open_deals(facts, amount, known), told=told, remark=note)


def open_age(facts: Facts, measure: Measure) -> Observations:
    """How long each open deal has been there."""
    began = facts.first("Opportunity Created")
    age = facts.elapsed(np.arange(len(facts)), np.minimum(began, facts.until), facts.until)
    return open_deals(facts, age, began <= facts.until)


def slips(facts: Facts, measure: Measure) -> Observations:
    """Closed deals with a known promise; an open one may slip further."""
    told = promises(facts)
    value, how = slipped(facts, told.first), np.where(facts.closed, SEEN, OPEN)
    some = told.known & facts.closed & facts.deal
    found = cases(facts, some, value, how, begun(facts, measure), np.minimum(facts.won, facts.lost))
    return replace(found, told=told.note is None, remark=told.note)


def pushed(facts: Facts, measure: Measure) -> Observations:
    """Closed deals with a known promise, and whether it was moved to a later day; an open one may still be."""
    told = promises(facts)
    again = told.pushes > 0
    how = np.where(facts.closed, np.where(again, SEEN, OTHERWISE), OPEN)
    some = told.known & facts.deal
    found = cases(facts, some, again, how, begun(facts, measure), np.minimum(facts.won, facts.lost))
    return replace(found, told=told.note is None, remark=told.note)


def throughput(facts: Facts, measure: Measure) -> Observations:
    """From the first to the last event of the cases; a lead that was given up went through no cycle of a deal."""
    some = facts.disqualified == NEVER
    how = np.where(repeats.ended(facts) & some, SEEN, OPEN)
    start, end = facts.column("started"), facts.column("ended")
    return cases(facts, some, facts.elapsed(np.arange(len(facts)), start, end), how, start, end)
