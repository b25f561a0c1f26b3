"""How does the process run? The map: activities as boxes, the steps between them as paths, rework in a warm colour."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from l2c.discover.layout import Arrow, Box, Layout, layout
from l2c.discover.order import activity_order
from l2c.errors import L2CError, UnknownName
from l2c.log import END, START
from l2c.show import map_svg, words
from l2c.show.lettering import plain
from l2c.show.map_choice import METRICS, Numbers, Step, chosen, events_of, places_of, steps_of
from l2c.vocabulary import label

if TYPE_CHECKING:
    import pandas as pd

ASIDE = "Closed Lost"

_LINE = 12.0  # em in one line of a box
_NAME, _SMALL = 13.0, 11.0


@dataclass(frozen=True)
class ProcessMap:
    """A finished map: shows itself in a notebook as SVG, is saved to a file, and can be asked for its parts.

    Attributes
    ----------
    spec
        Everything in the picture as plain numbers and texts: `nodes`, `edges` (with `d`, an SVG path), `caption`,
        `width`, `height`; what SVG, PNG and PDF are drawn from, and what `.save("map.json")` writes.
    """

    spec: dict[str, Any]

    @cached_property
    def svg(self) -> str:
        """The map as one SVG element: the same table gives the same text."""
        return map_svg.svg(self.spec)

    def save(self, path: str | Path) -> Path:
        """Write the map; the ending of the name says how: `.svg`, `.png`, `.pdf` or `.json`.

        Raises
        ------
        L2CError
            For any other ending.
        """
        target = Path(path)
        match target.suffix.lower():
            case ".svg":
                target.write_text(self.svg, "utf-8")
            case ".json":
                import json

                target.write_text(json.dumps(self.spec, ensure_ascii=False, indent=1), "utf-8")
            case ".png" | ".pdf":
                from l2c.show import map_figure

                map_figure.write(self.spec, target)
            case _:
                raise L2CError(
                    f"A map cannot be saved as {target.name!r}. Use a name ending in .svg, .png, .pdf or .json."
                )
        return target

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"image/svg+xml": self.svg, "text/plain": self.spec["desc"]}

    def __repr__(self) -> str:
        return str(self.spec["desc"])


def process_map(
    flow: pd.DataFrame,
    *,
    metric: str = "cases",
    activities: float = 1.0,
    paths: float = 0.4,
    lang: str = "en",
    order: Mapping[str, int] | None = None,
    direction: Literal["down", "right"] = "down",
) -> ProcessMap:
    """Draw who follows whom.

    Parameters
    ----------
    flow
        The result of `discover.flow`.
    metric
        What a path's width and its first number say: `cases`, `events`, `median_days`, `mean_days`, `p90_days`.
    activities, paths
        Share of activities and of paths to show, the most frequent first, at most 50 and about 250; paths that
        connect a shown activity with start and end are always there.
    lang
        Language of names, numbers and tooltips.
    order
        The result of `discover.activity_order`, best of the whole log: what runs against it is rework.
    direction
        From top to bottom, which fits a page, or from left to right, which fits a wide screen.

    Raises
    ------
    UnknownName
        For another metric or language.
    """
    if metric not in METRICS:
        raise UnknownName.metric(metric, METRICS)
    if direction not in ("down", "right"):
        raise UnknownName.metric(direction, ("down", "right"))
    words.language(lang)
    whole = steps_of(flow)
    places = places_of(whole, activity_order(flow) if order is None else order)
    shown, steps = chosen(whole, activities, paths)
    nodes = [_node(name, whole, lang) for name in sorted(shown, key=lambda name: (places[name], name))]
    edges = [
        _edge(step, whole[step], metric, lang) for step in sorted(steps, key=lambda s: (places[s[0]], places[s[1]], s))
    ]
    wide, high = ("w", "h") if direction == "down" else ("h", "w")
    plan = layout(
        [Box(n["id"], n[wide], n[high], n["kind"] != "activity", n["id"] == ASIDE) for n in nodes],
        [Arrow(e["source"], e["target"], e["events"], e[f"label_{wide}"], e[f"label_{high}"]) for e in edges],
        places,
    )
    plan = plan if direction == "down" else plan.turned()
    _shade(nodes)
    _weigh(edges, metric)
    return ProcessMap(_spec(nodes, edges, plan, _summary(whole, shown, steps, lang), metric, lang))


def _width(text: str, size: float) -> float:
    return map_svg.em(text) * size


def _node(name: str, whole: Mapping[Step, Numbers], lang: str) -> dict[str, Any]:
    events = events_of(name, whole)
    if name in (START, END):
        text = words.say("map.start" if name == START else "map.end", lang)
        title = f"{text}: {words.count(events, 'case', lang)}"
        kind = "start" if name == START else "end"
        return {
            "id": name,
            "kind": kind,
            "lines": [],
            "number": "",
            "events": events,
            "title": title,
            "w": 34.0,
            "h": 34.0,
        }
    full = plain(label(name, lang))
    lines = map_svg.wrapped(full, _LINE)
    widest = max([_width(line, _NAME) for line in lines] + [_width(words.number(events), _SMALL)])
    return {
        "id": name,
        "kind": "activity",
        "lines": lines,
        "number": words.number(events),
        "events": events,
        "title": f"{full}: {words.count(events, 'event', lang)}",
        "w": float(max(84, math.ceil(widest + 24))),
        "h": 25.0 + 17.0 * len(lines),
    }


def _edge(step: Step, numbers: Numbers, metric: str, lang: str) -> dict[str, Any]:
    often = "events" if metric == "events" else "cases"
    duration = metric if metric.endswith("_days") else "median_days"
    parts = [words.number(numbers[often])]
    if not math.isnan(numbers[duration]):
        parts.append(words.days(numbers[duration], lang))
        if metric == duration:
            parts.reverse()
    text = " · ".join(parts)
    return {
        "source": step[0],
        "target": step[1],
        "events": int(numbers["events"]),
        "value": None if math.isnan(numbers[metric]) else numbers[metric],
        "label": text,
        "label_w": float(math.ceil(_width(text, _SMALL) + 8)),
        "label_h": 15.0,
        "title": _tooltip(step, numbers, lang),
    }


def _tooltip(step: Step, numbers: Numbers, lang: str) -> str:
    ends = {START: words.say("map.start", lang), END: words.say("map.end", lang)}
    names = [ends.get(name, plain(label(name, lang))) for name in step]
    facts = [words.count(numbers["cases"], "case", lang), words.count(numbers["events"], "event", lang)]
    if not math.isnan(numbers["median_days"]):
        times = {k: words.days(numbers[f"{k}_days"], lang) for k in ("median", "mean", "p90")}
        facts.append(words.say("map.times", lang, **times))
    return f"{names[0]} → {names[1]}\n" + "\n".join(facts)


def _shade(nodes: list[dict[str, Any]]) -> None:
    most = max((n["events"] for n in nodes if n["kind"] == "activity"), default=1) or 1
    for node in nodes:
        node["shade"] = round(node["events"] / most, 3)


def _weigh(edges: list[dict[str, Any]], metric: str) -> None:
    most = max((e["value"] or 0.0 for e in edges), default=0.0) or 1.0
    for edge in edges:
        share = max(edge["value"] or 0.0, 0.0) / most
        # Beginnings and ends are context, not steps.
        wide = 1.6 if edge["source"] == START or edge["target"] == END else 5.4
        edge["stroke"] = round(1.1 + wide * share**0.7, 2)


def _summary(whole: Mapping[Step, Numbers], shown: set[str], steps: set[Step], lang: str) -> dict[str, str]:
    names = {name for step in whole for name in step} - {START, END}
    boxes = shown - {START, END}
    everything = sum(numbers["events"] for numbers in whole.values()) or 1.0
    in_picture = sum(whole[step]["events"] for step in steps)
    all_events = sum(events_of(name, whole) for name in names) or 1
    cases = sum(numbers["cases"] for (a, _), numbers in whole.items() if a == START)
    return {
        "cases": words.count(cases, "case", lang),
        "shown": words.number(len(boxes)),
        "all": words.number(len(names)),
        "events": words.percent(sum(events_of(name, whole) for name in boxes) / all_events, decimals=0),
        "paths": words.number(len(steps)),
        "all_paths": words.number(len(whole)),
        "steps": words.percent(in_picture / everything, decimals=0),
    }


def _spec(
    nodes: list[dict[str, Any]],
    edges: list[dict[str, Any]],
    plan: Layout,
    summary: dict[str, str],
    metric: str,
    lang: str,
) -> dict[str, Any]:
    for node in nodes:
        x, y = plan.boxes[node["id"]]
        node |= {"x": x, "y": y}
    for edge, route in zip(edges, plan.routes, strict=True):
        edge |= {
            "d": map_svg.path(route.points),
            "label_x": round(route.label[0], 1),
            "label_y": round(route.label[1], 1),
        }
        ends = edge["source"] == START or edge["target"] == END
        edge["kind"] = "rework" if route.backward or route.loop else "end" if ends else "forward"
    caption = [words.say("map.caption", lang, **summary), words.say(f"map.legend.{metric}", lang)]
    if not nodes:
        caption = [words.say("nothing", lang)]
    return {
        "lang": lang,
        "metric": metric,
        "title": words.say("map.title", lang),
        "desc": words.say("map.desc", lang, **summary) if nodes else words.say("nothing", lang),
        "caption": caption,
        "width": round(plan.width, 1),
        "height": round(plan.height, 1),
        "nodes": nodes,
        "edges": edges,
    }
