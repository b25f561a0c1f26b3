"""Between which two events do the cases lose most of their time?"""

from __future__ import annotations

import pandas as pd

from l2c.measures.behind import BEHIND
from l2c.show import numbers
from l2c.show.behind import behind
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, finished, nothing
from l2c.words import phrases


@sheet.house()
def steps(table: pd.DataFrame, *, top: int = 10, lang: str = "en") -> Picture:
    """Draw the steps on which the cases spend most days in sum, the largest in blue.

    Parameters
    ----------
    table
        What `diagnose.steps` returns: `from, to, cases, median_days, case_days, share` (of all case-days).
    top
        How many steps to show.
    lang
        `en` or `ja`.

    Returns
    -------
    A picture. A step is long in sum because it is slow or because many cases take it: the median and the cases
    beside the bar tell which.
    """
    spent = table[table["case_days"] > 0]
    shown = spent.sort_values(["case_days", "from", "to"], ascending=[False, True, True]).head(top).to_dict("records")
    if not shown:
        return nothing(lang)
    names = [marks.step(row, lang) for row in shown]
    facts = [
        phrases.say(
            "steps.facts", lang, median=numbers.days(row["median_days"], lang), cases=numbers.count(row["cases"], "case", lang)
        )
        for row in shown
    ]  # fmt: skip
    fig, ax, shares = marks.largest(
        marks.broken(names), [row["case_days"] for row in shown], [row["share"] for row in shown], facts, lang
    )
    marks.leads(ax, (behind(row.get(BEHIND), name) for row, name in zip(shown, names, strict=True)))
    marks.where(ax, ({"follows": [row["from"], row["to"]]} for row in shown))
    text = phrases.say("steps.title", lang, step=names[0], share=shares[0])
    lines = (
        phrases.named(n, numbers.case_days(row["case_days"], lang), lang) for n, row in zip(names, shown, strict=True)
    )
    return finished(fig, text, phrases.say("steps.note", lang), lines)
