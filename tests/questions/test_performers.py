"""Who did it: a person, an automation or an AI agent; and who hands over to whom?"""

from pathlib import Path

import pandas as pd
import polars as pl
import pytest

import l2c
from l2c import diagnose, engine, prepare
from l2c.log import build
from l2c.log.event_log import EventLog
from l2c.prepare import in_place
from l2c.prepare.instructions import instructions
from l2c.prepare.pseudonyms import handed
from l2c.words.errors import BadMapping, UnknownName
from tests.logs import demo, from_table
from tests.prepare.salesforce.test_scenarios import org

QUESTIONS = Path(__file__).parents[1] / "data" / "questions"
ROUTING = QUESTIONS / "q_lead_routing.csv"


def listed(log):
    return dict(prepare.actors(log, names=True)[["actor", "actor_kind"]].itertuples(index=False, name=None))


def kinds(log):
    events = engine.collect(log.events.select("actor", "actor_kind")).dropna()
    return dict(zip(events["actor"].astype(str), events["actor_kind"].astype(str), strict=True))


def test_every_event_says_what_kind_of_performer_did_it():
    log = l2c.read(ROUTING)
    assert kinds(log) == {"Web": "automation", "Routing Bot": "automation", "Sato": "person"} == listed(log)
    hidden = prepare.actors(log)["actor"].tolist()
    assert hidden[:2] == ["Routing Bot", "Web"] and hidden[2].startswith("Person ")


def test_a_mapping_corrects_what_a_name_seems_to_say(tmp_path):
    file = tmp_path / "who.yaml"
    file.write_text("actors: {Sato: AI agent, Routing Bot: 人}\n", "utf-8")
    log = l2c.read(ROUTING, mapping=file)
    assert listed(log) == {"Web": "automation", "Routing Bot": "person", "Sato": "agent"}
    assert prepare.actors(log)["told_by"].value_counts()["mapping"] == 2
    assert log.quality.mapping["actors"] == {"Sato": "agent", "Routing Bot": "person"}
    file.write_text("actors: {Sato: boss}\n", "utf-8")
    with pytest.raises(BadMapping, match="line 1"):
        l2c.read(ROUTING, mapping=file)


def test_a_mapping_of_an_org_may_say_nothing_but_who_is_who():
    log = l2c.read(QUESTIONS / "sf4", mapping={"actors": {"Ana": "automation"}}, extracted="2025-05-01")
    assert listed(log) == {"Automated Process": "automation", "Ana": "automation", "Ben": "person"}
    # nobody has called the leads then
    assert l2c.kpis(log, only=["lead_response_days"])["censored"].item() == 3


def test_types_and_profiles_of_users_tell_machines_from_people():
    users = """Id | Name | UserType | ProfileId
    005A | Sato | Standard | 00eA
    005B | Max | AutomatedProcess |
    005C | Mia | Standard | 00eC
    005D | Zoe | Standard | 00eD"""
    profiles = (
        "Id | Name\n00eA | Sales User\n00eC | Einstein Agent User\n00eD | Salesforce API Only System Integrations"
    )
    history = """Id | OpportunityId | StageName | CreatedDate | CreatedById
    008A | 006A | Open | 2025-01-01T09:00:00Z | 005A
    008B | 006A | Proposal | 2025-01-02T09:00:00Z | 005B
    008C | 006A | Negotiation | 2025-01-03T09:00:00Z | 005C
    008D | 006A | Review | 2025-01-04T09:00:00Z | 005D
    008E | 006A | Legal | 2025-01-05T09:00:00Z | 005A"""
    log = l2c.read(org(User=users, Profile=profiles, OpportunityHistory=history))
    assert listed(log) == {"Max": "automation", "Zoe": "automation", "Mia": "agent", "Sato": "person"}


def test_the_call_of_a_person_stands_beside_the_mail_of_a_machine():
    tasks = """Id | WhoId | WhatId | IsClosed | CompletedDateTime | OwnerId
    00TA | 00QA | | true | 2025-01-01T09:01:00Z | 005C
    00TB | 00QA | | true | 2025-01-03T09:00:00Z | 005A
    00TC | 00QB | | true | 2025-01-05T09:00:00Z | 005A"""
    leads = """Id | CreatedDate | IsConverted | ConvertedOpportunityId | Status
    00QA | 2025-01-01T09:00:00Z | true | 006A | Converted
    00QB | 2025-01-02T09:00:00Z | true | 006A | Converted"""
    deal = """Id | CreatedDate | StageName | IsClosed | IsWon | CloseDate | OwnerId | Amount | AccountId
    006A | 2025-01-09T09:00:00Z | Open | false | false | 2025-03-01 | 005A | 100 | 001A"""
    users = "Id | Name\n005A | Sato\n005C | Mail Bot"
    log = l2c.read(org(Opportunity=deal, Lead=leads, Task=tasks, User=users))
    from l2c.measures.facts import Facts
    from l2c.measures.observations import observations

    assert observations(Facts.of(log), "lead_response_days").value.tolist() == [2, 3]


def test_a_column_of_the_source_says_the_kind_too_and_survives_saving(tmp_path):
    rows = pd.read_csv(ROUTING).assign(**{"Actor Type": "?"})
    rows.loc[rows["actor"] == "Sato", "Actor Type"] = "Bot"
    log = l2c.read(rows)
    assert listed(log)["Sato"] == "automation" and listed(log)["Web"] == "automation"
    assert kinds(l2c.open(log.save(tmp_path / "log"))) == kinds(log)


def test_engines_agree(tmp_path):
    rows = pl.read_csv(ROUTING, try_parse_dates=True)
    rows.write_parquet(tmp_path / "rows.parquet")
    db = engine.database()
    said = instructions({"actors": {"Sato": "agent"}})
    frame = engine.table(rows, db)
    from datetime import datetime

    there = in_place.read(frame, db, "rows", said, datetime(2027, 1, 1), None, None)
    here = l2c.read(rows, mapping={"actors": {"Sato": "agent"}})
    assert kinds(there) == kinds(here) == {"Web": "automation", "Routing Bot": "automation", "Sato": "agent"}
    pd.testing.assert_frame_equal(diagnose.automation(there), diagnose.automation(here))


def test_a_log_that_was_saved_before_kinds_were_told_has_them_by_name():
    log = l2c.read(ROUTING)
    old = EventLog(log.base.but(events=log.base.events.drop("actor_kind"), _memory={}))
    assert listed(old) == listed(log)
    assert l2c.kpis(old, only=["lead_response_days"])["value"].item() == 3


def test_without_performers_nothing_is_added():
    log = from_table("case_id | activity | day\na | Lead Created | 0\na | Lead Contacted | 1")
    assert "actor_kind" not in log.events.collect_schema().names()
    assert prepare.actors(log).empty and diagnose.automation(log).empty and diagnose.handovers(log).empty


def test_whoever_always_answers_within_seconds_is_named_for_a_look():
    lines = ["case_id | activity | day | actor"]
    for k in range(6):
        lines += [f"c{k} | Lead Created | {k} | Web", f"c{k} | Lead Routed | {k + 3 / 86400} | Mori"]
        lines += [f"c{k} | Lead Contacted | {k + 1} | Sato"]
    table = prepare.actors(from_table("\n".join(lines)), names=True).set_index("actor")
    assert table["suggested"].dropna().to_dict() == {"Mori": "automation"}
    assert table.loc["Mori", "actor_kind"] == "person"


def test_shares_of_who_does_what():
    table = diagnose.automation(l2c.read(ROUTING)).set_index("activity")
    assert table.loc["Lead Assigned", ["person_share", "automation_share"]].tolist() == [0, 1]
    assert table.loc["Lead Contacted", "person_share"] == 1


def test_who_hands_over_to_whom():
    log = l2c.read(QUESTIONS / "q_handover.csv")
    table = diagnose.handovers(log, names=True)
    assert list(table[["from", "to", "handovers"]].itertuples(index=False, name=None)) == [
        ("Ana", "Ben", 2), ("Ben", "Ana", 2), ("Ben", "Cho", 1), ("Cho", "Ben", 1),
    ]  # fmt: skip
    # Ana to Ben: one and two days; Ben to Ana: two and five
    assert table["days"].tolist() == [1.5, 3.5, 3, 1]
    hidden = diagnose.handovers(log)
    assert not set(hidden["from"]) & {"Ana", "Ben", "Cho"} and hidden["handovers"].tolist() == [2, 2, 1, 1]


def test_pm4py_finds_the_same_handovers():
    pm4py = pytest.importorskip("pm4py")
    log = demo(300)
    network = pm4py.discover_handover_of_work_network(log.to_pm4py()).connections
    table = diagnose.handovers(log, names=True)
    ours = {(row["from"], row["to"]): row["handovers"] for row in table.to_dict("records")}
    theirs = {pair: share for pair, share in network.items() if pair[0] != pair[1]}
    # it divides by all pairs of events, those of one person included
    scale = sum(ours.values()) / sum(theirs.values())
    assert ours == {pair: pytest.approx(share * scale) for pair, share in theirs.items()}


def test_handovers_by_kind_and_of_too_few_people():
    log = l2c.read(ROUTING)
    table = diagnose.handovers(log, by="actor_kind")
    assert table[["from", "to", "handovers"]].iloc[0].tolist() == ["automation", "person", 3]
    assert diagnose.handovers(handed(l2c.read(QUESTIONS / "q_handover.csv"))).empty
    with pytest.raises(UnknownName):
        diagnose.handovers(log, by="colour")


def test_filtered_handovers_are_those_of_the_cases_alone():
    log = l2c.read(QUESTIONS / "q_handover.csv")
    rows = engine.collect(log.events).query("case_id == '1'")[["case_id", "activity", "time", "actor"]]
    part = log.where(includes="Discount Approved")
    alone = build(rows.astype({"activity": str}))
    pd.testing.assert_frame_equal(diagnose.handovers(part, names=True), diagnose.handovers(alone, names=True))
