"""Which lever is worth most, and what is decided: order, budget, cases needed, the page."""

import sys
from datetime import date

import numpy as np
import pytest
import yaml
from statsmodels.stats.power import NormalIndPower, tt_ind_solve_power
from statsmodels.stats.proportion import proportion_effectsize

from l2c import improve, show
from l2c.improve import register
from l2c.improve.queues import Desk, Server
from l2c.improve.scenario import Scenario
from l2c.stats.power import cases_for_means, cases_for_shares
from l2c.words.errors import BadScenario
from tests.improve.mondays import SIGNED, log_of


@pytest.fixture(scope="module")
def log():
    return log_of(amount=lambda case: 1000.0 + case % 7, payment_terms_days=lambda case: 45.0)


@pytest.fixture(autouse=True)
def trusted(monkeypatch):
    for name in ("levers", "simulate"):
        monkeypatch.setattr(sys.modules[f"l2c.improve.{name}"], "trusted", lambda log: None)
    monkeypatch.setattr(sys.modules["l2c.improve.simulate"], "violations", lambda *given: {})


def test_every_standard_lever_is_tried_and_the_best_comes_first(log):
    found = improve.levers(log, costs={"step": 10}, runs=3)
    assert {"step", "parallel", "arrivals", "terms", "reminder"} <= set(found["lever"])
    assert found["money"].is_monotonic_decreasing
    assert (
        found.set_index("lever")["evidence"].to_dict() | {"step": "assumed", "parallel": "measured"}
        == found.set_index("lever")["evidence"].to_dict()
    )
    assert found.loc[found["lever"] == "step", "change_cost"].eq(10).all() and found["change_cost"].notna().sum() < len(
        found
    )
    step = found[found["step"] == " → ".join(SIGNED)].iloc[0]
    # Three tenths of two weeks
    assert step[["difference", "low", "high"]].tolist() == pytest.approx([-4.2] * 3, abs=1)
    # A lever can be asked about as a change of its own
    again = improve.simulate(log, yaml.safe_load(step["change"]), runs=3).set_index(["measure", "about"])
    assert again.loc[("days_to_win", ""), "difference"] == pytest.approx(step["difference"])
    with pytest.raises(BadScenario, match="Closest: step"):
        improve.levers(log, costs={"stpe": 1})


def test_the_best_set_stays_within_the_budget(log):
    costs = {"step": 60, "parallel": 50, "terms": 10}
    found = improve.best(log, 120, costs, runs=3)
    assert (found["change_cost"] <= 120).all() and found["change_cost"].is_monotonic_increasing
    assert len(found) >= 2 and found["step"].is_unique
    # What comes first is what is worth most alone, of those that have a cost
    alone = improve.levers(log, costs=costs, runs=3).dropna(subset="change_cost")
    first = alone.iloc[(alone["money"] - alone["change_cost"]).argmax()]
    assert found["step"].iloc[0] == first["step"]
    # Each brings more than it costs beside those before it
    assert ((found["money"] - found["change_cost"]).diff().dropna() > 0).all()
    assert len(improve.best(log, 5, costs, runs=3)) == 0


def test_cases_needed_for_means():
    # (1.96 + 0.84)² × 2 × 10² / 5² = 62.8
    assert cases_for_means(5, 10, 10) == 63
    # The t-test needs about one more; here both sides spread differently too
    assert cases_for_means(-2, 9, 9) == pytest.approx(tt_ind_solve_power(2 / 9, alpha=0.05, power=0.8), abs=2)
    assert cases_for_means(0, 10, 10) == np.inf


def test_cases_needed_for_shares():
    found = cases_for_shares(0.40, 0.46)
    effect = proportion_effectsize(0.46, 0.40)
    assert found == pytest.approx(NormalIndPower().solve_power(effect, alpha=0.05, power=0.8), rel=0.02)
    assert cases_for_shares(0.4, 0.4) == np.inf


def test_so_many_cases_see_the_effect_four_times_in_five():
    rng = np.random.default_rng(3)
    n = int(cases_for_shares(0.40, 0.46))
    one, two = rng.binomial(n, 0.40, 20_000) / n, rng.binomial(n, 0.46, 20_000) / n
    middle = (one + two) / 2
    seen = np.abs(two - one) / np.sqrt(2 * middle * (1 - middle) / n) > 1.96
    assert seen.mean() == pytest.approx(0.8, abs=0.015)
    n = int(cases_for_means(3, 10, 14))
    gaps = rng.normal(3, 14 / n**0.5, 20_000) - rng.normal(0, 10 / n**0.5, 20_000)
    assert (np.abs(gaps) / np.sqrt((10**2 + 14**2) / n) > 1.96).mean() == pytest.approx(0.8, abs=0.015)


CHANGE = {
    "name": {"en": "Faster signing", "ja": "契約締結の迅速化"}, "from": date(2026, 7, 6), "changes": [{"step": SIGNED, "share": 0.5}],
    "costs": {"once": 500, "running": 100},
}  # fmt: skip


def test_a_decision_is_put_down_with_what_it_takes_to_see_it(log, tmp_path):
    made = improve.decide(
        log, CHANGE, kpi="quote_to_contract_days", owner="Sato", why="bottleneck: step_days", register=tmp_path / "register.yaml",
        decided=date(2026, 6, 1), runs=3,
    )  # fmt: skip
    assert made.id == "faster_signing" and made.since == date(2026, 7, 6)
    # Three weeks from the quote to the contract become two, without exception: two cases a side would do
    assert made.expected == {"difference": -7.0, "low": -7.0, "high": -7.0, "unit": "day", "level": 0.9}
    # They come within the first week, and have signed after two more
    assert made.needs == {"cases": 2, "weeks": 3}
    assert made.cost == {"once": 500, "yearly": 100}
    assert register(tmp_path).decisions == (made,)
    english, japanese = (show.decision(made, lang=lang).text for lang in ("en", "ja"))
    assert english.startswith("# Faster signing\n") and "**Owner**: Sato" in english and "2026-07-06" in english
    assert "after 2 cases, about 3 weeks" in english and "50 % less time" in english
    assert japanese.startswith("# 契約締結の迅速化\n") and "50%短くなる" in japanese


def test_what_is_not_expected_to_move_never_shows(log):
    found = improve.needs(log, CHANGE, "win_rate")
    assert (found.cases, found.weeks) == (np.inf, np.inf)
    for kpi in ("win_rate", "win_rate_incidence"):
        assert improve.decide(log, CHANGE, kpi=kpi, owner="x", runs=3).kpi == "win_rate_incidence"
    with pytest.raises(BadScenario, match="'win_rte' is no key figure by which"):
        improve.decide(log, CHANGE, kpi="win_rte", owner="x", runs=3)


# People at a desk


class Attribute:
    name, is_number, labels = "region", False, ("EMEA", "Japan", "APAC")
    values = np.array([0.0, 1.0, 2.0] * 5)


class Known:
    activities = ("Quote Created", "Discount Approved")

    class stays:
        attributes = (Attribute,)
        keys = np.arange(15)

    class hall:
        desks = ()


def staffed(change, about=None, **desk):
    from l2c.improve.desk_changes import desks_of
    from l2c.improve.hours import Hours

    server = Server("Kim", "queue", Hours(9 / 24, 8 / 24), np.array([0.1]), 10)
    other = Server("Sato", "queue", Hours(9 / 24, 8 / 24), np.array([0.2]), 20)
    desk = Desk(1, (server, other), **{"group": (0, 1), "column": 0, "values": {0.0: 0, 1.0: 1, 2.0: 1}} | desk)
    twin = type("Twin", (Known,), {"hall": type("Hall", (), {"desks": (desk,)})})
    (made,) = (found := desks_of(twin, [(change, np.ones(15, bool) if about is None else about)], {})).made
    return made, found.hours


def change_of(raw, log):
    from l2c.improve import reading

    return reading.change(1, raw, log)


@pytest.fixture(scope="module")
def named():
    return log_of(
        change=lambda case, weeks: weeks | {"Discount Approved": 2},
        region=lambda case: ["EMEA", "Japan", "APAC"][case % 3],
    )


def test_somebody_new_serves_whom_they_are_hired_for(named):
    japan = Attribute.values == 1
    made, _ = staffed(change_of({"desk": "Discount Approved", "add": 1, "where": {"region": "Japan"}}, named), japan)
    assert [server.name for server in made.servers] == ["Kim", "Sato", "+1"] and made.group == (0, 1, 1)
    with pytest.raises(BadScenario, match=r"different people serve each region there.*one of: EMEA, Japan, APAC"):
        staffed(change_of({"desk": "Discount Approved", "add": 1}, named))
    less, _ = staffed(change_of({"desk": "Discount Approved", "add": -1}, named), group=(0, 0), column=-1, values={})
    assert [server.name for server in less.servers] == ["Kim"]


def test_speed_and_hours_are_those_of_the_change(named):
    made, _ = staffed(change_of({"desk": "Discount Approved", "speed": 0.5}, named))
    assert [server.service.tolist() for server in made.servers] == [[0.05], [0.1]]
    made, longer = staffed(change_of({"desk": "Discount Approved", "hours": {"mon-fri": "8-18"}}, named))
    # Two people, two hours on each of five days more
    assert longer == pytest.approx(20) and made.servers[0].hours.a_week == pytest.approx(50)


def test_work_goes_to_whom_it_is_sent(named):
    apac = Attribute.values == 2
    made, _ = staffed(change_of({"route": "Discount Approved", "to": "Kim", "where": {"region": "APAC"}}, named), apac)
    assert made.values == {0.0: 0, 1.0: 1, 2.0: 0}
    # Of a shared desk, one who serves a region alone does nothing else there
    made, _ = staffed(
        change_of({"route": "Discount Approved", "to": "Kim", "where": {"region": "APAC"}}, named), apac, group=(0, 0), column=-1,
        values={},
    )  # fmt: skip
    assert (made.group, made.column, made.values) == ((1, 0), 0, {2.0: 1})
    with pytest.raises(BadScenario, match=r"nobody called 'Kin' does 'Discount Approved'. Closest: Kim"):
        staffed(change_of({"route": "Discount Approved", "to": "Kin"}, named))


def test_a_desk_where_nothing_waits_has_nothing_to_change(named):
    from l2c.improve.desk_changes import desks_of

    change = change_of({"desk": "Discount Approved", "speed": 0.5}, named)
    with pytest.raises(BadScenario, match="no work queues up for 'Discount Approved'"):
        desks_of(Known, [(change, np.ones(15, bool))], {})
    assert Scenario((change,)).assumed is not None
