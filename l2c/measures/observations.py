"""What was seen of a measure: a row per lead, deal, quote, order or invoice, with when it began, how it ended, and its value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from l2c.discover import silence
from l2c.measures import repeats
from l2c.measures.deals import (
    attribute,
    conformance,
    cycle,
    discount,
    of_deals,
    open_age,
    open_value,
    pushed,
    quote_rework,
    rework,
    slips,
    throughput,
    variants,
    wins,
    wins_by_value,
    wins_followed,
)
from l2c.measures.facts import NEVER, Facts, Flags, not_as_they_were
from l2c.measures.followed import lives
from l2c.measures.invoices import Invoices, cash_in, invoices
from l2c.measures.leads import CONVERTED, OPPORTUNITY, leads
from l2c.measures.objects import LEAD, Objects, decisions, followed, numbered, object_spans, pairs, told_apart
from l2c.measures.spans import OPEN, OTHERWISE, SEEN, Observations, accounts, gone_on, recorded, spans
from l2c.words import vocabulary
from l2c.words.measures import Measure
from l2c.words.notes import Note, several

# Fewer conversions than this cannot tell a silent lead from a slow one.
CONVERSIONS = 20
# Leads without a deal that are older than this part of the conversions took are taken as dropped.
DROPPED = 0.99
# Documents whose whole life is looked at, by the phase of the process in which it lies.
PHASES = {"invoice": "cash"}
# What a card must say of the invoices behind it.
UNCLEAR = ("credit_unclear", "moves_loose")
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
    made = attribute(measure.attribute) if measure.attribute else _BETWEEN[measure.of]
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
        return of_deals(facts, measure)
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
    """Deals until nothing is left of any of their invoices; leads that became no deal never become cash, and are left out.

    A deal with a payment and no invoice on record is paid with it; one of which something was written off never is.
    """
    began = facts.first(measure.start[0])
    for name in measure.start[1:]:
        began = np.where(began == NEVER, facts.first(name), began)
    end, lost, invoiced = cash_in(facts)
    case = np.flatnonzero((began != NEVER) & facts.deal & bool(set(measure.end) & set(facts.log.activities)))
    stop, past = np.minimum(facts.gone, lost), gone_on(facts, measure.end) & ~invoiced
    unit = facts.unit(*measure.start, *measure.end)
    return spans(facts, case, began[case], end[case], stop[case], past[case], unit)


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
    return Observations(*rows, account=accounts(facts, rows[0]), watched=facts.watched, counts_open=True)


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
    quiet, since = silence.silent_leads(facts.log.base)
    place = facts.place[quiet]
    silent_from = np.full(len(facts), NEVER)
    silent_from[place[place >= 0]] = since[place >= 0]
    silent = (silent_from[seen.case] <= facts.until) & (seen.how == OPEN)
    end = np.where(silent, np.maximum(silent_from[seen.case], seen.start), seen.end)
    return replace(seen, end=end, how=np.where(silent, OTHERWISE, seen.how).astype(np.int8))


def _leads_followed(facts: Facts, measure: Measure) -> Observations:
    return lives(facts, _lead_conversion(facts, measure))


def _payments(facts: Facts, measure: Measure) -> Observations:
    found = invoices(facts)
    return _by_case(_told(found.wait, found), facts, measure, recorded(facts.log.base, *measure.start))


def _told(wait: Observations, found: Invoices) -> Observations:
    """Say so where what happened to some invoices is not known."""
    unclear = [note for note in found.notes if note.id in UNCLEAR]
    return replace(wait, remark=several([wait.note, *unclear])) if unclear else wait


def _overdue(facts: Facts, measure: Measure) -> Observations:
    found = invoices(facts)
    late = _told(found.overdue, found)
    if len(found) and not len(late):
        return replace(late, told=False, remark=Note("no_terms"))
    return _by_case(late, facts, measure, recorded(facts.log.base, *measure.start))


def _late(facts: Facts, measure: Measure) -> Observations:
    """Of the invoices whose due day has passed, those of which something was left at its end; others may still be late."""
    found = _overdue(facts, measure)
    due = facts.days(found.end) - found.value < facts.today
    how = np.where(found.late & due, SEEN, np.where(due, OTHERWISE, OPEN)).astype(np.int8)
    return replace(found, value=found.late.astype(np.float64), how=how, entry=None, weight=None)


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


_BY_KIND: dict[str, Callable[[Facts, Measure], Observations]] = {
    "deal": of_deals,
    "quote": _of_objects,
    "order": _of_objects,
    "approval": _of_approvals,
    "invoice": _payments,
}
# Between two events, whatever is counted.
_BETWEEN: dict[str, Callable[[Facts, Measure], Observations]] = {
    "deal": of_deals,
    **dict.fromkeys(("quote", "order", "invoice"), _of_objects),
    "lead": _days_of_leads,
}
_OWN: dict[str, Callable[[Facts, Measure], Observations]] = {
    "lead_conversion_rate": _lead_conversion,
    "lead_conversion_incidence": _leads_followed,
    "lead_to_opportunity_rate": _lead_conversion,
    "lead_response_days": _lead_response,
    "lead_to_opportunity_days": _lead_to_opportunity,
    "lead_to_cash_days": _lead_to_cash,
    "sales_cycle_days": cycle,
    "win_rate": wins,
    "win_rate_incidence": wins_followed,
    "win_rate_by_value": wins_by_value,
    "discount_mean": discount,
    "discount_mean_unweighted": attribute("discount", "won"),
    "discount_mean_closed": attribute("discount", "closed"),
    "won_amount_mean": attribute("amount", "won"),
    "late_payment_share": _late,
    "late_payment_incidence": _overdue,
    "fulfilment_to_invoice_days": _fulfilled,
    "quote_acceptance_rate": _acceptance,
    "order_error_rate": _order_errors,
    "rework_rate": rework,
    "quote_rework_rate": quote_rework,
    "conformance_rate": conformance,
    "variants": variants,
    "open_pipeline_value": open_value,
    "open_pipeline_age_days": open_age,
    "throughput_days": throughput,
    "close_date_slip_days": slips,
    "pushed_share": pushed,
}
