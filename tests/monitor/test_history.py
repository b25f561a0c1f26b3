"""What each run found lies beside its log, and nowhere else."""

import json

import pandas as pd
import pytest

import l2c
from l2c.monitor import history, remember
from l2c.prepare.pseudonyms import policy
from l2c.words.errors import UnreadableLog
from tests.logs import from_text

FLAGGED = pd.DataFrame({"alert": ["stalled"], "case_id": ["c1"], "amount": [5.0]})


def text(n, odd=""):
    return "\n".join(
        f"c{odd}{i} [region={'AB'[i % 2]}, rep=R{i % 3}]: Opportunity Created {i}, Quote Sent {i + 2}, Closed Won {i + 5}"
        for i in range(n)
    )


@pytest.fixture(scope="module")
def logs():
    return from_text(text(24), until=40), from_text(text(30), until=46), from_text(text(24, "x"), until=40)


@pytest.fixture
def saved(logs, tmp_path):
    return l2c.open(logs[0].save(tmp_path / "log"))


def files(folder):
    return sorted(file.name for file in (folder / "history").glob("2*.json"))


def test_a_run_is_kept_as_a_file_that_people_can_read(saved, tmp_path):
    file = remember(policy(saved), tmp_path / "log", "watch", alerts=FLAGGED)
    facts = json.loads(file.read_text("utf-8"))
    assert file.parent == tmp_path / "log" / "history" and facts["kind"] == "watch"
    assert facts["log"] == saved.base.id and facts["data"]["cases"] == 24 and facts["data"]["events"] == 72
    assert facts["data"]["columns"] == {"region": 1.0, "rep": 1.0}
    assert {row["kpi"]: row["value"] for row in facts["kpis"]}["sales_cycle_days"] == 5
    assert facts["alerts"] == [{"alert": "stalled", "case_id": "c1", "amount": 5.0}]
    # The log is still the one that was saved.
    assert l2c.open(tmp_path / "log").n_cases == 24


def test_runs_of_one_selection_are_held_against_each_other_and_torn_files_are_passed_over(saved, tmp_path):
    place = tmp_path / "log"
    remember(policy(saved), place, "report")
    remember(policy(saved.where(region="A")), place, "report")
    (place / "history" / "2026-01-01T00-00-00-report-abc.json").write_text('{"schema": 1, "log', "utf-8")
    (place / "history" / ".2026.json.77").write_text("half", "utf-8")
    assert [run["data"]["cases"] for run in history.recalled(place, saved)] == [24]
    assert [run["data"]["cases"] for run in history.recalled(place, saved.where(region="A"))] == [12]
    assert history.recalled(place, saved.where(region="B")) == []


def test_another_logs_history_is_never_added_to(logs, saved, tmp_path):
    with pytest.raises(UnreadableLog, match="another log"):
        remember(logs[2], tmp_path / "log", "report")
    assert not (tmp_path / "log" / "history").exists()


def test_nothing_is_kept_beside_a_plain_file_or_in_a_report_that_was_handed_out(saved, tmp_path):
    (tmp_path / "deals.csv").write_text("case_id\n", "utf-8")
    assert remember(saved, tmp_path / "deals.csv", "report") is None
    (tmp_path / "report.json").write_text("{}", "utf-8")
    assert remember(saved, tmp_path / "log", "report") is None
    assert sorted(file.name for file in tmp_path.iterdir()) == ["deals.csv", "log", "report.json"]


def test_what_runs_left_goes_on_with_the_log_and_goes_with_it(logs, saved, tmp_path):
    place = tmp_path / "log"
    (place / "history").mkdir()
    (place / "history" / "2026-run.json").write_text("{}", "utf-8")
    (place / "last_run.yaml").write_text("version: 1\n", "utf-8")
    # The same input again, and a later state of it.
    saved.save(place)
    assert files(place) == ["2026-run.json"]
    logs[1].save(place, follows=True)
    assert files(place) == ["2026-run.json"] and (place / "last_run.yaml").exists()
    assert json.loads((place / "history" / "follows.json").read_text("utf-8")) == [saved.base.id]
    # A part of it is another log to whoever gets it, and so is what somebody saves in its place.
    logs[1].where(region="A").save(place)
    assert not (place / "history").exists() and not (place / "last_run.yaml").exists()
    logs[2].save(place)
    assert l2c.open(place).n_cases == 24


def test_a_log_whose_source_has_other_content_now_is_known_by_what_it_was(logs, saved, tmp_path):
    place = tmp_path / "log"
    remember(policy(saved), place, "report")
    later = l2c.open(logs[1].save(place, follows=True))
    assert later.base.id != saved.base.id
    assert [run["log"] for run in history.recalled(place, later)] == [saved.base.id]
