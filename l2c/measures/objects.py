"""How long for each invoice, quote, approval, where a deal has several?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.log import again
from l2c.log.zone import Clock
from l2c.measures.facts import DAY, NEVER, Facts, Flags, Times, as_times
from l2c.measures.spans import Observations, spans
from l2c.words import vocabulary

if TYPE_CHECKING:
    from l2c.log.base import Base

LEAD = "Lead Created"


class Objects(NamedTuple):
    """The objects of a whole log, by the key of their case: when each began, ended, or was called off (else NEVER)."""

    case_key: NDArray[np.int64]
    start: Times
    end: Times
    off: Times


def pairs(base: Base, start: str, *ends: str, off: tuple[str, ...] = ()) -> Objects:
    """First start, first end and first calling-off after the start of each object that has a start, once for a whole log.

    Parameters
    ----------
    off
        What calls an object off, besides a refusal that answers its start: a quote that is turned down waits no more.

    Notes
    -----
    An object is what `object_id` names. Where the ends of a case name none of its starts (a payment with an id of
    its own) the case is one object: its first start and its first end.
    """
    if not set(ends) & set(base.activities):
        none = np.zeros(0, np.int64)
        return Objects(none, none, none, none)
    off = tuple(sorted({*off, *vocabulary.refused(start)} - set(ends)))
    return base.memo(("pairs", start, ends, off), lambda: _by_object(base, start, ends, off))


def decisions(base: Base, names: tuple[str, ...]) -> Objects:
    """Requests (the first of some activities) and the next decision (any of the others) after each."""
    return base.memo(("decisions", names), lambda: _rounds(base, names))


def followed(base: Base, *activities: str) -> Objects:
    """Objects, each by its id where the log knows it, and the next event of the case that begins no other."""
    return base.memo(("followed", activities), lambda: _followed(base, activities))


def numbered(base: Base, activity: str) -> bool:
    """Whether a log tells the objects apart that begin with an activity: some event of it bears an id."""
    import narwhals as nw

    def asked() -> bool:
        there = base.events.collect_schema().names()
        column = "lead_id" if activity == LEAD and "lead_id" in there else "object_id"
        if column not in there:
            return False
        rows = base.events.filter((nw.col("activity") == activity) & ~nw.col(column).is_null())
        return bool(engine.collect(rows.select(n=nw.len()))["n"].iloc[0])

    return base.memo(("numbered", activity), asked)


def told_apart(base: Base, start: str, ends: Sequence[str]) -> tuple[str, ...]:
    """Of some ends those that are of one document with a start: of its phase, or (an invoice under the number of its order) with its number.

    None where the log does not number what begins.
    """
    there = [name for name in ends if name in base.activities]
    if not again.is_document(start) or not there or not numbered(base, start):
        return ()
    alike = tuple(name for name in there if vocabulary.phase_of(name) == vocabulary.phase_of(start))
    return alike or (tuple(there) if _share(base, start, there) else ())


def _share(base: Base, start: str, ends: list[str]) -> bool:
    """Whether a start and an end of some case bear one number."""
    import narwhals as nw

    def asked() -> bool:
        rows = base.events.filter(nw.col("activity").is_in([start, *ends]) & ~nw.col("object_id").is_null())
        begun = (nw.col("activity") == start).cast(nw.Int64())
        both = rows.group_by("case_key", "object_id").agg(least=begun.min(), most=begun.max())
        found = engine.collect(both.filter(nw.col("least") < nw.col("most")).select(n=nw.len()))
        return bool(found["n"].iloc[0])

    return base.memo(("share", start, tuple(ends)), asked)


def object_spans(facts: Facts, found: Objects, *, of_sale: bool, unit: int, past: Flags | None = None) -> Observations:
    """Times from start to end of the objects of the cases in hand.

    Parameters
    ----------
    of_sale
        Whether the close of the deal, won or lost, ends the wait for good.
    past
        Which cases have gone on to what comes after the end.
    """
    place = facts.place[found.case_key]
    here = (place >= 0) & (found.start <= facts.until)
    case, start = place[here], found.start[here]
    end, stop = (np.where(times[here] > facts.until, NEVER, times[here]) for times in (found.end, found.off))
    if of_sale:
        stop = np.minimum(stop, np.minimum(facts.lost, facts.won)[case])
    gone_on = np.zeros(len(case), bool) if past is None else past[case]
    return spans(facts, case, start, end, stop, gone_on, unit)


def _by_object(base: Base, start: str, ends: tuple[str, ...], off: tuple[str, ...]) -> Objects:
    import narwhals as nw

    by = _object_columns(base)

    def of(*activities: str) -> nw.Expr:
        return nw.when(nw.col("activity").is_in(list(activities))).then(nw.col("time"))

    wanted = {"start": of(start).min(), "end": of(*ends).min()}
    if off:
        wanted |= {"off": of(*off).min(), "last": of(*off).max()}
    rows = engine.collect(
        base.events.filter(nw.col("activity").is_in([start, *ends, *off]))
        .group_by(*by)
        .agg(**wanted)
        .with_columns(named=~nw.col(by[-1]).is_null())
        .drop(by[1:])
    )
    rows = rows.sort_values("case_key", kind="stable", ignore_index=True)
    case, named = rows["case_key"].to_numpy(np.int64), rows["named"].to_numpy(bool)
    never = np.full(len(rows), NEVER)
    off_at, last = (_times(rows, "off"), _times(rows, "last")) if off else (never, never)
    return _matched(base.clock, case, _times(rows, "start"), _times(rows, "end"), off_at, last, named)


def _matched(
    clock: Clock, case: NDArray[np.int64], start: Times, end: Times, off: Times, last: Times, named: Flags
) -> Objects:
    """Keep the objects of the cases whose starts and ends share an id; make one object of each other case."""
    if not len(case):
        return Objects(case, start, end, off)
    last = np.where(last == NEVER, -1, last)
    first = np.concatenate([[True], case[1:] != case[:-1]])
    group, heads = np.cumsum(first) - 1, np.flatnonzero(first)
    both = named & (start != NEVER) & (np.minimum(end, off) != NEVER)
    ends = np.minimum(np.minimum.reduceat(end, heads), np.minimum.reduceat(off, heads))
    whole = ~np.logical_or.reduceat(both, heads) & (ends != NEVER)
    single = ~whole[group] & (start != NEVER)
    merged = whole & (np.minimum.reduceat(start, heads) != NEVER)
    case, start, end, off = (
        np.concatenate([column[single], np.minimum.reduceat(column, heads)[merged]])
        for column in (case, start, end, off)
    )
    last = np.concatenate([last[single], np.maximum.reduceat(last, heads)[merged]])
    return Objects(case, start, end, _after(clock, start, off, last))


def _after(clock: Clock, start: Times, off: Times, last: Times) -> Times:
    """When each was called off after it began: what was refused before it was sent is no answer to it.

    A bare date of the same day counts as after.
    """
    found = np.full(len(start), NEVER)
    for time in (last, off):
        same_day = (time % DAY == 0) & (clock.days(time) == clock.days(start))
        found = np.where(((time >= start) | same_day) & (time != NEVER), np.maximum(time, start), found)
    return found


def _rounds(base: Base, names: tuple[str, ...]) -> Objects:
    import narwhals as nw

    by = _object_columns(base)
    chosen = base.events.filter(nw.col("activity").is_in(list(names)))
    rows = engine.collect(chosen.select(*by, "position", "activity", "time"))
    request = rows["activity"] == names[0]
    if len(by) == 2:
        # Where some decision of a case has another id than every request, the ids of that case do not help.
        asked = request.groupby([rows[c] for c in by], dropna=False).transform("any")
        rows["object_id"] = (
            rows["object_id"].astype(object).fillna("").where(asked.groupby(rows["case_key"]).transform("all"), "")
        )
    rows = rows.assign(request=request).sort_values([*by, "position"], ignore_index=True)
    asking = rows["request"].to_numpy(bool)
    group = rows.groupby(by, sort=False).ngroup().to_numpy()
    new = np.concatenate([[True], group[1:] != group[:-1]])[: len(group)]
    first = np.flatnonzero(asking & (new | np.concatenate([[True], ~asking[:-1]])[: len(asking)]))
    decisions = np.append(np.flatnonzero(~asking), len(rows))
    following = decisions[np.searchsorted(decisions, first)]
    same = np.append(group, -1)[following] == group[first]
    end = np.where(same, np.append(_times(rows, "time"), NEVER)[following], NEVER)
    case = rows["case_key"].to_numpy(np.int64)[first]
    order = np.argsort(case, kind="stable")
    return Objects(case[order], _times(rows, "time")[first][order], end[order], np.full(len(first), NEVER))


def _followed(base: Base, activities: tuple[str, ...]) -> Objects:
    import narwhals as nw

    there = [name for name in ("lead_id", "object_id") if name in base.events.collect_schema().names()]
    columns = ["case_key", "position", "time", "wait_days", "next_activity", *there]
    # A wait leads back to the moment of the next event in calendar time only.
    chosen = base.plain.events.filter(nw.col("activity").is_in(list(activities)))
    rows = engine.collect(chosen.select(*columns))
    rows = rows.sort_values(["case_key", "position"], ignore_index=True)
    case, start, wait = (
        rows["case_key"].to_numpy(np.int64),
        _times(rows, "time"),
        rows["wait_days"].to_numpy(np.float64),
    )
    end = np.where(np.isnan(wait), NEVER, start + np.rint(np.nan_to_num(wait) * DAY).astype(np.int64))
    # What follows a lead that another lead follows is what follows that one.
    for row in np.flatnonzero(rows["next_activity"].isin(activities).to_numpy(bool))[::-1]:
        end[row] = end[row + 1]
    known = pd.Series(None, rows.index, object)
    for name in there:
        known = known.where(known.notna(), rows[name].astype(object))
    kept = ~pd.DataFrame({"case": case, "object": known.fillna("")}).duplicated().to_numpy()
    return Objects(case[kept], start[kept], end[kept], np.full(int(kept.sum()), NEVER))


def _object_columns(base: Base) -> list[str]:
    return ["case_key", "object_id"] if "object_id" in base.events.collect_schema().names() else ["case_key"]


def _times(rows: pd.DataFrame, column: str) -> Times:
    return as_times(rows[column].to_numpy())
