"""Files that declare more than they hold: a sentence, within 2 GB and 20 seconds. One test for each attack."""

import gzip
import io
import json
import os
import random
import struct
import subprocess
import sys
import zipfile

import pytest

from l2c.prepare.read import read
from l2c.words.errors import L2CError

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEAD = ("Case ID", "Activity", "Timestamp")
EVENTS = [HEAD, ("a", "Quote Sent", "2025-01-01"), ("a", "Closed Won", "2025-01-02")]
# Reads each file in turn, and tells what came of it before the next may end the process.
READER = """
import json, resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
import l2c
from l2c.words.errors import L2CError
for path in sys.argv[1:]:
    began = time.process_time()
    try:
        said = str(l2c.read(path).n_events)
    except L2CError as error:
        said = str(error)
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps([path, said, time.process_time() - began, largest * 1024]), flush=True)
"""


def cell(place, text):
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


ROWS = "".join(
    f'<row r="{n}">{"".join(cell(f"{c}{n}", text) for c, text in zip("ABC", row, strict=True))}</row>'
    for n, row in enumerate(EVENTS, 1)
)


def book(more="", texts="", *, sheets='<sheet name="S" sheetId="1" r:id="rId1"/>', rows=ROWS, encoding="utf-8"):
    """The parts of a workbook written by hand, with more rows than those that are sound."""
    links = {"rId1": ("worksheet", "worksheets/sheet1.xml"), "rId2": ("sharedStrings", "sharedStrings.xml")}
    relation = '<Relationship Id="{}" Type="' + OFFICE + '/{}" Target="{}"/>'
    inside = "".join(relation.format(n, *kind) for n, kind in links.items())
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}">{relation.format("r", "officeDocument", "xl/workbook.xml")}</Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{inside}</Relationships>',
        "xl/sharedStrings.xml": texts or f'<sst xmlns="{MAIN}"></sst>',
    }
    sheet = f'<worksheet xmlns="{MAIN}" xmlns:x="{MAIN}"><sheetData>{rows}{more}</sheetData></worksheet>'
    return packed(
        {name: text.encode() for name, text in parts.items()} | {"xl/worksheets/sheet1.xml": sheet.encode(encoding)}
    )


def packed(parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def shared(items, attributes=""):
    return f'<sst xmlns="{MAIN}" {attributes}>{items}</sst>'


def noise(length):
    return random.Random(length).randbytes(length // 2).hex()


def lying():
    """A workbook whose directory says that a part of 20 MB has 500 bytes."""
    data = bytearray(book(texts=shared("<si><t>abc</t></si>" * 1_000_000)))
    entry = data.rfind(b"xl/sharedStrings.xml") - 46
    assert data[entry : entry + 4] == b"PK\x01\x02"
    data[entry + 24 : entry + 28] = struct.pack("<I", 500)
    return bytes(data)


def pointing(n, first=4):
    return "".join(f'<row r="{at}"><c r="A{at}" t="s"><v>0</v></c></row>' for at in range(first, first + n))


def value(key):
    return f'<string key="{key}" value="1"/>'


def event(key):
    return f"<event>{value(key)}</event>"


FAR, BOMB, TEXTS = "reaches over 1,048,576 rows and 16,384 columns", "far more than its size", "more text"
MANY = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, 2000))
PLACELESS = '<row r="1048576">' + "<c><v>1</v></c>" * 16_384 + "</row>"
LONG_ROWS = "".join(f'<row r="{n}">{cell(f"A{n}", "x")}</row>' for n in range(1, 100_000))
ATTACKS = {
    "far.xlsx": (lambda: book(f'<row r="1048576">{cell("XFD1048576", "x")}</row>'), FAR),
    "far_blank.xlsx": (lambda: book(f'<row r="1048576">{cell("XFD1048576", " ")}</row>'), FAR),
    "far_prefixed.xlsx": (lambda: book("<row><x:c r='xfd1048576'><x:v>1</x:v></x:c></row>"), FAR),
    "far_hidden.xlsx": (lambda: book('<row r="9"><c s="/>" r="XFD1048576"><v>1</v></c></row>'), FAR),
    "far_placeless.xlsx": (lambda: book(PLACELESS), FAR),
    "beyond.xlsx": (lambda: book(f"<row>{cell('ZZZZZZ4294967295', 'x')}</row>"), "reaches over 4,294,967,295 rows"),
    "utf16.xlsx": (lambda: book(f"<row>{cell('XFD1048576', 'x')}</row>", encoding="utf-16"), "damaged"),
    "texts.xlsx": (lambda: book(texts=shared("<si><t>a</t></si>", 'uniqueCount="4294967295"')), "declares more texts"),
    "texts_cut.xlsx": (lambda: book(texts=f'<sst xmlns="{MAIN}" uniqueCount="4294967295">'), "declares more texts"),
    "cell_packed.xlsx": (lambda: book(texts=shared(f"<si><t>{'x' * 100_000_000}</t></si>")), BOMB),
    "cell.xlsx": (lambda: book(texts=shared(f"<si><t>{noise(20_000_000)}</t></si>")), "more than a million signs"),
    "cell_inline.xlsx": (lambda: book(f"<row>{cell('D9', noise(20_000_000))}</row>"), "more than a million signs"),
    "cell_runs.xlsx": (lambda: book(texts=shared(f"<si>{f'<r><t>{noise(30_000)}</t></r>' * 1000}</si>")), "million signs"),
    "shown_often.xlsx": (lambda: book(pointing(300_000), shared(f"<si><t>{'y' * 30_000}</t></si>")), TEXTS),
    "shown_shifted.xlsx": (lambda: book(pointing(300_000), shared(f"<si/><si><t>{'y' * 30_000}</t></si>")), TEXTS),
    "sheets.xlsx": (lambda: book(rows=LONG_ROWS, sheets=MANY), "declares more sheets"),
    "lying.xlsx": (lying, "damaged"),
    "parts.xlsx": (lambda: packed({"xl/workbook.xml": b"<workbook/>"} | {f"{n}.xml": b"" for n in range(12_000)}), BOMB),
    "bomb.csv.gz": (lambda: gzip.compress(bytes(100_000_000), 1), BOMB),
    "rows.csv.gz": (lambda: gzip.compress(b"Case ID,Activity,Timestamp\n" + b"a,Quote Sent,2025-01-01\n" * 3_000_000), BOMB),
    "twice.csv.gz": (lambda: gzip.compress(gzip.compress(bytes(1000))), "packed once more"),
    "bomb.xes.gz": (lambda: gzip.compress(b"<log>" + b"<trace/>" * 8_000_000, 1), BOMB),
    "bomb.zip": (lambda: packed({"Opportunity.csv": bytes(100_000_000), "Account.csv": b"Id\n1\n"}), BOMB),
    "members.zip": (lambda: packed({f"{n}.csv": b"Id\n1\n" for n in range(12_000)}), BOMB),
    "wide.csv": (lambda: (",".join([*HEAD, *map(str, range(10_000))]) + "\n" + "a\n" * 500_000).encode(), "reaches over"),
    "columns.csv": (lambda: f"{','.join([*HEAD, *map(str, range(100_000))])}\na,b,2025-01-01\n".encode(), "has 100,003 columns"),
    "keys.xes": (lambda: f"<log><trace>{''.join(map(event, range(50_000)))}</trace></log>".encode(), "reaches over"),
    "shared.xes": (lambda: f"<log><trace>{''.join(map(value, range(2000)))}{'<event/>' * 500_000}</trace></log>".encode(), "reaches over"),
    "deep.xes": (lambda: b"<log>" + b"<trace>" * 100_000, "damaged"),
    "foreign.xes": (lambda: b"<log>" + b"<x/>" * 2_000_000 + b"</log>", "no trace with events"),
}  # fmt: skip


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What was said of each attack, by a process that would not survive most of them."""
    folder = tmp_path_factory.mktemp("attacks")
    for name, (made, _) in ATTACKS.items():
        (folder / name).write_bytes(made())
    paths = [str(folder / name) for name in ATTACKS]
    ran = subprocess.run([sys.executable, "-c", READER, *paths], capture_output=True, text=True, timeout=900)
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    return {os.path.basename(path): (said, seconds, size) for path, said, seconds, size in told}


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are those of Linux")
@pytest.mark.parametrize("name", ATTACKS)
def test_a_file_that_declares_more_than_it_holds_is_refused_with_a_sentence(outcomes, name):
    assert name in outcomes, "the process came to its end"
    said, seconds, size = outcomes[name]
    assert ATTACKS[name][1] in said and said.startswith(name)
    assert seconds < 60
    assert size < 2 * 1024**3


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ('<row r="1048576"><c r="XFD1048576" s="0"/></row>', "one cell that is only formatted"),
        ('<row r="1048576"><c r="XFD1048576" s="0"></c></row>', "the same in two tags"),
        ("".join(f'<row r="{n}"><c r="XFD{n}" s="0"/></row>' for n in range(4, 3000)), "a formatted column"),
        ('<row r="1048576" ht="20" customHeight="1"/>', "a row with a height of its own"),
    ],
)
def test_what_is_only_formatted_far_away_does_not_matter(tmp_path, more, why):
    path = tmp_path / "log.xlsx"
    path.write_bytes(book(more))
    assert (read(path).n_events, read(path).quality.rows_read) == (2, 2), why


def test_a_value_that_stands_apart_is_a_row_like_any_other(tmp_path):
    path = tmp_path / "log.xlsx"
    path.write_bytes(book(f'<row r="60000">{cell("F60000", "x")}</row>'))
    quality = read(path).quality
    assert (quality.rows_read, quality.rows_used, quality.reasons) == (3, 2, {"no case": 1})
    assert quality.quarantine["row"].tolist() == [60_000]


def test_cells_without_a_place_stand_beside_one_another(tmp_path):
    path = tmp_path / "log.xlsx"
    texts = '<c t="inlineStr"><is><t>{}</t></is></c>' * 3
    placeless = "".join(f"<row>{texts.format(*row)}</row>" for row in EVENTS)
    path.write_bytes(book(rows=placeless))
    assert read(path).n_events == 2


def test_a_large_workbook_is_read(tmp_path):
    # 60,000 rows with a text of 3,000 signs in one of them, 8 MB of XML: more than one piece.
    long = "".join(f"<si><t>{t}</t></si>" for t in [*HEAD, "Quote Sent", "2025-01-01", "z" * 3000])
    names = "".join(f'<c r="{c}1" t="s"><v>{n}</v></c>' for n, c in enumerate("ABC")) + cell("D1", "Note")
    row = '<row r="{0}"><c r="A{0}"><v>{0}</v></c><c r="B{0}" t="s"><v>3</v></c><c r="C{0}" t="s"><v>4</v></c></row>'
    rows = f'<row r="1">{names}</row>' + "".join(row.format(n) for n in range(2, 60_002))
    path = tmp_path / "log.xlsx"
    path.write_bytes(book('<row r="60002"><c r="D60002" t="s"><v>5</v></c></row>', shared(long), rows=rows))
    quality = read(path).quality
    assert (quality.rows_read, quality.rows_used, quality.reasons) == (60_001, 60_000, {"no case": 1})


def test_a_workbook_with_a_password_within_a_zip_says_so(tmp_path):
    data = bytearray(book())
    for at in [i for i in range(len(data)) if data[i : i + 4] == b"PK\x01\x02"]:
        data[at + 8] |= 1
    (tmp_path / "log.xlsx").write_bytes(data)
    with pytest.raises(L2CError, match="protected by a password"):
        read(tmp_path / "log.xlsx")


@pytest.mark.parametrize("name", ["data.zip", "sheet.ods"])
def test_a_zip_that_is_no_workbook_says_what_to_do(tmp_path, name):
    (tmp_path / name).write_bytes(packed({"content.bin": b"x"}))
    with pytest.raises(L2CError, match=r"without a table or an Excel workbook in it; it holds content\.bin"):
        read(tmp_path / name)


def test_members_of_a_zip_stay_where_they_are_put(tmp_path):
    deal = b"Id,StageName,CreatedDate\n006A00000000001,Closed Won,2025-01-01\n"
    path = tmp_path / "deep" / "org.zip"
    path.parent.mkdir()
    path.write_bytes(packed({"../../Opportunity.csv": deal, "/Account.csv": b"Id\n1\n"}))
    assert read(path).n_cases == 1
    assert [each.name for each in tmp_path.iterdir()] == ["deep"]


LOG = (
    '<log><trace><string key="concept:name" value="甲"/><event><string key="concept:name" value="{}"/>'
    '<date key="time:timestamp" value="2025-01-01T00:00:00"/></event></trace></log>'
)
ENCODINGS = [
    "utf-8",
    "utf-8-sig",
    "utf-7",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "shift_jis",
    "euc-jp",
    "iso-2022-jp",
]


def xes(doctype, value, encoding):
    named = encoding.removesuffix("-sig")
    return f'<?xml version="1.0" encoding="{named}"?>{doctype}{LOG.format(value)}'.encode(encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_entities_are_refused_in_every_encoding(tmp_path, encoding):
    path = tmp_path / "log.xes"
    path.write_bytes(xes('<!DOCTYPE log [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>', "&b;", encoding))
    with pytest.raises(L2CError, match="declares XML entities"):
        read(path)


def test_entities_whose_very_signs_are_encoded_are_refused(tmp_path):
    hidden = xes('<!DOCTYPE log [<!ENTITY a "ha">]>', "&a;", "utf-7").decode().split("?>", 1)
    signs = hidden[1].replace("<", "+ADw-").replace("!", "+ACE-").replace("&", "+ACY-")
    (tmp_path / "log.xes").write_bytes(f"{hidden[0]}?>{signs}".encode())
    with pytest.raises(L2CError, match="declares XML entities"):
        read(tmp_path / "log.xes")


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE log SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE log PUBLIC "x" "http://localhost/x.dtd">',
        '<!DOCTYPE log [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE log [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]>',
        '<!DOCTYPE log [<!NOTATION n SYSTEM "n"><!ENTITY a SYSTEM "x" NDATA n>]>',
        "<!DOCTYPE log [" + " " * 200_000 + '<!ENTITY a "ha">]>',
        "<!--" + "x" * 200_000 + '--><!DOCTYPE log [<!ENTITY a "ha">]>',
    ],
)
def test_whatever_is_declared_elsewhere_or_late_is_refused(tmp_path, doctype):
    (tmp_path / "log.xes").write_bytes(xes(doctype, "x", "utf-8"))
    with pytest.raises(L2CError, match="declares XML entities"):
        read(tmp_path / "log.xes")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_honest_log_is_read_in_every_encoding(tmp_path, encoding):
    (tmp_path / "log.xes").write_bytes(xes("", "見積", encoding))
    log = read(tmp_path / "log.xes")
    assert (log.n_events, log.activities) == (1, ("見積",))


def test_a_doctype_that_declares_nothing_does_no_harm(tmp_path):
    (tmp_path / "log.xes").write_bytes(xes("<!DOCTYPE log>", "x", "utf-8"))
    assert read(tmp_path / "log.xes").n_events == 1


def test_an_event_outside_all_traces_is_a_row_without_a_case(tmp_path):
    loose = LOG.format("x").replace("</log>", '<event><string key="concept:name" value="y"/></event></log>')
    (tmp_path / "log.xes").write_text(loose, "utf-8")
    quality = read(tmp_path / "log.xes").quality
    assert (quality.rows_read, quality.rows_used, quality.reasons) == (2, 1, {"no case": 1})
