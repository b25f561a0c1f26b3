"""How long does it take from here to there, and for whom longer?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.discover import happy_path
from l2c.log import EventLog, several
from l2c.measures.facts import NEVER, Facts
from l2c.measures.followed import fastest_curve, middle
from l2c.measures.observations import observations
from l2c.measures.spans import OPEN, OTHERWISE, Observations, durations, spans
from l2c.prepare.pseudonyms import grouped
from l2c.stats import SMALLEST_SAMPLE, Curve
from l2c.words import vocabulary
from l2c.words.errors import UnknownName

# A curve is drawn, not computed with: steps of a two-thousandth are as fine as a screen.
CURVE_STEPS = 2000
COMPARED = ("region", "team", "rep", "product", "segment", "lead_source")


def times(
    log: EventLog, *, start: str, end: str | tuple[str, ...], by: str | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Median days from one activity to another, open cases included.

    Parameters
    ----------
    start, end
        Activities; of several ends the first one counts. Repeated ones: first to first.
    by
        A case attribute: one row per value.
    level
        Level of the intervals.

    Returns
    -------
    One row, or one per group, largest first: the attribute, `value, low, high` in days (NaN where fewer than half are
    there yet), `cases` (open ones included), `censored` (open ones), `note` (what to know, or None), `bound_low, bound_high`
    (between what the median lies, whatever becomes of the open ones; NaN where that hardly matters). The numbers are those of
    the key figure about the two activities, where there is one.

    Raises
    ------
    UnknownName
        If an activity or the attribute is not in the log.

    Notes
    -----
    Open cases are censored at the extraction, lost deals and refusals (a quote turned down) compete, cases that went on without the end are left out,
    negative durations are left out and counted: see `l2c.measures.spans`; of the bounds, `l2c.measures.followed.middle`.
    """
    return _medians(_groups(log, _between(log, start, end), by), by, level)


def _medians(groups: Iterator[tuple[object, Observations]], by: str | None, level: float) -> pd.DataFrame:
    """A row of `times` for each group."""
    rows = []
    for group, found in groups:
        waiting = int((found.how != OTHERWISE).sum())
        half = middle(found, level)
        still = int((found.how == OPEN).sum())
        rows.append((group, *half.estimate, waiting, still, found.note, half.least, half.most))
    columns = ["group", "value", "low", "high", "cases", "censored", "note", "bound_low", "bound_high"]
    table = pd.DataFrame(rows, columns=columns)
    numbers = ["value", "low", "high", "bound_low", "bound_high"]
    table = table.astype(dict.fromkeys(numbers, float)).astype({"note": object})
    if by is None:
        return table.drop(columns="group")
    table = table[table["cases"] > 0].sort_values(["cases", "group"], ascending=[False, True], ignore_index=True)
    return table.rename(columns={"group": by})


def survival(
    log: EventLog, *, start: str, end: str | tuple[str, ...], by: str | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Share of the cases that have not got there yet, day by day.

    Parameters
    ----------
    start, end, by, level
        As in `times`.

    Returns
    -------
    The curve, one row per step of it, ordered by group and `days`: the attribute asked for; `days`; `survival, low,
    high`; `at_risk` (cases still watched just before); `events` (cases that got there or ended otherwise at that step);
    `bound_low, bound_high` (between what the share lies, whatever becomes of the open ones; NaN where that hardly matters).
    """
    return _curves(_groups(log, _between(log, start, end), by), by, level)


def _curves(groups: Iterator[tuple[object, Observations]], by: str | None, level: float) -> pd.DataFrame:
    """A row of `survival` for each step of the curve of each group."""
    parts = []
    for group, found in groups:
        curve = found.curve(level)
        least, most = _bounds(found, curve, level)
        # The first step at or below each multiple of 1/CURVE_STEPS, so that medians and quartiles stay exact.
        grade = np.ceil(curve.share * CURVE_STEPS - 1e-9)
        kept = np.append(True, grade[1:] < grade[:-1])[: len(grade)]
        lower = np.ceil(np.nan_to_num(least) * CURVE_STEPS - 1e-9)
        kept[1:] |= lower[1:] < lower[:-1]
        kept[-1:] = True
        part = pd.DataFrame(
            {
                "days": curve.time[kept],
                "survival": curve.share[kept],
                "low": curve.low[kept],
                "high": curve.high[kept],
                "at_risk": curve.at_risk[kept],
                "events": np.diff(curve.ended.cumsum()[kept], prepend=0),
                "bound_low": least[kept],
                "bound_high": most[kept],
            }
        )
        if by is not None:
            part.insert(0, by, pd.Series([group] * len(part), dtype=object))
        parts.append(part)
    columns = [*([by] if by else []), "days", "survival", "low", "high", "at_risk", "events", "bound_low", "bound_high"]
    known = [part for part in parts if len(part)]
    return pd.concat(known, ignore_index=True) if known else pd.DataFrame(columns=columns, dtype=float)


def _bounds(found: Observations, curve: Curve, level: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Between what the curve lies: if none of those open at its end gets there, and if all do."""
    fastest = fastest_curve(found, curve, level)
    if fastest is None:
        nothing = np.full(len(curve.time), np.nan)
        return nothing, nothing
    place = np.searchsorted(fastest.time, curve.time, "right") - 1
    low = np.where(np.isnan(fastest.low), fastest.share, fastest.low)
    return np.where(place < 0, 1.0, low[np.maximum(place, 0)]), curve.high


def cycle(log: EventLog, *, by: str | None = None) -> pd.DataFrame:
    """Survival curve of the sales cycle: Opportunity Created to closed, won or lost.

    Returns
    -------
    As `survival`. In a log without Opportunity Created the cycle begins with the first event of a case; wherever the
    log knows what is won or lost it ends with that, whatever tells it; only a log that knows no outcomes runs from
    the first to the last activity of its happy path.
    """
    return _curves(_groups(log, _cycle(log), by), by, 0.95)


def cycle_by(log: EventLog, *, attributes: tuple[str, ...] = COMPARED, level: float = 0.95) -> pd.DataFrame:
    """Median sales cycle (see `cycle`) by each value of some case attributes.

    Returns
    -------
    `attribute, group, value, low, high, cases, censored`, by attribute, slowest group first. Groups of fewer than 20
    cases are not named. Differences between groups are not causes: regions differ in more than their name.
    """
    found = _cycle(log)
    parts = [
        _medians(_groups(log, found, name), name, level).rename(columns={name: "group"}).assign(attribute=name)
        for name in attributes
        if name in log.attributes
    ]
    columns = ["attribute", "group", "value", "low", "high", "cases", "censored"]
    if not parts:
        return pd.DataFrame(columns=columns)
    table = pd.concat(parts, ignore_index=True)
    table["_place"] = table["attribute"].map(attributes.index)
    named = table[(table["cases"] >= SMALLEST_SAMPLE) & table["group"].notna()]
    order = named.sort_values(["_place", "value", "group"], ascending=[True, False, True], ignore_index=True)
    return order[columns]


def _cycle(log: EventLog) -> Observations:
    """The cycle that a log is about."""
    facts = Facts.of(log)
    closing = tuple(name for name in vocabulary.closings() if name in log.activities)
    opened = "Opportunity Created" in log.activities
    if opened and closing:
        return observations(facts, "sales_cycle_days")
    if log.base.knows_outcomes:
        began = facts.first("Opportunity Created") if opened else facts.column("started")
        cases = np.flatnonzero((began != NEVER) & facts.deal)
        ended = np.minimum(facts.won, facts.lost)[cases]
        never = np.full(len(cases), NEVER)
        return spans(facts, cases, began[cases], ended, never, np.zeros(len(cases), bool), facts.unit(*log.activities))
    path = happy_path(EventLog(log.base))
    # A single activity is no way from here to there.
    return durations(facts, (path[0],), (path[-1],)) if len(path) > 1 else durations(facts, ("",), ("",))


def _between(log: EventLog, start: str, end: str | tuple[str, ...]) -> Observations:
    """From one activity to another that the log has."""
    ends = (end,) if isinstance(end, str) else tuple(end)
    for name in (start, *ends):
        if name not in log.activities and log.activities:
            raise UnknownName.activity(name, log.activities)
    rivals = tuple(
        name for name in vocabulary.refused(start) if name not in ends and set(ends) & set(vocabulary.answers(start))
    )
    return durations(Facts.of(log), (start,), ends, rivals=rivals)


def _groups(log: EventLog, found: Observations, by: str | None) -> Iterator[tuple[object, Observations]]:
    """The durations of the whole log, or of each group."""
    if by is not None and by not in log.attributes:
        raise UnknownName.attribute(by, log.attributes)
    if by is None:
        yield None, found
        return
    # Rows of the facts and of this table are the same cases in the same order.
    values = grouped(Facts.of(log).attribute(by), log, by)
    codes, names = pd.factorize(values, use_na_sentinel=False)
    for name, some in several.groups(log.base, by, list(names)):
        yield (None if pd.isna(name) else name), found.of(several.among(codes, some))
