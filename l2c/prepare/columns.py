"""Which column is what?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from l2c.log import END, START
from l2c.log.base import DERIVED, own_names
from l2c.prepare import mapping_file, options
from l2c.prepare.mapping_file import Document
from l2c.words import vocabulary
from l2c.words.errors import BadMapping, BadOption, BadTimeZone, ColumnsNotFound

REQUIRED = ("case_id", "activity", "time")
KEYS = ("version", "columns", "dates", "activities", "date_format", "time_zone", "currency")
# The standard fixes what these mean, whatever other columns are called.
XES_KEYS = ("case:concept:name", "concept:name", "time:timestamp")


@dataclass(frozen=True)
class Instructions:
    """What the user says about a source; it overrides everything found by evidence.

    Attributes
    ----------
    columns
        Header by attribute id.
    dates
        Header by activity, for a source with a row per deal.
    activities
        Activity of the vocabulary (or any name) by the name in the source.
    date_format, time_zone, currency
        How times without a zone and amounts are to be read.
    places
        Where each header is named, for messages.
    """

    columns: dict[str, str] = field(default_factory=dict)
    dates: dict[str, str] = field(default_factory=dict)
    activities: dict[str, str] = field(default_factory=dict)
    date_format: str | None = None
    time_zone: str = "UTC"
    currency: str | None = None
    places: dict[str, str] = field(default_factory=dict)


def instructions(said: Any) -> Instructions:
    """Read what the user says about the columns.

    Parameters
    ----------
    said
        A YAML file, its content, short text such as `"case_id=Deal No, time=When"`, or a document of `mapping_file.opened`.

    Raises
    ------
    BadMapping, BadOption
        If the file cannot be read or says something that is not understood; the message names the line.
    """
    document = mapping_file.opened(said)
    if document is None:
        return Instructions()
    if document.is_objects:
        raise BadMapping.of_objects(document.place())
    if unknown := [str(key) for key in document.content if key not in KEYS]:
        raise BadMapping.unknown(document.place(unknown[0]), unknown, KEYS)
    parts = {part: _texts(document, part) for part in ("columns", "dates", "activities")}
    for name in DERIVED & set(parts["columns"]):
        raise BadMapping.reserved(document.place("columns", name), name)
    rest = {
        key: str(document.texts[key]) for key in ("date_format", "time_zone", "currency") if document.content.get(key)
    }
    for key in rest:
        try:
            options.checked(**{key: rest[key]})
        except (BadOption, BadTimeZone) as error:
            raise type(error)(f"The mapping {document.place(key)}: {error}") from None
    if "currency" in rest:
        rest["currency"] = rest["currency"].upper()
    places = {
        header: document.place(part, name) for part in ("columns", "dates") for name, header in parts[part].items()
    }
    return Instructions(**parts, **rest, places=places if document.lines else {})  # type: ignore[arg-type]


def _texts(document: Document, part: str) -> dict[str, str]:
    """A section of texts by name, as they stand in the file."""
    said = document.content.get(part)
    if said is None and document.texts.get(part) in (None, ""):
        return {}
    if not isinstance(said, Mapping):
        raise BadMapping.form(document.place(part), part, said, "names with values")
    for name, value in document.texts[part].items():
        if isinstance(value, (Mapping, list, tuple, set, bool)) or value is None or not str(value).strip():
            raise BadMapping.form(document.place(part, str(name)), str(name), value, "a text")
    return {str(name): str(value) for name, value in document.texts[part].items()}


@dataclass(frozen=True)
class Layout:
    """How one table is laid out.

    Attributes
    ----------
    columns
        Header by attribute id or, for what the vocabulary does not know, by a name of its own.
    dates
        Header by activity when the table has a row per deal; empty when it has a row per event.
    notes
        Choices the user may want to know.
    """

    columns: dict[str, str]
    dates: dict[str, str]
    notes: tuple[str, ...] = ()

    @property
    def is_wide(self) -> bool:
        """Whether each row is a deal with its dates."""
        return bool(self.dates)


def layout(frame: pl.DataFrame, name: str, said: Instructions) -> Layout:
    """Find out which column holds what.

    Parameters
    ----------
    frame
        The table, under its own headers.
    name
        What the user calls it.
    said
        What the user said, which wins.

    Raises
    ------
    ColumnsNotFound
        If a required column is missing or ambiguous; the message shows the line that would settle it.
    """
    headers = frame.columns
    _headers_exist(said, headers, name)
    columns = dict(said.columns)
    dates = {activity: header for activity, header in said.dates.items()}
    taken = set(columns.values()) | set(dates.values())
    notes: list[str] = []
    candidates: dict[str, list[str]] = {}
    for header in headers:
        if header not in taken:
            for attribute in vocabulary.match_attribute(_bare(header)):
                candidates.setdefault(attribute, []).append(header)
    for attribute in (*REQUIRED, *sorted(set(candidates) - set(REQUIRED))):
        free = [header for header in candidates.get(attribute, []) if header not in taken]
        if attribute in columns or not free:
            continue
        chosen = _choose(attribute, free, frame, name, notes)
        columns[attribute] = chosen
        taken.add(chosen)
    if _weakly_long(columns, said) and _dates([h for h in headers if h not in taken], dates):
        # "Status" beside "Created Date" and other dates is a list of deals, not of events.
        taken -= {columns["activity"], columns.pop("time")}
        status = columns.pop("activity")
        if "stage" not in columns and "stage" in vocabulary.match_attribute(_bare(status)):
            columns["stage"] = status
            taken.add(status)
    if "activity" not in columns:
        dates |= _dates([h for h in headers if h not in taken or h == columns.get("time")], dates)
        if dates and columns.get("time") in dates.values():
            columns.pop("time")
        taken |= set(dates.values())
    missing = [a for a in REQUIRED if a not in columns]
    if missing and not (dates and missing != ["case_id"] and "case_id" in columns):
        raise ColumnsNotFound.missing(name, missing, headers)
    columns |= _own_names([h for h in headers if h not in taken], set(columns) | DERIVED)
    return Layout(columns, dates, tuple(notes))


def _weakly_long(columns: dict[str, str], said: Instructions) -> bool:
    found = {a: h for a, h in columns.items() if a in ("activity", "time") and a not in said.columns}
    return len(found) == 2 and not any(vocabulary.is_strong(_bare(h), a) for a, h in found.items())


def _headers_exist(said: Instructions, headers: list[str], name: str) -> None:
    for header in [*said.columns.values(), *said.dates.values()]:
        if header not in headers:
            place = f"{said.places[header]}: " if header in said.places else ""
            raise ColumnsNotFound.named(f"{place}{name}", header, headers)


def _bare(header: str) -> str:
    """Header without the mark that XES puts before attributes of the case; the standard keys keep theirs."""
    return header if header == "case:concept:name" else header.removeprefix("case:")


def _choose(attribute: str, free: list[str], frame: pl.DataFrame, name: str, notes: list[str]) -> str:
    """Take the best of several columns that could be meant; refuse to guess for a required one."""
    strong = (
        [h for h in free if h in XES_KEYS] or [h for h in free if vocabulary.is_strong(_bare(h), attribute)] or free
    )
    first = strong[0]
    if len(strong) == 1:
        return first
    same = [h for h in strong[1:] if frame[h].cast(pl.String).equals(frame[first].cast(pl.String)) and frame.height]
    if len(same) == len(strong) - 1:
        return first
    if attribute in REQUIRED:
        raise ColumnsNotFound.ambiguous(name, attribute, strong)
    notes.append(
        f"{name}: {', '.join(strong)} could each be {attribute}; {first} was taken, "
        f"the others are kept under their own names (--map {attribute}=… changes that)."
    )
    return first


def _dates(headers: Iterable[str], said: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for header in headers:
        activity = vocabulary.match_date_column(header)
        if activity and activity not in found and activity not in said:
            found[activity] = header
    return found


def _own_names(headers: list[str], taken: set[str]) -> dict[str, str]:
    """Names for columns that the vocabulary does not know: their own, unless another thing bears it already."""
    return dict(zip(own_names(((_bare(header), header) for header in headers), taken), headers, strict=True))


def rename_activities(names: Iterable[str], said: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Find the vocabulary's activity for each name of the source.

    Parameters
    ----------
    names
        Distinct activities of the source, most frequent first.
    said
        What the user said, which wins.

    Returns
    -------
    The new name of every activity that gets one, and notes. Two different names are never merged by an alias:
    the second one keeps its own, since merging would turn two steps into a repetition.
    """
    renamed: dict[str, str] = {}
    notes: list[str] = []
    names = list(names)
    exact = {name for name in names if name not in said and vocabulary.process_order(name) is not None}
    holder = {name: name for name in exact}
    for name in names:
        target = said.get(name)
        # The signs of the beginning and the end of a case are no steps of it.
        if (target or name) in (START, END):
            target = f"{target or name} (source)"
        if target is None and name not in exact:
            target = vocabulary.match_activity(name)
            if target in holder:
                notes.append(
                    f"{name!r} could mean {target}, but {holder[target]!r} does already; both are kept. "
                    f"If they are one, say so in a mapping file (activities)."
                )
                target = None
            elif target is not None:
                holder[target] = name
        if target is not None and target != name:
            renamed[name] = target
    return renamed, notes
