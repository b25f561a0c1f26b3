"""Which rows are events, and which cannot be used?"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import narwhals as nw
import polars as pl

from l2c.prepare import closing, deleted, doubts, ends, identity, kinds_of_columns, named_times, times, values
from l2c.prepare.headers import STAGE, Layout, States
from l2c.prepare.histories import AS_OF, CREATED, ENTERED, FROM, SILENT
from l2c.prepare.instructions import Instructions
from l2c.prepare.product_lines import folded, summed
from l2c.prepare.table import Table
from l2c.words import matching, vocabulary
from l2c.words.notes import Note

EARLIEST = datetime(1970, 1, 1)
# The first reason that holds is the one named.
REASON = pl.Enum(
    [
        "malformed row",
        "subtotal",
        "no case",
        "no activity",
        "no time",
        "unreadable time",
        "out of range",
        "duplicate",
        "deleted",
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
    states: pl.DataFrame | None = (
        None  # what the deals stood at, where the rows are states; then there are no events yet
    )


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
    table, settled = doubts.settled(deleted.apart(table), layout, said)
    chosen = [pl.col(header).alias(name) for name, header in layout.columns.items()]
    cells = table.frame.select(*chosen, *[pl.col(h).alias(a) for a, h in layout.dates.items()])
    with ThreadPoolExecutor() as pool:
        # Both leave Python to the other while they work.
        typing = pool.submit(_typed, cells, layout, table, said)
        timing = pool.submit(_timed, cells, layout, table.name, said)
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
        stood, reason, lost, more = _stood(typed, cells, moments, layout, limit, said)
        stood = stood.with_columns(pl.lit(table.name).alias("source"), table.lines.alias("source_row"))
        return Part(table, layout, cells, reason, stood.clear(), unread | lost, currencies, (*notes, *more), stood)
    make = _wide if layout.is_wide else _long
    events, reason, lost, more = make(typed, cells, moments, layout, limit, said)
    lines = table.lines.gather(events["_row"]) if layout.is_wide else table.lines
    shown = events.with_columns(pl.lit(table.name, pl.Categorical).alias("source"), lines.alias("source_row"))
    return Part(table, layout, cells, reason, shown, unread | lost, currencies, (*notes, *more))


def _typed(
    cells: pl.DataFrame, layout: Layout, table: Table, said: Instructions
) -> tuple[pl.DataFrame, dict[str, int], tuple[str, ...], tuple[Note, ...]]:
    """Attributes by their kind in the vocabulary; what the vocabulary does not know stays as it is."""
    kinds = {attribute.id: attribute.kind for attribute in vocabulary.attributes()} | {
        "case_id": "id",
        "activity": "id",
    }
    timed = {"time", *(SILENT if layout.states else ())} if layout.is_wide else {"time", ends.other_end(layout.columns)}
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
    closed, flags = _closing(typed, cells, said, notes, layout, days)
    frame = frame.with_columns(flags)
    for activity, header in layout.dates.items():
        moment = moments[activity]
        reason = _checked(moment, cells[activity], limit)
        one = pl.Series([activity]).new_from_index(0, typed.height)
        names = closed if activity == matching.CLOSE else one
        happened = names.is_not_null()
        made = [names.alias("activity"), moment.time.alias("time"), moment.precision.alias("precision")]
        pieces.append(_in_stage(frame, activity, layout).with_columns(*made).filter(reason.is_null() & happened))
        # The planned close of an open deal is no event, and so no fault of the row either.
        problems.append(reason.set(~happened, "no time").alias(f"{len(problems)}"))
        if bad := int((happened & reason.is_in(["unreadable time", "out of range"])).sum()):
            lost[header] = bad
    pieces = _begun(_once_closed(pieces, layout), layout, notes)
    events = pl.concat(pieces)
    used = frame["_row"].is_in(events["_row"].unique().implode())
    events = folded(events, typed, layout.columns, notes)
    no_case = _empty(typed, "case_id")
    reason = _worst(problems).set(used, None).set(no_case, "no case").alias("reason")
    return events.filter(~no_case.gather(events["_row"])), reason, lost, tuple(notes)


def _in_stage(frame: pl.DataFrame, activity: str, layout: Layout) -> pl.DataFrame:
    """The rows at an activity, where the days of stages are known: in the stage of that day, not in that of today."""
    if not any(name.startswith(STAGE) for name in layout.dates):
        return frame
    if activity.startswith(STAGE):
        return frame.with_columns(stage=pl.lit(activity.removeprefix(STAGE)).cast(frame.schema.get("stage", pl.String)))
    if "stage" not in frame.columns or _closes(activity):
        return frame
    return frame.with_columns(stage=pl.lit(None, frame.schema["stage"]))


def _closes(activity: str) -> bool:
    return activity == matching.CLOSE or matching.match_activity(activity) in vocabulary.closings()


def _once_closed(pieces: list[pl.DataFrame], layout: Layout) -> list[pl.DataFrame]:
    """The events without those of the close date in rows that have a column for the very close."""
    if matching.CLOSE not in layout.dates:
        return pieces
    own = [p["_row"] for p, name in zip(pieces, layout.dates, strict=True) if name != matching.CLOSE and _closes(name)]
    if not own:
        return pieces
    told = pl.col("_row").is_in(pl.concat(own).unique().implode())
    return [p.filter(~told) if name == matching.CLOSE else p for p, name in zip(pieces, layout.dates, strict=True)]


def _begun(pieces: list[pl.DataFrame], layout: Layout, notes: list[Note]) -> list[pl.DataFrame]:
    """The events with a creation, in a table of the days of stages that has none: the first stage stands for it."""
    staged = [p for p, name in zip(pieces, layout.dates, strict=True) if name.startswith(STAGE)]
    if CREATED in layout.dates or not staged:
        return pieces
    first = pl.concat(staged).sort("time", maintain_order=True).unique("_row", keep="first", maintain_order=True)
    notes.append(Note("created_by_first_state", deals=first.height))
    return [first.with_columns(activity=pl.lit(CREATED)), *pieces]


def _stood(
    typed: pl.DataFrame,
    cells: pl.DataFrame,
    moments: dict[str, times.Times],
    layout: Layout,
    limit: datetime,
    instructed: Instructions,
) -> Made:
    """A row is what a deal stood at: its attributes, when that was (`_at`), and its dates (`@Opportunity Created`)."""
    said, nothing, notes = layout.states, pl.Series([None]).new_from_index(0, typed.height), list[Note]()
    assert said is not None
    reason, lost = nothing.cast(REASON), dict[str, int]()
    columns = {
        "_at": pl.Series([said.at and min(said.at, limit)], dtype=pl.Datetime("us")).new_from_index(0, typed.height)
    }
    columns["_precision"] = pl.Series(["day"], dtype=times.PRECISION).new_from_index(0, typed.height)
    if AS_OF in layout.columns:
        found = named_times.with_named(moments[AS_OF], cells[AS_OF])
        columns |= {"_at": found.time, "_precision": found.precision}
        reason = _checked(found, cells[AS_OF], limit)
    columns["_entered"] = moments[ENTERED].time if ENTERED in moments else columns["_at"].clear(typed.height)
    columns["_from"] = (cells[FROM] if FROM in cells.columns else nothing).cast(pl.String)
    for activity, header in layout.dates.items():
        bad = _checked(moments[activity], cells[activity], limit if activity != matching.CLOSE else datetime.max)
        columns["@" + activity] = moments[activity].time.set(bad.is_not_null(), None)
        columns["#" + activity] = moments[activity].precision
        if n := int(bad.is_in(["unreadable time", "out of range"]).sum()):
            lost[header] = n
    frame = typed.with_columns(**columns, _row=pl.int_range(pl.len(), dtype=pl.UInt32))
    frame = frame.with_columns(
        _closing_then(frame, cells, instructed, notes, layout).alias("_closing"),
        *closing.meant_of_stages(typed, instructed.activities),
        _rank=said.rank,
        _exact=said.exact,
    )
    frame = frame.with_columns(
        _n=-pl.col("_row").cast(pl.Int64) if _falls(frame, said) else pl.col("_row").cast(pl.Int64)
    )
    reason = reason.set(_empty(typed, "case_id"), "no case")
    return summed(frame.filter(reason.is_null()), layout.columns), reason, lost, tuple(notes)


def _closing_then(
    frame: pl.DataFrame, cells: pl.DataFrame, said: Instructions, notes: list[Note], layout: Layout
) -> pl.Series:
    """How each state closes its deal; flags that are the same in all states of a deal are those of today."""
    flags = [name for name in ("is_won", "is_closed") if name in frame.columns]
    by_case = frame.group_by("case_id").agg(pl.col(flag).drop_nulls().n_unique() > 1 for flag in flags)
    if not flags or "stage" not in frame.columns or any(by_case[flag].any() for flag in flags):
        return _closing(frame, cells, said, notes, layout)[0]
    plain = _closing(frame.drop(flags), cells, said, [], layout)[0]
    last = frame.select("case_id", "stage", "_at", "_row", today=_closing(frame, cells, said, notes, layout)[0])
    last = last.drop_nulls("stage").sort("_at", "_row").unique("case_id", keep="last").drop_nulls("today")
    ends = dict(last.group_by("stage").agg(pl.col("today").mode().sort().first()).iter_rows())
    return frame["stage"].replace_strict(ends, default=plain, return_dtype=pl.String)


def _falls(frame: pl.DataFrame, said: States) -> bool:
    """Whether the newest row of a deal stands on top."""
    stage = pl.col("stage") if "stage" in frame.columns else pl.lit(None, pl.String)
    near = {step: pl.col("_at").shift(step).over("case_id") for step in (1, -1)}
    met = {step: (pl.col("_from") == stage.shift(step).over("case_id")).sum() for step in (1, -1)}
    found = frame.select(up=(pl.col("_at") > near[1]).sum() + met[1], down=(pl.col("_at") > near[-1]).sum() + met[-1])
    return said.newest_first or bool((found["down"] > found["up"]).item())


def _worst(problems: list[pl.Series]) -> pl.Series:
    """The reason that says most about a row none of whose dates could be used."""
    any_is = [pl.any_horizontal(pl.all().eq_missing(reason)) for reason in ("unreadable time", "out of range")]
    worst = pl.when(any_is[0]).then(pl.lit("unreadable time")).when(any_is[1]).then(pl.lit("out of range"))
    return pl.DataFrame(problems).select(worst.otherwise(pl.lit("no time")).cast(REASON)).to_series()


def _closing(
    typed: pl.DataFrame,
    cells: pl.DataFrame,
    said: Instructions,
    notes: list[Note],
    layout: Layout,
    days: Mapping[str, pl.Series] | None = None,
) -> tuple[pl.Series, list[pl.Series]]:
    """Closed Won, Closed Lost or, while the deal is open, nothing; and the flags that explain what the user said of stages."""
    told = closing.closed(typed, cells, said.activities, days or {})
    if told is not None:
        notes += told.notes
        return told.activity, told.flags
    if header := layout.dates.get(matching.CLOSE):
        notes.append(Note("no_closing", column=header))
    return pl.Series([None], dtype=pl.String).new_from_index(0, typed.height), []
