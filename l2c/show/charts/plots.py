"""How does a chart of lines over time look as a page? Frames that reflow, each stretch of which tells its numbers and may lead on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from l2c.show.markup import Html, escape

# The frame as its own drawing measures it; the page stretches it to its width.
_WIDE, _HIGH = 1000, 200


@dataclass(frozen=True)
class Line:
    """A line, its name at its end, its colour; `area`: what lies below it is filled; `stepped`: it stays until the next place."""

    x: ArrayLike
    y: ArrayLike
    colour: str
    name: str = ""
    dash: str = ""
    area: bool = False
    stepped: bool = False


@dataclass(frozen=True)
class Stretch:
    """A stretch of the axis: what it says to who points at it, and the attributes by which it leads somewhere."""

    start: float
    end: float
    said: str
    attributes: str = ""


@dataclass(frozen=True)
class Frame:
    """Lines over one axis.

    `x`, `y` are from where to where the axes go; `ticks_x`, `ticks_y` places with their texts; `band` where a line may lie as well, `(x,
    low, high)`; `bars` `(starts, ends, heights)`; `marks` places with a text beside them.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    lines: Sequence[Line] = ()
    ticks_x: Sequence[tuple[float, str]] = ()
    ticks_y: Sequence[tuple[float, str]] = ()
    band: tuple[ArrayLike, ArrayLike, ArrayLike, str] | None = None
    bars: tuple[ArrayLike, ArrayLike, ArrayLike, str] | None = None
    marks: Sequence[tuple[float, float, str, str]] = ()
    stretches: Sequence[Stretch] = ()
    high: int = 190
    title: str = ""


def page(title: str, note: str, alt: str, frames: Iterable[Frame]) -> Html:
    """Frames one below the other under their finding."""
    shown = "".join(_frame(each) for each in frames)
    small = f'<p class="note">{escape(note)}</p>' if note else ""
    return Html(
        f'<figure class="l2c-rows l2c-plot"><figcaption>{escape(title)}</figcaption>{small}{shown}</figure>', alt
    )


def ticks(low: float, high: float, most: int = 5, *, whole: bool = False) -> list[float]:
    """Round places along an axis."""
    found = MaxNLocator(most, steps=[1, 2, 5, 10], integer=whole).tick_values(low, high)
    return [float(x) for x in found if low - 1e-9 <= x <= high + 1e-9]


def _frame(frame: Frame) -> str:
    def across(x: ArrayLike) -> np.ndarray:
        return (np.asarray(x, float) - frame.x[0]) / ((frame.x[1] - frame.x[0]) or 1.0)

    def up(y: ArrayLike) -> np.ndarray:
        return 1 - (np.asarray(y, float) - frame.y[0]) / ((frame.y[1] - frame.y[0]) or 1.0)

    drawn = "".join(f'<path d="M0 {_HIGH * up(y):.1f}H{_WIDE}" class="grid"/>' for y, _ in frame.ticks_y)
    if frame.bars is not None:
        starts, ends, heights, colour = frame.bars
        drawn += "".join(
            f'<rect x="{_WIDE * a:.1f}" y="{_HIGH * top:.1f}" width="{max(_WIDE * (b - a), 0.5):.1f}" height="{_HIGH * (1 - top):.1f}" fill="{colour}"/>'
            for a, b, top in zip(across(starts), across(ends), up(heights), strict=True)
        )
    if frame.band is not None:
        x, low, high, colour = frame.band
        over = _points(across(x), up(high), stepped=True)
        under = _points(across(x), up(low), stepped=True)[::-1]
        drawn += f'<path d="M{_said(over)}L{_said(under)}Z" fill="{colour}" opacity=".6"/>'
    drawn += "".join(_line(each, across(each.x), up(each.y)) for each in frame.lines)
    for x, y, _, colour in frame.marks:
        drawn += (
            f'<path d="M{_WIDE * across(x):.1f} {_HIGH}V{_HIGH * up(y):.1f}" stroke="{colour}" stroke-dasharray="2 3"/>'
        )
    svg = f'<svg viewBox="0 0 {_WIDE} {_HIGH}" preserveAspectRatio="none" aria-hidden="true">{drawn}</svg>'
    beside = "".join(
        f'<span class="y" style="top:{100 * up(y):.1f}%">{escape(text)}</span>' for y, text in frame.ticks_y
    )
    beside += "".join(
        f'<b class="mark" style="left:{100 * across(x):.1f}%;top:{100 * up(y):.1f}%;color:{colour}">{escape(text)}</b>'
        for x, y, text, colour in frame.marks
    )
    beside += "".join(
        f'<i class="hit" style="left:{100 * a:.2f}%;width:{100 * (b - a):.2f}%" title="{escape(each.said)}"{each.attributes}></i>'
        for each, a, b in ((each, across(each.start), across(each.end)) for each in frame.stretches)
    )
    below = "".join(f'<span style="left:{100 * across(x):.1f}%">{escape(text)}</span>' for x, text in frame.ticks_x)
    head = f'<p class="note">{escape(frame.title)}</p>' if frame.title else ""
    named = [each for each in frame.lines if each.name]
    ends = "".join(
        f'<b style="top:{top:.1f}%;color:{each.colour}">{escape(each.name)}</b>' for each, top in _apart(named, up)
    )
    kind = "plot named" if named else "plot"
    axis = f'<div class="{kind}"><div class="below">{below}</div></div>' if below else ""
    return (
        f'{head}<div class="{kind}"><div class="frame" style="height:{frame.high}px">{svg}{beside}</div>'
        f'<div class="ends">{ends}</div></div>{axis}'
    )


def _apart(lines: Sequence[Line], up: object) -> list[tuple[Line, float]]:
    """Names at the ends of lines, pushed apart where these end close together; how far from the top, in percent."""
    at = sorted(((100 * float(np.atleast_1d(up(each.y))[-1]), each) for each in lines), key=lambda pair: pair[0])  # type: ignore[operator]
    found: list[tuple[Line, float]] = []
    for place, each in at:
        found.append((each, max(place, found[-1][1] + 10 if found else place)))
    return found


def _points(x: np.ndarray, y: np.ndarray, *, stepped: bool) -> np.ndarray:
    if stepped and len(x):
        x, y = np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]
    return np.column_stack([_WIDE * x, _HIGH * y])


def _said(points: np.ndarray) -> str:
    return "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _line(line: Line, x: np.ndarray, y: np.ndarray) -> str:
    there = ~np.isnan(y)
    points = _points(x[there], y[there], stepped=line.stepped)
    if not len(points):
        return ""
    if line.area:
        return f'<path d="M{points[0][0]:.1f} {_HIGH}L{_said(points)}V{_HIGH}Z" fill="{line.colour}"/>'
    dash = f' stroke-dasharray="{line.dash}"' if line.dash else ""
    return f'<path d="M{_said(points)}" fill="none" stroke="{line.colour}"{dash}/>'
