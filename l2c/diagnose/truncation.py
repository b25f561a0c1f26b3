"""How do the KPIs move when cases older than the history are left out?"""

from __future__ import annotations

import pandas as pd

from l2c.kpis import kpis
from l2c.log import EventLog

COLUMNS = ("object_type", "since", "kpi", "unit", "value", "without", "change", "cases_cut", "share")


def truncation(log: EventLog) -> pd.DataFrame:
    """Compare the KPIs of all cases with those of the cases that the history covers from their first event.

    Returns
    -------
    One row per history that begins late and KPI: `object_type` (the history, or `log` for a start that was given for all),
    `since` when it reaches back; `kpi, unit`; its `value` over all cases and `without` those opened before; the `change`
    (without less value); `cases_cut` and their `share`. Empty where every history reaches back to the first case.

    Notes
    -----
    A KPI that moves depends on how far back the source remembers. It may move for another reason too: the older cases
    may really have been otherwise.
    """
    known = log.quality.objects
    late = known.dropna(subset=["since"]) if len(known) else known
    starts = dict(zip(late["object_type"], late["since"], strict=True)) if len(late) else {}
    if log.history_start is not None:
        starts["log"] = pd.Timestamp(log.history_start)
    if not starts or not log.n_cases:
        return pd.DataFrame(columns=list(COLUMNS))
    whole, parts = kpis(log).set_index("kpi"), []
    for name, since in sorted(starts.items()):
        rest = log.where(opened=(f"{since:%Y-%m-%d}", None))
        if not rest.n_cases:
            continue
        left = kpis(rest).set_index("kpi")
        cut = log.n_cases - rest.n_cases
        table = pd.DataFrame({"unit": whole["unit"], "value": whole["value"], "without": left["value"]}).dropna(
            subset=["value"]
        )
        table = table.assign(object_type=name, since=since, change=table["without"] - table["value"])
        parts.append(table.assign(cases_cut=cut, share=cut / log.n_cases).reset_index())
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)] if parts else pd.DataFrame(columns=list(COLUMNS))
