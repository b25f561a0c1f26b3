"""What do the days on which a deal entered its stages tell, in a table with a column for each?"""

from __future__ import annotations

import polars as pl

from l2c.prepare.headers import STAGE, Layout
from l2c.prepare.histories import CREATED
from l2c.words import matching, vocabulary
from l2c.words.notes import Note


def in_stage(frame: pl.DataFrame, activity: str, layout: Layout) -> pl.DataFrame:
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


def once_closed(pieces: list[pl.DataFrame], layout: Layout) -> list[pl.DataFrame]:
    """The events without those of the close date in rows that have a column for the very close."""
    if matching.CLOSE not in layout.dates:
        return pieces
    own = [p["_row"] for p, name in zip(pieces, layout.dates, strict=True) if name != matching.CLOSE and _closes(name)]
    if not own:
        return pieces
    told = pl.col("_row").is_in(pl.concat(own).unique().implode())
    return [p.filter(~told) if name == matching.CLOSE else p for p, name in zip(pieces, layout.dates, strict=True)]


def begun(pieces: list[pl.DataFrame], layout: Layout, notes: list[Note]) -> list[pl.DataFrame]:
    """The events with a creation, in a table of the days of stages that has none: the first stage stands for it."""
    staged = [p for p, name in zip(pieces, layout.dates, strict=True) if name.startswith(STAGE)]
    if CREATED in layout.dates or not staged:
        return pieces
    first = pl.concat(staged).sort("time", maintain_order=True).unique("_row", keep="first", maintain_order=True)
    notes.append(Note("created_by_first_state", deals=first.height))
    return [first.with_columns(activity=pl.lit(CREATED)), *pieces]
