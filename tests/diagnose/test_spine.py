"""The way from lead to cash: who gets how far, in how many days, and where it could be shorter."""

import functools

import numpy as np
import pytest

from l2c import diagnose, discover, kpis, show
from l2c.measures.behind import unpacked
from tests.logs import demo, from_text


@functools.cache
def spine():
    """The way of the demo company; not to be changed."""
    return discover.spine(demo())


def test_eight_milestones_lead_from_lead_to_cash_with_the_numbers_of_the_cards():
    table, cards = spine().set_index("milestone"), kpis(demo()).set_index("kpi")["value"]
    assert list(table.index) == [
        "Lead Created", "Opportunity Created", "Quote Sent", "Contract Signed", "Sales Order Created", "Order Fulfilled", "Invoice Sent",
        "Payment Received",
    ]  # fmt: skip
    for milestone, kpi in (
        ("Lead Created", "lead_to_opportunity_days"), ("Quote Sent", "quote_to_contract_days"), ("Contract Signed", "contract_to_order_days"),
        ("Sales Order Created", "order_to_fulfilment_days"), ("Invoice Sent", "invoice_to_payment_days"),
    ):  # fmt: skip
        assert table.loc[milestone, "days_to_next"] == cards[kpi], milestone
    assert np.isnan(table["days_to_next"].iloc[-1]) and table["whose_turn"].iloc[-1] is None
    assert table.loc["Quote Sent", "whose_turn"] == table.loc["Invoice Sent", "whose_turn"] == "customer"
    assert [len(unpacked(each)) for each in table["behind"]] == table["cases"].to_list()


def test_what_can_be_shortened_is_what_the_bottlenecks_say_of_the_step():
    gains = diagnose.bottlenecks(demo()).set_index(["from", "to"])
    warm = spine()[spine()["step"].notna()]
    assert len(warm) >= 2
    for row in warm.to_dict("records"):
        told = gains.loc[row["step"]]
        assert row["attainable_days"] == told["gain_days"] and row["attainable_low"] == told["gain_low"] > 0


def test_a_log_of_few_milestones_goes_by_its_own_path():
    log = from_text(
        "\n".join(
            f"c{i}: Stage: One {i}, Stage: Two {i + 4}, Stage: Three {i + 5}, Closed Won {i + 9}" for i in range(30)
        )
    )
    table = discover.spine(log)
    assert list(table["milestone"]) == ["Stage: One", "Stage: Two", "Stage: Three", "Closed Won"]
    assert table["days_to_next"].to_list()[:3] == [4, 1, 4] and table["cases"].to_list() == [30] * 4
    assert discover.spine(from_text("a: Quote Sent 0", until=1))["milestone"].to_list() == ["Quote Sent"]


def test_a_wait_that_can_be_shortened_stands_out():
    said = show.spine(spine())
    assert said.html.count("data-milestone=") == 8 and said.html.count("data-from=") == 7
    assert said.html.count("data-step=") == spine()["step"].notna().sum()
    assert "Quote (1,868), then" in said.text and "Paid (923)" in said.text
    assert "見積（1,868件）" in show.spine(spine(), lang="ja").text
    assert "Orange" not in show.spine(spine().assign(attainable_low=np.nan)).text


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_one_milestone_is_no_way(lang):
    assert "div" not in show.spine(discover.spine(from_text("a: Quote Sent 0", until=1)), lang=lang).html
