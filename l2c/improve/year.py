"""What does a year of cases come to: days, wins, work under way, and the money, month by month?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2c.diagnose.waits.desks import QUEUE
from l2c.improve import measures
from l2c.improve.queues import Desk
from l2c.improve.run import Paths
from l2c.improve.starts import Starts, drawn, standing, together
from l2c.improve.twin import Twin
from l2c.log import EventLog
from l2c.measures.facts import Facts
from l2c.words import matching

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
A_YEAR = 365.0
FIGURES = (
    *measures.FIGURES,
    measures.Figure("contract_to_order_days", "median"),
    measures.Figure("lead_to_cash_days", "median"),
)


class Row(NamedTuple):
    """What a number is: its measure, what it is about (a step, a desk, a month, or nothing), and its unit."""

    measure: str
    about: str
    unit: str


@dataclass(frozen=True, eq=False)
class Year:
    """The time that is looked at, in days of the twin.

    Attributes
    ----------
    since, until
        Between these days the cases begin that count, and the money comes that counts.
    horizon
        Until then they are followed.
    months
        The first days of the months, as dates and as days, with the end as the last.
    scale
        How many cases each one stands for.
    """

    since: float
    until: float
    horizon: float
    months: tuple[tuple[date, float], ...]
    scale: float = 1.0

    def starts(self, twin: Twin, seed: int) -> Starts:
        """All cases as they stand at the end of watching, and those that may begin from then on."""
        new = drawn(twin.stays, twin.until, self.until, seed=seed)
        return together(standing(twin.stays, seed=seed), new)

    def counted(self, starts: Starts) -> Ints:
        """The cases that begin in the year."""
        begun = starts.time if starts.begun is None else starts.begun
        return np.flatnonzero((begun >= self.since) & (begun < self.until))


def year(twin: Twin, since: date | None = None, scale: float = 1.0) -> Year:
    """The year that begins on a day; with the end of watching unless a later day is given."""
    stays = twin.stays
    origin = date.fromordinal(date(1970, 1, 1).toordinal() + stays.days.origin)
    first = np.ceil(stays.until) if since is None else max(np.ceil(stays.until), float((since - origin).days))
    begin = date.fromordinal(origin.toordinal() + int(first))
    months = [begin]
    while len(months) < 13:
        months.append(_month_later(begin, len(months)))
    days = tuple((month, float((month - origin).days)) for month in months)
    return Year(float(first), days[-1][1], days[-1][1] + A_YEAR, days, scale)


def _month_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    last = [31, 29 if (day.year + years) % 4 == 0 else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month]
    return date(day.year + years, month + 1, min(day.day, last))


@dataclass(frozen=True, eq=False)
class Account:
    """What is told of each run, a number per row.

    Attributes
    ----------
    amounts
        Of the cases of the stays; empty where the log has none, or several currencies.
    amount, discount
        Places of the two among the attributes of the stays, which know them of cases that come to have them; -1 where they do not.
    teams
        The desks, each with a name for each of its groups.
    """

    twin: Twin
    year: Year
    rows: tuple[Row, ...]
    amounts: Floats
    amount: int
    discount: int
    teams: tuple[tuple[int, int, str], ...]

    @property
    def _short(self) -> list[int]:
        """The rows of which levers are told."""
        return [k for k, row in enumerate(self.rows) if row[:2] in (("days_to_win", ""), ("cash_received", ""))]

    @property
    def brief(self) -> Account:
        """The days to the win and the cash of the year alone."""
        return replace(self, rows=tuple(self.rows[k] for k in self._short))

    def short(self, told: Floats) -> Floats:
        """Of the numbers of one run, those of `brief`."""
        return told[self._short]

    def told(
        self,
        paths: Paths,
        starts: Starts,
        desks: tuple[Desk, ...],
        discounts: Floats | None = None,
        *,
        brief: bool = False,
    ) -> Floats:
        """The numbers of one run.

        Parameters
        ----------
        desks
            As they were in the run.
        discounts
            What each case gets instead of its own discount.
        brief
            The numbers of `brief` alone.
        """
        twin, span = self.twin, self.year
        counted = span.counted(starts)
        place = np.full(len(starts), -1)
        place[counted] = np.arange(len(counted))
        rows = np.flatnonzero(place[paths.case] >= 0)
        own = Paths(place[paths.case[rows]], paths.activity[rows], paths.time[rows])
        waits = () if brief else _waits(own, len(twin.activities), len(counted))
        # What a change adds has no number among the activities that the measures know.
        own = own.only(own.activity < len(twin.activities))
        times = measures.Times.of(own, twin.stays, len(counted), span.horizon)
        days = _days_to_win(times, starts.time[counted])
        if brief:
            money = self._money(paths, starts, discounts) if len(self._short) > 1 else np.empty(0)
            return np.append(days, money[int(measures.WON in twin.activities)] if len(money) else [])
        found = [*measures.figures(times, FIGURES), days]
        found += [_open(paths, starts, span) * span.scale]
        found += list(waits)
        found += [_busy(twin, paths, starts, desks, activity, group, span) for activity, group, _ in self.teams]
        if len(self.amounts):
            found += list(self._money(paths, starts, discounts))
        return np.array(found, np.float64)

    def _money(self, paths: Paths, starts: Starts, discounts: Floats | None) -> Floats:
        """Amount won, and money that comes, in all and by month; an amount moves with its discount."""
        names, edges = self.twin.activities, np.array([day for _, day in self.year.months])
        amount = self.amounts[starts.like] if self.amount < 0 else starts.values[:, self.amount]
        amount = np.where(np.isfinite(amount), amount, 0.0)
        if discounts is not None and self.discount >= 0:
            before = starts.values[:, self.discount]
            known = np.isfinite(before) & (before < 1)
            amount = np.where(known, amount * (1 - discounts) / np.where(known, 1 - before, 1.0), amount)
        inside = (paths.time >= edges[0]) & (paths.time < edges[-1])
        found = []
        if measures.WON in names:
            won = np.unique(paths.case[(paths.activity == names.index(measures.WON)) & inside])
            found.append(float(amount[won].sum()))
        if measures.PAID in names:
            code = names.index(measures.PAID)
            paid = paths.activity == code
            # Of several payments each brings a part, those that came before included.
            many = np.bincount(paths.case[paid], minlength=len(starts))
            many = many if starts.counts is None else many + starts.counts[:, code]
            rows = np.flatnonzero(paid & inside)
            part = amount[paths.case[rows]] / many[paths.case[rows]]
            month = np.searchsorted(edges, paths.time[rows], "right") - 1
            cash = np.bincount(month, part, len(edges) - 1)
            found += [cash.sum(), *cash]
        return np.array(found) * self.year.scale


def account(twin: Twin, year: Year, log: EventLog) -> Account:
    """What can be told of runs of the twin of a log."""
    names = [attribute.name for attribute in twin.stays.attributes]
    amount, discount = (names.index(name) if name in names else -1 for name in ("amount", "discount"))
    amounts = np.empty(0)
    if log.one_currency and "amount" in log.attributes:
        facts = Facts.of(type(log)(log.base))
        known = facts.number("amount")[np.searchsorted(facts.keys, twin.stays.keys)]
        amounts = np.where(np.isfinite(known), known, np.nanmean(known)) if np.isfinite(known).any() else amounts
    rows = [
        Row(figure.measure, "" if figure.of in ("share", "median") else figure.of, figure.unit) for figure in FIGURES
    ]
    rows += [Row("days_to_win", "", "day"), Row("open_cases", "", "count")]
    rows += [Row("waiting_days", name, "day") for name in twin.activities]
    teams = () if twin.hall is None else tuple(_teams(twin))
    rows += [Row("busy_share", name, "fraction") for _, _, name in teams]
    if len(amounts):
        if measures.WON in twin.activities:
            rows.append(Row("won_amount", "", "money"))
        if measures.PAID in twin.activities:
            rows.append(Row("cash_received", "", "money"))
            rows += [Row("cash_received", day.isoformat(), "money") for day, _ in year.months[:-1]]
    return Account(twin, year, tuple(rows), amounts, amount, discount, teams)


def _teams(twin: Twin) -> list[tuple[int, int, str]]:
    """Each group of each desk in which work queues, named by its activity and by the value that leads there."""
    found = []
    for desk in twin.hall.desks if twin.hall is not None else ():
        groups = sorted({g for s, g in zip(desk.servers, desk.group, strict=True) if s.kind == QUEUE})
        name = twin.activities[desk.activity]
        for group in groups:
            route = twin.stays.attributes[desk.column] if desk.column >= 0 else None
            values = [int(value) for value, g in sorted(desk.values.items()) if g == group]
            # Names of people stand in no table.
            hidden = route is None or matching.is_person(route.name)
            whom = [str(group + 1)] if hidden else [str(route.labels[value]) for value in values if route is not None]
            found.append((desk.activity, group, f"{name} ({', '.join(whom)})" if whom and len(groups) > 1 else name))
    return found


def _days_to_win(times: measures.Times, begun: Floats) -> float:
    """Mean days from the deal, or where there is none from the first event, to the win, of those that are won."""
    won, created = times.won, times.first(measures.OPPORTUNITY)
    begin = np.where(np.isfinite(created), created, begun)
    some = np.isfinite(won)
    return float((won[some] - begin[some]).mean()) if some.any() else float("nan")


def _open(paths: Paths, starts: Starts, year: Year) -> float:
    """Cases under way at the end of the year, of which something still comes."""
    last = np.full(len(starts), -np.inf)
    np.maximum.at(last, paths.case, paths.time)
    begun = starts.time if starts.begun is None else starts.begun
    return float(((begun <= year.until) & (last > year.until)).sum())


def _waits(paths: Paths, kinds: int, cases: int) -> Floats:
    """Days that a case waits for each activity, in the mean over all cases."""
    later = np.flatnonzero(np.diff(paths.case) == 0) + 1
    days = paths.time[later] - paths.time[later - 1]
    return np.bincount(paths.activity[later], days, kinds)[:kinds] / max(cases, 1)


def _busy(
    twin: Twin, paths: Paths, starts: Starts, desks: tuple[Desk, ...], activity: int, group: int, year: Year
) -> float:
    """Part of the open hours of a group that is spent on what it finishes within the year."""
    desk = next(desk for desk in desks if desk.activity == activity)
    own = [s for s, g in zip(desk.servers, desk.group, strict=True) if g == group and s.kind == QUEUE]
    if not own:
        return float("nan")
    done = (paths.activity == activity) & (paths.time >= year.since) & (paths.time < year.until)
    mine = desk.groups(starts.values[paths.case[done]]) == group
    part = sum(s.pieces for s in own) / sum(
        s.pieces for s, g in zip(desk.servers, desk.group, strict=True) if g == group
    )
    work = float(mine.sum()) * part * float(np.mean([s.service.mean() for s in own]))
    weeks = (year.until - year.since) / 7
    return work / (sum(s.hours.a_week for s in own) / 24 * weeks)
