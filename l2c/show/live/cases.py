"""Which case is it, and what happened to it? A list to sort and search, and the events of the one that is opened."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import anywidget
import pandas as pd
import traitlets

from l2c import discover, engine
from l2c.log import EventLog
from l2c.show import cells, numbers, tables
from l2c.show.charts.timeline import timeline
from l2c.show.filters import Filters, is_report, selection_of
from l2c.show.live import assets
from l2c.show.live.selection import Selection
from l2c.show.markup import escape
from l2c.system.cells import safe
from l2c.words import phrases, vocabulary
from l2c.words.errors import L2CError

MOST_LINES = 200
# The list is as wide as the page lets it: what is looked for first stands first.
_SHOWN = (
    "case_id", "account", "duration_days", "amount", "currency", "status", "rep", "region", "product", "started", "events",
)  # fmt: skip


class Cases(anywidget.AnyWidget):
    """A list of cases beside the timeline of the one that is opened.

    Parameters
    ----------
    log
        A log, or what `show.filters` returned: then the list follows the choice. Without it, `draw` fills the list.
    rows
        Takes a log, returns a table with a column `case_id`; the cases themselves unless given.
    title
        What stands above the list.
    by
        A column of texts: the list can be narrowed to one of them, each with its number of rows.
    lang
        `en` or `ja`.
    instance_url
        Address of the Salesforce org: records become links.
    hidden
        Columns of `rows` that are not shown but go along when the list is taken away as CSV.
    closed
        What is done when a person closes the list; without it, it cannot be closed.
    """

    _esm = assets.script("dom", "cases")
    _css = assets.styles("live", "cases")

    spec = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    theme = traitlets.Unicode("auto").tag(sync=True)

    def __init__(
        self,
        log: EventLog | Selection | Filters | None = None,
        *,
        rows: Callable[[EventLog], pd.DataFrame] | None = None,
        title: str = "",
        by: str | None = None,
        lang: str = "en",
        instance_url: str | None = None,
        hidden: Collection[str] = (),
        closed: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(words=assets.wording(phrases.language(lang)))
        self._make, self._title, self._lang, self._url = rows, title, lang, instance_url
        self._log: EventLog | None = None
        self._table, self._is_part = pd.DataFrame({"case_id": []}), False
        self._sort: tuple[str, bool] | None = None
        self._by, self._only, self._hidden, self._closed = by, "", hidden, closed
        self._text, self._open, self._detail = "", "", ""
        self.on_msg(self._told)
        self._write()
        if log is not None:
            selection = selection_of(log)
            selection.follow(lambda: self.draw(selection.log))
            self.draw(selection.log)

    def draw(self, log: EventLog) -> None:
        """List what there is in other cases."""
        self._log = log
        # A million events answer at once where no more is fetched than is shown.
        self._is_part = self._make is None and not self._text and not self._sort
        self._table = self._make(log) if self._make else cases_of(log, MOST_LINES if self._is_part else None)
        self._write()

    def show(self, log: EventLog, title: str) -> None:
        """List other cases under another title, as if nothing had been looked for."""
        n = numbers.count(log.n_cases, "case", self._lang)
        self._title = phrases.named(title, n, self._lang) if title else ""
        self._sort, self._only, self._text, self._open, self._detail = None, "", "", "", ""
        self.draw(log)

    @property
    def table(self) -> pd.DataFrame:
        """All rows that are looked for, in the order asked for."""
        self._whole()
        return self._found()

    def _whole(self) -> None:
        """Fetch what is not shown yet."""
        if self._is_part and self._log:
            self._table, self._is_part = cases_of(self._log), False

    def _found(self) -> pd.DataFrame:
        """The rows that are looked for, in the order asked for."""
        found = _having(self._table, self._text, self._lang)
        if self._only:
            found = found[found[self._by] == self._only]
        if self._sort:
            column, falling = self._sort
            found = found.sort_values(column, ascending=not falling, kind="stable", na_position="last")
        return found

    def _write(self) -> None:
        lang = self._lang
        found = self._found()
        choices = self._choices(_having(self._table, self._text, lang))
        shown = found.head(MOST_LINES)
        names = [str(name) for name in self._table.columns if name not in self._hidden]
        currency = self._log.currency if self._log else None
        note, total = "", self._log.n_cases if self._log and self._is_part else len(found)
        if total > len(shown):
            note = phrases.say("cases.first", lang, shown=numbers.number(MOST_LINES), all=numbers.number(total))
        self.spec = {
            "title": self._title or numbers.count(total, "case", lang),
            "note": note if total or self._log is None else phrases.say("no_rows", lang),
            "columns": [
                {
                    "name": vocabulary.label(name, lang),
                    "right": tables.is_number(self._table[name], name),
                    "long": name == "reasons",
                }
                for name in names
            ],
            "key": names.index("case_id"),
            "rows": [
                {
                    "case": str(row["case_id"]),
                    "cells": [_cell(row[name], name, lang, currency) for name in names],
                }
                for row in shown.to_dict("records")
            ],
            "sort": [names.index(self._sort[0]), self._sort[1]] if self._sort else [-1, False],
            "choices": choices,
            "open": self._open,
            "detail": self._detail,
            "closes": self._closed is not None,
        }

    def _choices(self, found: pd.DataFrame) -> dict[str, Any] | None:
        """What the list can be narrowed to: value, name, rows; most rows first."""
        if self._by is None or self._by not in self._table:
            return None
        rows = found[self._by].value_counts().reindex(self._table[self._by].unique(), fill_value=0)
        named = [(str(value), tables.cell(value, self._by, lang=self._lang), int(n)) for value, n in rows.items()]
        all_of_them = phrases.say("cases.all", self._lang)
        return {
            "name": vocabulary.label(self._by, self._lang),
            "chosen": self._only,
            "values": [["", all_of_them, len(found)], *sorted(named, key=lambda each: (-each[2], each[1]))],
        }

    def _told(self, _: object, message: Any, __: object) -> None:
        match message:
            case {"do": "find", "text": str(text)}:
                self._whole()
                self._text = text.strip().casefold()
            case {"do": "sort", "place": int(place)} if 0 <= place < len(self._table.columns):
                self._whole()
                column = str(self._table.columns[place])
                self._sort = (column, self._sort == (column, False))
            case {"do": "only", "value": str(value)} if self._by is not None:
                self._only = value
            case {"do": "open", "case": str(case)}:
                self._show(case)
            case {"do": "take"}:
                self._whole()
                self.send({"name": self._title or self.spec["title"], "csv": csv(self._found())})
                return
            case {"do": "close"} if self._closed is not None:
                self._closed()
                return
            case _:
                return
        self._write()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        self._whole()
        still = tables.table(self._table, lang=self._lang, currency=self._log.currency if self._log else None)
        return still._repr_mimebundle_() if is_report() else assets.bundle(self) | still._repr_mimebundle_()

    def _show(self, case: str) -> None:
        if self._log is None:
            return
        self._open = case
        try:
            events = discover.timeline(self._log, case)
            self._detail = timeline(events, lang=self._lang, instance_url=self._url, title=case).html
        except L2CError as error:
            self._detail = escape(str(error))


def cases_of(log: EventLog, most: int | None = None) -> pd.DataFrame:
    """List the cases of a log, or the first of them, longest first, with what is known of them."""
    there = log.cases.collect_schema().names()
    # Without its currency, an amount among others would say something wrong.
    wanted = [name for name in _SHOWN if name in there and (name != "currency" or not log.one_currency)]
    rows = log.cases.select(*wanted)
    if most is not None:
        rows = rows.sort("duration_days", "case_id", descending=[True, False], nulls_last=True).head(most)
    table = engine.collect(rows)
    for name in ("started", "ended"):
        if name in table:
            table[name] = log.clock.shown(table[name])
    return table.sort_values(["duration_days", "case_id"], ascending=[False, True], ignore_index=True)


def csv(table: pd.DataFrame) -> str:
    """A list as it goes out: numbers and days as such, and no text that a spreadsheet would compute."""
    bare = table.map(cells.bare)
    return str(safe(bare).to_csv(index=False, lineterminator="\r\n"))


def _cell(value: Any, column: str, lang: str, currency: str | None) -> Any:
    """A text, or what is more than that: where its bar stands, where its link leads."""
    text = tables.cell(value, column, lang=lang, currency=currency)
    if isinstance(value, cells.Share):
        ends = [None if numbers.is_missing(end) else float(end) for end in (value.low, value.high)]
        return {"main": value.main, "sub": value.sub, "share": [float(value.value), *ends]}
    if isinstance(value, cells.Said):
        return {"main": value.main, "sub": value.sub}
    return {"main": text, "href": value.address} if isinstance(value, cells.Link) else text


def _having(table: pd.DataFrame, text: str, lang: str) -> pd.DataFrame:
    """Rows in which a text stands, as it is shown."""
    if not text:
        return table
    wanted = pd.Series(False, index=table.index)
    for name in table.columns:
        if not tables.is_number(table[name], str(name)):
            wanted |= tables.texts(table[name], str(name), lang).str.casefold().str.contains(text, regex=False)
    return table[wanted]
