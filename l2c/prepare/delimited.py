"""What stands in a text file of rows and columns?"""

from __future__ import annotations

import csv
import re
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import polars as pl

from l2c.prepare import containers, cut_off, empties, markup, reports, rows
from l2c.prepare.encoding import DELIMITERS, utf8
from l2c.prepare.header_rows import find_header, unique
from l2c.prepare.table import Table, no_rejected, numbered
from l2c.prepare.texts import repeats, stripped
from l2c.words.errors import UnreadableFile
from l2c.words.notes import Note

_SHOWN = 5
_PROBES, _PROBE = 16, 1 << 15


def table(data: bytes, name: str) -> Table:
    """Read delimited text; encoding, delimiter, quoting and the row of headers are found by evidence.

    Parameters
    ----------
    data
        The file's content.
    name
        What to call it.

    Raises
    ------
    UnreadableFile
        If the content is no text, or has no rows and columns.
    """
    if _longest(data) > rows.LONGEST_LINE:
        raise UnreadableFile.endless_line(name)
    notes, plain = utf8(data, name)
    if b"\r" in plain:
        plain = plain.replace(b"\r\r\n", b"\n")
    delimiter = _delimiter(plain[:200_000].decode("utf-8", "ignore"))
    containers.checked_width(plain[: plain.find(b"\n") + 1].count(delimiter.encode()) + 1, name)
    if delimiter != ",":
        notes.append({"\t": Note("tabs"), ";": Note("semicolons"), "|": Note("bars")}[delimiter])
    found = _quick(plain, delimiter, name, notes) or _exact(plain.decode("utf-8"), delimiter, name, notes)
    return empties.emptied(markup.plain(found) if markup.may_be_in(plain) else found)


def _longest(data: bytes) -> int:
    """Length of the longest of the first lines."""
    ends = [-1]
    while len(ends) <= 20 and (end := data.find(b"\n", ends[-1] + 1, 2 * rows.LONGEST_LINE)) >= 0:
        ends.append(end)
    if len(ends) <= 20:
        ends.append(min(len(data), 2 * rows.LONGEST_LINE))
    return max(end - start - 1 for start, end in pairwise(ends))


def _delimiter(text: str) -> str:
    """The sign that splits the first lines into the same number of cells, the more cells the better."""
    # Excel is told the sign in a line of its own.
    if said := re.match(r'"?sep=([,;|\t])"?\s*\n', text, re.IGNORECASE):
        return said[1]
    lines = [line for line in text[:200_000].splitlines() if line.strip()][:50]
    best, found = (0.0, 0.0), ","
    for sign in DELIMITERS:
        widths = [len(next(csv.reader([line], delimiter=sign), [])) for line in lines]
        if not widths or max(widths) < 2:
            continue
        usual = max(set(widths), key=lambda w: (widths.count(w), w))
        score = (widths.count(usual) / len(widths) if usual > 1 else 0.0, float(usual))
        if score > best:
            best, found = score, sign
    return found


def _quick(data: bytes, delimiter: str, name: str, notes: list[Note]) -> Table | None:
    """Read a regular file fast; nothing when its regularity cannot be proved."""
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        return None
    quoted = b'"' in data
    if quoted and b"\\" in data and b'\\"' in data:
        return None
    first = data[: data.find(b"\n") if b"\n" in data else None]
    headers = next(csv.reader([first.decode("utf-8").rstrip("\r")], delimiter=delimiter), [])
    if len(headers) < 2 or any(not h.strip() for h in headers[1:]) or reports.is_sorted(headers):
        return None
    try:
        frame = _cells(data, delimiter, _repeating(data, delimiter))
    except (pl.exceptions.PolarsError, ValueError):
        return None
    # Polars counts several times as fast as Python.
    lines = int((pl.Series(np.frombuffer(data, np.uint8)) == ord("\n")).sum()) + (not data.endswith(b"\n"))
    # A row for each line, and no quote left over: nothing was cut, joined or made up.
    if (
        frame.height != lines
        or frame.width != len(headers)
        or (quoted and not _well_quoted(data, delimiter.encode(), frame))
    ):
        return None
    body = frame.slice(1)
    if find_header([headers, [cell or "" for cell in body.head(1).cast(pl.String).row(0)] if body.height else []]):
        return None
    body.columns = unique([h.strip() for h in headers])
    # Empty cells are null already; only a quoted or a blank one becomes empty here.
    with ThreadPoolExecutor(2) as pool:
        body = body.with_columns(*pool.map(stripped, body.get_columns()))
    if _ends_oddly(body) or _is_torn(data, delimiter.encode(), body):
        return None
    notes = [*notes, *cut_off.at_limit(body.height, 0)]
    return Table(name, body, numbered(body, 2), no_rejected(), tuple(notes))


def _cells(data: bytes, delimiter: str, kinds: dict[str, pl.DataType]) -> pl.DataFrame:
    """Every cell, the headers among them, as text or, where a kind is given, as numbers that stand for text."""
    first = data[: data.find(b"\n") + 1]
    sign, lines = delimiter.encode(), data.count(b"\n")
    # Polars makes room for every column in every line, and where memory runs out it ends the process.
    if containers.is_roomy(lines, first.count(sign) + 1, data.count(sign) + lines):
        raise ValueError("too few cells for so many lines and columns")
    return pl.read_csv(
        data,
        separator=delimiter,
        infer_schema=False,
        has_header=False,
        extra_columns="raise",
        missing_columns="raise",
        schema_overrides=kinds,
    )


def _repeating(data: bytes, delimiter: str) -> dict[str, pl.DataType]:
    """The columns whose texts repeat, judged by lines from all over the file."""
    step = max(len(data) // _PROBES, _PROBE)
    probes = [data[at : at + _PROBE] for at in range(0, len(data), step)]
    whole = b"".join(probe[probe.find(b"\n") + 1 : probe.rfind(b"\n") + 1] for probe in probes)
    try:
        sample = _cells(whole, delimiter, {})
    except (pl.exceptions.PolarsError, ValueError):
        return {}
    return {c.name: pl.Categorical(pl.Categories.random()) for c in sample.get_columns() if repeats(c)}


def _well_quoted(data: bytes, sign: bytes, frame: pl.DataFrame) -> bool:
    """Whether every quote opens or closes a cell, so that all readers agree on what the cells are."""
    quotes = data.count(b'"')
    if b'""' in data:
        cells = frame.with_columns(pl.all().cast(pl.String))
        return not bool(cells.select(pl.any_horizontal(pl.all().str.contains('"', literal=True).any())).item())
    opening = data.count(sign + b'"') + data.count(b'\n"') + data.startswith(b'"')
    closing = data.count(b'"' + sign) + data.count(b'"\n') + data.count(b'"\r') + data.endswith(b'"')
    return opening == closing and opening + closing == quotes


def _is_torn(data: bytes, sign: bytes, body: pl.DataFrame) -> bool:
    """Whether the last row may not be whole."""
    last = data[data.rfind(b"\n") + 1 :]
    return bool(last) and (last.count(sign) < body.width - 1 or cut_off.is_torn_column(body.to_series(-1)))


def _ends_oddly(body: pl.DataFrame) -> bool:
    """Whether rows without anything, or the footer of a report, need a closer look."""
    last = body.tail(1).select(pl.sum_horizontal(pl.all().is_not_null())).to_series()
    if body.width > 2 and last.to_list() == [1]:
        return True
    if reports.may_be_one(body):
        return True
    # A column without gaps leaves no row empty.
    full = any(not column.null_count() for column in body.get_columns())
    return not full and bool(body.select(pl.all_horizontal(pl.all().is_null()).any()).item())


def _exact(text: str, delimiter: str, name: str, notes: list[Note]) -> Table:
    """Read any file row by row, keeping what does not fit."""
    found = rows.split(text if "\n" in text else text.replace("\r", "\n"), delimiter, name)
    every = [(line, [*map(str.strip, cells or ())], text) for line, _, cells, text in found.rows]
    filled = [(line, row) for line, row, text in every if any(row)]
    if not filled:
        raise UnreadableFile.empty(name)
    top = find_header([row for _, row in filled[:50]])
    headers = unique(filled[top][1])
    while headers and re.fullmatch(r"column \d+", headers[-1]) and not filled[top][1][len(headers) - 1]:
        headers.pop()
    blank = {line for line, row, text in every if not any(row) and not text}
    last, width = filled[-1][0], len(headers)
    torn = not text.endswith(("\n", "\r")) and (found.torn or cut_off.is_torn(filled[top + 1 :], width))
    body, totals, more, doubts = reports.bare(
        filled[top + 1 :], headers, filled[top][1], name, blank, is_report=bool(top)
    )
    notes = [*notes, *_told(found, filled[top][0], top), *more]
    around = len(filled) - top - 1 - len(body)
    rejected = [(line, text) for line, _, text in every if text]
    rejected += [(line, delimiter.join(row)) for line, row in body if any(row[width:])]
    fits = [(line, row) for line, row in body if not any(row[width:])]
    if torn and fits and fits[-1][0] == last:
        rejected.append((last, delimiter.join(cell or "" for cell in fits.pop()[1])))
        notes.append(Note("torn", line=last))
    containers.checked_room(len(fits), width, sum(len(row) for _, row in fits), name)
    cells = [[row[at] if at < len(row) and row[at] else None for _, row in fits] for at in range(width)]
    frame = pl.DataFrame({h: pl.Series(c, dtype=pl.String) for h, c in zip(headers, cells, strict=True)})
    notes += cut_off.at_limit(len(fits) + len(rejected), around)
    lines = pl.Series("line", [line for line, _ in fits], dtype=pl.Int64)
    return Table(name, frame, lines, pl.concat([totals, _rejected(rejected)]), tuple(notes), doubts=doubts)


def _told(found: rows.Rows, line: int, titles: int) -> list[Note]:
    """What the reader should know of the way the rows were found."""
    notes = []
    if titles:
        notes.append(Note("starts_in_line", line=line, titles=titles))
    if found.slashed:
        notes.append(Note("slashed_quotes", n=found.slashed))
    if found.mended:
        shown = ", ".join(map(str, found.mended[:_SHOWN])) + (", …" if len(found.mended) > _SHOWN else "")
        notes.append(Note("open_quotes", n=len(found.mended), lines=shown))
    return notes


def _rejected(found: list[tuple[int, str]]) -> pl.DataFrame:
    """Rows that cannot be laid out in cells, in the order of the file."""
    if not found:
        return no_rejected()
    lines, texts = zip(*sorted(found), strict=True)
    return pl.DataFrame({"line": lines, "text": texts, "reason": ["malformed row"] * len(found)})
