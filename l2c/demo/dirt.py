"""What does the export look like? The columns an org would name, with a few duplicate and broken rows."""

from __future__ import annotations

import numpy as np
import polars as pl

from l2c.demo.chance import Chance, Floats
from l2c.words import vocabulary

DUPLICATES, BROKEN = 0.004, 0.0006  # shares of the events; the second for each kind of defect
UNREADABLE = ("TBD", "2025-02-30 10:15:00", "next week", "31/31/2025")
OUT_OF_RANGE = ("1900-01-01 00:00:00", "2099-12-31 00:00:00")


def export(clean: pl.DataFrame, chance: Chance) -> tuple[pl.DataFrame, dict[str, int]]:
    """Turn clean events into a raw table under English column names.

    Returns
    -------
    The table, whose clean rows stand in their order with defective copies of some rows among them, and how many rows
    have to be set aside for each reason.
    """
    raw = _as_text(clean)
    draw = chance.stream("dirt")
    headers = {attribute.id: attribute.en for attribute in vocabulary.attributes()}
    several = max(1, round(BROKEN * len(raw)))
    defects: dict[str, list[pl.Expr]] = {
        "duplicate": [],
        "no case": [_empty("case_id")],
        "no activity": [_empty("activity")],
        "no time": [_empty("time")],
        "unreadable time": [_one_of(UNREADABLE)],
        "out of range": [_one_of(OUT_OF_RANGE)],
    }
    pieces = [raw]
    places: list[Floats] = [np.arange(len(raw), dtype=np.float64)]
    counts: dict[str, int] = {}
    for reason, change in defects.items():
        number = max(1, round(DUPLICATES * len(raw))) if reason == "duplicate" else several
        rows = np.sort(draw.choice(len(raw), size=min(number, len(raw)), replace=False))
        pieces.append(raw[rows].with_columns(change))
        # A copy stands some rows after its original, between the clean ones.
        places.append((rows + 0.5 + draw.integers(0, 60, len(rows))).astype(np.float64))
        counts[reason] = len(rows)
    order = np.argsort(np.concatenate(places), kind="stable")
    return pl.concat(pieces)[order].rename(headers, strict=False), counts


def _as_text(clean: pl.DataFrame) -> pl.DataFrame:
    """Times as text, a date alone where there is no more; amounts and terms as whole numbers."""
    moment = pl.col("time").dt.to_string("%Y-%m-%d %H:%M:%S")
    date = pl.when(pl.col("precision") == "day").then(moment.str.head(10)).otherwise(moment)
    whole = pl.col("amount", "payment_terms_days").cast(pl.Int64)
    return clean.with_columns(whole, time=date).drop("precision")


def _empty(column: str) -> pl.Expr:
    return pl.lit(None, dtype=pl.String).alias(column)


def _one_of(texts: tuple[str, ...]) -> pl.Expr:
    """Return the texts in turn."""
    return pl.lit(pl.Series(texts)).gather(pl.int_range(pl.len()) % len(texts)).alias("time")
