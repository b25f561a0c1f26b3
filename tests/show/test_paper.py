"""A map on paper: upright where it can be read, on a sheet that lies where it is larger there."""

import math

import pandas as pd
import pytest

from l2c.log import END, START
from l2c.show import process_map
from l2c.show.live.playing import playing
from l2c.show.map.paper import lies, printed
from l2c.show.page import CSS
from tests import browser
from tests.logs import from_text

pypdf = pytest.importorskip("pypdf")


def flow(*ways):
    rows = [(a, b, 9, 9, *[math.nan if START in (a, b) or END in (a, b) else 1.5] * 3) for a, b in ways]
    return pd.DataFrame(rows, columns=["from", "to", "events", "cases", "mean_days", "median_days", "p90_days"])


def drawing(table):
    return lambda share, way: process_map(table, activities=share, paths=1.0, direction=way)


def chain(*names):
    """From the start through some activities to the end."""
    return list(zip([START, *names], [*names, END], strict=True))


# Eight ways side by side, of four activities each.
KINDS = ("Request to department", "Check of department", "Approval of department", "Signature of department")
WIDE = [step for k in range(8) for step in chain(*[f"{kind} {k}" for kind in KINDS])]


def test_what_can_be_read_upright_stands():
    picture = printed(drawing(flow(*chain("A", "B", "C", "D"))))
    assert not lies(picture)
    # From top to bottom.
    assert picture.spec["height"] > picture.spec["width"]


def test_seven_ways_side_by_side_are_turned_before_the_sheet_is():
    beside = [step for k in range(7) for step in chain(f"Approval of the department {k}")]
    picture = printed(drawing(flow(*beside)), activities=1.0)
    assert not lies(picture)
    across = process_map(flow(*beside), paths=1.0)
    # Seven boxes of one row are wider than a sheet; below each other they fit.
    assert across.spec["width"] > 700 / 9 * 11 > picture.spec["width"]


def test_what_is_wide_whichever_way_it_runs_lies_as_large_as_it_can():
    draw = drawing(flow(*WIDE))
    picture = printed(draw, activities=1.0)
    assert lies(picture)
    whole = draw(1.0, "down").fitting(700, 1000).spec
    upright = min(700 / whole["width"], 1000 / whole["height"])
    lying = min(1030 / picture.spec["width"], 560 / picture.spec["height"])
    assert lying > upright


def test_a_sheet_lies_with_the_heading_of_its_map_and_its_foot(tmp_path):
    log = from_text("a: Lead Created 0, Closed Won 2")
    wide = printed(drawing(flow(*WIDE)), activities=1.0)
    body = playing(log, {"metric": "cases"}, wide, height=400).html
    assert 'class="l2c-still lying"' in body
    foot = '@page{@bottom-left{content:"whose"}}'
    file = tmp_path / "page.html"
    file.write_text(
        f"<style>{CSS}{foot}</style><main><section><p>before</p></section><section><h2>The map</h2>{body}</section>"
        "<section><p>behind</p></section></main>", "utf-8",
    )  # fmt: skip
    with browser.page() as (tab, _):
        tab.goto(file.as_uri())
        tab.pdf(path=tmp_path / "page.pdf", format="A4", prefer_css_page_size=True)
    pages = pypdf.PdfReader(tmp_path / "page.pdf").pages
    assert [page.mediabox.width > page.mediabox.height for page in pages] == [False, True, False]
    assert "The map" in pages[1].extract_text() and "whose" in pages[1].extract_text()
