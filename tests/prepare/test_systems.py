"""Tables of other systems are read by a mapping file each; a user writes the next one."""

import polars as pl
import pytest

import l2c
from l2c import engine
from l2c.prepare import systems
from l2c.words import matching, vocabulary
from l2c.words.errors import BadMapping

OPEN_WON_LOST = {
    "dynamics": """opportunityid,name,createdon,estimatedclosedate,actualclosedate,statecode,statuscode,estimatedvalue,actualvalue,_ownerid_value
1,Alder,2025-01-05T09:00:00Z,2025-02-28,2025-02-20,1,3,1100,1000,u1
2,Birch,2025-01-06T09:00:00Z,2025-03-28,2025-02-21,2,5,2000,,u2
3,Cedar,2025-01-07T09:00:00Z,2025-12-28,,0,1,3000,,u1
""",
    "dynamics as Excel writes it": """(Do Not Modify) Opportunity,(Do Not Modify) Row Checksum,Topic,Potential Customer,Est. Close Date,Est. Revenue,Actual Close Date,Actual Revenue,Status,Status Reason,Created On,Owner
1,x,Alder,Alder KG,2025-02-28,1100,2025-02-20,1000,Won,Won,2025-01-05 09:00,u1
2,x,Birch,Birch SA,2025-03-28,2000,2025-02-21,,Lost,Out-Sold,2025-01-06 09:00,u2
3,x,Cedar,Cedar,2025-12-28,3000,,,Open,In Progress,2025-01-07 09:00,u1
""",
    "hubspot": """hs_object_id,dealname,dealstage,pipeline,amount,createdate,closedate,hubspot_owner_id,hs_is_closed_won,hs_is_closed
1,Alder,appointment2,default,1000,2025-01-05T09:00:00Z,2025-02-20T10:00:00Z,u1,true,true
2,Birch,appointment3,default,2000,2025-01-06T09:00:00Z,2025-02-21T10:00:00Z,u2,false,true
3,Cedar,contractsent,default,3000,2025-01-07T09:00:00Z,2025-12-22T10:00:00Z,u1,false,false
""",
    "pipedrive": """id,title,value,currency,add_time,won_time,lost_time,close_time,status,stage_id,owner_name,org_name
1,Alder,1000,EUR,2025-01-05 09:00:00,2025-02-20 10:00:00,,2025-02-20 10:00:00,won,5,u1,Alder KG
2,Birch,2000,EUR,2025-01-06 09:00:00,,2025-02-21 10:00:00,2025-02-21 10:00:00,lost,3,u2,Birch SA
3,Cedar,3000,EUR,2025-01-07 09:00:00,,,,open,2,u1,Cedar
""",
    "pipedrive as it exports": """Deal - ID,Deal - Title,Deal - Value,Deal - Currency of Value,Deal - Stage,Deal - Status,Deal - Deal created,Deal - Won time,Deal - Lost time,Deal - Owner
1,Alder,1000,EUR,Negotiations,Won,2025-01-05 09:00:00,2025-02-20 10:00:00,,u1
2,Birch,2000,EUR,Proposal Made,Lost,2025-01-06 09:00:00,,2025-02-21 10:00:00,u2
3,Cedar,3000,EUR,Contact Made,Open,2025-01-07 09:00:00,,,u1
""",
    "zoho": """Record Id,Deal Name,Account Name,Stage,Amount,Closing Date,Created Time,Deal Owner,Reason For Loss
1,Alder,Alder KG,Closed Won,1000,2025-02-20,2025-01-05 09:00:00,u1,
2,Birch,Birch SA,Closed Lost to Competition,2000,2025-02-21,2025-01-06 09:00:00,u2,Price
3,Cedar,Cedar,Qualification,3000,2025-12-22,2025-01-07 09:00:00,u1,
""",
}


@pytest.mark.parametrize("system", OPEN_WON_LOST)
def test_deals_of_other_systems_are_read_with_outcome_amount_owner_and_days(system, tmp_path):
    (tmp_path / "export.csv").write_text(OPEN_WON_LOST[system], "utf-8")
    log = l2c.read(tmp_path / "export.csv")
    cases = engine.collect(log.cases).set_index("case_id").sort_index()
    assert cases["status"].astype(str).tolist() == ["won", "lost", "open"]
    assert cases["amount"].tolist() == [1000, 2000, 3000]
    assert cases["rep"].tolist() == ["u1", "u2", "u1"]
    assert cases["started"].dt.date.astype(str).tolist() == ["2025-01-05", "2025-01-06", "2025-01-07"]
    assert cases["ended"].dt.date.astype(str).tolist()[:2] == ["2025-02-20", "2025-02-21"]
    assert any("its columns were read by the mapping of that system" in str(note) for note in log.quality.notes)


OWN = {
    "version": 1, "system": "Our CRM",
    "tables": [{
        "known_by": [["deal_no"], ["phase"]],
        "columns": {
            "Opportunity ID": ["deal_no"], "Opportunity Created": ["opened"], "Close Date": ["closed"], "Won": ["result"],
            "Amount": ["final_value", "planned_value"],
        },
        "values": {"Won": {"1": "Won", "2": "Lost", "0": "Open"}},
    }],
}  # fmt: skip
TABLE = pl.DataFrame(
    {
        "deal_no": ["a", "b", "c"], "phase": ["x", "y", "z"], "opened": ["2025-01-01"] * 3, "closed": ["2025-02-01", "2025-02-02", None],
        "result": ["1", "2", "0"], "final_value": ["5", None, None], "planned_value": ["6", "7", "8"],
    }
)  # fmt: skip


def test_a_user_writes_the_mapping_of_the_next_system():
    cases = engine.collect(l2c.read(TABLE, mapping=OWN).cases).set_index("case_id").sort_index()
    assert cases["status"].astype(str).tolist() == ["won", "lost", "open"]
    assert cases["amount"].tolist() == [5, 7, 8]


def test_what_the_user_says_of_a_column_wins():
    said = OWN | {"columns": {"amount": "planned_value"}}
    cases = engine.collect(l2c.read(TABLE, mapping=said).cases).set_index("case_id").sort_index()
    assert cases["amount"].tolist() == [6, 7, 8]


@pytest.mark.parametrize(
    "tables",
    [
        [{"columns": {}}],
        [{"known_by": [["a"]], "columns": {"Amount": "a"}}],
        ["x"],
        [{"known_by": [["a"]], "columns": {}, "colums": {}}],
    ],
)
def test_a_mapping_of_another_form_is_refused_with_its_place(tables):
    with pytest.raises(BadMapping, match="tables"):
        l2c.read(TABLE, mapping={"version": 1, "tables": tables})


def test_a_salesforce_export_is_of_no_other_system():
    headers = [
        "Opportunity ID",
        "Opportunity Name",
        "Stage",
        "Amount",
        "Created Date",
        "Close Date",
        "Closed",
        "Won",
        "Opportunity Owner",
    ]
    assert not systems.is_foreign(headers)
    assert not systems.is_foreign(
        ["Id", "Name", "StageName", "Amount", "CreatedDate", "CloseDate", "IsWon", "IsClosed", "OwnerId"]
    )
    assert systems.is_foreign(["properties.dealname", "properties.dealstage", "properties.hs_object_id"])


def test_every_name_of_the_shipped_mappings_is_known():
    known = {matching.normalise(each) for a in vocabulary.attributes() for each in (a.en, *a.aliases, *a.weak)}
    of_lists = vocabulary.words("lists.yaml")
    known |= {matching.normalise(each) for names in of_lists["columns"].values() for each in names}
    for kind in of_lists["kinds"].values():
        known |= {
            matching.normalise(each) for names in (kind["ids"], *kind.get("dates", {}).values()) for each in names
        }
    for system in systems.shipped():
        for table in system["tables"]:
            for name in table["columns"]:
                met = matching.normalise(name) in known or matching.match_date_column(name)
                assert met or name == "Expected Close Date", (system["system"], name)
            assert table.get("values", {}).keys() <= table["columns"].keys()
