"""May the twin be trusted? Each key figure and both distances beside what came."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import date
from typing import Final, Literal

import numpy as np
import pandas as pd

from l2c.improve import staff
from l2c.improve.days import Days
from l2c.improve.measures import FIGURES, figures
from l2c.improve.stays import MOST_LEARNT, sampled, stays
from l2c.improve.trial import LEARNT, RUNS, Distance, Trial, again, distances, halves, tried
from l2c.log import EventLog
from l2c.words.notes import Note, ids, several

Word = Literal["trust", "careful", "no"]
TRUST: Final = "trust"
CAREFUL: Final = "careful"
NO: Final = "no"
COLUMNS = (
    "measure", "statistic", "unit", "real", "simulated", "low", "high", "error", "drawn_again", "floor", "cases", "learnt",
    "verdict", "note",
)  # fmt: skip
# With fewer cases nothing is foretold, and with fewer that came nothing is judged.
FEWEST_LEARNT, FEWEST_TESTED = 200, 50
# How far foretold and real cases may be apart: times the distance of halves of what came, or as part of the mean time.
NEAR, FAR = (1.5, 0.05), (2.5, 0.15)
# What follows what: shares of three activities in a row that may differ, beyond what halves differ by.
GRAMS = (0.1, 0.2)
# A key figure that misses by less is near enough, whatever its range.
ERROR, LARGE_ERROR = 0.05, 0.2
# Past cases drawn again are closer than the twin by so much: it does not earn its place there.
CLOSER = 0.75


def backtest(
    log: EventLog, *, runs: int = RUNS, most: int | None = MOST_LEARNT, level: float = 0.9, seed: int = 0
) -> pd.DataFrame:
    """Learn on the first part of the log, foretell the cases of the rest, and hold them against what came.

    Parameters
    ----------
    runs
        How often the twin is drawn again and run.
    most
        Cases at most, evenly taken; None takes all.
    level
        Level of the ranges.
    seed
        Seed of the draws.

    Returns
    -------
    One row per key figure and two for distances: `measure` (of distances `cycle_distance`, `sequence_distance`); `statistic`
    (share, median, mean, p90, distance); `unit`; `real` (NaN of distances); `simulated` with `low, high` (of `level` of the draws; NaN of distances);
    `error` (of key figures: how far the simulated one misses, as part of the real one); `drawn_again` (the same for past cases drawn again,
    without any model); `floor` (by how much halves of what came differ, in the same unit); `cases` that were
    foretold, `learnt` from how many; `verdict` (trust, careful, no; None where the data cannot tell); `note` (why, or None).

    Notes
    -----
    The first 70 % of the time are learnt; the cases that really began later are run with their attributes, and both sides are
    watched until the extraction. Cycle: 1-Wasserstein distance of the hours from the first to the last event; sequence: shares
    of three activities in a row. Distances mean nothing without the two beside them: halves of what came are no closer to each
    other than a perfect model could be, and drawing past cases again is what a model has to beat.
    """
    # Asked for to be read, and again before anything is simulated.
    key = ("backtest", runs, most, level, seed, *log.filters.items())
    return log.base.memo(key, lambda: _tested(log, runs, most, level, seed)).copy()


def _tested(log: EventLog, runs: int, most: int | None, level: float, seed: int) -> pd.DataFrame:
    known = stays(log, most=most)
    begun = known.time[known.head]
    first = float(begun.min(initial=known.until))
    since = first + LEARNT * (known.until - first)
    since = float(np.floor(since))
    tested = int((begun >= since).sum())
    learnt = len(begun) - tested
    if learnt < FEWEST_LEARNT or tested < FEWEST_TESTED or len(known.activities) < 2:
        return _untold(learnt, tested)
    desks = staff.desks(_as_known(log, known.days, since), known)
    scale = log.n_cases / len(known.keys)
    trial = tried(known, since, np.inf, known.until, desks=desks, scale=scale, runs=runs, seed=seed)
    found = table(trial, level=level, seed=seed)
    if (part := sampled(log, most)) is not None:
        found["note"] = pd.Series([several([note, part]) for note in found["note"]], dtype=object)
    return found


def _as_known(log: EventLog, days: Days, since: float) -> EventLog:
    """The log as it was when a day began."""
    return log.as_of(date.fromordinal(date(1970, 1, 1).toordinal() + days.origin + int(since) - 1))


def table(trial: Trial, *, level: float = 0.9, seed: int = 0) -> pd.DataFrame:
    """What was foretold beside what came; see `backtest`."""
    real = figures(trial.times(trial.real))
    draws = np.array([figures(trial.times(paths)) for paths in trial.draws])
    past = figures(trial.times(again(trial, seed)))
    floor = halves(trial, seed)
    low, high = _range(draws, level)
    middle = _range(draws, 0.0)[0]
    rows: list[tuple[object, ...]] = []
    for k, figure in enumerate(FIGURES):
        error = abs(middle[k] - real[k]) / abs(real[k]) if real[k] else abs(middle[k] - real[k])
        word = _judged(real[k], middle[k], low[k], high[k], floor[k], error)
        rows.append(
            (
                figure.measure,
                figure.of,
                figure.unit,
                real[k],
                middle[k],
                low[k],
                high[k],
                error,
                past[k],
                floor[k],
                word,
            )
        )
    apart = distances(trial, seed)
    mean = float(np.mean(trial.lengths(trial.real)))
    for name, unit, part in (
        ("cycle_distance", "hour", apart["cycle"]),
        ("sequence_distance", "fraction", apart["grams"]),
    ):
        word = _near(part, mean if unit == "hour" else None)
        none = (np.nan,) * 3
        rows.append((name, "distance", unit, np.nan, part.simulated, *none, part.drawn_again, part.floor, word))
    return _table(rows, len(trial.starts), len(trial.twin.stays.keys), _why)


def verdict(table: pd.DataFrame) -> tuple[Word, Note]:
    """Whether the twin may be trusted, and why, from what `backtest` returns.

    Returns
    -------
    `no` where cases take another time or go other ways than foretold, or there are too few of them: then nothing that it foretells
    of changes counts. `careful` where it misses some of the key figures, or past cases drawn again are closer. Else `trust`.
    """
    counts = {name: int(table[name].iloc[0]) for name in ("cases", "learnt")}
    if "cycle_distance" not in set(table["measure"]):
        return NO, table["note"].iloc[0]
    rows = table.set_index("measure")
    apart = rows.loc[["cycle_distance", "sequence_distance"]]
    ratio = float((apart["simulated"] / apart["floor"]).iloc[0])
    judged = table[table["verdict"].notna() & (table["statistic"] != "distance")]
    missed = judged[judged["verdict"] == NO]
    said = [Note("twin_distance", ratio=ratio, cases=counts["cases"], learnt=counts["learnt"])]
    if len(judged):
        said.append(Note("twin_figures", n=int((judged["verdict"] == TRUST).sum()), of=len(judged)))
    word: Word = CAREFUL if len(missed) or (apart["verdict"] == CAREFUL).any() else TRUST
    if (apart["verdict"] == NO).any() or len(missed) > len(judged) / 2:
        word = NO
    if len(missed):
        said.append(Note("twin_missed", measures=sorted(set(missed["measure"]))))
    if float((apart["drawn_again"] / apart["simulated"]).iloc[0]) < CLOSER and ratio > 1:
        said.append(Note("twin_no_better"))
        word = CAREFUL if word == TRUST else word
    if "sample" in {id for each in table["note"] for id in ids(each)}:
        said.append(Note("twin_sample"))
    note = several(said)
    assert note is not None
    return word, note


def _range(draws: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Quantiles of the draws; NaN where most of them cannot tell."""
    told = np.isfinite(draws)
    enough = told.mean(axis=0) >= 0.5
    ends = np.full((2, draws.shape[1]), np.nan)
    for k in np.flatnonzero(enough):
        # Of n draws and what comes, each is as likely to lie in any of the n + 1 gaps: plain quantiles of 40 cover .86, not .90.
        ends[:, k] = np.quantile(draws[told[:, k], k], [(1 - level) / 2, (1 + level) / 2], method="weibull")
    return ends[0], ends[1]


def _judged(real: float, simulated: float, low: float, high: float, floor: float, error: float) -> Word | None:
    """What a key figure says of the twin."""
    if np.isnan(real) or np.isnan(simulated):
        return None
    # Halves of what came differ by twice the error of the whole.
    if low <= real <= high or error <= ERROR or abs(simulated - real) <= floor / 2:
        return TRUST
    return CAREFUL if error <= LARGE_ERROR or abs(simulated - real) <= floor else NO


def _near(found: Distance, mean: float | None) -> Word:
    """What a distance says: near beside halves of what came, or small beside the mean itself."""
    if mean is None:
        over = found.simulated - found.floor
        return TRUST if over <= 0 or found.simulated <= GRAMS[0] else CAREFUL if found.simulated <= GRAMS[1] else NO

    def within(times: float, part: float) -> bool:
        return found.simulated <= max(times * found.floor, part * mean)

    return TRUST if within(*NEAR) else CAREFUL if within(*FAR) else NO


def _why(row: dict[Hashable, object]) -> Note | None:
    """What to know of a row."""
    if row["verdict"] is None:
        return Note("nothing_to_measure")
    if row["statistic"] == "distance":
        return Note("twin_times_floor", ratio=float(row["simulated"]) / max(float(row["floor"]), 1e-9))  # type: ignore[arg-type]
    return None if row["verdict"] == TRUST else Note("twin_misses", error=float(row["error"]))  # type: ignore[arg-type]


def _untold(learnt: int, tested: int) -> pd.DataFrame:
    """The table of a log that is too small to tell."""
    note = Note("twin_few", learnt=learnt, least=FEWEST_LEARNT, cases=tested, fewest=FEWEST_TESTED)
    rows: list[tuple[object, ...]] = [(f.measure, f.of, f.unit, *(np.nan,) * 7, None) for f in FIGURES]
    return _table(rows, tested, learnt, lambda _: note)


def _table(
    rows: list[tuple[object, ...]], cases: int, learnt: int, why: Callable[[dict[Hashable, object]], Note | None]
) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=[name for name in COLUMNS if name not in ("cases", "learnt", "note")])
    made = made.assign(cases=cases, learnt=learnt)
    made["note"] = pd.Series([why(row) for row in made.to_dict("records")], dtype=object)
    return made[list(COLUMNS)]
