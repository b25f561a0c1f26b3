"""Which ids of 15 and of 18 characters are those of one record?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from l2c import engine
from l2c.engine import Home
from l2c.log.ordering import coded
from l2c.words.notes import Note

# What the added characters of an id stand for: each tells which of five characters are capitals (Salesforce, "ID Field Type").
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
# What hand-made ids of 18 characters end with, whatever their capitals are.
FILLER = "AAA"


def key(column: pl.Series) -> pl.Series:
    """Return what counts of the ids of an org: 15 characters, since exports write 15 or 18 of the same id.

    Parameters
    ----------
    column
        Ids as text.

    Returns
    -------
    Of an id of 18 characters whose last three are its check letters the first 15, with the capitals that these tell where a
    database has folded the case; every other id as it is, such as a number of 18 digits.
    """
    long = column.str.contains("^[0-9A-Za-z]{18}$").fill_null(False)
    if not long.any():
        return column
    ids = column if long.all() else column.filter(long)
    written = pl.Series(_written(ids))
    short = ids.str.slice(0, 15)
    if not written.all():
        odd = ids.filter(~written).unique()
        short = ids.zip_with(~written, short).replace(odd, pl.Series([_read(each) for each in odd], dtype=pl.String))
    return short.alias(column.name) if len(short) == len(column) else column.clone().scatter(long.arg_true(), short)


def _written(ids: pl.Series) -> np.ndarray:
    """Whether the last three of ids of 18 letters and digits tell which of the others are capitals."""
    signs = np.frombuffer(ids.str.join("")[0].encode(), np.uint8).reshape(-1, 18)
    upper = (signs[:, :15] - ord("A") < 26).view(np.uint8)
    told = np.full(256, 255, np.uint8)
    told[np.frombuffer(SIGNS.encode(), np.uint8)] = range(32)
    bits = [upper[:, n::5] << n for n in range(5)]
    found: np.ndarray = (np.add.reduce(bits) == told[signs[:, 15:]]).all(axis=1)
    return found


def _read(long: str) -> str:
    """The key of an id of 18 letters and digits that are not written as the last three tell."""
    body, added = long[:15], long[15:].upper()
    bits = [SIGNS.find(sign) for sign in added]
    capital = [bit >> n & 1 for bit in bits for n in range(5)]
    # The first three tell the object, and may be all the letters of an id that somebody made up.
    folded = min(bits) >= 0 and body[3:].upper() != body[3:].lower() and body in (body.upper(), body.lower())
    if folded and not any(is_one and c.isdigit() for is_one, c in zip(capital, body, strict=True)):
        return "".join(c.upper() if is_one else c.lower() for is_one, c in zip(capital, body, strict=True))
    return body if added == FILLER else long


def whole(columns: Mapping[str, pl.Series]) -> str | None:
    """Return the column that holds the ids of all others in their longest form, or None where they hold different ids.

    Parameters
    ----------
    columns
        Columns of the same rows, by name.
    """
    texts = {name: column.cast(pl.String) for name, column in columns.items()}
    keys = [key(text) for text in texts.values()]
    if any(not each.equals(keys[0], null_equal=True) for each in keys[1:]) or not keys[0].len():
        return None
    return max(texts, key=lambda name: texts[name].str.len_bytes().sum())


def of_deals(columns: Mapping[str, pl.Series]) -> list[str]:
    """Return the columns that hold ids of Salesforce's opportunities, which begin with 006."""
    some = {name: column.drop_nulls().head(100).cast(pl.String) for name, column in columns.items()}
    deal = r"^006[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?$"
    return [name for name, column in some.items() if len(column) and column.str.contains(deal).all()]


def one_form(events: pl.DataFrame) -> tuple[pl.DataFrame, list[Note]]:
    """Give Salesforce ids one form where a source mixes 15 and 18 characters for the same record."""
    column = coded(events["case_id"])
    events = events.with_columns(column)
    if 18 not in column.cat.len_bytes().unique():
        return events, []
    ids = column.unique().drop_nulls().cast(pl.String)
    ids = ids.filter(ids.str.len_bytes().is_in([15, 18]))
    forms = pl.DataFrame({"id": ids, "key": key(ids)}).filter(pl.col("key").is_duplicated())
    if not forms.height:
        return events, []
    # The longest, and rather the one whose case was not folded.
    best = pl.col("id").sort_by(pl.col("id").str.len_bytes(), pl.col("id") != pl.col("id").str.to_uppercase()).last()
    forms = forms.with_columns(best.over("key").alias("full"))
    same = {each: full for each, full in forms.select("id", "full").iter_rows() if each != full}
    return events.with_columns(pl.col("case_id").replace(same)), [Note("two_ids", deals=forms["key"].n_unique())]


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
    blocks = (short[i : i + 5] for i in (0, 5, 10))
    added = (sum(1 << i for i, c in enumerate(block) if "A" <= c <= "Z") for block in blocks)
    return short + "".join(SIGNS[bits] for bits in added)
