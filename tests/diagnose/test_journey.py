"""The way through the phases, detours, new starts."""

import numpy as np
import pytest
from hypothesis import given

import l2c
from l2c.diagnose import detours, journey, restarts, rework, total_days
from l2c.log import build
from l2c.show.charts.variants import chevrons
from tests.logs import event_rows, from_table, from_text


def test_phases_by_hand():
    log = from_table(
        """
        case_id | activity | day | actor
        a | Lead Created | 0 | Kim
        a | Opportunity Created | 4 | Kim
        a | Quote Sent | 6 | Sato
        a | Quote Accepted | 16 | Sato
        b | Opportunity Created | 0 | Lee
        b | Quote Sent | 8 | Lee
        """
    )
    table = journey(log).set_index("phase")
    assert table.index.tolist() == ["opportunity", "quote"]
    assert table["case_days"].tolist() == [4, 20]
    assert table["cases"].tolist() == [1, 2]
    assert table.loc["quote", ["customer_days", "team_days", "days_per_case"]].tolist() == [10, 10, 10]
    # the quote of a was sent by Sato after Kim had made the opportunity, two days later
    assert table.loc["quote", ["handovers", "handover_days"]].tolist() == [1, 2]
    assert table["share"].sum() == pytest.approx(1)


@given(event_rows())
def test_phases_add_up_to_all_days(rows):
    log = build(rows)
    table = journey(log)
    assert float(table["case_days"].sum()) == pytest.approx(total_days(log), abs=1e-9)
    parts = table[["customer_days", "approver_days", "team_days"]].to_numpy(float)
    np.testing.assert_allclose(parts.sum(axis=1), table["case_days"].to_numpy(float), atol=1e-9)


def test_detours_by_hand():
    log = from_table(
        """
        case_id | activity | day | rep
        a | Opportunity Created | 0 | Kim
        a | Quote Created | 1 | Kim
        a | Quote Sent | 2 | Sato
        a | Quote Created | 5 | Sato
        a | Quote Sent | 6 | Kim
        b | Opportunity Created | 0 | Lee
        b | Quote Created | 2 | Lee
        b | Quote Sent | 3 | Lee
        """
    )
    table = detours(log).set_index("kind")
    # Back once (three days), created once more; the second sending is that of what was created again. To and fro once,
    # two changes of owner.
    assert table.loc["step_back", ["cases", "events", "case_days"]].tolist() == [1, 1, 3]
    assert table.loc["repeat", ["cases", "events", "case_days"]].tolist() == [1, 1, 3]
    assert table.loc["ping_pong", ["cases", "events"]].tolist() == [1, 1]
    assert table.loc["owner_change", ["cases", "events", "case_days"]].tolist() == [1, 2, 2]
    assert table["share"].tolist() == [0.5] * 4


def test_a_lost_deal_that_comes_back():
    log = from_text(
        """
        old [account=Acme, product=P]: Opportunity Created 0, Closed Lost 10
        new [account=Acme, product=P]: Opportunity Created 40, Closed Won 60
        later [account=Acme, product=P]: Opportunity Created 50
        other [account=Acme, product=Q]: Opportunity Created 20
        else [account=Bolt, product=P]: Opportunity Created 20
        gone [account=Bolt, product=P]: Opportunity Created 0, Closed Lost 1
        late [account=Cog, product=P]: Opportunity Created 0, Closed Lost 1
        much [account=Cog, product=P]: Opportunity Created 95
        """
    )
    table = restarts(log)
    assert table[["lost_case", "new_case", "days", "status"]].values.tolist() == [
        ["old", "new", 30.0, "won"],
        ["gone", "else", 19.0, "open"],
    ]
    assert len(restarts(log, days=10)) == 0
    assert len(restarts(from_text("a: Closed Lost 0"))) == 0


def test_paying_in_parts_is_no_rework_and_the_customers_move():
    log = from_text(
        "a: Opportunity Created 0, Stage: Talks 4, Closed Won 5, Invoice Sent 6, "
        "Partial Payment Received 8, Partial Payment Received 9, Payment Received 12"
    )
    assert l2c.kpis(log).set_index("kpi").loc["rework_rate", "value"] == 0
    assert detours(log).set_index("kind").loc["repeat", "events"] == 0
    assert rework(log).set_index("kind").loc["repeated", "count"] == 0
    assert [step.is_rework for step in chevrons(["Partial Payment Received"] * 2 + ["Quote Sent"] * 2)] == [False, True]
    table = journey(log).set_index("phase")
    # A stage of the org's own is part of the opportunity, a part of a payment part of the cash.
    assert table["case_days"].to_dict() == {"opportunity": 4, "decision": 1, "cash": 7}
    assert table.loc["cash", ["customer_days", "team_days"]].tolist() == [6, 1]
