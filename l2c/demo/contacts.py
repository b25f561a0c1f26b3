"""Who spoke with whom while a deal was open? Calls, e-mails, meetings and the customer's people, as the org keeps them."""

from __future__ import annotations

import numpy as np
import polars as pl

from l2c.demo.chance import Chance
from l2c.demo.org_ids import ISO, record_id

# A deal that has come to its next step is spoken about for a while, every few days, and then no more until the next step: one that is
# stuck has fallen silent. What becomes of the deal has no part in it. With some nobody ever spoke.
WHILE_DAYS, EVERY_DAYS, NEVER = 30.0, 6.0, 0.07
KINDS, SHARES = ("Email", "Call", "Meeting"), (0.5, 0.3, 0.2)
MISSED, ANSWERED = 0.3, 0.4
DAY, SECOND = 86_400_000_000, 1_000_000
MOST_PEOPLE = 9
# The steps after which a deal is no longer open.
CLOSES = ("Closed Won", "Closed Lost")


def records(events: pl.DataFrame, seed: int) -> dict[str, pl.DataFrame]:
    """Return `Task`, `Event`, `EmailMessage` and `OpportunityContactRole` of the deals.

    Parameters
    ----------
    events
        As `org_ids.numbered` makes them.
    seed
        Of the company; these draws have streams of their own.
    """
    spans = _spans(events)
    rows = _spoken(spans, seed)
    stamp, kind = pl.col("time").dt.strftime(ISO), pl.col("kind")
    about = {
        "WhatId": pl.col("case_id"),
        "WhoId": record_id("003", pl.col("case") * 10 + 1),
        "OwnerId": pl.col("owner_id"),
        "Subject": kind,
    }
    result = pl.when("missed").then(pl.lit("Left voicemail")).otherwise(pl.lit("Connected"))
    return {
        "Task": rows.filter(kind != "Meeting").select(
            Id=record_id("00T", pl.col("n")), **about, TaskSubtype="kind", Status=pl.lit("Completed"), IsClosed=pl.lit("true"),
            CallDisposition=pl.when(kind == "Call").then(result), CompletedDateTime=stamp, CreatedDate=stamp,
        ),
        "Event": rows.filter(kind == "Meeting").select(
            Id=record_id("00U", pl.col("n")), **about, StartDateTime=stamp, CreatedDate=stamp
        ),
        "EmailMessage": rows.filter(kind == "Email").select(
            Id=record_id("02s", pl.col("n")), RelatedToId="case_id", ActivityId=record_id("00T", pl.col("n")), Incoming="incoming",
            Status=pl.lit("3"), MessageDate=stamp, CreatedDate=stamp,
        ),
        "OpportunityContactRole": _roles(spans, seed).select(
            Id=record_id("00K", pl.col("n")), OpportunityId="case_id", ContactId=record_id("003", pl.col("case") * 10 + pl.col("who")),
            CreatedDate=stamp, IsPrimary=pl.col("who") == 1,
        ),
    }  # fmt: skip


def contacts(events: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Return the same as a log keeps it; see `l2c.log.contacts`."""
    spans, kind = _spans(events), pl.col("kind")
    rows = _spoken(spans, seed).select(
        "case_id", "time", kind=kind.str.to_lowercase(),
        two_way=pl.when(kind == "Call").then(~pl.col("missed")).when(kind == "Email").then("incoming").otherwise(True),
    )  # fmt: skip
    found = pl.concat([rows, _roles(spans, seed).select("case_id", "time", kind=pl.lit("role"))], how="diagonal")
    return found.with_columns(pl.col("time").dt.truncate("1s")).with_columns(known="time")


def _spoken(spans: pl.DataFrame, seed: int) -> pl.DataFrame:
    """When one was in touch: `n, case, case_id, owner_id, time, kind, missed, incoming`."""
    chance = Chance(seed, spans.height)
    lively = ~np.isin(spans["case"].to_numpy(), _silent(spans, seed))
    left = (spans["end"] - spans["start"]).to_numpy() / DAY
    spoken = np.minimum(left, WHILE_DAYS * chance.stream("contacts for").standard_exponential(spans.height))
    many = np.where(lively, chance.stream("contacts many").poisson(spoken / EVERY_DAYS), 0)
    at = np.repeat(np.arange(spans.height), many)
    draws = Chance(seed, len(at))
    when = spans["start"].to_numpy()[at] + (spoken[at] * DAY * draws.uniform("contacts when")).astype(np.int64)
    kind = np.array(KINDS)[draws.choice("contacts kind", np.array(SHARES))]
    rows = spans[at].select("case", "case_id", "owner_id").with_columns(
        time=pl.Series(when + SECOND).cast(pl.Datetime("us")), kind=pl.Series(kind),
        missed=pl.Series(draws.hits("contacts missed", MISSED)), incoming=pl.Series(draws.hits("contacts incoming", ANSWERED)),
    )  # fmt: skip
    return rows.sort("time", "case", "kind").with_row_index("n", 1)


def _spans(events: pl.DataFrame) -> pl.DataFrame:
    """From step to step of each deal while it was open: `case, case_id, owner_id, start, end` in microseconds."""
    time = pl.col("time").dt.epoch("us")
    rows = events.filter("deal").sort("case", "time", "row").select("case", "case_id", "activity", "user", at=time)
    opened = rows.filter(pl.col("activity") == "Opportunity Created").group_by("case").agg(_opened=pl.col("at").min())
    closed = rows.filter(pl.col("activity").is_in(CLOSES)).group_by("case").agg(_closed=pl.col("at").max())
    last = int(events["time"].dt.epoch("us").max())  # type: ignore[arg-type]
    rows = (
        rows.join(opened, on="case").join(closed, on="case", how="left").with_columns(pl.col("_closed").fill_null(last))
    )
    rows = rows.filter(pl.col("at").is_between("_opened", "_closed"))
    end = pl.min_horizontal(pl.col("at").shift(-1).over("case").fill_null(pl.col("_closed")), "_closed")
    rows = rows.with_columns(owner_id=pl.col("user").first().over("case"), start="at", end=end)
    return rows.filter(pl.col("end") > pl.col("start") + 2 * SECOND).sort("case", "start").select(
        "case", "case_id", "owner_id", "start", end=pl.col("end") - 2 * SECOND
    )  # fmt: skip


def _silent(spans: pl.DataFrame, seed: int) -> np.ndarray:
    """The deals with which nobody ever spoke."""
    cases = spans["case"].unique().sort().to_numpy()
    return np.asarray(cases[Chance(seed, len(cases)).hits("contacts never", NEVER)])


def _roles(spans: pl.DataFrame, seed: int) -> pl.DataFrame:
    """The people of the customer who have a part in each deal, the first since it was opened: `case, case_id, who, time, n`."""
    deals = spans.group_by("case", "case_id", maintain_order=True).agg(pl.col("start").min(), pl.col("end").max())
    many = np.minimum(1 + Chance(seed, deals.height).stream("contacts roles").poisson(1.2, deals.height), MOST_PEOPLE)
    at = np.repeat(np.arange(deals.height), many)
    nth = np.arange(len(at)) - np.repeat(np.cumsum(many) - many, many)
    share = np.where(nth == 0, 0.0, Chance(seed, len(at)).uniform("contacts roles since"))
    start, end = (deals[name].to_numpy()[at] for name in ("start", "end"))
    since = pl.Series(start + (share * (end - start)).astype(np.int64)).cast(pl.Datetime("us"))
    who = pl.Series(nth + 1)
    return deals[at].select("case", "case_id", who=who, time=since, n=pl.Series(np.arange(len(at)) + 1))
