"""What was seen of a measure: a row per lead, deal, quote, order or invoice, with when it began, how it ended, and its value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from l2c.discover import silence
from l2c.measures import repeats
from l2c.measures.facts import DAY, NEVER, Facts, Flags, Times, mixed, not_as_they_were
from l2c.measures.invoices import invoices
from l2c.measures.leads import CONVERTED, OPPORTUNITY, leads
from l2c.measures.objects import LEAD, Objects, decisions, followed, numbered, object_spans, pairs, told_apart
from l2c.measures.promises import promises, slipped
from l2c.measures.spans import OPEN, OTHERWISE, SEEN, Observations, durations, gone_on, recorded, spans
from l2c.words import vocabulary
from l2c.words.measures import Measure
from l2c.words.notes import Note

# Fewer conversions than this cannot tell a silent lead from a slow one.
CONVERSIONS = 20
# Leads without a deal that are older than this part of the conversions took are taken as dropped.
DROPPED = 0.99
# Documents whose whole life is looked at, by the phase of the process in which it lies.
PHASES = {"invoice": "cash"}
STANDS_IN = {
    "lead": Note("leads_by_case"),
    "quote": Note("quotes_by_deal"),
    "order": Note("orders_by_deal"),
    "invoice": Note("invoices_by_deal"),
}


def observations(facts: Facts, id: str) -> Observations:
    """Observe a measure.

    Parameters
    ----------
    id
        One of `log.base.measures`, except `step_days` and `pipeline_velocity`, which is made of three others.

    Returns
    -------
    One row per object that the measure counts; the case stands in where the log does not tell its leads, quotes, orders
    or invoices apart, and the note says so.

    Notes
    -----
    Durations: see `l2c.measures.spans`. Invoices: see `l2c.measures.invoices`.
    """
    measure = facts.log.base.measures[id]
    made = _of_the_user if measure.own else _OWN.get(id) or _BY_KIND[measure.of]
    found = made(facts, measure)
    if away := not_as_they_were(facts, _asked(measure)):
        nothing = found.only(np.zeros(len(found), bool))
        found = replace(nothing, told=False, remark=Note("not_as_it_was", activities=away))
    return replace(found, id=id, kind=measure.kind)


def _of_the_user(facts: Facts, measure: Measure) -> Observations:
    """What a user defines: days, the share that gets there, or a number known of the deals; of all cases, or of some."""
    made = _attribute(measure.attribute) if measure.attribute else _BETWEEN[measure.of]
    found = made(facts, measure)
    if measure.kind == "share":
        found = _reaching(facts, found)
    if not measure.among:
        return found
    return found.of(np.isin(facts.keys, facts.log.where(**measure.among).kept()))


def _reaching(facts: Facts, found: Observations) -> Observations:
    """Which got there, of those of which it is decided: what ended otherwise, or whose case has ended, does not any more."""
    over = repeats.ended(facts)[found.case]
    how = np.where((found.how == OPEN) & over, OTHERWISE, found.how).astype(np.int8)
    return replace(found, value=(how == SEEN).astype(np.float64), how=how, entry=None)


def _asked(measure: Measure) -> set[str]:
    """The activities that a measure asks for; how and when a deal was decided is known of each case without them."""
    closings = set(vocabulary.closings())
    if measure.kind != "duration" and set(measure.end) <= closings:
        return set()
    names = {*measure.start, *measure.end, *measure.ruled_out_by}
    names |= {name for start in measure.start if "answer" in measure.end for name in vocabulary.answers(start)}
    if measure.of in PHASES:
        names |= {each.en for each in vocabulary.activities() if each.phase == PHASES[measure.of]}
    return names - closings


def _of_deals(facts: Facts, measure: Measure) -> Observations:
    ends = tuple(recorded(facts.log.base, name) for name in measure.end)
    return durations(facts, measure.start, ends, rivals=measure.ruled_out_by)


def _of_objects(facts: Facts, measure: Measure) -> Observations:
    """Per quote, per order: what the close of the deal ends is of the sale."""
    (start,), base = measure.start, facts.log.base
    found = pairs(base, start, *measure.end, off=measure.ruled_out_by)
    unit = facts.unit(start, *measure.end)
    return _by_case(object_spans(facts, found, of_sale=measure.of == "quote", unit=unit), facts, measure, start)


def _days_of_leads(facts: Facts, measure: Measure) -> Observations:
    found = reached(facts, measure.start[0], *measure.end, past=gone_on(facts, measure.end))
    return _by_case(found, facts, measure, measure.start[0])


def _fulfilled(facts: Facts, measure: Measure) -> Observations:
    """Per order where the invoice bears its number, else per deal."""
    (start,), base = measure.start, facts.log.base
    ends = tuple(recorded(base, name) for name in measure.end)
    if not told_apart(base, start, ends):
        return _of_deals(facts, measure)
    return object_spans(facts, pairs(base, start, *ends), of_sale=False, unit=facts.unit(start, *ends))


def _by_case(found: Observations, facts: Facts, measure: Measure, start: str) -> Observations:
    """Say so where the case stands in for objects that have no number."""
    if found.told and found.note is None and len(found) and not numbered(facts.log.base, start):
        return replace(found, remark=STANDS_IN[measure.of])
    return found


def _of_approvals(facts: Facts, measure: Measure) -> Observations:
    names = (*measure.start, *vocabulary.answers(*measure.start))
    return object_spans(facts, decisions(facts.log.base, names), of_sale=True, unit=facts.unit(*names))


def _lead_to_cash(facts: Facts, measure: Measure) -> Observations:
    """Leads that became no deal never become cash, and are left out."""
    return _of_deals(facts, measure).of(facts.deal)


def _lead_response(facts: Facts, measure: Measure) -> Observations:
    unit = facts.unit(*measure.start)
    found = object_spans(facts, leads(facts.log.base).response(), of_sale=False, unit=unit)
    return _by_case(found, facts, measure, *measure.start)


def reached(facts: Facts, start: str, *ends: str, past: Flags | None = None) -> Observations:
    """Leads (or whatever begins with `start`), and when their case reached the first of some ends; its loss competes."""
    ways = _ways(facts, start, *ends)
    return object_spans(facts, ways, of_sale=False, unit=facts.unit(start, *ends), past=past)


def _ways(facts: Facts, start: str, *ends: str) -> Objects:
    if start == LEAD:
        return _of_leads(facts, *ends)
    found, place = followed(facts.log.base, start), facts.place
    here = place[found.case_key] >= 0
    end, gone = (np.full(len(found.case_key), NEVER) for _ in range(2))
    case = place[found.case_key[here]]
    end[here], gone[here] = facts.first(*ends)[case], facts.gone[case]
    return Objects(found.case_key, found.start, end, gone)


def _of_leads(facts: Facts, *ends: str) -> Objects:
    """Leads and what their case reached; what it had reached before a lead joined it, that lead reaches by joining."""
    known, end = leads(facts.log.base), np.full(len(leads(facts.log.base).start), NEVER)
    place = facts.place[known.case_key]
    here, off = place >= 0, np.full(len(place), NEVER)
    end[here], off[here] = facts.first(*ends)[place[here]], facts.gone[place[here]]
    joined = (end < known.start) & (known.opportunity < known.start) & (known.converted != NEVER)
    return Objects(known.case_key, known.start, np.where(joined, known.converted, end), off)


def _verdicts(facts: Facts, found: Objects) -> Observations:
    """Whether objects came to an end so far; old ones count like any other, since it is known of all of them."""
    place = facts.place[found.case_key]
    here = (place >= 0) & (found.start <= facts.until)
    start, end, off = (np.where(times > facts.until, NEVER, times)[here] for times in found[1:])
    how = np.where(end != NEVER, SEEN, np.where(off != NEVER, OTHERWISE, OPEN)).astype(np.int8)
    last = np.minimum(np.minimum(end, off), facts.until)
    rows = place[here], start, last, (how == SEEN).astype(np.float64), how
    return Observations(*rows, watched=facts.watched, counts_open=True)


def _conversions(found: Observations, facts: Facts, measure: Measure) -> Observations:
    """Say so where a file of leads alone does not know what became of them."""
    if len(found) and not set(measure.end) & set(facts.log.activities):
        return replace(found, told=False, remark=Note("no_opportunities"))
    return _by_case(found, facts, measure, *measure.start)


def _lead_to_opportunity(facts: Facts, measure: Measure) -> Observations:
    """Leads that are older than 99 % of the conversions took count as dropped.

    Nobody closes a dead lead: without this rule, where fewer than half convert, the median would never be known.
    """
    past = gone_on(facts, measure.end)
    found = _conversions(reached(facts, *measure.start, *measure.end, past=past), facts, measure)
    took = found.value[found.how == SEEN]
    if len(took) < CONVERSIONS:
        return found
    limit = np.quantile(took, DROPPED)
    dropped = (found.value > limit) & (found.how != SEEN)
    how = np.where(dropped, OTHERWISE, found.how).astype(np.int8)
    return replace(found, value=np.where(dropped, limit, found.value), how=how)


def _lead_conversion(facts: Facts, measure: Measure) -> Observations:
    """A lead that is not converted, was not given up and is not silent may still be."""
    found = _ways(facts, *measure.start, OPPORTUNITY)
    if CONVERTED in measure.end:
        found = found._replace(end=np.minimum(found.end, leads(facts.log.base).converted))
    # Whoever joined a deal that was there got to it when he joined.
    end = np.where(found.end == NEVER, NEVER, np.maximum(found.end, found.start))
    seen = _conversions(_verdicts(facts, found._replace(end=end)), facts, measure)
    quiet = facts.place[silence.silent_leads(facts.log.base)]
    silent = np.isin(seen.case, quiet[quiet >= 0]) & (seen.how == OPEN)
    return replace(seen, how=np.where(silent, OTHERWISE, seen.how).astype(np.int8))


def _cases(facts: Facts, some: Flags, value: np.ndarray, how: np.ndarray, start: Times, end: Times) -> Observations:
    """One row for each of some cases."""
    case = np.flatnonzero(some)
    last = np.where(end == NEVER, facts.until, end)
    rows = start[case], last[case], value[case].astype(np.float64), how[case].astype(np.int8)
    return Observations(case, *rows, watched=facts.watched)


def _begun(facts: Facts, measure: Measure) -> Times:
    """When each case came to be watched: where no case has the activity that begins it, with its first event."""
    if not set(measure.start) & set(facts.log.activities):
        return facts.column("started")
    return facts.first(*measure.start)


def _wins(facts: Facts, measure: Measure) -> Observations:
    """Deals won or lost, and those still open, in a log that could tell a lost one: where only payments are known, nothing can be lost."""
    events, fields = {"Closed Won", "Closed Lost"}, {"is_won", "stage"}
    known = {*facts.log.activities, *facts.log.origin.hidden}
    tells = bool(events & known or fields & set(facts.log.attributes))
    opened = _begun(facts, measure)
    opened = np.where(opened == NEVER, facts.column("started"), opened)
    how = np.where(facts.won != NEVER, SEEN, np.where(facts.lost != NEVER, OTHERWISE, OPEN))
    some = (facts.closed & tells) | (facts.open & facts.deal)
    return _cases(facts, some, facts.won != NEVER, how, opened, np.minimum(facts.won, facts.lost))


def _wins_by_value(facts: Facts, measure: Measure) -> Observations:
    found, amount = _wins(facts, measure), facts.number("amount")
    lost, known = found.how == OTHERWISE, amount[found.case] > 0
    # Many exports keep the amount of won deals only; the others then seem to have been worth nothing.
    note = mixed(facts, facts.closed & (amount > 0))
    if note is None and (lost & known).sum() < lost.sum() / 2:
        note = Note("amount_of_lost", n=(lost & known).sum(), of=lost.sum())
    return replace(found, weight=amount[found.case], told=note is None, remark=note).only(known)


def _cycle(facts: Facts, measure: Measure) -> Observations:
    """Deals until the close that counts; one that is open again still waits."""
    began, closed = facts.first(*measure.start), facts.closing
    known = {*facts.log.activities, *facts.log.origin.hidden}
    case = np.flatnonzero((began != NEVER) & bool(set(measure.end) & known))
    past, stop = gone_on(facts, measure.end)[case], facts.disqualified[case]
    return spans(facts, case, began[case], closed[case], stop, past, facts.unit(*measure.start, *measure.end))


def _attribute(name: str, won: bool = False) -> Callable[[Facts, Measure], Observations]:
    """A number that is known of the deals, or of the won ones."""

    def made(facts: Facts, measure: Measure) -> Observations:
        values = facts.number(name)
        known = ~np.isnan(values) & (facts.won != NEVER if won else facts.deal)
        note = mixed(facts, known) if name == "amount" else None
        how = np.full(len(facts), SEEN)
        found = _cases(facts, known, values, how, _begun(facts, measure), facts.column("ended"))
        return replace(found, told=note is None, remark=note)

    return made


def _payments(facts: Facts, measure: Measure) -> Observations:
    found = invoices(facts).wait
    return _by_case(found, facts, measure, recorded(facts.log.base, *measure.start))


def _overdue(facts: Facts, measure: Measure) -> Observations:
    found = invoices(facts)
    late = found.overdue
    if len(found) and not len(late):
        return replace(late, told=False, remark=Note("no_terms"))
    return _by_case(late, facts, measure, recorded(facts.log.base, *measure.start))


def _acceptance(facts: Facts, measure: Measure) -> Observations:
    """Quotes accepted, turned down by the customer, or overtaken by the close of their deal."""
    known = set(facts.log.activities)
    if not set(measure.end) & known and set(measure.ruled_out_by) & known and (facts.won == NEVER).all():
        # None was accepted and no deal was won: the customers said no, or have not said anything yet.
        measure = replace(measure, end=measure.ruled_out_by, ruled_out_by=())
        found = _of_objects(facts, measure)
        how = np.where(found.how == SEEN, OTHERWISE, found.how).astype(np.int8)
        return replace(found, value=np.zeros(len(found)), how=how, entry=None)
    found = _of_objects(facts, measure)
    return replace(found, value=(found.how == SEEN).astype(np.float64), entry=None)


def _order_errors(facts: Facts, measure: Measure) -> Observations:
    """Orders, and when the first of them was corrected or cancelled."""
    (ordered,), known = measure.start, set(measure.end) & set(facts.log.activities)
    base = facts.log.base
    found = _verdicts(facts, pairs(base, ordered, *measure.end) if known else followed(base, ordered))
    # Nothing says when an order is past being corrected.
    how = np.where(found.how == SEEN, SEEN, OTHERWISE).astype(np.int8)
    if len(found) and not known:
        # A log in which no order is ever corrected more likely does not record it than knows of none.
        return replace(found, how=how, told=False, remark=Note("no_order_changes"))
    return _by_case(replace(found, how=how), facts, measure, ordered)


def _rework(facts: Facts, measure: Measure) -> Observations:
    """Cases that do an activity again on the same object; an open one that has not may still."""
    again, ended = repeats.repeated(facts), repeats.ended(facts)
    how = np.where(again, SEEN, np.where(ended, OTHERWISE, OPEN))
    every, start = np.ones(len(facts), bool), facts.column("started")
    found = _cases(facts, every, again, how, start, facts.column("ended"))
    return replace(found, counts_open=True, remark=repeats.unnumbered(facts))


def _quote_rework(facts: Facts, measure: Measure) -> Observations:
    """Closed deals with a quote that repeat a step, or whose quote was revised or turned down."""
    sent = facts.first(*measure.start)
    again = repeats.repeated(facts) | (facts.first(*measure.end) != NEVER)
    how = np.where(facts.closed, np.where(again, SEEN, OTHERWISE), OPEN)
    some = (sent != NEVER) & (facts.closed | facts.open)
    found = _cases(facts, some, again, how, sent, np.minimum(facts.won, facts.lost))
    return replace(found, remark=repeats.unnumbered(facts))


def _conformance(facts: Facts, measure: Measure) -> Observations:
    """Deals that have ended, on the happy path or not: a lead that was given up is on no path of a deal.

    An open case that has left the path is no less open than one still on it; counting only the former would
    make every young log look disorderly.
    """
    verdict = repeats.conforming(facts)
    judged = (verdict >= 0) & repeats.ended(facts) & (facts.disqualified == NEVER)
    how = np.where(judged, np.where(verdict == 1, SEEN, OTHERWISE), OPEN)
    some, start = judged | facts.deal, facts.column("started")
    return _cases(facts, some, verdict == 1, how, start, facts.column("ended"))


def _variants(facts: Facts, measure: Measure) -> Observations:
    every, how = np.ones(len(facts), bool), np.full(len(facts), SEEN)
    return _cases(facts, every, repeats.variant_ids(facts), how, facts.column("started"), facts.column("ended"))


def _open_deals(facts: Facts, value: np.ndarray, some: Flags) -> Observations:
    how, began = np.full(len(facts), OPEN), facts.first("Opportunity Created")
    never = np.full(len(facts), NEVER)
    return replace(_cases(facts, facts.open & facts.deal & some, value, how, began, never), counts_open=True)


def _open_value(facts: Facts, measure: Measure) -> Observations:
    amount, deals = facts.number("amount"), facts.open & facts.deal
    known = deals & ~np.isnan(amount)
    note = mixed(facts, known)
    if note is None and known.sum() < deals.sum() / 2:
        note = Note("amount_of_open", n=known.sum(), of=deals.sum())
    told = note is None and not np.isnan(amount).all()
    return replace(_open_deals(facts, amount, known), told=told, remark=note)


def _open_age(facts: Facts, measure: Measure) -> Observations:
    began = facts.first("Opportunity Created")
    return _open_deals(facts, (facts.until - began) / DAY, began <= facts.until)


def _slips(facts: Facts, measure: Measure) -> Observations:
    """Closed deals with a known promise; an open one may slip further."""
    told = promises(facts)
    value, how = slipped(facts, told.first), np.where(facts.closed, SEEN, OPEN)
    some = told.known & facts.closed & facts.deal
    found = _cases(facts, some, value, how, _begun(facts, measure), np.minimum(facts.won, facts.lost))
    return replace(found, told=told.note is None, remark=told.note)


def _pushed(facts: Facts, measure: Measure) -> Observations:
    """Closed deals with a known promise, and whether it was moved to a later day; an open one may still be."""
    told = promises(facts)
    again = told.pushes > 0
    how = np.where(facts.closed, np.where(again, SEEN, OTHERWISE), OPEN)
    some = told.known & facts.deal
    found = _cases(facts, some, again, how, _begun(facts, measure), np.minimum(facts.won, facts.lost))
    return replace(found, told=told.note is None, remark=told.note)


def _throughput(facts: Facts, measure: Measure) -> Observations:
    """From the first to the last event of the cases; a lead that was given up went through no cycle of a deal."""
    some = facts.disqualified == NEVER
    how = np.where(repeats.ended(facts) & some, SEEN, OPEN)
    start, end = facts.column("started"), facts.column("ended")
    return _cases(facts, some, (end - start) / DAY, how, start, end)


_BY_KIND: dict[str, Callable[[Facts, Measure], Observations]] = {
    "deal": _of_deals,
    "quote": _of_objects,
    "order": _of_objects,
    "approval": _of_approvals,
    "invoice": _payments,
}
# Between two events, whatever is counted.
_BETWEEN: dict[str, Callable[[Facts, Measure], Observations]] = {
    "deal": _of_deals,
    **dict.fromkeys(("quote", "order", "invoice"), _of_objects),
    "lead": _days_of_leads,
}
_OWN: dict[str, Callable[[Facts, Measure], Observations]] = {
    "lead_conversion_rate": _lead_conversion,
    "lead_to_opportunity_rate": _lead_conversion,
    "lead_response_days": _lead_response,
    "lead_to_opportunity_days": _lead_to_opportunity,
    "lead_to_cash_days": _lead_to_cash,
    "sales_cycle_days": _cycle,
    "win_rate": _wins,
    "win_rate_by_value": _wins_by_value,
    "discount_mean": _attribute("discount"),
    "won_amount_mean": _attribute("amount", won=True),
    "late_payment_share": _overdue,
    "fulfilment_to_invoice_days": _fulfilled,
    "quote_acceptance_rate": _acceptance,
    "order_error_rate": _order_errors,
    "rework_rate": _rework,
    "quote_rework_rate": _quote_rework,
    "conformance_rate": _conformance,
    "variants": _variants,
    "open_pipeline_value": _open_value,
    "open_pipeline_age_days": _open_age,
    "throughput_days": _throughput,
    "close_date_slip_days": _slips,
    "pushed_share": _pushed,
}
