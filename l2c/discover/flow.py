"""Who follows whom, how often, after how long?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from l2c import engine
from l2c.discover.stays import stays
from l2c.geometry.order import activity_order
from l2c.log import END, START, EventLog

if TYPE_CHECKING:
    import pandas as pd

# What becomes of a step where a flow is put beside the process as it shall be (`l2c.improve.together`).
FATE = "fate"
STAYS, GOES, NEW, CHANGED, BESIDE = "stays", "goes", "new", "changed", "beside"


def flow(log: EventLog, *, amounts: bool = False) -> pd.DataFrame:
    """Directly-follows steps, with one row per way into and out of the process.

    Parameters
    ----------
    amounts
        Also sum the amounts of the cases that take each step.

    Returns
    -------
    One row per (`from`, `to`), most frequent first: `events` (times the step was taken), `cases` (cases that
    took it), `mean_days` (of the times it was taken), `median_days, p90_days` (days by which half, and nine in ten, of
    those that take the step have taken it, with the cases that are still waiting; NaN at the ends, and where fewer
    have gone on at all). `from` is START for first events, `to` is
    END for last ones, so that for every activity inflow = outflow = its events. With `amounts`, `amount`: each case
    counts once per step (log currency; NaN where no amount is known, or where they are in several currencies).

    Notes
    -----
    Days of a step run from one event to the next; where the log tells when work began, from the end of one activity to
    the start of the next, nought where they overlap. van der Aalst (2016), Process Mining, §6.2. Order within a case: see `l2c.log.ordering.prepare`. Quantiles
    are those of Aalen and Johansen's (1978) curves, other steps competing, cases that have not ended censored at the
    extraction (`l2c.discover.stays`): where all go on to one activity, the median of `diagnose.times`.
    """
    if log.conditions:
        return _flow(log, amounts)
    # Of the whole log many ask: for the order of the activities, and for the maps of its parts.
    return log.base.memo(("flow", amounts), lambda: _flow(log, amounts)).copy()


def _flow(log: EventLog, amounts: bool) -> pd.DataFrame:
    import narwhals as nw
    import pandas as pd

    steps = log.events.group_by("activity", "next_activity").agg(
        events=nw.len(), cases=nw.col("first_of_step").cast(nw.Int64()).sum(), mean_days=nw.col("wait_days").mean()
    )
    table = engine.collect(steps).rename(columns={"activity": "from", "next_activity": "to"})
    table = table.merge(waits(log), on=["from", "to"], how="left", validate="one_to_one")
    table["to"] = table["to"].fillna(END)
    whole = pd.concat([table, _begun(table)], ignore_index=True)[
        ["from", "to", "events", "cases", "mean_days", "median_days", "p90_days"]
    ].astype({"events": "int64", "cases": "int64"})
    if amounts:
        whole = whole.merge(_amounts(log), on=["from", "to"], how="left", validate="one_to_one")
    return whole.sort_values(["events", "from", "to"], ascending=[False, True, True], ignore_index=True)


def places(log: EventLog) -> dict[str, int]:
    """Places of the activities of a whole log, whatever filter is on: the `activity_order` of its flow.

    How often who follows whom is soon counted; how long it takes, which `flow` tells too, is not asked.
    """
    import narwhals as nw
    import pandas as pd

    def made() -> dict[str, int]:
        counted = log.base.events.group_by("activity", "next_activity").agg(events=nw.len())
        table = engine.collect(counted).rename(columns={"activity": "from", "next_activity": "to"})
        table["to"] = table["to"].fillna(END)
        steps = [each[["from", "to", "events"]].astype({"events": "int64"}) for each in (table, _begun(table))]
        return activity_order(pd.concat(steps))

    return dict(log.base.memo("order", made))


def _begun(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of what cases begin with: what happens of an activity that no other led to."""
    import pandas as pd

    out, into = (table[table[end] != END].groupby(end)["events"].sum() for end in ("from", "to"))
    begun = out.sub(into, fill_value=0).astype("int64")
    begun = begun[begun > 0]
    return pd.DataFrame({"from": START, "to": begun.index, "events": begun.to_numpy(), "cases": begun.to_numpy()})


def waits(log: EventLog) -> pd.DataFrame:
    """How long each step takes: `from, to, median_days, p90_days`, with the cases that still wait for their next step.

    See `l2c.discover.stays`; `flow`, `diagnose.steps` and `diagnose.bottlenecks` tell these.
    """
    import pandas as pd

    found = stays(log)
    table = pd.DataFrame(list(found.steps), columns=["from", "to"], dtype=object)
    table[["median_days", "p90_days"]] = found.quantiles(0.5, 0.9)
    return table


def _amounts(log: EventLog) -> pd.DataFrame:
    """Per step: the sum of the amounts of its cases."""
    import narwhals as nw
    import pandas as pd

    if "amount" not in log.attributes or not log.one_currency:
        return pd.DataFrame({"from": [], "to": [], "amount": []}).astype({"from": str, "to": str, "amount": float})
    known = log.cases.filter(~nw.col("amount").is_null()).select("case_key", nw.col("amount").cast(nw.Float64()))
    events = log.events.select("case_key", "position", "activity", "next_activity", "first_of_step")
    rows = events.join(known, on="case_key", how="inner")
    steps = rows.filter(nw.col("first_of_step")).group_by("activity", "next_activity").agg(nw.col("amount").sum())
    first = rows.filter(nw.col("position") == 0).group_by("activity").agg(nw.col("amount").sum())
    inner = engine.collect(steps).rename(columns={"activity": "from", "next_activity": "to"})
    begun = engine.collect(first).rename(columns={"activity": "to"})
    return pd.concat([inner.fillna({"to": END}), begun.assign(**{"from": START})], ignore_index=True)
