"""Which open deals, leads and invoices are there, what will become of them, and why?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from l2c.show import cells, markup, numbers, tables
from l2c.show.browse import ROWS, browse
from l2c.show.markup import Html, escape
from l2c.show.tables import sentence
from l2c.show.theme import MUTED
from l2c.system.extras import is_there
from l2c.words import notes, phrases
from l2c.words.notes import Note

# What goes along in a download but stands in the page as part of something else.
HIDDEN = (
    "low", "high", "close_low", "close_high", "paid_low", "paid_high", "limit_days", "over_limit", "expected_value", "meetings",
    "contacts", "url",
)  # fmt: skip
# On a narrow page the rest has to be scrolled to.
FIRST = (
    "case_id", "name", "invoice", "account", "stage", "last_activity", "amount", "open_amount", "due_date", "win_share",
    "deal_share", "late_share", "at_risk_value", "paid_median", "reasons",
)  # fmt: skip
# More are for the table to browse.
MOST_WATCHED = 5
Row = Mapping[Any, Any]


def open_deals(
    table: pd.DataFrame,
    *,
    lang: str = "en",
    currency: str | None = None,
    instance_url: str | None = None,
    rows: int = ROWS,
) -> Html:
    """List the open deals to sort, search and take away: chance, expected day, days in the stage, value at risk, reasons.

    Parameters
    ----------
    table
        What `monitor.open_deals` returns.
    lang, currency
        `en` or `ja`; the currency of the log.
    instance_url
        Address of the Salesforce org, `https://acme.my.salesforce.com`: deals become links where the table has none.
    rows
        Most rows to put into the page.

    Returns
    -------
    HTML with a plain-text twin. Where itables is not installed, the first rows as a plain table.
    """
    return _listed(table, "deals", lang, currency, instance_url, rows)


def open_leads(
    table: pd.DataFrame,
    *,
    lang: str = "en",
    currency: str | None = None,
    instance_url: str | None = None,
    rows: int = ROWS,
) -> Html:
    """List the open leads: chance to become a deal, when, and how long they have waited; as `open_deals` otherwise.

    Parameters
    ----------
    table
        What `monitor.open_leads` returns.
    lang, currency, instance_url, rows
        As for `open_deals`.
    """
    return _listed(table, "leads", lang, currency, instance_url, rows)


def open_invoices(
    table: pd.DataFrame,
    *,
    lang: str = "en",
    currency: str | None = None,
    instance_url: str | None = None,
    rows: int = ROWS,
) -> Html:
    """List the open invoices: chance to be paid late, expected day of the payment; as `open_deals` otherwise.

    Parameters
    ----------
    table
        What `monitor.open_invoices` returns.
    lang, currency, instance_url, rows
        As for `open_deals`.
    """
    return _listed(table, "invoices", lang, currency, instance_url, rows)


def watch_list(table: pd.DataFrame, *, lang: str = "en", currency: str | None = None) -> Html:
    """Show the five open deals with most value at risk in brief, or say why there are none.

    Parameters
    ----------
    table
        What `monitor.open_deals` returns.
    lang, currency
        `en` or `ja`; the currency of the log.
    """
    found = table.head(MOST_WATCHED)
    if not len(found) or not table["at_risk_value"].notna().any():
        return _why(table, "watch" if len(found) else "deals", lang)
    wanted = ("case_id", "name", "stage", "amount", "win_share", "close_median", "at_risk_value", "reasons")
    told_ = told(found, lang, currency)
    shown = tables.table(
        told_[[name for name in wanted if name in told_]],
        lang=lang,
        currency=currency,
        caption=_headline(table, len(found), lang, currency),
    )
    return _with(shown, [phrases.say("pipeline.as_before", lang)])


def remarks(table: pd.DataFrame, *, cases: int, learnt: int, lang: str = "en") -> Html:
    """Say of a list of open deals of what its chances are learnt, and what they are not.

    Parameters
    ----------
    table
        What `monitor.open_deals` returns.
    cases, learnt
        How many cases the whole log has, and of how many at most is learnt.
    """
    few = cases <= learnt
    counts = {"n": numbers.number(cases)} | ({} if few else {"most": numbers.number(learnt)})
    said = [phrases.say("pipeline.whole" if few else "pipeline.most", lang, **counts)]
    said += [phrases.say("pipeline.as_before", lang)]
    note = table.attrs.get("note")
    said += [sentence(note, lang)] if isinstance(note, Note) else []
    lines = "".join(f'<p style="margin:4px 0">{escape(line)}</p>' for line in said)
    return Html(f'<div style="{markup.PAPER};font-size:13px">{lines}</div>', "\n".join(said))


def told(
    table: pd.DataFrame, lang: str = "en", currency: str | None = None, instance_url: str | None = None
) -> pd.DataFrame:
    """Put what belongs together into one cell: an estimate with its range, a case with its page, reasons in sentences.

    Parameters
    ----------
    table
        What `monitor.open_deals`, `open_leads` or `open_invoices` returns.
    """
    makers: dict[str, Callable[[Row], object]] = {
        "case_id": lambda row: cells.link(
            str(row["case_id"]), _text(row.get("url")) or cells.record(str(row["case_id"]), instance_url)
        ),
        "win_share": lambda row: cells.share(row["win_share"], row["low"], row["high"], lang),
        "deal_share": lambda row: cells.share(row["deal_share"], row["low"], row["high"], lang),
        "late_share": lambda row: cells.share(row["late_share"], row["low"], row["high"], lang),
        "in_stage_days": lambda row: cells.days(row["in_stage_days"], row.get("limit_days", float("nan")), lang),
        "close_median": lambda row: _day(row, "close", lang),
        "paid_median": lambda row: _day(row, "paid", lang),
        "reasons": lambda row: reasons(row["reasons"], lang),
    }
    makers |= {
        name: (lambda row, name=name: cells.money(row[name], currency, lang))  # type: ignore[misc]
        for name in ("amount", "open_amount", "expected_value", "at_risk_value")
    }
    records = table.to_dict("records")
    made = {
        name: pd.Series([makers[name](row) for row in records], table.index, object) if name in makers else table[name]
        for name in table.columns
    }
    order = [*(name for name in FIRST if name in made), *(name for name in made if name not in FIRST)]
    return pd.DataFrame(made, index=table.index)[order]


def reasons(given: object, lang: str = "en") -> str:
    """Say the reasons of a row in sentences."""
    parts = given if isinstance(given, (tuple, list)) else [] if numbers.is_missing(given) else [given]
    said = [notes.note(part, lang) if isinstance(part, Note) else str(part) for part in parts]
    mark, between = ("。", "") if lang == "ja" else (".", " ")
    return between.join(f"{text[:1].upper()}{text[1:].rstrip('.。')}{mark}" for text in said if text)


def _listed(
    table: pd.DataFrame, kind: str, lang: str, currency: str | None, instance_url: str | None, rows: int
) -> Html:
    if not len(table):
        return _why(table, kind, lang)
    found = told(table, lang, currency, instance_url)
    # The case of a lead without a deal is the lead.
    found = found.rename(columns={"case_id": "lead"}) if kind == "leads" else found
    hidden = [name for name in HIDDEN if name in found]
    caption = phrases.say(f"pipeline.{kind}", lang, n=numbers.number(len(table)), **_sums(table, kind, lang, currency))
    if is_there("itables"):
        shown = browse(found, lang=lang, currency=currency, caption=caption, rows=rows, hidden=hidden)
    else:
        shown = tables.table(found.drop(columns=hidden), lang=lang, currency=currency, caption=caption)
    note = table.attrs.get("note")
    said = [phrases.say("pipeline.as_before" if kind != "invoices" else "pipeline.invoices.note", lang)]
    return _with(shown, [*said, *([sentence(note, lang)] if isinstance(note, Note) else [])])


def _headline(table: pd.DataFrame, shown: int, lang: str, currency: str | None) -> str:
    """How many deals are open, what they are worth, and what of that is expected to be won."""
    said = phrases.say("pipeline.watch" if shown < len(table) else "pipeline.watch.all", lang, n=shown)
    worth, expected = (numbers.money(table[name].sum(), currency, lang) for name in ("amount", "expected_value"))
    return phrases.say(
        "pipeline.headline", lang, n=numbers.number(len(table)), worth=worth, expected=expected, watch=said
    )


def _sums(table: pd.DataFrame, kind: str, lang: str, currency: str | None) -> dict[str, str]:
    """What the list is worth, where that can be told."""
    name = {"deals": "amount", "invoices": "open_amount"}.get(kind)
    total = table[name].sum() if name in table and table[name].notna().any() else float("nan")
    said = (
        ""
        if numbers.is_missing(total)
        else phrases.say("pipeline.worth", lang, money=numbers.money(total, currency, lang))
    )
    return {"worth": said}


def _why(table: pd.DataFrame, kind: str, lang: str) -> Html:
    note = table.attrs.get("note")
    said = sentence(note, lang) if isinstance(note, Note) else phrases.say(f"pipeline.{kind}.none", lang)
    return Html(f'<div style="{markup.PAPER}"><p>{escape(said)}</p></div>', said, said)


def _with(shown: Html, said: list[str]) -> Html:
    below = "".join(f'<p style="margin:4px 0">{escape(line)}</p>' for line in said)
    style = f"{markup.FONT};color:{MUTED};font-size:13px"
    return Html(f'{shown.html}<div style="{style}">{below}</div>', "\n".join([shown.text, *said]))


def _day(row: Row, of: str, lang: str) -> object:
    middle, low, high = (row.get(f"{of}_{end}") for end in ("median", "low", "high"))
    return cells.day(middle, low, high, lang)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
