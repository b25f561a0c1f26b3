"""Which tables does a JSON file hold, whoever wrote it?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from l2c.prepare import containers, frames
from l2c.prepare.encoding import utf8
from l2c.prepare.nested import AIRBYTE, Records, flattened, lists
from l2c.prepare.table import Table
from l2c.words.errors import L2CError, OtherKind, UnreadableFile
from l2c.words.notes import Note

# As Python's objects a text takes some ten times its size.
MOST_JSON = 1_000_000_000
# What names the page that follows.
_NEXT = ("nextRecordsUrl", "nextRecordsURL", "@odata.nextLink", "odata.nextLink", "nextLink", "has_more", "hasMore")


def is_json(head: str) -> bool:
    """Whether a text begins as JSON does: with an object or an array."""
    return re.match(r'\{\s*("|\}|$)|\[\s*([\[{"\]\d-]|null\b|$)', head.lstrip("\x1e")) is not None


def tables(data: bytes, name: str) -> list[Table]:
    """Read the records of a JSON file: a table where there is one list of them, one each where there are several.

    Parameters
    ----------
    data
        The file's content.
    name
        What to call it.

    Raises
    ------
    OtherKind
        If there is no list of records in it.
    UnreadableFile
        If it is too large, damaged or incomplete.
    """
    found, broken = loaded(data, name)
    return tables_of(found, name, broken)


def tables_of(found: Any, name: str, broken: Sequence[tuple[int, str]] = ()) -> list[Table]:
    """Read the records of what JSON holds; see `tables`.

    Parameters
    ----------
    found
        Lists, mappings, texts and numbers.
    name
        What to call it.
    broken
        Lines that hold no JSON: number and text.
    """
    _refuse_others(found, name)
    records = {key: rows for key, rows in lists(found).items() if rows}
    if not records:
        raise OtherKind.no_records(name, [str(key) for key in found][:8] if isinstance(found, Mapping) else [])
    made = [_table(key, rows, name) for key, rows in records.items()]
    if goes_on(found):
        made = [replace(table, notes=(*table.notes, Note("more_pages"))) for table in made]
    if broken:
        lines, texts = zip(*broken, strict=True)
        rejected = pl.DataFrame({"line": lines, "text": texts, "reason": ["malformed row"] * len(lines)})
        made[0] = replace(made[0], rejected=rejected)
    return made


def goes_on(found: Any) -> bool:
    """Whether an answer says that it is one page of several, as those of Salesforce, HubSpot and OData do.

    Parameters
    ----------
    found
        Lists, mappings, texts and numbers; of several pages the last one counts.
    """
    last = found[-1] if isinstance(found, list) and found else found
    if not isinstance(last, Mapping):
        return False
    paging = last.get("paging")
    if (
        last.get("done") is False
        or any(last.get(name) for name in _NEXT)
        or (isinstance(paging, Mapping) and paging.get("next"))
    ):
        return True
    return any(goes_on(each) for each in (last.get("result"), last.get("data")) if isinstance(each, Mapping))


def _refuse_others(found: Any, name: str) -> None:
    """Say what a file is that holds a link, or the words of a program that failed, in place of records."""
    one = found[0] if isinstance(found, list) and len(found) == 1 else found
    if not isinstance(one, Mapping):
        return
    if "doc_id" in one:
        raise OtherKind.link(name, "Google Sheets")
    if "message" in one and ({"errorCode", "exitCode", "stack"} & one.keys()):
        raise OtherKind.failure(name, str(one["message"])[:200])


def loaded(data: bytes, name: str) -> tuple[Any, list[tuple[int, str]]]:
    """What stands in a file: one value, or a list of those on its lines; and the lines that hold none.

    Raises
    ------
    UnreadableFile
        If it is no JSON, or too much.
    """
    if len(data) > MOST_JSON:
        raise UnreadableFile.too_much_json(name)
    text = utf8(data, name)[1].decode("utf-8").lstrip("\ufeff")
    try:
        first = text.lstrip()[: text.lstrip().find("\n")].strip()
        if first.startswith("{") and first.endswith("}") and _value(first) is not None:
            return _lines(text)
        return json.loads(text), []
    except json.JSONDecodeError as error:
        if not error.msg.startswith("Extra data"):
            raise UnreadableFile.damaged(name, "JSON") from error
        try:
            return list(_one_by_one(text)), []
        except (json.JSONDecodeError, RecursionError):
            raise UnreadableFile.damaged(name, "JSON") from error
    except RecursionError as error:
        raise UnreadableFile.damaged(name, "JSON") from error


def _value(text: str) -> Any:
    """What stands in a text, or None where it is no JSON."""
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return None


def _lines(text: str) -> tuple[list[Any], list[tuple[int, str]]]:
    """A value a line; what is none costs its line, not the file."""
    values, broken = [], []
    for number, line in enumerate(text.split("\n"), 1):
        if line := line.strip().strip("\x1e").removesuffix(","):
            value = _value(line)
            if isinstance(value, Mapping):
                values.append(value)
            else:
                broken.append((number, line))
    return values, broken


def _one_by_one(text: str) -> Iterator[Any]:
    """Values that stand one after the other."""
    decoder, at = json.JSONDecoder(), 0
    blank = re.compile(r"[\s,\x1e\ufeff]*")
    while (at := blank.match(text, at).end()) < len(text):  # type: ignore[union-attr]
        value, at = decoder.raw_decode(text, at)
        yield value


def _table(key: str, records: Records, name: str) -> Table:
    flat = flattened(records)
    headers = dict.fromkeys(header for record in flat for header in record)
    containers.checked_width(len(headers), name)
    containers.checked_room(len(flat), len(headers), sum(map(len, flat)), name)
    made = frames.table(f"{name} › {key}" if key else name, flat)
    return replace(made, notes=(Note("of_json"),))


def unwrapped(table: Table) -> Table:
    """A table whose rows hold their records as JSON in one column, as Airbyte writes raw tables, with the fields as columns.

    Parameters
    ----------
    table
        A table of any file; what has no such column stays as it is.
    """
    within = {c: c[len(AIRBYTE) + 1 :] for c in table.frame.columns if c.casefold().startswith(f"{AIRBYTE}.")}
    if within and not set(within.values()) & set(table.frame.columns):
        return replace(table, frame=table.frame.rename(within))
    column = next((c for c in table.frame.columns if c.casefold() == AIRBYTE), None)
    if column is None:
        return table
    cells = table.frame[column].to_list()
    records = [_value(cell) if isinstance(cell, str) else cell for cell in cells]
    flat = flattened([each if isinstance(each, Mapping) else {} for each in records])
    made = frames.table(table.name, flat).frame if any(flat) else pl.DataFrame()
    own = table.frame.drop(column)
    own = own.drop([c for c in made.columns if c in own.columns])
    return Table(table.name, pl.concat([made, own], how="horizontal"), table.lines, table.rejected, table.notes)


def objects(data: bytes) -> list[str]:
    """The objects whose records a file holds, as far as its names tell; none where it cannot be read.

    Parameters
    ----------
    data
        The file's content.
    """
    try:
        return [key for key in lists(loaded(data, "")[0]) if key]
    except L2CError:
        return []
