"""Leads: who was converted, who was answered by a person, and who got an opportunity."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import l2c
from l2c import diagnose
from l2c.measures.facts import Facts
from l2c.measures.observations import observations
from l2c.words.actors import keeps_record, kind_of
from tests.logs import from_table, from_text

QUESTIONS = Path(__file__).parents[1] / "data" / "questions"


def read(name, extracted):
    return l2c.read(QUESTIONS / name, extracted=extracted)


def value(log, id):
    return l2c.kpis(log, only=[id])["value"].item()


def response(log):
    return observations(Facts.of(log), "lead_response_days").value.round(6).tolist()


def tagged(log, tag):
    table = diagnose.tags(log)
    return table.loc[table["tag"] == tag, "case_id"].tolist()


def test_an_assignment_rule_answers_no_lead():
    log = read("q_lead_routing.csv", "2025-04-01")
    # 72, 48 and 96 hours to Sato's contact; the bot comes after five seconds
    assert response(log) == [3, 2, 4]
    assert value(log, "lead_response_days") == 3
    assert tagged(log, "lead_untouched") == ["L1", "L2", "L3"]


def test_a_call_that_a_person_completed_answers_a_lead_of_an_org():
    log = read("sf4", "2025-05-01")
    assert response(log) == [2, 2, 2]
    assert len(tagged(log, "lead_untouched")) == 3


def test_leads_are_counted_and_not_cases():
    log = read("sf3", "2025-06-01")
    # seven leads; five are IsConverted, one of them without an opportunity; three share a deal
    found = l2c.kpis(log).set_index("kpi")
    assert found.loc["lead_conversion_rate", ["value", "cases"]].tolist() == [5 / 7, 7]
    assert found.loc["lead_to_opportunity_rate", ["value", "cases"]].tolist() == [4 / 7, 7]
    # L2 of 1 Feb is answered by its conversion on the 3rd, and not by the creation of L3 a day later
    found = observations(Facts.of(log), "lead_response_days")
    waits = dict(
        zip(found.start.astype("datetime64[us]").astype("datetime64[D]").astype(str), found.value, strict=True)
    )
    assert waits["2025-02-01"] == pytest.approx(1.625) and waits["2025-01-10"] == 2
    # a lead that joins a deal of December has its opportunity when it joins, not before it was there
    assert l2c.kpis(log).set_index("kpi").loc["lead_to_opportunity_days", "value"] == pytest.approx(2.625)


def test_without_actors_what_only_keeps_a_record_answers_nobody():
    log = from_text(
        """
        a: Lead Created 0, Lead Assigned 0.1, Lead Scored 0.2, Lead Contacted 2, Opportunity Created 5
        b: Lead Created 0, リード割当 0.1, リードスコア更新 0.5, 電話 3
        c: Lead Created 0, Lead Assigned 0.1
        """,
        until=10,
    )
    assert response(log) == [2, 3, 10]


def test_only_people_answer_where_the_log_knows_who_did_it():
    log = from_table(
        """
        case_id | activity          | day | actor
        a       | Lead Created      | 0   | システム
        a       | Email Sent        | 0.1 | Marketing Automation
        a       | Lead Contacted    | 1   | AIエージェント
        a       | Lead Contacted    | 3   | 山田 愛
        b       | Lead Created      | 0   | システム
        b       | Lead Disqualified | 4   | 自動処理
        c       | Lead Created      | 0   | システム
        c       | Lead Contacted    | 5   |
        """,
        until=10,
    )
    found = observations(Facts.of(log), "lead_response_days")
    # b ended without anybody: it waits no more, and was never answered; whoever called c, somebody did
    assert found.value.tolist() == [3, 4, 5]
    assert found.how.tolist() == [1, 2, 1]


def test_each_of_several_leads_has_its_own_answer():
    log = from_table(
        """
        case_id | activity            | day | lead_id | actor
        a       | Lead Created        | 0   | L1      | Web
        a       | Lead Created        | 1   | L2      | Web
        a       | Lead Contacted      | 2   | L2      | Sato
        a       | Lead Contacted      | 6   | L1      | Sato
        a       | Opportunity Created | 7   |         | Sato
        """,
        until=30,
    )
    assert response(log) == [6, 1]


@given(st.permutations(range(8)))
def test_the_order_of_the_rows_does_not_matter(order):
    rows = pd.DataFrame(
        [
            ("a", "Lead Created", 0, "L1"), ("a", "Lead Created", 1, "L2"), ("a", "Lead Contacted", 4, "L1"),
            ("a", "Lead Converted", 5, "L2"), ("a", "Opportunity Created", 5, None), ("b", "Lead Created", 0, "L3"),
            ("b", "Lead Assigned", 1, "L3"), ("b", "Lead Contacted", 9, "L3"),
        ],
        columns=["case_id", "activity", "day", "lead_id"],
    )  # fmt: skip
    rows["time"] = np.datetime64("2025-01-01") + pd.to_timedelta(rows.pop("day"), unit="D")
    assert response(l2c.log.build(rows.iloc[list(order)])) == [4, 4, 9]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Sato", "person"), ("Ai", "person"), ("Ai Tanaka", "person"), ("Flow Smith", "person"), ("Abbott", "person"),
        ("情報システム部 田中", "person"), ("Albert Einstein", "person"), ("Agent Smith", "person"),
        ("sam@automation.example", "person"), ("Routing Bot", "automation"), ("Web", "automation"),
        ("Automated Process", "automation"), ("Platform Integration User", "automation"), ("LeadBot", "automation"),
        ("SYSTEM", "automation"), ("Data Loader", "automation"), ("API User", "automation"), ("自動割当", "automation"),
        ("システム", "automation"), ("連携ユーザー", "automation"), ("noreply@example.com", "automation"),
        ("Agentforce SDR", "agent"), ("AI", "agent"), ("AIエージェント", "agent"), ("Copilot", "agent"),
    ],
)  # fmt: skip
def test_names_tell_machines_from_people(name, kind):
    assert kind_of(name) == kind


def test_only_records_are_records():
    assert all(
        map(keeps_record, ["Lead Created", "Lead Assigned", "Owner Changed", "Lead Score Updated", "担当者変更"])
    )
    assert not any(map(keeps_record, ["Lead Contacted", "Opportunity Created", "Demo Held", "Quote Created", "電話"]))


def test_an_answer_counts_from_when_it_began():
    rows = pd.DataFrame(
        [
            ("a", "Lead Created", "2025-01-01 00:00", None), ("a", "Lead Contacted", "2025-01-05 00:00", "2025-01-03 00:00"),
            ("b", "Lead Created", "2025-01-01 00:00", None), ("b", "Lead Contacted", "2025-01-02 00:00", "2024-12-31 00:00"),
        ],
        columns=["case_id", "activity", "time", "start_time"],
    )  # fmt: skip
    log = l2c.log.build(rows.assign(**{name: pd.to_datetime(rows[name]) for name in ("time", "start_time")}))
    assert sorted(response(log)) == [0, 2]


def test_a_call_of_the_same_day_without_a_clock_is_an_answer():
    rows = pd.DataFrame(
        [
            ("a", "Lead Created", "2025-01-01 10:00", "second"), ("a", "Call", "2025-01-01", "day"),
            ("b", "Lead Created", "2025-01-02 10:00", "second"), ("b", "Call", "2025-01-01", "day"),
            ("b", "Call", "2025-01-04 10:00", "second"),
        ],
        columns=["case_id", "activity", "time", "precision"],
    )  # fmt: skip
    assert response(l2c.log.build(rows.assign(time=pd.to_datetime(rows["time"], format="mixed")))) == [0, 2]


def test_leads_alone_are_converted_where_they_say_so(tmp_path):
    for name in ("Lead.csv", "User.csv", "Account.csv"):
        (tmp_path / name).write_bytes((QUESTIONS / "sf3" / name).read_bytes())
    found = l2c.kpis(l2c.read(tmp_path, extracted="2025-06-01")).set_index("kpi")
    assert found.loc["lead_conversion_rate", "value"] == pytest.approx(5 / 7)
    # Nobody knows which of them have an opportunity.
    assert np.isnan(found.loc["lead_to_opportunity_rate", "value"])
    assert str(found.loc["lead_to_opportunity_rate", "note"]) == "no opportunities recorded"


def test_events_beside_the_activities_are_known_by_their_japanese_names_too(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text(
        "商談ID,アクティビティ,日時,実行者\n"
        "S1,リード獲得,2025-01-06 09:00,Web\n"
        "S1,リード割当,2025-01-06 09:05,佐藤\n"
        "S1,リード初回対応,2025-01-07 15:00,佐藤\n",
        "utf-8",
    )
    log = l2c.read(path)
    assert log.activities == ("Lead Created", "Lead Assigned", "Lead Contacted")
    # Assigning keeps a record, whoever did it: 30 hours to the first touch.
    assert l2c.kpis(log, only=["lead_response_days"])["value"].item() == 1.25
