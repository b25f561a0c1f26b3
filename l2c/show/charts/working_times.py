"""Which activities take most work?"""

from __future__ import annotations

import pandas as pd

from l2c.show import numbers
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, finished, plain
from l2c.words import phrases, vocabulary


@sheet.house()
def working_times(table: pd.DataFrame, *, top: int = 10, lang: str = "en") -> Picture:
    """Draw the activities on which most days are worked, the largest in blue.

    Parameters
    ----------
    table
        What `diagnose.working_times` returns: `activity, timed, median_days, work_days, share`.
    top
        How many activities to show.
    lang
        `en` or `ja`.

    Returns
    -------
    A picture; where no start of any work is known, one that says so.
    """
    spent = table[table["work_days"] > 0]
    shown = spent.sort_values(["work_days", "activity"], ascending=[False, True]).head(top).to_dict("records")
    if not shown:
        return plain(phrases.say("work.none", lang))
    names = [marks.short(vocabulary.label(str(row["activity"]), lang), 34) for row in shown]
    facts = [
        phrases.say(
            "work.facts", lang, median=numbers.days(row["median_days"], lang), events=numbers.count(row["timed"], "event", lang)
        )
        for row in shown
    ]  # fmt: skip
    fig, ax, shares = marks.largest(
        names, [row["work_days"] for row in shown], [row["share"] for row in shown], facts, lang
    )
    marks.where(ax, ({"includes": [row["activity"]]} for row in shown))
    text = phrases.say("work.title", lang, activity=names[0], share=shares[0])
    lines = (
        phrases.named(n, numbers.case_days(row["work_days"], lang), lang) for n, row in zip(names, shown, strict=True)
    )
    return finished(fig, text, phrases.say("work.note", lang), lines)
