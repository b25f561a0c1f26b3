"""Which cases are behind a number? One click away: the page holds each case once, a number carries their places."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable

import numpy as np

from l2c.measures.behind import Places
from l2c.show.markup import escape

# How the places of a number are packed: a bit for each case up to the last, or how far it is from each to the next.
BITS, GAPS = 0, 1
# Column of a table with the places of the cases behind each row, or None where they are not known.
COLUMN = "behind"


def behind(places: Collection[int] | Places | None, label: str) -> str:
    """Attributes of an element that lead from it to the cases behind its number.

    Parameters
    ----------
    places
        Places of the cases in the log (`l2c.measures.behind`); None where nobody knows them.
    label
        What the number is, in the reader's language, such as `Win rate: 49 %`; it heads the list.

    Returns
    -------
    ` data-cases="…" data-label="…"`, to be put into the opening tag of any element of HTML or SVG; nothing where there are
    no cases. The page (`l2c.show.page`) makes the element a button and lists its cases; the dashboard makes them a
    selection. Where no script runs, it is the plain element.
    """
    if places is None or not len(places):
        return ""
    return f' data-cases="{pack(places)}" data-label="{escape(label)}"'


def number(text: str, places: Collection[int] | Places | None, label: str) -> str:
    """A number as HTML that leads to its cases; the number alone where they are not known."""
    attributes = behind(places, label)
    return f"<span{attributes}>{escape(text)}</span>" if attributes else escape(text)


def pack(places: Iterable[int]) -> str:
    """Write places as text that is safe in an attribute and an address: as bits or as gaps, whichever is shorter."""
    found = np.unique(np.fromiter(places, np.int64))
    bits = np.zeros(int(found[-1]) + 1 if len(found) else 0, np.uint8)
    bits[found] = 1
    as_bits = bytes([BITS]) + np.packbits(bits, bitorder="little").tobytes()
    as_gaps = bytes([GAPS]) + b"".join(map(_varint, np.diff(found, prepend=-1) - 1))
    return base64.urlsafe_b64encode(min(as_bits, as_gaps, key=len)).decode().rstrip("=")


def unpack(text: str) -> Places:
    """Read what `pack` wrote, as the dashboard is told it."""
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if not data or data[0] == BITS:
        return np.flatnonzero(np.unpackbits(np.frombuffer(data[1:], np.uint8), bitorder="little"))
    gaps, value, shift = [], 0, 0
    for byte in data[1:]:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            gaps.append(value)
            value, shift = 0, 0
    return np.cumsum(np.array(gaps, np.int64) + 1) - 1


def _varint(number: int) -> bytes:
    """A number in as few bytes as it needs, seven bits each, the small ones first."""
    number, found = int(number), bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    found.append(number)
    return bytes(found)
