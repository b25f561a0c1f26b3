"""How far do the cases get, and where do they drop out?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from l2c.measures.behind import BEHIND
from l2c.show import numbers, theme
from l2c.show.behind import behind
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, finished, nothing
from l2c.show.map import lettering
from l2c.words import phrases, vocabulary


@sheet.house()
def funnel(table: pd.DataFrame, *, lang: str = "en") -> Picture:
    """Draw the milestones as bars, with the share that goes on and the time it takes between them.

    Parameters
    ----------
    table
        What `discover.funnel` returns: `milestone, cases, share, conversion, open, dropped, silent, median_days`.
    lang
        `en` or `ja`.

    Returns
    -------
    A picture. The milestone before which the largest share drops out is the one in blue.
    """
    if not len(table) or not table["cases"].max():
        return nothing(lang)
    names = [lettering.plain(vocabulary.label(m, lang)) for m in table["milestone"]]
    worst = _steepest(table)
    fig, ax = marks.rows(["\n".join(lettering.wrap(lettering.shorten(n, 54), 30)) for n in names], each=0.56)
    _bars(ax, table, worst)
    _figures(ax, table, worst, lang)
    known = table[BEHIND] if BEHIND in table else [None] * len(table)
    marks.leads(ax, (behind(cases, name) for cases, name in zip(known, names, strict=True)))
    marks.where(ax, ({"includes": [milestone]} for milestone in table["milestone"]))
    steps = [f"{n} {numbers.number(c)}" for n, c in zip(names, table["cases"], strict=True)]
    text = _title(table, names, worst, lang)
    return finished(fig, text, _note(table, lang), [" → ".join(steps)])


def _steepest(table: pd.DataFrame) -> int | None:
    """Position of the milestone before which the largest share of the cases drops out; None if none does."""
    shares = _dropped(table)
    return int(np.argmax(shares)) if len(shares) and shares.max() > 0 else None


def _dropped(table: pd.DataFrame) -> NDArray[np.float64]:
    """Of the cases at the milestone before each, the share that has ended there."""
    before = table["cases"].shift(1).to_numpy(np.float64)
    dropped = table["dropped"].astype("float").to_numpy()
    return np.nan_to_num(dropped / np.where(before > 0, before, np.nan))


def _bars(ax: Axes, table: pd.DataFrame, worst: int | None) -> None:
    # `open` of a row are the cases that wait at the row before it.
    still = table["open"].astype("float").shift(-1).fillna(0).to_numpy()
    done = table["cases"].to_numpy() - still
    marks.bars(ax, (done, [theme.ACCENT if row == worst else theme.PHASES[2] for row in range(len(table))]))
    waiting = np.flatnonzero(still)
    ax.barh(
        waiting, still[waiting], left=done[waiting], height=marks.THICK, color="white", edgecolor=theme.PHASES[3],
        hatch="////", linewidth=0.8,
    )  # fmt: skip


def _figures(ax: Axes, table: pd.DataFrame, worst: int | None, lang: str) -> None:
    counts, steps = [numbers.number(each) for each in table["cases"]], _steps(table, lang)
    if sheet.is_narrow():
        marks.beside(
            ax,
            [f"{count} · {numbers.percent(share, lang)}" for count, share in zip(counts, table["share"], strict=True)],
            bold=True,
        )
        marks.beside(ax, steps, colour=[theme.ACCENT if row == worst else theme.MUTED for row in range(len(table))])
        return
    gap = marks.beside(ax, counts, table["cases"], bold=True)
    marks.beside(ax, [numbers.percent(share, lang) for share in table["share"]], table["cases"], gap=gap - 8)
    for row, step in enumerate(steps):
        if not step:
            continue
        look: dict[str, Any] = {"weight": "bold", "color": theme.ACCENT} if row == worst else {"color": theme.MUTED}
        ax.annotate(
            step, (1, row - 0.5), (2 * gap, 0), ("axes fraction", "data"), textcoords="offset points",
            va="center", fontsize=8.8, annotation_clip=False, **look,
        )  # fmt: skip


def _steps(table: pd.DataFrame, lang: str) -> list[str]:
    """How many come from the milestone before, and how long it takes them."""
    said = []
    quiet = _silent(table)
    for row, each in enumerate(table.itertuples()):
        if not row or numbers.is_missing(each.conversion):
            said.append("")
            continue
        bounds = [getattr(each, f"bound_{end}", None) for end in ("low", "high")]
        timed = not all(map(numbers.is_missing, (each.median_days, *bounds)))
        step = phrases.say(
            "funnel.step" if timed else "funnel.step.untimed", lang,
            rate=numbers.percent(each.conversion, lang, decimals=0), time=numbers.half(each.median_days, *bounds, lang=lang),
        )  # fmt: skip
        if quiet[row]:
            step += phrases.say("funnel.and", lang) + phrases.say("funnel.silent", lang, n=numbers.number(quiet[row]))
        said.append(f"↓ {step}")
    return said


def _silent(table: pd.DataFrame) -> list[int]:
    """Of those that dropped out before each milestone, the leads that never ended but are silent."""
    return [0] * len(table) if "silent" not in table else table["silent"].fillna(0).astype(int).tolist()


def _note(table: pd.DataFrame, lang: str) -> str:
    said = phrases.say("funnel.note", lang)
    quiet = sum(_silent(table))
    return said + (phrases.say("funnel.note.silent", lang, n=numbers.number(quiet)) if quiet else "")


def _title(table: pd.DataFrame, names: list[str], worst: int | None, lang: str) -> str:
    reached = table[table["share"] > 0].iloc[0]
    first = numbers.count(round(reached["cases"] / reached["share"]), "case", lang)
    end = table["cases"].iloc[-1]
    last = numbers.number(end) if lang == "en" else numbers.count(end, "case", lang)
    if worst is None:
        return phrases.say("funnel.title.plain", lang, first=first, last=last, milestone=names[-1])
    rate = numbers.percent(_dropped(table)[worst], lang, decimals=0)
    return phrases.say(
        "funnel.title", lang, first=first, last=last, milestone=names[-1], worst=names[worst], rate=rate
    )  # fmt: skip
