"""How do pages that share one choice of cases stand side by side?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import anywidget
import ipywidgets
import traitlets

from l2c.log import EventLog
from l2c.show.filters import Filters, View, is_report
from l2c.show.live import assets
from l2c.show.live.cases import Cases
from l2c.show.live.levers import Levers
from l2c.show.live.living_map import ProcessMap
from l2c.show.live.outcomes import Outcomes
from l2c.show.markup import escape
from l2c.words import phrases

# What is slow waits so long for the next click: the panel and the map answer first, and several clicks draw once.
_WAIT = 0.01
# Between two views, long enough for a click to be heard.
_BREATH = 0.005
Part: TypeAlias = "Callable[[EventLog], object] | ipywidgets.Widget"


class Head(anywidget.AnyWidget):
    """The head of the dashboard: its name, its pages, whether it is busy."""

    _esm = assets.script("dom", "pages")
    _css = assets.styles("live", "pages")

    title = traitlets.Unicode().tag(sync=True)
    facts = traitlets.Unicode().tag(sync=True)
    pages: Any = traitlets.List().tag(sync=True)
    page = traitlets.Unicode().tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    theme = traitlets.Unicode("auto").tag(sync=True)
    words = traitlets.Dict().tag(sync=True)


class Pages(ipywidgets.VBox):
    """Pages of views beside one filter panel; a page is drawn when it is looked at.

    Parameters
    ----------
    panel
        What `show.filters` returned, with widgets.
    contents
        For each page, by its name, a function that returns its parts: widgets as they are, and functions that take a
        log and return something to show.
    title, facts
        What stands in the head.
    lang
        `en` or `ja`.
    """

    def __init__(
        self,
        panel: Filters,
        contents: Mapping[str, Callable[[], Sequence[Part]]],
        *,
        title: str,
        facts: str,
        lang: str = "en",
    ) -> None:
        self._filters, self._contents, self._lang = panel, contents, lang
        self._made: dict[str, _Page] = {}
        self._timer: asyncio.TimerHandle | None = None
        names = [[name, name] for name in contents]
        self.head = Head(title=title, facts=facts, pages=names, page=names[0][0], words=assets.wording(lang))
        side = ipywidgets.Box([panel.widget])
        self._body = ipywidgets.Box([])
        body = ipywidgets.HBox([side, self._body])
        super().__init__([self.head, body])
        for widget, style in ((self, "dash"), (body, "body"), (side, "side"), (self._body, "page")):
            widget.add_class(f"l2c-{style}")
        self._body.layout.flex_flow = "column"
        self.head.observe(self._turn, "page")
        self.head.observe(self._paint, "theme")
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
                self._made[name] = _Page(self._contents[name](), self._lang)
        self._body.children = [part for part in self._made[name].widgets]
        self._paint()
        self._soon()

    def _paint(self, _: object = None) -> None:
        for widget in (self._filters.widget, *self._body.children):
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
        self._later(page.draw(self._filters.log), _WAIT)

    def _later(self, drawing: Iterator[None], wait: float) -> None:
        """Draw view by view: what is finished is seen, and a click in between is answered and begins anew."""
        if self._timer is not None:
            self._timer.cancel()
        try:
            self._timer = asyncio.get_running_loop().call_later(wait, self._draw, drawing)
        except RuntimeError:
            # Nothing runs in the background, as in a test.
            with self._telling():
                for _ in drawing:
                    pass
            self.head.busy = False

    def _draw(self, drawing: Iterator[None]) -> None:
        with self._telling():
            done = next(drawing, self) is self
        if done:
            self.head.busy = False
        else:
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

    def __init__(self, parts: Sequence[Part], lang: str) -> None:
        self._drawn: EventLog | None = None
        self._views: list[View | Cases | Levers | Outcomes] = []
        self.widgets: list[Any] = []
        for part in parts:
            if isinstance(part, ipywidgets.Widget):
                self.widgets.append(part)
                # Some follow the choice by themselves; others are drawn with the page.
                if isinstance(part, (Cases, Levers, Outcomes)):
                    self._views.append(part)
                continue
            view = View(part, None, lang, live=True)
            assert view.widget is not None
            view.widget.add_class("l2c-card")
            if key := getattr(part, "key", ""):
                view.widget.add_class(f"l2c-part-{key}")
            self._views.append(view)
            self.widgets.append(view.widget)

    def stale(self, log: EventLog) -> bool:
        return bool(self._views) and self._drawn is not log

    def draw(self, log: EventLog) -> Iterator[None]:
        self._drawn = None
        for view in self._views:
            if isinstance(view, Levers):
                # What takes seconds is drawn bit by bit.
                yield from view.draw(log)
            else:
                view.draw(log)
            yield
        self._drawn = log
