"""What becomes of the process where it is changed? Today and as it shall be in one map, as far as the change reaches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from l2c.discover.flow import CHANGED, GOES, NEW
from l2c.log import END, START
from l2c.show.charts import rows
from l2c.show.map.choice import fates_of, seen_always, steps_of
from l2c.show.map.process_map import MapPicture, process_map
from l2c.show.markup import Html
from l2c.words import phrases

if TYPE_CHECKING:
    import pandas as pd

# As far before and behind what changes as one must see to know where one is; and what stands upright on paper.
_AROUND = 2
_ROOM = (700.0, 520.0)


def together(table: pd.DataFrame, *, metric: str = "cases", lang: str = "en") -> MapPicture | Html:
    """Draw what a change does to the way of the cases, from left to right, with two activities before and behind it.

    Parameters
    ----------
    table
        What `improve.together` returns. All of it is drawn by `process_map`.
    metric, lang
        As for `process_map`.

    Returns
    -------
    A map; a sentence where no step goes, is new or changes.
    """
    fates = fates_of(table)
    steps = seen_always(steps_of(table), fates)
    near = _ends(step for step in steps if fates[step] in (GOES, NEW, CHANGED))
    if not near:
        return rows.said(phrases.say("map.same", lang))
    for _ in range(_AROUND):
        # Where cases begin and end is seen only where that changes.
        near |= _ends(step for step in steps if (near - {START, END}) & set(step)) - {START, END}
    away = sorted(_ends(fates) - near)
    drawn = process_map(table, metric=metric, activities=0.0, paths=0.0, lang=lang, direction="right", hidden=away)
    return drawn.fitting(*_ROOM)


def _ends(steps: Iterable[tuple[str, str]]) -> set[str]:
    return {name for step in steps for name in step}
