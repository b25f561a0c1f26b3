"""What does one alert find in a log, and how often would it have fired?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.diagnose.rules.compliance import case_ids
from l2c.diagnose.rules.files import SEVERITY, rules
from l2c.log import EventLog
from l2c.measures.facts import DAY, NEVER, Facts, Times
from l2c.monitor import alert_figures
from l2c.monitor.alert_file import DEALS, INVOICES, KPIS, MEASURES, RULES, STEPS, Alert, Learnt
from l2c.monitor.limits import Limits, learnt
from l2c.monitor.pace import pace
from l2c.monitor.pipeline.chances import chances
from l2c.monitor.pipeline.foretold import FORETOLD, with_foretold, with_late_shares
from l2c.monitor.then import attribute_then, moment
from l2c.monitor.watching import Rows, Watched, broken_rules, open_deals, open_invoices, violations
from l2c.monitor.when import TEXT, Condition, Table, condition
from l2c.words.errors import BadAlerts
from l2c.words.notes import Note, several

WEEK = 7 * DAY
COLUMNS = ("alert", "watch", "case_id", "kpi", "value", "unit", "limit", "since", "days_over", "amount", "severity", "fired", "weeks", "text")  # fmt: skip
File = str | Path | None


@dataclass(frozen=True)
class Judged:
    """What an alert finds: its rows, how often it would have fired in how many weeks, and what could not be watched."""

    rows: pd.DataFrame
    fired: tuple[float, int]
    note: Note | None = None


@dataclass(frozen=True)
class Fires:
    """What of some rows is alarming: their places, values, limits, and whether a limit is that of a parent."""

    row: NDArray[np.int64]
    value: NDArray[np.float64]
    limit: NDArray[np.float64]
    parent: NDArray[np.bool_]


@dataclass(eq=False)
class Judge:
    """What is made of a log once for all alerts."""

    log: EventLog
    rules: File
    register: File
    _watched: dict[str, Watched] = field(default_factory=dict)

    @cached_property
    def facts(self) -> Facts:
        """The cases in hand."""
        return Facts.of(self.log)

    @property
    def kpis(self) -> list[str]:
        """The key figures that can be watched."""
        return alert_figures.known(self.log)

    @property
    def _tables(self) -> dict[str, Callable[[], Watched]]:
        return {
            DEALS: lambda: with_foretold(open_deals(self.facts, self.rules)),
            INVOICES: lambda: with_late_shares(open_invoices(self.facts)),
            RULES: lambda: broken_rules(self.facts, self.rules),
        }

    def watched(self, watch: str) -> Watched:
        """A table that is watched."""
        if watch not in self._watched:
            self._watched[watch] = self._tables[watch]()
        return self._watched[watch]

    def judged(self, alert: Alert) -> Judged:
        """What an alert finds."""
        if not len(self.facts):
            return Judged(none(), (0.0, 0), Note("nothing_to_measure"))
        if alert.watch == KPIS:
            return self.of_figures(alert, *alert_figures.judged(self.log, alert, self.register))
        if alert.watch == STEPS:
            return self.of_figures(alert, *alert_figures.slower(pace(self.log)))
        if alert.measure == "broken_share":
            return self.shares(alert)
        return self.of_rows(alert)

    def learnt(self, alert: Alert) -> Limits:
        """The limits of an alert that learns them."""
        assert isinstance(alert.limit, Learnt)
        watched = self.watched(alert.watch)
        for name in alert.limit.by:
            if name not in self.log.attributes:
                raise BadAlerts.group(alert.place, name, self.log.attributes)
        assert watched.stays is not None
        by = {name: attribute_then(self.facts, name, self.facts.until) for name in alert.limit.by}
        return learnt(watched.stays(alert.measure), alert.limit.share, by)

    def of_rows(self, alert: Alert) -> Judged:
        """Deals, invoices, and rules broken."""
        watched = self.watched(alert.watch)
        when = condition(alert.when, watched.table, f"{alert.place}, when") if alert.when else None
        known = self.learnt(alert) if isinstance(alert.limit, Learnt) else None
        foreseen = alert.watch in (DEALS, INVOICES) and FORETOLD & {alert.measure, *(when.names if when else ())}
        # What was foretold of deals on each day of a year would take minutes.
        fired = (np.nan, 0) if foreseen else fired_weekly(watched, alert, when, known)
        rows = watched.at(self.facts.until)
        found = fires(watched, rows, self.facts.until, alert, when, known)
        since = rows.since(alert.measure)[found.row]
        value, limit = found.value, found.limit
        data = {
            "case_id": case_ids(self.log)[rows.case[found.row]],
            "kpi": rows.columns("rule")[found.row] if alert.watch == RULES else None,
            "value": value,
            "unit": MEASURES[alert.watch].get(alert.measure) or None,
            "limit": limit,
            "since": self.clock(since),
            "days_over": value - limit if MEASURES[alert.watch].get(alert.measure) == "day" else np.nan,
            "amount": self.amounts(alert, rows)[found.row],
            "text": list(self.texts(alert, rows, found, since)),
        }
        note = None
        if alert.watch == INVOICES and not len(rows.case):
            note = Note("alert_no_invoices")
        elif known is not None and not np.isfinite(known.rows["limit_days"].astype(float)).any():
            note = Note("alert_no_limit")
        elif foreseen:
            own = chances(self.log).note if alert.watch == DEALS else None
            note = several([Note("alert_not_counted"), own])
        return Judged(self.table(alert, data, fired), fired, note)

    def amounts(self, alert: Alert, rows: Rows) -> NDArray[np.float64]:
        """The money of each row."""
        if alert.watch == INVOICES:
            return rows.columns("open_amount")
        if "amount" not in self.log.attributes:
            return np.full(len(rows.case), np.nan)
        return rows.columns("amount")

    def texts(self, alert: Alert, rows: Rows, found: Fires, since: Times) -> Iterator[Note]:
        """Why each row is alarming."""
        stage = rows.columns("stage")[found.row] if alert.measure == "in_stage_days" else [None] * len(found.row)
        days = self.clock(since).dt.strftime("%Y-%m-%d").fillna("–")
        share = alert.limit.share if isinstance(alert.limit, Learnt) else np.nan
        by = alert.limit.by if isinstance(alert.limit, Learnt) else ()
        groups = [rows.columns(name)[found.row] for name in by]
        for place, each in enumerate(stage):
            value, limit = float(found.value[place]), float(found.limit[place])
            group = "" if found.parent[place] else ", ".join(str(values[place]) for values in groups)
            yield _said(alert, value, limit, share, each, group, days.iloc[place])

    def clock(self, times: Times) -> pd.Series[Any]:
        """Moments as the clock on the wall shows them, NaT where unknown."""
        stamps = np.where(times == NEVER, np.iinfo(np.int64).min, times).astype("datetime64[us]")
        return self.facts.clock.shown(pd.Series(stamps))

    def table(self, alert: Alert, data: dict[str, Any], fired: tuple[float, int]) -> pd.DataFrame:
        """The rows of an alert."""
        n = len(data["value"])
        own = {
            "alert": alert.id,
            "watch": alert.watch,
            "severity": alert.severity,
            "fired": fired[0],
            "weeks": fired[1],
        }
        texts = ("alert", "watch", "case_id", "kpi", "unit", "severity", "text")
        columns = {
            name: pd.Series([None] * n if each is None else each, range(n), object if name in texts else None)
            for name, each in (data | own).items()
        }
        return pd.DataFrame(columns, columns=list(COLUMNS))

    def of_figures(self, alert: Alert, found: pd.DataFrame, fired: tuple[float, int], note: Note | None) -> Judged:
        """Key figures against their targets, rules against what they were, steps against what is expected."""
        n = len(found)
        nothing = np.full(n, np.nan)
        own = {name: found[name].to_numpy(object) for name in ("kpi", "unit", "text")}
        numbers = {name: found[name].to_numpy(np.float64) for name in ("value", "limit")}
        rest = {
            "case_id": [None] * n,
            "since": found["since"].to_numpy() if "since" in found else nothing.astype("datetime64[us]"),
            "days_over": nothing,
            "amount": nothing,
        }
        return Judged(self.table(alert, own | numbers | rest, fired), fired, note)

    def shares(self, alert: Alert) -> Judged:
        """Rules that are broken more often than they were."""
        table = Table(
            RULES,
            {"rule": TEXT, "severity": TEXT},
            {"rule": [r.id for r in rules(self.rules)], "severity": list(SEVERITY)}.get,
        )
        known = {rule.id: rule.severity for rule in rules(self.rules)}
        some = np.ones(len(known), bool)
        if alert.when:
            columns = {"rule": np.array([*known], object), "severity": np.array([*known.values()], object)}
            some = condition(alert.when, table, f"{alert.place}, when").holds(
                columns.__getitem__, moment(self.facts, self.facts.until)
            )
        names = [name for name, here in zip(known, np.broadcast_to(some, len(known)), strict=True) if here]
        return self.of_figures(alert, *alert_figures.shares(self.facts, violations(self.facts, self.rules), names))


def fires(
    watched: Watched, rows: Rows, until: int, alert: Alert, when: Condition | None, known: Limits | None
) -> Fires:
    """What of the rows of a moment is alarming."""
    n = len(rows.case)
    over, value, limit, parent = np.ones(n, bool), np.full(n, np.nan), np.full(n, np.nan), np.zeros(n, bool)
    if alert.measure in watched.table.kinds:
        value = rows.columns(alert.measure)
        if known is not None:
            limit, parent = (np.broadcast_to(each, n) for each in known.of([rows.columns(name) for name in known.keys]))
        else:
            limit = np.full(n, float(alert.limit))  # type: ignore[arg-type]
        over = value > limit
    if when is not None:
        over = over & np.broadcast_to(when.holds(rows.columns, moment(watched.facts, until)), n)
    row = np.flatnonzero(over)
    return Fires(row, value[row], limit[row], parent[row])


def fired_weekly(
    watched: Watched, alert: Alert, when: Condition | None, known: Limits | None, until: int | None = None
) -> tuple[float, int]:
    """How often an alert would have fired in the year before a moment, looked at once a week, and in how many weeks."""
    facts = watched.facts
    until = facts.until if until is None else until
    weeks = int(min(alert_figures.WEEKS_BACK, max((until - facts.watched[0]) // WEEK, 0)))
    met: set[int] = set()
    fired = 0
    for back in range(weeks, -1, -1):
        then = until - back * WEEK
        rows = watched.at(then)
        found = fires(watched, rows, then, alert, when, known)
        new = set(rows.key(alert.measure)[found.row].tolist()) - met
        fired += len(new) if back < weeks else 0
        met |= new
    return float(fired), weeks


def _said(alert: Alert, value: float, limit: float, share: float, stage: Any, group: str, since: str) -> Note:
    """Why a row is alarming."""
    percent = round(100 * share, 1) if share == share else 0.0
    if alert.watch == RULES:
        return Note("alert_rule", since=since)
    if not alert.measure:
        return Note("alert_when", when=alert.when)
    if alert.watch == INVOICES and alert.measure == "late_days":
        if share == share:
            return Note("alert_late_learnt", days=value, since=since, percent=percent, limit=limit)
        return Note("alert_late_limit", days=value, since=since, limit=limit)
    if alert.measure == "in_stage_days":
        if share != share:
            return Note("alert_stage_limit", stage=stage, days=value, limit=limit)
        if group:
            return Note("alert_stage_group", stage=stage, days=value, percent=percent, limit=limit, group=group)
        return Note("alert_stage_learnt", stage=stage, days=value, percent=percent, limit=limit)
    if alert.measure == "open_amount":
        return Note("alert_open_amount", value=value, limit=limit)
    if share == share:
        return Note("alert_learnt", measure=alert.measure, value=value, percent=percent, limit=limit)
    return Note("alert_limit", measure=alert.measure, value=value, limit=limit)


def none() -> pd.DataFrame:
    """No alert."""
    kinds: dict[str, Any] = {name: float for name in ("value", "limit", "days_over", "amount", "fired")}
    kinds |= {"since": "datetime64[us]", "weeks": int}
    return pd.DataFrame({name: pd.Series(dtype=kinds.get(name, object)) for name in COLUMNS})
