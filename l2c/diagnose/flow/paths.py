"""How do cases leave the allowed path, and which of these ways go with slow or lost deals?"""

from __future__ import annotations

import pathlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import stats
from l2c.diagnose.causes import mix, targets
from l2c.diagnose.flow.alignments import alignments
from l2c.diagnose.tidy import noted
from l2c.discover import happy_path
from l2c.discover.happy_path import traced
from l2c.log import EventLog, again
from l2c.log.base import Base
from l2c.log.outcomes import ENDED_BY
from l2c.measures.facts import Facts
from l2c.measures.spans import accounts
from l2c.stats import SMALLEST_SAMPLE
from l2c.words import vocabulary
from l2c.words.notes import Note

Path = tuple[str, ...]
Moves = tuple[tuple[str, str], ...]
Floats = NDArray[Any]
LANDMARK = "Quote Sent"
FALSE_DEVIATIONS = 0.05
EXPLAINED = ("kind", "activity", "value", "low", "high", "cases", "q", "raw", "adjusted_for")


def deviations(log: EventLog, reference: Sequence[Path] | Path | str | pathlib.Path | None = None) -> pd.DataFrame:
    """What the cases do otherwise than the nearest allowed path.

    Parameters
    ----------
    reference
        An allowed path, or several, or the name of a BPMN file; the happy path of the whole log unless given.

    Returns
    -------
    One row per deviation, most frequent first: `kind` (`skipped`; `extra`: not on the path; `repeat`: done again;
    `moved`: done at another place of the path); `activity`; `cases`; `share` of the cases judged, with `low, high`
    (Wilson); `events`. Open cases are held against the beginnings of the paths: what is not yet done is not
    skipped. What is done once more for another document, and what only keeps a record, is none.

    Notes
    -----
    Fewest insertions and deletions by dynamic programming (Levenshtein, 1966); a deletion and an insertion of the same
    activity are one move to another place. Held against a BPMN model: optimal alignments by pm4py, once per variant;
    open and lost cases have no end to align and are left out.
    """
    every_way = judged(log, reference)
    every = np.concatenate([np.empty(0, np.int64), *(cases for _, cases in every_way)])
    place = np.repeat(np.arange(len(every_way)), [len(cases) for _, cases in every_way])
    known = accounts(Facts.of(log), every)
    found: dict[tuple[str, str], list[int]] = {}
    events: Counter[tuple[str, str]] = Counter()
    for number, (moves, cases) in enumerate(every_way):
        for move, times in Counter(moves).items():
            found.setdefault(move, []).append(number)
            events[move] += len(cases) * times
    rows = []
    for move, numbers in found.items():
        has = np.isin(np.arange(len(every_way)), numbers)[place]
        rows.append((*move, int(has.sum()), *stats.share(has, cluster=known), events[move]))
    table = pd.DataFrame(rows, columns=["kind", "activity", "cases", "share", "low", "high", "events"])
    return table.sort_values(["cases", "kind", "activity"], ascending=[False, True, True], ignore_index=True)


def slow_variants(log: EventLog, reference: Sequence[Path] | Path | None = None) -> pd.DataFrame:
    """Deviations that go with longer or shorter sales cycles, after adjusting for the mix of deals.

    Returns
    -------
    One row per deviation, longest first: `kind, activity`; `value, low, high` (days added on average); `cases` that
    have it; `q` (false-discovery rate over all deviations looked at); `raw` (plain difference in days);
    `adjusted_for`. Only deviations before the close, of closed deals old enough for all like them to have closed.
    Empty where nothing stands out.
    """
    facts = Facts.of(log)
    target = targets.target(facts, "sales_cycle_days") if len(facts) else None
    if target is None:
        return _none(targets.FEWEST_OBSERVATIONS, len(facts))
    old = target.mature
    return _explained(log, facts, target.case[old], target.value[old], reference, logistic=False)


def lost_variants(log: EventLog, reference: Sequence[Path] | Path | None = None) -> pd.DataFrame:
    """Deviations that go with losing or winning, after adjusting for the mix of deals.

    Returns
    -------
    As `slow_variants`; `value, low, high, raw` are changes of the chance to lose (fractions). Only what happened
    before the first quote was sent, of deals that got so far: later on a lost deal has fewer steps because it was lost.
    """
    facts = Facts.of(log)
    target = targets.target(facts, "win_rate_incidence") if len(facts) else None
    if target is None:
        return _none(targets.FEWEST_OBSERVATIONS, len(facts))
    return _explained(log, facts, target.case, 1 - target.value, reference, logistic=True)


def _none(n: int, most: int) -> pd.DataFrame:
    """No row, and why: too few cases, or too few that deviate in one way."""
    return noted(pd.DataFrame(columns=list(EXPLAINED)), Note("few_in_groups", n=n, most=most))


def _explained(
    log: EventLog, facts: Facts, case: NDArray[np.int64], value: Floats, reference: Any, *, logistic: bool
) -> pd.DataFrame:
    ends = (LANDMARK,) if logistic else vocabulary.closings()
    paths = [_before(path, ends) for path in _paths(log, reference)]
    folds = again.folds(log.base)
    named = frozenset(name for path in paths for name in path)
    traces = [again.steps(trace, tuple(named)) for trace in folds.traces]
    ids = folds.of[facts.rows][case]
    if logistic:
        far = np.array([LANDMARK in traces[v] for v in ids], bool)
        case, value, ids = case[far], value[far], ids[far]
    if len(case) < 2 * SMALLEST_SAMPLE or np.ptp(value) == 0:
        return _none(2 * SMALLEST_SAMPLE, len(case))
    codes, distinct = pd.factorize(ids)
    moves = [set(_nearest(log.base, _before(traces[v], ends), paths, prefix=True)) for v in distinct]
    wanted = sorted({move for found in moves for move in found})
    has = np.array([[move in found for move in wanted] for found in moves], bool).reshape(len(moves), len(wanted))[
        codes
    ]
    counts = has.sum(axis=0)
    kept = [k for k in range(len(wanted)) if SMALLEST_SAMPLE <= counts[k] <= len(case) - SMALLEST_SAMPLE]
    # Where all or none of the cases were lost, a logistic model knows no bounds, and no honest error.
    kept = [k for k in kept if np.ptp(value[has[:, k]]) > 0]
    # Two that always come together (asked for, approved) cannot be told apart: the first stands for both.
    _, first = np.unique(has[:, kept], axis=1, return_index=True)
    kept = [kept[place] for place in sorted(first)]
    if not kept:
        return _none(SMALLEST_SAMPLE, int(counts.max(initial=0)))
    base, used = mix.terms(facts, case, value, without=())
    x = np.hstack([has[:, kept].astype(np.float64), base])
    rows = []
    regress = stats.logistic if logistic else stats.linear
    found = regress(x, value)
    for place, k in enumerate(kept):
        beta, error = float(found.beta[place]), max(float(found.covariance[place, place]), 0.0) ** 0.5
        struck = has[:, k]
        raw = float(value[struck].mean() - value[~struck].mean())
        estimate = (
            _points(found, x, place) if logistic else stats.Estimate(beta, *(beta + z * error for z in (-1.96, 1.96)))
        )
        rows.append((*wanted[k], *estimate, int(counts[k]), _p(beta / max(error, 1e-12)), raw, used))
    table = pd.DataFrame(rows, columns=list(EXPLAINED))
    table["q"] = stats.q_values(table["q"])
    table = table[table["q"] <= FALSE_DEVIATIONS]
    return table.sort_values(["value", "kind", "activity"], ascending=[False, True, True], ignore_index=True)


def _points(found: stats.Regression, x: Floats, place: int) -> stats.Estimate:
    """Change of the chance, averaged over the cases that have the deviation."""
    struck = x[:, place] > 0
    eta = np.log(found.fitted[struck] / np.maximum(1 - found.fitted[struck], 1e-12))
    beta, error = float(found.beta[place]), max(float(found.covariance[place, place]), 0.0) ** 0.5
    ends = []
    for b in (beta, beta - 1.96 * error, beta + 1.96 * error):
        ends.append(float((_chance(eta - beta + b) - _chance(eta - beta)).mean()))
    return stats.Estimate(*ends)


def _chance(eta: Floats) -> Floats:
    found: Floats = 1 / (1 + np.exp(-np.clip(eta, -35, 35)))
    return found


def _p(z: float) -> float:
    from scipy.special import ndtr

    return float(2 * ndtr(-abs(z)))


def judged(log: EventLog, reference: Any) -> list[tuple[Moves, NDArray[np.int64]]]:
    """What the cases of each variant and outcome do otherwise, and which these are, as rows of the facts."""
    traces = again.folds(log.base).traces
    whole = traced(log)
    which: dict[Any, Any] = whole.groupby(["fold", "status"]).indices
    kinds = pd.DataFrame(sorted(which), columns=["fold", "status"])
    unfinished = ("open", *ENDED_BY) if log.base.knows_outcomes else ()
    if isinstance(reference, str | pathlib.Path):
        kinds = kinds[~kinds["status"].isin(unfinished)]
        aligned = alignments(reference, [traces[fold] for fold in kinds["fold"]])
        found = [aligned[traces[fold]] for fold in kinds["fold"]]
        rows = [which[fold, status] for fold, status in kinds.itertuples(index=False)]
        return [(_of_steps(moves), cases) for moves, cases in zip(found, rows, strict=True)]
    paths = _paths(log, reference)
    named = tuple({name for path in paths for name in path})
    found_of = []
    for fold, status in kinds.itertuples(index=False):
        trace = tuple(name for name in again.steps(traces[fold], named) if name != ENDED_BY.get(status))
        found_of.append((_nearest(log.base, trace, paths, prefix=status in unfinished), which[fold, status]))
    return found_of


def _of_steps(moves: Moves) -> Moves:
    """What a model does not know of is no deviation where it only keeps a record."""
    marks = vocabulary.marks()
    return tuple((kind, name) for kind, name in moves if kind == "skipped" or name not in marks)


def _paths(log: EventLog, reference: Any) -> list[Path]:
    if reference is None:
        return [tuple(happy_path(EventLog(log.base)))]
    if reference and isinstance(reference[0], str):
        return [tuple(reference)]
    return [tuple(path) for path in reference]


def _before(trace: Sequence[str], ends: tuple[str, ...]) -> Path:
    """What happened before the deal was closed, or quoted."""
    places = [trace.index(name) for name in ends if name in trace]
    return tuple(trace[: min(places)]) if places else tuple(trace)


def _nearest(base: Base, trace: Path, paths: list[Path], *, prefix: bool) -> Moves:
    """The moves that lead to the nearest path."""

    def aligned(path: Path) -> tuple[int, Moves]:
        return base.memo(("aligned", trace, path, prefix), lambda: _aligned(trace, path, prefix))

    return min(map(aligned, paths), default=(0, ()))[1]


def _aligned(trace: Path, path: Path, prefix: bool) -> tuple[int, Moves]:
    """Fewest insertions and deletions that turn a path, or its best beginning, into a trace."""
    n, m = len(trace), len(path)
    cost = np.zeros((n + 1, m + 1), np.int64)
    cost[:, 0], cost[0, :] = np.arange(n + 1), np.arange(m + 1)
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            same = cost[i - 1, j - 1] if trace[i - 1] == path[j - 1] else n + m + 1
            cost[i, j] = min(same, cost[i - 1, j] + 1, cost[i, j - 1] + 1)
    # The beginning reaches at least as far as the case has got: a case without its first steps has skipped them.
    reached = max((j for j in range(1, m + 1) if path[j - 1] in trace), default=0)
    end = reached + int(np.argmin(cost[n, reached:])) if prefix else m
    return int(cost[n, end]), tuple(_moves(trace, path, cost, end))


def _moves(trace: Path, path: Path, cost: NDArray[np.int64], end: int) -> Iterator[tuple[str, str]]:
    i, j = len(trace), end
    extra: list[str] = []
    skipped: list[str] = []
    while i or j:
        if i and j and trace[i - 1] == path[j - 1] and cost[i, j] == cost[i - 1, j - 1]:
            i, j = i - 1, j - 1
        elif i and cost[i, j] == cost[i - 1, j] + 1:
            i -= 1
            extra.append(trace[i])
        else:
            j -= 1
            skipped.append(path[j])
    for name in reversed(skipped):
        if name in extra:
            extra.remove(name)
            yield "moved", name
        else:
            yield "skipped", name
    for name in reversed(extra):
        yield ("repeat" if name in path and trace.count(name) > path.count(name) else "extra"), name
