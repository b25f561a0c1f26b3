"""Which rows are events, and which cannot be used?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import narwhals as nw
import polars as pl

from l2c.prepare import closing, deleted, doubts, ends, identity, kinds_of_columns, times, values
from l2c.prepare.headers import Layout
from l2c.prepare.histories import AS_OF, ENTERED, is_silent
from l2c.prepare.instructions import Instructions
from l2c.prepare.product_lines import folded, lines
from l2c.prepare.reasons import EARLIEST, REASON, checked, empty
from l2c.prepare.stage_days import begun, in_stage, once_closed
from l2c.prepare.stood import stood
from l2c.prepare.table import Table
from l2c.words import matching, vocabulary
from l2c.words.notes import Note


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
    # What the deals stood at, where the rows are states of them: there are no events of the table then, until they are resolved.
    states: pl.DataFrame | None = None


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
    ChangedIds
        If a spreadsheet has changed the ids.
    """
    table, settled = doubts.settled(deleted.apart(table, _states_of(layout)), layout, said)
    chosen = [pl.col(header).alias(name) for name, header in layout.columns.items()]
    cells = table.frame.select(*chosen, *[pl.col(h).alias(a) for a, h in layout.dates.items()])
    with ThreadPoolExecutor() as pool:
        # Both leave Python to the other while they work.
        typing = pool.submit(typed_cells, cells, layout, table, said)
        timing = pool.submit(timed_cells, cells, layout, table.name, said)
    typed, unread, currencies, notes = typing.result()
    raw = cells["case_id"]
    # Texts are there once each by now.
    case = typed["case_id"] if raw.dtype == pl.String else raw
    identity.refuse_changed(case, f"{table.name}, column {layout.columns['case_id']}")
    moments, told = timing.result()
    # What stands for no date is missing, not wrong.
    cells = cells.with_columns(cells[name].set(m.empty, None) for name, m in moments.items() if m.empty is not None)
    notes = (*settled, *notes, *told)
    if layout.states is not None:
        held, reason, lost, more = stood(typed, cells, moments, layout, limit, said)
        lines = table.lines.gather(held["_row"])
        held = held.with_columns(pl.lit(table.name).alias("source"), lines.alias("source_row"))
        return Part(table, layout, cells, reason, held.clear(), unread | lost, currencies, (*notes, *more), held)
    make = _wide if layout.is_wide else _long
    events, reason, lost, more = make(typed, cells, moments, layout, limit, said)
    lines = table.lines.gather(events["_row"]) if layout.is_wide else table.lines
    shown = events.with_columns(pl.lit(table.name, pl.Categorical).alias("source"), lines.alias("source_row"))
    return Part(table, layout, cells, reason, shown, unread | lost, currencies, (*notes, *more))


def typed_cells(
    cells: pl.DataFrame, layout: Layout, table: Table, said: Instructions
) -> tuple[pl.DataFrame, dict[str, int], tuple[str, ...], tuple[Note, ...]]:
    """Attributes by their kind in the vocabulary; what the vocabulary does not know stays as it is."""
    kinds = {attribute.id: attribute.kind for attribute in vocabulary.attributes()} | {
        "case_id": "id",
        "activity": "id",
    }
    silent = filter(is_silent, layout.columns) if layout.states else ()
    timed = {"time", *silent} if layout.is_wide else {"time", ends.other_end(layout.columns)}
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


def timed_cells(
    cells: pl.DataFrame, layout: Layout, name: str, said: Instructions
) -> tuple[dict[str, times.Times], list[Note]]:
    """The times of events: of the column that holds them or, for deals, of the column of each activity."""
    both = () if layout.is_wide else ("time", ends.other_end(layout.columns))
    headers = layout.dates if layout.is_wide else {name: layout.columns[name] for name in both if name}
    if layout.states:
        headers = headers | {name: layout.columns[name] for name in (AS_OF, ENTERED) if name in layout.columns}
    found = {
        a: kinds_of_columns.moment_of(cells[a], cells, f"{name}, column {header}", said)
        for a, header in headers.items()
    }
    told = [
        Note("of_column", file=name, column=headers[a], note=note) for a, each in found.items() for note in each.notes
    ]
    return found, told


Made = tuple[pl.DataFrame, pl.Series, dict[str, int], tuple[Note, ...]]


def _states_of(layout: Layout) -> tuple[str, str] | None:
    """The headers of the deal and of when it was so, where a table holds a row per state of a deal and none of its lines."""
    if layout.states is None or AS_OF not in layout.columns or lines(layout.columns):
        return None
    return layout.columns["case_id"], layout.columns[AS_OF]


def _long(
    typed: pl.DataFrame,
    cells: pl.DataFrame,
    moments: dict[str, times.Times],
    layout: Layout,
    limit: datetime,
    said: Instructions,
) -> Made:
    """A row is an event."""
    moment = moments["time"]
    frame = typed.with_columns(
        *closing.meant_of_stages(typed, said.activities),
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
    why = checked(moment._replace(time=frame["time"]), raw, limit)
    for reason, column in (("no activity", "activity"), ("no case", "case_id")):
        if (blank := empty(frame, column)).any():
            why = why.set(blank, reason)
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


def _wide(
    typed: pl.DataFrame,
    cells: pl.DataFrame,
    moments: dict[str, times.Times],
    layout: Layout,
    limit: datetime,
    said: Instructions,
) -> Made:
    """A row is a deal; each of its dates is an event."""
    frame = typed.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias("_row"))
    pieces: list[pl.DataFrame] = []
    problems: list[pl.Series] = []
    lost: dict[str, int] = {}
    notes = identity.of_deals(typed, {activity: moment.time for activity, moment in moments.items()})
    days = {activity: moment.time for activity, moment in moments.items()}
    closed, flags = closing.outcomes(typed, cells, said.activities, layout.dates.get(matching.CLOSE), notes, days)
    frame = frame.with_columns(flags)
    for activity, header in layout.dates.items():
        moment = moments[activity]
        reason = checked(moment, cells[activity], limit)
        one = pl.Series([activity]).new_from_index(0, typed.height)
        names = closed if activity == matching.CLOSE else one
        happened = names.is_not_null()
        made = [names.alias("activity"), moment.time.alias("time"), moment.precision.alias("precision")]
        pieces.append(in_stage(frame, activity, layout).with_columns(*made).filter(reason.is_null() & happened))
        # The planned close of an open deal is no event, and so no fault of the row either.
        problems.append(reason.set(~happened, "no time").alias(f"{len(problems)}"))
        if bad := int((happened & reason.is_in(["unreadable time", "out of range"])).sum()):
            lost[header] = bad
    pieces = begun(once_closed(pieces, layout), layout, notes)
    events = pl.concat(pieces)
    used = frame["_row"].is_in(events["_row"].unique().implode())
    events = folded(events, typed, layout.columns, notes)
    no_case = empty(typed, "case_id")
    reason = worst_of(problems).set(used, None).set(no_case, "no case").alias("reason")
    return events.filter(~no_case.gather(events["_row"])), reason, lost, tuple(notes)


def worst_of(problems: list[pl.Series]) -> pl.Series:
    """The reason that says most about a row none of whose dates could be used."""
    any_is = [pl.any_horizontal(pl.all().eq_missing(reason)) for reason in ("unreadable time", "out of range")]
    worst = pl.when(any_is[0]).then(pl.lit("unreadable time")).when(any_is[1]).then(pl.lit("out of range"))
    return pl.DataFrame(problems).select(worst.otherwise(pl.lit("no time")).cast(REASON)).to_series()
