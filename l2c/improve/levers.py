"""Which lever is worth most? Every standard one at its usual strength, and the best set within a budget."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from l2c.diagnose.waits.desks import BATCH, QUEUE
from l2c.improve import reading
from l2c.improve.changes import Change
from l2c.improve.hooks import Plan, plan
from l2c.improve.policies import DISCOUNT, PAID
from l2c.improve.queues import Desk
from l2c.improve.scenario import Scenario
from l2c.improve.simulate import LEVEL, Outcomes, outcomes, scale, spread, trusted
from l2c.improve.stays import STATE
from l2c.improve.twin import Twin, learned
from l2c.improve.year import Year, year
from l2c.log import EventLog
from l2c.measures.facts import NEVER, Facts
from l2c.words import vocabulary
from l2c.words.errors import BadScenario
from l2c.words.measures import measures

Floats = NDArray[np.float64]
COLUMNS = (
    "lever", "step", "change", "difference", "low", "high", "unit", "money", "money_low", "money_high", "change_cost", "evidence",
)  # fmt: skip
LEVERS = (
    "add", "speed", "batch", "step", "skip", "parallel", "limit", "cap", "errors", "terms", "reminder", "arrivals", "source",
)  # fmt: skip
RUNS = 30
# Usual strengths: a tool or a rule takes a third off a step and off a piece of work, halves errors, and four in five
# customers keep to new terms; a limit moves by half, and a campaign brings a tenth more.
SHORTER, FASTER, ERRORS, FOLLOW, LIMIT, MORE, CAP = 0.3, 0.7, 0.5, 0.8, 1.5, 1.1, 0.10
TERMS, REMINDED = 30.0, 5.0
# So many of the steps that hold most days are tried, and as many pairs that could go on beside each other.
STEPS, PAIRS = 5, 3
# A pair is one where the second comes right after the first so often.
USUALLY = 0.5
SMALLEST_SOURCE = 50


def levers(
    log: EventLog, *, costs: Mapping[str, float] | None = None, runs: int = RUNS, level: float = LEVEL
) -> pd.DataFrame:
    """What every standard lever would bring in a year, best first.

    Parameters
    ----------
    costs
        What each kind of lever costs in the first year, by `lever`: `{"add": 90_000, "step": 20_000}`; no log knows it.
    runs, level
        Possible years, and the level of the ranges.

    Returns
    -------
    One row per lever, the most money first (the most days where the log has no amounts): `lever` (add, speed, batch, step,
    skip, parallel, limit, cap, errors, terms, reminder, arrivals, source); `step` (what it is about); `change` (the
    `changes` of a file of changes, in one line of YAML); `difference` of the mean days to the win with `low, high` and `unit`; `money` (more cash
    within the year, before the cost) with `money_low, money_high`, NaN without amounts; `change_cost` (NaN where it was not
    given); `evidence`: `measured` where the effect follows from what the log shows, `assumed` where somebody has to
    believe that the strength can be reached.

    Raises
    ------
    NotTrusted
        As for `simulate`.

    Notes
    -----
    All with the same years and the same luck, so that their order is not chance. Usual strengths: docs/improve.md.
    """
    wanted, plans, span, twin = _plans(log, costs)
    return _table(wanted, outcomes(log, twin, plans, span, runs=runs), level)


def best(
    log: EventLog, budget: float, costs: Mapping[str, float], *, runs: int = RUNS, level: float = LEVEL
) -> pd.DataFrame:
    """The levers that bring most together within a budget, one after the other: days against cost.

    Parameters
    ----------
    budget
        What may be spent in the first year.
    costs
        As for `levers`; a lever without a cost is left out.

    Returns
    -------
    One row per lever in the order in which each brings most beside those before it: `lever, step, change`; `difference`
    of the mean days to the win of all so far together with `low, high`, `unit`; `money` with `money_low, money_high`, and
    `change_cost`, of all so far together; `evidence` (measured where all are). Ends where the budget does, or where nothing
    brings more than it costs (more days, where the log has no amounts).

    Notes
    -----
    Effects of levers at the same queue do not add up, so each set is run as a whole (forward selection on common random
    numbers).
    """
    wanted, plans, span, twin = _plans(log, costs)
    at = {id(each): made for each, made in zip(wanted, plans, strict=True)}
    left = [each for each in wanted if each.cost <= budget]
    chosen: list[_Lever] = []
    rows: list[pd.DataFrame] = []
    gained = 0.0
    while left:
        sets = [[*chosen, each] for each in left]
        made = [plan(twin, _together(each), log) if chosen else at[id(each[0])] for each in sets]
        found = _table([_sum(each) for each in sets], outcomes(log, twin, made, span, runs=runs), level, order=False)
        worth = (
            (found["money"] - found["change_cost"]).to_numpy()
            if found["money"].notna().any()
            else -found["difference"].to_numpy()
        )
        place = int(np.nanargmax(worth))
        if not worth[place] > gained:
            break
        gained, new = float(worth[place]), left[place]
        chosen.append(new)
        row = found.iloc[[place]].assign(lever=new.lever, step=new.step, change=new.text)
        rows.append(row)
        spent = sum(each.cost for each in chosen)
        left = [each for each in left if each is not new and spent + each.cost <= budget]
    return pd.concat(rows, ignore_index=True) if rows else _table([], None, level)


@dataclass(frozen=True, eq=False)
class _Lever:
    lever: str
    step: str
    raw: tuple[Mapping[str, Any], ...]
    changes: tuple[Change, ...]
    cost: float

    @property
    def text(self) -> str:
        """The `changes` of a file of changes, in one line of YAML."""
        said = yaml.safe_dump(
            [dict(raw) for raw in self.raw], default_flow_style=True, allow_unicode=True, width=10**9, sort_keys=False
        )
        return str(said).strip()

    @property
    def evidence(self) -> str:
        """Whether the log shows what it brings."""
        return "assumed" if any(change.assumed is not None for change in self.changes) else "measured"


def _plans(log: EventLog, costs: Mapping[str, float] | None) -> tuple[list[_Lever], list[Plan], Year, Twin]:
    """The standard levers of a log that its twin can do."""
    for name in costs or ():
        if name not in LEVERS:
            raise BadScenario.top(name, LEVERS)
    trusted(log)
    twin = learned(log)
    wanted, plans = [], []
    for name, step, raw in standard(log, twin):
        try:
            change = reading.change(1, raw, log)
            made = plan(twin, Scenario((change,)), log)
        except BadScenario:
            continue
        wanted.append(_Lever(name, step, (raw,), (change,), float((costs or {}).get(name, np.nan))))
        plans.append(made)
    return wanted, plans, year(twin, None, scale(log, twin)), twin


def _together(several: Sequence[_Lever]) -> Scenario:
    return Scenario(tuple(change for each in several for change in each.changes))


def _sum(several: Sequence[_Lever]) -> _Lever:
    raw, changes = (tuple(x for each in several for x in getattr(each, name)) for name in ("raw", "changes"))
    return _Lever(several[-1].lever, several[-1].step, raw, changes, sum(each.cost for each in several))


def _table(wanted: Sequence[_Lever], found: Outcomes | None, level: float, *, order: bool = True) -> pd.DataFrame:
    rows = []
    if found is not None:
        names = [row[:2] for row in found.account.rows]
        days = names.index(("days_to_win", ""))
        cash = names.index(("cash_received", "")) if ("cash_received", "") in names else -1
        for each, changed in zip(wanted, found.changed, strict=True):
            money = spread(changed[:, cash] - found.today[:, cash], level) if cash >= 0 else (np.nan,) * 3
            gap = spread(changed[:, days] - found.today[:, days], level)
            rows.append((each.lever, each.step, each.text, *gap, "day", *money, each.cost, each.evidence))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    if not order or not len(table):
        return table
    keys = table.assign(key=-table["money"] if table["money"].notna().any() else table["difference"])
    return table.loc[keys.sort_values(["key", "lever", "step", "change"]).index].reset_index(drop=True)


def standard(log: EventLog, twin: Twin) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every standard lever that a log has room for: its name, what it is about, and the change."""
    for desk in () if twin.hall is None else twin.hall.desks:
        yield from _at_desk(twin, desk)
    yield from _at_steps(log, twin)
    yield from _at_limits(log, twin)
    errors = [name for name in measures()["order_error_rate"].end if name in log.activities]
    for name in errors:
        yield "errors", name, {"errors": name, "share": ERRORS}
    if PAID in log.activities:
        days = Facts.of(log).number("payment_terms_days")
        if np.isfinite(days).any() and float(np.nanmedian(days)) > TERMS:
            yield "terms", PAID, {"payment": {"terms_days": TERMS}, "share": FOLLOW}
        yield "reminder", PAID, {"payment": {"reminder_after_days": REMINDED}, "share": FOLLOW}
    yield "arrivals", "", {"arrivals": MORE}
    yield from _at_sources(log)


def _at_desk(twin: Twin, desk: Desk) -> Iterator[tuple[str, str, dict[str, Any]]]:
    name = twin.activities[desk.activity]
    kinds = {g: {s.kind for s, h in zip(desk.servers, desk.group, strict=True) if h == g} for g in set(desk.group)}
    queues = [g for g in sorted(kinds) if QUEUE in kinds[g]]
    route = twin.stays.attributes[desk.column] if desk.column >= 0 else None
    for group in queues:
        values = [] if route is None else [route.labels[int(v)] for v, g in sorted(desk.values.items()) if g == group]
        where = {} if route is None or len(set(desk.group)) == 1 else {"where": {route.name: values}}
        yield "add", ", ".join([name, *map(str, values if where else [])]), {"desk": name, "add": 1, **where}
    if queues:
        yield "speed", name, {"desk": name, "speed": FASTER}
    if any(BATCH in each for each in kinds.values()):
        yield "batch", name, {"desk": name, "batch": "none"}


def _at_steps(log: EventLog, twin: Twin) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The steps that hold most days, what asks for leave and could do without, and pairs that could begin together."""
    stays, names = twin.stays, twin.activities
    rows = np.flatnonzero(stays.next >= 0)
    key = stays.activity[rows].astype(np.int64) * len(names) + stays.next[rows]
    many = np.bincount(key, minlength=len(names) ** 2)
    days = np.bincount(key, stays.wait[rows], len(names) ** 2)
    ends = {names.index(name) for name in ("Closed Lost", "Lead Disqualified") if name in names}
    served = {desk.activity for desk in twin.hall.desks} if twin.hall is not None else set()
    pairs = [(int(k) // len(names), int(k) % len(names)) for k in np.argsort(-days, kind="stable") if many[k]]
    pairs = [(a, b) for a, b in pairs if b not in ends and a != b]
    for a, b in [(a, b) for a, b in pairs if b not in served][:STEPS]:
        yield "step", f"{names[a]} → {names[b]}", {"step": [names[a], names[b]], "share": SHORTER}
    for request in vocabulary.requests():
        if request in names and any(answer in names for answer in vocabulary.answers(request)):
            yield "skip", request, {"skip": request}
    after = np.bincount(stays.activity, minlength=len(names))
    begins = np.bincount(stays.activity[stays.head], minlength=len(names)) >= USUALLY * after
    beside = [
        (a, b)
        for a, b in pairs
        if many[a * len(names) + b] >= USUALLY * after[a] and not begins[a] and _movable(names[a], names[b])
    ]
    for a, b in beside[:PAIRS]:
        yield "parallel", f"{names[a]} ∥ {names[b]}", {"parallel": [names[a], names[b]]}


def _movable(first: str, second: str) -> bool:
    """Whether the second could begin without the first: it is no answer to it, and no end or milestone rests on it."""
    fixed = {*vocabulary.milestones(ends=True), *vocabulary.requests()}
    return second not in vocabulary.answers(first) and not {first, second} <= fixed


def _at_limits(log: EventLog, twin: Twin) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Numbers at which cases go another way, and a cap on discounts where they do."""
    trees, stays = twin.trees, twin.stays
    for k, attribute in enumerate(stays.attributes):
        if not attribute.is_number or not vocabulary.lever(attribute.name):
            continue
        at = [
            a
            for a in range(len(twin.activities))
            if trees.root[a] >= 0 and trees.column[trees.root[a]] == len(STATE) + k
        ]
        for a in at:
            value = float(f"{trees.value[trees.root[a]]:.2g}")
            limit = {
                "attribute": attribute.name,
                "at": twin.activities[a],
                "limit": {"from": value, "to": round(LIMIT * value, 6)},
            }
            yield "limit", f"{attribute.name} {value:g}", limit
        if (
            attribute.name == DISCOUNT
            and at
            and float(np.nanmax(np.where(np.isfinite(attribute.values), attribute.values, np.nan))) > CAP
        ):
            yield (
                "cap",
                attribute.name,
                {"attribute": attribute.name, "at": [twin.activities[a] for a in at], "most": CAP},
            )


def _at_sources(log: EventLog) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The lead source of which the smallest part is won."""
    if "lead_source" not in log.attributes:
        return
    facts = Facts.of(log)
    table = pd.DataFrame({"source": facts.attribute("lead_source"), "won": facts.won != NEVER})
    each = table.groupby("source")["won"].agg(["mean", "size"])
    each = each[each["size"] >= SMALLEST_SOURCE].sort_values(["mean", "size"])
    if len(each) > 1:
        yield "source", str(each.index[0]), {"arrivals": 0, "where": {"lead_source": each.index[0]}}
