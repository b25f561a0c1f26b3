"""Which invoices are paid late, and how much money comes in when: chances that hold, and ranges that hold what came."""

from __future__ import annotations

import os
from functools import lru_cache, partial
from pathlib import Path

import pandas as pd
from bars import Bar
from cash_worlds import KINDS, billing

CUT, AHEAD = 450.0, (30, 60, 90)
DATA = Path(os.environ.get("L2C_DATA", "")) / "receivables"


@lru_cache(4)
def told(seed: int, kind: str, parts: float = 0.0):
    """What is said of a company on a day, and the company."""
    from l2c.monitor.pipeline.cash import cash
    from l2c.monitor.pipeline.open_invoices import open_invoices

    made = billing(seed, kind, parts=parts)
    log = made.log(CUT)
    return made, open_invoices(log).set_index("case_id"), cash(log, days=AHEAD), log


def _briers(seed: int, kind: str) -> tuple[float, float, float]:
    """Squared error of the chance, of the customer's own late share, and of the chance less what came."""
    made, table, _, log = told(seed, kind)
    late = made.late(CUT)
    some = table.loc[late.index]
    own = _own(log)
    share = some["account"].map(own["mean"]).fillna(own["mean"].mean() if len(own) else 0.5)
    true = late.to_numpy(float)
    return (
        float(((some["late_share"] - true) ** 2).mean()),
        float(((share.to_numpy() - true) ** 2).mean()),
        float((some["late_share"] - true).mean()),
    )


def _own(log) -> pd.DataFrame:
    """Share of late invoices by customer, of those that were due."""
    from l2c.monitor.pipeline.bills import bills

    known = bills(log)
    name = log.base.cases.select("case_key", "account").collect().to_pandas().sort_values("case_key")["account"]
    rows = pd.DataFrame({"account": name.to_numpy()[known.case], "late": known.late})[known.judged]
    return rows.groupby("account")["late"].agg(["mean", "size"])


def against_own(seed: int, *, kind: str) -> float:
    """By what part the squared error is above that of the customer's own late share."""
    ours, own, _ = _briers(seed, kind)
    return ours / own - 1


def bias(seed: int, *, kind: str) -> float:
    """Mean chance less the share that came."""
    return _briers(seed, kind)[2]


def missed(seed: int, *, kind: str, parts: float = 0.0) -> float:
    """By what part of it the money of 30 days is missed."""
    made, _, table, _ = told(seed, kind, parts)
    return abs(table["invoices"].iloc[0] / made.cash(CUT, AHEAD[0]) - 1)


def covered(seed: int, *, kind: str, parts: float = 0.0) -> list[float]:
    """Whether the ranges of 30, 60 and 90 days hold what came."""
    made, _, table, _ = told(seed, kind, parts)
    came = [made.cash(CUT, ahead) for ahead in AHEAD]
    return [float(low <= x <= high) for x, low, high in zip(came, table["low"], table["high"], strict=True)]


BARS = [
    *(
        Bar(f"open invoices, {kind}: squared error of the chance to be paid late over that of the customer's own share",
            partial(against_own, kind=kind), 0.0, worlds=100, tested=())
        for kind in KINDS
    ),
    *(
        Bar(f"open invoices, {kind}: mean chance less share paid late", partial(bias, kind=kind), -0.02, also=0.02, tested=())
        for kind in KINDS
    ),
    *(Bar(f"cash of invoices, {kind}: error of 30 days", partial(missed, kind=kind), 0.15, tested=()) for kind in KINDS),
    *(
        Bar(f"cash of invoices, {kind}: ranges of 30, 60 and 90 days hold what came", partial(covered, kind=kind), 0.85,
            at_most=False, tested=())
        for kind in KINDS
    ),
    Bar("cash of invoices, half of them in parts: error of 30 days", partial(missed, kind="mixture", parts=0.5), 0.15, tested=()),
    Bar("cash of invoices, half of them in parts: ranges hold what came", partial(covered, kind="mixture", parts=0.5), 0.85,
        at_most=False, tested=()),
]  # fmt: skip
