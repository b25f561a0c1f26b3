"""Who is behind an id, and who owned a deal when?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from l2c.prepare.salesforce.changes import NEW, OLD
from l2c.prepare.salesforce.org_frames import Org, id_key
from l2c.words.actors import kind_of_user


@dataclass(frozen=True)
class People:
    """Names by the key of an id; two people of one name are told apart by the end of their ids.

    `kinds` tells of users who are an automation or an AI agent, by their type or profile.
    """

    names: dict[str, str]
    kinds: dict[str, str] = field(default_factory=dict)

    def named(self, ids: pl.Series) -> pl.Series:
        """Names in the place of ids; what is no known id stays as it is."""
        frame = ids.to_frame("id").select(id_key(pl.col("id")).alias("key"), "id")
        known = frame["key"].replace_strict(self.names, default=None, return_dtype=pl.String)
        return known.zip_with(known.is_not_null(), frame["id"]).alias(ids.name)

    def kind(self, ids: pl.Series) -> pl.Series:
        """Whether each is an automation or an agent by its type or profile; missing where those do not tell."""
        keys = ids.to_frame("id").select(id_key(pl.col("id"))).to_series()
        return keys.replace_strict(self.kinds, default=None, return_dtype=pl.String).alias("actor_kind")


def people(org: Org) -> People:
    """Read the names of users, active or not."""
    if "User" not in org.frames:
        return People({})
    parts = {field: org.text("User", field) for field in ("FirstName", "LastName")}
    both = pl.DataFrame(parts).select(full_name(parts)).to_series()
    name = org.text("User", "Name")
    name = name.zip_with(name.is_not_null(), both)
    username = org.text("User", "Username")
    name = name.zip_with((name.is_not_null() & (name != "")).fill_null(False), username)
    rows = pl.DataFrame({"key": org.frames["User"]["_key"], "name": name}).drop_nulls().unique("key").sort("key")
    twice = rows.filter(pl.col("name").is_duplicated())["key"].to_list()
    names = dict(zip(rows["key"], rows["name"], strict=True))
    return People(names | {key: f"{names[key]} ({key[-4:]})" for key in twice}, _kinds(org))


def full_name(parts: Iterable[str]) -> pl.Expr:
    """The name of a person: the family name comes first where it is written in Chinese, Japanese or Korean."""
    first, *last = (pl.col(part).cast(pl.String) for part in parts)
    usual = pl.concat_str([first, *last], separator=" ", ignore_nulls=True)
    turned = pl.concat_str([*last, first], separator=" ", ignore_nulls=True)
    east = usual.str.contains(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]")
    return pl.when(east).then(turned).otherwise(usual).str.strip_chars().replace("", None)


def _kinds(org: Org) -> dict[str, str]:
    """Which users are no people, by key."""
    said = [org.text("User", field) for field in ("UserType", "Profile.Name")]
    users = zip(org.frames["User"]["_key"], *said, strict=True)
    found = ((key, kind_of_user(type_, profile)) for key, type_, profile in users)
    return {key: kind for key, kind in found if key and kind}


def owners(org: Org, who: People) -> pl.DataFrame:
    """Who owned each opportunity from when on: `case, time, rep`; the first spell begins before all times.

    From the tracked changes of the owner; without them the owner of today stands for the whole time.
    """
    name, deal = "OpportunityFieldHistory", "Opportunity"
    today = pl.DataFrame({"case": org.frames[deal]["_key"], "rep": who.named(org.text(deal, "OwnerId"))})
    always = pl.lit(None, pl.Datetime("us"))
    if not all(org.has(name, field) for field in ("Field", OLD, NEW, "OpportunityId", "CreatedDate")):
        return today.with_columns(time=always).select("case", "time", "rep")
    parent = org.text(name, "OpportunityId").to_frame("case").select(id_key(pl.col("case"))).to_series()
    rows = pl.DataFrame(
        {
            "case": parent,
            "field": org.text(name, "Field").str.to_lowercase(),
            "time": org.times(name, "CreatedDate").time,
            "id": org.text(name, "Id"),
            "old": who.named(org.text(name, OLD)),
            "rep": who.named(org.text(name, NEW)),
        }
    ).filter(pl.col("field").is_in(["owner", "ownerid"]) & pl.col("time").is_not_null())
    rows = rows.join(today.select("case"), on="case", how="semi").sort("case", "time", "id")
    first = rows.unique("case", keep="first", maintain_order=True).select("case", pl.col("old").alias("rep"))
    never = today.join(first, on="case", how="anti")
    began = pl.concat([first, never]).with_columns(time=always)
    return pl.concat([began.select("case", "time", "rep"), rows.select("case", "time", "rep")])
