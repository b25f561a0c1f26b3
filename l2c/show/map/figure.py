"""How does a process map become a PNG or a PDF, without a browser?"""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, PathPatch, Polygon
from matplotlib.path import Path

from l2c.show.charts.sheet import house
from l2c.show.map import svg as map_svg
from l2c.show.map.lettering import CJK, letters
from l2c.show.theme import INK, MUTED, ink_on

# A pixel of the map is 1/96 inch, as in a browser; matplotlib counts in points of 1/72 inch.
_POINT = 72 / 96


def write(spec: dict[str, Any], target: FilePath) -> None:
    """Write the map as `.png` (at twice screen size) or `.pdf`: the same map, the same bytes."""
    with house():
        undated = {"CreationDate": None} if target.suffix.lower() == ".pdf" else None
        figure(spec).savefig(target, dpi=192, metadata=undated)


def figure(spec: dict[str, Any]) -> Figure:
    """Draw the map as a matplotlib figure; call it inside `sheet.house()`."""
    width, height = map_svg.sheet(spec)
    fig = Figure(figsize=(width / 96, height / 96))
    FigureCanvasAgg(fig)
    ax = fig.add_axes((0, 0, 1, 1))
    shift = (width - spec["width"]) / 2
    ax.set_xlim(-shift, width - shift)
    ax.set_ylim(height, 0)
    ax.set_axis_off()
    for edge in sorted(spec["edges"], key=lambda e: (e["stroke"], e["source"], e["target"])):
        _path(ax, edge)
    for node in spec["nodes"]:
        _node(ax, node, spec["metric"])
    for edge in spec["edges"]:
        _label(ax, edge)
    for number, line in enumerate(spec["caption"]):
        y = spec["height"] + map_svg.CAPTION * (number + 0.5)
        ax.text(14 - shift, y, line, fontsize=11 * _POINT, color=MUTED, va="center")
    return fig


def _path(ax: Axes, edge: dict[str, Any]) -> None:
    colour, opacity, head = map_svg.stroke(edge)
    size = map_svg.head(head)[0]
    points = map_svg.trimmed(edge["d"], size * 7.5 / 8)
    line = Path(points, [Path.MOVETO, *[Path.CURVE4] * (len(points) - 1)])
    broken = map_svg.dashes(edge)
    dashes = (0, tuple(each / edge["stroke"] for each in broken)) if broken else "-"
    style = {"fill": False, "ec": colour, "alpha": opacity, "lw": edge["stroke"] * _POINT, "ls": dashes}
    ax.add_patch(PathPatch(line, capstyle="butt", zorder=1, **style))
    tip = map_svg.trimmed(edge["d"], 0.0)[-1]
    dx, dy = ((t - p) / (size * 7.5 / 8) for t, p in zip(tip, points[-1], strict=True))
    back, side = (tip[0] - dx * size, tip[1] - dy * size), size * 0.46
    corners = [tip, (back[0] - dy * side, back[1] + dx * side), (back[0] + dy * side, back[1] - dx * side)]
    ax.add_patch(Polygon(corners, closed=True, fc=colour, ec="none", alpha=opacity, zorder=2))


def _label(ax: Axes, edge: dict[str, Any]) -> None:
    x, y, w, h = (edge[k] for k in ("label_x", "label_y", "label_w", "label_h"))
    _box(ax, x, y, w, h, 4, fc="white", ec="none", alpha=0.9, zorder=5)
    ax.text(
        x,
        y,
        edge["label"],
        fontsize=_fitting(edge["label"], 11 * _POINT, w),
        color=map_svg.label_colour(edge),
        zorder=6,
        **_CENTRED,
    )


_CENTRED: dict[str, Any] = {"ha": "center", "va": "center_baseline"}


def _box(ax: Axes, x: float, y: float, w: float, h: float, round_by: float, **style: Any) -> None:
    corner = (x - w / 2 + round_by, y - h / 2 + round_by)
    shape = f"round,pad={round_by},rounding_size={round_by}"
    ax.add_patch(FancyBboxPatch(corner, w - 2 * round_by, h - 2 * round_by, boxstyle=shape, **style))


def _node(ax: Axes, node: dict[str, Any], metric: str) -> None:
    x, y, w, h = (node[k] for k in "xywh")
    if node["kind"] != "activity":
        ax.add_patch(Circle((x, y), h / 2, fc=INK, ec="none", zorder=3))
        start = [(x - 4, y - 6), (x + 7, y), (x - 4, y + 6)]
        end = [(x - 5, y - 5), (x + 5, y - 5), (x + 5, y + 5), (x - 5, y + 5)]
        ax.add_patch(Polygon(start if node["kind"] == "start" else end, fc="white", ec="none", zorder=4))
        return
    fill = map_svg.fill(node, metric)
    colour, wide, broken = map_svg.border(node)
    border: dict[str, Any] = {"ec": colour, "lw": wide * _POINT, "ls": (0, (6 / wide, 4 / wide)) if broken else "-"}
    _box(ax, x, y, w, h, 9, fc=fill, zorder=3, **border)
    for k, line in enumerate([*node["lines"], node["number"]]):
        name = k < len(node["lines"])
        weight = 700 if name and not CJK.search(line) else 400
        size = _fitting(line, (13 if name else 11) * _POINT, w - 10, bold=weight == 700)
        style = {"fontsize": size, "weight": weight, "color": ink_on(fill), "zorder": 4, **_CENTRED}
        # The Japanese font has one weight: written twice, a hair apart, it reads as bold.
        for shift in (-0.2, 0.2) if name and weight == 400 else (0.0,):
            ax.text(x + shift, y - h / 2 + 13.5 + 17 * k, line, **style)


def _fitting(text: str, size: float, width: float, *, bold: bool = False) -> float:
    """Make the letters smaller where the font at hand is wider than the box was planned for."""
    inches = letters(text, size) * (1.12 if bold else 1.0)
    return size * min(1.0, width / 96 / inches) if inches else size
