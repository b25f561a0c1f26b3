"""Workbooks of every kind: hidden sheets, formulas without values, half converted dates, old and open formats."""

import struct
import zipfile
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
from openpyxl import Workbook

from l2c import engine
from l2c.prepare import compound_files, half_dates, money_formats, sheet_marks, workbook_kinds
from l2c.prepare.formats import tables
from l2c.prepare.read import read
from l2c.prepare.spreadsheet import sheets, table
from l2c.words.errors import AmbiguousDates, UnreadableColumn, UnreadableFile

HEAD = ["Opportunity ID", "Stage", "Amount", "Created Date", "Close Date"]
DEALS = [
    ["a", "Closed Won", 1000, datetime(2025, 1, 5), datetime(2025, 2, 20)],
    ["b", "Closed Lost", 2000, datetime(2025, 1, 15), datetime(2025, 3, 18)],
    ["c", "Negotiation", 4000, datetime(2025, 1, 25), datetime(2025, 6, 30)],
]
REAL = Path(__file__).parents[1] / "data" / "reading"


def book(sheets=None, rows=None):
    made = Workbook()
    made.remove(made.active)
    for title, cells in (sheets or {"Deals": [HEAD, *(rows or DEALS)]}).items():
        sheet = made.create_sheet(title)
        for row in cells:
            sheet.append(row)
    return made


def kept(made, tmp_path, name="deals.xlsx"):
    made.save(tmp_path / name)
    return tmp_path / name


def amounts(log):
    return engine.collect(log.cases).set_index("case_id")["amount"].to_dict()


def created(log):
    events = engine.collect(log.events)
    return {r.case_id: r.time.date() for r in events.itertuples() if r.activity == "Opportunity Created"}


def notes(log):
    return " | ".join(map(str, log.quality.notes))


RIGHT = {"a": 1000, "b": 2000, "c": 4000}


# Sheets


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_with_an_old_copy_is_left_out_and_named(tmp_path, state):
    old = [["a", "Closed Won", 1, *DEALS[0][3:]], ["d", "Closed Won", 9, *DEALS[0][3:]]]
    made = book({"old copy": [HEAD, *old], "Deals": [HEAD, *DEALS], "2024": [HEAD, *old]})
    made["old copy"].sheet_state = made["2024"].sheet_state = state
    made.active = 1
    log = read(kept(made, tmp_path))
    assert amounts(log) == RIGHT
    assert "hidden sheets were left out: old copy, 2024" in notes(log)


def test_a_workbook_whose_data_are_all_hidden_says_so(tmp_path):
    made = book({"Deals": [HEAD, *DEALS], "Cover": []})
    made["Deals"].sheet_state, made.active = "hidden", 1
    with pytest.raises(UnreadableFile, match=r"hidden are Deals\. Unhide"):
        read(kept(made, tmp_path))
    made["Cover"].append(["Pipeline of March", "by Ann"])
    with pytest.raises(UnreadableFile, match=r"hidden are Deals\. Unhide"):
        read(kept(made, tmp_path))


def test_sheets_without_a_table_are_passed_over_by_name(tmp_path):
    made = book({"README": [["How this file was made"], [], ["Ask Ann."]], "Deals": [HEAD, *DEALS], "Sheet3": []})
    made.create_chartsheet("Chart1")
    log = read(kept(made, tmp_path))
    assert amounts(log) == RIGHT
    said = notes(log)
    assert "README was left out: it does not hold events" in said
    assert "sheets without cells were passed over: Sheet3, Chart1" in said


def test_each_sheet_is_a_table_of_its_own(tmp_path):
    found = sheets(kept(book({"Jan": [HEAD, DEALS[0]], "Feb": [HEAD, DEALS[1]]}), tmp_path), "x.xlsx")
    assert [each.name for each in found] == ["x.xlsx › Jan", "x.xlsx › Feb"]
    assert [each.frame.height for each in found] == [1, 1]


def test_hidden_rows_and_columns_are_read_and_told(tmp_path):
    made = book()
    made["Deals"].row_dimensions[3].hidden = made["Deals"].row_dimensions[4].hidden = True
    made["Deals"].column_dimensions["C"].hidden = True
    log = read(kept(made, tmp_path))
    assert amounts(log) == RIGHT
    assert "2 hidden rows were read too" in notes(log) and "hidden columns were read too: Amount" in notes(log)


# Headers


def test_a_header_over_two_rows_of_merged_cells(tmp_path):
    rows = [["Pipeline"], ["Opportunity ID", "Stage", "Amount", "Dates", None],
            [None, None, None, "Created Date", "Close Date"], *DEALS]  # fmt: skip
    made = book({"Deals": rows})
    for area in ("A1:E1", "A2:A3", "B2:B3", "C2:C3", "D2:E2"):
        made["Deals"].merge_cells(area)
    log = read(kept(made, tmp_path))
    assert amounts(log) == RIGHT and log.quality.rows_read == 3


def test_a_header_merged_downwards_is_no_row(tmp_path):
    made = book({"Deals": [HEAD, [None] * 5, *DEALS]})
    for letter in "ABCDE":
        made["Deals"].merge_cells(f"{letter}1:{letter}2")
    log = read(kept(made, tmp_path))
    assert amounts(log) == RIGHT and log.quality.rows_read == 3


def test_names_of_groups_of_columns_stand_above_the_headers(tmp_path):
    made = book({"Deals": [["Deal", None, "Money", "Date", "Planned"], HEAD, *DEALS]})
    made["Deals"].merge_cells("A1:B1")
    log = read(kept(made, tmp_path))
    assert amounts(log) == RIGHT and log.quality.rows_read == 3


def test_the_cells_of_a_sheet_become_a_table():
    found = table([["", ""], ["Deal", "Amount"], ["a ", 5.0], ["", ""], ["b", ""]], "x", [((2, 1), (4, 1))])
    assert found.frame.rows() == [("a", 5.0), ("b", 5.0)] and found.lines.to_list() == [3, 5]


# Formulas and errors


def test_formulas_that_were_never_calculated_are_named(tmp_path):
    rows = [["a", "Closed Won", "=500+500", *DEALS[0][3:]], ["b", "Closed Lost", 2000, *DEALS[1][3:]]]
    with pytest.raises(UnreadableColumn, match=r"column Amount: 1 formulas hold no value, the first in row 2.*save it"):
        read(kept(book(rows=rows), tmp_path))
    # Another column can be taken instead, and a column that nobody needs is no hindrance.
    made = book({"Deals": [[*HEAD, "Net"], [*rows[0], 900], [*rows[1], 1800]]})
    assert amounts(read(kept(made, tmp_path), mapping="amount=Net")) == {"a": 900, "b": 1800}
    made = book({"Deals": [[*HEAD, "Margin"], *[[*row, "=C2/2"] for row in DEALS]]})
    log = read(kept(made, tmp_path))
    assert amounts(log) == RIGHT and "Margin: 3 formulas hold no value" in notes(log)


def cached(tmp_path, values, asks=True):
    """A workbook whose amounts are formulas with these values."""
    path = kept(book(rows=[[i, s, f"=C{n}*2", c, d] for n, (i, s, _, c, d) in enumerate(DEALS)]), tmp_path)
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    for name in parts:
        if name.endswith("sheet1.xml"):
            for value in values:
                parts[name] = parts[name].replace(b"<v></v>", value, 1).replace(b"<v />", value, 1)
        if name.endswith("workbook.xml") and not asks:
            parts[name] = parts[name].replace(b' fullCalcOnLoad="1"', b"")
    with zipfile.ZipFile(path, "w") as new:
        for name, part in parts.items():
            new.writestr(name, part)
    return path


def test_formulas_with_values_are_read(tmp_path):
    assert amounts(read(cached(tmp_path, [b"<v>1000</v>", b"<v>2000</v>", b"<v>4000</v>"]))) == RIGHT


def test_a_zero_for_every_formula_is_none_where_the_workbook_asks_to_be_calculated(tmp_path):
    with pytest.raises(UnreadableColumn, match="3 formulas hold no value"):
        read(cached(tmp_path, [b"<v>0</v>"] * 3))
    assert amounts(read(cached(tmp_path, [b"<v>0</v>"] * 3, asks=False))) == dict.fromkeys("abc", 0)


def test_the_marks_of_a_sheet(tmp_path):
    made = book(rows=[["a", "=B1", 5, *DEALS[0][3:]]])
    made["Deals"].row_dimensions[2].hidden = True
    found = sheet_marks.marks(kept(made, tmp_path))["Deals"]
    assert (found.hidden_rows, found.hidden_columns, found.formulas) == (1, set(), {1: [2]})


def test_cells_with_an_error_are_empty(tmp_path):
    made = book(rows=[["a", "Closed Won", "#N/A", *DEALS[0][3:]], ["b", "Closed Lost", "#REF!", *DEALS[1][3:]]])
    for row in (2, 3):
        made["Deals"].cell(row, 3).data_type = "e"
    log = read(kept(made, tmp_path))
    assert engine.collect(log.cases)["amount"].isna().all()


# Formats


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ('"€"#,##0.00', "EUR"), ("[$€-407] #,##0", "EUR"), ("#,##0.00 [$EUR]", "EUR"), ('"USD "#,##0', "USD"), ("[$£-809]#,##0", "GBP"),
        ("[$$-409]#,##0", "USD"), ("[$$-1009]#,##0", "CAD"), ("[$¥-411]#,##0", "JPY"), ("[$¥-804]#,##0", "CNY"), ("[$kr-41D]0", "SEK"),
        ("#,##0.00", None), ("0%", None), ('0" days"', None), ("[$-409]d/m/yyyy", None), ("[Red]0;[$$-]0", None), ("[$kr]0", None),
    ],
)  # fmt: skip
def test_a_format_names_a_currency(form, code):
    assert money_formats.currency(form) == code


def test_the_currency_of_amounts_is_that_of_their_format(tmp_path):
    made = book()
    for row in (2, 3, 4):
        made["Deals"].cell(row, 3).number_format = '"€"#,##0'
    log = read(kept(made, tmp_path))
    assert amounts(log) == RIGHT and log.currency == "EUR" and "name the currency (EUR)" in notes(log)
    made["Deals"].cell(4, 3).number_format = "[$$-409]#,##0"
    log = read(kept(made, tmp_path))
    assert amounts(log) == RIGHT and log.currency is None
    # A column that says it knows better.
    made["Deals"].cell(1, 6).value, made["Deals"].cell(2, 6).value = "Currency", "CHF"
    assert read(kept(made, tmp_path)).currency == "CHF"


# Dates


HALF = [  # 5 January, 15 January, 7 February; closed on 20 February, 18 March, 4 March
    ["a", "Closed Won", 1, datetime(2025, 5, 1), "20/02/2025"],
    ["b", "Closed Won", 2, "15/01/2025", "18/03/2025"],
    ["c", "Closed Won", 3, datetime(2025, 7, 2), datetime(2025, 4, 3)],
]
TRUE = {"a": date(2025, 1, 5), "b": date(2025, 1, 15), "c": date(2025, 2, 7)}


def test_half_converted_dates_are_asked_about_and_both_answers_lead_to_a_log(tmp_path):
    path = kept(book(rows=HALF), tmp_path)
    with pytest.raises(AmbiguousDates) as raised:
        read(path)
    said = str(raised.value)
    for part in ("column Created Date", "row 2: 2025-05-01", "row 4: 2025-07-02", "row 3: 15/01/2025", "2025-01-05"):
        assert part in said
    assert "--date-format dmy" in said and "--date-format %d/%m/%Y" in said
    log = read(path, date_format="dmy")
    assert created(log) == TRUE and "swapped back" in notes(log)
    assert created(read(path, date_format="%d/%m/%Y")) == {
        "a": date(2025, 5, 1),
        "b": date(2025, 1, 15),
        "c": date(2025, 7, 2),
    }


def test_half_converted_the_other_way_round_with_times_and_dashes(tmp_path):
    rows = [["a", "Closed Won", 1, datetime(2025, 5, 1, 8, 30), None], ["b", "Closed Won", 2, "01-15-2025 09:00", None]]
    path = kept(book(rows=rows), tmp_path)
    with pytest.raises(AmbiguousDates, match="--date-format mdy"):
        read(path)
    assert created(read(path, date_format="mdy")) == {"a": date(2025, 1, 5), "b": date(2025, 1, 15)}


def test_a_column_beside_them_in_which_all_could_be_swapped_is_in_doubt_too(tmp_path):
    rows = [[*row[:4], datetime(2025, 8, 4)] for row in HALF]
    log = read(kept(book(rows=rows), tmp_path), date_format="dmy")
    events = engine.collect(log.events)
    assert {r.time.date() for r in events.itertuples() if r.activity == "Closed Won"} == {date(2025, 4, 8)}


@pytest.mark.parametrize(
    "cells",
    [
        [datetime(2025, 5, 1), datetime(2025, 5, 20), "15/01/2025"],  # a day above 12: the dates are right
        [datetime(2025, 5, 1), "2025-01-15"],  # no text that Excel would have swapped
        [datetime(2025, 5, 1), "05/01/2025", "15/01/2025"],  # it would have taken the first text too
        [datetime(2025, 5, 5), "15/01/2025"],  # swapping changes nothing
        ["05/01/2025", "15/01/2025"],
        [datetime(2025, 5, 1), datetime(2025, 7, 2)],
        [datetime(2025, 5, 1), "15.01.2025"],  # Excel in English takes no dots for dates
    ],
)
def test_dates_without_that_sign_are_no_doubt(cells):
    assert half_dates.found({"When": cells}, list(range(2, 2 + len(cells))), "x") == {}


def test_dates_are_swapped_and_texts_stay():
    assert half_dates.swapped(pl.Series(["2025-05-01", "15/01/2025", None])).to_list() == [
        "2025-01-05",
        "15/01/2025",
        None,
    ]
    moments = pl.Series([datetime(2025, 5, 1), datetime(2025, 5, 2, 8, 30)])
    assert half_dates.swapped(moments).to_list() == ["2025-01-05", "2025-02-05 08:30:00"]


def test_a_workbook_of_1904_has_the_same_days(tmp_path):
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    made = book()
    made.epoch = CALENDAR_MAC_1904
    assert created(read(kept(made, tmp_path)))["a"] == date(2025, 1, 5)


# Other kinds


def compound(title, data=b"x"):
    """A compound file with this stream."""
    return compound_files.alone(title, data, "x")


def record(kind, data=b""):
    return struct.pack("<HH", kind, len(data)) + data


def biff(rows, states=(0,), reach=None, texts=None, shared=False):
    """An .xls whose sheets all hold these rows."""
    begin = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 1997, 0, 6))
    cells = b""
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            place = struct.pack("<HHH", at, column, 0)
            if isinstance(value, str):
                cells += record(0x204, place + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
            else:
                cells += record(0x203, place + struct.pack("<d", value))
    sheet = record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 1997, 0, 6))
    sheet += record(0x200, struct.pack("<IIHHH", *(reach or (0, len(rows), 0, len(rows[0]))), 0)) + cells + record(0x0A)
    names = [f"S{n}" for n in range(len(states))]
    size = len(begin) + sum(len(name) + 12 for name in names) + (0 if texts is None else 12) + 4
    globals_ = begin
    for n, (name, state) in enumerate(zip(names, states, strict=True)):
        globals_ += record(
            0x85, struct.pack("<IBBBB", size + n * len(sheet) * (not shared), state, 0, len(name), 0) + name.encode()
        )
    if texts is not None:
        globals_ += record(0xFC, struct.pack("<II", texts, texts))
    return compound("Workbook", globals_ + record(0x0A) + sheet * (1 if shared else len(states)))


TEXTS = [HEAD, *[[i, s, a, f"{c:%Y-%m-%d}", f"{d:%Y-%m-%d}"] for i, s, a, c, d in DEALS]]


@pytest.mark.parametrize("name", ["deals.xls", "deals.csv", "deals"])
def test_an_old_workbook_is_read_whatever_it_is_called(tmp_path, name):
    (tmp_path / name).write_bytes(biff(TEXTS))
    assert amounts(read(tmp_path / name)) == RIGHT


def test_a_stream_of_any_size_is_found_again(tmp_path):
    for size in (1, 4096, 4097, 5_000_000):
        data = bytes(range(256)) * (size // 256 + 1)
        (tmp_path / "x.xls").write_bytes(compound("Book", data[:size]))
        title, found = compound_files.workbook(tmp_path / "x.xls", "x.xls")
        assert title == "Book" and found[:size] == data[:size] and not found[size:].strip(b"\0")


def test_hidden_sheets_of_an_old_workbook_are_left_out(tmp_path):
    (tmp_path / "deals.xls").write_bytes(biff(TEXTS, states=(1, 0, 2)))
    log = read(tmp_path / "deals.xls")
    assert amounts(log) == RIGHT and "hidden sheets were left out: S0, S2" in notes(log)


def test_a_workbook_as_a_program_writes_it_is_read():
    log = read(REAL / "report.xls")
    assert amounts(log) == {
        "006Kx00000Aa1b1": 1000,
        "006Kx00000Aa1b2": 2000,
        "006Kx00000Aa1b3": 4000,
        "006Kx00000Aa1b4": 8000,
    }
    assert created(log)["006Kx00000Aa1b1"] == date(2025, 1, 5)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (biff(TEXTS, reach=(0, 2**31, 0, 2**15)), "declares more cells"),
        (biff(TEXTS, texts=2**31), "declares more texts"),
        (compound("WordDocument"), "is a Word file"),
        (compound("PowerPoint Document"), "is a PowerPoint file"),
        (compound("EncryptedPackage"), "protected by a password"),
        (compound("Contents"), "damaged"),
        (biff(TEXTS)[:700], "damaged"),
        (b"\xd0\xcf\x11\xe0" * 200, "damaged"),
    ],
)
def test_a_compound_file_that_is_none_or_lies_is_refused_by_its_true_name(tmp_path, data, said):
    (tmp_path / "deals.xls").write_bytes(data)
    with pytest.raises(UnreadableFile, match=said):
        tables(tmp_path / "deals.xls")


def test_many_sheets_at_one_place_are_refused(tmp_path):
    (tmp_path / "deals.xls").write_bytes(biff(TEXTS, states=[0] * 60, shared=True))
    with pytest.raises(UnreadableFile, match="declares more sheets"):
        tables(tmp_path / "deals.xls")


def part(kind, data=b""):
    number = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = len(data), b""
    while True:
        length += bytes([size & 0x7F | (0x80 if size > 0x7F else 0)])
        size >>= 7
        if not size:
            return number + length + data


def wide(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(path, rows, *, state=0, last=None, declared=None):
    """A workbook in binary parts."""
    texts = [c for row in rows for c in row if isinstance(c, str)]
    workbook = part(131) + part(153, bytes(12)) + part(143)
    workbook += part(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("Deals"))
    workbook += part(156, struct.pack("<II", state, 2) + wide("rId2") + wide("Other")) + part(144) + part(132)
    cells = b""
    for at, row in enumerate(rows):
        cells += part(0, struct.pack("<I", at if at < len(rows) - 1 or last is None else last) + bytes(13))
        for column, value in enumerate(row):
            place = struct.pack("<II", column, 0)
            cells += (
                part(7, place + struct.pack("<I", texts.index(value)))
                if isinstance(value, str)
                else part(5, place + struct.pack("<d", value))
            )
    sheet = part(129) + part(148, struct.pack("<IIII", 0, len(rows) - 1, 0, len(rows[0]) - 1)) + part(145) + cells
    sheet += part(146) + part(130)
    shared = part(159, struct.pack("<II", len(texts), declared or len(texts)))
    shared += b"".join(part(19, b"\0" + wide(text)) for text in texts) + part(160)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{kind}/worksheet" Target="worksheets/sheet{n}.bin"/>' for n in (1, 2)
    )
    links += f'<Relationship Id="rId3" Type="{kind}/sharedStrings" Target="sharedStrings.bin"/>'
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("xl/workbook.bin", workbook)
        made.writestr("xl/worksheets/sheet1.bin", sheet)
        made.writestr("xl/worksheets/sheet2.bin", sheet)
        made.writestr("xl/sharedStrings.bin", shared)
        space = "http://schemas.openxmlformats.org/package/2006/relationships"
        made.writestr("xl/_rels/workbook.bin.rels", f'<Relationships xmlns="{space}">{links}</Relationships>')
    return path


def test_a_workbook_in_binary_parts_is_read(tmp_path):
    log = read(xlsb(tmp_path / "deals.xlsb", TEXTS, state=1))
    assert amounts(log) == RIGHT and "hidden sheets were left out: Other" in notes(log)


def test_a_workbook_in_binary_parts_that_lies_is_refused(tmp_path):
    with pytest.raises(UnreadableFile, match="declares more texts"):
        tables(xlsb(tmp_path / "a.xlsb", TEXTS, declared=2**31))
    with pytest.raises(UnreadableFile, match="reaches over"):
        tables(xlsb(tmp_path / "b.xlsb", [[str(n) for n in range(5000)]] * 2, last=2**20 - 1))
    copy, room = workbook_kinds.judged(xlsb(tmp_path / "c.xlsb", TEXTS), tmp_path, "c.xlsb")
    assert copy.suffix == ".xlsb" and room == 2 * 4 * 5


SPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
    for short, long in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"))
)


def ods(path, rows, *, more="", after="", encrypted=False):
    """An OpenDocument spreadsheet, as LibreOffice ends it: with all the rows there could be."""

    def cell(value):
        if isinstance(value, str):
            return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
        return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'

    lines = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    rest = '<table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    content = f"<office:document-content {SPACES}><office:automatic-styles>{after}</office:automatic-styles><office:body><office:spreadsheet>"
    content += f'<table:table table:name="Deals">{lines}{more}{rest}</table:table></office:spreadsheet></office:body></office:document-content>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        made.writestr("content.xml", "<?xml version='1.0' encoding='UTF-8'?>" + content)
        mark = '<manifest:encryption-data xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
        made.writestr("META-INF/manifest.xml", f"<x>{mark if encrypted else ''}</x>")
    return path


def test_an_opendocument_spreadsheet_is_read(tmp_path):
    assert amounts(read(ods(tmp_path / "deals.ods", TEXTS))) == RIGHT


def test_an_opendocument_spreadsheet_that_repeats_a_cell_for_ever_is_refused(tmp_path):
    far = '<table:table-row table:number-rows-repeated="500000"><table:table-cell table:number-columns-repeated="9000" office:value-type="float" office:value="1"/></table:table-row>'
    with pytest.raises(UnreadableFile, match="reaches over 500,004 rows"):
        tables(ods(tmp_path / "deals.ods", TEXTS, more=far))
    long = f'<table:table-row table:number-rows-repeated="900000"><table:table-cell office:value-type="string"><text:p>{"x" * 9000}</text:p></table:table-cell></table:table-row>'
    with pytest.raises(UnreadableFile, match="declares more text"):
        tables(ods(tmp_path / "deals.ods", TEXTS, more=long))
    with pytest.raises(UnreadableFile, match="password"):
        tables(ods(tmp_path / "deals.ods", TEXTS, encrypted=True))


def test_a_workbook_with_macros_is_read(tmp_path):
    assert amounts(read(kept(book(), tmp_path, "deals.xlsm"))) == RIGHT
