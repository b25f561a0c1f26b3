"""What is known of each invoice of a whole log, and what was known of it on an earlier day?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.log import EventLog
from l2c.measures.facts import DAY, Facts, Flags
from l2c.measures.invoices import Invoices, invoices
from l2c.words import matching

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# What of a case may tell how its invoices are paid. Other attributes, and those that the source alone knows, may come to be known
# only when the invoice is paid, such as whether it was disputed.
TRAITS = ("region", "segment", "product", "invoice_type", "currency")
COUNTRY = ("country", "billing country", "country code", "industry", "国", "業種")
# So many values of an attribute are told apart, those that so many invoices have.
VALUES_APART, FEWEST_ALIKE = 8, 30
# A part of an invoice that is neither a rest nor all; so large a share of invoices is paid in parts that it counts.
SOME_PART, IN_PARTS = 0.05, 0.02
# An extraction before this part of a day says nothing of the day.
NOON_OF_DAY = 0.5


@dataclass(frozen=True, eq=False)
class Bills:
    """Invoices as they are known at the end of a day, `today`; every array has one place per invoice, days count from 1970.

    Attributes
    ----------
    number, case
        Its number in the books of the log; its case among those of the whole log.
    sent, end
        When it was sent; when it was paid or written off, else today.
    entry
        Since when it was watched.
    due
        Last day on which payment is in time; where unknown, what is usual in this log after the sending.
    dated
        Whether it is known when it is due.
    paid, lost
        Whether it is paid, or what was left of it was written off.
    amount
        What was invoiced; NaN where unknown.
    left
        What was to be paid of it on that day; 0 of what was over.
    customer
        A code; None where the log knows no customers.
    traits, names
        What may tell how it is paid: a column each, centred, with its attribute and value (None for numbers).
    """

    number: Ints
    case: Ints
    sent: Ints
    end: Ints
    entry: Ints
    due: Ints
    dated: Flags
    paid: Flags
    lost: Flags
    amount: Floats
    left: Floats
    customer: Ints | None
    traits: Floats
    names: tuple[tuple[str, object], ...]
    today: int

    def __len__(self) -> int:
        return len(self.number)

    @property
    def open(self) -> Flags:
        """Whether each is open."""
        return ~self.paid & ~self.lost

    @property
    def judged(self) -> Flags:
        """Which were due by now, whether paid before or not: to count those paid early would leave out who pays later."""
        return self.dated & (self.due <= self.today)

    @property
    def late(self) -> Flags:
        """Whether each was not paid by its due day; says nothing of what is not judged yet."""
        return ~(self.paid & (self.end <= self.due))

    def only(self, some: Flags | Ints) -> Bills:
        """Some of the invoices."""
        rows: dict[str, Any] = {name: getattr(self, name)[some] for name in _OF_EACH}
        customer = None if self.customer is None else self.customer[some]
        return replace(self, customer=customer, **rows)


_OF_EACH = ("number", "case", "sent", "end", "entry", "due", "dated", "paid", "lost", "amount", "left", "traits")


def bills(log: EventLog) -> Bills:
    """The invoices of the whole log, whatever is chosen of it, as they are known when it was taken."""
    base = log.base.plain
    return base.memo("bills", lambda: _made(EventLog(base)))


def then(known: Bills, every: Invoices, day: int) -> Bills:
    """What was known of them at the end of an earlier day.

    Notes
    -----
    A payment that was later taken back, and what later credit notes took off, are left out of what was known then.
    """
    some = known.only((known.sent <= day) & (known.entry <= day))
    over = some.end <= day
    left = pd.Series(every.open_at(day), every.number).reindex(some.number).to_numpy(np.float64)
    paid, lost = some.paid & over, some.lost & over
    left = np.asarray(np.where(paid | lost, 0.0 * left, left), np.float64)
    return replace(some, end=np.minimum(some.end, day), paid=paid, lost=lost, left=left, today=day)


def by_money(known: Bills, every: Invoices, seed: int = 0) -> Bills | None:
    """The invoices as one unit of the money of each is paid, drawn by chance; None where hardly any is paid in parts.

    What comes in is then told by parts, not only by what settles an invoice.
    """
    moves = every.balance[every.balance["day"] <= known.today]
    amount = moves["invoice"].map(pd.Series(known.amount, known.number)).astype(float)
    part = (1 - moves["left"] / amount).groupby(moves["invoice"]).cummax()
    several = ((part > SOME_PART) & (part < 1 - SOME_PART)).groupby(moves["invoice"]).any()
    if not several.any() or several.sum() < IN_PARTS * len(several):
        return None
    luck = pd.Series(np.random.default_rng([seed, 23]).random(len(known)), known.number)
    reached = moves[part >= moves["invoice"].map(luck)].drop_duplicates("invoice").set_index("invoice")["day"]
    day = reached.reindex(known.number).to_numpy(np.float64)
    # Where amounts are not known it is the whole that is paid.
    there = np.isfinite(day) & ~known.lost & (day <= known.today)
    end = np.where(there, np.clip(np.nan_to_num(day), known.sent, known.end), known.end).astype(np.int64)
    return replace(known, end=end, entry=np.minimum(known.entry, end), paid=known.paid | there)


def whole(log: EventLog) -> Invoices:
    """The invoices of the whole log."""
    return invoices(Facts.of(EventLog(log.base.plain)))


def _made(log: EventLog) -> Bills:
    facts = Facts.of(log)
    found = invoices(facts)
    today = _today(facts, found)
    sent = found.sent_day
    end = np.where(found.still, today, found.last_day)
    entry = sent.copy()
    if facts.history_start is not None:
        entry = np.maximum(entry, facts.clock.day(facts.history_start))
    # What was sent or settled after the last whole day has been watched for none.
    end, entry = np.maximum(end, sent), np.minimum(entry, np.maximum(end, sent))
    agreed = found.agreed_days[found.known]
    due = np.where(found.known, found.due, sent + (int(np.median(agreed)) if len(agreed) else 0))
    traits, names = _traits(facts, found)
    return Bills(
        found.number, found.wait.case, sent, end, entry, due, found.known, found.seen, found.lost,
        found.amount, found.open_amount, found.wait.account, traits, names, today,
    )  # fmt: skip


def _today(facts: Facts, found: Invoices) -> int:
    """The last day of which it is known what was paid on it."""
    day = found.today
    local = int(facts.clock.local(np.array([facts.until], np.int64))[0])
    paid = found.wait.end[found.seen]
    timed = bool(len(paid)) and bool((facts.clock.local(paid) % DAY != 0).mean() > 0.5)
    return day - 1 if timed and local % DAY < NOON_OF_DAY * DAY else day


def _traits(facts: Facts, found: Invoices) -> tuple[Floats, tuple[tuple[str, object], ...]]:
    """Columns of what may tell how an invoice is paid: labels as 0 and 1, numbers in standard deviations, all centred."""
    columns: list[Floats] = []
    names: list[tuple[str, object]] = []
    wanted = [matching.normalise(name) for name in COUNTRY]
    there = facts.log.attributes
    for name in [n for n in there if n in TRAITS or matching.normalise(n) in wanted]:
        values = facts.attribute(name).astype(object).to_numpy()[found.wait.case]
        counts = pd.Series(values).value_counts()
        counts = counts[counts >= FEWEST_ALIKE]
        kept = sorted(counts.index[:VALUES_APART], key=str)
        # One of all values is the rule from which the others differ.
        for value in kept[1:] if len(kept) == pd.Series(values).nunique(dropna=False) else kept:
            columns.append((values == value).astype(np.float64))
            names.append((name, value))
    amount = np.log(np.where(found.amount > 0, found.amount, np.nan))
    agreed = np.where(found.known, found.agreed_days, np.nan)
    for name, number in (("amount", amount), ("payment_terms", agreed)):
        known = np.isfinite(number)
        if known.sum() >= FEWEST_ALIKE and number[known].std() > 0:
            mean, spread = number[known].mean(), number[known].std()
            columns.append(np.where(known, np.clip((number - mean) / spread, -3, 3), 0.0))
            names.append((name, None))
    table = np.column_stack(columns) if columns else np.zeros((len(found), 0))
    return table - table.mean(axis=0) if len(table) else table, tuple(names)
