"""What was decided is written into the user's file, and everything else in it stays as it stands."""

from dataclasses import replace
from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from l2c.improve import aim, editing, judge, realise, record, register
from l2c.improve.entries import Dated, Decision, Judged, Target
from l2c.improve.register import finding_id
from l2c.words.errors import BadRegister

FILE = """\
# What we decided in the weekly.   Do not touch!
version: 1

targets:   # agreed with finance
  sales_cycle_days: {to: 50, by: 2027-03}   # was 62

decisions:
  # the first one
  - id: no_batch
    kpi: quote_to_contract_days   # Mia watches it
    status: "planned"
    why: |
      Fridays.

    owner: Mia

findings:
- {id: 'cause: win_rate, region=EMEA', verdict: kept}  # really?
# the end
"""
FASTER = Decision(
    "faster_approvals", "sales_cycle_days", ("Faster approvals", "承認の迅速化"), since=date(2026, 7, 1), owner="Sato",
    why="bottleneck: step_days", changes=({"desk": "Discount Approved", "add": 1},), costs={"add": 90_000, "per": "year"},
    expected={"difference": -2.1, "low": -3.4, "high": -0.9, "unit": "day", "level": 0.9}, cost={"yearly": 90_000.0},
    needs={"cases": 340, "weeks": 14},
)  # fmt: skip


@pytest.fixture
def path(tmp_path):
    (tmp_path / "register.yaml").write_text(FILE, "utf-8")
    return tmp_path / "register.yaml"


def lines_lost(path):
    """Lines of the file as it was that are no longer there."""
    now = path.read_text("utf-8").splitlines()
    return [line for line in FILE.splitlines() if line not in now]


def test_a_register_is_read(path):
    found = register(path)
    assert found.targets == {"sales_cycle_days": Target(50, "2027-03")}
    assert found.decisions == (Decision("no_batch", "quote_to_contract_days", owner="Mia", why="Fridays.\n"),)
    assert found.findings == (Judged("cause: win_rate, region=EMEA", "kept"),)
    assert register(path.parent) == found and register(path.with_name("none.yaml")).decisions == ()


def test_a_decision_is_added_and_nothing_else_is_touched(path):
    record(path, FASTER)
    assert lines_lost(path) == []
    text = path.read_text("utf-8")
    # Behind the last decision, before the next part, indented as the first
    assert text.index("owner: Mia") < text.index("  - id: faster_approvals") < text.index("findings:")
    assert register(path).decisions[1] == FASTER
    # What was written is read and written again to the same text
    record(path, register(path).decisions[1])
    assert path.read_text("utf-8") == text


def test_a_decision_is_renewed_key_by_key(path):
    record(path, Decision("no_batch", "quote_to_contract_days", status="done", owner="Mia", decided=date(2026, 1, 2)))
    assert lines_lost(path) == ['    status: "planned"']
    assert register(path).decisions[0].status == "done"
    assert register(path).decisions[0].why == "Fridays.\n"


def test_targets_and_findings_are_written_the_same_way(path):
    aim(path, "win_rate", 0.4, "2027-06-30")
    aim(path, "sales_cycle_days", 45)
    judge(path, "cause: win_rate, region=EMEA", "dismissed", "a reorganisation", "Mia", date(2026, 1, 2))
    judge(path, "rule: stage_skipped", "kept")
    found = register(path)
    assert found.targets == {"sales_cycle_days": Target(45), "win_rate": Target(0.4, "2027-06-30")}
    assert [each.verdict for each in found.findings] == ["dismissed", "kept"]
    assert "# was 62" in path.read_text("utf-8") and "# really?" in path.read_text("utf-8")
    assert len(lines_lost(path)) == 2


def test_a_register_begins_with_what_is_first_written(tmp_path):
    path = record(tmp_path / "register.yaml", FASTER)
    assert register(path).decisions == (FASTER,)
    assert path.read_text("utf-8").startswith("version: 1\ndecisions:\n- id: faster_approvals\n")
    assert list(tmp_path.iterdir()) == [path]


def test_what_came_of_a_decision_is_written_beside_what_was_expected(path):
    record(path, replace(FASTER, due=date(2026, 9, 30)))
    row = {
        "realised": -1.23456,
        "realised_low": -2.0,
        "realised_high": -0.5,
        "unit": "day",
        "verdict": "better",
        "kpi": "x",
    }
    realise(path, "faster_approvals", row | {"date": date(2026, 12, 1)})
    found = register(path).decisions[1]
    assert found.due == date(2026, 9, 30) and found.status == "done" and found.expected == FASTER.expected
    assert found.realised == {
        "difference": -1.235,
        "low": -2.0,
        "high": -0.5,
        "unit": "day",
        "verdict": "better",
        "date": date(2026, 12, 1),
    }
    assert lines_lost(path) == []
    with pytest.raises(BadRegister, match="faster_aprovals"):
        realise(path, "faster_aprovals", row)


def test_dated_notes_come_in_the_order_of_their_days(tmp_path):
    path = tmp_path / "register.yaml"
    path.write_text(
        "notes:\n- {date: 2026-07-01, text: {en: price list, ja: 価格表}}\n- {date: 2026-02-01, text: CRM moved}\n",
        "utf-8",
    )
    assert register(path).notes == (
        Dated(date(2026, 2, 1), ("CRM moved", "CRM moved")), Dated(date(2026, 7, 1), ("price list", "価格表")),
    )  # fmt: skip


@pytest.mark.parametrize(
    "empty", ["decisions:\n", "decisions: []  # none yet\n", "decisions: [{id: a, kpi: win_rate}]", ""]
)
def test_however_an_empty_part_is_written(tmp_path, empty):
    path = tmp_path / "register.yaml"
    path.write_text(f"version: 1\n{empty}", "utf-8")
    before = register(path).decisions
    record(path, FASTER)
    assert register(path).decisions == (*before, FASTER)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("decision: []", "In register.yaml, 'decision' means nothing. Closest: decisions"),
        ("decisions: [{id: a}]", "In decisions, a, 'kpi' is missing."),
        ("decisions: [{id: a, kpi: win_rat}]", "In decisions, a, 'win_rat' means nothing. Closest: win_rate"),
        ("decisions: [{id: a, kpi: win_rate, status: dne}]", "Closest: done"),
        ("decisions: [{id: a, kpi: win_rate, onwer: x}]", "Closest: owner"),
        ("decisions: [{id: a, kpi: win_rate, from: soon}]", "Write it like from: 2026-07-01."),
        ("decisions: [{id: a, kpi: win_rate}, {id: a, kpi: win_rate}]", "two have the id a"),
        ("decisions: [{kpi: win_rate}]", "In decisions, 1, 'id' is missing."),
        ("targets: {win_rate: {to: much}}", "In targets, win_rate, 'to' is not filled in"),
        ("targets: {win_rate: {to: 1, by: later}}", "'by' is not filled in"),
        ("findings: [{id: x}]", "'verdict' is missing"),
        ("decisions: [{id: a, kpi: win_rate, due: soon}]", "Write it like due: 2026-07-01."),
        ("decisions: [{id: a, kpi: win_rate, realised: {diff: 1}}]", "Closest: difference"),
        ("notes: [{date: 2026-07-01}]", "In notes, 1, 'text' is missing."),
        ("notes: [{text: new price list}]", "In notes, 1, 'date' is missing."),
        ("notes: [{date: 2026-07-01, txt: x}]", "In notes, 1, 'txt' means nothing. Closest: text"),
        ("findings: [", "cannot be read as a register"),
        ("[1]", "cannot be read as a register"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(tmp_path, text, said):
    path = tmp_path / "register.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(BadRegister) as problem:
        register(path)
    assert said in str(problem.value)
    with pytest.raises(BadRegister):
        record(path, FASTER)
    assert path.read_text("utf-8") == text


def test_a_finding_is_called_by_what_it_is_about():
    found = {"kind": "bottleneck", "kpi": "step_days", "step": ("Quote Sent", "Contract Signed"), "attribute": None}
    assert finding_id(found) == "bottleneck: step_days, Quote Sent > Contract Signed"
    assert (
        finding_id({"kind": "cause", "kpi": "win_rate", "attribute": "rep", "value": float("nan")})
        == "cause: win_rate, rep"
    )


names = st.text("ab:#'\"{}[]-, é日\n", min_size=1, max_size=12)


@given(st.lists(st.tuples(names, names), max_size=4), names, names, st.booleans())
def test_any_text_is_kept(entries, id, reason, flow):
    data = {"findings": [{"id": a, "reason": b} for a, b in dict(entries).items()]}
    text = (
        "# top\n" + yaml.safe_dump(data, default_flow_style=None if flow else False, allow_unicode=True) + "\n# end\n"
    )
    new = editing.put_in_list(text, "findings", {"id": id, "reason": reason})
    expected = dict(entries) | {id: reason}
    assert yaml.safe_load(new) == {"findings": [{"id": a, "reason": b} for a, b in expected.items()]}
    assert new.startswith("# top\n") and "# end" in new


def test_a_decision_of_several_lines_is_renewed_as_often_as_one_likes(tmp_path):
    changes = ({"step": ["Quote Sent", "Quote Accepted"], "share": 0.3}, {"skip": "Quote Revised"})
    first = Decision(
        "faster", "win_rate", ("Faster", "承認の迅速化"), changes=changes, needs={"cases": 340, "weeks": 14}
    )
    for decision in (first, first, replace(first, changes=changes[:1]), replace(first, changes=changes[::-1])):
        path = record(tmp_path, decision)
        assert register(path).decisions == (decision,)
