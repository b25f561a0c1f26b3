"""How are discounts spread, and what do they cost beyond what was agreed?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import stats
from l2c.diagnose.tidy import noted
from l2c.log import EventLog
from l2c.measures.facts import NEVER, Facts
from l2c.measures.spans import accounts
from l2c.words.notes import Note

Floats = NDArray[Any]
POINT = 0.01
LEAKED = ("cases", "amount", "share", "overlap")


def discount_bands(log: EventLog, *, level: float = 0.95) -> pd.DataFrame:
    """How discounts are spread, and what becomes of the deals.

    Returns
    -------
    One row per band of one percentage point, lowest first: `discount` (its lower end, a fraction); `cases` with that
    discount; `won`, `closed`; `share` won of the closed, with `low, high` (Wilson). These rates are confounded: large
    and hard deals get more discount. See `discounts`.
    """
    facts = Facts.of(log)
    known, band = bands(facts)
    won, lost = facts.won != NEVER, facts.lost != NEVER
    rows = []
    for number in np.unique(band[known]):
        some = known & (band == number)
        closed = np.flatnonzero(some & (won | lost))
        share = stats.share(won[closed], level, accounts(facts, closed))
        rows.append((number * POINT, int(some.sum()), int(won[closed].sum()), len(closed), *share))
    table = pd.DataFrame(rows, columns=["discount", "cases", "won", "closed", "share", "low", "high"])
    return noted(table, None if rows else Note("no_discount"))


def bands(facts: Facts) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Of which cases the discount is known, and the percentage point into whose band it falls."""
    discount = facts.number("discount")
    known = ~np.isnan(discount)
    # Rounding first: 0.15 is the band that begins at 15 %, whatever its last bit says.
    return known, np.floor(np.round(np.where(known, discount, 0.0) / POINT, 6)).astype(np.int64)


def bunching(
    log: EventLog, *, thresholds: tuple[float, ...] = (0.05, 0.10, 0.15, 0.20, 0.25, 0.30), level: float = 0.95
) -> pd.DataFrame:
    """Whether discounts pile up just at or below the limits of approval.

    Parameters
    ----------
    thresholds
        Limits to look at, as fractions.

    Returns
    -------
    One row per threshold: `threshold`; `cases` within two points below it or at it; `expected` there if discounts ran
    smoothly; `value, low, high`: how many times as many as expected; `above` (cases within two points above).

    Notes
    -----
    Compares the two points up to the threshold with the two below them and the two above (Saez, 2010; Kleven, 2016,
    in its simplest form: a straight line through the neighbours). Interval from Poisson counts on the log scale.
    """
    discount = Facts.of(log).number("discount")
    # A hair's breadth, since 0.15 is not exactly a fraction of two.
    known, hair = discount[~np.isnan(discount)], 1e-9

    def between(low: float, high: float) -> int:
        return int(((known > low + hair) & (known <= high + hair)).sum())

    rows = []
    for limit in thresholds:
        here, below, above = (between(limit + at * POINT, limit + (at + 2) * POINT) for at in (-2, -4, 0))
        expected = (below + above) / 2
        value = here / expected if expected else np.nan
        wide = stats.normal(level) * np.sqrt(1 / max(here, 1) + 1 / max(below + above, 1))
        bounds = (value * np.exp(-wide), value * np.exp(wide)) if here and expected else (np.nan, np.nan)
        rows.append((limit, here, expected, value, *bounds, above))
    return pd.DataFrame(rows, columns=["threshold", "cases", "expected", "value", "low", "high", "above"])


def leakage(log: EventLog, *, limit: float = 0.20) -> pd.DataFrame:
    """What discounts cost beyond three yardsticks.

    Parameters
    ----------
    limit
        The discount that needs no approval, as a fraction.

    Returns
    -------
    Three rows: `kind` (`policy`: above the limit; `unapproved`: above the limit, and no Discount Approved in the case;
    `comparable`: what reps who surely give more than others gave beyond the usual, which is the median of won deals of
    the same segment, product and third of the amounts; half of all deals lie above any median, and what chance spreads
    is not counted); `cases`;
    `amount`: list price given away, in the log's currency; `share` of the list price of all won deals; `overlap`:
    part of the amount that another row counts too, which is why the rows must not be added. Won deals with a known
    discount and amount only, and no row where there is none; the list price is amount / (1 - discount). NaN where amounts are in several currencies.
    """
    facts = Facts.of(log)
    discount, amount = facts.number("discount"), facts.number("amount")
    won = (facts.won != NEVER) & ~np.isnan(discount) & (amount > 0) & (discount < 1) & log.one_currency
    if log.one_currency and not won.any():
        none = pd.DataFrame({"kind": pd.Series(dtype=object)} | {c: pd.Series(dtype=float) for c in LEAKED})
        return noted(none, Note("no_discount"))
    d, price = discount[won], amount[won] / (1 - discount[won])
    excess = np.maximum(d - limit, 0.0) * price
    approved = facts.first("Discount Approved")[won] != NEVER
    above = _above_usual(facts, won, d, amount[won])
    given = {
        "policy": excess,
        "unapproved": np.where(approved, 0.0, excess),
        "comparable": above * price,
    }
    rows = []
    for kind, each in given.items():
        others = np.maximum.reduce([other for name, other in given.items() if name != kind])
        total = float(each.sum()) if log.one_currency else np.nan
        part = total / float(price.sum()) if len(price) else np.nan
        rows.append((kind, int((each > 0).sum()), total, part, float(np.minimum(each, others).sum())))
    return pd.DataFrame(rows, columns=["kind", *LEAKED])


def _above_usual(facts: Facts, won: NDArray[np.bool_], discount: Floats, amount: Floats) -> Floats:
    """What the rep of each deal surely gives beyond the usual, drawn towards nought by how little is known."""
    beyond = discount - _usual(facts, won, discount, amount)
    rep = pd.factorize(facts.attribute("rep")[won])[0]
    known = ~np.isnan(beyond) & (rep >= 0)
    each = pd.Series(beyond[known]).groupby(rep[known]).agg(["mean", "std", "size"])
    each = each[(each["size"] >= stats.SMALLEST_SAMPLE) & (each["std"] > 0)]
    more = np.zeros(len(beyond))
    if len(each) > 1:
        found = stats.drawn_together(each["mean"].to_numpy(), (each["std"] / each["size"] ** 0.5).to_numpy())
        given = pd.Series(np.where(found.low > 0, found.value, 0.0), index=each.index)
        more[known] = given.reindex(rep[known]).fillna(0.0)
    return more


def _usual(facts: Facts, won: NDArray[np.bool_], discount: Floats, amount: Floats) -> Floats:
    """Median discount of the won deals like each: same segment, product and third of the amounts; at least ten."""
    third = pd.Series(
        pd.qcut(amount, 3, labels=False, duplicates="drop") if len(amount) >= 3 else np.zeros(len(amount))
    )
    keys = [third]
    for name in ("segment", "product"):
        if name in facts.log.attributes:
            keys.append(facts.attribute(name)[won].reset_index(drop=True))
    values = pd.Series(discount)
    grouped = values.groupby(keys, dropna=False)
    return grouped.transform("median").where(grouped.transform("size") >= 10).to_numpy()
