"""What is taken away from the dashboard: tables, pictures, the report of what is chosen, each with what it is of."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from l2c import discover
from l2c.dashboard import reporting, taking
from l2c.dashboard.taking import Shown
from l2c.log import EventLog
from l2c.show import dates
from l2c.show.filters import Filters
from l2c.show.live import address
from l2c.show.live.cases import Cases
from l2c.show.live.living_map import ProcessMap
from l2c.show.live.selection import chip
from l2c.show.live.standouts import Standouts
from l2c.show.live.tray import Tray
from l2c.show.live.variants import Variants
from l2c.words import phrases, vocabulary
from l2c.words.errors import L2CError


class Away:
    """What can be taken away, and how it goes out.

    Parameters
    ----------
    saved, settings
        As for `Desk`.

    Attributes
    ----------
    shown
        What each part of a page has shown, by its key.
    makers
        What draws each part.
    widgets
        Parts that are widgets themselves.
    """

    def __init__(
        self, log: EventLog, panel: Filters, tray: Tray, lang: str, saved: Path | None, settings: Mapping[str, Any]
    ) -> None:
        self._log, self._panel, self.tray, self._lang = log, panel, tray, lang
        self._saved, self._settings, self._is_busy = saved, settings, False
        self.shown: dict[str, list[Shown]] = {}
        self.makers: dict[str, Callable[[EventLog], object]] = {}
        self.widgets: dict[str, Any] = {}

    def _say(self, text: str) -> None:
        self.tray.said = text

    def _lines(self) -> list[str]:
        """What is said of everything that is taken away: which cases, of which time, and when it was taken."""
        selection, lang = self._panel.selection, self._lang
        # A picture goes further than the page: people stand on it as they stand in comparisons.
        said = [selection.sentence(lang), *(chip(each, lang) for each in address.told_of(selection.where, self._log))]
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

    def tell(self) -> None:
        """What can be taken away of each part, and what is written on it."""
        parts: dict[str, Any] = {}
        for key, shown in self.shown.items():
            if shown:
                parts[key] = {"name": shown[0].title[:80], "file": shown[0].name}
                parts[key]["tables"] = any(each.table is not None for each in shown)
                parts[key]["drawn"] = any(each.is_chart for each in shown)
        for key, part in self.widgets.items():
            title = getattr(part, "_title", "")
            parts[key] = {"name": title if isinstance(title, str) else "", "file": kind_of(part)}
            tables = isinstance(part, (ProcessMap, Cases, Variants))
            # Of a list that scrolls, a picture would be a part.
            parts[key] |= {"tables": tables, "drawn": isinstance(part, ProcessMap), "list": isinstance(part, Cases)}
        self.tray.about = {"lines": self._lines(), "file": f"l2c_{datetime.now():%Y-%m-%d}", "parts": parts}

    def _tables(self, key: str, read: Any) -> list[tuple[str, pd.DataFrame]]:
        part = self.widgets.get(key)
        if isinstance(part, ProcessMap):
            return [("map", discover.flow(part.log))]
        if isinstance(part, (Cases, Variants)):
            return [(kind_of(part), part.table)]
        found = [(each.name, each.table) for each in self.shown.get(key, ()) if each.table is not None]
        seen = taking.read(read) if not found else None
        return found if seen is None else [(key, seen)]

    def take(self, key: str, kind: str, read: Any) -> None:
        """Hand the tables of a part over, as CSV or for Excel; those that the page holds where the kernel keeps none."""
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

    def picture(self, key: str, kind: str) -> None:
        """Draw a picture anew, whole and in shapes, whatever the page made of it; the browser puts it on a sheet."""
        part = self.widgets.get(key)
        if isinstance(part, ProcessMap):
            title, drawn = str(part.picture.spec["title"]), [part.picture.svg]
        elif key in self.makers and self._panel.log.n_cases:
            try:
                # Its title stands in it.
                title, drawn = "", [each.svg() for each in taking.pictures(self.makers[key](self._panel.log))]
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

    def report(self, kind: str) -> None:
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


def kind_of(part: Any) -> str:
    """What a part is called by questions and files: `map`, `variants`, `cases`, `levers`, `outcomes` …"""
    if isinstance(part, Standouts):
        return "findings"
    return "map" if isinstance(part, ProcessMap) else type(part).__name__.casefold()
