"""Which files of a folder or an archive are data, and which are passed over?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Generic, TypeVar
from urllib.parse import unquote

import polars as pl

from l2c.log import storage
from l2c.prepare import kinds, sources
from l2c.prepare.table import Table
from l2c.words.errors import OtherKind, UnreadableFile
from l2c.words.notes import Note

# Files that a system, an office program or a data engine leaves beside the data: marks, locks, thumbnails, sums.
_LEFT_BEHIND = re.compile(
    r"(\.|~\$).*|__MACOSX|Thumbs\.db|ehthumbs\.db|desktop\.ini|Icon\r|\$RECYCLE\.BIN|System Volume Information"
    r"|_SUCCESS|_(common_)?metadata|_(committed|started)_\d+|.*\.crc|.*-(wal|shm|journal)|.*\.duckdb\.wal|pull\.json",
    re.IGNORECASE,
)
# What data engines call a part of a table, without an ending.
_PART = re.compile(r"part-[\w-]+|\d{6}_\d+(_copy_\d+)?")
# Tables of which a folder holds old rows too; a log of their own tells which count.
_LAKES = {"_delta_log": "Delta Lake", ".hoodie": "Hudi"}
_PARTITION = re.compile(r"([A-Za-z_][\w .-]*)=(.*)")
_NULL = "__HIVE_DEFAULT_PARTITION__"

Item = TypeVar("Item")


@dataclass(frozen=True)
class Found(Generic[Item]):
    """What lies in a folder or an archive, each with its path in there.

    Attributes
    ----------
    data
        What is read.
    left_behind
        What systems and programs leave beside data: lock files, marks, hidden files.
    others
        Files of a kind that is not read.
    """

    data: list[tuple[str, Item]] = field(default_factory=list)
    left_behind: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    def notes(self, within: str = "") -> list[Note]:
        """What was passed over, by name and number."""
        above = f"{within}/" if within else ""
        left, others = ([above + name for name in names] for names in (self.left_behind, self.others))
        found = [Note("left_behind", n=len(left), files=_some(left))] if left else []
        return found + ([Note("other_kinds", n=len(others), files=_some(others))] if others else [])


def _some(names: list[str], most: int = 20) -> list[str]:
    """The first of many names; the number stands beside them."""
    return names[:most] + ["…"] * (len(names) > most)


def sorted_out(
    items: Iterable[tuple[str, Item]], is_data: Callable[[str, Item], bool] = lambda name, item: False
) -> Found[Item]:
    """Tell data from what lies beside them.

    Parameters
    ----------
    items
        Files by their paths, with `/` between the parts.
    is_data
        Whether a file counts that does not end as data do.
    """
    found: Found[Item] = Found()
    for name, item in items:
        path = PurePosixPath(name)
        if any(_LEFT_BEHIND.fullmatch(part) for part in path.parts if part != ".."):
            found.left_behind.append(name)
        elif path.suffix.lower() in sources.READABLE or _PART.fullmatch(path.name) or is_data(name, item):
            found.data.append((name, item))
        else:
            found.others.append(name)
    return found


def walked(folder: Path) -> Found[Path]:
    """Look into a folder and its folders, in a fixed order.

    Raises
    ------
    UnreadableFile
        If a folder may not be opened.
    OtherKind
        If it is a table of a data lake, which holds rows that do not count any more.
    """
    return sorted_out(_walked(folder, "", (folder.resolve(),)), _is_marked)


def _walked(folder: Path, above: str, open_: tuple[Path, ...]) -> Iterator[tuple[str, Path]]:
    try:
        inside = sorted(folder.iterdir())
    except PermissionError:
        raise UnreadableFile.forbidden(sources.called(folder)) from None
    for path in inside:
        name = above + sources.printable(path.name)
        if not path.is_dir():
            yield name, path
            continue
        if path.name in _LAKES:
            raise OtherKind.lake(sources.called(folder), _LAKES[path.name])
        if _is_iceberg(path):
            raise OtherKind.lake(sources.called(folder), "Iceberg")
        # A link to a folder above would never end; a saved log is what was read before.
        if _LEFT_BEHIND.fullmatch(path.name) or path.resolve() in open_ or storage.is_log(path):
            yield f"{name}/", path
            continue
        yield from _walked(path, f"{name}/", (*open_, path.resolve()))


def _is_iceberg(folder: Path) -> bool:
    return folder.name == "metadata" and any(folder.glob("*.metadata.json"))


def _is_marked(_: str, path: Path) -> bool:
    """Whether a file begins as data do, whatever its name ends with."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return kinds.of(file.read(16)) in (kinds.PARQUET, kinds.SQLITE, kinds.DUCKDB)
    except OSError:
        return False


def partitioned(table: Table, name: str) -> Table:
    """Add what the folders say of the rows, as Hive and Spark write it: `year=2025/month=01/part-0.parquet`.

    Parameters
    ----------
    table
        The rows of one file.
    name
        Its path.
    """
    found = [_PARTITION.fullmatch(part) for part in PurePosixPath(name).parts[:-1]]
    values = {match[1]: None if match[2] == _NULL else unquote(match[2]) for match in found if match}
    new = [pl.lit(value, pl.String).alias(key) for key, value in values.items() if key not in table.frame.columns]
    if not new:
        return table
    return Table(table.name, table.frame.with_columns(new), table.lines, table.rejected, table.notes)
