"""Links, formulas and markup are read as the text that they show."""

import polars as pl
import pytest

from l2c.prepare.delimited import table
from l2c.prepare.markup import may_be_in, plain, shown
from l2c.prepare.read import read
from l2c.prepare.table import Table, no_rejected, numbered

SHOWN = {
    "_HL_ENCODED_/001Kx00000Bb001_HL_EMEA_HL__blank_HL_": "EMEA",
    "_HL_ENCODED_/003x_HL_Ann Lee_HL__self_HL_": "Ann Lee",
    "_HL_ENCODED_https://a.b/c_d_HL_ 東日本 _HL__blank_HL_": "東日本",
    "_HL_ENCODED_/x_HL__IM1_/img/flag.gif_IM2_green_IM3_16_IM4_16_HL__blank_HL_": "green",
    "_IM1_/img/samples/flag_red.gif_IM2_Red flag_IM3__IM4_": "Red flag",
    "_HL_ENCODED_/a_HL_A_HL__blank_HL_ / _HL_ENCODED_/b_HL_B_HL__blank_HL_": "A / B",
    "North_BR_ENCODED_West": "North West",
    '=HYPERLINK("https://x","EMEA")': "EMEA",
    '=HYPERLINK("https://x";"Süd")': "Süd",
    '=hyperlink("https://x", "say ""hi""")': 'say "hi"',
    '=HYPERLINK("https://x")': "https://x",
    '="0012"': "0012",
    '<a href="https://x?a=1&b=2">EMEA</a>': "EMEA",
    "<p>R&amp;D</p>": "R&D",
    '<img src="/img/flag_green.gif" alt="green" border="0"/>': "green",
    "<div><p>North</p><p>South</p></div>": "North South",
    "AT&amp;T": "AT&T",
    "M&uuml;ller &#38; S&#xF6;hne": "Müller & Söhne",
    "EMEA&nbsp;": "EMEA",
    "<p></p>": "",
}
PLAIN = ["Smith & Co", "P&L", "a < b > c", "<john@x.com>", "<null>", "?a=1&copy=2", "=A1+1", "snake_HL_case", "x"]


@pytest.mark.parametrize("text", SHOWN)
def test_a_cell_is_what_it_shows(text):
    assert shown(text) == SHOWN[text]


@pytest.mark.parametrize("text", PLAIN)
def test_a_cell_that_only_looks_like_it_stays(text):
    assert shown(text) == text


def test_most_files_have_none_of_it():
    assert not may_be_in(b"case_id,region\nD_1,EMEA\n")
    assert may_be_in(b"id,region\nD1,_HL_ENCODED_/x_HL_EMEA_HL__blank_HL_\n") and may_be_in(
        b"id,region\nD1,<b>EMEA</b>\n"
    )


def test_a_table_says_which_columns_were_read_so():
    frame = pl.DataFrame({"id": ["D1", "D2", "D3"], "region": ["<b>EMEA</b>", "A & B", "<p></p>"], "amount": [1, 2, 3]})
    found = plain(Table("log.csv", frame, numbered(frame), no_rejected()))
    assert found.frame["region"].to_list() == ["EMEA", "A & B", None]
    assert [str(note) for note in found.notes] == [
        "region: 2 cells hold a link, a formula or markup, and are read as the text it shows"
    ]
    same = Table("log.csv", frame.select("id"), numbered(frame), no_rejected())
    assert plain(same) is same


def test_links_to_many_records_are_one_region():
    rows = [
        f'D{n},Quote Sent,2025-01-05,"=HYPERLINK(""https://x/{n}"",""{("EMEA", "APAC")[n % 2]}"")"'
        for n in range(5_000)
    ]
    found = table(("case_id,activity,timestamp,region\n" + "\n".join(rows) + "\n").encode(), "log.csv")
    assert found.frame["region"].cast(str).value_counts().sort("region").rows() == [("APAC", 2_500), ("EMEA", 2_500)]


def test_a_log_holds_the_labels(tmp_path):
    path = tmp_path / "log.csv"
    row = "D{0},Quote Sent,2025-01-05,_HL_ENCODED_/001{0}_HL_EMEA_HL__blank_HL_,<a href=/{0}>Acme &amp; Co</a>"
    path.write_text("case_id,activity,timestamp,region,account\n" + "".join(row.format(n) + "\n" for n in range(9)))
    log = read(path)
    assert log.distinct("region") == ["EMEA"] and log.distinct("account") == ["Acme & Co"]
