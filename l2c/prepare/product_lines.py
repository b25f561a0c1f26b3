"""Which rows are lines of one deal, and what does the deal come to?"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from l2c.words import matching
from l2c.words.notes import Note

# Headers under which a row per product line says what the line is worth.
LINE_VALUES = {"totalprice", "linetotal", "lineamount", "extendedprice", "合計金額", "明細金額", "小計"}

# Headers that say until when a row held.
UNTIL = {"validto", "dbtvalidto", "effectiveto", "有効終了日", "有効終了日時"}
# Headers of what a line has beside its name, which two lines may have alike.
COUNTS = {
    "quantity",
    "qty",
    "unitprice",
    "salesprice",
    "listprice",
    *LINE_VALUES,
    "数量",
    "個数",
    "単価",
    "販売価格",
    "定価",
}


def folded(events: pl.DataFrame, typed: pl.DataFrame, columns: Mapping[str, str], notes: list[Note]) -> pl.DataFrame:
    """One event where several rows, one per product line, tell of the same thing.

    An amount that differs from line to line is that of the line: the deal's is their sum. An amount of quotes, of which one
    is chosen, is never added up: the last one counts. The largest line names the product.

    Parameters
    ----------
    events, typed
        The events of a table with a row per deal, with `_row`; the rows with their attributes.
    columns
        Header by attribute.
    notes
        Gets what was found.
    """
    events = events.unique(["case_id", "activity", "time", "_row"], keep="first", maintain_order=True)
    twice = typed["case_id"].is_duplicated() & typed["case_id"].is_not_null()
    if not twice.any() or not events.select("case_id", "activity", "time").is_duplicated().any():
        return events
    worth = [c for c in typed.columns if matching.normalise(c) in LINE_VALUES]
    worth += ["amount"] if "amount" in typed.columns else []
    by = [pl.col(c).cast(pl.String).str.replace_all(",", "").cast(pl.Float64, strict=False) for c in worth[:1]]
    ordered = events.with_row_index("_at")
    ordered = ordered.sort(*by, "_at", descending=[True] * len(by) + [False], nulls_last=True) if by else ordered
    kept = ordered.unique(["case_id", "activity", "time"], keep="first", maintain_order=True).sort("_at").drop("_at")
    if _varies(typed, ["case_id"]):
        amount = typed.filter(pl.col("amount").is_not_null())
        one = _of_quotes(typed, columns)
        total = amount.group_by("case_id").agg(_total=pl.col("amount").last() if one else pl.col("amount").sum())
        kept = kept.join(total, on="case_id", how="left", maintain_order="left")
        kept = kept.with_columns(pl.col("_total").alias("amount")).drop("_total")
    lines, deals = int(twice.sum()), typed.filter(twice)["case_id"].n_unique()
    notes.append(Note("product_lines", rows=lines, deals=deals))
    return kept


def summed(states: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """The states of deals, those of one moment with the sum of their lines where the rows are lines of the deal.

    A line of which nothing is told at a moment is what it was before, where each row says since when it is so.
    """
    moment = ["case_id", "_at", "_rank"]
    if not lines(columns) or not _varies(states, moment):
        return states
    if states["_exact"].any() and (line := _line(states, columns)):
        return _carried(states, line)
    return states.with_columns(amount=pl.col("amount").sum().over(moment))


def _line(states: pl.DataFrame, columns: Mapping[str, str]) -> str | None:
    """The column that tells the lines of a deal apart: of those that do at any moment, the one with the fewest values."""
    names = [n for n in (*lines(columns), "object_id") if n in states.columns and n not in ("amount", "discount")]
    known = states.filter(pl.col("amount").is_not_null())
    apart = [n for n in dict.fromkeys(names) if not known.select("case_id", "_at", "_rank", n).is_duplicated().any()]
    return min(apart, key=lambda n: (matching.normalise(columns[n]) in COUNTS, states[n].n_unique()), default=None)


def _carried(states: pl.DataFrame, line: str) -> pl.DataFrame:
    """States with the sum over all lines of the deal of what each came to last."""
    worth = states.select("case_id", line, "_at", "amount", _end="_until")
    worth = worth.drop_nulls(["case_id", line, "_at", "amount"]).sort("_at")
    moments = states.select("case_id", "_at").drop_nulls().unique()
    pairs = moments.join(worth.select("case_id", line).unique(), on="case_id").sort("_at")
    then = pairs.join_asof(worth, on="_at", by=["case_id", line], check_sortedness=False)
    # What ended and was not followed is gone: by then, and of the newest state whenever it ended.
    newest = pl.col("_at") == pl.col("_at").max().over("case_id")
    newest &= pl.col("_end").is_null().any().over("case_id", "_at")
    then = then.filter(pl.col("_end").is_null() | ((pl.col("_end") > pl.col("_at")) & ~newest))
    total = then.drop_nulls("amount").group_by("case_id", "_at").agg(_total=pl.col("amount").sum())
    found = states.join(total, on=["case_id", "_at"], how="left", maintain_order="left")
    return found.with_columns(amount=pl.coalesce("_total", "amount")).drop("_total")


def until(cells: pl.DataFrame, columns: Mapping[str, str]) -> pl.Series:
    """Return until when each row held, as far as a column says so; empty for what still does.

    Parameters
    ----------
    cells, columns
        The cells of each row by what they hold, and the header of each.
    """
    name = next(
        (n for n, header in columns.items() if matching.normalise(header) in UNTIL and n in cells.columns), None
    )
    if name is None:
        return pl.Series([None], dtype=pl.Datetime("us")).new_from_index(0, cells.height)
    text = pl.col(name).cast(pl.String).str.head(19).str.replace("T", " ")
    forms = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d")
    return cells.select(pl.coalesce(text.str.to_datetime(form, strict=False) for form in forms)).to_series()


def lines(columns: Mapping[str, str]) -> list[str]:
    """The names of the columns that tell lines of a deal apart: its product, the number of a line, a quantity."""
    return [name for name, header in columns.items() if name == "product" or matching.match_state(header) == "line"]


def _varies(rows: pl.DataFrame, by: Collection[str]) -> bool:
    if "amount" not in rows.columns:
        return False
    known = rows.filter(pl.col("amount").is_not_null())
    return bool(known.select((pl.col("amount").n_unique() > 1).over(by).any()).item())


def _of_quotes(typed: pl.DataFrame, columns: Mapping[str, str]) -> bool:
    """Whether the rows are documents of the deals, such as quotes, and no lines of anything."""
    if "object_id" not in typed.columns:
        return False
    varying = [name for name in lines(columns) if name in typed.columns and name != "amount"]
    same = typed.group_by("case_id").agg(pl.col(name).drop_nulls().n_unique() > 1 for name in varying)
    return not any(same[name].any() for name in varying)
