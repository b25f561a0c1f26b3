"""A log is read again, reported and watched with the options of last time, which hold no secret."""

import argparse
import json

import pytest
import yaml

import l2c
from l2c.cli import last_run, main
from l2c.words.errors import UnreadableLog

HEAD = "case_id,activity,time,region\n"


def rows(n, odd=""):
    return HEAD + "".join(
        f"c{odd}{i},{name},2025-{1 + i // 28:02d}-{1 + i % 28:02d} {hour}:00,{'AB'[i % 2]}\n"
        for i in range(n)
        for hour, name in (("08", "Opportunity Created"), ("12", "Closed Won"))
    )


@pytest.fixture
def saved(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deals.csv").write_text(rows(30), "utf-8")
    assert main(["read", "deals.csv", "-o", "log", "--time-zone", "Asia/Tokyo"]) == 0
    return tmp_path / "log"


def test_a_log_is_refreshed_as_it_was_read_and_says_what_is_new(saved, tmp_path, monkeypatch, capsys):
    kept = yaml.safe_load((saved / "last_run.yaml").read_text("utf-8"))
    assert kept == {"version": 1, "read": {"source": [str(tmp_path / "deals.csv")], "time_zone": "Asia/Tokyo"}}
    assert main(["refresh", "log"]) == 0
    assert "No earlier run" in capsys.readouterr().out
    # The next export lies elsewhere, and a scheduler begins elsewhere.
    (tmp_path / "next.csv").write_text(rows(40), "utf-8")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert main(["refresh", str(saved), str(tmp_path / "next.csv"), "--lang", "ja"]) == 0
    said = capsys.readouterr().out
    assert "前回からの変化" in said and "商談 | 30 | 40" in said
    log = l2c.open(saved)
    assert log.zone == "Asia/Tokyo" and log.n_cases == 40
    assert last_run.read(saved)["read"]["source"] == [str(tmp_path / "next.csv")]


def test_a_log_is_watched_again_as_last_time_and_what_was_flagged_is_kept(saved, tmp_path, capsys):
    (tmp_path / "old.csv").write_text(rows(30) + "c99,Opportunity Created,2025-01-01 08:00,A\n", "utf-8")
    (tmp_path / "alerts.yaml").write_text(
        "version: 1\nalerts:\n- {id: old, watch: open_deals, measure: age_days, limit: 20}\n", "utf-8"
    )
    assert main(["refresh", "log", "old.csv"]) == 0
    assert main(["watch", "log", "alerts.yaml", "--json", str(tmp_path / "found.json")]) == 3
    (kept,) = (json.loads(file.read_text("utf-8")) for file in (saved / "history").glob("*-watch-*.json"))
    assert [(row["alert"], row["case_id"]) for row in kept["alerts"]] == [("old", "c99")]
    assert last_run.read(saved)["watch"]["alerts"] == str(tmp_path / "alerts.yaml")
    (tmp_path / "new.csv").write_text(rows(40) + "c99,Opportunity Created,2025-01-01 08:00,A\n", "utf-8")
    capsys.readouterr()
    # It watches as it did, and its exit status is that of the watch.
    assert main(["refresh", "log", "new.csv"]) == 3
    assert len(list((saved / "history").glob("*-watch-*.json"))) == 2
    # Of a selection another history is kept, and a plain file has none.
    assert main(["watch", "log", "alerts.yaml", "--where", "region=B"]) == 0
    assert main(["watch", "new.csv", "alerts.yaml"]) == 3
    assert not (tmp_path / "history").exists()


def test_what_is_no_later_state_of_the_log_is_refused_and_nothing_is_touched(saved, tmp_path, capsys):
    (tmp_path / "other.csv").write_text(rows(30, "x"), "utf-8")
    assert main(["refresh", "log", "other.csv"]) == 1
    assert "holds only 0% of the cases" in capsys.readouterr().err
    assert l2c.open(saved).n_cases == 30


def test_a_log_of_which_nothing_is_known_cannot_be_refreshed(saved, capsys):
    (saved / "last_run.yaml").write_text("read: [", "utf-8")
    with pytest.raises(UnreadableLog, match="cannot be read"):
        last_run.read(saved)
    (saved / "last_run.yaml").unlink()
    assert main(["refresh", "log"]) == 1
    assert "Nothing is known of how log was read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("postgresql://kit:s3cret@host:5432/db#crm", "postgresql://kit@host:5432/db#crm"),
        ("snowflake://kit:p@ss/w@acme/db?role=R&token=abc", "snowflake://kit@acme/db?role=R"),
        ("postgresql://host/db", "postgresql://host/db"),
        ("databricks://token:dapi123@host?access_token=x", "databricks://token@host"),
        ("postgresql://kit:a#b?c@host/db", "postgresql://kit@host/db"),
    ],
)
def test_an_address_is_kept_without_its_secrets(address, kept):
    assert last_run.without_secret(address) == kept


def test_what_was_kept_is_no_reason_for_words_that_a_command_does_not_know(saved):
    given = argparse.Namespace(lang="en", where=[])
    found = last_run.options(given, {"lang": "ja", "where": ["region=A"], "nonsense": 1})
    assert vars(found) == {"lang": "ja", "where": ["region=A"]}
