"""What a visitor asks of the whole dashboard: its state in the address, named views, files to take away, questions in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from l2c.dashboard import reporting, taking, views
from l2c.dashboard.away import Away, kind_of
from l2c.log import EventLog
from l2c.show.filters import Filters
from l2c.show.live import address
from l2c.show.live.address import State
from l2c.show.live.levers import Levers
from l2c.show.live.living_map import CHOICES, ProcessMap
from l2c.show.live.living_map import STATE as MAP
from l2c.show.live.pages import After, Beside, Pages
from l2c.show.live.selection import comma
from l2c.show.live.tray import Tray
from l2c.words import phrases, questions, vocabulary
from l2c.words.errors import L2CError

# Attributes by whose values a question in words may choose cases, and how many values are looked through.
ASKED, MOST_ASKED = ("region", "product", "segment", "team", "lead_source", "rep"), 500
# What of the map is of the person, not of what is shown.
_OWN = {"theme", "where"}


class Desk:
    """What stands above the pages, and what it does with them.

    Parameters
    ----------
    log, panel
        The whole log, and what chooses from it.
    pages
        Names of the pages by their ids.
    saved
        Where the log is saved; without it nothing can be kept beside it, and no report made.
    settings
        What a report takes besides the selection: `names, smallest, rules, register, alerts, client`.
    """

    def __init__(
        self,
        log: EventLog,
        panel: Filters,
        pages: Mapping[str, str],
        *,
        lang: str,
        saved: str | Path | None = None,
        settings: Mapping[str, Any],
    ) -> None:
        self._log, self._panel, self._names, self._lang = log, panel, dict(pages), lang
        self._saved = Path(saved).resolve() if saved is not None and Path(saved).is_dir() else None
        self._hours = log.hours
        self._map: dict[str, Any] = {}
        self._levers: dict[str, int] = {}
        self._cost: float | None = None
        self._wanted: tuple[str, ...] = ()
        self._is_quiet = False
        self._before: tuple[Any, ...] = ()
        able = ["views", *(["report"] if reporting.can_report() else [])] if self._saved else []
        able += ["pdf"] if "report" in able and reporting.browser() else []
        self.tray = Tray(lang, able)
        self.tray.on_msg(self._told)
        self._away = Away(log, panel, self.tray, lang, self._saved, settings)

    # --- What is on the pages

    def noting(self, id: str, make: Callable[[], Sequence[Any]]) -> Callable[[], list[Any]]:
        """The parts of a page, which note what they show; each is known in the browser by a class of its own."""

        def parts() -> list[Any]:
            return [self._part(f"{id}-{place}", part) for place, part in enumerate(make(), 1)]

        return parts

    def _part(self, key: str, part: Any) -> Any:
        if isinstance(part, After):
            return After(self._part(key, part.part), part.quick)
        if isinstance(part, Beside):
            return Beside(tuple(self._part(f"{key}-{place}", each) for place, each in enumerate(part.parts, 1)))
        if hasattr(part, "add_class"):
            part.add_class(f"l2c-part-{key}")
            self._away.widgets[key] = part
            self._met(part)
            return part
        if not callable(part):
            return part
        self._away.makers[key] = part
        kept = self._away.shown.setdefault(key, [])
        noted = taking.noting(part, kept)

        def drawn(log: EventLog) -> object:
            found = noted(log)
            self._away.tell()
            self._reveal(key)
            return found

        drawn.key = key  # type: ignore[attr-defined]
        return drawn

    def beside(self, pages: Pages) -> Pages:
        """Put the tray below the head of the pages, and follow what is done there."""
        self._pages = pages
        head, *rest = pages.children
        pages.children = [head, self.tray.boxed(), *rest]
        pages.head.observe(lambda _: self._moved(), "page")
        pages.head.observe(lambda _: setattr(self.tray, "theme", pages.head.theme), "theme")
        self._panel.selection.follow(self._moved)
        self._away.tell()
        return pages

    def _met(self, part: Any) -> None:
        """Let a part begin as the address says, and follow it from then on."""
        if isinstance(part, ProcessMap):
            if self._map:
                part.state = part.state | self._map
            part.observe(lambda _: self._map_moved(part), "state")
        elif isinstance(part, Levers):
            part.place(self._levers, self._cost)
            part.follow(lambda: self._levers_moved(part))

    def _map_moved(self, part: ProcessMap) -> None:
        if self._is_quiet:
            return
        self._map = {key: value for key, value in part.state.items() if key not in _OWN and value != MAP.get(key)}
        self._moved()

    def _levers_moved(self, part: Levers) -> None:
        if self._is_quiet:
            return
        if part.unknown:
            self._say(address.told(("levers",), self._log, self._lang))
        self._levers, self._cost = part.placed
        self._moved()

    # --- The address

    @property
    def state(self) -> State:
        """What is being looked at."""
        selection = self._panel.selection
        page = self._pages.head.page
        page = "" if page == next(iter(self._names)) else page
        hours = selection.whole.hours if selection.whole.hours != self._hours else ""
        return State(page, hours, tuple(selection.where), self._map, self._levers, self._cost)

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        self._is_quiet = True
        try:
            yield
        finally:
            self._is_quiet = False

    def _moved(self) -> None:
        """Write the address anew; *back* leads to another page and another choice, not to every place of a slider."""
        if self._is_quiet:
            return
        state = self.state
        fragment, left_out = address.written(state, self._log)
        now = (state.page, state.hours, state.where)
        what = comma(self._lang).join(dict.fromkeys(vocabulary.label(word, self._lang) for word in left_out))
        short = phrases.say("address.short", self._lang, what=what) if left_out else ""
        place = {"fragment": fragment, "step": now != self._before, "short": short}
        # Several parts tell of one and the same move.
        if place | {"step": True} != self.tray.place | {"step": True}:
            self.tray.place = place
        self._before = now
        self._away.tell()

    def go(self, text: str, *, names: bool = False) -> None:
        """Show what an address, or a view that was kept, says; what means nothing here is left out and told."""
        state, left_out = address.read(text, self._log, self._names, MAP, names=names, lang=self._lang)
        self._map = {key: value for key, value in state.map.items() if key not in CHOICES or value in CHOICES[key]}
        left_out += ("map",) if len(self._map) < len(state.map) and "map" not in left_out else ()
        self._levers, self._cost = dict(state.levers), state.cost
        with self._quiet():
            if not self._choose(state):
                left_out = (*left_out, "choice")
            for part in self._away.widgets.values():
                if isinstance(part, ProcessMap):
                    own = {key: part.state[key] for key in _OWN}
                    try:
                        part.state = MAP | self._map | own | {"where": list(self._panel.selection.where)}
                    except (L2CError, ValueError, TypeError, KeyError):
                        self._map, left_out = {}, (*left_out, "map")
                elif isinstance(part, Levers):
                    part.place(self._levers, self._cost)
            self._pages.head.page = state.page or next(iter(self._names))
        self._say(address.told(left_out, self._log, self._lang))
        # What comes of an address is no step of its own.
        self._before = (state.page, state.hours, tuple(self._panel.selection.where))
        self._moved()

    def _choose(self, state: State) -> bool:
        selection = self._panel.selection
        selection.count_in(state.hours or self._hours)  # type: ignore[arg-type]
        try:
            selection.choose(state.where)
        except Exception:
            # Whatever an address may hold that only shows when the cases are counted.
            selection.choose(())
            return False
        return True

    # --- What the browser asks

    def _told(self, _: object, message: Any, __: object) -> None:
        match message:
            case {"do": "go", "fragment": str(text)}:
                self.go(text)
            case {"do": "heard"}:
                self._say("")
            case {"do": "ask", "text": str(text)}:
                self._answer(text[:200])
            case {"do": "answer", "id": str(id), "text": str(text)}:
                self._lead(id, text[:200])
            case {"do": "take", "part": str(key), "kind": "csv" | "xlsx" as kind}:
                self._away.take(key, kind, message.get("table"))
            case {"do": "picture", "part": str(key), "kind": "svg" | "png" as kind}:
                self._away.picture(key, kind)
            case {"do": "report", "kind": "html" | "pdf" as kind} if kind in ("html", *self.tray.able):
                self._away.report(kind)
            case {"do": "views" | "keep_view" | "open_view" | "forget_view" as what} if self._saved:
                self._view(what, message.get("name"))

    def _say(self, text: str) -> None:
        self.tray.said = text

    def _view(self, what: str, name: Any) -> None:
        assert self._saved is not None
        file, text = views.beside(self._saved), name if isinstance(name, str) else ""
        try:
            match what:
                case "keep_view" if not views.named(text):
                    self._say(phrases.say("desk.view_no_name", self._lang))
                case "keep_view":
                    state, _ = address.written(self.state, self._log, names=True)
                    done = views.keep(file, text, state)
                    said = "desk.view_kept" if done else "desk.view_full"
                    self._say(phrases.say(said, self._lang, name=views.named(text)))
                case "forget_view":
                    views.forget(file, text)
                case "open_view":
                    found = next((each for each in views.views(file) if each.name == text), None)
                    if found:
                        self.go(found.state, names=True)
        except OSError:
            self._say(phrases.say("desk.view_cannot", self._lang))
        kept = [(each.name, each.saved) for each in views.views(file)]
        self.tray.views = [
            [name, phrases.say("desk.saved_on", self._lang, day=day) if day else ""] for name, day in kept
        ]

    # --- A question in words

    def _answer(self, text: str) -> None:
        found = questions.meant(text, self._names)
        listed = found or [each for each in questions.questions() if each.page(self._names)][:6]
        answers = [
            {"id": each.id, "text": each.said(self._lang), "where": self._names[each.page(self._names) or ""]}
            for each in listed
        ]
        self.tray.send({"answers": answers, "text": text, "found": bool(found) or not text.strip()})

    def _lead(self, id: str, text: str) -> None:
        """Turn to the page that answers a question; values that stand in it choose the cases."""
        question = next((each for each in questions.questions() if each.id == id), None)
        page = question.page(self._names) if question else None
        if question is None or page is None:
            return
        with self._quiet():
            for word, value in self._named(text):
                self._panel.selection.put(word, [value])
        self._wanted = question.parts
        self._pages.head.page = page
        self._moved()
        for key in [*self._away.widgets, *self._away.shown]:
            if key.split("-")[0] == page:
                self._reveal(key)

    def _named(self, text: str) -> list[tuple[str, str]]:
        """Values of attributes that stand in a text as whole words."""
        found = []
        for word in (word for word in ASKED if word in self._log.attributes):
            values = [
                value for value in self._log.distinct(word)[:MOST_ASKED] if isinstance(value, str) and len(value) > 1
            ]
            for value in sorted(values, key=len, reverse=True):
                # Japanese puts its particles right behind a name.
                if re.search(rf"(?<![A-Za-z0-9_]){re.escape(value)}(?![A-Za-z0-9_])", text, re.IGNORECASE):
                    found.append((word, value))
                    break
        return found

    def _reveal(self, key: str) -> None:
        """Bring the part that was asked for into sight, as soon as it is there."""
        part = self._away.widgets.get(key)
        there = {*([kind_of(part)] if part is not None else []), *(each.name for each in self._away.shown.get(key, ()))}
        if not there & set(self._wanted):
            return
        # Of several, the one that answers best; once.
        best = next(name for name in self._wanted if name in there)
        self._wanted = self._wanted[: self._wanted.index(best)]
        self.tray.send({"show": key})
