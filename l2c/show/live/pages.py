"""How do pages that share one choice of cases stand side by side?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import anywidget
import ipywidgets
import traitlets

from l2c.log import EventLog
from l2c.measures.behind import unpacked
from l2c.show import leads
from l2c.show.filters import Filters, is_report
from l2c.show.live import assets
from l2c.show.live.against import Against
from l2c.show.live.card import Card, Lead
from l2c.show.live.cases import Cases
from l2c.show.live.levers import Levers
from l2c.show.live.living_map import ProcessMap
from l2c.show.live.outcomes import Outcomes
from l2c.show.live.standouts import Standouts
from l2c.show.markup import escape
from l2c.words import phrases
from l2c.words.errors import L2CError

# What is slow waits so long for the next click: the panel and the map answer first, and several clicks draw once.
_WAIT = 0.01
# Between two views, long enough for a click to be heard.
_BREATH = 0.005
# What is old while the new is worked out is dimmed.
_STALE = "l2c-stale"
_LATE = object()
MAP = "process"
Part: TypeAlias = "Callable[[EventLog], object] | ipywidgets.Widget | After | Beside"


@dataclass(frozen=True)
class After:
    """A part that takes seconds: it is drawn when all others are.

    `quick` makes of a log what can be shown of it until then.
    """

    part: Callable[[EventLog], object] | ipywidgets.Widget
    quick: Callable[[EventLog], object] | None = None


@dataclass(frozen=True)
class Beside:
    """Parts that stand side by side where there is room, the first as wide as two of the others."""

    parts: tuple[Callable[[EventLog], object] | ipywidgets.Widget | After, ...]


class Head(anywidget.AnyWidget):
    """The head of the dashboard: its name, its pages, whether it is busy."""

    _esm = assets.script("dom", "pages")
    _css = assets.styles("live", "pages")

    title = traitlets.Unicode().tag(sync=True)
    facts = traitlets.Unicode().tag(sync=True)
    pages: Any = traitlets.List().tag(sync=True)
    page = traitlets.Unicode().tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    # Whether the page stands in the browser: what takes seconds waits for that, since the browser asks for all of it first.
    seen = traitlets.Bool(False).tag(sync=True)
    theme = traitlets.Unicode("auto").tag(sync=True)
    words = traitlets.Dict().tag(sync=True)


class Pages(ipywidgets.VBox):
    """Pages of views beside one filter panel; a page is drawn when it is looked at.

    Parameters
    ----------
    panel
        What `show.filters` returned, with widgets.
    contents
        For each page, by its id, its name and a function that returns its parts: widgets as they are, and functions that
        take a log and return something to show.
    title, facts
        What stands in the head.
    lang
        `en` or `ja`.
    instance_url
        Address of the Salesforce org: records become links.
    homes
        For a key figure the page that tells more of it.
    """

    def __init__(
        self,
        panel: Filters,
        contents: Mapping[str, tuple[str, Callable[[], Sequence[Part]]]],
        *,
        title: str,
        facts: str,
        lang: str = "en",
        instance_url: str | None = None,
        homes: Mapping[str, str] | None = None,
    ) -> None:
        self._filters, self._contents, self._lang = panel, contents, lang
        self._homes = dict(homes or {})
        self._made: dict[str, _Page] = {}
        self._timer: asyncio.TimerHandle | None = None
        names = [[id, name] for id, (name, _) in contents.items()]
        self.head = Head(title=title, facts=facts, pages=names, page=names[0][0], words=assets.wording(lang))
        side = ipywidgets.Box([panel.widget])
        self._body = ipywidgets.Box([])
        # The cases behind what was clicked last; another choice closes it.
        self.drawer = Cases(lang=lang, instance_url=instance_url, closed=self._close)
        self.drawer.add_class("l2c-drawer")
        self._is_open = False
        body = ipywidgets.HBox([side, self._body])
        super().__init__([self.head, body])
        for widget, style in ((self, "dash"), (body, "body"), (side, "side"), (self._body, "page")):
            widget.add_class(f"l2c-{style}")
        self._body.layout.flex_flow = "column"
        self.head.observe(self._turn, "page")
        self.head.observe(self._paint, "theme")
        self.head.observe(lambda _: self._soon(), "seen")
        panel.selection.follow(self._soon)
        self._turn()

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        said = f"{self.head.title}: {self.head.facts}"
        shown = {"text/plain": said, "text/html": f"<p>{escape(said)}</p>"}
        return shown if is_report() else assets.bundle(self) | shown

    def _turn(self, _: object = None) -> None:
        name = self.head.page
        if name not in self._contents:
            return
        if name not in self._made:
            with self._telling():
                self._made[name] = _Page(self._contents[name][1](), self._lang, self.lead)
        self._is_open = False
        self._lay()
        self._soon()

    def _lay(self) -> None:
        """Put the page that is looked at into sight, under the cases behind what was clicked."""
        page = self._made.get(self.head.page)
        self._body.children = [*([self.drawer] if self._is_open else []), *(page.widgets if page else [])]
        self._paint()

    def _close(self) -> None:
        self._is_open = False
        self._lay()

    def lead(self, message: Mapping[str, Any]) -> None:
        """Do what a person asks of a part: show its cases, keep only them, see them on the map, go to a page."""
        selection = self._filters.selection
        match message:
            case {"do": "page", "page": str(page)} if page in self._contents:
                self.head.page = page
            case {"do": "page", "figure": str(figure)} if figure in self._homes:
                self.head.page = self._homes[figure]
            case {"do": "again"} if made := self._made.get(self.head.page):
                made.forget()
                self._soon()
            case {"do": "show" | "keep" | "map" as does, **said}:
                try:
                    if not (asked := self._asked(said)):
                        return
                    if does == "show":
                        self._show([*selection.where, *asked], str(said.get("label", "")))
                        return
                    selection.choose([*selection.where, *(each for each in asked if each not in selection.where)])
                except (L2CError, ValueError, TypeError, KeyError) as error:
                    # What no longer is in the log is told where the filters are; nonsense is left alone.
                    self._filters.widget.send(
                        {"trouble": error.said(self._lang)} if isinstance(error, L2CError) else {}
                    )
                    return
                if does == "map":
                    self.head.page = MAP

    def _asked(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The conditions of a click, with the names of people as the log has them."""
        match said:
            case {"where": [*where]}:
                return leads.named(
                    [{"word": str(each["word"]), "value": each["value"]} for each in where], self._filters.log
                )
            case {"cases": str(packed), "label": str(label)} if len(unpacked(packed)):
                return [{"word": "cases", "value": {"cases": packed, "label": label[:200]}}]
        return []

    def _show(self, where: Sequence[Mapping[str, Any]], title: str) -> None:
        self.drawer.show(self._filters.selection.narrowed(where), title)
        if not self._is_open:
            self._is_open = True
            self._lay()

    def _paint(self, _: object = None) -> None:
        for widget in (self._filters.widget, *_all(self._body.children)):
            if isinstance(widget, anywidget.AnyWidget) and widget.has_trait("theme"):
                widget.theme = self.head.theme
            elif isinstance(widget, ProcessMap):
                widget.state = widget.state | {"theme": self.head.theme}

    def _soon(self) -> None:
        """Draw the page that is looked at, after the quick answers have gone out."""
        page = self._made.get(self.head.page)
        if page is None:
            self._turn()
            return
        if not page.stale(self._filters.log):
            return
        self.head.busy = True
        page.dim()
        self._later(page.draw(self._filters.log), _WAIT)

    def _later(self, drawing: Iterator[object], wait: float) -> None:
        """Draw view by view: what is finished is seen, and a click in between is answered and begins anew."""
        if self._timer is not None:
            self._timer.cancel()
        try:
            self._timer = asyncio.get_running_loop().call_later(wait, self._draw, drawing)
        except RuntimeError:
            # Nothing runs in the background, as in a test.
            with self._telling():
                for done in drawing:
                    if done is _LATE and not self.head.seen:
                        break
            self.head.busy = False

    def _draw(self, drawing: Iterator[object]) -> None:
        with self._telling():
            done = next(drawing, self)
        if done is self:
            self.head.busy = False
        elif done is not _LATE or self.head.seen:
            self._later(drawing, _BREATH)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Say on the page that something failed, as when the files of the log have gone."""
        try:
            yield
        except Exception:
            self.head.busy = False
            self._made.pop(self.head.page, None)
            failed = ipywidgets.HTML(f'<p role="alert">{escape(phrases.say("live.failed", self._lang))}</p>')
            self._body.children = [failed.add_class("l2c-card")]
            raise


class _Page:
    """The widgets of a page, and the cases they were drawn for."""

    def __init__(self, parts: Sequence[Part], lang: str, lead: Lead) -> None:
        self._drawn: EventLog | None = None
        self._lang, self._lead = lang, lead
        self._views: list[_View] = []
        self._late: list[_View] = []
        self._quick: list[Card] = []
        self.widgets = [self._widget(part) for part in parts]

    def _widget(self, part: Part) -> Any:
        if isinstance(part, Beside):
            return ipywidgets.HBox([self._widget(each) for each in part.parts]).add_class("l2c-beside")
        late = part if isinstance(part, After) else None
        found = part.part if isinstance(part, After) else part
        quick = late.quick if late else None
        view = found if isinstance(found, ipywidgets.Widget) else Card(found, quick, lang=self._lang)
        if quick is not None:
            self._quick.append(view)
        if key := getattr(found, "key", ""):
            view.add_class(f"l2c-part-{key}")
        if isinstance(view, (Against, Card, Standouts)):
            view.lead = self._lead
        # Some follow the choice by themselves; others are drawn with the page.
        if isinstance(view, _View):
            (self._late if late else self._views).append(view)
        if late and quick is None:
            view.add_class("l2c-late")
        return view

    def stale(self, log: EventLog) -> bool:
        return bool(self._views or self._late) and self._drawn is not log

    def forget(self) -> None:
        """Draw anew, whatever was drawn."""
        self._drawn = None

    def dim(self) -> None:
        """Say of all that they show what was before."""
        for view in (*self._views, *self._late):
            view.add_class(_STALE)

    def draw(self, log: EventLog) -> Iterator[object]:
        """Draw view by view, and tell where those begin that take seconds."""
        self._drawn = None
        for card in self._quick:
            card.sketch(log)
            yield None
        yield from self._all(self._views, log)
        yield _LATE
        yield from self._all(self._late, log)
        self._drawn = log

    def _all(self, views: Sequence[_View], log: EventLog) -> Iterator[object]:
        for view in views:
            if isinstance(view, (Levers, Standouts)):
                # What takes seconds is drawn bit by bit.
                yield from view.draw(log)
            else:
                view.draw(log)
            view.remove_class(_STALE)
            yield None


_View: TypeAlias = Against | Card | Cases | Levers | Outcomes | Standouts


def _all(widgets: Sequence[Any]) -> Iterator[Any]:
    """Widgets, and those in their boxes."""
    for widget in widgets:
        yield widget
        if isinstance(widget, ipywidgets.Box):
            yield from _all(widget.children)
