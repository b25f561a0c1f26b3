"""What may set a deal apart from others in its stage: as columns of a regression, and in words?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l2c.monitor.pipeline.snapshots import Snapshots
from l2c.words.notes import Note

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Those that come first stay where two say the same.
FIRST = ("in_stage_days", "amount", "age_days", "pushes", "close_in_days", "discount")
LAST = ("quiet_days",)
# What counts everything, or is somebody's own word of how likely it is, is no reason; an account speaks for itself.
NO_REASON = ("events", "last_activity", "probability", "forecast_category", "account")
SEEN = "seen: "
# So many deals bear a label, or have a number known, that are looked at by themselves; so many rows a stage.
FEWEST_BEARERS = 30
# What others say already, but for so small a part of its variance, is no column of its own.
OWN_PART = 0.1


@dataclass(frozen=True, eq=False)
class Columns:
    """A design: rows of the past, then of now.

    Attributes
    ----------
    names
        What may be a reason.
    terms
        Of each of them, where its columns stand in `x`.
    plain, x
        One and the stages, which are no reasons; and the columns of the names.
    """

    names: list[str]
    terms: list[Ints]
    plain: Floats
    x: Floats


def columns(past: Snapshots, now: Snapshots) -> Columns:
    """What may be a reason, as far as it says something that those before it do not."""
    n = len(past)
    stage = np.concatenate([past.stage, now.stage])
    many = [int(code) for code in np.unique(stage) if (stage[:n] == code).sum() >= FEWEST_BEARERS]
    plain = np.column_stack([np.ones(len(stage)), *((stage == code).astype(np.float64) for code in many[1:])])
    basis = np.asfortranarray(np.linalg.qr(plain[:n])[0])
    names: list[str] = []
    terms: list[Ints] = []
    kept: list[Floats] = []
    for name, candidates in _candidates(past, now, stage, many):
        own = []
        for term in candidates:
            rest = term[:n] - basis @ (basis.T @ term[:n])
            left, whole = float(rest @ rest), float(n * term[:n].var())
            if left > OWN_PART * whole > 0:
                basis = np.asfortranarray(np.column_stack([basis, rest / np.sqrt(left)]))
                own.append(len(kept))
                kept.append(term)
        if own:
            names.append(name)
            terms.append(np.array(own))
    return Columns(names, terms, plain, np.column_stack(kept) if kept else np.empty((len(stage), 0)))


def _candidates(past: Snapshots, now: Snapshots, stage: Ints, many: list[int]) -> Iterator[tuple[str, list[Floats]]]:
    """What may be a reason, each with its columns."""
    n = len(past)
    numbers = [name for name in past.numbers if name not in NO_REASON]
    first = [name for name in FIRST if name in numbers]
    for name in [*first, *(name for name in numbers if name not in (*FIRST, *LAST))]:
        yield name, _of_number(name, past, now, stage, many)
    for name in (name for name in past.labels if name not in NO_REASON):
        codes = np.concatenate([past.labels[name], now.labels[name]])
        # Each deal once.
        deals = np.unique(np.column_stack([past.case, codes[:n]]), axis=0)[:, 1]
        sizes = np.bincount(deals[deals >= 0], minlength=len(past.values[name]))
        order = [int(code) for code in np.argsort(-sizes, kind="stable") if past.values[name][code]]
        yield name, [(codes == code).astype(np.float64) for code in order if sizes[code] >= FEWEST_BEARERS]
    for name in (name for name in LAST if name in numbers):
        yield name, _of_number(name, past, now, stage, many)


def _of_number(name: str, past: Snapshots, now: Snapshots, stage: Ints, many: list[int]) -> list[Floats]:
    n, values = len(past), np.concatenate([past.numbers[name], now.numbers[name]])
    known = np.isfinite(values)
    if len(np.unique(past.case[known[:n]])) < FEWEST_BEARERS:
        return []
    # Days, counts and money tell by their size, not by the difference.
    wide = np.nanmax(np.abs(values[:n])) > 1
    scaled = np.sign(values) * np.log1p(np.abs(values)) if wide else values
    spread = float(np.nanstd(scaled[:n]))
    if spread < 1e-9:
        return []
    scaled = np.where(known, (scaled - np.nanmean(scaled[:n])) / spread, 0.0)
    # What it means to be long in a stage differs from stage to stage.
    return [scaled * (stage == code) for code in many] if name == "in_stage_days" else [scaled]


def said(name: str, past: Snapshots, now: Snapshots, row: int) -> Note | None:
    """What is said of a deal of today, beside what was usual in its stage; None where it is not known of it."""
    if name in now.labels:
        code = int(now.labels[name][row])
        value = now.values[name][code] if code >= 0 else ""
        return Note("reason_label", attribute=name, value=value) if value else None
    number = float(now.numbers[name][row])
    if not np.isfinite(number):
        return None
    if name.startswith(SEEN):
        activity = name.removeprefix(SEEN)
        return Note("reason_seen", activity=activity) if number else Note("reason_not_seen", activity=activity)
    if name == "close_in_days":
        return Note("reason_overdue", days=-number) if number < 0 else Note("reason_due", days=number)
    same = past.numbers[name][(past.stage == now.stage[row]) & np.isfinite(past.numbers[name])]
    usual = float(np.median(same)) if len(same) else number
    return _beside(name, number, usual)


def _beside(name: str, value: float, usual: float) -> Note:
    """What is said of a number and of what half of the deals in the stage had no more of."""
    more, both = value > usual, {"value": value, "usual": usual}
    if name == "in_stage_days":
        return Note("reason_long_in_stage", **both) if more else Note("reason_short_in_stage", **both)
    if name == "age_days":
        return Note("reason_old", **both) if more else Note("reason_young", **both)
    if name == "quiet_days":
        return Note("reason_quiet", **both) if more else Note("reason_lively", **both)
    if name == "amount":
        return Note("reason_large", **both) if more else Note("reason_small", **both)
    if name == "discount":
        percent = {"value": 100 * value, "usual": 100 * usual}
        return Note("reason_discount", **percent) if more else Note("reason_no_discount", **percent)
    if name == "pushes":
        return Note("reason_pushed", **both)
    if name == "raises":
        return Note("reason_raised", **both)
    if name == "cuts":
        return Note("reason_cut", **both)
    if name == "repeats":
        return Note("reason_repeated", **both)
    return Note("reason_number", attribute=name, **both)
