"""The map that plays in a page: what lies in it, and what a browser makes of it without anything behind it."""

import base64
import json
import re

import numpy as np
import pytest

from l2c import discover, engine, show
from l2c.geometry.columns import folded
from l2c.log import END, START
from l2c.show import page
from l2c.show.live.playing import PLAYED_IN_PAGE
from l2c.show.map import details, levels
from l2c.show.map.choice import METRICS, steps_of
from l2c.show.map.process_map import placed, process_map
from tests import browser
from tests.logs import demo, from_text

FEW = """
    a: Opportunity Created 0, Quote Sent 2, Closed Won 10
    b: Opportunity Created 0, Quote Sent 4, Quote Sent 6, Closed Won 20
    c: Opportunity Created 1, Closed Lost 5
"""


@pytest.fixture(scope="module")
def log():
    return demo(300)


@pytest.fixture(scope="module")
def html(log):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("L2C_REPORT", "pages")
        shown = show.ProcessMap(log)._repr_mimebundle_()
    assert set(shown) == {"text/html", "text/plain"}
    return shown["text/html"]


@pytest.fixture(scope="module")
def data(html):
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', html, re.DOTALL)[1])


def drawn(data, a, p, metric):
    """The paths of a level with what a metric says of them, as the page puts them together."""
    plan = data["plans"][data["plan"][a * len(data["paths"]) + p]]
    place = [name for name, _ in data["metrics"]].index(metric)
    steps = (data["steps"][number] for number, *_ in plan["folds"][0]["edges"])
    return {(each["source"], each["target"]): each["labels"][place] for each in steps}, plan["caption"]


def test_every_level_and_metric_in_the_page_says_what_the_still_map_says(log, data):
    flow = discover.flow(log, amounts=True)
    order = discover.activity_order(flow)
    for a, p, metric in [(k % 5, k % 4, metric) for k, metric in enumerate(METRICS)]:
        share = {"activities": levels.ACTIVITIES[a], "paths": levels.PATHS[p]}
        still = process_map(flow, metric=metric, order=order, currency=log.currency, **share).spec
        steps, caption = drawn(data, a, p, metric)
        assert steps == {(e["source"], e["target"]): e["label"] for e in still["edges"]}
        assert caption == still["caption"][0]


def test_the_moves_in_the_page_are_those_of_the_log(log, data):
    moves = discover.replay(log)
    n = data["flow"]["moves"]
    raw = base64.b64decode(data["moves"])
    start, wait = (np.frombuffer(raw, "<f4", n, 4 * n * k) for k in (0, 1))
    step, case = (np.frombuffer(raw, "<u2", n, 8 * n + 2 * n * k) for k in (0, 1))
    assert (n, len(raw), case.max() + 1) == (len(moves), 12 * n, moves["case_key"].nunique())
    assert np.allclose(wait, moves["wait_days"], atol=1e-3) and np.all(np.diff(start) >= 0)
    ends = [(data["steps"][k]["source"], data["steps"][k]["target"]) for k in step]
    assert ends == list(zip(moves["from"], moves["to"], strict=True))
    region = next(each for each in data["attributes"] if each["id"] == "region")
    assert len(region["codes"]) == case.max() + 1 <= PLAYED_IN_PAGE


def test_what_lies_in_the_page_asks_for_nothing_and_holds_no_id_of_a_case(log, html):
    elsewhere = {part.split('"')[0].split("&")[0] for part in html.split("http")[1:]}
    assert elsewhere <= {"://www.w3.org/2000/svg", "://www.w3.org/1999/xlink"}
    ids = engine.collect(log.cases.select("case_id"))["case_id"].astype(str)
    assert not [id for id in ids if id in html]
    assert len(html.encode()) < 1_500_000


def test_a_process_of_many_paths_is_folded_less_and_no_heavier(data, monkeypatch):
    monkeypatch.setenv("L2C_REPORT", "pages")
    monkeypatch.setattr("l2c.show.live.playing.MOST_BYTES_PLAYED", 50_000)
    html = show.ProcessMap(demo(40))._repr_mimebundle_()["text/html"]
    light = json.loads(re.search(r'<script type="application/json">(.*?)</script>', html, re.DOTALL)[1])
    assert {len(plan["folds"]) for plan in light["plans"]} == {1} and max(
        len(plan["folds"]) for plan in data["plans"]
    ) > 1


def test_texts_of_the_data_cannot_leave_their_place(monkeypatch):
    monkeypatch.setenv("L2C_REPORT", "pages")
    odd = from_text("a: </script><b>x</b> 0, Quote Sent 2")
    html = show.ProcessMap(odd)._repr_mimebundle_()["text/html"]
    assert html.count("</script>") == 2 and "<b>x" not in html


def test_what_is_known_of_an_activity():
    log = from_text(FEW)
    counted = discover.activities(log).set_index("activity")
    # Quote Sent: in a once, in b twice.
    assert counted.loc["Quote Sent"].tolist() == [3, 2, 2 / 3]
    told = details.details("Quote Sent", steps_of(discover.flow(log)), "en", cases=2, of=3)
    # Waited before it: 2, 4 and 2 days.
    assert told[0]["lines"] == [
        "2 cases (67 %)",
        "1.5 times per case that has it",
        "waited before it: 2.7 d on average, 8 d in all",
    ]
    assert [part["head"] for part in told[1:]] == ["Comes from", "Goes to"]
    # Half of the two that came from Opportunity Created had come after 2 days.
    assert told[1]["lines"] == ["67 % Opportunity Created · 2 d", "33 % Quote Sent · 2 d"]
    begin = details.details(START, steps_of(discover.flow(log)), "en")
    assert begin == [{"head": "Goes to", "lines": ["100 % Opportunity Created"]}]


@pytest.mark.parametrize("columns", [1, 2, 3, 4])
def test_a_folded_map_keeps_every_box_and_path_and_lets_no_two_meet(log, columns):
    picture = process_map(discover.flow(log), paths=0.7, activities=0.7)
    spec, plain = picture.in_columns(columns).spec, picture.spec
    if columns == 1:
        assert spec == plain
    else:
        assert spec["height"] < 0.8 * plain["height"]
    for kind, size in (("nodes", ("x", "y", "w", "h")), ("edges", ("label_x", "label_y", "label_w", "label_h"))):
        boxes = [[each[name] for name in size] for each in spec[kind]]
        for k, (x, y, w, h) in enumerate(boxes):
            assert w / 2 <= x <= spec["width"] - w / 2 and h / 2 <= y <= spec["height"] - h / 2
            for x2, y2, w2, h2 in boxes[k + 1 :]:
                assert abs(x - x2) >= (w + w2) / 2 - 0.2 or abs(y - y2) >= (h + h2) / 2 - 0.2
    at = {node["id"]: node for node in spec["nodes"]}
    for edge in spec["edges"]:
        points = [tuple(map(float, pair)) for pair in re.findall(r"([\d.-]+) ([\d.-]+)", edge["d"])]
        for (x, y), node in ((points[0], at[edge["source"]]), (points[-1], at[edge["target"]])):
            assert abs(x - node["x"]) <= node["w"] / 2 + 0.2 and abs(y - node["y"]) <= node["h"] / 2 + 0.2


def test_as_few_columns_as_can_be_read(log):
    picture = process_map(discover.flow(log), activities=0.5)
    assert picture.fitting(5000, 5000).spec == picture.spec
    wide = picture.fitting(1200, 700).spec
    assert wide["height"] < picture.spec["height"]
    assert picture.fitting(300, 3000).spec == picture.spec
    nodes = [dict(node) for node in picture.spec["nodes"]]
    stand = placed(nodes, [dict(edge) for edge in picture.spec["edges"]], {n["id"]: k for k, n in enumerate(nodes)})
    assert folded(stand.plan, stand.boxes, stand.arrows, 1) == stand.plan


DOTS = "+document.querySelector('.l2c-map').dataset.dots > 0"


def test_the_map_plays_in_a_page_with_nothing_behind_it(html, data, tmp_path):
    (tmp_path / "map.html").write_text(page.sheet("Map", html, "en"), "utf-8")
    with browser.page(width=1280, height=900) as (tab, asked):
        tab.goto((tmp_path / "map.html").as_uri())
        tab.wait_for_function("document.querySelectorAll('.l2c-map .node').length > 3")
        # It folds itself to where it stands, a moment after it is there: the second time that it is drawn.
        tab.wait_for_function("+document.querySelector('.l2c-map').dataset.drawn > 1")
        tab.wait_for_function(
            "() => Math.min(...[...document.querySelectorAll('.l2c-map .paper text')].map(t => t.getBoundingClientRect().height / "
            "t.getBBox().height * parseFloat(t.getAttribute('font-size')))) >= 8.9"
        )
        count = "document.querySelectorAll('.l2c-map .edge').length === "
        slide = "([k, value]) => {const i = document.querySelectorAll('.l2c-map .slider input')[k]; i.value = value; i.dispatchEvent(new Event('input'))}"
        tab.evaluate(slide, [0, 4])
        tab.wait_for_function(f"{count}{len(drawn(data, 4, 1, 'cases')[0])}")
        tab.evaluate(slide, [1, 3])
        steps, _ = drawn(data, 4, 3, "cases")
        tab.wait_for_function(count + str(len(steps)))
        tab.locator(".l2c-map select").first.select_option("median_days")
        labels = sorted(tab.locator(".l2c-map .label text").all_text_contents())
        assert labels == sorted(drawn(data, 4, 3, "median_days")[0].values())
        assert tab.locator(".l2c-map .edge.heat4").count() >= 1
        # It fits again, since nobody moved it.
        tab.wait_for_function(
            "() => { const [box, world] = ['.box', '.paper > g'].map(each => document.querySelector(`.l2c-map ${each}`).getBoundingClientRect());"
            "return world.width <= box.width + 2 && world.height <= box.height + 2; }"
        )
        tab.locator(".l2c-map .find").fill("Quote Sent")
        assert tab.locator(".l2c-map .node.hit").count() == 1
        tab.locator('.l2c-map .node[data-id="Quote Sent"]').focus()
        tab.keyboard.press("Enter")
        assert "times per case" in tab.locator(".l2c-map .menu").inner_text()
        tab.keyboard.press("Escape")
        tab.locator(".l2c-map .play").click()
        tab.wait_for_function(DOTS)
        tab.locator(".l2c-map .play").click()
        with tab.expect_download() as download:
            tab.locator(".l2c-map button", has_text="SVG").click()
        text = download.value.path().read_text()
        # All of it, whatever is in view.
        assert all(
            name in text for name in ("Lead Created", "Payment Received", ">Process map<", "300 cases", "Redder")
        )
        assert asked == []
        tab.emulate_media(media="print")
        assert tab.locator(".l2c-still svg").first.is_visible() and not tab.locator(".l2c-map").is_visible()
        assert tab.evaluate("document.documentElement.scrollWidth") <= 1280
    assert END in {step["target"] for step in data["steps"]}
