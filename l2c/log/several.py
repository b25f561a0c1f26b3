"""Which attributes hold several values in one cell, such as the competitors `Globex;Initech`?"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from l2c import engine
from l2c.words import matching

if TYPE_CHECKING:
    from l2c.log.base import Base

# What stands between the values of a multi-select picklist of Salesforce.
SIGN = ";"
# A label is short; so many of the cells must share a label with others, else the sign is part of a text.
LONGEST, MOST_WORDS, RECURRING = 40, 5, 0.8


def parted(values: Iterable[str]) -> dict[str, tuple[str, ...]] | None:
    """Take the distinct values of an attribute apart.

    Returns
    -------
    The labels of every value; None where no value holds several. Ordinary texts with a semicolon share no labels with
    each other, are longer, or have an end that is empty.
    """
    found = {value: tuple(part.strip() for part in value.split(SIGN)) for value in values}
    several = {value: parts for value, parts in found.items() if len(parts) > 1}
    if not several or not all(map(_are_labels, several.values())):
        return None
    seen: dict[str, int] = {}
    for parts in found.values():
        for part in parts:
            seen[part] = seen.get(part, 0) + 1
    shared = sum(any(seen[part] > 1 for part in parts) for parts in several.values())
    return found if shared >= RECURRING * len(several) else None


def parts(base: Base, attribute: str) -> dict[str, tuple[str, ...]] | None:
    """The labels of each value of a case attribute that holds several, else None; asked once for a whole log."""

    def asked() -> dict[str, tuple[str, ...]] | None:
        kind = base.cases.collect_schema().get(attribute)
        if kind not in (nw.String, nw.Categorical, nw.Enum) or matching.is_person(attribute):
            return None
        text = nw.col(attribute).cast(nw.String())
        joined = base.cases.filter(~text.is_null() & text.str.contains(SIGN, literal=True))
        if not len(engine.collect(joined.select(attribute).head(1))):
            return None
        return parted(map(str, base.values(attribute)))

    return base.memo(("parts", attribute), asked)


def labels(base: Base, attribute: str) -> list[Any]:
    """The known values of a case attribute, each for itself."""
    known = parts(base, attribute)
    if known is None:
        return base.values(attribute)
    return list(dict.fromkeys(part for each in known.values() for part in each))


def groups(base: Base, attribute: str, names: Sequence[Any]) -> list[tuple[Any, list[int]]]:
    """The groups of an attribute, each with the places of its values among some.

    Parameters
    ----------
    names
        Distinct values, as `pandas.factorize` numbers them.

    Returns
    -------
    A group per value, or per label where a value holds several: a case counts in the group of each of its labels.
    """
    known = parts(base, attribute)
    if known is None:
        return [(name, [code]) for code, name in enumerate(names)]
    found: dict[Hashable, list[int]] = {}
    for code, name in enumerate(names):
        for part in known.get(name, (name,)):
            found.setdefault(part, []).append(code)
    return list(found.items())


def among(codes: NDArray[np.int64], some: Sequence[int]) -> NDArray[np.bool_]:
    """Which codes are among some."""
    return codes == some[0] if len(some) == 1 else np.isin(codes, some)


def _are_labels(found: tuple[str, ...]) -> bool:
    if len(set(found)) < len(found) or not all(found):
        return False
    return all(len(part) <= LONGEST and len(part.split()) <= MOST_WORDS for part in found)
