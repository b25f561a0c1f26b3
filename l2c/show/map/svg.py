"""How does a process map become SVG: one element, without scripts, foreign fonts or anything from outside?"""

from __future__ import annotations

import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

from l2c.discover.flow import CHANGED, FATE, GOES, NEW, STAYS
from l2c.show.map.lettering import CJK
from l2c.show.markup import FONT, escape
from l2c.show.theme import (
    ACCENT,
    GONE,
    GONE_PALE,
    GREY,
    HEAT,
    INK,
    MUTED,
    NEW_PALE,
    OTHERWISE,
    SAME_PALE,
    TEXT,
    WARM,
    WARM_SHADES,
    ink_on,
)
from l2c.show.theme import NEW as NEW_COLOUR

SHADES = ("#eef4fb", "#dbe8f6", "#c3d9ef", "#a3c4e4", "#7dabd6", "#5590c5")
STRONG = 3.4
CAPTION = 18.0
_RUST = "#9a3412"
ARROWS = {"plain": (8.0, MUTED), "rework": (8.0, WARM), "strong": (11.0, TEXT), "strong-rework": (11.0, WARM)}
# What goes, is new or changes in the process as it shall be.
FATES = {GOES: (9.5, GONE), NEW: (9.5, NEW_COLOUR), CHANGED: (9.5, OTHERWISE)}
GROUNDS = {GOES: GONE_PALE, NEW: NEW_PALE}
HEADS = FATES | {f"heat{level}": (9.5, colour) for level, colour in enumerate(HEAT)}


def em(text: str) -> float:
    """Width of a text in em, rather too wide than too narrow: 1 for a full-width character, 0.56 for most others."""
    # One by one: `sum` rounds otherwise from Python 3.12 on, and a box rounded up would be wider on one than on the other.
    return reduce(add, map(_advance, text), 0.0)


def _advance(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WFA":
        return 1.0
    return 0.84 if letter in "mwMW%@" else 0.7 if letter.isupper() or letter == "_" else 0.56


def wrapped(text: str, width: float) -> list[str]:
    """Break a text into at most two lines of about `width` em; cut with an ellipsis what is too long even so."""
    longest = width * 1.3
    breaks = [k for k in range(1, len(text)) if text[k - 1] in " _-/.:・" or all(map(CJK.search, text[k - 1 : k + 1]))]
    if em(text) <= width or (not breaks and em(text) <= longest):
        return [text]
    fitting = [k for k in breaks if em(text[:k].strip()) <= longest]
    if not fitting:
        return [cut(text, longest)]
    at = min(fitting, key=lambda k: abs(em(text[:k]) - em(text[k:])))
    if em(text) <= longest and max(em(text[:at]), em(text[at:])) > 0.75 * em(text):
        return [text]
    return [text[:at].strip(), cut(text[at:].strip(), longest)]


def cut(text: str, width: float) -> str:
    """Cut a text of more than `width` em, with an ellipsis."""
    if em(text) <= width:
        return text
    while em(text) > width - 1.0:
        text = text[:-1]
    return text.rstrip() + "…"


def path(points: Sequence[tuple[float, float]]) -> str:
    """Write cubic curves as an SVG path; a straight one as a line."""
    text = f"M{_n(points[0][0])} {_n(points[0][1])}"
    for k in range(1, len(points), 3):
        (x0, _), (x1, y1), (x2, y2), (x3, y3) = points[k - 1 : k + 3]
        if x0 == x1 == x2 == x3:
            text += f"L{_n(x3)} {_n(y3)}"
        else:
            text += f"C{_n(x1)} {_n(y1)} {_n(x2)} {_n(y2)} {_n(x3)} {_n(y3)}"
    return text


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def trimmed(d: str, by: float) -> list[tuple[float, float]]:
    """Read a path back as points of cubic curves, ending `by` pixels early: there the arrow head begins."""
    points: list[tuple[float, float]] = []
    for kind, text in re.findall(r"([MLC])([^MLC]*)", d):
        numbers = [float(number) for number in text.split()]
        pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
        points += [points[-1], pairs[0], pairs[0]] if kind == "L" else pairs
    (x0, y0), (x1, y1) = next(p for p in reversed(points) if p != points[-1]), points[-1]
    length = math.hypot(x1 - x0, y1 - y0)
    points[-1] = (x1 - (x1 - x0) * by / length, y1 - (y1 - y0) * by / length)
    if points[-2] == (x1, y1):
        points[-2] = points[-1]
    return points


def fill(node: dict[str, Any], metric: str) -> str:
    """Return the colour of a box: blue for its share of the events, warm for that of the days waited before it."""
    if FATE in node:
        return GROUNDS.get(node[FATE], SAME_PALE)
    share, shades = (node["warm"], WARM_SHADES) if metric.endswith("_days") else (node["shade"], SHADES)
    return shades[min(len(shades) - 1, int(share * len(shades)))]


def stroke(edge: dict[str, Any]) -> tuple[str, float, str]:
    """Return colour, opacity and arrow head of a path."""
    if FATE in edge:
        fate = edge[FATE]
        return (
            (FATES[fate][1], 0.95, fate)
            if fate in FATES
            else (TEXT, 0.8, "plain")
            if fate == STAYS
            else (MUTED, 0.4, "plain")
        )
    if edge["heat"] is not None:
        return HEAT[edge["heat"]], 0.9, f"heat{edge['heat']}"
    strong = edge["stroke"] > STRONG
    if edge["kind"] == "rework":
        return WARM, 0.85 if strong else 0.7, "strong-rework" if strong else "rework"
    return (TEXT, 0.85, "strong") if strong else (MUTED, 0.65, "plain")


def dashes(edge: dict[str, Any]) -> tuple[float, float] | None:
    """Return how a path is broken: beginnings and ends, and where colour says how long, what leads back."""
    if edge.get(FATE) == GOES:
        return 6.0, 4.0
    if edge["kind"] == "end" and edge.get(FATE) not in FATES:
        return 2.0, 4.0
    if FATE in edge:
        return None
    return (7.0, 4.0) if edge["kind"] == "rework" and edge["heat"] is not None else None


def head(name: str) -> tuple[float, str]:
    """Return size and colour of an arrow head."""
    return (ARROWS | HEADS)[name]


def label_colour(edge: dict[str, Any]) -> str:
    """Return the colour of a path's numbers."""
    if FATE in edge:
        return FATES[edge[FATE]][1] if edge[FATE] in FATES else TEXT
    return _RUST if edge["kind"] == "rework" and edge["heat"] is None else TEXT


def border(node: dict[str, Any]) -> tuple[str, float, bool]:
    """Return colour and width of a box's border, and whether it is broken."""
    fate = node.get(FATE, "")
    if fate in FATES:
        return FATES[fate][1], 1.8, fate == GOES
    return {STAYS: TEXT, "": ACCENT}.get(fate, GREY), 1.0, False


def sheet(spec: dict[str, Any]) -> tuple[float, float]:
    """Width and height of the map with its caption, which may be wider than the map."""
    width = max(spec["width"], 20 + max(em(line) * 11 for line in spec["caption"]))
    return round(width, 1), round(spec["height"] + CAPTION * len(spec["caption"]) + 6, 1)


def svg(spec: dict[str, Any]) -> str:
    """Draw the map; the ids in it begin with a hash of its content, so that several maps share a page."""
    key = "m" + hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()[:8]
    width, height = sheet(spec)
    shift = _n((width - spec["width"]) / 2)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" '
        f'height="{_n(height)}" role="img" aria-labelledby="{key}t {key}d" lang="{spec["lang"]}" '
        f'style="max-width:100%;height:auto;background:#fff;{escape(FONT)}">',
        f'<title id="{key}t">{escape(spec["title"])}</title><desc id="{key}d">{escape(spec["desc"])}</desc>',
        "<defs>" + "".join(_marker(key, name) for name in _heads(spec)) + "</defs>",
        f'<g transform="translate({shift} 0)">',
    ]
    lightest_first = sorted(spec["edges"], key=lambda e: (e["stroke"], e["source"], e["target"]))
    parts += [_path(edge, key) for edge in lightest_first]
    parts += [_node(node, spec["metric"]) for node in spec["nodes"]]
    parts += [_label(edge) for edge in spec["edges"]]
    parts.append("</g>")
    for number, line in enumerate(spec["caption"]):
        y = spec["height"] + CAPTION * (number + 0.7)
        parts.append(f'<text x="14" y="{_n(y)}" font-size="11" fill="{MUTED}">{escape(line)}</text>')
    return "\n".join([*parts, "</svg>"])


def _heads(spec: dict[str, Any]) -> list[str]:
    return [*ARROWS, *sorted({stroke(edge)[2] for edge in spec["edges"]} & HEADS.keys())]


def _marker(key: str, name: str) -> str:
    size, colour = head(name)
    return (
        f'<marker id="{key}{name}" viewBox="0 0 8 8" refX="0.5" refY="4" markerWidth="{_n(size)}" '
        f'markerHeight="{_n(size)}" markerUnits="userSpaceOnUse" orient="auto">'
        f'<path d="M0 .3L8 4L0 7.7z" fill="{colour}"/></marker>'
    )


def _path(edge: dict[str, Any], key: str) -> str:
    colour, opacity, tip = stroke(edge)
    broken = dashes(edge)
    pattern = f' stroke-dasharray="{_n(broken[0])} {_n(broken[1])}"' if broken else ""
    line = path(trimmed(edge["d"], head(tip)[0] * 7.5 / 8))
    return (
        f'<path d="{line}" fill="none" stroke="{colour}" stroke-width="{edge["stroke"]}" '
        f'stroke-opacity="{opacity}"{pattern} marker-end="url(#{key}{tip})">'
        f"<title>{escape(edge['title'])}</title></path>"
    )


def _label(edge: dict[str, Any]) -> str:
    x, y, w, h = (edge[k] for k in ("label_x", "label_y", "label_w", "label_h"))
    return (
        f'<g><title>{escape(edge["title"])}</title><rect x="{_n(x - w / 2)}" y="{_n(y - h / 2)}" width="{_n(w)}" '
        f'height="{_n(h)}" rx="4" fill="#fff" fill-opacity=".9"/><text x="{_n(x)}" y="{_n(y + 4)}" font-size="11" '
        f'text-anchor="middle" fill="{label_colour(edge)}">{escape(edge["label"])}</text></g>'
    )


def _node(node: dict[str, Any], metric: str) -> str:
    x, y, w, h = (node[k] for k in "xywh")
    if node["kind"] != "activity":
        sign = (
            f"M{_n(x - 4)} {_n(y - 6)}L{_n(x + 7)} {_n(y)}L{_n(x - 4)} {_n(y + 6)}z"
            if node["kind"] == "start"
            else f"M{_n(x - 5)} {_n(y - 5)}h10v10h-10z"
        )
        return (
            f'<g><title>{escape(node["title"])}</title><circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(h / 2)}" '
            f'fill="{INK}"/><path d="{sign}" fill="#fff"/></g>'
        )
    ground = fill(node, metric)
    ink = ink_on(ground)
    colour, wide, broken = border(node)
    edge = (f' stroke-width="{_n(wide)}"' if wide != 1 else "") + (' stroke-dasharray="6 4"' if broken else "")
    texts = [(line, 13, 600) for line in node["lines"]] + [(node["number"], 11, 400)]
    lines = "".join(
        f'<text x="{_n(x)}" y="{_n(y - h / 2 + 17 * (k + 1) + (1 if size == 13 else -1))}" font-size="{size}" '
        f'font-weight="{weight}" text-anchor="middle" fill="{ink}">{escape(text)}</text>'
        for k, (text, size, weight) in enumerate(texts)
    )
    return (
        f'<g><title>{escape(node["title"])}</title><rect x="{_n(x - w / 2)}" y="{_n(y - h / 2)}" width="{_n(w)}" '
        f'height="{_n(h)}" rx="9" fill="{ground}" stroke="{colour}"{edge}/>{lines}</g>'
    )
