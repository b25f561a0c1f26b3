"""When did something happen, and when on its day where it has a date and no time?"""

from __future__ import annotations

import polars as pl

from l2c.prepare.salesforce.meaning import Rule
from l2c.prepare.salesforce.org_frames import Org

# A record made by the same act, such as the deal of a converted lead, is of the same day, though its time in another
# zone may be so far from the midnight of the date.
EARLIER, LATER = "14h", "36h"


def told(org: Org, rule: Rule, at: pl.Series) -> tuple[pl.Series, pl.Series, pl.Series]:
    """When some records happened, how precise that is, and whether it is approximate.

    The first time of the rule that is filled counts; a date is sharpened by a later field on the same day. A day is one
    of the zone of the source. Fields of one record are different acts, a day apart or not.
    """
    none = pl.Series([None], dtype=pl.Datetime("us")).new_from_index(0, len(at))
    frame = pl.DataFrame({"time": none, "precision": none.cast(pl.String), "rough": none.cast(pl.Boolean)})
    for field in (field for field in rule.time if org.has(rule.object, field)):
        found = org.times(rule.object, field)
        rough = field in rule.approximate
        new = frame.with_columns(
            found.time.gather(at).alias("t"), found.precision.gather(at).cast(pl.String).alias("p")
        )
        empty = pl.col("time").is_null()
        day = pl.col("time").dt.truncate("1d")
        local = pl.col("t").dt.replace_time_zone("UTC").dt.convert_time_zone(org.zone)
        same = local.dt.replace_time_zone(None).dt.truncate("1d") == day
        if "." in field:
            same = pl.col("t").is_between(day.dt.offset_by(f"-{EARLIER}"), day.dt.offset_by(LATER))
        sharper = (pl.col("precision") == "day") & (pl.col("p") != "day") & same
        take = (empty | (sharper & (not rough))).fill_null(False) & pl.col("t").is_not_null()
        frame = new.select(
            time=pl.when(take).then("t").otherwise("time"),
            precision=pl.when(take).then("p").otherwise("precision"),
            rough=pl.when(take).then(pl.lit(rough)).otherwise("rough"),
        )
    return frame["time"], frame["precision"], frame["rough"]


def placed(events: pl.DataFrame, zone: str = "UTC") -> pl.DataFrame:
    """Put a bare date behind what is known to have happened to the same record before it, on the same day.

    An invoice of the third, entered on the third at nine, was not sent at midnight, before there was one. The precision
    stays `day`. A day is one of the zone of the business.
    """
    rows = events.with_row_index("_row")
    timed = rows.filter((pl.col("precision") != "day") & ~pl.col("approximate"))
    near = rows.filter(pl.col("precision") == "day").join(timed, on=["case", "about"], suffix="_of")
    local = pl.col("time_of").dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.replace_time_zone(None)
    same = local.is_between("time", pl.col("time").dt.offset_by("24h"), closed="left")
    behind = near.filter(same & (pl.col("rank_of") < pl.col("rank"))).group_by("_row").agg(pl.max("time_of"))
    moved = rows.join(behind, on="_row", how="left", maintain_order="left")
    return moved.with_columns(time=pl.coalesce("time_of", "time")).select(events.columns)
