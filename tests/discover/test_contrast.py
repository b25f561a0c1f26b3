"""Two selections of cases, step by step: what they do differently, and how seldom chance is taken for it."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from scipy.stats import false_discovery_control, hypergeom, mannwhitneyu, ttest_ind
from statsmodels.stats.proportion import confint_proportions_2indep

from l2c import engine
from l2c.discover import contrast, flow
from l2c.log import END, START, build
from l2c.words.errors import BadComparison
from tests.logs import ORIGIN, demo, event_rows, from_text

MIRRORED = {"share_difference": ("share_low", "share_high"), "days_difference": ("days_low", "days_high")}


def by_step(table):
    return table.set_index(["from", "to"])


def by_hand():
    """Six deals in the north, five in the south; all but two quote, the north in 1 to 6 days, the south in 11 to 15."""
    return from_text("""
        a [region=N]: Opportunity Created 0, Quote Sent 1
        b [region=N]: Opportunity Created 0, Quote Sent 2
        c [region=N]: Opportunity Created 0, Quote Sent 3
        d [region=N]: Opportunity Created 0, Quote Sent 4
        e [region=N]: Opportunity Created 0, Quote Sent 5, Opportunity Created 9, Quote Sent 17
        f [region=N]: Closed Lost 0
        g [region=S]: Opportunity Created 0, Quote Sent 11
        h [region=S]: Opportunity Created 0, Quote Sent 12
        i [region=S]: Opportunity Created 0, Quote Sent 13
        j [region=S]: Opportunity Created 0, Quote Sent 14
        k [region=S]: Opportunity Created 0, Quote Sent 15
    """)


def test_shares_and_days_are_those_counted_by_hand():
    log = by_hand()
    table = by_step(contrast(log.where(region="N"), log.where(region="S")))
    step = table.loc[("Opportunity Created", "Quote Sent")]
    assert (step["cases"], step["other_cases"]) == (5, 5)
    assert (step["share"], step["other_share"]) == (5 / 6, 1)
    assert step["share_difference"] == pytest.approx(-1 / 6)
    # Case e took the step twice, in 5 and 8 days: 6.5. So the waits are 1, 2, 3, 4, 6.5 against 11 to 15.
    assert (step["median_days"], step["other_median_days"]) == (3, 13)
    assert step["days_difference"] == pytest.approx(16.5 / 5 - 13)
    # None of 25 pairs is larger: z = (12.5 - 0.5) / sqrt(25 * 11 / 12) = 2.5067, so p = 0.01219; the only test of days.
    assert step["days_q"] == pytest.approx(0.012186, abs=1e-6)
    assert bool(step["days_differ"])
    # Of 11 deals the one that is lost at once: 6 in 11 that it is in the north, so chance explains it.
    assert table.loc[(START, "Opportunity Created"), "share_q"] == 1
    assert not table["differs"].any()


def test_a_step_of_one_side_only_stands_there_with_zero_cases():
    log = by_hand()
    table = by_step(contrast(log.where(region="N"), log.where(region="S")))
    again = table.loc[("Quote Sent", "Opportunity Created")]
    assert (again["cases"], again["other_cases"], again["other_share"]) == (1, 0, 0)
    assert again["median_days"] == 4
    assert again[["other_median_days", "days_difference", "days_low", "days_high", "days_q"]].isna().all()
    assert pd.isna(again["days_differ"])
    # One case of both: an interval, but no test.
    assert again["share_low"] < 1 / 6 < again["share_high"]
    assert np.isnan(again["share_q"])


def test_start_and_end_have_shares_but_no_days():
    log = by_hand()
    table = by_step(contrast(log.where(region="N"), log.where(region="S")))
    assert table.loc[(START, "Closed Lost"), ["cases", "other_cases"]].tolist() == [1, 0]
    assert table.loc[("Quote Sent", END), ["cases", "other_cases"]].tolist() == [5, 5]
    ends = table[(table.index.get_level_values(0) == START) | (table.index.get_level_values(1) == END)]
    assert ends[["median_days", "days_difference", "days_q"]].isna().all(axis=None)
    assert table["share"][START].sum() == table["share"].xs(END, level=1).sum() == pytest.approx(1)


def test_fewer_than_five_cases_on_a_side_are_not_tested():
    log = by_hand()
    four = log.where(region="S", slower=("Opportunity Created", "Quote Sent", 11.5))
    table = contrast(log.where(region="N"), four)
    tested = ["share_difference", "share_low", "share_high", "share_q", "days_difference", "days_low", "days_q"]
    assert table[tested].isna().all(axis=None)
    assert table["days_differ"].isna().all()
    assert not table["differs"].any()


def skewed(rng, sizes=(40, 90), repeats=True):
    """Two groups of cases with skewed waits, dates without a time, and some steps taken twice."""
    rows = []
    for group, size in zip("AB", sizes, strict=True):
        for number in range(size):
            names = ["Opportunity Created", "Quote Created", "Quote Sent", "Closed Won"]
            if repeats and rng.random() < 0.3:
                names[2:2] = ["Quote Sent", "Quote Created"]
            if rng.random() < 0.3:
                names.remove("Quote Created")
            days = np.cumsum(np.round(rng.lognormal(1, 1.2, len(names))))
            rows += [
                {
                    "case_id": f"{group}{number}",
                    "activity": a,
                    "time": ORIGIN + timedelta(days=float(d)),
                    "region": group,
                }
                for a, d in zip(names, days, strict=True)
            ]
    return build(pd.DataFrame(rows))


def waits(log):
    """Per step, the mean wait of each case, by plain pandas."""
    events = engine.collect(log.events).dropna(subset=["next_activity"])
    means = events.groupby(["activity", "next_activity", "case_key"])["wait_days"].mean().round(9)
    return {step: part.to_numpy() for step, part in means.groupby(level=[0, 1])}


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_every_number_equals_that_of_scipy_and_statsmodels(level):
    log = skewed(np.random.default_rng(7))
    sides = [log.where(region=name) for name in "AB"]
    table = contrast(*sides, level=level)
    here, there = map(waits, sides)
    shares, days = [], []
    for row in table.itertuples():
        low, high = confint_proportions_2indep(
            row.cases, 40, row.other_cases, 90, method="newcomb", compare="diff", alpha=1 - level
        )
        assert (row.share_low, row.share_high) == pytest.approx((low, high), abs=1e-12)
        step = (row[1], row[2])
        x, y = here.get(step, []), there.get(step, [])
        if min(len(x), len(y)) >= 5:
            welch = ttest_ind(x, y, equal_var=False).confidence_interval(level)
            assert (row.days_low, row.days_high) == pytest.approx((welch.low, welch.high))
            assert row.days_difference == pytest.approx(np.mean(x) - np.mean(y))
            days.append(mannwhitneyu(x, y, method="asymptotic").pvalue)
        if row.cases + row.other_cases >= 5:
            known = hypergeom(130, row.cases + row.other_cases, 40)
            shares.append(min(1, 2 * known.cdf(row.cases), 2 * known.sf(row.cases - 1)))
    assert len(days) >= 5
    assert table["days_q"].dropna().to_numpy() == pytest.approx(false_discovery_control(days))
    assert table["share_q"].dropna().to_numpy() == pytest.approx(false_discovery_control(shares))


def test_counts_are_those_of_the_two_maps():
    log = demo(800)
    sides = [log.where(outcome=end) for end in ("won", "lost")]
    table = by_step(contrast(*sides))
    for side, column in zip(sides, ["cases", "other_cases"], strict=True):
        expected = by_step(flow(side))["cases"]
        assert table.loc[table[column] > 0, column].to_dict() == expected.to_dict()
    assert (table["cases"] + table["other_cases"]).is_monotonic_decreasing


@given(event_rows())
def test_counts_are_those_of_the_two_maps_with_ties_and_repeats(rows):
    log = build(rows)
    name = rows["activity"].iloc[0]
    sides = [log.where(includes=name), log.where(excludes=name)]
    if sides[1].n_cases:
        table = by_step(contrast(*sides))
        for side, column in zip(sides, ["cases", "other_cases"], strict=True):
            assert table.loc[table[column] > 0, column].to_dict() == by_step(flow(side))["cases"].to_dict()


def test_the_order_of_the_two_flips_the_signs():
    log = demo(1500)
    won, lost = (log.where(outcome=end) for end in ("won", "lost"))
    there, back = contrast(won, lost), contrast(lost, won)
    expected = back.copy()
    for name in ("cases", "share", "median_days"):
        expected[[name, f"other_{name}"]] = back[[f"other_{name}", name]]
    for gap, (low, high) in MIRRORED.items():
        expected[gap], expected[low], expected[high] = -back[gap], -back[high], -back[low]
    pd.testing.assert_frame_equal(there, expected)
    assert there["differs"].any()


def half(log, seed):
    """A random half of the cases, and the other half."""
    ids = engine.collect(log.cases.select("case_id"))["case_id"].sort_values()
    chosen = set(np.random.default_rng(seed).permutation(ids)[: len(ids) // 2])
    rows = engine.collect(log.events.select("case_id", "activity", "time"))
    inside = rows["case_id"].isin(chosen)
    return build(rows[inside]), build(rows[~inside])


def test_random_halves_differ_in_nothing():
    log = demo(600)
    alarms = [
        (table["differs"].sum(), table["days_differ"].sum()) for table in (contrast(*half(log, s)) for s in range(20))
    ]
    # A false discovery rate of 5 % where nothing is true: one run of twenty in each family, by luck three.
    assert (np.array(alarms) > 0).sum(axis=0).max() <= 3


def test_unequal_halves_of_skewed_waits_differ_in_nothing():
    rng = np.random.default_rng(3)
    found = [contrast(*(log.where(region=r) for r in "AB")) for log in (skewed(rng, (12, 200)) for _ in range(20))]
    alarms = np.array([(table["differs"].any(), table["days_differ"].any()) for table in found])
    assert alarms.sum(axis=0).max() <= 3


PLANTED_DAYS = {("Quote Created", "Quote Sent"), ("Discount Approved", "Quote Sent")}
PLANTED_SHARES = {
    ("Quote Sent", "Quote Accepted"),
    ("Quote Accepted", "Contract Created"),
    ("Quote Sent", "Contract Created"),
}


def disturbed(log):
    """Quotes go out four days later, and every third acceptance of a quote is not recorded."""
    rows = engine.collect(log.events).sort_values(["case_id", "position"])[["case_id", "activity", "time"]]
    delayed = (rows["activity"] == "Quote Sent").groupby(rows["case_id"]).cummax()
    rows["time"] += pd.to_timedelta(np.where(delayed, 4, 0), unit="D")
    accepted = rows["activity"] == "Quote Accepted"
    return build(rows[~(accepted & (accepted.cumsum() % 3 == 0))])


def test_planted_differences_are_found_and_hardly_anything_else():
    log = demo(1200)
    named, wrong = 0, 0
    for seed in range(5):
        one, two = half(log, seed)
        table = contrast(disturbed(one), two).set_index(["from", "to"])
        slow, differ = set(table.index[table["days_differ"].fillna(False)]), set(table.index[table["differs"]])
        assert slow >= PLANTED_DAYS
        assert ("Quote Sent", "Contract Created") in differ
        assert table.loc[sorted(PLANTED_DAYS), "days_difference"].between(3, 5).all()
        named += len(slow) + len(differ)
        wrong += len(slow - PLANTED_DAYS) + len(differ - PLANTED_SHARES)
    # The rate asked for is 5 %; on so few runs it may come out at twice that.
    assert wrong / named < 0.1


def test_a_mean_that_a_few_long_waits_drive_the_other_way_makes_nobody_slower():
    lines = [f"n{i} [region=N]: Quote Created 0, Quote Sent {d / 10}" for i, d in enumerate(range(20, 60))]
    lines += [f"s{i} [region=S]: Quote Created 0, Quote Sent {d / 10}" for i, d in enumerate(range(1, 40))]
    log = from_text("\n".join([*lines, "s99 [region=S]: Quote Created 0, Quote Sent 900"]))
    step = by_step(contrast(log.where(region="N"), log.where(region="S"))).loc[("Quote Created", "Quote Sent")]
    # By ranks the north is slower, by its mean of 3.95 days the south with its 24.45 is; the interval holds zero.
    assert step["days_q"] < 1e-6
    assert step["days_difference"] == pytest.approx(3.95 - (sum(range(1, 40)) / 10 + 900) / 40)
    assert step["days_low"] < 0 < step["days_high"]
    assert not step["days_differ"]


def test_sides_with_a_common_case_or_without_any_are_refused():
    log = by_hand()
    north = log.where(region="N")
    with pytest.raises(BadComparison, match="6 cases stand on both sides"):
        contrast(log, north)
    with pytest.raises(BadComparison, match="5 cases stand on both sides"):
        contrast(by_hand().where(region="S"), log.where(region="S"))
    with pytest.raises(BadComparison, match="No case passes the filters region=N, includes=Quote Sent"):
        contrast(log.where(region="S"), north.where(includes="Quote Sent", excludes="Quote Sent"))


def test_a_log_of_its_own_can_stand_on_the_other_side():
    log = by_hand()
    south = from_text(
        "\n".join(f"{c}: Opportunity Created 0, Quote Sent {d}" for c, d in zip("ghijk", range(11, 16), strict=True))
    )
    pd.testing.assert_frame_equal(
        contrast(log.where(region="N"), south), contrast(log.where(region="N"), log.where(region="S"))
    )
