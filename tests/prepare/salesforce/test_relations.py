"""What queries tell of the records that deals look up, in one file with them."""

import pytest

from l2c import engine
from l2c.prepare.read import read
from l2c.prepare.salesforce import files, mapping, meaning

DEALS = "Id,StageName,IsClosed,IsWon,Amount,CreatedDate,CloseDate,{more}\n" + "".join(
    f"{id_},{stage},{closed},{won},1000,2025-01-05T08:30:00.000Z,2025-02-20,{{{n}}}\n"
    for n, (id_, stage, closed, won) in enumerate(
        [("0060000000aaaaa", "Closed Won", "true", "true"), ("0060000000bbbbb", "Open", "false", "false")]
    )
)
STAGES = "Id,OpportunityId,StageName,CreatedDate,CreatedBy.Name\n008000000000001,0060000000aaaaa,Open,2025-01-05T08:30:00Z,Kim\n008000000000002,0060000000aaaaa,Closed Won,2025-02-20T08:30:00Z,Pat\n"


def org(folder, more, *rows, **others):
    text = DEALS.format(*rows, more=more)
    for name, content in {"Opportunity": text, "OpportunityHistory": STAGES, **others}.items():
        (folder / f"{name}.csv").write_text(content, "utf-8")
    return read(folder)


def column(log, name):
    return engine.collect(log.cases).set_index("case_id")[name].to_dict()


@pytest.mark.parametrize("case", [str, str.upper, str.lower])
def test_names_of_owner_and_account_are_used_where_the_lookups_are_missing(tmp_path, case):
    more = case("Owner.Name,Owner.Manager.Name,Account.Name,Account.Industry,Account.Region__c,Campaign.Name")
    log = org(tmp_path, more, "Ann,Max,Alder KG,Retail,EMEA,Fair", "Bob,Max,Birch SA,Energy,APAC,")
    assert column(log, "rep") == {"0060000000aaaaa": "Ann", "0060000000bbbbb": "Bob"}
    assert set(column(log, "manager").values()) == {"Max"}
    assert set(column(log, "account").values()) == {"Alder KG", "Birch SA"}
    assert set(column(log, "segment").values()) == {"Retail", "Energy"}
    assert set(column(log, "region").values()) == {"EMEA", "APAC"}
    assert column(log, "campaign")["0060000000aaaaa"] == "Fair"
    events = engine.collect(log.events)
    assert events[events["activity"] == "Closed Won"]["actor"].tolist() == ["Pat"]
    assert (log.quality.rows_read, log.quality.rows_used) == (4, 4)


def test_a_name_beside_the_id_serves_where_the_user_is_missing(tmp_path):
    more = "OwnerId,Owner.Name,Owner.Id,Account.Id,Account.Name"
    log = org(tmp_path, more, "005000000000001,Ann,005000000000001,001000000000001,Alder", "005000000000002,Ann,005000000000002,001000000000002,Birch")  # fmt: skip
    assert set(column(log, "rep").values()) == {"Ann (0001)", "Ann (0002)"}
    assert set(column(log, "account").values()) == {"Alder", "Birch"}


def test_the_users_themselves_win(tmp_path):
    log = org(tmp_path, "OwnerId,Owner.Name", "005000000000001,old,", "005000000000002,Bob,", User="Id,Name\n005000000000001,Ann\n")  # fmt: skip
    assert column(log, "rep") == {"0060000000aaaaa": "Ann", "0060000000bbbbb": "Bob"}


def test_products_of_lines_are_known_by_the_names_beside_them(tmp_path):
    lines = "Id,OpportunityId,TotalPrice,Product2.Name\n00k000000000001,0060000000aaaaa,10,Saw\n"
    log = org(tmp_path, "x", "", "", OpportunityLineItem=lines)
    assert column(log, "product")["0060000000aaaaa"] == "Saw"


def test_no_deal_is_made_of_what_its_history_says_of_it(tmp_path):
    told = STAGES.replace("CreatedBy.Name", "Opportunity.Name").replace(
        "0060000000aaaaa,Closed", "0060000000ccccc,Closed"
    )
    log = org(tmp_path, "x", "", "", OpportunityHistory=told)
    assert len(column(log, "status")) == 2


@pytest.mark.parametrize(
    ("first", "last", "name"), [("Pat", "Example", "Pat Example"), ("太郎", "山田", "山田 太郎"), ("", "Kim", "Kim")]
)
def test_a_person_who_is_an_account_has_a_name(tmp_path, first, last, name):
    account = f"Id,IsPersonAccount,Name,FirstName,LastName\n001000000000001,true,,{first},{last}\n001000000000002,false,Birch,,\n"
    log = org(tmp_path, "AccountId", "001000000000001", "001000000000002", Account=account)
    assert set(column(log, "account").values()) == {name, "Birch"}


def test_paths_are_written_as_the_api_writes_them():
    fields = files.api_names(mapping.load())
    given = ["OWNER.NAME", "owner.userrole.name", "Sales_Rep__R.Name", "Account.Region__c"]
    wanted = ["Owner.Name", "Owner.UserRole.Name", "Sales_Rep__r.Name", "Account.Region__c"]
    assert [meaning.api_path(each, fields) for each in given] == wanted
