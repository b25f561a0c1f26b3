"""Which rows of a source are the start, the completion and the rest of one and the same activity?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import narwhals as nw
import polars as pl

from l2c import engine
from l2c.engine import Home
from l2c.log.columns import START_TIME
from l2c.words import matching, vocabulary
from l2c.words.notes import Note

if TYPE_CHECKING:
    Frame = nw.LazyFrame[Any]

START, COMPLETE, ABORT, OTHER = "start", "complete", "abort", "other"
# What tools call the column that numbers activity instances: XES, Disco, bupaR.
INSTANCES = {"conceptinstance", "eventconceptinstance", "activityinstanceid", "activityinstance"}
# Of two rows that are one activity, the completion says these; whatever else it leaves open, the start may know.
_OF_THE_END = ("time", "_at", "precision", "source", "source_row", "lifecycle", START_TIME, "_began")


def joined_here(events: pl.DataFrame) -> tuple[pl.DataFrame, list[Note]]:
    """The same as `joined`, of rows in memory: in the order of the source, `time` in microseconds."""
    if "lifecycle" not in events.columns or events["lifecycle"].n_unique() < 2:
        return events, []
    rows = events.with_columns(_at=pl.col("time").to_physical(), _tie=pl.int_range(pl.len()))
    rows = rows.with_columns(_began=pl.col(START_TIME).to_physical()) if START_TIME in rows.columns else rows
    found, notes = joined(nw.from_native(rows.lazy()), nw.Implementation.POLARS, ["_tie"])
    if not notes:
        return events, []
    frame: pl.DataFrame = found.sort("_tie").drop("_at", "_began", "_tie").collect().to_native()
    return frame, notes


def joined(rows: Frame, home: Home, ties: Sequence[str]) -> tuple[Frame, list[Note]]:
    """Make one row of the rows that tell of one activity instance.

    Parameters
    ----------
    rows
        Events with `time, _at` (microseconds) and, where the source has it, `lifecycle`; `start_time, _began` where it
        tells of ends as well: such rows are instances already.
    home
        The engine that holds them.
    ties
        Columns that order rows of one moment.

    Returns
    -------
    One row per activity instance, with `start_time` and `_began` where a start is known, and what was decided; the rows
    as they are, and no notes, where `lifecycle` is none or tells nothing.

    Notes
    -----
    IEEE 1849 (XES), lifecycle extension, standard transactional model. A start and a completion of the same case,
    activity and `concept:instance` (else document) belong together, those of the same person first; of several the
    earliest start with the earliest completion, as pm4py's `interval_lifecycle.to_interval` does. A completion alone is
    a moment. A start alone is work still going on. An activity that was begun and aborted did not happen. The other
    transitions are no activity of their own.
    """
    names = rows.collect_schema().names()
    if "lifecycle" not in names:
        return rows, []
    word = nw.col("lifecycle").cast(nw.String)
    kinds = transitions(engine.collect(rows.select(word).unique())["lifecycle"].dropna())
    if not kinds:
        return rows, []
    if START_TIME not in names:
        # Nothing, but of the type that times have in this engine.
        never = nw.col("_at") < nw.col("_at")
        empty = {START_TIME: nw.when(never).then(nw.col("time")), "_began": nw.when(never).then(nw.col("_at"))}
        rows = rows.with_columns(**empty)
    columns = rows.collect_schema().names()
    rows = engine.table(rows.with_columns(_kind=_kind(word, kinds)), home)
    rows = engine.table(rows.with_columns(_thing=_thing(rows, columns), _who=_who(columns)), home)
    some = nw.col("_kind").is_in([START, COMPLETE, ABORT])
    parts, counts = _instances(rows.filter(some), columns, ties, home)
    found = engine.table(nw.concat([rows.filter(nw.col("_kind").is_null()).select(*columns), *parts]), home)
    if not len(engine.collect(found.head(1))):
        return rows.select(*columns), []
    return found, _told(rows, found, counts, kinds)


def transitions(values: Iterable[str]) -> dict[str, str | None]:
    """What each value of a column says of the life of an activity; nothing where it is no such column.

    One whose values are all the same tells nothing. A word that is none of the standard's is taken for an event of its own,
    as long as starts and completions stand beside it.
    """
    kinds = {value: _words().get(matching.normalise(value)) for value in values}
    known = {kind for kind in kinds.values() if kind}
    odd = any(kind is None and matching.normalise(value) != "unknown" for value, kind in kinds.items())
    if {START, COMPLETE} <= known or (not odd and len(known) > 1 and known & {START, COMPLETE}):
        return kinds
    return {}


def may_be(header: str) -> bool:
    """Whether a column of this name, which says many things elsewhere, may tell of the life of activities."""
    return matching.normalise(header) in _columns()


def holds(column: pl.Series) -> bool:
    """Whether a column holds starts and completions, and no word of another kind."""
    if not isinstance(column.dtype, (pl.String, pl.Categorical, pl.Enum)):
        return False
    kinds = {_words().get(matching.normalise(word)) for word in column.unique().drop_nulls().cast(pl.String)}
    return {START, COMPLETE} <= kinds and None not in kinds


@cache
def _columns() -> frozenset[str]:
    return frozenset(map(matching.normalise, vocabulary.entries("lifecycle_columns")))


@cache
def _words() -> dict[str, str]:
    return {matching.normalise(word): kind for kind, words in vocabulary.entries("lifecycle").items() for word in words}


def _kind(word: nw.Expr, kinds: dict[str, str | None]) -> nw.Expr:
    """Start, complete, abort, other; null for what is an event of its own."""
    found: Any = nw.lit(None).cast(nw.String)
    for kind in (START, COMPLETE, ABORT, OTHER):
        if said := [value for value, each in kinds.items() if each == kind]:
            found = nw.when(word.is_in(said)).then(nw.lit(kind)).otherwise(found)
    # A row with its own end is an instance already.
    return nw.when(nw.col("_began").is_null() | (found == OTHER)).then(found)


def _thing(rows: Frame, columns: Sequence[str]) -> nw.Expr:
    """What tells instances of one activity apart: their number, unless it numbers the rows, else the document."""
    numbers = [name for name in columns if matching.normalise(name) in INSTANCES]
    there = [name for name in numbers if _joins(rows, name)]
    there += ["object_id"] if "object_id" in columns else []
    return nw.coalesce(*(nw.col(name).cast(nw.String) for name in there), nw.lit(""))


def _joins(rows: Frame, number: str) -> bool:
    """Whether a start and an end share a number anywhere."""
    ends = rows.filter(nw.col("_kind").is_in([START, COMPLETE, ABORT]) & ~nw.col(number).is_null())
    kinds = ends.group_by("case_id", "activity", number).agg(low=nw.col("_kind").min(), high=nw.col("_kind").max())
    # Of the three kinds, start comes last in the alphabet.
    both = kinds.filter((nw.col("high") == START) & (nw.col("low") != START))
    return len(engine.collect(both.select("case_id").head(1))) > 0


def _who(columns: Sequence[str]) -> nw.Expr:
    return nw.coalesce(nw.col("actor").cast(nw.String), nw.lit("")) if "actor" in columns else nw.lit("")


def _instances(
    rows: Frame, columns: Sequence[str], ties: Sequence[str], home: Home
) -> tuple[list[Frame], dict[str, int]]:
    """Instances with both ends, and what stands alone; with the numbers of what was found."""
    keys = ["case_id", "activity", "_thing"]
    start, order = nw.col("_kind") == START, ["_at", "_turn", *ties]
    # Work that begins and ends in one moment begins first.
    rows = rows.with_columns(_start=start, _turn=nw.when(start).then(0).otherwise(1))
    rows = rows.with_columns(_all=nw.col("_turn").count().over(*keys), _both=nw.col("_turn").sum().over(*keys))
    same = engine.table(_matched(rows, [*keys, "_who"], order), home)
    # Who begins a thing is not always who ends it.
    rest = engine.table(_matched(same.filter(nw.col("_pair").is_null()).drop("_pair"), keys, order), home)
    # One start and one completion, the wrong way round, are not twice the activity.
    turned = nw.col("_pair").is_null() & (nw.col("_all") == 2) & (nw.col("_both") == 1)
    rest = rest.with_columns(_pair=nw.when(turned).then(nw.lit(1)).otherwise(nw.col("_pair")))
    pairs = [
        _merged(part.filter(~nw.col("_pair").is_null()), on, columns)
        for part, on in ((same, [*keys, "_who", "_pair"]), (rest, [*keys, "_pair"]))
    ]
    whole = engine.table(nw.concat(pairs), home)
    alone = rest.filter(nw.col("_pair").is_null())
    done, kept = nw.col("_kind") == COMPLETE, nw.col("_kind") != ABORT
    numbers = {
        "instances": whole.filter(done),
        "aborted": whole.filter(~kept),
        "turned": whole.filter(done & nw.col("_began").is_null()),
        "open": alone.filter(nw.col("_start")),
        "idle": alone.filter(~kept),
    }
    counts = {name: int(engine.collect(part.select(n=nw.len()))["n"].iloc[0]) for name, part in numbers.items()}
    return [whole.filter(done).select(*columns), alone.filter(kept).select(*columns)], counts


def _matched(rows: Frame, keys: Sequence[str], order: Sequence[str]) -> Frame:
    """Number, as `_pair`, the starts and the ends of each key that belong together: first in, first out."""
    start = nw.col("_start")

    def over(expression: nw.Expr) -> nw.Expr:
        return expression.over(*keys, order_by=list(order))

    # How many have begun and not ended: an end at which it falls below any count before has no start.
    rows = rows.with_columns(_sum=over(nw.when(start).then(1).otherwise(-1).cum_sum()))
    rows = rows.with_columns(_low=over(nw.col("_sum").cum_min()))
    rows = rows.with_columns(_low=nw.coalesce(over(nw.col("_low").shift(1)), nw.lit(0)))
    lowest = nw.when(nw.col("_low") < 0).then(nw.col("_low")).otherwise(0)
    rows = rows.with_columns(_ends=nw.when(~start & (nw.col("_sum") >= lowest)).then(1).otherwise(0))
    rows = rows.with_columns(
        _begun=over(nw.when(start).then(1).otherwise(0).cum_sum()),
        _nth=over(nw.col("_ends").cum_sum()),
        _most=nw.col("_ends").sum().over(*keys),
    )
    ended, begun = nw.col("_ends") == 1, start & (nw.col("_begun") <= nw.col("_most"))
    pair = nw.when(begun).then(nw.col("_begun")).otherwise(nw.when(ended).then(nw.col("_nth")))
    return rows.with_columns(_pair=pair).drop("_sum", "_low", "_ends", "_begun", "_nth", "_most")


def _merged(rows: Frame, on: Sequence[str], columns: Sequence[str]) -> Frame:
    """One row of each start and its end: that of the end, with what only the start knows."""
    shared = [name for name in columns if name not in (*_OF_THE_END, *on) and not name.startswith("_tie")]
    others = {f"_other_{place}": nw.col(name) for place, name in enumerate(shared)}
    begun = {"_from": nw.col("time"), "_from_at": nw.col("_at")}
    starts = rows.filter(nw.col("_start")).select(*on, **begun, **others)
    ends = rows.filter(~nw.col("_start")).join(starts, on=list(on), how="inner")
    told = {name: nw.coalesce(name, f"_other_{place}") for place, name in enumerate(shared)}
    orderly = nw.col("_from_at") <= nw.col("_at")
    told |= {START_TIME: nw.when(orderly).then(nw.col("_from")), "_began": nw.when(orderly).then(nw.col("_from_at"))}
    return ends.with_columns(**told).select(*columns, "_kind")


def _told(rows: Frame, found: Frame, counts: dict[str, int], kinds: dict[str, str | None]) -> list[Note]:
    """What was made of the rows."""
    both = counts["instances"]
    notes = [Note("lifecycle_joined", rows=2 * both, n=both)] if both else []
    if counts["turned"]:
        notes.append(Note("lifecycle_turned", n=counts["turned"]))
    if counts["open"]:
        notes.append(Note("lifecycle_open", n=counts["open"]))
    if counts["aborted"]:
        notes.append(Note("lifecycle_aborted", n=counts["aborted"]))
    idle = engine.collect(rows.filter(nw.col("_kind") == OTHER).select(n=nw.len()))["n"].iloc[0] + counts["idle"]
    if idle:
        words = sorted(word for word, kind in kinds.items() if kind in (OTHER, ABORT))
        notes.append(Note("lifecycle_idle", n=int(idle), words=words))
    if odd := sorted(word for word, kind in kinds.items() if kind is None):
        notes.append(Note("lifecycle_odd", words=odd))
    if idle or counts["aborted"]:
        before, after = (
            int(engine.collect(frame.select(nw.col("case_id").n_unique()))["case_id"].iloc[0])
            for frame in (rows, found)
        )
        if before > after:
            notes.append(Note("lifecycle_empty", n=before - after))
    return notes
