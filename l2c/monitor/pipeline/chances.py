"""STUB until `chance` commits: the twin alone behind the names of the contract."""
from __future__ import annotations
from dataclasses import dataclass
from datetime import datetime
import numpy as np
from l2c.improve.run import run
from l2c.improve.starts import standing
from l2c.improve.stays import stays
from l2c.improve.trial import drawn
from l2c.improve.twin import fitted
from l2c.log import EventLog
from l2c.measures.facts import NEVER, Facts, micros
from l2c.monitor.then import attribute_then

RUNS = 40

@dataclass(frozen=True, eq=False)
class Chances:
    case_key: np.ndarray
    stage: np.ndarray
    in_stage_days: np.ndarray
    age_days: np.ndarray
    amount: np.ndarray
    win: np.ndarray
    low: np.ndarray
    high: np.ndarray
    table: np.ndarray
    won_after: np.ndarray
    over_after: np.ndarray
    used: str
    note: object

def chances(log, *, until=None):
    return log.base.memo(("chances", until), lambda: _made(log, until))

def _made(log, until):
    whole = EventLog(log.base)
    known = stays(whole, until=until)
    twin = fitted(known)
    facts = Facts.of(whole, None if until is None else micros(until))
    began = facts.first("Opportunity Created")
    began = np.where(began == NEVER, facts.column("started"), began)
    case = np.flatnonzero(facts.deal & (began <= facts.until) & (np.minimum(facts.won, facts.gone) == NEVER))
    key = facts.keys[case]
    place = np.searchsorted(known.keys, key)
    only = np.zeros(len(known.keys), bool); only[place] = True
    starts = standing(known)
    won = known.activities.index("Closed Won"); lost = known.activities.index("Closed Lost")
    horizon = known.until + 730
    W, O = np.full((RUNS, len(key)), np.inf), np.full((RUNS, len(key)), np.inf)
    for n, t in enumerate(drawn(twin, RUNS)):
        paths = run(t, starts, seed=n, horizon=horizon, only=only)
        for out, kinds in ((W, [won]), (O, [won, lost])):
            first = np.full(len(starts), np.inf)
            hit = np.isin(paths.activity, kinds) & (paths.time > known.until)
            np.minimum.at(first, paths.case[hit], paths.time[hit])
            out[n] = first[place] - known.until
    amount = attribute_then(facts, "amount", facts.until)[case] if "amount" in log.attributes else np.full(len(case), np.nan)
    nan = np.full(len(case), np.nan)
    win = np.isfinite(W).mean(0)
    return Chances(key, nan.astype(object), nan, nan, np.asarray(amount, float), win, nan, nan, nan, W, O, "blend", None)
