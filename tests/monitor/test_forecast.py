"""What will be won is foretold with its range, and beside it what everybody foretells, each with what it missed."""

import functools

import numpy as np
import pandas as pd
import polars as pl
import pytest

from l2c import engine, monitor
from l2c.log import build
from l2c.log.zone import Clock, micros
from l2c.monitor.pipeline import amounts, blend, comparators, outlook, spans, widened
from l2c.words.notes import ids
from tests.logs import ORIGIN, from_text, rows_from_text


@pytest.fixture(scope="module", autouse=True)
def few_dates():
    """Few earlier dates: what is tested here does not depend on how many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(widened, "LATEST_DATES", 2)
        patch.setattr(blend, "EARLIER_DATES", 2)
        yield


def told(text, until, history="", **facts):
    """A log with histories of its deals: `case attribute day value`, one a line."""
    rows = []
    for line in filter(str.strip, history.splitlines()):
        case, name, day, value = line.split(maxsplit=3)
        value = ORIGIN + pd.Timedelta(days=float(value)) if name == "close_date" else value.strip()
        value = float(value) if name in ("amount", "probability") else value
        rows.append({"case_id": case, "time": ORIGIN + pd.Timedelta(days=float(day)), name: value})
    known = pd.DataFrame(rows)
    last = known.sort_values("time", kind="stable").drop(columns="time").groupby("case_id").last().reset_index()
    known["position"] = range(len(known))
    extracted = ORIGIN + pd.Timedelta(days=until)
    return build(
        rows_from_text(text), history=pl.from_pandas(known), cases=pl.from_pandas(last), extracted=extracted, **facts
    )


TINY = """
    a: Opportunity Created 0, Closed Won 20
    b: Opportunity Created 0, Closed Lost 20
    c: Opportunity Created 0, Closed Won 20
    d: Opportunity Created 0, Closed Lost 10
    e: Opportunity Created 25
    f: Opportunity Created 25
    g: Opportunity Created 25
"""
HISTORY = """
    a stage 0 Prospect
    b stage 0 Prospect
    c stage 0 Prospect
    d stage 0 Prospect
    a stage 5 Offer
    b stage 5 Offer
    c stage 5 Offer
    e stage 25 Prospect
    f stage 25 Offer
    g stage 25 Prospect
    e amount 25 100
    f amount 25 300
    g amount 25 1000
    e close_date 25 40
    f close_date 25 20
    g close_date 25 70
    e probability 25 10
    f probability 25 90
    g probability 25 50
    e forecast_category 25 Best Case
    f forecast_category 25 Commit
    g forecast_category 25 Omitted
"""


def test_what_everybody_foretells_worked_out_by_hand():
    log = told(TINY, 30, HISTORY)
    keys = engine.collect(log.cases.select("case_id", "case_key")).set_index("case_id")["case_key"]
    key = keys[["e", "f", "g"]].to_numpy()
    found = comparators.said(log, micros(log.extracted), key)
    # Day 40 is ten days and a half away, day 20 is past, day 70 is 40 and a half away.
    assert found.close.tolist() == [10.5, 0.0, 40.5]
    # Of four closed deals that were Prospects two were won; of three that had an offer two.
    assert found.share["stage_weighted"] == pytest.approx([1 / 2, 2 / 3, 1 / 2])
    sums = found.sums(np.array([100.0, 300.0, 1000.0]), np.array([0.0, 30.0]), np.array([30.0, 60.0]))
    assert sums["stage_weighted"] == pytest.approx([50 + 200, 500])
    assert sums["probability"] == pytest.approx([10 + 270, 500])
    assert sums["commit"] == pytest.approx([300, 0])
    assert sums["best_case"] == pytest.approx([400, 0])


def test_earlier_only_what_the_histories_tell_was_said():
    log = told(TINY, 60, HISTORY + "\n e stage 50 Offer \n e amount 50 500 \n e close_date 50 90")
    keys = engine.collect(log.cases.select("case_id", "case_key")).set_index("case_id")["case_key"]
    then = micros(ORIGIN + pd.Timedelta(days=30))
    found = comparators.said(log, then, keys[["e"]].to_numpy())
    assert found.close.tolist() == [10.5] and found.share["stage_weighted"] == pytest.approx([1 / 2])
    # Without a history the close date of today may be the day of the close: then nothing was said.
    rows = rows_from_text(TINY)
    known = pl.DataFrame({"case_id": list("abcdefg"), "close_date": [ORIGIN] * 7, "probability": [50.0] * 7})
    plain = build(rows, cases=known, extracted=ORIGIN + pd.Timedelta(days=60))
    assert np.isfinite(comparators.said(plain, micros(plain.extracted), np.array([4])).close).all()
    earlier = comparators.said(plain, then, np.array([4]))
    assert np.isnan(earlier.close).all() and "probability" not in earlier.share
    assert np.isnan(earlier.sums(np.ones(1), np.zeros(1), np.ones(1))["stage_weighted"]).all()


def test_the_rest_of_the_month_comes_first():
    clock = Clock("Asia/Tokyo")
    # 10 June, 9:00 in Tokyo.
    until = micros(pd.Timestamp("2025-06-10"))
    found = spans.calendar(clock, until, 3, "month")
    days = [pd.Timestamp(int(day), unit="D").strftime("%m-%d") for day in (*found.first, *found.last)]
    assert days == ["06-10", "07-01", "08-01", "06-30", "07-31", "08-31"]
    assert found.begin == pytest.approx([0, 20.625, 51.625]) and found.end == pytest.approx([20.625, 51.625, 82.625])
    # A last evening is no period.
    late = spans.calendar(clock, micros(pd.Timestamp("2025-06-30 12:00")), 1, "month")
    assert pd.Timestamp(int(late.first[0]), unit="D") == pd.Timestamp("2025-07-01")
    quarter = spans.calendar(Clock("UTC", 2), until, 1, "quarter")
    assert [pd.Timestamp(int(d), unit="D").strftime("%m-%d") for d in (quarter.named[0], quarter.last[0])] == [
        "05-01",
        "07-31",
    ]


def test_a_range_is_widened_by_what_was_missed():
    # c² = (3 + 4 + 4 + 4 + 4) / (3 + 4)
    assert widened.factor(np.array([2.0, -2.0, 2.0, -2.0])) == pytest.approx((19 / 7) ** 0.5)
    assert widened.factor(np.array([0.1, np.nan])) == 1.0 == widened.factor(np.empty(0))
    middle, low, high = widened.ends(np.arange(19.0)[:, None], np.array([2.0]))
    # Of 0 … 18 the fifth and the 95th of a hundred are 0 and 18 about 9; twice as wide from below nothing to 27.
    assert (middle.item(), low.item(), high.item()) == (9.0, 0.0, 27.0)


SURE = 120


@functools.cache
def sure():
    """Whoever has a quote pays its amount after ten days; whoever has none within five is lost. Taken on 1 May; the last 14 are open."""
    lines = []
    for i in range(SURE):
        region, began = ("North", "South")[i % 2], i
        if i % 3:
            amount, steps = 100 + i, [("Quote Sent", began + 1), ("Closed Won", began + 11)]
        else:
            amount, steps = 50, [("Closed Lost", began + 5)]
        known = ", ".join(f"{name} {day}" for name, day in steps if day <= SURE)
        lines.append(f"d{i} [amount={amount}, region={region}]: Opportunity Created {began}{', ' * bool(known)}{known}")
    return from_text("\n".join(lines), until=SURE)


def test_what_is_sure_is_foretold():
    found = monitor.forecast(sure(), 2).iloc[:1]
    # Quoted on day 110 to 119, so won by day 130, all of them.
    quoted = sum(100 + i for i in range(SURE) if i % 3 and i + 1 <= SURE < i + 11)
    assert found["value"].item() == pytest.approx(quoted, rel=0.05)
    assert found["low"].item() <= quoted <= found["high"].item() and found["widened"].item() >= 1
    # No close dates: nobody else says when.
    assert found[list(comparators.METHODS)].isna().all(axis=None) and "forecast_no_dates" in ids(
        monitor.forecast(sure(), 2).attrs["note"]
    )
    # Of the 19 days in which a new deal could still be won by day 150, two in three bring about 220.
    assert found["to_come_low"].item() < 19 * 2 / 3 * 220 < found["to_come_high"].item()
    assert found["total"].item() == pytest.approx(found["value"].item() + found["to_come"].item())


def test_months_add_up_to_their_quarter_and_regions_to_the_whole():
    # 1 May is the first day of the second month of its quarter.
    log, sums = sure(), ["value", "deals", "to_come", "total"]
    quarter, months = monitor.forecast(log, 1, unit="quarter"), monitor.forecast(log, 2)
    assert months["begin"].tolist() == [pd.Timestamp("2025-05-01"), pd.Timestamp("2025-06-01")]
    assert months[sums].sum().to_numpy() == pytest.approx(quarter[sums].iloc[0].to_numpy(float), rel=1e-9)
    parts = [monitor.forecast(log.where(region=region), 2) for region in ("North", "South")]
    assert sum(part[sums] for part in parts).to_numpy() == pytest.approx(months[sums].to_numpy(), rel=1e-9)
    assert parts[0]["widened"].equals(months["widened"])
    # Which deals are open says nothing of those that are not opened yet, and changes no chance.
    some = monitor.forecast(log.where(outcome="open"), 2)
    assert some["value"].equals(months["value"]) and some["total"].isna().all()
    assert "forecast_of_open" in ids(some.attrs["note"])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a [amount=5]: Opportunity Created 0, Closed Won 5", "chances_few"),  # nothing is open
        ("a: Lead Created 0", "chances_few"),
        (
            "a [amount=5, currency=USD]: Opportunity Created 0 \n b [amount=7, currency=JPY]: Opportunity Created 1",
            "currencies",
        ),
        (
            "\n".join(f"a{i} [amount=9]: Opportunity Created {i}{', Closed Won 19' * (i % 2)}" for i in range(20)),
            "chances_few",
        ),
    ],
)
def test_where_little_is_known_nothing_is_foretold(text, why):
    found = monitor.forecast(from_text(text, until=20))
    assert len(found) == 3 and found[["low", "high"]].isna().all(axis=None) and why in ids(found.attrs["note"])


def told_of(blended, simulated, to_come=0.0):
    """What draws that are all alike tell of one span."""
    value = {outlook.BLENDED: np.full((5, 1), blended), outlook.SIMULATED: np.full((5, 1), simulated)}
    none = {name: np.full(1, np.nan) for name in comparators.METHODS}
    return outlook.Told(value, dict.fromkeys(value, np.ones(1)), np.full((5, 1), to_come), none, None)


def test_what_was_nearer_at_earlier_dates_is_shown():
    came = {"value": np.array([[100.0], [120.0]]), "to_come": np.ones((2, 1)), "total": np.array([[101.0], [121.0]])}
    told = (told_of(200.0, 110.0), told_of(180.0, 120.0))
    past = widened.Past(told, came, np.array([1.0, 1.0]))
    assert past.way == (outlook.SIMULATED, False)
    # Missed by 10 % and by nothing.
    assert past.missed("value") == pytest.approx([0.05]) and past.dates.tolist() == [2]
    # Deals that bring half of what they stand at: 200 and 180 become 100 and 90, which misses by nothing and a quarter.
    far = widened.Past((told_of(200.0, 300.0), told_of(180.0, 300.0)), came, np.array([0.5, 0.5]))
    assert far.way == (outlook.BLENDED, True) and far.missed("value") == pytest.approx([0.125])
    # A twentieth nearer is no reason.
    near = widened.Past((told_of(110.0, 109.8), told_of(132.0, 132.0)), came, np.array([1.0, 1.0]))
    assert near.way == (outlook.BLENDED, False)


def test_what_deals_bring_by_what_they_stood_at():
    lines = "\n".join(f"d{i}: Opportunity Created {i}, Closed Won {i + 40}" for i in range(60))
    history = "\n".join(f"d{i} amount {i} 100\n d{i} amount {i + 40} 150" for i in range(60))
    log = told(lines, 120, history)
    assert amounts.growth(log, micros(log.extracted)) == pytest.approx(1.5)
    # By day 41 one deal was won: too few to tell.
    assert amounts.growth(log, micros(ORIGIN + pd.Timedelta(days=41))) == 1.0
