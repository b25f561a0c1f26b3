"""Where does work wait for people: who serves whom, when, in a queue or in batches, and how busy are they?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from l2c.diagnose.tidy import noted
from l2c.diagnose.waits.desks import BATCH, QUEUE, Desk, busy
from l2c.diagnose.waits.shifts import HOUR
from l2c.diagnose.waits.teams import Team
from l2c.improve import staff
from l2c.log import EventLog
from l2c.measures.facts import DAY
from l2c.prepare import pseudonyms as people
from l2c.words import matching
from l2c.words.notes import Note, several

COLUMNS = (
    "activity", "server", "kind", "route", "serves", "service_hours", "busy_share", "low", "high", "waiting_days",
    "open_hours", "cases",
)  # fmt: skip
NUMBERS = ("service_hours", "busy_share", "low", "high", "waiting_days", "open_hours")
# Beyond this share waits hang on luck more than on anything that can be measured.
FULL = 0.9


def desks(log: EventLog, *, level: float = 0.9, names: bool | None = None) -> pd.DataFrame:
    """The desks of a log: activities whose work queues up or waits for a batch, with everybody who does them.

    Parameters
    ----------
    level
        Of the interval of `busy_share`.
    names
        Whether to show names of people; else as the log says, which hides them unless it was opened or written with names.

    Returns
    -------
    One row per activity and person, those first at whom most days are waited: `activity, server, kind` (`queue`, `batch`, or
    `pace`: each piece takes its own time), `route` (the attribute that decides who serves, None where the work is shared) and
    `serves` (its values whose cases the person serves), `service_hours` (hours of work a piece, mean; of a queue), `busy_share`
    (part of the open hours; of a queue) with `low, high`, `waiting_days` (mean days from request until it is taken up; NaN at
    one's own pace, of which the log does not tell), `open_hours` (a week), `cases` (pieces done). Beyond 90 %
    `busy_share` is NaN and only its range is told: there waits hang on luck, and a note says so.

    Notes
    -----
    One time per event is enough: a piece took the working time since it was asked for, or since the same person finished the
    piece before, if that was later (exact whatever the order). Work on cases that were lost meanwhile is in it. Who belongs
    to a desk, and whether it is one: `l2c.diagnose.waits.desks` and `teams`, as for the causes of waits.
    """
    known = people.instead(log, names)
    rows = [_row(team, k, level, known) for team in staff.found(log) for k in range(len(team.members))]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table = table.astype(dict.fromkeys(NUMBERS, float) | {"cases": "int64"})
    table["_days"] = (table["waiting_days"] * table["cases"]).fillna(0)
    order = ["_days", "cases", "activity", "server"]
    table = table.sort_values(order, ascending=[False, False, True, True], ignore_index=True).drop(columns="_days")
    return noted(table, several(_full(row) for row in table.itertuples()))


def _row(team: Team, place: int, level: float, known: Mapping[str, str]) -> tuple[object, ...]:
    desk, group = team.members[place], team.group[place]
    mine = [str(value) for value, g in team.values.items() if g == group]
    if matching.is_person(str(team.route)):
        mine = [known.get(value, value) for value in mine]
    found = (np.nan,) * 4
    if desk.kind == QUEUE:
        mean, share, low, high = busy(desk, level)
        found = (mean / HOUR, np.nan if share > FULL else share, low, high)
    return (
        team.activity, known.get(desk.actor, desk.actor), desk.kind, team.route, tuple(sorted(mine)), *found, _waiting(desk), float(desk.shifts.a_week), len(desk.done),
    )  # fmt: skip


def _waiting(desk: Desk) -> float:
    """Mean days until a piece is taken up: until the go begins, or until the work on it does, nights included."""
    if desk.kind == BATCH:
        return float(np.maximum(desk.done[desk.head] - desk.asked, 0).mean() / DAY)
    if desk.kind == QUEUE:
        return float(np.maximum(desk.done - desk.asked - desk.service, 0).mean() / DAY)
    return np.nan


def _full(row: object) -> Note | None:
    """That a desk is so busy that what a change brings hangs on luck."""
    if not getattr(row, "high", 0) > FULL:
        return None
    low, high = (round(100 * min(getattr(row, name), 1.0)) for name in ("low", "high"))
    return Note("desk_nearly_full", activity=row.activity, server=row.server, low=low, high=high)  # type: ignore[attr-defined]
