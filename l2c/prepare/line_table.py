"""Is a table one of lines of documents, to be read beside the events, and what does each line say?"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from l2c.prepare import values
from l2c.prepare.table import Table
from l2c.words import matching
from l2c.words.notes import Note

# Headers of the columns, beside the names that the vocabulary knows for case_id, object_id, product and currency.
HEADERS = {
    "line_id": ("line_id", "Line ID", "Line", "Line No", "Line Number", "Item No", "明細ID", "明細番号", "明細No", "行番号"),
    "object_type": ("object_type", "Object Type", "Document Type", "Document Kind", "Type of Document", "書類種別", "書類の種類", "伝票種別", "文書種別"),
    "object_id": ("object_id", "Object ID", "Document ID", "Document Number", "Document No", "書類番号", "伝票番号", "伝票ID", "文書番号"),
    "quantity": ("quantity", "Qty", "Quantity Ordered", "Number of Units", "数量", "個数"),
    "price": ("price", "Unit Price", "Net Price", "Net Unit Price", "単価", "正味単価", "税抜単価"),
    "amount": ("amount", "Line Amount", "Line Total", "Net Amount", "Total", "Total Price", "金額", "明細金額", "税抜金額", "小計"),
}  # fmt: skip
KNOWN = ("case_id", "product", "currency")


def split(tables: Sequence[Table]) -> tuple[list[Table], list[Table]]:
    """The tables that hold something else, and those of lines."""
    lined = [table for table in tables if _columns(table.frame) is not None]
    return [table for table in tables if table not in lined], lined


def lines(tables: Sequence[Table], currency: str | None) -> tuple[pl.DataFrame | None, list[Note]]:
    """Read the lines of documents; see `l2c.log.lines`. A line that only says what it comes to has the price of one."""
    parts, notes = [], []
    for table in tables:
        columns = _columns(table.frame) or {}
        frame, n = table.frame, table.frame.height
        text = {c: frame[h].cast(pl.String) for c, h in columns.items() if c not in ("quantity", "price", "amount")}
        read = {c: values.numbers(frame[columns[c]]) for c in ("quantity", "price", "amount") if c in columns}
        for found in read.values():
            notes += [Note("of_file", file=table.name, note=note) for note in found.notes]
        if unread := sum(int(found.unread.sum()) for found in read.values()):
            notes.append(Note("lines_unread", file=table.name, n=unread))
        empty = pl.Series([None], dtype=pl.Float64).new_from_index(0, n)
        quantity, price, amount = (read[c].numbers if c in read else empty for c in ("quantity", "price", "amount"))
        whole = amount / quantity.zip_with((quantity != 0).fill_null(False), empty)
        whole = whole.zip_with(whole.is_not_null(), amount.zip_with(quantity.is_null(), empty))
        signs = (
            read["price" if "price" in read else "amount"].currencies.cast(pl.String)
            if {"price", "amount"} & set(read)
            else None
        )
        code = text.get("currency", signs)
        rows = pl.DataFrame(
            {
                **text,
                "quantity": quantity,
                "price": price.zip_with(price.is_not_null(), whole),
                "currency": code if code is not None else pl.Series([currency], dtype=pl.String).new_from_index(0, n),
                "source_row": table.lines.cast(pl.Int64),
            }
        )
        unique = "line_id" in rows.columns and len(tables) == 1 and not rows["line_id"].is_duplicated().any()
        if not unique:
            # A number that begins anew in each document or file names no line.
            rows = rows.with_columns(line_id=pl.format("{}:{}", pl.lit(table.name), "source_row"))
        parts.append(rows.filter(~pl.col("object_type").is_null()))
        notes.append(Note("lines_read", file=table.name, n=parts[-1].height))
        if missing := rows.height - parts[-1].height:
            notes.append(Note("lines_without_kind", file=table.name, n=missing))
    return (pl.concat(parts, how="diagonal_relaxed") if parts else None), notes


def _columns(frame: pl.DataFrame) -> dict[str, str] | None:
    """Header by column, if the table is one of lines: it says of what kind of document each is, and how many or how much."""
    keys = {matching.normalise(name): column for column, names in HEADERS.items() for name in names}
    found: dict[str, str] = {}
    for header in frame.columns:
        column = keys.get(matching.normalise(header))
        if column is None:
            if {"activity", "time"} & {a for a in matching.match_attribute(header) if matching.is_strong(header, a)}:
                return None
            column = next(
                (a for a in matching.match_attribute(header) if a in KNOWN and matching.is_strong(header, a)), None
            )
        if column is not None:
            found.setdefault(column, header)
    is_lines = (
        "object_type" in found
        and {"object_id", "case_id"} & set(found)
        and {"quantity", "price", "amount"} & set(found)
    )
    return found if is_lines else None
