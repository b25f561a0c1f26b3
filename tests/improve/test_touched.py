"""Only who comes to what a change alters is run again: the answer is that of all cases run again."""

import numpy as np
import pytest

from benchmarks import desk_worlds
from l2c.improve import policies
from l2c.improve import run as running
from l2c.improve.hooks import plan
from l2c.improve.run import Job, run, runs
from l2c.improve.scenario import scenario
from l2c.improve.touched import rerun, touched, turned
from l2c.improve.trial import drawn
from l2c.improve.twin import fitted, learn
from l2c.improve.year import year


@pytest.fixture(scope="module")
def log():
    return desk_worlds.run(desk_worlds.company(7, days=260, rate=3.0)).log()


@pytest.fixture(scope="module", params=["desks", "no desks"])
def ran(log, request):
    twin = learn(log)
    assert twin.hall is not None
    twin = twin if request.param == "desks" else fitted(twin.stays)
    span = year(twin)
    begun = span.starts(twin, 3)
    return twin, span, begun, run(twin, begun, seed=3, horizon=span.horizon, opens=twin.until)


@pytest.mark.parametrize(
    "change",
    [
        {"step": ["Contract Signed", "Closed Won"], "share": 0.5},
        {"skip": "Contract Approved", "where": {"region": "Japan"}},
        {"merge": ["Contract Signed", "Closed Won"], "days": 3},
        {"parallel": ["Contract Approved", "Contract Signed"]},
        {"insert": "Check", "after": "Quote Sent", "days": 2},
        {"move": "Quote Revised", "after": "Quote Accepted"},
        {"again": "Quote Sent", "share": 0.3},
        {"errors": "Quote Revised", "share": 0.5},
        {"arrivals": 1.3},
        {"arrivals": 0.6, "where": {"region": "EMEA"}},
    ],
    ids=str,
)
def test_what_is_run_again_is_what_all_would_do(log, ran, change):
    assert not rerun_like_all(log, ran, change).all()


@pytest.mark.parametrize("ran", ["desks"], indirect=True)
def test_at_a_desk_everybody_waits_for_everybody(log, ran):
    assert rerun_like_all(log, ran, {"desk": "Contract Approved", "speed": 0.7}).all()


def rerun_like_all(log, ran, change):
    """Which cases are run again, once it is shown that the rest does what it did."""
    twin, span, begun, paths = ran
    made = plan(twin, scenario([change], log), log)
    starts = made.begin(begun, 3)
    hooks, some = made.changes(starts, 3), touched(made, begun, starts, paths, 3)
    kept = {"horizon": span.horizon, "opens": twin.until}
    then = rerun([Job(twin, starts, 3, hooks, some)], [paths], **kept)[0]
    same(then, run(twin, starts, seed=3, changes=hooks, **kept))
    return some


def same(quick, whole):
    assert np.array_equal(quick.case, whole.case) and np.array_equal(quick.activity, whole.activity)
    # Where nothing is altered, days are not added and taken away again.
    assert quick.time == pytest.approx(whole.time, abs=1e-8)


def test_a_cap_turns_only_some_wins(log, ran, monkeypatch):
    twin, span, begun, paths = ran
    monkeypatch.setattr(policies, "_effect", lambda log: (0.02, 0.0))
    made = plan(twin, scenario([{"attribute": "discount", "at": "Quote Created", "most": 0.05}], log), log)
    kept = {"horizon": span.horizon, "opens": twin.until}

    def like_all(before, changes, some):
        then = rerun([Job(twin, begun, 3, changes, some)], [before], **kept)[0]
        same(then, run(twin, begun, seed=3, changes=changes, **kept))
        return then

    then = like_all(paths, made.changes(begun, 3), touched(made, begun, begun, paths, 3))
    more, some = made.changes(begun, 3, 0.1), turned(made, begun, then, 3, 0.1)
    assert some.mean() < 0.6
    like_all(then, more, some)


CHANGES = [
    {"step": ["Contract Signed", "Closed Won"], "share": 0.5},
    {"skip": "Contract Approved", "where": {"region": "Japan"}},
    {"errors": "Quote Revised", "share": 0.5},
    {"again": "Quote Sent", "share": 0.3},
    {"desk": "Contract Approved", "speed": 0.7},
    {"arrivals": 1.3},
]


def test_runs_made_together_tell_what_each_tells_alone(log, ran, monkeypatch):
    twin, span, begun, _ = ran
    wanted = [c for c in CHANGES if twin.hall is not None or "desk" not in c]
    plans = [plan(twin, scenario([change], log), log) for change in wanted]
    jobs = [Job(each, span.starts(each, n), n) for n, each in enumerate(drawn(twin, 5))]
    jobs += [Job(twin, starts := made.begin(begun, 3), 3, made.changes(starts, 3)) for made in plans]
    kept = {"horizon": span.horizon, "opens": twin.until}
    alone = [run(job.twin, job.starts, seed=job.seed, changes=job.changes, **kept) for job in jobs]
    for most in (10**9, len(begun) * 3):
        monkeypatch.setattr(running, "MOST_TOGETHER", most)
        for one, other in zip(runs(jobs, **kept), alone, strict=True):
            assert np.array_equal(one.case, other.case) and np.array_equal(one.activity, other.activity)
            assert np.array_equal(one.time, other.time) and np.array_equal(one.loose, other.loose)
    assert len({len(paths) for paths in alone}) > 5
