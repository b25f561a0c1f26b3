"""The whole log that filtered logs share: its frames, its facts, and what was computed once."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from l2c import engine, vocabulary
from l2c.errors import L2CError, UnreadableLog
from l2c.quality import Quality

if TYPE_CHECKING:
    import narwhals as nw
    import pandas as pd
    import polars as pl

    from l2c.ordering import Prepared

FRAMES = ("cases", "events", "variants")
# Columns of the events with few distinct texts.
FEW = ("activity", "next_activity", "precision", "source")


@dataclass(frozen=True, eq=False)
class Base:
    """The whole log that filtered logs share: its frames, its facts and what was computed once."""

    database: Any
    cases: nw.LazyFrame[Any]
    events: nw.LazyFrame[Any]
    variants: nw.LazyFrame[Any]
    extracted: datetime
    history_start: datetime | None = None
    currency: str | None = None
    quality: Quality = field(default_factory=Quality)

    @cached_property
    def activities(self) -> tuple[str, ...]:
        """Every activity, in process order; unknown ones last, by name."""
        names = engine.collect(self.events.select("activity").unique())["activity"]
        return tuple(sorted(names, key=lambda a: (vocabulary.process_order(a) is None, vocabulary.process_order(a), a)))

    @cached_property
    def attributes(self) -> tuple[str, ...]:
        """Names of the case attributes."""
        derived = {
            "case_id",
            "case_key",
            "started",
            "ended",
            "duration_days",
            "events",
            "variant_id",
            "status",
        }
        return tuple(name for name in self.cases.collect_schema().names() if name not in derived)

    @cached_property
    def knows_outcomes(self) -> bool:
        """Whether some case is won, lost or paid; where none is, "open" says nothing."""
        return bool((engine.collect(self.cases.select("status").unique())["status"] != "open").any())

    @cached_property
    def n_cases(self) -> int:
        """Number of cases of the whole log."""
        return int(engine.collect(self.cases.select(count()))["n"].iloc[0])

    @cached_property
    def milestones(self) -> nw.LazyFrame[Any]:
        """`case_key` and, per activity, its first time in the case."""
        import narwhals as nw

        first = [nw.when(nw.col("activity") == a).then(nw.col("time")).min().alias(a) for a in self.activities]
        return engine.table(self.events.group_by("case_key").agg(*first), self.database)


def prepared(
    rows: list[pd.DataFrame | pl.DataFrame],
    extracted: datetime | None,
    history_start: datetime | None,
    currency: str | None,
    quality: Quality | None,
) -> Base:
    """Order clean rows and put them into the engine; see `l2c.log.build`.

    The rows come in a list of one, which is emptied: nobody else holds them then, and they go once they are ordered.
    """
    from l2c import ordering

    clean = _rows(rows.pop())
    scopes: dict[str, set[str]] = {"event": set(), "case": set()}
    for attribute in vocabulary.attributes():
        scopes[attribute.scope].add(attribute.id)
    # The stage belongs to the event; its last value is worth knowing of the deal.
    scopes["event"].discard("stage")
    scopes["case"].add("stage")
    last, height = clean.get_column("time").max(), clean.height
    frames = ordering.prepare(clean, scopes["event"], scopes["case"])
    del clean
    db = engine.database()
    return Base(
        db,
        engine.table(_with_status(frames), db),
        engine.table(frames.events, db, FEW),
        engine.table(frames.variants, db),
        extracted=extracted or (last if isinstance(last, datetime) else datetime(1970, 1, 1)),
        history_start=history_start,
        currency=currency,
        quality=quality or Quality(rows_read=height, rows_used=height, events=height),
    )


def _rows(events: Any) -> pl.DataFrame:
    """Bring rows to polars, with the columns every log has."""
    import polars as pl

    from l2c.ordering import BASE

    rows = events if isinstance(events, pl.DataFrame) else pl.from_pandas(events)
    for name in BASE[:3]:
        if name not in rows.columns:
            raise L2CError(f"The events have no column {name}. They have: {', '.join(rows.columns)}.")
        if empty := rows.get_column(name).null_count():
            raise L2CError(f"{empty} events have no {name}; l2c.read() would set such rows aside.")
    if isinstance(rows.schema["time"], pl.Datetime) and rows.schema["time"].time_zone:
        rows = rows.with_columns(pl.col("time").dt.convert_time_zone("UTC").dt.replace_time_zone(None))
    given = {
        "precision": pl.lit("second"),
        "source": pl.lit("memory"),
        "source_row": pl.int_range(pl.len()).cast(pl.Int64),
    }
    added = [value.alias(name) for name, value in given.items() if name not in rows.columns]
    # Numbers that stand for text are as good as text, and are sorted faster.
    texts = [name for name in BASE[:2] if not isinstance(rows.schema[name], pl.Categorical)]
    return rows.with_columns(pl.col(texts).cast(pl.String), pl.col("time").cast(pl.Datetime("us")), *added)


def _with_status(prepared: Prepared) -> pl.DataFrame:
    """Add to the cases whether the deal is `open`, `won`, `lost` or `paid`.

    The last Closed Won or Closed Lost decides; without either, the won flag and the words of the last stage do.
    """
    import polars as pl

    case = prepared.events.get_column("case_key")
    last: list[pl.Series] = []
    for name in ("Closed Won", "Closed Lost", "Payment Received"):
        rows = prepared.events.select((pl.col("activity") == name).arg_true()).to_series()
        # Rows stand in the order of events: of several in a case the last one is kept.
        last.append(pl.Series([-1]).new_from_index(0, prepared.cases.height).scatter(case.gather(rows), rows))
    decided = pl.when(last[0] != last[1]).then(last[0] > last[1])
    cases = prepared.cases.with_columns(_won=decided, _paid=last[2] >= 0)
    signs = [pl.col("_won")]
    if "is_won" in cases.columns:
        # False says "not won", which an open deal is too; only the stage tells a lost one.
        signs.append(pl.when(pl.col("is_won").cast(pl.Boolean)).then(True))
    if "stage" in cases.columns:
        outcomes = {s: vocabulary.stage_outcome(s) for s in cases.get_column("stage").unique() if s is not None}
        lost = [s for s, outcome in outcomes.items() if outcome == "lost"]
        won = [s for s, outcome in outcomes.items() if outcome == "won"]
        signs.append(pl.when(pl.col("stage").is_in(lost)).then(False).when(pl.col("stage").is_in(won)).then(True))
    is_won = pl.coalesce(signs)
    status = (
        pl.when(is_won.eq_missing(False))
        .then(pl.lit("lost"))
        .when(pl.col("_paid"))
        .then(pl.lit("paid"))
        .when(is_won)
        .then(pl.lit("won"))
        .otherwise(pl.lit("open"))
    )
    return cases.with_columns(status=status).drop("_won", "_paid")


def opened(source: Path) -> Base:
    """Open the frames and facts that `EventLog.save` wrote; see `l2c.log.open_log`."""
    missing = [name for name in [*(f"{f}.parquet" for f in FRAMES), "log.json"] if not (source / name).exists()]
    if missing:
        raise UnreadableLog.incomplete(source, missing)
    facts = json.loads((source / "log.json").read_text("utf-8"))
    db = engine.database()
    cases, variants = (engine.scan(source / f"{name}.parquet", db) for name in ("cases", "variants"))
    events = engine.scan(source / "events.parquet", db, FEW)
    since = facts["history_start"]
    return Base(
        db,
        cases,
        events,
        variants,
        extracted=datetime.fromisoformat(facts["extracted"]),
        history_start=datetime.fromisoformat(since) if since else None,
        currency=facts["currency"],
        quality=Quality.open(source),
    )


def count() -> nw.Expr:
    """Number of rows, as `n`."""
    import narwhals as nw

    return nw.len().alias("n")
