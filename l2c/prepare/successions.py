"""What came before each state of a deal, and when did it begin?"""

from __future__ import annotations

import polars as pl

from l2c.prepare.histories import CREATED
from l2c.words import matching

OPEN, CLOSE = "open", "@" + matching.CLOSE


def followed(rows: pl.DataFrame) -> pl.DataFrame:
    """Tell of each state what came before it, and when it began.

    Parameters
    ----------
    rows
        States in the order of the deals and of time: `case_id, stage`, `_at, _precision` (when it held), `_exact` (whether it began
        then), `_entered, _from` (since when, from which stage), `_closing` (how it closes the deal) and dates such as
        `@Opportunity Created` with their precision `#Opportunity Created`; `_there, _of_there`: the creation by another table.

    Returns
    -------
    They with `_case` (number of the deal), `_nth` (of its states), `_status` (open or how it is closed, null where nothing
    tells), `_old_stage, _old_status, _before` (what it was before, and when), `_first` (the first that tells a stage), `_born`
    and `_of_birth` (the creation), `_inferred` (only by the first state), `_original` (whether it was created in this stage),
    `_changes`, `_closes`, and `_time, _of_time` (when the state began).
    """
    rows = _filled(rows).with_columns(_case=pl.col("case_id").rle_id())
    told = pl.col("stage").is_not_null() | pl.col("_stageless") | pl.col("_closing").is_not_null()
    rows = rows.with_columns(_status=pl.when(told).then(pl.coalesce("_closing", pl.lit(OPEN))))
    rows = rows.with_columns(
        _old_stage=_known_before("stage"),
        _old_status=_known_before("_status"),
        _before=pl.when(_goes_on()).then(pl.col("_at").shift()),
        _nth=pl.int_range(pl.len()).over("_case"),
    )
    rows = _with_birth(rows)
    original = _original(rows)
    closes = pl.col("_status").is_not_null() & (pl.col("_status") != OPEN)
    closes &= pl.col("_old_status").is_null() | (pl.col("_old_status") != pl.col("_status"))
    rows = rows.with_columns(_original=original.fill_null(False), _closes=closes)
    again = pl.col("_old_status").ne_missing(pl.lit(OPEN)) & ~pl.col("_first")
    changes = pl.col("stage").is_not_null() & (pl.col("_status") == OPEN) & ~pl.col("_original")
    return _timed(rows.with_columns(_changes=changes & (pl.col("stage").ne_missing(pl.col("_old_stage")) | again)))


def _filled(rows: pl.DataFrame) -> pl.DataFrame:
    """The states with the columns that a source may lack."""
    lacking = {
        "stage": pl.lit(None, pl.String),
        "@" + CREATED: pl.lit(None, pl.Datetime("us")),
        "#" + CREATED: pl.lit(None, pl.String),
    }
    rows = rows.with_columns([value.alias(name) for name, value in lacking.items() if name not in rows.columns])
    staged = rows.filter(pl.col("stage").is_not_null())["case_id"].unique()
    return rows.with_columns(_stageless=~pl.col("case_id").is_in(staged.implode()))


def _goes_on() -> pl.Expr:
    """Whether the row before is of the same deal."""
    return (pl.col("_case") == pl.col("_case").shift()).fill_null(False)


def _known_before(name: str) -> pl.Expr:
    """The last known value of the deal before the row."""
    row = pl.int_range(pl.len())
    last = pl.when(pl.col(name).is_not_null()).then(row).forward_fill().shift()
    start = pl.when(~_goes_on()).then(row).forward_fill()
    return pl.when(last >= start).then(pl.col(name).forward_fill().shift())


def _with_birth(rows: pl.DataFrame) -> pl.DataFrame:
    """The states with the creation of their deal, by its date or by the first state, and which tells a stage first."""
    stage = rows.filter(pl.col("stage").is_not_null()).unique("_case", keep="first", maintain_order=True)
    own = rows.filter(pl.col("@" + CREATED).is_not_null()).unique("_case", keep="last", maintain_order=True)
    begins = rows.filter(pl.col("_nth") == 0).select(
        "_case", _begins="_at", _of_begin=pl.col("_precision").cast(pl.String)
    )
    stage = stage.select("_case", _staged="_nth", _comes_from="_from")
    own = own.select("_case", _own="@" + CREATED, _of_own=pl.col("#" + CREATED).cast(pl.String))
    for facts in (begins, stage, own):
        rows = rows.join(facts, on="_case", how="left", maintain_order="left")
    made = pl.coalesce("_there", "_own")
    # A change from another stage is no creation.
    inferred = made.is_null() & pl.col("_begins").is_not_null() & pl.col("_comes_from").is_null()
    first = (pl.col("_nth") == pl.col("_staged")).fill_null(False)
    return rows.with_columns(
        _inferred=inferred,
        _first=first,
        _old_stage=pl.when(first).then("_from").otherwise("_old_stage"),
        _born=pl.when(inferred).then("_begins").otherwise(made),
        _of_birth=pl.when(inferred).then("_of_begin").otherwise(pl.coalesce("_of_there", "_of_own")),
    )


def _original(rows: pl.DataFrame) -> pl.Expr:
    """Whether a deal was created in the stage of its first state: nobody looked, and nothing changed, in between."""
    looks = rows.filter(~pl.col("_exact"))["_at"].drop_nulls().unique().sort()
    last = pl.col("_at").replace_strict(looks, looks.shift(), default=None, return_dtype=pl.Datetime("us"))
    unseen = ~pl.col("_exact") & (pl.col("_born") > last).fill_null(False)
    same_day = (pl.col("_born").dt.date() == pl.col("_at").dt.date()).fill_null(False)
    whole = pl.col("_exact") & pl.col("_from").is_not_null().any()
    found = pl.col("_from").is_null() & pl.col("_born").is_not_null()
    found &= same_day | unseen | pl.col("_at").is_null() | whole
    # Nothing was seen of a deal before it was there, whatever a name says of the day.
    found |= ~pl.col("_exact") & (pl.col("_at") < pl.col("_born")).fill_null(False)
    return pl.col("_first") & (found | (pl.col("_inferred") & (pl.col("_nth") == 0)))


def _timed(rows: pl.DataFrame) -> pl.DataFrame:
    """When each state began (`_time`, `_of_time`): the creation, the close, else when it was entered or seen."""
    close = pl.col(CLOSE) if CLOSE in rows.columns else pl.lit(None, pl.Datetime("us"))
    since = pl.col("_before").is_null() | (close.dt.offset_by("1d") > pl.col("_before"))
    closed = (
        ~pl.col("_exact") & close.is_not_null() & ((close <= pl.col("_at")) & since).fill_null(pl.col("_at").is_null())
    )
    entered = ~pl.col("_exact") & (pl.col("_entered") <= pl.col("_at")).fill_null(False)
    entered &= pl.col("_before").is_null() | (pl.col("_entered").dt.offset_by("1d") > pl.col("_before")).fill_null(
        False
    )
    of_close = pl.col("#" + matching.CLOSE) if CLOSE in rows.columns else pl.lit("day")
    pick = [
        (pl.col("_closes") & closed, close, of_close),
        (pl.col("_original") & ~pl.col("_closes"), pl.col("_born"), pl.col("_of_birth")),
        (entered & pl.col("_changes"), pl.col("_entered"), pl.lit("second")),
    ]
    time, precision = pl.col("_at"), pl.col("_precision").cast(pl.String)
    for test, when, of in reversed(pick):
        time, precision = (
            pl.when(test).then(when).otherwise(time),
            pl.when(test).then(of.cast(pl.String)).otherwise(precision),
        )
    return rows.with_columns(_time=time, _of_time=precision)
