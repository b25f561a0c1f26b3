"""When do the invoices get paid, what is overdue, and whose delay costs most?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from l2c.show import theme, words
from l2c.show.charts import sheet
from l2c.show.charts.picture import Picture, plain
from l2c.show.charts.standing import gap
from l2c.show.map import lettering
from l2c.words import vocabulary

_COLUMNS = {
    "measure", "unit", "value", "low", "high", "cases", "censored", "weighted", "weighted_low", "weighted_high",
    "amount", "due_days", "note",
}  # fmt: skip
_CUSTOMER = {
    "cases", "censored", "amount", "late_share", "low", "high", "late_amount", "overdue_amount", "late_days", "cost",
    "share", "yearly_rate",
}  # fmt: skip
MOST = 12
MOST_CUSTOMERS = 10


def payments(table: pd.DataFrame, *, lang: str = "en") -> Picture:
    """Draw days to pay with their interval and the due day, and the share paid late, for each group.

    Parameters
    ----------
    table
        What `diagnose.payments` returns, of all invoices or by an attribute.
    lang
        `en` or `ja`.

    Returns
    -------
    A picture: most often late first. The group that is late more often than the best one beyond chance is warm.
    """
    by = next((c for c in table.columns if c not in _COLUMNS), None)
    rows = _wide(table, by, lang)
    with sheet.house():
        fig, ax = sheet.figure(8.6, 1.75 + 0.4 * max(1, min(len(rows), MOST)))
        if not len(rows) or not rows["cases"].sum():
            return plain(words.say("no_invoices", lang))
        shown = rows.head(MOST)
        worse = _stands_out(rows)
        longest = max(float(np.nanmax(shown[["days", "days_high", "due"]].to_numpy(float), initial=1.0)), 1.0)
        for place, row in enumerate(shown.to_dict("records")):
            colour = theme.WARM if place == 0 and worse else theme.ACCENT if by is None else theme.MUTED
            ax.plot([row["days_low"], row["days_high"]], [place] * 2, color=colour, linewidth=2.2, alpha=0.45)
            ax.plot([row["days"]], [place], "o", color=colour, markersize=7)
            ax.plot([row["due"]] * 2, [place - 0.3, place + 0.3], color=theme.INK, linewidth=1.6)
            _late(ax, row, place, longest, lang, strong=place == 0 and worse)
        ax.set_yticks(range(len(shown)), [lettering.shorten(lettering.plain(n), 26) for n in shown["name"]])
        ax.set(ylim=(len(shown) - 0.4, -0.6), xlim=(0, longest * 2.0))
        ax.set_xticks([t for t in ax.get_xticks() if 0 <= t <= longest * 1.1])
        ax.set_xlim(0, longest * 2.0)
        sheet.quiet(ax)
        ax.set_xlabel(words.say("payments.axis", lang), loc="left")
        text = _title(rows, worse, by, lang)
        note = words.say("payments.note.all", lang)
        if by is not None:
            note = words.say("payments.note", lang, attribute=vocabulary.label(by, lang))
        if len(rows) > MOST:
            note += " " + words.say("payments.more", lang, n=len(rows) - MOST)
        sheet.head(fig, text, note)
    return Picture(fig, text)


def ageing(table: pd.DataFrame, *, lang: str = "en", currency: str | None = None) -> Picture:
    """Draw what is open by how long it is overdue.

    Parameters
    ----------
    table
        What `diagnose.ageing` returns.
    lang, currency
        `en` or `ja`; currency of the log.

    Returns
    -------
    A picture; amounts where they are known, else numbers of invoices.
    """
    known = bool(table["amount"].notna().any())
    size = table["amount" if known else "cases"].astype(float).fillna(0.0)

    def said(value: float) -> str:
        return words.money(value, currency, lang) if known else words.number(value)

    if not table["cases"].sum():
        return plain(words.say("ageing.title.paid" if len(table) else "no_invoices", lang))
    colours = {"not_due": theme.PALE, "no_due_date": theme.GRID, "0-30": "#f3c9a9", "31-60": "#e8a06f"}
    colours |= {"61-90": "#d8733a", "90+": theme.WARM}
    with sheet.house():
        fig, ax = sheet.figure(8.4, 1.2 + 0.42 * max(1, len(table)))
        ax.barh(range(len(table)), size, height=0.6, color=[colours[b] for b in table["bucket"]])
        top = float(size.max()) or 1.0
        for place, row in enumerate(table.to_dict("records")):
            facts = words.count(row["cases"], "invoice", lang)
            ax.text(
                size.iloc[place] + top * 0.015,
                place,
                said(size.iloc[place]),
                va="center",
                weight="bold",
                color=theme.INK,
            )
            share = words.percent(row["share"], decimals=0)
            ax.text(top * 1.22, place, f"{share} · {facts}", va="center", fontsize=9, color=theme.MUTED)
        ax.set_yticks(range(len(table)), [vocabulary.label(b, lang) for b in table["bucket"]])
        ax.set(ylim=(len(table) - 0.5, -0.5), xlim=(0, top * 1.6), xticks=[])
        sheet.quiet(ax)
        late = size[table["bucket"].isin(["0-30", "31-60", "61-90", "90+"])].sum()
        old = size[table["bucket"] == "90+"].sum()
        key = "ageing.title.none" if not late else "ageing.title" if known else "ageing.title.count"
        open_ = said(size.sum()) if known or late else words.count(size.sum(), "invoice", lang)
        text = words.say(key, lang, overdue=said(late), open=open_, old=said(old))
        sheet.head(fig, text, words.say("ageing.note", lang))
    return Picture(fig, text)


def late_customers(table: pd.DataFrame, *, lang: str = "en", currency: str | None = None) -> Picture:
    """Draw the customers whose late payments cost most.

    Parameters
    ----------
    table
        What `diagnose.late_customers` returns.
    lang, currency
        `en` or `ja`; currency of the log.
    """
    by = next((c for c in table.columns if c not in _CUSTOMER), "")
    costly = table[table["cost"].fillna(0) > 0]
    shown = costly.head(MOST_CUSTOMERS)
    if not len(shown):
        # A cost of nothing says that nobody was late only where something was due and could be judged.
        known = len(table) and table["cost"].notna().any()
        return plain(words.say("late_customers.none" if known else "late_customers.unknown", lang))
    with sheet.house():
        fig, ax = sheet.figure(8.6, 1.3 + 0.4 * max(1, len(shown)))
        unnamed = words.say("late_customers.unnamed", lang)
        names = [unnamed if words.is_missing(n) else lettering.plain(str(n)) for n in shown[by]]
        ax.barh(
            range(len(shown)), shown["cost"], height=0.56, color=[theme.WARM, *[theme.WARM_PALE] * (len(shown) - 1)]
        )
        top = float(shown["cost"].max())
        for place, row in enumerate(shown.to_dict("records")):
            cost = words.money(row["cost"], currency, lang)
            ax.text(row["cost"] + top * 0.015, place, cost, va="center", weight="bold", color=theme.INK)
            late, days = words.money(row["late_amount"], currency, lang), words.days(row["late_days"], lang)
            facts = words.say("late_customers.facts", lang, amount=late, days=days)
            ax.text(top * 1.27, place, facts, va="center", fontsize=9, color=theme.MUTED)
        ax.set_yticks(range(len(shown)), [lettering.shorten(n, 30) for n in names], fontsize=9)
        ax.set(ylim=(len(shown) - 0.5, -0.5), xlim=(0, top * 1.95), xticks=[])
        sheet.quiet(ax)
        values = {
            "cost": words.money(costly["cost"].sum(), currency, lang),
            "rate": words.percent(shown["yearly_rate"].iloc[0], decimals=0),
            "n": len(shown),
            "share": words.percent(shown["cost"].sum() / costly["cost"].sum(), decimals=0),
            "first": names[0],
        }
        key = "late_customers.title" if len(costly) > len(shown) else "late_customers.title.few"
        text = words.say(key, lang, **values)
        sheet.head(fig, text, words.say("late_customers.note", lang))
    return Picture(fig, text)


def _wide(table: pd.DataFrame, by: str | None, lang: str) -> pd.DataFrame:
    """One row per group: its days to pay and its share late, most often late first."""
    groups = table.assign(_group="" if by is None else table[by])
    parts = {m: groups[groups["measure"] == m].set_index("_group") for m in ("days_to_pay", "late_share")}
    pay, late = parts["days_to_pay"], parts["late_share"]
    rows = pd.DataFrame({"days": pay["value"], "days_low": pay["low"], "days_high": pay["high"], "cases": pay["cases"]})
    rows = rows.assign(due=pay["due_days"], late=late["value"], low=late["low"], high=late["high"])
    names = [words.say("payments.all", lang) if by is None else _name(by, key, lang) for key in rows.index]
    rows["name"] = names
    return rows.sort_values(["late", "days", "name"], ascending=[False, False, True], ignore_index=True)


def _name(by: str, value: object, lang: str) -> str:
    """Terms that are a bare number are days."""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    if by in ("payment_terms", "payment_terms_days") and text.replace(".", "", 1).isdecimal():
        return words.days(float(text), lang)
    said = vocabulary.label(text, lang)
    # A yes or no says nothing without its question.
    bare = vocabulary.normalise(text) in vocabulary.truth_words()
    return f"{vocabulary.label(by, lang)}: {said}" if bare else said


def _stands_out(rows: pd.DataFrame) -> bool:
    """Whether the worst group is late more often than the best one, beyond chance."""
    known = rows.dropna(subset=["late"]).assign(value=lambda t: t["late"])
    return len(known) > 1 and gap(known.iloc[0], known.iloc[-1], len(known)) > 0


def _late(ax: Axes, row: Mapping[Any, Any], place: int, longest: float, lang: str, *, strong: bool) -> None:
    days = words.days(row["days"], lang)
    ax.text(longest * 1.14, place, days, va="center", ha="left", color=theme.TEXT)
    share = f"{words.percent(row['late'], decimals=0)} {words.say('payments.late', lang)}"
    colour = theme.WARM if strong else theme.INK
    ax.text(longest * 1.36, place, share, va="center", weight="bold", color=colour)
    ax.text(
        longest * 1.64, place, words.count(row["cases"], "invoice", lang), va="center", fontsize=9, color=theme.MUTED
    )


def _title(rows: pd.DataFrame, worse: bool, by: str | None, lang: str) -> str:
    first, last = rows.iloc[0], rows.dropna(subset=["late"]).iloc[-1] if rows["late"].notna().any() else rows.iloc[0]

    def share(value: float) -> str:
        return words.percent(value, decimals=0)

    spread = words.interval(first["low"], first["high"], "fraction", lang=lang)
    if words.is_missing(first["late"]):
        if words.is_missing(first["days"]):
            return words.say("payments.title.open", lang)
        return words.say("payments.title.no_due", lang, days=words.days(first["days"], lang))
    if by is None or len(rows) == 1:
        if words.is_missing(first["days"]):
            return words.say("payments.title.open", lang)
        values = {"days": words.days(first["days"], lang), "share": share(first["late"]), "interval": spread}
        return words.say("payments.title", lang, **values)
    if not worse:
        return words.say("payments.title.alike", lang, low=share(last["late"]), high=share(first["late"]))
    values = {"worst": first["name"], "best": last["name"], "least": share(last["late"])}
    return words.say("payments.title.groups", lang, share=share(first["late"]), interval=spread, **values)
