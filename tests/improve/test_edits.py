"""A process that is drawn anew: whatever is done to it, it leads from the start to the end, and can be taken back."""

import random

import pytest
import yaml

import l2c
from l2c import discover, improve
from l2c.discover import bpmn_read
from l2c.discover.bpmn import Diagram, Node, xml
from l2c.improve import blocks
from l2c.improve.blocks import NOTHING, choice, loop, parallel, sequence, task
from l2c.improve.edits import Draft, said
from l2c.improve.fitting import Ways, fit, outside
from l2c.prepare.pseudonyms import policy, pseudonyms
from l2c.words.errors import BadModel, BadScenario
from tests.improve.test_placing import ACCEPTED, APPROVED, SENT, SIGNED, STEPS, WON
from tests.improve.test_twin import rows
from tests.logs import demo, from_text

PATH = [name for name, _ in STEPS]
A, B, C, D = map(task, "ABCD")


@pytest.fixture(scope="module")
def log():
    return rows(
        [[(name, 3 * k + day) for name, day in STEPS] for k in range(8)], until=400, region=["Japan", "EMEA"] * 4
    )


def shape(block):
    """Blocks in a few letters: `a(b|c)` in a row, `+` side by side, `|` one of them, `*` again."""
    if block.kind == "task":
        return block.name
    signs = {"sequence": " ", "parallel": "+", "choice": "|"}
    if block.kind in signs:
        return "(" + signs[block.kind].join(shape(part) for part in block.parts) + ")"
    return "-" if block.kind == "nothing" else f"[{shape(block.parts[0])} * {shape(block.parts[1])}]"


def sound(diagram):
    """Every case that begins can end, and nothing is left behind: all the ways of the tokens, played out."""
    kinds = {node.id: node.kind for node in diagram.nodes}
    into = {n: [f for f in diagram.flows if f[1] == n] for n in kinds}
    out = {n: [f for f in diagram.flows if f[0] == n] for n in kinds}
    start, end = (next(n for n, kind in kinds.items() if kind == each) for each in ("start", "end"))
    first, done = frozenset(out[start]), frozenset(into[end])
    nexts, waiting, fired = {}, [first], set()
    while waiting:
        state = waiting.pop()
        if state in nexts:
            continue
        nexts[state] = []
        for n, kind in kinds.items():
            ways = [frozenset(into[n])] if kind == "and" else [frozenset([f]) for f in into[n]]
            for ready in ways:
                if kind in ("start", "end") or not ready <= state:
                    continue
                for then in [frozenset(out[n])] if kind == "and" else [frozenset([f]) for f in out[n]]:
                    if then & (state - ready):
                        return False
                    fired.add(n)
                    nexts[state].append((state - ready) | then)
        waiting += nexts[state]
        if len(nexts) > 3000:
            return True
    ending = {done}
    while more := {s for s, after in nexts.items() if s not in ending and ending & set(after)}:
        ending |= more
    return ending == set(nexts) and fired == set(kinds) - {start, end}


@pytest.mark.parametrize(
    "block",
    [
        sequence([A, B, C]),
        sequence([A, parallel([B, C]), D]),
        sequence([A, choice([B, NOTHING]), D]),
        sequence([A, choice([B, NOTHING, sequence([C, parallel([D, task("E")])])])]),
        sequence([loop(A, B), C]),
        loop(choice([A, parallel([B, loop(C)])]), D),
        choice([loop(A), sequence([B, loop(NOTHING, C)])]),
    ],
    ids=shape,
)
def test_a_drawing_is_read_as_the_blocks_it_was_made_of(block):
    diagram = blocks.drawing(block)[0]
    assert sound(diagram)
    assert shape(blocks.of(diagram)) == shape(block)
    assert bpmn_read.read(xml(diagram)) == diagram


def test_what_parts_and_meets_in_no_order_is_refused():
    ways = ("sx", "xa", "xb", "ac", "bc", "ad", "bd", "cj", "dj", "je")
    kinds = {"s": "start", "x": "and", "j": "and", "e": "end"}
    nodes = tuple(Node(n, kinds.get(n, "task"), "" if n in kinds else n) for n in "sxabcdje")
    with pytest.raises(BadModel, match="part and meet"):
        blocks.of(Diagram(nodes, tuple((w[0], w[1]) for w in ways)))


def test_a_mined_model_opens():
    log = demo(300)
    model = discover.model(log)
    block = blocks.of(model)
    assert {each.name for each in block.tasks()} == {node.name for node in model.nodes if node.kind == "task"}
    assert 0.3 < Ways(log).share(block) <= 1


EDITS = [
    ({"skip": APPROVED}, f"({SENT} {ACCEPTED} {SIGNED} {WON})", "Contract Approved is left out"),
    (
        {"skip": APPROVED, "where": {"region": "Japan"}},
        f"({SENT} {ACCEPTED} ({APPROVED}|-) {SIGNED} {WON})",
        "Contract Approved is left out (where Region: Japan)",
    ),
    (
        {"parallel": [APPROVED, SIGNED]},
        f"({SENT} {ACCEPTED} ({APPROVED}+{SIGNED}) {WON})",
        "Contract Approved and Contract Signed begin together",
    ),
    (
        {"move": APPROVED, "after": SIGNED},
        f"({SENT} {ACCEPTED} {SIGNED} {APPROVED} {WON})",
        "Contract Approved is done after Contract Signed",
    ),
    (
        {"merge": [APPROVED, SIGNED], "days": 2},
        f"({SENT} {ACCEPTED} {SIGNED} {WON})",
        "Contract Approved and Contract Signed are done in one go, in 2 days",
    ),
    (
        {"insert": "Credit Check", "after": ACCEPTED, "days": 2},
        f"({SENT} {ACCEPTED} Credit Check {APPROVED} {SIGNED} {WON})",
        "Credit Check is new, after Quote Accepted: 2 days",
    ),
    (
        {"insert": "Credit Check", "after": ACCEPTED, "like": SIGNED},
        f"({SENT} {ACCEPTED} Credit Check {APPROVED} {SIGNED} {WON})",
        "Credit Check is new, after Quote Accepted: as long as Contract Signed",
    ),
    (
        {"again": APPROVED, "share": 0.1},
        f"({SENT} {ACCEPTED} [{APPROVED} * -] {SIGNED} {WON})",
        "Contract Approved is done once more in a share of 0.1",
    ),
    ({"route": APPROVED, "to": "Kim"}, f"({' '.join(PATH)})", "Contract Approved goes to Kim"),
]


@pytest.mark.parametrize(("entry", "then", "words"), EDITS, ids=[words for *_, words in EDITS])
def test_an_edit_is_drawn_said_and_taken_back(log, entry, then, words):
    draft = Draft(log, PATH)
    draft.edit(**entry)
    assert (shape(draft.block), draft.said()) == (then, [words])
    assert "{" not in said(entry, "ja")
    assert sound(draft.diagram)
    assert improve.scenario(yaml.safe_load(draft.to_yaml()), log).changes == improve.scenario([entry], log).changes
    draft.undo()
    assert (shape(draft.block), draft.entries, draft.can_undo) == (f"({' '.join(PATH)})", (), False)


def test_the_happy_path_opens_unless_told_otherwise(log):
    assert [each.name for each in Draft(log).as_is.tasks()] == PATH


def test_three_side_by_side(log):
    draft = Draft(log, PATH)
    draft.edit(parallel=[ACCEPTED, APPROVED])
    draft.edit(parallel=[APPROVED, SIGNED])
    assert shape(draft.block) == f"({SENT} ({ACCEPTED}+{APPROVED}+{SIGNED}) {WON})"


def test_what_makes_no_sense_changes_nothing(log):
    draft = Draft(log, PATH)
    with pytest.raises(BadScenario, match="days"):
        draft.edit(insert="Credit Check", after=SENT)
    with pytest.raises(BadScenario, match="Closest"):
        draft.edit(skip="Contract Aproved")
    assert (draft.entries, draft.can_undo) == ((), False)


def test_what_is_taken_away_takes_with_it_what_needs_it(log):
    draft = Draft(log, PATH)
    draft.edit(insert="Credit Check", after=SENT, days=1)
    draft.edit(move=APPROVED, after="Credit Check")
    draft.edit(skip=SIGNED)
    draft.remove(0)
    assert draft.entries == ({"skip": SIGNED},)
    draft.undo()
    assert len(draft.entries) == 3


def in_order(draft, name, other):
    """Two neighbours as they stand in the drawing, where the log knows that step."""
    return sorted([name, other or name], key=[node.name for node in draft.diagram.nodes].index)


@pytest.mark.parametrize("seed", range(12))
def test_any_edits_stay_sound_and_taking_them_back_brings_back_the_same(log, seed):
    rng = random.Random(seed)
    draft = Draft(log, PATH)
    seen = [(draft.entries, draft.diagram)]
    for turn in range(8):
        name = rng.choice([each.name for each in draft.block.tasks()] or [SENT])
        offers = draft.offers(name)
        kind = rng.choice(sorted(offers))
        others = offers[kind]
        if kind in ("parallel", "merge", "move") and not others:
            continue
        other = rng.choice(others) if others else None
        entry = {
            "skip": {"skip": name} | rng.choice([{}, {"where": {"region": "Japan"}}]),
            "parallel": {"parallel": in_order(draft, name, other)},
            "merge": {"merge": in_order(draft, name, other), "days": 1},
            "move": {"move": name, "after": other},
            "insert": {"insert": f"New {turn}", "after": name, "days": 1},
            "route": {"route": name, "to": "Kim"},
        }[kind]
        draft.edit(**entry)
        if draft.entries == seen[-1][0]:
            continue
        seen.append((draft.entries, draft.diagram))
        assert sound(draft.diagram)
        assert bpmn_read.read(xml(draft.diagram)) == draft.diagram
        assert blocks.drawing(blocks.of(draft.diagram))[0] == draft.diagram
    for entries, diagram in reversed(seen[:-1]):
        draft.undo()
        assert (draft.entries, draft.diagram) == (entries, diagram)


# Which cases a drawing allows


FITTING = """
    a [region=Japan, rep=Kim]: Quote Sent 0, Quote Accepted 1, Contract Signed 2, Closed Won 3, Payment Received 4
    b [region=Japan, rep=Kim]: Quote Sent 0, Contract Signed 1, Quote Accepted 2, Closed Won 3, Payment Received 4
    c [region=EMEA, rep=Sato]: Quote Sent 0, Quote Accepted 1
    d [region=EMEA, rep=Sato]: Quote Sent 0, Closed Lost 1
    e [region=EMEA, rep=Kim]: Quote Accepted 0, Closed Lost 1
"""


def test_who_fits_and_who_does_not():
    log = policy(from_text(FITTING), names=True, smallest=1)
    path = [SENT, ACCEPTED, SIGNED, WON, "Payment Received"]
    told = fit(log, path)
    assert told.values.tolist() == [
        ["", "", 5, 3, 0.6],
        ["region", "Japan", 2, 1, 0.5],
        ["region", "EMEA", 3, 2, 2 / 3],
        ["rep", "Kim", 3, 1, 1 / 3],
        ["rep", "Sato", 2, 2, 1.0],
    ]
    assert outside(log, path)["case_id"].tolist() == ["b", "e"]
    beside = sequence([task(SENT), parallel([task(ACCEPTED), task(SIGNED)]), task(WON), task("Payment Received")])
    assert outside(log, beside)["case_id"].tolist() == ["e"]
    early = sequence([choice([task(SENT), NOTHING]), *beside.parts[1:]])
    assert outside(log, early).empty
    # Names of people are shown where the log says so, and nowhere else.
    hidden = policy(log, smallest=3)
    assert fit(hidden, path)["value"].tolist() == ["", "Japan", "EMEA", "others"]
    assert set(outside(policy(log), path)["rep"]) == {pseudonyms(log)["Kim"]}


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (loop(A, B), {"A": True, "ABA": True, "ABABA": True, "AB": False, "AA": False}),
        (loop(A), {"A": True, "AAA": True, "": False}),
        (loop(choice([A, NOTHING]), B), {"": True, "B": True, "BA": True, "ABBA": True, "AA": False}),
        (parallel([sequence([A, B]), C]), {"ABC": True, "ACB": True, "CAB": True, "BAC": False, "AB": False}),
        (sequence([choice([A, B]), choice([C, NOTHING])]), {"A": True, "BC": True, "ABC": False}),
        (sequence([loop(A), A]), {"AA": True, "AAAA": True, "A": False}),
    ],
    ids=str,
)
def test_what_blocks_allow(block, words):
    from l2c.improve.fitting import _played

    whole, _ = _played(block, [tuple(word) for word in words])
    assert dict(zip(words, whole.tolist(), strict=True)) == words


def test_along_the_happy_path_it_is_what_the_happy_path_says():
    log = l2c.demo(400, seed=2)
    path = discover.happy_path(log)
    judged = discover.deviations(log, path)
    leaves = set(judged.loc[judged["conforming"].eq(False).fillna(False), "case_id"])
    assert set(outside(log, path)["case_id"]) == leaves
