"""Where cases wait, for whom and why: planted desks, calendars by the minute, and the days that must add up."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2c import diagnose
from l2c.diagnose.waits.desks import QUEUE, judged
from l2c.diagnose.waits.queues import CAUSES, split, step_causes
from l2c.diagnose.waits.shifts import ALWAYS, HOUR, Shifts
from l2c.log import build
from l2c.measures.facts import DAY
from l2c.words import vocabulary
from tests.logs import ORIGIN, demo, event_rows, from_text

PARTS = [f"{cause}_days" for cause in CAUSES]
WEEKS, WEEK, SHIFT = 40, 2400, 480
# Six approvers work from 9 to 17, Monday to Friday: four have little to do, one has too much, one only looks on Fridays.
CALM = ("Ann", "Bo", "Cy", "Di")


def moment(minute):
    """When the working minutes since Monday 2024-01-01, 9:00, have passed."""
    day, within = np.divmod(minute, SHIFT)
    days = 7 * (day // 5) + day % 5
    return np.datetime64("2024-01-01T09:00") + np.round(days * 1440 + within).astype("timedelta64[m]")


def desks(seed):
    """A log of requests and approvals, and the planted days for which each desk's work lay behind other work."""
    r = np.random.default_rng(seed)
    parts, planted = [], {}
    for name in (*CALM, "Over", "Friday"):
        asked = np.sort(r.uniform(0, WEEKS * WEEK, 500))
        if name == "Friday":
            friday = np.floor(asked / WEEK) * WEEK + 4 * SHIFT + 300
            friday = np.where(friday < asked, friday + WEEK, friday)
            done = friday + 4.0 * (pd.Series(friday).groupby(friday).cumcount().to_numpy() + 1)
            planted[name] = 0.0
        else:
            work = r.gamma(4, (170 if name == "Over" else 30) / 4, 500)
            done = np.empty(500)
            free = 0.0
            for k in range(500):
                free = done[k] = max(asked[k], free) + work[k]
            planted[name] = float((done - asked - work).sum() / 1440)
        cases = [f"{name}{k}" for k in range(500)]
        parts.append(
            pd.DataFrame(
                {
                    "case_id": cases,
                    "activity": "Discount Approval Requested",
                    "time": moment(asked),
                    "actor": f"Seller {name}",
                }
            )
        )
        parts.append(
            pd.DataFrame({"case_id": cases, "activity": "Discount Approved", "time": moment(done), "actor": name})
        )
    return build(pd.concat(parts, ignore_index=True)), planted  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_the_desk_that_batches_and_the_one_that_has_too_much_are_told_apart(seed):
    log, planted = desks(seed)
    table = diagnose.waiting_causes(log, names=True).set_index("actor")
    assert list(table.index[table["batches"]]) == ["Friday"]
    assert table["contention_days"].idxmax() == "Over"
    # By working time, so that nights do not count as a queue
    assert table.loc["Over", "contention_days"] == pytest.approx(planted["Over"], rel=0.2)
    assert (table.loc[list(CALM), "contention_days"] < 0.15 * planted["Over"]).all()
    # First come, first served
    assert table["prioritisation_days"].sum() == pytest.approx(0, abs=0.1)
    # Nearly all of the Friday desk's waits is for Friday
    friday = table.loc["Friday"]
    assert friday["batching_days"] > 0.95 * friday["case_days"]
    assert table[PARTS].sum(axis=1).to_numpy() == pytest.approx(table["case_days"].to_numpy())
    assert (table[PARTS] > -1e-9).all().all()


def test_later_work_done_first_is_prioritisation():
    # Two a day, of which the later one is taken first, an hour each: the earlier waits while it is done.
    asked = (np.arange(60)[:, None] * 24 + np.array([8, 9])) * HOUR
    done = (np.arange(60)[:, None] * 24 + np.array([12, 11])) * HOUR
    desk = judged("Legal Done", "Kim", np.arange(120), asked.ravel(), done.ravel(), ALWAYS)
    parts = split(replace(desk, kind=QUEUE))
    # Each early one waits from 8 to 11 behind the late one, which is the only one done meanwhile
    assert parts["prioritisation"].sum() == 60 * 3 * HOUR
    assert parts["contention"].sum() == 0


def test_in_the_demo_company_one_person_batches_and_nobody_queues():
    log = demo()
    table = diagnose.desks(log, names=True).set_index("actor")
    assert table.loc[table["kind"] != "pace", ["kind", "weekday"]].to_numpy().tolist() == [["batch", "friday"]]
    assert set(table.index[table["kind"] == "batch"]) == {"Klaus Richter"}
    causes = diagnose.waiting_causes(log, names=True)
    assert set(causes.loc[causes["batches"], "actor"]) == {"Klaus Richter"}
    assert causes["contention_days"].sum() == 0


def test_the_days_of_the_demo_company_add_up():
    log = demo(1500)
    table = diagnose.bottlenecks(log)
    assert table["case_days"].sum() == pytest.approx(diagnose.total_days(log), rel=1e-9)
    assert table[PARTS].sum(axis=1).to_numpy() == pytest.approx(table["case_days"].to_numpy(), abs=1e-6)
    assert (table["waits_for"] == table["to"].map(vocabulary.whose_move)).all()
    customer = table["waits_for"] == "customer"
    assert (table.loc[~customer, "customer_days"] == 0).all()
    assert table.loc[customer, "customer_days"].to_numpy() == pytest.approx(table.loc[customer, "case_days"].to_numpy())
    known = table["gain_days"].notna()
    assert known.any()
    gains = table[known]
    assert (gains["gain_low"] <= gains["gain_days"]).all() and (gains["gain_days"] <= gains["gain_high"]).all()
    assert (gains["gain_days"] <= gains["case_days"]).all() and (gains["gain_low"] >= 0).all()


@given(event_rows(), st.randoms(use_true_random=False))
def test_the_parts_add_up_in_any_log_in_any_order(rows, chance):
    rows["actor"] = [chance.choice(["Kim", "Sato", None]) for _ in range(len(rows))]
    places = list(range(len(rows)))
    chance.shuffle(places)
    log = build(rows)
    table = diagnose.bottlenecks(log)
    assert table["case_days"].sum() == pytest.approx(diagnose.total_days(log), abs=1e-9)
    assert table[PARTS].sum(axis=1).to_numpy() == pytest.approx(table["case_days"].to_numpy(), abs=1e-9)
    parts = step_causes(log)
    assert parts[PARTS].to_numpy().sum() == pytest.approx(table["case_days"].sum(), abs=1e-9)
    if not rows.duplicated(["case_id", "time"]).any():
        # Events of one moment stand in the order in which they were written.
        pd.testing.assert_frame_equal(table, diagnose.bottlenecks(build(rows.iloc[places])))


PIECES = st.lists(st.tuples(st.integers(0, 14 * 24), st.integers(0, 100)), min_size=1, max_size=60)
SHIFTS = st.builds(
    Shifts, st.integers(0, 23), st.integers(1, 24), st.lists(st.booleans(), min_size=7, max_size=7).map(np.array)
)


@given(PIECES, SHIFTS)
def test_the_parts_of_a_desk_add_up_and_none_is_negative(pieces, worked):
    def each(start, end, worked):
        desk = judged("Legal Done", "Kim", np.arange(len(start)), start, end, worked)
        back = np.argsort(desk.place)
        return {cause: value[back] for cause, value in split(desk).items()}

    start = np.array([begin for begin, _ in pieces]) * HOUR + 20_000 * DAY
    end = start + np.array([length for _, length in pieces]) * HOUR
    found = each(start, end, worked)
    assert np.sum(list(found.values()), axis=0).tolist() == (end - start).tolist()
    assert all((value >= 0).all() for value in found.values())
    # Whoever sorts the pieces otherwise gets the same for each
    back = np.arange(len(start))[::-1]
    other = each(start[back], end[back], worked)
    for cause, value in found.items():
        assert value.sum() == pytest.approx(other[cause].sum())


@given(SHIFTS, st.integers(0, 20 * 1440), st.integers(0, 9 * 1440))
def test_open_time_is_that_counted_minute_by_minute(calendar, start, length):
    minute = 60_000_000
    base = 20_000 * 1440
    clock = np.arange(base + start, base + start + length)
    # 1970-01-01 was a Thursday; a shift belongs to the day on which it began.
    shift, within = np.divmod(clock - calendar.start * 60, 1440)
    opened = (within < calendar.hours * 60) & calendar.days[(shift + 3) % 7]
    ends = np.array([base + start, base + start + length], dtype=np.int64) * minute
    assert np.diff(calendar.open_time(ends))[0] == opened.sum() * minute


def test_a_night_shift_from_friday_ends_on_saturday():
    # Monday to Friday from 22 for 8 hours: Friday night's shift ends on Saturday at 6, then nothing until Monday 22.
    week = np.array([True] * 5 + [False] * 2)
    clock = np.array(["2024-01-05T21", "2024-01-06T02", "2024-01-06T12", "2024-01-08T21", "2024-01-08T23"])
    times = clock.astype("datetime64[us]").astype(np.int64)
    assert (np.diff(Shifts(22, 8, week).open_time(times)) / HOUR).tolist() == [4, 4, 0, 1]


def alike(slow=1.0):
    """Four reps with the same deals; the last one takes so many times as long."""
    waits = np.exp(np.random.default_rng(0).normal(2, 0.4, 150))
    rows = []
    for place, rep in enumerate(("Kim", "Lee", "Mori", "Sato")):
        for k, days in enumerate(waits):
            begun = np.datetime64("2024-01-01T00:00") + np.timedelta64(k, "D")
            took = np.timedelta64(round(days * (slow if place == 3 else 1) * 86400), "s")
            rows += [(f"{rep}{k}", "Opportunity Created", begun, rep), (f"{rep}{k}", "Quote Sent", begun + took, rep)]
    frame = pd.DataFrame(rows, columns=["case_id", "activity", "time", "rep"]).assign(amount=1000.0)
    return build(frame, extracted=ORIGIN.replace(year=2026)), float(waits.sum())


def test_nothing_is_gained_where_all_are_alike():
    row = diagnose.bottlenecks(alike()[0]).iloc[0]
    assert row["gain_days"] == pytest.approx(0, abs=1e-6)
    assert row["gain_low"] == 0 and row["gain_money"] == pytest.approx(0, abs=1e-6)
    assert row["peers"] == "rep"


def test_the_gain_is_what_the_slow_one_takes_more():
    log, days = alike(slow=2.0)
    row = diagnose.bottlenecks(log, cost_of_capital=0.1).iloc[0]
    # Sato takes twice the days of the others; at their level half of hers are saved. 1,000 a deal, at 10 % a year.
    assert row["gain_days"] == pytest.approx(days, rel=0.08)
    assert row["gain_low"] < days < row["gain_high"]
    assert row["gain_money"] == pytest.approx(row["gain_days"] * 1000 * 0.1 / 365)
    assert 0 < row["gain_low"] < row["gain_days"] < row["gain_high"]


def test_gains_are_unknown_for_steps_that_few_take_or_nobody_can_be_compared_in():
    log = from_text("\n".join(f"c{i} [rep=r{i % 4}]: Quote Sent 0, Closed Won {5 + i % 7}" for i in range(60)))
    assert diagnose.bottlenecks(log)["gain_days"].isna().all()
    log = from_text("\n".join(f"c{i}: Quote Sent 0, Closed Won {5 + i % 7}" for i in range(200)))
    row = diagnose.bottlenecks(log).iloc[0]
    assert np.isnan(row["gain_days"]) and row["peers"] is None


def test_where_no_case_has_two_events_nobody_waits_and_nobody_batches():
    table = diagnose.waiting_causes(from_text("a: Lead Created 0\nb: Lead Created 3"))
    assert len(table[table["batches"]].drop(columns=["actor", "batches"])) == 0
