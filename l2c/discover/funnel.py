"""How far do the deals get?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from l2c.discover import silence
from l2c.discover.happy_path import happy_path
from l2c.log import EventLog

if TYPE_CHECKING:
    import pandas as pd

FUNNEL = (
    "Lead Created",
    "Opportunity Created",
    "Quote Sent",
    "Contract Signed",
    "Closed Won",
    "Sales Order Created",
    "Order Fulfilled",
    "Invoice Sent",
    "Payment Received",
)


def funnel(log: EventLog, milestones: tuple[str, ...] | None = None) -> pd.DataFrame:
    """Cases reaching each milestone, and how they get from one to the next.

    Parameters
    ----------
    milestones
        Activities in their intended order. The lead-to-cash milestones that the log has unless given; the
        happy path where it has fewer than three of them.

    Returns
    -------
    One row per milestone, in order: `milestone`; `cases` that reached it; `share` of all cases; `conversion`
    (of the cases that reached the previous milestone, the share that reached this one too); `open` and `dropped`
    (cases that reached the previous milestone but neither this nor a later one: those that may still come, and
    those that have ended or are silent leads; who skipped a milestone is neither); `silent` (of those dropped, the
    leads that never ended, but have been silent longer than 99 % of those that went on, as in `diagnose.silent`);
    `median_days` from the first time of the previous milestone to the first time of this one, among the cases that
    did both in this order.

    Notes
    -----
    To date, not by cohort: young cases count as not there yet. `open` says how many those are. A won deal has not
    ended before its payment, in a log that knows payments. Deals that are silent stay open: they have an end of their
    own, whereas most leads are never closed by anybody.
    """
    import pandas as pd

    names = milestones or _milestones(log)
    found = log.first_times(names)
    # By place, not by name: an activity may be called like another column, or be asked for twice.
    found.columns = pd.Index([*found.columns[: -len(names)], *range(len(names))], dtype=object)
    ended = found["status"].isin(log.base.final)
    silent = found["case_key"].isin(silence.silent_leads(log))
    rows = []
    for place, name in enumerate(names):
        here = found[place].notna()
        row: dict[str, object] = {"milestone": name, "cases": int(here.sum()), "share": here.mean()}
        if place:
            before = found[place - 1].notna()
            days = (found[place] - found[place - 1]).dt.total_seconds() / 86_400
            row["conversion"] = (before & here).sum() / before.sum() if before.any() else float("nan")
            stays = before & ~found[list(range(place, len(names)))].notna().any(axis=1)
            row["open"], row["silent"] = int((stays & ~ended & ~silent).sum()), int((stays & silent).sum())
            row["dropped"] = int((stays & (ended | silent)).sum())
            row["median_days"] = days[days >= 0].median()
        rows.append(row)
    columns = ["milestone", "cases", "share", "conversion", "open", "dropped", "silent", "median_days"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(("open", "dropped", "silent"), "Int64"))


def _milestones(log: EventLog) -> tuple[str, ...]:
    known = tuple(name for name in FUNNEL if name in log.activities)
    return known if len(known) >= 3 else tuple(dict.fromkeys(happy_path(EventLog(log.base))))
