"""Which rows are events, where the rows stay in their engine: on Spark, or in files larger than memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import narwhals as nw

from l2c import engine
from l2c.engine import Home
from l2c.log import EventLog
from l2c.log.building import held
from l2c.log.columns import MICROSECONDS_A_DAY, START_TIME, STARTED
from l2c.log.ordering_anywhere import SOURCE
from l2c.log.quality import Quality
from l2c.prepare import deleted, ends, ids, joining, lifecycle, values
from l2c.prepare.activities import rename_activities
from l2c.prepare.duplicates import once
from l2c.prepare.findings import findings
from l2c.prepare.headers import REQUIRED, Layout, layout
from l2c.prepare.instructions import Instructions
from l2c.prepare.reasons import REASON
from l2c.prepare.sides import one_sided
from l2c.words import vocabulary
from l2c.words.errors import NothingToRead, UntypedColumn
from l2c.words.notes import Note

if TYPE_CHECKING:
    import pandas as pd

    Frame = nw.LazyFrame[Any]

# So many quarantined rows are brought to this process; all are counted.
MOST_BROUGHT = 10_000
EARLIEST = 0


def read(
    frame: Frame,
    home: Home,
    name: str,
    said: Instructions,
    limit: datetime,
    extracted: datetime | None,
    history_start: datetime | None,
) -> EventLog:
    """Turn the rows of a frame into a log without bringing them here.

    Parameters
    ----------
    frame
        A row per event; its columns have types already. `_file` and `_row` say where a row comes from, or a column
        `source_row`; without either, events of one moment stand in process order and then in that of their content.
    home
        The engine that holds it.
    name
        What to call it.
    said, limit, extracted, history_start
        As for `l2c.read`; times after the limit are out of range.

    Raises
    ------
    ColumnsNotFound, UntypedColumn, NothingToRead
        If a column is missing, is text where a number or a time is needed, or no row can be used.
    """
    shape = _laid_out(frame, name, said)
    rows, notes = _typed(frame, shape, name, said)
    cells, last = list(shape.columns), int((limit - datetime(1970, 1, 1)).total_seconds() * 1e6)
    if other := ends.other_end(shape.columns):
        rows, told = ends.spanned(rows, other, last, shape.columns[other])
        rows, notes = rows.drop("_other"), [*notes, *told]
    rows = rows.with_columns(_reason=_reason(last, deleted.gone_there(rows.collect_schema())))
    names, counts = rows.collect_schema().names(), _counts(rows)
    good = rows.filter(nw.col("_reason").is_null()).drop("_reason")
    bad = rows.filter(~nw.col("_reason").is_null())
    # The time is the end where both are known: what a row says of its start tells it from others.
    used, doubles = once(good, [*cells, START_TIME] if START_TIME in names and other == ends.END_TIME else cells, home)
    if doubles is not None:
        again = doubles.with_columns(_reason=nw.lit("duplicate")).select(*names)
        counts |= _counts(again)
        bad = nw.concat([bad.select(*names), again])
    read_rows = sum(counts.values()) - counts.get("duplicate", 0)
    reasons = {reason: counts[reason] for reason in REASON.categories if reason in counts}
    quarantined = sum(reasons.values())
    if quarantined == read_rows:
        raise NothingToRead.nothing_usable([name], read_rows, reasons) if read_rows else NothingToRead.no_rows([name])
    used, one = ids.one_form_there(used, home)
    used, renamed, more = _renamed(used, said, home)
    used = engine.reused(used)
    used, joined = lifecycle.joined(used, home, [*SOURCE, *(c for c in names if c.startswith("_tie"))])
    used = used.rename({START_TIME: STARTED}) if START_TIME in used.collect_schema().names() else used
    happened = int(engine.collect(used.select(n=nw.len()))["n"].iloc[0]) if joined else read_rows - quarantined
    currencies = _currencies(used, cells)
    currency, told = joining.agreed_currency(said.currency, currencies)
    more += told
    quality = Quality(
        rows_read=read_rows,
        rows_used=read_rows - quarantined,
        events=happened,
        reasons=reasons,
        quarantine=_quarantine(bad if quarantined else bad.head(0), cells),
        mapping=_understood(shape, renamed, said, currency),
        notes=(*shape.notes, *notes, *one, *more, *joined, *_too_many(quarantined)),
    )
    zone = (said.time_zone, said.fiscal_year_starts)
    made = held(used, home, extracted, history_start, currency, quality, said.actors, *zone)
    log = EventLog(made)
    return EventLog(log.base.judged(replace(quality, noticed=findings(log), notes=(*quality.notes, *one_sided(log)))))


def _laid_out(frame: Frame, name: str, said: Instructions) -> Layout:
    """Which column holds what; told by the headers alone."""
    import polars as pl

    headers = [h for h in frame.collect_schema().names() if h not in ("_file", "_row", "source_row")]
    shape = layout(pl.DataFrame(schema=dict.fromkeys(headers, pl.String)), name, said)
    if shape.is_wide:
        raise UntypedColumn.wide(name, shape.dates)
    return shape


def _typed(frame: Frame, shape: Layout, name: str, said: Instructions) -> tuple[Frame, list[Note]]:
    """The cells under the attributes' names, of their kind in the vocabulary, with `_at` and where each comes from."""
    schema = frame.collect_schema()
    known = {attribute.id: attribute.kind for attribute in vocabulary.attributes()}
    kinds = {a: "text" if a in ("case_id", "activity") else known.get(a) for a in shape.columns} | {"time": "time"}
    other = ends.other_end(shape.columns)
    kinds |= {other: "time"} if other else {}
    # The time of the event comes last: its clock is the one that stays.
    for attribute in sorted((a for a, kind in kinds.items() if kind == "time"), key=lambda a: a == "time"):
        header = shape.columns[attribute]
        if not schema[header].is_temporal():
            raise UntypedColumn.time(f"{name}, column {header}", str(schema[header]))
        frame = engine.clock(frame, header, said.time_zone)
        if attribute == other:
            frame = frame.with_columns(_other=nw.col("_at"))
    cast = [
        _cast(header, schema[header], kinds[attribute], f"{name}, column {header}").alias(attribute)
        for attribute, header in shape.columns.items()
    ]
    where, ties, notes = _where(schema.names(), shape, name)
    rows = engine.reused(frame.select(*cast, "_at", *(["_other"] if other else []), *where))
    has = rows.collect_schema()
    texts = [a for a in shape.columns if has[a] == nw.String]
    fractions = [a for a in shape.columns if kinds[a] == "fraction"]
    # One look at everything that only the values can tell.
    facts = engine.collect(
        rows.select(
            (nw.col("_at") % MICROSECONDS_A_DAY != 0).cast(nw.Int64()).max().alias("clock"),
            *(nw.col(a).abs().max().alias(a) for a in fractions),
            *(_is_padded(a).cast(nw.Int64()).max().alias(a) for a in texts),
        )
    ).iloc[0]
    mended = [nw.col(a) / 100 for a in fractions if facts[a] > 1]
    for each in (nw.col(a).str.strip_chars() for a in texts if facts[a] == 1):
        mended.append(nw.when(each != "").then(each))
    precision = nw.lit("day" if facts["clock"] == 0 else "second").alias("precision")
    agreed = [] if {"payment_terms_days", "payment_terms"} & set(shape.columns) else _agreed(said.payment_terms)
    return rows.with_columns(precision, *mended, *agreed).select(nw.all(), *ties), notes


def _agreed(terms: str | None) -> list[nw.Expr]:
    """Payment terms that hold for all rows, in days and, where those do not say all, in words."""
    import polars as pl

    said = pl.Series([] if terms is None else [terms], dtype=pl.String)
    days = values.days(said).numbers.drop_nulls().to_list()
    words = [word for column in values.month_terms(said) for word in column.to_list()]
    found = [nw.lit(day).alias("payment_terms_days") for day in days]
    return [*found, *(nw.lit(word).alias("payment_terms") for word in words)]


def _is_padded(column: str) -> nw.Expr:
    """Whether a text is empty or has a blank around it; most columns have none, and need no mending."""
    text = nw.col(column).str
    return (nw.col(column) == "") | text.starts_with(" ") | text.ends_with(" ")


def _where(headers: Sequence[str], shape: Layout, name: str) -> tuple[list[nw.Expr], list[nw.Expr], list[Note]]:
    """Where each row comes from; if nothing says it, what puts events of one moment in order instead."""
    if "_row" in headers:
        return [nw.col("_file").alias("source"), nw.col("_row").cast(nw.Int64()).alias("source_row")], [], []
    if "source_row" in headers:
        return [nw.lit(name).alias("source"), nw.col("source_row").cast(nw.Int64())], [], []
    ties = [nw.col(a).alias(f"_tie{i}") for i, a in enumerate(shape.columns) if a not in ("case_id", "time")]
    return (
        [nw.lit(name).alias("source"), nw.lit(0).cast(nw.Int64()).alias("source_row")],
        ties,
        [Note("no_source_row", file=name)],
    )


def _cast(header: str, has: nw.dtypes.DType, kind: str | None, where: str) -> nw.Expr:
    """One column as its kind; text is not parsed here."""
    one = nw.col(header)
    if kind in ("number", "money", "days", "fraction"):
        if not has.is_numeric():
            raise UntypedColumn.number(where, str(has))
        return one.cast(nw.Float64())
    if kind == "flag" and has != nw.Boolean:
        if not has.is_numeric():
            raise UntypedColumn.flag(where, str(has))
        return one != 0
    if kind == "text" or has in (nw.String, nw.Categorical, nw.Enum):
        return (one.cast(nw.Int64()) if has.is_float() else one).cast(nw.String())
    return one


def _reason(limit: int, gone: nw.Expr | None) -> nw.Expr:
    """Why a row cannot be used, or null; the first reason that holds is the one named."""
    at = nw.col("_at")
    out: nw.Expr = nw.when((at < EARLIEST) | (at > limit)).then(nw.lit("out of range"))
    for reason, column in (("no time", "_at"), ("no activity", "activity"), ("no case", "case_id")):
        out = nw.when(nw.col(column).is_null()).then(nw.lit(reason)).otherwise(out)
    return out if gone is None else nw.when(gone).then(nw.lit("deleted")).otherwise(out)


def _renamed(rows: Frame, said: Instructions, home: Home) -> tuple[Frame, dict[str, str], list[Note]]:
    """The activities under the names of the vocabulary."""
    import polars as pl

    counted = engine.collect(rows.group_by("activity").agg(n=nw.len()))
    frequent = counted.sort_values(["n", "activity"], ascending=[False, True])["activity"].tolist()
    renamed, notes = rename_activities(frequent, said.activities)
    if renamed:
        pairs = pl.DataFrame({"activity": list(renamed), "_new": list(renamed.values())})
        rows = rows.join(engine.table(pairs, home), on="activity", how="left")
        rows = rows.with_columns(activity=nw.coalesce("_new", "activity")).drop("_new")
    return rows, renamed, notes


def _currencies(rows: Frame, cells: Sequence[str]) -> list[str]:
    if "currency" not in cells:
        return []
    found = engine.collect(rows.select(nw.col("currency").str.to_uppercase()).unique())["currency"]
    return sorted(found.dropna())


def _quarantine(bad: Frame, cells: Sequence[str]) -> pd.DataFrame:
    """The first rows that are not used: `reason, file, row` and their cells as text."""
    if START_TIME in bad.collect_schema().names() and START_TIME not in cells:
        bad = bad.with_columns(time=nw.coalesce(START_TIME, "time"))
    shown = [nw.col("_reason").alias("reason"), nw.col("source").alias("file"), nw.col("source_row").alias("row")]
    names = [c for c in cells if c not in ("reason", "file", "row")]
    found = engine.collect(bad.select(*shown, *(nw.col(c).cast(nw.String()) for c in names)).head(MOST_BROUGHT))
    return found.sort_values(["file", "row"], ignore_index=True)


def _too_many(quarantined: int) -> list[Note]:
    return [Note("some_listed", shown=MOST_BROUGHT, n=quarantined)] if quarantined > MOST_BROUGHT else []


def _understood(shape: Layout, renamed: dict[str, str], said: Instructions, currency: str | None) -> dict[str, Any]:
    """The mapping as it was used, ready to be saved and changed."""
    names = {a: h for a, h in shape.columns.items() if a != h or a in REQUIRED}
    whole = {"version": 1, "columns": names, "activities": renamed, "actors": said.actors}
    whole |= {"time_zone": said.time_zone, "currency": currency}
    whole["payment_terms"] = said.payment_terms
    return {key: value for key, value in whole.items() if value}


def _counts(rows: Frame) -> dict[str, int]:
    """Number of rows by the reason why they are not used; those that are stand under an empty name."""
    counted = engine.collect(rows.group_by("_reason").agg(n=nw.len()))
    return {"" if reason is None or reason != reason else str(reason): int(n) for reason, n in counted.to_numpy()}
