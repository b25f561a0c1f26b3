"""What does the customer go through from the first touch to the payment: waiting, handovers, detours, new starts?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.diagnose.rules.compliance import case_ids
from l2c.diagnose.rules.conditions import attribute
from l2c.discover.flow import places
from l2c.log import EventLog, again
from l2c.measures.facts import NEVER, Facts
from l2c.words import vocabulary

OTHER = "other"
KINDS = ("step_back", "repeat", "ping_pong", "owner_change")


def journey(log: EventLog) -> pd.DataFrame:
    """The way through the phases of the process.

    Returns
    -------
    One row per phase, in order (activities that the process does not know are `other`): `phase`; `cases` that spent
    time in it; `case_days` (they add up to the durations of all cases exactly); `share` of all days; `days_per_case`
    (of those in it); of the `case_days` those that wait for the `customer_days`, for an `approver_days`, for the own
    `team_days`; `handovers` (events by somebody else than the one before) and `handover_days` (waits that ended in
    one); NaN in a log without actors.

    Notes
    -----
    The wait between two events belongs to the phase of the later one: whose work it took to get there.
    """
    columns = ["phase", "cases", "case_days", "share", "days_per_case", "customer_days", "approver_days", "team_days"]
    columns += ["handovers", "handover_days"]
    moves = _moves(log)
    if not len(moves):
        return pd.DataFrame(columns=columns)
    order = {phase.id: place for place, phase in enumerate(vocabulary.phases())}
    moves["phase"] = [vocabulary.phase_of(name) or OTHER for name in moves["to"]]
    moves["waits_for"] = moves["to"].map(vocabulary.whose_move)
    by = moves.groupby("phase")
    table = by.agg(cases=("case", "nunique"), case_days=("days", "sum")).reset_index()
    total = float(table["case_days"].sum())
    table["share"] = table["case_days"] / total if total > 0 else 0.0
    table["days_per_case"] = table["case_days"] / table["cases"]
    for who, column in zip(("customer", "approver", vocabulary.OWN_TEAM), columns[5:8], strict=True):
        part = moves[moves["waits_for"] == who].groupby("phase")["days"].sum()
        table[column] = table["phase"].map(part).fillna(0.0)
    over = moves[moves["handover"]].groupby("phase")["days"].agg(["size", "sum"])
    known = moves["known"].any()
    table["handovers"] = table["phase"].map(over["size"]).fillna(0.0) if known else np.nan
    table["handover_days"] = table["phase"].map(over["sum"]).fillna(0.0) if known else np.nan
    table["_place"] = table["phase"].map(order).fillna(len(order))
    return table.sort_values(["_place", "phase"], ignore_index=True)[columns]


def detours(log: EventLog) -> pd.DataFrame:
    """Ways around: back in the process, once more, to and fro.

    Returns
    -------
    One row per kind (`step_back`: an activity that stands earlier in the process than the one before; `repeat`: one
    that the same object has had already; `ping_pong`: A, B, A; `owner_change`: another owner than
    at the event before, NaN where the log keeps one owner per case): `kind`; `cases`; `share` of all cases; `events`;
    `case_days` of the waits that led there. One event may count in several kinds: the days must not be added. What is
    done for another document, and what only keeps a record, is no way around: see `l2c.log.again`.
    """
    rows = _events(log)
    total = log.n_cases
    if not len(rows):
        return pd.DataFrame(columns=["kind", "cases", "share", "events", "case_days"])
    order = places(log)
    case = rows["case_key"].to_numpy()
    inside = np.concatenate([[False], case[1:] == case[:-1]])
    days = np.where(inside, rows["wait_days"].shift(fill_value=0.0), 0.0)
    more = rows[["case_key", "position"]].merge(again.later(log.base), how="left", on=["case_key", "position"])
    repeat = (more["again"] == True).to_numpy()  # noqa: E712 (missing is no repeat)
    on_way = np.flatnonzero(~(more["again"].notna().to_numpy() & ~repeat) & ~rows["activity"].isin(vocabulary.marks()))
    back, twice = _turns(case[on_way], rows["activity"].to_numpy(object)[on_way], order)
    flags: dict[str, Any] = {kind: np.zeros(len(rows), bool) for kind in ("step_back", "ping_pong")}
    flags["step_back"][on_way], flags["ping_pong"][on_way], flags["repeat"] = back, twice, repeat
    if "rep" in rows:
        owner = pd.factorize(rows.groupby("case_key")["rep"].ffill())[0]
        changed = np.concatenate([[False], (owner[1:] != owner[:-1]) & (owner[1:] >= 0) & (owner[:-1] >= 0)])
        flags["owner_change"] = inside & changed
    found = []
    for kind in KINDS:
        if kind not in flags:
            found.append((kind, np.nan, np.nan, np.nan, np.nan))
            continue
        flag = flags[kind]
        cases = int(pd.unique(case[flag]).size)
        found.append((kind, cases, cases / total, int(flag.sum()), float(days[flag].sum())))
    return pd.DataFrame(found, columns=["kind", "cases", "share", "events", "case_days"])


def _turns(case: NDArray[Any], names: NDArray[Any], order: dict[str, int]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Which steps stand earlier in the process than the one before, and which lead back to the last but one."""
    place = pd.Series(names).map(order).to_numpy(np.float64)
    back = np.concatenate([[False], (place[1:] < place[:-1]) & (case[1:] == case[:-1])])[: len(case)]
    twice = (names[2:] == names[:-2]) & (names[2:] != names[1:-1]) & (case[2:] == case[:-2])
    return back, np.concatenate([[False, False], twice])[: len(case)]


def restarts(log: EventLog, *, days: int = 90) -> pd.DataFrame:
    """Lost deals that came back as a new opportunity of the same account, and product where the log knows it.

    Parameters
    ----------
    days
        At most so many days from the loss to the new opportunity.

    Returns
    -------
    One row per lost deal, by account and time: `account, product` (missing where unknown); `lost_case`; `new_case`
    (the first one after the loss); `days` between them; `status` of the new one.
    """
    facts = Facts.of(log)
    columns = ["account", "product", "lost_case", "new_case", "days", "status"]
    if "account" not in log.attributes or not len(facts):
        return pd.DataFrame(columns=columns)
    opened = facts.first("Opportunity Created")
    opened = np.where(opened == NEVER, facts.column("started"), opened)
    status = engine.collect(log.cases.select("case_key", "status")).sort_values("case_key")["status"].to_numpy(object)
    deals = pd.DataFrame(
        {
            "account": pd.Series(attribute(facts, "account"), dtype=object),
            "product": pd.Series(attribute(facts, "product"), dtype=object),
            "case": case_ids(log),
            "row": np.arange(len(facts)),
            "opened": opened,
            "lost": facts.lost,
            "status": status,
        }
    )[facts.deal]
    deals = deals[deals["account"].notna()]
    by = ["account"] + (["product"] if deals["product"].notna().any() else [])
    lost = deals[deals["lost"] != NEVER].sort_values("lost")
    new = deals.sort_values("opened").rename(columns={"case": "new_case", "status": "new_status"})
    joined = pd.merge_asof(
        lost, new[[*by, "opened", "new_case", "new_status"]], left_on="lost", right_on="opened", by=by,
        direction="forward", allow_exact_matches=True, suffixes=("", "_new"),
    )  # fmt: skip
    joined = joined[joined["new_case"].notna() & (joined["new_case"] != joined["case"])]
    row, gone, back = (joined[name].to_numpy(np.int64) for name in ("row", "lost", "opened_new"))
    joined["days"] = facts.elapsed(row, gone, back)
    joined = joined[joined["days"] <= days]
    joined = joined.sort_values(["account", "lost", "case"], ignore_index=True)
    shown = joined[["account", "product", "case", "new_case", "days", "new_status"]]
    return shown.set_axis(columns, axis=1)


def _events(log: EventLog) -> pd.DataFrame:
    schema = log.events.collect_schema().names()
    extra = [name for name in ("actor", "object_id", "rep") if name in schema]
    rows = engine.collect(log.events.select("case_key", "position", "activity", "time", "wait_days", *extra))
    return rows.sort_values(["case_key", "position"], ignore_index=True)


def _moves(log: EventLog) -> pd.DataFrame:
    """Every step: its case, the activity it led to, its days, and whether the work changed hands."""
    rows = _events(log)
    case = rows["case_key"].to_numpy()
    later = np.flatnonzero(np.concatenate([[False], case[1:] == case[:-1]])[: len(rows)])
    actor: NDArray[np.int64] = (
        pd.factorize(rows["actor"])[0].astype(np.int64) if "actor" in rows else np.full(len(rows), -1)
    )
    known = (actor[later] >= 0) & (actor[later - 1] >= 0)
    return pd.DataFrame(
        {
            "case": case[later],
            "to": rows["activity"].to_numpy(object)[later],
            "days": rows["wait_days"].to_numpy(np.float64)[later - 1],
            "known": known,
            "handover": known & (actor[later] != actor[later - 1]),
        }
    )
