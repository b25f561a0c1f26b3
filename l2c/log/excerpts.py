"""Which part of the process do we look at, and which activities do we take for one?

What a log tells of its cases as a whole (who won, who is a lead, when a deal was closed) stays true of a part of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import narwhals as nw

from l2c import engine
from l2c.log.base import Base
from l2c.log.columns import FEW, MICROSECONDS_A_DAY, STARTED, WHOLE
from l2c.log.filter_values import several
from l2c.log.filter_words import known
from l2c.log.ordering_anywhere import ranked
from l2c.words import vocabulary
from l2c.words.errors import BadGroups, BadPart

if TYPE_CHECKING:
    Frame = nw.LazyFrame[Any]

END_OF_PART = ("first", "last")


def bounds(start: Any, end: Any, base: Base) -> tuple[list[str], list[str]]:
    """The activities between which a part lies, as the log calls them; none where it has no such end.

    Raises
    ------
    UnknownName, BadPart
        If the log has no such activity, or neither end is said.
    """
    if start is None and end is None:
        raise BadPart.endless()
    return known([] if start is None else several(start), base), known([] if end is None else several(end), base)


def trimmed(base: Base, start: Sequence[str], end: Sequence[str], until: str, *, complete: bool) -> Base:
    """The events of each case from the first of some activities to the first, or last, of others after it.

    Raises
    ------
    BadPart
        If `until` is neither `first` nor `last`.
    """
    if until not in END_OF_PART:
        raise BadPart.until(until)
    activity, at = nw.col("activity").cast(nw.String()), nw.col("position")
    if start:
        begun = base.events.filter(activity.is_in(start)).group_by("case_key").agg(_from=at.min())
    else:
        begun = base.cases.select("case_key", _from=nw.lit(-1))
    if end:
        after = base.events.filter(activity.is_in(end)).select("case_key", "position").join(begun, on="case_key")
        later = after.filter(at > nw.col("_from")).group_by("case_key")
        ended = later.agg(_to=at.min() if until == "first" else at.max())
        span = begun.join(ended, on="case_key", how="inner" if complete else "left")
    else:
        span = begun.join(base.cases.select("case_key", _to=nw.col("events") - 1), on="case_key")
    span = engine.table(span.select("case_key", "_from", "_to"), base.home)
    inside = (at >= nw.col("_from")) & (nw.col("_to").is_null() | (at <= nw.col("_to")))
    rows = base.events.join(span, on="case_key", how="inner").filter(inside)
    goes_on = nw.col("_to").is_null() | (at < nw.col("_to"))
    first = nw.when(nw.col("_from") > 0).then(nw.col("_from")).otherwise(nw.lit(0))
    rows = rows.with_columns(
        position=(at - first).cast(nw.Int32()),
        next_activity=nw.when(goes_on).then(nw.col("next_activity").cast(nw.String())),
        wait_days=nw.when(goes_on).then(nw.col("wait_days")),
    )
    part = _made(base, rows, ends=True)
    return replace(part, origin=replace(part.origin, hidden={**part.origin.hidden, **_outside(base, part)}))


def grouped(base: Base, groups: Mapping[str, Sequence[str]], *, fold: bool) -> Base:
    """The same events, of which several activities are called one; `fold` makes directly consecutive ones one event.

    Raises
    ------
    UnknownName, BadGroups
        If the log has no such activity; if a group is empty, shares an activity with another, or has the name of an
        activity that is none of its own.
    """
    members = _members(base, groups)

    def renamed(column: str) -> nw.Expr:
        name = nw.col(column).cast(nw.String())
        said = name
        for group, names in members.items():
            said = nw.when(name.is_in(names)).then(nw.lit(group)).otherwise(said)
        return said.alias(column)

    rows = base.events.with_columns(renamed("activity"), renamed("next_activity"))
    if fold:
        rows = _folded(rows, list(members), base)
    made = _made(base, rows, ends=False)
    gone = {name: 1.0 for names in members.values() for name in names}
    return replace(made, origin=replace(made.origin, hidden={**made.origin.hidden, **gone}))


def _members(base: Base, groups: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The activities of each group, as the log calls them."""
    if not groups:
        raise BadGroups.none()
    found: dict[str, list[str]] = {}
    vocabulary_names = {name for each in vocabulary.activities() for name in (each.en, each.ja)}
    for group, names in groups.items():
        own = known(several(names), base)
        if not own or not str(group).strip():
            raise BadGroups.empty(group)
        if group in {*base.activities, *vocabulary_names} - set(own):
            raise BadGroups.taken(group)
        if twice := [name for other in found.values() for name in own if name in other]:
            raise BadGroups.twice(twice[0])
        found[str(group)] = own
    return found


def _folded(rows: Frame, groups: list[str], base: Base) -> Frame:
    """Directly consecutive events of one group, about one document, as one event at the time of its first.

    What comes after is waited for since the last of them. Cases that have none of these are left as they are, which is quick.
    """
    again = nw.col("activity").is_in(groups) & (nw.col("next_activity") == nw.col("activity"))
    some = engine.table(rows.filter(again).select("case_key").unique(), base.home)
    still, moving = (rows.join(some, on="case_key", how=how) for how in ("anti", "semi"))
    names = rows.collect_schema().names()
    return nw.concat([still.select(names), _runs(moving, groups, base).select(names)])


def _runs(rows: Frame, groups: list[str], base: Base) -> Frame:
    ids = ["object_id"] if "object_id" in base.event_attributes else []
    before = [
        nw.col(name).shift(1).over("case_key", order_by="position").alias(f"_{name}") for name in ("activity", *ids)
    ]
    same = (nw.col("activity") == nw.col("_activity")) & nw.col("activity").is_in(groups)
    for name in ids:
        neither = nw.col(name).is_null() & nw.col(f"_{name}").is_null()
        same = same & (neither | (nw.col(name) == nw.col(f"_{name}")).fill_null(False))
    marked = rows.with_columns(*before).with_columns(_new=nw.when(same.fill_null(False)).then(0).otherwise(1))
    marked = marked.with_columns(_run=nw.col("_new").cum_sum().over("case_key", order_by="position"))
    marked = engine.table(marked, base.home)
    last = marked.group_by("case_key", "_run").agg(_last=nw.col("position").max())
    ends = marked.select("case_key", "_run", _last="position", _next="next_activity", _wait="wait_days")
    ends = last.join(ends, on=["case_key", "_run", "_last"]).drop("_last")
    firsts = marked.filter(nw.col("_new") == 1).join(ends, on=["case_key", "_run"])
    return firsts.with_columns(
        position=(nw.col("_run") - 1).cast(nw.Int32()), next_activity=nw.col("_next"), wait_days=nw.col("_wait")
    )


def _made(base: Base, rows: Frame, *, ends: bool) -> Base:
    """A log of these rows, whose `position`, `next_activity` and `wait_days` are right already."""
    home = base.home
    step = nw.col("case_key").cum_count().over("case_key", "activity", "next_activity", order_by="position")
    rows = rows.with_columns(first_of_step=step == 1).select(base.events.collect_schema().names())
    events = engine.table(rows, home, dict.fromkeys(FEW))
    traces = engine.table(engine.traces(events), home)
    variants = engine.table(ranked(traces), home)
    ids = traces.join(variants.select("trace", "variant_id"), on="trace")
    facts = ids.select("case_key", nw.col("variant_id").cast(nw.Int32())).join(_facts(events, ends=ends), on="case_key")
    whole = _whole(base)
    order = whole.collect_schema().names()
    there = set(facts.collect_schema().names()) - {"case_key"}
    cases = whole.drop(*there).join(facts, on="case_key").select(order)
    return replace(
        base,
        cases=engine.table(cases, home),
        events=events,
        variants=variants.select("variant_id", "trace", "cases"),
        origin=replace(base.origin, id=base.id),
        whole=base.whole or base,
        _memory={},
    )


def _facts(events: Frame, *, ends: bool) -> Frame:
    """How many events each case has, and, where its ends may be others, from when to when."""
    found: dict[str, nw.Expr] = {"events": nw.len().cast(nw.Int32())}
    if not ends:
        return events.group_by("case_key").agg(**found)
    time = nw.col("time")
    # Where the log tells when work began, a part begins when the work of its first activity does.
    began = nw.coalesce(nw.col(STARTED), time) if STARTED in events.collect_schema().names() else time
    clocked = engine.clock(events.select("case_key", "time", _began=began), "time").rename({"_at": "_end"})
    clocked = engine.clock(clocked, "_began").rename({"_at": "_start"})
    found |= {"started": nw.col("_began").min(), "ended": time.max()}
    found |= {"_first": nw.col("_start").min(), "_last": nw.col("_end").max()}
    spans = clocked.group_by("case_key").agg(**found)
    days = (nw.col("_last") - nw.col("_first")) / MICROSECONDS_A_DAY
    return spans.with_columns(duration_days=days).drop("_first", "_last")


def _whole(base: Base) -> Frame:
    """The cases with what their events will no longer tell: whether they are leads, and when they were decided."""
    if set(base.cases.collect_schema().names()) >= WHOLE:
        return base.cases
    import polars as pl

    variants = pl.Series("variant_id", sorted(base.leads), pl.Int32)
    leads = engine.table(variants.to_frame().with_columns(_lead=pl.lit(True)), base.home)
    decided = base.decided.select("case_key", whole_closed="closed", whole_decided="decided")
    both = base.cases.join(decided, on="case_key", how="left").join(leads, on="variant_id", how="left")
    names = base.cases.collect_schema().names()
    lead = nw.col("_lead").fill_null(False).alias("whole_lead")
    return both.select(*names, lead, "whole_closed", "whole_decided")


def _outside(base: Base, part: Base) -> dict[str, float]:
    """Of each activity the share of its cases whose first one lies outside the part; none where all lie inside."""
    whole = base.milestones.join(part.cases.select("case_key"), on="case_key", how="semi")
    inside = part.milestones.rename({"time": "_inside"})
    both = whole.join(inside, on=["case_key", "activity"], how="left")
    gone = (nw.col("_inside").is_null() | (nw.col("_inside") > nw.col("time"))).cast(nw.Float64())
    rows = engine.collect(both.with_columns(_gone=gone).group_by("activity").agg(share=nw.col("_gone").mean()))
    return {
        str(name): float(share)
        for name, share in sorted(zip(rows["activity"], rows["share"], strict=True))
        if share > 0
    }
