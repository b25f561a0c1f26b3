"""Why do cases wait at a desk: a batch, a queue, a night, or something the log does not tell?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.diagnose.waits import desks
from l2c.diagnose.waits.desks import BATCH, QUEUE, Desk
from l2c.log import EventLog
from l2c.log.base import WORKING
from l2c.measures.facts import DAY
from l2c.prepare import pseudonyms as people

Floats = NDArray[Any]
CAUSES = ("customer", "batching", "contention", "prioritisation", "off_duty", "unexplained")


def waiting_causes(log: EventLog, *, names: bool | None = None) -> pd.DataFrame:
    """What the waits of each step and person consist of.

    Parameters
    ----------
    names
        Whether to show names of people; else as the log says, which hides them unless it was opened or written with names.

    Returns
    -------
    One row per `from`, `to` and `actor` of the later event (None where unknown), most days first: `events`;
    `case_days`; and its parts, which add up to it: `customer_days` (the customer's move), `batching_days` (until the
    actor took up the batch), `contention_days` (while the actor finished other work), `prioritisation_days` (of that,
    while work that came later was done first), `off_duty_days` (nights and free days), `unexplained_days` (the rest:
    the work itself, waiting for information, or what the log does not tell); `batches`: whether the actor works in batches.

    Notes
    -----
    After Lashkevich and others (2023), for logs with one time per event: there the wait for an event includes the work
    on it. Where the log tells when the work began, the wait ends there. Working hours are read off the actor's own events,
    working days off everybody's. Contention and prioritisation
    are claimed only where people queue (`desks.desks`, kind `queue`): where each piece takes its own time, the end of
    one is soon followed by the end of another though nobody waited for anybody.
    """
    moves = _moves(log)
    if not len(moves):
        numbers = ["events", "case_days", *(f"{c}_days" for c in CAUSES)]
        return pd.DataFrame(columns=["from", "to", "actor", *numbers, "batches"]).astype(
            dict.fromkeys(numbers, float) | {"batches": bool}
        )
    days = moves[[f"{cause}_days" for cause in CAUSES]]
    grouped = pd.concat([moves[["from", "to", "actor", "case_days", "batches"]], days], axis=1)
    table = grouped.groupby(["from", "to", "actor"], dropna=False, as_index=False).agg(
        events=("case_days", "size"),
        case_days=("case_days", "sum"),
        **{f"{c}_days": (f"{c}_days", "sum") for c in CAUSES},
        batches=("batches", "max"),
    )
    known = people.instead(log, names)
    table["actor"] = [None if pd.isna(name) else known.get(str(name), name) for name in table["actor"]]
    table["actor"] = table["actor"].astype(object)
    table["_actor"] = table["actor"].map(str)
    order = table.sort_values(["case_days", "from", "to", "_actor"], ascending=[False, True, True, True])
    return order.drop(columns="_actor").reset_index(drop=True)


def step_causes(log: EventLog) -> pd.DataFrame:
    """The parts of the waits of each step, summed over all actors: `from, to` and the days of each cause."""
    table = waiting_causes(log)
    columns = [f"{cause}_days" for cause in CAUSES]
    return table.groupby(["from", "to"], as_index=False)[columns].sum()


def _moves(log: EventLog) -> pd.DataFrame:
    """Every step of every case with its parts."""
    moves = desks.passages(log)
    parts = {cause: np.zeros(len(moves)) for cause in CAUSES}
    batches = np.zeros(len(moves), bool)
    length = (moves["end"] - moves["start"]).to_numpy(np.float64)
    customer = moves["customer"].to_numpy(bool)
    parts["customer"][customer] = length[customer]
    parts["unexplained"][~customer] = length[~customer]
    for desk in desks.found(log, moves):
        for cause, value in split(desk).items():
            parts[cause][desk.place] = value
        batches[desk.place] = desk.kind == BATCH
    own = moves["wait_days"].to_numpy(np.float64) if log.hours == WORKING else length / DAY
    for cause, value in parts.items():
        part = np.divide(value, length, out=np.full(len(value), float(cause == "unexplained")), where=length > 0)
        moves[f"{cause}_days"] = part * own if log.hours == WORKING else value / DAY
    moves["case_days"] = own
    moves["batches"] = batches
    return moves


def split(desk: Desk) -> dict[str, Floats]:
    """The parts of the wait for each piece of a desk, in microseconds, in the order of its pieces."""
    whole = (desk.done - desk.asked).astype(np.float64)
    parts = {cause: np.zeros(len(whole)) for cause in CAUSES}
    if desk.kind == BATCH:
        parts["batching"] = np.clip(desk.done[desk.head] - desk.asked, 0, whole)
    else:
        parts["off_duty"] = whole - desk.wait
    if desk.kind == QUEUE:
        queue = desk.wait - desk.service
        parts["prioritisation"] = queue * desk.overtaken
        parts["contention"] = queue * (1 - desk.overtaken)
    parts["unexplained"] = whole - np.sum([parts[c] for c in CAUSES if c != "unexplained"], axis=0)
    return parts
