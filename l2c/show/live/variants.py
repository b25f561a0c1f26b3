"""Which ways do the cases go? Paths to tick."""

from __future__ import annotations

from typing import Any

import anywidget
import pandas as pd
import traitlets

from l2c import discover
from l2c.log import EventLog
from l2c.log.outcomes import ENDED_BY
from l2c.show import numbers, theme
from l2c.show.charts.variants import chevrons, shades
from l2c.show.charts.variants import variants as picture
from l2c.show.filters import Filters, is_report, selection_of
from l2c.show.live import assets
from l2c.show.live.selection import Selection
from l2c.show.map import lettering
from l2c.words import phrases, vocabulary
from l2c.words.errors import L2CError

WORD = "variant"
_MORE = 10


class Variants(anywidget.AnyWidget):
    """The most frequent paths as rows of chevrons; what is ticked narrows the cases of everything that follows.

    Parameters
    ----------
    log
        A log, or what `show.filters` returned: then the paths and everything that follows the panel share one choice.
    lang
        `en` or `ja`.

    Attributes
    ----------
    table
        All paths of the cases that pass all other conditions, as `discover.variants`.
    """

    _esm = assets.script("dom", "variants")
    _css = assets.styles("live", "variants")

    spec = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    theme = traitlets.Unicode("auto").tag(sync=True)

    def __init__(self, log: EventLog | Selection | Filters, *, lang: str = "en") -> None:
        super().__init__(words=assets.wording(phrases.language(lang)))
        self.selection = selection_of(log)
        self._lang = lang
        self._top = _MORE
        self.table = pd.DataFrame()
        self.selection.follow(self.draw)
        self.on_msg(self._told)
        self.draw()

    def draw(self) -> None:
        """Show the paths of the cases that pass all other conditions, so that a second one can be ticked."""
        self.table = discover.variants(self.selection.without(WORD))
        self._write()

    def _write(self) -> None:
        table, lang = self.table, self._lang
        shown = table.head(self._top)
        colours = shades(shown) if len(shown) else {}
        left = len(table) - len(shown)
        self.spec = {
            "title": phrases.say(
                "variants.title", lang, top=len(shown), all=numbers.number(len(table)),
                share=numbers.percent(shown["share"].sum(), lang, decimals=0),
            ) if len(table) else phrases.say("nothing.cases", lang),
            "chosen": list(self.selection.value(WORD) or []),
            "rows": [self._row(each, colours, float(shown["share"].max())) for each in shown.to_dict("records")],
            "more": phrases.say("variants.more", lang, n=numbers.number(min(left, _MORE))) if left else "",
        }  # fmt: skip

    def _row(self, each: dict[Any, Any], colours: dict[str, str], longest: float) -> dict[str, Any]:
        lang = self._lang
        steps = []
        for step in chevrons(each["trace"], lang, each.get("done_again")):
            name = lettering.plain(vocabulary.label(step.activity, lang))
            kind = "again" if step.is_rework else "lost" if step.activity in ENDED_BY.values() else ""
            marked = f"{'↺ ' if step.again else ''}{name}{step.mark}"
            look = {} if kind else {"fill": colours[step.activity], "ink": theme.ink_on(colours[step.activity])}
            steps.append({"name": name, "text": marked, "kind": kind, **look})
        return {
            "id": int(each["variant_id"]),
            "name": phrases.say("chip.variant", lang, value=each["variant_id"]),
            "cases": numbers.number(each["cases"]),
            "share": numbers.percent(each["share"], lang),
            "width": each["share"] / longest,
            "median": numbers.days(each["median_days"], lang),
            "steps": steps,
        }

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        still = picture(self.table, top=self._top, lang=self._lang)._repr_mimebundle_()
        return still if is_report() else assets.bundle(self) | still

    def _told(self, _: object, message: Any, __: object) -> None:
        try:
            match message:
                case {"do": "put", "value": value}:
                    self.selection.put(WORD, value)
                case {"do": "more"}:
                    self._top += _MORE
                    self._write()
        except L2CError as error:
            self.send({"trouble": str(error)})
