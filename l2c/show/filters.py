"""Which cases do we speak of?"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from l2c import engine, vocabulary
from l2c.errors import L2CError
from l2c.show import markup, words
from l2c.show.markup import escape
from l2c.show.tables import table as _table

if TYPE_CHECKING:
    import ipywidgets

    from l2c.log import EventLog

ATTRIBUTES = ("rep", "region", "product")
REPORT = "L2C_REPORT"


def filters(
    log: EventLog,
    *,
    attributes: Sequence[str] = ATTRIBUTES,
    lang: str = "en",
    interactive: bool | None = None,
) -> Filters:
    """Make a panel to choose cases by rep, region, product and the month they started.

    Parameters
    ----------
    log
        The log to choose from.
    attributes
        Case attributes to choose by; those the log lacks are left out.
    lang
        `en` or `ja`.
    interactive
        False shows the selection as text, for reports; widgets unless the environment says `L2C_REPORT=1`.

    Returns
    -------
    A panel that shows itself. Its `log` holds the chosen cases; what `follow` returns is drawn anew whenever the
    choice changes.
    """
    if interactive is None:
        interactive = os.environ.get(REPORT, "") in ("", "0")
    return Filters(log, [a for a in attributes if a in log.attributes], words.language(lang), interactive)


class Filters:
    """A choice of cases, and the views that follow it.

    Attributes
    ----------
    log
        The chosen cases, as a log.
    """

    def __init__(self, log: EventLog, attributes: Sequence[str], lang: str, interactive: bool) -> None:
        self.log = log
        self._all = log
        self._lang = lang
        self._views: list[View] = []
        self._panel = _Panel(log, attributes, lang, self._choose) if interactive else None
        self._say()

    def follow(self, view: Callable[[EventLog], object]) -> View:
        """Show what a function makes of the chosen cases, and again whenever the choice changes.

        Parameters
        ----------
        view
            Takes a log, returns anything that can be shown: a picture, cards, a table, or a list of these.
        """
        self._views.append(View(view, self.log, self._lang, live=self._panel is not None))
        return self._views[-1]

    def select(self, *, opened: tuple[str, str] | None = None, **values: Sequence[object]) -> None:
        """Choose by program what a person would choose with the mouse: `panel.select(region=["EMEA"])`.

        Parameters
        ----------
        opened
            First and last month of the start, `("2025-01", "2025-06")`.
        **values
            Attribute and its values; what is not named is not filtered.
        """
        self._choose({name: list(chosen) for name, chosen in values.items()}, opened)

    def _choose(self, values: dict[str, list[Any]], opened: tuple[str, str] | None) -> None:
        words_ = {"opened": opened} if opened else {}
        chosen = {name: some for name, some in values.items() if some}
        self.log = self._all.where(chosen, **words_) if chosen or words_ else self._all
        self._say()
        for view in self._views:
            view.draw(self.log)

    def _say(self) -> None:
        if self._panel is not None:
            self._panel.status.value = f'<div style="{markup.PAPER};font-size:14px">{self._sentence(bold=True)}</div>'

    def _sentence(self, *, bold: bool = False) -> str:
        n, total = words.number(self.log.n_cases), words.count(self.log.base.n_cases, "case", self._lang)
        how_many = escape(words.say("of", self._lang, n=n, total=total))
        facts = [f"<b>{how_many}</b>" if bold else how_many]
        facts += [escape(f"{_name(word, self._lang)}: {text}") for word, text in sorted(self.log.filters.items())]
        return " · ".join(facts)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        shown = {
            "text/html": f'<div style="{_BOX}">{self._sentence(bold=True)}</div>',
            "text/plain": repr(self),
        }
        return shown if self._panel is None else {**_widget(self._panel.box), **shown}

    def __repr__(self) -> str:
        import html

        return f"{words.say('filters', self._lang)}: {html.unescape(self._sentence())}"


class View:
    """Something shown that follows a choice of cases."""

    def __init__(self, make: Callable[[EventLog], object], log: EventLog, lang: str, *, live: bool) -> None:
        self._make = make
        self._lang = lang
        self.widget: ipywidgets.HTML | None = None
        self.bundle: dict[str, Any] = {}
        if live:
            import ipywidgets

            self.widget = ipywidgets.HTML()
        self.draw(log)

    def draw(self, log: EventLog) -> None:
        """Show the view for other cases."""
        self.bundle = self._draw(log)
        if self.widget is not None:
            self.widget.value = as_html(self.bundle)

    def _draw(self, log: EventLog) -> dict[str, Any]:
        if not log.n_cases:
            return _message(words.say("nothing", self._lang))
        try:
            return bundle(self._make(log), self._lang)
        except L2CError as error:
            # Few cases may leave nothing to measure; the next choice may be fine.
            return _message(str(error))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return self.bundle if self.widget is None else {**_widget(self.widget), **self.bundle}

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


class _Panel:
    """The widgets: a list per attribute, a range of months, a button that takes all back, and the count."""

    def __init__(
        self,
        log: EventLog,
        attributes: Sequence[str],
        lang: str,
        changed: Callable[[dict[str, list[Any]], tuple[str, str] | None], None],
    ) -> None:
        import ipywidgets

        self._changed = changed
        self.status = ipywidgets.HTML()
        self.lists = {a: _choices(log, a, lang) for a in attributes}
        self.months = _months(log, lang)
        self.reset = ipywidgets.Button(description=words.say("filters.reset", lang), icon="undo")
        self._quiet = False
        for widget in (*self.lists.values(), *([self.months] if self.months else [])):
            widget.observe(self._read, "value")
        self.reset.on_click(self._clear)
        columns = [_titled(_name(a, lang), widget) for a, widget in self.lists.items()]
        if self.months:
            columns.append(_titled(words.say("filters.started", lang), self.months))
        hint = ipywidgets.HTML(
            f'<div style="color:#64748b;font-size:12px">{escape(words.say("filters.hint", lang))}</div>'
        )
        row = ipywidgets.HBox(columns, layout=ipywidgets.Layout(flex_flow="row wrap", grid_gap="4px 16px"))
        foot = ipywidgets.HBox(
            [self.reset, self.status], layout=ipywidgets.Layout(flex_flow="row wrap", align_items="center")
        )
        self.box = ipywidgets.VBox([row, hint, foot])

    def _read(self, _: object = None) -> None:
        if self._quiet:
            return
        opened = None
        if self.months is not None and self.months.index != (0, len(self.months.options) - 1):
            opened = tuple(self.months.value)
        self._changed({name: list(widget.value) for name, widget in self.lists.items()}, opened)

    def _clear(self, _: object = None) -> None:
        # One redraw, not one for each list that is emptied.
        self._quiet = True
        for widget in self.lists.values():
            widget.value = ()
        if self.months is not None:
            self.months.index = (0, len(self.months.options) - 1)
        self._quiet = False
        self._read()


def _choices(log: EventLog, attribute: str, lang: str) -> ipywidgets.SelectMultiple:
    import ipywidgets
    import narwhals as nw

    counts = engine.collect(log.cases.group_by(attribute).agg(cases=nw.len()))
    counts = counts.assign(missing=counts[attribute].isna(), text=counts[attribute].astype(str))
    options = [
        (
            f"{words.say('filters.missing', lang) if row['missing'] else row['text']} ({words.number(row['cases'])})",
            None if row["missing"] else row[attribute],
        )
        for row in counts.sort_values(["missing", "text"]).to_dict("records")
    ]
    return ipywidgets.SelectMultiple(
        options=options, rows=min(6, max(2, len(options))), layout=ipywidgets.Layout(width="210px")
    )


def _months(log: EventLog, lang: str) -> ipywidgets.SelectionRangeSlider | None:
    import ipywidgets
    import narwhals as nw

    ends = engine.collect(log.cases.select(nw.col("started").min().alias("a"), nw.col("started").max().alias("b")))
    first, last = ends["a"].iloc[0], ends["b"].iloc[0]
    if pd.isna(first) or (first.year, first.month) == (last.year, last.month):
        return None
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    options = [(words.month(datetime(m // 12, m % 12 + 1, 1), lang), f"{m // 12}-{m % 12 + 1:02}") for m in numbers]
    return ipywidgets.SelectionRangeSlider(
        options=options,
        index=(0, len(options) - 1),
        continuous_update=False,
        layout=ipywidgets.Layout(width="340px"),
    )


def _titled(name: str, widget: ipywidgets.Widget) -> ipywidgets.VBox:
    import ipywidgets

    return ipywidgets.VBox([ipywidgets.HTML(f'<b style="font-size:13px">{escape(name)}</b>'), widget])


def _name(word: str, lang: str) -> str:
    return words.say("filters.started", lang) if word == "opened" else vocabulary.label(word, lang)


def _widget(widget: ipywidgets.Widget) -> dict[str, Any]:
    """Return only the widget's own MIME type: its text would hold an id that changes with each run."""
    kind = "application/vnd.jupyter.widget-view+json"
    return {kind: widget._repr_mimebundle_()[kind]}


def _message(text: str) -> dict[str, Any]:
    return {"text/html": f'<div style="{_BOX};color:#64748b">{escape(text)}</div>', "text/plain": text}
