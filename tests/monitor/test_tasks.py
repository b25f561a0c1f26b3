"""Tasks for the deals that are flagged: a file for Data Loader, a record beside the log, and what became of them."""

import csv
import io
from dataclasses import replace
from datetime import date, datetime

import pandas as pd
import polars as pl
import pytest

import l2c
from l2c import cli, monitor, show
from l2c.monitor.pipeline.task_record import keep, open_deals, read
from l2c.monitor.pipeline.tasks import for_loader, owner_ids
from l2c.words.errors import BadOption

ALERTS = [
    {
        "id": "quiet",
        "name": {"en": "=Quiet deals", "ja": "動きのない商談"},
        "watch": "open_deals",
        "measure": "age_days",
        "limit": 30,
    },
    {"id": "large", "watch": "open_deals", "when": "amount > 800", "severity": "high"},
]
KIM = "005000000000001AAA"


def deal(n):
    return f"006{n:012d}AAA"


def source(*, day="2025-06-30", contacts=None, over=None):
    """Five open deals of 100, 200 … and one without an id of Salesforce; `over` were lost meanwhile."""
    ids = [*map(deal, range(1, 6)), "DEAL-6"]
    rows = [(id, "Opportunity Created", "2025-01-01", 100.0 * n) for n, id in enumerate(ids, 1)]
    rows += [(id, "Closed Lost", lost, None) for id, lost in (over or {}).items()]
    events = pd.DataFrame(rows, columns=["case_id", "activity", "time", "amount"])
    events["time"] = pd.to_datetime(events["time"]).astype("datetime64[us]")
    # An export without users: owners stand there as their ids.
    return l2c.log.build(events.assign(rep=KIM), contacts=contacts, extracted=datetime.fromisoformat(day))


@pytest.fixture(scope="module")
def log():
    return source()


@pytest.fixture
def saved(log, tmp_path):
    return log.save(tmp_path / "log")


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_the_gravest_and_largest_deals_get_a_task_each(log):
    found = monitor.tasks(log, source=ALERTS, most=2)
    assert found["case_id"].tolist() == [deal(n) for n in (5, 4, 3, 2, 1)]
    assert found["kind"].tolist() == ["task", "task", "none", "none", "none"]
    assert set(found["due_date"]) == {"2025-07-07"}
    said = found.attrs["note"].said("en")
    assert "1 flagged deals have no id" in said and "3 more deals" in said


def test_a_file_that_data_loader_takes(log):
    found = monitor.tasks(log, source=ALERTS, most=2)
    text = for_loader(found)
    assert text.isascii() and len(text.splitlines()) == 3
    first = rows_of(text)[0]
    assert first["WhatId"] == deal(5) and first["Subject"] == f"Quiet deals (l2c-{found['flag'][0]})"
    assert first["ActivityDate"] == date(2025, 7, 7).isoformat()
    assert (first["Priority"], first["Status"]) == ("Normal", "Not Started")
    assert first["OwnerId"] == KIM
    said = rows_of(for_loader(monitor.tasks(log, source=ALERTS[:1], most=1, lang="ja"), lang="ja"))[0]
    assert said["Subject"].startswith("動きのない商談 (l2c-") and (said["Priority"], said["Status"]) == ("中", "未着手")
    assert not any(cell.startswith(("=", "+", "-", "@")) for each in (first, said) for cell in each.values())


def test_no_deal_gets_a_second_task_while_the_first_is_open(log, saved):
    first = monitor.tasks(log, saved, ALERTS, most=2)
    keep(saved, first, log)
    again = monitor.tasks(log, saved, ALERTS, most=2)
    assert again["kind"].tolist() == ["open", "open", "task", "task", "none"]
    assert again.attrs["note"].said("en").count("still open") == 1
    # A record lies beside the log, and goes along when the log is read again.
    keep(saved, again, log)
    assert read(saved)["kind"].value_counts().to_dict() == {"task": 4, "none": 1}
    assert len(read(log.save(saved))) == 5


def later(found, saved, log):
    """The org a month on: the first task is done, the second open, the third in no export; two deals are lost."""
    asked = found[found["kind"] == "task"]
    told = pl.DataFrame({
        "case_id": asked["case_id"].tolist()[:2], "flag": asked["flag"].tolist()[:2], "kind": ["done", "to_do"],
        "time": [datetime(2025, 7, 2), datetime(2025, 7, 1)],
    }).with_columns(known="time")  # fmt: skip
    keep(saved, found, log)
    return source(day="2025-07-30", contacts=told, over={deal(5): "2025-07-10", deal(1): "2025-07-12"})


def test_what_became_of_tasks_and_deals(log, saved):
    found = monitor.tasks(log, saved, ALERTS, most=3)
    now = later(found, saved, log)
    came = monitor.tasks_came(now, saved).set_index("case_id")
    assert came.loc[deal(5), ["done", "became"]].tolist() == [True, "lost"]
    assert came.loc[deal(4), ["done", "became"]].tolist() == [False, "same"]
    assert came["done"].isna().sum() == 3
    judged = monitor.tasks_judged(now, saved, ALERTS).set_index("kind")
    assert judged.loc["task", ["flagged", "done", "known", "lost", "same"]].tolist() == [3, 1, 2, 1, 2]
    assert judged.loc["none", ["flagged", "lost", "same"]].tolist() == [2, 1, 1]
    said = show.tasks_came(monitor.tasks_judged(now, saved, ALERTS)).text
    assert "3 deals; 1 lost, 2 still there; 1 of 2 tasks done" in said and "does not tell what the tasks did" in said
    assert "ToDo あり：3件" in show.tasks_came(monitor.tasks_judged(now, saved, ALERTS), lang="ja").text
    # The second is open still; the third is in no export and was due, so that it may be asked for again.
    assert monitor.tasks(now, saved, ALERTS).set_index("case_id")["kind"].to_dict() == {
        deal(4): "open",
        deal(3): "task",
        deal(2): "task",
    }


def test_without_an_export_of_tasks_one_is_open_until_it_is_due(log, saved):
    found = monitor.tasks(log, saved, ALERTS, most=5)
    keep(saved, found, log)
    for day, still in (("2025-07-06", 5), ("2025-07-09", 0)):
        assert (
            len(open_deals(read(saved), replace(log, base=log.base.but(extracted=datetime.fromisoformat(day))), found))
            == still
        )


def test_changes_of_fields(log):
    found = monitor.tasks(log, source=ALERTS, most=1, update=True)
    assert for_loader(found, update={"Needs_Review__c": "true"}) == f"Id,Needs_Review__c\n{deal(5)},true\n"
    for field, value in (("StageName", "x"), ("Id", "x"), ("Note__c", "=1+1"), ("Note__c", "a\nb")):
        with pytest.raises(BadOption):
            for_loader(found, update={field: value})


def test_owners_of_an_export_of_users(tmp_path):
    file = tmp_path / "User.csv"
    file.write_text(
        "Id,Name,IsActive\n005000000000001AAA,Kim,true\n005000000000002AAA,Ito,false\n005000000000003AAA,Li,true\n005000000000004AAA,Li,true\n"
    )
    assert owner_ids(file) == {"Kim": KIM}
    with pytest.raises(BadOption):
        owner_ids(tmp_path / "none.csv")


def test_a_log_without_deals_of_salesforce_has_nothing_to_ask():
    plain = l2c.log.build(
        pd.DataFrame({"case_id": ["D1"], "activity": ["Opportunity Created"], "time": pd.to_datetime(["2025-01-01"])})
    )
    found = monitor.tasks(plain, source=ALERTS[:1])
    assert not len(found) and for_loader(found) == "Subject,WhatId\n"


def test_the_command(saved, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "alerts.yaml").write_text("alerts:\n- {id: quiet, watch: open_deals, measure: age_days, limit: 30}\n")
    assert cli.main(["tasks", str(saved), "--alerts", "alerts.yaml", "--most", "2", "-o", "out.csv"]) == 0
    assert "2 tasks for Data Loader: out.csv" in capsys.readouterr().out
    assert len((tmp_path / "out.csv").read_text("utf-8").splitlines()) == 3 and len(read(saved)) == 5
    assert cli.main(["tasks", str(saved), "--alerts", "alerts.yaml", "--came", "--lang", "ja"]) == 0
    assert "ToDo あり：2件" in capsys.readouterr().out
    assert cli.main(["tasks", "out.csv"]) == 1


def test_the_deals_with_the_most_value_at_risk(log, monkeypatch):
    rows = [(deal(3), 0.25, 225.0), (deal(1), 0.5, 50.0), (deal(2), float("nan"), float("nan"))]
    table = pd.DataFrame(rows, columns=["case_id", "win_share", "at_risk_value"]).assign(reasons=[()] * 3)
    monkeypatch.setattr("l2c.monitor.pipeline.tasks.open_deals", lambda log, names: table)
    found = monitor.tasks(log, at_risk=True, most=1)
    assert found[["case_id", "kind", "alert"]].values.tolist() == [[deal(3), "task", "at_risk_value"]]
    assert found["text"].item() == "chance to be won, if all goes on as before: 25%"
