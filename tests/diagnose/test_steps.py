"""Where the days go, and that none is lost."""

import pytest
from hypothesis import given

from l2c.diagnose import steps, total_days
from l2c.log import build
from tests.logs import event_rows, from_text


def test_steps_are_sorted_by_the_days_they_hold():
    log = from_text(
        """
        a: Opportunity Created 0, Quote Sent 1, Closed Won 11
        b: Opportunity Created 0, Quote Sent 3, Closed Won 5
        c: Opportunity Created 0, Quote Sent 2
        """,
        until=20,
    )
    found = steps(log)
    # Quote Sent → Closed Won 10 + 2 = 12 days, Opportunity Created → Quote Sent 1 + 3 + 2 = 6: two thirds, one third
    assert found[["from", "to", "events", "cases", "case_days"]].to_numpy().tolist() == [
        ["Quote Sent", "Closed Won", 2, 2, 12],
        ["Opportunity Created", "Quote Sent", 3, 3, 6],
    ]
    assert found["share"].tolist() == pytest.approx([2 / 3, 1 / 3])
    # c has waited for 18 days since its quote: a third are there after 2 days, two thirds after 10
    assert found[["median_days", "mean_days"]].to_numpy().tolist() == [[10, 6], [2, 2]]


def test_a_log_without_steps_has_none():
    log = from_text("a: Quote Sent 0")
    assert len(steps(log)) == 0
    assert total_days(log) == 0


@given(event_rows())
def test_the_days_of_all_steps_add_up_to_the_days_of_all_cases(rows):
    log = build(rows)
    assert steps(log)["case_days"].sum() == pytest.approx(total_days(log), abs=1e-9)
    spans = rows.groupby("case_id")["time"].agg(lambda times: times.max() - times.min())
    assert total_days(log) == pytest.approx(spans.dt.total_seconds().sum() / 86_400, abs=1e-9)
