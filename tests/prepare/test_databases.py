"""Databases that are files: each table is a table, and nothing in them reaches beyond the file."""

import sqlite3

import pytest

from l2c import engine
from l2c.prepare import databases, kinds
from l2c.prepare.read import read
from l2c.words.errors import L2CError

ORG = [
    "CREATE TABLE Opportunity(Id, StageName, IsClosed, IsWon, Amount, CreatedDate, CloseDate)",
    "INSERT INTO Opportunity VALUES('006Kx00000Aa1b1','Closed Won','true','true',1000,'2025-01-05T08:30:00Z','2025-02-20')",
    "CREATE TABLE OpportunityHistory(Id, OpportunityId, StageName, CreatedDate)",
    "INSERT INTO OpportunityHistory VALUES('008Kx0000000001','006Kx00000Aa1b1','Prospecting','2025-01-05T08:30:00Z')",
    "INSERT INTO OpportunityHistory VALUES('008Kx0000000002','006Kx00000Aa1b1','Closed Won','2025-02-20T08:30:00Z')",
]
LOG = [
    "CREATE TABLE log(case_id, activity, timestamp, amount)",
    "INSERT INTO log VALUES(1, 'Quote Sent', '2025-01-01', 10), ('b', 'Closed Won', '2025-01-02', '20'), (1, 'x', '2025-01-03', NULL)",
]


def sqlite(path, statements):
    db = sqlite3.connect(path)
    for each in statements:
        db.execute(each)
    db.commit()
    db.close()
    return path


def duckdb(path, statements):
    import duckdb

    with duckdb.connect(str(path)) as db:
        for each in statements:
            if each.startswith("CREATE TABLE"):
                each = (
                    each.replace(",", " VARCHAR,").replace(")", " VARCHAR)").replace("Amount VARCHAR", "Amount DOUBLE")
                )
            db.execute(each)
    return path


MAKERS = {"SQLite": sqlite, "DuckDB": duckdb}


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("name", ["org.db", "org", "org.csv"])
def test_tables_that_are_objects_are_an_org(tmp_path, kind, name):
    log = read(MAKERS[kind](tmp_path / name, ORG))
    assert (log.n_cases, log.quality.rows_read) == (1, 3)
    assert databases.names(tmp_path / name, kind) == ["Opportunity", "OpportunityHistory"]


@pytest.mark.parametrize("kind", MAKERS)
def test_a_table_of_events_beside_others_is_a_log(tmp_path, kind):
    more = ["CREATE TABLE empty(a, b)", "CREATE TABLE numbers(x, y)", "INSERT INTO numbers VALUES(1, 2)"]
    log = read(MAKERS[kind](tmp_path / "x.db", [*LOG, *more]))
    said = "\n".join(map(str, log.quality.notes))
    assert sorted(engine.collect(log.cases)["case_id"]) == ["1", "b"] and log.n_events == 3
    assert "x.db › empty has a header and no rows" in said and "x.db › numbers was left out" in said


@pytest.mark.parametrize("kind", MAKERS)
def test_a_view_is_read_like_a_table(tmp_path, kind):
    view = 'CREATE VIEW steps AS SELECT case_id AS deal, activity, timestamp AS "when" FROM log'
    notes = []
    found = databases.tables(MAKERS[kind](tmp_path / "x", [*LOG, view]), "x", kind, notes)
    assert [(table.name, table.frame.height) for table in found] == [("x › log", 3), ("x › steps", 3)]
    assert notes == []


def test_a_view_without_end_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(databases, "MOST_MADE", 1000)
    endless = "CREATE VIEW v AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r"
    log = read(sqlite(tmp_path / "x.sqlite", [*LOG, endless]))
    assert log.n_events == 3 and "x.sqlite › v was left out: it cannot be read" in "\n".join(
        map(str, log.quality.notes)
    )


def test_a_view_of_duckdb_reaches_no_other_file(tmp_path):
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n")
    view = f"CREATE VIEW v AS SELECT * FROM read_csv('{(tmp_path / 'secret.csv').as_posix()}')"
    log = read(duckdb(tmp_path / "x.duckdb", [*LOG, view]))
    assert "x.duckdb › v was left out: it cannot be read" in "\n".join(map(str, log.quality.notes))


def test_what_was_written_last_is_read_from_the_journal(tmp_path):
    db = sqlite3.connect(tmp_path / "x.db")
    db.execute("PRAGMA journal_mode=WAL")
    for each in LOG:
        db.execute(each)
    db.commit()
    assert read(tmp_path / "x.db").n_events == 3
    assert "x.db-wal" in "\n".join(map(str, read(tmp_path).quality.notes))
    db.close()


def test_columns_of_pictures_are_left_out(tmp_path):
    path = sqlite(tmp_path / "x.db", ["CREATE TABLE t(a, b)", "INSERT INTO t VALUES('1', x'00ff'), (x'61', NULL)"])
    (table,) = databases.tables(path, "x.db", kinds.SQLITE, [])
    assert table.frame.to_dict(as_series=False) == {"a": ["1", "a"]}


@pytest.mark.parametrize("kind", MAKERS)
def test_a_database_that_is_damaged_or_empty_says_so(tmp_path, kind):
    whole = MAKERS[kind](tmp_path / "x", LOG)
    (tmp_path / "cut").write_bytes(whole.read_bytes()[:2000])
    with pytest.raises(L2CError, match=f"{kind}, but is damaged or incomplete"):
        read(tmp_path / "cut")
    assert databases.names(tmp_path / "cut", kind) == []
    with pytest.raises(L2CError, match="without a table that has rows"):
        read(MAKERS[kind](tmp_path / "y", ["CREATE TABLE t(a, b)"]))
