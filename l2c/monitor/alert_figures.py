"""Which key figures miss their targets, which rules are broken more often than they were, which steps have become slower?"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from l2c import stats
from l2c.kpis import figures
from l2c.log import EventLog
from l2c.measures.facts import DAY, Facts
from l2c.measures.spans import accounts
from l2c.measures.summary import measured
from l2c.monitor.alert_file import TARGET, Alert
from l2c.monitor.asked import aims
from l2c.monitor.when import EPOCH
from l2c.stats import SMALLEST_SAMPLE
from l2c.stats.power import FALSE_ALARMS
from l2c.words.errors import BadAlerts
from l2c.words.notes import Note

# So far back it is asked how often an alert would have fired.
MONTHS_BACK, WEEKS_BACK = 12, 52
MONTH = 365.25 / 12 * DAY
HALF_A_YEAR = 182 * DAY
# Half years of which monthly ones overlap count as so many looks a year.
LOOKS_A_YEAR = 6


def known(log: EventLog) -> list[str]:
    """The key figures of a log of which it can be said whether more of it is worse."""
    return [id for id, measure in figures(log).items() if measure.worse != "none"]


def judged(
    log: EventLog, alert: Alert, source: str | Path | None
) -> tuple[pd.DataFrame, tuple[float, int], Note | None]:
    """Key figures beyond a limit: `kpi, value, unit, limit, text`; how often, in how many weeks; what cannot be judged.

    Notes
    -----
    A key figure is alarming once all of its interval is on the wrong side, and a target once its day has come.
    """
    facts = Facts.of(log)
    limits = _limits(log, alert, source, facts.today)
    if not limits:
        return _rows([]), (0.0, 0), Note("alert_no_targets")
    rows: list[tuple[object, ...]] = []
    for kpi, limit in limits.items():
        measure = log.base.measures[kpi]
        found = measured(facts, kpi).estimate
        if _beyond(*found, limit, measure.worse):
            said = Note("alert_kpi", low=_short(found.low), high=_short(found.high)) if found.low == found.low else Note("alert_kpi_exact")  # fmt: skip
            rows.append((kpi, found.value, measure.unit, limit, said))
    return _rows(rows), _fired(log, facts, limits), None


def shares(facts: Facts, broken: pd.DataFrame, names: list[str]) -> tuple[pd.DataFrame, tuple[float, int], Note | None]:
    """Rules that are broken more often than they were: `kpi, value, unit, limit, text`; see `judged`.

    Parameters
    ----------
    broken
        Every case that breaks a rule, and when: `rule, case, time`.
    names
        The rules that are watched.

    Notes
    -----
    Of the cases that began in the last half year the share that has broken the rule by now, against those that began in the half year
    before, as it was half a year ago: both are seen for equally long. The difference is Newcombe's, its level such that of all
    rules together one in twenty years has a false alarm, taking six looks a year as independent.
    """
    least = facts.until - 2 * HALF_A_YEAR - facts.watched[0]
    if least < 0:
        return _rows([]), (0.0, 0), Note("alert_no_year")
    months = int(min(MONTHS_BACK, least // MONTH))
    rows: list[tuple[object, ...]] = []
    count, was = 0, None
    for back in range(months, -1, -1):
        rows = list(_more(facts, broken, names, int(facts.until - back * MONTH)))
        now = {row[0] for row in rows}
        count += 0 if was is None else len(now - was)
        was = now
    return _rows(rows), (float(count), int(months * MONTH // (7 * DAY))), None


def slower(table: pd.DataFrame) -> tuple[pd.DataFrame, tuple[float, int], Note | None]:
    """Steps that go slower than expected, by what `monitor.pace` tells of each step and week; as `judged`, with `since`."""
    watched = table[table["cusum"].notna()].sort_values("week")
    rows, count = [], 0
    for _, part in watched.groupby("step", sort=True):
        alarm = (part["alarm"] & (part["cusum"] < 0)).to_numpy(bool)
        count += int((alarm[1:] & ~alarm[:-1])[-WEEKS_BACK:].sum())
        now = part.iloc[-1]
        if alarm[-1] and now["week"] == watched["week"].max():
            low, high = (round(float(now[name]), 2) for name in ("since_low", "since_high"))
            said = Note(
                "alert_pace",
                since=f"{now['since']:%Y-%m-%d}",
                ratio=round(float(now["since_ratio"]), 2),
                low=low,
                high=high,
            )
            rows.append((" → ".join(now["step"]), float(now["since_ratio"]), "ratio", np.nan, said, now["since"]))
    found = pd.DataFrame(rows, columns=["kpi", "value", "unit", "limit", "text", "since"])
    note = table.attrs.get("note")
    return found, (float(count), int(min(WEEKS_BACK, max(watched["week"].nunique() - 1, 0)))), note


def _more(facts: Facts, broken: pd.DataFrame, names: list[str], until: int) -> Iterator[tuple[object, ...]]:
    """The rules that are broken more often than half a year before a moment."""
    began, level = facts.column("started"), 1 - 2 * FALSE_ALARMS / (LOOKS_A_YEAR * max(len(names), 1))
    ends = (until, until - HALF_A_YEAR)
    sides = [np.flatnonzero((began >= end - HALF_A_YEAR) & (began < end)) for end in ends]
    if min(map(len, sides)) < SMALLEST_SAMPLE:
        return
    for name in names:
        of_rule = broken[broken["rule"] == name]
        found = []
        for end, side in zip(ends, sides, strict=True):
            flag = np.zeros(len(facts), bool)
            flag[of_rule.loc[of_rule["time"] <= end, "case"]] = True
            found.append(stats.share(flag[side], level, accounts(facts, side)))
        after, before = found
        if stats.rate_difference(after, before).low > 0:
            said = Note("alert_share", days=HALF_A_YEAR // DAY, after=after.value, before=before.value)
            yield name, after.value, "fraction", before.value, said


def _limits(log: EventLog, alert: Alert, source: str | Path | None, today: int) -> dict[str, float]:
    """The limit of each key figure that is watched."""
    if alert.limit != TARGET:
        return {alert.measure: float(alert.limit)}  # type: ignore[arg-type]
    targets = aims(log, source)
    due = {kpi for kpi, target in targets.items() if _due(target.by) <= today}
    if not alert.measure:
        return {kpi: target.to for kpi, target in targets.items() if kpi in due and kpi in known(log)}
    if alert.measure not in targets:
        raise BadAlerts.no_target(alert.place, alert.measure)
    return {alert.measure: targets[alert.measure].to} if alert.measure in due else {}


def _due(by: str) -> int:
    """The day on which a target shall be met, of a month the last one; long ago where none was said."""
    if not by:
        return 0
    day = date.fromisoformat(by if len(by) > 7 else f"{by}-01")
    last = day if len(by) > 7 else day.replace(day=monthrange(day.year, day.month)[1])
    return last.toordinal() - EPOCH


def _beyond(value: float, low: float, high: float, limit: float, worse: str) -> bool:
    """Whether a number is on the wrong side of a limit, with all of its interval where it has one."""
    if worse == "more":
        return bool((low if low == low else value) > limit)
    return bool((high if high == high else value) < limit)


def _fired(log: EventLog, facts: Facts, limits: dict[str, float]) -> tuple[float, int]:
    """How often a key figure came to be alarming in the last year, looked at once a month."""
    months = int(min(MONTHS_BACK, max((facts.until - facts.watched[0]) // MONTH, 0)))
    count = 0
    for kpi, limit in limits.items():
        worse = log.base.measures[kpi].worse
        was = None
        for back in range(months, -1, -1):
            then = Facts.of(log, until=int(facts.until - back * MONTH))
            now = _beyond(*measured(then, kpi).estimate, limit, worse)
            count += bool(now and was is False)
            was = now
    return float(count), int(months * MONTH // (7 * DAY))


def _rows(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["kpi", "value", "unit", "limit", "text"])


def _short(value: float) -> float:
    return float(f"{value:.3g}") if np.isfinite(value) else value
