"""Who is credited with which part of a deal."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import l2c
from l2c import diagnose, engine
from l2c.log.splits import parted, written
from l2c.prepare.pseudonyms import handed
from tests.logs import from_text
from tests.prepare.salesforce.test_scenarios import org

QUESTIONS = Path(__file__).parents[1] / "data" / "questions"
WON = """Id | CreatedDate | StageName | IsClosed | IsWon | CloseDate | OwnerId | Amount | AccountId
006A | 2025-01-01T09:00:00Z | Won | true | true | 2025-03-01 | 005A | 1000 | 001A
006B | 2025-01-01T09:00:00Z | Won | true | true | 2025-03-01 | 005A | 500 | 001A"""


def credited(log, column="won_amount"):
    table = diagnose.credit(log, names=True).set_index("rep")
    return {rep: value for rep, value in table[column].to_dict().items() if value}


def notes(log):
    return [note.id for note in log.quality.notes]


def test_a_shared_deal_is_shared():
    log = l2c.read(QUESTIONS / "sf1", extracted="2025-07-01")
    # O1 (1000) half and half, O2 (500) Sato's alone; he owned both
    assert credited(log) == {"Sato": 1000, "Kim": 500}
    assert credited(log, "won_deals") == {"Sato": 1.5, "Kim": 0.5}
    assert credited(log, "owned_amount") == {"Sato": 1500}
    assert "splits_read" in notes(log) and "no_object" not in notes(log)
    assert not set(diagnose.credit(log)["rep"]) & {"Sato", "Kim"}


def test_overlays_credit_nobody_with_revenue():
    splits = """Id | OpportunityId | SplitOwnerId | SplitPercentage | SplitTypeId
    1oA | 006A | 005A | 70 | 149R
    1oB | 006A | 005B | 30 | 149R
    1oC | 006A | 005C | 100 | 149O
    1oD | 006B | 005A | 100 | 149R
    1oE | 006B | 005C | 40 | 149O"""
    types = "Id | DeveloperName | IsTotalValidated\n149R | Revenue | true\n149O | Overlay | false"
    users = "Id | Name\n005A | Sato\n005B | Kim\n005C | Ito"
    log = l2c.read(org(Opportunity=WON, OpportunitySplit=splits, OpportunitySplitType=types, User=users))
    assert credited(log) == {"Sato": 1200, "Kim": 300}
    # Without the types: what totals 100 % for most deals; both types do for the first, one for the second.
    log = l2c.read(org(Opportunity=WON, OpportunitySplit=splits, User=users))
    assert credited(log) == {"Sato": 1200, "Kim": 300}


def test_what_totals_no_whole_is_left_out_and_said():
    splits = """Id | OpportunityId | SplitOwnerId | SplitPercentage
    1oA | 006A | 005A | 100
    1oB | 006A | 005B | 30"""
    log = l2c.read(org(Opportunity=WON, OpportunitySplit=splits))
    assert credited(log) == {"Sato": 1500} and "splits_left_out" in notes(log)


def test_the_default_split_of_the_owner_is_none():
    splits = "Id | OpportunityId | SplitOwnerId | SplitPercentage\n1oA | 006A | 005A | 100"
    log = l2c.read(org(Opportunity=WON, OpportunitySplit=splits))
    assert "rep_split" not in log.attributes and "splits_read" not in notes(log)
    splits = splits.replace("005A", "005B")
    assert credited(l2c.read(org(Opportunity=WON, OpportunitySplit=splits))) == {"Sato": 500, "Kim": 1000}


@pytest.mark.parametrize(
    "text", ["佐藤 60 % | キム 40 %", "佐藤 60%; キム 40%", "佐藤: 0.6 | キム: 0.4", "佐藤（60％）;キム（40％）"]
)
def test_a_list_of_deals_may_say_the_split(text):
    rows = pd.DataFrame(
        {
            "商談ID": ["a", "a"], "アクティビティ": ["商談作成", "受注"], "タイムスタンプ": ["2025-01-01", "2025-02-01"],
            "営業担当": "佐藤", "金額": 1000, "売上配分": text,
        }
    )  # fmt: skip
    assert credited(l2c.read(rows)) == {"佐藤": pytest.approx(600), "キム": pytest.approx(400)}


def test_without_splits_and_without_reps():
    log = from_text("a [rep=Sato, amount=10]: Opportunity Created 0, Closed Won 5\nb [rep=Kim]: Opportunity Created 0")
    assert credited(log) == {"Sato": 10} and credited(log, "open_deals") == {"Kim": 1}
    assert diagnose.credit(from_text("a: Opportunity Created 0")).empty


def test_a_log_that_is_handed_on_names_nobody_in_its_splits():
    given_away = handed(l2c.read(QUESTIONS / "sf1", extracted="2025-07-01"), smallest=1)
    texts = engine.collect(given_away.cases)["rep_split"].dropna().tolist()
    assert texts and not any(name in text for text in texts for name in ("Sato", "Kim"))
    table = diagnose.credit(given_away)
    assert table["won_amount"].tolist() == [1000, 500] and all(table["rep"].str.startswith("Rep "))


@given(st.dictionaries(st.sampled_from(["Sato", "Kim (0002)", "O'Neil 3", "李"]), st.integers(1, 100), min_size=1))
def test_what_is_written_is_read(parts):
    shares = {name: part / 100 for name, part in parts.items()}
    found = parted(written(shares))
    if sum(parts.values()) > 1:
        assert found == pytest.approx(shares)
