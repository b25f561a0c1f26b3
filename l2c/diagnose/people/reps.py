"""Who sells better than the deals would let expect, how sure is that, and what could whom be taught?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import stats
from l2c.diagnose.causes import mix, targets
from l2c.diagnose.causes.attributes import attributes
from l2c.diagnose.people.owners import Owners, owners
from l2c.diagnose.rules.compliance import judged
from l2c.diagnose.rules.evidence import OK, VIOLATED
from l2c.diagnose.tidy import noted
from l2c.kpis import named
from l2c.log import EventLog
from l2c.measures.facts import Facts
from l2c.measures.observations import observations
from l2c.prepare import pseudonyms as people
from l2c.stats import SMALLEST_SAMPLE
from l2c.words.notes import Note

Floats = NDArray[Any]
COLUMNS = (
    "rep", "measure", "step", "value", "low", "high", "cases", "raw", "average", "expected",
    "better", "p", "rank_low", "rank_high", "adjusted_for",
)  # fmt: skip
COACHED = ("rep", "step", "value", "low", "high", "cases", "days", "peer", "peer_value", "peer_cases")
# The ranks that a rep might have are read off so many draws of all effects.
DRAWS = 4000
# So many steps of a rep are worth a talk.
STEPS = 2
# Of all gaps that are named, so many at most are none.
CHANCE = 0.05
# What the log does not hold may set the deals of reps apart by this part of how far what it holds does.
UNSEEN = 0.5
# What reps are part of, smallest first.
NESTS = ("team", "manager", "region")


class Measure(NamedTuple):
    """Observations of one thing that reps differ by; `value` is days on the log scale, a share, or points."""

    name: str
    step: tuple[str, str] | None
    case: NDArray[np.int64]
    value: Floats
    kind: str
    more_is_better: bool


def reps(log: EventLog, *, measure: str | None = None, names: bool | None = None, level: float = 0.95) -> pd.DataFrame:
    """How each rep differs from the average rep with the same deals.

    Parameters
    ----------
    measure
        One of the measures below; all of them unless given.
    names
        Whether to show names; else as the log says, which hides them unless it was opened or written with names.
        A hidden rep is the same `Rep 07` through the whole log, whatever filter is on.
    level
        Level of the intervals.

    Returns
    -------
    One row per measure and rep with at least 20 cases in it, by measure, best value first: `rep`; `measure`
    (`win_rate_incidence`, `sales_cycle_days`, `discount_mean_closed`, `quote_rework_rate`, `adherence` to the rules, key
    figures of your own, `step_days`); `step` (of
    `step_days`); `value, low, high`: difference to the average rep after adjusting for the mix of deals and drawn
    towards zero by how little is known (fractions; for days, the ratio minus one, so that 0.2 means a fifth longer);
    `cases`; `raw` (mean as it stands), `average` (of all), `expected` (what an average rep would have had with these
    deals; NaN for days); `better` (chance that the rep is better than average); `p` (how often a rep like the others would
    be seen so far off, on either side, by chance: Student's test before anything is drawn); `rank_low, rank_high` (interval of the
    rank, 1 is best); `adjusted_for`. An empty table says in `attrs["note"]` why it is.

    Notes
    -----
    Effects of reps in a linear model on the mix of deals, for winning in a logistic one; errors know that deals of one
    account go together (`stats.of_groups`); drawn together where a few may be far off, within their team or region
    (`stats.drawn_together`; Lin, Louis and others, 2006, for ranks). Of winning, all deals count that are old enough
    for nearly all like them to be decided: one that is still open was not won. Regions are not adjusted for where each
    rep works in one of them: a rep and the region cannot be told apart then, and the comparison is with all colleagues.
    What the log does not hold (territory, inherited deals, illness) is not adjusted for; bounds and chances allow for
    its setting reps apart half as far as what the log does hold (as Cinelli and Hazlett, 2020, measure the unseen by the
    seen). It may do more: no ground to judge a person by. Where the log keeps a history of owners, a step belongs to the owner at its end and a deal to the owner
    when it was closed; else to the last known owner.
    """
    facts = Facts.of(log)
    owner = owners(facts)
    # A comparison of a few people would point at each of them.
    if owner is None or len(owner.people) < log.origin.smallest:
        why = Note("no_reps") if owner is None else Note("few_people", n=log.origin.smallest)
        return noted(pd.DataFrame(columns=list(COLUMNS)), why)
    known = people.pseudonyms(log)
    hidden = np.asarray([known.get(name, name) for name in owner.people], dtype=object)
    shown = owner.people if people.shown(log, names) else hidden
    # In an order of their own, so that the same draws give everybody the same rank with or without names.
    turn = np.argsort(hidden)
    owner, shown = owner.ordered(turn), shown[turn]
    rows = []
    for m in measured(facts, measure):
        codes = owner.at(m.step[1]) if m.step else owner.decided
        rows += list(_of_measure(facts, m, codes, shown, level))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["_step"] = table["step"].map(str)
    table["_good"] = table["better"]
    order = table.sort_values(["measure", "_step", "_good", "rep"], ascending=[True, True, False, True])
    return noted(
        named(order[list(COLUMNS)].reset_index(drop=True), log), None if rows else _too_few(facts, owner, measure)
    )


def coaching(log: EventLog, *, names: bool | None = None, level: float = 0.95) -> pd.DataFrame:
    """Per rep the one or two steps in which most days could be saved, and a colleague who does them well.

    Returns
    -------
    One row per rep and step, by rep, most days first: `rep`; `step`; `value, low, high` (how much longer the step
    takes, as a ratio minus one, shrunken; only where the low end is above 0, and of all gaps that are named 5 % at most
    are none by what chance gives: Benjamini and Hochberg, 1995, over reps and steps); `cases`; `days` (at the rep's own pace,
    how many all these cases together took more); `peer` (the rep with the surest advantage in that step), `peer_value,
    peer_cases`. `attrs["note"]` says how many of all sure gaps chance would give; empty where none is sure.
    """
    table = reps(log, names=names, level=level)
    steps = table[table["measure"] == "step_days"].copy()
    # Gaps are looked for on one side only.
    steps["q"] = stats.q_values(np.where(steps["value"] > 0, steps["p"] / 2, 1 - steps["p"] / 2))
    slow = steps[(steps["low"] > 0) & (steps["q"] <= CHANCE)].copy()
    slow["days"] = slow["raw"] * slow["cases"] * (1 - 1 / (1 + slow["value"]))
    rows = []
    for row in slow.sort_values(["rep", "days"], ascending=[True, False]).groupby("rep").head(STEPS).to_dict("records"):
        peers = steps[(steps["step"] == row["step"]) & (steps["rep"] != row["rep"]) & (steps["value"] < 0)]
        best = peers.sort_values(["high", "rep"]).head(1).to_dict("records")
        peer = (best[0]["rep"], best[0]["value"], best[0]["cases"]) if best else (None, np.nan, 0)
        rows.append((*(row[c] for c in COACHED[:7]), *peer))
    by_chance = (
        Note("gaps_by_chance", n=len(slow), false=round(float(slow["q"].max()) * len(slow), 1)) if rows else None
    )
    return noted(pd.DataFrame(rows, columns=list(COACHED)), by_chance or table.attrs.get("note", Note("no_gap")))


def _too_few(facts: Facts, owner: Owners, measure: str | None) -> Note | None:
    """Say how many deals the busiest rep has, unless one measure alone is missing for another reason."""
    counts = np.bincount(owner.decided[(owner.decided >= 0) & facts.closed], minlength=1)
    if measure is not None and (counts >= SMALLEST_SAMPLE).sum() > 1:
        return None
    return Note("few_reps", n=SMALLEST_SAMPLE, reps=len(owner.people), most=int(counts.max()))


def _of_measure(
    facts: Facts, m: Measure, codes: NDArray[np.int64], people: NDArray[Any], level: float
) -> Iterator[dict[str, object]]:
    from scipy.special import stdtr

    rep = codes[m.case]
    kept = rep >= 0
    case, value, rep = m.case[kept], m.value[kept], rep[kept]
    counts = np.bincount(rep, minlength=len(people))
    named = np.flatnonzero(counts >= SMALLEST_SAMPLE)
    if len(named) < 2 or np.ptp(value) == 0:
        return
    place = np.full(len(people), len(named))
    place[named] = np.arange(len(named))
    found = _effects(facts, m, case, value, place[rep], len(named))
    expected, used = found.expected, found.used
    drawn = stats.drawn_together(found.effect, found.error, level, found.within).wider(found.unseen, level)
    sign = 1.0 if m.more_is_better else -1.0
    better = drawn.above if m.more_is_better else 1 - drawn.above
    low_rank, high_rank = _ranks(sign * drawn.value, drawn.error, level)
    average = float(value.mean())
    p = 2 * stdtr(counts[named] - 1, -np.abs(found.effect) / found.error)
    for k, person in enumerate(named):
        scale = _scale(m, average)
        mine = rep == person
        raw = float(np.exp(value[mine]).mean() if m.kind == "days" else value[mine].mean())
        bounds = (drawn.value[k], drawn.low[k], drawn.high[k])
        yield {
            "rep": people[person], "measure": m.name, "step": m.step,
            **dict(zip(("value", "low", "high"), map(scale, bounds), strict=True)),
            "cases": int(counts[person]), "raw": raw,
            "average": float(np.exp(value).mean()) if m.kind == "days" else average,
            "expected": np.nan if m.kind == "days" else float(expected[mine].mean()),
            "better": float(better[k]), "p": float(p[k]), "rank_low": int(low_rank[k]), "rank_high": int(high_rank[k]),
            "adjusted_for": used,
        }  # fmt: skip


class Effects(NamedTuple):
    """Of each rep: effect against their mean, its error, the larger group; of each case: what the mix lets expect.

    `unseen` is what to allow for that the log does not hold.
    """

    effect: Floats
    error: Floats
    within: NDArray[np.int64] | None
    expected: Floats
    used: tuple[str, ...]
    unseen: float


def _effects(
    facts: Facts, m: Measure, case: NDArray[np.int64], value: Floats, group: NDArray[np.int64], size: int
) -> Effects:
    nested = {a: codes for a in NESTS if (codes := _within(facts, a, case, group, size)) is not None}
    base, used = mix.terms(facts, case, value, without=("rep", "actor", "account", *nested))
    own = (group[:, None] == np.arange(size)[None, :]).astype(np.float64)
    rare = group == size
    x = np.hstack([own, base[:, 1:], rare[:, None].astype(np.float64)] if rare.any() else [own, base[:, 1:]])
    share = m.kind == "share"
    if share:
        # A touch of ridge, a tenth of a case's worth, keeps a rep who won everything within bounds.
        penalty = np.concatenate([np.full(size, 0.1), np.full(x.shape[1] - size, 1e-6)])
        fit = stats.logistic(x, value, penalty)
    else:
        fit = stats.linear(x, value)
    mean = float(np.average(fit.beta[:size], weights=own.sum(axis=0)))
    given = x[:, size:] @ fit.beta[size:]
    expected = 1 / (1 + np.exp(-given - mean)) if share else given + mean
    # Deviations from the mean of all: what the errors share (the constant, common terms) cancels out.
    weight = own.sum(axis=0) / own.sum()
    centre = np.eye(size) - weight[None, :]
    covariance = fit.covariance
    if facts.account is not None:
        covariance = covariance + stats.of_groups(x, fit, value, facts.account[case], share=share)
    covariance = centre @ covariance[:size, :size] @ centre.T
    error = np.sqrt(np.maximum(np.diag(covariance), 1e-12))
    unseen = UNSEEN * _apart(given[~rare], group[~rare])
    return Effects(fit.beta[:size] - mean, error, next(iter(nested.values()), None), expected, used, unseen)


def _apart(given: Floats, group: NDArray[np.int64]) -> float:
    """How far reps are apart by what their deals let expect, beyond what the chance of who gets which deal makes."""
    counts = np.bincount(group).astype(np.float64)
    mean = np.bincount(group, given) / counts
    between = float((counts * (mean - given.mean()) ** 2).sum()) / (len(counts) - 1)
    within = float(((given - mean[group]) ** 2).sum()) / max(len(given) - len(counts), 1)
    each = (counts.sum() - (counts**2).sum() / counts.sum()) / (len(counts) - 1)
    return float((max(between - within, 0.0) / each) ** 0.5)


def _within(
    facts: Facts, name: str, case: NDArray[np.int64], group: NDArray[np.int64], size: int
) -> NDArray[np.int64] | None:
    """The region of each rep, where nearly every rep has one: then the two cannot be told apart."""
    found = next((a for a in attributes(facts) if a.name == name), None)
    if found is None:
        return None
    counts = np.zeros((group.max() + 1, found.size))
    np.add.at(counts, (group, found.codes[case]), 1)
    known = counts[:, : len(found.values)]
    if float(known.max(axis=1).sum()) <= 0.9 * max(float(known.sum()), 1.0):
        return None
    return np.unique(counts[:size].argmax(axis=1), return_inverse=True)[1]


def _scale(m: Measure, average: float) -> Any:
    """Bring an effect into the unit of its measure: logits to points of the average, logs to ratios."""
    if m.kind == "days":
        return lambda e: float(np.exp(e) - 1)
    if m.kind == "share":
        base = float(np.clip(average, 1e-6, 1 - 1e-6))
        odds = np.log(base / (1 - base))
        return lambda e: float(1 / (1 + np.exp(-(odds + e))) - base)
    return float


def _ranks(effect: Floats, error: Floats, level: float) -> tuple[Floats, Floats]:
    """Interval of each rank (1 is best), from draws of all effects; the same data give the same draws."""
    draws = effect + error * np.random.default_rng(0).standard_normal((DRAWS, len(effect)))
    ranks = (-draws).argsort(axis=1).argsort(axis=1) + 1
    tail = (1 - level) / 2
    low, high = np.quantile(ranks, [tail, 1 - tail], axis=0)
    return np.floor(low), np.ceil(high)


def measured(facts: Facts, only: str | None = None) -> Iterator[Measure]:
    """What reps are compared by, one after the other; or one of these alone."""

    def wanted(name: str) -> bool:
        return only in (None, name)

    for kpi in ("win_rate_incidence", "quote_rework_rate"):
        if wanted(kpi) and (share := targets.target(facts, kpi)) is not None:
            yield Measure(kpi, None, share.case, share.value, "share", not share.more_is_worse)
    if wanted("sales_cycle_days") and len(facts) and (cycle := targets.target(facts, "sales_cycle_days")) is not None:
        yield _days("sales_cycle_days", cycle)
    if wanted("discount_mean_closed"):
        discount = observations(facts, "discount_mean_closed")
        if len(discount) >= targets.FEWEST_OBSERVATIONS:
            yield Measure("discount_mean_closed", None, discount.case, discount.value, "points", False)
    for own in facts.log.base.measures.values():
        if not (own.own and wanted(own.id)) or own.attribute or (asked := targets.target(facts, own.id)) is None:
            continue
        more = not asked.more_is_worse
        yield _days(own.id, asked) if asked.is_days else Measure(own.id, None, asked.case, asked.value, "share", more)
    if wanted("adherence") and (kept := _adherence(facts)) is not None:
        yield kept
    if wanted("step_days"):
        for step in targets.steps(facts):
            yield _days("step_days", step)


def _days(name: str, target: targets.Target) -> Measure:
    some = target.mature
    value = target.value[some]
    usual = float(np.median(value[value > 0])) if (value > 0).any() else 1.0
    floor = max(target.unit_days / 2, 0.02 * usual)
    return Measure(name, target.step, target.case[some], np.log(value + floor), "days", False)


def _adherence(facts: Facts) -> Measure | None:
    """Cases that break no rule, among those that any rule judges."""
    judged_cases, broken = np.zeros(len(facts), bool), np.zeros(len(facts), bool)
    for _, verdict in judged(facts):
        judged_cases |= np.isin(verdict.state, [OK, VIOLATED])
        broken |= verdict.state == VIOLATED
    case = np.flatnonzero(judged_cases)
    if len(case) < targets.FEWEST_OBSERVATIONS or not broken.any():
        return None
    return Measure("adherence", None, case, (~broken[case]).astype(np.float64), "share", True)
