"""What is alarming today: which deals stand still, which invoices are late, which rules, steps and key figures are off?"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from l2c.diagnose.rules.files import SEVERITY
from l2c.diagnose.tidy import noted
from l2c.log import EventLog
from l2c.monitor.alert_file import Alert, Learnt, Source, alert_file
from l2c.monitor.judge import COLUMNS, File, Judge, none
from l2c.words.measures import NAMES
from l2c.words.notes import Note, several


def alerts(log: EventLog, source: Source = None, *, rules: File = None, register: File = None) -> pd.DataFrame:
    """Find what is alarming on the day of the extraction.

    Parameters
    ----------
    source
        What to watch: a YAML file (docs/monitor.md), its content, or a list of alerts; those of the kit unless given.
    rules
        A file of rules (docs/rules.md); those of the kit unless given.
    register
        A register (docs/register.md), whose targets key figures are held against; without it, those of `log.with_kpis`.

    Returns
    -------
    One row per alert and what is alarming, the gravest first, then the most money: `alert` (its id), `watch`; `case_id` of a
    deal, an invoice or a broken rule; `kpi`: the key figure, rule or step; `value` in `unit` and the `limit` that it exceeds (NaN
    where a condition or a rule decides); `since`: when the stay in the stage began, the invoice was due, the rule was broken, the
    step changed (in the zone of the business); `days_over` the limit; `amount` of the deal, or still to be paid, in the log's
    currency (NaN where unknown or mixed); `severity`; `fired`: how often the alert would have fired in the last `weeks` before
    the extraction, looked at once a week (key figures once a month); `text`: why. `attrs["note"]` says what could not be watched.

    Raises
    ------
    BadAlerts
        If the file cannot be read or makes no sense for the log; the message names the place and the nearest words.
    BadRules, BadRegister
        If these files make no sense.
    """
    return both(log, source, rules=rules, register=register)[0]


def alert_counts(log: EventLog, source: Source = None, *, rules: File = None, register: File = None) -> pd.DataFrame:
    """Count how often each alert fires, and how often it would have fired before.

    Parameters
    ----------
    source, rules, register
        As for `alerts`.

    Returns
    -------
    One row per alert, in the order of the file: `alert, watch, measure, severity`; `count` of what is alarming today; `fired`:
    how often it would have fired in the last `weeks` before the extraction (at most 52), looked at once a week (key figures
    once a month); `note`: what could not be watched, and why.

    Notes
    -----
    What is alarming at several looks in a row fired once; what was so already at the beginning of these weeks did not fire in
    them. Today's limits are held against the stays of then.
    """
    return both(log, source, rules=rules, register=register)[1]


def both(
    log: EventLog, source: Source = None, *, rules: File = None, register: File = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What is alarming, and how often each alert fires, of one look; see `alerts` and `alert_counts`."""
    judge = Judge(log, rules, register)
    wanted = alert_file(source, judge.kpis)
    found = [judge.judged(alert) for alert in wanted]
    parts = [each.rows for each in found if len(each.rows)]
    table = pd.concat(parts, ignore_index=True) if parts else none()
    table["_grave"] = -table["severity"].map(SEVERITY).astype(float)
    order = ["_grave", "amount", "days_over", "alert", "kpi", "case_id", "since"]
    table = table.sort_values(order, ascending=[True, False, False, True, True, True, True], ignore_index=True)
    notes = [Note("alert_of", alert=a.id, note=f.note) for a, f in zip(wanted, found, strict=True) if f.note]
    table = noted(table[list(COLUMNS)], several(notes))
    rows = [
        (a.id, a.watch, a.measure or None, a.severity, len(f.rows), *f.fired, f.note)
        for a, f in zip(wanted, found, strict=True)
    ]
    columns = ["alert", "watch", "measure", "severity", "count", "fired", "weeks", "note"]
    counts = pd.DataFrame(rows, columns=columns)
    counts = counts.astype({"measure": object, "note": object, "count": int, "fired": float, "weeks": int})
    return _named(table, wanted), _named(counts, wanted)


def limits(log: EventLog, source: Source = None) -> pd.DataFrame:
    """The limits that are learnt for alerts: days that only a share of all exceeds.

    Parameters
    ----------
    source
        As for `alerts`.

    Returns
    -------
    One row per alert, stage and group: `alert, measure`; `stage` (None where it is not of stages); `group` (values of `by`, None
    without); `share` that exceeds it; `limit_days`, NaN where none can be learnt; `cases` (stays, gaps, deals or invoices it is
    learnt from), `censored` (of them not ended); `parent`: whether the group is too small, so that it is that of all in the stage.

    Notes
    -----
    See `l2c.monitor.limits.exceeded_by`; a limit takes 50 waits that were seen to end.
    """
    judge = Judge(log, None, None)
    parts, wanted = [], alert_file(source, judge.kpis)
    for alert in wanted:
        if not isinstance(alert.limit, Learnt) or not len(judge.facts):
            continue
        found = judge.learnt(alert)
        rows, own = found.rows, [key for key in found.keys if key != "stage"]
        group = rows[own].astype(str).agg(", ".join, axis=1) if own else pd.Series(None, rows.index, object)
        stage = rows["stage"] if "stage" in rows else pd.Series(None, rows.index, object)
        part = pd.DataFrame({"alert": alert.id, "measure": alert.measure, "stage": stage, "group": group})
        told = rows[["limit_days", "cases", "censored", "parent"]]
        parts.append(pd.concat([part.assign(share=alert.limit.share), told], axis=1))
    columns = ["alert", "measure", "stage", "group", "share", "limit_days", "cases", "censored", "parent"]
    table = pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
    return _named(table, wanted)


def _named(table: pd.DataFrame, alerts: Iterable[Alert]) -> pd.DataFrame:
    """Let a table carry what its alerts are called."""
    table.attrs[NAMES] = {alert.id: alert.names for alert in alerts}
    return table
