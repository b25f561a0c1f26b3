"""How long is long? The days that only one in ten exceeds, learnt from all that got there, those still there too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.monitor.watching import Stays
from l2c.stats import kaplan_meier
from l2c.stats.moments import ROUNDING

# From so many waits that were seen to end a limit of their own is learnt.
FEWEST_STAYS = 50


@dataclass(frozen=True, eq=False)
class Limits:
    """Learnt limits.

    Attributes
    ----------
    rows
        One row per stage and group: the `keys`, `limit_days`, `cases` (waits it was learnt from), `censored` (of them not ended),
        `parent` (whether it is that of all in the stage, or of all there are, since the group is small).
    keys
        `stage` where waits are in stages, and the attributes.
    """

    rows: pd.DataFrame
    keys: tuple[str, ...]

    def of(self, values: Sequence[NDArray[Any]]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """The limit of each row by its values of the keys, NaN where there is none, and whether it is that of a parent."""
        if not self.keys:
            one = self.rows["limit_days"].iloc[0] if len(self.rows) else np.nan
            return np.array([one]), np.array([False])
        asked = pd.DataFrame(
            {name: pd.Series(each, dtype=object) for name, each in zip(self.keys, values, strict=True)}
        )
        found = asked.merge(self.rows, on=list(self.keys), how="left")
        return found["limit_days"].to_numpy(np.float64), found["parent"].fillna(False).to_numpy(bool)


def learnt(stays: Stays, share: float, by: Mapping[str, NDArray[Any]]) -> Limits:
    """Learn the days that a share of all exceeds, per stage and group.

    Parameters
    ----------
    by
        Values of attributes, one per row of the facts.

    Returns
    -------
    Limits of every stage and group that there are; NaN where even the parent is too small, or more than the share never end.
    """
    keys = (("stage",) if stays.stage is not None else ()) + tuple(by)
    data = {"stage": stays.stage} if stays.stage is not None else {}
    data |= {name: values[stays.case] for name, values in by.items()}
    rows = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in data.items()})
    rows = rows.assign(_days=stays.days, _seen=stays.seen, _entry=stays.entry)
    rows = rows[rows["_days"] >= 0]
    roots = 1 if stays.stage is not None else 0
    known = None
    for depth in range(roots, len(keys) + 1):
        each = _level(rows, list(keys[:depth]), share)
        if known is None:
            known = each.assign(parent=False)
            continue
        before = known.rename(columns={name: f"_{name}" for name in _TOLD})
        known = (
            each.merge(before, on=list(keys[: depth - 1]), how="left") if depth > 1 else each.merge(before, how="cross")
        )
        few = known["limit_days"].isna() & (known["cases"] - known["censored"] < FEWEST_STAYS)
        for name in ("limit_days", "cases", "censored"):
            known[name] = known[name].where(~few, known[f"_{name}"])
        known["parent"] = few
        known = known[[*keys[:depth], *_TOLD]]
    assert known is not None
    return Limits(known.sort_values(list(keys), ignore_index=True) if keys else known, keys)


_TOLD = ("limit_days", "cases", "censored", "parent")


def _level(rows: pd.DataFrame, keys: list[str], share: float) -> pd.DataFrame:
    """Limits of the groups of some keys, each by itself."""
    groups = rows.groupby(keys, sort=True) if keys else [((), rows)]
    found = []
    for names, part in groups:
        days, seen = part["_days"].to_numpy(np.float64), part["_seen"].to_numpy(bool)
        limit = (
            exceeded_by(days, seen, part["_entry"].to_numpy(np.float64), share)
            if seen.sum() >= FEWEST_STAYS
            else np.nan
        )
        found.append((*names, limit, len(part), int((~seen).sum())))
    return pd.DataFrame(found, columns=[*keys, "limit_days", "cases", "censored"])


def exceeded_by(days: NDArray[np.float64], seen: NDArray[np.bool_], entry: NDArray[np.float64], share: float) -> float:
    """The days that a share of all exceeds; NaN where so many never end.

    Notes
    -----
    Kaplan and Meier (1958). Of n complete waits the k-th in order is exceeded by the next one with a chance of (n + 1 - k) /
    (n + 1), which is larger than the curve says: the curve has to come down by (1 - share) / n more. Where some have not ended, n
    is what the variance of the curve there amounts to.
    """
    curve = kaplan_meier(days, seen, entry)
    with np.errstate(divide="ignore", invalid="ignore"):
        told = curve.share * (1 - curve.share) / curve.variance
    # Where none is left the variance is none either: they tell as much as just before it.
    n = pd.Series(np.where(np.isfinite(told) & (curve.share > 0), told, np.nan)).ffill().to_numpy()
    low_enough = curve.share <= share - (1 - share) / n + ROUNDING
    return float(curve.time[np.argmax(low_enough)]) if low_enough.any() else float("nan")
