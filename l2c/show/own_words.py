"""What are the key figures of the user's called, on the page that shows them?"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import pandas as pd

from l2c.words.measures import NAMES, OWN, spoken

Given = ParamSpec("Given")
Shown = TypeVar("Shown")


def own_words(
    show: Callable[Concatenate[pd.DataFrame, Given], Shown],
) -> Callable[Concatenate[pd.DataFrame, Given], Shown]:
    """Let what shows a table call the user's own key figures and alerts as the table says, which carries their words."""

    @wraps(show)
    def shown(table: pd.DataFrame, *given: Given.args, **named: Given.kwargs) -> Shown:
        with spoken(table.attrs.get(OWN, {}), table.attrs.get(NAMES, {})):
            return show(table, *given, **named)

    return shown
