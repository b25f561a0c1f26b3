"""How does a chart of the chosen cases look beside the same chart of all others?"""

from __future__ import annotations

from collections.abc import Callable

from l2c.log import EventLog
from l2c.show import numbers
from l2c.show.charts import rows
from l2c.show.filters import as_html, bundle
from l2c.show.markup import Html, escape
from l2c.words import phrases
from l2c.words.errors import L2CError


def compared(
    make: Callable[[EventLog], object], log: EventLog, other: EventLog | None = None, *, lang: str = "en"
) -> Html:
    """Show what a function makes of the chosen cases beside what it makes of others.

    Parameters
    ----------
    make
        Takes a log, returns anything that can be shown.
    log
        The chosen cases.
    other
        Those they are compared with; all others of the whole log unless given.
    lang
        `en` or `ja`.

    Returns
    -------
    Both, side by side where there is room; where nothing is chosen, a sentence that says so.
    """
    if other is None and not log.conditions:
        return rows.said(phrases.say("compare.choose", lang))
    rest = ("compare.rest", log.others()) if other is None else ("compare.kept", other)
    sides = [("compare.chosen", log), rest]
    parts = [
        _side(phrases.say(key, lang, cases=numbers.count(side.n_cases, "case", lang)), make, side, lang)
        for key, side in sides
    ]
    html = "".join(part.html for part in parts)
    return Html(f'<div class="l2c-compared">{html}</div>', "\n\n".join(part.text for part in parts))


def _side(name: str, make: Callable[[EventLog], object], log: EventLog, lang: str) -> Html:
    try:
        shown = bundle(make(log), lang) if log.n_cases else bundle(rows.said(phrases.say("nothing.cases", lang)))
    except L2CError as error:
        shown = bundle(rows.problem(error, lang))
    text = str(shown.get("text/plain", ""))
    return Html(f"<section><h3>{escape(name)}</h3>{as_html(shown)}</section>", f"{name}\n{text}")
