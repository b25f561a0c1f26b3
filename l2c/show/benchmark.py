"""Which part of the business stands where, beside the others?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from l2c.show import markup, numbers
from l2c.show.kpi_cards import headed
from l2c.show.markup import Html, escape
from l2c.show.own_words import own_words
from l2c.show.subjects import joined, kpi, label
from l2c.show.theme import ACCENT, MUTED, WARM
from l2c.words import phrases
from l2c.words.days import day_hours
from l2c.words.phrases import say

Row = Mapping[Any, Any]
_CELL = "min-width:72px;padding:6px 10px;border-bottom:1px solid #e5eaf1;text-align:right;vertical-align:top"


@own_words
def benchmark(
    table: pd.DataFrame,
    *,
    by: str,
    places: Mapping[str, str] | None = None,
    lang: str = "en",
    currency: str | None = None,
) -> Html:
    """Show the six figures of each part, and how far it is from the others: grey where that may be chance.

    Parameters
    ----------
    table
        What `monitor.benchmark` returns.
    by
        The attribute by which the parts were made.
    places
        Where the report of a part lies, by its name.
    lang, currency
        `en` or `ja`; the currency of the log.
    """
    figures = list(dict.fromkeys(table["kpi"]))
    days = table.drop_duplicates("kpi").set_index("kpi")["horizon_days"]
    heads = [label(by, lang), *(headed(kpi(name, lang), days[name], lang) for name in figures)]
    lines, rows = [" | ".join(heads)], []
    for group, part in table.groupby("group", sort=False):
        cells = {row["kpi"]: _cell(row, lang, currency) for row in part.to_dict("records")}
        told = [cells[name] if name in cells else Html("", numbers.MISSING) for name in figures]
        place = (places or {}).get(str(group))
        name = escape(label(group, lang))
        name = f'<a href="{escape(place)}">{name}</a>' if place else name
        left = f"{_CELL};text-align:left;font-weight:600"
        row = "".join(f'<td style="{_CELL}">{each.html}</td>' for each in told)
        rows.append(f'<tr><th scope="row" style="{left}">{name}</th>{row}</tr>')
        lines.append(" | ".join([label(group, lang), *(each.text for each in told)]))
    titles = "".join(
        f'<th scope="col" style="{_CELL}{"" if number else ";text-align:left"}">{escape(head)}</th>'
        for number, head in enumerate(heads)
    )
    compared, sure = (int(table["beyond_chance"].isin(kinds).sum()) for kinds in ([True, False], [True]))
    lead = say(
        "benchmark.lead" if compared else "benchmark.lead.none",
        lang,
        n=numbers.number(sure),
        of=numbers.number(compared),
    )
    foot = _foot(table, lang)
    html = (
        f'<div style="{markup.PAPER}"><p style="margin:0 0 6px">{escape(lead)}</p><div style="overflow-x:auto">'
        f'<table style="border-collapse:collapse;width:100%;font-size:14px">'
        f"<thead><tr>{titles}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        f'<p style="font-size:13px;color:{MUTED};margin:8px 0 0">{escape(foot)}</p></div>'
    )
    return Html(html, "\n".join([lead, *lines, foot]))


def _cell(row: Row, lang: str, currency: str | None) -> Html:
    """A figure, and below it the difference to the others; where that is more than chance, a word says so too."""
    shown = _value(row["value"], row["unit"], lang, currency)
    if numbers.is_missing(row["difference"]) or numbers.is_missing(row["value"]):
        return Html(escape(shown), shown)
    sure = row["beyond_chance"] is True
    side = "better" if row["better"] else "worse"
    gap = f"{_gap(row, lang)} {say(f'benchmark.{side}', lang)}" if sure else _gap(row, lang)
    colour = MUTED if not sure else ACCENT if row["better"] else WARM
    style = f"font-size:12px;color:{colour}{';font-weight:600' if sure else ''}"
    between = _between(row, lang)
    html = f'{escape(shown)}<br><span title="{escape(between)}" style="{style}">{escape(gap)}</span>'
    return Html(html, phrases.bracketed(shown, f"{gap}, {between}", lang))


def _value(value: Any, unit: str, lang: str, currency: str | None) -> str:
    """A figure as short as a table wants it: days in days, shares in whole percent."""
    if unit == "fraction":
        return numbers.percent(value, lang, decimals=0)
    return numbers.value(value, "case_day" if unit == "day" else unit, lang=lang, currency=currency)


def _gap(row: Row, lang: str) -> str:
    size = abs(row["difference"])
    points = numbers.number(size * 100)
    said = say("benchmark.points", lang, n=points) if row["unit"] == "fraction" else _days(size, lang)
    sign = "+" if row["difference"] >= 0 else numbers.MINUS
    return said if points == "0" and row["unit"] == "fraction" else f"{sign}{said}"


def _between(row: Row, lang: str) -> str:
    ends = [row["difference_low"], row["difference_high"]]
    if row["unit"] == "fraction":
        low, high = (numbers.number(end * 100, decimals=1) for end in ends)
        return say("benchmark.points", lang, n=numbers.to(low, high, lang))
    return numbers.to(_days(ends[0], lang), _days(ends[1], lang), lang)


def _days(value: Any, lang: str) -> str:
    """Days in days, however few: what stands in one column is in one unit."""
    if abs(value) >= 1 or day_hours() is not None:
        return numbers.case_days(value, lang)
    return say("benchmark.days", lang, n=numbers.number(value, decimals=1))


def _foot(table: pd.DataFrame, lang: str) -> str:
    """What the small numbers are, once."""
    used = next((each for each in table["adjusted_for"] if len(each)), ())
    names = joined([label(name, lang) for name in used], lang)
    return say("benchmark.foot" if names else "benchmark.foot.plain", lang, attributes=names)
