"""Cohorts are of the object asked about: a deal without a lead does not vanish because one lead is in the log."""

import json
from pathlib import Path

import pandas as pd
import pytest

import l2c
from l2c import diagnose, engine, show
from l2c.log.filters import parse, said
from l2c.words.errors import BadFilter, UnknownName
from tests.logs import from_text

QUESTIONS = Path(__file__).parents[1] / "data" / "questions"


@pytest.fixture(scope="module")
def log():
    return l2c.read(QUESTIONS / "q_cohort_direct.csv", extracted="2025-12-31")


def won(table):
    return table[(table["milestone"] == "Closed Won") & (table["within_days"] == 90)].iloc[0]


def test_opportunities_are_won_whether_they_had_a_lead_or_not(log):
    row = won(diagnose.conversion(log, by="opened"))
    assert (row["object"], row["value"], row["cases"]) == ("opportunity", 0.25, 100)
    assert won(diagnose.conversion(log, of="opportunity", by="opened"))["value"] == 0.25
    # Of the 25 leads all are won: another question.
    assert won(diagnose.conversion(log, of="lead"))[["value", "cases"]].tolist() == [1, 25]
    with pytest.raises(UnknownName, match="lead, opportunity"):
        diagnose.conversion(log, of="quote")


def test_up_to_the_opportunity_the_leads_are_asked(log):
    table = diagnose.conversion(log)
    assert dict(zip(table["milestone"], table["object"], strict=True)) == {
        "Opportunity Created": "lead", "Closed Won": "opportunity",
    }  # fmt: skip
    leads = from_text("a: Lead Created 0, Quote Sent 5\nb: Lead Created 0", until=99)
    assert set(diagnose.conversion(leads)["object"]) == {"lead"}


@pytest.mark.parametrize(("lang", "words"), [("en", "25 % of the opportunities"), ("ja", "商談の25%が90日以内")])
def test_the_chart_says_whose_cohorts_it_shows(log, lang, words):
    picture = show.conversion(diagnose.conversion(log, by="opened"), milestone="Closed Won", lang=lang)
    assert any(words in text for text in picture.texts()) if callable(picture.texts) else words in str(picture.texts)


def created(log, activity, low, high):
    """By brute force: cases in which an activity happened from one day to another."""
    events = engine.collect(log.events)
    before = pd.Timestamp(high) + pd.Timedelta(days=1)
    inside = (events["activity"] == activity) & (events["time"] >= low) & (events["time"] < before)
    return events.loc[inside, "case_id"].nunique()


WAYS = [
    ({"Lead Created": ("2025-01-10", "2025-01-12")}, "Lead Created"),
    (("Lead Created", "2025-01-10", "2025-01-12"), "Lead Created"),
    ("Lead Created > 2025-01-10..2025-01-12", "Lead Created"),
    ("リード獲得 > 2025-01-10..2025-01-12", "Lead Created"),
    ({"Opportunity Created": ("2025-01-10", "2025-01-12")}, "Opportunity Created"),
    ({"商談作成": ("2025-01-10", "2025-01-12")}, "Opportunity Created"),
    (("2025-01-10", "2025-01-12"), "Opportunity Created"),
    ("2025-01-10..2025-01-12", "Opportunity Created"),
]


@pytest.mark.parametrize(("way", "activity"), WAYS)
def test_a_filter_says_what_was_created_then(log, way, activity):
    expected = created(log, activity, "2025-01-10", "2025-01-12")
    assert log.where(created=way).n_cases == expected
    # As the parameters of a notebook hold it.
    assert log.where(**json.loads(json.dumps(said({"created": way})))).n_cases == expected
    if isinstance(way, str):
        assert log.where(**parse([f"created={way}"])).n_cases == expected


def test_what_is_created_is_the_deal_and_not_the_first_event_of_its_case():
    log = from_text(
        "a: Lead Created 0, Opportunity Created 40\nb: Opportunity Created 40\nc: Lead Created 40", until=99
    )
    assert log.where(opened="2025-02").n_cases == 2
    assert log.where(created="2025-02").n_cases == 2
    assert sorted(engine.collect(log.where(created="2025-02").cases)["case_id"]) == ["a", "b"]
    leads = from_text("a: Lead Created 0\nc: Lead Created 40", until=99)
    assert leads.where(created="2025-02").n_cases == 1


def test_every_lead_of_a_case_is_created():
    log = from_text("a: Lead Created 0, Lead Created 40, Opportunity Created 50", until=99)
    assert log.where(created={"Lead Created": "2025-02"}).n_cases == 1
    assert log.where(created={"Lead Created": "2025-03"}).n_cases == 0


def test_what_was_not_understood_is_refused(log):
    for wrong in ("x", 5, ["2025-01", "2025-02"], ("Lead Created", "soon"), {"Lead Created": None}):
        with pytest.raises(BadFilter):
            log.where(created=wrong)
    with pytest.raises(UnknownName):
        from_text("a: Quote Sent 0").where(created="2025-01")
