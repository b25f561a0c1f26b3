"""How is each rate, mean and sum computed? The definitions stand in the vocabulary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from l2c import stats
from l2c.discover import silence
from l2c.measures import repeats as outcomes
from l2c.measures.durations import DURATIONS, invoices
from l2c.measures.facts import DAY, NEVER, Facts, Flags, Times
from l2c.measures.records import due_by_terms
from l2c.measures.spans import OPEN, OTHERWISE, SEEN, Durations
from l2c.stats import UNKNOWN, Estimate
from l2c.words.notes import Note


@dataclass(frozen=True, eq=False)
class Measured:
    """A KPI's number and the observations behind it: `case` is a row of the facts, `seen` false where still open."""

    estimate: Estimate
    case: NDArray[np.int64]
    value: NDArray[np.float64]
    censored: int = 0
    note: Note | None = None
    seen: Flags | None = None
    start: Times | None = None
    end: Times | None = None


Measure = Callable[[Facts, float], Measured]


def elapsed(found: Durations, level: float) -> Measured:
    """Median of durations, some of which are still open."""
    estimate, note, kept = found.median(level), found.note, found.cause != OTHERWISE
    if note is None and kept.any() and np.isnan(estimate.value):
        note = Note("under_half")
    seen = found.cause[kept] == SEEN
    columns = found.case[kept], found.days[kept], found.censored, note, seen, found.start[kept], found.end[kept]
    return Measured(estimate, *columns)


def share(of: Flags, hits: Flags, level: float, censored: int = 0) -> Measured:
    """Share of some cases that have something."""
    case = np.flatnonzero(of)
    value = hits[case].astype(np.float64)
    return Measured(stats.rate(value.sum(), len(case), level), case, value, censored)


def lead_conversion_rate(facts: Facts, level: float) -> Measured:
    """Leads that became an opportunity; one that is neither that, nor lost, nor silent may still."""
    lead, deal = facts.first("Lead Created") != NEVER, facts.first("Opportunity Created") != NEVER
    waits = lead & ~deal & facts.open
    quiet = facts.place[silence.silent_leads(facts.log).to_numpy(np.int64)]
    waits[quiet[quiet >= 0]] = False
    found = share(lead, deal, level, int(waits.sum()))
    # A file of leads alone does not know what became of them.
    if len(found.case) and "Opportunity Created" not in facts.log.base.activities:
        return replace(found, estimate=UNKNOWN, note=Note("no_opportunities"))
    return found


def win_rate(facts: Facts, level: float) -> Measured:
    """Won deals among the closed ones."""
    return share(_closed(facts), facts.won != NEVER, level, int((facts.open & facts.deal).sum()))


def win_rate_by_value(facts: Facts, level: float) -> Measured:
    """Amount of the won deals in that of the closed ones."""
    amount = facts.number("amount")
    closed = _closed(facts) & (amount > 0)
    case = np.flatnonzero(closed)
    lost = facts.lost != NEVER
    # Many exports keep the amount of won deals only; the others then seem to have been worth nothing.
    note = mixed(facts, closed)
    if note is None and (closed & lost).sum() < lost.sum() / 2:
        note = Note("amount_of_lost", n=(closed & lost).sum(), of=lost.sum())
    if note:
        return Measured(UNKNOWN, case, amount[case], note=note)
    won = np.where(facts.won != NEVER, amount, 0.0)[case]
    waiting = int((facts.open & facts.deal & (amount > 0)).sum())
    return Measured(stats.share_of_sums(won, amount[case], level), case, won, waiting)


def mean_of(attribute: str, won: bool = False) -> Measure:
    """Mean of an attribute over the deals, or the won ones, where it is known."""

    def measure(facts: Facts, level: float) -> Measured:
        values = facts.number(attribute)
        known = ~np.isnan(values) & (facts.won != NEVER if won else facts.deal)
        case = np.flatnonzero(known)
        several = mixed(facts, known) if attribute == "amount" else None
        estimate = UNKNOWN if several else stats.mean(values[case], level)
        if len(case) and values[case].min() >= 0:
            # What cannot be negative has no negative mean: Student's interval is too wide there.
            estimate = estimate._replace(low=max(estimate.low, 0.0))
        return Measured(estimate, case, values[case], note=several)

    return measure


def late_payment_share(facts: Facts, level: float) -> Measured:
    """Invoices due by now that were paid after the day they were due, or are still not paid."""
    found, due = invoices(facts)
    agreed = due_by_terms(facts, found.case, found.start // DAY)
    last_day = np.where(due != NEVER, due // DAY, agreed)
    paid, known = found.cause == SEEN, last_day >= 0
    late = found.end // DAY > last_day
    counted = known & (paid | late)
    estimate = stats.rate((late & counted).sum(), counted.sum(), level)
    note = None if known.any() or not len(known) else Note("no_terms")
    columns = found.case[counted], late[counted].astype(np.float64), int((known & ~counted).sum()), note
    return Measured(estimate, *columns, None, found.start[counted], found.end[counted])


def quote_acceptance_rate(facts: Facts, level: float) -> Measured:
    """Quotes accepted, among those accepted or overtaken by the close of their deal."""
    found = DURATIONS["quote_to_accept_days"](facts)
    decided = found.cause != OPEN
    value = (found.cause[decided] == SEEN).astype(np.float64)
    return Measured(stats.rate(value.sum(), len(value), level), found.case[decided], value, found.censored)


def order_error_rate(facts: Facts, level: float) -> Measured:
    """Ordered cases with a corrected or cancelled order."""
    errors = ("Order Corrected", "Order Cancelled")
    found = share(facts.first("Sales Order Created") != NEVER, facts.first(*errors) != NEVER, level)
    # A log in which no order is ever corrected more likely does not record it than knows of none.
    if len(found.case) and not set(errors) & set(facts.log.activities):
        return replace(found, estimate=UNKNOWN, note=Note("no_order_changes"))
    return found


def rework_rate(facts: Facts, level: float) -> Measured:
    """Cases that repeat an activity."""
    repeats = outcomes.repeated(facts)
    return share(np.ones(len(repeats), bool), repeats, level)


def conformance_rate(facts: Facts, level: float) -> Measured:
    """Cases on the happy path, among those that have ended as deals: a lead that was given up is on no path of a deal.

    An open case that has left the path is no less open than one still on it; counting only the former would
    make every young log look disorderly.
    """
    verdict = outcomes.conforming(facts)
    judged = (verdict >= 0) & outcomes.ended(facts) & (facts.disqualified == NEVER)
    return share(judged, verdict == 1, level, int((~judged & facts.deal).sum()))


def variants(facts: Facts, level: float) -> Measured:
    """Number of distinct traces."""
    ids = outcomes.variant_ids(facts)
    every = np.arange(len(ids))
    return Measured(_known_exactly(float(len(np.unique(ids)))), every, ids.astype(np.float64))


def open_pipeline_value(facts: Facts, level: float) -> Measured:
    """Amount of the open deals."""
    amount = facts.number("amount")
    known = facts.open & facts.deal & ~np.isnan(amount)
    case = np.flatnonzero(known)
    note, deals = mixed(facts, known), int((facts.open & facts.deal).sum())
    if note is None and len(case) < deals / 2:
        note = Note("amount_of_open", n=len(case), of=deals)
    value = UNKNOWN if note or np.isnan(amount).all() else _known_exactly(float(amount[case].sum()))
    return Measured(value, case, amount[case], len(case), note)


def open_pipeline_age_days(facts: Facts, level: float) -> Measured:
    """Age of the open deals."""
    began = facts.first("Opportunity Created")
    case = np.flatnonzero(facts.open & facts.deal & (began <= facts.until))
    days = (facts.until - began[case]) / DAY
    end = np.full(len(case), facts.until)
    return Measured(stats.median(days, level), case, days, len(case), None, np.zeros(len(case), bool), began[case], end)


def pipeline_velocity(facts: Facts, level: float) -> Measured:
    """Money per day: amount of the open deals × win rate ÷ sales cycle.

    Notes
    -----
    The amount is known; the interval joins those of the rate and of the cycle on the log scale (MOVER; Donner and
    Zou, 2012).
    """
    pipeline, rate = open_pipeline_value(facts, level), win_rate(facts, level).estimate
    cycle = DURATIONS["sales_cycle_days"](facts).median(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.float64(pipeline.estimate.value) * rate.value / np.float64(cycle.value)
        down = np.hypot(np.log(rate.value / rate.low), np.log(np.float64(cycle.high) / cycle.value))
        up = np.hypot(np.log(np.float64(rate.high) / rate.value), np.log(np.float64(cycle.value) / cycle.low))
        estimate = Estimate(float(value), float(value * np.exp(-down)), float(value * np.exp(up)))
    if not np.isfinite(estimate.value):
        estimate = UNKNOWN
    return Measured(estimate, pipeline.case, pipeline.value, pipeline.censored, pipeline.note)


def _closed(facts: Facts) -> Flags:
    """Deals won or lost, in a log that could tell a lost one: where only payments are known, nothing can be lost."""
    events, fields = {"Closed Won", "Closed Lost"}, {"is_won", "stage"}
    tells = bool(events & set(facts.log.activities) or fields & set(facts.log.attributes))
    return facts.closed & tells


def _known_exactly(value: float) -> Estimate:
    """A count or a sum of all that there is: nothing was estimated, so there is no interval."""
    return Estimate(value, float("nan"), float("nan"))


def mixed(facts: Facts, some: Flags) -> Note | None:
    """Say so where the amounts of some cases are in several currencies."""
    if facts.log.one_currency:
        return None
    codes = facts.column("currency")[some]
    # Below 0: not known, so that it is none of its own.
    found = len(np.unique(codes[codes >= 0]))
    return Note("currencies", n=found) if found > 1 else None


MEASURES: dict[str, Measure] = {
    "lead_conversion_rate": lead_conversion_rate,
    "win_rate": win_rate,
    "win_rate_by_value": win_rate_by_value,
    "discount_mean": mean_of("discount"),
    "late_payment_share": late_payment_share,
    "order_error_rate": order_error_rate,
    "rework_rate": rework_rate,
    "conformance_rate": conformance_rate,
    "variants": variants,
    "pipeline_velocity": pipeline_velocity,
    "open_pipeline_value": open_pipeline_value,
    "open_pipeline_age_days": open_pipeline_age_days,
    "quote_acceptance_rate": quote_acceptance_rate,
    "won_amount_mean": mean_of("amount", won=True),
}


def measure(facts: Facts, kpi: str, level: float = 0.95) -> Measured:
    """Measure one KPI."""
    return elapsed(DURATIONS[kpi](facts), level) if kpi in DURATIONS else MEASURES[kpi](facts, level)
