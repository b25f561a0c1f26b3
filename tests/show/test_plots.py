"""Charts over time as a page: the same words as the picture, points where their numbers are, months that lead on."""

import re

import pandas as pd
import pytest

from l2c import show
from l2c.show.charts import plots, rows

MONTHS = pd.DataFrame({
    "month": pd.to_datetime(["2025-01-01", "2025-02-01", "2025-03-01"]), "started": [10, 20, 5], "won": [0, 4, 6], "lost": [0, 2, 3],
    "open": [10, 24, 20], "partial": [False, False, True],
})  # fmt: skip
CURVE = pd.DataFrame({
    "days": [5.0, 10.0, 20.0], "survival": [0.8, 0.4, 0.1], "low": [0.7, 0.3, 0.05], "high": [0.9, 0.5, 0.2], "at_risk": [100, 80, 40],
})  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_page_says_what_the_picture_says(lang):
    for draw in (lambda: show.throughput(MONTHS, lang=lang), lambda: show.durations(CURVE, lang=lang)):
        page, picture = rows.either(draw), draw()
        assert page.text.splitlines()[0] == picture.alt.splitlines()[0] and picture.alt.splitlines()[0] in page.html


def test_a_month_tells_its_numbers_and_leads_to_what_began_in_it():
    page = rows.either(lambda: show.throughput(MONTHS)).html
    assert "Feb 2025: started 20, won 4, lost 2" in page
    assert page.count("&quot;opened&quot;, &quot;value&quot;: &quot;2025-02&quot;") == 2


def test_a_curve_is_drawn_where_its_numbers_are():
    page = rows.either(lambda: show.durations(CURVE)).html
    # Half are there at day 10 of 20: in the middle, and half up an axis that ends at 1.04.
    assert re.search(r'class="mark" style="left:50.0%;top:51.9%', page)
    assert "half: 10 d" in page


def test_names_at_the_ends_of_lines_do_not_cover_each_other():
    lines = [plots.Line([0, 1], [0, y], "#000", name) for y, name in ((5.0, "a"), (5.1, "b"))]
    page = plots.page("t", "", "t", [plots.Frame((0, 1), (0, 10), lines)])
    tops = sorted(float(top) for top in re.findall(r'<b style="top:([\d.]+)%', page.html))
    assert tops[1] - tops[0] >= 10
