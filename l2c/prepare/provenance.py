"""Which records of which objects is a log made of?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw

from l2c import engine
from l2c.log import EventLog
from l2c.log.objects import PHASES
from l2c.words import vocabulary
from l2c.words.errors import UnknownName

if TYPE_CHECKING:
    import pandas as pd

# More objects of a kind per deal than this, and numbers of the flat log may count some of them twice.
FANNED = 1.05


def activity_coverage(log: EventLog) -> pd.DataFrame:
    """Tell where the events of each activity come from, and how well their times are known.

    Returns
    -------
    One row per activity in process order: `activity, source` (objects or files, by number of events), `events, cases`,
    `first, last`, `approximate` (share whose time is that of the last change of a record), `dated` (share of dates without
    a time).
    """
    import pandas as pd

    rough = "approximate" in log.events.collect_schema().names()
    unsure = nw.col("approximate").fill_null(False) if rough else nw.lit(False)
    rows = engine.collect(
        log.events.with_columns(_rough=unsure.cast(nw.Int64()), _day=(nw.col("precision") == "day").cast(nw.Int64()))
        .group_by("activity", "source")
        .agg(
            events=nw.len(), rough=nw.col("_rough").sum(), day=nw.col("_day").sum(),
            first=nw.col("time").min(), last=nw.col("time").max(),
        )
    )  # fmt: skip
    counts = engine.collect(
        log.events.select("activity", "case_key").unique().group_by("activity").agg(cases=nw.len())
    ).set_index("activity")["cases"]
    rows = rows.astype({"activity": str, "source": str, "rough": float, "day": float, "events": "int64"})
    rows = rows.sort_values(["activity", "events", "source"], ascending=[True, False, True])
    by = rows.groupby("activity", sort=False)
    table = by.agg(
        events=("events", "sum"),
        first=("first", "min"),
        last=("last", "max"),
        rough=("rough", "sum"),
        day=("day", "sum"),
    )
    table["source"] = by["source"].agg(", ".join)
    table["cases"] = counts.rename(index=str).astype("int64")
    table["approximate"], table["dated"] = table["rough"] / table["events"], table["day"] / table["events"]
    order = {a: n for n, a in enumerate(log.activities)}
    table = table.reset_index().sort_values("activity", key=lambda names: names.map(order), ignore_index=True)
    columns = ["activity", "source", "events", "cases", "first", "last", "approximate", "dated"]
    return pd.DataFrame(table[columns])


def objects(log: EventLog) -> pd.DataFrame:
    """Tell of each object of the source what was read, how far back it reaches, and what is hidden without it.

    Returns
    -------
    One row per object: `object_type`; `rows` read, `used`, set aside as `deleted`, `duplicate`, and `no_case` (reaching no
    deal); `not_about_deals` (such as tasks of other records); `shared` (pointing at a record of several deals);
    `first, last` creation; `since` (start of a history that begins late); `events` made; `hides` (activities that cannot be
    seen without it, or before `since`); `cases` that may lack them, as a `share` of all. Empty for a source without objects.
    """
    return log.quality.objects


def records(
    log: EventLog, case_id: str | None = None, *, edge: tuple[str, str] | None = None, instance_url: str | None = None
) -> pd.DataFrame:
    """Lead back from a case, or from a path of the map, to the records in the source.

    Parameters
    ----------
    case_id
        The deal; all of the log unless given.
    edge
        Two activities: only the events that follow one another directly so. Both of each pair are listed.
    instance_url
        Address of the org (`https://acme.my.salesforce.com`), for links to the records.

    Returns
    -------
    One row per event in order: `case_id, position, activity, time, source` (object or file), `source_row` (its line),
    `record_id` (missing where the source has none) and, with an address, `link` to the page of what the event is about.

    Raises
    ------
    UnknownName
        If the log has no such case or activity.
    """
    rows = log.events
    if case_id is not None:
        rows = rows.filter(nw.col("case_id") == case_id)
    if edge is not None:
        for name in edge:
            if name not in log.activities:
                raise UnknownName.activity(name, log.activities)
        first = rows.filter((nw.col("activity") == edge[0]) & (nw.col("next_activity") == edge[1]))
        second = first.select("case_key", position=nw.col("position") + 1)
        ends = first.select("case_key", "position")
        both = nw.concat([ends, second.with_columns(nw.col("position").cast(nw.Int32()))], how="vertical").unique()
        rows = rows.join(both, on=["case_key", "position"], how="semi")
    there = [c for c in ("record_id", "object_id", "lead_id") if c in rows.collect_schema().names()]
    columns = ["case_key", "case_id", "position", "activity", "time", "source", "source_row", *there]
    found = engine.collect(rows.select(*columns)).sort_values(["case_key", "position"], ignore_index=True)
    if case_id is not None and not len(found):
        known = engine.collect(log.cases.select("case_id").sort("case_id").head(1000))["case_id"]
        raise UnknownName.value("case_id", case_id, known)
    if "record_id" not in found:
        found["record_id"] = None
    elif instance_url:
        # A row of a history has no page of its own: what it is about has.
        about = found["case_id"].astype(object)
        for column in ("lead_id", "object_id"):
            about = found[column].where(found[column].notna(), about) if column in found else about
        found["link"] = instance_url.rstrip("/") + "/" + about
    kept = ["case_id", "position", "activity", "time", "source", "source_row", "record_id", "link"]
    return found[[c for c in kept if c in found]]


def fan_out(log: EventLog) -> pd.DataFrame:
    """Count the objects of each kind per deal, and the deals per object: what flattening to deals may multiply.

    Returns
    -------
    One row per kind of object: `object_type, objects, cases` (deals that have one), `per_case` (mean of these),
    `most_per_case`, `cases_per_object` (mean), `fans_out` (whether a deal has more than 1.05 of them, or one belongs to
    more than 1.05 deals). From the records where the log has them, else from the numbers of documents.
    """
    import pandas as pd

    columns = ["object_type", "objects", "cases", "per_case", "most_per_case", "cases_per_object", "fans_out"]
    rows = _pairs(log)
    if rows is None or not len(rows):
        return pd.DataFrame(columns=columns)
    per_case = rows.groupby(["object_type", "case_id"]).size().groupby("object_type")
    table = pd.DataFrame(
        {
            "objects": rows.groupby("object_type")["object_id"].nunique(),
            "cases": rows.groupby("object_type")["case_id"].nunique(),
            "per_case": per_case.mean(),
            "most_per_case": per_case.max(),
            "cases_per_object": rows.groupby(["object_type", "object_id"]).size().groupby("object_type").mean(),
        }
    )
    table["fans_out"] = (table["per_case"] > FANNED) | (table["cases_per_object"] > FANNED)
    order = ["Lead", "Opportunity", *PHASES.values()]
    table = table.reset_index()
    place = table["object_type"].map({name: n for n, name in reversed(list(enumerate(order)))}).fillna(len(order))
    return table.assign(_at=place).sort_values(["_at", "object_type"], ignore_index=True)[columns]


def _pairs(log: EventLog) -> pd.DataFrame | None:
    """Every object with every deal it belongs to: `object_type, object_id, case_id`."""
    if log.objects is not None:
        return engine.collect(log.objects.select("object_type", "object_id", "case_id").unique())
    if "object_id" not in log.events.collect_schema().names():
        return None
    named: nw.LazyFrame[Any] = log.events.filter(~nw.col("object_id").is_null())
    rows = engine.collect(named.select("case_key", "case_id", "position", "object_id", "activity"))
    rows = rows.sort_values(["case_key", "position"]).drop_duplicates(["case_key", "object_id"])
    phases = {a.en: PHASES.get(a.phase) for a in vocabulary.activities()}
    rows["object_type"] = rows["activity"].astype(object).map(phases)
    return rows.dropna(subset=["object_type"])[["object_type", "object_id", "case_id"]]
