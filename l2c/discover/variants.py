"""Along which paths do the deals go?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from l2c import engine
from l2c.log import EventLog

if TYPE_CHECKING:
    import pandas as pd


def variants(log: EventLog) -> pd.DataFrame:
    """Distinct traces with the cases that took them.

    Returns
    -------
    One row per variant, most frequent first: `variant_id` (its rank in the whole log), `trace` (tuple of
    activities), `cases`, `share` (of all cases of this log), `open` (cases that have not ended: their path may
    still grow), `median_days` (from first to last event).
    """
    import narwhals as nw

    counted = log.cases.group_by("variant_id").agg(
        cases=nw.len(),
        open=(nw.col("status") == "open").cast(nw.Int64()).sum(),
        median_days=nw.col("duration_days").median(),
    )
    found = engine.collect(counted)
    found["trace"] = log.base.traces.reindex(found["variant_id"]).to_numpy()
    found["share"] = found["cases"] / max(int(found["cases"].sum()), 1)
    found = found.astype({"cases": "int64", "open": "int64"})
    columns = ["variant_id", "trace", "cases", "share", "open", "median_days"]
    return found.sort_values(["cases", "variant_id"], ascending=[False, True], ignore_index=True)[columns]
