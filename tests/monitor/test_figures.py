"""Six figures: what each is, what it was by quarter, and whether it is another than a year before."""

import functools

import numpy as np
import pandas as pd
import pytest

from l2c import diagnose, kpis, monitor, show
from l2c.improve.entries import Register, Target
from l2c.log.invoices import ledger
from l2c.log.outcomes import amount_header
from l2c.measures.behind import unpacked
from l2c.measures.facts import Facts, micros
from l2c.measures.invoices import invoices, look_back
from l2c.monitor.figures import FIGURES, _spread
from l2c.monitor.pipeline.states import whole
from l2c.monitor.stock import OVERDUE, PIPELINE, stock
from tests.logs import demo, from_table, from_text

FLOWS = [kpi for kpi in FIGURES if kpi not in (OVERDUE, PIPELINE)]
# First days of the quarters of two years, in days since 2025-01-01.
BEGINS = [0, 90, 181, 273, 365, 455, 546, 638]


def deals(days, *, n=40, more=0):
    """So many deals in each quarter of two years, each closed after so many days, half of them won; `more` days in the second year."""
    lines = []
    for quarter, first in enumerate(BEGINS):
        for i in range(n):
            opened, late = first + 2 * i, more * (quarter >= 4)
            closed = opened + days + late + (i % 5)
            lines.append(
                f"q{quarter}i{i} [amount=100]: Opportunity Created {opened}, Closed {('Won', 'Lost')[i % 2]} {closed}"
            )
    return "\n".join(lines)


@functools.cache
def figures():
    """The figures of the demo company; not to be changed."""
    return monitor.figures(demo()).set_index("kpi")


@functools.cache
def slower():
    return from_text(deals(20, more=6), until=820)


def test_the_figures_are_those_of_the_cards_and_of_the_books():
    table, cards = figures(), kpis(demo()).set_index("kpi")
    assert list(table.index) == list(FIGURES)
    for kpi in (*FLOWS, PIPELINE):
        for name in ("value", "low", "high", "cases", "censored", "horizon_days"):
            assert table.loc[kpi, name] == pytest.approx(cards.loc[kpi, name], nan_ok=True), (kpi, name)
    books = diagnose.receivables(demo()).set_index("measure")
    assert table.loc[OVERDUE, "value"] == books.loc["overdue_receivables", "value"]


def test_quarters_are_those_of_the_table_of_quarters():
    by_quarter = monitor.quarters(demo()).set_index(["kpi", "quarter"])["value"]
    for kpi in FLOWS:
        row, known = figures().loc[kpi], 0
        assert len(row["quarters"]) == len(row["values"]) == 8
        for quarter, value in zip(row["quarters"], row["values"], strict=True):
            if value is not None:
                assert value == pytest.approx(by_quarter[kpi, quarter])
                known += 1
        assert known >= 5


def test_sums_at_the_end_of_a_quarter_are_those_of_the_log_of_that_day():
    then = demo().as_of("2025-12-31")
    expected = {
        PIPELINE: kpis(then, only=[PIPELINE])["value"].item(),
        OVERDUE: diagnose.receivables(then).set_index("measure").loc[OVERDUE, "value"],
    }
    for kpi, value in expected.items():
        row = figures().loc[kpi]
        told = dict(zip(row["quarters"], row["values"], strict=True))
        assert told[pd.Timestamp("2025-10-01")] == value
        # The demo was exported on the last day of a quarter: the last one is the figure itself.
        assert row["values"][-1] == row["value"]


def test_a_longer_cycle_is_told_with_what_it_was_a_year_before():
    row = monitor.figures(slower()).set_index("kpi").loc["sales_cycle_days"]
    # 40 deals a quarter take 20 to 24 days, the middle one 22; since a year 26 to 30.
    assert row["values"] == (22,) * 4 + (28,) * 4
    assert row["before"] == 22 and row["change"] == 6 and row["compared"] == 4
    assert row["beyond_chance"] is True and 4 < row["change_low"] <= 6 <= row["change_high"] < 8


def test_what_has_not_changed_may_be_chance():
    row = monitor.figures(slower()).set_index("kpi").loc["win_rate_incidence"]
    assert row["change"] == 0 and row["beyond_chance"] is False
    # Wilson's interval of 160 deals at one half, for both figures of this log at once (97.5 %), is .413 to .587: Newcombe's of two such.
    assert row["change_high"] == pytest.approx(np.hypot(0.087, 0.087), abs=0.002)


def test_a_year_that_the_log_does_not_cover_is_not_compared():
    table = monitor.figures(from_text("\n".join(deals(20).splitlines()[:120]), until=400)).set_index("kpi")
    row = table.loc["sales_cycle_days"]
    assert row["values"] == (None,) * 5 + (22,) * 3
    assert row["beyond_chance"] is None and row["compared"] == 0 and np.isnan(row["change"])
    assert (
        np.isnan(table.loc["lead_to_cash_days", "value"])
        and table.loc["lead_to_cash_days", "quarters"] == row["quarters"]
    )


def test_a_year_is_compared_whose_quarters_have_too_few_cases_each():
    table = monitor.figures(slower())
    few = table.assign(values=[(None,) * len(each) for each in table["quarters"]])
    assert table.set_index("kpi").loc["sales_cycle_days", "change"] > 0
    shown = show.figures(few)
    assert "Sales cycle" in shown.text and "against the same" in shown.html


def test_a_sum_is_not_known_while_older_deals_are_missing():
    # Each deal is open for 200 days; a log of deals begun since its first day holds half of what was open on day 100.
    log = from_text(
        "\n".join(f"c{i} [amount=1]: Opportunity Created {i}, Closed Won {i + 200}" for i in range(600)), until=599.5
    )
    early, late = stock(
        log, Facts.of(log), PIPELINE, [micros(log.period()[0]) + day * 86_400_000_000 for day in (100, 400)]
    )
    assert early is None and late == 200


def test_targets_come_from_the_register():
    table = monitor.figures(
        slower(), Register(targets={"win_rate": Target(0.6), "sales_cycle_days": Target(21.0)})
    ).set_index("kpi")
    assert table.loc["win_rate_incidence", "target"] == 0.6 and table.loc["sales_cycle_days", "target"] == 21
    assert np.isnan(table.loc[PIPELINE, "target"])


def test_figures_lead_to_their_cases():
    row = figures().loc[OVERDUE]
    found = invoices(Facts.of(demo()))
    assert set(unpacked(row["behind"])) == set(found.wait.case[found.is_overdue])
    assert len(unpacked(figures().loc[PIPELINE, "behind"])) == figures().loc[PIPELINE, "cases"]


def test_an_empty_selection_has_no_figures():
    table = monitor.figures(slower().where(amount=(1000, None)))
    assert table["value"].isna().sum() >= 5 and not table["beyond_chance"].notna().any()


MOVES = """
    case_id | activity | day | object_id | amount | payment_amount | due_date
    a | Opportunity Created | 0 | | 900 | |
    a | Invoice Created | 4 | A1 | 300 | |
    a | Invoice Sent | 5 | A1 | | |
    a | Invoice Sent | 6 | A2 | 600 | |
    a | Partial Payment Received | 9 | A1 | | 100 |
    a | Credit Note Issued | 12 | A2 | 50 | |
    a | Payment Received | 20 | A1 | | 200 |
    a | Payment Reversed | 24 | A1 | | 200 |
    a | Payment Received | 33 | A2 | | 550 |
    a | Payment Received | 40 | A1 | | 200 |
    b | Opportunity Created | 0 | | 500 | |
    b | Invoice Sent | 2 | B1 | | |
    b | Invoice Cancelled | 18 | B1 | | |
    b | Invoice Sent | 19 | B2 | | |
    b | Invoice Corrected | 22 | B2 | | |
    b | Invoice Written Off | 38 | B2 | | |
    c | Opportunity Created | 1 | | 80 | |
    c | Invoice Sent | 3 | | | |
    c | Payment Received | 15 | | | |
    d | Opportunity Created | 20 | | 70 | |
    d | Invoice Sent | 30 | D1 | | |
"""


@pytest.mark.parametrize("made", [demo, functools.partial(from_table, MOVES, until=45)], ids=["demo", "moves"])
def test_invoices_of_earlier_days_are_those_that_are_settled_anew(made):
    log = made()
    base, facts = log.base, whole(log.base)
    first, last = (micros(each) for each in log.period()[:2])
    moments = [first + (last - first) * part // 9 for part in (2, 4, 5, 7)]
    look_back(facts, moments)
    for moment in moments:
        found = base.memo(("invoices", None, moment), dict)
        anew = ledger(
            base.events, base.cases, base.activities, header=amount_header(base.quality), until=moment, clock=base.clock
        )
        for one, other in ((found.rows, anew.rows), (found.aside, anew.aside), (found.loose, anew.loose)):
            columns = [name for name in other if name != "invoice"]
            order = [name for name in ("case_key", "position", "object", "reason", "kind") if name in columns]
            mine, theirs = (each[columns].sort_values(order, ignore_index=True) for each in (one, other))
            pd.testing.assert_frame_equal(mine, theirs, check_dtype=False)
        left = [each.balance.groupby("invoice")["left"].last().sum() for each in (found, anew)]
        assert left[0] == pytest.approx(left[1])


def test_the_spread_between_months_is_what_chance_does_not_explain():
    # Two groups of three: Q = (1 + 0 + 1) + (4 + 0 + 4) = 10 at variance 1, of which 4 are expected; C = 6 - 1 - 1.
    gap, group = np.array([9.0, 10, 11, 98, 100, 102]), np.array([1.0, 1, 1, 2, 2, 2])
    assert _spread(gap, np.ones(6), group) == pytest.approx((10 - 4) / (6 - 2))
    assert _spread(gap, np.full(6, 10.0), group) == 0


def test_cards_say_figure_change_and_target():
    said = show.figures(figures().reset_index(), currency="USD")
    assert "Sales cycle: 61 d" in said.text and "Lead to cash: 129 d" in said.text
    assert said.html.count("data-figure=") == 6 and said.html.count("<svg") >= 5
    ja = show.figures(figures().reset_index(), lang="ja", currency="USD")
    assert "前年比" in ja.text and "有意な差なし" in ja.text


def test_years_are_compared_of_which_no_quarter_is_told_alone():
    table = figures().reset_index()
    without = table.assign(values=[(None,) * len(values) for values in table["values"]])
    assert show.figures(without, currency="USD").html.count("data-figure=") == 6


def test_a_selection_stands_beside_all():
    table = figures().reset_index()
    few = table.assign(value=table["value"] * 0.5, low=table["low"] * 0.4, high=table["high"] * 0.6)
    wide = table.assign(low=table["low"] * 0.8, high=table["high"] * 1.2, value=table["value"] * 1.001)
    assert "all: 61 d, may be chance" in show.figures(wide, versus=table).text
    assert "all: 61 d\n" in show.figures(few, versus=table).text + "\n"


def test_a_log_that_knows_nothing_says_so_once():
    said = show.figures(monitor.figures(from_text("a: Order Fulfilled 0", until=1)))
    assert "svg" not in said.html
