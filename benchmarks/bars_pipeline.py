"""Chances of open deals hold, beat the stage table where something is to be learnt, and lose nothing where nothing is."""

from __future__ import annotations

import os
from functools import cache, lru_cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
from bars import Bar
from pipeline_worlds import CUT, world

DATA = Path(os.environ.get("L2C_DATA", ""))
DATES = 4


@lru_cache(4)
def judged(seed: int, kind: str, shape: str) -> pd.DataFrame:
    """The open deals of a world with what is said of them and what came: those that are decided in the end."""
    from l2c import engine
    from l2c.monitor.pipeline.calibration import _of_days
    from l2c.monitor.pipeline.chances import chances

    made = world(seed, kind, shape)
    found = chances(made.log)
    ids = engine.collect(made.log.base.cases.select("case_key", "case_id")).set_index("case_key")["case_id"]
    names = ids[found.case_key].to_numpy()
    table = pd.DataFrame({"win": found.win, "low": found.low, "high": found.high, "table": found.table,
                          "age": found.age_days, "in_stage": found.in_stage_days})  # fmt: skip
    table["won"] = made.won.reindex(names).to_numpy(object) == True  # noqa: E712
    table["left"] = made.over.reindex(names).to_numpy(float) - (CUT - 28 * (seed % 4))
    known = made.chance
    table["chance"] = np.nan if known is None else [known(n, s) for n, s in zip(names, found.stage, strict=True)]
    table["crps"], table["inside"] = _of_days(found.over_after, table["left"].to_numpy())
    table["crps_table"] = _of_days(_table_days(made.log), table["left"].to_numpy())[0]
    return table[table["left"].notna()]


def _table_days(log):
    from l2c.monitor.pipeline.lives import lives
    from l2c.monitor.pipeline.snapshots import moments, taken
    from l2c.monitor.pipeline.tables import learnt

    of = lives(log)
    now = taken(of, [of.facts.until])
    return learnt(taken(of, moments(of))).draw(now.stage, np.random.default_rng(3), 120)[1]


def brier(seed: int, *, kind: str, shape: str) -> float:
    """Squared error of the chances against that of the stage table."""
    rows = judged(seed, kind, shape)
    one, other = (float(((rows[name] - rows["won"]) ** 2).mean()) for name in ("win", "table"))
    return one / other - 1


def bias(seed: int, *, kind: str, shape: str) -> float:
    """Mean chance less the share that is won."""
    rows = judged(seed, kind, shape)
    return float((rows["win"] - rows["won"]).mean())


def slope(seed: int, *, kind: str, shape: str) -> float:
    """Slope of what came on the log odds that were said."""
    from l2c.monitor.pipeline.calibration import slope

    rows = judged(seed, kind, shape)
    return slope(rows["win"].to_numpy(), rows["won"].to_numpy(float), np.ones(len(rows)))


def lost(seed: int, *, kind: str, shape: str, by: str) -> float:
    """Of the fifth with the lowest chances, how many more are really lost than of the fifth that another list names."""
    rows = judged(seed, kind, shape)
    many = len(rows) // 5
    ours = (~rows.nsmallest(many, "win")["won"]).sum() + 0.5
    return float(ours / ((~rows.nlargest(many, by)["won"]).sum() + 0.5))


def days_covered(seed: int, *, kind: str, shape: str) -> list[float]:
    """Whether the range of the days to the end holds them."""
    return judged(seed, kind, shape)["inside"].dropna().tolist()


def crps(seed: int, *, kind: str, shape: str) -> float:
    """Error of the distribution of the days to the end against that of the stage table."""
    rows = judged(seed, kind, shape).dropna(subset=["crps", "crps_table"])
    return float(rows["crps"].mean() / rows["crps_table"].mean() - 1)


def covered(seed: int, *, kind: str, shape: str) -> list[float]:
    """Whether the interval of a chance holds the true one."""
    rows = judged(seed, kind, shape)
    return ((rows["low"] <= rows["chance"]) & (rows["chance"] <= rows["high"])).astype(float).tolist()


def _bar(what: str, one, bar: float, kind: str, shape: str = "lognormal", tested=(), worlds: int = 24, **more) -> Bar:
    return Bar(
        f"pipeline: {kind}, {shape}, {what}",
        partial(one, kind=kind, shape=shape),
        bar,
        worlds=worlds,
        tested=tested,
        **more,
    )


BARS = []
for kind, shape in (("steps", "lognormal"), ("steps", "gamma"), ("steps", "weibull"), ("steps", "heavy"), ("amount", "lognormal"),
                    ("early", "lognormal"), ("early", "weibull"), ("late", "gamma")):  # fmt: skip
    BARS += [
        _bar("Brier against the stage table", brier, -0.04, kind, shape),
        _bar("mean chance less the share won", bias, -0.02, kind, shape, also=0.02),
        _bar("calibration slope", slope, 0.85, kind, shape, also=1.25),
        _bar("days to the end, 90 % range covers", days_covered, 0.87, kind, shape, also=0.93),
    ]
    # Where half of the deals are lost, no list can hold three times as many as another one.
    times = (3.0, 1.7) if kind == "early" else (1.2, 1.1)
    for by, named, least in (("age", "age", times[0]), ("in_stage", "days in stage", times[1])):
        what = f"riskiest fifth really lost, times a list by {named}"
        BARS.append(_bar(what, partial(lost, by=by), least, kind, shape, at_most=False))
    if kind == "steps":
        # In the others nothing that is known decides how long it takes.
        BARS.append(_bar("days to the end, CRPS against the stage table", crps, -0.02, kind, shape))
BARS += [
    _bar("Brier against the stage table", brier, 0.005, "nothing"),
    _bar("mean chance less the share won", bias, -0.02, "nothing", also=0.02),
    _bar("90 % interval of the chance covers the true one", covered, 0.85, "amount", at_most=False),
    _bar("90 % interval of the chance covers the true one", covered, 0.85, "late", "gamma", at_most=False),
    _bar("90 % interval of the chance covers the true one", covered, 0.85, "nothing", at_most=False),
]
# What is drawn in `make test` is one world alone.
BARS[0] = _bar("Brier against the stage table", brier, -0.04, "steps", tested=(2,))


def real(seed: int, *, source: str, column: str) -> float | None:
    """What is shown against the stage table, mean of four dates, on a real log."""
    if (row := _blend(source)) is None:
        return None
    return float(-row["skill"] if column == "skill" else row[column])


@cache
def _blend(source: str):
    """What is shown of one real log: the same in every world."""
    from l2c import monitor

    if (log := _log(source)) is None:
        return None
    table = monitor.calibration(log)
    return table[table["date"].isna()].set_index("method").loc["blend"]


def _log(source: str):
    """BPIC 2012 as deals, or the pipeline of Maven; None where the files are not at hand."""
    import l2c
    from l2c import engine
    from l2c.log import build

    if source == "Maven":
        path = DATA / "maven_crm" / "sales_pipeline.csv"
        if not path.is_file():
            return None
        deals = pd.read_csv(path, parse_dates=["engage_date", "close_date"]).dropna(subset="engage_date")
        closed = deals.dropna(subset="close_date")
        ends = np.where(closed["deal_stage"] == "Won", "Closed Won", "Closed Lost")
        rows = pd.concat([deals.assign(activity="Opportunity Created", time=deals["engage_date"]),
                          closed.assign(activity=ends, time=closed["close_date"])])  # fmt: skip
        names = {"opportunity_id": "case_id", "sales_agent": "rep", "close_value": "amount"}
        rows = rows.rename(columns=names)[["case_id", "activity", "time", "rep", "product", "account", "amount"]]
        return build(rows, extracted=pd.Timestamp("2017-12-31").to_pydatetime())
    path = DATA / "event_logs" / "bpic2012.xes.gz"
    if not path.is_file():
        return None
    read = l2c.read(path)
    rows = engine.collect(read.events.select("case_id", "activity", "time"))
    known = engine.collect(read.cases.select("case_id", "AMOUNT_REQ")).astype({"AMOUNT_REQ": float})
    names = dict.fromkeys(("A_ACTIVATED", "A_REGISTERED", "A_APPROVED"), "Closed Won")
    names |= dict.fromkeys(("A_DECLINED", "A_CANCELLED"), "Closed Lost") | {"A_SUBMITTED": "Opportunity Created"}
    rows["activity"] = rows["activity"].astype(str).replace(names)
    rows = rows.sort_values(["case_id", "time"], kind="stable")
    again = rows["activity"].eq("Closed Won") & rows.duplicated(["case_id", "activity"])
    return build(rows[~again].merge(known.rename(columns={"AMOUNT_REQ": "amount"}), on="case_id"))


if DATA.name:
    BARS += [
        Bar("pipeline: Maven, Brier against the stage table", partial(real, source="Maven", column="skill"), 0.005, worlds=1),
        Bar("pipeline: BPIC 2012, Brier against the stage table", partial(real, source="BPIC 2012", column="skill"), -0.10,
            before="stage × days in stage −.01, sketch −.13", worlds=1),
        Bar("pipeline: BPIC 2012, days to the end, 90 % range covers", partial(real, source="BPIC 2012", column="covers"), 0.87,
            also=0.93, worlds=1),
    ]  # fmt: skip
