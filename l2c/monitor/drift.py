"""What has taken another level since a day, and what does the chart of the weeks say of it?"""

from __future__ import annotations

import pandas as pd

from l2c.diagnose.rules.compliance import Source
from l2c.diagnose.since import since
from l2c.log import EventLog
from l2c.monitor.pace import pace


def drift(log: EventLog, *, names: bool | None = None, rules: Source = None, level: float = 0.95) -> pd.DataFrame:
    """The days since which something differs, each beside the weeks of its step, KPI or rule.

    Parameters
    ----------
    names, rules, level
        As in `diagnose.since` and `pace`.

    Returns
    -------
    The rows and columns of `diagnose.since`, and of the last week of `pace` of the same step, KPI or rule, of all cases:
    `week`, `observed` and `expected` ends, `since_ratio` (since the evidence began to add up) with `since_low, since_high`; and `alarmed`, the
    first week that alarmed (missing where none did, or the week is of the base).

    Notes
    -----
    Nothing is computed anew: days are those of `diagnose.since`, figures of weeks those of `monitor.pace`. `ratio` is of days
    or shares, `since_ratio` of ends: what takes 1.4 times as long ends at 0.7 of its pace.
    """
    found = since(log, names=names, rules=rules, level=level)
    charts = {
        kpi: pace(log, kpi=None if kpi == "step_days" else kpi, rules=rules, level=level)
        for kpi in found["kpi"].unique()
    }
    rows = [_last(charts[row.kpi], row.step) for row in found.itertuples()]
    beside = pd.DataFrame(
        rows, columns=["week", "observed", "expected", "since_ratio", "since_low", "since_high", "alarmed"]
    )
    table = pd.concat([found, beside.astype({"week": "datetime64[us]", "alarmed": "datetime64[us]"})], axis=1)
    table.attrs = found.attrs
    return table


def _last(chart: pd.DataFrame, step: object) -> list[object]:
    """The last week of a series, and the first that alarmed."""
    own = chart[[each == step or (each is None and step is None) for each in chart["step"]]]
    if not len(own):
        return [pd.NaT, *[float("nan")] * 5, pd.NaT]
    last = own.iloc[-1]
    alarms = own.loc[own["alarm"].astype(bool), "week"]
    figures = [last[name] for name in ("week", "observed", "expected", "since_ratio", "since_low", "since_high")]
    return [*figures, alarms.iloc[0] if len(alarms) else pd.NaT]
