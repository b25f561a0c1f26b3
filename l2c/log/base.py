"""The whole log that filtered logs share: its frames, its facts, and what was computed once."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import chain
from itertools import count as count_up
from typing import TYPE_CHECKING, Any

from l2c import engine
from l2c.log import leads
from l2c.log.ordering import BASE
from l2c.log.origin import Origin, content
from l2c.log.quality import Quality
from l2c.words import vocabulary
from l2c.words.errors import L2CError

if TYPE_CHECKING:
    import narwhals as nw
    import pandas as pd
    import polars as pl

# Columns of the events with few distinct texts.
FEW = ("activity", "next_activity", "precision", "source")
# What a source of records says of each event beside the attributes of the vocabulary.
RECORDS = ("record_id", "object_type", "approximate", "lead_id", "payment_id", "invoice_amount", "payment_amount")

# Columns that the log derives itself; a source column of the same name is kept under a longer one.
DERIVED = frozenset(
    [
        "case_key",
        "position",
        "precision",
        "source",
        "source_row",
        "next_activity",
        "wait_days",
        "first_of_step",
        "started",
        "ended",
        "duration_days",
        "events",
        "variant_id",
        "status",
    ]
)


@dataclass(frozen=True, eq=False)
class Base:
    """The whole log that filtered logs share: its frames, its facts and what was computed once."""

    home: Any  # the engine that holds the frames
    cases: nw.LazyFrame[Any]
    events: nw.LazyFrame[Any]
    variants: nw.LazyFrame[Any]
    extracted: datetime
    history_start: datetime | None = None
    currency: str | None = None
    quality: Quality = field(default_factory=Quality)
    objects: nw.LazyFrame[Any] | None = None
    links: nw.LazyFrame[Any] | None = None
    origin: Origin = field(default_factory=Origin)
    _values: dict[str, list[Any]] = field(default_factory=dict, repr=False)

    def but(self, **changed: Any) -> Base:
        """The same rows with another quality report or origin; what was computed once stays."""
        other = copy.copy(self)
        for name, value in changed.items():
            object.__setattr__(other, name, value)
        return other

    def judged(self, quality: Quality) -> Base:
        """The same log with another quality report."""
        return self.but(quality=quality)

    @cached_property
    def content(self) -> str:
        """The hash of the cases: the same however the log was read, and in whatever engine it lies."""
        return content(engine.collect(self.cases.select("case_id", "started", "ended", "events")))

    @property
    def id(self) -> str:
        """What tells this log from those of other inputs, whatever is done with it."""
        return self.origin.id or self.content

    def values(self, attribute: str) -> list[Any]:
        """The known values of a case attribute, asked once."""
        if attribute not in self._values:
            found = engine.collect(self.cases.select(attribute).unique())[attribute]
            self._values[attribute] = found.dropna().tolist()
        return self._values[attribute]

    @cached_property
    def activities(self) -> tuple[str, ...]:
        """Every activity, in process order; unknown ones last, by name."""
        names = set(chain.from_iterable(self.traces))
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

    @property
    def final(self) -> tuple[str, ...]:
        """The statuses that end a case: lost (as a deal or a lead) or paid, or, in a log without payments, won."""
        always = ("lost", "lead_lost", "paid")
        return always if "Payment Received" in self.activities else (*always, "won")

    @cached_property
    def knows_outcomes(self) -> bool:
        """Whether some case is won, lost (a lead or a deal) or paid; where none is, "open" says nothing."""
        return bool((engine.collect(self.cases.select("status").unique())["status"] != "open").any())

    @cached_property
    def n_cases(self) -> int:
        """Number of cases of the whole log."""
        return int(engine.collect(self.cases.select(count()))["n"].iloc[0])

    @cached_property
    def traces(self) -> pd.Series:
        """The trace of each variant as a tuple, by `variant_id`."""
        rows = engine.collect(self.variants.select("variant_id", "trace")).set_index("variant_id")["trace"]
        return rows.map(tuple)

    @cached_property
    def leads(self) -> frozenset[int]:
        """The variants of the leads that became no deal."""
        found = leads.without_deal(self.traces, self.activities)
        return frozenset(self.traces.index[found].tolist())

    @cached_property
    def milestones(self) -> nw.LazyFrame[Any]:
        """`case_key, activity, time`: when each activity first happened in each case that has it.

        A row each, and no column named by an activity: two that differ only in case would be one column to DuckDB.
        """
        import narwhals as nw

        return engine.table(self.events.group_by("case_key", "activity").agg(nw.col("time").min()), self.home)

    def reached(
        self, activities: Collection[str], among: nw.LazyFrame[Any] | None = None
    ) -> dict[str, pd.Series[pd.Timestamp]]:
        """When cases (all, or those whose `case_key` is among some) first reached activities: times by `case_key`."""
        import narwhals as nw

        rows = self.milestones.filter(nw.col("activity").is_in(list(activities)))
        if among is not None:
            rows = rows.join(among, on="case_key", how="semi")
        found = engine.fetch(rows).to_pandas(strings_to_categorical=True)
        groups = found.groupby("activity", observed=True)
        return {str(name): group.set_index("case_key")["time"] for name, group in groups}


def prepared(
    rows: list[pd.DataFrame | pl.DataFrame],
    extracted: datetime | None,
    history_start: datetime | None,
    currency: str | None,
    quality: Quality | None,
    known: pl.DataFrame | None = None,
) -> Base:
    """Order clean rows and put them into the engine; see `l2c.log.build`.

    The rows come in a list of one, which is emptied: nobody else holds them then, and they go once they are ordered.
    """
    import narwhals as nw

    from l2c.log import ordering

    clean = _rows(rows.pop())
    last, height = clean.get_column("time").max(), clean.height
    frames = ordering.prepare(clean, *_scopes())
    del clean
    db = engine.database()
    cases = frames.cases if known is None else _with_known(frames.cases, known)
    status = _with_status(*(nw.from_native(frame.lazy()) for frame in (frames.events, cases)))
    return Base(
        db,
        engine.table(status.collect().to_native(), db),
        engine.table(frames.events, db, dict.fromkeys(FEW)),
        engine.table(frames.variants, db),
        extracted=extracted or (last if isinstance(last, datetime) else datetime(1970, 1, 1)),
        history_start=history_start,
        currency=currency,
        quality=quality or Quality(rows_read=height, rows_used=height, events=height),
    )


def own_names(wanted: Iterable[Sequence[str]], taken: Collection[str]) -> list[str]:
    """A name for each column: the first it may have that no other bears, else a longer one.

    Engines do not tell `Started` from `started`, so that two such columns would become one.
    """
    folded, names = {name.lower() for name in taken}, []
    for choice in wanted:
        longer = (f"{choice[0]} (source{f' {number}' if number > 1 else ''})" for number in count_up(1))
        names.append(next(name for name in chain(choice, longer) if name.lower() not in folded))
        folded.add(names[-1].lower())
    return names


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
    home: Any,
    extracted: datetime | None,
    history_start: datetime | None,
    currency: str | None,
    quality: Quality,
) -> Base:
    """Order clean rows in the engine that holds them; see `l2c.log.ordering_anywhere.prepare`."""
    import narwhals as nw

    from l2c.log import ordering_anywhere

    frames = ordering_anywhere.prepare(rows, home, *_scopes())
    cases = engine.table(_with_status(frames.events, frames.cases), home)
    last = engine.collect(cases.select(nw.col("ended").max()))["ended"].iloc[0].to_pydatetime()
    return Base(home, cases, frames.events, frames.variants, extracted or last, history_start, currency, quality)


def _scopes() -> tuple[set[str], set[str]]:
    """Attributes that describe the event, and those that describe the case."""
    scopes: dict[str, set[str]] = {"event": set(RECORDS), "case": set()}
    for attribute in vocabulary.attributes():
        scopes[attribute.scope].add(attribute.id)
    # The stage belongs to the event; its last value is worth knowing of the deal.
    scopes["event"].discard("stage")
    scopes["case"].add("stage")
    return scopes["event"], scopes["case"]


def _rows(events: Any) -> pl.DataFrame:
    """Bring rows to polars, with the columns every log has."""
    import polars as pl

    rows = events if isinstance(events, pl.DataFrame) else pl.from_pandas(events)
    for name in BASE[:3]:
        if name not in rows.columns:
            raise L2CError(f"The events have no column {name}. They have: {', '.join(rows.columns)}.")
        if empty := rows.get_column(name).null_count():
            raise L2CError(f"{empty} events have no {name}; l2c.read() would set such rows aside.")
    if isinstance(rows.schema["time"], pl.Datetime) and rows.schema["time"].time_zone:
        rows = rows.with_columns(pl.col("time").dt.convert_time_zone("UTC").dt.replace_time_zone(None))
    attributes = [name for name in rows.columns if name not in BASE]
    own = own_names(([name] for name in attributes), {*BASE, *DERIVED})
    rows = rows.rename(dict(zip(attributes, own, strict=True)))
    given = {
        "precision": pl.lit("second"),
        "source": pl.lit("memory"),
        "source_row": pl.int_range(pl.len()).cast(pl.Int64),
    }
    added = [value.alias(name) for name, value in given.items() if name not in rows.columns]
    # Numbers that stand for text are as good as text, and are sorted faster.
    texts = [name for name in BASE[:2] if not isinstance(rows.schema[name], pl.Categorical)]
    return rows.with_columns(pl.col(texts).cast(pl.String), pl.col("time").cast(pl.Datetime("us")), *added)


def _with_status(events: nw.LazyFrame[Any], cases: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Add to the cases whether the deal is `open`, `won`, `lost` or `paid`, or `lead_lost` before it was one.

    The last Closed Won or Closed Lost decides, unless the deal was reopened after it; without either, the won flag and
    the words of the last stage do. A lead that was disqualified and became no deal is no lost deal, whatever its stage.
    """
    import narwhals as nw

    from l2c.log.ordering_anywhere import last_value

    there = cases.collect_schema().names()
    activity = nw.col("activity")
    closing = events.filter(activity.is_in([*vocabulary.closings(), "Opportunity Reopened"]))
    decided = last_value(closing, "activity").rename({"activity": "_closing"})
    payments = events.filter(activity == "Payment Received").select("case_key").unique()
    joined = cases.join(decided, on="case_key", how="left")
    joined = joined.join(payments.with_columns(_paid=nw.lit(1)), on="case_key", how="left")
    signs = {"lost": nw.col("_closing") == "Closed Lost", "won": nw.col("_closing") == "Closed Won"}
    signs = {name: sign.fill_null(False) for name, sign in signs.items()}
    undecided = nw.col("_closing").is_null()
    if "is_won" in there:
        # False says "not won", which an open deal is too; only the stage tells a lost one.
        flag = nw.col("is_won").cast(nw.Boolean()).fill_null(False)
        signs["won"] = signs["won"] | (undecided & flag)
        undecided = undecided & ~flag
    if "stage" in there:
        known = engine.collect(cases.select("stage").unique())["stage"].dropna()
        outcomes = {stage: vocabulary.stage_outcome(str(stage)) for stage in known}
        for end in signs:
            named = nw.col("stage").is_in([stage for stage, outcome in outcomes.items() if outcome == end])
            signs[end] = signs[end] | (undecided & named.fill_null(False))
    status = nw.when(signs["won"]).then(nw.lit("won")).otherwise(nw.lit("open"))
    status = nw.when(~nw.col("_paid").is_null()).then(nw.lit("paid")).otherwise(status)
    status = nw.when(signs["lost"]).then(nw.lit("lost")).otherwise(status)
    if (ended := leads.given_up(events, cases)) is not None:
        joined = joined.join(ended.with_columns(_ended=nw.lit(1)), on="case_key", how="left")
        gone = ~nw.col("_ended").is_null() & ~signs["won"]
        status = nw.when(gone).then(nw.lit("lead_lost")).otherwise(status)
    return joined.with_columns(status=status).drop("_closing", "_paid", "_ended", strict=False)


def count() -> nw.Expr:
    """Number of rows, as `n`."""
    import narwhals as nw

    return nw.len().alias("n")
