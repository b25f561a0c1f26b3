"""Which files of a source hold which object?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from l2c.prepare import folders, formats, frames, peek, sources
from l2c.prepare.salesforce import labels, replicas
from l2c.prepare.salesforce.mapping import wanted
from l2c.prepare.salesforce.meaning import Mapping_, api_path, key
from l2c.prepare.sources import Source
from l2c.prepare.table import Table
from l2c.words.notes import Note

FILES = sources.READABLE
# The first letters of an id tell its object, whatever its file is called; 017 are histories, told by their lookup.
PREFIXES = {
    "001": "Account", "003": "Contact", "005": "User", "006": "Opportunity", "008": "OpportunityHistory",
    "00E": "UserRole", "00K": "OpportunityContactRole", "00Q": "Lead", "00T": "Task", "00U": "Event", "00k": "OpportunityLineItem", "01t": "Product2",
    "04g": "ProcessInstance", "04h": "ProcessInstanceStep", "02s": "EmailMessage", "0Q0": "Quote", "701": "Campaign", "800": "Contract",
    "801": "Order", "802": "OrderItem", "0MI": "Territory2", "012": "RecordType",
}  # fmt: skip
HISTORIES = {
    "OpportunityId": "OpportunityFieldHistory", "LeadId": "LeadHistory", "QuoteId": "QuoteHistory",
    "ContractId": "ContractHistory", "OrderId": "OrderHistory", "OrderItemId": "OrderItemHistory",
}  # fmt: skip
NOISE = re.compile(
    r"(?i)^(sf|sfdc|salesforce|export|extract|stg|raw|we|prod|dump|report)[ _.-]+"
    r"|[ _.-]+(data|export|extract|part|bulk|all|full|dump|backup|report|results?|query|prod|v?\d+|part\d+|\d+t\d+z?)$|\s*\(\d+\)$"
)
FILE, LINE = "_file", "_line"


def named(name: str, mapping: Mapping_) -> str | None:
    """The object that a file or table is named after, or None: `opportunity_history_2.csv` is `OpportunityHistory`."""
    known = _by_name(mapping)
    stem = name
    while Path(stem).suffix.lower() in FILES:
        stem = Path(stem).stem
    for each in _shorter(stem):
        if (plain := key(each).replace("-", "").replace(" ", "")) in known:
            return known[plain]
    return None


@lru_cache(maxsize=8)
def _by_name(mapping: Mapping_) -> dict[str, str]:
    """Every object by what counts of the names that its file may have."""
    return {key(each): kind for kind in known_objects(mapping) for each in (kind, *_also(kind, mapping))}


def _shorter(stem: str) -> list[str]:
    """A name, and what is left of it without what exports add around it, one by one."""
    found = [stem]
    while len(found) < 10 and (shorter := NOISE.sub("", found[-1])) != found[-1]:
        found.append(shorter)
    return found


def _loosely(name: str) -> str | None:
    stem = name
    while Path(stem).suffix.lower() in FILES:
        stem = Path(stem).stem
    return next((kind for each in _shorter(stem) if (kind := labels.loosely(each))), None)


def _also(kind: str, mapping: Mapping_) -> tuple[str, ...]:
    return mapping.kinds[kind].also if kind in mapping.kinds else ()


def known_objects(mapping: Mapping_) -> list[str]:
    """Every object that the mapping reads or looks things up in."""
    return list(wanted(mapping))


def is_org(source: Source, mapping: Mapping_) -> bool:
    """Tell whether a source holds objects rather than events: a deal or lead file, and another object beside it."""
    fields = api_names(mapping)
    if isinstance(source, Mapping):
        names = {named(str(name), mapping) for name in source}
        if not _suffice(names):
            looked = ((str(name), peek.of_frame(str(name), frame)) for name, frame in source.items())
            names = {object_of(name, head, mapping, fields) for name, head in looked if head is not None}
    else:
        inside = formats.names(files_of(source))
        names = {named(path.name, mapping) or named(path.parent.name, mapping) for path in inside}
        if not _suffice(names) and len(inside) > 1:
            names |= {object_of(name, head, mapping, fields) for name, head in peek.heads(files_of(source))}
    return _suffice(names)


def _suffice(objects: set[str | None]) -> bool:
    return bool(objects & {"Opportunity", "Lead"}) and len(objects - {None}) > 1


def files_of(source: Source) -> list[Path]:
    """Every file of a folder and its folders, of a list of them, or the one itself, in a fixed order."""
    if isinstance(source, (str, Path)):
        path = Path(source)
        if not sources.is_folder(path):
            return [path] if sources.is_there(path) else []
        # What is neither file nor folder is not passed over: it cannot be read, and that is said.
        return [file for _, file in folders.walked(path).data]
    if isinstance(source, (list, tuple)):
        return [path for each in source if isinstance(each, (str, Path)) for path in files_of(each)]
    return []


def object_of(file: str, frame: pl.DataFrame, mapping: Mapping_, fields: Mapping[str, str]) -> str | None:
    """The object of a file: by its name, its folder's, that of the object whose versions it holds, or by its ids."""
    names = [Path(file).name, Path(file).parent.name]
    found = next((name for each in names if (name := named(each, mapping))), None)
    if found is None and replicas.has_versions(frame):
        found = named(re.sub(r"(?i)_?history", "", names[0]), mapping)
    loose = (kind for each in names if (kind := _loosely(each)))
    return found or _by_ids(frame, fields) or labels.by_columns(frame, PREFIXES) or next(loose, None)


def tables(source: Source, notes: list[Note]) -> Iterable[tuple[str, Table]]:
    """Read every table of a source, with the name of its file, and of the table in it where there are several.

    Parameters
    ----------
    source
        Files, folders, or frames by name.
    notes
        Where it is said what was passed over.
    """
    if isinstance(source, Mapping):
        for name, frame in source.items():
            yield str(name), frames.table(str(name), frame)
        return
    paths: Any = source if isinstance(source, (list, tuple)) else [source]
    for path in map(Path, paths):
        # A file may be called after nothing, and its folder after the object.
        folder = path if sources.is_folder(path) else path.parent
        for table in formats.each(path, notes=notes):
            yield f"{sources.printable(folder.name)}/{table.name.replace(' › ', '/')}", table


@lru_cache(maxsize=8)
def api_names(mapping: Mapping_) -> Mapping[str, str]:
    """API names of fields by what counts of them."""
    names = dict.fromkeys(name for each in wanted(mapping).values() for name in each)
    return MappingProxyType({key(name): name for name in names})


def renamed(table: Table, fields: Mapping[str, str], file: str, known: Mapping[str, str]) -> pl.DataFrame:
    """The cells under API names, with where they stood; `known` names columns that stand under their labels."""
    taken: dict[str, str] = {}
    for header in table.frame.columns:
        name = (
            known[header]
            if header in known
            else api_path(header, fields)
            if "." in header
            else fields.get(key(header), header)
        )
        taken[header] = header if name in taken.values() else name
    where = [pl.lit(file).alias(FILE), table.lines.alias(LINE)]
    # Numbers that stand for texts stand for others in each file.
    return table.frame.rename(taken).with_columns(pl.col(pl.Categorical).cast(pl.String)).with_columns(where)


def _by_ids(frame: pl.DataFrame, fields: Mapping[str, str]) -> str | None:
    """The object that the ids of a table belong to."""
    names = {fields.get(key(header), header): header for header in frame.columns}
    if "Id" not in names:
        return None
    some = frame[names["Id"]].cast(pl.String).drop_nulls().head(100)
    prefixes = some.filter(some.str.contains(r"^[0-9A-Za-z]{15}([0-9A-Za-z]{3})?$")).str.slice(0, 3).unique().to_list()
    if len(prefixes) != 1 or len(some) == 0:
        return None
    if prefixes[0] == "017":
        return next((name for lookup, name in HISTORIES.items() if lookup in names and "Field" in names), None)
    return PREFIXES.get(prefixes[0])
