"""What does the model say, in the shapes of BPMN?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from l2c.discover.bpmn import Point, sheet
from l2c.show import numbers
from l2c.show.map.svg import wrapped
from l2c.show.markup import FONT, SIDEWAYS, Html, escape
from l2c.show.theme import ACCENT, INK, MUTED, TEXT
from l2c.words import phrases, vocabulary

if TYPE_CHECKING:
    from l2c.discover.bpmn import Diagram, Model, Node

_CAPTION = 40.0
# Smaller than in an editor, so that more of the model is seen at once.
_SIZES = {
    "start": (26.0, 26.0),
    "end": (26.0, 26.0),
    "xor": (30.0, 30.0),
    "and": (30.0, 30.0),
    "or": (30.0, 30.0),
    "task": (136.0, 38.0),
}

_SIGNS = {
    "xor": "M-5 -5L5 5M5 -5L-5 5",
    "and": "M-7 0L7 0M0 -7L0 7",
    "or": "M-6 0A6 6 0 1 1 6 0A6 6 0 1 1 -6 0",
}


def bpmn(model: Model, *, lang: str = "en") -> Html:
    """Draw a model from top to bottom: tasks as boxes, ✕ where one way is taken, + where all of them are.

    Parameters
    ----------
    model
        What `discover.model` returns.
    lang
        `en` or `ja`.

    Returns
    -------
    A picture with the model's fitness and precision below it; the same model gives the same bytes.
    """
    said = phrases.say(
        "bpmn.caption",
        lang,
        fitness=numbers.percent(model.fitness, lang, decimals=0),
        precision=numbers.percent(model.precision, lang, decimals=0),
        covered=numbers.percent(model.covered, lang, decimals=0),
    )
    return drawing(model, said, lang=lang)


def drawing(model: Diagram, said: str, *, lang: str = "en") -> Html:
    """Draw any process as `bpmn` does, with a line below it."""
    plan = sheet(model, across=False, sizes=_SIZES)
    width, height = max(plan.width, 560.0), plan.height + _CAPTION
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        # On a phone it goes on beyond the edge rather than be too small to read.
        f'height="{height:.0f}" role="img" style="max-width:100%;min-width:{width * 0.75:.0f}px;height:auto;{FONT}">',
        f"<title>BPMN</title><desc>{escape(said)}</desc>",
        *[_flow(corners) for corners in plan.flows],
        *[_node(node, plan.nodes[node.id], lang) for node in model.nodes],
        f'<text x="14" y="{height - 12:.0f}" font-size="12" fill="{MUTED}">{escape(said)}</text></svg>',
    ]
    # A large model is taller than a page; it scrolls in its own frame.
    frame = f"max-height:820px;{SIDEWAYS};overflow:auto;border:1px solid #e5eaf1;border-radius:8px;text-align:center"
    return Html(f'<div style="{frame}">{"".join(parts)}</div>', said)


def _flow(corners: tuple[Point, ...]) -> str:
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    (x0, y0), (x1, y1) = corners[-2:]
    # The head points the way the last stretch goes.
    dx, dy = (0, 1 if y1 > y0 else -1) if abs(y1 - y0) >= abs(x1 - x0) else (1 if x1 > x0 else -1, 0)
    side = (dy * 4, dx * 4)
    head = [(x1, y1), (x1 - dx * 9 + side[0], y1 - dy * 9 + side[1]), (x1 - dx * 9 - side[0], y1 - dy * 9 - side[1])]
    tip = " ".join(f"{x:.1f},{y:.1f}" for x, y in head)
    return (
        f'<polyline points="{line}" fill="none" stroke="{MUTED}" stroke-width="1.4" stroke-linejoin="round"/>'
        f'<polygon points="{tip}" fill="{MUTED}"/>'
    )


def _node(node: Node, middle: Point, lang: str) -> str:
    x, y = middle
    width = _SIZES[node.kind][0]
    if node.kind in ("start", "end"):
        thick = 2 if node.kind == "start" else 4.5
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{width / 2 - 2:g}" fill="#fff" stroke="{INK}" stroke-width="{thick}"/>'
    if node.kind == "task":
        return _task(node, middle, lang)
    half = width / 2
    corners = f"{x:.1f},{y - half:.1f} {x + half:.1f},{y:.1f} {x:.1f},{y + half:.1f} {x - half:.1f},{y:.1f}"
    sign = _SIGNS[node.kind]
    return (
        f'<polygon points="{corners}" fill="#fff" stroke="{TEXT}" stroke-width="1.5"/>'
        f'<path d="{sign}" transform="translate({x:.1f} {y:.1f})" stroke="{TEXT}" stroke-width="2.2" fill="none"/>'
    )


def _task(node: Node, middle: Point, lang: str) -> str:
    x, y = middle
    width, height = _SIZES["task"]
    name = vocabulary.label(node.name, lang)
    lines = wrapped(name, 9.5)[:2]
    first = y + 4.5 - 7 * (len(lines) - 1)
    text = "".join(
        f'<text x="{x:.1f}" y="{first + 14 * k:.1f}" font-size="12.5" text-anchor="middle" fill="{INK}">{escape(line)}</text>'
        for k, line in enumerate(lines)
    )
    return (
        f"<g><title>{escape(name)}</title>"
        f'<rect x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" width="{width:g}" height="{height:g}" rx="9" '
        f'fill="#eef4fb" stroke="{ACCENT}" stroke-width="1.3"/>{text}</g>'
    )
