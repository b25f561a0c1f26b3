"""When was one in touch with the customer of each deal, how, and who of the customer has a part in it?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import polars as pl

from l2c.log.contacts import ACTIVITY, DONE, FLAG, ROLE, TO_DO, typed
from l2c.log.objects import DEAL
from l2c.prepare.salesforce.conditions import matches
from l2c.prepare.salesforce.contact_fields import EVENT, MAIL, ROLES, TASK
from l2c.prepare.salesforce.deals import Deals
from l2c.prepare.salesforce.meaning import key
from l2c.prepare.salesforce.org_frames import Org, id_key
from l2c.prepare.salesforce.statuses import field_of
from l2c.words import contacts as said
from l2c.words import vocabulary

# When a task was done, and an event took place.
DONE_AT = ("CompletedDateTime", "ActivityDate", "LastModifiedDate", "CreatedDate")
HELD_AT = ("StartDateTime", "ActivityDateTime", "ActivityDate")
# What Salesforce itself says of a mailing to a list or a step of a cadence: nobody wrote to a customer.
MASS, SUBTYPES = ("ListEmail", "Cadence"), {"call": said.CALL, "email": said.EMAIL}
DRAFT = "5"
EVENT_ID = "00U"


def contacts(org: Org, met: Deals, made: pl.DataFrame, limit: datetime) -> pl.DataFrame | None:
    """Find the contacts with the customer of each case, and the people there who have a part in it.

    Parameters
    ----------
    made
        The events of the deals, by which it is known when each was open.

    Returns
    -------
    `l2c.log.contacts.COLUMNS`, by case and time; None where the source tells of none.

    Notes
    -----
    A task counts when it is completed and its subtype, type or subject says that it was a call or an e-mail; an event when it was
    not cancelled. What is only related to a person belongs to each deal in which the person has a role and which was open then.
    Where the source holds no activities, the day of the last one that Salesforce keeps with the deal is told, of today only.
    """
    parts = [part for name in (TASK, EVENT) if (part := _activities(org, met, name)) is not None]
    mails = _mails(org, met)
    if mails is not None:
        # Salesforce keeps a task for each e-mail, which does not tell who wrote it.
        parts = [part.join(mails.select(_key="_task"), on="_key", how="anti") for part in parts] + [mails]
    roles = _roles(org)
    if roles is not None:
        parts = [_with_people(org, part, roles, made) for part in parts]
        parts.append(roles.filter(pl.col("case").is_in(met.ids["case"].implode())))
    if not [part for part in parts if part is not roles] and (last := _last(org)) is not None:
        parts.append(last)
    if not parts:
        return None
    rows = pl.concat(parts, how="diagonal_relaxed").join(met.ids, on="case", how="inner")
    return typed(rows.filter(pl.col("time").is_null() | (pl.col("time") <= limit)))


def _activities(org: Org, met: Deals, name: str) -> pl.DataFrame | None:
    """What was done, or took place: `_key, case, _who, time, known, kind, two_way, flag`."""
    if name not in org.frames:
        return None
    meeting = _is_event(org, name)
    kind, two_way = _kinds(org, name, meeting)
    done = _done(org, name)
    none = pl.Series([None], dtype=pl.String).new_from_index(0, len(done))
    flag = org.text(name, "Subject").str.extract(FLAG, 1)
    own = done.replace_strict({True: DONE, False: TO_DO}, default=TO_DO, return_dtype=pl.String)
    kind = own.zip_with(flag.is_not_null(), kind.zip_with(meeting | done, none))
    held, ended = _first(org, name, HELD_AT), _first(org, name, DONE_AT)
    begun = _moments(org, name, "CreatedDate")
    time = begun.zip_with((kind == TO_DO).fill_null(False), held.zip_with(meeting, ended))
    rows = pl.DataFrame({
        "_key": org.frames[name]["_key"], "_who": _ids(org, name, "WhoId"), "_what": _ids(org, name, "WhatId"),
        "time": time, "known": begun, "kind": kind, "two_way": two_way, "flag": flag,
    })  # fmt: skip
    rows = rows.with_columns(known=pl.max_horizontal("time", "known")).drop_nulls(["kind", "time"])
    there = met.of.get(name)
    return rows.with_columns(case=pl.lit(None, pl.String)) if there is None else rows.join(there, on="_key", how="left")


def _is_event(org: Org, name: str) -> pl.Series:
    """Which rows are events; where tasks and events lie in one export, their ids or a flag tell."""
    if name == EVENT:
        return pl.Series([True]).new_from_index(0, org.frames[name].height)
    told = org.flags(name, "IsTask")
    return (~told).fill_null(org.text(name, "Id").str.starts_with(EVENT_ID)).fill_null(False)


def _kinds(org: Org, name: str, meeting: pl.Series) -> tuple[pl.Series, pl.Series]:
    """What kind of contact each was, or null for none, and whether the customer took part in it."""
    subtype = _filled(org, name, ("TaskSubtype", "ActivitySubtype"))
    type_, subject = _filled(org, name, ("Type", "ActivityType")), org.text(name, "Subject")
    known = subtype.str.to_lowercase().replace_strict(SUBTYPES, default=None, return_dtype=pl.String)
    kind = pl.DataFrame({"a": known, "b": _told(type_, said.of_type), "c": _told(subject, said.of_subject)})
    default = pl.Series([said.MEETING]).new_from_index(0, len(meeting))
    none = pl.Series([None], dtype=pl.String).new_from_index(0, len(meeting))
    found = kind.select(pl.coalesce("a", "b", "c")).to_series()
    found = found.zip_with(found.is_not_null(), default.zip_with(meeting, none))
    both = [type_, subject, org.text(name, "CallType")]
    out = subtype.is_in(MASS).fill_null(False) | _says("internal", [type_, org.text(name, "CallType")])
    out |= _yes(org, name, "IsChild") | _yes(org, name, "IsRecurrence")
    off = _says("cancelled", [subject, type_]) | _no_shows(org, name)
    missed = _says("missed", [subject, type_, org.text(name, "CallDisposition")]) | off
    out |= missed & (meeting | (found == said.MEETING).fill_null(False))
    found = none.zip_with(out, found)
    two_way = ((found == said.CALL) & ~missed) | (found == said.MEETING)
    return found, (two_way | ((found == said.EMAIL) & _says("inbound", both))).fill_null(False)


def _done(org: Org, name: str) -> pl.Series:
    if org.has(name, "IsClosed"):
        return _yes(org, name, "IsClosed")
    return matches(org.text(name, field_of(org, name, "Status")), "<done>", "")


def _mails(org: Org, met: Deals) -> pl.DataFrame | None:
    """The e-mails that were sent or received: like `_activities`, with the key of the `_task` that stands for each."""
    if MAIL not in org.frames or MAIL not in met.of:
        return None
    time, begun = _first(org, MAIL, ("MessageDate", "CreatedDate")), _moments(org, MAIL, "CreatedDate")
    rows = pl.DataFrame({
        "_key": org.frames[MAIL]["_key"], "_task": _ids(org, MAIL, "ActivityId"), "time": time, "known": begun,
        "two_way": _yes(org, MAIL, "Incoming"), "_status": org.text(MAIL, "Status"),
    })  # fmt: skip
    rows = rows.filter((pl.col("_status") != DRAFT).fill_null(True)).drop_nulls("time")
    rows = rows.with_columns(known=pl.max_horizontal("time", "known"), kind=pl.lit(said.EMAIL))
    return rows.join(met.of[MAIL], on="_key", how="inner")


def _roles(org: Org) -> pl.DataFrame | None:
    """Who has a part in which deal, each once, since when: `case, _who, time, known, kind`."""
    if ROLES not in org.frames or not (org.has(ROLES, "OpportunityId") and org.has(ROLES, "ContactId")):
        return None
    found = {"case": _ids(org, ROLES, "OpportunityId"), "_who": _ids(org, ROLES, "ContactId")}
    rows = pl.DataFrame({**found, "time": _moments(org, ROLES, "CreatedDate")}).drop_nulls(["case", "_who"])
    rows = rows.group_by("case", "_who").agg(pl.col("time").min())
    return rows.with_columns(known="time", kind=pl.lit(ROLE))


def _with_people(org: Org, rows: pl.DataFrame, roles: pl.DataFrame, made: pl.DataFrame) -> pl.DataFrame:
    """What is about no record but a person, with each deal in which the person has a part and which was open then."""
    if "_who" not in rows.columns or not org.has(DEAL, "CreatedDate"):
        return rows
    accounts = org.frames["Account"]["_key"] if "Account" in org.frames else pl.Series([], dtype=pl.String)
    what = pl.col("_what")
    free = what.is_null() | what.str.starts_with("001") | what.is_in(accounts.implode())
    lost = pl.col("case").is_null()
    closed = (
        made.filter(pl.col("activity").is_in(vocabulary.closings())).group_by("case").agg(_over=pl.col("time").max())
    )
    deals = pl.DataFrame({"case": org.frames[DEAL]["_key"], "_opened": org.times(DEAL, "CreatedDate").time})
    if org.has(DEAL, "IsClosed"):
        closed = closed.join(deals.filter(_yes(org, DEAL, "IsClosed")), on="case", how="semi")
    deals = deals.join(closed, on="case", how="left").join(roles.select("case", "_who"), on="case")
    theirs = rows.filter(lost & free & pl.col("_who").is_not_null()).drop("case").join(deals, on="_who")
    is_open = (pl.col("time") >= pl.col("_opened")) & (pl.col("_over").is_null() | (pl.col("time") < pl.col("_over")))
    return pl.concat([rows.filter(~lost), theirs.filter(is_open)], how="diagonal_relaxed")


def _last(org: Org) -> pl.DataFrame | None:
    """The day of the last activity of each deal, as Salesforce keeps it: what it was on earlier days, nobody knows."""
    if not org.has(DEAL, "LastActivityDate"):
        return None
    rows = pl.DataFrame({"case": org.frames[DEAL]["_key"], "time": _moments(org, DEAL, "LastActivityDate")})
    return rows.drop_nulls("time").with_columns(kind=pl.lit(ACTIVITY))


def _first(org: Org, name: str, fields: tuple[str, ...]) -> pl.Series:
    """The first of some times that is filled."""
    found = pl.DataFrame({field: _moments(org, name, field) for field in fields})
    return found.select(pl.coalesce(pl.all())).to_series()


def _moments(org: Org, name: str, field: str) -> pl.Series:
    """Times of a field in UTC; a day is its first moment in the zone of the business."""
    found = org.times(name, field)
    if org.zone == "UTC":
        return found.time.dt.cast_time_unit("us")
    days = found.time.dt.replace_time_zone(org.zone, ambiguous="earliest", non_existent="null")
    dated = (found.precision.cast(pl.String) == "day").fill_null(False)
    return (
        days.dt.convert_time_zone("UTC").dt.replace_time_zone(None).zip_with(dated, found.time).dt.cast_time_unit("us")
    )


def _ids(org: Org, name: str, field: str) -> pl.Series:
    return org.text(name, field).to_frame("k").select(id_key(pl.col("k"))).to_series()


def _filled(org: Org, name: str, fields: tuple[str, ...]) -> pl.Series:
    return (
        pl.DataFrame([org.text(name, field).alias(field) for field in fields]).select(pl.coalesce(pl.all())).to_series()
    )


def _yes(org: Org, name: str, field: str) -> pl.Series:
    return org.flags(name, field).fill_null(False)


def _no_shows(org: Org, name: str) -> pl.Series:
    own = next((c for c in org.frames[name].columns if key(c) == "noshowc"), "No_Show__c")
    return _yes(org, name, own)


def _told(texts: pl.Series, meaning: Callable[[str], str | None]) -> pl.Series:
    known = {text: meaning(text) for text in texts.drop_nulls().unique()}
    return texts.replace_strict(known, default=None, return_dtype=pl.String)


def _says(what: str, texts: list[pl.Series]) -> pl.Series:
    found = pl.Series([False]).new_from_index(0, len(texts[0]))
    for column in texts:
        meant = [text for text in column.drop_nulls().unique() if said.says(what, text)]
        found |= column.is_in(meant).fill_null(False)
    return found
