"""Which attributes may tell groups of cases apart, and what is each case by them?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.log import several
from l2c.log.splits import SPLIT
from l2c.measures.facts import NEVER, Facts
from l2c.stats import SMALLEST_SAMPLE
from l2c.words import vocabulary

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]

# Numbers with more values than this are cut into quarters.
FEW_VALUES = 12
# What the outcome itself decides, or says in other words.
OUTCOMES = (
    "is_closed", "is_won", "stage", "loss_reason", "currency", "case_id", "due_date", "end_time", "source_system", "lead_id",
    "forecast_category", "probability", "owner_now", SPLIT,
)  # fmt: skip
# A number of days, or a date, is a result of the process, whatever it is called.
RESULT = re.compile(r"days|duration|elapsed|date|日数|日付|期間", re.IGNORECASE)
DATE = re.compile(r"\s*\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}")
# Adjusted for and never named: that deals of another size or another year differ is no finding about the process.
# Terms decide when an invoice is due: that longer ones take longer is no finding either.
FORCED = ("amount", "opened", "payment_terms_days", "payment_terms")
BINS = {"amount": 10, "opened": 8}


@dataclass(frozen=True, eq=False)
class Attribute:
    """One attribute as codes of its values; after them one for rare values, and one for missing.

    `codes` has a place per case, or per cell once the cases are put together; `codes_of_cases` per case always.
    """

    name: str
    values: tuple[object, ...]
    codes: Codes
    codes_of_cases: Codes

    @property
    def size(self) -> int:
        """Number of codes: one per value, one for rare values, one for missing."""
        return len(self.values) + 2


def beforehand(name: str) -> bool:
    """Whether an attribute may be known before a case has ended: neither what the outcome decides nor a result of the process."""
    known_to_us = any(attribute.id == name for attribute in vocabulary.attributes())
    return name not in OUTCOMES and (known_to_us or not RESULT.search(name))


def attributes(facts: Facts) -> list[Attribute]:
    """The attributes of the cases by which groups may be told apart, those with the fewest values first.

    Numbers of many values are cut at their quartiles (`amount` into tenths), texts of fewer than 20 cases are put
    together as rare. When the case began is cut into eight periods of equal numbers of cases.
    """
    # Every measure of every step asks for them again, and a log of a million events takes a third of a second each time.
    return list(facts.memo("attributes", lambda: _attributes(facts)))


def _attributes(facts: Facts) -> list[Attribute]:
    log = facts.log
    wanted = [name for name in log.attributes if beforehand(name)]
    frame = engine.collect(log.base.cases.select("case_key", *wanted))
    if not frame["case_key"].is_monotonic_increasing:
        frame = frame.sort_values("case_key", ignore_index=True)
    if len(facts) < len(frame):
        frame = frame.iloc[facts.rows].reset_index(drop=True)
    found: list[Attribute | None] = []
    for name in wanted:
        column = frame[name]
        labels = several.parts(log.base, name)
        found += [_attribute(name, column)] if labels is None else _labels(name, column, labels)
    if "amount" in wanted and not log.one_currency:
        found = [a for a in found if a is None or a.name != "amount"]
        found.append(_binned("amount", _ranked(facts), BINS["amount"]))
    begun = facts.column("started").astype(np.float64)
    begun[facts.column("started") == NEVER] = np.nan
    found.append(_binned("opened", begun, BINS["opened"]))
    known = [a for a in found if a is not None]
    return sorted(known, key=lambda a: (len(a.values), a.name))


def _ranked(facts: Facts) -> Floats:
    """Rank of each amount among those of its currency: amounts of several are not compared as they stand."""
    amount = pd.Series(facts.number("amount"))
    ranks = amount.groupby(facts.attribute("currency").fillna("").to_numpy()).rank(pct=True)
    return np.asarray(ranks, np.float64)


def _labels(name: str, column: pd.Series, known: dict[str, tuple[str, ...]]) -> list[Attribute | None]:
    """An attribute per label of cells that hold several: cases with it, and the others, which are not named."""
    codes, values = pd.factorize(column, sort=True)
    found: list[Attribute | None] = []
    for label in sorted({part for value in values for part in known.get(value, (value,))}):
        has = np.array([label in known.get(value, (value,)) for value in values] + [False])[codes]
        marked = np.where(codes < 0, 2, np.where(has, 0, 1)).astype(np.int64)
        if min(int(has.sum()), int((~has).sum())) >= SMALLEST_SAMPLE:
            found.append(Attribute(name, (label,), marked, marked))
    return found


def _attribute(name: str, column: pd.Series) -> Attribute | None:
    kind = column.dtype
    if pd.api.types.is_datetime64_any_dtype(kind):
        return None
    if pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind):
        if column.nunique() > FEW_VALUES:
            return _binned(name, column.to_numpy(np.float64, na_value=np.nan), BINS.get(name, 4))
        column = column.astype("float64")
    # Most values of an account are rare: only what can be named is sorted.
    codes, values = pd.factorize(column)
    if len(values) and all(isinstance(v, str) and DATE.match(v) for v in values):
        return None
    often = np.bincount(codes[codes >= 0], minlength=len(values)) >= SMALLEST_SAMPLE
    order, named = pd.factorize(values[often], sort=True)
    place = np.full(len(values) + 1, -1)
    place[:-1][often] = order
    place[:-1][~often] = len(named) + np.arange(int((~often).sum()))
    return _coded(name, place[codes], named)


def _coded(name: str, codes: Codes, values: Sequence[object] | pd.Index[Any]) -> Attribute | None:
    """Put rare values together, of which `values` need not hold any; None where fewer than two are left to compare."""
    counts = np.bincount(codes[codes >= 0], minlength=len(values))
    kept = np.flatnonzero(counts >= SMALLEST_SAMPLE)
    place = np.full(len(counts) + 1, len(kept))
    place[kept] = np.arange(len(kept))
    place[-1] = len(kept) + 1
    if not len(kept) or (len(kept) == 1 and counts.sum() == counts[kept].sum() == len(codes)):
        return None
    return Attribute(name, tuple(_plain(values[int(k)]) for k in kept), place[codes], place[codes])


def _binned(name: str, numbers: Floats, bins: int) -> Attribute | None:
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        return None
    edges = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)))
    if len(edges) < 3:
        return None
    codes = np.clip(np.searchsorted(edges, numbers, "left") - 1, 0, len(edges) - 2)
    codes = np.where(np.isnan(numbers), -1, codes)
    values: list[object] = [f"{low:g} – {high:g}" for low, high in pairwise(edges)]
    return _coded(name, codes.astype(np.int64), values)


def _plain(value: object) -> object:
    """A value as it is written: 30 rather than 30.0."""
    if isinstance(value, float | np.floating):
        return int(value) if float(value).is_integer() else float(value)
    return value.item() if isinstance(value, np.generic) else value
