"""How does the process run? The map to touch: sliders, filters by a click, cases that flow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import anywidget
import traitlets

from l2c import discover
from l2c.log import END, START, EventLog
from l2c.show.filters import Filters, is_report, plays, selection_of
from l2c.show.live import assets, differences, grouping, playback
from l2c.show.live.address import told_of
from l2c.show.live.playing import playing
from l2c.show.live.selection import Selection, chip
from l2c.show.live.why import why
from l2c.show.map import details, levels, paper
from l2c.show.map.choice import METRICS, steps_of
from l2c.show.map.process_map import MapPicture, process_map, renumbered
from l2c.words import phrases, vocabulary
from l2c.words.errors import L2CError, UnknownName

STATE: dict[str, Any] = {
    "metric": "cases",
    "activities": None,
    "paths": None,
    "direction": "down",
    "theme": "auto",
    "compare": False,
    "against": [],
    "where": [],
    "hidden": [],
    "groups": {},
}
# Which cases: set by what is clicked, never as a setting.
CASES = {"where", "against"}
SHARES = ("activities", "paths")
# Where nobody has told how large the place of the map is.
ROOM = (1000.0, 700.0)
CHOICES = {"metric": METRICS, "direction": ("down", "right"), "theme": ("auto", "light", "dark")}


class ProcessMap(anywidget.AnyWidget):
    """A process map that can be touched, in JupyterLab, Notebook, VS Code and Voilà; elsewhere it is a picture.

    A click on an activity or a path narrows the cases to those through it, around it, starting or ending there, or
    slower than 90 % are; chips show what is in force. The cases can be played back, and compared with all others.

    Parameters
    ----------
    log
        A log, or what `show.filters` returned: then the map and everything that follows the panel share one choice.
    state
        Where to begin: any of `metric` (as for `show.process_map`), `activities` and `paths` (shares; None: as
        many activities as can be read, and the usual paths), `direction` (`down`, `right`), `theme` (`auto`, `light`, `dark`), `where` (`[{"word": "region", "value": ["EMEA"]}]`),
        `hidden` (activities that are not shown), `groups` (`{"Approvals": ["Discount Approved", "Contract Approved"]}`: drawn as
        one), `compare` (colour the differences of the chosen cases from all others, or from those of `against`, which is
        written like `where`). Plain data, so that papermill can set it.
    lang
        `en` or `ja`.
    height
        Height of the map on the screen, in pixels.

    Attributes
    ----------
    state
        The same dict, as the person has left it; setting it changes the map.
    log
        The chosen cases.

    Raises
    ------
    L2CError
        If the state names something that is not there.
    """

    _esm = assets.script("dom", "menu", "canvas", "sheet", "controls", "replay", "map")
    _css = assets.styles("live", "map")

    spec = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    height = traitlets.Int(700).tag(sync=True)
    flow_of = traitlets.Dict().tag(sync=True)
    moves = traitlets.Bytes().tag(sync=True)

    def __init__(
        self,
        log: EventLog | Selection | Filters,
        state: Mapping[str, Any] | None = None,
        *,
        lang: str = "en",
        height: int = 700,
    ) -> None:
        self._ready = False
        self.selection = selection_of(log)
        self._lang = phrases.language(lang)
        self._pictures: dict[tuple[Any, ...], MapPicture] = {}
        self._room, self._told_room = (ROOM[0], float(height)), False
        self._opened: dict[Any, float] = {}
        self._places: dict[str, dict[str, int]] = {}
        self._flows: dict[Any, Any] = {}
        self._grouped: dict[Any, tuple[EventLog, EventLog]] = {}
        begin = _valid(STATE | {"where": list(self.selection.where)} | dict(state or {}))
        super().__init__(state=begin, words=assets.wording(lang), height=height)
        self.selection.choose(begin["where"])
        self.selection.follow(self._follow)
        self.on_msg(self._told)
        self.observe(self._set, "state")
        self._ready = True
        self._draw()

    @property
    def log(self) -> EventLog:
        """The chosen cases."""
        return self.selection.log

    @property
    def picture(self) -> MapPicture:
        """What is seen, as a picture that can be saved."""
        return self._seen

    @traitlets.validate("state")
    def _checked(self, proposal: Any) -> dict[str, Any]:
        state = _valid(STATE | dict(proposal["value"]))
        drawn = {name for own in state["groups"].values() for name in own}
        if strange := sorted(drawn - set(self.selection.whole.activities)):
            raise UnknownName.activity(strange[0], self.selection.whole.activities)
        return state

    def _set(self, _: object) -> None:
        """Follow a state that was set as a whole."""
        if self._ready:
            self.selection.choose(self.state["where"])
            self._draw()

    def _follow(self) -> None:
        """Follow a choice made here or elsewhere."""
        self._put(where=list(self.selection.where))

    def _put(self, **changed: Any) -> None:
        # Told once, drawn once.
        self._ready = False
        self.state = self.state | changed
        self._ready = True
        self._draw()

    def _told(self, _: object, message: Any, __: object) -> None:
        """Do what a click in the browser asks for; nonsense is left alone."""
        try:
            self._do(message)
        except L2CError as error:
            self.send({"trouble": str(error)})

    def _do(self, message: Any) -> None:
        match message:
            case {"do": "set", **changed}:
                self._put(**{name: value for name, value in changed.items() if name in STATE.keys() - CASES})
            case {"do": "narrow", "word": str(word), "value": value}:
                self.selection.narrow(word, value)
            case {"do": "slower", "step": [*step]}:
                self.selection.narrow("slower", [*step, _p90(self.log, step)])
            case {"do": "remove", "place": int(place)}:
                self.selection.remove(place)
            case {"do": "undo"}:
                self.selection.undo()
            case {"do": "clear"}:
                self.selection.clear()
            case {"do": "keep"}:
                self._put(against=list(self.selection.where), compare=True)
            case {"do": "let_go"}:
                self._put(against=[])
            case {"do": "replay", "attribute": attribute}:
                self._play(attribute)
            case {"do": "hide", "id": str(name)}:
                self._put(hidden=sorted({*self.state["hidden"], name} - {START, END}))
            case {"do": "show", "id": str(name)}:
                self._put(hidden=[each for each in self.state["hidden"] if each != name])
            case {"do": "join", "step": [str(a), str(b)]}:
                self._put(groups=grouping.joined(self.state["groups"], a, b, self._lang))
            case {"do": "part", "id": str(name)}:
                self._put(groups={each: own for each, own in self.state["groups"].items() if each != name})
            case {"do": "details", "id": str(name)}:
                self.send({"details": self._details(name), "id": name})
            case {"do": "why", "step": [*step]} if not self.state["groups"]:
                self.send({"details": why(self.log, [str(name) for name in step], self._lang), "id": "why"})
            case {"do": "room", "width": int(width) | float(width), "height": int(height) | float(height)}:
                self._stand((max(float(width), 1.0), max(float(height), 1.0)))

    def _stand(self, room: tuple[float, float]) -> None:
        """Fit the map where it stands; how much of it is shown is decided once."""
        before = self._level(), self._fitted()
        self._room = room
        if not self._told_room:
            self._told_room, self._opened = True, {}
        if (self._level(), self._fitted()) != before:
            self._draw()

    def _details(self, name: str) -> list[dict[str, Any]]:
        log = self._drawn(self.log)
        counted = discover.activities(log).set_index("activity")["cases"]
        cases = int(counted[name]) if name in counted.index else None
        whole = steps_of(self._flow(self.log, self.state["metric"]))
        return details.details(name, whole, self._lang, cases=cases, of=log.n_cases)

    def _level(self, room: tuple[float, float] | None = None) -> dict[str, float]:
        """The share of the activities and of the paths: what was chosen, else what can be read where the map stands."""
        paths = levels.USUAL_PATHS if self.state["paths"] is None else self.state["paths"]
        activities = self.state["activities"]
        if activities is None:
            # As it was at first, whichever way the map is turned and whatever it shows.
            key = (paths, room)
            if key not in self._opened:
                self._opened[key] = levels.opening(lambda share: self._map(share, paths), room or self._room)
            activities = self._opened[key]
        return {"activities": activities, "paths": paths}

    def _fitted(self, room: tuple[float, float] | None = None) -> MapPicture:
        """The map of the whole log, folded as fits where it stands."""
        level = self._level(room)
        return self._map(level["activities"], level["paths"]).fitting(*(room or self._room))

    def _map(self, activities: float, paths: float, direction: str | None = None) -> MapPicture:
        """The map of the whole log, which gives every box its place whatever is chosen."""
        metric: str = self.state["metric"]
        way: Any = direction or self.state["direction"]
        hidden, groups = self.state["hidden"], self.state["groups"]
        key = (metric, activities, paths, way, self.selection.whole.hours, *hidden, repr(groups))
        if key not in self._pictures:
            self._pictures[key] = process_map(
                self._flow(self.selection.whole, metric),
                metric=metric,
                activities=activities,
                paths=paths,
                lang=self._lang,
                order=self._order,
                direction=way,
                currency=self.selection.whole.currency,
                hidden=hidden,
            )
        return self._pictures[key]

    @property
    def _order(self) -> dict[str, int]:
        key = repr(self.state["groups"])
        if key not in self._places:
            self._places[key] = discover.activity_order(self._flow(self.selection.whole, "cases"))
        return self._places[key]

    def _flow(self, log: EventLog, metric: str) -> Any:
        log, whole = self._drawn(log), log is self.selection.whole
        kept, key = self._flows, (metric == "amount", whole)
        if key not in kept or kept[key][0] is not log:
            kept[key] = log, discover.flow(log, amounts=metric == "amount")
        return kept[key][1]

    def _drawn(self, log: EventLog) -> EventLog:
        """The log with what is drawn as one activity as one."""
        groups = self.state["groups"]
        if not groups:
            return log
        key = repr(groups), log is self.selection.whole
        if key not in self._grouped or self._grouped[key][0] is not log:
            self._grouped[key] = log, log.grouped(groups)
        return self._grouped[key][1]

    def _draw(self) -> None:
        selection, lang, state = self.selection, self._lang, self.state
        whole, metric = selection.whole, state["metric"]
        seen = self._fitted()
        if selection.where:
            seen = renumbered(seen, self._flow(selection.log, metric), whole.currency)
        drawn = dict(seen.spec)
        if state["compare"] and (selection.where or state["against"]):
            drawn |= self._compared(drawn)
            seen = MapPicture(drawn)
        self._seen = seen
        self.spec = drawn | {
            "level": self._level(),
            "chips": selection.chips(lang),
            # On a picture that is taken away, people stand as they do in comparisons.
            "told": [chip(each, lang) for each in told_of(selection.where, whole)],
            "against": ", ".join(chip(each, lang) for each in state["against"]),
            "sentence": selection.sentence(lang),
            "hidden": [[name, vocabulary.label(name, lang)] for name in state["hidden"]],
            "groups": list(state["groups"]),
            "empty": phrases.say("nothing.cases", lang) if not selection.log.n_cases else "",
            "undo": selection.can_undo,
            "metrics": [[name, phrases.say(f"live.metric.{name}", lang)] for name in self._metrics()],
            "attributes": playback.colours(whole, lang),
        }

    def _compared(self, spec: dict[str, Any]) -> dict[str, Any]:
        """What changes on the map when the chosen cases are compared with those kept, or with all others."""
        selection, kept = self.selection, self.state["against"]
        if not kept:
            own, others = self._drawn(selection.log), selection.log.others()
            return differences.marked(spec, own, self._grouped_by(others), self._lang)
        if list(selection.where) in ([], kept):
            return {"caption": [spec["caption"][0], phrases.say("map.compare.choose", self._lang)]}
        return differences.marked(
            spec, self._drawn(selection.log), self._grouped_by(selection.narrowed(kept)), self._lang
        )

    def _grouped_by(self, log: EventLog) -> EventLog:
        groups = self.state["groups"]
        return log.grouped(groups) if groups else log

    def _metrics(self) -> list[str]:
        whole = self.selection.whole
        money = "amount" in whole.attributes and whole.one_currency
        return [name for name in METRICS if name != "amount" or money]

    def _play(self, attribute: str | None) -> None:
        steps = [(edge["source"], edge["target"]) for edge in self.spec["edges"]]
        about, moves = playback.encoded(self._drawn(self.log), steps, attribute, self._lang)
        # Together, since the one says how to read the other.
        with self.hold_sync():
            self.flow_of, self.moves = about, moves

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if plays():
            shown = playing(self._drawn(self.log), self.state, self._on_paper(), lang=self._lang, height=self.height)
            return shown._repr_mimebundle_()
        still = self._seen._repr_mimebundle_()
        if is_report():
            return still
        # The picture stands in where no widget can be shown.
        return assets.bundle(self) | still

    def _on_paper(self) -> MapPicture:
        """What is printed: as much as can be read on a page."""
        paths = levels.USUAL_PATHS if self.state["paths"] is None else self.state["paths"]
        seen = paper.printed(lambda share, way: self._map(share, paths, way), self.state["activities"])
        if self.selection.where:
            seen = renumbered(seen, self._flow(self.log, self.state["metric"]), self.selection.whole.currency)
        return seen

    def __repr__(self) -> str:
        return repr(self._seen)


def _valid(state: dict[str, Any]) -> dict[str, Any]:
    for name in state:
        if name not in STATE:
            raise UnknownName.metric(name, STATE)
    for name, choices in CHOICES.items():
        if state[name] not in choices:
            raise UnknownName.metric(str(state[name]), choices)
    shares = {name: None if state[name] is None else min(max(float(state[name]), 0.0), 1.0) for name in SHARES}
    lists = {name: [dict(each) for each in state[name]] for name in CASES}
    groups = {str(name): [str(each) for each in own] for name, own in dict(state["groups"]).items()}
    return state | shares | lists | {"hidden": [str(name) for name in state["hidden"]], "groups": groups}


def _p90(log: EventLog, step: list[str]) -> float:
    """Days within which 90 % of the waits of a step are over, or of all waits before an activity."""
    import narwhals as nw

    from l2c import engine

    waits = log.events.filter(nw.col("next_activity") == step[-1])
    if len(step) == 2:
        waits = waits.filter(nw.col("activity") == step[0])
    found = engine.collect(waits.select(nw.col("wait_days").quantile(0.9, "linear").alias("days")))["days"].iloc[0]
    if found != found:
        raise UnknownName.activity(vocabulary.label(step[-1]), log.activities)
    return round(float(found), 6)
