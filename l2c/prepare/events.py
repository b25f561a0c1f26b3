"""Which rows are events, and which cannot be used?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import narwhals as nw
import polars as pl

from l2c.prepare import ends, kinds_of_columns, times, values
from l2c.prepare.headers import Layout
from l2c.prepare.instructions import Instructions
from l2c.prepare.table import Table
from l2c.words import matching, vocabulary
from l2c.words.notes import Note

EARLIEST = datetime(1970, 1, 1)
# The first reason that holds is the one named.
REASON = pl.Enum(
    [
        "malformed row",
        "no case",
        "no activity",
        "no time",
        "unreadable time",
        "out of range",
        "duplicate",
        "example",
    ]
)


@dataclass(frozen=True)
class Part:
    """One table, understood: its events, and its rows with the reason why they are not."""

    table: Table
    layout: Layout
    cells: pl.DataFrame  # the cells as they stood, under the attributes' names
    reason: pl.Series  # null where the row is used
    events: pl.DataFrame  # with `_row`, the row in `cells`
    unread: dict[str, int] = field(default_factory=dict)
    currencies: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()


def from_table(table: Table, layout: Layout, said: Instructions, limit: datetime) -> Part:
    """Turn the rows of one table into typed events.

    Parameters
    ----------
    table, layout, said
        The table, what its columns hold, and what the user said.
    limit
        Times after this moment are out of range.

    Raises
    ------
    AmbiguousDates
        If a column of dates could be read in two ways.
    """
    chosen = [pl.col(header).alias(name) for name, header in layout.columns.items()]
    cells = table.frame.select(*chosen, *[pl.col(h).alias(a) for a, h in layout.dates.items()])
    with ThreadPoolExecutor() as pool:
        # Both leave Python to the other while they work.
        typing = pool.submit(_typed, cells, layout, table, said)
        timing = pool.submit(_timed, cells, layout, table.name, said)
    typed, unread, currencies, notes = typing.result()
    moments, told = timing.result()
    # What stands for no date is missing, not wrong.
    cells = cells.with_columns(cells[name].set(m.empty, None) for name, m in moments.items() if m.empty is not None)
    make = _wide if layout.is_wide else _long
    events, reason, lost, more = make(typed, cells, moments, layout, limit)
    lines = table.lines.gather(events["_row"]) if layout.is_wide else table.lines
    shown = events.with_columns(pl.lit(table.name, pl.Categorical).alias("source"), lines.alias("source_row"))
    return Part(table, layout, cells, reason, shown, unread | lost, currencies, (*notes, *told, *more))


def _typed(
    cells: pl.DataFrame, layout: Layout, table: Table, said: Instructions
) -> tuple[pl.DataFrame, dict[str, int], tuple[str, ...], tuple[Note, ...]]:
    """Attributes by their kind in the vocabulary; what the vocabulary does not know stays as it is."""
    kinds = {attribute.id: attribute.kind for attribute in vocabulary.attributes()} | {
        "case_id": "id",
        "activity": "id",
    }
    timed = {"time"} if layout.is_wide else {"time", ends.other_end(layout.columns)}
    names = [attribute for attribute in layout.columns if attribute not in timed]

    def read(attribute: str) -> kinds_of_columns.Column:
        return kinds_of_columns.typed(cells, attribute, kinds.get(attribute), layout.columns[attribute], table, said)

    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(names, pool.map(read, names), strict=True))
    currencies = {code for column in found.values() for code in column.currencies}
    if "currency" in layout.columns:
        currencies |= {text.upper() for text in kinds_of_columns.text_of(cells["currency"]).drop_nulls().unique()}
    notes = [
        Note("of_column", file=table.name, column=layout.columns[a], note=note)
        for a, column in found.items()
        for note in column.notes
    ]
    unread = {attribute: column.unread for attribute, column in found.items() if column.unread}
    # Text came in the pieces in which it was read; numbers are better moved about in one.
    columns = [column.cells for column in found.values()]
    if "payment_terms_days" in found and "payment_terms" not in found:
        # What ends with a month is no number of days: the words are kept beside them, and read when a due date is asked for.
        columns += values.month_terms(cells["payment_terms_days"])
    elif said.payment_terms and "payment_terms" not in found:
        agreed = pl.Series("payment_terms_days", [said.payment_terms]).new_from_index(0, cells.height)
        columns += [values.days(agreed).numbers.alias("payment_terms_days"), *values.month_terms(agreed)]
    frame = pl.DataFrame(columns).rechunk()
    return frame, unread, tuple(sorted(currencies)), tuple(notes)


def _checked(moment: times.Times, raw: pl.Series, limit: datetime) -> pl.Series:
    """Why a time cannot be used, or null."""
    frame = pl.DataFrame({"raw": raw.is_not_null(), "time": moment.time})
    if frame.select(pl.col("time").is_between(EARLIEST, limit).fill_null(False).all()).item():
        return pl.Series("reason", [None], dtype=REASON).new_from_index(0, frame.height)
    return frame.select(
        pl.when(~pl.col("raw"))
        .then(pl.lit("no time"))
        .when(pl.col("time").is_null())
        .then(pl.lit("unreadable time"))
        .when((pl.col("time") < EARLIEST) | (pl.col("time") > limit))
        .then(pl.lit("out of range"))
        .cast(REASON)
        .alias("reason")
    ).to_series()


def _timed(
    cells: pl.DataFrame, layout: Layout, name: str, said: Instructions
) -> tuple[dict[str, times.Times], list[Note]]:
    """The times of events: of the column that holds them or, for deals, of the column of each activity."""
    both = () if layout.is_wide else ("time", ends.other_end(layout.columns))
    headers = layout.dates if layout.is_wide else {name: layout.columns[name] for name in both if name}
    found = {
        a: kinds_of_columns.moment_of(cells[a], cells, f"{name}, column {header}", said)
        for a, header in headers.items()
    }
    told = [
        Note("of_column", file=name, column=headers[a], note=note) for a, each in found.items() for note in each.notes
    ]
    return found, told


Made = tuple[pl.DataFrame, pl.Series, dict[str, int], tuple[Note, ...]]


def _long(
    typed: pl.DataFrame, cells: pl.DataFrame, moments: dict[str, times.Times], layout: Layout, limit: datetime
) -> Made:
    """A row is an event."""
    moment = moments["time"]
    frame = typed.with_columns(
        moment.time.alias("time"),
        moment.precision.alias("precision"),
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("_row"),
    )
    raw, notes = cells["time"], list[Note]()
    unread: dict[str, int] = {}
    if other := ends.other_end(layout.columns):
        # A start that cannot be read is a fault of the row, whatever its end says.
        known = moments[other].time.set(moment.time.is_null() & raw.is_not_null(), None)
        frame, notes = _spanned(frame, moments[other]._replace(time=known), other, layout.columns[other], limit)
        raw = frame["time"].set(raw.is_not_null(), EARLIEST)
        unread = {other: n} if (n := int((moments[other].time.is_null() & cells[other].is_not_null()).sum())) else {}
    why = _checked(moment._replace(time=frame["time"]), raw, limit)
    for reason, column in (("no activity", "activity"), ("no case", "case_id")):
        if (empty := _empty(frame, column)).any():
            why = why.set(empty, reason)
    return frame, why, unread, tuple(notes)


def _spanned(
    frame: pl.DataFrame, moment: times.Times, other: str, header: str, limit: datetime
) -> tuple[pl.DataFrame, list[Note]]:
    """The events with their start and end, as `ends.spanned` has them."""
    rows = frame.with_columns(
        moment.time.alias(other), _at=pl.col("time").to_physical(), _other=moment.time.to_physical()
    )
    last = (limit - datetime(1970, 1, 1)) // timedelta(microseconds=1)
    found, notes = ends.spanned(nw.from_native(rows.lazy()), other, last, header)
    spans: pl.DataFrame = found.drop("_at", "_other", "_began", strict=False).collect().to_native()
    moved = spans["time"].ne_missing(frame["time"])
    return spans.with_columns(frame["precision"].zip_with(~moved, moment.precision)), notes


def _empty(frame: pl.DataFrame, column: str) -> pl.Series:
    """Whether a row has nothing in this column."""
    return frame.select(pl.col(column).is_null() | (pl.col(column) == "").fill_null(True)).to_series()


def _wide(
    typed: pl.DataFrame, cells: pl.DataFrame, moments: dict[str, times.Times], layout: Layout, limit: datetime
) -> Made:
    """A row is a deal; each of its dates is an event."""
    frame = typed.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias("_row"))
    pieces: list[pl.DataFrame] = []
    problems: list[pl.Series] = []
    lost: dict[str, int] = {}
    notes: list[Note] = []
    for activity, header in layout.dates.items():
        moment = moments[activity]
        reason = _checked(moment, cells[activity], limit)
        one = pl.Series([activity]).new_from_index(0, typed.height)
        names = _closing(typed, notes, header) if activity == matching.CLOSE else one
        happened = names.is_not_null()
        made = [names.alias("activity"), moment.time.alias("time"), moment.precision.alias("precision")]
        pieces.append(frame.with_columns(*made).filter(reason.is_null() & happened))
        # The planned close of an open deal is no event, and so no fault of the row either.
        problems.append(reason.set(~happened, "no time").alias(f"{len(problems)}"))
        if bad := int((happened & reason.is_in(["unreadable time", "out of range"])).sum()):
            lost[header] = bad
    events = pl.concat(pieces)
    used = frame["_row"].is_in(events["_row"].unique().implode())
    events = _folded(events, typed, notes)
    no_case = _empty(typed, "case_id")
    reason = _worst(problems).set(used, None).set(no_case, "no case").alias("reason")
    return events.filter(~no_case.gather(events["_row"])), reason, lost, tuple(notes)


# Headers under which a row per product line says what the line is worth.
LINE_VALUES = {"totalprice", "linetotal", "lineamount", "extendedprice", "合計金額", "明細金額", "小計"}


def _folded(events: pl.DataFrame, typed: pl.DataFrame, notes: list[Note]) -> pl.DataFrame:
    """One event where several rows, one per product line, tell of the same thing.

    An amount that differs from line to line is that of the line: the deal's is their sum. The largest line names the product.
    """
    twice = typed["case_id"].is_duplicated() & typed["case_id"].is_not_null()
    if not twice.any() or not events.select("case_id", "activity", "time").is_duplicated().any():
        return events
    worth = [c for c in typed.columns if matching.normalise(c) in LINE_VALUES]
    worth += ["amount"] if "amount" in typed.columns else []
    amount = typed.filter(pl.col("amount").is_not_null()) if "amount" in typed.columns else typed.clear()
    varying = (
        "amount" in typed.columns and amount.select((pl.col("amount").n_unique() > 1).over("case_id").any()).item()
    )
    by = [pl.col(c).cast(pl.String).str.replace_all(",", "").cast(pl.Float64, strict=False) for c in worth[:1]]
    ordered = events.with_row_index("_at")
    ordered = ordered.sort(*by, "_at", descending=[True] * len(by) + [False], nulls_last=True) if by else ordered
    kept = ordered.unique(["case_id", "activity", "time"], keep="first", maintain_order=True).sort("_at").drop("_at")
    if varying:
        total = amount.group_by("case_id").agg(pl.col("amount").sum().alias("_total"))
        kept = kept.join(total, on="case_id", how="left", maintain_order="left")
        kept = kept.with_columns(pl.col("_total").alias("amount")).drop("_total")
    lines, deals = int(twice.sum()), typed.filter(twice)["case_id"].n_unique()
    notes.append(Note("product_lines", rows=lines, deals=deals))
    return kept


def _worst(problems: list[pl.Series]) -> pl.Series:
    """The reason that says most about a row none of whose dates could be used."""
    any_is = [pl.any_horizontal(pl.all().eq_missing(reason)) for reason in ("unreadable time", "out of range")]
    worst = pl.when(any_is[0]).then(pl.lit("unreadable time")).when(any_is[1]).then(pl.lit("out of range"))
    return pl.DataFrame(problems).select(worst.otherwise(pl.lit("no time")).cast(REASON)).to_series()


def _closing(typed: pl.DataFrame, notes: list[Note], header: str) -> pl.Series:
    """Closed Won, Closed Lost or, while the deal is open, nothing."""
    signs: list[pl.Expr] = []
    if "is_won" in typed.columns:
        signs.append(pl.when(pl.col("is_won")).then(pl.lit("Closed Won")))
    if "stage" in typed.columns:
        outcome = {s: matching.stage_outcome(s) for s in typed["stage"].drop_nulls().unique()}
        words = {"won": "Closed Won", "lost": "Closed Lost"}
        names = {stage: words[end] for stage, end in outcome.items() if end}
        signs.append(pl.col("stage").replace_strict(names, default=None, return_dtype=pl.String))
    if not signs:
        notes.append(Note("no_closing", column=header))
        return pl.Series([None], dtype=pl.String).new_from_index(0, typed.height)
    return typed.select(pl.coalesce(signs)).to_series()
