"""In a row per deal: is it closed, and how?

Flags say it first. Only where there is none does the label of the stage, and that is said above all numbers; what the user says of
a stage wins over both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import polars as pl

from l2c.words import matching
from l2c.words.notes import Note
from l2c.words.stages import LOST, WON, outcome_word, stage_label

ENDS = {WON: "Closed Won", LOST: "Closed Lost"}
OPEN = "Open"
"""What a user calls a stage in which deals are open: `--map "On hold=Open"`."""
MOST_STAGES = 8
FLAGS = ("is_closed", "is_won")


class Closed(NamedTuple):
    """What is known of each row.

    Attributes
    ----------
    activity
        `Closed Won`, `Closed Lost`, or null while the deal is open.
    flags
        `is_closed` and `is_won` as they are meant, to stand in the log where labels would say otherwise; else none.
    notes
        How it was told.
    """

    activity: pl.Series
    flags: list[pl.Series]
    notes: list[Note]


def closed(
    typed: pl.DataFrame, raw: pl.DataFrame, said: Mapping[str, str], days: Mapping[str, pl.Series]
) -> Closed | None:
    """Tell of each deal whether it is closed, and how.

    Parameters
    ----------
    typed
        A row per deal, with the attributes `is_closed`, `is_won`, `stage` as far as the source has them.
    raw
        The cells as they stood.
    said
        What the user said of names of the source: `Closed Won`, `Closed Lost` or `Open` by stage.
    days
        The day of winning and of losing, by activity, where they have a column of their own.

    Returns
    -------
    None where no column tells.
    """
    has = [name for name in ("is_closed", "is_won", "stage") if name in typed.columns]
    if not has:
        return None
    labels = _labels(typed, said)
    rows = pl.DataFrame(
        {
            "case": typed["case_id"],
            "is_closed": _blank_is_no(typed, "is_closed"),
            "is_won": _blank_is_no(typed, "is_won") if "is_closed" in has else _flag(typed, "is_won"),
            "word": _worded(raw["is_won"] if "is_won" in has else None, typed.height),
            "stage": typed["stage"].cast(pl.String)
            if "stage" in has
            else pl.Series([None]).new_from_index(0, typed.height),
        },
        schema_overrides={"stage": pl.String},
    )
    rows = rows.with_columns(
        label=pl.col("stage").replace_strict(labels.outcome, default=None, return_dtype=pl.String),
        own=pl.col("stage").replace_strict(labels.said, default=None, return_dtype=pl.String),
    )
    # Where there is neither a stage nor a flag "closed", an empty cell is what says that a deal is open.
    three = not {"stage", "is_closed"} & set(has) and bool(rows["is_won"].is_null().any())
    ends = [
        pl.when(day.is_not_null()).then(pl.lit(end))
        for end, name in ENDS.items()
        if (day := days.get(name)) is not None
    ]
    rows = rows.with_columns(told=pl.coalesce(*ends, _told(three)))
    by_label = rows["own"].is_null() & rows["told"].is_null()
    end = rows.select(pl.coalesce("own", "told", "label").replace("open", None)).to_series()
    activity = end.replace_strict(ENDS, default=None, return_dtype=pl.String)
    rows = rows.with_columns(end=end)
    # Several rows may tell of one deal.
    notes = [
        *_by_label(rows.filter(by_label).unique(["case", "stage"], maintain_order=True)),
        *_by_flag(rows.unique("case", keep="last", maintain_order=True), three),
    ]
    # Labels that the user explains are explained to whoever asks the log later.
    return Closed(activity, _as_flags(end) if labels.said else [], notes)


def holds_days(column: pl.Series) -> bool:
    """Whether a column that is called like a flag holds days instead."""
    if column.dtype.is_temporal():
        return True
    if column.dtype != pl.String:
        return False
    text = column.drop_nulls().head(1000)
    return len(text) > 0 and bool(text.str.contains(r"\d[-/.年]\s?\d{1,2}[-/.月]|^\d{1,2} \w+ \d{4}").mean() > 0.5)  # type: ignore[operator]


def meant_of_stages(typed: pl.DataFrame, said: Mapping[str, str]) -> list[pl.Series]:
    """What the user says of stages, as flags of rows that are events; nothing where the user says nothing of them."""
    labels = _labels(typed, said)
    if not labels.said:
        return []
    end = (
        typed["stage"]
        .cast(pl.String)
        .replace_strict(labels.outcome | labels.said, default="open", return_dtype=pl.String)
    )
    end = end.set(end == "open", None).set(typed["stage"].is_null(), None)
    shut, won = _as_flags(end)
    none = typed["stage"].is_null()
    return [shut.set(none, None), won.set(none, None)]


def _told(three: bool) -> pl.Expr:
    """What the flags say: won, lost or open; null where they do not tell."""
    shut, won, word = pl.col("is_closed"), pl.col("is_won"), pl.col("word")
    # A deal that is not won is open, unless its stage says that it is lost.
    no_win = (
        pl.lit(LOST)
        if three
        else pl.when((pl.col("label") == LOST).fill_null(False)).then(None).otherwise(pl.lit("open"))
    )
    return (
        pl.when(shut.not_())
        .then(pl.lit("open"))
        .when(won & (shut | shut.is_null()))
        .then(pl.lit(WON))
        .when(shut & won.not_())
        .then(pl.lit(LOST))
        .when(shut.is_null() & word.is_not_null())
        .then(word)
        .when(shut.is_null() & won.not_())
        .then(no_win)
    )


class _Labels(NamedTuple):
    outcome: dict[str, str]  # of every label that says one
    said: dict[str, str]  # of those that the user named


def _labels(typed: pl.DataFrame, said: Mapping[str, str]) -> _Labels:
    there = typed["stage"].cast(pl.String).drop_nulls().unique().to_list() if "stage" in typed.columns else []
    own = {stage: name for stage in there if (name := meant(said.get(stage)))}
    return _Labels({stage: end for stage in there if (end := stage_label(stage).outcome)}, own)


def meant(name: str | None) -> str | None:
    """What the user means by the name of an end: `won`, `lost`, `open`; None for anything else."""
    ends = {matching.normalise(v): k for k, v in ENDS.items()} | {matching.normalise(OPEN): "open"}
    return ends.get(matching.normalise(name or ""))


def _flag(typed: pl.DataFrame, name: str) -> pl.Series:
    if name in typed.columns:
        return typed[name].cast(pl.Boolean)
    return pl.Series(name, [None], dtype=pl.Boolean).new_from_index(0, typed.height)


def _blank_is_no(typed: pl.DataFrame, name: str) -> pl.Series:
    """A flag; in a column of nothing but ticks an empty box is a no."""
    flag = _flag(typed, name)
    return flag.fill_null(False) if flag.any() and not (~flag).any() else flag


def _worded(cells: pl.Series | None, height: int) -> pl.Series:
    """What the column of the result says in words: Won, Lost, Open; null for yes and no."""
    if cells is None or cells.dtype == pl.Boolean or cells.dtype.is_numeric():
        return pl.Series([None], dtype=pl.String).new_from_index(0, height)
    words = {text: outcome_word(text) for text in cells.cast(pl.String).drop_nulls().unique()}
    return cells.cast(pl.String).replace_strict(words, default=None, return_dtype=pl.String)


def _as_flags(end: pl.Series) -> list[pl.Series]:
    shut = end.is_not_null().alias("is_closed")
    return [
        shut,
        pl.DataFrame({"end": end}).select(pl.when(shut).then(pl.col("end") == WON).alias("is_won")).to_series(),
    ]


def _by_label(rows: pl.DataFrame) -> list[Note]:
    """How many deals were told by their stage alone, and what was taken by a rule."""
    found = rows["stage"].drop_nulls().value_counts(sort=True)
    of = {
        stage: (n, *stage_label(stage))
        for stage, n in found.sort("count", "stage", descending=[True, False]).iter_rows()
    }
    notes = []
    words = {
        end: {s: n for s, (n, outcome, why) in of.items() if outcome == end and why == "word"} for end in (WON, LOST)
    }
    if words[WON] or words[LOST]:
        n = {end: sum(of_end.values()) for end, of_end in words.items()}
        notes.append(Note("closed_by_label", won=n[WON], lost=n[LOST], stages=counted(words[WON] | words[LOST])))
    if ruled := {s: n for s, (n, _, why) in of.items() if why == "rule"}:
        notes.append(Note("given_up", stages=counted(ruled), line=line(ruled, OPEN)))
    if waiting := {s: n for s, (n, _, why) in of.items() if why == "waiting"}:
        notes.append(Note("put_off", stages=counted(waiting), line=line(waiting, ENDS[LOST])))
    return notes


def _by_flag(rows: pl.DataFrame, three: bool) -> list[Note]:
    """What the flags leave open, or say in two ways."""
    notes = []
    names = [s for s in rows["stage"].drop_nulls().unique() if stage_label(s).why == "closed"]
    shut = rows["is_closed"].fill_null(False) | (rows["told"].is_null() & rows["stage"].is_in(names).fill_null(False))
    unsaid = rows.filter(shut & rows["end"].is_null() & rows["own"].is_null())
    if unsaid.height:
        stages = dict(unsaid["stage"].drop_nulls().value_counts(sort=True).iter_rows())
        notes.append(Note("closed_how", n=unsaid.height, stages=counted(stages)))
    if n := int((~rows["is_closed"] & rows["is_won"]).sum()):
        notes.append(Note("won_not_closed", n=n))
    if three and (n := int((rows["end"] == LOST).sum())):
        notes.append(Note("no_is_lost", n=n))
    return notes


def counted(stages: Mapping[str, int]) -> list[Note]:
    """Stages with their counts: the first ones, and how many more there are."""
    more = [Note("more", n=len(stages) - MOST_STAGES)] if len(stages) > MOST_STAGES else []
    return [*(Note("counted", value=stage, n=n) for stage, n in list(stages.items())[:MOST_STAGES]), *more]


def line(stages: Iterable[str], meaning: str) -> str:
    """The words of `--map` that say what stages mean."""
    names = list(stages)[:MOST_STAGES]
    # A name that would be cut at its own signs stands in quotes.
    quoted = ["'" + name + "'" if set(name) & set(",='\"") else name for name in names]
    return ", ".join(f"{name}={meaning}" for name in quoted)


def outcomes(
    typed: pl.DataFrame,
    cells: pl.DataFrame,
    meant: Mapping[str, str],
    header: str | None,
    notes: list[Note],
    days: Mapping[str, pl.Series] | None = None,
) -> tuple[pl.Series, list[pl.Series]]:
    """How each row closes its deal, and the flags that explain what the user said of stages; see `closed`.

    Parameters
    ----------
    header
        The column of the close dates, of which `notes` says that it is not used where nothing tells how a deal was closed.
    """
    told = closed(typed, cells, meant, days or {})
    if told is not None:
        notes += told.notes
        return told.activity, told.flags
    if header:
        notes.append(Note("no_closing", column=header))
    return pl.Series([None], dtype=pl.String).new_from_index(0, typed.height), []
