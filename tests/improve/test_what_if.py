"""Arithmetic that can be checked on paper."""

import numpy as np
import pytest

from l2c.diagnose import steps
from l2c.improve import median_days, slowest, what_if
from l2c.words.errors import BadChange, UnknownName
from tests.logs import from_text

STEP = ("Quote Sent", "Closed Won")
DEALS = """
    a [amount=1000]: Opportunity Created 0, Quote Sent 2, Closed Won 12
    b [amount=2000]: Opportunity Created 0, Quote Sent 4, Closed Won 8
    c [amount=3000]: Opportunity Created 0, Quote Sent 1, Closed Lost 9
    """


def measures(**options):
    return what_if(from_text(DEALS), step=STEP, **options).set_index("measure")


def test_a_share_comes_off_every_passage():
    found = measures(share=0.5)
    # 10 and 4 days become 5 and 2; the cases, 12 and 8 days long, become 7 and 6
    assert found.loc["step_mean_days", ["today", "changed", "difference"]].tolist() == [7, 3.5, -3.5]
    assert found.loc["cycle_median_days", ["today", "changed", "difference"]].tolist() == [10, 6.5, -3.5]
    assert found.loc["step_case_days", "difference"] == -7
    assert (found["cases"] == 2).all()


def test_a_ceiling_cuts_only_what_is_longer():
    found = measures(days=6)
    # 10 becomes 6, 4 stays
    assert found.loc["step_mean_days", ["today", "changed"]].tolist() == [7, 5]
    assert found.loc["step_median_days", "difference"] == -2


def test_money_that_comes_sooner_saves_its_interest():
    found = measures(days=6, cost_of_capital=0.1)
    # Today 1000 × 10 + 2000 × 4 = 18,000 money-days at 10 % a year; 4,000 of them saved
    assert found.loc["capital_cost", "today"] == pytest.approx(18_000 * 0.1 / 365)
    assert found.loc["capital_cost", "difference"] == pytest.approx(-4_000 * 0.1 / 365)
    assert found.loc["capital_cost", "unit"] == "money"


def test_a_case_that_takes_the_step_twice_saves_twice():
    log = from_text("a: Quote Sent 0, Quote Revised 4, Quote Sent 5, Quote Revised 7, Closed Won 8")
    found = what_if(log, step=("Quote Sent", "Quote Revised"), share=0.5).set_index("measure")
    # 4 + 2 days in the step, half of them saved: 8 days become 5
    assert found.loc["cycle_mean_days", "changed"] == 5
    assert found.loc["step_case_days", "today"] == 6
    assert found.loc["step_case_days", "cases"] == 1


def test_without_amounts_money_is_unknown():
    log = from_text("a: Quote Sent 0, Closed Won 4\nb: Quote Sent 0, Closed Won 6")
    assert np.isnan(what_if(log, step=STEP, share=0.5).set_index("measure").loc["capital_cost", "difference"])


def test_the_cost_of_the_money_is_not_added_up_over_currencies():
    log = from_text(
        """
        a [amount=100, currency=EUR]: Quote Requested 0, Quote Approved 10, Closed Won 12
        b [amount=900, currency=JPY]: Quote Requested 0, Quote Approved 10, Closed Won 12
        """
    )

    def cost(log):
        return what_if(log, step=("Quote Requested", "Quote Approved"), share=0.5, cost_of_capital=0.1).iloc[-1]

    assert cost(log)["measure"] == "capital_cost"
    assert np.isnan(cost(log)["today"])
    assert cost(log.where(currency="EUR"))["today"] == pytest.approx(100 * 10 * 0.1 / 365)


def test_the_interval_of_a_mean_is_that_of_theory_and_repeats_itself():
    rng = np.random.default_rng(0)
    waits = rng.exponential(10, 400)
    log = from_text("\n".join(f"c{i}: Quote Sent 0, Closed Won {w:.6f}" for i, w in enumerate(waits)))
    found = what_if(log, step=STEP, share=0.5).set_index("measure").loc["step_mean_days"]
    half = 1.96 * waits.std() / 2 / np.sqrt(400)
    assert found["high"] - found["low"] == pytest.approx(2 * half, rel=0.1)
    again = what_if(log, step=STEP, share=0.5).set_index("measure").loc["step_mean_days"]
    assert again.equals(found)


def test_the_slowest_step_holds_most_days():
    log = from_text(DEALS)
    # Quote Sent → Closed Won holds 14 days, → Closed Lost 8, Opportunity Created → Quote Sent 7
    assert slowest(steps(log)) == STEP
    assert median_days(log, STEP) == 7


def test_impossible_questions_are_refused():
    log = from_text(DEALS)
    with pytest.raises(BadChange, match="either by what share"):
        what_if(log, step=STEP)
    with pytest.raises(BadChange, match="either by what share"):
        what_if(log, step=STEP, share=0.5, days=3)
    with pytest.raises(BadChange, match=r"share=1.5 is not possible; it must be between 0 and 1"):
        what_if(log, step=STEP, share=1.5)
    with pytest.raises(BadChange, match="Closed Won never follows Opportunity Created directly"):
        what_if(log, step=("Opportunity Created", "Closed Won"), share=0.5)
    with pytest.raises(UnknownName, match="No activity is called 'Won'"):
        what_if(log, step=("Quote Sent", "Won"), share=0.5)
    with pytest.raises(BadChange, match="no step to change"):
        slowest(steps(from_text("a: Quote Sent 0")))
