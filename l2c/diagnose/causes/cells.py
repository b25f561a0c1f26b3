"""Which groups of cases could explain a difference? Attribute values, and cases of the same values put together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from l2c.diagnose.causes.attributes import FORCED, Attribute

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]


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


def _single(a: Attribute) -> Group:
    return Group((a.name,), a.codes, a.size, _named(a), (a.values,), (a,))


def _named(a: Attribute) -> NDArray[np.bool_]:
    """Missing and rare values may not be named."""
    return np.arange(a.size) < len(a.values)
