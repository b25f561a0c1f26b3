"""Is an invoice the second one for the same thing, one of several instalments, or one of a subscription?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from l2c.measures.facts import DAY, NEVER

# Equal parts that a sum is billed in, and the days between two of them.
CADENCE = {2: 183, 3: 366, 4: 92, 5: 366, 6: 61, 12: 31, 24: 31, 36: 31, 48: 31, 60: 31}
# Equal invoices at distances of more days, which spread no more than this, are a subscription.
APART_DAYS, EVEN = 20, 0.35
# The next instalment may be so much later than the last one was.
LENIENCE = 1.5


def billing(rows: pd.DataFrame, keys: pd.Series, ordered: pd.Series) -> pd.DataFrame:
    """Tell of each chain how it is billed.

    Parameters
    ----------
    rows
        The rows of the invoices: `chain, object_id, quantity, amount, time`.
    keys, ordered
        By chain: what counts of its product; what was ordered, as it is invoiced.

    Returns
    -------
    By `chain`: `again`, money of invoices beyond the first that equal it in quantity and amount; `pace`, days in which
    another instalment is to be expected (0 where there was one payment in full).

    Notes
    -----
    Three or more equal invoices at even distances are a subscription and none of them a second one; so are two, where
    the same product is billed at that distance elsewhere.
    """
    each = rows.groupby(["chain", "object_id"], sort=True).agg(amount=("amount", "sum"), time=("time", "min"))
    gaps = each[each["time"] != NEVER].reset_index().sort_values(["chain", "time", "object_id"], kind="stable")
    gaps["gap"] = gaps.groupby("chain")["time"].diff() / DAY
    longest = gaps.groupby("chain")["gap"].max()
    first = each.groupby("chain")["amount"].agg(["first", "size"])
    parts = (ordered / first["first"]).where(first["size"] == 1).dropna()
    whole = parts[(parts - parts.round()).abs() < 0.02 * parts].round()
    pace = whole.map(CADENCE).dropna()
    pace = longest.combine(pace, max, fill_value=0.0).reindex(keys.index).fillna(0.0) * LENIENCE
    return pd.DataFrame({"again": _again(rows, keys).reindex(keys.index).fillna(0.0), "pace": pace}, keys.index)


def _again(rows: pd.DataFrame, keys: pd.Series) -> pd.Series:
    """Money of the invoices that equal an earlier one of their chain."""
    by = ["chain", "cents", "number"]
    same = rows.assign(cents=(rows["amount"] * 100).round(), number=rows["quantity"].fillna(-1.0))
    same = same.sort_values([*by, "time", "line_id"], kind="stable")
    same["gap"] = same.groupby(by)["time"].diff().where(same["time"] != NEVER) / DAY
    groups = same.groupby(by, sort=True)
    found = groups.agg(
        n=("amount", "size"), amount=("amount", "first"), low=("gap", "min"), high=("gap", "max"), mid=("gap", "median")
    )
    found = found[(found["n"] > 1) & (found["amount"] > 0)].reset_index()
    found["key"] = found["chain"].map(keys)
    undated = found["low"].isna()
    even = (found["low"] > APART_DAYS) & (found["high"] - found["low"] <= EVEN * found["mid"])
    subscribed = (found["n"] > 2) & (even | undated)
    known = found[subscribed & ~undated & (found["key"] != "")].groupby("key")["mid"].median()
    usual = found["key"].map(known).astype(float)
    subscribed |= even & ((found["mid"] - usual).abs() <= EVEN * usual)
    found["again"] = np.where(subscribed, 0.0, found["amount"] * (found["n"] - 1))
    return found.groupby("chain")["again"].sum()
