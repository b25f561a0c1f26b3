"""What would a change bring? Levers to move, and what comes of it, today beside changed, with ranges."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import anywidget
import pandas as pd
import traitlets
import yaml

from l2c.improve import sketch
from l2c.improve.backtest import NO
from l2c.improve.hooks import Plan
from l2c.improve.simulate import judged
from l2c.improve.sliders import Slider, changes, sliders
from l2c.improve.stays import MOST_LEARNT
from l2c.improve.twin import Twin, learned
from l2c.log import EventLog
from l2c.show import conditions, numbers, tables
from l2c.show.filters import Filters, is_report, selection_of
from l2c.show.live import answers, assets
from l2c.show.live.selection import Selection
from l2c.show.markup import escape
from l2c.words import phrases
from l2c.words.errors import L2CError

# Between a move and its answer, so that the last of several moves is answered; and between two years of a run.
_WAIT, _BREATH = 0.02, 0.005


class Levers(anywidget.AnyWidget):
    """A slider per standard lever of a log, and what they would bring together in a year.

    Parameters
    ----------
    log
        A log, or what `show.filters` returned. `draw` fills the page; a choice of other cases stops what is being worked out.
    lang
        `en` or `ja`.
    """

    _esm = assets.script("dom", "levers")
    _css = assets.styles("live", "levers")

    spec: Any = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    theme = traitlets.Unicode("auto").tag(sync=True)

    def __init__(self, log: EventLog | Selection | Filters, *, lang: str = "en") -> None:
        super().__init__(words=assets.wording(phrases.language(lang)))
        self._lang = lang
        self._log = selection_of(log).log
        self._sliders: list[Slider] = []
        self._places: dict[str, int] = {}
        self._cost: float | None = None
        self._ready: dict[int, sketch.Ready] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._said: dict[str, Any] = {}
        self._turn = 0
        self._followers: list[Callable[[], object]] = []
        self.unknown = False
        selection_of(log).follow(self._stop)
        self.on_msg(self._told)

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The `changes` of a file of changes, as the sliders stand."""
        return changes(self._sliders, self._places)

    @property
    def placed(self) -> tuple[dict[str, int], float | None]:
        """Where the sliders stand that are not at rest, and what a year of a person costs."""
        rests = {each.id: each.rest for each in self._sliders}
        return {id: at for id, at in self._places.items() if at != rests.get(id)}, self._cost

    def place(self, places: Mapping[str, int], cost: float | None) -> None:
        """Put the sliders where somebody else left them; `unknown` says whether some of them are not there."""
        self._places, self._cost = dict(places), cost
        if self._sliders:
            self._known_places()
            self._later(self._answer(), _WAIT)

    def follow(self, follower: Callable[[], object]) -> None:
        """Call a function when sliders stand elsewhere than before."""
        self._followers.append(follower)

    def _known_places(self) -> None:
        most = {each.id: len(each.values) for each in self._sliders}
        kept = {id: at for id, at in self._places.items() if 0 <= at < most.get(id, 0)}
        self.unknown = kept != self._places
        self._places = kept
        if self.unknown:
            self._moved()
            self.unknown = False

    def _moved(self) -> None:
        for follower in tuple(self._followers):
            follower()

    def draw(self, log: EventLog) -> Iterator[None]:
        """Fill the page for some cases, bit by bit: whether the model may be trusted, the levers, what they bring."""
        self._stop()
        self._log, self._sliders, self._ready = log, [], {}
        self._said = {"sentence": self._sentence(), "status": self._say("sliders.checking")}
        self._write()
        yield
        if not log.n_cases:
            self._tell(status="", verdict={"word": NO, "title": self._say("nothing.cases"), "why": ""})
            return
        try:
            word, why = judged(log)
            verdict = {"word": word, "title": self._say(f"sliders.{word}"), "why": tables.sentence(why, self._lang)}
            self._tell(verdict=verdict, status="" if word == NO else self._say("sliders.learning"))
            yield
            if word == NO:
                return
            twin = learned(log, MOST_LEARNT)
            yield
            self._sliders = sliders(log, twin)
            self._known_places()
            few = self._say("sliders.few_desks") if log.n_cases > MOST_LEARNT else ""
            self._tell(few=few if self._sliders else self._say("sliders.none"))
        except L2CError as error:
            self._tell(status="", verdict={"word": NO, "title": self._say("sliders.no"), "why": error.said(self._lang)})
            return
        yield from self._answer()

    def refine(self) -> Iterator[None]:
        """Work out the same with all cases, up to 20,000, and more years."""
        try:
            asked = sketch.asked(self._log, self.entries, self._cost)
            made = sketch.planned(self._log, asked, MOST_LEARNT)
        except L2CError as error:
            self._tell(status="", trouble=error.said(self._lang))
            return
        yield from self._years(
            made, sketch.ready(self._log, made.twin, sketch.MORE_YEARS).streamed(), sketch.MORE_YEARS, "fine"
        )

    def _answer(self) -> Iterator[None]:
        """What the sliders bring, told on few cases; the years as they are today were run once."""
        try:
            made = sketch.planned(self._log, sketch.asked(self._log, self.entries, self._cost))
        except L2CError as error:
            self._tell(status="", rows=[], trouble=error.said(self._lang))
            return
        years = self._years_of(made.twin)
        yield from self._years(made, years.each(), years.runs, "quick")

    def _years_of(self, twin: Twin) -> sketch.Ready:
        if id(twin) not in self._ready:
            self._ready[id(twin)] = sketch.ready(self._log, twin, sketch.few(twin))
        return self._ready[id(twin)]

    def _years(self, made: Plan, seen: sketch.Years, runs: int, kind: str) -> Iterator[None]:
        self._turn = turn = self._turn + 1
        found: pd.DataFrame | None = None
        for done, found in enumerate(sketch.told(seen, made), 1):
            if found is None and kind == "fine":
                self._tell(status=self._say("sliders.working", done=done, runs=runs))
            yield
            if turn != self._turn:
                # A later move is being answered.
                return
        assert found is not None
        n = numbers.number(len(made.twin.stays.keys))
        self._tell(
            status="",
            trouble="",
            basis=f"{self._say(f'sliders.{kind}', n=n, runs=runs)} {self._say('sliders.level')}",
            fine=kind == "fine",
            **answers.said(found, bool(self.entries), self._lang, self._log.currency),
        )

    def _sentence(self) -> str:
        log, lang = self._log, self._lang
        total = numbers.count(log.base.n_cases, "case", lang)
        of = phrases.say("of", lang, n=numbers.number(log.n_cases), total=total)
        said = [conditions.condition(word, text, lang) for word, text in sorted(log.filters.items())]
        return " · ".join([of, *said])

    def _say(self, name: str, **values: object) -> str:
        return phrases.say(name, self._lang, **values)

    def _tell(self, **said: Any) -> None:
        self._said |= said
        self._write()

    def _write(self) -> None:
        controls = [answers.control(each, self._places.get(each.id), self._lang) for each in self._sliders]
        people = any(entry.get("add") for entry in self.entries)
        added = [self._say("sliders.no_cost")] if people and self._cost is None else []
        self.spec = {
            **self._said, "sliders": controls, "asks_cost": people, "cost": self._cost, "more": added, "file": self.file,
        }  # fmt: skip

    @property
    def file(self) -> str:
        """The file of changes; empty where nothing is changed."""
        if not self.entries:
            return ""
        where = "".join(f" --where {shlex.quote(f'{word}={text}')}" for word, text in sorted(self._log.filters.items()))
        held = sketch.as_file(self.entries, self._cost)
        text = yaml.safe_dump(held, allow_unicode=True, sort_keys=False, default_flow_style=None, width=120)
        return f"# l2c simulate LOG change.yaml{where}\n{text}"

    def _told(self, _: object, message: Any, __: object) -> None:
        known = {each.id: each for each in self._sliders}
        match message:
            case {"do": "move", "id": str(id), "at": int(at)} if id in known and 0 <= at < len(known[id].values):
                self._places[id] = at
            case {"do": "cost", "value": (int() | float()) as value} if 0 <= value < 1e15:
                self._cost = float(value)
            case {"do": "cost", "value": None}:
                self._cost = None
            case {"do": "reset"}:
                self._places = {}
            case {"do": "refine"} if self._sliders:
                self._later(self.refine(), _WAIT)
                return
            case _:
                return
        self._moved()
        if self._sliders:
            self._later(self._answer(), _WAIT)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _later(self, work: Iterator[None], wait: float) -> None:
        """Go on with some work when nothing else is to be done; another move stops it."""
        self._stop()
        try:
            self._timer = asyncio.get_running_loop().call_later(wait, self._step, work)
        except RuntimeError:
            # Nothing runs in the background, as in a test.
            for _ in work:
                pass

    def _step(self, work: Iterator[None]) -> None:
        self._timer = None
        if next(work, self) is not self:
            self._later(work, _BREATH)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        said = str(self._said.get("sentence", ""))
        still = {"text/plain": said, "text/html": f"<p>{escape(said)}</p>"}
        return still if is_report() else assets.bundle(self) | still
