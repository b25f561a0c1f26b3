"""A chart, a table or cards of the cases in sight, whose parts lead to their cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from l2c.log import EventLog
from l2c.show.charts import rows
from l2c.show.filters import as_html, bundle, is_report
from l2c.show.live import assets
from l2c.words import phrases
from l2c.words.errors import L2CError

Lead = Callable[[dict[str, Any]], None]


class Card(anywidget.AnyWidget):
    """What a function makes of the cases in sight, as a page; charts of rows are HTML, others the pictures they are.

    Parameters
    ----------
    make
        Takes a log, returns anything that can be shown: a picture, cards, a table, or a list of these.
    quick
        The same with what is known at once, which stands there until the rest is worked out.
    lang
        `en` or `ja`.

    Attributes
    ----------
    lead
        What is done with what a person asks of a part: `do` (`show`, `keep`, `map`, `page`), `label`, and `where`, `cases`, `page` or
        `figure`.
    """

    _esm = assets.script("dom", "menu", "card")
    _css = assets.styles("live", "rows", "card")

    html = traitlets.Unicode().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    theme = traitlets.Unicode("auto").tag(sync=True)

    def __init__(
        self, make: Callable[[EventLog], object], quick: Callable[[EventLog], object] | None = None, *, lang: str = "en"
    ) -> None:
        super().__init__(words=assets.wording(phrases.language(lang)))
        self._make, self._quick, self._lang = make, quick, lang
        self.lead: Lead | None = None
        self.text = ""
        self.add_class("l2c-card")
        self.on_msg(self._told)

    def draw(self, log: EventLog) -> None:
        """Show it for other cases."""
        self._show(self._make, log)

    def sketch(self, log: EventLog) -> None:
        """Show what is known of other cases at once."""
        if self._quick is not None:
            self._show(self._quick, log)

    def _show(self, make: Callable[[EventLog], object], log: EventLog) -> None:
        shown = self._drawn(make, log)
        self.text = str(shown.get("text/plain", ""))
        self.html = as_html(shown)

    def _drawn(self, make: Callable[[EventLog], object], log: EventLog) -> dict[str, Any]:
        if not log.n_cases:
            return bundle(rows.said(phrases.say("nothing.cases", self._lang)))
        try:
            return bundle(rows.either(lambda: make(log)), self._lang)
        except L2CError as error:
            # Few cases may leave nothing to measure; the next choice may be fine.
            return bundle(rows.problem(error, self._lang))

    def _told(self, _: object, message: Any, __: object) -> None:
        if isinstance(message, dict) and self.lead is not None:
            self.lead(message)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        still = {"text/html": self.html, "text/plain": self.text}
        return still if is_report() else assets.bundle(self) | still
