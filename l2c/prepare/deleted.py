"""Which rows of a table are gone at their source?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import narwhals as nw
import polars as pl

from l2c.prepare.table import Table
from l2c.words import matching

# Headers that mean it and nothing else: of Salesforce and of Fivetran, CData, Airbyte, Stitch, Debezium.
SURE = (
    "IsDeleted", "Is Deleted", "_fivetran_deleted", "_cdata_deleted", "_sdc_deleted_at", "_ab_cdc_deleted_at",
    "_airbyte_deleted_at", "__deleted", "deleted_at", "Deleted Date", "Date Deleted", "Deleted On", "Deleted Flag",
    "削除フラグ", "削除済みフラグ", "削除日", "削除日時",
)  # fmt: skip
# Headers that may mean something else: only where every cell is a yes, a no or a date.
LIKELY = (
    "Deleted", "Gelöscht", "Supprimé", "Supprimée", "Eliminado", "Eliminada", "Borrado", "Excluído", "Excluída", "Eliminato",
    "Eliminata", "Verwijderd", "削除", "削除済み", "已删除", "是否删除", "已刪除", "是否刪除", "삭제됨", "삭제 여부", "Удалено", "Usunięte",
)  # fmt: skip
_DATE = r"\d[-/.年]\s?\d{1,2}[-/.月]|^\d{8}|^\w{3} \d"
# A flag has few values.
FLAG_VALUES = 50


def gone(frame: pl.DataFrame) -> pl.Series | None:
    """Tell which rows a column marks as deleted.

    Parameters
    ----------
    frame
        The cells under the headers of the source.

    Returns
    -------
    A flag per row; None where no column speaks of it.
    """
    known = [flag for header in columns(frame.columns) if (flag := _flag(frame[header], header)) is not None]
    return pl.DataFrame(known).select(pl.any_horizontal(pl.all())).to_series() if known else None


def columns(headers: Iterable[str]) -> list[str]:
    """The headers that may say which rows are deleted."""
    names = {matching.normalise(name) for name in (*SURE, *LIKELY)}
    return [
        header for header in headers if len(header) < 60 and matching.normalise(header.removesuffix("__c")) in names
    ]


def _flag(column: pl.Series, header: str) -> pl.Series | None:
    """Which cells say it: a yes, or the day on which it was; None where the column holds something else."""
    name = f"_{header}"
    if column.dtype == pl.Boolean:
        return column.fill_null(False).alias(name)
    if column.dtype.is_temporal():
        return column.is_not_null().alias(name)
    text = column.cast(pl.String).str.strip_chars()
    words = text.drop_nulls().unique().to_list() if text.n_unique() <= FLAG_VALUES else []
    truth = {
        word: t
        for word in words
        if (t := matching.truth_words().get(matching.normalise(word.removesuffix(".0")))) is not None
    }
    said = text.replace_strict(truth, default=None, return_dtype=pl.Boolean)
    # A date of zeros is none.
    dated = text.str.contains(_DATE) & text.str.contains("[1-9]")
    other = text.is_not_null() & (text != "") & said.is_null() & ~dated
    if other.any() and header not in SURE:
        return None
    return (said.fill_null(False) | (said.is_null() & dated.fill_null(False))).alias(name)


def apart(table: Table, states: tuple[str, str] | None = None) -> Table:
    """The table without the rows that are deleted; those stand in its `gone`.

    Parameters
    ----------
    states
        Where rows are states of deals, the headers of the deal and of when it was so: what is deleted in its newest state is
        gone, with all that it was before.
    """
    flag = gone(table.frame)
    if flag is None or not flag.any():
        return table
    if states is not None:
        flag |= _dead(table.frame, flag, *states)
    away = (
        table.frame.filter(flag)
        .with_columns(pl.all().cast(pl.String))
        .insert_column(0, table.lines.filter(flag).alias("_line"))
    )
    return replace(table, frame=table.frame.filter(~flag), lines=table.lines.filter(~flag), gone=away)


def _dead(frame: pl.DataFrame, flag: pl.Series, case: str, when: str) -> pl.Series:
    """The rows of deals that are deleted in their newest state; in any, where the times cannot be compared as they stand."""
    text = frame[when].cast(pl.String)
    rows = pl.DataFrame({"case": frame[case], "when": text, "gone": flag})
    if text.str.contains(r"^\d{4}-\d{2}-\d{2}").all():
        rows = rows.filter(pl.col("when") == pl.col("when").max().over("case"))
    return frame[case].is_in(rows.filter("gone")["case"].drop_nulls().implode()).fill_null(False)


def gone_there(schema: Any) -> nw.Expr | None:
    """Tell which rows are deleted where they stay in their engine; None where no column of the schema speaks of it."""
    said: list[nw.Expr] = []
    yes = [word for word, truth in matching.truth_words().items() if truth]
    for header in columns(schema.names()):
        kind, cell = schema[header], nw.col(header)
        if kind == nw.Boolean:
            said.append(cell.fill_null(False))
        elif kind.is_temporal():
            said.append(~cell.is_null())
        elif kind.is_numeric():
            said.append((cell != 0).fill_null(False))
        else:
            said.append(cell.str.to_lowercase().is_in(yes).fill_null(False))
    return nw.any_horizontal(*said, ignore_nulls=True) if said else None
