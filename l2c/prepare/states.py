"""What happened to the deals of which a source holds one state after another?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import polars as pl

from l2c.log.ordering import coded
from l2c.prepare import ids, successions
from l2c.prepare.events import Part
from l2c.prepare.headers import STAGE
from l2c.prepare.histories import CREATED
from l2c.prepare.successions import CLOSE, OPEN
from l2c.prepare.texts import decoded
from l2c.words import vocabulary
from l2c.words.notes import Note

REOPENED = "Opportunity Reopened"
# What is worth knowing of a deal at any time, in the order of its columns.
TOLD = ("rep", "stage", "amount", "close_date", "forecast_category", "probability")
# Of events, and so not what a deal stands at.
_OF_EVENTS = {a.id for a in vocabulary.attributes() if a.scope == "event" and a.id != "stage"}


class Deals(NamedTuple):
    """What the states tell beside the events.

    Attributes
    ----------
    cases
        The newest value of each attribute: `case_id` and attributes.
    until
        When somebody looked last.
    history
        What a deal stood at and since when: `case_id, position, time` and attributes, filled where it became so; None where
        it is not known when.
    """

    cases: pl.DataFrame | None = None
    until: datetime | None = None
    history: pl.DataFrame | None = None


def resolved(parts: Sequence[Part]) -> tuple[list[Part], Deals, list[Note]]:
    """Make events of the states in the tables, across all of them.

    Notes
    -----
    The stage a deal was created in belongs to its creation; each later one is an event when it was entered or, of snapshots,
    when it was first seen. A deal closes once: on its close date where that lies between the last state in which it was open
    and the first in which it was not. The newest state tells the attributes; amounts are never added up.

    Returns
    -------
    The tables, with their events; what is known of the deals; what to say.
    """
    where = [n for n, part in enumerate(parts) if part.states is not None]
    if not where:
        return list(parts), Deals(), []
    found = [decoded(s).with_columns(_part=n) for n in where if (s := parts[n].states) is not None]
    rows = pl.concat(found, how="diagonal_relaxed").with_columns(pl.col("case_id").cast(pl.String))
    rows, notes = ids.one_form(rows)
    rows = rows.with_columns(pl.col("case_id").cast(pl.String))
    height, deals = rows.height, rows["case_id"].n_unique()
    rows = _ranked(rows, parts).join(_elsewhere(parts), on="case_id", how="left", maintain_order="left")
    undated = rows.group_by("case_id").agg(pl.col("_at").is_null().any() & (pl.len() > 1)).filter("_at")["case_id"]
    rows = rows.sort("case_id", "_at", "_rank", "_n", nulls_last=False)
    if len(undated):
        # In no known order of time: the newest state is all there is to tell.
        rows = rows.filter(~pl.col("case_id").is_in(undated.implode()) | pl.col("case_id").is_last_distinct())
    rows = successions.followed(rows)
    made = [_created(rows), _stages(rows), _closings(rows), *_dates(rows)]
    events = pl.concat([each.with_columns(_kind=n) for n, each in enumerate(made)], how="diagonal_relaxed")
    # Of one moment, what a later state tells comes after what an earlier one does.
    events = events.sort("case_id", "_nth", "_kind", maintain_order=True)
    last = rows["_at"].max()
    known = Deals(_known(rows), last if isinstance(last, datetime) else None, None if len(undated) else _history(rows))
    changes = events["activity"].str.starts_with(STAGE).sum()
    notes += [Note("states_read", rows=height, deals=deals, n=changes)]
    notes += _remarks(rows, [parts[n] for n in where], len(undated))
    told = _unless_told(parts, events)
    for n in where:
        own = events.filter(pl.col("_part") == n).select(
            pl.exclude(r"^[_@#].*$"), "_row", time="_time", precision="_of_time"
        )
        told[n] = replace(
            parts[n], events=own.with_columns(coded(own["case_id"]), pl.col("source").cast(pl.Categorical))
        )
    return told, known, notes


def _ranked(rows: pl.DataFrame, parts: Sequence[Part]) -> pl.DataFrame:
    """The states with the ranks of their tables; where no name tells, the table with the youngest deal is the newest."""
    if all(part.layout.states.ranked for part in parts if part.layout.states) or "@" + CREATED not in rows.columns:
        return rows
    youngest = rows.group_by("_part", "_rank").agg(pl.col("@" + CREATED).max()).sort("@" + CREATED, "_rank")
    ranks = youngest.select("_part", _rank=pl.int_range(pl.len(), dtype=pl.Int32))
    return rows.drop("_rank").join(ranks, on="_part", how="left", maintain_order="left")


def _elsewhere(parts: Sequence[Part]) -> pl.DataFrame:
    """When deals were created by tables with a row per deal beside those of states: `case_id, _there, _of_there`."""
    found = [
        part.events.filter(pl.col("activity") == CREATED).select(
            pl.col("case_id").cast(pl.String), _there="time", _of_there=pl.col("precision").cast(pl.String)
        )
        for part in parts
        if part.states is None and part.layout.is_wide
    ]
    empty = pl.DataFrame(schema={"case_id": pl.String, "_there": pl.Datetime("us"), "_of_there": pl.String})
    return pl.concat([empty, *found], how="vertical_relaxed").unique("case_id", keep="first", maintain_order=True)


def _unless_told(parts: Sequence[Part], events: pl.DataFrame) -> list[Part]:
    """The tables, those with a row per deal without the closes of which the states tell when they were."""
    told = events.filter(pl.col("activity").is_in(vocabulary.closings())).select("case_id", "activity").unique()
    left = []
    for part in parts:
        if part.states is None and part.layout.is_wide and len(told):
            plain = part.events.with_columns(pl.col("case_id").cast(pl.String), pl.col("activity").cast(pl.String))
            kept = plain.join(told, on=["case_id", "activity"], how="anti", maintain_order="left")
            part = replace(part, events=kept.with_columns(coded(kept["case_id"])))
        left.append(part)
    return left


def _created(rows: pl.DataFrame) -> pl.DataFrame:
    """The creation of each deal, with the stage in which it was created where that is known."""
    stage = pl.when("_original").then("stage").otherwise("_from")
    first = rows.filter("_first").select("_case", stage=stage)
    found = rows.filter((pl.col("_nth") == 0) & pl.col("_born").is_not_null() & pl.col("_there").is_null())
    found = found.drop("stage").join(first, on="_case", how="left", maintain_order="left")
    found = found.with_columns(activity=pl.lit(CREATED))
    return found.with_columns(_time="_born", _of_time=pl.col("_of_birth").cast(pl.String))


def _stages(rows: pl.DataFrame) -> pl.DataFrame:
    """Each stage that a deal entered after it was created."""
    again = pl.col("_old_status").is_not_null() & (pl.col("_old_status") != OPEN)
    name = pl.when(again).then(pl.lit(REOPENED)).otherwise(pl.lit(STAGE) + pl.col("stage"))
    return rows.with_columns(activity=name).filter(pl.col("_changes") & pl.col("_time").is_not_null())


def _closings(rows: pl.DataFrame) -> pl.DataFrame:
    """Each close of a deal, unless a column of its own tells of it."""
    own = [
        (pl.col("_closing") == name) & pl.col("@" + name).is_not_null()
        for name in vocabulary.closings()
        if "@" + name in rows.columns
    ]
    told = pl.any_horizontal(own).fill_null(False) if own else pl.lit(False)
    found = rows.filter(pl.col("_closes") & pl.col("_time").is_not_null() & ~told)
    return found.with_columns(activity="_closing")


def _dates(rows: pl.DataFrame) -> list[pl.DataFrame]:
    """The other dates of the newest state of each deal."""
    newest = rows.filter(
        pl.col("_at").eq_missing(pl.col("_at").last().over("_case"))
        & pl.col("_rank").eq(pl.col("_rank").last().over("_case"))
    )
    found = []
    for name in (c[1:] for c in rows.columns if c.startswith("@") and c not in (CLOSE, "@" + CREATED)):
        one = newest.filter(pl.col("@" + name).is_not_null())
        one = one.with_columns(activity=pl.lit(name), _time="@" + name, _of_time=pl.col("#" + name).cast(pl.String))
        found.append(one.unique(["case_id", "_time"], keep="first", maintain_order=True))
    return found


def _with_close_date(rows: pl.DataFrame) -> pl.DataFrame:
    day = pl.col(CLOSE).dt.strftime("%Y-%m-%d") if CLOSE in rows.columns else None
    return rows if day is None else rows.with_columns(close_date=day)


def _known(rows: pl.DataFrame) -> pl.DataFrame:
    """The newest value of each attribute of a deal."""
    rows = _with_close_date(rows)
    names = [c for c in rows.columns if c[0] not in "_@#" and c not in ("case_id", "source", "source_row", *_OF_EVENTS)]
    names = [c for c in names if rows[c].null_count() < rows.height]
    return rows.group_by("case_id", maintain_order=True).agg(pl.col(c).drop_nulls().last() for c in names)


def _history(rows: pl.DataFrame) -> pl.DataFrame:
    """What each deal stood at and since when, of the attributes that change."""
    rows = _with_close_date(rows)
    began = rows.filter(pl.col("_first") & pl.col("_from").is_not_null() & pl.col("_born").is_not_null())
    parts = [began.select("case_id", time="_born", stage="_from")]
    for name in (n for n in TOLD if n in rows.columns):
        known = rows.select("case_id", "_case", name, time="_time").drop_nulls()
        new = (pl.col(name) != pl.col(name).shift()).fill_null(True)
        begins = (pl.col("_case") != pl.col("_case").shift()).fill_null(True)
        if name == "stage" or known.select((new & ~begins).any()).item():
            parts.append(known.filter(new | begins).select("case_id", "time", name))
    found = pl.concat(parts, how="diagonal_relaxed").sort("case_id", "time", maintain_order=True)
    found = found.with_columns(position=pl.int_range(pl.len()).over(pl.col("case_id").rle_id()).cast(pl.Int32))
    told = [n for n in TOLD if n in found.columns and found[n].null_count() < found.height]
    return found.select("case_id", "position", "time", *told)


def _remarks(rows: pl.DataFrame, parts: Sequence[Part], undated: int) -> list[Note]:
    """What to know of how the states were read."""
    first = rows.filter(pl.col("_nth") == 0)
    notes = []
    if n := int(first["_inferred"].sum()):
        notes.append(Note("created_by_first_state", deals=n))
    if n := int(first["_born"].null_count()):
        notes.append(Note("creation_unknown", deals=n))
    seen = first.filter(~pl.col("_exact") & ~pl.col("_original") & pl.col("_first") & pl.col("_at").is_not_null())
    if seen.height:
        notes.append(Note("stage_since_first_look", deals=seen.height))
    last = rows.filter(~pl.col("_exact") & pl.col("case_id").is_last_distinct() & (pl.col("_at") < pl.col("_at").max()))
    if n := int((last["_status"] == OPEN).sum()):
        notes.append(Note("gone_since", deals=n))
    ranked = sorted((p for p in parts if p.layout.states), key=lambda p: p.layout.states.rank)  # type: ignore[union-attr]
    if len(ranked) > 1 and (undated or not any("as_of" in p.layout.columns for p in parts)):
        names = [part.table.name.split(" › ")[-1] for part in ranked]
        notes.append(
            Note("states_by_name", files=names[:12], deals=undated)
            if undated
            else Note("states_dated_by_name", files=names[:12])
        )
    elif undated:
        notes.append(Note("states_by_row", deals=undated))
    return notes


def beyond(activities: Sequence[str], *, stood: bool) -> list[Note]:
    """What quotes, orders and invoices would add to a log that knows nothing but the stages of its deals.

    Parameters
    ----------
    activities
        Those of the log.
    stood
        Whether it was made of states of deals.

    Returns
    -------
    A note for each, or none where the log knows more than stages, or no stages.
    """
    phases = {vocabulary.phase_of(activity) for activity in activities}
    if not phases <= {"lead", "opportunity", "decision"} or not (stood or any(a.startswith(STAGE) for a in activities)):
        return []
    return [Note("adds_quotes"), Note("adds_orders"), Note("adds_invoices")]
