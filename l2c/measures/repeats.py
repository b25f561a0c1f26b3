"""Which cases repeat something, and which keep to the happy path?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l2c.discover.happy_path import verdicts
from l2c.log import EventLog, again
from l2c.log.outcomes import STATUSES
from l2c.measures.facts import NEVER, Facts, Flags, Times, as_times
from l2c.words.notes import Note

# Paying in parts is no work done twice.
INSTALMENT = "Partial Payment Received"


def variant_ids(facts: Facts) -> NDArray[np.int64]:
    """Variant of each case."""
    return facts.column("variant_id").astype(np.int64)


def repeated(facts: Facts) -> Flags:
    """Whether each case has done some activity again on the same object; see `l2c.log.again`."""
    base = facts.log.base

    def firsts() -> Times:
        keys = facts.whole().keys
        found, rows = np.full(len(keys), NEVER), again.later(base)
        rows = rows[rows["again"]]
        np.minimum.at(found, np.searchsorted(keys, rows["case_key"]), as_times(rows["time"].to_numpy()))
        return found

    return np.asarray(base.memo("repeats", firsts)[facts.rows] <= facts.until)


def unnumbered(facts: Facts) -> Note | None:
    """Say so where steps on documents without a number are told by their case."""
    rows = again.later(facts.log.base)
    rows = rows[rows["again"] & (rows["object"] == "")]
    told = any(again.is_document(name) for name in rows["activity"].unique())
    return Note("unnumbered_steps") if told else None


def conforming(facts: Facts) -> NDArray[np.int8]:
    """For each case 1 where it keeps to the happy path of the whole log, 0 where it left it, -1 where still open on it."""
    base = facts.log.base

    def judged() -> NDArray[np.int8]:
        return verdicts(EventLog(base))["conforming"].astype("float64").fillna(-1).to_numpy().astype(np.int8)

    found: NDArray[np.int8] = base.memo("conforming", judged)[facts.rows]
    return found


def ended(facts: Facts) -> Flags:
    """Whether each case is lost, as a deal or a lead, or paid; won is enough in a log without payments; a log without outcomes ends all."""
    status = facts.column("status")
    whole = np.isin(status, [STATUSES.index(each) for each in facts.log.base.final])
    return whole if facts.log.base.knows_outcomes else np.ones(len(whole), bool)
