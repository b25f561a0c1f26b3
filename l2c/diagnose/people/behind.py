"""Which cases are behind the rows of the tables of people, who may stand there under other names?"""

from __future__ import annotations

import pandas as pd

from l2c.diagnose.people.handovers import moves
from l2c.diagnose.people.owners import owners
from l2c.diagnose.people.reps import measured
from l2c.log import EventLog
from l2c.measures.behind import Found, of_keys, places
from l2c.measures.facts import Facts
from l2c.prepare import pseudonyms as people


def of_reps(table: pd.DataFrame, log: EventLog) -> Found:
    """Those of the rep that a measure counts; a step belongs to its owner at the end of it."""
    facts = Facts.of(log)
    owner = owners(facts)
    assert owner is not None
    known = people.pseudonyms(log)
    codes = {name: code for code, own in enumerate(owner.people) for name in (own, known.get(own, own))}
    of = {(m.name, m.step): m for m in measured(facts)}
    for row in table.to_dict("records"):
        m = of[row.get("measure", "step_days"), row["step"]]
        at = owner.at(m.step[1]) if m.step else owner.decided
        yield places(facts, m.case[at[m.case] == codes[row["rep"]]])


def of_handovers(table: pd.DataFrame, log: EventLog) -> Found:
    """Those in which the one handed over to the other; of performers alone, who are told apart by nothing in the table."""
    found, facts = moves(log, "actor", None), Facts.of(log)
    of = {} if found is None else dict(list(found.groupby(["from", "to"])["case"]))
    for pair, cases in zip(zip(table["from"], table["to"], strict=True), table["cases"], strict=True):
        keys = of.get(pair)
        yield of_keys(facts, keys.unique()) if keys is not None and keys.nunique() == cases else None
