"""How does the process run? The map: activities as boxes, the steps between them as paths, ways back in a warm colour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from l2c.geometry.layout import Arrow, Box, Layout, layout
from l2c.geometry.order import activity_order
from l2c.log import END, START
from l2c.log.outcomes import ENDED_BY
from l2c.show.map import labels as map_labels
from l2c.show.map import svg as map_svg
from l2c.show.map.choice import METRICS, chosen, places_of, steps_of
from l2c.words import phrases
from l2c.words.errors import BadPicture, UnknownName

if TYPE_CHECKING:
    import pandas as pd

ASIDE = tuple(ENDED_BY.values())
# As what a map gives its drawing from left to right, for a page of paper that lies.
LANDSCAPE = "application/vnd.l2c.landscape+svg"


@dataclass(frozen=True)
class MapPicture:
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
        BadPicture
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
                from l2c.show.map import figure as map_figure

                map_figure.write(self.spec, target)
            case _:
                raise BadPicture.map_ending(target.name)
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
    currency: str | None = None,
) -> MapPicture:
    """Draw who follows whom.

    Parameters
    ----------
    flow
        The result of `discover.flow`.
    metric
        What a path's width and its first number say: `cases`, `events`, `median_days`, `mean_days`, `p90_days`,
        `total_days` (of all cases together) or `amount` (of the deals that take it; needs a flow with amounts).
    activities, paths
        Share of activities and of paths to show, the most frequent first, at most 50 and about 250; paths that
        connect a shown activity with start and end are always there.
    lang
        Language of names, numbers and tooltips.
    order
        The result of `discover.activity_order`, best of the whole log: what runs against it is a way back.
    direction
        From top to bottom, which fits a page, or from left to right, which fits a wide screen.
    currency
        The currency of the log, for sums of money.

    Raises
    ------
    UnknownName
        For another metric or language.
    """
    if metric not in METRICS:
        raise UnknownName.metric(metric, METRICS)
    if direction not in ("down", "right"):
        raise UnknownName.metric(direction, ("down", "right"))
    phrases.language(lang)
    whole = steps_of(flow)
    places = places_of(whole, activity_order(flow) if order is None else order)
    shown, steps = chosen(whole, activities, paths)
    say = map_labels.Wording(metric, lang, currency)
    nodes = [map_labels.node(name, whole, say) for name in sorted(shown, key=lambda name: (places[name], name))]
    ranked = sorted(steps, key=lambda s: (places[s[0]], places[s[1]], s))
    edges = [map_labels.edge(step, whole[step], say) for step in ranked]
    wide, high = ("w", "h") if direction == "down" else ("h", "w")
    plan = layout(
        [Box(n["id"], n[wide], n[high], n["kind"] != "activity", n["id"] in ASIDE) for n in nodes],
        [Arrow(e["source"], e["target"], e["events"], e[f"label_{wide}"], e[f"label_{high}"]) for e in edges],
        places,
    )
    plan = plan if direction == "down" else plan.turned()
    map_labels.shade(nodes)
    map_labels.weigh(edges, metric)
    return MapPicture(_spec(nodes, edges, plan, map_labels.summary(whole, shown, steps, lang), metric, lang))


def renumbered(picture: MapPicture, flow: pd.DataFrame, currency: str | None = None) -> MapPicture:
    """Put the numbers of other cases on a map, and leave every box and path in its place.

    Parameters
    ----------
    picture
        A map, best of the whole log.
    flow
        The result of `discover.flow` for some of its cases. What they never do has the number 0.
    currency
        As for `process_map`.
    """
    spec = picture.spec
    whole = steps_of(flow)
    say = map_labels.Wording(spec["metric"], spec["lang"], currency)
    nodes = [each | map_labels.of_node(each["id"], whole, say) for each in spec["nodes"]]
    steps = [(each["source"], each["target"]) for each in spec["edges"]]
    edges = [
        each | map_labels.of_edge(step, whole.get(step, map_labels.NONE), say)
        for each, step in zip(spec["edges"], steps, strict=True)
    ]
    map_labels.shade(nodes)
    map_labels.weigh(edges, spec["metric"])
    taken = {step for step in steps if step in whole}
    about = map_labels.summary(whole, {name for step in taken for name in step}, taken, spec["lang"])
    caption = [phrases.say("map.caption", spec["lang"], **about), *spec["caption"][1:]]
    said = {"caption": caption, "desc": phrases.say("map.desc", spec["lang"], **about)}
    return MapPicture(spec | said | {"nodes": nodes, "edges": edges})


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
    caption = [phrases.say("map.caption", lang, **summary), phrases.say(f"map.legend.{metric}", lang)]
    if not nodes:
        caption = [phrases.say("nothing.cases", lang)]
    return {
        "lang": lang,
        "metric": metric,
        "title": phrases.say("map.title", lang),
        "desc": phrases.say("map.desc", lang, **summary) if nodes else phrases.say("nothing.cases", lang),
        "caption": caption,
        "width": round(plan.width, 1),
        "height": round(plan.height, 1),
        "nodes": nodes,
        "edges": edges,
    }
