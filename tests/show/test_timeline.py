"""The timeline of one case: what it says, where it links, and what it never lets through."""

import re

import pandas as pd
import pytest

from l2c import show
from l2c.discover import timeline
from tests.logs import from_table

EVIL = '<script>alert("x")</script>'
ORG = "https://acme.my.salesforce.com"
DEAL = "0065g00000A1bCdAAJ"
EVENTS = f"""
    case_id | activity            | day | actor  | object_id          | precision
    {DEAL}  | Opportunity Created | 1   | Kim    |                    | second
    {DEAL}  | Quote Sent          | 4   | {EVIL} | 0Q05g00000AbCdE    | second
    {DEAL}  | Closed Won          | 9.5 | Sato   | Q-17               | day
"""


@pytest.fixture
def events():
    return timeline(from_table(EVENTS), DEAL)


def test_the_timeline_reads_as_text(events):
    assert repr(show.timeline(events)).splitlines() == [
        f"{DEAL}: 3 events in 8.5 d",
        "2025-01-02 00:00 | Opportunity Created | Kim",
        f"3 d later | 2025-01-05 00:00 | Quote Sent | {EVIL}",
        # 5.5 days is the longest wait; a date without a time is no midnight.
        "5.5 d later: the longest wait | 2025-01-10 | Closed Won | Sato",
    ]


def test_the_timeline_speaks_japanese(events):
    assert repr(show.timeline(events, lang="ja")).splitlines()[2:] == [
        f"3日後 | 2025-01-05 00:00 | 見積提示 | {EVIL}",
        "5.5日後（最長の待ち） | 2025-01-10 | 受注 | Sato",
    ]


def test_only_the_longest_wait_is_warm(events):
    html = show.timeline(events).html
    assert html.count("background:#fbd5bd") == 1
    warm = re.search(r"background:#fbd5bd[^>]*>([^<]*)<", html)
    assert warm and warm[1] == "5.5 d later: the longest wait"


def test_records_of_the_org_are_linked_in_a_new_tab_that_knows_nothing_of_this_one(events):
    html = show.timeline(events, instance_url=ORG + "/").html
    links = re.findall(r'<a href="([^"]*)" target="_blank" rel="noopener noreferrer"', html)
    # The first event has no record of its own, so it leads to the deal; Q-17 is no id of Salesforce.
    assert links == [f"{ORG}/{DEAL}", f"{ORG}/0Q05g00000AbCdE"]
    assert html.count("<a ") == 2
    assert ">Q-17</span>" in html


@pytest.mark.parametrize(
    "url",
    [
        *[None, "", "http://acme.my.salesforce.com", "javascript:alert(1)//https://acme", "//acme.my.salesforce.com"],
        *["https://", "https://user:word@evil.example", f'{ORG}" onclick="alert(1)', f"{ORG}/?x={EVIL}", f"{ORG}\n"],
    ],
)
def test_anything_but_the_https_address_of_a_host_makes_no_link(events, url):
    html = show.timeline(events, instance_url=url).html
    assert "<a " not in html
    assert f">{DEAL}</span>" in html


@pytest.mark.parametrize("record", ["../../x", "0065g00000A1bC", "0065g00000A1bCdAA", "０065g00000A1bCd", EVIL])
def test_what_is_no_id_of_salesforce_is_plain_text(events, record):
    html = show.timeline(events.assign(object_id=record), instance_url=ORG).html
    assert "<a " not in html
    assert "<script" not in html


def test_every_text_of_the_data_is_inert(events):
    html = show.timeline(events.assign(activity=EVIL, case_id=EVIL, object_id=None), title=EVIL).html
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 8  # the title, three activities, three cases, one actor


def test_events_of_one_moment_have_no_wait_and_none_is_the_longest():
    same = from_table("""
        case_id | activity            | day
        a       | Opportunity Created | 1
        a       | Quote Sent          | 1
    """)
    shown = show.timeline(timeline(same, "a"))
    assert "later" not in repr(shown)
    assert "longest" not in shown.html


def test_a_case_of_one_event_and_no_event_at_all():
    one = pd.DataFrame({"case_id": ["a"], "activity": ["Quote Sent"], "time": [pd.Timestamp("2025-01-01 10:00")]})
    assert repr(show.timeline(one)) == "a: 1 event\n2025-01-01 10:00 | Quote Sent"
    assert "Nothing to show" in repr(show.timeline(one.head(0)))
