"""Where does a table begin, and what are its columns called?"""

from __future__ import annotations

from collections.abc import Sequence

from l2c.words import vocabulary


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
        known = sum(1 for cell in row if cell and vocabulary.match_attribute(cell))
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
