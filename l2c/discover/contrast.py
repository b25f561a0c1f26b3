"""What do two groups of deals do differently, step by step, and which of it is more than chance?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2c import engine, stats
from l2c.log import END, START, EventLog
from l2c.log.columns import MICROSECONDS_A_DAY
from l2c.stats import UNKNOWN
from l2c.stats.clusters import Groups, groups
from l2c.stats.rates import NAN
from l2c.words.errors import BadComparison

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Step = tuple[str, str]

# Fewer cases than this are not tested: no number, rather than a wild one.
TESTABLE = 5
ACCOUNT = "account"


def contrast(log: EventLog, other: EventLog, *, level: float = 0.95) -> pd.DataFrame:
    """Compare how two selections of cases run: which steps they take, and how long each takes.

    Parameters
    ----------
    log, other
        Two selections without a common case, of one log or of two: regions, periods, won and lost.
    level
        Level of the intervals; `1 - level` is the false discovery rate of `differs` and of `days_differ`.

    Returns
    -------
    One row per directly-follows step of either, with START and END as in `flow`; most cases of both first:
    `from, to`; `cases, other_cases` (cases that take the step); `share, other_share` (of the selection's cases);
    `share_difference` (`share` minus `other_share`) with `share_low, share_high`; `share_q`; `differs` (whether
    `share_q` < 1 - `level`); `median_days, other_median_days` (over cases); `days_difference` (mean days of `log` minus
    those of `other`) with `days_low, days_high`; `days_q`; `days_differ` (whether the days differ: `days_q` < 1 - `level`,
    and mean and ranks agree which side is slower; negative `days_difference`: the other one is; missing without a test).

    Raises
    ------
    BadComparison
        If a case stands on both sides, or a side has no case.

    Notes
    -----
    Cases are the unit: a case that takes a step several times counts once, with the mean of its waits. Events of one
    case resemble each other, and counting each would make chance look like knowledge.

    Shares: Newcombe's (1998) interval, Fisher's exact test; both NaN with fewer than 5 cases in a selection. A step that
    fewer than 5 cases of both take is not tested: it could hardly say anything, and would cost the others power.

    Days: Welch's interval for the means, the test of Mann and Whitney; NaN at START and END, and where fewer than 5
    cases of either side take the step. Waits are skewed: of 20 lognormal waits against 2,000 like them, Welch's p-value
    is below 0.001 in 3 of 100 trials, and such p-values are what a correction lets pass; ranks keep their level, and one
    deal that lay for a year does not decide. The price: means that differ by a few long waits alone are not called
    different, and the interval, which is Welch's, is too narrow where cases are few.

    `share_q` and `days_q` are two families, each corrected over all rows tested (Benjamini and Hochberg, 1995).
    Where the log knows accounts, deals of one account go together: p-values and intervals are those of so many deals that
    stand alone as would tell as much (Kish, 1965).
    An open case has not taken its later steps yet, and its present wait is not seen: of an old and a young period,
    compare the closed cases or use `monitor.compare`. Nothing is adjusted for; `diagnose.causes` does that.

    Examples
    --------
    >>> import l2c
    >>> from l2c import discover
    >>> log = l2c.demo(500)
    >>> table = discover.contrast(log.where(outcome="won"), log.where(outcome="lost"))
    >>> sure = table[table["differs"]]
    """
    import pandas as pd

    _check(log, other)
    one, two = _side(log), _side(other)
    steps = sorted({*one.taken, *two.taken}, key=lambda step: (-one.cases(step) - two.cases(step), step))
    rows = [(*step, *_shares(one, two, step, level), *_days(one, two, step, level)) for step in steps]
    table = pd.DataFrame(rows, columns=["from", "to", *_Shares._fields, *_Days._fields])
    table[["share_q", "days_q"]] = table[["share_q", "days_q"]].apply(stats.q_values)
    table["differs"] = table["share_q"] < 1 - level
    agree = np.sign(table["days_difference"]) == np.sign(table.pop("larger") - 0.5)
    surely = ((table["days_q"] < 1 - level) & agree).astype("boolean")
    table["days_differ"] = surely.mask(table["days_q"].isna())
    return table


def _check(log: EventLog, other: EventLog) -> None:
    """Refuse sides that are empty or have cases in common."""
    for side in (log, other):
        if not side.n_cases:
            raise BadComparison.empty(side.filters)
    if log.base is other.base:
        shared = len(np.intersect1d(log.kept(), other.kept(), assume_unique=True))
    else:
        ids = [engine.collect(side.cases.select("case_id"))["case_id"] for side in (log, other)]
        shared = len(set(ids[0]) & set(ids[1]))
    if shared:
        raise BadComparison.shared(shared)


class _Side(NamedTuple):
    """One selection: the number of its cases, how many of them take each step, and the mean wait of each there.

    Where the log knows accounts, `groups` has those of the cases, `takers` the groups of those that take a step, and
    `codes` those of the waits.
    """

    of: int
    taken: dict[Step, int]
    waits: dict[Step, Floats]
    groups: Groups | None
    takers: dict[Step, NDArray[np.int64]]
    codes: dict[Step, NDArray[np.int64]]

    def cases(self, step: Step) -> int:
        return self.taken.get(step, 0)

    def days(self, step: Step) -> Floats:
        return self.waits.get(step, np.empty(0))

    def effect(self, step: Step) -> float:
        """How many times as large the variance of the share that takes a step is, because cases go together by account."""
        share = self.cases(step) / self.of
        if self.groups is None or step not in self.takers or not 0 < share < 1:
            return 1.0
        sizes, alone = self.groups.sizes, share * (1 - share) / self.of
        apart = np.bincount(self.takers[step], minlength=len(sizes)) - share * sizes
        wide = float(((apart / self.of * self.groups.leverage) ** 2).sum())
        return float(self.groups.wider(np.array(wide), np.array(alone)) / alone)


def _side(log: EventLog) -> _Side:
    """Count the cases of each step, and put the waits of each case at each step together."""
    rows, names = _rows(log)
    many = len(names) + 1
    case, before, after, days, first = (rows[column].to_numpy() for column in rows)
    before, after = before.astype(np.int32), after.astype(np.int32)
    # The last activity of a case is followed by END, which stands behind all names.
    step = before * many + after % many
    steps = [(name, to) for name in names for to in (*names, END)]
    counts = np.bincount(step[first])
    taken = {steps[number]: int(counts[number]) for number in np.flatnonzero(counts)}
    # What happens to an activity that no other led to, began a case.
    begun = np.bincount(before, minlength=many) - np.bincount(after % many, minlength=many)
    taken |= {(START, name): int(cases) for name, cases in zip(names, begun, strict=False) if cases > 0}
    inner = after >= 0
    waits = _waits(case[inner], step[inner], days[inner], first[inner], len(steps))
    found = {steps[number]: each for number, (each, _) in waits.items()}
    code, together = _groups(log)
    if code is None:
        return _Side(log.n_cases, taken, found, None, {}, {})
    order = np.argsort(step[first], kind="stable")
    parts = np.split(code[case[first][order]], np.cumsum(counts)[:-1])
    takers = {steps[number]: parts[number] for number in np.flatnonzero(counts)} if together is not None else {}
    codes = {steps[number]: code[each] for number, (_, each) in waits.items()}
    return _Side(log.n_cases, taken, found, together, takers, codes)


def _groups(log: EventLog) -> tuple[NDArray[np.int64] | None, Groups | None]:
    """The account of each case, by its key, and the accounts; None where the log knows none; one without is its own."""
    import pandas as pd

    if ACCOUNT not in log.attributes:
        return None, None
    rows = engine.collect(log.cases.select("case_key", ACCOUNT))
    names = pd.factorize(rows[ACCOUNT])[0].astype(np.int64)
    alone = names < 0
    names[alone] = names.max(initial=-1) + 1 + np.arange(alone.sum())
    keys = rows["case_key"].to_numpy(np.int64)
    code = np.zeros(int(keys.max(initial=-1)) + 1, np.int64)
    code[keys] = names
    found = groups(names)
    if found is not None:
        code[keys] = found.codes
    return code, found


def _rows(log: EventLog) -> tuple[pd.DataFrame, list[str]]:
    """Events as `case_key, activity, next_activity, wait_days, first_of_step`, activities as places among names (or -1)."""
    import narwhals as nw
    import pandas as pd

    ends = ["activity", "next_activity"]
    events = log.events.select("case_key", *ends, "wait_days", "first_of_step")
    if isinstance(events.collect_schema()["activity"], nw.Enum):
        rows = engine.fetch(events).to_pandas()
        names = sorted({*rows["activity"].cat.categories, *rows["next_activity"].cat.categories})
        return rows.assign(**{end: rows[end].cat.set_categories(names).cat.codes for end in ends}), names
    # An engine that keeps texts would send each of them here, ten times the bytes of a number.
    names = list(log.activities)
    places = engine.table(pd.DataFrame({"name": names, "place": range(len(names))}), log.base.home)
    for end in ends:
        place = places.rename({"name": end, "place": f"{end}_place"})
        coded = nw.col(f"{end}_place").fill_null(-1).cast(nw.Int32())
        events = events.join(place, on=end, how="left").with_columns(coded.alias(f"{end}_place"))
    events = events.select("case_key", *(f"{end}_place" for end in ends), "wait_days", "first_of_step")
    return engine.fetch(events).to_pandas(), names


def _waits(case: Any, step: Any, days: Floats, first: Any, many: int) -> dict[int, tuple[Floats, NDArray[np.int64]]]:
    """For each step, by its number, the mean wait of each case that takes it, and which case that is."""
    # Few cases take a step twice; only theirs need to be put together.
    repeats = np.zeros(int(case.max(initial=0)) + 1, bool)
    repeats[case[~first]] = True
    several = repeats[case]
    key, place = np.unique(case[several].astype(np.int64) * many + step[several], return_inverse=True)
    # Whole microseconds add up to the same in whatever order an engine sends them, so that ties stay ties.
    waits = np.rint(days * MICROSECONDS_A_DAY)
    means = np.bincount(place, waits[several]) / np.bincount(place)
    step, case = np.concatenate([step[~several], key % many]), np.concatenate([case[~several], key // many])
    days = np.concatenate([waits[~several], means]) / MICROSECONDS_A_DAY
    # Numbers of two bytes are put in order in one pass over them.
    order = np.argsort(step.astype(np.min_scalar_type(many)), kind="stable")
    counts = np.bincount(step, minlength=many)
    cut = np.cumsum(counts)[:-1]
    parts, whose = np.split(days[order], cut), np.split(case[order], cut)
    return {int(number): (parts[number], whose[number]) for number in np.flatnonzero(counts)}


class _Shares(NamedTuple):
    cases: int
    other_cases: int
    share: float
    other_share: float
    share_difference: float
    share_low: float
    share_high: float
    share_q: float
    differs: bool


def _shares(one: _Side, two: _Side, step: Step, level: float) -> _Shares:
    """How many take a step on each side, with the p-value where `share_q` will be."""
    here, there = one.cases(step), two.cases(step)
    # As many cases that stand alone as would tell as much.
    less = [side.effect(step) for side in (one, two)]
    share, other = (
        stats.rate(here / less[0], one.of / less[0], level),
        stats.rate(there / less[1], two.of / less[1], level),
    )
    enough = min(one.of, two.of) >= TESTABLE
    gap = stats.rate_difference(share, other) if enough else UNKNOWN
    tested = enough and here + there >= TESTABLE
    counts = (here / less[0], one.of / less[0], there / less[1], two.of / less[1])
    p = stats.exact_rates(*(round(count) for count in counts)) if tested else NAN
    return _Shares(here, there, share.value, other.value, *gap, p, False)


class _Days(NamedTuple):
    median_days: float
    other_median_days: float
    days_difference: float
    days_low: float
    days_high: float
    days_q: float
    days_differ: bool
    larger: float


def _days(one: _Side, two: _Side, step: Step, level: float) -> _Days:
    """How long a step takes on each side, with the p-value where `days_q` will be."""
    here, there = one.days(step), two.days(step)
    median, other = (float(np.median(days)) if len(days) else NAN for days in (here, there))
    if min(len(here), len(there)) < TESTABLE:
        return _Days(median, other, *UNKNOWN, NAN, False, NAN)
    together = one.codes.get(step), two.codes.get(step)
    ranks, gap = stats.rank_sum(here, there, together), stats.mean_difference(here, there, level, together)
    return _Days(median, other, *gap, ranks.p, False, ranks.larger)
