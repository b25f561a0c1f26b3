"""How long has nobody been in touch with the customer of each deal, and how many people there have a part in it?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.log.contacts import ACTIVITY, OWN, ROLE
from l2c.log.zone import micros
from l2c.measures.facts import NEVER, Facts, Times, as_times

Floats = NDArray[np.float64]
MEETING = "meeting"


class Engagement(NamedTuple):
    """What is known of the contacts with the customer of each case at a moment; a place per case.

    Attributes
    ----------
    last_contact_days
        Days since the last call, e-mail or meeting, whoever began it; NaN where there was none.
    last_two_way_days
        Days since the customer last took part: a meeting that was held, a call that reached somebody, an e-mail from the customer.
    meetings
        How many were held; NaN where the log tells of no contacts but the day of the last one.
    contacts
        How many people of the customer have a role in the deal; NaN where the log knows no roles.
    """

    last_contact_days: Floats
    last_two_way_days: Floats
    meetings: Floats
    contacts: Floats


def engagement(facts: Facts, until: int | None = None) -> Engagement | None:
    """Tell of each case how it stood with the customer at a moment, by what the log knew then.

    Parameters
    ----------
    until
        Microseconds; that of the facts unless given. Of an earlier moment than the extraction only what had been written down
        by then counts, and what the log knows only as it is today (roles without a date, the last activity) does not.

    Returns
    -------
    One place per case; None where the log tells of no contacts. Days are those of the log, of the calendar or working days.
    """
    rows = _rows(facts)
    if rows is None:
        return None
    moment = facts.until if until is None else until
    case, kind = rows["case"].to_numpy(np.int64), rows["kind"].to_numpy(object)
    time, known = rows["time"].to_numpy(np.int64), rows["known"].to_numpy(np.int64)
    # What has no date of its own holds today.
    seen = (known <= moment) | ((known == NEVER) & (moment >= micros(facts.log.extracted)))
    role, last = kind == ROLE, kind == ACTIVITY
    touch = seen & ~role & (time <= moment)
    tells = bool((~role & ~last).any())
    n = len(facts)

    def counted(some: NDArray[np.bool_], told: bool) -> Floats:
        return np.bincount(case[some], minlength=n).astype(np.float64) if told else np.full(n, np.nan)

    return Engagement(
        _since(facts, case[touch], time[touch], moment),
        _since(facts, case[some := touch & rows["two_way"].to_numpy(bool)], time[some], moment),
        counted(touch & (kind == MEETING), tells),
        counted(seen & role, bool(role.any())),
    )


def _rows(facts: Facts) -> pd.DataFrame | None:
    """The contacts of these cases: `case` (row of the facts), `time, known` (microseconds, NEVER where unknown), `kind, two_way`."""
    base, told = facts.log.base, facts.log.base.contacts
    if told is None:
        return None

    def fetched() -> pd.DataFrame:
        keys = base.cases.select("case_id", "case_key")
        found = engine.collect(told.join(keys, on="case_id", how="inner").drop("flag"))
        found = found[~found["kind"].isin(OWN)]
        return found.assign(**{name: as_times(found[name].to_numpy("datetime64[us]")) for name in ("time", "known")})

    rows = base.memo("contacts", fetched)
    place = facts.place[rows["case_key"].to_numpy(np.int64)]
    return rows.assign(case=place)[place >= 0].reset_index(drop=True)


def _since(facts: Facts, case: NDArray[np.int64], time: Times, moment: int) -> Floats:
    """Days since the last of some times of each case; NaN where there is none."""
    last = np.full(len(facts), np.iinfo(np.int64).min)
    np.maximum.at(last, case, time)
    some = np.flatnonzero(last > np.iinfo(np.int64).min)
    days = np.full(len(facts), np.nan)
    days[some] = facts.elapsed(some, last[some], moment)
    return days


def gaps(facts: Facts, over: Times) -> pd.DataFrame | None:
    """How long each customer was silent while the deal was open: from each contact in which the customer took part to the next.

    Parameters
    ----------
    over
        When each deal ended, which ends a silence too; NEVER where it has not.

    Returns
    -------
    One row per contact: `case` (row of the facts), `start, end` (microseconds, NEVER where the silence lasts). None where the log
    tells of no contacts.
    """
    rows = _rows(facts)
    if rows is None:
        return None
    time = rows["time"].to_numpy(np.int64)
    some = rows["two_way"].to_numpy(bool) & (time <= facts.until) & (time < over[rows["case"].to_numpy(np.int64)])
    found = rows.loc[some, ["case", "time"]].sort_values(["case", "time"], ignore_index=True)
    case, start = found["case"].to_numpy(np.int64), found["time"].to_numpy(np.int64)
    end = over[case]
    later = np.flatnonzero(case[1:] == case[:-1])
    end[later] = start[later + 1]
    return pd.DataFrame({"case": case, "start": start, "end": end})
