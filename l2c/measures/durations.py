"""From what to what does each duration run? The definitions stand in the vocabulary."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from l2c.measures.facts import Facts, Times
from l2c.measures.records import APPROVAL, approvals, object_durations, pairs, responses
from l2c.measures.spans import OTHERWISE, SEEN, Durations, durations
from l2c.stats import SMALLEST_SAMPLE

STAND_IN = {"Invoice Sent": "Invoice Created", "Quote Created": "Quote Sent"}

Wait = Callable[[Facts], Durations]


def between(start: str | tuple[str, ...], *end: str, rivals: tuple[str, ...] = (), deals: bool = False) -> Wait:
    """Days between two milestones of a case; `deals` leaves out the leads that became none."""
    starts = (start,) if isinstance(start, str) else start

    def wait(facts: Facts) -> Durations:
        found = durations(facts, starts, tuple(recorded(facts, name) for name in end), rivals=rivals)
        return found.of(facts.deal) if deals else found

    return wait


def per_quote(start: str, end: str) -> Wait:
    """Days between two events of the same quote."""

    def wait(facts: Facts) -> Durations:
        found = pairs(facts.log.base, start, end)
        return object_durations(facts, found, of_sale=True, unit=facts.unit(start, end))[0]

    return wait


def lead_response(facts: Facts) -> Durations:
    """Days to the first thing that happens to a lead."""
    found = responses(facts.log.base)
    return object_durations(facts, found, of_sale=False, unit=facts.unit("Lead Created"))[0]


def lead_to_opportunity(facts: Facts) -> Durations:
    """Days to the opportunity; leads that are older than 99 % of the conversions took count as dropped.

    Nobody closes a dead lead: without this rule, where fewer than half convert, the median would never be known.
    """
    found = durations(facts, ("Lead Created",), ("Opportunity Created",))
    took = found.days[found.cause == SEEN]
    if len(took) < SMALLEST_SAMPLE:
        return found
    limit = np.quantile(took, 0.99)
    silent = (found.days > limit) & (found.cause != SEEN)
    days = np.where(silent, limit, found.days)
    cause = np.where(silent, OTHERWISE, found.cause).astype(np.int8)
    return Durations(found.case, found.start, found.end, days, cause, found.entry, found.negative, found.missing)


def discount_approval(facts: Facts) -> Durations:
    """Days from each request to its decision."""
    found = approvals(facts.log.base)
    return object_durations(facts, found, of_sale=True, unit=facts.unit(*APPROVAL))[0]


def invoices(facts: Facts) -> tuple[Durations, Times]:
    """Days from each invoice to its payment, and when each was due."""
    start = recorded(facts, "Invoice Sent")
    found = pairs(facts.log.base, start, "Payment Received")
    return object_durations(facts, found, of_sale=False, unit=facts.unit(start, "Payment Received"))


def recorded(facts: Facts, activity: str) -> str:
    """The activity, or in a log without it the one that stands in: an invoice is sent when it is created."""
    there, other = facts.log.activities, STAND_IN.get(activity, activity)
    return other if activity not in there and other in there else activity


DURATIONS: dict[str, Wait] = {
    "lead_response_days": lead_response,
    "lead_to_opportunity_days": lead_to_opportunity,
    "sales_cycle_days": between("Opportunity Created", "Closed Won", "Closed Lost"),
    "quote_to_contract_days": between("Quote Sent", "Contract Signed"),
    "discount_approval_days": discount_approval,
    "contract_to_order_days": between("Contract Signed", "Sales Order Created"),
    "order_to_fulfilment_days": between("Sales Order Created", "Order Fulfilled", rivals=("Order Cancelled",)),
    "fulfilment_to_invoice_days": between("Order Fulfilled", "Invoice Sent"),
    "invoice_to_payment_days": lambda facts: invoices(facts)[0],
    "lead_to_cash_days": between(("Lead Created", "Opportunity Created"), "Payment Received", deals=True),
    "opportunity_to_quote_days": between("Opportunity Created", "Quote Created"),
    "quote_turnaround_days": per_quote("Quote Created", "Quote Sent"),
    "quote_to_accept_days": per_quote("Quote Sent", "Quote Accepted"),
    "won_to_order_days": between("Closed Won", "Sales Order Created"),
}
