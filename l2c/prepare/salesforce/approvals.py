"""Which approval is the one that counts?"""

from __future__ import annotations

import polars as pl

from l2c.prepare.salesforce.objects import Org


def last(org: Org, name: str, about: pl.Series) -> pl.Series:
    """Whether an approval is the last of its request, and the request is approved."""
    request = "ProcessInstanceId" if org.has(name, "ProcessInstanceId") else None
    status = "StepStatus" if request else "sbaa__Status__c"
    rows = pl.DataFrame(
        {
            "_row": pl.int_range(org.frames[name].height, dtype=pl.UInt32, eager=True),
            "request": org.text(name, request) if request else about,
            "approved": (org.text(name, status).str.to_lowercase() == "approved").fill_null(False),
            "pending": org.text(name, status)
            .str.to_lowercase()
            .is_in(["requested", "assigned", "pending"])
            .fill_null(False),
            "time": org.times(name, "CreatedDate").time,
            "id": org.text(name, "Id"),
        }
    )
    whole = pl.Series([True]).new_from_index(0, len(rows))
    if request and org.has(name, "ProcessInstance.Status"):
        said = org.text(name, "ProcessInstance.Status").str.to_lowercase()
        whole = (said == "approved") | said.is_null()
    elif not request:
        whole = rows.select(~pl.col("pending").any().over("request")).to_series()
    last = rows.filter("approved").sort("request", "time", "id", "_row").unique("request", keep="last")["_row"]
    return rows["_row"].is_in(last.implode()) & whole
