"""How does a chapter begin: what was found, in a few sentences, and what to check before anybody acts on it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from l2c.measures.behind import BEHIND
from l2c.show import markup
from l2c.show.behind import lead
from l2c.show.findings import brief, check, heading
from l2c.show.markup import Html, escape
from l2c.show.own_words import own_words
from l2c.words import phrases

if TYPE_CHECKING:
    import pandas as pd

    from l2c.show.charts.picture import Picture

MOST_SAID, MOST_CHECKS = 3, 2


def conclusion(
    *shown: Picture | Html, findings: pd.DataFrame | None = None, lang: str = "en", currency: str | None = None
) -> Html:
    """Say what a chapter found: what its first picture says, then its largest findings.

    Parameters
    ----------
    shown
        What the chapter shows, the most telling first; the title of the first that shows something is the chapter's own
        sentence. Where none does, the first says why.
    findings
        What `diagnose.findings` returns of the chapter's subject (see `diagnose.within`), where it has some.
    lang, currency
        `en` or `ja`; the currency of the log.
    """
    told = next((each for each in shown if each.why is None), shown[0])
    text = told.text if isinstance(told, Html) else told.alt
    first = text.split("\n")[0]
    items, leads = ([], []) if findings is None else _briefly(findings, lang, currency)
    points = "".join(f"<li>{escape(item)} {way}</li>" for item, way in zip(items, leads, strict=True))
    html = f'<p style="font-size:1.15rem;font-weight:600;margin:.4em 0">{escape(first)}</p>'
    if findings is not None and told.why is None:
        # The picture below says the rest in its title.
        none = f"<p>{escape(phrases.say('opening.unfound', lang))}</p>"
        html = f'<ul style="margin:.4em 0">{points}</ul>' if items else none
    return Html(f'<div style="{markup.PAPER}">{html}</div>', "\n".join([first, *items]))


@own_words
def _briefly(findings: pd.DataFrame, lang: str, currency: str | None) -> tuple[list[str], list[str]]:
    """The largest findings in a sentence each, and what leads to their cases."""
    rows = findings.head(MOST_SAID).to_dict("records")
    said = [brief(row, lang, currency) for row in rows]
    return said, [lead(row.get(BEHIND), heading(row, lang), lang) for row in rows]


def checks(findings: pd.DataFrame, *, lang: str = "en") -> Html:
    """Say what to look at before acting on a chapter's findings, each once.

    Parameters
    ----------
    findings
        As for `conclusion`.
    """
    said = list(dict.fromkeys(check(row, lang) for row in findings.head(MOST_SAID).to_dict("records")))[:MOST_CHECKS]
    if not said:
        why = phrases.say("opening.none", lang)
        return Html(f"<p>{escape(why)}</p>", why, why)
    text = phrases.say("findings.next", lang, check=phrases.say("opening.and", lang).join(said))
    return Html(f'<p style="{markup.PAPER}">{escape(text)}</p>', text)
