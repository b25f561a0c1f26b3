"""Which cases are behind the rows of the tables of the sale: those in a stage, of a cohort, with a discount, gone silent?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from l2c.diagnose.sale import quotes
from l2c.diagnose.sale.conversion import STARTS, grouped_by
from l2c.diagnose.sale.discounts import compared
from l2c.diagnose.sale.leakage import bands
from l2c.discover import silence
from l2c.log import EventLog
from l2c.measures.behind import Found, of_keys, places
from l2c.measures.facts import Facts
from l2c.measures.followed import entered
from l2c.measures.observations import reached
from l2c.measures.stages import visits
from l2c.words import vocabulary

CONVERSION = {"object", "milestone", "within_days", "value", "low", "high", "cases", "censored"}


def of_stages(table: pd.DataFrame, log: EventLog) -> Found:
    """Those that were ever in the stage."""
    facts = Facts.of(log)
    rows = visits(facts).rows
    of = {stage: part.to_numpy(np.int64) for stage, part in rows.groupby("stage")["case"]}
    yield from (places(facts, of[stage]) for stage in table["stage"])


def of_conversion(table: pd.DataFrame, log: EventLog) -> Found:
    """Those whose leads or deals are counted."""
    facts = Facts.of(log)
    by = next((c for c in table.columns if c not in CONVERSION), None)
    known = {}
    for about, milestone in dict.fromkeys(zip(table["object"], table["milestone"], strict=True)):
        found = entered(facts, reached(facts, STARTS[about], milestone))
        for group, some in grouped_by(facts, found, by):
            known[about, milestone, group] = found.case[some]
    for row in table.to_dict("records"):
        case = known.get((row["object"], row["milestone"], row[by] if by else None))
        yield None if case is None else places(facts, case)


def of_silent(table: pd.DataFrame, log: EventLog) -> Found:
    """Those that wait after the activity, silent or not."""
    facts, waits = Facts.of(log), silence.waits(log)
    of = dict(list(waits.groupby("activity")["case_key"]))
    yield from (of_keys(facts, of[activity]) for activity in table["activity"])


def of_bands(table: pd.DataFrame, log: EventLog) -> Found:
    """Those with a discount of the band."""
    facts = Facts.of(log)
    known, band = bands(facts)
    for low in table["discount"]:
        yield places(facts, np.flatnonzero(known & (band == round(low * 100))))


def of_discounts(table: pd.DataFrame, log: EventLog) -> Found:
    """Those that are compared."""
    yield from (compared(log) for _ in range(len(table)))


def of_quotes(table: pd.DataFrame, log: EventLog) -> Found:
    """Those whose quotes, requests or contracts are counted."""
    facts = Facts.of(log)
    of = {ends[0]: kind for kind, ends in quotes.PHASES}
    for start, end in zip(table["from"], table["to"], strict=True):
        kind = of[start]
        names = (start, *vocabulary.answers(start)) if kind == "request" else (start, end)
        yield places(facts, quotes.lengths(facts, kind, names).case)


def of_quote_waits(table: pd.DataFrame, log: EventLog) -> Found:
    """Those that waited for somebody on the way to the contract."""
    facts, days = Facts.of(log), quotes.turns(Facts.of(log))
    days = days[days["days"] > 0]
    yield from (
        places(facts, days.loc[days["waits_for"] == whom, "case"].to_numpy(np.int64)) for whom in table["waits_for"]
    )
