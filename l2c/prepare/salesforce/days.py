"""When on its day did something happen that has a date and no time?"""

from __future__ import annotations

import polars as pl


def placed(events: pl.DataFrame) -> pl.DataFrame:
    """Put a bare date behind what is known to have happened to the same record before it, on the same day.

    An invoice of the third, entered on the third at nine, was not sent at midnight, before there was one. The precision
    stays `day`.
    """
    rows = events.with_row_index("_row")
    timed = rows.filter((pl.col("precision") != "day") & ~pl.col("approximate"))
    near = rows.filter(pl.col("precision") == "day").join(timed, on=["case", "about"], suffix="_of")
    same = pl.col("time_of").is_between("time", pl.col("time").dt.offset_by("24h"), closed="left")
    behind = near.filter(same & (pl.col("rank_of") < pl.col("rank"))).group_by("_row").agg(pl.max("time_of"))
    moved = rows.join(behind, on="_row", how="left", maintain_order="left")
    return moved.with_columns(time=pl.coalesce("time_of", "time")).select(events.columns)
