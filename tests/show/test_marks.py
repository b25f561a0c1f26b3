"""What the charts share, read from the artists."""

import pandas as pd
import pytest

from l2c.show import theme
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import finished
from l2c.show.charts.standing import verdict


@pytest.fixture(autouse=True)
def house():
    with sheet.house():
        yield


def test_parts_of_bars_lie_end_to_end():
    _, ax = marks.rows(["first", "second"])
    assert marks.bars(ax, ([3, 1], theme.PALE), ([2, 4], theme.WARM)).tolist() == [5, 5]
    assert [(bar.get_x(), bar.get_width()) for bar in ax.patches] == [(0, 3), (0, 1), (3, 2), (1, 4)]
    # The first row is on top.
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["first", "second"]


def test_an_estimate_is_a_dot_in_its_interval():
    _, ax = marks.rows(["one"], axis=lambda x: f"{x:g} %")
    marks.interval(ax, 0, 2, 6, theme.WARM)
    marks.dot(ax, 0, 3, theme.WARM, hollow=True)
    line, point = ax.lines
    assert list(line.get_xdata()) == [2, 6]
    assert (list(point.get_xdata()), point.get_markerfacecolor()) == ([3], "white")
    marks.nought(ax)
    assert list(ax.lines[-1].get_xdata()) == [0, 0]
    assert ax.xaxis.get_major_formatter()(5) == "5 %"


def test_what_is_said_of_a_row_never_lies_over_its_bar_nor_over_the_next_column():
    fig, ax = marks.rows(["a", "b"])
    ends = marks.bars(ax, ([100, 1], theme.PALE))
    marks.beside(ax, ["many facts here", "few"], gap=marks.beside(ax, ["100,000", "1"], ends, bold=True))
    finished(fig, "Title")
    fig.draw_without_rendering()
    bars = [bar.get_window_extent() for bar in ax.patches]
    numbers, facts = ([text.get_window_extent() for text in ax.texts[place : place + 2]] for place in (0, 2))
    for bar, number, fact in zip(bars, numbers, facts, strict=True):
        assert bar.x1 < number.x0 and number.x1 < fact.x0 and fact.x1 <= fig.bbox.x1


def test_the_head_makes_the_picture_higher_and_leaves_the_rows_as_they_are():
    heights = []
    for title in ("Short", "A title that is so long that it takes more than a single line of the picture " * 2):
        fig, _ = marks.rows(["a", "b", "c"])
        heights.append(finished(fig, title, "note").figure.get_figheight())
    assert heights[1] == pytest.approx(heights[0] + 0.23)


def test_at_most_eight_months_are_named_at_even_distances():
    def named(periods):
        return [f"{m:%Y-%m}" for m in marks.months(list(pd.date_range("2024-11-01", periods=periods, freq="MS")))]

    assert named(3) == ["2024-11", "2024-12", "2025-01"]
    assert named(12) == ["2024-11", "2025-01", "2025-03", "2025-05", "2025-07", "2025-09"]
    assert named(60) == ["2025-01", "2026-01", "2027-01", "2028-01", "2029-01"]


def test_names_of_steps_break_at_the_arrow_all_or_none():
    step = {"from": "Quote Sent", "to": "Closed Won"}
    assert marks.step(step, "en") == "Quote Sent → Closed Won"
    assert marks.broken(["A → B", "Quote Sent → Closed Won"]) == ["A → B", "Quote Sent → Closed Won"]
    long = "Contract Approval Requested → Contract Approved"
    assert marks.broken(["A → B", long]) == ["A →\nB", long.replace(" → ", " →\n")]


def test_shares_run_from_nothing_to_all():
    _, ax = sheet.figure()
    marks.shares(ax, "en")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["0 %", "25 %", "50 %", "75 %", "100 %"]


def test_the_legend_stands_below_the_rows():
    fig, ax = marks.rows(["a"])
    marks.bars(ax, ([1], theme.PALE))
    marks.legend(ax, {"customer": theme.PALE, "own team": theme.ACCENT})
    picture = finished(fig, "Title")
    picture.figure.draw_without_rendering()
    (legend,) = picture.figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["customer", "own team"]
    assert legend.get_window_extent().y1 <= ax.get_window_extent().y0


def test_a_change_is_for_the_better_or_the_worse_only_where_it_is_sure():
    assert verdict("win_rate", up=True, sure=True) == "better"
    assert verdict("sales_cycle_days", up=True, sure=True) == "worse"
    assert verdict("discount_mean", up=True, sure=True) == "worse"
    assert verdict("win_rate", up=True, sure=False) == "unsure"
