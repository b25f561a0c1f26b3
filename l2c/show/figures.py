"""Where do we stand, is it another place than a year ago, and than that of all?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from l2c.show import dates, markup, numbers, theme
from l2c.show.charts.standing import COLOURS, differs, verdict
from l2c.show.kpi_cards import cases_behind, headed, interval, linked, target, value, within
from l2c.show.markup import Html, escape
from l2c.show.own_words import own_words
from l2c.words import phrases, vocabulary

Row = Mapping[Any, Any]
_CARD = (
    f"border:1px solid {theme.PALE};border-radius:10px;padding:9px 11px 8px;background:#fff;break-inside:avoid;min-width:0;"
    "overflow-wrap:anywhere"
)
_SMALL = "font-size:12px;line-height:1.35"
_WIDE, _HIGH = 100, 32
# A sum of invoices, of which no measure tells.
OVERDUE = "overdue_receivables"


@own_words
def figures(
    table: pd.DataFrame, *, lang: str = "en", currency: str | None = None, versus: pd.DataFrame | None = None
) -> Html:
    """Show the six figures as a row of cards: value, quarters as a line, change within a year, target.

    Parameters
    ----------
    table
        What `monitor.figures` returns; with its `behind` a figure leads to its cases.
    lang, currency
        `en` or `ja`; the currency of the log.
    versus
        The same table of all cases, where `table` is that of some of them: each card says the figure of all beside its own.

    Returns
    -------
    Cards that go from six in a row to two on a phone. What may be chance is grey; orange is worse beyond chance, blue better; sums, of which nothing
    is estimated, are neither. What is not known stands below, by name. Days are days, however many.
    """
    rows, every = _rows(table), [] if versus is None else _rows(versus)
    whole = {row["kpi"]: row for row in every}
    shown = [row for row in rows if _known(row) or _known(whole.get(row["kpi"], {}))]
    absent = [_name(row, lang) for row in rows if row not in shown]
    if not shown:
        said = phrases.say("figures.none", lang)
        return Html(f'<p style="{markup.PAPER}">{escape(said)}</p>', said)
    tested = sum(_known(row) and not numbers.is_missing(row["low"]) for row in rows)
    beside = {row["kpi"]: _beside(row, whole.get(row["kpi"]), tested, lang, currency) for row in shown}
    cards = "".join(_card(row, beside[row["kpi"]], lang, currency) for row in shown)
    notes = [phrases.say("figures.note", lang)] if any(_line(row) for row in shown) else []
    if absent:
        notes.append(phrases.say("figures.missing", lang, names=phrases.say("compliance.join", lang).join(absent)))
    html = (
        f'<div style="{markup.PAPER}"><div style="display:grid;gap:10px;'
        f'grid-template-columns:repeat(auto-fit,minmax(min(138px,100%),1fr))">{cards}</div>'
        f'<div style="{_SMALL};color:{theme.MUTED};margin-top:6px">{escape(phrases.sentences(notes, lang))}</div></div>'
    )
    lines = [_in_words(row, beside[row["kpi"]], lang, currency) for row in shown]
    return Html(html, "\n".join([*lines, *notes]))


def _rows(table: pd.DataFrame) -> list[dict[Any, Any]]:
    """The figures; all days in days, so that 129 days stand beside 61."""
    return [row | {"unit": "case_day" if row["unit"] == "day" else row["unit"]} for row in table.to_dict("records")]


def _known(row: Row) -> bool:
    return bool(row) and not numbers.is_missing(row["value"])


def _card(row: Row, beside: tuple[str, str], lang: str, currency: str | None) -> str:
    change, colour = _change(row, lang, currency)
    small = [(change, colour), beside, (target(row, lang, currency) if _known(row) else "", theme.TEXT)]
    lines = "".join(f'<div style="{_SMALL};color:{ink}">{escape(said)}</div>' for said, ink in small if said)
    return (
        f'<div style="{_CARD}" data-figure="{escape(row["kpi"])}" title="{escape(_more(row, lang, currency))}">'
        f'<div style="font-size:12.5px;line-height:1.3;color:{theme.TEXT}">{escape(headed(_name(row, lang), row["horizon_days"], lang))}</div>'
        f'<div style="font-size:19px;line-height:1.4;font-weight:700;white-space:nowrap">{linked(row, lang, currency)}</div>'
        f"{_sparkline(row, colour, lang, currency)}{lines}</div>"
    )


def _name(row: Row, lang: str) -> str:
    return phrases.say("figures.overdue", lang) if row["kpi"] == OVERDUE else vocabulary.label(row["kpi"], lang)


def _change(row: Row, lang: str, currency: str | None) -> tuple[str, str]:
    """By how much it is another than a year before, and in which colour."""
    if numbers.is_missing(row["change"]):
        return "", theme.GREY
    size = _size(abs(row["change"]), row, lang, currency)
    arrow = "↑" if row["change"] > 0 else "↓"
    if not row["change"]:
        return phrases.say("figures.same", lang), theme.MUTED
    if row["beyond_chance"] is None:
        return phrases.say("figures.change", lang, arrow=arrow, size=size), theme.TEXT
    sure = bool(row["beyond_chance"])
    colour = COLOURS[verdict(row["kpi"], up=row["change"] > 0, sure=sure)]
    return phrases.say("figures.change" if sure else "figures.change.unsure", lang, arrow=arrow, size=size), colour


def _size(change: float, row: Row, lang: str, currency: str | None) -> str:
    if row["unit"] == "case_day" and change < 1 <= abs(row["value"]) and numbers.day_hours() is None:
        # Hours more than a number of days are a part of a day.
        return phrases.say("figures.days", lang, n=numbers.number(change, decimals=1))
    if row["unit"] != "fraction":
        return numbers.value(change, row["unit"], lang=lang, currency=currency)
    return phrases.say("figures.points", lang, n=numbers.number(100 * change, decimals=1))


def _beside(row: Row, whole: Row | None, tested: int, lang: str, currency: str | None) -> tuple[str, str]:
    """What the figure is of all cases, and whether that of these is another; in which colour."""
    if whole is None or not _known(whole):
        return "", theme.MUTED
    said = value(whole, lang, currency)
    if not _known(row) or numbers.is_missing(row["low"]) or numbers.is_missing(row["high"]):
        return phrases.say("figures.all", lang, value=said), theme.TEXT
    sure = differs(pd.Series(row), pd.Series(whole), max(tested, 1))
    colour = COLOURS[verdict(row["kpi"], up=row["value"] > whole["value"], sure=sure)]
    return phrases.say("figures.all" if sure else "figures.all.unsure", lang, value=said), colour


def _line(row: Row) -> bool:
    """Whether there is a line to draw."""
    return sum(value is not None for value in row["values"]) > 1


def _sparkline(row: Row, colour: str, lang: str, currency: str | None) -> str:
    """The quarters as a line, with gaps where a quarter is not known; hovering tells each number."""
    if not _line(row):
        return f'<div style="height:{_HIGH}px;margin:3px 0"></div>'
    known = [value for value in row["values"] if value is not None]
    low, high, last = min(known), max(known), len(row["values"]) - 1
    points = [
        None if value is None else (3 + place * (_WIDE - 6) / last, _HIGH - 5 - (_HIGH - 10) * ((value - low) / (high - low) if high > low else 0.5))
        for place, value in enumerate(row["values"])
    ]  # fmt: skip
    path = "".join(
        f"{'M' if not place or points[place - 1] is None else 'L'}{point[0]:.1f},{point[1]:.1f}"
        for place, point in enumerate(points)
        if point is not None
    )
    end = [point for point in points if point is not None][-1]
    step = (_WIDE - 6) / last
    hover = "".join(
        f'<rect x="{3 + (place - 0.5) * step:.1f}" y="0" width="{step:.1f}" height="{_HIGH}" fill="none" pointer-events="all"><title>{escape(said)}</title></rect>'
        for place, said in enumerate(_by_quarter(row, lang, currency))
        if points[place] is not None
    )
    stroke = 'fill="none" stroke-linecap="round" stroke-linejoin="round" vector-effect="non-scaling-stroke"'
    return (
        f'<svg viewBox="0 0 {_WIDE} {_HIGH}" preserveAspectRatio="none" role="img" aria-label="{escape(_quarters(row, lang, currency))}" '
        f'style="display:block;width:100%;height:{_HIGH}px;margin:3px 0;overflow:visible">'
        f'<path d="{path}" stroke="{theme.GREY}" stroke-width="1.8" {stroke}/>'
        f'<path d="M{end[0]:.1f},{end[1]:.1f}h0.01" stroke="{colour}" stroke-width="7" {stroke}/>{hover}</svg>'
    )


def _by_quarter(row: Row, lang: str, currency: str | None) -> list[str]:
    return [
        phrases.named(
            dates.quarter(quarter, lang),
            numbers.MISSING if each is None else numbers.value(each, row["unit"], lang=lang, currency=currency),
            lang,
        )
        for quarter, each in zip(row["quarters"], row["values"], strict=True)
    ]


def _quarters(row: Row, lang: str, currency: str | None) -> str:
    told = [
        said for said, value in zip(_by_quarter(row, lang, currency), row["values"], strict=True) if value is not None
    ]
    return phrases.say("figures.quarters", lang, values=phrases.say("compliance.join", lang).join(told))


def _more(row: Row, lang: str, currency: str | None) -> str:
    """What stands behind a card: interval, cases, and what the change is of."""
    said = _in_words(row, ("", ""), lang, currency)
    return " · ".join(filter(None, [said, _compared(row, lang, currency)]))


def _compared(row: Row, lang: str, currency: str | None) -> str:
    if numbers.is_missing(row["change"]):
        return ""
    before, after = (
        numbers.value(value, row["unit"], lang=lang, currency=currency)
        for value in (row["before"], row["before"] + row["change"])
    )
    if numbers.is_missing(row["change_low"]):
        return phrases.say("figures.stock", lang, before=before)
    known = [quarter for quarter, value in zip(row["quarters"], row["values"], strict=True) if value is not None]
    # Where each quarter by itself has too few cases, their year may have enough.
    last = (known or row["quarters"])[-1]
    low, high = (
        ("−" if end < 0 else "") + _size(abs(end), row, lang, currency)
        for end in (row["change_low"], row["change_high"])
    )
    return phrases.say(
        "figures.compared", lang, n=int(row["compared"]), last=dates.quarter(last, lang), before=before, after=after,
        ends=numbers.to(low, high, lang),
    )  # fmt: skip


def _in_words(row: Row, beside: Sequence[str], lang: str, currency: str | None) -> str:
    """A card in one line of text."""
    said = [value(row, lang, currency)]
    if _known(row):
        said += [within(row, lang), interval(row, lang, currency), _cases(row, lang)]
    more = [_change(row, lang, currency)[0], beside[0], target(row, lang, currency) if _known(row) else ""]
    return phrases.named(
        _name(row, lang),
        phrases.say("quarters.join", lang).join(
            filter(None, [phrases.say("compliance.join", lang).join(filter(None, said)), *more])
        ),
        lang,
    )


def _cases(row: Row, lang: str) -> str:
    return numbers.count(row["cases"], "invoice", lang) if row["kpi"] == OVERDUE else cases_behind(row, lang)
