"""What a visitor asks of the whole dashboard: its state in the address, named views, files to take away, questions in words."""

from __future__ import annotations

import asyncio
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from l2c import discover
from l2c.dashboard import reporting, taking, views
from l2c.dashboard.taking import Shown
from l2c.log import EventLog
from l2c.show import dates
from l2c.show.filters import Filters
from l2c.show.live import address
from l2c.show.live.address import State
from l2c.show.live.cases import Cases
from l2c.show.live.levers import Levers
from l2c.show.live.living_map import STATE as MAP
from l2c.show.live.living_map import ProcessMap
from l2c.show.live.pages import After, Beside, Pages
from l2c.show.live.selection import chip, comma
from l2c.show.live.standouts import Standouts
from l2c.show.live.tray import Tray
from l2c.show.live.variants import Variants
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
        What a report takes besides the selection: `names, smallest, rules, register, alerts`.
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
        self._settings, self._hours = settings, log.hours
        self._shown: dict[str, list[Shown]] = {}
        self._widgets: dict[str, Any] = {}
        self._makers: dict[str, Callable[[EventLog], object]] = {}
        self._map: dict[str, Any] = {}
        self._levers: dict[str, int] = {}
        self._cost: float | None = None
        self._wanted: tuple[str, ...] = ()
        self._is_quiet, self._is_busy = False, False
        self._before: tuple[Any, ...] = ()
        able = ["views", *(["report"] if reporting.can_report() else [])] if self._saved else []
        able += ["pdf"] if "report" in able and reporting.browser() else []
        self.tray = Tray(lang, able)
        self.tray.on_msg(self._told)

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
            self._widgets[key] = part
            self._met(part)
            return part
        if not callable(part):
            return part
        self._makers[key] = part
        kept = self._shown.setdefault(key, [])
        noted = taking.noting(part, kept)

        def drawn(log: EventLog) -> object:
            found = noted(log)
            self._tell_about()
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
        self._tell_about()
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
        self._tell_about()

    def go(self, text: str, *, names: bool = False) -> None:
        """Show what an address, or a view that was kept, says; what means nothing here is left out and told."""
        state, left_out = address.read(text, self._log, self._names, MAP, names=names, lang=self._lang)
        self._map, self._levers, self._cost = dict(state.map), dict(state.levers), state.cost
        with self._quiet():
            if not self._choose(state):
                left_out = (*left_out, "choice")
            for part in self._widgets.values():
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
                self._take(key, kind, message.get("table"))
            case {"do": "picture", "part": str(key), "kind": "svg" | "png" as kind}:
                self._picture(key, kind)
            case {"do": "report", "kind": "html" | "pdf" as kind} if kind in ("html", *self.tray.able):
                self._report(kind)
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
        for key in [*self._widgets, *self._shown]:
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
        part = self._widgets.get(key)
        there = {*([_kind(part)] if part is not None else []), *(each.name for each in self._shown.get(key, ()))}
        if not there & set(self._wanted):
            return
        # Of several, the one that answers best; once.
        best = next(name for name in self._wanted if name in there)
        self._wanted = self._wanted[: self._wanted.index(best)]
        self.tray.send({"show": key})

    # --- What is taken away

    def _lines(self) -> list[str]:
        """What is said of everything that is taken away: which cases, of which time, and when it was taken."""
        selection, lang = self._panel.selection, self._lang
        # A picture goes further than the page: people stand on it as they stand in comparisons.
        shown = selection.where if self._log.origin.names else address.without_names(selection.where, self._log)
        said = [selection.sentence(lang), *(chip(each, lang) for each in shown)]
        return [" · ".join([phrases.say("dashboard.title", lang), *said]), " · ".join([*self._period, self._today])]

    @cached_property
    def _period(self) -> list[str]:
        if not self._log.n_cases:
            return []
        first, last, _ = self._log.period()
        said = {"first": dates.day(first, self._lang), "last": dates.day(last, self._lang)}
        return [phrases.say("desk.data_to", self._lang, **said)]

    @property
    def _today(self) -> str:
        return phrases.say("desk.saved_on", self._lang, day=f"{datetime.now():%Y-%m-%d}")

    def _tell_about(self) -> None:
        """What can be taken away of each part, and what is written on it."""
        parts: dict[str, Any] = {}
        for key, shown in self._shown.items():
            if shown:
                parts[key] = {"name": shown[0].title[:80], "file": shown[0].name}
                parts[key]["tables"] = any(each.table is not None for each in shown)
                parts[key]["drawn"] = any(each.is_chart for each in shown)
        for key, part in self._widgets.items():
            title = getattr(part, "_title", "")
            parts[key] = {"name": title if isinstance(title, str) else "", "file": _kind(part)}
            tables = isinstance(part, (ProcessMap, Cases, Variants))
            # Of a list that scrolls, a picture would be a part.
            parts[key] |= {"tables": tables, "drawn": isinstance(part, ProcessMap), "list": isinstance(part, Cases)}
        self.tray.about = {"lines": self._lines(), "file": f"l2c_{datetime.now():%Y-%m-%d}", "parts": parts}

    def _tables(self, key: str, read: Any) -> list[tuple[str, pd.DataFrame]]:
        part = self._widgets.get(key)
        if isinstance(part, ProcessMap):
            return [("map", discover.flow(part.log))]
        if isinstance(part, (Cases, Variants)):
            return [(_kind(part), part.table)]
        found = [(each.name, each.table) for each in self._shown.get(key, ()) if each.table is not None]
        seen = taking.read(read) if not found else None
        return found if seen is None else [(key, seen)]

    def _take(self, key: str, kind: str, read: Any) -> None:
        found = self._tables(key, read)
        if not found:
            return
        file = f"{self.tray.about['file']}_{found[0][0]}"
        if kind == "csv":
            for name, table in found:
                self._hand(f"{self.tray.about['file']}_{name}.csv", taking.CSV, taking.csv(table, self._lang))
            return
        lang = self._lang
        title = self.tray.about["parts"].get(key, {}).get("name", "")
        about = [("", line) for line in ([title] if title else []) + self._lines()]
        named = [(vocabulary.label(name, lang), table) for name, table in found]
        made = taking.xlsx(named, about, phrases.say("desk.about", lang), lang)
        self._hand(f"{file}.xlsx", taking.XLSX, made)

    def _picture(self, key: str, kind: str) -> None:
        """Draw a picture anew, whole and in shapes, whatever the page made of it; the browser puts it on a sheet."""
        part = self._widgets.get(key)
        if isinstance(part, ProcessMap):
            title, drawn = str(part.picture.spec["title"]), [part.picture.svg]
        elif key in self._makers and self._panel.log.n_cases:
            try:
                # Its title stands in it.
                title, drawn = "", [each.svg() for each in taking.pictures(self._makers[key](self._panel.log))]
            except L2CError as error:
                self._say(error.said(self._lang))
                return
        else:
            return
        name = self.tray.about["parts"].get(key, {}).get("file", "picture")
        file = f"{self.tray.about['file']}_{name}"
        self.tray.send({"pictures": drawn, "kind": kind, "file": file, "title": title})

    def _hand(self, file: str, kind: str, content: bytes) -> None:
        self.tray.send({"file": file, "type": kind}, buffers=[content])

    # --- The report of this selection

    def _report(self, kind: str) -> None:
        """Have the report made while the visitor goes on; one at a time."""
        if self._is_busy or self._saved is None:
            return
        if not self._panel.log.n_cases:
            self._say(phrases.say("desk.report_none", self._lang))
            return
        selection = self._panel.selection
        settings = {**self._settings, "lang": self._lang, "hours": selection.whole.hours}
        where, saved = tuple(selection.where), self._saved
        try:
            loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            loop = None

        def later(act: Callable[..., object], *given: object) -> None:
            # Widgets speak from the thread of the kernel alone.
            act(*given) if loop is None else loop.call_soon_threadsafe(act, *given)

        def work() -> None:
            try:
                type_, content = reporting.made(saved, where, kind, settings, lambda *done: later(self._working, *done))
            except Exception as error:
                print(f"{type(error).__name__}: {error}", file=sys.__stderr__, flush=True)
                later(self._reported, None)
            else:
                later(self._reported, (type_, content))

        self._is_busy = True
        self._working(0, 0)
        if loop is None:
            work()
        else:
            threading.Thread(target=work, daemon=True).start()

    def _working(self, done: int, total: int) -> None:
        said = "desk.report_printing" if total and done == total else "desk.report_working"
        self._say(phrases.say(said, self._lang, done=done, total=total or len(reporting.SERIES)))

    def _reported(self, found: tuple[str, bytes] | None) -> None:
        self._is_busy = False
        if found is None:
            self._say(phrases.say("desk.report_failed", self._lang))
            return
        ending = {"application/zip": "zip", "application/pdf": "pdf"}[found[0]]
        self._hand(f"l2c_report_{datetime.now():%Y-%m-%d}.{ending}", found[0], found[1])
        self._say(phrases.say("desk.report_done", self._lang))


def _kind(part: Any) -> str:
    """What a part is called by questions and files: `map`, `variants`, `cases`, `levers`, `outcomes` …"""
    if isinstance(part, Standouts):
        return "findings"
    return "map" if isinstance(part, ProcessMap) else type(part).__name__.casefold()
