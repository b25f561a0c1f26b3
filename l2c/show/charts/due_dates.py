"""What was due when, and how far from that did it happen?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle

from l2c.show import numbers, theme
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, empty, finished
from l2c.show.map import lettering
from l2c.show.tables import cell
from l2c.words import phrases


@sheet.house()
def due_dates(table: pd.DataFrame, *, lang: str = "en") -> Picture:
    """Draw how many days before or after its due date each thing happened, what is late most often first.

    Parameters
    ----------
    table
        What `diagnose.due_dates` returns.
    lang
        `en` or `ja`.

    Returns
    -------
    A picture: letter-value plots (Hofmann, Wickham and Kafadar, 2017), late days in orange; the axis ends where the
    outer quarters have come half as far again.
    """
    # Its import takes longer than any other chart does.
    import seaborn

    known = table[table["late"].notna()]
    if not len(known):
        return empty(table, lang, "due_dates.none")
    groups = known.assign(late=known["late"].astype(float)).groupby("due")
    dues = groups.agg(cases=("late", "size"), count=("late", "sum"), late=("late", "mean")).reset_index()
    dues = dues.sort_values(["late", "due"], ascending=[False, True])
    fig, ax = sheet.figure(8.8, 0.42 * len(dues) + 0.6)
    quartiles = groups["days_late"].quantile(np.array([0.25, 0.75]))
    ends = min(1.5 * quartiles.min(), -3.0), max(1.5 * quartiles.max(), 3.0)
    ax.set_xlim(*ends)
    for colour, start in ((theme.PHASES[3], ends[0]), (theme.WARM, 0.0)):
        before = list(ax.collections)
        seaborn.boxenplot(
            known, x="days_late", y="due", order=list(dues["due"]), ax=ax, width=marks.THICK, color=colour,
            saturation=1, linewidth=0, showfliers=False, line_kws={"linewidth": 1.4, "color": theme.INK},
        )  # fmt: skip
        for boxes in (c for c in ax.collections if c not in before):
            boxes.set_clip_path(Rectangle((start, -0.5), ends[1] - start, len(dues), transform=ax.transData))
    names = [_name(due, lang) for due in dues["due"]]
    marks.name(ax, [lettering.shorten(n, 30) for n in names], axis=numbers.number)
    ax.set_ylabel("")
    ax.set_xlabel(phrases.say("due_dates.axis", lang), loc="left")
    marks.nought(ax)
    # Counts of what is decided, and no share: what waits and is not due yet would have a say in that.
    late = [phrases.say("due_dates.late", lang, late=numbers.number(n)) for n in dues["count"]]
    counts = [phrases.say("due_dates.of", lang, n=numbers.number(n)) for n in dues["cases"]]
    marks.beside(ax, counts, gap=marks.beside(ax, late, bold=True))
    text = phrases.say("due_dates.title.none", lang)
    if dues["count"].iloc[0] > 0:
        of = {"late": numbers.number(dues["count"].iloc[0]), "n": numbers.number(dues["cases"].iloc[0])}
        text = phrases.say("due_dates.title", lang, due=names[0], **of)
    lines = (phrases.named(name, f"{count} {of}", lang) for name, count, of in zip(names, late, counts, strict=True))
    return finished(fig, text, phrases.say("due_dates.note", lang), lines)


def _name(due: str, lang: str) -> str:
    """What the kit calls a due date; one of a file of one's own by its id."""
    return lettering.plain(cell(due, "due", lang=lang))
