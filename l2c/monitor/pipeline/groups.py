"""What may be shown of groups, and in which order?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from l2c.log import EventLog
from l2c.monitor.pipeline.states import Ints
from l2c.prepare import pseudonyms as people
from l2c.words import matching


def shown(log: EventLog, by: str, case: Ints, values: Iterable[Any], names: bool | None) -> pd.Series[Any]:
    """Groups as they may be shown, None where a case has none; of people those with too few cases are others, names hidden.

    Parameters
    ----------
    case
        The case of each value: what stands several times counts once.
    """
    group = pd.Series([None if name is None or name != name else name for name in values], dtype=object)
    if not matching.is_person(by):
        return group
    known = people.instead(log, names)
    each = pd.DataFrame({"case": case, "group": group}).drop_duplicates()["group"].dropna()
    may = dict(zip(each, people.grouped(each, log, by), strict=True))
    told = {name: known.get(str(may[name]), may[name]) for name in may}
    return pd.Series([told.get(name) for name in group], dtype=object)


def codes(group: Iterable[Any]) -> tuple[list[Any], Ints]:
    """The groups in order, what has none last, and the place of each value among them."""
    values = list(group)
    found = sorted(set(values), key=lambda name: (name is None, str(name)))
    place = {name: number for number, name in enumerate(found)}
    return found, np.asarray([place[name] for name in values], np.int64)
