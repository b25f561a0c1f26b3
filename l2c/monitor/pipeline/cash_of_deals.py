"""What will be paid of deals that have no invoice yet: won ones and open ones?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from l2c.improve.run import Job
from l2c.improve.run import runs as run_all
from l2c.improve.starts import standing
from l2c.improve.stays import MOST_LEARNT, Stays, all_stays
from l2c.improve.twin import fitted, redrawn
from l2c.log import EventLog
from l2c.log.invoices import SENT
from l2c.log.settlement import INSTALMENT, PAYMENT
from l2c.measures.facts import NEVER, Facts
from l2c.measures.invoices import books
from l2c.measures.spans import recorded
from l2c.monitor.pipeline.bills import bills
from l2c.monitor.pipeline.coming import OF_OPEN

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# The deals go on so many times, each time by another drawing of the twin, every so manieth with trees of its own.
PAYING_RUNS, TREES_ANEW = 40, 10


@dataclass(frozen=True, eq=False)
class Payments:
    """Payments drawn: a place each.

    Attributes
    ----------
    run, case_key, day
        In which run, of which case, and how many days ahead, from 1.
    part
        Part of the amount of the deal that it pays.
    """

    run: Ints
    case_key: Ints
    day: Ints
    part: Floats
    runs: int = PAYING_RUNS


def payments(log: EventLog, horizon: float) -> Payments:
    """Let the deals without an invoice go on until they are paid, in the whole log."""
    base = log.base.plain
    return base.memo(("payments of deals", horizon), lambda: _drawn(EventLog(base), horizon))


def without_invoice(facts: Facts) -> NDArray[np.bool_]:
    """Which cases are deals, open or won, that have neither an invoice nor a payment."""
    ledger = books(facts)
    billed = np.isin(facts.keys, np.concatenate([ledger.rows["case_key"], ledger.aside["case_key"]]).astype(np.int64))
    paid = facts.first(PAYMENT, INSTALMENT) != NEVER
    return np.asarray(facts.deal & (facts.gone == NEVER) & ~billed & ~paid)


def _drawn(log: EventLog, horizon: float) -> Payments:
    facts = Facts.of(log)
    known = all_stays(log)
    # What is filled in when a deal is closed would tell how it ended.
    known = replace(known, attributes=tuple(a for a in known.attributes if a.name not in OF_OPEN))
    paying = _places(known, PAYMENT, INSTALMENT)
    wanted = np.flatnonzero(np.isin(known.keys, facts.keys[without_invoice(facts)]))
    if not len(paying) or not len(wanted):
        none = np.zeros(0, np.int64)
        return Payments(none, none, none, none.astype(np.float64))
    sample = np.arange(0, len(known.keys), max(-(-len(known.keys) // MOST_LEARNT), 1))
    twin = grown = fitted(known.drawn(sample))
    begin, sent = standing(known).only(wanted), _places(known, recorded(log.base, SENT))
    today = bills(log).today - known.days.origin
    jobs, parts = [], []
    for number in range(PAYING_RUNS):
        if number % TREES_ANEW == 0:
            grown = redrawn(twin, number, trees=True)
        jobs.append(Job(redrawn(grown, number), begin, number))
    for number, paths in enumerate(run_all(jobs, horizon=known.until + horizon)):
        at = np.flatnonzero(np.isin(paths.activity, paying))
        # What is paid of a deal comes in equal parts, as many as it has invoices, or payments.
        many = np.bincount(paths.case[at], minlength=len(wanted))
        many = np.maximum(many, np.bincount(paths.case[np.isin(paths.activity, sent)], minlength=len(wanted)))
        case = paths.case[at]
        day = np.maximum(np.floor(paths.time[at]).astype(np.int64) - today, 1)
        parts.append((np.full(len(at), number), known.keys[wanted[case]], day, 1 / many[case]))
    run_, key, day, part = (np.concatenate(each) for each in zip(*parts, strict=True))
    return Payments(run_, key, day, part)


def _places(known: Stays, *names: str) -> Ints:
    return np.flatnonzero(np.isin(known.activities, names))
