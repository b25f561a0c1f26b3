"""Which lines of a text make one row, and where are its quotes out of order?"""

from __future__ import annotations

import csv
import io
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from l2c.words.errors import UnreadableFile

LONGEST_LINE = 5_000_000
# Lines that tell how rows usually look.
_LEARNT = 2_000
# A column whose figures stand in so few ways has a form: dates, times, numbers.
_FORMS = 6
_FIGURE = re.compile(r"\d")


class Row(NamedTuple):
    """One row: the line in which it begins, how many lines it takes, and its cells; where they cannot be told, its text."""

    line: int
    lines: int
    cells: list[str] | None
    text: str = ""


@dataclass
class Rows:
    """The rows of a text in order, blank ones among them, and what was out of order.

    Attributes
    ----------
    mended
        Lines in which a quote was missing or one too many.
    slashed
        Number of rows whose quotes within cells have a backslash before them.
    torn
        Whether the text ends within a quoted cell.
    """

    rows: list[Row]
    mended: list[int] = field(default_factory=list)
    slashed: int = 0
    torn: bool = False


def split(text: str, sign: str, name: str) -> Rows:
    """Split a text into rows and cells.

    Parameters
    ----------
    text
        The content of a file.
    sign
        What parts the cells.
    name
        What to call the file.

    Returns
    -------
    Every row. What a quote that is never closed would swallow stays in rows of its own; a row that cannot be told has its text
    and no cells.

    Raises
    ------
    UnreadableFile
        If lines could be one row or several, or a cell is endless.
    """
    csv.field_size_limit(LONGEST_LINE)
    lines = list(io.StringIO(text, newline=""))
    try:
        rows = list(_regular(lines, sign))
    except csv.Error:
        return _Splitter(text, lines, sign, name).rows()
    several = [row for row in rows if row.lines > 1]
    if not several:
        return Rows(rows)
    judge = _Judge([row.cells or [] for row in rows if row.lines == 1], sign)
    if not all(judge.may_be_one(lines, row) for row in several):
        return _Splitter(text, lines, sign, name).rows()
    for row in several:
        judge.refuse_doubtful(lines, row, name)
    return Rows(rows)


def _regular(lines: Sequence[str], sign: str) -> Iterator[Row]:
    """The rows of a text whose quotes are in order."""
    reader, line = csv.reader(lines, delimiter=sign, strict=True), 1
    for cells in reader:
        yield Row(line, reader.line_num + 1 - line, cells)
        line = reader.line_num + 1


class _Judge:
    """Knows how rows look, from those that take one line."""

    def __init__(self, known: Sequence[list[str]], sign: str) -> None:
        known = [cells for cells in known[:_LEARNT] if any(cells)]
        self.sign, self.ways = sign, (_Form.doubled(sign), _Form.alone(sign))
        self.width = Counter(map(len, known)).most_common(1)[0][0] if known else 0
        usual = [cells for cells in known if len(cells) == self.width][1:]
        columns = [{form(cell) for cell in column if cell} for column in zip(*usual, strict=True)]
        self.forms = {at: forms for at, forms in enumerate(columns) if is_form(forms)}

    def on_one_line(self, line: str) -> list[str] | None:
        """The cells of a line that is a row of its own, quotes within cells taken as they stand; None if it is none."""
        if line.count(self.sign) + 1 < self.width:
            return None
        for way in self.ways:
            if (found := way.cells(line, 0)) and len(found[0]) == self.width:
                return found[0]
        bare = line.rstrip("\r\n").split(self.sign)
        return [cell.strip('" ') for cell in bare] if len(bare) == self.width else None

    def is_row(self, line: str) -> bool:
        """Whether a line looks like a row of this table, by the forms of its cells."""
        return self._fits(self.on_one_line(line) or [])

    def begins_row(self, line: str) -> bool:
        """Whether a row of this table seems to begin in a line, which may end within a quoted cell."""
        # Most lines of a text have hardly any of these signs and no figures, and need no closer look.
        if line.count(self.sign) < min(2, self.width - 1) or not _FIGURE.search(line):
            return False
        cells = self.ways[0].begun(line, 0)[0]
        return self._fits(cells) if self.forms else len(cells) >= max(2, self.width // 2)

    def _fits(self, cells: Sequence[str]) -> bool:
        filled = [(at, bare) for at, cell in enumerate(cells) if at in self.forms and (bare := cell.strip(' "'))]
        return bool(filled) and all(form(bare) in self.forms[at] for at, bare in filled)

    def swallows(self, lines: Sequence[str], row: Row) -> bool:
        """Whether rows seem to begin in the lines of a row."""
        return any(map(self.begins_row, lines[row.line : row.line + row.lines - 1]))

    def may_be_one(self, lines: Sequence[str], row: Row) -> bool:
        """Whether lines whose quotes are in order may be one row: it is no wider than others and, if rows seem to begin in it, as they are."""
        cells = row.cells or []
        if row.lines == 1 or not self.forms or len(cells) > self.width or not self.swallows(lines, row):
            return len(cells) <= self.width
        return len(cells) == self.width and self._fits(cells)

    def refuse_doubtful(self, lines: Sequence[str], row: Row, name: str) -> None:
        """Stop where the lines of a row look like rows themselves."""
        inside = lines[row.line : row.line + row.lines - 1]
        if inside and self.is_row(lines[row.line - 1]) and 2 * sum(map(self.begins_row, inside)) >= len(inside):
            begin = [line.split(self.sign, 1)[0].strip('" \r\n') for line in lines[row.line - 1 : row.line + 2]]
            raise UnreadableFile.quotes(name, row.line, row.line + row.lines - 1, begin[: row.lines])


class _Splitter:
    """Goes through a text whose quotes are out of order, row by row."""

    def __init__(self, text: str, lines: list[str], sign: str, name: str) -> None:
        self.text, self.lines, self.sign, self.name = text, lines, sign, name
        self.has_slashes = '\\"' in text
        self.starts = [0, *accumulate(map(len, lines))]
        # The usual way to write a quote within a cell is to double it; some write a backslash before it, some forget it.
        self.doubled, self.slashed, self.loose = _Form.doubled(sign), _Form.slashed(sign), _Form.loose(sign)
        single = (self._read(at, self.doubled) for at in range(min(len(lines), _LEARNT)))
        self.judge = _Judge([row.cells for row in single if row and row.lines == 1 and row.cells], sign)
        self.found = Rows([])

    def rows(self) -> Rows:
        """Every row of the text."""
        at = 0
        while at < len(self.lines):
            row = self._row(at)
            if row.cells and max(map(len, row.cells)) > LONGEST_LINE:
                raise UnreadableFile.not_a_table(self.name, "a cell is endless")
            self.found.rows.append(row)
            at += row.lines
        return self.found

    def _row(self, at: int) -> Row:
        line = self.lines[at]
        if '"' not in line:
            bare = line.rstrip("\r\n")
            return Row(at + 1, 1, bare.split(self.sign) if bare else [])
        regular = self._read(at, self.doubled)
        slashed = self._read(at, self.slashed) if self.has_slashes else None
        fit = [row for row in (regular, slashed) if row and len(row.cells or []) == self.judge.width]
        fit = [row for row in fit if self.judge.may_be_one(self.lines, row)]
        if fit:
            row = next((row for row in fit if not self.judge.swallows(self.lines, row)), fit[0])
            self.judge.refuse_doubtful(self.lines, row, self.name)
            self.found.slashed += row is slashed
            return row
        return regular if regular and regular.lines == 1 else self._mended(at, regular)

    def _mended(self, at: int, regular: Row | None) -> Row:
        """A row whose quotes are out of order, its text as it was meant where that can be told."""
        line = self.lines[at]
        alone = self.judge.on_one_line(line)
        opened = alone is None or any(cell.lstrip().startswith('"') for cell in alone)
        # A quote is open at the end of the line: the cell goes on, unless what follows are rows.
        for row in (self._read(at, self.loose), regular) if opened else ():
            fits = row and row.cells and row.lines > 1 and len(row.cells) <= self.judge.width
            if row and fits and not self.judge.swallows(self.lines, row):
                self.found.mended += [] if row is regular else [at + 1]
                return row
        self.found.torn = opened and at == len(self.lines) - 1 and not line.endswith(("\n", "\r"))
        self.found.mended.append(at + 1)
        if alone is None:
            return Row(at + 1, 1, None, line.rstrip("\r\n"))
        return Row(at + 1, 1, [re.sub(r'^\s*"', "", cell) for cell in alone])

    def _read(self, at: int, way: _Form) -> Row | None:
        """The row that begins in a line, if all its quotes are in order."""
        if (found := way.cells(self.text, self.starts[at])) is None:
            return None
        cells, end = found
        return Row(at + 1, bisect_left(self.starts, end, at + 1) - at, cells)


class _Form(NamedTuple):
    """A way to write cells: what one looks like, bare or quoted, and what stands for the sign after a backslash."""

    sign: str
    cell: re.Pattern[str]
    escape: re.Pattern[str] | None = None

    @classmethod
    def doubled(cls, sign: str) -> _Form:
        """Quotes within a quoted cell are doubled, and a bare cell has none."""
        return cls._of(sign, r'[^"]*+(?:""[^"]*+)*+', rf'[^"\r\n{re.escape(sign)}]*+')

    @classmethod
    def slashed(cls, sign: str) -> _Form:
        """Quotes have a backslash before them, and so may the sign that parts cells."""
        made = cls._of(sign, r'[^"\\]*+(?:(?:\\.|"")[^"\\]*+)*+', rf'(?:\\.|[^"\\\r\n{re.escape(sign)}])*+')
        return made._replace(escape=re.compile(rf'\\(["\\{re.escape(sign)}])'))

    @classmethod
    def loose(cls, sign: str) -> _Form:
        """A quote that does not end the cell belongs to its text."""
        return cls._of(sign, r'[^"]*+(?:"(?!{end})[^"]*+)*+', rf"[^\r\n{re.escape(sign)}]*+")

    @classmethod
    def alone(cls, sign: str) -> _Form:
        """The same where a cell ends with its line at the latest."""
        return cls._of(sign, r'[^"\r\n]*+(?:"(?!{end})[^"\r\n]*+)*+', rf"[^\r\n{re.escape(sign)}]*+")

    @classmethod
    def _of(cls, sign: str, quoted: str, bare: str) -> _Form:
        end = rf"[ ]*(?:{re.escape(sign)}|[\r\n]|\Z)"
        quoted = quoted.replace("{end}", end)
        return cls(sign, re.compile(rf'(?:[ ]*"(?P<q>{quoted})"(?={end})[ ]*|(?P<b>{bare})(?={end}))', re.DOTALL))

    def cells(self, text: str, at: int) -> tuple[list[str], int] | None:
        """The cells from a place on to the end of their row, and where the next one begins; None if this is not the way."""
        cells, at, is_whole = self.begun(text, at)
        if not is_whole:
            return None
        return cells, at + 2 if text.startswith("\r\n", at) else min(at + 1, len(text))

    def begun(self, text: str, at: int) -> tuple[list[str], int, bool]:
        """The cells from a place on as far as this is the way, where they end, and whether the row ends there."""
        cells: list[str] = []
        limit = min(len(text), at + 2 * LONGEST_LINE)
        while found := self.cell.match(text, at, limit):
            cell = found["b"] if found["q"] is None else found["q"].replace('""', '"')
            cells.append(self.escape.sub(r"\1", cell) if self.escape else cell)
            at = found.end()
            if not text.startswith(self.sign, at):
                return cells, at, True
            at += 1
        return cells, at, False


def form(cell: str) -> str:
    """What a cell looks like: its figures and words stand for any."""
    return re.sub(r"\d+", "0", re.sub(r"[^\W\d_]+", "a", cell.strip()))


def is_form(forms: set[str]) -> bool:
    """Whether cells have few forms, and all of them figures, as dates and numbers do."""
    return 0 < len(forms) <= _FORMS and all("0" in each for each in forms)
