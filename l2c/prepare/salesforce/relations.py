"""What do the columns of a query say of the records that it looks up, such as `Owner.Name`?"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from l2c.prepare.salesforce.files import FILE, LINE
from l2c.prepare.salesforce.mapping import wanted
from l2c.prepare.salesforce.meaning import lookup_field
from l2c.prepare.salesforce.org_frames import Org, id_key
from l2c.prepare.salesforce.people import full_name

ACCOUNT = "Account"


def unfolded(org: Org) -> None:
    """Make records of what queries tell of the users, accounts and the like that they look up.

    `Account.Name` becomes the name of the account, unless the account itself is there; a name stands for the id where a query
    names the record and not its id. Deals, quotes and other records that tell something themselves are not made up.
    """
    for name in list(org.frames):
        org.frames[name] = _unfolded(org, name, org.frames[name])
    if ACCOUNT in org.frames:
        org.frames[ACCOUNT] = _with_names(org.frames[ACCOUNT])


def _unfolded(org: Org, name: str, frame: pl.DataFrame) -> pl.DataFrame:
    groups: dict[str, dict[str, str]] = {}
    for header in frame.columns:
        relation, dot, rest = header.partition(".")
        if dot and rest:
            groups.setdefault(relation, {})[rest] = header
    known = {*wanted(org.mapping), *org.mapping.lookups.values()}
    for relation, columns in groups.items():
        lookup = lookup_field(relation)
        target = org.mapping.target(lookup)
        if target not in known:
            continue
        own = target not in org.mapping.kinds
        ids = [pl.col(c).cast(pl.String) for c in (lookup, columns.get("Id")) if c in frame.columns]
        if not ids and not own:
            continue
        frame = frame.with_columns((pl.coalesce(ids) if ids else _name(columns)).alias(lookup))
        if own:
            told = [pl.col(header).alias(rest) for rest, header in columns.items() if rest != "Id"]
            made = frame.select(pl.col(lookup).alias("Id"), *told, FILE, LINE)
            _add(org, target, made.filter(pl.col("Id").is_not_null()))
            frame = frame.drop(columns.values())
    return frame


def _name(columns: Mapping[str, str]) -> pl.Expr:
    """What stands for the id of a record: its name, else all that is told of it."""
    named = [columns["Name"]] if "Name" in columns else list(columns.values())
    texts = [pl.col(header).cast(pl.String) for header in named]
    return pl.concat_str(texts, separator=" ", ignore_nulls=True).replace("", None)


def _add(org: Org, target: str, records: pl.DataFrame) -> None:
    """Add the records of an object that are not there yet."""
    records = records.with_columns(id_key(pl.col("Id")).alias("_key")).unique("_key", keep="first", maintain_order=True)
    records = _unfolded(org, target, records)
    if target in org.frames:
        there = org.frames[target]
        records = pl.concat([there, records.join(there, on="_key", how="anti")], how="diagonal_relaxed")
    org.frames[target] = records


def _with_names(accounts: pl.DataFrame) -> pl.DataFrame:
    """Accounts with the names of the people that some of them are."""
    parts = [c for c in ("FirstName", "LastName") if c in accounts.columns]
    if not parts:
        return accounts
    name = pl.col("Name").cast(pl.String).replace("", None) if "Name" in accounts.columns else pl.lit(None, pl.String)
    return accounts.with_columns(pl.coalesce(name, full_name(parts)).alias("Name"))
