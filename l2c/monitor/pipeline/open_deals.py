"""Which open deals need somebody: how likely is each won, when is it decided, what is at stake, and why?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.diagnose.rules.compliance import case_ids
from l2c.diagnose.tidy import noted
from l2c.log import EventLog
from l2c.log.addresses import deal_urls
from l2c.measures.facts import Facts, mixed
from l2c.monitor import watching
from l2c.monitor.limits import Limits, learnt
from l2c.monitor.pipeline.chances import chances
from l2c.monitor.pipeline.foretold import ENDS, foretold, worth
from l2c.monitor.pipeline.reasons import reasons
from l2c.monitor.pipeline.silence import contacts
from l2c.monitor.then import attribute_then
from l2c.prepare.pseudonyms import instead
from l2c.words.notes import Note, several

# Longer in its stage than nine in ten that ever get there.
SHARE = 0.1
COLUMNS = (
    "case_id", "rep", "stage", "amount", "win_share", "low", "high", "close_low", "close_median", "close_high",
    "in_stage_days", "limit_days", "over_limit", "expected_value", "at_risk_value", "reasons",
)  # fmt: skip


def open_deals(log: EventLog, *, names: bool | None = None) -> pd.DataFrame:
    """List the open deals: the chance of each, the day on which it is decided, and what is at stake.

    Parameters
    ----------
    names
        Whether names of people stand in the table; as the log says unless given.

    Returns
    -------
    One row per open deal, the most value at risk first, those of unknown amount last: `case_id`; `rep` (None where unknown);
    `stage`; `amount` (log currency; NaN where unknown, or there are several currencies); `win_share`: the chance to be won
    in the end, if all goes on as before, and its 90 % interval `low, high` (NaN where there is none); `close_low,
    close_median, close_high`: the day on which it will be won or lost, the middle one and 90 % of those that will be (NaT
    where it mostly never is); `in_stage_days` and `limit_days`, which only one in ten that ever get to the stage exceeds (NaN
    where unknown); `over_limit`; `expected_value` (chance × amount) and `at_risk_value` ((1 − chance) × amount); `reasons`: at
    most three notes on what makes the chance differ from that of other deals in the same stage; `url`: its page in the org
    (None where the log does not know the org). Where the log tells of contacts with customers, also `last_contact_days`,
    `meetings`, `contacts` (people with a role; NaN where unknown), and `engagement`: `never_started`, `stuck` (the customer took part,
    and has been silent for longer than nine in ten ever are), `active`, or None. `attrs["note"]` says what is not known, and
    which method the chances are of.

    Notes
    -----
    Chances, limits and reasons are learnt from all cases of the log, whatever filter is on: it chooses the rows. Nothing here
    is causal: deals are chosen by who works on them, and attention follows such lists.
    """
    facts = Facts.of(log)
    rows = watching.open_deals(facts).at(facts.until)
    told = foretold(facts, rows.case)
    days, limit, keys = rows.columns("in_stage_days"), limits(facts, rows), facts.keys[rows.case]
    found = reasons(log)
    data: dict[str, Any] = {
        "case_id": case_ids(log)[rows.case],
        "rep": _people(facts, rows.case, names),
        "stage": rows.columns("stage"),
        "amount": worth(facts, rows.case),
        **{name: _dates(each) if name in ENDS else each for name, each in told.items()},
        "in_stage_days": days,
        "limit_days": limit,
        "over_limit": days > limit,
    }
    said = pd.Series([found.get(int(key), ()) for key in keys], dtype=object)
    beside = contacts(facts, rows.case)
    table = pd.DataFrame(data | beside).assign(reasons=said, url=deal_urls(log, data["case_id"]))
    order = ["at_risk_value", "win_share", "case_id"]
    table = table.sort_values(order, ascending=[False, True, True], ignore_index=True)[[*COLUMNS, *beside, "url"]]
    return noted(table, several(_notes(facts, rows.case, table)))


def limits(facts: Facts, rows: watching.Rows) -> NDArray[np.float64]:
    """The days in its stage that one in ten of all deals that ever get there exceeds, of each row; NaN where unknown."""

    def made() -> Limits:
        stays = watching.open_deals(facts.whole()).stays
        assert stays is not None
        return learnt(stays("in_stage_days"), SHARE, {})

    known: Limits = facts.log.base.memo(("limits of stages", facts.until), made)
    return known.of([rows.columns("stage")])[0]


def _people(facts: Facts, case: NDArray[np.int64], names: bool | None) -> NDArray[Any]:
    """Whose each deal is, None where nobody knows."""
    owner, known = attribute_then(facts, "rep", facts.until)[case], instead(facts.log, names)
    return np.array([known.get(name, name) for name in owner], object)


def _dates(days: NDArray[np.float64]) -> NDArray[np.datetime64]:
    known = np.isfinite(days)
    dates = np.where(known, days, 0).astype("datetime64[D]").astype("datetime64[us]")
    return np.where(known, dates, np.datetime64("NaT", "us"))


def _notes(facts: Facts, case: NDArray[np.int64], table: pd.DataFrame) -> Iterator[Note | None]:
    """What must be known of the table."""
    if not len(case):
        yield Note("nothing_to_measure")
        return
    yield chances(facts.log).note
    yield mixed(facts, np.isin(np.arange(len(facts)), case))
    known = int(table["amount"].notna().sum())
    if 0 < known < len(table):
        yield Note("amount_of_open", n=known, of=len(table))
    if not table["stage"].notna().any():
        yield Note("no_stages")
