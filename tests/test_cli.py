import json
import re

import pytest

from l2c.cli import main
from l2c.dashboard.serving import serve
from l2c.words.errors import PortTaken
from tests.logs import demo
from tests.prepare.test_read import LONG, write


def test_read_writes_the_log_and_says_what_it_found(tmp_path, capsys):
    bad = LONG + "a,Quote Sent,soon,Kim,\n"
    out, facts = tmp_path / "log", tmp_path / "quality.json"
    assert main(["read", str(write(tmp_path, bad)), "-o", str(out), "--json", str(facts)]) == 0
    said = capsys.readouterr()
    assert "5 rows read, 4 used, 1 quarantined; 4 events" in said.out
    assert "soon" in (out / "quarantine.csv").read_text("utf-8-sig")
    assert json.loads(facts.read_text())["reasons"] == {"unreadable time": 1}


def test_analyse_writes_the_agreed_json(tmp_path):
    path = tmp_path / "all.json"
    assert main(["analyse", str(write(tmp_path, LONG)), "--json", str(path)]) == 0
    found = json.loads(path.read_text("utf-8"))
    assert found["schema"] == 1
    assert list(found)[:8] == ["schema", "log", "quality", "kpis", "flow", "variants", "causes", "violations"]
    assert {"findings", "bottlenecks", "payments", "rework", "discounts", "reps", "journey"} <= set(found)
    assert found["causes"] == []
    assert found["log"] | {"cases": 2, "events": 4, "currency": "USD"} == found["log"]
    assert found["quality"]["reasons"] == {}
    assert found["flow"]["start"] == {"Opportunity Created": 2}
    assert found["flow"]["end"] == {"Quote Sent": 1, "Closed Lost": 1}
    edge = next(e for e in found["flow"]["edges"] if e["to"] == "Quote Sent")
    assert edge == {
        "from": "Opportunity Created",
        "to": "Quote Sent",
        "events": 1,
        "cases": 1,
        "mean_days": 2,
        "median_days": 2,
        "p90_days": 2,
    }
    assert found["variants"]["count"] == 2
    assert set(found["kpis"]["win_rate"]) >= {"value", "low", "high", "unit", "cases", "censored"}
    assert found["kpis"]["win_rate"]["value"] == 0


def test_causes_have_the_agreed_keys_and_a_step_only_where_there_is_one(monkeypatch):
    from l2c import analysis

    # The other tables are asked for above.
    monkeypatch.setattr(analysis, "TABLES", ())
    found = analysis.analysis(demo(3000))["causes"]
    agreed = {"kpi", "attribute", "value", "adverse", "effect", "low", "high", "unit", "cases", "share", "q"}
    assert found
    for cause in found:
        assert agreed <= set(cause)
        assert ("step" in cause) == (cause["kpi"] in ("step_days", "stuck"))
        assert cause["unit"] in ("day", "fraction")
        assert cause["low"] <= cause["effect"] <= cause["high"]
    assert [cause["adverse"] for cause in found] == sorted((c["adverse"] for c in found), reverse=True)
    json.dumps(found)


def test_analyse_filters(tmp_path):
    path = tmp_path / "all.json"
    assert main(["analyse", str(write(tmp_path, LONG)), "--where", "rep=Kim", "--json", str(path)]) == 0
    assert json.loads(path.read_text())["log"]["cases"] == 1


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["analyse", "nothing.csv", "--json", "-"], "does not exist"),
        (["analyse", "LOG", "--where", "rep=Nobody", "--json", "-"], "No case has 'Nobody'"),
        (["analyse", "LOG", "--where", "rep", "--json", "-"], "attribute=value"),
        (["report", "LOG", "--by", "team"], "No case attribute is called 'team'"),
    ],
)
def test_unusable_wishes_end_with_one_and_a_sentence(tmp_path, capsys, arguments, hint):
    path = str(write(tmp_path, LONG))
    given = [path if a == "LOG" else a for a in arguments]
    given += ["-o", str(tmp_path / "out")] if given[0] == "report" else []
    assert main(given) == 1
    said = capsys.readouterr().err
    assert hint in said
    assert "Traceback" not in said


def test_wrong_usage_ends_with_two():
    with pytest.raises(SystemExit) as stopped:
        main(["analyse"])
    assert stopped.value.code == 2


def test_template_and_demo_write_their_files(tmp_path, capsys):
    assert main(["template", "-o", str(tmp_path / "t"), "--lang", "ja"]) == 0
    assert main(["demo", "-o", str(tmp_path / "d"), "--cases", "200"]) == 0
    said = capsys.readouterr().out.split()
    assert any(line.endswith(".xlsx") for line in said)
    assert any("truth" in line for line in said)


@pytest.mark.parametrize(
    "port", ["0", "-1", "65536", "70000", "99999999999999999999", "eight", "", "8866.0", "８８６６"]
)
def test_a_port_that_cannot_be_is_refused(port, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["dashboard", "--port", port])
    assert stopped.value.code == 2
    assert "is not a port, which is a whole number from 1 to 65535" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["", " ", "..", "256.1.1.1", "192.0.2.1", "x" * 300, "a b", "[::1]", "http://here"])
def test_a_host_that_cannot_be_listened_at_is_told_in_a_sentence(host, tmp_path):
    with pytest.raises(PortTaken, match=f"^Nothing can listen at {re.escape(host)}:8866: it is in use, or not an"):
        serve(tmp_path, host=host, browser=False)
