"""How does the process run? The map: activities as boxes, the steps between them as paths, rework in a warm colour."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from l2c.discover.layout import Arrow, Box, Layout, layout
from l2c.discover.order import activity_order
from l2c.errors import L2CError, UnknownName
from l2c.log import END, START
from l2c.show import map_svg, words
from l2c.show.lettering import plain
from l2c.vocabulary import label

if TYPE_CHECKING:
    import pandas as pd

METRICS = ("cases", "events", "median_days", "mean_days", "p90_days")
MOST_ACTIVITIES = 50
MOST_PATHS = 250
ASIDE = "Closed Lost"

Step = tuple[str, str]
Numbers = dict[str, float]

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

    Raises
    ------
    UnknownName
        For another metric or language.
    """
    if metric not in METRICS:
        raise UnknownName.metric(metric, METRICS)
    words.language(lang)
    whole = _steps(flow)
    places = _places(whole, activity_order(flow) if order is None else order)
    shown, steps = _chosen(whole, activities, paths)
    nodes = [_node(name, whole, lang) for name in sorted(shown, key=lambda name: (places[name], name))]
    edges = [
        _edge(step, whole[step], metric, lang) for step in sorted(steps, key=lambda s: (places[s[0]], places[s[1]], s))
    ]
    plan = layout(
        [Box(n["id"], n["w"], n["h"], n["kind"] != "activity", n["id"] == ASIDE) for n in nodes],
        [Arrow(e["source"], e["target"], e["events"], e["label_w"], e["label_h"]) for e in edges],
        places,
    )
    _shade(nodes)
    _weigh(edges, metric)
    return ProcessMap(_spec(nodes, edges, plan, _summary(whole, shown, steps, lang), metric, lang))


def _places(whole: Mapping[Step, Numbers], order: Mapping[str, int]) -> dict[str, int]:
    """Give every activity a place of its own; what the order does not know comes last."""
    names = {name for step in whole for name in step} - {START, END}
    ranked = sorted(names, key=lambda name: (order.get(name, len(order) + 1), name))
    return {name: place for place, name in enumerate([START, *ranked, END])}


# --- What is shown ---------------------------------------------------------------------------------------------------


def _steps(flow: pd.DataFrame) -> dict[Step, Numbers]:
    columns = [flow[name] for name in ("from", "to", *METRICS)]
    return {
        (str(a), str(b)): dict(zip(METRICS, map(float, numbers), strict=True))
        for a, b, *numbers in zip(*columns, strict=True)
    }


def _events(name: str, whole: Mapping[Step, Numbers]) -> int:
    inward = sum(numbers["events"] for (_, b), numbers in whole.items() if b == name)
    outward = sum(numbers["events"] for (a, _), numbers in whole.items() if a == name)
    return int(max(inward, outward))


def _chosen(whole: Mapping[Step, Numbers], activities: float, paths: float) -> tuple[set[str], set[Step]]:
    """Keep the most frequent activities, then paths, then whatever connects them with start and end."""
    names = {name for step in whole for name in step} - {START, END}
    ranked = sorted(names, key=lambda name: (-_events(name, whole), name))
    kept = _share(len(ranked), activities, MOST_ACTIVITIES)
    shown = set(ranked[:kept]) | ({START, END} & {name for step in whole for name in step})
    between = [step for step in _strongest_first(whole) if shown.issuperset(step)]
    steps = set(between[: _share(len(between), paths, MOST_PATHS)])
    for forward in (True, False):
        steps |= _connections(whole, shown, steps, forward=forward)
        shown |= {name for step in steps for name in step}
    # What was added for the way out must be reachable from the start as well.
    steps |= _connections(whole, shown, steps, forward=True)
    return shown | {name for step in steps for name in step}, steps


def _share(n: int, share: float, most: int) -> int:
    return min(n, most, max(1, math.ceil(round(n * share, 9))))


def _strongest_first(whole: Mapping[Step, Numbers]) -> list[Step]:
    return sorted(whole, key=lambda step: (-whole[step]["events"], step))


def _connections(whole: Mapping[Step, Numbers], shown: set[str], steps: set[Step], *, forward: bool) -> set[Step]:
    """Find the strongest paths that lead from the start to activities cut off from it (or from them to the end)."""
    tree: dict[str, Step] = {}
    reached = {START if forward else END}
    # As in Prim's algorithm, the strongest way on from what is reached; what is shown already costs nothing.
    ranked = [s for s in _strongest_first(whole) if s in steps] + [s for s in _strongest_first(whole) if s not in steps]
    while True:
        here, there = (0, 1) if forward else (1, 0)
        step = next((s for s in ranked if s[here] in reached and s[there] not in reached), None)
        if step is None:
            break
        tree[step[there]] = step
        reached.add(step[there])
    added = set()
    for name in shown:
        while name in tree and tree[name] not in added:
            added.add(tree[name])
            name = tree[name][0 if forward else 1]
    return added


# --- What it says ----------------------------------------------------------------------------------------------------


def _width(text: str, size: float) -> float:
    return map_svg.em(text) * size


def _node(name: str, whole: Mapping[Step, Numbers], lang: str) -> dict[str, Any]:
    events = _events(name, whole)
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
    all_events = sum(_events(name, whole) for name in names) or 1
    cases = sum(numbers["cases"] for (a, _), numbers in whole.items() if a == START)
    return {
        "cases": words.count(cases, "case", lang),
        "shown": words.number(len(boxes)),
        "all": words.number(len(names)),
        "events": words.percent(sum(_events(name, whole) for name in boxes) / all_events, decimals=0),
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
