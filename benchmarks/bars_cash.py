"""Which invoices are paid late, and how much money comes in when: chances that hold, and ranges that hold what came."""

from __future__ import annotations

import os
from functools import lru_cache, partial
from pathlib import Path

import pandas as pd
from bars import Bar
from cash_worlds import KINDS, billing
from twin_worlds import CODE, SHAPES, company

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


@lru_cache(8)
def sample(place: int):
    """A well-known file of invoices as of one of several days: what was said, and what came. None without the file."""
    from l2c.monitor.pipeline.cash import cash
    from l2c.monitor.pipeline.open_invoices import open_invoices

    found = sorted(DATA.glob("*Accounts-Receivable.csv"))
    if not found or place >= len(SAMPLED):
        return None
    file = pd.read_csv(found[0])
    for name in ("InvoiceDate", "DueDate", "SettledDate"):
        file[name] = pd.to_datetime(file[name])
    day = pd.Timestamp(SAMPLED[place])
    log = _whole(found[0]).as_of(SAMPLED[place])
    file = file.assign(case=file["invoiceNumber"].astype(str).str.zfill(10)).set_index("case")
    some = file[(file["InvoiceDate"] <= day) & (file["SettledDate"] > day)]
    table = open_invoices(log)
    table.index = table["invoice"].fillna(table["case_id"]).astype(str).str.zfill(10)
    due = some[some["DueDate"] > day]
    true = (due["SettledDate"] > due["DueDate"]).to_numpy(float)
    # The customer's own late share, by what was due by then.
    past = file[file["DueDate"] <= day]
    own = (past["SettledDate"] > past["DueDate"]).groupby(past["customerID"]).mean()
    share = due["customerID"].map(own).fillna(own.mean()).to_numpy()
    ours = table["late_share"].reindex(due.index).to_numpy()
    came = some.loc[some["SettledDate"] <= day + pd.Timedelta(days=30), "InvoiceAmount"].sum()
    money = cash(log, days=(30,)).iloc[0]
    return float(((ours - true) ** 2).mean()), float(((share - true) ** 2).mean()), float(came), money


@lru_cache(1)
def _whole(path: Path):
    import l2c

    return l2c.read(path)


SAMPLED = (
    "2012-09-30",
    "2012-11-30",
    "2013-01-31",
    "2013-03-31",
    "2013-05-31",
    "2013-07-31",
    "2013-09-30",
    "2013-11-30",
)


def sample_against_own(seed: int) -> float | None:
    """On the known file: squared error over that of the customer's own late share, less one."""
    found = sample(seed % 50_000)
    return None if found is None else found[0] / found[1] - 1


def sample_missed(seed: int) -> float | None:
    """On the known file: by what part of it the money of 30 days is missed."""
    found = sample(seed % 50_000)
    return None if found is None else abs(found[3]["invoices"] / found[2] - 1)


def sample_covered(seed: int) -> float | None:
    """On the known file: whether the range of 30 days holds what came."""
    found = sample(seed % 50_000)
    return None if found is None else float(found[3]["low"] <= found[2] <= found[3]["high"])


@lru_cache(2)
def whole(seed: int):
    """A company from lead to payment: what is said of the money of deals without an invoice, and what came."""
    from l2c.monitor.pipeline.cash import cash

    made = company(seed, 3000, 500.0, SHAPES[seed % len(SHAPES)])
    table = cash(made.log(400.0), days=(60, 90, 120))
    first = made.events.groupby(["case", "activity"])["day"].min().unstack()
    amount = made.people["amount"].to_numpy()[first.index]
    paid, sent, opened = (first[CODE[name]] for name in ("Payment Received", "Invoice Sent", "Opportunity Created"))
    some = (opened <= 400) & ~(sent <= 400)
    return table, [float(amount[some & (paid > 400) & (paid <= 400 + ahead)].sum()) for ahead in (60, 90, 120)]


def deals_missed(seed: int) -> float:
    """By what part of it the money of 90 days from deals without an invoice is missed."""
    table, came = whole(seed)
    return abs(table["deals"].iloc[1] / came[1] - 1)


def deals_covered(seed: int) -> list[float]:
    """Whether the ranges of 60, 90 and 120 days hold what came of deals without an invoice."""
    table, came = whole(seed)
    return [float(low <= x <= high) for x, low, high in zip(came, table["deals_low"], table["deals_high"], strict=True)]


BARS = [
    Bar("open invoices of the known file: squared error over that of the customer's own late share", sample_against_own, 0.0,
        worlds=len(SAMPLED), tested=()),
    Bar("cash of invoices of the known file: error of 30 days", sample_missed, 0.15, worlds=len(SAMPLED), tested=()),
    Bar("cash of invoices of the known file: ranges of 30 days hold what came", sample_covered, 0.85, at_most=False,
        worlds=len(SAMPLED), tested=()),
    Bar("cash of deals without an invoice: error of 90 days", deals_missed, 0.15, tested=()),
    Bar("cash of deals without an invoice: ranges of 60, 90 and 120 days hold what came", deals_covered, 0.85, at_most=False,
        tested=()),
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
