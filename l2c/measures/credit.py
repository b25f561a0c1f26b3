"""Whose is a deal, where several share it?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.log.splits import SPLIT, parted
from l2c.measures.facts import Facts


class Credit(NamedTuple):
    """Parts of deals, one row per deal and person.

    `case` is the row of the facts, `part` what the `rep` has of the deal (1 is a whole one), `shared` whether others have one.
    """

    case: NDArray[np.int64]
    rep: NDArray[np.object_]
    part: NDArray[np.float64]
    shared: NDArray[np.bool_]


def credit(facts: Facts) -> Credit:
    """Credit each deal to those who share it, else to its rep.

    Notes
    -----
    A split is what the log says (`rep_split`; in Salesforce the revenue splits, `OpportunitySplit` of a type that must total
    100 %). Without one the owner at the close has the whole deal, an open one its owner of today.
    """
    return facts.memo("credit", lambda: _credit(facts))


def _credit(facts: Facts) -> Credit:
    owner, said = facts.attribute("rep").astype(object), facts.attribute(SPLIT)
    deal = facts.deal
    codes, texts = pd.factorize(said)
    splits = [parted(str(text)) for text in texts]
    split = np.array([bool(found) for found in splits] + [False])[codes]
    alone = np.flatnonzero(deal & ~split & owner.notna().to_numpy())
    rows = [
        (case, name, part, len(splits[codes[case]]) > 1)
        for case in np.flatnonzero(deal & split)
        for name, part in splits[codes[case]].items()
    ]
    case, rep, part, shared = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Credit(
        np.concatenate([alone, np.array(case, np.int64)]),
        np.concatenate([owner.to_numpy(object)[alone], np.array(rep, object)]),
        np.concatenate([np.ones(len(alone)), np.array(part, np.float64)]),
        np.concatenate([np.zeros(len(alone), bool), np.array(shared, bool)]),
    )
