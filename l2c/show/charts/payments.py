"""When do the invoices get paid, what is overdue, and whose delay costs most?"""

from __future__ import annotations

import pandas as pd

from l2c.measures.behind import BEHIND
from l2c.show import numbers, theme
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, empty, finished, plain
from l2c.show.charts.standing import gap
from l2c.show.hours import of_the_calendar
from l2c.show.map import lettering
from l2c.words import matching, phrases, vocabulary
from l2c.words.notes import note as said

_COLUMNS = {
    "measure", "unit", "value", "low", "high", "cases", "censored", "weighted", "weighted_low", "weighted_high",
    "amount", "due_days", "note", BEHIND,
}  # fmt: skip
_CUSTOMER = {
    "cases", "censored", "amount", "late_share", "low", "high", "late_amount", "overdue_amount", "late_days", "cost",
    "share", "yearly_rate", BEHIND,
}  # fmt: skip
# The older, the warmer.
_AGES = {
    "not_due": theme.PALE, "no_due_date": theme.GRID, "0-30": "#f3c9a9", "31-60": "#e8a06f", "61-90": "#d8733a",
    "90+": theme.WARM,
}  # fmt: skip
MOST_CUSTOMERS = 10


@of_the_calendar
@sheet.house()
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
    groups = _wide(table, by, lang)
    if not groups["cases"].sum():
        return empty(table, lang, "no_invoices")
    shown, worse = groups.head(marks.MOST_ROWS).to_dict("records"), _stands_out(groups)
    names = [marks.short(row["name"], 26) for row in shown]
    fig, ax = marks.rows(names, axis=numbers.number)
    inks = [theme.WARM if worse else theme.ACCENT if by is None else theme.MUTED, *[theme.MUTED] * (len(shown) - 1)]
    for place, (row, ink) in enumerate(zip(shown, inks, strict=True)):
        marks.interval(ax, place, row["days_low"], row["days_high"], ink)
        marks.dot(ax, place, row["days"], ink)
        ax.plot([row["due"]] * 2, [place - 0.3, place + 0.3], color=theme.INK, linewidth=1.6)
    ax.set_xlim(left=0)
    ax.set_xlabel(phrases.say("payments.axis", lang), loc="left")
    gap = marks.beside(ax, [numbers.days(row["days"], lang) for row in shown], colour=theme.TEXT)
    late = [f"{numbers.percent(row['late'], lang, decimals=0)} {phrases.say('payments.late', lang)}" for row in shown]
    strong = [theme.WARM if worse else theme.INK, *[theme.INK] * (len(shown) - 1)]
    gap = marks.beside(ax, late, gap=gap, bold=True, colour=strong)
    marks.beside(ax, [numbers.count(row["cases"], "invoice", lang) for row in shown], gap=gap)
    marks.leads(ax, marks.named(shown, names))
    note = phrases.say("payments.note.all", lang)
    if by is not None:
        marks.where(ax, ({by: [row["value"]]} for row in shown))
        note = phrases.say("payments.note", lang, attribute=vocabulary.label(by, lang))
    if by is None:
        note += _besides(table, lang)
    if len(groups) > marks.MOST_ROWS:
        note += " " + phrases.say("payments.more", lang, n=len(groups) - marks.MOST_ROWS)
    return finished(fig, _title(groups, worse, by, lang), note)


@of_the_calendar
@sheet.house()
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
        return numbers.money(value, currency, lang) if known else numbers.number(value)

    if not table["cases"].sum():
        return plain(phrases.say("ageing.title.paid" if len(table) else "no_invoices", lang))
    fig, ax = marks.rows([vocabulary.label(b, lang) for b in table["bucket"]])
    ends = marks.bars(ax, (size, [_AGES[b] for b in table["bucket"]]))
    parts = zip(table["share"], table["cases"], strict=True)
    facts = [
        f"{numbers.percent(share, lang, decimals=0)} · {numbers.count(cases, 'invoice', lang)}"
        for share, cases in parts
    ]
    marks.beside(ax, facts, gap=marks.beside(ax, [said(each) for each in size], ends, bold=True))
    marks.leads(ax, marks.named(table.to_dict("records"), [vocabulary.label(b, lang) for b in table["bucket"]]))
    late = size[~table["bucket"].isin(["not_due", "no_due_date"])].sum()
    old = size[table["bucket"] == "90+"].sum()
    key = "ageing.title.none" if not late else "ageing.title" if known else "ageing.title.count"
    open_ = said(size.sum()) if known or late else numbers.count(size.sum(), "invoice", lang)
    text = phrases.say(key, lang, overdue=said(late), open=open_, old=said(old))
    return finished(fig, text, phrases.say("ageing.note", lang))


@of_the_calendar
@sheet.house()
def receivables(table: pd.DataFrame, *, lang: str = "en", currency: str | None = None) -> Picture:
    """Draw what is open, and what ended otherwise than by a payment: written off, discounted, credited.

    Parameters
    ----------
    table
        What `diagnose.receivables` returns.
    lang, currency
        `en` or `ja`; currency of the log.
    """
    found = table.set_index("measure")["value"].astype(float)
    if not table["cases"].max() or numbers.is_missing(found["open_receivables"]):
        return plain(phrases.say("receivables.unknown" if table["cases"].max() else "no_invoices", lang))
    open_, late = found["open_receivables"], found["overdue_receivables"]
    # What the log does not record is no nought, and a nought of the others says nothing.
    shown = [name for name in _ENDED if found[name] > 0 or (name == "bad_debt" and found[name] == 0)]
    shown = [_ENDED[0], *(name for name in shown if name != _ENDED[0])]
    fig, ax = marks.rows([vocabulary.label(name, lang) for name in shown])
    overdue = [0.0 if numbers.is_missing(late) else late, *[0.0] * (len(shown) - 1)]
    rest = [open_ - overdue[0], *(found[name] for name in shown[1:])]
    colours = dict(zip(_ENDED, (theme.PALE, theme.WARM_PALE, theme.GRID, theme.GRID), strict=True))
    ends = marks.bars(ax, (overdue, theme.WARM), (rest, [colours[name] for name in shown]))
    amounts = {name: numbers.money(found[name], currency, lang) for name in shown}
    gap = marks.beside(ax, list(amounts.values()), ends, bold=True)
    records = table.set_index("measure").loc[shown].to_dict("records")
    marks.leads(ax, marks.named(records, [vocabulary.label(name, lang) for name in shown]))
    overdue_ = "" if numbers.is_missing(late) else numbers.money(late, currency, lang)
    first = phrases.say("receivables.overdue", lang, amount=overdue_) if overdue_ else ""
    marks.beside(ax, [first, *[""] * (len(shown) - 1)], gap=gap)
    key = "receivables.title" if overdue_ else "receivables.title.no_due"
    title = phrases.say(key, lang, open=amounts["open_receivables"], overdue=overdue_)
    if "bad_debt" in shown:
        title += phrases.say("receivables.bad", lang, bad=amounts["bad_debt"])
    return finished(fig, title, phrases.say("receivables.note", lang) + _besides(table, lang))


def _besides(table: pd.DataFrame, lang: str) -> str:
    """What must be known of the invoices of a table, behind what its chart says."""
    notes = [said(each, lang) for each in table["note"].dropna().head(1)]
    return " " + phrases.say("payments.besides", lang, notes=notes[0]) if notes else ""


_ENDED = ("open_receivables", "bad_debt", "discount_taken", "credited")


@sheet.house()
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
        return plain(phrases.say("late_customers.none" if known else "late_customers.unknown", lang))
    unnamed = phrases.say("late_customers.unnamed", lang)
    names = [unnamed if numbers.is_missing(n) else lettering.plain(str(n)) for n in shown[by]]
    fig, ax = marks.rows([lettering.shorten(n, 30) for n in names])
    ends = marks.bars(ax, (shown["cost"], [theme.WARM, *[theme.WARM_PALE] * (len(shown) - 1)]))
    costs = [numbers.money(cost, currency, lang) for cost in shown["cost"]]
    facts = [
        phrases.say(
            "late_customers.facts", lang, amount=numbers.money(row["late_amount"], currency, lang),
            days=numbers.days(row["late_days"], lang),
        )
        for row in shown.to_dict("records")
    ]  # fmt: skip
    marks.beside(ax, facts, gap=marks.beside(ax, costs, ends, bold=True))
    marks.leads(ax, marks.named(shown.to_dict("records"), names))
    marks.where(ax, ({by: [None if numbers.is_missing(each) else str(each)]} for each in shown[by]))
    text = phrases.say(
        "late_customers.title" if len(costly) > len(shown) else "late_customers.title.few", lang, n=len(shown),
        first=names[0], cost=numbers.money(costly["cost"].sum(), currency, lang),
        rate=numbers.percent(shown["yearly_rate"].iloc[0], lang, decimals=0),
        share=numbers.percent(shown["cost"].sum() / costly["cost"].sum(), lang, decimals=0),
    )  # fmt: skip
    return finished(fig, text, phrases.say("late_customers.note", lang))


def _wide(table: pd.DataFrame, by: str | None, lang: str) -> pd.DataFrame:
    """One row per group: its days to pay and its share late, most often late first."""
    groups = table.assign(_group="" if by is None else table[by])
    parts = {m: groups[groups["measure"] == m].set_index("_group") for m in ("days_to_pay", "late_share")}
    pay, late = parts["days_to_pay"], parts["late_share"]
    rows = pd.DataFrame({"days": pay["value"], "days_low": pay["low"], "days_high": pay["high"], "cases": pay["cases"]})
    rows = rows.assign(due=pay["due_days"], late=late["value"], low=late["low"], high=late["high"])
    names = [phrases.say("payments.all", lang) if by is None else _name(by, key, lang) for key in rows.index]
    rows["name"], rows["value"] = names, rows.index
    if BEHIND in table:
        rows[BEHIND] = pay[BEHIND]
    return rows.sort_values(["late", "days", "name"], ascending=[False, False, True], ignore_index=True)


def _name(by: str, value: object, lang: str) -> str:
    """Terms that are a bare number are days."""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    if by in ("payment_terms", "payment_terms_days") and text.replace(".", "", 1).isdecimal():
        return numbers.days(float(text), lang)
    said = vocabulary.label(text, lang)
    # A yes or no says nothing without its question.
    bare = matching.normalise(text) in matching.truth_words()
    return phrases.say("named", lang, name=vocabulary.label(by, lang), said=said) if bare else said


def _stands_out(rows: pd.DataFrame) -> bool:
    """Whether the worst group is late more often than the best one, beyond chance."""
    known = rows.dropna(subset=["late"]).assign(value=lambda t: t["late"])
    return len(known) > 1 and gap(known.iloc[0], known.iloc[-1], len(known)) > 0


def _title(rows: pd.DataFrame, worse: bool, by: str | None, lang: str) -> str:
    first, last = rows.iloc[0], rows.dropna(subset=["late"]).iloc[-1] if rows["late"].notna().any() else rows.iloc[0]

    def share(value: float) -> str:
        return numbers.percent(value, lang, decimals=0)

    spread = numbers.interval(first["low"], first["high"], "fraction", lang=lang)
    if numbers.is_missing(first["late"]):
        if numbers.is_missing(first["days"]):
            return phrases.say("payments.title.open", lang)
        return phrases.say("payments.title.no_due", lang, days=numbers.days(first["days"], lang))
    if by is None or len(rows) == 1:
        if numbers.is_missing(first["days"]):
            return phrases.say("payments.title.open", lang)
        values = {"days": numbers.days(first["days"], lang), "share": share(first["late"]), "interval": spread}
        return phrases.say("payments.title", lang, **values)
    if not worse:
        return phrases.say("payments.title.alike", lang, low=share(last["late"]), high=share(first["late"]))
    values = {"worst": first["name"], "best": last["name"], "least": share(last["late"])}
    return phrases.say("payments.title.groups", lang, share=share(first["late"]), interval=spread, **values)
