"""What discounts do and cost: companies whose truth is known, and numbers worked out by hand."""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

import l2c
from l2c import engine
from l2c.diagnose import bunching, discount_bands, discount_effect, leakage
from l2c.log import build
from tests.logs import from_text

EXTRACTED = datetime(2025, 9, 1)


def world(seed, beta=0.03, n=5000, hide=False):
    """A company in which discount is given to large deals with a competitor; with its true effect per point."""
    r = np.random.default_rng(seed)
    rep, segment, source, product = (r.integers(0, k, n) for k in (30, 3, 5, 6))
    size = r.normal(9.5 + 0.5 * segment, 0.7)
    rival = r.random(n) < 0.35
    points = 5 + 3 * (size - 9.5) + 4 * rival + r.normal(0, 3, 30)[rep] + r.normal(0, 4, n)
    points = np.clip(points, 0, 40)
    skill = r.normal(0, 0.35, 30)[rep]
    eta = 0.4 + beta * points - 0.45 * (size - 9.5) - 0.9 * rival + skill + 0.1 * (source - 2)
    p = 1 / (1 + np.exp(-eta))
    won = r.random(n) < p
    begun = np.datetime64("2024-01-01") + (np.sort(r.random(n)) * 600 * 86400).astype("timedelta64[s]")
    closed = begun + (r.lognormal(3, 0.6, n) * 86400).astype("timedelta64[s]")
    columns = {"rep": rep, "segment": segment, "lead_source": source, "product": product}
    deals = pd.DataFrame({"case_id": np.arange(n), **columns}).map("x{}".format)
    deals = deals.assign(amount=np.exp(size), discount=points / 100)
    if not hide:
        deals["competitor"] = np.where(rival, "yes", "no")
    events = pd.concat(
        [
            deals.assign(activity="Opportunity Created", time=begun),
            deals.assign(activity="Quote Sent", time=begun + (closed - begun) / 2),
            deals.assign(activity=np.where(won, "Closed Won", "Closed Lost"), time=closed),
        ]
    )
    return build(events[events["time"] <= EXTRACTED], extracted=EXTRACTED), float((p * (1 - p) * beta).mean())


@pytest.fixture(scope="module")
def effects():
    """Estimate and truth in eight companies in which a point of discount raises the chance by about 0.7 points."""
    return [(discount_effect(log).iloc[0], truth) for log, truth in map(world, range(8))]


def test_the_sign_is_right_although_the_raw_one_is_wrong(effects):
    assert all(truth > 0.005 for _, truth in effects)
    assert all(found["raw"] < 0 for found, _ in effects)
    assert sum(found["raw_high"] < 0 for found, _ in effects) >= 4
    assert all(found["value"] > 0 and found["verdict"] in ("raises", "none") for found, _ in effects)
    assert sum(found["verdict"] == "raises" for found, _ in effects) >= 6
    assert all(found["crossfit"] > 0 and found["strongest_of"] for found, _ in effects)


def test_the_interval_holds_the_truth(effects):
    # At 95 %, fewer than 6 of 8 would happen once in 200 times.
    assert sum(found["low"] <= truth <= found["high"] for found, truth in effects) >= 6
    bias = np.mean([found["value"] - truth for found, truth in effects])
    assert abs(bias) < 0.0015
    assert all(0.05 < found["support"] < 1 and 0 < found["robustness"] < 1 for found, _ in effects)


def test_without_the_competitor_nobody_says_that_it_raises():
    for seed in range(3):
        found = discount_effect(world(seed, hide=True)[0]).iloc[0]
        assert found["verdict"] in ("unknown", "none")
        assert "competitor" in found["reason"]


def test_no_effect_is_found_where_there_is_none():
    found = [discount_effect(world(seed, beta=0)[0]).iloc[0] for seed in range(6)]
    assert sum(row["verdict"] == "none" for row in found) >= 5
    assert all(abs(row["value"]) < 0.005 for row in found)


def test_the_discounts_of_the_demo_company_are_idle():
    found = discount_effect(l2c.demo()).iloc[0]
    assert found["verdict"] == "none"
    assert found["raw"] < 0
    # They are planted without any effect, and go to the deals that are hard to win.
    assert found["low"] < 0 < found["high"]


def test_the_order_of_the_rows_does_not_matter():
    log = world(1, n=1500)[0]
    cases = engine.collect(log.cases.select("case_id", *log.attributes))
    rows = engine.collect(log.events.select("case_id", "activity", "time")).merge(cases, on="case_id")
    other = build(rows.sample(frac=1, random_state=3), extracted=EXTRACTED)
    one, two = discount_effect(log).iloc[0], discount_effect(other).iloc[0]
    assert one["verdict"] == two["verdict"]
    for name in ("value", "low", "high", "raw", "robustness", "support", "crossfit"):
        assert one[name] == pytest.approx(two[name], rel=1e-6)
    for function in (leakage, bunching, discount_bands):
        pd.testing.assert_frame_equal(function(log), function(other))


def deals(*discounts, tail="Closed Won 1"):
    return from_text("\n".join(f"c{k} [discount={d}]: Quote Sent 0, {tail}" for k, d in enumerate(discounts)))


def test_bands_count_by_the_point():
    log = from_text(
        """
        a [discount=0.15]: Quote Sent 0, Closed Won 1
        b [discount=0.159]: Quote Sent 0, Closed Lost 1
        c [discount=0.29]: Quote Sent 0
        d [discount=0]: Quote Sent 0, Closed Won 1
        e: Quote Sent 0, Closed Won 1
        """
    )
    table = discount_bands(log)
    # 0.15 and 0.29 are not exactly fractions of two, and still begin their own bands
    assert table["discount"].tolist() == pytest.approx([0, 0.15, 0.29])
    assert table[["cases", "won", "closed"]].to_numpy().tolist() == [[1, 1, 1], [2, 1, 2], [1, 0, 0]]
    assert table["share"].tolist() == pytest.approx([1, 0.5, np.nan], nan_ok=True)


def test_bunching_by_hand():
    # Below 10 %: 2 deals at 7 %; up to it: 12 at 9 % and 10 %; above: 4 at 11 %. Expected (2 + 4) / 2 = 3.
    log = deals(*[0.07] * 2, *[0.09] * 5, *[0.10] * 7, *[0.11] * 4)
    row = bunching(log, thresholds=(0.10,)).iloc[0]
    assert (row["cases"], row["expected"], row["above"]) == (12, 3, 4)
    assert row["value"] == pytest.approx(4)
    assert row["low"] < 4 < row["high"]


def test_discounts_that_run_smoothly_do_not_bunch():
    log = deals(*np.round(np.random.default_rng(0).uniform(0, 0.4, 3000), 4))
    table = bunching(log)
    assert ((table["low"] <= 1) & (table["high"] >= 1)).sum() >= 5


LEAK = """
    a [discount=0.25, amount=750]: Quote Sent 0, Closed Won 1
    b [discount=0.4, amount=600]: Discount Approved 0, Closed Won 1
    c [discount=0.1, amount=900]: Closed Won 1
    lost [discount=0.5, amount=500]: Closed Lost 1
    open [discount=0.5, amount=500]: Quote Sent 1
    nothing [amount=500]: Closed Won 1
"""


def test_leakage_by_hand():
    table = leakage(from_text(LEAK), limit=0.2).set_index("kind")
    # List prices are 1,000 each: 50 above the limit in a, 200 in b; only a was not approved. Of 3,000 in all.
    assert table.loc["policy", ["cases", "amount", "share"]].tolist() == pytest.approx([2, 250, 250 / 3000])
    assert table.loc["unapproved", ["cases", "amount", "share"]].tolist() == pytest.approx([1, 50, 50 / 3000])
    # All that was not approved is above the limit too; of what is above the limit, a's 50 is.
    assert table["overlap"].tolist() == pytest.approx([50, 50, 0])
    # Fewer than ten alike: nothing to compare with
    assert table.loc["comparable", "amount"] == 0


def test_leakage_against_deals_alike():
    # Ten deals at 10 %, one at 30 %: the median is 10 %; of its list price of 1,000, 200 is above it, 100 above 20 %.
    lines = [f"c{k} [discount=0.1, amount=900, segment=S]: Closed Won 1" for k in range(10)]
    lines.append("x [discount=0.3, amount=700, segment=S]: Discount Approved 0, Closed Won 1")
    log = from_text("\n".join(lines))
    table = leakage(log, limit=0.2).set_index("kind")
    assert table.loc["comparable", ["cases", "amount", "overlap"]].tolist() == pytest.approx([1, 200, 100])
    assert table.loc["policy", "amount"] == pytest.approx(100)


def test_discounts_known_of_won_deals_only_say_nothing():
    lines = [f"w{k} [discount={0.01 * (k % 30)}]: Opportunity Created 0, Closed Won 9" for k in range(200)]
    lines += [f"l{k}: Opportunity Created 0, Closed Lost 9" for k in range(200)]
    found = discount_effect(from_text("\n".join(lines), until=200)).iloc[0]
    assert found["verdict"] == "unknown"
    assert "known for won deals and not for lost ones" in found["reason"]
    assert np.isnan(found["value"])
