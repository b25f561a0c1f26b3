"""What is new since last time: findings, data, and what became of whom was flagged."""

import sys
from dataclasses import replace
from datetime import date, datetime

import pandas as pd
import pytest
from scipy.stats import norm, t

import l2c
from l2c import show
from l2c.improve.entries import Judged, Register
from l2c.improve.register import finding_id
from l2c.monitor import since_last
from l2c.monitor.came import came, judged
from l2c.monitor.put_aside import away, put_aside
from l2c.prepare.pseudonyms import policy, pseudonyms
from tests.logs import ORIGIN, from_text

# Worked out by hand: a and b are open on day 10; since then a is lost, b is won, e has a quote; f stands as it did.
FATE = """
    a: Opportunity Created 1, Closed Lost 14
    b: Opportunity Created 2, Quote Sent 4, Closed Won 12
    c: Opportunity Created 3, Closed Won 9, Payment Received 15
    d: Opportunity Created 4, Closed Lost 8
    e: Opportunity Created 5, Quote Sent 13
    f: Opportunity Created 6
    g: Opportunity Created 12, Closed Lost 13
    h: Opportunity Created 7, Closed Lost 16
"""


def finding(value, effect, half=1.0, cases=100, listed=True, **said):
    row = {
        "kind": "cause",
        "kpi": "step_days",
        "step": ["Quote Created", "Quote Sent"],
        "attribute": "region",
        "value": value,
        "unit": "day",
    }
    row |= {
        "effect": effect,
        "low": effect - half,
        "high": effect + half,
        "cases": cases,
        "days": 10.0,
        "money": None,
    } | said
    return row | {
        "id": f"cause: {row['kpi']}, {row['attribute']}={row['value']}",
        "told": row.get("told", ""),
        "listed": listed,
    }


@pytest.fixture(scope="module")
def log():
    people = "\n".join(f"p{i} [rep=R{i % 6}, region=A]: Opportunity Created {i}, Closed Won {i + 3}" for i in range(12))
    return policy(from_text(FATE + people, until=20), smallest=1)


@pytest.fixture
def between(monkeypatch):
    """Hold a list of findings against earlier ones, as runs of other days."""

    def runs(*lists, log, register=None, alerts=(), rules=""):
        data = {
            "extracted": (ORIGIN + pd.Timedelta(days=10)).isoformat(),
            "rows": {"read": 10},
            "cases": 10,
            "events": 20,
        }
        data |= {"columns": {"region": 1.0, "old": 0.5}, "activities": {"Quote Sent": 2, "Gone": 1}, "odd": {}}
        later = data | {
            "rows": {"read": 12, "no time": 1},
            "columns": {"region": 0.9, "fresh": 1.0},
            "activities": {"Quote Sent": 3, "New": 1},
        }
        states = [
            {"inputs": {"content": str(n)}, "data": data, "kpis": [], "findings": rows} for n, rows in enumerate(lists)
        ]
        now = states.pop() | {"data": later}
        found = [
            s | {"when": datetime(2026, 1 + n, 1), "rules": rules, "alerts": list(alerts)} for n, s in enumerate(states)
        ]
        monkeypatch.setattr(sys.modules["l2c.monitor.since_last"], "recalled", lambda *_: found)
        monkeypatch.setattr(sys.modules["l2c.monitor.since_last"], "state", lambda *_: now)
        return since_last(log, "log", register=register)

    return runs


def states(found):
    return dict(zip(found.findings["finding"].str.extract("=(.*)$")[0], found.findings["state"], strict=True))


def test_new_gone_worse_better_and_what_only_crossed_the_end_of_the_list(between, log):
    then = [
        finding("a", 5),
        finding("b", 5),
        finding("c", 5),
        finding("d", 5),
        finding("e", 5),
        finding("f", 5, listed=False),
    ]
    now = [
        finding("a", 5.1, 0.95, 130), finding("b", 9, 1.0, 130), finding("c", 1.5, 1.0, 130),
        finding("e", 5, listed=False), finding("f", 5), finding("g", 5),
    ]  # fmt: skip
    found = between(then, now, log=log)
    assert states(found) == {
        "a": "same",
        "b": "worse",
        "c": "better",
        "d": "gone",
        "e": "same",
        "f": "same",
        "g": "new",
    }
    # The error of a was 1 / 1.96; 30 of its 130 cases came since.
    variance = max(1 - 0.95**2, 30 / 130) / norm.ppf(0.975) ** 2
    assert found.findings["p"].iloc[0] == pytest.approx(2 * t.sf(0.1 / variance**0.5, 29))


def test_of_few_that_came_nothing_is_said(between, log):
    assert states(between([finding("a", 5)], [finding("a", 9, cases=119)], log=log)) == {"a": "same"}


def test_what_is_less_than_nothing_is_worse_when_it_is_less_still(between, log):
    lost = {"kpi": "win_rate_incidence", "unit": "fraction"}
    found = between([finding("a", -0.1, 0.02, **lost)], [finding("a", -0.2, 0.02, 130, **lost)], log=log)
    assert states(found) == {"a": "worse"}


def test_a_dismissed_finding_stays_away_until_it_is_worse_than_then(between, log):
    register = Register(findings=(Judged("cause: step_days, region=a", "dismissed", "known", day=date(2026, 1, 15)),))
    first, same, worse = ([finding("a", effect, 1.0, cases)] for effect, cases in ((5, 100), (5.2, 130), (9, 160)))
    assert states(between(first, same, log=log, register=register)) == {"a": "dismissed"}
    assert states(between(first, same, worse, log=log, register=register)) == {"a": "back"}
    # Held against what it was at its dismissal, not against last time; one that got better stays away.
    assert states(between(worse, first, log=log, register=register)) == {"a": "dismissed"}
    kept = replace(register.findings[0], verdict="kept")
    assert states(between(first, same, log=log, register=Register(findings=(kept,)))) == {"a": "same"}


def test_a_dismissal_under_a_pseudonym_is_that_of_the_person_who_bore_it_then(between, log):
    rep = {"attribute": "rep", "told": "cause: step_days, rep=Rep 02"}
    register = Register(findings=(Judged("cause: step_days, rep=Rep 02", "dismissed", day=date(2026, 1, 15)),))
    rows = [finding("R1", 5, **rep) | {"told": "cause: step_days, rep=Rep 02"}]
    found = between(
        rows, [finding("R1", 5, attribute="rep"), finding("R2", 5, attribute="rep")], log=log, register=register
    )
    assert list(found.findings["state"]) == ["dismissed", "new"]


def test_what_is_dismissed_is_on_no_list_of_findings_until_it_is_worse(log, monkeypatch):
    rows = [finding("a", 9, 1.0, 160), finding("b", 5)]
    table = pd.DataFrame([{**row, "step": tuple(row["step"])} for row in rows])
    entry = Judged(finding_id(table.iloc[0]), "dismissed", day=date(2026, 1, 15))
    register = Register(findings=(entry, Judged(finding_id(table.iloc[1]), "kept")))
    # Nobody knows how it was: it stays away
    left = put_aside(table, log, register)
    assert list(left["value"]) == ["b"] and left.attrs["put_aside"] == 1
    assert put_aside(table, log, None) is table
    said = {
        lang: show.findings(left.iloc[:0].assign(problem="time"), cases=50, lang=lang).text for lang in ("en", "ja")
    }
    assert said["en"].startswith("Not listed: what was dismissed in the register (1)") and "1件" in said["ja"]

    def before(effect):
        run = {"when": datetime(2026, 1, 1), "inputs": {"content": "0"}}
        run["findings"] = [finding("a", effect) | {"id": entry.id}]
        monkeypatch.setattr(sys.modules["l2c.monitor.put_aside"], "recalled", lambda *_: [run])
        state = {"findings": [finding("a", 9, 1.0, 160) | {"id": entry.id}]}
        monkeypatch.setattr(sys.modules["l2c.monitor.put_aside"], "state", lambda *_: state)

    before(5)
    assert list(put_aside(table, log, register, "log")["value"]) == ["a", "b"]
    assert away(log, register, "log") == set()
    before(9.2)
    assert list(put_aside(table, log, register, "log")["value"]) == ["b"]
    assert away(log, register, "log") == {entry.id}


def test_names_are_those_that_the_log_may_show(between, log):
    rows = [finding("R1", 5, attribute="rep"), finding("Somebody", 5, attribute="rep")]
    hidden = between(rows, rows[:1], log=log).findings
    assert list(hidden["value"]) == [pseudonyms(log)["R1"], "?"]
    assert "R1" not in " ".join(hidden["finding"]) and "Somebody" not in " ".join(hidden["finding"])
    named = between(rows, rows[:1], log=policy(log, names=True, smallest=1)).findings
    assert list(named["value"]) == ["R1", "Somebody"]
    for lang, said in (("en", "somebody no longer in the data"), ("ja", "現在のデータにいない人")):
        page = show.since_last(between(rows, rows[:1], log=log), lang=lang).html
        assert said in page and "Somebody" not in page


def test_what_changed_in_the_data(between, log):
    found = between([], [], log=log).data.set_index(["what", "name"])
    assert found.loc[("rows", "read")].tolist() == [10, 12] and found.loc[("rows", "no time")].tolist() == [0, 1]
    assert found.loc[("column", "region")].tolist() == [1.0, 0.9]
    assert pd.isna(found.loc[("column", "fresh"), "before"]) and pd.isna(found.loc[("column", "old"), "after"])
    assert ("activity", "New") in found.index and ("activity", "Gone") in found.index
    assert ("activity", "Quote Sent") not in found.index


def test_broken_rules_are_not_compared_when_the_rules_are_others(between, log):
    rule = finding("a", 0.1, 0.02, kind="rule", attribute=None)
    found = between([rule], [], log=log, rules="abc")
    assert not len(found.findings) and found.notes[0].id == "other_rules"
    assert "other rules" in show.since_last(found).text


def test_what_became_of_those_that_were_flagged(log):
    then = ORIGIN + pd.Timedelta(days=10)
    flagged = [{"alert": "stalled", "case_id": case} for case in "abefz"] + [{"alert": "unpaid", "case_id": "c"}]
    fate = came(log, flagged, then)
    assert dict(zip(fate["case_id"], fate["became"], strict=True)) == {
        "a": "lost", "b": "won", "e": "moved", "f": "same", "z": "left", "c": "paid"
    }  # fmt: skip
    table = judged(log, fate, then, 0.95).set_index("alert")
    assert table.loc["stalled", ["flagged", "lost", "won", "moved", "same", "left"]].tolist() == [5, 1, 1, 1, 1, 1]
    # Others open on day 10: h, lost since, and p8 to p10 (won on days 11 to 13); p7 was won on that day.
    assert table.loc["stalled", "others"] == 4 and table.loc["stalled", "others_lost_share"] == 0.25
    assert table.loc["stalled", "lost_share"] == 0.2


def test_a_log_that_was_never_looked_at_has_no_last_time(tmp_path):
    log = l2c.open(from_text("a: Opportunity Created 0, Closed Won 4", until=9).save(tmp_path / "log"))
    assert since_last(log, tmp_path / "log") is None
    assert (
        "No earlier run" in show.since_last(None).text
        and "過去の実行記録がない" in show.since_last(None, lang="ja").text
    )
