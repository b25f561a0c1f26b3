"""Which lever is looked at first, and which key figure will tell whether it worked?"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import yaml

from l2c.improve import measures
from l2c.words import vocabulary
from l2c.words.errors import BadScenario
from l2c.words.measures import fair
from l2c.words.phrases import LANGUAGES

# Levers that leave the way of a case as it is, or that have a price nobody knows but the user.
OTHERWISE = ("add", "arrivals", "source", "cap", "terms", "reminder")
_PARTS = re.compile(r"( → | ∥ |, )")


def pick(levers: pd.DataFrame) -> dict[str, Any]:
    """The best lever that alters how cases go their way, as a file of changes: to be looked at more closely.

    Parameters
    ----------
    levers
        What `improve.levers` returns.

    Returns
    -------
    Its `name` and `changes`, for `scenario` and `simulate`; those of the best lever of all where none alters the way.

    Raises
    ------
    BadScenario
        If there is no lever.
    """
    if not len(levers):
        raise BadScenario.shape()
    own = levers[~levers["lever"].isin(OTHERWISE)]
    first = (own if len(own) else levers).iloc[0]
    named = {lang: "".join(vocabulary.label(part, lang) for part in _PARTS.split(first["step"])) for lang in LANGUAGES}
    return {"name": named, "changes": yaml.safe_load(first["change"])}


def telling(simulated: pd.DataFrame) -> str | None:
    """The key figure that a change moves most beside how unsure that is: the first by which one will see it.

    Parameters
    ----------
    simulated
        What `improve.simulate` returns.

    Returns
    -------
    Its id, for `decide`; None where no key figure of the kit can be told.
    """
    ids = list(dict.fromkeys(figure.measure for figure in measures.FIGURES))
    rows = simulated[(simulated["about"] == "") & simulated["measure"].isin(ids) & simulated["difference"].notna()]
    if not len(rows):
        return None
    spread = (rows["high"] - rows["low"]).clip(lower=1e-9)
    return fair(str(rows["measure"].iloc[int(np.argmax((rows["difference"].abs() / spread).to_numpy()))]))
