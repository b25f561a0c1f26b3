"""Which groups are named as causes, which are not, and by how much."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from l2c import diagnose, engine
from l2c.diagnose.causes import fits
from l2c.diagnose.causes.attributes import attributes
from l2c.diagnose.causes.cells import cells, pairs, singles
from l2c.diagnose.causes.echoes import Finding, folded
from l2c.log import build
from l2c.measures.facts import Facts
from l2c.stats import Estimate
from l2c.words.errors import UnknownName
from tests import receivables
from tests.data import sample
from tests.logs import ORIGIN, demo, from_text
from tests.worlds import worlds

STEP = ("Quote Sent", "Quote Accepted")


def deals(n=600, seed=1, **columns):
    """Rows of deals with one step of about ten days, and attributes."""
    rng = np.random.default_rng(seed)
    begun = np.sort(rng.random(n) * 500)
    days = rng.lognormal(2, 0.5, n)
    case = [f"d{k:04d}" for k in range(n)]
    frame = pd.DataFrame({"case_id": case, **columns})
    return frame, begun, days


def log_of(frame, begun, days, end=STEP[1]):
    """A log in which each deal is quoted, and accepted some days later, or what else may follow."""
    times = lambda at: ORIGIN + pd.to_timedelta(at, unit="D").round("s")  # noqa: E731
    parts = [
        frame.assign(activity="Quote Sent", time=times(begun)),
        frame.assign(activity=end, time=times(begun + days)),
    ]
    rows = pd.concat(parts, ignore_index=True)
    return build(rows, extracted=ORIGIN + timedelta(days=560))


def named(table):
    return [(row["attribute"], row["value"], row["adverse"]) for row in table.to_dict("records")]


@pytest.mark.parametrize("refusal", ["Discount Rejected", "Contract Approval Rejected", "Order Approval Rejected"])
def test_the_way_to_a_refusal_is_no_step_to_shorten(refusal):
    frame, begun, days = deals(region=np.array(["North", "South"])[np.arange(600) % 2])
    slow = np.where(frame["region"] == "South", days * 2, days)
    assert len(diagnose.causes(log_of(frame, begun, slow)))
    assert not len(diagnose.causes(log_of(frame, begun, slow, refusal)))


def test_the_slow_region_is_named_and_by_how_many_days():
    region = np.array(["North", "South", "West"])[np.arange(600) % 3]
    frame, begun, days = deals(region=region)
    slow = np.where(region == "South", days * 2, days)
    found = diagnose.causes(log_of(frame, begun, slow))
    assert named(found) == [("region", "South", True)]
    row = found.iloc[0]
    assert (row["kpi"], tuple(row["step"]), row["unit"], row["cases"]) == ("step_days", STEP, "day", 200)
    # paired truth: the same deals without the fault take days less
    truth = days[region == "South"].mean()
    assert row["low"] < truth < row["high"]
    assert row["effect"] == pytest.approx(truth, rel=0.1)
    assert row["lost"] == pytest.approx(row["effect"] * row["cases"])
    rest = slow[region != "South"].mean()
    assert row["raw"] == pytest.approx(slow[region == "South"].mean() - rest, rel=1e-6)


def test_a_region_that_explains_nearly_all_of_the_days_is_a_cause_and_a_band_of_the_days_is_none():
    region = np.array(["North", "South", "West"])[np.arange(600) % 3]
    frame, begun, days = deals(region=region)
    slow = np.where(region == "South", 30 + days / 8, days / 8)
    found = diagnose.causes(log_of(frame, begun, slow))
    assert named(found) == [("region", "South", True)]
    # The same split under a name that nobody knows may as well be the days themselves.
    disguised = frame.assign(region="all", speed=np.where(slow > 20, "slow", "quick"))
    assert named(diagnose.causes(log_of(disguised, begun, slow))) == []


def test_the_rep_of_the_slow_region_is_innocent():
    """A decoy: all reps of the slow region look slow, and the region explains them all."""
    rep = np.arange(800) % 8
    region = np.where(rep < 4, "Slow", "Fast")
    frame, begun, days = deals(800, rep=[f"r{k}" for k in rep], region=region)
    found = diagnose.causes(log_of(frame, begun, np.where(region == "Slow", days * 1.8, days)))
    assert named(found) == [("region", "Slow", True)]


def test_a_slow_rep_is_named_and_not_the_region():
    rep = np.arange(800) % 8
    frame, begun, days = deals(800, rep=[f"r{k}" for k in rep], region=np.where(rep < 4, "A", "B"))
    found = diagnose.causes(log_of(frame, begun, np.where(rep == 2, days * 2, days)), names=True)
    assert named(found) == [("rep", "r2", True)]


def test_a_pair_is_named_where_only_both_together_are_slow():
    region, product = np.arange(1200) % 3, (np.arange(1200) // 3) % 4
    frame, begun, days = deals(1200, region=[f"R{k}" for k in region], product=[f"P{k}" for k in product])
    found = diagnose.causes(log_of(frame, begun, np.where((region == 1) & (product == 2), days * 2.5, days)))
    assert len(found) == 1
    assert sorted(zip(found.loc[0, "attribute"], found.loc[0, "value"], strict=True)) == [
        ("product", "P2"),
        ("region", "R1"),
    ]


def test_one_fast_value_of_two_is_said_as_the_other_being_slow():
    segment = np.where(np.arange(600) % 2, "SMB", "Enterprise")
    frame, begun, days = deals(segment=segment)
    found = diagnose.causes(log_of(frame, begun, np.where(segment == "SMB", days / 2, days)))
    assert named(found) == [("segment", "Enterprise", True)]


def test_groups_under_twenty_are_not_named():
    rep = np.where(np.arange(600) < 19, "tiny", np.where(np.arange(600) % 2, "a", "b"))
    frame, begun, days = deals(rep=rep)
    found = diagnose.causes(
        log_of(frame, np.random.default_rng(5).permutation(begun), np.where(rep == "tiny", days * 20, days))
    )
    assert "tiny" not in {value for _, value, _ in named(found)}


def test_differences_too_small_to_matter_are_not_named():
    region = np.where(np.arange(40_000) % 2, "A", "B")
    frame, begun, days = deals(40_000, region=region)
    # 2 % longer is beyond chance in 40,000 deals, and nothing to act on
    assert named(diagnose.causes(log_of(frame, begun, np.where(region == "A", days * 1.02, days)))) == []


def test_what_goes_with_the_outcome_by_its_gaps_is_no_cause():
    rng = np.random.default_rng(3)
    n = 800
    won = rng.random(n) < 0.5
    frame, begun, days = deals(n, region=np.where(np.arange(n) % 2, "A", "B"), loss_code=np.where(won, None, "price"))
    frame["note"] = np.where(won, "happy", "sad")
    rows = [frame.assign(activity="Opportunity Created", day=begun)]
    rows.append(frame.assign(activity=np.where(won, "Closed Won", "Closed Lost"), day=begun + days))
    events = pd.concat(rows, ignore_index=True)
    events["time"] = ORIGIN + pd.to_timedelta(events.pop("day"), unit="D").dt.round("s")
    assert named(diagnose.causes(build(events))) == []


def test_an_unknown_kpi_is_refused_and_a_known_one_stands_alone():
    frame, begun, days = deals(region=np.where(np.arange(600) % 2, "A", "B"))
    log = log_of(frame, begun, np.where(np.arange(600) % 2, days * 2, days))
    with pytest.raises(UnknownName):
        diagnose.causes(log, kpi="speed")
    assert set(diagnose.causes(log, kpi="quote_to_accept_days")["kpi"]) == {"quote_to_accept_days"}


@pytest.mark.parametrize("text", ["a: Opportunity Created 0", "a: Foo 0, Bar 1\nb: Foo 0"])
def test_small_and_strange_logs_name_nothing(text):
    log = from_text(text)
    assert len(diagnose.causes(log)) == 0
    assert len(diagnose.causes(log.where(opened=("2030-01", None)))) == 0


def test_row_order_duplicates_and_names_of_columns_change_nothing():
    world = worlds.world(1, cases=1500)
    plain = diagnose.causes(build(world.events, extracted=world.extracted))
    mixed = world.events.sample(frac=1, random_state=4)
    again = diagnose.causes(build(mixed, extracted=world.extracted))
    pd.testing.assert_frame_equal(plain, again, rtol=1e-9)
    renamed = world.events.rename(columns={"industry": "zz_branch"})
    other = diagnose.causes(build(renamed, extracted=world.extracted))
    assert other["lost"].tolist() == pytest.approx(plain["lost"].tolist())


def test_planted_faults_are_found_and_nothing_else():
    """A small version of `make honesty`."""
    planted = found = false = 0
    errors = []
    for seed in range(100, 104):
        world = worlds.world(seed)
        table = diagnose.causes(build(world.events, extracted=world.extracted))
        score = worlds.score(table, world)
        planted, found, false = planted + score.detectable, found + score.found, false + len(score.false)
        errors += score.errors
    assert planted >= 12
    assert found / planted >= 0.85
    assert false <= 1
    assert np.mean(np.abs(errors)) < 0.1


def test_worlds_without_faults_name_nothing():
    tables = [worlds.world(seed, faults=0, cases=2500) for seed in range(900, 904)]
    assert sum(len(diagnose.causes(build(w.events, extracted=w.extracted))) > 0 for w in tables) <= 1


def test_shuffled_attributes_explain_nothing():

    log = demo(2500)
    events = engine.collect(log.events).sort_values(["case_key", "position"])
    cases = engine.collect(log.cases).sort_values("case_key", ignore_index=True)
    names = [name for name in log.attributes if name not in ("stage", "is_won")]
    hits = 0
    for seed in range(4):
        order = np.random.default_rng(seed).permutation(len(cases))
        cases[names] = cases[names].iloc[order].set_axis(cases.index)
        rows = events[["case_key", "case_id", "activity", "time", "precision"]].merge(cases[["case_key", *names]])
        hits += len(diagnose.causes(build(rows.drop(columns="case_key"), extracted=log.extracted))) > 0
    assert hits <= 1


def test_nothing_but_chance_wins_deals_at_maven():
    import l2c

    log = l2c.read(sample("maven_crm/sales_pipeline.csv.gz"))
    closed = log.where(outcome=["won", "lost"])
    assert len(diagnose.causes(closed, kpi="win_rate_incidence")) == 0
    # A fifth of all old deals are still open, but none of three reps.
    found = diagnose.causes(log, kpi="win_rate_incidence", names=True)
    assert {*found["value"]} <= {"Donn Cantrell", "Garret Kinder", "Reed Clapper"} and not found["adverse"].any()


@pytest.mark.parametrize("known", [False, True])
def test_disputed_invoices_are_named_as_the_cause_of_late_payment(known, tmp_path):
    import l2c

    name = "receivables/WA_Fn-UseC_-Accounts-Receivable.csv"
    log = l2c.read(sample(name) if known else receivables.write(tmp_path))
    late = diagnose.causes(log, kpi="late_payment_incidence")
    assert ("Disputed", "Yes", True) in named(late)
    assert not {"DaysLate", "DaysToSettle", "PaperlessDate"} & set(late["attribute"].map(str))
    assert ("Disputed", "Yes", True) in named(diagnose.causes(log))


def facts_with_groups(n=400):
    region = np.array(["A", "B", "C"])[np.arange(n) % 3]
    product = np.array(["P", "Q"])[(np.arange(n) // 3) % 2]
    frame, begun, days = deals(n, region=region, product=product)
    facts = Facts.of(log_of(frame, begun, days))
    return facts, region, product, days


def test_models_on_cells_equal_statsmodels_on_rows():
    facts, _, _, days = facts_with_groups()
    found = cells(attributes(facts), len(facts))
    order = np.argsort([f"d{k:04d}" for k in range(len(days))])
    y = np.log(days)[order]
    columns = np.vstack([np.ones(found.count), *((g.codes == 1).astype(float) for g in singles(found))])
    fit = fits.linear(fits.Sums.of(found.of_case, y, found.count), columns)
    x = columns.T[found.of_case]
    oracle = sm.OLS(y, x).fit(cov_type="HC1")
    np.testing.assert_allclose(fit.beta, oracle.params, rtol=1e-8)
    np.testing.assert_allclose(fit.covariance, oracle.cov_params(), rtol=1e-8, atol=1e-14)
    hit = (days[order] > np.median(days)).astype(float)
    rate = fits.logistic(fits.Sums.of(found.of_case, hit, found.count), columns)
    logit = sm.Logit(hit, x).fit(disp=0, cov_type="HC0")
    np.testing.assert_allclose(rate.beta, logit.params, rtol=1e-6)
    factor = len(hit) / (len(hit) - x.shape[1])
    np.testing.assert_allclose(rate.covariance / factor, logit.cov_params(), rtol=1e-5)
    mean = fits.poisson(fits.Sums.of(found.of_case, days[order], found.count), columns)
    poisson = sm.GLM(days[order], x, family=sm.families.Poisson()).fit(cov_type="HC0")
    np.testing.assert_allclose(mean.beta, poisson.params, rtol=1e-6)


def test_every_value_and_every_pair_is_a_candidate_and_the_rare_are_not_named():
    facts, *_ = facts_with_groups()
    found = cells(attributes(facts), len(facts))
    assert sorted(g.names for g in singles(found)) == [("product",), ("region",)]
    assert [sorted(g.names) for g in pairs(found)] == [["product", "region"]]
    for group in (*singles(found), *pairs(found)):
        # rare and missing are codes of their own, and may not be named
        assert group.named.sum() == np.prod([len(v) for v in group.values])


def finding(kpi="step_days", step=STEP, lost=10.0, q=0.001, cases=50, wrong=(), **changes):
    days = step is not None
    estimate = Estimate(lost, lost - 3, lost + 4)
    values = dict(attribute=("region",), value=("A",), worse=True) | changes
    return Finding(
        kpi, step, values["attribute"], values["value"], values["worse"], days, estimate, cases, 0.1, 100.0, q, 1.0, (), (),
        np.array(wrong, np.int64),
    )  # fmt: skip


ORDER = {"Quote Created": 1, "Quote Sent": 2, "Quote Accepted": 3, "Contract Signed": 4}


def test_a_longer_step_over_the_same_stretch_is_an_echo_and_adds_its_days():
    echo = finding(step=("Quote Created", "Quote Accepted"), lost=5.0, q=0.01, cases=10)
    (kept,) = folded([echo, finding()], ORDER)
    assert (kept.step, kept.lost.value, kept.cases) == (STEP, 15.0, 60)
    # the halves of the intervals add in quadrature: 3 and 3 below, 4 and 4 above
    assert kept.lost.low == pytest.approx(15 - 18**0.5)
    assert kept.lost.high == pytest.approx(15 + 32**0.5)
    assert kept.echoes == ("Quote Created → Quote Accepted",)


def test_neighbouring_steps_other_groups_and_other_signs_are_no_echoes():
    others = [
        finding(step=("Quote Accepted", "Contract Signed")),
        finding(value=("B",)),
        finding(worse=False),
    ]
    assert len(folded([finding(), *others], ORDER)) == 4


def test_rates_that_went_wrong_in_the_same_cases_are_one():
    one = finding("won_without_contract", None, wrong=range(10))
    same, other = (
        finding("stage_skipped", None, q=0.002, wrong=range(3, 12)),
        finding("win_rate_incidence", None, wrong=range(50, 60)),
    )
    kept = folded([one, same, other], ORDER)
    assert sorted(k.kpi for k in kept) == ["win_rate_incidence", "won_without_contract"]
    assert next(k for k in kept if k.kpi == "won_without_contract").echoes == ("stage_skipped",)
