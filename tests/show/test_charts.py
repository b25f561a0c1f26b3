"""What the charts show, read from their artists and their text."""

import itertools

import matplotlib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.patches import Polygon, Rectangle

from l2c import show
from l2c.show import theme
from l2c.show.charts import sheet
from l2c.show.charts.picture import Picture
from l2c.show.charts.variants import chevrons
from l2c.words import phrases

LANGS = pytest.mark.parametrize("lang", ["en", "ja"])
NAN = float("nan")

FUNNEL = pd.DataFrame(
    {
        "milestone": ["Lead Created", "Quote Sent", "Closed Won"],
        "cases": [40, 20, 9],
        "share": [1.0, 0.5, 0.225],
        "conversion": [NAN, 0.5, 0.45],
        "open": pd.array([None, 5, 2], dtype="Int64"),
        "dropped": pd.array([None, 15, 8], dtype="Int64"),
        "median_days": [NAN, 12.34, NAN],
    }
)
VARIANTS = pd.DataFrame(
    {
        "variant_id": [1, 2, 3],
        "trace": [
            ("Lead Created", "Quote Sent", "Closed Won"),
            ("Lead Created", "Quote Sent", "Quote Revised", "Quote Revised", "Quote Sent", "Closed Lost"),
            ("<script>alert(1)</script>", "=HYPERLINK(1)", "$5 to $10", "役員稟議"),
        ],
        "cases": [60, 30, 10],
        "share": [0.6, 0.3, 0.1],
        "open": [0, 0, 10],
        "median_days": [31.5, 60.0, NAN],
    }
)
THROUGHPUT = pd.DataFrame(
    {
        "month": pd.to_datetime(["2025-01-01", "2025-02-01", "2025-03-01"]),
        "started": [10, 12, 4],
        "won": [1, 3, 1],
        "lost": [2, 4, 0],
        "open": [7, 12, 15],
        "partial": [False, False, True],
    }
)
# Four cases: done on days 10, 20 and 30, one open since day 15. S = 3/4, then 3/4 × 1/2 = 3/8, then 0.
SURVIVAL = pd.DataFrame(
    {
        "days": [10.0, 20.0, 30.0],
        "survival": [0.75, 0.375, 0.0],
        "low": [0.3, 0.05, 0.0],
        "high": [0.95, 0.7, NAN],
        "at_risk": [4, 2, 1],
    }
)
STEPS = pd.DataFrame(
    {
        "from": ["Lead Created", "Quote Sent", "Quote Sent"],
        "to": ["Quote Sent", "Closed Lost", "Closed Won"],
        "cases": [40, 11, 9],
        "median_days": [1.0, 12.0, 30.0],
        "case_days": [50.0, 150.0, 300.0],
        "share": [0.1, 0.3, 0.6],
    }
)
CHANGES = pd.DataFrame(
    [
        ("sales_cycle_days", 60.0, 45.0, -15.0, -21.0, -9.0, "day"),  # shorter is better
        ("win_rate_incidence", 0.4, 0.44, 0.04, -0.02, 0.1, "fraction"),  # the interval holds 0
        ("discount_approval_days", 4.0, 6.0, 2.0, 1.0, 3.0, "day"),
        ("late_payment_incidence", NAN, 0.2, NAN, NAN, NAN, "fraction"),
        ("lead_response_days", 1.0, 9.0, 8.0, 7.0, 9.0, "day"),  # ninefold: beyond the axis
    ],
    columns=["kpi", "before", "after", "difference", "low", "high", "unit"],
).assign(
    verdict=["beyond_chance", "within_chance", "beyond_chance", "unknown", "beyond_chance"],
    season=True,
    horizon_days=[210.0, 240.0, 90.0, 240.0, 10.0],
    window_start=pd.Timestamp("2025-01-01"),
    change_date=pd.Timestamp("2025-09-01"),
    window_end=pd.Timestamp("2026-05-02"),
)


def _events(cases: int) -> pd.DataFrame:
    start = pd.Timestamp("2025-01-01")
    return pd.DataFrame(
        [
            (f"c{i:05}", activity, start + pd.Timedelta(hours=i) + pd.Timedelta(days=day))
            for i in range(cases)
            for activity, day in (("Lead Created", 0), ("Quote Sent", 5), ("Closed Lost", 9))
        ],
        columns=["case_id", "activity", "time"],
    )


def _all(lang: str) -> dict[str, Picture]:
    return {
        "funnel": show.funnel(FUNNEL, lang=lang),
        "variants": show.variants(VARIANTS, lang=lang),
        "throughput": show.throughput(THROUGHPUT, lang=lang),
        "durations": show.durations(SURVIVAL, lang=lang),
        "dotted": show.dotted(_events(40), lang=lang),
        "steps": show.steps(STEPS, lang=lang),
        "compare": show.compare(CHANGES, lang=lang),
    }


def test_the_bars_of_the_funnel_are_its_cases_the_hatched_ends_those_still_open():
    ax = show.funnel(FUNNEL).ax
    solid = [bar.get_width() for bar in ax.patches if not bar.get_hatch()]
    hatched = [(bar.get_x(), bar.get_width()) for bar in ax.patches if bar.get_hatch()]
    # 5 of the 40 leads wait for their quote, 2 of the 20 quoted wait to be decided.
    assert solid == [35, 18, 9]
    assert hatched == [(35, 5), (18, 2)]


def test_the_funnel_names_its_steepest_drop():
    picture = show.funnel(FUNNEL)
    assert "9 of 40 cases get to Closed Won; the steepest drop is before Closed Won, where 40 % drop out" in repr(
        picture
    )
    assert "↓ 50 % go on, 12.3 d" in picture.texts
    blue = [bar for bar in picture.ax.patches if matplotlib.colors.to_hex(bar.get_facecolor()) == theme.ACCENT]
    assert [bar.get_width() for bar in blue] == [9]


def test_a_variant_is_a_row_of_chevrons_and_a_run_is_one_of_them():
    steps = chevrons(VARIANTS["trace"][1])
    assert [(s.activity, s.times, s.again) for s in steps] == [
        ("Lead Created", 1, False),
        ("Quote Sent", 1, False),
        ("Quote Revised", 2, False),
        ("Quote Sent", 1, True),
        ("Closed Lost", 1, False),
    ]
    ax = show.variants(VARIANTS).ax
    assert len([p for p in ax.patches if isinstance(p, Polygon)]) == 3 + 5 + 4
    bars = [p.get_width() for p in ax.patches if isinstance(p, Rectangle) and p.get_gid() == "share"]
    assert np.allclose(np.array(bars) / bars[0], [1, 0.5, 1 / 6])


@given(st.lists(st.sampled_from(["A", "B", "Quote Sent"]), max_size=60))
def test_chevrons_lose_no_step(trace):
    steps = chevrons(trace)
    assert [s.activity for s in steps for _ in range(s.times)] == trace
    assert all(a.activity != b.activity for a, b in itertools.pairwise(steps))


def test_what_a_long_variant_does_not_show_is_counted():
    trace = tuple(f"Step number {i}" for i in range(80))
    table = pd.DataFrame({"trace": [trace], "cases": [1], "share": [1.0], "median_days": [1.0]})
    picture = show.variants(table)
    drawn = len([p for p in picture.ax.patches if isinstance(p, Polygon)]) - 1
    assert f"+{80 - drawn} more steps" in picture.texts


@LANGS
@given(
    names=st.lists(
        st.text(st.sampled_from("AaWwMi _-割引承認ソリューション"), min_size=1, max_size=40), min_size=1, max_size=12
    )
)
def test_a_label_stays_inside_its_chevron(lang, names):
    table = pd.DataFrame({"trace": [tuple(names)], "cases": [1], "share": [1.0], "median_days": [1.0]})
    picture = show.variants(table, lang=lang)
    with sheet.house():
        renderer = picture.figure.canvas.get_renderer()
        boxes = [p.get_window_extent(renderer) for p in picture.ax.patches if isinstance(p, Polygon)]
        labels = [t.get_window_extent(renderer) for t in picture.ax.texts if t.get_fontsize() == 7.5]
    assert len(boxes) == len(labels)
    for box, label in zip(boxes, labels, strict=True):
        assert box.x0 <= label.x0 and label.x1 <= box.x1 and box.y0 <= label.y0 and label.y1 <= box.y1


def test_the_last_partial_month_has_hollow_marks_and_is_named():
    picture = show.throughput(THROUGHPUT)
    hollow = [line for line in picture.ax.lines if line.get_markerfacecolor() == "white"]
    assert sorted(float(line.get_ydata()[0]) for line in hollow) == [0, 1, 4]
    assert "The last month (Mar 2025) is not complete" in repr(picture)
    whole = show.throughput(THROUGHPUT.assign(partial=False))
    assert not [line for line in whole.ax.lines if line.get_markerfacecolor() == "white"]


def test_the_median_stands_where_half_are_done():
    picture = show.durations(SURVIVAL)
    # 1 - S reaches one half at day 20: 1 - 0.375 = 0.625.
    marks = [line for line in picture.ax.lines if line.get_marker() == "o"]
    assert [tuple(line.get_xdata()) + tuple(line.get_ydata()) for line in marks] == [(20.0, 0.5)]
    assert "Half get there within 20 d; one in ten takes longer than 30 d" in repr(picture)


def test_bars_of_the_spread_are_the_drops_of_the_curve():
    bars = show.durations(SURVIVAL).figure.axes[1].patches
    heights = [bar.get_height() for bar in bars if bar.get_height() > 1e-9]
    assert np.allclose(heights, [0.25, 0.375, 0.375])


def test_a_median_that_is_not_reached_is_not_invented():
    picture = show.durations(SURVIVAL.head(1))
    assert not [line for line in picture.ax.lines if line.get_marker() == "o"]
    assert "Fewer than half get there: 25 % after 10 d" in repr(picture)


def test_the_slowest_group_is_the_one_in_blue():
    table = pd.concat([SURVIVAL.assign(rep="Kim"), SURVIVAL.assign(rep="Sato", days=SURVIVAL["days"] * 3)])
    picture = show.durations(table)
    assert "Half get there within 20 d (Kim), but only within 60 d for Sato" in repr(picture)
    blue = [line for line in picture.ax.lines if line.get_color() == theme.ACCENT and line.get_label()[0] != "_"]
    assert [line.get_label() for line in blue] == ["Sato  60 d"]


def test_a_dotted_chart_samples_evenly_and_says_so():
    picture = show.dotted(_events(250), most=100)
    # 250 cases at most 100: every third, 84 cases of three events each.
    dots = sum(len(c.get_offsets()) for c in picture.ax.collections)
    assert dots == 84 * 3
    assert "An even sample: 84 of 250 cases." in repr(picture)
    assert "sample" not in repr(show.dotted(_events(100), most=100))
    assert "An even sample: 100 of 5,000 cases." in repr(show.dotted(_events(100), of=5000))


def test_the_order_of_rows_changes_no_picture():
    events = _events(30)
    assert show.dotted(events).svg() == show.dotted(events.sample(frac=1, random_state=3)).svg()


@LANGS
def test_the_same_chart_gives_the_same_bytes(lang):
    first, second = _all(lang), _all(lang)
    for name, picture in first.items():
        assert picture.svg() == picture.svg() == second[name].svg(), name


def _drawn(figure: matplotlib.figure.Figure) -> list[matplotlib.text.Text]:
    """Every text that is drawn: matplotlib keeps ticks beyond the ends of an axis, too."""
    # Puts titles and labels where they go.
    figure.draw_without_rendering()
    beyond = set()
    for ax in figure.axes:
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
            beyond |= {label for t in ticks if not low <= t.get_loc() <= high for label in (t.label1, t.label2)}
    texts = figure.findobj(matplotlib.text.Text)
    return [t for t in texts if t.get_text() and t.get_visible() and t not in beyond]


@LANGS
def test_no_text_leaves_its_picture(lang):
    for name, picture in _all(lang).items():
        page = picture.figure.bbox
        for text in _drawn(picture.figure):
            box = text.get_window_extent()
            assert page.x0 - 1 <= box.x0 and box.x1 <= page.x1 + 1, (name, text.get_text())
            assert page.y0 - 1 <= box.y0 and box.y1 <= page.y1 + 1, (name, text.get_text())


@LANGS
def test_no_two_texts_overlap(lang):
    for name, picture in _all(lang).items():
        boxes = [(t.get_window_extent(), t.get_text()) for t in _drawn(picture.figure)]
        for i, (one, first) in enumerate(boxes):
            for other, second in boxes[i + 1 :]:
                # A Japanese title is written twice, a hair apart, to read as bold.
                assert first == second or not one.padded(-1).overlaps(other.padded(-1)), (name, first, second)


def test_japanese_charts_hold_no_english_phrase():
    for name, picture in _all("ja").items():
        for text in picture.texts:
            letters = [c for c in text if c.isascii() and c.isalpha()]
            if (
                text not in "<script>alert(1)</script>…=HYPERLINK(1)$5 to $10"
                and "alert" not in text
                and "↺" not in text
            ):
                assert not letters or any(ord(c) > 0x3000 for c in text) or text in ("$5 to\n$10",), (name, text)


@LANGS
def test_an_empty_table_gives_a_sentence_not_an_error(lang):
    for draw, table in (
        (show.funnel, FUNNEL),
        (show.variants, VARIANTS),
        (show.throughput, THROUGHPUT),
        (show.durations, SURVIVAL),
        (show.dotted, _events(1)),
        (show.steps, STEPS),
        (show.compare, CHANGES),
    ):
        assert phrases.say("nothing", lang) in repr(draw(table.head(0), lang=lang))


def test_foreign_text_is_inert_in_the_picture():
    svg = show.variants(VARIANTS).svg()
    assert "<script" not in svg
    assert svg.startswith("<svg ") and svg.rstrip().endswith("</svg>")


def test_drawing_leaves_the_settings_of_matplotlib_alone():
    before = dict(matplotlib.rcParams)
    show.funnel(FUNNEL, lang="ja").svg()
    assert dict(matplotlib.rcParams) == before


def test_drawing_changes_no_table():
    before = FUNNEL.copy(deep=True)
    show.funnel(FUNNEL)
    pd.testing.assert_frame_equal(FUNNEL, before)


@pytest.mark.parametrize(("ending", "start"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_a_picture_is_saved_as_its_name_says(tmp_path, ending, start):
    path = show.funnel(FUNNEL).save(tmp_path / f"funnel.{ending}")
    assert path.read_bytes().startswith(start)


def test_a_picture_is_not_saved_under_an_ending_it_does_not_know(tmp_path):
    with pytest.raises(ValueError, match=r"'funnel.bmp'. Use a name ending in .svg, .png or .pdf"):
        show.funnel(FUNNEL).save(tmp_path / "funnel.bmp")


def test_the_step_with_most_case_days_comes_first_and_is_blue():
    picture = show.steps(STEPS)
    assert [bar.get_width() for bar in picture.ax.patches] == [300, 150, 50]
    # 300 of 500 days.
    assert repr(picture).startswith("60 % of all waiting is from Quote Sent → Closed Won")
    assert matplotlib.colors.to_hex(picture.ax.patches[0].get_facecolor()) == theme.ACCENT
    assert "median 30 d, 9 cases" in picture.texts


def test_the_share_of_a_step_is_of_all_steps_not_of_those_shown():
    assert repr(show.steps(STEPS, top=1)).startswith("60 % of all waiting")


def test_a_change_is_better_worse_or_may_be_chance():
    text = repr(show.compare(CHANGES)).splitlines()
    assert text == [
        # Both windows stand in the title, and no mean goes by the name of the card's median.
        "1 Jan 2025 to 1 Sep 2025 against 1 Sep 2025 to 2 May 2026: 1 better, 2 worse, 1 within chance",
        "Sales cycle (mean of the first 6.9 mo): 60 d → 45 d  better",
        "Win rate: 40.0 % → 44.0 %  may be chance",
        "Discount approval time (mean of the first 90 d): 4 d → 6 d  worse",
        "Lead response time (mean of the first 10 d): 1 d → 9 d  worse",
    ]


def test_a_change_is_drawn_in_percent_of_the_value_before():
    picture = show.compare(CHANGES)
    dots = {float(line.get_ydata()[0]): line for line in picture.ax.lines if line.get_marker() == "o"}
    assert {y: round(float(line.get_xdata()[0]), 6) for y, line in dots.items()} == {0: -0.25, 1: 0.1, 2: 0.5}
    assert dots[1].get_markerfacecolor() == "white"
    # What lies beyond the axis is an arrow with its number, and what cannot be compared is named.
    assert [line.get_marker() for line in picture.ax.lines].count(">") == 1
    assert "+800 %" in picture.texts
    assert "Without a value to compare: Late payments." in " ".join(picture.texts)


def test_without_any_sure_change_the_title_says_so():
    assert "2 May 2026: no change beyond chance" in repr(show.compare(CHANGES.iloc[[1]]))


def test_a_figure_that_cannot_be_told_has_no_dot():
    row = CHANGES.iloc[[1]].assign(difference=NAN, low=NAN, high=NAN, verdict="unknown")
    picture = show.compare(pd.concat([CHANGES.iloc[[0]], row]).assign(season=False))
    assert [line.get_marker() for line in picture.ax.lines].count("o") == 1
    assert "Win rate: 40.0 % → 44.0 %  too little to tell" in repr(picture)
    assert "1 better, 1 cannot be told" in repr(picture)
    assert "too short to tell a season" in " ".join(picture.texts)
    assert "Too little to tell a change" in repr(show.compare(row))


def test_what_changed_for_neither_better_nor_worse_is_no_chance():
    row = CHANGES.iloc[[0]].assign(kpi="variants", unit="count")
    assert repr(show.compare(row)).splitlines()[0].endswith(": 1 changed")


def test_the_table_of_a_comparison_names_its_means_as_the_chart_does():
    table = repr(show.table(CHANGES))
    assert "Sales cycle (mean of the first 6.9 mo)" in table
    assert "営業サイクル日数（最初の6.9か月の平均）" in repr(show.table(CHANGES, lang="ja"))


def test_activities_the_vocabulary_does_not_know_darken_with_their_place_in_the_case():
    table = pd.DataFrame({"trace": [("Triage", "Repair", "Ship")], "cases": [5], "share": [1.0], "median_days": [2.0]})
    picture = show.variants(table)
    colours = [matplotlib.colors.to_hex(p.get_facecolor()) for p in picture.ax.patches if isinstance(p, Polygon)]
    assert colours == [theme.PHASES[0], theme.PHASES[3], theme.PHASES[6]]
    assert any("usually later in a case" in text for text in picture.texts)


def test_a_log_that_records_no_outcome_is_not_shown_as_all_open():
    started = THROUGHPUT.assign(won=0, lost=0, open=THROUGHPUT["started"].cumsum())
    picture = show.throughput(started)
    assert repr(picture).startswith("26 started; the data hold no won or lost deal")
    assert "won" not in picture.texts and "open at the end of the month" not in picture.texts


@LANGS
def test_long_names_stay_inside_the_picture_at_every_size(lang):
    name = "T04 Determine confirmation of receipt and print it"
    funnel = FUNNEL.assign(milestone=[name, "WWWW MMMM @@@@ %%%%", "長い名前のアクティビティをそのまま書いたもの"])
    steps = STEPS.assign(to=name)
    for picture in (show.funnel(funnel, lang=lang), show.steps(steps, lang=lang)):
        for dpi in (72, 96, 192):
            with sheet.house():
                picture.figure.set_dpi(dpi)
                picture.figure.canvas.draw()
                assert all(text.get_window_extent().x0 >= -1 for text in _drawn(picture.figure))


def test_cases_without_a_group_are_a_group_too():
    table = pd.concat([SURVIVAL.assign(rep="Kim"), SURVIVAL.assign(rep=None, days=SURVIVAL["days"] * 3)])
    assert "only within 60 d for (none)" in repr(show.durations(table))
