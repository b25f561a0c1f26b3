"""Desks in a run: pieces worked out by hand, and queues against their theory."""

import math

import numpy as np
import pytest

from l2c.improve.exits import Exits
from l2c.improve.hours import ALWAYS, Hours
from l2c.improve.queues import Desk, Server, serve
from l2c.improve.staffing import added, faster, opened, unbatched

# Nine to five, Monday to Friday; day 0 is a Monday.
OFFICE = Hours(9 / 24, 8 / 24)
NINE, HOUR = 9 / 24, 1 / 24


def server(*hours, name="Ann", kind="queue", clock=OFFICE, pieces=1, goes=()):
    return Server(name, kind, clock, np.array(hours) * HOUR, pieces, goes)


def done(servers, asked, u=None, leaves=None, pick=None):
    """Days and hours at which pieces are done, asked for in days, and whether they were."""
    n = len(asked)
    found, stays = serve(
        servers,
        np.array(asked, float),
        np.full(n, 1e7) if leaves is None else np.array(leaves),
        np.zeros(n) if u is None else np.array(u, float),
        np.zeros(n) if pick is None else np.array(pick, float),
    )
    return [(int(t + 1e-9), round(float((t % 1) * 24), 5)) for t in found], stays.tolist()


def test_one_server_works_through_the_queue_in_office_hours():
    # Four hours each, asked for on Monday at 9, 9 and 10, and on Friday at 16: 13, 17, Tuesday 13, Monday 12
    times, stays = done([server(4)], [NINE, NINE, NINE + HOUR, 4 + 16 * HOUR])
    assert times == [(0, 13), (0, 17), (1, 13), (7, 12)]
    assert all(stays)


def test_whoever_is_free_first_takes_the_next():
    # Two of them; two hours, four hours, two hours, all at 9: 11 by the first, 13 by the second, 13 by the first again
    servers = [server(2, 4), server(2, 4, name="Bo")]
    assert done(servers, [NINE] * 3, u=[0, 1, 0])[0] == [(0, 11), (0, 13), (0, 13)]


def test_who_could_begin_first_takes_the_next_where_hours_differ():
    early = Hours(5 / 24, 8 / 24)
    servers = [server(2), server(2, name="Bo", clock=early)]
    # Asked at 6: Bo is there. At 7 he is busy until 8 and takes it then, for Ann comes at 9. At 12 Ann is free; at 20 nobody is
    # there, and Bo comes first.
    times, _ = done(servers, [6 * HOUR, 7 * HOUR, 12 * HOUR, 20 * HOUR])
    assert times == [(0, 8), (0, 10), (0, 14), (1, 7)]


def test_who_leaves_takes_no_time():
    # The second leaves at 10, while the first is being done until 13; the third is next
    times, stays = done([server(4)], [NINE, NINE, NINE], leaves=[9.0, NINE + HOUR, 9.0])
    assert times[::2] == [(0, 13), (0, 17)]
    assert stays == [True, False, True]


def test_work_lies_until_the_day_of_the_batch():
    friday = (np.array([4 + 14 * HOUR]),)
    # Half an hour each: two asked for on Monday and Tuesday are done on Friday at 14:30 and 15:00; one on Friday at 14:40 goes
    # with them, one at 16:00 waits a week
    one = server(0.5, kind="batch", goes=friday)
    times, _ = done([one], [NINE, 1.5, 4 + 14 * HOUR + 40 / 1440, 4 + 16 * HOUR])
    assert times == [(4, 14.5), (4, 15), (4, 15.5), (11, 14.5)]


def test_own_pace_has_no_queue():
    assert done([server(6, kind="pace")], [NINE, NINE])[0] == [(0, 15), (0, 15)]


def test_who_batches_among_those_who_queue_takes_the_part_that_was_theirs():
    servers = [server(1, pieces=3), server(0.5, name="Bo", kind="batch", pieces=1, goes=(np.array([4.5]),))]
    # A quarter of the pieces are Bo's: numbers below .25
    times, _ = done(servers, [NINE, NINE], pick=[0.9, 0.1])
    assert times == [(0, 10), (4, 12.5)]


def test_hours_there_and_back():
    times = np.sort(np.random.default_rng(0).uniform(0, 400, 500))
    for clock in (OFFICE, ALWAYS, Hours(22 / 24, 0.25, (True, False, True, True, False, False, False))):
        worked = clock.worked(times)
        assert (np.diff(worked) >= -1e-12).all()
        assert clock.worked(clock.moments(worked + 0.01)) == pytest.approx(worked + 0.01)
        assert [float(clock.moment()(w)) for w in worked] == pytest.approx(clock.moments(worked).tolist())
    # A week has forty hours
    assert OFFICE.worked(np.array([7.0])) - OFFICE.worked(np.array([0.0])) == pytest.approx(40 / 24)
    assert OFFICE.a_week == pytest.approx(40)


def erlang(k, rate, mu):
    """Mean wait of M/M/k (Erlang C)."""
    load = rate / mu
    last = load**k / math.factorial(k) * k / (k - load)
    chance = last / (sum(load**i / math.factorial(i) for i in range(k)) + last)
    return chance / (k * mu - rate)


def waits(k, rate, draw, seed, n=40_000):
    r = np.random.default_rng(seed)
    asked = np.cumsum(r.exponential(1 / rate, n))
    u = r.random(n)
    sample = np.sort(draw(r, 20_000))
    found, _ = serve([Server(str(j), "queue", ALWAYS, sample) for j in range(k)], asked, np.full(n, 1e7), u, u)
    work = np.interp(u * (len(sample) - 1), np.arange(len(sample)), sample)
    return (found - asked - work)[n // 10 :].mean(), sample


@pytest.mark.parametrize(("k", "busy"), [(1, 0.6), (2, 0.7), (3, 0.8)])
def test_the_wait_is_that_of_erlang(k, busy):
    found = np.mean([waits(k, busy * k, lambda r, n: r.exponential(1, n), seed)[0] for seed in range(6)])
    assert found == pytest.approx(erlang(k, busy * k, 1.0), rel=0.04)


def test_the_wait_is_that_of_pollaczek_and_khinchine():
    found, theory = [], []
    for seed in range(6):
        wait, sample = waits(1, 0.6, lambda r, n: np.exp(r.normal(-0.18, 0.6, n)), seed)
        found.append(wait)
        theory.append(0.6 * (sample**2).mean() / (2 * (1 - 0.6 * sample.mean())))
    assert np.mean(found) == pytest.approx(np.mean(theory), rel=0.04)


def test_leaving_goes_on_at_its_pace_where_nobody_was_watched_so_long():
    # Of a hundred, one leaves each day of ten and the rest are served on the eleventh: 10 of 10 + ... days
    wait = np.array([*range(1, 11), *[11.0] * 90], float)
    next_ = np.array([1] * 10 + [0] * 90, np.int16)
    exits = Exits.of(wait, next_, np.array([False, True]))
    # Kaplan and Meier: after ten days 90 of 100 are left; ten left in 55 + 990 days
    assert exits.reach[-1] == pytest.approx(0.1)
    assert exits.pace == pytest.approx(10 / 1045)
    days, then = exits.draw(np.array([0.05, 0.0999, 1 - 0.9 * math.exp(-1)]))
    assert days == pytest.approx([6, 10, 10 + 104.5])
    assert list(then) == [1, 1, 1]
    # Who has waited five days already leaves later: of 95 five by the tenth day
    later, _ = exits.draw(np.array([0.0, 4.9 / 95]), np.array([5.0, 5.0]))
    assert later == pytest.approx([6, 10])


def desk():
    goes = (np.array([4.5]),)
    servers = (
        server(3, pieces=9),
        server(1, name="Bo", pieces=9),
        server(0.1, name="Cy", kind="batch", pieces=5, goes=goes),
    )
    return Desk(0, servers, (0, 0, 1), 0, {0.0: 0, 1.0: 1})


def test_other_people_at_a_desk():
    more = added(desk(), 2, (0.0,))
    assert [s.name for s in more.servers] == ["Ann", "Bo", "Cy", "+1", "+2"] and more.group == (0, 0, 1, 0, 0)
    # They work as those who are there: one hour or three
    assert more.servers[-1].service == pytest.approx([HOUR, 3 * HOUR])
    # Beside the one who batches they work as the others do
    assert added(desk(), 1, (1.0,)).group == (0, 0, 1, 1)
    quick = faster(desk(), 0.5, (0.0,))
    assert [float(s.service[0] * 24) for s in quick.servers] == pytest.approx([1.5, 0.5, 0.1])
    longer = opened(desk(), Hours(8 / 24, 10 / 24), (0.0,))
    assert [s.hours.a_week for s in longer.servers] == pytest.approx([50, 50, 40])


def test_without_the_batch_its_cases_go_to_those_who_queue():
    pool = unbatched(desk())
    assert [s.name for s in pool.servers] == ["Ann", "Bo"]
    assert pool.groups(np.array([[0.0], [1.0]])).tolist() == [0, 0]
    # Where it is said how long a piece takes, the same one does each as it comes
    own = unbatched(desk(), days=0.1)
    assert [s.kind for s in own.servers] == ["queue"] * 3
    assert own.servers[2].service == pytest.approx([0.1])
    assert own.groups(np.array([[0.0], [1.0]])).tolist() == [0, 1]
