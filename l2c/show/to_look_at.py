"""What needs a look today, in two lines of the first page?"""

from __future__ import annotations

import pandas as pd

from l2c.show import markup, numbers
from l2c.show.markup import Html, escape
from l2c.show.own_words import own_words
from l2c.show.subjects import joined
from l2c.show.tables import cell
from l2c.words.phrases import say

# Deals, and kinds of alerts, that are named.
FIRST_NAMED = 3


@own_words
def to_look_at(alerts: pd.DataFrame, deals: pd.DataFrame, *, lang: str = "en", currency: str | None = None) -> Html:
    """Name the open deals with most value at risk and count what is alarming, a line each.

    Parameters
    ----------
    alerts, deals
        What `monitor.alerts` and `monitor.open_deals` return.
    lang, currency
        `en` or `ja`; the currency of the log.
    """
    lines = [_deals(deals, lang, currency), _alerts(alerts, lang)]
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    style = f"{markup.PAPER};font-size:14.5px"
    html = f'<div class="l2c-watch" style="{style}"><ul style="margin:0;padding-left:18px">{items}</ul></div>'
    return Html(html, "\n".join(lines))


def _deals(table: pd.DataFrame, lang: str, currency: str | None) -> str:
    if not len(table):
        return say("look.deals.none", lang)
    n = numbers.number(len(table))
    if not table["at_risk_value"].notna().any():
        return say("look.deals.plain", lang, n=n)
    named = [str(row.get("name") or row["case_id"]) for row in table.head(FIRST_NAMED).to_dict("records")]
    money = numbers.money(table["at_risk_value"].sum(), currency, lang)
    return say("look.deals", lang, n=n, money=money, names=joined(named, lang))


def _alerts(table: pd.DataFrame, lang: str) -> str:
    if not len(table):
        return say("look.alerts.none", lang)
    counts = table.groupby("alert", sort=False).size().head(FIRST_NAMED)
    kinds = [
        say("look.kind", lang, name=cell(str(id), "alert", lang=lang), n=numbers.number(n)) for id, n in counts.items()
    ]
    return say("look.alerts", lang, n=numbers.number(len(table)), kinds=joined(kinds, lang))
