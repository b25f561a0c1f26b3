"""How long do cases stay before they go on, with those that have not gone on yet?

The median of the steps that were taken is that of the quick ones, as long as slow cases are still waiting. Here they
count: of all who were at an activity, some went on to one activity, some to another, some are there still.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2c import engine
from l2c.discover import silence
from l2c.log import EventLog
from l2c.log.base import WORKING
from l2c.log.columns import MICROSECONDS_A_DAY
from l2c.log.outcomes import STATUSES
from l2c.log.zone import micros
from l2c.stats import competing

if TYPE_CHECKING:
    import pandas as pd

    from l2c.log.base import Base

# Steps of larger logs are counted where they lie, by waits that differ by less than a two-hundredth.
LISTED_UP_TO = 5_000_000
FINENESS = 200.0
# What did not end in a step: still there, or over (a lead that has gone silent).
OPEN, OVER = -1, -2


class Stays(NamedTuple):
    """Stays at activities, ordered by activity, days, and whether they ended; a place per stay, or per so many alike.

    Attributes
    ----------
    case
        `case_key`, or None where they are only counted.
    activity, step
        Places among `activities` and `steps`; of the step OPEN or OVER where it was not left.
    days, entry
        How long, and from when on it was watched (late entry); `entry` is None where all were watched from the start.
    many
        How many are alike, or None where each stands for itself.
    activities, steps
        Names, and pairs of them.
    began
        Microseconds since 1970 at which each began, or None where that was not asked for.
    """

    case: NDArray[Any] | None
    activity: NDArray[Any]
    step: NDArray[Any]
    days: NDArray[np.float64]
    entry: NDArray[np.float64] | None
    many: NDArray[np.float64] | None
    activities: tuple[str, ...]
    steps: tuple[tuple[str, str], ...]
    began: NDArray[np.int64] | None = None

    def of(self, kept: NDArray[np.bool_]) -> Stays:
        """Some of the stays."""
        rows = {name: getattr(self, name) for name in ("case", "activity", "step", "days", "entry", "many", "began")}
        return self._replace(**{name: values[kept] for name, values in rows.items() if values is not None})

    def quantiles(self, *shares: float) -> NDArray[np.float64]:
        """Days by which some shares of those that take each step have taken it: a row per step, a column per share."""
        return competing.quantiles(self.weights(), shares)

    def weights(self) -> competing.Weights:
        """What each stay that ended counts for."""
        sizes = len(self.activities), len(self.steps)
        return competing.weights(self.activity, self.step, self.days, *sizes, self.entry, self.many)

    def waiting(self) -> NDArray[np.bool_]:
        """Which are still there."""
        return np.asarray(self.step == OPEN)


def stays(log: EventLog, *, dated: bool = False) -> Stays:
    """The stays of the cases of a log at the activities of its events.

    Parameters
    ----------
    dated
        Whether to tell when each began; they are listed then, however many there are.

    Notes
    -----
    A case that has not ended (see `Base.final`) is still at its last activity, watched until the extraction; a lead that
    has gone silent (`silence.waits`) is over, as in the funnel, and so is a silent case where nothing tells outcomes. In
    a part of a process whatever was cut off is left out. Of a log of more than five million events waits are rounded to
    half a percent.
    """
    if dated:
        whole = log.base.memo("dated stays", lambda: _listed(log.base, dated=True))
    elif log.n_events > LISTED_UP_TO:
        return _counted(log)
    else:
        whole = log.base.memo("stays", lambda: _listed(log.base))
    if not log.conditions or whole.case is None or not len(whole.case):
        return whole
    kept = np.zeros(int(whole.case.max()) + 1, bool)
    keys = log.kept()
    kept[keys[keys < len(kept)]] = True
    return whole.of(kept[whole.case])


def _listed(base: Base, *, dated: bool = False) -> Stays:
    """Every stay of a whole log."""
    import narwhals as nw
    import pandas as pd

    moved = base.events.filter(~nw.col("next_activity").is_null())
    columns = ["case_key", "activity", "next_activity", "wait_days"]
    if dated or base.history_start is not None:
        columns.append("time")
    rows = engine.fetch(moved.select(*columns)).to_pandas(strings_to_categorical=True)
    rows["over"] = False
    parts = [_coded(rows, base), _coded(_standing(EventLog(base)), base)]
    return _ordered(pd.concat(parts, ignore_index=True), base, dated=dated)


def _counted(log: EventLog) -> Stays:
    """Stays that were left, counted in the engine by steps of half a percent; those that were not, each for itself."""
    import narwhals as nw
    import pandas as pd

    moved = log.events.filter(~nw.col("next_activity").is_null())
    step, days = ["activity", "next_activity"], nw.col("wait_days")
    parts = []
    if log.history_start is not None:
        # What began before anything was watched is not rounded: it entered late.
        early = nw.col("time") < engine.moment(log.history_start, log.base.home)
        rows = engine.collect(moved.filter(early).select(*step, "wait_days", "time"))
        parts.append(rows.assign(count=1.0))
        moved = moved.filter(~early)
    # A second is nobody's wait, and has a logarithm.
    grade = ((days + 1e-5).log() * FINENESS).round().alias("grade")
    found = moved.select(*step, "wait_days", grade).group_by(*step, "grade").agg(days.mean(), count=nw.len())
    parts = [engine.collect(found), *parts]
    standing = _standing(log).assign(count=1.0)
    parts = [_coded(part, log.base) for part in (*parts, standing)]
    return _ordered(pd.concat(parts, ignore_index=True).drop(columns=["case_key", "grade"]), log.base)


def _standing(log: EventLog) -> pd.DataFrame:
    """Cases that have not gone on: `case_key, activity, wait_days, time` (of their last event), `over`."""
    import pandas as pd

    base = log.base
    rows = silence.standing(log, [status for status in STATUSES if status not in base.final])
    told = base.knows_outcomes
    rows["over"] = rows["silent"] & (rows["lead"] if told else True)
    if _is_part(base):
        rows = rows[rows["case_key"].isin(_uncut(base))]
    # What happened after the extraction is no wait.
    rows["wait_days"] = rows["days"].clip(lower=0.0)
    rows["time"] = rows["ended"]
    return pd.DataFrame(rows[["case_key", "activity", "wait_days", "time", "over"]])


def _is_part(base: Base) -> bool:
    return "whole_lead" in base.cases.collect_schema().names()


def _uncut(base: Base) -> NDArray[np.int64]:
    """The cases whose last event in a part of the process is their last one."""

    def found() -> NDArray[np.int64]:
        if base.whole is None:
            return np.empty(0, np.int64)
        own, whole = (engine.collect(each.cases.select("case_key", "ended")) for each in (base, base.whole.plain))
        both = own.merge(whole, on="case_key")
        return both.loc[both["ended_x"] == both["ended_y"], "case_key"].to_numpy(np.int64)

    return base.memo("uncut", found)


def _coded(rows: pd.DataFrame, base: Base) -> pd.DataFrame:
    """The same rows, activities as their places; -1 where none came next."""
    import pandas as pd

    place = {name: at for at, name in enumerate(base.activities)}
    for name in ("activity", "next_activity"):
        column = rows[name] if name in rows else pd.Series(None, rows.index, object)
        # Of a million rows only the few names are looked up.
        codes, known = pd.factorize(column)
        rows[name] = np.append([place[str(each)] for each in known], -1).astype(np.int64)[codes]
    return rows


def _ordered(rows: pd.DataFrame, base: Base, *, dated: bool = False) -> Stays:
    """Rows as arrays in the order in which curves are counted."""
    names = base.activities
    here, there = (rows[name].to_numpy(np.int64) for name in ("activity", "next_activity"))
    gone = there >= 0
    pairs, step = np.unique((here * len(names) + there)[gone], return_inverse=True)
    steps = tuple((names[pair // len(names)], names[pair % len(names)]) for pair in pairs)
    which = np.where(rows["over"].fillna(False).to_numpy(bool), OVER, OPEN)
    which[gone] = step
    days = rows["wait_days"].to_numpy(np.float64)
    order = np.lexsort((which == OPEN, days, here))
    entry = None
    if base.history_start is not None:
        entry = _late(rows["time"], base)[order]
    small = np.int16 if len(steps) < np.iinfo(np.int16).max else np.int32
    return Stays(
        rows["case_key"].to_numpy(np.int64)[order] if "case_key" in rows else None,
        here.astype(np.int32)[order], which.astype(small)[order], days[order], entry,
        rows["count"].to_numpy(np.float64)[order] if "count" in rows else None, names, steps,
        rows["time"].to_numpy("datetime64[us]").astype(np.int64)[order] if dated else None,
    )  # fmt: skip


def _late(time: pd.Series[Any], base: Base) -> NDArray[np.float64]:
    """Days from each time to the day since which events were recorded; 0 where it was recorded."""
    began, since = time.to_numpy("datetime64[us]").astype(np.int64), micros(base.extracted)
    since = since if base.history_start is None else micros(base.history_start)
    began = np.minimum(began, since)
    if base.hours == WORKING:
        # The hours of all stand for those of the place of each case.
        return np.asarray(base.working.days(began, np.full(len(began), since), None))
    return np.asarray((since - began) / MICROSECONDS_A_DAY)
