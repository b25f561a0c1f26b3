"""The process as a model: stays, trees, curves, and cases that go on."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from scipy.stats import wasserstein_distance

import l2c
from l2c import improve
from l2c.improve import chance
from l2c.improve.days import Days
from l2c.improve.measures import FIGURES, Times, figures
from l2c.improve.run import Changes, run
from l2c.improve.sample import as_log
from l2c.improve.starts import drawn, observed, standing
from l2c.improve.stays import COUNT, PREVIOUS, all_stays, stays
from l2c.improve.twin import fitted, learn, redrawn
from l2c.improve.weighing import weigh
from l2c.log import build
from l2c.stats import distance
from tests.logs import ORIGIN, from_text

LATER = 10_000.0


def rows(cases, until=None, **known):
    """A log of cases that are lists of (activity, day), with attributes of each case by name."""
    table = [
        {
            "case_id": f"{at:05d}",
            "activity": name,
            "time": ORIGIN + timedelta(days=day),
            **{k: v[at] for k, v in known.items()},
        }
        for at, events in enumerate(cases)
        for name, day in events
    ]
    extracted = None if until is None else ORIGIN + timedelta(days=until)
    return build(pd.DataFrame(table), extracted=extracted)


@pytest.fixture(scope="module")
def log():
    return l2c.demo(1200, seed=3)


@pytest.fixture(scope="module")
def twin(log):
    return learn(log)


# What is known of a stay


def test_a_stay_ends_with_the_next_event_or_is_not_over_at_the_end_of_watching():
    known = stays(from_text("a: Quote Sent 0, Quote Revised 2, Quote Sent 5", until=9))
    names = [known.activities[code] for code in known.activity]
    assert names == ["Quote Sent", "Quote Revised", "Quote Sent"]
    assert known.next.tolist() == [known.activity[1], known.activity[2], -1]
    assert known.wait.tolist() == pytest.approx([2, 3, 4])
    assert known.count.tolist() == [1, 1, 2]
    every = np.arange(3)
    assert known.column(every, PREVIOUS).tolist() == [-1, known.activity[0], known.activity[1]]
    assert known.column(every, COUNT).tolist() == [1, 1, 2]
    seen = known.names.index("Quote Revised")
    assert known.column(every, seen).tolist() == [0, 0, 1]


def test_stays_of_an_earlier_day_are_those_that_were_known_then():
    text = """
        a: Lead Created 0, Opportunity Created 4, Closed Won 12
        b: Lead Created 6, Opportunity Created 7
        c: Lead Created 11
    """
    then, now = stays(from_text(text, until=10)), stays(from_text(text, until=20)).cut(10 + ORIGIN.weekday())
    assert now.keys.tolist() == then.keys.tolist() == [0, 1]
    for name in ("case", "time", "wait", "next"):
        names = [then.activities, now.activities] if name == "next" else None
        one, other = getattr(then, name), getattr(now, name)
        if names:
            one, other = (["" if x < 0 else n[x] for x in each] for n, each in zip(names, (one, other), strict=True))
        assert list(one) == pytest.approx(list(other)), name


def test_what_comes_to_be_known_with_a_quote_is_not_known_before():
    log = rows(
        [[("Opportunity Created", 0), ("Quote Created", n % 3 + 1)] for n in range(60)],
        discount=[n / 100 for n in range(60)],
    )
    known = stays(log)
    (discount,) = known.attributes
    assert (discount.name, known.activities[discount.since]) == ("discount", "Quote Created")
    column = known.names.index("discount")
    assert known.column(np.array([0, 1, 3]), column).tolist() == [-np.inf, 0.0, 0.01]


def test_an_attribute_whose_gaps_tell_the_future_stays_out():
    # A competitor is noted of one deal in two, whatever it has seen so far: nothing says from when on he is known.
    cases = [[("Opportunity Created", 0), ("Closed Lost" if n % 2 else "Closed Won", 5 + n % 7)] for n in range(80)]
    log = rows(cases, rival=["Acme" if n % 4 == 0 else None for n in range(80)], region=["EMEA", "APAC"] * 40)
    assert [a.name for a in stays(log).attributes] == ["region"]


def test_of_many_cases_every_so_manieth_is_taken(log):
    assert len(stays(log, most=500).keys) == 400
    assert len(stays(log, most=None).keys) == log.n_cases


def test_the_stays_of_all_cases_are_kept_with_the_log(log):
    every = all_stays(log.where(region=log.distinct("region")[0]))
    assert every is all_stays(log) and len(every.keys) == log.n_cases


def test_that_only_some_of_the_cases_were_taken_is_said(log):
    table = improve.backtest(log, runs=3, most=600)
    assert (table["cases"] + table["learnt"] == 600).all()
    _, note = improve.verdict(table)
    assert "sample of the cases" in str(note)
    assert [note.id for note in improve.sample(log, most=600).quality.notes] == ["simulated", "sample"]


# Trees


def limited(n=400, limit=0.15, seed=0):
    """Quotes that go to an approver from a limit on, and are sent at once below it."""
    rng = np.random.default_rng(seed)
    discount = np.round(rng.uniform(0, 0.3, n), 2)
    cases = []
    for k in range(n):
        day = float(k) / 10
        events = [("Quote Created", day)]
        if discount[k] >= limit:
            events.append(("Discount Approval Requested", day + 1))
        events.append(("Quote Sent", day + 2 + rng.exponential()))
        cases.append(events)
    return rows(cases, discount=discount.tolist(), region=rng.choice(["EMEA", "APAC"], n).tolist())


def test_a_limit_is_found_as_it_is():
    table = improve.branches(limited())
    asked = table[(table["activity"] == "Quote Created") & (table["next"] == "Discount Approval Requested")]
    assert len(asked) == 1
    ((name, sign, value),) = asked["conditions"].item()
    assert (name, sign) == ("discount", "≥")
    assert 0.14 < value <= 0.15
    assert asked["share"].item() == pytest.approx(1)


def test_a_case_may_stand_at_what_no_case_learnt_from_has_seen():
    from dataclasses import replace

    lines = [f"c{k}: A {k}, B {k + 3}" for k in range(30)]
    every = stays(from_text("\n".join([*lines, "z: A 0, Y 2, Z 5"]), until=60))
    # The only case that has seen Y and Z is not drawn.
    twin = fitted(every.drawn(np.arange(30)))
    paths = run(twin, standing(replace(twin, stays=every).stays), seed=1, horizon=90.0)
    assert len(paths) == 0 and len(twin.leaves) == len(every.activities)


def test_more_activities_may_come_before_one_than_a_column_has_parts():
    # 60 beginnings lead to one activity; after one of them it goes on at once, after the others in a month.
    cases = [
        [(f"A{k % 60:02d}", k / 50), ("B", k / 50 + 1), ("C", k / 50 + (31 if k % 60 else 2))] for k in range(3600)
    ]
    table = improve.branches(rows(cases))
    assert {each[0][0] for each in table.loc[table["activity"] == "B", "conditions"]} == {"previous"}


def test_where_nothing_tells_there_is_one_branch():
    rng = np.random.default_rng(1)
    cases = [[("Lead Created", k / 10), ("Lead Qualified", k / 10 + rng.exponential(3))] for k in range(500)]
    log = rows(cases, region=rng.choice(["A", "B", "C"], 500).tolist(), amount=rng.exponential(9, 500).tolist())
    table = improve.branches(log)
    assert table["conditions"].tolist() == [()]
    assert table["median_days"].item() == pytest.approx(3 * np.log(2), rel=0.2)


def test_when_a_case_came_is_never_asked(twin):
    assert "time" not in twin.stays.names


# Curves


def test_ends_count_for_what_was_censored_before_them():
    # Of four one goes on after 1 day, one after 2; one is last seen after 3; the last goes on after 4, for two.
    log = rows(
        [[("A", 9), ("B", 10)], [("A", 8), ("C", 10)], [("A", 7)], [("A", 6), ("B", 10)]], until=10
    )  # fmt: skip
    known = stays(log)
    here = known.activity == known.activities.index("A")
    leaves = weigh(known, np.where(here, 0, 1), 2)
    assert leaves.wait[:3].tolist() == pytest.approx([1, 2, 4])
    assert (leaves.reach[:3] - 0).tolist() == pytest.approx([0.25, 0.5, 1.0])


@pytest.mark.parametrize("slows", [False, True])
def test_what_comes_beyond_the_last_end_is_told_by_the_late_ends_and_by_who_is_still_there(slows):
    rng = np.random.default_rng(4)
    # Three in ten stay for ever; the others leave at a pace of one in ten days, or at one that falls as they wait.
    wait = rng.pareto(1.5, 4000) + 1 if slows else rng.exponential(10, 4000)
    wait = np.where(rng.random(4000) < 0.3, np.inf, wait)
    watched = rng.uniform(1, 60, 4000)
    cases = [
        [("A", 100 - w), *([("B", 100 - w + d)] if d <= w else [])] for d, w in zip(wait, watched, strict=True)
    ]  # fmt: skip
    known = stays(rows(cases, until=100), most=None)
    leaves = weigh(known, np.where(known.activity == known.activities.index("A"), 0, 1), 2)
    assert bool(leaves.heavy[0]) == slows
    assert leaves.pace[0] == pytest.approx(1.5 if slows else 0.1, rel=0.25)
    last = leaves.reach[leaves.first[1] - 1]
    assert (1 - last) * leaves.forever[0] == pytest.approx(0.3, abs=0.04)


def test_where_nothing_ever_followed_all_stay_for_ever():
    known = stays(rows([[("A", k)] for k in range(30)], until=90))
    twin = fitted(known)
    assert len(run(twin, observed(known), seed=1, horizon=LATER)) == 30


def test_late_entry_leaves_out_what_was_over_before_anybody_watched():
    text = "\n".join(f"{k}: Lead Created {k / 10}, Lead Qualified {k / 10 + 10}" for k in range(40))
    known = stays(from_text(text, until=30, history_start=ORIGIN + timedelta(days=2)))
    assert known.entry is not None
    assert known.entry[known.time < 2 + ORIGIN.weekday()].min() > 0
    leaves = fitted(known).leaves
    assert leaves.wait.min() == pytest.approx(10)
    assert leaves.reach[leaves.first[1] - 1] == pytest.approx(1)


# Clock and chance


def test_long_waits_end_at_the_hour_and_on_the_kind_of_day_at_which_such_waits_end():
    days = Days.of(rows([[("A", 0), ("B", 30)]]).base, 0, 40 * 86_400_000_000)
    begin = np.full(4, 0.25)  # Monday at six
    wait, hour = np.array([5.5, 5.5, 0.2, 7.0]), np.array([0.5, 0.5, 0.9, 0.5])
    off = np.array([False, True, False, False])
    every, none = np.ones(4, bool), np.zeros(4, bool)
    end = days.tied(begin, wait, hour, off, every, none)
    # Saturday becomes Friday for who works on weekdays; a short wait stays as it is.
    assert end.tolist() == pytest.approx([4.5, 5.5, 0.45, 7.5])
    # Where such stays end on any day, Saturday stays Saturday.
    assert days.tied(begin, wait, hour, off, none, none)[0] == pytest.approx(5.5)
    # Where what is due at a weekend lies until Monday, so does this; and nothing ends before what is known.
    assert days.tied(begin, wait, hour, off, every, every).tolist() == pytest.approx([7.5, 5.5, 0.45, 7.5])
    assert days.tied(begin, wait, hour, off, every, none, now=np.full(4, 4.6))[0] == pytest.approx(7.5)


def test_stays_are_bound_to_the_week_where_they_keep_away_from_weekends():
    # Two hundred days, every day of the week alike: two in seven end on one of the two free days
    parts = [[("A", k), ("B" if k % 2 else "C", k + (3 if k % 2 else 0))] for k in range(200)]
    leaves = fitted(stays(rows(parts, until=300))).leaves
    assert not leaves.bound[0]


def test_a_number_belongs_to_its_case_and_step_and_to_nothing_else():
    case, step = np.arange(1000), np.full(1000, 3)
    one = chance.uniform(7, chance.END, case, step)
    assert (chance.uniform(7, chance.END, case[::-1], step) == one[::-1]).all()
    assert (chance.uniform(7, chance.END, case[:10], step[:10]) == one[:10]).all()
    assert abs(one.mean() - 0.5) < 0.03 and abs(one.var() - 1 / 12) < 0.01
    other = [chance.uniform(8, chance.END, case, step), chance.uniform(7, chance.DESK, case, step)]
    other.append(chance.uniform(7, chance.END, case, step + 1))
    assert all(abs(np.corrcoef(one, each)[0, 1]) < 0.1 for each in other)


# Runs


def test_a_process_without_chance_is_played_as_it_is():
    cases = [[("Lead Created", k), ("Lead Qualified", k + 1), ("Opportunity Created", k + 3)] for k in range(60)]
    twin = learn(rows(cases, until=100))
    starts = observed(twin.stays)
    paths = run(twin, starts, seed=1, horizon=LATER)
    assert paths.activity.tolist() == twin.stays.activity.tolist()
    assert paths.case.tolist() == twin.stays.case.tolist()
    # Waits end on weekdays, as they did; so some move by a day or two.
    moved = np.abs(paths.time - twin.stays.time)
    assert np.median(moved) < 1.5


def test_the_horizon_ends_all(twin):
    paths = run(twin, observed(twin.stays), seed=1, horizon=twin.until - 100)
    assert paths.time.max() <= twin.until - 100


def test_the_same_seed_plays_the_same_and_a_change_that_touches_nothing_changes_nothing(twin):
    starts = observed(twin.stays)
    none = np.zeros(len(starts), bool)
    idle = Changes(
        attributes=lambda cases, activity, values: values,
        wait=lambda a, b, days, cases: days,
        route=lambda cases, a, b: b,
        skip={3: none},
        beside=[(3, 4, none)],
    )
    one, other = (run(twin, starts, seed=5, horizon=twin.until, changes=c) for c in (None, idle))
    assert (one.case == other.case).all() and (one.activity == other.activity).all() and (one.time == other.time).all()


def test_what_a_change_does_not_touch_comes_out_the_same(twin):
    starts = observed(twin.stays)
    slow = twin.activities.index("Invoice Sent")
    change = Changes(wait=lambda a, b, days, cases: np.where(a == slow, days / 2, days))
    one, other = (run(twin, starts, seed=5, horizon=twin.until, changes=c) for c in (None, change))
    billed = np.isin(one.case, one.case[one.activity == slow])
    also = np.isin(other.case, other.case[other.activity == slow])
    assert (one.time[~billed] == other.time[~also]).all()
    assert len(other.time[also]) >= len(one.time[billed])


def test_a_skipped_step_takes_no_time_and_leaves_no_event():
    cases = [[("Quote Created", 7 * k), ("Legal Review", 7 * k + 7), ("Quote Sent", 7 * k + 14)] for k in range(60)]
    twin = learn(rows(cases, until=600))
    starts, review = observed(twin.stays), twin.activities.index("Legal Review")
    some = np.arange(60) % 2 == 0
    paths = run(twin, starts, seed=1, horizon=LATER, changes=Changes(skip={review: some}))
    assert np.bincount(paths.case).tolist() == np.where(some, 2, 3).tolist()
    last = paths.time[np.append(np.diff(paths.case) > 0, True)]
    assert (last - starts.time).tolist() == pytest.approx(np.where(some, 7, 14))


def test_what_is_done_beside_begins_where_the_other_began():
    cases = [[("Quote Created", 7 * k), ("Legal Review", 7 * k + 7), ("Quote Sent", 7 * k + 21)] for k in range(60)]
    twin = learn(rows(cases, until=600))
    review, sent = (twin.activities.index(name) for name in ("Legal Review", "Quote Sent"))
    every = np.ones(60, bool)
    paths = run(twin, observed(twin.stays), seed=1, horizon=LATER, changes=Changes(beside=[(review, sent, every)]))
    assert (paths.time[2::3] - paths.time[::3]).tolist() == pytest.approx([14.0] * 60)


def test_cases_under_way_go_on_from_where_they_stand(twin):
    starts = standing(twin.stays)
    paths = run(twin, starts, seed=2, horizon=twin.until + 60)
    assert paths.time.min() >= twin.until
    # What had ended stays ended: most of what goes on was open.
    assert len(np.unique(paths.case)) < len(starts) / 2


def test_the_weeks_to_come_are_weeks_that_were(twin):
    starts = drawn(twin.stays, twin.until, twin.until + 70, seed=4)
    assert ((starts.time >= twin.until) & (starts.time < twin.until + 70)).all()
    begun = twin.stays.time[twin.stays.head]
    assert set(np.round(starts.time % 7, 6)) <= set(np.round(begun % 7, 6))
    recent = (begun > twin.until - 26 * 7).sum() / 26
    assert len(starts) / 10 == pytest.approx(recent, rel=0.4)


def test_other_cases_would_have_taught_much_the_same(twin):
    # Curves are weighed anew; with trees of its own it is another twin with the same activities.
    other = redrawn(twin, 1)
    assert len(other.leaves) == len(twin.leaves)
    assert not np.array_equal(other.leaves.reach, twin.leaves.reach)
    grown = redrawn(twin, 1, trees=True)
    assert grown.activities == twin.activities
    counts = [len(run(each, observed(twin.stays), seed=3, horizon=twin.until)) for each in (twin, other, grown)]
    assert max(counts) / min(counts) < 1.1


@pytest.mark.parametrize("text", ["a: Lead Created 0", "a: Lead Created 0, Lead Created 0, Lead Created 1"])
def test_the_smallest_logs_run(text):
    twin = learn(from_text(text, until=5))
    paths = run(twin, observed(twin.stays), seed=1, horizon=LATER)
    assert len(paths) >= 1
    assert improve.verdict(improve.backtest(from_text(text, until=5)))[0] == "no"


def test_the_order_of_rows_does_not_matter(log):
    from l2c import engine

    frame = engine.collect(log.events.select("case_id", "activity", "time", "precision"))
    # Of one moment the order of the rows decides; here no moment comes twice in a case.
    frame = frame.drop_duplicates(["case_id", "time"]).merge(
        engine.collect(log.cases.select("case_id", "region", "amount"))
    )
    one, other = (learn(build(each)) for each in (frame, frame.sample(frac=1, random_state=1)))
    paths = [run(t, observed(t.stays), seed=1, horizon=t.until) for t in (one, other)]
    for name in ("case", "activity", "time"):
        assert (getattr(paths[0], name) == getattr(paths[1], name)).all()


# Measures and logs


def test_key_figures_of_a_run_are_those_of_its_log(log, twin):
    starts = observed(twin.stays)
    paths = run(twin, starts, seed=1, horizon=twin.until)
    found = figures(Times.of(paths, twin.stays, len(starts), twin.until))
    table = l2c.kpis(as_log(log, twin, starts, paths, twin.until)).set_index("kpi")["value"]
    told = [(f.measure, value) for f, value in zip(FIGURES, found, strict=True) if f.of in ("share", "median")]
    assert len(told) == 7
    for measure, value in told:
        assert value == pytest.approx(table[measure], abs=2e-4), measure


def test_a_sample_is_a_log_of_the_same_cases(log):
    sample = improve.sample(log)
    assert sample.n_cases == log.n_cases
    assert sample.extracted == log.extracted
    assert set(sample.activities) <= set(log.activities)
    assert "is_won" not in sample.attributes and "region" in sample.attributes
    assert [note.id for note in sample.quality.notes] == ["simulated"]
    assert sample.n_events == pytest.approx(log.n_events, rel=0.1)
    assert improve.sample(log).n_events == sample.n_events


def test_a_log_in_another_zone_keeps_its_hours():
    frame = limited(200).events
    from l2c import engine

    table = engine.collect(frame.select("case_id", "activity", "time"))
    log = build(table, zone="Asia/Tokyo")
    known = stays(log)
    hours = (table["time"].dt.hour + 9) % 24
    assert sorted(np.floor(known.time % 1 * 24 + 1e-9).astype(int)) == sorted(hours)


def test_distances_are_those_of_the_books():
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=50), rng.normal(1, 2, size=80)
    assert distance.wasserstein(one, other) == pytest.approx(wasserstein_distance(one, other))
    # Case 0 is a, b: (··a) (·ab) (ab·) (b··); case 1 is a alone: (··a) (·a·) (a··). One of four is shared by both.
    first = np.array([0, 0]), np.array([0, 1])
    second = np.array([0]), np.array([0])
    shares = [abs(1 / 4 - 1 / 3), 1 / 4, 1 / 4, 1 / 4, 1 / 3, 1 / 3]
    assert distance.grams_apart(first, second) == pytest.approx(sum(shares) / 2)
    assert distance.grams_apart(first, first) == 0
    assert np.isnan(distance.wasserstein(one, one[:0]))


# Back-test


def test_a_steady_process_is_trusted(log):
    table = improve.backtest(log, runs=9)
    assert table["statistic"].tolist() == [*(f.of for f in FIGURES), "distance", "distance"]
    assert (table["learnt"] + table["cases"] == log.n_cases).all()
    word, note = improve.verdict(table)
    assert word in ("trust", "careful")
    assert "halves" in str(note) and "倍" in note.said("ja")


def test_a_process_that_changed_is_not_trusted():
    rng = np.random.default_rng(3)
    cases = []
    for k in range(900):
        day = k / 3
        slow = 12 if day > 210 else 1
        cases.append([("Quote Sent", day), ("Quote Accepted", day + slow * rng.gamma(3, 1))])
    table = improve.backtest(rows(cases, until=310), runs=9)
    word, note = improve.verdict(table)
    assert word == "no", (table, note)


def test_few_cases_are_no_ground_for_a_forecast():
    log = rows([[("Lead Created", k), ("Lead Qualified", k + 2)] for k in range(60)])
    word, note = improve.verdict(improve.backtest(log))
    assert word == "no"
    assert note.id == "twin_few"


def test_dates_without_a_clock_are_enough():
    rng = np.random.default_rng(5)
    table = []
    for k in range(400):
        first, second = k // 2, k // 2 + int(rng.integers(1, 9))
        for name, day in (("Quote Sent", first), ("Quote Accepted", second)):
            table.append(
                {"case_id": str(k), "activity": name, "time": ORIGIN + timedelta(days=day), "precision": "day"}
            )
    log = build(pd.DataFrame(table))
    sample = improve.sample(log)
    from l2c import engine

    times = engine.collect(sample.events.select("time", "precision"))
    assert (times["time"] == times["time"].dt.floor("D")).all()
    assert set(times["precision"]) == {"day"}
    assert improve.verdict(improve.backtest(log, runs=9))[0] in ("trust", "careful")


def test_what_is_due_at_a_weekend_and_lies_until_monday_is_foretold_so():
    # A step of one to five days, done on the day it is due or on the Monday after; days are counted from a Monday.
    monday = -ORIGIN.weekday() % 7
    rng = np.random.default_rng(3)
    begin = np.sort(rng.integers(0, 385, 8000)) + 0.3
    due = begin + rng.uniform(1, 5, 8000)
    whole = np.floor(due)
    done = whole + np.where(whole % 7 > 4, 7 - whole % 7, 0) + 0.5
    until = 371 + 4.0  # a Friday at midnight: of the next three days, one is one of work
    pairs = [(monday + a, monday + b) for a, b in zip(begin, done, strict=True) if a < until]
    known = stays(rows([[("A", a), ("B", b)][: 1 + (b < monday + until)] for a, b in pairs], until=monday + until))
    twin = fitted(known)
    assert twin.leaves.piles.any()
    # Where everything happens on Mondays, nothing lay over the weekend
    weekly = [[("A", monday + 7 * k), ("B", monday + 7 * k + 7)] for k in range(90)]
    assert not fitted(stays(rows(weekly, until=700))).leaves.piles.any()
    found = [run(twin, standing(known), seed=seed, horizon=known.until + 30) for seed in range(5)]
    after = np.concatenate([each.time[each.activity == known.activities.index("B")] for each in found]) - known.until
    truth = done[(begin < until) & (done >= until)] - until
    # Friday, then nothing, then the heap of Monday
    for days in (1, 3, 4, 6):
        assert (after < days).sum() / 5 == pytest.approx((truth < days).sum(), abs=6)
    assert not ((after > 1) & (after < 3)).any()
    # How long it took is told with the weekend that lay in it
    assert (twin.leaves.took - twin.leaves.wait).max() == 2
