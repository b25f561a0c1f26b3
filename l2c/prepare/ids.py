"""Which ids of 15 and of 18 characters are those of one record?"""

from __future__ import annotations

from typing import Any

import narwhals as nw
import polars as pl

from l2c import engine
from l2c.engine import Home
from l2c.log.ordering import coded
from l2c.words.notes import Note


def one_form(events: pl.DataFrame) -> tuple[pl.DataFrame, list[Note]]:
    """Give Salesforce ids one form where a source mixes 15 and 18 characters for the same record."""
    column = coded(events["case_id"])
    events = events.with_columns(column)
    lengths = set(column.cat.len_bytes().unique().to_list())
    if not {15, 18} <= lengths:
        return events, []
    ids = column.unique().cast(pl.String)
    short, long = (ids.filter(ids.str.len_bytes() == length) for length in (15, 18))
    short = short.filter(short.str.contains(r"^[A-Za-z0-9]{15}$"))
    known = set(long.to_list())
    same = {each: full for each in short.to_list() if (full := eighteen(each)) in known} if len(long) else {}
    if not same:
        return events, []
    return events.with_columns(pl.col("case_id").replace(same)), [Note("two_ids", deals=len(same))]


def one_form_there(rows: nw.LazyFrame[Any], home: Home) -> tuple[nw.LazyFrame[Any], list[Note]]:
    """The same as `one_form`, of rows that stay in their engine."""
    case = nw.col("case_id")
    lengths = engine.collect(rows.select(case.str.len_chars().alias("n")).unique())["n"]
    if not {15, 18} <= set(lengths):
        return rows, []
    ids = rows.select("case_id").unique()
    long = ids.filter(case.str.len_chars() == 18).select(case.alias("_long"), case.str.slice(0, 15).alias("case_id"))
    pairs = engine.collect(ids.filter(case.str.len_chars() == 15).join(long, on="case_id", how="inner"))
    pairs = pairs[[eighteen(short) == full for short, full in zip(pairs["case_id"], pairs["_long"], strict=True)]]
    if not len(pairs):
        return rows, []
    rows = rows.join(engine.table(pl.from_pandas(pairs), home), on="case_id", how="left")
    return rows.with_columns(case_id=nw.coalesce("_long", "case_id")).drop("_long"), [Note("two_ids", deals=len(pairs))]


def eighteen(short: str) -> str:
    """Return the 18-character form of a 15-character Salesforce id.

    Notes
    -----
    Each of the three added characters tells which of five characters are capitals (Salesforce, "ID Field Type").
    """
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    blocks = (short[i : i + 5] for i in (0, 5, 10))
    added = (sum(1 << i for i, c in enumerate(block) if "A" <= c <= "Z") for block in blocks)
    return short + "".join(signs[bits] for bits in added)
