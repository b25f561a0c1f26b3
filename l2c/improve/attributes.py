"""Which attributes of the cases may decide how they go on, and from when on are they known?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.diagnose.causes.attributes import DATE, beforehand
from l2c.diagnose.causes.guards import GIVEN
from l2c.log import EventLog
from l2c.stats import SMALLEST_SAMPLE
from l2c.words import vocabulary

Floats = NDArray[np.float64]
# So many labels are told apart, the most frequent ones.
MOST_LABELS = 40
# Numbers of fewer values are labels, unless the vocabulary knows better.
FEW_NUMBERS = 6
# What is known of so many cases is known of all; what of so few others, of none of them.
KNOWN, UNKNOWN = 0.95, 0.1

KINDS = {attribute.id: attribute.kind for attribute in vocabulary.attributes()}


@dataclass(frozen=True, eq=False)
class Attribute:
    """What is known of the cases.

    Attributes
    ----------
    name
        As in the log.
    values
        Of each case the number, or the place of its label among `labels`; `missing` where it has none.
    labels
        The labels, most frequent first, rare ones together as the last, which is then None; empty where it is a number.
    since
        The activity (its place) with which it comes to be known, -1 where it is known from the start.
    """

    name: str
    values: Floats
    labels: tuple[object, ...]
    since: int

    @property
    def is_number(self) -> bool:
        """Whether it is a number and no label."""
        return not self.labels

    @property
    def missing(self) -> float:
        """What stands where it is not known."""
        return -np.inf if self.is_number else -1.0


def of(
    log: EventLog, keys: NDArray[np.int64], seen: NDArray[np.bool_], activities: tuple[str, ...]
) -> tuple[Attribute, ...]:
    """The attributes of some cases that may enter a model of how cases go on.

    Parameters
    ----------
    keys
        The cases, ascending.
    seen
        Whether each case has seen each activity.

    Notes
    -----
    Not what the outcome decides or says in other words, no dates and no durations, as for causes. What is missing for many is
    taken for known from the activity on that tells who has it: the discount of a deal without a quote is no property of
    that deal. Where no activity tells, gaps may say how a case went on, and the attribute stays out.
    """
    wanted = [name for name in log.attributes if beforehand(name)]
    if not log.one_currency:
        wanted = [name for name in wanted if name != "amount"]
    frame = engine.collect(log.base.cases.select("case_key", *wanted)).set_index("case_key").reindex(keys)
    found = []
    for name in sorted(wanted):
        told = _coded(name, frame[name])
        if told is None:
            continue
        since = _since(name, told.values != told.missing, seen, activities)
        if since is not None:
            found.append(Attribute(name, told.values, told.labels, since))
    return tuple(found)


def _coded(name: str, column: pd.Series) -> Attribute | None:
    """A column as numbers; None where it tells nothing apart, or is a date."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype) or column.notna().sum() < SMALLEST_SAMPLE:
        return None
    numeric = pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)
    if numeric and (column.nunique() > FEW_NUMBERS or KINDS.get(name) in ("money", "fraction")):
        values = column.to_numpy(np.float64, na_value=np.nan)
        known = np.isfinite(values)
        return Attribute(name, np.where(known, values, -np.inf), (), -1) if np.ptp(values[known]) > 0 else None
    codes, values = pd.factorize(column.to_numpy(object))
    counts = np.bincount(codes[codes >= 0], minlength=len(values))
    # Of as many, the first to come is the first: what people are called, by name or by pseudonym, changes nothing.
    order = np.argsort(-counts, kind="stable")
    if all(isinstance(value, str) and DATE.match(value) for value in values):
        return None
    kept = order[: min(int((counts >= SMALLEST_SAMPLE).sum()), MOST_LABELS)]
    if not len(kept) or (len(kept) == 1 and counts[kept[0]] == len(column)):
        return None
    rare = [None] if len(kept) < len(counts) else []
    # Behind the last one stands what is missing.
    place = np.full(len(values) + 1, float(len(kept)))
    place[kept], place[-1] = np.arange(len(kept)), -1.0
    return Attribute(name, place[codes], (*values[kept], *rare), -1)


def _since(name: str, known: NDArray[np.bool_], seen: NDArray[np.bool_], activities: tuple[str, ...]) -> int | None:
    """The activity with which an attribute comes to be known; -1: with the case; None where its gaps may tell the future."""
    said = vocabulary.known_from(name)
    if said in activities:
        return activities.index(said)
    if known.mean() >= KNOWN or name in GIVEN:
        return -1
    many, without = seen.sum(axis=0), (~seen).sum(axis=0)
    with np.errstate(invalid="ignore"):
        there, elsewhere = (known[:, None] & seen).sum(axis=0) / many, (known[:, None] & ~seen).sum(axis=0) / without
    fits = (many >= SMALLEST_SAMPLE) & (there >= KNOWN) & ~(elsewhere > UNKNOWN)
    # Of several, the one that most cases have: the earliest.
    return int(np.argmax(np.where(fits, many, -1))) if fits.any() else None
