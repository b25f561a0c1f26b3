"""Which cases are behind a number? One click away: the page holds each case once, a number carries their places."""

from __future__ import annotations

from collections.abc import Collection

from l2c.measures.behind import Places, packed
from l2c.show.markup import escape

Cases = str | Collection[int] | Places | None


def behind(places: Cases, label: str) -> str:
    """Attributes of an element that lead from it to the cases behind its number.

    Parameters
    ----------
    places
        Places of the cases in the log (`l2c.measures.behind`), packed or not; None where nobody knows them.
    label
        What the number is, in the reader's language, such as `Win rate: 49 %`; it heads the list.

    Returns
    -------
    ` data-cases="…" data-label="…"`, to be put into the opening tag of any element of HTML or SVG; nothing where there are
    no cases. The page (`l2c.show.page`) makes the element a button and lists its cases; the dashboard makes them a
    selection. Where no script runs, it is the plain element.
    """
    # What is missing in a column of texts is not a number.
    if places is None or isinstance(places, float) or not len(places):
        return ""
    text = places if isinstance(places, str) else packed(places)
    return f' data-cases="{escape(text)}" data-label="{escape(label)}"'


def number(text: str, places: Cases, label: str) -> str:
    """A number as HTML that leads to its cases; the number alone where they are not known."""
    attributes = behind(places, label)
    return f"<span{attributes}>{escape(text)}</span>" if attributes else escape(text)
