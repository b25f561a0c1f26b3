"""With what are the chosen cases compared: all others, or those that were kept?"""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from l2c.log import EventLog
from l2c.show import numbers
from l2c.show.filters import is_report
from l2c.show.live import assets
from l2c.show.live.card import Lead
from l2c.show.live.selection import Condition, Selection, chip
from l2c.words import phrases


class Against(anywidget.AnyWidget):
    """The other side of a comparison, which a person may keep.

    Parameters
    ----------
    selection
        The choice whose cases are compared.
    lang
        `en` or `ja`.

    Attributes
    ----------
    lead
        Told to draw anew where another side is kept.
    """

    _esm = assets.script("dom", "against")
    _css = assets.styles("live")

    spec: Any = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    theme = traitlets.Unicode("auto").tag(sync=True)

    def __init__(self, selection: Selection, *, lang: str = "en") -> None:
        super().__init__(words=assets.wording(phrases.language(lang)))
        self._selection, self._lang = selection, lang
        self._kept: tuple[Condition, ...] | None = None
        self.lead: Lead | None = None
        self.on_msg(self._told)

    @property
    def other(self) -> EventLog | None:
        """The cases of the other side; None where these are all others."""
        return None if self._kept is None else self._selection.narrowed(self._kept)

    def draw(self, log: EventLog) -> None:
        """Say what is compared."""
        lang, other = self._lang, self.other
        names = [chip(each, lang) for each in self._kept or ()] or [phrases.say("live.clear", lang)]
        said = phrases.say("compare.with.rest", lang)
        if other is not None:
            n = numbers.count(other.n_cases, "case", lang)
            said = phrases.say("compare.with.kept", lang, names=phrases.say("compliance.join", lang).join(names), cases=n)
        self.spec = {"sentence": said, "kept": other is not None, "chosen": self._selection.where != self._kept}

    def _told(self, _: object, message: Any, __: object) -> None:
        match message:
            case {"do": "keep"}:
                self._kept = self._selection.where
            case {"do": "let_go"}:
                self._kept = None
            case _:
                return
        if self.lead is not None:
            self.lead({"do": "again"})

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        still = {"text/plain": str(self.spec.get("sentence", ""))}
        return still if is_report() else assets.bundle(self) | still
