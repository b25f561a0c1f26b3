"""Companies with real queues, in which every what-if has a true answer: the same company run again, with the same luck.

Approvers by region, a pool of lawyers for all regions but one, whose lawyer decides once a week, an order desk; customers
who leave while they wait; everything else at its own pace. Only one time per event is told. All numbers are drawn anew
for every seed; each case has its own random numbers for each activity and visit, whatever is changed around it.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import pandas as pd

MONDAY = np.datetime64("2024-01-01T00:00", "us")
CREATED, QUOTED, DISCOUNT, SENT, REVISED, ACCEPTED, LEGAL, SIGNED, WON, ORDER, INVOICED, PAID, LOST = ACTIVITIES = (
    "Opportunity Created", "Quote Created", "Discount Approved", "Quote Sent", "Quote Revised", "Quote Accepted",
    "Contract Approved", "Contract Signed", "Closed Won", "Sales Order Created", "Invoice Sent", "Payment Received",
    "Closed Lost",
)  # fmt: skip
REGIONS = ("EMEA", "APAC", "Americas", "Japan")
SEGMENTS = ("SMB", "Mid-market", "Enterprise")
VISITS = 4
LEVERS = (
    "approval speed", "second approver", "approval limit", "no batch", "more deals", "faster signing",
    "no legal check for SMB", "legal beside signing",
)  # fmt: skip
# By how much the approval limit rises.
LIMIT = 0.06


@dataclass(frozen=True)
class Office:
    """Hours of work: from `opens` on, `hours` long, Monday to Friday; times in days since a Monday."""

    opens: float
    hours: float = 8.0

    def worked(self, time: float) -> float:
        """Hours worked since day 0."""
        day = int(time // 1)
        full = day // 7 * 5 + min(day % 7, 5)
        within = min(max((time - day) * 24 - self.opens, 0.0), self.hours) if day % 7 < 5 else 0.0
        return full * self.hours + within

    def moment(self, worked: float) -> float:
        """When so many hours have been worked."""
        full, within = divmod(worked, self.hours)
        if within < 1e-9 and full > 0:
            full, within = full - 1, self.hours
        return full // 5 * 7 + full % 5 + (self.opens + within) / 24

    def after(self, time: float, hours: float) -> float:
        """When work of so many hours begun at a time is done."""
        return max(self.moment(self.worked(time) + hours), time)


@dataclass(frozen=True, eq=False)
class Staff:
    """One who serves: hours of a piece, when they work, and, of one who decides once a week, when in the week (days)."""

    name: str
    hours: float
    office: Office
    batch: float | None = None


@dataclass(frozen=True, eq=False)
class Company:
    """What a seed draws, and what a change alters."""

    seed: int
    rate: float
    days: int
    regions: tuple[float, ...]
    limit: float
    # Mean days of each own pace, by the activity that it leads to, and how much they scatter.
    pace: dict[str, float]
    spread: float
    enterprise: float
    accept: float
    revise: float
    leave: dict[str, float]
    shape: float
    # Whether work on those who have left is done all the same.
    in_vain: bool
    # Who serves at a desk, by region.
    desks: dict[str, dict[int, tuple[Staff, ...]]]
    batched: int
    more: float = 0.0
    skipped: int | None = None
    beside: bool = False
    factor: dict[str, float] = field(default_factory=dict)
    # The company that it becomes, and on which day.
    later: Company | None = None
    since: float = np.inf

    @property
    def luck(self) -> dict[str, np.ndarray]:
        """Random numbers of the cases; those of more cases come last and change nothing of the first."""
        n = int(self.rate * self.days)
        first = _luck(self.seed, 0, n, self.days)
        if self.later is None or not self.later.more:
            return first
        extra = _luck(self.seed, 1, n, self.days)
        some = np.flatnonzero((np.arange(n) < self.later.more * n) & (extra["start"] >= self.since))
        return {k: np.concatenate([v, extra[k][some]]) for k, v in first.items()}


@lru_cache(4)
def _luck(seed: int, part: int, many: int, days: int) -> dict[str, np.ndarray]:
    r = np.random.default_rng([seed, 1, part])
    start = r.uniform(0, days, many)
    # Few deals come at the weekend.
    start = np.abs(np.where((start % 7 >= 5) & (r.random(many) < 0.8), start - 2 - r.random(many) * 3, start))
    about = {name: r.random(many) for name in ("region", "segment")}
    about |= {
        "start": start,
        "discount": 0.4 * r.beta(2, 4, many),
        "u": r.random((many, len(ACTIVITIES), VISITS, 3), np.float32),
    }
    return about


def company(seed: int, *, days: int = 500, rate: float | None = None) -> Company:
    """Draw a company."""
    r = np.random.default_rng([seed, 0])
    regions = r.dirichlet(np.full(r.integers(3, 5), 12.0))
    rate = float(r.uniform(7, 11)) if rate is None else rate
    zones = r.choice([8.0, 9.0, 10.0], len(regions)) + (r.integers(-3, 4, len(regions)) if r.random() < 0.5 else 0)
    head = float(r.choice([8.0, 9.0, 10.0]))
    limit = float(r.choice([0.08, 0.10, 0.12]))
    asked = float((_luck(0, 0, 9999, 1)["discount"] > limit).mean())
    accept = float(r.uniform(0.55, 0.75))
    revise = float(r.choice([0.0, 0.12]))
    # Hours of a piece such that each desk is as busy as drawn (working hours a day: 8 × 5 / 7).
    day = 8 * 5 / 7
    busy = r.permutation(np.r_[r.uniform(0.88, 0.95), r.uniform(0.7, 0.88, len(regions) - 1)])
    approvers = {
        g: (
            Staff(
                f"approver {g}", float(busy[g] * day / (rate * share * asked * (1 + revise))), Office(float(zones[g]))
            ),
        )
        for g, share in enumerate(regions)
    }
    batched, pool = int(np.argmin(regions)), int(r.integers(2, 4))
    week, hour = int(r.integers(2, 5)), float(r.integers(12, 16))
    # With the cases of the one who decides once a week the pool would be nearly full, or have room.
    together = float(r.uniform(0.97, 1.03) if r.random() < 0.5 else r.uniform(0.7, 0.8))
    lawyer = float(together * pool * day / (rate * accept * 0.95))
    lawyers = tuple(Staff(f"lawyer {k}", lawyer, Office(head)) for k in range(pool))
    weekly = (Staff("weekly lawyer", float(r.uniform(0.03, 0.15)), Office(head), week + hour / 24),)
    clerk = float(r.uniform(0.5, 0.8) * 2 * day / (rate * accept * 0.9))
    clerks = tuple(Staff(f"clerk {k}", clerk, Office(head)) for k in range(2))
    pace = {QUOTED: r.uniform(3, 7), SENT: r.uniform(0.2, 0.8), REVISED: r.uniform(5, 9), ACCEPTED: r.uniform(7, 14),
            SIGNED: r.uniform(6, 11), WON: r.uniform(0.3, 1.0), INVOICED: r.uniform(2, 5), PAID: r.uniform(20, 40),
            LOST: r.uniform(10, 25)}  # fmt: skip
    return Company(
        seed, rate, days, tuple(regions), limit, {k: float(v) for k, v in pace.items()}, float(r.uniform(0.5, 0.9)),
        float(r.uniform(1.1, 1.5)), accept, revise,
        {DISCOUNT: float(r.uniform(0.01, 0.04)), LEGAL: float(r.uniform(0.005, 0.02)), ORDER: 0.0},
        float(r.choice([1.5, 3.0, 8.0])), bool(r.random() < 0.5),
        {DISCOUNT: approvers, LEGAL: {g: weekly if g == batched else lawyers for g in range(len(regions))},
         ORDER: dict.fromkeys(range(len(regions)), clerks)},
        batched,
    )  # fmt: skip


def busiest(of: Company) -> int:
    """The region whose approver has most to do."""
    return max(of.desks[DISCOUNT], key=lambda g: of.regions[g] * of.desks[DISCOUNT][g][0].hours)


def changed(of: Company, lever: str, since: float) -> Company:
    """The company in which one of `LEVERS` is pulled on a day."""
    return replace(of, later=_pulled(of, lever), since=since)


def _pulled(of: Company, lever: str) -> Company:
    approvers, legal, region = of.desks[DISCOUNT], of.desks[LEGAL], busiest(of)
    if lever == "approval speed":
        faster = {g: tuple(replace(s, hours=s.hours / 2) for s in staff) for g, staff in approvers.items()}
        return replace(of, desks=of.desks | {DISCOUNT: faster})
    if lever == "second approver":
        second = (*approvers[region], replace(approvers[region][0], name="second approver"))
        return replace(of, desks=of.desks | {DISCOUNT: approvers | {region: second}})
    if lever == "no batch":
        pool = next(staff for g, staff in legal.items() if g != of.batched)
        return replace(of, desks=of.desks | {LEGAL: dict.fromkeys(legal, pool)})
    others = {
        "approval limit": {"limit": of.limit + LIMIT}, "more deals": {"more": 0.2}, "faster signing": {"factor": {SIGNED: 0.5}},
        "no legal check for SMB": {"skipped": 0}, "legal beside signing": {"beside": True},
    }  # fmt: skip
    return replace(of, **others[lever])


@dataclass(frozen=True, eq=False)
class Story:
    """What happened: events (`case, activity, time, actor`, in days), and what is known of the cases."""

    events: pd.DataFrame
    cases: pd.DataFrame

    def days_to_win(self, since: float, until: float, most: int) -> tuple[float, float]:
        """Mean days to the win, and the share won, of the first so many cases created between two days."""
        some = self.cases.index[
            (self.cases["start"] >= since) & (self.cases["start"] < until) & (self.cases.index < most)
        ]
        won = self.events[self.events["activity"] == WON].set_index("case")["time"].reindex(some).dropna()
        return float((won - self.cases["start"].loc[won.index]).mean()), len(won) / len(some)

    def log(self, until: float = np.inf):
        """What is known on a day, as a log."""
        from l2c.log import build

        rows = self.events[self.events["time"] <= until]
        about = self.cases[["region", "segment", "discount", "amount"]].loc[rows["case"]].reset_index(drop=True)
        time = MONDAY + np.round(rows["time"].to_numpy() * 86400).astype("timedelta64[s]")
        table = pd.DataFrame({"case_id": rows["case"].map("c{:05d}".format).to_numpy(), "activity": rows["activity"].to_numpy(),
                              "time": time, "actor": rows["actor"].to_numpy()})  # fmt: skip
        end = None if np.isinf(until) else (MONDAY + np.timedelta64(round(until * 86400), "s")).item()
        return build(pd.concat([table, about], axis=1), extracted=end)


def run(of: Company) -> Story:
    """Let the company work, event by event, until the last case has ended."""
    luck = of.luck
    n, start, u = len(luck["start"]), luck["start"], luck["u"]
    region = np.searchsorted(np.cumsum(of.regions)[:-1], luck["region"], "right")
    segment = np.searchsorted([0.5, 0.8], luck["segment"], "right")
    discount = np.round(luck["discount"], 3)
    # Lists: numbers are taken out one by one.
    paces = [_paces(each, u, segment).tolist() for each in ((of,) if of.later is None else (of, of.later))]
    service, patience = _services(of, u).tolist(), (-np.log(u[..., 2])).tolist()
    code = {name: k for k, name in enumerate(ACTIVITIES)}
    visits, fates = [[0] * len(ACTIVITIES) for _ in range(n)], u[:, code[SENT], :, :2].tolist()
    where, sizes, discounts = region.tolist(), segment.tolist(), discount.tolist()
    out: list[tuple[int, str, float, str | None]] = []
    heap: list[tuple[float, int, str, object]] = [(start[i], i, CREATED, None) for i in range(n)]
    if of.later is not None:
        heap.append((of.since, -1, "changes", None))
    heapq.heapify(heap)
    now_is, pace = of, paces[0]
    lying: dict[tuple[str, tuple[Staff, ...]], deque] = {}
    free = {(name, staff): list(staff) for name, by in of.desks.items() for staff in by.values()}
    left: set[tuple[int, str, int]] = set()
    done: set[tuple[int, str, int]] = set()
    # Cases whose contract goes to the lawyers and to the customer at once, and how many of the two are done.
    beside: dict[int, int] = {}

    def ask(i: int, name: str, now: float) -> None:
        visit = min(visits[i][code[name]], VISITS - 1)
        piece, staff = (i, name, visit), now_is.desks[name][where[i]]
        if of.leave[name] > 0:
            heapq.heappush(heap, (now + patience[i][code[name]][visit] / of.leave[name], i, "leaves", piece))
        lying.setdefault((name, staff), deque()).append(piece)
        take(name, staff, now)

    def take(name: str, staff: tuple[Staff, ...], now: float) -> None:
        queue, idle = lying.get((name, staff), ()), free[name, staff]
        while queue and idle:
            piece = queue.popleft()
            if piece in left and not of.in_vain:
                continue
            who = idle.pop(0)
            i, _, visit = piece
            hours = who.hours * service[i][code[name]][visit]
            if who.batch is None:
                end = who.office.after(now, hours)
            else:
                # He decides once a week, one after the other; what lies there by then.
                taken = now if _in_go(now, who.batch) else now + (who.batch - now) % 7
                end = taken + hours / 24
            heapq.heappush(heap, (end, i, "done", (piece, staff, who)))

    while heap:
        now, i, what, more = heapq.heappop(heap)
        if what == "changes":
            now_is, pace, moved = of.later, paces[1], []
            for key in [key for key in free if key[1] not in now_is.desks[key[0]].values()]:
                moved += lying.pop(key, ())
                del free[key]
            for name, by in now_is.desks.items():
                free |= {(name, staff): list(staff) for staff in by.values() if (name, staff) not in free}
            for piece in moved:
                key = piece[1], now_is.desks[piece[1]][where[piece[0]]]
                lying.setdefault(key, deque()).append(piece)
            for key in [key for key in lying if key in free]:
                take(*key, now)
            continue
        if what == "leaves":
            if more not in done:
                left.add(more)
                out.append((i, LOST, now, None))
            continue
        actor = None
        if what == "done":
            piece, staff, who = more
            free.get((piece[1], staff), []).append(who)
            what, actor = piece[1], who.name
            if piece not in left:
                done.add(piece)
        if actor is None or piece not in left:
            k, visit = code[what], min(visits[i][code[what]], VISITS - 1)
            visits[i][k] += 1
            own = what in (QUOTED, SENT, REVISED, INVOICED)
            out.append((i, what, now, actor or (f"rep {where[i]}{i % 3}" if own else None)))
            if what == ACCEPTED and now_is.beside and now_is.skipped != sizes[i]:
                beside[i] = 0
            for then in _then(now_is, what, visit, fates[i][visit], discounts[i], sizes[i], i in beside):
                if then in of.desks:
                    ask(i, then, now)
                else:
                    at = now + pace[i][code[then]][min(visits[i][code[then]], VISITS - 1)]
                    if what in (LEGAL, SIGNED) and i in beside:
                        # What comes next waits for the later of the two.
                        beside[i] += 1
                        if beside[i] < 2:
                            continue
                    heapq.heappush(heap, (at, i, then, None))
        if actor is not None and (piece[1], staff) in free:
            take(piece[1], staff, now)
    events = pd.DataFrame(out, columns=["case", "activity", "time", "actor"])
    # Who left while the signature was on its way does not sign.
    gone = events[events["activity"] == LOST].set_index("case")["time"]
    events = events[~(events["time"] > events["case"].map(gone).fillna(np.inf))].reset_index(drop=True)
    cases = pd.DataFrame({"start": start, "region": np.array(REGIONS)[region], "segment": np.array(SEGMENTS)[segment],
                          "discount": discount, "amount": np.round(np.exp(9 + 0.8 * segment + luck["segment"]), 0)})  # fmt: skip
    return Story(events, cases)


def _in_go(now: float, batch: float) -> bool:
    """Whether the weekly hour has begun, within the five hours that it lasts at most."""
    return (now - batch) % 7 < 1e-9 or (now - batch) % 7 < 5 / 24


def _then(
    of: Company, what: str, visit: int, u: list[float], discount: float, segment: int, beside: bool
) -> tuple[str, ...]:
    """What comes next; several where they go beside each other."""
    legal = (SIGNED,) if of.skipped == segment else (LEGAL, SIGNED) if beside else (LEGAL,)
    approval = (DISCOUNT,) if discount > of.limit else (SENT,)
    fate = u[0] < of.revise if visit < VISITS - 1 else False
    after_sent = (REVISED,) if fate else (ACCEPTED,) if u[1] < of.accept else (LOST,)
    after_legal = (WON,) if beside else (SIGNED,)
    return {CREATED: (QUOTED,), QUOTED: approval, REVISED: approval, DISCOUNT: (SENT,), SENT: after_sent, ACCEPTED: legal,
            LEGAL: after_legal, SIGNED: (WON,), WON: (ORDER,), ORDER: (INVOICED,), INVOICED: (PAID,)}.get(what, ())  # fmt: skip


def _paces(of: Company, u: np.ndarray, segment: np.ndarray) -> np.ndarray:
    """Days of each case, activity and visit at its own pace."""
    from scipy.special import ndtri

    mean = np.array([of.pace.get(name, 0.0) * of.factor.get(name, 1.0) for name in ACTIVITIES])
    slow = np.where(segment == 2, of.enterprise, 1.0)[:, None, None]
    return mean[None, :, None] * slow * np.exp(of.spread * ndtri(u[..., 2]) - of.spread**2 / 2)


def _services(of: Company, u: np.ndarray) -> np.ndarray:
    """Length of each piece of work against the mean."""
    from scipy.special import gammaincinv

    out = np.ones(u.shape[:3])
    for name in of.desks:
        out[:, ACTIVITIES.index(name)] = gammaincinv(of.shape, u[:, ACTIVITIES.index(name), :, 1]) / of.shape
    return out
