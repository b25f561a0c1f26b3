"""One deal, event by event."""

import pytest

from l2c.discover import timeline
from l2c.words.errors import L2CError
from tests.logs import from_table, from_text

TABLE = """
    case_id | activity            | day | actor | object_id
    b       | Opportunity Created | 1   | Kim   |
    a       | Quote Sent          | 4   |       | Q-1
    a       | Opportunity Created | 1   | Kim   | O-1
    a       | Closed Won          | 9.5 | Sato  | O-1
"""


def test_the_events_of_one_case_stand_in_order_with_the_wait_until_the_next():
    found = timeline(from_table(TABLE), "a")
    assert list(found) == [
        *["case_id", "position", "activity", "time", "precision"],
        *["actor", "wait_days", "object_id", "source_row"],
    ]
    assert found["position"].tolist() == [0, 1, 2]
    assert found["activity"].tolist() == ["Opportunity Created", "Quote Sent", "Closed Won"]
    # From day 1 to day 4, from day 4 to day 9.5; nothing after the last.
    assert found["wait_days"].tolist()[:2] == [3, 5.5]
    assert found["wait_days"].isna().tolist() == [False, False, True]
    assert found["object_id"].tolist() == ["O-1", "Q-1", "O-1"]
    assert found["actor"].isna().tolist() == [False, True, False]
    # The lines of the table, as they were given.
    assert found["source_row"].tolist() == [2, 1, 3]


def test_what_the_log_does_not_have_is_no_column():
    found = timeline(from_text("a: Opportunity Created 0, Closed Won 10"), "a")
    assert list(found) == ["case_id", "position", "activity", "time", "precision", "wait_days", "source_row"]


def test_a_case_that_is_not_there_is_told_in_a_sentence():
    log = from_text("""
        D-100 [region=EMEA]: Opportunity Created 0, Closed Won 10
        D-200 [region=APAC]: Opportunity Created 0
    """)
    with pytest.raises(L2CError, match=r"No case has 'D-101' as its case_id\. Closest: D-100"):
        timeline(log, "D-101")
    # Filtered out is not there either.
    with pytest.raises(L2CError, match="No case has 'D-200' as its case_id"):
        timeline(log.where(region="EMEA"), "D-200")
