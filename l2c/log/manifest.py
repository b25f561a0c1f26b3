"""What does log.json say of a saved log, and is it true of the files beside it?"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import narwhals as nw

from l2c.log.calendar import Calendar
from l2c.words.errors import UnreadableLog

NAME = "log.json"
SCHEMA = 1
# The columns that every log has, and of which kind they are (see `_is`).
COLUMNS = {
    "cases": {"case_id": "text", "status": "text", "started": "time", "ended": "time", "duration_days": "number"}
    | dict.fromkeys(("case_key", "events", "variant_id"), "whole number"),
    "events": dict.fromkeys(("case_id", "activity", "next_activity", "precision", "source"), "text")
    | {"case_key": "whole number", "position": "whole number", "time": "time", "wait_days": "number"}
    | {"first_of_step": "flag", "source_row": "any"},
    "variants": {"variant_id": "whole number", "cases": "whole number", "trace": "list"},
    "objects": dict.fromkeys(("object_type", "object_id", "case_id"), "any"),
    "links": dict.fromkeys(("from_type", "from_id", "lookup", "to_id"), "any"),
    "lines": dict.fromkeys(("line_id", "object_type", "object_id", "case_id", "product", "currency"), "any")
    | {"quantity": "number", "price": "number", "source_row": "any"},
    "history": {"case_id": "text", "position": "whole number", "time": "time"},
    "contacts": {"case_id": "text", "time": "time", "known": "time", "kind": "text", "two_way": "flag", "flag": "any"},
}
# What reading something else than expected raises.
_NONSENSE = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Manifest:
    """What `log.json` says.

    Attributes
    ----------
    facts
        All of it, also what this version of the kit does not know.
    files
        The other files of the log by their names in the folder, with their size and sum; without both in a log that
        an earlier version saved.
    """

    facts: dict[str, Any]
    extracted: datetime
    history_start: datetime | None
    currency: str | None
    files: dict[str, tuple[int, int] | None]
    zone: str = "UTC"
    fiscal_year_starts: int = 1
    calendar: Calendar | None = None
    hours: str = "calendar"

    @property
    def is_sealed(self) -> bool:
        """Whether it is known what each file must be."""
        return "seal" in self.facts

    def of(self, name: str) -> list[str]:
        """The files that hold a frame: itself, or on Spark the parts in a folder of that name."""
        return sorted(file for file in self.files if file == name or file.startswith(f"{name}/"))


def write(folder: Path, facts: Mapping[str, Any]) -> None:
    """Say in `log.json` what a log is and which files belong to it; the last file of a save."""
    files = {name: dict(zip(("bytes", "crc32"), _sum(folder / name), strict=True)) for name in _files(folder)}
    said = {"schema": SCHEMA, **facts, "files": files}
    said["seal"] = _seal(said)
    (folder / NAME).write_text(json.dumps(said, ensure_ascii=False, indent=1), "utf-8")


def read(place: Path, source: Path) -> Manifest:
    """Read what `write` wrote, or an earlier version.

    Parameters
    ----------
    place
        What the log is called in messages.
    source
        The folder that holds it.

    Raises
    ------
    UnreadableLog
        If it is damaged, or of a later version.
    """
    if not (source / NAME).is_file():
        raise UnreadableLog.damaged(place, NAME, "is no file")
    try:
        facts = json.loads((source / NAME).read_text("utf-8"))
        schema = facts["schema"]
    except _NONSENSE as error:
        raise UnreadableLog.damaged(place, NAME, "cannot be understood") from error
    if schema != SCHEMA:
        raise UnreadableLog.newer(place, schema)
    if ("seal" in facts) != ("files" in facts) or ("seal" in facts and facts["seal"] != _seal(facts)):
        raise UnreadableLog.damaged(place, NAME, "is not as it was saved")
    try:
        since, currency = facts["history_start"], facts["currency"]
        return Manifest(
            facts,
            _moment(facts["extracted"]),
            None if since is None else _moment(since),
            None if currency is None else _text(currency),
            _sums(facts["files"]) if "files" in facts else dict.fromkeys(_files(source)),
            # An earlier version cut everything in UTC.
            _zone(facts.get("zone", "UTC")),
            _month(facts.get("fiscal_year_starts", 1)),
            None if facts.get("calendar") is None else Calendar.of_facts(facts["calendar"]),
            _hours(facts.get("hours", "calendar")),
        )
    except _NONSENSE as error:
        raise UnreadableLog.damaged(place, NAME, "cannot be understood") from error


def check(said: Manifest, place: Path, source: Path) -> None:
    """Raise `UnreadableLog` unless the files are those that were saved."""
    for name, expected in said.files.items():
        file = source / name
        if not file.is_file():
            raise UnreadableLog.damaged(place, name, "is no file" if file.exists() else "is missing")
        if expected is not None and _sum(file) != expected:
            raise UnreadableLog.damaged(place, name, "is not as it was saved")


def fit(place: Path, name: str, frame: nw.LazyFrame[Any]) -> None:
    """Raise `UnreadableLog` unless a frame has the columns it must have."""
    there = frame.collect_schema()
    for column, kind in COLUMNS[name].items():
        if column not in there:
            raise UnreadableLog.damaged(place, f"{name}.parquet", f"has no column {column}")
        if not _is(there[column], kind):
            raise UnreadableLog.damaged(place, f"{name}.parquet", f"has something else than a {kind} in {column}")


def _is(dtype: nw.dtypes.DType, kind: str) -> bool:
    """Whether a column is of a kind; a column in which nothing is known is of any."""
    tests = {
        "text": dtype in (nw.String, nw.Categorical, nw.Enum),
        "whole number": dtype.is_integer(),
        "number": dtype.is_numeric(),
        "time": dtype.is_temporal(),
        "flag": dtype == nw.Boolean,
        "list": dtype == nw.List,
    }
    return tests.get(kind, True) or dtype == nw.Unknown


def _files(folder: Path) -> list[str]:
    """The files of a log beside `log.json`, and of those that Spark adds only the ones with rows."""
    names = [file.relative_to(folder) for file in folder.rglob("*") if file.is_file()]
    shown = [name.as_posix() for name in names if not any(part.startswith((".", "_")) for part in name.parts)]
    return sorted(set(shown) - {NAME})


def _sum(file: Path) -> tuple[int, int]:
    """Size and CRC-32 of a file: enough to notice every change that nobody made on purpose, and quick."""
    size = total = 0
    with file.open("rb") as stream:
        while piece := stream.read(1 << 20):
            size, total = size + len(piece), zlib.crc32(piece, total)
    return size, total


def _seal(facts: Mapping[str, Any]) -> str:
    """The sum of everything else that `log.json` says."""
    rest = {key: value for key, value in facts.items() if key != "seal"}
    return f"{zlib.crc32(json.dumps(rest, sort_keys=True).encode()):08x}"


def _sums(files: dict[str, dict[str, int]]) -> dict[str, tuple[int, int] | None]:
    if any(Path(name).is_absolute() or ".." in Path(name).parts for name in files):
        raise ValueError("a file of a log lies in its folder")
    return {name: (each["bytes"], each["crc32"]) for name, each in files.items()}


def _moment(text: Any) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        raise ValueError("times are written in UTC, without a zone")
    return moment


def _zone(name: Any) -> str:
    return ZoneInfo(_text(name)).key


def _month(value: Any) -> int:
    if value not in range(1, 13):
        raise ValueError(f"{value!r} is no month")
    return int(value)


def _hours(value: Any) -> str:
    if value not in ("calendar", "working"):
        raise ValueError(f"{value!r} are no hours")
    return _text(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
