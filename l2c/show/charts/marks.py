"""What do the charts share? Rows named at the left and told at the right, bars, estimates with intervals, axes in a unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Transform, blended_transform_factory
from numpy.typing import ArrayLike, NDArray

from l2c.measures.behind import BEHIND
from l2c.show import dates, numbers, theme
from l2c.show.behind import behind
from l2c.show.charts import narrow, sheet
from l2c.show.charts import rows as pages
from l2c.show.map import lettering
from l2c.words import phrases, vocabulary

if TYPE_CHECKING:
    from l2c.improve.entries import Dated

Said = Callable[[float], str]
# Groups beyond so many are left to the table.
MOST_ROWS = 12
# How thick a bar is, as a part of its row.
THICK = 0.56
QUARTERS = (0, 0.25, 0.5, 0.75, 1)


_LONGEST_NAME = 120


def rows(
    names: Sequence[str], *, each: float = 0.42, axis: Said | None = None, width: float = 8.8
) -> tuple[Figure, Axes]:
    """Make a chart of one row per name, the first on top; `axis` says a number of the axis below, if there is to be one."""
    if pages.wanted():
        page: Any = pages.Rows(names, axis)
        return page, page
    fig, ax = sheet.figure(width, each * len(names) + (0.2 if axis is None else 0.6))
    name(ax, names, axis=axis)
    return fig, ax


def short(name: str, width: int) -> str:
    """A name as its row has it: cut at `width` letters in a picture; on a page, where it wraps, only what no name is long as."""
    return lettering.shorten(lettering.plain(name), _LONGEST_NAME if pages.wanted() else width)


def name(ax: Axes, names: Sequence[str], *, axis: Said | None = None) -> None:
    """Give an axes one row per name, as `rows` does."""
    ax.set_yticks(range(len(names)), names, fontsize=9)
    ax.set_ylim(len(names) - 0.45, -0.55)
    if sheet.is_narrow():
        narrow.name(ax, names)
    sheet.quiet(ax, grid="x" if axis else None)
    if axis:
        ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        ax.xaxis.set_major_formatter(lambda x, _: axis(x))
    else:
        ax.set_xticks([])


def bars(ax: Axes, *parts: tuple[ArrayLike, str | Sequence[str]]) -> NDArray[np.float64]:
    """Lay bars along the rows, parts of lengths and colour end to end; return where they end."""
    ends = np.zeros(np.shape(parts[0][0]))
    for lengths, colour in parts:
        ax.barh(range(len(ends)), lengths, left=ends, height=THICK, color=colour)
        ends = ends + np.asarray(lengths, float)
    return ends


def interval(ax: Axes, place: float, low: float, high: float, colour: str) -> None:
    """Draw how sure an estimate is, in its row."""
    ax.plot([low, high], [place, place], color=colour, linewidth=2.2, alpha=0.5)


def ranges(ax: Axes, places: ArrayLike, low: ArrayLike, high: ArrayLike, *, upright: bool = False) -> None:
    """Draw over bars how sure the ends of them are: a thin line that shows on any colour."""
    lines = ax.vlines if upright else ax.hlines
    for colour, width in (("white", 3.6), (theme.INK, 1.4)):
        lines(places, low, high, color=colour, linewidth=width)


def leads(ax: Axes, attributes: Iterable[str]) -> None:
    """Let each row lead somewhere, by attributes as `l2c.show.behind.behind` writes them; a row of none leads nowhere."""
    if isinstance(ax, pages.Rows):
        ax.leads(list(attributes))
        return
    # The whole row can be clicked, its name and what is said beside it as well.
    across = blended_transform_factory(ax.figure.transFigure, ax.transData)
    for place, each in enumerate(attributes):
        _spot(ax, (0, place - 0.5), (1, 1), across, each)


def columns(ax: Axes, places: Iterable[float], attributes: Iterable[str], *, wide: float = 1.0) -> None:
    """Let what stands at each place of the axis below lead somewhere, from the foot of the chart to its head."""
    for place, each in zip(places, attributes, strict=True):
        _spot(ax, (place - wide / 2, 0), (wide, 1), ax.get_xaxis_transform(), each)


def cells(ax: Axes, places: Iterable[tuple[float, float]], attributes: Iterable[str]) -> None:
    """Let each cell of a matrix lead somewhere, given by its column and row."""
    for (column, row), each in zip(places, attributes, strict=True):
        _spot(ax, (column - 0.5, row - 0.5), (1, 1), ax.transData, each)


def _spot(ax: Axes, corner: tuple[float, float], size: tuple[float, float], by: Transform, attributes: str) -> None:
    """Let a box in the measures of a transformation lead somewhere."""
    if attributes:
        box = Rectangle(corner, *size, transform=by, facecolor="white", edgecolor="none", alpha=0)
        box.set(gid=sheet.LEADS + quote(attributes), clip_on=False, in_layout=False, zorder=9)
        ax.add_artist(box)


def named(rows: Iterable[Mapping[Any, Any]], names: Iterable[str]) -> Iterator[str]:
    """Attributes by which rows of a table lead to the cases behind them, as `leads` takes them, each with its name in one line."""
    return (behind(row.get(BEHIND), " ".join(name.split("\n"))) for row, name in zip(rows, names, strict=True))


def where(ax: Axes, conditions: Iterable[Mapping[str, Any]]) -> None:
    """Let each row of a page lead to the cases of a condition, as `EventLog.where` has it, where it leads nowhere else."""
    if isinstance(ax, pages.Rows):
        ax.where(list(conditions))


def dot(ax: Axes, place: float, value: float, colour: str, *, hollow: bool = False) -> None:
    """Draw an estimate in its row; without colour, a filled dot is a finding and a hollow one is not."""
    fill = "white" if hollow else colour
    ax.plot([value], [place], "o", color=colour, markerfacecolor=fill, markersize=6.5, clip_on=False)


def largest(
    names: Sequence[str], lengths: ArrayLike, shares: Sequence[float], facts: Sequence[str], lang: str
) -> tuple[Figure, Axes, list[str]]:
    """Lay a bar along each row, the first in blue, with its share and what is said of it beside; return the shares as texts."""
    fig, ax = rows(names)
    ends = bars(ax, (lengths, [theme.ACCENT, *[theme.PHASES[2]] * (len(names) - 1)]))
    said = [numbers.percent(share, lang, decimals=0) for share in shares]
    beside(ax, facts, gap=beside(ax, said, ends, bold=True))
    return fig, ax, said


def beside(
    ax: Axes, texts: Sequence[str], x: ArrayLike | None = None, *, gap: float = 6.0, bold: bool = False,
    colour: str | Sequence[str] = "",
) -> float:  # fmt: skip
    """Write into each row what is said about it: right of `x`, or in a column right of the axes, `gap` points away.

    Returns
    -------
    The gap at which the next column begins.
    """
    size, weight = (9.5, "bold") if bold else (8.8, "normal")
    if sheet.is_narrow():
        narrow.tell(
            ax,
            texts,
            size,
            weight,
            np.broadcast_to(colour or (theme.INK if bold else theme.MUTED), len(texts)).tolist(),
        )
        return gap
    colours = np.broadcast_to(colour or (theme.INK if bold else theme.MUTED), len(texts))
    if isinstance(ax, pages.Rows):
        ax.beside(texts, bold, list(map(str, colours)))
        return gap
    ends, along = ([1.0] * len(texts), "axes fraction") if x is None else (np.asarray(x, float), "data")
    for place, (end, text, ink) in enumerate(zip(ends, texts, colours, strict=True)):
        ax.annotate(
            text, (end, place), (gap, 0), (along, "data"), textcoords="offset points", va="center", fontsize=size,
            weight=weight, color=ink, annotation_clip=False,
        )  # fmt: skip
    # Bold letters are wider.
    return gap + 14 + 72 * max(lettering.letters(text, size) for text in texts) * (1.12 if bold else 1.0)


def nought(ax: Axes) -> None:
    """Draw the line of no difference."""
    ax.axvline(0, color=theme.GREY, linewidth=1, zorder=1)


def legend(ax: Axes, colours: Mapping[str, str]) -> None:
    """Say below the chart what each colour of its bars is."""
    if isinstance(ax, pages.Rows):
        ax.legend(colours)
        return
    parts = [Patch(color=colour, label=said) for said, colour in colours.items()]
    across = narrow.across(colours) if sheet.is_narrow() else len(parts)
    ax.figure.legend(handles=parts, loc="outside lower left", ncols=across, fontsize=8.8)


def percent(share: float, lang: str) -> str:
    """Write a share at an axis, as exact as its step: `2.5 %`."""
    return f"{share * 100:g}" + ("%" if lang == "ja" else " %")


def shares(ax: Axes, lang: str) -> None:
    """Make the upright axis one from nothing to all."""
    ax.set_yticks(QUARTERS, [numbers.percent(y, lang, decimals=0) for y in QUARTERS])
    ax.set_ylim(0, 1.04)
    sheet.quiet(ax, grid="y")
    ax.tick_params(axis="y", labelcolor=theme.MUTED)


def months(found: Sequence[pd.Timestamp]) -> list[pd.Timestamp]:
    """Choose among months in a row those that an axis names: at most eight, at even distances of the calendar."""
    most = 4 if sheet.is_narrow() else 8
    every = next(n for n in (1, 2, 3, 6, 12, 24, 60, 120, 1200) if len(found) / n <= most)
    return [m for m in found if (m.year * 12 + m.month - 1) % every == 0]


def step(row: Mapping[Any, Any], lang: str) -> str:
    """Name a step: from where to where."""
    ends = (short(vocabulary.label(str(row[k]), lang), 34) for k in ("from", "to"))
    return " → ".join(ends)


def broken(steps: Sequence[str]) -> list[str]:
    """Break the names of steps after their arrows where one line would be long."""
    return [n.replace(" → ", " →\n", 1) if max(map(lettering.em, steps)) > 20 else n for n in steps]


def dated(axes: Iterable[Axes], notes: Sequence[Dated], starts: Sequence[pd.Timestamp], lang: str) -> str:
    """Draw a dotted line at each dated note of a register, on axes of one place per period, and return what the lines are.

    Parameters
    ----------
    starts
        The first day of each period, in order; a note before the first or long after the last is not drawn.
    """
    if not notes or len(starts) < 2:
        return ""
    days = (
        np.array([pd.Timestamp(start).tz_localize(None).to_datetime64() for start in starts])
        .astype("datetime64[D]")
        .astype(float)
    )
    drawn = []
    for note in notes:
        day = float(np.datetime64(note.day, "D").astype(float))
        if days[0] <= day < 2 * days[-1] - days[-2]:
            place = float(np.interp(day, [*days, 2 * days[-1] - days[-2]], range(len(days) + 1)))
            for ax in axes:
                ax.axvline(place, color=theme.MUTED, linewidth=1, linestyle=":", zorder=1)
            drawn.append(phrases.say("dated.one", lang, day=dates.day(note.day, lang), text=note.texts[lang == "ja"]))
    return phrases.say("dated.all", lang, said=("、" if lang == "ja" else "; ").join(drawn)) if drawn else ""
