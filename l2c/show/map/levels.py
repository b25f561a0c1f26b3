"""Which maps can a page show by itself? Every level of its sliders, laid out beforehand, with the numbers of every metric."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from l2c.geometry.order import activity_order
from l2c.show.map import labels as map_labels
from l2c.show.map import svg as map_svg
from l2c.show.map.choice import chosen, places_of, steps_of
from l2c.show.map.process_map import LEAST_SCALE, MOST_COLUMNS, MapPicture, kind, placed
from l2c.words import phrases

if TYPE_CHECKING:
    import pandas as pd

ACTIVITIES = (0.2, 0.35, 0.5, 0.75, 1.0)
PATHS = (0.0, 0.4, 0.7, 1.0)
# Of the paths unless somebody chooses.
USUAL_PATHS = 0.4
# A map that much wider than high is not folded further.
WIDEST_FOLD = 2.2


def opening(draw: Callable[[float], MapPicture], room: tuple[float, float]) -> float:
    """Return the largest of `ACTIVITIES` up to which a map can be read whole.

    Parameters
    ----------
    draw
        Gives the map of a share of the activities.
    room
        Width and height of the place in which it shall stand, in pixels.
    """
    best = ACTIVITIES[0]
    for share in ACTIVITIES:
        spec = draw(share).fitting(*room).spec
        if min(room[0] / spec["width"], room[1] / spec["height"]) < LEAST_SCALE:
            break
        best = share
    return best


def levels(
    flow: pd.DataFrame,
    *,
    metrics: Sequence[str],
    lang: str = "en",
    order: Mapping[str, int] | None = None,
    currency: str | None = None,
) -> dict[str, Any]:
    """Lay out the map of a flow for every pair of `ACTIVITIES` and `PATHS`, as plain data.

    Parameters
    ----------
    flow, order, lang, currency
        As for `show.process_map`.
    metrics
        What the paths may say; boxes stand where there is room for the labels of all of these.

    Returns
    -------
    `nodes` and `steps`, each once, steps with `value` and `label` by the place of the metric; `plans`, where they stand, with
    `folds` into more and more columns: `[number, x, y]` of each box, `[number, path, x, y]` of each path and its label; and `plan`, the number of the plan for each pair of `activities`
    and `paths`, those of one share of activities after the other.
    """
    whole = steps_of(flow)
    places = places_of(whole, activity_order(flow) if order is None else order)
    picks = [chosen(whole, activities, paths) for activities in ACTIVITIES for paths in PATHS]
    names = sorted({name for shown, _ in picks for name in shown}, key=lambda name: (places[name], name))
    steps = sorted({s for _, found in picks for s in found}, key=lambda s: (places[s[0]], places[s[1]], s))
    say = map_labels.Wording(metrics[0], lang, currency)
    nodes = {name: map_labels.node(name, whole, say) for name in names}
    map_labels.shade(list(nodes.values()))
    edges = {step: _every(step, whole[step], metrics, say) for step in steps}
    plans: dict[frozenset[tuple[str, str]], dict[str, Any]] = {}
    for shown, found in picks:
        if frozenset(found) not in plans:
            boxes = [nodes[name] for name in names if name in shown]
            arrows = [edges[step] for step in steps if step in found]
            about = map_labels.summary(whole, shown, found, lang)
            plans[frozenset(found)] = _plan(boxes, arrows, places, names, steps) | {
                "caption": phrases.say("map.caption", lang, **about),
                "desc": phrases.say("map.desc", lang, **about),
            }
    numbers = {key: number for number, key in enumerate(plans)}
    return {
        "activities": list(ACTIVITIES),
        "paths": list(PATHS),
        "plan": [numbers[frozenset(found)] for _, found in picks],
        "plans": list(plans.values()),
        "nodes": list(nodes.values()),
        "steps": list(edges.values()),
        "legend": [map_labels.legend(metric, lang) for metric in metrics],
    }


def _every(
    step: tuple[str, str], known: Mapping[str, float], metrics: Sequence[str], say: map_labels.Wording
) -> dict[str, Any]:
    """A path with what each metric says of it, and a label as wide as the widest."""
    labels = [map_labels.said(dict(known), say._replace(metric=metric)) for metric in metrics]
    widths = [map_labels.width(label) for label in labels]
    values = [None if known[metric] != known[metric] else known[metric] for metric in metrics]
    path = map_labels.edge(step, dict(known), say)
    del path["value"], path["label"]
    return path | {"label_w": max(widths), "widths": widths, "values": values, "labels": labels}


def _plan(
    boxes: list[dict[str, Any]],
    arrows: list[dict[str, Any]],
    places: Mapping[str, int],
    names: Sequence[str],
    steps: Sequence[tuple[str, str]],
) -> dict[str, Any]:
    """Where the boxes and paths of one level stand, in one column, in two and in more."""
    stand = placed(boxes, arrows, places)
    at_box = {name: number for number, name in enumerate(names)}
    at_step = {step: number for number, step in enumerate(steps)}
    for arrow, route in zip(arrows, stand.plan.routes, strict=True):
        arrow["kind"] = kind((arrow["source"], arrow["target"]), route)
    folds: list[dict[str, Any]] = []
    for columns in range(1, MOST_COLUMNS + 1):
        plan = stand.folded(columns)
        lines = [
            [
                at_step[arrow["source"], arrow["target"]],
                map_svg.path(route.points),
                *(round(at, 1) for at in route.label),
            ]
            for arrow, route in zip(arrows, plan.routes, strict=True)
        ]
        if folds and (plan.width > WIDEST_FOLD * plan.height or lines == folds[-1]["edges"]):
            break
        boxed = [[at_box[box["id"]], *plan.boxes[box["id"]]] for box in boxes]
        size = {"width": round(plan.width, 1), "height": round(plan.height, 1)}
        folds.append(size | {"nodes": boxed, "edges": lines})
    return {"folds": folds}
