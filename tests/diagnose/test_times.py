"""How long from here to there, worked out by hand."""

import numpy as np
import pytest

import l2c
from l2c import discover, show
from l2c.diagnose import cycle, cycle_by, quote_to_contract, survival, times
from l2c.show.charts.durations import median
from l2c.words.errors import UnknownName
from tests.logs import from_table, from_text

DEALS = """
    a [rep=Kim]: Opportunity Created 0, Closed Won 10
    b [rep=Kim]: Opportunity Created 0, Closed Won 20
    c [rep=Sato]: Opportunity Created 5              # still open at day 30
    """


def test_open_deals_lengthen_the_median():
    log = from_text(DEALS, until=30)
    # Kaplan-Meier: S(10) = 2/3, S(20) = 1/3, so the median is 20; the closed deals alone would say 15
    found = times(log, start="Opportunity Created", end="Closed Won")
    assert found.value.item() == 20
    assert (found.cases.item(), found.censored.item()) == (3, 1)


def test_each_group_has_its_own_median():
    found = times(from_text(DEALS, until=30), start="Opportunity Created", end="Closed Won", by="rep")
    # Kim: 10 and 20, half are there by 10; Sato: nobody yet
    assert found["rep"].tolist() == ["Kim", "Sato"]
    assert found["value"].iloc[0] == 10
    assert np.isnan(found["value"].iloc[1])
    assert found["censored"].tolist() == [0, 1]


def test_cases_without_the_attribute_are_a_group_too():
    log = from_text(
        "a [rep=Kim]: Demo Held 0, Closed Won 1\nb: Demo Held 0, Closed Won 2\nc: Demo Held 0, Closed Won 2"
    )
    found = times(log, start="Demo Held", end="Closed Won", by="rep")
    assert found["cases"].tolist() == [2, 1]
    assert found["rep"].isna().tolist() == [True, False]


def test_the_first_of_several_ends_counts():
    log = from_text("a: Opportunity Created 0, Closed Lost 3, Closed Won 9")
    found = times(log, start="Opportunity Created", end=("Closed Won", "Closed Lost"))
    assert found.value.item() == 3


def test_the_curve_falls_at_each_end():
    curve = survival(from_text(DEALS, until=30), start="Opportunity Created", end="Closed Won")
    assert curve["days"].tolist() == [10, 20]
    assert curve["survival"].tolist() == pytest.approx([2 / 3, 1 / 3])
    assert curve["at_risk"].tolist() == [3, 2]
    assert curve["events"].tolist() == [1, 1]


def test_a_long_curve_is_thinned_without_moving_its_median():
    lines = [f"c{i}: Demo Held 0, Closed Won {i / 10 + 1}" for i in range(5001)]
    log = from_text("\n".join(lines))
    curve = survival(log, start="Demo Held", end="Closed Won")
    assert len(curve) <= 2001
    assert curve["events"].sum() == 5001
    half = curve.loc[curve["survival"] <= 0.5, "days"].iloc[0]
    assert half == times(log, start="Demo Held", end="Closed Won").value.item() == 251


def test_the_cycle_of_another_process_runs_along_its_happy_path():
    log = from_text("a: Demo Held 0, Legal Review 4\nb: Demo Held 0, Legal Review 6")
    assert cycle(log)["days"].tolist() == [4, 6]


def test_a_log_of_stages_is_done_with_won_or_lost():
    # Two of three are closed: after 10 and 30 days; the happy path alone would count the won one.
    log = from_table("""
        case_id | activity           | day
        a       | Stage: Prospecting | 0
        a       | Closed Won         | 10
        b       | Stage: Prospecting | 5
        b       | Closed Lost        | 35
        c       | Stage: Prospecting | 9
    """, until=40)  # fmt: skip
    curve = cycle(log)
    assert curve["days"].tolist() == [10, 30]
    assert curve["survival"].tolist() == pytest.approx([2 / 3, 1 / 3])


def test_a_flag_tells_as_much_as_an_activity_when_a_deal_is_done():
    log = from_text("""
        a [is_won=True]: Opportunity Created 0, Demo Held 4
        b [is_won=True]: Opportunity Created 1, Legal Review 9
    """, until=40)  # fmt: skip
    assert cycle(log)["days"].tolist() == [4, 8]


def test_small_groups_are_not_named():
    big = "\n".join(f"k{i} [rep=Kim]: Opportunity Created 0, Closed Won {i + 1}" for i in range(20))
    small = "\n".join(f"s{i} [rep=Sato]: Opportunity Created 0, Closed Won 1" for i in range(19))
    found = cycle_by(from_text(f"{big}\n{small}"))
    assert found[["attribute", "group", "value", "cases"]].to_numpy().tolist() == [["rep", "Kim", 10, 20]]


def test_unknown_names_are_told():
    log = from_text(DEALS)
    with pytest.raises(UnknownName, match=r"No activity is called 'Closed won'. Closest in this log: Closed Won"):
        times(log, start="Opportunity Created", end="Closed won")
    with pytest.raises(UnknownName, match=r"No case attribute is called 'region'. This log has: rep"):
        times(log, start="Opportunity Created", end="Closed Won", by="region")


@pytest.fixture(scope="module")
def slowly_lost():
    """Of 40 quotes 20 are signed after 10 to 29 days, 10 are lost after 30, and 10 are open after 100."""
    lines = [f"w{i}: Quote Created -1, Quote Sent 0, Contract Created 1, Contract Signed {10 + i}" for i in range(20)]
    lines += [f"o{i}: Quote Created -1, Quote Sent 0, Contract Created 1" for i in range(10)]
    lines += [f"l{i}: Quote Created -1, Quote Sent 0, Contract Created 1, Closed Lost 30" for i in range(10)]
    return from_text("\n".join(lines), until=100)


def test_all_that_tell_a_median_give_the_bounds_of_the_card(slowly_lost):
    card = l2c.kpis(slowly_lost).set_index("kpi").loc["quote_to_contract_days"]
    found = times(slowly_lost, start="Quote Sent", end="Contract Signed").iloc[0]
    # Of 30 that may sign, half have by the 15th of 20; of 20 that have, by the 10th.
    assert found["value"] == card["value"] == 24
    assert found["bound_low"] == card["bound_low"] <= 19 and np.isnan(found["bound_high"])
    curve = survival(slowly_lost, start="Quote Sent", end="Contract Signed")
    assert median(curve, column="bound_low") == found["bound_low"]
    assert np.isnan(median(curve, column="bound_high"))
    # From the contract on it is a day less, on all pages.
    phase = quote_to_contract(slowly_lost).set_index("from").loc["Contract Created"]
    step = discover.funnel(slowly_lost, ("Contract Created", "Contract Signed")).iloc[1]
    assert phase["value"] == step["median_days"] == 23
    assert phase["bound_low"] == step["bound_low"] == found["bound_low"] - 1
    # Where that hangs on the open ones, nine in ten do so all the more.
    assert np.isnan(phase["p90_days"])


def test_medians_that_do_not_hang_on_the_open_ones_have_no_bounds():
    found = times(from_text(DEALS, until=30), start="Opportunity Created", end="Closed Won")
    assert found[["bound_low", "bound_high"]].isna().all(axis=None)
    curve = survival(from_text(DEALS, until=30), start="Opportunity Created", end="Closed Won")
    assert curve[["bound_low", "bound_high"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "what becomes of those still open decides"), ("ja", "進行中の商談の結果による")]
)
def test_charts_write_a_range_where_the_card_does(slowly_lost, lang, words):
    curve = survival(slowly_lost, start="Quote Sent", end="Contract Signed")
    low = f"{times(slowly_lost, start='Quote Sent', end='Contract Signed')['bound_low'].item():.0f}"
    drawn = show.durations(curve, lang=lang)
    assert words in repr(drawn) and (f"{low}日以上" if lang == "ja" else f"≥ {low}") in repr(drawn)
    one_less = f"{int(low) - 1}日以上" if lang == "ja" else f"≥ {int(low) - 1}"
    assert one_less in " ".join(
        t.get_text() for t in show.quote_to_contract(quote_to_contract(slowly_lost), lang=lang).ax.texts
    )
    milestones = discover.funnel(slowly_lost, ("Contract Created", "Contract Signed"))
    assert one_less in " ".join(t.get_text() for t in show.funnel(milestones, lang=lang).ax.texts)
