"""From the won deal to the money: orders, deliveries, invoices, payments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from l2c.demo import business as b
from l2c.demo.calendar import ASEAN, bank_day, waited, worked
from l2c.demo.chance import Chance, Codes, Flags, Floats
from l2c.demo.leads import Cases
from l2c.demo.levels import level
from l2c.demo.sales import Sales

LATE, LATE_ON_PAPER = 0.20, 0.62


@dataclass
class Order:
    """One order of each deal that has it, its errors and its delivery; NaN where it never happens."""

    number: int
    ordered: Floats
    error: Flags
    corrected: list[Floats]
    cancelled: Floats
    entered_again: Floats
    fulfilled: Floats


@dataclass
class Invoice:
    """One invoice of each order that has it; `paid` is a date."""

    order: int
    number: int
    created: Floats
    sent: Floats
    corrected: Floats
    due: Floats
    paid: Floats
    reminders: list[Floats]


@dataclass
class Cash:
    """Everything after the sale."""

    invoice_type: Codes
    terms: Floats
    orders: list[Order]
    invoices: list[Invoice]
    closed: list[Floats]  # by order


def collect(cases: Cases, sales: Sales, chance: Chance, off: frozenset[str]) -> Cash:
    """Take every won deal from its order to its last payment."""
    kind = chance.choice("invoice type", b.INVOICE_SHARES)
    shares = np.column_stack([level("terms", share, cases.segment, off) for share in b.TERM_SHARES.T])
    terms = b.TERMS[chance.choice("terms", shares)]
    soon = worked(sales.won, chance.days("order", 0.7, 0.7), cases.region)
    hasty = np.where(cases.region == ASEAN, 0.40 if "early_orders" not in off else 0.015, 0.015)
    before = ~np.isnan(sales.signed) & chance.hits("early order", hasty)
    share = 0.2 + 0.6 * chance.uniform("how early")
    early = worked(sales.accepted + share * (sales.signed - sales.accepted), 0.0, cases.region)
    first = np.where(before, np.minimum(early, sales.signed - 0.01), soon)
    second = worked(sales.won, chance.days("second order", 14.0, 0.5), cases.region)
    starts = [first, np.where(chance.hits("has second", 0.09), second, np.nan)]
    orders = [_order(cases, sales, chance, start, number, off) for number, start in enumerate(starts, 1)]
    partial = np.where(chance.hits("partial", 0.10), orders[0].fulfilled, np.nan)
    rest = waited(partial, 30.0, cases.region, chance.uniform("partial lag"))
    billed = [(1, 1, orders[0].fulfilled), (1, 2, rest), (2, 3, orders[1].fulfilled)]
    invoices = [_invoice(cases, chance, when, kind, terms, order, number, off) for order, number, when in billed]
    return Cash(kind, terms, orders, invoices, [_closed(cases, chance, invoices, n) for n in (1, 2)])


def _order(cases: Cases, sales: Sales, chance: Chance, ordered: Floats, number: int, off: frozenset[str]) -> Order:
    """Enter, correct or cancel, deliver."""
    rates = np.full(len(b.PRODUCTS), 0.07)
    if "order_errors" not in off:
        rates[b.EDGE_DEVICES] = 0.36
    error = ~np.isnan(ordered) & chance.hits(f"error {number}", rates[cases.product])
    start = np.fmax(ordered, np.where(np.isnan(ordered), np.nan, sales.won))
    cancels = error & chance.hits(f"cancels {number}", 0.16)
    corrects = error & ~cancels
    once = worked(np.where(corrects, start, np.nan), chance.days(f"correct {number}", 2.0, 0.6), cases.region)
    twice = np.where(chance.hits(f"twice {number}", 0.22), once, np.nan)
    twice = worked(twice, chance.days(f"correct again {number}", 1.6, 0.6), cases.region)
    cancelled = worked(np.where(cancels, start, np.nan), chance.days(f"cancel {number}", 2.5, 0.6), cases.region)
    again = worked(cancelled, chance.days(f"enter again {number}", 0.8, 0.5), cases.region)
    again = np.where(chance.hits(f"enters again {number}", 0.7), again, np.nan)
    begin = np.where(cancels, again, np.fmax(np.fmax(start, once), twice))
    days = chance.days(f"deliver {number}", level("deliver", b.DELIVERY_DAYS, cases.product, off), 0.45)
    return Order(number, ordered, error, [once, twice], cancelled, again, worked(begin, days, cases.region))


def _invoice(
    cases: Cases, chance: Chance, billable: Floats, kind: Codes, terms: Floats, order: int, number: int,
    off: frozenset[str],
) -> Invoice:  # fmt: skip
    """Create, send, remind, be paid."""
    region = cases.region
    created = worked(billable, chance.days(f"bill {number}", 1.2, 0.7), region)
    by_hand = worked(created, chance.days(f"post {number}", 0.6, 0.5), region)
    sent = np.where((kind == b.ELECTRONIC) & ("electronic" not in off), created, by_hand)
    due = np.floor(sent) + terms
    slow = (kind == b.PAPER) & ("late_paper" not in off)
    is_late = chance.hits(f"late {number}", np.where(slow, LATE_ON_PAPER, LATE))
    # -log(1 - u): exponential, so a few are very late.
    delay = 1 + (11.0 + 8.0 * slow) * -np.log1p(-chance.uniform(f"how late {number}"))
    ahead = 13 * chance.uniform(f"how soon {number}") ** 2
    paid = bank_day(np.where(is_late, due + delay, due - ahead), region, later=is_late)
    paid = np.where(chance.hits(f"never paid {number}", 0.012), np.nan, np.maximum(paid, np.floor(sent) + 1))
    fixed = waited(sent, chance.days(f"complain {number}", 5.0, 0.5), region, chance.uniform(f"complain lag {number}"))
    fixed = np.where(chance.hits(f"wrong invoice {number}", 0.04), fixed, np.nan)
    reminders = []
    when, pause = due, 4.0
    for time in range(1, 4):
        when = worked(when, pause + 2 * chance.uniform(f"reminder {number} {time}"), region)
        when = np.where(_by(when, paid), when, np.nan)
        reminders.append(when)
        pause = 9.0
    return Invoice(order, number, created, sent, np.where(_by(fixed, paid), fixed, np.nan), due, paid, reminders)


def _by(when: Floats, paid: Floats) -> Flags:
    """Whether something comes before the day of the payment, or the payment never comes."""
    return (when < paid) | (np.isnan(paid) & ~np.isnan(when))


def _closed(cases: Cases, chance: Chance, invoices: list[Invoice], order: int) -> Floats:
    """Close the order in the nightly run of the first working day after its last payment."""
    mine = [i for i in invoices if i.order == order]
    paid = np.max([np.where(np.isnan(i.sent), -np.inf, i.paid) for i in mine], axis=0)
    paid = np.where(np.isinf(paid), np.nan, paid)
    night = np.floor(worked(paid + 0.99, 0.0, cases.region)) + 20 / 24 + chance.uniform(f"night {order}") / 48
    return np.where(chance.hits(f"left open {order}", 0.04), np.nan, night)
