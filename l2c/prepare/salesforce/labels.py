"""Which object does a table hold that is called otherwise, and which field is a column under its label?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

import polars as pl

from l2c.log.objects import DEAL, LEAD
from l2c.prepare.salesforce.meaning import Mapping_, key
from l2c.words import matching
from l2c.words.vocabulary import entries

ACTIVITIES = ("Task", "Event")
HISTORY, FIELDS = "OpportunityHistory", "OpportunityFieldHistory"
ID = r"^[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?$"
# Fields of a history by what its columns tell.
OF_CHANGES = {"changed": "CreatedDate", "by": "CreatedBy.Name", "field": "Field", "old": "OldValue", "new": "NewValue"}
OF_STATES = {"to": "StageName", "changed": "CreatedDate", "by": "CreatedBy.Name"}
# Fields of a deal by what a report calls them, where the mapping names no field of that attribute.
OF_DEALS = {"close_date": "CloseDate", "probability": "Probability"}


def _bare(text: str) -> str:
    """A name without spaces, dashes and brackets."""
    return key(re.sub(r"[\s\-./:()%]+", "", text))


@cache
def _meant_by(table: str) -> dict[str, str]:
    """What the words of a table of the vocabulary stand for: of two that share a word, the first."""
    return {_bare(word): meant for meant, words in reversed(entries(table).items()) for word in reversed(words)}


def loosely(name: str) -> str | None:
    """The object that a file is called after in the plural, by its label or in Japanese: `opportunities`, `商談履歴`."""
    return _meant_by("objects").get(_bare(name))


def by_columns(frame: pl.DataFrame, prefixes: Mapping[str, str]) -> str | None:
    """The object of a table without API names, by its labels and by whose ids stand there.

    Parameters
    ----------
    prefixes
        Objects by the first letters of their ids.
    """
    roles = {role for header in frame.columns if (role := matching.match_state(header))}
    meant = {header: matching.match_attribute(header) for header in frame.columns}
    ids = [header for header, attributes in meant.items() if "case_id" in attributes]
    # The number of a quote or an order beside that of the deal is what the row is about.
    if len(ids) != 1 or key(ids[0]) == "id" or ids[0].endswith("__c") or _object(frame[ids[0]], prefixes) != DEAL:
        return None
    stage = any("stage" in attributes for attributes in meant.values())
    if "field" in roles and "new" in roles:
        return FIELDS
    if not frame[ids[0]].drop_nulls().is_unique().all():
        return HISTORY if "to" in roles or (stage and "changed" in roles) else None
    return DEAL if stage and any(matching.match_date_column(h) == matching.CLOSE for h in frame.columns) else None


def _object(column: pl.Series, prefixes: Mapping[str, str]) -> str | None:
    """The object whose ids stand in a column, or None where there are others."""
    some = column.drop_nulls().head(100).cast(pl.String)
    found = some.str.slice(0, 3).unique().to_list()
    return prefixes.get(found[0]) if len(found) == 1 and some.str.contains(ID).all() else None


def translated(name: str, headers: Sequence[str], fields: Mapping[str, str], mapping: Mapping_) -> dict[str, str]:
    """API names of the columns of an object that stand under their labels; of each field the first column.

    Parameters
    ----------
    name
        The object.
    fields
        API names by what counts of them.
    """
    known = {fields[key(header)] for header in headers if key(header) in fields}
    found: dict[str, str] = {}
    for header in _best_first(name, headers):
        if key(header) not in fields and "." not in header:
            meant = _field(name, header, fields, mapping)
            if meant and meant not in known and meant not in found.values():
                found[header] = meant
    return found


def _best_first(name: str, headers: Sequence[str]) -> list[str]:
    """In a history the day of the change is no day of creation of the deal."""
    return sorted(headers, key=lambda h: matching.match_state(h) is None) if name.endswith("History") else list(headers)


def _field(name: str, header: str, fields: Mapping[str, str], mapping: Mapping_) -> str | None:
    bare = _bare(header)
    if bare in ("recordid", f"{key(name)}id") or (name == DEAL and matching.is_strong(header, "case_id")):
        return "Id"
    roles = OF_STATES if name == HISTORY else OF_CHANGES if name.endswith("History") else {}
    if meant := roles.get(matching.match_state(header) or ""):
        return meant
    if name in (HISTORY, FIELDS) and matching.is_strong(header, "case_id"):
        return "OpportunityId"
    if bare in fields:
        return fields[bare]
    if name in ACTIVITIES and (said := _meant_by("activity_labels").get(bare)):
        return said
    if said := _meant_by("labels").get(bare):
        return said
    if name in (DEAL, LEAD, HISTORY):
        return _of_deal(LEAD if name == LEAD else DEAL, header, mapping)
    return None


def _of_deal(name: str, header: str, mapping: Mapping_) -> str | None:
    """The field of a deal or a lead that a column of a report holds."""
    day = matching.match_date_column(header)
    if day == matching.CLOSE:
        return "CloseDate"
    if day in ("Opportunity Created", "Lead Created"):
        return "CreatedDate"
    for attribute in matching.match_attribute(header):
        ways = [way[name] for way in mapping.attributes.get(attribute, ()) if name in way]
        if ways and (attribute == "stage" or matching.is_strong(header, attribute)):
            return ways[0]
        if attribute in OF_DEALS:
            return OF_DEALS[attribute]
    return None


def in_api_words(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """A history of fields whose column `Field` names them as the API does."""
    if not name.endswith("FieldHistory") or "Field" not in frame.columns:
        return frame
    said = frame["Field"].cast(pl.String)
    meant = {each: _changed(each) for each in said.drop_nulls().unique()}
    return frame.with_columns(said.replace({each: name for each, name in meant.items() if name}))


def _changed(field: str) -> str | None:
    if "stage" in matching.match_attribute(field):
        return "StageName"
    if matching.is_close_date(field):
        return "CloseDate"
    return next((api for a, api in (("amount", "Amount"), ("rep", "Owner")) if matching.is_strong(field, a)), None)
