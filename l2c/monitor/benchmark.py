"""Which parts of a business do better than the others, with deals that are alike?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import stats
from l2c.diagnose.causes import mix
from l2c.diagnose.causes.attributes import attributes
from l2c.kpis import named
from l2c.log import EventLog
from l2c.measures.facts import Facts
from l2c.measures.followed import horizon
from l2c.measures.invoices import invoices
from l2c.measures.observations import observations
from l2c.measures.spans import Observations
from l2c.measures.summary import summary
from l2c.measures.watched import watched
from l2c.monitor.adjusted import MOST_HAVE_ENDED
from l2c.stats import SMALLEST_SAMPLE, UNKNOWN, Estimate
from l2c.words.measures import Measure

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
FLOWS = ("win_rate_incidence", "sales_cycle_days", "lead_to_cash_days", "late_payment_incidence")
OVERDUE, PIPELINE = "overdue_receivables", "open_pipeline_value"
# Of all differences that are named, so many at most are none.
FALSE_DIFFERENCES = 0.05
# An attribute of which nearly every value lies in one part, or every part has one, cannot be told apart from the parts.
NESTED = 0.9
# Whose cases they are is part of what is compared.
PEOPLE = ("rep", "actor", "account", "team", "manager")
COLUMNS = [
    "group", "kpi", "unit", "value", "low", "high", "cases", "horizon_days", "difference", "difference_low", "difference_high", "q",
    "beyond_chance", "better", "adjusted_for",
]  # fmt: skip


def benchmark(log: EventLog, by: str, parts: Mapping[str, EventLog], *, level: float = 0.95) -> pd.DataFrame:
    """Hold the parts of a log against each other by the six figures.

    Parameters
    ----------
    by
        The attribute by which it is cut into parts: comparisons do not adjust for it.
    parts
        Selections of the log, by what they are called; a case that is in several counts for the first.
    level
        Level of the intervals.

    Returns
    -------
    One row per part and figure, parts in their order: `group`; `kpi`; `unit`; `value, low, high` and `cases` as in `kpis` (rates
    within the same `horizon_days` for all parts: the report of a part may tell its own within others); `difference` to the deals of all other parts, alike in what they came with, with
    `difference_low, difference_high` (of rates as a fraction; of durations in days, on average, of all that are watched for as long as
    nine in ten need; NaN of sums of money and of fewer than 20 cases); `q` (p-value after all that is compared); `beyond_chance` (None where nothing is
    compared); `better` (whether the difference is for the better); `adjusted_for`.

    Notes
    -----
    Least squares on the parts and what deals came with (as in `reps`), part against the mean of the others. Errors are robust to unequal spread (White,
    1980) and know that deals of one account go together; of all differences that are named, one in twenty at most is none
    (Benjamini and Hochberg, 1995). What the log does not hold is not adjusted for.
    """
    facts = Facts.of(log)
    codes = np.full(len(facts), -1)
    for code, part in reversed(list(enumerate(parts.values()))):
        codes[np.isin(facts.keys, part.kept())] = code
    rows = [row for kpi in FLOWS for row in _flow(facts, kpi, by, codes, list(parts), level)]
    rows += [*_overdue(log, codes, list(parts)), *_pipeline(facts, codes, list(parts))]
    table = pd.DataFrame(rows, columns=[*COLUMNS, "_p"])
    table["q"] = stats.q_values(table["_p"].to_numpy(float))
    table["beyond_chance"] = pd.Series(
        [None if q != q else bool(q <= FALSE_DIFFERENCES) for q in table["q"]], dtype=object
    )
    order = {name: place for place, name in enumerate(parts)}
    table["_order"] = table["group"].map(order)
    return named(table.sort_values("_order", kind="stable", ignore_index=True)[COLUMNS], log)


class Gap(NamedTuple):
    """A part against the others: the difference with its interval, its p-value, and what was adjusted for."""

    difference: Estimate = UNKNOWN
    p: float = float("nan")
    used: tuple[str, ...] = ()


def _flow(facts: Facts, kpi: str, by: str, codes: Codes, parts: list[str], level: float) -> Iterator[dict[str, object]]:
    measure = facts.log.base.measures[kpi]
    found = observations(facts, kpi)
    within = horizon(found) if found.kind == "incidence" else None
    gaps = _gaps(facts, found, by, codes, len(parts), level)
    for code, part in enumerate(parts):
        told = summary(found.only(codes[found.case] == code), level, within=within)
        few = told.cases < SMALLEST_SAMPLE or found.refused
        days = float("nan") if within is None else within
        yield _row(part, measure, UNKNOWN if few else told.estimate, told.cases, gaps[code]) | {"horizon_days": days}


def _row(part: str, measure: Measure, estimate: Estimate, cases: int, gap: Gap = Gap()) -> dict[str, object]:  # noqa: B008
    ends = dict(zip(("difference", "difference_low", "difference_high"), gap.difference, strict=True))
    better = None if np.isnan(gap.difference.value) else (gap.difference.value < 0) == (measure.worse == "more")
    said = {
        "group": part,
        "kpi": measure.id,
        "unit": measure.unit,
        "cases": cases,
        "better": better,
        "horizon_days": float("nan"),
    }
    return (
        said
        | dict(zip(("value", "low", "high"), estimate, strict=True))
        | ends
        | {"_p": gap.p, "adjusted_for": gap.used}
    )


def _gaps(facts: Facts, found: Observations, by: str, codes: Codes, size: int, level: float) -> list[Gap]:
    """Each part against the mean of the others, all else equal."""
    from scipy.special import stdtr, stdtrit

    seen = watched(facts, found, most=float("inf"), reach=MOST_HAVE_ENDED)
    gaps = [Gap()] * size
    if seen is None:
        return gaps
    some = codes[seen.case] >= 0
    case, value, part = seen.case[some], seen.value[some], codes[seen.case[some]]
    counts = np.bincount(part, minlength=size)
    named_ = np.flatnonzero(counts >= SMALLEST_SAMPLE)
    if len(named_) < 1 or len(value) - counts[named_].max() < SMALLEST_SAMPLE or np.ptp(value) == 0:
        return gaps
    # Parts of a few cases are others to the rest, and nothing is said of themselves.
    place = np.full(size, len(named_))
    place[named_] = np.arange(len(named_))
    group = place[part]
    groups = int(group.max()) + 1
    base, used = mix.terms(facts, case, value, without=(by, *PEOPLE, *_nested(facts, case, part)))
    own = (group[:, None] == np.arange(groups)[None, :]).astype(np.float64)
    x = np.hstack([own, base[:, 1:]])
    fit = stats.linear(x, value)
    covariance = fit.covariance
    if facts.account is not None:
        covariance = covariance + stats.of_groups(x, fit, value, facts.account[case], share=False)
    weight = own.sum(axis=0)
    for k, code in enumerate(named_):
        contrast = np.zeros(x.shape[1])
        contrast[:groups] = -weight / (weight.sum() - weight[k])
        contrast[k] = 1.0
        error = float(np.maximum(contrast @ covariance @ contrast, 1e-24)) ** 0.5
        freedom = float(np.minimum(weight[k], weight.sum() - weight[k])) - 1
        gap = float(contrast @ fit.beta)
        far = float(stdtrit(freedom, (1 + level) / 2)) * error
        p = 2 * float(stdtr(freedom, -abs(gap) / error))
        gaps[code] = Gap(Estimate(gap, gap - far, gap + far), p, used)
    return gaps


def _nested(facts: Facts, case: Codes, part: Codes) -> list[str]:
    """Attributes that say of nearly every case in which part it is, or that the part says."""
    found = []
    for attribute in attributes(facts):
        known = attribute.codes_of_cases[case]
        counts = np.zeros((int(part.max()) + 1, attribute.size))
        np.add.at(counts, (part, known), 1)
        counts = counts[:, : len(attribute.values)]
        total = NESTED * max(float(counts.sum()), 1.0)
        if counts.max(axis=0).sum() > total or counts.max(axis=1).sum() > total:
            found.append(attribute.name)
    return found


def _pipeline(facts: Facts, codes: Codes, parts: list[str]) -> Iterator[dict[str, object]]:
    measure = facts.log.base.measures[PIPELINE]
    found = observations(facts, PIPELINE)
    for code, part in enumerate(parts):
        told = summary(found.only(codes[found.case] == code))
        yield _row(part, measure, told.estimate, told.cases)


def _overdue(log: EventLog, codes: Codes, parts: list[str]) -> Iterator[dict[str, object]]:
    """What is invoiced and past its day, by part."""
    found = invoices(Facts.of(log.in_calendar_time()))
    for code, part in enumerate(parts):
        own = found.of(codes[found.wait.case] == code)
        row: dict[str, object] = dict.fromkeys((*COLUMNS, "_p"), float("nan"))
        row |= {"group": part, "kpi": OVERDUE, "unit": "money", "better": None, "adjusted_for": ()}
        yield row | {"value": own.overdue_amount, "cases": int(own.is_overdue.sum())}
