"""The bridge of the last quarter is the bridge between its two days."""

from datetime import date

import pandas as pd

from l2c import monitor
from tests.logs import from_text

DEALS = """
    a [amount=100]: Opportunity Created 0, Closed Won 150
    b [amount=70]: Opportunity Created 20, Closed Lost 60
    c [amount=50]: Opportunity Created 140
    d [amount=30]: Opportunity Created 10
"""


def test_it_is_the_bridge_of_the_last_thirteen_weeks():
    log = from_text(DEALS, until=200)
    found = monitor.lately(log)
    # Day 200 after 1 January 2025 is 20 July; thirteen weeks before it a and d were open; c came, a was won.
    assert found.attrs["days"] == (date(2025, 4, 20), date(2025, 7, 20))
    same = monitor.pipeline_bridge(log, "2025-04-20", "2025-07-20")
    pd.testing.assert_frame_equal(found, same)
    amounts = found.set_index("part")["amount"]
    assert [amounts[part] for part in ("start", "created", "won", "lost", "end")] == [130, 50, 100, 0, 80]


def test_a_short_log_is_told_from_its_first_day_and_one_of_a_single_day_not_at_all():
    short = from_text("a [amount=5]: Opportunity Created 0, Quote Sent 3", until=9)
    assert monitor.lately(short).attrs["days"] == (date(2025, 1, 1), date(2025, 1, 10))
    assert not len(monitor.lately(from_text("a: Opportunity Created 0")))


def test_a_filter_chooses_the_deals_and_not_the_days():
    log = from_text(DEALS, until=200)
    part = monitor.lately(log.where(amount=(40, None)))
    assert part.attrs["days"] == monitor.lately(log).attrs["days"]
    assert part.set_index("part")["amount"]["start"] == 100
