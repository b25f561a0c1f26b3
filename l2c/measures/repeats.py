"""Which cases repeat something, and which keep to the happy path?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from l2c.discover import deviations
from l2c.log import EventLog
from l2c.log.outcomes import STATUSES
from l2c.log.settlement import INSTALMENT as INSTALMENT
from l2c.measures.facts import Facts, Flags

if TYPE_CHECKING:
    pass


def variant_ids(facts: Facts) -> NDArray[np.int64]:
    """Variant of each case."""
    return facts.column("variant_id").astype(np.int64)


def repeated(facts: Facts) -> Flags:
    """Whether each case has some activity twice, instalments aside."""
    base = facts.log.base

    def by_variant() -> Flags:
        flags = np.zeros(int(max(base.traces.index, default=0)) + 1, bool)
        steps = base.traces.map(lambda trace: [activity for activity in trace if activity != INSTALMENT])
        flags[steps.index.to_numpy(np.int64)] = steps.map(lambda each: len(set(each)) < len(each)).to_numpy(bool)
        return flags

    return base.memo("repeats", by_variant)[variant_ids(facts)]


def conforming(facts: Facts) -> NDArray[np.int8]:
    """For each case 1 where it keeps to the happy path of the whole log, 0 where it left it, -1 where still open on it.

    The verdict depends on the variant and the status alone, so it is made once for the whole log.
    """
    base = facts.log.base

    def by_variant() -> NDArray[np.int8]:
        rows = deviations(EventLog(base)).drop_duplicates(["variant_id", "status"])
        verdicts = np.full((int(rows["variant_id"].max()) + 1 if len(rows) else 1, len(STATUSES)), -1, np.int8)
        place = rows["variant_id"].to_numpy(np.int64), rows["status"].map(STATUSES.index).to_numpy(np.int64)
        verdicts[place] = rows["conforming"].astype("float64").fillna(-1).to_numpy().astype(np.int8)
        return verdicts

    found: NDArray[np.int8] = base.memo("conforming", by_variant)[variant_ids(facts), facts.column("status")]
    return found


def ended(facts: Facts) -> Flags:
    """Whether each case is lost, as a deal or a lead, or paid; won is enough in a log without payments; a log without outcomes ends all."""
    status = facts.column("status")
    whole = np.isin(status, [STATUSES.index(each) for each in facts.log.base.final])
    return whole if facts.log.base.knows_outcomes else np.ones(len(whole), bool)
