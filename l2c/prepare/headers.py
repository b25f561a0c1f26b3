"""Where do the headers of a table stand, and which column is what?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from l2c.log.columns import DERIVED, START_TIME, own_names
from l2c.prepare import lifecycle
from l2c.prepare.instructions import Instructions
from l2c.prepare.units import unit
from l2c.words import matching
from l2c.words.errors import ColumnsNotFound
from l2c.words.notes import Note

REQUIRED = ("case_id", "activity", "time")
# The standard fixes what these mean, whatever other columns are called.
XES_KEYS = ("case:concept:name", "concept:name", "time:timestamp")
# Beside `time:timestamp`, which is then the end: when the work began, as pm4py writes it.
XES_START = "start_timestamp"
# Salesforce shows an amount in its own currency and, beside it, in the one of the org.
_CONVERTED = re.compile(r"convert|konvert|umgerechnet|umgewandelt|換算|変換|환산", re.IGNORECASE)


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
    notes: tuple[Note, ...] = ()

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
    notes: list[Note] = []
    if life := _lifecycle(frame, [h for h in headers if h not in taken], columns):
        columns["lifecycle"] = life
        taken.add(life)
    candidates: dict[str, list[str]] = {}
    for header in headers:
        if header not in taken:
            for attribute in matching.match_attribute(_bare(header)) or matching.match_attribute(
                unit(_bare(header)).name
            ):
                candidates.setdefault(attribute, []).append(header)
    for attribute in (*REQUIRED, *sorted(set(candidates) - set(REQUIRED))):
        free = [header for header in candidates.get(attribute, []) if header not in taken]
        if attribute in columns or not free:
            continue
        free = _of_amount(free, columns["amount"]) if attribute == "currency" and "amount" in columns else free
        chosen = _choose(attribute, free, frame, name, notes)
        columns[attribute] = chosen
        taken.add(chosen)
    if _weakly_long(columns, said) and _dates([h for h in headers if h not in taken], dates):
        # "Status" beside "Created Date" and other dates is a list of deals, not of events.
        taken -= {columns["activity"], columns.pop("time")}
        status = columns.pop("activity")
        if "stage" not in columns and "stage" in matching.match_attribute(_bare(status)):
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
    if columns.get("time") == XES_KEYS[-1] and XES_START in headers and XES_START not in taken:
        columns[START_TIME] = XES_START
        taken.add(XES_START)
    columns |= _own_names([h for h in headers if h not in taken], set(columns) | DERIVED | {START_TIME})
    return Layout(columns, dates, tuple(notes))


def _lifecycle(frame: pl.DataFrame, free: list[str], columns: Mapping[str, str]) -> str | None:
    """The column of a log of events, such as Status, that holds nothing but starts, completions and the like."""
    names = [_bare(header) for header in frame.columns]
    if "lifecycle" in columns or any(matching.is_strong(name, "lifecycle") for name in names):
        return None
    if "activity" not in columns and not any(matching.is_strong(name, "activity") for name in names):
        return None
    return next((h for h in free if lifecycle.may_be(_bare(h)) and lifecycle.holds(frame[h])), None)


def _weakly_long(columns: dict[str, str], said: Instructions) -> bool:
    found = {a: h for a, h in columns.items() if a in ("activity", "time") and a not in said.columns}
    return len(found) == 2 and not any(matching.is_strong(_bare(h), a) for a, h in found.items())


def _headers_exist(said: Instructions, headers: list[str], name: str) -> None:
    for header in [*said.columns.values(), *said.dates.values()]:
        if header not in headers:
            place = f"{said.places[header]}: " if header in said.places else ""
            raise ColumnsNotFound.named(f"{place}{name}", header, headers)


def _bare(header: str) -> str:
    """Header without the mark that XES puts before attributes of the case; the standard keys keep theirs."""
    return header if header == "case:concept:name" else header.removeprefix("case:")


def _choose(attribute: str, free: list[str], frame: pl.DataFrame, name: str, notes: list[Note]) -> str:
    """Take the best of several columns that could be meant; refuse to guess for a required one."""
    strong = [h for h in free if h in XES_KEYS] or [h for h in free if matching.is_strong(_bare(h), attribute)] or free
    first = strong[0]
    if len(strong) == 1:
        return first
    same = [h for h in strong[1:] if frame[h].cast(pl.String).equals(frame[first].cast(pl.String)) and frame.height]
    if len(same) == len(strong) - 1:
        return first
    if attribute in REQUIRED:
        raise ColumnsNotFound.ambiguous(name, attribute, strong)
    own = [h for h in strong if not _CONVERTED.search(h)]
    if attribute == "amount" and len(own) == 1:
        converted = next(h for h in strong if h not in own)
        notes.append(Note("of_file", file=name, note=Note("converted_amount", column=own[0], converted=converted)))
        return own[0]
    note = Note("could_each_be", columns=strong, attribute=attribute, taken=first)
    notes.append(Note("of_file", file=name, note=note))
    return first


def _of_amount(free: list[str], amount: str) -> list[str]:
    """Of several columns of currencies the one called like the amount: Amount (converted) Currency."""
    own = [h for h in free if matching.normalise(h).startswith(matching.normalise(amount))]
    return [min(own, key=len)] if own else free


def _dates(headers: Iterable[str], said: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for header in headers:
        activity = matching.match_date_column(header)
        if activity and activity not in found and activity not in said:
            found[activity] = header
    return found


def _own_names(headers: list[str], taken: set[str]) -> dict[str, str]:
    """Names for columns that the vocabulary does not know: their own, unless another thing bears it already."""
    return dict(zip(own_names(((_bare(header), header) for header in headers), taken), headers, strict=True))


def find_header(rows: Sequence[Sequence[str]]) -> int:
    """Find the row of headers below any title lines.

    Parameters
    ----------
    rows
        The first rows, as text.

    Returns
    -------
    Index of the row: the first one wide enough to head the table.

    Notes
    -----
    Formatted reports begin with lines such as "Opportunities by Rep" that fill one cell or two.
    """
    filled = [sum(1 for cell in row if cell) for row in rows]
    widest = max(filled, default=0)
    for at, (row, count) in enumerate(zip(rows, filled, strict=True)):
        known = sum(1 for cell in row if cell and matching.match_attribute(cell))
        if count and (count >= 0.6 * widest or known >= 3):
            return at
    return 0


def unique(headers: Sequence[str]) -> list[str]:
    """Give every column a name of its own: `column 3` where there is none, `Name (2)` where it is taken."""
    names: list[str] = []
    taken: set[str] = set()
    for at, header in enumerate(headers, 1):
        # A NUL ends a name in the engines that are written in C.
        base = header.replace("\0", "\ufffd") or f"column {at}"
        name, number = base, 2
        while name in taken:
            name, number = f"{base} ({number})", number + 1
        names.append(name)
        taken.add(name)
    return names
