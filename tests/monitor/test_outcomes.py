"""Five outcomes with a verdict: what is there is found, others tell what struck all, too early is said to be so."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from l2c import show, stats
from l2c.improve.entries import Decision, Register, Target
from l2c.log import build
from l2c.monitor import compare, decisions, outcomes, placebos, realised
from l2c.words.errors import BadComparison, BadRegister, UnknownName
from tests.logs import ORIGIN

CHANGE, END = 360, 540
DATE = ORIGIN + timedelta(days=CHANGE)


def rows(seed=1, *, deals=1300, gain=0.7, shock=1.0):
    """Deals of two regions: from day 360 on all take `shock` times as long, those of A `gain` times besides."""
    rng = np.random.default_rng(seed)
    opened = rng.uniform(0, END, deals)
    region = np.where(rng.random(deals) < 0.5, "A", "B")
    pace = np.where(opened >= CHANGE, shock * np.where(region == "A", gain, 1.0), 1.0)
    quoted = opened + pace * rng.lognormal(np.log(15), 0.6, deals)
    signed = quoted + pace * rng.lognormal(np.log(12), 0.6, deals)
    won = rng.random(deals) < 0.6
    early = rng.random(deals) < 0.1
    # One deal in ten is signed before anything was quoted.
    names = {
        "Opportunity Created": opened,
        "Quote Sent": np.where(early, signed, quoted),
        "Contract Signed": np.where(early, quoted, signed),
    }
    names["Closed"] = signed + 1
    parts = []
    for name, days in names.items():
        activity = np.where(won, "Closed Won", "Closed Lost") if name == "Closed" else name
        held = pd.DataFrame(
            {
                "case_id": np.arange(deals),
                "activity": activity,
                "days": days,
                "region": region,
                "account": np.arange(deals) % 400,
            }
        )
        parts.append(held[won] if name == "Contract Signed" else held)
    found = pd.concat(parts)
    found = found[found["days"] <= END]
    found["time"] = ORIGIN + pd.to_timedelta((found["days"] * 86_400).round(), unit="s")
    return found.drop(columns="days")


def log_of(table):
    return build(table, extracted=ORIGIN + timedelta(days=END))


@pytest.fixture(scope="module")
def log():
    return log_of(rows())


@pytest.fixture(scope="module")
def table(log):
    return outcomes(log, DATE)


@pytest.fixture(scope="module")
def struck():
    """All slower by a quarter, those of A faster by 30 % than they would be."""
    return log_of(rows(2, deals=2000, shock=1.25))


def cycle(table):
    return table[table["outcome"] == "sales_cycle_days"].iloc[0]


def test_a_shorter_cycle_is_better_and_its_percent_is_that_of_compare(log, table):
    row, step = cycle(table), compare(log, DATE, kpi="sales_cycle_days").iloc[0]
    assert row["verdict"] == "better"
    # Half of the deals take 30 % less
    assert row["percent"] == pytest.approx(15, abs=6)
    assert row["low"] < row["percent"] < row["high"]
    assert (row["p"], row["rank"], row["placebos"]) == (step["p"], step["rank"], step["placebos"])
    # Nothing is in the interval of the percent exactly where it is in that of the days
    assert (row["low"] > 0) == (step["high"] < 0)


def test_what_the_data_do_not_hold_is_named_and_has_no_row(table):
    assert list(table["outcome"][table["rule"] == ""]) == [
        "sales_cycle_days",
        "quote_to_contract_days",
        "conformance_rate",
    ]
    assert "Order error rate" in table.attrs["note"].said("en")
    assert set(table["verdict"]) <= {"better", "worse", "may_be_chance", "not_yet"}


def test_the_five_hold_together_and_the_rules_apart_from_them(table):
    for rules in (False, True):
        part = table[(table["rule"] != "") == rules].dropna(subset=["p"])
        assert list(part["p_together"]) == pytest.approx(list(stats.holm(part["p"])))


def test_p_values_are_holm_as_holm_does():
    # 0.01 × 4, then the larger of that and 0.02 × 3, then 0.03 × 2 and 0.5 × 1; what was no test counts for nothing
    found = stats.holm([0.02, 0.5, np.nan, 0.01, 0.03])
    assert list(found) == pytest.approx([0.06, 0.5, np.nan, 0.04, 0.06], nan_ok=True)


def test_the_ratio_of_two_estimates():
    after, before = stats.Estimate(8, 6, 10), stats.Estimate(10, 9, 12)
    found = stats.log_ratio(after, before)
    assert found.value == pytest.approx(np.log(0.8))
    assert found.low == pytest.approx(np.log(0.8) - np.hypot(np.log(8 / 6), np.log(12 / 10)))
    assert found.high == pytest.approx(np.log(0.8) + np.hypot(np.log(10 / 8), np.log(10 / 9)))
    assert stats.log_ratio(stats.Estimate(0, 0, 0.1), before).value == -np.inf
    assert np.isnan(stats.log_ratio(after, stats.Estimate(0, 0, 0.1)).value)


def test_cases_of_one_account_make_blocks_alike():
    rng = np.random.default_rng(0)
    account = np.repeat(np.arange(60), 10)
    place = rng.integers(0, 4, 600)
    value = rng.normal(0, 1, 60)[account] + rng.normal(0, 1, 600)
    alone, together = (stats.blocks(value, place, cluster=each) for each in (None, account))
    assert list(together.mean) == list(alone.mean)
    # Brute force: half of the variance is of the account, so two cases of one have a covariance of half of it
    left = value - np.array([value[place == k].mean() for k in range(4)])[place]
    spread = (left**2).mean() * 600 / 596
    same = (account[:, None] == account[None, :]) & ~np.eye(600, dtype=bool)
    alike = (left[:, None] * left[None, :])[same].sum() / (same.sum() * spread)
    assert alike == pytest.approx(0.5, abs=0.1)
    here = (place[None, :] == np.arange(4)[:, None]) / np.bincount(place)[:, None]
    assert together.noise == pytest.approx(here @ (spread * (np.eye(600) + alike * same)) @ here.T)


def test_the_order_of_the_rows_does_not_matter(table):
    shuffled = outcomes(log_of(rows().sample(frac=1, random_state=0)), DATE)
    pd.testing.assert_frame_equal(shuffled, table, rtol=1e-9)


def test_others_tell_what_struck_all(struck):
    alone = cycle(outcomes(struck.where(region="A"), DATE))
    beside = cycle(outcomes(struck, DATE, against={"region": "B"}))
    # 1.25 × 0.7: before and after sees an eighth, the others tell of nearly a third
    assert (beside["verdict"], beside["design"]) == ("better", "against_others")
    assert beside["percent"] > alone["percent"] + 5
    assert beside["low"] <= 30 and beside["percent"] == pytest.approx(27, abs=8)
    assert beside["others_after"] > beside["others_before"]
    # The cases asked about are those of a filter, or all others: the same, but for what the others' mix tells of theirs
    filtered = cycle(outcomes(struck.where(region="A"), DATE, against={"region": "B"}))
    assert filtered["cases_after"] == beside["cases_after"] and filtered["raw"] == pytest.approx(beside["raw"])
    assert filtered["percent"] == pytest.approx(beside["percent"], rel=0.02)


def test_a_group_without_cases_is_refused(log):
    with pytest.raises(BadComparison, match="One side has no case"):
        outcomes(log.where(region="A"), DATE, against={"region": "A"})


def test_the_real_date_stands_among_earlier_ones(log, table):
    tried = placebos(log, DATE)
    real = tried[tried["is_date"]].iloc[0]
    assert real[["percent", "low", "high"]].tolist() == pytest.approx(cycle(table)[["percent", "low", "high"]].tolist())
    assert len(tried) == cycle(table)["placebos"] + 1
    assert (tried["period"].iloc[:-1] < real["period"]).all()
    assert abs(tried["percent"].iloc[:-1]).max() < 30
    with pytest.raises(UnknownName, match="speed"):
        placebos(log, DATE, kpi="speed")


def test_conformance_is_to_the_process_as_it_shall_be(log):
    drawn = outcomes(log, DATE, to_be=["Opportunity Created", "Quote Sent", "Contract Signed", "Closed Won"])
    row = drawn[(drawn["outcome"] == "conformance_rate") & (drawn["rule"] == "")].iloc[0]
    # By hand: of the deals that began and ended before the date, within the window, those in this order (lost ones until they were lost)
    found = rows()
    first = found.sort_values("time").groupby("case_id", sort=True)
    ways, began, ended = first["activity"].agg(tuple), first["time"].min(), first["time"].max()
    inside = (began >= ORIGIN + timedelta(days=CHANGE - 180)) & (began < DATE) & (ended <= DATE)
    inside &= ways.map(lambda way: way[-1].startswith("Closed"))
    good = ways.map(
        lambda way: way[: len(way) - 1] == ("Opportunity Created", "Quote Sent", "Contract Signed")[: len(way) - 1]
    )
    assert row["cases_before"] == inside.sum()
    assert row["before"] == pytest.approx(good[inside].mean())


def test_too_early_is_said_with_the_day_from_which_it_is_not(log):
    late = outcomes(log, ORIGIN + timedelta(days=END - 20))
    assert set(late["verdict"]) == {"not_yet"}
    days = (cycle(late)["judged_from"] - ORIGIN) / pd.Timedelta(days=1)
    # Four blocks of two weeks (540 days are 78 weeks, in 39 blocks), and as long again until nine in ten have ended (less than that)
    assert END + 8 < days < END - 20 + 2 * 56 + 1
    ahead = outcomes(log, ORIGIN + timedelta(days=END + 30))
    assert set(ahead["verdict"]) == {"not_yet"}
    assert (cycle(ahead)["judged_from"] - cycle(late)["judged_from"]).days == 50


def decided(**more):
    return Decision(
        "faster", "sales_cycle_days", status="running", decided=date(2025, 12, 1), since=DATE.date(), **more
    )


def test_a_decision_brings_its_day_its_figure_and_its_target(log, table):
    told = Register((decided(),), {"sales_cycle_days": Target(30, "2026-12")})
    found = outcomes(log, register=told, decision="faster")
    row = cycle(found)
    assert list(found["announced"][:2]) == [True, False]
    assert row["p_together"] == row["p"] and found["change_date"].iloc[0] == DATE
    assert (row["target"], row["target_by"], row["reached"]) == (30, "2026-12", bool(row["now"] <= 30))
    # The same by its day; what was decided afterwards was not announced
    assert outcomes(log, DATE, register=told)["announced"].iloc[0]
    later = Register((Decision("faster", "sales_cycle_days", decided=date(2027, 1, 1), since=DATE.date()),))
    assert not outcomes(log, DATE, register=later)["announced"].any()
    with pytest.raises(BadRegister, match="slower"):
        outcomes(log, register=told, decision="slower")


def test_a_decision_is_held_against_what_came(log, table):
    expected = {"difference": -4.0, "low": -6.0, "high": -2.0, "unit": "day"}
    row = realised(log, Register((decided(expected=expected),))).iloc[0]
    assert (row["expected"], row["verdict"]) == (-4.0, "better")
    # The median before was 29 days; the percent of the outcome is of it
    assert row["realised"] == pytest.approx(-29 * cycle(table)["percent"] / 100, rel=0.1)
    assert row["realised_low"] < row["realised"] < row["realised_high"]
    early = realised(log, Register((decided(needs={"weeks": 60}),))).iloc[0]
    assert early["verdict"] == "better"  # what is beyond chance need not wait
    page = show.decision(decided(expected=expected), came=realised(log, Register((decided(expected=expected),)))).text
    assert "Realised" in page and "better" in page
    three = (decided(expected=expected), Decision("dearer", "win_rate", since=DATE.date(), names=("Dearer", "値上げ")))
    said = show.realised(realised(log, Register(three[:1])), three).text.splitlines()
    assert (
        said[0].startswith("faster (") and "Expected −4 d (90 % range: −6 d to −2 d)" in said[0] and "better" in said[0]
    )
    assert said[1].startswith("Dearer (") and said[1].endswith("these data do not hold the figure")
    assert "値上げ" in show.realised(realised(log, Register(three[:1])), three, lang="ja").html


def test_sentences_say_what_the_design_gives(table, struck):
    said = show.verdicts(table).text
    assert "shorter since" in said and "beside trend, season" in said
    beside = show.verdicts(outcomes(struck, DATE, against={"region": "B"}), lang="ja").text
    assert "同じ期間の比較対象と比べて" in beside
    picture = show.outcomes(table)
    assert "Sales cycle" in picture.alt and "shorter" in picture.texts[0] + picture.alt


def test_the_decisions_that_can_be_judged_are_those_with_a_day_in_the_log_the_latest_first(log, tmp_path):
    def one(id, since, **more):
        return Decision(id, "sales_cycle_days", since=since, **more)

    first, ahead = ORIGIN.date() - timedelta(days=9), ORIGIN.date() + timedelta(days=2 * END)
    told = [one("planned", None), one("gone", DATE.date(), status="dropped"), one("before", first)]
    told += [one("then", DATE.date()), one("soon", ahead)]
    assert [each.id for each in decisions(log, Register(tuple(told)))] == ["soon", "then"]
    # One that the log cannot tell spoils nothing for the others
    assert realised(log, Register(tuple(told)))["decision_id"].tolist() == ["then", "soon"]
    # Beside the log there need not be any
    assert decisions(log, tmp_path) == () == decisions(log, None)
