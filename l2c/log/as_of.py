"""What did the log look like on a day: which cases, which events, whose deals, at which stage and amount?"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import narwhals as nw

from l2c import engine
from l2c.log import outcomes
from l2c.log.base import Base
from l2c.log.columns import FEW, MICROSECONDS_A_DAY, OF_CASES, STARTED
from l2c.log.filter_values import period
from l2c.log.ordering_anywhere import last_value, ranked
from l2c.words import matching, vocabulary
from l2c.words.errors import BadFilter
from l2c.words.notes import Note

Frame = nw.LazyFrame[Any]

# Under this key a log as of a day keeps the log that it was made from.
WHOLE = "whole"
# What a deal stands at and what changes while it lives; of the rest nobody expects a history.
CHANGING = ("rep", "amount", "close_date", "stage", "forecast_category", "probability", "discount")
# What is known of a deal only once it is decided.
OF_END = ("is_closed", "is_won", "loss_reason")
MOMENT = timedelta(microseconds=1)


def cut(base: Base, day: Any) -> Base:
    """Cut a whole log at the end of a day; see `EventLog.as_of`."""
    end, plain = _end(base, day)
    told = set(spells_of(base))
    events = _events(base, end, plain)
    cases = _cases(base, events, told, end)
    judged = outcomes.with_status(events, cases, base.home, outcomes.amount_header(base.quality))
    status = outcomes.with_owner(events, judged)
    cases = engine.table(_with_outcome(status).select(*base.cases.collect_schema().names()), base.home)
    traces = engine.table(engine.traces(events), base.home)
    variants = engine.table(ranked(traces), base.home)
    ids = traces.join(variants.select("trace", "variant_id"), on="trace", how="inner").select("case_key", "variant_id")
    cases = cases.drop("variant_id").join(ids, on="case_key", how="left").sort("case_key")
    cases = engine.table(cases.select(*base.cases.collect_schema().names()), base.home)
    today = [name for name in CHANGING if name in base.attributes and name not in told]
    notes = (Note("as_of", day=_said(day)), *([Note("as_of_today", attributes=today)] if today else []))
    history = base.history
    if history is not None:
        history = history.filter(nw.col("time") < engine.moment(end, base.home))
        history = engine.table(history.join(cases.select("case_id"), on="case_id", how="semi"), base.home)
    contacts = base.contacts
    if contacts is not None:
        contacts = contacts.filter(nw.col("known") < engine.moment(end, base.home))
        contacts = engine.table(contacts.join(cases.select("case_id"), on="case_id", how="semi"), base.home)
    return replace(
        base,
        cases=cases,
        events=events,
        variants=variants.select("variant_id", "trace", "cases"),
        extracted=min(end - MOMENT, base.extracted),
        quality=replace(base.quality, notes=(*base.quality.notes, *notes)),
        history=history,
        contacts=contacts,
        origin=replace(base.origin, selection={**base.origin.selection, "as_of": _said(day)}),
        _memory={WHOLE: base.memo(WHOLE, lambda: base)},
        **_records(base, events, cases),
    )


def near(base: Base) -> Base:
    """The same whole log with its rows in this process: to go back to many days of it takes a fifth of the time."""

    def fetched() -> Base:
        rows = {each.name: getattr(base, each.name) for each in fields(base)}
        held: dict[str, Any] = {
            name: engine.near(frame) for name, frame in rows.items() if isinstance(frame, nw.LazyFrame)
        }
        home: Any = nw.Implementation.POLARS
        return replace(base, home=home, _memory={WHOLE: base.memo(WHOLE, lambda: base)}, **held)

    return base.memo("near", fetched)


def spells_of(base: Base) -> list[str]:
    """The attributes of which the log tells what they were: by its history, or by its events."""
    names = base.events.collect_schema().names()
    kept = [] if base.history is None else base.history.collect_schema().names()
    return [name for name in base.attributes if name in names or name in kept]


def spells(base: Base, name: str) -> Frame | None:
    """What an attribute was and since when: `case_key, position, time` and its value; None where nothing tells."""
    if base.history is not None and name in base.history.collect_schema().names():
        keys = base.cases.select("case_id", "case_key")
        rows = base.history.filter(~nw.col(name).is_null()).join(keys, on="case_id", how="inner")
    elif name in base.events.collect_schema().names():
        rows = base.events.filter(~nw.col(name).is_null())
    else:
        return None
    return rows.select("case_key", "position", "time", name)


def _end(base: Base, day: Any) -> tuple[datetime, datetime]:
    """The first instant after a day, in the zone of the log and, for dates without a time, as the calendar has it."""
    start, plain = period("as_of", day if isinstance(day, tuple | list) or day is None else _said(day))
    if start is None or plain is None or isinstance(day, tuple | list):
        raise BadFilter.period("as_of", day)
    zone = getattr(base, "zone", None) or "UTC"
    is_moment = plain - start == MOMENT
    end = plain if is_moment else plain.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)
    first = engine.collect(base.cases.select(nw.col("started").min()))["started"].iloc[0]
    if start > base.extracted + timedelta(days=1):
        raise BadFilter.after_extraction(_said(day), f"{base.extracted:%Y-%m-%d}")
    if not first < max(end, plain):
        raise BadFilter.before_begin(_said(day), f"{first:%Y-%m-%d}")
    return end, plain


def _events(base: Base, end: datetime, plain: datetime) -> Frame:
    """The events until then; after the last one of a case nothing follows any more."""
    when, dated = nw.col("time"), nw.col("precision").cast(nw.String()) == "day"
    happened = (when < engine.moment(end, base.home)) & ~dated
    happened = happened | (dated & (when < engine.moment(plain, base.home)))
    rows = base.events.filter(happened)
    last = rows.group_by("case_key").agg(_last=nw.col("position").max())
    rows = rows.join(last, on="case_key", how="inner")
    ends, columns = nw.col("position") == nw.col("_last"), base.events.collect_schema().names()
    rows = rows.with_columns(
        next_activity=nw.when(~ends).then(nw.col("next_activity")),
        wait_days=nw.when(~ends).then(nw.col("wait_days")),
        first_of_step=nw.when(ends).then(nw.lit(True)).otherwise(nw.col("first_of_step")),
    )
    return engine.table(rows.select(*columns), base.home, dict.fromkeys(FEW))


def _cases(base: Base, events: Frame, told: set[str], end: datetime) -> Frame:
    """The cases that had begun, with what was known of them."""
    when = nw.col("time")
    # A case begins when its first activity does; one that had begun by then and not ended is not in it yet.
    began = nw.coalesce(nw.col(STARTED), when) if base.knows_work else when
    spans = events.group_by("case_key").agg(started=began.min(), ended=when.max(), events=nw.len().cast(nw.Int32()))
    for name, at in (("started", "_first"), ("ended", "_last")):
        spans = engine.clock(spans, name).rename({"_at": at})
    days = (nw.col("_last") - nw.col("_first")) / MICROSECONDS_A_DAY
    spans = spans.with_columns(duration_days=days).drop("_first", "_last")
    columns = [name for name in base.cases.collect_schema().names() if name not in (*OF_CASES, outcomes.NOW)]
    facts = base.cases.select(*columns, "case_key", nw.col("events").alias("_events"))
    cases = spans.join(facts, on="case_key", how="inner")
    # A case whose events are all there is what it is today, unless a history says otherwise.
    whole = nw.col("events") == nw.col("_events")
    for name in sorted(told - {outcomes.NOW}):
        cases = _as_then(base, cases, name, end)
    for name in OF_END:
        if name in columns:
            cases = cases.with_columns(nw.when(whole).then(nw.col(name)).alias(name))
    if "stage" in columns and "stage" not in told:
        known = engine.collect(base.cases.select("stage").unique())["stage"].dropna()
        final = [stage for stage in known if matching.stage_outcome(str(stage)) is not None]
        cases = cases.with_columns(stage=nw.when(whole | ~nw.col("stage").is_in(final)).then(nw.col("stage")))
    if "probability" in columns and "probability" not in told:
        # Sure is only what is over.
        sure = nw.col("probability").is_in([0.0, 1.0])
        cases = cases.with_columns(probability=nw.when(whole | ~sure).then(nw.col("probability")))
    cases = _known_then(base, events, cases, [name for name in columns if name not in told])
    if outcomes.NOW in base.attributes:
        cases = cases.with_columns(nw.col("rep").alias(outcomes.NOW))
    names = [name for name in base.cases.collect_schema().names() if name not in ("status", "variant_id")]
    return engine.table(cases.with_columns(variant_id=nw.lit(0)).select(*names, "variant_id"), base.home)


def _as_then(base: Base, cases: Frame, name: str, end: datetime) -> Frame:
    """Put the value of then in the place of today's; a case of which no change was ever told keeps it."""
    rows = spells(base, name)
    assert rows is not None
    ever = rows.select("case_key").unique().with_columns(_ever=nw.lit(1))
    then = last_value(rows.filter(nw.col("time") < engine.moment(end, base.home)), name).rename({name: "_then"})
    kind = cases.collect_schema()[name]
    cases = cases.join(ever, on="case_key", how="left").join(then, on="case_key", how="left")
    value = nw.when(nw.col("_ever").is_null()).then(nw.col(name)).otherwise(nw.col("_then").cast(kind))
    return cases.with_columns(value.alias(name)).drop("_ever", "_then")


def _known_then(base: Base, events: Frame, cases: Frame, names: list[str]) -> Frame:
    """Leave out what was not known before an activity that had not happened yet: the discount before a quote."""
    for attribute in vocabulary.attributes():
        after = attribute.known_from
        if attribute.id not in names or after not in base.activities:
            continue
        # A case that never had the activity knows it from elsewhere.
        late = base.events.filter(nw.col("activity") == after).select("case_key").unique()
        met = events.filter(nw.col("activity") == after).select("case_key").unique()
        late = late.join(met, on="case_key", how="anti").with_columns(_late=nw.lit(1))
        cases = cases.join(late, on="case_key", how="left")
        value = nw.when(nw.col("_late").is_null()).then(nw.col(attribute.id))
        cases = cases.with_columns(value.alias(attribute.id)).drop("_late")
    return cases


def _with_outcome(cases: Frame) -> Frame:
    """Let the flags say what the events of then say."""
    if "is_closed" in cases.collect_schema().names():
        cases = cases.with_columns(is_closed=nw.col("status") != "open")
    if "is_won" not in cases.collect_schema().names():
        return cases
    flag, status = nw.col("is_won").cast(nw.Boolean()), nw.col("status")
    won = nw.when(status.is_in(["won", "paid"])).then(nw.lit(True)).otherwise(flag)
    return cases.with_columns(is_won=nw.when(status == "lost").then(nw.lit(False)).otherwise(won))


def _records(base: Base, events: Frame, cases: Frame) -> dict[str, Any]:
    """The records of which something had happened, and what points at which of them."""
    if base.objects is None or base.links is None:
        return {}
    there = [name for name in ("object_id", "lead_id", "record_id") if name in events.collect_schema().names()]

    def named(rows: Frame) -> Frame:
        parts = [rows.select(nw.col(name).alias("object_id")).drop_nulls() for name in there]
        return nw.concat(parts).unique()

    objects = base.objects.join(cases.select("case_id"), on="case_id", how="semi")
    if there:
        later = named(base.events).join(named(events), on="object_id", how="anti")
        objects = objects.join(later, on="object_id", how="anti")
    objects = engine.table(objects, base.home)
    own = objects.select("object_id").unique()
    links = base.links.join(own, left_on="from_id", right_on="object_id", how="semi")
    links = links.join(own, left_on="to_id", right_on="object_id", how="semi")
    return {"objects": objects, "links": engine.table(links, base.home)}


def _said(day: Any) -> str:
    # In pandas a day is its first moment.
    moment = isinstance(day, datetime) and day.time() != time()
    return f"{day:%Y-%m-%d}" if isinstance(day, date) and not moment else str(day).strip()
