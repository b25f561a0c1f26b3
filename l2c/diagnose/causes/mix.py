"""What do deals differ by before anybody works on them? The terms that comparisons adjust for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import stats
from l2c.diagnose.causes.cells import FORCED, Attribute, attributes
from l2c.measures.facts import Facts

Floats = NDArray[Any]
# Values beyond these are put together: a term per account would leave nothing to compare.
MOST_VALUES = 40
# An attribute of which so much is missing, or whose gaps go with the outcome, would explain it by its gaps.
MISSING, UNEVEN = 0.4, 0.15
# What is settled during the sale is part of how somebody sells, not of what they were given.
LATER = ("discount", "payment_terms_days", "invoice_type")


def terms(
    facts: Facts, case: NDArray[np.int64], outcome: Floats, *, without: tuple[str, ...]
) -> tuple[Floats, tuple[str, ...]]:
    """Columns to adjust for, one row per observation, and the attributes they stand for.

    Parameters
    ----------
    case
        Row of the case of each observation.
    outcome
        What is to be explained: an attribute whose gaps go with a yes/no outcome is left out, since it is filled in
        afterwards.
    without
        Attributes not to adjust for; those settled during the sale never are.

    Returns
    -------
    A constant; the logarithm of the amount, its square and cube; the time of opening and its square; a column per
    further value of every attribute of at most 40 values.
    """
    columns, names = [np.ones((len(case), 1))], []
    for attribute in attributes(facts):
        if attribute.name in (*without, *LATER, *FORCED) or len(attribute.values) > MOST_VALUES:
            continue
        if _usable(attribute, case, outcome):
            columns.append(stats.dummies(attribute.codes[case], attribute.size))
            names.append(attribute.name)
    amount = facts.number("amount")[case]
    known = amount > 0
    if known.mean() > 1 - MISSING and "amount" not in without and _even(~known, outcome):
        size = np.where(known, np.log(np.where(known, amount, 1.0)), np.nan)
        size = (size - np.nanmean(size)) / max(float(np.nanstd(size)), 1e-9)
        size = np.where(known, size, 0.0)
        columns.append(np.column_stack([size, size**2, size**3]))
        columns.append(stats.dummies((~known).astype(np.int64), 2))
        names.append("amount")
    opened = facts.column("started")[case].astype(np.float64)
    when = (opened - opened.mean()) / max(float(opened.std()), 1e-9)
    columns.append(np.column_stack([when, when**2]))
    return np.hstack(columns), tuple(sorted({*names, "opened"}))


def accounts(facts: Facts) -> NDArray[np.int64] | None:
    """Code of the account of each case, one of its own where it is missing; None in a log without accounts."""
    if "account" not in facts.log.attributes:
        return None
    codes = pd.factorize(facts.attribute("account"))[0].astype(np.int64)
    none = codes < 0
    codes[none] = codes.max(initial=-1) + 1 + np.arange(none.sum())
    return codes


def _usable(attribute: Attribute, case: NDArray[np.int64], outcome: Floats) -> bool:
    missing = attribute.codes[case] == attribute.size - 1
    return bool(missing.mean() <= MISSING) and _even(missing, outcome)


def _even(missing: NDArray[np.bool_], outcome: Floats) -> bool:
    """Whether the gaps of an attribute do not go with a yes/no outcome."""
    values = np.unique(outcome)
    if len(values) != 2:
        return True
    high = outcome == values[1]
    return abs(float(missing[high].mean()) - float(missing[~high].mean())) <= UNEVEN
