"""Did it work? The outcomes of a day that is chosen, or of a decision, for the cases in sight."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from l2c import monitor
from l2c.log import EventLog
from l2c.show import conditions, dates, numbers
from l2c.show.charts.outcomes import outcomes
from l2c.show.charts.quarters import quarters
from l2c.show.conclusions import executive
from l2c.show.filters import as_html, bundle, is_report
from l2c.show.live import assets
from l2c.show.markup import escape
from l2c.show.verdicts import verdicts
from l2c.words import phrases
from l2c.words.errors import L2CError


class Outcomes(anywidget.AnyWidget):
    """The five outcomes since a day, which is that of the latest decision until another one is chosen; quarters without one.

    Parameters
    ----------
    log
        The whole log, of whose decisions one can be chosen. `draw` fills the page.
    register
        The register of decisions and targets (docs/register.md).
    rules
        A YAML file of rules (docs/rules.md); those shipped with the kit unless given.
    lang
        `en` or `ja`.
    """

    _esm = assets.script("dom", "outcomes")
    _css = assets.styles("live", "outcomes")

    spec: Any = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    theme = traitlets.Unicode("auto").tag(sync=True)

    def __init__(
        self,
        log: EventLog,
        *,
        register: str | Path | None = None,
        rules: str | Path | None = None,
        lang: str = "en",
    ) -> None:
        super().__init__(words=assets.wording(phrases.language(lang)))
        self._lang, self._register, self._rules = lang, register, rules
        self._decisions = [
            (str(each.since), phrases.bracketed(each.names[lang == "ja"] or each.id, dates.day(each.since, lang), lang))
            for each in monitor.decisions(log, register)
            if each.since is not None
        ]
        self._day = self._decisions[0][0] if self._decisions else ""
        self._log: EventLog | None = None
        self.on_msg(self._told)

    def draw(self, log: EventLog) -> None:
        """Fill the page for some cases."""
        self._log = log
        first, last, _ = log.period() if log.n_cases else (None, None, 0)
        said = [conditions.condition(word, text, self._lang) for word, text in sorted(log.filters.items())]
        total = numbers.count(log.base.n_cases, "case", self._lang)
        self.spec = {
            "sentence": " · ".join([phrases.say("of", self._lang, n=numbers.number(log.n_cases), total=total), *said]),
            "decisions": [list(each) for each in self._decisions],
            "day": self._day,
            "ends": [f"{end:%Y-%m-%d}" if end is not None else "" for end in (first, last)],
            "html": self._html(log),
        }

    def _html(self, log: EventLog) -> str:
        say: dict[str, Any] = {"lang": self._lang, "currency": log.currency}
        if not log.n_cases:
            return f"<p>{escape(phrases.say('nothing.cases', self._lang))}</p>"
        try:
            if not self._day:
                return as_html(bundle(quarters(executive(monitor.quarters(log)), **say)))
            found = monitor.outcomes(log, self._day, register=self._register, rules=self._rules)
            return as_html(bundle([outcomes(found, **say), verdicts(found, **say)]))
        except L2CError as error:
            return f"<p>{escape(error.said(self._lang))}</p>"

    def _told(self, _: object, message: Any, __: object) -> None:
        match message:
            case {"do": "day", "day": str(day)} if not day or _is_day(day):
                self._day = day
            case _:
                return
        if self._log is not None:
            self.draw(self._log)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        still = {"text/html": str(self.spec.get("html", "")), "text/plain": str(self.spec.get("sentence", ""))}
        return still if is_report() else assets.bundle(self) | still


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2026-01-05")
