"""Discounts: the effect beside the illusion, and when it cannot be judged."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.discrete.discrete_model import Logit

from l2c.diagnose import bunching, discount_bands, discounts, leakage
from l2c.diagnose.causes import mix
from l2c.diagnose.sale import discounts as effects
from l2c.log import build
from l2c.measures.facts import Facts
from l2c.words.errors import BadMargin
from tests.logs import ORIGIN, demo, from_text


def company(seed, beta=0.03, n=4000):
    """Discounts go to large deals and against competitors, both of which are lost more often."""
    r = np.random.default_rng(seed)
    rep, segment, rival = r.integers(0, 20, n), r.integers(0, 3, n), r.random(n) < 0.35
    size = r.normal(9.5 + 0.5 * segment, 0.7)
    points = np.clip(5 + 3 * (size - 9.5) + 4 * rival + r.normal(0, 2, 20)[rep] + r.normal(0, 4, n), 0, 40)
    eta = 0.4 + beta * points - 0.45 * (size - 9.5) - 0.9 * rival + r.normal(0, 0.35, 20)[rep]
    chance = 1 / (1 + np.exp(-eta))
    won = r.random(n) < chance
    frame = pd.DataFrame(
        {
            "case_id": [f"d{k:05d}" for k in range(n)],
            "rep": [f"r{k}" for k in rep],
            "segment": [f"s{k}" for k in segment],
            "product": [f"p{k}" for k in r.integers(0, 4, n)],
            "lead_source": [f"l{k}" for k in r.integers(0, 4, n)],
            "competitor": np.where(rival, "yes", "no"),
            "amount": np.exp(size).round(2),
            "discount": points / 100,
        }
    )
    begun = np.sort(r.random(n) * 600)
    at = lambda days: ORIGIN + pd.to_timedelta(days, unit="D").round("s")  # noqa: E731
    end = np.where(won, "Closed Won", "Closed Lost")
    rows = [
        frame.assign(activity="Opportunity Created", time=at(begun)),
        frame.assign(activity="Quote Sent", time=at(begun + 3)),
        frame.assign(activity=end, time=at(begun + 3 + r.lognormal(3, 0.5, n))),
    ]
    return pd.concat(rows, ignore_index=True), float((chance * (1 - chance) * beta).mean())


def test_the_effect_has_the_right_sign_where_the_raw_slope_has_the_wrong_one():
    errors, verdicts = [], []
    for seed in (1, 2, 3, 4):
        events, truth = company(seed)
        found = discounts(build(events)).iloc[0]
        assert found["raw"] < 0 < found["value"]
        assert found["low"] <= truth <= found["high"]
        assert found["crossfit_low"] <= truth <= found["crossfit_high"]
        verdicts.append(found["verdict"])
        errors.append(found["value"] / truth - 1)
    # 4,000 deals tell 0.7 points from nothing in most companies, not in all
    assert verdicts.count("raises") >= 2
    assert set(verdicts) <= {"raises", "unknown"}
    assert abs(np.mean(errors)) < 0.25


def in_accounts(seed, n=3000):
    """Weak accounts are discounted more and win less; five deals each. Beyond 8 % nothing is won by more discount."""
    r = np.random.default_rng(seed)
    account = r.integers(0, n // 5, n)
    weak = r.normal(0, 1, n // 5)[account]
    points = np.clip(10 + 3 * weak + r.normal(0, 4, n), 0, 40)
    won = r.random(n) < 1 / (1 + np.exp(-(0.25 * np.minimum(points, 8) - 2 - 0.8 * weak)))
    at = lambda days: ORIGIN + pd.to_timedelta(days, unit="D").round("s")  # noqa: E731
    begun = np.sort(r.random(n) * 600)
    frame = pd.DataFrame({"case_id": [f"d{k}" for k in range(n)], "account": [f"a{k}" for k in account]})
    frame = frame.assign(competitor=r.choice(["y", "n"], n), amount=100.0, discount=points / 100)
    rows = [frame.assign(activity="Quote Sent", time=at(begun))]
    rows.append(frame.assign(activity=np.where(won, "Closed Won", "Closed Lost"), time=at(begun + 9)))
    return build(pd.concat(rows, ignore_index=True))


def test_accounts_of_a_few_deals_are_adjusted_for_and_a_bend_is_said():
    found = discounts(in_accounts(1)).iloc[0]
    assert found["raw"] < 0 < found["low"]
    assert "account" in found["adjusted_for"]
    assert found["bend_p"] < 0.01
    assert found["below_knot"] > 0.02 > abs(found["above_knot"])
    assert 0.05 < found["knot"] < 0.12
    assert "another one up to" in str(found["reason"])


@pytest.mark.parametrize(
    ("accounts", "expected", "pooled"),
    [("AABC", [2, 2, 5, 7], ()), ("AABCD", [2, 2, 7, 7, 7], ("account",))],
)
def test_a_deal_alone_in_its_account_stands_for_itself_unless_most_do(accounts, expected, pooled):
    log = from_text("\n".join(f"d{k} [account={a}]: Closed Won 0" for k, a in enumerate(accounts)))
    given = np.array([1.0, 3, 5, 7, 9])[: len(accounts)]
    case, won = np.arange(len(accounts)), (given > 4).astype(float)
    columns, names, together = mix.means(Facts.of(log), case, won, given, without=())
    # the means of the discounts of each account
    assert columns[:, 0].tolist() == expected
    assert (names, together) == (("account",), pooled)


def test_few_deals_tell_nothing_rather_than_no_effect():
    found = discounts(build(company(7, beta=0.0, n=250)[0])).iloc[0]
    assert found["verdict"] == "unknown"
    assert found["low"] < 0 < found["useful"] < found["high"]
    assert "too few deals" in str(found["reason"])


def test_a_hidden_competitor_is_warned_of_and_a_clear_effect_is_not_believed():
    events, _ = company(1)
    found = discounts(build(events.drop(columns="competitor"))).iloc[0]
    assert found["value"] < 0, "the sign is wrong without the competitor"
    assert found["verdict"] == "unknown"
    assert "competitor" in str(found["reason"])


@pytest.mark.parametrize("hidden", ["segment", "lead_source", "amount"])
def test_any_other_hidden_confounder_is_named(hidden):
    events, _ = company(2)
    assert hidden in str(discounts(build(events.drop(columns=hidden))).iloc[0]["reason"])


def test_no_effect_is_a_result():
    verdicts = [discounts(build(company(seed, beta=0.0)[0])).iloc[0]["verdict"] for seed in (5, 6, 7)]
    assert verdicts.count("none") >= 2


def test_the_idle_discounts_of_the_demo_help_nobody_and_seem_to_harm():
    found = discounts(demo()).iloc[0]
    assert found["verdict"] == "none"
    assert found["raw_high"] < 0


def test_whether_discounts_pay_hangs_on_the_margin_which_one_can_give():
    log = demo()
    assumed, thin, revenue = (discounts(log, margin=margin).iloc[0] for margin in (None, 0.5, 1.0))
    assert assumed["verdict"] == thin["verdict"] == "none"
    assert "a margin of 80 % is assumed" in str(assumed["reason"])
    assert "assumed" not in str(thin["reason"])
    # Where what is sold costs nothing, the interval holds an effect that would pay; nothing is left to say.
    assert 0.8 < assumed["margin_needed"] < 1
    assert revenue["verdict"] == "unknown"
    # A point costs each win a hundredth of the list price, of which margin less discount is left: p / (m - d) per point.
    given = thin["margin_needed"] - (thin["margin_needed"] - 0.5) / (1 - thin["high"] / thin["useful"])
    won = thin["useful"] * (0.5 - given) * 100
    assert thin["high"] * (thin["margin_needed"] - given) * 100 == pytest.approx(won)
    with pytest.raises(BadMargin, match=r"0\.8 for 80 %"):
        discounts(log, margin=80)


def test_an_effect_that_bends_is_averaged_as_it_is():
    """Average marginal effect with its interval, against numerical derivatives of the likelihood's maximum."""
    r = np.random.default_rng(3)
    points = np.clip(r.normal(10, 5, 600), 0, 40)
    won = (r.random(600) < 1 / (1 + np.exp(-0.25 * np.minimum(points, 8) + 2))).astype(float)
    base = np.column_stack([np.ones(600), r.normal(size=600)])
    effect, bend = effects._marginal(points, base, won, 0.95, None)

    def chance(at):
        powers = np.column_stack([at, at**2 / 10, at**3 / 100, base])
        return 1 / (1 + np.exp(-powers @ fit.params))

    known = np.column_stack([points, points**2 / 10, points**3 / 100, base])
    fit = Logit(won, known).fit(disp=0, tol=1e-12)
    assert effect.value == pytest.approx((chance(points + 1e-4) - chance(points - 1e-4)).mean() / 2e-4, rel=1e-4)
    assert bend == pytest.approx(
        float(Logit(won, known).fit(disp=0, cov_type="HC0").wald_test(np.eye(5)[1:3], scalar=True).pvalue), rel=0.02
    )
    # Two discounts only: a straight line is all that they tell.
    two = np.where(points > 10, 15.0, 5.0)
    straight, bend = effects._marginal(two, base, won, 0.95, None)
    assert bend == 1
    assert straight.low < straight.value < straight.high


def test_what_cannot_be_judged_says_why():
    assert str(discounts(from_text("a: Closed Won 0")).iloc[0]["reason"]) == "no discounts, or too few closed deals"
    events, _ = company(3, n=300)
    assert "too few" in str(discounts(build(events.head(0).pipe(lambda _: company(3, n=150)[0]))).iloc[0]["reason"])
    only_won = events.copy()
    lost = only_won.groupby("case_id")["activity"].transform(lambda a: (a == "Closed Lost").any())
    only_won.loc[lost, "discount"] = None
    assert "known for won deals" in str(discounts(build(only_won)).iloc[0]["reason"])


def test_bands_by_hand():
    log = from_text(
        """
        a [discount=0.1]: Closed Won 1
        b [discount=0.109]: Closed Lost 1
        c [discount=0.11]: Closed Won 1
        d [discount=0.11]: Opportunity Created 1
        e: Closed Won 1
        """
    )
    table = discount_bands(log).set_index("discount")
    assert table.index.tolist() == [0.1, 0.11]
    assert table[["cases", "won", "closed", "share"]].values.tolist() == [[2, 1, 2, 0.5], [2, 1, 1, 1.0]]


def test_a_pile_below_the_limit_is_counted_against_its_neighbours():
    lines = [f"x{k} [discount={0.10 if k < 30 else 0.07 if k < 40 else 0.11}]: Closed Won 1" for k in range(50)]
    row = bunching(from_text("\n".join(lines))).set_index("threshold").loc[0.10]
    # 30 in (8 %, 10 %]; 10 in (6 %, 8 %] and 10 in (10 %, 12 %]: 10 expected
    assert row[["cases", "expected", "value", "above"]].tolist() == [30, 10, 3, 10]
    assert row["low"] > 1


def test_leakage_by_hand():
    log = from_text(
        """
        a [discount=0.3, amount=70]: Discount Approved 0, Closed Won 1
        b [discount=0.25, amount=75]: Closed Won 1
        c [discount=0.1, amount=90]: Closed Won 1
        d [discount=0.4, amount=60]: Closed Lost 1
        """,
        currency="USD",
    )
    table = leakage(log).set_index("kind")
    # list prices are 100 each: 10 and 5 above the limit of 20 %, of which the 5 was never approved
    assert table["amount"].tolist() == pytest.approx([15, 5, 0])
    assert table["overlap"].tolist() == pytest.approx([5, 5, 0])
    assert table.loc["policy", "share"] == pytest.approx(15 / 300)


def test_what_chance_spreads_is_no_leak_and_a_rep_who_gives_more_is():
    r = np.random.default_rng(1)
    lines = []
    for k in range(600):
        rep = k % 6
        discount = r.normal(0.10, 0.02) + (0.05 if rep == 0 else 0.0)
        price = r.uniform(500, 1500)
        lines.append(f"d{k} [rep=P{rep}, discount={discount:.3f}, amount={price * (1 - discount):.2f}]: Closed Won 1")
    given = leakage(from_text("\n".join(lines), currency="USD")).set_index("kind").loc["comparable"]
    # a hundred deals of about 1,000 each, five points beyond the usual
    assert given["cases"] == 100
    assert given["amount"] == pytest.approx(5000, rel=0.2)
    chance = [line.replace("P0", "P1").replace("rep=P1", f"rep=P{r.integers(6)}") for line in lines if "P0" not in line]
    assert leakage(from_text("\n".join(chance), currency="USD")).set_index("kind").loc["comparable", "amount"] == 0


def test_several_currencies_are_not_added():
    log = from_text(
        "a [discount=0.3, amount=70, currency=USD]: Closed Won 1\nb [discount=0.3, amount=70, currency=JPY]: Closed Won 1"
    )
    assert leakage(log)["amount"].isna().all()


def test_where_no_discount_is_known_nothing_leaks_and_nothing_is_said():
    assert len(leakage(from_text("a [amount=100]: Opportunity Created 0, Closed Won 9"))) == 0
