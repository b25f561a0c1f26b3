"""Which cases are behind a number? Their places in the log, so that a page holds each id once and numbers point at them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from l2c import engine
from l2c.log import EventLog
from l2c.measures.facts import Facts
from l2c.measures.observations import observations
from l2c.measures.summary import VELOCITY, shown

if TYPE_CHECKING:
    import pandas as pd

# Of each case its place among those of the whole log, by `case_key`; ascending, each once.
Places = NDArray[np.int64]


def measured_on(log: EventLog, id: str) -> Places:
    """The cases behind the number of a measure: those whose leads, deals, quotes, orders or invoices it counts.

    Parameters
    ----------
    id
        One of `log.base.measures` except `step_days`; of `pipeline_velocity` those with the amounts.

    Returns
    -------
    Places of the cases; the same observations (`l2c.measures.summary.shown`) as are counted beside the number.
    """
    facts = Facts.of(log)
    found = observations(facts, VELOCITY[0] if id == "pipeline_velocity" else id)
    return places(facts, found.case[shown(found)])


def places(facts: Facts, rows: NDArray[np.int64]) -> Places:
    """Places in the whole log of cases given by their rows of the facts."""
    return np.unique(facts.rows[rows])


def of_ids(log: EventLog, ids: Iterable[object]) -> Places:
    """Places of the cases with some ids; an id that the log does not have has none."""
    wanted = {str(id) for id in ids}
    return np.flatnonzero(_ids(log).isin(wanted).to_numpy()) if wanted else np.zeros(0, np.int64)


def ids(log: EventLog, some: Iterable[int]) -> list[str]:
    """The ids of the cases at some places, in their order."""
    return [str(id) for id in _ids(log).to_numpy(object)[np.fromiter(some, np.int64)]]


def _ids(log: EventLog) -> pd.Series[str]:
    """The id of each case of the whole log by its place."""

    def fetched() -> pd.Series[str]:
        rows = engine.collect(log.base.cases.select("case_key", "case_id"))
        return rows.sort_values("case_key", ignore_index=True)["case_id"].astype(str)

    return log.base.memo("case ids", fetched)
