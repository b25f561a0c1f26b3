"""Which group is a row of, where a report names it in the first row of the group only?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from l2c.prepare.footers import Rows, blank, total_column
from l2c.words import matching
from l2c.words.errors import AmbiguousBlanks, L2CError
from l2c.words.notes import Note

# Salesforce groups the rows of a report by three columns at most.
LEVELS = 3
# Without these, or with those of another row, a deal would be counted wrongly.
_NEEDED = {"stage", "is_won", "is_closed", "case_id"}


_HEADING = re.compile(r"^([^:：]{1,60})[:：](.{0,200}?)[(（]\s*(\d[\d.,]*)\s*[^\d()（）]*[)）]$")
_COUNTED = re.compile(r"(.+?)\s*[(（](\d{1,9})[)）]")


@dataclass(frozen=True)
class Signs:
    """What speaks for groups beside the blanks themselves.

    Attributes
    ----------
    sorted_by
        Columns whose header has an arrow.
    merged
        Columns whose blanks were cells merged with the one above, and are filled already.
    ends
        Where totals stood: place of the row after them, and the columns of their words.
    is_report
        Whether lines of title or a footer stand around the rows.
    """

    sorted_by: frozenset[int] = frozenset()
    merged: frozenset[int] = frozenset()
    ends: Mapping[int, set[int]] = field(default_factory=dict)
    is_report: bool = False


def headed(body: Rows, headers: Sequence[str]) -> tuple[Rows, list[str], list[Note]]:
    """Make columns of the lines that name groups above their rows, as in `Stage: Closed Won (2 records)`.

    They are such lines where the number in each is that of the rows below it, up to the next line of its level.

    Returns
    -------
    The rows without those lines, with a cell more for each level; the headers, with a name more for each; what was done.
    """
    lines = {at: found for at, (_, row) in enumerate(body) if (found := _heading(row))}
    if not lines:
        return body, list(headers), []
    levels = list(dict.fromkeys(label for label, _, _ in lines.values() if label not in headers))
    # The number of rows with a record before each place.
    records, before = 0, []
    for _, row in body:
        before.append(records)
        records += sum(not blank(cell) for cell in row) > 1 and total_column(row) is None
    before.append(records)
    told = list(lines.items())
    for number, (at, (label, _, count)) in enumerate(told):
        if label not in levels:
            return body, list(headers), []
        outer = (p for p, (other, _, _) in told[number + 1 :] if levels.index(other) <= levels.index(label))
        if before[next(outer, len(body))] - before[at] != count:
            return body, list(headers), []
    now: dict[str, str | None] = dict.fromkeys(levels)
    rows: Rows = []
    for at, (line, row) in enumerate(body):
        if at in lines:
            label, value, _ = lines[at]
            inner = levels[levels.index(label) :]
            now |= dict.fromkeys(inner) | {label: None if value in ("", "-", "–") else value}
        else:
            is_record = sum(not blank(cell) for cell in row) > 1 and total_column(row) is None
            rows.append((line, [*row, *(now.values() if is_record else [None] * len(levels))]))
    return rows, [*headers, *levels], [Note("headings", n=len(lines), columns=levels)]


def _heading(row: Sequence[Any]) -> tuple[str, str, int] | None:
    """Label, value and number of rows in a line that names a group."""
    first = next((cell for cell in row if not blank(cell)), None)
    if not isinstance(first, str) or not first.endswith((")", "）")) or sum(not blank(cell) for cell in row) > 1:
        return None
    match = _HEADING.match(first)
    return (match[1].strip(), match[2].strip(), int(re.sub(r"\D", "", match[3]))) if match else None


def filled_down(body: Rows, headers: Sequence[str], name: str, signs: Signs) -> tuple[list[Note], dict[str, L2CError]]:
    """Give every row of a grouped report the values of its groups; blanks that may be blank stay so.

    Parameters
    ----------
    body
        The rows below the headers, whose cells are changed in place.
    headers
        Names of the columns.
    name
        What to call the table.
    signs
        What speaks for groups.

    Returns
    -------
    What was filled or left; and, by header, what must be asked before the column is used: nothing decides whether its blanks
    belong to the value above.
    """
    notes: list[Note] = []
    doubts: dict[str, L2CError] = {}
    # Whether the group around this level, if there is one, is known.
    within = True
    for level, header in enumerate(headers[:LEVELS]):
        cells = [row[level] for _, row in body]
        is_told = level in signs.sorted_by | signs.merged or _ended(cells, level, signs)
        blanks = sum(map(blank, cells))
        if not blanks and not is_told:
            within = False
            continue
        fits = _fits(cells, _starts(body, level, signs))
        is_group = fits and (is_told or (within and _in_blocks(cells, header, signs)))
        if blanks and is_group:
            _fill(body, level)
            notes.append(Note("blanks_filled", column=header, n=blanks))
        elif blanks and fits and within and level < len(headers) - 1:
            lines = [line for (line, _), cell in zip(body, cells, strict=True) if blank(cell)]
            if _must_be_known(header, len(lines) / len(cells)):
                doubts[header] = AmbiguousBlanks.below(f"{name}, column {header}", lines, str(_carried(cells)[-1]))
            else:
                notes.append(Note("blanks_kept", column=header, n=blanks))
        if is_group:
            _uncounted(body, level)
        if is_told:
            # So does a report write that the records of a group have no value.
            _undashed(body, level)
        within = is_group
    return notes, doubts


def _starts(body: Rows, level: int, signs: Signs) -> list[int]:
    """Places where a group around this level begins, so that one of this level must begin too."""
    rows = [row[:level] for _, row in body]
    return [
        at
        for at in range(len(rows))
        if at == 0 or rows[at] != rows[at - 1] or any(column < level for column in signs.ends.get(at, ()))
    ]


def _fits(cells: Sequence[Any], starts: Sequence[int]) -> bool:
    """Whether every group begins with its name, and no two groups within another have the same."""
    for begin, end in zip(starts, [*starts[1:], len(cells)][: len(starts)], strict=True):
        names = [cell for cell in cells[begin:end] if not blank(cell)]
        if blank(cells[begin]) or len(set(names)) < len(names):
            return False
    return bool(starts)


def _ended(cells: Sequence[Any], level: int, signs: Signs) -> bool:
    """Whether totals of this level stand between the blocks, each of which has one name, in its first row."""
    ends = {at: min(columns) for at, columns in signs.ends.items() if 0 < at < len(cells)}
    if not any(level in signs.ends[at] for at in ends):
        return False
    inner = sorted(at for at, column in ends.items() if column <= level)
    blocks = zip([0, *inner], [*inner, len(cells)], strict=True)
    return all(not blank(cells[begin]) and all(map(blank, cells[begin + 1 : end])) for begin, end in blocks)


def _in_blocks(cells: Sequence[Any], header: str, signs: Signs) -> bool:
    """Whether names in order, with blanks below several of them, leave no other explanation.

    Sorting a list puts its blanks together, at the begin or the end: among sorted names they are groups.
    """
    if matching.is_strong(header, "case_id") or matching.match_date_column(header):
        return False
    names = [cell for cell in cells if not blank(cell)]
    if not all(isinstance(cell, str) for cell in names) or len(names) < (2 if signs.is_report else 3):
        return False
    folded = [cell.casefold() for cell in names]
    first = [at for at, cell in enumerate(cells) if not blank(cell)]
    sizes = [end - begin for begin, end in zip(first, [*first[1:], len(cells)], strict=True)]
    several = sum(size > 1 for size in sizes)
    blanks = len(cells) - len(names)
    return folded in (sorted(folded), sorted(folded, reverse=True)) and several >= 2 and 2 * blanks >= len(names)


def _must_be_known(header: str, share: float) -> bool:
    """Whether a wrong guess would count deals wrongly; a row without a deal is set aside, unless it is one of very many."""
    found = {a for a in matching.match_attribute(header) if matching.is_strong(header, a)} & _NEEDED
    return bool(found - {"case_id"}) or (bool(found) and share >= 0.5)


def _carried(cells: Sequence[Any]) -> list[Any]:
    last, carried = None, []
    for cell in cells:
        last = last if blank(cell) else cell
        carried.append(last)
    return carried


def _fill(body: Rows, level: int) -> None:
    for (_, row), value in zip(body, _carried([row[level] for _, row in body]), strict=True):
        row[level] = value


def _uncounted(body: Rows, level: int) -> None:
    """Cut the number of its rows from the name of a group, where every group has it: `Closed Won (2)`."""
    runs = [(name, len(list(run))) for name, run in groupby(row[level] for _, row in body)]
    matches = {name: _COUNTED.fullmatch(name) if isinstance(name, str) else None for name, _ in runs}
    if all((match := matches[name]) and int(match[2]) == n for name, n in runs):
        for _, row in body:
            row[level] = matches[row[level]][1]  # type: ignore[index]


def _undashed(body: Rows, level: int) -> None:
    for _, row in body:
        if row[level] in ("-", "–"):
            row[level] = None
