"""What is alarming today, in sentences?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from l2c.show import markup, numbers
from l2c.show.changes import step
from l2c.show.markup import Html, escape
from l2c.show.own_words import own_words
from l2c.show.subjects import kpi
from l2c.show.tables import cell, sentence
from l2c.words import notes, phrases
from l2c.words.notes import Note

# Red, amber and grey; the word stands beside them.
COLOURS = {"high": "#b91c1c", "medium": "#b45309", "low": "#64748b"}


@own_words
def alerts(table: pd.DataFrame, *, lang: str = "en", currency: str | None = None, rows: int = 10) -> Html:
    """List what is alarming, alert by alert, the gravest first, each with how often it would have fired.

    Parameters
    ----------
    table
        What `monitor.alerts` returns.
    lang, currency
        `en` or `ja`; the currency of the log.
    rows
        Most to list of each alert; what is left out is counted.

    Returns
    -------
    HTML with a plain-text twin; below it what could not be watched. People are not named in it.
    """
    note = table.attrs.get("note")
    below = [sentence(note, lang)] if isinstance(note, Note) else []
    if not len(table):
        said = [phrases.say("alerts.none", lang), *below]
        return Html(
            f'<div style="{markup.PAPER}">{"".join(f"<p>{escape(s)}</p>" for s in said)}</div>', "\n".join(said)
        )
    html, text = [], []
    for id, part in table.groupby("alert", sort=False):
        first = part.iloc[0]
        head = phrases.say("alerts.head", lang, name=cell(str(id), "alert", lang=lang), n=numbers.number(len(part)))
        often = _often(first.to_dict(), lang)
        severity = cell(str(first["severity"]), "severity", lang=lang)
        lines = [_said(row, lang, currency) for row in part.head(rows).to_dict("records")]
        if len(part) > rows:
            lines.append(phrases.say("more_rows", lang, n=numbers.number(len(part) - rows)))
        items = "".join(f"<li>{escape(line)}</li>" for line in lines)
        colour = COLOURS.get(str(first["severity"]), COLOURS["low"])
        html.append(
            f'<div style="border-left:4px solid {colour};padding-left:10px;margin:10px 0"><b>{escape(head)}</b> '
            f'<span style="color:{colour}">{escape(severity)}</span>'
            f'<div style="color:#64748b;font-size:.9em">{escape(often)}</div><ul style="margin:4px 0">{items}</ul></div>'
        )
        text += [" · ".join(filter(None, [head, severity, often])), *(f"  - {line}" for line in lines)]
    html += [f"<p>{escape(line)}</p>" for line in below]
    return Html(f'<div style="{markup.PAPER};font-size:14px">{"".join(html)}</div>', "\n".join([*text, *below]))


def _often(row: Mapping[Any, Any], lang: str) -> str:
    if numbers.is_missing(row["fired"]) or not row["weeks"]:
        return ""
    return phrases.say("alerts.fired", lang, n=numbers.number(row["fired"]), weeks=numbers.number(row["weeks"]))


def _said(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    """One line: what it is about, why it is alarming, and how much money it is."""
    why = notes.note(row["text"], lang)
    about = [] if numbers.is_missing(row["case_id"]) else [row["case_id"]]
    about += [] if numbers.is_missing(row["kpi"]) else [(step if row["watch"] == "steps" else kpi)(row["kpi"], lang)]
    if row["watch"] == "kpis":
        value, limit = (
            numbers.value(row[name], row["unit"], lang=lang, currency=currency) for name in ("value", "limit")
        )
        why = phrases.say("alerts.kpi", lang, value=value, limit=limit, why=why)
    money = "" if numbers.is_missing(row["amount"]) else numbers.money(row["amount"], currency, lang)
    line = phrases.say("alerts.line", lang, about=(" · ").join(about), why=why)
    return f"{line} · {money}" if money else line
