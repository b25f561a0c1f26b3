import logging
import re
import sqlite3
import traceback
from datetime import UTC, datetime

import polars as pl
import psycopg
import pytest

import l2c
from l2c.demo import org as demo_org
from l2c.prepare.salesforce.warehouse import tables
from l2c.words.errors import L2CError
from tests.prepare.salesforce import postgres

WANTED = {
    "Opportunity": ["Id", "StageName", "Amount", "IsDeleted", "CreatedDate", "CloseDate", "*c"],
    "OpportunityHistory": ["Id", "OpportunityId", "StageName", "CreatedDate"],
    "SBQQ__Quote__c": ["Id", "SBQQ__Status__c"],
}


@pytest.fixture(scope="module")
def server():
    with postgres.running() as url:
        yield url


@pytest.fixture
def database(server):
    """The address of a database without tables, and a way to run SQL in it."""
    with psycopg.connect(server, autocommit=True) as connection:
        schemas = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg_%' AND nspname <> 'information_schema'"
        )
        for (name,) in schemas.fetchall():
            connection.execute(f'DROP SCHEMA "{name}" CASCADE')
        connection.execute("CREATE SCHEMA public")
        yield server, connection.execute


def test_tables_of_fivetran_are_read_as_salesforce_writes_them(database):
    url, run = database
    run("CREATE SCHEMA salesforce")
    run(
        "CREATE TABLE salesforce.opportunity (id text, stage_name text, amount numeric, is_deleted boolean, "
        "created_date timestamptz, close_date date, region_c text, unrelated text, _fivetran_deleted boolean)"
    )
    run(
        "INSERT INTO salesforce.opportunity VALUES "
        "('006A', 'Closed Won', 1200.50, false, '2025-03-01 09:00:00+09', '2025-03-31', 'Kanto', 'x', false), "
        "('006B', '', NULL, NULL, '2025-03-02 00:00:00+00', NULL, NULL, 'x', true)"
    )
    run('CREATE TABLE salesforce."SBQQ_Quote_c" ("Id" text, "SBQQ_Status_c" text)')
    run("""INSERT INTO salesforce."SBQQ_Quote_c" VALUES ('a0Q1', 'Draft')""")
    found = tables(url, WANTED)
    assert found["Opportunity"].to_dicts() == [
        {
            "id": "006A", "stage_name": "Closed Won", "amount": "1200.50", "is_deleted": "false",
            "created_date": "2025-03-01T00:00:00.000Z", "close_date": "2025-03-31", "region_c": "Kanto",
            "_fivetran_deleted": "false",
        },
        {
            "id": "006B", "stage_name": None, "amount": None, "is_deleted": None,
            "created_date": "2025-03-02T00:00:00.000Z", "close_date": None, "region_c": None, "_fivetran_deleted": "true",
        },
    ]  # fmt: skip
    assert found["SBQQ__Quote__c"].to_dicts() == [{"Id": "a0Q1", "SBQQ_Status_c": "Draft"}]
    log = l2c.read(url)
    # 006B is deleted at the source.
    assert log.n_cases == 1
    assert log.quality.reasons["deleted"] == 1
    assert log.distinct("region") == ["Kanto"]


def test_every_version_of_a_deal_is_a_step_of_its_history(database):
    url, run = database
    run(
        "CREATE TABLE opportunity (id text, stage_name text, amount int, is_closed bool, is_won bool, created_date "
        "timestamp, _fivetran_active bool, _fivetran_start timestamp, _fivetran_end timestamp)"
    )
    run(
        "INSERT INTO opportunity VALUES "
        "('006A', 'Prospecting', 10, false, false, '2025-01-01', false, '2025-01-01 10:00', '2025-01-05 08:59:59'), "
        "('006A', 'Proposal', 10, false, false, '2025-01-01', false, '2025-01-05 09:00', '2025-01-08 11:59:59'), "
        "('006A', 'Proposal', 8, false, false, '2025-01-01', false, '2025-01-08 12:00', '2025-01-09 15:59:59'), "
        "('006A', 'Won!', 8, true, true, '2025-01-01', true, '2025-01-09 16:00', '9999-12-31')"
    )
    run("CREATE TABLE account (id text, name text)")
    events = l2c.read(url).to_pm4py()
    steps = list(zip(events["concept:name"], events["time:timestamp"].dt.strftime("%d %H:%M"), strict=True))
    assert steps == [
        ("Opportunity Created", "01 00:00"),
        ("Stage: Proposal", "05 09:00"),
        ("Amount Cut", "08 12:00"),
        ("Closed Won", "09 16:00"),
    ]


def test_the_schema_that_holds_the_org_is_found_or_asked_for(database):
    url, run = database
    for schema in ("raw_sf", "backup"):
        run(f"CREATE SCHEMA {schema}")
        run(f"CREATE TABLE {schema}.opportunity (id text, created_date timestamptz)")
        run(f"INSERT INTO {schema}.opportunity VALUES ('{schema}', '2025-01-01 08:00+00')")
    with pytest.raises(L2CError, match="Several schemas hold an org: backup, raw_sf"):
        tables(url, WANTED)
    assert tables(f"{url}#raw_sf", WANTED)["Opportunity"]["id"].to_list() == ["raw_sf"]
    with pytest.raises(L2CError, match="no table for Opportunity or Lead"):
        tables(f"{url}#public", WANTED)


def test_names_that_differ_by_underscores_only_are_not_guessed(database):
    url, run = database
    run("CREATE TABLE opportunity (id text)")
    run("CREATE TABLE opportunity_history (id text)")
    run('CREATE TABLE "OpportunityHistory" (id text)')
    with pytest.raises(L2CError, match="OpportunityHistory, opportunity_history"):
        tables(url, WANTED)


def snake(name):
    """An API name as Fivetran writes it: `Region__c` is `region_c`, `Product2Id` is `product_2_id`."""
    parts = re.sub(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Z])", "_", name)
    return re.sub("_+", "_", parts).lower()


def test_a_generated_org_gives_the_same_log_as_its_export(database):
    url, run = database
    frames = demo_org.objects(200)
    run("CREATE SCHEMA crm")
    for name, frame in frames.items():
        columns = ", ".join(f'"{snake(c)}" text' for c in frame.columns)
        run(f'CREATE TABLE crm."{snake(name)}" ({columns})')
        marks = ", ".join(["%s"] * frame.width)
        with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.executemany(f'INSERT INTO crm."{snake(name)}" VALUES ({marks})', frame.rows())
    log, direct = l2c.read(url), l2c.read(frames)
    assert (log.n_cases, log.n_events) == (direct.n_cases, direct.n_events)
    assert log.distinct("region") == direct.distinct("region")


def test_a_long_table_is_read_in_batches_to_its_last_row(database):
    url, run = database
    run("CREATE TABLE lead AS SELECT n::text AS id, now() AS created_date FROM generate_series(1, 100001) AS n")
    found = tables(url, {"Lead": ["Id", "CreatedDate"]})["Lead"]
    assert found["id"].cast(pl.Int64).sum() == 100_001 * 100_002 // 2


def test_a_file_of_sqlite_is_a_warehouse_too(tmp_path):
    with sqlite3.connect(tmp_path / "crm.db") as db:
        db.execute("CREATE TABLE Lead (Id TEXT, CreatedDate TEXT, IsConverted INTEGER)")
        db.execute("INSERT INTO Lead VALUES ('00Q1', '2025-01-01T08:00:00Z', 0)")
    db.close()
    found = tables(f"sqlite:///{tmp_path / 'crm.db'}", {"Lead": ["Id", "IsConverted"]})
    assert found["Lead"].to_dicts() == [{"Id": "00Q1", "IsConverted": "0"}]


def wrong(url, what):
    if what == "password":
        return url.replace("reader-secret-MARKED", "wrong-secret-MARKED")
    if what == "database":
        return url.replace("/warehouse", "/nowhere")
    return url + "#missing"


@pytest.mark.parametrize("what", ["password", "database", "schema"])
def test_what_goes_wrong_is_told_without_the_password(server, capfd, caplog, what):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(L2CError) as caught:
        tables(wrong(server, what), WANTED)
    out, err = capfd.readouterr()
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value.__context__)
    assert (
        "MARKED" not in "".join(line for line in told.splitlines() if "tables(" not in line) + out + err + caplog.text
    )
    assert "\n" not in str(caught.value)


def test_the_command_line_shows_no_password_either(server, tmp_path, capfd):
    from l2c.cli import main

    assert main(["read", wrong(server, "database"), "-o", str(tmp_path / "log")]) == 1
    out, err = capfd.readouterr()
    assert "MARKED" not in out + err
    assert "cannot be read" in err and "Traceback" not in err


def test_rows_that_airbyte_marks_as_gone_are_left_out_and_counted(database):
    url, run = database
    run("CREATE TABLE lead (id text, created_date timestamptz, _ab_cdc_deleted_at text, _airbyte_raw_id text)")
    run(
        "INSERT INTO lead VALUES ('00Q1', '2025-01-01 08:00+00', NULL, 'x'), ('00Q2', '2025-01-01 08:00+00', '2025-02-01', 'y')"
    )
    run("CREATE TABLE account (id text, name text)")
    log = l2c.read(url)
    assert (log.n_cases, log.quality.reasons) == (1, {"deleted": 1})


def test_the_password_may_come_from_the_environment(server, monkeypatch):
    monkeypatch.setenv("L2C_WAREHOUSE_PASSWORD", "reader-secret-MARKED")
    with pytest.raises(L2CError, match="no table for Opportunity"):
        tables(server.replace(":reader-secret-MARKED", "") + "#pg_toast", WANTED)


def test_a_missing_driver_and_a_bad_address_are_told():
    with pytest.raises(L2CError, match="pip install snowflake-sqlalchemy"):
        tables("snowflake://x", WANTED)
    with pytest.raises(L2CError, match="postgresql://USER@HOST"):
        tables("postgresql://host:not-a-port/x", WANTED)


def test_times_without_a_zone_are_taken_as_utc():
    from l2c.prepare.salesforce.warehouse import _text

    assert _text(datetime(2025, 1, 1, 9, 30)) == "2025-01-01T09:30:00.000Z"
    assert _text(datetime(2025, 1, 1, 9, 30, tzinfo=UTC)) == "2025-01-01T09:30:00.000Z"
