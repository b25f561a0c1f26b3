"""No password is ever printed, whatever signs it is made of."""

import itertools
import logging
import os
import sqlite3
import subprocess
import sys
import time
import traceback
from pathlib import Path

import pytest

import l2c
from l2c.cli import main
from l2c.prepare.salesforce.address import parsed, shown
from l2c.prepare.salesforce.login import cleaned
from l2c.prepare.salesforce.warehouse import tables
from l2c.words.errors import L2CError, WarehouseTrouble

SIGNS = "/@:#?%&=+ ;'\"\\[]{}$!~^|,<>é秘"
# A mark on both sides of each sign, so that no half of it may slip out either.
PASSWORDS = [
    *(f"MARKED{sign}MARKED" for sign in SIGNS),
    *(f"MARKED{a}{b}MARKED" for a, b in itertools.product("/@:#?", repeat=2)),
    *("MARKED@MARKED/MARKED", "MARKED@MARKED:5432/MARKED?k=MARKED", "MARKED#MARKED@MARKED?MARKED", "MARKED%40MARKED", "@MARKED", "MARKED@"),
]  # fmt: skip


@pytest.mark.parametrize("password", PASSWORDS)
def test_no_part_of_a_password_is_shown(password, tmp_path, capfd, caplog):
    caplog.set_level(logging.DEBUG)
    for tail in ("127.0.0.1:1/warehouse#raw", "127.0.0.1:1/warehouse?connect_timeout=1&password=MARKED2"):
        address = f"postgresql://reader:{password}@{tail}"
        assert "MARKED" not in shown(address)
        assert main(["read", address, "-o", str(tmp_path / "log")]) == 1
        with pytest.raises(L2CError) as caught:
            l2c.read(address)
        told = (
            "".join(traceback.format_exception(caught.value))
            + repr(caught.value.__context__)
            + repr(caught.value.__cause__)
        )
        out, err = capfd.readouterr()
        assert "MARKED" not in told + out + err + caplog.text
        assert "Traceback" not in err and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "password", ["p/w", "p@w", "p:w", "p#w", "p?w", "p%w", "p@/:#?w", "p%40w", "a@b@c", "/", "@", ":"]
)
def test_the_password_reaches_the_database_as_it_was_meant(password):
    found = parsed(f"postgresql://reader:{password}@db.example.com:5432/warehouse?sslmode=require#raw_sf")
    assert found.url.password == password.replace("%40", "@")
    assert (found.url.username, found.url.host, found.url.port, found.url.database) == (
        "reader",
        "db.example.com",
        5432,
        "warehouse",
    )
    assert (found.schema, dict(found.url.query)) == ("raw_sf", {"sslmode": "require"})
    assert found.shown == "postgresql://…@db.example.com:5432/warehouse"
    assert password not in repr(found) or len(password) == 1


def test_addresses_without_a_password_are_read_as_before():
    assert parsed("postgresql://reader@host/db").shown == "postgresql://…@host/db"
    assert parsed("postgresql://host/db#sf").schema == "sf"
    assert parsed("sqlite:////tmp/a@b/crm.db").url.database == "/tmp/a@b/crm.db"
    assert parsed("postgresql://reader@/warehouse?host=/tmp/x").url.query["host"] == "/tmp/x"
    assert parsed("postgresql://u:p@[::1]:99/db").url.host == "::1"
    assert shown("export.csv") == "export.csv"
    assert shown("salesforce:folder") == "salesforce:folder"


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://reader:MARKED", "postgresql://reader:MARKED/db", "jdbc:postgresql://h/db?user=u&password=MARKED",
        "postgresql:/reader:MARKED@host/db", "postgres:reader:MARKED@host", "POSTGRESQL://reader:MARKED@127.0.0.1:1/db",
        " postgresql://reader:MARKED@127.0.0.1:1/db", "nosuch://reader:MARKED@host/db", "mssql+pyodbc:///?odbc_connect=PWD%3DMARKED",
        "postgresql://reader:MARKED@ho st/db", "postgresql://reader:MARKED@host:port/db", "postgresql://h/db;PWD=MARKED",
        "https://example.com/export.csv?token=MARKED", "postgresql://127.0.0.1:1/db?sslpassword=MARKED",
        "postgresql://reader:" + "MARKED" * 90 + "@127.0.0.1:1/db", "snowflake://u:MARKED@account/db?token=MARKED",
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_not_repeated(address, tmp_path, capfd, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for source in (address, [address], [address, "other.csv"]):
        with pytest.raises(L2CError) as caught:
            l2c.read(source)
        assert "MARKED" not in str(caught.value) + repr(caught.value.__context__)
    assert main(["read", address, "-o", "log"]) == 1
    assert main(["read", address, "x.csv", "-o", "log"]) == 1
    assert main(["analyse", address, "--json", "-"]) == 1
    for wrong in (["analyse", "log", address, "--json", "-"], ["dashboard", "--port", address], [address]):
        with pytest.raises(SystemExit):
            main(wrong)
    out, err = capfd.readouterr()
    assert "MARKED" not in out + err and "Traceback" not in err


def test_a_saved_log_of_a_warehouse_holds_no_secret(tmp_path):
    with sqlite3.connect(tmp_path / "crm.db") as db:
        db.execute("CREATE TABLE Lead (Id TEXT, CreatedDate TEXT)")
        db.execute("CREATE TABLE Account (Id TEXT, Name TEXT)")
        db.execute("INSERT INTO Lead VALUES ('00Q1', '2025-01-01T08:00:00Z')")
    db.close()
    log = l2c.read(f"sqlite:///{tmp_path / 'crm.db'}?timeout=12345678")
    for file in log.save(tmp_path / "log").rglob("*"):
        assert b"12345678" not in file.read_bytes()


def test_short_passwords_and_the_drivers_words():
    address = parsed("postgresql://reader:ab@host/db")
    assert address.cleaned(ValueError("could not connect: lab")) == "ValueError"
    address = parsed("postgresql://reader:s3cr/et@host/db?token=tokenvalue")
    said = address.cleaned(ValueError("dsn postgresql://reader:s3cr/et@host/db s3cr%2Fet tokenvalue refused"))
    assert said == "dsn postgresql://…@host/db … … refused"


def test_sessions_of_salesforce_are_not_repeated():
    said = cleaned("bad 00D5g00000AbCdE!AQEAQ.x_yz, Bearer abc.def and eyJhbGciOi.eyJzdWIi.c2ln")
    assert said == "bad … Bearer … and …"


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="only Linux lists processes in files")
def test_the_list_of_processes_shows_no_password(tmp_path):
    program = "import sys, time; from l2c.prepare.salesforce.address import forget; forget(sys.argv); print('ready', flush=True); time.sleep(30)"
    address = "postgresql://reader:MARKED@host/db"
    env = os.environ | {"PYTHONPATH": str(Path(l2c.__file__).parents[1])}
    with subprocess.Popen(
        [sys.executable, "-c", program, address, "x.csv"], stdout=subprocess.PIPE, text=True, env=env
    ) as running:
        try:
            assert running.stdout.readline() == "ready\n"
            time.sleep(0.1)
            line = Path(f"/proc/{running.pid}/cmdline").read_bytes()
        finally:
            running.kill()
    assert b"MARKED" not in line
    assert "postgresql://… ".encode() in line and line.rstrip(b"\0").endswith(b"x.csv")


def test_a_warehouse_is_a_source_of_its_own():
    with pytest.raises(WarehouseTrouble, match="read alone"):
        l2c.read(["postgresql://reader:MARKED@host/db", "x.csv"])
    with pytest.raises(WarehouseTrouble, match="not understood"):
        tables("postgresql://host:not-a-port/x", {})
