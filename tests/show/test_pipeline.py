"""What is seen of the open pipeline: every number of a picture is one of its table, and a page is safe whatever the data hold."""

import csv
import io
import json
import re
from datetime import datetime

import matplotlib
import matplotlib.text
import pandas as pd
import pytest

from l2c import show
from l2c.show import cells, theme
from l2c.show.live.cases import csv as taken
from l2c.show.open_pipeline import HIDDEN, reasons, remarks, told
from l2c.words.notes import Note
from tests.show import pipelines
from tests.show.test_sentences import RAW

LANGS = pytest.mark.parametrize("lang", ["en", "ja"])
NAN = float("nan")
DRAWN = {
    "forecast": pipelines.forecast, "calibration": pipelines.calibration, "pipeline_bridge": pipelines.bridge,
    "forecast_ledger": pipelines.bias, "coverage": pipelines.coverage, "cash": pipelines.cash,
}  # fmt: skip


def colours(ax):
    return [matplotlib.colors.to_hex(bar.get_facecolor()) for bar in ax.patches]


@pytest.fixture(scope="module", params=["en", "ja"])
def pictures(request):
    made = {name: getattr(show, name)(make(), lang=request.param) for name, make in DRAWN.items()}
    return made | {"groups": show.pipeline_bridge(pipelines.grouped(), lang=request.param)}


def test_no_text_leaves_its_picture_and_none_overlap(pictures):
    for name, picture in pictures.items():
        picture.figure.draw_without_rendering()
        page = picture.figure.bbox
        boxes = []
        for ax in picture.figure.axes:
            shown = [t for t in ax.findobj(matplotlib.text.Text) if t.get_text() and t.get_visible()]
            ticks = {
                label
                for axis in (ax.xaxis, ax.yaxis)
                for tick in axis.get_major_ticks()
                if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
                for label in (tick.label1, tick.label2)
            }
            boxes += [(t.get_window_extent(), t.get_text(), t.get_rotation()) for t in shown if t not in ticks]
        for box, text, _ in boxes:
            assert page.x0 - 1 <= box.x0 and box.x1 <= page.x1 + 1, (name, text)
            assert page.y0 - 1 <= box.y0 and box.y1 <= page.y1 + 1, (name, text)
        # Names that are turned stand in boxes that overlap though the letters do not.
        level = [(box, text) for box, text, turned in boxes if not turned]
        for n, (one, text) in enumerate(level):
            assert not [other for box, other in level[n + 1 :] if box.padded(-1.5).overlaps(one.padded(-1.5))], (
                name,
                text,
            )


def test_open_deals_and_those_to_come_are_told_apart():
    picture = show.forecast(pipelines.forecast(), currency="USD")
    widths = [bar.get_width() for bar in picture.ax.patches]
    assert widths == [800e3, 500e3, 200e3, 30e3, 300e3, 600e3]
    assert colours(picture.ax) == [theme.ACCENT] * 3 + [theme.ACCENT_PALE] * 3
    assert repr(picture).startswith("May 2026: $830K will be won if we go on as before, between $520K and $1.2M")
    # What each missed at earlier dates; the one of which nothing is known is not named.
    said = " ".join(picture.texts)
    assert "stage-weighted pipeline 91 %" in said
    assert "1.4 times as wide" in said
    assert "commit –" not in said


def test_what_a_log_has_not_stands_beside_no_forecast():
    table = pipelines.forecast().assign(stage_weighted=NAN, probability=NAN, commit=NAN, best_case=NAN, widened=1.0)
    said = " ".join(show.forecast(table).texts)
    assert "probability" not in said
    assert "times as wide" not in said


def test_a_rest_of_a_month_and_a_quarter_bear_their_names():
    day = pd.Timestamp
    table = pipelines.forecast().head(2)
    table["period"] = [day("2026-04-01"), day("2026-05-02")]
    table["begin"], table["end"] = [day("2026-05-02"), day("2026-05-02")], [day("2026-06-30"), day("2026-06-01")]
    labels = [label.get_text() for label in show.forecast(table).ax.get_yticklabels()]
    assert labels == ["Q2 2026", "2 May 2026 to 1 Jun 2026"]


def test_the_waterfall_ends_where_its_steps_lead():
    picture = show.pipeline_bridge(pipelines.bridge(), currency="USD")
    tops = [(round(bar.get_y()), round(bar.get_y() + bar.get_height())) for bar in picture.ax.patches]
    assert tops[0] == (0, 1_000_000)
    # 1000 + 520 + 60 + 40 − 90 − 130 − 310 − 410 = 680, and the last step leads down to it.
    assert tops[-2] == (680_000, 1_090_000)
    assert tops[-1] == (0, 680_000)
    # Parts that are rare and empty here have no bar.
    assert "Reopened" not in repr(picture)
    assert "Lost: −$310K, 14 deals" in repr(picture)


def test_what_the_log_cannot_tell_has_no_bar_in_the_bridge():
    table = pipelines.bridge()
    table.loc[table["part"].isin(["raised", "cut"]), ["amount", "change", "deals"]] = NAN
    assert "Raised" not in repr(show.pipeline_bridge(table))


def test_the_title_of_the_calibration_names_the_method_that_is_used():
    assert "Trusted here: simulation and regression together, whose error is 7 %" in repr(
        show.calibration(pipelines.calibration())
    )
    table = pipelines.calibration().iloc[:8]
    table.attrs.clear()
    assert "nothing else told more" in repr(show.calibration(table.assign(used=table["method"] == "stage")))
    assert "No method is trusted" in repr(show.calibration(table.assign(used=False)))


def test_the_forecast_of_people_is_warm_where_it_says_too_much():
    picture = show.forecast_ledger(pipelines.bias())
    dots = {
        round(float(line.get_xdata()[0]), 2): line.get_color() for line in picture.ax.lines if line.get_marker() == "o"
    }
    assert dots == {0.5: theme.WARM, 0.09: theme.MUTED, -0.2: theme.ACCENT, 1.5: theme.MUTED}
    assert repr(picture).startswith("Forecasts said too much: Commit by 50 %")


def test_the_weeks_of_cash_add_up_to_the_title():
    table = pipelines.cash()
    # 120K × (1 − .75¹³) / .25 = 469K of invoices, 10K × (0 + … + 12) = 780K of deals, a tenth of that of new ones.
    assert repr(show.cash(table, currency="USD")).startswith(
        "$1.3M will come in within 13 weeks if all goes on as before, $469K"
    )


def test_the_coverage_is_that_of_today():
    assert repr(show.coverage(pipelines.coverage(), currency="USD")).startswith(
        "29 d into the quarter 3.0 of pipeline stood for each 1 that was won in it: today's $900K would bring $300K"
    )


def test_nothing_raw_is_said(pictures):
    lists = {"deals": show.open_deals, "leads": show.open_leads, "invoices": show.open_invoices}
    said = [repr(picture) for picture in pictures.values()]
    said += [repr(draw(getattr(pipelines, f"open_{name}")())) for name, draw in lists.items()]
    for text in said:
        assert RAW.findall(text) == [], text


def test_a_method_that_told_less_is_not_called_better_and_a_lead_not_a_deal():
    table = pipelines.calibration()
    worse = repr(show.calibration(table.assign(skill=table["skill"].where(table["method"] != "simulation", -0.05))))
    assert "error 0.171, bias +0.5; 5 % larger than that of the stage table" in worse
    assert '"title":"Lead"' in show.open_leads(pipelines.open_leads()).html


@LANGS
def test_an_empty_table_says_why(lang):
    why = Note("nothing_to_measure").said(lang)[1:5]
    lists = {
        "open_deals": pipelines.open_deals, "open_leads": pipelines.open_leads, "open_invoices": pipelines.open_invoices,
        "watch_list": pipelines.open_deals,
    }  # fmt: skip
    for name, make in (DRAWN | lists).items():
        assert why in repr(getattr(show, name)(make(True), lang=lang)), name
        bare = make(True)
        bare.attrs.clear()
        assert len(repr(getattr(show, name)(bare, lang=lang))) > 10, name


def test_a_chance_is_a_bar_and_a_deal_leads_to_its_page_where_there_can_be_one():
    shown = show.open_deals(pipelines.open_deals(), currency="USD")
    rows = json.loads(re.search(r'class="l2c-content">(.*?)</script>', shown.html, re.DOTALL)[1])["rows"]
    assert rows[0][0][1:] == [
        "0065g00000AbCdEAAV",
        "link",
        {"href": "https://acme.my.salesforce.com/0065g00000AbCdEAAV"},
    ]
    assert rows[0][3] == [
        "42 % (30 – 55 %)",
        0.42,
        "share",
        {"main": "42 %", "sub": "30 – 55 %", "low": 0.3, "high": 0.55},
    ]
    # An address that is none leads nowhere, and the text of a record is inert.
    assert rows[2][0] == "<b>3</b>"
    assert "javascript:alert(1)" not in shown.html.split("<table")[1].split("</table>")[0]
    assert "&lt;b&gt;3" in shown.html
    assert repr(shown).startswith("3 open deals, $129K, the most value at risk first")
    assert "41 d (over the limit, 28 d)" in repr(shown)
    assert "if we go on as before" in repr(shown)


def test_the_org_of_the_dashboard_makes_links_where_the_table_has_none():
    table = pipelines.open_deals().drop(columns="url")
    html = show.watch_list(table).html
    assert "<a " not in html
    link = told(table, instance_url="https://acme.my.salesforce.com")["case_id"][0]
    assert link.address == "https://acme.my.salesforce.com/0065g00000AbCdEAAV"
    assert told(table, instance_url="https://acme.my.salesforce.com")["case_id"][1] == "OPP-2"


def test_a_list_is_taken_away_as_numbers_and_days_that_no_spreadsheet_computes():
    table = pipelines.open_deals().assign(stage=["=1+1", "Quote", "Quote"])
    rows = list(csv.DictReader(io.StringIO(taken(told(table)))))
    assert set(HIDDEN) & set(rows[0]) >= {"low", "high", "close_low", "url"}
    first = {name: rows[0][name] for name in ("case_id", "stage", "win_share", "low", "close_median", "amount")}
    assert first == {
        "case_id": "0065g00000AbCdEAAV", "stage": "'=1+1", "win_share": "0.42", "low": "0.3", "close_median": "2026-06-02",
        "amount": "120000.0",
    }  # fmt: skip
    assert rows[1]["close_median"] == rows[1]["amount"] == ""


def test_days_and_shares_read_with_their_ranges():
    day = datetime(2026, 6, 2)
    assert str(cells.day(day, datetime(2026, 5, 10), datetime(2026, 8, 20), "en")) == "2026-06-02 (05-10 – 08-20)"
    assert (
        str(cells.day(day, datetime(2026, 5, 10), datetime(2027, 1, 2), "ja")) == "2026-06-02 (2026-05-10～2027-01-02)"
    )
    assert str(cells.day(day, datetime(2026, 5, 10), pd.NaT, "ja")) == "2026-06-02 (2026-05-10以降)"
    assert cells.day(pd.NaT, day, day, "en") is None
    assert str(cells.share(0.1, NAN, 0.2)) == "10 %"
    assert sorted([cells.Share(0.5, NAN, NAN), cells.Share(0.1, 0, 1)])[0].value == 0.1


def test_reasons_are_sentences():
    found = (Note("nothing_to_measure"), Note("nothing_to_measure"))
    assert reasons(found) == "Nothing to measure in these data. Nothing to measure in these data."
    assert reasons(found, "ja").count("。") == 2
    assert reasons(()) == reasons(None) == reasons(NAN) == ""


def test_the_page_says_of_what_the_chances_are_learnt():
    said = repr(remarks(pipelines.open_deals(), cases=800, learnt=20_000))
    assert said.startswith("Chances are learnt from all 800 cases of the log, whatever is filtered")
    assert "from 20,000 of the 140,000 cases" in repr(remarks(pipelines.open_deals(), cases=140_000, learnt=20_000))
    assert "20,000件" in repr(remarks(pipelines.open_deals(), cases=140_000, learnt=20_000, lang="ja"))
