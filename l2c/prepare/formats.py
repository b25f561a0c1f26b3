"""What is in the file? Told by its content, never by its name."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import polars as pl

from l2c.prepare import archives, containers, folders, json_records, kinds, sources
from l2c.prepare.header_rows import unique
from l2c.prepare.meant import meant
from l2c.prepare.table import Table, no_rejected, numbered, small, unnested
from l2c.words.errors import L2CError, NothingToRead, OtherKind, UnreadableFile
from l2c.words.notes import Note

_BROKEN = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError, KeyError, MemoryError)
# Endings that other programs give to files of their own too.
_ANYTHING = {".dat", ".db", ".txt"}
# An archive in an archive is opened, one in that is not.
_DEEPEST = 2


def tables(
    path: Path, name: str | None = None, *, case: str | None = None, notes: list[Note] | None = None
) -> list[Table]:
    """Read a file or a folder: a workbook gives a table per filled sheet, an archive or a folder those of its files.

    Parameters
    ----------
    path
        The file, folder or pipe.
    name
        What to call it; its own name unless given.
    case
        What the user calls the column of cases: the type of object that is a case in an object-centric log.
    notes
        Where it is said what was passed over.

    Raises
    ------
    NothingToRead, UnreadableFile
        If there is no such file, or it is empty, damaged, or of a kind that holds no table.
    """
    return list(each(path, name, case=case, notes=notes))


def each(
    path: Path, name: str | None = None, *, case: str | None = None, notes: list[Note] | None = None
) -> Iterator[Table]:
    """Read a file or a folder table by table; see `tables`."""
    reader = _Reader(case, [] if notes is None else notes)
    if sources.is_folder(path):
        yield from reader.folder(path)
        return
    with sources.regular(path) as file:
        yield from reader.file(file, name or sources.called(path))


class _Reader:
    """What the readers of all files of one source share."""

    def __init__(self, case: str | None, notes: list[Note]) -> None:
        self.case, self.notes = case, notes

    def folder(self, path: Path) -> Iterator[Table]:
        found = folders.walked(path)
        self.notes += found.notes()
        if not found.data:
            raise NothingToRead.no_files(sources.printable(path), [*found.others, *found.left_behind][:8])
        yield from self._each(found.data, 0)

    def _each(self, files: list[tuple[str, Path]], depth: int) -> Iterator[Table]:
        """The tables of several files; what is no table is named, and what should be one and cannot be read is not."""
        made = False
        refused: list[L2CError] = []
        for name, path in files:
            try:
                with sources.regular(path) as file:
                    if is_empty(file):
                        self.notes.append(Note("empty_file", file=name))
                        refused.append(UnreadableFile.empty(name))
                        continue
                    for table in self.file(file, name, depth):
                        made = True
                        yield folders.partitioned(table, name)
            except OtherKind as error:
                refused.append(error)
                self.notes.append(Note("other_kind", file=name, kind=str(error.made_of.get("kind", ""))))
            except UnreadableFile as error:
                if error.made_by == "UnreadableFile.not_text" and path.suffix.lower() in _ANYTHING:
                    refused.append(error)
                    self.notes.append(Note("other_kind", file=name, kind=path.suffix))
                    continue
                # An archive beside the tables may be what they came in.
                if not archives.may_be(path) or len(files) == 1:
                    raise
                refused.append(error)
                self.notes.append(Note("archive_unread", file=name))
        if not made and refused:
            raise refused[0]

    def file(self, file: Path, name: str, depth: int = 0) -> Iterator[Table]:
        with sources.told(file, name):
            with file.open("rb") as opened:
                kind = kinds.of(opened.read(kinds.FIRST))
            if kind in kinds.STREAMS:
                data = containers.unpacked(file, name, kind)
            elif not kind:
                data = file.read_bytes()
        if kind in kinds.STREAMS:
            inside = kinds.of(data[: kinds.FIRST])
            if inside in kinds.STREAMS:
                raise UnreadableFile.packed(name, inside)
            if inside:
                with tempfile.TemporaryDirectory(prefix="l2c-") as folder:
                    copy = Path(folder) / "unpacked"
                    copy.write_bytes(data)
                    yield from map(meant, self._of_kind(copy, inside, name, depth))
                    return
        if kind and kind not in kinds.STREAMS:
            yield from map(meant, self._of_kind(file, kind, name, depth))
        else:
            yield from self._text(data, name)

    def _of_kind(self, file: Path, kind: str, name: str, depth: int) -> Iterable[Table]:
        from l2c.prepare import databases, ocel_file, spreadsheet

        if kind == kinds.ZIP:
            with sources.told(file, name), containers.archive(file, name, _called_zip(file)) as packed:
                kind = kinds.of_zip(packed)
            if kind == kinds.WORKBOOK:
                return spreadsheet.sheets(file, name)
        if kind == kinds.OLE:
            kind = kinds.of_ole(file)
            if kind == kinds.ENCRYPTED:
                raise UnreadableFile.locked(name)
            # What its streams do not tell is a workbook that is damaged.
            if kind in (kinds.WORKBOOK, kinds.OLE):
                return spreadsheet.sheets(file, name)
        if kind == kinds.PARQUET:
            return [json_records.unwrapped(_parquet(file, name))]
        if kind in (kinds.ZIP, kinds.TAR):
            return self._inside(file, kind, name, depth)
        if kind in (kinds.SQLITE, kinds.DUCKDB):
            if kind == kinds.SQLITE and ocel_file.is_database(databases.names(file, kind)):
                return [ocel_file.table(ocel_file.of_database(file, name), name, self.case)]
            made = databases.tables(file, name, kind, self.notes)
            return [json_records.unwrapped(table) for table in made]
        raise foreign(name, kind)

    def _inside(self, file: Path, kind: str, name: str, depth: int) -> Iterator[Table]:
        """The tables in an archive, which is read like a folder."""
        if depth >= _DEEPEST:
            raise UnreadableFile.packed(name, kind)
        with tempfile.TemporaryDirectory(prefix="l2c-") as place:
            with sources.told(file, name), archives.opened(file, name, kind) as members:
                found = folders.sorted_out((member.name, member) for member in members)
                copied = [(inside, Path(place) / f"{n}") for n, (inside, _) in enumerate(found.data)]
                for (_, member), (_, target) in zip(found.data, copied, strict=True):
                    member.copy(target)
            self.notes += found.notes(name)
            if not copied:
                raise OtherKind.no_tables(name, [*found.others, *found.left_behind][:8], kind)
            yield from self._each([(f"{name}/{inside}", path) for inside, path in copied], depth + 1)

    def _text(self, data: bytes, name: str) -> list[Table]:
        from l2c.prepare import delimited, ocel_file, spreadsheet_xml, web_tables, xes

        if not data or data.isspace():
            raise UnreadableFile.empty(name)
        head = xes.beginning(data)
        if web_tables.is_page(head):
            return [meant(each) for each in web_tables.page(data, name)]
        if web_tables.is_mail(head):
            return [meant(each) for each in web_tables.archive(data, name)]
        if spreadsheet_xml.is_workbook(head):
            return [meant(each) for each in spreadsheet_xml.sheets(data, name)]
        if xes.is_xml(head):
            if ocel_file.is_xml(head):
                return [ocel_file.table(ocel_file.of_xml(data, name), name, self.case)]
            return [xes.events(data, name)]
        if json_records.is_json(head):
            found, broken = json_records.loaded(data, name)
            if ocel_file.is_document(found):
                return [ocel_file.table(ocel_file.of_json(found, name), name, self.case)]
            return [meant(each) for each in json_records.tables_of(found, name, broken)]
        return [json_records.unwrapped(delimited.table(data, name))]


def is_empty(path: Path) -> bool:
    """Whether a file holds nothing but a mark of its encoding and blank lines."""
    return path.is_file() and path.stat().st_size < 64 and not path.read_bytes().strip(b"\xef\xbb\xbf\r\n\t ")


def foreign(name: str, kind: str) -> L2CError:
    """What to say of a file that holds something else than a table."""
    made: Any = (
        OtherKind.page if kind in kinds.PAGES
        else OtherKind.packing if kind in kinds.PACKINGS
        else OtherKind.data if kind in kinds.DATA
        else OtherKind.mail if kind == kinds.OUTLOOK
        else OtherKind.program
    )  # fmt: skip
    return made(name, kind)


def _called_zip(file: Path) -> str:
    """What a zip that cannot be opened was to be."""
    with file.open("rb") as opened:
        head = opened.read(kinds.FIRST)
    return kinds.WORKBOOK if re.search(rb"\[Content_Types\]|xl/|_rels/", head) else kinds.ZIP


def names(paths: Iterable[Path]) -> list[Path]:
    """What files are called, or the tables in them, as far as it can be told without reading their rows.

    Parameters
    ----------
    paths
        Files; an archive, a database or JSON stands for what lies in it.
    """
    return [inside for path in paths for inside in _names(path)]


def _names(path: Path) -> list[Path]:
    from l2c.prepare import databases, xes

    # A pipe may be read only once, so it is not looked into here.
    if not path.is_file():
        return [path]
    try:
        with path.open("rb") as file:
            head = file.read(kinds.FIRST)
    except OSError:
        return [path]
    kind = kinds.of(head)
    if kind in (kinds.ZIP, kinds.TAR, *kinds.STREAMS) and archives.may_be(path):
        return [Path(name) for name in archives.names(path)]
    if kind in (kinds.SQLITE, kinds.DUCKDB):
        return [path / table for table in databases.names(path, kind)]
    if not kind and json_records.is_json(xes.beginning(head)):
        return [path, *(path / each for each in json_records.objects(path.read_bytes()))]
    return [path]


def _parquet(path: Path, name: str) -> Table:
    import pyarrow
    import pyarrow.parquet

    # Polars reads no faster, takes names for patterns, and a damaged file makes it end the process for want of memory.
    try:
        with path.open("rb") as file, pyarrow.parquet.ParquetFile(file) as source:
            # One column at a time, since the texts of all of them would not fit.
            names = source.schema_arrow.names
            columns = [small(_column(source.read(columns=[each]), each)) for each in names]
        frame = unnested(pl.DataFrame(dict(zip(unique(names), columns, strict=True))))
    except (pyarrow.ArrowException, *_BROKEN) as error:
        raise UnreadableFile.damaged(name, "Parquet") from error
    return Table(name, frame, numbered(frame), no_rejected())


def _column(read: Any, name: str) -> pl.Series:
    """A column as it was read, once it is sure that its texts are texts: a damaged file may hold any bytes."""
    read.validate(full=True)
    return pl.DataFrame(read)[name]
