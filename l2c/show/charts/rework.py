"""What is done twice, and for whom?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from l2c.measures.behind import BEHIND
from l2c.measures.rework import FIRST_PASS
from l2c.show import numbers, theme
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, empty, finished, nothing
from l2c.show.charts.standing import gap
from l2c.words import phrases, vocabulary

_COLUMNS = {"kind", "object", "value", "low", "high", "cases", "censored", "count", "events", "note", BEHIND}


@sheet.house()
def rework(table: pd.DataFrame, *, kind: str | None = None, lang: str = "en") -> Picture:
    """Draw the share of each kind of rework or, by an attribute, the share of one kind in each group.

    Parameters
    ----------
    table
        What `diagnose.rework` returns, of all or by an attribute.
    kind
        Which kind to draw by group; the one in which the worst group stands out most unless given.
    lang
        `en` or `ja`.
    """
    by = next((c for c in table.columns if c not in _COLUMNS), None)
    known = table.dropna(subset=["value"])
    if not len(known):
        unknown = len(table) and table["cases"].sum()
        return empty(table, lang, "rework.title.unknown" if unknown else "nothing")
    worse = False
    if by is None:
        rows = known[known["kind"] != FIRST_PASS].sort_values(["value", "kind"], ascending=[False, True])
        names = [vocabulary.label(k, lang) for k in rows["kind"]]
        text, note = _title(table, rows, lang), phrases.say("rework.note", lang)
    else:
        chosen = kind or _clearest(known)
        rows = known[known["kind"] == chosen].assign(_name=lambda t: t[by].astype(str))
        rows = rows.sort_values(["value", "_name"], ascending=[chosen == FIRST_PASS, True])
        names = [vocabulary.label(str(v), lang) for v in rows[by]]
        worse = _ends(rows, 1 if kind else known["kind"].nunique()) > 0
        text = _group_title(rows, names, chosen, worse=worse, lang=lang)
        note = phrases.say("rework.note.groups", lang, attribute=vocabulary.label(by, lang))
    if not len(rows):
        return nothing(lang)
    shown = rows.head(marks.MOST_ROWS).to_dict("records")
    fig, ax = marks.rows([marks.short(n, 28) for n in names[: marks.MOST_ROWS]])
    for place, row in enumerate(shown):
        colour = theme.WARM if place == 0 and (by is None or worse) else theme.MUTED
        marks.interval(ax, place, row["low"], row["high"], colour)
        marks.dot(ax, place, row["value"], colour)
    marks.leads(ax, marks.named(shown, names[: marks.MOST_ROWS]))
    ax.set_xlim(left=-0.02 * ax.get_xlim()[1])
    shares = [numbers.percent(row["value"], lang, decimals=1 if 0 < row["value"] < 0.095 else 0) for row in shown]
    marks.beside(ax, [_facts(row, lang) for row in shown], gap=marks.beside(ax, shares, bold=True))
    return finished(fig, text, note)


def _facts(row: Mapping[Any, Any], lang: str) -> str:
    of_kind = row["count"] if row["kind"] != FIRST_PASS else row["cases"] - row["count"]
    total = numbers.count(row["cases"], row["object"], lang)
    return phrases.say("of_objects", lang, n=numbers.number(of_kind), total=total)


def _title(table: pd.DataFrame, rows: pd.DataFrame, lang: str) -> str:
    first = table[(table["kind"] == FIRST_PASS) & table["value"].notna()]
    if not len(rows) or not rows["value"].max() > 0:
        return phrases.say("rework.title.none", lang)
    worst = rows.iloc[0]
    said = {"kind": vocabulary.label(worst["kind"], lang), "worst": numbers.percent(worst["value"], lang, decimals=0)}
    of = first.iloc[0] if len(first) else worst
    spread = numbers.interval(of["low"], of["high"], "fraction", lang=lang)
    if not len(first):
        return phrases.say("rework.title.kind", lang, interval=spread, **said)
    return phrases.say(
        "rework.title", lang, share=numbers.percent(of["value"], lang, decimals=0), interval=spread, **said
    )


def _ends(rows: pd.DataFrame, kinds: int = 1) -> float:
    """How far the worst group is from the best one, beyond chance; 0 or less where chance explains it."""
    return gap(rows.iloc[0], rows.iloc[-1], len(rows), kinds) if len(rows) > 1 else 0.0


def _clearest(known: pd.DataFrame) -> str:
    """The kind in which the worst and the best group are furthest apart; the first one where chance explains all."""
    kinds = list(dict.fromkeys(known["kind"]))

    def apart(kind: str) -> float:
        rows = known[known["kind"] == kind].sort_values("value", ascending=kind == FIRST_PASS)
        return _ends(rows, len(kinds))

    best = max(kinds, key=lambda kind: (apart(kind), -kinds.index(kind)))
    return best if apart(best) > 0 else kinds[0]


def _group_title(rows: pd.DataFrame, names: list[str], kind: str, *, worse: bool, lang: str) -> str:
    label = vocabulary.label(kind, lang)
    shares = [numbers.percent(v, lang, decimals=0) for v in (rows["value"].min(), rows["value"].max())]
    if not worse:
        return phrases.say("rework.title.alike", lang, kind=label, low=shares[0], high=shares[1])
    first, rest = rows.iloc[0], rows["value"].iloc[1:]
    ends = [numbers.percent(v, lang, decimals=0) for v in (rest.min(), rest.max())]
    elsewhere = ends[0] if ends[0] == ends[1] else phrases.say("range", lang, low=ends[0], high=ends[1])
    spread = numbers.interval(first["low"], first["high"], "fraction", lang=lang)
    share = numbers.percent(first["value"], lang, decimals=0)
    return phrases.say(
        "rework.title.groups", lang, kind=label, worst=names[0], share=share, interval=spread, rest=elsewhere
    )
