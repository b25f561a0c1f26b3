"""Which records are one request for approval, and which approval is the one that counts?"""

from __future__ import annotations

import polars as pl

from l2c.prepare.salesforce.org_frames import Org

PROCESS = "ProcessInstanceId"
# When an advanced approval was decided, whichever is filled.
DECIDED = ("sbaa__ApprovedDate__c", "sbaa__RejectedDate__c", "LastModifiedDate")
# What one submission writes is written at once, even where an answer follows at once.
TOGETHER = "1m"
PENDING, REFUSED = ("requested", "assigned", "pending"), ("rejected", "recalled", "removed")


def marks(org: Org, name: str, about: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Whether each record is the first of its request, of several approvers; and the last approval of a granted one."""
    rows = _rows(org, name, about)
    if org.has(name, PROCESS):
        whole = pl.Series([True]).new_from_index(0, len(rows))
        if org.has(name, "ProcessInstance.Status"):
            said = org.text(name, "ProcessInstance.Status").str.to_lowercase()
            whole = (said == "approved") | said.is_null()
    else:
        undone = pl.col("status").is_in([*PENDING, *REFUSED]).fill_null(False)
        whole = rows.select(~undone.any().over("request")).to_series()
    asked = rows.sort("request", "time", "id", "_row").unique("request", keep="first")["_row"]
    approved = rows.filter(pl.col("status") == "approved").sort("request", "done", "id", "_row")
    granted = approved.unique("request", keep="last")["_row"]
    return rows["_row"].is_in(asked.implode()), rows["_row"].is_in(granted.implode()) & whole


def _rows(org: Org, name: str, about: pl.Series) -> pl.DataFrame:
    """Each record with its `request`, its `status`, when it was made (`time`) and when it was `done`."""
    process = org.has(name, PROCESS)
    time = org.times(name, "CreatedDate").time
    done = time
    for field in () if process else DECIDED[::-1]:
        said = org.times(name, field).time
        done = said.zip_with(said.is_not_null(), done)
    rows = pl.DataFrame(
        {
            "_row": pl.int_range(org.frames[name].height, dtype=pl.UInt32, eager=True),
            "about": org.text(name, PROCESS) if process else about,
            "status": org.text(name, "StepStatus" if process else "sbaa__Status__c").str.to_lowercase(),
            "time": time,
            "done": done,
            "id": org.text(name, "Id"),
        }
    )
    if process:
        return rows.with_columns(request=pl.col("about"))
    # A quote cannot be submitted again before all that was asked the last time is answered.
    ordered = rows.sort("about", "time", "id", "_row")
    pending = pl.col("status").is_in(PENDING).fill_null(False).cum_max().shift().over("about")
    answered = pl.max_horizontal(
        pl.col("done").cum_max().shift().over("about"), pl.col("time").shift().over("about").dt.offset_by(TOGETHER)
    )
    later = (~pending & (pl.col("time") > answered)).fill_null(False)
    number = later.cast(pl.Int32).cum_sum().over("about")
    return ordered.with_columns(request=pl.format("{} {}", pl.col("about"), number)).sort("_row")
