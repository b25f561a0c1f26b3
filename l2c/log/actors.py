"""Which events did a person do, which an automation or an AI agent?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import narwhals as nw

from l2c import engine
from l2c.words.actors import kind_of, kind_said

if TYPE_CHECKING:
    import polars as pl

    from l2c.engine import Home
    from l2c.log.base import Base

ACTOR, KIND = "actor", "actor_kind"


def told(rows: pl.DataFrame, said: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Add to each event the kind of its performer.

    Parameters
    ----------
    rows
        One row per event; without an `actor` nothing is added.
    said
        Kinds of performers by name, which win over everything else.

    Returns
    -------
    The same rows with `actor_kind`: what the mapping says, else what the source says, else what the name says; missing
    where nobody is named.
    """
    import polars as pl

    if ACTOR not in rows.columns and KIND not in rows.columns:
        return rows
    found = []
    if ACTOR in rows.columns and said:
        found.append(_mapped(rows[ACTOR], {name: kind_said(kind) for name, kind in said.items()}))
    if KIND in rows.columns:
        known = rows[KIND].cast(pl.String)
        found.append(_mapped(known, {text: kind_said(text) for text in known.unique().drop_nulls()}))
    if ACTOR in rows.columns:
        names = rows[ACTOR].unique().drop_nulls().cast(pl.String)
        found.append(_mapped(rows[ACTOR], {name: kind_of(name) for name in names}))
    kinds = pl.select(pl.coalesce(found).cast(pl.Categorical).alias(KIND)).to_series()
    return rows.with_columns(kinds)


def told_there(rows: nw.LazyFrame[Any], home: Home, said: Mapping[str, str] | None = None) -> nw.LazyFrame[Any]:
    """Add the kind of the performer where the rows are; see `told`."""
    there, parts = rows.collect_schema().names(), []
    if ACTOR in there and said:
        rows = _joined(rows, home, ACTOR, {name: kind_said(kind) for name, kind in said.items()}, "_said")
        parts.append("_said")
    if KIND in there:
        known = _distinct(rows, KIND)
        rows = _joined(rows, home, KIND, {text: kind_said(str(text)) for text in known}, "_given").drop(KIND)
        parts.append("_given")
    if ACTOR in there:
        names = _distinct(rows, ACTOR)
        rows = _joined(rows, home, ACTOR, {name: kind_of(str(name)) for name in names}, "_named")
        parts.append("_named")
    if not parts:
        return rows
    kind = nw.coalesce(*parts) if len(parts) > 1 else nw.col(parts[0])
    return rows.with_columns(kind.alias(KIND)).drop(parts)


def kinds(base: Base) -> dict[tuple[str, str], int]:
    """Each performer of a whole log with its kind, and the number of its events; a log of an earlier version knows no kinds."""

    def asked() -> dict[tuple[str, str], int]:
        there = base.events.collect_schema().names()
        if ACTOR not in there:
            return {}
        by = [ACTOR, *([KIND] if KIND in there else [])]
        rows = engine.collect(base.events.filter(~nw.col(ACTOR).is_null()).group_by(*by).agg(n=nw.len()))
        return {
            (str(row[ACTOR]), str(row[KIND]) if KIND in row else kind_of(str(row[ACTOR]))): int(row["n"])
            for row in rows.to_dict("records")
        }

    return base.memo("actors", asked)


def of_machines(base: Base) -> nw.Expr | None:
    """Which events an automation or an agent did; None where the log knows no such performer."""
    if KIND in base.events.collect_schema().names():
        return (~nw.col(KIND).is_null()) & nw.col(KIND).is_in(["automation", "agent"])
    names = sorted({name for name, kind in kinds(base) if kind != "person"})
    return (~nw.col(ACTOR).is_null()) & nw.col(ACTOR).is_in(names) if names else None


def _mapped(column: pl.Series, kinds: Mapping[str, str | None]) -> pl.Series:
    import polars as pl

    return column.cast(pl.String).replace_strict(dict(kinds), default=None, return_dtype=pl.String)


def _distinct(rows: nw.LazyFrame[Any], column: str) -> list[Any]:
    return list(engine.collect(rows.select(column).unique())[column].dropna())


def _joined(
    rows: nw.LazyFrame[Any], home: Home, on: str, kinds: Mapping[Any, str | None], name: str
) -> nw.LazyFrame[Any]:
    import polars as pl

    texts = {on: [str(key) for key in kinds], name: list(kinds.values())}
    table = engine.table(pl.DataFrame(texts, schema={on: pl.String, name: pl.String}), home)
    return rows.join(table, on=on, how="left")
