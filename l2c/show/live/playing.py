"""How does the living map play on a page that nothing stands behind: no kernel, no server, no network?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from l2c import discover
from l2c.diagnose.behind import of_activities, of_steps
from l2c.discover.flow import places
from l2c.log import END, START, EventLog
from l2c.measures.behind import Places
from l2c.show import numbers
from l2c.show.behind import behind
from l2c.show.live import assets, playback
from l2c.show.map import details, paper
from l2c.show.map.choice import METRICS, steps_of
from l2c.show.map.levels import levels
from l2c.show.map.process_map import MapPicture
from l2c.show.markup import Html, clean
from l2c.words import phrases

# Cases that are played, and about so many moves of theirs: a page of half a megabyte.
PLAYED_IN_PAGE, MOST_MOVES = 1_500, 20_000
MOST_BYTES_PLAYED = 1_200_000


def playing(log: EventLog, state: Mapping[str, Any], still: MapPicture, *, lang: str = "en", height: int) -> Html:
    """Write the map of a log so that it plays in the page: sliders, metrics, details, search, replay of a sample of cases.

    Parameters
    ----------
    log
        The cases it is of.
    state
        How it begins, as for `show.ProcessMap`; of its conditions the log has been chosen by.
    still
        The picture that stands for it on paper, and where no script may run.
    lang
        `en` or `ja`.
    height
        Height of the map on the screen, in pixels.

    Returns
    -------
    HTML with its script and data inside, which asks for nothing from elsewhere; the same log gives the same bytes.
    """
    data = _data(log, state, lang) | {"height": height}
    leads = _lead(data, log, lang)
    text = _written(data)
    # A process of very many paths has fewer columns to choose from, that its page stays as light as others.
    for folds in (2, 1):
        if len(text.encode()) > MOST_BYTES_PLAYED:
            data["plans"] = [plan | {"folds": plan["folds"][:folds]} for plan in data["plans"]]
            text = _written(data)
    spans = "".join(f"<span{each}></span>" for each in leads)
    key = "p" + hashlib.sha256(text.encode()).hexdigest()[:10]
    # Nothing in the data can end the element it stands in.
    safe = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    code = assets.script("dom", "menu", "canvas", "sheet", "controls", "replay", "map", "alone")
    begin = f'const place = document.getElementById("{key}");\nalone(place.querySelector(".l2c-alive"), JSON.parse(place.querySelector("[type=\\"application/json\\"]").textContent));\nplace.classList.add("plays");'
    lying = " lying" if paper.lies(still) else ""
    html = (
        f"<style>{assets.styles('live', 'map', 'alone')}</style>"
        f'<div class="l2c-playing" id="{key}"><div class="l2c-still{lying}">{still.svg}</div><div class="l2c-alive"></div><div class="l2c-map-leads" hidden>{spans}</div>'
        f'<script type="application/json">{safe}</script></div><script type="module">{code}\n{begin}</script>'
    )
    return Html(html, repr(still))


def _lead(data: dict[str, Any], log: EventLog, lang: str) -> list[str]:
    """Let boxes and paths lead to their cases: each is told the place of its attributes among those that are returned."""
    boxes = {each["id"]: each for each in data["nodes"] if each["id"] not in (START, END)}
    ways = {(each["source"], each["target"]): each for each in data["steps"]}
    known: list[tuple[dict[str, Any], str, Places | None]]
    known = [(boxes[name], details.named(name, lang), found) for name, found in of_activities(log, boxes).items()]
    taken = of_steps(log, ways)
    known += [
        (way, " → ".join(details.named(end, lang) for end in step), taken.get(step)) for step, way in ways.items()
    ]
    attributes: list[str] = []
    for part, name, places_ in known:
        if places_ is not None and len(places_):
            part["lead"] = len(attributes)
            attributes.append(behind(places_, phrases.named(name, numbers.count(len(places_), "case", lang), lang)))
    return attributes


def _written(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _data(log: EventLog, state: Mapping[str, Any], lang: str) -> dict[str, Any]:
    money = "amount" in log.attributes and log.one_currency
    flow = discover.flow(log, amounts=money)
    metrics = [name for name in METRICS if name != "amount" or money]
    laid = levels(flow, metrics=metrics, lang=lang, order=places(log), currency=log.currency)
    whole, cases = steps_of(flow), discover.activities(log).set_index("activity")["cases"]
    for node in laid["nodes"]:
        counted = int(cases[node["id"]]) if node["id"] in cases.index else None
        node["details"] = details.details(node["id"], whole, lang, cases=counted, of=log.n_cases)
    most = int(min(PLAYED_IN_PAGE, max(MOST_MOVES * log.n_cases // max(log.n_events, 1), 1)))
    steps = [(each["source"], each["target"]) for each in laid["steps"]]
    begin = {name: value for name, value in state.items() if name not in ("where", "against", "compare", "groups")}
    return _clean(
        laid
        | playback.packed(log, steps, lang, most=most)
        | {
            "title": phrases.say("map.title", lang),
            "sentence": numbers.count(log.n_cases, "case", lang),
            "metrics": [[name, phrases.say(f"live.metric.{name}", lang)] for name in metrics],
            "state": begin
            | {"direction": "down", "metric": begin["metric"] if begin["metric"] in metrics else "cases"},
            "words": assets.wording(lang),
        }
    )


def _clean(value: Any) -> Any:
    """Without signs that may stand in no page."""
    match value:
        case str():
            return clean(value)
        case dict():
            return {name: _clean(each) for name, each in value.items()}
        case list() | tuple():
            return [_clean(each) for each in value]
    return value
