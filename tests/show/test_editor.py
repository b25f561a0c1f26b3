"""The editor: what a click asks, what Python does with it, and the page in a browser."""

import json

import pytest

from l2c import improve, show
from l2c.discover import bpmn_read
from l2c.discover.bpmn import xml
from l2c.improve import blocks
from l2c.improve.blocks import NOTHING, choice, parallel, task, when
from l2c.show.live.editor import Editor
from l2c.show.live.selection import Selection
from l2c.words.errors import BadScenario
from tests.browser import page
from tests.improve.test_edits import FITTING
from tests.logs import from_text

SENT, ACCEPTED, SIGNED, WON, PAID = "Quote Sent", "Quote Accepted", "Contract Signed", "Closed Won", "Payment Received"
PATH = [SENT, ACCEPTED, SIGNED, WON, PAID]


@pytest.fixture
def log():
    return from_text(FITTING)


def tell(widget, *files, **message):
    """What the browser would send."""
    widget._handle_custom_msg(message, list(files))


def drawn(editor):
    return [each.name for each in editor.draft.block.tasks()]


def test_a_click_changes_the_drawing_the_list_and_the_share_of_the_cases(log):
    editor = show.Editor(log, PATH)
    assert editor.spec["fit"]["said"] == "60 % of 5 cases go as drawn"
    assert editor.spec["fit"]["rows"][:2] == [
        ["Region", "Japan", "2", "50 %", 0.5],
        ["Region", "EMEA", "3", "67 %", 2 / 3],
    ]
    tell(editor, do="edit", entry={"parallel": [ACCEPTED, SIGNED]})
    assert editor.spec["list"] == ["Quote Accepted and Contract Signed begin together"]
    assert editor.spec["fit"]["said"] == "80 % of 5 cases go as drawn; as it is: 60 %"
    assert editor.changes == [{"parallel": [ACCEPTED, SIGNED]}]
    assert editor.outside["case_id"].tolist() == ["e"]
    assert [node["kind"] for node in editor.spec["nodes"]].count("and") == 2
    assert bpmn_read.read(editor.xml) == editor.draft.diagram
    tell(editor, do="undo")
    assert (editor.changes, drawn(editor), editor.spec["undo"]) == ([], PATH, False)


def test_the_changes_are_those_that_are_simulated(log):
    editor = Editor(log, PATH)
    editor.changes = [{"skip": SIGNED, "where": {"region": "Japan"}}]
    assert editor.spec["list"] == ["Contract Signed is left out (where Region: Japan)"]
    assert improve.scenario(editor.changes, log).changes == editor.draft.scenario.changes
    with pytest.raises(BadScenario, match="Closest"):
        editor.changes = [{"skip": "Contract Sined"}]
    assert editor.changes == [{"skip": SIGNED, "where": {"region": "Japan"}}]


def test_what_is_left_open_is_asked_for_in_the_readers_language(log):
    editor, said = Editor(log, PATH, lang="ja"), []
    editor.send = said.append
    tell(editor, do="edit", entry={"insert": "Credit Check", "after": SENT})
    assert "days" in said[0]["trouble"] and "変更1" in said[0]["trouble"]
    for nonsense in ({"do": "remove", "place": 7}, {"do": "drop", "name": "x"}, {"do": "x"}, {"x": 1}):
        editor._handle_custom_msg(nonsense, [])
    assert editor.changes == []


def test_only_what_can_be_done_is_offered(log):
    offers = Editor(log, PATH).spec["offers"]
    # With either neighbour, where the log knows the step between them.
    assert offers[ACCEPTED]["parallel"] == offers[ACCEPTED]["merge"] == [SENT, SIGNED]
    assert SENT not in offers[ACCEPTED]["move"]
    assert offers[PAID]["parallel"] == [WON]


def test_in_a_report_it_is_a_picture_with_the_changes_in_words(log, monkeypatch):
    monkeypatch.delenv("L2C_REPORT", raising=False)
    editor = Editor(log, PATH, changes=[{"skip": SIGNED}])
    assert set(editor._repr_mimebundle_()) > {"text/html", "text/plain"}
    monkeypatch.setenv("L2C_REPORT", "1")
    still = editor._repr_mimebundle_()
    assert set(still) == {"text/html", "text/plain"}
    assert "<li>Contract Signed is left out</li>" in still["text/html"]
    assert "Quote Sent" in still["text/html"]


def test_it_follows_the_choice_of_cases_and_compares_with_a_drawing_from_elsewhere(log, tmp_path):
    selection = Selection(log)
    editor = Editor(selection, PATH)
    selection.narrow("region", ["Japan"])
    assert editor.spec["fit"]["said"] == "50 % of 2 cases go as drawn"
    path = blocks.drawing(blocks.of([SENT, SIGNED, WON, PAID]))[0].save(tmp_path / "to_be.bpmn")
    assert editor.against(path)["entry"].tolist() == [{"skip": ACCEPTED}]


def test_what_a_change_depends_on_stands_on_its_way(log):
    editor = Editor(log, PATH)
    tell(editor, do="edit", entry={"skip": SIGNED, "where": {"region": ["Japan", "EMEA"]}})
    assert editor.spec["list"] == ["Contract Signed is left out (where Region: Japan, EMEA)"]
    assert [edge["label"] for edge in editor.spec["edges"] if edge["label"]] == ["Region: Japan, EMEA"]
    assert "region in {Japan, EMEA}" in editor.xml
    assert bpmn_read.read(editor.xml) == editor.draft.diagram


def outside():
    """A drawing from elsewhere: one step less, a new one, and one that Japan leaves out."""
    steps = [SENT, "Credit Check", SIGNED, choice([task(WON), when(NOTHING, "地域 = Japan")]), PAID]
    block = blocks.sequence(task(each) if isinstance(each, str) else each for each in steps)
    return xml(blocks.drawing(block)[0]).encode()


def test_a_drawing_from_elsewhere_is_taken_over_change_by_change(log):
    editor = Editor(log, PATH)
    tell(editor, outside(), do="open", name="to_be.bpmn")
    told = editor.spec["other"]
    assert [(row["said"], row["needs"], row["taken"], row["why"]) for row in told["rows"]] == [
        ("Quote Accepted is left out", [], False, ""),
        ("Closed Won is left out (where Region: Japan)", [], False, ""),
        ("Credit Check is new, after Quote Sent: … days", ["days"], False, ""),
    ]
    tell(editor, do="take_all")
    assert editor.changes == [{"skip": ACCEPTED}, {"skip": WON, "where": {"region": "Japan"}}]
    tell(editor, do="take", place=2, more={"like": SIGNED})
    assert editor.changes[2] == {"insert": "Credit Check", "after": SENT, "like": SIGNED}
    assert all(row["taken"] for row in editor.spec["other"]["rows"])
    assert drawn(editor) == [SENT, "Credit Check", SIGNED, WON, PAID]
    tell(editor, do="undo")
    assert [row["taken"] for row in editor.spec["other"]["rows"]] == [True, True, False]
    tell(editor, do="close")
    assert editor.spec["other"] is None


def test_what_cannot_be_read_or_taken_over_is_said_in_a_sentence():
    log = from_text(
        "a [region=Japan]: Quote Sent 0, Quote Accepted 1, Contract Signed 2, Closed Won 3, Payment Received 4"
    )
    editor, heard = Editor(log, PATH, lang="ja"), []
    editor.send = heard.append
    tell(editor, b"<html>", do="open", name="to_be.bpmn")
    assert "to_be.bpmn" in heard[0]["trouble"] and "BPMN 2.0" in heard[0]["trouble"]
    beside = blocks.sequence([task(SENT), parallel([task(ACCEPTED), task(WON)]), task(SIGNED), task(PAID)])
    tell(editor, xml(blocks.drawing(beside)[0]).encode(), do="open", name="to_be.bpmn")
    together = editor.spec["other"]["rows"][0]
    assert together["said"] == "見積承諾と受注を同時に開始" and "変更1" in together["why"]
    tell(editor, do="take_all")
    assert editor.changes == [{"move": SIGNED, "after": WON}]
    for nonsense in ({"do": "take", "place": 99, "more": {}}, {"do": "open", "name": "x"}):
        tell(editor, **nonsense)
    assert len(editor.changes) == 1


STAND_IN = """
const state = %s, heard = {};
const model = {
    get: (name) => state[name], set: (name, value) => (state[name] = value), save_changes() {},
    on: (name, act) => (heard[name] ||= []).push(act), off() {},
    send: async (message, _, files = []) => {
        const given = files.map((file) => new TextDecoder().decode(file));
        const {spec, xml, trouble} = JSON.parse(await window.python(JSON.stringify([message, given])));
        Object.assign(state, {spec, xml});
        (trouble ? heard["msg:custom"] : heard["change:spec"]).forEach((act) => act({trouble}));
    },
};
"""


def served(tab, editor, tmp_path):
    """The widget's own script on an empty page, its messages brought to Python and back."""
    told = []
    editor.send = told.append

    def python(message):
        told.clear()
        asked, files = json.loads(message)
        tell(editor, *(file.encode() for file in files), **asked)
        return json.dumps({"spec": editor.spec, "xml": editor.xml, "trouble": told[0]["trouble"] if told else None})

    tab.expose_function("python", python)
    state = {name: getattr(editor, name) for name in ("spec", "words", "height", "theme", "xml")}
    script = editor._esm.replace("export default { render: dressed(render) };", "").replace("export ", "")
    made = STAND_IN % json.dumps(state)
    path = tmp_path / "page.html"
    path.write_text(
        f'<!doctype html><meta charset="utf-8"><style>{editor._css}</style><body><div id="here"></div>'
        f'<script type="module">{script}{made}render({{model, el: document.getElementById("here")}});</script>',
        "utf-8",
    )
    tab.goto(path.as_uri())
    tab.wait_for_selector(".node.activity")


def drawn_again(tab, n):
    tab.wait_for_function("(n) => +document.querySelector('.l2c-edit').dataset.drawn === n", arg=n)


@pytest.mark.browser
def test_it_is_edited_in_a_browser_and_asks_nothing_of_anybody_else(log, tmp_path):
    editor = Editor(log, PATH)
    with page(1200, 800) as (tab, asked):
        served(tab, editor, tmp_path)
        tab.get_by_role("button", name="Quote Accepted", exact=True).click()
        tab.get_by_role("menuitem", name="Begin together with Contract Signed").click()
        drawn_again(tab, 2)
        assert tab.locator(".gateway").count() == 2
        assert tab.locator(".side li span").all_inner_texts() == ["Quote Accepted and Contract Signed begin together"]
        tab.get_by_role("button", name="Quote Sent", exact=True).click()
        tab.get_by_role("menuitem", name="Add a step after it …").click()
        tab.get_by_label("Name").fill("Credit Check")
        tab.get_by_role("button", name="Change", exact=True).click()
        # Its days are not known: the form waits for them.
        tab.get_by_label("Days it takes").fill("2")
        tab.get_by_role("button", name="Change", exact=True).click()
        drawn_again(tab, 3)
        assert editor.changes[1] == {"insert": "Credit Check", "after": SENT, "days": 2}
        tab.locator(".side li button").first.click()
        drawn_again(tab, 4)
        tab.get_by_role("button", name="Undo").click()
        drawn_again(tab, 5)
        assert len(editor.changes) == 2
        # By the keyboard alone; a notebook, which looks at keys before the page or after it, hears none of them.
        heard = "(e) => (e.target.hasAttribute('data-lm-suppress-shortcuts') && e.eventPhase !== 3) || window.heard++"
        tab.evaluate(
            f"window.heard = 0; for (const first of [true, false]) document.addEventListener('keydown', {heard}, first)"
        )
        tab.locator(".paper").focus()
        tab.keyboard.press("x")
        tab.keyboard.press("ArrowDown")
        tab.keyboard.press("Enter")
        tab.keyboard.press("Enter")
        drawn_again(tab, 6)
        assert editor.changes[-1] == {"skip": SENT}
        assert tab.evaluate("window.heard") == 0
        tab.keyboard.press("Control+z")
        drawn_again(tab, 7)
        # A drawing from elsewhere; what it leaves open is asked for.
        tab.locator("input[type=file]").set_input_files({"name": "a.bpmn", "mimeType": "text/xml", "buffer": outside()})
        drawn_again(tab, 8)
        tab.get_by_role("button", name="Take over: Closed Won is left out").click()
        drawn_again(tab, 9)
        assert editor.changes[-1] == {"skip": WON, "where": {"region": "Japan"}}
        assert tab.locator(".label text", has_text="Region: Japan").count() == 1
        assert asked == []
