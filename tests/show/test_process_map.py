import json
import math
import re
from xml.etree import ElementTree

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2c.discover.flow import flow
from l2c.geometry.order import activity_order
from l2c.log import END, START
from l2c.show.map import lettering
from l2c.show.map import svg as map_svg
from l2c.show.map.process_map import METRICS, process_map
from l2c.words.errors import L2CError, UnknownName
from tests.logs import from_text

SVG = "{http://www.w3.org/2000/svg}"
DEALS = """
    a: Opportunity Created 0, Quote Created 2, Quote Sent 3, Closed Won 10
    b: Opportunity Created 0, Quote Created 4, Quote Sent 5, Quote Created 7, Quote Sent 8, Closed Won 20
    c: Opportunity Created 0, Quote Created 6, Quote Created 7, Quote Sent 9, Closed Lost 30
    d: Opportunity Created 0, Closed Lost 5
"""


def table(*steps):
    """A flow written as `a b 5` or `a > b c 5`: from, to, events (a case each), every step a day and a half."""
    rows = []
    for step in steps:
        pair, events = step.rsplit(" ", 1)
        a, b = pair.split(" > " if " > " in pair else " ")
        wait = math.nan if a == START or b == END else 1.5
        rows.append((a, b, int(events), int(events), wait, wait, wait))
    return pd.DataFrame(rows, columns=["from", "to", "events", "cases", "mean_days", "median_days", "p90_days"])


@pytest.fixture(scope="module")
def deals():
    return flow(from_text(DEALS))


def edge(picture, source, target):
    return next(e for e in picture.spec["edges"] if (e["source"], e["target"]) == (source, target))


def names(picture):
    return {n["id"] for n in picture.spec["nodes"]} - {START, END}


def reached(edges, start, here, there):
    found, new = {start}, [start]
    while new:
        at = new.pop()
        for e in edges:
            if e[here] == at and e[there] not in found:
                found.add(e[there])
                new.append(e[there])
    return found


# --- Order -----------------------------------------------------------------------------------------------------------


def test_the_order_leaves_the_fewest_steps_backward():
    # a→b 5, b→c 5, c→a 2: turning the 2 backward is the cheapest way to break the circle.
    assert activity_order(table("▶ a 5", "a b 5", "b c 5", "c a 2", "c ■ 5")) == {
        START: 0,
        "a": 1,
        "b": 2,
        "c": 3,
        END: 4,
    }


def test_what_the_steps_leave_open_is_decided_by_the_vocabulary():
    placed = activity_order(table("Quote Sent > Quote Created 3", "Quote Created > Quote Sent 3"))
    assert placed["Quote Created"] < placed["Quote Sent"]


@given(st.dictionaries(st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde")), st.integers(1, 50), min_size=1))
def test_the_order_of_few_activities_is_the_best_of_all(steps):
    from itertools import permutations

    placed = activity_order(table(*(f"{a} {b} {n}" for (a, b), n in steps.items())))

    def backward(places):
        return sum(n for (a, b), n in steps.items() if places[a] > places[b])

    known = sorted(set(placed) - {START, END})
    best = min(backward(dict(zip(p, range(9), strict=False))) for p in permutations(known))
    assert backward(placed) == best


# --- What is shown ---------------------------------------------------------------------------------------------------


def test_numbers_on_boxes_and_paths_are_those_of_the_table(deals):
    picture = process_map(deals, paths=1.0)
    # Quote Created: a 1, b 2, c 2. It is followed by Quote Sent in a after 1 day, in b twice after 1, in c after 2.
    assert next(n for n in picture.spec["nodes"] if n["id"] == "Quote Created")["number"] == "5"
    assert edge(picture, "Quote Created", "Quote Sent")["label"] == "3 · 1 d"
    assert edge(process_map(deals, metric="events", paths=1.0), "Quote Created", "Quote Sent")["label"] == "4 · 1 d"
    assert edge(process_map(deals, metric="p90_days", paths=1.0), "Quote Created", "Quote Sent")["label"] == "2 d · 3"
    assert edge(picture, START, "Opportunity Created")["label"] == "4"


@pytest.mark.parametrize("metric", METRICS)
def test_no_path_carries_more_than_two_numbers(deals, metric):
    labels = [e["label"] for e in process_map(deals, metric=metric, paths=1.0).spec["edges"]]
    assert all(len(re.findall(r"[\d.,]+", label)) <= 2 for label in labels)


def test_the_wider_path_has_the_higher_metric(deals):
    often, long = process_map(deals, paths=1.0), process_map(deals, metric="median_days", paths=1.0)
    quick, slow = ("Quote Created", "Quote Sent"), ("Quote Sent", "Closed Won")
    assert edge(often, *quick)["stroke"] > edge(often, *slow)["stroke"]
    assert edge(long, *quick)["stroke"] < edge(long, *slow)["stroke"]


def test_steps_back_and_repeats_are_rework(deals):
    picture = process_map(deals, paths=1.0)
    kinds = {(e["source"], e["target"]): e["kind"] for e in picture.spec["edges"]}
    assert {step for step, kind in kinds.items() if kind == "rework"} == {
        ("Quote Sent", "Quote Created"),
        ("Quote Created", "Quote Created"),
    }


def test_an_order_from_the_whole_log_keeps_rework_rework():
    part = table("▶ b 5", "b a 5", "a ■ 5")
    assert edge(process_map(part), "b", "a")["kind"] == "forward"
    assert edge(process_map(part, order={START: 0, "a": 1, "b": 2, END: 3}), "b", "a")["kind"] == "rework"


def test_an_order_that_lacks_an_activity_is_completed():
    part = table("▶ a 5", "a c 5", "c b 5", "b c 2", "b ■ 5")
    assert names(process_map(part, order={"a": 0})) == {"a", "b", "c"}


def test_the_most_frequent_activities_and_paths_are_kept():
    whole = table("▶ a 90", "a b 80", "b ■ 80", "a c 10", "c b 10", "a ■ 5")
    assert names(process_map(whole, activities=0.6, paths=0.1)) == {"a", "b"}
    # 0.1 of four paths is one; the other two connect b and the end.
    shown = process_map(whole, activities=0.6, paths=0.1).spec["edges"]
    assert {(e["source"], e["target"]) for e in shown} == {(START, "a"), ("a", "b"), ("b", END)}


def test_a_frequent_activity_behind_a_rare_one_brings_it_along():
    whole = table("▶ a 10", "a rare 1", "rare b 1", "b b 50", "b ■ 1", "a ■ 9")
    assert names(process_map(whole, activities=0.6)) == {"a", "b", "rare"}


@given(
    st.lists(st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=6), min_size=1, max_size=12),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_every_shown_activity_can_be_reached_and_left(traces, activities, paths):
    counts = {}
    for trace in traces:
        for step in zip([START, *trace], [*trace, END], strict=True):
            counts[step] = counts.get(step, 0) + 1
    picture = process_map(table(*(f"{a} {b} {n}" for (a, b), n in counts.items())), activities=activities, paths=paths)
    edges = [(e["source"], e["target"]) for e in picture.spec["edges"]]
    assert names(picture) <= reached(edges, START, 0, 1)
    assert names(picture) <= reached(edges, END, 1, 0)
    assert set(edges) <= set(counts)


def test_no_more_than_fifty_activities_are_shown_and_the_caption_says_what_is_left():
    steps = [step for k in range(60) for step in (f"▶ {k:02d} {k + 1}", f"{k:02d} ■ {k + 1}")]
    picture = process_map(table(*steps), paths=1.0)
    assert len(names(picture)) == 50
    assert "50 of 60 activities" in picture.spec["caption"][0]


def test_the_caption_says_what_share_the_picture_shows():
    whole = table("▶ a 90", "a b 80", "b ■ 90", "a c 10", "c b 10")
    # Events: a 90, b 90, c 10; without c 180 of 190. Steps: 260 of 280.
    first = process_map(whole, activities=0.6, paths=1.0).spec["caption"][0]
    assert first.startswith("90 cases.") and "(95 % of events)" in first and "(93 % of steps)" in first


# --- The picture -----------------------------------------------------------------------------------------------------


def test_the_svg_is_one_labelled_image_without_anything_from_outside(deals):
    picture = process_map(deals, paths=1.0)
    root = ElementTree.fromstring(picture.svg)
    assert root.get("role") == "img" and "max-width:100%" in root.get("style")
    assert root.find(f"{SVG}title").text == "Process map"
    assert root.find(f"{SVG}desc").text.startswith("Process map of 4 cases")
    assert "http" not in picture.svg.replace("http://www.w3.org/2000/svg", "")
    assert len(root.findall(f".//{SVG}circle")) == 2


def test_the_same_table_gives_the_same_bytes_and_another_one_other_ids(deals):
    picture = process_map(deals)
    assert process_map(deals.sample(frac=1, random_state=3)).svg == picture.svg
    ids = [set(re.findall(r'id="([^"]+)"', p.svg)) for p in (picture, process_map(deals, lang="ja"))]
    assert ids[0].isdisjoint(ids[1])


def test_foreign_text_stays_text():
    name = '<script>alert("x")</script> & co'
    picture = process_map(table(f"▶ > {name} 5", f"{name} > ■ 5"))
    assert "<script" not in picture.svg
    assert name in "".join(ElementTree.fromstring(picture.svg).itertext())


def test_japanese_names_numbers_and_tooltips(deals):
    text = process_map(deals, lang="ja", paths=1.0).svg
    assert "商談作成" in text and "4件" in text and "1日" in text
    assert "Opportunity" not in text


def test_a_full_width_name_gets_a_box_that_holds_it():
    name = "見積依頼受付"
    node = process_map(table(f"▶ > {name} 5", f"{name} > ■ 5"), lang="ja").spec["nodes"][1]
    assert node["w"] >= 6 * 13


def test_a_long_name_stands_on_two_lines_and_whole_in_the_tooltip():
    name = "Determine confirmation of receipt of the request for a permit"
    picture = process_map(table(f"▶ > {name} 5", f"{name} > ■ 5"))
    node = picture.spec["nodes"][1]
    assert len(node["lines"]) == 2 and node["lines"][1].endswith("…")
    assert node["title"].startswith(name)


def test_closed_lost_stands_beside_the_main_line(deals):
    nodes = {n["id"]: n["x"] for n in process_map(deals, paths=1.0).spec["nodes"]}
    assert nodes["Closed Lost"] > nodes["Closed Won"]


def test_a_notebook_gets_the_svg_and_a_sentence(deals):
    bundle = process_map(deals)._repr_mimebundle_()
    assert bundle["image/svg+xml"].startswith("<svg") and bundle["text/plain"].startswith("Process map of 4 cases")


@pytest.mark.parametrize(("ending", "start"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("json", b"{")])
def test_a_map_is_saved_the_same_way_twice(deals, tmp_path, ending, start):
    picture = process_map(deals, lang="ja")
    first, second = (picture.save(tmp_path / f"{n}.{ending}").read_bytes() for n in "ab")
    assert first == second and first.startswith(start)


def test_the_json_holds_the_whole_picture(deals, tmp_path):
    picture = process_map(deals)
    assert json.loads(picture.save(tmp_path / "map.json").read_text("utf-8")) == picture.spec


def test_another_ending_another_metric_and_another_language_are_refused(deals, tmp_path):
    with pytest.raises(L2CError, match=r"\.svg, \.png, \.pdf or \.json"):
        process_map(deals).save(tmp_path / "map.gif")
    with pytest.raises(UnknownName, match="'speed' is not one of: cases"):
        process_map(deals, metric="speed")
    with pytest.raises(UnknownName):
        process_map(deals, lang="fr")


def test_an_empty_table_says_so(deals):
    picture = process_map(deals.head(0))
    assert "Nothing to show" in picture.svg and "Nothing to show" in repr(picture)


def test_fifty_activities_and_250_paths_are_drawn_at_once():
    # A long main line, with steps that skip, repeat and go back; half a second of work on an idle machine.
    from time import process_time

    steps = {(k, k + 1): 400 - k for k in range(49)}
    for k in range(400):
        steps.setdefault((k * 7 % 50, min(49, max(0, k * 7 % 50 + k % 11 - 4))), 1 + k % 17)
    names_ = {k: f"activity {k}" for k in range(50)}
    rows = [f"{names_[a]} > {names_[b]} {n}" for (a, b), n in list(steps.items())[:248]]
    whole = table("▶ > activity 0 400", *rows, "activity 49 > ■ 400")
    process_map(whole.head(3))
    start = process_time()
    picture = process_map(whole, paths=1.0)
    assert len(picture.svg) > 10_000 and len(picture.spec["edges"]) == 250
    assert process_time() - start < 10


def test_a_map_from_left_to_right_is_the_same_map_turned(deals):
    down, right = (process_map(deals, direction=d).spec for d in ("down", "right"))
    assert {n["id"] for n in down["nodes"]} == {n["id"] for n in right["nodes"]}
    main = {n["id"]: n for n in right["nodes"]}
    # Start stands at the left, the end at the right, and no two boxes overlap.
    assert main[START]["x"] < min(n["x"] for k, n in main.items() if k != START)
    boxes = list(main.values())
    for k, a in enumerate(boxes):
        for b in boxes[k + 1 :]:
            apart = max(abs(a["x"] - b["x"]) - (a["w"] + b["w"]) / 2, abs(a["y"] - b["y"]) - (a["h"] + b["h"]) / 2)
            assert apart > 0
    with pytest.raises(UnknownName, match="right"):
        process_map(deals, direction="up")


@pytest.mark.parametrize("text", ["Lead Created", "Invoice Sent", "Order Closed", "見積 Quote (3)"])
def test_widths_are_the_same_on_every_python(text):
    # `sum` adds floats otherwise from Python 3.12 on, which made some boxes a unit narrower there.
    for module, width in ((map_svg, map_svg.em(text)), (lettering, lettering.letters(text, 72))):
        added = 0.0
        for letter in text:
            added += module._advance(letter)
        assert width == (added * 72 / 72 if module is lettering else added)
