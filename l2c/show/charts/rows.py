"""How does a chart of rows look as a page of its own letters: bars that reflow, answer the mouse and cost no drawing?

A chart asks `marks.rows` for a row per name and lays bars, intervals and dots along them. Inside `as_page()` it is given
`Rows` instead of a figure of matplotlib: what it lays there is written down, and shown as HTML.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from l2c.show.markup import Html, escape
from l2c.words.errors import L2CError

Drawn = TypeVar("Drawn")

_page = ContextVar("_page", default=False)
# A bar is so thick in its row, in pixels; marks that belong to no row stand between two.
_TALL, _THICK = 22, 12


class NotInRows(Exception):
    """A chart lays something that rows do not know; it is drawn as a picture then."""


@contextmanager
def as_page() -> Iterator[None]:
    """Show charts of rows as HTML."""
    token = _page.set(True)
    try:
        yield
    finally:
        _page.reset(token)


def wanted() -> bool:
    """Whether charts of rows are to be shown as HTML."""
    return _page.get()


def either(draw: Callable[[], Drawn]) -> Drawn:
    """Show a chart as HTML where it is one of rows, else as the picture it is."""
    try:
        with as_page():
            return draw()
    except NotInRows:
        return draw()


def where(words: Mapping[str, Any]) -> str:
    """Attributes of an element that leads to the cases of a condition, as `EventLog.where` has it."""
    asked = [{"word": word, "value": value} for word, value in words.items()]
    return f' data-where="{escape(json.dumps(asked, ensure_ascii=False))}"'


class Rows:
    """What a chart lays along its rows: figure and axes in one, as far as charts of rows use them."""

    def __init__(self, names: Sequence[str], axis: Callable[[float], str] | None) -> None:
        self._names, self._axis, self._count = list(names), axis, len(names)
        self._marks: list[list[tuple[str, float, float, str]]] = [[] for _ in names]
        self._lines: list[tuple[float, str]] = []
        self._texts: list[list[tuple[str, bool, str]]] = [[] for _ in names]
        self._between: list[str] = [""] * len(names)
        self._leads: list[str] = [""] * len(names)
        self._legend: dict[str, str] = {}
        self._ends: list[float | None] = [None, None]
        self._label = ""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotInRows(name)

    # What marks lay -----------------------------------------------------------------------------------------------
    def barh(self, places: ArrayLike, width: ArrayLike, left: ArrayLike = 0.0, *, color: Any, **_: Any) -> None:
        """Lay a bar along each row."""
        rows = np.atleast_1d(np.asarray(places, int))
        widths, lefts = (np.broadcast_to(np.asarray(each, float), len(rows)) for each in (width, left))
        colours = [color] * len(rows) if isinstance(color, str) else list(color)
        kind = "open" if _.get("hatch") else "bar"
        for row, start, long, colour in zip(rows, lefts, widths, colours, strict=True):
            if long:
                ends = sorted((float(start), float(start + long)))
                self._marks[row].append((kind, ends[0], ends[1], colour if kind == "bar" else _["edgecolor"]))

    def plot(self, xs: Any, ys: Any, form: str = "", *, color: str, markerfacecolor: str = "", **_: Any) -> None:
        """Lay an interval along a row, a dot or a stroke into it; what joins two rows is left out."""
        x, y = (np.atleast_1d(np.asarray(each, float)) for each in (xs, ys))
        if form:
            kind = "stroke" if "|" in form else "hollow" if markerfacecolor == "white" else "dot"
            for at, row in zip(x, y, strict=True):
                if not np.isnan(at):
                    self._marks[round(row)].append((kind, float(at), float(at), color))
        elif y[0] == y[-1]:
            if not np.isnan(x).any():
                self._marks[round(y[0])].append(("range", float(x[0]), float(x[-1]), color))
        elif x[0] == x[-1] and round(y[0]) == round(y[-1]) and not np.isnan(x[0]):
            self._marks[round(y[0])].append(("stroke", float(x[0]), float(x[0]), color))

    def hlines(self, places: ArrayLike, low: ArrayLike, high: ArrayLike, *, color: str, **_: Any) -> None:
        """Lay an interval along each row."""
        rows = np.atleast_1d(np.asarray(places, int))
        for row, start, end in zip(rows, np.asarray(low, float), np.asarray(high, float), strict=True):
            # The white seam of a line that shows on any colour is the browser's.
            if color != "white" and not np.isnan([start, end]).any():
                self._marks[row].append(("range", float(start), float(end), color))

    def axvline(self, x: float, *, color: str = "", **_: Any) -> None:
        """Draw a line through all rows."""
        self._lines.append((float(x), color))

    def annotate(self, text: str, at: tuple[float, float], *_: Any, **__: Any) -> None:
        """Write between two rows."""
        if at[1] == round(at[1]):
            raise NotInRows("annotate")
        self._between[round(at[1] + 0.5)] = text.lstrip("↓ ")

    def beside(self, texts: Sequence[str], bold: bool, colours: Sequence[str]) -> None:
        """Write into each row what is said about it."""
        for row, (text, ink) in enumerate(zip(texts, colours, strict=True)):
            if text:
                self._texts[row].append((text, bold, ink))

    def legend(self, colours: Mapping[str, str]) -> None:
        """Say below what each colour is."""
        self._legend = dict(colours)

    def leads(self, attributes: Sequence[str]) -> None:
        """Let each row lead to cases that are known one by one."""
        self._leads = list(attributes)

    def where(self, conditions: Sequence[Mapping[str, Any]]) -> None:
        """Let each row lead to the cases of a condition."""
        self._leads = [known or where(each) for known, each in zip(self._leads, conditions, strict=True)]

    # How it is laid out, of which a page needs only the ends of the axis --------------------------------------------
    def set_xlim(self, left: Any = None, right: Any = None) -> None:
        """Set where the rows begin and end."""
        pair = left if isinstance(left, tuple) else (left, right)
        self._ends = [was if end is None else float(end) for was, end in zip(self._ends, pair, strict=True)]

    def get_xlim(self) -> tuple[float, float]:
        """Where the rows begin and end."""
        at = [end for row in self._marks for _, low, high, _ in row for end in (low, high)]
        at += [x for x, _ in self._lines]
        bars = any(kind in ("bar", "open") for row in self._marks for kind, *_ in row)
        low, high = (min([*at, 0.0] if bars else at, default=0.0), max(at, default=1.0))
        room = 0.0 if bars else (high - low or 1.0) * 0.04
        found = [low - room if low < 0 or not bars else low, high + room]
        left, right = (given if given is not None else own for given, own in zip(self._ends, found, strict=True))
        return (left, right if right > left else left + 1.0)

    def set_xlabel(self, text: str, **_: Any) -> None:
        """Say what the axis counts."""
        self._label = text

    def set_xticks(self, *_: Any, **__: Any) -> None:
        """Ticks are chosen by the page."""

    @property
    def xaxis(self) -> _Axis:
        """What chooses ticks."""
        return _Axis()

    # The page --------------------------------------------------------------------------------------------------------
    def shown(self, title: str, note: str | None, alt: str, said: Sequence[str]) -> Html:
        """The chart as HTML under its finding; `said` is what each row says, for who points at it."""
        low, high = self.get_xlim()

        def at(x: float) -> float:
            return round(100 * min(max((x - low) / (high - low), 0.0), 1.0), 2)

        across = "".join(f'<u style="left:{at(x)}%"></u>' for x, _ in self._lines)
        rows = "".join(self._row(place, at, across, said) for place in range(self._count))
        axis = "" if self._axis is None else self._ticks(low, high, at)
        legend = "".join(
            f'<span><i style="background:{colour}"></i>{escape(text)}</span>' for text, colour in self._legend.items()
        )
        html = (
            f'<figure class="l2c-rows"><figcaption>{escape(title)}</figcaption>'
            f"{_small(note)}<div class='rows'>{rows}</div>{axis}"
            f"{f'<div class=legend>{legend}</div>' if legend else ''}</figure>"
        )
        return Html(html, alt)

    def _row(self, place: int, at: Callable[[float], float], across: str, said: Sequence[str]) -> str:
        marks = "".join(_mark(*mark, at) for mark in self._marks[place])
        texts = "".join(
            f'<{"b" if bold else "span"} style="color:{ink}">{escape(text)}</{"b" if bold else "span"}> '
            for text, bold, ink in self._texts[place]
        )
        name = " ".join(self._names[place].split("\n"))
        told = said[place] if place < len(said) else name
        between = f'<div class="between">↓ {escape(self._between[place])}</div>' if self._between[place] else ""
        return (
            f'{between}<div class="row"{self._leads[place]} title="{escape(told)}"><div class="name">{escape(name)}</div>'
            f'<div class="track">{across}{marks}</div><div class="said">{texts}</div></div>'
        )

    def _ticks(self, low: float, high: float, at: Callable[[float], float]) -> str:
        assert self._axis is not None
        ticks = [float(x) for x in MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(low, high) if low <= x <= high]
        said = "".join(f'<span style="left:{at(x)}%">{escape(self._axis(x))}</span>' for x in ticks)
        return f'<div class="axis"><div></div><div class="ticks">{said}</div><div>{escape(self._label)}</div></div>'


class _Axis:
    """Ticks of a page are its own matter."""

    def set_major_locator(self, _: object) -> None:
        """Ticks are chosen by the page."""

    def set_major_formatter(self, _: object) -> None:
        """They are said as the rows were told."""


def said(text: str) -> Html:
    """Say calmly that there is nothing to draw, and why."""
    return Html(f'<p class="l2c-rows none">{escape(text)}</p>', text, text)


def _small(note: str | None) -> str:
    return f'<p class="note">{escape(note)}</p>' if note else ""


def _mark(kind: str, low: float, high: float, colour: str, at: Callable[[float], float]) -> str:
    start, end = at(low), at(high)
    if kind in ("dot", "hollow", "stroke"):
        return f'<b class="{kind}" style="left:{start}%;--c:{colour}"></b>'
    return f'<i class="{kind}" style="left:{start}%;width:{round(end - start, 2)}%;--c:{colour}"></i>'


def problem(error: L2CError, lang: str) -> Html:
    """Say why something cannot be measured."""
    return said(error.said(lang))
