"""When does the money come in, today and with a change?"""

from __future__ import annotations

from datetime import date

import pandas as pd
from matplotlib.ticker import MaxNLocator

from l2c.show import dates, numbers, theme
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, finished, plain
from l2c.show.charts.waits import hangs
from l2c.words import phrases

CASH = "cash_received"


@sheet.house()
def cash_curve(table: pd.DataFrame, *, lang: str = "en", currency: str | None = None) -> Picture:
    """Draw the cash of each month of the year to come, today and with the change, with the range of the difference.

    Parameters
    ----------
    table
        What `improve.simulate` returns. Where a desk is so full that the answer hangs on luck, only ranges are drawn.
    lang, currency
        `en` or `ja`; currency of the log.
    """
    rows = table[table["measure"] == CASH]
    months = rows[rows["about"] != ""]
    if not len(months):
        return plain(phrases.say("cash_curve.none", lang))
    when = [pd.Timestamp(date.fromisoformat(each)) for each in months["about"]]
    fig, ax = sheet.figure(8.8, 3.2)
    x = range(len(when))
    today, low, high = (months[name].to_numpy(float) for name in ("today", "low", "high"))
    band = phrases.say("cash_curve.range", lang)
    ax.fill_between(x, today + low, today + high, color=theme.ACCENT_PALE, alpha=0.7, linewidth=0, label=band)
    ax.plot(x, today, color=theme.MUTED, linewidth=1.6, label=phrases.say("cash_curve.today", lang))
    luck = hangs(table)
    if not luck:
        said = phrases.say("cash_curve.changed", lang)
        ax.plot(x, months["changed"].to_numpy(float), color=theme.ACCENT, linewidth=2.2, label=said)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    named = set(marks.months(when))
    ax.set_xticks(
        [k for k in x if when[k] in named], [dates.month(when[k], lang) for k in x if when[k] in named], fontsize=8.5
    )
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(lambda y, _: numbers.money(y, currency, lang))
    sheet.quiet(ax, grid="y")
    note = phrases.say("cash_curve.note", lang) + (" " + phrases.say("waits.luck", lang) if luck else "")
    lines = (
        phrases.named(dates.month(k, lang), numbers.money(t, currency, lang), lang)
        + ("" if luck else f" → {numbers.money(c, currency, lang)}")
        for k, t, c in zip(when, months["today"], months["changed"], strict=True)
    )
    return finished(fig, _title(rows[rows["about"] == ""].iloc[0], luck, lang, currency), note, lines)


def _title(whole: pd.Series, luck: bool, lang: str, currency: str | None) -> str:
    def said(low: float, high: float) -> str:
        return numbers.interval(low, high, "money", lang=lang, currency=currency)

    low, high = float(whole["low"]), float(whole["high"])
    if luck or not (low > 0 or high < 0):
        return phrases.say(f"cash_curve.title.{'range' if luck else 'none'}", lang, range=said(low, high))
    way = phrases.say("cash_curve.more" if low > 0 else "cash_curve.less", lang)
    money = numbers.money(abs(whole["difference"]), currency, lang)
    return phrases.say(
        "cash_curve.title", lang, money=money, way=way, range=said(*sorted((abs(low), abs(high))))
    )  # fmt: skip
