"""How do clean rows become a log?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import narwhals as nw

from l2c import engine
from l2c.engine import Home
from l2c.log import actors, outcomes
from l2c.log.base import Base
from l2c.log.columns import BASE, DERIVED, FEW, START_TIME, STARTED, own_names, scopes
from l2c.log.event_log import EventLog
from l2c.log.quality import Quality
from l2c.words.errors import BadEvents

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


def build(
    events: pd.DataFrame | pl.DataFrame,
    *,
    cases: pl.DataFrame | None = None,
    objects: pl.DataFrame | None = None,
    links: pl.DataFrame | None = None,
    lines: pd.DataFrame | pl.DataFrame | None = None,
    history: pl.DataFrame | None = None,
    contacts: pl.DataFrame | None = None,
    extracted: datetime | None = None,
    history_start: datetime | None = None,
    currency: str | None = None,
    quality: Quality | None = None,
    performers: Mapping[str, str] | None = None,
    zone: str = "UTC",
    fiscal_year_starts: int = 1,
) -> EventLog:
    """Make a log from clean, typed rows in memory.

    Parameters
    ----------
    events
        One row per event: `case_id`, `activity`, `time` (UTC) and, if wanted, `precision` (`second`,
        `minute`, `day`), `source`, `source_row`, `start_time` (UTC: when the work began that `time` ended) and any
        attributes.
    cases
        What is known of the cases beside their events: `case_id` and attributes, which win over those of the events.
    objects, links
        The records behind the events (`object_type, object_id, case_id`) and which of them point at which
        (`from_type, from_id, lookup, to_type, to_id, amount`), where the source knows them.
    lines
        The lines of the documents, where the source knows them: `line_id, object_type` (`Quote`, `Contract`, `Order`,
        `Invoice`, …), `object_id, case_id, product, quantity, price, currency, source_row`; see `l2c.log.lines`.
    history
        What a case stood at and since when, where the source keeps more of it than its events do: `case_id, position, time`
        and attributes, each filled where it became so.
    contacts
        The contacts with the customers, where the source tells of them: `case_id, time` (UTC), `kind` (`call`, `email`, `meeting`,
        `role`), `two_way`; see `l2c.log.contacts`.
    extracted
        When the data were taken; the last event's time unless given.
    history_start
        Since when events were recorded, where known.
    currency
        Currency of all amounts.
    quality
        What reading found; made from the rows themselves unless given.
    performers
        Which of the `actor`s are a `person`, an `automation` or an `agent`, where their names do not tell.
    zone
        Time zone of the business (`Asia/Tokyo`), in which days, months and quarters are cut.
    fiscal_year_starts
        Month in which the fiscal year begins.

    Raises
    ------
    L2CError
        If a required column is missing or empty somewhere. Use `l2c.read` for data that are not clean.
    """
    rows = [events]
    del events
    made = prepared(rows, extracted, history_start, currency, quality, cases, performers)
    made = made.but(zone=zone, fiscal_year_starts=fiscal_year_starts)
    beside = {"objects": objects, "links": links} if objects is not None and links is not None else {}
    if lines is not None:
        from l2c.log.lines import typed

        beside["lines"] = typed(lines)
    if history is not None:
        beside["history"] = history
    if contacts is not None:
        from l2c.log.contacts import typed as of_contacts

        beside["contacts"] = of_contacts(contacts)
    return EventLog(made.but(**{name: engine.table(rows, made.home) for name, rows in beside.items()}))


def prepared(
    rows: list[pd.DataFrame | pl.DataFrame],
    extracted: datetime | None,
    history_start: datetime | None,
    currency: str | None,
    quality: Quality | None,
    known: pl.DataFrame | None = None,
    performers: Mapping[str, str] | None = None,
) -> Base:
    """Order clean rows and put them into the engine; see `l2c.log.build`.

    The rows come in a list of one, which is emptied: nobody else holds them then, and they go once they are ordered.
    """
    from l2c.log import ordering

    clean = actors.told(_rows(rows.pop()), performers)
    last, height = clean.get_column("time").max(), clean.height
    frames = ordering.prepare(clean, *scopes())
    del clean
    few = (*FEW, *(name for name in (actors.KIND,) if name in frames.events.columns))
    db = engine.database()
    cases = frames.cases if known is None else _with_known(frames.cases, known)
    events, known_cases = (nw.from_native(frame.lazy()) for frame in (frames.events, cases))
    status = outcomes.with_owner(
        events, outcomes.with_status(events, known_cases, header=outcomes.amount_header(quality))
    )
    return Base(
        db,
        engine.table(status.collect().to_native(), db),
        engine.table(frames.events, db, dict.fromkeys(few)),
        engine.table(frames.variants, db),
        extracted=extracted or (last if isinstance(last, datetime) else datetime(1970, 1, 1)),
        history_start=history_start,
        currency=currency,
        quality=quality or Quality(rows_read=height, rows_used=height, events=height),
    )


def _with_known(cases: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Add what is known of the cases beside their events, which wins over what the events say."""
    import polars as pl

    names = [name for name in known.columns if name != "case_id"]
    others = set(cases.columns) - set(names) | {*BASE, *DERIVED}
    own = own_names(([name] for name in names), others)
    known, names = known.rename(dict(zip(names, own, strict=True))), own
    joined = cases.join(known, on="case_id", how="left", maintain_order="left", suffix="_known")
    both = [name for name in names if f"{name}_known" in joined.columns]
    joined = joined.with_columns([pl.coalesce(f"{name}_known", name).alias(name) for name in both])
    first = [name for name in cases.columns if name in ("case_id", "case_key")]
    rest = [name for name in cases.columns if name not in (*first, *names)]
    return joined.select(*first, *names, *rest)


def held(
    rows: nw.LazyFrame[Any],
    home: Home,
    extracted: datetime | None,
    history_start: datetime | None,
    currency: str | None,
    quality: Quality,
    performers: Mapping[str, str] | None = None,
    zone: str = "UTC",
    fiscal_year_starts: int = 1,
) -> Base:
    """Order clean rows in the engine that holds them; see `l2c.log.ordering_anywhere.prepare`."""
    from l2c.log import ordering_anywhere

    frames = ordering_anywhere.prepare(actors.told_there(rows, home, performers), home, *scopes())
    status = outcomes.with_status(frames.events, frames.cases, home, outcomes.amount_header(quality))
    cases = engine.table(outcomes.with_owner(frames.events, status), home)
    last = engine.collect(cases.select(nw.col("ended").max()))["ended"].iloc[0].to_pydatetime()
    made = Base(home, cases, frames.events, frames.variants, extracted or last, history_start, currency, quality)
    return made.but(zone=zone, fiscal_year_starts=fiscal_year_starts)


def _rows(events: Any) -> pl.DataFrame:
    """Bring rows to polars, with the columns every log has."""
    import polars as pl

    rows = events if isinstance(events, pl.DataFrame) else pl.from_pandas(events)
    for name in BASE[:3]:
        if name not in rows.columns:
            raise BadEvents.no_column(name, rows.columns)
        if empty := rows.get_column(name).null_count():
            raise BadEvents.no_value(name, empty)
    for name in ("time", START_TIME):
        if isinstance(kind := rows.schema.get(name), pl.Datetime) and kind.time_zone:
            rows = rows.with_columns(pl.col(name).dt.convert_time_zone("UTC").dt.replace_time_zone(None))
    begun = [START_TIME] if isinstance(rows.schema.get(START_TIME), pl.Datetime) else []
    attributes = [name for name in rows.columns if name not in (*BASE, *begun)]
    own = own_names(([name] for name in attributes), {*BASE, *DERIVED, *begun})
    rows = rows.rename(dict(zip(attributes, own, strict=True)))
    if begun:
        rows = rows.with_columns(pl.col(START_TIME).cast(pl.Datetime("us"))).rename({START_TIME: STARTED})
    given = {
        "precision": pl.lit("second"),
        "source": pl.lit("memory"),
        "source_row": pl.int_range(pl.len()).cast(pl.Int64),
    }
    added = [value.alias(name) for name, value in given.items() if name not in rows.columns]
    # Numbers that stand for text are as good as text, and are sorted faster.
    texts = [name for name in BASE[:2] if not isinstance(rows.schema[name], pl.Categorical)]
    return rows.with_columns(pl.col(texts).cast(pl.String), pl.col("time").cast(pl.Datetime("us")), *added)
