"""A filter, and what a report is split by, may be named as it stood in the file or as Salesforce has it."""

import pytest

import l2c
from l2c import report
from l2c.log.attribute_names import meant
from l2c.log.quality import Quality
from l2c.words.errors import UnknownName
from tests.logs import from_text

JAPANESE = """商談ID,活動,日時,地域,商談 所有者,お客様ランク
1,商談作成,2025-01-01,東京,佐藤,A
1,見積送付,2025-01-05,東京,佐藤,A
1,受注,2025-01-09,東京,佐藤,A
2,商談作成,2025-01-02,大阪,鈴木,B
2,失注,2025-01-08,大阪,鈴木,B
3,商談作成,2025-01-03,大阪,鈴木,B
"""
ENGLISH = """Opportunity ID,Activity,Timestamp,Account Region,Opportunity Owner,Sub_Segment__c,Territory,Sales Rep
1,Opportunity Created,2025-01-01,North,Kim,A,N1,Kim
1,Closed Won,2025-01-09,North,Kim,A,N1,Kim
2,Opportunity Created,2025-01-02,South,Lee,B,S1,Lee
2,Closed Lost,2025-01-08,South,Lee,B,S1,Lee
3,Opportunity Created,2025-01-03,South,Lee,B,S1,Lee
"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Logs as they are opened again, when the table they were read from is gone."""
    folder = tmp_path_factory.mktemp("names")
    for name, text in (("ja", JAPANESE), ("en", ENGLISH)):
        (folder / f"{name}.csv").write_text(text, "utf-8")
        l2c.read(folder / f"{name}.csv").save(folder / name)
    return {name: l2c.open(folder / name) for name in ("ja", "en")}


@pytest.mark.parametrize(
    ("lang", "said", "attribute"),
    [
        ("ja", "地域", "region"), ("ja", "商談 所有者", "rep"), ("ja", "商談所有者", "rep"), ("ja", "お客様ランク", "お客様ランク"),
        ("en", "account region", "Account Region"), ("en", "Account_Region", "Account Region"),
        ("en", "Sub_Segment", "Sub_Segment__c"), ("en", "sub segment", "Sub_Segment__c"), ("en", "region", "region"),
    ],
)  # fmt: skip
def test_a_header_of_the_file_is_its_attribute(saved, lang, said, attribute):
    assert meant(said, saved[lang].base) == attribute


def test_what_stands_in_the_file_narrows_the_cases_and_is_told_by_the_name_in_the_log(saved):
    part = saved["ja"].where(**{"地域": "大阪"})
    assert (part.n_cases, part.filters) == (2, {"region": "大阪"})
    assert saved["en"].where(**{"account region": ["North"]}).n_cases == 1


def test_a_field_of_salesforce_is_its_attribute_where_it_is_the_only_one():
    log = from_text("a [region=EMEA, rep=Kim, account=Acme]: Opportunity Created 0, Closed Won 3")
    read = {
        "region": "Opportunity.Region__c · Lead.Region__c",
        "rep": "Opportunity.Owner.Name",
        "account": "Opportunity.Account.Name",
    }
    base = log.base.judged(Quality(mapping={"salesforce": read}))
    assert meant("Region__c", base) == meant("Opportunity.Region__c", base) == "region"
    assert meant("Owner.Name", base) == "rep" and meant("Account.Name", base) == "account"
    # Of two fields that end alike neither is meant, nor is a field of another object.
    assert meant("Name", base) == "Name" and meant("Account.Region__c", base) == "Account.Region__c"


def test_what_may_be_several_or_none_is_refused_with_what_there_is(saved):
    with pytest.raises(UnknownName, match=r"No case attribute is called 'Colour'.*Account Region.*Sub_Segment__c"):
        saved["en"].where(Colour="red")
    with pytest.raises(UnknownName, match="region") as refused:
        saved["ja"].where(**{"色": "赤"})
    assert refused.value.said("ja").startswith("「色」という商談の項目はありません。")


@pytest.mark.parametrize(
    ("lang", "by", "parts"), [("ja", "地域", ["大阪", "東京"]), ("en", "account region", ["North", "South"])]
)
def test_a_report_is_split_by_a_header_of_the_file(saved, tmp_path, monkeypatch, lang, by, parts):
    made = []
    monkeypatch.setattr(report, "_pages", lambda log, target, *_, **__: made.append((target.name, log.n_cases)) or [])
    report.reports(saved[lang], tmp_path / "out", by, lang=lang)
    assert sorted(name for name, _ in made) == sorted(parts)
    assert sorted(cases for _, cases in made) == [1, 2]
    assert all(part in (tmp_path / "out" / "index.html").read_text("utf-8") for part in parts)
