"""What goes out as CSV computes nothing, and comes back as it was."""

import csv
import re

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import l2c
from l2c.system.cells import inert, original, read, write

DANGEROUS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "=cmd|' /C calc'!A0",
    "-",
    "+81 3 1234",
    "＝1",
    "'=1",
    "''=1",
]
HARMLESS = [
    "-5",
    "+5",
    "-5.25",
    "-1,234.5",
    "-5%",
    "-1e-7",
    "-.5",
    "5",
    "",
    "a=b",
    "a-b",
    "x@y.com",
    "'quoted'",
    "O'Brien",
    "日本",
]


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_could_be_a_formula_begins_with_an_apostrophe(text):
    assert inert(text) == "'" + inert(text)[1:] and original(inert(text)) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_everything_else_stays(text):
    assert inert(text) == original(text) == text


@given(st.text(alphabet="=+-@'\t\r\n ;,\"a1.＝") | st.text())
@example("a;=1+1")
@example("a;'=1")
@example("'-5")
@example(" \r=")
def test_the_way_back_is_clear(text):
    safe = inert(text)
    assert original(safe) == text
    number = re.fullmatch(r"[+-]?[\d.,]+(e[+-]?\d+)?%?", safe, re.IGNORECASE | re.ASCII)
    assert number or not re.match(r"\s*[=+\-@]|[\t\r\n]", safe)
    # Where a semicolon or a line parts the cells, none begins with a formula either.
    assert not re.search(r"[;\t\r\n]\s*[=+\-@]", safe)


def test_a_table_comes_back_as_it_was(tmp_path):
    table = pd.DataFrame({"=head": DANGEROUS + HARMLESS, "row": range(len(DANGEROUS + HARMLESS))}).astype({"row": str})
    write(table, tmp_path / "x.csv")
    back = read(tmp_path / "x.csv")
    assert back.columns.tolist() == ["=head", "row"]
    assert back["row"].tolist() == table["row"].tolist()
    assert back["=head"].tolist() == table["=head"].tolist()


def test_the_quarantine_of_a_saved_log_is_harmless_and_whole(tmp_path):
    rows = pd.DataFrame(
        {
            "case_id": ["D1", "=D2", "+D3", "-D4", "@D5", "\tD6", "-5"],
            "activity": ["Opportunity Created", *["=cmd|' /C calc'!A0"] * 6],
            "time": ["2025-01-01", *["=soon"] * 6],
            "=note": ["x", "-1", "-1+1", "'=1", "", "a;=1", "+x"],
        }
    )
    log = l2c.read(rows)
    saved = log.save(tmp_path / "log")
    with (saved / "quarantine.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for line in csv.reader(file) for cell in line]
    assert len(cells) == 7 * (3 + 4)
    assert [cell for cell in cells if re.match(r"\s*[=+\-@]|[\t\r\n]", cell)] == ["-1", "-5"]
    back = l2c.open(saved).quality.quarantine
    wanted = log.quality.quarantine.fillna("").astype(str)
    assert back.to_dict("list") == wanted.to_dict("list")
    assert "=note" in back and "=cmd|' /C calc'!A0" in back["activity"].tolist()
