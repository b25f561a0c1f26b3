"""What is taken away is the numbers, whole, and no spreadsheet computes a text of it."""

import io
from datetime import date, datetime

import openpyxl
import pandas as pd
import pytest

from l2c import show
from l2c.dashboard import reporting, taking
from l2c.show import cells
from l2c.words.notes import Note

TABLE = pd.DataFrame(
    {
        "activity": ["Quote Sent", '=HYPERLINK("x")', "@SUM(1)"],
        "cases": [3, 2, 1],
        "share": [0.5, float("nan"), 0.25],
        "started": [datetime(2025, 1, 1), None, datetime(2025, 1, 2, 3, 4)],
        "amount": [cells.Said(1234.5, "$1.2K"), None, None],
        "trace": [("Quote Sent", "Closed Won"), (), None],
    }
)


def test_csv_holds_bare_numbers_and_no_formula():
    lines = taking.csv(TABLE, "en").decode("utf-8-sig").split("\r\n")
    assert lines[0].startswith("Activity,Cases,Share")
    assert lines[1] == "Quote Sent,3,0.5,2025-01-01,1234.5,Quote Sent → Closed Won"
    assert lines[2].startswith("\"'=HYPERLINK(") and lines[3].startswith("'@SUM(1)")
    assert "見積提示" in taking.csv(TABLE, "ja").decode("utf-8-sig")


def test_excel_holds_the_table_and_what_it_is_of():
    made = taking.xlsx([("steps", TABLE), ("steps", TABLE), ("a/b:c", TABLE)], [("Title", "=1+1")], "About", "en")
    book = openpyxl.load_workbook(io.BytesIO(made))
    assert book.sheetnames == ["steps", "steps 2", "a b c", "About"]
    sheet = book["steps"]
    assert [cell.value for cell in sheet[2]][:3] == ["Quote Sent", 3, 0.5]
    assert (
        sheet["A3"].value == '=HYPERLINK("x")' and sheet["A3"].data_type == "s" and book["About"]["B1"].data_type == "s"
    )
    assert sheet["C3"].value is None and sheet["D4"].value == datetime(2025, 1, 2, 3, 4)
    assert isinstance(sheet["D2"].value, (date, datetime))


@pytest.mark.parametrize(
    "raw", [None, 3, {}, {"heads": ["a"]}, {"heads": [], "rows": []}, {"heads": ["a"], "rows": [[1]]}, {"heads": ["a"] * 999, "rows": []}]
)  # fmt: skip
def test_what_is_no_table_of_texts_is_not_taken(raw):
    assert taking.read(raw) is None


def test_a_table_as_the_page_reads():
    found = taking.read({"heads": ["Name", "Share"], "rows": [["=x", "3 %", "more"], ["y"]]})
    assert found.values.tolist() == [["=x", "3 %"], ["y", ""]]


def test_what_is_shown_is_noted_only_where_somebody_asks():
    room, kept = taking.Noted(show), []
    room.table(TABLE)
    assert kept == [] and room.Cases is show.Cases
    make = taking.noting(lambda log: [room.table(TABLE, caption="Steps"), room.table(TABLE)], kept)
    make(None)
    make(None)
    assert (kept[0].name, kept[0].title, len(kept)) == ("table", "Steps", 2)
    assert kept[0].table is TABLE


def test_pages_are_joined_without_scripts_and_ways_to_each_other():
    one, two = (
        f'<!doctype html><html><head><title>t</title><style>{css}</style></head><body class="x"><nav>n</nav><main>{text}</main>'
        "<script>evil()</script></body></html>"
        for css, text in (("a{}", "One"), ("b{}", "Two"))
    )
    made = reporting.joined([one, two])
    assert "<script" not in made and "<nav" not in made and made.count("<body") == 1
    assert (
        made.index("a{}") < made.index("b{}") < made.index("One") < made.index("break-before:page") < made.index("Two")
    )


def test_a_script_that_speaks_of_styles_and_bodies_is_none_and_each_page_keeps_its_foot_and_looks():
    one, two = (
        f'<html><head><style>@page{{@bottom-left{{content:"Acme · {name}"}}}}</style></head><body class="{kind}"><main>{name}'
        '<script>const sheet = `<styleSheet><body>${x}`;</script><a href="time.html#time-cause">Why</a></main></body></html>'
        for name, kind in (("One", "front"), ("Two", ""))
    )
    made = reporting.joined([one, two])
    assert "styleSheet" not in made and "const sheet" not in made
    assert '@page sheet0{@bottom-left{content:"Acme · One"}}' in made and "page:sheet0" in made
    assert '@page sheet1{@bottom-left{content:"Acme · Two"}}' in made and "break-before:page;page:sheet1" in made
    assert '<body><div class="front"' in made and made.count('class="front"') == 1
    assert made.count('href="#time-cause"') == 2


def test_a_note_and_a_truth_are_words():
    table = pd.DataFrame({"note": [Note("leads_by_case")], "is_won": [True]})
    assert taking.csv(table, "ja").decode("utf-8-sig").splitlines()[1].endswith(",はい")
