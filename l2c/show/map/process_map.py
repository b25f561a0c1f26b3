"""How does the process run? The map: activities as boxes, the steps between them as paths, ways back in a warm colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from l2c.discover.flow import FATE, NEW
from l2c.geometry.columns import folded
from l2c.geometry.layout import Arrow, Box, Layout, Route, layout
from l2c.geometry.order import activity_order
from l2c.log import END, START
from l2c.log.outcomes import ENDED_BY
from l2c.show.map import labels as map_labels
from l2c.show.map import svg as map_svg
from l2c.show.map.choice import METRICS, chosen, fates_of, places_of, seen_always, steps_of
from l2c.words import phrases
from l2c.words.errors import BadPicture, UnknownName

if TYPE_CHECKING:
    import pandas as pd

ASIDE = tuple(ENDED_BY.values())
# The smallest letters of a map have 11 pixels; nobody reads less than nine.
LEAST_SCALE = 9 / 11
MOST_COLUMNS = 4


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
    _placed: Placed | None = field(default=None, repr=False, compare=False)

    def in_columns(self, columns: int) -> MapPicture:
        """Fold a tall map into columns (from left to right: a wide one into lines), so that all of it can be read.

        A map whose numbers were changed, or that was read from a file, stays as it is.
        """
        if self._placed is None:
            return self
        return MapPicture(_standing(self.spec, self._placed.folded(columns)), self._placed)

    def fitting(self, width: float, height: float) -> MapPicture:
        """Fold it into as few columns as let it be read where there is so much room, in pixels; else as is largest there."""

        def scale(picture: MapPicture) -> float:
            return min(width / picture.spec["width"], height / picture.spec["height"])

        best = self.in_columns(1)
        for columns in range(2, MOST_COLUMNS + 1):
            if scale(best) >= LEAST_SCALE:
                break
            more = self.in_columns(columns)
            best = more if scale(more) > scale(best) else best
        return best

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
    columns: int = 1,
    hidden: Sequence[str] = (),
) -> MapPicture:
    """Draw who follows whom.

    Parameters
    ----------
    flow
        The result of `discover.flow`, or of `improve.together`: then what goes is red and dashed with a −, what is new green with
        a +, what changes blue with a ±, and what stays grey, with the numbers of today.
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
    columns
        Into how many columns a tall map is folded (from left to right: into how many lines), so that all of it can be read.
    hidden
        Activities that are not shown, nor any path from or to them.

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
    fates = fates_of(flow)
    places = places_of(whole, activity_order(_counted(flow)) if order is None else order)
    always = {step for step in seen_always(whole, fates) if not set(step) & set(hidden)}
    shown, steps = chosen(whole, activities, paths, hidden, always)
    say = map_labels.Wording(metric, lang, currency)
    names = sorted(shown, key=lambda name: (places[name], name))
    nodes = [map_labels.node(name, whole, say, map_labels.fate_of(name, fates)) for name in names]
    ranked = sorted(steps, key=lambda s: (places[s[0]], places[s[1]], s))
    edges = [map_labels.edge(step, whole[step], say, fates.get(step, "")) for step in ranked]
    map_labels.shade(nodes)
    map_labels.weigh(edges, metric)
    stand = placed(nodes, edges, places, direction)
    spec = _spec(nodes, edges, stand.plan.routes, map_labels.summary(whole, shown, steps, lang), metric, lang)
    return MapPicture(spec, stand).in_columns(columns)


def _counted(flow: pd.DataFrame) -> pd.DataFrame:
    """A flow in which what is new counts, so that it finds its place among the activities."""
    if FATE not in flow:
        return flow
    return flow.assign(events=flow["events"].where(flow[FATE] != NEW, max(1, int(flow["events"].median()))))


def placed(
    nodes: list[dict[str, Any]], edges: list[dict[str, Any]], places: Mapping[str, int], direction: str = "down"
) -> Placed:
    """Find where boxes and paths of a map stand."""
    wide, high = ("w", "h") if direction == "down" else ("h", "w")
    boxes = [Box(n["id"], n[wide], n[high], n["kind"] != "activity", n["id"] in ASIDE) for n in nodes]
    arrows = [Arrow(e["source"], e["target"], e["events"], e[f"label_{wide}"], e[f"label_{high}"]) for e in edges]
    return Placed(layout(boxes, arrows, places), boxes, arrows, direction == "right")


class Placed(NamedTuple):
    """A plan that can be folded, with what it was made of."""

    plan: Layout
    boxes: list[Box]
    arrows: list[Arrow]
    turned: bool

    def folded(self, columns: int) -> Layout:
        """Return it in so many columns, or lines where it runs from left to right."""
        plan = folded(self.plan, self.boxes, self.arrows, columns)
        return plan.turned() if self.turned else plan


def kind(step: tuple[str, str], route: Route) -> str:
    """Say whether a path leads forward, back (`rework`), or is the beginning or the end of a case."""
    if route.backward or route.loop:
        return "rework"
    return "end" if START in step or END in step else "forward"


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
    routes: Sequence[Route],
    summary: dict[str, str],
    metric: str,
    lang: str,
) -> dict[str, Any]:
    for edge, route in zip(edges, routes, strict=True):
        edge["kind"] = kind((edge["source"], edge["target"]), route)
    fates = {each[FATE] for each in (*nodes, *edges) if FATE in each}
    caption = [phrases.say("map.caption", lang, **summary), *map_labels.legend(metric, lang, fates)]
    desc = phrases.sentences(
        [phrases.say("map.desc", lang, **summary), map_labels.said_fates(nodes, edges, lang)], lang
    )
    if not nodes:
        caption = [phrases.say("nothing.cases", lang)]
    return {
        "lang": lang,
        "metric": metric,
        "title": phrases.say("map.title.both" if fates else "map.title", lang),
        "desc": desc if nodes else phrases.say("nothing.cases", lang),
        "caption": caption,
        "nodes": nodes,
        "edges": edges,
    }


def _standing(spec: dict[str, Any], plan: Layout) -> dict[str, Any]:
    """The same map with its boxes, paths and labels where a plan has them."""
    places = ((node, plan.boxes[node["id"]]) for node in spec["nodes"])
    edges = [
        edge | {"d": map_svg.path(r.points), "label_x": round(r.label[0], 1), "label_y": round(r.label[1], 1)}
        for edge, r in zip(spec["edges"], plan.routes, strict=True)
    ]
    nodes = [node | {"x": x, "y": y} for node, (x, y) in places]
    size = {"width": round(plan.width, 1), "height": round(plan.height, 1)}
    return spec | size | {"nodes": nodes, "edges": edges}
