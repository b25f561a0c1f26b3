"""Today's steps beside those of the process as it shall be: what goes, what is new, what changes, counted by hand."""

import pytest

from l2c.discover import flow
from l2c.improve import together
from l2c.log import END, START
from l2c.show import process_map
from l2c.show import together as drawn
from l2c.words.errors import BadScenario
from tests.logs import from_text

SENT, ACCEPTED, SIGNED, WON, PAID = "Quote Sent", "Quote Accepted", "Contract Signed", "Closed Won", "Payment Received"
REVISED = "Quote Revised"
# Two go the whole way, one leaves out the acceptance, one revises its quote once.
DEALS = f"""
    a: {SENT} 0, {ACCEPTED} 4, {SIGNED} 10, {WON} 11
    b: {SENT} 0, {ACCEPTED} 6, {SIGNED} 9, {WON} 11
    c: {SENT} 0, {SIGNED} 5, {WON} 6
    d: {SENT} 0, {REVISED} 2, {SENT} 3, {ACCEPTED} 7, {SIGNED} 9, {WON} 10
"""
WAY = [SENT, ACCEPTED, SIGNED, WON]


@pytest.fixture(scope="module")
def log():
    return from_text(DEALS)


def fates(table):
    return {(a, b): fate for a, b, fate in zip(table["from"], table["to"], table["fate"], strict=True)}


def numbered(table):
    return table[table["fate"] != "new"].drop(columns="fate")


def test_what_is_left_out_goes_with_all_its_steps_and_the_way_around_it_stays(log):
    table = together(log, [SENT, SIGNED, WON], as_is=WAY)
    assert fates(table) == {
        (START, SENT): "stays", (SENT, ACCEPTED): "goes", (ACCEPTED, SIGNED): "goes", (SENT, SIGNED): "stays",
        (SIGNED, WON): "stays", (WON, END): "stays", (SENT, REVISED): "beside", (REVISED, SENT): "beside",
    }  # fmt: skip
    # c goes from the quote to the signature: one case, five days.
    row = table[(table["from"] == SENT) & (table["to"] == SIGNED)].iloc[0]
    assert (row["cases"], row["mean_days"]) == (1, 5)


def test_the_numbers_are_those_of_today(log):
    for to_be in ([SENT, PAID, WON], [{"skip": ACCEPTED}]):
        table = together(log, to_be, as_is=WAY)
        assert numbered(table).equals(flow(log).astype(numbered(table).dtypes))


def test_what_nobody_does_today_is_new_and_has_no_case(log):
    table = together(log, [SENT, ACCEPTED, "Credit Check", SIGNED, WON], as_is=WAY)
    new = table[table["fate"] == "new"]
    assert new[["from", "to", "cases", "events"]].values.tolist() == [
        ["Credit Check", SIGNED, 0, 0], [ACCEPTED, "Credit Check", 0, 0],
    ]  # fmt: skip
    assert fates(table)[ACCEPTED, SIGNED] == "goes"


def test_the_happy_path_is_today_where_no_drawing_is_given(log):
    # a and b, the most frequent of the won ones.
    assert fates(together(log, [SENT, SIGNED, WON])) == fates(together(log, [SENT, SIGNED, WON], as_is=WAY))


def test_two_side_by_side_have_new_ways_past_each_other(log):
    found = fates(together(log, [{"parallel": [ACCEPTED, SIGNED]}], as_is=WAY))
    assert found[ACCEPTED, SIGNED] == "goes"
    assert found[SENT, SIGNED] == "stays"
    assert found[ACCEPTED, WON] == "new"
    assert {step for step, fate in found.items() if fate == "new"} == {(ACCEPTED, WON)}


@pytest.mark.parametrize(
    ("entry", "steps"),
    [
        ({"step": [SENT, ACCEPTED], "share": 0.3}, {(SENT, ACCEPTED)}),
        ({"desk": SIGNED, "speed": 0.8}, {(SENT, SIGNED), (ACCEPTED, SIGNED)}),
        # Of the ways to the quote only the one back.
        ({"errors": SENT, "share": 0.5}, {(REVISED, SENT)}),
        ({"arrivals": 1.2}, set()),
    ],
)
def test_what_changes_a_step_marks_it_and_draws_no_other(log, entry, steps):
    found = fates(together(log, [entry]))
    assert {step for step, fate in found.items() if fate == "changed"} == steps
    assert not {"goes", "new"} & set(found.values())


def test_what_is_off_the_way_is_left_out_there_and_what_led_to_it_goes_on(log):
    found = fates(together(log, [{"skip": REVISED}]))
    assert found[SENT, REVISED] == found[REVISED, SENT] == "goes"
    assert found[SENT, ACCEPTED] == "stays"


def test_a_change_that_names_nothing_of_the_log_is_refused(log):
    with pytest.raises(BadScenario):
        together(log, [{"skip": "Contract Approved"}])


def test_a_file_of_either_kind_gives_the_same_as_its_content(log, tmp_path):
    drawing, change = tmp_path / "to_be.bpmn", tmp_path / "change.yaml"
    from l2c.improve.to_be import drawn as diagram

    diagram([SENT, SIGNED, WON]).save(drawing)
    change.write_text(f"changes:\n- skip: {ACCEPTED}\n", "utf-8")
    assert fates(together(log, drawing)) == fates(together(log, [SENT, SIGNED, WON]))
    assert fates(together(log, change)) == fates(together(log, [{"skip": ACCEPTED}]))


def edge(picture, source, target):
    return next(e for e in picture.spec["edges"] if (e["source"], e["target"]) == (source, target))


def test_the_map_tells_each_fate_by_a_sign_as_well_as_by_colour(log):
    table = together(log, [SENT, "Credit Check", SIGNED, WON], as_is=WAY)
    picture = process_map(table, paths=0.0)
    assert edge(picture, SENT, ACCEPTED)["label"] == "− 3 · 4 d"
    assert edge(picture, SENT, "Credit Check")["label"] == "+ new"
    assert edge(picture, SIGNED, WON)["label"] == "4 · 1 d"
    boxes = {node["id"]: node for node in picture.spec["nodes"]}
    assert (boxes[ACCEPTED]["number"], boxes["Credit Check"]["number"], boxes[WON]["number"]) == ("− 3", "+ new", "4")
    # Of the legend only what stands on the map; the text for those who do not see it names what goes and what is new.
    assert "− red, dashed" in picture.svg and "+ green" in picture.svg and "± blue" not in picture.svg
    assert "Goes: Quote Accepted" in picture.spec["desc"] and "New: Credit Check" in picture.spec["desc"]
    assert 'stroke-dasharray="6 4"' in picture.svg


def test_in_japanese_the_map_has_no_english_word(log):
    picture = process_map(together(log, [{"step": [SENT, ACCEPTED], "share": 0.3}]), lang="ja")
    assert edge(picture, SENT, ACCEPTED)["label"] == "± 3 · 4日"
    assert "±（青）" in picture.svg and "変更：" in picture.spec["desc"]


def test_the_part_around_a_change_has_two_activities_on_either_side():
    steps = [f"{name} {day}" for day, name in enumerate(["A", "B", "C", "D", "E", "F", "G", "H"])]
    log = from_text("\n".join(f"{case}: {', '.join(steps)}" for case in "xyz"))
    picture = drawn(together(log, [{"step": ["D", "E"], "share": 0.3}]))
    assert [node["id"] for node in picture.spec["nodes"]] == ["B", "C", "D", "E", "F", "G"]
    assert drawn(together(log, [{"arrivals": 2}])).why == "This change leaves every step of the way as it is."


def test_a_map_of_today_alone_is_as_it_was(log):
    # Nothing of a to-be in what is drawn of a flow.
    picture = process_map(flow(log))
    assert "fate" not in str(picture.spec)
