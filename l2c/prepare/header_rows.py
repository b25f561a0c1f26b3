"""Which row of a table holds its headers, and what is each column called?"""

from __future__ import annotations

from collections.abc import Sequence

from l2c.words import matching


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
            return at + 1 if at + 1 < len(rows) and _heads_groups(row, rows[at + 1]) else at
    return 0


def _heads_groups(row: Sequence[str], below: Sequence[str]) -> bool:
    """Whether a row only names groups of columns, and the row below it the columns themselves."""
    first, second = ([cell for cell in each if cell] for each in (row, below))
    if len(second) < len(first) or len(set(second)) <= len(set(first)):
        return False
    known = [{cell for cell in cells if _is_known(cell)} for cells in (first, second)]
    # A row of values has a header's words in it at most by chance.
    return len(known[1]) >= 3 and len(known[1]) > len(known[0]) and 2 * len(known[1]) >= len(second)


def _is_known(header: str) -> bool:
    return bool(matching.match_attribute(header) or matching.match_date_column(header))


def unique(headers: Sequence[str]) -> list[str]:
    """Give every column a name of its own: `column 3` where there is none, `Name (2)` where it is taken.

    The arrow of a sorted column is no part of its name.
    """
    names: list[str] = []
    taken: set[str] = set()
    for at, header in enumerate(headers, 1):
        # A NUL ends a name in the engines that are written in C.
        base = matching.without_arrow(header.replace("\0", "\ufffd")) or f"column {at}"
        name, number = base, 2
        while name in taken:
            name, number = f"{base} ({number})", number + 1
        names.append(name)
        taken.add(name)
    return names
