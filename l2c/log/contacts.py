"""What does a log keep of the contacts with the customer of each case, beside its events?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

# `time` it took place, `known` since when it stood in the system; both are missing of what is only known as it is today.
COLUMNS = ("case_id", "time", "known", "kind", "two_way", "flag")
# A person of the customer who has a part in the deal; the last activity, of which nothing else is known; a task that the kit
# asked for, done or not.
ROLE, ACTIVITY, DONE, TO_DO = "role", "activity", "done", "to_do"
OWN = (DONE, TO_DO)
# How the kit marks a task that it asks for, in its subject.
FLAG = r"\bl2c-([0-9a-f]{8})\b"


def typed(rows: pl.DataFrame) -> pl.DataFrame:
    """Bring contacts to the columns and types that a log has of them, in a fixed order; what is not there is missing."""
    import polars as pl

    kinds = (
        dict.fromkeys(COLUMNS, pl.String)
        | dict.fromkeys(("time", "known"), pl.Datetime("us"))
        | {"two_way": pl.Boolean}
    )
    found = [(pl.col(n) if n in rows.columns else pl.lit(None)).cast(kind).alias(n) for n, kind in kinds.items()]
    return rows.select(found).with_columns(pl.col("two_way").fill_null(False)).sort(COLUMNS, nulls_last=True)
