"""Chances of open deals: tables, weights and the logit against other sources, and what a chance may never depend on."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from l2c import monitor
from l2c.log import build
from l2c.monitor.pipeline import blend, calibration, logit, tables, ways
from l2c.monitor.pipeline import chances as pipeline
from l2c.monitor.pipeline.calibration import slope
from l2c.monitor.pipeline.chances import chances, reweighted
from l2c.monitor.pipeline.known import leaks
from l2c.monitor.pipeline.lives import FAILED, HOPED, OPEN, lives
from l2c.monitor.pipeline.snapshots import Snapshots, moments, taken
from l2c.monitor.pipeline.tenths import tenths
from l2c.stats.rates import rate

START = datetime(2025, 1, 6)


def company(cases=400, days=300.0, seed=1):
    """Deals that go through two stages; large ones are lost more often."""
    rng = np.random.default_rng(seed)
    began = np.sort(rng.random(cases) * days)
    amount = np.exp(rng.normal(9, 1, cases)).round()
    won = rng.random(cases) < 1 / (1 + np.exp(1.2 * (np.log(amount) - 9)))
    quoted, closed = began + 1 + rng.exponential(15, cases), None
    closed = quoted + 1 + rng.exponential(20, cases)
    leaves = ~won & (rng.random(cases) < 0.5)
    rows = [("Opportunity Created", began, np.ones(cases, bool)), ("Quote Sent", quoted, ~leaves)]
    rows += [("Closed Won", closed, won), ("Closed Lost", np.where(leaves, quoted, closed), ~won)]
    parts = [
        pd.DataFrame({"c": np.flatnonzero(s), "activity": n, "day": d[s], "amount": amount[s]}) for n, d, s in rows
    ]
    frame = pd.concat(parts, ignore_index=True).sort_values(["c", "day"], kind="stable")
    frame["region"] = np.array(["North", "South"])[frame["c"] % 2]
    frame["case_id"] = [f"C{c:04d}" for c in frame["c"]]
    frame["time"] = START + pd.to_timedelta((frame["day"] * 86400).round(), unit="s")
    return frame.drop(columns="c").reset_index(drop=True)


def log_of(frame, day=300.0, **more):
    return build(frame[frame["day"] <= day].drop(columns="day"), extracted=START + timedelta(days=day), **more)


@pytest.fixture(scope="module", autouse=True)
def small():
    """Few runs and earlier dates: what is tested here does not depend on how many."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (blend, calibration):
            for name, value in {"RUNS_THEN": 30, "DRAWS_THEN": 1, "EARLIER_DATES": 2}.items():
                patch.setattr(module, name, value)
        patch.setattr(pipeline, "DEAL_RUNS", 60)
        patch.setattr(pipeline, "TWIN_DRAWS", 2)
        yield


@pytest.fixture(scope="module")
def rows():
    return company()


@pytest.fixture(scope="module")
def log(rows):
    return log_of(rows)


def snapshots(left, how, stage=None, case=None):
    n = len(left)
    stage = np.zeros(n, int) if stage is None else np.array(stage)
    case = np.arange(n) if case is None else np.array(case)
    numbers = {"in_stage_days": np.arange(n, dtype=float), "age_days": np.arange(n, dtype=float)}
    names = tuple("ABC"[: stage.max() + 1])
    return Snapshots(case, np.zeros(n, int), stage, np.array(left, float), np.array(how), names, numbers, {}, {})


def test_the_table_is_that_of_aalen_and_johansen_by_stage(monkeypatch):
    monkeypatch.setattr(tables, "STRENGTH", 0.0)
    found = tables.learnt(
        snapshots(
            [1, 2, 3, 4, 1, 2, 3, 5, 5],
            [HOPED, OPEN, FAILED, HOPED, FAILED, HOPED, OPEN, HOPED, OPEN],
            [0, 0, 0, 0, 1, 1, 1, 2, 2],
        )
    )
    # A: 4 at risk, won at 1: 1/4. Open at 2. Lost at 3: 3/4 · 1/2. Won at 4: 3/8. Won in all 5/8.
    # B: lost at 1: 1/3. Won at 2: 2/3 · 1/2 = 1/3; the last one is open: of what ended, a half.
    # C: all that ended were won.
    assert found.of(np.array([0, 1, 2])) == pytest.approx([5 / 8, 1 / 2, 1])


def test_small_stages_are_drawn_towards_all_together():
    found = tables.learnt(snapshots([1] * 41, [HOPED] * 20 + [FAILED] * 20 + [HOPED], [0] * 40 + [1]))
    # One deal of its own and ten of the rest.
    assert found.of(np.array([1, -1])) == pytest.approx([(1 + 10 * 21 / 41) / 11, 21 / 41])


def test_weights_are_those_of_brute_force():
    rng = np.random.default_rng(3)
    left, how = np.round(rng.exponential(10, 200), 1), rng.choice([HOPED, FAILED, OPEN], 200)
    found = tables.ipcw(snapshots(left, how, rng.integers(0, 2, 200)))
    stage = np.random.default_rng(3)
    stage.exponential(10, 200), stage.choice([HOPED, FAILED, OPEN], 200)
    code = stage.integers(0, 2, 200)
    for k in range(200):
        own = code == code[k]
        watched = 1.0
        for t in np.unique(left[own & (how == OPEN) & (left < left[k])]):
            # Those that ended at that moment were watched until then, and no longer.
            at_risk = (own & ((left > t) | ((left == t) & (how == OPEN)))).sum()
            watched *= 1 - (own & (left == t) & (how == OPEN)).sum() / at_risk
        assert found[k] == pytest.approx(0.0 if how[k] == OPEN else 1 / max(watched, tables.LEAST_WATCHED))


def test_the_weighted_logit_is_that_of_another_source():
    smf = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(5)
    x = np.column_stack([np.ones(400), rng.normal(size=(400, 3))])
    y, w = (rng.random(400) < 1 / (1 + np.exp(-x @ [0.2, 1, -0.5, 0]))).astype(float), rng.integers(1, 4, 400) * 1.0
    plain = smf.GLM(y, x, family=smf.families.Binomial(), freq_weights=w).fit()
    assert logit._newton(x, y, w, 0.0, np.zeros(4), free=4) == pytest.approx(plain.params, abs=1e-4)
    deal = np.arange(400) // 4
    robust = smf.GLM(y, x, family=smf.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": deal, "use_correction": False}
    )
    spread = np.diag(logit._sandwich(x, y, np.ones(400), 1e-9, robust.params, deal))
    assert spread == pytest.approx(np.diag(robust.cov_params()), rel=0.02)
    # Held out by one step of Newton's method, or by fitting again: much the same.
    fold = np.arange(400) % 5
    near = logit._held_out(x, y, w, 1.0, logit._newton(x, y, w, 1.0, np.zeros(4)), fold)
    again = np.concatenate(
        [x[fold == k] @ logit._newton(x[fold != k], y[fold != k], w[fold != k], 1.0, np.zeros(4)) for k in range(5)]
    )
    assert near[np.argsort(fold, kind="stable")] == pytest.approx(again, abs=0.02)


def test_the_slope_is_one_where_chances_hold():
    rng = np.random.default_rng(2)
    share = rng.uniform(0.1, 0.9, 20_000)
    hit = (rng.random(20_000) < share).astype(float)
    assert slope(share, hit, np.ones(20_000)) == pytest.approx(1, abs=0.06)
    bold = 1 / (1 + np.exp(-2 * np.log(share / (1 - share))))
    assert slope(bold, hit, np.ones(20_000)) == pytest.approx(0.5, abs=0.05)


def test_draws_are_changed_no_more_than_they_must_be():
    rng = np.random.default_rng(1)
    hoped = np.where(rng.random((100, 2)) < 0.5, 10.0, np.inf)
    over = np.where(np.isfinite(hoped), hoped, 20.0)
    won, ended = reweighted(hoped, over, np.array([0.8, 0.2]), rng)
    assert np.isfinite(won).mean(axis=0) == pytest.approx([0.8, 0.2], abs=0.02)
    assert (ended[np.isfinite(won)] == 10).all()
    assert (ended[~np.isfinite(won)] == 20).all()
    # Who was won stays so where more are to be.
    assert np.isfinite(won[np.isfinite(hoped[:, 0]), 0]).all()


def test_snapshots_know_what_was_known_on_the_day(log, rows):
    of = lives(log)
    moment = moments(of)[10]
    found = taken(of, [moment])
    day = (moment / 1e6 - START.timestamp() + datetime(1970, 1, 1).timestamp()) / 86400
    of_case = {case: part for case, part in rows[rows["day"] <= 300].groupby("case_id")}
    names = sorted(of_case)
    still = [n for n in names if of_case[n]["day"].min() <= day < of_case[n].loc[of_case[n]["activity"].str.startswith("Closed"), "day"].min(skipna=True)
             or (of_case[n]["day"].min() <= day and not of_case[n]["activity"].str.startswith("Closed").any())]  # fmt: skip
    assert len(found) == len(still)
    assert found.numbers["age_days"] == pytest.approx([day - of_case[n]["day"].min() for n in still], abs=1e-4)
    last = [of_case[n][of_case[n]["day"] <= day].iloc[-1] for n in still]
    assert [found.stages[k] for k in found.stage] == [row["activity"] for row in last]
    assert found.numbers["in_stage_days"] == pytest.approx([day - row["day"] for row in last], abs=1e-4)


@pytest.fixture(scope="module")
def then(log):
    return chances(log)


def test_chances_beat_the_table_and_say_why(then):
    assert then.used == "blend"
    assert then.note is None
    assert then.weight > 0.5
    assert np.corrcoef(then.win, -np.log(then.amount))[0, 1] > 0.5
    assert np.isfinite(then.won_after).mean(axis=0) == pytest.approx(then.win, abs=0.02)
    assert ((then.low < then.win) & (then.win < then.high)).all()
    parts = then.parts
    size = parts.names.index("amount")
    strong = np.abs(parts.value[:, size]) > 3 * parts.error[:, size]
    assert strong.mean() > 0.3
    assert not (np.abs(parts.value) > 3 * parts.error)[:, parts.names.index("region")].any()


def test_neither_the_order_of_rows_nor_a_filter_changes_a_chance(log, rows, then):
    asked = {"runs": 20, "draws": 1}
    other = ways.ways(log_of(rows.sample(frac=1, random_state=1)), None, "deals", **asked)
    same = ways.ways(log, None, "deals", **asked)
    for way in ("stage", "logit", "simulation"):
        assert other.share[way] == pytest.approx(same.share[way], abs=1e-9)
    assert chances(log.where(region="North")) is then


def test_what_comes_later_changes_no_earlier_chance(log, rows, monkeypatch):
    monkeypatch.setattr(blend, "EARLIER_DATES", 1)
    day = START + timedelta(days=230)
    early = log_of(rows, 230.0)
    assert chances(early).win == pytest.approx(chances(log, until=day).win, abs=1e-9)
    assert chances(early).used == chances(log, until=day).used


def test_too_little_is_said_to_be_too_little(rows):
    few = chances(log_of(rows[rows["case_id"] < "C0020"], 60.0))
    assert few.used == "none"
    assert few.note.id == "chances_few"
    assert np.isnan(few.win).all()
    some = chances(log_of(rows[rows["case_id"] < "C0100"], 60.0))
    assert some.used == "table"
    assert some.note.id == "chances_of_table_few"
    assert some.win == pytest.approx(some.table)
    none = chances(log_of(rows, 200.0), until=START - timedelta(days=9))
    assert len(none) == 0


def test_logs_without_deals_amounts_or_one_currency():
    lead = pd.DataFrame({"case_id": ["a"], "activity": ["Lead Created"], "time": [START]})
    assert len(chances(build(lead, extracted=START + timedelta(days=9)))) == 0
    assert chances(build(lead, extracted=START + timedelta(days=9)), of="leads").used == "none"
    assert len(monitor.calibration(build(lead, extracted=START + timedelta(days=9)))) == 0
    rows = company(40, 60.0)
    rows["currency"] = np.array(["EUR", "JPY"])[rows.index % 2]
    assert np.isnan(chances(log_of(rows, 60.0)).amount).all()
    assert np.isnan(chances(log_of(rows.drop(columns=["amount", "currency"]), 60.0)).amount).all()


def test_what_closing_a_deal_fills_in_is_left_out(rows):
    filled = rows.assign(margin=rows["amount"] / 7, size=rows["amount"] * 2)
    closed = filled.loc[(filled["day"] <= 300) & filled["activity"].str.startswith("Closed"), "case_id"]
    filled["margin"] = filled["margin"].where(filled["case_id"].isin(closed), 0.0)
    of = lives(log_of(filled))
    assert leaks(of, moments(of)) == {"margin"}


def test_calibration_tells_methods_apart(log, then):
    found = monitor.calibration(log)
    whole = found[found["date"].isna()].set_index("method")
    assert found["date"].nunique() == 2
    assert whole.loc["blend", "used"]
    assert whole.loc["blend", "skill"] > 0.04
    assert whole.loc["stage", "skill"] == 0
    assert whole.loc["overall", "brier"] > whole.loc["blend", "brier"]
    assert 0.8 < whole.loc["blend", "covers"] <= 1
    assert np.isnan(whole.loc["logit", "covers"])
    parts = found.attrs["tenths"]
    assert len(parts) == 10
    gap = np.average(parts["said"] - parts["came"], weights=parts["cases"])
    assert gap == pytest.approx(whole.loc["blend", "bias"], abs=0.02)


def test_a_log_without_earlier_dates_says_so(log, then, monkeypatch):
    monkeypatch.setattr(ways, "earlier", lambda *_: [])
    found = calibration._calibration(log, "deals")
    assert not len(found)
    assert found.attrs["note"].id == "calibration_short"


def test_a_date_is_no_judge_of_itself(log, then, monkeypatch):
    of_each, asked = [], blend.weighed
    monkeypatch.setattr(calibration, "weighed", lambda pieces: of_each.append(pieces) or asked(pieces))
    calibration._calibration(log, "deals")
    pieces = blend.seen(log, None, "deals")
    assert blend.weighed(list(pieces.values())) == blend.blended(log, None, "deals")
    assert len(pieces) == len(of_each) == 2
    for moment, learnt in zip(pieces, of_each, strict=True):
        own = ways.ways(log, moment, "deals", runs=30, draws=1).keys
        (other,) = learnt
        rest = np.setdiff1d(np.concatenate([each.key for each in pieces.values()]), own)
        assert other.key.tolist() == rest.tolist()
        assert all(len(share) == len(rest) for share in other.share.values())


def test_tenths_of_what_was_said_stand_beside_what_came():
    key = np.arange(40)
    share, hit = np.repeat(np.arange(1, 11) / 20, 4), np.tile([1.0, 0, 0, 0], 10)
    weight = np.tile([3.0, 1, 1, 1], 10)
    found = tenths(key, share, hit, weight)
    assert found["said"].tolist() == pytest.approx(np.arange(1, 11) / 20)
    # One that stands for three, of six.
    assert found["came"].tolist() == pytest.approx([0.5] * 10)
    assert found["cases"].tolist() == [4] * 10
    # All equal: Wilson's interval of two in four.
    even = tenths(key, share, np.tile([1.0, 0, 1, 0], 10), np.ones(40))
    assert even.loc[0, ["low", "high"]].tolist() == pytest.approx(rate(2, 4, 0.9)[1:], abs=1e-9)
    # Those of whom the same was said stay together, and the order of rows tells nothing.
    some = tenths(key, np.where(share < 0.4, 0.2, 0.6), hit, weight)
    assert some["cases"].tolist() == [28, 12]
    other = np.random.default_rng(1).permutation(40)
    pd.testing.assert_frame_equal(tenths(key[other], share[other], hit[other], weight[other]), found)
    # A deal that was foretold twice is no two deals.
    twice = tenths(np.tile(key // 2, 2), np.tile(share, 2), np.tile(hit, 2), np.ones(80))
    assert ((twice["low"] < 0.2) & (twice["high"] > 0.3)).all()
    assert not len(tenths(key[:0], share[:0], hit[:0], weight[:0]))


def test_a_recalled_weight_is_the_best_one(log, then):
    found = blend.blended(log, None, "deals")
    assert (found.weight, found.dates) == (then.weight, 2)
    assert 0 < found.error < 0.5
    assert 0 <= found.mix <= 1
    share = {"stage": np.array([0.2]), "logit": np.array([0.6]), "simulation": np.array([0.8])}
    assert blend.Blend(0.25, 0.5, 0.0, 0).of(share) == pytest.approx([0.5 * 0.2 + 0.5 * (0.25 * 0.6 + 0.75 * 0.8)])
    assert blend.Blend(0.25, 0.5, 0.0, 0).of({"stage": np.array([0.2])}) == pytest.approx([0.2])
    today = lives(log)
    moment = ways.earlier(today)[0]
    told = ways.ways(log, moment, "deals", runs=30, draws=1)
    kept, came = ways.came(told, today)
    assert len(kept) == len(came)
    assert (came.left > 0).all()
