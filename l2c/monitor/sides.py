"""What began in the window before a date, and what in the one after it, each known up to the end of its window?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np

from l2c import engine, stats
from l2c.log import EventLog
from l2c.measures.facts import DAY, Facts, micros
from l2c.measures.followed import horizon
from l2c.measures.observations import observations
from l2c.measures.spans import OTHERWISE, Observations
from l2c.measures.summary import summary
from l2c.monitor.adjusted import Adjusted, Series, placebos, series, step, summed
from l2c.prepare import options
from l2c.stats import SMALLEST_SAMPLE, UNKNOWN, Estimate
from l2c.words.errors import BadComparison, BadOption

# Both sides are compared up to the day to which this share of their cases could have been watched.
WATCHED = 0.1

Seen = tuple[Observations, Observations]


@dataclass(frozen=True, eq=False)
class Sides:
    """Two windows of equal length on both sides of a date.

    Attributes
    ----------
    facts
        The cases as they were known at the end of each window.
    change, width, since
        The date, the length of each window, and since when cases are looked at for trend and season, in microseconds.
    """

    facts: tuple[Facts, Facts]
    change: int
    width: int
    since: int

    @property
    def windows(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Beginning and end of each window."""
        return (self.change - self.width, self.change), (self.change, self.change + self.width)

    def only(self, some: np.ndarray) -> Sides:
        """The same for some of the cases."""
        before, after = (facts.only(some) for facts in self.facts)
        return Sides((before, after), self.change, self.width, self.since)

    def seen(self, id: str) -> Seen:
        """What was seen of a measure by the end of each window."""
        before, after = (observations(facts, id) for facts in self.facts)
        return before, after

    def inside(self, seen: Seen) -> Seen:
        """What of it began in each window."""
        before, after = (
            found.only((found.start >= begin) & (found.start < end))
            for found, (begin, end) in zip(seen, self.windows, strict=True)
        )
        return before, after


class Told(NamedTuple):
    """What a measure was before and after, their plain difference, and the step at the date beside trend, season and mix.

    `line` is the series in which the step was looked for, None where there is too little.
    """

    before: Estimate
    after: Estimate
    raw: Estimate
    cases: tuple[int, int]
    horizon: float
    step: Adjusted = Adjusted()
    line: Series | None = None


def sides(log: EventLog, change: int, days: float | None = None) -> Sides:
    """Cut a log at a moment (see `moment`).

    Raises
    ------
    BadComparison
        If the date leaves no room for windows of so many days.
    """
    first, last = micros(began(log)), micros(log.extracted)
    # A log of a single moment has no before and no after.
    width = _width(change, first, last, days) if last > first else 0
    facts = Facts.of(log, until=change), Facts.of(log, until=change + width)
    return Sides(facts, change, width, max(first, facts[1].history_start or first))


def told(cut: Sides, seen: Seen, level: float) -> Told:
    """Compare a measure before and after."""
    found = plain(cut, seen, level)
    if not any(found.cases):
        return found
    line = series(cut.facts[1], seen[1], cut.change, cut.since, cut.change + cut.width)
    return found if line is None else found._replace(step=summed(line, step(line), placebos(line), level), line=line)


def plain(cut: Sides, seen: Seen, level: float, most: float = float("inf")) -> Told:
    """A measure before and after as they stand, within so many days at the `most`."""
    inside = cut.inside(seen)
    if seen[1].kind == "duration":
        return _durations(cut, inside, level, most, refused=any(each.refused for each in seen))
    return _rates(inside, cut.width, level, most)


def _durations(cut: Sides, inside: Seen, level: float, most: float, *, refused: bool) -> Told:
    """Restricted mean durations of what began in each window."""
    before, after = (int((each.how != OTHERWISE).sum()) for each in inside)
    if min(map(len, inside)) < SMALLEST_SAMPLE or refused:
        return Told(UNKNOWN, UNKNOWN, UNKNOWN, (before, after), float("nan"))
    ends = (end for _, end in cut.windows)
    follows = [f.elapsed(d.case, d.start, end) for f, d, end in zip(cut.facts, inside, ends, strict=True)]
    limit = min(most, *map(_followed_for, follows))
    means = [stats.restricted_mean_among(d.value, d.how, limit, d.entry, d.account) for d in inside]
    exact = stats.Mean(0.0, 0.0)
    earlier, later = (stats.difference(mean, exact, level) for mean in means)
    return Told(earlier, later, stats.difference(means[1], means[0], level), (before, after), limit)


def _followed_for(follow: np.ndarray) -> float:
    """Days for which at least 20 cases and a tenth of them could have been watched, whatever became of them."""
    enough = max(SMALLEST_SAMPLE, int(np.ceil(WATCHED * len(follow))))
    return float(np.sort(follow)[-enough])


def _rates(inside: Seen, width: int, level: float, most: float) -> Told:
    days, within = width / DAY, None
    if inside[0].kind == "incidence":
        # Both sides are asked what got there within the same days.
        within = min(horizon(found) for found in inside)
        within = most if most < within else within
        days = within if within == within else days
    before, after = (summary(found, level, within=within) for found in inside)
    cases = (before.cases, after.cases)
    if min(cases) < SMALLEST_SAMPLE:
        return Told(UNKNOWN, UNKNOWN, UNKNOWN, cases, width / DAY if within is None else days)
    change = stats.rate_difference(after.estimate, before.estimate)
    return Told(before.estimate, after.estimate, change, cases, days)


def moment(date: str | datetime, log: EventLog) -> int:
    """A date as a moment: the beginning of that day where the business is, in microseconds.

    Raises
    ------
    BadComparison, BadOption
        If it is no date, or may be two.
    """
    if isinstance(date, str) and re.fullmatch(r"\d{4}-\d{2}", date):
        date += "-01"
    try:
        found = options.moment("change", date, log.zone)
    except BadOption as error:
        if error.made_by == BadOption.two_ways.__qualname__:
            raise
        raise BadComparison.date(date) from None
    if found is None:
        raise BadComparison.date(date)
    return micros(log.clock.utc(found) if options.is_date(date) else found)


def _width(change: int, first: int, last: int, days: float | None) -> int:
    """Length of the windows, in microseconds."""
    room = min(change - first, last - change)
    wanted = room if days is None else int(days * DAY)
    if wanted > room or wanted <= 0:
        raise BadComparison.room(days, (change - first) / DAY, (last - change) / DAY)
    return wanted


def began(log: EventLog) -> datetime:
    """When the first case began; the extraction where there is none."""
    import narwhals as nw
    import pandas as pd

    first = engine.collect(log.cases.select(nw.col("started").min()))["started"].iloc[0]
    start = log.extracted if pd.isna(first) else first.to_pydatetime()
    return start
