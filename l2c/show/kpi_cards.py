"""How are we doing, at one glance, and what exactly does each number mean?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from l2c.measures.behind import BEHIND
from l2c.show import markup, numbers
from l2c.show.behind import number
from l2c.show.markup import Html, escape
from l2c.show.own_words import own_words
from l2c.show.tables import grid
from l2c.show.tables import table as _table
from l2c.words import notes, phrases, vocabulary
from l2c.words.errors import UnknownName
from l2c.words.measures import words_of
from l2c.words.notes import Note

_CARD = (
    "border:1px solid #d5dde8;border-radius:10px;padding:10px 12px;background:#fff;break-inside:avoid;min-width:0;"
    "overflow-wrap:anywhere"
)
# Those for which there is no number at all, however many cases have ended.
REASONS = {
    "currencies", "amount_of_lost", "amount_of_open", "no_terms", "too_many_negative", "no_order_changes",
    "end_unrecorded",
}  # fmt: skip
# How a KPI says that some of what it counts has not ended: of them, or beside them.
_OPEN = {
    "sales_cycle_days": "kpi.open",
    "lead_to_cash_days": "kpi.unpaid",
    "invoice_to_payment_days": "kpi.unpaid",
    "late_payment_share": "kpi.beside.due",
    "late_payment_incidence": "kpi.beside.due",
    "quote_acceptance_rate": "kpi.beside.waiting",
    "win_rate": "kpi.beside.open",
    "win_rate_by_value": "kpi.beside.open",
    "conformance_rate": "kpi.beside.ended",
    "quote_rework_rate": "kpi.beside.open",
}
# A bound this much beyond the interval is told.
FAR_APART = 0.005
# Of durations, and of those that all of them are open.
_BY_KIND = {"duration": "kpi.waiting", "sum": "", "median": "", "velocity": ""}
_SMALL = "font-size:12px;color:#64748b"


@own_words
def kpi_cards(
    table: pd.DataFrame, *, only: Sequence[str] | None = None, lang: str = "en", currency: str | None = None
) -> Html:
    """Show each KPI as a card: its value, how sure it is, how many cases are behind it and how many are still open.

    Parameters
    ----------
    table
        What `l2c.kpis` returns: `kpi, value, low, high, unit, cases, censored, note`, and where it has them `bound_low,
        bound_high, horizon_days, to_date`, and `behind` (`diagnose.behind`), by which a number leads to its cases.
    only
        The ids of the KPIs to show, in this order; all of them unless given.
    lang, currency
        `en` or `ja`; the currency of the log.

    Returns
    -------
    Cards that fit a phone and print well; each unfolds to its definition. A rate says in how many days it was reached, what
    it may become in the end, and in grey what it is to date. What these data cannot tell stands below them, with the reason.
    """
    known = {row["kpi"]: row for row in table.to_dict("records")}
    for kpi in only or ():
        if kpi not in known:
            raise UnknownName.metric(kpi, known)
    rows = [known[kpi] for kpi in only] if only is not None else list(known.values())
    there = [row for row in rows if not numbers.is_missing(row["value"])]
    missing = [row for row in rows if numbers.is_missing(row["value"])]
    cards = "".join(_card(row, lang, currency) for row in there)
    html = (
        f'<div style="{markup.PAPER}"><div style="display:grid;gap:10px;'
        f'grid-template-columns:repeat(auto-fill,minmax(min(168px,100%),1fr))">{cards}</div>'
        f"{_absent(missing, lang)}</div>"
    )
    lines = [_in_words(row, lang, currency) for row in there]
    lines += [
        phrases.named(
            _name(row["kpi"], lang), phrases.bracketed(phrases.say("kpi.missing", lang), _why(row, lang), lang), lang
        )
        for row in missing
    ]
    return Html(html, "\n".join(lines))


def _in_words(row: dict[Any, Any], lang: str, currency: str | None) -> str:
    """A card in one line of text."""
    said = [
        phrases.named(_name(row["kpi"], lang), value(row, lang, currency), lang),
        *filter(None, [within(row, lang)]),
    ]
    more = [_bounds(row, lang, currency), _to_date(row, lang), target(row, lang, currency)]
    return " ".join([phrases.bracketed(" ".join(said), cases_behind(row, lang), lang), *filter(None, more)])


@own_words
def kpi_card(
    table: pd.DataFrame,
    kpi: str,
    *,
    parameters: Mapping[str, object] | None = None,
    sample: pd.DataFrame | None = None,
    lang: str = "en",
    currency: str | None = None,
) -> Html:
    """Show one KPI with all that stands behind it: definition, parameters, and rows it was computed from.

    Parameters
    ----------
    table
        What `l2c.kpis` returns.
    kpi
        The id of one of its rows.
    parameters
        What the number depends on (start and end activity, level, filters), name by name.
    sample
        Some rows it was computed from.
    lang, currency
        `en` or `ja`; the currency of the log.

    Raises
    ------
    UnknownName
        If the table has no such KPI.
    """
    found = table[table["kpi"] == kpi]
    if not len(found):
        raise UnknownName.metric(kpi, table["kpi"])
    row = found.to_dict("records")[0]
    absent = numbers.is_missing(row["value"])
    shown = phrases.say("kpi.missing", lang) if absent else value(row, lang, currency)
    notes = [_why(row, lang)]
    if not absent:
        sure = [within(row, lang), interval(row, lang, currency), _bounds(row, lang, currency)]
        notes = [*sure, cases_behind(row, lang), _to_date(row, lang), _note(row, lang)]
    notes.append(target(row, lang, currency))
    parts = [
        f'<div style="font-size:13px;color:#334155">{escape(_name(kpi, lang))}</div>',
        f'<div style="font-size:26px;font-weight:700">{escape(shown) if absent else linked(row, lang, currency)}</div>',
        f'<div style="{_SMALL}">{escape(" · ".join(filter(None, notes)))}</div>',
        _meaning(kpi, lang, "margin:8px 0;font-size:13px"),
    ]
    lines = [phrases.named(_name(kpi, lang), shown, lang), *filter(None, notes), _definition(kpi, lang)]
    if parameters:
        settings = [
            [vocabulary.label(name, lang), vocabulary.label(str(setting), lang)] for name, setting in parameters.items()
        ]
        heads = [phrases.say("kpi.parameter", lang), phrases.say("kpi.setting", lang)]
        caption = phrases.say("kpi.parameters", lang)
        parts.append(f'<div style="margin-top:8px">{grid(heads, settings, [False, False], caption)}</div>')
        lines += [caption, *(phrases.named(name, setting, lang) for name, setting in settings)]
    if sample is not None:
        listed = _table(sample, lang=lang, currency=currency, caption=phrases.say("kpi.sample", lang), rows=5)
        parts.append(f'<div style="margin-top:8px">{listed.html}</div>')
        lines.append(listed.text)
    return Html(f'<div style="{markup.PAPER};{_CARD};max-width:760px">{"".join(parts)}</div>', "\n".join(lines))


def _card(row: dict[Any, Any], lang: str, currency: str | None) -> str:
    definition = _definition(row["kpi"], lang)
    unfold = (
        f'<details style="{_SMALL};margin-top:4px"><summary style="cursor:pointer">'
        f"{escape(phrases.say('kpi.definition', lang))}</summary>{_meaning(row['kpi'], lang, 'margin-top:2px')}</details>"
        if definition
        else ""
    )
    return (
        f'<div style="{_CARD}" title="{escape(definition)}">'
        '<div style="font-size:12.5px;color:#334155;min-height:2.6em;line-height:1.3">'
        f"{escape(_name(row['kpi'], lang))}</div>"
        f'<div style="font-size:22px;line-height:1.25;font-weight:700">{linked(row, lang, currency)}</div>'
        f"{_line(within(row, lang))}"
        f'<div style="{_SMALL};min-height:1.45em">{escape(interval(row, lang, currency))}</div>'
        f"{_line(_bounds(row, lang, currency))}{_line(cases_behind(row, lang))}{_line(_to_date(row, lang))}"
        f"{_line(target(row, lang, currency))}{_remark(row, lang)}{unfold}</div>"
    )


def _line(text: str) -> str:
    return f'<div style="{_SMALL}">{escape(text)}</div>' if text else ""


def within(row: Mapping[Any, Any], lang: str) -> str:
    """In how many days a rate was reached."""
    days = row.get("horizon_days")
    return "" if numbers.is_missing(days) else phrases.say("kpi.within", lang, days=numbers.case_days(days, lang))


def headed(name: str, days: float | None, lang: str) -> str:
    """The name of a figure, and within how many days it is told where that makes the number what it is."""
    said = within({"horizon_days": days}, lang)
    if not said:
        return name
    return phrases.bracketed(name, said, lang) if lang == "ja" else f"{name} {said}"


def _ranges(row: Mapping[Any, Any]) -> bool:
    """Whether a median hangs so much on the open ones that it is a range, and no number."""
    return row["unit"] in ("day", "case_day", "working_day") and not numbers.is_missing(row.get("bound_low"))


def _bounds(row: dict[Any, Any], lang: str, currency: str | None) -> str:
    """What hangs on those that are still open, where that is more than chance."""
    if _ranges(row):
        return phrases.say("kpi.of_the_open", lang)
    ends = in_the_end(row, lang, currency)
    return phrases.say("kpi.in_the_end", lang, ends=ends) if ends else ""


def in_the_end(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    """Between what a rate will lie in the end, where that is more than its interval; else an empty text."""
    low, high = row.get("bound_low"), row.get("bound_high")
    if row["unit"] != "fraction" or numbers.is_missing(low) or max(row["low"] - low, high - row["high"]) < FAR_APART:
        return ""
    return numbers.interval(low, high, row["unit"], lang=lang, currency=currency)


def _to_date(row: dict[Any, Any], lang: str) -> str:
    """The same rate as it stands today."""
    if numbers.is_missing(row.get("to_date")):
        return ""
    return phrases.say("kpi.to_date", lang, value=numbers.value(row["to_date"], row["unit"], lang=lang))


def target(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    """What it shall be and, where the interval lies on one side of that, whether it is."""
    if numbers.is_missing(row.get("target")):
        return ""
    to, measure = row["target"], words_of(row["kpi"])
    # Of what hangs on the open ones, whatever becomes of them.
    sides = [(row.get(f"bound_{side}"), row[side], row["value"]) for side in ("low", "high")]
    ends: list[Any] = [next((end for end in each if not numbers.is_missing(end)), row["value"]) for each in sides]
    # The side on which it is worse first.
    good, bad = (ends[0], ends[1]) if measure and measure.worse == "more" else (-ends[1], -ends[0])
    aim = to if measure and measure.worse == "more" else -to
    verdict = ".met" if bad <= aim else ".missed" if good > aim else ".unsure"
    verdict = verdict if measure and measure.worse != "none" and not numbers.is_missing(row["value"]) else ""
    said = numbers.value(to, row["unit"], lang=lang, currency=currency)
    return phrases.say(f"kpi.target{verdict}", lang, target=said)


def _remark(row: dict[Any, Any], lang: str) -> str:
    note = _note(row, lang)
    return f'<div style="font-size:12px;color:#9a3412">{escape(note)}</div>' if note else ""


def _absent(rows: list[dict[Any, Any]], lang: str) -> str:
    if not rows:
        return ""
    items = "".join(
        f'<li title="{escape(_definition(row["kpi"], lang))}">'
        f"{escape(phrases.say('named', lang, name=_name(row['kpi'], lang), said=_why(row, lang)))}</li>"
        for row in rows
    )
    head = escape(phrases.say("kpi.missing.head", lang))
    listed = f'<ul style="margin:2px 0 0;padding-left:20px">{items}</ul>'
    return f'<div style="{_SMALL};margin-top:12px"><b>{head}</b>{listed}</div>'


def value(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    """Write the number of a KPI, or between what it lies."""
    if _ranges(row):
        return numbers.interval(row["bound_low"], row["bound_high"], row["unit"], lang=lang, currency=currency)
    return numbers.value(row["value"], row["unit"], lang=lang, currency=currency)


def linked(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    """The number as HTML, which leads to its cases where they are known."""
    said = value(row, lang, currency)
    return number(said, row.get(BEHIND), phrases.named(_name(row["kpi"], lang), said, lang))


def interval(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    """The interval of a number, which a range has in itself."""
    if _ranges(row) or (numbers.is_missing(row["low"]) and numbers.is_missing(row["high"])):
        return ""
    ends = numbers.interval(row["low"], row["high"], row["unit"], lang=lang, currency=currency)
    return phrases.say("kpi.interval", lang, ends=ends)


def cases_behind(row: Mapping[Any, Any], lang: str) -> str:
    """How many cases, or objects of them, a number is made of, and how many of them are open."""
    unit, phrase = _counted(row)
    text = numbers.count(row["cases"], unit, lang)
    if phrase and not numbers.is_missing(row["censored"]) and row["censored"] > 0:
        text += phrases.say(phrase, lang, n=numbers.number(row["censored"]))
    return text


def _counted(row: Mapping[Any, Any]) -> tuple[str, str]:
    measure = words_of(row["kpi"])
    if measure is None:
        return "case", "kpi.open"
    unit = measure.of if measure.of in ("lead", "quote", "order", "invoice") else "case"
    return unit, _OPEN.get(measure.id, _BY_KIND.get(measure.kind, "kpi.open"))


def _why(row: dict[Any, Any], lang: str) -> str:
    unit, _ = _counted(row)
    cases = numbers.count(row["cases"], unit, lang)
    if numbers.is_missing(row["cases"]) or row["cases"] == 0:
        return phrases.say("kpi.why.none", lang)
    note = _note(row, lang)
    if isinstance(row.get("note"), Note) and row["note"].id in REASONS:
        return note
    if not numbers.is_missing(row["censored"]) and row["censored"] * 2 >= row["cases"]:
        return phrases.say("kpi.why.open", lang, n=numbers.number(row["censored"]), cases=cases)
    return note or phrases.say("kpi.why.few", lang, cases=cases)


def _note(row: dict[Any, Any], lang: str) -> str:
    """What the measure remarks on its own number, in the reader's language."""
    note = row.get("note")
    return notes.note(note, lang) if isinstance(note, Note | str) else ""


def _name(kpi: str, lang: str) -> str:
    return vocabulary.label(kpi, lang)


def _definition(kpi: str, lang: str) -> str:
    known = words_of(kpi)
    return "" if known is None else known.meaning_ja if lang == "ja" else known.meaning_en


def _meaning(kpi: str, lang: str, style: str) -> str:
    text = _definition(kpi, lang)
    return f'<div style="{style}">{escape(text)}</div>' if text else ""
