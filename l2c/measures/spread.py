"""How is a document without lines spread over the things that its deal sold?"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

ORDER = ("base", "contract", "order", "invoice", "credit", "payment")


class Growing(Protocol):
    """The chains there are, by number: the case of each; `new` makes another one."""

    case: list[int]

    def new(self, case: int, key: str, price: float, quantity: float, amount: float) -> int:
        """Make a chain and return its number."""
        ...


def spread(rows: pd.DataFrame, growing: Growing) -> pd.DataFrame:
    """Spread the documents without lines over the chains of their case, by what is known of these at the nearest stage.

    A deal without any lines is one chain. A document of unknown amount leaves its mark on the chains without a line there.
    """
    headers = rows[rows["header"] | (rows["chain"] < 0)]
    if not len(headers):
        return rows
    lines = rows[~rows["header"] & (rows["chain"] >= 0)]
    known = lines.pivot_table(index="chain", columns="step", values="amount", aggfunc="sum")
    case = pd.Series({n: growing.case[n] for n in lines["chain"].unique()}, dtype="int64").sort_index()
    bare = sorted(set(headers["case_key"]) - set(case))
    made = [growing.new(number, "", np.nan, np.nan, np.nan) for number in bare]
    case = pd.concat([case, pd.Series(bare, made, dtype="int64")])
    known = known.reindex(case.index)
    frames = [lines]
    for step in (s for s in ORDER if s in set(headers["step"])):
        own = lines.loc[lines["step"] == step, "chain"].unique()
        mine = headers[headers["step"] == step]
        met = mine.drop(columns="chain").merge(_weights(known, case, step, own), on="case_key", how="inner")
        parts = met.assign(amount=met["amount"] * met["weight"], header=True).drop(columns="weight")
        frames.append(parts)
        if step not in known:
            known[step] = np.nan
        known[step] = known[step].fillna(parts.groupby("chain")["amount"].sum(min_count=1))
    return pd.concat(frames, ignore_index=True)


def _weights(known: pd.DataFrame, case: pd.Series, step: str, own: NDArray[Any]) -> pd.DataFrame:
    """The part of each chain in its case: of its amounts at the stage before, else an earlier one, else the next after.

    Chains without a line of their own at this stage come first.
    """
    place = ORDER.index(step)
    amount = pd.Series(np.nan, case.index)
    for name in (n for n in (*reversed(ORDER[:place]), *ORDER[place:]) if n in known):
        here = known[name].abs()
        # One stage tells of the whole case: a chain that is not in it has no part.
        untold = amount.groupby(case).transform("count").eq(0)
        amount = amount.where(~untold, here)
    lined = case.index.isin(own)
    whole = pd.Series(lined, case.index).groupby(case).transform("all")
    amount = amount.fillna(0.0).where(~lined | whole, 0.0)
    total = amount.groupby(case).transform("sum")
    equal = (~lined | whole).astype(float)
    weight = (amount / total).where(total > 0, equal / equal.groupby(case).transform("sum"))
    found = pd.DataFrame({"chain": case.index, "case_key": case.to_numpy(), "weight": weight.to_numpy()})
    return found[found["weight"] > 0]
