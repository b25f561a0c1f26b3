"""Quotes out of order cost a cell or a row, never the rows after it: what a file has is counted by the test that writes it."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2c.prepare.delimited import table
from l2c.prepare.read import read
from l2c.prepare.rows import form, is_form, split
from l2c.words.errors import L2CError, UnreadableFile

HEAD = "case_id,activity,timestamp,note\n"
ROWS = [
    "D1,Opportunity Created,2025-01-05T08:30:00Z,fine",
    "D1,Quote Sent,2025-01-15T08:30:00Z,ok",
    "D1,Closed Won,2025-02-05T08:30:00Z,good",
    "D2,Opportunity Created,2025-01-06T08:30:00Z,more",
    "D2,Closed Lost,2025-02-16T08:30:00Z,end",
]


def cells(text):
    return table(text.encode(), "log.csv")


def with_note(number, note, rows=ROWS):
    """The rows, with another note in one of them."""
    mended = list(rows)
    mended[number] = mended[number].rsplit(",", 1)[0] + "," + note
    return HEAD + "\n".join(mended) + "\n"


def notes(found):
    return " ".join(map(str, found.notes))


def test_the_rows_of_a_text_in_order_are_those_of_csv():
    text = 'a,b\n1,"x, ""y"""\n\n2,"two\nlines"\n'
    found = split(text, ",", "log.csv")
    assert [row.cells for row in found.rows] == list(csv.reader(io.StringIO(text)))
    assert [(row.line, row.lines) for row in found.rows] == [(1, 1), (2, 1), (3, 1), (4, 2)]
    assert (found.mended, found.slashed, found.torn) == ([], 0, False)


def test_what_a_cell_looks_like():
    assert form("2025-01-05 08:30") == form("1999-12-31 23:59") == "0-0-0 0:0"
    assert is_form({"0-0-0"}) and not is_form({"a a"}) and not is_form(set())


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("note", ['"customer said 17 inch', '"17"" monitor, offered', '"he said ""no', '"'])
def test_an_unclosed_quote_swallows_no_row(number, note):
    found = cells(with_note(number, note))
    assert found.frame.height + found.rejected.height == 5
    others = [n for n in range(5) if n != number]
    assert [line for line in found.lines if line != number + 2] == [n + 2 for n in others]
    assert f"line {number + 2}" in notes(found)


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_nor_does_it_where_other_signs_part_the_cells(sign):
    text = with_note(1, '"17 inch').replace(",", sign)
    assert cells(text).frame["case_id"].to_list() == ["D1", "D1", "D1", "D2", "D2"]


def test_nor_does_it_where_every_cell_is_quoted():
    rows = [",".join(f'"{cell}"' for cell in row.split(",")) for row in [HEAD.strip(), *ROWS]]
    rows[2] = rows[2].removesuffix('"')
    found = cells("\n".join(rows) + "\n")
    assert found.frame["note"].to_list() == ["fine", "ok", "good", "more", "end"]
    rows[2] = rows[2].replace('"Quote Sent"', '"Quote Sent')
    found = cells("\n".join(rows) + "\n")
    assert found.frame.height + found.rejected.height == 5 and found.frame["case_id"].to_list()[-2:] == ["D2", "D2"]


def test_nor_does_it_before_quoted_cells_and_texts_of_several_lines():
    rows = [
        *ROWS[:1],
        ROWS[1].replace("ok", '"17 inch'),
        *ROWS[2:4],
        ROWS[4].replace("end", '"first, line\nsecond line"'),
    ]
    found = cells(HEAD + "\n".join(rows) + "\n")
    assert found.frame["note"].to_list() == ["fine", "17 inch", "good", "more", "first, line\nsecond line"]


def test_a_quote_in_an_amount_or_name_is_part_of_it():
    found = cells(
        'Deal ID,Product,Created Date\na,17" monitor,2025-01-05\nb,"24" monitor",2025-01-06\nc,"x",2025-01-07\n'
    )
    assert found.frame["Product"].to_list() == ['17" monitor', '24" monitor', "x"]


@pytest.mark.parametrize(
    ("note", "meant"),
    [
        (r'"he said \"yes, fine\" then"', 'he said "yes, fine" then'),
        (r'"\"quoted\""', '"quoted"'),
        (r'"ends with \"",', None),
        (r'"C:\\temp, \"x\""', r'C:\temp, "x"'),
        ('"two lines,\nsaid \\"no\\""', 'two lines,\nsaid "no"'),
    ],
)
def test_backslashes_before_quotes_are_no_text(note, meant):
    found = cells(with_note(2, note))
    assert found.frame.height + found.rejected.height == 5
    if meant:
        assert found.frame["note"].to_list() == ["fine", "ok", meant, "more", "end"]
        assert "1 rows have a backslash" in notes(found)


def test_a_backslash_at_the_end_of_a_quoted_path_stays():
    found = cells('id,path,day\na,"C:\\dir\\",2025-01-05\nb,"D:\\",2025-01-06\n')
    assert found.frame["path"].to_list() == ["C:\\dir\\", "D:\\"]


def test_quotes_within_a_text_of_several_lines_are_taken_as_they_stand():
    found = cells(with_note(1, '"He said "ok" to us\nand left"'))
    assert found.frame["note"].to_list()[1] == 'He said "ok" to us\nand left'
    assert found.frame.height == 5


def test_lines_that_could_be_one_row_or_several_are_refused_with_both_readings():
    rows = [ROWS[0].replace("fine", '"fine'), *ROWS[1:3], ROWS[3] + '"', ROWS[4]]
    with pytest.raises(
        UnreadableFile,
        match=r"opens in line 2 is closed in line 5.* a text of 4 lines, or these are 4 rows \(D1, D1, D1",
    ):
        cells(HEAD + "\n".join(rows) + "\n")


def test_a_text_with_commas_and_line_ends_is_one_cell():
    letter = '"Dear Sir,\nthank you, the offer, it seems, is good,\nD1,like,this\nregards"'
    found = cells(with_note(1, letter))
    assert found.frame["note"].to_list()[1] == letter.strip('"')
    assert found.frame.height == 5 and not found.notes


def test_long_notes_are_read_as_before():
    rows = [
        f'D{n},Quote Sent,2025-01-{n % 28 + 1:02d}T08:30:00Z,"line {n}\n\n{"text " * 50}, end"' for n in range(20_000)
    ]
    found = cells(HEAD + "\n".join(rows) + "\n")
    assert found.frame.height == 20_000 and found.lines[-1] == 2 + 3 * 19_999


def test_one_fault_in_a_large_file_costs_nothing_else():
    rows = [f"D{n},Quote Sent,2025-01-{n % 28 + 1:02d}T08:30:00Z,note {n}" for n in range(20_000)]
    rows[7_000] = rows[7_000].replace("note", '"note')
    rows[9_000] = rows[9_000].replace("note", '"note, which')
    found = cells(HEAD + "\n".join(rows) + "\n")
    assert found.frame.height + found.rejected.height == 20_000
    assert found.rejected["line"].to_list() == [9_002]


def test_the_log_names_the_line(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(with_note(1, '"customer said 17 inch'))
    quality = read(path).quality
    assert (quality.rows_read, quality.rows_used) == (5, 5)
    assert "line 3" in str(quality.notes[0])


def written(note, fault):
    """A cell as a file holds it, whole or with a fault."""
    if fault == "open":
        return '"' + note.replace("\n", " ").replace('"', "").replace(",", " ") + "x"
    if fault == "slash":
        return '"' + note.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if fault == "stray":
        return 'a 17" b'
    bare = not set(note) & set(',"\n\r')
    text = note if bare and fault != "nul" else '"' + note.replace('"', '""') + '"'
    return text[:1] + "\0" + text[1:] if fault == "nul" else text


def file_of(notes):
    """A file with a row for each note, and a blank line below some."""
    rows = [
        f"D{n},Quote Sent,2025-01-{n + 1:02d} 08:30:00,{written(note, fault)},{n}00\n" + "\n" * (fault == "blank")
        for n, (note, fault) in enumerate(notes)
    ]
    return "case_id,activity,timestamp,note,amount\n" + "".join(rows)


ANY = st.text(st.sampled_from('ab ,"\\\n\0\u00e9\u5546'), max_size=12)
SAID = [
    "",
    "fine",
    "a, b",
    'he said "yes"',
    "first\nsecond, third",
    'see "A",\nthen B',
    "C:\\temp",
    "Dear Sir,\n\nthanks, bye\n",
]


@given(st.lists(st.tuples(ANY, st.sampled_from(["none", "blank", "nul", "stray"])), min_size=2, max_size=12))
def test_every_row_that_was_written_is_read(notes):
    found = table(file_of(notes).encode(), "log.csv")
    assert found.frame.height == len(notes) and not found.rejected.height
    assert found.frame["amount"].cast(str).to_list() == [f"{n}00" for n in range(len(notes))]


@given(
    st.lists(
        st.tuples(st.sampled_from(SAID), st.sampled_from(["none", "nul", "slash", "open"])), min_size=3, max_size=12
    )
)
def test_no_row_is_lost_beside_one_whose_quote_is_open(notes):
    found = table(file_of([("fine", "none"), *notes]).encode(), "log.csv")
    begun = [line[:2] for line in found.rejected["text"]]
    ids = [case for case in [*found.frame["case_id"].cast(str), *begun] if case and case.startswith("D")]
    assert len(ids) == len(notes) + 1


@given(
    st.lists(
        st.tuples(ANY, st.sampled_from(["none", "nul", "slash", "open", "stray", "blank"])), min_size=2, max_size=8
    )
)
def test_rows_read_are_those_used_and_those_set_aside(tmp_path_factory, notes):
    path = tmp_path_factory.mktemp("rows") / "log.csv"
    path.write_text(file_of(notes), "utf-8", newline="")
    try:
        quality = read(path).quality
    except L2CError:
        return
    assert quality.rows_read == quality.rows_used + len(quality.quarantine)
    assert quality.rows_read == sum(quality.reasons.values()) + quality.rows_used
    assert list(quality.findings) == ["finding", "detail", "count", "of"]
