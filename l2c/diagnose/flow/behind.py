"""Which cases are behind the rows of the tables of the flow: done twice, off the path, along one path?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from l2c import engine
from l2c.diagnose.flow.paths import judged
from l2c.diagnose.flow.rework import grouped_by, old_enough
from l2c.discover.happy_path import verdicts
from l2c.log import EventLog
from l2c.measures.behind import Found, of_keys, places
from l2c.measures.facts import NEVER, Facts
from l2c.measures.rework import FIRST_PASS, works
from l2c.prepare.pseudonyms import grouped

REWORK = {"kind", "object", "value", "low", "high", "cases", "censored", "count", "events", "note"}


def of_rework(table: pd.DataFrame, log: EventLog) -> Found:
    """Those it happened to; of orders that passed at once, these."""
    facts = Facts.of(log)
    by = next((c for c in table.columns if c not in REWORK), None)
    groups = None if by is None else grouped(facts.attribute(by), log, by)
    known = {}
    for work in works(facts):
        old = old_enough(work, facts.until)
        hit = (work.times == 0) if work.kind == FIRST_PASS else (work.times > 0)
        for name, some in grouped_by(work, groups, log, by):
            known[work.kind, name] = work.case[old & hit & some]
    yield from (places(facts, known[row["kind"], row[by] if by else None]) for row in table.to_dict("records"))


def of_rework_days(table: pd.DataFrame, log: EventLog) -> Found:
    """Those it happened to in which it was put right."""
    facts = Facts.of(log)
    known = {
        work.kind: work.case[(work.times > 0) & (work.last != NEVER) & (work.end != NEVER)] for work in works(facts)
    }
    yield from (places(facts, known[kind]) for kind in table["kind"])


def of_deviations(table: pd.DataFrame, log: EventLog) -> Found:
    """Those that have one, held against the happy path; of a table of another path none are known."""
    facts = Facts.of(log)
    found: dict[tuple[str, str], list[np.ndarray]] = {}
    for moves, cases in judged(log, None):
        for move in dict.fromkeys(moves):
            found.setdefault(move, []).append(cases)
    for row in table.to_dict("records"):
        parts = found.get((row["kind"], row["activity"]), [])
        cases = np.concatenate([np.zeros(0, np.int64), *parts])
        yield places(facts, cases) if len(cases) == row["cases"] else None


def of_exits(table: pd.DataFrame, log: EventLog) -> Found:
    """Those that left the happy path there."""
    facts, found = Facts.of(log), verdicts(log)
    found = found[found["conforming"].eq(False).fillna(False)]
    of = dict(list(found.groupby(["left_after", "expected", "instead"])["case_key"]))
    for way in zip(table["left_after"], table["expected"], table["instead"], strict=True):
        yield of_keys(facts, of[way])


def of_variants(table: pd.DataFrame, log: EventLog) -> Found:
    """Those along the path; of folded paths, which stand for several, none are known."""
    import narwhals as nw

    facts = Facts.of(log)
    rows = engine.collect(log.cases.select("case_key", nw.col("variant_id")))
    of = dict(list(rows.groupby("variant_id")["case_key"]))
    for variant, cases in zip(table["variant_id"], table["cases"], strict=True):
        yield of_keys(facts, of[variant]) if len(of[variant]) == cases else None
