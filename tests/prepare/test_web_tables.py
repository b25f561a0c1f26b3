"""Tables of web pages and workbooks of XML that are called .xls, and pages that hold none."""

import pytest

from l2c import engine
from l2c.prepare import spreadsheet, spreadsheet_xml, web_tables
from l2c.prepare.read import read
from l2c.words.errors import L2CError

ROWS = (
    "<tr><th>Opportunity ID</th><th>Stage</th><th>Created Date</th><th>Close Date</th></tr>"
    "<tr><td>006A</td><td>Closed&nbsp;Won</td><td>2025-01-05</td><td>2025-02-01</td></tr>"
    "<tr><td>006B</td><td>Closed Lost</td><td>2025-01-05</td><td>2025-02-01</td></tr>"
)
TABLE = f'<table border="1">{ROWS}</table>'
TITLED = TABLE.replace("<tr>", "<tr><td colspan=4><b>Deals by rep</b></td></tr><tr>", 1)
ARCHIVE = (
    'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="B"\r\n\r\n--B\r\nContent-Type: text/html; '
    'charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{}\r\n--B--\r\n'
)
PAGES = {
    "of a report": f'<head><meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1"></head>\n{TABLE}',
    "with a title": f"<html><style>td{{a:b}}</style><body>{TITLED}</body></html>",
    "with a doctype": f"<!DOCTYPE html>\n<!-- x -->\n<HTML>{TABLE}",
    "nothing but a table": TABLE,
    "XHTML": f'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x" "y"><html xmlns="x">{TABLE}</html>',
    "UTF-16": f"<html>{TABLE}".encode("utf-16"),
    "within a layout": f"<html><table><tr><td>Logo</td><td>menu</td></tr><tr><td>{TABLE}</td><td>x</td></tr></table>",
    "cut off": f"<html>{TABLE}".removesuffix("</td></tr></table>"),
    "an archive": ARCHIVE.format("<html>" + TABLE.replace("=", "=3D") + "</html>"),
    "stages over several rows": TABLE.replace("<td>Closed&nbsp;Won</td>", "<td rowspan=2>Closed Won</td>").replace("<td>Closed Lost</td>", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("called", ["report.xls", "report.csv"])
def test_the_table_of_a_page_is_read(tmp_path, name, called):
    page = PAGES[name]
    (tmp_path / called).write_bytes(page if isinstance(page, bytes) else page.encode())
    log = read(tmp_path / called)
    assert sorted(engine.collect(log.cases)["case_id"]) == ["006A", "006B"]
    assert (log.quality.rows_read, log.n_events) == (2, 4)


@pytest.mark.parametrize("encoding", ["shift_jis", "iso-8859-1", "utf-8", "windows-1252"])
def test_a_page_is_read_in_the_encoding_that_it_names(encoding):
    word = "商談" if encoding in ("shift_jis", "utf-8") else "Müller"
    page = f'<html><meta charset="{encoding}">{TABLE.replace("006A", word)}'.encode(encoding)
    (table,) = web_tables.page(page, "x.xls")
    assert table.frame["Opportunity ID"].to_list() == [word, "006B"]


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (
            "<!DOCTYPE html><title>Login | Salesforce</title><form><input type='password'></form>",
            r"title: Login \| Salesforce\), most likely a log-in",
        ),
        (
            "<html><title>Anmelden</title><table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td><input type=PASSWORD>d</td></tr></table>",
            "Anmelden",
        ),
        ("\n\n<html><title>Down for maintenance</title><p>Sorry</html>", "Down for maintenance"),
        ("<html><body>Session expired</body></html>", "its title: none"),
        ("From: a@b\nTo: c@d\nSubject: x\nMIME-Version: 1.0\nContent-Type: text/plain\n\nhello", "is an e-mail"),
    ],
)
@pytest.mark.parametrize("called", ["export.csv", "export.xls"])
def test_a_page_without_a_table_is_called_what_it_is(tmp_path, page, words, called):
    (tmp_path / called).write_text(page)
    with pytest.raises(L2CError, match=words):
        read(tmp_path / called)


def test_pages_and_mails_are_told_by_how_they_begin():
    assert web_tables.is_page("<TABLE>") and not web_tables.is_page("<log>") and not web_tables.is_page("<headline>,x")
    assert web_tables.is_mail(ARCHIVE) and not web_tables.is_mail("Report: Deals\nId,Stage\n")
    assert spreadsheet.even([["a"], ["a", 1.0]]) == [["a", ""], ["a", 1.0]]
    (table,) = web_tables.archive(ARCHIVE.format(TABLE).encode(), "x.mht")
    assert table.frame.height == 2


def cell(value, kind="String", more=""):
    return f'<Cell{more}><Data ss:Type="{kind}">{value}</Data></Cell>'


def book(rows, prefix=""):
    text = (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        f'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="Results"><Table>{rows}</Table></Worksheet>'
        '<Worksheet ss:Name="Empty"/></Workbook>'
    )
    return text if not prefix else text.replace("<W", f"<{prefix}:W")


HEADERS = "<Row>" + "".join(map(cell, ("Opportunity ID", "Stage", "Amount", "Created Date", "Close Date"))) + "</Row>"
TITLE = "<Row>" + cell("Deals", more=' ss:MergeAcross="2"') + "</Row>"
DEAL = (
    "<Row>" + cell("006A") + cell("Closed Won").replace("</Data>", "</Data><Comment><Data>no</Data></Comment>")
    + cell("1000.5", "Number") + cell("2025-01-05T00:00:00.000", "DateTime") + cell("2025-02-05T00:00:00.000", "DateTime") + "</Row>"
)  # fmt: skip
SPARSE = '<Row ss:Index="9">' + cell("006B") + cell("2025-01-05T00:00:00.000", "DateTime", ' ss:Index="4"') + "</Row>"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_workbook_of_xml_is_read(tmp_path, encoding):
    (tmp_path / "x.xls").write_bytes(book(TITLE + HEADERS + DEAL + SPARSE).encode(encoding))
    log = read(tmp_path / "x.xls")
    found = engine.collect(log.cases).set_index("case_id")
    assert found.loc["006A", ["amount", "status"]].to_list() == [1000.5, "won"] and "006B" in found.index
    assert spreadsheet_xml.is_workbook(book("")) and not spreadsheet_xml.is_workbook("<log>")
    (table,) = spreadsheet_xml.sheets(book(TITLE + HEADERS + DEAL + SPARSE).encode(), "x.xls")
    assert table.lines.to_list() == [3, 9]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (book(HEADERS + DEAL)[:700], "damaged or incomplete"),
        (book(HEADERS).replace("<?mso", '<!DOCTYPE x [<!ENTITY a "b">]><?mso'), "declares XML entities"),
        (book(""), "is empty"),
        (book('<Row ss:Index="999999999">' + cell("x") + "</Row>"), "reaches over"),
    ],
)
def test_a_workbook_of_xml_that_cannot_be_read_says_why(tmp_path, content, words):
    (tmp_path / "x.xls").write_text(content)
    with pytest.raises(L2CError, match=words):
        read(tmp_path / "x.xls")
