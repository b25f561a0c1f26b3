"""Reps: better than the raw league table, honest about chance, silent about names."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from l2c.diagnose import coaching, reps
from l2c.diagnose.people import reps as people
from l2c.log import build
from tests import logs
from tests.logs import ORIGIN, demo, from_table


def company(seed, n=4000):
    """Thirty reps in five regions; the good ones get the large, hard deals (Simpson)."""
    rng = np.random.default_rng(seed)
    skill = rng.normal(0, 0.4, 30)
    rep = rng.choice(30, n, p=rng.dirichlet(np.full(30, 4.0)))
    hard = 1 / (1 + np.exp(-2.5 * skill[rep]))
    segment = (rng.random(n) < hard).astype(int)
    size = rng.normal(9.5 + 0.8 * segment, 0.6)
    eta = 1.0 - 1.3 * segment - 0.5 * (size - 9.9) + skill[rep]
    won = rng.random(n) < 1 / (1 + np.exp(-eta))
    begun = np.sort(rng.random(n) * 600)
    frame = pd.DataFrame(
        {
            "case_id": [f"d{k:05d}" for k in range(n)],
            "rep": [f"P{r:02d}" for r in rep],
            "region": [f"R{r % 5}" for r in rep],
            "segment": np.where(segment, "Enterprise", "SMB"),
            "amount": np.exp(size).round(2),
        }
    )
    at = lambda days: ORIGIN + pd.to_timedelta(days, unit="D").round("s")  # noqa: E731
    rows = [frame.assign(activity="Opportunity Created", time=at(begun))]
    slow = np.where(rep == 3, 2.5, 1.0)
    quoted = begun + slow * rng.lognormal(1.5, 0.5, n)
    rows.append(frame.assign(activity="Quote Sent", time=at(quoted)))
    rows.append(
        frame.assign(activity=np.where(won, "Closed Won", "Closed Lost"), time=at(quoted + rng.lognormal(2.5, 0.4, n)))
    )
    return pd.concat(rows, ignore_index=True), skill


@pytest.fixture(scope="module")
def made():
    events, skill = company(1)
    return events, build(events), skill


def test_adjusted_effects_rank_skill_far_better_than_raw_rates():
    gains, covered = [], []
    for seed in (1, 2, 3):
        events, skill = company(seed)
        table = reps(build(events), names=True)
        wins = table[table["measure"] == "win_rate_incidence"].set_index("rep")
        truth = pd.Series(skill - skill.mean(), index=[f"P{k:02d}" for k in range(30)])[wins.index]
        gains.append(spearmanr(wins["value"], truth)[0] - spearmanr(wins["raw"], truth)[0])
        # the true effect in points at the average win rate
        p = wins["average"].iloc[0]
        points = 1 / (1 + np.exp(-(np.log(p / (1 - p)) + truth))) - p
        covered.append(((wins["low"] <= points) & (points <= wins["high"])).mean())
        assert spearmanr(wins["value"], truth)[0] > 0.6
    assert np.mean(gains) >= 0.15
    assert np.mean(covered) >= 0.85


def test_names_are_hidden_and_the_numbers_say_nothing(made):
    events, log, _ = made
    hidden, shown = reps(log), reps(log, names=True)
    assert not set(hidden["rep"]) & set(shown["rep"])
    assert hidden["rep"].str.fullmatch(r"Rep \d\d").all()
    wins = hidden[hidden["measure"] == "win_rate_incidence"]
    number = wins["rep"].str[4:].astype(int)
    assert abs(spearmanr(number, wins["value"])[0]) < 0.5
    again = reps(build(events.sample(frac=1, random_state=5)))
    assert again[["rep", "measure", "cases"]].equals(hidden[["rep", "measure", "cases"]])
    np.testing.assert_allclose(again["value"], hidden["value"], rtol=1e-6, atol=1e-9)


def test_ranks_hold_their_interval_and_the_better_chance(made):
    wins = reps(made[1])
    wins = wins[wins["measure"] == "win_rate_incidence"]
    assert (wins["rank_low"] <= wins["rank_high"]).all()
    assert wins["rank_low"].min() == 1
    assert wins["rank_high"].max() == 30
    assert (wins["value"].corr(wins["better"], method="spearman")) > 0.95


def test_the_slow_step_of_a_rep_is_worth_coaching_by_a_peer_who_is_quick(made):
    table = coaching(made[1], names=True)
    row = table[table["rep"] == "P03"].iloc[0]
    assert row["step"] == ("Opportunity Created", "Quote Sent")
    # planted: two and a half times as long
    assert row["low"] < 1.5 < row["high"] * 1.15
    assert row["peer"] != "P03"
    assert row["peer_value"] < 0


def test_coaching_says_how_many_gaps_chance_would_give(made):
    table = coaching(made[1], names=True)
    note = table.attrs["note"].facts()
    assert note["id"] == "gaps_by_chance"
    assert note["values"]["n"] >= len(table) > 0
    assert 0 <= note["values"]["false"] <= 0.05 * note["values"]["n"]


def test_how_far_deals_set_reps_apart_by_hand():
    # two deals each, expected 1 and 3: the standard deviation of the two; deals that vary within as much: nothing is left
    assert people._apart(np.array([1.0, 1.0, 3.0, 3.0]), np.array([0, 0, 1, 1])) == pytest.approx(2**0.5)
    assert people._apart(np.array([0.0, 4.0, 1.0, 5.0]), np.array([0, 0, 1, 1])) == 0


def test_what_the_log_does_not_hold_makes_bounds_wider_and_moves_nobody(made, monkeypatch):
    one = lambda: reps(made[1]).query("measure == 'win_rate'").set_index("rep").sort_index()  # noqa: E731
    allowed = one()
    monkeypatch.setattr(people, "UNSEEN", 0.0)
    bare = one()
    assert allowed["value"].tolist() == bare["value"].tolist()
    assert (allowed["high"] - allowed["low"] > bare["high"] - bare["low"]).all()


def test_a_deal_belongs_to_its_owner_at_the_close_and_a_step_to_the_owner_at_its_end():
    rows = []
    for k in range(120):
        first, later = ("Kim", "Sato") if k % 2 else ("Lee", "Lee")
        end = "Closed Won" if k % 3 else "Closed Lost"
        rows += [f"d{k} | Opportunity Created | {k} | {first}", f"d{k} | Quote Sent | {k + 1 + k % 5 / 9} | {first}"]
        rows += [f"d{k} | {end} | {k + 2} | {later}", f"d{k} | Sales Order Created | {k + 3} | Kim"]
    log = from_table("case_id | activity | day | rep\n" + "\n".join(rows), until=400)
    table = reps(log, names=True)
    wins = table[table["measure"] == "win_rate_incidence"].set_index("rep")["cases"]
    assert wins.to_dict() == {"Lee": 60, "Sato": 60}
    steps = table[table["measure"] == "step_days"]
    quoted = steps[[s == ("Opportunity Created", "Quote Sent") for s in steps["step"]]]
    assert set(quoted["rep"]) == {"Kim", "Lee"}


@pytest.mark.parametrize("measure", ["win_rate_incidence", "sales_cycle_days", "step_days"])
def test_one_measure_alone_is_what_it_is_among_all(made, measure):
    log = made[1]
    table = reps(log)
    wanted = table[table["measure"] == measure].reset_index(drop=True)
    assert len(wanted)
    pd.testing.assert_frame_equal(reps(log, measure=measure), wanted, check_exact=True)


def test_findings_do_not_name_reps_unless_asked():
    names = set(demo().distinct("rep"))
    said = logs.findings()
    assert not names & set(said["value"].map(str))
    about = said[said["attribute"].map(str) == "rep"]
    if len(about):
        assert names & set(logs.findings(names=True)["value"].map(str))


@pytest.mark.parametrize("text", ["a: Closed Won 0", "a [rep=Kim]: Opportunity Created 0, Closed Won 1"])
def test_too_few_to_compare_is_an_empty_table(text):
    from tests.logs import from_text

    assert len(reps(from_text(text))) == 0
    assert len(coaching(from_text(text))) == 0


def test_losers_left_open_do_not_make_a_rep_better():
    """All win four deals in ten; P0 never closes a lost one."""
    rows = []
    r = np.random.default_rng(4)
    for k in range(900):
        rep, begun = k % 9, k / 2
        won = r.random() < 0.4
        rows.append((f"d{k}", "Opportunity Created", begun, f"P{rep}"))
        if won or rep:
            rows.append((f"d{k}", "Closed Won" if won else "Closed Lost", begun + 20 + r.random() * 10, f"P{rep}"))
    frame = pd.DataFrame(rows, columns=["case_id", "activity", "day", "rep"])
    frame["time"] = ORIGIN + pd.to_timedelta(frame.pop("day").to_numpy(), unit="D").round("s")
    table = reps(build(frame, extracted=ORIGIN + pd.Timedelta(days=460)), names=True)
    wins = table[table["measure"] == "win_rate_incidence"].set_index("rep")
    assert wins.loc["P0", "raw"] < 0.6
    assert wins.loc["P0", "low"] < 0 < wins.loc["P0", "high"]
