"""Which rows are events, and which cannot be used?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

import polars as pl

from l2c import vocabulary
from l2c.prepare import columns, times, values
from l2c.prepare.columns import CLOSE, Instructions, Layout
from l2c.prepare.formats import Table

EARLIEST = datetime(1970, 1, 1)
# The first reason that holds is the one named.
REASONS = (
    "malformed row",
    "no case",
    "no activity",
    "no time",
    "unreadable time",
    "out of range",
    "duplicate",
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
    notes: tuple[str, ...] = ()


class Joined(NamedTuple):
    """All tables together."""

    events: pl.DataFrame
    rows_read: int
    rows_used: int
    reasons: dict[str, int]
    quarantine: pl.DataFrame
    renamed: dict[str, str]
    unread: dict[str, int]
    currency: str | None
    notes: tuple[str, ...]


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
    typed, unread, currencies, notes = _typed(cells, layout, table.name, said)
    wanted = "wide" if layout.is_wide else "long"
    make = {"wide": _wide, "long": _long}[wanted]
    events, reason, lost, more = make(typed, cells, layout, table.name, said, limit)
    shown = events.with_columns(
        pl.lit(table.name).alias("source"), table.lines.gather(events["_row"]).alias("source_row")
    )
    return Part(table, layout, cells, reason, shown, unread | lost, currencies, (*notes, *more))


def _text(column: pl.Series) -> pl.Series:
    """Ids and names as text; a whole number that a spreadsheet made a decimal loses its '.0'."""
    if column.dtype.is_float() and (column.drop_nulls() % 1 == 0).all():
        column = column.cast(pl.Int64)
    return column.cast(pl.String).str.strip_chars()


def _typed(
    cells: pl.DataFrame, layout: Layout, name: str, said: Instructions
) -> tuple[pl.DataFrame, dict[str, int], tuple[str, ...], tuple[str, ...]]:
    """Attributes by their kind in the vocabulary; what the vocabulary does not know stays as it is."""
    kinds = {attribute.id: attribute.kind for attribute in vocabulary.attributes()}
    made: list[pl.Series] = []
    unread: dict[str, int] = {}
    currencies: set[str] = set()
    notes: list[str] = []
    for attribute in layout.columns:
        column = cells[attribute]
        kind = kinds.get(attribute)
        if attribute in ("case_id", "activity"):
            made.append(_text(column).alias(attribute))
        elif attribute == "time":
            continue
        elif kind in ("number", "money", "days"):
            found = values.numbers(column)
            made.append(found.numbers.alias(attribute))
            unread[attribute] = int(found.unread.sum())
            if kind == "money":
                currencies |= set(found.currencies.drop_nulls().unique())
            notes += [f"{name}, {layout.columns[attribute]}: {note}" for note in found.notes]
        elif kind == "fraction":
            fractions = values.fractions(column)
            made.append(fractions.numbers.alias(attribute))
            unread[attribute] = int(fractions.unread.sum())
            notes += [f"{name}, {layout.columns[attribute]}: {note}" for note in fractions.notes]
        elif kind == "flag":
            flags, bad = values.flags(column)
            made.append(flags.alias(attribute))
            unread[attribute] = int(bad.sum())
        elif kind == "time":
            where = f"{name}, column {layout.columns[attribute]}"
            moment = times.parse_times(column, where=where, timezone=said.time_zone, date_format=said.date_format)
            made.append(moment.time.alias(attribute))
            unread[attribute] = int((moment.time.is_null() & column.is_not_null()).sum())
        elif kind == "text" or not column.dtype.is_numeric():
            made.append(_text(column).alias(attribute) if kind == "text" else column)
        else:
            made.append(column)
    if "currency" in layout.columns:
        currencies |= set(_text(cells["currency"]).drop_nulls().str.to_uppercase().unique())
    frame = pl.DataFrame(made)
    return frame, {a: n for a, n in unread.items() if n}, tuple(sorted(currencies)), tuple(notes)


def _checked(moment: times.Times, raw: pl.Series, limit: datetime) -> pl.Series:
    """Why a time cannot be used, or null."""
    frame = pl.DataFrame({"raw": raw.is_not_null(), "time": moment.time})
    return frame.select(
        pl.when(~pl.col("raw"))
        .then(pl.lit("no time"))
        .when(pl.col("time").is_null())
        .then(pl.lit("unreadable time"))
        .when((pl.col("time") < EARLIEST) | (pl.col("time") > limit))
        .then(pl.lit("out of range"))
        .alias("reason")
    ).to_series()


Made = tuple[pl.DataFrame, pl.Series, dict[str, int], tuple[str, ...]]


def _long(
    typed: pl.DataFrame, cells: pl.DataFrame, layout: Layout, name: str, said: Instructions, limit: datetime
) -> Made:
    """A row is an event."""
    where = f"{name}, column {layout.columns['time']}"
    moment = times.parse_times(cells["time"], where=where, timezone=said.time_zone, date_format=said.date_format)
    frame = typed.with_columns(
        moment.time.alias("time"),
        moment.precision.alias("precision"),
        _checked(moment, cells["time"], limit).alias("_reason"),
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("_row"),
    )
    empty = {"no case": pl.col("case_id"), "no activity": pl.col("activity")}
    reason = pl.coalesce(
        *[pl.when(c.is_null() | (c == "")).then(pl.lit(r)) for r, c in empty.items()], pl.col("_reason")
    )
    frame = frame.with_columns(_reason=reason)
    events = frame.filter(pl.col("_reason").is_null()).drop("_reason")
    return events, frame["_reason"], {}, ()


def _wide(
    typed: pl.DataFrame, cells: pl.DataFrame, layout: Layout, name: str, said: Instructions, limit: datetime
) -> Made:
    """A row is a deal; each of its dates is an event."""
    frame = typed.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias("_row"))
    pieces: list[pl.DataFrame] = []
    problems: list[pl.Series] = []
    lost: dict[str, int] = {}
    notes: list[str] = []
    for activity, header in layout.dates.items():
        where = f"{name}, column {header}"
        moment = times.parse_times(cells[activity], where=where, timezone=said.time_zone, date_format=said.date_format)
        reason = _checked(moment, cells[activity], limit)
        names = (
            _closing(typed, notes, header)
            if activity == CLOSE
            else pl.Series([activity]).new_from_index(0, typed.height)
        )
        piece = frame.with_columns(
            names.alias("activity"), moment.time.alias("time"), moment.precision.alias("precision")
        ).filter(reason.is_null() & names.is_not_null())
        pieces.append(piece)
        # The planned close of an open deal is no event, and so no fault of the row either.
        problems.append(pl.select(pl.when(names.is_not_null()).then(reason).otherwise(pl.lit("no time"))).to_series())
        bad = int((names.is_not_null() & reason.is_in(["unreadable time", "out of range"])).sum())
        lost |= {header: bad} if bad else {}
    events = pl.concat(pieces)
    used = frame["_row"].is_in(events["_row"].unique().implode())
    worst = (
        pl.DataFrame(problems)
        .select(
            pl.when(pl.any_horizontal(pl.all().eq_missing("unreadable time")))
            .then(pl.lit("unreadable time"))
            .when(pl.any_horizontal(pl.all().eq_missing("out of range")))
            .then(pl.lit("out of range"))
            .otherwise(pl.lit("no time"))
        )
        .to_series()
        if problems
        else pl.Series([], dtype=pl.String)
    )
    no_case = typed["case_id"].is_null() | (typed["case_id"] == "")
    reason = pl.select(pl.when(no_case).then(pl.lit("no case")).when(~used).then(worst)).to_series()
    kept = events.filter(~no_case.gather(events["_row"]))
    return kept, reason, lost, tuple(notes)


def _closing(typed: pl.DataFrame, notes: list[str], header: str) -> pl.Series:
    """Closed Won, Closed Lost or, while the deal is open, nothing."""
    signs = []
    if "is_won" in typed.columns:
        signs.append(pl.when(pl.col("is_won")).then(pl.lit("Closed Won")))
    if "stage" in typed.columns:
        outcome = {s: vocabulary.stage_outcome(s) for s in typed["stage"].drop_nulls().unique()}
        words = {"won": "Closed Won", "lost": "Closed Lost"}
        names = {stage: words[end] for stage, end in outcome.items() if end}
        signs.append(pl.col("stage").replace_strict(names, default=None, return_dtype=pl.String))
    if not signs:
        notes.append(
            f"{header} was not used: no stage and no won flag say which deals are closed. "
            "Map one with --map stage=YOUR_COLUMN."
        )
        return pl.Series([None], dtype=pl.String).new_from_index(0, typed.height)
    return typed.select(pl.coalesce(signs)).to_series()


def join(parts: Sequence[Part], said: Instructions) -> Joined:
    """Put the tables together: one name for each activity, exact duplicates set aside, all rows counted.

    Parameters
    ----------
    parts
        The tables, understood.
    said
        What the user said about activities.
    """
    reasons = _with_duplicates(parts)
    kept = [
        part.events.filter(reason.gather(part.events["_row"]).is_null()).drop("_row")
        for part, reason in zip(parts, reasons, strict=True)
    ]
    events, notes = _one_id(pl.concat(kept, how="diagonal_relaxed"))
    frequent = events["activity"].value_counts(sort=True)["activity"].to_list()
    renamed, more = columns.rename_activities(frequent, said.activities)
    if renamed:
        events = events.with_columns(pl.col("activity").replace(renamed))
    quarantine = _quarantine(parts, reasons)
    counted = quarantine["reason"].value_counts()
    number = dict(zip(counted["reason"], counted["count"], strict=True))
    read = sum(part.table.frame.height + part.table.rejected.height for part in parts)
    currencies = sorted({c for part in parts for c in part.currencies})
    if len(currencies) > 1:
        more.append(
            f"Amounts are in {', '.join(currencies)}. They were not converted, so sums of amounts mean nothing; "
            "give one currency per log, or convert first."
        )
    return Joined(
        events,
        read,
        read - quarantine.height,
        {reason: number[reason] for reason in REASONS if reason in number},
        quarantine,
        renamed,
        {f"{p.table.name}: {a}": n for p in parts for a, n in p.unread.items()},
        currencies[0] if len(currencies) == 1 else None,
        (*(note for part in parts for note in part.notes), *notes, *more),
    )


def _with_duplicates(parts: Sequence[Part]) -> list[pl.Series]:
    """The reasons of each part, with 'duplicate' where a usable row repeats an earlier one cell by cell."""
    cells = pl.concat([part.cells for part in parts], how="diagonal_relaxed")
    reason = pl.concat([part.reason for part in parts])
    marks = cells.hash_rows().is_first_distinct()
    if not marks.all():
        # Equal hashes are only a suspicion; the cells decide.
        hashes = cells.hash_rows()
        suspects = cells.with_row_index("_at").filter(hashes.is_in(hashes.filter(~marks).implode()))
        again = suspects.filter(~pl.struct(pl.exclude("_at")).is_first_distinct())["_at"]
        repeated = pl.Series([False]).new_from_index(0, cells.height).scatter(again, True)
        frame = pl.DataFrame({"reason": reason, "repeated": repeated})
        named = pl.when(pl.col("reason").is_null() & pl.col("repeated")).then(pl.lit("duplicate"))
        reason = frame.select(named.otherwise(pl.col("reason")).alias("reason")).to_series()
    ends = [0]
    for part in parts:
        ends.append(ends[-1] + part.cells.height)
    return [reason.slice(start, end - start) for start, end in pairwise(ends)]


def _quarantine(parts: Sequence[Part], reasons: Sequence[pl.Series]) -> pl.DataFrame:
    """The rows that are not used: `reason, file, row` and their cells under the headers of the source."""
    pieces = []
    for part, reason in zip(parts, reasons, strict=True):
        bad = reason.is_not_null()
        where = [
            reason.filter(bad).alias("reason"),
            pl.Series("file", [part.table.name]).new_from_index(0, int(bad.sum())),
            part.table.lines.filter(bad).alias("row"),
        ]
        cells = part.table.frame.filter(bad).with_columns(pl.all().cast(pl.String))
        clash = {name: f"{name} (source)" for name in cells.columns if name in ("reason", "file", "row")}
        pieces.append(pl.DataFrame(where).hstack(cells.rename(clash)))
        rejected = part.table.rejected
        pieces.append(
            rejected.select(
                pl.col("reason"), pl.lit(part.table.name).alias("file"), pl.col("line").alias("row"), "text"
            )
        )
    return pl.concat([p for p in pieces if p.height] or pieces[:1], how="diagonal_relaxed")


def _one_id(events: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Give Salesforce ids one form where a source mixes 15 and 18 characters for the same record."""
    ids = events["case_id"].unique()
    short = ids.filter(ids.str.contains(r"^[A-Za-z0-9]{15}$"))
    long = ids.filter(ids.str.contains(r"^[A-Za-z0-9]{18}$"))
    known = set(long.to_list())
    same = {each: full for each in short.to_list() if (full := eighteen(each)) in known} if len(long) else {}
    if not same:
        return events, []
    note = f"{len(same):,} deals came with a 15-character id here and the same id in 18 characters there; they are one."
    return events.with_columns(pl.col("case_id").replace(same)), [note]


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
