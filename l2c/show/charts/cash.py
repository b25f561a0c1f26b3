"""How much money comes in, week by week, from invoices that were sent and from deals?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from l2c.show import dates, numbers, theme
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, empty, finished, remarked
from l2c.words import phrases

# One upon the other, the surest first.
COLOURS = {"from_invoices": theme.ACCENT, "from_deals": theme.ACCENT_PALE, "to_come": theme.GRID}


@sheet.house()
def cash(table: pd.DataFrame, *, lang: str = "en", currency: str | None = None) -> Picture:
    """Draw the money that is expected week by week, with its range: from invoices sent, from deals, and from deals to come.

    Parameters
    ----------
    table
        What `monitor.cash` returns.
    lang, currency
        `en` or `ja`; currency of the log.
    """
    if not len(table):
        return empty(table, lang, "cash.none")
    if not table["total_high"].any():
        return empty(table, lang, "cash.none")
    if not table["total"].notna().any():
        return empty(table, lang, "cash.untold")
    begins = [pd.Timestamp(when) for when in table["begin"]]
    fig, ax = sheet.figure(9.2, 3.2)
    x = range(len(table))
    parts = {name: table[name].fillna(0).to_numpy(float) for name in COLOURS}
    below = np.zeros(len(table))
    for name, part in parts.items():
        ax.bar(x, part, bottom=below, width=0.7, color=COLOURS[name])
        below = below + part
    marks.ranges(ax, x, table["total_low"], table["total_high"], upright=True)
    # Each other week where more would not fit.
    named = [k for k in x if k % (1 if len(table) <= 8 else 2) == 0]
    ax.set_xticks(named, [_week(begins[k], lang) for k in named], fontsize=8.5)
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(lambda y, _: numbers.money(y, currency, lang))
    sheet.quiet(ax, grid="y")
    records = table.to_dict("records")
    marks.columns(ax, x, marks.named(records, (_line(row, lang, currency) for row in records)))
    shown = [name for name, part in parts.items() if part.sum() or name == "from_invoices"]
    marks.legend(ax, {phrases.say(f"cash.{name}", lang): COLOURS[name] for name in shown})
    note = remarked(phrases.say("cash.note", lang), table, lang)
    lines = (_line(row, lang, currency) for row in table.to_dict("records"))
    return finished(fig, _title(table, lang, currency), note, lines)


def _week(begin: pd.Timestamp, lang: str) -> str:
    return f"{begin.month}/{begin.day}" if lang == "ja" else dates.day(begin, lang).rsplit(" ", 1)[0]


def _title(table: pd.DataFrame, lang: str, currency: str | None) -> str:
    money, sent = (numbers.money(table[name].sum(), currency, lang) for name in ("total", "from_invoices"))
    return phrases.say("cash.title", lang, money=money, weeks=len(table), sent=sent)


def _line(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    range_ = numbers.interval(row["total_low"], row["total_high"], "money", lang=lang, currency=currency)
    week = dates.day(pd.Timestamp(row["begin"]), lang)
    return phrases.named(week, phrases.bracketed(numbers.money(row["total"], currency, lang), range_, lang), lang)
