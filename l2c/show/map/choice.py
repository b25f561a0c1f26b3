"""Which activities and paths does a process map show?"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from l2c.discover.flow import BESIDE, FATE, GOES
from l2c.log import END, START

if TYPE_CHECKING:
    import pandas as pd

METRICS = ("cases", "events", "median_days", "mean_days", "p90_days", "total_days", "amount")
MOST_ACTIVITIES = 50
MOST_PATHS = 250
# Steps that go and are rarer than this share of the most frequent of them are context.
RARE_WAY = 0.1

Step = tuple[str, str]
Numbers = dict[str, float]


def steps_of(flow: pd.DataFrame) -> dict[Step, Numbers]:
    """Read a flow as a mapping from steps to their numbers."""
    waits = flow["events"] * flow["mean_days"]
    amounts = flow["amount"] if "amount" in flow else waits * math.nan
    flow = flow.assign(total_days=waits, amount=amounts)
    columns = [flow[name] for name in ("from", "to", *METRICS)]
    return {
        (str(a), str(b)): dict(zip(METRICS, map(float, numbers), strict=True))
        for a, b, *numbers in zip(*columns, strict=True)
    }


def places_of(whole: Mapping[Step, Numbers], order: Mapping[str, int]) -> dict[str, int]:
    """Give every activity a place of its own; what the order does not know comes last."""
    names = {name for step in whole for name in step} - {START, END}
    ranked = sorted(names, key=lambda name: (order.get(name, len(order) + 1), name))
    return {name: place for place, name in enumerate([START, *ranked, END])}


def events_of(name: str, whole: Mapping[Step, Numbers]) -> int:
    """Count the events of an activity: what enters it, or leaves it where a table is cut."""
    inward = sum(numbers["events"] for (_, b), numbers in whole.items() if b == name)
    outward = sum(numbers["events"] for (a, _), numbers in whole.items() if a == name)
    return int(max(inward, outward))


def fates_of(flow: pd.DataFrame) -> dict[Step, str]:
    """What becomes of each step, where a table tells (`improve.together`)."""
    if FATE not in flow:
        return {}
    return {(str(a), str(b)): str(fate) for a, b, fate in zip(flow["from"], flow["to"], flow[FATE], strict=True)}


def seen_always(whole: Mapping[Step, Numbers], fates: Mapping[Step, str]) -> set[Step]:
    """The steps for which a map of two processes is drawn: all as it shall be, and of those that go the frequent ones."""
    most = max((whole[step]["cases"] for step, fate in fates.items() if fate == GOES), default=0.0)
    return {
        step
        for step, fate in fates.items()
        if fate not in (GOES, BESIDE) or (fate == GOES and whole[step]["cases"] >= RARE_WAY * most)
    }


def totals(whole: Mapping[Step, Numbers]) -> dict[str, int]:
    """Count the events of every activity at once."""
    inward: dict[str, float] = {}
    outward: dict[str, float] = {}
    for (a, b), numbers in whole.items():
        outward[a] = outward.get(a, 0.0) + numbers["events"]
        inward[b] = inward.get(b, 0.0) + numbers["events"]
    return {name: int(max(inward.get(name, 0.0), outward.get(name, 0.0))) for name in inward.keys() | outward.keys()}


def chosen(
    whole: Mapping[Step, Numbers],
    activities: float,
    paths: float,
    hidden: Collection[str] = (),
    always: Collection[Step] = (),
) -> tuple[set[str], set[Step]]:
    """Keep the most frequent activities that are not hidden, then paths, then whatever connects them with start and end.

    Paths that are there `always` are kept with what they join.
    """
    whole = {step: known for step, known in whole.items() if not set(step) & set(hidden)} if hidden else whole
    names = {name for step in whole for name in step} - {START, END}
    known = totals(whole)
    ranked = sorted(names, key=lambda name: (-known[name], name))
    kept = _share(len(ranked), activities, MOST_ACTIVITIES)
    shown = (
        set(ranked[:kept])
        | {name for step in always for name in step}
        | ({START, END} & {name for step in whole for name in step})
    )
    between = [step for step in _strongest_first(whole) if shown.issuperset(step)]
    steps = set(between[: _share(len(between), paths, MOST_PATHS)]) | set(always)
    for forward in (True, False):
        steps |= _connections(whole, shown, steps, forward=forward)
        shown |= {name for step in steps for name in step}
    # What was added for the way out must be reachable from the start as well.
    steps |= _connections(whole, shown, steps, forward=True)
    return shown | {name for step in steps for name in step}, steps


def _share(n: int, share: float, most: int) -> int:
    return min(n, most, max(1, math.ceil(round(n * share, 9))))


def _strongest_first(whole: Mapping[Step, Numbers]) -> list[Step]:
    return sorted(whole, key=lambda step: (-whole[step]["events"], step))


def _connections(whole: Mapping[Step, Numbers], shown: set[str], steps: set[Step], *, forward: bool) -> set[Step]:
    """Find the strongest paths that lead from the start to activities cut off from it (or from them to the end)."""
    tree: dict[str, Step] = {}
    reached = {START if forward else END}
    # As in Prim's algorithm, the strongest way on from what is reached; what is shown already costs nothing.
    ranked = [s for s in _strongest_first(whole) if s in steps] + [s for s in _strongest_first(whole) if s not in steps]
    while True:
        here, there = (0, 1) if forward else (1, 0)
        step = next((s for s in ranked if s[here] in reached and s[there] not in reached), None)
        if step is None:
            break
        tree[step[there]] = step
        reached.add(step[there])
    added = set()
    for name in shown:
        while name in tree and tree[name] not in added:
            added.add(tree[name])
            name = tree[name][0 if forward else 1]
    return added
