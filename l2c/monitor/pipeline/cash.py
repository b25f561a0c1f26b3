"""How much money comes in, week by week: of the open invoices, of deals without an invoice, of deals to come?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.diagnose.tidy import noted
from l2c.log import EventLog
from l2c.log.settlement import INSTALMENT, PAYMENT, PAYMENTS
from l2c.measures.facts import DAY, Facts, mixed
from l2c.measures.invoices import invoices
from l2c.monitor.pipeline.bills import bills
from l2c.monitor.pipeline.cash_of_deals import DEAL_RUNS, payments, without_invoice
from l2c.monitor.pipeline.coming import draws, meant
from l2c.monitor.pipeline.open_invoices import rows_of
from l2c.monitor.pipeline.settled import expected
from l2c.monitor.pipeline.to_pay import AHEAD, FEWEST_PAID
from l2c.words.errors import BadOption
from l2c.words.notes import Note, several

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

HELD = 0.9


def cash(log: EventLog, weeks: int = 13, *, days: Sequence[int] | None = None) -> pd.DataFrame:
    """The money that is expected to come in, if we go on as before.

    Parameters
    ----------
    weeks
        How many; the first one begins on the day after the data were taken.
    days
        Instead of weeks: spans that all begin on that day and are so many days long, such as `(30, 60, 90)`.

    Returns
    -------
    One row per week or span: `days` (how many), `begin, end` (first and last of them); `invoices, low, high`:
    money from invoices that are sent, the mean and where it lies in nine of ten cases; `deals, deals_low, deals_high`: from deals
    that are open or won and have no invoice yet; `to_come, to_come_low, to_come_high`: from deals that are not opened yet; `total,
    total_low, total_high`. NaN where amounts are unknown or in several currencies; `to_come` also where a filter asks what only an
    open deal has, and it is then no part of the total. `attrs["note"]` says what to know, `attrs["open"]` what is open of the invoices
    in sight, `attrs["later"]` what of it is expected later or never, `attrs["widened"]` by what the ranges of invoices were widened.

    Notes
    -----
    Invoices: the chance of each to be paid in the week times what is open of it (see `open_invoices`); the range by draws in which
    all invoices of a customer go together, widened by what was missed at earlier dates: c² = (3 + Σz²) / (3 + K). Deals: the
    simulation lets each go on from where it stands (see `cash_of_deals.payments`), and lets new ones begin (see `coming.draws`).
    All are of the whole log, of which those in sight are summed up: parts of a filter add up.

    Raises
    ------
    BadOption
        If there is no day to tell of, or one more than half a year ahead.
    """
    begin, end = _spans(weeks, days)
    log = log.in_calendar_time()
    facts = Facts.of(log)
    sent, deals, new = (each(facts, begin, end) for each in (_of_invoices, _of_deals, _to_come))
    total = _together(_together(sent, deals), new) if new.known else _together(sent, deals)
    table = pd.DataFrame({"days": end - begin + 1})
    for name, shift in (("begin", begin), ("end", end)):
        table[name] = (bills(log).today + shift).astype("datetime64[D]").astype("datetime64[us]")
    for name, part in (("invoices", sent), ("deals", deals), ("to_come", new), ("total", total)):
        low, high = ("low", "high") if name == "invoices" else (f"{name}_low", f"{name}_high")
        table[name], (table[low], table[high]) = part.mean, part.ends()
    table.attrs |= {"widened": expected(log).widened} | _rest(facts, int(end.max()))
    notes = [_note(facts, sent, deals), Note("forecast_of_open") if meant(log) is None else None]
    return noted(table, several(notes))


@dataclass(frozen=True, eq=False)
class _Money:
    """Money by week: the mean, draws (a row per run), and whether nothing is known of it."""

    mean: Floats
    draws: Floats
    known: bool = True

    def ends(self) -> tuple[Floats, Floats]:
        """The range that holds nine of ten draws; never below nothing."""
        if not self.known:
            return self.mean, self.mean
        low, high = np.quantile(self.draws, [(1 - HELD) / 2, (1 + HELD) / 2], axis=0, method="weibull")
        return np.clip(low, 0.0, self.mean), np.maximum(high, self.mean)


def _spans(weeks: int, days: Sequence[int] | None) -> tuple[Ints, Ints]:
    """First and last day of each span, as days ahead."""
    end = 7 * np.arange(1, weeks + 1) if days is None else np.asarray(sorted(days), np.int64)
    if not len(end) or end.min() < 1 or end.max() > AHEAD:
        raise BadOption.ahead(AHEAD)
    return (end - 6 if days is None else np.ones(len(end), np.int64)), end


def _of_invoices(facts: Facts, begin: Ints, end: Ints) -> _Money:
    """What comes of the open invoices in sight."""
    found, told = invoices(facts), expected(facts.log)
    number, left = found.number[found.still], found.open_amount[found.still]
    if not set(PAYMENTS) & set(facts.log.base.activities):
        return _unknown(len(end))
    if not len(number):
        return _Money(np.zeros(len(end)), np.zeros((1, len(end))))
    if told.money is None or np.isnan(left).all():
        return _unknown(len(end))
    paid, place, left = told.money.paid_by, rows_of(told.money, number), np.nan_to_num(left)
    mean = np.array([left @ (paid(b) - paid(a - 1))[place] for a, b in zip(begin, end, strict=True)])
    day = told.money.day[:, place]
    drawn = np.column_stack([((day >= a) & (day <= b)) @ left for a, b in zip(begin, end, strict=True)])
    return _Money(mean, mean + told.widened * (drawn - drawn.mean(axis=0)))


def _of_deals(facts: Facts, begin: Ints, end: Ints) -> _Money:
    """What comes of the deals in sight that have no invoice."""
    some = without_invoice(facts)
    amount = np.where(some, facts.number("amount"), 0.0)
    if not some.any():
        return _Money(np.zeros(len(end)), np.zeros((1, len(end))))
    if (
        mixed(facts, some) is not None
        or np.isnan(amount[some]).all()
        or not set(PAYMENTS) & set(facts.log.base.activities)
    ):
        return _unknown(len(end))
    drawn = payments(facts.log, float(AHEAD + 1))
    case = facts.place[drawn.case_key]
    value = np.where(case >= 0, np.nan_to_num(amount)[case] * drawn.part, 0.0)
    return _by_span(drawn.run, value, drawn.day, DEAL_RUNS, begin, end)


def _to_come(facts: Facts, begin: Ints, end: Ints) -> _Money:
    """What comes of deals that are not opened yet."""
    like, log = meant(facts.log), facts.log
    known = log.one_currency and np.isfinite(facts.number("amount")).any()
    if like is None or not known or not set(PAYMENTS) & set(log.base.activities):
        return _unknown(len(end))
    new = draws(log, days=float(end.max())).only(like)
    if not new.runs:
        return _Money(np.zeros(len(end)), np.zeros((1, len(end))))
    ahead = np.minimum(*(new.days(name) for name in (PAYMENT, INSTALMENT)))
    # Days of the calendar after the last one that is known whole.
    passed = facts.clock.local(np.array([facts.until], np.int64))[0] / DAY - bills(log).today
    day = np.maximum(np.floor(ahead + passed), 1)
    return _by_span(new.run, new.amount * new.weight, day, new.runs, begin, end)


def _by_span(run: Ints, value: Floats, day: Floats | Ints, runs: int, begin: Ints, end: Ints) -> _Money:
    """Payments by run and day as money by span."""
    spans = zip(begin, end, strict=True)
    found = np.column_stack([np.bincount(run, value * ((day >= a) & (day <= b)), runs) for a, b in spans])
    return _Money(found.mean(axis=0), np.asarray(found, np.float64))


def _unknown(many: int) -> _Money:
    return _Money(np.full(many, np.nan), np.full((1, many), np.nan), known=False)


def _together(one: _Money, other: _Money) -> _Money:
    """The sum of both, run by run."""
    if not (one.known and other.known):
        return _unknown(len(one.mean))
    rows = np.arange(max(len(one.draws), len(other.draws)))
    found = one.draws[rows % len(one.draws)] + other.draws[rows % len(other.draws)]
    mean = one.mean + other.mean
    return _Money(mean, found + mean - found.mean(axis=0))


def _rest(facts: Facts, last: int) -> dict[str, float]:
    """What is open of the invoices in sight, and what of it comes after the last day, or never."""
    found, told = invoices(facts), expected(facts.log)
    left = np.nan_to_num(found.open_amount[found.still])
    if told.money is None or not len(left):
        return {"open": float(left.sum()), "later": float("nan") if len(left) else 0.0}
    later = 1 - told.money.paid_by(last)[rows_of(told.money, found.number[found.still])]
    return {"open": float(left.sum()), "later": float(left @ later)}


def _note(facts: Facts, sent: _Money, deals: _Money) -> Note | None:
    """What to know of the table."""
    found, told = invoices(facts), expected(facts.log)
    notes = [found.note if len(found) else found.note or Note("lacks_activities", activities=("Invoice Sent",))]
    unknown = bool(found.still.any()) and bool(np.isnan(found.amount).all())
    if unknown and mixed(facts, np.isin(np.arange(len(facts)), found.wait.case)) is None:
        notes.append(Note("no_amounts"))
    if len(found) and told.open is None:
        notes.append(Note("invoices_few_paid", paid=int(told.every.paid.sum()), n=FEWEST_PAID))
    if sent.known and told.open is not None and not len(told.checks):
        notes.append(Note("cash_untested"))
    if told.widened > 1.05:
        notes.append(Note("cash_widened", factor=round(told.widened, 1), dates=len(told.checks)))
    if not deals.known:
        notes.append(Note("cash_without_deals"))
    return several(notes)
