"""Of which problem between lead and cash does a figure, a step or a rule tell?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from l2c.diagnose.causes.echoes import PAYMENT_STEP, STUCK
from l2c.words import measures

PROBLEMS = {
    "lead_conversion_incidence": "conversion",
    "win_rate_incidence": "winning",
    "order_error_rate": "order_errors",
    "quote_rework_rate": "rework",
    "late_payment_incidence": "payment",
    "conformance_rate": "compliance",
    "rework_rate": "rework",
    "variants": "compliance",
}
# Figures of which nothing nearer is known, by what they count.
COUNTED = {"lead": "conversion", "order": "order_errors", "invoice": "payment"}


def problem(kpi: str, step: Sequence[str] | None = None, unit: str | None = None) -> str:
    """Name the problem of a figure, in the words of `diagnose.findings`: what no measure is, is a rule.

    Parameters
    ----------
    kpi, step
        The figure, and the activities between which it lies, where it is a step.
    unit
        Its unit; that of the measure unless given.
    """
    known = measures.measures().get(kpi)
    if step is not None and (step[0], step[-1]) == PAYMENT_STEP:
        return "payment"
    if step is not None or kpi == STUCK or (known is None and unit == "day"):
        return "time"
    if kpi in PROBLEMS or known is None:
        return PROBLEMS.get(kpi, "compliance")
    if known.unit == "day" and known.of != "invoice":
        return "time"
    return "discounts" if kpi.startswith("discount") else COUNTED.get(known.of, "winning")


def within(table: pd.DataFrame, *problems: str) -> pd.DataFrame:
    """Keep what a table says of one problem or several.

    Parameters
    ----------
    table
        What `diagnose.findings`, `causes` or `since`, or `l2c.kpis` returns.
    problems
        As in the column `problem` of the findings; `own` are key figures of the user's.

    Returns
    -------
    Those of its rows, in the same order, with the same columns and remarks.
    """
    if "problem" in table:
        return table[table["problem"].isin(problems)].reset_index(drop=True)
    own = table.attrs.get(measures.OWN, {})
    steps = table["step"] if "step" in table else [None] * len(table)
    units = table["unit"] if "unit" in table else [None] * len(table)
    told = [
        "own" if kpi in own else problem(kpi, step, unit)
        for kpi, step, unit in zip(table["kpi"], steps, units, strict=True)
    ]
    # Of an empty table an empty list would choose columns.
    return table[pd.Series([each in problems for each in told], table.index, dtype=bool)].reset_index(drop=True)
