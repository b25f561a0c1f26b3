"""What did a replication tool add to the tables?"""

from __future__ import annotations

import polars as pl

from l2c.prepare import deleted

ACTIVE, START = "_fivetran_active", "_fivetran_start"
SNAPSHOT = ("StageName", "Amount", "Probability", "CloseDate", "ExpectedRevenue", "ForecastCategory")


def marked(frame: pl.DataFrame) -> pl.DataFrame:
    """Take over into `IsDeleted` what the tool knows of deleted rows."""
    if not deleted.columns(c for c in frame.columns if c != "IsDeleted"):
        return frame
    flag = deleted.gone(frame)
    if flag is None:
        return frame
    words = {True: "true", False: "false"}
    return frame.with_columns(flag.replace_strict(words, return_dtype=pl.String).alias("IsDeleted"))


def has_versions(frame: pl.DataFrame) -> bool:
    """Whether a table holds every version of a record, as Fivetran's history mode writes them."""
    return {ACTIVE, START} <= {c.casefold() for c in frame.columns}


def current(frame: pl.DataFrame) -> pl.DataFrame:
    """The versions that are in force."""
    return frame.filter(_true(ACTIVE))


def snapshots(frame: pl.DataFrame) -> pl.DataFrame:
    """The versions in the shape of Salesforce's own history of stages, a row per version.

    Notes
    -----
    A version begins when the record was changed at the source, as far as the tool saw it: changes between two of its runs
    are one.
    """
    kept = [c for c in (*SNAPSHOT, "IsDeleted", "_file", "_line") if c in frame.columns]
    by = "LastModifiedById" if "LastModifiedById" in frame.columns else None
    return frame.select(
        *kept,
        pl.format("{} {}", pl.col("Id").cast(pl.String), pl.col(START).cast(pl.String)).alias("Id"),
        pl.col("Id").alias("OpportunityId"),
        pl.col(START).alias("CreatedDate"),
        (pl.col(by) if by else pl.lit(None, pl.String)).alias("CreatedById"),
    )


def _true(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).str.to_lowercase().is_in(["true", "1", "t", "yes"]).fill_null(False)
