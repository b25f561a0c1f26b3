"""Which groups of cases could explain a difference? Attribute values, and cases of the same values put together."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
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
    "forecast_category", "owner_now", SPLIT,
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


@dataclass(frozen=True, eq=False)
class Cells:
    """Cases of the same attribute values, put together.

    Attributes
    ----------
    of_case
        Cell of each case.
    attributes
        What the cells differ by, with one code per cell.
    """

    of_case: Codes
    count: int
    attributes: tuple[Attribute, ...]


def attributes(facts: Facts) -> list[Attribute]:
    """The attributes of the cases by which groups may be told apart, those with the fewest values first.

    Numbers of many values are cut at their quartiles (`amount` into tenths), texts of fewer than 20 cases are put
    together as rare. When the case began is cut into eight periods of equal numbers of cases.
    """
    # Every measure of every step asks for them again, and a log of a million events takes a third of a second each time.
    return list(facts.memo("attributes", lambda: _attributes(facts)))


def _attributes(facts: Facts) -> list[Attribute]:
    log = facts.log
    known_to_us = {attribute.id for attribute in vocabulary.attributes()}
    wanted = [name for name in log.attributes if name not in OUTCOMES]
    wanted = [name for name in wanted if name in known_to_us or not RESULT.search(name)]
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


def combined(codes: Iterable[tuple[Codes, int]], many: int) -> tuple[Codes, int]:
    """One code for each combination of codes that there is, and their number.

    Parameters
    ----------
    codes
        Codes of all that are to be told apart, `many` of each, and how many codes there may be.
    """
    # Combined one by one, so that the number never outgrows the machine's integers.
    cell, count = np.zeros(many, np.int64), 1
    for code, size in codes:
        both = cell * size + code
        if count * size <= 4 * many + 1000:
            there = np.bincount(both, minlength=count * size) > 0
            places, count = np.cumsum(there) - 1, int(there.sum())
            cell = places[both]
        else:
            distinct, cell = np.unique(both, return_inverse=True)
            count = len(distinct)
    return cell, count


def cells(found: list[Attribute], cases: int) -> Cells:
    """Put together the cases that share all codes."""
    cell, count = combined(((a.codes, a.size) for a in found), cases)
    return Cells(cell, count, _told(found, np.arange(cases), cell, count))


def _told(found: Iterable[Attribute], case: Codes, cell: Codes, count: int) -> tuple[Attribute, ...]:
    """Attributes with the codes of the first case of each cell."""
    first = np.zeros(count, np.int64)
    first[cell[::-1]] = case[::-1]
    return tuple(Attribute(a.name, a.values, a.codes_of_cases[first], a.codes_of_cases) for a in found)


@dataclass(frozen=True, eq=False)
class Group:
    """One attribute, or two, whose values are candidates: `codes` of the cells, `named` which codes may be named.

    `of` are the attributes themselves.
    """

    names: tuple[str, ...]
    codes: Codes
    size: int
    named: NDArray[np.bool_]
    values: tuple[tuple[object, ...], ...]
    of: tuple[Attribute, ...]

    def of_cases(self, case: Codes) -> Codes:
        """Codes of some cases."""
        codes = self.of[0].codes_of_cases[case]
        for attribute in self.of[1:]:
            codes = codes * attribute.size + attribute.codes_of_cases[case]
        return codes

    def label(self, code: int) -> tuple[object, ...]:
        """The value, or both values, of a code."""
        if len(self.names) == 1:
            return (self.values[0][code],)
        return (self.values[0][code // (len(self.values[1]) + 2)], self.values[1][code % (len(self.values[1]) + 2)])


def singles(found: Cells) -> list[Group]:
    """Every value of each attribute."""
    return [_single(a) for a in found.attributes if a.name not in FORCED]


def pairs(found: Cells) -> list[Group]:
    """Every pair of values of two attributes."""
    groups = []
    for one, other in combinations([a for a in found.attributes if a.name not in FORCED], 2):
        if one.name == other.name:
            # Two labels of one attribute: no filter says both.
            continue
        codes = one.codes * other.size + other.codes
        named = np.logical_and.outer(_named(one), _named(other)).ravel()
        names, values = (one.name, other.name), (one.values, other.values)
        groups.append(Group(names, codes, one.size * other.size, named, values, (one, other)))
    return groups


def split(found: Cells, names: Collection[str], case: Codes, period: Codes) -> tuple[Cells, Codes]:
    """Cells told apart by period too, with the cell of each observation in `of_case`; and the period of each cell.

    Parameters
    ----------
    names
        The attributes that are kept.
    case, period
        Case and period of each observation.
    """
    periods = int(period.max()) + 1
    distinct, cell = np.unique(found.of_case[case] * periods + period, return_inverse=True)
    kept = _told((a for a in found.attributes if a.name in names), case, cell, len(distinct))
    return Cells(cell.astype(np.int64), len(distinct), kept), distinct % periods


def merged(by: Sequence[Attribute], apart: Codes, case: Codes, period: Codes) -> tuple[Cells, Codes]:
    """Observations of one period put together that differ neither in some attributes nor in what else is told `apart`.

    Returns
    -------
    The cells, with the cell of each observation in `of_case`; and an observation of each cell.
    """
    codes = [(period, int(period.max()) + 1), (apart, int(apart.max()) + 1)]
    cell, count = combined([*codes, *((a.codes_of_cases[case], a.size) for a in by)], len(case))
    first = np.zeros(count, np.int64)
    first[cell] = np.arange(len(cell))
    return Cells(cell, count, _told(by, case[first], np.arange(count), count)), first


def adjusters(found: Cells) -> list[tuple[Attribute, Floats]]:
    """What models adjust for besides periods, by attribute: a block of rows each, with a bend in what is a number.

    The tenths of the amount stand for its logarithm, with the like of a normal distribution; where an amount is
    missing, a row says so.
    """
    from scipy.special import ndtri

    blocks: list[tuple[Attribute, Floats]] = []
    for attribute in found.attributes:
        if attribute.name in FORCED[2:]:
            there = np.unique(attribute.codes)
            rows = [attribute.codes == code for code in there[1:]]
            blocks += [(attribute, np.vstack(rows).astype(np.float64))] if rows else []
        elif attribute.name in FORCED:
            bins = len(attribute.values)
            known = attribute.codes < bins
            place = np.where(known, (attribute.codes + 0.5) / bins, 0.5)
            score = ndtri(place) if attribute.name == "amount" else (place - 0.5) * 3
            rows = [score, score**2 - 1] if bins > 2 else [score]
            rows = rows if known.all() else [*rows, ~known]
            blocks.append((attribute, np.vstack(rows).astype(np.float64)))
    return blocks


def _ranked(facts: Facts) -> Floats:
    """Rank of each amount among those of its currency: amounts of several are not compared as they stand."""
    amount = pd.Series(facts.number("amount"))
    ranks = amount.groupby(facts.attribute("currency").fillna("").to_numpy()).rank(pct=True)
    return np.asarray(ranks, np.float64)


def _single(a: Attribute) -> Group:
    return Group((a.name,), a.codes, a.size, _named(a), (a.values,), (a,))


def _named(a: Attribute) -> NDArray[np.bool_]:
    """Missing and rare values may not be named."""
    return np.arange(a.size) < len(a.values)


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
