"""Any process, changed in one thing and drawn: what is told of the drawing is that change, and simulates the same."""

import random
from importlib import import_module

import pytest
import yaml

from l2c import improve
from l2c.discover import bpmn_read
from l2c.discover.bpmn import xml
from l2c.improve import blocks, fitting
from l2c.improve.blocks import NOTHING, choice, loop, parallel, sequence, task
from l2c.improve.edits import edited
from l2c.improve.relations import Relations
from l2c.improve.to_be import changes
from tests.improve.test_twin import rows

NAMES = ["Lead Created", "Quote Sent", "Contract Approved", "Closed Won", "与信確認", "稟議", "現場検収", "入金消込"]
WHERE = [{"region": "Japan"}, {"region": ["Japan", "EMEA"]}, {"amount": "50..90"}, {"amount": "..50"}]


def process(rng):
    """Some of the activities in a row, side by side, left out by some, or done again."""
    names, parts = rng.sample(NAMES, rng.randint(4, 8)), []
    while names:
        first, luck = task(names.pop()), rng.random()
        if luck > 0.8 and names:
            parts.append(parallel([first, task(names.pop())]))
        else:
            parts.append(choice([first, NOTHING]) if luck > 0.65 else loop(first) if luck > 0.5 else first)
    return sequence(parts)


def edit(rng, names):
    name, where = rng.choice(names), rng.choice([{}, {"where": rng.choice(WHERE)}])
    return rng.choice([{"skip": name, **where}, {"insert": "反社チェック", "after": name, "days": None, **where}])


def stands(block):
    told = Relations(blocks.drawing(block)[0])
    pairs = {(a, b): told.of(a, b) for a in sorted(told.tasks) for b in sorted(told.tasks) if a < b}
    return pairs, {name: (told.optional(name), told.again(name)) for name in told.tasks}


@pytest.fixture(scope="module")
def log():
    cases = [[(name, 3 * k + day) for day, name in enumerate(NAMES)] for k in range(60)]
    return rows(cases, until=400, region=["Japan", "EMEA"] * 30, amount=[40.0, 60.0, 80.0] * 20)


@pytest.mark.parametrize("seed", range(40))
def test_what_was_changed_by_a_click_is_what_is_told_of_its_file(log, seed):
    rng = random.Random(seed)
    as_is = process(rng)
    entry = edit(rng, [each.name for each in as_is.tasks()])
    to_be = edited(as_is, entry)
    found = changes(blocks.drawing(as_is)[0], bpmn_read.read(xml(blocks.drawing(to_be)[0])))["entry"].tolist()
    # What may be left out already is drawn no otherwise.
    assert found == ([] if to_be == as_is else [entry])
    filled = [{key: 2 if value is None else value for key, value in entry.items()}]
    written = yaml.safe_load(yaml.safe_dump({"version": 1, "changes": filled}, allow_unicode=True))
    assert improve.scenario(written, log).changes == improve.scenario(filled, log).changes


@pytest.mark.parametrize("seed", range(20))
def test_what_was_moved_is_told_such_that_the_same_process_comes_of_it(seed):
    rng = random.Random(seed)
    as_is = sequence(part for part in process(rng).parts if part.kind != "parallel")
    # What is moved behind something that some cases do is done by those cases.
    told = Relations(blocks.drawing(as_is)[0])
    after = rng.choice([name for name in told.tasks if not told.optional(name)])
    to_be = edited(as_is, {"move": rng.choice(told.tasks), "after": after})
    again = as_is
    for entry in changes(blocks.drawing(as_is)[0], blocks.drawing(to_be)[0])["entry"]:
        again = edited(again, entry)
    assert stands(again) == stands(to_be)


def walked(rng, block):
    """A way through blocks."""
    if block.kind == "loop":
        again = [part for _ in range(rng.randint(0, 2)) for part in (block.parts[1], block.parts[0])]
        return [name for part in (block.parts[0], *again) for name in walked(rng, part)]
    if block.kind == "choice":
        return walked(rng, rng.choice(block.parts))
    if block.kind != "parallel":
        return [block.name] if block.name else [name for part in block.parts for name in walked(rng, part)]
    rest, way = [walked(rng, part) for part in block.parts], []
    while any(rest):
        way.append(rng.choice([part for part in rest if part]).pop(0))
    return way


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", [3, 5])
def test_the_ways_that_a_drawing_allows_are_those_of_pm4py(seed, tmp_path):
    import pm4py
    from pm4py.objects.log.obj import Event, EventLog, Trace

    rng = random.Random(seed)
    block = process(rng)
    ways = [walked(rng, block) for _ in range(60)]
    for way in ways[::2]:
        way.insert(rng.randint(0, len(way)), way.pop(rng.randrange(len(way))) if way else rng.choice(NAMES))
    ways = [*dict.fromkeys(tuple(way) for way in ways if way)]
    path = blocks.drawing(block)[0].save(tmp_path / "drawn.bpmn")
    net = pm4py.convert_to_petri_net(pm4py.read_bpmn(str(path)))
    log = EventLog([Trace([Event({"concept:name": name}) for name in way]) for way in ways])
    aligned = pm4py.conformance_diagnostics_alignments(log, *net)
    allowed, _ = fitting._played(block, ways)
    assert allowed.tolist() == [each["fitness"] == 1 for each in aligned]
    assert 0 < allowed.sum() < len(ways)


def test_a_drawing_with_conditions_simulates_as_the_file_written_by_hand(log, tmp_path, monkeypatch):
    steps = [
        choice([task(name), blocks.when(NOTHING, "金額 <= 50")]) if name == "稟議" else task(name) for name in NAMES
    ]
    path = tmp_path / "to_be.bpmn"
    path.write_text(xml(blocks.drawing(sequence(steps))[0]).replace("金額", "amount"), "utf-8")
    entries = improve.changes(NAMES, path)["entry"].tolist()
    by_hand = tmp_path / "change.yaml"
    by_hand.write_text("version: 1\nchanges:\n- {skip: 稟議, where: {amount: ..50}}\n", "utf-8")
    monkeypatch.setattr(import_module("l2c.improve.simulate"), "trusted", lambda log: None)
    drawn, written = (improve.simulate(log, given, runs=2) for given in (entries, by_hand))
    columns = ["measure", "about", "today", "changed", "difference", "low", "high"]
    assert drawn[columns].equals(written[columns])
    days = drawn[drawn["measure"] == "days_to_win"]
    assert len(days) == 0 or days["difference"].iloc[0] <= 0
