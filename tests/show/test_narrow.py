"""What a chart becomes in a report: part of the page where it is rows, else drawn for a phone as well."""

from itertools import pairwise

import pandas as pd
import pytest

from l2c import show
from l2c.report.pictures import picture, readable
from l2c.show import page, theme
from l2c.show.charts import marks, narrow, sheet
from l2c.show.charts.picture import Picture, finished
from l2c.show.markup import PHONE, Html
from tests.show import pipelines

STEPS = pd.DataFrame(
    {
        "from": ["Quote Sent", "Lead Created"],
        "to": ["Quote Accepted", "Lead Qualified"],
        "cases": [40, 9],
        "median_days": [20.0, 1.0],
        "case_days": [800.0, 9.0],
        "share": [0.9, 0.1],
    }
)
MONTHS = pd.DataFrame(
    {
        "month": pd.date_range("2025-01-01", periods=12, freq="MS"),
        "started": range(12), "won": [1] * 12, "lost": [1] * 12, "open": range(12), "partial": [False] * 12,
    }
)  # fmt: skip


def drawn(names, *columns):
    with sheet.house(), sheet.for_phone():
        fig, ax = marks.rows(names, axis=str)
        marks.bars(ax, (range(1, len(names) + 1), theme.PALE))
        for texts, bold in columns:
            marks.beside(ax, texts, bold=bold)
        made = finished(fig, "A title that says what was found, in more words than a phone has room for in a line")
        made.figure.draw_without_rendering()
    return made


@pytest.mark.parametrize(
    "name", ["Short", "A name of so many words that it takes two lines of a phone or even a third one", "見積提示から契約締結までの日数を商品別に比べたもの" * 2]
)  # fmt: skip
def test_on_a_phone_names_and_facts_stand_above_their_bars_and_nothing_touches(name):
    made = drawn(
        [name, "b"], (["100,000", "1"], True), (["many facts that are said about this row, " * 3, "few"], False)
    )
    inside = made.figure.bbox
    texts = [text.get_window_extent() for text in made.ax.texts]
    assert all(inside.x0 <= box.x0 and box.x1 <= inside.x1 + 1 for box in texts)
    bars = [bar.get_window_extent() for bar in made.ax.patches]
    first = [box for text, box in zip(made.ax.texts, texts, strict=True) if text.xy[1] == 0]
    assert all(box.y0 >= bars[0].y1 - 1 for box in first)
    # One line lies above the next; only what stands at the right of a name shares its line.
    for above, below in pairwise(first):
        assert above.y0 >= below.y1 - 2 or above.x1 <= below.x0
    assert [bar.height for bar in bars] == pytest.approx([narrow.BAR * made.figure.dpi] * 2, rel=0.15)


def test_a_short_fact_stands_at_the_right_of_its_name():
    made = drawn(["a", "b"], (["1", "2"], True), (["few", "more"], False))
    assert [(t.get_text(), t.get_ha()) for t in made.ax.texts if t.xy[1] == 0] == [
        ("a", "left"), ("1", "right"), ("few", "left"),
    ]  # fmt: skip


def test_letters_are_nine_pixels_on_a_phone_and_names_of_months_never_touch():
    with sheet.house(), sheet.for_phone():
        made = show.throughput(MONTHS)
    svg = made.svg()
    assert readable(svg) <= 362
    labels = [t.get_window_extent() for ax in made.figure.axes for t in ax.get_xticklabels() if t.get_visible()]
    assert labels and all(a.x1 < b.x0 or a.y1 < b.y0 or a.y0 > b.y1 for a, b in pairwise(labels))


def test_in_a_report_rows_are_part_of_the_page_and_anything_else_is_drawn_twice(monkeypatch):
    monkeypatch.setenv("L2C_REPORT", "pages")
    rows, curve = show.steps(STEPS), show.coverage(pipelines.coverage())
    assert isinstance(rows, Html) and "Quote Sent → Quote Accepted" in rows.html
    assert isinstance(curve, Picture) and curve.phone is not None
    assert curve.phone.figure.get_figwidth() == sheet.PHONE < curve.figure.get_figwidth()
    assert set(curve._repr_mimebundle_()) == {"image/svg+xml", "text/plain", PHONE}
    monkeypatch.setenv("L2C_REPORT", "1")
    assert isinstance(show.steps(STEPS), Picture) and show.coverage(pipelines.coverage()).phone is None


def test_a_picture_on_a_page_says_what_it_shows_and_is_never_too_small_to_read():
    wide = '<svg viewBox="0 0 880 90"><text y="9" font-size="11">a</text></svg>'
    # Nine of eleven pixels: 880 x 9 / 11.
    assert readable(wide) == 720
    html = picture({"image/svg+xml": wide, "text/plain": 'Half "wait" <long>'})
    assert 'alt="Half &quot;wait&quot; &lt;long&gt;"' in html and "--least:720px" in html and "<source" not in html
    html = picture({"image/svg+xml": wide, PHONE: '<svg viewBox="0 0 400 9"></svg>', "text/plain": "a"})
    assert '<source media="(max-width:640px)"' in html and "sideways" not in html


def test_whose_a_page_is_stands_at_its_foot_and_cannot_end_the_style_sheet():
    html = page.page("<p>x</p>", "06_monitor", ["06_monitor"], "en", {}, client='</style>"A" \\ 株式会社')
    foot = html.split("@bottom-left{content:")[1].split("}")[0]
    assert foot == '"\\3c \\2f style\\3e \\22 A\\22  \\5c  株式会社 · Did it work?"'.replace("?", "\\3f ")
    assert html.count("</style>") == 1
