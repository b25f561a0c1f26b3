"""How does a chart fit on a phone? Names stand above their rows instead of beside them, legends below, panels one under the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from weakref import WeakKeyDictionary

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from l2c.show import theme
from l2c.show.charts import sheet
from l2c.show.map import lettering

# In inches: a line of text, the bar of a row, the room between rows, an axis with its unit, what is no rows.
TEXT_LINE, BAR, ROOM, AXIS, PANEL = 0.165, 0.17, 0.14, 0.32, 2.1
# Text that can stand in a row, in inches.
WIDE = sheet.PHONE - 0.25
NAME = 9.0


@dataclass
class _Told:
    """A column of facts about rows."""

    texts: list[list[str]]
    size: float
    weight: str
    colours: Sequence[str]

    @property
    def wide(self) -> float:
        return max(lettering.letters(line, self.size) for text in self.texts for line in text or [""])


@dataclass
class _Rows:
    names: list[list[str]]
    columns: list[_Told] = field(default_factory=list)


_rows: WeakKeyDictionary[Axes, _Rows] = WeakKeyDictionary()


def name(ax: Axes, names: Sequence[str]) -> None:
    """Remember what the rows of an axes are called; `fit` writes it."""
    # A break after an arrow was for the narrow column beside the rows.
    parts = [text.replace("→\n", "→ ").split("\n") for text in names]
    _rows[ax] = _Rows([[line for part in each for line in broken(part, NAME)] for each in parts])
    ax.set_yticks([])


def tell(ax: Axes, texts: Iterable[str], size: float, weight: str, colours: Sequence[str]) -> None:
    """Remember a column of what is said about each row; `fit` writes it."""
    told = [
        [part for line in text.split("\n") for part in broken(line, size)] if text.strip() else [] for text in texts
    ]
    _rows[ax].columns.append(_Told(told, size, weight, colours))


def across(texts: Iterable[str]) -> int:
    """Into how many columns a legend is set."""
    widest = max((lettering.letters(text, 8.8) + 0.55 for text in texts), default=1.0)
    return max(1, int(sheet.PHONE / widest))


def fit(fig: Figure) -> None:
    """Give the parts of a figure the height they need, and write what was remembered of their rows."""
    tall, used = [], 0.0
    own = fig.get_size_inches()[1]
    shown = [ax for ax in fig.axes if ax.get_subplotspec() is not None]
    for ax in fig.axes:
        _below(ax)
        if isinstance(locator := ax.xaxis.get_major_locator(), MaxNLocator):
            locator.set_params(nbins=4)
    if not any(ax in _rows for ax in shown):
        return
    for ax in shown:
        tall.append(_write(ax) if ax in _rows else max(PANEL, own * 0.6))
        used += tall[-1]
    if len(shown) > 1 and (spec := shown[0].get_subplotspec()) is not None:
        grid = spec.get_gridspec()
        if (grid.nrows, grid.ncols) == (len(shown), 1):
            grid.set_height_ratios(tall)
    legends = sum(TEXT_LINE * 1.3 * -(-len(each.legend_handles) // max(1, each._ncols)) for each in fig.legends)  # type: ignore[attr-defined]
    fig.set_size_inches(fig.get_size_inches()[0], used + legends)


def thin(fig: Figure) -> None:
    """Leave out names of an axis that would touch, every other one until none do."""
    for ax in fig.axes:
        labels = [each for each in ax.get_xticklabels() if each.get_visible() and each.get_text()]
        while len(labels) > 2 and not labels[0].get_rotation() and _touch(labels):
            for each in labels[1::2]:
                each.set_visible(False)
            labels = labels[::2]


def _touch(labels: Sequence[object]) -> bool:
    boxes = sorted((each.get_window_extent() for each in labels), key=lambda box: box.x0)  # type: ignore[attr-defined]
    return any(a.x1 + 4 > b.x0 for a, b in pairwise(boxes))


def _below(ax: Axes) -> None:
    """Put a legend that stands right of an axes below all of them."""
    old = ax.get_legend()
    if old is None or old.get_bbox_to_anchor().transformed(ax.transAxes.inverted()).x0 < 0.99:
        return
    handles, texts = ax.get_legend_handles_labels()
    old.remove()
    title = old.get_title().get_text()
    ax.figure.legend(handles, texts, loc="outside lower left", ncols=across(texts), fontsize=8.8, title=title or None)


def _write(ax: Axes) -> float:
    """Write names and facts above each row, and return how many inches the axes needs."""
    rows = _rows[ax]
    # The first column stands at the right of the name where it fits beside all of them, the others below, one under the other.
    aside, rest = None, rows.columns
    if rest and all(len(text) <= 1 for text in rest[0].texts):
        last = [lettering.letters(lines[-1] if lines else "", NAME) for lines in rows.names]
        first = [lettering.letters(text[0], rest[0].size) * 1.1 if text else 0.0 for text in rest[0].texts]
        # Beside a panel with numbers at its left there is less room.
        room = WIDE if all(each in _rows for each in ax.figure.axes) else WIDE - 0.7
        if all(a + b + 0.2 <= room for a, b in zip(last, first, strict=True)):
            aside, rest = rest[0], rest[1:]
    lines = [len(names) + sum(len(each.texts[n]) for each in rest) for n, names in enumerate(rows.names)]
    above = TEXT_LINE * max(lines, default=1)
    pitch = above + BAR + ROOM
    _slim(ax, BAR / pitch / 0.56)
    for n, names in enumerate(rows.names):
        at = -72 * (BAR / 2 + 0.03 + TEXT_LINE * lines[n])
        for line in names:
            at += 72 * TEXT_LINE
            _say(ax, n, at, line, NAME, "normal", theme.INK)
        if aside is not None and aside.texts[n]:
            _say(ax, n, at, aside.texts[n][0], aside.size, aside.weight, aside.colours[n], right=True)
        for column in rest:
            for line in column.texts[n]:
                at += 72 * TEXT_LINE
                _say(ax, n, at, line, column.size, column.weight, column.colours[n])
    ax.set_ylim(len(rows.names) - 1 + (BAR / 2 + ROOM) / pitch, -(above + BAR / 2 + 0.05) / pitch)
    has_axis = bool(ax.xaxis.get_ticklocs().size)
    return pitch * len(rows.names) + (AXIS if has_axis or ax.get_xlabel() else 0.0) + (0.2 if ax.get_xlabel() else 0.0)


def _say(
    ax: Axes, row: int, at: float, text: str, size: float, weight: str, colour: str, *, right: bool = False
) -> None:
    # Upward is less on an axis of rows, and more in points.
    ax.annotate(
        text, (1.0 if right else 0.0, row), (0, -at), ("axes fraction", "data"), textcoords="offset points",
        ha="right" if right else "left", va="bottom", fontsize=size, weight=weight, color=colour, annotation_clip=False,
        bbox={"fc": "white", "ec": "none", "alpha": 0.85, "pad": 0.4},
    )  # fmt: skip


def _slim(ax: Axes, share: float) -> None:
    """Make the bars of rows as thick as they were before the rows grew."""
    for bar in ax.patches:
        if isinstance(bar, Rectangle):
            middle, tall = bar.get_y() + bar.get_height() / 2, bar.get_height() * share
            bar.set(y=middle - tall / 2, height=tall)


def broken(text: str, size: float, wide: float = WIDE) -> list[str]:
    """Break a text into lines that fit on a phone, or into so many inches of it."""
    lines = [text]
    for width in range(round(wide * 72 / size * 2), 8, -1):
        lines = lettering.wrap(text, width)
        if max(lettering.letters(line, size) for line in lines) <= wide:
            return lines
    return lines
