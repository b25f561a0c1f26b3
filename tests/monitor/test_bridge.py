"""The pipeline of one day becomes that of another, to the cent, and behind every bar stand its deals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import l2c
from l2c import monitor
from l2c.measures.facts import NEVER
from l2c.monitor.pipeline.moves import SIGN, Lives, Stood, parts
from l2c.prepare.pseudonyms import policy
from l2c.words.errors import BadFilter, UnknownName
from tests.logs import from_table, from_text
from tests.questions.test_asof import read

# From the morning after 31 January (day 30) to that after 31 March (day 89), and what is due from 1 March to 30 April.
BEGIN, END, PERIOD = "2025-01-31", "2025-03-31", ("2025-03-01", "2025-04-30")
LOG = """
case_id | activity | day | amount | close_date | rep | region
rises | Opportunity Created | 0 | 10000 | 2025-03-10 | Ann | East
rises | Amount Changed | 40 | 12000.55 | | | East
rises | Closed Won | 60 | | | | East
early | Opportunity Created | 5 | 300 | 2025-06-30 | Ann | East
early | Closed Won | 70 | | | | East
new | Opportunity Created | 35 | | 2025-03-20 | Bob | East
new | Amount Changed | 36 | 500 | | | East
new | Amount Changed | 50 | 450.25 | | | East
new | Closed Lost | 80 | | | | East
back | Opportunity Created | 1 | 70 | 2025-03-05 | Bob | West
back | Closed Lost | 20 | | | | West
back | Opportunity Reopened | 45 | 80 | 2025-04-10 | | West
handed | Opportunity Created | 2 | 1000 | 2025-02-10 | Ann | West
handed | Close Date Pushed | 41 | | 2025-04-15 | Bob | West
slips | Opportunity Created | 3 | 40 | 2025-03-15 | Bob | West
slips | Close Date Pushed | 55 | 30 | 2025-07-15 | | West
blank | Opportunity Created | 4 | | 2025-04-01 | Bob | West
over | Opportunity Created | 0 | 999 | 2025-01-20 | Ann | West
over | Closed Won | 15 | | | | West
over | Amount Changed | 50 | 5 | | | West
"""


@pytest.fixture(scope="module")
def log():
    return from_table(LOG, until=120)


def bars(table):
    return {row["part"]: row["amount"] for row in table.to_dict("records") if row["amount"] or row["deals"]}


def test_the_whole_pipeline(log):
    table = monitor.pipeline_bridge(log, BEGIN, END)
    # Open on both mornings at: rises 10000, early 300, handed 1000, slips 40, blank nothing; later back 80 instead of rises and early.
    assert bars(table) == {
        "start": 11340, "created": 500, "reopened": 80, "raised": 2000.55, "cut": 59.75, "lost": 450.25, "won": 12300.55, "end": 1110,
    }  # fmt: skip
    assert round(table["change"].iloc[:-1].sum(), 2) == table["change"].iloc[-1] == 1110
    assert table.set_index("part")["deals"].loc[["start", "cut", "won", "end"]].tolist() == [5, 2, 2, 4]
    assert table.set_index("part")["unpriced"].loc[lambda n: n > 0].to_dict() == {"start": 1, "end": 1}
    assert (
        str(table.attrs["note"])
        == "1 of 7 deals had no amount when they came in or at the last, and count as nothing there"
    )


def test_the_end_is_the_key_figure_of_the_day(log):
    # That of `start`, and both of random histories, are held by the bar.
    amounts = monitor.pipeline_bridge(log, BEGIN, END).set_index("part")["amount"]
    assert l2c.kpis(log.as_of(END), only=["open_pipeline_value"])["value"].item() == amounts["end"] == 1110


def test_what_was_due_in_a_period(log):
    # rises is due and won in it; early is won in it, though due later; new was due and lost; back was reopened for 10 April; handed was due
    # before and was pushed into it; slips was pushed out at its last amount; blank has no amount.
    assert bars(monitor.pipeline_bridge(log, BEGIN, END, period=PERIOD)) == {
        "start": 10040, "created": 500, "reopened": 80, "pulled_in": 300, "pushed_in": 1000, "raised": 2000.55, "cut": 59.75,
        "pushed": 30, "lost": 450.25, "won": 12300.55, "end": 1080,
    }  # fmt: skip
    # In the quarter after, early is due at the beginning; since it was won before, it was pulled out.
    after = bars(monitor.pipeline_bridge(log, BEGIN, END, period="2025-Q2"))
    assert (after["pulled_out"], after["pushed_in"], "won" in after) == (300, 1000, False)


def test_deals_that_change_hands_move_from_one_bridge_to_the_other(log):
    few = monitor.pipeline_bridge(policy(log, smallest=3), BEGIN, END, by="rep", names=True)
    assert set(few["group"]) == {"others"}
    table = monitor.pipeline_bridge(log, BEGIN, END, by="rep", names=True).set_index(["group", "part"])["amount"]
    assert table["Ann"].loc[lambda v: v > 0].to_dict() == {
        "start": 11300, "raised": 2000.55, "moved_out": 1000, "won": 12300.55,
    }  # fmt: skip
    assert (table["Bob", "moved_in"], table["Bob", "start"], table["Bob", "end"]) == (1000, 40, 1110)
    hidden = monitor.bridge_deals(log, BEGIN, END, by="rep")
    assert set(hidden["group"]) == set(hidden["rep"]) == {"Rep 01", "Rep 02"}


def test_a_group_is_the_bridge_of_its_own_log(log):
    table = monitor.pipeline_bridge(log, BEGIN, END, by="region", period=PERIOD)
    for region in ("East", "West"):
        own = table[table["group"] == region].drop(columns="group").reset_index(drop=True)
        pd.testing.assert_frame_equal(own, monitor.pipeline_bridge(log.where(region=region), BEGIN, END, period=PERIOD))


def test_the_deals_behind_a_bar_are_its_sum(log):
    deals = monitor.bridge_deals(log, BEGIN, END, period=PERIOD, names=True)
    table = monitor.pipeline_bridge(log, BEGIN, END, period=PERIOD).set_index("part")
    sums = deals.groupby("part")["amount"].agg(["sum", "size"])
    assert sums["sum"].round(2).to_dict() == table["amount"][sums.index].to_dict()
    assert (sums["size"] == table["deals"][sums.index]).all()
    row = deals[deals["part"] == "pushed"].iloc[0]
    assert (row["case_id"], row["rep"], row["from_amount"], row["to_amount"]) == ("slips", "Bob", 40, 30)
    assert (row["from_close_date"], row["to_close_date"]) == (pd.Timestamp("2025-03-15"), pd.Timestamp("2025-07-15"))
    assert deals.query("part == 'won'")["case_id"].tolist() == ["rises", "early"]


def test_without_histories_it_says_what_it_cannot_tell():
    lines = "a [amount=5, close_date=2025-03-01, rep=Ann]: Opportunity Created 0, Closed Won 50\n"
    log = from_text(lines + "b [amount=7, close_date=2025-05-01, rep=Ann]: Opportunity Created 35", until=100)
    table = monitor.pipeline_bridge(log, BEGIN, END).set_index("part")
    assert table["amount"].dropna().loc[lambda v: v > 0].to_dict() == {"start": 5, "created": 7, "won": 5, "end": 7}
    assert table.loc[["raised", "cut"]].isna().all().all()
    assert "amounts are those of today" in str(table.attrs["note"])
    refused = monitor.pipeline_bridge(log, BEGIN, END, period=PERIOD)
    assert refused.empty and "what was due in the period at that time is not known" in str(refused.attrs["note"])
    by = monitor.pipeline_bridge(log, BEGIN, END, by="rep").set_index("part")
    assert by.loc[["moved_in", "moved_out"], "amount"].isna().all() and "no history of rep" in str(by.attrs["note"])


def test_currencies_are_not_added_up():
    log = from_text(
        "a [amount=5, currency=EUR]: Opportunity Created 0\nb [amount=7, currency=JPY]: Opportunity Created 0",
        until=100,
    )
    refused = monitor.bridge_deals(log, BEGIN, END)
    assert refused.empty and "amounts are in EUR, JPY" in str(refused.attrs["note"])
    each = monitor.pipeline_bridge(log, BEGIN, END, by="currency").set_index(["group", "part"])["amount"]
    assert (each["EUR", "end"], each["JPY", "end"]) == (5, 7)


def test_of_a_part_of_the_process_nothing_is_told(log):
    refused = monitor.pipeline_bridge(log.between("Opportunity Created", "Amount Changed"), BEGIN, END)
    assert refused.empty and "of the whole log only" in str(refused.attrs["note"])


def test_what_makes_no_sense_is_refused(log):
    with pytest.raises(BadFilter, match="ends before it begins"):
        monitor.pipeline_bridge(log, END, BEGIN)
    with pytest.raises(UnknownName):
        monitor.pipeline_bridge(log, BEGIN, END, by="nobody")


def test_from_an_org():
    # Open after 15 February: O1 1000 (due 31 March), O2 500, O4 900; O3 came on 1 March. By 31 May O1 and O2 are won, O4 is lost.
    sf1 = read("sf1", "2025-07-01")
    assert bars(monitor.pipeline_bridge(sf1, "2025-02-15", "2025-05-31")) == {
        "start": 2400, "created": 700, "lost": 900, "won": 1500, "end": 700,
    }  # fmt: skip
    # Of the second quarter: O4 was due in it; O3 came and was pushed to July; O1 was pushed into it and won.
    assert bars(monitor.pipeline_bridge(sf1, "2025-02-15", "2025-05-31", period="2025-Q2")) == {
        "start": 900, "created": 700, "pushed_in": 1000, "pushed": 700, "lost": 900, "won": 1000,
    }  # fmt: skip


STATES = st.tuples(
    st.sampled_from(["none", "open", "won", "lost"]), st.sampled_from(["open", "won", "lost"]),
    st.booleans(), *[st.integers(0, 10**7)] * 2, *[st.one_of(st.integers(0, 9), st.just(NEVER))] * 2,
)  # fmt: skip


@settings(max_examples=40)
@given(st.lists(STATES, min_size=1, max_size=20), st.sampled_from([None, (3, 6)]))
def test_whatever_deals_do_the_bridge_balances(states, span):
    was, now, again, first, last, first_day, last_day = (np.asarray(each) for each in zip(*states, strict=True))
    never, nobody = np.full(len(was), NEVER), np.full(len(was), None, object)

    def stood(state, amount):
        return Stood(0, state == "open", state == "won", np.isin(state, ["won", "lost"]), amount / 100, never, nobody)

    lived = Lives(first / 100, last / 100, first_day, last_day)
    rows = parts(stood(was, first), stood(now, last), lived, np.where(again, 0, NEVER), span)
    sums = rows.groupby("part")["cents"].sum()
    assert sum(SIGN[part] * cents for part, cents in sums.items() if part != "end") == sums.get("end", 0)
    for part, state, amount, day in (("start", was, first, first_day), ("end", now, last, last_day)):
        inside = (state == "open") & ((day >= 3) & (day < 6) | (span is None))
        assert sums.get(part, 0) == amount[inside].sum()
    won = (was != "won") & (now == "won") & ((last_day >= 3) & (last_day < 6) | (span is None))
    again_won = again & (was == "won") & (now == "won") & ((last_day >= 3) & (last_day < 6) | (span is None))
    assert sums.get("won", 0) == last[won | again_won].sum()
