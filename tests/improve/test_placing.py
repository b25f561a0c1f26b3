"""What is new, moved or done again in a run of the twin: where it stands and what it takes, against cases worked out by hand."""

from importlib import import_module

import numpy as np
import pytest
import yaml

from l2c import engine, improve
from l2c.improve.changes import Again, Insert, Move
from l2c.improve.simulate import simulate
from l2c.improve.to_be import changes
from l2c.words.errors import BadScenario
from tests.improve.test_twin import rows

SENT, ACCEPTED, APPROVED, SIGNED, WON = (
    "Quote Sent", "Quote Accepted", "Contract Approved", "Contract Signed", "Closed Won",
)  # fmt: skip
# From each to the next it takes 1, 3, 2 and 5 days in every case.
STEPS = [(SENT, 0), (ACCEPTED, 1), (APPROVED, 4), (SIGNED, 6), (WON, 11)]


@pytest.fixture(autouse=True)
def every_day_alike(monkeypatch):
    """Nothing waits for a weekday, so that days can be added up by hand."""
    monkeypatch.setattr("l2c.improve.days.Days.tied", lambda days, begin, wait, *how: begin + wait)


@pytest.fixture(scope="module")
def log():
    cases = [[(name, 3 * k + day) for name, day in STEPS] for k in range(80)]
    return rows(cases, until=400, region=["Japan", "EMEA"] * 40)


def told(log, *entries, **where):
    """The one way that cases go with some changes, with the days since they began."""
    future = improve.sample(log, list(entries))
    if where:
        future = future.where(**where)
    ways = {}
    events = engine.collect(future.events.select("case_key", "position", "activity", "time"))
    for _, own in events.sort_values(["case_key", "position"]).groupby("case_key"):
        since = (own["time"] - own["time"].iloc[0]).dt.total_seconds() / 86_400
        way = tuple(zip(own["activity"], since.round(3), strict=True))
        ways[way] = ways.get(way, 0) + 1
    return ways


def one(log, *entries, **where):
    ways = told(log, *entries, **where)
    assert len(ways) == 1, ways
    return list(next(iter(ways)))


def test_nothing_changed_is_as_it_was(log):
    assert one(log, {"arrivals": 1}) == STEPS


def test_what_is_new_takes_its_days_and_the_rest_follows(log):
    found = one(log, {"insert": "Credit Check", "after": ACCEPTED, "days": 2})
    assert found == [(SENT, 0), (ACCEPTED, 1), ("Credit Check", 3), (APPROVED, 6), (SIGNED, 8), (WON, 13)]


def test_what_is_new_may_take_as_long_as_something_known_and_stand_behind_something_new(log):
    found = one(
        log,
        {"insert": "Credit Check", "after": ACCEPTED, "days": 2},
        {"insert": "Legal Check", "after": "Credit Check", "like": WON},
    )
    assert found[2:5] == [("Credit Check", 3), ("Legal Check", 8), (APPROVED, 11)]


def test_what_is_new_at_the_beginning_or_behind_the_end(log):
    found = one(log, {"insert": "A", "after": SENT, "days": 1}, {"insert": "B", "after": WON, "days": 1})
    assert (found[1], found[2], found[-1]) == (("A", 1), (ACCEPTED, 2), ("B", 13))


def test_where_says_in_which_cases(log):
    new = {"insert": "Credit Check", "after": ACCEPTED, "days": 2, "where": {"region": "Japan"}}
    assert ("Credit Check", 3) in one(log, new, region="Japan")
    assert one(log, new, region="EMEA") == STEPS


def test_two_that_change_places(log):
    found = one(log, {"move": APPROVED, "after": SIGNED})
    assert found == [(SENT, 0), (ACCEPTED, 1), (SIGNED, 3), (APPROVED, 6), (WON, 11)]


def test_what_is_done_earlier_takes_as_long_as_it_took(log):
    found = one(log, {"move": SIGNED, "after": SENT})
    assert found == [(SENT, 0), (SIGNED, 2), (ACCEPTED, 3), (APPROVED, 6), (WON, 11)]


def test_what_some_do_is_done_earlier_by_as_many():
    cases = [[(name, 3 * k + day) for name, day in STEPS if k % 4 == 0 or name != SIGNED] for k in range(400)]
    ways = told(rows(cases, until=4000), {"move": SIGNED, "after": SENT})
    signed = sum(n for way, n in ways.items() if way[1][0] == SIGNED)
    assert signed / sum(ways.values()) == pytest.approx(0.25, abs=0.06)


def test_done_once_more_by_a_share(log):
    assert one(log, {"again": APPROVED, "share": 1}) == [*STEPS[:3], (APPROVED, 7), (SIGNED, 9), (WON, 14)]
    assert one(log, {"again": APPROVED, "share": 0}) == STEPS


def test_what_every_case_does_and_what_waits():
    without = [(SENT, 0), (ACCEPTED, 1), (SIGNED, 6), (WON, 11)]
    early = [(SENT, 0), (ACCEPTED, 1), (SIGNED, 2), (APPROVED, 4), (WON, 11)]
    cases = [[(name, 3 * k + day) for name, day in (STEPS, without)[k % 2]] for k in range(600)]
    ways = told(rows(cases, until=9000), {"always": APPROVED, "after": ACCEPTED})
    assert all([name for name, _ in way].count(APPROVED) == 1 for way in ways)
    cases = [[(name, 3 * k + day) for name, day in (STEPS, early)[k % 2]] for k in range(600)]
    ways = told(rows(cases, until=9000), {"sequence": [APPROVED, SIGNED]})
    orders = {tuple(name for name, _ in way if name in (APPROVED, SIGNED)) for way in ways}
    assert orders == {(APPROVED, SIGNED)}


def test_the_new_process_gives_the_entries_that_are_read_and_the_same_numbers(log, tmp_path, monkeypatch):
    to_be = [SENT, ACCEPTED, "Credit Check", SIGNED, WON]
    entries = changes([name for name, _ in STEPS], to_be)["entry"].tolist()
    assert entries == [{"insert": "Credit Check", "after": ACCEPTED, "days": None}, {"skip": APPROVED}] or entries == [
        {"skip": APPROVED}, {"insert": "Credit Check", "after": ACCEPTED, "days": None},
    ]  # fmt: skip
    with pytest.raises(BadScenario, match="has no 'days'"):
        improve.scenario(entries, log)
    for entry in entries:
        entry.update({"days": 2} if "insert" in entry else {})
    path = tmp_path / "change.yaml"
    path.write_text(yaml.safe_dump({"version": 1, "changes": entries}, allow_unicode=True), "utf-8")
    monkeypatch.setattr(import_module("l2c.improve.simulate"), "trusted", lambda log: None)
    drawn, written = (simulate(log, given, runs=3) for given in (entries, path))
    drawn["assumed"], written["assumed"] = (table["assumed"].map(str) for table in (drawn, written))
    assert drawn.drop(columns="note").equals(written.drop(columns="note"))
    assert str(drawn["assumed"][0]) == "assumed: Credit Check takes 2 days"
    row = drawn[drawn["measure"] == "days_to_win"].iloc[0]
    # Three days to the approval fall away, two come with the check.
    assert row["difference"] == pytest.approx(-1, abs=0.01)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"insert": "Credit Check", "after": ACCEPTED}, "has no 'days'"),
        ({"insert": "Credit Check", "days": 2}, "has no 'after'"),
        ({"insert": SIGNED, "after": SENT, "days": 2}, "there is a Contract Signed already"),
        ({"insert": "X", "after": "Quote Snet", "days": 2}, "Closest in this log: Quote Sent"),
        ({"insert": "X", "after": SENT, "days": 2, "like": WON}, "is two, 'days' and 'like'"),
        ({"skip": APPROVED, "where": None}, "has no 'where'"),
        ({"move": APPROVED, "after": None}, "has no 'after'"),
        ({"move": APPROVED, "after": APPROVED}, "'after' is not filled in"),
        ({"again": APPROVED, "share": None}, "has no 'share'"),
    ],
    ids=str,
)
def test_what_is_left_open_or_makes_no_sense_is_said_in_one_sentence(log, entry, said):
    with pytest.raises(BadScenario, match=said) as problem:
        improve.scenario([entry], log)
    assert "変更1" in problem.value.said("ja")


def test_they_are_read(log):
    found = improve.scenario(
        [
            {"insert": "与信確認", "after": "見積送付", "days": 2},
            {"move": APPROVED, "after": "与信確認"},
            {"always": APPROVED, "after": SENT},
            {"sequence": [APPROVED, SIGNED]},
            {"again": APPROVED, "share": 0.1},
        ],
        log,
    ).changes
    assert isinstance(found[0], Insert) and found[0].after == SENT
    assert found[1] == Move(2, f"move: {APPROVED}", APPROVED, found[0].activity)
    assert (found[2].always, found[3].waits, found[3].activity, found[3].after) == (True, True, SIGNED, APPROVED)
    assert found[4] == Again(5, f"again: {APPROVED}", APPROVED, 0.1)
    assert np.all([change.assumed is not None for change in found])
