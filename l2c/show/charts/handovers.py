"""Who hands over to whom?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex

from l2c.measures.behind import BEHIND, union
from l2c.prepare.pseudonyms import OTHERS
from l2c.show import numbers, theme
from l2c.show.behind import behind
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, finished, nothing
from l2c.show.map import lettering
from l2c.words import phrases, vocabulary

# More would not be read any more; the rest is one row and one column.
MOST_SHOWN = 14
_BLUES = LinearSegmentedColormap.from_list("l2c", ["#ffffff", *theme.PHASES[1:]])


@sheet.house()
def handovers(table: pd.DataFrame, *, lang: str = "en") -> Picture:
    """Draw a matrix of who passes work on to whom: the more often, the darker, with the days in between.

    Parameters
    ----------
    table
        What `diagnose.handovers` returns.
    lang
        `en` or `ja`.
    """
    if not len(table):
        return nothing(lang)
    people, folded = _people(table, 6 if sheet.is_narrow() else MOST_SHOWN, phrases.say("others", lang))
    matrix = folded.pivot_table(index="from", columns="to", values="handovers", aggfunc="sum").reindex(people)
    counts = matrix.reindex(columns=people).fillna(0).to_numpy()
    pairs = folded.groupby(["from", "to"])["days"]
    days = {pair: part.iloc[0] for pair, part in pairs if len(part) == 1}
    size, most = len(people), table["handovers"].max()
    names = [lettering.shorten(lettering.plain(vocabulary.label(name, lang)), 18) for name in people]
    fig, ax = sheet.figure(max(2.2 + 0.66 * size, 6.4), 1.3 + 0.42 * size)
    ax.imshow(counts, cmap=_BLUES, vmin=0, vmax=most, aspect="auto")
    for row, col in np.argwhere(counts > 0):
        colour = theme.ink_on(to_hex(_BLUES(min(counts[row, col] / most, 1.0))))
        # Of several pairs together nothing tells the middle.
        wait = days.get((people[row], people[col]))
        ax.text(col, row - 0.14, numbers.number(int(counts[row, col])), ha="center", va="center", color=colour)
        if wait is not None:
            wait = numbers.days(wait, lang=lang)
            ax.text(col, row + 0.24, wait, ha="center", va="center", color=colour, fontsize=8)
    if BEHIND in table:
        _leads(ax, people, folded, dict(zip(people, names, strict=True)))
    slanted: dict[str, Any] = {"rotation": 35, "ha": "left"} if size > 6 or max(map(len, names)) > 8 else {}
    ax.set_xticks(range(size), names, **slanted)
    ax.set_yticks(range(size), names)
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.set_xlabel(phrases.say("handovers.to", lang), loc="left")
    ax.set_ylabel(phrases.say("handovers.from", lang), loc="top")
    ax.set_xticks(np.arange(size + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(size + 1) - 0.5, minor=True)
    ax.grid(which="minor", color=theme.GRID)
    ax.tick_params(which="minor", length=0)
    sheet.quiet(ax)
    first = table.iloc[0]
    text = phrases.say(
        "handovers.title", lang, n=numbers.number(int(table["handovers"].sum())),
        giver=vocabulary.label(str(first["from"]), lang), taker=vocabulary.label(str(first["to"]), lang),
        most=numbers.number(int(first["handovers"])), days=numbers.days(first["days"], lang=lang),
    )  # fmt: skip
    return finished(fig, text, phrases.say("handovers.note", lang))


def _leads(ax: Axes, people: list[str], folded: pd.DataFrame, names: dict[str, str]) -> None:
    """Let each cell lead to the cases of its pairs."""
    place = {name: number for number, name in enumerate(people)}
    at, attributes = [], []
    for pair, part in folded.groupby(["from", "to"]):
        giver, taker = map(str, pair)
        known = part[BEHIND].dropna()
        at.append((place[taker], place[giver]))
        together = known.iloc[0] if len(known) == 1 else union(known)
        attributes.append(behind(together, f"{names[giver]} → {names[taker]}") if len(known) == len(part) else "")
    marks.cells(ax, at, attributes)


def _people(table: pd.DataFrame, most: int, others: str) -> tuple[list[str], pd.DataFrame]:
    """Those with most handovers, in the order of that; the rest, and those who are not told apart, as one."""
    table = table.assign(**{end: table[end].replace(OTHERS, others) for end in ("from", "to")})
    both = pd.concat([table.set_index("from")["handovers"], table.set_index("to")["handovers"]])
    total = both.groupby(level=0).sum().reset_index()
    total.columns = pd.Index(["who", "n"])
    ranked = total.sort_values(["n", "who"], ascending=[False, True])["who"].tolist()
    if len(ranked) <= most:
        return ranked, table
    kept = [name for name in ranked if name != others][: most - 1]
    folded = table.assign(**{end: table[end].where(table[end].isin(kept), others) for end in ("from", "to")})
    return [*kept, others], folded
