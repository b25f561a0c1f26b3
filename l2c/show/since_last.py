"""What is new since last time, as a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from l2c.show import dates, markup, numbers
from l2c.show.charts.standing import verdict
from l2c.show.markup import Html, escape
from l2c.show.own_words import own_words
from l2c.show.subjects import group, kpi, label
from l2c.show.tables import grid, sentence
from l2c.words import phrases

if TYPE_CHECKING:
    from l2c.monitor.since_last import SinceLast

# The order in which findings are read; those that stand as they did are counted.
STATES = ("new", "worse", "back", "gone", "better")
BECAME = ("lost", "won", "paid", "moved", "same", "left")


def since_last(found: SinceLast | None, *, lang: str = "en", currency: str | None = None) -> Html:
    """Say what is new: findings, key figures that moved, what changed in the data, and what became of the alerts.

    Parameters
    ----------
    found
        What `monitor.since_last` returns.
    lang, currency
        `en` or `ja`; currency of the log.
    """
    title = phrases.say("last.title", lang)
    if found is None:
        said = phrases.say("last.first", lang)
        return Html(
            f'<div style="{markup.PAPER}"><h2>{escape(title)}</h2><p>{escape(said)}</p></div>', f"{title}\n{said}"
        )
    span = {"before": found.before, "after": found.after, "ran": found.ran}
    lead = phrases.say("last.span", lang, **{word: dates.day(when, lang) for word, when in span.items()})
    parts = [
        _findings(found.findings, lang, currency), _kpis(found.kpis, lang, currency), _data(found.data, lang), _alerts(found.judged, lang),
    ]  # fmt: skip
    gap = "" if lang == "ja" else " "
    told = [sentence(note, lang) for note in found.notes]
    if found.happened:
        each = (
            phrases.say("dated.one", lang, day=dates.day(n.day, lang), text=n.texts[lang == "ja"])
            for n in found.happened
        )
        told.append(phrases.say("last.happened", lang, said=("、" if lang == "ja" else "; ").join(each)))
    said = gap.join([lead, _sum(found, lang), *told])
    body = f"<h2>{escape(title)}</h2><p>{escape(said)}</p>" + "".join(part.html for part in parts)
    return Html(
        f'<div style="{markup.PAPER}">{body}</div>', "\n\n".join([title, said, *(p.text for p in parts if p.text)])
    )


def _sum(found: SinceLast, lang: str) -> str:
    counts = found.findings["state"].value_counts()
    numbers_of = {state: int(counts.get(state, 0)) for state in ("new", "gone", "worse", "better")}
    numbers_of["worse"] += int(counts.get("back", 0))
    moved = int((found.kpis["verdict"] == "beyond_chance").sum())
    if not moved and not any(numbers_of.values()):
        return phrases.say("last.nothing", lang, found=numbers.number(int(counts.get("same", 0))))
    return phrases.say("last.sum", lang, moved=moved, **numbers_of)


@own_words
def _findings(table: pd.DataFrame, lang: str, currency: str | None) -> Html:
    rows = []
    for state in STATES:
        for row in table[table["state"] == state].to_dict("records"):
            then, now = (_effect(row, when, lang) for when in ("before", "after"))
            rows.append(
                [phrases.say(f"last.state.{state}", lang), about(row, lang), then, now, _stake(row, lang, currency)]
            )
    counts = table["state"].value_counts()
    below = [phrases.say(f"last.{word}", lang, n=counts[word]) for word in ("same", "dismissed") if word in counts]
    heads = ["state", "about", "then", "now", "stake"]
    note = ("" if lang == "ja" else " ").join([*below, *([phrases.say("last.findings.note", lang)] if rows else [])])
    return _part("findings", heads, rows, [False, False, True, True, True], note, lang)


def about(row: Mapping[Any, Any], lang: str) -> str:
    """What a finding is about, in a few words."""
    what = " → ".join(label(name, lang) for name in row["step"]) if row["step"] else kpi(row["kpi"], lang)
    who = phrases.say("last.all", lang) if numbers.is_missing(row["attribute"]) else _who(row, lang)
    return phrases.say(f"last.kind.{row['kind']}", lang, who=who, what=what)


def _who(row: Mapping[Any, Any], lang: str) -> str:
    return phrases.say("last.left", lang) if row["value"] == "?" else group(row["attribute"], row["value"], lang)


def _effect(row: Mapping[Any, Any], when: str, lang: str) -> str:
    value, low, high = (row[f"{when}{end}"] for end in ("", "_low", "_high"))
    if numbers.is_missing(value):
        return numbers.MISSING
    said = numbers.value(value, row["unit"], lang=lang)
    return (
        said
        if numbers.is_missing(low)
        else phrases.say("bracketed", lang, said=said, more=numbers.interval(low, high, row["unit"], lang=lang))
    )


def _stake(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    if not numbers.is_missing(row["money"]):
        return numbers.money(row["money"], currency, lang)
    return numbers.MISSING if numbers.is_missing(row["days"]) else numbers.case_days(row["days"], lang)


@own_words
def _kpis(table: pd.DataFrame, lang: str, currency: str | None) -> Html:
    moved = table[table["verdict"] == "beyond_chance"]
    rows = []
    for row in moved.to_dict("records"):
        then, now, usual, lately = (
            numbers.value(row[name], row["unit"], lang=lang, currency=currency)
            for name in ("before", "after", "usual", "lately")
        )
        within = numbers.days(row["horizon_days"], lang)
        equal = [phrases.say("last.within", lang, value=value, days=within) for value in (usual, lately)]
        word = verdict(row["kpi"], up=row["difference"] > 0, sure=True)
        rows.append([kpi(row["kpi"], lang), then, now, *equal, phrases.say(f"last.verdict.{word}", lang)])
    unknown = int((table["verdict"] == "unknown").sum())
    note = phrases.say("last.kpis.note", lang)
    if not rows:
        note = phrases.say("last.kpis.none", lang, unknown=unknown, all=int(table["verdict"].notna().sum()))
    heads = ["kpi", "then", "now", "usual", "lately", "verdict"]
    return _part("kpis", heads, rows, [False, True, True, True, True, False], note, lang)


def _data(table: pd.DataFrame, lang: str) -> Html:
    rows = []
    for row in table.to_dict("records"):
        unit = "fraction" if row["what"] == "column" else "count"
        name = label(row["name"], lang) if row["what"] in ("column", "activity") else _odd(row["name"], lang)
        then, now = (numbers.value(row[when], unit, lang=lang) for when in ("before", "after"))
        rows.append([phrases.say(f"last.what.{row['what']}", lang, name=name), then, now])
    return _part("data", ["data.name", "then", "now"], rows, [False, True, True], "", lang)


def _odd(name: str, lang: str) -> str:
    """What a reason or an oddity is called on the page of the quality."""
    found = (f"{kind}.{name}" for kind in ("last.row", "reason", "finding"))
    return next((phrases.say(key, lang) for key in found if key in phrases.PHRASES), name)


def _alerts(table: pd.DataFrame, lang: str) -> Html:
    rows, there = [], [word for word in BECAME if table[word].any()]
    for row in table.to_dict("records"):
        counts = [numbers.number(row[word]) for word in there]
        share = numbers.percent(row["lost_share"], lang, decimals=0)
        range_ = numbers.interval(row["low"], row["high"], "fraction", lang=lang)
        others = numbers.percent(row["others_lost_share"], lang, decimals=0)
        rows.append(
            [
                str(row["alert"]),
                numbers.number(row["flagged"]),
                *counts,
                phrases.say("bracketed", lang, said=share, more=range_),
                others,
            ]
        )
    heads = ["alert", "flagged", *(f"became.{word}" for word in there), "lost", "others"]
    note = phrases.say("last.alerts.note", lang)
    return _part("alerts", heads, rows, [False, *[True] * (len(heads) - 1)], note, lang) if rows else Html("", "")


def _part(name: str, heads: Iterable[str], rows: list[list[str]], right: list[bool], note: str, lang: str) -> Html:
    """A heading, its rows as a table, and what must be known of them."""
    title, said = phrases.say(f"last.{name}", lang), [phrases.say(f"last.{head}", lang) for head in heads]
    table = grid(said, rows, right) if rows else ""
    below = f'<p style="color:#64748b">{escape(note)}</p>' if note else ""
    lines = [title, *([" | ".join(line) for line in [said, *rows]] if rows else []), *([note] if note else [])]
    return Html(f"<h3>{escape(title)}</h3>{table}{below}", "\n".join(lines))
