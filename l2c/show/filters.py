"""Which cases do we speak of?"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from l2c.show import conditions, markup, numbers
from l2c.show.live import assets
from l2c.show.live.selection import Selection
from l2c.show.markup import escape
from l2c.show.tables import table as _table
from l2c.system.extras import LIVE, need
from l2c.words import phrases, vocabulary
from l2c.words.errors import L2CError

if TYPE_CHECKING:
    import ipywidgets

    from l2c.log import EventLog
    from l2c.show.live.panel import Panel

ATTRIBUTES = (
    "rep",
    "team",
    "region",
    "product",
    "segment",
    "lead_source",
    "outcome",
    "currency",
    "amount",
    "opened",
    "duration",
)
REPORT, PAGES = "L2C_REPORT", "pages"


def filters(
    log: EventLog,
    *,
    attributes: Sequence[str] = ATTRIBUTES,
    lang: str = "en",
    interactive: bool | None = None,
) -> Filters:
    """Make a panel to choose cases by rep, region, product and whatever else is known of them.

    Parameters
    ----------
    log
        The log to choose from.
    attributes
        What to choose by: case attributes, and `outcome`, `opened` (the day of the first event) and `duration` (days from
        the first to the last event). Those the log lacks, or of which it knows one value only, are left out.
    lang
        `en` or `ja`.
    interactive
        False shows the selection as text, for reports; widgets unless the environment says `L2C_REPORT=1`.

    Returns
    -------
    A panel that shows itself. Its `log` holds the chosen cases; what `follow` returns is drawn anew whenever the
    choice changes. Given to `show.ProcessMap`, panel and map share one choice.

    Raises
    ------
    MissingExtra
        If widgets are wanted and not installed.
    """
    if interactive is None:
        interactive = not is_report()
    if interactive:
        need("notebook", *LIVE)
    there = {*log.attributes, "opened", "duration", *(["outcome"] if log.base.knows_outcomes else [])}
    return Filters(log, [a for a in attributes if a in there], phrases.language(lang), interactive)


def selection_of(log: EventLog | Selection | Filters) -> Selection:
    """Return the choice that a view shares with a panel, or a new one for a log of its own."""
    if isinstance(log, Filters):
        return log.selection
    return log if isinstance(log, Selection) else Selection(log)


def is_report() -> bool:
    """Whether this is a report, where nothing can be clicked."""
    return os.environ.get(REPORT, "") not in ("", "0")


def plays() -> bool:
    """Whether this is for the pages of a report, in which the map plays by itself."""
    return os.environ.get(REPORT) == PAGES


class Filters:
    """A choice of cases, and the views that follow it.

    Attributes
    ----------
    selection
        The choice itself, which other views may share.
    """

    def __init__(self, log: EventLog, attributes: Sequence[str], lang: str, interactive: bool) -> None:
        self.selection = Selection(log)
        self._lang = lang
        self._views: list[View] = []
        self._panel: Panel | None = None
        if interactive:
            from l2c.show.live.panel import Panel

            self._panel = Panel(self.selection, attributes, lang)
        self.selection.follow(self._redraw)

    @property
    def widget(self) -> Panel:
        """The panel in the browser; only for one that is shown with widgets."""
        assert self._panel is not None, "a panel that is text has no widget"
        return self._panel

    @property
    def log(self) -> EventLog:
        """The chosen cases, as a log."""
        return self.selection.log

    def follow(self, view: Callable[[EventLog], object]) -> View:
        """Show what a function makes of the chosen cases, and again whenever the choice changes.

        Parameters
        ----------
        view
            Takes a log, returns anything that can be shown: a picture, cards, a table, or a list of these.
        """
        self._views.append(View(view, self.log, self._lang, live=self._panel is not None))
        return self._views[-1]

    def select(self, *, opened: tuple[str | None, str | None] | None = None, **values: Any) -> None:
        """Choose by program what a person would choose with the mouse: `panel.select(region=["EMEA"])`.

        Parameters
        ----------
        opened
            First and last month or day of the start, `("2025-01", "2025-06")`.
        **values
            Attribute and its values, or a range written as text, `amount="1000..5000"`; what is not named is not
            filtered.
        """
        where = [{"word": name, "value": chosen} for name, chosen in values.items() if chosen]
        if opened:
            where.append({"word": "opened", "value": "..".join(end or "" for end in opened)})
        self.selection.choose(where)

    def _redraw(self) -> None:
        for view in self._views:
            view.draw(self.log)

    def _sentence(self, *, bold: bool = False) -> str:
        n, total = numbers.number(self.log.n_cases), numbers.count(self.log.base.n_cases, "case", self._lang)
        how_many = escape(phrases.say("of", self._lang, n=n, total=total))
        facts = [f"<b>{how_many}</b>" if bold else how_many]
        facts += [
            escape(conditions.condition(word, text, self._lang)) for word, text in sorted(self.log.filters.items())
        ]
        if self.log.day_hours is not None:
            facts.append(escape(phrases.say("working.log", self._lang, n=f"{self.log.day_hours:.3g}")))
        return " · ".join(facts)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        shown = {
            "text/html": f'<div style="{_BOX}">{self._sentence(bold=True)}</div>',
            "text/plain": repr(self),
        }
        return shown if self._panel is None else {**assets.bundle(self._panel), **shown}

    def __repr__(self) -> str:
        import html

        return phrases.named(phrases.say("filters", self._lang), html.unescape(self._sentence()), self._lang)


class View:
    """Something shown that follows a choice of cases."""

    def __init__(self, make: Callable[[EventLog], object], log: EventLog | None, lang: str, *, live: bool) -> None:
        self._make = make
        self._lang = lang
        self.widget: ipywidgets.HTML | None = None
        self.bundle: dict[str, Any] = {}
        if live:
            import ipywidgets

            self.widget = ipywidgets.HTML()
        # Without a log, the first call of `draw` will be the first picture.
        if log is not None:
            self.draw(log)

    def draw(self, log: EventLog) -> None:
        """Show the view for other cases."""
        self.bundle = self._draw(log)
        if self.widget is not None:
            self.widget.value = as_html(self.bundle)

    def _draw(self, log: EventLog) -> dict[str, Any]:
        if not log.n_cases:
            return _message(phrases.say("nothing.cases", self._lang))
        try:
            return bundle(self._make(log), self._lang)
        except L2CError as error:
            # Few cases may leave nothing to measure; the next choice may be fine.
            return _message(error.said(self._lang))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return self.bundle if self.widget is None else {**assets.bundle(self.widget), **self.bundle}

    def __repr__(self) -> str:
        return str(self.bundle.get("text/plain", ""))


def bundle(thing: object, lang: str = "en") -> dict[str, Any]:
    """Return how a thing shows itself, as MIME types; a list shows its parts one below the other."""
    if isinstance(thing, (list, tuple)):
        parts = [bundle(part, lang) for part in thing]
        html = "".join(f'<div style="margin-bottom:12px">{as_html(part)}</div>' for part in parts)
        return {"text/html": html, "text/plain": "\n\n".join(str(part.get("text/plain", "")) for part in parts)}
    if isinstance(thing, pd.DataFrame):
        thing = _table(thing, lang=lang)
    if hasattr(thing, "_repr_mimebundle_"):
        found = thing._repr_mimebundle_()
        # Some return (data, metadata).
        return dict(found[0] if isinstance(found, tuple) else found)
    if hasattr(thing, "_repr_html_"):
        return {"text/html": thing._repr_html_(), "text/plain": repr(thing)}
    return {"text/plain": str(thing)}


def as_html(shown: dict[str, Any]) -> str:
    """Return the part of a MIME bundle that a page can hold."""
    for kind in ("text/html", "image/svg+xml"):
        if kind in shown:
            return str(shown[kind])
    return f'<pre style="white-space:pre-wrap">{escape(shown.get("text/plain", ""))}</pre>'


_BOX = f"{markup.PAPER};border:1px solid #d5dde8;border-radius:8px;padding:8px 12px;font-size:14px"


def _name(word: str, lang: str) -> str:
    return phrases.say("filters.started", lang) if word == "opened" else vocabulary.label(word, lang)


def _message(text: str) -> dict[str, Any]:
    return {"text/html": f'<div style="{_BOX};color:#64748b">{escape(text)}</div>', "text/plain": text}
