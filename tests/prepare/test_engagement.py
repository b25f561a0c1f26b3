"""Contacts with the customer of a deal, and Salesforce's own chances: read beside the log, by hand and from samples of real exports."""

from datetime import datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest

import l2c
from l2c import engine
from l2c.diagnose.causes.attributes import beforehand
from l2c.log.addresses import deal_url
from l2c.log.zone import micros
from l2c.measures.engagement import engagement
from l2c.measures.facts import Facts
from l2c.prepare.portions import portion
from l2c.prepare.pseudonyms import handed
from l2c.prepare.salesforce import contacts, objects
from l2c.prepare.salesforce.deals import deals as of_records
from l2c.prepare.salesforce.mapping import load
from l2c.words import contacts as words
from l2c.words.errors import BadOption

A, B, C = (f"006{n:012d}AAA" for n in (1, 2, 3))
KIM, ITO = (f"003{n:012d}AAA" for n in (1, 2))
ACME = "001000000000001AAA"


def frame(columns, *rows):
    cells = [dict(zip(columns.split(), row, strict=True)) for row in rows]
    return pd.DataFrame(cells).astype(object).where(lambda made: made.notna(), None)


def id(prefix, n):
    return f"{prefix}{n:012d}AAA"


def deals():
    return frame(
        "Id CreatedDate StageName IsClosed IsWon AccountId CloseDate Probability LastActivityDate",
        (A, "2025-01-01T00:00:00Z", "Negotiation", "false", "false", ACME, "2025-09-01", "60", "2025-06-20"),
        (B, "2025-02-01T00:00:00Z", "Prospecting", "false", "false", ACME, "2025-09-01", "10", None),
        (C, "2025-01-01T00:00:00Z", "Closed Won", "true", "true", ACME, "2025-03-01", "100", "2025-05-01"),
    )


def history():
    rows = [
        (A, "01-01", "Prospecting", 10), (A, "03-01", "Negotiation", 60),
        (B, "02-01", "Prospecting", 10), (C, "01-01", "Prospecting", 10), (C, "02-01", "Negotiation", 1000), (C, "03-01", "Closed Won", 100),
    ]  # fmt: skip
    found = [(id("008", n), d, f"2025-{day}T00:00:00Z", stage, str(p)) for n, (d, day, stage, p) in enumerate(rows)]
    return frame("Id OpportunityId CreatedDate StageName Probability", *found)


# Of A: a call that reached somebody, one that did not, an e-mail out, one of a list, an open call, an internal call, a to-do.
TASKS = frame(
    "Id WhatId WhoId Subject TaskSubtype CallType CallDisposition IsClosed CompletedDateTime ActivityDate CreatedDate",
    (id("00T", 1), A, None, "Call", "Call", "Outbound", "Connected", "true", "2025-05-01T00:00:00Z", "2025-05-01", "2025-04-28T00:00:00Z"),
    (id("00T", 2), A, None, "Call again", "Call", "Outbound", "Left voicemail", "true", "2025-06-10T00:00:00Z", None, "2025-06-10T00:00:00Z"),
    (id("00T", 3), A, None, "Email: offer", "Email", None, None, "true", "2025-06-20T00:00:00Z", None, "2025-06-25T00:00:00Z"),
    (id("00T", 4), A, None, "Newsletter", "ListEmail", None, None, "true", "2025-06-28T00:00:00Z", None, "2025-06-28T00:00:00Z"),
    (id("00T", 5), A, None, "Call", "Call", None, None, "false", None, "2025-06-29", "2025-06-28T00:00:00Z"),
    (id("00T", 6), A, None, "Call", "Call", "Internal", None, "true", "2025-06-29T00:00:00Z", None, "2025-06-29T00:00:00Z"),
    (id("00T", 7), A, None, "Prepare offer", "Task", None, None, "true", "2025-06-29T00:00:00Z", None, "2025-06-29T00:00:00Z"),
    # What the kit asked for, done and not.
    (
        id("00T", 9),
        A,
        None,
        "Call: stalled (l2c-0a1b2c3d)",
        "Task",
        None,
        None,
        "true",
        "2025-06-29T00:00:00Z",
        None,
        "2025-06-28T00:00:00Z",
    ),
    (
        id("00T", 10),
        A,
        None,
        "Stalled (l2c-00000001)",
        "Task",
        None,
        None,
        "false",
        None,
        "2025-07-29",
        "2025-06-28T00:00:00Z",
    ),
    # About a person of the customer: of the deals with a role for them that were open then (C was closed, A has no role for Kim).
    (id("00T", 8), ACME, KIM, "電話", "Task", None, None, "true", "2025-04-01T00:00:00Z", None, "2025-04-01T00:00:00Z"),
)  # fmt: skip
EVENTS = frame(
    "Id WhatId WhoId Subject Type StartDateTime ActivityDate IsChild CreatedDate",
    (id("00U", 1), A, None, "Workshop", None, "2025-03-01T00:00:00Z", "2025-03-01", "false", "2025-02-01T00:00:00Z"),
    (id("00U", 2), A, None, "Canceled: Demo", None, "2025-06-27T00:00:00Z", "2025-06-27", "false", "2025-02-01T00:00:00Z"),
    (id("00U", 3), A, None, "Workshop", None, "2025-03-01T00:00:00Z", "2025-03-01", "true", "2025-02-01T00:00:00Z"),
    (id("00U", 4), A, None, "Demo", "Meeting", "2025-07-15T00:00:00Z", "2025-07-15", "false", "2025-02-01T00:00:00Z"),
    (id("00U", 5), A, None, "レビュー", "社内会議", "2025-06-27T00:00:00Z", "2025-06-27", "false", "2025-02-01T00:00:00Z"),
)  # fmt: skip
ROLES = frame(
    "Id OpportunityId ContactId CreatedDate",
    (id("00K", 1), A, ITO, "2025-01-02T00:00:00Z"),
    (id("00K", 2), A, ITO, "2025-02-02T00:00:00Z"),
    (id("00K", 3), B, KIM, "2025-02-02T00:00:00Z"),
    (id("00K", 4), B, ITO, "2025-05-02T00:00:00Z"),
    (id("00K", 5), C, KIM, "2025-02-02T00:00:00Z"),
)


def read(**more):
    return l2c.read({"Opportunity": deals(), "OpportunityHistory": history(), **more}, extracted="2025-06-30")


@pytest.fixture(scope="module")
def log():
    return read(Task=TASKS, Event=EVENTS, OpportunityContactRole=ROLES)


@pytest.fixture(scope="module")
def april(log):
    return log.as_of("2025-04-30")


def stands(log, day=None):
    """`engagement` by deal, rounded."""
    facts = Facts.of(log)
    found = engagement(facts, None if day is None else micros(datetime.fromisoformat(day)))
    ids = engine.collect(log.cases.select("case_key", "case_id")).sort_values("case_key")["case_id"]
    return pd.DataFrame(found._asdict(), index=ids.to_numpy()).round(1)


def test_contacts_are_no_events_of_the_process(log):
    # A was opened and came to its next stage, B was opened, C was won as well.
    assert log.n_events == 6
    assert set(log.activities) == {"Opportunity Created", "Stage: Negotiation", "Closed Won"}


def test_how_each_deal_stands_with_its_customer(log):
    found = stands(log)
    # A: the e-mail of June 20 was the last contact, the call of May 1 the last answer; one workshop was held (its copy, a cancelled
    # demo, one among colleagues and one to come are none); Ito has two roles and is one person.
    assert found.loc[A].tolist() == [10, 60, 1, 1]
    # B: Kim was called about no deal on April 1, and has a part in B since February.
    assert found.loc[B].tolist() == [90, 90, 0, 2]
    # C was closed by then.
    assert found.loc[C, ["meetings", "contacts"]].tolist() == [0, 1]
    assert found.loc[C, ["last_contact_days", "last_two_way_days"]].isna().all()


def test_what_was_known_on_an_earlier_day(log, april):
    found = stands(log, "2025-05-01T00:00:00")
    assert found.loc[A].tolist() == [0, 0, 1, 1]
    assert found.loc[B].tolist() == [30, 30, 0, 1]
    # The e-mail of June 20 was written down on June 25.
    assert stands(log, "2025-06-22T00:00:00").loc[A, "last_contact_days"] == 12
    assert stands(april).loc[B].round().tolist() == [30, 30, 0, 1]


def test_a_part_of_the_log_carries_its_own_contacts_only(log, april, tmp_path):
    def ids(made):
        return set(engine.collect(made.contacts)["case_id"])

    some = log.where(stage="Negotiation")
    assert ids(log) == ids(april) == {A, B, C}
    assert ids(some) == ids(portion(some)) == ids(handed(some)) == {A}
    opened = l2c.open(some.save(tmp_path / "log"))
    assert ids(opened) == {A}
    assert stands(opened).loc[A].tolist() == stands(some).loc[A].tolist() == [10, 60, 1, 1]


def test_what_the_kit_asked_for_is_known_again(log):
    found = engine.collect(log.contacts).dropna(subset="flag").set_index("flag")["kind"]
    assert found.to_dict() == {"0a1b2c3d": "done", "00000001": "to_do"}


def test_who_wrote_an_email_is_told_by_the_message_and_labels_may_be_japanese():
    both = frame(
        "ID 関連先ID 件名 状況 種別 期日",
        (id("00T", 1), A, "電話", "完了", None, "2025-06-20"),
        (id("00T", 2), A, "電話:留守電", "完了", None, "2025-06-25"),
        (id("00T", 3), A, "見積書の準備", "完了", None, "2025-06-28"),
        (id("00U", 4), A, "A社訪問", None, None, "2025-06-10"),
        (id("00U", 5), A, "デモ", None, "中止", "2025-06-28"),
        (id("00T", 6), B, "メール", "完了", None, "2025-06-22"),
    )
    mails = frame(
        "Id RelatedToId ActivityId Incoming MessageDate Status",
        (id("02s", 1), None, id("00T", 6), "true", "2025-06-20T00:00:00Z", "1"),
        (id("02s", 2), B, None, "false", "2025-06-29T00:00:00Z", "3"),
        (id("02s", 3), B, None, "false", "2025-06-30T00:00:00Z", "5"),
    )
    found = stands(read(活動=both, EmailMessage=mails))
    # A: nobody answered on June 25; the call of June 20 reached somebody; the visit was held, the demo was not.
    assert found.loc[A].tolist()[:3] == [5, 10, 1]
    # B: the answer of June 20 is the task of June 22; an e-mail went out on June 29, and a draft is no contact.
    assert found.loc[B].tolist()[:3] == [1, 10, 0]


def test_the_last_activity_alone_is_known_of_today_only():
    org = objects.load({"Opportunity": deals()}, load())
    told = contacts.contacts(org, of_records(org), pl.DataFrame(), datetime(2025, 6, 30))
    assert told.select("kind", "known").rows() == [("activity", None), ("activity", None)]
    events = pd.DataFrame({"case_id": [A, B], "activity": "Opportunity Created", "time": pd.to_datetime("2025-01-01")})
    made = l2c.log.build(events, contacts=told, extracted=datetime(2025, 6, 30))
    found = stands(made)
    assert found.loc[A, "last_contact_days"] == 10
    assert found[["last_two_way_days", "meetings", "contacts"]].isna().all(axis=None)
    assert stands(made, "2025-06-25T00:00:00").isna().all(axis=None)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Call with Kim", "call"),
        ("A社訪問", "meeting"),
        ("打ち合わせの準備", None),
        ("Send Quote", None),
        ("Recall", None),
    ],
)
def test_what_a_subject_says(text, kind):
    assert words.of_subject(text) == kind


def test_the_chance_that_salesforce_gave_then(log, april):
    told = engine.collect(log.history).dropna(subset="probability")
    # 1000 % is none, so that C has that of its creation until it is closed.
    assert told.groupby("case_id")["probability"].apply(list).to_dict() == {A: [0.1, 0.6], B: [0.1], C: [0.1, 1.0]}
    then = engine.collect(april.cases).set_index("case_id")["probability"]
    assert then.to_dict() == pytest.approx({A: 0.6, B: 0.1, C: 1.0})
    assert not beforehand("probability")


def test_without_its_history_only_what_is_over_is_sure():
    rows = [
        (A, "Opportunity Created", "2025-01-01"),
        (C, "Opportunity Created", "2025-01-01"),
        (C, "Closed Won", "2025-03-01"),
    ]
    events = pd.DataFrame(rows, columns=["case_id", "activity", "time"]).assign(
        time=lambda made: pd.to_datetime(made["time"])
    )
    made = l2c.log.build(events.assign(probability=events["case_id"].map({A: 0.6, C: 1.0})))
    then = engine.collect(made.as_of("2025-02-15").cases).set_index("case_id")["probability"]
    assert then[A] == pytest.approx(0.6) and np.isnan(then[C])


def test_the_chance_of_a_plain_export(tmp_path):
    text = "Opportunity ID,Created Date,Close Date,Stage,Probability (%)\nD1,2025-01-01,2025-02-01,Prospecting,10\nD2,2025-01-03,2025-02-03,Closed Won,100\n"
    (tmp_path / "report.csv").write_text(text)
    rows = engine.collect(l2c.read(tmp_path / "report.csv").cases).set_index("case_id")["probability"]
    assert rows.to_dict() == pytest.approx({"D1": 0.1, "D2": 1.0})


def test_the_page_of_a_deal(log, tmp_path):
    assert deal_url(log, A) is None
    linked = log.with_org("https://acme.my.salesforce.com/")
    assert deal_url(linked, A) == f"https://acme.my.salesforce.com/lightning/r/Opportunity/{A}/view"
    assert deal_url(linked, "00Q000000000001AAA") is None and deal_url(linked, "D-1") is None
    assert deal_url(l2c.open(linked.save(tmp_path / "log")), A) == deal_url(linked, A)
    for bad in ("javascript:alert(1)", "http://acme.my.salesforce.com", "https://x y", "acme"):
        with pytest.raises(BadOption):
            log.with_org(bad)
