"""What paper are the charts drawn on? Fonts and lines of the house, an empty figure, and the finding above it.

Nothing here changes matplotlib's global settings: a figure is made and written inside `house()`.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import cache, wraps
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import matplotlib
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from l2c.show.charts import letters, rows
from l2c.show.map import lettering
from l2c.show.map.lettering import CJK
from l2c.show.theme import GRID, INK, MUTED, PALE, TEXT

Given = ParamSpec("Given")
Drawn = TypeVar("Drawn")

_JAPANESE = "IPAexGothic"
_LEFT = 0.008
# With this begins the id of what leads somewhere; the attributes by which it does follow, quoted as in an address.
LEADS = "leads"
_STYLE: Any = {
    "font.family": ["DejaVu Sans", _JAPANESE],
    "font.size": 9.5,
    "text.color": TEXT,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": PALE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": PALE,
    "ytick.color": PALE,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": TEXT,
    "legend.frameon": False,
    "lines.solid_capstyle": "round",
    # Bars that touch are told apart by a white seam.
    "patch.edgecolor": "white",
    "patch.force_edgecolor": True,
    "figure.dpi": 96,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    # Letters as shapes, so that Japanese looks the same where the font is missing; the same input, the same bytes.
    "svg.fonttype": "path",
    "svg.hashsalt": "l2c",
    # Letters keep their proportions at any size: what fits on the screen fits on paper.
    "text.hinting": "none",
    "figure.constrained_layout.w_pad": 0.08,
    # A name such as `$5 to $10` is text, not mathematics.
    "text.parse_math": False,
    "hatch.linewidth": 0.8,
}


# Inches that a phone has: shown on 360 pixels, the smallest letters of a chart (7.5 points) are 9 pixels high.
PHONE = 4.15

_inside = ContextVar("_inside", default=False)
_narrow = ContextVar("_narrow", default=False)


def is_narrow() -> bool:
    """Whether what is drawn now is for a phone."""
    return _narrow.get()


@contextmanager
def _set(what: ContextVar[bool]) -> Iterator[None]:
    token = what.set(True)
    try:
        yield
    finally:
        what.reset(token)


def for_phone() -> AbstractContextManager[None]:
    """Draw for the width of a phone."""
    return _set(_narrow)


class house:
    """Draw in the house style, and leave matplotlib's settings as they were.

    Around a chart: for a report, which is read on screens, phones and paper, what is rows becomes part of the page, which
    reflows, and anything else is drawn for a phone as well, which is kept as `phone`.
    """

    def __enter__(self) -> None:
        self._style = _styled()
        self._style.__enter__()

    def __exit__(self, *problem: Any) -> None:
        self._style.__exit__(*problem)

    def __call__(self, chart: Callable[Given, Drawn]) -> Callable[Given, Drawn]:
        """Draw a chart in it, for the width where it will be seen."""

        @wraps(chart)
        def drawn(*given: Given.args, **named: Given.kwargs) -> Drawn:
            with _styled():
                if os.environ.get("L2C_REPORT") != "pages" or is_narrow():
                    return chart(*given, **named)
                picture = rows.either(lambda: chart(*given, **named))
                if hasattr(picture, "phone"):
                    with for_phone():
                        picture.phone = chart(*given, **named)
                return picture

        return drawn


@contextmanager
def _styled() -> Iterator[None]:
    if _inside.get():
        # To set three hundred settings once more takes longer than to draw a small chart.
        yield
        return
    _japanese_font()
    with matplotlib.rc_context(), warnings.catch_warnings(), _set(_inside), letters.remembered():
        # A sign that neither font has is drawn as a box; nothing the user could decide.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_STYLE)
        yield


@cache
def _japanese_font() -> None:
    # The package's own import would change the global settings, so only its font file is taken.
    package = find_spec("matplotlib_fontja")
    if package is None or package.origin is None:
        return
    manager = font_manager.fontManager
    for path in sorted(Path(package.origin).parent.glob("fonts/*.ttf")):
        manager.addfont(path)
    # The font has one weight; without an entry for bold, matplotlib logs a complaint for every title.
    manager.ttflist += [replace(f, weight=700) for f in manager.ttflist if f.name == _JAPANESE]


def figure(width: float = 8.0, height: float = 4.0) -> tuple[Figure, Axes]:
    """Make an empty figure of the given inches, known to no pyplot; call it inside `house()`."""
    fig = Figure(figsize=(min(width, PHONE) if is_narrow() else width, height), layout="constrained")
    FigureCanvasAgg(fig)
    return fig, fig.add_subplot()


def bare(width: float, height: float) -> tuple[Figure, Axes]:
    """Make a figure whose one axes is a sheet of paper measured in inches from its upper left corner."""
    fig = Figure(figsize=(width, height))
    FigureCanvasAgg(fig)
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set_axis_off()
    ax.set(xlim=(0, width), ylim=(height, 0))
    return fig, ax


def quiet(ax: Axes, *, grid: str | None = None) -> None:
    """Take away what carries no information: frame and ticks; leave faint grid lines along `x` or `y` where wanted."""
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.tick_params(length=0)
    if grid == "x":
        ax.xaxis.grid(True)
    elif grid == "y":
        ax.yaxis.grid(True)


def head(fig: Figure, text: str, note: str | None = None) -> None:
    """Write the finding above the chart and, in small grey below it, what it is about; the figure grows by that."""
    width, height = fig.get_size_inches()
    lines = lettering.wrap(lettering.plain(text), round(width * 9.4))
    small = lettering.wrap(lettering.plain(note), round(width * 14)) if note else []
    top = 0.23 * len(lines) + 0.17 * len(small) + 0.21
    fig.set_size_inches(width, height + top)
    share = height / (height + top)
    for row, line in enumerate(lines):
        _bold_line(fig, 1 - (0.06 + 0.23 * row) / (height + top), line)
    for row, line in enumerate(small):
        y = 1 - (0.09 + 0.23 * len(lines) + 0.17 * row) / (height + top)
        fig.text(_LEFT, y, line, fontsize=8.5, color=MUTED, va="top")
    if (engine := fig.get_layout_engine()) is not None:
        engine.set(rect=(0, 0, 1, share))  # type: ignore[call-arg]
    else:
        fig.axes[0].set_position((0, 0, 1, share))


def _bold_line(fig: Figure, y: float, line: str) -> None:
    if not CJK.search(line):
        fig.text(_LEFT, y, line, fontsize=12, weight="bold", color=INK, va="top")
        return
    # The Japanese font has one weight: written twice, a hair apart, it reads as bold.
    for shift in (0, 0.006):
        x = _LEFT + shift / fig.get_size_inches()[0]
        fig.text(x, y, line, fontsize=12, family=[_JAPANESE, "DejaVu Sans"], color=INK, va="top")
