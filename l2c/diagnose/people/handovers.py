"""Who hands over to whom, how often, and after how long?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from l2c import engine
from l2c.log import EventLog
from l2c.log.columns import STARTED
from l2c.measures.facts import DAY, Facts, as_times
from l2c.prepare import pseudonyms as people
from l2c.words import matching
from l2c.words.errors import UnknownName

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLUMNS = ("from", "to", "handovers", "cases", "days")


def handovers(log: EventLog, *, by: str = "actor", names: bool | None = None) -> pd.DataFrame:
    """How often work passes from one performer to another.

    Parameters
    ----------
    by
        What tells performers apart: `actor`, `actor_kind` (people, automations, agents), or any other column of the events or
        attribute of the cases that changes within one, such as `rep` or a role.
    names
        Whether to show names of people; else as the log says, which hides them unless it was opened or written with names.

    Returns
    -------
    One row per pair, most handovers first: `from`, `to`; `handovers` (events of `to` that come next after one of `from` in
    their case); `cases` with any; `days`: median wait from the end of the one event to the start of the other. Events without a performer are passed over.
    Empty where the log has no such column, or fewer people than it allows to compare.

    Raises
    ------
    UnknownName
        If neither events nor cases have such a column.

    Notes
    -----
    Handover of work in direct succession, counted as often as it happens; whoever goes on with his own work hands over
    nothing (van der Aalst and Song, 2004; van der Aalst, Reijers and Song, 2005). What stands between two events of other
    people but has no performer may have been somebody's: the wait is then that of both steps.
    """
    found = moves(log, by, names)
    if found is None:
        return pd.DataFrame(columns=list(COLUMNS))
    table = found.groupby(["from", "to"], as_index=False).agg(
        handovers=("days", "size"), cases=("case", "nunique"), days=("days", "median")
    )
    return table.sort_values(["handovers", "from", "to"], ascending=[False, True, True], ignore_index=True)[
        list(COLUMNS)
    ]


def moves(log: EventLog, by: str, names: bool | None) -> pd.DataFrame | None:
    """Every handover: `from`, `to`, `case` (its key), `days`; None where there is nobody, or too few to be compared."""
    return Facts.of(log).memo(("handovers", by, people.shown(log, names)), lambda: _moves(log, by, names))


def _moves(log: EventLog, by: str, names: bool | None) -> pd.DataFrame | None:
    schema = log.base.events.collect_schema().names()
    if by not in schema:
        if by != "actor" and by not in log.attributes:
            raise UnknownName.attribute(by, [*log.attributes, *schema])
        return None
    begins = [STARTED] if STARTED in schema else []
    rows = engine.collect(log.events.select("case_key", "position", "time", *begins, by))
    rows = rows[rows[by].notna()].sort_values(["case_key", "position"], ignore_index=True)
    who = _shown(rows[by].astype(str), rows["case_key"], log, by, names)
    if who is None:
        return None
    case = rows["case_key"].to_numpy(np.int64)
    time = as_times(rows["time"].to_numpy())
    began = as_times(rows[STARTED].fillna(rows["time"]).to_numpy()) if begins else time
    # Whoever is shown under another name is still somebody else.
    own = pd.factorize(rows[by].astype(str))[0]
    at = np.flatnonzero((case[1:] == case[:-1]) & (own[1:] != own[:-1]))
    return pd.DataFrame(
        {"from": who[at], "to": who[at + 1], "case": case[at], "days": np.maximum(began[at + 1] - time[at], 0) / DAY}
    )


def _shown(who: pd.Series, case: pd.Series, log: EventLog, by: str, names: bool | None) -> NDArray[np.object_] | None:
    """The performers as they may be shown; None where they are too few to be compared."""
    if not matching.is_person(by):
        return who.to_numpy(object)
    codes, known = pd.factorize(who)
    if len(known) < log.origin.smallest:
        return None
    seen = np.unique(np.stack([codes, case.to_numpy(np.int64)], axis=1), axis=0)[:, 0]
    few = np.bincount(seen, minlength=len(known)) < log.origin.smallest
    instead = people.instead(log, names)
    shown = np.array([instead.get(name, name) for name in known], dtype=object)
    return np.where(few, people.OTHERS, shown).astype(object)[codes]
