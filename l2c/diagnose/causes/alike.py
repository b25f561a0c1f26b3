"""Which groups are nearly the same cases under another name, and which of their names can somebody change?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from l2c.diagnose.causes.search import Member, Search
from l2c.words import matching, vocabulary

# Groups that share so much of all their cases are one group: no data tell which of its names it is.
ONE_GROUP = 0.9


def alike(search: Search, member: Member) -> list[tuple[str, object]]:
    """Other names of the cases of a chosen group: attribute and value; never those of people."""
    found = ((search.groups[place], code) for place, code in _twins(search, member))
    return [(each.names[0], each.label(code)[0]) for each, code in found if not matching.is_person(each.names[0])]


def levers_first(search: Search, level: float) -> None:
    """Put what somebody can change in the place of a circumstance that is nearly the same cases.

    Parameters
    ----------
    level
        How sure each must still be beside the others; else the circumstance stays.
    """
    for place, member in enumerate(search.chosen):
        if _lever(search, member) is not False:
            continue
        known = search.chosen
        for twin in _twins(search, member):
            if _lever(search, twin) and twin not in known:
                search._take([twin if m == member else m for m in known])
                if search.alone(place) <= level:
                    break
                search._take(known)


def _lever(search: Search, member: Member) -> bool | None:
    names = search.groups[member[0]].names
    return vocabulary.lever(names[0]) if len(names) == 1 else None


def _twins(search: Search, member: Member) -> Iterator[Member]:
    """Single values of other attributes that nearly the same cases have."""
    if len(search.groups[member[0]].names) > 1:
        return
    inside = search.sums.count * search.indicator(member)
    for place, group in enumerate(search.groups[: search.n_singles]):
        if group.names == search.groups[member[0]].names:
            continue
        both = np.bincount(group.codes, inside, group.size)
        either = np.bincount(group.codes, search.sums.count, group.size) + inside.sum() - both
        for code in np.flatnonzero(group.named & (both > ONE_GROUP * either)):
            yield place, int(code)
