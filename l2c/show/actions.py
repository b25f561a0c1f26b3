"""What is to be done on Monday, how large is it, how sure, and who decides? And what is not sure?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from l2c.diagnose.actions import MOST_ACTIONS
from l2c.diagnose.causes.echoes import STUCK
from l2c.measures.behind import unpacked
from l2c.show import behind, dates, markup, numbers
from l2c.show.findings import UNGROUPED, listed
from l2c.show.markup import Html, escape
from l2c.show.own_words import own_words
from l2c.show.subjects import PSEUDONYM, group, joined, kpi, label
from l2c.show.theme import ACCENT, MUTED, WARM
from l2c.stats import SMALLEST_SAMPLE
from l2c.words import vocabulary
from l2c.words.measures import words_of
from l2c.words.phrases import PHRASES, say

Row = Mapping[Any, Any]
DOTS = 3
ENDS = ("excess_low", "excess_high")
# Most lines that say what would settle more.
MOST_SETTLED = 3
_CARD = "border:1px solid #d5dde8;border-radius:10px;padding:10px 14px;background:#fff;break-inside:avoid;min-width:0"
_SMALL = f"font-size:13px;color:{MUTED}"


@own_words
def actions(
    table: pd.DataFrame,
    *,
    cases: int,
    found: pd.DataFrame | None = None,
    problems: pd.DataFrame | None = None,
    attributes: Sequence[str] | None = None,
    lang: str = "en",
    currency: str | None = None,
) -> Html:
    """Show what to do as cards: what, why, how large, how sure, who decides, and the cases; then what would settle more.

    Parameters
    ----------
    table
        What `diagnose.actions` returns.
    cases
        Number of cases looked at.
    found
        What `diagnose.findings` returned: what hangs on something that nobody said.
    problems
        What `l2c.check.problems` returns: what the log cannot tell, and what would open it.
    attributes
        What the log knows of its cases.
    lang, currency
        `en` or `ja`; the currency of the log.

    Returns
    -------
    Cards side by side that stand below each other on a phone, with a plain-text twin.
    """
    rows = table.to_dict("records")
    cards = [_card(row, lang, currency) for row in rows]
    if len(rows) < MOST_ACTIONS:
        lines = settling(found, problems, attributes, cases, lang)[:MOST_SETTLED]
        cards.append(_settled(lines, "fewer" if rows else "none", lang))
    compared = any(not numbers.is_missing(row["comparable"]) for row in rows)
    foot = say("actions.foot", lang) if compared else ""
    html = "".join(card.html for card in cards)
    below = f'<div style="{_SMALL};margin-top:6px">{escape(foot)}</div>' if foot else ""
    grid = "display:grid;gap:12px;grid-template-columns:repeat(auto-fit,minmax(min(240px,100%),1fr))"
    body = f'<div class="l2c-actions" style="{markup.PAPER}"><div style="{grid}">{html}</div>{below}</div>'
    return Html(body, "\n".join([*(card.text for card in cards), *filter(None, [foot])]))


def _card(row: Row, lang: str, currency: str | None) -> Html:
    title, fact, (size, what, more) = _do(row, lang), _fact(row, lang), _size(row, lang, currency)
    sure = say(f"actions.sure.{row['sure']}", lang)
    dots = "●" * row["sure"] + "○" * (DOTS - row["sure"])
    who = say("actions.decides", lang, who=vocabulary.decider(row["decides"], lang))
    link = _cases(row, lang)
    html = (
        f'<article style="{_CARD};border-top:4px solid {WARM}">'
        f'<h3 style="margin:2px 0 4px;font-size:17px;line-height:1.3">{escape(title)}</h3>'
        f'<p style="margin:0 0 4px;font-size:14.5px">{escape(fact)}</p>'
        f'<p style="margin:0"><b style="font-size:23px">{escape(size)}</b> <span style="{_SMALL}">{escape(what)}</span></p>'
        f'<p style="margin:0;{_SMALL}">{escape(more)}</p>'
        f'<p style="margin:4px 0 0;{_SMALL}"><span aria-hidden="true" style="color:{ACCENT}">{dots}</span> {escape(sure)}<br>'
        f"{escape(who)}<br>{behind.number(link, row['behind'], title)} {behind.why(row, lang)}</p></article>"
    )
    lines = [title, fact, " ".join(filter(None, [size, what, more])), f"{dots} {sure}", who, link]
    return Html(html, "\n  ".join(filter(None, lines)))


def _do(row: Row, lang: str) -> str:
    """What to do, verb first."""
    said = {"kpi": kpi(row["kpi"], lang), "value": _value(row["value"], lang), "step": _step(row, lang)}
    if row["attribute"] is not None:
        said["group"] = group(row["attribute"], row["value"], lang)
    if row["since"] is not None:
        said["since"] = dates.day(row["since"], lang)
    kind = row["problem"] if row["kind"] == "cause" else row["kind"]
    kind = STUCK if row["kpi"] == STUCK else kind
    person = "person" if PSEUDONYM.fullmatch(str(row["value"])) or row["attribute"] == "rep" else row["attribute"]
    own = f"actions.do.{kind}.{row['kpi'] if kind == 'rule' else person}"
    do = say(own if own in PHRASES else f"actions.do.{kind}", lang, **said)
    if row["where"] is None:
        return do
    return say("actions.first", lang, do=do, value=_value(row["where_value"], lang))


def _fact(row: Row, lang: str) -> str:
    """Why: how it is there, and how where all else is equal."""
    mean, other = row["mean"], row["comparable"]
    if row["kind"] == "cause":
        days = row["unit"] == "case_day"
        said = [numbers.days(x, lang) if days else numbers.percent(x, lang, decimals=0) for x in (mean, other)]
        key = f"actions.fact.{'days' if days else row['problem']}"
        key = key if key in PHRASES and row["kpi"] != STUCK else "actions.fact.rate"
        return say(key, lang, mean=said[0], other=said[1], n=numbers.number(row["cases"]), kpi=kpi(row["kpi"], lang))
    share = numbers.percent(row["share"], lang, decimals=0)
    if row["kind"] == "rule":
        count = numbers.count(row["cases"], "deal", lang)
        if row["where"] is None:
            return say("actions.fact.rule", lang, cases=count, share=share)
        there = {"n": numbers.number(row["where_cases"]), "value": _value(row["where_value"], lang)}
        return say("actions.fact.rule.where", lang, cases=count, share=share, **there)
    if row["kind"] == "change":
        return say("actions.fact.change", lang, what=_step(row, lang) or kpi(row["kpi"], lang))
    effect = "" if numbers.is_missing(mean) else numbers.number(mean * 100, decimals=2)
    return say(f"actions.fact.{row['kind']}", lang, share=share, effect=effect)


def _size(row: Row, lang: str, currency: str | None) -> tuple[str, str, str]:
    """The number, what it is, and in small how far it may lie off and what goes with it."""
    money, days = row["money"], row["unit"] == "case_day"
    kind = row["problem"] if row["kind"] == "cause" else row["kind"]
    kind = STUCK if row["kpi"] == STUCK else "days" if days and row["kind"] == "cause" else kind
    if days or numbers.is_missing(money):
        between = "" if numbers.is_missing(row["excess_low"]) else _between(row, lang)
        cost = (
            "" if numbers.is_missing(money) else say("actions.cost", lang, money=numbers.money(money, currency, lang))
        )
        return (
            _amount(row, "excess", lang),
            _said(f"actions.size.{kind}", "actions.size.rate", lang),
            _dotted(between, cost),
        )
    shown, name = (
        numbers.money(money, currency, lang),
        _said(f"actions.size.{kind}.money", "actions.size.lost.money", lang),
    )
    if not row["money_high"] > row["money_low"]:
        return shown, name, ""
    between = _tight(numbers.interval(row["money_low"], row["money_high"], "money", lang=lang, currency=currency))
    about = say(f"actions.about.{_counted(row)}", lang, n=numbers.number(row["excess"]))
    return shown, name, joined([between, about], lang)


def _between(row: Row, lang: str) -> str:
    low, high = ENDS
    if row["unit"] == "case_day":
        return _tight(numbers.interval(row[low], row[high], "case_day", lang=lang))
    return _tight(numbers.to(_amount(row, low, lang), _amount(row, high, lang), lang))


def _tight(between: str) -> str:
    """A range in as little room as it can be read in: `69–98`."""
    return between.replace(" – ", "–")


def _amount(row: Row, name: str, lang: str) -> str:
    if row["unit"] == "case_day":
        return numbers.case_days(row[name], lang)
    if row["unit"] == "ratio":
        return numbers.number(row[name], decimals=2)
    return numbers.number(row[name]) + ("件" if lang == "ja" and name == "excess" else "")


def _said(key: str, other: str, lang: str) -> str:
    return say(key if key in PHRASES else other, lang)


def _dotted(*parts: str) -> str:
    return " · ".join(filter(None, parts))


def _counted(row: Row) -> str:
    """What is counted: leads, or deals."""
    measure = words_of(row["kpi"])
    return "lead" if measure is not None and measure.of == "lead" else "deal"


def _cases(row: Row, lang: str) -> str:
    if not isinstance(row["behind"], str):
        return ""
    return say("actions.cases", lang, cases=numbers.count(len(unpacked(row["behind"])), _counted(row), lang))


def _value(value: Any, lang: str) -> str:
    return joined([label(str(each), lang) for each in (value if isinstance(value, list) else [value])], lang)


def _step(row: Row, lang: str) -> str:
    return "" if row["step"] is None else " → ".join(label(name, lang) for name in row["step"])


def settling(
    found: pd.DataFrame | None,
    problems: pd.DataFrame | None,
    attributes: Sequence[str] | None,
    cases: int,
    lang: str,
) -> list[str]:
    """What would let more be said, the most telling first: a margin, a field of the export, more cases."""
    lines = []
    for row in [] if found is None else found.to_dict("records"):
        if (
            row["kind"] == "discount"
            and row["value"] == "none"
            and row["margin_needed"] <= 1
            and numbers.is_missing(row["margin"])
        ):
            lines.append(say("actions.settle.margin", lang))
    if attributes is not None and not set(attributes) - UNGROUPED:
        lines.append(say("actions.settle.groups", lang))
    if cases < 2 * SMALLEST_SAMPLE:
        lines.append(say("actions.settle.few", lang, cases=numbers.count(cases, "deal", lang)))
    for row in _unanswered(problems, "no"):
        if fields := joined([_missing(name, lang) for name in row["missing"]], lang):
            problem = say(f"problem.{row['problem']}", lang)
            lines.append(say("actions.settle.field", lang, problem=problem, fields=fields))
    if not lines:
        lines.append(say("actions.settle.more", lang, cases=numbers.count(cases, "deal", lang)))
    return lines


def _unanswered(problems: pd.DataFrame | None, answer: str) -> list[dict[Any, Any]]:
    return [] if problems is None else problems[problems["answer"] == answer].to_dict("records")


def _problem(row: Row, lang: str) -> str:
    """The name of a problem inside a sentence."""
    name = say(f"problem.{row['problem']}", lang)
    return name[:1].lower() + name[1:]


def _missing(name: str, lang: str) -> str:
    return say(f"check.{name}", lang) if f"check.{name}" in PHRASES else label(name, lang)


def _settled(lines: Sequence[str], why: str, lang: str) -> Html:
    title = say(f"actions.{why}", lang)
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    html = (
        f'<article style="{_CARD};border-top:4px solid #cbd5e1"><h3 style="margin:2px 0 4px;font-size:17px;line-height:1.3">'
        f'{escape(title)}</h3><ul style="margin:0;padding-left:18px;font-size:14.5px">{items}</ul></article>'
    )
    return Html(html, "\n  - ".join([title, *lines]))


@own_words
def unsure(
    found: pd.DataFrame, *, rules: pd.DataFrame, problems: pd.DataFrame, lang: str = "en", currency: str | None = None
) -> Html:
    """Say in two lines what is not sure, and what the data do not hold.

    Parameters
    ----------
    found, rules, problems
        What `diagnose.findings`, `diagnose.compliance` and `l2c.check.problems` return.
    lang, currency
        `en` or `ja`; the currency of the log.
    """
    rows = found.to_dict("records")
    first = []
    for row in rows:
        if row["kind"] == "discount" and row["value"] == "none":
            low, high = (numbers.number(row[end] * 100, decimals=1) for end in ("low", "high"))
            first.append(say("unsure.discount", lang, interval=_tight(numbers.to(low, high, lang))))
    if len(rules):
        judged = int((rules["applicable"] > 0).sum())
        unknown = len(rules) - judged
        if unknown:
            first.append(say("unsure.rules" if judged else "unsure.rules.none", lang, all=len(rules), unknown=unknown))
    missing = [_problem(row, lang) for row in _unanswered(problems, "no")]
    second = [say("unsure.missing", lang, problems=listed(missing, lang))] if missing else []
    partly = [row for row in _unanswered(problems, "partly") if row["lost"]]
    for row in partly[: 0 if missing else 1]:
        lost = say(f"lost.{row['lost'][0]}", lang)
        lost = lost[:1].upper() + lost[1:]
        second.append(say("unsure.partly", lang, lost=lost))
    second = second or [say("unsure.nothing", lang)]
    glue = "" if lang == "ja" else " "
    lines = [line for line in (glue.join(first), glue.join(second)) if line]
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    html = f'<div class="l2c-unsure" style="{markup.PAPER};font-size:14.5px"><ul style="margin:0;padding-left:18px">{items}</ul></div>'
    return Html(html, "\n".join(lines))
