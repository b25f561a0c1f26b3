"""Who serves whom, and how busy they are: offices made by hand, with the desks that must be found and those that must not."""

import heapq
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from l2c import diagnose, improve
from l2c.diagnose.waits import desks as waits
from l2c.improve import staff, twin
from l2c.improve import starts as beginnings
from l2c.improve.hours import Hours
from l2c.improve.queues import Desk, Server, serve
from l2c.improve.run import run
from l2c.improve.staffing import faster
from l2c.improve.state import Changes
from l2c.improve.vain import told_apart
from l2c.log import build
from l2c.prepare.pseudonyms import policy

MONDAY = np.datetime64("2024-01-01T00:00", "us")
OFFICE = Hours(9 / 24, 8 / 24)
ASKED, DONE = "Discount Approval Requested", "Discount Approved"
YEAR = 364


def rows(name, asked, done, who, **about):
    cases = [f"{name}{k}" for k in range(len(asked))]
    parts = []
    for activity, days, actor in ((ASKED, asked, None), (DONE, done, who)):
        time = MONDAY + np.round(np.asarray(days) * 86400).astype("timedelta64[s]")
        parts.append(pd.DataFrame({"case_id": cases, "activity": activity, "time": time, "actor": actor, **about}))
    return pd.concat(parts)


def queued(r, hours, pieces, people=1, clock=OFFICE):
    """Requests over a year, when each is done, and by whom: services of one length, scattered."""
    asked = np.sort(r.uniform(0, YEAR, pieces))
    work = r.gamma(4, hours / 4, pieces) / 24
    at, free, done, who = clock.worked(asked), np.full(people, -1.0), np.empty(pieces), np.empty(pieces, int)
    for i in range(pieces):
        who[i] = int(np.argmin(free))
        free[who[i]] = done[i] = max(at[i], free[who[i]]) + work[i]
    return asked, np.maximum(clock.moments(done), asked), who


def office(seed=0):
    """Ann serves Europe; Bo and Cy share the Americas; Di decides on Fridays in Japan; Ed takes his own time in India."""
    r = np.random.default_rng(seed)
    europe, shared = queued(r, 5, 280), queued(r, 4, 800, people=2)
    japan, india = np.sort(r.uniform(0, YEAR, 200)), np.sort(r.uniform(0, YEAR, 200))
    friday = japan + (4 + 14 / 24 - japan) % 7
    friday += (pd.Series(friday).groupby(np.round(friday, 6)).cumcount().to_numpy() + 1) * 5 / 1440
    parts = [
        rows("e", *europe[:2], "Ann", region="Europe"),
        rows("a", *shared[:2], np.where(shared[2] == 0, "Bo", "Cy"), region="Americas"),
        rows("j", japan, friday, "Di", region="Japan"),
        rows("i", india, india + np.exp(r.normal(1.5, 0.7, 200)), "Ed", region="India"),
    ]
    return pd.concat(parts, ignore_index=True)


def test_the_desk_is_found_with_everybodys_way_of_working():
    table = improve.desks(build(office()), names=True).set_index("server")
    assert table["kind"].to_dict() == {"Ann": "queue", "Bo": "queue", "Cy": "queue", "Di": "batch", "Ed": "pace"}
    assert (table["route"] == "region").all()
    assert table["serves"].to_dict() == {
        "Ann": ("Europe",), "Bo": ("Americas",), "Cy": ("Americas",), "Di": ("Japan",), "Ed": ("India",),
    }  # fmt: skip
    assert table.loc[["Ann", "Bo", "Cy"], "service_hours"].to_numpy() == pytest.approx([5, 4, 4], rel=0.1)
    # 280 pieces of five hours in 52 weeks of forty
    assert table.loc["Ann", "busy_share"] == pytest.approx(280 * 5 / (52 * 40), rel=0.1)
    assert (table["low"].dropna() < table["high"].dropna()).all()
    assert table.loc[["Ann", "Bo", "Cy"], "open_hours"].tolist() == [40, 40, 40]
    # From Monday to Friday evenly: three and a half days
    assert table.loc["Di", "waiting_days"] == pytest.approx(3.5, abs=0.4)
    assert np.isnan(table.loc["Ed", "waiting_days"]) and np.isnan(table.loc["Di", "service_hours"])
    assert table["cases"].to_dict() == {
        "Ann": 280,
        "Bo": table.loc["Bo", "cases"],
        "Cy": 800 - table.loc["Bo", "cases"],
        "Di": 200,
        "Ed": 200,
    }


def test_no_table_says_who_works_there_unless_it_may():
    log = build(office())
    real = set(improve.desks(log, names=True)["server"])
    for table, column in ((improve.desks(log), "server"), (diagnose.desks(log), "actor")):
        assert len(set(table[column])) == len(real)
        assert not real & set(table[column])
        assert not any(f"{name} at" in str(table.attrs) for name in real)
    assert set(improve.desks(policy(log, names=True))["server"]) == real


def test_the_order_of_the_rows_does_not_matter():
    events = office(1)
    shuffled = events.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(improve.desks(build(events), names=True), improve.desks(build(shuffled), names=True))


def test_a_desk_that_is_nearly_full_has_a_range_and_no_number():
    r = np.random.default_rng(2)
    asked, done, _ = queued(r, 7, 295)
    table = improve.desks(build(rows("e", asked, done, "Ann").reset_index(drop=True)), names=True)
    ann = table.iloc[0]
    assert np.isnan(ann["busy_share"]) and ann["low"] < 0.95 < ann["high"]
    assert str(table.attrs["note"]).startswith("Ann at Discount Approved is ")
    assert "偶然" in table.attrs["note"].said("ja")


def test_weekends_of_customers_are_no_hours_of_work():
    table = diagnose.desks(build(office()), names=True).set_index("actor")
    assert table.loc["Ann", "open_hours"] == 40


def test_nobody_who_takes_their_own_time_is_a_desk():
    r = np.random.default_rng(4)
    parts = []
    for k in range(20):
        asked = np.sort(r.uniform(0, YEAR, 60))
        parts.append(rows(f"r{k}-", asked, asked + np.exp(r.normal(1.5, 0.8, 60)), f"Rep {k}", rep=f"Rep {k}"))
    table = improve.desks(build(pd.concat(parts, ignore_index=True)), names=True)
    assert table.empty and list(table.columns)[:3] == ["activity", "server", "kind"]


def test_who_has_left_and_who_helps_out_is_no_server():
    r = np.random.default_rng(5)
    asked, done, _ = queued(r, 5, 300)
    who = np.full(300, "Ann", object)
    # Zoe did the first hundred and left; Sam does one in twenty-five while she is away
    who[:100] = "Zoe"
    who[np.arange(110, 300, 9)] = "Sam"
    log = build(rows("e", asked, done, who).reset_index(drop=True))
    steps = waits.passages(log)
    assert {desk.actor for desk in waits.found(log, steps)} == {"Ann", "Zoe", "Sam"}
    assert [member.actor for team in staff.found(log) for member in team.members] == ["Ann"]


def test_the_desk_of_a_run_is_the_one_of_the_log():
    made = twin.learn(build(office()), most=None)
    (desk,) = made.hall.desks
    assert made.activities[desk.activity] == DONE
    of = {server.name: server for server in desk.servers}
    assert sorted(of) == ["Ann", "Bo", "Cy", "Di", "Ed"]
    labels = made.stays.attributes[desk.column].labels
    served = {labels[int(value)]: group for value, group in desk.values.items()}
    assert set(served) == {"Europe", "Americas", "Japan", "India"} and len(set(served.values())) == 4
    # He takes it up on Fridays at two
    assert np.concatenate(of["Di"].goes) == pytest.approx(4 + 14 / 24, abs=0.01)
    # All that is asked is done at the desk, and nobody leaves
    assert made.hall.shares.max() == 1
    assert all(exits.pace == 0 for exits in made.hall.exits.values())


@pytest.mark.parametrize("vain", [0.0, 1.0])
def test_work_on_those_who_left_is_told_apart(vain):
    r = np.random.default_rng(6)
    asked = np.sort(r.uniform(0, 700, 1000))
    sample = np.sort(r.gamma(4, 4.0 / 4, 4000)) / 24
    leaves = asked + r.exponential(8.0, 1000)
    one = Server("Ann", "queue", OFFICE, sample)
    done, stays = serve([one], asked, leaves, r.random(1000), r.random(1000), vain=vain)
    order = np.argsort(done[stays], kind="stable")
    came, end = asked[stays][order], done[stays][order]
    at = OFFICE.worked(end)
    took = at - np.maximum(OFFICE.worked(came), np.append(0.0, at[:-1]))
    told = Server("Ann", "queue", OFFICE, np.sort(took), told=(came, end, took))
    found = told_apart(Desk(0, (told,), (0,)), asked[~stays], leaves[~stays], np.zeros((~stays).sum(), int))
    assert found.vain == pytest.approx(vain, abs=0.25)
    assert found.servers[0].service.mean() * 24 == pytest.approx(4, rel=0.06)
    if vain:
        # Without telling it apart a piece seems to take longer
        assert took.mean() * 24 > 4.3


def days_at(model, seed=0):
    """Mean days at the only desk of a twin, in a run of the cases that it knows."""
    starts = beginnings.observed(model.stays)
    paths = run(model, starts, seed=seed, horizon=1e6)
    done = np.flatnonzero(paths.activity == model.hall.desks[0].activity)
    return float((paths.time[done] - paths.time[done - 1]).mean())


def test_a_run_waits_as_long_as_the_log_and_a_sample_as_long_as_all():
    asked, done, _ = queued(np.random.default_rng(7), 2, 880)
    log = build(rows("e", asked, done, "Ann").reset_index(drop=True))
    whole, part = twin.learn(log, most=None), twin.learn(log, most=300)
    assert part.hall.scale == pytest.approx(880 / len(part.stays.keys))
    real = float((done - asked).mean())
    assert np.mean([days_at(whole, seed) for seed in range(3)]) == pytest.approx(real, rel=0.2)
    # Three in ten alone would hardly wait for each other: a third of the days
    assert np.mean([days_at(part, seed) for seed in range(3)]) == pytest.approx(real, rel=0.25)
    alone = replace(part, hall=replace(part.hall, scale=1.0))
    assert days_at(alone) < 0.6 * real


def test_faster_work_shortens_the_queue_and_nothing_changes_nothing():
    asked, done, _ = queued(np.random.default_rng(8), 2, 880)
    model = twin.learn(build(rows("e", asked, done, "Ann").reset_index(drop=True)), most=None)
    starts = beginnings.observed(model.stays)
    desk = model.hall.desks[0]
    same = run(model, starts, seed=1, horizon=1e6, changes=Changes(desks=(faster(desk, 1.0),)))
    today = run(model, starts, seed=1, horizon=1e6)
    assert (same.time == today.time).all()
    quick = run(model, starts, seed=1, horizon=1e6, changes=Changes(desks=(faster(desk, 0.5),)))
    # Half the work and hardly any queue: far less than half the days
    assert quick.time.sum() < today.time.sum()
    gaps = [float(np.diff(paths.time)[::2].mean()) for paths in (today, quick)]
    assert gaps[1] < 0.45 * gaps[0]


def test_who_comes_back_to_a_desk_waits_with_the_others():
    r = np.random.default_rng(9)
    asks = [(float(day), case, 0) for case, day in enumerate(np.sort(r.uniform(0, YEAR, 600)))]
    heapq.heapify(asks)
    free, parts, waited = 0.0, [], []
    while asks:
        day, case, visit = heapq.heappop(asks)
        free = max(float(OFFICE.worked(np.array(day))), free) + r.gamma(4, 2.2 / 4) / 24
        done = max(float(OFFICE.moments(np.array(free))), day)
        waited.append(done - day)
        parts += [(case, "Quote Revised" if visit else "Quote Created", day, None), (case, DONE, done, "Ann")]
        if case % 3 == 0 and not visit:
            heapq.heappush(asks, (done + r.uniform(2, 9), case, 1))
    table = pd.DataFrame(parts, columns=["case_id", "activity", "day", "actor"]).astype({"case_id": str})
    table["segment"] = np.where(table["case_id"].astype(int) % 3 == 0, "SMB", "Enterprise")
    table["time"] = MONDAY + np.round(table.pop("day") * 86400).to_numpy().astype("timedelta64[s]")
    model = twin.learn(build(table), most=None)
    starts = beginnings.observed(model.stays)
    found = []
    for seed in range(3):
        paths = run(model, starts, seed=seed, horizon=1e6)
        at = np.flatnonzero(paths.activity == model.hall.desks[0].activity)
        assert len(at) == pytest.approx(800, rel=0.08)
        found.append((paths.time[at] - paths.time[at - 1]).mean())
    assert np.mean(found) == pytest.approx(np.mean(waited), rel=0.2)


def two_desks(seed):
    """One person approves discounts and, some days later, contracts: whatever was asked for first."""
    r = np.random.default_rng(seed)
    asks = [(float(day), case, DONE) for case, day in enumerate(np.sort(r.uniform(0, YEAR, 420)))]
    heapq.heapify(asks)
    free, parts, waited = 0.0, [], {DONE: [], "Contract Approved": []}
    while asks:
        day, case, what = heapq.heappop(asks)
        free = max(float(OFFICE.worked(np.array(day))), free) + r.gamma(4, 2.0 / 4) / 24
        done = max(float(OFFICE.moments(np.array(free))), day)
        waited[what].append(done - day)
        parts += [(case, ASKED if what == DONE else "Quote Accepted", day, None), (case, what, done, "Ann")]
        if what == DONE:
            heapq.heappush(asks, (done + r.exponential(6), case, "Contract Approved"))
    table = pd.DataFrame(parts, columns=["case_id", "activity", "day", "actor"]).astype({"case_id": str})
    table["time"] = MONDAY + np.round(table.pop("day") * 86400).to_numpy().astype("timedelta64[s]")
    return build(table), {name: float(np.mean(days)) for name, days in waited.items()}


def test_who_works_at_two_desks_has_one_pair_of_hands():
    log, waited = two_desks(11)
    table = improve.desks(log, names=True).set_index("activity")
    assert table["service_hours"].to_dict() == pytest.approx({DONE: 2, "Contract Approved": 2}, rel=0.1)
    model = twin.learn(log, most=None)
    starts = beginnings.observed(model.stays)
    found = {name: [] for name in waited}
    for seed in range(3):
        paths = run(model, starts, seed=seed, horizon=1e6)
        for desk in model.hall.desks:
            at = np.flatnonzero(paths.activity == desk.activity)
            found[model.activities[desk.activity]].append((paths.time[at] - paths.time[at - 1]).mean())
    # 840 pieces of two hours in 52 weeks of forty: 81 % busy; either desk alone would be at 40 %
    assert {name: np.mean(days) for name, days in found.items()} == pytest.approx(waited, rel=0.25)
