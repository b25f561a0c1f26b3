"""Whom is a group compared with? All others, unless some of them are named beside it."""

from __future__ import annotations

import numpy as np

from l2c.diagnose.causes.search import Search


def others(search: Search, place: int) -> tuple[object, ...]:
    """The groups that a chosen one is compared with; none where these are all others.

    Parameters
    ----------
    place
        Which of the chosen groups.

    Returns
    -------
    Values of its attribute (tuples of two, of a pair); None, last, stands for cases without a value that may be named.

    Notes
    -----
    In a model with an effect for each chosen group, one that shares no case with the group in question is no part of
    what it is compared with; one that holds all of its cases is all of it. Any other is on both sides, and adjusted for.
    """
    mine = search.groups[search.chosen[place][0]]
    inside, count = search.indicator(search.chosen[place]) > 0, search.sums.count
    every = ~inside & (count > 0)
    rest = every.copy()
    for other in (m for k, m in enumerate(search.chosen) if k != place):
        if not set(search.groups[other[0]].names) & set(mine.names):
            continue
        there = search.indicator(other) > 0
        if not count @ (inside & there):
            rest &= ~there
        elif not count @ (inside & ~there):
            rest &= there
    if (rest == every).all():
        return ()
    # An attribute of several labels a case has a group of its own per label.
    found, known = [], np.zeros(len(rest), bool)
    for group in (g for g in search.groups if g.names == mine.names):
        named = rest & group.named[group.codes]
        found += [group.label(int(code)) for code in np.unique(group.codes[named])]
        known |= named
    values = [label[0] if len(label) == 1 else label for label in found]
    return (*values, None) if (rest & ~known).any() else tuple(values)
