"""What do deals differ by before anybody works on them? The terms that comparisons adjust for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import stats
from l2c.diagnose.causes.attributes import FORCED, OUTCOMES, RESULT, Attribute, attributes
from l2c.measures.facts import Facts

Floats = NDArray[Any]
# An attribute of more values than the first gets a term for each only while that keeps the table of all terms small.
MANY_VALUES, MOST_VALUES, MOST_TERMS = 40, 400, 1_000_000
# Of values in a few cases each, so many cases must have one that others have too, to tell anything.
HELD_BY_TWO = 0.1
# From this part of cases on, rare values that would be put together get means of their own.
POOLED = 0.02
# While no more cases than this have a value of their own, they tell nothing; else hardly any would be left to tell.
MOSTLY_ALONE = 0.5
# An attribute of which so much is missing, or whose gaps go with the outcome, would explain it by its gaps.
MISSING, UNEVEN = 0.4, 0.15
# Fewer cases than this for each column to adjust for would be explained by chance.
CASES_A_COLUMN = 5
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
    further value of every attribute of at most 40 values (400 in small logs). Amounts of several currencies are
    compared within their own.
    """
    columns, names = [np.ones((len(case), 1))], []
    most = _most(len(case))
    for attribute in attributes(facts):
        if attribute.name in (*without, *LATER, *FORCED) or len(attribute.values) > most:
            continue
        if _usable(attribute, case, outcome):
            columns.append(stats.dummies(attribute.codes[case], attribute.size))
            names.append(attribute.name)
    amount = facts.number("amount")[case]
    known = amount > 0
    if known.mean() > 1 - MISSING and "amount" not in without and _even(~known, outcome):
        size = np.where(known, np.log(np.where(known, amount, 1.0)), np.nan)
        if not facts.log.one_currency:
            size = _within_currency(facts, case, size)
        size = (size - np.nanmean(size)) / max(float(np.nanstd(size)), 1e-9)
        size = np.where(known, size, 0.0)
        columns.append(np.column_stack([size, size**2, size**3]))
        columns.append(stats.dummies((~known).astype(np.int64), 2))
        names.append("amount")
    opened = facts.column("started")[case].astype(np.float64)
    when = (opened - opened.mean()) / max(float(opened.std()), 1e-9)
    columns.append(np.column_stack([when, when**2]))
    return np.hstack(columns), tuple(sorted({*names, "opened"}))


def means(
    facts: Facts, case: NDArray[np.int64], outcome: Floats, given: Floats, *, without: tuple[str, ...]
) -> tuple[Floats, tuple[str, ...], tuple[str, ...]]:
    """Adjust the effect of a number for attributes of too many values to have a term each, such as accounts.

    Parameters
    ----------
    given
        The number whose effect is asked for, per observation.

    Returns
    -------
    A column per attribute: the mean of the number among the cases of the same value; the attributes; and those of which
    more than half of the cases have a value of their own, which are put together.

    Notes
    -----
    With the mean of its group beside it, the number tells of differences within groups only, whatever the groups differ
    by (Mundlak, 1978).
    """
    columns, names, pooled = [np.empty((len(case), 0))], [], []
    told = {a.name: a for a in attributes(facts) if len(a.values) <= MANY_VALUES}
    for name in facts.log.attributes:
        if name in (*without, *LATER, *FORCED, *OUTCOMES) or RESULT.search(name):
            continue
        values = facts.attribute(name).iloc[case]
        if pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_datetime64_any_dtype(values.dtype):
            continue
        shown = told.get(name)
        if shown is not None and (shown.codes[case] == len(shown.values)).mean() <= POOLED:
            continue
        codes = pd.factorize(values)[0] + 1
        if (codes == 0).mean() > MISSING or not _even(codes == 0, outcome):
            continue
        counts = np.bincount(codes)
        alone = counts[codes] == 1
        if 1 - alone.mean() < HELD_BY_TWO:
            continue
        apart = alone.mean() <= MOSTLY_ALONE
        if not apart:
            codes[alone] = codes.max() + 1
        columns.append((np.bincount(codes, given) / np.maximum(np.bincount(codes), 1))[codes][:, None])
        names.append(name)
        pooled += [] if apart else [name]
    return np.hstack(columns), tuple(names), tuple(pooled)


def _most(cases: int) -> int:
    return max(MANY_VALUES, min(MOST_VALUES, MOST_TERMS // max(cases, 1)))


def _within_currency(facts: Facts, case: NDArray[np.int64], size: Floats) -> Floats:
    """Logarithms of amounts against the mean of their currency: a rate would only shift them."""
    values = pd.Series(size)
    currency = facts.attribute("currency").fillna("").to_numpy()[case]
    return np.asarray(values - values.groupby(currency).transform("mean"), dtype=np.float64)


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


def circumstances(facts: Facts, case: NDArray[np.int64], outcome: Floats) -> Any:
    """What cases came with, a column per further value: attributes of at most 400 values, numbers cut into quarters.

    For comparisons within the same time: no term for it. Attributes whose gaps go with the outcome are left out, and all
    of them where there are fewer than five cases per column. Nearly all of it is nothing, so it is a sparse array.
    """
    from scipy.sparse import csr_array, hstack

    columns = []
    for attribute in attributes(facts):
        codes = attribute.codes_of_cases[case]
        missing = codes == attribute.size - 1
        late = attribute.name in (*LATER, *FORCED[1:]) or len(attribute.values) > MOST_VALUES
        if not late and missing.mean() <= MISSING and _apart(missing, outcome) <= UNEVEN:
            columns.append(_sparse(codes, attribute.size))
    found = hstack(columns, format="csr") if columns else csr_array((len(case), 0))
    return found if CASES_A_COLUMN * found.shape[1] <= len(case) else found[:, :0]


def _sparse(codes: NDArray[np.int64], size: int) -> Any:
    """`stats.dummies`, without what is nothing."""
    from scipy.sparse import csr_array

    counts = np.bincount(codes, minlength=size)
    there = np.flatnonzero(counts)
    there = there[there != int(np.argmax(counts))]
    column = np.full(size, -1)
    column[there] = np.arange(len(there))
    rows = np.flatnonzero(column[codes] >= 0)
    return csr_array((np.ones(len(rows)), (rows, column[codes[rows]])), shape=(len(codes), len(there)))


def _apart(missing: NDArray[np.bool_], outcome: Floats) -> float:
    """Correlation of a gap with an outcome."""
    if not 0 < missing.mean() < 1 or not np.std(outcome) > 0:
        return 0.0
    return float(abs(np.corrcoef(missing, outcome)[0, 1]))
