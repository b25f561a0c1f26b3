"""When is a case open, closed, won, lost or paid?

Every case has one status: `open`, `won`, `lost`, `paid`, or `lead_lost` for a lead that was given up before it was a
deal. What was paid was won before; after a final status nothing more is awaited.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import narwhals as nw

from l2c import engine
from l2c.engine import Home
from l2c.log import leads
from l2c.words import matching, vocabulary

if TYPE_CHECKING:
    from l2c.log.quality import Quality

STATUSES = ("open", "won", "lost", "paid", "lead_lost")
WON, LOST, PAID, REOPENED = "Closed Won", "Closed Lost", "Payment Received", "Opportunity Reopened"

# Who owns a deal today, where `rep` is its owner when it was closed.
NOW = "owner_now"

OUTCOMES = {"won": ["won", "paid"], "paid": ["paid"], "lost": ["lost"], "lead_lost": ["lead_lost"], "open": ["open"]}
"""What a filter calls an outcome, and the statuses it means: whatever was paid was won."""

ENDED_BY = {"lost": LOST, "lead_lost": leads.DISQUALIFIED}
"""What ends the path of a case that was lost, as a deal or as a lead."""


def with_status(
    events: nw.LazyFrame[Any], cases: nw.LazyFrame[Any], home: Home | None = None, header: str = ""
) -> nw.LazyFrame[Any]:
    """Add to the cases whether the deal is `open`, `won`, `lost` or `paid`, or `lead_lost` before it was one.

    The last Closed Won or Closed Lost decides, unless the deal was reopened after it; without either, the flags (closed,
    won) and then the words of the last stage do. A lead that was disqualified and became no deal is no lost deal, whatever its stage.
    A deal is paid when all its invoices are (see `l2c.log.invoices`); until then, with a payment, it is won.

    Parameters
    ----------
    home
        Where the frames live; this process unless given.
    header
        What the source calls the column `amount`.
    """
    from l2c.log.ordering_anywhere import last_value

    there = cases.collect_schema().names()
    activity = nw.col("activity")
    closing = events.filter(activity.is_in([*vocabulary.closings(), REOPENED]))
    decided = last_value(closing, "activity").rename({"activity": "_closing"})
    joined = cases.join(decided, on="case_key", how="left")
    joined = _with_payments(joined, events, cases, home, header)
    signs = {"lost": nw.col("_closing") == LOST, "won": nw.col("_closing") == WON}
    signs = {name: sign.fill_null(False) for name, sign in signs.items()}
    undecided = nw.col("_closing").is_null()
    flags = {name: nw.col(name).cast(nw.Boolean()) for name in ("is_closed", "is_won") if name in there}
    if "is_closed" in flags:
        # What is not closed is open, whatever its stage and the flag "won" say.
        undecided = undecided & flags["is_closed"].fill_null(True)
    possible = nw.lit(True)
    if "is_won" in flags:
        possible = flags["is_won"].fill_null(True)
        won = flags["is_won"].fill_null(False)
        signs["won"] = signs["won"] | (undecided & won)
        if "is_closed" in flags:
            over = flags["is_closed"].fill_null(False) & (flags["is_won"] == nw.lit(False)).fill_null(False)
            signs["lost"] = signs["lost"] | (undecided & over)
            undecided = undecided & ~over
        # Alone, False says "not won", which an open deal is too; only the stage tells a lost one.
        undecided = undecided & ~won
    if "stage" in there:
        known = engine.collect(cases.select("stage").unique())["stage"].dropna()
        # What ends a lead in its own words says nothing of a deal.
        own = {stage for stage in known if matching.match_activity(str(stage)) == leads.DISQUALIFIED}
        outcomes = {stage: None if stage in own else matching.stage_outcome(str(stage)) for stage in known}
        for end in signs:
            named = nw.col("stage").is_in([stage for stage, outcome in outcomes.items() if outcome == end])
            named = named.fill_null(False) & (possible if end == "won" else nw.lit(True))
            signs[end] = signs[end] | (undecided & named)
    status = nw.when(signs["won"]).then(nw.lit("won")).otherwise(nw.lit("open"))
    status = nw.when(nw.col("_money") == 1).then(nw.lit("won")).otherwise(status)
    status = nw.when(nw.col("_paid") == 1).then(nw.lit("paid")).otherwise(status)
    status = nw.when(signs["lost"]).then(nw.lit("lost")).otherwise(status)
    if (ended := leads.given_up(events, cases)) is not None:
        joined = joined.join(ended.with_columns(_ended=nw.lit(1)), on="case_key", how="left")
        gone = ~nw.col("_ended").is_null() & ~signs["won"]
        status = nw.when(gone).then(nw.lit("lead_lost")).otherwise(status)
    return joined.with_columns(status=status).drop("_closing", "_money", "_paid", "_ended", strict=False)


def amount_header(quality: Quality | None) -> str:
    """What the source calls the column `amount`: it may be that of the invoices."""
    return str(quality.mapping.get("columns", {}).get("amount", "")) if quality else ""


def _with_payments(
    joined: nw.LazyFrame[Any], events: nw.LazyFrame[Any], cases: nw.LazyFrame[Any], home: Home | None, header: str
) -> nw.LazyFrame[Any]:
    """Add whether money came (`_money`) and whether all is paid (`_paid`): 1, else 0 or missing."""
    from l2c.log import invoices

    if (found := invoices.paid(events, cases, header)) is None:
        return joined.with_columns(_money=nw.lit(0), _paid=nw.lit(0))
    plain, judged = found
    joined = joined.join(plain, on="case_key", how="left")
    if not len(judged):
        return joined
    import polars as pl

    rows = judged.assign(_judged=judged["is_paid"].astype("int64")).drop(columns="is_paid")
    table = engine.table(pl.from_pandas(rows), home or engine.home(joined))
    both = joined.join(table, on="case_key", how="left")
    return both.with_columns(_paid=nw.coalesce("_judged", "_paid")).drop("_judged")


def decided(events: nw.LazyFrame[Any], cases: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """When each case was won, lost or given up.

    Returns
    -------
    One row per case that is not open: `case_key, status`; `closed` (the last Closed Won or Closed Lost, null where none
    tells); `decided` (that, or the last Lead Disqualified of a lead that was given up, else the last event of the case). A part
    of the process, whose events do not tell, was told.
    """
    if "whole_decided" in cases.collect_schema().names():
        shut = cases.filter(nw.col("status") != "open")
        return shut.select("case_key", "status", closed="whole_closed", decided="whole_decided")
    ends = {"closed": vocabulary.closings(), "given_up": (leads.DISQUALIFIED,)}
    times = [nw.when(nw.col("activity").is_in(names)).then(nw.col("time")).max().alias(e) for e, names in ends.items()]
    last = events.group_by("case_key").agg(*times)
    ended = cases.filter(nw.col("status") != "open").select("case_key", "status", "ended")
    both = ended.join(last, on="case_key", how="left")
    return both.select("case_key", "status", "closed", decided=nw.coalesce("closed", "given_up", "ended"))


def with_owner(events: nw.LazyFrame[Any], cases: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Give each closed deal to whoever owned it when it was closed, where the events tell the owner of the time.

    An open deal keeps its owner of today: a deal that is handed over after it was lost is nobody else's loss. Whoever
    owns it today stands in `owner_now`, in a log that tells of hand-overs.
    """
    from l2c.log.ordering_anywhere import last_value

    there = cases.collect_schema().names()
    if "rep" not in events.collect_schema().names() or "rep" not in there:
        return cases
    closing = events.filter(nw.col("activity").is_in(vocabulary.closings()))
    close = closing.group_by("case_key").agg(_close=nw.col("position").max())
    shut = cases.filter(nw.col("status").is_in(["won", "lost", "paid"])).select("case_key").join(close, on="case_key")
    known = events.filter(~nw.col("rep").is_null()).join(shut, on="case_key")
    owner = last_value(known.filter(nw.col("position") <= nw.col("_close")), "rep").rename({"rep": "_owner"})
    both = cases.join(owner, on="case_key", how="left")
    today = nw.col("rep").cast(nw.String())
    own = {} if NOW in there else {NOW: today}
    both = both.with_columns(rep=nw.coalesce(nw.col("_owner").cast(nw.String()), today), **own)
    if NOW not in there:
        there.insert(there.index("rep") + 1, NOW)
    return both.select(*there)


def final(activities: Collection[str]) -> tuple[str, ...]:
    """The statuses that end a case: lost (as a deal or a lead) or paid, or, in a log without payments, won."""
    always = ("lost", "lead_lost", "paid")
    return always if PAID in activities else (*always, "won")


def are_known(cases: nw.LazyFrame[Any]) -> bool:
    """Whether some case is won, lost (a lead or a deal) or paid; where none is, "open" says nothing."""
    return bool((engine.collect(cases.select("status").unique())["status"] != "open").any())
